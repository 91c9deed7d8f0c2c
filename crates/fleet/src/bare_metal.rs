//! Bare metal: whole machines, with disks that are put together and a line of their own. What a
//! launch asks for beyond what every launch does, and what zones and types offer
//! (`contract/zenlayer.md` sections 2 to 5, in neutral words).
//!
//! An instance of such a type has an address on the internet as its own, out of a subnet of the
//! provider's; private addresses come with the subnets that it is attached to.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use crate::{HeldAddress, Label, Os};

/// What is asked of bare metal, and what the instances of a launch have.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BareMetal {
    /// How the machine is laid out.
    pub layout: Layout,
    /// What is billed of its line.
    pub line: Line,
    /// How much of its traffic is paid for together; only with [`Line::TrafficPackage`].
    pub traffic: Option<TrafficVolume>,
    /// Whose peak its line counts towards; only with [`Line::ClusterPeak`].
    pub cluster: Option<Label>,
    /// The subnet that it is attached to from the start.
    pub subnet: Option<Label>,
    /// Whether it gets an IPv6 address of its own where there are any.
    pub ipv6: bool,
    /// Whether its addresses are behind a gateway.
    pub gateway: bool,
    /// Whom it lets in, as public keys.
    pub public_keys: Vec<Arc<str>>,
}

/// How a machine is laid out. Installing it anew may change that.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Layout {
    /// Where it boots from when there is no image.
    pub boot_url: Option<Arc<str>>,
    /// How its disks are put together.
    pub raid: Raid,
    /// How what they make is divided, in order. Without a system nothing is.
    pub partitions: Vec<Partition>,
    /// What its interfaces are called.
    pub interfaces: InterfaceNames,
}

/// What was last installed on an instance, in place of what it was launched with.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Installed {
    /// What is on its disks.
    pub image: Option<Label>,
    /// How it is laid out.
    pub layout: Layout,
    /// Whom it lets in, as public keys.
    pub public_keys: Vec<Arc<str>>,
}

/// How disks are put together. At most one of the two is said.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Raid {
    /// All of them at one level.
    pub quick: Option<RaidLevel>,
    /// Some of them each.
    pub custom: Vec<Array>,
}

/// Some disks that are put together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Array {
    /// How.
    pub level: RaidLevel,
    /// Which, by their numbers from 1.
    pub disks: Vec<u16>,
}

/// A way to put disks together.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RaidLevel {
    /// One behind the other.
    Striped,
    /// Each twice.
    Mirrored,
    /// One may be lost.
    Parity,
    /// Mirrors, one behind the other.
    StripedMirrors,
}

impl RaidLevel {
    /// Every level there is.
    pub const ALL: [Self; 4] = [Self::Striped, Self::Mirrored, Self::Parity, Self::StripedMirrors];

    /// Whether it takes so many disks.
    #[must_use]
    pub const fn takes(self, disks: usize) -> bool {
        match self {
            Self::Striped => disks >= 1,
            Self::Mirrored => disks == 2,
            Self::Parity => disks >= 3,
            Self::StripedMirrors => disks >= 4 && disks.is_multiple_of(2),
        }
    }

    /// How much room so many disks of this size make, GB.
    #[must_use]
    pub const fn room_gb(self, disks: u32, size_gb: u32) -> u32 {
        match self {
            Self::Striped => size_gb.saturating_mul(disks),
            Self::Mirrored => size_gb,
            Self::Parity => size_gb.saturating_mul(disks.saturating_sub(1)),
            Self::StripedMirrors => size_gb.saturating_mul(disks / 2),
        }
    }
}

/// A part of what disks make.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Partition {
    /// Where it is seen; empty when that was not said.
    pub path: Arc<str>,
    /// How it is written; `None` when that was not said, or is nothing that is known.
    pub file_system: Option<FileSystem>,
    /// How large it is, GB; 0 when that was not said.
    pub size_gb: u32,
}

/// How a partition is written.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs, reason = "the names are the systems")]
pub enum FileSystem {
    Ext2,
    Ext3,
    Ext4,
    Ntfs,
}

/// What the interfaces of a machine are called, where it is not as its type has it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InterfaceNames {
    /// The one to the internet.
    pub wan: Option<Arc<str>>,
    /// The one to private networks.
    pub lan: Option<Arc<str>>,
}

