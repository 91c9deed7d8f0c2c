//! Reading a store without changing a byte of it, and comparing what should agree.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fleet::Revision;

use super::holds::Holds;
use super::index::{Index, Unusable as IndexUnusable};
use super::index_folder::wait_until_free;
use super::lock::StoreLock;
use super::open::{Checkpoint, Lost, load_checkpoint, load_manifest, whole_from};
use super::sheet::{Sheet, SheetFault};
use super::shelf::{BadSnapshot, Shelf};
use super::table::Held;
use super::{OpenError, Options, Witness};
use crate::engine::disk::{Directory, Disk, make_private_dir};
use crate::engine::journal::{self, Cut, Identity};
use crate::engine::memory::{Map, Memory, apply};
use crate::engine::snapshot::{Digest, Digester, Unusable};
use crate::engine::{Action, Change, EngineError, IndexAction, IndexFault, KeyRange, Order};

/// At most this many keys that differ are named.
const NAMED_MAX: usize = 1000;
/// How many entries of the index are read at a time.
const BATCH: usize = 1000;

/// What a store holds, and what is wrong with it.
#[derive(Debug)]
pub struct Inspection {
    /// Which store, and which life of it.
    pub identity: Identity,
    /// All the journal tells, without its history.
    pub memory: Memory,
    /// What is right, but worth knowing.
    pub notes: Vec<Note>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something worth knowing.
#[derive(Clone, Debug)]
pub enum Note {
    /// The journal ends in a write that was interrupted. Opening the store will cut it.
    Torn(Cut),
    /// There is no index. Opening the store will make one.
    IndexMissing,
    /// The index had been caught being wrong. Opening the store will make a new one.
    IndexSuspect,
    /// Nothing says how much of the index is durable. Opening the store will make a new one.
    IndexUnvouched,
    /// There is no lock file, so this is a copy.
    NoLock,
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub enum Finding {
    /// Commits that were acknowledged are gone from the journal.
    HistoryLost {
        /// The last commit in the journal.
        last: Revision,
        /// What is known of those after it.
        lost: Lost,
    },
    /// The checkpoint file is damaged. Opening the store replays everything.
    Checkpoint(SheetFault),
    /// A snapshot is damaged.
    Snapshot(BadSnapshot),
    /// A snapshot is whole, and holds something else than the journal says.
    SnapshotDiffers {
        /// Of which revision it is.
        revision: Revision,
    },
    /// The file of registered readers is damaged. All history is held until one registers again.
    Holds(SheetFault),
    /// The index is another store's.
    IndexForeign,
    /// The index cannot be read.
    IndexUnreadable(IndexFault),
    /// The index has lost commits that had been durable in it.
    IndexBehind {
        /// The last one it holds.
        applied: Revision,
        /// The last one it held.
        durable: Revision,
    },
    /// The index and the journal disagree on a key.
    Differs {
        /// Which key.
        key: Vec<u8>,
        /// The revision of its value, as the journal has it.
        journal: Option<Revision>,
        /// The same, as the index has it. When both are the same, the values differ.
        index: Option<Revision>,
    },
    /// There are more keys on which they disagree.
    DiffersMore {
        /// How many more.
        keys: u64,
    },
}

/// Reads the store in `path` without changing it. The index is opened in a copy, made in `scratch`
/// (or else where temporary files go) and removed again.
///
/// # Errors
///
/// When the store is open somewhere, or its journal cannot be read to its end.
pub fn inspect(path: &Path, scratch: Option<&Path>) -> Result<Inspection, OpenError> {
    let disk: Arc<dyn Disk> = Arc::new(Directory::read_only(path.to_path_buf()));
    let Sheet { identity, numbers: [segment_size, ..], .. } = load_manifest(disk.as_ref())?;
    let lock = StoreLock::take_to_read(path)?;
    let mut notes = Vec::new();
    let mut findings = Vec::new();
    if lock.is_none() {
        notes.push(Note::NoLock);
    }
    let (checkpoint, fault) = load_checkpoint(disk.as_ref(), identity)?;
    findings.extend(fault.map(Finding::Checkpoint));
    let survey = journal::survey(&disk, identity)?;
    survey.check_followed()?;
    survey.check_length(segment_size)?;
    notes.extend(survey.torn().map(Note::Torn));
    let (last, time) = survey.last();
    let mut shelf = Shelf::look(disk.as_ref(), identity)?;
    let needed = whole_from(disk.as_ref(), survey.first(), checkpoint, &shelf)?;
    let mut snapshots = Snapshots::read(disk.as_ref(), &mut shelf, needed, last)?;
    findings.extend(shelf.bad.iter().cloned().map(Finding::Snapshot));
    if let Err(fault) = Holds::load(disk.as_ref(), identity)? {
        findings.push(Finding::Holds(fault));
    }
    let mut state = State { map: Map::new(), removed: BTreeMap::new(), since: checkpoint.indexed };
    let since = match snapshots.base.take() {
        Some((revision, map)) => {
            state.map = map;
            revision
        }
        None if needed == Revision::ZERO => Revision::ZERO,
        None => return Err(OpenError::NothingToBeginFrom { path: path.into(), oldest: survey.first().1 }),
    };
    survey.replay(since, |change, _| {
        state.take(&change);
        findings.extend(snapshots.compare(change.revision, &state.map));
        Ok(())
    })?;

    let index = path.join("index");
    wait_until_free(&index).map_err(EngineError::index(IndexAction::Open))?;
    let copy = Scratch::of(&index, scratch)?;
    let options = Options::default();
    match Index::open(&copy.directory, identity, options.cache_bytes) {
        Ok((_, _)) if checkpoint.indexed < needed => {
            findings.extend(lost_without_index(last, checkpoint));
            notes.push(Note::IndexUnvouched);
        }
        Ok((index, applied)) => {
            let known = applied.max(checkpoint.known);
            let witness = if applied > checkpoint.known { Witness::Index } else { Witness::Checkpoint };
            if known > last {
                findings.push(Finding::HistoryLost { last, lost: Lost { known, witness } });
            } else if applied < checkpoint.indexed {
                findings.push(Finding::IndexBehind { applied, durable: checkpoint.indexed });
            } else if let Err(fault) = state.compare(&index, &mut findings) {
                findings.push(Finding::IndexUnreadable(fault));
            }
        }
        Err(unusable) => {
            if let Some(error) = unusable.passing() {
                return Err(error.into());
            }
            findings.extend(lost_without_index(last, checkpoint));
            match unusable {
                IndexUnusable::Missing if last == Revision::ZERO => {}
                IndexUnusable::Missing => notes.push(Note::IndexMissing),
                IndexUnusable::Suspect => notes.push(Note::IndexSuspect),
                IndexUnusable::Foreign => findings.push(Finding::IndexForeign),
                IndexUnusable::Fault(fault) => findings.push(Finding::IndexUnreadable(fault)),
            }
        }
    }
    Ok(Inspection { identity, memory: Memory::of(state.map, last, time), notes, findings })
}

/// The snapshots of a store, read from end to end.
#[derive(Debug, Default)]
struct Snapshots {
    /// What the oldest that the journal goes on from holds, and at which revision.
    base: Option<(Revision, Map)>,
    /// The digests of the others.
    others: Vec<(Revision, Digest)>,
}

impl Snapshots {
    fn read(
        disk: &dyn Disk,
        shelf: &mut Shelf,
        needed: Revision,
        last: Revision,
    ) -> Result<Self, EngineError> {
        let mut snapshots = Self::default();
        for shelved in shelf.sound.clone() {
            let revision = shelved.revision;
            let Some(snapshot) = shelf.newest(disk, revision..=revision, &mut |_, _| {})? else { continue };
            let mut map = Map::new();
            let read = snapshot.each(|entry| {
                map.insert(entry.key, (entry.revision, entry.value));
                Ok(())
            });
            read.map_err(|unsound: Unusable| match unsound {
                Unusable::Disk(error) => error,
                Unusable::Fault(source) => EngineError::Snapshot { source },
            })?;
            if needed > Revision::ZERO && snapshots.base.is_none() && (needed..=last).contains(&revision) {
                snapshots.base = Some((revision, map));
            } else {
                snapshots.others.push((revision, digest(&map)));
            }
        }
        Ok(snapshots)
    }

