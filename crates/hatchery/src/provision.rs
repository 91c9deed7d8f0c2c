//! How a provisioner works off a hatchery's queue.

use fleet::{Claim, Label, Report, Reported, Span, Time, WorkItem, WorkOutcome};
use store::{CommitError, Store, StoreError};

/// The code that really makes machines.
///
/// An item may come up more than once: a process may die between doing it and reporting it. Doing
/// it a second time must come to the same.
pub trait Provisioner {
    /// Does one item, and says what became of it.
    fn perform(&mut self, item: &WorkItem) -> WorkOutcome;
}

/// How a provisioner works: who it is, for how long it holds an item, how many at once.
#[derive(Clone, Debug)]
pub struct Shift {
    /// What it calls itself.
    pub worker: Label,
    /// How long it may take over the items of one claim.
    pub lease: Span,
    /// How many items it claims at once.
    pub limit: usize,
}

/// Claims what can be claimed, has it performed, reports: one round of a provisioner's loop, on
/// the caller's thread. `now` is asked before the claim and before each report. How many items were
/// done in time.
///
/// # Errors
/// When the store is busy or fails. What was claimed and not reported comes up again after its lease.
pub fn work_off(
    store: &Store,
    provisioner: &mut impl Provisioner,
    shift: &Shift,
    now: impl Fn() -> Time,
) -> Result<usize, CommitError<std::convert::Infallible>> {
    let Shift { worker, lease, limit } = shift.clone();
    let mut accepted: usize = 0;
    for item in store.commit(Claim { worker, lease, limit }, now())? {
        let outcome = provisioner.perform(&item);
        let report = Report { id: item.id, attempt: item.attempt, outcome };
        if store.commit(report, now())? == Reported::Accepted {
            accepted = accepted.saturating_add(1);
        }
    }
    Ok(accepted)
}

/// What a command that cannot be refused comes to: the reply, or the store's failure.
pub(crate) fn unrefused(error: CommitError<std::convert::Infallible>) -> Option<StoreError> {
    match error {
        CommitError::Refused(never) => match never {},
        CommitError::Busy { .. } => None,
        CommitError::Failed(error) => Some(error),
    }
}
