//! Reading a snapshot: all of it is checked before any of it is believed.

use core::ops::ControlFlow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use fleet::{Revision, Time};
use sha2::{Digest as _, Sha256};

use super::{
    CHANGES, CHUNK_HEADER, CHUNK_MAX, Digest, END_BODY, ENTRIES, HEADER, Head, LAST, Seal, SnapshotFault,
    checksum,
};
use crate::engine::disk::{Disk, DiskFile};
use crate::engine::input::Input;
use crate::engine::journal::{Identity, decode_write};
use crate::engine::local::block::{Entries, Kept};
use crate::engine::local::table::Held;
use crate::engine::{Action, Change, EngineError, Entry, RECORD_MAX, Writes};

/// Why a snapshot cannot be used: the disk failed, or it is not whole.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error(transparent)]
    Disk(#[from] EngineError),
    #[error(transparent)]
    Fault(#[from] SnapshotFault),
}

/// A snapshot that is whole from its first byte to its last.
#[derive(Debug)]
pub(crate) struct Snapshot {
    head: Head,
    /// `None` for one of nothing, without a file.
    walk: Option<Walk>,
    pub(crate) seal: Seal,
    /// What the commits that were made while it was copied changed.
    amended: BTreeMap<Vec<u8>, Option<Held>>,
}

/// Looks at both ends of a snapshot, and at nothing in between; says how long it is, too.
pub(crate) fn peek(disk: &dyn Disk, name: &str) -> Result<(Head, Seal, u64), Unusable> {
    let walk = Walk::open(disk, name)?;
    let seal = walk.end()?;
    Ok((walk.head, seal, walk.size))
}

impl Snapshot {
    /// Reads and checks a whole snapshot.
    pub(crate) fn verify(
        disk: &dyn Disk,
        name: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, Unusable> {
        let mut walk = Walk::open(disk, name)?;
        let seal = walk.end()?;
        let mut contents = Contents::new(walk.head);
        let mut hasher = Sha256::new();
        hasher.update(walk.head.encode());
        walk.rewind();
        while walk.number < seal.chunks {
            let chunk = walk.chunk()?;
            hasher.update(&chunk.bytes);
            contents.take(&chunk).ok_or(SnapshotFault::Order { offset: chunk.offset })?;
            progress(walk.offset, walk.size);
        }
        let found = Seal {
            revision: contents.last.0,
            time: contents.last.1,
            chunks: walk.number,
            entries: contents.entries,
            changes: contents.changes,
            digest: Digest(hasher.finalize().into()),
        };
        let too_new = contents.newest > seal.revision;
        if found != seal || too_new || walk.offset != walk.end_offset() {
            return Err(SnapshotFault::Contents.into());
        }
        Ok(Self { head: walk.head, walk: Some(walk), seal, amended: contents.amended })
    }

    /// What a store holds before its first commit.
    pub(crate) const fn empty(identity: Identity) -> Self {
        let head = Head::new(identity, (Revision::ZERO, Time::START));
        let seal = Seal {
            revision: Revision::ZERO,
            time: Time::START,
            chunks: 0,
            entries: 0,
            changes: 0,
            digest: Digest([0; 32]),
        };
        Self { head, walk: None, seal, amended: BTreeMap::new() }
    }

    pub(crate) const fn head(&self) -> Head {
        self.head
    }

    /// How long its file is.
    pub(crate) fn bytes(&self) -> u64 {
        self.walk.as_ref().map_or(0, |walk| walk.size)
    }

    /// Lays further commits over it, in their order.
    pub(crate) fn amend(&mut self, change: &Change) {
        amend(&mut self.amended, change);
        (self.seal.revision, self.seal.time) = (change.revision, change.time);
    }

    /// Shows `visit` every entry at its revision, in the order of the keys.
    pub(crate) fn each<E: From<Unusable>>(
        mut self,
        mut visit: impl FnMut(Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut amended = core::mem::take(&mut self.amended).into_iter().peekable();
        let mut walk = self.walk.take();
        walk.iter_mut().for_each(Walk::rewind);
        while let Some(walk) = walk.as_mut().filter(|walk| walk.number < self.seal.chunks) {
            let chunk = walk.chunk()?;
            if chunk.kind != ENTRIES {
                break;
            }
            for entry in Entries::new(&[], &chunk.contents) {
                let offset = chunk.offset;
                let Kept { key, held } =
                    entry.map_err(|_cut| Unusable::from(SnapshotFault::Chunk { offset }))?;
                while let Some((key, held)) = amended.next_if(|(amended, _)| *amended < key) {
                    show(key, held, &mut visit)?;
                }
                match amended.next_if(|(amended, _)| *amended == key) {
                    Some((key, held)) => show(key, held, &mut visit)?,
                    None => show(key, Some(held), &mut visit)?,
                }
            }
        }
        amended.try_for_each(|(key, held)| show(key, held, &mut visit))
    }
}

fn show<E>(
    key: Vec<u8>,
    held: Option<Held>,
    visit: &mut impl FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    match held {
        Some(Held { revision, value }) => visit(Entry { key, value, revision }),
        None => Ok(()),
    }
}

fn amend(amended: &mut BTreeMap<Vec<u8>, Option<Held>>, change: &Change) {
    for write in &change.writes {
        let held = write.value.map(|value| Held { revision: change.revision, value: value.to_vec() });
        amended.insert(write.key.to_vec(), held);
    }
}

/// What has been seen of a snapshot's contents, which have to be in order.
#[derive(Debug)]
struct Contents {
    entries: u64,
    changes: u64,
    key: Option<Vec<u8>>,
    /// The newest revision that an entry may have is only known at the end.
    newest: Revision,
    last: (Revision, Time),
    amended: BTreeMap<Vec<u8>, Option<Held>>,
}

impl Contents {
    const fn new(head: Head) -> Self {
        Self {
            entries: 0,
            changes: 0,
            key: None,
            newest: Revision::ZERO,
            last: (head.begun, head.begun_at),
            amended: BTreeMap::new(),
        }
    }

    /// `None` when something is out of order.
    fn take(&mut self, chunk: &Chunk) -> Option<()> {
        match chunk.kind {
            ENTRIES if self.changes == 0 => self.take_entries(chunk),
            CHANGES => self.take_changes(chunk),
            _ => None,
        }
    }

    fn take_entries(&mut self, chunk: &Chunk) -> Option<()> {
        let mut count = 0_u32;
        let Self { key: before, newest, .. } = self;
        let wrong = Entries::new(&[], &chunk.contents).look(|key, revision, value| {
            let in_order = before.as_deref().is_none_or(|before| before < key);
            if !in_order || key.len().saturating_add(value.len()) > RECORD_MAX {
                return ControlFlow::Break(());
            }
            *newest = revision.max(*newest);
            let before = before.get_or_insert_default();
            before.clear();
            before.extend_from_slice(key);
            count = count.saturating_add(1);
            ControlFlow::Continue(())
        });
        self.entries = self.entries.saturating_add(count.into());
        (wrong == Ok(None) && count == chunk.count).then_some(())
    }

    fn take_changes(&mut self, chunk: &Chunk) -> Option<()> {
        let mut input = Input::new(&chunk.contents);
        for _ in 0..chunk.count {
            let revision = Revision::new(input.u64()?);
            let time = Time::from_millis(input.u64()?);
            let count = input.u32()?;
            if Some(revision) != self.last.0.next() || time < self.last.1 {
                return None;
            }
            let mut writes = Writes::default();
            for _ in 0..count {
                decode_write(&mut input, &mut writes)?;
            }
            amend(&mut self.amended, &Change { revision, time, writes });
            self.last = (revision, time);
            self.changes = self.changes.saturating_add(1);
        }
        input.rest().is_empty().then_some(())
    }
}

/// A chunk as it stands in the file.
#[derive(Debug)]
struct Chunk {
    offset: u64,
    kind: u8,
    count: u32,
    bytes: Vec<u8>,
    /// What its body is once it is expanded.
    contents: Vec<u8>,
}

/// Reading a snapshot chunk by chunk.
#[derive(Debug)]
struct Walk {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    size: u64,
    head: Head,
    seed: u32,
    number: u64,
    offset: u64,
}

impl Walk {
    fn open(disk: &dyn Disk, name: &str) -> Result<Self, Unusable> {
        let path = disk.path(name);
        let file = disk.open(name).map_err(EngineError::io(Action::Open, &path))?;
        let size = file.size().map_err(EngineError::io(Action::Read, &path))?;
        let bytes = file.read(0, HEADER).map_err(EngineError::io(Action::Read, &path))?;
        let head = Head::decode(&bytes)?;
        let mut walk = Self { file, path, size, head, seed: head.seed(), number: 0, offset: 0 };
        walk.rewind();
        Ok(walk)
    }

    fn rewind(&mut self) {
        self.number = 0;
        self.offset = u64::try_from(HEADER).unwrap_or(u64::MAX);
    }

    fn end_offset(&self) -> u64 {
        let end = CHUNK_HEADER.saturating_add(END_BODY);
        self.size.saturating_sub(u64::try_from(end).unwrap_or(u64::MAX))
    }

    fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, EngineError> {
        self.file.read(offset, length).map_err(EngineError::io(Action::Read, &self.path))
    }

    /// The last chunk, which says how many there are.
    fn end(&self) -> Result<Seal, Unusable> {
        let bytes = self.read(self.end_offset(), CHUNK_HEADER.saturating_add(END_BODY))?;
        let body = bytes.get(CHUNK_HEADER..).unwrap_or_default();
        let seal = Seal::decode(body).ok_or(SnapshotFault::Unfinished)?;
        let whole = whole(&bytes, self.seed, seal.chunks).ok_or(SnapshotFault::Unfinished)?;
        if whole != (LAST, 0) {
            return Err(SnapshotFault::Unfinished.into());
        }
        Ok(seal)
    }

    /// The next chunk.
    fn chunk(&mut self) -> Result<Chunk, Unusable> {
        let offset = self.offset;
        let damaged = SnapshotFault::Chunk { offset };
        let head = self.read(offset, CHUNK_HEADER)?;
        let length = Input::new(&head).u32().and_then(|length| usize::try_from(length).ok());
        let length = length.filter(|length| *length <= CHUNK_MAX).ok_or(damaged)?;
        let bytes = self.read(offset, CHUNK_HEADER.saturating_add(length))?;
        let (kind, count) = whole(&bytes, self.seed, self.number).ok_or(damaged)?;
        self.number = self.number.saturating_add(1);
        self.offset = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let body = bytes.get(CHUNK_HEADER..).unwrap_or_default();
        let contents = self.head.contents(kind, body).ok_or(damaged)?;
        Ok(Chunk { offset, kind, count, bytes, contents })
    }
}

/// What a chunk holds and how many, when it is the one that was written as `number`.
fn whole(bytes: &[u8], seed: u32, number: u64) -> Option<(u8, u32)> {
    let mut input = Input::new(bytes);
    let length = input.array::<4>()?;
    let found = input.u32()?;
    let rest = input.rest();
    let [kind, padding @ ..] = input.array::<4>()?;
    let count = input.u32()?;
    let as_long_as_it_says = u32::try_from(input.rest().len()).ok()? == u32::from_be_bytes(length);
    let right = checksum(seed, number, length, rest) == found;
    (as_long_as_it_says && right && padding == [0; 3]).then_some((kind, count))
}
