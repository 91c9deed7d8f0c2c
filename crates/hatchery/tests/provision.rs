//! What provisioners do to instances: one that an embedder writes, through `work_off`, and the
//! simulated one, by steps of a clock that only the test moves.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use std::cell::Cell;

use common::{ME, furnish, later, launch, launched};
use hatchery::{
    Audit, Claim, CommitError, FailureReason, Faults, Force, Hatchery, InstanceId, Options, Provisioner,
    Pulse, Release, Shift, Simulated, Span, Start, Status, Stop, Subscription, Task, Tick, View as _,
    WorkItem, WorkOutcome, work_off,
};

fn world() -> Hatchery {
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    furnish(&hatchery);
    hatchery
}

fn status(hatchery: &Hatchery, id: InstanceId) -> Option<Status> {
    hatchery.snapshot().instance(id).unwrap().map(|instance| instance.state.status())
}

fn assert_clean(hatchery: &Hatchery) {
    let mut audit = Audit::default();
    hatchery.snapshot().records().unwrap().into_iter().for_each(|record| audit.see(record));
    assert_eq!(audit.findings(), []);
}

const LEASE: u64 = 60;

fn shift() -> Shift {
    Shift { worker: "maker".parse().unwrap(), lease: Span::from_secs(LEASE), limit: 10 }
}

/// Takes its time over each item, and comes to one outcome.
struct Maker<'c> {
    clock: &'c Cell<u64>,
    takes: u64,
    outcome: WorkOutcome,
    seen: Vec<(Task, u32)>,
}

impl<'c> Maker<'c> {
    fn new(clock: &'c Cell<u64>, outcome: WorkOutcome) -> Self {
        Self { clock, takes: 0, outcome, seen: Vec::new() }
    }

    fn work_off(&mut self, hatchery: &Hatchery) -> usize {
        let clock = self.clock;
        work_off(hatchery, self, &shift(), || later(clock.get())).unwrap()
    }
}

impl Provisioner for Maker<'_> {
    fn perform(&mut self, item: &WorkItem, _: &Pulse<'_>) -> WorkOutcome {
        self.clock.update(|time| time.saturating_add(self.takes));
        self.seen.push((item.task, item.attempt));
        self.outcome
    }
}

#[test]
fn what_is_done_is_reported() {
    let hatchery = world();
    let clock = Cell::new(0);
    let id = launched(&hatchery, launch())[0];
    let mut maker = Maker::new(&clock, WorkOutcome::Done);
    assert_eq!(maker.work_off(&hatchery), 1);
    assert_eq!(status(&hatchery, id), Some(Status::Starting));
    assert_eq!(maker.work_off(&hatchery), 1);
    assert_eq!(status(&hatchery, id), Some(Status::Running));
    assert_eq!(maker.work_off(&hatchery), 0);
    assert_eq!(maker.seen, [(Task::Create, 1), (Task::Start, 1)]);
    assert_clean(&hatchery);
}

#[test]
fn what_cannot_be_done_fails_the_creation() {
    let hatchery = world();
    let clock = Cell::new(0);
    let id = launched(&hatchery, launch())[0];
    let mut maker = Maker::new(&clock, WorkOutcome::Failed(FailureReason::NoStock));
    assert_eq!(maker.work_off(&hatchery), 1);
    assert_eq!(status(&hatchery, id), Some(Status::Failed));
    assert_eq!(maker.work_off(&hatchery), 0, "nobody tries again");
    assert_clean(&hatchery);
}

#[test]
fn what_is_given_back_comes_up_after_its_pause() {
    let hatchery = world();
    let clock = Cell::new(0);
    let id = launched(&hatchery, launch())[0];
    let mut maker = Maker::new(&clock, WorkOutcome::GivenBack { pause: Span::from_secs(30) });
    assert_eq!(maker.work_off(&hatchery), 1);
    assert_eq!(maker.work_off(&hatchery), 0);
    clock.set(29);
    assert_eq!(maker.work_off(&hatchery), 0);
    clock.set(30);
    maker.outcome = WorkOutcome::Done;
    assert_eq!(maker.work_off(&hatchery), 1);
    assert_eq!(status(&hatchery, id), Some(Status::Starting));
    assert_eq!(maker.seen, [(Task::Create, 1), (Task::Create, 2)]);
    assert_clean(&hatchery);
}

