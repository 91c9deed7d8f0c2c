//! sled as an index that may be lost. Every call into it is guarded: it can fail, lie or panic, and
//! what it then says is an [`IndexFault`], never a type of its own.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use fleet::Revision;

use super::table::{Held, Slot};
use crate::engine::disk::{make_private_dir, sync_path};
use crate::engine::input::Input;
use crate::engine::journal::Identity;
use crate::engine::{IndexFault, KeyRange, Order, StoreId};

/// Under this key stands whose index it is and how far it goes. All others begin with [`DATA`].
const META: [u8; 1] = [0];
const DATA: u8 = 1;
/// Its presence says that the index was caught being wrong, and is to be rebuilt.
const SUSPECT: &str = "SUSPECT";

/// How long to wait between two looks at whether sled has let go, and how often to look.
const LET_GO_PAUSE: Duration = Duration::from_millis(2);
const LET_GO_LOOKS: u32 = 5000;

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    /// Only ever `None` while being dropped.
    db: Option<sled::Db>,
    directory: PathBuf,
    identity: Identity,
}

/// Why an index that is there cannot be used.
#[derive(Clone, Debug)]
pub(crate) enum Unusable {
    Missing,
    Suspect,
    Foreign,
    Fault(IndexFault),
}

impl Index {
    /// Makes an index that holds nothing.
    pub(crate) fn create(directory: &Path, identity: Identity, cache: u64) -> Result<Self, IndexFault> {
        make_private_dir(directory).map_err(io_fault)?;
        let index = Self { db: Some(open_sled(directory, cache)?), directory: directory.into(), identity };
        index.apply(&[], Some(Revision::ZERO))?;
        // What it says of itself is on disk before anything relies on it: a process that is killed
        // before the first checkpoint leaves an index that is behind, not one that is nobody's.
        index.flush()?;
        Ok(index)
    }

    /// Opens an index, and says which commits it holds: all up to a revision.
    pub(crate) fn open(
        directory: &Path,
        identity: Identity,
        cache: u64,
    ) -> Result<(Self, Revision), Unusable> {
        if !directory.is_dir() {
            return Err(Unusable::Missing);
        }
        if directory.join(SUSPECT).exists() {
            return Err(Unusable::Suspect);
        }
        let open = || {
            wait_until_free(directory)?;
            remove_unfinished(directory).map_err(io_fault)?;
            let index =
                Self { db: Some(open_sled(directory, cache)?), directory: directory.into(), identity };
            let meta = index.guarded(|db| db.get(META))?.ok_or(IndexFault::NoMeta)?;
            let (owner, applied) = decode_meta(&meta).ok_or(IndexFault::NoMeta)?;
            Ok((index, owner, applied))
        };
        let (index, owner, applied) = open().map_err(Unusable::Fault)?;
        if owner == identity { Ok((index, applied)) } else { Err(Unusable::Foreign) }
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Held>, IndexFault> {
        match self.guarded(|db| db.get(data_key(key)))? {
            Some(bytes) => decode_value(key, &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// The first `limit` entries of `range` in `order`, none of them empty.
    pub(crate) fn fetch(
        &self,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Slot>, IndexFault> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let start = data_key(&range.start);
        let end = range.end.as_ref().map_or_else(|| vec![DATA.saturating_add(1)], |end| data_key(end));
        let found = self.guarded(|db| {
            let found = db.range(start..end);
            // Collecting stops at the first error; the iterator itself would repeat it for ever.
            match order {
                Order::Ascending => found.take(limit).collect::<Result<Vec<_>, _>>(),
                Order::Descending => found.rev().take(limit).collect(),
            }
        })?;
        found
            .into_iter()
            .map(|(key, bytes)| {
                let key = key.get(1..).unwrap_or_default().to_vec();
                let held = Some(decode_value(&key, &bytes)?);
                Ok(Slot { key, held })
            })
            .collect()
    }

    /// Moves `slots` in, all or none of them. With `applied`, it says from then on that it holds the
    /// commits up to there.
    pub(crate) fn apply(&self, slots: &[Slot], applied: Option<Revision>) -> Result<(), IndexFault> {
        let mut batch = sled::Batch::default();
        for slot in slots {
            match &slot.held {
                Some(held) => batch.insert(data_key(&slot.key), encode_value(held)),
                None => batch.remove(data_key(&slot.key)),
            }
        }
        if let Some(applied) = applied {
            batch.insert(&META, encode_meta(self.identity, applied));
        }
        self.guarded(|db| db.apply_batch(batch))
    }

    /// Makes what was moved in durable. sled's own flush does not: it ends in `sync_file_range`.
    pub(crate) fn flush(&self) -> Result<(), IndexFault> {
        self.guarded(|db| db.flush())?;
        sync_tree(&self.directory).map_err(io_fault)
    }

    /// Leaves a note for the next open that this index is not to be trusted: it was caught being
    /// wrong, or a write or sync of it failed and nothing is known of it any more. When the note
    /// cannot be left either, the fault will be met again.
    pub(crate) fn suspect(&self) {
        let note = self.directory.join(SUSPECT);
        let _left_or_not = File::create(note).and_then(|note| note.sync_all());
    }

    fn guarded<T>(&self, call: impl FnOnce(&sled::Db) -> Result<T, sled::Error>) -> Result<T, IndexFault> {
        let db = self.db.as_ref().ok_or(IndexFault::Panicked)?;
        guarded(|| call(db))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let db = self.db.take();
        // sled unwraps an fsync when it is dropped.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(db)));
        if dropped.is_ok() {
            // While this store's own lock is still held: whoever takes it next shall find the index free.
            let _free_or_not = wait_until_free(&self.directory);
        }
    }
}

/// Moves an index out of the way, keeping it for whoever wants to know what happened.
pub(crate) fn move_aside(store: &Path, directory: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let aside = store.join(format!("index.damaged-{number}"));
        if !aside.exists() {
            fs::rename(directory, &aside)?;
            sync_path(store)?;
            return Ok(aside);
        }
        number = number.checked_add(1).ok_or(io::ErrorKind::AlreadyExists)?;
    }
}

fn open_sled(directory: &Path, cache: u64) -> Result<sled::Db, IndexFault> {
    let config = sled::Config::new()
        .path(directory)
        .cache_capacity(cache)
        .mode(sled::Mode::HighThroughput)
        // Its own flusher would only log what it fails to do.
        .flush_every_ms(None);
    guarded(|| config.open())
}

fn guarded<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, IndexFault> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) => Err(io_fault(error)),
        Ok(Err(sled::Error::Corruption { .. })) => Err(IndexFault::Corrupt),
        Ok(Err(
            error @ (sled::Error::Unsupported(_)
            | sled::Error::ReportableBug(_)
            | sled::Error::CollectionNotFound(_)),
        )) => Err(IndexFault::Said { said: error.to_string() }),
        Err(_) => Err(IndexFault::Panicked),
    }
}

