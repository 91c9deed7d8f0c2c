//! Regions, zones, hosts.

use fleet::{AccountId, CatalogueItem, DiskKind, Host, Label, Region, Sale, Zone};

use super::read::{Row, flag, label, number, one_of, text};
use super::value::{block, time};

/// The kinds of disks, as they are written.
const DISKS: [(&str, DiskKind); 10] = [
    ("basic", DiskKind::Basic),
    ("efficiency", DiskKind::Efficiency),
    ("ssd", DiskKind::Ssd),
    ("essd", DiskKind::Essd),
    ("essd_entry", DiskKind::EssdEntry),
    ("auto", DiskKind::Auto),
    ("regional_auto", DiskKind::RegionalAuto),
    ("local_ssd", DiskKind::LocalSsd),
    ("elastic_standard", DiskKind::ElasticStandard),
    ("elastic_premium", DiskKind::ElasticPremium),
];

pub(super) fn region(row: &mut Row<'_, '_>) -> Option<CatalogueItem> {
    let (label, name) = id_and_name(row);
    let public_block = row.may("public_block", block);
    Some(CatalogueItem::Region(Region { label: label?, local_name: name, public_block }))
}

pub(super) fn zone(row: &mut Row<'_, '_>) -> Option<CatalogueItem> {
    let (label, local_name) = id_and_name(row);
    let region = row.names("region", "region");
    let (sale, disks) = (sale(row), disks(row));
    let bare_metal = super::bare_metal::zone(row);
    Some(CatalogueItem::Zone(Zone { label: label?, region: region?, local_name, sale, disks, bare_metal }))
}

pub(super) fn host(row: &mut Row<'_, '_>) -> Option<Host> {
    let (of, name) = id_and_name(row);
    let (zone, places) = (row.names("zone", "zone"), row.must("places", number));
    let (prepaid, expires_at) = (row.or("prepaid", false, flag), row.may("expires", time));
    let (account, sale) = (account(row), sale(row));
    let families = row.list("families", label);
    let (of, zone, places) = (of?, zone?, places?);
    Some(Host { label: of, name, zone, account, prepaid, expires_at, sale, families, places, taken: 0 })
}

/// The id, and what people say: the id where nothing is said.
pub(super) fn id_and_name(row: &mut Row<'_, '_>) -> (Option<Label>, String) {
    let label = row.id();
    let name = row.may("name", text).filter(|name| !name.is_empty());
    let name = name.or_else(|| label.as_ref().map(ToString::to_string)).unwrap_or_default();
    (label, name)
}

/// Whether it can be asked for.
pub(super) fn sale(row: &mut Row<'_, '_>) -> Sale {
    if row.or("closed", false, flag) { Sale::Closed } else { Sale::Open }
}

/// Whose it is, when it is not everybody's.
pub(super) fn account(row: &mut Row<'_, '_>) -> Option<AccountId> {
    row.may("account", number).map(AccountId)
}

/// The kinds of disks that can be had.
pub(super) fn disks(row: &mut Row<'_, '_>) -> Vec<DiskKind> {
    row.list("disks", |value| one_of(value, &DISKS))
}

/// The kind of disk that goes by `word`.
pub(super) fn disk(word: &str) -> Option<DiskKind> {
    DISKS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
}
