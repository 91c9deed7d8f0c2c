//! Who leads, checked: the very file that the store is built on, with locks under which the orders that
//! threads can run in are tried, many of them. A lost wake-up shows as a deadlock, which is a failure.
//!
//! The disk is a list. What a job is answered with is what it saw of it, so that each can tell whether that,
//! and what it added itself, was durable when the answer came.
//!
//! `HATCHERY_ORDERS` says how many orders of each are tried (default 200).
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex as Plain, OnceLock, Weak};

use shuttle::thread;

use queue::{Busy, Job, Lead, Limits, Queue, Seat, Written};
use sync::Arc;

#[path = "../src/queue.rs"]
mod queue;

/// What `queue` finds in the store under this name, made of shuttle's.
mod sync {
    use std::sync::PoisonError;

    use shuttle::sync::{self, MutexGuard};

    pub(crate) use shuttle::thread::yield_now;
    pub(crate) use std::sync::Arc;

    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    #[derive(Debug, Default)]
    pub(crate) struct Condvar(sync::Condvar);

    impl Condvar {
        pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
            self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify_one();
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }
    }
}

/// What a job saw before it, in order, by name.
type Seen = Vec<usize>;

/// Why a job came to nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Lost {
    /// A write failed, this one or one before.
    Disk,
    /// Something in the leader panicked.
    Panic,
}

/// What a caller comes back with.
type Told = Result<Result<Seen, Lost>, Busy>;

/// What happens while a job is decided.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Decides {
    #[default]
    Well,
    /// The leader panics.
    Never,
}

struct Named {
    name: usize,
    decides: Decides,
    seat: Seat<Result<Seen, Lost>>,
}

impl Job for Named {
    type Error = Lost;

    fn promote(&self) {
        self.seat.promote();
    }

    fn answer(&self) {
        self.seat.answer();
    }

    fn fail(&self, error: Lost) {
        self.seat.fail(Err(error));
    }
}

/// A store of names.
#[derive(Default)]
struct Names {
    queue: Queue<Named>,
    durable: Plain<Seen>,
    /// What the group before adds, until that is durable.
    below: Plain<Weak<Seen>>,
    broken: OnceLock<Lost>,
    writes: AtomicUsize,
    /// Which write fails.
    fails: Option<usize>,
    /// Which write panics.
    panics: Option<usize>,
    /// Whether a group is only decided once the one before it is written.
    one_by_one: bool,
    /// How many groups are being decided, and written.
    deciding: AtomicUsize,
    writing: AtomicUsize,
}

/// A group: what was there before it, and what it adds.
struct Group {
    base: Seen,
    added: Seen,
}

impl Lead for Names {
    type Job = Named;
    type Group<'l> = Group;
    type Closed = Arc<Seen>;

    fn overlaps(&self) -> bool {
        !self.one_by_one
    }

    fn begin(&self) -> Group {
        let below = self.below.lock().unwrap().upgrade();
        thread::yield_now();
        let mut base = self.durable.lock().unwrap().clone();
        // The group before may have become durable meanwhile.
        let missing: Seen = below
            .iter()
            .flat_map(|below| below.iter().copied())
            .filter(|name| !base.contains(name))
            .collect();
        base.extend(missing);
        Group { base, added: Seen::new() }
    }

    fn decide(&self, group: &mut Group, job: &Named) {
        assert_eq!(self.deciding.fetch_add(1, Ordering::SeqCst), 0, "one group is decided at a time");
        thread::yield_now();
        self.deciding.fetch_sub(1, Ordering::SeqCst);
        match job.decides {
            Decides::Well => {
                job.seat.decided(Ok(group.base.iter().chain(&group.added).copied().collect()));
                group.added.push(job.name);
            }
            // Without the noise of a panic that nobody catches.
            Decides::Never => resume_unwind(Box::new("a bug")),
        }
    }

    fn close(&self, group: Group) -> Arc<Seen> {
        let closed = Arc::new(group.added);
        *self.below.lock().unwrap() = Arc::downgrade(&closed);
        closed
    }

    fn write(&self, closed: Arc<Seen>) -> Written<Self> {
        if let Some(broken) = self.broken.get() {
            return Err(broken.clone());
        }
        assert_eq!(self.writing.fetch_add(1, Ordering::SeqCst), 0, "one group is written at a time");
        thread::yield_now();
        self.writing.fetch_sub(1, Ordering::SeqCst);
        let write = self.writes.fetch_add(1, Ordering::SeqCst);
        if self.panics == Some(write) {
            resume_unwind(Box::new("a bug"));
        }
        if self.fails == Some(write) {
            return Err(self.broken.get_or_init(|| Lost::Disk).clone());
        }
        self.durable.lock().unwrap().extend(closed.iter());
        thread::yield_now();
        Ok(())
    }

    fn tidy(&self) {
        thread::yield_now();
    }

    fn broken(&self) -> Lost {
        self.broken.get_or_init(|| Lost::Panic).clone()
    }
}

const ROOMY: Limits = Limits { waiting: 64, group: 2 };

impl Names {
    fn ask(&self, name: usize, decides: Decides, limits: Limits) -> Told {
        let job = Arc::new(Named { name, decides, seat: Seat::default() });
        self.queue.run(Arc::clone(&job), &job.seat, limits, self)
    }

