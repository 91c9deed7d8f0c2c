//! The disks of a launch: which sizes there are, what it gets where it says nothing, and whether
//! what it says goes together (rules D-02 to D-22, and `contract/ecs-run-instances.md` sections 6
//! and 11).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::find::Found;
use super::{Edition, Launch, LaunchRefusal, NeedsIo, WhichDisk};
use crate::{
    AfterCreation, AssetKind, AssetType, Catalogue, Device, Disk, DiskKind, DiskLevel, DiskSnapshot,
    DiskWish, Image, InstanceType, Io, Label, OnRelease, Time, Zone,
};

/// How much all local data disks of an instance can hold, GiB.
const LOCAL_DATA_GIB_MAX: u32 = 1024;
/// What a system disk has when nothing is said and its image is smaller, GiB.
const SYSTEM_GIB_DEFAULT: u32 = 40;
/// From when on snapshots can be used: those of 2013-07-15 and before cannot.
const SNAPSHOTS_SINCE: Time = Time::from_secs(1_373_932_800);
/// A key that cannot be used.
const DISABLED: AssetKind = AssetKind::EncryptionKey { enabled: false };
/// What can be a system disk; what is taken where the usual default cannot be had, first.
const SYSTEM_KINDS: [DiskKind; 7] = [
    DiskKind::Essd,
    DiskKind::Efficiency,
    DiskKind::Ssd,
    DiskKind::EssdEntry,
    DiskKind::Auto,
    DiskKind::Basic,
    DiskKind::LocalSsd,
];

/// The disks of the instances of a launch.
pub(super) struct Disks {
    pub(super) system: Disk,
    /// With distinct devices.
    pub(super) data: Vec<Disk>,
}

/// A disk that is asked for, as far as it is known before it is judged.
struct Asked<'a> {
    which: WhichDisk,
    wish: &'a DiskWish,
    kind: DiskKind,
    level: DiskLevel,
    snapshot: Option<&'a DiskSnapshot>,
}

type Rule = Result<(), LaunchRefusal>;

impl Launch {
    /// The disks, or the first rule that one of them breaks. A rule is asked of all disks before
    /// the next one is.
    pub(super) fn relate_disks(
        &self,
        catalogue: &Catalogue,
        (found, image): (&Found, &Image),
        io: Io,
    ) -> Result<Disks, LaunchRefusal> {
        let Found { zone, instance_type, .. } = found;
        let system = self.asked_system(found, io);
        let data = self.asked_data(catalogue, found, io);
        let all = || core::iter::once(&system).chain(&data);

        let size_gib = system.system_size(self.edition, image.size_gib)?;
        data.iter().try_for_each(|disk| disk.data_size(self.edition))?;
        local_disks(&system, &data)?;
        all().try_for_each(|disk| disk.suits_type(instance_type, io))?;
        all().try_for_each(|disk| disk.suits_zone(zone))?;
        data.iter().try_for_each(Asked::snapshot_age)?;
        data.iter().try_for_each(Asked::snapshot_state)?;
        data.iter().try_for_each(Asked::snapshot_size)?;
        if self.after_creation == AfterCreation::Start {
            all().try_for_each(Asked::key_encrypts)?;
            all().try_for_each(|disk| disk.key_needs_io(io))?;
        }
        all().try_for_each(|disk| disk.key_works(catalogue))?;
        data.iter().try_for_each(Asked::snapshot_encryption)?;
        all().try_for_each(Asked::encryption)?;
        data.iter().try_for_each(Asked::portable)?;
        all().try_for_each(|disk| disk.has_level(self.edition))?;

        let mut devices: BTreeSet<Device> = data.iter().filter_map(|disk| disk.wish.device).collect();
        let data = data.iter().map(|disk| {
            let device = disk.wish.device.unwrap_or_else(|| first_free(&devices));
            devices.insert(device);
            Disk { device, on_release: disk.wish.on_release, ..disk.resolved(disk.data_gib().unwrap_or(0)) }
        });
        Ok(Disks { data: data.collect(), system: system.resolved(size_gib) })
    }

