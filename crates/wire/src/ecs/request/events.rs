//! The listing of events: `contract/ecs-actions.md` section 3. Its codes have statuses of their own.

use std::collections::BTreeSet;

use fleet::{AccountId, Cycle, EventFilter, EventId, IncidentKind, Label, Paging, Span, Time};

use super::paging;
use super::take::{choice, instance_ids, tag_filter, take_label};
use crate::ecs::{Code, Fault};
use crate::params::Params;
use crate::time;

/// The types of events, by name: `contract/lifecycle.md` section 5.
pub const TYPES: [(&str, IncidentKind); 13] = [
    ("SystemMaintenance.Reboot", IncidentKind::MaintenanceReboot),
    ("SystemMaintenance.Redeploy", IncidentKind::MaintenanceRedeploy),
    ("SystemMaintenance.Stop", IncidentKind::MaintenanceStop),
    ("SystemFailure.Reboot", IncidentKind::FailureReboot),
    ("SystemFailure.Redeploy", IncidentKind::FailureRedeploy),
    ("SystemFailure.Stop", IncidentKind::FailureStop),
    ("SystemFailure.Delete", IncidentKind::FailureRelease),
    ("InstanceFailure.Reboot", IncidentKind::InstanceReboot),
    ("InstanceExpiration.Stop", IncidentKind::ExpiryStop),
    ("InstanceExpiration.Delete", IncidentKind::ExpiryRelease),
    ("AccountUnbalanced.Stop", IncidentKind::UnpaidStop),
    ("AccountUnbalanced.Delete", IncidentKind::UnpaidRelease),
    // No document here names it; it is what the provider calls it where it notifies of events.
    ("Instance:PreemptibleInstanceInterruption", IncidentKind::Reclaim),
];

const INVALID: Code = Code::INVALID_PARAMETER_EVENTS;
/// A bound at a whole second includes all of that second.
const REST_OF_A_SECOND: Span = Span::from_millis(999);
const CYCLES: [(&str, Cycle); 7] = [
    ("Scheduled", Cycle::Scheduled),
    ("Avoided", Cycle::Avoided),
    ("Executing", Cycle::Executing),
    ("Executed", Cycle::Executed),
    ("Canceled", Cycle::Canceled),
    ("Failed", Cycle::Failed),
    ("Inquiring", Cycle::Inquiring),
];

/// Which events to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventListing {
    /// The region asked for.
    pub region: Label,
    /// Which of them.
    pub filter: EventFilter,
    /// Only of instances that are accounted to this group of resources.
    pub resource_group: Option<Label>,
    /// Only of instances with all of these tags.
    pub tags: Vec<(String, Option<String>)>,
    /// Which part of those.
    pub paging: Paging<EventId>,
}

pub(super) fn events(params: &mut Params, account: AccountId) -> Result<EventListing, Fault> {
    let missing = Fault::new(Code::MISSING_PARAMETER_EVENTS).about("RegionId");
    let region = take_label(params, "RegionId").ok_or(missing)?;
    let mut filter = EventFilter { region: Some(region.clone()), ..EventFilter::finished(account) };
    let resources = [("instance", true), ("ddh", false), ("managedhost", false)];
    let of_instances = choice(params, "ResourceType", &resources, INVALID)?.unwrap_or(true);
    filter.instances = instances(params)?;
    filter.ids = ids(params)?;
    filter.cycles = cycles(params)?;
    filter.kinds = types(params)?;
    if !of_instances {
        filter.kinds = Some(BTreeSet::new());
    }
    filter.published = bounds(params, "EventPublishTime.Start", "EventPublishTime.End")?;
    filter.not_before = bounds(params, "NotBefore.Start", "NotBefore.End")?;
    let resource_group = take_label(params, "ResourceGroupId");
    let tags = tag_filter(params)?;
    let paging = paging::either(params, 100, (10, 100))?;
    Ok(EventListing { region, filter, resource_group, tags, paging })
}

/// `ResourceId.N` wins over `InstanceId`.
fn instances(params: &mut Params) -> Result<Option<BTreeSet<fleet::InstanceId>>, Fault> {
    let one = params.take_text("InstanceId");
    let list = list(params, "ResourceId", Params::INDEX_MAX, INVALID)?;
    let named = if list.is_empty() { Vec::from_iter(one) } else { list };
    Ok((!named.is_empty()).then(|| instance_ids(&named)))
}

pub(super) fn ids(params: &mut Params) -> Result<Option<BTreeSet<EventId>>, Fault> {
    let ids = list(params, "EventId", Params::INDEX_MAX, Code::EVENT_ID_LIMIT_EXCEEDED)?;
    let id = |text: &String| text.strip_prefix("e-").and_then(EventId::parse);
    Ok((!ids.is_empty()).then(|| ids.iter().filter_map(id).collect()))
}

/// `InstanceEventCycleStatus.N` wins over `EventCycleStatus`, which is looked at all the same.
fn cycles(params: &mut Params) -> Result<Option<BTreeSet<Cycle>>, Fault> {
    let one = choice(params, "EventCycleStatus", &CYCLES, INVALID)?;
    let name = "InstanceEventCycleStatus";
    let list = list(params, name, 7, INVALID)?;
    let cycle = |text: &String| {
        let found = CYCLES.iter().find(|(spelled, _)| spelled == text);
        found.map(|(_, cycle)| *cycle).ok_or(Fault::new(INVALID).about(name))
    };
    let list: BTreeSet<Cycle> = list.iter().map(cycle).collect::<Result<_, _>>()?;
    Ok(if list.is_empty() { one.map(|one| BTreeSet::from([one])) } else { Some(list) })
}

/// The types asked for. `InstanceEventType.N` wins over `EventType`; there are more types than
/// anyone knows, so an unknown one selects nothing.
pub(super) fn types(params: &mut Params) -> Result<Option<BTreeSet<IncidentKind>>, Fault> {
    let one = params.take_text("EventType");
    let list = list(params, "InstanceEventType", 30, INVALID)?;
    let asked = if list.is_empty() { Vec::from_iter(one) } else { list };
    let kind = |asked: &String| TYPES.iter().find(|(name, _)| name == asked).map(|(_, kind)| *kind);
    Ok((!asked.is_empty()).then(|| asked.iter().filter_map(kind).collect()))
}

pub(super) fn bounds(
    params: &mut Params,
    start: &str,
    end: &'static str,
) -> Result<(Option<Time>, Option<Time>), Fault> {
    let moment = |text: &str| time::parse(text).map_err(|_| INVALID);
    let from = params.take(start, moment)?;
    let to = params.take(end, moment)?;
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        let detail = "The specified end time is before the start time.";
        return Err(Fault::with(Code::INVALID_PARAMETER_TIME_END_BEFORE_START, detail).about(end));
    }
    Ok((from, to.map(|to| to.after(REST_OF_A_SECOND))))
}

pub(super) fn list(
    params: &mut Params,
    name: &'static str,
    at_most: u32,
    code: Code,
) -> Result<Vec<String>, Fault> {
    params.take_list_up_to(name, at_most).map_err(|_| Fault::new(code).about(name))
}
