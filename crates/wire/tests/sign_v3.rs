//! The signing vectors of version 3, one of them published by the vendor: as texts, as requests on
//! the wire, and as requests of which something was changed. And what the protocol refuses.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

use std::sync::Mutex;

use fleet::{Span, Time};
use proptest::prelude::*;
use serde_json::Value;
use wire::ecs::sign_v3::{self, Call};
use wire::ecs::{
    AccessKey, Credentials, Envelope, Fault, Method, Nonces, Rejection, Secret, Service, Signer, authenticate,
};
use wire::{Format, Params, Request, time};

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("vectors/sign-v3.json")).unwrap()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

/// A request that can be changed before it is sent.
#[derive(Clone, Debug)]
struct Sent {
    method: &'static str,
    query: Vec<u8>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Sent {
    fn of_vector(vector: &Value) -> Self {
        let signed = vector["signed_header_values"].as_object().unwrap();
        let mut headers: Vec<(String, String)> =
            signed.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        headers.push(("Authorization".to_owned(), text(vector, "authorization").to_owned()));
        Self {
            method: Method::parse(text(vector, "method")).unwrap().name(),
            query: text(vector, "canonical_query").as_bytes().to_vec(),
            headers,
            body: text(vector, "body").as_bytes().to_vec(),
        }
    }

    fn of_client(call: &Call<'_>, signer: &Signer<'_>) -> Self {
        let headers = sign_v3::signed_headers(call, signer);
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let query = call.query.render().into_bytes();
        Self { method: call.method.name(), query, headers, body: call.body.to_vec() }
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(found, _)| found.eq_ignore_ascii_case(name)).unwrap().1
    }

    /// The same request with another header in place of the one of this name.
    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with `from` replaced in its Authorization.
    fn authorized(mut self, from: &str, to: &str) -> Self {
        let changed = self.header("authorization").replacen(from, to, 1);
        self.with("authorization", &changed)
    }

    fn parse(&self) -> Result<Envelope, Rejection> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Envelope::parse(&Request {
            method: self.method,
            query: &self.query,
            headers: &headers,
            body: &self.body,
        })
    }

    /// Who sent it, by the key of `vector` and at the vector's time.
    fn sender(&self, vector: &Value) -> Result<u8, Fault> {
        let now = time::parse_seconds(text(&vector["signed_header_values"], "x-acs-date")).unwrap();
        let nonces = Mutex::new(Nonces::default());
        let keys = |id: &str| {
            let secret = Secret::new(text(vector, "access_key_secret"));
            (id == text(vector, "access_key_id")).then_some(AccessKey { account: 7, secret })
        };
        let envelope = self.parse().map_err(|rejection| rejection.fault)?;
        authenticate(&envelope, keys, now, &nonces)
    }
}

#[test]
fn every_vector_is_signed_as_published() {
    assert_eq!(vectors().len(), 5);
    for vector in vectors() {
        let id = text(&vector, "id");
        let mut query = Params::new();
        for (name, value) in vector["query_params"].as_object().unwrap() {
            query.set(name, value.as_str().unwrap());
        }
        assert_eq!(query.render(), text(&vector, "canonical_query"), "{id}");

        let headers = vector["signed_header_values"].as_object().unwrap();
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let request =
            Request { headers: &headers, body: text(&vector, "body").as_bytes(), ..Request::default() };
        let method = Method::parse(text(&vector, "method")).unwrap();
        let canonical = sign_v3::canonical_request(method, &query, &request, text(&vector, "signed_headers"));
        assert_eq!(canonical, text(&vector, "canonical_request"), "{id}");

        let string_to_sign = sign_v3::string_to_sign(&canonical);
        assert_eq!(string_to_sign, text(&vector, "string_to_sign"), "{id}");

        let secret = Secret::new(text(&vector, "access_key_secret"));
        assert_eq!(sign_v3::sign(&secret, &string_to_sign), text(&vector, "signature"), "{id}");
        assert_eq!(sign_v3::verify(&secret, &string_to_sign, text(&vector, "signature")), Ok(()), "{id}");
    }
}

