//! Repairing a store: first what is wrong is found and what would be done about it is said; then it is done.
//!
//! Opening mends by itself whatever costs nothing. What is left for this is damage that opening refuses:
//! here it is decided what of the journal can still be used, and what would be lost by doing so.

#[cfg(test)]
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fleet::Revision;

use super::holds::Holds;
use super::index::Index;
use super::index_folder::moved_aside;
use super::inspect::Scratch;
use super::lock::StoreLock;
use super::open::{Checkpoint, load_checkpoint, load_manifest};
use super::sheet::{Kind, Sheet, SheetFault};
use super::shelf::{BadSnapshot, Shelf};
use super::{Local, LostHistory, OpenError, OpenReport, Options};
use crate::engine::disk::{Directory, Disk};
use crate::engine::journal::{
    FrameFault, Header, Identity, Replay, SegmentNumber, Tail, Unreadable, least, overwrite, replay,
};
use crate::engine::{Action, EngineError};

/// Something that is to be done, or was.
#[derive(Clone, Debug)]
pub enum Fix {
    /// A small file is damaged, and goes. Opening makes do without it, or writes it anew.
    RemoveFile {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        because: SheetFault,
    },
    /// A snapshot is damaged, and goes.
    RemoveSnapshot(BadSnapshot),
    /// The front of the journal cannot be read, and is not needed: history goes, and nothing else.
    DropHistory {
        /// The segments that go.
        files: Vec<PathBuf>,
        /// The oldest commit that is left.
        oldest: Revision,
        /// What is wrong with them.
        because: String,
    },
    /// The journal cannot be read beyond a place, and ends there from now on. **Commits are lost.**
    CutJournal {
        /// Where it is damaged.
        file: PathBuf,
        /// The byte from which on it is cut; `None` when the whole file is set aside.
        offset: Option<u64>,
        /// The segments that are set aside, under names that end in `.cut`.
        aside: Vec<PathBuf>,
        /// The last commit that is left.
        last: Revision,
        /// What is wrong.
        because: String,
    },
    /// Commits are known of that are in no file any more. **They are lost**, and that is accepted.
    AcceptLoss {
        /// The last commit there is.
        last: Revision,
        /// The last one that is known of.
        known: Revision,
    },
    /// An index that was moved aside long ago, and goes.
    RemoveOldIndex {
        /// Its folder.
        folder: PathBuf,
    },
    /// Opening the store does the rest: cuts an interrupted write, makes the index anew if it has to.
    Open,
}

/// What would be done.
#[derive(Clone, Debug, Default)]
pub struct RepairPlan {
    /// In this order.
    pub fixes: Vec<Fix>,
    /// Whether acknowledged commits are lost by it.
    pub loses: bool,
}

/// What was done.
#[derive(Debug)]
pub enum Repaired {
    /// All of it.
    Done {
        /// What it was.
        plan: RepairPlan,
        /// What opening the store said at the end.
        report: Box<OpenReport>,
    },
    /// Nothing: it would lose commits, and nobody said that it may.
    WouldLose(RepairPlan),
}

/// The journal as it was found.
#[derive(Debug)]
struct Segments {
    numbers: Vec<SegmentNumber>,
    /// What of it can be read.
    runs: Vec<Run>,
    /// Which segments cannot, or not to their ends, and why.
    faults: Vec<(SegmentNumber, String)>,
}

/// Segments in a row that can be read.
#[derive(Debug)]
struct Run {
    /// The first.
    first: SegmentNumber,
    /// The commit before it.
    before: Revision,
    /// The last.
    last: Replay,
    /// Where that is damaged, and cannot be read any further.
    cut: Option<u64>,
}

/// Says what would be done to the store in `path`, and changes nothing.
///
/// # Errors
///
/// When the store is open somewhere, is none, or has nothing left to go on from: then only a backup helps.
pub fn plan_repair(path: &Path) -> Result<RepairPlan, OpenError> {
    let disk: Arc<dyn Disk> = Arc::new(Directory::read_only(path.to_path_buf()));
    let identity = load_manifest(disk.as_ref())?.identity;
    let _lock = StoreLock::take_to_read(path)?;
    plan(path, disk.as_ref(), identity).map(|(plan, _)| plan)
}

