//! A segment file as bytes: a header, frames, zeros. Reading one is a pure function of its bytes,
//! and that is where a torn end is told from damage.

use fleet::{Revision, Time};
use thiserror::Error;

use super::frame::{self, ALIGNMENT, FRAME_HEADER, Frame, FrameFault, Place};
use super::seal;
use crate::engine::input::Input;
use crate::engine::{Change, StoreId};
use crate::planted::planted;

/// The first bytes of a segment in a new file.
const MAGIC: [u8; 8] = *b"HATCHJNL";
/// The first bytes of a segment in the file of an older one.
const MAGIC_AGAIN: [u8; 8] = *b"HATCHJNR";
/// The format described in `docs/storage-format.md`.
pub(crate) const FORMAT: u32 = 2;
/// The one before it: segments without a seal, whose files may be of any length.
pub(crate) const UNSEALED: u32 = 1;
/// Where the first frame begins.
pub(crate) const SEGMENT_HEADER: usize = 64;

/// Whose files these are: a segment of any other store or epoch is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Identity {
    /// Which store.
    pub store: StoreId,
    /// Which life of it: a restored store begins a new one.
    pub epoch: u32,
}

/// The place of a segment among the others: counted from 1 without gaps.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SegmentNumber(pub u64);

impl SegmentNumber {
    /// The first segment of a store.
    pub const FIRST: Self = Self(1);

    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The name of its file in the journal's directory.
    pub(crate) fn name(self) -> String {
        format!("journal/{:020}.segment", self.0)
    }

    /// What its file is called once it is only kept for its space.
    pub(crate) fn spare_name(self) -> String {
        format!("journal/{:020}.spare", self.0)
    }

    /// The number in a file's name (without its directory).
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let digits = name.strip_suffix(".segment")?;
        let number = Self(digits.parse().ok()?);
        (number.name() == format!("journal/{name}")).then_some(number)
    }
}

/// What the space behind a segment's frames holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Space {
    /// Zeros: the file was made for this segment.
    Zeros,
    /// Whatever an older segment left there, behind eight zeros: the file was that one's.
    Leftovers,
}

/// What is wrong with a segment's header.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum HeaderFault {
    /// The file is shorter than a header.
    #[error("it is shorter than a header")]
    Short,
    /// It is not a segment.
    #[error("it is not a journal segment")]
    Magic,
    /// Its checksum is wrong.
    #[error("checksum {found:08x} instead of {expected:08x}")]
    Checksum {
        /// What the bytes give.
        expected: u32,
        /// What the header says.
        found: u32,
    },
    /// A format this program does not know.
    #[error("format {found}, this program knows {known}")]
    Format {
        /// The format found.
        found: u32,
        /// The newest one known.
        known: u32,
    },
    /// It belongs to another store, or to an earlier life of this one.
    #[error("it belongs to another store")]
    Identity,
    /// It is another segment than its name says.
    #[error("it says it is segment {}", found.0)]
    Number {
        /// What it says.
        found: SegmentNumber,
    },
}

/// What stands before a segment's frames.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// The format of the segment: the one before this one, or this one.
    pub format: u32,
    /// Whose it is.
    pub identity: Identity,
    /// Which one.
    pub number: SegmentNumber,
    /// The revision its first frame holds, when it has one.
    pub first: Revision,
    /// The time of the commit before it.
    pub time: Time,
    /// The checksum of the frame before it; 0 in the first segment.
    pub previous: u32,
    /// What is behind the frames.
    pub space: Space,
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = Vec::with_capacity(SEGMENT_HEADER);
        bytes.extend_from_slice(match self.space {
            Space::Zeros => &MAGIC,
            Space::Leftovers => &MAGIC_AGAIN,
        });
        bytes.extend_from_slice(&self.format.to_be_bytes());
        bytes.extend_from_slice(&self.identity.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.identity.store.0);
        bytes.extend_from_slice(&self.number.0.to_be_bytes());
        bytes.extend_from_slice(&self.first.number().to_be_bytes());
        bytes.extend_from_slice(&self.time.millis().to_be_bytes());
        bytes.extend_from_slice(&self.previous.to_be_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        let mut out = [0; SEGMENT_HEADER];
        for (to, from) in out.iter_mut().zip(bytes) {
            *to = from;
        }
        out
    }

    /// Reads a header of any store, as far as it is one at all.
    ///
    /// # Errors
    ///
    /// When it is not a whole header of a known format.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let header = bytes.first_chunk::<SEGMENT_HEADER>().ok_or(HeaderFault::Short)?;
        Self::fields(header).ok_or(HeaderFault::Short)?
    }

    fn fields(bytes: &[u8; SEGMENT_HEADER]) -> Option<Result<Self, HeaderFault>> {
        let mut input = Input::new(bytes);
        let magic = input.array::<8>()?;
        let format = input.u32()?;
        let epoch = input.u32()?;
        let store = StoreId(input.array()?);
        let number = SegmentNumber(input.u64()?);
        let first = Revision::new(input.u64()?);
        let time = Time::from_millis(input.u64()?);
        let previous = input.u32()?;
        let found = input.u32()?;
        let expected = crc32fast::hash(bytes.get(..SEGMENT_HEADER.checked_sub(4)?)?);
        let space = match magic {
            MAGIC => Space::Zeros,
            MAGIC_AGAIN => Space::Leftovers,
            _ => return Some(Err(HeaderFault::Magic)),
        };
        Some(if found != expected {
            Err(HeaderFault::Checksum { expected, found })
        } else if !(UNSEALED..=FORMAT).contains(&format) {
            Err(HeaderFault::Format { found: format, known: FORMAT })
        } else {
            Ok(Self { format, identity: Identity { store, epoch }, number, first, time, previous, space })
        })
    }

    /// Makes sure that this is segment `number` of `identity`.
    pub(crate) fn of(self, identity: Identity, number: SegmentNumber) -> Result<Self, HeaderFault> {
        if self.identity != identity {
            return Err(HeaderFault::Identity);
        }
        if self.number != number {
            return Err(HeaderFault::Number { found: self.number });
        }
        Ok(self)
    }

    pub(crate) fn seed(&self) -> u32 {
        seed(self.identity, self.number)
    }
}

