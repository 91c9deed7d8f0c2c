//! Who leads: group commit without a thread of ours, one group decided while the one before it is
//! written.
//!
//! ```text
//! caller ──> queue ──┐ nobody leads: lead           ┌─> decide what waits, and what comes meanwhile
//! caller ──> queue ──┤ somebody leads: wait ──> ────┤   wait for the disk    ── the group before is on it
//! caller ──> queue ──┘                              │   hand the lead on     ── the next group begins
//!                                                   └─> write all, sync once, let go of the disk, answer
//! ```
//!
//! A caller leads one group, its own job among it. One caller alone pays one sync; callers that arrive
//! during a sync share the next. A group stays open for as long as it would only wait for the disk, and a
//! small one for a moment longer: whoever was just answered is about to come again, and a group of one would
//! keep the disk from all of them. Those of a group wait in one room, and are woken at once: to wake them one
//! by one took longer than to decide them.
//!
//! Nothing in here knows what a job is or what a disk is. `tests/leaders.rs` compiles this very file
//! with other locks, and tries the orders in which things can happen.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::sync::{Arc, Condvar, Mutex, yield_now};

/// How often the leader of a small group lets other threads run before it takes the disk. Where nobody else can
/// run, that takes no time.
const PATIENCE: usize = 2;

/// The jobs that wait, and how far the groups before them are.
pub(crate) struct Queue<J: Job + ?Sized> {
    state: Mutex<State<J>>,
    /// Where the leader waits for the disk, or for more to decide.
    leader: Condvar,
}

struct State<J: ?Sized> {
    /// The first came first.
    waiting: VecDeque<Arc<J>>,
    /// Where all of them wait.
    room: Arc<Room>,
    /// Somebody leads.
    led: bool,
    /// A group has the disk.
    writing: bool,
    /// How many jobs that group has, or had.
    written: usize,
    /// How many it and the group before it have together: about as many may come.
    crowd: usize,
    /// What the leader waits for.
    awaited: Awaited,
    /// How many groups there were.
    begun: u64,
    /// The numbers of those that are not over, oldest first.
    under_way: Vec<u64>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Awaited {
    Nothing,
    /// Its group is full.
    Disk,
    DiskOrJobs,
}

/// How many jobs there can be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// That wait; one more is turned away.
    pub(crate) waiting: usize,
    /// In a group. At least one is.
    pub(crate) group: usize,
}

/// Too many jobs wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Busy {
    pub(crate) waiting: usize,
}

/// Something to be decided, with its types forgotten.
pub(crate) trait Job {
    /// Why it can come to no answer.
    type Error: Clone;

    /// Asks the caller to lead the next group.
    fn promote(&self);
    /// Answers the caller with what was decided.
    fn answer(&self);
    /// Gives up.
    fn fail(&self, error: Self::Error);
}

/// What writing a group comes to.
pub(crate) type Written<L> = Result<(), <<L as Lead>::Job as Job>::Error>;

/// What a leader does with its group.
pub(crate) trait Lead {
    type Job: Job + ?Sized;
    /// A group that is being decided.
    type Group<'l>
    where
        Self: 'l;
    /// A group that is decided.
    type Closed;

    /// Whether writing takes time in which a processor has nothing to do, so that the next group is decided
    /// meanwhile.
    fn overlaps(&self) -> bool;
    /// Begins a group. One at a time, until it is closed.
    fn begin(&self) -> Self::Group<'_>;
    /// Decides a job on top of the group so far.
    fn decide(&self, group: &mut Self::Group<'_>, job: &Self::Job);
    /// Lets the next group see what this one comes to. The one before it is written by then.
    fn close(&self, group: Self::Group<'_>) -> Self::Closed;
    /// Makes a group durable and shows it to readers. One at a time, in the order they were closed in.
    /// Once that has failed, it fails for ever: later groups were decided on top of this one.
    fn write(&self, closed: Self::Closed) -> Written<Self>;
    /// Does what can wait, after the group was answered.
    fn tidy(&self);
    /// Something in here panicked. From now on [`write`](Self::write) has to fail.
    fn broken(&self) -> <Self::Job as Job>::Error;
}

impl<J: Job + ?Sized> Default for Queue<J> {
    fn default() -> Self {
        let state = State {
            waiting: VecDeque::new(),
            room: Arc::default(),
            led: false,
            writing: false,
            written: 0,
            crowd: 0,
            awaited: Awaited::Nothing,
            begun: 0,
            under_way: Vec::new(),
        };
        Self { state: Mutex::new(state), leader: Condvar::default() }
    }
}

impl<J: Job + ?Sized> std::fmt::Debug for Queue<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.state.lock().waiting.len()).finish_non_exhaustive()
    }
}

