//! The two listings of events, from end to end: what selects them, how they are paged, what is shown unasked, and
//! for how long (`contract/ecs-actions.md`, `contract/lifecycle.md` sections 4 and 5).

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{House, LAUNCH, Setup};
use hatchery::{FailureReason, Span, Time, WorkOutcome};
use serde_json::Value;

/// Twelve creations that failed, one of them released by its owner and the others by the system; one that has just
/// failed; and an instance that runs and will be maintained.
struct Yard {
    house: House,
    gone: Vec<String>,
    failed: String,
    runs: String,
    began: Time,
    since: Time,
}

impl Yard {
    fn new() -> Self {
        let house = House::new(Setup::default());
        let began = house.clock.store();
        let mut yard =
            Self { house, gone: Vec::new(), failed: String::new(), runs: String::new(), began, since: began };
        yard.gone = yard.launch("12");
        yard.house.work(WorkOutcome::Failed(FailureReason::NoStock));
        yard.done("DeleteInstance", &[("InstanceId", &yard.gone[0])]);
        yard.house.turn_clock(Span::from_secs(301));
        yard.house.work(WorkOutcome::Done);
        yard.house.turn_clock(Span::from_secs(700));
        yard.since = yard.house.clock.store();
        yard.failed = yard.launch("1").remove(0);
        yard.house.work(WorkOutcome::Failed(FailureReason::NoAddress));
        yard.runs = yard.launch("1").remove(0);
        (0..2).for_each(|_| yard.house.work(WorkOutcome::Done));
        let not_before = time(yard.since.after(Span::from_hours(1)));
        let announced = [
            ("EventType", "SystemMaintenance.Reboot"),
            ("NotBefore", not_before.as_str()),
            ("InstanceId.1", yard.runs.as_str()),
        ];
        yard.done("CreateSimulatedSystemEvents", &announced);
        yard
    }

    fn done(&self, action: &str, more: &[(&str, &str)]) -> Value {
        let asked = [("Action", action), ("Version", "2014-05-26"), ("RegionId", "cn-hangzhou")];
        let reply = self.house.call(&[&asked[..], more].concat());
        assert_eq!(reply.code(), "200", "{action} {more:?}: {}", reply.body);
        reply.json()
    }

    fn launch(&self, amount: &str) -> Vec<String> {
        self.house.call(&[&LAUNCH[..], &[("Amount", amount)]].concat()).instances()
    }

    fn events(&self, query: &str) -> Value {
        self.done("DescribeInstanceHistoryEvents", &pairs(query))
    }

    fn full_status(&self, query: &str) -> Value {
        self.done("DescribeInstancesFullStatus", &pairs(query))
    }

    /// A query with the names of this yard in it.
    fn fill(&self, query: &str) -> String {
        let events = self.events("EventCycleStatus=Scheduled");
        let event = rows(&events)[0]["EventId"].as_str().unwrap().to_owned();
        let half_way = time(self.began.after(Span::from_secs(600)));
        [
            ("OWNED", &self.gone[0]),
            ("GONE", &self.gone[1]),
            ("FAILED", &self.failed),
            ("RUNS", &self.runs),
            ("EVENT", &event),
            ("HALFWAY", &half_way),
            ("SOON", &time(self.since.after(Span::from_secs(1800)))),
        ]
        .iter()
        .fold(query.to_owned(), |query, (name, value)| query.replace(name, value))
    }
}

fn time(time: Time) -> String {
    wire::time::seconds(time)
}

fn pairs(query: &str) -> Vec<(&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap()).collect()
}

fn rows(listing: &Value) -> &Vec<Value> {
    listing["InstanceSystemEventSet"]["InstanceSystemEventType"].as_array().unwrap()
}

const EACH: &str = "InstanceEventCycleStatus.1=Scheduled&InstanceEventCycleStatus.2=Avoided\
    &InstanceEventCycleStatus.3=Executing&InstanceEventCycleStatus.4=Executed&InstanceEventCycleStatus.5=Canceled\
    &InstanceEventCycleStatus.6=Failed&InstanceEventCycleStatus.7=Inquiring";

