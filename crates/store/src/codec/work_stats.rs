//! What became of all work items, on disk.

use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::payload::{Stored, Value};

const WORK_STATS_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct WorkStats {
    claimed: u64,
    done: u64,
    failed: u64,
    given_back: u64,
    unclear: u64,
    lapsed: u64,
    extended: u64,
    exhausted: u64,
}

pub(super) fn write_work_stats(stats: fleet::WorkStats, to: Value<'_>) -> Result<(), EncodeError> {
    let fleet::WorkStats { claimed, done, failed, given_back, unclear, lapsed, extended, exhausted } = stats;
    let fields = WorkStats { claimed, done, failed, given_back, unclear, lapsed, extended, exhausted };
    to.write(WORK_STATS_VERSION, &fields)
}

pub(super) fn read_work_stats(stored: &Stored<'_>) -> Result<fleet::WorkStats, DecodeError> {
    const NAME: &str = "work counters";
    let fields: WorkStats = match stored.version {
        WORK_STATS_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, WORK_STATS_VERSION)),
    };
    let WorkStats { claimed, done, failed, given_back, unclear, lapsed, extended, exhausted } = fields;
    Ok(fleet::WorkStats { claimed, done, failed, given_back, unclear, lapsed, extended, exhausted })
}
