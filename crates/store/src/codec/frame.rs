//! The bytes around a payload, and how a long one is cut into parts.
//!
//! ```text
//! head      version u8 · further parts u8 · chunk · crc32 u32
//! part n    version u8 · n u8             · chunk · crc32 u32
//! ```
//!
//! The crc32 of a head covers its key and everything before the crc32. That of a part goes on from
//! the crc32 of the pair before it, so that a part is read only behind the head it was written with.

use std::borrow::Cow;

use super::error::{DecodeError, EncodeError, ReadError};
use super::payload::{Payload, Stored};
use crate::engine::RECORD_MAX;
use crate::keys;

/// A key and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// How many bytes are around the chunk of a value, and how many of them are in front of it.
pub(super) const AROUND: usize = 6;
pub(super) const FRONT: usize = 2;

/// How long a payload may be.
pub(super) const PAYLOAD_MAX: usize = 64 * 1024;

/// What a record is stored as.
#[derive(Debug)]
pub(crate) struct Pairs {
    pub(crate) head: Pair,
    /// Nearly always none.
    pub(crate) parts: Vec<Pair>,
}

impl Pairs {
    /// The head, then the parts.
    pub(crate) fn into_vec(self) -> Vec<Pair> {
        core::iter::once(self.head).chain(self.parts).collect()
    }
}

/// The pairs that `payload` is stored as under `key`; no pair is longer than [`RECORD_MAX`].
pub(super) fn split(key: Vec<u8>, payload: Payload) -> Result<Pairs, EncodeError> {
    let bytes = payload.fields().len();
    if bytes > PAYLOAD_MAX {
        return Err(EncodeError::TooLong { bytes, limit: PAYLOAD_MAX });
    }
    if bytes <= room(&key) {
        let mut value = payload.into_value();
        let crc = checksum(&key, &value, 0);
        value.extend_from_slice(&crc.to_le_bytes());
        return Ok(Pairs { head: (key, value), parts: Vec::new() });
    }
    split_long(key, &payload)
}

fn split_long(key: Vec<u8>, payload: &Payload) -> Result<Pairs, EncodeError> {
    let too_long = EncodeError::TooLong { bytes: payload.fields().len(), limit: PAYLOAD_MAX };
    let (first, rest) = payload.fields().split_at(room(&key).min(payload.fields().len()));
    // Every key of a part is as long as every other.
    let chunks = rest.chunks(room(&keys::part(&key, 0)));
    let count = u8::try_from(chunks.len()).map_err(|_| too_long)?;

    let (head, mut crc) = seal(&key, [payload.version(), count], first, 0);
    let mut parts = Vec::with_capacity(chunks.len());
    for (number, chunk) in (1..=count).zip(chunks) {
        let key = keys::part(&key, number);
        let (value, sealed) = seal(&key, [payload.version(), number], chunk, crc);
        parts.push((key, value));
        crc = sealed;
    }
    Ok(Pairs { head: (key, head), parts })
}

/// How many further parts a head says there are.
pub(super) fn parts(head: &[u8]) -> Result<u8, DecodeError> {
    match head {
        [_, parts, rest @ ..] if rest.len() >= size_of::<u32>() => Ok(*parts),
        _ => Err(DecodeError::TooShort { bytes: head.len() }),
    }
}

/// What is stored under `key`, checked and put together.
pub(super) fn join<'h, E>(
    key: &[u8],
    head: &'h [u8],
    mut part: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, E>,
) -> Result<Stored<'h>, ReadError<E>> {
    let head = Opened::open(key, head, 0, 0)?;
    let (version, parts) = (head.version, head.number);
    let mut payload = Cow::Borrowed(head.chunk);
    let mut crc = head.crc;
    for number in 1..=parts {
        let key = keys::part(key, number);
        let value = part(&key).map_err(ReadError::Part)?;
        let value = value.ok_or(DecodeError::MissingPart { part: number, parts })?;
        let opened = Opened::open(&key, &value, number, crc)?;
        if (opened.version, opened.number) != (version, number) {
            let (found_version, found_part) = (opened.version, opened.number);
            Err(DecodeError::ForeignPart { part: number, version, found_part, found_version })?;
        }
        payload.to_mut().extend_from_slice(opened.chunk);
        crc = opened.crc;
        // A damaged head may ask for more than a record can have; stop before it is all in memory.
        if payload.len() > PAYLOAD_MAX {
            Err(DecodeError::TooLong { bytes: payload.len(), limit: PAYLOAD_MAX })?;
        }
    }
    Ok(Stored { version, payload })
}

/// A value whose checksum is right.
struct Opened<'v> {
    version: u8,
    number: u8,
    chunk: &'v [u8],
    crc: u32,
}

impl<'v> Opened<'v> {
    /// Opens the value of part `part`, written behind a pair with the checksum `before`.
    fn open(key: &[u8], value: &'v [u8], part: u8, before: u32) -> Result<Self, DecodeError> {
        let too_short = DecodeError::TooShort { bytes: value.len() };
        let Some((sealed, stored)) = value.split_last_chunk() else { return Err(too_short) };
        let [version, number, chunk @ ..] = sealed else { return Err(too_short) };
        let (stored, computed) = (u32::from_le_bytes(*stored), checksum(key, sealed, before));
        if stored != computed {
            return Err(DecodeError::Checksum { part, stored, computed });
        }
        Ok(Self { version: *version, number: *number, chunk, crc: stored })
    }
}

/// A value, and the checksum at its end.
fn seal(key: &[u8], front: [u8; 2], chunk: &[u8], before: u32) -> (Vec<u8>, u32) {
    let mut value = [&front, chunk].concat();
    let crc = checksum(key, &value, before);
    value.extend_from_slice(&crc.to_le_bytes());
    (value, crc)
}

fn checksum(key: &[u8], sealed: &[u8], before: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(before);
    hasher.update(key);
    hasher.update(sealed);
    hasher.finalize()
}

/// How much of a payload fits beside `key`: at least one byte, or nothing would ever get on.
fn room(key: &[u8]) -> usize {
    RECORD_MAX.saturating_sub(AROUND).saturating_sub(key.len()).max(1)
}