    fn asked_system(&self, found: &Found, io: Io) -> Asked<'_> {
        let preferred = match io {
            Io::Plain => DiskKind::Basic,
            Io::Optimized => DiskKind::Efficiency,
        };
        let wish = &self.system_disk;
        let kind = wish.kind.unwrap_or_else(|| default_kind(preferred, found, io, WhichDisk::System));
        let level = match (self.edition, wish.kind) {
            (Edition::Newest, None) => DiskLevel::Pl0,
            (Edition::Seeds | Edition::Newest | Edition::Either, _) => DiskLevel::Pl1,
        };
        let level = wish.level.unwrap_or(level);
        Asked { which: WhichDisk::System, wish, kind, level, snapshot: None }
    }

    fn asked_data<'a>(&'a self, catalogue: &'a Catalogue, found: &Found, io: Io) -> Vec<Asked<'a>> {
        let default = |which| match (self.edition, io) {
            // What the seeds say, whether the type takes it or not.
            (Edition::Seeds, _) | (_, Io::Plain) => DiskKind::Basic,
            (_, Io::Optimized) => default_kind(DiskKind::Efficiency, found, io, which),
        };
        let asked = self.data_disks.iter().enumerate().map(|(index, wish)| {
            let which = WhichDisk::Data(index);
            let kind = wish.kind.unwrap_or_else(|| default(which));
            let snapshot = wish.snapshot.as_ref().and_then(|label| {
                let asset = self.asset(catalogue, AssetType::Snapshot, label)?;
                let AssetKind::Snapshot(snapshot) = &asset.what else { return None };
                Some(snapshot)
            });
            Asked { which, wish, kind, level: wish.level.unwrap_or(DiskLevel::Pl1), snapshot }
        });
        asked.collect()
    }
}

/// What a disk is of which no kind is said: `preferred` if type and zone have it, or else the first
/// that they have, or that the type takes. When it takes nothing, the preferred one is refused in
/// its turn.
fn default_kind(preferred: DiskKind, found: &Found, io: Io, which: WhichDisk) -> DiskKind {
    let kinds = || core::iter::once(preferred).chain(SYSTEM_KINDS);
    let takes = |kind: &DiskKind| found.instance_type.takes(*kind, io, which);
    let had = kinds().find(|kind| takes(kind) && found.zone.offers(*kind));
    had.or_else(|| kinds().find(takes)).unwrap_or(preferred)
}

/// The first place behind the system disk's that is not among `devices`.
fn first_free(devices: &BTreeSet<Device>) -> Device {
    (1..=u16::MAX).map(Device).find(|device| !devices.contains(device)).unwrap_or(Device::SYSTEM)
}

impl InstanceType {
    /// Whether it takes a disk of this kind: those it lists, or those of its way to reach them. A
    /// system disk that is reached the fast way is neither of the oldest kind nor in the host
    /// (rule D-09).
    fn takes(&self, kind: DiskKind, io: Io, which: WhichDisk) -> bool {
        use DiskKind::{
            Auto, Basic, Efficiency, ElasticPremium, ElasticStandard, Essd, EssdEntry, LocalSsd,
            RegionalAuto, Ssd,
        };
        let usual = match kind {
            Basic | LocalSsd => io == Io::Plain,
            Efficiency | Ssd => true,
            Essd | EssdEntry | Auto | RegionalAuto | ElasticStandard | ElasticPremium => io == Io::Optimized,
        };
        let listed = &self.abilities.disks;
        let takes = if listed.is_empty() { usual } else { listed.contains(&kind) };
        let old = matches!(kind, Basic | LocalSsd);
        takes && !(old && which == WhichDisk::System && io == Io::Optimized)
    }
}

impl Zone {
    fn offers(&self, kind: DiskKind) -> bool {
        self.disks.is_empty() || self.disks.contains(&kind)
    }
}

/// The sizes of a system disk, GiB, the least and the most.
const fn system_sizes(kind: DiskKind, level: DiskLevel, edition: Edition) -> (u32, u32) {
    match (edition, kind, level) {
        (Edition::Seeds, _, _) | (_, DiskKind::Basic, _) => (20, 500),
        (_, DiskKind::Essd, DiskLevel::Pl0) | (_, DiskKind::Auto, _) => (1, 2048),
        (_, DiskKind::Essd, DiskLevel::Pl2) => (461, 2048),
        (_, DiskKind::Essd, DiskLevel::Pl3) => (1261, 2048),
        (_, DiskKind::Essd, DiskLevel::Pl1)
        | (
            _,
            DiskKind::Efficiency
            | DiskKind::Ssd
            | DiskKind::EssdEntry
            | DiskKind::LocalSsd
            | DiskKind::RegionalAuto
            | DiskKind::ElasticStandard
            | DiskKind::ElasticPremium,
            _,
        ) => (20, 2048),
    }
}

