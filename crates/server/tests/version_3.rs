//! Signature version 3 over HTTP, beside version 1 on the same listener.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Client, House, LAUNCH, REGIONS, Setup};
use hatchery::Span;

#[test]
fn a_launch_by_query_and_one_by_form() {
    let house = House::new(Setup::default());
    let host = house.address.to_string();
    for form in [false, true] {
        let launch = [&LAUNCH[..], &[("Amount", "2"), ("InstanceName", "bc-测试")]].concat();
        let reply = house.send(&Client::new().v3(&host, &launch, form));
        assert_eq!(reply.code(), "200", "{reply:?}");
        assert_eq!(reply.instances().len(), 2);
        assert_eq!(reply.header("content-type"), Some("application/json;charset=utf-8"));
    }
    // The same nonces count for both versions: they belong to the key.
    let client = Client::new();
    assert_eq!(house.send(&client.v3(&host, &REGIONS, false)).code(), "200");
    let again = client.sign(wire::ecs::Method::Get, &[&REGIONS[..], &[("Format", "JSON")]].concat());
    assert_eq!(common::get(house.address, &again).code(), "400 SignatureNonceUsed");
}

#[test]
fn what_is_signed_need_not_be_ascii() {
    let house = House::new(Setup::default());
    let unknown = [("Action", "测试"), ("Version", "2014-05-26")];
    assert_eq!(house.send(&Client::new().v3("h", &unknown, false)).code(), "404 InvalidAction.NotFound");
}

#[test]
fn a_token_counts_whatever_the_signature() {
    let house = House::new(Setup::default());
    let launch = [&LAUNCH[..], &[("ClientToken", "t")]].concat();
    let first = house.call(&launch);
    let again = house.send(&Client::new().v3("h", &launch, true));
    assert_eq!(again.instances(), first.instances());
}

#[test]
fn who_is_not_let_in_changes_nothing() {
    let house = House::new(Setup::default());
    let before = house.hatchery.last();
    let late = house.clock.wall().after(Span::from_secs(15 * 60 + 60));
    let send = |request: &str| house.send(request).code();
    for (client, expected) in [
        (Client { key_id: "nobody", secret: "wrong", ..Client::new() }, "404 InvalidAccessKeyId.NotFound"),
        (Client { timestamp: late, secret: "wrong", ..Client::new() }, "400 InvalidTimeStamp.Expired"),
        (Client { secret: "wrong", ..Client::new() }, "400 SignatureDoesNotMatch"),
    ] {
        assert_eq!(send(&client.v3("h", &LAUNCH, true)), expected);
    }
    let changed = Client::new().v3("h", &[&LAUNCH[..], &[("Amount", "1")]].concat(), true);
    assert_eq!(send(&changed.replace("Amount=1", "Amount=9")), "400 SignatureDoesNotMatch");
    let elsewhere = Client::new().v3("h", &LAUNCH, true).replace("host:  h ", "host:  i ");
    assert_eq!(send(&elsewhere), "400 SignatureDoesNotMatch");
    let kind = Client::new().v3("h", &LAUNCH, true).replace("ACS3-HMAC-SHA256", "ACS3-HMAC-SM3");
    assert_eq!(send(&kind), "400 InvalidParamater");
    assert_eq!(house.hatchery.last(), before);

    let once = Client::new().v3("h", &LAUNCH, true);
    assert_eq!(send(&once), "200");
    assert_eq!(send(&once), "400 SignatureNonceUsed");
}
