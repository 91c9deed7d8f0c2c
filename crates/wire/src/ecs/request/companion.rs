//! What clients ask for beside instances: `contract/ecs-actions.md` sections 8 and 9. Disks and
//! interfaces have no records while their instance is there: they follow from it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{AccountId, InstanceFilter, InstanceId, Label, Paging, Rehearsal};

use super::paging;
use super::take::{
    choice, flag, instance_id, instance_ids, region, rehearsal, tag_filter, take_label, time_filters,
};
use crate::ecs::reply::{DiskRow, InterfaceRow};
use crate::ecs::{Code, Fault};
use crate::params::{Params, texts};

/// A request for something beside instances.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CompanionRequest {
    /// List disks.
    Disks(Box<DiskListing>),
    /// List network interfaces.
    Interfaces(Box<InterfaceListing>),
    /// List tasks of this region, of which there are none.
    Tasks(Label, Paging<Label>),
    /// List families of instance types of this region.
    Families(Label, Option<String>),
    /// Say where the console of an instance is.
    Console(Label, InstanceId),
    /// List the roles of instances.
    Roles(Box<CompanionListing>, Option<Label>),
    /// List how instances are renewed.
    Renewals(Box<CompanionListing>, Option<RenewalStatus>),
    /// List how instances are mended.
    Maintenance(Box<CompanionListing>),
    /// List the pools of capacity that instances are from.
    Attachments(Box<CompanionListing>),
}

/// Of which instances something is listed, and which part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompanionListing {
    /// Of which instances.
    pub filter: InstanceFilter,
    /// Which part of them.
    pub paging: Paging<InstanceId>,
}

/// What happens when a subscription runs out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RenewalStatus {
    /// It is renewed.
    AutoRenewal,
    /// Its owner renews it, or not.
    Normal,
    /// It is not renewed.
    NotRenewal,
}

impl RenewalStatus {
    /// Every one of them, by its name.
    pub const ALL: [(&'static str, Self); 3] =
        [("AutoRenewal", Self::AutoRenewal), ("Normal", Self::Normal), ("NotRenewal", Self::NotRenewal)];
}

/// Which disks to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DiskListing {
    /// Where.
    pub region: Label,
    /// Whose.
    pub account: AccountId,
    /// What each has to have.
    pub filter: DiskFilter,
    /// Which part of them.
    pub paging: Paging<Label>,
    /// Whether the listing is meant.
    pub rehearsal: Rehearsal,
}

/// What is asked of a disk; nothing said holds of each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DiskFilter {
    /// One of these.
    pub ids: Option<BTreeSet<String>>,
    /// With an instance.
    pub attached: Option<bool>,
    /// Of this instance; `Some(None)` is of none there can be.
    pub instance: Option<Option<InstanceId>>,
    /// In this zone.
    pub zone: Option<Label>,
    /// The one its instance boots from, or another.
    pub system: Option<bool>,
    /// Of this category.
    pub category: Option<String>,
    /// Of this performance level.
    pub level: Option<String>,
    /// Named so.
    pub name: Option<fleet::NamePattern>,
    /// Going with its instance, or not.
    pub goes_with_instance: Option<bool>,
    /// Encrypted, or not.
    pub encrypted: Option<bool>,
    /// Encrypted with this key.
    pub key: Option<Label>,
    /// Made from this snapshot.
    pub snapshot: Option<Label>,
    /// Backed up by this policy.
    pub policy: Option<Label>,
    /// Paid in advance, or by use.
    pub prepaid: Option<bool>,
    /// Made between these.
    pub created: (Option<fleet::Time>, Option<fleet::Time>),
    /// Accounted to this group of resources.
    pub resource_group: Option<Label>,
    /// Something that no disk has.
    pub nothing: bool,
}

impl DiskFilter {
    /// Whether the listing shows `row`.
    #[must_use]
    pub fn matches(&self, row: &DiskRow) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, found: impl FnOnce() -> Option<T>) -> bool {
            wanted.is_none_or(|wanted| found().as_ref() == Some(wanted))
        }
        !self.nothing
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&row.id()))
            && is(self.attached.as_ref(), || Some(row.instance.is_some()))
            && self.instance.is_none_or(|wanted| wanted.is_some() && wanted == row.instance)
            && is(self.zone.as_ref(), || Some(row.zone.clone()))
            && is(self.system.as_ref(), || Some(row.index == 0))
            && is(self.category.as_ref(), || Some(row.category().to_owned()))
            && is(self.level.as_ref(), || row.level().map(str::to_owned))
            && self.name.as_ref().is_none_or(|name| name.matches(&row.disk.name))
            && is(self.goes_with_instance.as_ref(), || Some(row.goes_with_instance()))
            && is(self.encrypted.as_ref(), || Some(row.disk.encrypted))
            && is(self.key.as_ref(), || row.disk.key.clone())
            && is(self.snapshot.as_ref(), || row.disk.snapshot.clone())
            && is(self.policy.as_ref(), || row.disk.snapshot_policy.clone())
            && is(self.prepaid.as_ref(), || Some(row.is_prepaid()))
            && self.created.0.is_none_or(|from| from <= row.created_at)
            && self.created.1.is_none_or(|to| row.created_at <= to)
            && is(self.resource_group.as_ref(), || row.resource_group.clone())
    }
}

