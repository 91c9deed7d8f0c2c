//! What keeps a store small and quick to open: snapshots, and trimming the journal behind them.
//!
//! Done a little at a time, by whoever commits, in proportion to what was written; or by a host that
//! calls [`Engine::maintain`] when it has nothing better to do. None of it is needed for a commit to
//! last: a snapshot that fails is given up, said in the statistics, and begun again later.

use std::collections::BTreeMap;

use fleet::Revision;

use super::holds::{HOLD_NAME_MAX, HOLDS_MAX, Holds};
use super::moving::Moving;
use super::room;
use super::sheet::{Kind, Sheet, SheetFault};
use super::shelf::{self, Shelf, Shelved, UNFINISHED};
use super::{Local, Writer};
use crate::engine::journal::SegmentNumber;
use crate::engine::snapshot::{CopyError, Copying, Step};
use crate::engine::{EngineError, HoldError, Progress, SnapshotStats, Stats};
use crate::planted::planted;

/// How many bytes are copied to a snapshot for each byte of commits, before they are compressed.
const PACE: u64 = 4;
/// How many times as many bytes are copied to a snapshot as it has once they are compressed, roughly.
const COMPRESSED: u64 = 3;
/// How many bytes are copied to a snapshot at once, at least.
const SLICE: u64 = 128 * 1024;
/// How many segments are trimmed at once, at most.
const TRIMMED_AT_ONCE: usize = 4;
/// How many keys of a table are moved at once when there is time.
const MOVED_AT_ONCE: usize = 4096;

/// How far the upkeep of a store is.
#[derive(Debug)]
pub(crate) struct Upkeep {
    /// What the checkpoint says was durable in the journal, and in the index.
    pub(crate) known: Revision,
    pub(crate) indexed: Revision,
    pub(crate) shelf: Shelf,
    pub(crate) holds: Result<Holds, SheetFault>,
    copying: Option<Copying>,
    /// How much was written to the journal, as far as it was looked at here.
    seen: u64,
    /// How much of that since a snapshot was begun.
    pub(crate) since: u64,
    /// How many bytes of a snapshot should have been written by now.
    owed: u64,
    /// The segment that was written to when trimming was last considered.
    considered: Option<SegmentNumber>,
    failure: Option<String>,
}

impl Upkeep {
    pub(crate) fn new() -> Self {
        Self {
            known: Revision::ZERO,
            indexed: Revision::ZERO,
            shelf: Shelf::default(),
            holds: Ok(Holds::default()),
            copying: None,
            seen: 0,
            since: 0,
            owed: 0,
            considered: None,
            failure: None,
        }
    }

    /// From now on it is worth looking again whether segments may go.
    pub(crate) const fn reconsider(&mut self) {
        self.considered = None;
    }
}

/// Commits that are not to be trimmed while somebody copies them.
#[derive(Debug, Default)]
pub(crate) struct Pins(parking_lot::Mutex<BTreeMap<Revision, usize>>);

impl Pins {
    /// Keeps the commits after `since`.
    pub(crate) fn pin(&self, since: Revision) -> Pin<'_> {
        let mut pins = self.0.lock();
        let here = pins.entry(since).or_default();
        *here = here.saturating_add(1);
        Pin { pins: self, since }
    }

    fn floor(&self) -> Option<Revision> {
        self.0.lock().first_key_value().map(|(since, _)| *since)
    }
}

/// Keeps commits for as long as it lives.
#[derive(Debug)]
pub(crate) struct Pin<'a> {
    pins: &'a Pins,
    since: Revision,
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        let mut pins = self.pins.0.lock();
        if let Some(here) = pins.get_mut(&self.since) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                pins.remove(&self.since);
            }
        }
    }
}

impl Local {
    /// Does what the commits so far have made due: at most a few times as much as they wrote.
    pub(super) fn keep_up(&self, writer: &mut Writer) -> Result<(), EngineError> {
        let fresh = self.count(writer);
        if writer.upkeep.copying.is_some() || self.is_snapshot_due(writer) {
            writer.upkeep.owed = writer.upkeep.owed.saturating_add(fresh.saturating_mul(PACE));
            if writer.upkeep.owed >= SLICE.min(self.options.snapshot_min_bytes) {
                let budget = core::mem::take(&mut writer.upkeep.owed);
                self.copy_slice(writer, budget);
            }
        }
        self.trim(writer).map(drop)
    }