/// Repairs the store in `path` and opens it once. What would lose commits is only done with
/// `accept_loss`.
///
/// # Errors
///
/// As [`plan_repair`], or when writing fails. It may then be done again.
pub fn repair(path: &Path, options: Options, accept_loss: bool) -> Result<Repaired, OpenError> {
    let disk = Directory::new(path.to_path_buf());
    let identity = load_manifest(&disk)?.identity;
    let lock = StoreLock::take(path)?;
    let (plan, oldest) = plan(path, &disk, identity)?;
    if plan.loses && !accept_loss {
        return Ok(Repaired::WouldLose(plan));
    }
    for fix in &plan.fixes {
        act(&disk, identity, fix, oldest)?;
    }
    drop(lock);
    let lost_history = if accept_loss { LostHistory::Accept } else { options.lost_history };
    let (_, report) = Local::open(path, Options { lost_history, ..options })?;
    Ok(Repaired::Done { plan, report: Box::new(report) })
}

/// What is to be done, and which segment is the oldest after it.
fn plan(path: &Path, disk: &dyn Disk, identity: Identity) -> Result<(RepairPlan, SegmentNumber), OpenError> {
    let mut fixes = Vec::new();
    let (checkpoint, fault) = load_checkpoint(disk, identity)?;
    let remove = |file: &str, because| Fix::RemoveFile { file: disk.path(file), because };
    fixes.extend(fault.map(|fault| remove(Kind::Checkpoint.file(), fault)));
    fixes.extend(Holds::load(disk, identity)?.err().map(|fault| remove("HOLDS", fault)));

    let mut shelf = Shelf::look(disk, identity)?;
    for shelved in shelf.sound.clone() {
        shelf.newest(disk, shelved.revision..=shelved.revision, &mut |_, _| {})?;
    }
    fixes.extend(shelf.bad.iter().cloned().map(Fix::RemoveSnapshot));
    let mut begins: Vec<Revision> = shelf.sound.iter().map(|shelved| shelved.revision).collect();
    let (indexed, applied) = index(path, identity, checkpoint)?;
    begins.extend(indexed);

    let Segments { numbers, runs, faults } = runs(disk, identity)?;
    // The newest part of the journal that something leads up to.
    let usable = |run: &Run| {
        run.before == Revision::ZERO
            || begins.iter().any(|begin| (run.before..=run.last.last).contains(begin))
    };
    let Some(run) = runs.iter().rev().find(|run| usable(run)) else {
        let oldest = runs.first().and_then(|run| run.before.next()).unwrap_or(Revision::ZERO);
        return Err(OpenError::NothingToBeginFrom { path: path.into(), oldest });
    };
    let oldest = run.first;
    let newest = run.last.header.number;
    let file = |number: SegmentNumber| disk.path(&number.name());
    let because = |of: core::ops::RangeInclusive<SegmentNumber>| {
        faults.iter().find(|(number, _)| of.contains(number)).map(|(_, because)| because.clone())
    };
    let front: Vec<_> = numbers.iter().copied().filter(|number| *number < oldest).map(file).collect();
    if !front.is_empty() {
        let because = because(SegmentNumber::FIRST..=oldest).unwrap_or_default();
        let oldest = run.before.next().unwrap_or(run.before);
        fixes.push(Fix::DropHistory { files: front, oldest, because });
    }
    let mut loses = false;
    let (cut, unended) = run.end(disk)?;
    let aside: Vec<_> = numbers.iter().copied().filter(|number| *number > newest).map(file).collect();
    if cut.is_some() || !aside.is_empty() {
        let because = because(newest..=SegmentNumber(u64::MAX)).or(unended).unwrap_or_default();
        let file = cut.map_or_else(|| file(newest.next()), |_| file(newest));
        fixes.push(Fix::CutJournal { file, offset: cut, aside, last: run.last.last, because });
        loses = true;
    }
    let snapshots = shelf.last().map_or(Revision::ZERO, |shelved| shelved.revision);
    let known = checkpoint.known.max(snapshots).max(applied);
    if known > run.last.last {
        fixes.push(Fix::AcceptLoss { last: run.last.last, known });
        loses = true;
    }
    let older = moved_aside(path).map_err(EngineError::io(Action::List, path))?;
    let old = older.len().saturating_sub(1);
    fixes.extend(older.into_iter().take(old).map(|(_, folder)| Fix::RemoveOldIndex { folder }));
    if !fixes.is_empty() || run.last.tail != Tail::Clean || indexed.is_none() {
        fixes.push(Fix::Open);
    }
    Ok((RepairPlan { fixes, loses }, oldest))
}