/// What is billed of a line.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Line {
    /// What could go through.
    #[default]
    Bandwidth,
    /// TrafficVolume, of which some is paid for together.
    TrafficPackage,
    /// Its own peak, but for the highest twentieth.
    Peak,
    /// The peak of a cluster, but for the highest twentieth.
    ClusterPeak,
}

impl Line {
    /// Every line there is.
    pub const ALL: [Self; 4] = [Self::Bandwidth, Self::TrafficPackage, Self::Peak, Self::ClusterPeak];
}

/// An amount of traffic, in thousandths of a terabyte.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct TrafficVolume(pub u64);

/// A subnet that an instance is attached to, and its address there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attachment {
    /// Which subnet.
    pub subnet: Label,
    /// Its address there, its own until it is detached or gone.
    pub address: Ipv4Addr,
}

impl Attachment {
    /// The address, as one that is taken.
    pub(crate) fn held(&self) -> HeldAddress {
        HeldAddress::Subnet(self.subnet.clone(), self.address)
    }
}

/// What a zone has for bare metal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BareMetalZone {
    /// The city it is in, for people.
    pub city: String,
    /// The part of the world it is in, for people.
    pub area: String,
    /// Where the addresses of its machines come from: a subnet of [`AccountId::PROVIDER`](crate::AccountId).
    pub addresses: Label,
    /// Whether there can be subnets in it.
    pub subnets: bool,
    /// Whether its subnets can be in networks with others.
    pub networks: bool,
    /// Whether it is reached by cloud routers.
    pub cloud_router: bool,
}

/// What an instance type is as bare metal.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BareMetalType {
    /// For people.
    pub description: String,
    /// Its processors, for people.
    pub processor: String,
    /// Threads of all its processors.
    pub threads: u16,
    /// How fast they are, for people.
    pub frequency: String,
    /// Its disks, in the order of their numbers.
    pub disks: Vec<DiskRow>,
    /// Its disks, for people.
    pub disk_description: String,
    /// How some of its disks can be put together.
    pub raids: Vec<RaidLevel>,
    /// How all of its disks can be put together.
    pub quick_raids: Vec<RaidLevel>,
    /// Whether it can be attached to subnets.
    pub subnets: bool,
    /// Whether it has two of each interface.
    pub high_availability: bool,
    /// The images that suit it; all of its architecture when none is said.
    pub images: Vec<Label>,
    /// On what terms it is had, by zone.
    pub offers: BTreeMap<Label, BareMetalOffer>,
}

/// Some disks of one size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DiskRow {
    /// How large each is, GB.
    pub size_gb: u32,
    /// How many.
    pub count: u16,
}

/// On what terms a type is had in a zone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BareMetalOffer {
    /// The lines it can have.
    pub lines: Vec<Line>,
    /// The most that goes out, Mbit/s.
    pub out_mbps_max: u16,
    /// How much traffic is paid for together when nothing is asked for.
    pub traffic: TrafficVolume,
    /// Whether it can be paid for by use.
    pub postpaid: bool,
    /// Whether it can be paid for in advance.
    pub prepaid: bool,
}

impl BareMetalOffer {
    /// What goes out when nothing is asked for, Mbit/s.
    pub const OUT_MBPS: u16 = 1;
}

impl BareMetalType {
    /// The sizes of its disks by their numbers, GB.
    pub fn disk_sizes(&self) -> impl Iterator<Item = u32> + '_ {
        self.disks.iter().flat_map(|row| (0..row.count).map(|_| row.size_gb))
    }

    /// What the interfaces are called: as was asked, or as the type has it.
    #[must_use]
    pub fn interface_names<'a>(&self, asked: &'a InterfaceNames) -> (&'a str, &'a str) {
        let (wan, lan) = if self.high_availability { ("bond0", "bond1") } else { ("wan0", "lan0") };
        (asked.wan.as_deref().unwrap_or(wan), asked.lan.as_deref().unwrap_or(lan))
    }

    /// How much room the disk that the system is on has, GB: what all disks make together, or the
    /// first of those put together, or the first.
    fn system_room_gb(&self, raid: &Raid) -> u32 {
        let sizes: Vec<u32> = self.disk_sizes().collect();
        let smallest = |sizes: &[u32]| sizes.iter().copied().min().unwrap_or(0);
        let room = |level: RaidLevel, sizes: &[u32]| {
            level.room_gb(u32::try_from(sizes.len()).unwrap_or(u32::MAX), smallest(sizes))
        };
        match (raid.quick, raid.custom.first()) {
            (Some(level), _) => room(level, &sizes),
            (None, Some(array)) => {
                let of = |number: &u16| sizes.get(usize::from(*number).checked_sub(1)?).copied();
                room(array.level, &array.disks.iter().filter_map(of).collect::<Vec<_>>())
            }
            (None, None) => sizes.first().copied().unwrap_or(0),
        }
    }
}

