//! A request in the dialect of Zenlayer: any body, or one made of fields. The body is one JSON object
//! or it is refused; what was read and is written again reads the same; of a repeated field the last
//! counts. What a client signs is its own, and is no longer when one bit of the body is another.
#![no_main]

use fleet::{Span, Time};
use hatchery_fuzz::Draw;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use wire::zenlayer::{self, Code, Envelope, Fault, Fields, Signer, authenticate};
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
    let action = draw.one(ACTIONS)?;
    let members = members(draw, 0)?;
    let body = written(&members);
    let last: Map<String, Value> = members.into_iter().collect();
    assert_eq!(read(body.as_bytes()).as_ref(), Ok(&last), "of a repeated field the last counts");
    sent(action, body.as_bytes(), body.len());
    Ok(())
}

/// An object whose names may be there twice.
fn written(members: &[(String, Value)]) -> String {
    let member = |(name, value): &(String, Value)| format!("{}:{value}", Value::from(name.as_str()));
    format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(" ,\t"))
}

fn members(draw: &mut Draw<'_>, depth: usize) -> arbitrary::Result<Vec<(String, Value)>> {
    let mut members = Vec::new();
    while members.len() < 12 && draw.rarely(2)? {
        let name = match draw.rarely(8)? {
            true => draw.text()?,
            false => draw.one(FIELDS)?.to_owned(),
        };
        members.push((name, value(draw, depth + 1)?));
    }
    Ok(members)
}

fn value(draw: &mut Draw<'_>, depth: usize) -> arbitrary::Result<Value> {
    let deepest = if depth < DEPTH_MAX { 8 } else { 6 };
    Ok(match draw.one(&[0, 1, 2, 3, 4, 5, 6, 7][..deepest])? {
        0 => Value::Null,
        1 => Value::Bool(draw.rarely(2)?),
        2 => json!(draw.one(&[0_i64, 1, 2, 100, 101, 1000, -1, i64::MAX, i64::MIN])?),
        3 => json!(draw.one(&[0.5, 1.0, 1e300, -0.0])?),
        4 => Value::from(draw.word()?),
        5 => Value::from(draw.text()?),
        6 => {
            let mut list = Vec::new();
            while list.len() < 6 && draw.rarely(2)? {
                list.push(value(draw, depth + 1)?);
            }
            Value::Array(list)
        }
        _ => Value::Object(members(draw, depth)?.into_iter().collect()),
    })
}

fn read(body: &[u8]) -> Result<Fields, Fault> {
    with_envelope("describeInstances", body, |envelope| envelope.fields())
}

/// What comes of a request that is signed as it should be.
fn with_envelope<T>(action: &str, body: &[u8], of: impl FnOnce(&Envelope<'_>) -> T) -> T {
    let secret = Secret::new("a secret");
    let signer = Signer { key_id: KEY_ID, secret: &secret, host: "localhost:8080", timestamp: NOW };
    let headers = signer.headers(action, "2022-11-20", body);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = Request { method: "POST", query: b"", headers: &headers, body };
    of(&Envelope::parse(&request).expect("it is well-formed but for its body"))
}

fn sent(action: &str, body: &[u8], seed: usize) {
    with_envelope(action, body, |envelope| {
        assert_eq!((envelope.action, envelope.version), (action, "2022-11-20"));
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
                let again = Value::Object(fields.clone()).to_string();
                assert_eq!(read(again.as_bytes()).as_ref(), Ok(&fields), "what was read reads the same");
                answered(&fields);
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

/// THE HOOK: this is where the fields become a request. To be held to here, for every action: no
/// panic; a field that is `null` is absent; what is read does not depend on fields that the action
/// does not document; a fault names a field that was sent or is needed.
fn understood(action: &str, fields: &Fields) {
    let _ = (action, fields);
}

const ACTIONS: &[&str] = &[
    "describeZones",
    "createInstances",
    "describeInstanceTypes",
    "describeAvailableResources",
    "describeImages",
    "describeInstances",
    "startInstances",
    "stopInstances",
    "rebootInstances",
    "releaseInstances",
    "reinstallInstance",
    "terminateInstance",
    "modifyInstancesAttribute",
    "modifyInstancesResourceGroup",
    "inquiryPriceCreateInstance",
    "renewInstance",
    "createVpc",
    "describeVpcs",
    "deleteVpc",
    "createSubnet",
    "describeSubnets",
    "deleteSubnet",
    "associateSubnetInstances",
    "unAssociateSubnetInstance",
];

#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "instanceIds", "instanceId", "zoneId", "zoneIds", "instanceTypeId", "instanceTypeIds", "imageId", "imageIds",
    "resourceGroupId", "osType", "instanceName", "hostname", "instanceChargeType", "instanceChargePrepaid", "period",
    "password", "sshKeys", "internetChargeType", "trafficPackageSize", "internetMaxBandwidthOut", "amount", "subnetId",
    "subnetIds", "vpcId", "vpcIds", "vpcName", "cidrBlock", "nics", "wanName", "lanName", "raidConfig", "raidType",
    "partitions", "fsType", "fsPath", "size", "ipBindType", "privateIpAddress", "pageNum", "pageSize", "tags", "key",
    "value", "requestId",
];
