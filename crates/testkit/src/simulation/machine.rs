//! The machine under a simulation: a hatchery on a disk that fails, a clock that jumps, and a network that
//! loses and repeats.

use std::cell::Cell;
use std::fmt::Debug;
use std::io::ErrorKind;

use fleet::{Audit, Command, Key, Revision, Span, Time, View as _};
use hatchery::sim_disk::{Fault, Loss, SimDisk};
use hatchery::{Chance, CommitError, Hatchery, Options, StoreError};

use super::setup::{Odds, Setup};
use super::trace::{Lines, Trace};
use super::turn::Unanswered;
use super::violation::Violation;
use super::witness::Witness;

/// How many operations of the disk after it was asked for a fault happens, at most: a plain commit has two.
const FAULT_WITHIN: u64 = 6;
/// An opening that is disturbed so often is left alone.
const DISTURBED_OPENINGS_MAX: u32 = 3;

/// What happened in a run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Steps: turns of actors, crashes, jumps of the clock.
    pub steps: u64,
    /// Commands that reached the store.
    pub commands: u64,
    /// Commits, the last revision.
    pub commits: u64,
    /// Commands that failed with the disk, so that nobody knew what became of them.
    pub failed: u64,
    /// Requests and replies that the network lost, and requests that it repeated.
    pub lost: u64,
    /// How often the store was opened again, after a crash or a fault.
    pub openings: u64,
    /// Of those, how often the power was cut; else the process was killed.
    pub power_cuts: u64,
    /// Of all faults, those that hit an opening.
    pub disturbed: u64,
    /// How often the clock jumped.
    pub jumps: u64,
    /// How often all invariants were checked.
    pub audits: u64,
    /// Instances there were, summed over all audits.
    pub alive: u64,
}

/// What can happen to a request on the way.
enum Fate {
    Arrives,
    Lost,
    ReplyLost,
    Repeated,
}

#[derive(Debug)]
pub(super) struct Machine {
    disk: SimDisk,
    /// Not there only while it is being opened, or when it cannot be.
    store: Option<Hatchery>,
    options: Options,
    now: Time,
    /// How far the clock is from the time there is: ahead, or behind.
    skew: (Span, Span),
    /// When the first item of the queue can be claimed, as of a commit: all crews ask, and after every commit.
    first_work: Cell<Option<(Revision, Option<Time>)>>,
    pub(super) odds: Odds,
    pub(super) witness: Witness,
    pub(super) tally: Tally,
    pub(super) trace: Trace,
    pub(super) violation: Option<Violation>,
}

impl Machine {
    pub(super) fn new(setup: &Setup, lines: Lines) -> Result<Self, StoreError> {
        let disk = SimDisk::default();
        let store = setup.build(&disk)?;
        let mut witness = Witness::new(Setup::policy());
        witness.acknowledged(store.last().0);
        Ok(Self {
            disk,
            store: Some(store),
            options: setup.options(),
            now: Time::START,
            skew: (Span::ZERO, Span::ZERO),
            first_work: Cell::default(),
            odds: setup.odds,
            witness,
            tally: Tally::default(),
            trace: Trace::new(lines),
            violation: None,
        })
    }

    pub(super) fn store(&self) -> Option<&Hatchery> {
        self.store.as_ref()
    }

    /// The time there is.
    pub(super) const fn now(&self) -> Time {
        self.now
    }

    /// Lets time pass until `at`, if it has not yet.
    pub(super) fn wait_until(&mut self, at: Time) {
        self.now = self.now.max(at);
    }

    /// What the clock of the machine shows.
    pub(super) fn clock(&self) -> Time {
        let (ahead, behind) = self.skew;
        Time::from_millis(self.now.after(ahead).millis().saturating_sub(behind.millis()))
    }

    pub(super) fn last(&self) -> (Revision, Time) {
        self.store.as_ref().map_or((Revision::ZERO, Time::START), Hatchery::last)
    }

