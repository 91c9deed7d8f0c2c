//! Making a store, and opening one: look at everything first, refuse while nothing is changed yet,
//! then cut, replay and rebuild.

use core::ops::RangeInclusive;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use fleet::Revision;
use parking_lot::Mutex;

use super::holds::Holds;
use super::index::{Index, Unusable};
use super::index_folder::{move_aside, remove_indexes};
use super::layers::{Beneath, Layers};
use super::lock::StoreLock;
use super::options::{LostHistory, Options};
use super::room::{self, Room};
use super::sheet::{Kind, Sheet, SheetFault};
use super::shelf::{self, BadSnapshot, Shelf};
use super::table::{Held, Slot};
use super::upkeep::{Pins, Upkeep};
use super::{Health, Local, OpenError, Witness, Writer};
use crate::engine::disk::{Directory, Disk, make_private_dir, sync_path};
use crate::engine::journal::{self, Cut, Header, Identity, Journal, SegmentNumber, Settings, Tail};
use crate::engine::snapshot::{Snapshot, Unusable as Unsound};
use crate::engine::{Action, Engine, EngineError, Entry, IndexAction, IndexFault, StoreId};

/// The first life of a store.
const FIRST_EPOCH: u32 = 1;
/// How many entries are moved from a snapshot to the index at once.
const LOADED_AT_ONCE: usize = 4096;
/// How many writes of the journal are taken over at once, roughly.
const RECOVERED_AT_ONCE: usize = 512;

/// How far opening a store is. Only a store that was not closed well, or has to be rebuilt, takes long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OpenProgress {
    /// What is being done.
    pub stage: OpenStage,
    /// How many bytes are done.
    pub done: u64,
    /// Of how many.
    pub total: u64,
}

/// What opening a store does, in this order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OpenStage {
    /// Reading a snapshot, to be sure that it is whole.
    Verifying,
    /// Making the index from it.
    Loading,
    /// Replaying the journal.
    Replaying,
}

/// What opening a store found and did.
#[derive(Clone, Debug)]
pub struct OpenReport {
    /// Which store, and which life of it.
    pub identity: Identity,
    /// The last commit.
    pub last: Revision,
    /// How many commits were replayed from the journal.
    pub replayed: u64,
    /// The torn tail that was cut: a write that was interrupted, and never acknowledged.
    pub cut: Option<Cut>,
    /// The index was made anew.
    pub rebuilt: Option<Rebuilt>,
    /// The checkpoint file was damaged; it is replaced by the next checkpoint.
    pub checkpoint: Option<SheetFault>,
    /// Snapshots that are damaged, and are not used.
    pub snapshots: Vec<BadSnapshot>,
    /// The file of registered readers is damaged: all history is held until one registers again.
    pub holds: Option<SheetFault>,
    /// The disk was full, and what had been set aside for that was given up. It is set aside again by an
    /// opening that finds enough room.
    pub ballast_freed: bool,
    /// Acknowledged commits that are gone. Only ever here with [`LostHistory::Accept`].
    pub lost: Option<Lost>,
}

/// What is known of commits that are gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lost {
    /// The last one of them that is known.
    pub known: Revision,
    /// Who knows.
    pub witness: Witness,
}

/// An index that was made anew.
#[derive(Clone, Debug)]
pub struct Rebuilt {
    /// Why.
    pub because: RebuiltBecause,
    /// Where the old one is now.
    pub moved_to: Option<PathBuf>,
    /// The snapshot that was begun from; without one, all of it came from the journal.
    pub from: Option<Revision>,
}

/// What was wrong with the index.
#[derive(Clone, Debug)]
pub enum RebuiltBecause {
    /// There was none.
    Missing,
    /// It had been caught being wrong before.
    Suspect,
    /// It is another store's.
    Foreign,
    /// It holds commits the journal does not have.
    Ahead {
        /// The last one it holds.
        applied: Revision,
    },
    /// It has lost commits that were durable in it.
    Behind {
        /// The last one it holds.
        applied: Revision,
        /// The last one it held.
        durable: Revision,
    },
    /// Nothing says how much of it is durable, and the journal does not reach back to the beginning.
    Unvouched,
    /// It could not be opened.
    Fault(IndexFault),
}

