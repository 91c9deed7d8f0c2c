//! What the protocol refuses, in which order, and what it hands on. In each table every row breaks
//! one rule fewer than the row above, which pins the order of the checks.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::sync::Mutex;

use fleet::{Span, Time};
use wire::ecs::sign_v1::{self, Method, Secret, Signer};
use wire::ecs::{AccessKey, Envelope, Fault, Nonces, Rejection, Request, Service, authenticate};
use wire::{Format, Params};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const SIGNED: &str = "AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=2026-01-02T03:04:05Z";

fn parse(method: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Result<Envelope, Rejection> {
    Envelope::parse(&Request { method, query: query.as_bytes(), headers, body: body.as_bytes() })
}

fn envelope(query: &str) -> Envelope {
    parse("GET", &format!("{SIGNED}&Version=2014-05-26&Action=A&{query}"), &[], "").unwrap()
}

#[test]
fn the_first_fault_is_the_answer() {
    for (method, query, code, parameter) in [
        ("PUT", "a=%&Format=YAML", "InvalidParameter", None),
        ("PUT", "Format=YAML", "InvalidParameter", Some("Format")),
        ("PUT", "SignatureMethod=x", "UnsupportedHTTPMethod", None),
        ("get", "SignatureMethod=x", "UnsupportedHTTPMethod", None),
        ("GET", "SignatureMethod=x", "MissingParameter", Some("AccessKeyId")),
        ("GET", "SignatureMethod=x&AccessKeyId=", "MissingParameter", Some("AccessKeyId")),
        ("GET", "SignatureMethod=x&AccessKeyId=k", "MissingParameter", Some("Signature")),
        ("GET", "SignatureMethod=x&AccessKeyId=k&Signature=s", "MissingParameter", Some("SignatureNonce")),
        (
            "GET",
            "SignatureMethod=x&AccessKeyId=k&Signature=s&SignatureNonce=n",
            "MissingParameter",
            Some("Timestamp"),
        ),
        (
            "GET",
            "SignatureMethod=x&AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=t",
            "MissingParameter",
            Some("Version"),
        ),
        (
            "GET",
            "SignatureMethod=x&AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=t&Version=v",
            "MissingParameter",
            Some("Action"),
        ),
        (
            "GET",
            "SignatureMethod=SHA256withRSA&SignatureVersion=2.0&AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=t&Version=v&Action=a",
            "InvalidParamater",
            Some("SignatureMethod"),
        ),
        (
            "GET",
            "SignatureVersion=2.0&SignatureType=BEARERTOKEN&AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=t&Version=v&Action=a",
            "InvalidParamater",
            Some("SignatureVersion"),
        ),
        (
            "GET",
            "SignatureType=BEARERTOKEN&AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=t&Version=v&Action=a",
            "InvalidParamater",
            Some("SignatureMethod"),
        ),
        (
            "GET",
            "SignatureType=&AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=t&Version=v&Action=a",
            "IllegalTimestamp",
            Some("Timestamp"),
        ),
    ] {
        let Rejection { fault, .. } = parse(method, query, &[], "").unwrap_err();
        assert_eq!((fault.code.code, fault.parameter.as_deref()), (code, parameter), "{method} {query}");
    }
    let rsa = parse("GET", &format!("{SIGNED}&Version=v&Action=a&SignatureMethod=RSA"), &[], "").unwrap_err();
    assert_eq!(rsa.fault.message(), "The specified parameter \"SignatureMethod\" is not valid.");
}

#[test]
fn the_format_of_the_answer() {
    let json = [("Accept", "text/html, Application/JSON")];
    for (query, headers, expected) in [
        ("", &[][..], Format::Xml),
        ("", &json[..], Format::Json),
        ("Format=json", &[], Format::Json),
        ("Format=XML", &json, Format::Xml),
        ("Format=", &json, Format::Json),
        ("Format=YAML", &[], Format::Xml),
        ("Format=json&a=%", &[], Format::Xml),
    ] {
        let found = parse("GET", query, headers, "").unwrap_err().format;
        assert_eq!(found, expected, "{query} {headers:?}");
    }
    assert_eq!(envelope("Format=JSON").format, Format::Json);
}

#[test]
fn action_and_version_may_be_headers() {
    let headers = [("X-Acs-Action", "H"), ("x-acs-version", "2016-04-28")];
    let found = parse("POST", SIGNED, &headers, "").unwrap();
    assert_eq!((found.action.as_str(), found.service()), ("H", Ok(Service::Vpc)));
    let found = parse("POST", &format!("{SIGNED}&Action=Q&Version=2014-05-26"), &headers, "").unwrap();
    assert_eq!((found.action.as_str(), found.service()), ("Q", Ok(Service::Ecs)));
    let found = parse("POST", &format!("{SIGNED}&Action=Q&Version=1999-01-01"), &headers, "").unwrap();
    assert_eq!(found.service().unwrap_err().code.code, "InvalidAction.NotFound");
}

#[test]
fn only_a_form_is_read_as_parameters() {
    for (headers, expected) in [
        (&[][..], None),
        (&[FORM][..], Some("1")),
        (&[("Content-Type", "Application/X-WWW-Form-Urlencoded;charset=utf-8")], Some("1")),
        (&[("content-type", "application/json")], None),
    ] {
        let found = parse("POST", &format!("{SIGNED}&Version=v&Action=a"), headers, "Amount=1").unwrap();
        assert_eq!(found.params.find("Amount"), expected, "{headers:?}");
    }
}

#[test]
fn business_parameters_are_what_is_left() {
    let found = envelope(
        "Format=JSON&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureType=&SecurityToken=t&OwnerId=7&ClientToken=c&Amount=1",
    );
    assert_eq!(found.params.leftover().collect::<Vec<_>>(), ["Amount", "ClientToken"]);
}

#[test]
fn the_fingerprint_is_what_the_request_means() {
    let same = envelope("Amount=1&Tag.1.Key=a b").fingerprint;
    for (query, equal) in [
        ("Tag.1.Key=a+b&Amount=1", true),
        ("Amount=1&Tag.1.Key=a%20b&Tag.1.Value=", true),
        ("Amount=1&Tag.1.Key=a b&ClientToken=other&SecurityToken=x&Format=JSON&SignatureType=", true),
        ("Amount=2&Amount=1&Tag.1.Key=a b", true),
        ("Amount=2&Tag.1.Key=a b", false),
        ("Amount=1&Tag.1.Key=a", false),
        ("Amount=1", false),
        ("Amount=1&Tag.1.Key=a b&Extra=1", false),
        ("Amount=1%26Tag.1.Key=a b", false),
    ] {
        assert_eq!(envelope(query).fingerprint == same, equal, "{query}");
    }
    // Where one parameter ends and the next begins is a part of the meaning.
    assert_ne!(envelope("B=1&CD=2").fingerprint, envelope("B=1C&D=2").fingerprint);
}

#[test]
fn nothing_prints_what_was_sent() {
    let found = envelope("Password=planted&SecurityToken=planted");
    assert!(!format!("{found:?}").contains("planted"));
    let refused = parse("GET", "Format=planted&Password=planted", &[], "").unwrap_err();
    assert!(!format!("{refused:?}").contains("planted"));
}

/// A world with one key, `known`, and a clock at `NOW`.
fn answer(
    key_id: &str,
    secret: &str,
    minutes: i64,
    nonce: &str,
    nonces: &Mutex<Nonces>,
) -> Result<u8, Fault> {
    const NOW: Time = Time::from_secs(1_767_323_045);
    let offset = Span::from_secs(minutes.unsigned_abs() * 60);
    let timestamp =
        if minutes < 0 { Time::from_millis(NOW.millis() - offset.millis()) } else { NOW.after(offset) };
    let mut params = Params::new();
    params.set("Action", "A");
    params.set("Version", "V");
    let signer = Signer { key_id, secret: &Secret::new(secret), nonce, timestamp };
    let query = sign_v1::signed_query(Method::Get, params, &signer);
    let envelope = parse("GET", &query, &[], "").unwrap();
    let keys = |id: &str| (id == "known").then(|| AccessKey { account: 7_u8, secret: Secret::new("right") });
    authenticate(&envelope, keys, NOW, nonces)
}

#[test]
fn authentication_goes_key_window_signature_nonce() {
    let nonces = Mutex::new(Nonces::new(3));
    for (key_id, secret, minutes, nonce, expected) in [
        ("known", "right", 0, "used", Ok(7)),
        ("unknown", "wrong", 16, "used", Err((404, "InvalidAccessKeyId.NotFound"))),
        ("known", "wrong", 16, "used", Err((400, "InvalidTimeStamp.Expired"))),
        ("known", "wrong", -16, "used", Err((400, "InvalidTimeStamp.Expired"))),
        ("known", "wrong", 15, "used", Err((400, "SignatureDoesNotMatch"))),
        ("known", "right", 15, "used", Err((400, "SignatureNonceUsed"))),
        ("known", "wrong", 0, "fresh", Err((400, "SignatureDoesNotMatch"))),
        ("known", "right", 15, "fresh", Ok(7)),
        ("known", "right", -15, "other", Ok(7)),
        ("known", "right", 0, "one too many", Err((400, "Throttling"))),
    ] {
        let found = answer(key_id, secret, minutes, nonce, &nonces);
        let found = found.map_err(|fault| (fault.code.status, fault.code.code));
        assert_eq!(found, expected, "{key_id} {secret} {minutes} {nonce}");
    }
}

#[test]
fn a_wrong_signature_is_answered_with_the_string_to_sign() {
    let fault = answer("known", "wrong", 0, "n", &Mutex::default()).unwrap_err();
    assert_eq!(
        fault.message(),
        "Specified signature is not matched with our calculation. server string to sign is:\
         GET&%2F&AccessKeyId%3Dknown%26Action%3DA%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dn%26\
         SignatureVersion%3D1.0%26Timestamp%3D2026-01-02T03%253A04%253A05Z%26Version%3DV"
    );
}
