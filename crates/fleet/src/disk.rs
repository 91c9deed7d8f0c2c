//! Disks: what a launch asks for, and what its instances get. The kinds, sizes and defaults are
//! `contract/ecs-run-instances.md` sections 1 and 6, in neutral words.
//!
//! The disks of an instance are part of its [`Spec`](crate::Spec) and have no records of their own:
//! their ids follow from the instance's, so that a launch writes nothing for them.

use alloc::sync::Arc;

use crate::Label;

/// A kind of disk.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DiskKind {
    /// The oldest kind, on the network.
    Basic,
    /// On the network, efficient.
    Efficiency,
    /// Solid state, on the network.
    Ssd,
    /// Solid state, on the network, in performance levels.
    Essd,
    /// The entry to the former.
    EssdEntry,
    /// Solid state, on the network, performance set apart from size.
    Auto,
    /// The same, in several zones at once.
    RegionalAuto,
    /// Solid state, in the host: gone with the instance.
    LocalSsd,
    /// On the network, gone with the instance.
    ElasticStandard,
    /// The same, faster.
    ElasticPremium,
}

impl DiskKind {
    /// Every kind there is.
    pub const ALL: [Self; 10] = [
        Self::Basic,
        Self::Efficiency,
        Self::Ssd,
        Self::Essd,
        Self::EssdEntry,
        Self::Auto,
        Self::RegionalAuto,
        Self::LocalSsd,
        Self::ElasticStandard,
        Self::ElasticPremium,
    ];

    /// Whether a disk of this kind can be without its instance.
    #[must_use]
    pub const fn is_portable(self) -> bool {
        match self {
            Self::Basic
            | Self::Efficiency
            | Self::Ssd
            | Self::Essd
            | Self::EssdEntry
            | Self::Auto
            | Self::RegionalAuto => true,
            Self::LocalSsd | Self::ElasticStandard | Self::ElasticPremium => false,
        }
    }
}

/// How fast an [`DiskKind::Essd`] is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs, reason = "the names are the levels")]
pub enum DiskLevel {
    Pl0,
    Pl1,
    Pl2,
    Pl3,
}

/// What becomes of a disk, or an interface, when its instance is released.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnRelease {
    /// It goes with it.
    #[default]
    Delete,
    /// It stays.
    Keep,
}

/// Where a disk is seen by its instance: the second and further letters of `/dev/xvdb`, as a
/// number. The system disk has the first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Device(pub u16);

impl Device {
    /// Where the system disk is.
    pub const SYSTEM: Self = Self(0);
}

/// A disk as a launch asks for it. Nothing said is the default of the kind, the type and the image.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DiskWish {
    /// Which kind.
    pub kind: Option<DiskKind>,
    /// How large, GiB.
    pub size_gib: Option<u32>,
    /// How fast.
    pub level: Option<DiskLevel>,
    /// What is on it.
    pub snapshot: Option<Label>,
    /// For people.
    pub name: Option<Arc<str>>,
    /// For people.
    pub description: Option<Arc<str>>,
    /// Where it is seen.
    pub device: Option<Device>,
    /// What becomes of it.
    pub on_release: OnRelease,
    /// Whether it is encrypted.
    pub encrypted: Option<bool>,
    /// With which key.
    pub key: Option<Label>,
    /// How it is backed up.
    pub snapshot_policy: Option<Label>,
}

impl Disk {
    /// A disk of this kind and size, of which nothing else was said. It is where the system disk is.
    #[must_use]
    pub fn new(kind: DiskKind, size_gib: u32) -> Self {
        Self {
            kind,
            size_gib,
            level: None,
            snapshot: None,
            name: Arc::from(""),
            description: Arc::from(""),
            device: Device::SYSTEM,
            on_release: OnRelease::Delete,
            encrypted: false,
            key: None,
            snapshot_policy: None,
        }
    }
}

/// A disk as the instances of a launch have it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Disk {
    /// Which kind.
    pub kind: DiskKind,
    /// How large, GiB.
    pub size_gib: u32,
    /// How fast; only where the kind has levels.
    pub level: Option<DiskLevel>,
    /// What was on it at first; the image for a system disk.
    pub snapshot: Option<Label>,
    /// For people.
    pub name: Arc<str>,
    /// For people.
    pub description: Arc<str>,
    /// Where it is seen.
    pub device: Device,
    /// What becomes of it when the instance is released.
    pub on_release: OnRelease,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// With which key, where it is not the service's own.
    pub key: Option<Label>,
    /// How it is backed up.
    pub snapshot_policy: Option<Label>,
}
