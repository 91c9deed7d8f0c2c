//! Opening a journal in two steps: [`survey`] only looks, and can refuse; the [`Survey`] it gives can
//! then replay, or cut a torn tail and go on as a [`Journal`].

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use fleet::{Revision, Time};

use super::segment::{FORMAT, SEGMENT_HEADER, UNSEALED, Unreadable};
use super::{
    Catalogue, Current, END_MARK, FrameFault, Header, HeaderFault, Identity, Journal, Listed, Replay,
    SegmentNumber, Settings, Space, Tail, ahead, replay,
};
use crate::engine::disk::{Disk, DiskFile};
use crate::engine::local::OpenError;
use crate::engine::{Action, Change, EngineError};
use crate::planted::planted;

/// How many zeros are written at once over a torn tail.
const ZEROS: usize = 1024 * 1024;

/// The end of the journal that was never acknowledged, and was removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cut {
    /// From which segment.
    pub file: PathBuf,
    /// Where it began.
    pub offset: u64,
    /// How many bytes, most of them probably zeros.
    pub bytes: u64,
    /// What is wrong with the first frame that was cut.
    pub fault: FrameFault,
}

/// Makes the journal of a store that has nothing else yet, or a snapshot of its `base`: a directory
/// and the first segment, without a commit.
pub(crate) fn begin(
    disk: &Arc<dyn Disk>,
    identity: Identity,
    settings: Settings,
    (base, time): (Revision, Time),
) -> Result<Journal, EngineError> {
    let header = Header {
        format: FORMAT,
        identity,
        number: SegmentNumber::FIRST,
        first: base.next().ok_or(EngineError::RevisionsExhausted)?,
        time,
        previous: 0,
        space: Space::Zeros,
    };
    disk.create_dir("journal").map_err(EngineError::io(Action::Create, disk.path("journal")))?;
    let current = Current::create(disk.as_ref(), &header, settings.segment_size)?;
    let catalogue = Catalogue::new(Arc::clone(disk), identity, [Listed::new(&header, current.filled)]);
    Ok(Journal {
        disk: Arc::clone(disk),
        identity,
        settings,
        current,
        last: base,
        time,
        synced: base,
        catalogue: Arc::new(catalogue),
        spares: Vec::new(),
        written: 0,
        buffer: Vec::new(),
    })
}

/// A journal that has been looked at and not touched.
#[derive(Debug)]
pub(crate) struct Survey {
    disk: Arc<dyn Disk>,
    identity: Identity,
    /// All segments but the newest, and how long their files are.
    older: Vec<(Header, u64)>,
    newest: Replay,
    newest_size: u64,
    /// Where the last group of commits begins: only of those before it is it sure that they are durable.
    unsure: u64,
    /// That group, and the zeros that end it where there are none anyway.
    unsure_bytes: Vec<u8>,
    files: Files,
}

/// What is in the journal's directory besides segments.
#[derive(Debug, Default)]
struct Files {
    /// Segments that never got their name.
    unfinished: Vec<String>,
    /// Files that may be used again.
    spares: Vec<String>,
}

/// Looks at the journal: every header, and every frame of the newest segment.
pub(crate) fn survey(disk: &Arc<dyn Disk>, identity: Identity) -> Result<Survey, OpenError> {
    let (numbers, files) = list(disk.as_ref())?;
    let Some((newest, older)) = numbers.split_last() else {
        return Err(OpenError::JournalMissing { directory: disk.path("journal") });
    };
    let older = older.iter().map(|number| read_header(disk.as_ref(), identity, *number));
    let older = older.collect::<Result<Vec<_>, _>>()?;
    let bytes = read_all(disk.as_ref(), *newest)?;
    let newest_size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let newest = replay(&bytes, identity, *newest).map_err(refuse(disk.as_ref(), *newest))?;
    let unsure = newest.unsure;
    let bounds =
        usize::try_from(unsure).unwrap_or(usize::MAX)..usize::try_from(newest.end).unwrap_or(usize::MAX);
    let mut unsure_bytes = bytes.get(bounds).unwrap_or_default().to_vec();
    if newest.header.space == Space::Leftovers {
        let zeros = newest_size.saturating_sub(newest.end).min(END_MARK);
        unsure_bytes.resize(unsure_bytes.len().saturating_add(usize::try_from(zeros).unwrap_or(0)), 0);
    }
    let disk = Arc::clone(disk);
    Ok(Survey { disk, identity, older, newest, newest_size, unsure, unsure_bytes, files })
}

