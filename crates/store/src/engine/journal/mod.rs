//! The journal: every commit, in order, in segment files. It is the truth; all else is made from it.
//!
//! `docs/storage-format.md` describes every byte; `docs/decisions/0001-journal-first.md` says why.

mod feed;
mod frame;
mod open;
mod seal;
mod segment;

use std::sync::Arc;

use fleet::{Revision, Time};

pub use frame::FrameFault;
pub(crate) use frame::{decode_write, encode_writes, frame_size};
pub use open::Cut;
pub(crate) use open::{Survey, begin, least, overwrite, survey};
pub use segment::{Header, HeaderFault, Identity, Replay, SegmentNumber, Space, Tail, Unreadable, replay};

use self::frame::{Link, Place};
use self::seal::Seal;
use self::segment::{FORMAT, SEGMENT_HEADER};
use super::disk::{Disk, DiskFile};
use super::local::Sync;
use super::{Action, Change, EngineError};
use crate::planted::planted;
pub(crate) use feed::{Catalogue, Listed};

/// Zeros are written this far ahead, so that most commits overwrite bytes that were already there
/// and a sync need not move the file's end.
const AHEAD: u64 = 1024 * 1024;

/// What decides how the journal is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) segment_size: u64,
    pub(crate) sync: Sync,
    /// How many files of trimmed segments are kept to be written into again.
    pub(crate) spares: usize,
}

/// Behind the frames of a file that is used again there are at least so many zeros.
const END_MARK: u64 = 8;
const END_MARK_ZEROS: [u8; 8] = [0; 8];

/// The journal, open for writing. One thread at a time.
#[derive(Debug)]
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    identity: Identity,
    settings: Settings,
    current: Current,
    last: Revision,
    time: Time,
    /// The last revision known to be durable.
    synced: Revision,
    catalogue: Arc<Catalogue>,
    /// Files that may be used again.
    spares: Vec<String>,
    /// How many bytes of frames were written since it was opened.
    written: u64,
    /// Where frames are put together; empty between two groups.
    buffer: Vec<u8>,
}

/// Frames that were written, and do not count yet.
#[derive(Debug)]
#[must_use = "what is not kept was never committed"]
pub(crate) struct Written {
    end: u64,
    checksum: u32,
    /// Where the frame of each revision begins.
    places: Vec<(Revision, u64)>,
}

/// A buffer that was needed once for a very large group is not kept.
const BUFFER_MAX: usize = 4 * 1024 * 1024;

/// The segment that is written to.
#[derive(Debug)]
struct Current {
    number: SegmentNumber,
    name: String,
    file: Box<dyn DiskFile>,
    seed: u32,
    /// Where the next frame goes.
    end: u64,
    /// How far the file is filled with zeros.
    filled: u64,
    /// The checksum of the last frame, here or before.
    checksum: u32,
    /// Whether it has no frame yet.
    empty: bool,
    /// What is behind the frames.
    space: Space,
}

impl Journal {
    pub(crate) const fn last(&self) -> Revision {
        self.last
    }

    pub(crate) const fn segment(&self) -> SegmentNumber {
        self.current.number
    }

