//! Why the store could not do something. Not to be mixed up with a refusal, which the core gives
//! and a caller can act on.

use std::fmt;

use fleet::Revision;

use crate::codec::DecodeError;
use crate::engine::local::OpenError;
use crate::engine::{BackupError, ChangesError, EngineError, Low, Refused};

/// Why the store could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The store could not be made or opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A backup could not be made or used.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A record on disk is not what was written.
    #[error("the record under key {key} cannot be read: {source}")]
    Record {
        /// The key, in hexadecimal.
        key: Hex,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A decision came out longer than a record can be.
    #[error("a record cannot be written: {0}")]
    Encode(crate::codec::EncodeError),
    /// A command changes more than one commit can hold. Nothing of it is left.
    #[error("a command changes {bytes} bytes at once, at most {limit} are possible")]
    TooMuchAtOnce {
        /// How much it changes.
        bytes: usize,
        /// How much it could.
        limit: usize,
    },
    /// There is too little room on the disk for what makes something new. Nothing of it is left; what lets
    /// go, reports and keeps time goes on.
    #[error("the disk has {} bytes left, and {} have to stay free", .0.free, .0.floor)]
    DiskLow(Low),
    /// The engine took some commits of a group and not others. Decisions of a group see each other,
    /// so nothing more is written until the store is opened again and checked.
    #[error("the engine broke a group apart: {0}")]
    GroupBroken(Refused),
    /// A decision panicked. Nothing of it is left, and its neighbours are not hurt.
    #[error("a decision panicked; nothing of it was kept")]
    DecisionPanicked,
    /// The engine panicked. Nothing is known of the commit, and nothing more is written.
    #[error("the engine panicked; nothing more is written until the store is opened again")]
    EnginePanicked,
}

/// Why a commit came to no reply.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError<R> {
    /// The command is refused: nothing happened, and the caller can act on it.
    #[error("{0}")]
    Refused(R),
    /// Too many commands are waiting: nothing happened, and the caller may try again.
    #[error("{waiting} commands are waiting, and no more are let in")]
    Busy {
        /// How many are waiting.
        waiting: usize,
    },
    /// The store failed. Whether the command took effect is known after the next opening.
    #[error(transparent)]
    Failed(StoreError),
}

/// Why changes could not be read from the feed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FeedError {
    /// The commits right after the one that was named are no longer kept. There is no silent gap: take a
    /// snapshot, and go on from its revision.
    #[error("history before revision {oldest} is gone")]
    HistoryGone {
        /// The oldest commit that is kept.
        oldest: Revision,
    },
    /// What was named has not happened in this store.
    #[error("revision {since} has not happened; the last one is {last}")]
    Future {
        /// The revision that was named.
        since: Revision,
        /// The last one there is.
        last: Revision,
    },
    /// The feed could not be read.
    #[error(transparent)]
    Store(StoreError),
}

impl From<ChangesError> for FeedError {
    fn from(error: ChangesError) -> Self {
        match error {
            ChangesError::HistoryGone { oldest } => Self::HistoryGone { oldest },
            ChangesError::Future { since, last } => Self::Future { since, last },
            ChangesError::Engine(error) => Self::Store(StoreError::Engine(error)),
        }
    }
}

/// Bytes that are shown in hexadecimal.
#[derive(Clone, Eq, PartialEq)]
pub struct Hex(pub Vec<u8>);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
