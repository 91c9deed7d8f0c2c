//! Tags of things that are there.

use hatchery::{
    InstanceFilter, Label, Paging, Profile, Snapshot, StoreError, Tag, TagRefusal, Tagging, tags_of,
};
use wire::ecs::reply::ids;
use wire::ecs::reply::{self, Reply};
use wire::ecs::request::TagRequest;
use wire::ecs::request::tag::{ResourceType, TagListing, TagRow};
use wire::ecs::{Fault, refusal};

use crate::actions::{Call, failed, known_region};

pub(crate) fn answer(call: &Call<'_>, request: TagRequest) -> Result<Reply, Fault> {
    match request {
        TagRequest::Change(change, action) => {
            known_region(&call.hatchery.snapshot(), &change.region)?;
            call.commit(change, refusal::tags).map(|()| Reply::done(action.name()))
        }
        TagRequest::List(wanted) => list(call, &wanted),
    }
}

fn list(call: &Call<'_>, wanted: &TagListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let things = match wanted.ids.is_empty() {
        true => all(&snapshot, wanted).map_err(failed)?,
        false => named(&snapshot, wanted)?,
    };
    let mut rows: Vec<(TagRow, String)> = Vec::new();
    for (id, tags) in things {
        if wanted.matches(&tags) {
            let row = |tag: Tag| (TagRow { id: id.clone(), key: tag.key }, tag.value);
            rows.extend(tags.into_iter().map(row));
        }
    }
    rows.sort();
    rows.retain(|(row, _)| wanted.after.as_ref().is_none_or(|after| after < row));
    let more = rows.len() > TagListing::PAGE_ROWS;
    rows.truncate(TagListing::PAGE_ROWS);
    Ok(reply::list_tag_resources(wanted.kind, &rows, more))
}

/// The things that are named, each of which has to be there and to have tags.
fn named(snapshot: &Snapshot<'_>, wanted: &TagListing) -> Result<Vec<(String, Vec<Tag>)>, Fault> {
    let mut things = Vec::new();
    for id in &wanted.ids {
        let thing = wanted.kind.thing(id);
        match tags_of(snapshot, wanted.account, &wanted.region, &thing).map_err(failed)? {
            Tagging::Tags(tags) => things.push((id.clone(), tags)),
            Tagging::Never => return Err(refusal::tags(&TagRefusal::NotTaggable(thing))),
            Tagging::Unknown => return Err(refusal::tags(&TagRefusal::Unknown(thing))),
        }
    }
    Ok(things)
}

/// All things of the kind.
fn all(snapshot: &Snapshot<'_>, wanted: &TagListing) -> Result<Vec<(String, Vec<Tag>)>, StoreError> {
    let (account, region) = (wanted.account, &wanted.region);
    let of = |label: Label, tags| (label.as_str().to_owned(), tags);
    Ok(match wanted.kind {
        ResourceType::Instance => instances(snapshot, wanted)?,
        ResourceType::Vpc => {
            let networks = snapshot.networks(account)?.into_iter().filter(|it| it.region == *region);
            networks.map(|it| of(it.label, it.marks.tags)).collect()
        }
        ResourceType::VSwitch => {
            let zones = &snapshot.catalogue().zones;
            let subnets = snapshot.subnets(account)?.into_iter();
            let here = subnets.filter(|it| zones.get(&it.zone).is_some_and(|zone| zone.region == *region));
            here.map(|it| of(it.label, it.marks.tags)).collect()
        }
        ResourceType::SecurityGroup => {
            let mut networks = snapshot.networks(account)?;
            networks.retain(|it| it.region == *region);
            let groups = snapshot.groups(account)?.into_iter();
            let here = groups.filter(|group| networks.iter().any(|it| it.label == group.network));
            here.map(|it| of(it.label, it.marks.tags)).collect()
        }
        ResourceType::KeyPair => {
            let pairs = snapshot.key_pairs(account)?.into_iter();
            pairs.map(|it| (it.name.as_ref().to_owned(), it.tags)).collect()
        }
        ResourceType::LaunchTemplate => {
            let templates = snapshot.templates(account)?.into_iter().filter(|it| it.region == *region);
            templates.map(|it| of(it.label, it.tags)).collect()
        }
        // Nothing of these kinds has tags.
        ResourceType::Disk
        | ResourceType::Snapshot
        | ResourceType::Image
        | ResourceType::Volume
        | ResourceType::NetworkInterface
        | ResourceType::DedicatedHost
        | ResourceType::SnapshotPolicy => Vec::new(),
    })
}

fn instances(snapshot: &Snapshot<'_>, wanted: &TagListing) -> Result<Vec<(String, Vec<Tag>)>, StoreError> {
    let filter = InstanceFilter::all(wanted.account, wanted.region.clone());
    let page = snapshot.instances(&filter, Paging::Numbered { number: 1, size: usize::MAX })?;
    let row = |profile: Profile| (ids::instance(profile.instance.id), profile.tags().to_vec());
    Ok(page.rows.into_iter().map(row).collect())
}
