//! Networks and subnets: `contract/zenlayer.md` section 6.

use std::net::Ipv4Addr;

use fleet::{Catalogue, InstanceId, Network, Region, Subnet, Time, Zone};
use serde_json::{Value, json};

use super::super::Fields;
use super::super::view::DEFAULT_RESOURCE_GROUP;
use super::{DEFAULT_RESOURCE_GROUP_NAME, fields, page};
use crate::time;

const AVAILABLE: &str = "AVAILABLE";
const CREATING: &str = "CREATING";

/// The status of a network at `now`.
#[must_use]
pub fn network_status(network: &Network, now: Time) -> &'static str {
    if network.is_ready(now) { AVAILABLE } else { CREATING }
}

/// The status of a subnet at `now`.
#[must_use]
pub fn subnet_status(subnet: &Subnet, now: Time) -> &'static str {
    if subnet.is_ready(now) { AVAILABLE } else { CREATING }
}

/// A new network.
#[must_use]
pub fn create_vpc(network: &Network) -> Fields {
    fields(json!({ "vpcId": network.label.as_str() }))
}

/// A new subnet.
#[must_use]
pub fn create_subnet(subnet: &Subnet) -> Fields {
    fields(json!({ "subnetId": subnet.label.as_str() }))
}

/// A page of networks, as they are at `now`.
#[must_use]
pub fn describe_vpcs(rows: &[Network], total: usize, catalogue: &Catalogue, now: Time) -> Fields {
    let row = |network: &Network| {
        let region = catalogue.regions.get(&network.region);
        json!({
            "vpcId": network.label.as_str(),
            "vpcRegionId": network.region.as_str(),
            "vpcRegionName": region.map_or("", |region| &region.local_name),
            "vpcName": network.name,
            "cidrBlock": network.block.to_string(),
            "resourceGroupId": DEFAULT_RESOURCE_GROUP,
            "resourceGroupName": DEFAULT_RESOURCE_GROUP_NAME,
            "createTime": time::seconds(network.created_at),
            "vpcStatus": network_status(network, now),
            "tags": { "tags": [] },
        })
    };
    page(rows.iter().map(row).collect(), total)
}

/// A subnet, the network it is in unless it stands alone, and who has addresses in it.
pub type Row = (Subnet, Option<Network>, Vec<(InstanceId, Ipv4Addr)>);

/// A page of subnets, as they are at `now`.
#[must_use]
pub fn describe_subnets(rows: &[Row], total: usize, now: Time) -> Fields {
    let row = |(subnet, network, members): &Row| {
        let member = |(id, address): &(InstanceId, Ipv4Addr)| {
            json!({
                "instanceId": id.to_string(),
                "privateIpAddress": address.to_string(),
                "privateIpStatus": AVAILABLE,
            })
        };
        json!({
            "subnetId": subnet.label.as_str(),
            "zoneId": subnet.zone.as_str(),
            "subnetName": subnet.name,
            "vpcId": network.as_ref().map(|network| network.label.as_str()),
            "vpcName": network.as_ref().map(|network| &network.name),
            "cidrBlock": subnet.block.net().to_string(),
            "createTime": time::seconds(subnet.created_at),
            "resourceGroupId": DEFAULT_RESOURCE_GROUP,
            "resourceGroupName": DEFAULT_RESOURCE_GROUP_NAME,
            "subnetStatus": subnet_status(subnet, now),
            "subnetInstanceSet": members.iter().map(member).collect::<Vec<_>>(),
        })
    };
    page(rows.iter().map(row).collect(), total)
}

/// The regions that networks can be made in, and their zones.
#[must_use]
pub fn describe_vpc_available_regions<'r>(rows: impl Iterator<Item = (&'r Region, Vec<&'r Zone>)>) -> Fields {
    let row = |(region, zones): (&Region, Vec<&Zone>)| -> Value {
        json!({
            "vpcRegionId": region.label.as_str(),
            "vpcRegionName": region.local_name,
            "zoneIds": zones.iter().map(|zone| zone.label.as_str()).collect::<Vec<_>>(),
        })
    };
    fields(json!({ "vpcRegionSet": rows.map(row).collect::<Vec<_>>() }))
}

/// The zones that subnets can be made in.
#[must_use]
pub fn describe_subnet_available_resources<'z>(zones: impl Iterator<Item = &'z Zone>) -> Fields {
    fields(json!({ "zoneIdSet": zones.map(|zone| zone.label.as_str()).collect::<Vec<_>>() }))
}
