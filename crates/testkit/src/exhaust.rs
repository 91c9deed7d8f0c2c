//! All histories of a very small world, up to a length: nothing is drawn, so nothing is missed.
//!
//! The world is the small one with three addresses left in its subnet, three units of one type and one of
//! another. Two clients ask for it, each for its own type, under either of two tokens, so that each can take
//! the other's; a provisioner claims, reports whatever can be said, also too late; owners start, stop and give
//! back; time goes on to the next moment at which something is due, and timers run. Where it begins poor, money
//! runs out as well, and somebody may pay ([`Beginning`]).
//!
//! After every step the reply and all numbers are those of the [`Model`], every invariant holds, no event goes
//! back, and what is refused has changed nothing. Histories that lead to one state are gone on with once; what
//! cannot be told apart but for which of the two tokens was used first counts as one.
//!
//! ```
//! use testkit::Beginning;
//!
//! let all = testkit::exhaust(Beginning::Free, 3, &mut |_, _| {}).unwrap();
//! assert!(all.states > 50 && all.histories > all.states.into());
//! ```

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hasher};

use fleet::{Beat, Cycle, EventId, FailureReason, Record, Reported, Status, Task, Time, WorkOutcome, World};

use crate::action::{Action, Order, Place, Reply};
use crate::driver::Driver;
use crate::model::Model;
use crate::scene::audit;
use crate::small_world::SmallWorld;

/// The guest that was there before: it has an address.
const TENANT: usize = 0;
/// What is paid in where it is poor, at the beginning and now and then: ten seconds of the tenant.
const PAYMENT: Action = Action::SetAccount { limit: SmallWorld::LIMIT, grant: Some(1) };

/// How a very small world begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Beginning {
    /// Nothing is charged for, and nobody touches the guest that was there before.
    Free,
    /// The guest that was there before costs something by use, and the account has money for its next ten seconds.
    Poor,
}

/// What there was to see.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Exhausted {
    /// How many states that differ were reached.
    pub states: u64,
    /// How many steps were played and judged: every action in every state, short of the last ones.
    pub steps: u64,
    /// How many histories there are of that length or shorter; each leads through judged steps only.
    pub histories: u128,
    /// How many states are first reached after so many steps.
    pub layers: Vec<u64>,
}

/// A history that should not be: none that is shorter breaks anything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Counterexample {
    /// What was done, in order.
    pub actions: Vec<Action>,
    /// What is wrong then.
    pub what: String,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.actions.iter().try_for_each(|action| writeln!(f, "{action:?}"))?;
        f.write_str(&self.what)
    }
}

impl std::error::Error for Counterexample {}

/// Plays all histories of up to `length` steps from `beginning` on. `watch` is told of each length how many states it
/// came to.
///
/// # Errors
/// The first, and so one of the shortest, after which something is not as it has to be.
pub fn exhaust(
    beginning: Beginning,
    length: usize,
    watch: &mut dyn FnMut(usize, u64),
) -> Result<Exhausted, Counterexample> {
    let mut search = Search::new(beginning);
    let mut layer = 0..1;
    let mut layers = vec![1];
    for depth in 1..=length {
        let first_new = search.nodes.len();
        for number in layer {
            search.expand(number)?;
        }
        layer = first_new..search.nodes.len();
        let found = layer.len() as u64;
        layers.push(found);
        watch(depth, found);
    }
    let histories = search.histories(length);
    Ok(Exhausted { states: search.nodes.len() as u64, steps: search.steps, histories, layers })
}

/// A state, by the step that first led to it; its successors once they are known.
struct Node {
    parent: usize,
    action: Option<Action>,
    successors: Vec<usize>,
}

struct Search {
    beginning: Beginning,
    nodes: Vec<Node>,
    known: HashMap<u128, usize>,
    steps: u64,
}

impl Search {
    fn new(beginning: Beginning) -> Self {
        let root = Node { parent: 0, action: None, successors: Vec::new() };
        let known = HashMap::from([(Pair::begin(beginning).fingerprint(), 0)]);
        Self { beginning, nodes: vec![root], known, steps: 0 }
    }

    /// The steps that lead to a state.
    fn path(&self, mut number: usize) -> Vec<Action> {
        let mut path = Vec::new();
        while let Node { parent, action: Some(action), .. } = &self.nodes[number] {
            path.push(action.clone());
            number = *parent;
        }
        path.reverse();
        path
    }