impl Survey {
    /// The last commit that is whole, and its time.
    pub(crate) const fn last(&self) -> (Revision, Time) {
        (self.newest.last, self.newest.time)
    }

    /// The oldest segment, and the revision it begins with.
    pub(crate) fn first(&self) -> (SegmentNumber, Revision) {
        let first = self.older.first().map_or(&self.newest.header, |(header, _)| header);
        (first.number, first.first)
    }

    /// How many segments there are.
    pub(crate) fn segments(&self) -> usize {
        self.older.len().saturating_add(1)
    }

    /// How long they are together.
    pub(crate) fn bytes(&self) -> u64 {
        self.older.iter().fold(self.newest_size, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }

    /// How many files are kept to be segments again.
    pub(crate) fn spare_files(&self) -> usize {
        self.files.spares.len()
    }

    /// How many bytes there are to be replayed after `since`, whole segments at a time.
    pub(crate) fn bytes_after(&self, since: Revision) -> u64 {
        let followers = self.followers();
        let older = self.older.iter().zip(followers);
        let needed = older.filter(|(_, follower)| follower.first.number() > since.number().saturating_add(1));
        needed.fold(self.newest.end, |sum, ((_, bytes), _)| sum.saturating_add(*bytes))
    }

    fn followers(&self) -> impl Iterator<Item = &Header> {
        self.older.iter().map(|(header, _)| header).skip(1).chain([&self.newest.header])
    }

    /// Makes sure that no segment is missing behind the newest.
    pub(crate) fn check_followed(&self) -> Result<(), OpenError> {
        match self.newest.tail {
            Tail::Sealed(next) => Err(OpenError::SegmentMissing { file: self.disk.path(&next.name()) }),
            Tail::Clean | Tail::Torn(_) => Ok(()),
        }
    }

    /// Makes sure that the newest segment is as long as it was when it got its name, and when the last of the
    /// commits that are surely durable was written: space is filled before it is needed.
    pub(crate) fn check_length(&self, segment_size: u64) -> Result<(), OpenError> {
        let expected = least(&self.newest, self.unsure, segment_size);
        if self.newest_size >= expected {
            return Ok(());
        }
        let file = self.disk.path(&self.newest.header.number.name());
        let source = FrameFault::Shortened { expected };
        Err(OpenError::Damaged { file, offset: self.newest_size, source })
    }

    /// What would be cut.
    pub(crate) fn torn(&self) -> Option<Cut> {
        match self.newest.tail {
            Tail::Clean | Tail::Sealed(_) => None,
            Tail::Torn(fault) => Some(Cut {
                file: self.disk.path(&self.newest.header.number.name()),
                offset: self.newest.end,
                bytes: self.newest_size.saturating_sub(self.newest.end),
                fault,
            }),
        }
    }

    /// Shows `sink` every commit after `since`, in order, and how many bytes there were by then.
    pub(crate) fn replay(
        mut self,
        since: Revision,
        mut sink: impl FnMut(Change, u64) -> Result<(), OpenError>,
    ) -> Result<(), OpenError> {
        let since = if planted!(ReplayOffByOne) { since.next().unwrap_or(since) } else { since };
        let mut before = 0_u64;
        let newest = core::mem::take(&mut self.newest.commits);
        for ((header, _), follower) in self.older.iter().zip(self.followers()) {
            if follower.first.number() <= since.number().saturating_add(1) {
                continue;
            }
            let bytes = read_all(self.disk.as_ref(), header.number)?;
            let read = replay(&bytes, self.identity, header.number)
                .map_err(refuse(self.disk.as_ref(), header.number))?;
            self.check_link(&read, follower)?;
            for (offset, change) in read.commits.into_iter().filter(|(_, change)| change.revision > since) {
                sink(change, before.saturating_add(offset))?;
            }
            before = before.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }
        for (offset, change) in newest.into_iter().filter(|(_, change)| change.revision > since) {
            sink(change, before.saturating_add(offset))?;
        }
        Ok(())
    }

    /// Makes sure that a segment is whole, and that the next one goes on where it ends.
    fn check_link(&self, read: &Replay, follower: &Header) -> Result<(), OpenError> {
        let file = self.disk.path(&read.header.number.name());
        // Sealing may have been broken off, and says nothing any more once the next one is there.
        if let Tail::Torn(fault) = read.tail
            && fault != FrameFault::Seal
        {
            // The next segment was only begun once this one was durable.
            return Err(OpenError::Damaged { file, offset: read.end, source: fault });
        }
        if read.last.next() != Some(follower.first)
            || read.checksum != follower.previous
            || read.time != follower.time
        {
            let source = FrameFault::Chain { expected: follower.previous, found: read.checksum };
            return Err(OpenError::Damaged { file, offset: read.end, source });
        }
        Ok(())
    }

    /// Removes what never became a commit, makes the rest durable, and goes on writing there.
    pub(crate) fn journal(&self, settings: Settings) -> Result<Journal, EngineError> {
        let disk = &self.disk;
        for name in &self.files.unfinished {
            disk.remove(name).map_err(EngineError::io(Action::Remove, disk.path(name)))?;
        }
        let header = self.newest.header;
        let name = header.number.name();
        let path = disk.path(&name);
        let file = disk.open(&name).map_err(EngineError::io(Action::Open, &path))?;
        if matches!(self.newest.tail, Tail::Torn(_)) && !planted!(TornTailLeft) {
            // Left in place, its frames might one day follow a new one that happens to fit.
            overwrite(file.as_ref(), self.newest.end, self.newest_size)
                .map_err(EngineError::io(Action::Write, &path))?;
        }
        // A write that was to make it longer may have been broken off.
        let filled = ahead(self.newest_size.max(self.newest.end), settings.segment_size);
        overwrite(file.as_ref(), self.newest_size, filled).map_err(EngineError::io(Action::Write, &path))?;
        // What was read may so far only be in the page cache: nobody may see it before it is durable.
        // It is written once more, since a sync that failed leaves pages that look clean and are not.
        file.write_at(self.unsure, &self.unsure_bytes).map_err(EngineError::io(Action::Write, &path))?;
        if !planted!(UnsureUnsynced) {
            file.sync_data().map_err(EngineError::io(Action::Sync, &path))?;
        }

        let newest = Listed::new(&header, filled);
        let segments = self.older.iter().map(|(header, bytes)| Listed::new(header, *bytes)).chain([newest]);
        let catalogue = Catalogue::new(Arc::clone(disk), self.identity, segments);
        let places: Vec<_> =
            self.newest.commits.iter().map(|(offset, change)| (change.revision, *offset)).collect();
        catalogue.wrote(&places);
        Ok(Journal {
            current: Current {
                number: header.number,
                name,
                file,
                seed: header.seed(),
                end: self.newest.end,
                filled,
                checksum: self.newest.checksum,
                empty: self.newest.commits.is_empty(),
                space: header.space,
            },
            disk: Arc::clone(disk),
            identity: self.identity,
            settings,
            last: self.newest.last,
            time: self.newest.time,
            synced: self.newest.last,
            catalogue: Arc::new(catalogue),
            spares: self.spares(settings)?,
            written: 0,
            buffer: Vec::new(),
        })
    }

    /// The files that may be used again. One of another size, or one too many, is removed.
    fn spares(&self, settings: Settings) -> Result<Vec<String>, EngineError> {
        let disk = self.disk.as_ref();
        let mut spares = Vec::new();
        for name in &self.files.spares {
            let path = disk.path(name);
            let file = disk.open(name).map_err(EngineError::io(Action::Open, &path))?;
            let size = file.size().map_err(EngineError::io(Action::Read, &path))?;
            if size == settings.segment_size && spares.len() < settings.spares {
                spares.push(name.clone());
            } else {
                disk.remove(name).map_err(EngineError::io(Action::Remove, path))?;
            }
        }
        Ok(spares)
    }
}

/// How long the file of a segment is at least, of which the bytes up to `durable` are.
pub(crate) fn least(read: &Replay, durable: u64, segment_size: u64) -> u64 {
    match (read.header.format, read.header.space) {
        (UNSEALED, _) => 0,
        (_, Space::Zeros) => ahead(durable, segment_size),
        (_, Space::Leftovers) => segment_size,
    }
}

pub(crate) fn overwrite(file: &dyn DiskFile, mut from: u64, to: u64) -> std::io::Result<()> {
    while from < to {
        let left = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        let zeros = vec![0; left.min(ZEROS)];
        file.write_at(from, &zeros)?;
        from = from.saturating_add(u64::try_from(zeros.len()).unwrap_or(u64::MAX));
    }
    Ok(())
}

/// The numbers of the segments, in order and without a gap, and what else there is.
fn list(disk: &dyn Disk) -> Result<(Vec<SegmentNumber>, Files), OpenError> {
    let directory = disk.path("journal");
    let names = match disk.list("journal") {
        Ok(names) => names,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(OpenError::JournalMissing { directory });
        }
        Err(error) => return Err(EngineError::io(Action::List, directory)(error).into()),
    };
    let mut numbers: Vec<_> = names.iter().filter_map(|name| SegmentNumber::parse(name)).collect();
    numbers.sort();
    let ending = |end: &str| {
        let names = names.iter().filter(|name| name.ends_with(end));
        names.map(|name| format!("journal/{name}")).collect()
    };
    let files = Files { unfinished: ending(".segment.new"), spares: ending(".spare") };

