//! The invariants of what stands around instances: rules, holdings, receipts, tags.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Audit, Invariant};
use crate::rule::naming;
use crate::{AccountId, Group, Holdings, Label, Network, Peer, Tag, TimerKind, TokenOutcome};

impl Audit {
    pub(super) fn check_rules(&mut self) {
        let invariant = Invariant::RulesAgreeWithGroups;
        let mut found = Vec::new();
        let mut counts: BTreeMap<Label, u32> = BTreeMap::new();
        for rule in &self.rules {
            let count = counts.entry(rule.group.clone()).or_default();
            *count = count.saturating_add(1);
            let peer = match &rule.traffic.far {
                Peer::Group(label) => Some(label),
                Peer::Block(_) | Peer::List(_) => None,
            };
            for label in [Some(&rule.group), peer].into_iter().flatten() {
                if !self.groups.contains_key(label) {
                    found.push(format!("rule {} names group {label}, which is not there", rule.id));
                }
            }
        }
        let named = naming(self.rules.iter());
        for group in self.groups.values() {
            let count = |of: &BTreeMap<Label, u32>| of.get(&group.label).copied().unwrap_or(0);
            let (rules, named_by) = (count(&counts), count(&named));
            if (rules, named_by) != (group.rules, group.named_by) {
                found.push(format!(
                    "group {} has {rules} rules and {named_by} name it, it says {} and {}",
                    group.label, group.rules, group.named_by
                ));
            }
        }
        found.into_iter().for_each(|detail| self.find(invariant, detail));
    }

    pub(super) fn check_holdings(&mut self) {
        let invariant = Invariant::HoldingsAgreeWithNetworks;
        let mut found = Vec::new();
        let mut counted: BTreeMap<(AccountId, Label), (u32, u32)> = BTreeMap::new();
        let mut in_network: BTreeMap<Label, u32> = BTreeMap::new();
        for Network { account, region, .. } in self.networks.values() {
            let (networks, _) = counted.entry((*account, region.clone())).or_default();
            *networks = networks.saturating_add(1);
        }
        for Group { account, network, label, .. } in self.groups.values() {
            let Some(place) = self.networks.get(network) else {
                found.push(format!("group {label} is in network {network}, which is not there"));
                continue;
            };
            let (_, groups) = counted.entry((*account, place.region.clone())).or_default();
            *groups = groups.saturating_add(1);
            let groups = in_network.entry(network.clone()).or_default();
            *groups = groups.saturating_add(1);
        }
        for network in self.networks.values() {
            let groups = in_network.get(&network.label).copied().unwrap_or(0);
            if groups != network.groups {
                let label = &network.label;
                found.push(format!("network {label} has {groups} groups, and says {}", network.groups));
            }
        }
        let said = self.holdings.iter().map(|holdings| {
            let Holdings { account, region, networks, groups } = holdings.clone();
            ((account, region), (networks, groups))
        });
        let said: BTreeMap<_, _> = said.collect();
        for key in counted.keys().chain(said.keys()).collect::<BTreeSet<_>>() {
            if counted.get(key) != said.get(key) {
                let (counted, said) = (counted.get(key), said.get(key));
                found.push(format!("{key:?} has {counted:?} networks and groups, and says {said:?}"));
            }
        }
        found.into_iter().for_each(|detail| self.find(invariant, detail));
    }

    /// A receipt has a token or did, and one timer.
    pub(super) fn check_receipts(&mut self) {
        let timed = self.timers.iter().filter_map(|(kind, _)| match kind {
            TimerKind::ReceiptExpiry(id) => Some(*id),
            TimerKind::CreationDeadline(_)
            | TimerKind::FailureRelease(_)
            | TimerKind::TokenExpiry(_)
            | TimerKind::BatchRetention(_)
            | TimerKind::CoolDown(_)
            | TimerKind::AutoRelease(_)
            | TimerKind::EventDue(_)
            | TimerKind::EventRetention(_)
            | TimerKind::BinEnd(_)
            | TimerKind::Expiry(_)
            | TimerKind::BidReview(_)
            | TimerKind::BidSweep(_)
            | TimerKind::Settlement(_) => None,
        });
        let timed: BTreeSet<_> = timed.collect();
        let there: BTreeSet<_> = self.receipts.keys().copied().collect();
        let mut found: Vec<String> = Vec::new();
        for id in there.symmetric_difference(&timed) {
            found.push(format!("receipt {id} has a timer or is there, and not both"));
        }
        for token in self.tokens.values() {
            if let TokenOutcome::Receipt(id) = token.outcome
                && self.receipts.get(&id).is_none_or(|receipt| receipt.token != token.key)
            {
                found.push(format!("{:?} names receipt {id}, which does not name it back", token.key));
            }
        }
        found.into_iter().for_each(|detail| self.find(Invariant::ATokenHasOneOutcome, detail));
    }

    pub(super) fn check_tags(&mut self) {
        let networks = self.networks.values().map(|it| (it.label.as_str(), &it.marks.tags));
        let subnets = self.subnets.values().map(|it| (it.label.as_str(), &it.marks.tags));
        let groups = self.groups.values().map(|it| (it.label.as_str(), &it.marks.tags));
        let pairs = self.key_pairs.iter().map(|it| (&*it.name, &it.tags));
        let amended = self.amendments.values().filter_map(|it| Some(("an instance", it.tags.as_ref()?)));
        let all = networks.chain(subnets).chain(groups).chain(pairs).chain(amended);
        let broken = all.filter(|(_, tags)| !distinct(tags) || tags.len() > Tag::PER_THING_MAX);
        let details: Vec<String> = broken.map(|(name, tags)| format!("{name} has {tags:?}")).collect();
        details.into_iter().for_each(|detail| self.find(Invariant::TagsAreDistinct, detail));
    }
}

fn distinct(tags: &[Tag]) -> bool {
    let keys: BTreeSet<&str> = tags.iter().map(|tag| tag.key.as_str()).collect();
    keys.len() == tags.len()
}