#[test]
fn every_vector_is_believed_as_a_request() {
    for vector in vectors() {
        let sent = Sent::of_vector(&vector);
        let envelope = sent.parse().unwrap();
        let Credentials::V3 { signed, payload_is_declared: true } = &envelope.credentials else {
            panic!("{envelope:?}");
        };
        assert_eq!(signed.string_to_sign, text(&vector, "string_to_sign"));
        let headers = &vector["signed_header_values"];
        assert_eq!(envelope.action, text(headers, "x-acs-action"));
        assert_eq!(envelope.service(), Ok(Service::Ecs));
        assert_eq!(envelope.format, Format::Json);
        assert_eq!(signed.security_token.as_deref(), headers["x-acs-security-token"].as_str());
        assert_eq!(sent.sender(&vector), Ok(7));
    }
}

#[test]
fn parameters_are_those_of_the_query_and_the_form() {
    let found = Sent::of_vector(&vectors()[2]).parse().unwrap().params;
    assert_eq!(found.leftover().collect::<Vec<_>>(), ["InstanceIds", "PageSize", "RegionId"]);
}

#[test]
fn a_launch_means_the_same_by_either_signature() {
    let by_headers = Sent::of_vector(&vectors()[4]);
    let by_headers = Sent { query: b"RegionId=r&Amount=2".to_vec(), ..by_headers }.parse().unwrap();
    let query =
        b"AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=2026-01-02T03:04:05Z&Version=v&Action=a\
                  &Amount=2&RegionId=r";
    let by_parameters = Request { method: "GET", query, ..Request::default() };
    assert_eq!(by_headers.fingerprint, Envelope::parse(&by_parameters).unwrap().fingerprint);
}

#[test]
fn only_the_authorization_makes_it_version_3() {
    let vector = &vectors()[4];
    let bare = Sent::of_vector(vector).with("authorization", "");
    let found = bare.parse().unwrap_err();
    assert_eq!((found.format, found.fault), (Format::Xml, Fault::missing("AccessKeyId")));
    let basic = bare.with("authorization", "Basic QQ==");
    assert_eq!(basic.parse().unwrap_err().fault, Fault::missing("AccessKeyId"));
}

/// Each row mends the fault of the row above.
#[test]
fn the_first_fault_is_the_answer() {
    let vector = &vectors()[4];
    let whole = Sent::of_vector(vector);
    let own = |name: &'static str| (name, whole.clone().header(name).clone());
    let authorization = |parts: &str| ("authorization", format!("ACS3-HMAC-SHA256 {parts}"));
    let unsigned_host = own("authorization").1.replace("=host;", "=").replace("ACS3-HMAC-SHA256 ", "");
    let mut sent = Sent { method: "PUT", ..whole.clone() };
    for name in sign_v3::REQUIRED {
        sent = sent.with(name, "");
    }
    let mut sent = sent.with("x-acs-date", "").with("authorization", "ACS3-HMAC-SM3 Extra=1");
    for (mended, code, parameter) in [
        (None, "UnsupportedHTTPMethod", None),
        (Some(("method", "POST".to_owned())), "InvalidParamater", Some("SignatureMethod")),
        (Some(authorization("Extra=1")), "IncompleteSignature", None),
        (Some(authorization("Signature=s")), "MissingParameter", Some("AccessKeyId")),
        (Some(authorization("Credential=k")), "MissingParameter", Some("Signature")),
        (Some(authorization(&unsigned_host)), "MissingParameter", Some("x-acs-signature-nonce")),
        (Some(own("x-acs-signature-nonce")), "MissingParameter", Some("x-acs-date")),
        (Some(("x-acs-date", "yesterday".to_owned())), "MissingParameter", Some("x-acs-version")),
        (Some(own("x-acs-version")), "MissingParameter", Some("x-acs-action")),
        (Some(own("x-acs-action")), "MissingParameter", Some("x-acs-content-sha256")),
        (Some(own("x-acs-content-sha256")), "IncompleteSignature", None),
        (Some(own("authorization")), "IllegalTimestamp", Some("x-acs-date")),
        (Some(own("x-acs-date")), "SignatureDoesNotMatch", None),
    ] {
        sent = match mended {
            Some(("method", _)) => Sent { method: "POST", ..sent },
            Some((name, value)) => sent.with(name, &value),
            None => sent,
        };
        let fault = sent.sender(vector).unwrap_err();
        assert_eq!((fault.code.code, fault.parameter.as_deref()), (code, parameter));
    }
    let (host, value) = own("host");
    assert_eq!(sent.with(host, &value).sender(vector), Ok(7));
}

