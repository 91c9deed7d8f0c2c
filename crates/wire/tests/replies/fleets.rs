//! Whatever a fleet holds, its replies are well-formed and say the same in both formats.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use fleet::{
    AfterCreation, BatchId, Boot, Capacity, Catalogue, Charge, FailureReason, Instance, InstanceId, Internet,
    InternetCharge, Label, Names, Naming, PeriodUnit, Profile, Protection, ReleasedFrom, Serial, Shutdown,
    Spec, State, Tag, Time,
};
use proptest::prelude::*;
use quick_xml::events::Event;
use serde_json::Value;
use wire::Format;
use wire::ecs::reply;

use super::samples::{self, REQUEST_ID};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", any::<String>(), Just("]]>".to_owned()), Just("\r\n\t\u{0}".to_owned())]
}

/// A label: one that the catalogue of the samples knows, or any other.
fn label() -> impl Strategy<Value = Label> {
    let known = prop_oneof!["img-(linux|windows|young)", "ecs\\.(g5\\.large|g8y\\.small)"];
    prop_oneof![known, "[!-~]{1,128}"].prop_map(|text| samples::label(&text))
}

fn names() -> impl Strategy<Value = Names> {
    let numbered = (text(), any::<u32>(), 0_u8..8, text()).prop_map(|(prefix, begin, digits, suffix)| {
        Naming::Numbered { prefix: prefix.into(), begin, digits, suffix: suffix.into() }
    });
    let naming =
        prop_oneof![Just(Naming::OwnId), text().prop_map(|text| Naming::Fixed(text.into())), numbered];
    (naming, any::<bool>()).prop_map(|(naming, unique_suffix)| Names { naming, unique_suffix })
}

fn time() -> impl Strategy<Value = Time> {
    any::<u64>().prop_map(Time::from_millis)
}

fn charge() -> impl Strategy<Value = Charge> {
    let unit = prop_oneof![Just(PeriodUnit::Week), Just(PeriodUnit::Month)];
    let prepaid = (any::<u8>(), unit).prop_map(|(count, unit)| Charge::PrePaid { count, unit });
    prop_oneof![Just(Charge::PostPaid), prepaid]
}

prop_compose! {
    fn spec()(
        places in proptest::array::uniform6(label()),
        groups in proptest::collection::vec(label(), 1..4),
        charge in charge(),
        names in names(),
        host_names in names(),
        description in text(),
        tags in proptest::collection::vec((text(), text()), 0..4),
        by_traffic in any::<bool>(),
        (in_mbps_max, out_mbps_max) in any::<(u16, u16)>(),
    ) -> Spec {
        let [region, zone, image, instance_type, network, subnet] = places;
        let internet_charge =
            if by_traffic { InternetCharge::ByTraffic } else { InternetCharge::ByBandwidth };
        Spec {
            region, zone, image: Some(image), instance_type, network, subnet, groups, charge, names, host_names,
            after_creation: AfterCreation::Start,
            protection: Protection::Off,
            description: Arc::from(description),
            tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect(),
            internet: Internet { charge: internet_charge, in_mbps_max, out_mbps_max },
            ..samples::spec()
        }
    }
}

fn state() -> impl Strategy<Value = State> {
    let reason = prop_oneof![Just(FailureReason::NoStock), Just(FailureReason::Deadline)];
    let from = prop_oneof![
        Just(ReleasedFrom::Running),
        Just(ReleasedFrom::Stopped(Capacity::Kept)),
        Just(ReleasedFrom::Failed)
    ];
    prop_oneof![
        Just(State::Pending(samples::work())),
        Just(State::Starting(Boot::Start, samples::work())),
        Just(State::Running),
        Just(State::Stopping(Shutdown::default(), samples::work())),
        Just(State::Stopped(Capacity::GivenBack)),
        reason.prop_map(|reason| State::Failed(fleet::Failure { reason, ..samples::failure() })),
        from.prop_map(|from| State::Releasing(from, samples::work())),
    ]
}

