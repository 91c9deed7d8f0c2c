//! Why nothing is launched, as data: what was found, where, and the limit. Who asked is told in the
//! words of a dialect, elsewhere.

use alloc::sync::Arc;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::bare_metal::BareMetalRefusal;
use crate::decide::Halt;
use crate::{AccountId, Bar, DiskKind, DiskLevel, Label, Rate, Shortage, Time};

/// Something that a launch has to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Needed {
    /// The image.
    Image,
    /// The instance type.
    InstanceType,
    /// A group.
    Group,
    /// The subnet.
    Subnet,
}

/// One of the disks that a launch asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WhichDisk {
    /// The one it boots from.
    System,
    /// The further one at this place of [`Launch::data_disks`](crate::Launch), from 0.
    Data(usize),
}

/// Why an image does not run on an instance type (rule P-13).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Misfit {
    /// It was built for other processors.
    Architecture,
    /// The type has more memory than it can use, MiB.
    MemoryAbove(u32),
    /// The type has less memory than it takes, MiB.
    MemoryBelow(u32),
}

/// What a launch asks for that only instances with the fast way to their disks have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NeedsIo {
    /// A key pair (rule W-06).
    KeyPair,
    /// A key for a disk (rule D-19).
    EncryptionKey(WhichDisk),
    /// User data (rule U-03).
    UserData,
}

