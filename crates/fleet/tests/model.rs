//! Random histories of a small world, played on the core and on a model that only counts, side by
//! side. After every step each of the sentences below has to hold.
//!
//! `PROPTEST_CASES=20000 cargo test -p fleet --test model` looks longer.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use fleet::{
    Beat, Command, Cycle, Event, EventId, IncidentKind, Record, Reported, Time, World, Write, decide,
};
use proptest::test_runner::{Config, FileFailurePersistence};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use testkit::{Action, Driver, Fleet, Histories, Model, Reply, SmallWorld, audit};

/// Where failures are kept; they are tried first the next time.
const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/fleet-model.txt");
const CASES: u32 = 512;

prop_state_machine! {
    #![proptest_config(Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        max_shrink_iters: 20_000,
        ..Config::with_cases(std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap()))
    })]
    #[test]
    fn the_core_does_what_the_model_counts(sequential 1..100 => Core);
}

struct Core;

/// A world that keeps a second one up to date by its feed alone.
#[derive(Clone)]
struct Replicated {
    world: World,
    replica: World,
    /// The writes of the last command.
    writes: Vec<Write>,
}

impl Fleet for Replicated {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        let decision = decide(&self.world, command, now);
        let writes = decision.map_or_else(|_| Vec::new(), |decision| decision.writes);
        self.writes = writes.into_iter().map(Write::from).collect();
        self.replica.apply(self.writes.clone());
        self.world.run(command, now)
    }

    fn records(&self) -> Vec<Record> {
        Fleet::records(&self.world)
    }
}

struct Played {
    driver: Driver<Replicated>,
    events: BTreeMap<EventId, Event>,
}

impl StateMachineTest for Core {
    type SystemUnderTest = Played;
    type Reference = Histories;

    fn init_test(model: &Model) -> Played {
        let world = SmallWorld::new().build();
        let replica = world.clone();
        let mut driver = Driver::new(Replicated { world, replica, writes: Vec::new() });
        model.past().iter().for_each(|action| drop(driver.act(action)));
        Played { driver, events: BTreeMap::new() }
    }

    fn apply(mut played: Played, model: &Model, action: Action) -> Played {
        let before = played.driver.fleet.world.clone();
        let reply = played.driver.act(&action);
        replies_agree_with_the_model(&action, &reply, model.reply());
        what_is_refused_changes_nothing(&action, &reply, &before, &played.driver.fleet);
        an_answer_is_given_twice(&action, &mut played.driver.clone(), &reply);
        played.events = an_event_never_goes_back(played.events, &played.driver.fleet.world);
        played
    }

    fn check_invariants(played: &Played, model: &Model) {
        the_audit_finds_nothing(&played.driver.fleet.world);
        counts_agree_with_the_model(played, model);
        replay_equals_state(&played.driver.fleet);
    }
}

fn replies_agree_with_the_model(action: &Action, reply: &Reply, expected: &Reply) {
    assert_eq!(reply, expected, "replies_agree_with_the_model: {action:?}");
}

fn counts_agree_with_the_model(played: &Played, model: &Model) {
    assert_eq!(played.driver.summary(), model.summary(), "counts_agree_with_the_model");
}

fn the_audit_finds_nothing(world: &World) {
    assert_eq!(audit(world), [], "the_audit_finds_nothing");
}

fn replay_equals_state(fleet: &Replicated) {
    assert_eq!(fleet.world, fleet.replica, "replay_equals_state");
}

/// A refusal, a late report, a dry run and time that only passes.
fn what_is_refused_changes_nothing(action: &Action, reply: &Reply, before: &World, after: &Replicated) {
    let nothing = match reply {
        Reply::Refused(_) | Reply::Would(_) | Reply::Reported(Reported::Late) | Reply::Beaten(Beat::Late) => {
            true
        }
        // What is given up is handed to nobody.
        Reply::Claimed(items) => items.is_empty() && after.writes.is_empty(),
        Reply::Ticked(ticked) => ticked.ran == 0,
        Reply::Done => matches!(action, Action::Wait(_)),
        Reply::Launched { .. }
        | Reply::Reported(Reported::Accepted)
        | Reply::Beaten(Beat::Held(_))
        | Reply::Moved(_)
        | Reply::Paid(_) => false,
    };
    if nothing {
        assert_eq!(&after.world, before, "what_is_refused_changes_nothing: {action:?}");
    }
}

