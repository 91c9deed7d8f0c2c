//! An account whose money runs out, from end to end: what its owner is answered, what is shown of its instances, and
//! how it gets them back (`contract/lifecycle.md` sections 3 and 5).

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{House, LAUNCH, ME, Setup, WORLD, furnished_with};
use hatchery::{Money, Span, WorkOutcome};
use serde_json::Value;

/// One unit in ten seconds.
const HOURLY: &str = "hourly_price = \"360\"\ncpus = 2";
/// What an account has: enough for an instance for an hour.
const HOUR: Money = Money(360);
/// How long instances run on after the money.
const GRACE: Span = Span::from_hours(24);
/// How long they are kept after that.
const RETENTION: Span = Span::from_days(15);

/// A server whose one type is paid by use, and an account that has money for an hour.
fn house() -> House {
    let catalogue = WORLD.replacen("cpus = 2", HOURLY, 1);
    let setup = Setup { sandbox: true, ..Setup::default() };
    House::over(furnished_with(&catalogue, Some(HOUR)), setup)
}

/// An instance that runs.
fn running(house: &House, rest: &[(&str, &str)]) -> String {
    let id = house.call(&[&LAUNCH[..], rest].concat()).instances()[0].clone();
    (0..2).for_each(|_| house.work(WorkOutcome::Done));
    assert_eq!(shown(house, &id)["Status"], "Running");
    id
}

/// The instance's row in the listing.
fn shown(house: &House, id: &str) -> Value {
    let listing = house.ask(&format!("DescribeInstances&RegionId=cn-hangzhou&InstanceIds=[\"{id}\"]")).json();
    listing["Instances"]["Instance"][0].clone()
}

fn locks(house: &House, id: &str) -> Vec<String> {
    let locks = shown(house, id)["OperationLocks"]["LockReason"].clone();
    locks.as_array().unwrap().iter().map(|lock| lock["LockReason"].as_str().unwrap().to_owned()).collect()
}

/// All events of an instance, the oldest first: what they are, and how far they have come.
fn events(house: &House, id: &str) -> Vec<(String, String)> {
    let cycles = ["Scheduled", "Avoided", "Executing", "Executed", "Canceled", "Failed", "Inquiring"];
    let wanted: String =
        (1..).zip(cycles).map(|(at, cycle)| format!("&InstanceEventCycleStatus.{at}={cycle}")).collect();
    let query = format!("DescribeInstanceHistoryEvents&RegionId=cn-hangzhou&InstanceId={id}{wanted}");
    let listing = house.ask(&query).json();
    let rows = listing["InstanceSystemEventSet"]["InstanceSystemEventType"].as_array().unwrap();
    let mut events: Vec<(String, String)> = rows
        .iter()
        .map(|row| (text(&row["EventType"]["Name"]), text(&row["EventCycleStatus"]["Name"])))
        .collect();
    events.sort();
    events
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn pairs(events: [(&str, &str); 2]) -> Vec<(String, String)> {
    events.iter().map(|(kind, cycle)| ((*kind).to_owned(), (*cycle).to_owned())).collect()
}

fn account(house: &House) -> Value {
    house.send(&format!("GET /_hatchery/accounts/{} HTTP/1.1\r\nHost: h\r\n\r\n", ME.0)).json()
}

fn grant(house: &House, amount: u64) -> Value {
    let path = format!("/_hatchery/accounts/{}/grant", ME.0);
    house.turn(&path, &format!("{{\"amount\":{amount}}}")).json()
}

const RUNS_AND_IS_OFF: [(&str, &str); 2] =
    [("AccountUnbalanced.Delete", "Scheduled"), ("AccountUnbalanced.Stop", "Executed")];

#[test]
fn who_pays_in_time_gets_the_instances_back() {
    let house = house();
    let id = running(&house, &[]);

    house.turn_clock(Span::from_secs(30 * 60));
    let half = account(&house);
    assert_eq!((&half["balance"], &half["in_arrears"]), (&180.into(), &false.into()), "{half}");

    house.turn_clock(Span::from_hours(1));
    let out = account(&house);
    assert_eq!((&out["balance"], &out["owed"]), (&0.into(), &180.into()), "{out}");
    assert_eq!(out["in_arrears"], true);
    assert_eq!(house.launch().code(), "400 Account.Arrearage");
    assert_eq!(shown(&house, &id)["Status"], "Running", "what runs, runs on for a time");
    assert_eq!(events(&house, &id), []);

    house.turn_clock(GRACE);
    house.work(WorkOutcome::Done);
    assert_eq!(shown(&house, &id)["Status"], "Stopped");
    assert_eq!(locks(&house, &id), ["financial"]);
    assert_eq!(events(&house, &id), pairs(RUNS_AND_IS_OFF));
    for (action, code) in [
        ("StartInstance", "403 InsufficientBalance"),
        ("StopInstance", "403 InstanceExpiredOrInArrears"),
        ("RebootInstance", "403 InstanceExpiredOrInArrears"),
    ] {
        assert_eq!(house.ask_about(action, &id).code(), code, "{action}");
    }
    let owed = account(&house)["owed"].as_u64().unwrap();
    house.turn_clock(Span::from_days(7));
    assert_eq!(account(&house)["owed"], owed, "what is off runs up nothing");

    let paid = grant(&house, owed + 1000);
    assert_eq!((&paid["balance"], &paid["in_arrears"]), (&1000.into(), &false.into()), "{paid}");
    house.turn_clock(Span::from_secs(1));
    assert_eq!(locks(&house, &id), Vec::<String>::new());
    let taken_back = [("AccountUnbalanced.Delete", "Avoided"), ("AccountUnbalanced.Stop", "Executed")];
    assert_eq!(events(&house, &id), pairs(taken_back));
    assert_eq!(house.ask_about("StartInstance", &id).code(), "200");
    house.work(WorkOutcome::Done);
    assert_eq!(shown(&house, &id)["Status"], "Running");
    assert_eq!(house.launch().code(), "200");
    house.is_sound();
}

#[test]
fn nobody_pays_and_the_instance_goes_although_it_is_protected() {
    let house = house();
    let id = running(&house, &[("DeletionProtection", "true")]);
    house.turn_clock(Span::from_hours(1));
    house.turn_clock(GRACE);
    house.work(WorkOutcome::Done);
    assert_eq!(events(&house, &id), pairs(RUNS_AND_IS_OFF));

    house.turn_clock(Span::from_days(14));
    assert_eq!(shown(&house, &id)["Status"], "Stopped", "it is kept for 15 days");
    house.turn_clock(RETENTION);
    house.work(WorkOutcome::Done);
    assert_eq!(house.ask_about("DescribeInstanceAttribute", &id).code(), "404 InvalidInstanceId.NotFound");
    let gone = [("AccountUnbalanced.Delete", "Executed"), ("AccountUnbalanced.Stop", "Executed")];
    assert_eq!(events(&house, &id), pairs(gone));
    assert_eq!(house.launch().code(), "400 Account.Arrearage", "what it owes it still owes");
    house.is_sound();
}

#[test]
fn a_subscription_is_paid_for_and_stays() {
    let house = house();
    let by_use = running(&house, &[]);
    let paid = running(&house, &[("InstanceChargeType", "PrePaid"), ("Period", "1")]);
    house.turn_clock(Span::from_hours(1));
    house.turn_clock(GRACE);
    house.work(WorkOutcome::Done);
    assert_eq!(shown(&house, &by_use)["Status"], "Stopped");
    assert_eq!(shown(&house, &paid)["Status"], "Running");
    assert_eq!(locks(&house, &paid), Vec::<String>::new());
    house.is_sound();
}
