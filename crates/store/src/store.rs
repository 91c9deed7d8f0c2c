//! The store: a fleet on an engine. One method commits any command; a snapshot reads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use fleet::{AssetType, Catalogue, Command, Key, Label, Policy, Record, Revision, Time, Write};
use parking_lot::{Mutex, RwLock};

use crate::engine::local::{self, Local};
use crate::engine::memory::Memory;
use crate::engine::{Commit, Engine, Order, StoreId};
use crate::error::{CommitError, FeedError, Hex, StoreError};
use crate::follow::News;
use crate::group::{Closed, Group};
use crate::head::Head;
use crate::planted::planted;
use crate::queue::{Busy, Lead, Limits, Queue};
use crate::roster::Lists;
use crate::ticket::{Keep, Task, Ticket};
use crate::view::{Snapshot, Source, decode};
use crate::{codec, keys};

/// How a store behaves while it is open. Not written into it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The times and limits that decisions go by.
    pub policy: Policy,
    /// How many commands may wait; one more is answered busy.
    pub waiting_max: usize,
    /// How many commands share one sync at most.
    pub group_max: usize,
    /// How the local engine works.
    pub engine: local::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            waiting_max: 4096,
            group_max: 256,
            engine: local::Options::default(),
        }
    }
}

/// A fleet, durable.
///
/// Share it behind an `Arc`: every method takes `&self`. It starts no thread and reads no clock.
#[derive(Debug)]
pub struct Store {
    pub(crate) engine: Box<dyn Engine>,
    queue: Queue<dyn Task>,
    head: Mutex<Head>,
    catalogue: RwLock<Arc<Catalogue>>,
    options: Options,
    failure: OnceLock<StoreError>,
    pub(crate) news: News,
    pub(crate) lists: Lists,
}

/// One line of the feed: a commit, and what it changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Its number.
    pub revision: Revision,
    /// When it was decided.
    pub time: Time,
    /// What it changed, in the order of the keys.
    pub writes: Vec<Write>,
}

impl Store {
    /// Makes a new store at `path` and opens it. `id` names the store for ever: draw it at random.
    ///
    /// # Errors
    /// When there is something at `path` already, or it cannot be written.
    pub fn create(path: &Path, id: StoreId, options: Options) -> Result<Self, StoreError> {
        let engine = Local::create(path, id, options.engine)?;
        Self::over(Box::new(engine), options)
    }

    /// Opens the store at `path`, and says what had to be mended. Never makes one.
    ///
    /// # Errors
    /// When there is no store, it is open already, or it is damaged beyond what its journal can mend.
    pub fn open(path: &Path, options: Options) -> Result<(Self, local::OpenReport), StoreError> {
        let (engine, report) = Local::open(path, options.engine)?;
        Ok((Self::over(Box::new(engine), options)?, report))
    }

    /// A store that forgets everything when it is dropped: for tests and simulation.
    ///
    /// # Errors
    /// Never in practice; the type is that of any other opening.
    pub fn in_memory(options: Options) -> Result<Self, StoreError> {
        Self::over(Box::new(Memory::new()), options)
    }

    /// A store on an engine of somebody's own, with whatever is in it. `testkit::engines` says what an engine
    /// has to do.
    ///
    /// # Errors
    /// When the engine cannot be read, or refuses the commit that begins an epoch.
    pub fn over(engine: Box<dyn Engine>, options: Options) -> Result<Self, StoreError> {
        let lists = Lists::new(engine.last().0);
        let store = Self {
            engine,
            queue: Queue::default(),
            head: Mutex::default(),
            catalogue: RwLock::default(),
            options,
            failure: OnceLock::new(),
            news: News::default(),
            lists,
        };
        let catalogue = store.load_catalogue()?;
        *store.catalogue.write() = Arc::new(catalogue);
        store.begin_epoch()?;
        Ok(store)
    }

    fn load_catalogue(&self) -> Result<Catalogue, StoreError> {
        let mut catalogue = Catalogue::default();
        let first = Key::Region(Label::lowest());
        let last = Key::Asset(AssetType::SnapshotPolicy, Label::highest());
        self.snapshot().walk((&first, &last), Order::Ascending, |record| {
            if let Record::Catalogue(item) = record {
                catalogue.add(item);
            }
            ControlFlow::Continue(())
        })?;
        Ok(catalogue)
    }

