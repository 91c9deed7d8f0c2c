//! Disks, interfaces, and the small listings beside instances.

use hatchery::{InstanceFilter, InstanceId, Label, PageCollector, Paging, Profile, Rehearsal, Snapshot};
use wire::ecs::reply::{self, DiskRow, InterfaceRow, Listing, Reply};
use wire::ecs::request::companion::{
    CompanionListing, CompanionRequest, DiskListing, InterfaceListing, RenewalStatus,
};
use wire::ecs::{Fault, refusal};

use crate::actions::{Call, failed, known_region};
use crate::attributes::own;

/// All rows at once, to be filtered further.
const ALL: Paging<InstanceId> = Paging::Numbered { number: 1, size: usize::MAX };

pub(crate) fn answer(call: &Call<'_>, request: CompanionRequest) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    match request {
        CompanionRequest::Disks(wanted) => disks(&snapshot, &wanted),
        CompanionRequest::Interfaces(wanted) => interfaces(&snapshot, &wanted),
        CompanionRequest::Tasks(region, paging) => {
            known_region(&snapshot, &region)?;
            let none = Listing::of_labelled(Vec::<Label>::new(), &paging, |label| label);
            Ok(reply::describe_tasks(&none, &region))
        }
        CompanionRequest::Families(region, generation) => {
            known_region(&snapshot, &region)?;
            Ok(reply::describe_instance_type_families(snapshot.catalogue(), generation.as_deref()))
        }
        CompanionRequest::Console(region, instance) => {
            known_region(&snapshot, &region)?;
            own(call, &snapshot, instance)?;
            Ok(reply::describe_instance_vnc_url(instance, call.endpoint()))
        }
        CompanionRequest::Roles(wanted, role) => {
            let of_role = |profile: &Profile| match &role {
                Some(role) => profile.spec.role.as_ref() == Some(role),
                None => profile.spec.role.is_some() || wanted.filter.ids.is_some(),
            };
            let listing = page(&snapshot, &wanted, of_role)?;
            Ok(reply::describe_instance_ram_role(&listing, &wanted.filter.region))
        }
        CompanionRequest::Renewals(wanted, status) => {
            let filter = InstanceFilter { prepaid: Some(true), ..wanted.filter };
            let wanted = CompanionListing { filter, paging: wanted.paging };
            let in_status =
                |profile: &Profile| status.is_none_or(|status| RenewalStatus::of(profile) == status);
            Ok(reply::describe_instance_auto_renew_attribute(&page(&snapshot, &wanted, in_status)?))
        }
        CompanionRequest::Maintenance(wanted) => {
            Ok(reply::describe_instance_maintenance_attributes(&page(&snapshot, &wanted, |_| true)?))
        }
        CompanionRequest::Attachments(wanted) => {
            Ok(reply::describe_instance_attachment_attributes(&page(&snapshot, &wanted, |_| true)?))
        }
    }
}

/// One page of the instances that a listing of theirs shows.
fn page(
    snapshot: &Snapshot<'_>,
    wanted: &CompanionListing,
    shows: impl Fn(&Profile) -> bool,
) -> Result<Listing<Profile>, Fault> {
    known_region(snapshot, &wanted.filter.region)?;
    let mut collector = PageCollector::new(wanted.paging);
    for profile in snapshot.instances(&wanted.filter, ALL).map_err(failed)?.rows {
        if shows(&profile) {
            collector.see(profile.instance.id, || profile);
        }
    }
    Ok(Listing::of_page(collector.into_page(), &wanted.paging))
}

/// Every instance of an account in a region, or the one that is named.
fn instances(
    snapshot: &Snapshot<'_>,
    mut filter: InstanceFilter,
    named: Option<Option<InstanceId>>,
) -> Result<Vec<Profile>, Fault> {
    filter.ids = named.map(|named| named.into_iter().collect());
    Ok(snapshot.instances(&filter, ALL).map_err(failed)?.rows)
}

/// A row, and the label of its id that pages go by.
fn labelled<T>(row: T, id: &str) -> Option<(Label, T)> {
    Label::parse(id).ok().map(|label| (label, row))
}

fn rows_of<T>(listing: Listing<(Label, T)>) -> Listing<T> {
    let Listing { rows, total, number, size, next_token } = listing;
    Listing { rows: rows.into_iter().map(|(_, row)| row).collect(), total, number, size, next_token }
}

fn disks(snapshot: &Snapshot<'_>, wanted: &DiskListing) -> Result<Reply, Fault> {
    if wanted.rehearsal == Rehearsal::Yes {
        return Err(refusal::rehearsed());
    }
    known_region(snapshot, &wanted.region)?;
    let filter = InstanceFilter::all(wanted.account, wanted.region.clone());
    let with = instances(snapshot, filter, wanted.filter.instance)?;
    let without = snapshot.kept_disks(wanted.account).map_err(failed)?;
    let without = without.into_iter().filter(|disk| disk.region == wanted.region).map(DiskRow::kept);
    let rows = with.iter().flat_map(DiskRow::of_instance).chain(without);
    let rows = rows.filter(|row| wanted.filter.matches(row));
    let rows = rows.filter_map(|row| labelled(row.clone(), &row.id())).collect();
    let listing = Listing::of_labelled(rows, &wanted.paging, |(label, _)| label);
    Ok(reply::describe_disks(&rows_of(listing)))
}

fn interfaces(snapshot: &Snapshot<'_>, wanted: &InterfaceListing) -> Result<Reply, Fault> {
    known_region(snapshot, &wanted.region)?;
    let filter = InstanceFilter::all(wanted.account, wanted.region.clone());
    let with = instances(snapshot, filter, wanted.filter.instance)?;
    let rows = with.iter().flat_map(InterfaceRow::of_instance);
    let rows = rows.filter(|row| wanted.filter.matches(row));
    let rows = rows.filter_map(|row| labelled(row.clone(), &row.id())).collect();
    let listing = Listing::of_labelled(rows, &wanted.paging, |(label, _)| label);
    Ok(reply::describe_network_interfaces(&rows_of(listing)))
}