/// Up to where the index vouches for anything, and what it says it holds.
fn index(
    path: &Path,
    identity: Identity,
    checkpoint: Checkpoint,
) -> Result<(Option<Revision>, Revision), OpenError> {
    let copy = Scratch::of(&path.join("index"), None)?;
    let nothing = (None, Revision::ZERO);
    match Index::open(&copy.directory, identity, Options::default().cache_bytes) {
        Ok((_, applied)) if applied >= checkpoint.indexed => Ok((Some(checkpoint.indexed), applied)),
        Ok(_) => Ok(nothing),
        Err(unusable) => unusable.passing().map_or(Ok(nothing), |error| Err(error.into())),
    }
}

impl Run {
    /// Where the last segment has to be ended, if it is to be the newest: where it is damaged, or behind its last frame
    /// when it says that another one follows, or is not as long as it was. And why, where that is not known yet.
    fn end(&self, disk: &dyn Disk) -> Result<(Option<u64>, Option<String>), OpenError> {
        if self.cut.is_some() {
            return Ok((self.cut, None));
        }
        if let Tail::Sealed(next) = self.last.tail {
            return Ok((Some(self.last.end), Some(format!("segment {} is missing", next.0))));
        }
        let [segment_size, ..] = load_manifest(disk)?.numbers;
        let name = self.last.header.number.name();
        let file = disk.open(&name).map_err(EngineError::io(Action::Open, disk.path(&name)))?;
        let size = file.size().map_err(EngineError::io(Action::Read, disk.path(&name)))?;
        let expected = least(&self.last, self.last.unsure, segment_size);
        let because = (size < expected).then(|| FrameFault::Shortened { expected }.to_string());
        Ok((because.as_ref().map(|_| self.last.end), because))
    }
}

/// Reads the whole journal, and divides it where it cannot be read.
fn runs(disk: &dyn Disk, identity: Identity) -> Result<Segments, OpenError> {
    let names = match disk.list("journal") {
        Ok(names) => names,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(EngineError::io(Action::List, disk.path("journal"))(error).into()),
    };
    let mut numbers: Vec<_> = names.iter().filter_map(|name| SegmentNumber::parse(name)).collect();
    numbers.sort();
    let mut segments = Segments { numbers, runs: Vec::new(), faults: Vec::new() };
    for number in &segments.numbers {
        let is_last = segments.numbers.last() == Some(number);
        let path = disk.path(&number.name());
        let file = disk.open(&number.name()).map_err(EngineError::io(Action::Open, &path))?;
        let bytes = file.read(0, usize::MAX).map_err(EngineError::io(Action::Read, &path))?;
        let (read, damage) = read_as_far_as_possible(&bytes, identity, *number, is_last);
        let cut = damage.as_ref().map(|(offset, _)| *offset);
        segments.faults.extend(damage.map(|(_, because)| (*number, because)));
        let Some(read) = read else { continue };
        match segments.runs.last_mut() {
            Some(run) if run.cut.is_none() && goes_on(&run.last, &read.header) => {
                (run.last, run.cut) = (read, cut);
            }
            before => {
                if let Some(run) = before.filter(|run| run.cut.is_none()) {
                    let missing = run.last.header.number.next();
                    segments
                        .faults
                        .push((missing, "it is missing, or does not follow the one before".into()));
                }
                let before = Revision::new(read.header.first.number().saturating_sub(1));
                segments.runs.push(Run { first: *number, before, last: read, cut });
            }
        }
    }
    Ok(segments)
}

fn goes_on(before: &Replay, next: &Header) -> bool {
    next.number == before.header.number.next()
        && before.last.next() == Some(next.first)
        && before.checksum == next.previous
        && before.time == next.time
}