/// The sizes of a data disk, GiB, the least and the most.
const fn data_sizes(kind: DiskKind, level: DiskLevel, edition: Edition) -> (u32, u32) {
    match (edition, kind, level) {
        (_, DiskKind::Basic, _) => (5, 2000),
        (_, DiskKind::LocalSsd, _) => (5, 800),
        (_, DiskKind::Efficiency | DiskKind::Ssd, _) | (Edition::Seeds, DiskKind::Essd, _) => (20, 32768),
        (_, DiskKind::EssdEntry, _) => (10, 32768),
        (_, DiskKind::Essd, DiskLevel::Pl0) | (_, DiskKind::Auto | DiskKind::RegionalAuto, _) => (1, 65536),
        (_, DiskKind::Essd, DiskLevel::Pl1) => (20, 65536),
        (_, DiskKind::Essd, DiskLevel::Pl2) => (461, 65536),
        (_, DiskKind::Essd, DiskLevel::Pl3) => (1261, 65536),
        (_, DiskKind::ElasticStandard | DiskKind::ElasticPremium, _) => (64, 8192),
    }
}

/// Rules D-07 and D-08.
fn local_disks(system: &Asked<'_>, data: &[Asked<'_>]) -> Rule {
    let local = || data.iter().filter(|disk| disk.kind == DiskKind::LocalSsd);
    if let Some(WhichDisk::Data(index)) = local().next().map(|disk| disk.which)
        && system.kind != DiskKind::LocalSsd
    {
        return Err(LaunchRefusal::LocalDiskBesideNetworkDisk(index));
    }
    let total_gib = local().filter_map(Asked::data_gib).fold(0, u32::saturating_add);
    match total_gib > LOCAL_DATA_GIB_MAX {
        true => Err(LaunchRefusal::LocalDisksTooLarge { total_gib, most: LOCAL_DATA_GIB_MAX }),
        false => Ok(()),
    }
}

