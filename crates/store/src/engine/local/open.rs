//! Making a store, and opening one: look at everything first, refuse while nothing is changed yet,
//! then cut, replay and rebuild.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fleet::Revision;
use parking_lot::Mutex;

use super::index::{Index, Unusable, move_aside};
use super::layers::Layers;
use super::lock::StoreLock;
use super::options::{LostHistory, Options};
use super::sheet::{Kind, Sheet, SheetFault};
use super::{Health, Local, OpenError, Witness, Writer};
use crate::engine::disk::{Directory, Disk, make_private_dir, sync_path};
use crate::engine::journal::{self, Cut, Header, Identity, Journal, SegmentNumber, Settings, Tail};
use crate::engine::{Action, Engine, EngineError, IndexAction, IndexFault, StoreId};

/// The first life of a store.
const FIRST_EPOCH: u32 = 1;

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
    /// The index was made anew from the journal.
    pub rebuilt: Option<Rebuilt>,
    /// The checkpoint file was damaged; it is replaced by the next checkpoint.
    pub checkpoint: Option<SheetFault>,
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
        let disk: Arc<dyn Disk> = Arc::new(Directory::new(path.to_path_buf()));
        // Before locking, which makes a file: this may not be a store at all.
        load_manifest(disk.as_ref())?;
        let lock = StoreLock::take(path)?;
        open(disk, options, Some((path, lock)))
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
        open(disk, options, None)
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
            layers: Layers::new(Revision::ZERO, fleet::Time::START),
            writer: Mutex::new(Writer { journal, checkpoint, moving: None, health: Health::Busy }),
            catalogue,
            index,
            lock,
        }
    }
}

/// Makes journal and manifest. The manifest comes last: without it there is no store.
fn make(disk: &Arc<dyn Disk>, store: StoreId, options: Options) -> Result<(Identity, Journal), OpenError> {
    if Sheet::load(disk.as_ref(), Kind::Manifest)?.is_some() {
        return Err(OpenError::NotEmpty { path: disk.path("") });
    }
    clear_unborn(disk.as_ref())?;
    let identity = Identity { store, epoch: FIRST_EPOCH };
    let settings = Settings { segment_size: options.segment_size, sync: options.sync };
    let journal = journal::begin(disk, identity, settings)?;
    let numbers = [options.segment_size, 0];
    Sheet { kind: Kind::Manifest, identity, numbers }.save(disk.as_ref())?;
    Ok((identity, journal))
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

/// What was durable at the last checkpoint.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Checkpoint {
    /// The last commit in the journal.
    pub(crate) known: Revision,
    /// The last commit in the index.
    pub(crate) indexed: Revision,
}

