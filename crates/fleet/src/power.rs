//! What an owner does with an instance, and when that is legal: `contract/lifecycle.md` section 3.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Boot, Instance, InstanceId, State, Status, Time};

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
    /// It cannot be done in this status.
    #[error("the instance is {0:?}")]
    WrongStatus(Status),
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

macro_rules! power_command {
    ($(#[$doc:meta])* $name:ident, $verb:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub struct $name {
            /// Whose instance it is.
            pub account: AccountId,
            /// Which.
            pub instance: InstanceId,
        }

        impl Command for $name {
            type Reply = Instance;
            type Refusal = PowerRefusal;

            fn decide<V: View>(
                &self,
                draft: &mut Draft<'_, V>,
                now: Time,
            ) -> Result<Instance, Halt<PowerRefusal, V::Failure>> {
                move_instance(draft, self.account, self.instance, $verb, now)
            }
        }
    };
}

power_command! {
    /// Boots an instance that is off.
    Start, Verb::Start
}
power_command! {
    /// Shuts a running instance down.
    Stop, Verb::Stop
}
power_command! {
    /// Shuts a running instance down and boots it again.
    Reboot, Verb::Reboot
}

fn move_instance<V: View>(
    draft: &mut Draft<'_, V>,
    account: AccountId,
    id: InstanceId,
    verb: Verb,
    now: Time,
) -> Result<Instance, Halt<PowerRefusal, V::Failure>> {
    let instance = draft.visible_instance(account, id)?;
    let instance = instance.ok_or(Halt::Refused(PowerRefusal::Unknown(id)))?;
    let status = instance.state.status();
    let work = instance.next_work(now);
    let state = match step(status, verb) {
        Some(Step::Boot(boot)) => State::Starting(boot, work),
        Some(Step::Halt) => State::Stopping(work),
        Some(Step::Release | Step::Bin | Step::Install) | None => {
            return Err(Halt::Refused(PowerRefusal::WrongStatus(status)));
        }
    };

    Ok(draft.put_waiting(Instance { state, ..instance }))
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
