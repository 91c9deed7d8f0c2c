//! Key pairs, rules of security groups, tags and deletions over HTTP.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use common::{House, Reply, Setup};
use hatchery::Span;
use serde_json::{Value, json};

const ECS: &str = "2014-05-26";
const VPC: &str = "2016-04-28";
const PUBLIC_KEY: &str = include_str!("../../wire/tests/vectors/id_rsa.pub");
const FINGERPRINT: &str = include_str!("../../wire/tests/vectors/id_rsa.md5");

/// Calls an action of ECS in the region of the world.
fn call(house: &House, action: &str, params: &[(&str, &str)]) -> Reply {
    let head = [("Action", action), ("Version", ECS), ("RegionId", "cn-hangzhou")];
    house.call(&[&head[..], params].concat())
}

/// Calls, and wants it done.
fn done(house: &House, action: &str, params: &[(&str, &str)]) -> Value {
    let reply = call(house, action, params);
    assert_eq!(reply.code(), "200", "{action} {params:?}: {reply:?}");
    reply.json()
}

/// Each call is refused as its row says, and changes nothing.
fn refused(house: &House, action: &str, rows: &[(&[(&str, &str)], &str)]) {
    for (params, expected) in rows {
        let before = house.hatchery.last();
        let reply = call(house, action, params);
        assert_eq!(reply.code(), *expected, "{action} {params:?}: {reply:?}");
        assert_eq!(house.hatchery.last(), before, "a refusal changed something");
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{value} has no {name}")).to_owned()
}

#[test]
fn a_key_pair_is_made_listed_and_deleted() {
    let house = House::new(Setup::default());
    let made = done(&house, "CreateKeyPair", &[("KeyPairName", "made"), ("Tag.1.Key", "team")]);
    let private = text(&made, "PrivateKeyBody");
    assert!(private.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"), "no PEM");
    let fingerprint = text(&made, "KeyPairFingerPrint");
    assert_eq!(fingerprint.split(':').count(), 16);

    // What is listed belongs to what was handed over: the numbers of both are the same.
    let listed = done(&house, "DescribeKeyPairs", &[("IncludePublicKey", "true"), ("KeyPairName", "ma*")]);
    let row = &listed["KeyPairs"]["KeyPair"][0];
    assert_eq!(text(row, "KeyPairFingerPrint"), fingerprint);
    let public = wire::ecs::ssh_key::PublicKey::parse(&text(row, "PublicKey")).unwrap();
    assert_eq!(public.fingerprint(), fingerprint);
    assert_eq!(row["Tags"]["Tag"], json!([{"TagKey": "team", "TagValue": ""}]));

    let imported = [("KeyPairName", "brought"), ("PublicKeyBody", PUBLIC_KEY)];
    let brought = done(&house, "ImportKeyPair", &imported);
    assert_eq!(text(&brought, "KeyPairFingerPrint"), FINGERPRINT.trim());

    for (filter, expected) in [
        (&[][..], &["made", "brought"][..]),
        (&[("KeyPairName", "brought")], &["brought"]),
        (&[("KeyPairFingerPrint", &fingerprint)], &["made"]),
        (&[("Tag.1.Key", "team")], &["made"]),
        (&[("ResourceGroupId", "rg")], &[]),
        (&[("PageSize", "1"), ("PageNumber", "2")], &["brought"]),
    ] {
        let listed = done(&house, "DescribeKeyPairs", filter);
        let rows = listed["KeyPairs"]["KeyPair"].as_array().unwrap();
        assert_eq!(
            rows.iter().map(|row| text(row, "KeyPairName")).collect::<Vec<_>>(),
            expected,
            "{filter:?}"
        );
        assert!(rows.iter().all(|row| row.get("PublicKey").is_none()));
    }
    refused(&house, "CreateKeyPair", &[(&[("KeyPairName", "made")], "400 KeyPair.AlreadyExist")]);
    refused(&house, "ImportKeyPair", &[(&imported, "400 KeyPair.AlreadyExist")]);

    done(&house, "DeleteKeyPairs", &[("KeyPairNames", r#"["made","none"]"#)]);
    assert_eq!(done(&house, "DescribeKeyPairs", &[])["TotalCount"], 1);
    for action in
        ["CreateKeyPair", "ImportKeyPair", "DescribeKeyPairs", "DeleteKeyPairs", "DescribeInstanceRamRole"]
    {
        let nowhere = [
            ("Action", action),
            ("Version", ECS),
            ("RegionId", "nowhere"),
            ("KeyPairName", "kp"),
            ("PublicKeyBody", PUBLIC_KEY),
            ("KeyPairNames", "[]"),
        ];
        assert_eq!(house.call(&nowhere).code(), "404 InvalidRegionId.NotFound", "{action}");
    }
}

/// Nothing of a key that was made here is kept: not in a record, not in the feed.
#[test]
fn a_private_key_is_in_its_answer_and_nowhere_else() {
    let house = House::new(Setup::default());
    let made = done(&house, "CreateKeyPair", &[("KeyPairName", "made")]);
    let private = text(&made, "PrivateKeyBody");
    let line = private.lines().nth(5).unwrap();
    let kept = format!("{:?}", house.hatchery.snapshot().records().unwrap());
    assert!(kept.contains("ssh-rsa "));
    assert!(!kept.contains(line) && !kept.contains("PRIVATE"));
}

#[test]
fn rules_are_added_once_listed_and_taken_away() {
    let house = House::new(Setup::default());
    let group = ("SecurityGroupId", "sg-example");
    let other = done(&house, "CreateSecurityGroup", &[("VpcId", "vpc-example")]);
    let other = text(&other, "SecurityGroupId");
    let ssh = [group, ("IpProtocol", "TCP"), ("PortRange", "22/22"), ("SourceCidrIp", "0.0.0.0/0")];
    done(&house, "AuthorizeSecurityGroup", &ssh);
    done(&house, "AuthorizeSecurityGroup", &ssh);
    done(
        &house,
        "AuthorizeSecurityGroup",
        &[
            group,
            ("Permissions.1.IpProtocol", "icmp"),
            ("Permissions.1.PortRange", "-1/-1"),
            ("Permissions.1.SourceGroupId", &other),
            ("Permissions.2.IpProtocol", "udp"),
            ("Permissions.2.PortRange", "1/65535"),
            ("Permissions.2.Ipv6SourceCidrIp", "::/0"),
        ],
    );
    let out = [group, ("IpProtocol", "all"), ("PortRange", "-1/-1"), ("DestCidrIp", "10.0.0.0/8")];
    done(&house, "AuthorizeSecurityGroupEgress", &out);

    let rows = |filter: &[(&str, &str)]| {
        let listed = done(&house, "DescribeSecurityGroupAttribute", &[&[group], filter].concat());
        listed["Permissions"]["Permission"].as_array().unwrap().clone()
    };
    assert_eq!(rows(&[]).len(), 4);
    assert_eq!(rows(&[("Direction", "egress")]).len(), 1);
    assert_eq!(rows(&[("Direction", "ingress"), ("NicType", "intranet")]).len(), 3);
    assert_eq!(rows(&[("NicType", "internet")]).len(), 0);
    let first = done(&house, "DescribeSecurityGroupAttribute", &[group, ("MaxResults", "3")]);
    let rest = rows(&[("MaxResults", "3"), ("NextToken", &text(&first, "NextToken"))]);
    assert_eq!(rest.iter().map(|row| text(row, "DestCidrIp")).collect::<Vec<_>>(), ["10.0.0.0/8"]);
    let groups = done(&house, "DescribeSecurityGroups", &[group]);
    assert_eq!(groups["SecurityGroups"]["SecurityGroup"][0]["RuleCount"], 4);

    let ssh_rule = rows(&[]).remove(0);
    assert_eq!(text(&ssh_rule, "PortRange"), "22/22");
    // Taking away is told by what the rule is about, or by its id; what is not there is gone already.
    done(&house, "RevokeSecurityGroup", &ssh);
    done(&house, "RevokeSecurityGroup", &ssh);
    done(
        &house,
        "RevokeSecurityGroup",
        &[group, ("SecurityGroupRuleId.1", &text(&ssh_rule, "SecurityGroupRuleId"))],
    );
    let last = text(&rows(&[("Direction", "egress")])[0], "SecurityGroupRuleId");
    done(&house, "RevokeSecurityGroup", &[group, ("SecurityGroupRuleId.1", &last)]);
    assert_eq!(rows(&[]).len(), 2);

    // A group that is named stays until it is not named any more.
    let named = [("SecurityGroupId", &*other)];
    refused(&house, "DeleteSecurityGroup", &[(&named, "403 DependencyViolation")]);
    let icmp = [group, ("IpProtocol", "icmp"), ("PortRange", "-1/-1"), ("SourceGroupId", &other)];
    done(&house, "RevokeSecurityGroup", &icmp);
    done(&house, "DeleteSecurityGroup", &named);
    refused(&house, "DeleteSecurityGroup", &[(&named, "404 InvalidSecurityGroupId.NotFound")]);
    refused(&house, "DescribeSecurityGroupAttribute", &[(&named, "404 InvalidSecurityGroupId.NotFound")]);
    refused(&house, "AuthorizeSecurityGroup", &[(&icmp, "404 InvalidSourceGroupId.NotFound")]);
}

#[test]
fn networks_go_when_nothing_is_in_them() {
    let house = House::new(Setup::default());
    let vpc = |action: &str, params: &[(&str, &str)]| {
        house.call(
            &[&[("Action", action), ("Version", VPC), ("RegionId", "cn-hangzhou")][..], params].concat(),
        )
    };
    let token = [("CidrBlock", "10.0.0.0/8"), ("ClientToken", "one"), ("ResourceGroupId", "rg-a")];
    let tags = [("Tag.1.Key", "team"), ("Tag.1.Value", "a"), ("UserCidr", "30.0.0.0/8")];
    let create = [&token[..], &tags].concat();
    let made = vpc("CreateVpc", &create).json();
    let id = text(&made, "VpcId");
    let again = vpc("CreateVpc", &create).json();
    assert_eq!((&again["VpcId"], &again["ResourceGroupId"]), (&made["VpcId"], &json!("rg-a")));
    assert_eq!(vpc("CreateVpc", &token).code(), "400 IdempotentParameterMismatch");

    let listed = vpc("DescribeVpcs", &[("Tag.1.Key", "team"), ("ResourceGroupId", "rg-a")]).json();
    let row = &listed["Vpcs"]["Vpc"][0];
    assert_eq!((&row["VpcId"], &listed["TotalCount"]), (&made["VpcId"], &json!(1)));
    assert_eq!(row["Tags"]["Tag"], json!([{"Key": "team", "Value": "a"}]));
    assert_eq!(row["UserCidrs"]["UserCidr"], json!(["30.0.0.0/8"]));
    assert_eq!(vpc("DescribeVpcs", &[("Tag.1.Key", "none")]).json()["TotalCount"], 0);

    house.clock.advance(Span::from_secs(1));
    let zone = done(&house, "DescribeZones", &[])["Zones"]["Zone"][0]["ZoneId"].as_str().unwrap().to_owned();
    let subnet = [("VpcId", &*id), ("ZoneId", &zone), ("CidrBlock", "10.0.0.0/24"), ("ClientToken", "one")];
    let made = text(&vpc("CreateVSwitch", &subnet).json(), "VSwitchId");
    assert_eq!(text(&vpc("CreateVSwitch", &subnet).json(), "VSwitchId"), made);
    house.clock.advance(Span::from_secs(1));
    let group = [("VpcId", &*id), ("ClientToken", "one"), ("SecurityGroupType", "enterprise")];
    let sg = text(&done(&house, "CreateSecurityGroup", &group), "SecurityGroupId");
    assert_eq!(text(&done(&house, "CreateSecurityGroup", &group), "SecurityGroupId"), sg);
    let enterprise = done(&house, "DescribeSecurityGroups", &[("SecurityGroupType", "enterprise")]);
    assert_eq!(enterprise["TotalCount"], 1);

    assert_eq!(vpc("DeleteVpc", &[("VpcId", &id)]).code(), "400 DependencyViolation");
    assert_eq!(vpc("DeleteVSwitch", &[("VSwitchId", &made)]).code(), "200");
    assert_eq!(vpc("DeleteVpc", &[("VpcId", &id)]).code(), "400 DependencyViolation");
    done(&house, "DeleteSecurityGroup", &[("SecurityGroupId", &sg)]);
    assert_eq!(vpc("DeleteVpc", &[("VpcId", &id)]).code(), "200");
    assert_eq!(vpc("DeleteVpc", &[("VpcId", &id)]).code(), "404 InvalidVpcId.NotFound");
    // What the token was answered is answered again, also when the thing is gone.
    assert_eq!(text(&vpc("CreateVpc", &create).json(), "VpcId"), id);

    house.launch();
    refused(
        &house,
        "DeleteVSwitch",
        &[
            (&[("VSwitchId", "vsw-example")], "400 DependencyViolation"),
            (&[("VSwitchId", "none")], "404 InvalidVSwitchId.NotFound"),
        ],
    );
    refused(
        &house,
        "DeleteSecurityGroup",
        &[(&[("SecurityGroupId", "sg-example")], "403 DependencyViolation")],
    );
}

#[test]
fn a_region_holds_so_many_networks_and_groups() {
    let house = House::new(Setup::default());
    let made = (0..20).take_while(|_| call(&house, "CreateVpc", &[]).status == 200).count();
    assert_eq!(made, 9, "beside the one that was there");
    refused(&house, "CreateVpc", &[(&[], "400 QuotaExceeded.Vpc")]);
    let group = [("VpcId", "vpc-example")];
    let made = (0..200).take_while(|_| call(&house, "CreateSecurityGroup", &group).status == 200).count();
    assert_eq!(made, 99, "beside the one that was there");
    refused(&house, "CreateSecurityGroup", &[(&group, "403 QuotaExceed.SecurityGroup")]);
}

#[test]
fn tags_are_set_listed_and_removed() {
    let house = House::new(Setup::default());
    let ids =
        house.call(&[&common::LAUNCH[..], &[("Amount", "2"), ("Tag.1.Key", "born")]].concat()).instances();
    let [one, two] = &ids[..] else { panic!("two instances") };
    done(&house, "CreateKeyPair", &[("KeyPairName", "kp")]);
    for (kind, id) in [
        ("instance", &**one),
        ("securitygroup", "sg-example"),
        ("keypair", "kp"),
        ("vpc", "vpc-example"),
        ("VSWITCH", "vsw-example"),
    ] {
        let thing = [("ResourceType", kind), ("ResourceId.1", id)];
        let set = [("Tag.1.Key", "team"), ("Tag.1.Value", "a"), ("Tag.2.Key", "empty")];
        done(&house, "TagResources", &[&thing[..], &set].concat());
        let rows = |filter: &[(&str, &str)]| {
            let listed = done(&house, "ListTagResources", &[&[("ResourceType", kind)], filter].concat());
            let rows = listed["TagResources"]["TagResource"].as_array().unwrap().clone();
            rows.iter()
                .map(|row| format!("{} {}", text(row, "TagKey"), text(row, "TagValue")))
                .collect::<Vec<_>>()
        };
        let born: &[&str] = if kind == "instance" { &["born "] } else { &[] };
        assert_eq!(rows(&[("ResourceId.1", id)]), [born, &["empty ", "team a"]].concat(), "{kind}");
        assert_eq!(rows(&[("Tag.1.Key", "team"), ("Tag.1.Value", "a")]).len(), 2 + born.len(), "{kind}");
        assert_eq!(
            rows(&[("TagFilter.1.TagKey", "te*"), ("TagFilter.1.TagValues.1", "a")]).len(),
            2 + born.len()
        );
        assert_eq!(rows(&[("Tag.1.Key", "team"), ("Tag.1.Value", "b")]).len(), 0, "{kind}");
        done(&house, "UntagResources", &[&thing[..], &[("TagKey.1", "team"), ("TagKey.2", "none")]].concat());
        assert_eq!(rows(&[("ResourceId.1", id)]), [born, &["empty "]].concat(), "{kind}");
        done(&house, "UntagResources", &[&thing[..], &[("All", "true")]].concat());
        assert_eq!(rows(&[("ResourceId.1", id)]), [""; 0], "{kind}");
    }
    let other = done(&house, "ListTagResources", &[("ResourceType", "instance"), ("ResourceId.1", two)]);
    assert_eq!(other["TagResources"]["TagResource"][0]["TagKey"], "born", "the other one keeps its own");

    let tag = ("Tag.1.Key", "team");
    let disk = one.replace("i-", "d-");
    let full: Vec<(String, String)> = (1..=20).map(|n| (format!("Tag.{n}.Key"), format!("k{n}"))).collect();
    let full: Vec<(&str, &str)> = full.iter().map(|(name, value)| (&**name, &**value)).collect();
    let group = [("ResourceType", "securitygroup"), ("ResourceId.1", "sg-example")];
    done(&house, "TagResources", &[&group[..], &full].concat());
    refused(
        &house,
        "TagResources",
        &[
            (
                &[("ResourceType", "instance"), ("ResourceId.1", one), ("ResourceId.2", "i-none"), tag],
                "404 InvalidResourceId.NotFound",
            ),
            (&[("ResourceType", "disk"), ("ResourceId.1", &disk), tag], "403 InvalidResourceId.NotSupported"),
            (
                &[("ResourceType", "image"), ("ResourceId.1", "img-linux"), tag],
                "403 InvalidResourceId.NotSupported",
            ),
            (
                &[("ResourceType", "snapshot"), ("ResourceId.1", "none"), tag],
                "404 InvalidResourceId.NotFound",
            ),
            (&[group[0], group[1], tag], "400 OperationDenied.QuotaExceed"),
            (&[group[0], group[1], ("Tag.1.Key", "K1")], "403 TagKey.Duplication"),
        ],
    );
    refused(
        &house,
        "ListTagResources",
        &[
            (&[("ResourceType", "disk"), ("ResourceId.1", &disk)], "403 InvalidResourceId.NotSupported"),
            (&[("ResourceType", "instance"), ("ResourceId.1", "i-none")], "404 InvalidResourceId.NotFound"),
        ],
    );
}

#[test]
fn tags_are_listed_fifty_rows_at_a_time() {
    let house = House::new(Setup::default());
    let tags: Vec<(String, String)> =
        (1..=20).map(|n| (format!("Tag.{n}.Key"), format!("k{n:02}"))).collect();
    let tags: Vec<(&str, &str)> = tags.iter().map(|(name, value)| (&**name, &**value)).collect();
    house.call(&[&common::LAUNCH[..], &[("Amount", "3")], &tags].concat());
    let listing = [("ResourceType", "instance"), ("Tag.1.Key", "k07")];
    let first = done(&house, "ListTagResources", &listing);
    assert_eq!(first["TagResources"]["TagResource"].as_array().unwrap().len(), 50);
    let token = text(&first, "NextToken");
    let rest = done(&house, "ListTagResources", &[listing[0], listing[1], ("NextToken", &token)]);
    assert_eq!(rest["TagResources"]["TagResource"].as_array().unwrap().len(), 10);
    assert_eq!(rest["NextToken"], "");
}

#[test]
fn roles_of_instances_are_listed() {
    let house = House::new(Setup::default());
    let id = house.launch().instances().remove(0);
    let ids = format!(r#"["{id}"]"#);
    let listed = done(&house, "DescribeInstanceRamRole", &[("InstanceIds", &ids)]);
    assert_eq!(
        listed["InstanceRamRoleSets"]["InstanceRamRoleSet"],
        json!([{"InstanceId": id, "RamRoleName": ""}])
    );
    let listed = done(&house, "DescribeInstanceRamRole", &[("RamRoleName", "web")]);
    assert_eq!((&listed["TotalCount"], &listed["RegionId"]), (&json!(0), &json!("cn-hangzhou")));
}
