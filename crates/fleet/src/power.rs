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
}

impl Verb {
    /// Every verb there is.
    pub const ALL: [Self; 5] = [Self::Start, Self::Stop, Self::Reboot, Self::Release, Self::ForceRelease];
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
        (Status::Stopped, Verb::Start) => Some(Step::Boot(Boot::Start)),
        (Status::Running, Verb::Stop) => Some(Step::Halt),
        (Status::Running, Verb::Reboot) => Some(Step::Boot(Boot::Reboot)),
        (Status::Stopped | Status::Failed, Verb::Release | Verb::ForceRelease)
        | (Status::Running, Verb::ForceRelease) => Some(Step::Release),
        (Status::Running, Verb::Start | Verb::Release)
        | (Status::Stopped, Verb::Stop | Verb::Reboot)
        | (Status::Failed, Verb::Start | Verb::Stop | Verb::Reboot)
        | (
            Status::Pending | Status::Starting | Status::Stopping | Status::Releasing,
            Verb::Start | Verb::Stop | Verb::Reboot | Verb::Release | Verb::ForceRelease,
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
        Some(Step::Release) | None => return Err(Halt::Refused(PowerRefusal::WrongStatus(status))),
    };

    Ok(draft.put_waiting(Instance { state, ..instance }))
}

impl<V: View> Draft<'_, V> {
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
            Pending    Start -       Stop -     Reboot -       Release -        ForceRelease -
            Starting   Start -       Stop -     Reboot -       Release -        ForceRelease -
            Running    Start -       Stop Halt  Reboot Reboot  Release -        ForceRelease Release
            Stopping   Start -       Stop -     Reboot -       Release -        ForceRelease -
            Stopped    Start Start   Stop -     Reboot -       Release Release  ForceRelease Release
            Failed     Start -       Stop -     Reboot -       Release Release  ForceRelease Release
            Releasing  Start -       Stop -     Reboot -       Release -        ForceRelease -";
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