impl Local {
    /// Makes a store in `path`, which must be empty or not exist, and opens it.
    ///
    /// # Errors
    ///
    /// When there is something already, or when writing fails.
    pub fn create(path: &Path, store: StoreId, options: Options) -> Result<Self, OpenError> {
        make_private_dir(path).map_err(EngineError::io(Action::Create, path))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        sync_path(parent).map_err(EngineError::io(Action::Sync, parent))?;
        let lock = StoreLock::take(path)?;
        let directory = path.join("index");
        if directory.exists() {
            return Err(OpenError::NotEmpty { path: directory });
        }
        let disk: Arc<dyn Disk> = Arc::new(Directory::new(path.to_path_buf()));
        let (identity, journal) = make(&disk, store, options)?;
        let index = Index::create(&directory, identity, options.cache_bytes)
            .map_err(EngineError::index(IndexAction::Open))?;
        let mut made = Self::assemble(disk, identity, options, journal, Some(index), Some(lock));
        made.writer.get_mut().health = Health::Well;
        Ok(made)
    }

    /// Opens the store in `path`, which must exist.
    ///
    /// # Errors
    ///
    /// When it is locked, not there, not whole, or not readable. Nothing is repaired in silence.
    pub fn open(path: &Path, options: Options) -> Result<(Self, OpenReport), OpenError> {
        Self::open_watched(path, options, &mut |_| {})
    }

    /// Opens the store in `path` as [`Local::open`] does, and tells `watch` how far it is.
    ///
    /// # Errors
    ///
    /// As for [`Local::open`].
    pub fn open_watched(
        path: &Path,
        options: Options,
        watch: &mut dyn FnMut(OpenProgress),
    ) -> Result<(Self, OpenReport), OpenError> {
        let disk: Arc<dyn Disk> = Arc::new(Directory::new(path.to_path_buf()));
        // Before locking, which makes a file: this may not be a store at all.
        load_manifest(disk.as_ref())?;
        let lock = StoreLock::take(path)?;
        open(disk, options, Some((path, lock)), watch)
    }

    /// Makes a store on any disk, without a lock and with everything in memory: for simulation.
    ///
    /// # Errors
    ///
    /// As for [`Local::create`].
    pub fn create_on(disk: Arc<dyn Disk>, store: StoreId, options: Options) -> Result<Self, OpenError> {
        let (identity, journal) = make(&disk, store, options)?;
        let mut made = Self::assemble(disk, identity, options, journal, None, None);
        made.writer.get_mut().health = Health::Well;
        Ok(made)
    }

    /// Opens a store on any disk, without a lock and with everything in memory: for simulation.
    ///
    /// # Errors
    ///
    /// As for [`Local::open`].
    pub fn open_on(disk: Arc<dyn Disk>, options: Options) -> Result<(Self, OpenReport), OpenError> {
        open(disk, options, None, &mut |_| {})
    }

    /// A store that is not yet fit for use: it stays closed to commits until it is declared well.
    fn assemble(
        disk: Arc<dyn Disk>,
        identity: Identity,
        options: Options,
        journal: Journal,
        index: Option<Index>,
        lock: Option<StoreLock>,
    ) -> Self {
        let catalogue = journal.catalogue();
        let checkpoint = journal.segment();
        Self {
            disk,
            identity,
            options,
            layers: Layers::new(Revision::ZERO, fleet::Time::START, beneath(index.as_ref())),
            writer: Mutex::new(Writer { journal, checkpoint, upkeep: Upkeep::new(), health: Health::Busy }),
            moving: Mutex::default(),
            due: AtomicUsize::new(0),
            catalogue,
            index,
            pins: Pins::default(),
            room: Room::new(options.free_space_min),
            lock,
        }
    }
}

fn beneath(index: Option<&Index>) -> Beneath {
    index.map_or_else(Beneath::nothing, |_| Beneath::Index)
}

