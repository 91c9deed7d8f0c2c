//! The simulator: it repeats itself, it finds what is planted, and it finds nothing else.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::cell::RefCell;
use std::rc::Rc;

use fleet::{Cycle, IncidentKind, Record, Span, Standing, Task, View as _, WorkItem, WorkOutcome};
use hatchery::{Provisioner, Pulse};
use testkit::simulation::{
    self, Actor, Budget, Client, Crew, Happening, Keeper, Nature, Odds, Outcome, Rack, Racked, Rest, Setup,
    Turn, Violation, usual_cast,
};

/// The trace of seed 7. It changes with whatever the store does and how it says so: then look whether that was
/// meant, and write the new one here.
const DIGEST_OF_SEVEN: &str = "964d8cfc9e921adf";

fn run(setup: &Setup) -> Outcome {
    simulation::run(setup, &usual_cast, &mut |_| {})
}

#[test]
fn one_seed_gives_one_trace_and_another_another() {
    let setup = Setup { days: 1, audit_steps: 100, ..Setup::small(7) };
    let (first, again) = (run(&setup), run(&setup));
    assert_eq!(first.violation, None);
    assert_eq!((&first.digest, first.tally), (&again.digest, again.tally));
    assert!(first.digest.starts_with(DIGEST_OF_SEVEN), "the trace of seed 7 is now {}", first.digest);
    assert_ne!(first.digest, run(&Setup { seed: 8, ..setup }).digest);
}

#[test]
fn small_worlds_in_which_everything_goes_wrong_keep_every_promise() {
    let mut sum = simulation::Tally::default();
    for seed in 0..3 {
        let odds = Odds { jump_days: 1, ..Odds::HARSH };
        let outcome = run(&Setup { days: 2, audit_steps: 20, odds, ..Setup::small(seed) });
        assert_eq!(outcome.violation, None, "seed {seed}");
        sum.power_cuts += outcome.tally.power_cuts;
        sum.failed += outcome.tally.failed;
        sum.disturbed += outcome.tally.disturbed;
        sum.lost += outcome.tally.lost;
        sum.jumps += outcome.tally.jumps;
    }
    // A simulation in which nothing goes wrong proves nothing.
    assert!(sum.power_cuts > 5 && sum.failed > 5 && sum.lost > 100 && sum.jumps > 0, "{sum:?}");
    assert!(sum.disturbed > 0, "{sum:?}");
}

#[test]
fn a_large_world_keeps_every_promise() {
    let setup = Setup { days: 2, lifetime: Span::from_days(4), ..Setup::large(1, 200) };
    let outcome = run(&setup);
    assert_eq!(outcome.violation, None);
    assert!(outcome.tally.commits > 500, "{:?}", outcome.tally);
}

#[test]
fn a_disk_that_lies_is_found_out_and_told_in_few_steps() {
    let odds = Odds { lying_syncs: 100_000, crash_days: 1, ..Odds::NONE };
    // Of other seeds some lose the middle of the journal, which the store refuses to open, and some lose only what
    // comes after more of it: what is torn depends on where everything lies.
    let setup = Setup { days: 20, odds, audit_steps: 1000, ..Setup::small(4) };
    let outcome = run(&setup);
    let found = outcome.violation.unwrap();
    assert!(matches!(found, Violation::CommitsLost { .. }), "{found}");
    let shrunk =
        simulation::shrink(&setup, &usual_cast, &outcome.history, (Budget::default(), &mut |_| {})).unwrap();
    assert_eq!(shrunk.violation.name(), found.name());
    assert!(!shrunk.cut_short);
    // Something was acknowledged, and the power went.
    assert!(shrunk.history.len() <= 3, "{:#?}", shrunk.lines);
    assert_eq!(shrunk.history.last().unwrap().what, Happening::Crash);
    assert!(shrunk.lines.iter().any(|line| line.contains("the power went")), "{:#?}", shrunk.lines);
}

/// Takes machines apart in word only.
struct Hoarder(Racked);

impl Provisioner for Hoarder {
    fn perform(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> WorkOutcome {
        match item.task {
            Task::Release => WorkOutcome::Done,
            Task::Create | Task::Install | Task::Start | Task::Stop | Task::Reboot => {
                self.0.perform(item, pulse)
            }
        }
    }
}

#[test]
fn a_provisioner_that_leaves_machines_behind_is_found_out() {
    let cast = |setup: &Setup| -> Vec<Box<dyn Actor>> {
        let rack: Rc<RefCell<Rack>> = Rc::default();
        let nature: Rc<RefCell<Nature>> = Rc::default();
        let (of_rack, of_nature) = (Rc::clone(&rack), Rc::clone(&nature));
        let make = move || Hoarder(Racked::new(Rc::clone(&of_rack), Rc::clone(&of_nature)));
        vec![
            Box::new(Keeper),
            Box::new(Client::new("client", setup.instances, setup.lifetime)),
            Box::new(Crew::new("hoarder", make).with_nature(nature).with_rack(rack)),
        ]
    };
    let setup = Setup { days: 2, odds: Odds::NONE, audit_steps: 1000, ..Setup::small(1) };
    let outcome = simulation::run(&setup, &cast, &mut |_| {});
    let Some(Violation::Misjudged { who, what }) = outcome.violation else {
        panic!("{:?}", outcome.violation)
    };
    assert_eq!(who, "hoarder");
    assert!(what.contains("which is not in the fleet"), "{what}");
}

/// Waits for what never comes.
struct Hopeful;

impl Actor for Hopeful {
    fn name(&self) -> &str {
        "hopeful"
    }

