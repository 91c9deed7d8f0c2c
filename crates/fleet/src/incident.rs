//! Incidents: what is announced to happen to an instance, and how that comes to its end.
//!
//! ```text
//! maintenance, money    Scheduled ──(due)──> Executing ──> Executed     one commit
//! failures              Executing ──(due)──> Executed
//! ```
//!
//! `contract/lifecycle.md` section 5. A failure is under way from the start; the contract does not say
//! when it is over, so that is the time it was announced for. Most incidents are simulated: nothing
//! happens but the event.

use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, Cycle, Event, EventId, EventKind, Instance, InstanceId, Key, Record, State, Time, TimerKind,
};

/// What happens.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum IncidentKind {
    /// The system is mended, and the instance rebooted (SystemMaintenance.Reboot).
    MaintenanceReboot,
    /// The system is mended, and the instance moved (SystemMaintenance.Redeploy).
    MaintenanceRedeploy,
    /// The system is mended, and the instance stopped (SystemMaintenance.Stop).
    MaintenanceStop,
    /// The system failed, and the instance is rebooted (SystemFailure.Reboot).
    FailureReboot,
    /// The system failed, and the instance is moved (SystemFailure.Redeploy).
    FailureRedeploy,
    /// The system failed, and the instance is stopped (SystemFailure.Stop).
    FailureStop,
    /// The system failed, and the instance is released (SystemFailure.Delete).
    FailureRelease,
    /// The instance failed, and is rebooted (InstanceFailure.Reboot).
    InstanceReboot,
    /// The money ran out, and the instance is stopped (InstanceExpiration.Stop).
    ExpiryStop,
    /// The money ran out, and the instance is released (InstanceExpiration.Delete).
    ExpiryRelease,
    /// The account owes money, and the instance is stopped (AccountUnbalanced.Stop).
    UnpaidStop,
    /// The account owes money, and the instance is released (AccountUnbalanced.Delete).
    UnpaidRelease,
    /// The spare capacity of the instance is wanted back, and it is released or stopped.
    Reclaim,
}

impl IncidentKind {
    /// Every kind there is.
    pub const ALL: [Self; 13] = [
        Self::MaintenanceReboot,
        Self::MaintenanceRedeploy,
        Self::MaintenanceStop,
        Self::FailureReboot,
        Self::FailureRedeploy,
        Self::FailureStop,
        Self::FailureRelease,
        Self::InstanceReboot,
        Self::ExpiryStop,
        Self::ExpiryRelease,
        Self::UnpaidStop,
        Self::UnpaidRelease,
        Self::Reclaim,
    ];

    /// The cycle its events begin in: a failure is under way when it becomes known.
    #[must_use]
    pub const fn first_cycle(self) -> Cycle {
        match self {
            Self::MaintenanceReboot
            | Self::MaintenanceRedeploy
            | Self::MaintenanceStop
            | Self::ExpiryStop
            | Self::ExpiryRelease
            | Self::UnpaidStop
            | Self::UnpaidRelease
            | Self::Reclaim => Cycle::Scheduled,
            Self::FailureReboot
            | Self::FailureRedeploy
            | Self::FailureStop
            | Self::FailureRelease
            | Self::InstanceReboot => Cycle::Executing,
        }
    }
}

/// One incident.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Incident {
    /// What happens.
    pub kind: IncidentKind,
    /// Whether it does.
    pub staging: Staging,
    /// When it is over.
    pub due_at: Time,
}

/// Whether an incident happens.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Staging {
    /// It does: whoever runs the fleet says so, and sees to it.
    Real,
    /// It does not.
    #[default]
    Simulated,
    /// The owner has made it up and wants it to happen all the same: an instance is released.
    InEarnest,
    /// It does, and the fleet itself brings it about: the end of a subscription, or of spare
    /// capacity. Nobody announces it.
    Own,
}

/// Announces one incident for each of some instances; the ids of the events, in that order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Announce {
    /// Whose instances they are.
    pub account: AccountId,
    /// Which.
    pub instances: Vec<InstanceId>,
    /// What happens to each.
    pub kind: IncidentKind,
    /// When it is over, or begins: see the top of this file.
    pub not_before: Time,
    /// Whether it does happen.
    pub staging: Staging,
}