/// Why a machine cannot be laid out so.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum LayoutFault {
    #[error("the disks are put together in two ways")]
    RaidTwice,
    #[error("all disks of the type cannot be put together so")]
    QuickRaid,
    #[error("disks of the type cannot be put together so")]
    CustomRaid,
    #[error("a disk is named that the type does not have")]
    RaidDiskRange,
    #[error("a disk is named twice")]
    RaidDiskTwice,
    #[error("the disks are not named in their order")]
    RaidDiskOrder,
    #[error("the disks are too few, too many or too different to be put together so")]
    RaidDiskMismatch,
    #[error("partitions need an image")]
    PartitionsWithoutImage,
    #[error("a partition has no file system")]
    PartitionFileSystem,
    #[error("a partition is not as the image takes it")]
    PartitionMalformed,
    #[error("two partitions are seen in one place")]
    PartitionTwice,
    #[error("the partition of the system is missing")]
    PartitionMissing,
    #[error("the partitions are not in their order")]
    PartitionOrder,
    #[error("the partitions do not fill the disk")]
    PartitionSize,
    #[error("both interfaces are called the same")]
    InterfaceNames,
}

impl Layout {
    /// Whether a machine of this type can be laid out so, for an image of this kind: disks, then
    /// partitions, then interfaces.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(crate) fn suits(&self, of: &BareMetalType, os: Option<Os>) -> Result<(), LayoutFault> {
        self.raid.suits(of)?;
        match os {
            None if self.partitions.is_empty() => {}
            None => return Err(LayoutFault::PartitionsWithoutImage),
            Some(os) => divides(&self.partitions, os, of.system_room_gb(&self.raid))?,
        }
        let (wan, lan) = of.interface_names(&self.interfaces);
        if wan == lan { Err(LayoutFault::InterfaceNames) } else { Ok(()) }
    }
}

impl Raid {
    fn suits(&self, of: &BareMetalType) -> Result<(), LayoutFault> {
        match self.quick {
            Some(_) if !self.custom.is_empty() => return Err(LayoutFault::RaidTwice),
            Some(level) if !of.quick_raids.contains(&level) => return Err(LayoutFault::QuickRaid),
            Some(_) | None => {}
        }
        if self.custom.iter().any(|array| !of.raids.contains(&array.level)) {
            return Err(LayoutFault::CustomRaid);
        }
        let sizes: Vec<u32> = of.disk_sizes().collect();
        let named: Vec<u16> = self.custom.iter().flat_map(|array| array.disks.iter().copied()).collect();
        let known = |number: &u16| (1..=sizes.len()).contains(&usize::from(*number));
        if !named.iter().all(known) {
            return Err(LayoutFault::RaidDiskRange);
        }
        let mut sorted = named.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(LayoutFault::RaidDiskTwice);
        }
        if !named.iter().copied().eq((1_u16..).take(named.len())) {
            return Err(LayoutFault::RaidDiskOrder);
        }
        let mut left = sizes.as_slice();
        for array in &self.custom {
            let (mine, rest) = left.split_at_checked(array.disks.len()).unwrap_or((left, &[]));
            let alike = mine.windows(2).all(|pair| matches!(pair, [one, other] if one == other));
            if !array.level.takes(mine.len()) || !alike {
                return Err(LayoutFault::RaidDiskMismatch);
            }
            left = rest;
        }
        Ok(())
    }
}

