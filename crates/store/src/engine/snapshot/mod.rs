//! A snapshot: one file that holds the whole key space at one revision. A store begins from it when
//! the journal no longer reaches back to the beginning; a backup is one, with a manifest.
//!
//! ```text
//! header · entries, in order · changes made while they were copied · end, with a digest of it all
//! ```
//!
//! It is written from a live store in slices, each read at a revision of its own, so that nobody
//! waits and nothing is kept for it. What was committed meanwhile follows the entries; laid over
//! them it gives the key space at exactly the revision that the end names.
//! `docs/storage-format.md` describes every byte.

mod copy;
mod read;
mod state;
mod write;

use fleet::{Revision, Time};
use thiserror::Error;

pub(crate) use copy::{CopyError, Copying, Step};
pub(crate) use read::{Snapshot, Unusable, peek};
pub use state::Digest;
pub(crate) use state::Digester;
pub(crate) use write::Maker;

use super::StoreId;
use super::compressed::expand;
use super::input::Input;
use super::journal::Identity;

/// The first bytes of every snapshot.
const MAGIC: [u8; 8] = *b"HATCHSNP";
/// The last bytes of every snapshot.
const END: [u8; 8] = *b"HATCHEND";
/// The format described in `docs/storage-format.md`.
const FORMAT: u32 = 2;
/// The last in which chunks were not compressed. It is read, and written no more.
const PLAIN: u32 = 1;
const HEADER: usize = 64;
const HEADER_PADDING: usize = 12;
/// What stands before the body of a chunk.
const CHUNK_HEADER: usize = 16;
/// The body of the last chunk.
const END_BODY: usize = 80;
/// How many bytes a chunk is filled with before the next is begun.
const CHUNK: usize = if cfg!(test) { 256 } else { 64 * 1024 };
/// No chunk is longer: one change may take as much as a frame.
const CHUNK_MAX: usize = super::FRAME_MAX.saturating_add(2 * CHUNK);

const ENTRIES: u8 = 1;
const CHANGES: u8 = 2;
const LAST: u8 = 3;

/// What is wrong with a snapshot.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SnapshotFault {
    /// It is shorter than the shortest snapshot.
    #[error("it is too short to be a snapshot")]
    Short,
    /// It is something else.
    #[error("it begins with something else")]
    Magic,
    /// The checksum of its header is wrong.
    #[error("checksum {found:08x} instead of {expected:08x}")]
    Header {
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
    /// It belongs to another store, or to another life of this one.
    #[error("it belongs to another store")]
    Identity,
    /// Something stands where nothing should.
    #[error("something stands where nothing should")]
    Padding,
    /// A chunk is not what was written.
    #[error("damaged at byte {offset}")]
    Chunk {
        /// Where it begins.
        offset: u64,
    },
    /// Keys or revisions do not rise.
    #[error("out of order at byte {offset}")]
    Order {
        /// In which chunk.
        offset: u64,
    },
    /// It has no end: it was never finished, or was cut off.
    #[error("it has no end")]
    Unfinished,
    /// Its end speaks of other contents.
    #[error("its end speaks of other contents")]
    Contents,
    /// It is of another revision than its name, or what names it, says.
    #[error("it holds revision {found} instead of {expected}")]
    Revision {
        /// The one that was to be there.
        expected: Revision,
        /// The one found.
        found: Revision,
    },
}

/// The beginning of a snapshot: whose it is, and after which commit the copying began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Head {
    format: u32,
    pub(crate) identity: Identity,
    pub(crate) begun: Revision,
    pub(crate) begun_at: Time,
}

impl Head {
    pub(crate) const fn new(identity: Identity, (begun, begun_at): (Revision, Time)) -> Self {
        Self { format: FORMAT, identity, begun, begun_at }
    }

    /// What is in a chunk of this `kind`, whose body this is.
    fn contents(&self, kind: u8, body: &[u8]) -> Option<Vec<u8>> {
        if self.format == PLAIN || kind == LAST { Some(body.to_vec()) } else { expand(body, CHUNK_MAX) }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.format.to_be_bytes());
        bytes.extend_from_slice(&self.identity.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.identity.store.0);
        bytes.extend_from_slice(&self.begun.number().to_be_bytes());
        bytes.extend_from_slice(&self.begun_at.millis().to_be_bytes());
        bytes.extend_from_slice(&[0; HEADER_PADDING]);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Self, SnapshotFault> {
        Self::fields(bytes).ok_or(SnapshotFault::Short)?
    }

    fn fields(bytes: &[u8]) -> Option<Result<Self, SnapshotFault>> {
        let mut input = Input::new(bytes.first_chunk::<HEADER>()?);
        let magic = input.array::<8>()?;
        let format = input.u32()?;
        let epoch = input.u32()?;
        let store = StoreId(input.array()?);
        let begun = Revision::new(input.u64()?);
        let begun_at = Time::from_millis(input.u64()?);
        let padding = input.slice(HEADER_PADDING)?;
        let found = input.u32()?;
        let expected = crc32fast::hash(bytes.get(..HEADER.checked_sub(4)?)?);
        Some(if magic != MAGIC {
            Err(SnapshotFault::Magic)
        } else if found != expected {
            Err(SnapshotFault::Header { expected, found })
        } else if !(PLAIN..=FORMAT).contains(&format) {
            Err(SnapshotFault::Format { found: format, known: FORMAT })
        } else if !super::input::is_zero(padding) {
            Err(SnapshotFault::Padding)
        } else {
            Ok(Self { format, identity: Identity { store, epoch }, begun, begun_at })
        })
    }

    /// What the checksums of the chunks begin with.
    fn seed(&self) -> u32 {
        crc32fast::hash(&self.encode())
    }
}

/// The end of a snapshot: what it amounts to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seal {
    /// The revision it holds.
    pub revision: Revision,
    /// The time of that commit.
    pub time: Time,
    /// How many chunks there are before the end.
    pub(crate) chunks: u64,
    /// How many entries were copied.
    pub(crate) entries: u64,
    /// How many commits were made meanwhile.
    pub(crate) changes: u64,
    /// Of every byte before the end.
    pub(crate) digest: Digest,
}

impl Seal {
    fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(END_BODY);
        let numbers = [self.revision.number(), self.time.millis(), self.chunks, self.entries, self.changes];
        for number in numbers {
            body.extend_from_slice(&number.to_be_bytes());
        }
        body.extend_from_slice(&self.digest.0);
        body.extend_from_slice(&END);
        body
    }

    fn decode(body: &[u8]) -> Option<Self> {
        let mut input = Input::new(body);
        let seal = Self {
            revision: Revision::new(input.u64()?),
            time: Time::from_millis(input.u64()?),
            chunks: input.u64()?,
            entries: input.u64()?,
            changes: input.u64()?,
            digest: Digest(input.array()?),
        };
        (input.array()? == END && input.rest().is_empty()).then_some(seal)
    }
}

/// A chunk on its way to the file, or out of it.
fn checksum(seed: u32, number: u64, length: [u8; 4], rest: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(seed);
    hasher.update(&number.to_be_bytes());
    hasher.update(&length);
    hasher.update(rest);
    hasher.finalize()
}
