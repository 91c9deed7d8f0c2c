//! Networks, the subnets in them, and the groups that instances join.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::View;
use crate::address::Bits;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, AddressPage, Label, Record, Sequence, TakenAddresses, Time};

use crate::address::SubnetBlock;

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
    /// Its subnets and their blocks, in the order they were made.
    pub subnets: Vec<(Label, SubnetBlock)>,
}

impl Network {
    /// How many subnets a network can have.
    pub const SUBNETS_MAX: usize = 64;
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
    /// How many of its addresses can be given out.
    pub free: u32,
    /// Set where a page of its addresses is full.
    pub full_pages: Bits,
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
    /// How many instances are in it.
    pub members: u32,
}

impl Subnet {
    /// The subnet with a summary that knows whether `page` is full.
    fn with_page(mut self, page: &AddressPage) -> Self {
        self.full_pages = match page.taken.is_full() {
            true => self.full_pages.with(page.number),
            false => self.full_pages.without(page.number),
        };
        self
    }
}

impl<V: View> Draft<'_, V> {
    /// The `count` lowest free addresses of `subnet`, and how its pages look without them. Fewer
    /// when there are fewer. Changes nothing yet.
    pub(crate) fn next_addresses(&self, subnet: &Subnet, count: u32) -> Result<TakenAddresses, V::Failure> {
        let mut taken = TakenAddresses { addresses: Vec::new(), pages: Vec::new() };
        let mut full_pages = subnet.full_pages;
        let mut left = count;
        while left > 0 {
            let Some(number) = full_pages.first_clear() else { break };
            if u32::from(number) >= subnet.block.pages() {
                break;
            }
            let mut page = self.address_page(subnet, number)?;
            while left > 0
                && let Some(bit) = page.taken.first_clear()
            {
                page.taken = page.taken.with(bit);
                taken.addresses.push(subnet.block.address(number, bit));
                left = left.saturating_sub(1);
            }
            taken.pages.push(page);
            full_pages = full_pages.with(number);
        }
        Ok(taken)
    }

    /// `address` of `subnet`, and how its page looks without it; `None` when it is taken or cannot
    /// be given out. Changes nothing yet.
    pub(crate) fn given_address(
        &self,
        subnet: &Subnet,
        address: Ipv4Addr,
    ) -> Result<Option<TakenAddresses>, V::Failure> {
        let Some((number, bit)) = subnet.block.place(address) else { return Ok(None) };
        let mut page = self.address_page(subnet, number)?;
        if page.taken.is_set(bit) {
            return Ok(None);
        }
        page.taken = page.taken.with(bit);
        Ok(Some(TakenAddresses { addresses: Vec::from([address]), pages: Vec::from([page]) }))
    }

    /// Puts pages out of which `count` addresses were taken, and the summary of their subnet.
    pub(crate) fn put_taken(&mut self, subnet: Subnet, taken: TakenAddresses) {
        let count = u32::try_from(taken.addresses.len()).unwrap_or(u32::MAX);
        let subnet = Subnet { free: subnet.free.saturating_sub(count), ..subnet };
        self.put(Record::Subnet(taken.pages.iter().fold(subnet, Subnet::with_page)));
        taken.pages.into_iter().for_each(|page| self.put(Record::AddressPage(page)));
    }

    /// Puts `address` back into its subnet. One that is free already stays so.
    pub(crate) fn put_back(&mut self, subnet: Subnet, address: Ipv4Addr) -> Result<(), V::Failure> {
        let Some((number, bit)) = subnet.block.place(address) else { return Ok(()) };
        let mut page = self.address_page(&subnet, number)?;
        if !page.taken.is_set(bit) || subnet.block.is_reserved(address) {
            return Ok(());
        }
        page.taken = page.taken.without(bit);
        let subnet = Subnet { free: subnet.free.saturating_add(1), ..subnet };
        self.put(Record::Subnet(subnet.with_page(&page)));
        self.put(Record::AddressPage(page));
        Ok(())
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
    fn draw<F>(
        &self,
        mut sequence: Sequence,
        taken: impl Fn(&Label) -> Result<bool, Halt<NetworkRefusal, F>>,
    ) -> Result<(Label, Sequence), Halt<NetworkRefusal, F>> {
        match self {
            Self::Given(label) => match taken(label)? {
                true => Err(Halt::Refused(NetworkRefusal::LabelTaken(label.clone()))),
                false => Ok((label.clone(), sequence)),
            },
            Self::Drawn(prefix) => loop {
                let drawn = sequence.draw_label(prefix);
                let (label, rest) = drawn.ok_or(Halt::Refused(NetworkRefusal::IdsExhausted))?;
                if !taken(&label)? {
                    return Ok((label, rest));
                }
                sequence = rest;
            },
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
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
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
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
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
    /// The network has as many subnets as it can have.
    #[error("the network has {} subnets, and can have no more", Network::SUBNETS_MAX)]
    TooManySubnets,
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

        let network = Network {
            label,
            account: self.account,
            region: self.region.clone(),
            block: self.block,
            name: self.name.clone(),
            description: self.description.clone(),
            created_at: now,
            subnets: Vec::new(),
        };
        draft.put(Record::Sequence(sequence));
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
        let zone = draft.catalogue().zones.get(&self.zone);
        if zone.is_none_or(|zone| zone.region != network.region) {
            return Err(Halt::Refused(NetworkRefusal::UnknownZone(self.zone.clone())));
        }
        let taken = |label: &Label| Ok(draft.subnet(label)?.is_some());
        let (label, sequence) = self.label.draw(draft.sequence()?, taken)?;
        network.takes(self.block).map_err(Halt::Refused)?;

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
            free: self.block.usable(),
            full_pages: Bits::default(),
        };
        draft.put(Record::Sequence(sequence));
        draft.put(Record::Network(network));
        draft.put(Record::Subnet(subnet.clone()));
        Ok(subnet)
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
        own_network(draft, self.account, &self.network)?;
        let taken = |label: &Label| Ok(draft.group(label)?.is_some());
        let (label, sequence) = self.label.draw(draft.sequence()?, taken)?;

        let group = Group {
            label,
            account: self.account,
            network: self.network.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            created_at: now,
            members: 0,
        };
        draft.put(Record::Sequence(sequence));
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
