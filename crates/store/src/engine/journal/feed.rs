//! Which segments there are, and reading commits out of them while others are being written.

use std::sync::Arc;

use fleet::{Revision, Time};
use parking_lot::RwLock;

use super::frame::{self, FRAME_HEADER, Frame, FrameFault, Place};
use super::segment::{SEGMENT_HEADER, follows, seed};
use super::{Header, Identity, SegmentNumber};
use crate::engine::disk::{Disk, DiskFile};
use crate::engine::{Action, Change, ChangesError, EngineError};
use crate::planted::planted;

/// At least this many bytes lie between two places that are remembered.
const SPARSE: u64 = 64 * 1024;
/// How much of a segment is read at a time.
const WINDOW: usize = 256 * 1024;

/// The segments of a journal. Reading goes on while the journal syncs.
#[derive(Debug)]
pub(crate) struct Catalogue {
    disk: Arc<dyn Disk>,
    identity: Identity,
    segments: RwLock<Vec<Listed>>,
}

/// What is remembered of a segment.
#[derive(Debug)]
pub(crate) struct Listed {
    number: SegmentNumber,
    first: Revision,
    /// The time of the commit before it.
    time: Time,
    /// How long its file is, as long as it is not the newest.
    bytes: u64,
    /// Where some of the commits begin, in order; never empty.
    places: Vec<(Revision, u64)>,
}

impl Listed {
    pub(super) fn new(header: &Header, bytes: u64) -> Self {
        let begin = u64::try_from(SEGMENT_HEADER).unwrap_or(u64::MAX);
        let Header { number, first, time, .. } = *header;
        Self { number, first, time, bytes, places: vec![(first, begin)] }
    }

    /// Remembers a place, unless one close before or after it already is.
    fn learn(&mut self, revision: Revision, offset: u64) {
        let at = self.places.partition_point(|(known, _)| *known <= revision);
        let before = at.checked_sub(1).and_then(|before| self.places.get(before));
        let after = self.places.get(at);
        let far_from_before = before.is_none_or(|(_, known)| offset.saturating_sub(*known) >= SPARSE);
        let far_from_after = after.is_none_or(|(_, known)| known.saturating_sub(offset) >= SPARSE);
        if far_from_before && far_from_after {
            self.places.insert(at, (revision, offset));
        }
    }
}

/// How much history a journal has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Extent {
    /// The oldest segment.
    pub(crate) first: SegmentNumber,
    /// The oldest commit.
    pub(crate) oldest: Revision,
    pub(crate) segments: usize,
    pub(crate) bytes: u64,
    /// Where the oldest segment ends; `None` when there is no other.
    pub(crate) front: Option<Front>,
}

/// The end of the oldest segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Front {
    /// Its last commit.
    pub(crate) last: Revision,
    /// When that was.
    pub(crate) time: Time,
}

/// A stretch of one segment that holds wanted commits.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    number: SegmentNumber,
    /// A commit at or before the first wanted one, and where it begins.
    from: (Revision, u64),
    /// The last wanted one in this segment.
    until: Revision,
}