fn io_fault(error: io::Error) -> IndexFault {
    IndexFault::Io(Arc::new(error))
}

/// Waits for sled to let go of its lock. Its threads may hold on to it for a moment after it was
/// dropped; to take that for damage would be to rebuild a good index.
pub(crate) fn wait_until_free(directory: &Path) -> Result<(), IndexFault> {
    look_until_free(directory, || thread::sleep(LET_GO_PAUSE))
}

fn look_until_free(directory: &Path, mut pause: impl FnMut()) -> Result<(), IndexFault> {
    let file = match File::open(directory.join("db")) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_fault(error)),
    };
    for _ in 0..LET_GO_LOOKS {
        match file.try_lock() {
            // It is let go again when the file is closed.
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => pause(),
            Err(TryLockError::Error(error)) => return Err(io_fault(error)),
        }
    }
    Err(IndexFault::Held)
}

/// sled refuses to open when it was stopped while it wrote a snapshot; the unfinished one is junk.
fn remove_unfinished(directory: &Path) -> io::Result<()> {
    for item in fs::read_dir(directory)? {
        let path = item?.path();
        if path.extension().is_some_and(|extension| extension == "generating") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Makes every file below `directory` durable, and their names.
fn sync_tree(directory: &Path) -> io::Result<()> {
    for item in fs::read_dir(directory)? {
        let path = item?.path();
        if path.is_dir() { sync_tree(&path)? } else { sync_path(&path)? }
    }
    sync_path(directory)
}

fn data_key(key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len().saturating_add(1));
    bytes.push(DATA);
    bytes.extend_from_slice(key);
    bytes
}

fn encode_value(held: &Held) -> Vec<u8> {
    let mut bytes = held.revision.number().to_be_bytes().to_vec();
    bytes.extend_from_slice(&held.value);
    bytes
}

fn decode_value(key: &[u8], bytes: &[u8]) -> Result<Held, IndexFault> {
    let mut input = Input::new(bytes);
    match input.u64() {
        Some(revision) => Ok(Held { revision: Revision::new(revision), value: input.rest().to_vec() }),
        None => Err(IndexFault::Value { key: key.to_vec(), size: bytes.len() }),
    }
}

/// Store, epoch, revision, checksum.
fn encode_meta(identity: Identity, applied: Revision) -> Vec<u8> {
    let mut bytes = identity.store.0.to_vec();
    bytes.extend_from_slice(&identity.epoch.to_be_bytes());
    bytes.extend_from_slice(&applied.number().to_be_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

fn decode_meta(bytes: &[u8]) -> Option<(Identity, Revision)> {
    let mut input = Input::new(bytes);
    let store = StoreId(input.array()?);
    let epoch = input.u32()?;
    let applied = Revision::new(input.u64()?);
    let identity = Identity { store, epoch };
    (encode_meta(identity, applied) == bytes).then_some((identity, applied))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_is_not_let_go_at_once_is_waited_for() {
        // sled's threads outlive it by a moment.
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("db"), b"").unwrap();
        let mut held = Some(File::open(folder.path().join("db")).unwrap());
        held.as_ref().unwrap().lock().unwrap();
        let mut pauses = 0;
        let let_go_at_the_third = || {
            pauses += 1;
            if pauses == 3 {
                held = None;
            }
        };
        look_until_free(folder.path(), let_go_at_the_third).unwrap();
        assert_eq!(pauses, 3);
    }

    #[test]
    fn an_index_that_is_never_let_go_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("db"), b"").unwrap();
        let held = File::open(folder.path().join("db")).unwrap();
        held.lock().unwrap();
        assert!(matches!(look_until_free(folder.path(), || {}), Err(IndexFault::Held)));
    }
}