/// What the checksums of a segment's frames begin with.
pub(crate) fn seed(identity: Identity, number: SegmentNumber) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&identity.store.0);
    hasher.update(&identity.epoch.to_be_bytes());
    hasher.update(&number.0.to_be_bytes());
    hasher.finalize()
}

/// Why a segment cannot be read.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Unreadable {
    /// Its header is not one, or not the expected one.
    #[error("its header is damaged or foreign")]
    Header(#[from] HeaderFault),
    /// A frame was whole once and no longer is: a later frame, at `later`, tells.
    #[error("damaged at byte {offset}, before the frame at {later}")]
    Damaged {
        /// Where the damaged frame begins.
        offset: u64,
        /// Where a frame stands that was written only once the damaged one was durable.
        later: u64,
        /// What is wrong with the damaged one.
        #[source]
        fault: FrameFault,
    },
}

/// How a segment ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tail {
    /// With zeros, or with the file.
    Clean,
    /// With a seal: this segment follows, and is durable.
    Sealed(SegmentNumber),
    /// With something that never became a commit: its write was interrupted.
    Torn(FrameFault),
}

/// A segment that was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Replay {
    /// What stands before the frames.
    pub header: Header,
    /// The commits, and where the frame of each begins.
    pub commits: Vec<(u64, Change)>,
    /// Where the next frame goes.
    pub end: u64,
    /// Where the first frame stands that no later one vouches for: it, and those after it, may have
    /// been written without ever becoming durable.
    pub unsure: u64,
    /// The checksum of the last frame, or of the frame before this segment.
    pub checksum: u32,
    /// The last revision, here or before this segment.
    pub last: Revision,
    /// Its time.
    pub time: Time,
    /// What follows the last commit.
    pub tail: Tail,
}

/// Reads segment `number` of `identity` from its bytes.
///
/// Never panics, and never invents a commit: whatever the bytes are, what comes back was written
/// by this store, in this segment, at these places, and in this order.
///
/// A bad frame is a *torn tail* when nothing shows that it had been durable: its group was being
/// written when the power went. It is *damage* when a frame follows that was only written after the
/// bad one's group was synced.
///
/// # Errors
///
/// When the header is not that of the segment, or when there is damage.
pub fn replay(bytes: &[u8], identity: Identity, number: SegmentNumber) -> Result<Replay, Unreadable> {
    let header = Header::decode(bytes)?.of(identity, number)?;
    let seed = header.seed();
    let first = u64::try_from(SEGMENT_HEADER).unwrap_or(u64::MAX);
    let mut synced = Revision::ZERO;
    let mut read = Replay {
        header,
        commits: Vec::new(),
        end: first,
        unsure: first,
        checksum: header.previous,
        last: Revision::new(header.first.number().saturating_sub(1)),
        time: header.time,
        tail: Tail::Clean,
    };
    let mut rest = bytes.get(SEGMENT_HEADER..).unwrap_or_default();
    loop {
        let place = Place { seed, offset: read.end };
        match next(rest, place, &read) {
            Ok(Next::Frame(frame)) => {
                rest = rest.get(frame.size..).unwrap_or_default();
                if frame.link.synced > synced {
                    synced = frame.link.synced;
                    // All before this frame were durable when it was written, or part of its group.
                    read.unsure = read.end;
                }
                read.checksum = frame.checksum;
                (read.last, read.time) = (frame.change.revision, frame.change.time);
                read.commits.push((read.end, frame.change));
                read.end = read.end.saturating_add(u64::try_from(frame.size).unwrap_or(u64::MAX));
            }
            Ok(Next::End(tail)) => {
                read.tail = tail;
                return Ok(read);
            }
            Err(fault) => {
                let proof = proof_of_damage(rest, place, read.last);
                if let Some(later) = proof.filter(|_| !planted!(DamageTakenForTorn)) {
                    return Err(Unreadable::Damaged { offset: read.end, later, fault });
                }
                read.tail = Tail::Torn(fault);
                return Ok(read);
            }
        }
    }
}