impl Catalogue {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        identity: Identity,
        segments: impl IntoIterator<Item = Listed>,
    ) -> Self {
        Self { disk, identity, segments: RwLock::new(segments.into_iter().collect()) }
    }

    /// Remembers where commits were written, in the newest segment.
    pub(super) fn wrote(&self, places: &[(Revision, u64)]) {
        if let Some(newest) = self.segments.write().last_mut() {
            for (revision, offset) in places {
                newest.learn(*revision, *offset);
            }
        }
    }

    /// A new segment was begun; the file of the one before it is `bytes` long.
    pub(super) fn rotated(&self, segment: Listed, bytes: u64) {
        let mut segments = self.segments.write();
        if let Some(before) = segments.last_mut() {
            before.bytes = bytes;
        }
        segments.push(segment);
    }

    /// Takes the oldest segment from the list, if there is a newer one: its number, and how long its file is.
    pub(super) fn forget_oldest(&self) -> Option<(SegmentNumber, u64)> {
        let mut segments = self.segments.write();
        if segments.len() < 2 {
            return None;
        }
        let Listed { number, bytes, .. } = segments.remove(0);
        Some((number, bytes))
    }

    /// The oldest commit that is kept.
    pub(crate) fn oldest(&self) -> Option<Revision> {
        self.segments.read().first().map(|segment| segment.first)
    }

    /// How much history there is.
    pub(crate) fn extent(&self) -> Extent {
        let segments = self.segments.read();
        let bytes = segments.iter().fold(0_u64, |sum, segment| sum.saturating_add(segment.bytes));
        let oldest = segments.first().map_or(Revision::ZERO, |oldest| oldest.first);
        let first = segments.first().map_or(SegmentNumber::FIRST, |oldest| oldest.number);
        // What follows the oldest segment tells how far that goes.
        let front = segments.get(1).map(|next| Front {
            last: Revision::new(next.first.number().saturating_sub(1)),
            time: next.time,
        });
        Extent { first, oldest, segments: segments.len(), bytes, front }
    }

    /// The segment in which the commits after `revision` begin; the oldest, where that is gone.
    pub(crate) fn segment_after(&self, revision: Revision) -> SegmentNumber {
        let segments = self.segments.read();
        let with = segments.partition_point(|segment| segment.first <= revision).saturating_sub(1);
        segments.get(with).map_or(SegmentNumber::FIRST, |segment| segment.number)
    }

    /// How many bytes the segments take that hold commits after `revision`.
    pub(crate) fn bytes_after(&self, revision: Revision) -> u64 {
        let segments = self.segments.read();
        let with = segments.partition_point(|segment| segment.first <= revision).saturating_sub(1);
        segments.iter().skip(with).fold(0_u64, |sum, segment| sum.saturating_add(segment.bytes))
    }

    /// The first `limit` commits after `since`, up to `last`, which must be durable.
    pub(crate) fn changes(
        &self,
        since: Revision,
        last: Revision,
        limit: usize,
    ) -> Result<Vec<Change>, ChangesError> {
        self.find(since, last, limit).map_err(|error| match self.gone(since) {
            // Its segment was trimmed while it was read.
            Some(oldest) => ChangesError::HistoryGone { oldest },
            None => error.into(),
        })
    }

    /// The oldest commit that is kept, when the one after `since` is older.
    pub(crate) fn gone(&self, since: Revision) -> Option<Revision> {
        let oldest = self.oldest()?;
        since.next().is_some_and(|wanted| wanted < oldest).then_some(oldest)
    }

    fn find(&self, since: Revision, last: Revision, limit: usize) -> Result<Vec<Change>, EngineError> {
        let mut found = Vec::new();
        let mut seen = since;
        while seen < last && found.len() < limit {
            let Some(stretch) = seen.next().and_then(|wanted| self.stretch(wanted, last)) else { break };
            let before = found.len();
            self.read(stretch, seen, limit, &mut found)?;
            match found.last() {
                Some(change) if found.len() > before => seen = change.revision,
                // A stretch holds its wanted commits, or reading it fails.
                Some(_) | None => break,
            }
        }
        Ok(found)
    }

    fn stretch(&self, wanted: Revision, last: Revision) -> Option<Stretch> {
        let segments = self.segments.read();
        let next = segments.partition_point(|segment| segment.first <= wanted);
        let segment = segments.get(next.checked_sub(1)?)?;
        let place = segment.places.partition_point(|(revision, _)| *revision <= wanted).checked_sub(1)?;
        let until = match segments.get(next) {
            Some(next) => Revision::new(next.first.number().saturating_sub(1)).min(last),
            None => last,
        };
        Some(Stretch { number: segment.number, from: *segment.places.get(place)?, until })
    }

    fn read(
        &self,
        stretch: Stretch,
        seen: Revision,
        limit: usize,
        found: &mut Vec<Change>,
    ) -> Result<(), EngineError> {
        let mut walk = Walk::open(self.disk.as_ref(), self.identity, stretch)?;
        let mut places = Vec::new();
        while walk.wanted <= stretch.until && found.len() < limit {
            let (offset, change) = walk.step()?;
            places.push((change.revision, offset));
            if change.revision > seen && !(planted!(FeedGap) && change.revision == stretch.until) {
                found.push(change);
            }
        }
        let mut segments = self.segments.write();
        if let Some(segment) = segments.iter_mut().find(|segment| segment.number == stretch.number) {
            for (revision, offset) in places {
                segment.learn(revision, offset);
            }
        }
        Ok(())
    }
}