/// Why nothing is launched. In the order of the checks; what each is called outside is said where
/// a dialect is spoken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum LaunchRefusal {
    #[error("there is no region {0}")]
    UnknownRegion(Label),
    #[error("the token was used for another request")]
    TokenReused,

    // Existence.
    #[error("there is no zone {0} in the region")]
    UnknownZone(Label),
    #[error("zone {0} is closed for sale")]
    ZoneClosed(Label),
    #[error("a launch needs {0:?}")]
    Missing(Needed),
    #[error("there is no image {0}")]
    UnknownImage(Label),
    #[error("there is no available image of family {0}")]
    UnknownImageFamily(Arc<str>),
    #[error("there is no instance type {0}")]
    UnknownInstanceType(Label),
    #[error("there is no group {0}")]
    UnknownGroup(Label),
    #[error("there is no subnet {0}")]
    UnknownSubnet(Label),
    #[error("there is no key pair {0}")]
    UnknownKeyPair(Arc<str>),
    #[error("there is no snapshot {snapshot}, for disk {disk:?}")]
    UnknownSnapshot { disk: WhichDisk, snapshot: Label },
    #[error("there is no encryption key {key}, for disk {disk:?}")]
    UnknownKey { disk: WhichDisk, key: Label },
    #[error("there is no dedicated host {0}")]
    UnknownHost(Label),
    #[error("there is no deployment set {0}")]
    UnknownDeploymentSet(Label),
    #[error("there is no cluster {0}")]
    UnknownCluster(Label),
    #[error("there is no role {0}")]
    UnknownRole(Label),
    #[error("there is no resource group {0}")]
    UnknownResourceGroup(Label),

    // Relations: image, type, zone.
    #[error("image {0} is not available")]
    ImageNotAvailable(Label),
    #[error("image {0} has left the market")]
    ImageLeftMarket(Label),
    #[error("image {image} and the image family {family} are both named")]
    ImageNamedTwice { image: Label, family: Arc<str> },
    #[error("instance type {0} is not sold any more")]
    TypeClosed(Label),
    #[error("instance type {instance_type} is not sold in zone {zone}")]
    NotSoldInZone { instance_type: Label, zone: Label },
    #[error("image {image} does not run on instance type {instance_type}: {why:?}")]
    ImageNotForType { image: Label, instance_type: Label, why: Misfit },
    #[error("instance type {0} only reaches its disks the fast way")]
    IoOptimizedOnly(Label),
    #[error("instance type {0} cannot reach its disks the fast way")]
    IoOptimizedNever(Label),
    #[error("image {0} cannot reach disks the fast way")]
    ImageNotIoOptimized(Label),

    // Relations: network.
    #[error("group {group} is not in the network of subnet {subnet}")]
    GroupElsewhere { group: Label, subnet: Label },
    #[error("an interface would join {joined} groups, {most} are allowed")]
    TooManyGroups { joined: usize, most: usize },
    #[error("subnet {0} is pending")]
    SubnetPending(Label),
    #[error("there is no subnet {0} for a further interface")]
    UnknownInterfaceSubnet(Label),
    #[error("an instance of type {instance_type} has {slots} interfaces at most")]
    NoInterfaceSlot { instance_type: Label, slots: u8 },
    #[error("instance type {0} has no IPv6")]
    Ipv6NotOfType(Label),
    #[error("subnet {0} has no IPv6")]
    Ipv6NotOfSubnet(Label),
    #[error("{wanted} IPv6 addresses are wanted for an interface, {most} are allowed")]
    TooManyIpv6 { wanted: u8, most: u8 },
    #[error("{wanted} IPv6 addresses are wanted for a further interface, {most} are allowed")]
    TooManyIpv6OfInterface { wanted: u8, most: u8 },
    #[error("{wanted} IPv4 addresses are wanted for a further interface, {most} are allowed")]
    TooManyIpv4 { wanted: u8, most: u8 },
    #[error("{0} is not an IPv6 address of the subnet")]
    Ipv6Outside(Ipv6Addr),
    #[error("{0} is named twice")]
    Ipv6Twice(Ipv6Addr),
    #[error("{0} is taken")]
    Ipv6Taken(Ipv6Addr),
    #[error("subnet {subnet} is not in zone {zone}")]
    SubnetElsewhere { subnet: Label, zone: Label },
    #[error("{0} is not an address of the subnet")]
    AddressOutside(Ipv4Addr),
    #[error("{0} is reserved")]
    AddressReserved(Ipv4Addr),
    #[error("{0} is taken")]
    AddressTaken(Ipv4Addr),
    #[error("one address is named for {0} instances")]
    OneAddressForMany(u8),

    // Relations: login.
    #[error("the host name does not suit the image")]
    HostNameForImage,
    #[error("the password does not suit the image")]
    PasswordForImage,
    #[error("key pair {0} is the only way into a Windows instance, and is none")]
    KeyPairOnWindows(Arc<str>),
    #[error("{0:?} needs an instance that reaches its disks the fast way")]
    NeedsIoOptimized(NeedsIo),
    #[error("image {0} does not take what is handed over when it first boots")]
    ImageWithoutInit(Label),

    // Relations: disks.
    #[error("the system disk has {size_gib} GiB, a {kind:?} has {least} to {most}")]
    SystemDiskSize { kind: DiskKind, size_gib: u32, least: u32, most: u32 },
    #[error("the system disk has {size_gib} GiB, and its image {image_gib}")]
    SystemDiskBelowImage { size_gib: u32, image_gib: u32 },
    #[error("data disk {index} has {size_gib:?} GiB, a {kind:?} has {least} to {most}")]
    DataDiskSize { index: usize, kind: DiskKind, size_gib: Option<u32>, least: u32, most: u32 },
    #[error("data disk {0} is in the host, and the system disk is not")]
    LocalDiskBesideNetworkDisk(usize),
    #[error("the local data disks have {total_gib} GiB together, {most} are allowed")]
    LocalDisksTooLarge { total_gib: u32, most: u32 },
    #[error("instance type {instance_type} does not take disk {disk:?}, a {kind:?}")]
    DiskNotForType { disk: WhichDisk, kind: DiskKind, instance_type: Label },
    #[error("zone {zone} does not offer disk {disk:?}, a {kind:?}")]
    DiskNotInZone { disk: WhichDisk, kind: DiskKind, zone: Label },
    #[error("snapshot {snapshot} of data disk {index} is too old")]
    SnapshotTooOld { index: usize, snapshot: Label },
    #[error("snapshot {snapshot} of data disk {index} is not complete")]
    SnapshotUnfinished { index: usize, snapshot: Label },
    #[error("snapshot {snapshot} of data disk {index} is of a system disk")]
    SnapshotOfSystemDisk { index: usize, snapshot: Label },
    #[error("data disk {index} has {size_gib} GiB, and its snapshot {snapshot_gib}")]
    DiskBelowSnapshot { index: usize, size_gib: u32, snapshot_gib: u32 },
    #[error("disk {0:?} has a key and is not to be encrypted")]
    KeyWithoutEncryption(WhichDisk),
    #[error("encryption key {key} of disk {disk:?} cannot be used")]
    KeyDisabled { disk: WhichDisk, key: Label },
    #[error("data disk {0} is not to be encrypted, and its snapshot is")]
    SnapshotIsEncrypted(usize),
    #[error("disk {disk:?}, a {kind:?}, cannot be encrypted")]
    EncryptionNotForDisk { disk: WhichDisk, kind: DiskKind },
    #[error("data disk {index}, a {kind:?}, goes with its instance")]
    DiskNotPortable { index: usize, kind: DiskKind },
    #[error("disk {disk:?}, a {kind:?}, has no {level:?}")]
    LevelNotForDisk { disk: WhichDisk, kind: DiskKind, level: DiskLevel },

    // Relations: terms.
    #[error("only an instance that is paid by use can be protected")]
    ProtectedAndPrepaid,
    #[error("only an instance that is paid by use can be released at a time")]
    ReleasedAndPrepaid,
    #[error("only an instance that is paid by use can be bid for")]
    SpotAndPrepaid,
    #[error("{bid:?} is bid for an hour, which costs {price:?}")]
    BidTooLow { bid: Rate, price: Rate },
    #[error("instance type {0} has local disks, and would be stopped when the bid is too low")]
    InterruptionNotForLocalDisks(Label),
    #[error("instance type {0} saves no credit")]
    CreditNotForType(Label),

    // Relations: where it runs.
    #[error("dedicated host {0} takes no instances")]
    HostClosed(Label),
    #[error("dedicated host {host} is not in zone {zone}")]
    HostElsewhere { host: Label, zone: Label },
    #[error("dedicated host {host} takes no instances of family {family}")]
    FamilyNotForHost { host: Label, family: Label },
    #[error("dedicated host {host} has room for {free} instances, {least} are wanted at least")]
    HostFull { host: Label, free: u32, least: u8 },
    #[error("no dedicated host of the zone has room for {0} instances")]
    NoHostWithRoom(u8),
    #[error("dedicated host {0} is paid by use, and the instance in advance")]
    PrepaidOnPostpaidHost(Label),
    #[error("dedicated host {host} is only paid until {until:?}")]
    PaidBeyondHost { host: Label, until: Time },
    #[error("the members of deployment set {0} are not on a dedicated host")]
    DeploymentSetOnHost(Label),
    #[error("instance type {0} only runs in a cluster")]
    ClusterNeeded(Label),
    #[error("instance type {instance_type} does not run in cluster {cluster}")]
    ClusterNotForType { instance_type: Label, cluster: Label },
    #[error("cluster {0} is not ready")]
    ClusterNotReady(Label),
    #[error("role {0} is not for instances")]
    RoleNotForInstances(Label),

    // Account and capacity.
    #[error("there is no account {0}")]
    UnknownAccount(AccountId),
    #[error("the account may not: {0:?}")]
    Barred(Bar),
    #[error("{0}")]
    BareMetal(BareMetalRefusal),
    #[error("too few can be had: {0:?}")]
    Short(Shortage),
    #[error("there are no more ids")]
    IdsExhausted,
}

impl LaunchRefusal {
    pub(super) fn halt<F>(self) -> Halt<Self, F> {
        Halt::Refused(self)
    }
}
