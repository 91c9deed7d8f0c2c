//! Attaching bare metal to subnets, and detaching it (`contract/zenlayer.md` section 6).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::pool::{Source, Takings};
use crate::{AccountId, Attachment, Instance, InstanceId, Label, PoolId, Record, Status, Subnet, Time};

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
    #[error("subnet {0} is pending")]
    SubnetPending(Label),
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

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, now: Time) -> Judged<Vec<Instance>, V> {
        let subnet = own_subnet(draft, self.account, &self.subnet)?;
        if !subnet.is_ready(now) {
            return Err(Halt::Refused(AttachRefusal::SubnetPending(subnet.label)));
        }
        self.is_consistent(&subnet).map_err(Halt::Refused)?;
        for (id, _) in &self.instances {
            self.takes(draft, &subnet, *id)?;
        }
        // Who has chosen goes first, so that nobody gets by chance what another one asks for.
        let (chosen, any): (Vec<_>, Vec<_>) =
            self.instances.iter().copied().partition(|(_, address)| address.is_some());
        let mut takings = Takings::default();
        takings.open(Source::Subnet(subnet.clone()));
        let mut places = Vec::new();
        for (id, address) in chosen {
            let Some(address) = address else { continue };
            let place = Attachment { subnet: subnet.label.clone(), address };
            if !takings.take(draft, &place.held())? {
                return Err(Halt::Refused(AttachRefusal::AddressTaken(address)));
            }
            places.push((id, place));
        }
        let wanted = u32::try_from(any.len()).unwrap_or(u32::MAX);
        let next = takings.take_next(draft, &PoolId::Subnet(subnet.label.clone()), wanted)?;
        if next.len() != any.len() {
            return Err(Halt::Refused(AttachRefusal::NoAddress));
        }
        for ((id, _), offset) in any.into_iter().zip(next) {
            places.push((
                id,
                Attachment { subnet: subnet.label.clone(), address: subnet.block.address(offset) },
            ));
        }

        draft.put_takings(takings);
        places.into_iter().map(|(id, place)| self.attach(draft, id, place)).collect()
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
        place: Attachment,
    ) -> Judged<Instance, V> {
        let mut instance = own_instance(draft, self.account, id)?;
        instance.attached.push(place);
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
            draft.put_back(&place.held())?;
        }
        Ok(instance)
    }
}

fn own_subnet<V: View>(draft: &Draft<'_, V>, account: AccountId, label: &Label) -> Judged<Subnet, V> {
    let subnet = draft.subnet(label)?.filter(|subnet| subnet.account == account);
    subnet.ok_or_else(|| Halt::Refused(AttachRefusal::UnknownSubnet(label.clone())))
}

fn own_instance<V: View>(draft: &Draft<'_, V>, account: AccountId, id: InstanceId) -> Judged<Instance, V> {
    draft.kept_instance(account, id)?.ok_or(Halt::Refused(AttachRefusal::UnknownInstance(id)))
}
