//! What the model says of what is paid by use. It lives through time unit of money by unit of money,
//! in the moment when each is due: nothing is settled later, and nothing is carried over.

use fleet::{Cycle, IncidentKind, Meter, Standing, Status, Time};

use super::Model;
use crate::small_world::Price;

/// What an account's instances run up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    /// The first instance that counts.
    first: usize,
    /// What has been run up of the next unit.
    begun: u64,
    owed: u64,
    standing: Standing,
    /// When all instances are to be seen to, if they are.
    sweep: Option<Time>,
    /// When the account's timer is due: it is moved when something about the account changes, and
    /// not by time that passes.
    timer: Option<Time>,
}

impl Model {
    /// An instance is launched that can be charged for by use.
    pub(super) fn meter_from(&mut self, first: usize) {
        if self.money.is_some() && self.tap.is_none() {
            let standing = Standing::Sound;
            self.tap = Some(Tap { first, begun: 0, owed: 0, standing, sweep: None, timer: None });
        }
    }

    /// Lives on until `until`.
    pub(super) fn flow(&mut self, until: Time) {
        while self.now < until {
            let next = self.next_moment().map_or(until, |at| at.min(until));
            if let Some(hourly) = self.running_up() {
                let span = next.since(self.now).millis();
                let tap = self.tap.as_mut().expect("it runs");
                tap.begun += hourly * span;
                while self.tap.is_some_and(|tap| tap.begun >= Meter::UNIT) {
                    self.tap.as_mut().expect("it runs").begun -= Meter::UNIT;
                    self.pay_unit();
                }
            }
            self.now = next;
            self.judge();
        }
        self.now = self.now.max(until);
    }

    /// A unit is due: it is paid, or owed.
    fn pay_unit(&mut self) {
        if self.funds() == 0 {
            self.tap.as_mut().expect("it runs").owed += 1;
        } else {
            let vouched = self.vouch(1);
            self.charge(1, &vouched);
        }
    }

    /// What an hour costs now, if anything is run up.
    fn running_up(&self) -> Option<u64> {
        let runs = match self.tap?.standing {
            Standing::Sound => true,
            Standing::Grace { until, .. } => self.now < until,
            Standing::Cut => false,
        };
        Some(self.hourly()).filter(|hourly| runs && *hourly > 0)
    }

    /// When the next unit is due, or money expires, or grace is over.
    fn next_moment(&self) -> Option<Time> {
        let tap = self.tap?;
        let hourly = self.running_up()?;
        let unit = self.now.after(fleet::Span::from_millis((Meter::UNIT - tap.begun).div_ceil(hourly)));
        let expiries = self.vouchers.values().map(|voucher| voucher.expires).filter(|at| *at > self.now);
        let grace = match tap.standing {
            Standing::Grace { until, .. } => Some(until),
            Standing::Sound | Standing::Cut => None,
        };
        expiries.chain(grace).chain([unit]).min()
    }

    /// Pays what is owed as far as it goes, and sees how the account stands then.
    pub(super) fn judge(&mut self) {
        while self.tap.is_some_and(|tap| tap.owed > 0) && self.funds() > 0 {
            self.tap.as_mut().expect("it owes").owed -= 1;
            let vouched = self.vouch(1);
            self.charge(1, &vouched);
        }
        let (funds, hourly, now) = (self.funds(), self.hourly(), self.now);
        let Some(tap) = &mut self.tap else { return };
        match tap.standing {
            Standing::Sound if funds == 0 && hourly > 0 => {
                tap.standing = Standing::Grace { since: now, until: now.after(self.policy.arrears_grace) };
            }
            Standing::Grace { .. } if funds > 0 => tap.standing = Standing::Sound,
            Standing::Cut if funds > 0 => {
                tap.standing = Standing::Sound;
                tap.sweep = Some(now);
            }
            Standing::Sound | Standing::Grace { .. } | Standing::Cut => {}
        }
    }

    /// Something about the account's money or its instances changed.
    pub(super) fn account_changed(&mut self) {
        self.judge();
        let timer = self.settlement();
        if let Some(tap) = &mut self.tap {
            tap.timer = timer;
        }
    }

