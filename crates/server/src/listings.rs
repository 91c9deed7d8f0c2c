//! The listings: each is one page out of one snapshot.

use hatchery::{Bar, InstanceFilter, InstanceId, Label, Paging, Profile, Rehearsal, Snapshot, View as _};
use wire::ecs::location::EndpointListing;
use wire::ecs::refusal;
use wire::ecs::reply::{self, Listing, Reply};
use wire::ecs::request::catalogue::{AvailableResource, ImageListing, InstanceTypeListing};
use wire::ecs::request::events::EventListing;
use wire::ecs::request::instances::{InstanceListing, StatusListing};
use wire::ecs::request::network::{GroupListing, NetworkListing, SubnetListing};
use wire::ecs::{Code, Envelope, Fault};

use crate::actions::{Call, failed, known_region};
use crate::front::Front;

pub(crate) fn instances(call: &Call<'_>, wanted: &InstanceListing) -> Result<Reply, Fault> {
    meant(wanted.rehearsal)?;
    let snapshot = call.hatchery.snapshot();
    let listing = page(call, &snapshot, &wanted.filter, wanted.paging)?;
    Ok(reply::describe_instances(&listing, snapshot.catalogue()))
}

pub(crate) fn statuses(call: &Call<'_>, wanted: &StatusListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    Ok(reply::describe_instance_status(&page(call, &snapshot, &wanted.filter, wanted.paging)?))
}

fn page(
    call: &Call<'_>,
    snapshot: &Snapshot<'_>,
    filter: &InstanceFilter,
    paging: Paging<InstanceId>,
) -> Result<Listing<Profile>, Fault> {
    known_region(snapshot, &filter.region)?;
    let filter = InstanceFilter { failed: call.front.failed, ..filter.clone() };
    let page = snapshot.instances(&filter, paging).map_err(failed)?;
    Ok(Listing::of_page(page, &paging))
}

pub(crate) fn events(call: &Call<'_>, wanted: &EventListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let mut filter = wanted.filter.clone();
    if !wanted.tags.is_empty() || wanted.resource_group.is_some() {
        // Only of instances that are there: what is gone has no tags any more.
        let account = call.origin.account;
        let mut of = InstanceFilter::all(account, wanted.region.clone());
        of.tags.clone_from(&wanted.tags);
        of.resource_group.clone_from(&wanted.resource_group);
        of.ids = filter.instances.take();
        let all = Paging::Numbered { number: 1, size: usize::MAX };
        let found = snapshot.instances(&of, all).map_err(failed)?.rows;
        filter.instances = Some(found.into_iter().map(|profile| profile.instance.id).collect());
    }
    let page = snapshot.events(&filter, wanted.paging).map_err(failed)?;
    Ok(reply::describe_instance_history_events(&Listing::of_page(page, &wanted.paging)))
}

/// This action has a code of its own for a region that is not there.
pub(crate) fn available_resource(call: &Call<'_>, wanted: &AvailableResource) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    if !snapshot.catalogue().regions.contains_key(&wanted.region) {
        return Err(Fault::new(Code::INVALID_REGION_ID).about("RegionId"));
    }
    if barred_everywhere(call, &snapshot)? {
        return Err(Fault::new(Code::UNAVAILABLE_REGIONS));
    }
    let stocks = snapshot.stocks().map_err(failed)?;
    Ok(reply::describe_available_resource(wanted, snapshot.catalogue(), &stocks))
}

/// Whether the account may use no region at all.
fn barred_everywhere(call: &Call<'_>, snapshot: &Snapshot<'_>) -> Result<bool, Fault> {
    let Some(account) = snapshot.account(call.origin.account).map_err(failed)? else { return Ok(false) };
    let regions = &snapshot.catalogue().regions;
    Ok(regions.keys().all(|region| account.bars.contains(&Bar::Region(region.clone()))))
}

