//! Attaching bare metal to subnets, and detaching it (`contract/zenlayer.md` section 6).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Attachment, Instance, InstanceId, Label, Record, Status, Subnet, Time};

/// Attaches running instances to a subnet: all or none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attach {
    /// Whose they are.
    pub account: AccountId,
    /// The subnet.
    pub subnet: Label,
    /// The instances, and the address that each gets; the lowest free one when it is left out.
    pub instances: Vec<(InstanceId, Option<Ipv4Addr>)>,
}

/// Detaches an instance from a subnet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Detach {
    /// Whose they are.
    pub account: AccountId,
    /// The subnet.
    pub subnet: Label,
    /// The instance.
    pub instance: InstanceId,
}

/// Why nothing is attached or detached.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum AttachRefusal {
    #[error("there is no subnet {0}")]
    UnknownSubnet(Label),
    #[error("there is no instance {0}")]
    UnknownInstance(InstanceId),
    #[error("instance {0} is named twice")]
    InstanceTwice(InstanceId),
    #[error("address {0} is named twice")]
    AddressTwice(Ipv4Addr),
    #[error("address {0} is not to be given out in the subnet")]
    AddressOutside(Ipv4Addr),
    #[error("instance {0} is {1:?}")]
    WrongStatus(InstanceId, Status),
    #[error("instance {0} cannot be attached to subnets")]
    NotSupported(InstanceId),
    #[error("instance {0} is in another zone")]
    OtherZone(InstanceId),
    #[error("instance {0} is attached already")]
    Attached(InstanceId),
    #[error("instance {0} is not attached")]
    NotAttached(InstanceId),
    #[error("address {0} is taken")]
    AddressTaken(Ipv4Addr),
    #[error("the subnet has no free address")]
    NoAddress,
}

type Judged<T, V> = Result<T, Halt<AttachRefusal, <V as View>::Failure>>;

impl Command for Attach {
    type Reply = Vec<Instance>;
    type Refusal = AttachRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<Vec<Instance>, V> {
        let subnet = own_subnet(draft, self.account, &self.subnet)?;
        self.is_consistent(&subnet).map_err(Halt::Refused)?;
        for (id, _) in &self.instances {
            self.takes(draft, &subnet, *id)?;
        }
        let given = self.instances.iter().filter_map(|(_, address)| *address);
        for address in given {
            if draft.given_address(&subnet, address)?.is_none() {
                return Err(Halt::Refused(AttachRefusal::AddressTaken(address)));
            }
        }
        if usize::try_from(subnet.free).unwrap_or(usize::MAX) < self.instances.len() {
            return Err(Halt::Refused(AttachRefusal::NoAddress));
        }
        // Who has chosen goes first, so that nobody gets by chance what another one asks for.
        let (chosen, any): (Vec<_>, Vec<_>) =
            self.instances.iter().copied().partition(|(_, address)| address.is_some());
        chosen.into_iter().chain(any).map(|(id, address)| self.attach(draft, id, address)).collect()
    }
}

impl Attach {
    fn is_consistent(&self, subnet: &Subnet) -> Result<(), AttachRefusal> {
        let (mut instances, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for (id, address) in &self.instances {
            if !instances.insert(*id) {
                return Err(AttachRefusal::InstanceTwice(*id));
            }
            let Some(address) = address else { continue };
            if !addresses.insert(*address) {
                return Err(AttachRefusal::AddressTwice(*address));
            }
            if !subnet.block.contains(*address) || subnet.block.is_reserved(*address) {
                return Err(AttachRefusal::AddressOutside(*address));
            }
        }
        Ok(())
    }

    /// Whether an instance can be attached to the subnet.
    fn takes<V: View>(&self, draft: &Draft<'_, V>, subnet: &Subnet, id: InstanceId) -> Judged<(), V> {
        let instance = own_instance(draft, self.account, id)?;
        let spec = draft.spec(instance.batch)?;
        let of = spec.as_ref().and_then(|spec| draft.catalogue().instance_types.get(&spec.instance_type));
        let is = of.and_then(|found| found.abilities.bare_metal.as_ref());
        let status = instance.state.status();
        let fault = match spec.as_ref() {
            _ if status != Status::Running => AttachRefusal::WrongStatus(id, status),
            _ if is.is_none_or(|is| !is.subnets) => AttachRefusal::NotSupported(id),
            Some(spec) if spec.zone != subnet.zone => AttachRefusal::OtherZone(id),
            _ if instance.attached.iter().any(|place| place.subnet == subnet.label) => {
                AttachRefusal::Attached(id)
            }
            Some(_) | None => return Ok(()),
        };
        Err(Halt::Refused(fault))
    }

    fn attach<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        id: InstanceId,
        address: Option<Ipv4Addr>,
    ) -> Judged<Instance, V> {
        let subnet = own_subnet(draft, self.account, &self.subnet)?;
        let mut instance = own_instance(draft, self.account, id)?;
        let taken = match address {
            Some(address) => draft.given_address(&subnet, address)?,
            None => Some(draft.next_addresses(&subnet, 1)?),
        };
        let taken = taken.filter(|taken| taken.addresses.len() == 1);
        let taken = taken.ok_or(Halt::Refused(AttachRefusal::NoAddress))?;
        let label = subnet.label.clone();
        let places =
            taken.addresses.iter().map(|address| Attachment { subnet: label.clone(), address: *address });
        instance.attached.extend(places);
        draft.put_taken(subnet, taken);
        draft.put(Record::Instance(instance.clone()));
        Ok(instance)
    }
}

impl Command for Detach {
    type Reply = Instance;
    type Refusal = AttachRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<Instance, V> {
        let subnet = own_subnet(draft, self.account, &self.subnet)?;
        let mut instance = own_instance(draft, self.account, self.instance)?;
        let (gone, kept): (Vec<_>, Vec<_>) =
            instance.attached.into_iter().partition(|place| place.subnet == subnet.label);
        if gone.is_empty() {
            return Err(Halt::Refused(AttachRefusal::NotAttached(self.instance)));
        }
        instance.attached = kept;

        draft.put(Record::Instance(instance.clone()));
        for place in &gone {
            draft.detach(place)?;
        }
        Ok(instance)
    }
}

impl<V: View> Draft<'_, V> {
    /// Gives the address of an attachment back to its subnet.
    pub(crate) fn detach(&mut self, place: &Attachment) -> Result<(), V::Failure> {
        match self.subnet(&place.subnet)? {
            Some(subnet) => self.put_back(subnet, place.address),
            None => Ok(()),
        }
    }
}

fn own_subnet<V: View>(draft: &Draft<'_, V>, account: AccountId, label: &Label) -> Judged<Subnet, V> {
    let subnet = draft.subnet(label)?.filter(|subnet| subnet.account == account);
    subnet.ok_or_else(|| Halt::Refused(AttachRefusal::UnknownSubnet(label.clone())))
}

fn own_instance<V: View>(draft: &Draft<'_, V>, account: AccountId, id: InstanceId) -> Judged<Instance, V> {
    draft.kept_instance(account, id)?.ok_or(Halt::Refused(AttachRefusal::UnknownInstance(id)))
}
