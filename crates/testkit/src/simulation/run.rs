//! A run: steps in the order of their times, each drawn from the seed, or played again from a history.

use std::cell::RefCell;
use std::rc::Rc;

use fleet::{Key, Revision, Span, Time, View as _};
use hatchery::Chance;

use super::actor::{Actor, Rest};
use super::client::Client;
use super::crew::Crew;
use super::keeper::Keeper;
use super::machine::{Machine, Tally};
use super::payer::Payer;
use super::rack::{Nature, Rack, Racked};
use super::setup::{Odds, Setup};
use super::trace::Lines;
use super::turn::Turn;
use super::violation::Violation;

/// Within how many days after faults have stopped everybody has to be at rest. Timers of the fleet may run for
/// longer; nobody waits for those.
const REST_DAYS: u64 = 2;
/// How long after a change those rest at most who rest until one.
const HEARD_AFTER: (Span, Span) = (Span::from_millis(50), Span::from_secs(5));

/// Makes the actors of a run. It is called once for every run, and has to make the same ones.
pub type Cast<'c> = &'c dyn Fn(&Setup) -> Vec<Box<dyn Actor>>;

/// Who acts when nobody else is named: clients, crews of a provisioner that fails and lies, a keeper, and who pays.
#[must_use]
pub fn usual_cast(setup: &Setup) -> Vec<Box<dyn Actor>> {
    let rack: Rc<RefCell<Rack>> = Rc::default();
    let mut cast: Vec<Box<dyn Actor>> = vec![Box::new(Keeper), Box::new(Payer::new(setup.instances))];
    for number in 0..setup.clients {
        let share = setup.instances / setup.clients + u32::from(number < setup.instances % setup.clients);
        cast.push(Box::new(Client::new(&format!("client-{number}"), share, setup.lifetime)));
    }
    for number in 0..setup.crews {
        let nature: Rc<RefCell<Nature>> = Rc::default();
        let (of_rack, of_nature) = (Rc::clone(&rack), Rc::clone(&nature));
        let make = move || Racked::new(Rc::clone(&of_rack), Rc::clone(&of_nature));
        let crew = Crew::new(&format!("crew-{number}"), make).with_nature(nature);
        cast.push(Box::new(crew.with_rack(Rc::clone(&rack))));
    }
    cast
}

/// One thing that happens. With the steps before it, it says all there is to say: what an actor draws in it comes
/// from `chance` alone, so that a step can be left out and the others stay as they were.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// Where all chance in it comes from.
    pub chance: u64,
    /// What.
    pub what: Happening,
}

/// What happens in a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Happening {
    /// The actor with this number in the cast has a turn.
    Turn(usize),
    /// The process is killed or the power goes, and the store is opened again.
    Crash,
    /// The clock jumps, or is set right.
    Jump,
}

/// The steps of a run, in order.
pub type History = Vec<Step>;

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The day that it is.
    pub day: u64,
    /// What has happened so far.
    pub tally: Tally,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// SHA-256 over every line of the trace, in hexadecimal: equal runs have equal ones, on any machine.
    pub digest: String,
    /// What happened.
    pub tally: Tally,
    /// The first promise that was broken; the run ends there.
    pub violation: Option<Violation>,
    /// All steps up to the violation; empty where there is none.
    pub history: History,
    /// The lines of the trace, where they were asked for.
    pub lines: Vec<String>,
}

/// Runs a simulation to its end, or to the first promise that is broken. `watch` is called once a day.
pub fn run(setup: &Setup, cast: Cast<'_>, watch: &mut dyn FnMut(Progress)) -> Outcome {
    let mut stage = match Stage::new(setup, cast, Lines::Digested) {
        Ok(stage) => stage,
        Err(outcome) => return *outcome,
    };
    let mut schedule = Schedule::new(setup, stage.actors.len());
    let mut history = History::new();
    let mut day = 0;
    while let Some(step) = schedule.next(setup.end()) {
        history.push(step);
        let rest = stage.play(step);
        if stage.machine.violation.is_some() {
            return stage.finish(history);
        }
        schedule.note(step, rest, stage.machine.now(), stage.take_news());
        if Setup::day(step.at) > day {
            day = Setup::day(step.at);
            watch(Progress { day, tally: stage.tally() });
        }
    }
    stage.end(&mut schedule, &mut history);
    stage.finish(history)
}

