//! Disks, each as far as text alone decides (rules D, M-06, M-07). How they go with each other, the
//! image and the type is for the fleet to say.

use std::sync::Arc;

use fleet::{Device, DiskKind, DiskLevel, DiskWish, OnRelease};

use super::LaunchAction;
use super::edition::Reading;
use crate::ecs::names;
use crate::ecs::request::take::label;
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params, boolean, integer};

/// How many data disks an instance can have.
const DATA_DISKS_MAX: usize = 16;

/// The kinds of disks as the wire spells them.
pub(in crate::ecs) const KINDS: [(&str, DiskKind); 10] = [
    ("cloud", DiskKind::Basic),
    ("cloud_efficiency", DiskKind::Efficiency),
    ("cloud_ssd", DiskKind::Ssd),
    ("cloud_essd", DiskKind::Essd),
    ("cloud_auto", DiskKind::Auto),
    ("cloud_essd_entry", DiskKind::EssdEntry),
    ("ephemeral_ssd", DiskKind::LocalSsd),
    ("cloud_regional_disk_auto", DiskKind::RegionalAuto),
    ("elastic_ephemeral_disk_standard", DiskKind::ElasticStandard),
    ("elastic_ephemeral_disk_premium", DiskKind::ElasticPremium),
];

/// The performance levels as the wire spells them.
pub(in crate::ecs) const LEVELS: [(&str, DiskLevel); 4] =
    [("PL0", DiskLevel::Pl0), ("PL1", DiskLevel::Pl1), ("PL2", DiskLevel::Pl2), ("PL3", DiskLevel::Pl3)];

/// The disks of a launch, taken out of the request and not judged yet.
pub(super) struct Disks {
    system: Sent,
    data: Vec<Sent>,
}

/// The disks of a launch, each well-formed by itself.
pub(super) struct Shaped {
    pub(super) system: DiskWish,
    pub(super) data: Vec<DiskWish>,
    /// The indices that the data disks were sent with.
    pub(super) indices: Vec<u32>,
}

/// One disk as it was sent.
struct Sent {
    /// Its index, for a data disk.
    index: Option<u32>,
    category: Option<String>,
    size: Option<String>,
    level: Option<String>,
    snapshot: Option<String>,
    name: Option<String>,
    description: Option<String>,
    device: Option<String>,
    delete_with_instance: Option<String>,
    encrypted: Option<String>,
    key: Option<String>,
    snapshot_policy: Option<String>,
}

impl Disks {
    pub(super) fn take(params: &mut Params, action: LaunchAction) -> Self {
        let system = Sent::system(params, action);
        // No index is above this, so nothing is refused here; there may be too many all the same.
        let data = params.take_structs_up_to("DataDisk", u32::MAX).unwrap_or_default();
        let data = data.into_iter().map(|mut entry| {
            let sent = Sent::data(&mut entry, action);
            params.give_back(entry);
            sent
        });
        Self { system, data: data.collect() }
    }

    fn all(&self) -> impl Iterator<Item = &Sent> {
        std::iter::once(&self.system).chain(&self.data)
    }

    /// Rules M-06 and M-07.
    pub(super) fn names(&self, reading: &Reading) -> Result<(), Fault> {
        for disk in self.all() {
            if disk.description.as_deref().is_some_and(|text| !names::is_description(text)) {
                return Err(disk.fault(Code::INVALID_DISK_DESCRIPTION_MALFORMED, "Description"));
            }
        }
        for disk in self.all() {
            if disk.name.as_deref().is_some_and(|text| !reading.names.admits(text)) {
                return Err(disk.fault(Code::INVALID_DISK_NAME_MALFORMED, "DiskName"));
            }
        }
        Ok(())
    }