/// Makes journal and manifest. The manifest comes last: without it there is no store.
fn make(disk: &Arc<dyn Disk>, store: StoreId, options: Options) -> Result<(Identity, Journal), OpenError> {
    if Sheet::load(disk.as_ref(), Kind::Manifest)?.is_some() {
        return Err(OpenError::NotEmpty { path: disk.path("") });
    }
    clear_unborn(disk.as_ref())?;
    let identity = Identity { store, epoch: FIRST_EPOCH };
    shelf::make(disk.as_ref())?;
    let journal = journal::begin(disk, identity, settings(options), (Revision::ZERO, fleet::Time::START))?;
    let numbers = [options.segment_size, 0, 0];
    room::set_aside(disk.as_ref(), options)?;
    Sheet { kind: Kind::Manifest, identity, numbers }.save(disk.as_ref())?;
    Ok((identity, journal))
}

pub(crate) const fn settings(options: Options) -> Settings {
    Settings { segment_size: options.segment_size, sync: options.sync, spares: options.spare_segments }
}

/// Removes what a making that was interrupted has left; a journal with commits is not that.
fn clear_unborn(disk: &dyn Disk) -> Result<(), OpenError> {
    let directory = disk.path("journal");
    let names = match disk.list("journal") {
        Ok(names) => names,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(EngineError::io(Action::List, directory)(error).into()),
    };
    for name in names {
        let name = format!("journal/{name}");
        let path = disk.path(&name);
        if name != format!("{}.new", SegmentNumber::FIRST.name()) {
            let file = disk.open(&name).map_err(EngineError::io(Action::Open, &path))?;
            let bytes = file.read(0, usize::MAX).map_err(EngineError::io(Action::Read, &path))?;
            let empty = Header::decode(&bytes)
                .ok()
                .and_then(|header| journal::replay(&bytes, header.identity, SegmentNumber::FIRST).ok())
                .is_some_and(|read| read.commits.is_empty() && read.tail == Tail::Clean);
            if !empty {
                return Err(OpenError::NotEmpty { path });
            }
        }
        disk.remove(&name).map_err(EngineError::io(Action::Remove, path))?;
    }
    Ok(())
}

pub(crate) fn load_manifest(disk: &dyn Disk) -> Result<Sheet, OpenError> {
    let file = disk.path(Kind::Manifest.file());
    match Sheet::load(disk, Kind::Manifest)? {
        None => Err(OpenError::ManifestMissing { path: disk.path("") }),
        Some(Err(SheetFault::Format { found, known })) => Err(OpenError::Format { file, found, known }),
        Some(Err(source)) => Err(OpenError::Manifest { file, source }),
        Some(Ok(manifest)) => Ok(manifest),
    }
}

/// Makes the names of what was found durable. Whoever had the store before may have ended between giving a file its
/// name and that: what is written into the file from here on would go with the name.
fn sync_names(disk: &dyn Disk) -> Result<(), EngineError> {
    ["", "journal", shelf::DIRECTORY].into_iter().try_for_each(|directory| {
        disk.sync_dir(directory).map_err(EngineError::io(Action::Sync, disk.path(directory)))
    })
}

/// What was durable at the last checkpoint.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Checkpoint {
    /// The last commit in the journal.
    pub(crate) known: Revision,
    /// The last commit in the index.
    pub(crate) indexed: Revision,
    /// The oldest segment of the journal. One that is older may be there, if trimming was interrupted.
    pub(crate) oldest: Option<SegmentNumber>,
}

/// The last checkpoint, and what is wrong with the file that tells of it. Without one, nothing is
/// known, and everything will be replayed.
pub(crate) fn load_checkpoint(
    disk: &dyn Disk,
    identity: Identity,
) -> Result<(Checkpoint, Option<SheetFault>), EngineError> {
    Ok(match Sheet::load(disk, Kind::Checkpoint)? {
        Some(Ok(Sheet { identity: owner, numbers: [known, indexed, oldest], .. })) if owner == identity => {
            let (known, indexed) = (Revision::new(known), Revision::new(indexed));
            (Checkpoint { known, indexed, oldest: Some(SegmentNumber(oldest)) }, None)
        }
        // Left from another life, it says nothing of this one.
        Some(Ok(_)) | None => (Checkpoint::default(), None),
        Some(Err(fault)) => (Checkpoint::default(), Some(fault)),
    })
}

