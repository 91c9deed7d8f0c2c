//! The dialect of Zenlayer over HTTP: who is let in, and that every answer has its one shape.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{House, KEY_ID, REGIONS, Reply, SECRET, Setup};
use hatchery::{Span, Time};
use wire::ecs::Secret;
use wire::zenlayer::Signer;

/// The reply to `action`, signed with `secret` at `timestamp`.
fn ask(house: &House, secret: &str, timestamp: Time, action: &str, body: &str) -> Reply {
    let (host, secret) = (house.address.to_string(), Secret::new(secret));
    let signer = Signer { key_id: KEY_ID, secret: &secret, host: &host, timestamp };
    post(house, &signer.headers(action, "2022-11-20", body.as_bytes()), body)
}

fn post(house: &House, headers: &[(&str, String)], body: &str) -> Reply {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    house.send(&format!("POST /api/v2/bmc HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}"))
}

/// Status and code. The three keys of an error are there, or clients break.
fn refused(reply: &Reply) -> String {
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let error = reply.json();
    let [request_id, code, message] = ["requestId", "code", "message"].map(|key| error[key].as_str());
    assert!(request_id.is_some_and(|id| !id.is_empty()), "{error}");
    assert!(message.is_some_and(|message| !message.is_empty()), "{error}");
    format!("{} {}", reply.status, code.unwrap())
}

#[test]
fn one_key_pair_serves_both_dialects() {
    let house = House::new(Setup::default());
    assert_eq!(house.call(&REGIONS).code(), "200");
    let reply = ask(&house, SECRET, house.clock.wall(), "NoSuchAction", "{}");
    assert_eq!(refused(&reply), "404 INVALID_ACTION");
}

#[test]
fn who_is_not_let_in_is_told_so() {
    let house = House::new(Setup::default());
    let before = house.hatchery.last();
    let now = house.clock.wall();
    let early = Time::from_millis(now.millis() - Span::from_secs(5 * 60 + 2).millis());
    let late = now.after(Span::from_secs(5 * 60 + 60));
    for (secret, timestamp, expected) in [
        ("wrong", now, "401 AUTHFAILURE_SIGNATURE_FAILURE"),
        (SECRET, early, "401 AUTHFAILURE_SIGNATURE_EXPIRE"),
        (SECRET, late, "401 AUTHFAILURE_SIGNATURE_EXPIRE"),
        ("wrong", late, "401 AUTHFAILURE_SIGNATURE_EXPIRE"),
    ] {
        assert_eq!(refused(&ask(&house, secret, timestamp, "CreateInstances", "{}")), expected);
    }
    let bearer = [("host", "h".to_owned()), ("authorization", "Bearer token".to_owned())];
    assert_eq!(refused(&post(&house, &bearer, "{}")), "401 AUTHFAILURE_SIGNATURE_FAILURE");
    assert_eq!(refused(&post(&house, &[("host", "h".into())], "{}")), "401 AUTHFAILURE_SIGNATURE_FAILURE");
    let get = house.send("GET /api/v2/bmc HTTP/1.1\r\nhost: h\r\n\r\n");
    assert_eq!(refused(&get), "404 INVALID_ACTION");
    assert_eq!(house.hatchery.last(), before);
}

#[test]
fn a_body_without_end_is_refused() {
    let house = House::new(Setup::default());
    let body = " ".repeat(wire::Params::PART_BYTES_MAX + 1);
    let reply = ask(&house, SECRET, house.clock.wall(), "CreateInstances", &body);
    assert_eq!(refused(&reply), "400 INVALID_PARAMETER_VALUE");
}

#[test]
fn a_busy_server_says_so_in_the_clients_own_words() {
    let limits = server::Limits { requests: 1, ..server::Limits::default() };
    let house = House::new(Setup { limits, ..Setup::default() });
    let gate = house.close_gate();
    let launch = house.launch_under_way();
    let reply = ask(&house, SECRET, house.clock.wall(), "CreateInstances", "{}");
    assert_eq!(refused(&reply), "503 SERVICE_TEMPORARY_UNAVAILABLE");
    drop(gate);
    assert_eq!(launch.join().unwrap().status, 200);
}
