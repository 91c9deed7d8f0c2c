//! What an owner does with an instance, and when that is legal: `contract/lifecycle.md` section 3.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::lock::{Barrier, Use};
use crate::{
    AccountId, Boot, Capacity, Charge, Cycle, DiskKind, Event, IncidentKind, Instance, InstanceId,
    LockReason, Record, Shutdown, State, Status, Stock, StockKey, Time,
};

/// What an owner can ask of an instance.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verb {
    /// Boot it.
    Start,
    /// Shut it down.
    Stop,
    /// Shut it down and boot it again.
    Reboot,
    /// Give it back, if it is off.
    Release,
    /// Give it back, running or not.
    ForceRelease,
    /// Boot it, off or not.
    Restart,
    /// Put it into the bin.
    Bin,
    /// Give it back out of the bin.
    Empty,
    /// Put a system on it, over what is there.
    Reinstall,
}

impl Verb {
    /// Every verb there is.
    pub const ALL: [Self; 9] = [
        Self::Start,
        Self::Stop,
        Self::Reboot,
        Self::Release,
        Self::ForceRelease,
        Self::Restart,
        Self::Bin,
        Self::Empty,
        Self::Reinstall,
    ];
}

/// What a verb leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// It boots.
    Boot(Boot),
    /// It shuts down.
    Halt,
    /// It is taken apart.
    Release,
    /// It is in the bin.
    Bin,
    /// A system is put on it.
    Install,
}

/// Why an instance does not move.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PowerRefusal {
    /// The account has no such instance, or it is released.
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    /// It is locked.
    #[error("the instance is locked: {0:?}")]
    Locked(LockReason),
    /// It is not paid for any more; this is how it was.
    #[error("the instance is not paid for")]
    Unpaid(Charge),
    /// It cannot be done in this status.
    #[error("the instance is {0:?}")]
    WrongStatus(Status),
    /// It has disks in the host, and its owner has not said that they know what may be lost.
    #[error("the instance has disks in its host, and stopping it is not confirmed")]
    Unconfirmed,
    /// Its place cannot be given back while it is off.
    #[error("the place of the instance cannot be given back: {0:?}")]
    Uneconomical(Uneconomical),
    /// It gave its place back, and there is none now.
    #[error("there is no unit of {0:?}")]
    NoStock(StockKey),
    /// Its bid is below what spare capacity costs now.
    #[error("the bid is too low")]
    BidTooLow,
}

/// What `verb` leads to in `status`, or `None` where it is not legal. Every pair is written out.
#[must_use]
pub const fn step(status: Status, verb: Verb) -> Option<Step> {
    match (status, verb) {
        (Status::Stopped, Verb::Start | Verb::Restart) => Some(Step::Boot(Boot::Start)),
        (Status::Running, Verb::Stop) => Some(Step::Halt),
        (Status::Running, Verb::Reboot | Verb::Restart) => Some(Step::Boot(Boot::Reboot)),
        (Status::Running | Status::Stopped, Verb::Reinstall) => Some(Step::Install),
        (Status::Stopped | Status::Blank | Status::Failed, Verb::Release | Verb::ForceRelease)
        | (Status::Running, Verb::ForceRelease)
        | (Status::Failed, Verb::Bin)
        | (Status::Binned, Verb::Empty) => Some(Step::Release),
        (Status::Running | Status::Stopped | Status::Blank, Verb::Bin) => Some(Step::Bin),
        (Status::Running, Verb::Start | Verb::Release | Verb::Empty)
        | (Status::Stopped, Verb::Stop | Verb::Reboot | Verb::Empty)
        | (
            Status::Blank | Status::Failed,
            Verb::Start | Verb::Stop | Verb::Reboot | Verb::Restart | Verb::Empty | Verb::Reinstall,
        )
        | (
            Status::Binned,
            Verb::Start
            | Verb::Stop
            | Verb::Reboot
            | Verb::Release
            | Verb::ForceRelease
            | Verb::Restart
            | Verb::Bin
            | Verb::Reinstall,
        )
        | (
            Status::Pending | Status::Installing | Status::Starting | Status::Stopping | Status::Releasing,
            Verb::Start
            | Verb::Stop
            | Verb::Reboot
            | Verb::Release
            | Verb::ForceRelease
            | Verb::Restart
            | Verb::Bin
            | Verb::Empty
            | Verb::Reinstall,
        ) => None,
    }
}

/// Something that an owner does with the power of an instance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Move {
    /// It is booted.
    Start,
    /// It is shut down.
    Stop(Shutdown, Confirmation),
    /// It is shut down and booted again.
    Reboot,
}