fn open(
    disk: Arc<dyn Disk>,
    mut options: Options,
    place: Option<(&Path, StoreLock)>,
    watch: &mut dyn FnMut(OpenProgress),
) -> Result<(Local, OpenReport), OpenError> {
    // Look, and refuse while nothing has been changed.
    let manifest = load_manifest(disk.as_ref())?;
    // Save that on a full disk not even the index can be opened: that is what was set aside for.
    let ballast_freed = room::make_room(disk.as_ref(), options)?;
    if ballast_freed {
        // Nor are files kept for their space.
        options.spare_segments = 0;
    }
    let identity = manifest.identity;
    let [segment_size, ..] = manifest.numbers;
    options.segment_size = segment_size;
    let (checkpoint, checkpoint_fault) = load_checkpoint(disk.as_ref(), identity)?;
    let survey = journal::survey(&disk, identity)?;
    survey.check_followed()?;
    survey.check_length(segment_size)?;
    let (last, time) = survey.last();
    let mut shelf = Shelf::look(disk.as_ref(), identity)?;
    let needed = whole_from(disk.as_ref(), survey.first(), checkpoint, &shelf)?;
    let holds = Holds::load(disk.as_ref(), identity)?;
    let (found, lock) = match place {
        Some((path, lock)) => (Some(Found::look(path, identity, options)), Some(lock)),
        None => (None, None),
    };
    let lost = lost(last, checkpoint, found.as_ref(), &shelf);
    if let (Some(Lost { known, witness }), LostHistory::Refuse) = (lost, options.lost_history) {
        return Err(OpenError::HistoryLost { last, known, witness });
    }
    let passing = found.as_ref().and_then(|found| found.index.as_ref().err()?.passing());
    if let Some(error) = passing {
        return Err(error.into());
    }
    let unusable = found.as_ref().map(|found| found.judge(needed..=last, checkpoint));
    let base = match unusable {
        // The index has all that is before the journal.
        Some(None) => None,
        Some(Some(_)) | None => {
            let told = &mut |done, total| watch(OpenProgress { stage: OpenStage::Verifying, done, total });
            shelf.newest(disk.as_ref(), needed..=last, told)?
        }
    };
    let from = base.as_ref().map(|base| base.seal.revision);
    if !matches!(unusable, Some(None)) && from.is_none() && needed > Revision::ZERO {
        let oldest = survey.first().1;
        return Err(OpenError::NothingToBeginFrom { path: disk.path(""), oldest });
    }

    // Act. The index is only touched once all it will be given is durable in the journal.
    let cut = survey.torn();
    let journal = survey.journal(settings(options))?;
    shelf::make(disk.as_ref())?;
    sync_names(disk.as_ref())?;
    shelf::remove_unfinished(disk.as_ref())?;
    let mut since = from.unwrap_or(Revision::ZERO);
    let oldest = survey.first().0;
    let (index, rebuilt) = match (found, unusable.flatten()) {
        (None, _) => (None, None),
        (Some(found), None) => {
            since = checkpoint.indexed;
            (Some(found.keep()?), None)
        }
        (Some(found), Some(because)) => {
            let why = (because, if ballast_freed { KeepOld::No } else { KeepOld::Yes });
            let (index, rebuilt) = found.remake(disk.as_ref(), identity, options, (last, oldest), why)?;
            (Some(index), rebuilt.map(|rebuilt| Rebuilt { from, ..rebuilt }))
        }
    };
    let mut store = Local::assemble(disk, identity, options, journal, index, lock);
    store.layers = Layers::new(since, time, beneath(store.index.as_ref()));
    if let Some(base) = base {
        store.load(base, watch)?;
    }
    let total = survey.bytes_after(since);
    let mut replayed = 0_u64;
    let (mut changes, mut writes) = (Vec::new(), 0_usize);
    survey.replay(since, |change, done| {
        replayed = replayed.saturating_add(1);
        writes = writes.saturating_add(change.writes.len());
        changes.push(change);
        if writes < RECOVERED_AT_ONCE {
            return Ok(());
        }
        writes = 0;
        watch(OpenProgress { stage: OpenStage::Replaying, done, total });
        Ok(store.recover(core::mem::take(&mut changes))?)
    })?;
    store.recover(changes)?;
    if lost.is_some() {
        shelf.remove_after(store.disk.as_ref(), last)?;
    }
    let snapshots = shelf.bad.clone();
    let holds_fault = holds.as_ref().err().copied();
    {
        let writer = store.writer.get_mut();
        let upkeep = &mut writer.upkeep;
        let indexed = if rebuilt.is_some() { Revision::ZERO } else { checkpoint.indexed };
        (upkeep.known, upkeep.indexed, upkeep.holds) = (checkpoint.known.min(last), indexed, holds);
        // Also of a store that is killed again and again, so that it does not replay more each time.
        writer.checkpoint = store.catalogue.segment_after(indexed);
        upkeep.since = match shelf.last() {
            Some(shelved) => store.catalogue.bytes_after(shelved.revision),
            None => store.catalogue.bytes_after(Revision::ZERO),
        };
        upkeep.shelf = shelf;
        writer.health = Health::Well;
    }
    if lost.is_some() {
        // Else the old one would go on saying that commits are missing.
        store.checkpoint()?;
    }
    if !ballast_freed {
        room::set_aside(store.disk.as_ref(), options)?;
    }
    let report = OpenReport {
        ballast_freed,
        identity,
        last,
        replayed,
        cut,
        rebuilt,
        checkpoint: checkpoint_fault,
        snapshots,
        holds: holds_fault,
        lost,
    };
    Ok((store, report))
}