prop_compose! {
    fn instance()(
        state in state(),
        (epoch, number) in any::<(u16, u64)>(),
        index in any::<u8>(),
        address in any::<u32>().prop_map(Ipv4Addr::from),
        protected in any::<bool>(),
        created_at in time(),
        started_at in proptest::option::of(time()),
    ) -> Instance {
        Instance {
            id: InstanceId(Serial { epoch, number }),
            batch: BatchId(Serial { epoch, number }),
            index,
            address,
            protection: if protected { Protection::On } else { Protection::Off },
            created_at,
            started_at,
            ..samples::instance(1, state)
        }
    }
}

/// The leaves of a JSON body, each with its path. What XML cannot hold is as it is there.
fn json_leaves(path: &str, value: &Value, leaves: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| json_leaves(&format!("{path}/{name}"), value, leaves));
        }
        Value::Array(items) => items.iter().for_each(|item| json_leaves(path, item, leaves)),
        Value::String(text) => leaves.push((path.to_owned(), text.chars().map(in_xml).collect())),
        Value::Null | Value::Bool(_) | Value::Number(_) => leaves.push((path.to_owned(), value.to_string())),
    }
}

fn in_xml(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        other => other,
    }
}

/// The leaves of an XML body: elements without elements in them. An empty list is like an empty
/// text here, so both are left out.
fn xml_leaves(xml: &str) -> Vec<(String, String)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut path, mut leaves): (Vec<String>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(String::from_utf8(start.name().as_ref().to_vec()).unwrap());
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.decode().unwrap()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().unwrap() {
                Some(character) => text.push(character),
                None => text.push_str(
                    quick_xml::escape::resolve_predefined_entity(&entity.decode().unwrap()).unwrap(),
                ),
            },
            Event::End(_) => {
                if !text.is_empty() {
                    leaves.push((format!("/{}", path[1..].join("/")), std::mem::take(&mut text)));
                }
                path.pop();
            }
            Event::Eof => break,
            Event::Decl(_) => {}
            other @ (Event::Empty(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::PI(_)
            | Event::DocType(_)) => {
                panic!("{other:?}")
            }
        }
    }
    assert_eq!(path, Vec::<String>::new());
    leaves
}

fn both_say_the_same(reply: &reply::Reply) -> Result<(), TestCaseError> {
    let json: Value = serde_json::from_str(&reply.clone().render(REQUEST_ID, Format::Json)).unwrap();
    let mut from_json = Vec::new();
    json_leaves("", &json, &mut from_json);
    // What is nested in JSON and has a name with dots beside it, XML has under that name only.
    let dotted: BTreeSet<String> = from_json.iter().map(|(path, _)| path.clone()).collect();
    let again = |path: &str| {
        path.rsplit_once('/').is_some_and(|(front, field)| dotted.contains(&format!("{front}.{field}")))
    };
    from_json.retain(|(path, text)| !text.is_empty() && !again(path));
    let mut from_xml = xml_leaves(&reply.clone().render(REQUEST_ID, Format::Xml));
    // A parser gives the fields of JSON in an order of its own.
    from_json.sort();
    from_xml.sort();
    prop_assert_eq!(from_json, from_xml);
    Ok(())
}

#[test]
fn the_samples_say_the_same_in_both_formats() {
    for (action, sample, reply) in samples::replies() {
        both_say_the_same(&reply).unwrap_or_else(|error| panic!("{action}{sample}: {error}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_instances_are_shown_alike_in_both_formats(
        rows in proptest::collection::vec((instance(), spec()), 0..4),
        forgetful in any::<bool>(),
    ) {
        let visible = rows.iter().filter(|(instance, _)| instance.shown().is_some()).count();
        let rows = rows.into_iter().map(|(instance, spec)| Profile::new(instance, Arc::new(spec))).collect();
        let listing = samples::page(rows);
        let catalogue = if forgetful { Catalogue::default() } else { samples::catalogue() };
        let described = reply::describe_instances(&listing, &catalogue);
        both_say_the_same(&described)?;
        both_say_the_same(&reply::describe_instance_status(&listing))?;
        let json: Value = serde_json::from_str(&described.render(REQUEST_ID, Format::Json)).unwrap();
        prop_assert_eq!(json["Instances"]["Instance"].as_array().unwrap().len(), visible);
    }
}
