//! A crew: the process around a provisioner, with all that can happen to a process.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use fleet::{Beat, Claim, Heartbeat, Label, Record, Report, Span, Task, Time, WorkItem, WorkOutcome};
use hatchery::{Provisioner, Pulse};

use super::actor::{Actor, Rest};
use super::rack::{Nature, Rack};
use super::turn::Turn;
use crate::small_world::label;

/// For how long it holds an item without a beat.
const LEASE: Span = Span::from_secs(600);
/// How many items it holds at most, and how many it claims at once.
const HELD_MAX: usize = 64;
/// The longest it looks for no work.
const PAUSE: Span = Span::from_secs(600);
/// The shortest it rests while there is something to do.
const REST_MIN: Span = Span::from_secs(1);

/// A crew that works off the queue with a provisioner of yours: it claims, takes its time, beats or forgets to,
/// has each item performed, reports; it vanishes between any two of these and comes back without a memory.
///
/// Its provisioner is performed on the virtual clock and must not sleep. What it made has to outlive it: a crew
/// that vanished makes a new one, as a process that starts again does.
pub struct Crew<P> {
    name: String,
    worker: Label,
    make: Box<dyn FnMut() -> P>,
    provisioner: P,
    nature: Rc<RefCell<Nature>>,
    rack: Option<Rc<RefCell<Rack>>>,
    held: Vec<Held>,
}

impl<P> fmt::Debug for Crew<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew").field("name", &self.name).field("held", &self.held).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Held {
    item: WorkItem,
    /// When it will be done.
    due: Time,
    /// When its lease has to go on, if its holder thinks of it.
    beat: Option<Time>,
}

impl Held {
    fn next(&self) -> Time {
        self.beat.map_or(self.due, |beat| beat.min(self.due))
    }
}

impl<P: Provisioner> Crew<P> {
    /// A crew around the provisioner that `make` makes, and makes anew whenever it vanished.
    #[must_use]
    pub fn new(name: &str, mut make: impl FnMut() -> P + 'static) -> Self {
        let provisioner = make();
        Self {
            name: name.to_owned(),
            worker: label(name),
            make: Box::new(make),
            provisioner,
            nature: Rc::default(),
            rack: None,
            held: Vec::new(),
        }
    }

    /// The same crew, whose provisioner has this nature: it is told before every turn.
    #[must_use]
    pub fn with_nature(self, nature: Rc<RefCell<Nature>>) -> Self {
        Self { nature, ..self }
    }

    /// The same crew, which compares this rack with the fleet at the end.
    #[must_use]
    pub fn with_rack(self, rack: Rc<RefCell<Rack>>) -> Self {
        Self { rack: Some(rack), ..self }
    }

    fn vanish(&mut self, turn: &mut Turn<'_>) {
        turn.tell(format_args!("vanishes with {} items", self.held.len()));
        self.held.clear();
        self.provisioner = (self.make)();
    }

    fn claim(&mut self, turn: &mut Turn<'_>) {
        let limit = HELD_MAX.saturating_sub(self.held.len());
        let claim = Claim { worker: self.worker.clone(), lease: LEASE, limit };
        // An answer that is lost leaves items that nobody holds until their lease is over.
        let Ok(items) = turn.send(&claim) else { return };
        let (now, odds) = (turn.now(), turn.odds());
        for item in items {
            let chance = turn.chance();
            let slow = chance.hits(odds.slow_work);
            let most = if slow { Span::from_hours(2) } else { usual(item.task) };
            let due = now.after(chance.span(REST_MIN, most));
            // Of those that are slow every other one forgets to say that it is still at it.
            let beat = (!slow || chance.below(2) == 0).then(|| half_way(now));
            self.held.push(Held { item, due, beat });
        }
    }