    let mut expected = numbers.first().copied();
    for number in &numbers {
        if let Some(expected) = expected.filter(|expected| expected != number) {
            return Err(OpenError::SegmentMissing { file: disk.path(&expected.name()) });
        }
        expected = Some(number.next());
    }
    Ok((numbers, files))
}

fn read_header(
    disk: &dyn Disk,
    identity: Identity,
    number: SegmentNumber,
) -> Result<(Header, u64), OpenError> {
    let name = number.name();
    let file = disk.open(&name).map_err(EngineError::io(Action::Open, disk.path(&name)))?;
    let size = file.size().map_err(EngineError::io(Action::Read, disk.path(&name)))?;
    let bytes = file.read(0, SEGMENT_HEADER).map_err(EngineError::io(Action::Read, disk.path(&name)))?;
    Header::decode(&bytes)
        .and_then(|header| header.of(identity, number))
        .map(|header| (header, size))
        .map_err(|fault| refuse(disk, number)(fault.into()))
}

fn read_all(disk: &dyn Disk, number: SegmentNumber) -> Result<Vec<u8>, EngineError> {
    read_up_to(disk, number, usize::MAX)
}

fn read_up_to(disk: &dyn Disk, number: SegmentNumber, length: usize) -> Result<Vec<u8>, EngineError> {
    let name = number.name();
    let file = disk.open(&name).map_err(EngineError::io(Action::Open, disk.path(&name)))?;
    file.read(0, length).map_err(EngineError::io(Action::Read, disk.path(&name)))
}

fn refuse(disk: &dyn Disk, number: SegmentNumber) -> impl FnOnce(Unreadable) -> OpenError {
    let file = disk.path(&number.name());
    move |unreadable| match unreadable {
        Unreadable::Header(HeaderFault::Format { found, known }) => OpenError::Format { file, found, known },
        Unreadable::Header(source) => OpenError::SegmentHeader { file, source },
        Unreadable::Damaged { offset, fault, later: _ } => OpenError::Damaged { file, offset, source: fault },
    }
}
