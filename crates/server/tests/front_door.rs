//! What comes back over HTTP: replies, their formats and headers, and the contract's codes for
//! requests that are not let in, which change nothing.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Client, House, KEY_ID, LAUNCH, REGIONS, Setup, furnished, get, get_request, query};
use hatchery::{Span, Time};
use wire::ecs::Method;

#[test]
fn a_launch_is_listed() {
    let house = House::new(Setup::default());
    let launched = house.call(&[&LAUNCH[..], &[("Amount", "3")]].concat());
    assert_eq!(launched.code(), "200", "{launched:?}");
    let mut ids = launched.instances();
    assert_eq!(ids.len(), 3);

    let listing = [("Action", "DescribeInstances"), ("Version", "2014-05-26"), ("RegionId", "cn-hangzhou")];
    let listed = house.call(&listing).json();
    assert_eq!(listed["TotalCount"], 3);
    let rows = listed["Instances"]["Instance"].as_array().unwrap();
    let mut found: Vec<&str> = rows.iter().map(|row| row["InstanceId"].as_str().unwrap()).collect();
    ids.sort();
    found.sort_unstable();
    assert_eq!(found, ids);
}

#[test]
fn parameters_may_come_in_a_form() {
    let house = House::new(Setup::default());
    let form = Client::new().sign(Method::Post, &[&LAUNCH[..], &[("Format", "JSON")]].concat());
    let length = form.len();
    let reply = house.send(&format!(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{form}"
    ));
    assert_eq!(reply.instances().len(), 1);
}

#[test]
fn both_formats_say_what_they_are_and_name_the_request() {
    let house = House::new(Setup::default());
    for (format, content_type, open, close) in [
        ("JSON", "application/json;charset=utf-8", "\"RequestId\":\"", '"'),
        ("json", "application/json;charset=utf-8", "\"RequestId\":\"", '"'),
        ("XML", "text/xml;charset=utf-8", "<RequestId>", '<'),
        ("", "text/xml;charset=utf-8", "<RequestId>", '<'),
    ] {
        for (region, status) in [("cn-hangzhou", 200), ("nowhere", 404)] {
            let reply = get(
                house.address,
                &query(&[
                    ("Action", "DescribeZones"),
                    ("Version", "2014-05-26"),
                    ("RegionId", region),
                    ("Format", format),
                ]),
            );
            assert_eq!(reply.status, status, "{reply:?}");
            assert_eq!(reply.header("content-type"), Some(content_type));
            let id = reply.body.split(open).nth(1).unwrap().split(close).next().unwrap();
            assert_eq!(reply.header("x-acs-request-id"), Some(id));
        }
    }
}

#[test]
fn there_is_one_path() {
    let house = House::new(Setup::default());
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/nothing", 404), ("//", 404)] {
        let reply = house.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(reply.status, status, "{path}");
    }
}

#[test]
fn methods_other_than_get_and_post_are_refused() {
    let house = House::new(Setup::default());
    let before = house.hatchery.last();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let query = query(&[&LAUNCH[..], &[("Format", "JSON")]].concat());
        let reply =
            house.send(&format!("{method} /?{query} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"));
        assert_eq!(reply.code(), "403 UnsupportedHTTPMethod", "{method}");
    }
    assert_eq!(house.hatchery.last(), before);
}

#[test]
fn who_is_not_let_in_changes_nothing() {
    let house = House::new(Setup::default());
    let before = house.hatchery.last();
    let now = house.clock.wall();
    let early = Time::from_millis(now.millis() - Span::from_secs(15 * 60 + 2).millis());
    for (client, expected) in [
        (Client { key_id: "nobody", ..Client::new() }, "404 InvalidAccessKeyId.NotFound"),
        (Client { secret: "wrong", ..Client::new() }, "400 SignatureDoesNotMatch"),
        (Client { timestamp: early, ..Client::new() }, "400 InvalidTimeStamp.Expired"),
        (
            Client { timestamp: now.after(Span::from_secs(15 * 60 + 60)), ..Client::new() },
            "400 InvalidTimeStamp.Expired",
        ),
        // The key is looked for first, then the time is looked at, then the signature.
        (
            Client { key_id: "nobody", secret: "wrong", timestamp: early, ..Client::new() },
            "404 InvalidAccessKeyId.NotFound",
        ),
        (
            Client { key_id: KEY_ID, secret: "wrong", timestamp: early, ..Client::new() },
            "400 InvalidTimeStamp.Expired",
        ),
    ] {
        let query = client.sign(Method::Get, &[&LAUNCH[..], &[("Format", "JSON")]].concat());
        assert_eq!(get(house.address, &query).code(), expected);
    }
    assert_eq!(house.hatchery.last(), before);
}

#[test]
fn a_signed_request_counts_once() {
    let house = House::new(Setup::default());
    let query = query(&[&LAUNCH[..], &[("Format", "JSON")]].concat());
    // Sixteen at once, so that looking and remembering has to be one step.
    let codes: Vec<String> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16).map(|_| scope.spawn(|| get(house.address, &query).code())).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| *code == "200").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "400 SignatureNonceUsed").count(), 15, "{codes:?}");
}

#[test]
fn a_request_of_before_a_restart_does_not_count_again() {
    let hatchery = furnished();
    let query = query(&[&LAUNCH[..], &[("Format", "JSON")]].concat());
    assert_eq!(get(House::over(hatchery.clone(), Setup::default()).address, &query).code(), "200");

    let (revision, last) = hatchery.last();
    let house = House::over(hatchery, Setup { served_until: Some(last), ..Setup::default() });
    assert_eq!(get(house.address, &query).code(), "400 InvalidTimeStamp.Expired");
    assert_eq!(house.hatchery.last().0, revision);
    let later = Client { timestamp: last.after(Span::from_secs(1)), ..Client::new() };
    let later = later.sign(Method::Get, &[&LAUNCH[..], &[("Format", "JSON")]].concat());
    assert_eq!(get(house.address, &later).code(), "200");
}

#[test]
fn one_connection_carries_many_requests() {
    let house = House::new(Setup::default());
    let mut stream = house.connect();
    for _ in 0..3 {
        std::io::Write::write_all(&mut stream, get_request(&query(&REGIONS)).as_bytes()).unwrap();
        assert_eq!(common::Reply::read(&mut stream).status, 200);
    }
}
