//! A request in the dialect of Zenlayer: any body, or one made of fields. The body is one JSON object
//! or it is refused; what was read and is written again reads the same; of a repeated field the last
//! counts. What a client signs is its own, and is no longer when one bit of the body is another. What
//! the fields mean does not depend on those that are null or unknown, and a launch has as many legal
//! names as instances.
#![no_main]

use std::collections::BTreeSet;

use fleet::{AccountId, Names, Naming, Span, Time};
use hatchery_fuzz::Draw;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use wire::zenlayer::action::VERSION;
use wire::zenlayer::field::{Field, Kind};
use wire::zenlayer::{self, Action, Code, Envelope, Fault, Fields, Signer, authenticate, request};
use wire::{AccessKey, Request, Secret};

const NOW: Time = Time::from_secs(1_767_323_045);
const KEY_ID: &str = "zen";
/// How deep a body nests that is drawn.
const DEPTH_MAX: usize = 4;

fuzz_target!(|data: &[u8]| {
    // No JSON begins with a zero byte, so it tells the two ways apart.
    match data.split_first() {
        Some((0, rest)) => drop(drawn(&mut Draw::new(rest))),
        Some(_) | None => {
            // The action and the body, parted by the first line break.
            let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
            let action = std::str::from_utf8(&data[..at]).ok().filter(|action| !action.is_empty());
            let Some(action) = action else { return };
            sent(action, data.get(at + 1..).unwrap_or_default(), data.len());
        }
    }
});

fn drawn(draw: &mut Draw<'_>) -> arbitrary::Result<()> {
    let action = draw.one(Action::ALL)?;
    let mut members = documented(draw, action.fields())?;
    members.extend(wild(draw, 1)?);
    let body = written(&members);
    let last: Map<String, Value> = members.into_iter().collect();
    assert_eq!(read(body.as_bytes()).as_ref(), Ok(&last), "of a repeated field the last counts");
    sent(action.name(), body.as_bytes(), body.len());
    Ok(())
}

/// An object whose names may be there twice.
fn written(members: &[(String, Value)]) -> String {
    let member = |(name, value): &(String, Value)| format!("{}:{value}", Value::from(name.as_str()));
    format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(" ,\t"))
}

/// Fields of an action, most of them with what they should hold.
fn documented(draw: &mut Draw<'_>, fields: &[Field]) -> arbitrary::Result<Vec<(String, Value)>> {
    let mut members = Vec::new();
    for field in fields {
        if NEEDED.contains(&field.name) != draw.rarely(3)? {
            let value = match (draw.rarely(8)?, field.list) {
                (true, _) => anything(draw, DEPTH_MAX)?,
                (false, true) => {
                    let mut list = Vec::new();
                    while list.len() < 6 && !draw.rarely(3)? {
                        list.push(held(draw, field)?);
                    }
                    Value::Array(list)
                }
                (false, false) => held(draw, field)?,
            };
            members.push((field.name.to_owned(), value));
        }
    }
    Ok(members)
}

/// What a field holds, or nearly.
fn held(draw: &mut Draw<'_>, field: &Field) -> arbitrary::Result<Value> {
    Ok(match field.kind {
        Kind::Object(fields) => Value::Object(documented(draw, fields)?.into_iter().collect()),
        Kind::Boolean => Value::Bool(draw.rarely(2)?),
        Kind::Integer => match draw.rarely(4)? {
            true => Value::from(draw.one(&["1", "-1", "+1", "1.0", "99999999999999999999", ""])?),
            false => {
                json!(draw.one(&[1_i64, 2, 5, 10, 100, 0, 101, 255, 256, 65_536, -1, i64::MAX, i64::MIN])?)
            }
        },
        Kind::Float => match draw.rarely(4)? {
            true => Value::from(draw.one(&["0.5", "1e400", "NaN", "inf", "-0", ""])?),
            false => json!(draw.one(&[0.5, 1.0, 1e300, -0.0, 20.25])?),
        },
        Kind::Text => match (PLAUSIBLE.iter().find(|(name, _)| *name == field.name), draw.rarely(4)?) {
            (Some((_, plausible)), false) => Value::from(draw.one(plausible)?),
            (None, false) => Value::from("a-1"),
            (_, true) => match draw.rarely(2)? {
                true => Value::from(draw.text()?),
                false => Value::from(draw.word()?),
            },
        },
    })
}