    fn act(&mut self, _: &mut Turn<'_>) -> Rest {
        Rest::long(Span::from_hours(1))
    }

    fn waits_for(&self) -> Option<String> {
        Some("rain".to_owned())
    }
}

#[test]
fn who_waits_for_ever_is_found_out() {
    let cast = |_: &Setup| -> Vec<Box<dyn Actor>> { vec![Box::new(Hopeful)] };
    let outcome = simulation::run(&Setup { days: 1, ..Setup::small(1) }, &cast, &mut |_| {});
    let stuck = Violation::Stuck { who: "hopeful".to_owned(), what: "rain".to_owned() };
    assert_eq!(outcome.violation, Some(stuck));
}

/// Launches once, and gives it back without a word to anybody.
#[derive(Default)]
struct Careless {
    has: Vec<fleet::InstanceId>,
}

impl Actor for Careless {
    fn name(&self) -> &str {
        "careless"
    }

    fn act(&mut self, turn: &mut Turn<'_>) -> Rest {
        if self.has.is_empty()
            && let Ok(fleet::Launched::Batch { instances, .. }) = turn.launch(&testkit::launch())
        {
            self.has = instances;
        }
        for instance in self.has.clone() {
            let account = testkit::OWNER;
            let (force, subscription) = (fleet::Force::Yes, fleet::Subscription::Keep);
            // Not through `Turn::release`: for the witness it goes for no reason.
            let _gone = turn.commit(&fleet::Release { account, instance, force, subscription });
        }
        Rest::long(Span::from_secs(600))
    }
}

#[test]
fn an_instance_that_is_gone_for_no_reason_is_missed_and_told_in_few_steps() {
    let cast = |setup: &Setup| {
        let mut cast = usual_cast(&Setup { clients: 0, ..setup.clone() });
        cast.push(Box::<Careless>::default());
        cast
    };
    let setup = Setup { days: 1, odds: Odds::NONE, ..Setup::small(1) };
    let outcome = simulation::run(&setup, &cast, &mut |_| {});
    let found = outcome.violation.unwrap();
    assert!(matches!(found, Violation::InstanceLost(_)), "{found}");
    let shrunk =
        simulation::shrink(&setup, &cast, &outcome.history, (Budget::default(), &mut |_| {})).unwrap();
    assert_eq!(shrunk.violation.name(), found.name());
    // It is launched, made, booted, given back, taken apart: two steps for whatever a crew does.
    assert!(shrunk.history.len() <= 8, "{:#?}", shrunk.lines);
    assert!(shrunk.history.len() < outcome.history.len());
}

#[test]
fn nothing_is_left_to_do_when_everybody_is_at_rest() {
    /// Looks at the end.
    struct Judge(Rc<RefCell<usize>>);
    impl Actor for Judge {
        fn name(&self) -> &str {
            "judge"
        }
        fn act(&mut self, _: &mut Turn<'_>) -> Rest {
            Rest::long(Span::from_days(1))
        }
        fn judge(&self, records: &[Record]) -> Result<(), String> {
            *self.0.borrow_mut() += 1;
            let waiting = records.iter().filter(|record| matches!(record, Record::Work(..))).count();
            (waiting == 0).then_some(()).ok_or(format!("{waiting} items"))
        }
    }
    let seen: Rc<RefCell<usize>> = Rc::default();
    let cast = |setup: &Setup| {
        let mut cast = usual_cast(setup);
        cast.push(Box::new(Judge(Rc::clone(&seen))));
        cast
    };
    let outcome =
        simulation::run(&Setup { days: 1, audit_steps: 1000, ..Setup::small(2) }, &cast, &mut |_| {});
    assert_eq!(outcome.violation, None);
    assert_eq!(*seen.borrow(), 1);
}

/// Looks what becomes of those who do not pay.
struct Usher(Rc<RefCell<(bool, bool)>>);

impl Actor for Usher {
    fn name(&self) -> &str {
        "usher"
    }

    fn act(&mut self, turn: &mut Turn<'_>) -> Rest {
        let released = |record: &Record| {
            let Record::Event(event) = record else { return false };
            event.kind.what() == IncidentKind::UnpaidRelease && event.cycle == Cycle::Executed
        };
        let seen = turn.look(|fleet| {
            let meter = fleet.account(testkit::OWNER).unwrap().and_then(|account| account.meter);
            let is_cut = meter.is_some_and(|meter| meter.standing == Standing::Cut);
            (is_cut, fleet.records().unwrap().iter().any(released))
        });
        let (cut, gone) = seen.unwrap_or_default();
        let mut all = self.0.borrow_mut();
        *all = (all.0 | cut, all.1 | gone);
        Rest::long(Span::from_hours(6))
    }
}

#[test]
fn who_is_late_with_payments_is_cut_off_and_loses_instances_and_no_promise_is_broken() {
    let seen: Rc<RefCell<(bool, bool)>> = Rc::default();
    let cast = |setup: &Setup| {
        let mut cast = usual_cast(setup);
        cast.push(Box::new(Usher(Rc::clone(&seen))));
        cast
    };
    let odds = Odds { late_payments: 200_000, late_days: 8, ..Odds::NONE };
    let setup = Setup { days: 30, odds, lifetime: Span::from_days(20), audit_steps: 20, ..Setup::small(1) };
    let outcome = simulation::run(&setup, &cast, &mut |_| {});
    assert_eq!(outcome.violation, None);
    assert_eq!(*seen.borrow(), (true, true), "cut off, and released");
}