/// What can be read of a segment; and where it is damaged, and how, if it is.
fn read_as_far_as_possible(
    bytes: &[u8],
    identity: Identity,
    number: SegmentNumber,
    is_last: bool,
) -> (Option<Replay>, Option<(u64, String)>) {
    match replay(bytes, identity, number) {
        Ok(read) => {
            let damage = match read.tail {
                // The next segment was only begun once this one was durable.
                Tail::Torn(FrameFault::Seal) | Tail::Clean => None,
                Tail::Torn(fault) if !is_last => Some((read.end, fault.to_string())),
                Tail::Torn(_) | Tail::Sealed(_) => None,
            };
            (Some(read), damage)
        }
        Err(Unreadable::Damaged { offset, fault, .. }) => {
            let whole = usize::try_from(offset).ok().and_then(|offset| bytes.get(..offset));
            let read = whole.and_then(|whole| replay(whole, identity, number).ok());
            (read, Some((offset, fault.to_string())))
        }
        Err(Unreadable::Header(fault)) => (None, Some((0, fault.to_string()))),
    }
}

fn act(disk: &dyn Disk, identity: Identity, fix: &Fix, oldest: SegmentNumber) -> Result<(), OpenError> {
    match fix {
        Fix::RemoveFile { file, .. } | Fix::RemoveSnapshot(BadSnapshot { file, .. }) => {
            std::fs::remove_file(file).map_err(EngineError::io(Action::Remove, file))?;
        }
        Fix::RemoveOldIndex { folder } => {
            std::fs::remove_dir_all(folder).map_err(EngineError::io(Action::Remove, folder))?;
        }
        Fix::DropHistory { files, .. } => {
            let (Checkpoint { known, indexed, .. }, _) = load_checkpoint(disk, identity)?;
            let numbers = [known.number(), indexed.number(), oldest.0];
            Sheet { kind: Kind::Checkpoint, identity, numbers }.save(disk)?;
            for file in files {
                set_aside(file)?;
            }
            sync_journal(disk)?;
        }
        Fix::CutJournal { file, offset, aside, .. } => {
            // The newest first: what is left is a journal at every moment.
            for file in aside.iter().rev() {
                set_aside(file)?;
                sync_journal(disk)?;
            }
            if let Some(offset) = offset {
                let [segment_size, ..] = load_manifest(disk)?.numbers;
                cut(disk, file, *offset, segment_size)?;
            }
        }
        Fix::AcceptLoss { .. } | Fix::Open => {}
    }
    Ok(())
}

fn sync_journal(disk: &dyn Disk) -> Result<(), EngineError> {
    disk.sync_dir("journal").map_err(EngineError::io(Action::Sync, disk.path("journal")))
}

fn aside_of(file: &Path) -> PathBuf {
    let mut aside = file.as_os_str().to_owned();
    aside.push(".cut");
    PathBuf::from(aside)
}

fn set_aside(file: &Path) -> Result<(), EngineError> {
    std::fs::rename(file, aside_of(file)).map_err(EngineError::io(Action::Rename, file))
}

/// Keeps a copy of a segment, and ends it at `offset`, with as much space behind as a segment has.
fn cut(disk: &dyn Disk, path: &Path, offset: u64, segment_size: u64) -> Result<(), EngineError> {
    std::fs::copy(path, aside_of(path)).map_err(EngineError::io(Action::Create, path))?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let file = disk.open(&format!("journal/{name}")).map_err(EngineError::io(Action::Open, path))?;
    let size = file.size().map_err(EngineError::io(Action::Read, path))?;
    overwrite(file.as_ref(), offset, size.max(segment_size)).map_err(EngineError::io(Action::Write, path))?;
    file.sync_data().map_err(EngineError::io(Action::Sync, path))
}

/// How many fixes there are of each kind, for tests.
#[cfg(test)]
pub(crate) fn kinds(plan: &RepairPlan) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for fix in &plan.fixes {
        let kind = match fix {
            Fix::RemoveFile { .. } => "file",
            Fix::RemoveSnapshot(_) => "snapshot",
            Fix::DropHistory { .. } => "history",
            Fix::CutJournal { .. } => "cut",
            Fix::AcceptLoss { .. } => "loss",
            Fix::RemoveOldIndex { .. } => "old index",
            Fix::Open => "open",
        };
        let count = kinds.entry(kind).or_insert(0_usize);
        *count = count.saturating_add(1);
    }
    kinds
}