/// The call of the first seed.
const SEED: &str = "InstanceEventCycleStatus.1=Executing&InstanceEventCycleStatus.2=Executed\
    &EventType=SystemFailure.Delete";

#[test]
fn each_filter_of_the_events_selects_what_it_says() {
    let yard = Yard::new();
    for (query, count) in [
        // Unasked, what is over is shown and nothing else.
        ("", 12),
        (EACH, 14),
        (SEED, 12),
        ("EventCycleStatus=Avoided", 1),
        ("EventCycleStatus=Executing", 1),
        ("EventCycleStatus=Scheduled", 1),
        ("EventCycleStatus=Inquiring", 0),
        ("EventCycleStatus=Avoided&InstanceEventCycleStatus.1=Executed", 11),
        ("EACH&EventType=SystemFailure.Delete", 13),
        ("EACH&EventType=SystemMaintenance.Reboot", 1),
        ("EACH&EventType=SystemFailure.Odd", 0),
        ("EACH&EventType=SystemFailure.Delete&InstanceEventType.1=SystemMaintenance.Reboot", 1),
        ("EACH&InstanceEventType.1=SystemMaintenance.Reboot&InstanceEventType.2=SystemFailure.Delete", 14),
        ("InstanceId=OWNED", 1),
        ("InstanceId=FAILED", 0),
        ("EACH&InstanceId=FAILED", 1),
        ("InstanceId=OWNED&ResourceId.1=GONE&ResourceId.2=FAILED", 1),
        ("EACH&ResourceId.1=GONE&ResourceId.2=FAILED", 2),
        ("ResourceId.1=i-none", 0),
        ("EACH&ResourceType=instance", 14),
        ("EACH&ResourceType=ddh", 0),
        ("EACH&EventId.1=EVENT", 1),
        ("EventId.1=EVENT", 0),
        ("EventId.1=e-none", 0),
        ("EACH&EventPublishTime.Start=HALFWAY", 2),
        ("EACH&EventPublishTime.End=HALFWAY", 12),
        ("EACH&NotBefore.Start=SOON", 1),
        ("EACH&NotBefore.End=SOON", 13),
        ("EACH&NotBefore.Start=HALFWAY&NotBefore.End=SOON", 1),
        // What is gone has no tags any more.
        ("EACH&Tag.1.Key=k", 0),
        ("EACH&ResourceGroupId=rg-none", 0),
        ("EACH&ImpactLevel=1", 14),
    ] {
        let asked = yard.fill(&query.replace("EACH", EACH));
        let found = yard.events(&asked);
        assert_eq!(found["TotalCount"], count, "{query}");
        assert_eq!(rows(&found).len(), count.min(10), "{query}");
    }
}

#[test]
fn events_are_paged_by_number_and_by_token() {
    let yard = Yard::new();
    let ids = |found: &Value| -> Vec<String> {
        rows(found).iter().map(|row| row["EventId"].as_str().unwrap().to_owned()).collect()
    };
    let mut numbered = Vec::new();
    for (number, count) in [(1, 5), (2, 5), (3, 4), (4, 0)] {
        let found = yard.events(&format!("{EACH}&PageSize=5&PageNumber={number}"));
        assert_eq!((&found["PageNumber"], &found["PageSize"]), (&number.into(), &5.into()));
        assert_eq!((rows(&found).len(), &found["TotalCount"]), (count, &14.into()));
        numbered.extend(ids(&found));
    }
    let first = yard.events(&format!("{EACH}&MaxResults=10"));
    let token = first["NextToken"].as_str().unwrap();
    let second = yard.events(&format!("{EACH}&MaxResults=10&NextToken={token}"));
    assert_eq!((rows(&first).len(), rows(&second).len(), &second["NextToken"]), (10, 4, &"".into()));
    assert_eq!([ids(&first), ids(&second)].concat(), numbered, "both see the same, in the same order");
    assert_eq!(numbered.iter().collect::<BTreeSet<_>>().len(), 14, "and each event once");
}