#[test]
fn other_kinds_of_signature_are_refused() {
    let vector = &vectors()[0];
    for algorithm in ["ACS3-HMAC-SM3", "ACS3-RSA-SHA256", "ACS3-HMAC-SHA2560", "ACS3-"] {
        let fault =
            Sent::of_vector(vector).authorized("ACS3-HMAC-SHA256", algorithm).sender(vector).unwrap_err();
        assert_eq!(fault.message(), "The specified parameter \"SignatureMethod\" is not valid.");
    }
    let bearer = Sent::of_vector(vector).with("x-acs-signature-type", "BEARERTOKEN");
    assert_eq!(bearer.sender(vector).unwrap_err().code.code, "InvalidParamater");
}

#[test]
fn every_required_header_has_to_be_signed() {
    let vector = &vectors()[1];
    for name in sign_v3::REQUIRED {
        let without =
            Sent::of_vector(vector).authorized(&format!("{name};"), "").authorized(&format!(";{name},"), ",");
        assert_eq!(without.sender(vector).unwrap_err().code.code, "IncompleteSignature", "{name}");
    }
    // Any other may stay unsigned, but not after the fact.
    let without = Sent::of_vector(vector).authorized("user-agent;", "");
    assert_eq!(without.sender(vector).unwrap_err().code.code, "SignatureDoesNotMatch");
}

#[test]
fn headers_outside_the_signature_may_change_and_blanks_may_follow_commas() {
    let vector = &vectors()[0];
    let sent = Sent::of_vector(vector).with("user-agent", "proxy").with("accept", "text/xml");
    assert_eq!(sent.sender(vector), Ok(7));
    assert_eq!(sent.authorized(",SignedHeaders", ", SignedHeaders").sender(vector), Ok(7));
}

const NOW: Time = Time::from_secs(1_767_323_045);

fn client(secret: &Secret, timestamp: Time, nonce: &str, key_id: &str) -> Sent {
    let mut query = Params::new();
    query.set("InstanceName", "测试 *~+/&=%-_.");
    let call = Call {
        method: Method::Post,
        host: "127.0.0.1:8080",
        action: "RunInstances",
        version: "2014-05-26",
        query: &query,
        body: b"Amount=1",
        content_type: Some("application/x-www-form-urlencoded"),
    };
    Sent::of_client(&call, &Signer { key_id, secret, nonce, timestamp })
}

#[test]
fn what_a_client_signs_is_believed() {
    let secret = Secret::new("s");
    let envelope = client(&secret, NOW, "n", "k").parse().unwrap();
    assert_eq!(envelope.params.find("InstanceName"), Some("测试 *~+/&=%-_."));
    assert_eq!(envelope.params.find("Amount"), Some("1"));
    let key = |_: &str| Some(AccessKey { account: (), secret: secret.clone() });
    assert_eq!(authenticate(&envelope, key, NOW, &Mutex::new(Nonces::default())), Ok(()));
}

#[test]
fn a_hash_that_is_signed_and_wrong_is_refused() {
    let secret = Secret::new("s");
    let mut sent = client(&secret, NOW, "n", "k").with("x-acs-content-sha256", &"0".repeat(64));
    // The client signs its wrong word.
    let string_to_sign = sent.parse().unwrap().credentials.signed().string_to_sign.clone();
    let own = sent.header("authorization").clone();
    let unsigned = own.split_once("Signature=").unwrap().0;
    let sent = sent
        .with("authorization", &format!("{unsigned}Signature={}", sign_v3::sign(&secret, &string_to_sign)));
    let key = |_: &str| Some(AccessKey { account: (), secret: secret.clone() });
    let found = authenticate(&sent.parse().unwrap(), key, NOW, &Mutex::new(Nonces::default()));
    assert_eq!(found.unwrap_err().code.code, "SignatureDoesNotMatch");
}

