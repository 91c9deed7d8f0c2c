//! What an audit makes of addresses. Who holds what is asked of the instances and of what cools
//! down; pages, summaries and claims have to follow from that, in every pool alike.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use super::{Audit, Invariant, Specified};
use crate::pool::{Place, Source};
use crate::{AddressPage, Extent, HeldAddress, InstanceId, Ipv6Claim, Pool, PoolId, Time, TimerKind};

/// Who holds an address that is not free.
#[derive(Default)]
struct Expected {
    /// The pools that were met so far; `None` for one that is not there.
    sources: BTreeMap<PoolId, Option<Source>>,
    holders: BTreeMap<HeldAddress, InstanceId>,
    pages: BTreeMap<(PoolId, u8), AddressPage>,
    held: BTreeMap<PoolId, u32>,
    claims: BTreeSet<Ipv6Claim>,
}

impl Audit {
    pub(super) fn check_addresses(&mut self, instances: &[Specified<'_>]) {
        let mut expected = Expected::default();
        for Specified { instance, spec } in instances {
            let Some(spec) = spec else { continue };
            for held in instance.held_addresses(spec) {
                self.expect(&mut expected, instance.id, held);
            }
            if instance.further.len() != spec.interfaces.len() {
                let (addresses, interfaces) = (instance.further.len(), spec.interfaces.len());
                let detail =
                    format!("{} has {addresses} addresses for {interfaces} further interfaces", instance.id);
                self.find(Invariant::AddressPagesAgreeWithInstances, detail);
            }
        }
        let cooling: Vec<(InstanceId, Vec<HeldAddress>)> =
            self.cooling.values().map(|cooling| (cooling.instance, cooling.addresses.clone())).collect();
        for (instance, addresses) in cooling {
            addresses.into_iter().for_each(|held| self.expect(&mut expected, instance, held));
        }
        self.compare_pages(&expected);
        self.compare_summaries(&expected);
        self.compare_claims(&expected);
        self.check_cooling();
    }

    fn expect(&mut self, expected: &mut Expected, holder: InstanceId, held: HeldAddress) {
        let id = held.pool();
        let known = expected.sources.entry(id.clone()).or_insert_with(|| self.source(&id));
        let Some(source) = known.as_ref() else {
            let detail = format!("{holder} has {held:?}, of a pool that is not there");
            self.find(Invariant::AddressPagesAgreeWithInstances, detail);
            return;
        };
        let (Some(place), Some((extent, _))) = (source.place(&held), source.pool(&id)) else {
            let detail = format!("{holder} has {held:?}, which is not to be given out");
            self.find(Invariant::NoAddressIsHeldTwice, detail);
            return;
        };
        if let Some(other) = expected.holders.insert(held.clone(), holder) {
            let detail = format!("{other} and {holder} both have {held:?}");
            self.find(Invariant::NoAddressIsHeldTwice, detail);
        }
        match place {
            Place::Apart(claim) => drop(expected.claims.insert(claim)),
            Place::Bit(offset) => {
                let [number, bit] = offset.to_be_bytes();
                let fresh = || AddressPage::fresh(id.clone(), extent, number);
                let page = expected.pages.entry((id.clone(), number)).or_insert_with(fresh);
                page.taken = page.taken.with(bit);
                let count = expected.held.entry(id).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    fn source(&self, id: &PoolId) -> Option<Source> {
        let source = match id {
            PoolId::Subnet(label) | PoolId::SubnetIpv6(label) => {
                self.subnets.get(label).cloned().map(Source::Subnet)
            }
            PoolId::Public(region) => self.public_pools.get(region).cloned().map(Source::Public),
        };
        source.filter(|source| source.pool(id).is_some())
    }

    /// Every pool there is.
    fn pools(&self) -> Vec<(PoolId, Extent, Pool)> {
        let subnets = self.subnets.keys().cloned();
        let ids = subnets.flat_map(|label| [PoolId::Subnet(label.clone()), PoolId::SubnetIpv6(label)]);
        let ids = ids.chain(self.public_pools.keys().cloned().map(PoolId::Public));
        ids.filter_map(|id| {
            let (extent, pool) = self.source(&id)?.pool(&id)?;
            Some((id, extent, pool))
        })
        .collect()
    }

    fn compare_pages(&mut self, expected: &Expected) {
        let keys: BTreeSet<(PoolId, u8)> = expected.pages.keys().chain(self.pages.keys()).cloned().collect();
        for key in keys {
            let (id, number) = &key;
            let Some((extent, _)) = self.source(id).and_then(|source| source.pool(id)) else {
                let detail = format!("page {number} is of {id:?}, which is not there");
                self.find(Invariant::AddressPagesAgreeWithInstances, detail);
                continue;
            };
            let fresh = AddressPage::fresh(id.clone(), extent, *number);
            let wanted = expected.pages.get(&key).unwrap_or(&fresh);
            let found = self.pages.get(&key).unwrap_or(&fresh);
            if wanted != found {
                let detail = format!("instances make {wanted:?}, the page is {found:?}");
                self.find(Invariant::AddressPagesAgreeWithInstances, detail);
            }
        }
    }

    fn compare_summaries(&mut self, expected: &Expected) {
        for (id, extent, pool) in self.pools() {
            let held = expected.held.get(&id).copied().unwrap_or(0);
            let counted = extent.usable().saturating_sub(held);
            if counted != pool.free {
                let detail = format!("{id:?}: {counted} free by count, {} by summary", pool.free);
                self.find(Invariant::AddressPagesAgreeWithInstances, detail);
            }
            for number in extent.pages() {
                let page = expected.pages.get(&(id.clone(), number));
                let is_full = page.is_some_and(|page| page.taken.is_full());
                if is_full != pool.full_pages.is_set(number) {
                    let detail = format!("{id:?}: the summary of page {number} is wrong");
                    self.find(Invariant::AddressPagesAgreeWithInstances, detail);
                }
            }
        }
    }

    fn compare_claims(&mut self, expected: &Expected) {
        let differing: Vec<Ipv6Claim> = expected.claims.symmetric_difference(&self.claims).cloned().collect();
        for claim in differing {
            let detail = match expected.claims.contains(&claim) {
                true => format!("{} of subnet {} is held, and not claimed", claim.address, claim.subnet),
                false => format!("{} of subnet {} is claimed, and not held", claim.address, claim.subnet),
            };
            self.find(Invariant::AddressPagesAgreeWithInstances, detail);
        }
    }

    fn check_cooling(&mut self) {
        let cooling = self.cooling.values().map(|cooling| (cooling.instance, cooling.until));
        let timed = self.timers.iter().filter_map(|(kind, at)| {
            let TimerKind::CoolDown(id) = kind else { return None };
            Some((*id, *at))
        });
        let (cooling, timed): (BTreeSet<(InstanceId, Time)>, BTreeSet<_>) =
            (cooling.collect(), timed.collect());
        for (id, at) in cooling.symmetric_difference(&timed) {
            let detail = match cooling.contains(&(*id, *at)) {
                true => format!("addresses of {id} cool down, and have no timer at {at:?}"),
                false => format!("{id} has a timer at {at:?} and no address that cools down"),
            };
            self.find(Invariant::WhatCoolsDownHasATimer, detail);
        }
    }
}
