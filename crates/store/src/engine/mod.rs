//! Bytes under the fleet: ordered keys, values, and commits that are all or nothing.
//!
//! An [`Engine`] knows nothing of instances. [`memory`] forgets when it is dropped; [`local`] keeps
//! a directory in which the journal is the truth and everything else can be rebuilt from it.

pub mod backup;
#[cfg(any(test, feature = "simulation"))]
pub mod chance;
mod compressed;
pub mod disk;
mod error;
mod input;
pub mod journal;
pub mod local;
pub mod memory;
mod plan;
#[cfg(any(test, feature = "simulation"))]
pub mod sim_disk;
pub mod snapshot;
mod stats;
#[cfg(test)]
pub(crate) mod tests;
mod writes;

use core::fmt::Debug;
use core::ops::ControlFlow;

use fleet::{Revision, Time};

pub use backup::{Backup, BackupError, EPOCH_MAX};
use disk::Disk;
pub use error::{Action, ChangesError, Conflict, EngineError, HoldError, IndexAction, IndexFault, Refused};
pub use stats::{Low, Progress, SnapshotStats, Stats, TableStats};
pub use writes::{Write, WriteRef, Writes};

/// The most bytes one key and its value may have together.
pub const RECORD_MAX: usize = 4096;

/// The most bytes one commit may take in the journal.
pub const FRAME_MAX: usize = 16 * 1024 * 1024;

/// Which store this is. Drawn by whoever creates the store; there is no chance in here.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct StoreId(pub [u8; 16]);

/// What a decision had read: a key, and the revision its value had, or `None` when there was none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expected {
    /// Which key.
    pub key: Vec<u8>,
    /// The revision that wrote its value.
    pub revision: Option<Revision>,
}

/// Writes that happen together or not at all, and what must still hold for them to happen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Commit {
    /// When it was decided. A time before the last commit's is replaced by the last commit's.
    pub time: Time,
    /// What the decision had read.
    pub expected: Vec<Expected>,
    /// What it changes. Of two writes to one key the later counts.
    pub writes: Writes,
}

/// A key, its value, and the revision of the commit that wrote it.
#[derive(Clone, Eq, PartialEq)]
pub struct Entry {
    /// Which key.
    pub key: Vec<u8>,
    /// What it holds.
    pub value: Vec<u8>,
    /// Since which revision.
    pub revision: Revision,
}

/// A value may be a password: only how long it is is said.
impl Debug for Entry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut said = f.debug_struct("Entry");
        said.field("key", &self.key).field("value_bytes", &self.value.len());
        said.field("revision", &self.revision).finish()
    }
}

/// A commit that happened: one line of the feed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Its number.
    pub revision: Revision,
    /// When it happened; never before the change it follows.
    pub time: Time,
    /// What it wrote, in the order it was asked for.
    pub writes: Writes,
}

/// The keys from `start` on, up to but without `end`; without an `end`, all of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyRange {
    /// The first key that may be in it.
    pub start: Vec<u8>,
    /// The first key after it.
    pub end: Option<Vec<u8>>,
}

impl KeyRange {
    /// Every key there is.
    #[must_use]
    pub const fn all() -> Self {
        Self { start: Vec::new(), end: None }
    }

    /// The keys that begin with `prefix`.
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if let Some(next) = last.checked_add(1) {
                end.push(next);
                return Self { start: prefix.to_vec(), end: Some(end) };
            }
        }
        Self { start: prefix.to_vec(), end: None }
    }

    /// Whether no key can be in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end.as_ref().is_some_and(|end| *end <= self.start)
    }

    /// Whether it has `key`.
    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        key >= self.start.as_slice() && self.end.as_ref().is_none_or(|end| key < end.as_slice())
    }

    /// The keys that both have.
    pub(crate) fn within(&self, other: &Self) -> Self {
        let start = self.start.clone().max(other.start.clone());
        let end = match (&self.end, &other.end) {
            (Some(one), Some(other)) => Some(one.min(other).clone()),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Self { start, end }
    }

    /// What is left of it once a walk in `order` has seen `key`.
    #[must_use]
    pub fn past(self, key: &[u8], order: Order) -> Self {
        match order {
            Order::Ascending => Self { start: after(key), end: self.end },
            Order::Descending => Self { start: self.start, end: Some(key.to_vec()) },
        }
    }

    /// The part of it that a walk in `order` has behind it once it has seen `key`.
    pub(crate) fn up_to(self, key: &[u8], order: Order) -> Self {
        match order {
            Order::Ascending => Self { start: self.start, end: Some(after(key)) },
            Order::Descending => Self { start: key.to_vec(), end: self.end },
        }
    }
}

