//! `DescribeInstanceHistoryEvents`: `contract/ecs-actions.md` section 3, `contract/lifecycle.md`
//! sections 4 and 5.

use fleet::{Cycle, Event, EventKind, FailureReason, IncidentKind, Staging};

use super::{Listing, Reply, ids};
use crate::document::Object;
use crate::ecs::request::events::TYPES;
use crate::time;

/// Events of instances.
#[must_use]
pub fn describe_instance_history_events(listing: &Listing<Event>) -> Reply {
    let rows = listing.rows.iter().map(event);
    let body = listing.numbers_and_token().list("InstanceSystemEventSet", "InstanceSystemEventType", rows);
    Reply::new("DescribeInstanceHistoryEvents", body)
}

/// What every reply about events says first of one, and its reason in words.
pub(super) fn head(event: &Event) -> (Object, &'static str) {
    let (code, name, reason) = kind(event.kind);
    let (cycle_code, cycle_name) = cycle(event.cycle);
    let head = Object::new()
        .text("EventId", ids::event(event.id))
        .object("EventType", coded(code, name))
        .object("EventCycleStatus", coded(cycle_code, cycle_name))
        .text("EventPublishTime", time::seconds(event.published_at))
        .text("NotBefore", time::seconds(event.not_before));
    (head, reason)
}

fn event(event: &Event) -> Object {
    let (head, reason) = head(event);
    head.text("EventFinishTime", event.finished_at.map(time::seconds).unwrap_or_default())
        .text("InstanceId", ids::instance(event.instance))
        .text("ResourceType", "instance")
        .text("Reason", reason)
        .text("ReasonCode", "")
        .text("ImpactLevel", "100")
        .object("ExtendedAttribute", Object::new())
}

pub(super) fn coded(code: i64, name: &'static str) -> Object {
    Object::new().integer("Code", code).text("Name", name)
}

/// Code and name of an event's type, and its reason in words. Samples have the codes of three types,
/// the contract's example that of SystemFailure.Delete; the others are free, and clients go by the name.
fn kind(kind: EventKind) -> (i64, &'static str, &'static str) {
    let what = kind.what();
    let name = TYPES.iter().find(|(_, found)| *found == what).map_or("", |(name, _)| name);
    let reason = match kind {
        EventKind::CreationFailure(reason) => self::reason(reason),
        EventKind::Incident(incident) => match incident.staging {
            Staging::Real => "announced by the provider",
            Staging::Simulated | Staging::InEarnest => "simulated event",
            Staging::Own if incident.kind == IncidentKind::Reclaim => "the spare capacity is wanted back",
            Staging::Own => "the subscription has run out",
        },
    };
    (type_code(what), name, reason)
}

const fn type_code(kind: IncidentKind) -> i64 {
    match kind {
        IncidentKind::MaintenanceReboot => 1,
        IncidentKind::MaintenanceRedeploy => 2,
        IncidentKind::MaintenanceStop => 3,
        IncidentKind::ExpiryStop => 34,
        IncidentKind::ExpiryRelease => 35,
        IncidentKind::UnpaidStop => 36,
        IncidentKind::UnpaidRelease => 37,
        IncidentKind::FailureReboot => 65,
        IncidentKind::FailureRedeploy => 66,
        IncidentKind::FailureStop => 67,
        IncidentKind::FailureRelease => 77,
        IncidentKind::InstanceReboot => 81,
        IncidentKind::Reclaim => 90,
    }
}

const fn reason(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::NoStock => "insufficient stock",
        FailureReason::NoAddress => "insufficient private IP addresses in the vSwitch",
        FailureReason::Machine => "the instance could not be created",
        FailureReason::Deadline => "the instance was not created in time",
        FailureReason::Exhausted => "the instance could not be created after several attempts",
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
