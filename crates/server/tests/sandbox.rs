//! The knobs of a sandbox: there only when asked for, and out of reach of who signs.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Client, House, LAUNCH, Setup, get};
use hatchery::Span;
use wire::ecs::Method;

const KNOBS: [(&str, &str); 7] = [
    ("/_hatchery/spot-price", r#"{"instance_type":"ecs.g6.large","thousandths":1}"#),
    ("/_hatchery/clock/advance", r#"{"seconds":1}"#),
    ("/_hatchery/creations/fail", r#"{"count":1}"#),
    ("/_hatchery/creations/delay", r#"{"milliseconds":1}"#),
    ("/_hatchery/clock", ""),
    ("/_hatchery/accounts/1", ""),
    ("/_hatchery/accounts/1/grant", r#"{"amount":1}"#),
];

fn sandbox() -> House {
    House::new(Setup { sandbox: true, ..Setup::default() })
}

#[test]
fn without_a_sandbox_there_are_no_knobs() {
    let house = House::new(Setup::default());
    for (path, json) in KNOBS {
        assert_eq!(house.turn(path, json).status, 404, "{path}");
    }
}

#[test]
fn advancing_moves_the_stores_clock_and_not_the_window_of_signatures() {
    let house = sandbox();
    let wall = house.clock.wall();
    let moved = house.turn("/_hatchery/clock/advance", r#"{"seconds":86400}"#);
    assert_eq!(moved.status, 200);
    assert!(moved.json()["now"].as_str().unwrap() > wire::time::seconds(wall).as_str());
    let shown = house.send("GET /_hatchery/clock HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(shown.json()["now"].as_str() >= moved.json()["now"].as_str());

    assert_eq!(house.launch().code(), "200", "who signs by the wall is let in");
    let ahead = Client { timestamp: house.clock.store(), ..Client::new() };
    let ahead = ahead.sign(Method::Get, &[&LAUNCH[..], &[("Format", "JSON")]].concat());
    assert_eq!(get(house.address, &ahead).code(), "400 InvalidTimeStamp.Expired");
    assert!(house.hatchery.last().1 >= wall.after(Span::from_days(1)), "the launch is of tomorrow");
}

#[test]
fn the_next_creations_fail_with_their_events() {
    let house = sandbox();
    let told = house.turn("/_hatchery/creations/fail", r#"{"count":1,"reason":"stock"}"#);
    assert_eq!(told.json()["failing_creations"], 1);
    let ids = [house.launch().instances(), house.launch().instances()].concat();
    for _ in 0..8 {
        house.provisioner.lock().step(&house.hatchery, house.clock.store()).unwrap();
        assert_eq!(house.turn("/_hatchery/clock/advance", r#"{"seconds":2}"#).status, 200);
    }

    let events = house.call(&[
        ("Action", "DescribeInstanceHistoryEvents"),
        ("Version", "2014-05-26"),
        ("RegionId", "cn-hangzhou"),
        ("EventCycleStatus", "Executing"),
    ]);
    let events = events.json();
    assert_eq!(events["TotalCount"], 1, "{events}");
    assert!(events.to_string().contains("SystemFailure.Delete"), "{events}");
    assert!(events.to_string().contains(&ids[0]), "the first is the next: {events}");
    let statuses = house.call(&[
        ("Action", "DescribeInstanceStatus"),
        ("Version", "2014-05-26"),
        ("RegionId", "cn-hangzhou"),
    ]);
    assert!(statuses.body.contains("Running"), "the second is none of them: {statuses:?}");
}

#[test]
fn the_price_of_spare_capacity_can_be_set() {
    let house = sandbox();
    let set = |json: &str| house.turn("/_hatchery/spot-price", json).status;
    assert_eq!(set(r#"{"instance_type":"ecs.none","thousandths":7}"#), 404);
    assert_eq!(set(r#"{"instance_type":"ecs.g6.large","thousandths":7}"#), 204);
    let price = || {
        let snapshot = house.hatchery.snapshot();
        let label = "ecs.g6.large".parse().unwrap();
        snapshot.catalogue().instance_types[&label].abilities.spot_price
    };
    assert_eq!(price(), Some(hatchery::Rate(7)));
    assert_eq!(set(r#"{"instance_type":"ecs.g6.large","thousandths":null}"#), 204);
    assert_eq!(price(), None);
}

#[test]
fn what_a_knob_does_not_understand_it_refuses() {
    let house = sandbox();
    let before = house.clock.store();
    for (path, json, status) in [
        ("/_hatchery/clock/advance", "", 400),
        ("/_hatchery/clock/advance", "{", 400),
        ("/_hatchery/clock/advance", "{}", 422),
        ("/_hatchery/clock/advance", r#"{"seconds":-1}"#, 422),
        ("/_hatchery/clock/advance", r#"{"seconds":1.5}"#, 422),
        ("/_hatchery/clock/advance", r#"{"seconds":1,"days":1}"#, 422),
        ("/_hatchery/clock/advance", r#"{"seconds":316224001}"#, 400),
        ("/_hatchery/clock/advance", r#"{"seconds":18446744073709551615}"#, 400),
        ("/_hatchery/clock/advance", r#"{"seconds":18446744073709551616}"#, 422),
        ("/_hatchery/creations/fail", r#"{"count":1,"reason":"mood"}"#, 422),
        ("/_hatchery/creations/fail", r#"{"count":4294967296}"#, 422),
        ("/_hatchery/creations/delay", r#"{"milliseconds":"1"}"#, 422),
        ("/_hatchery/clock", "", 405),
        ("/_hatchery/accounts/1", "", 405),
        ("/_hatchery/accounts/me/grant", r#"{"amount":1}"#, 400),
        ("/_hatchery/accounts/404/grant", r#"{"amount":1}"#, 404),
        ("/_hatchery/accounts/1/grant", r#"{"amount":-1}"#, 422),
        ("/_hatchery/nothing", "{}", 404),
    ] {
        assert_eq!(house.turn(path, json).status, status, "{path} {json}");
    }
    assert!(house.clock.store() < before.after(Span::from_hours(1)));
    assert_eq!(house.provisioner.lock().faults().failing_creations, 0);
    let plain =
        "POST /_hatchery/creations/fail HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n{\"count\":1}";
    assert_eq!(house.send(plain).status, 415, "no page of a browser can send this unasked");
}

#[test]
fn a_knob_that_waits_for_the_provisioner_holds_up_nobody() {
    let house = sandbox();
    std::thread::scope(|scope| {
        let stepping = house.provisioner.lock();
        let knob = scope.spawn(|| house.turn("/_hatchery/creations/fail", r#"{"count":7}"#).status);
        for _ in 0..100 {
            let healthy = house.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
            assert_eq!(healthy.status, 200);
        }
        assert!(!knob.is_finished());
        drop(stepping);
        assert_eq!(knob.join().unwrap(), 200);
    });
    assert_eq!(house.provisioner.lock().faults().failing_creations, 7);
}