impl<J: Job + ?Sized> Queue<J> {
    /// Puts a job into the queue and waits at its seat for the answer, leading a group when nobody else does.
    pub(crate) fn run<A>(
        &self,
        job: Arc<J>,
        seat: &Seat<A>,
        limits: Limits,
        lead: &impl Lead<Job = J>,
    ) -> Result<A, Busy> {
        let (room, mut leads) = self.enter(job, limits.waiting)?;
        loop {
            if leads {
                self.lead(lead, limits.group);
            }
            match room.wait(seat) {
                Call::Answer(answer) => return Ok(answer),
                Call::Lead => leads = true,
            }
        }
    }

    /// The number of the oldest group that is under way, if one is.
    pub(crate) fn under_way(&self) -> Option<u64> {
        self.state.lock().under_way.first().copied()
    }

    /// Where to wait, and whether to lead first.
    fn enter(&self, job: Arc<J>, waiting_max: usize) -> Result<(Arc<Room>, bool), Busy> {
        let mut state = self.state.lock();
        let waiting = state.waiting.len();
        if waiting >= waiting_max {
            return Err(Busy { waiting });
        }
        state.waiting.push_back(job);
        let room = Arc::clone(&state.room);
        let leads = !std::mem::replace(&mut state.led, true);
        if state.awaited == Awaited::DiskOrJobs {
            state.awaited = Awaited::Nothing;
            drop(state);
            self.leader.notify_one();
        }
        Ok((room, leads))
    }

    fn lead(&self, lead: &impl Lead<Job = J>, group_max: usize) {
        let mut members = Members { jobs: Vec::new(), rooms: Vec::new() };
        let number = self.begin();
        match contained(lead, || self.lead_group(lead, group_max, &mut members)) {
            Ok(()) => members.jobs.iter().for_each(|job| job.answer()),
            Err(error) => members.jobs.iter().for_each(|job| job.fail(error.clone())),
        }
        members.rooms.iter().for_each(|room| room.open());
        // What comes of it is told to those who write next.
        let _done_or_broken = contained(lead, || {
            lead.tidy();
            Ok(())
        });
        self.state.lock().under_way.retain(|other| *other != number);
    }

    fn begin(&self) -> u64 {
        let mut state = self.state.lock();
        let number = state.begun;
        state.begun = number.wrapping_add(1);
        state.under_way.push(number);
        number
    }

    fn lead_group<L>(&self, lead: &L, group_max: usize, members: &mut Members<J>) -> Written<L>
    where
        L: Lead<Job = J>,
    {
        let post = Post(self);
        let mut group = lead.begin();
        let disk = loop {
            let decided = members.jobs.len();
            match self.next(members, group_max) {
                Some(disk) => break disk,
                None => members.jobs.iter().skip(decided).for_each(|job| lead.decide(&mut group, job)),
            }
        };
        // A panic is known before anybody else has the disk.
        let written = contained(lead, || {
            let closed = lead.close(group);
            let _post = Some(post).filter(|_| !lead.overlaps());
            lead.write(closed)
        });
        drop(disk);
        written
    }

    /// Takes over all that waits, as far as there is room for it in the group; or else the disk, once it
    /// is free.
    fn next(&self, members: &mut Members<J>, group_max: usize) -> Option<Disk<'_, J>> {
        let size = members.jobs.len();
        let places = group_max.max(1).saturating_sub(size);
        let mut patience = PATIENCE;
        let mut state = self.state.lock();
        loop {
            let count = state.waiting.len().min(places);
            if count > 0 {
                members.jobs.extend(state.waiting.drain(..count));
                // Those who stay behind stay in the room; whoever comes when it is empty finds a new one.
                members.rooms.push(match state.waiting.is_empty() {
                    true => std::mem::take(&mut state.room),
                    false => Arc::clone(&state.room),
                });
                return None;
            }
            let small = places > 0 && size < state.crowd / 2;
            if !state.writing && small && patience > 0 {
                patience = patience.saturating_sub(1);
                drop(state);
                yield_now();
                state = self.state.lock();
                continue;
            }
            if !state.writing {
                state.writing = true;
                state.crowd = size.saturating_add(state.written);
                state.written = size;
                return Some(Disk(self));
            }
            state.awaited = if places > 0 { Awaited::DiskOrJobs } else { Awaited::Disk };
            state = self.leader.wait(state);
            state.awaited = Awaited::Nothing;
        }
    }
}

/// The jobs of a group, and where their callers wait.
struct Members<J: ?Sized> {
    jobs: Vec<Arc<J>>,
    rooms: Vec<Arc<Room>>,
}

