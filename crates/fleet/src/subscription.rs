//! Subscriptions: what is paid in advance, and what happens when that runs out
//! (`contract/lifecycle.md` section 6).
//!
//! ```text
//! paid ──(runs out)──> renewed: paid again, if it is to be and the account can pay
//!                 └──> lapsed: locked and shut down ──(retention)──> released by the system
//!                         └──(Renew)──> paid
//! ```
//!
//! A lapsed instance has two events that the fleet itself brings to their ends: that it is stopped
//! (under way until it is off), and that it is released (planned; its timer is the retention's).

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, Bar, Charge, Cycle, Event, EventKind, Incident, IncidentKind, Instance, InstanceId, Key,
    LockReason, Money, PeriodUnit, Record, Renewal, Shutdown, Spec, Staging, State, Status, Time, TimerKind,
};

/// Pays for so many units more, at what the catalogue says today.
///
/// The new time begins where the old one ends, or now when that is over. A lapsed instance is
/// unlocked and will not be released; it stays off until its owner starts it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Renew {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
    /// How many units.
    pub count: u8,
    /// The unit.
    pub unit: PeriodUnit,
}

/// Says whether what was paid for an instance in advance is paid again when it runs out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SetRenewal {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
    /// Whether, and for how long at a time.
    pub renewal: Renewal,
}

/// Why a subscription stays as it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RenewRefusal {
    /// The account has no such instance.
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    /// It is paid by use.
    #[error("the instance is paid by use")]
    PaidByUse,
    /// There is nothing to pay for in this status.
    #[error("the instance is {0:?}")]
    WrongStatus(Status),
    /// Nothing is paid for no time.
    #[error("a period of no time")]
    NoPeriod,
    /// Something keeps the account from paying.
    #[error("the account may not pay: {0:?}")]
    Barred(Bar),
    /// The account has not enough money.
    #[error("{price:?} is due, and there is {balance:?}")]
    Unaffordable {
        /// What it costs.
        price: Money,
        /// What there is, on the account and of vouchers that have not expired.
        balance: Money,
    },
}

impl Command for Renew {
    type Reply = Instance;
    type Refusal = RenewRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Instance, Halt<RenewRefusal, V::Failure>> {
        let (instance, spec) = draft.subscribed(self.account, self.instance)?;
        let charge = Charge::PrePaid { count: self.count, unit: self.unit };
        let span =
            charge.paid_span().filter(|_| self.count > 0).ok_or(Halt::Refused(RenewRefusal::NoPeriod))?;
        let account = draft.paid_for(self.account, charge.price(draft.monthly_price(&spec)), now)?;

        let from = instance.expires_at(spec.charge.paid_span()).unwrap_or(now).max(now);
        draft.put_settled(account, now)?;
        let instance = draft.unschedule_expiry(instance);
        let instance = draft.avoid_incidents(instance, is_lapse, now)?;
        let mut amendment = draft.amendment_of(&instance)?;
        amendment.lock = amendment.lock.filter(|lock| *lock != LockReason::Money);
        let instance = Instance { paid_until: Some(from.after(span)), ..instance };
        draft.schedule_expiry(&instance);
        Ok(draft.put_amended(instance, amendment))
    }
}

impl Command for SetRenewal {
    type Reply = Instance;
    type Refusal = RenewRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Instance, Halt<RenewRefusal, V::Failure>> {
        let (instance, spec) = draft.subscribed(self.account, self.instance)?;
        if matches!(self.renewal, Renewal::On { count: 0, .. }) {
            return Err(Halt::Refused(RenewRefusal::NoPeriod));
        }
        let mut amendment = draft.amendment_of(&instance)?;
        amendment.renewal = Some(self.renewal).filter(|renewal| *renewal != spec.terms.renewal);
        Ok(draft.put_amended(instance, amendment))
    }
}

impl Charge {
    /// What one instance costs in advance.
    pub(crate) fn price(self, monthly: Money) -> Money {
        match self {
            Self::PostPaid => Money(0),
            Self::PrePaid { count, unit } => {
                let units = monthly.0.saturating_mul(u64::from(count));
                match unit {
                    PeriodUnit::Month => Money(units),
                    PeriodUnit::Week => Money(units / 4),
                }
            }
        }
    }
}

