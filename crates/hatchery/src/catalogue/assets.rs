//! What a launch can name besides: snapshots, roles, keys, sets.

use fleet::{Asset, AssetKind, CatalogueItem, DiskSnapshot, Time};

use super::places::{account, sale};
use super::read::{Row, flag, number};
use super::value::time;

/// Every table of assets of the file.
pub(super) fn assets(file: &mut Row<'_, '_>) -> Vec<CatalogueItem> {
    let mut items = file.rows("snapshot", |row| asset(row, snapshot));
    items.extend(file.rows("role", |row| {
        asset(row, |row| Some(AssetKind::Role { for_instances: row.or("for_instances", true, flag) }))
    }));
    items.extend(file.rows("encryption_key", |row| {
        asset(row, |row| Some(AssetKind::EncryptionKey { enabled: row.or("enabled", true, flag) }))
    }));
    items.extend(file.rows("deployment_set", |row| {
        asset(row, |row| row.must("places", number).map(|places| AssetKind::DeploymentSet { places }))
    }));
    items.extend(file.rows("hpc_cluster", |row| {
        asset(row, |row| Some(AssetKind::HpcCluster { ready: row.or("ready", true, flag) }))
    }));
    items.extend(file.rows("resource_group", |row| asset(row, |_| Some(AssetKind::ResourceGroup))));
    items.extend(file.rows("storage_set", |row| asset(row, |_| Some(AssetKind::StorageSet))));
    items.extend(file.rows("snapshot_policy", |row| asset(row, |_| Some(AssetKind::SnapshotPolicy))));
    items
}

fn asset<'t>(
    row: &mut Row<'_, 't>,
    what: impl FnOnce(&mut Row<'_, 't>) -> Option<AssetKind>,
) -> Option<CatalogueItem> {
    let (label, region) = (row.id(), row.may_name("region", "region"));
    let (account, sale) = (account(row), sale(row));
    let what = what(row);
    Some(CatalogueItem::Asset(Asset { label: label?, region, account, sale, what: what? }))
}

fn snapshot(row: &mut Row<'_, '_>) -> Option<AssetKind> {
    let size_gib = row.must("size_gib", number);
    let created_at = row.or("created", Time::START, time);
    let (finished, encrypted) = (row.or("finished", true, flag), row.or("encrypted", false, flag));
    let of_system_disk = row.or("of_system_disk", false, flag);
    let snapshot = DiskSnapshot { size_gib: size_gib?, created_at, finished, encrypted, of_system_disk };
    Some(AssetKind::Snapshot(snapshot))
}
