//! A store in a directory: a journal that is the truth, and an index that makes it quick to read.
//!
//! ```text
//!   commit ──► journal ──sync──► tables in memory ──in bulk──► index (sled)
//!                                      ▲ readers look through ▲
//! ```
//!
//! Nothing here starts a thread: what has to be moved or made durable is, in the thread that commits.

mod beginning;
pub(crate) mod block;
mod cache;
mod error;
mod filter;
mod heap;
pub(crate) mod holds;
mod index;
mod index_folder;
mod inspect;
mod layers;
mod lock;
mod moving;
mod open;
mod options;
mod repair;
mod room;
mod runs;
pub(crate) mod sheet;
pub(crate) mod shelf;
mod sled_flush;
mod sled_log;
mod sled_threads;
mod survey;
pub(crate) mod table;
mod upkeep;
mod view;

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fleet::{Revision, Time};
use parking_lot::Mutex;

pub use error::{OpenError, Witness};
pub use holds::{HOLD_NAME_MAX, HOLDS_MAX};
#[cfg(test)]
pub(crate) use index::Index;
pub use inspect::{Finding, Inspection, Note, inspect};
#[cfg(test)]
pub(crate) use open::Checkpoint;
pub use open::{Lost, OpenProgress, OpenReport, OpenStage, Rebuilt, RebuiltBecause};
pub(crate) use open::{load_checkpoint, load_manifest, settings, whole_from};
pub use options::{LostHistory, Options, Sync};
#[cfg(test)]
pub(crate) use repair::kinds;
pub use repair::{Fix, RepairPlan, Repaired, plan_repair, repair};
pub use sheet::SheetFault;
pub use shelf::BadSnapshot;
pub use sled_log::LogFault;
#[cfg(test)]
pub(crate) use sled_log::look_over_file;
pub use survey::stats_of_files;
#[cfg(test)]
pub(crate) use table::{Held, Slot};

use self::block::Over;
#[cfg(not(test))]
use self::index::Index;
use self::layers::{Frozen, Layers, Undo};
use self::lock::StoreLock;
use self::moving::Moving;
use self::room::Room;
use self::upkeep::{Pins, Upkeep};
use self::view::{View, failed};
use super::disk::Disk;
use super::journal::{Catalogue, Identity, Journal, SegmentNumber};
use super::plan::{Plan, Planner};
use super::{
    Backup, BackupError, Change, ChangesError, Commit, Engine, EngineError, HoldError, IndexAction, KeyRange,
    Low, Order, Progress, Reader, Refused, Stats, backup,
};
use crate::planted::planted;

/// How many keys of a full table are moved to the index at once, at least: enough to fill blocks,
/// and few enough that the commit that moves them is not held up for long.
const SLICE_MIN: usize = 512;
/// How many at most, so that whoever moves them is not held up for long either.
const SLICE_MAX: usize = 4096;

/// A store in a directory, open.
pub struct Local {
    disk: Arc<dyn Disk>,
    identity: Identity,
    options: Options,
    layers: Layers,
    writer: Mutex<Writer>,
    /// The table on its way to the index. Locked after `writer`, or alone.
    moving: Mutex<Moving>,
    /// How many keys should have been moved by now and were not: few at once is dear.
    due: AtomicUsize,
    catalogue: Arc<Catalogue>,
    /// None on a disk that is only simulated: then all is kept in memory.
    index: Option<Index>,
    /// What is being copied, and must not be trimmed meanwhile.
    pins: Pins,
    room: Room,
    /// Let go last, when nothing is written any more.
    lock: Option<StoreLock>,
}

/// What only one commit at a time may touch.
#[derive(Debug)]
struct Writer {
    journal: Journal,
    /// Where the journal was when the last checkpoint was made.
    checkpoint: SegmentNumber,
    upkeep: Upkeep,
    health: Health,
}

#[derive(Debug)]
enum Health {
    Well,
    /// Something is under way: opening, or a commit. Found when another begins, it means that the
    /// first was left half-way.
    Busy,
    Latched(Arc<EngineError>),
}

/// What it holds may be secret.
impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = f.debug_struct("Local");
        said.field("disk", &self.disk).field("identity", &self.identity).field("options", &self.options);
        said.field("last", &self.layers.last()).finish_non_exhaustive()
    }
}

impl Local {
    /// Which store this is, and which life of it.
    #[must_use]
    pub const fn identity(&self) -> Identity {
        self.identity
    }