/// The commit before the journal's first: what comes before has to be found elsewhere. Fails when the
/// journal should reach further back.
pub(crate) fn whole_from(
    disk: &dyn Disk,
    (segment, first): (SegmentNumber, Revision),
    checkpoint: Checkpoint,
    shelf: &Shelf,
) -> Result<Revision, OpenError> {
    let missing = |segment: SegmentNumber| OpenError::SegmentMissing { file: disk.path(&segment.name()) };
    let before = Revision::new(first.number().saturating_sub(1));
    match checkpoint.oldest {
        Some(oldest) if segment > oldest => Err(missing(oldest)),
        Some(_) => Ok(before),
        // Nothing says which is the oldest: the first of all, unless there are snapshots, which come before
        // anything is trimmed.
        None if segment > SegmentNumber::FIRST && shelf.sound.is_empty() && shelf.bad.is_empty() => {
            Err(missing(SegmentNumber::FIRST))
        }
        None => Ok(before),
    }
}

/// Acknowledged commits that the journal no longer has.
fn lost(last: Revision, checkpoint: Checkpoint, found: Option<&Found<'_>>, shelf: &Shelf) -> Option<Lost> {
    let witnesses = [
        (checkpoint.known, Witness::Checkpoint),
        (found.and_then(Found::applied).unwrap_or(Revision::ZERO), Witness::Index),
        (shelf.last().map_or(Revision::ZERO, |shelved| shelved.revision), Witness::Snapshot),
    ];
    let lost = witnesses.into_iter().filter(|(known, _)| *known > last);
    // Of those that know the same, the first is named.
    lost.rev().max_by_key(|(known, _)| *known).map(|(known, witness)| Lost { known, witness })
}

impl Local {
    /// Takes over a snapshot, while opening.
    fn load(&self, base: Snapshot, watch: &mut dyn FnMut(OpenProgress)) -> Result<(), OpenError> {
        let revision = base.seal.revision;
        let total = base.seal.entries;
        let mut done = 0_u64;
        let mut slots = Vec::new();
        base.each(|entry| {
            done = done.saturating_add(1);
            let Some(index) = &self.index else {
                self.layers.preload(entry);
                return Ok(());
            };
            let Entry { key, value, revision } = entry;
            slots.push(Slot { key, held: Some(Held { revision, value }) });
            if slots.len() >= LOADED_AT_ONCE {
                index.apply(&slots, None).map_err(EngineError::index(IndexAction::Apply))?;
                slots.clear();
                watch(OpenProgress { stage: OpenStage::Loading, done, total });
            }
            Ok(())
        })
        .map_err(|Unloadable(error)| error)?;
        if let Some(index) = &self.index {
            index.apply(&slots, Some(revision)).map_err(EngineError::index(IndexAction::Apply))?;
        }
        Ok(())
    }
}