impl Announce {
    /// How many incidents of one instance may be open. The contract names the limit, not its number.
    pub const OPEN_MAX: usize = 30;
}

/// Why nothing is announced, or called off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IncidentRefusal {
    /// The account has no such instance.
    #[error("there is no instance {0}")]
    UnknownInstance(InstanceId),
    /// It is what the fleet itself brings about.
    #[error("the fleet itself announces that")]
    NotToAnnounce,
    /// It would have happened before it was announced.
    #[error("{0:?} has passed")]
    Passed(Time),
    /// Too much is announced for an instance.
    #[error("instance {0} has {max} open incidents", max = Announce::OPEN_MAX)]
    TooMany(InstanceId),
    /// The account has no such event.
    #[error("there is no event {0}")]
    UnknownEvent(EventId),
    /// It is not a simulated one.
    #[error("event {0} is real")]
    Real(EventId),
    /// It has come to its end.
    #[error("event {0} is over")]
    Over(EventId),
}

impl Command for Announce {
    type Reply = Vec<EventId>;
    type Refusal = IncidentRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Vec<EventId>, Halt<IncidentRefusal, V::Failure>> {
        if self.not_before < now {
            return Err(Halt::Refused(IncidentRefusal::Passed(self.not_before)));
        }
        if self.staging == Staging::Own {
            return Err(Halt::Refused(IncidentRefusal::NotToAnnounce));
        }
        let mut events = Vec::new();
        for id in &self.instances {
            let instance = draft.visible_instance(self.account, *id)?;
            let instance = instance.ok_or(Halt::Refused(IncidentRefusal::UnknownInstance(*id)))?;
            let mut amendment = draft.amendment_of(&instance)?;
            if amendment.events.len() >= Announce::OPEN_MAX {
                return Err(Halt::Refused(IncidentRefusal::TooMany(*id)));
            }
            let incident = Incident { kind: self.kind, staging: self.staging, due_at: self.not_before };
            let event = draft.publish(&instance, incident, self.kind.first_cycle(), now)?;
            amendment.events.push(event);
            draft.put_amended(instance, amendment);
            events.push(event);
        }
        Ok(events)
    }
}

/// Withdraws simulated incidents, all or none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallOff {
    /// Whose they are.
    pub account: AccountId,
    /// Which.
    pub events: Vec<EventId>,
}

impl Command for CallOff {
    type Reply = ();
    type Refusal = IncidentRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<(), Halt<IncidentRefusal, V::Failure>> {
        // Naming one twice is naming it once.
        let named: alloc::collections::BTreeSet<EventId> = self.events.iter().copied().collect();
        for id in named {
            let event = draft.event(id)?.filter(|event| event.account == self.account);
            let event = event.ok_or(Halt::Refused(IncidentRefusal::UnknownEvent(id)))?;
            let simulated = match event.kind {
                EventKind::CreationFailure(_) => false,
                EventKind::Incident(incident) => {
                    matches!(incident.staging, Staging::Simulated | Staging::InEarnest)
                }
            };
            if !simulated {
                return Err(Halt::Refused(IncidentRefusal::Real(id)));
            }
            if event.cycle.is_final() {
                return Err(Halt::Refused(IncidentRefusal::Over(id)));
            }
            draft.close_incident(&event, Cycle::Canceled, now)?;
        }
        Ok(())
    }
}

