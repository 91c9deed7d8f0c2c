//! Requests of the Zenlayer dialect: what was asked for is what is meant, and nothing makes the
//! reader fall over.

#![allow(clippy::panic, clippy::unwrap_used)]

use fleet::{
    AccountId, Array, BareMetal, Charge, InterfaceNames, Label, Layout, Line, PeriodUnit, Raid, RaidLevel,
    Tag, TrafficVolume,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use wire::zenlayer::field::{Field, Kind};
use wire::zenlayer::request::{Request, parse};
use wire::zenlayer::{Action, Code, Fields};

const ME: AccountId = AccountId(1);

fn fields(value: Value) -> Fields {
    let Value::Object(fields) = value else { panic!("{value} is no body") };
    fields
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

#[test]
fn everything_that_can_be_asked_of_a_launch_arrives() {
    let body = json!({
        "zoneId": "SEL-A",
        "instanceChargeType": "PREPAID",
        "instanceChargePrepaid": { "period": "3" },
        "instanceTypeId": "M6C",
        "internetChargeType": "ByTrafficPackage",
        "imageId": "img",
        "ipxeUrl": "https://boot.example",
        "resourceGroupId": "rg-1",
        "instanceName": "web-[9,2]",
        "hostname": "h[1,1].x",
        "amount": 2,
        "password": "Abcd1234!",
        "internetMaxBandwidthOut": "20",
        "trafficPackageSize": 1.5,
        "subnetId": "sub-1",
        "raidConfig": { "customRaids": [{ "raidType": 10, "diskSequence": [1, 2, 3, 4] }] },
        "nic": { "wanName": "bond0", "lanName": "bond1" },
        "userData": "#!/bin/sh",
        "clusterId": "c-1",
        "enablePrimaryIPv6": false,
        "marketingOptions": { "discountCode": "x", "usePocVoucher": true },
        "tags": { "tags": [{ "key": "a", "value": "1" }, { "key": "b" }, { "key": "a", "value": "2" }] },
        "enableGatewayMode": true,
        "inventedLater": [1, 2],
    });
    let Request::CreateInstances(order) = parse(Action::CreateInstances, &fields(body), ME).unwrap() else {
        panic!("a launch is a launch")
    };
    let launch = order.launch;
    assert_eq!(order.zone, "SEL-A");
    assert_eq!((launch.wanted.most(), launch.wanted.least()), (2, 2), "all or nothing");
    assert_eq!(launch.charge, Charge::PrePaid { count: 3, unit: PeriodUnit::Month });
    assert_eq!(launch.image, Some(label("img")));
    assert_eq!(launch.names.name(1).as_deref(), Some("web-10"));
    assert_eq!(launch.host_names.name(1).as_deref(), Some("h2.x"));
    assert_eq!(launch.internet.out_mbps_max, 20);
    assert_eq!(launch.terms.resource_group, Some(label("rg-1")));
    assert_eq!(launch.user_data.unwrap().reveal(), b"#!/bin/sh");
    assert_eq!(launch.login.password.unwrap().secret.reveal(), b"Abcd1234!");
    let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
    assert_eq!(launch.tags, [tag("b", ""), tag("a", "2")]);
    let expected = BareMetal {
        layout: Layout {
            boot_url: Some("https://boot.example".into()),
            raid: Raid {
                quick: None,
                custom: vec![Array { level: RaidLevel::StripedMirrors, disks: vec![1, 2, 3, 4] }],
            },
            partitions: Vec::new(),
            interfaces: InterfaceNames { wan: Some("bond0".into()), lan: Some("bond1".into()) },
        },
        line: Line::TrafficPackage,
        traffic: Some(TrafficVolume(1500)),
        cluster: Some(label("c-1")),
        subnet: Some(label("sub-1")),
        ipv6: false,
        gateway: true,
        public_keys: Vec::new(),
    };
    assert_eq!(*launch.bare_metal.unwrap(), expected);
}

#[test]
fn a_password_has_8_to_16_characters_of_four_kinds() {
    for (password, is_one) in [
        ("Abcd123!", true),
        ("Abcd1234567890!=", true),
        ("Abcd1234567890!=x", false),
        ("Abc123!", false),
        ("abcd123!", false),
        ("ABCD123!", false),
        ("Abcdefg!", false),
        ("Abcd2345", false),
        // The reference lists the 1 among what else there has to be.
        ("Abcd1234", true),
        ("Abcd 123!", false),
        ("Abcd123!%", false),
        ("\u{c4}bcd1234!a", false),
    ] {
        let body = fields(json!({ "instanceId": "i", "password": password }));
        let found = parse(Action::ReinstallInstance, &body, ME).map(|_| ());
        let expected = Err(Code::INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED.into());
        assert_eq!(found, if is_one { Ok(()) } else { expected }, "{password}");
    }
}

#[test]
fn an_interface_has_a_name_that_is_not_the_others() {
    for (wan, lan, is_one) in [
        ("wan0", "lan0", true),
        ("bond0", "bond1", true),
        ("eth", "lan0", false),
        ("e234567890", "lan0", true),
        ("e2345678901", "lan0", false),
        ("0eth", "lan0", false),
        ("eth-0", "lan0", false),
        ("lan1", "lan0", false),
        ("wan0", "wan1", false),
    ] {
        let body = fields(json!({ "instanceId": "i", "nic": { "wanName": wan, "lanName": lan } }));
        let found = parse(Action::ReinstallInstance, &body, ME).map(|_| ());
        let expected = Err(Code::INVALID_PARAMETER_NIC_NAME_MALFORMED.into());
        assert_eq!(found, if is_one { Ok(()) } else { expected }, "{wan} {lan}");
    }
}

/// Each known field, alone and of the wrong type, is refused by its name.
#[test]
fn every_field_has_its_type() {
    fn wrong(field: &Field) -> Value {
        let one = match field.kind {
            Kind::Text => json!(1),
            Kind::Integer => json!(1.5),
            Kind::Float | Kind::Boolean => json!("yes"),
            Kind::Object(_) => json!([]),
        };
        if field.list { json!([one]) } else { one }
    }
    for action in Action::ALL {
        for field in action.fields() {
            let body = fields(json!({ field.name: wrong(field) }));
            let fault = parse(*action, &body, ME).unwrap_err();
            assert_eq!(fault.code, Code::INVALID_PARAMETER_VALUE, "{} {}", action.name(), field.name);
            assert!(fault.message().contains(field.name));
            // Nothing is the same as null.
            let nothing = parse(*action, &fields(json!({ field.name: null })), ME);
            assert_eq!(nothing.is_ok(), parse(*action, &Map::new(), ME).is_ok());
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..200_i64).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[a-z_]{0,3}\\[[0-9]{0,7},[0-9]{0,4}\\]".prop_map(Value::from),
        prop_oneof![Just("POSTPAID"), Just("ByBandwidth"), Just("10.0.0.0/24"), Just("M6C")]
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let names: Vec<&'static str> = names();
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(names), inner), 0..5)
                .prop_map(|fields| fields.into_iter().collect::<Value>()),
        ]
    })
}

/// Every name in the table, at any depth.
fn names() -> Vec<&'static str> {
    fn walk(fields: &'static [Field], into: &mut Vec<&'static str>) {
        for field in fields {
            into.push(field.name);
            if let Kind::Object(inner) = field.kind {
                walk(inner, into);
            }
        }
    }
    let mut names = Vec::new();
    Action::ALL.iter().for_each(|action| walk(action.fields(), &mut names));
    names.sort_unstable();
    names.dedup();
    names
}

proptest! {
    #[test]
    fn nothing_makes_the_reader_fall_over(
        action in proptest::sample::select(Action::ALL.to_vec()),
        body in proptest::collection::btree_map(proptest::sample::select(names()), values(), 0..12),
    ) {
        let body = body.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let _ = parse(action, &body, ME);
    }
}
