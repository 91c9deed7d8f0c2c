//! Requests about what stands around instances: what they mean, and which fault comes first.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

use fleet::{
    AccountId, ClientToken, Direction, Fingerprint, Label, Peer, Ports, Protocol, Rehearsal, RuleId, Serial,
    TagChange, Thing, TokenText, Traffic, Verdict,
};
use wire::ecs::Fault;
use wire::ecs::request::tag::ResourceType;
use wire::ecs::request::{
    Action, DeleteRequest, GroupRuleRequest, KeyPairRequest, Origin, Request, TagRequest, parse,
};
use wire::{Params, percent, time};

const KEY: &str = include_str!("vectors/id_rsa.pub");
const SERIAL: Serial = Serial { epoch: 1, number: 42 };

fn origin() -> Origin {
    let now = time::parse("2026-01-02T03:04:05Z").unwrap();
    Origin { account: AccountId(7), fingerprint: Fingerprint([1; 32]), now, edition: fleet::Edition::Either }
}

fn ask(action: Action, query: &str) -> Result<Request, Fault> {
    let mut params = Params::parse(query.as_bytes(), b"").unwrap();
    parse(action, &mut params, &origin())
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn list(name: &str, count: usize) -> String {
    (1..=count).map(|index| format!("&{name}.{index}=x{index}")).collect()
}

/// Each row mends the fault of the row before it: so the rows are the order in which faults are told.
fn in_order(action: Action, rows: &[(&str, &str)]) {
    for (query, expected) in rows {
        let found = match ask(action, query) {
            Ok(_) => "ok".to_owned(),
            Err(fault) => format!(
                "{} {} {}",
                fault.code.status,
                fault.code.code,
                fault.parameter.as_deref().unwrap_or_default()
            ),
        };
        assert_eq!(found, *expected, "{action:?} {query}");
    }
}

#[test]
fn key_pairs_are_refused_in_order() {
    let key = percent::encode(KEY);
    let whole = format!("RegionId=r&KeyPairName=kp&PublicKeyBody={key}");
    in_order(
        Action::CreateKeyPair,
        &[
            ("KeyPairName=1", "400 MissingParameter RegionId"),
            ("RegionId=r&Tag.1.Key=acs:x", "400 MissingParameter KeyPairName"),
            ("RegionId=r&KeyPairName=1&Tag.1.Key=acs:x", "400 InvalidKeyPairName.Malformed KeyPairName"),
            ("RegionId=r&KeyPairName=a.b", "400 InvalidKeyPairName.Malformed KeyPairName"),
            ("RegionId=r&KeyPairName=k", "400 InvalidKeyPairName.Malformed KeyPairName"),
            ("RegionId=r&KeyPairName=kp&Tag.1.Key=acs:x", "400 InvalidTagKey.Malformed Tag.1.Key"),
            ("RegionId=r&KeyPairName=kp&Tag.1.Key=a&Tag.2.Key=a", "400 Duplicate.TagKey Tag.2.Key"),
            ("RegionId=r&KeyPairName=kp&Tag.1.Key=a", "ok"),
        ],
    );
    in_order(
        Action::ImportKeyPair,
        &[
            ("RegionId=r&PublicKeyBody=x", "400 MissingParameter KeyPairName"),
            ("RegionId=r&KeyPairName=kp", "400 MissingParameter PublicKeyBody"),
            ("RegionId=r&KeyPairName=kp&PublicKeyBody=x", "400 InvalidPublicKeyBody.Malformed PublicKeyBody"),
            (&whole, "ok"),
        ],
    );
    in_order(
        Action::DeleteKeyPairs,
        &[
            ("", "400 MissingParameter RegionId"),
            ("RegionId=r", "400 MissingParameter KeyPairNames"),
            ("RegionId=r&KeyPairNames=kp", "400 InvalidParameter KeyPairNames"),
            ("RegionId=r&KeyPairNames=%5B%22kp%22%5D", "ok"),
        ],
    );
    in_order(Action::DescribeKeyPairs, &[("RegionId=r&PageSize=51", "400 InvalidParameter PageSize")]);
    in_order(Action::DescribeInstanceRamRole, &[("", "400 MissingParameter RegionId"), ("RegionId=r", "ok")]);

    let Ok(Request::KeyPair(request)) = ask(Action::ImportKeyPair, &whole) else { panic!("no request") };
    let KeyPairRequest::Import(wish, found) = *request else { panic!("no import") };
    assert_eq!(found.text(), KEY.trim());
    assert_eq!(&*wish.with(&found).name, "kp");
}

const GROUP: &str = "RegionId=r&SecurityGroupId=sg-a";

#[test]
fn rules_are_refused_in_order() {
    let rows = [
        ("", "400 MissingParameter IpProtocol"),
        ("IpProtocol=ip", "400 InvalidIpProtocol.ValueNotSupported IpProtocol"),
        ("IpProtocol=tcp", "400 MissingParameter PortRange"),
        ("IpProtocol=tcp&PortRange=22", "400 InvalidIpProtocol.Malformed PortRange"),
        ("IpProtocol=tcp&PortRange=0/22", "400 InvalidIpProtocol.Malformed PortRange"),
        ("IpProtocol=tcp&PortRange=23/22", "400 InvalidIpProtocol.Malformed PortRange"),
        ("IpProtocol=tcp&PortRange=1/65536", "400 InvalidIpProtocol.Malformed PortRange"),
        (
            "IpProtocol=tcp&PortRange=1/2&SourcePortRange=x",
            "400 InvalidSourcePortRange.Malformed SourcePortRange",
        ),
        ("IpProtocol=tcp&PortRange=-1/-1", "400 OperationDenied PortRange"),
        ("IpProtocol=icmp&PortRange=1/2", "400 OperationDenied PortRange"),
        ("IpProtocol=all&PortRange=-1/-1&SourceCidrIp=x", "400 InvalidSourceCidrIp.Malformed SourceCidrIp"),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceCidrIp=::/0",
            "400 InvalidSourceCidrIp.Malformed SourceCidrIp",
        ),
        (
            "IpProtocol=all&PortRange=-1/-1&Ipv6SourceCidrIp=10.0.0.1",
            "400 InvalidSourceCidrIp.Malformed Ipv6SourceCidrIp",
        ),
        ("IpProtocol=all&PortRange=-1/-1&DestCidrIp=x", "400 InvalidDestCidrIp.Malformed DestCidrIp"),
        ("IpProtocol=all&PortRange=-1/-1&Policy=x", "403 MissingParameter SourceCidrIp"),
        ("IpProtocol=all&PortRange=-1/-1&SourceGroupId=sg-b&Policy=x", "400 InvalidPolicy.Malformed Policy"),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceGroupId=sg-b&Priority=x",
            "400 InvalidPriority.Malformed Priority",
        ),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceGroupId=sg-b&Priority=101",
            "400 InvalidPriority.ValueNotSupported Priority",
        ),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceGroupId=sg-b&NicType=x",
            "400 InvalidNicType.ValueNotSupported NicType",
        ),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceGroupId=sg-b&NicType=internet",
            "403 InvalidSourceGroupId.Mismatch NicType",
        ),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceCidrIp=10.0.0.1&NicType=internet",
            "400 InvalidNicType.Mismatch NicType",
        ),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceGroupId=sg-a&Description=http://x",
            "400 InvalidSecurityGroupDiscription.Malformed Description",
        ),
        ("IpProtocol=all&PortRange=-1/-1&SourceGroupId=sg-a", "403 InvalidParamter.Conflict SourceGroupId"),
        (
            "IpProtocol=all&PortRange=-1/-1&SourceCidrIp=10.0.0.0/8&DestCidrIp=10.0.0.0/8",
            "400 InvalidParamter.Conflict DestCidrIp",
        ),
        ("IpProtocol=ALL&PortRange=-1/-1&SourceCidrIp=10.0.0.0/8&Policy=Drop&NicType=intranet", "ok"),
        ("IpProtocol=gre&PortRange=-1/-1&SourcePrefixListId=pl-a", "ok"),
        (
            "Permissions.1.IpProtocol=all&Permissions.1.PortRange=-1/-1",
            "400 MissingParameter.Source Permissions.1.SourceCidrIp",
        ),
        ("Permissions.3.IpProtocol=ip", "400 InvalidIpProtocol.ValueNotSupported Permissions.3.IpProtocol"),
        ("Permissions.101.IpProtocol=ip", "400 InvalidParameter Permissions"),
        (
            "Permissions.1.IpProtocol=tcp&Permissions.1.PortRangeListId=prl-a&Permissions.1.SourceGroupId=sg-b",
            "ok",
        ),
    ];
    let rows = rows.map(|(query, expected)| (format!("{GROUP}&{query}"), expected));
    let rows: Vec<(&str, &str)> = rows.iter().map(|(query, expected)| (&**query, *expected)).collect();
    in_order(Action::AuthorizeSecurityGroup, &rows);
    in_order(Action::RevokeSecurityGroup, &rows);
    for action in [
        Action::AuthorizeSecurityGroup,
        Action::AuthorizeSecurityGroupEgress,
        Action::RevokeSecurityGroup,
        Action::DescribeSecurityGroupAttribute,
    ] {
        in_order(
            action,
            &[
                ("SecurityGroupId=s%20g", "400 MissingParameter RegionId"),
                ("RegionId=r", "400 MissingParameter SecurityGroupId"),
                ("RegionId=r&SecurityGroupId=s%20g", "400 InvalidSecurityGroupId.Malformed SecurityGroupId"),
            ],
        );
    }
    let out = format!("{GROUP}&IpProtocol=all&PortRange=-1/-1&SourceCidrIp=10.0.0.1");
    in_order(Action::AuthorizeSecurityGroupEgress, &[(&out, "400 MissingParameter DestCidrIp")]);
    let other = format!("{GROUP}&Direction=up");
    in_order(
        Action::DescribeSecurityGroupAttribute,
        &[(&other, "400 InvalidParameter Direction"), (GROUP, "ok")],
    );
}

