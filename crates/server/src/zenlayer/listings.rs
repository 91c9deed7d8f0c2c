//! The listings: each is one page out of one snapshot.

use std::sync::Arc;

use hatchery::{
    Amendment, Among, Instance, InstanceId, Label, Paging, Profile, Snapshot, Spec, StoreError, View as _,
    Zone,
};
use wire::zenlayer::request::catalogue::{
    ImageListing, PriceInquiry, SupplyListing, TypeListing, ZoneListing,
};
use wire::zenlayer::request::instances::InstanceListing;
use wire::zenlayer::request::network::{self, NetworkListing, SubnetListing};
use wire::zenlayer::{Code, Fault, Fields, refusal, reply};

use super::actions::{Call, NetworkZone, failed};

pub(super) fn zones(call: &Call<'_>, wanted: &ZoneListing) -> Fields {
    let snapshot = call.hatchery.snapshot();
    let zones = snapshot.catalogue().zones.values().filter(|zone| {
        let has = zone.bare_metal.as_ref().filter(|_| zone.sale == hatchery::Sale::Open);
        has.is_some_and(|has| wanted.cloud_router.is_none_or(|wanted| wanted == has.cloud_router))
    });
    reply::catalogue::describe_zones(zones)
}

pub(super) fn instance_types(call: &Call<'_>, wanted: &TypeListing) -> Result<Fields, Fault> {
    let snapshot = call.hatchery.snapshot();
    let catalogue = snapshot.catalogue();
    for id in &wanted.ids {
        known_type(&snapshot, id)?;
    }
    let types = catalogue.instance_types.values().filter(|of| {
        let is = of.abilities.bare_metal.as_deref();
        is.is_some_and(|is| wanted.matches(of, is, catalogue))
    });
    Ok(reply::catalogue::describe_instance_types(types, catalogue))
}

pub(super) fn supplies(call: &Call<'_>, wanted: &SupplyListing) -> Result<Fields, Fault> {
    if let Some(zone) = &wanted.zone {
        call.zone(zone)?;
    }
    let snapshot = call.hatchery.snapshot();
    let stocks = snapshot.stocks().map_err(failed)?;
    let catalogue = snapshot.catalogue();
    let rows = stocks.iter().filter_map(|stock| {
        let of = catalogue.instance_types.get(&stock.key.instance_type)?;
        let is = of.abilities.bare_metal.as_deref()?;
        let offer = is.offers.get(&stock.key.zone)?;
        wanted.matches(stock, is).then_some((stock, offer))
    });
    Ok(reply::catalogue::describe_available_resources(rows))
}

pub(super) fn images(call: &Call<'_>, wanted: &ImageListing) -> Result<Fields, Fault> {
    let snapshot = call.hatchery.snapshot();
    let of = match &wanted.instance_type {
        None => None,
        Some(label) => {
            known_type(&snapshot, label)?;
            snapshot.catalogue().instance_types.get(label)
        }
    };
    let images = snapshot.catalogue().images.values();
    Ok(reply::catalogue::describe_images(images.filter(|image| wanted.matches(image, of))))
}

pub(super) fn price(call: &Call<'_>, inquiry: &PriceInquiry) -> Result<Fields, Fault> {
    let zone = call.zone(&inquiry.zone)?;
    let snapshot = call.hatchery.snapshot();
    known_type(&snapshot, &inquiry.instance_type)?;
    let of = snapshot.catalogue().instance_types.get(&inquiry.instance_type);
    let is = of.and_then(|of| Some((of, of.abilities.bare_metal.as_ref()?.offers.get(&zone.label)?)));
    let (of, offer) = is.ok_or(Code::INVALID_INSTANCE_TYPE_ZONE_NO_SELL)?;
    if inquiry.line.is_some_and(|line| !offer.lines.contains(&line)) {
        return Err(Code::OPERATION_FILED_INTERNET_CHARGE_TYPE_NOT_SUPPORT.into());
    }
    if inquiry.out_mbps > offer.out_mbps_max {
        return Err(Code::INVALID_BANDWIDTH_VALUE_EXCEED_MAXIMUM.into());
    }
    Ok(reply::catalogue::inquiry_price(of, inquiry))
}

fn known_type(snapshot: &Snapshot<'_>, label: &Label) -> Result<(), Fault> {
    let of = snapshot.catalogue().instance_types.get(label);
    match of.is_some_and(|of| of.abilities.bare_metal.is_some()) {
        true => Ok(()),
        false => Err(Fault::about(Code::INVALID_INSTANCE_TYPE_NOT_FOUND, label.as_str())),
    }
}

pub(super) fn instances(call: &Call<'_>, wanted: &InstanceListing) -> Result<Fields, Fault> {
    let snapshot = call.hatchery.snapshot();
    let among = Among { account: wanted.account, ids: wanted.ids.as_ref(), attached: false };
    let shows = |found: &Profile| wanted.matches(&found.instance, &found.spec, found.amendment.as_deref());
    let page = snapshot.instances_where(among, wanted.paging, shows);
    let page = page.map_err(failed)?;
    let total = page.total;
    let row = |found: Profile| (found.instance, found.spec, found.amendment.map(Arc::unwrap_or_clone));
    let rows: Vec<_> = page.rows.into_iter().map(row).collect();
    Ok(reply::instance::describe_instances(&rows, total, snapshot.catalogue()))
}

