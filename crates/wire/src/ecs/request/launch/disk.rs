//! Disks (D, M-06, M-07). Looked at and not kept: the fleet knows no disks yet.

use super::LaunchAction;
use super::machine::Io;
use crate::ecs::names;
use crate::ecs::request::take::flag;
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params, integer};

/// How many data disks an instance can have.
const DATA_DISKS_MAX: usize = 16;
/// How much all local SSDs of an instance can hold, GiB.
const EPHEMERAL_GIB_MAX: u32 = 1024;

/// The disks of a launch, taken out of the request and not judged yet.
pub(super) struct Disks {
    system: Vec<(String, Option<String>)>,
    data: Vec<Entry>,
}

/// The disks of a launch, each well-formed by itself.
pub(super) struct ShapedDisks {
    system: Disk,
    data: Vec<Disk>,
}

struct Disk {
    /// `SystemDisk` or `DataDisk.N`.
    path: String,
    category: Option<Category>,
    /// `None` when nothing is said; `Err` when it is no number.
    size_gib: Option<Result<u32, ()>>,
    level: Option<Result<Level, ()>>,
    from_snapshot: bool,
    keyed: bool,
    encrypted: bool,
    stays: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Category {
    Cloud,
    Efficiency,
    Ssd,
    Essd,
    Auto,
    EssdEntry,
    EphemeralSsd,
    RegionalAuto,
    ElasticStandard,
    ElasticPremium,
}

/// The performance level of an ESSD.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Level {
    Pl0,
    Pl1,
    Pl2,
    Pl3,
}

impl Category {
    const SYSTEM: [(&str, Self); 7] = [
        ("cloud", Self::Cloud),
        ("cloud_efficiency", Self::Efficiency),
        ("cloud_ssd", Self::Ssd),
        ("cloud_essd", Self::Essd),
        ("cloud_auto", Self::Auto),
        ("cloud_essd_entry", Self::EssdEntry),
        ("ephemeral_ssd", Self::EphemeralSsd),
    ];
    const DATA_ONLY: [(&str, Self); 3] = [
        ("cloud_regional_disk_auto", Self::RegionalAuto),
        ("elastic_ephemeral_disk_standard", Self::ElasticStandard),
        ("elastic_ephemeral_disk_premium", Self::ElasticPremium),
    ];

    fn parse(text: &str, data: bool) -> Option<Self> {
        let data_only = if data { Self::DATA_ONLY.as_slice() } else { &[] };
        let mut known = Self::SYSTEM.iter().chain(data_only);
        known.find(|(spelled, _)| *spelled == text).map(|(_, category)| *category)
    }

    /// The sizes of a system disk, GiB: the widest of what the sources say.
    const fn system_sizes(self, level: Level) -> (u32, u32) {
        match (self, level) {
            (Self::Cloud, _) => (20, 500),
            (Self::Essd, Level::Pl0) | (Self::Auto, _) => (1, 2048),
            (Self::Essd, Level::Pl2) => (461, 2048),
            (Self::Essd, Level::Pl3) => (1261, 2048),
            (Self::Essd, Level::Pl1)
            | (
                Self::Efficiency
                | Self::Ssd
                | Self::EssdEntry
                | Self::EphemeralSsd
                | Self::RegionalAuto
                | Self::ElasticStandard
                | Self::ElasticPremium,
                _,
            ) => (20, 2048),
        }
    }

    /// The sizes of a data disk, GiB.
    const fn data_sizes(self, level: Level) -> (u32, u32) {
        match (self, level) {
            (Self::Cloud, _) => (5, 2000),
            (Self::EphemeralSsd, _) => (5, 800),
            (Self::Efficiency | Self::Ssd, _) => (20, 32768),
            (Self::EssdEntry, _) => (10, 32768),
            (Self::Essd, Level::Pl0) | (Self::Auto | Self::RegionalAuto, _) => (1, 65536),
            (Self::Essd, Level::Pl1) => (20, 65536),
            (Self::Essd, Level::Pl2) => (461, 65536),
            (Self::Essd, Level::Pl3) => (1261, 65536),
            (Self::ElasticStandard | Self::ElasticPremium, _) => (64, 8192),
        }
    }
}

impl Level {
    fn parse(text: &str) -> Result<Self, ()> {
        match text {
            "PL0" => Ok(Self::Pl0),
            "PL1" => Ok(Self::Pl1),
            "PL2" => Ok(Self::Pl2),
            "PL3" => Ok(Self::Pl3),
            _ => Err(()),
        }
    }
}

impl Disks {
    /// The names and descriptions that the system disk's rules are about.
    const SYSTEM: [&str; 5] = ["Category", "Size", "DiskName", "Description", "PerformanceLevel"];

