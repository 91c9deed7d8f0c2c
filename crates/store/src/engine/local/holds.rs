//! Readers of the feed that registered: up to where each has read. History after that is kept for it.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use fleet::Revision;

use super::sheet::{FORMAT, SheetFault, replace};
use crate::engine::disk::Disk;
use crate::engine::input::Input;
use crate::engine::journal::Identity;
use crate::engine::{Action, EngineError, StoreId};

const FILE: &str = "HOLDS";
const MAGIC: [u8; 8] = *b"HATCHHLD";
/// How many readers may be registered.
pub const HOLDS_MAX: usize = 64;
/// How many bytes the name of one may have.
pub const HOLD_NAME_MAX: usize = 64;
/// No file is longer.
const SIZE_MAX: usize = 36 + HOLDS_MAX * (HOLD_NAME_MAX + 9) + 4;

/// The readers, by name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Holds {
    pub(crate) readers: BTreeMap<String, Revision>,
}

impl Holds {
    /// Up to where everybody has read.
    pub(crate) fn floor(&self) -> Option<Revision> {
        self.readers.values().min().copied()
    }

    /// Reads them. What cannot be read holds everything.
    pub(crate) fn load(disk: &dyn Disk, identity: Identity) -> Result<Result<Self, SheetFault>, EngineError> {
        let path = disk.path(FILE);
        let file = match disk.open(FILE) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ok(Self::default())),
            Err(error) => return Err(EngineError::io(Action::Open, path)(error)),
        };
        let bytes = file.read(0, SIZE_MAX.saturating_add(1)).map_err(EngineError::io(Action::Read, path))?;
        Ok(Self::decode(&bytes, identity))
    }

    pub(crate) fn save(&self, disk: &dyn Disk, identity: Identity) -> Result<(), EngineError> {
        replace(disk, FILE, &self.encode(identity))
    }

    fn encode(&self, identity: Identity) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&identity.epoch.to_be_bytes());
        bytes.extend_from_slice(&identity.store.0);
        bytes.extend_from_slice(&u32::try_from(self.readers.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (name, revision) in &self.readers {
            bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&revision.number().to_be_bytes());
        }
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8], identity: Identity) -> Result<Self, SheetFault> {
        let size = SheetFault::Size { found: bytes.len(), expected: SIZE_MAX };
        let (body, found) = bytes.split_last_chunk::<4>().ok_or(size)?;
        let (expected, found) = (crc32fast::hash(body), u32::from_be_bytes(*found));
        if !body.starts_with(&MAGIC) {
            return Err(SheetFault::Magic);
        }
        if expected != found {
            return Err(SheetFault::Checksum { expected, found });
        }
        Self::fields(body, identity).ok_or(size)?
    }

    fn fields(body: &[u8], identity: Identity) -> Option<Result<Self, SheetFault>> {
        let mut input = Input::new(body);
        let _magic = input.array::<8>()?;
        let format = input.u32()?;
        if format != FORMAT {
            return Some(Err(SheetFault::Format { found: format, known: FORMAT }));
        }
        let epoch = input.u32()?;
        let owner = Identity { store: StoreId(input.array()?), epoch };
        let mut holds = Self::default();
        for _ in 0..input.u32()? {
            let length = usize::from(input.u8()?);
            let name = String::from_utf8(input.slice(length)?.to_vec()).ok()?;
            holds.readers.insert(name, Revision::new(input.u64()?));
        }
        if !input.rest().is_empty() {
            return Some(Err(SheetFault::Padding));
        }
        // Left from another life, they say nothing of this one.
        Some(Ok(if owner == identity { holds } else { Self::default() }))
    }
}