/// Plays a history again, with the lines of its trace; at its end all promises are looked at once more.
pub(super) fn replay(setup: &Setup, cast: Cast<'_>, history: &[Step], lines: Lines) -> Outcome {
    let mut stage = match Stage::new(setup, cast, lines) {
        Ok(stage) => stage,
        Err(outcome) => return *outcome,
    };
    for (number, step) in history.iter().enumerate() {
        stage.ending |= step.at >= setup.end();
        stage.play(*step);
        if stage.machine.violation.is_some() {
            return stage.finish(history[..=number].to_vec());
        }
    }
    stage.machine.audit();
    if stage.machine.violation.is_none() && stage.ending {
        stage.judge();
    }
    stage.finish(history.to_vec())
}

/// The machine and the actors.
struct Stage {
    machine: Machine,
    actors: Vec<Box<dyn Actor>>,
    audit_steps: u64,
    ending: bool,
    /// The last revision that anybody was told of.
    told: Revision,
}

impl Stage {
    fn new(setup: &Setup, cast: Cast<'_>, lines: Lines) -> Result<Self, Box<Outcome>> {
        let machine = Machine::new(setup, lines).map_err(|error| Outcome {
            digest: String::new(),
            tally: Tally::default(),
            violation: Some(Violation::StoreFailed(error.to_string())),
            history: History::new(),
            lines: Vec::new(),
        });
        let machine = machine.map_err(Box::new)?;
        let told = machine.last().0;
        Ok(Self { machine, actors: cast(setup), audit_steps: setup.audit_steps.max(1), ending: false, told })
    }

    /// Plays one step; how long its actor rests then.
    fn play(&mut self, step: Step) -> Option<Rest> {
        let mut chance = Chance::new(step.chance);
        self.machine.wait_until(step.at);
        if self.ending {
            self.machine.odds = Odds::NONE;
        }
        let rest = match step.what {
            Happening::Turn(number) => {
                let Self { machine, actors, ending, .. } = self;
                actors.get_mut(number).map(|actor| {
                    let who = actor.name().to_owned();
                    actor.act(&mut Turn { machine, who: &who, chance, ending: *ending })
                })
            }
            Happening::Crash => {
                self.machine.crash(&mut chance);
                self.machine.audit();
                None
            }
            Happening::Jump => {
                self.machine.jump(&mut chance);
                None
            }
        };
        self.machine.tally.steps += 1;
        if self.machine.tally.steps.is_multiple_of(self.audit_steps) {
            self.machine.audit();
        }
        rest
    }

    /// Whether the fleet has changed since this was last asked.
    fn take_news(&mut self) -> bool {
        let last = self.machine.last().0;
        std::mem::replace(&mut self.told, last) != last
    }

    /// Faults stop; everybody has to come to rest.
    fn end(&mut self, schedule: &mut Schedule, history: &mut History) {
        let until = self.machine.now().after(Span::from_days(REST_DAYS));
        self.ending = true;
        schedule.calm();
        self.machine.set_clock_right();
        while let Some(step) = schedule.next(until) {
            history.push(step);
            let rest = self.play(step);
            if self.machine.violation.is_some() {
                return;
            }
            schedule.note(step, rest, self.machine.now(), self.take_news());
            if self.unrest().is_none() {
                break;
            }
        }
        self.machine.audit();
        if self.machine.violation.is_none() {
            self.judge();
        }
    }

    fn judge(&mut self) {
        if let Some((who, what)) = self.unrest() {
            return self.machine.note(Err(Violation::Stuck { who, what }));
        }
        let Some(Ok(records)) = self.machine.store().map(|store| store.snapshot().records()) else { return };
        for actor in &self.actors {
            if let Err(what) = actor.judge(&records) {
                let who = actor.name().to_owned();
                self.machine.note(Err(Violation::Misjudged { who, what }));
            }
        }
        let (revision, count) = (self.machine.last().0, records.len());
        self.machine.tell("machine", format_args!("at rest at revision {revision}, with {count} records"));
    }

