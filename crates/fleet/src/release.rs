//! Releasing: the end of an instance, by its owner or by the system, and what goes back then.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::subscription::is_lapse;
use crate::{
    AccountId, Capacity, Charge, Cycle, Event, EventKind, Failure, FailureReason, Instance, InstanceId, Key,
    Machine, Outcome, Protection, Record, ReleasedFrom, State, Status, Time, TimerKind, Verb, step,
};

/// Gives an instance back.
///
/// What was never made is gone with the commit. Otherwise a provisioner takes it apart first, and
/// its stock and address are held until that is done; who released it while it was off does not
/// see it any more from the commit on. The reply is the instance as it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Release {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
    /// Whether it may be running.
    pub force: Force,
    /// What becomes of what was paid in advance.
    pub subscription: Subscription,
}

/// Whether an instance goes whose subscription has run out. Before that none does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Subscription {
    /// It does not: it can still be renewed.
    #[default]
    Keep,
    /// It does.
    End,
}

/// Whether a running instance may be released.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Force {
    /// It may not.
    No,
    /// It may.
    Yes,
}

/// Why an instance is not released.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReleaseRefusal {
    /// The account has no such instance, or it is released already.
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    /// It is protected. A failed creation is not: it never worked.
    #[error("the instance is protected against release")]
    Protected,
    /// It is paid for in advance, and that has not run out, or is not to be ended.
    #[error("the instance is paid for until {0:?}")]
    PaidFor(Time),
    /// Its owner has promised to use it for a while.
    #[error("the instance is promised to be used")]
    Promised,
    /// It cannot be released in this status.
    #[error("the instance is {0:?}")]
    WrongStatus(Status),
}

impl Command for Release {
    type Reply = Instance;
    type Refusal = ReleaseRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Instance, Halt<ReleaseRefusal, V::Failure>> {
        let instance = draft.visible_instance(self.account, self.instance)?;
        let instance = instance.ok_or(Halt::Refused(ReleaseRefusal::Unknown(self.instance)))?;
        let status = instance.state.status();
        if status != Status::Failed {
            draft.may_give_up(&instance, self.subscription, now)?;
        }
        let verb = match self.force {
            Force::No => Verb::Release,
            Force::Yes => Verb::ForceRelease,
        };
        if step(status, verb).is_none() {
            return Err(Halt::Refused(ReleaseRefusal::WrongStatus(status)));
        }

        Ok(draft.release_by_owner(instance, now)?)
    }
}

impl<V: View> Draft<'_, V> {
    /// Begins the release of an instance that its owner may release.
    pub(crate) fn release_by_owner(&mut self, instance: Instance, now: Time) -> Result<Instance, V::Failure> {
        if let State::Failed(failure) = instance.state {
            self.finish_event(failure, Cycle::Avoided, now)?;
            if let Some(at) = failure.release_at {
                self.remove(Key::Timer(at, TimerKind::FailureRelease(instance.id)));
            }
        }
        self.begin_release(instance, now)
    }

    /// Whether its owner may give an instance up, whatever its status.
    pub(crate) fn may_give_up(
        &self,
        instance: &Instance,
        subscription: Subscription,
        now: Time,
    ) -> Result<(), Halt<ReleaseRefusal, V::Failure>> {
        if instance.protection == Protection::On {
            return Err(Halt::Refused(ReleaseRefusal::Protected));
        }
        let spec = self.spec(instance.batch)?;
        let expires_at = instance.expires_at(spec.and_then(|spec| spec.charge.paid_span()));
        match expires_at.filter(|at| now < *at || subscription == Subscription::Keep) {
            Some(at) => Err(Halt::Refused(ReleaseRefusal::PaidFor(at))),
            None => Ok(()),
        }
    }
}

