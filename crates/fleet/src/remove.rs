//! Removing networks, subnets and groups: only what nothing depends on any more.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Group, Holdings, Key, Label, Network, PoolId, Record, Subnet, SubnetIpv6, Time};

/// Removes a network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveNetwork {
    /// Whose it is.
    pub account: AccountId,
    /// Which.
    pub label: Label,
}

/// Removes a subnet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveSubnet {
    /// Whose it is.
    pub account: AccountId,
    /// Which.
    pub label: Label,
}

/// Removes a group and its rules.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveGroup {
    /// Whose it is.
    pub account: AccountId,
    /// Where it has to be.
    pub region: Label,
    /// Which.
    pub label: Label,
}

/// Why a thing is not removed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoveRefusal {
    /// The account has no such thing.
    #[error("there is no {0}")]
    Unknown(Label),
    /// Subnets or groups are in the network, or addresses of the subnet are taken or cool down.
    #[error("something in {0} is still there")]
    InUse(Label),
    /// The subnet is pending.
    #[error("subnet {0} is pending")]
    Pending(Label),
    /// Instances are in the group.
    #[error("{members} instances are in group {label}")]
    HasMembers {
        /// The group.
        label: Label,
        /// How many.
        members: u32,
    },
    /// A rule of another group names the group.
    #[error("{rules} rules of other groups name group {label}")]
    Named {
        /// The group.
        label: Label,
        /// How many.
        rules: u32,
    },
}

type Judged<T, V> = Result<T, Halt<RemoveRefusal, <V as View>::Failure>>;

impl Command for RemoveNetwork {
    type Reply = Network;
    type Refusal = RemoveRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<Network, V> {
        let network = draft.network(&self.label)?.filter(|network| network.account == self.account);
        let network = network.ok_or_else(|| Halt::Refused(RemoveRefusal::Unknown(self.label.clone())))?;
        if !network.subnets.is_empty() || network.groups > 0 {
            return Err(Halt::Refused(RemoveRefusal::InUse(self.label.clone())));
        }

        let holdings = draft.holdings(self.account, &network.region)?;
        draft.put_holdings(Holdings { networks: holdings.networks.saturating_sub(1), ..holdings });
        draft.remove(Key::Network(network.label.clone()));
        Ok(network)
    }
}

impl Command for RemoveSubnet {
    type Reply = Subnet;
    type Refusal = RemoveRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, now: Time) -> Judged<Subnet, V> {
        let subnet = draft.subnet(&self.label)?.filter(|subnet| subnet.account == self.account);
        let subnet = subnet.ok_or_else(|| Halt::Refused(RemoveRefusal::Unknown(self.label.clone())))?;
        if !subnet.is_ready(now) {
            return Err(Halt::Refused(RemoveRefusal::Pending(self.label.clone())));
        }
        if subnet.is_in_use() {
            return Err(Halt::Refused(RemoveRefusal::InUse(self.label.clone())));
        }

        if let Some(mut network) = draft.network(&subnet.network)? {
            network.subnets.retain(|(label, _)| *label != subnet.label);
            draft.put(Record::Network(network));
        }
        draft.remove_pages(&PoolId::Subnet(subnet.label.clone()), subnet.block.extent())?;
        if subnet.ipv6.is_some() {
            draft.remove_pages(&PoolId::SubnetIpv6(subnet.label.clone()), SubnetIpv6::EXTENT)?;
        }
        draft.remove(Key::Subnet(subnet.label.clone()));
        Ok(subnet)
    }
}

impl Command for RemoveGroup {
    type Reply = Group;
    type Refusal = RemoveRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<Group, V> {
        let unknown = || Halt::Refused(RemoveRefusal::Unknown(self.label.clone()));
        let group = draft.group_in(self.account, &self.region, &self.label)?.ok_or_else(unknown)?;
        let label = group.label.clone();
        if group.members > 0 {
            return Err(Halt::Refused(RemoveRefusal::HasMembers { label, members: group.members }));
        }
        if group.named_by > 0 {
            return Err(Halt::Refused(RemoveRefusal::Named { label, rules: group.named_by }));
        }

        let rules = draft.rules(&group)?;
        draft.remove_rules(&rules)?;
        if let Some(network) = draft.network(&group.network)? {
            let groups = network.groups.saturating_sub(1);
            draft.put(Record::Network(Network { groups, ..network }));
        }
        let holdings = draft.holdings(self.account, &self.region)?;
        draft.put_holdings(Holdings { groups: holdings.groups.saturating_sub(1), ..holdings });
        draft.remove(Key::Group(label));
        Ok(group)
    }
}
