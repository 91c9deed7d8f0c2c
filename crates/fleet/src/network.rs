//! Networks, the subnets in them, and the groups that instances join.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use ipnet::{Ipv4Net, Ipv6Net};

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Holdings, Label, Marks, Pool, Record, Sale, Sequence, SubnetBlock, SubnetIpv6, Time};

/// A private network (VPC).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Network {
    /// What it goes by.
    pub label: Label,
    /// Whose it is.
    pub account: AccountId,
    /// The region it is in.
    pub region: Label,
    /// Its addresses.
    pub block: Ipv4Net,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When it is no longer pending.
    pub ready_at: Time,
    /// Its IPv6 addresses, a /56.
    pub ipv6: Option<Ipv6Net>,
    /// Its subnets and their blocks, in the order they were made.
    pub subnets: Vec<(Label, SubnetBlock)>,
    /// How many groups are in it.
    pub groups: u32,
    /// What its owner says of it.
    pub marks: Marks,
}

impl Network {
    /// How many subnets a network can have.
    pub const SUBNETS_MAX: usize = 64;
    /// How long the mask of a network's IPv6 block is.
    pub const IPV6_MASK: u8 = 56;
}

/// A block of a network in one zone, with a pool of addresses (VSwitch).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subnet {
    /// What it goes by.
    pub label: Label,
    /// Whose it is.
    pub account: AccountId,
    /// The network it is in.
    pub network: Label,
    /// The zone it is in.
    pub zone: Label,
    /// Its addresses.
    pub block: SubnetBlock,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// When it is no longer pending.
    pub ready_at: Time,
    /// What is left of its addresses.
    pub pool: Pool,
    /// Its IPv6 addresses.
    pub ipv6: Option<SubnetIpv6>,
    /// What its owner says of it.
    pub marks: Marks,
}

/// A group of instances with common rules (SecurityGroup).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// What it goes by.
    pub label: Label,
    /// Whose it is.
    pub account: AccountId,
    /// The network it is in.
    pub network: Label,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// How many instances are in it, by whichever of their interfaces: see
    /// [`Spec::joined_groups`](crate::Spec::joined_groups).
    pub members: u32,
    /// How many rules it has.
    pub rules: u32,
    /// How many rules of other groups name it.
    pub named_by: u32,
    /// What its owner says of it.
    pub marks: Marks,
}

impl Group {
    /// How many rules a group can have (`contract/errors.tsv`, AuthorizationLimitExceed).
    pub const RULES_MAX: u32 = 200;
}

impl Network {
    /// Whether subnets can be made in it.
    #[must_use]
    pub fn is_ready(&self, now: Time) -> bool {
        self.ready_at <= now
    }
}

impl Subnet {
    /// Whether an address of it is held or cooling down. Who holds an IPv6 address that stands apart
    /// from the pools holds an IPv4 address as well.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        let ipv6 = self.ipv6.is_some_and(|ipv6| ipv6.pool.free < SubnetIpv6::EXTENT.usable());
        ipv6 || self.pool.free < self.block.usable()
    }

    /// Whether instances can be launched into it.
    #[must_use]
    pub fn is_ready(&self, now: Time) -> bool {
        self.ready_at <= now
    }
}

/// When something that is made can be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ready {
    /// At once: whoever sets a fleet up does not wait for it.
    AtOnce,
    /// After [`Policy::network_settling`](crate::Policy).
    Settled,
}

impl Ready {
    fn at<V: View>(self, draft: &Draft<'_, V>, now: Time) -> Time {
        match self {
            Self::AtOnce => now,
            Self::Settled => now.after(draft.policy().network_settling),
        }
    }
}

/// Where the label of something new comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LabelSource {
    /// The caller has chosen it.
    Given(Label),
    /// It is drawn, behind this prefix.
    Drawn(&'static str),
}