#[test]
fn an_event_is_told_for_thirty_days_after_it_is_over_also_when_its_instance_is_gone() {
    let yard = Yard::new();
    let gone = yard.fill("InstanceIds=[\"OWNED\",\"GONE\"]");
    assert_eq!(yard.done("DescribeInstances", &pairs(&gone))["TotalCount"], 0);
    for (query, cycle) in [("InstanceId=OWNED", "Avoided"), ("InstanceId=GONE", "Executed")] {
        let found = yard.events(&yard.fill(query));
        let row = &rows(&found)[0];
        assert_eq!(
            (&row["EventCycleStatus"]["Name"], &row["Reason"]),
            (&cycle.into(), &"insufficient stock".into())
        );
        assert_ne!(row["EventFinishTime"], "");
    }
    // All were over within two hours.
    yard.house.turn_clock(Span::from_hours(2));
    assert_eq!(yard.events(EACH)["TotalCount"], 14);
    yard.house.turn_clock(Span::from_hours(30 * 24 - 3));
    assert_eq!(yard.events("")["TotalCount"], 14, "they are kept");
    yard.house.turn_clock(Span::from_hours(3));
    assert_eq!(yard.events(EACH)["TotalCount"], 0, "they are forgotten");
}

#[test]
fn each_filter_of_the_full_statuses_selects_what_it_says() {
    let yard = Yard::new();
    for (query, ids) in [
        ("", &["FAILED", "RUNS"][..]),
        ("InstanceId.1=RUNS", &["RUNS"]),
        ("InstanceId.1=GONE&InstanceId.2=FAILED", &["FAILED"]),
        ("Status=Running", &["RUNS"]),
        ("Status=Stopped", &["FAILED"]),
        ("Status=Starting", &[]),
        ("EventId.1=EVENT", &["RUNS"]),
        ("EventId.1=e-none", &[]),
        ("EventType=SystemMaintenance.Reboot", &["RUNS"]),
        ("EventType=SystemFailure.Delete", &["FAILED"]),
        ("EventType=SystemFailure.Delete&InstanceEventType.1=SystemMaintenance.Reboot", &["RUNS"]),
        ("EventType=SystemFailure.Odd", &[]),
        ("EventPublishTime.Start=HALFWAY", &["FAILED", "RUNS"]),
        ("EventPublishTime.End=HALFWAY", &[]),
        ("NotBefore.Start=SOON", &["RUNS"]),
        ("NotBefore.End=SOON", &["FAILED"]),
        ("HealthStatus=NotApplicable", &[]),
    ] {
        let found = yard.full_status(&yard.fill(query));
        let set = found["InstanceFullStatusSet"]["InstanceFullStatusType"].as_array().unwrap();
        let mut told: Vec<String> =
            set.iter().map(|row| row["InstanceId"].as_str().unwrap().to_owned()).collect();
        let mut expected: Vec<String> = ids.iter().map(|id| yard.fill(id)).collect();
        told.sort();
        expected.sort();
        assert_eq!(told, expected, "{query}");
        assert_eq!(found["TotalCount"], ids.len(), "{query}");
    }
    let pages: Vec<Value> =
        (1..=2).map(|number| yard.full_status(&format!("PageSize=1&PageNumber={number}"))).collect();
    let id = |page: &Value| page["InstanceFullStatusSet"]["InstanceFullStatusType"][0]["InstanceId"].clone();
    assert_ne!(id(&pages[0]), id(&pages[1]));
    assert!(pages.iter().all(|page| page["TotalCount"] == 2));
    for (query, code) in [
        ("PageSize=101", "403 InvalidParameter"),
        ("HealthStatus=maintaining", "403 InvalidParameter"),
        ("EventPublishTime.Start=then", "403 InvalidParameter"),
    ] {
        let asked = [
            ("Action", "DescribeInstancesFullStatus"),
            ("Version", "2014-05-26"),
            ("RegionId", "cn-hangzhou"),
        ];
        assert_eq!(yard.house.call(&[&asked[..], &pairs(query)].concat()).code(), code, "{query}");
    }
}
