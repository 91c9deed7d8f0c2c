//! Full statuses and simulated events: `contract/ecs-actions.md` section 3. Their codes have
//! statuses of their own.

use std::collections::BTreeSet;

use fleet::{
    Announce, CallOff, Cycle, Event, EventId, IncidentKind, InstanceFilter, InstanceId, Label, Paging,
    Profile, Serial, Shown, Staging, Time,
};

use super::Origin;
use super::events::{self, TYPES};
use super::take::{choice, flag, instance_id, instance_ids, label};
use super::{events::bounds, paging};
use crate::ecs::reply::ids::EVENT_PREFIX;
use crate::ecs::{Code, Fault};
use crate::params::Params;
use crate::time;

/// A request about events, but for their history.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SystemEventRequest {
    /// Show statuses, health and what is going on.
    FullStatus(Box<FullStatusListing>),
    /// Make events up.
    Create(Announce, Label),
    /// Withdraw such events.
    Cancel(CallOff, Label),
    /// Let an event that waits for its owner's word go on.
    Accept(EventId, Label),
}

/// How an instance is, as far as its events tell.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Health {
    /// Nothing is wrong.
    Ok,
    /// Something has failed.
    Impaired,
    /// Something may be wrong.
    Warning,
    /// It is being mended.
    Maintaining,
    /// It is being made, or boots.
    Initializing,
    /// Nobody knows.
    InsufficientData,
    /// Nobody looks.
    NotApplicable,
}

impl Health {
    /// Every one of them, by the name that clients send and read.
    pub const ALL: [(&'static str, Self); 7] = [
        ("Ok", Self::Ok),
        ("Impaired", Self::Impaired),
        ("Warning", Self::Warning),
        ("Maintaining", Self::Maintaining),
        ("Initializing", Self::Initializing),
        ("InsufficientData", Self::InsufficientData),
        ("NotApplicable", Self::NotApplicable),
    ];

    /// That of an instance with these open events.
    #[must_use]
    pub fn of(shown: Shown, events: &[Event]) -> Self {
        let failing = |event: &Event| {
            event.cycle == Cycle::Executing && event.kind.what().first_cycle() == Cycle::Executing
        };
        match shown {
            _ if events.iter().any(failing) => Self::Impaired,
            Shown::Pending | Shown::Starting => Self::Initializing,
            Shown::Running | Shown::Stopping | Shown::Stopped => Self::Ok,
        }
    }
}

/// Which full statuses to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FullStatusListing {
    /// Of which instances.
    pub filter: InstanceFilter,
    /// In this health.
    pub health: Option<Health>,
    /// With an open event that is one of these, of one of these types, within these times.
    pub events: EventWish,
    /// Which part of them.
    pub paging: Paging<InstanceId>,
}

/// Which open events an instance has to have.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EventWish {
    /// One of these.
    pub ids: Option<BTreeSet<EventId>>,
    /// Of one of these types.
    pub kinds: Option<BTreeSet<IncidentKind>>,
    /// Published between these.
    pub published: (Option<Time>, Option<Time>),
    /// Planned between these.
    pub not_before: (Option<Time>, Option<Time>),
}

impl EventWish {
    fn is_met_by(&self, event: &Event) -> bool {
        let within = |(from, to): (Option<Time>, Option<Time>), at: Time| {
            from.is_none_or(|from| from <= at) && to.is_none_or(|to| at <= to)
        };
        self.ids.as_ref().is_none_or(|ids| ids.contains(&event.id))
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&event.kind.what()))
            && within(self.published, event.published_at)
            && within(self.not_before, event.not_before)
    }
}

impl FullStatusListing {
    /// Whether the listing shows the instance of `profile`, which has these open events.
    #[must_use]
    pub fn matches(&self, profile: &Profile, open: &[Event]) -> bool {
        let health = profile.instance.shown().map(|shown| Health::of(shown, open));
        (self.health.is_none() || self.health == health)
            && (self.events == EventWish::default() || open.iter().any(|event| self.events.is_met_by(event)))
    }
}