    /// How many bytes of frames were written since it was opened.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    pub(crate) fn spares(&self) -> usize {
        self.spares.len()
    }

    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue)
    }

    /// Fails when the segment's file was taken away under us: what we write would be lost.
    pub(crate) fn check_still_there(&self) -> Result<(), EngineError> {
        match self.current.file.is_named(&self.current.name) {
            Ok(true) => Ok(()),
            Ok(false) => Err(EngineError::Replaced { file: self.disk.path(&self.current.name) }),
            Err(error) => Err(self.failed(Action::Read, error)),
        }
    }

    /// Writes a group of changes, which follow the last one and each other, in one write. They count once
    /// [`Journal::keep`] has made them durable. After an error nothing is known, and the journal must be opened anew.
    pub(crate) fn write(&mut self, changes: &[Change]) -> Result<Written, EngineError> {
        let size = changes
            .iter()
            .map(|change| frame::padded(frame_size(&change.writes)))
            .fold(0_u64, |sum, size| sum.saturating_add(u64::try_from(size).unwrap_or(u64::MAX)));
        let full = self.current.end.saturating_add(size).saturating_add(seal::ROOM);
        if !self.current.empty && full > self.settings.segment_size {
            self.rotate()?;
        }

        let begin = self.current.end;
        let mut bytes = core::mem::take(&mut self.buffer);
        let mut end = begin;
        let mut checksum = self.current.checksum;
        let mut places = Vec::with_capacity(changes.len());
        for change in changes {
            let link = Link { previous: checksum, synced: self.synced };
            let place = Place { seed: self.current.seed, offset: end };
            checksum = frame::encode(change, link, place, &mut bytes).ok_or(EngineError::Interrupted)?;
            places.push((change.revision, end));
            end = begin.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }

        self.written = self.written.saturating_add(end.saturating_sub(begin));
        self.write_filled(begin, end, &mut bytes)?;
        if self.settings.sync == Sync::Always {
            self.current.file.begin_writing(begin, bytes.len());
        }
        if bytes.capacity() <= BUFFER_MAX {
            bytes.clear();
            self.buffer = bytes;
        }
        if let Some(last) = changes.last() {
            self.last = last.revision;
            self.time = last.time;
        }
        Ok(Written { end, checksum, places })
    }

    /// Makes durable what was written: one sync.
    pub(crate) fn keep(&mut self, Written { end, checksum, places }: Written) -> Result<(), EngineError> {
        if self.settings.sync == Sync::Always {
            self.sync()?;
        }
        self.current.end = end;
        self.current.checksum = checksum;
        self.current.empty = false;
        self.catalogue.wrote(&places);
        Ok(())
    }

    /// Writes `bytes`, which go from `begin` to `end`, and zeros behind them when they leave what
    /// is already filled.
    fn write_filled(&mut self, begin: u64, end: u64, bytes: &mut Vec<u8>) -> Result<(), EngineError> {
        if end > self.current.filled {
            let filled = ahead(end, self.settings.segment_size);
            let zeros = usize::try_from(filled.saturating_sub(end)).unwrap_or(0);
            bytes.resize(bytes.len().saturating_add(zeros), 0);
            self.current.filled = filled;
        } else if self.current.space == Space::Leftovers {
            let zeros = self.current.filled.saturating_sub(end).min(END_MARK);
            let zeros = usize::try_from(zeros).unwrap_or(0);
            bytes.resize(bytes.len().saturating_add(zeros), 0);
        }
        let written = self.current.file.write_at(begin, bytes);
        written.map_err(|error| self.failed(Action::Write, error))
    }

    fn failed(&self, action: Action, error: std::io::Error) -> EngineError {
        EngineError::io(action, self.disk.path(&self.current.name))(error)
    }

    /// Makes everything written so far durable.
    pub(crate) fn sync(&mut self) -> Result<(), EngineError> {
        if self.synced == self.last {
            return Ok(());
        }
        if planted!(SyncSkipped) {
            self.synced = self.last;
            return Ok(());
        }
        self.current.file.sync_data().map_err(|error| self.failed(Action::Sync, error))?;
        self.synced = self.last;
        Ok(())
    }

    /// Begins the next segment. The one before it is durable by then, so that what is wrong in it
    /// later is damage, not a torn end.
    fn rotate(&mut self) -> Result<(), EngineError> {
        self.sync()?;
        let mut header = Header {
            format: FORMAT,
            identity: self.identity,
            number: self.current.number.next(),
            first: self.last.next().ok_or(EngineError::RevisionsExhausted)?,
            time: self.time,
            previous: self.current.checksum,
            space: Space::Zeros,
        };
        let too_early = planted!(SealedTooEarly);
        if too_early {
            self.seal(header.number)?;
        }
        let next = match self.spares.pop() {
            Some(spare) => {
                header.space = Space::Leftovers;
                Current::again(self.disk.as_ref(), &header, &spare)?
            }
            None => Current::create(self.disk.as_ref(), &header, self.settings.segment_size)?,
        };
        // Nothing is committed there before it is known, outside of it, that it is there.
        if !too_early && !planted!(SealForgotten) {
            self.seal(header.number)?;
        }
        let filled = self.current.filled;
        self.current = next;
        self.catalogue.rotated(Listed::new(&header, self.current.filled), filled);
        Ok(())
    }

    /// Says behind the last frame that `next` follows.
    fn seal(&mut self, next: SegmentNumber) -> Result<(), EngineError> {
        let Current { end, seed, checksum: previous, .. } = self.current;
        let seal = Seal { previous, last: self.last, next };
        let bytes = seal.encode(Place { seed, offset: end });
        let written = self.current.file.write_at(end, &bytes);
        written.map_err(|error| self.failed(Action::Write, error))?;
        let sealed = end.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        self.current.filled = self.current.filled.max(sealed);
        if planted!(SealUnsynced) {
            return Ok(());
        }
        self.current.file.sync_data().map_err(|error| self.failed(Action::Sync, error))
    }

    /// Forgets the oldest segment, of which nothing is needed any more; its file is kept for its
    /// space, or goes. Never the segment that is written to.
    pub(crate) fn trim(&mut self) -> Result<(), EngineError> {
        // First of all nobody may find it any more: its bytes will not stay.
        let Some((number, bytes)) = self.catalogue.forget_oldest() else { return Ok(()) };
        let disk = self.disk.as_ref();
        let name = number.name();
        if self.spares.len() < self.settings.spares && bytes == self.settings.segment_size {
            let spare = number.spare_name();
            disk.rename(&name, &spare).map_err(EngineError::io(Action::Rename, disk.path(&name)))?;
            self.spares.push(spare);
        } else {
            disk.remove(&name).map_err(EngineError::io(Action::Remove, disk.path(&name)))?;
        }
        if planted!(TrimUnsynced) {
            return Ok(());
        }
        // One at a time, so that no later one is gone while it is there.
        disk.sync_dir("journal").map_err(EngineError::io(Action::Sync, disk.path("journal")))
    }
}