/// Whether partitions divide so much room for a system of this kind. None at all do.
fn divides(partitions: &[Partition], os: Os, room_gb: u32) -> Result<(), LayoutFault> {
    if partitions.is_empty() {
        return Ok(());
    }
    if partitions.iter().any(|partition| partition.file_system.is_none()) {
        return Err(LayoutFault::PartitionFileSystem);
    }
    if !partitions.iter().all(|partition| partition.is_of(os)) {
        return Err(LayoutFault::PartitionMalformed);
    }
    let mut paths: Vec<&str> = partitions.iter().map(|partition| &*partition.path).collect();
    let in_order = match os {
        Os::Windows => paths.is_sorted(),
        Os::Linux => true,
    };
    let system = match os {
        Os::Linux => "/",
        Os::Windows => "C",
    };
    let first = paths.first() == Some(&system);
    let there = paths.contains(&system);
    paths.sort_unstable();
    if paths.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
        return Err(LayoutFault::PartitionTwice);
    }
    if !there {
        return Err(LayoutFault::PartitionMissing);
    }
    if !first || !in_order {
        return Err(LayoutFault::PartitionOrder);
    }
    let total = partitions.iter().fold(0_u32, |total, partition| total.saturating_add(partition.size_gb));
    if total == room_gb { Ok(()) } else { Err(LayoutFault::PartitionSize) }
}