    pub(super) fn take(params: &mut Params) -> Self {
        let system = Self::SYSTEM.map(|name| {
            let name = format!("SystemDisk.{name}");
            let value = params.take_text(&name);
            (name, value)
        });
        // No index is above this, so nothing is refused here; there may be too many all the same.
        let data = params.take_structs_up_to("DataDisk", u32::MAX).unwrap_or_default();
        Self { system: system.into(), data }
    }

    fn system(&self, name: &str) -> Option<&str> {
        let found = self.system.iter().find(|(full, _)| full.strip_prefix("SystemDisk.") == Some(name));
        found.and_then(|(_, value)| value.as_deref())
    }

    /// Rules M-06 and M-07.
    pub(super) fn names(&mut self) -> Result<(), Fault> {
        let mut descriptions = vec![("SystemDisk".to_owned(), self.system("Description").map(str::to_owned))];
        let mut disk_names = vec![("SystemDisk".to_owned(), self.system("DiskName").map(str::to_owned))];
        for Entry { index, params } in &mut self.data {
            descriptions.push((format!("DataDisk.{index}"), params.take_text("Description")));
            disk_names.push((format!("DataDisk.{index}"), params.take_text("DiskName")));
        }
        for (path, text) in descriptions {
            if text.is_some_and(|text| names::description(&text).is_none()) {
                let code = Code::INVALID_DISK_DESCRIPTION_MALFORMED;
                return Err(Fault::new(code).about(format!("{path}.Description")));
            }
        }
        for (path, text) in disk_names {
            if text.is_some_and(|text| names::name(&text).is_none()) {
                return Err(Fault::new(Code::INVALID_DISK_NAME_MALFORMED).about(format!("{path}.DiskName")));
            }
        }
        Ok(())
    }

    /// Rules D-01, D-04, D-06, D-16, D-17, and that flags are flags. What is left of the entries
    /// goes back to `params`.
    pub(super) fn shape(mut self, params: &mut Params) -> Result<ShapedDisks, Fault> {
        let system = self.system("Category").map(|text| Category::parse(text, false));
        if system == Some(None) {
            let code = Code::INVALID_SYSTEM_DISK_CATEGORY_VALUE_NOT_SUPPORTED;
            return Err(Fault::new(code).about("SystemDisk.Category"));
        }
        let mut categories = Vec::new();
        for Entry { params, .. } in &mut self.data {
            categories.push(params.take("Category", |text| {
                Category::parse(text, true).ok_or(Code::INVALID_DATA_DISK_CATEGORY_VALUE_NOT_SUPPORTED)
            })?);
        }
        if self.data.len() > DATA_DISKS_MAX {
            return Err(Fault::new(Code::INSTANCE_DISK_NUMBER_LIMIT_EXCEED).about("DataDisk"));
        }
        self.devices()?;
        let system = Disk {
            path: "SystemDisk".to_owned(),
            category: system.flatten(),
            size_gib: self.system("Size").map(size_gib),
            level: self.system("PerformanceLevel").map(Level::parse),
            from_snapshot: false,
            keyed: false,
            encrypted: false,
            stays: false,
        };
        let mut data = Vec::new();
        for (mut entry, category) in self.data.into_iter().zip(categories) {
            data.push(Disk::take(&mut entry, category)?);
            params.give_back(entry);
        }
        Ok(ShapedDisks { system, data })
    }

    fn devices(&mut self) -> Result<(), Fault> {
        let mut devices: Vec<(String, u32)> = Vec::new();
        for Entry { index, params } in &mut self.data {
            let device = params.take("Device", |text| match is_device(text) {
                true => Ok(text.to_owned()),
                false => Err(Code::INVALID_DATA_DEVICE_MALFORMED),
            })?;
            devices.extend(device.map(|device| (device, *index)));
        }
        devices.sort();
        let twice = devices.windows(2).find_map(|pair| match pair {
            [(one, _), (other, index)] if one == other => Some(index),
            _ => None,
        });
        match twice {
            Some(index) => {
                Err(Fault::new(Code::INVALID_DEVICE_IN_USE).about(format!("DataDisk.{index}.Device")))
            }
            None => Ok(()),
        }
    }
}

impl Disk {
    fn take(entry: &mut Entry, category: Option<Category>) -> Result<Self, Fault> {
        let Entry { index, params } = entry;
        Ok(Self {
            path: format!("DataDisk.{index}"),
            category,
            size_gib: params.take_text("Size").map(|text| size_gib(&text)),
            level: params.take_text("PerformanceLevel").map(|text| Level::parse(&text)),
            from_snapshot: params.take_text("SnapshotId").is_some(),
            keyed: params.take_text("KMSKeyId").is_some(),
            encrypted: flag(params, "Encrypted")?.unwrap_or(false),
            stays: flag(params, "DeleteWithInstance")? == Some(false),
        })
    }

