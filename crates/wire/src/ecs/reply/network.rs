//! VPCs, vSwitches and security groups: `contract/ecs-actions.md` sections 5 and 6. The shapes are
//! those of 2016-04-28, which have all that 2014-05-26 has and more.

use fleet::{Group, Label, Marks, Network, Policy, Subnet, Tag, Time};

use super::{Listing, NONE, Reply, ids, tags};
use crate::document::Object;
use crate::ecs::request::network::{GROUP_TYPE, GROUP_TYPE_NORMAL, USER_BLOCKS};
use crate::time;

/// A VPC that was made.
#[must_use]
pub fn create_vpc(network: &Label, resource_group: Option<&Label>) -> Reply {
    let body = Object::new()
        .text("VpcId", network.as_str())
        .text("VRouterId", ids::router(network))
        .text("RouteTableId", ids::route_table(network))
        .text("ResourceGroupId", resource_group.map_or("", Label::as_str));
    Reply::new("CreateVpc", body)
}

/// A vSwitch that was made.
#[must_use]
pub fn create_vswitch(subnet: &Label) -> Reply {
    Reply::new("CreateVSwitch", Object::new().text("VSwitchId", subnet.as_str()))
}

/// A security group that was made.
#[must_use]
pub fn create_security_group(group: &Label) -> Reply {
    Reply::new("CreateSecurityGroup", Object::new().text("SecurityGroupId", group.as_str()))
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
        .list("UserCidrs", "UserCidr", user_blocks(network))
        .list("NatGatewayIds", "NatGatewayIds", NONE)
        .list("RouterTableIds", "RouterTableIds", [ids::route_table(&network.label)])
        .list("SecondaryCidrBlocks", "SecondaryCidrBlock", NONE)
        .text("ResourceGroupId", resource_group(&network.marks))
        .list("Tags", "Tag", vpc_tags(&network.marks.tags))
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
        .text("ResourceGroupId", resource_group(&subnet.marks))
        .text("NetworkAclId", "")
        .integer("OwnerId", subnet.account.0)
        .text("ShareType", "")
        .text("Ipv6CidrBlock", subnet.ipv6.map(|ipv6| ipv6.block().to_string()).unwrap_or_default())
        .boolean("EnabledIpv6", subnet.ipv6.is_some())
        .object("RouteTable", route_table)
        .list("Tags", "Tag", vpc_tags(&subnet.marks.tags))
}

fn security_group(group: &Group, policy: &Policy) -> Object {
    Object::new()
        .text("SecurityGroupId", group.label.as_str())
        .text("SecurityGroupName", group.name.as_str())
        .text("Description", group.description.as_str())
        .text("SecurityGroupType", group.marks.settings.get(GROUP_TYPE).unwrap_or(GROUP_TYPE_NORMAL))
        .text("VpcId", group.network.as_str())
        .text("CreationTime", time::seconds(group.created_at))
        .text("ResourceGroupId", resource_group(&group.marks))
        .integer("EcsCount", group.members)
        .integer("AvailableInstanceAmount", policy.group_members_max.saturating_sub(group.members))
        .integer("RuleCount", group.rules)
        .boolean("ServiceManaged", false)
        .list("Tags", "Tag", tags(&group.marks.tags))
}

fn resource_group(marks: &Marks) -> &str {
    marks.resource_group.as_ref().map_or("", Label::as_str)
}

/// Tags as the API of 2016-04-28 shows them.
fn vpc_tags(tags: &[Tag]) -> impl Iterator<Item = Object> {
    tags.iter().map(|tag| Object::new().text("Key", tag.key.as_str()).text("Value", tag.value.as_str()))
}

fn user_blocks(network: &Network) -> impl Iterator<Item = &str> {
    let blocks = network.marks.settings.get(USER_BLOCKS).unwrap_or_default();
    blocks.split(',').map(str::trim).filter(|block| !block.is_empty())
}
