//! The snapshots that a store keeps: the last two, so that one may turn out to be damaged.

use std::io::ErrorKind;
use std::path::PathBuf;

use fleet::{Revision, Time};

use crate::engine::disk::Disk;
use crate::engine::journal::Identity;
use crate::engine::snapshot::{Snapshot, SnapshotFault, Unusable, peek};
use crate::engine::{Action, EngineError};

pub(crate) const DIRECTORY: &str = "snapshot";
/// The name of one that is not finished.
pub(crate) const UNFINISHED: &str = "snapshot/unfinished";
/// How many are kept.
const KEPT: usize = 2;

/// A snapshot whose two ends are sound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shelved {
    pub(crate) revision: Revision,
    pub(crate) time: Time,
    pub(crate) bytes: u64,
}

/// A snapshot that cannot be used.
#[derive(Clone, Debug)]
pub struct BadSnapshot {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub fault: SnapshotFault,
}

/// The snapshots of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    /// Oldest first.
    pub(crate) sound: Vec<Shelved>,
    pub(crate) bad: Vec<BadSnapshot>,
}

pub(crate) fn name(revision: Revision) -> String {
    format!("{DIRECTORY}/{:020}.snapshot", revision.number())
}

fn parse(file: &str) -> Option<Revision> {
    let digits = file.strip_suffix(".snapshot")?;
    let revision = Revision::new(digits.parse().ok()?);
    (name(revision) == format!("{DIRECTORY}/{file}")).then_some(revision)
}

/// Makes the directory for them, if there is none.
pub(crate) fn make(disk: &dyn Disk) -> Result<(), EngineError> {
    disk.create_dir(DIRECTORY).map_err(EngineError::io(Action::Create, disk.path(DIRECTORY)))
}

impl Shelf {
    /// Looks at both ends of every snapshot of `identity`.
    pub(crate) fn look(disk: &dyn Disk, identity: Identity) -> Result<Self, EngineError> {
        let names = match disk.list(DIRECTORY) {
            Ok(names) => names,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(EngineError::io(Action::List, disk.path(DIRECTORY))(error)),
        };
        let mut shelf = Self::default();
        for revision in names.iter().filter_map(|name| parse(name)) {
            match look(disk, identity, revision) {
                Ok(shelved) => shelf.sound.push(shelved),
                Err(Unusable::Fault(fault)) => shelf.spoil(disk, revision, fault),
                Err(Unusable::Disk(error)) => return Err(error),
            }
        }
        Ok(shelf)
    }

    fn spoil(&mut self, disk: &dyn Disk, revision: Revision, fault: SnapshotFault) {
        self.sound.retain(|shelved| shelved.revision != revision);
        self.bad.push(BadSnapshot { file: disk.path(&name(revision)), fault });
    }

    /// The newest snapshot of a revision in `wanted` that is whole from end to end.
    pub(crate) fn newest(
        &mut self,
        disk: &dyn Disk,
        wanted: core::ops::RangeInclusive<Revision>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Option<Snapshot>, EngineError> {
        let candidates: Vec<_> = self.sound.iter().map(|shelved| shelved.revision).rev().collect();
        for revision in candidates.into_iter().filter(|revision| wanted.contains(revision)) {
            match Snapshot::verify(disk, &name(revision), progress) {
                Ok(snapshot) => return Ok(Some(snapshot)),
                Err(Unusable::Fault(fault)) => self.spoil(disk, revision, fault),
                Err(Unusable::Disk(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The last one.
    pub(crate) fn last(&self) -> Option<Shelved> {
        self.sound.last().copied()
    }

    /// Up to where the journal is not needed: should the last snapshot be damaged, the one before it is
    /// there, and what follows that.
    pub(crate) fn floor(&self) -> Revision {
        let before_last = self.sound.len().checked_sub(KEPT).and_then(|at| self.sound.get(at));
        before_last.map_or(Revision::ZERO, |shelved| shelved.revision)
    }

    /// Gives a finished snapshot its name, and removes those that are no longer needed.
    pub(crate) fn add(&mut self, disk: &dyn Disk, shelved: Shelved) -> Result<(), EngineError> {
        let name_of = name(shelved.revision);
        let failed = |action| EngineError::io(action, disk.path(&name_of));
        disk.rename(UNFINISHED, &name_of).map_err(failed(Action::Rename))?;
        disk.sync_dir(DIRECTORY).map_err(EngineError::io(Action::Sync, disk.path(DIRECTORY)))?;
        self.sound.retain(|other| other.revision != shelved.revision);
        self.sound.push(shelved);
        self.sound.sort_by_key(|shelved| shelved.revision);
        while self.sound.len() > KEPT {
            let oldest = self.sound.remove(0);
            remove(disk, oldest.revision)?;
        }
        Ok(())
    }
}

impl Shelf {
    /// Removes the snapshots of revisions after `last`.
    pub(crate) fn remove_after(&mut self, disk: &dyn Disk, last: Revision) -> Result<(), EngineError> {
        let (sound, ahead) = self.sound.iter().partition(|shelved| shelved.revision <= last);
        self.sound = sound;
        let ahead: Vec<Shelved> = ahead;
        ahead.into_iter().try_for_each(|shelved| remove(disk, shelved.revision))
    }
}

/// Removes a snapshot.
pub(crate) fn remove(disk: &dyn Disk, revision: Revision) -> Result<(), EngineError> {
    let name = name(revision);
    disk.remove(&name).map_err(EngineError::io(Action::Remove, disk.path(&name)))
}

/// Removes what is not finished, if there is anything.
pub(crate) fn remove_unfinished(disk: &dyn Disk) -> Result<(), EngineError> {
    match disk.remove(UNFINISHED) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(EngineError::io(Action::Remove, disk.path(UNFINISHED))(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn look(disk: &dyn Disk, identity: Identity, revision: Revision) -> Result<Shelved, Unusable> {
    let name = name(revision);
    let (head, seal, bytes) = peek(disk, &name)?;
    if head.identity != identity {
        return Err(SnapshotFault::Identity.into());
    }
    if seal.revision != revision {
        return Err(SnapshotFault::Revision { expected: revision, found: seal.revision }.into());
    }
    Ok(Shelved { revision, time: seal.time, bytes })
}
