//! Why a store cannot be made, opened or inspected.

use std::path::PathBuf;

use fleet::Revision;
use thiserror::Error;

use super::sheet::SheetFault;
use crate::engine::EngineError;
use crate::engine::journal::{FrameFault, HeaderFault};

/// Why there is no open store. Nothing was lost by trying.
#[derive(Clone, Debug, Error)]
pub enum OpenError {
    /// Somebody has it open.
    #[error("{} is locked{}", path.display(), holder(*pid))]
    Locked {
        /// The store.
        path: PathBuf,
        /// Which process, as far as it says so.
        pid: Option<u32>,
    },
    /// There is no store here. Opening never makes one.
    #[error("there is no store in {}", path.display())]
    ManifestMissing {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// The manifest cannot be read.
    #[error("{} is damaged", file.display())]
    Manifest {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: SheetFault,
    },
    /// A file was written by another version of this program.
    #[error("{} has format {found}, this program knows {known}", file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// The format found.
        found: u32,
        /// The newest one known.
        known: u32,
    },
    /// There already is a store, or something else, where one was to be made.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// What is there.
        path: PathBuf,
    },
    /// A manifest, but no journal: opening would show an empty store where there was a full one.
    #[error("the journal in {} is missing", directory.display())]
    JournalMissing {
        /// Where it should be.
        directory: PathBuf,
    },
    /// A segment is missing from the journal.
    #[error("{} is missing", file.display())]
    SegmentMissing {
        /// The segment.
        file: PathBuf,
    },
    /// A segment's header is damaged, or that of another store.
    #[error("{} has a bad header", file.display())]
    SegmentHeader {
        /// The segment.
        file: PathBuf,
        /// What is wrong with it.
        source: HeaderFault,
    },
    /// A commit that was durable can no longer be read.
    #[error("{} is damaged at byte {offset}", file.display())]
    Damaged {
        /// The segment.
        file: PathBuf,
        /// Where the commit's frame begins.
        offset: u64,
        /// What is wrong with it.
        source: FrameFault,
    },
    /// The journal ends before commits that are known to have been durable.
    #[error("the journal ends at revision {last}, but {known} was committed, says {witness}")]
    HistoryLost {
        /// The last commit in the journal.
        last: Revision,
        /// A later one that had been committed.
        known: Revision,
        /// Who knows.
        witness: Witness,
    },
    /// The journal does not reach back to the beginning, the index is gone, and no snapshot is whole.
    #[error(
        "the journal begins at revision {oldest}, and neither the index nor a snapshot of {} is whole: \
         restore a backup",
        path.display()
    )]
    NothingToBeginFrom {
        /// The store.
        path: PathBuf,
        /// The oldest commit in the journal.
        oldest: Revision,
    },
    /// A file operation or the index failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Who knows of a commit besides the journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Witness {
    /// The `CHECKPOINT` file.
    Checkpoint,
    /// The index.
    Index,
    /// A snapshot.
    Snapshot,
}

impl core::fmt::Display for Witness {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Checkpoint => "the checkpoint",
            Self::Index => "the index",
            Self::Snapshot => "a snapshot",
        })
    }
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" by process {pid}"))
}
