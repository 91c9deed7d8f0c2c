//! The loop of a provisioner: beats during long work, sealed passwords, resting, stopping, what is
//! counted; the asynchronous round; and the example of an embedder.
#![allow(clippy::arithmetic_side_effects, clippy::panic, clippy::unwrap_used)]

mod common;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use common::{ME, furnish, later, launch, launched};
use hatchery::{
    AsyncProvisioner, Beat, Claim, Hatchery, InstanceId, Launch, Login, Loop, Nonce, Options, Password,
    Provisioner, Pulse, Secret, Shift, Span, Status, Tally, Task, Vault, View as _, WorkItem, WorkOutcome,
    work_off_async,
};

const LEASE: u64 = 60;

fn world() -> Hatchery {
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    furnish(&hatchery);
    hatchery
}

fn shift() -> Shift {
    Shift { worker: "maker".parse().unwrap(), lease: Span::from_secs(LEASE), limit: 10 }
}

fn status(hatchery: &Hatchery, id: InstanceId) -> Status {
    hatchery.snapshot().instance(id).unwrap().unwrap().state.status()
}

/// A provisioner that is a function.
struct With<F>(F);

impl<F: FnMut(&WorkItem, &Pulse<'_>) -> WorkOutcome> Provisioner for With<F> {
    fn perform(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> WorkOutcome {
        (self.0)(item, pulse)
    }
}

/// Runs a loop until it would rest for the first time at or after `until`.
fn run(
    hatchery: &Hatchery,
    vault: Option<Vault>,
    clock: &Cell<u64>,
    until: u64,
    perform: impl FnMut(&WorkItem, &Pulse<'_>) -> WorkOutcome,
) -> (Tally, Vec<Span>) {
    let (stop, mut rests) = (AtomicBool::new(false), Vec::new());
    let working = Loop { shift: shift(), vault, pause: Span::from_secs(10), stop: &stop };
    let rest = |span: Span| {
        rests.push(span);
        clock.set(clock.get() + span.millis().div_ceil(1000));
        stop.store(clock.get() >= until, Ordering::Relaxed);
    };
    let tally = working.run(hatchery, &mut With(perform), || later(clock.get()), rest).unwrap();
    (tally, rests)
}

#[test]
fn who_beats_may_take_longer_than_the_lease() {
    let (hatchery, clock) = (world(), Cell::new(0));
    let id = launched(&hatchery, launch())[0];
    let (tally, _) = run(&hatchery, None, &clock, 1, |item, pulse| {
        for _ in 0..10 * LEASE {
            clock.set(clock.get() + 1);
            assert!(matches!(pulse.beat(), Beat::Held(at) if at > later(clock.get())), "{:?}", item.task);
        }
        WorkOutcome::Done
    });
    assert_eq!(tally, Tally { claimed: 2, accepted: 2, ..Tally::default() });
    assert_eq!(status(&hatchery, id), Status::Running);
    let stats = hatchery.snapshot().work_stats().unwrap();
    assert_eq!((stats.claimed, stats.done, stats.lapsed), (2, 2, 0));
    assert!(stats.extended < 50, "a beat costs a commit only now and then: {stats:?}");
}

#[test]
fn who_beats_too_late_hears_it_and_its_report_is_counted_as_late() {
    let (hatchery, clock) = (world(), Cell::new(0));
    launched(&hatchery, launch());
    let before = Cell::new(None);
    let (tally, _) = run(&hatchery, None, &clock, LEASE + 1, |item, pulse| {
        if item.attempt > 1 || item.task == Task::Start {
            return WorkOutcome::Done;
        }
        clock.set(clock.get() + LEASE);
        assert_eq!(pulse.beat(), Beat::Late);
        before.set(Some(hatchery.last()));
        WorkOutcome::Done
    });
    assert_eq!((tally.late, tally.accepted, tally.claimed), (1, 2, 3));
    assert_eq!(hatchery.snapshot().work_stats().unwrap().lapsed, 1);
    assert!(before.get().is_some());
}

#[test]
fn a_loop_rests_until_the_next_item_is_due_but_never_for_long() {
    let (hatchery, clock) = (world(), Cell::new(0));
    launched(&hatchery, launch());
    let (_, rests) = run(&hatchery, None, &clock, 16, |_, _| match clock.get() {
        0 => WorkOutcome::GivenBack { pause: Span::from_secs(13) },
        _ => WorkOutcome::Done,
    });
    assert_eq!(rests, [10, 3, 10].map(Span::from_secs));
}

#[test]
fn who_is_told_to_stop_gives_back_what_was_not_begun() {
    let hatchery = world();
    (0..3).for_each(|_| drop(launched(&hatchery, launch())));
    let stop = AtomicBool::new(false);
    let working = Loop { shift: shift(), vault: None, pause: Span::from_secs(1), stop: &stop };
    let mut maker = With(|_: &WorkItem, _: &Pulse<'_>| {
        stop.store(true, Ordering::Relaxed);
        WorkOutcome::Done
    });
    let tally = working.run(&hatchery, &mut maker, || later(0), |_| panic!("there is no rest")).unwrap();
    assert_eq!(tally, Tally { claimed: 3, accepted: 3, ..Tally::default() });
    let stats = hatchery.snapshot().work_stats().unwrap();
    assert_eq!((stats.done, stats.given_back), (1, 2));
    let claim = Claim { worker: "heir".parse().unwrap(), lease: Span::from_secs(1), limit: 10 };
    assert_eq!(hatchery.commit(claim, later(0)).unwrap().len(), 3, "nobody has to wait for a lease");
}

fn with_password(vault: &Vault) -> Launch {
    let secret = vault.seal(ME, Nonce([7; 24]), &Secret::new(b"Passw0rd!")).unwrap();
    let password = Some(Password { secret, for_windows: true });
    Launch { login: Login { password, ..Login::default() }, ..launch() }
}

#[test]
fn a_provisioner_gets_the_password_open_where_the_vault_is_right() {
    let vault = |key: u8| Vault::new(&[key; Vault::KEY]);
    let (hatchery, clock) = (world(), Cell::new(0));
    let id = launched(&hatchery, with_password(&vault(1)))[0];
    let seen = RefCell::new(Vec::new());
    let mut maker = |item: &WorkItem, _: &Pulse<'_>| {
        let password = item.handover.password.as_ref().map(|secret| secret.reveal().to_vec());
        seen.borrow_mut().push((item.task, password));
        WorkOutcome::Done
    };
    let (tally, _) = run(&hatchery, Some(vault(2)), &clock, 1, &mut maker);
    assert_eq!((tally.unopened, seen.borrow().len()), (1, 0), "another key gives the item back");
    clock.set(120);
    let (tally, _) = run(&hatchery, Some(vault(1)), &clock, 121, &mut maker);
    assert_eq!(tally.unopened, 0);
    assert_eq!(*seen.borrow(), [(Task::Create, Some(b"Passw0rd!".to_vec())), (Task::Start, None)]);
    assert_eq!(status(&hatchery, id), Status::Running);
}

