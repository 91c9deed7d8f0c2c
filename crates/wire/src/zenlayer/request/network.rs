//! Networks and subnets: `contract/zenlayer.md` section 6.

use std::net::Ipv4Addr;

use fleet::{
    AccountId, Attach, Instance, InstanceId, Label, LabelSource, Marks, NamePattern, Network, NewSubnet,
    Paging, Ready, SubnetBlock,
};
use ipnet::Ipv4Net;

use super::super::body::{Body, invalid, named};
use super::super::{Code, Fault};
use super::instances::{IDS_MAX, pattern};
use super::launch::plain_name;
use super::{instance_id, paging, tag_filter};

/// A network whose region has to be there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewNetwork {
    /// The region.
    pub region: Label,
    /// The network.
    pub network: fleet::CreateNetwork,
}

impl NewNetwork {
    pub(super) fn parse(body: Body<'_>, account: AccountId) -> Result<Self, Fault> {
        let block = body.needed("cidrBlock")?;
        let region = named(body.needed("vpcRegionId")?);
        let name = match body.text("vpcName") {
            Some(_) => plain_name(body, "vpcName")?.to_owned(),
            None => "vpc".to_owned(),
        };
        let block =
            private_net(block, Code::INVALID_PARAMETER_VPC_CIDR_BLOCK, Code::INVALID_PARAMETER_VPC_LAN_IP)?;
        if !(16..=28).contains(&block.prefix_len()) {
            return Err(Code::INVALID_PARAMETER_VPC_LAN_IP_NETMASK.into());
        }
        let network = fleet::CreateNetwork {
            account,
            label: LabelSource::Drawn("vpc-"),
            region: region.clone(),
            block,
            ipv6: None,
            ready: Ready::Settled,
            name,
            description: String::new(),
            marks: Marks::default(),
        };
        Ok(Self { region, network })
    }
}

/// A block of private addresses, or the code of what is wrong with it.
fn private_net(text: &str, malformed: Code, not_private: Code) -> Result<Ipv4Net, Fault> {
    let block: Ipv4Net = text.parse().map_err(|_| Fault::about(malformed, text))?;
    if block.addr() != block.network() {
        return Err(Fault::about(malformed, text));
    }
    let ranges = [
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
    ];
    let mut ranges = ranges.into_iter().filter_map(|(start, mask)| Ipv4Net::new(start, mask).ok());
    match ranges.any(|range| range.contains(&block)) {
        true => Ok(block),
        false => Err(Fault::about(not_private, text)),
    }
}

/// The subnet that is asked for. Its zone is as it was sent: it has to be there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubnetOrder {
    /// The zone, as it was sent.
    pub zone: String,
    /// The subnet.
    pub subnet: NewSubnet,
}

impl SubnetOrder {
    pub(super) fn parse(body: Body<'_>, account: AccountId) -> Result<Self, Fault> {
        let block = body.needed("cidrBlock")?;
        let zone = body.needed("zoneId")?.to_owned();
        let name = match body.text("subnetName") {
            Some(_) => plain_name(body, "subnetName")?.to_owned(),
            None => "subnet".to_owned(),
        };
        let block = private_net(
            block,
            Code::INVALID_PARAMETER_SUBNET_CIDR_BLOCK,
            Code::INVALID_PARAMETER_SUBNET_LAN_IP,
        )?;
        let block = SubnetBlock::new(block).ok_or(Code::INVALID_PARAMETER_SUBNET_LAN_IP_NETMASK)?;
        let subnet = NewSubnet {
            account,
            network: body.label("vpcId"),
            zone: named(&zone),
            block,
            ready: Ready::Settled,
            name,
            marks: Marks::default(),
        };
        Ok(Self { zone, subnet })
    }
}

/// Which networks are shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NetworkListing {
    /// Which part of them.
    pub paging: Paging<Label>,
    ids: Vec<Label>,
    block: Option<String>,
    status: Option<String>,
    name: Option<NamePattern>,
    region: Option<Label>,
    resource_group: Option<String>,
    tags: bool,
}

impl NetworkListing {
    pub(super) fn parse(body: Body<'_>) -> Result<Self, Fault> {
        Ok(Self {
            paging: paging(body)?,
            ids: listed(body, "vpcIds")?,
            block: body.text("cidrBlock").map(str::to_owned),
            status: body.text("vpcStatus").map(str::to_owned),
            name: body.text("vpcName").map(pattern),
            region: body.label("vpcRegionId"),
            resource_group: body.text("resourceGroupId").map(str::to_owned),
            tags: !body.texts("tagKeys").is_empty() || !tag_filter(body).is_empty(),
        })
    }