/// Reading a segment frame by frame.
#[derive(Debug)]
struct Walk<'a> {
    disk: &'a dyn Disk,
    name: String,
    file: Box<dyn DiskFile>,
    seed: u32,
    window: Vec<u8>,
    /// Where in the window the next frame begins.
    at: usize,
    /// Where in the file it begins.
    offset: u64,
    /// Which commit it must hold.
    wanted: Revision,
    /// The frame before it; unknown for the first.
    before: Option<Frame>,
}

impl<'a> Walk<'a> {
    fn open(disk: &'a dyn Disk, identity: Identity, stretch: Stretch) -> Result<Self, EngineError> {
        let name = stretch.number.name();
        let file = disk.open(&name).map_err(EngineError::io(Action::Open, disk.path(&name)))?;
        let (wanted, offset) = stretch.from;
        let seed = seed(identity, stretch.number);
        Ok(Self { disk, name, file, seed, window: Vec::new(), at: 0, offset, wanted, before: None })
    }

    fn step(&mut self) -> Result<(u64, Change), EngineError> {
        let offset = self.offset;
        let frame = self.frame()?;
        self.check(&frame).map_err(|source| self.damaged(source))?;
        self.at = self.at.saturating_add(frame.size);
        self.offset = offset.saturating_add(u64::try_from(frame.size).unwrap_or(u64::MAX));
        self.wanted = self.wanted.next().ok_or(EngineError::RevisionsExhausted)?;
        let change = frame.change.clone();
        self.before = Some(frame);
        Ok((offset, change))
    }

    fn check(&self, frame: &Frame) -> Result<(), FrameFault> {
        match &self.before {
            Some(before) => follows(frame, before.checksum, before.change.revision, before.change.time),
            None if frame.change.revision == self.wanted => Ok(()),
            None => Err(FrameFault::Revision { expected: self.wanted, found: frame.change.revision }),
        }
    }

    /// The next frame, reading more of the file until it is whole.
    fn frame(&mut self) -> Result<Frame, EngineError> {
        let mut wanted = WINDOW;
        loop {
            let rest = self.window.get(self.at..).unwrap_or_default();
            let place = Place { seed: self.seed, offset: self.offset };
            if rest.len() >= FRAME_HEADER {
                match frame::decode(rest, place) {
                    Ok(Some(frame)) => return Ok(frame),
                    Ok(None) => return Err(self.damaged(FrameFault::Length { found: 0 })),
                    Err(FrameFault::CutOff) => {}
                    Err(fault) => return Err(self.damaged(fault)),
                }
            }
            let path = self.disk.path(&self.name);
            let window = self.file.read(self.offset, wanted).map_err(EngineError::io(Action::Read, path))?;
            if window.len() <= rest.len() {
                return Err(self.damaged(FrameFault::CutOff));
            }
            self.window = window;
            self.at = 0;
            wanted = wanted.saturating_mul(4);
        }
    }

    fn damaged(&self, source: FrameFault) -> EngineError {
        EngineError::Damaged { file: self.disk.path(&self.name), offset: self.offset, source }
    }
}
