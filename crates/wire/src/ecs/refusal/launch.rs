//! How the refusal of a launch is told: `contract/ecs-run-instances.md` section 2, and the tables
//! that the numbered rules leave open. What is wrong with a disk is told by the place the disk has
//! among those that were asked for, from 1.

use fleet::{AfterCreation, Bar, LaunchRefusal, Limit, Needed, NeedsIo, WhichDisk};

use super::failed;
use crate::ecs::{Code, Fault};

/// Why nothing is launched. What becomes of the instances says which action asked:
/// `RunInstances` starts them, `CreateInstance` leaves its one stopped.
#[must_use]
pub fn launch(refusal: &LaunchRefusal, after: AfterCreation) -> Fault {
    use LaunchRefusal as R;
    use WhichDisk::{Data, System};
    let fault = |code: Code, parameter: &'static str| Fault::new(code).about(parameter);
    match refusal {
        R::UnknownRegion(_) => fault(Code::INVALID_REGION_ID_NOT_FOUND, "RegionId"),
        R::TokenReused => fault(Code::IDEMPOTENT_PARAMETER_MISMATCH, "ClientToken"),

        R::UnknownZone(_) => fault(Code::INVALID_ZONE_ID_NOT_FOUND, "ZoneId"),
        R::ZoneClosed(_) => fault(Code::ZONE_NOT_ON_SALE, "ZoneId"),
        R::Missing(needed) => missing(*needed),
        R::UnknownImage(_) => fault(Code::INVALID_IMAGE_ID_NOT_FOUND, "ImageId"),
        R::UnknownImageFamily(_) => fault(Code::INVALID_IMAGE_ID_NOT_FOUND, "ImageFamily"),
        R::UnknownInstanceType(_) => fault(Code::INVALID_INSTANCE_TYPE_VALUE_NOT_SUPPORTED, "InstanceType"),
        R::UnknownGroup(_) => fault(Code::INVALID_SECURITY_GROUP_ID_NOT_FOUND, "SecurityGroupId"),
        R::UnknownSubnet(_) => fault(unknown_subnet(after), "VSwitchId"),
        R::UnknownKeyPair(_) => fault(Code::INVALID_KEY_PAIR_NAME_NOT_FOUND, "KeyPairName"),
        R::UnknownSnapshot { disk, .. } => {
            of_disk(Code::INVALID_DATA_DISK_SNAPSHOT_ID_NOT_FOUND, *disk, "SnapshotId")
        }
        R::UnknownKey { disk, .. } => {
            of_disk(Code::INVALID_PARAMETER_KMS_KEY_ID_NOT_FOUND, *disk, "KMSKeyId")
        }
        R::UnknownHost(_) => fault(Code::INVALID_DEDICATED_HOST_ID_NOT_FOUND, "DedicatedHostId"),
        R::UnknownDeploymentSet(_) => fault(Code::DEPLOYMENT_SET_NOT_FOUND, "DeploymentSetId"),
        R::UnknownCluster(_) => fault(Code::INVALID_HPC_CLUSTER_ID_NOT_FOUND, "HpcClusterId"),
        R::UnknownRole(_) => fault(Code::INVALID_RAM_ROLE_NOT_FOUND, "RamRoleName"),
        R::UnknownResourceGroup(_) => fault(Code::INVALID_RESOURCE_GROUP_NOT_FOUND, "ResourceGroupId"),

        R::ImageNotAvailable(_) => fault(Code::INCORRECT_IMAGE_STATUS, "ImageId"),
        R::ImageLeftMarket(_) => fault(Code::IMAGE_REMOVED_IN_MARKET, "ImageId"),
        R::ImageNamedTwice { .. } => {
            let detail = "The parameters \"ImageFamily\" and \"ImageId\" cannot be specified together.";
            Fault::with(Code::INVALID_PARAMETER_CONFLICT, detail).about("ImageFamily")
        }
        R::TypeClosed(label) => {
            let detail = format!("The specified InstanceType {label} is no longer available for sale.");
            Fault::with(Code::INSTANCE_TYPE_OFFLINE, detail).about("InstanceType")
        }
        R::NotSoldInZone { .. } => fault(Code::INVALID_INSTANCE_TYPE_ZONE_NOT_SUPPORTED, "InstanceType"),
        R::ImageNotForType { .. } => fault(Code::IMAGE_NOT_SUPPORT_INSTANCE_TYPE, "ImageId"),
        R::IoOptimizedOnly(_) => fault(Code::DEPENDENCY_VIOLATION_IO_OPTIMIZED, "IoOptimized"),
        R::IoOptimizedNever(_) => fault(Code::IO_OPTIMIZED_NOT_SUPPORTED, "IoOptimized"),
        R::ImageNotIoOptimized(_) => fault(Code::IO_OPTIMIZED_NOT_SUPPORTED_IMAGE, "ImageId"),

        R::GroupElsewhere { .. } => fault(Code::INVALID_PARAMETER_MISMATCH_VPC, "SecurityGroupId"),
        R::TooManyGroups { joined, most } => {
            let detail = format!("{joined} security groups exceed the {most} that an instance can join.");
            Fault::with(Code::JOINED_GROUP_LIMIT_EXCEED, detail).about("SecurityGroupIds.1")
        }
        R::SubnetElsewhere { .. } => fault(Code::INVALID_PARAMETER_MISMATCH_ZONE, "VSwitchId"),
        R::AddressOutside(_) => fault(Code::INVALID_PRIVATE_IP_ADDRESS, "PrivateIpAddress"),
        R::AddressReserved(address) => {
            let detail =
                format!("The specified PrivateIpAddress {address} is reserved by the virtual switch.");
            Fault::with(Code::INVALID_VSWITCH_ID_IP_INVALID, detail).about("PrivateIpAddress")
        }
        R::AddressTaken(_) => fault(Code::INVALID_PRIVATE_IP_ADDRESS_DUPLICATED, "PrivateIpAddress"),
        R::SubnetPending(_) => Fault::new(Code::INCORRECT_VSWITCH_STATUS).about("VSwitchId"),
        R::UnknownInterfaceSubnet(label) => {
            let detail = format!("The specified VSwitch {label} does not exist.");
            Fault::with(Code::INVALID_VSWITCH_ID_NOT_EXIST, detail).about("NetworkInterface.1.VSwitchId")
        }
        R::NoInterfaceSlot { .. } => {
            Fault::new(Code::INVALID_INSTANCE_TYPE_ELASTIC_NETWORK_INTERFACE_NOT_SUPPORTED)
                .about("InstanceType")
        }
        R::Ipv6NotOfType(label) => {
            let detail = format!("The specified InstanceType {label} does not support IPv6 addresses.");
            Fault::with(Code::INVALID_OPERATION_IPV6_NOT_SUPPORT, detail).about("InstanceType")
        }
        R::Ipv6NotOfSubnet(label) => {
            let detail = format!("The specified VSwitch {label} has no IPv6 CIDR block.");
            Fault::with(Code::INVALID_VSWITCH_IPV6_NOT_TURN_ON, detail).about("VSwitchId")
        }
        R::TooManyIpv6 { wanted, most } => {
            let detail = format!("{wanted} IPv6 addresses exceed the {most} that the instance type allows.");
            Fault::with(Code::INVALID_OPERATION_IPV6_COUNT_EXCEEDED, detail).about("Ipv6AddressCount")
        }
        R::TooManyIpv6OfInterface { wanted, most } => {
            let detail = format!("{wanted} IPv6 addresses exceed the {most} that an interface can have.");
            Fault::with(Code::MAX_ENI_IPV6_IPS_COUNT_EXCEEDED, detail)
                .about("NetworkInterface.1.Ipv6AddressCount")
        }
        R::TooManyIpv4 { wanted, most } => {
            let detail = format!("{wanted} IPv4 addresses exceed the {most} that an interface can have.");
            Fault::with(Code::INVALID_OPERATION_IPV4_COUNT_EXCEEDED, detail)
                .about("NetworkInterface.1.SecondaryPrivateIpAddressCount")
        }
        R::Ipv6Outside(address) => {
            let detail = format!("The specified Ipv6Address {address} is not valid in the virtual switch.");
            Fault::with(Code::INVALID_IP_ADDRESS, detail).about("Ipv6Address.1")
        }
        R::Ipv6Twice(address) => {
            let detail = format!("The specified Ipv6Address {address} is repeated.");
            Fault::with(Code::INVALID_IP_IP_REPEATED, detail).about("Ipv6Address.1")
        }
        R::Ipv6Taken(address) => {
            let detail = format!("The specified Ipv6Address {address} is already assigned.");
            Fault::with(Code::INVALID_IP_IP_ASSIGNED, detail).about("Ipv6Address.1")
        }
        R::OneAddressForMany(wanted) => {
            let detail = format!("The Amount {wanted} must be 1 when an address is specified.");
            Fault::with(Code::INVALID_PARAM_AMOUNT, detail).about("Amount")
        }

        R::HostNameForImage => fault(Code::INVALID_HOST_NAME_MALFORMED, "HostName"),
        R::PasswordForImage => fault(Code::INVALID_PASSWORD_MALFORMED, "Password"),
        R::KeyPairOnWindows(_) => fault(Code::DEPENDENCY_VIOLATION_WINDOWS_INSTANCE, "KeyPairName"),
        R::NeedsIoOptimized(needs) => needs_io(*needs),
        R::ImageWithoutInit(_) => fault(Code::IMAGE_NOT_SUPPORT_CLOUD_INIT, "UserData"),

        R::SystemDiskSize { least, most, .. } => {
            let detail = format!("The specified SystemDisk.Size must be between {least} and {most} GiB.");
            let code = Code::INVALID_SYSTEM_DISK_SIZE_VALUE_NOT_SUPPORTED;
            Fault::with(code, detail).about("SystemDisk.Size")
        }
        R::SystemDiskBelowImage { .. } => {
            of_disk(Code::INVALID_SYSTEM_DISK_SIZE_LESS_THAN_IMAGE_SIZE, System, "Size")
        }
        R::DataDiskSize { index, .. } => {
            of_disk(Code::INVALID_DATA_DISK_SIZE_VALUE_NOT_SUPPORTED, Data(*index), "Size")
        }
        R::LocalDiskBesideNetworkDisk(index) => {
            of_disk(Code::INVALID_DISK_CATEGORY_MISMATCH, Data(*index), "Category")
        }
        R::LocalDisksTooLarge { .. } => {
            Fault::new(Code::INSTANCE_DISK_CATEGORY_LIMIT_EXCEED).about("DataDisk")
        }
        R::DiskNotForType { disk, .. } => {
            of_disk(Code::INVALID_DISK_CATEGORY_NOT_SUPPORTED, *disk, "Category")
        }
        R::DiskNotInZone { disk, .. } => match after {
            AfterCreation::Start => of_disk(Code::CATEGORY_NOT_SUPPORTED, *disk, "Category"),
            AfterCreation::Stay => of_disk(Code::OPERATION_DENIED, *disk, "Category"),
        },
        R::SnapshotTooOld { index, .. } => {
            of_disk(Code::INVALID_SNAPSHOT_ID_BASED_SNAPSHOT_TOO_OLD, Data(*index), "SnapshotId")
        }
        R::SnapshotUnfinished { index, .. } => {
            of_disk(Code::INVALID_SNAPSHOT_ID_NOT_READY, Data(*index), "SnapshotId")
        }
        R::SnapshotOfSystemDisk { index, .. } => {
            of_disk(Code::INVALID_SNAPSHOT_ID_NOT_DATA_DISK_SNAPSHOT, Data(*index), "SnapshotId")
        }
        R::DiskBelowSnapshot { index, .. } => {
            of_disk(Code::INVALID_DISK_SIZE_TOO_SMALL, Data(*index), "Size")
        }
        R::KeyWithoutEncryption(disk) => {
            of_disk(Code::INVALID_PARAMETER_ENCRYPTED_ILLEGAL, *disk, "Encrypted")
        }
        R::KeyDisabled { disk, .. } => {
            of_disk(Code::INVALID_PARAMETER_KMS_KEY_ID_CMK_NOT_ENABLED, *disk, "KMSKeyId")
        }
        R::SnapshotIsEncrypted(index) => of_disk(Code::ENCRYPTED_OPTION_CONFLICT, Data(*index), "Encrypted"),
        R::EncryptionNotForDisk { disk, .. } => {
            of_disk(Code::INVALID_PARAMETER_ENCRYPTED_NOT_SUPPORTED, *disk, "Encrypted")
        }
        R::DiskNotPortable { index, .. } => {
            of_disk(Code::DELETE_WITH_INSTANCE_CONFLICT, Data(*index), "DeleteWithInstance")
        }
        R::LevelNotForDisk { disk, .. } => of_disk(Code::INVALID_PARAMETER, *disk, "PerformanceLevel"),

        R::ProtectedAndPrepaid => fault(Code::INVALID_CHARGE_TYPE_VALUE_NOT_SUPPORTED, "DeletionProtection"),
        R::ReleasedAndPrepaid => fault(Code::CHARGE_TYPE_VIOLATION, "AutoReleaseTime"),
        R::SpotAndPrepaid => fault(Code::INVALID_SPOT_PREPAID, "SpotStrategy"),
        R::BidTooLow { .. } => {
            fault(Code::INVALID_SPOT_PRICE_LIMIT_LOWER_THAN_PUBLIC_PRICE, "SpotPriceLimit")
        }
        R::InterruptionNotForLocalDisks(_) => {
            fault(Code::INVALID_SPOT_INTERRUPTION_BEHAVIOR_LOCAL_DISK, "SpotInterruptionBehavior")
        }
        R::CreditNotForType(_) => fault(Code::INVALID_PARAMETER_CREDIT_SPECIFICATION, "CreditSpecification"),

        R::FamilyNotForHost { .. } => fault(Code::DEDICATED_HOST_TYPE_UNMATCHED, "DedicatedHostId"),
        R::HostClosed(_) => fault(Code::INVALID_DEDICATED_HOST_STATUS_NOT_SUPPORT, "DedicatedHostId"),
        R::HostElsewhere { .. } => fault(Code::RESOURCES_NOT_IN_SAME_ZONE, "DedicatedHostId"),
        R::HostFull { .. } => fault(Code::LACK_RESOURCE, "DedicatedHostId"),
        R::NoHostWithRoom(_) => fault(Code::LACK_RESOURCE, "Tenancy"),
        R::PrepaidOnPostpaidHost(_) => {
            fault(Code::CHARGE_TYPE_VIOLATION_POST_PAID_DEDICATED_HOST, "InstanceChargeType")
        }
        R::PaidBeyondHost { .. } => fault(Code::INVALID_PERIOD_EXCEEDED_DEDICATED_HOST, "Period"),
        R::DeploymentSetOnHost(set) => {
            let detail = format!("The specified DeploymentSetId {set} cannot be used on a dedicated host.");
            Fault::with(Code::INVALID_DEPLOYMENT_ON_HOST, detail).about("DeploymentSetId")
        }
        R::ClusterNeeded(_) => fault(Code::INVALID_HPC_CLUSTER_ID_NECESSARY, "HpcClusterId"),
        R::ClusterNotForType { .. } => fault(Code::INVALID_HPC_CLUSTER_ID_UNNECESSARY, "HpcClusterId"),
        R::ClusterNotReady(_) => fault(Code::INVALID_HPC_CLUSTER_ID_CREATING, "HpcClusterId"),
        R::RoleNotForInstances(_) => fault(Code::INVALID_RAM_ROLE_NOT_ECS_ROLE, "RamRoleName"),

        // The key is good, and whoever runs the server has opened no account for it.
        R::UnknownAccount(_) => Fault::new(Code::INVALID_ACCOUNT_NOT_FOUND),
        R::Barred(bar) => barred(bar, after),
        R::Short(shortage) => Fault::new(short(shortage.binding, after)),
        // This dialect has no words to ask for bare metal.
        R::BareMetal(_) | R::IdsExhausted => failed(),
    }
}

