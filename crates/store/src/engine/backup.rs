//! Backups: a snapshot and a manifest that vouches for it, in a folder of their own; and new stores made
//! from them.
//!
//! A backup is of one revision. It is copied from a live store by the process that has it, or read from
//! the files of a store by any other: snapshots never change, and the journal only grows. A restored
//! store begins a new life of the same store: its epoch is another, so that nothing it draws or writes
//! is ever taken for something of the life before.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fleet::{Revision, Time};
use thiserror::Error;

use super::disk::{Directory, Disk, make_private_dir, sync_path};
use super::input::{Input, is_zero};
use super::journal::{self, Identity};
use super::local::sheet::{Kind, Sheet, SheetFault, replace};
use super::local::shelf::{self, Shelf, Shelved};
use super::local::{OpenError, Options, load_checkpoint, load_manifest, settings, whole_from};
use super::memory::{Map, Memory};
use super::snapshot::{
    CopyError, Copying, Digest, Head, Maker, Seal, Snapshot, SnapshotFault, Step, Unusable,
};
use super::{Action, Engine, EngineError, Entry, StoreId};

/// The last epoch there can be: ids have room for no more.
pub const EPOCH_MAX: u32 = 0xffff;

const MANIFEST: &str = "BACKUP";
const SNAPSHOT: &str = "snapshot";
const MAGIC: [u8; 8] = *b"HATCHBAK";
const FORMAT: u32 = 1;
const SIZE: usize = 128;
const PADDING: usize = 28;
/// How much is copied from a live store between two looks at anything else.
const SLICE: u64 = 1024 * 1024;
/// How often the files of a store that is open elsewhere are read again when they change meanwhile.
const LOOKS: u32 = 5;

/// What a backup holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backup {
    /// Which store, and which life of it.
    pub identity: Identity,
    /// The revision it holds.
    pub revision: Revision,
    /// The time of that commit.
    pub time: Time,
    /// How long the snapshot is, in bytes.
    pub bytes: u64,
    /// How many entries were copied; those of commits made meanwhile come on top.
    pub entries: u64,
    /// Of the snapshot.
    pub digest: Digest,
}

/// Why there is no backup, or no store from one. Nothing was lost by trying.
#[derive(Clone, Debug, Error)]
pub enum BackupError {
    /// There is something where the backup, or the store, was to be made.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// What is there.
        path: PathBuf,
    },
    /// There is no backup here, or none that was finished.
    #[error("there is no backup in {}", path.display())]
    Missing {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// The manifest of the backup is damaged.
    #[error("{} is damaged", file.display())]
    Manifest {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: SheetFault,
    },
    /// The snapshot of the backup is damaged.
    #[error("{} is damaged", file.display())]
    Snapshot {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: SnapshotFault,
    },
    /// The snapshot is not the one that the manifest vouches for.
    #[error("{} is not the one that belongs to the backup", file.display())]
    Mixed {
        /// The file.
        file: PathBuf,
    },
    /// The journal that was to go on from the backup belongs to another store, or another life.
    #[error("the journal in {} is of another store, or another life of it", path.display())]
    OtherJournal {
        /// Where the journal is.
        path: PathBuf,
    },
    /// The revision that was asked for cannot be had: it is before what the backup holds, or after all that
    /// the journal goes on with.
    #[error("revision {asked} cannot be had: there are those from {first} to {last}")]
    OutOfReach {
        /// The one asked for.
        asked: Revision,
        /// The first there is.
        first: Revision,
        /// The last there is.
        last: Revision,
    },
    /// The epoch of the new store has to be after that of the backup, and ids have to have room for it.
    #[error("epoch {asked} cannot follow {before}; the last there can be is {EPOCH_MAX}")]
    Epoch {
        /// The one asked for.
        asked: u32,
        /// That of the backup.
        before: u32,
    },
    /// The store cannot be read, or the restored one not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Reading or writing failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Copying failed.
    #[error("cannot copy the store: {told}")]
    Copy {
        /// What went wrong.
        told: String,
    },
}

impl From<CopyError> for BackupError {
    fn from(error: CopyError) -> Self {
        Self::Copy { told: error.told() }
    }
}

/// How a store is restored.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Restore {
    /// A store, or what is left of one, whose journal goes on from the backup.
    pub journal: Option<PathBuf>,
    /// The revision to stop at; without one, the last there is.
    pub until: Option<Revision>,
    /// The epoch of the new store; without one, that after the backup's. To be given when the backup was
    /// restored before: each life has an epoch of its own.
    pub epoch: Option<u32>,
    /// The id of the new store; without one, that of the backup.
    pub store: Option<StoreId>,
    /// How the new store works.
    pub options: Options,
}