#[test]
fn authentication_goes_key_window_signature_nonce() {
    let nonces = Mutex::new(Nonces::new(2));
    let late = NOW.after(Span::from_secs(15 * 60 + 1));
    for (key_id, secret, timestamp, nonce, expected) in [
        ("known", "right", NOW, "used", Ok(7)),
        ("unknown", "wrong", late, "used", Err((404, "InvalidAccessKeyId.NotFound"))),
        ("known", "wrong", late, "used", Err((400, "InvalidTimeStamp.Expired"))),
        ("known", "wrong", NOW, "used", Err((400, "SignatureDoesNotMatch"))),
        ("known", "right", NOW, "used", Err((400, "SignatureNonceUsed"))),
        ("known", "right", NOW, "fresh", Ok(7)),
        ("known", "right", NOW, "one too many", Err((400, "Throttling"))),
    ] {
        let envelope = client(&Secret::new(secret), timestamp, nonce, key_id).parse().unwrap();
        let keys =
            |id: &str| (id == "known").then(|| AccessKey { account: 7_u8, secret: Secret::new("right") });
        let found = authenticate(&envelope, keys, NOW, &nonces);
        assert_eq!(found.map_err(|fault| (fault.code.status, fault.code.code)), expected, "{nonce}");
    }
}

#[test]
fn nothing_prints_what_was_sent() {
    let sent = client(&Secret::new("s"), NOW, "n", "k").with("x-acs-security-token", "planted");
    let sent = Sent { query: b"Password=planted".to_vec(), ..sent };
    assert!(!format!("{:?}", sent.parse().unwrap()).contains("planted"));
}

/// What is signed of a request.
#[derive(Clone, Copy, Debug)]
enum Part {
    Method,
    Query,
    Header(usize),
    HeaderNames,
    Body,
    Signature,
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        1 => Just(Part::Method),
        3 => Just(Part::Query),
        6 => (0..9_usize).prop_map(Part::Header),
        1 => Just(Part::HeaderNames),
        1 => Just(Part::Body),
        1 => Just(Part::Signature),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    /// Whatever byte of what is signed changes, the request is nobody's.
    #[test]
    fn no_signed_byte_can_change(vector in 0..5_usize, part in part(), at: prop::sample::Index, flip in 1..8_u8) {
        let vector = &vectors()[vector];
        let mut sent = Sent::of_vector(vector);
        let flipped = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            if bytes.is_empty() {
                return "x".to_owned();
            }
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            String::from_utf8(bytes).unwrap()
        };
        let mut allowed = vec!["SignatureDoesNotMatch"];
        match part {
            Part::Method => sent.method = "GET",
            Part::Query => {
                // What no longer decodes is refused for that.
                allowed.push("InvalidParameter");
                sent.query = flipped(std::str::from_utf8(&sent.query).unwrap()).into_bytes();
            }
            Part::Header(place) => {
                let signed = sent.headers.len() - 1;
                let (name, value) = &mut sent.headers[place % signed];
                if name == "x-acs-date" {
                    allowed.extend(["IllegalTimestamp", "InvalidTimeStamp.Expired"]);
                }
                *value = flipped(value);
            }
            Part::HeaderNames => {
                allowed.push("IncompleteSignature");
                let names = text(vector, "signed_headers");
                sent = sent.authorized(names, &flipped(names));
            }
            Part::Body => {
                // As of a query: a form is read before the signature is judged.
                allowed.push("InvalidParameter");
                sent.body = flipped(std::str::from_utf8(&sent.body).unwrap()).into_bytes();
            }
            Part::Signature => {
                let signature = text(vector, "signature");
                sent = sent.authorized(signature, &flipped(signature));
            }
        }
        let fault = sent.sender(vector).unwrap_err();
        prop_assert!(allowed.contains(&fault.code.code), "{} for {part:?}", fault.code.code);
    }
}
