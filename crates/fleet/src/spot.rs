//! Spare capacity: bids that the price has passed, and what is wanted back
//! (`contract/lifecycle.md` section 6).
//!
//! ```text
//! running ──(price above the bid, or Reclaim)──> announced: locked, with an event
//!                          └──(notice, five minutes)──> released, or stopped without its place
//! ```
//!
//! Nothing is taken in the first hours that were asked for. A price that changed is judged by a timer
//! that walks over all instances, a bounded stretch in each run, so that it holds nobody up.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    Capacity, CatalogueItem, Cycle, Event, EventKind, Incident, IncidentKind, Instance, InstanceId,
    InstanceType, Interruption, Key, Label, LockReason, Rate, Record, Serial, Shutdown, Span, Spec, Spot,
    Staging, State, Time, TimerKind,
};

/// How many instances one run of the timer looks at.
const STRETCH: usize = 100;

/// Sets what an hour of spare capacity of a type costs; `None` sells none. For whoever runs the fleet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetSpotPrice {
    /// The type.
    pub instance_type: Label,
    /// The price.
    pub price: Option<Rate>,
}

/// There is no such type.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no type {0}")]
pub struct SpotPriceRefusal(pub Label);

impl Command for SetSpotPrice {
    type Reply = ();
    type Refusal = SpotPriceRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<(), Halt<SpotPriceRefusal, V::Failure>> {
        let found = draft.catalogue().instance_types.get(&self.instance_type);
        let unknown = || Halt::Refused(SpotPriceRefusal(self.instance_type.clone()));
        let mut changed = InstanceType::clone(found.ok_or_else(unknown)?);
        let before = core::mem::replace(&mut changed.abilities.spot_price, self.price);
        if before != self.price {
            draft.put(Record::Catalogue(CatalogueItem::InstanceType(changed)));
            draft.judge_bids(now);
        }
        Ok(())
    }
}

/// Wants the spare capacity back that an instance has: it is announced, and taken after the notice.
/// For whoever runs the fleet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reclaim {
    /// Which.
    pub instance: InstanceId,
}

/// Why nothing is wanted back.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReclaimRefusal {
    /// There is no such instance, or it is going already.
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    /// It has no spare capacity.
    #[error("the instance was not bid for")]
    NotSpare,
    /// It has it for certain until then.
    #[error("the instance is not taken away before {0:?}")]
    Protected(Time),
}

impl Command for Reclaim {
    type Reply = ();
    type Refusal = ReclaimRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<(), Halt<ReclaimRefusal, V::Failure>> {
        let instance = draft.instance(self.instance)?.filter(may_be_taken);
        let instance = instance.ok_or(Halt::Refused(ReclaimRefusal::Unknown(self.instance)))?;
        let spot = draft.spec(instance.batch)?.and_then(|spec| spec.terms.spot);
        let spot = spot.ok_or(Halt::Refused(ReclaimRefusal::NotSpare))?;
        let protected_until = spot.protected_until(&instance);
        if now < protected_until {
            return Err(Halt::Refused(ReclaimRefusal::Protected(protected_until)));
        }
        Ok(draft.announce_reclaim(instance, now)?)
    }
}

impl Spot {
    /// Until when an instance is not taken away, whatever spare capacity costs.
    #[must_use]
    pub fn protected_until(&self, instance: &Instance) -> Time {
        instance.created_at.after(Span::from_hours(u64::from(self.protected_hours)))
    }
}

/// Whether there is something that could be taken.
fn may_be_taken(instance: &Instance) -> bool {
    match &instance.state {
        State::Pending(_)
        | State::Installing(_)
        | State::Starting(..)
        | State::Running
        | State::Stopping(..)
        | State::Stopped(Capacity::Kept)
        | State::Blank => true,
        State::Stopped(Capacity::GivenBack)
        | State::Binned { .. }
        | State::Failed(_)
        | State::Releasing(..) => false,
    }
}

