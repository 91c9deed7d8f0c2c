//! VPCs, vSwitches and security groups: `contract/ecs-actions.md` sections 5 and 6. The shapes are
//! those of 2016-04-28, which have all that 2014-05-26 has and more.

use fleet::{Group, Label, Network, Policy, Subnet, Time};

use super::{Listing, NONE, Reply, ids};
use crate::document::Object;
use crate::time;

/// A VPC that was made.
#[must_use]
pub fn create_vpc(network: &Network) -> Reply {
    let body = Object::new()
        .text("VpcId", network.label.as_str())
        .text("VRouterId", ids::router(&network.label))
        .text("RouteTableId", ids::route_table(&network.label))
        .text("ResourceGroupId", "");
    Reply::new("CreateVpc", body)
}

/// A vSwitch that was made.
#[must_use]
pub fn create_vswitch(subnet: &Subnet) -> Reply {
    Reply::new("CreateVSwitch", Object::new().text("VSwitchId", subnet.label.as_str()))
}

/// A security group that was made.
#[must_use]
pub fn create_security_group(group: &Group) -> Reply {
    Reply::new("CreateSecurityGroup", Object::new().text("SecurityGroupId", group.label.as_str()))
}

/// VPCs.
#[must_use]
pub fn describe_vpcs(listing: &Listing<Network>, now: Time) -> Reply {
    Reply::new(
        "DescribeVpcs",
        listing.numbers().list("Vpcs", "Vpc", listing.rows.iter().map(|network| vpc(network, now))),
    )
}

/// vSwitches, each with the addresses it can still give out.
#[must_use]
pub fn describe_vswitches(listing: &Listing<Subnet>, now: Time) -> Reply {
    let rows = listing.rows.iter().map(|subnet| vswitch(subnet, now));
    Reply::new("DescribeVSwitches", listing.numbers().list("VSwitches", "VSwitch", rows))
}

/// Security groups of a region, each with the places it still has.
#[must_use]
pub fn describe_security_groups(listing: &Listing<Group>, region: &Label, policy: &Policy) -> Reply {
    let rows = listing.rows.iter().map(|group| security_group(group, policy));
    let body = listing.numbers_and_token().text("RegionId", region.as_str()).list(
        "SecurityGroups",
        "SecurityGroup",
        rows,
    );
    Reply::new("DescribeSecurityGroups", body)
}

const fn status(ready: bool) -> &'static str {
    match ready {
        true => "Available",
        false => "Pending",
    }
}

fn vpc(network: &Network, now: Time) -> Object {
    Object::new()
        .text("VpcId", network.label.as_str())
        .text("RegionId", network.region.as_str())
        .text("Status", status(network.is_ready(now)))
        .text("VpcName", network.name.as_str())
        .text("Description", network.description.as_str())
        .text("CreationTime", time::seconds(network.created_at))
        .text("CidrBlock", network.block.to_string())
        .text("VRouterId", ids::router(&network.label))
        .boolean("IsDefault", false)
        .list("VSwitchIds", "VSwitchId", network.subnets.iter().map(|(label, _)| label.as_str()))
        .list("UserCidrs", "UserCidr", NONE)
        .list("NatGatewayIds", "NatGatewayIds", NONE)
        .list("RouterTableIds", "RouterTableIds", [ids::route_table(&network.label)])
        .list("SecondaryCidrBlocks", "SecondaryCidrBlock", NONE)
        .text("ResourceGroupId", "")
        .list("Tags", "Tag", NONE)
        .integer("OwnerId", network.account.0)
        .text("CenStatus", "Detached")
        .text("Ipv6CidrBlock", network.ipv6.map(|block| block.to_string()).unwrap_or_default())
        .boolean("EnabledIpv6", network.ipv6.is_some())
}

fn vswitch(subnet: &Subnet, now: Time) -> Object {
    let route_table = Object::new()
        .text("RouteTableId", ids::route_table(&subnet.network))
        .text("RouteTableType", "System");
    Object::new()
        .text("VSwitchId", subnet.label.as_str())
        .text("VpcId", subnet.network.as_str())
        .text("Status", status(subnet.is_ready(now)))
        .text("CidrBlock", subnet.block.net().to_string())
        .text("ZoneId", subnet.zone.as_str())
        .integer("AvailableIpAddressCount", subnet.pool.free)
        .text("Description", subnet.description.as_str())
        .text("VSwitchName", subnet.name.as_str())
        .text("CreationTime", time::seconds(subnet.created_at))
        .boolean("IsDefault", false)
        .text("ResourceGroupId", "")
        .text("NetworkAclId", "")
        .integer("OwnerId", subnet.account.0)
        .text("ShareType", "")
        .text("Ipv6CidrBlock", subnet.ipv6.map(|ipv6| ipv6.block().to_string()).unwrap_or_default())
        .boolean("EnabledIpv6", subnet.ipv6.is_some())
        .object("RouteTable", route_table)
        .list("Tags", "Tag", NONE)
}

fn security_group(group: &Group, policy: &Policy) -> Object {
    Object::new()
        .text("SecurityGroupId", group.label.as_str())
        .text("SecurityGroupName", group.name.as_str())
        .text("Description", group.description.as_str())
        .text("SecurityGroupType", "normal")
        .text("VpcId", group.network.as_str())
        .text("CreationTime", time::seconds(group.created_at))
        .text("ResourceGroupId", "")
        .integer("EcsCount", group.members)
        .integer("AvailableInstanceAmount", policy.group_members_max.saturating_sub(group.members))
        .boolean("ServiceManaged", false)
        .list("Tags", "Tag", NONE)
}