/// Members that nobody may know.
fn wild(draw: &mut Draw<'_>, depth: usize) -> arbitrary::Result<Vec<(String, Value)>> {
    let mut members = Vec::new();
    while members.len() < 6 && draw.rarely(2)? {
        let name = if draw.rarely(2)? { draw.text()? } else { draw.word()?.to_owned() };
        members.push((name, anything(draw, depth + 1)?));
    }
    Ok(members)
}

fn anything(draw: &mut Draw<'_>, depth: usize) -> arbitrary::Result<Value> {
    let deepest = if depth < DEPTH_MAX { 8 } else { 6 };
    Ok(match draw.one(&[0, 1, 2, 3, 4, 5, 6, 7][..deepest])? {
        0 => Value::Null,
        1 => Value::Bool(draw.rarely(2)?),
        2 => json!(draw.one(&[0_i64, 1, 100, 1000, -1, i64::MAX, i64::MIN])?),
        3 => json!(draw.one(&[0.5, 1.0, 1e300, -0.0])?),
        4 => Value::from(draw.word()?),
        5 => Value::from(draw.text()?),
        6 => {
            let mut list = Vec::new();
            while list.len() < 6 && draw.rarely(2)? {
                list.push(anything(draw, depth + 1)?);
            }
            Value::Array(list)
        }
        _ => Value::Object(wild(draw, depth)?.into_iter().collect()),
    })
}

fn read(body: &[u8]) -> Result<Fields, Fault> {
    with_envelope("DescribeInstances", body, |envelope| envelope.fields())
}

/// What comes of a request that is signed as it should be.
fn with_envelope<T>(action: &str, body: &[u8], of: impl FnOnce(&Envelope<'_>) -> T) -> T {
    let secret = Secret::new("a secret");
    let signer = Signer { key_id: KEY_ID, secret: &secret, host: "localhost:8080", timestamp: NOW };
    let headers = signer.headers(action, VERSION, body);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = Request { method: "POST", query: b"", headers: &headers, body };
    of(&Envelope::parse(&request).expect("it is well-formed but for its body"))
}

fn sent(action: &str, body: &[u8], seed: usize) {
    with_envelope(action, body, |envelope| {
        assert_eq!((envelope.action, envelope.version), (action, VERSION));
        assert_eq!(account(envelope, NOW), Ok(7), "what is signed is known");
        let late = NOW.after(zenlayer::WINDOW).after(Span::from_secs(1));
        assert_eq!(
            account(envelope, late).map_err(|fault| fault.code),
            Err(Code::AUTHFAILURE_SIGNATURE_EXPIRE)
        );
        if !body.is_empty() {
            changed(envelope, body, seed);
        }
        match envelope.fields() {
            Ok(fields) => {
                let whole = Value::Object(fields.clone());
                if !has_fraction(&whole) {
                    let again = whole.to_string();
                    assert_eq!(read(again.as_bytes()).as_ref(), Ok(&fields), "what was read reads the same");
                    answered(&fields);
                }
                understood(action, &fields);
            }
            Err(fault) => {
                assert_eq!(fault.code, Code::INVALID_PARAMETER_VALUE);
                let read = serde_json::from_slice::<Value>(body);
                assert!(!read.is_ok_and(|value| value.is_object()), "an object is read");
            }
        }
    });
}

/// Whether a number in it is no integer: the last digit of one may be another when it is read again.
fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(list) => list.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn account(envelope: &Envelope<'_>, now: Time) -> Result<u8, Fault> {
    let key = |id: &str| (id == KEY_ID).then(|| AccessKey { account: 7, secret: Secret::new("a secret") });
    authenticate(envelope, key, now)
}

/// The same signature under another body is nobody's.
fn changed(envelope: &Envelope<'_>, body: &[u8], seed: usize) {
    let mut other = body.to_vec();
    other[seed % body.len()] ^= 1 << (seed / 3 % 8);
    with_envelope(envelope.action, &other, |forged| {
        assert_ne!(forged.credentials.signature, envelope.credentials.signature);
        assert_ne!(forged.credentials.string_to_sign, envelope.credentials.string_to_sign);
    });
}

/// Answers are JSON, whatever is in them, and say which request they are to.
fn answered(fields: &Fields) {
    let success: Value = serde_json::from_str(&zenlayer::success("R-1", fields.clone())).expect("it is JSON");
    let mut expected = fields.clone();
    expected.insert("requestId".to_owned(), "R-1".into());
    assert_eq!(success, json!({ "requestId": "R-1", "response": expected }));
    let about = fields.keys().next().cloned().unwrap_or_default();
    let fault = Fault::about(Code::INVALID_PARAMETER_VALUE, about.as_str());
    let error: Value = serde_json::from_str(&zenlayer::error("R-1", &fault)).expect("it is JSON");
    assert_eq!((error["requestId"].as_str(), error["code"].as_str()), (Some("R-1"), Some(fault.code.code)));
    assert!(error["message"].as_str().is_some_and(|message| message.contains(&about)));
}

fn understood(action: &str, fields: &Fields) {
    let Ok(action) = Action::parse(action, VERSION) else { return };
    let parse = |fields: &Fields| request::parse(action, fields, AccountId(1));
    let outcome = parse(fields);
    assert_eq!(parse(&known(action.fields(), fields)), outcome, "null is absent, and so is what is unknown");
    match outcome {
        Ok(request::Request::CreateInstances(new)) => {
            let amount = new.launch.wanted.most();
            named(&new.launch.names, amount);
            named(&new.launch.host_names, amount);
        }
        Ok(_) => {}
        Err(fault) => assert!((400..600).contains(&fault.code.status)),
    }
}

/// The fields that are documented and say something.
fn known(documented: &[Field], fields: &Fields) -> Fields {
    let inside = |field: &Field, value: &Value| match (field.kind, value) {
        (Kind::Object(documented), Value::Object(fields)) => Value::Object(known(documented, fields)),
        (_, value) => value.clone(),
    };
    let mut known = Fields::new();
    for field in documented {
        let value = match fields.get(field.name) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(list)) => list.iter().map(|value| inside(field, value)).collect(),
            Some(value) => inside(field, value),
        };
        known.insert(field.name.to_owned(), value);
    }
    known
}