#[test]
fn rules_mean_what_they_say() {
    let rule = |query: &str, action| match ask(action, &format!("{GROUP}&{query}")) {
        Ok(Request::GroupRule(request)) => match *request {
            GroupRuleRequest::Add(add, found) if found == action => add.rules,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let plain = Traffic {
        direction: Direction::In,
        verdict: Verdict::Accept,
        priority: 1,
        protocol: Protocol::Tcp,
        ports: Ports::Range { first: 22, last: 80 },
        source_ports: None,
        port_list: None,
        far: Peer::Block("10.0.0.1/32".parse().unwrap()),
        near: None,
    };
    // Addresses count before a group that is named beside them.
    let found = rule(
        "IpProtocol=TCP&PortRange=22/80&SourceCidrIp=10.0.0.1&SourceGroupId=sg-b",
        Action::AuthorizeSecurityGroup,
    );
    assert_eq!(found[0].traffic, plain);
    let found = rule(
        "Permissions.1.IpProtocol=udp&Permissions.1.PortRange=1/2&Permissions.1.DestGroupId=sg-b&\
         Permissions.1.SourceCidrIp=10.0.0.0/8&Permissions.1.SourcePortRange=3/4&Permissions.1.Policy=drop&\
         Permissions.1.Priority=100&Permissions.1.Description=x&Permissions.7.IpProtocol=all&\
         Permissions.7.PortRange=-1/-1&Permissions.7.Ipv6DestCidrIp=::/0",
        Action::AuthorizeSecurityGroupEgress,
    );
    let first = Traffic {
        direction: Direction::Out,
        verdict: Verdict::Drop,
        priority: 100,
        protocol: Protocol::Udp,
        ports: Ports::Range { first: 1, last: 2 },
        source_ports: Some(Ports::Range { first: 3, last: 4 }),
        far: Peer::Group(label("sg-b")),
        near: Some("10.0.0.0/8".parse().unwrap()),
        ..plain.clone()
    };
    let second = Traffic {
        direction: Direction::Out,
        protocol: Protocol::All,
        ports: Ports::All,
        far: Peer::Block("::/0".parse().unwrap()),
        ..plain
    };
    assert_eq!(found.iter().map(|wish| &wish.traffic).collect::<Vec<_>>(), [&first, &second]);
    assert_eq!(found[0].description, "x");

    let query = format!("{GROUP}&SecurityGroupRuleId.1=sgr-{SERIAL}&SecurityGroupRuleId.2=x");
    let Ok(Request::GroupRule(request)) = ask(Action::RevokeSecurityGroup, &query) else {
        panic!("no request")
    };
    let GroupRuleRequest::Remove(remove) = *request else { panic!("no removal") };
    assert_eq!((remove.ids, remove.about), (vec![RuleId(SERIAL)], vec![]));
}

#[test]
fn tags_are_refused_in_order() {
    let things = |count| format!("RegionId=r&ResourceType=instance{}", list("ResourceId", count));
    let (one, many) = (things(1), things(51));
    let with = |rest: &str| format!("{one}&{rest}");
    let many_tags = with(&(1..=21).map(|index| format!("Tag.{index}.Key=k{index}&")).collect::<String>());
    let many_keys = with(&list("TagKey", 21));
    for action in [Action::TagResources, Action::UntagResources, Action::ListTagResources] {
        in_order(
            action,
            &[
                ("ResourceType=x", "404 MissingParameter.RegionId RegionId"),
                ("RegionId=r&ResourceId.51=x", "404 MissingParameter.ResourceType ResourceType"),
                ("RegionId=r&ResourceType=x&ResourceId.1=x", "404 InvalidResourceType.NotFound ResourceType"),
                (&many, "400 NumberExceed.ResourceIds ResourceId"),
                ("RegionId=r&ResourceType=disk", "404 MissingParameter.ResourceIds ResourceId"),
            ],
        );
    }
    in_order(
        Action::TagResources,
        &[
            (&one, "404 MissingParameter.Tags Tag"),
            (
                &with("Tag.1.Key=acs:a&Tag.2.Key=b&Tag.2.Value=http://x"),
                "400 InvalidTagKey.Malformed Tag.1.Key",
            ),
            (&with("Tag.1.Key=a&Tag.1.Value=http://x"), "400 InvalidTagValue.Malformed Tag.1.Value"),
            (&many_tags, "400 NumberExceed.Tags Tag"),
            (&with("Tag.1.Key=a&Tag.2.Key=a"), "400 Duplicate.TagKey Tag.2.Key"),
            (&with("Tag.1.Key=a&Tag.2.Key=A"), "403 TagKey.Duplication Tag"),
            (&with("Tag.1.Key=a&Tag.1.Value="), "ok"),
        ],
    );
    in_order(
        Action::UntagResources,
        &[
            (&one, "404 MissingParameter.Tags TagKey"),
            (&with("All=x"), "400 InvalidParameter All"),
            (&many_keys, "400 NumberExceed.Tags TagKey"),
            (&with("TagKey.1=acs:a"), "403 NoPermission.Tag TagKey"),
            (&with("TagKey.1=a"), "ok"),
        ],
    );
    in_order(
        Action::ListTagResources,
        &[
            (&many_tags, "400 NumberExceed.Tags Tag"),
            (&with("Tag.1.Value=x"), "400 InvalidParameter.TagValue Tag.1.Key"),
            (&with("TagFilter.1.TagValues.1=x"), "400 InvalidParameter.TagValue TagFilter.1.TagKey"),
            (&with("TagFilter.1.TagKey=x&Tag.1.Key=a"), "400 InvalidParameter.Conflict TagFilter"),
            (&with("NextToken=x"), "400 InvalidParameter NextToken"),
            ("RegionId=r&ResourceType=vpc&Tag.1.Key=a", "ok"),
            (&one, "ok"),
        ],
    );
}

#[test]
fn what_is_tagged_is_named_by_its_kind() {
    let id = format!("i-{SERIAL}");
    let instance = fleet::InstanceId(SERIAL);
    let disk = format!("d-{SERIAL}0");
    for (kind, id, expected) in [
        (ResourceType::Instance, &*id, Thing::Instance(instance)),
        (ResourceType::Instance, "i-x", Thing::Nothing),
        (ResourceType::Disk, &disk, Thing::PartOf(instance)),
        (ResourceType::Volume, "d-x", Thing::Nothing),
        (ResourceType::NetworkInterface, &format!("eni-{SERIAL}"), Thing::PartOf(instance)),
        (ResourceType::Vpc, "vpc-a", Thing::Network(label("vpc-a"))),
        (ResourceType::VSwitch, "v w", Thing::Nothing),
        (ResourceType::KeyPair, "any name", Thing::KeyPair("any name".into())),
        (ResourceType::LaunchTemplate, "lt-a", Thing::Template(label("lt-a"))),
    ] {
        assert_eq!(kind.thing(id), expected, "{kind:?} {id}");
    }
    let change = |action, query: &str| match ask(action, query) {
        Ok(Request::Tag(request)) => match *request {
            TagRequest::Change(change, found) if found == action => change.change,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let query = "RegionId=r&ResourceType=VPC&ResourceId.1=vpc-a&All=true";
    assert_eq!(change(Action::UntagResources, query), TagChange::Clear);
    // Keys that are named count before `All`.
    let query = format!("{query}&TagKey.1=a");
    assert_eq!(change(Action::UntagResources, &query), TagChange::Remove(vec!["a".into()]));
}

#[test]
fn removals_need_a_name() {
    in_order(Action::DeleteVpc, &[("RegionId=r", "400 MissingParameter VpcId"), ("VpcId=vpc-a", "ok")]);
    in_order(
        Action::DeleteVSwitch,
        &[("RegionId=r", "400 MissingParameter VSwitchId"), ("VSwitchId=vsw-a", "ok")],
    );
    in_order(
        Action::DeleteSecurityGroup,
        &[
            ("SecurityGroupId=sg-a", "400 MissingParameter RegionId"),
            ("RegionId=r", "400 MissingParameter SecurityGroupId"),
            (GROUP, "ok"),
        ],
    );
    let Ok(Request::Delete(DeleteRequest::Network(found))) = ask(Action::DeleteVpc, "VpcId=vpc-a") else {
        panic!("no removal")
    };
    assert_eq!((found.account, found.label), (AccountId(7), label("vpc-a")));
}

#[test]
fn tokens_of_what_is_made_are_read() {
    let long = "x".repeat(65);
    in_order(
        Action::CreateVpc,
        &[
            (
                &format!("RegionId=r&ClientToken={long}"),
                "400 InvalidClientToken.ValueNotSupported ClientToken",
            ),
            ("RegionId=r&ClientToken=t", "ok"),
        ],
    );
    let token = Some(ClientToken { text: TokenText::parse("t").unwrap(), fingerprint: Fingerprint([1; 32]) });
    let Ok(Request::CreateVpc(made, _)) = ask(Action::CreateVpc, "RegionId=r&ClientToken=t") else {
        panic!("no command")
    };
    assert_eq!((made.token, made.region), (token.clone(), label("r")));
    // A dry run leaves the token alone.
    let Ok(Request::CreateVpc(made, Rehearsal::Yes)) =
        ask(Action::CreateVpc, "RegionId=r&ClientToken=t&DryRun=true")
    else {
        panic!("no command")
    };
    assert_eq!(made.token, None);
    let query = "VpcId=v&ZoneId=z&CidrBlock=10.0.0.0/24&ClientToken=t";
    let Ok(Request::CreateVSwitch(made)) = ask(Action::CreateVSwitch, query) else { panic!("no command") };
    assert_eq!((made.token.clone(), made.region.as_str()), (token.clone(), "z"));
    let query = "RegionId=r&VpcId=v&ClientToken=t&SecurityGroupType=enterprise";
    let Ok(Request::CreateSecurityGroup(made)) = ask(Action::CreateSecurityGroup, query) else {
        panic!("no command")
    };
    assert_eq!(
        (made.token, made.command.marks.settings.get("SecurityGroupType")),
        (token, Some("enterprise"))
    );
}
