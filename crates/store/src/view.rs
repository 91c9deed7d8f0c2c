//! A fleet as it stands at one revision, read from an engine and decoded.

use std::ops::ControlFlow;
use std::sync::Arc;

use fleet::{AccountId, Catalogue, Key, Label, Left, Policy, Record, Revision, Time, View};

use crate::codec::{self, ReadError};
use crate::engine::{Engine, Entry, KeyRange, Order, Reader, after};
use crate::error::{Hex, StoreError};
use crate::head::Changed;
use crate::keys;
use crate::roster::{Lists, Roster};

/// The fleet at one revision. Holding one keeps it at that revision; let go of it soon.
pub struct Snapshot<'s> {
    reader: Box<dyn Reader + 's>,
    catalogue: Arc<Catalogue>,
    policy: &'s Policy,
    /// Where listings are looked up; without it all records are walked.
    source: Option<Source<'s>>,
}

/// Where a snapshot comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'s> {
    pub(crate) engine: &'s dyn Engine,
    pub(crate) lists: &'s Lists,
}

impl std::fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("revision", &self.revision()).finish_non_exhaustive()
    }
}

impl<'s> Snapshot<'s> {
    pub(crate) fn new(reader: Box<dyn Reader + 's>, catalogue: Arc<Catalogue>, policy: &'s Policy) -> Self {
        Self { reader, catalogue, policy, source: None }
    }

    /// The same, with a roster to look listings up in.
    pub(crate) fn with_source(self, source: Source<'s>) -> Self {
        Self { source: Some(source), ..self }
    }

    /// The roster of the store, made when it is not there yet.
    pub(crate) fn lists(&self) -> Result<Option<&'s Lists>, StoreError> {
        let Some(Source { engine, lists }) = self.source else { return Ok(None) };
        lists.make(|| {
            let newest = Snapshot::new(engine.reader(), Arc::clone(&self.catalogue), self.policy);
            Ok::<_, StoreError>((Roster::draw(&newest)?, newest.revision()))
        })?;
        Ok(Some(lists))
    }

    /// The revision it stands at.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.reader.revision()
    }

    pub(crate) fn reader(&self) -> &dyn Reader {
        self.reader.as_ref()
    }

    /// What can be asked for.
    #[must_use]
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// When the first timer is due.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due(&self) -> Result<Option<Time>, StoreError> {
        let (from, to) = Key::timers(Time::END);
        let first = self.keys(&from, &to, 1)?.into_iter().next();
        Ok(first.and_then(|key| if let Key::Timer(at, _) = key { Some(at) } else { None }))
    }

    /// Every record, in the order of the keys. Meant for tests and small stores: all of them are
    /// held in memory at once.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn records(&self) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        let (first, (_, last)) = (Key::Sequence, Key::template_names(AccountId(u64::MAX), &Label::highest()));
        self.walk((&first, &last), Order::Ascending, |record| {
            records.push(record);
            ControlFlow::Continue(())
        })?;
        Ok(records)
    }

    /// Walks the records of a range of keys, in either direction, until `see` breaks off.
    pub(crate) fn walk(
        &self,
        range: (&Key, &Key),
        order: Order,
        mut see: impl FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut failure = None;
        self.reader.scan(key_range(range), order, &mut |entry| match self.decode(&entry) {
            Ok(record) => see(record),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// How many parts stand behind the head under an encoded key; none where there is no head.
    pub(crate) fn further_parts(&self, key: &[u8]) -> Result<u8, StoreError> {
        let Some(head) = self.reader.get(key)? else { return Ok(0) };
        codec::parts(&head.value).map_err(|source| StoreError::Record { key: Hex(key.to_vec()), source })
    }

    /// What stands under `key`, and in how many parts.
    pub(crate) fn read(&self, key: &Key) -> Result<Changed, StoreError> {
        let Some(entry) = self.reader.get(&keys::encode(key))? else {
            return Ok(Changed { left: Left::Nothing, parts: 0 });
        };
        let left = Left::of(key, self.decode(&entry)?);
        let parts = codec::parts(&entry.value);
        let parts = parts.map_err(|source| StoreError::Record { key: Hex(entry.key), source })?;
        Ok(Changed { left, parts })
    }

    pub(crate) fn decode(&self, entry: &Entry) -> Result<Record, StoreError> {
        decode(&entry.key, &entry.value, |part| Ok(self.reader.get(part)?.map(|entry| entry.value)))
    }
}

/// The encoded keys from the first to the last of `range`, both included.
fn key_range((first, last): (&Key, &Key)) -> KeyRange {
    KeyRange { start: keys::encode(first), end: Some(after(&keys::encode(last))) }
}

/// Decodes what stands under `key`, fetching further parts where there are some.
pub(crate) fn decode(
    key: &[u8],
    head: &[u8],
    part: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Record, StoreError> {
    codec::decode(key, head, part).map_err(|error| match error {
        ReadError::Part(error) => error,
        ReadError::Record(source) => StoreError::Record { key: Hex(key.to_vec()), source },
    })
}

impl View for Snapshot<'_> {
    type Failure = StoreError;

    fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let entry = self.reader.get(&keys::encode(key))?;
        entry.map(|entry| self.decode(&entry)).transpose()
    }

    fn keys(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<Key>, StoreError> {
        let mut found = Vec::new();
        let mut failure = None;
        if limit == 0 {
            return Ok(found);
        }
        self.reader.scan(key_range((from, to)), Order::Ascending, &mut |entry| {
            match keys::decode(&entry.key) {
                Ok(key) => found.push(key),
                Err(source) => {
                    failure = Some(StoreError::Record { key: Hex(entry.key), source: source.into() });
                    return ControlFlow::Break(());
                }
            }
            if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        failure.map_or(Ok(found), Err)
    }

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn policy(&self) -> &Policy {
        self.policy
    }
}