impl LabelSource {
    /// The label, which is not `taken`, and the counter after it was drawn. Somebody may have
    /// chosen the very label that is drawn; then it is the one after it.
    pub(crate) fn draw<R: From<LabelRefusal>, F>(
        &self,
        mut sequence: Sequence,
        taken: impl Fn(&Label) -> Result<bool, F>,
    ) -> Result<(Label, Sequence), Halt<R, F>> {
        let refused = |refusal: LabelRefusal| Halt::Refused(R::from(refusal));
        match self {
            Self::Given(label) => match taken(label)? {
                true => Err(refused(LabelRefusal::Taken(label.clone()))),
                false => Ok((label.clone(), sequence)),
            },
            Self::Drawn(prefix) => loop {
                let drawn = sequence.draw_label(prefix);
                let (label, rest) = drawn.ok_or_else(|| refused(LabelRefusal::Exhausted))?;
                if !taken(&label)? {
                    return Ok((label, rest));
                }
                sequence = rest;
            },
        }
    }
}

/// Why a label is not to be had.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum LabelRefusal {
    /// It is in use.
    Taken(Label),
    /// The counter of ids is used up.
    Exhausted,
}

impl From<LabelRefusal> for NetworkRefusal {
    fn from(refusal: LabelRefusal) -> Self {
        match refusal {
            LabelRefusal::Taken(label) => Self::LabelTaken(label),
            LabelRefusal::Exhausted => Self::IdsExhausted,
        }
    }
}

/// Makes a network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CreateNetwork {
    /// Whose it is to be.
    pub account: AccountId,
    /// What it is to go by.
    pub label: LabelSource,
    /// The region it is to be in.
    pub region: Label,
    /// Its addresses: a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.
    pub block: Ipv4Net,
    /// Its IPv6 addresses, if it is to have any: a /56.
    pub ipv6: Option<Ipv6Net>,
    /// When it can be used.
    pub ready: Ready,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// What its owner says of it.
    pub marks: Marks,
}

/// Makes a subnet of a network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CreateSubnet {
    /// Whose it is to be.
    pub account: AccountId,
    /// What it is to go by.
    pub label: LabelSource,
    /// The network it is to be in.
    pub network: Label,
    /// The zone it is to be in.
    pub zone: Label,
    /// Its addresses: a part of its network's.
    pub block: SubnetBlock,
    /// Its IPv6 addresses, if it is to have any: a /64 of its network's.
    pub ipv6: Option<Ipv6Net>,
    /// When it can be used.
    pub ready: Ready,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// What its owner says of it.
    pub marks: Marks,
}

/// Makes a group in a network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CreateGroup {
    /// Whose it is to be.
    pub account: AccountId,
    /// What it is to go by.
    pub label: LabelSource,
    /// The network it is to be in.
    pub network: Label,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// What its owner says of it.
    pub marks: Marks,
}

/// Why a network, a subnet or a group is not made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NetworkRefusal {
    /// The region is not in the catalogue.
    #[error("there is no region {0}")]
    UnknownRegion(Label),
    /// The zone is not in the catalogue, or not in the network's region.
    #[error("there is no zone {0} in the region of the network")]
    UnknownZone(Label),
    /// The account has no such network.
    #[error("there is no network {0}")]
    UnknownNetwork(Label),
    /// The label is in use.
    #[error("there is a {0} already")]
    LabelTaken(Label),
    /// The block is not a part of a private range.
    #[error("{0} is not inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")]
    NotPrivate(Ipv4Net),
    /// The block is not a part of the network's.
    #[error("{block} is not inside {network}, the block of the network")]
    OutsideNetwork {
        /// The block asked for.
        block: Ipv4Net,
        /// The block of the network.
        network: Ipv4Net,
    },
    /// The block overlaps another subnet's.
    #[error("{block} overlaps {other}, the block of subnet {subnet}")]
    Overlaps {
        /// The block asked for.
        block: Ipv4Net,
        /// The subnet in the way.
        subnet: Label,
        /// Its block.
        other: Ipv4Net,
    },
    /// The network is still pending.
    #[error("network {0} is pending")]
    NetworkPending(Label),
    /// The IPv6 block of a network is not a /56.
    #[error("{0} is not the IPv6 block of a network, a /56")]
    NotIpv6Network(Ipv6Net),
    /// The IPv6 block of a subnet is not a /64 of its network's.
    #[error("{0} is not an IPv6 block of the network's subnets, a /64")]
    NotIpv6Subnet(Ipv6Net),
    /// The IPv6 block is another subnet's.
    #[error("{block} is the IPv6 block of subnet {subnet}")]
    Ipv6Taken {
        /// The block asked for.
        block: Ipv6Net,
        /// Whose it is.
        subnet: Label,
    },
    /// Nothing can be launched in the zone any more.
    #[error("zone {0} is closed")]
    ZoneClosed(Label),
    /// The network has as many subnets as it can have.
    #[error("the network has {} subnets, and can have no more", Network::SUBNETS_MAX)]
    TooManySubnets,
    /// The account has as many networks in the region as it can have.
    #[error("the account can have no more networks in the region")]
    TooManyNetworks,
    /// The account has as many groups in the region as it can have.
    #[error("the account can have no more groups in the region")]
    TooManyGroups,
    /// The counter of ids is used up.
    #[error("there are no more ids")]
    IdsExhausted,
}