fn missing(needed: Needed) -> Fault {
    match needed {
        Needed::Image => Fault::new(Code::MISSING_PARAMETER_IMAGE_ID).about("ImageId"),
        Needed::InstanceType => Fault::new(Code::MISSING_PARAMETER_INSTANCE_TYPE).about("InstanceType"),
        Needed::Group => Fault::missing("SecurityGroupId"),
        Needed::Subnet => Fault::missing("VSwitchId"),
    }
}

/// Rules N-05 and N-06: one code, two statuses.
const fn unknown_subnet(after: AfterCreation) -> Code {
    match after {
        AfterCreation::Start => Code::INVALID_VSWITCH_ID_NOT_FOUND,
        AfterCreation::Stay => Code::INVALID_VSWITCH_ID_NOT_FOUND_CREATE_INSTANCE,
    }
}

/// Rules W-06, D-19 and U-03.
fn needs_io(needs: NeedsIo) -> Fault {
    match needs {
        NeedsIo::KeyPair => {
            Fault::new(Code::INVALID_INSTANCE_TYPE_VALUE_NOT_SUPPORTED_KEY_PAIR).about("KeyPairName")
        }
        NeedsIo::EncryptionKey(disk) => of_disk(Code::IO_OPTIMIZED_NOT_SUPPORTED_KMS_KEY, disk, "KMSKeyId"),
        NeedsIo::UserData => Fault::new(Code::INVALID_USER_DATA_NOT_SUPPORTED).about("UserData"),
    }
}

