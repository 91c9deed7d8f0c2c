//! Timers: durable "at this time, decide again", run by whoever owns the clock.

use core::convert::Infallible;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, BatchId, Cycle, EventId, FailureReason, InstanceId, Key, ReceiptId, Record, State, Time,
    TokenOutcome,
};

/// What a timer is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum TimerKind {
    /// The instances of a launch that are still pending have failed.
    CreationDeadline(BatchId),
    /// The system releases a failed instance.
    FailureRelease(InstanceId),
    /// The token of a launch may be used anew.
    TokenExpiry(BatchId),
    /// The outcome of a launch may be forgotten, once its instances are gone.
    BatchRetention(BatchId),
    /// An event is forgotten.
    EventRetention(EventId),
    /// The addresses that an instance had can be given out again.
    CoolDown(InstanceId),
    /// The system releases an instance, as its owner wished.
    AutoRelease(InstanceId),
    /// An incident is over.
    EventDue(EventId),
    /// A token may be used anew, and what came of it is forgotten.
    ReceiptExpiry(ReceiptId),
    /// The system releases an instance that is in the bin.
    BinEnd(InstanceId),
    /// What was paid for an instance in advance has run out.
    Expiry(InstanceId),
    /// A bid is judged: its first hours are over.
    BidReview(InstanceId),
    /// A price changed, and all bids are judged from this instance on.
    BidSweep(InstanceId),
    /// What an account's instances run up is settled: its money has run out, or the time after that is
    /// over, or some of its instances are still to be seen to.
    Settlement(AccountId),
}

/// Runs the timers that are due, in order, at most `limit` of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tick {
    /// How many timers one commit runs at most.
    pub limit: usize,
}

/// What a tick did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ticked {
    /// How many timers ran.
    pub ran: usize,
    /// When the next one is due; at or before the time of the tick when there is more to run. Any
    /// later commit may set an earlier one.
    pub next: Option<Time>,
}

impl Command for Tick {
    type Reply = Ticked;
    type Refusal = Infallible;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Ticked, Halt<Infallible, V::Failure>> {
        // No more than is due: most of the time that is nothing.
        let (first, last) = Key::timers(now);
        let mut ran = 0_usize;
        for key in draft.keys(&first, &last, self.limit)? {
            // What ran before may have made it unnecessary.
            if let (Key::Timer(_, kind), false) = (&key, draft.has_removed(&key)) {
                let kind = *kind;
                draft.remove(key);
                draft.run_timer(kind, now)?;
                ran = ran.saturating_add(1);
            }
        }
        let next = draft.next_timer()?;
        Ok(Ticked { ran, next: next.into_iter().chain(draft.first_timer_put()).min() })
    }
}

impl<V: View> Draft<'_, V> {
    /// When the first of the timers is due that were there before, and still are.
    fn next_timer(&self) -> Result<Option<Time>, V::Failure> {
        let (first, last) = Key::timers(Time::END);
        let removed = self.removed_between(&first, &last);
        let keys = self.keys(&first, &last, removed.saturating_add(1))?;
        let left = keys.into_iter().find(|key| !self.has_removed(key));
        let Some(Key::Timer(at, _)) = left else { return Ok(None) };
        Ok(Some(at))
    }
}

impl<V: View> Draft<'_, V> {
    fn run_timer(&mut self, kind: TimerKind, now: Time) -> Result<(), V::Failure> {
        match kind {
            TimerKind::CreationDeadline(id) => self.pass_creation_deadline(id, now),
            TimerKind::FailureRelease(id) => self.release_failed(id, now),
            TimerKind::TokenExpiry(id) => self.expire_token(id),
            TimerKind::BatchRetention(id) => self.let_batch_go(id),
            TimerKind::CoolDown(id) => self.end_cool_down(id),
            TimerKind::AutoRelease(id) => self.auto_release(id, now),
            TimerKind::EventDue(id) => self.pass_incident(id, now),
            TimerKind::EventRetention(id) => {
                self.remove(Key::Event(id));
                Ok(())
            }
            TimerKind::ReceiptExpiry(id) => self.expire_receipt(id),
            TimerKind::BinEnd(id) => self.end_bin(id, now),
            TimerKind::Expiry(id) => self.expire(id, now),
            TimerKind::BidReview(id) => self.review_bid(id, now),
            TimerKind::BidSweep(id) => self.sweep_bids(id, now),
            TimerKind::Settlement(id) => self.settle_by_timer(id, now),
        }
    }

    fn pass_creation_deadline(&mut self, id: BatchId, now: Time) -> Result<(), V::Failure> {
        let Some(batch) = self.batch(id)? else { return Ok(()) };
        for instance in batch.instances() {
            let Some(instance) = self.instance(instance)? else { continue };
            if let State::Pending(_) = instance.state {
                self.remove_work(&instance);
                self.fail_creation(instance, FailureReason::Deadline, now)?;
            }
        }
        let Some(key) = &batch.token else {
            self.set_batch_retention(id, batch.launched_at);
            return Ok(());
        };
        // The token says how long it counts: the policy may be another one by now. A token that was
        // used anew meanwhile says nothing about this launch, and has run out for it.
        let token = self.token(key)?.filter(|token| token.outcome == TokenOutcome::Batch(id));
        let run_out = batch.launched_at.after(self.policy().token_retention);
        let expires_at = token.map_or(run_out, |token| token.expires_at);
        self.put(Record::Timer(expires_at, TimerKind::TokenExpiry(id)));
        Ok(())
    }

    fn release_failed(&mut self, id: InstanceId, now: Time) -> Result<(), V::Failure> {
        let Some(instance) = self.instance(id)? else { return Ok(()) };
        let State::Failed(failure) = instance.state else { return Ok(()) };
        self.finish_event(failure, Cycle::Executed, now)?;
        self.begin_release(instance, now).map(drop)
    }

    fn expire_token(&mut self, id: BatchId) -> Result<(), V::Failure> {
        let Some(mut batch) = self.batch(id)? else { return Ok(()) };
        // A token that was used anew since then belongs to another launch.
        if let Some(key) = batch.token.take()
            && self.token(&key)?.is_some_and(|token| token.outcome == TokenOutcome::Batch(id))
        {
            self.remove(Key::Token(key));
        }
        self.set_batch_retention(id, batch.launched_at);
        self.put(Record::Batch(batch));
        Ok(())
    }

    fn set_batch_retention(&mut self, id: BatchId, launched_at: Time) {
        let forget_at = launched_at.after(self.policy().batch_retention);
        self.put(Record::Timer(forget_at, TimerKind::BatchRetention(id)));
    }

    fn let_batch_go(&mut self, id: BatchId) -> Result<(), V::Failure> {
        if let Some(batch) = self.batch(id)? {
            self.put_or_forget(crate::Batch { may_go: true, ..batch })?;
        }
        Ok(())
    }
}
