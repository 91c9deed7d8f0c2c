//! Full statuses and simulated events.

use hatchery::{Event, EventId, Page, PageCollector, Paging, Profile, Snapshot, View as _};
use wire::ecs::reply::{self, Listing, Reply};
use wire::ecs::request::system_event::{FullStatusListing, SystemEventRequest};
use wire::ecs::{Code, Fault, refusal};

use crate::actions::{Call, failed, known_region};

/// All rows at once, to be filtered further.
const ALL: Paging<hatchery::InstanceId> = Paging::Numbered { number: 1, size: usize::MAX };

pub(crate) fn answer(call: &Call<'_>, request: SystemEventRequest) -> Result<Reply, Fault> {
    match request {
        SystemEventRequest::FullStatus(wanted) => full_status(call, &wanted),
        SystemEventRequest::Create(announce, region) => {
            known_region(&call.hatchery.snapshot(), &region)?;
            let events = call.commit(announce, |refused| refusal::incident(*refused))?;
            Ok(reply::create_simulated_system_events(&events))
        }
        SystemEventRequest::Cancel(call_off, region) => {
            known_region(&call.hatchery.snapshot(), &region)?;
            call.commit(call_off, |refused| refusal::incident(*refused))?;
            Ok(Reply::done("CancelSimulatedSystemEvents"))
        }
        SystemEventRequest::Accept(event, region) => accept(call, event, &region),
    }
}

/// No event in here waits for its owner's word, so there is none to accept.
fn accept(call: &Call<'_>, id: EventId, region: &hatchery::Label) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, region)?;
    let event = snapshot.event(id).map_err(failed)?;
    match event.filter(|event| event.account == call.origin.account) {
        None => Err(refusal::unknown_event()),
        Some(_) => {
            let detail = "The specified event does not wait to be accepted.";
            Err(Fault::with(Code::INVALID_PARAMETER_SIMULATED, detail).about("EventId"))
        }
    }
}

fn full_status(call: &Call<'_>, wanted: &FullStatusListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.filter.region)?;
    let mut collector = PageCollector::new(wanted.paging);
    for profile in snapshot.instances(&wanted.filter, ALL).map_err(failed)?.rows {
        let open = open_events(&snapshot, &profile)?;
        if wanted.matches(&profile, &open) {
            collector.see(profile.instance.id, || (profile, open));
        }
    }
    let page: Page<(Profile, Vec<Event>), _> = collector.into_page();
    Ok(reply::describe_instances_full_status(&Listing::of_page(page, &wanted.paging)))
}

fn open_events(snapshot: &Snapshot<'_>, profile: &Profile) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    for id in profile.open_events() {
        events.extend(snapshot.event(id).map_err(failed)?);
    }
    Ok(events)
}