/// Every name of a launch is one, and a number in it tells it apart from every other.
fn named(names: &Names, amount: u8) {
    let all: Vec<String> = (0..amount).filter_map(|index| names.name(index)).collect();
    assert_eq!(all.len(), usize::from(amount));
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    for name in &all {
        assert!((1..=64).contains(&name.len()) && name.bytes().all(legal), "{names:?} makes {name}");
    }
    let distinct = all.iter().collect::<BTreeSet<_>>().len();
    let counts = matches!(names.naming, Naming::Parts(_));
    assert_eq!(distinct, if counts { all.len() } else { 1 }, "{names:?}");
}

/// Without these most requests go no further.
const NEEDED: &[&str] = &[
    "zoneId",
    "instanceTypeId",
    "instanceChargeType",
    "internetChargeType",
    "instanceChargePrepaid",
    "period",
    "password",
    "imageId",
    "instanceId",
    "instanceIds",
    "resourceGroupId",
    "instanceName",
    "subnetId",
    "vpcId",
    "vpcName",
    "vpcRegionId",
    "cidrBlock",
    "subnetName",
    "netmask",
    "subnetInstanceList",
    "hostname",
];

/// What a field usually holds.
const PLAUSIBLE: &[(&str, &[&str])] = &[
    ("instanceChargeType", &["POSTPAID", "PREPAID"]),
    (
        "internetChargeType",
        &["ByBandwidth", "ByTrafficPackage", "ByInstanceBandwidth95", "ByClusterBandwidth95"],
    ),
    ("instanceName", &["web", "web-[3,2]", "web[]", "a[1,1]b[7,2]", "web_[3,3]", "[99999,6]", "web[,]"]),
    ("hostname", &["web", "web-[3,2]", "web[]", "a[1,1]b[7,2]", "web_[3,3]", "[99999,6]"]),
    ("password", &["Aa1~Aa1~", "Qwer1234", "Abcdefg1"]),
    ("cidrBlock", &["10.0.0.0/24", "172.16.0.0/12", "10.0.0.1/24"]),
    ("privateIpAddress", &["10.0.0.1", "10.0.0.255", "::1"]),
    ("userData", &["QQ==", "x"]),
    ("fsType", &["ext4", "xfs", "swap"]),
    ("fsPath", &["/", "/boot", "/data"]),
    ("wanName", &["wan0", "eth0", "Wan"]),
    ("lanName", &["lan0", "eth1", "wan0"]),
    ("sshKeys", &["ssh-rsa QQ== a", "ssh-ed25519 AAAA"]),
    ("instanceStatus", &["RUNNING", "STOPPED", "CREATING"]),
    ("osType", &["centos", "windows", "ubuntu"]),
];