    /// Does `work`, unless something has failed before; and if it fails, lets nothing follow.
    fn fenced<T>(
        &self,
        work: impl FnOnce(&Self, &mut Writer) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut writer = self.writer.lock();
        match &writer.health {
            Health::Well => {}
            Health::Busy => writer.health = Health::Latched(Arc::new(EngineError::Interrupted)),
            Health::Latched(_) => {}
        }
        if let Health::Latched(first) = &writer.health {
            return Err(EngineError::Latched { first: Arc::clone(first) });
        }
        writer.health = Health::Busy;
        let done = work(self, &mut writer);
        writer.health = match &done {
            Ok(_) => Health::Well,
            Err(_) if planted!(LatchForgotten) => Health::Well,
            Err(error) => Health::Latched(Arc::new(error.clone())),
        };
        done
    }

    /// Why nothing is committed any more, if that is so.
    fn failure(&self, writer: &Writer) -> Option<Arc<EngineError>> {
        match &writer.health {
            Health::Well => None,
            Health::Busy => Some(Arc::new(EngineError::Interrupted)),
            Health::Latched(first) => Some(Arc::clone(first)),
        }
    }

    fn commit_group(
        &self,
        writer: &mut Writer,
        group: Vec<Commit>,
    ) -> Result<Vec<Result<Revision, Refused>>, EngineError> {
        if let Some(lock) = &self.lock {
            lock.check_still_there()?;
        }
        writer.journal.check_still_there()?;
        let writes = group.iter().map(|commit| commit.writes.len());
        self.make_room(writer, writes.fold(0, usize::saturating_add))?;

        self.room.wrote(self.disk.as_ref(), writer.journal.written());
        let Plan { answers, changes } = self.plan(group)?;
        if !changes.is_empty() {
            let written = writer.journal.write(&changes)?;
            // While the disk is at it.
            self.layers.take_over(&changes);
            if planted!(PublishedBeforeSync) {
                self.layers.show(&changes);
            }
            writer.journal.keep(written)?;
            // Durable: from here on readers may see it.
            self.layers.show(&changes);
        }
        Ok(answers)
    }

    fn plan(&self, group: Vec<Commit>) -> Result<Plan, EngineError> {
        let view = LazyCell::new(|| View::new(self.layers.stand(), self.index.as_ref()));
        let mut planner = Planner::new(self.layers.last(), &group);
        for commit in group {
            planner.add(commit, |key| Ok(view.get(key)?.map(|entry| entry.revision)))?;
        }
        Ok(planner.finish())
    }

    /// Keeps the table within its bounds before `writes` more are added. Before a commit rather than
    /// after it, so that what goes wrong here is the answer to a commit that has not been written.
    ///
    /// A full table is on its way to the index while the next one fills, a slice at a time and twice as fast,
    /// in [`settle`](Engine::settle). Only where that was too slow does a commit wait for it.
    fn make_room(&self, writer: &mut Writer, writes: usize) -> Result<(), EngineError> {
        if self.layers.is_full(&self.options) {
            let mut moving = self.moving.lock();
            self.move_slice(&mut moving, usize::MAX)?;
            self.begin_move(writer, &mut moving);
        }
        if self.due.fetch_add(writes.saturating_mul(2), Ordering::Relaxed) >= SLICE_MAX {
            self.move_due()?;
        }
        // When the disk runs low, history goes as soon as it can.
        let segments = if self.room.is_pressed() { 1 } else { self.options.checkpoint_segments };
        let due = writer.checkpoint.0.saturating_add(segments);
        if writer.journal.segment().0 >= due {
            self.make_checkpoint(writer)?;
        }
        self.keep_up(writer)
    }

    /// Puts the active table on its way. Not while somebody commits: hence the writer.
    fn begin_move(&self, _writer: &mut Writer, moving: &mut Moving) {
        if self.index.is_some()
            && let Some(frozen) = self.layers.freeze()
        {
            *moving = Moving::Table { frozen, rest: KeyRange::all() };
            self.due.store(0, Ordering::Relaxed);
        }
    }

    /// Moves what is due of the frozen table, if it is enough to be worth it and nobody else is at it.
    fn move_due(&self) -> Result<(), EngineError> {
        if self.due.load(Ordering::Relaxed) < SLICE_MIN {
            return Ok(());
        }
        let Some(mut moving) = self.moving.try_lock() else { return Ok(()) };
        let due = self.due.swap(0, Ordering::Relaxed).min(SLICE_MAX);
        self.move_slice(&mut moving, due)
    }

    /// Moves some more of the frozen table to the index.
    fn move_slice(&self, moving: &mut Moving, limit: usize) -> Result<(), EngineError> {
        moving.go_on(|frozen, rest| self.move_some(frozen, rest, limit))
    }