    /// Decides a command at `now` and commits what it changes. When this returns a reply, all of
    /// it is durable together; after a refusal, nothing has happened.
    ///
    /// Callers on many threads share syncs. Times never go back: a command that comes with an
    /// earlier time than the last commit is decided at that commit's.
    ///
    /// # Errors
    /// When the command is refused, too many commands wait, or the store fails.
    pub fn commit<C>(&self, command: C, now: Time) -> Result<C::Reply, CommitError<C::Refusal>>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.run(command, now, Keep::Yes)
    }

    /// Decides a command at `now` as [`Store::commit`] would, and keeps nothing of it.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn rehearse<C>(&self, command: C, now: Time) -> Result<C::Reply, CommitError<C::Refusal>>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.run(command, now, Keep::No)
    }

    fn run<C>(&self, command: C, now: Time, keep: Keep) -> Result<C::Reply, CommitError<C::Refusal>>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        let ticket = Arc::new(Ticket::new(command, now, keep));
        let limits = Limits { waiting: self.options.waiting_max, group: self.options.group_max };
        let answered = self.queue.run(Arc::clone(&ticket) as Arc<dyn Task>, &ticket.seat, limits, self);
        answered.unwrap_or_else(|Busy { waiting }| Err(CommitError::Busy { waiting }))
    }

    fn make_durable(&self, commits: Vec<Commit>) -> Result<(), StoreError> {
        if commits.is_empty() {
            return Ok(());
        }
        let answers = self.engine.commit(commits)?;
        // Decisions of a group see each other, so none of them stands if one does not.
        match answers.into_iter().find_map(Result::err) {
            Some(refused) => Err(StoreError::GroupBroken(refused)),
            None => Ok(()),
        }
    }

    /// Lets nothing follow `error`, unless something else came before it. Returns what came first.
    fn latch(&self, error: StoreError) -> StoreError {
        self.failure.get_or_init(|| error).clone()
    }

    /// Why nothing is committed any more, if that is so: the first failure, which stands until the
    /// store is opened again. Reading goes on.
    #[must_use]
    pub fn failure(&self) -> Option<&StoreError> {
        self.failure.get()
    }

    /// The number of the oldest group of commits that is under way, if one is. A watchdog with a clock that
    /// sees the same number for much longer than a disk takes knows that the disk or the index hangs.
    #[must_use]
    pub fn group_under_way(&self) -> Option<u64> {
        self.queue.under_way()
    }

    fn publish(&self, catalogue: &Arc<Catalogue>) {
        let changed = !Arc::ptr_eq(&self.catalogue.read(), catalogue);
        if changed {
            *self.catalogue.write() = Arc::clone(catalogue);
        }
        self.news.tell();
    }

    /// The fleet as it stands now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_> {
        let catalogue = Arc::clone(&self.catalogue.read());
        let source = Source { engine: self.engine.as_ref(), lists: &self.lists };
        Snapshot::new(self.engine.reader(), catalogue, &self.options.policy).with_source(source)
    }

    /// The times and limits that decisions go by.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.options.policy
    }

    /// The last commit, and when it was decided.
    #[must_use]
    pub fn last(&self) -> (Revision, Time) {
        self.engine.last()
    }

    /// The commits after `since`, in order, at most `limit` of them.
    ///
    /// # Errors
    /// When the feed no longer reaches back that far, or cannot be read.
    pub fn changes(&self, since: Revision, limit: usize) -> Result<Vec<Change>, FeedError> {
        let changes = self.engine.changes(since, limit)?;
        changes.iter().map(|change| decode_change(change).map_err(FeedError::Store)).collect()
    }

    /// Moves what is in memory to disk for good, so that the next opening has less to replay.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        Ok(self.engine.checkpoint()?)
    }
}

impl Lead for Store {
    type Job = dyn Task;
    type Group<'l> = Group<'l>;
    type Closed = Closed;

    fn overlaps(&self) -> bool {
        self.engine.waits()
    }

    fn begin(&self) -> Group<'_> {
        let head = self.head.lock();
        // In this order: if the group before is not there any more, the snapshot has what it changed.
        let below = head.below.upgrade();
        let base = (self.snapshot(), self.engine.last().1);
        Group::new(head, below, base, self.engine.low())
    }

    fn decide(&self, group: &mut Group<'_>, job: &dyn Task) {
        job.decide(group);
    }

    fn close(&self, group: Group<'_>) -> Closed {
        group.close()
    }

    fn write(&self, Closed { commits, edits, below }: Closed) -> Result<(), StoreError> {
        if let Some(first) = self.failure.get() {
            return Err(first.clone());
        }
        // A command that changes nothing may have seen what others change: its answer waits for theirs.
        let ticket = self.lists.begin(&edits);
        match self.make_durable(commits).map_err(|error| self.latch(error)) {
            Err(_) if planted!(AnsweredBeforeDurable) => return Ok(()),
            durable => durable?,
        }
        self.lists.settle(ticket, edits, self.engine.last().0);
        self.publish(&below.catalogue);
        Ok(())
    }

    fn tidy(&self) {
        if let Err(error) = self.engine.settle() {
            // The group that was answered is durable. It is the next that will not be.
            self.latch(error.into());
        }
    }

    fn broken(&self) -> StoreError {
        self.latch(StoreError::EnginePanicked)
    }
}

fn decode_change(change: &crate::engine::Change) -> Result<Change, StoreError> {
    let values: BTreeMap<&[u8], Option<&[u8]>> =
        change.writes.iter().map(|write| (write.key, write.value)).collect();
    let part = |key: &[u8]| Ok(values.get(key).copied().flatten().map(<[u8]>::to_vec));
    let mut writes = Vec::new();
    for (key, value) in values.iter().filter(|(key, _)| !keys::is_part(key)) {
        writes.push(match value {
            Some(head) => Write::Put(decode(key, head, part)?),
            None => Write::Remove(keys::decode(key).map_err(|source| StoreError::Record {
                key: Hex(key.to_vec()),
                source: codec::DecodeError::from(source),
            })?),
        });
    }
    Ok(Change { revision: change.revision, time: change.time, writes })
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
