//! The store: a fleet on an engine. One method commits any command; a snapshot reads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use fleet::{AssetType, Catalogue, Command, Key, Label, Policy, Record, Revision, Time, Write};
use parking_lot::RwLock;

use crate::engine::local::{self, Local};
use crate::engine::memory::Memory;
use crate::engine::{Commit, Engine, Order, StoreId};
use crate::error::{CommitError, FeedError, Hex, StoreError};
use crate::follow::News;
use crate::group::Group;
use crate::planted::planted;
use crate::queue::{Job, Keep, Queue, Ticket};
use crate::view::{Snapshot, decode};
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
    queue: Queue,
    catalogue: RwLock<Arc<Catalogue>>,
    options: Options,
    failure: OnceLock<StoreError>,
    pub(crate) news: News,
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

    pub(crate) fn over(engine: Box<dyn Engine>, options: Options) -> Result<Self, StoreError> {
        let (queue, catalogue, failure) = (Queue::default(), RwLock::default(), OnceLock::new());
        let news = News::default();
        let store = Self { engine, queue, catalogue, options, failure, news };
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
        let Options { waiting_max, group_max, .. } = self.options;
        self.queue.run(&ticket, waiting_max, group_max, |jobs| self.commit_group(jobs))
    }

    /// Commits a group as its leader: decides every job in order, makes all of it durable with one
    /// sync, answers.
    fn commit_group(&self, jobs: &[Arc<dyn Job>]) {
        let mut group = Group::new(self.snapshot(), self.engine.last().1, self.engine.low());
        let commits: Vec<_> = jobs.iter().filter_map(|job| job.decide(&mut group)).collect();
        let catalogue = group.into_catalogue();
        // A job that changes nothing may have seen what earlier ones change: its answer waits for theirs.
        match self.make_durable(commits) {
            Ok(()) => {
                self.publish(catalogue);
                jobs.iter().for_each(|job| job.answer());
            }
            Err(error) => {
                let error = self.failure.get_or_init(|| error);
                if planted!(AnsweredBeforeDurable) {
                    return jobs.iter().for_each(|job| job.answer());
                }
                jobs.iter().for_each(|job| job.fail(error.clone()));
            }
        }
    }

    fn make_durable(&self, commits: Vec<Commit>) -> Result<(), StoreError> {
        if let Some(first) = self.failure.get() {
            return Err(first.clone());
        }
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

    /// Why nothing is committed any more, if that is so: the first failure, which stands until the
    /// store is opened again. Reading goes on.
    #[must_use]
    pub fn failure(&self) -> Option<&StoreError> {
        self.failure.get()
    }

    fn publish(&self, catalogue: Arc<Catalogue>) {
        let changed = !Arc::ptr_eq(&self.catalogue.read(), &catalogue);
        if changed {
            *self.catalogue.write() = catalogue;
        }
        self.news.tell();
    }

    /// The fleet as it stands now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'_> {
        let catalogue = Arc::clone(&self.catalogue.read());
        Snapshot::new(self.engine.reader(), catalogue, &self.options.policy)
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
        changes.into_iter().map(|change| decode_change(change).map_err(FeedError::Store)).collect()
    }

    /// Moves what is in memory to disk for good, so that the next opening has less to replay.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        Ok(self.engine.checkpoint()?)
    }
}

fn decode_change(change: crate::engine::Change) -> Result<Change, StoreError> {
    let values: BTreeMap<Vec<u8>, Option<Vec<u8>>> =
        change.writes.into_iter().map(|write| (write.key, write.value)).collect();
    let mut writes = Vec::new();
    for (key, value) in values.iter().filter(|(key, _)| !keys::is_part(key)) {
        writes.push(match value {
            Some(head) => Write::Put(decode(key, head, |part| Ok(values.get(part).cloned().flatten()))?),
            None => Write::Remove(keys::decode(key).map_err(|source| StoreError::Record {
                key: Hex(key.clone()),
                source: codec::DecodeError::from(source),
            })?),
        });
    }
    Ok(Change { revision: change.revision, time: change.time, writes })
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
