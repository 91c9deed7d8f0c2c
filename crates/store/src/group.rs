//! A group in the making: a snapshot, and what the commits of the group so far change on top of it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use fleet::{Catalogue, Key, Policy, Record, Serial, Time, View, Write};

use crate::codec;
use crate::engine::{self, Low};
use crate::error::StoreError;
use crate::keys;
use crate::planted::planted;
use crate::view::Snapshot;

/// More than the engine puts around a write, or a commit.
const WRITE_OVERHEAD: usize = 64;

/// What later decisions of a group see: the snapshot under the writes of the earlier ones.
pub(crate) struct Group<'s> {
    snapshot: Snapshot<'s>,
    changed: BTreeMap<Key, Option<Record>>,
    catalogue: Arc<Catalogue>,
    time: Time,
    /// There is too little room for what grows.
    low: Option<Low>,
    /// The first id that the snapshot cannot know: nothing stands under it or any after it. `None`
    /// until somebody asks.
    first_new: OnceCell<Serial>,
}

impl<'s> Group<'s> {
    /// An empty group on top of `snapshot`, whose last commit was at `time`; with what is known of room on
    /// the disk.
    pub(crate) fn new(snapshot: Snapshot<'s>, time: Time, low: Option<Low>) -> Self {
        let catalogue = Arc::clone(snapshot.catalogue());
        Self { snapshot, changed: BTreeMap::new(), catalogue, time, low, first_new: OnceCell::new() }
    }

    /// Refuses a command that grows when there is too little room for it.
    pub(crate) fn has_room(&self, grows: bool) -> Result<(), StoreError> {
        match self.low {
            Some(low) if grows => Err(StoreError::DiskLow(low)),
            Some(_) | None => Ok(()),
        }
    }

    /// The time at which a command that came at `now` is decided: times never go back.
    pub(crate) fn time(&self, now: Time) -> Time {
        self.time.max(now)
    }

    /// The catalogue as the group leaves it.
    pub(crate) fn into_catalogue(self) -> Arc<Catalogue> {
        self.catalogue
    }

    /// Encodes what a decision changes, and lets later decisions of the group see it.
    pub(crate) fn stage(&mut self, writes: Vec<Write>, time: Time) -> Result<engine::Commit, StoreError> {
        #[cfg(feature = "planted")]
        let writes = crate::planted::spoil(writes);
        let mut staged = Vec::with_capacity(writes.len());
        for write in &writes {
            self.encode(write, &mut staged)?;
        }
        fits_one_commit(&staged)?;

        // From here on the decision is part of the group.
        for write in writes {
            if let Write::Put(Record::Catalogue(item)) = &write {
                Arc::make_mut(&mut self.catalogue).add(item.clone());
            }
            let key = write.key();
            let record = match write {
                Write::Put(record) => Some(record),
                Write::Remove(_) => None,
            };
            self.changed.insert(key, record);
        }
        self.time = self.time(time);
        Ok(engine::Commit { time, expected: Vec::new(), writes: staged })
    }

    fn encode(&self, write: &Write, staged: &mut Vec<engine::Write>) -> Result<(), StoreError> {
        let key = write.key();
        let mut parts_kept = 0;
        if let Write::Put(record) = write {
            let pairs = codec::encode(record).map_err(StoreError::Encode)?;
            parts_kept = further_parts(&pairs);
            staged.extend(pairs.into_iter().map(|(key, value)| engine::Write { key, value: Some(value) }));
        } else {
            staged.push(engine::Write { key: keys::encode(&key), value: None });
        }
        self.remove_stale_parts(&key, parts_kept, staged)
    }

    /// Whether `key` names something by an id that was drawn after the snapshot was taken, so that
    /// nothing can stand there. Every launch writes under such keys, and looking there is dear.
    fn is_new(&self, key: &Key) -> Result<bool, StoreError> {
        let (Key::Spec(id) | Key::Batch(id)) = key else { return Ok(false) };
        let first_new = match self.first_new.get() {
            Some(first_new) => *first_new,
            None => *self.first_new.get_or_init({
                let next = self.snapshot.sequence()?.next;
                move || next
            }),
        };
        Ok(id.0 >= first_new)
    }