    fn fault(&self, code: Code, name: &str) -> Fault {
        Fault::new(code).about(format!("{}.{name}", self.path))
    }

    /// Which sizes it may have depends on this even where nothing or nonsense is said.
    fn level_or_default(&self) -> Level {
        self.level.and_then(Result::ok).unwrap_or(Level::Pl1)
    }

    /// Rule D-22.
    fn level_fits(&self) -> Result<(), Fault> {
        let essd = matches!(self.category, Some(Category::Essd) | None);
        match self.level {
            Some(Err(())) => Err(self.fault(Code::INVALID_PARAMETER, "PerformanceLevel")),
            Some(Ok(_)) if !essd => Err(self.fault(Code::INVALID_PARAMETER, "PerformanceLevel")),
            Some(Ok(_)) | None => Ok(()),
        }
    }
}

impl ShapedDisks {
    /// Rules D-02, D-05, D-07, D-08, D-18, D-21, D-22.
    pub(super) fn relations(&self, action: LaunchAction, io: Io) -> Result<(), Fault> {
        self.system_size()?;
        for disk in &self.data {
            disk.data_size(io)?;
        }
        self.ephemeral()?;
        for disk in &self.data {
            if action == LaunchAction::Run && disk.keyed && !disk.encrypted {
                return Err(disk.fault(Code::INVALID_PARAMETER_ENCRYPTED_ILLEGAL, "Encrypted"));
            }
        }
        for disk in &self.data {
            if disk.stays && disk.category == Some(Category::EphemeralSsd) {
                return Err(disk.fault(Code::DELETE_WITH_INSTANCE_CONFLICT, "DeleteWithInstance"));
            }
        }
        std::iter::once(&self.system).chain(&self.data).try_for_each(Disk::level_fits)
    }

    fn system_size(&self) -> Result<(), Fault> {
        let category = self.system.category.unwrap_or(Category::Efficiency);
        let (least, most) = category.system_sizes(self.system.level_or_default());
        match self.system.size_gib {
            Some(Ok(size)) if (least..=most).contains(&size) => Ok(()),
            None => Ok(()),
            Some(Ok(_) | Err(())) => {
                let detail = format!("The specified SystemDisk.Size must be between {least} and {most} GiB.");
                let code = Code::INVALID_SYSTEM_DISK_SIZE_VALUE_NOT_SUPPORTED;
                Err(Fault::with(code, detail).about("SystemDisk.Size"))
            }
        }
    }

    fn ephemeral(&self) -> Result<(), Fault> {
        let local = || self.data.iter().filter(|disk| disk.category == Some(Category::EphemeralSsd));
        if let Some(disk) = local().next()
            && self.system.category != Some(Category::EphemeralSsd)
        {
            return Err(disk.fault(Code::INVALID_DISK_CATEGORY_MISMATCH, "Category"));
        }
        let sizes = local().filter_map(|disk| disk.size_gib).filter_map(Result::ok);
        match sizes.fold(0_u32, u32::saturating_add) > EPHEMERAL_GIB_MAX {
            true => Err(Fault::new(Code::INSTANCE_DISK_CATEGORY_LIMIT_EXCEED).about("DataDisk")),
            false => Ok(()),
        }
    }
}

impl Disk {
    /// Rule D-05. What a snapshot is copied to has its size.
    fn data_size(&self, io: Io) -> Result<(), Fault> {
        let category = self.category.unwrap_or(match io {
            Io::Optimized => Category::Efficiency,
            Io::Plain => Category::Cloud,
        });
        let (least, most) = category.data_sizes(self.level_or_default());
        match self.size_gib {
            Some(Ok(size)) if (least..=most).contains(&size) => Ok(()),
            Some(Ok(_)) | None if self.from_snapshot => Ok(()),
            Some(Ok(_) | Err(())) | None => {
                Err(self.fault(Code::INVALID_DATA_DISK_SIZE_VALUE_NOT_SUPPORTED, "Size"))
            }
        }
    }
}

fn size_gib(text: &str) -> Result<u32, ()> {
    integer(text).map_err(|_| ())
}

/// `/dev/xvdb` to `/dev/xvdz`, then `/dev/xvdaa` to `/dev/xvdzz`: `/dev/xvda` is the system disk's.
fn is_device(text: &str) -> bool {
    let letters = text.strip_prefix("/dev/xvd").unwrap_or_default();
    matches!(letters.as_bytes(), [b'b'..=b'z'] | [b'a'..=b'z', b'a'..=b'z'])
}
