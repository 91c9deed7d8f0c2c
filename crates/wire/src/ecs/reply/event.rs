//! `DescribeInstanceHistoryEvents`: `contract/ecs-actions.md` section 3, `contract/lifecycle.md`
//! sections 4 and 5.

use fleet::{Cycle, Event, EventKind, FailureReason};

use super::{Listing, Reply, ids};
use crate::document::Object;
use crate::time;

/// Events of instances.
#[must_use]
pub fn describe_instance_history_events(listing: &Listing<Event>) -> Reply {
    let rows = listing.rows.iter().map(event);
    let body = listing.numbers_and_token().list("InstanceSystemEventSet", "InstanceSystemEventType", rows);
    Reply::new("DescribeInstanceHistoryEvents", body)
}

fn event(event: &Event) -> Object {
    let (code, name, reason) = kind(event.kind);
    let (cycle_code, cycle_name) = cycle(event.cycle);
    Object::new()
        .text("EventId", ids::event(event.id))
        .object("EventType", coded(code, name))
        .object("EventCycleStatus", coded(cycle_code, cycle_name))
        .text("EventPublishTime", time::seconds(event.published_at))
        .text("NotBefore", time::seconds(event.not_before))
        .text("EventFinishTime", event.finished_at.map(time::seconds).unwrap_or_default())
        .text("InstanceId", ids::instance(event.instance))
        .text("ResourceType", "instance")
        .text("Reason", reason)
        .text("ReasonCode", "")
        .text("ImpactLevel", "100")
        .object("ExtendedAttribute", Object::new())
}

fn coded(code: i64, name: &'static str) -> Object {
    Object::new().integer("Code", code).text("Name", name)
}

/// Code and name of an event's type, and its reason in words. The code is the contract's example;
/// it is free, and clients go by the name.
const fn kind(kind: EventKind) -> (i64, &'static str, &'static str) {
    match kind {
        EventKind::CreationFailure(reason) => (77, "SystemFailure.Delete", self::reason(reason)),
    }
}

const fn reason(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::NoStock => "insufficient stock",
        FailureReason::NoAddress => "insufficient private IP addresses in the vSwitch",
        FailureReason::Machine => "the instance could not be created",
        FailureReason::Deadline => "the instance was not created in time",
    }
}

/// Code and name of a cycle. Samples have the codes of Scheduled, Avoided and Executed, the
/// contract's example that of Executing; the others are free.
const fn cycle(cycle: Cycle) -> (i64, &'static str) {
    match cycle {
        Cycle::Executed => (0, "Executed"),
        Cycle::Avoided => (8, "Avoided"),
        Cycle::Inquiring => (16, "Inquiring"),
        Cycle::Scheduled => (24, "Scheduled"),
        Cycle::Executing => (32, "Executing"),
        Cycle::Canceled => (40, "Canceled"),
        Cycle::Failed => (48, "Failed"),
    }
}