    /// Goes on with what is due: beats, performs, reports.
    fn go_on(&mut self, mut held: Held, turn: &mut Turn<'_>) {
        // Before it does anything it makes sure that it is still its to do.
        let Beat::Held(until) = hold(&held.item, turn) else { return };
        held.item.lease_until = until;
        let now = turn.now();
        if held.due > now {
            held.beat = held.beat.map(|_| half_way(now));
            self.held.push(held);
            return;
        }
        let vanishing = turn.odds().vanishing_crews;
        if turn.chance().hits(vanishing) {
            return self.vanish(turn);
        }
        let outcome = self.perform(&held.item, turn);
        if turn.chance().hits(vanishing) {
            return self.vanish(turn);
        }
        turn.tell(format_args!("{:?} of {}: {outcome:?}", held.item.task, held.item.id.instance));
        // A report that is lost is not sent again: the item comes up again when its lease is over.
        let _told = turn.send(&Report { id: held.item.id, attempt: held.item.attempt, outcome });
    }

    fn perform(&mut self, item: &WorkItem, turn: &mut Turn<'_>) -> WorkOutcome {
        let turn = RefCell::new((item.clone(), turn));
        let pulse = || {
            let (item, turn) = &mut *turn.borrow_mut();
            let beat = hold(item, turn);
            if let Beat::Held(until) = beat {
                item.lease_until = until;
            }
            beat
        };
        self.provisioner.perform(item, &Pulse::new(&pulse))
    }

    /// When the first item of the queue can be claimed, where there is room for one more.
    fn queued(&self, turn: &Turn<'_>) -> Option<Time> {
        turn.machine.first_work().filter(|_| self.held.len() < HELD_MAX)
    }

    fn rest(&self, queued: Option<Time>, now: Time) -> Rest {
        let next = queued.into_iter().chain(self.held.iter().map(Held::next)).min();
        let span = next.map_or(PAUSE, |at| at.since(now));
        Rest::until_a_change(span.clamp(REST_MIN, PAUSE))
    }
}

impl<P: Provisioner> Actor for Crew<P> {
    fn name(&self) -> &str {
        &self.name
    }

    fn act(&mut self, turn: &mut Turn<'_>) -> Rest {
        let (chance, odds) = (turn.chance().fork(), turn.odds());
        *self.nature.borrow_mut() = Nature { chance, odds };
        let now = turn.now();
        let due: Vec<Held> = self.held.extract_if(.., |held| held.next() <= now).collect();
        due.into_iter().for_each(|held| self.go_on(held, turn));
        let mut queued = self.queued(turn);
        if queued.is_some_and(|at| at <= turn.now()) {
            self.claim(turn);
            queued = self.queued(turn);
        }
        self.rest(queued, turn.now())
    }

    fn waits_for(&self) -> Option<String> {
        (!self.held.is_empty()).then(|| format!("{} items to be done", self.held.len()))
    }

    fn judge(&self, records: &[Record]) -> Result<(), String> {
        self.rack.as_ref().map_or(Ok(()), |rack| rack.borrow().judge(records))
    }
}

/// Holds on to an item as [`hatchery::work_off`] does: only a lease that is half over costs a commit.
fn hold(item: &WorkItem, turn: &mut Turn<'_>) -> Beat {
    let left = item.lease_until.since(turn.now());
    if left > Span::from_millis(LEASE.millis() / 2) {
        return Beat::Held(item.lease_until);
    }
    let beat = Heartbeat { id: item.id, attempt: item.attempt, lease: LEASE };
    turn.commit(&beat).unwrap_or(Beat::Late)
}

/// How long an item takes at most that is not slow.
const fn usual(task: Task) -> Span {
    match task {
        Task::Create => Span::from_secs(90),
        Task::Install => Span::from_secs(300),
        Task::Start | Task::Stop | Task::Reboot => Span::from_secs(30),
        Task::Release => Span::from_secs(60),
    }
}

const fn half_way(now: Time) -> Time {
    now.after(Span::from_millis(LEASE.millis() / 2))
}
