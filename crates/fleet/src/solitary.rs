//! Subnets that stand alone, and how they join a network (`contract/zenlayer.md` section 6).
//!
//! A subnet that stands alone is in a network of its own that goes by the same label and has the
//! same block: so that every subnet is in a network, and nobody has to ask.

use alloc::string::String;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, CreateNetwork, CreateSubnet, Label, LabelSource, Marks, Network, NetworkRefusal, Ready,
    Record, RemoveNetwork, RemoveRefusal, RemoveSubnet, Subnet, SubnetBlock, Time,
};

/// Makes a subnet, in a network or alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewSubnet {
    /// Whose it is to be.
    pub account: AccountId,
    /// The network it is to be in; one of its own when it is left out.
    pub network: Option<Label>,
    /// The zone it is to be in.
    pub zone: Label,
    /// Its addresses: of a private range, and where it is not alone a part of its network's.
    pub block: SubnetBlock,
    /// When it can be used.
    pub ready: Ready,
    /// For people.
    pub name: String,
    /// What its owner says of it.
    pub marks: Marks,
}

/// Removes a subnet, and the network that it stood alone in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveEither {
    /// Whose it is.
    pub account: AccountId,
    /// Which.
    pub label: Label,
}

/// Puts a subnet that stands alone into a network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JoinNetwork {
    /// Whose they are.
    pub account: AccountId,
    /// The subnet.
    pub subnet: Label,
    /// The network.
    pub network: Label,
}

/// Why a subnet joins no network.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JoinRefusal {
    /// The account has no such subnet.
    #[error("there is no subnet {0}")]
    UnknownSubnet(Label),
    /// The subnet is in a network with others.
    #[error("the subnet is in network {0}")]
    InOther(Label),
    /// The network does not take it.
    #[error("{0}")]
    Network(NetworkRefusal),
}

impl Subnet {
    /// Whether it is in no network but its own.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.label == self.network
    }
}

impl Network {
    /// Whether it is there for one subnet that stands alone.
    #[must_use]
    pub fn is_of_one(&self) -> bool {
        self.subnets.iter().any(|(label, _)| *label == self.label)
    }
}

impl Command for NewSubnet {
    type Reply = Subnet;
    type Refusal = NetworkRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Subnet, Halt<NetworkRefusal, V::Failure>> {
        let (network, label) = match &self.network {
            Some(network) => (network.clone(), LabelSource::Drawn("subnet-")),
            None => {
                let zone = draft.catalogue().zones.get(&self.zone);
                let zone = zone.ok_or_else(|| NetworkRefusal::UnknownZone(self.zone.clone()));
                let region = zone.map_err(Halt::Refused)?.region.clone();
                let alone = CreateNetwork {
                    account: self.account,
                    label: LabelSource::Drawn("subnet-"),
                    region,
                    block: self.block.net(),
                    ipv6: None,
                    // What is waited for is the subnet.
                    ready: Ready::AtOnce,
                    name: self.name.clone(),
                    description: String::new(),
                    marks: Marks::default(),
                };
                let network = alone.decide(draft, now)?.label;
                (network.clone(), LabelSource::Given(network))
            }
        };
        let subnet = CreateSubnet {
            account: self.account,
            label,
            network,
            zone: self.zone.clone(),
            block: self.block,
            ipv6: None,
            ready: self.ready,
            name: self.name.clone(),
            description: String::new(),
            marks: self.marks.clone(),
        };
        subnet.decide(draft, now)
    }
}

impl Command for RemoveEither {
    type Reply = Subnet;
    type Refusal = RemoveRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Subnet, Halt<RemoveRefusal, V::Failure>> {
        let (account, label) = (self.account, self.label.clone());
        let removed = RemoveSubnet { account, label }.decide(draft, now)?;
        if removed.stands_alone() {
            RemoveNetwork { account, label: removed.network.clone() }.decide(draft, now)?;
        }
        Ok(removed)
    }
}

impl Command for JoinNetwork {
    type Reply = Subnet;
    type Refusal = JoinRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Subnet, Halt<JoinRefusal, V::Failure>> {
        let refused = |refusal| Halt::Refused(JoinRefusal::Network(refusal));
        let subnet = draft.subnet(&self.subnet)?.filter(|subnet| subnet.account == self.account);
        let subnet = subnet.ok_or_else(|| Halt::Refused(JoinRefusal::UnknownSubnet(self.subnet.clone())))?;
        let network = draft.network(&self.network)?.filter(|network| network.account == self.account);
        let network = network.filter(|network| !network.is_of_one());
        let mut network =
            network.ok_or_else(|| refused(NetworkRefusal::UnknownNetwork(self.network.clone())))?;
        if !subnet.stands_alone() {
            return Err(Halt::Refused(JoinRefusal::InOther(subnet.network)));
        }
        if !network.is_ready(now) {
            return Err(refused(NetworkRefusal::NetworkPending(network.label)));
        }
        let zone = draft.catalogue().zones.get(&subnet.zone);
        if zone.is_none_or(|zone| zone.region != network.region) {
            return Err(refused(NetworkRefusal::UnknownZone(subnet.zone.clone())));
        }
        network.takes(subnet.block).map_err(refused)?;

        let alone = draft.network(&subnet.network)?;
        if let Some(alone) = alone {
            draft.put(Record::Network(Network { subnets: alloc::vec::Vec::new(), ..alone }));
            let remove = RemoveNetwork { account: self.account, label: subnet.network.clone() };
            // Groups may have been made in it: then it stays, empty.
            match remove.decide(draft, now) {
                Err(Halt::Failed(failure)) => return Err(Halt::Failed(failure)),
                Ok(_) | Err(Halt::Refused(_)) => {}
            }
        }
        network.subnets.push((subnet.label.clone(), subnet.block));
        let subnet = Subnet { network: network.label.clone(), ..subnet };
        draft.put(Record::Network(network));
        draft.put(Record::Subnet(subnet.clone()));
        Ok(subnet)
    }
}