    /// Takes note of what was written to the journal since the last time, and says how much.
    fn count(&self, writer: &mut Writer) -> u64 {
        let written = writer.journal.written();
        let upkeep = &mut writer.upkeep;
        let fresh = written.saturating_sub(upkeep.seen);
        upkeep.seen = written;
        upkeep.since = upkeep.since.saturating_add(fresh);
        fresh
    }

    fn is_snapshot_due(&self, writer: &Writer) -> bool {
        let last = writer.upkeep.shelf.last().map_or(0, |shelved| shelved.bytes);
        writer.upkeep.since >= self.options.snapshot_min_bytes.max(last.saturating_mul(COMPRESSED))
            // It makes room in the end, but takes some first.
            && self.room.free().saturating_sub(self.options.free_space_min / 2) > last
    }

    /// Writes some more of a snapshot, beginning one if none is under way. What goes wrong is noted,
    /// and the snapshot given up: the journal has everything.
    fn copy_slice(&self, writer: &mut Writer, budget: u64) -> Option<Revision> {
        match self.try_copy_slice(writer, budget) {
            Ok(done) => {
                if done.is_some() {
                    writer.upkeep.failure = None;
                    writer.upkeep.reconsider();
                }
                done
            }
            Err(error) => {
                writer.upkeep.failure = Some(error.told());
                None
            }
        }
    }

    fn try_copy_slice(&self, writer: &mut Writer, budget: u64) -> Result<Option<Revision>, CopyError> {
        let disk = self.disk.as_ref();
        let copying = match writer.upkeep.copying.take() {
            Some(copying) => copying,
            None => {
                writer.upkeep.since = 0;
                Copying::begin(self, self.identity, disk, UNFINISHED)?
            }
        };
        match copying.step(self, budget)? {
            Step::More(copying) => {
                writer.upkeep.copying = Some(*copying);
                Ok(None)
            }
            Step::Done { seal, bytes } => {
                let shelved = Shelved { revision: seal.revision, time: seal.time, bytes };
                writer.upkeep.shelf.add(disk, shelved)?;
                Ok(Some(seal.revision))
            }
        }
    }

    /// Trims segments of which nothing is needed any more. Says how many.
    pub(super) fn trim(&self, writer: &mut Writer) -> Result<usize, EngineError> {
        if writer.upkeep.considered == Some(writer.journal.segment()) {
            return Ok(0);
        }
        for trimmed in 0..TRIMMED_AT_ONCE {
            let Some(next) = self.trimmable(writer) else {
                writer.upkeep.considered = Some(writer.journal.segment());
                return Ok(trimmed);
            };
            // Else the segment would be missed.
            if !planted!(TrimBeforeCheckpoint) {
                self.save_checkpoint(writer, next)?;
            }
            writer.journal.trim()?;
        }
        Ok(TRIMMED_AT_ONCE)
    }

    /// The segment that would be the oldest without the oldest, if that may go.
    fn trimmable(&self, writer: &Writer) -> Option<SegmentNumber> {
        let Upkeep { indexed, shelf, holds, copying, .. } = &writer.upkeep;
        let extent = self.catalogue.extent();
        let front = extent.front?;
        let covered =
            [Some(shelf.floor().min(*indexed)), copying.as_ref().map(Copying::begun), self.pins.floor()];
        if !planted!(TrimmedTooFar) && covered.into_iter().flatten().any(|floor| floor < front.last) {
            return None;
        }
        let (_, now) = self.layers.last();
        let old = front.time.after(self.options.keep_for) < now;
        if !old && !self.room.is_pressed() && extent.bytes <= self.options.keep_bytes {
            return None;
        }
        let held = match holds {
            Ok(holds) => holds.floor().is_some_and(|floor| floor < front.last),
            Err(_) => true,
        };
        if held && extent.bytes <= self.options.hold_bytes && !planted!(HoldIgnored) {
            return None;
        }
        Some(extent.first.next())
    }

    /// Says in the checkpoint file what is durable, and which segment is the oldest.
    pub(super) fn save_checkpoint(&self, writer: &Writer, oldest: SegmentNumber) -> Result<(), EngineError> {
        let numbers = [writer.upkeep.known.number(), writer.upkeep.indexed.number(), oldest.0];
        Sheet { kind: Kind::Checkpoint, identity: self.identity, numbers }.save(self.disk.as_ref())
    }

