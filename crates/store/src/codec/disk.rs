//! Disks on disk: those of a launch, and those that outlived their instance.

use serde::{Deserialize, Serialize};

use fleet::{AccountId, InstanceId, Time};

use super::error::{DecodeError, EncodeError};
use super::field::label;
use super::payload::{Stored, Value};

const KEPT_DISK_VERSION: u8 = 1;

pinned_mirrors! {
    DiskKind {
        1 = Basic,
        2 = Efficiency,
        3 = Ssd,
        4 = Essd,
        5 = EssdEntry,
        6 = Auto,
        7 = RegionalAuto,
        8 = LocalSsd,
        9 = ElasticStandard,
        10 = ElasticPremium,
    }
    DiskLevel { 1 = Pl0, 2 = Pl1, 3 = Pl2, 4 = Pl3 }
    OnRelease { 1 = Delete, 2 = Keep }
}

#[derive(Deserialize, Serialize)]
pub(super) struct Disk<'a> {
    kind: DiskKind,
    size_gib: u32,
    level: Option<DiskLevel>,
    snapshot: Option<&'a str>,
    name: &'a str,
    description: &'a str,
    device: u16,
    on_release: OnRelease,
    encrypted: bool,
    key: Option<&'a str>,
    snapshot_policy: Option<&'a str>,
}

impl<'a> From<&'a fleet::Disk> for Disk<'a> {
    fn from(disk: &'a fleet::Disk) -> Self {
        Self {
            kind: disk.kind.into(),
            size_gib: disk.size_gib,
            level: disk.level.map(Into::into),
            snapshot: disk.snapshot.as_ref().map(fleet::Label::as_str),
            name: &disk.name,
            description: &disk.description,
            device: disk.device.0,
            on_release: disk.on_release.into(),
            encrypted: disk.encrypted,
            key: disk.key.as_ref().map(fleet::Label::as_str),
            snapshot_policy: disk.snapshot_policy.as_ref().map(fleet::Label::as_str),
        }
    }
}

impl TryFrom<Disk<'_>> for fleet::Disk {
    type Error = DecodeError;

    fn try_from(disk: Disk<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: disk.kind.into(),
            size_gib: disk.size_gib,
            level: disk.level.map(Into::into),
            snapshot: disk.snapshot.map(label).transpose()?,
            name: disk.name.into(),
            description: disk.description.into(),
            device: fleet::Device(disk.device),
            on_release: disk.on_release.into(),
            encrypted: disk.encrypted,
            key: disk.key.map(label).transpose()?,
            snapshot_policy: disk.snapshot_policy.map(label).transpose()?,
        })
    }
}

#[derive(Deserialize, Serialize)]
struct KeptDisk<'a> {
    account: u64,
    region: &'a str,
    zone: &'a str,
    #[serde(borrow)]
    disk: Disk<'a>,
    created_at: u64,
    kept_at: u64,
}

pub(super) fn write_kept_disk(kept: &fleet::KeptDisk, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = KeptDisk {
        account: kept.account.0,
        region: kept.region.as_str(),
        zone: kept.zone.as_str(),
        disk: (&kept.disk).into(),
        created_at: kept.created_at.millis(),
        kept_at: kept.kept_at.millis(),
    };
    to.write(KEPT_DISK_VERSION, &fields)
}

pub(super) fn read_kept_disk(
    instance: InstanceId,
    index: u8,
    stored: &Stored<'_>,
) -> Result<fleet::KeptDisk, DecodeError> {
    const NAME: &str = "disk";
    let fields: KeptDisk<'_> = match stored.version {
        KEPT_DISK_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, KEPT_DISK_VERSION)),
    };
    Ok(fleet::KeptDisk {
        instance,
        index,
        account: AccountId(fields.account),
        region: label(fields.region)?,
        zone: label(fields.zone)?,
        disk: fields.disk.try_into()?,
        created_at: Time::from_millis(fields.created_at),
        kept_at: Time::from_millis(fields.kept_at),
    })
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    stay(
        DiskKind::NUMBERS,
        [
            (1, DiskKind::Basic),
            (2, DiskKind::Efficiency),
            (3, DiskKind::Ssd),
            (4, DiskKind::Essd),
            (5, DiskKind::EssdEntry),
            (6, DiskKind::Auto),
            (7, DiskKind::RegionalAuto),
            (8, DiskKind::LocalSsd),
            (9, DiskKind::ElasticStandard),
            (10, DiskKind::ElasticPremium),
        ],
    );
    stay(
        DiskLevel::NUMBERS,
        [(1, DiskLevel::Pl0), (2, DiskLevel::Pl1), (3, DiskLevel::Pl2), (4, DiskLevel::Pl3)],
    );
    stay(OnRelease::NUMBERS, [(1, OnRelease::Delete), (2, OnRelease::Keep)]);
}
