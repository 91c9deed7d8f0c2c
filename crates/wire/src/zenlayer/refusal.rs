//! What a client reads when the fleet refuses: one match per kind of refusal. The statuses that
//! forbid an action are `contract/lifecycle.md` section 7.

use fleet::{
    AttachRefusal, Bar, BareMetalRefusal, JoinRefusal, LaunchRefusal, LayoutFault, Limit, MoveManyRefusal,
    NetworkRefusal, PowerRefusal, ReinstallRefusal, ReleaseRefusal, RemoveRefusal, RenewRefusal, Shortage,
    Status, Verb,
};

use super::{Code, Fault};

/// Why nothing is launched. `zone` is the one that was named.
#[must_use]
pub fn launch(refusal: &LaunchRefusal, zone: &str) -> Fault {
    use LaunchRefusal as R;
    match refusal {
        R::UnknownZone(_) | R::UnknownRegion(_) => Fault::about(Code::INVALID_ZONE_NOT_FOUND, zone),
        R::UnknownInstanceType(label) => about(Code::INVALID_INSTANCE_TYPE_NOT_FOUND, label),
        R::UnknownImage(label) | R::ImageNotAvailable(label) | R::ImageLeftMarket(label) => {
            about(Code::INVALID_IMAGE_NOT_FOUND, label)
        }
        R::UnknownSubnet(label) => about(Code::INVALID_SUBNET_NOT_FOUND, label),
        R::SubnetElsewhere { .. } => Code::INVALID_SUBNET_ZONE_MISMATCH.into(),
        R::ZoneClosed(_) | R::NotSoldInZone { .. } | R::TypeClosed(_) => {
            Code::RESOURCES_SOLDOUT_INSTANCE_TYPE.into()
        }
        R::UnknownResourceGroup(label) => about(Code::OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND, label),
        R::SubnetPending(_) => Code::OPERATION_DENIED_SUBNET_STATUS_NOT_SUPPORT.into(),
        R::Barred(bar) => barred(bar),
        R::BareMetal(refusal) => bare_metal(refusal),
        R::Short(shortage) => short(shortage),
        R::UnknownAccount(_) => Code::OPERATION_DENIED_INSTANCE_QUOTA_EXCEED.into(),
        R::IdsExhausted => failed(),
        // What this dialect has no words for cannot be asked for in it.
        R::TokenReused
        | R::Missing(_)
        | R::UnknownGroup(_)
        | R::ImageNotForType { .. }
        | R::GroupElsewhere { .. }
        | R::TooManyGroups { .. }
        | R::TooManyIpv4 { .. }
        | R::TooManyIpv6OfInterface { .. }
        | R::AddressOutside(_)
        | R::AddressReserved(_)
        | R::AddressTaken(_)
        | R::OneAddressForMany(_)
        | R::UnknownImageFamily(_)
        | R::UnknownKeyPair(_)
        | R::UnknownSnapshot { .. }
        | R::UnknownKey { .. }
        | R::UnknownHost(_)
        | R::UnknownDeploymentSet(_)
        | R::UnknownCluster(_)
        | R::UnknownRole(_)
        | R::ImageNamedTwice { .. }
        | R::IoOptimizedOnly(_)
        | R::IoOptimizedNever(_)
        | R::ImageNotIoOptimized(_)
        | R::UnknownInterfaceSubnet(_)
        | R::NoInterfaceSlot { .. }
        | R::Ipv6NotOfType(_)
        | R::Ipv6NotOfSubnet(_)
        | R::TooManyIpv6 { .. }
        | R::Ipv6Outside(_)
        | R::Ipv6Twice(_)
        | R::Ipv6Taken(_)
        | R::PasswordForImage
        | R::KeyPairOnWindows(_)
        | R::NeedsIoOptimized(_)
        | R::ImageWithoutInit(_)
        | R::SystemDiskSize { .. }
        | R::SystemDiskBelowImage { .. }
        | R::DataDiskSize { .. }
        | R::LocalDiskBesideNetworkDisk(_)
        | R::LocalDisksTooLarge { .. }
        | R::DiskNotForType { .. }
        | R::DiskNotInZone { .. }
        | R::SnapshotTooOld { .. }
        | R::SnapshotUnfinished { .. }
        | R::SnapshotOfSystemDisk { .. }
        | R::DiskBelowSnapshot { .. }
        | R::KeyWithoutEncryption(_)
        | R::KeyDisabled { .. }
        | R::SnapshotIsEncrypted(_)
        | R::EncryptionNotForDisk { .. }
        | R::DiskNotPortable { .. }
        | R::LevelNotForDisk { .. }
        | R::ProtectedAndPrepaid
        | R::ReleasedAndPrepaid
        | R::SpotAndPrepaid
        | R::BidTooLow { .. }
        | R::InterruptionNotForLocalDisks(_)
        | R::CreditNotForType(_)
        | R::HostClosed(_)
        | R::HostElsewhere { .. }
        | R::FamilyNotForHost { .. }
        | R::HostFull { .. }
        | R::NoHostWithRoom(_)
        | R::PrepaidOnPostpaidHost(_)
        | R::PaidBeyondHost { .. }
        | R::DeploymentSetOnHost(_)
        | R::ClusterNeeded(_)
        | R::ClusterNotForType { .. }
        | R::ClusterNotReady(_)
        | R::RoleNotForInstances(_)
        | R::HostNameForImage => failed(),
    }
}

