//! A command in the queue.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fleet::{Command, Decision, Halt, Time};

use crate::error::{CommitError, StoreError};
use crate::group::{Group, Staged};
use crate::queue::{Job, Seat};

/// What comes back from a command.
pub(crate) type Answer<C> = Result<<C as Command>::Reply, CommitError<<C as Command>::Refusal>>;

/// What a command comes to before anything is kept: a reply, and what it changes, if anything.
type Judged<C> = Result<(<C as Command>::Reply, Option<Staged>), CommitError<<C as Command>::Refusal>>;

/// A command with its types forgotten.
pub(crate) trait Task: Job<Error = StoreError> + Send + Sync {
    /// Decides it on top of the group so far, and adds what it changes.
    fn decide(&self, group: &mut Group<'_>);
}

/// Whether what a command changes is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Keep {
    /// It is.
    Yes,
    /// Only the answer is wanted.
    No,
}

/// A command in the queue.
pub(crate) struct Ticket<C: Command> {
    command: C,
    now: Time,
    keep: Keep,
    pub(crate) seat: Seat<Answer<C>>,
}

impl<C: Command> Ticket<C> {
    pub(crate) fn new(command: C, now: Time, keep: Keep) -> Self {
        Self { command, now, keep, seat: Seat::default() }
    }

    /// Everything that can fail, or panic: the group stays as it was.
    fn judge(&self, group: &Group<'_>, time: Time) -> Judged<C> {
        let Decision { reply, writes } =
            fleet::decide(group, &self.command, time).map_err(|halt| match halt {
                Halt::Refused(refusal) => CommitError::Refused(refusal),
                Halt::Failed(error) => CommitError::Failed(error),
            })?;
        if writes.is_empty() || self.keep == Keep::No {
            return Ok((reply, None));
        }
        let staged = group.has_room(self.command.grows()).and_then(|()| group.stage(writes, time));
        Ok((reply, Some(staged.map_err(CommitError::Failed)?)))
    }
}

impl<C> Task for Ticket<C>
where
    C: Command + Send + Sync,
    C::Reply: Send,
    C::Refusal: Send,
{
    fn decide(&self, group: &mut Group<'_>) {
        let time = group.time(self.now);
        let judged = catch_unwind(AssertUnwindSafe(|| self.judge(group, time)));
        let judged = judged.unwrap_or(Err(CommitError::Failed(StoreError::DecisionPanicked)));
        self.seat.decided(judged.map(|(reply, staged)| {
            if let Some(staged) = staged {
                group.keep(staged);
            }
            reply
        }));
    }
}

impl<C> Job for Ticket<C>
where
    C: Command,
{
    type Error = StoreError;

    fn promote(&self) {
        self.seat.promote();
    }

    fn answer(&self) {
        self.seat.answer();
    }

    fn fail(&self, error: StoreError) {
        self.seat.fail(Err(CommitError::Failed(error)));
    }
}