    /// When the first item of the queue can be claimed.
    pub(super) fn first_work(&self) -> Option<Time> {
        let last = self.last().0;
        if let Some((of, known)) = self.first_work.get()
            && of == last
        {
            return known;
        }
        let (first, last_key) = Key::work(Time::END);
        let keys = self.store()?.snapshot().keys(&first, &last_key, 1).ok()?;
        let found = keys.first().and_then(|key| if let Key::Work(at, _) = key { Some(*at) } else { None });
        self.first_work.set(Some((last, found)));
        found
    }

    pub(super) fn tell(&mut self, who: &str, what: std::fmt::Arguments<'_>) {
        self.trace.tell(self.now, who, what);
    }

    pub(super) fn note(&mut self, found: Result<(), Violation>) {
        if let Err(violation) = found {
            self.violation.get_or_insert(violation);
        }
    }

    /// Sets the clock elsewhere, or right again.
    pub(super) fn jump(&mut self, chance: &mut Chance) {
        self.tally.jumps += 1;
        self.skew = match chance.below(4) {
            0 => (chance.span(Span::ZERO, Span::from_hours(6)), Span::ZERO),
            1 => (Span::ZERO, chance.span(Span::ZERO, Span::from_hours(6))),
            _ => (Span::ZERO, Span::ZERO),
        };
        let (ahead, behind) = self.skew;
        self.tell("clock", format_args!("{} ms ahead, {} ms behind", ahead.millis(), behind.millis()));
    }

    /// Ends all jumps.
    pub(super) fn set_clock_right(&mut self) {
        self.skew = (Span::ZERO, Span::ZERO);
        // Where it ran ahead, the store stands there, and the others have to catch up.
        self.wait_until(self.last().1);
    }

    /// Asks the store for something over a network that loses and repeats.
    pub(super) fn send<C>(
        &mut self,
        who: &str,
        command: &C,
        chance: &mut Chance,
    ) -> Result<C::Reply, Unanswered<C::Refusal>>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug,
    {
        match self.fate(chance) {
            Fate::Arrives => self.commit(who, command, chance),
            Fate::Lost => {
                self.tell(who, format_args!("{}: the request is lost", name_of::<C>()));
                Err(Unanswered::Silence)
            }
            Fate::ReplyLost => {
                let _lost = self.commit(who, command, chance);
                self.tell(who, format_args!("{}: the reply is lost", name_of::<C>()));
                Err(Unanswered::Silence)
            }
            Fate::Repeated => {
                let answer = self.commit(who, command, chance);
                let _dropped = self.commit(who, command, chance);
                answer
            }
        }
    }

    fn fate(&mut self, chance: &mut Chance) -> Fate {
        let Odds { lost_requests, lost_replies, repeated_requests, .. } = self.odds;
        let drawn = chance.below(1_000_000);
        let below = |sum: u32| drawn < u64::from(sum);
        let fate = if below(lost_requests) {
            Fate::Lost
        } else if below(lost_requests + lost_replies) {
            Fate::ReplyLost
        } else if below(lost_requests + lost_replies + repeated_requests) {
            Fate::Repeated
        } else {
            return Fate::Arrives;
        };
        self.tally.lost += 1;
        fate
    }

    /// Asks the store for something.
    pub(super) fn commit<C>(
        &mut self,
        who: &str,
        command: &C,
        chance: &mut Chance,
    ) -> Result<C::Reply, Unanswered<C::Refusal>>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug,
    {
        self.plant_fault(chance);
        let (time, before) = (self.clock(), self.last().0);
        let Some(store) = &self.store else { return Err(Unanswered::Silence) };
        let answer = store.commit(command.clone(), time);
        let last = store.last().0;
        self.tally.commands += 1;
        self.wait_until(self.now.after(self.disk.take_stall()));
        let name = name_of::<C>();
        match answer {
            Ok(reply) => {
                self.witness.acknowledged(last);
                if last > before {
                    self.tell(who, format_args!("{name}: revision {last}"));
                }
                Ok(reply)
            }
            Err(CommitError::Refused(refusal)) => {
                self.tell(who, format_args!("{name}: refused, {refusal:?}"));
                Err(Unanswered::Refused(refusal))
            }
            Err(CommitError::Busy { waiting }) => {
                self.note(Err(Violation::StoreFailed(format!("{waiting} commands wait for one caller"))));
                Err(Unanswered::Silence)
            }
            Err(CommitError::Failed(error)) => {
                self.tell(who, format_args!("{name}: {error}"));
                if self.disk.struck() || self.disk.is_off() {
                    self.tally.failed += 1;
                    self.crash(chance);
                } else {
                    self.note(Err(Violation::StoreFailed(error.to_string())));
                }
                Err(Unanswered::Silence)
            }
        }
    }

