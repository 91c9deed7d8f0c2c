//! Ways in for proofs and fuzz targets, behind the feature `inside`: a store over any engine, and the readers of
//! everything that is on disk, given bytes. What users call reads files, and a fuzzer has no time for that.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use fleet::{Record, Revision};

use crate::codec::{self, DecodeError, EncodeError, ReadError};
use crate::engine::backup::{self, Backup, BackupError};
use crate::engine::disk::{Disk, DiskFile};
use crate::engine::journal::Identity;
use crate::engine::local::SheetFault;
use crate::engine::local::holds::Holds;
use crate::engine::local::sheet::{Kind, Sheet};
use crate::engine::snapshot::{Snapshot, Unusable};
use crate::engine::{Engine, Entry, Writes};
use crate::error::StoreError;
use crate::store::{Options, Store};

/// A store over an engine that is open.
///
/// # Errors
/// When it cannot be read.
pub fn over(engine: Box<dyn Engine>, options: Options) -> Result<Store, StoreError> {
    Store::over(engine, options)
}

/// What a store stands on.
#[must_use]
pub fn engine(store: &Store) -> &dyn Engine {
    store.engine.as_ref()
}

/// What a store stood on.
#[must_use]
pub fn into_engine(store: Store) -> Box<dyn Engine> {
    store.engine
}

/// The record that stands under `key`, with `part` to ask for its further parts.
///
/// # Errors
/// When it is none.
pub fn record(
    key: &[u8],
    head: &[u8],
    mut part: impl FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Result<Record, DecodeError> {
    codec::decode(key, head, |key| Ok::<_, DecodeError>(part(key))).map_err(|error| match error {
        ReadError::Part(source) | ReadError::Record(source) => source,
    })
}

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The keys and values that a record is stored as.
///
/// # Errors
/// When it is too long.
pub fn pairs(record: &Record) -> Result<Vec<Pair>, EncodeError> {
    let mut writes = Writes::default();
    codec::encode(&record.key(), record, &mut writes)?;
    Ok(writes.iter().map(|write| (write.key.to_vec(), write.value.unwrap_or_default().to_vec())).collect())
}

/// What a snapshot of these bytes holds, and at which revision.
///
/// # Errors
/// When it is not whole; what is wrong with it, in words.
pub fn snapshot(bytes: &[u8]) -> Result<(Revision, Vec<Entry>), String> {
    let disk = Bytes(BTreeMap::from([("snapshot", bytes.to_vec())]));
    let told = |unusable: Unusable| unusable.to_string();
    let snapshot = Snapshot::verify(&disk, "snapshot", &mut |_, _| {}).map_err(told)?;
    let revision = snapshot.seal.revision;
    let mut entries = Vec::new();
    let taken = snapshot.each(|entry| {
        entries.push(entry);
        Ok::<_, Unusable>(())
    });
    taken.map_err(told)?;
    Ok((revision, entries))
}

/// The backup that these two files are.
///
/// # Errors
/// When they are none.
pub fn backup(manifest: &[u8], snapshot: &[u8]) -> Result<Backup, BackupError> {
    let disk = Bytes(BTreeMap::from([("BACKUP", manifest.to_vec()), ("snapshot", snapshot.to_vec())]));
    backup::verify(&disk, &mut |_, _| {}).map(|(backup, _)| backup)
}

/// What a manifest says: whose store it is, and its three numbers.
///
/// # Errors
/// When it is none.
pub fn manifest(bytes: &[u8]) -> Result<(Identity, [u64; 3]), SheetFault> {
    Sheet::decode(Kind::Manifest, bytes).map(|sheet| (sheet.identity, sheet.numbers))
}

/// What a checkpoint says: whose it is, and its three numbers.
///
/// # Errors
/// When it is none.
pub fn checkpoint(bytes: &[u8]) -> Result<(Identity, [u64; 3]), SheetFault> {
    Sheet::decode(Kind::Checkpoint, bytes).map(|sheet| (sheet.identity, sheet.numbers))
}

/// The bytes of a manifest or a checkpoint that says this.
#[must_use]
pub fn sheets(identity: Identity, numbers: [u64; 3]) -> [Vec<u8>; 2] {
    [Kind::Manifest, Kind::Checkpoint].map(|kind| Sheet { kind, identity, numbers }.encode())
}

/// The readers of the feed that are registered.
///
/// # Errors
/// When the file is none.
pub fn holds(bytes: &[u8], identity: Identity) -> Result<BTreeMap<String, Revision>, SheetFault> {
    let disk = Bytes(BTreeMap::from([("HOLDS", bytes.to_vec())]));
    // There is no disk that could fail.
    Holds::load(&disk, identity).unwrap_or_else(|_| Ok(Holds::default())).map(|holds| holds.readers)
}

/// A few files that can be read.
#[derive(Debug)]
struct Bytes(BTreeMap<&'static str, Vec<u8>>);

fn unsupported<T>() -> io::Result<T> {
    Err(ErrorKind::Unsupported.into())
}

impl Disk for Bytes {
    fn path(&self, name: &str) -> PathBuf {
        name.into()
    }

    fn create_dir(&self, _name: &str) -> io::Result<()> {
        unsupported()
    }

    fn create(&self, _name: &str) -> io::Result<Box<dyn DiskFile>> {
        unsupported()
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let bytes = self.0.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(OneFile(bytes.clone())))
    }

    fn rename(&self, _from: &str, _to: &str) -> io::Result<()> {
        unsupported()
    }

    fn remove(&self, _name: &str) -> io::Result<()> {
        unsupported()
    }

    fn list(&self, _directory: &str) -> io::Result<Vec<String>> {
        unsupported()
    }

    fn sync_dir(&self, _directory: &str) -> io::Result<()> {
        unsupported()
    }

    fn free(&self) -> io::Result<u64> {
        unsupported()
    }
}

#[derive(Debug)]
struct OneFile(Vec<u8>);

impl DiskFile for OneFile {
    fn size(&self) -> io::Result<u64> {
        u64::try_from(self.0.len()).map_err(|_| ErrorKind::InvalidInput.into())
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(self.0.get(from..).unwrap_or_default().iter().take(length).copied().collect())
    }

    fn write_at(&self, _offset: u64, _bytes: &[u8]) -> io::Result<()> {
        unsupported()
    }

    fn reserve(&self, _bytes: u64) -> io::Result<()> {
        unsupported()
    }

    fn sync_data(&self) -> io::Result<()> {
        unsupported()
    }

    fn is_named(&self, _name: &str) -> io::Result<bool> {
        unsupported()
    }
}
