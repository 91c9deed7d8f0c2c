//! Events on disk.

use fleet::{AccountId, EventId, InstanceId, Time};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{FailureReason, Serial};
use super::payload::{Payload, Stored};

const EVENT_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct Event {
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
    }
}

pinned_mirrors! {
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

pub(super) fn write_event(event: &fleet::Event) -> Result<Payload, EncodeError> {
    let kind = match event.kind {
        fleet::EventKind::CreationFailure(reason) => EventKind::CreationFailure { reason: reason.into() },
    };
    let fields = Event {
        account: event.account.0,
        instance: event.instance.0.into(),
        kind,
        cycle: event.cycle.into(),
        published_at: event.published_at.millis(),
        not_before: event.not_before.millis(),
        finished_at: event.finished_at.map(Time::millis),
    };
    Payload::write(EVENT_VERSION, &fields)
}

pub(super) fn read_event(id: EventId, stored: &Stored<'_>) -> Result<fleet::Event, DecodeError> {
    const NAME: &str = "event";
    let fields: Event = match stored.version {
        EVENT_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, EVENT_VERSION)),
    };
    let kind = match fields.kind {
        EventKind::CreationFailure { reason } => fleet::EventKind::CreationFailure(reason.into()),
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
    })
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    let reason = FailureReason::NoStock;
    stay(EventKind::NUMBERS, [(1, EventKind::CreationFailure { reason })]);
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
