//! Waiting for the next commit: on a thread ([`Follow`]) or in a task ([`Beyond`]).
//!
//! Nobody polls, and there is no thread of the store's own: the leader that published a group tells
//! who waits. Nothing is queued for anybody. A reader that stops reading is not waiting, and costs
//! the commits nothing; what it has not read stays in the journal, for as long as that is kept.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fleet::Revision;
use parking_lot::{Condvar, Mutex};

use crate::error::FeedError;
use crate::store::{Change, Store};

/// How many commits a follower reads ahead at most.
const AHEAD_MAX: usize = 32;

/// Who waits for commits.
#[derive(Debug, Default)]
pub(crate) struct News {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

/// The tasks that wait, by numbers that are never given twice. Threads wait at the condvar.
#[derive(Debug, Default)]
struct Waiting {
    tasks: BTreeMap<u64, Waker>,
    numbered: u64,
}

impl News {
    /// Says that there are new commits, which readers see by now. Never waits for who hears it.
    pub(crate) fn tell(&self) {
        let tasks = std::mem::take(&mut self.waiting.lock().tasks);
        self.came.notify_all();
        tasks.into_values().for_each(Waker::wake);
    }

    /// How many tasks wait.
    #[cfg(test)]
    pub(crate) fn tasks(&self) -> usize {
        self.waiting.lock().tasks.len()
    }
}

impl Store {
    /// The commits after `since`, one after the other, as they come. Asked for the next, it waits up
    /// to `patience` for one; `None` says that none has come, and it can be asked again.
    ///
    /// It holds no lock and no snapshot, and at most 32 commits that were read ahead.
    #[must_use]
    pub const fn follow(&self, since: Revision, patience: Duration) -> Follow<'_> {
        Follow { store: self, read: since, patience, ahead: VecDeque::new(), over: false }
    }

    /// Waits up to `patience` until there are commits after `since`. Whether there are.
    pub fn wait_beyond(&self, since: Revision, patience: Duration) -> bool {
        // Looked at under the lock that the teller takes after committing: news cannot slip between.
        let nothing = |_: &mut Waiting| self.last().0 <= since;
        let mut waiting = self.news.waiting.lock();
        !self.news.came.wait_while_for(&mut waiting, nothing, patience).timed_out() || self.last().0 > since
    }

    /// Resolves once there are commits after `since`. For tasks; it belongs to no runtime.
    #[must_use]
    pub const fn beyond(self: Arc<Self>, since: Revision) -> Beyond {
        Beyond { store: self, since, number: None }
    }
}

/// The commits after one, as they come. See [`Store::follow`].
#[derive(Debug)]
pub struct Follow<'s> {
    store: &'s Store,
    read: Revision,
    patience: Duration,
    ahead: VecDeque<Change>,
    over: bool,
}

impl Follow<'_> {
    /// The last commit that was handed out, or where it began: what to go on from another time.
    #[must_use]
    pub const fn read(&self) -> Revision {
        self.read
    }

    /// The next commit, if there is one or one comes within `patience`.
    ///
    /// # Errors
    /// When the feed no longer reaches back that far, or cannot be read.
    pub fn next_within(&mut self, patience: Duration) -> Result<Option<Change>, FeedError> {
        if self.ahead.is_empty() {
            if self.store.last().0 == self.read && !self.store.wait_beyond(self.read, patience) {
                return Ok(None);
            }
            self.ahead = self.store.changes(self.read, AHEAD_MAX)?.into();
        }
        let next = self.ahead.pop_front();
        self.read = next.as_ref().map_or(self.read, |change| change.revision);
        Ok(next)
    }
}

/// Ends after an error: asked again, nothing would have changed. `None` besides that only says that
/// nothing has come in time.
impl Iterator for Follow<'_> {
    type Item = Result<Change, FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = self.next_within(self.patience);
        self.over = next.is_err();
        next.transpose()
    }
}

/// Resolves once there are commits after one. See [`Store::beyond`].
#[derive(Debug)]
pub struct Beyond {
    store: Arc<Store>,
    since: Revision,
    /// What it waits under.
    number: Option<u64>,
}

impl Future for Beyond {
    /// The last commit.
    type Output = Revision;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Revision> {
        let this = &mut *self;
        let mut waiting = this.store.news.waiting.lock();
        let last = this.store.last().0;
        if last > this.since {
            return Poll::Ready(last);
        }
        let number = *this.number.get_or_insert_with(|| {
            waiting.numbered = waiting.numbered.wrapping_add(1);
            waiting.numbered
        });
        let before = waiting.tasks.insert(number, cx.waker().clone());
        // Not under the lock: with a waker its task may go, and another wait in that.
        drop(waiting);
        drop(before);
        Poll::Pending
    }
}

/// Nobody is woken for a task that has gone.
impl Drop for Beyond {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let waker = self.store.news.waiting.lock().tasks.remove(&number);
            drop(waker);
        }
    }
}
