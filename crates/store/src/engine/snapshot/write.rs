//! Writing a snapshot, chunk by chunk.

use core::fmt;
use std::io;

use fleet::{Revision, Time};
use sha2::{Digest as _, Sha256};

use super::{CHANGES, CHUNK, CHUNK_HEADER, Digest, ENTRIES, Head, LAST, Seal, checksum};
use crate::engine::compressed::compress;
use crate::engine::disk::{Disk, DiskFile};
use crate::engine::journal::encode_writes;
use crate::engine::local::block::{self, Kept};
use crate::engine::local::table::Held;
use crate::engine::{Change, Entry};

/// What was written is made durable after this many bytes, so that no sync has much to do.
const SYNC: u64 = 4 * 1024 * 1024;

/// A snapshot in the making.
pub(crate) struct Maker {
    file: Box<dyn DiskFile>,
    seed: u32,
    /// Where the next chunk goes.
    offset: u64,
    unsynced: u64,
    /// How many bytes it was given, before they were compressed.
    taken: u64,
    hasher: Sha256,
    chunks: u64,
    entries: u64,
    changes: u64,
    /// The chunk that is being filled: what it holds, how much of it, and the last key in it.
    kind: u8,
    count: u32,
    body: Vec<u8>,
    key: Vec<u8>,
}

impl fmt::Debug for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maker")
            .field("file", &self.file)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Maker {
    /// Makes the file `name` on `disk`, taking the place of one that was left unfinished.
    pub(crate) fn begin(disk: &dyn Disk, name: &str, head: Head) -> io::Result<Self> {
        match disk.remove(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut maker = Self {
            file: disk.create(name)?,
            seed: head.seed(),
            offset: 0,
            unsynced: 0,
            taken: 0,
            hasher: Sha256::new(),
            chunks: 0,
            entries: 0,
            changes: 0,
            kind: ENTRIES,
            count: 0,
            body: Vec::new(),
            key: Vec::new(),
        };
        maker.write(&head.encode())?;
        Ok(maker)
    }

    /// How many bytes it has so far.
    pub(crate) const fn size(&self) -> u64 {
        self.offset
    }

    /// How many bytes that is before they are compressed.
    pub(crate) const fn taken(&self) -> u64 {
        self.taken
    }

    /// Adds the next entry in the order of keys.
    pub(crate) fn entry(&mut self, entry: Entry) -> io::Result<()> {
        let Entry { key, value, revision } = entry;
        let kept = Kept { key, held: Held { revision, value } };
        block::append(&mut self.body, &self.key, kept.piece());
        self.key = kept.key;
        self.entries = self.entries.saturating_add(1);
        self.added(ENTRIES)
    }

    /// Adds the next commit that was made while the entries were copied.
    pub(crate) fn change(&mut self, change: &Change) -> io::Result<()> {
        if self.kind != CHANGES {
            self.flush()?;
            self.kind = CHANGES;
        }
        self.body.extend_from_slice(&change.revision.number().to_be_bytes());
        self.body.extend_from_slice(&change.time.millis().to_be_bytes());
        let count = u32::try_from(change.writes.len()).unwrap_or(u32::MAX);
        self.body.extend_from_slice(&count.to_be_bytes());
        encode_writes(&change.writes, &mut self.body).ok_or(io::ErrorKind::InvalidInput)?;
        self.changes = self.changes.saturating_add(1);
        self.added(CHANGES)
    }

    fn added(&mut self, kind: u8) -> io::Result<()> {
        self.kind = kind;
        self.count = self.count.saturating_add(1);
        if self.body.len() < CHUNK { Ok(()) } else { self.flush() }
    }

    /// Writes the chunk that is being filled.
    fn flush(&mut self) -> io::Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let body = core::mem::take(&mut self.body);
        let bytes = self.chunk(self.kind, self.count, &compress(&body));
        self.taken = self.taken.saturating_add(u64::try_from(body.len()).unwrap_or(u64::MAX));
        self.chunks = self.chunks.saturating_add(1);
        self.count = 0;
        self.key.clear();
        self.write(&bytes)
    }

    fn chunk(&self, kind: u8, count: u32, body: &[u8]) -> Vec<u8> {
        let mut rest = Vec::with_capacity(body.len().saturating_add(CHUNK_HEADER));
        rest.extend_from_slice(&[kind, 0, 0, 0]);
        rest.extend_from_slice(&count.to_be_bytes());
        rest.extend_from_slice(body);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = length.to_vec();
        bytes.extend_from_slice(&checksum(self.seed, self.chunks, length, &rest).to_be_bytes());
        bytes.extend_from_slice(&rest);
        bytes
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(self.offset, bytes)?;
        self.hasher.update(bytes);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(length);
        self.unsynced = self.unsynced.saturating_add(length);
        if self.unsynced >= SYNC {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Ends it at a revision and makes it durable; giving it its name is left to whoever began it.
    pub(crate) fn finish(mut self, (revision, time): (Revision, Time)) -> io::Result<(Seal, u64)> {
        self.flush()?;
        let seal = Seal {
            revision,
            time,
            chunks: self.chunks,
            entries: self.entries,
            changes: self.changes,
            digest: Digest(self.hasher.clone().finalize().into()),
        };
        let end = self.chunk(LAST, 0, &seal.encode());
        self.write(&end)?;
        self.file.sync_data()?;
        Ok((seal, self.offset))
    }
}
