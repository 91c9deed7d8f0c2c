//! What the model says of what is paid in advance, and of events.

use fleet::{Cycle, IncidentKind, Span, Status, Task, Time};

use super::{Model, Told};
use crate::action::{Refusal, Reply};
use crate::small_world::Price;

/// What the fleet itself brings about when something is not paid for.
const SHUT_OFF: [IncidentKind; 4] = [
    IncidentKind::ExpiryStop,
    IncidentKind::ExpiryRelease,
    IncidentKind::UnpaidStop,
    IncidentKind::UnpaidRelease,
];

impl Model {
    pub(super) fn renew(&mut self, index: usize, months: u8) -> Result<Reply, Refusal> {
        let guest = self.guests.get(index).filter(|guest| guest.seen).ok_or(Refusal::Unknown)?;
        let status = guest.status.ok_or(Refusal::Unknown)?;
        let launched = self.batches[guest.batch].launched;
        let paid_until = guest.paid_through(launched).ok_or(Refusal::PaidByUse)?;
        if matches!(status, Status::Failed | Status::Binned | Status::Releasing) {
            return Err(Refusal::WrongStatus(status));
        }
        if self.is_in_arrears() {
            return Err(Refusal::Barred(fleet::Bar::Arrears));
        }
        let price = Price::MONTHLY[guest.order.instance_type] * u64::from(months);
        let funds = self.funds();
        if self.money.is_some() && funds < price {
            return Err(Refusal::Unaffordable(price, funds));
        }
        let vouched = self.vouch(price);
        self.charge(price, &vouched);
        self.account_changed();
        self.avoid_lapse(index);
        let until = paid_until.max(self.now).after(Span::from_days(30 * u64::from(months)));
        self.guests[index].paid_until = Some(until);
        Ok(Reply::Paid(until))
    }

    /// What was paid for an instance is over: it is shut down, and will be released.
    pub(super) fn lapse(&mut self, index: usize) {
        let guest = &mut self.guests[index];
        if guest.lapsed || guest.paid_until.is_none_or(|at| self.now < at) {
            return;
        }
        guest.lapsed = true;
        let due = self.now.after(self.policy.subscription_retention);
        self.publish(index, IncidentKind::ExpiryStop, Cycle::Executing, due);
        self.publish(index, IncidentKind::ExpiryRelease, Cycle::Scheduled, due);
        self.come_to_rest(index);
    }

    /// Its owner made it unnecessary to shut an instance down and to release it.
    pub(super) fn avoid_lapse(&mut self, index: usize) {
        (self.guests[index].lapsed, self.guests[index].cut) = (false, false);
        for what in SHUT_OFF {
            self.finish(index, what, Cycle::Avoided);
        }
    }

    /// What has lapsed does not run on, and once it is off, that it had to be stopped is over.
    pub(super) fn come_to_rest(&mut self, index: usize) {
        let guest = &mut self.guests[index];
        match guest.status.filter(|_| guest.lapsed || guest.cut) {
            Some(Status::Running) => {
                guest.status = Some(Status::Stopping);
                guest.wait_for(Task::Stop, self.now);
            }
            Some(Status::Stopped | Status::Blank | Status::Binned) => {
                self.finish(index, IncidentKind::ExpiryStop, Cycle::Executed);
                self.finish(index, IncidentKind::UnpaidStop, Cycle::Executed);
            }
            Some(
                Status::Pending
                | Status::Installing
                | Status::Starting
                | Status::Stopping
                | Status::Failed
                | Status::Releasing,
            )
            | None => {}
        }
    }

    /// A planned event is due, unless it is over.
    pub(super) fn pass_due(&mut self, number: usize) {
        let Some(Told { guest, what, finished: None, .. }) = self.events.get(&number).copied() else {
            return;
        };
        if matches!(what, IncidentKind::ExpiryStop | IncidentKind::UnpaidStop) {
            return self.finish(guest, what, Cycle::Failed);
        }
        if what == IncidentKind::UnpaidRelease && !self.is_cut() {
            return self.take_back(guest);
        }
        self.finish(guest, what, Cycle::Executed);
        self.take_apart(guest);
    }

    pub(super) fn publish(&mut self, guest: usize, what: IncidentKind, cycle: Cycle, due: Time) {
        self.published += 1;
        let told = Told { guest, what, cycle, published: self.now, finished: None, due };
        self.events.insert(self.published, told);
    }

    /// Ends the open event of this kind about an instance, if there is one.
    pub(super) fn finish(&mut self, guest: usize, what: IncidentKind, cycle: Cycle) {
        let open = |told: &&mut Told| told.guest == guest && told.what == what && told.finished.is_none();
        if let Some(told) = self.events.values_mut().find(open) {
            (told.cycle, told.finished) = (cycle, Some(self.now));
        }
    }
}
