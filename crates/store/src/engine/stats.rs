//! How much there is of everything.

use std::collections::BTreeMap;

use fleet::{Revision, Time};

use super::journal::Identity;

/// What a call of [`Engine::maintain`](super::Engine::maintain) did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// The revision of the snapshot that was finished.
    pub snapshot: Option<Revision>,
    /// How many segments of the journal were trimmed.
    pub trimmed: usize,
    /// There is more to do right now.
    pub more: bool,
}

/// There is too little room on the disk for anything that grows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Low {
    /// How many bytes are free.
    pub free: u64,
    /// How many there have to be.
    pub floor: u64,
}

/// How much a store holds, and where. Sizes are in bytes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stats {
    /// Which store, and which life of it; `None` when it is kept nowhere.
    pub identity: Option<Identity>,
    /// The last commit.
    pub last: Revision,
    /// Its time.
    pub time: Time,
    /// The oldest commit that is kept.
    pub oldest: Revision,
    /// How many segments the journal has.
    pub segments: usize,
    /// How many files are kept to be segments again.
    pub spares: usize,
    /// How long the segments are together.
    pub journal_bytes: u64,
    /// The last commit that is durable in the index.
    pub indexed: Revision,
    /// The snapshots that are kept, the oldest first.
    pub snapshots: Vec<SnapshotStats>,
    /// How much of the next one there is.
    pub snapshot_under_way: Option<u64>,
    /// Why the last attempt at one came to nothing.
    pub snapshot_failure: Option<String>,
    /// What stands in memory in front of the index.
    pub tables: TableStats,
    /// Up to where each registered reader of the feed has read.
    pub holds: BTreeMap<String, Revision>,
    /// How much can still be written to the disk, as far as that can be told.
    pub free: Option<u64>,
    /// How many bytes are set aside for when the disk is full; 0 when they were needed and are gone.
    pub ballast: u64,
    /// Why nothing is committed any more, if that is so.
    pub failure: Option<String>,
}

/// A snapshot that is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SnapshotStats {
    /// The revision it holds.
    pub revision: Revision,
    /// The time of that commit.
    pub time: Time,
    /// How long it is.
    pub bytes: u64,
}

/// How much stands in memory in front of the index.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TableStats {
    /// How many versions of keys.
    pub entries: usize,
    /// How many bytes they take.
    pub bytes: usize,
}
