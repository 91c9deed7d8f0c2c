//! `MANIFEST` and `CHECKPOINT`: 64 bytes each, replaced as a whole, of one shape.

use std::io::ErrorKind;

use thiserror::Error;

use crate::engine::disk::Disk;
use crate::engine::input::{Input, is_zero};
use crate::engine::journal::Identity;
use crate::engine::{Action, EPOCH_MAX, EngineError, StoreId};
use crate::planted::planted;

const SIZE: usize = 64;
const PADDING: usize = 4;
/// The format described in `docs/storage-format.md`.
pub(crate) const FORMAT: u32 = 1;

/// Which of the two it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Names the store. Its numbers: the size of a segment, 0 and 0.
    Manifest,
    /// What was durable when it was written. Its numbers: the last commit in the journal, the last
    /// one in the index, and the oldest segment that is kept.
    Checkpoint,
}

impl Kind {
    pub(crate) const fn file(self) -> &'static str {
        match self {
            Self::Manifest => "MANIFEST",
            Self::Checkpoint => "CHECKPOINT",
        }
    }

    const fn magic(self) -> [u8; 8] {
        match self {
            Self::Manifest => *b"HATCHERY",
            Self::Checkpoint => *b"HATCHCKP",
        }
    }
}

/// What is wrong with a manifest or a checkpoint.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SheetFault {
    /// It does not have the size every one has.
    #[error("it has {found} bytes instead of {expected}")]
    Size {
        /// Its size.
        found: usize,
        /// The right one.
        expected: usize,
    },
    /// It is something else.
    #[error("it begins with something else")]
    Magic,
    /// Its checksum is wrong.
    #[error("checksum {found:08x} instead of {expected:08x}")]
    Checksum {
        /// What the bytes give.
        expected: u32,
        /// What it says.
        found: u32,
    },
    /// Another version of this program wrote it.
    #[error("format {found}, this program knows {known}")]
    Format {
        /// The format found.
        found: u32,
        /// The newest one known.
        known: u32,
    },
    /// Something stands where nothing should.
    #[error("something stands where nothing should")]
    Padding,
    /// Its epoch is one that ids have no room for.
    #[error("epoch {found}; the last there can be is {max}")]
    Epoch {
        /// The epoch found.
        found: u32,
        /// The last there can be.
        max: u32,
    },
}

/// A manifest or a checkpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) kind: Kind,
    pub(crate) identity: Identity,
    pub(crate) numbers: [u64; 3],
}

impl Sheet {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIZE);
        bytes.extend_from_slice(&self.kind.magic());
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&self.identity.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.identity.store.0);
        for number in self.numbers {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&[0; PADDING]);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    pub(crate) fn decode(kind: Kind, bytes: &[u8]) -> Result<Self, SheetFault> {
        let size = SheetFault::Size { found: bytes.len(), expected: SIZE };
        let bytes: &[u8; SIZE] = bytes.try_into().map_err(|_| size)?;
        Self::fields(kind, bytes).ok_or(size)?
    }

    fn fields(kind: Kind, bytes: &[u8; SIZE]) -> Option<Result<Self, SheetFault>> {
        let mut input = Input::new(bytes);
        let magic = input.array::<8>()?;
        let format = input.u32()?;
        let epoch = input.u32()?;
        let store = StoreId(input.array()?);
        let numbers = [input.u64()?, input.u64()?, input.u64()?];
        let padding = input.slice(PADDING)?;
        let found = input.u32()?;
        let expected = crc32fast::hash(bytes.get(..SIZE.checked_sub(4)?)?);
        Some(if magic != kind.magic() {
            Err(SheetFault::Magic)
        } else if found != expected {
            Err(SheetFault::Checksum { expected, found })
        } else if format != FORMAT {
            Err(SheetFault::Format { found: format, known: FORMAT })
        } else if !is_zero(padding) {
            Err(SheetFault::Padding)
        } else if epoch > EPOCH_MAX {
            Err(SheetFault::Epoch { found: epoch, max: EPOCH_MAX })
        } else {
            Ok(Self { kind, identity: Identity { store, epoch }, numbers })
        })
    }

    /// Reads it; `None` when there is no such file.
    pub(crate) fn load(disk: &dyn Disk, kind: Kind) -> Result<Option<Result<Self, SheetFault>>, EngineError> {
        let path = disk.path(kind.file());
        let file = match disk.open(kind.file()) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EngineError::io(Action::Open, path)(error)),
        };
        // One byte more than there should be, to see when there is.
        let bytes = file.read(0, SIZE.saturating_add(1)).map_err(EngineError::io(Action::Read, path))?;
        Ok(Some(Self::decode(kind, &bytes)))
    }

    /// Puts it in the place of the one before, so that at every moment there is one of the two.
    pub(crate) fn save(&self, disk: &dyn Disk) -> Result<(), EngineError> {
        replace(disk, self.kind.file(), &self.encode())
    }
}

/// Gives the file `name`, in the store directory itself, other bytes; at every moment it has the old
/// ones or the new ones.
pub(crate) fn replace(disk: &dyn Disk, name: &str, bytes: &[u8]) -> Result<(), EngineError> {
    let new = format!("{name}.new");
    let path = disk.path(&new);
    match disk.remove(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(EngineError::io(Action::Remove, path)(error));
        }
        Ok(()) | Err(_) => {}
    }
    let file = disk.create(&new).map_err(EngineError::io(Action::Create, &path))?;
    file.write_at(0, bytes).map_err(EngineError::io(Action::Write, &path))?;
    if !planted!(SheetUnsynced) {
        file.sync_data().map_err(EngineError::io(Action::Sync, &path))?;
    }
    disk.rename(&new, name).map_err(EngineError::io(Action::Rename, &path))?;
    if planted!(SheetUnnamed) {
        return Ok(());
    }
    disk.sync_dir("").map_err(EngineError::io(Action::Sync, disk.path("")))
}