/// A fault about one parameter of one disk.
fn of_disk(code: Code, disk: WhichDisk, name: &str) -> Fault {
    Fault::new(code).about(match disk {
        WhichDisk::System => format!("SystemDisk.{name}"),
        WhichDisk::Data(index) => format!("DataDisk.{}.{name}", index.saturating_add(1)),
    })
}

/// What an account may not do.
fn barred(bar: &Bar, after: AfterCreation) -> Fault {
    let fault = |code: Code, parameter: &'static str| Fault::new(code).about(parameter);
    match bar {
        // Rule Q-02.
        Bar::Arrears => Fault::new(Code::ACCOUNT_ARREARAGE),
        Bar::Unverified => Fault::new(Code::REAL_NAME_AUTHENTICATION_ERROR),
        // Rule C-09.
        Bar::NoPayMethod => fault(Code::INVALID_PAY_METHOD, "InstanceChargeType"),
        Bar::PayAgreement => Fault::new(Code::OPERATION_DENIED_ILLEGAL_PAYMENT_POLICY),
        Bar::UnpaidOrder => Fault::new(Code::INVALID_INSTANCE_UNPAID_ORDER),
        Bar::Spot => match after {
            AfterCreation::Start => fault(Code::INVALID_SPOT_ALI_UID, "SpotStrategy"),
            AfterCreation::Stay => fault(Code::INVALID_SPOT_AUTHORIZED, "SpotStrategy"),
        },
        Bar::UserData => fault(Code::INVALID_USER_DATA_FORBIDDEN, "UserData"),
        Bar::Roles => fault(Code::INVALID_USER_PASS_ROLE_FORBIDDEN, "RamRoleName"),
        Bar::Resources => Fault::new(Code::FORBBIDEN),
        Bar::KeyService => Fault::new(Code::INVALID_PARAMETER_ENCRYPTED_KMS_NOT_ENABLED),
        Bar::OwnKeys => Fault::new(Code::USER_NOT_IN_THE_WHITE_LIST),
        Bar::KeyGrant => Fault::new(Code::INVALID_PARAMETER_KMS_KEY_ID_KMS_UNAUTHORIZED),
        // It keeps nothing from being launched.
        Bar::Promise => super::failed(),
        Bar::Region(_) => fault(Code::REGION_UNAUTHORIZED, "RegionId"),
        Bar::Zone(_) => fault(Code::ZONE_NOT_OPEN, "ZoneId"),
        Bar::InstanceType(_) => fault(Code::INVALID_INSTANCE_TYPE_VALUE_UNAUTHORIZED, "InstanceType"),
        Bar::Disk(_) => Fault::new(Code::INVALID_SYSTEM_DISK_CATEGORY_VALUE_UNAUTHORIZED),
        Bar::ImageSubscription(_) => fault(Code::IMAGE_NOT_SUBSCRIBED, "ImageId"),
        Bar::ImagePurchase(_) => fault(Code::QUOTA_EXCEED_BUY_IMAGE, "ImageId"),
        Bar::ImageShare(_) => fault(Code::OPERATION_DENIED_IMAGE_NOT_VALID, "ImageId"),
    }
}

