//! `DescribeInstancesFullStatus` and `CreateSimulatedSystemEvents`: `contract/ecs-actions.md` section 3.

use fleet::{Event, EventId, Profile, Shown};

use super::event::{coded, head};
use super::instance::status;
use super::{Listing, Reply, ids};
use crate::document::Object;
use crate::ecs::request::system_event::Health;

/// Status, health and open events of instances. One that its owner does not see any more is left out.
#[must_use]
pub fn describe_instances_full_status(listing: &Listing<(Profile, Vec<Event>)>) -> Reply {
    let row = |(profile, events): &(Profile, Vec<Event>)| {
        let shown = profile.instance.shown()?;
        let (health_code, health) = health(Health::of(shown, events));
        let row = Object::new()
            .text("InstanceId", ids::instance(profile.instance.id))
            .object("Status", coded(status_code(shown), status(shown)))
            .object("HealthStatus", coded(health_code, health))
            .list("ScheduledSystemEventSet", "ScheduledSystemEventType", events.iter().map(scheduled));
        Some(row)
    };
    let rows = listing.rows.iter().filter_map(row);
    let body = listing.numbers().list("InstanceFullStatusSet", "InstanceFullStatusType", rows);
    Reply::new("DescribeInstancesFullStatus", body)
}

fn scheduled(event: &Event) -> Object {
    let (head, reason) = head(event);
    head.text("Reason", reason).text("ImpactLevel", "100").object("ExtendedAttribute", Object::new())
}

/// The code of a status: samples have that of Running; the others are free.
const fn status_code(shown: Shown) -> i64 {
    match shown {
        Shown::Pending => 0,
        Shown::Running => 1,
        Shown::Starting => 2,
        Shown::Stopping => 3,
        Shown::Stopped => 4,
    }
}

/// Code and name of a health: samples have those of Ok, Warning and Maintaining; the others are free.
const fn health(health: Health) -> (i64, &'static str) {
    match health {
        Health::Ok => (0, "Ok"),
        Health::Impaired => (32, "Impaired"),
        Health::Warning => (64, "Warning"),
        Health::Maintaining => (0, "Maintaining"),
        Health::Initializing => (128, "Initializing"),
        Health::InsufficientData => (160, "InsufficientData"),
        Health::NotApplicable => (192, "NotApplicable"),
    }
}

/// The events that were made up, in the order of their instances.
#[must_use]
pub fn create_simulated_system_events(events: &[EventId]) -> Reply {
    let events = events.iter().copied().map(ids::event);
    Reply::new("CreateSimulatedSystemEvents", Object::new().list("EventIdSet", "EventId", events))
}
