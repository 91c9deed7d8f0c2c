//! What the engine found, in sentences for people.

use std::fmt;

use crate::engine::journal::Cut;
use crate::engine::local::{BadSnapshot, Finding, Fix, Note, OpenReport, RebuiltBecause};
use crate::error::Hex;

/// A sentence about something that was found.
pub(crate) struct Told<'t, T>(pub(crate) &'t T);

impl fmt::Display for Told<'_, Cut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cut { file, offset, bytes, fault } = self.0;
        write!(f, "{} bytes from byte {offset} of {}: {fault}", bytes, file.display())
    }
}

impl fmt::Display for Told<'_, Note> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Note::Torn(cut) => {
                write!(f, "the journal ends in an interrupted write, which opening will cut: {}", Told(cut))
            }
            Note::IndexMissing => f.write_str("there is no index; opening will rebuild it from the journal"),
            Note::IndexSuspect => f.write_str("the index was caught being wrong; opening will rebuild it"),
            Note::IndexUnvouched => {
                f.write_str("nothing says how much of the index is durable; opening will rebuild it")
            }
            Note::NoLock => f.write_str("there is no lock file: this is a copy of a store"),
        }
    }
}

impl fmt::Display for Told<'_, Finding> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Finding::HistoryLost { last, lost } => {
                write!(
                    f,
                    "acknowledged_commits_are_kept: the journal ends at revision {last}, {} was committed",
                    lost.known
                )
            }
            Finding::Checkpoint(fault) => write!(f, "the checkpoint file is damaged: {fault}"),
            Finding::Snapshot(BadSnapshot { file, fault }) => {
                write!(f, "the snapshot {} is damaged: {fault}", file.display())
            }
            Finding::SnapshotDiffers { revision } => {
                write!(f, "snapshot_agrees_with_journal: the one of revision {revision} holds something else")
            }
            Finding::Holds(fault) => write!(f, "the file of registered readers is damaged: {fault}"),
            Finding::IndexForeign => f.write_str("the index is another store's"),
            Finding::IndexUnreadable(fault) => write!(f, "the index cannot be read: {fault}"),
            Finding::IndexBehind { applied, durable } => {
                write!(f, "the index ends at revision {applied}, and held {durable}")
            }
            Finding::Differs { key, journal, index } => {
                let key = Hex(key.clone());
                write!(
                    f,
                    "index_agrees_with_journal: key {key} is of {journal:?} in the journal, of {index:?} in the index"
                )
            }
            Finding::DiffersMore { keys } => write!(f, "index_agrees_with_journal: {keys} more keys differ"),
        }
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RemoveFile { file, because } => write!(f, "remove {}: {because}", file.display()),
            Self::RemoveSnapshot(BadSnapshot { file, fault }) => {
                write!(f, "remove the snapshot {}: {fault}", file.display())
            }
            Self::DropHistory { files, oldest, because } => {
                write!(f, "let history before revision {oldest} go, setting {} segments aside", files.len())?;
                write!(f, ": {because}; no record is lost, the feed is shorter")
            }
            Self::CutJournal { file, offset, aside, last, because } => {
                write!(f, "end the journal at revision {last}, ")?;
                match offset {
                    Some(offset) => write!(f, "at byte {offset} of {}", file.display())?,
                    None => write!(f, "before {}", file.display())?,
                }
                write!(f, ", setting {} segments aside: {because}; COMMITS AFTER IT ARE LOST", aside.len())
            }
            Self::AcceptLoss { last, known } => {
                write!(f, "go on from revision {last}; COMMITS UP TO {known} ARE LOST")
            }
            Self::RemoveOldIndex { folder } => {
                write!(f, "remove {}, an index moved aside long ago", folder.display())
            }
            Self::Open => f.write_str("open the store, which makes anew what is missing"),
        }
    }
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revision {}, {} commits replayed", self.last, self.replayed)?;
        if let Some(cut) = &self.cut {
            write!(f, "; an interrupted write was cut: {}", Told(cut))?;
        }
        if let Some(rebuilt) = &self.rebuilt {
            let why = match &rebuilt.because {
                RebuiltBecause::Missing => "it was missing".into(),
                RebuiltBecause::Suspect => "it had been caught being wrong".into(),
                RebuiltBecause::Foreign => "it was another store's".into(),
                RebuiltBecause::Ahead { applied } => format!("it was ahead, at revision {applied}"),
                RebuiltBecause::Behind { applied, durable } => {
                    format!("it ended at revision {applied} and had held {durable}")
                }
                RebuiltBecause::Unvouched => "nothing says how much of it is durable".into(),
                RebuiltBecause::Fault(fault) => fault.to_string(),
            };
            write!(f, "; the index was rebuilt from ")?;
            match rebuilt.from {
                Some(from) => write!(f, "the snapshot of revision {from} and the journal: {why}")?,
                None => write!(f, "the journal: {why}")?,
            }
            if let Some(path) = &rebuilt.moved_to {
                write!(f, "; the old one is {}", path.display())?;
            }
        }
        if let Some(fault) = &self.checkpoint {
            write!(f, "; the checkpoint file was damaged: {fault}")?;
        }
        for BadSnapshot { file, fault } in &self.snapshots {
            write!(f, "; {} is damaged and not used: {fault}", file.display())?;
        }
        if let Some(fault) = &self.holds {
            write!(f, "; the file of registered readers is damaged, all history is held: {fault}")?;
        }
        if self.ballast_freed {
            write!(f, "; the disk was full, and the ballast was given up")?;
        }
        if let Some(lost) = &self.lost {
            write!(f, "; commits up to revision {} are lost, by your leave", lost.known)?;
        }
        Ok(())
    }
}