/// Keys that begin with this come in no order, so that nothing is gained by keeping neighbours together. The others come
/// roughly in theirs, or are few.
pub(crate) const SCATTERED: u8 = 120;

/// The first key after `key`: nothing comes between one and itself with a zero behind it.
pub(crate) fn after(key: &[u8]) -> Vec<u8> {
    let mut after = Vec::with_capacity(key.len().saturating_add(1));
    after.extend_from_slice(key);
    after.push(0);
    after
}

/// Which way a scan walks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Smallest key first.
    Ascending,
    /// Largest key first.
    Descending,
}

/// An ordered key space that changes by whole commits.
pub trait Engine: Send + Sync + Debug {
    /// A reader that stands at the last durable revision for as long as it lives.
    ///
    /// It never waits for a sync and never holds one up, but what it might still read is kept for
    /// it: do not keep readers longer than needed.
    fn reader(&self) -> Box<dyn Reader + '_>;

    /// Commits a group in order and makes it durable with one sync.
    ///
    /// Each commit sees those before it in the group, and is answered with its revision or with the
    /// reason why it wrote nothing; a refused one leaves its neighbours as they are.
    ///
    /// # Errors
    ///
    /// Nothing is known of the whole group, and the engine is latched: every later commit is
    /// refused with this first error until the store is opened again. Reads go on, from the last
    /// durable revision.
    fn commit(&self, group: Vec<Commit>) -> Result<Vec<Result<Revision, Refused>>, EngineError>;

    /// Whether a commit waits for something, so that there is time to decide others meanwhile.
    fn waits(&self) -> bool {
        true
    }

    /// Does what commits have made due and that need not happen before they are acknowledged. To be called
    /// after them, by whoever has time for it; other commits do not wait for it.
    ///
    /// # Errors
    ///
    /// The engine cannot go on for long. No commit is lost by it; none should follow.
    fn settle(&self) -> Result<(), EngineError> {
        Ok(())
    }

    /// The first `limit` commits after `since`, in order, without a gap.
    ///
    /// # Errors
    ///
    /// When some of them are no longer kept, when `since` has not happened, or when reading fails.
    fn changes(&self, since: Revision, limit: usize) -> Result<Vec<Change>, ChangesError>;

    /// The last durable commit: its number and its time.
    fn last(&self) -> (Revision, Time);

    /// Moves what is in memory to the index and makes that durable, so that the next open is quick.
    ///
    /// # Errors
    ///
    /// As for a commit: the engine is latched. No commit is lost by it.
    fn checkpoint(&self) -> Result<(), EngineError>;

    /// Does some of the work that can wait: moves to the index, writes about `budget` bytes of a
    /// snapshot when one is due, trims history. An engine does all of it by itself too, as part of
    /// commits; a host that calls this when it has time takes it off them.
    ///
    /// # Errors
    ///
    /// As for a commit: the engine is latched. No commit is lost by it.
    fn maintain(&self, budget: u64) -> Result<Progress, EngineError>;

    /// Registers a reader of the feed, which has read up to `read`: history after that is kept for it,
    /// within limits, until it says so of a later revision or is [let go](Self::release_feed).
    ///
    /// # Errors
    ///
    /// When there is no such history, or too many readers, or the disk fails.
    fn hold_feed(&self, name: &str, read: Revision) -> Result<(), HoldError>;

    /// Forgets a reader of the feed. Says whether there was one.
    ///
    /// # Errors
    ///
    /// As for a commit.
    fn release_feed(&self, name: &str) -> Result<bool, EngineError>;

    /// Copies the key space, as it stands at one revision, to a backup on `disk`, while commits go on.
    /// `watch` is told how many bytes are written.
    ///
    /// # Errors
    ///
    /// When reading or writing fails. The engine is as well as before.
    fn backup(&self, disk: &dyn Disk, watch: &mut dyn FnMut(u64)) -> Result<Backup, BackupError>;

    /// Says how little room there is, if it is too little for anything that grows. Looked up now and
    /// then, and every time while there is too little.
    fn low(&self) -> Option<Low> {
        None
    }

    /// How much there is of everything. Waits for a commit that is under way.
    fn stats(&self) -> Stats;
}

/// A view of the key space at one revision.
pub trait Reader {
    /// The revision it stands at.
    fn revision(&self) -> Revision;

    /// What `key` holds.
    ///
    /// # Errors
    ///
    /// When the index cannot be read.
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, EngineError>;

    /// Shows `visit` every entry of `range` in `order`, until it breaks.
    ///
    /// # Errors
    ///
    /// When the index cannot be read; what was shown before is right.
    fn scan(
        &self,
        range: KeyRange,
        order: Order,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), EngineError>;
}