impl Partition {
    /// Whether a system of this kind takes it.
    fn is_of(&self, os: Os) -> bool {
        let path_and_system = match (os, self.file_system) {
            (Os::Linux, Some(FileSystem::Ext2 | FileSystem::Ext3 | FileSystem::Ext4)) => {
                self.path.starts_with('/') && !self.path.contains(|found: char| found.is_whitespace())
            }
            (Os::Windows, Some(FileSystem::Ntfs)) => {
                matches!(self.path.as_bytes(), [b'C'..=b'H'])
            }
            (Os::Linux | Os::Windows, _) => false,
        };
        path_and_system && self.size_gb > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    /// Four disks: two of 500 GB, two of 1000 GB.
    fn machine() -> BareMetalType {
        BareMetalType {
            disks: alloc::vec![DiskRow { size_gb: 500, count: 2 }, DiskRow { size_gb: 1000, count: 2 },],
            raids: alloc::vec![RaidLevel::Striped, RaidLevel::Mirrored, RaidLevel::Parity],
            quick_raids: alloc::vec![RaidLevel::Striped, RaidLevel::Parity],
            ..BareMetalType::default()
        }
    }

    fn level(text: &str) -> RaidLevel {
        match text {
            "0" => RaidLevel::Striped,
            "1" => RaidLevel::Mirrored,
            "5" => RaidLevel::Parity,
            "10" => RaidLevel::StripedMirrors,
            other => panic!("{other}"),
        }
    }

    /// `5` is quick, `1:1,2 0:3` are arrays, `5 1:1,2` is both.
    fn raid(text: &str) -> Raid {
        let mut raid = Raid::default();
        for word in text.split_whitespace() {
            match word.split_once(':') {
                None => raid.quick = Some(level(word)),
                Some((of, disks)) => raid.custom.push(Array {
                    level: level(of),
                    disks: disks.split(',').map(|number| number.parse().unwrap()).collect(),
                }),
            }
        }
        raid
    }

    /// `/:ext4:100 /data:ext4:400`
    fn partitions(text: &str) -> Vec<Partition> {
        let one = |word: &str| {
            let mut parts = word.split(':');
            let path = Arc::from(parts.next().unwrap());
            let file_system = match parts.next().unwrap() {
                "ext2" => Some(FileSystem::Ext2),
                "ext4" => Some(FileSystem::Ext4),
                "ntfs" => Some(FileSystem::Ntfs),
                _ => None,
            };
            Partition { path, file_system, size_gb: parts.next().unwrap().parse().unwrap() }
        };
        text.split_whitespace().map(one).collect()
    }

    fn judged(layout: &Layout, os: Option<Os>) -> String {
        match layout.suits(&machine(), os) {
            Ok(()) => "fits".into(),
            Err(fault) => std::format!("{fault:?}"),
        }
    }

    #[test]
    fn disks_are_put_together_as_the_type_allows() {
        for (text, expected) in [
            ("", "fits"),
            ("0", "fits"),
            ("5", "fits"),
            ("1", "QuickRaid"),
            ("10", "QuickRaid"),
            ("1:1,2", "fits"),
            ("1:1,2 1:3,4", "fits"),
            ("0:1 0:2 1:3,4", "fits"),
            ("10:1,2,3,4", "CustomRaid"),
            ("0:5", "RaidDiskRange"),
            ("0:0", "RaidDiskRange"),
            ("1:1,1", "RaidDiskTwice"),
            ("0:1 0:1", "RaidDiskTwice"),
            ("1:2,1", "RaidDiskOrder"),
            ("1:3,4", "RaidDiskOrder"),
            ("0:1 0:3", "RaidDiskOrder"),
            ("1:1", "RaidDiskMismatch"),
            ("5:1,2", "RaidDiskMismatch"),
            ("5:1,2,3", "RaidDiskMismatch"),
            ("0:1 1:2,3", "RaidDiskMismatch"),
            ("0 0:1", "RaidTwice"),
            // Each breaks one rule less than the one above.
            ("1 10:9,9,1", "RaidTwice"),
            ("10:9,9,1", "CustomRaid"),
            ("1:9,9,1", "RaidDiskRange"),
            ("1:2,2,1", "RaidDiskTwice"),
            ("1:3,2,1", "RaidDiskOrder"),
            ("1:1,2,3", "RaidDiskMismatch"),
        ] {
            let layout = Layout { raid: raid(text), ..Layout::default() };
            assert_eq!(judged(&layout, None), expected, "{text}");
        }
    }

    #[test]
    fn partitions_fill_the_disk_that_the_system_is_on() {
        for (disks, text, os, expected) in [
            ("", "", None, "fits"),
            ("", "/:ext4:500", None, "PartitionsWithoutImage"),
            ("", "", Some(Os::Linux), "fits"),
            ("", "/:ext4:500", Some(Os::Linux), "fits"),
            ("", "/:ext4:100 /data:ext2:400", Some(Os::Linux), "fits"),
            ("", "/:ext4:100", Some(Os::Linux), "PartitionSize"),
            ("0", "/:ext4:2000", Some(Os::Linux), "fits"),
            ("5", "/:ext4:1500", Some(Os::Linux), "fits"),
            ("0:1,2 1:3,4", "/:ext4:1000", Some(Os::Linux), "fits"),
            ("1:1,2", "/:ext4:500", Some(Os::Linux), "fits"),
            ("", "C:ntfs:100 D:ntfs:400", Some(Os::Windows), "fits"),
            ("", "C:ntfs:100 H:ntfs:400", Some(Os::Windows), "fits"),
            ("", "C:ntfs:100 I:ntfs:400", Some(Os::Windows), "PartitionMalformed"),
            ("", "C:ntfs:100 E:ntfs:200 D:ntfs:200", Some(Os::Windows), "PartitionOrder"),
            ("", "C:ext4:500", Some(Os::Windows), "PartitionMalformed"),
            ("", "/:ntfs:500", Some(Os::Linux), "PartitionMalformed"),
            ("", "C:ext4:500", Some(Os::Linux), "PartitionMalformed"),
            ("", "/:ext4:0", Some(Os::Linux), "PartitionMalformed"),
            // Each breaks one rule less than the one above.
            ("", "data:xfs:1 /a:ext4:1 /a:ext4:1", None, "PartitionsWithoutImage"),
            ("", "data:xfs:1 /a:ext4:1 /a:ext4:1", Some(Os::Linux), "PartitionFileSystem"),
            ("", "data:ext4:1 /a:ext4:1 /a:ext4:1", Some(Os::Linux), "PartitionMalformed"),
            ("", "/a:ext4:1 /a:ext4:1", Some(Os::Linux), "PartitionTwice"),
            ("", "/a:ext4:1 /b:ext4:1", Some(Os::Linux), "PartitionMissing"),
            ("", "/a:ext4:1 /:ext4:1", Some(Os::Linux), "PartitionOrder"),
            ("", "/:ext4:1 /a:ext4:1", Some(Os::Linux), "PartitionSize"),
        ] {
            let layout = Layout { raid: raid(disks), partitions: partitions(text), ..Layout::default() };
            assert_eq!(judged(&layout, os), expected, "{disks} {text} {os:?}");
        }
    }

    #[test]
    fn interfaces_have_two_names() {
        let named = |wan: Option<&str>, lan: Option<&str>| {
            let interfaces = InterfaceNames { wan: wan.map(Arc::from), lan: lan.map(Arc::from) };
            judged(&Layout { interfaces, ..Layout::default() }, None)
        };
        assert_eq!(named(None, None), "fits");
        assert_eq!(named(Some("lan0"), None), "InterfaceNames");
        assert_eq!(named(Some("bond0"), Some("bond0")), "InterfaceNames");
        assert_eq!(named(Some("bond0"), Some("bond1")), "fits");
    }
}