    /// A long record that shrinks or goes leaves parts behind; they go with the same commit.
    fn remove_stale_parts(
        &self,
        key: &Key,
        parts_kept: u8,
        staged: &mut Vec<engine::Write>,
    ) -> Result<(), StoreError> {
        if !may_be_long(key) || planted!(StalePartsLeft) {
            return Ok(());
        }
        let encoded = keys::encode(key);
        let parts_there = match self.changed.get(key) {
            Some(Some(record)) => further_parts(&codec::encode(record).map_err(StoreError::Encode)?),
            Some(None) => 0,
            None if self.is_new(key)? => 0,
            None => self.snapshot.further_parts(&encoded)?,
        };
        let stale = parts_kept.saturating_add(1)..=parts_there;
        staged.extend(stale.map(|part| engine::Write { key: keys::part(&encoded, part), value: None }));
        Ok(())
    }
}

/// Refuses what the engine would: by then other decisions would have seen it.
pub(crate) fn fits_one_commit(staged: &[engine::Write]) -> Result<(), StoreError> {
    let size = |write: &engine::Write| {
        let value = write.value.as_ref().map_or(0, Vec::len);
        write.key.len().saturating_add(value).saturating_add(WRITE_OVERHEAD)
    };
    let bytes = staged.iter().fold(WRITE_OVERHEAD, |bytes, write| bytes.saturating_add(size(write)));
    match bytes <= engine::FRAME_MAX {
        true => Ok(()),
        false => Err(StoreError::TooMuchAtOnce { bytes, limit: engine::FRAME_MAX }),
    }
}

/// How many parts stand behind the head of what a record is stored as.
fn further_parts(pairs: &[codec::Pair]) -> u8 {
    u8::try_from(pairs.len().saturating_sub(1)).unwrap_or(u8::MAX)
}

/// Whether the record under `key` holds texts or lists, and so can take more than one part.
const fn may_be_long(key: &Key) -> bool {
    match key {
        Key::Spec(_)
        | Key::Network(_)
        | Key::Batch(_)
        | Key::Region(_)
        | Key::Zone(_)
        | Key::Image(_)
        | Key::Template(_)
        | Key::TemplateVersion(..)
        | Key::InstanceType(_)
        | Key::Host(_)
        | Key::Account(_)
        | Key::Subnet(_)
        | Key::Group(_)
        | Key::Rule(..)
        | Key::KeyPair(..)
        | Key::Amendment(_)
        | Key::Disk(..)
        | Key::Password(_)
        | Key::UserData(_) => true,
        // An instance has a list of addresses, and what it had cools down in one; of these a type and a launch allow few.
        Key::Sequence
        | Key::Holdings(..)
        | Key::Receipt(_)
        | Key::Asset(..)
        | Key::Stock(_)
        | Key::PublicPool(_)
        | Key::AddressPage(..)
        | Key::Ipv6Claim(..)
        | Key::Cooling(_)
        | Key::Token(_)
        | Key::Instance(_)
        | Key::Event(_)
        | Key::Timer(..)
        | Key::Work(..)
        | Key::WorkStats
        | Key::TemplateName(_) => false,
    }
}

impl View for Group<'_> {
    type Failure = StoreError;

    fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        if planted!(TokenForgotten) && matches!(key, Key::Token(_)) {
            return Ok(None);
        }
        match self.changed.get(key) {
            Some(record) => Ok(record.clone()),
            None => self.snapshot.get(key),
        }
    }

    fn keys(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<Key>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let changed: Vec<_> = self.changed.range(from..=to).collect();
        let gone = changed.iter().filter(|(_, record)| record.is_none()).count();
        let mut keys = self.snapshot.keys(from, to, limit.saturating_add(gone))?;
        keys.retain(|key| !self.changed.contains_key(key));
        keys.extend(changed.into_iter().filter(|(_, record)| record.is_some()).map(|(key, _)| key.clone()));
        keys.sort_unstable();
        keys.truncate(limit);
        Ok(keys)
    }

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn policy(&self) -> &Policy {
        self.snapshot.policy()
    }
}
