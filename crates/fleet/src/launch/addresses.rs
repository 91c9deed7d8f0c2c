//! The addresses of a launch: those of its first interface, of its further ones, IPv6, and public
//! ones (rules N-10 to N-16, V and E as far as they need the fleet).

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::find::Found;
use super::{Addresses, BareMetalRefusal, Edition, Judged, Launch, LaunchRefusal};
use crate::View;
use crate::decide::{Draft, GivenAddress, Halt, Policy};
use crate::pool::{Source, Takings};
use crate::{
    AfterCreation, Attachment, Group, HeldAddress, Interface, Ipv6Wish, Label, Limit, PoolId, Subnet,
    SubnetBlock, SubnetIpv6,
};

/// The further interfaces of a launch, found.
#[derive(Default)]
pub(super) struct Further {
    found: Vec<FurtherInterface>,
    /// The groups that only they join, each once.
    pub(super) groups: Vec<Group>,
}

struct FurtherInterface {
    interface: Interface,
    subnet: Subnet,
    given: Option<Ipv4Addr>,
}

impl Further {
    /// As the instances of the launch have them.
    pub(super) fn interfaces(&self) -> Vec<Interface> {
        self.found.iter().map(|further| further.interface.clone()).collect()
    }

    /// The most groups that one of them joins.
    pub(super) fn groups_joined_at_once(&self) -> usize {
        self.found.iter().map(|further| further.interface.groups.len()).max().unwrap_or(0)
    }

    /// The subnet of the first interface, then those of the further ones.
    pub(super) fn and_first<'a>(&'a self, first: &'a Subnet) -> impl Iterator<Item = &'a Subnet> {
        core::iter::once(first).chain(self.found.iter().map(|further| &further.subnet))
    }
}

/// The pools that a launch takes from, and how many instances each kind of address is enough for;
/// `None` where none is wanted.
pub(super) struct Pools {
    takings: Takings,
    public_block: Option<SubnetBlock>,
    pub(super) addresses: u32,
    pub(super) ipv6: Option<u32>,
    pub(super) public: Option<u32>,
}

/// What a launch takes out of its pools, and who gets it.
pub(super) struct TakenAddresses {
    pub(super) each: Vec<OwnAddresses>,
    pub(super) takings: Takings,
}

/// The addresses of one instance.
pub(super) struct OwnAddresses {
    pub(super) first: Ipv4Addr,
    pub(super) further: Vec<Ipv4Addr>,
    pub(super) public: Option<Ipv4Addr>,
    pub(super) ipv6: Vec<Ipv6Addr>,
    pub(super) attached: Option<Attachment>,
}

impl Launch {
    /// Shape, as far as the policy has a say in it: rules N-16 and V-02.
    pub(super) fn suits_amount<F>(&self, policy: &Policy) -> Result<(), Halt<LaunchRefusal, F>> {
        let consecutive =
            policy.given_address == GivenAddress::Consecutive || self.edition == Edition::Newest;
        let one_only = match (self.addresses, &self.ipv6) {
            (_, Ipv6Wish::Given(_)) => true,
            (Addresses::Given(_), Ipv6Wish::None | Ipv6Wish::Count(_)) if !consecutive => true,
            (Addresses::Given(_) | Addresses::Any, Ipv6Wish::None | Ipv6Wish::Count(_)) => {
                self.interfaces.iter().any(|wish| wish.address.is_some())
            }
        };
        match self.wanted.most() {
            most if most > 1 && one_only => Err(LaunchRefusal::OneAddressForMany(most).halt()),
            _ => Ok(()),
        }
    }

    /// Existence: rules N-02 and E-03 of the further interfaces. What an interface does not say is
    /// that of the first.
    pub(super) fn find_interfaces<V: View>(
        &self,
        draft: &Draft<'_, V>,
        first: &Subnet,
        groups: &[Group],
    ) -> Judged<Further, V> {
        let mut further = Further::default();
        for wish in &self.interfaces {
            let mut joined: Vec<Label> = Vec::new();
            for label in &wish.groups {
                if joined.contains(label) {
                    continue;
                }
                joined.push(label.clone());
                if groups.iter().chain(&further.groups).any(|group| group.label == *label) {
                    continue;
                }
                let group = draft.group(label)?.filter(|group| group.account == self.account);
                further.groups.push(group.ok_or(LaunchRefusal::UnknownGroup(label.clone()).halt())?);
            }
            if joined.is_empty() {
                joined.extend(groups.iter().map(|group| group.label.clone()));
            }
            let subnet = match wish.subnet.as_ref().filter(|label| **label != first.label) {
                None => first.clone(),
                Some(label) => {
                    let subnet = draft.subnet(label)?.filter(|subnet| subnet.account == self.account);
                    subnet.ok_or(LaunchRefusal::UnknownInterfaceSubnet(label.clone()).halt())?
                }
            };
            let interface = Interface {
                subnet: subnet.label.clone(),
                groups: joined,
                name: wish.name.clone(),
                description: wish.description.clone(),
                on_release: wish.on_release,
            };
            further.found.push(FurtherInterface { interface, subnet, given: wish.address });
        }
        Ok(further)
    }