/// What follows the frames that were read.
enum Next {
    Frame(Frame),
    End(Tail),
}

/// The next frame, if it is the one that has to follow, or the end.
fn next(bytes: &[u8], place: Place, before: &Replay) -> Result<Next, FrameFault> {
    let Some(frame) = frame::decode(bytes, place)? else {
        let behind = (place, before.checksum, before.last);
        let has_frames = || holds_a_frame(bytes, place, before.last);
        return seal::ending(bytes, behind, before.header.space, has_frames).map(Next::End);
    };
    follows(&frame, before.checksum, before.last, before.time)?;
    Ok(Next::Frame(frame))
}

/// Makes sure that `frame` comes right after the commit with this checksum, revision and time.
pub(crate) fn follows(frame: &Frame, checksum: u32, last: Revision, time: Time) -> Result<(), FrameFault> {
    let found = frame.change.revision;
    let expected = last.next().ok_or(FrameFault::Revision { expected: last, found })?;
    if found != expected {
        return Err(FrameFault::Revision { expected, found });
    }
    if frame.link.previous != checksum && !planted!(ChainUnchecked) {
        return Err(FrameFault::Chain { expected: checksum, found: frame.link.previous });
    }
    if frame.change.time < time {
        return Err(FrameFault::TimeBack);
    }
    Ok(())
}

/// Where a frame stands that could only be written once a commit after `last` was durable.
///
/// Frames that were written together with the bad one prove nothing: their sectors may have reached
/// the disk in any order. So each frame says which revision was durable when it was written.
fn proof_of_damage(bytes: &[u8], place: Place, last: Revision) -> Option<u64> {
    find_frame(bytes, place, last, |revision, synced| last < synced && synced < revision)
}

/// Whether a frame of this segment, written after the commit `last`, stands somewhere in `bytes`. What
/// an older segment left is none: it has another seed, and it is not even looked at closely, since all
/// its commits came before.
fn holds_a_frame(bytes: &[u8], place: Place, last: Revision) -> bool {
    find_frame(bytes, place, last, |revision, synced| last < revision && synced < revision).is_some()
}

/// Where a frame stands, of a commit after `last`, whose revision, and the revision that was durable when it was written,
/// are `like` this.
fn find_frame(
    bytes: &[u8],
    place: Place,
    last: Revision,
    like: impl Fn(Revision, Revision) -> bool,
) -> Option<u64> {
    let is_frame = |(here, rest): &(Place, &[u8])| matches!(frame::decode(rest, *here), Ok(Some(_)));
    likely_frames(bytes, place, last, like).find(is_frame).map(|(here, _)| here.offset)
}

/// Where something stands that may be such a frame. Only there is a checksum made, perhaps of all that follows: what
/// was left by others must not look like one by chance.
fn likely_frames(
    bytes: &[u8],
    place: Place,
    last: Revision,
    like: impl Fn(Revision, Revision) -> bool,
) -> impl Iterator<Item = (Place, &[u8])> {
    (0..bytes.len()).step_by(ALIGNMENT).filter_map(move |at| {
        let rest = bytes.get(at..)?;
        let (revision, synced) = frame::glance(rest)?;
        // Commits follow one another without a gap, and each takes a frame.
        let before = u64::try_from(at / FRAME_HEADER).ok()?;
        let most = last.number().saturating_add(before).saturating_add(1);
        let offset = place.offset.saturating_add(u64::try_from(at).ok()?);
        let here = Place { seed: place.seed, offset };
        (revision.number() <= most && like(revision, synced)).then_some((here, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an older segment leaves: numbers of all sizes, of which many would do as the length of a frame.
    fn leftovers(length: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let number = draw() >> (draw() % 31);
            bytes.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
        }
        bytes
    }

    /// A store that was killed has a segment's worth of them behind its last commit. To make a checksum wherever
    /// there is a length took longer than everything else of an opening.
    #[test]
    fn what_an_older_segment_left_is_not_looked_at_closely() {
        let bytes = leftovers(1 << 20);
        let place = Place { seed: 3, offset: 64 };
        let last = Revision::new(1000);
        let lengths = (0..bytes.len()).step_by(ALIGNMENT);
        let lengths = lengths.filter(|at| frame::glance(&bytes[*at..]).is_some()).count();
        assert!(lengths > 10_000, "{lengths}");
        let likely =
            likely_frames(&bytes, place, last, |revision, synced| last < revision && synced < revision);
        assert!(likely.count() < lengths / 1000, "one or two by chance");
    }
}
