//! How a provisioner works off a hatchery's queue.

mod command;
mod describe;
mod later;
mod process;
mod recorded;
mod round;

use std::sync::atomic::{AtomicBool, Ordering};

use fleet::{Beat, Key, Label, Span, Time, View as _, WorkItem, WorkOutcome};
use store::{CommitError, Store, StoreError};

use crate::Vault;

pub use command::{CommandOptions, CommandProvisioner, Errors};
pub use describe::describe;
pub use later::{AsyncProvisioner, work_off_async};
pub use process::{ProcessOptions, ProcessProvisioner};
use round::Round;
pub use round::Tally;

/// The shortest rest of a loop: what looks due and cannot be claimed does not keep it spinning.
const REST_MIN: Span = Span::from_millis(10);

/// The code that really makes machines.
///
/// An item may come up more than once: a process may die between doing it and reporting it. Doing
/// it a second time must come to the same. So an item says what there shall be, not what there is:
/// who is to make what is there already adopts it, and who is to take apart what is gone is done.
pub trait Provisioner {
    /// Does one item, and says what became of it. Who takes longer than a lease calls
    /// [`Pulse::beat`] now and then.
    fn perform(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> WorkOutcome;
}

/// How a provisioner says that it is still at it.
#[derive(Clone, Copy)]
pub struct Pulse<'p>(&'p dyn Fn() -> Beat);

impl<'p> Pulse<'p> {
    /// A handle whose beats go to `beat`.
    #[must_use]
    pub const fn new(beat: &'p dyn Fn() -> Beat) -> Self {
        Self(beat)
    }

    /// A handle without a lease behind it, for who performs items without a queue.
    #[must_use]
    pub const fn unwatched() -> Pulse<'static> {
        Pulse(&|| Beat::Held(Time::END))
    }

    /// Says so. It may be called as often as one likes: it costs a commit only when half of the
    /// lease is over. After [`Beat::Late`] the item may be somebody else's: stop, and report what
    /// you like.
    #[must_use]
    pub fn beat(&self) -> Beat {
        (self.0)()
    }
}

impl std::fmt::Debug for Pulse<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pulse")
    }
}

/// How a provisioner works: who it is, for how long it holds an item, how many at once.
#[derive(Clone, Debug)]
pub struct Shift {
    /// What it calls itself.
    pub worker: Label,
    /// How long it may take over an item without a beat.
    pub lease: Span,
    /// How many items it claims at once. They are done one after the other: what waits for longer
    /// than the lease comes up again, perhaps elsewhere.
    pub limit: usize,
}

/// Claims what can be claimed, has it performed, reports: one round of a provisioner's loop, on
/// the caller's thread. `now` is asked before every commit. How many items were reported in time.
/// Secrets stay as they are stored; [`Loop`] opens them.
///
/// # Errors
/// When the store is busy or fails. What was claimed and not reported comes up again after its lease.
pub fn work_off(
    store: &Store,
    provisioner: &mut impl Provisioner,
    shift: &Shift,
    now: impl Fn() -> Time,
) -> Result<usize, CommitError<std::convert::Infallible>> {
    let never = AtomicBool::new(false);
    let round = Round { store, shift, vault: None, stop: &never, now: &now };
    round.perform(provisioner).map(|tally| usize::try_from(tally.accepted).unwrap_or(usize::MAX))
}

/// A provisioner's loop, on the caller's thread and the caller's clock.
#[derive(Clone, Debug)]
pub struct Loop<'s> {
    /// How it works.
    pub shift: Shift,
    /// Opens the passwords of what it makes, where they are sealed. An item whose password it cannot
    /// open is given back.
    pub vault: Option<Vault>,
    /// The longest it rests: work that comes meanwhile waits for so long.
    pub pause: Span,
    /// Ends the loop once it is set: what is being performed is finished, what else was claimed is
    /// given back.
    pub stop: &'s AtomicBool,
}

impl Loop<'_> {
    /// Works until it is told to stop. `rest` is called with how long there is nothing to do: let
    /// it sleep, or wait for what ends the loop; it may return earlier. What was done meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub fn run(
        &self,
        store: &Store,
        provisioner: &mut impl Provisioner,
        now: impl Fn() -> Time,
        mut rest: impl FnMut(Span),
    ) -> Result<Tally, StoreError> {
        let mut sum = Tally::default();
        let Self { shift, vault, stop, .. } = self;
        let round = Round { store, shift, vault: vault.as_ref(), stop, now: &now };
        while !stop.load(Ordering::Relaxed) {
            let claimed = match round.perform(provisioner) {
                Ok(tally) => {
                    sum = sum.and(tally);
                    tally.claimed
                }
                Err(error) => unrefused(error).map_or(Ok(0), Err)?,
            };
            if claimed == 0 && !stop.load(Ordering::Relaxed) {
                rest(self.rest_at(store, now())?);
            }
        }
        Ok(sum)
    }

    /// How long there is nothing to do, as far as can be told now.
    fn rest_at(&self, store: &Store, now: Time) -> Result<Span, StoreError> {
        let (first, last) = Key::work(Time::END);
        let next = store.snapshot().keys(&first, &last, 1)?.into_iter().next();
        let due = match next {
            Some(Key::Work(at, _)) => Span::from_millis(at.millis().saturating_sub(now.millis())),
            Some(_) | None => self.pause,
        };
        Ok(due.min(self.pause).max(REST_MIN))
    }
}

/// What a command that cannot be refused comes to: the reply, or the store's failure.
pub(crate) fn unrefused(error: CommitError<std::convert::Infallible>) -> Option<StoreError> {
    match error {
        CommitError::Refused(never) => match never {},
        CommitError::Busy { .. } => None,
        CommitError::Failed(error) => Some(error),
    }
}
