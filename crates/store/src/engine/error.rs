//! Why a commit was refused, and how an engine can fail. No type of the database appears here.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use fleet::Revision;
use thiserror::Error;

use super::journal::FrameFault;
use super::local::LogFault;
use super::snapshot::SnapshotFault;

/// Why one commit wrote nothing. The engine is as well as before.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Refused {
    /// Something the decision had read has changed since.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// A key and its value together have more than [`RECORD_MAX`](super::RECORD_MAX) bytes.
    #[error("a record of {size} bytes, at most {max}")]
    RecordTooLarge {
        /// Which key.
        key: Vec<u8>,
        /// Its bytes and its value's.
        size: usize,
        /// The limit.
        max: usize,
    },
    /// The writes together have more than [`FRAME_MAX`](super::FRAME_MAX) bytes.
    #[error("a commit of {size} bytes, at most {max}")]
    CommitTooLarge {
        /// What it would take in the journal.
        size: usize,
        /// The limit.
        max: usize,
    },
}

/// A key whose revision is not the one that was expected.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("a value read for this commit has changed since")]
pub struct Conflict {
    /// Which key.
    pub key: Vec<u8>,
    /// The revision the decision had read; `None` for no value.
    pub expected: Option<Revision>,
    /// The revision found.
    pub found: Option<Revision>,
}

/// What was being done to a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// Making it.
    Create,
    /// Opening it.
    Open,
    /// Reading from it.
    Read,
    /// Writing to it.
    Write,
    /// Making what was written durable.
    Sync,
    /// Giving it another name.
    Rename,
    /// Removing it.
    Remove,
    /// Listing a directory.
    List,
    /// Locking it.
    Lock,
}

impl core::fmt::Display for Action {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::List => "list",
            Self::Lock => "lock",
        })
    }
}

/// What was being done to the index.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IndexAction {
    /// Opening it.
    Open,
    /// Reading one key.
    Get,
    /// Reading a range.
    Scan,
    /// Moving commits into it.
    Apply,
    /// Making it durable.
    Flush,
}

impl core::fmt::Display for IndexAction {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Get => "read",
            Self::Scan => "scan",
            Self::Apply => "apply commits to",
            Self::Flush => "flush",
        })
    }
}

/// What is wrong with the index. The journal can rebuild it; opening the store does.
#[derive(Clone, Debug, Error)]
pub enum IndexFault {
    /// The file system said no.
    #[error("input or output failed")]
    Io(#[source] Arc<io::Error>),
    /// Its own checks failed.
    #[error("it is corrupt")]
    Corrupt,
    /// Its file is not what was written to it.
    #[error("{} is damaged at byte {offset}", file.display())]
    Damaged {
        /// sled's file.
        file: PathBuf,
        /// Where.
        offset: u64,
        /// What is wrong there.
        source: LogFault,
    },
    /// It refused, in these words.
    #[error("it says: {said}")]
    Said {
        /// The words.
        said: String,
    },
    /// It panicked.
    #[error("it panicked")]
    Panicked,
    /// Something still holds sled's own lock on it. It is not damaged.
    #[error("its lock is held")]
    Held,
    /// The threads that sled works with cannot be started: there is too little memory, or there are too many threads.
    /// It is not damaged.
    #[error("no threads can be started for it")]
    Threads(#[source] Arc<io::Error>),
    /// A value in it is not one of ours.
    #[error("a value of {size} bytes is not one of ours")]
    Value {
        /// Which key.
        key: Vec<u8>,
        /// How long the value is.
        size: usize,
    },
    /// The record that says whose it is and how far it goes is missing or damaged.
    #[error("it does not say whose it is")]
    NoMeta,
    /// Another version of this program made it.
    #[error("format {found}, this program makes {known}")]
    Format {
        /// The format found.
        found: u32,
        /// The one that is made.
        known: u32,
    },
}

/// A failure of disk or memory. After one, nothing more is committed until the store is reopened.
#[derive(Clone, Debug, Error)]
pub enum EngineError {
    /// A file operation failed.
    #[error("cannot {action} {}", file.display())]
    Io {
        /// What was being done.
        action: Action,
        /// To which file.
        file: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The index failed.
    #[error("cannot {action} the index")]
    Index {
        /// What was being done.
        action: IndexAction,
        /// How it failed.
        source: IndexFault,
    },
    /// A file is no longer the one that was opened: it was removed or replaced under us.
    #[error("{} was removed or replaced while open", file.display())]
    Replaced {
        /// Which file.
        file: PathBuf,
    },
    /// A frame that was whole when it was written no longer is.
    #[error("{} is damaged at byte {offset}", file.display())]
    Damaged {
        /// Which segment.
        file: PathBuf,
        /// Where the frame begins.
        offset: u64,
        /// What is wrong with it.
        source: FrameFault,
    },
    /// A snapshot that was whole when it was opened no longer is.
    #[error("the snapshot changed while it was read")]
    Snapshot {
        /// What is wrong with it.
        source: SnapshotFault,
    },
    /// An earlier commit panicked half-way.
    #[error("an earlier commit was interrupted")]
    Interrupted,
    /// There is no revision after the last one.
    #[error("no revision is left")]
    RevisionsExhausted,
    /// An earlier commit failed, so that nothing is known of what is on disk.
    #[error("refused since an earlier failure; reopen the store")]
    Latched {
        /// The first failure.
        #[source]
        first: Arc<EngineError>,
    },
}

impl EngineError {
    /// Turns what the system said about `action` on `file` into an error that says so.
    pub(crate) fn io(action: Action, file: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let file = file.into();
        move |source| Self::Io { action, file, source: Arc::new(source) }
    }

    pub(crate) fn index(action: IndexAction) -> impl FnOnce(IndexFault) -> Self {
        move |source| Self::Index { action, source }
    }
}

/// Why history is not kept for a reader of the feed.
#[derive(Clone, Debug, Error)]
pub enum HoldError {
    /// Its name is empty, or too long.
    #[error("the name of a reader has 1 to {max} bytes")]
    Name {
        /// The limit.
        max: usize,
    },
    /// There are too many others.
    #[error("no more than {max} readers can be registered")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// What it says it has read has not happened.
    #[error("revision {read} has not happened; the last one is {last}")]
    Future {
        /// What it says it has read.
        read: Revision,
        /// The last one there is.
        last: Revision,
    },
    /// What it would read next is no longer kept.
    #[error("history before revision {oldest} is gone")]
    HistoryGone {
        /// The oldest commit that is kept.
        oldest: Revision,
    },
    /// The disk failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why the feed cannot go on from a revision.
#[derive(Clone, Debug, Error)]
pub enum ChangesError {
    /// The commits right after it are no longer kept.
    #[error("history before revision {oldest} is gone")]
    HistoryGone {
        /// The oldest commit that is kept: resume from a listing, or from just before this one.
        oldest: Revision,
    },
    /// It has not happened in this store.
    #[error("revision {since} has not happened; the last one is {last}")]
    Future {
        /// The revision asked for.
        since: Revision,
        /// The last one there is.
        last: Revision,
    },
    /// Reading failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