/// Does `work`. A panic is an error that stays.
fn contained<L: Lead>(lead: &L, work: impl FnOnce() -> Written<L>) -> Written<L> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_panic| Err(lead.broken()))
}

/// The right to decide. Let go, it goes to the first that waits.
struct Post<'q, J: Job + ?Sized>(&'q Queue<J>);

impl<J: Job + ?Sized> Drop for Post<'_, J> {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state.lock();
            let next = state.waiting.front().cloned();
            state.led = next.is_some();
            next.map(|next| (next, Arc::clone(&state.room)))
        };
        if let Some((next, room)) = next {
            next.promote();
            room.open();
        }
    }
}

/// The right to write.
struct Disk<'q, J: Job + ?Sized>(&'q Queue<J>);

impl<J: Job + ?Sized> Drop for Disk<'_, J> {
    fn drop(&mut self) {
        let awaited = {
            let mut state = self.0.state.lock();
            state.writing = false;
            std::mem::replace(&mut state.awaited, Awaited::Nothing)
        };
        match awaited {
            Awaited::Nothing => {}
            Awaited::Disk | Awaited::DiskOrJobs => self.0.leader.notify_one(),
        }
    }
}

/// Where callers wait together.
#[derive(Debug, Default)]
struct Room {
    /// How many are inside.
    inside: Mutex<usize>,
    opened: Condvar,
}

impl Room {
    /// Waits until the caller is called to its seat.
    fn wait<A>(&self, seat: &Seat<A>) -> Call<A> {
        let mut inside = self.inside.lock();
        loop {
            if let Some(call) = seat.call() {
                return call;
            }
            *inside = inside.saturating_add(1);
            inside = self.opened.wait(inside);
            *inside = inside.saturating_sub(1);
        }
    }

    /// Lets all look whether they were called.
    fn open(&self) {
        // Whoever looked before the call is inside by now.
        let inside = *self.inside.lock();
        if inside > 0 {
            self.opened.notify_all();
        }
    }
}

/// Where a caller finds its answer.
#[derive(Debug)]
pub(crate) struct Seat<A> {
    turn: Mutex<Turn<A>>,
}

/// How far a job is.
#[derive(Debug)]
enum Turn<A> {
    /// It waits to be decided.
    Waiting,
    /// It is decided; the answer counts once the group is durable.
    Decided(A),
    /// Its caller has to lead.
    Leading,
    /// Here is its answer.
    Answered(A),
    /// The caller took the answer.
    Over,
}

/// Why a caller stops waiting.
enum Call<A> {
    Answer(A),
    Lead,
}

impl<A> Default for Seat<A> {
    fn default() -> Self {
        Self { turn: Mutex::new(Turn::Waiting) }
    }
}

impl<A> Seat<A> {
    /// What the caller is called for, if it is.
    fn call(&self) -> Option<Call<A>> {
        let mut turn = self.turn.lock();
        match std::mem::replace(&mut *turn, Turn::Over) {
            Turn::Answered(answer) => Some(Call::Answer(answer)),
            Turn::Leading => {
                *turn = Turn::Waiting;
                Some(Call::Lead)
            }
            other @ (Turn::Waiting | Turn::Decided(_) | Turn::Over) => {
                *turn = other;
                None
            }
        }
    }

    /// Keeps an answer that does not count yet.
    pub(crate) fn decided(&self, answer: A) {
        *self.turn.lock() = Turn::Decided(answer);
    }

    pub(crate) fn promote(&self) {
        self.move_on(|turn| match turn {
            Turn::Waiting => Turn::Leading,
            other @ (Turn::Decided(_) | Turn::Leading | Turn::Answered(_) | Turn::Over) => other,
        });
    }

    pub(crate) fn answer(&self) {
        self.move_on(|turn| match turn {
            Turn::Decided(answer) => Turn::Answered(answer),
            other @ (Turn::Waiting | Turn::Leading | Turn::Answered(_) | Turn::Over) => other,
        });
    }

    /// Gives `answer`, whatever was decided, unless there is one already.
    pub(crate) fn fail(&self, answer: A) {
        self.move_on(|turn| match turn {
            Turn::Waiting | Turn::Decided(_) | Turn::Leading => Turn::Answered(answer),
            settled @ (Turn::Answered(_) | Turn::Over) => settled,
        });
    }

    fn move_on(&self, step: impl FnOnce(Turn<A>) -> Turn<A>) {
        let mut turn = self.turn.lock();
        *turn = step(std::mem::replace(&mut *turn, Turn::Over));
    }
}
