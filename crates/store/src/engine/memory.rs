//! An engine without a disk, for tests and simulation. Made to be obviously right, not fast: a
//! commit copies the map when a reader is looking at it.

use core::fmt;
use core::ops::{Bound, ControlFlow};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use fleet::{Revision, Time};
use parking_lot::{Mutex, RwLock};

use super::disk::Disk;
use super::journal::Identity;
use super::plan::{Plan, Planner};
use super::{
    Backup, BackupError, Change, ChangesError, Commit, Engine, EngineError, Entry, HoldError, KeyRange,
    Order, Progress, Reader, Refused, Stats, StoreId, WriteRef, backup,
};

pub(crate) type Map = BTreeMap<Vec<u8>, (Revision, Vec<u8>)>;

/// The key space in memory, and its history.
#[derive(Default)]
pub struct Memory {
    state: RwLock<State>,
    committing: Mutex<()>,
}

#[derive(Clone)]
struct State {
    map: Arc<Map>,
    last: Revision,
    time: Time,
    history: VecDeque<Change>,
    history_max: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            map: Arc::default(),
            last: Revision::ZERO,
            time: Time::START,
            history: VecDeque::new(),
            history_max: usize::MAX,
        }
    }
}

/// What it holds may be secret.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("last", &self.last()).finish_non_exhaustive()
    }
}

impl Memory {
    /// An empty one that keeps its whole history.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one that keeps the last `commits` of its history.
    #[must_use]
    pub fn with_history(commits: usize) -> Self {
        Self { state: RwLock::new(State { history_max: commits, ..State::default() }), ..Self::default() }
    }

    /// A state that is already there; its history is not.
    pub(crate) fn of(map: Map, last: Revision, time: Time) -> Self {
        let state = State { map: Arc::new(map), last, time, ..State::default() };
        Self { state: RwLock::new(state), ..Self::default() }
    }
}

/// Makes `change` happen to `map`.
pub(crate) fn apply(map: &mut Map, change: &Change) {
    for WriteRef { key, value } in &change.writes {
        match value {
            Some(value) => {
                map.insert(key.to_vec(), (change.revision, value.to_vec()));
            }
            None => {
                map.remove(key);
            }
        }
    }
}

impl Engine for Memory {
    fn reader(&self) -> Box<dyn Reader + '_> {
        let state = self.state.read();
        Box::new(MemoryReader { map: Arc::clone(&state.map), revision: state.last })
    }

    fn commit(&self, group: Vec<Commit>) -> Result<Vec<Result<Revision, Refused>>, EngineError> {
        let _one_at_a_time = self.committing.lock();
        let (map, last, time) = {
            let state = self.state.read();
            (Arc::clone(&state.map), state.last, state.time)
        };
        let mut planner = Planner::new((last, time), &group);
        for commit in group {
            planner.add(commit, |key| Ok(map.get(key).map(|(revision, _)| *revision)))?;
        }
        let Plan { answers, changes } = planner.finish();

        // Our own handle would make the map look shared, and be copied for nothing.
        drop(map);
        let mut state = self.state.write();
        for change in changes {
            apply(Arc::make_mut(&mut state.map), &change);
            state.last = change.revision;
            state.time = change.time;
            state.history.push_back(change);
            if state.history.len() > state.history_max {
                state.history.pop_front();
            }
        }
        Ok(answers)
    }

    /// There is nothing to wait for, and whoever reads meanwhile makes it copy the map.
    fn waits(&self) -> bool {
        false
    }

    fn changes(&self, since: Revision, limit: usize) -> Result<Vec<Change>, ChangesError> {
        let state = self.state.read();
        if since > state.last {
            return Err(ChangesError::Future { since, last: state.last });
        }
        let after_last = state.last.next().unwrap_or(state.last);
        let oldest = state.history.front().map_or(after_last, |change| change.revision);
        if since < state.last && since.next().is_some_and(|wanted| wanted < oldest) {
            return Err(ChangesError::HistoryGone { oldest });
        }
        let skip = state.history.partition_point(|change| change.revision <= since);
        Ok(state.history.iter().skip(skip).take(limit).cloned().collect())
    }

    fn last(&self) -> (Revision, Time) {
        let state = self.state.read();
        (state.last, state.time)
    }

    fn checkpoint(&self) -> Result<(), EngineError> {
        Ok(())
    }

    fn maintain(&self, _budget: u64) -> Result<Progress, EngineError> {
        Ok(Progress::default())
    }

    /// What history is kept was said when it was made: nothing is held, and nothing promised.
    fn hold_feed(&self, _name: &str, read: Revision) -> Result<(), HoldError> {
        match self.changes(read, 0) {
            Ok(_) => Ok(()),
            Err(ChangesError::HistoryGone { oldest }) => Err(HoldError::HistoryGone { oldest }),
            Err(ChangesError::Future { since, last }) => Err(HoldError::Future { read: since, last }),
            Err(ChangesError::Engine(error)) => Err(error.into()),
        }
    }

    fn release_feed(&self, _name: &str) -> Result<bool, EngineError> {
        Ok(false)
    }

    fn backup(&self, disk: &dyn Disk, watch: &mut dyn FnMut(u64)) -> Result<Backup, BackupError> {
        // It has no name of its own. Whoever restores it gives it one.
        let identity = Identity { store: StoreId([0; 16]), epoch: 1 };
        backup::copy(self, identity, disk, watch)
    }

    fn stats(&self) -> Stats {
        let state = self.state.read();
        let oldest = state.history.front().map_or(Revision::ZERO, |change| change.revision);
        Stats { last: state.last, time: state.time, oldest, ..Stats::default() }
    }
}

struct MemoryReader {
    map: Arc<Map>,
    revision: Revision,
}

impl Reader for MemoryReader {
    fn revision(&self) -> Revision {
        self.revision
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>, EngineError> {
        Ok(self.map.get_key_value(key).map(entry))
    }

    fn scan(
        &self,
        range: KeyRange,
        order: Order,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        // A map panics when asked for a range that ends before it begins.
        if range.is_empty() {
            return Ok(());
        }
        let end = range.end.map_or(Bound::Unbounded, Bound::Excluded);
        let mut found = self.map.range((Bound::Included(range.start), end)).map(entry);
        let _how_it_ended = match order {
            Order::Ascending => found.try_for_each(visit),
            Order::Descending => found.rev().try_for_each(visit),
        };
        Ok(())
    }
}

fn entry((key, (revision, value)): (&Vec<u8>, &(Revision, Vec<u8>))) -> Entry {
    Entry { key: key.clone(), value: value.clone(), revision: *revision }
}
