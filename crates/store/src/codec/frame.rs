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

use fleet::Key;

use super::error::{DecodeError, EncodeError, ReadError};
use super::payload::{Stored, Value};
use crate::engine::{RECORD_MAX, Writes};
use crate::keys;

/// How many bytes are around the chunk of a value, and how many of them are in front of it.
pub(super) const AROUND: usize = 6;
const FRONT: usize = 2;

/// How long a payload may be.
pub(super) const PAYLOAD_MAX: usize = 64 * 1024;

/// Adds the pairs that a record is stored as under `key`, none longer than [`RECORD_MAX`], and says how many parts
/// there are behind the head. `write` writes the value.
pub(super) fn add(
    key: &Key,
    write: impl FnOnce(Value<'_>) -> Result<(), EncodeError>,
    writes: &mut Writes,
) -> Result<u8, EncodeError> {
    let (mut parts, mut crc) = (Parts::default(), 0);
    writes.put_with(|bytes| {
        let begin = bytes.len();
        keys::encode_onto(key, bytes);
        let value = bytes.len();
        write(Value(bytes))?;
        let room = room(value.saturating_sub(begin));
        if bytes.len() > value.saturating_add(FRONT).saturating_add(room) {
            parts = Parts::cut_off(bytes, begin, value)?;
        }
        crc = seal(bytes, begin, 0);
        Ok(value)
    })?;
    for (number, chunk) in (1..=parts.count).zip(parts.chunks()) {
        let add = |bytes: &mut Vec<u8>| {
            let begin = bytes.len();
            bytes.extend_from_slice(&keys::part(&parts.key, number));
            let value = bytes.len();
            bytes.extend_from_slice(&[parts.version, number]);
            bytes.extend_from_slice(chunk);
            crc = seal(bytes, begin, crc);
            Ok(value)
        };
        writes.put_with::<EncodeError>(add)?;
    }
    Ok(parts.count)
}

/// What of a payload does not fit behind its head: of nearly every record nothing.
#[derive(Default)]
struct Parts {
    /// The key of the head.
    key: Vec<u8>,
    version: u8,
    count: u8,
    rest: Vec<u8>,
}

impl Parts {
    /// Cuts off what is too much for the pair at the end of `bytes`, whose key begins at `begin` and whose value at
    /// `value`, and lets it say how many parts that is.
    fn cut_off(bytes: &mut Vec<u8>, begin: usize, value: usize) -> Result<Self, EncodeError> {
        let fields = value.saturating_add(FRONT);
        let length = bytes.len().saturating_sub(fields);
        let too_long = EncodeError::TooLong { bytes: length, limit: PAYLOAD_MAX };
        if length > PAYLOAD_MAX {
            return Err(too_long);
        }
        let key = bytes.get(begin..value).unwrap_or_default().to_vec();
        let rest = bytes.split_off(fields.saturating_add(room(key.len())));
        let mut parts = Self { key, version: bytes.get(value).copied().unwrap_or_default(), count: 0, rest };
        parts.count = u8::try_from(parts.chunks().len()).map_err(|_| too_long)?;
        if let Some(further) = bytes.get_mut(value.saturating_add(1)) {
            *further = parts.count;
        }
        Ok(parts)
    }

    fn chunks(&self) -> core::slice::Chunks<'_, u8> {
        // Every key of a part is as long as every other.
        self.rest.chunks(room(keys::part(&self.key, 0).len()))
    }
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
        let (stored, computed) = (u32::from_le_bytes(*stored), checksum([key, sealed], before));
        if stored != computed {
            return Err(DecodeError::Checksum { part, stored, computed });
        }
        Ok(Self { version: *version, number: *number, chunk, crc: stored })
    }
}

/// Puts the checksum of what is in `bytes` from `begin` on, a key and a value, behind it, and says it.
fn seal(bytes: &mut Vec<u8>, begin: usize, before: u32) -> u32 {
    let crc = checksum([bytes.get(begin..).unwrap_or_default()], before);
    bytes.extend_from_slice(&crc.to_le_bytes());
    crc
}

/// Of pieces as if they were one, going on from the checksum of what is before them.
fn checksum<'b>(pieces: impl IntoIterator<Item = &'b [u8]>, before: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(before);
    pieces.into_iter().for_each(|piece| hasher.update(piece));
    hasher.finalize()
}

/// How much of a payload fits beside a key of so many bytes: at least one byte, or nothing would ever get on.
fn room(key: usize) -> usize {
    RECORD_MAX.saturating_sub(AROUND).saturating_sub(key).max(1)
}