/// Waits once before each item is done, and beats then.
struct Patient;

impl AsyncProvisioner for Patient {
    async fn perform(&mut self, _: &WorkItem, pulse: &Pulse<'_>) -> WorkOutcome {
        let mut polled = false;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            match std::mem::replace(&mut polled, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        match pulse.beat() {
            Beat::Held(_) => WorkOutcome::Done,
            Beat::Late => WorkOutcome::Unclear,
        }
    }
}

#[test]
fn an_asynchronous_round_needs_nothing_but_somebody_who_polls_it() {
    let hatchery = world();
    let ids = [launched(&hatchery, launch())[0], launched(&hatchery, launch())[0]];
    let shift = shift();
    let mut patient = Patient;
    let mut round = pin!(work_off_async(&hatchery, &mut patient, &shift, None, || later(0)));
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 1;
    let tally = loop {
        match round.as_mut().poll(&mut context) {
            Poll::Ready(tally) => break tally.unwrap(),
            Poll::Pending => polls += 1,
        }
    };
    assert_eq!((tally.accepted, polls), (2, 3));
    assert_eq!(ids.map(|id| status(&hatchery, id)), [Status::Starting; 2]);
}

#[path = "../examples/control_plane.rs"]
mod control_plane;

#[test]
fn the_example_of_an_embedder_runs() {
    control_plane::main().unwrap();
}