impl Asked<'_> {
    /// Which of the data disks it is; the system disk is none, and not asked.
    const fn index(&self) -> usize {
        match self.which {
            WhichDisk::System => 0,
            WhichDisk::Data(index) => index,
        }
    }

    /// What is copied from a snapshot has its size (section 6).
    fn data_gib(&self) -> Option<u32> {
        self.snapshot.map(|snapshot| snapshot.size_gib).or(self.wish.size_gib)
    }

    /// What is copied from an encrypted snapshot is encrypted.
    fn encrypted(&self) -> bool {
        self.wish.encrypted.unwrap_or(self.snapshot.is_some_and(|snapshot| snapshot.encrypted))
    }

    /// Rules D-02 and D-03: the size of the system disk.
    fn system_size(&self, edition: Edition, image_gib: u32) -> Result<u32, LaunchRefusal> {
        let kind = self.kind;
        let (least, most) = system_sizes(kind, self.level, edition);
        let default = || SYSTEM_GIB_DEFAULT.max(image_gib).max(least);
        let size_gib = self.wish.size_gib.unwrap_or_else(default);
        if !(least..=most).contains(&size_gib) {
            return Err(LaunchRefusal::SystemDiskSize { kind, size_gib, least, most });
        }
        if size_gib < image_gib {
            return Err(LaunchRefusal::SystemDiskBelowImage { size_gib, image_gib });
        }
        Ok(size_gib)
    }

    /// Rule D-05. Of a snapshot only what is too large for the kind is refused.
    fn data_size(&self, edition: Edition) -> Rule {
        let (index, kind, size_gib) = (self.index(), self.kind, self.data_gib());
        let (least, most) = data_sizes(kind, self.level, edition);
        let fits = match (self.snapshot, size_gib) {
            (Some(snapshot), _) => snapshot.size_gib <= most,
            (None, Some(size_gib)) => (least..=most).contains(&size_gib),
            (None, None) => false,
        };
        fits.then_some(()).ok_or(LaunchRefusal::DataDiskSize { index, kind, size_gib, least, most })
    }

    /// Rule D-09.
    fn suits_type(&self, instance_type: &InstanceType, io: Io) -> Rule {
        let (disk, kind, label) = (self.which, self.kind, &instance_type.label);
        let takes = instance_type.takes(kind, io, disk);
        takes.then_some(()).ok_or_else(|| LaunchRefusal::DiskNotForType {
            disk,
            kind,
            instance_type: label.clone(),
        })
    }

    /// Rules D-10 and D-11.
    fn suits_zone(&self, zone: &Zone) -> Rule {
        let (disk, kind) = (self.which, self.kind);
        let refusal = || LaunchRefusal::DiskNotInZone { disk, kind, zone: zone.label.clone() };
        zone.offers(kind).then_some(()).ok_or_else(refusal)
    }

    /// Rule D-13.
    fn snapshot_age(&self) -> Rule {
        match (self.snapshot, &self.wish.snapshot) {
            (Some(found), Some(label)) if found.created_at < SNAPSHOTS_SINCE => {
                Err(LaunchRefusal::SnapshotTooOld { index: self.index(), snapshot: label.clone() })
            }
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Rule D-14, and that it is not of a system disk.
    fn snapshot_state(&self) -> Rule {
        let (Some(found), Some(label)) = (self.snapshot, &self.wish.snapshot) else { return Ok(()) };
        let (index, snapshot) = (self.index(), label.clone());
        match (found.finished, found.of_system_disk) {
            (false, _) => Err(LaunchRefusal::SnapshotUnfinished { index, snapshot }),
            (true, true) => Err(LaunchRefusal::SnapshotOfSystemDisk { index, snapshot }),
            (true, false) => Ok(()),
        }
    }

    /// Rule D-15.
    fn snapshot_size(&self) -> Rule {
        match (self.wish.size_gib, self.snapshot) {
            (Some(size_gib), Some(snapshot)) if size_gib < snapshot.size_gib => {
                let (index, snapshot_gib) = (self.index(), snapshot.size_gib);
                Err(LaunchRefusal::DiskBelowSnapshot { index, size_gib, snapshot_gib })
            }
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Rule D-18.
    fn key_encrypts(&self) -> Rule {
        let loose = self.wish.key.is_some() && self.wish.encrypted != Some(true);
        if loose { Err(LaunchRefusal::KeyWithoutEncryption(self.which)) } else { Ok(()) }
    }

    /// Rule D-19.
    fn key_needs_io(&self, io: Io) -> Rule {
        match (&self.wish.key, io) {
            (Some(_), Io::Plain) => Err(LaunchRefusal::NeedsIoOptimized(NeedsIo::EncryptionKey(self.which))),
            (Some(_), Io::Optimized) | (None, Io::Plain | Io::Optimized) => Ok(()),
        }
    }

    fn key_works(&self, catalogue: &Catalogue) -> Rule {
        let asset = |key: &Label| catalogue.asset(AssetType::EncryptionKey, key);
        match &self.wish.key {
            Some(key) if asset(key).is_some_and(|asset| asset.what == DISABLED) => {
                Err(LaunchRefusal::KeyDisabled { disk: self.which, key: key.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Rule D-20.
    fn snapshot_encryption(&self) -> Rule {
        let conflict =
            self.wish.encrypted == Some(false) && self.snapshot.is_some_and(|found| found.encrypted);
        if conflict { Err(LaunchRefusal::SnapshotIsEncrypted(self.index())) } else { Ok(()) }
    }

    /// A disk in the host cannot be encrypted.
    fn encryption(&self) -> Rule {
        let (disk, kind) = (self.which, self.kind);
        let conflict = self.encrypted() && kind == DiskKind::LocalSsd;
        if conflict { Err(LaunchRefusal::EncryptionNotForDisk { disk, kind }) } else { Ok(()) }
    }

    /// Rule D-21.
    fn portable(&self) -> Rule {
        let (index, kind) = (self.index(), self.kind);
        match self.wish.on_release {
            OnRelease::Keep if !kind.is_portable() => Err(LaunchRefusal::DiskNotPortable { index, kind }),
            OnRelease::Keep | OnRelease::Delete => Ok(()),
        }
    }

    /// Rule D-22. Where no kind is said, a level is no contradiction.
    fn has_level(&self, edition: Edition) -> Rule {
        let (disk, kind) = (self.which, self.kind);
        let Some(level) = self.wish.level else { return Ok(()) };
        let unknown = edition == Edition::Seeds && level == DiskLevel::Pl0;
        match self.wish.kind.is_some_and(|kind| kind != DiskKind::Essd) || unknown {
            true => Err(LaunchRefusal::LevelNotForDisk { disk, kind, level }),
            false => Ok(()),
        }
    }

    /// The disk as the instances get it, where the system disk is and going with it.
    fn resolved(&self, size_gib: u32) -> Disk {
        let encrypted = self.encrypted();
        Disk {
            level: (self.kind == DiskKind::Essd).then_some(self.level),
            snapshot: self.wish.snapshot.clone(),
            name: self.wish.name.clone().unwrap_or_default(),
            description: self.wish.description.clone().unwrap_or_default(),
            encrypted,
            key: self.wish.key.clone().filter(|_| encrypted),
            snapshot_policy: self.wish.snapshot_policy.clone(),
            ..Disk::new(self.kind, size_gib)
        }
    }
}
