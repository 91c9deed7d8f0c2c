//! Group commit for those that have none: whoever finds nobody at work works for all that wait, and is as patient as
//! ours is: before a small group, those who were just answered may come.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::measure::{Failure, Groups};

/// How often whoever works lets other threads run before a small group.
const PATIENCE: usize = 2;

/// A queue in front of `W`, which makes a group of jobs durable.
pub(crate) struct Grouped<J, W> {
    state: Mutex<State<J>>,
    worker: Mutex<W>,
    worked: Condvar,
    start: Instant,
}

struct State<J> {
    waiting: Vec<J>,
    /// How many jobs have been handed in, and how many of them are durable.
    asked: u64,
    durable: u64,
    working: bool,
    /// How many jobs the last group had, and how many it had with the one before it.
    last: usize,
    crowd: usize,
    failure: Option<String>,
    /// When each group ended.
    ends: Vec<Duration>,
}

impl<J, W: FnMut(&[J]) -> Result<(), Failure>> Grouped<J, W> {
    pub(crate) fn new(worker: W) -> Self {
        let state = State {
            waiting: Vec::new(),
            asked: 0,
            durable: 0,
            working: false,
            last: 0,
            crowd: 0,
            failure: None,
            ends: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            worker: Mutex::new(worker),
            worked: Condvar::new(),
            start: Instant::now(),
        }
    }

    /// Hands `job` in, and comes back once it is durable.
    pub(crate) fn run(&self, job: J) -> Result<(), Failure> {
        let mut state = self.state();
        state.waiting.push(job);
        state.asked += 1;
        let mine = state.asked;
        while state.durable < mine {
            if let Some(failure) = &state.failure {
                return Err(failure.clone().into());
            }
            state = match state.working {
                true => self.worked.wait(state).expect("nobody at work panics"),
                false => self.work(state),
            };
        }
        Ok(())
    }

    fn work<'s>(&'s self, mut state: MutexGuard<'s, State<J>>) -> MutexGuard<'s, State<J>> {
        state.working = true;
        for _ in 0..PATIENCE {
            if state.waiting.len() < state.crowd / 2 {
                drop(state);
                std::thread::yield_now();
                state = self.state();
            }
        }
        state.crowd = state.waiting.len() + state.last;
        state.last = state.waiting.len();
        let (group, through) = (std::mem::take(&mut state.waiting), state.asked);
        drop(state);
        let worked = (self.worker.lock().expect("nobody at work panics"))(&group);
        let mut state = self.state();
        match worked {
            Ok(()) => state.durable = through,
            Err(failure) => state.failure = Some(failure.to_string()),
        }
        state.ends.push(self.start.elapsed());
        state.working = false;
        self.worked.notify_all();
        state
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().expect("nobody at work panics")
    }

    /// The groups there were.
    pub(crate) fn groups(&self) -> Option<Groups> {
        let state = self.state();
        Groups::of(&state.ends, state.durable)
    }
}