    /// Plays every action that can be asked for in a state.
    fn expand(&mut self, number: usize) -> Result<(), Counterexample> {
        let path = self.path(number);
        let mut here = Pair::begin(self.beginning);
        path.iter().for_each(|action| here.play(action));
        for action in here.actions() {
            let mut there = here.clone();
            there.play(&action);
            self.steps += 1;
            there.judge(&here, &action).map_err(|what| {
                let actions = path.iter().cloned().chain([action.clone()]).collect();
                Counterexample { actions, what }
            })?;
            let fingerprint = there.fingerprint();
            let next = self.nodes.len();
            let successor = *self.known.entry(fingerprint).or_insert(next);
            if successor == next {
                let node = Node { parent: number, action: Some(action), successors: Vec::new() };
                self.nodes.push(node);
            }
            self.nodes[number].successors.push(successor);
        }
        Ok(())
    }

    /// How many walks of up to `length` steps there are from the beginning.
    fn histories(&self, length: usize) -> u128 {
        let mut here = HashMap::from([(0, 1_u128)]);
        let mut sum = 1;
        for _ in 0..length {
            let mut next: HashMap<usize, u128> = HashMap::new();
            for (number, walks) in here {
                for successor in &self.nodes[number].successors {
                    *next.entry(*successor).or_default() += walks;
                }
            }
            sum += next.values().sum::<u128>();
            here = next;
        }
        sum
    }
}

/// A fleet and the model of it.
#[derive(Clone)]
struct Pair {
    beginning: Beginning,
    driver: Driver<World>,
    model: Model,
    reply: Reply,
}

impl Pair {
    /// The world before anybody asks: the tenant runs, and one unit of the second type is free.
    fn begin(beginning: Beginning) -> Self {
        let driver = Driver::new(SmallWorld::new().build());
        let mut pair = Self { beginning, driver, model: Model::new(), reply: Reply::Done };
        let (tenant, units) = match beginning {
            Beginning::Free => (0, 1),
            Beginning::Poor => (1, 2),
        };
        if beginning == Beginning::Poor {
            pair.play(&PAYMENT);
        }
        pair.play(&Action::SetStock { zone: 0, instance_type: 1, total: units });
        pair.play(&Action::Launch { order: order(tenant, 1), token: None, dry: false });
        // It is made, and then it boots.
        for _ in 0..2 {
            pair.play(&Action::Claim { lease: 10, limit: 1 });
            let item = pair.model.held()[0];
            pair.play(&Action::Report(item, WorkOutcome::Done));
        }
        pair
    }

    fn play(&mut self, action: &Action) {
        self.model.act(action);
        self.reply = self.driver.act(action);
    }

    /// Whether anybody does anything with an instance.
    fn is_touched(&self, instance: usize) -> bool {
        self.beginning == Beginning::Poor || instance != TENANT
    }

    /// Whatever can be asked for.
    fn actions(&self) -> Vec<Action> {
        let Self { model, .. } = self;
        let mut actions = Vec::new();
        // Before one was used the tokens are alike.
        let tokens = if model.last_order().is_some() { 0..2 } else { 0..1 };
        for token in tokens {
            let launch = |order| Action::Launch { order, token: Some(token), dry: false };
            actions.extend([launch(order(0, 2)), launch(order(1, 2))]);
        }
        actions.extend([Action::Claim { lease: 10, limit: 1 }, Action::Claim { lease: 100, limit: 9 }]);
        let held = model.held();
        for item in &held {
            let mut say = |outcome| actions.push(Action::Report(*item, outcome));
            say(WorkOutcome::Done);
            say(WorkOutcome::Failed(FailureReason::Machine));
            say(WorkOutcome::Unclear);
            if item.task == Task::Create {
                say(WorkOutcome::Failed(FailureReason::NoStock));
            }
        }
        // The newest of those that were lost.
        let lost =
            model.handouts().iter().rev().find(|item| self.is_touched(item.instance) && !held.contains(item));
        actions.extend(lost.map(|item| Action::Report(*item, WorkOutcome::Done)));
        for status in Status::ALL {
            for instance in model.in_status(status).into_iter().filter(|instance| self.is_touched(*instance))
            {
                actions.push(Action::Release { instance, force: true });
                match status {
                    Status::Stopped => actions.push(Action::Start(instance)),
                    Status::Running => actions.extend([Action::Stop(instance), Action::Bin(instance)]),
                    Status::Binned => actions.push(Action::Empty(instance)),
                    Status::Pending
                    | Status::Installing
                    | Status::Starting
                    | Status::Stopping
                    | Status::Blank
                    | Status::Failed
                    | Status::Releasing => {}
                }
            }
        }
        actions.push(Action::Tick(9));
        if self.beginning == Beginning::Poor {
            actions.push(PAYMENT);
        }
        let next = model.deadlines().into_iter().filter(|at| *at > model.now()).min();
        actions.extend(next.map(Action::Wait));
        actions
    }