fn is_private(block: Ipv4Net) -> bool {
    let ranges = [
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
    ];
    ranges.into_iter().any(|(start, mask)| {
        Ipv4Net::new(start, mask).is_ok_and(|range| range.contains(&block)) && block.addr() == block.network()
    })
}

impl Command for CreateNetwork {
    type Reply = Network;
    type Refusal = NetworkRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Network, Halt<NetworkRefusal, V::Failure>> {
        if !draft.catalogue().regions.contains_key(&self.region) {
            return Err(Halt::Refused(NetworkRefusal::UnknownRegion(self.region.clone())));
        }
        let taken = |label: &Label| Ok(draft.network(label)?.is_some());
        let (label, sequence) = self.label.draw(draft.sequence()?, taken)?;
        // What is the provider's may be of the internet.
        if self.account != AccountId::PROVIDER && !is_private(self.block) {
            return Err(Halt::Refused(NetworkRefusal::NotPrivate(self.block)));
        }
        let fits = |net: &Ipv6Net| net.prefix_len() == Network::IPV6_MASK && net.addr() == net.network();
        if let Some(block) = self.ipv6.filter(|block| !fits(block)) {
            return Err(Halt::Refused(NetworkRefusal::NotIpv6Network(block)));
        }
        let holdings = draft.holdings(self.account, &self.region)?;
        if holdings.networks >= draft.policy().networks_max {
            return Err(Halt::Refused(NetworkRefusal::TooManyNetworks));
        }

        let network = Network {
            label,
            account: self.account,
            region: self.region.clone(),
            block: self.block,
            name: self.name.clone(),
            description: self.description.clone(),
            created_at: now,
            ready_at: self.ready.at(draft, now),
            ipv6: self.ipv6,
            subnets: Vec::new(),
            groups: 0,
            marks: self.marks.clone(),
        };
        draft.put(Record::Sequence(sequence));
        draft.put_holdings(Holdings { networks: holdings.networks.saturating_add(1), ..holdings });
        draft.put(Record::Network(network.clone()));
        Ok(network)
    }
}

