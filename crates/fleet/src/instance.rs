//! One instance and the states it goes through.
//!
//! ```text
//! launch ──> Pending ──> Starting <──> Running <──> Stopping ──> Stopped ──> Releasing ──> gone
//!
//! Pending    made: Starting, or Stopped if it is to stay so; not made: Failed
//!            made of bare metal with an image: Installing
//! Installing installed: Running; not installed: Blank
//! Starting   booted: Running; not booted: Stopped
//! Running    Stop: Stopping; Reboot: Starting; released by force: Releasing
//!            Reinstall: Installing; put into the bin: Binned
//! Stopping   off: Stopped; not off: Running
//! Stopped    Start: Starting; released: Releasing
//!            Reinstall: Installing; put into the bin: Binned
//! Blank      released: Releasing; put into the bin: Binned
//! Binned     emptied, or its time is over: Releasing
//! Failed     released: Releasing if there may be a machine, else gone
//! Releasing  taken apart: gone; not taken apart: tried again
//! ```

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    AccountId, Attachment, BatchId, EventId, InstanceId, Label, Money, Portion, Protection, Span, Task, Time,
    WorkId,
};

/// One instance. What it shares with the others of its launch is in their [`Spec`](crate::Spec).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Whose it is.
    pub account: AccountId,
    /// The launch it came from.
    pub batch: BatchId,
    /// Which of the launch's instances it is, from 0.
    pub index: u8,
    /// What it is doing.
    pub state: State,
    /// Whether there is a machine behind it.
    pub machine: Machine,
    /// Its address, its own until it is gone.
    pub address: Ipv4Addr,
    /// What is held for it until it is made: then it is spent.
    pub paid: Money,
    /// Which part of that came from which voucher, in the order they were spent in; the rest came from
    /// the balance.
    pub portions: Vec<Portion>,
    /// Whether its owner may release it.
    pub protection: Protection,
    /// When it was asked for.
    pub created_at: Time,
    /// When it last reached Running.
    pub started_at: Option<Time>,
    /// How many work items have been made for it.
    pub orders: u32,
    /// When the system releases it, if it is to.
    pub release_at: Option<Time>,
    /// Its address on the internet, its own until it is gone.
    pub public: Option<Ipv4Addr>,
    /// The addresses of its further interfaces, in their order.
    pub further: Vec<Ipv4Addr>,
    /// The IPv6 addresses of its first interface.
    pub ipv6: Vec<Ipv6Addr>,
    /// Whether it has an [`Amendment`](crate::Amendment).
    pub amended: bool,
    /// The subnets that it is attached to besides the one its address comes from.
    pub attached: Vec<Attachment>,
    /// Until when it is paid for in advance, as far as the system sees to what happens then; `None`
    /// when it is paid by use, could not be made, or is released.
    pub paid_until: Option<Time>,
}

/// What an instance is doing, with what belongs to just that.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// It is being made.
    Pending(Work),
    /// A system is being put on it.
    Installing(Work),
    /// It is booting.
    Starting(Boot, Work),
    /// It can be used.
    Running,
    /// It is shutting down.
    Stopping(Shutdown, Work),
    /// It is off.
    Stopped(Capacity),
    /// It was made, and no system could be put on it. Looks stopped from outside.
    Blank,
    /// Its owner has given it back. Nothing is charged any more; it holds what it held until the
    /// bin is emptied or its time is over.
    Binned {
        /// When the system releases it.
        until: Time,
        /// Whether it holds its place: it may have given it back while it was off.
        capacity: Capacity,
    },
    /// It could not be made. Looks stopped from outside until it is released.
    Failed(Failure),
    /// It is being taken apart; its stock and its address are still held.
    Releasing(ReleasedFrom, Work),
}