    /// Whether the snapshot of `revision`, if there is one, holds what the journal says.
    fn compare(&self, revision: Revision, map: &Map) -> Option<Finding> {
        let (_, expected) = self.others.iter().find(|(other, _)| *other == revision)?;
        (digest(map) != *expected).then_some(Finding::SnapshotDiffers { revision })
    }
}

fn digest(map: &Map) -> Digest {
    let mut digester = Digester::default();
    for (key, (revision, value)) in map {
        digester.entry(key, value, *revision);
    }
    digester.finish()
}

fn lost_without_index(last: Revision, checkpoint: Checkpoint) -> Option<Finding> {
    let lost = Lost { known: checkpoint.known, witness: Witness::Checkpoint };
    (checkpoint.known > last).then_some(Finding::HistoryLost { last, lost })
}

/// What the journal tells, and which keys an open would write to the index again.
#[derive(Debug)]
struct State {
    map: Map,
    /// Removed after `since`.
    removed: BTreeMap<Vec<u8>, Revision>,
    /// Opening replays the commits after this one.
    since: Revision,
}

impl State {
    fn take(&mut self, change: &Change) {
        if change.revision > self.since {
            for write in &change.writes {
                match write.value {
                    Some(_) => self.removed.remove(write.key),
                    None => self.removed.insert(write.key.to_vec(), change.revision),
                };
            }
        }
        apply(&mut self.map, change);
    }