/// Whether the fleet itself brings this event to its end, because a subscription or an account's money
/// ran out.
pub(crate) fn is_lapse(event: &Event) -> bool {
    match event.kind {
        EventKind::Incident(Incident { staging: Staging::Own, kind, .. }) => {
            matches!(
                kind,
                IncidentKind::ExpiryStop
                    | IncidentKind::ExpiryRelease
                    | IncidentKind::UnpaidStop
                    | IncidentKind::UnpaidRelease
            )
        }
        EventKind::Incident(_) | EventKind::CreationFailure(_) => false,
    }
}

type Judged<T, V> = Result<T, Halt<RenewRefusal, <V as View>::Failure>>;

impl<V: View> Draft<'_, V> {
    /// An instance that is paid in advance and can be paid for, and what it was launched as.
    fn subscribed(
        &self,
        account: AccountId,
        id: InstanceId,
    ) -> Judged<(Instance, alloc::sync::Arc<Spec>), V> {
        let unknown = Halt::Refused(RenewRefusal::Unknown(id));
        let Some(instance) = self.visible_instance(account, id)? else { return Err(unknown) };
        let Some(spec) = self.spec(instance.batch)? else { return Err(unknown) };
        if spec.charge.paid_span().is_none() {
            return Err(Halt::Refused(RenewRefusal::PaidByUse));
        }
        let status = instance.state.status();
        match status {
            Status::Failed | Status::Binned | Status::Releasing => {
                Err(Halt::Refused(RenewRefusal::WrongStatus(status)))
            }
            Status::Pending
            | Status::Installing
            | Status::Starting
            | Status::Running
            | Status::Stopping
            | Status::Stopped
            | Status::Blank => Ok((instance, spec)),
        }
    }

    /// The account after it has paid `price`.
    fn paid_for(&self, id: AccountId, price: Money, now: Time) -> Judged<crate::Account, V> {
        let mut account = self.settled_account(id, now)?.unwrap_or_else(|| crate::Account::new(id));
        let arrears = Some(Bar::Arrears).filter(|_| account.is_in_arrears());
        if let Some(bar) =
            arrears.as_ref().into_iter().chain(&account.bars).find(|bar| bar.keeps_from_paying())
        {
            return Err(Halt::Refused(RenewRefusal::Barred(bar.clone())));
        }
        let balance = account.funds(now);
        let payment = account.hold(price, now);
        let payment = payment.ok_or(Halt::Refused(RenewRefusal::Unaffordable { price, balance }))?;
        account.spend(&payment);
        Ok(account)
    }

    /// What a month of such an instance costs today.
    fn monthly_price(&self, spec: &Spec) -> Money {
        let found = self.catalogue().instance_types.get(&spec.instance_type);
        found.map_or(Money(0), |found| found.monthly_price)
    }

    /// Sets the timer of an instance that is paid until then.
    pub(crate) fn schedule_expiry(&mut self, instance: &Instance) {
        if let Some(at) = instance.paid_until {
            self.put(Record::Timer(at, TimerKind::Expiry(instance.id)));
        }
    }

    /// Removes that timer; the instance without its time.
    pub(crate) fn unschedule_expiry(&mut self, instance: Instance) -> Instance {
        if let Some(at) = instance.paid_until {
            self.remove(Key::Timer(at, TimerKind::Expiry(instance.id)));
        }
        Instance { paid_until: None, ..instance }
    }

    /// A timer: what was paid for has run out, unless the time was moved.
    pub(crate) fn expire(&mut self, id: InstanceId, now: Time) -> Result<(), V::Failure> {
        let Some(instance) = self.instance(id)? else { return Ok(()) };
        let Some(paid_until) = instance.paid_until.filter(|at| *at <= now) else { return Ok(()) };
        let Some(spec) = self.spec(instance.batch)? else { return Ok(()) };
        if self.is_lapsed(&instance)? {
            return Ok(());
        }
        if let Renewal::On { count, unit } = self.renewal_of(&instance, &spec)? {
            let charge = Charge::PrePaid { count, unit };
            match self.paid_for(instance.account, charge.price(self.monthly_price(&spec)), now) {
                Err(Halt::Failed(failure)) => return Err(failure),
                Err(Halt::Refused(_)) => {}
                Ok(account) => {
                    self.put_settled(account, now)?;
                    // Time that passed unobserved is paid for as well: one period for each run.
                    let paid_until = charge.paid_span().map(|span| paid_until.after(span));
                    let instance = Instance { paid_until, ..instance };
                    self.schedule_expiry(&instance);
                    self.put(Record::Instance(instance));
                    return Ok(());
                }
            }
        }
        self.lapse(instance, now)
    }

    /// Whether, and for how long, what was paid for an instance is paid again.
    pub(crate) fn renewal_of(&self, instance: &Instance, spec: &Spec) -> Result<Renewal, V::Failure> {
        Ok(self.amendment_of(instance)?.renewal.unwrap_or(spec.terms.renewal))
    }

    /// What was paid for an instance in advance has run out.
    fn lapse(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        let release_at = now.after(self.policy().subscription_retention);
        self.shut_off(instance, (IncidentKind::ExpiryStop, IncidentKind::ExpiryRelease), release_at, now)
    }

    /// Locks an instance that is not paid for any more and shuts it down, which is an incident of the
    /// first kind; it is released at `release_at`, which is one of the second.
    pub(crate) fn shut_off(
        &mut self,
        instance: Instance,
        (stop, release): (IncidentKind, IncidentKind),
        release_at: Time,
        now: Time,
    ) -> Result<(), V::Failure> {
        let mut amendment = self.amendment_of(&instance)?;
        amendment.lock = amendment.lock.or(Some(LockReason::Money));
        for (kind, cycle) in [(stop, Cycle::Executing), (release, Cycle::Scheduled)] {
            let incident = Incident { kind, staging: Staging::Own, due_at: release_at };
            amendment.events.push(self.publish(&instance, incident, cycle, now)?);
        }
        let instance = self.put_amended(instance, amendment);
        self.come_to_rest(instance, now)
    }

    /// Whether an instance is not paid for any more and waits for its release.
    pub(crate) fn is_lapsed(&self, instance: &Instance) -> Result<bool, V::Failure> {
        Ok(self.is_lapsed_for(instance, IncidentKind::ExpiryRelease)?
            || self.is_lapsed_for(instance, IncidentKind::UnpaidRelease)?)
    }

    /// Whether an instance waits for its release, and that is an incident of this kind.
    pub(crate) fn is_lapsed_for(&self, instance: &Instance, kind: IncidentKind) -> Result<bool, V::Failure> {
        for id in self.amendment_of(instance)?.events {
            let release = |event: &Event| is_lapse(event) && event.kind.what() == kind;
            if self.event(id)?.as_ref().is_some_and(release) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Puts an instance that has come to the end of its work: one that has lapsed does not run on,
    /// and once it is off, that it had to be stopped is over.
    pub(crate) fn come_to_rest(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        if !self.is_lapsed(&instance)? {
            self.put(Record::Instance(instance));
            return Ok(());
        }
        match instance.state {
            State::Running => {
                let work = instance.next_work(now);
                let state = State::Stopping(Shutdown::default(), work);
                self.put_waiting(Instance { state, ..instance });
            }
            State::Stopped(_) | State::Blank | State::Binned { .. } => {
                let events = self.amendment_of(&instance)?.events;
                self.put(Record::Instance(instance));
                for id in events {
                    let stop = |event: &Event| is_lapse(event) && event.cycle == Cycle::Executing;
                    if let Some(event) = self.event(id)?.filter(stop) {
                        self.close_incident(&event, Cycle::Executed, now)?;
                    }
                }
            }
            State::Pending(_)
            | State::Installing(_)
            | State::Starting(..)
            | State::Stopping(..)
            | State::Failed(_)
            | State::Releasing(..) => self.put(Record::Instance(instance)),
        }
        Ok(())
    }
}