/// A launch under a token, sent again at once, is answered the same and changes nothing.
fn an_answer_is_given_twice(action: &Action, driver: &mut Driver<Replicated>, reply: &Reply) {
    if let (Action::Launch { token: Some(_), .. }, Reply::Launched { .. }) = (action, reply) {
        let before = driver.fleet.world.clone();
        assert_eq!(&driver.act(action), reply, "an_answer_is_given_twice");
        assert_eq!(driver.fleet.world, before, "an_answer_is_given_twice");
    }
}

fn an_event_never_goes_back(mut before: BTreeMap<EventId, Event>, world: &World) -> BTreeMap<EventId, Event> {
    for record in world.records() {
        let Record::Event(event) = record else { continue };
        if let Some(earlier) = before.insert(event.id, event.clone())
            && earlier != *event
        {
            // What is planned is under way and over in the commit of its time.
            let within = earlier.cycle.leads_to(Cycle::Executing) && Cycle::Executing.leads_to(event.cycle);
            let leads = earlier.cycle.leads_to(event.cycle) || within;
            assert!(leads, "an_event_never_goes_back: {earlier:?}, {event:?}");
            assert_eq!(earlier.published_at, event.published_at, "an_event_never_goes_back");
        }
    }
    before
}

/// What random histories reach; a strategy that reaches less proves less.
#[test]
fn histories_reach_what_they_are_meant_to_reach() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    let mut steps = 0;
    for _ in 0..64 {
        let (mut model, actions, _) =
            Histories::sequential_strategy(60..100).new_tree(&mut runner).unwrap().current();
        for action in actions {
            model.act(&action);
            let reply = format!("{:?}", model.reply());
            let words: Vec<&str> =
                reply.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
            let kind = match words[0] {
                "Refused" if words.contains(&"Short") => {
                    let at = words.iter().position(|word| *word == "binding").unwrap();
                    format!("short of {}", words[at + 1])
                }
                "Refused" if words[1] == "Unaffordable" => "refused: Unaffordable".to_owned(),
                "Refused" => format!("refused: {}", words[1..3.min(words.len())].join(" ")),
                "Reported" | "Moved" => words[..2].join(" "),
                first => first.to_owned(),
            };
            *reached.entry(kind).or_default() += 1;
            let summary = model.summary();
            for (_, what, cycle, ..) in &summary.events {
                if matches!(what, IncidentKind::UnpaidStop | IncidentKind::UnpaidRelease) {
                    *reached.entry(format!("{what:?} {cycle:?}")).or_default() += 1;
                }
            }
            if let Some((.., owed, standing)) = summary.purse.meter {
                let standing = format!("{standing:?}");
                let standing = standing.split_whitespace().next().unwrap();
                *reached.entry(format!("stands {standing}")).or_default() += 1;
                *reached.entry("something is owed".to_owned()).or_default() += usize::from(owed > 0);
            }
            for (_, _, [_, _, held, spent]) in summary.purse.vouchers {
                *reached.entry("a voucher is held".to_owned()).or_default() += usize::from(held > 0);
                *reached.entry("a voucher is spent".to_owned()).or_default() += usize::from(spent > 0);
            }
            steps += 1;
        }
    }
    println!("{steps} steps: {reached:#?}");
    for expected in [
        "Claimed",
        "Done",
        "Launched",
        "Moved Failed",
        "Moved Running",
        "Moved Starting",
        "Moved Stopped",
        "Moved Stopping",
        "Reported Accepted",
        "Reported Late",
        "Ticked",
        "UnpaidRelease Avoided",
        "UnpaidRelease Executed",
        "UnpaidRelease Scheduled",
        "UnpaidStop Avoided",
        "UnpaidStop Executed",
        "UnpaidStop Executing",
        "Would",
        "a voucher is held",
        "a voucher is spent",
        "refused: Account LimitBelowUse",
        "refused: Catalogue TotalBelowUse",
        "refused: Launch AddressOutside",
        "refused: Launch AddressReserved",
        "refused: Launch AddressTaken",
        "refused: Launch Barred",
        "refused: Launch OneAddressForMany",
        "refused: Launch SubnetElsewhere",
        "refused: Launch TokenReused",
        "Paid",
        "refused: PaidByUse",
        "refused: PaidFor Time",
        "refused: Unaffordable",
        "refused: Unpaid",
        "refused: Unknown",
        "refused: WrongStatus Pending",
        "refused: WrongStatus Releasing",
        "short of Addresses",
        "short of GroupPlaces",
        "short of Money",
        "short of Quota",
        "short of Stock",
        "something is owed",
        "stands Cut",
        "stands Grace",
        "stands Sound",
    ] {
        assert!(reached.contains_key(expected), "no history reaches {expected:?}: {reached:#?}");
    }
}
