//! Assets and hosts on disk.

use fleet::{AccountId, AssetType, DiskSnapshot, Label, Time};
use serde::{Deserialize, Serialize};

use super::catalogue::Sale;
use super::error::{DecodeError, EncodeError};
use super::field::label;
use super::payload::{Stored, Value};

const ASSET_VERSION: u8 = 1;
const HOST_VERSION: u8 = 2;

#[derive(Deserialize, Serialize)]
struct Asset<'a> {
    region: Option<&'a str>,
    account: Option<u64>,
    sale: Sale,
    what: AssetKind,
}

pinned! {
    enum AssetKind {
        1 = Snapshot {
            size_gib: u32,
            created_at: u64,
            finished: bool,
            encrypted: bool,
            of_system_disk: bool
        },
        2 = Role { for_instances: bool },
        3 = EncryptionKey { enabled: bool },
        4 = DeploymentSet { places: u32 },
        5 = HpcCluster { ready: bool },
        6 = ResourceGroup,
        7 = StorageSet,
        8 = SnapshotPolicy,
    }
}

pub(super) fn write_asset(asset: &fleet::Asset, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Asset {
        region: asset.region.as_ref().map(Label::as_str),
        account: asset.account.map(|AccountId(number)| number),
        sale: asset.sale.into(),
        what: (&asset.what).into(),
    };
    to.write(ASSET_VERSION, &fields)
}

pub(super) fn read_asset(
    of: AssetType,
    name: Label,
    stored: &Stored<'_>,
) -> Result<fleet::Asset, DecodeError> {
    const NAME: &str = "asset";
    let fields: Asset<'_> = match stored.version {
        ASSET_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, ASSET_VERSION)),
    };
    let what = fleet::AssetKind::from(fields.what);
    if what.of() != of {
        return Err(DecodeError::ForeignAsset { key: of, found: what.of() });
    }
    Ok(fleet::Asset {
        label: name,
        region: fields.region.map(label).transpose()?,
        account: fields.account.map(AccountId),
        sale: fields.sale.into(),
        what,
    })
}

#[derive(Deserialize, Serialize)]
struct Host<'a> {
    name: &'a str,
    zone: &'a str,
    account: Option<u64>,
    prepaid: bool,
    expires_at: Option<u64>,
    sale: Sale,
    places: u32,
    taken: u32,
    /// Since version 2.
    families: Vec<&'a str>,
}

/// A host as it was before it could be picky.
#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
struct HostVersion1<'a> {
    name: &'a str,
    zone: &'a str,
    account: Option<u64>,
    prepaid: bool,
    expires_at: Option<u64>,
    sale: Sale,
    places: u32,
    taken: u32,
}

impl<'a> From<HostVersion1<'a>> for Host<'a> {
    fn from(earlier: HostVersion1<'a>) -> Self {
        let HostVersion1 { name, zone, account, prepaid, expires_at, sale, places, taken } = earlier;
        Self { name, zone, account, prepaid, expires_at, sale, places, taken, families: Vec::new() }
    }
}

pub(super) fn write_host(host: &fleet::Host, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Host {
        name: &host.name,
        zone: host.zone.as_str(),
        account: host.account.map(|AccountId(number)| number),
        prepaid: host.prepaid,
        expires_at: host.expires_at.map(Time::millis),
        sale: host.sale.into(),
        places: host.places,
        taken: host.taken,
        families: host.families.iter().map(Label::as_str).collect(),
    };
    to.write(HOST_VERSION, &fields)
}

pub(super) fn read_host(name: Label, stored: &Stored<'_>) -> Result<fleet::Host, DecodeError> {
    const NAME: &str = "host";
    let fields: Host<'_> = match stored.version {
        HOST_VERSION => stored.read(NAME)?,
        1 => stored.read::<HostVersion1<'_>>(NAME)?.into(),
        _ => return Err(stored.unknown(NAME, HOST_VERSION)),
    };
    Ok(fleet::Host {
        label: name,
        name: fields.name.into(),
        zone: label(fields.zone)?,
        account: fields.account.map(AccountId),
        prepaid: fields.prepaid,
        expires_at: fields.expires_at.map(Time::from_millis),
        sale: fields.sale.into(),
        places: fields.places,
        taken: fields.taken,
        families: fields.families.into_iter().map(label).collect::<Result<_, _>>()?,
    })
}

impl From<&fleet::AssetKind> for AssetKind {
    fn from(what: &fleet::AssetKind) -> Self {
        match what {
            fleet::AssetKind::Snapshot(snapshot) => Self::Snapshot {
                size_gib: snapshot.size_gib,
                created_at: snapshot.created_at.millis(),
                finished: snapshot.finished,
                encrypted: snapshot.encrypted,
                of_system_disk: snapshot.of_system_disk,
            },
            fleet::AssetKind::Role { for_instances } => Self::Role { for_instances: *for_instances },
            fleet::AssetKind::EncryptionKey { enabled } => Self::EncryptionKey { enabled: *enabled },
            fleet::AssetKind::DeploymentSet { places } => Self::DeploymentSet { places: *places },
            fleet::AssetKind::HpcCluster { ready } => Self::HpcCluster { ready: *ready },
            fleet::AssetKind::ResourceGroup => Self::ResourceGroup,
            fleet::AssetKind::StorageSet => Self::StorageSet,
            fleet::AssetKind::SnapshotPolicy => Self::SnapshotPolicy,
        }
    }
}

impl From<AssetKind> for fleet::AssetKind {
    fn from(what: AssetKind) -> Self {
        match what {
            AssetKind::Snapshot { size_gib, created_at, finished, encrypted, of_system_disk } => {
                let created_at = Time::from_millis(created_at);
                Self::Snapshot(DiskSnapshot { size_gib, created_at, finished, encrypted, of_system_disk })
            }
            AssetKind::Role { for_instances } => Self::Role { for_instances },
            AssetKind::EncryptionKey { enabled } => Self::EncryptionKey { enabled },
            AssetKind::DeploymentSet { places } => Self::DeploymentSet { places },
            AssetKind::HpcCluster { ready } => Self::HpcCluster { ready },
            AssetKind::ResourceGroup => Self::ResourceGroup,
            AssetKind::StorageSet => Self::StorageSet,
            AssetKind::SnapshotPolicy => Self::SnapshotPolicy,
        }
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    let snapshot = AssetKind::Snapshot {
        size_gib: 0,
        created_at: 0,
        finished: true,
        encrypted: false,
        of_system_disk: false,
    };
    stay(
        AssetKind::NUMBERS,
        [
            (1, snapshot),
            (2, AssetKind::Role { for_instances: true }),
            (3, AssetKind::EncryptionKey { enabled: true }),
            (4, AssetKind::DeploymentSet { places: 0 }),
            (5, AssetKind::HpcCluster { ready: true }),
            (6, AssetKind::ResourceGroup),
            (7, AssetKind::StorageSet),
            (8, AssetKind::SnapshotPolicy),
        ],
    );
}