/// Why a snapshot that was whole cannot be taken over.
struct Unloadable(EngineError);

impl From<EngineError> for Unloadable {
    fn from(error: EngineError) -> Self {
        Self(error)
    }
}

impl From<Unsound> for Unloadable {
    fn from(error: Unsound) -> Self {
        match error {
            Unsound::Disk(error) => Self(error),
            // It was whole a moment ago.
            Unsound::Fault(fault) => Self(EngineError::Snapshot { source: fault }),
        }
    }
}

/// Whether an index that is made anew is kept for whoever wants to know what happened to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum KeepOld {
    Yes,
    /// There is no room for two.
    No,
}

/// The index, as it was found.
#[derive(Debug)]
struct Found<'a> {
    store: &'a Path,
    directory: PathBuf,
    index: Result<(Index, Revision), Unusable>,
}

impl<'a> Found<'a> {
    fn look(store: &'a Path, identity: Identity, options: Options) -> Self {
        let directory = store.join("index");
        let index = Index::open(&directory, identity, options.cache_bytes);
        Self { store, directory, index }
    }

    fn applied(&self) -> Option<Revision> {
        self.index.as_ref().ok().map(|(_, applied)| *applied)
    }

    /// Why the index cannot be used with a journal that has the commits after the first revision of
    /// `journal`, up to the last; `None` when it can.
    ///
    /// What the index says of itself is believed no further than the checkpoint: what came later may
    /// have reached the disk in parts, and is replayed.
    fn judge(&self, journal: RangeInclusive<Revision>, checkpoint: Checkpoint) -> Option<RebuiltBecause> {
        match &self.index {
            Ok((_, applied)) if applied > journal.end() => Some(RebuiltBecause::Ahead { applied: *applied }),
            Ok((_, applied)) if *applied < checkpoint.indexed => {
                Some(RebuiltBecause::Behind { applied: *applied, durable: checkpoint.indexed })
            }
            Ok(_) if checkpoint.indexed < *journal.start() => Some(RebuiltBecause::Unvouched),
            Ok(_) => None,
            Err(Unusable::Missing) => Some(RebuiltBecause::Missing),
            Err(Unusable::Suspect) => Some(RebuiltBecause::Suspect),
            Err(Unusable::Foreign) => Some(RebuiltBecause::Foreign),
            Err(Unusable::Fault(fault)) => Some(RebuiltBecause::Fault(fault.clone())),
        }
    }

    /// The index as it is.
    fn keep(self) -> Result<Index, EngineError> {
        self.index.map(|(index, _)| index).map_err(|_| EngineError::Interrupted)
    }

    /// Makes the index anew, without anything in it.
    fn remake(
        self,
        disk: &dyn Disk,
        identity: Identity,
        options: Options,
        (last, oldest): (Revision, SegmentNumber),
        (because, keep): (RebuiltBecause, KeepOld),
    ) -> Result<(Index, Option<Rebuilt>), OpenError> {
        // Closed before its directory gets another name.
        drop(self.index);
        // First of all, the checkpoint must stop vouching for what is not there any more.
        let numbers = [last.number(), 0, oldest.0];
        Sheet { kind: Kind::Checkpoint, identity, numbers }.save(disk)?;
        let moved_to = match keep {
            _ if !self.directory.exists() => None,
            KeepOld::Yes => {
                let moved = move_aside(self.store, &self.directory);
                Some(moved.map_err(EngineError::io(Action::Rename, self.directory.as_path()))?)
            }
            KeepOld::No => {
                let removed = remove_indexes(self.store, &self.directory);
                removed.map_err(EngineError::io(Action::Remove, self.directory.as_path()))?;
                None
            }
        };
        let index = Index::create(&self.directory, identity, options.cache_bytes)
            .map_err(EngineError::index(IndexAction::Open))?;
        // A store that was only just made has nothing to lose.
        let newborn = last == Revision::ZERO && matches!(because, RebuiltBecause::Missing);
        let rebuilt = (!newborn).then_some(Rebuilt { because, moved_to, from: None });
        Ok((index, rebuilt))
    }
}