#[test]
fn a_report_after_the_lease_changes_nothing() {
    let hatchery = world();
    let clock = Cell::new(0);
    let id = launched(&hatchery, launch())[0];
    let mut maker = Maker { takes: LEASE, ..Maker::new(&clock, WorkOutcome::Done) };
    assert_eq!(maker.work_off(&hatchery), 0);
    assert_eq!(status(&hatchery, id), Some(Status::Pending));
    maker.takes = LEASE - 1;
    assert_eq!(maker.work_off(&hatchery), 1, "one second less is in time");
    assert_eq!(maker.seen, [(Task::Create, 1), (Task::Create, 2)]);
    assert_eq!(status(&hatchery, id), Some(Status::Starting));
    assert_clean(&hatchery);
}

#[test]
fn of_items_done_one_after_the_other_those_in_time_count() {
    let hatchery = world();
    let clock = Cell::new(0);
    let ids = [launched(&hatchery, launch())[0], launched(&hatchery, launch())[0]];
    // The second is held for longer before it is begun: half of its lease is over by then.
    let mut maker = Maker { takes: LEASE / 2, ..Maker::new(&clock, WorkOutcome::Done) };
    assert_eq!(maker.work_off(&hatchery), 2);
    assert_eq!(ids.map(|id| status(&hatchery, id)), [Some(Status::Starting), Some(Status::Starting)]);
}

#[test]
fn what_was_lost_while_another_item_was_done_is_not_begun() {
    let hatchery = world();
    let clock = Cell::new(0);
    let ids = [launched(&hatchery, launch())[0], launched(&hatchery, launch())[0]];
    let mut maker = Maker { takes: LEASE - 1, ..Maker::new(&clock, WorkOutcome::Done) };
    // The report of the first counts, and takes until the lease of both is over.
    let spent = Cell::new(0);
    let now = || {
        spent.set(spent.get() + u64::from(clock.get() > 0));
        later(clock.get() + spent.get().min(2) / 2)
    };
    assert_eq!(work_off(&hatchery, &mut maker, &shift(), now).unwrap(), 1);
    assert_eq!(maker.seen, [(Task::Create, 1)]);
    assert_eq!(ids.map(|id| status(&hatchery, id)), [Some(Status::Starting), Some(Status::Pending)]);
}

#[test]
fn an_item_comes_up_again_when_its_holder_vanished() {
    let hatchery = world();
    let clock = Cell::new(0);
    let id = launched(&hatchery, launch())[0];
    let Shift { worker, lease, limit } = shift();
    let claimed = hatchery.commit(Claim { worker, lease, limit }, later(0)).unwrap();
    assert_eq!(claimed.len(), 1);

    let mut maker = Maker::new(&clock, WorkOutcome::Done);
    clock.set(LEASE - 1);
    assert_eq!(maker.work_off(&hatchery), 0);
    clock.set(LEASE);
    assert_eq!(maker.work_off(&hatchery), 1);
    assert_eq!(maker.seen, [(Task::Create, 2)]);
    assert_eq!(status(&hatchery, id), Some(Status::Starting));
}

#[test]
fn a_shift_takes_no_more_than_it_can() {
    let hatchery = world();
    let clock = Cell::new(0);
    (0..3).for_each(|_| drop(launched(&hatchery, launch())));
    let shift = Shift { limit: 2, ..shift() };
    let mut maker = Maker::new(&clock, WorkOutcome::Done);
    let done = work_off(&hatchery, &mut maker, &shift, || later(0)).unwrap();
    assert_eq!((done, maker.seen.len()), (2, 2));
}

#[test]
fn a_busy_store_is_told_and_nothing_is_performed() {
    let hatchery = Hatchery::in_memory(Options { waiting_max: 0, ..Options::default() }).unwrap();
    let clock = Cell::new(0);
    let mut maker = Maker::new(&clock, WorkOutcome::Done);
    let told = work_off(&hatchery, &mut maker, &shift(), || later(0)).unwrap_err();
    assert!(matches!(told, CommitError::Busy { .. }));
    assert_eq!(maker.seen, []);
    let mut simulated = simulated(Faults::default());
    assert_eq!(simulated.step(&hatchery, later(0)).unwrap(), 0);
}

fn simulated(faults: Faults) -> Simulated {
    Simulated::new("simulated".parse().unwrap(), faults)
}

