//! How much of what can be reached a random tester does reach.

use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use testkit::requests::{Draw, any_invalid, invalid_by, nearly_valid_launch, recipes, valid_launch};

use crate::door::{Door, Outcome};

const DRAWS: usize = 20_000;
const SEED: [u8; 32] = [7; 32];

fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &SEED))
}

fn drawn(strategy: &impl Strategy<Value = Draw>, runner: &mut TestRunner) -> Draw {
    strategy.new_tree(runner).unwrap().current()
}

/// Worlds in which nothing has changed yet, by what was done to make them.
#[derive(Default)]
struct Doors(BTreeMap<String, Door>);

impl Doors {
    /// Sends the request to its world. One that a request has changed is not used again.
    fn send(&mut self, draw: &Draw) -> Outcome {
        let what = draw.recipe.map_or_else(String::new, |recipe| match recipe.is_plain() {
            true => String::new(),
            false => format!("{:?} {:?} {:?}", recipe.terms, recipe.before, recipe.edition),
        });
        let door = self.0.remove(&what).unwrap_or_else(|| draw.recipe.map_or_else(Door::plain, Door::of));
        let outcome = door.ask(&draw.ask);
        if outcome.code != "ok" {
            self.0.insert(what, door);
        }
        outcome
    }
}

#[test]
fn twenty_thousand_draws_reach_nearly_every_code() {
    let (mut runner, mut doors) = (runner(), Doors::default());
    let strategy = proptest::prop_oneof![
        // A valid launch changes its world, and a new one takes a while.
        1 => valid_launch(),
        40 => nearly_valid_launch(),
        40 => any_invalid(),
    ];
    let reachable: BTreeSet<(u16, &str)> = recipes().map(|recipe| (recipe.status, recipe.code)).collect();
    let mut reached = BTreeSet::new();
    for _ in 0..DRAWS {
        let draw = drawn(&strategy, &mut runner);
        let found = doors.send(&draw);
        let (status, code) = draw.expected();
        assert!(found.is(status, code), "{draw:?}: {found:?}");
        reached.insert((status, code));
    }
    reached.remove(&(200, "ok"));
    let percent = 100.0 * reached.len() as f64 / reachable.len() as f64;
    println!("{DRAWS} draws reach {} of {} codes: {percent:.1} %", reached.len(), reachable.len());
    assert!(percent >= 95.0, "{percent}");
}

#[test]
fn valid_launches_are_valid() {
    let (mut runner, mut doors) = (runner(), Doors::default());
    for _ in 0..200 {
        let draw = drawn(&valid_launch(), &mut runner);
        let found = doors.send(&draw);
        assert!(found.is(200, "ok"), "{draw:?}: {found:?}");
    }
}

#[test]
fn a_code_can_be_asked_for() {
    let (mut runner, mut doors) = (runner(), Doors::default());
    let codes: BTreeSet<&str> = recipes().map(|recipe| recipe.code).collect();
    for code in codes {
        let found = doors.send(&drawn(&invalid_by(code), &mut runner));
        assert_eq!(found.code, code);
    }
}