impl<V: View> Draft<'_, V> {
    /// Turns a pending instance into a failed one: publishes the event, refunds what was paid, sets
    /// the timer of its release. Its stock and its address are held until then.
    pub(crate) fn fail_creation(
        &mut self,
        instance: Instance,
        reason: FailureReason,
        now: Time,
    ) -> Result<(), V::Failure> {
        let instance = self.unschedule_expiry(instance);
        let instance = self.avoid_incidents(instance, is_lapse, now)?;
        let account = self.settled_account(instance.account, now)?;
        let batch = self.batch(instance.batch)?;
        let (serial, sequence) = self.sequence()?.draw_event();
        let event = crate::EventId(serial);
        // Bare metal is kept until its owner gives it up: `contract/lifecycle.md` section 7.
        let spec = self.spec(instance.batch)?;
        let released = spec.as_ref().is_none_or(|spec| spec.bare_metal.is_none());
        let release_at = released.then(|| now.after(self.policy().failure_release));

        self.put(Record::Sequence(sequence));
        self.put(Record::Event(Event {
            id: event,
            account: instance.account,
            instance: instance.id,
            kind: EventKind::CreationFailure(reason),
            cycle: Cycle::Executing,
            published_at: now,
            not_before: release_at.unwrap_or(now),
            finished_at: None,
            region: spec.map(|spec| spec.region.clone()),
        }));
        if let Some(at) = release_at {
            self.put(Record::Timer(at, TimerKind::FailureRelease(instance.id)));
        }
        if let Some(mut account) = account {
            account.refund(&instance.payment());
            self.put_settled(account, now)?;
        }
        if let Some(batch) = batch {
            self.put_outcome(batch.with_outcome(instance.index, Outcome::Failed(reason)))?;
        }
        let state = State::Failed(Failure { reason, event, release_at });
        self.put(Record::Instance(Instance { state, ..instance.without_payment() }));
        Ok(())
    }

    /// Ends the event of a failed creation.
    pub(crate) fn finish_event(
        &mut self,
        failure: Failure,
        cycle: Cycle,
        now: Time,
    ) -> Result<(), V::Failure> {
        if let Some(event) = self.event(failure.event)? {
            self.end_event(&event, cycle, now);
        }
        Ok(())
    }

    /// Ends an event whose cycle leads there.
    pub(crate) fn end_event(&mut self, event: &Event, cycle: Cycle, now: Time) {
        if let Some(event) = event.finish(cycle, now) {
            let forget_at = now.after(self.policy().event_retention);
            self.put(Record::Timer(forget_at, TimerKind::EventRetention(event.id)));
            self.put(Record::Event(event));
        }
    }

    /// Begins the release of an instance that may be released: with a work item where there may be
    /// a machine, to its end where there is none.
    pub(crate) fn begin_release(&mut self, instance: Instance, now: Time) -> Result<Instance, V::Failure> {
        let from = match instance.state {
            State::Failed(_) => ReleasedFrom::Failed,
            State::Binned { capacity, .. } => ReleasedFrom::Binned(capacity),
            State::Running | State::Installing(_) | State::Starting(..) | State::Stopping(..) => {
                ReleasedFrom::Running
            }
            State::Stopped(capacity) => ReleasedFrom::Stopped(capacity),
            State::Blank | State::Pending(_) | State::Releasing(..) => ReleasedFrom::Stopped(Capacity::Kept),
        };
        // It is charged for no longer.
        let hourly = self.hourly_of(&instance)?;
        self.change_hourly(instance.account, (hourly, 0), now)?;
        let instance = self.unschedule_release(instance);
        let instance = self.unschedule_expiry(instance);
        let instance = self.avoid_incidents(instance, |_| true, now)?;
        if let (State::Pending(_), Some(batch)) = (&instance.state, self.batch(instance.batch)?) {
            self.put_outcome(batch.with_outcome(instance.index, Outcome::Released))?;
        }
        match instance.machine {
            Machine::Absent => self.finish_release(instance.clone(), now)?,
            Machine::Possible | Machine::Present => {
                self.remove_work(&instance);
                let work = instance.next_work(now);
                self.put_waiting(Instance { state: State::Releasing(from, work), ..instance.clone() });
            }
        }
        Ok(instance)
    }

    /// Ends the release of an instance: its unit, its addresses, its places and its money go where
    /// they belong, and its record goes.
    pub(crate) fn finish_release(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        // What was announced while it was taken apart.
        let instance = self.avoid_incidents(instance, |_| true, now)?;
        let account = self.account(instance.account)?;
        let batch = self.batch(instance.batch)?;
        let spec = self.spec(instance.batch)?;
        if let Some(spec) = &spec {
            let lacked = batch.as_ref().is_some_and(|batch| batch.lacked_stock(instance.index));
            if let Some(stock) = self.stock(&spec.stock_key())?.filter(|_| instance.holds_unit()) {
                self.put(Record::Stock(if lacked { stock.lose() } else { stock.give_back() }));
            }
            self.keep_disks(&instance, spec, batch.as_ref(), now);
            self.give_back_addresses(&instance, spec, now)?;
            let groups = self.amendment_of(&instance)?.groups;
            for label in spec.joined_groups(groups.as_ref().unwrap_or(&spec.groups)) {
                if let Some(mut group) = self.group(label)? {
                    group.members = group.members.saturating_sub(1);
                    self.put(Record::Group(group));
                }
            }
            if let Some(label) = &spec.hosting.host
                && let Some(mut host) = self.host(label)?
            {
                host.taken = host.taken.saturating_sub(1);
                self.put(Record::Host(host));
            }
        }
        if let Some(mut account) = account {
            account.instances = account.instances.saturating_sub(1);
            if let Some(spec) = spec.filter(|spec| spec.charge == Charge::PostPaid) {
                account.usage = account.usage.without_one(spec.cpus.into(), spec.disk_count());
            }
            account.spend(&instance.payment());
            self.put(Record::Account(account));
        }
        if let Some(batch) = batch.map(|batch| batch.with_one_gone(instance.index)) {
            self.put_or_forget(batch)?;
        }
        self.remove_work(&instance);
        if instance.amended {
            self.remove(Key::Amendment(instance.id));
        }
        self.remove(Key::Instance(instance.id));
        Ok(())
    }

    /// Gives the unit of stock of an instance back.
    pub(crate) fn give_unit_back(&mut self, instance: &Instance) -> Result<(), V::Failure> {
        let Some(spec) = self.spec(instance.batch)? else { return Ok(()) };
        if let Some(stock) = self.stock(&spec.stock_key())? {
            self.put(Record::Stock(stock.give_back()));
        }
        Ok(())
    }

    /// Keeps a batch while it has instances or its time has not come.
    pub(crate) fn put_or_forget(&mut self, batch: crate::Batch) -> Result<(), V::Failure> {
        if batch.living == 0 {
            self.forget_password(&batch)?;
        }
        if batch.living > 0 || !batch.may_go {
            self.put(Record::Batch(batch));
            return Ok(());
        }
        if self.user_data(batch.id)?.is_some() {
            self.remove(Key::UserData(batch.id));
        }
        if let Some(request) = batch.request {
            self.remove(Key::Token(request));
        }
        self.remove(Key::Spec(batch.id));
        self.remove(Key::Batch(batch.id));
        Ok(())
    }

    /// Puts a batch of which an instance was made, or could not be. After the last of them nobody
    /// needs the password any more.
    pub(crate) fn put_outcome(&mut self, batch: crate::Batch) -> Result<(), V::Failure> {
        if !batch.outcomes.contains(&Outcome::Pending) {
            self.forget_password(&batch)?;
        }
        self.put(Record::Batch(batch));
        Ok(())
    }

    fn forget_password(&mut self, batch: &crate::Batch) -> Result<(), V::Failure> {
        if self.password(batch.id)?.is_some() {
            self.remove(Key::Password(batch.id));
        }
        Ok(())
    }
}
