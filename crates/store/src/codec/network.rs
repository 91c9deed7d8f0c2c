//! Networks, subnets and groups on disk.

use fleet::{AccountId, Label, Time};
use serde::{Deserialize, Serialize};

use super::address::{Pool, SubnetIpv6};
use super::error::{DecodeError, EncodeError};
use super::field::{Block, Ipv6Block, label, subnet_block};
use super::payload::{Stored, Value};
use super::resources::Marks;

const NETWORK_VERSION: u8 = 1;
const SUBNET_VERSION: u8 = 1;
const GROUP_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct Network<'a> {
    account: u64,
    region: &'a str,
    block: Block,
    name: &'a str,
    description: &'a str,
    created_at: u64,
    ready_at: u64,
    ipv6: Option<Ipv6Block>,
    #[serde(borrow)]
    subnets: Vec<(&'a str, Block)>,
    groups: u32,
    marks: Marks<'a>,
}

pub(super) fn write_network(network: &fleet::Network, to: Value<'_>) -> Result<(), EncodeError> {
    let subnets = network.subnets.iter();
    let fields = Network {
        account: network.account.0,
        region: network.region.as_str(),
        block: network.block.into(),
        name: &network.name,
        description: &network.description,
        created_at: network.created_at.millis(),
        ready_at: network.ready_at.millis(),
        ipv6: network.ipv6.map(Into::into),
        subnets: subnets.map(|(subnet, block)| (subnet.as_str(), block.net().into())).collect(),
        groups: network.groups,
        marks: (&network.marks).into(),
    };
    to.write(NETWORK_VERSION, &fields)
}

pub(super) fn read_network(name: Label, stored: &Stored<'_>) -> Result<fleet::Network, DecodeError> {
    const NAME: &str = "network";
    let fields: Network<'_> = match stored.version {
        NETWORK_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, NETWORK_VERSION)),
    };
    let subnets = fields.subnets.into_iter();
    let subnets = subnets.map(|(subnet, block)| Ok((label(subnet)?, subnet_block(block)?)));
    Ok(fleet::Network {
        label: name,
        account: AccountId(fields.account),
        region: label(fields.region)?,
        block: fields.block.try_into()?,
        name: fields.name.into(),
        description: fields.description.into(),
        created_at: Time::from_millis(fields.created_at),
        ready_at: Time::from_millis(fields.ready_at),
        ipv6: fields.ipv6.map(TryInto::try_into).transpose()?,
        subnets: subnets.collect::<Result<_, DecodeError>>()?,
        groups: fields.groups,
        marks: fields.marks.try_into()?,
    })
}

#[derive(Deserialize, Serialize)]
struct Subnet<'a> {
    account: u64,
    network: &'a str,
    zone: &'a str,
    block: Block,
    name: &'a str,
    description: &'a str,
    created_at: u64,
    ready_at: u64,
    pool: Pool,
    ipv6: Option<SubnetIpv6>,
    #[serde(borrow)]
    marks: Marks<'a>,
}

pub(super) fn write_subnet(subnet: &fleet::Subnet, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Subnet {
        account: subnet.account.0,
        network: subnet.network.as_str(),
        zone: subnet.zone.as_str(),
        block: subnet.block.net().into(),
        name: &subnet.name,
        description: &subnet.description,
        created_at: subnet.created_at.millis(),
        ready_at: subnet.ready_at.millis(),
        pool: subnet.pool.into(),
        ipv6: subnet.ipv6.map(Into::into),
        marks: (&subnet.marks).into(),
    };
    to.write(SUBNET_VERSION, &fields)
}

pub(super) fn read_subnet(name: Label, stored: &Stored<'_>) -> Result<fleet::Subnet, DecodeError> {
    const NAME: &str = "subnet";
    let fields: Subnet<'_> = match stored.version {
        SUBNET_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, SUBNET_VERSION)),
    };
    Ok(fleet::Subnet {
        label: name,
        account: AccountId(fields.account),
        network: label(fields.network)?,
        zone: label(fields.zone)?,
        block: subnet_block(fields.block)?,
        name: fields.name.into(),
        description: fields.description.into(),
        created_at: Time::from_millis(fields.created_at),
        ready_at: Time::from_millis(fields.ready_at),
        pool: fields.pool.into(),
        ipv6: fields.ipv6.map(TryInto::try_into).transpose()?,
        marks: fields.marks.try_into()?,
    })
}

#[derive(Deserialize, Serialize)]
struct Group<'a> {
    account: u64,
    network: &'a str,
    name: &'a str,
    description: &'a str,
    created_at: u64,
    members: u32,
    rules: u32,
    named_by: u32,
    #[serde(borrow)]
    marks: Marks<'a>,
}

pub(super) fn write_group(group: &fleet::Group, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Group {
        account: group.account.0,
        network: group.network.as_str(),
        name: &group.name,
        description: &group.description,
        created_at: group.created_at.millis(),
        members: group.members,
        rules: group.rules,
        named_by: group.named_by,
        marks: (&group.marks).into(),
    };
    to.write(GROUP_VERSION, &fields)
}

pub(super) fn read_group(name: Label, stored: &Stored<'_>) -> Result<fleet::Group, DecodeError> {
    const NAME: &str = "group";
    let fields: Group<'_> = match stored.version {
        GROUP_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, GROUP_VERSION)),
    };
    Ok(fleet::Group {
        label: name,
        account: AccountId(fields.account),
        network: label(fields.network)?,
        name: fields.name.into(),
        description: fields.description.into(),
        created_at: Time::from_millis(fields.created_at),
        members: fields.members,
        rules: fields.rules,
        named_by: fields.named_by,
        marks: fields.marks.try_into()?,
    })
}