impl Move {
    /// Which verb that is.
    #[must_use]
    pub const fn verb(self) -> Verb {
        match self {
            Self::Start => Verb::Start,
            Self::Stop(..) => Verb::Stop,
            Self::Reboot => Verb::Reboot,
        }
    }
}

/// Whether an owner knows that stopping may lose what is on disks in the host.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Confirmation {
    /// They do, or nobody asks.
    #[default]
    Given,
    /// They have not said so, and are asked.
    Missing,
}

/// Why the place of an instance is not given back while it is off.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Uneconomical {
    /// It is paid for in advance.
    PaidFor,
    /// It was bid for.
    Spot,
    /// It has disks in the host.
    LocalDisks,
}

macro_rules! power_command {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }, |$this:ident| $move:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub struct $name {
            /// Whose instance it is.
            pub account: AccountId,
            /// Which.
            pub instance: InstanceId,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl Command for $name {
            type Reply = Instance;
            type Refusal = PowerRefusal;

            fn decide<V: View>(
                &self,
                draft: &mut Draft<'_, V>,
                now: Time,
            ) -> Result<Instance, Halt<PowerRefusal, V::Failure>> {
                let $this = self;
                draft.move_instance(self.account, self.instance, $move, now)
            }
        }
    };
}

power_command! {
    /// Boots an instance that is off. One that gave its place back takes one again.
    Start {}, |_this| Move::Start
}
power_command! {
    /// Shuts a running instance down.
    Stop {
        /// How.
        shutdown: Shutdown,
        /// Whether the owner knows what may be lost.
        confirmation: Confirmation,
    }, |this| Move::Stop(this.shutdown, this.confirmation)
}
power_command! {
    /// Shuts a running instance down and boots it again.
    Reboot {}, |_this| Move::Reboot
}

impl Stop {
    /// Shuts `instance` down as one does, when nothing else is said.
    #[must_use]
    pub fn new(account: AccountId, instance: InstanceId) -> Self {
        Self { account, instance, shutdown: Shutdown::default(), confirmation: Confirmation::default() }
    }
}

type Moved<T, V> = Result<T, Halt<PowerRefusal, <V as View>::Failure>>;

impl<V: View> Draft<'_, V> {
    /// Moves one instance, or changes nothing: everything that can be refused comes first, in the
    /// order of `contract/lifecycle.md` section 3.
    pub(crate) fn move_instance(
        &mut self,
        account: AccountId,
        id: InstanceId,
        how: Move,
        now: Time,
    ) -> Moved<Instance, V> {
        let instance = self.visible_instance(account, id)?;
        let instance = instance.ok_or(Halt::Refused(PowerRefusal::Unknown(id)))?;
        let purpose = match how {
            Move::Start => Use::Start,
            Move::Stop(..) | Move::Reboot => Use::Stop,
        };
        match self.barrier(&instance, purpose, now)? {
            Some(Barrier::Locked(reason)) => return Err(Halt::Refused(PowerRefusal::Locked(reason))),
            Some(Barrier::Unpaid(charge)) => return Err(Halt::Refused(PowerRefusal::Unpaid(charge))),
            None => {}
        }
        let status = instance.state.status();
        let work = instance.next_work(now);
        let state = match step(status, how.verb()) {
            Some(Step::Boot(boot)) => State::Starting(boot, work),
            Some(Step::Halt) => match how {
                Move::Stop(shutdown, _) => State::Stopping(shutdown, work),
                Move::Start | Move::Reboot => State::Stopping(Shutdown::default(), work),
            },
            Some(Step::Release | Step::Bin | Step::Install) | None => {
                return Err(Halt::Refused(PowerRefusal::WrongStatus(status)));
            }
        };
        let stock = match how {
            Move::Start => self.unit_again(&instance)?,
            Move::Stop(shutdown, confirmation) => {
                self.can_be_stopped(&instance, shutdown, confirmation)?;
                None
            }
            Move::Reboot => None,
        };

        if let Some(stock) = stock {
            self.put(Record::Stock(stock));
        }
        let instance = match how {
            Move::Reboot => self.avoid_incidents(instance, is_planned_reboot, now)?,
            Move::Start | Move::Stop(..) => instance,
        };
        let moved = Instance { state, ..instance.clone() };
        self.remeter(&instance, &moved, now)?;
        Ok(self.put_waiting(moved))
    }

    /// The stock out of which an instance that gave its unit back has taken one again.
    fn unit_again(&self, instance: &Instance) -> Moved<Option<Stock>, V> {
        let Some(spec) = self.spec(instance.batch)? else { return Ok(None) };
        if spec.terms.spot.is_some_and(|spot| self.is_outbid(&spec, spot)) {
            return Err(Halt::Refused(PowerRefusal::BidTooLow));
        }
        if instance.holds_unit() {
            return Ok(None);
        }
        let stock = self.stock(&spec.stock_key())?.and_then(|stock| stock.take(1));
        stock.map(Some).ok_or_else(|| Halt::Refused(PowerRefusal::NoStock(spec.stock_key())))
    }

    fn can_be_stopped(
        &self,
        instance: &Instance,
        shutdown: Shutdown,
        confirmation: Confirmation,
    ) -> Moved<(), V> {
        let Some(spec) = self.spec(instance.batch)? else { return Ok(()) };
        let instance_type = self.catalogue().instance_types.get(&spec.instance_type);
        let in_host = instance_type.is_some_and(|found| found.abilities.local_disks.count > 0)
            || spec.data_disks.iter().any(|disk| disk.kind == DiskKind::LocalSsd);
        if in_host && confirmation == Confirmation::Missing {
            return Err(Halt::Refused(PowerRefusal::Unconfirmed));
        }
        let uneconomical = match shutdown.capacity {
            Capacity::Kept => None,
            Capacity::GivenBack if spec.charge.paid_span().is_some() => Some(Uneconomical::PaidFor),
            Capacity::GivenBack if spec.terms.spot.is_some() => Some(Uneconomical::Spot),
            Capacity::GivenBack if in_host || spec.bare_metal.is_some() => Some(Uneconomical::LocalDisks),
            Capacity::GivenBack => None,
        };
        match uneconomical {
            Some(reason) => Err(Halt::Refused(PowerRefusal::Uneconomical(reason))),
            None => Ok(()),
        }
    }
}

