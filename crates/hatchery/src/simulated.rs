//! A provisioner that makes nothing: it claims, waits as long as a real one would, and reports.

use std::collections::{BTreeSet, VecDeque};

use fleet::{
    Claim, FailureReason, Label, Report, ReportAll, Reported, Span, Task, Time, WorkId, WorkItem, WorkOutcome,
};
use store::{Store, StoreError};

use crate::provision::{Provisioner, Pulse, unrefused};

/// How many items one claim takes.
const CLAIM_LIMIT: usize = 256;

/// How long an item is held beyond the time it takes.
const LEASE_MARGIN: Span = Span::from_secs(3);

/// A provisioner that makes nothing, through the interface that a real one uses.
///
/// It lives on the caller's clock: [`Simulated::step`] claims what there is, and reports what is
/// due. What it held when its process died comes up again after its lease.
#[derive(Debug)]
pub struct Simulated {
    worker: Label,
    faults: Faults,
    busy: VecDeque<(Time, WorkItem)>,
    /// What was done when it was too late to say so.
    late: BTreeSet<WorkId>,
}

/// How a simulated provisioner behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Faults {
    /// How long a creation takes.
    pub creation_delay: Span,
    /// How long a boot takes.
    pub boot_delay: Span,
    /// How long shutting down or taking apart takes.
    pub stop_delay: Span,
    /// How many creations fail, from the next one on.
    pub failing_creations: u32,
    /// What they fail with.
    pub failure: FailureReason,
}

impl Default for Faults {
    /// The timing that `contract/lifecycle.md` section 2 recommends, and no failure.
    fn default() -> Self {
        Self {
            creation_delay: Span::from_secs(1),
            boot_delay: Span::from_secs(2),
            stop_delay: Span::from_secs(2),
            failing_creations: 0,
            failure: FailureReason::Machine,
        }
    }
}

impl Simulated {
    /// A provisioner that calls itself `worker`.
    #[must_use]
    pub const fn new(worker: Label, faults: Faults) -> Self {
        Self { worker, faults, busy: VecDeque::new(), late: BTreeSet::new() }
    }

    /// How it behaves from the next item on.
    pub const fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Claims what can be claimed at `now` and reports what is done by then. How many items were
    /// claimed or reported; a busy store counts as nothing to do.
    ///
    /// # Errors
    /// When the store fails.
    pub fn step(&mut self, store: &Store, now: Time) -> Result<usize, StoreError> {
        let reported = self.report(store, now)?;
        let claimed = self.claim(store, now)?;
        // What came up again because its report was late is reported while the lease is young: a
        // caller whose steps are longer than a lease comes to an end too.
        let again = self.report(store, now)?;
        Ok(reported.saturating_add(claimed).saturating_add(again))
    }

    fn claim(&mut self, store: &Store, now: Time) -> Result<usize, StoreError> {
        let slowest = self.faults.creation_delay.max(self.faults.boot_delay).max(self.faults.stop_delay);
        let lease = Span::from_millis(slowest.millis().saturating_add(LEASE_MARGIN.millis()));
        let claim = Claim { worker: self.worker.clone(), lease, limit: CLAIM_LIMIT };
        let items = match store.commit(claim, now) {
            Ok(items) => items,
            Err(error) => return unrefused(error).map_or(Ok(0), Err),
        };
        let claimed = items.len();
        for item in items {
            let lasts = if self.late.remove(&item.id) { Span::default() } else { self.duration(item.task) };
            self.busy.push_back((now.after(lasts), item));
        }
        // All that could come up has; the rest is somebody else's by now, or overtaken.
        if claimed < CLAIM_LIMIT {
            self.late.clear();
        }
        Ok(claimed)
    }

    fn report(&mut self, store: &Store, now: Time) -> Result<usize, StoreError> {
        let (due, busy) = std::mem::take(&mut self.busy).into_iter().partition(|(at, _)| *at <= now);
        self.busy = busy;
        let due: VecDeque<(Time, WorkItem)> = due;
        if due.is_empty() {
            return Ok(0);
        }
        let failing = self.faults.failing_creations;
        let reports: Vec<Report> = due
            .iter()
            .map(|(_, item)| Report { id: item.id, attempt: item.attempt, outcome: self.outcome(item.task) })
            .collect();
        match store.commit(ReportAll(reports.clone()), now) {
            Ok(reported) => {
                let lost = reports.iter().zip(reported).filter(|(_, reported)| *reported == Reported::Late);
                lost.for_each(|(report, _)| self.take_back(report));
                Ok(due.len())
            }
            // What is not said is not done: it is reported by the next step.
            Err(error) => {
                self.faults.failing_creations = failing;
                self.busy.extend(due);
                unrefused(error).map_or(Ok(0), Err)
            }
        }
    }

    /// A report that changed nothing. The failure it told of is still to come, and its item may
    /// come up again.
    fn take_back(&mut self, report: &Report) {
        self.late.insert(report.id);
        match report.outcome {
            WorkOutcome::Failed(_) => {
                self.faults.failing_creations = self.faults.failing_creations.saturating_add(1);
            }
            WorkOutcome::Done | WorkOutcome::Unclear | WorkOutcome::GivenBack { .. } => {}
        }
    }

    const fn duration(&self, task: Task) -> Span {
        match task {
            Task::Create => self.faults.creation_delay,
            Task::Install | Task::Start | Task::Reboot => self.faults.boot_delay,
            Task::Stop | Task::Release => self.faults.stop_delay,
        }
    }

    const fn outcome(&mut self, task: Task) -> WorkOutcome {
        match task {
            Task::Create if self.faults.failing_creations > 0 => {
                self.faults.failing_creations = self.faults.failing_creations.saturating_sub(1);
                WorkOutcome::Failed(self.faults.failure)
            }
            Task::Create | Task::Install | Task::Start | Task::Stop | Task::Reboot | Task::Release => {
                WorkOutcome::Done
            }
        }
    }
}

/// One item, without its delays: for a loop that waits for nothing.
impl Provisioner for Simulated {
    fn perform(&mut self, item: &WorkItem, _: &Pulse<'_>) -> WorkOutcome {
        self.outcome(item.task)
    }
}
