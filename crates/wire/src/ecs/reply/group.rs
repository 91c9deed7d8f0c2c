//! The rules of a security group: `contract/ecs-actions.md` section 5.

use fleet::{Direction, Group, Label, Peer, Ports, Protocol, Rule, Traffic, Verdict};
use ipnet::IpNet;

use super::{NONE, Reply, ids};
use crate::document::Object;
use crate::ecs::request::paging;
use crate::time;

/// Rules of a group, and where to go on when there are more.
#[must_use]
pub fn describe_security_group_attribute(group: &Group, region: &Label, rules: &[Rule], more: bool) -> Reply {
    let next_token = rules.last().filter(|_| more).map(|rule| paging::next_token(&rule.id));
    let body = Object::new()
        .text("RegionId", region.as_str())
        .text("SecurityGroupId", group.label.as_str())
        .text("SecurityGroupName", group.name.as_str())
        .text("Description", group.description.as_str())
        .text("VpcId", group.network.as_str())
        .text("InnerAccessPolicy", "Accept")
        .text("NextToken", next_token.unwrap_or_default())
        .list("SnapshotPolicyIds", "SnapshotPolicyId", NONE)
        .list("Permissions", "Permission", rules.iter().map(permission));
    Reply::new("DescribeSecurityGroupAttribute", body)
}

/// One side of a rule: addresses of either kind, a group, a list.
#[derive(Default)]
struct Side<'r> {
    v4: String,
    v6: String,
    group: &'r str,
    list: &'r str,
}

impl<'r> Side<'r> {
    fn far(peer: &'r Peer) -> Self {
        match peer {
            Peer::Block(net) => Self::near(Some(*net)),
            Peer::Group(label) => Self { group: label.as_str(), ..Self::default() },
            Peer::List(label) => Self { list: label.as_str(), ..Self::default() },
        }
    }

    fn near(net: Option<IpNet>) -> Self {
        match net {
            Some(IpNet::V4(net)) => Self { v4: net.to_string(), ..Self::default() },
            Some(IpNet::V6(net)) => Self { v6: net.to_string(), ..Self::default() },
            None => Self::default(),
        }
    }
}

fn permission(rule: &Rule) -> Object {
    let Traffic { direction, verdict, priority, protocol, ports, source_ports, port_list, far, near } =
        &rule.traffic;
    let (far, near) = (Side::far(far), Side::near(*near));
    let (direction, source, dest) = match direction {
        Direction::In => ("ingress", far, near),
        Direction::Out => ("egress", near, far),
    };
    Object::new()
        .text("SecurityGroupRuleId", ids::rule(rule.id))
        .text("Direction", direction)
        .text("IpProtocol", protocol_name(*protocol))
        .text("PortRange", range(*ports))
        .text("SourcePortRange", source_ports.map(range).unwrap_or_default())
        .text("PortRangeListId", port_list.as_ref().map_or("", Label::as_str))
        .text("PortRangeListName", "")
        .text("Policy", policy(*verdict))
        .text("Priority", priority.to_string())
        .text("NicType", "intranet")
        .text("Description", rule.description.as_str())
        .text("CreateTime", time::seconds(rule.created_at))
        .text("SourceCidrIp", source.v4)
        .text("Ipv6SourceCidrIp", source.v6)
        .text("SourceGroupId", source.group)
        .text("SourceGroupName", "")
        .text("SourceGroupOwnerAccount", "")
        .text("SourcePrefixListId", source.list)
        .text("SourcePrefixListName", "")
        .text("DestCidrIp", dest.v4)
        .text("Ipv6DestCidrIp", dest.v6)
        .text("DestGroupId", dest.group)
        .text("DestGroupName", "")
        .text("DestGroupOwnerAccount", "")
        .text("DestPrefixListId", dest.list)
        .text("DestPrefixListName", "")
}

const fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Icmp => "ICMP",
        Protocol::Gre => "GRE",
        Protocol::All => "ALL",
    }
}

const fn policy(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "Accept",
        Verdict::Drop => "Drop",
    }
}

fn range(ports: Ports) -> String {
    match ports {
        Ports::All => "-1/-1".to_owned(),
        Ports::Range { first, last } => format!("{first}/{last}"),
    }
}