    /// Who still waits, and for what.
    fn unrest(&self) -> Option<(String, String)> {
        let waits = |actor: &dyn Actor| Some((actor.name().to_owned(), actor.waits_for()?));
        if let Some(found) = self.actors.iter().find_map(|actor| waits(actor.as_ref())) {
            return Some(found);
        }
        let (first, last) = Key::work(Time::END);
        let queued = self.machine.store()?.snapshot().keys(&first, &last, 1).ok()?;
        queued.first().map(|key| ("the queue".to_owned(), format!("{key:?} to be done")))
    }

    fn tally(&self) -> Tally {
        Tally { commits: self.machine.last().0.number(), ..self.machine.tally }
    }

    fn finish(self, history: History) -> Outcome {
        let tally = self.tally();
        let violation = self.machine.violation;
        let history = if violation.is_some() { history } else { History::new() };
        let (digest, lines) = self.machine.trace.finish();
        Outcome { digest, tally, violation, history, lines }
    }
}

/// What happens next.
struct Schedule {
    chance: Chance,
    due: Vec<(Time, bool)>,
    crash: Option<Time>,
    jump: Option<Time>,
    odds: Odds,
}

impl Schedule {
    fn new(setup: &Setup, actors: usize) -> Self {
        let mut chance = Chance::new(setup.seed);
        let odds = setup.odds;
        let start = |_| (Time::START.after(chance.span(Span::ZERO, Span::from_secs(60))), false);
        let due = (0..actors).map(start).collect();
        let (crash, jump) = (
            later(&mut chance, Time::START, odds.crash_days),
            later(&mut chance, Time::START, odds.jump_days),
        );
        Self { chance, due, crash, jump, odds }
    }

    /// The next step, if it is before `end`.
    fn next(&mut self, end: Time) -> Option<Step> {
        let turns = self.due.iter().enumerate().map(|(number, (at, _))| (*at, Happening::Turn(number)));
        // Of those at one time the first counts.
        let turn = turns.min_by_key(|(at, _)| *at);
        let crash = self.crash.map(|at| (at, Happening::Crash));
        let jump = self.jump.map(|at| (at, Happening::Jump));
        let (at, what) = [crash, jump, turn].into_iter().flatten().min_by_key(|(at, _)| *at)?;
        let chance = self.chance.draw();
        (at < end).then_some(Step { at, chance, what })
    }

    /// A step is over, at `now`.
    fn note(&mut self, step: Step, rest: Option<Rest>, now: Time, news: bool) {
        match step.what {
            Happening::Turn(number) => {
                let most = rest.map_or(Span::from_days(1), |rest| rest.most);
                // Nobody acts twice at one moment, or time would stand still.
                let at = now.after(most.max(Span::from_millis(1)));
                if let Some(place) = self.due.get_mut(number) {
                    *place = (at, rest.is_some_and(|rest| rest.wakes));
                }
            }
            Happening::Crash => self.crash = later(&mut self.chance, now, self.odds.crash_days),
            Happening::Jump => self.jump = later(&mut self.chance, now, self.odds.jump_days),
        }
        if news {
            let (least, most) = HEARD_AFTER;
            let heard = now.after(self.chance.span(least, most));
            let wakes = self.due.iter_mut().filter(|(_, wakes)| *wakes);
            wakes.for_each(|(at, _)| *at = (*at).min(heard));
        }
    }

    fn calm(&mut self) {
        (self.crash, self.jump) = (None, None);
    }
}

/// When something happens next that does so once in `days` on average.
fn later(chance: &mut Chance, now: Time, days: u64) -> Option<Time> {
    (days > 0).then(|| now.after(chance.span(Span::ZERO, Span::from_days(days.saturating_mul(2)))))
}
