//! Events on disk.

use fleet::{AccountId, EventId, InstanceId, Label, Time};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{FailureReason, Serial, label};
use super::payload::{Stored, Value};

/// Version 1 did not say where.
const EVENT_VERSION: u8 = 2;

#[derive(Deserialize, Serialize)]
struct Event<'a> {
    first: EventOfVersion1,
    region: Option<&'a str>,
}

#[derive(Deserialize, Serialize)]
struct EventOfVersion1 {
    account: u64,
    instance: Serial,
    kind: EventKind,
    cycle: Cycle,
    published_at: u64,
    not_before: u64,
    finished_at: Option<u64>,
}

pinned! {
    enum EventKind {
        1 = CreationFailure { reason: FailureReason },
        2 = Incident { kind: IncidentKind, staging: Staging, due_at: u64 },
    }
}

pinned_mirrors! {
    IncidentKind {
        1 = MaintenanceReboot,
        2 = MaintenanceRedeploy,
        3 = MaintenanceStop,
        4 = FailureReboot,
        5 = FailureRedeploy,
        6 = FailureStop,
        7 = FailureRelease,
        8 = InstanceReboot,
        9 = ExpiryStop,
        10 = ExpiryRelease,
        11 = UnpaidStop,
        12 = UnpaidRelease,
        13 = Reclaim,
    }
    Staging { 1 = Real, 2 = Simulated, 3 = InEarnest, 4 = Own }
    Cycle {
        1 = Inquiring,
        2 = Scheduled,
        3 = Executing,
        4 = Executed,
        5 = Avoided,
        6 = Canceled,
        7 = Failed,
    }
}

pub(super) fn write_event(event: &fleet::Event, to: Value<'_>) -> Result<(), EncodeError> {
    let kind = match event.kind {
        fleet::EventKind::CreationFailure(reason) => EventKind::CreationFailure { reason: reason.into() },
        fleet::EventKind::Incident(fleet::Incident { kind, staging, due_at }) => {
            EventKind::Incident { kind: kind.into(), staging: staging.into(), due_at: due_at.millis() }
        }
    };
    let first = EventOfVersion1 {
        account: event.account.0,
        instance: event.instance.0.into(),
        kind,
        cycle: event.cycle.into(),
        published_at: event.published_at.millis(),
        not_before: event.not_before.millis(),
        finished_at: event.finished_at.map(Time::millis),
    };
    let region = event.region.as_ref().map(Label::as_str);
    to.write(EVENT_VERSION, &Event { first, region })
}

pub(super) fn read_event(id: EventId, stored: &Stored<'_>) -> Result<fleet::Event, DecodeError> {
    const NAME: &str = "event";
    let Event { first: fields, region } = match stored.version {
        1 => Event { first: stored.read(NAME)?, region: None },
        EVENT_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, EVENT_VERSION)),
    };
    let kind = match fields.kind {
        EventKind::CreationFailure { reason } => fleet::EventKind::CreationFailure(reason.into()),
        EventKind::Incident { kind, staging, due_at } => fleet::EventKind::Incident(fleet::Incident {
            kind: kind.into(),
            staging: staging.into(),
            due_at: Time::from_millis(due_at),
        }),
    };
    Ok(fleet::Event {
        id,
        account: AccountId(fields.account),
        instance: InstanceId(fields.instance.into()),
        kind,
        cycle: fields.cycle.into(),
        published_at: Time::from_millis(fields.published_at),
        not_before: Time::from_millis(fields.not_before),
        finished_at: fields.finished_at.map(Time::from_millis),
        region: region.map(label).transpose()?,
    })
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    let reason = FailureReason::NoStock;
    let (kind, staging) = (IncidentKind::MaintenanceReboot, Staging::Real);
    let incident = EventKind::Incident { kind, staging, due_at: 0 };
    stay(EventKind::NUMBERS, [(1, EventKind::CreationFailure { reason }), (2, incident)]);
    stay(
        IncidentKind::NUMBERS,
        [
            (1, IncidentKind::MaintenanceReboot),
            (2, IncidentKind::MaintenanceRedeploy),
            (3, IncidentKind::MaintenanceStop),
            (4, IncidentKind::FailureReboot),
            (5, IncidentKind::FailureRedeploy),
            (6, IncidentKind::FailureStop),
            (7, IncidentKind::FailureRelease),
            (8, IncidentKind::InstanceReboot),
            (9, IncidentKind::ExpiryStop),
            (10, IncidentKind::ExpiryRelease),
            (11, IncidentKind::UnpaidStop),
            (12, IncidentKind::UnpaidRelease),
            (13, IncidentKind::Reclaim),
        ],
    );
    stay(
        Staging::NUMBERS,
        [(1, Staging::Real), (2, Staging::Simulated), (3, Staging::InEarnest), (4, Staging::Own)],
    );
    stay(
        Cycle::NUMBERS,
        [
            (1, Cycle::Inquiring),
            (2, Cycle::Scheduled),
            (3, Cycle::Executing),
            (4, Cycle::Executed),
            (5, Cycle::Avoided),
            (6, Cycle::Canceled),
            (7, Cycle::Failed),
        ],
    );
}
