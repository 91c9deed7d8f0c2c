//! The recycle bin: what an owner has given up and can still be seen for a while
//! (`contract/zenlayer.md` section 7).

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, Bar, Capacity, Charge, Instance, InstanceId, Key, Record, ReleaseRefusal, State, Status, Step,
    Subscription, Time, TimerKind, Verb, step,
};

/// Puts an instance into the bin. What could not be made has no use for it, and is gone. The reply
/// is the instance as it is then, or as it was when it is gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bin {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
}

impl Command for Bin {
    type Reply = Instance;
    type Refusal = ReleaseRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Instance, Halt<ReleaseRefusal, V::Failure>> {
        let instance = draft.kept_instance(self.account, self.instance)?;
        let instance = instance.ok_or(Halt::Refused(ReleaseRefusal::Unknown(self.instance)))?;
        let status = instance.state.status();
        match step(status, Verb::Bin) {
            Some(Step::Release) => Ok(draft.release_by_owner(instance, now)?),
            Some(Step::Bin) => {
                draft.may_give_up(&instance, Subscription::End, now)?;
                draft.is_not_promised(&instance)?;
                Ok(draft.put_into_bin(instance, now)?)
            }
            Some(Step::Boot(_) | Step::Halt | Step::Install) | None => {
                // The first boot is a part of being made.
                let first_boot = status == Status::Starting && instance.started_at.is_none();
                let status = if first_boot { Status::Pending } else { status };
                Err(Halt::Refused(ReleaseRefusal::WrongStatus(status)))
            }
        }
    }
}

impl<V: View> Draft<'_, V> {
    fn is_not_promised(&self, instance: &Instance) -> Result<(), Halt<ReleaseRefusal, V::Failure>> {
        let account = self.account(instance.account)?;
        let spec = self.spec(instance.batch)?;
        let by_use = spec.is_some_and(|spec| spec.charge == Charge::PostPaid);
        match account.is_some_and(|account| account.bars.contains(&Bar::Promise)) && by_use {
            true => Err(Halt::Refused(ReleaseRefusal::Promised)),
            false => Ok(()),
        }
    }

    fn put_into_bin(&mut self, instance: Instance, now: Time) -> Result<Instance, V::Failure> {
        let until = now.after(self.policy().bin_retention);
        let capacity = if instance.holds_unit() { Capacity::Kept } else { Capacity::GivenBack };
        let binned = Instance { state: State::Binned { until, capacity }, ..instance.clone() };
        self.remeter(&instance, &binned, now)?;
        self.put(Record::Timer(until, TimerKind::BinEnd(binned.id)));
        self.put(Record::Instance(binned.clone()));
        Ok(binned)
    }

    /// Takes an instance out of the bin and apart, by its owner.
    pub(crate) fn empty_bin(&mut self, instance: Instance, now: Time) -> Result<Instance, V::Failure> {
        if let State::Binned { until, .. } = instance.state {
            self.remove(Key::Timer(until, TimerKind::BinEnd(instance.id)));
        }
        self.begin_release(instance, now)
    }

    /// The time of an instance in the bin is over.
    pub(crate) fn end_bin(&mut self, id: InstanceId, now: Time) -> Result<(), V::Failure> {
        let Some(instance) = self.instance(id)? else { return Ok(()) };
        let State::Binned { .. } = instance.state else { return Ok(()) };
        self.begin_release(instance, now).map(drop)
    }
}