    /// Relations: rules N-12 to N-14, of the first interface and of the further ones.
    pub(super) fn relate_addresses<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<(), V> {
        let mut takings = found.takings();
        for (subnet, address) in self.given(found) {
            if !subnet.block.contains(address) {
                return Err(LaunchRefusal::AddressOutside(address).halt());
            }
            if subnet.block.is_reserved(address) {
                return Err(LaunchRefusal::AddressReserved(address).halt());
            }
            if !takings.take(draft, &held(subnet, address))? {
                return Err(LaunchRefusal::AddressTaken(address).halt());
            }
        }
        Ok(())
    }

    /// Relations: rules V-03 to V-08 and E-04.
    pub(super) fn relate_interfaces<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<(), V> {
        self.relate_ipv6(draft, found)?;
        let instance_type = found.instance_type;
        let slots = instance_type.abilities.interfaces;
        if self.interfaces.len() > usize::from(slots).saturating_sub(1) && !self.interfaces.is_empty() {
            let instance_type = instance_type.label.clone();
            return Err(LaunchRefusal::NoInterfaceSlot { instance_type, slots }.halt());
        }
        let most = instance_type.abilities.ipv4_per_interface;
        let wanted = self.interfaces.iter().map(|wish| wish.secondary.saturating_add(1)).max();
        if let Some(wanted) = wanted.filter(|wanted| *wanted > most) {
            return Err(LaunchRefusal::TooManyIpv4 { wanted, most }.halt());
        }
        let most = instance_type.abilities.ipv6_per_interface;
        let wanted = self.interfaces.iter().map(|wish| wish.ipv6).max();
        if let Some(wanted) = wanted.filter(|wanted| *wanted > most) {
            return Err(LaunchRefusal::TooManyIpv6OfInterface { wanted, most }.halt());
        }
        Ok(())
    }

    fn relate_ipv6<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<(), V> {
        let wanted = self.ipv6.count();
        if wanted == 0 {
            return Ok(());
        }
        let most = found.instance_type.abilities.ipv6_per_interface;
        if most == 0 {
            return Err(LaunchRefusal::Ipv6NotOfType(found.instance_type.label.clone()).halt());
        }
        let subnet = &found.subnet;
        let ipv6 = subnet.ipv6.ok_or(LaunchRefusal::Ipv6NotOfSubnet(subnet.label.clone()).halt())?;
        let most = most.min(SubnetIpv6::PER_INTERFACE_MAX);
        if wanted > most {
            return Err(LaunchRefusal::TooManyIpv6 { wanted, most }.halt());
        }
        let given = self.ipv6.given();
        if let Some(address) = given.iter().find(|address| !ipv6.contains(**address)) {
            return Err(LaunchRefusal::Ipv6Outside(*address).halt());
        }
        let twice =
            given.iter().enumerate().find(|(at, address)| given.iter().take(*at).any(|a| a == *address));
        if let Some((_, address)) = twice {
            return Err(LaunchRefusal::Ipv6Twice(*address).halt());
        }
        let mut takings = found.takings();
        for address in given {
            if !takings.take(draft, &held_ipv6(subnet, *address))? {
                return Err(LaunchRefusal::Ipv6Taken(*address).halt());
            }
        }
        Ok(())
    }

