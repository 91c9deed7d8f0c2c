//! A group in the making: a snapshot, what the group before it changes, and what its own commits so far do.
//!
//! ```text
//! changed    the commits of this group so far
//! below      the group before it, as long as that is still being written
//! hot        what nearly every decision reads, kept decoded
//! snapshot   everything else, as of the groups that are durable
//! ```
//!
//! A decision looks through them from the top. An answer that comes of what is only in `changed` or `below`
//! waits until both are durable.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use fleet::{
    BatchId, Catalogue, EventId, Instance, InstanceId, Key, Left, Policy, Record, Serial, Spec, Status, Time,
    View,
};
use parking_lot::MutexGuard;

use crate::codec;
use crate::engine::{self, Low};
use crate::error::StoreError;
use crate::head::{Below, Changed, Changes, Head};
use crate::keys;
use crate::planted::planted;
use crate::roster::{self, Edit, Member, Sketch};
use crate::view::Snapshot;

/// More than the engine puts around a write, or a commit.
const WRITE_OVERHEAD: usize = 64;

/// For how many bytes of each write there is room from the beginning: most have fewer.
const USUAL_SIZE: usize = 64;

/// What the commands of a group are decided on.
pub(crate) struct Group<'s> {
    snapshot: Snapshot<'s>,
    head: MutexGuard<'s, Head>,
    below: Option<Arc<Below>>,
    changed: Changes,
    commits: Vec<engine::Commit>,
    catalogue: Arc<Catalogue>,
    time: Time,
    /// There is too little room for what grows.
    low: Option<Low>,
    /// The first id that nobody has drawn before this group: nothing stands under it or any after it, but
    /// what the group itself put there. `None` until somebody asks.
    first_new: OnceCell<Serial>,
}

/// What a decision changes, encoded.
pub(crate) struct Staged {
    commit: engine::Commit,
    changes: Vec<(Key, Changed)>,
    catalogue: Option<Arc<Catalogue>>,
}

/// A launch, and what its instances have in common.
type Launched = (BatchId, Arc<Spec>);

/// A group that is decided.
pub(crate) struct Closed {
    pub(crate) commits: Vec<engine::Commit>,
    /// What they change of the roster.
    pub(crate) edits: Vec<Edit>,
    /// Later groups look through it until it is durable: to be dropped then, and not before.
    pub(crate) below: Arc<Below>,
}

