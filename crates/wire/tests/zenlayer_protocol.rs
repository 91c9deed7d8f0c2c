//! ZC2-HMAC-SHA256: one vector published by the vendor, two computed with the vendor's SDK; what
//! the protocol refuses, in which order; and the two shapes of an answer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use fleet::{Span, Time};
use proptest::prelude::*;
use serde_json::{Value, json};
use wire::zenlayer::{self, Code, Credentials, Envelope, Fault, Signer, authenticate, sign};
use wire::{AccessKey, Request, Secret};

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("vectors/sign-zc2.json")).unwrap()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

/// A request that can be changed before it is sent.
#[derive(Clone, Debug)]
struct Sent {
    method: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Sent {
    fn of_vector(vector: &Value) -> Self {
        let fields = [
            ("Content-Type", "content_type"),
            ("Host", "host"),
            ("X-ZC-Action", "action"),
            ("X-ZC-Version", "version"),
            ("X-ZC-Timestamp", "timestamp"),
            ("Authorization", "authorization"),
        ];
        let headers = fields.map(|(name, field)| (name, text(vector, field).to_owned())).to_vec();
        Self { method: "POST", headers, body: text(vector, "body").as_bytes().to_vec() }
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(found, _)| found.eq_ignore_ascii_case(name)).unwrap().1
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self.headers.push((name, value.to_owned()));
        self
    }

    /// What `then` makes of the request as the server sees it.
    fn seen<T>(&self, then: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        then(&Request { method: self.method, query: b"", headers: &headers, body: &self.body })
    }

    /// Who sent it, when `key_id` is the one key and `now` is the time.
    fn sender(&self, key_id: &str, secret: &str, now: Time) -> Result<u8, Fault> {
        let keys = |id: &str| (id == key_id).then(|| AccessKey { account: 7, secret: Secret::new(secret) });
        self.seen(|request| authenticate(&Envelope::parse(request)?, keys, now))
    }
}

fn moment(vector: &Value) -> Time {
    Time::from_secs(text(vector, "timestamp").parse().unwrap())
}

/// The second vector as a request, and its answer as status and code.
fn sent() -> Sent {
    Sent::of_vector(&vectors()[1])
}

fn code(sent: &Sent) -> Result<u8, (u16, &'static str)> {
    let vector = &vectors()[1];
    sent.sender(text(vector, "access_key_id"), text(vector, "access_key_secret"), moment(vector))
        .map_err(|fault| (fault.code.status, fault.code.code))
}

const FAILURE: Result<u8, (u16, &str)> = Err((401, "AUTHFAILURE_SIGNATURE_FAILURE"));
const EXPIRE: Result<u8, (u16, &str)> = Err((401, "AUTHFAILURE_SIGNATURE_EXPIRE"));

#[test]
fn every_vector_is_signed_as_published() {
    assert_eq!(vectors().len(), 3);
    for vector in vectors() {
        let id = text(&vector, "id");
        let body = text(&vector, "body").as_bytes();
        let canonical = sign::canonical_request(text(&vector, "content_type"), text(&vector, "host"), body);
        let string_to_sign = sign::string_to_sign(text(&vector, "timestamp"), &canonical);
        let secret = Secret::new(text(&vector, "access_key_secret"));
        assert_eq!(canonical, text(&vector, "canonical_request"), "{id}");
        assert_eq!(string_to_sign, text(&vector, "string_to_sign"), "{id}");
        assert_eq!(sign::sign(&secret, &string_to_sign), text(&vector, "signature"), "{id}");
        assert_eq!(sign::verify(&secret, &string_to_sign, text(&vector, "signature")), Ok(()), "{id}");
    }
}

#[test]
fn every_vector_is_believed_as_a_request() {
    for vector in vectors() {
        let sent = Sent::of_vector(&vector);
        let (key_id, secret) = (text(&vector, "access_key_id"), text(&vector, "access_key_secret"));
        assert_eq!(sent.sender(key_id, secret, moment(&vector)), Ok(7));
        sent.seen(|request| {
            let envelope = Envelope::parse(request).unwrap();
            let Credentials { string_to_sign, .. } = &envelope.credentials;
            assert_eq!(string_to_sign, text(&vector, "string_to_sign"));
            assert_eq!((envelope.action, envelope.version), (text(&vector, "action"), "2022-11-20"));
            let body: Value = serde_json::from_str(text(&vector, "body")).unwrap();
            assert_eq!(Value::from(envelope.fields().unwrap()), body);
        });
    }
}

#[test]
fn what_a_client_signs_is_believed() {
    let secret = Secret::new("s");
    let timestamp = Time::from_secs(1_767_323_045);
    let signer = Signer { key_id: "k", secret: &secret, host: "127.0.0.1:1", timestamp };
    let body = b"{}".to_vec();
    let sent = Sent { method: "POST", headers: signer.headers("A", "V", &body), body };
    assert_eq!(sent.sender("k", "s", timestamp), Ok(7));
}

#[test]
fn the_window_is_five_minutes_either_way() {
    let vector = &vectors()[1];
    let now = moment(vector);
    for (seconds, ok) in [(0, true), (300, true), (301, false)] {
        let span = Span::from_secs(seconds);
        for now in [now.after(span), Time::from_millis(now.millis() - span.millis())] {
            let found = sent().sender("zlContract01", "zlSecret01", now);
            let expected = if ok { Ok(7) } else { Err(Code::AUTHFAILURE_SIGNATURE_EXPIRE.into()) };
            assert_eq!(found, expected, "{seconds} s");
        }
    }
}