    /// Asks, and holds the answer against what is durable when it comes.
    fn ask_and_check(&self, name: usize, limits: Limits) -> Told {
        let answer = self.ask(name, Decides::Well, limits);
        if let Ok(Ok(seen)) = &answer {
            let durable = self.durable.lock().unwrap().clone();
            let before: Seen = durable.iter().copied().take_while(|other| *other != name).collect();
            assert_eq!(*seen, before, "{name} saw what is durable before it, all of it and nothing else");
            assert!(durable.contains(&name), "{name} is durable");
        }
        answer
    }
}

/// What `callers` who ask `times` each are answered, by name.
fn crowd(names: Names, callers: usize, times: usize, limits: Limits) -> (Arc<Names>, Vec<(usize, Told)>) {
    let names = Arc::new(names);
    let crowd: Vec<_> = (0..callers)
        .map(|caller| {
            let names = Arc::clone(&names);
            thread::spawn(move || {
                (0..times)
                    .map(|time| (caller * times + time, names.ask_and_check(caller * times + time, limits)))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let answers = crowd.into_iter().flat_map(|caller| caller.join().unwrap()).collect();
    assert_eq!(names.queue.under_way(), None, "every group is over when all callers are back");
    (names, answers)
}

/// Tries orders of `play`: by lot, and with few but unlikely switches.
fn in_many_orders(play: impl Fn() + Clone + Send + Sync + 'static) {
    let orders = std::env::var("HATCHERY_ORDERS").ok().and_then(|orders| orders.parse().ok());
    let orders = orders.unwrap_or(200);
    shuttle::check_random(play.clone(), orders);
    shuttle::check_pct(play, orders, 3);
}

#[test]
fn every_caller_is_answered_once_with_what_is_durable_by_then() {
    in_many_orders(|| {
        for one_by_one in [false, true] {
            let (names, answers) = crowd(Names { one_by_one, ..Names::default() }, 4, 2, ROOMY);
            assert!(answers.iter().all(|(_, answer)| matches!(answer, Ok(Ok(_)))), "{answers:?}");
            let durable: BTreeSet<_> = names.durable.lock().unwrap().iter().copied().collect();
            assert_eq!(durable, (0..8).collect(), "all of them, each once");
            assert_eq!(names.durable.lock().unwrap().len(), 8);
        }
    });
}

#[test]
fn two_callers_are_answered_in_every_order_there_is() {
    // Or as many as can be tried within a second or two.
    shuttle::check_dfs(
        || {
            let (names, answers) = crowd(Names::default(), 2, 1, ROOMY);
            assert!(answers.iter().all(|(_, answer)| matches!(answer, Ok(Ok(_)))), "{answers:?}");
            assert_eq!(names.durable.lock().unwrap().len(), 2);
        },
        Some(3000),
    );
}

#[test]
fn after_a_failed_write_no_caller_is_told_that_it_is_durable() {
    in_many_orders(|| {
        for fails in 0..2 {
            let (names, answers) = crowd(Names { fails: Some(fails), ..Names::default() }, 3, 2, ROOMY);
            let durable = names.durable.lock().unwrap().clone();
            for (name, answer) in answers {
                let told = answer.unwrap();
                assert_eq!(told.is_ok(), durable.contains(&name), "{name} is told the truth");
                assert!(told.is_ok() || told == Err(Lost::Disk));
            }
            assert!(names.writes.load(Ordering::SeqCst) <= fails + 1, "nothing is written after it");
        }
    });
}

#[test]
fn a_write_that_panics_is_a_write_that_failed() {
    in_many_orders(|| {
        let (names, answers) = crowd(Names { panics: Some(1), ..Names::default() }, 3, 2, ROOMY);
        let durable = names.durable.lock().unwrap().clone();
        for (name, answer) in answers {
            assert_eq!(answer.unwrap().is_ok(), durable.contains(&name), "{name} is told the truth");
        }
        assert!(names.writes.load(Ordering::SeqCst) <= 2, "nothing is written after it");
    });
}

#[test]
fn a_leader_that_panics_hands_on_and_leaves_nobody_waiting() {
    in_many_orders(|| {
        let names = Arc::new(Names::default());
        let callers: Vec<_> = (0..4)
            .map(|name| {
                let names = Arc::clone(&names);
                let decides = if name == 1 { Decides::Never } else { Decides::Well };
                thread::spawn(move || (name, names.ask(name, decides, ROOMY).unwrap()))
            })
            .collect();
        for caller in callers {
            let (name, told) = caller.join().unwrap();
            assert_eq!(
                told.is_ok(),
                names.durable.lock().unwrap().contains(&name),
                "{name} is told the truth"
            );
            assert!(name != 1 || told == Err(Lost::Panic));
        }
    });
}

#[test]
fn a_caller_is_turned_away_just_when_as_many_wait_as_may() {
    in_many_orders(|| {
        let limits = Limits { waiting: 1, group: 1 };
        let (names, answers) = crowd(Names::default(), 4, 1, limits);
        for (name, answer) in answers {
            match answer {
                Ok(told) => assert!(told.is_ok()),
                Err(busy) => {
                    assert_eq!(busy, Busy { waiting: 1 });
                    assert!(!names.durable.lock().unwrap().contains(&name), "nothing came of it");
                }
            }
        }
    });
}