/// The statuses a disk can be asked for; one that is there is in one of the first two.
const DISK_STATUSES: [(&str, Option<bool>); 7] = [
    ("In_use", Some(true)),
    ("Available", Some(false)),
    ("Attaching", None),
    ("Detaching", None),
    ("Creating", None),
    ("ReIniting", None),
    ("All", None),
];

pub(super) fn disks(params: &mut Params, account: AccountId) -> Result<CompanionRequest, Fault> {
    let region = region(params)?;
    let ids = params.take("DiskIds", texts)?;
    let status = params.take_text("Status");
    let invalid = Code::INVALID_PARAMETER_NAMED;
    let known = status.as_deref().map(|status| {
        let found = DISK_STATUSES.iter().find(|(name, _)| *name == status);
        found.ok_or(Fault::new(invalid).about("Status"))
    });
    let known = known.transpose()?;
    let types = [("all", None), ("system", Some(true)), ("data", Some(false))];
    let charges = [("PrePaid", true), ("PostPaid", false)];
    let mut filter = DiskFilter {
        ids: ids.map(|ids| ids.into_iter().collect()),
        attached: known.and_then(|(_, attached)| *attached),
        nothing: known.is_some_and(|(name, attached)| attached.is_none() && *name != "All"),
        instance: params.take_text("InstanceId").map(|text| instance_id(&text)),
        zone: take_label(params, "ZoneId"),
        system: choice(params, "DiskType", &types, invalid)?.flatten(),
        category: params.take_text("Category").filter(|category| category != "all"),
        level: params.take_text("PerformanceLevel"),
        name: params.take_text("DiskName").map(|name| fleet::NamePattern::new(&name)),
        goes_with_instance: flag(params, "DeleteWithInstance")?,
        encrypted: flag(params, "Encrypted")?,
        key: take_label(params, "KMSKeyId"),
        snapshot: take_label(params, "SnapshotId"),
        policy: take_label(params, "AutoSnapshotPolicyId"),
        prepaid: choice(params, "DiskChargeType", &charges, invalid)?,
        created: (None, None),
        resource_group: take_label(params, "ResourceGroupId"),
    };
    let (from, to) = (&mut filter.created.0, &mut filter.created.1);
    time_filters(params, 4, &mut [("CreationStartTime", from), ("CreationEndTime", to)])?;
    // Disks have no tags, no locks, and no more than one instance; each can be taken off one.
    filter.nothing |= !tag_filter(params)?.is_empty() | params.take_text("LockReason").is_some();
    filter.nothing |= flag(params, "EnableShared")? == Some(true);
    filter.nothing |= flag(params, "Portable")? == Some(false);
    filter.nothing |= params.take_text("MultiAttach").is_some_and(|value| value != "Disabled");
    for name in ["EnableAutoSnapshot", "EnableAutomatedSnapshotPolicy", "DeleteAutoSnapshot"] {
        flag(params, name)?;
    }
    let paging = paging::either(params, 100, (10, 500))?;
    let rehearsal = rehearsal(params)?;
    Ok(CompanionRequest::Disks(Box::new(DiskListing { region, account, filter, paging, rehearsal })))
}

/// Which network interfaces to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InterfaceListing {
    /// Where.
    pub region: Label,
    /// Whose.
    pub account: AccountId,
    /// What each has to have.
    pub filter: InterfaceFilter,
    /// Which part of them.
    pub paging: Paging<Label>,
}

/// What is asked of an interface; nothing said holds of each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InterfaceFilter {
    /// One of these.
    pub ids: Option<BTreeSet<String>>,
    /// Of this instance; `Some(None)` is of none there can be.
    pub instance: Option<Option<InstanceId>>,
    /// The first of its instance, or another.
    pub primary: Option<bool>,
    /// With one of these addresses.
    pub addresses: Option<BTreeSet<Ipv4Addr>>,
    /// With one of these IPv6 addresses.
    pub ipv6: Option<BTreeSet<Ipv6Addr>>,
    /// In this network.
    pub network: Option<Label>,
    /// In this subnet.
    pub subnet: Option<Label>,
    /// In this group.
    pub group: Option<Label>,
    /// Named so.
    pub name: Option<String>,
    /// Something that no interface has.
    pub nothing: bool,
}

impl InterfaceFilter {
    /// Whether the listing shows `row`.
    #[must_use]
    pub fn matches(&self, row: &InterfaceRow) -> bool {
        !self.nothing
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&row.id()))
            && self.instance.is_none_or(|wanted| wanted == Some(row.profile.instance.id))
            && self.primary.is_none_or(|primary| primary == (row.index == 0))
            && self.addresses.as_ref().is_none_or(|wanted| wanted.contains(&row.address()))
            && self.ipv6.as_ref().is_none_or(|wanted| row.ipv6().iter().any(|one| wanted.contains(one)))
            && self.network.as_ref().is_none_or(|network| *network == row.profile.spec.network)
            && self.subnet.as_ref().is_none_or(|subnet| subnet == row.subnet())
            && self.group.as_ref().is_none_or(|group| row.groups().contains(group))
            && self.name.as_deref().is_none_or(|name| name == row.name())
    }
}

