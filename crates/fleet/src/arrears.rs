//! Arrears: what becomes of an account's instances when its money has run out
//! (`contract/lifecycle.md` sections 3 and 5).
//!
//! ```text
//! sound ──(money runs out)──> grace: they run on, and what they run up is owed
//!   ^                           │ └──(grace is over)──> cut: locked and shut down ──(retention)──> released
//!   └──(nothing is owed, and    │                        │                        by the system
//!       something is left) ─────┴────────────────────────┘
//! ```
//!
//! Only what is charged for by use is touched. An instance that is cut off has two events that the
//! fleet itself brings to their ends, as one whose subscription ran out has. Cutting off and taking
//! back walk over all instances, a bounded stretch in each run of the account's timer.

use crate::View;
use crate::decide::Draft;
use crate::subscription::is_lapse;
use crate::{
    AccountId, Event, IncidentKind, Instance, InstanceId, Key, LockReason, Serial, Span, Spec, Standing,
    Sweep, Time,
};

/// How many instances one run of the timer looks at.
const STRETCH: usize = 100;

impl<V: View> Draft<'_, V> {
    /// A timer: an account is settled. Its money has run out, or the time after that is over, or its
    /// instances are still to be seen to.
    pub(crate) fn settle_by_timer(&mut self, id: AccountId, now: Time) -> Result<(), V::Failure> {
        let Some(mut account) = self.settled_account(id, now)? else { return Ok(()) };
        if let Some(meter) = &mut account.meter
            && matches!(meter.standing, Standing::Grace { until, .. } if until <= now)
        {
            meter.standing = Standing::Cut;
            meter.sweep_all(now);
        }
        let account = self.put_settled(account, now)?;
        match account.meter.and_then(|meter| meter.sweep) {
            Some(sweep) => self.sweep_arrears(id, sweep.from, now),
            None => Ok(()),
        }
    }

    /// Sees to the account's instances among the next from `from` on, and leaves the others to the next run.
    fn sweep_arrears(&mut self, id: AccountId, from: InstanceId, now: Time) -> Result<(), V::Failure> {
        let last = Key::Instance(InstanceId(Serial::HIGHEST));
        let keys = self.keys(&Key::Instance(from), &last, STRETCH)?;
        let full = keys.len() == STRETCH;
        let mut next = None;
        for key in keys {
            let Key::Instance(instance) = key else { continue };
            next = instance.0.plus(1).filter(|_| full).map(InstanceId);
            if let Some(instance) = self.instance(instance)?.filter(|found| found.account == id) {
                self.see_to(instance, now)?;
            }
        }
        let Some(mut account) = self.account(id)? else { return Ok(()) };
        if let Some(meter) = &mut account.meter {
            // What costs nothing any more needs no cutting off.
            let over = meter.standing == Standing::Cut && meter.hourly == 0;
            meter.sweep = next.filter(|_| !over).map(|from| Sweep { from, due: now });
        }
        self.put_settled(account, now).map(drop)
    }

    /// Cuts an instance off or takes it back, as the standing of its account wants it.
    fn see_to(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        let hourly = self.hourly_of(&instance)?;
        match self.is_cut(instance.account)? {
            true if hourly > 0 => {
                self.change_hourly(instance.account, (hourly, 0), now)?;
                self.cut_off(instance, now)
            }
            true => Ok(()),
            false => self.take_back(instance, now),
        }
    }

    /// Whether the instances of an account do not run on.
    fn is_cut(&self, id: AccountId) -> Result<bool, V::Failure> {
        let meter = self.account(id)?.and_then(|account| account.meter);
        Ok(meter.is_some_and(|meter| meter.standing == Standing::Cut))
    }

    /// Locks an instance of an account in arrears and shuts it down; it is released later.
    fn cut_off(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        let kinds = (IncidentKind::UnpaidStop, IncidentKind::UnpaidRelease);
        let retention: Span = self.policy().arrears_retention;
        self.shut_off(instance, kinds, now.after(retention), now)
    }

    /// Unlocks an instance that was cut off. It stays off until its owner starts it, and is charged
    /// for from now on.
    fn take_back(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        if !self.is_lapsed_for(&instance, IncidentKind::UnpaidRelease)? {
            return Ok(());
        }
        let instance = self.avoid_incidents(instance, is_lapse, now)?;
        let mut amendment = self.amendment_of(&instance)?;
        amendment.lock = amendment.lock.filter(|lock| *lock != LockReason::Money);
        let instance = self.put_amended(instance, amendment);
        let hourly = self.hourly_of(&instance)?;
        self.change_hourly(instance.account, (0, hourly), now)
    }

    /// Puts an instance that has just come to run for the first time: it is charged for from now on,
    /// or cut off at once.
    pub(crate) fn run_first(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        let hourly = self.hourly_of(&instance)?;
        if hourly > 0 && self.is_cut(instance.account)? {
            return self.cut_off(instance, now);
        }
        self.change_hourly(instance.account, (0, hourly), now)?;
        self.come_to_rest(instance, now)
    }

    /// The time of an instance that was cut off is over: it is released, unless its account has paid
    /// and nobody has come to taking it back yet.
    pub(crate) fn release_unpaid(&mut self, event: &Event, now: Time) -> Result<(), V::Failure> {
        let Some(instance) = self.instance(event.instance)? else { return Ok(()) };
        if !self.is_cut(instance.account)? {
            return self.take_back(instance, now);
        }
        // It stays noted until then, so that the instance counts as cut off until it goes.
        self.end_incident(event, crate::Cycle::Executed, now);
        self.release_by_system(event.instance, now)
    }

    /// Whether an instance that is off would run up what its account cannot pay.
    pub(crate) fn is_unaffordable(
        &self,
        instance: &Instance,
        spec: &Spec,
        now: Time,
    ) -> Result<bool, V::Failure> {
        if spec.hourly_by_use().0 == 0 {
            return Ok(false);
        }
        let Some(account) = self.settled_account(instance.account, now)? else { return Ok(false) };
        let counts = account.meter.is_some_and(|meter| meter.first <= instance.id);
        Ok(counts && account.is_in_arrears())
    }
}
