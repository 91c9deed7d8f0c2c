//! Rules of security groups: `contract/ecs-actions.md` section 5. One rule stands in the request
//! itself, or up to 100 in `Permissions.N`; both are read alike. Adding twice is adding once, and
//! removing twice removing once: a client token has nothing to add to that, and is ignored.

use std::net::IpAddr;

use fleet::{
    AccountId, AddRules, Direction, Label, Peer, Ports, Protocol, RemoveRules, RuleId, RuleWish, Traffic,
    Verdict,
};
use ipnet::IpNet;

use super::Action;
use super::paging;
use super::take::{choice, ignore, label, region};
use crate::ecs::reply::ids::RULE_PREFIX;
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params, integer};

/// How many rules one request can have.
const RULES_MAX: u32 = 100;
/// The longest description of a rule, in characters.
const DESCRIPTION_MAX: usize = 512;

/// What is asked about the rules of a group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GroupRuleRequest {
    /// Add some, and which action says so.
    Add(AddRules, Action),
    /// Take some away.
    Remove(RemoveRules),
    /// List them.
    List(RuleListing),
}

/// Which rules of a group to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleListing {
    /// Whose group.
    pub account: AccountId,
    /// Where.
    pub region: Label,
    /// Which group.
    pub group: Label,
    /// Of traffic this way.
    pub direction: Option<Direction>,
    /// Whether rules of the kind that a group of a VPC has are asked for.
    pub of_vpc: bool,
    /// Those after this one.
    pub after: Option<RuleId>,
    /// So many at most.
    pub size: usize,
}

pub(super) fn add(
    params: &mut Params,
    account: AccountId,
    direction: Direction,
) -> Result<GroupRuleRequest, Fault> {
    let (region, group) = place(params)?;
    let rules = wishes(params, direction, &group)?;
    let action = match direction {
        Direction::In => Action::AuthorizeSecurityGroup,
        Direction::Out => Action::AuthorizeSecurityGroupEgress,
    };
    Ok(GroupRuleRequest::Add(AddRules { account, region, group, rules }, action))
}

pub(super) fn remove(params: &mut Params, account: AccountId) -> Result<GroupRuleRequest, Fault> {
    let (region, group) = place(params)?;
    let texts = params.take_list("SecurityGroupRuleId")?;
    // What is no id names no rule, and that is nothing to take away.
    let id = |text: &String| text.strip_prefix(RULE_PREFIX).and_then(RuleId::parse);
    let ids: Vec<RuleId> = texts.iter().filter_map(id).collect();
    let about = match texts.is_empty() {
        true => wishes(params, Direction::In, &group)?.into_iter().map(|wish| wish.traffic).collect(),
        false => {
            drop_rule(params, Direction::In);
            for mut entry in params.take_structs_up_to("Permissions", u32::MAX)? {
                drop_rule(&mut entry.params, Direction::In);
                ignore(&mut entry.params, &["PortRangeListId"]);
                params.give_back(entry);
            }
            Vec::new()
        }
    };
    Ok(GroupRuleRequest::Remove(RemoveRules { account, region, group, ids, about }))
}

pub(super) fn list(params: &mut Params, account: AccountId) -> Result<GroupRuleRequest, Fault> {
    let (region, group) = place(params)?;
    let directions = [("ingress", Some(Direction::In)), ("egress", Some(Direction::Out)), ("all", None)];
    let direction = choice(params, "Direction", &directions, Code::INVALID_PARAMETER_NAMED)?.flatten();
    let of_vpc = nic_type(params)? != Some(Nic::Internet);
    let (after, size) = match paging::after(params, (1, 1000))? {
        Some(fleet::Paging::After { last, size }) => (last, size),
        Some(fleet::Paging::Numbered { .. }) | None => (None, usize::MAX),
    };
    Ok(GroupRuleRequest::List(RuleListing { account, region, group, direction, of_vpc, after, size }))
}

/// The region and the group, which have to be there.
fn place(params: &mut Params) -> Result<(Label, Label), Fault> {
    let region = region(params)?;
    let parse = |text: &str| Label::parse(text).map_err(|_| Code::INVALID_SECURITY_GROUP_ID_MALFORMED);
    let group = params.take("SecurityGroupId", parse)?.ok_or(Fault::missing("SecurityGroupId"))?;
    Ok((region, group))
}