impl<V: View> Draft<'_, V> {
    /// Has all bids judged from now on, because a price changed.
    pub(crate) fn judge_bids(&mut self, now: Time) {
        self.put(Record::Timer(now, TimerKind::BidSweep(InstanceId(Serial::LOWEST))));
    }

    /// A timer: judges the bids of the next instances from `from` on, and leaves the others to the next.
    pub(crate) fn sweep_bids(&mut self, from: InstanceId, now: Time) -> Result<(), V::Failure> {
        let last = Key::Instance(InstanceId(Serial::HIGHEST));
        let keys = self.keys(&Key::Instance(from), &last, STRETCH)?;
        let full = keys.len() == STRETCH;
        let mut next = None;
        for key in keys {
            let Key::Instance(id) = key else { continue };
            next = id.0.plus(1).filter(|_| full).map(InstanceId);
            self.review_bid(id, now)?;
        }
        if let Some(next) = next {
            self.put(Record::Timer(now, TimerKind::BidSweep(next)));
        }
        Ok(())
    }

    /// Judges the bid of one instance; a timer as well, at the end of its first hours.
    pub(crate) fn review_bid(&mut self, id: InstanceId, now: Time) -> Result<(), V::Failure> {
        let Some(instance) = self.instance(id)?.filter(may_be_taken) else { return Ok(()) };
        let Some(spec) = self.spec(instance.batch)? else { return Ok(()) };
        let Some(spot) = spec.terms.spot.filter(|spot| self.is_outbid(&spec, *spot)) else { return Ok(()) };
        let protected_until = spot.protected_until(&instance);
        if now < protected_until {
            self.put(Record::Timer(protected_until, TimerKind::BidReview(id)));
            return Ok(());
        }
        self.announce_reclaim(instance, now)
    }

    /// Whether spare capacity costs more than the bid.
    pub(crate) fn is_outbid(&self, spec: &Spec, spot: Spot) -> bool {
        let found = self.catalogue().instance_types.get(&spec.instance_type);
        let price = found.and_then(|found| found.abilities.spot_price);
        spot.at_most.is_some_and(|bid| price.is_some_and(|price| bid < price))
    }

    /// Locks an instance and publishes that it will be taken, unless that is known.
    fn announce_reclaim(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        let mut amendment = self.amendment_of(&instance)?;
        for id in &amendment.events {
            if self.event(*id)?.is_some_and(|event| is_reclaim(&event)) {
                return Ok(());
            }
        }
        let due_at = now.after(self.policy().reclaim_notice);
        let incident = Incident { kind: IncidentKind::Reclaim, staging: Staging::Own, due_at };
        amendment.events.push(self.publish(&instance, incident, Cycle::Scheduled, now)?);
        amendment.lock = amendment.lock.or(Some(LockReason::Recycling));
        self.put_amended(instance, amendment);
        Ok(())
    }

    /// The notice is over: the instance is released, or stopped without its place.
    pub(crate) fn reclaim(&mut self, event: &Event, now: Time) -> Result<(), V::Failure> {
        let instance = self.instance(event.instance)?.filter(may_be_taken);
        let Some(instance) = instance else { return self.close_incident(event, Cycle::Executed, now) };
        let spot = self.spec(instance.batch)?.and_then(|spec| spec.terms.spot);
        if spot.is_none_or(|spot| spot.interruption == Interruption::Release) {
            self.close_incident(event, Cycle::Executed, now)?;
            return self.release_by_system(event.instance, now);
        }
        let without = Shutdown { capacity: Capacity::GivenBack, ..Shutdown::default() };
        let state = match instance.state {
            // What boots cannot be stopped yet.
            State::Pending(_) | State::Installing(_) | State::Starting(..) => {
                self.postpone(event, now.after(self.policy().reclaim_notice));
                return Ok(());
            }
            State::Running => State::Stopping(without, instance.next_work(now)),
            State::Stopping(shutdown, ref work) => {
                State::Stopping(Shutdown { capacity: Capacity::GivenBack, ..shutdown }, work.clone())
            }
            State::Stopped(_) => {
                self.give_unit_back(&instance)?;
                State::Stopped(Capacity::GivenBack)
            }
            State::Blank | State::Binned { .. } | State::Failed(_) | State::Releasing(..) => {
                return self.close_incident(event, Cycle::Executed, now);
            }
        };
        let mut amendment = self.amendment_of(&instance)?;
        // It may start again as soon as its bid is enough, and there is a place.
        amendment.lock = amendment.lock.filter(|lock| *lock != LockReason::Recycling);
        let running = instance.state == State::Running;
        let stopped = Instance { state, ..instance.clone() };
        self.remeter(&instance, &stopped, now)?;
        let instance = self.put_amended(stopped, amendment);
        if running {
            self.put_waiting(instance);
        }
        self.close_incident(event, Cycle::Executed, now)
    }

    /// Moves the end of an incident that is under way.
    fn postpone(&mut self, event: &Event, due_at: Time) {
        let EventKind::Incident(incident) = event.kind else { return };
        self.remove(Key::Timer(incident.due_at, TimerKind::EventDue(event.id)));
        self.put(Record::Timer(due_at, TimerKind::EventDue(event.id)));
        let kind = EventKind::Incident(Incident { due_at, ..incident });
        self.put(Record::Event(Event { cycle: Cycle::Executing, kind, ..event.clone() }));
    }

    /// Whether an instance is being stopped by the system, which does not take no for an answer.
    pub(crate) fn must_stop(&self, instance: &Instance) -> Result<bool, V::Failure> {
        let State::Stopping(shutdown, _) = &instance.state else { return Ok(false) };
        // No owner may give the place of spare capacity back and keep the instance.
        if shutdown.capacity == Capacity::GivenBack
            && self.spec(instance.batch)?.is_some_and(|spec| spec.terms.spot.is_some())
        {
            return Ok(true);
        }
        self.is_lapsed(instance)
    }
}

fn is_reclaim(event: &Event) -> bool {
    match event.kind {
        EventKind::Incident(incident) => {
            incident.staging == Staging::Own && incident.kind == IncidentKind::Reclaim
        }
        EventKind::CreationFailure(_) => false,
    }
}
