//! One commit as bytes. `docs/storage-format.md` draws them.
//!
//! A frame proves itself: its checksum begins with the store, the segment and the very offset it
//! was written at, so no frame of another place or time is ever taken for it.

use fleet::{Revision, Time};
use thiserror::Error;

use crate::engine::input::{Input, is_zero};
use crate::engine::{Change, FRAME_MAX, RECORD_MAX, WriteRef, Writes};
use crate::planted::planted;

/// What comes before the writes.
pub(crate) const FRAME_HEADER: usize = 40;
/// Frames begin at multiples of this.
pub(crate) const ALIGNMENT: usize = 8;
/// What one write takes besides its key and value.
const WRITE_HEADER: usize = 5;

const REMOVE: u8 = 0;
const PUT: u8 = 1;

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum FrameFault {
    /// It claims a length no frame can have.
    #[error("no frame has {found} bytes")]
    Length {
        /// The claim.
        found: u32,
    },
    /// The file ends before the frame does.
    #[error("the file ends inside the frame")]
    CutOff,
    /// Its bytes are not those that were written here.
    #[error("checksum {found:08x} instead of {expected:08x}")]
    Checksum {
        /// What the bytes give.
        expected: u32,
        /// What the frame says.
        found: u32,
    },
    /// It follows another frame than the one before it.
    #[error("it follows a frame with checksum {found:08x}, not {expected:08x}")]
    Chain {
        /// The checksum of the frame before it.
        expected: u32,
        /// The checksum it says that frame has.
        found: u32,
    },
    /// It is not the next commit.
    #[error("it holds revision {found} instead of {expected}")]
    Revision {
        /// The next one.
        expected: Revision,
        /// The one found.
        found: Revision,
    },
    /// Its time is before that of the commit it follows.
    #[error("its time is before that of the commit it follows")]
    TimeBack,
    /// The checksum is right and yet the writes make no sense.
    #[error("its writes make no sense")]
    Writes,
    /// Where nothing was ever written there is something.
    #[error("there is something after the last frame")]
    Remains,
    /// What says which segment follows is neither there nor not there.
    #[error("the seal behind the last frame is damaged")]
    Seal,
    /// The file is not as long as it was.
    #[error("the file ends here, and had {expected} bytes at least")]
    Shortened {
        /// How long it was, at least.
        expected: u64,
    },
}

/// Where a frame stands, as far as its checksum is concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Stands for the store, its epoch and the segment.
    pub(crate) seed: u32,
    /// From the beginning of the segment.
    pub(crate) offset: u64,
}

/// What a frame says of those before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Link {
    /// The checksum of the frame before it.
    pub(crate) previous: u32,
    /// The last revision that was durable when this frame was written.
    pub(crate) synced: Revision,
}

/// A frame that was read and whose checksum is right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Frame {
    pub(crate) change: Change,
    pub(crate) link: Link,
    pub(crate) checksum: u32,
    /// How many bytes it takes, up to the next frame.
    pub(crate) size: usize,
}

/// How many bytes `writes` take as a frame, up to the next one.
pub(crate) fn frame_size(writes: &Writes) -> usize {
    let headers = writes.len().saturating_mul(WRITE_HEADER);
    FRAME_HEADER.saturating_add(headers).saturating_add(writes.bytes())
}

/// Appends `change` as a frame. Returns its checksum, or `None` when it is over the limits, which
/// whoever planned it has seen to.
pub(crate) fn encode(change: &Change, link: Link, place: Place, out: &mut Vec<u8>) -> Option<u32> {
    let length = frame_size(&change.writes);
    if length > FRAME_MAX {
        return None;
    }
    let begin = out.len();
    let end = begin.checked_add(padded(length))?;
    out.reserve(padded(length));
    let length = u32::try_from(length).ok()?.to_be_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&link.previous.to_be_bytes());
    out.extend_from_slice(&u32::try_from(change.writes.len()).ok()?.to_be_bytes());
    out.extend_from_slice(&change.revision.number().to_be_bytes());
    out.extend_from_slice(&change.time.millis().to_be_bytes());
    out.extend_from_slice(&link.synced.number().to_be_bytes());
    encode_writes(&change.writes, out)?;
    out.resize(end, 0);

    // The checksum stands in front of what it is made from.
    let (front, body) = out.get_mut(begin..)?.split_at_mut_checked(8)?;
    let checksum = checksum(place, length, body);
    front.get_mut(4..)?.copy_from_slice(&checksum.to_be_bytes());
    Some(checksum)
}