    /// Whether opening writes `key` again, so that what the index has there does not matter.
    fn is_replayed(&self, key: &[u8]) -> bool {
        self.map.get(key).is_some_and(|(revision, _)| *revision > self.since)
            || self.removed.contains_key(key)
    }

    /// Names the keys under which a reader would find something else than the journal says.
    fn compare(&self, index: &Index, findings: &mut Vec<Finding>) -> Result<(), IndexFault> {
        let mut differing = Differing { findings, named: 0, more: 0 };
        // The index is in order, and so is the map: every key of the map that is passed over is missing.
        let mut expected = self.map.iter().peekable();
        let mut rest = KeyRange::all();
        loop {
            let slots = index.fetch(&rest, Order::Ascending, BATCH)?;
            let Some(last) = slots.last() else { break };
            rest = rest.past(&last.key, Order::Ascending);
            for slot in slots {
                while let Some((key, (revision, _))) = expected.next_if(|(key, _)| **key < slot.key) {
                    self.note(&mut differing, key, Some(*revision), None);
                }
                let journal = expected.next_if(|(key, _)| **key == slot.key).map(|(_, value)| value);
                let found = slot.held.as_ref().map(|Held { revision, value }| (revision, value));
                if journal.map(|(revision, value)| (revision, value)) != found {
                    let journal = journal.map(|(revision, _)| *revision);
                    self.note(&mut differing, &slot.key, journal, found.map(|(revision, _)| *revision));
                }
            }
        }
        for (key, (revision, _)) in expected {
            self.note(&mut differing, key, Some(*revision), None);
        }
        if differing.more > 0 {
            let keys = differing.more;
            findings.push(Finding::DiffersMore { keys });
        }
        Ok(())
    }

    fn note(
        &self,
        differing: &mut Differing<'_>,
        key: &[u8],
        journal: Option<Revision>,
        index: Option<Revision>,
    ) {
        if self.is_replayed(key) {
            return;
        }
        if differing.named < NAMED_MAX {
            differing.named = differing.named.saturating_add(1);
            differing.findings.push(Finding::Differs { key: key.to_vec(), journal, index });
        } else {
            differing.more = differing.more.saturating_add(1);
        }
    }
}

#[derive(Debug)]
struct Differing<'a> {
    findings: &'a mut Vec<Finding>,
    named: usize,
    more: u64,
}

/// A copy of the index that may be written to, and that goes away with this.
#[derive(Debug)]
pub(super) struct Scratch {
    home: PathBuf,
    pub(super) directory: PathBuf,
}

impl Scratch {
    pub(super) fn of(index: &Path, scratch: Option<&Path>) -> Result<Self, EngineError> {
        static COPIES: AtomicU64 = AtomicU64::new(0);
        let scratch = scratch.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        let home = scratch.join(format!("hatchery-inspect-{}-{number}", std::process::id()));
        let copy = Self { directory: home.join("index"), home };
        make_private_dir(&copy.home)
            .and_then(|()| if index.is_dir() { copy_tree(index, &copy.directory) } else { Ok(()) })
            .map_err(EngineError::io(Action::Create, &copy.directory))?;
        Ok(copy)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _removed_or_not = fs::remove_dir_all(&self.home);
    }
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    make_private_dir(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() {
            copy_tree(&item.path(), &target)?;
        } else {
            fs::copy(item.path(), target)?;
        }
    }
    Ok(())
}