#[test]
fn the_kind_of_the_signature() {
    assert_eq!(code(&sent()), Ok(7));
    let own = text(&vectors()[1], "authorization").to_owned();
    for authorization in [
        "".to_owned(),
        "Bearer token".to_owned(),
        own.replace("ZC2-HMAC-SHA256", "ZC2-HMAC-SM3"),
        own.replace("ZC2-HMAC-SHA256", "zc2-hmac-sha256"),
        own.replace("ZC2-HMAC-SHA256 ", "ZC2-HMAC-SHA256"),
        own.replace("content-type;host", "host;content-type"),
        own.replace("content-type;host", "host"),
        own.replace("Credential=zlContract01, ", ""),
        own.replace("zlContract01", "unknown"),
        own.replace("Signature=8", "Signature=9"),
        own.replace("Signature=8", "Signature="),
    ] {
        assert_eq!(code(&sent().with("Authorization", &authorization)), FAILURE, "{authorization}");
    }
    assert_eq!(code(&sent().with("Authorization", &own.replace(", ", ","))), Ok(7));
    assert_eq!(code(&sent().with("X-ZC-Signature-Method", "ZC2-HMAC-SHA256")), Ok(7));
    assert_eq!(code(&sent().with("X-ZC-Signature-Method", "ZC2-HMAC-SM3")), FAILURE);
}

/// Each row breaks one rule fewer than the row above.
#[test]
fn the_first_fault_is_the_answer() {
    let unsigned = sent().with("Content-Type", "text/plain");
    let old = unsigned.clone().with("X-ZC-Timestamp", "1");
    let nameless = old.clone().with("X-ZC-Action", "");
    let timeless = nameless.clone().with("X-ZC-Timestamp", "+1767323045");
    let got = Sent { method: "GET", ..timeless.clone() };
    for (sent, expected) in [
        (got, Err((404, "INVALID_ACTION"))),
        (timeless, FAILURE),
        (nameless, Err((400, "MISSING_PARAMETER"))),
        (old.clone().with("X-ZC-Version", ""), Err((400, "MISSING_PARAMETER"))),
        (old, EXPIRE),
        (unsigned, FAILURE),
        (sent(), Ok(7)),
    ] {
        assert_eq!(code(&sent), expected);
    }
}

#[test]
fn a_body_is_one_object() {
    for (body, ok) in [
        (&b"{}"[..], true),
        (b" {\"a\":1,\"a\":2}\n", true),
        (b"", false),
        (b"[]", false),
        (b"null", false),
        (b"{} {}", false),
        (b"{\"a\":\"\xff\"}", false),
        (&b"[".repeat(100_000), false),
    ] {
        let sent = Sent { body: body.to_vec(), ..sent() };
        let found = sent.seen(|request| Envelope::parse(request).unwrap().fields());
        let expected = Fault::about(Code::INVALID_PARAMETER_VALUE, "body");
        assert_eq!(found.map(drop).map_err(|fault| fault == expected), if ok { Ok(()) } else { Err(true) });
    }
}

#[test]
fn the_shapes_of_an_answer() {
    let mut response = zenlayer::Fields::new();
    response.insert("totalCount".into(), 0.into());
    let success: Value = serde_json::from_str(&zenlayer::success("T1", response)).unwrap();
    assert_eq!(success, json!({ "requestId": "T1", "response": { "requestId": "T1", "totalCount": 0 } }));
    let fault = Fault::about(Code::MISSING_PARAMETER, "zone\"Id");
    let error: Value = serde_json::from_str(&zenlayer::error("T1", &fault)).unwrap();
    let message = "The parameter `zone\"Id` is missing.";
    assert_eq!(error, json!({ "requestId": "T1", "code": "MISSING_PARAMETER", "message": message }));
}

#[test]
fn nothing_prints_what_was_sent() {
    let sent = sent().with("Authorization", &format!("{}planted", text(&vectors()[1], "authorization")));
    sent.seen(|request| {
        let envelope = Envelope::parse(request).unwrap();
        let printed = format!("{:?}", envelope.credentials);
        assert!(!printed.contains("planted") && !printed.contains("8828b2"), "{printed}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever byte of what is signed changes, the request is nobody's.
    #[test]
    fn no_signed_byte_can_change(vector in 0..3_usize, part in 0..5_usize, at: prop::sample::Index, flip in 1..8_u8) {
        let vector = &vectors()[vector];
        let mut sent = Sent::of_vector(vector);
        let change = |bytes: &mut [u8]| {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        };
        match part {
            0 => change(&mut sent.body),
            1 | 2 => {
                let value = sent.header(["content-type", "host"][part - 1]);
                let mut bytes = value.clone().into_bytes();
                change(&mut bytes);
                *value = String::from_utf8(bytes).unwrap();
            }
            3 => {
                let value = sent.header("x-zc-timestamp");
                let second: u64 = value.parse().unwrap();
                *value = (second + u64::from(flip)).to_string();
            }
            _ => {
                let value = sent.header("authorization");
                let start = value.len() - 64;
                let mut bytes = value.clone().into_bytes();
                change(&mut bytes[start..]);
                *value = String::from_utf8(bytes).unwrap();
            }
        }
        let found = sent.sender(text(vector, "access_key_id"), text(vector, "access_key_secret"), moment(vector));
        prop_assert_eq!(found.map_err(|fault| (fault.code.status, fault.code.code)), FAILURE);
    }
}