    /// Whether everything is as it has to be after `action` was played on `before`.
    fn judge(&self, before: &Self, action: &Action) -> Result<(), String> {
        if self.reply != *self.model.reply() {
            return Err(format!("answered {:?}, the model says {:?}", self.reply, self.model.reply()));
        }
        let (found, wanted) = (self.driver.summary(), self.model.summary());
        if found != wanted {
            return Err(format!("it comes to {found:?}, the model says {wanted:?}"));
        }
        if let Some(finding) = audit(&self.driver.fleet).first() {
            return Err(finding.to_string());
        }
        if self.changed_nothing(action) && self.driver.fleet != before.driver.fleet {
            return Err("what is refused changes nothing".to_owned());
        }
        let events = |pair: &Self| -> Vec<(EventId, Cycle)> { pair.events().collect() };
        let (earlier, later) = (events(before), events(self));
        let kept = |(id, cycle): &(EventId, Cycle)| {
            let now = later.iter().find(|(known, _)| known == id);
            now.is_none_or(|(_, now)| now == cycle || cycle.leads_to(*now))
        };
        match earlier.iter().find(|event| !kept(event)) {
            Some((id, cycle)) => Err(format!("event {id} went back from {cycle:?}")),
            None => Ok(()),
        }
    }

    fn changed_nothing(&self, action: &Action) -> bool {
        match &self.reply {
            Reply::Refused(_)
            | Reply::Reported(Reported::Late)
            | Reply::Beaten(Beat::Late)
            | Reply::Would(_) => true,
            Reply::Ticked(ticked) => ticked.ran == 0,
            Reply::Done => matches!(action, Action::Wait(_)),
            Reply::Launched { .. }
            | Reply::Claimed(_)
            | Reply::Reported(Reported::Accepted)
            | Reply::Beaten(Beat::Held(_))
            | Reply::Moved(_)
            | Reply::Paid(_) => false,
        }
    }

    fn events(&self) -> impl Iterator<Item = (EventId, Cycle)> {
        self.driver.fleet.records().filter_map(|record| {
            let Record::Event(event) = record else { return None };
            Some((event.id, event.cycle))
        })
    }

    /// Two states with one fingerprint are taken for one: everything that is written down in the fleet, what
    /// time it is, and what was ever handed out.
    fn fingerprint(&self) -> u128 {
        let mut hash = Hash([DefaultHasher::new(), DefaultHasher::new()]);
        hash.0[1].write_u8(1);
        for record in self.driver.fleet.records().filter(|record| !matches!(record, Record::Catalogue(_))) {
            // Writing into a hash cannot fail.
            let _ = write!(hash, "{record:?}");
        }
        let now: Time = self.model.now();
        let _ = write!(hash, "{now:?} {:?}", self.model.handouts());
        let [high, low] = hash.0.map(|half| u128::from(half.finish()));
        high << 64 | low
    }
}

/// What a client asks for: as many as `most` of its type, or one.
fn order(instance_type: usize, most: u8) -> Order {
    let (zone, subnet, groups) = (None, 0, vec![0]);
    Order { zone, instance_type, subnet, groups, address: Place::Any, most, least: 1, stay: false, months: 0 }
}

struct Hash([DefaultHasher; 2]);

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.iter_mut().for_each(|half| half.write(text.as_bytes()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_begins_with_three_addresses_three_units_and_one() {
        let pair = Pair::begin(Beginning::Free);
        let summary = pair.driver.summary();
        assert_eq!(summary, pair.model.summary());
        assert_eq!(summary.free[&0], 3);
        assert_eq!((summary.stock[&(0, 0)].total, summary.stock[&(0, 0)].taken), (4, 1));
        assert_eq!((summary.stock[&(0, 1)].total, summary.stock[&(0, 1)].taken), (1, 0));
    }
}