pub(crate) fn zones(call: &Call<'_>, region: &Label) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, region)?;
    let stocks = snapshot.stocks().map_err(failed)?;
    Ok(reply::describe_zones(snapshot.catalogue(), &stocks, region))
}

pub(crate) fn instance_types(call: &Call<'_>, wanted: &InstanceTypeListing) -> Reply {
    let snapshot = call.hatchery.snapshot();
    // Bare metal cannot be asked for in this dialect.
    let all = snapshot.catalogue().instance_types.values();
    let all = all.filter(|found| found.abilities.bare_metal.is_none());
    let found = all.filter(|found| wanted.matches(found)).cloned().collect();
    reply::describe_instance_types(&Listing::of_labelled(found, &wanted.paging, |found| &found.label))
}

pub(crate) fn images(call: &Call<'_>, wanted: &ImageListing) -> Result<Reply, Fault> {
    meant(wanted.rehearsal)?;
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let catalogue = snapshot.catalogue();
    let instance_type = wanted.instance_type.as_ref().and_then(|label| catalogue.instance_types.get(label));
    let found = catalogue.images.values().filter(|image| wanted.matches(image, instance_type));
    let listing = Listing::of_labelled(found.cloned().collect(), &wanted.paging, |image| &image.label);
    Ok(reply::describe_images(&listing, &wanted.region))
}

pub(crate) fn networks(call: &Call<'_>, wanted: &NetworkListing) -> Result<Reply, Fault> {
    meant(wanted.rehearsal)?;
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let mut found = snapshot.networks(call.origin.account).map_err(failed)?;
    found.retain(|network| wanted.matches(network));
    Ok(reply::describe_vpcs(
        &Listing::of_labelled(found, &wanted.paging, |network| &network.label),
        call.origin.now,
    ))
}

pub(crate) fn subnets(call: &Call<'_>, wanted: &SubnetListing) -> Result<Reply, Fault> {
    meant(wanted.rehearsal)?;
    let snapshot = call.hatchery.snapshot();
    wanted.region.iter().try_for_each(|region| known_region(&snapshot, region))?;
    let mut found = snapshot.subnets(call.origin.account).map_err(failed)?;
    found.retain(|subnet| {
        let zone = snapshot.catalogue().zones.get(&subnet.zone);
        zone.is_some_and(|zone| wanted.matches(subnet, &zone.region))
    });
    Ok(reply::describe_vswitches(
        &Listing::of_labelled(found, &wanted.paging, |subnet| &subnet.label),
        call.origin.now,
    ))
}

pub(crate) fn groups(call: &Call<'_>, wanted: &GroupListing) -> Result<Reply, Fault> {
    meant(wanted.rehearsal)?;
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let networks = snapshot.networks(call.origin.account).map_err(failed)?;
    let mut found = snapshot.groups(call.origin.account).map_err(failed)?;
    found.retain(|group| {
        let network = networks.iter().find(|network| network.label == group.network);
        network.is_some_and(|network| wanted.matches(group, &network.region))
    });
    let listing = Listing::of_labelled(found, &wanted.paging, |group| &group.label);
    Ok(reply::describe_security_groups(&listing, &wanted.region, call.hatchery.policy()))
}

/// Where the APIs are: here, as the client calls this server.
pub(crate) fn endpoints(front: &Front, mut envelope: Envelope, endpoint: &str) -> Result<Reply, Fault> {
    let wanted = EndpointListing::parse(&envelope.action, &mut envelope.params)?;
    match front.hatchery.snapshot().catalogue().regions.contains_key(&wanted.region) {
        true => Ok(wanted.reply(endpoint)),
        false => Err(Fault::new(Code::INVALID_REGION_ID_NOT_FOUND).about("Id")),
    }
}

/// A dry run of a listing ends before the listing.
fn meant(rehearsal: Rehearsal) -> Result<(), Fault> {
    match rehearsal {
        Rehearsal::No => Ok(()),
        Rehearsal::Yes => Err(refusal::rehearsed()),
    }
}