/// The states without what belongs to them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Status {
    /// See [`State::Pending`].
    Pending,
    /// See [`State::Installing`].
    Installing,
    /// See [`State::Starting`].
    Starting,
    /// See [`State::Running`].
    Running,
    /// See [`State::Stopping`].
    Stopping,
    /// See [`State::Stopped`].
    Stopped,
    /// See [`State::Blank`].
    Blank,
    /// See [`State::Binned`].
    Binned,
    /// See [`State::Failed`].
    Failed,
    /// See [`State::Releasing`].
    Releasing,
}

impl Status {
    /// Every status there is.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Installing,
        Self::Starting,
        Self::Running,
        Self::Stopping,
        Self::Stopped,
        Self::Blank,
        Self::Binned,
        Self::Failed,
        Self::Releasing,
    ];
}

/// What the owner of an instance sees of its state (`contract/lifecycle.md` section 1).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Shown {
    /// It is being made.
    Pending,
    /// It is booting.
    Starting,
    /// It can be used.
    Running,
    /// It is shutting down, for good or not.
    Stopping,
    /// It is off, or could not be made.
    Stopped,
}

/// Why an instance is booting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Boot {
    /// It was off.
    Start,
    /// It was running.
    Reboot,
}

/// How an instance is shut down.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Shutdown {
    /// Whether it is asked.
    pub means: Means,
    /// What becomes of its place.
    pub capacity: Capacity,
}

/// Whether an instance that shuts down is asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Means {
    /// It shuts down by itself.
    #[default]
    Orderly,
    /// Its power is cut.
    Cut,
}

/// What becomes of the place of an instance that is off: its unit of stock.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Capacity {
    /// It is kept, and paid for.
    #[default]
    Kept,
    /// It is given back until the instance starts again.
    GivenBack,
}

/// What an instance was doing when its owner released it: decides what others see until it is gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReleasedFrom {
    /// It was running, and is seen stopping.
    Running,
    /// It was off, and is not seen any more.
    Stopped(Capacity),
    /// It had failed, and is not seen any more.
    Failed,
    /// It was in the bin, and is seen there only.
    Binned(Capacity),
}

/// Whether a provisioner has made something that has to be taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Machine {
    /// No provisioner has begun, or the one that had says that nothing is left.
    Absent,
    /// A provisioner has begun and not reported.
    Possible,
    /// A provisioner has reported it.
    Present,
}

/// The work item that an instance waits for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Work {
    /// Which of the instance's orders it is, from 1.
    pub order: u32,
    /// How often it has been claimed.
    pub attempt: u32,
    /// How often it has been claimed since a report of it last counted.
    pub unanswered: u32,
    /// When it can be claimed: at once, after a pause, or when the lease runs out.
    pub available_at: Time,
    /// Who holds it until then.
    pub holder: Option<Label>,
}

/// A creation that failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failure {
    /// Why.
    pub reason: FailureReason,
    /// The event that tells of it.
    pub event: EventId,
    /// When the system releases the instance, unless its owner does so before; `None` where it is
    /// kept until they do.
    pub release_at: Option<Time>,
}

/// Why an instance could not be made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FailureReason {
    /// The unit of stock does not exist; it is not given out again.
    NoStock,
    /// The address cannot be used.
    NoAddress,
    /// The machine did not come up.
    Machine,
    /// No provisioner reported in time.
    Deadline,
    /// It was claimed again and again, and nobody said what became of it.
    Exhausted,
}