/// The rules of a request: those in its list, or the one it is.
fn wishes(params: &mut Params, direction: Direction, group: &Label) -> Result<Vec<RuleWish>, Fault> {
    let entries = params.take_structs_up_to("Permissions", RULES_MAX)?;
    if entries.is_empty() {
        return Ok(vec![wish(params, direction, group, Form::Single)?]);
    }
    drop_rule(params, direction);
    let mut wishes = Vec::new();
    for Entry { index, params: mut entry } in entries {
        wishes.push(wish(&mut entry, direction, group, Form::Listed).map_err(|fault| {
            let name = fault.parameter.clone().unwrap_or_default();
            match name.starts_with("Permissions") {
                true => fault,
                false => fault.about(format!("Permissions.{index}.{name}")),
            }
        })?);
        params.give_back(Entry { index, params: entry });
    }
    Ok(wishes)
}

/// Takes what describes one rule, where it is not looked at.
fn drop_rule(params: &mut Params, direction: Direction) {
    const EITHER: [&str; 11] = [
        "Description",
        "DestCidrIp",
        "IpProtocol",
        "Ipv6DestCidrIp",
        "Ipv6SourceCidrIp",
        "NicType",
        "Policy",
        "PortRange",
        "Priority",
        "SourceCidrIp",
        "SourcePortRange",
    ];
    ignore(params, &EITHER);
    let (group, list) = far_names(direction);
    ignore(params, &[group, list]);
}

/// How a group and a list on the other side are named.
const fn far_names(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::In => ("SourceGroupId", "SourcePrefixListId"),
        Direction::Out => ("DestGroupId", "DestPrefixListId"),
    }
}

/// Where a rule stands in its request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// It is the request: the documents of 2014.
    Single,
    /// In a list: the newer documents.
    Listed,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Nic {
    Internet,
    Intranet,
}

fn wish(params: &mut Params, direction: Direction, group: &Label, form: Form) -> Result<RuleWish, Fault> {
    let protocol = params.take("IpProtocol", protocol)?.ok_or(Fault::missing("IpProtocol"))?;
    let port_list = match form {
        Form::Single => None,
        Form::Listed => params.take_text("PortRangeListId").map(|text| label(&text)),
    };
    let range = params.take("PortRange", |text| ports(text, Code::INVALID_IP_PROTOCOL_MALFORMED))?;
    let code = Code::INVALID_SOURCE_PORT_RANGE_MALFORMED;
    let source_ports = params.take("SourcePortRange", |text| ports(text, code))?;
    let ports = match (range, &port_list) {
        (Some(ports), _) => ports,
        (None, Some(_)) => Ports::All,
        (None, None) => return Err(Fault::missing("PortRange")),
    };
    let has_ports = matches!(protocol, Protocol::Tcp | Protocol::Udp);
    if port_list.is_none() && has_ports != matches!(ports, Ports::Range { .. }) {
        return Err(Fault::new(Code::OPERATION_DENIED_PORT_RANGE).about("PortRange"));
    }
    let (far, near) = sides(params, direction, form)?;
    let verdict = params.take("Policy", policy)?.unwrap_or(Verdict::Accept);
    let priority = params.take("Priority", priority)?.unwrap_or(1);
    match (nic_type(params)?, &far) {
        (Some(Nic::Internet), Peer::Group(_)) => {
            return Err(Fault::new(Code::INVALID_SOURCE_GROUP_ID_MISMATCH_NIC_TYPE).about("NicType"));
        }
        (Some(Nic::Internet), Peer::Block(_) | Peer::List(_)) => {
            return Err(Fault::new(Code::INVALID_NIC_TYPE_MISMATCH).about("NicType"));
        }
        (Some(Nic::Intranet) | None, _) => {}
    }
    let description = params.take("Description", description)?.unwrap_or_default();
    if far == Peer::Group(group.clone()) {
        return Err(Fault::new(Code::INVALID_PARAMTER_CONFLICT_GROUP).about("SourceGroupId"));
    }
    if matches!((&far, &near), (Peer::Block(far), Some(near)) if far == near) {
        return Err(Fault::new(Code::INVALID_PARAMTER_CONFLICT_CIDR).about("DestCidrIp"));
    }
    let traffic =
        Traffic { direction, verdict, priority, protocol, ports, source_ports, port_list, far, near };
    Ok(RuleWish { traffic, description })
}

