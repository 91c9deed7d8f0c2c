//! The time at which the system releases an instance, as its owner wished: `contract/lifecycle.md` section 6.
//!
//! At that time the instance goes whatever it is doing, protection included. One that is still
//! being made goes as well: it is withdrawn, which is no failure, so there is no event.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Instance, InstanceId, Key, Record, Status, Time, TimerKind};

/// Sets when the system releases an instance, or that it does not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SetRelease {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
    /// When; `None` calls it off.
    pub at: Option<Time>,
}

/// Why the time stays as it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SetReleaseRefusal {
    /// The account has no such instance.
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    /// It is paid for in advance, and goes when that runs out.
    #[error("the instance is paid for in advance")]
    PaidFor,
}

impl Command for SetRelease {
    type Reply = Instance;
    type Refusal = SetReleaseRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Instance, Halt<SetReleaseRefusal, V::Failure>> {
        let instance = draft.visible_instance(self.account, self.instance)?;
        let instance = instance.ok_or(Halt::Refused(SetReleaseRefusal::Unknown(self.instance)))?;
        let spec = draft.spec(instance.batch)?;
        if spec.is_some_and(|spec| spec.charge.paid_span().is_some()) {
            return Err(Halt::Refused(SetReleaseRefusal::PaidFor));
        }
        // It goes already, and sooner than any time that could be set.
        if instance.state.status() == Status::Releasing {
            return Ok(instance);
        }

        let instance = draft.unschedule_release(instance);
        let instance = Instance { release_at: self.at, ..instance };
        draft.schedule_release(&instance);
        draft.put(Record::Instance(instance.clone()));
        Ok(instance)
    }
}

impl<V: View> Draft<'_, V> {
    /// Sets the timer of an instance that the system is to release.
    pub(crate) fn schedule_release(&mut self, instance: &Instance) {
        if let Some(at) = instance.release_at {
            self.put(Record::Timer(at, TimerKind::AutoRelease(instance.id)));
        }
    }

    /// Removes that timer; the instance without its time.
    pub(crate) fn unschedule_release(&mut self, instance: Instance) -> Instance {
        if let Some(at) = instance.release_at {
            self.remove(Key::Timer(at, TimerKind::AutoRelease(instance.id)));
        }
        Instance { release_at: None, ..instance }
    }

    /// A timer: the time has come, unless it was moved.
    pub(crate) fn auto_release(&mut self, id: InstanceId, now: Time) -> Result<(), V::Failure> {
        let due = self.instance(id)?.and_then(|instance| instance.release_at).is_some_and(|at| at <= now);
        if due { self.release_by_system(id, now) } else { Ok(()) }
    }
}