fn is_planned_reboot(event: &Event) -> bool {
    event.cycle == Cycle::Scheduled && event.kind.what() == IncidentKind::MaintenanceReboot
}

impl<V: View> Draft<'_, V> {
    /// The instance, if the account has it and its owner still sees it, be it in the bin.
    pub(crate) fn kept_instance(
        &self,
        account: AccountId,
        id: InstanceId,
    ) -> Result<Option<Instance>, V::Failure> {
        let instance = self.instance(id)?;
        Ok(instance.filter(|instance| instance.account == account && instance.is_shown_with_bin()))
    }

    /// The instance, if the account has it and its owner still sees it.
    pub(crate) fn visible_instance(
        &self,
        account: AccountId,
        id: InstanceId,
    ) -> Result<Option<Instance>, V::Failure> {
        let instance = self.instance(id)?;
        Ok(instance.filter(|instance| instance.account == account && instance.shown().is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn every_verb_in_every_status() {
        let table = "
            Pending    Start -     Stop -    Reboot -      Release -       ForceRelease -       Restart -      Bin -       Empty -       Reinstall -
            Installing Start -     Stop -    Reboot -      Release -       ForceRelease -       Restart -      Bin -       Empty -       Reinstall -
            Starting   Start -     Stop -    Reboot -      Release -       ForceRelease -       Restart -      Bin -       Empty -       Reinstall -
            Running    Start -     Stop Halt Reboot Reboot Release -       ForceRelease Release Restart Reboot Bin Bin     Empty -       Reinstall Install
            Stopping   Start -     Stop -    Reboot -      Release -       ForceRelease -       Restart -      Bin -       Empty -       Reinstall -
            Stopped    Start Start Stop -    Reboot -      Release Release ForceRelease Release Restart Start  Bin Bin     Empty -       Reinstall Install
            Blank      Start -     Stop -    Reboot -      Release Release ForceRelease Release Restart -      Bin Bin     Empty -       Reinstall -
            Binned     Start -     Stop -    Reboot -      Release -       ForceRelease -       Restart -      Bin -       Empty Release Reinstall -
            Failed     Start -     Stop -    Reboot -      Release Release ForceRelease Release Restart -      Bin Release Empty -       Reinstall -
            Releasing  Start -     Stop -    Reboot -      Release -       ForceRelease -       Restart -      Bin -       Empty -       Reinstall -";
        let mut actual = String::new();
        for status in Status::ALL {
            actual += &std::format!("\n{status:?}");
            for verb in Verb::ALL {
                let outcome = match step(status, verb) {
                    None => "-".into(),
                    Some(Step::Boot(boot)) => std::format!("{boot:?}"),
                    Some(other) => std::format!("{other:?}"),
                };
                actual += &std::format!(" {verb:?} {outcome}");
            }
        }
        let words = |text: &str| text.split_whitespace().map(String::from).collect::<std::vec::Vec<_>>();
        assert_eq!(words(&actual), words(table));
    }
}