impl Backup {
    fn new(identity: Identity, seal: Seal, bytes: u64) -> Self {
        let Seal { revision, time, entries, digest, .. } = seal;
        Self { identity, revision, time, bytes, entries, digest }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&self.identity.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.identity.store.0);
        for number in [self.revision.number(), self.time.millis(), self.bytes, self.entries] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.digest.0);
        bytes.extend_from_slice(&[0; PADDING]);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Self, SheetFault> {
        let size = SheetFault::Size { found: bytes.len(), expected: SIZE };
        let bytes: &[u8; SIZE] = bytes.try_into().map_err(|_| size)?;
        Self::fields(bytes).ok_or(size)?
    }

    fn fields(bytes: &[u8; SIZE]) -> Option<Result<Self, SheetFault>> {
        let mut input = Input::new(bytes);
        let magic = input.array::<8>()?;
        let format = input.u32()?;
        let epoch = input.u32()?;
        let store = StoreId(input.array()?);
        let backup = Self {
            identity: Identity { store, epoch },
            revision: Revision::new(input.u64()?),
            time: Time::from_millis(input.u64()?),
            bytes: input.u64()?,
            entries: input.u64()?,
            digest: Digest(input.array()?),
        };
        let padding = input.slice(PADDING)?;
        let found = input.u32()?;
        let expected = crc32fast::hash(bytes.get(..SIZE.checked_sub(4)?)?);
        Some(if magic != MAGIC {
            Err(SheetFault::Magic)
        } else if found != expected {
            Err(SheetFault::Checksum { expected, found })
        } else if format != FORMAT {
            Err(SheetFault::Format { found: format, known: FORMAT })
        } else if !is_zero(padding) {
            Err(SheetFault::Padding)
        } else {
            Ok(backup)
        })
    }
}

/// Makes a folder for a backup, which must be empty or not exist yet.
pub(crate) fn folder(path: &Path) -> Result<Directory, BackupError> {
    make_private_dir(path).map_err(EngineError::io(Action::Create, path))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    sync_path(parent).map_err(EngineError::io(Action::Sync, parent))?;
    let disk = Directory::new(path.to_path_buf());
    let names = disk.list("").map_err(EngineError::io(Action::List, path))?;
    match names.is_empty() {
        true => Ok(disk),
        false => Err(BackupError::NotEmpty { path: path.to_path_buf() }),
    }
}

/// Copies a live engine. `watch` is told how many bytes are written.
pub(crate) fn copy(
    engine: &dyn Engine,
    identity: Identity,
    disk: &dyn Disk,
    watch: &mut dyn FnMut(u64),
) -> Result<Backup, BackupError> {
    let mut copying = Copying::begin(engine, identity, disk, SNAPSHOT)?;
    loop {
        match copying.step(engine, SLICE)? {
            Step::More(more) => copying = *more,
            Step::Done { seal, bytes } => return finish(disk, Backup::new(identity, seal, bytes)),
        }
        watch(copying.size());
    }
}

/// Writes a backup of what was read from files.
pub(crate) fn write(
    state: Snapshot,
    disk: &dyn Disk,
    watch: &mut dyn FnMut(u64),
) -> Result<Backup, BackupError> {
    let identity = state.head().identity;
    let (seal, bytes) = rewrite(state, identity, disk, SNAPSHOT, watch)?;
    finish(disk, Backup::new(identity, seal, bytes))
}

/// The manifest comes last: without it there is no backup.
fn finish(disk: &dyn Disk, backup: Backup) -> Result<Backup, BackupError> {
    disk.sync_dir("").map_err(EngineError::io(Action::Sync, disk.path("")))?;
    replace(disk, MANIFEST, &backup.encode())?;
    Ok(backup)
}

/// Reads a backup from its first byte to its last.
pub(crate) fn verify(
    disk: &dyn Disk,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<(Backup, Snapshot), BackupError> {
    let path = disk.path(MANIFEST);
    let file = match disk.open(MANIFEST) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(BackupError::Missing { path: disk.path("") });
        }
        Err(error) => return Err(EngineError::io(Action::Open, path)(error).into()),
    };
    let bytes = file.read(0, SIZE.saturating_add(1)).map_err(EngineError::io(Action::Read, &path))?;
    let backup = Backup::decode(&bytes).map_err(|source| BackupError::Manifest { file: path, source })?;
    let file = disk.path(SNAPSHOT);
    let snapshot = Snapshot::verify(disk, SNAPSHOT, watch).map_err(|unusable| match unusable {
        Unusable::Disk(error) => error.into(),
        Unusable::Fault(source) => BackupError::Snapshot { file: file.clone(), source },
    })?;
    if Backup::new(snapshot.head().identity, snapshot.seal, snapshot.bytes()) != backup {
        return Err(BackupError::Mixed { file });
    }
    Ok((backup, snapshot))
}

