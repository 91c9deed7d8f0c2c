//! What can be chosen about a local store. Nothing here changes what it promises, save where it says so.

use fleet::Span;

/// How a local store works.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Options {
    /// How large a journal segment grows, in bytes. Chosen when the store is made, and kept.
    pub segment_size: u64,
    /// How many versions of keys stand in memory before they are moved to the index.
    pub table_entries: usize,
    /// How many bytes they may take. What was written over may take as much again before it is let go.
    pub table_bytes: usize,
    /// How many bytes the index may cache, roughly: three quarters as blocks, a quarter as sled's pages. With the
    /// default, the whole index of a million instances is in memory.
    pub cache_bytes: u64,
    /// A checkpoint is made by itself after this many segments. It bounds what an open replays.
    pub checkpoint_segments: u64,
    /// A snapshot is begun once this many bytes of commits have been written since the last one, or
    /// three times as many as the last one has (it is compressed), whichever is more.
    pub snapshot_min_bytes: u64,
    /// How long history is kept for the feed, reckoned back from the last commit.
    pub keep_for: Span,
    /// History beyond this many bytes goes earlier. It may be exceeded by what two snapshots and the
    /// index do not cover yet.
    pub keep_bytes: u64,
    /// Readers of the feed that registered hold history back up to this many bytes, and no further: one
    /// that is gone for good does not fill the disk.
    pub hold_bytes: u64,
    /// How many files of trimmed segments are kept to be written into again.
    pub spare_segments: usize,
    /// With fewer bytes free on the disk than this, what grows is refused, and what lets go goes on.
    pub free_space_min: u64,
    /// How many bytes are set aside in a file that goes when the disk is full, so that the store can be
    /// opened and things let go.
    pub ballast_bytes: u64,
    /// When a commit is acknowledged.
    pub sync: Sync,
    /// What to do when acknowledged commits are missing from the journal.
    pub lost_history: LostHistory,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_size: 16 * 1024 * 1024,
            table_entries: 32 * 1024,
            table_bytes: 16 * 1024 * 1024,
            cache_bytes: 256 * 1024 * 1024,
            checkpoint_segments: 4,
            snapshot_min_bytes: 64 * 1024 * 1024,
            keep_for: Span::from_days(7),
            keep_bytes: 1024 * 1024 * 1024,
            hold_bytes: 8 * 1024 * 1024 * 1024,
            spare_segments: 2,
            free_space_min: 64 * 1024 * 1024,
            ballast_bytes: 32 * 1024 * 1024,
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