/// Who is on the other side, and which addresses on this one. Addresses count before a group.
fn sides(params: &mut Params, direction: Direction, form: Form) -> Result<(Peer, Option<IpNet>), Fault> {
    let (source, dest) = (Code::INVALID_SOURCE_CIDR_IP_MALFORMED, Code::INVALID_DEST_CIDR_IP_MALFORMED);
    let source_v4 = params.take("SourceCidrIp", |text| block(text, IpAddr::is_ipv4, source))?;
    let source_v6 = params.take("Ipv6SourceCidrIp", |text| block(text, IpAddr::is_ipv6, source))?;
    let dest_v4 = params.take("DestCidrIp", |text| block(text, IpAddr::is_ipv4, dest))?;
    let dest_v6 = params.take("Ipv6DestCidrIp", |text| block(text, IpAddr::is_ipv6, dest))?;
    let (source, dest) = (source_v4.or(source_v6), dest_v4.or(dest_v6));
    let (far, near) = match direction {
        Direction::In => (source, dest),
        Direction::Out => (dest, source),
    };
    let (group, list) = far_names(direction);
    let group = params.take_text(group).map(|text| Peer::Group(label(&text)));
    let list = params.take_text(list).map(|text| Peer::List(label(&text)));
    let missing = match (direction, form) {
        (Direction::In, Form::Single) => {
            Fault::new(Code::MISSING_PARAMETER_SOURCE_BLANK).about("SourceCidrIp")
        }
        (Direction::In, Form::Listed) => Fault::new(Code::MISSING_PARAMETER_SOURCE).about("SourceCidrIp"),
        (Direction::Out, Form::Single | Form::Listed) => Fault::missing("DestCidrIp"),
    };
    let far = far.map(Peer::Block).or(group).or(list).ok_or(missing)?;
    Ok((far, near))
}

fn protocol(text: &str) -> Result<Protocol, Code> {
    const ALL: [(&str, Protocol); 5] = [
        ("tcp", Protocol::Tcp),
        ("udp", Protocol::Udp),
        ("icmp", Protocol::Icmp),
        ("gre", Protocol::Gre),
        ("all", Protocol::All),
    ];
    let found = ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, protocol)| *protocol).ok_or(Code::INVALID_IP_PROTOCOL_VALUE_NOT_SUPPORTED)
}

/// `1/65535`, or `-1/-1` for all.
fn ports(text: &str, malformed: Code) -> Result<Ports, Code> {
    let (first, last) = text.split_once('/').ok_or(malformed)?;
    if (first, last) == ("-1", "-1") {
        return Ok(Ports::All);
    }
    match (integer::<u16>(first), integer::<u16>(last)) {
        (Ok(first @ 1..), Ok(last)) if first <= last => Ok(Ports::Range { first, last }),
        _ => Err(malformed),
    }
}

/// Addresses of one kind, with or without a mask.
fn block(text: &str, of_kind: impl Fn(&IpAddr) -> bool, malformed: Code) -> Result<IpNet, Code> {
    let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| malformed)?;
    if of_kind(&net.addr()) { Ok(net) } else { Err(malformed) }
}

fn policy(text: &str) -> Result<Verdict, Code> {
    match text {
        accept if accept.eq_ignore_ascii_case("accept") => Ok(Verdict::Accept),
        drop if drop.eq_ignore_ascii_case("drop") => Ok(Verdict::Drop),
        _ => Err(Code::INVALID_POLICY_MALFORMED),
    }
}

fn priority(text: &str) -> Result<u8, Code> {
    match integer::<i64>(text) {
        Ok(priority @ 1..=100) => u8::try_from(priority).map_err(|_| Code::INVALID_PRIORITY_MALFORMED),
        Ok(_) => Err(Code::INVALID_PRIORITY_VALUE_NOT_SUPPORTED),
        Err(_) => Err(Code::INVALID_PRIORITY_MALFORMED),
    }
}

/// 1 to 512 characters that do not start with a URL.
fn description(text: &str) -> Result<String, Code> {
    let url = text.starts_with("http://") || text.starts_with("https://");
    let legal = !url && text.chars().count() <= DESCRIPTION_MAX;
    legal.then(|| text.to_owned()).ok_or(Code::INVALID_SECURITY_GROUP_DISCRIPTION_MALFORMED_RULE)
}

fn nic_type(params: &mut Params) -> Result<Option<Nic>, Fault> {
    let types = [("internet", Nic::Internet), ("intranet", Nic::Intranet)];
    choice(params, "NicType", &types, Code::INVALID_NIC_TYPE_VALUE_NOT_SUPPORTED)
}
