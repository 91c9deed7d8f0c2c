//! What is paid by use: how an account's instances run up charges, and how those are settled
//! (`docs/decisions/0015-money-runs-like-a-tap.md`).
//!
//! ```text
//! an instance first runs ──> charged for ──(gives its place back, put into the bin, released)──> not charged for
//!                                └<──(takes a place again)
//! ```
//!
//! An account keeps the sum of what its instances cost in an hour, and when it was last settled. It is
//! settled whenever that sum or its money changes, and at the moment when its money runs out; nobody
//! counts hours. Settling at any moments on the way comes to the same as settling once.

use crate::View;
use crate::decide::Draft;
use crate::{Account, AccountId, Charge, Instance, InstanceId, Key, Money, Record, Span, Spec};
use crate::{Capacity, Rate, State, Time, TimerKind, Wallet};

/// What an account's instances that are paid by use run up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Meter {
    /// The first instance that counts: what was launched before costs nothing.
    pub first: InstanceId,
    /// What an hour of all that are charged for costs, in thousandths of the unit of money.
    pub hourly: u128,
    /// Up to when everything is settled.
    pub settled_at: Time,
    /// What had been run up then and is no whole unit yet; [`Meter::UNIT`] of it are one.
    pub remainder: u64,
    /// What was run up and could not be paid.
    pub owed: Money,
    /// Whether there is money.
    pub standing: Standing,
    /// What is still to be done to have the account's instances as its standing wants them.
    pub sweep: Option<Sweep>,
}

/// Which of an account's instances are still to be seen to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sweep {
    /// Those from this one on.
    pub from: InstanceId,
    /// When the next of them are.
    pub due: Time,
}

/// Whether an account has money for what its instances run up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Standing {
    /// It has, or needs none.
    #[default]
    Sound,
    /// It has run out: the account is in arrears, and its instances run on.
    Grace {
        /// When it ran out.
        since: Time,
        /// Until when they run on, and run up what is owed.
        until: Time,
    },
    /// That time is over: its instances are locked and shut down, and nothing more is run up.
    Cut,
}

impl Meter {
    /// How much of [`Meter::remainder`] makes one unit of money: a rate counts thousandths in an
    /// hour, and time is milliseconds.
    pub const UNIT: u64 = 3_600_000_000;

    /// The meter of an account whose first instance that can be charged for is `first`.
    #[must_use]
    pub const fn new(first: InstanceId, now: Time) -> Self {
        Self {
            first,
            hourly: 0,
            settled_at: now,
            remainder: 0,
            owed: Money(0),
            standing: Standing::Sound,
            sweep: None,
        }
    }

    /// What an hour of `instance` costs now, in thousandths of the unit of money, as far as its state
    /// says: it counts from the first time it runs for as long as it has its place.
    #[must_use]
    pub fn hourly_of(&self, instance: &Instance, spec: &Spec) -> u128 {
        match instance.is_charged_for() && self.first <= instance.id {
            true => u128::from(spec.hourly_by_use().0),
            false => 0,
        }
    }

    /// Whether something is being run up.
    const fn runs(&self) -> bool {
        let stands = match self.standing {
            Standing::Sound => true,
            Standing::Grace { until, .. } => self.settled_at.millis() < until.millis(),
            Standing::Cut => false,
        };
        stands && self.hourly > 0
    }

    /// When `funds` and nothing else are used up; the last point in time when they never are.
    fn used_up_at(&self, funds: Money) -> Time {
        let left = u128::from(funds.0).saturating_mul(u128::from(Self::UNIT));
        let left = left.saturating_sub(u128::from(self.remainder));
        let span = left.checked_div(self.hourly).unwrap_or(u128::MAX);
        let span = span.saturating_add(u128::from(left.checked_rem(self.hourly).unwrap_or(0) > 0));
        let span = u64::try_from(span).unwrap_or(u64::MAX);
        // Funds that are there last for a while, however short.
        self.settled_at.after(Span::from_millis(span.max(1)))
    }

    /// Runs on until `end`: how many whole units more are due then.
    fn run(&mut self, end: Time) -> Money {
        let span = end.since(self.settled_at).millis();
        let runs = self.runs();
        self.settled_at = end;
        if !runs {
            return Money(0);
        }
        let unit = u128::from(Self::UNIT);
        let run_up = self.hourly.saturating_mul(u128::from(span)).saturating_add(u128::from(self.remainder));
        self.remainder = run_up.checked_rem(unit).and_then(|rest| u64::try_from(rest).ok()).unwrap_or(0);
        Money(run_up.checked_div(unit).and_then(|due| u64::try_from(due).ok()).unwrap_or(u64::MAX))
    }

