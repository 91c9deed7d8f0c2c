//! Locks: what keeps an owner from using an instance that is theirs.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{Charge, Instance, InstanceId, Renewal, Time};

/// Why an instance is locked.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LockReason {
    /// It is not paid for.
    Money,
    /// It does harm.
    Security,
    /// The host of its owner's own that it runs on is not paid for.
    HostMoney,
    /// Its spare capacity is wanted back.
    Recycling,
    /// What was paid for it was given back.
    Refunded,
}

impl LockReason {
    /// Every reason there is.
    pub const ALL: [Self; 5] =
        [Self::Money, Self::Security, Self::HostMoney, Self::Recycling, Self::Refunded];
}

/// Locks an instance, or unlocks it. For whoever runs the fleet: owners cannot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lock {
    /// Which.
    pub instance: InstanceId,
    /// Why; `None` unlocks it.
    pub reason: Option<LockReason>,
}

/// There is no such instance.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no instance {0}")]
pub struct LockRefusal(pub InstanceId);

impl Command for Lock {
    type Reply = Instance;
    type Refusal = LockRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Instance, Halt<LockRefusal, V::Failure>> {
        let instance = draft.instance(self.instance)?.filter(|instance| instance.shown().is_some());
        let instance = instance.ok_or(Halt::Refused(LockRefusal(self.instance)))?;
        let mut amendment = draft.amendment_of(&instance)?;
        amendment.lock = self.reason;
        Ok(draft.put_amended(instance, amendment))
    }
}

/// What an owner wants to do with an instance, as far as locks are concerned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Use {
    /// Boot it.
    Start,
    /// Shut it down, or reboot it.
    Stop,
    /// Change what it is.
    Change,
}

/// What keeps the owner of an instance from it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Barrier {
    /// It is locked for this reason, which is not money.
    Locked(LockReason),
    /// The money has run out. Money that is renewed does not.
    Unpaid(Charge),
}

impl<V: View> Draft<'_, V> {
    /// What keeps the owner of `instance` from `purpose` at `now`, if anything does:
    /// `contract/lifecycle.md` section 3, the third of the further refusals.
    pub(crate) fn barrier(
        &self,
        instance: &Instance,
        purpose: Use,
        now: Time,
    ) -> Result<Option<Barrier>, V::Failure> {
        let lock = self.amendment_of(instance)?.lock;
        let Some(spec) = self.spec(instance.batch)? else { return Ok(None) };
        let expires_at = instance.expires_at(spec.charge.paid_span());
        let renews = self.renewal_of(instance, &spec)? != Renewal::Off;
        let unaffordable = purpose == Use::Start && self.is_unaffordable(instance, &spec, now)?;
        let run_out = unaffordable || !renews && expires_at.is_some_and(|at| at <= now);
        Ok(match (lock, purpose) {
            (Some(LockReason::Security), Use::Start | Use::Stop | Use::Change)
            | (Some(LockReason::Recycling), Use::Start) => lock.map(Barrier::Locked),
            (
                Some(LockReason::Money | LockReason::HostMoney | LockReason::Refunded),
                Use::Start | Use::Stop,
            ) => Some(Barrier::Unpaid(spec.charge)),
            (Some(LockReason::Recycling) | None, Use::Start | Use::Stop) if run_out => {
                Some(Barrier::Unpaid(spec.charge))
            }
            (
                Some(
                    LockReason::Recycling | LockReason::Money | LockReason::HostMoney | LockReason::Refunded,
                )
                | None,
                Use::Start | Use::Stop | Use::Change,
            ) => None,
        })
    }
}