    /// Moves some of `rest`, and says what is left.
    fn move_some(
        &self,
        Frozen { table, through }: &Frozen,
        rest: &KeyRange,
        limit: usize,
    ) -> Result<Option<KeyRange>, EngineError> {
        let (Some(index), through) = (&self.index, *through) else { return Ok(None) };
        let rest = table.lend(rest, through, limit, |slots| {
            let slots =
                slots.split_last().filter(|_| planted!(SlotForgotten)).map_or(slots, |(_, others)| others);
            let next = slots.last().filter(|_| slots.len() >= limit);
            let rest = next.map(|last| rest.clone().past(last.key, Order::Ascending));
            self.keep_undo(index, slots, through)?;
            let applied = rest.is_none().then_some(through);
            index.lay_over(slots, applied).map_err(|fault| failed(index, IndexAction::Apply, fault))?;
            Ok(rest)
        })?;
        if rest.is_none() {
            self.layers.moved();
        }
        Ok(rest)
    }

    /// Keeps what the index holds under `slots` for whoever reads it as it was before `through`.
    fn keep_undo(&self, index: &Index, slots: &[Over<'_>], through: Revision) -> Result<(), EngineError> {
        if !self.layers.is_read_before(through) || planted!(UndoForgotten) {
            return Ok(());
        }
        let mut keys = BTreeMap::new();
        for Over { key, .. } in slots {
            let held = index.get(key).map_err(|fault| failed(index, IndexAction::Get, fault))?;
            keys.insert(key.to_vec(), held);
        }
        self.layers.keep(Undo { through, keys });
        Ok(())
    }

    /// Moves everything to the index.
    fn move_all(&self, writer: &mut Writer) -> Result<(), EngineError> {
        let mut moving = self.moving.lock();
        self.move_slice(&mut moving, usize::MAX)?;
        self.begin_move(writer, &mut moving);
        self.move_slice(&mut moving, usize::MAX)
    }

    /// Makes the index durable and then says so, in this order.
    fn make_checkpoint(&self, writer: &mut Writer) -> Result<(), EngineError> {
        writer.journal.sync()?;
        self.move_all(writer)?;
        if let Some(index) = self.index.as_ref().filter(|_| !planted!(CheckpointBeforeFlush)) {
            index.flush().map_err(|fault| failed(index, IndexAction::Flush, fault))?;
        }
        let last = writer.journal.last();
        (writer.upkeep.known, writer.upkeep.indexed) = (last, last);
        self.save_checkpoint(writer, self.catalogue.extent().first)?;
        writer.checkpoint = writer.journal.segment();
        writer.upkeep.reconsider();
        Ok(())
    }

    /// Takes over changes that are already in the journal, while opening.
    fn recover(&self, changes: Vec<Change>) -> Result<(), EngineError> {
        self.layers.recover(&changes);
        if self.layers.is_full(&self.options) {
            let mut writer = self.writer.lock();
            self.move_all(&mut writer)?;
        }
        Ok(())
    }
}

impl Engine for Local {
    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(View::new(self.layers.stand(), self.index.as_ref()))
    }

    fn commit(&self, group: Vec<Commit>) -> Result<Vec<Result<Revision, Refused>>, EngineError> {
        self.fenced(|store, writer| store.commit_group(writer, group))
    }

    fn settle(&self) -> Result<(), EngineError> {
        self.move_due()
    }

    fn changes(&self, since: Revision, limit: usize) -> Result<Vec<Change>, ChangesError> {
        let (last, _) = self.layers.last();
        if since > last {
            return Err(ChangesError::Future { since, last });
        }
        match self.catalogue.gone(since) {
            Some(oldest) => Err(ChangesError::HistoryGone { oldest }),
            None => self.catalogue.changes(since, last, limit),
        }
    }

    fn last(&self) -> (Revision, Time) {
        self.layers.last()
    }

    fn checkpoint(&self) -> Result<(), EngineError> {
        self.fenced(Self::make_checkpoint)
    }

    fn maintain(&self, budget: u64) -> Result<Progress, EngineError> {
        self.fenced(|store, writer| store.maintain_some(writer, budget))
    }

    fn hold_feed(&self, name: &str, read: Revision) -> Result<(), HoldError> {
        self.fenced(|store, writer| match store.hold(writer, name, read) {
            Err(HoldError::Engine(error)) => Err(error),
            held => Ok(held),
        })?
    }

    fn release_feed(&self, name: &str) -> Result<bool, EngineError> {
        self.fenced(|store, writer| store.let_go(writer, name))
    }

    fn backup(&self, disk: &dyn Disk, watch: &mut dyn FnMut(u64)) -> Result<Backup, BackupError> {
        let _kept = self.pins.pin(self.layers.last().0);
        backup::copy(self, self.identity, disk, watch)
    }

    fn low(&self) -> Option<Low> {
        self.room.low(self.disk.as_ref())
    }

    fn stats(&self) -> Stats {
        self.count_all()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        // For a quick next open, nothing else: all that was acknowledged is in the journal.
        let _made_or_not = self.checkpoint();
        self.give_up_copying();
    }
}