    /// Rules D-01, D-04, D-06, D-16, D-17; then that sizes are numbers (D-02, D-05), levels are levels
    /// (D-22) and flags are flags.
    pub(super) fn shape(self, reading: &Reading) -> Result<Shaped, Fault> {
        let kind = self.system.kind(reading.system_disks)?;
        let kinds: Vec<_> =
            self.data.iter().map(|disk| disk.kind(reading.data_disks)).collect::<Result<_, _>>()?;
        if self.data.len() > DATA_DISKS_MAX {
            return Err(Fault::new(Code::INSTANCE_DISK_NUMBER_LIMIT_EXCEED).about("DataDisk"));
        }
        let mut devices = Vec::with_capacity(self.data.len());
        for disk in &self.data {
            devices.push(disk.device(reading)?);
        }
        for (at, (disk, device)) in self.data.iter().zip(&devices).enumerate() {
            if device.is_some() && devices.iter().take(at).any(|earlier| earlier == device) {
                return Err(disk.fault(Code::INVALID_DEVICE_IN_USE, "Device"));
            }
        }
        let indices = self.data.iter().filter_map(|disk| disk.index).collect();
        let system = self.system.wish(reading, kind, None)?;
        let data = self.data.into_iter().zip(kinds).zip(devices);
        let data = data.map(|((disk, kind), device)| disk.wish(reading, kind, device));
        Ok(Shaped { system, data: data.collect::<Result<_, _>>()?, indices })
    }
}

impl Sent {
    fn system(params: &mut Params, action: LaunchAction) -> Self {
        let mut text = |name: &str| params.take_text(name);
        Self {
            index: None,
            category: text("SystemDisk.Category"),
            size: text("SystemDisk.Size"),
            level: text("SystemDisk.PerformanceLevel"),
            snapshot: None,
            name: text("SystemDisk.DiskName"),
            description: text("SystemDisk.Description"),
            device: None,
            delete_with_instance: None,
            encrypted: text("SystemDisk.Encrypted"),
            key: text("SystemDisk.KMSKeyId"),
            snapshot_policy: match action {
                LaunchAction::Run => text("SystemDisk.AutoSnapshotPolicyId"),
                LaunchAction::Create => None,
            },
        }
    }

    fn data(entry: &mut Entry, action: LaunchAction) -> Self {
        let mut text = |name: &str| entry.params.take_text(name);
        Self {
            index: Some(entry.index),
            category: text("Category"),
            size: text("Size"),
            level: text("PerformanceLevel"),
            snapshot: text("SnapshotId"),
            name: text("DiskName"),
            description: text("Description"),
            device: text("Device"),
            delete_with_instance: text("DeleteWithInstance"),
            encrypted: text("Encrypted"),
            key: text("KMSKeyId"),
            snapshot_policy: match action {
                LaunchAction::Run => text("AutoSnapshotPolicyId"),
                LaunchAction::Create => None,
            },
        }
    }

    fn path(&self, name: &str) -> String {
        match self.index {
            None => format!("SystemDisk.{name}"),
            Some(index) => format!("DataDisk.{index}.{name}"),
        }
    }

    fn fault(&self, code: Code, name: &str) -> Fault {
        Fault::new(code).about(self.path(name))
    }

    /// Rules D-01 and D-04.
    fn kind(&self, allowed: &[DiskKind]) -> Result<Option<DiskKind>, Fault> {
        let Some(text) = self.category.as_deref() else { return Ok(None) };
        let known = KINDS.into_iter().find(|(spelled, kind)| *spelled == text && allowed.contains(kind));
        let code = match self.index {
            None => Code::INVALID_SYSTEM_DISK_CATEGORY_VALUE_NOT_SUPPORTED,
            Some(_) => Code::INVALID_DATA_DISK_CATEGORY_VALUE_NOT_SUPPORTED,
        };
        known.map(|(_, kind)| Some(kind)).ok_or_else(|| self.fault(code, "Category"))
    }