/// What the account may not do. The reference has codes for two things that an account may lack: a
/// way to pay, and what it would use up.
fn barred(bar: &Bar) -> Fault {
    Fault::new(match bar {
        Bar::Arrears | Bar::Unverified | Bar::NoPayMethod | Bar::PayAgreement | Bar::UnpaidOrder => {
            Code::OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT
        }
        Bar::Region(_) | Bar::Zone(_) | Bar::InstanceType(_) => Code::RESOURCES_SOLDOUT_INSTANCE_TYPE,
        Bar::Spot
        | Bar::UserData
        | Bar::Roles
        | Bar::Resources
        | Bar::KeyService
        | Bar::OwnKeys
        | Bar::KeyGrant
        | Bar::Promise
        | Bar::Disk(_)
        | Bar::ImageSubscription(_)
        | Bar::ImagePurchase(_)
        | Bar::ImageShare(_) => Code::RESOURCE_INSUFFICIENT_PRODUCT_SOLD_OUT,
    })
}

fn bare_metal(refusal: &BareMetalRefusal) -> Fault {
    match refusal {
        BareMetalRefusal::UnknownResourceGroup(label) => {
            about(Code::OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND, label)
        }
        BareMetalRefusal::Layout(fault) => layout(*fault),
        BareMetalRefusal::TypeWithoutSubnets(_) => Code::OPERATION_DENIED_INSTANCE_NOT_SUPPORT_SUBNET.into(),
        BareMetalRefusal::Line(_) => Code::OPERATION_FILED_INTERNET_CHARGE_TYPE_NOT_SUPPORT.into(),
        BareMetalRefusal::Bandwidth { .. } => Code::INVALID_BANDWIDTH_VALUE_EXCEED_MAXIMUM.into(),
        BareMetalRefusal::Charge => Code::OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT.into(),
        BareMetalRefusal::Addresses { .. } => Code::INVALID_SUBNET_PRIVATE_IP_INSUFFICIENT.into(),
    }
}

/// Why a machine is not laid out so.
#[must_use]
pub fn layout(fault: LayoutFault) -> Fault {
    Fault::new(match fault {
        LayoutFault::RaidTwice => Code::INVALID_RAID_CONFIG_FAST_CUSTOM_CONFLICT,
        LayoutFault::QuickRaid => Code::INVALID_INSTANCE_TYPE_QUICK_RAID_NOT_SUPPORT,
        LayoutFault::CustomRaid => Code::INVALID_INSTANCE_TYPE_RAID_NOT_SUPPORT,
        LayoutFault::RaidDiskRange => Code::INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_RANGE,
        LayoutFault::RaidDiskTwice => Code::INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_DUPLICATE,
        LayoutFault::RaidDiskOrder => Code::INVALID_PARAMETER_VALUE_RAID_DISK_DISORDER,
        LayoutFault::RaidDiskMismatch => Code::INVALID_PARAMETER_VALUE_RAID_DISK_MISMATCH,
        LayoutFault::PartitionsWithoutImage => Code::INVALID_PARTITION_IMAGE_NOT_SET,
        LayoutFault::PartitionFileSystem => Code::INVALID_PARTITION_NO_TYPE,
        LayoutFault::PartitionMalformed => Code::INVALID_PARTITION_MALFORMED,
        LayoutFault::PartitionTwice => Code::INVALID_PARTITION_DUPLICATE_FILE_PATH,
        LayoutFault::PartitionMissing => Code::INVALID_PARTITION_MISSING_REQUIRED_FILE_PATH,
        LayoutFault::PartitionOrder => Code::INVALID_PARTITION_INVALID_ORDER,
        LayoutFault::PartitionSize => Code::INVALID_PARTITION_SIZE_NOT_FULL,
        LayoutFault::InterfaceNames => Code::INVALID_PARAMETER_NIC_NAME_CONFLICT,
    })
}