    /// Lets an operation of the disk go wrong soon, now and then.
    fn plant_fault(&self, chance: &mut Chance) {
        let operation = usize::try_from(chance.below(FAULT_WITHIN)).unwrap_or(0);
        if chance.hits(self.odds.lying_syncs) {
            // It waits for the next sync by itself.
            self.disk.fail_at(0, Fault::Lies);
        } else if chance.hits(self.odds.disk_faults) && !self.disk.is_off() {
            self.disk.fail_at(operation, fault(chance));
        }
    }

    /// The process is killed, or the power goes; then the store is opened again, which may be disturbed too.
    pub(super) fn crash(&mut self, chance: &mut Chance) {
        let off = self.disk.is_off() || chance.below(2) == 0;
        let mut left = if off { self.disk.reboot(loss(chance)) } else { self.disk.restart() };
        // What the old process does from here on, nobody will see.
        drop(self.store.take());
        self.tally.power_cuts += u64::from(off);
        for attempt in 0.. {
            let disturbs = chance.hits(self.odds.disk_faults) && attempt < DISTURBED_OPENINGS_MAX;
            if disturbs {
                let operation = usize::try_from(chance.below(FAULT_WITHIN)).unwrap_or(0);
                left.fail_at(operation, fault(chance));
            }
            match Hatchery::open_on(&left, self.options.clone()) {
                Ok((store, _)) => {
                    self.opened(store, left, off);
                    return;
                }
                Err(_) if left.struck() || left.is_off() => {
                    self.tally.disturbed += 1;
                    left = left.reboot(loss(chance));
                }
                Err(error) => {
                    self.tell("machine", format_args!("cannot be opened: {error}"));
                    self.note(Err(Violation::NotOpened(error.to_string())));
                    return;
                }
            }
        }
    }

    fn opened(&mut self, store: Hatchery, disk: SimDisk, off: bool) {
        self.tally.openings += 1;
        let found = store.last().0;
        let how = if off { "the power went" } else { "the process was killed" };
        self.tell("machine", format_args!("{how}; opened again at revision {found}"));
        let kept = self.witness.opened(found);
        self.note(kept);
        (self.store, self.disk) = (Some(store), disk);
        self.first_work.set(None);
    }

    /// Checks every invariant, and looks for everything that was acknowledged.
    pub(super) fn audit(&mut self) {
        let Some(store) = &self.store else { return };
        let now = store.last().1;
        let read = store.snapshot().records();
        let records = match read {
            Ok(records) => records,
            Err(error) => return self.note(Err(Violation::StoreFailed(error.to_string()))),
        };
        self.tally.audits += 1;
        let is_instance = |record: &&fleet::Record| matches!(record, fleet::Record::Instance(_));
        self.tally.alive += records.iter().filter(is_instance).count() as u64;
        let kept = self.witness.look(&records, now);
        self.note(kept);
        let mut audit = Audit::default();
        records.into_iter().for_each(|record| audit.see(record));
        if let Some(finding) = audit.findings().into_iter().next() {
            self.note(Err(Violation::Invariant(finding)));
        }
    }
}

/// A command's name in the trace.
fn name_of<C>() -> &'static str {
    let name = std::any::type_name::<C>();
    name.rsplit("::").next().unwrap_or(name)
}

fn fault(chance: &mut Chance) -> Fault {
    match chance.below(6) {
        0 => Fault::PowerCut,
        1 => Fault::Fails(ErrorKind::Other),
        2 => Fault::Fails(ErrorKind::StorageFull),
        3 => Fault::HalfFails,
        _ => Fault::Stalls(chance.span(Span::ZERO, Span::from_secs(120))),
    }
}

fn loss(chance: &mut Chance) -> Loss {
    match chance.below(4) {
        0 => Loss::All,
        1 => Loss::Nothing,
        _ => Loss::Some(chance.draw()),
    }
}