#[test]
fn a_simulated_life_runs_on_the_callers_clock() {
    let hatchery = world();
    let mut simulated = simulated(Faults::default());
    let id = launched(&hatchery, launch())[0];
    let mut seen = Vec::new();
    for second in 0..20 {
        match second {
            6 => drop(hatchery.commit(Stop::new(ME, id), later(second)).unwrap()),
            9 => drop(hatchery.commit(Start { account: ME, instance: id }, later(second)).unwrap()),
            13 => {
                let (force, subscription) = (Force::Yes, Subscription::End);
                let release = Release { account: ME, instance: id, force, subscription };
                hatchery.commit(release, later(second)).unwrap();
            }
            _ => {}
        }
        simulated.step(&hatchery, later(second)).unwrap();
        let status = status(&hatchery, id);
        if seen.last().is_none_or(|(_, last)| *last != status) {
            seen.push((second, status));
        }
    }
    // One second for a creation, two for each boot and each stop.
    let expected = [
        (0, Some(Status::Pending)),
        (1, Some(Status::Starting)),
        (3, Some(Status::Running)),
        (6, Some(Status::Stopping)),
        (8, Some(Status::Stopped)),
        (9, Some(Status::Starting)),
        (11, Some(Status::Running)),
        (13, Some(Status::Releasing)),
        (15, None),
    ];
    assert_eq!(seen, expected);
    assert_clean(&hatchery);
}

#[test]
fn a_simulated_failure_is_released_by_a_timer() {
    let hatchery = world();
    let mut simulated = simulated(Faults { failing_creations: 1, ..Faults::default() });
    let ids = [launched(&hatchery, launch())[0], launched(&hatchery, launch())[0]];
    for second in 0..4 {
        simulated.step(&hatchery, later(second)).unwrap();
    }
    assert_eq!(ids.map(|id| status(&hatchery, id)), [Some(Status::Failed), Some(Status::Running)]);

    let due = hatchery.snapshot().next_due().unwrap().unwrap();
    for pause in 0..10 {
        let now = due.after(Span::from_secs(pause));
        hatchery.commit(Tick { limit: 64 }, now).unwrap();
        simulated.step(&hatchery, now).unwrap();
    }
    assert_eq!(status(&hatchery, ids[0]), None);
    assert_clean(&hatchery);
}

#[test]
fn a_failure_whose_report_is_late_is_still_the_next() {
    let hatchery = world();
    let mut simulated = simulated(Faults { failing_creations: 1, ..Faults::default() });
    let id = launched(&hatchery, launch())[0];
    simulated.step(&hatchery, later(0)).unwrap();
    simulated.step(&hatchery, later(3600)).unwrap();
    assert_eq!(status(&hatchery, id), Some(Status::Failed));
    assert_eq!(simulated.faults().failing_creations, 0);
}

#[test]
fn what_a_busy_store_would_not_hear_is_said_again() {
    let hatchery = world();
    let mut simulated = simulated(Faults { failing_creations: 1, ..Faults::default() });
    let id = launched(&hatchery, launch())[0];
    simulated.step(&hatchery, later(0)).unwrap();
    // To a provisioner, a store that is always busy is this one in a bad moment.
    let busy = Hatchery::in_memory(Options { waiting_max: 0, ..Options::default() }).unwrap();
    assert_eq!(simulated.step(&busy, later(1)).unwrap(), 0);
    assert_eq!(simulated.faults().failing_creations, 1);
    simulated.step(&hatchery, later(2)).unwrap();
    assert_eq!(status(&hatchery, id), Some(Status::Failed));
}

#[test]
fn steps_longer_than_a_lease_come_to_an_end_too() {
    let hatchery = world();
    let mut simulated = simulated(Faults::default());
    let id = launched(&hatchery, launch())[0];
    for hour in 0..4 {
        simulated.step(&hatchery, later(hour * 3600)).unwrap();
    }
    assert_eq!(status(&hatchery, id), Some(Status::Running));
    assert_clean(&hatchery);
}

#[test]
fn another_takes_over_what_a_simulated_one_held_when_it_died() {
    let hatchery = world();
    let id = launched(&hatchery, launch())[0];
    simulated(Faults::default()).step(&hatchery, later(0)).unwrap();
    let mut heir = simulated(Faults::default());
    for second in 0..20 {
        heir.step(&hatchery, later(second)).unwrap();
    }
    assert_eq!(status(&hatchery, id), Some(Status::Running));
}