/// What ran out. A type without a single unit is sold out; too few units, or nothing to put them
/// on, is anything else of the request. The reference has no code for too little money: the charge
/// is not to be had for the account.
fn short(shortage: &Shortage) -> Fault {
    Fault::new(match shortage.binding {
        Limit::Quota | Limit::PostpaidQuota | Limit::CpuQuota | Limit::DiskQuota => {
            Code::OPERATION_DENIED_INSTANCE_QUOTA_EXCEED
        }
        Limit::Money => Code::OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT,
        Limit::Stock if shortage.stock == 0 => Code::RESOURCES_SOLDOUT_INSTANCE_TYPE,
        Limit::Stock
        | Limit::GroupPlaces
        | Limit::Addresses
        | Limit::Ipv6Addresses
        | Limit::PublicAddresses => Code::RESOURCE_INSUFFICIENT_PRODUCT_SOLD_OUT,
    })
}

/// Why none of several instances does what `verb` asks.
#[must_use]
pub fn many(refusal: &MoveManyRefusal, verb: Verb) -> Fault {
    match &refusal.why {
        PowerRefusal::Unknown(_) => unknown_instance(),
        PowerRefusal::WrongStatus(status) => {
            Fault::about(wrong_status(*status, verb), refusal.instance.to_string())
        }
        PowerRefusal::NoStock(_) => Code::RESOURCES_SOLDOUT_INSTANCE_TYPE.into(),
        PowerRefusal::Locked(_)
        | PowerRefusal::Unpaid(_)
        | PowerRefusal::Unconfirmed
        | PowerRefusal::Uneconomical(_)
        | PowerRefusal::BidTooLow => Code::OPERATION_DENIED_INSTANCE_STATUS.into(),
    }
}

/// Why an instance is not put into the bin.
#[must_use]
pub fn bin(refusal: &ReleaseRefusal) -> Fault {
    match refusal {
        ReleaseRefusal::Unknown(_) => unknown_instance(),
        ReleaseRefusal::PaidFor(_) => Code::OPERATION_DENIED_INSTANCE_SUBSCRIPTION.into(),
        ReleaseRefusal::Promised => Code::OPERATION_DENIED_POSTPAID_PROMISE.into(),
        // The other dialect protects instances; this one has no word for it.
        ReleaseRefusal::Protected => Code::OPERATION_DENIED_INSTANCE_STATUS.into(),
        ReleaseRefusal::WrongStatus(status) => wrong_status(*status, Verb::Bin).into(),
    }
}

/// Why what was paid for an instance in advance is not paid again.
#[must_use]
pub fn renew(refusal: &RenewRefusal) -> Fault {
    match refusal {
        RenewRefusal::Unknown(_) => unknown_instance(),
        RenewRefusal::PaidByUse => Code::OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT.into(),
        RenewRefusal::WrongStatus(_)
        | RenewRefusal::NoPeriod
        | RenewRefusal::Barred(_)
        | RenewRefusal::Unaffordable { .. } => Code::OPERATION_DENIED_INSTANCE_STATUS.into(),
    }
}

/// Why no other system is put on an instance.
#[must_use]
pub fn reinstall(refusal: &ReinstallRefusal) -> Fault {
    match refusal {
        ReinstallRefusal::Unknown(_) => unknown_instance(),
        ReinstallRefusal::WrongStatus(status) => wrong_status(*status, Verb::Reinstall).into(),
        ReinstallRefusal::NotBareMetal | ReinstallRefusal::Locked(_) | ReinstallRefusal::Unpaid(_) => {
            Code::OPERATION_DENIED_INSTANCE_STATUS.into()
        }
        ReinstallRefusal::UnknownImage(label) => about(Code::INVALID_IMAGE_NOT_FOUND, label),
        ReinstallRefusal::Layout(fault) => layout(*fault),
    }
}

