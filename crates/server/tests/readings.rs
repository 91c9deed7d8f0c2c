//! What whoever runs a server chooses where the documents can be read in several ways.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{House, LAUNCH, ME, Setup, vault};
use hatchery::{CatalogueFile, Edition, FailedShown, Record, Secret, TokenReading};
use server::TokenReadings;

const PASSWORD: &str = "Sesame-Op3n";

fn with(params: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&LAUNCH[..], params].concat()
}

/// A house in which one creation has failed, and the id of the instance that is not.
fn failed(failed: FailedShown) -> (House, String) {
    let house = House::new(Setup { sandbox: true, failed, ..Setup::default() });
    house.turn("/_hatchery/creations/fail", r#"{"count":1,"reason":"stock"}"#);
    let id = house.launch().instances().remove(0);
    for _ in 0..4 {
        house.provisioner.lock().step(&house.hatchery, house.clock.store()).unwrap();
        house.turn("/_hatchery/clock/advance", r#"{"seconds":2}"#);
    }
    (house, id)
}

fn listed(house: &House, action: &str, more: &[(&str, &str)]) -> i64 {
    let asked = [("Action", action), ("Version", "2014-05-26"), ("RegionId", "cn-hangzhou")];
    house.call(&[&asked[..], more].concat()).json()["TotalCount"].as_i64().unwrap()
}

#[test]
fn a_failed_creation_is_shown_in_the_way_that_was_chosen() {
    for (shown, unfiltered, by_id, start) in [
        (FailedShown::Listed, 1, 1, "403 IncorrectInstanceStatus"),
        (FailedShown::ById, 0, 1, "403 IncorrectInstanceStatus"),
        (FailedShown::Hidden, 0, 0, "404 InvalidInstanceId.NotFound"),
    ] {
        let (house, id) = failed(shown);
        let ids = format!("[\"{id}\"]");
        assert_eq!(listed(&house, "DescribeInstances", &[]), unfiltered, "{shown:?}");
        assert_eq!(listed(&house, "DescribeInstances", &[("InstanceIds", &ids)]), by_id, "{shown:?}");
        assert_eq!(listed(&house, "DescribeInstanceStatus", &[]), unfiltered, "{shown:?}");
        assert_eq!(listed(&house, "DescribeInstanceStatus", &[("InstanceId.1", &id)]), by_id, "{shown:?}");
        let act =
            |action| house.call(&[("Action", action), ("Version", "2014-05-26"), ("InstanceId", &id)]).code();
        assert_eq!(act("StartInstance"), start, "{shown:?}");
        // Whoever knows its id can release it, shown or not.
        assert_eq!(act("DeleteInstance"), "200", "{shown:?}");
        let events = [("InstanceEventCycleStatus.1", "Avoided"), ("EventType", "SystemFailure.Delete")];
        assert_eq!(listed(&house, "DescribeInstanceHistoryEvents", &events), 1, "{shown:?}");
    }
}

#[test]
fn a_request_is_read_by_the_edition_that_was_chosen() {
    for (edition, expected) in [
        (Edition::Seeds, "400 InvalidPassword.Malformed"),
        (Edition::Newest, "200"),
        (Edition::Either, "200"),
    ] {
        let house = House::new(Setup { edition, ..Setup::default() });
        let three_kinds = with(&[("Password", "Sesame0pen")]);
        assert_eq!(house.call(&three_kinds).code(), expected, "{edition:?}");
    }
}

/// The token of a launch for which there was too little, once there is enough.
#[test]
fn a_token_is_read_in_the_way_that_was_chosen_for_the_dialect() {
    let stock = |house: &House, units: &str| {
        let world = include_str!("../../../tests/sdk/catalogue.toml");
        let file = CatalogueFile::parse(&world.replace("cn-hangzhou-g = 1000000", units)).unwrap();
        house.hatchery.commit(file.load(), house.clock.store()).unwrap();
    };
    for (ecs, same, other) in [
        (None, "200", "400 IdempotentParameterMismatch"),
        (Some(TokenReading::Lenient), "200", "400 IdempotentParameterMismatch"),
        (Some(TokenReading::Strict), "403 OperationDenied.NoStock", "400 IdempotentParameterMismatch"),
    ] {
        // What is chosen for the other dialect is nothing to this one.
        for zenlayer in [None, Some(TokenReading::Lenient), Some(TokenReading::Strict)] {
            let house = House::new(Setup { tokens: TokenReadings { ecs, zenlayer }, ..Setup::default() });
            stock(&house, "cn-hangzhou-g = 1");
            let two = with(&[("ClientToken", "t"), ("Amount", "2")]);
            assert_eq!(house.call(&two).code(), "403 OperationDenied.NoStock", "{ecs:?}");
            stock(&house, "cn-hangzhou-g = 9");
            assert_eq!(house.call(&two).code(), same, "{ecs:?}");
            assert_eq!(house.call(&with(&[("ClientToken", "t"), ("Amount", "3")])).code(), other, "{ecs:?}");
        }
    }
}

#[test]
fn passwords_are_sealed_and_open_with_the_key() {
    let house = House::new(Setup::default());
    let launched = house.call(&with(&[("Password", PASSWORD)]));
    let id = launched.instances().remove(0);
    let changed = house.call(&[
        ("Action", "ModifyInstanceAttribute"),
        ("Version", "2014-05-26"),
        ("InstanceId", &id),
        ("Password", "Sesame-0ther"),
    ]);
    assert_eq!(changed.code(), "200");
    let records = house.hatchery.snapshot().records().unwrap();
    let mut sealed: Vec<Secret> = Vec::new();
    for record in records {
        if let Record::Password(_, secret) = record {
            sealed.push(secret);
        } else if let Record::Amendment(_, amendment) = record {
            sealed.extend(amendment.password);
        }
    }
    let opened: Vec<Secret> = sealed.iter().map(|secret| vault().open(ME, secret).unwrap()).collect();
    assert_eq!(opened, [Secret::new(b"Sesame-0ther"), Secret::new(PASSWORD.as_bytes())]);
    assert!(sealed.iter().all(|secret| !secret.reveal().windows(6).any(|part| part == b"Sesame")));
}