    /// Has all instances seen to from `now` on.
    pub(crate) const fn sweep_all(&mut self, now: Time) {
        self.sweep = Some(Sweep { from: self.first, due: now });
    }

    /// Judges the standing of an account that can spend `funds` at `now`.
    fn judge(&mut self, funds: Money, now: Time, grace: Span) {
        let none = funds == Money(0);
        match self.standing {
            Standing::Sound if none && self.hourly > 0 => {
                self.standing = Standing::Grace { since: now, until: now.after(grace) };
            }
            Standing::Grace { .. } if !none && self.owed == Money(0) => self.standing = Standing::Sound,
            Standing::Cut if !none && self.owed == Money(0) => {
                self.standing = Standing::Sound;
                self.sweep_all(now);
            }
            Standing::Sound | Standing::Grace { .. } | Standing::Cut => {}
        }
    }
}

impl Instance {
    /// Whether its state is one that is charged for, where it is paid by use: it has run, and has its
    /// place. What could not be made never ran.
    fn is_charged_for(&self) -> bool {
        let has_place = match &self.state {
            State::Installing(_)
            | State::Starting(..)
            | State::Running
            | State::Stopping(..)
            | State::Stopped(Capacity::Kept)
            | State::Blank => true,
            State::Pending(_)
            | State::Stopped(Capacity::GivenBack)
            | State::Binned { .. }
            | State::Failed(_)
            | State::Releasing(..) => false,
        };
        has_place && self.started_at.is_some()
    }
}

impl Spec {
    /// What an hour costs of what is paid by use.
    pub(crate) const fn hourly_by_use(&self) -> Rate {
        match self.charge {
            Charge::PostPaid => self.hourly,
            Charge::PrePaid { .. } => Rate(0),
        }
    }
}

impl Account {
    /// The account as it is at `now`, when its instances run on for `grace` after its money ran out:
    /// what is stored is as old as the last change of its instances or of its money.
    #[must_use]
    pub fn settled(&self, now: Time, grace: Span) -> Self {
        let mut account = self.clone();
        account.settle(now, grace);
        account
    }

    /// Whether its money has run out.
    #[must_use]
    pub fn is_in_arrears(&self) -> bool {
        self.meter.is_some_and(|meter| meter.standing != Standing::Sound)
    }

    /// When something has to be decided about what it runs up, if nothing changes until then.
    #[must_use]
    pub fn next_settlement(&self) -> Option<Time> {
        let meter = self.meter?;
        if let Some(sweep) = meter.sweep {
            return Some(sweep.due);
        }
        match meter.standing {
            Standing::Sound if meter.hourly > 0 => self.runs_out_at(),
            Standing::Grace { until, .. } if meter.hourly > 0 => Some(until),
            Standing::Sound | Standing::Grace { .. } | Standing::Cut => None,
        }
    }

    /// When what it can spend is used up, or has expired, at what its instances cost now.
    fn runs_out_at(&self) -> Option<Time> {
        match self.settled(Time::END, Span::ZERO).meter?.standing {
            Standing::Grace { since, .. } => Some(since).filter(|at| *at < Time::END),
            Standing::Sound | Standing::Cut => None,
        }
    }

    /// Settles what was run up until `now`. Use before a voucher expired is paid from it, however
    /// late it is settled.
    pub(crate) fn settle(&mut self, now: Time, grace: Span) {
        let Some(mut meter) = self.meter else { return };
        while meter.settled_at < now {
            let start = meter.settled_at;
            let due = meter.run(self.end_of_stretch(&meter, now));
            let paid = self.pay_by_use(due, start);
            meter.owed.0 = meter.owed.0.saturating_add(due.0.saturating_sub(paid.0));
            meter.judge(self.funds(meter.settled_at), meter.settled_at, grace);
        }
        self.meter = Some(meter);
    }

    /// Until when, at most `now`, the same money pays for the same instances.
    fn end_of_stretch(&self, meter: &Meter, now: Time) -> Time {
        if !meter.runs() {
            return now;
        }
        let start = meter.settled_at;
        let there = self.vouchers.kept.iter().filter(|voucher| voucher.spendable(start) > Money(0));
        let changes = match meter.standing {
            Standing::Sound => Some(meter.used_up_at(self.funds(start))),
            Standing::Grace { until, .. } => Some(until),
            Standing::Cut => None,
        };
        let ends = there.map(|voucher| voucher.expires_at).chain(changes);
        ends.fold(now, Time::min)
    }