/// How a status that forbids `verb` is told.
#[must_use]
pub const fn wrong_status(status: Status, verb: Verb) -> Code {
    match (verb, status) {
        (Verb::Empty, _) => Code::OPERATION_DENIED_INSTANCE_NOT_RECYCLED,
        (_, Status::Binned | Status::Releasing) => Code::OPERATION_DENIED_INSTANCE_RECYCLED,
        (Verb::Start, _) => Code::OPERATION_DENIED_INSTANCE_NOT_STOPPED,
        (Verb::Stop, _) => Code::OPERATION_DENIED_INSTANCE_NOT_RUNNING,
        (Verb::Bin, Status::Pending) => Code::OPERATION_DENIED_INSTANCE_CREATING,
        (Verb::Bin, Status::Installing) => Code::OPERATION_DENIED_INSTANCE_STATUS_INSTALLING,
        (
            Verb::Bin | Verb::Restart | Verb::Reboot | Verb::Reinstall | Verb::Release | Verb::ForceRelease,
            Status::Pending
            | Status::Installing
            | Status::Starting
            | Status::Running
            | Status::Stopping
            | Status::Stopped
            | Status::Blank
            | Status::Failed,
        ) => Code::OPERATION_DENIED_INSTANCE_STATUS,
    }
}

/// Why a network is not made.
#[must_use]
pub fn network(refusal: &NetworkRefusal) -> Fault {
    match refusal {
        NetworkRefusal::UnknownRegion(label) => about(Code::INVALID_VPC_REGION_NOT_FOUND, label),
        NetworkRefusal::NotPrivate(block) => {
            Fault::about(Code::INVALID_PARAMETER_VPC_LAN_IP, block.to_string())
        }
        NetworkRefusal::UnknownNetwork(label) => about(Code::INVALID_VPC_NOT_FOUND, label),
        NetworkRefusal::UnknownZone(_) => Code::OPERATION_DENIED_ZONE_NOT_BELONG_VPC.into(),
        NetworkRefusal::ZoneClosed(_) => Code::OPERATION_DENIED_ZONE_NOT_SUPPORT_SUBNET.into(),
        NetworkRefusal::OutsideNetwork { .. } => Code::INVALID_PARAMETER_SUBNET_CIDR_NOT_BELONG_VPC.into(),
        NetworkRefusal::Overlaps { .. } => Code::INVALID_PARAMETER_VPC_SUBNET_OVER_LAP.into(),
        NetworkRefusal::TooManySubnets => Code::OPERATION_DENIED_VPC_ZONE_SUBNET_EXCEED_LIMIT.into(),
        NetworkRefusal::TooManyNetworks => Code::OPERATION_DENIED_VPC_REGION_EXCEED_LIMIT.into(),
        NetworkRefusal::NetworkPending(_) => Code::OPERATION_DENIED_VPC_STATUS_NOT_SUPPORT.into(),
        NetworkRefusal::LabelTaken(_)
        // This dialect gives out no IPv6 and has no groups.
        | NetworkRefusal::NotIpv6Network(_)
        | NetworkRefusal::NotIpv6Subnet(_)
        | NetworkRefusal::Ipv6Taken { .. }
        | NetworkRefusal::TooManyGroups
        | NetworkRefusal::IdsExhausted => failed(),
    }
}

/// Why a subnet is not made: as a network is not, but for addresses that are not private.
#[must_use]
pub fn subnet(refusal: &NetworkRefusal) -> Fault {
    match refusal {
        NetworkRefusal::NotPrivate(block) => {
            Fault::about(Code::INVALID_PARAMETER_SUBNET_LAN_IP, block.to_string())
        }
        NetworkRefusal::UnknownRegion(_)
        | NetworkRefusal::UnknownZone(_)
        | NetworkRefusal::ZoneClosed(_)
        | NetworkRefusal::UnknownNetwork(_)
        | NetworkRefusal::LabelTaken(_)
        | NetworkRefusal::OutsideNetwork { .. }
        | NetworkRefusal::Overlaps { .. }
        | NetworkRefusal::NetworkPending(_)
        | NetworkRefusal::NotIpv6Network(_)
        | NetworkRefusal::NotIpv6Subnet(_)
        | NetworkRefusal::Ipv6Taken { .. }
        | NetworkRefusal::TooManySubnets
        | NetworkRefusal::TooManyGroups
        | NetworkRefusal::IdsExhausted => network(refusal),
        // One that stands alone is in a network of its own.
        NetworkRefusal::TooManyNetworks => Code::OPERATION_DENIED_SUBNET_EXCEED_LIMIT.into(),
    }
}