impl State {
    /// The state without what belongs to it.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Pending(_) => Status::Pending,
            Self::Installing(_) => Status::Installing,
            Self::Starting(..) => Status::Starting,
            Self::Running => Status::Running,
            Self::Stopping(..) => Status::Stopping,
            Self::Stopped(_) => Status::Stopped,
            Self::Blank => Status::Blank,
            Self::Binned { .. } => Status::Binned,
            Self::Failed(_) => Status::Failed,
            Self::Releasing(..) => Status::Releasing,
        }
    }

    /// The work item it waits for, and what is to be done.
    #[must_use]
    pub const fn work(&self) -> Option<(Task, &Work)> {
        match self {
            Self::Pending(work) => Some((Task::Create, work)),
            Self::Installing(work) => Some((Task::Install, work)),
            Self::Starting(Boot::Start, work) => Some((Task::Start, work)),
            Self::Starting(Boot::Reboot, work) => Some((Task::Reboot, work)),
            Self::Stopping(_, work) => Some((Task::Stop, work)),
            Self::Releasing(_, work) => Some((Task::Release, work)),
            Self::Running | Self::Stopped(_) | Self::Blank | Self::Binned { .. } | Self::Failed(_) => None,
        }
    }

    /// The same state waiting for `work`; a state that waits for nothing stays as it is.
    #[must_use]
    pub fn with_work(&self, work: Work) -> Self {
        match self {
            Self::Pending(_) => Self::Pending(work),
            Self::Installing(_) => Self::Installing(work),
            Self::Starting(boot, _) => Self::Starting(*boot, work),
            Self::Stopping(shutdown, _) => Self::Stopping(*shutdown, work),
            Self::Releasing(from, _) => Self::Releasing(*from, work),
            Self::Running => Self::Running,
            Self::Stopped(capacity) => Self::Stopped(*capacity),
            Self::Blank => Self::Blank,
            Self::Binned { until, capacity } => Self::Binned { until: *until, capacity: *capacity },
            Self::Failed(failure) => Self::Failed(*failure),
        }
    }
}

impl Instance {
    /// The id of its work item, if it waits for one.
    #[must_use]
    pub fn work_id(&self) -> Option<WorkId> {
        self.state.work().map(|(_, work)| WorkId { instance: self.id, order: work.order })
    }

    /// The work item that comes next, to be claimed from `now` on.
    #[must_use]
    pub fn next_work(&self, now: Time) -> Work {
        Work {
            order: self.orders.saturating_add(1),
            attempt: 0,
            unanswered: 0,
            available_at: now,
            holder: None,
        }
    }

    /// Whether it holds its unit of stock.
    #[must_use]
    pub const fn holds_unit(&self) -> bool {
        match &self.state {
            State::Stopped(capacity)
            | State::Binned { capacity, .. }
            | State::Releasing(ReleasedFrom::Stopped(capacity) | ReleasedFrom::Binned(capacity), _) => {
                matches!(capacity, Capacity::Kept)
            }
            State::Pending(_)
            | State::Installing(_)
            | State::Starting(..)
            | State::Running
            | State::Stopping(..)
            | State::Blank
            | State::Failed(_)
            | State::Releasing(ReleasedFrom::Running | ReleasedFrom::Failed, _) => true,
        }
    }

    /// What its owner sees of it; `None` once it is gone for them. One that was released while it
    /// was off is gone at once; one that was running is seen stopping until it is taken apart.
    #[must_use]
    pub const fn shown(&self) -> Option<Shown> {
        match &self.state {
            State::Pending(_) => Some(Shown::Pending),
            State::Installing(_) | State::Starting(..) => Some(Shown::Starting),
            State::Running => Some(Shown::Running),
            State::Stopping(..) | State::Releasing(ReleasedFrom::Running, _) => Some(Shown::Stopping),
            State::Stopped(_) | State::Blank | State::Failed(_) => Some(Shown::Stopped),
            State::Binned { .. }
            | State::Releasing(
                ReleasedFrom::Stopped(_) | ReleasedFrom::Failed | ReleasedFrom::Binned(_),
                _,
            ) => None,
        }
    }

    /// Whether its owner still sees it where the bin is shown as well: all but a failed creation
    /// that is being taken apart.
    #[must_use]
    pub const fn is_shown_with_bin(&self) -> bool {
        !matches!(self.state, State::Releasing(ReleasedFrom::Failed, _))
    }

    /// When the money paid in advance runs out; `None` when it is paid by use.
    #[must_use]
    pub fn expires_at(&self, paid_span: Option<Span>) -> Option<Time> {
        self.paid_until.or_else(|| paid_span.map(|span| self.created_at.after(span)))
    }
}