    /// Pays what it owes as far as it can, and judges its standing: after any change of its money or
    /// of what its instances cost, once it is settled.
    fn reckon(&mut self, now: Time, grace: Span) {
        let Some(mut meter) = self.meter else { return };
        let paid = self.pay_by_use(meter.owed, now);
        meter.owed.0 = meter.owed.0.saturating_sub(paid.0);
        meter.judge(self.funds(now), now, grace);
        self.meter = Some(meter);
    }

    /// Pays as much of `due` as it can from what can be spent at `now`; how much that was.
    fn pay_by_use(&mut self, due: Money, now: Time) -> Money {
        let amount = due.min(self.funds(now));
        match self.hold(amount, now) {
            Some(payment) => {
                self.spend(&payment);
                amount
            }
            None => Money(0),
        }
    }

    /// Begins to meter instances from `first` on, where the account is charged and does not yet.
    pub(crate) fn meter_from(&mut self, first: InstanceId, now: Time) {
        if self.wallet != Wallet::Off && self.meter.is_none() {
            self.meter = Some(Meter::new(first, now));
        }
    }
}

impl<V: View> Draft<'_, V> {
    /// The account with what was run up until `now` settled. Nothing is written.
    pub(crate) fn settled_account(&self, id: AccountId, now: Time) -> Result<Option<Account>, V::Failure> {
        let grace = self.policy().arrears_grace;
        Ok(self.account(id)?.map(|mut account| {
            account.settle(now, grace);
            account
        }))
    }

    /// Puts an account that was settled and whose money or instances changed then: what it owes is
    /// paid as far as it goes, and its timer moves. The account as it is then.
    pub(crate) fn put_settled(&mut self, mut account: Account, now: Time) -> Result<Account, V::Failure> {
        if account.meter.is_some() {
            account.reckon(now, self.policy().arrears_grace);
            let timer = |at: Time| Key::Timer(at, TimerKind::Settlement(account.id));
            let before = self.account(account.id)?.and_then(|account| account.next_settlement());
            let after = account.next_settlement();
            let moves = before != after || before.is_some_and(|at| self.has_removed(&timer(at)));
            if moves && let Some(at) = before {
                self.remove(timer(at));
            }
            if moves && let Some(at) = after {
                self.put(Record::Timer(at, TimerKind::Settlement(account.id)));
            }
        }
        self.put(Record::Account(account.clone()));
        Ok(account)
    }

    /// What an hour of an instance costs its account now; nothing once it was cut off.
    pub(crate) fn hourly_of(&self, instance: &Instance) -> Result<u128, V::Failure> {
        if !instance.is_charged_for() {
            return Ok(0);
        }
        let Some(spec) = self.spec(instance.batch)?.filter(|spec| spec.hourly_by_use() > Rate(0)) else {
            return Ok(0);
        };
        let Some(meter) = self.account(instance.account)?.and_then(|account| account.meter) else {
            return Ok(0);
        };
        Ok(if self.is_lapsed(instance)? { 0 } else { meter.hourly_of(instance, &spec) })
    }

    /// Settles an account and has its instances cost `after` in place of `before` from now on.
    pub(crate) fn change_hourly(
        &mut self,
        id: AccountId,
        (before, after): (u128, u128),
        now: Time,
    ) -> Result<(), V::Failure> {
        if before == after {
            return Ok(());
        }
        let Some(mut account) = self.settled_account(id, now)? else { return Ok(()) };
        if let Some(meter) = &mut account.meter {
            meter.hourly = meter.hourly.saturating_sub(before).saturating_add(after);
        }
        self.put_settled(account, now).map(drop)
    }

    /// Notes what an instance that was `before`, and is not noted yet, costs as it is `after`.
    pub(crate) fn remeter(
        &mut self,
        before: &Instance,
        after: &Instance,
        now: Time,
    ) -> Result<(), V::Failure> {
        if before.is_charged_for() == after.is_charged_for() {
            return Ok(());
        }
        let hourly = (self.hourly_of(before)?, self.hourly_of(after)?);
        self.change_hourly(after.account, hourly, now)
    }
}