/// What ran out. Money is short only where it is paid in advance, and seed 002 says of that charge
/// type: an account without sufficient credit is answered `InvalidPayMethod` (rule C-09).
const fn short(binding: Limit, after: AfterCreation) -> Code {
    match binding {
        Limit::Quota | Limit::PostpaidQuota => Code::QUOTA_EXCEED_AFTERPAY_INSTANCE,
        Limit::CpuQuota => Code::QUOTA_EXCEED_ELASTIC_QUOTA_CPUS,
        Limit::DiskQuota => Code::QUOTA_EXCEED_POST_PAID_DISK,
        Limit::Money => Code::INVALID_PAY_METHOD,
        Limit::GroupPlaces => Code::SECURITY_GROUP_INSTANCE_LIMIT_EXCEED,
        Limit::Addresses | Limit::Ipv6Addresses => Code::QUOTA_EXCEEDED_PRIVATE_IP_ADDRESS,
        // The reference has no code for it: it is one more thing there is not enough of.
        Limit::PublicAddresses | Limit::Stock => out_of_stock(after),
    }
}

/// Rules: one code, two messages.
const fn out_of_stock(after: AfterCreation) -> Code {
    match after {
        AfterCreation::Start => Code::OPERATION_DENIED_NO_STOCK,
        AfterCreation::Stay => Code::OPERATION_DENIED_NO_STOCK_CREATE_INSTANCE,
    }
}