/// Why a subnet joins no network.
#[must_use]
pub fn join(refusal: &JoinRefusal) -> Fault {
    match refusal {
        JoinRefusal::UnknownSubnet(label) => about(Code::INVALID_SUBNET_NOT_FOUND, label),
        JoinRefusal::InOther(_) => Code::OPERATION_DENIED_SUBNET_ASSOCIATED_OTHER_VPC.into(),
        JoinRefusal::Network(refusal) => network(refusal),
    }
}

/// Why a network is not removed.
#[must_use]
pub fn remove_network(refusal: &RemoveRefusal) -> Fault {
    match refusal {
        RemoveRefusal::Unknown(label) => about(Code::OPERATION_FAILED_RESOURCE_NOT_FOUND, label),
        RemoveRefusal::InUse(_) => Code::OPERATION_DENIED_VPC_EXIST_SUBNET_ASSIGN.into(),
        RemoveRefusal::Pending(_) => Code::OPERATION_DENIED_VPC_STATUS_NOT_SUPPORT.into(),
        // These are about groups.
        RemoveRefusal::HasMembers { .. } | RemoveRefusal::Named { .. } => failed(),
    }
}

/// Why a subnet is not removed.
#[must_use]
pub fn remove_subnet(refusal: &RemoveRefusal) -> Fault {
    match refusal {
        RemoveRefusal::Unknown(label) => about(Code::OPERATION_FAILED_RESOURCE_NOT_FOUND, label),
        RemoveRefusal::InUse(_) => Code::OPERATION_DENIED_SUBNET_EXIST_INSTANCE.into(),
        RemoveRefusal::Pending(_) => Code::OPERATION_DENIED_SUBNET_STATUS_NOT_SUPPORT.into(),
        // These are about groups.
        RemoveRefusal::HasMembers { .. } | RemoveRefusal::Named { .. } => failed(),
    }
}

/// Why nothing is attached to a subnet, or detached from it.
#[must_use]
pub fn attach(refusal: &AttachRefusal) -> Fault {
    use AttachRefusal as R;
    match refusal {
        R::UnknownSubnet(label) => about(Code::INVALID_SUBNET_NOT_FOUND, label),
        R::SubnetPending(_) => Code::OPERATION_DENIED_SUBNET_STATUS_NOT_SUPPORT.into(),
        R::UnknownInstance(_) => unknown_instance(),
        R::InstanceTwice(id) => {
            Fault::about(Code::OPERATION_DENIED_SUBNET_NOT_REPEAT_INSTANCE, id.to_string())
        }
        R::AddressTwice(address) => {
            Fault::about(Code::INVALID_PARAMETER_DUPLICATE_LAN_IP, address.to_string())
        }
        R::AddressOutside(_) => Code::INVALID_PARAMETER_LAN_IP_NOT_SUPPORT.into(),
        R::WrongStatus(id, _) => Fault::about(Code::OPERATION_DENIED_INSTANCE_NOT_RUNNING, id.to_string()),
        R::NotSupported(_) => Code::OPERATION_DENIED_INSTANCE_NOT_SUPPORT_SUBNET.into(),
        R::OtherZone(id) => Fault::about(Code::OPERATION_DENIED_DIFFERENT_ZONE, id.to_string()),
        R::Attached(_) => Code::OPERATION_DENIED_SUBNET_EXIST_INSTANCE.into(),
        R::NotAttached(_) => unknown_instance(),
        R::AddressTaken(address) => {
            Fault::about(Code::OPERATION_DENIED_IP_ASSOCIATED_INSTANCE, address.to_string())
        }
        R::NoAddress => Code::INVALID_SUBNET_PRIVATE_IP_INSUFFICIENT.into(),
    }
}

/// The account has no such instance.
#[must_use]
pub fn unknown_instance() -> Fault {
    Code::INVALID_INSTANCE_NOT_FOUND.into()
}

/// Our fault; nothing was changed.
#[must_use]
pub fn failed() -> Fault {
    Code::INTERNAL_SERVER_ERROR.into()
}

/// Too much is being done at once; nothing was changed.
#[must_use]
pub fn busy() -> Fault {
    Code::SERVICE_TEMPORARY_UNAVAILABLE.into()
}

fn about(code: Code, label: &fleet::Label) -> Fault {
    Fault::about(code, label.as_str())
}