impl<'s> Group<'s> {
    /// An empty group on top of `snapshot`, whose last commit was at `time`, and of the group `below` it, which
    /// was looked up before the snapshot was taken; with what is known of room on the disk.
    pub(crate) fn new(
        head: MutexGuard<'s, Head>,
        below: Option<Arc<Below>>,
        (snapshot, time): (Snapshot<'s>, Time),
        low: Option<Low>,
    ) -> Self {
        let catalogue =
            Arc::clone(below.as_ref().map_or_else(|| snapshot.catalogue(), |below| &below.catalogue));
        let time = below.as_ref().map_or(time, |below| below.time.max(time));
        Self {
            snapshot,
            head,
            below,
            changed: Changes::default(),
            commits: Vec::new(),
            catalogue,
            time,
            low,
            first_new: OnceCell::new(),
        }
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

    /// Lets the next group see this one.
    pub(crate) fn close(mut self) -> Closed {
        let edits = self.edits();
        let Self { catalogue, time, .. } = self;
        self.head.remember(&self.changed);
        let below = Arc::new(Below { changed: self.changed, catalogue, time });
        self.head.below = Arc::downgrade(&below);
        Closed { commits: self.commits, edits, below }
    }

    /// Encodes what a decision changes. Everything that can fail is in here, and the group stays as it was.
    pub(crate) fn stage(&self, writes: Vec<(Key, Left)>, time: Time) -> Result<Staged, StoreError> {
        #[cfg(feature = "planted")]
        let writes = crate::planted::spoil(writes);
        let mut staged = engine::Writes::with_capacity(writes.len(), writes.len().saturating_mul(USUAL_SIZE));
        let mut changes = Vec::with_capacity(writes.len());
        let mut catalogue = None;
        for (key, left) in writes {
            let record = left.record(&key);
            if let Some(Record::Catalogue(item)) = record.as_deref() {
                Arc::make_mut(catalogue.get_or_insert_with(|| Arc::clone(&self.catalogue))).add(item.clone());
            }
            let parts = self.encode(&key, record.as_deref(), &mut staged)?;
            changes.push((key, Changed { left, parts }));
        }
        fits_one_commit(&staged)?;
        Ok(Staged {
            commit: engine::Commit { time, expected: Vec::new(), writes: staged },
            changes,
            catalogue,
        })
    }

    /// Lets later decisions of the group see what was staged.
    pub(crate) fn keep(&mut self, Staged { commit, changes, catalogue }: Staged) {
        self.time = self.time.max(commit.time);
        self.commits.push(commit);
        self.changed.extend(changes);
        if let Some(catalogue) = catalogue {
            self.catalogue = catalogue;
        }
    }

    /// What the group changes of the roster. Who cannot be read is said to be so: that must not keep
    /// anything from being committed.
    fn edits(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut last = None;
        for (key, changed) in self.changed.iter() {
            if let Key::Instance(id) = key {
                let edit = self.instance_edit(*id, changed.left.shared(), &mut last);
                edits.extend(edit.unwrap_or(Some(Edit::Unread(Member::Instance(*id)))));
            } else if let Key::Amendment(id) = key
                && !self.changed.contains_key(&Key::Instance(*id))
            {
                edits.push(self.amendment_edit(*id).unwrap_or(Edit::Unread(Member::Instance(*id))));
            } else if let Key::Event(id) = key {
                edits.push(self.event_edit(*id).unwrap_or(Edit::Unread(Member::Event(*id))));
            }
        }
        edits
    }

    /// What changes of an instance; `None` when it is nothing that is listed. Most changes are of its state
    /// alone.
    fn instance_edit(
        &self,
        id: InstanceId,
        after: Option<&Arc<Record>>,
        last: &mut Option<Launched>,
    ) -> Result<Option<Edit>, StoreError> {
        if self.is_drawn_now(id.0)? {
            return self.profile_edit(id, (None, after), last).map(Some);
        }
        let before = self.before(&Key::Instance(id))?;
        let listed = |instance: &Instance| {
            let Instance { account, batch, index, address, public, amended, .. } = *instance;
            let failed = instance.state.status() == Status::Failed;
            (account, batch, index, address, public, amended, failed, instance.attached.is_empty())
        };
        if let (Some(Record::Instance(before)), Some(Record::Instance(after))) =
            (&before, after.map(|record| &**record))
            && let (Some(from), Some(to)) = (before.shown(), after.shown())
            && listed(before) == listed(after)
            && !self.changed.contains_key(&Key::Amendment(id))
        {
            return Ok((from != to).then_some(Edit::Shown { id, from, to }));
        }
        self.profile_edit(id, (before, after), last).map(Some)
    }

    /// An amendment of an instance changes, and nothing else of it.
    fn amendment_edit(&self, id: InstanceId) -> Result<Edit, StoreError> {
        let after = self.instance(id)?.map(|instance| Arc::new(Record::Instance(instance)));
        self.profile_edit(id, (self.before(&Key::Instance(id))?, after.as_ref()), &mut None)
    }

    fn profile_edit(
        &self,
        id: InstanceId,
        (before, after): (Option<Record>, Option<&Arc<Record>>),
        last: &mut Option<Launched>,
    ) -> Result<Edit, StoreError> {
        let before = before.map(|before| self.sketch_before(before)).transpose()?.flatten();
        let after = after.map(|after| self.sketch_after(after, last)).transpose()?.flatten();
        Ok(Edit::Instance(roster::Changed { before, after }, id))
    }

    /// Of the record of an instance. The `last` spec is at hand, since many instances in a row are of one launch.
    fn sketch_after(
        &self,
        record: &Arc<Record>,
        last: &mut Option<Launched>,
    ) -> Result<Option<Sketch>, StoreError> {
        let Record::Instance(instance) = &**record else { return Ok(None) };
        let spec = match last {
            Some((batch, spec)) if *batch == instance.batch => Some(Arc::clone(spec)),
            Some(_) | None => self.spec(instance.batch)?,
        };
        let Some(spec) = spec else { return Ok(None) };
        *last = Some((instance.batch, Arc::clone(&spec)));
        let amendment = match instance.amended {
            true => self.amendment(instance.id)?.map(Arc::new),
            false => None,
        };
        Ok(Some(Sketch { instance: Arc::clone(record), spec, amendment }))
    }

    fn sketch_before(&self, record: Record) -> Result<Option<Sketch>, StoreError> {
        let Record::Instance(instance) = &record else { return Ok(None) };
        let Some(Record::Spec(_, spec)) = self.before(&Key::Spec(instance.batch))? else { return Ok(None) };
        let amendment = match self.before(&Key::Amendment(instance.id))? {
            Some(Record::Amendment(_, amendment)) if instance.amended => Some(Arc::new(amendment)),
            Some(_) | None => None,
        };
        Ok(Some(Sketch { instance: Arc::new(record), spec, amendment }))
    }

    fn event_edit(&self, id: EventId) -> Result<Edit, StoreError> {
        let before = match self.before(&Key::Event(id))? {
            Some(Record::Event(event)) => Some(event),
            Some(_) | None => None,
        };
        Ok(Edit::Event(Box::new(roster::Changed { before, after: self.event(id)? }), id))
    }

    /// What stood under `key` before this group.
    fn before(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        if let Some(changed) = self.below.as_ref().and_then(|below| below.changed.get(key)) {
            return Ok(changed.left.record(key).map(Cow::into_owned));
        }
        match self.kept(key)? {
            Some(Changed { left, .. }) => Ok(left.record(key).map(Cow::into_owned)),
            None => self.snapshot.get(key),
        }
    }

    /// Adds what stands under `key` from now on, and says how many parts that has.
    fn encode(
        &self,
        key: &Key,
        record: Option<&Record>,
        staged: &mut engine::Writes,
    ) -> Result<u8, StoreError> {
        let parts = match record {
            Some(record) => codec::encode(key, record, staged).map_err(StoreError::Encode)?,
            None => {
                staged.remove_with(|bytes| keys::encode_onto(key, bytes));
                0
            }
        };
        // A long record that shrinks or goes leaves parts behind; they go with the same commit.
        let stale = parts.saturating_add(1)..=self.parts_there(key)?;
        if !stale.is_empty() {
            let key = keys::encode(key);
            stale.for_each(|part| staged.remove(&keys::part(&key, part)));
        }
        Ok(parts)
    }

    /// How many parts stand behind the head of what `key` holds now.
    fn parts_there(&self, key: &Key) -> Result<u8, StoreError> {
        if !may_be_long(key) || planted!(StalePartsLeft) {
            return Ok(0);
        }
        if let Some(changed) = self.written(key) {
            return Ok(changed.parts);
        }
        if self.is_new(key)? {
            return Ok(0);
        }
        match self.kept(key)? {
            Some(changed) => Ok(changed.parts),
            None => self.snapshot.further_parts(&keys::encode(key)),
        }
    }

    /// Whether `key` names something by an id that was drawn in this group, so that nothing can stand there.
    /// Every launch writes under such keys, and looking there is dear.
    fn is_new(&self, key: &Key) -> Result<bool, StoreError> {
        let (Key::Spec(id) | Key::Batch(id) | Key::Password(id) | Key::UserData(id)) = key else {
            return Ok(false);
        };
        self.is_drawn_now(id.0)
    }

    /// Whether an id was drawn in this group.
    fn is_drawn_now(&self, id: Serial) -> Result<bool, StoreError> {
        let first_new = match self.first_new.get() {
            Some(first_new) => *first_new,
            None => *self.first_new.get_or_init({
                let next = self.sequence()?.next;
                move || next
            }),
        };
        Ok(id >= first_new)
    }

    /// What this group or the one below it put under `key`; `None` when neither did.
    fn written(&self, key: &Key) -> Option<&Changed> {
        let below = || self.below.as_ref().and_then(|below| below.changed.get(key));
        self.changed.get(key).or_else(below)
    }

    /// What the head keeps decoded of what stood under `key` before this group; `None` when the snapshot has to
    /// be asked.
    fn kept(&self, key: &Key) -> Result<Option<Changed>, StoreError> {
        self.head.kept(key, || self.snapshot.read(key))
    }

    /// What is known of `key` without the snapshot.
    fn known(&self, key: &Key) -> Result<Option<Changed>, StoreError> {
        match self.written(key) {
            Some(changed) => Ok(Some(changed.clone())),
            None => self.kept(key),
        }
    }
}

/// Refuses what the engine would: by then other decisions would have seen it.
pub(crate) fn fits_one_commit(staged: &engine::Writes) -> Result<(), StoreError> {
    let around = WRITE_OVERHEAD.saturating_mul(staged.len().saturating_add(1));
    let bytes = staged.bytes().saturating_add(around);
    match bytes <= engine::FRAME_MAX {
        true => Ok(()),
        false => Err(StoreError::TooMuchAtOnce { bytes, limit: engine::FRAME_MAX }),
    }
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
        match self.known(key)? {
            Some(Changed { left, .. }) => Ok(left.record(key).map(Cow::into_owned)),
            None => self.snapshot.get(key),
        }
    }

    fn keys(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<Key>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let mut changed: BTreeMap<&Key, bool> = BTreeMap::new();
        let below = self.below.as_ref().map(|below| &below.changed);
        for changes in below.into_iter().chain([&self.changed]) {
            changed.extend(changes.range(from..=to).map(|(key, changed)| (key, changed.left.is_there())));
        }
        let gone = changed.values().filter(|there| !**there).count();
        let mut keys = self.snapshot.keys(from, to, limit.saturating_add(gone))?;
        keys.retain(|key| !changed.contains_key(key));
        keys.extend(changed.into_iter().filter(|(_, there)| *there).map(|(key, _)| key.clone()));
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