impl Current {
    /// Makes a segment without frames. It gets its name only once its header is durable.
    fn create(disk: &dyn Disk, header: &Header, segment_size: u64) -> Result<Self, EngineError> {
        let name = header.number.name();
        let new = format!("{name}.new");
        let end = u64::try_from(SEGMENT_HEADER).unwrap_or(u64::MAX);
        let filled = ahead(end, segment_size);
        let mut bytes = header.encode().to_vec();
        bytes.resize(usize::try_from(filled).unwrap_or(SEGMENT_HEADER), 0);

        let path = disk.path(&new);
        let file = disk.create(&new).map_err(EngineError::io(Action::Create, &path))?;
        file.write_at(0, &bytes).map_err(EngineError::io(Action::Write, &path))?;
        if !planted!(SegmentUnsynced) {
            file.sync_data().map_err(EngineError::io(Action::Sync, &path))?;
        }
        disk.rename(&new, &name).map_err(EngineError::io(Action::Rename, &path))?;
        if !planted!(SegmentUnnamed) {
            disk.sync_dir("journal").map_err(EngineError::io(Action::Sync, disk.path("journal")))?;
        }
        Ok(Self {
            number: header.number,
            name,
            file,
            seed: header.seed(),
            end,
            filled,
            checksum: header.previous,
            empty: true,
            space: header.space,
        })
    }

    /// Makes a segment without frames in the file `spare`, whose bytes stay as they are behind it:
    /// its space was written before, so that writing there changes nothing but bytes. None of what
    /// stands there is ever a frame of this segment, whose checksums begin with its own number.
    fn again(disk: &dyn Disk, header: &Header, spare: &str) -> Result<Self, EngineError> {
        let name = header.number.name();
        let end = u64::try_from(SEGMENT_HEADER).unwrap_or(u64::MAX);
        let mut bytes = header.encode().to_vec();
        bytes.extend_from_slice(&END_MARK_ZEROS);

        let path = disk.path(spare);
        let file = disk.open(spare).map_err(EngineError::io(Action::Open, &path))?;
        let filled = file.size().map_err(EngineError::io(Action::Read, &path))?;
        file.write_at(0, &bytes).map_err(EngineError::io(Action::Write, &path))?;
        file.sync_data().map_err(EngineError::io(Action::Sync, &path))?;
        disk.rename(spare, &name).map_err(EngineError::io(Action::Rename, &path))?;
        disk.sync_dir("journal").map_err(EngineError::io(Action::Sync, disk.path("journal")))?;
        Ok(Self {
            number: header.number,
            name,
            file,
            seed: header.seed(),
            end,
            filled: filled.max(end.saturating_add(END_MARK)),
            checksum: header.previous,
            empty: true,
            space: header.space,
        })
    }
}

/// How far to fill a segment that is used up to `end`.
fn ahead(end: u64, segment_size: u64) -> u64 {
    let filled = end.checked_next_multiple_of(AHEAD).unwrap_or(end);
    filled.min(segment_size.max(end))
}