    /// Rule D-16.
    fn device(&self, reading: &Reading) -> Result<Option<Device>, Fault> {
        let Some(text) = self.device.as_deref() else { return Ok(None) };
        let device = device(text, reading.device_letters_max);
        device.map(Some).ok_or_else(|| self.fault(Code::INVALID_DATA_DEVICE_MALFORMED, "Device"))
    }

    fn size_gib(&self) -> Result<Option<u32>, Fault> {
        let code = match self.index {
            None => Code::INVALID_SYSTEM_DISK_SIZE_VALUE_NOT_SUPPORTED,
            Some(_) => Code::INVALID_DATA_DISK_SIZE_VALUE_NOT_SUPPORTED,
        };
        let size = self.size.as_deref().map(integer).transpose();
        size.map_err(|_| self.fault(code, "Size"))
    }

    fn level(&self, reading: &Reading) -> Result<Option<DiskLevel>, Fault> {
        let Some(text) = self.level.as_deref() else { return Ok(None) };
        let known =
            LEVELS.into_iter().find(|(spelled, level)| *spelled == text && *level >= reading.level_min);
        let fault = || self.fault(Code::INVALID_PARAMETER, "PerformanceLevel");
        known.map(|(_, level)| Some(level)).ok_or_else(fault)
    }

    fn flag(&self, text: Option<&str>, name: &str) -> Result<Option<bool>, Fault> {
        text.map(boolean).transpose().map_err(|_| Fault::invalid(self.path(name)))
    }

    fn wish(
        self,
        reading: &Reading,
        kind: Option<DiskKind>,
        device: Option<Device>,
    ) -> Result<DiskWish, Fault> {
        let delete = self.flag(self.delete_with_instance.as_deref(), "DeleteWithInstance")?;
        Ok(DiskWish {
            kind,
            size_gib: self.size_gib()?,
            level: self.level(reading)?,
            encrypted: self.flag(self.encrypted.as_deref(), "Encrypted")?,
            on_release: match delete {
                Some(false) => OnRelease::Keep,
                Some(true) | None => OnRelease::Delete,
            },
            snapshot: self.snapshot.as_deref().map(label),
            name: self.name.map(Arc::from),
            description: self.description.map(Arc::from),
            device,
            key: self.key.as_deref().map(label),
            snapshot_policy: self.snapshot_policy.as_deref().map(label),
        })
    }
}

/// `/dev/xvdb` is 1, `/dev/xvdz` 25, `/dev/xvdaa` 26, `/dev/xvdzz` 701: `/dev/xvda` is the system disk's.
fn device(text: &str, letters_max: usize) -> Option<Device> {
    let letters = text.strip_prefix("/dev/xvd").filter(|letters| letters.len() <= letters_max)?;
    let place = |letter: u8| letter.is_ascii_lowercase().then(|| u16::from(letter.saturating_sub(b'a')));
    match letters.as_bytes() {
        [one] => place(*one).filter(|place| *place > 0).map(Device),
        [first, second] => {
            let tens = place(*first)?.saturating_add(1).saturating_mul(26);
            Some(Device(tens.saturating_add(place(*second)?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_count_as_letters_do() {
        for (text, letters_max, expected) in [
            ("/dev/xvda", 2, None),
            ("/dev/xvdb", 1, Some(1)),
            ("/dev/xvdz", 1, Some(25)),
            ("/dev/xvdaa", 1, None),
            ("/dev/xvdaa", 2, Some(26)),
            ("/dev/xvdzz", 2, Some(701)),
            ("/dev/xvdaaa", 2, None),
            ("/dev/xvd", 2, None),
            ("/dev/xvdB", 2, None),
            ("/dev/sdb", 2, None),
        ] {
            assert_eq!(device(text, letters_max), expected.map(Device), "{text}");
        }
    }

    #[test]
    fn every_kind_has_one_spelling() {
        for kind in DiskKind::ALL {
            assert_eq!(KINDS.iter().filter(|(_, spelled)| *spelled == kind).count(), 1, "{kind:?}");
        }
    }
}
