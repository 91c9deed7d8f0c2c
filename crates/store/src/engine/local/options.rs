//! What can be chosen about a local store. Nothing here changes what it promises, save where it says so.

/// How a local store works.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Options {
    /// How large a journal segment grows, in bytes. Chosen when the store is made, and kept.
    pub segment_size: u64,
    /// How many versions of keys stand in memory before they are moved to the index.
    pub table_entries: usize,
    /// How many bytes they may take.
    pub table_bytes: usize,
    /// How many bytes the index may cache, roughly.
    pub cache_bytes: u64,
    /// A checkpoint is made by itself after this many segments. It bounds what an open replays.
    pub checkpoint_segments: u64,
    /// When a commit is acknowledged.
    pub sync: Sync,
    /// What to do when acknowledged commits are missing from the journal.
    pub lost_history: LostHistory,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_size: 16 * 1024 * 1024,
            table_entries: 16 * 1024,
            table_bytes: 8 * 1024 * 1024,
            cache_bytes: 64 * 1024 * 1024,
            checkpoint_segments: 4,
            sync: Sync::Always,
            lost_history: LostHistory::Refuse,
        }
    }
}

/// When a commit is acknowledged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sync {
    /// Once it is durable.
    Always,
    /// Once it is written. For tests and measurement only: a power cut takes acknowledged commits.
    Never,
}

/// What to do when the index or the checkpoint knows of commits the journal does not have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LostHistory {
    /// Refuse to open.
    Refuse,
    /// Go on from where the journal ends, and say so. Acknowledged commits are gone.
    Accept,
}
