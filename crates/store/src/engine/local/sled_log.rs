//! sled's file, looked over before sled is let at it: whatever it would pass over in silence is found here.
//!
//! sled 0.34.7 keeps a log of messages in segments, each message and each segment's header with a checksum. When it opens,
//! it takes the first message of a segment that it cannot read for the end of that segment, and a segment whose header
//! it cannot read for one that is free. That is right for what a crash tore, at the end of the log; anywhere else
//! it brings older values back, and nobody says so. So every segment is read as sled reads it, and the log has to be
//! whole as far as its own headers say that it was once stable. `docs/decisions/0016-sleds-file-is-looked-over.md` has
//! the reasons; the layout below is that of exactly this version, which `Cargo.toml` pins.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

use thiserror::Error;

use crate::engine::input::is_zero;

/// How long a segment of the log is. sled is told to keep to it.
pub(crate) const SEGMENT: usize = 512 * 1024;
/// Checksum, place in the log, and up to where the log was stable when the segment was begun.
const HEADER: usize = 20;
/// No message begins within so many bytes of the end of a segment.
const MESSAGE_HEADER_MAX: usize = 32;
/// sled stores places in the log with all bits but the highest turned over.
const TURNED: i64 = i64::MAX;
/// The kind of the message that fills a segment up; those of all others are from 1 to [`LAST_KIND`].
const CAP: u8 = 2;
const LAST_KIND: u8 = 11;

/// What is wrong with sled's file.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum LogFault {
    /// Something stands in a segment whose header is not one.
    #[error("the segment there has a bad header")]
    Header,
    /// A message cannot be read that had been stable.
    #[error("the message there is damaged, and the log was whole up to {stable}")]
    Message {
        /// How far the log had been stable, in sled's own count.
        stable: u64,
    },
}

/// Looks `file` over, from end to end, one segment at a time. Says what is wrong first, and at which byte.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn look_over(file: &File) -> io::Result<Option<(u64, LogFault)>> {
    let length = file.metadata()?.len();
    let stable = stable(file, length)?;
    let mut buffer = vec![0; SEGMENT];
    for begin in segments(length) {
        let segment = read(file, begin, &mut buffer)?;
        let Some(header) = Header::decode(segment) else {
            if is_zero(segment) {
                continue;
            }
            return Ok(Some((begin, LogFault::Header)));
        };
        let broken = broken_at(segment, header.number());
        let fault = broken.filter(|at| header.place_of(*at) <= stable);
        if let Some(at) = fault {
            let stable = u64::try_from(stable).unwrap_or(0);
            return Ok(Some((begin.saturating_add(wide(at)), LogFault::Message { stable })));
        }
    }
    Ok(None)
}

/// Looks the file at `path` over.
#[cfg(test)]
pub(crate) fn look_over_file(path: &std::path::Path) -> io::Result<Option<(u64, LogFault)>> {
    look_over(&File::open(path)?)
}

/// How far the log was stable, as the headers say; −1 when nothing of it was.
fn stable(file: &File, length: u64) -> io::Result<i64> {
    let mut stable = -1;
    let mut buffer = [0; HEADER];
    for begin in segments(length) {
        if let Some(header) = Header::decode(read(file, begin, &mut buffer)?) {
            stable = stable.max(header.stable);
        }
    }
    Ok(stable)
}

/// Where the segments of a file of this length begin.
fn segments(length: u64) -> impl Iterator<Item = u64> {
    (0..length).step_by(SEGMENT)
}

/// As much as there is from `begin` on, and as fits.
fn read<'a>(file: &File, begin: u64, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, begin.saturating_add(wide(done))) {
            Ok(0) => break,
            Ok(more) => done = done.saturating_add(more),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.get(..done).unwrap_or_default())
}

/// What stands at the beginning of a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Header {
    /// Where in the log the segment begins.
    place: i64,
    /// Up to where the log was stable when the segment was begun.
    stable: i64,
}

impl Header {
    /// The header of a segment, if it is one.
    fn decode(segment: &[u8]) -> Option<Self> {
        let (checksum, rest) = segment.split_first_chunk::<4>()?;
        let numbers = rest.first_chunk::<16>()?;
        if u32::from_le_bytes(*checksum) != !crc32fast::hash(numbers) {
            return None;
        }
        let (place, stable) = numbers.split_first_chunk::<8>()?;
        let place = i64::from_le_bytes(*place) ^ TURNED;
        let stable = i64::from_le_bytes(*stable.first_chunk::<8>()?) ^ TURNED;
        let whole = place >= 0 && place.checked_rem(narrow(SEGMENT)) == Some(0);
        whole.then_some(Self { place, stable })
    }

    /// What the messages in it call their segment.
    fn number(self) -> u64 {
        let number = self.place.checked_div(narrow(SEGMENT)).unwrap_or(0);
        u64::try_from(number).unwrap_or(0)
    }

    /// The place in the log of byte `at` of the segment.
    fn place_of(self, at: usize) -> i64 {
        self.place.saturating_add(narrow(at))
    }
}

/// Where the first message stands that cannot be read; `None` when the segment is whole up to its end.
fn broken_at(segment: &[u8], number: u64) -> Option<usize> {
    let mut at = HEADER;
    while at <= SEGMENT.saturating_sub(MESSAGE_HEADER_MAX) {
        match Message::decode(segment.get(at..).unwrap_or_default(), number) {
            Some(Message { kind: CAP, .. }) => return None,
            Some(Message { size, .. }) => at = at.saturating_add(size),
            None => return Some(at),
        }
    }
    None
}

/// A message whose checksum is right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Message {
    kind: u8,
    /// How many bytes it takes.
    size: usize,
}

impl Message {
    /// The message at the beginning of `bytes`, if it is one of the segment with this number.
    fn decode(bytes: &[u8], number: u64) -> Option<Self> {
        let (checksum, rest) = bytes.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first()?;
        let (length, rest) = varint(rest)?;
        let (of, rest) = varint(rest)?;
        let (_page, rest) = varint(rest)?;
        let body = rest.get(..usize::try_from(length).ok()?)?;
        let head = bytes.get(4..bytes.len().checked_sub(rest.len())?)?;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(body);
        hasher.update(head);
        let whole = u32::from_le_bytes(*checksum) == !hasher.finalize();
        let size = head.len().saturating_add(4).saturating_add(body.len());
        (whole && of == number && (1..=LAST_KIND).contains(kind)).then_some(Self { kind: *kind, size })
    }
}

/// A number of one to nine bytes, as SQLite has them but for the order of the bytes, and what is behind it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let few = |count: usize| rest.split_at_checked(count);
    match *first {
        0..=240 => Some((u64::from(*first), rest)),
        241..=248 => {
            let (second, rest) = rest.split_first()?;
            let high = u64::from(first.saturating_sub(241)).saturating_mul(256);
            Some((high.saturating_add(240).saturating_add(u64::from(*second)), rest))
        }
        249 => {
            let (digits, rest) = rest.split_first_chunk::<2>()?;
            Some((u64::from(u16::from_be_bytes(*digits)).saturating_add(2288), rest))
        }
        250..=255 => {
            let (digits, rest) = few(usize::from(first.saturating_sub(247)))?;
            let number = digits.iter().rev().fold(0_u64, |number, digit| number << 8 | u64::from(*digit));
            Some((number, rest))
        }
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn narrow(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