    pub(super) fn maintain_some(&self, writer: &mut Writer, budget: u64) -> Result<Progress, EngineError> {
        self.count(writer);
        let moving = {
            let mut moving = self.moving.lock();
            self.move_slice(&mut moving, MOVED_AT_ONCE)?;
            matches!(*moving, Moving::Table { .. })
        };
        let mut snapshot = None;
        if writer.upkeep.copying.is_some() || self.is_snapshot_due(writer) {
            snapshot = self.copy_slice(writer, budget);
        }
        let trimmed = self.trim(writer)?;
        let more = moving || writer.upkeep.copying.is_some() || trimmed == TRIMMED_AT_ONCE;
        Ok(Progress { snapshot, trimmed, more })
    }

    /// Writes a snapshot now, whether one is due or not. Returns the revision it holds, or `None` when
    /// it came to nothing; the statistics then say why.
    ///
    /// # Errors
    ///
    /// When the store has failed before.
    pub fn snapshot(&self) -> Result<Option<Revision>, EngineError> {
        self.fenced(|store, writer| {
            store.count(writer);
            Ok(store.copy_slice(writer, u64::MAX))
        })
    }

    pub(super) fn hold(&self, writer: &mut Writer, name: &str, read: Revision) -> Result<(), HoldError> {
        if name.is_empty() || name.len() > HOLD_NAME_MAX {
            return Err(HoldError::Name { max: HOLD_NAME_MAX });
        }
        let (last, _) = self.layers.last();
        if read > last {
            return Err(HoldError::Future { read, last });
        }
        if let Some(oldest) = self.catalogue.gone(read) {
            return Err(HoldError::HistoryGone { oldest });
        }
        // What could not be read is replaced: who still reads says so again.
        let mut holds = writer.upkeep.holds.clone().unwrap_or_default();
        holds.readers.insert(name.to_owned(), read);
        if holds.readers.len() > HOLDS_MAX {
            return Err(HoldError::TooMany { max: HOLDS_MAX });
        }
        self.save_holds(writer, holds)?;
        Ok(())
    }

    pub(super) fn let_go(&self, writer: &mut Writer, name: &str) -> Result<bool, EngineError> {
        let mut holds = writer.upkeep.holds.clone().unwrap_or_default();
        let held = holds.readers.remove(name).is_some();
        if held || writer.upkeep.holds.is_err() {
            self.save_holds(writer, holds)?;
        }
        Ok(held)
    }

    fn save_holds(&self, writer: &mut Writer, holds: Holds) -> Result<(), EngineError> {
        holds.save(self.disk.as_ref(), self.identity)?;
        writer.upkeep.holds = Ok(holds);
        writer.upkeep.reconsider();
        Ok(())
    }

    pub(super) fn count_all(&self) -> Stats {
        let writer = self.writer.lock();
        let (last, time) = self.layers.last();
        let extent = self.catalogue.extent();
        let upkeep = &writer.upkeep;
        let shelved = |shelved: &Shelved| {
            let Shelved { revision, time, bytes } = *shelved;
            SnapshotStats { revision, time, bytes }
        };
        Stats {
            identity: Some(self.identity),
            last,
            time,
            oldest: extent.oldest,
            segments: extent.segments,
            spares: writer.journal.spares(),
            journal_bytes: extent.bytes,
            indexed: upkeep.indexed,
            snapshots: upkeep.shelf.sound.iter().map(shelved).collect(),
            snapshot_under_way: upkeep.copying.as_ref().map(Copying::size),
            snapshot_failure: upkeep.failure.clone(),
            tables: self.layers.sizes(),
            holds: upkeep.holds.as_ref().map(|holds| holds.readers.clone()).unwrap_or_default(),
            free: self.disk.free().ok(),
            ballast: room::set_aside_now(self.disk.as_ref()),
            failure: self.failure(&writer).map(|error| error.to_string()),
        }
    }

    /// Gives up a snapshot that is under way.
    pub(super) fn give_up_copying(&self) {
        let mut writer = self.writer.lock();
        if writer.upkeep.copying.take().is_some() {
            // Else the next opening does it.
            let _removed_or_not = shelf::remove_unfinished(self.disk.as_ref());
        }
    }
}