    /// The addresses that are named, and where they are to come from.
    fn given<'a>(&self, found: &'a Found) -> impl Iterator<Item = (&'a Subnet, Ipv4Addr)> {
        let first = match self.addresses {
            Addresses::Any => None,
            Addresses::Given(address) => Some((&found.subnet, address)),
        };
        let further = found.further.found.iter();
        first.into_iter().chain(further.filter_map(|further| Some((&further.subnet, further.given?))))
    }

    /// Opens every pool that the launch takes from.
    pub(super) fn open_pools<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<Pools, V> {
        let mut takings = found.takings();
        // The first address of bare metal is public already.
        let wants_public = self.after_creation == AfterCreation::Start
            && self.internet.out_mbps_max > 0
            && self.bare_metal.is_none();
        let public = match wants_public {
            true => draft.public_pool(&self.region)?,
            false => None,
        };
        let (public_block, public_free) = public.as_ref().map(|pool| (pool.block, pool.pool.free)).unzip();
        public.into_iter().for_each(|pool| takings.open(Source::Public(pool)));

        let subnets = || found.further.and_first(&found.subnet);
        let enough = subnets().map(|subnet| {
            let interfaces = subnets().filter(|other| other.label == subnet.label).count();
            let interfaces = u32::try_from(interfaces).unwrap_or(u32::MAX);
            subnet.pool.free.checked_div(interfaces).unwrap_or(0)
        });
        let mut addresses = enough.min().unwrap_or(0);
        let most = u32::from(self.wanted.most());
        if let Addresses::Given(address) = self.addresses
            && most > 1
        {
            addresses = addresses.min(takings.free_run(draft, &held(&found.subnet, address), most)?);
        }
        let ipv6 = match (&self.ipv6, found.subnet.ipv6) {
            (Ipv6Wish::Count(count), Some(ipv6)) => ipv6.pool.free.checked_div(u32::from(*count)),
            (Ipv6Wish::None | Ipv6Wish::Given(_) | Ipv6Wish::Count(_), _) => None,
        };
        Ok(Pools { takings, public_block, addresses, ipv6, public: public_free })
    }

    /// The addresses of `count` instances, or what there is too little of. Those that are
    /// named come first, so that none of them is given out as the next.
    pub(super) fn take_addresses<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        pools: Pools,
        count: u8,
    ) -> Judged<Result<TakenAddresses, Limit>, V> {
        let Pools { mut takings, public_block, .. } = pools;
        let wanted = u32::from(count);
        let run =
            |from: Ipv4Addr| (0..wanted).map(move |n| Ipv4Addr::from_bits(from.to_bits().saturating_add(n)));
        // More than one instance names the address of the first interface alone: rule N-16.
        let named = self.given(found);
        let named = named.flat_map(|(subnet, address)| run(address).map(|address| held(subnet, address)));
        for address in named.chain(self.ipv6.given().iter().map(|address| held_ipv6(&found.subnet, *address)))
        {
            if !takings.take(draft, &address)? {
                return Ok(Err(Limit::Addresses));
            }
        }

        let mut lists: Vec<Vec<Ipv4Addr>> = Vec::new();
        let given = |further: &FurtherInterface| further.given;
        let first = match self.addresses {
            Addresses::Any => None,
            Addresses::Given(address) => Some(address),
        };
        let givens = core::iter::once(first).chain(found.further.found.iter().map(given));
        for (subnet, given) in found.further.and_first(&found.subnet).zip(givens) {
            let id = PoolId::Subnet(subnet.label.clone());
            lists.push(match given {
                Some(address) => run(address).collect(),
                None => {
                    let taken = takings.take_next(draft, &id, wanted)?;
                    taken.into_iter().map(|offset| subnet.block.address(offset)).collect()
                }
            });
        }
        let public: Option<Vec<Ipv4Addr>> = match public_block {
            None => None,
            Some(block) => {
                let taken = takings.take_next(draft, &PoolId::Public(self.region.clone()), wanted)?;
                Some(taken.into_iter().map(|offset| block.address(offset)).collect())
            }
        };
        let ipv6 = match (&self.ipv6, found.subnet.ipv6) {
            (Ipv6Wish::Count(per_instance), Some(ipv6)) => {
                let id = PoolId::SubnetIpv6(found.subnet.label.clone());
                let wanted = wanted.saturating_mul(u32::from(*per_instance));
                let taken = takings.take_next(draft, &id, wanted)?;
                taken.into_iter().map(|offset| ipv6.address(offset)).collect()
            }
            (Ipv6Wish::None | Ipv6Wish::Count(_) | Ipv6Wish::Given(_), _) => self.ipv6.given().to_vec(),
        };

        let mut attached = Vec::new();
        if let Some(subnet) = &found.attached {
            let taken = takings.take_next(draft, &PoolId::Subnet(subnet.label.clone()), wanted)?;
            if taken.len() != usize::from(count) {
                let free = subnet.pool.free;
                return Err(BareMetalRefusal::Addresses { wanted: count, free }.halt());
            }
            let place =
                |offset| Attachment { subnet: subnet.label.clone(), address: subnet.block.address(offset) };
            attached.extend(taken.into_iter().map(place));
        }

        let ipv6_each = usize::from(self.ipv6.count());
        let count = usize::from(count);
        if lists.iter().any(|list| list.len() != count) {
            return Ok(Err(Limit::Addresses));
        }
        if public.as_ref().is_some_and(|list| list.len() != count) {
            return Ok(Err(Limit::PublicAddresses));
        }
        if ipv6.len() != count.saturating_mul(ipv6_each) {
            return Ok(Err(Limit::Ipv6Addresses));
        }
        let own = |index: usize| {
            let mut lists = lists.iter().filter_map(move |list| list.get(index).copied());
            Some(OwnAddresses {
                first: lists.next()?,
                further: lists.collect(),
                public: public.as_ref().and_then(|list| list.get(index).copied()),
                ipv6: ipv6.iter().skip(index.saturating_mul(ipv6_each)).take(ipv6_each).copied().collect(),
                attached: attached.get(index).cloned(),
            })
        };
        Ok(Ok(TakenAddresses { each: (0..count).filter_map(own).collect(), takings }))
    }
}

impl Found<'_> {
    /// The pools of the subnets, open and untouched.
    fn takings(&self) -> Takings {
        let mut takings = Takings::default();
        let subnets = self.further.and_first(&self.subnet).chain(&self.attached);
        subnets.for_each(|subnet| takings.open(Source::Subnet(subnet.clone())));
        takings
    }
}

fn held(subnet: &Subnet, address: Ipv4Addr) -> HeldAddress {
    HeldAddress::Subnet(subnet.label.clone(), address)
}

fn held_ipv6(subnet: &Subnet, address: Ipv6Addr) -> HeldAddress {
    HeldAddress::SubnetIpv6(subnet.label.clone(), address)
}