impl Command for CreateSubnet {
    type Reply = Subnet;
    type Refusal = NetworkRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Subnet, Halt<NetworkRefusal, V::Failure>> {
        let mut network = own_network(draft, self.account, &self.network)?;
        if !network.is_ready(now) {
            return Err(Halt::Refused(NetworkRefusal::NetworkPending(network.label)));
        }
        let zone = draft.catalogue().zones.get(&self.zone);
        if zone.is_none_or(|zone| zone.region != network.region) {
            return Err(Halt::Refused(NetworkRefusal::UnknownZone(self.zone.clone())));
        }
        // Whoever sets a fleet up may say what was there before the zone was closed.
        if self.ready == Ready::Settled && zone.is_some_and(|zone| zone.sale == Sale::Closed) {
            return Err(Halt::Refused(NetworkRefusal::ZoneClosed(self.zone.clone())));
        }
        let taken = |label: &Label| Ok(draft.subnet(label)?.is_some());
        let (label, sequence) = self.label.draw(draft.sequence()?, taken)?;
        network.takes(self.block).map_err(Halt::Refused)?;
        let ipv6 = self.ipv6.map(|block| self.ipv6_of(draft, &network, block)).transpose()?;

        network.subnets.push((label.clone(), self.block));
        let subnet = Subnet {
            label,
            account: self.account,
            network: self.network.clone(),
            zone: self.zone.clone(),
            block: self.block,
            name: self.name.clone(),
            description: self.description.clone(),
            created_at: now,
            ready_at: self.ready.at(draft, now),
            pool: Pool::fresh(self.block.extent()),
            ipv6,
            marks: self.marks.clone(),
        };
        draft.put(Record::Sequence(sequence));
        draft.put(Record::Network(network));
        draft.put(Record::Subnet(subnet.clone()));
        Ok(subnet)
    }
}

impl CreateSubnet {
    fn ipv6_of<V: View>(
        &self,
        draft: &Draft<'_, V>,
        network: &Network,
        block: Ipv6Net,
    ) -> Result<SubnetIpv6, Halt<NetworkRefusal, V::Failure>> {
        let inside = network.ipv6.is_some_and(|whole| whole.contains(&block));
        let ipv6 = SubnetIpv6::new(block).filter(|_| inside);
        let ipv6 = ipv6.ok_or(Halt::Refused(NetworkRefusal::NotIpv6Subnet(block)))?;
        for (label, _) in &network.subnets {
            let other = draft.subnet(label)?.and_then(|subnet| subnet.ipv6);
            if other.is_some_and(|other| other.block() == block) {
                let subnet = label.clone();
                return Err(Halt::Refused(NetworkRefusal::Ipv6Taken { block, subnet }));
            }
        }
        Ok(ipv6)
    }
}

impl Network {
    /// Whether a subnet with this block can be made in it.
    pub(crate) fn takes(&self, block: SubnetBlock) -> Result<(), NetworkRefusal> {
        let block = block.net();
        if !self.block.contains(&block) {
            return Err(NetworkRefusal::OutsideNetwork { block, network: self.block });
        }
        for (subnet, other) in &self.subnets {
            let other = other.net();
            if other.contains(&block) || block.contains(&other) {
                return Err(NetworkRefusal::Overlaps { block, subnet: subnet.clone(), other });
            }
        }
        if self.subnets.len() >= Self::SUBNETS_MAX {
            return Err(NetworkRefusal::TooManySubnets);
        }
        Ok(())
    }
}

impl Command for CreateGroup {
    type Reply = Group;
    type Refusal = NetworkRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Group, Halt<NetworkRefusal, V::Failure>> {
        let network = own_network(draft, self.account, &self.network)?;
        let taken = |label: &Label| Ok(draft.group(label)?.is_some());
        let (label, sequence) = self.label.draw(draft.sequence()?, taken)?;
        let holdings = draft.holdings(self.account, &network.region)?;
        if holdings.groups >= draft.policy().groups_max {
            return Err(Halt::Refused(NetworkRefusal::TooManyGroups));
        }

        let group = Group {
            label,
            account: self.account,
            network: self.network.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            created_at: now,
            members: 0,
            rules: 0,
            named_by: 0,
            marks: self.marks.clone(),
        };
        draft.put(Record::Sequence(sequence));
        draft.put_holdings(Holdings { groups: holdings.groups.saturating_add(1), ..holdings });
        draft.put(Record::Network(Network { groups: network.groups.saturating_add(1), ..network }));
        draft.put(Record::Group(group.clone()));
        Ok(group)
    }
}

fn own_network<V: View>(
    draft: &Draft<'_, V>,
    account: AccountId,
    label: &Label,
) -> Result<Network, Halt<NetworkRefusal, V::Failure>> {
    let network = draft.network(label)?.filter(|network| network.account == account);
    network.ok_or_else(|| Halt::Refused(NetworkRefusal::UnknownNetwork(label.clone())))
}
