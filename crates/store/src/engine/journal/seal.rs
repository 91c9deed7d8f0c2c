//! The seal: what stands behind the last frame of a segment that has a successor, and says which that is.
//!
//! A segment that is gone cannot be told from one that never was, unless something outlives it that knows. So once
//! the next segment is durable and has its name, and before anything is committed there, the one before it is sealed.
//! A seal whose successor is missing is proof that commits are gone; no crash leaves one.

use fleet::Revision;

use super::SegmentNumber;
use super::frame::{FrameFault, Place};
use super::segment::{Space, Tail};
use crate::engine::input::{Input, is_zero};

/// What it begins with: as a length, more than any frame has.
const MAGIC: [u8; 4] = *b"SEAL";
/// How long it is. It begins at a multiple of this, so that it never lies in two sectors, and is there or is not.
const SIZE: usize = 32;
/// At least so many zeros stand before it: to whoever reads frames, there is none.
const GAP: u64 = 8;
/// How much of a segment is left for it.
pub(super) const ROOM: u64 = 64;

/// What a seal says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Seal {
    /// The checksum of the last frame of the segment, or of the frame before the segment.
    pub(super) previous: u32,
    /// The last commit, there or before.
    pub(super) last: Revision,
    /// The segment that follows.
    pub(super) next: SegmentNumber,
}

impl Seal {
    /// The seal of a segment whose frames end at `place`, and the zeros before it.
    pub(super) fn encode(&self, place: Place) -> Vec<u8> {
        let gap = usize::try_from(gap(place.offset)).unwrap_or(0);
        let mut bytes = vec![0; gap];
        let body = self.body();
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&checksum(place, &body).to_be_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// What the checksum goes over.
    fn body(&self) -> Vec<u8> {
        let mut body = self.previous.to_be_bytes().to_vec();
        body.extend_from_slice(&[0; 4]);
        body.extend_from_slice(&self.last.number().to_be_bytes());
        body.extend_from_slice(&self.next.0.to_be_bytes());
        body
    }

    /// The seal that `bytes` are, if the frames before it end at `place` and with this checksum and commit.
    fn decode(bytes: &[u8], place: Place, previous: u32, last: Revision) -> Option<Self> {
        let mut input = Input::new(bytes);
        let magic = input.array::<4>()?;
        let found = input.u32()?;
        let _previous_and_zeros = input.u64()?;
        let _last = input.u64()?;
        let seal = Self { previous, last, next: SegmentNumber(input.u64()?) };
        let body = seal.body();
        let whole = magic == MAGIC && bytes.get(8..) == Some(&body) && found == checksum(place, &body);
        whole.then_some(seal)
    }
}

/// How many zeros stand between the last frame, which ends at `end`, and the seal.
fn gap(end: u64) -> u64 {
    let size = u64::try_from(SIZE).unwrap_or(GAP);
    let begin = end.saturating_add(GAP).checked_next_multiple_of(size).unwrap_or(u64::MAX);
    begin.saturating_sub(end)
}

fn checksum(place: Place, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(place.seed);
    hasher.update(&place.offset.to_be_bytes());
    hasher.update(&MAGIC);
    hasher.update(body);
    hasher.finalize()
}

/// How a segment ends of which `bytes` are what is behind its frames, which end at `place`, with this checksum and
/// commit. `has_frames` says whether a frame of this segment stands among them.
pub(super) fn ending(
    bytes: &[u8],
    (place, previous, last): (Place, u32, Revision),
    space: Space,
    has_frames: impl FnOnce() -> bool,
) -> Result<Tail, FrameFault> {
    let gap = usize::try_from(gap(place.offset)).unwrap_or(usize::MAX);
    let (before, rest) = bytes.split_at_checked(gap).unwrap_or((bytes, &[]));
    let (slot, behind) = rest.split_at_checked(SIZE).unwrap_or((rest, &[]));
    let seal = Seal::decode(slot, place, previous, last);
    let noise = match space {
        Space::Zeros => !is_zero(before) || !is_zero(behind),
        Space::Leftovers => has_frames(),
    };
    match (noise, seal) {
        (true, _) => Err(FrameFault::Remains),
        (false, Some(seal)) => Ok(Tail::Sealed(seal.next)),
        (false, None) if space == Space::Leftovers || is_zero(slot) => Ok(Tail::Clean),
        (false, None) => Err(FrameFault::Seal),
    }
}