pub(super) fn full_status(params: &mut Params, origin: &Origin) -> Result<SystemEventRequest, Fault> {
    const INVALID: Code = Code::INVALID_PARAMETER_EVENTS;
    let missing = Fault::new(Code::MISSING_PARAMETER_FULL_STATUS).about("RegionId");
    let region = params.take_text("RegionId").ok_or(missing)?;
    let mut filter = InstanceFilter::all(origin.account, label(&region));
    let ids = events::list(params, "InstanceId", Params::INDEX_MAX, Code::INSTANCE_ID_LIMIT_EXCEEDED)?;
    filter.ids = (!ids.is_empty()).then(|| instance_ids(&ids));
    let statuses = [("Starting", Shown::Starting), ("Running", Shown::Running), ("Stopped", Shown::Stopped)];
    filter.status = choice(params, "Status", &statuses, INVALID)?;
    let health = choice(params, "HealthStatus", &Health::ALL, INVALID)?;
    let events = EventWish {
        ids: events::ids(params)?,
        kinds: events::types(params)?,
        published: bounds(params, "EventPublishTime.Start", "EventPublishTime.End")?,
        not_before: bounds(params, "NotBefore.Start", "NotBefore.End")?,
    };
    let paging = paging::numbered(params, 100).map_err(|fault| match fault.parameter {
        Some(parameter) => Fault::new(INVALID).about(parameter),
        None => Fault::new(INVALID),
    })?;
    Ok(SystemEventRequest::FullStatus(Box::new(FullStatusListing { filter, health, events, paging })))
}

pub(super) fn create(params: &mut Params, origin: &Origin) -> Result<SystemEventRequest, Fault> {
    let region = required(params, "RegionId")?;
    let event_type = required(params, "EventType")?;
    let limit = "The amount of InstanceId specified exceeds limit 100.";
    let instances = params.take_list_up_to("InstanceId", Params::INDEX_MAX);
    let instances = instances
        .map_err(|_| Fault::with(Code::INSTANCE_ID_LIMIT_EXCEEDED_SIMULATED, limit).about("InstanceId"))?;
    if instances.is_empty() {
        return Err(Fault::new(Code::MISSING_PARAMETER_EVENTS).about("InstanceId"));
    }
    let not_before = required(params, "NotBefore")?;
    let not_before = time::parse(&not_before).map_err(|_| invalid("NotBefore"))?;
    let in_earnest = flag(params, "TriggerRealOps").map_err(|_| invalid("TriggerRealOps"))?;
    let staging = if in_earnest == Some(true) { Staging::InEarnest } else { Staging::Simulated };
    let kind = TYPES.iter().find(|(name, _)| *name == event_type).map(|(_, kind)| *kind);
    let kind = kind.ok_or(invalid("EventType"))?;
    // A text that is no id names no instance.
    let nobody = InstanceId(Serial::HIGHEST);
    let instances = instances.iter().map(|text| instance_id(text).unwrap_or(nobody)).collect();
    let announce = Announce { account: origin.account, instances, kind, not_before, staging };
    Ok(SystemEventRequest::Create(announce, label(&region)))
}

pub(super) fn cancel(params: &mut Params, origin: &Origin) -> Result<SystemEventRequest, Fault> {
    let region = required(params, "RegionId")?;
    let limit = "The amount of EventId specified exceeds limit 100.";
    let named = params.take_list_up_to("EventId", Params::INDEX_MAX);
    let named =
        named.map_err(|_| Fault::with(Code::EVENT_ID_LIMIT_EXCEEDED_CANCEL, limit).about("EventId"))?;
    if named.is_empty() {
        return Err(Fault::new(Code::MISSING_PARAMETER_EVENTS).about("EventId"));
    }
    let events = named.iter().map(|text| event_id(text)).collect();
    Ok(SystemEventRequest::Cancel(CallOff { account: origin.account, events }, label(&region)))
}

pub(super) fn accept(params: &mut Params) -> Result<SystemEventRequest, Fault> {
    let region = required(params, "RegionId")?;
    let event = required(params, "EventId")?;
    Ok(SystemEventRequest::Accept(event_id(&event), label(&region)))
}

fn required(params: &mut Params, name: &'static str) -> Result<String, Fault> {
    params.take_text(name).ok_or(Fault::new(Code::MISSING_PARAMETER_EVENTS).about(name))
}

fn invalid(name: &'static str) -> Fault {
    Fault::new(Code::INVALID_PARAMETER_SIMULATED).about(name)
}

/// A text that is no id names no event.
fn event_id(text: &str) -> EventId {
    text.strip_prefix(EVENT_PREFIX).and_then(EventId::parse).unwrap_or(EventId(Serial::HIGHEST))
}