/// Appends writes, one after the other. `None` when one is over the limits.
pub(crate) fn encode_writes(writes: &Writes, out: &mut Vec<u8>) -> Option<()> {
    for WriteRef { key, value } in writes {
        out.push(if value.is_some() { PUT } else { REMOVE });
        let value = value.unwrap_or_default();
        out.extend_from_slice(&u16::try_from(key.len()).ok()?.to_be_bytes());
        out.extend_from_slice(&u16::try_from(value.len()).ok()?.to_be_bytes());
        out.extend_from_slice(key);
        out.extend_from_slice(value);
    }
    Some(())
}

/// The frame at the beginning of `bytes`, or `None` where nothing was written.
pub(crate) fn decode(bytes: &[u8], place: Place) -> Result<Option<Frame>, FrameFault> {
    let mut input = Input::new(bytes);
    let Some(length_bytes) = input.array::<4>() else {
        return if is_zero(bytes) { Ok(None) } else { Err(FrameFault::CutOff) };
    };
    let length = u32::from_be_bytes(length_bytes);
    if length == 0 {
        return Ok(None);
    }
    let size = match usize::try_from(length) {
        Ok(size) if (FRAME_HEADER..=FRAME_MAX).contains(&size) => padded(size),
        Ok(_) | Err(_) => return Err(FrameFault::Length { found: length }),
    };
    let found = input.u32().ok_or(FrameFault::CutOff)?;
    let body = bytes.get(8..size).ok_or(FrameFault::CutOff)?;
    let expected = checksum(place, length_bytes, body);
    if found != expected && !planted!(FrameUnchecked) {
        return Err(FrameFault::Checksum { expected, found });
    }
    let (change, link) = decode_body(body).ok_or(FrameFault::Writes)?;
    Ok(Some(Frame { change, link, checksum: found, size }))
}

/// The revision and the durable revision a frame at the beginning of `bytes` would have, were it
/// one: cheap, and without looking at the checksum.
pub(crate) fn glance(bytes: &[u8]) -> Option<(Revision, Revision)> {
    let mut input = Input::new(bytes);
    let length = usize::try_from(input.u32()?).ok()?;
    if !(FRAME_HEADER..=FRAME_MAX).contains(&length) || padded(length) > bytes.len() {
        return None;
    }
    let _checksum_previous_and_count = input.array::<12>()?;
    let revision = Revision::new(input.u64()?);
    let _time = input.u64()?;
    Some((revision, Revision::new(input.u64()?)))
}

fn decode_body(body: &[u8]) -> Option<(Change, Link)> {
    let mut input = Input::new(body);
    let previous = input.u32()?;
    let count = input.u32()?;
    let revision = Revision::new(input.u64()?);
    let time = Time::from_millis(input.u64()?);
    let synced = Revision::new(input.u64()?);
    if synced >= revision {
        return None;
    }
    let mut writes = Writes::default();
    for _ in 0..count {
        decode_write(&mut input, &mut writes)?;
    }
    let padding = input.rest();
    if padding.len() >= ALIGNMENT || !is_zero(padding) {
        return None;
    }
    Some((Change { revision, time, writes }, Link { previous, synced }))
}

/// Reads one of the writes that [`encode_writes`] wrote.
pub(crate) fn decode_write(input: &mut Input<'_>, writes: &mut Writes) -> Option<()> {
    let kind = input.u8()?;
    let key_length = usize::from(input.u16()?);
    let value_length = usize::from(input.u16()?);
    if key_length.saturating_add(value_length) > RECORD_MAX {
        return None;
    }
    let key = input.slice(key_length)?;
    let value = input.slice(value_length)?;
    match kind {
        PUT => writes.put(key, value),
        REMOVE if value.is_empty() => writes.remove(key),
        _ => return None,
    }
    Some(())
}

fn checksum(place: Place, length: [u8; 4], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(place.seed);
    hasher.update(&place.offset.to_be_bytes());
    hasher.update(&length);
    hasher.update(body);
    hasher.finalize()
}

/// `length` up to the next place where a frame may begin.
pub(crate) fn padded(length: usize) -> usize {
    length.checked_next_multiple_of(ALIGNMENT).unwrap_or(usize::MAX)
}