impl<V: View> Draft<'_, V> {
    /// Publishes the event of an incident, and sets its timer. Noting it with the instance is left
    /// to the caller.
    pub(crate) fn publish(
        &mut self,
        instance: &Instance,
        incident: Incident,
        cycle: Cycle,
        now: Time,
    ) -> Result<EventId, V::Failure> {
        let region = self.spec(instance.batch)?.map(|spec| spec.region.clone());
        let (serial, sequence) = self.sequence()?.draw_event();
        let id = EventId(serial);
        let due_at = incident.due_at;
        // What is under way already was not to come later.
        let not_before = if cycle == Cycle::Executing { now } else { due_at };
        self.put(Record::Sequence(sequence));
        self.put(Record::Timer(due_at, TimerKind::EventDue(id)));
        self.put(Record::Event(Event {
            id,
            account: instance.account,
            instance: instance.id,
            kind: EventKind::Incident(incident),
            cycle,
            published_at: now,
            not_before,
            finished_at: None,
            region,
        }));
        Ok(id)
    }

    /// Brings an open incident to its end, on the way through what comes before that.
    pub(crate) fn close_incident(
        &mut self,
        event: &Event,
        cycle: Cycle,
        now: Time,
    ) -> Result<(), V::Failure> {
        self.end_incident(event, cycle, now);
        if let Some(instance) = self.instance(event.instance)? {
            let mut amendment = self.amendment_of(&instance)?;
            amendment.events.retain(|open| *open != event.id);
            self.put_amended(instance, amendment);
        }
        Ok(())
    }

    /// Brings an open incident to its end; that its instance notes it no longer is left to the caller.
    pub(crate) fn end_incident(&mut self, event: &Event, cycle: Cycle, now: Time) {
        let EventKind::Incident(incident) = event.kind else { return };
        let under_way = Event { cycle: Cycle::Executing, ..event.clone() };
        let skips = !event.cycle.leads_to(cycle) && event.cycle.leads_to(Cycle::Executing);
        let event = if skips { &under_way } else { event };
        self.remove(Key::Timer(incident.due_at, TimerKind::EventDue(event.id)));
        self.end_event(event, cycle, now);
    }

    /// Ends the open incidents of an instance that `which` picks: its owner made them unnecessary.
    /// The instance as it is then.
    pub(crate) fn avoid_incidents(
        &mut self,
        instance: Instance,
        which: impl Fn(&Event) -> bool,
        now: Time,
    ) -> Result<Instance, V::Failure> {
        let mut left = self.amendment_of(&instance)?;
        if left.events.is_empty() {
            return Ok(instance);
        }
        for id in core::mem::take(&mut left.events) {
            match self.event(id)? {
                Some(event) if which(&event) => {
                    if let EventKind::Incident(incident) = event.kind {
                        self.remove(Key::Timer(incident.due_at, TimerKind::EventDue(id)));
                    }
                    self.end_event(&event, Cycle::Avoided, now);
                }
                Some(_) | None => left.events.push(id),
            }
        }
        Ok(self.put_amended(instance, left))
    }

    /// A timer: an incident is over. One made up in earnest takes the instance with it.
    pub(crate) fn pass_incident(&mut self, id: EventId, now: Time) -> Result<(), V::Failure> {
        let Some(event) = self.event(id)?.filter(|event| !event.cycle.is_final()) else { return Ok(()) };
        let EventKind::Incident(incident) = event.kind else { return Ok(()) };
        match (incident.staging, incident.kind) {
            (Staging::InEarnest, IncidentKind::FailureRelease)
            | (Staging::Own, IncidentKind::ExpiryRelease) => {
                self.close_incident(&event, Cycle::Executed, now)?;
                self.release_by_system(event.instance, now)
            }
            (Staging::Own, IncidentKind::UnpaidRelease) => self.release_unpaid(&event, now),
            (Staging::Own, IncidentKind::Reclaim) => self.reclaim(&event, now),
            // It never came to be off.
            (Staging::Own, IncidentKind::ExpiryStop | IncidentKind::UnpaidStop) => {
                self.close_incident(&event, Cycle::Failed, now)
            }
            (Staging::Real | Staging::Simulated | Staging::InEarnest | Staging::Own, _) => {
                self.close_incident(&event, Cycle::Executed, now)
            }
        }
    }

    /// The system releases an instance, whatever it is doing and whatever protects it.
    pub(crate) fn release_by_system(&mut self, id: InstanceId, now: Time) -> Result<(), V::Failure> {
        let Some(instance) = self.instance(id)? else { return Ok(()) };
        match instance.state {
            State::Releasing(..) => return Ok(()),
            State::Failed(failure) => {
                self.finish_event(failure, Cycle::Executed, now)?;
                if let Some(at) = failure.release_at {
                    self.remove(Key::Timer(at, TimerKind::FailureRelease(id)));
                }
            }
            State::Binned { until, .. } => self.remove(Key::Timer(until, TimerKind::BinEnd(id))),
            State::Pending(_)
            | State::Installing(_)
            | State::Starting(..)
            | State::Running
            | State::Stopping(..)
            | State::Stopped(_)
            | State::Blank => {}
        }
        self.begin_release(instance, now).map(drop)
    }
}