/// The last checkpoint, and what is wrong with the file that tells of it. Without one, nothing is
/// known, and everything will be replayed.
pub(crate) fn load_checkpoint(
    disk: &dyn Disk,
    identity: Identity,
) -> Result<(Checkpoint, Option<SheetFault>), EngineError> {
    Ok(match Sheet::load(disk, Kind::Checkpoint)? {
        Some(Ok(Sheet { identity: owner, numbers: [known, indexed], .. })) if owner == identity => {
            (Checkpoint { known: Revision::new(known), indexed: Revision::new(indexed) }, None)
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
) -> Result<(Local, OpenReport), OpenError> {
    // Look, and refuse while nothing has been changed.
    let manifest = load_manifest(disk.as_ref())?;
    let identity = manifest.identity;
    let [segment_size, _] = manifest.numbers;
    options.segment_size = segment_size;
    let (checkpoint, checkpoint_fault) = load_checkpoint(disk.as_ref(), identity)?;
    let survey = journal::survey(&disk, identity)?;
    let (last, time) = survey.last();
    let (found, lock) = match place {
        Some((path, lock)) => (Some(Found::look(path, identity, options)), Some(lock)),
        None => (None, None),
    };
    let lost = lost(last, checkpoint, found.as_ref());
    if let (Some(Lost { known, witness }), LostHistory::Refuse) = (lost, options.lost_history) {
        return Err(OpenError::HistoryLost { last, known, witness });
    }

    if let Some(Found { index: Err(Unusable::Fault(held @ IndexFault::Held)), .. }) = found {
        return Err(EngineError::index(IndexAction::Open)(held).into());
    }

    // Act. The index is only touched once all it will be given is durable in the journal.
    let cut = survey.torn();
    let journal = survey.journal(Settings { segment_size, sync: options.sync })?;
    let (index, since, rebuilt) = match found {
        Some(found) => found.take(disk.as_ref(), identity, options, last, checkpoint)?,
        None => (None, Revision::ZERO, None),
    };
    let mut store = Local::assemble(disk, identity, options, journal, index, lock);
    store.layers = Layers::new(since, time);
    let mut replayed = 0_u64;
    survey.replay(since, |change| {
        replayed = replayed.saturating_add(1);
        Ok(store.recover(change)?)
    })?;
    store.writer.get_mut().health = Health::Well;
    if lost.is_some() {
        // Else the old one would go on saying that commits are missing.
        store.checkpoint()?;
    }
    let report = OpenReport { identity, last, replayed, cut, rebuilt, checkpoint: checkpoint_fault, lost };
    Ok((store, report))
}

/// Acknowledged commits that the journal no longer has.
fn lost(last: Revision, checkpoint: Checkpoint, found: Option<&Found<'_>>) -> Option<Lost> {
    let applied = found.and_then(Found::applied).unwrap_or(Revision::ZERO);
    let known = applied.max(checkpoint.known);
    let witness = if applied > checkpoint.known { Witness::Index } else { Witness::Checkpoint };
    (known > last).then_some(Lost { known, witness })
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

    /// Takes the index as it is, or makes it anew; and says after which commit to replay.
    ///
    /// What the index says of itself is believed no further than the checkpoint: what came later may
    /// have reached the disk in parts, and is replayed.
    fn take(
        self,
        disk: &dyn Disk,
        identity: Identity,
        options: Options,
        last: Revision,
        checkpoint: Checkpoint,
    ) -> Result<(Option<Index>, Revision, Option<Rebuilt>), OpenError> {
        let because = match self.index {
            Ok((index, applied)) if (checkpoint.indexed..=last).contains(&applied) => {
                return Ok((Some(index), checkpoint.indexed, None));
            }
            Ok((index, applied)) => {
                // Closed before its directory gets another name.
                drop(index);
                if applied > last {
                    RebuiltBecause::Ahead { applied }
                } else {
                    RebuiltBecause::Behind { applied, durable: checkpoint.indexed }
                }
            }
            Err(Unusable::Missing) => RebuiltBecause::Missing,
            Err(Unusable::Suspect) => RebuiltBecause::Suspect,
            Err(Unusable::Foreign) => RebuiltBecause::Foreign,
            Err(Unusable::Fault(fault)) => RebuiltBecause::Fault(fault),
        };

        // First of all, the checkpoint must stop vouching for what is not there any more.
        let numbers = [last.number(), 0];
        Sheet { kind: Kind::Checkpoint, identity, numbers }.save(disk)?;
        let moved_to = if self.directory.exists() {
            let moved = move_aside(self.store, &self.directory);
            Some(moved.map_err(EngineError::io(Action::Rename, self.directory.as_path()))?)
        } else {
            None
        };
        let index = Index::create(&self.directory, identity, options.cache_bytes)
            .map_err(EngineError::index(IndexAction::Open))?;
        // A store that was only just made has nothing to lose.
        let newborn = last == Revision::ZERO && matches!(because, RebuiltBecause::Missing);
        let rebuilt = (!newborn).then_some(Rebuilt { because, moved_to });
        Ok((Some(index), Revision::ZERO, rebuilt))
    }
}