pub(super) fn interfaces(params: &mut Params, account: AccountId) -> Result<CompanionRequest, Fault> {
    let region = region(params)?;
    let types = [("Primary", true), ("Secondary", false)];
    let ids = params.take_list("NetworkInterfaceId")?;
    let one = params.take_text("PrimaryIpAddress");
    let several = params.take_list("PrivateIpAddress")?;
    let v6 = params.take_list("Ipv6Address")?;
    let addresses = || several.iter().chain(&one).filter_map(|text| text.parse().ok()).collect();
    let invalid = Code::INVALID_PARAMETER_NAMED;
    let mut filter = InterfaceFilter {
        ids: (!ids.is_empty()).then(|| ids.into_iter().collect()),
        instance: params.take_text("InstanceId").map(|text| instance_id(&text)),
        primary: choice(params, "Type", &types, invalid)?,
        addresses: (one.is_some() || !several.is_empty()).then(addresses),
        ipv6: (!v6.is_empty()).then(|| v6.iter().filter_map(|text| text.parse().ok()).collect()),
        network: take_label(params, "VpcId"),
        subnet: take_label(params, "VSwitchId"),
        group: take_label(params, "SecurityGroupId"),
        name: params.take_text("NetworkInterfaceName"),
        nothing: false,
    };
    filter.nothing |= params.take_text("Status").is_some_and(|status| status != "InUse");
    filter.nothing |= flag(params, "ServiceManaged")? == Some(true);
    filter.nothing |= !tag_filter(params)?.is_empty() | params.take_text("ResourceGroupId").is_some();
    let paging = paging::either(params, 500, (10, 500))?;
    Ok(CompanionRequest::Interfaces(Box::new(InterfaceListing { region, account, filter, paging })))
}

pub(super) fn tasks(params: &mut Params) -> Result<CompanionRequest, Fault> {
    Ok(CompanionRequest::Tasks(region(params)?, paging::numbered(params, 100)?))
}

pub(super) fn families(params: &mut Params) -> Result<CompanionRequest, Fault> {
    let region = region(params)?;
    Ok(CompanionRequest::Families(region, params.take_text("Generation")))
}

pub(super) fn console(params: &mut Params) -> Result<CompanionRequest, Fault> {
    let region = region(params)?;
    let text = params.take_text("InstanceId").ok_or(Fault::missing("InstanceId"))?;
    let unknown = Fault::new(Code::INVALID_INSTANCE_ID_NOT_FOUND).about("InstanceId");
    Ok(CompanionRequest::Console(region, instance_id(&text).ok_or(unknown)?))
}

/// How the instances of a listing are named.
enum Named {
    /// As a JSON text.
    Json(&'static str),
    /// One by one.
    List(&'static str),
    /// As texts with commas between them.
    Commas(&'static str),
}

fn listing(params: &mut Params, account: AccountId, named: &Named) -> Result<Box<CompanionListing>, Fault> {
    let mut filter = InstanceFilter::all(account, region(params)?);
    let named = match named {
        Named::Json(name) => params.take(name, texts)?,
        Named::List(name) => Some(params.take_list(name)?).filter(|list| !list.is_empty()),
        Named::Commas(name) => {
            params.take_text(name).map(|text| text.split(',').map(|part| part.trim().to_owned()).collect())
        }
    };
    filter.ids = named.map(|ids| instance_ids(&ids));
    Ok(Box::new(CompanionListing { filter, paging: paging::numbered(params, 100)? }))
}

pub(super) fn roles(params: &mut Params, account: AccountId) -> Result<CompanionRequest, Fault> {
    let listing = listing(params, account, &Named::Json("InstanceIds"))?;
    Ok(CompanionRequest::Roles(listing, take_label(params, "RamRoleName")))
}

pub(super) fn renewals(params: &mut Params, account: AccountId) -> Result<CompanionRequest, Fault> {
    let listing = listing(params, account, &Named::Commas("InstanceId"))?;
    let status = choice(params, "RenewalStatus", &RenewalStatus::ALL, Code::INVALID_PARAMETER_NAMED)?;
    Ok(CompanionRequest::Renewals(listing, status))
}

pub(super) fn maintenance(params: &mut Params, account: AccountId) -> Result<CompanionRequest, Fault> {
    Ok(CompanionRequest::Maintenance(listing(params, account, &Named::List("InstanceId"))?))
}

pub(super) fn attachments(params: &mut Params, account: AccountId) -> Result<CompanionRequest, Fault> {
    Ok(CompanionRequest::Attachments(listing(params, account, &Named::Json("InstanceIds"))?))
}