fn amendment(snapshot: &Snapshot<'_>, instance: &Instance) -> Result<Option<Amendment>, StoreError> {
    if instance.amended { snapshot.amendment(instance.id) } else { Ok(None) }
}

/// One instance that the account still sees.
pub(super) fn instance(
    call: &Call<'_>,
    id: InstanceId,
) -> Result<(Instance, Arc<Spec>, Option<Amendment>), Fault> {
    let snapshot = call.hatchery.snapshot();
    let found = snapshot.instance(id).map_err(failed)?;
    let found = found.filter(|found| found.account == call.account && found.is_shown_with_bin());
    let found = found.ok_or_else(refusal::unknown_instance)?;
    let spec = snapshot.spec(found.batch).map_err(failed)?.ok_or_else(refusal::failed)?;
    let amendment = amendment(&snapshot, &found).map_err(failed)?;
    Ok((found, spec, amendment))
}

pub(super) fn internet_status(call: &Call<'_>, id: InstanceId) -> Result<Fields, Fault> {
    let row = instance(call, id)?;
    Ok(reply::instance::internet_status(&row, call.hatchery.snapshot().catalogue()))
}

/// The networks of the account. Those that are there for one subnet that stands alone are not shown.
pub(super) fn networks(call: &Call<'_>, wanted: &NetworkListing) -> Result<Fields, Fault> {
    let snapshot = call.hatchery.snapshot();
    let mut found = snapshot.networks(call.account).map_err(failed)?;
    found.retain(|network| {
        !network.is_of_one() && wanted.matches(network, reply::network::network_status(network, call.now))
    });
    let page = reply::part(found, &wanted.paging);
    Ok(reply::network::describe_vpcs(&page.rows, page.total, snapshot.catalogue(), call.now))
}

pub(super) fn subnets(call: &Call<'_>, wanted: &SubnetListing) -> Result<Fields, Fault> {
    let snapshot = call.hatchery.snapshot();
    let mut found = snapshot.subnets(call.account).map_err(failed)?;
    found.retain(|subnet| wanted.matches(subnet, reply::network::subnet_status(subnet, call.now)));
    let page = reply::part(found, &wanted.paging);
    let all = Paging::Numbered { number: 1, size: usize::MAX };
    let among = Among { account: call.account, ids: None, attached: true };
    let attached = snapshot.instances_where(among, all, |_| true);
    let attached = attached.map_err(failed)?.rows;
    let mut rows = Vec::new();
    for subnet in page.rows {
        let network = match subnet.stands_alone() {
            true => None,
            false => snapshot.network(&subnet.network).map_err(failed)?,
        };
        let members = network::members(&subnet.label, attached.iter().map(|found| &found.instance));
        rows.push((subnet, network, members));
    }
    Ok(reply::network::describe_subnets(&rows, page.total, call.now))
}

/// The zones whose subnets can be in networks, each with its region.
pub(super) fn network_zones<'s>(snapshot: &'s Snapshot<'_>) -> impl Iterator<Item = NetworkZone<'s>> {
    let catalogue = snapshot.catalogue();
    let zones = catalogue.zones.values();
    zones
        .filter(|zone| zone.bare_metal.as_ref().is_some_and(|has| has.subnets && has.networks))
        .filter_map(|zone| catalogue.regions.get(&zone.region).map(|region| (region, zone)))
}

pub(super) fn network_regions(
    call: &Call<'_>,
    zone: Option<&Label>,
    region: Option<&Label>,
) -> Result<Fields, Fault> {
    if let Some(zone) = zone {
        call.zone(zone.as_str())?;
    }
    let snapshot = call.hatchery.snapshot();
    let all: Vec<NetworkZone<'_>> = network_zones(&snapshot).collect();
    let wanted = |label: &Label| region.is_none_or(|wanted| wanted == label);
    let mut rows: Vec<(&hatchery::Region, Vec<&Zone>)> = Vec::new();
    for (found, zone) in all.into_iter().filter(|(found, _)| wanted(&found.label)) {
        match rows.iter_mut().find(|(row, _)| row.label == found.label) {
            Some((_, zones)) => zones.push(zone),
            None => rows.push((found, vec![zone])),
        }
    }
    rows.retain(|(_, zones)| zone.is_none_or(|wanted| zones.iter().any(|zone| zone.label == *wanted)));
    Ok(reply::network::describe_vpc_available_regions(rows.into_iter()))
}

pub(super) fn subnet_zones(call: &Call<'_>, wanted: Option<&Label>) -> Result<Fields, Fault> {
    if let Some(zone) = wanted {
        call.zone(zone.as_str())?;
    }
    let snapshot = call.hatchery.snapshot();
    let zones = snapshot.catalogue().zones.values().filter(|zone| {
        zone.bare_metal.as_ref().is_some_and(|has| has.subnets)
            && wanted.is_none_or(|wanted| *wanted == zone.label)
    });
    Ok(reply::network::describe_subnet_available_resources(zones))
}
