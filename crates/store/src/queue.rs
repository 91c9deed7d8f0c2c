//! The queue of commands, and the leader that commits them in groups.
//!
//! ```text
//! caller ──> queue ──┐ nobody leads: lead          ┌─> decide each in order, later ones see earlier ones
//! caller ──> queue ──┤ somebody leads: wait ──> ───┤   append all, sync once        (engine)
//! caller ──> queue ──┘                             └─> answer all, hand the lead to the next that waits
//! ```
//!
//! There is no thread of the store's own: a caller leads one group, its own command among it, and
//! hands on. One caller alone pays one sync; callers that arrive during a sync share the next.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fleet::{Command, Decision, Halt, Time};
use parking_lot::{Condvar, Mutex};

use crate::engine;
use crate::error::{CommitError, StoreError};
use crate::group::Group;

/// The commands that wait, and whether somebody leads.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// How often the lead over a group was taken or laid down: odd while one is under way.
    turns: AtomicU64,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<dyn Job>>,
    led: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("waiting", &self.waiting.len()).field("led", &self.led).finish()
    }
}

/// A command in the queue, with its types forgotten.
pub(crate) trait Job: Send + Sync {
    /// Decides the command against the group so far. What it changes, if anything.
    fn decide(&self, group: &mut Group<'_>) -> Option<engine::Commit>;
    /// Gives up on the command.
    fn fail(&self, error: StoreError);
    /// Answers the caller with what was decided.
    fn answer(&self);
    /// Asks the caller to lead the next group.
    fn promote(&self);
}

/// How far a command is.
enum Turn<A> {
    /// It waits to be decided.
    Waiting,
    /// It is decided; the answer counts once the group is durable.
    Decided(A),
    /// Its caller has to lead.
    Leading,
    /// Here is its answer.
    Answered(A),
    /// The caller took the answer.
    Over,
}

/// What comes back from a command.
type Answer<C> = Result<<C as Command>::Reply, CommitError<<C as Command>::Refusal>>;

/// A command in the queue.
pub(crate) struct Ticket<C: Command> {
    command: C,
    now: Time,
    keep: Keep,
    turn: Mutex<Turn<Answer<C>>>,
    turned: Condvar,
}

/// Whether what a command changes is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Keep {
    /// It is.
    Yes,
    /// Only the answer is wanted.
    No,
}

impl<C: Command> Ticket<C> {
    pub(crate) fn new(command: C, now: Time, keep: Keep) -> Self {
        Self { command, now, keep, turn: Mutex::new(Turn::Waiting), turned: Condvar::new() }
    }

    /// Waits until there is an answer (`Some`), or it is this caller's turn to lead (`None`).
    fn wait(&self) -> Option<Answer<C>> {
        let mut turn = self.turn.lock();
        loop {
            match std::mem::replace(&mut *turn, Turn::Over) {
                Turn::Answered(answer) => return Some(answer),
                Turn::Leading => {
                    *turn = Turn::Waiting;
                    return None;
                }
                other @ (Turn::Waiting | Turn::Decided(_) | Turn::Over) => {
                    *turn = other;
                    self.turned.wait(&mut turn);
                }
            }
        }
    }

    /// Moves on from a turn, and wakes the caller if it is the caller's now.
    fn move_on(&self, step: impl FnOnce(Turn<Answer<C>>) -> Turn<Answer<C>>) {
        let mut turn = self.turn.lock();
        *turn = step(std::mem::replace(&mut *turn, Turn::Over));
        self.turned.notify_one();
    }
}

impl<C> Job for Ticket<C>
where
    C: Command + Send + Sync,
    C::Reply: Send,
    C::Refusal: Send,
{
    fn decide(&self, group: &mut Group<'_>) -> Option<engine::Commit> {
        let time = group.time(self.now);
        let decided = catch_unwind(AssertUnwindSafe(|| fleet::decide(&*group, &self.command, time)));
        let (answer, commit) = match decided {
            Ok(Ok(Decision { reply, writes })) if writes.is_empty() || self.keep == Keep::No => {
                (Ok(reply), None)
            }
            Ok(Ok(Decision { reply, writes })) => {
                let staged = group.has_room(self.command.grows()).and_then(|()| group.stage(writes, time));
                match staged {
                    Ok(commit) => (Ok(reply), Some(commit)),
                    Err(error) => (Err(CommitError::Failed(error)), None),
                }
            }
            Ok(Err(Halt::Refused(refusal))) => (Err(CommitError::Refused(refusal)), None),
            Ok(Err(Halt::Failed(error))) => (Err(CommitError::Failed(error)), None),
            Err(_panic) => (Err(CommitError::Failed(StoreError::DecisionPanicked)), None),
        };
        *self.turn.lock() = Turn::Decided(answer);
        commit
    }

    fn fail(&self, error: StoreError) {
        self.move_on(|turn| match turn {
            Turn::Waiting | Turn::Decided(_) | Turn::Leading => {
                Turn::Answered(Err(CommitError::Failed(error)))
            }
            settled @ (Turn::Answered(_) | Turn::Over) => settled,
        });
    }

    fn answer(&self) {
        self.move_on(|turn| match turn {
            Turn::Decided(answer) => Turn::Answered(answer),
            other @ (Turn::Waiting | Turn::Leading | Turn::Answered(_) | Turn::Over) => other,
        });
    }

    fn promote(&self) {
        self.move_on(|turn| match turn {
            Turn::Waiting => Turn::Leading,
            other @ (Turn::Decided(_) | Turn::Leading | Turn::Answered(_) | Turn::Over) => other,
        });
    }
}

impl Queue {
    /// Puts a command into the queue and waits for its answer, leading a group if nobody does.
    /// `lead` commits a group and answers its jobs.
    pub(crate) fn run<C>(
        &self,
        ticket: &Arc<Ticket<C>>,
        waiting_max: usize,
        group_max: usize,
        lead: impl Fn(&[Arc<dyn Job>]),
    ) -> Answer<C>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        let mut leads = {
            let mut state = self.state.lock();
            if state.waiting.len() >= waiting_max {
                return Err(CommitError::Busy { waiting: state.waiting.len() });
            }
            state.waiting.push_back(Arc::clone(ticket) as Arc<dyn Job>);
            !std::mem::replace(&mut state.led, true)
        };
        loop {
            if leads {
                self.lead(group_max, &lead);
            }
            match ticket.wait() {
                Some(answer) => return answer,
                None => leads = true,
            }
        }
    }

    /// The number of the group that is under way, if one is.
    pub(crate) fn under_way(&self) -> Option<u64> {
        let turns = self.turns.load(Ordering::Relaxed);
        (turns % 2 == 1).then_some(turns / 2)
    }

    /// Leads one group, and hands the lead on to the first that still waits.
    fn lead(&self, group_max: usize, lead: &impl Fn(&[Arc<dyn Job>])) {
        let jobs: Vec<Arc<dyn Job>> = {
            let mut state = self.state.lock();
            // A leader's own command is the first that waits: a group of none would wait for ever.
            let count = state.waiting.len().min(group_max.max(1));
            state.waiting.drain(..count).collect()
        };
        self.turns.fetch_add(1, Ordering::Relaxed);
        if catch_unwind(AssertUnwindSafe(|| lead(&jobs))).is_err() {
            jobs.iter().for_each(|job| job.fail(StoreError::EnginePanicked));
        }
        self.turns.fetch_add(1, Ordering::Relaxed);
        let next = {
            let mut state = self.state.lock();
            let next = state.waiting.front().cloned();
            state.led = next.is_some();
            next
        };
        if let Some(next) = next {
            next.promote();
        }
    }
}
