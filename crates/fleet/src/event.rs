//! System events: what happened to an instance that its owner did not ask for.

use crate::{AccountId, EventId, FailureReason, Incident, IncidentKind, InstanceId, Label, Time};

/// One event. Outlives the instance it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Whose instance it is about.
    pub account: AccountId,
    /// Which instance it is about.
    pub instance: InstanceId,
    /// What happened.
    pub kind: EventKind,
    /// How far it is.
    pub cycle: Cycle,
    /// When it became known.
    pub published_at: Time,
    /// When the system will act, at the earliest.
    pub not_before: Time,
    /// When it came to its end.
    pub finished_at: Option<Time>,
    /// Where the instance is, or was. `None` for what was published before events told: those are listed
    /// everywhere.
    pub region: Option<Label>,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EventKind {
    /// The instance could not be made, and will be released (SystemFailure.Delete).
    CreationFailure(FailureReason),
    /// Something happens to the instance.
    Incident(Incident),
}

impl EventKind {
    /// What its owner reads of it.
    #[must_use]
    pub const fn what(self) -> IncidentKind {
        match self {
            Self::CreationFailure(_) => IncidentKind::FailureRelease,
            Self::Incident(incident) => incident.kind,
        }
    }
}

/// How far an event is.
///
/// ```text
///     ┌─────────────────────────┐
/// Inquiring ──> Scheduled ──> Executing ──> Executed | Failed
///                   │             │
///                   └─────────────┴───────> Avoided | Canceled
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Cycle {
    /// It waits for the owner's word.
    Inquiring,
    /// It is planned.
    Scheduled,
    /// It is under way.
    Executing,
    /// It is done.
    Executed,
    /// The owner made it unnecessary.
    Avoided,
    /// It was withdrawn.
    Canceled,
    /// It did not work.
    Failed,
}

impl Cycle {
    /// Every cycle there is.
    pub const ALL: [Self; 7] = [
        Self::Inquiring,
        Self::Scheduled,
        Self::Executing,
        Self::Executed,
        Self::Avoided,
        Self::Canceled,
        Self::Failed,
    ];

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Inquiring | Self::Scheduled | Self::Executing => false,
            Self::Executed | Self::Avoided | Self::Canceled | Self::Failed => true,
        }
    }

    /// Whether `next` may follow. Nothing about an event ever goes backwards.
    #[must_use]
    pub const fn leads_to(self, next: Self) -> bool {
        match self {
            Self::Inquiring => matches!(next, Self::Scheduled | Self::Executing),
            Self::Scheduled => matches!(next, Self::Executing | Self::Avoided | Self::Canceled),
            Self::Executing => {
                matches!(next, Self::Executed | Self::Failed | Self::Avoided | Self::Canceled)
            }
            Self::Executed | Self::Avoided | Self::Canceled | Self::Failed => false,
        }
    }
}

impl Event {
    /// The event at its end, or `None` when its cycle does not lead there.
    #[must_use]
    pub fn finish(&self, cycle: Cycle, now: Time) -> Option<Self> {
        (cycle.is_final() && self.cycle.leads_to(cycle)).then(|| Self {
            cycle,
            finished_at: Some(now),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn an_event_never_goes_back() {
        let successors = |cycle: Cycle| -> Vec<Cycle> {
            Cycle::ALL.into_iter().filter(|next| cycle.leads_to(*next)).collect()
        };
        use Cycle::{Avoided, Canceled, Executed, Executing, Failed, Inquiring, Scheduled};
        assert_eq!(successors(Inquiring), [Scheduled, Executing]);
        assert_eq!(successors(Scheduled), [Executing, Avoided, Canceled]);
        assert_eq!(successors(Executing), [Executed, Avoided, Canceled, Failed]);
        for last in [Executed, Avoided, Canceled, Failed] {
            assert!(last.is_final());
            assert_eq!(successors(last), []);
        }
    }
}