    /// When something has to be decided, if nothing changes until then.
    fn settlement(&self) -> Option<Time> {
        let tap = self.tap?;
        match tap.standing {
            _ if tap.sweep.is_some() => tap.sweep,
            _ if self.hourly() == 0 => None,
            Standing::Sound => {
                let mut ahead = self.clone();
                while let (Some(at), Some(Standing::Sound)) =
                    (ahead.next_moment(), ahead.tap.map(|tap| tap.standing))
                {
                    ahead.flow(at);
                }
                Some(ahead.now)
            }
            Standing::Grace { until, .. } => Some(until),
            Standing::Cut => None,
        }
    }

    /// The account's timer.
    pub(super) fn settle_by_timer(&mut self) {
        let now = self.now;
        let Some(tap) = &mut self.tap else { return };
        if matches!(tap.standing, Standing::Grace { until, .. } if until <= now) {
            tap.standing = Standing::Cut;
            tap.sweep = Some(now);
        }
        if tap.sweep.take().is_some() {
            for index in 0..self.guests.len() {
                if self.is_cut() && self.is_metered(index) {
                    self.cut_off(index);
                } else if !self.is_cut() && self.guests[index].cut {
                    self.take_back(index);
                }
            }
        }
        self.account_changed();
    }

    /// Whether the account is charged.
    #[must_use]
    pub const fn is_charged(&self) -> bool {
        self.money.is_some()
    }

    /// Whether its money has run out.
    #[must_use]
    pub fn is_in_arrears(&self) -> bool {
        self.tap.is_some_and(|tap| tap.standing != Standing::Sound)
    }

    /// When money will have run out, or something comes of that it has.
    #[must_use]
    pub fn money_deadlines(&self) -> Vec<Time> {
        let events = self.events.values().filter(|told| told.finished.is_none());
        let due = events.filter(|told| told.what == IncidentKind::UnpaidRelease).map(|told| told.due);
        due.chain(self.timer_of_account()).collect()
    }

    pub(super) fn timer_of_account(&self) -> Option<Time> {
        self.tap?.timer
    }

    pub(super) fn is_cut(&self) -> bool {
        self.tap.is_some_and(|tap| tap.standing == Standing::Cut)
    }

    /// What an hour of all instances costs, what of the next unit is begun, what is owed, and how the
    /// account stands.
    pub(super) fn tap_summary(&self) -> Option<(u128, u64, u64, Standing)> {
        self.tap.map(|tap| (self.hourly().into(), tap.begun, tap.owed, tap.standing))
    }

    pub(super) fn hourly(&self) -> u64 {
        (0..self.guests.len())
            .filter(|index| self.is_metered(*index))
            .map(|index| Price::HOURLY[self.guests[index].order.instance_type])
            .sum()
    }

    /// Whether an instance costs something by use, once it runs.
    pub(super) fn is_by_use(&self, index: usize) -> bool {
        let order = &self.guests[index].order;
        let priced = order.months == 0 && Price::HOURLY[order.instance_type] > 0;
        priced && self.tap.is_some_and(|tap| tap.first <= index)
    }

    pub(super) fn is_metered(&self, index: usize) -> bool {
        let guest = &self.guests[index];
        let has_place = match guest.status {
            Some(
                Status::Installing
                | Status::Starting
                | Status::Running
                | Status::Stopping
                | Status::Stopped
                | Status::Blank,
            ) => true,
            Some(Status::Pending | Status::Binned | Status::Failed | Status::Releasing) | None => false,
        };
        has_place && guest.ran && !guest.cut && self.is_by_use(index)
    }

    /// An instance is locked and shut down, and will be released.
    pub(super) fn cut_off(&mut self, index: usize) {
        (self.guests[index].cut, self.guests[index].locked) = (true, true);
        let due = self.now.after(self.policy.arrears_retention);
        self.publish(index, IncidentKind::UnpaidStop, Cycle::Executing, due);
        self.publish(index, IncidentKind::UnpaidRelease, Cycle::Scheduled, due);
        self.come_to_rest(index);
    }

    /// An instance has come to run for the first time.
    pub(super) fn run_first(&mut self, index: usize) {
        match self.is_metered(index) {
            true if self.is_cut() => self.cut_off(index),
            true => self.account_changed(),
            false => {}
        }
    }

    /// The account has paid.
    pub(super) fn take_back(&mut self, index: usize) {
        (self.guests[index].cut, self.guests[index].locked) = (false, false);
        self.finish(index, IncidentKind::UnpaidStop, Cycle::Avoided);
        self.finish(index, IncidentKind::UnpaidRelease, Cycle::Avoided);
        if self.is_metered(index) {
            self.account_changed();
        }
    }
}