    /// Whether the listing shows `network`, which is in `status` and has no tags.
    #[must_use]
    pub fn matches(&self, network: &Network, status: &str) -> bool {
        (self.ids.is_empty() || self.ids.contains(&network.label))
            && self.block.as_ref().is_none_or(|block| *block == network.block.to_string())
            && self.status.as_ref().is_none_or(|wanted| wanted == status)
            && self.name.as_ref().is_none_or(|name| name.matches(&network.name))
            && self.region.as_ref().is_none_or(|region| *region == network.region)
            && is_default_group(self.resource_group.as_deref())
            && !self.tags
    }
}

/// Networks and subnets are of the default group of resources.
fn is_default_group(wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| wanted == super::super::view::DEFAULT_RESOURCE_GROUP)
}

/// Which subnets are shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubnetListing {
    /// Which part of them.
    pub paging: Paging<Label>,
    ids: Vec<Label>,
    block: Option<String>,
    zone: Option<Label>,
    name: Option<NamePattern>,
    network: Option<Label>,
    resource_group: Option<String>,
    status: Option<String>,
}

impl SubnetListing {
    pub(super) fn parse(body: Body<'_>) -> Result<Self, Fault> {
        Ok(Self {
            paging: paging(body)?,
            ids: listed(body, "subnetIds")?,
            block: body.text("cidrBlock").map(str::to_owned),
            zone: body.label("zoneId"),
            name: body.text("subnetName").map(pattern),
            network: body.label("vpcId"),
            resource_group: body.text("resourceGroupId").map(str::to_owned),
            status: body.text("subnetStatus").map(str::to_owned),
        })
    }

    /// Whether the listing shows `subnet`, which is in `status`.
    #[must_use]
    pub fn matches(&self, subnet: &fleet::Subnet, status: &str) -> bool {
        let network = (!subnet.stands_alone()).then_some(&subnet.network);
        (self.ids.is_empty() || self.ids.contains(&subnet.label))
            && self.block.as_ref().is_none_or(|block| *block == subnet.block.net().to_string())
            && self.zone.as_ref().is_none_or(|zone| *zone == subnet.zone)
            && self.name.as_ref().is_none_or(|name| name.matches(&subnet.name))
            && self.network.as_ref().is_none_or(|wanted| network == Some(wanted))
            && is_default_group(self.resource_group.as_deref())
            && self.status.as_ref().is_none_or(|wanted| wanted == status)
    }
}

/// The ids that a listing names.
fn listed(body: Body<'_>, name: &str) -> Result<Vec<Label>, Fault> {
    let texts = body.texts(name);
    match texts.len() > IDS_MAX {
        true => Err(invalid(name)),
        false => Ok(texts.into_iter().map(named).collect()),
    }
}

/// The request to attach instances to a subnet.
pub(super) fn attach(body: Body<'_>, account: AccountId) -> Result<Attach, Fault> {
    let subnet = named(body.needed("subnetId")?);
    let rows = body.objects("subnetInstanceList");
    if rows.is_empty() {
        return Err(Fault::about(Code::MISSING_PARAMETER, "subnetInstanceList"));
    }
    if rows.len() > IDS_MAX {
        return Err(invalid("subnetInstanceList"));
    }
    let row = |row: Body<'_>| -> Result<(InstanceId, Option<Ipv4Addr>), Fault> {
        let id = instance_id(row.needed("instanceId")?);
        let address = row.text("privateIpAddress").map(str::parse::<Ipv4Addr>).transpose();
        Ok((id, address.map_err(|_| Code::INVALID_PARAMETER_LAN_IP_NOT_SUPPORT)?))
    };
    Ok(Attach { account, subnet, instances: rows.into_iter().map(row).collect::<Result<_, _>>()? })
}

/// The addresses that instances have in a subnet.
#[must_use]
pub fn members<'a>(
    subnet: &Label,
    instances: impl Iterator<Item = &'a Instance>,
) -> Vec<(InstanceId, Ipv4Addr)> {
    let of = |instance: &'a Instance| {
        instance.attached.iter().map(move |place| (instance.id, place.subnet.clone(), place.address))
    };
    let rows = instances.flat_map(of).filter(|(_, label, _)| label == subnet);
    rows.map(|(id, _, address)| (id, address)).collect()
}