/// Reads what the files of a store say, up to `until`: of one that is open somewhere, too. Commits that
/// are being written just then may be there or not.
pub(crate) fn read_files(
    disk: &Arc<dyn Disk>,
    until: Option<Revision>,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Snapshot, BackupError> {
    let mut looks = 1;
    loop {
        match read_files_once(disk, until, watch) {
            // Something was written, renamed or removed between two looks.
            Err(BackupError::Open(_) | BackupError::Engine(_)) if looks < LOOKS => {
                looks = looks.saturating_add(1);
            }
            read => return read,
        }
    }
}

fn read_files_once(
    disk: &Arc<dyn Disk>,
    until: Option<Revision>,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Snapshot, BackupError> {
    let identity = load_manifest(disk.as_ref())?.identity;
    let mut shelf = Shelf::look(disk.as_ref(), identity)?;
    let survey = journal::survey(disk, identity)?;
    survey.check_followed()?;
    // Read after the journal was listed: what is trimmed meanwhile is missing, and everything is read again.
    let (checkpoint, _) = load_checkpoint(disk.as_ref(), identity)?;
    let needed = whole_from(disk.as_ref(), survey.first(), checkpoint, &shelf)?;
    let until = until.unwrap_or(survey.last().0);
    let newest = until.min(survey.last().0);
    let base = shelf.newest(disk.as_ref(), needed..=newest, watch)?;
    let base = match base {
        Some(base) => base,
        None if needed == Revision::ZERO => Snapshot::empty(identity),
        None => {
            let oldest = survey.first().1;
            return Err(OpenError::NothingToBeginFrom { path: disk.path(""), oldest }.into());
        }
    };
    go_on(base, survey, until, watch)
}

/// Lays the commits of a journal over what comes before it.
fn go_on(
    mut base: Snapshot,
    survey: journal::Survey,
    until: Revision,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Snapshot, BackupError> {
    let begins = base.seal.revision;
    let total = survey.bytes_after(begins);
    let (last, _) = survey.last();
    let first = survey.first().1;
    if until < begins || until > last.max(begins) || begins.next().is_none_or(|next| next < first) {
        return Err(BackupError::OutOfReach { asked: until, first: begins, last: last.max(begins) });
    }
    survey.replay(begins, |change, done| {
        if change.revision <= until {
            base.amend(&change);
        }
        watch(done, total);
        Ok(())
    })?;
    Ok(base)
}

/// Reads a backup and the journal that goes on from it.
fn gather(
    backup: &dyn Disk,
    further: Option<&Arc<dyn Disk>>,
    until: Option<Revision>,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<(Backup, Snapshot), BackupError> {
    let (backup, snapshot) = verify(backup, watch)?;
    let Some(disk) = further else {
        return match until {
            Some(asked) if asked != backup.revision => {
                let (first, last) = (backup.revision, backup.revision);
                Err(BackupError::OutOfReach { asked, first, last })
            }
            Some(_) | None => Ok((backup, snapshot)),
        };
    };
    let survey = match journal::survey(disk, backup.identity) {
        Err(OpenError::SegmentHeader { source: journal::HeaderFault::Identity, .. }) => {
            return Err(BackupError::OtherJournal { path: disk.path("journal") });
        }
        survey => survey?,
    };
    if until.is_none() {
        // All there is was asked for, and some is missing.
        survey.check_followed()?;
    }
    let until = until.unwrap_or(survey.last().0.max(backup.revision));
    Ok((backup, go_on(snapshot, survey, until, watch)?))
}

/// Writes what `state` holds as a snapshot of `identity`.
fn rewrite(
    state: Snapshot,
    identity: Identity,
    disk: &dyn Disk,
    name: &str,
    watch: &mut dyn FnMut(u64),
) -> Result<(Seal, u64), BackupError> {
    let (begun, begun_at) = (state.seal.revision, state.seal.time);
    let failed = || EngineError::io(Action::Write, disk.path(name));
    let mut maker = Maker::begin(disk, name, Head::new(identity, (begun, begun_at))).map_err(failed())?;
    let mut each = |entry: Entry| {
        maker.entry(entry).map_err(failed())?;
        watch(maker.size());
        Ok(())
    };
    state.each(|entry| each(entry).map_err(Unusable::Disk)).map_err(|unusable| match unusable {
        Unusable::Disk(error) => error,
        Unusable::Fault(source) => EngineError::Snapshot { source },
    })?;
    Ok(maker.finish((begun, begun_at)).map_err(failed())?)
}

/// Makes a store on `disk` from a backup. The manifest comes last: without it there is no store.
pub(crate) fn restore_on(
    disk: &Arc<dyn Disk>,
    from: &dyn Disk,
    further: Option<&Arc<dyn Disk>>,
    restore: &Restore,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Backup, BackupError> {
    let (backup, state) = gather(from, further, restore.until, watch)?;
    let before = backup.identity.epoch;
    let epoch = restore.epoch.unwrap_or_else(|| before.saturating_add(1));
    if epoch <= before || epoch > EPOCH_MAX {
        return Err(BackupError::Epoch { asked: epoch, before });
    }
    let identity = Identity { store: restore.store.unwrap_or(backup.identity.store), epoch };
    if Sheet::load(disk.as_ref(), Kind::Manifest)?.is_some() {
        return Err(BackupError::NotEmpty { path: disk.path("") });
    }
    shelf::make(disk.as_ref())?;
    let (seal, bytes) =
        rewrite(state, identity, disk.as_ref(), shelf::UNFINISHED, &mut |done| watch(done, backup.bytes))?;
    let base = (seal.revision, seal.time);
    let (revision, time) = base;
    Shelf::default().add(disk.as_ref(), Shelved { revision, time, bytes })?;
    let options = restore.options;
    journal::begin(disk, identity, settings(options), base)?;
    let numbers = [options.segment_size, 0, 0];
    Sheet { kind: Kind::Manifest, identity, numbers }.save(disk.as_ref())?;
    Ok(Backup::new(identity, seal, bytes))
}

/// Makes a store in `path`, which must be empty or not exist, from the backup in `from`. Says what the
/// new store holds; it is not opened.
///
/// Everything is read and checked before anything is written, and what is written is not a store until
/// all of it is durable.
///
/// # Errors
///
/// When the backup is damaged, the revision cannot be had, there is something in `path`, or writing fails.
pub fn restore(
    path: &Path,
    from: &Path,
    restore: &Restore,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Backup, BackupError> {
    let backup = Directory::read_only(from.to_path_buf());
    let further: Option<Arc<dyn Disk>> = match &restore.journal {
        Some(journal) => Some(Arc::new(Directory::read_only(journal.clone()))),
        None => None,
    };
    let empty = match std::fs::read_dir(path) {
        Ok(mut names) => names.next().is_none(),
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(EngineError::io(Action::List, path)(error).into()),
    };
    if !empty {
        return Err(BackupError::NotEmpty { path: path.to_path_buf() });
    }
    // Built beside, and given its name when it is done: what is there under the name is always whole.
    let mut beside = path.as_os_str().to_owned();
    beside.push(".restoring");
    let beside = PathBuf::from(beside);
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(EngineError::io(Action::Remove, &beside))?;
    }
    make_private_dir(&beside).map_err(EngineError::io(Action::Create, &beside))?;
    let disk: Arc<dyn Disk> = Arc::new(Directory::new(beside.clone()));
    let made = restore_on(&disk, &backup, further.as_ref(), restore, watch);
    let made = made.and_then(|made| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        std::fs::rename(&beside, path).map_err(EngineError::io(Action::Rename, path))?;
        sync_path(parent).map_err(EngineError::io(Action::Sync, parent))?;
        Ok(made)
    });
    if made.is_err() {
        let _removed_or_not = std::fs::remove_dir_all(&beside);
    }
    made
}

/// Copies the files of the store in `path`, open or not, to a backup in `to`, which must be empty or not
/// exist.
///
/// # Errors
///
/// When there is something in `to`, the files cannot be read, or writing fails.
pub fn backup_files(path: &Path, to: &Path, watch: &mut dyn FnMut(u64, u64)) -> Result<Backup, BackupError> {
    let disk: Arc<dyn Disk> = Arc::new(Directory::read_only(path.to_path_buf()));
    let state = read_files(&disk, None, watch)?;
    let folder = folder(to)?;
    write(state, &folder, &mut |done| watch(done, done))
}

/// Reads the backup in `path` from its first byte to its last, and says what it holds.
///
/// # Errors
///
/// When it is missing or damaged.
pub fn verify_backup(path: &Path, watch: &mut dyn FnMut(u64, u64)) -> Result<Backup, BackupError> {
    Ok(verify(&Directory::read_only(path.to_path_buf()), watch)?.0)
}

/// Holds what `state` says in memory, without its history.
pub(crate) fn in_memory(state: Snapshot) -> Result<Memory, EngineError> {
    let (revision, time) = (state.seal.revision, state.seal.time);
    let mut map = Map::new();
    let read = state.each(|entry| {
        map.insert(entry.key, (entry.revision, entry.value));
        Ok(())
    });
    read.map_err(|unusable: Unusable| match unusable {
        Unusable::Disk(error) => error,
        Unusable::Fault(source) => EngineError::Snapshot { source },
    })?;
    Ok(Memory::of(map, revision, time))
}

/// Takes a backup into memory.
pub(crate) fn import(path: &Path) -> Result<Memory, BackupError> {
    let (_, state) = verify(&Directory::read_only(path.to_path_buf()), &mut |_, _| {})?;
    Ok(in_memory(state)?)
}
