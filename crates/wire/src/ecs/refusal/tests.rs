//! One row for every refusal: what each action answers, word for word.

use std::net::Ipv4Addr;

use fleet::{
    AccountId, AfterCreation, Bar, DiskKind, DiskLevel, EventId, InstanceId, Label, LaunchRefusal, Limit,
    LockReason, Misfit, Needed, NeedsIo, PeriodUnit, Rate, Serial, Shortage, StockKey, SubnetBlock, Time,
    Wanted, WhichDisk,
};

use super::*;
use crate::ecs::request::DeleteRequest;

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn told(fault: &Fault) -> String {
    format!("{} {}: {}", fault.code.status, fault.code.code, fault.message())
}

fn shortage(binding: Limit) -> LaunchRefusal {
    LaunchRefusal::Short(Shortage {
        binding,
        wanted: Wanted::ONE,
        quota: 0,
        postpaid: None,
        cpus: None,
        disks: None,
        money: Some(0),
        host_places: None,
        group_places: 0,
        addresses: 0,
        ipv6_addresses: Some(0),
        public_addresses: Some(0),
        stock: 0,
    })
}

/// Every refusal of a launch, how it is told for `RunInstances`, and for `CreateInstance` where that differs.
fn launches() -> Vec<(LaunchRefusal, &'static str, Option<&'static str>)> {
    use LaunchRefusal as R;
    let address = Ipv4Addr::new(192, 168, 1, 1);
    let ipv6 = "2001:db8::1".parse().unwrap();
    let (x, y, z) = (label("x"), label("y"), label("z"));
    vec![
        (
            R::UnknownRegion(x.clone()),
            "404 InvalidRegionId.NotFound: The specified RegionId does not exist.",
            None,
        ),
        (
            R::TokenReused,
            "400 IdempotentParameterMismatch: The request is retried with updated parameters.",
            None,
        ),
        (
            R::UnknownAccount(AccountId(7)),
            "403 InvalidAccount.NotFound: The specified Account does not exist.",
            None,
        ),
        (
            R::ImageLeftMarket(x.clone()),
            "403 ImageRemovedInMarket: The specified market image is not available, or the specified user defined image includes product code because it is based on an image subscribed from marketplace, and that image in marketplace including exact the same product code has been removed.",
            None,
        ),
        (
            R::TooManyGroups { joined: 6, most: 5 },
            "400 JoinedGroupLimitExceed: 6 security groups exceed the 5 that an instance can join.",
            None,
        ),
        (
            R::TooManyIpv4 { wanted: 7, most: 6 },
            "403 InvalidOperation.Ipv4CountExceeded: 7 IPv4 addresses exceed the 6 that an interface can have.",
            None,
        ),
        (
            R::TooManyIpv6OfInterface { wanted: 7, most: 6 },
            "403 MaxEniIpv6IpsCountExceeded: 7 IPv6 addresses exceed the 6 that an interface can have.",
            None,
        ),
        (R::UnknownZone(x.clone()), "404 InvalidZoneId.NotFound: The specified zoneId does not exist.", None),
        (
            R::ZoneClosed(x.clone()),
            "403 Zone.NotOnSale: The resource in the specified zone is no longer available for sale. Please try other regions and zones.",
            None,
        ),
        (
            R::Missing(Needed::Image),
            "400 MissingParameter: The input parameter ImageId that is mandatory for processing this request is not supplied.",
            None,
        ),
        (
            R::Missing(Needed::InstanceType),
            "400 MissingParameter: The input parameter InstanceType that is mandatory for processing this request is not supplied.",
            None,
        ),
        (
            R::Missing(Needed::Group),
            r#"400 MissingParameter: The input parameter "SecurityGroupId" that is mandatory for processing this request is not supplied."#,
            None,
        ),
        (
            R::Missing(Needed::Subnet),
            r#"400 MissingParameter: The input parameter "VSwitchId" that is mandatory for processing this request is not supplied."#,
            None,
        ),
        (
            R::UnknownImage(x.clone()),
            "404 InvalidImageId.NotFound: The specified ImageId does not exist.",
            None,
        ),
        (
            R::UnknownInstanceType(x.clone()),
            "400 InvalidInstanceType.ValueNotSupported: The specified InstanceType does not exist or beyond the permitted range.",
            None,
        ),
        (
            R::UnknownGroup(x.clone()),
            "404 InvalidSecurityGroupId.NotFound: The specified SecurityGroupId does not exist.",
            None,
        ),
        (
            R::UnknownSubnet(x.clone()),
            "404 InvalidVSwitchId.NotFound: Specified virtual switch does not exist.",
            Some("403 InvalidVSwitchId.NotFound: The VSwitchId provided does not exist in our records."),
        ),
        (
            R::ImageNotAvailable(x.clone()),
            "400 IncorrectImageStatus: The specified Image is not available.",
            None,
        ),
        (
            R::NotSoldInZone { instance_type: x.clone(), zone: y.clone() },
            "403 InvalidInstanceType.ZoneNotSupported: The specified zone does not support this instancetype.",
            None,
        ),
        (
            R::TypeClosed(x.clone()),
            "403 InstanceType.Offline: The specified InstanceType x is no longer available for sale.",
            None,
        ),
        (
            R::ImageNotForType { image: x.clone(), instance_type: y.clone(), why: Misfit::Architecture },
            "403 ImageNotSupportInstanceType: The specified image does not support the specified InstanceType.",
            None,
        ),
        (
            R::GroupElsewhere { group: x.clone(), subnet: y.clone() },
            "400 InvalidParameter.Mismatch: Specified security group and virtual switch are not in the same VPC.",
            None,
        ),
        (
            R::SubnetElsewhere { subnet: x.clone(), zone: y.clone() },
            "400 InvalidParameter.Mismatch: Specified virtual switch is not in the specified zone.",
            None,
        ),
        (
            R::AddressOutside(address),
            "400 InvalidPrivateIpAddress: Specified private IP address is not in the CIDR block of virtual switch.",
            None,
        ),
        (
            R::AddressReserved(address),
            "403 InvalidVSwitchId.IpInvalid: The specified PrivateIpAddress 192.168.1.1 is reserved by the virtual switch.",
            None,
        ),
        (
            R::AddressTaken(address),
            "400 InvalidPrivateIpAddress.Duplicated: Specified private IP address is duplicated.",
            None,
        ),
        (
            R::OneAddressForMany(3),
            "403 InvalidParam.Amount: The Amount 3 must be 1 when an address is specified.",
            None,
        ),
        (
            R::SubnetPending(z.clone()),
            "400 IncorrectVSwitchStatus: The current status of virtual switch does not support this operation.",
            None,
        ),
        (
            R::UnknownInterfaceSubnet(z.clone()),
            "404 InvalidVSwitchId.NotExist: The specified VSwitch z does not exist.",
            None,
        ),
        (
            R::NoInterfaceSlot { instance_type: z.clone(), slots: 1 },
            "400 InvalidInstanceType.ElasticNetworkInterfaceNotSupported: The specified instance type does not support Elastic Network Interface, you cannot attach Elastic Network Interface to generation I instances.",
            None,
        ),
        (
            R::Ipv6NotOfType(z.clone()),
            "403 InvalidOperation.Ipv6NotSupport: The specified InstanceType z does not support IPv6 addresses.",
            None,
        ),
        (
            R::Ipv6NotOfSubnet(z),
            "403 InvalidVSwitch.Ipv6NotTurnOn: The specified VSwitch z has no IPv6 CIDR block.",
            None,
        ),
        (
            R::TooManyIpv6 { wanted: 3, most: 2 },
            "403 InvalidOperation.Ipv6CountExceeded: 3 IPv6 addresses exceed the 2 that the instance type allows.",
            None,
        ),
        (
            R::Ipv6Outside(ipv6),
            "403 InvalidIp.Address: The specified Ipv6Address 2001:db8::1 is not valid in the virtual switch.",
            None,
        ),
        (
            R::Ipv6Twice(ipv6),
            "403 InvalidIp.IpRepeated: The specified Ipv6Address 2001:db8::1 is repeated.",
            None,
        ),
        (
            R::Ipv6Taken(ipv6),
            "403 InvalidIp.IpAssigned: The specified Ipv6Address 2001:db8::1 is already assigned.",
            None,
        ),
        (
            R::HostNameForImage,
            r#"400 InvalidHostName.Malformed: The specified parameter "HostName" is not valid."#,
            None,
        ),
        (
            shortage(Limit::Quota),
            "400 QuotaExceed.AfterpayInstance: The maximum number of Pay-As-You-Go instances is exceeded.",
            None,
        ),
        (
            shortage(Limit::PostpaidQuota),
            "400 QuotaExceed.AfterpayInstance: The maximum number of Pay-As-You-Go instances is exceeded.",
            None,
        ),
        (
            shortage(Limit::CpuQuota),
            "403 QuotaExceed.ElasticQuota: The number of vCPUs assigned to the ECS instances has exceeded the quota in the zone.",
            None,
        ),
        (
            shortage(Limit::DiskQuota),
            "403 QuotaExceed.PostPaidDisk: Living postPaid disks quota exceeded.",
            None,
        ),
        (shortage(Limit::Money), "403 InvalidPayMethod: The specified pay method is not valid.", None),
        (
            shortage(Limit::GroupPlaces),
            "403 SecurityGroupInstanceLimitExceed: The maximum number of instances in a security group is exceeded.",
            None,
        ),
        (
            shortage(Limit::Addresses),
            "400 QuotaExceeded.PrivateIpAddress: Don't have enough private IPs in this switch.",
            None,
        ),
        (
            shortage(Limit::Ipv6Addresses),
            "400 QuotaExceeded.PrivateIpAddress: Don't have enough private IPs in this switch.",
            None,
        ),
        (
            shortage(Limit::PublicAddresses),
            "403 OperationDenied.NoStock: The resource is out of stock in the specified zone. Please try other types, or choose other regions and zones.",
            Some(
                "403 OperationDenied.NoStock: The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.",
            ),
        ),
        (
            shortage(Limit::Stock),
            "403 OperationDenied.NoStock: The resource is out of stock in the specified zone. Please try other types, or choose other regions and zones.",
            Some(
                "403 OperationDenied.NoStock: The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.",
            ),
        ),
        (
            R::IdsExhausted,
            "500 InternalError: The request processing has failed due to some unknown error, exception or failure.",
            None,
        ),
    ]
}

/// The refusals that came with disks, hosts, logins, terms and accounts: refusal, parameter, how it is told.
#[rustfmt::skip]
fn of_the_world() -> Vec<(LaunchRefusal, &'static str, &'static str)> {
    use LaunchRefusal as R;
    let (x, y) = (|| label("x"), || label("y"));
    let (kind, size_gib, least, most) = (DiskKind::Essd, 7, 20, 500);
    let data = WhichDisk::Data(1);
    vec![
        (R::UnknownImageFamily("f".into()), "ImageFamily", "404 InvalidImageId.NotFound: The specified ImageId does not exist."),
        (R::UnknownKeyPair("k".into()), "KeyPairName", r#"404 InvalidKeyPairName.NotFound: The specified parameter "KeyPairName" does not exist in our records."#),
        (R::UnknownSnapshot { disk: data, snapshot: x() }, "DataDisk.2.SnapshotId", "404 InvalidDataDiskSnapshotId.NotFound: The specified parameter DataDisk.n.SnapshotId is not valid."),
        (R::UnknownKey { disk: WhichDisk::System, key: x() }, "SystemDisk.KMSKeyId", "404 InvalidParameter.KMSKeyId.NotFound: The specified KMSKeyId does not exist."),
        (R::UnknownHost(x()), "DedicatedHostId", "400 InvalidDedicatedHostId.NotFound: The specified DedicatedHostId does not exist."),
        (R::UnknownDeploymentSet(x()), "DeploymentSetId", "404 DeploymentSet.NotFound: The specified deployment set does not exist."),
        (R::UnknownCluster(x()), "HpcClusterId", "400 InvalidHpcClusterId.NotFound: The specified HpcClusterId is not found."),
        (R::UnknownRole(x()), "RamRoleName", r#"404 InvalidRamRole.NotFound: The specified parameter "RAMRoleName" does not exist."#),
        (R::UnknownResourceGroup(x()), "ResourceGroupId", "404 InvalidResourceGroup.NotFound: The ResourceGroup provided does not exist in our records."),
        (R::ImageNamedTwice { image: x(), family: "f".into() }, "ImageFamily", r#"400 InvalidParameter.Conflict: The parameters "ImageFamily" and "ImageId" cannot be specified together."#),
        (R::IoOptimizedOnly(x()), "IoOptimized", "404 DependencyViolation.IoOptimized: The specified instancetype must be IoOptimized instance."),
        (R::IoOptimizedNever(x()), "IoOptimized", "404 IoOptimized.NotSupported: The specified instancetype is not support IoOptimized instance"),
        (R::ImageNotIoOptimized(x()), "ImageId", "403 IoOptimized.NotSupported: The specified image is not support IoOptimized Instance."),
        (R::PasswordForImage, "Password", r#"400 InvalidPassword.Malformed: The specified parameter "Password" is not valid."#),
        (R::KeyPairOnWindows("k".into()), "KeyPairName", "403 DependencyViolation.WindowsInstance: The instance creating is window, cannot use ssh key pair to login."),
        (R::NeedsIoOptimized(NeedsIo::KeyPair), "KeyPairName", r#"400 InvalidInstanceType.ValueNotSupported: The specified parameter "KeyPairName" only support IoOptimized Instance."#),
        (R::NeedsIoOptimized(NeedsIo::EncryptionKey(data)), "DataDisk.2.KMSKeyId", "400 IoOptimized.NotSupported: The specified instance must be IoOptimized instance when kmsKeyId is not empty."),
        (R::NeedsIoOptimized(NeedsIo::UserData), "UserData", r#"400 InvalidUserData.NotSupported: The specified parameter "UserData" only support the vpc and IoOptimized Instance."#),
        (R::ImageWithoutInit(x()), "UserData", "400 ImageNotSupportCloudInit: The specified image does not support cloud-init."),
        (R::SystemDiskSize { kind, size_gib, least, most }, "SystemDisk.Size", "400 InvalidSystemDiskSize.ValueNotSupported: The specified SystemDisk.Size must be between 20 and 500 GiB."),
        (R::SystemDiskBelowImage { size_gib, image_gib: 40 }, "SystemDisk.Size", "404 InvalidSystemDiskSize.LessThanImageSize: The specified parameter SystemDisk.Size is less than the image size."),
        (R::DataDiskSize { index: 0, kind, size_gib: None, least, most }, "DataDisk.1.Size", "400 InvalidDataDiskSize.ValueNotSupported: The specified DataDisk.N.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category."),
        (R::LocalDiskBesideNetworkDisk(2), "DataDisk.3.Category", "400 InvalidDiskCategory.Mismatch: The specified disk categories' combination is not supported."),
        (R::LocalDisksTooLarge { total_gib: 1100, most: 1024 }, "DataDisk", "400 InstanceDiskCategoryLimitExceed: The specified DataDisk.N.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category."),
        (R::DiskNotForType { disk: data, kind, instance_type: x() }, "DataDisk.2.Category", "403 InvalidDiskCategory.NotSupported: The specified disk category does not support the specified instance type."),
        (R::SnapshotTooOld { index: 1, snapshot: x() }, "DataDisk.2.SnapshotId", "400 InvalidSnapshotId.BasedSnapshotTooOld: The specified snapshot is created before 2013-07-15."),
        (R::SnapshotUnfinished { index: 1, snapshot: x() }, "DataDisk.2.SnapshotId", "403 InvalidSnapshotId.NotReady: The specified snapshot has not completed yet."),
        (R::SnapshotOfSystemDisk { index: 1, snapshot: x() }, "DataDisk.2.SnapshotId", "403 InvalidSnapshotId.NotDataDiskSnapshot: The specified snapshot is system disk snapshot."),
        (R::DiskBelowSnapshot { index: 1, size_gib, snapshot_gib: 8 }, "DataDisk.2.Size", "403 InvalidDiskSize.TooSmall: Specified disk size is less than the size of snapshot"),
        (R::KeyWithoutEncryption(data), "DataDisk.2.Encrypted", "400 InvalidParameter.EncryptedIllegal: The specified parameter Encrypted must be true when kmsKeyId is not empty."),
        (R::KeyDisabled { disk: data, key: x() }, "DataDisk.2.KMSKeyId", "403 InvalidParameter.KMSKeyId.CMKNotEnabled: The CMK needs to be enabled."),
        (R::SnapshotIsEncrypted(1), "DataDisk.2.Encrypted", r#"400 EncryptedOption.Conflict: The specified parameter "DataDisk.2.Encrypted" is not valid."#),
        (R::EncryptionNotForDisk { disk: data, kind }, "DataDisk.2.Encrypted", r#"400 InvalidParameter.EncryptedNotSupported: The specified parameter "DataDisk.2.Encrypted" is not valid."#),
        (R::DiskNotPortable { index: 1, kind }, "DataDisk.2.DeleteWithInstance", "403 DeleteWithInstance.Conflict: The specified disk is not a portable disk and cannot be set to DeleteWithInstance attribute."),
        (R::LevelNotForDisk { disk: data, kind, level: DiskLevel::Pl0 }, "DataDisk.2.PerformanceLevel", "400 InvalidParameter: The specified parameter is not valid"),
        (R::ProtectedAndPrepaid, "DeletionProtection", "403 InvalidChargeType.ValueNotSupported: The operation is not permitted due to deletion protection only support postPaid instance"),
        (R::ReleasedAndPrepaid, "AutoReleaseTime", "403 ChargeTypeViolation: The operation is not permitted due to charge type of the instance."),
        (R::SpotAndPrepaid, "SpotStrategy", "400 InvalidSpotPrepaid: The specified Spot type is not support PrePay Instance."),
        (R::BidTooLow { bid: Rate(1), price: Rate(2) }, "SpotPriceLimit", r#"400 InvalidSpotPriceLimit.LowerThanPublicPrice: The specified parameter "spotPriceLimit" can't be lower than current public price."#),
        (R::InterruptionNotForLocalDisks(x()), "SpotInterruptionBehavior", "403 InvalidSpotInterruptionBehavior.LocalDiskNotSupport: The specified SpotInterruptionBehavior does not support local disk instance."),
        (R::CreditNotForType(x()), "CreditSpecification", "400 InvalidParameter.CreditSpecification: The specified CreditSpecification is not supported in this region."),
        (R::FamilyNotForHost { host: x(), family: x() }, "DedicatedHostId", "400 DedicatedHostType.Unmatched: The specified DedicatedHostType doesn't match the instance type."),
        (R::HostClosed(x()), "DedicatedHostId", "400 InvalidDedicatedHostStatus.NotSupport: Operation denied due to dedicated host status."),
        (R::HostElsewhere { host: x(), zone: y() }, "DedicatedHostId", "403 ResourcesNotInSameZone: The specified instance and dedicated host are not in the same zone."),
        (R::HostFull { host: x(), free: 1, least: 2 }, "DedicatedHostId", "400 LackResource: There's no enough resource on the specified dedicated host."),
        (R::NoHostWithRoom(2), "Tenancy", "400 LackResource: There's no enough resource on the specified dedicated host."),
        (R::PrepaidOnPostpaidHost(x()), "InstanceChargeType", "400 ChargeTypeViolation.PostPaidDedicatedHost: Prepaid instance onto postpaid dedicated host is not allowed."),
        (R::PaidBeyondHost { host: x(), until: Time::START }, "Period", "400 InvalidPeriod.ExceededDedicatedHost: Instance expired date can't exceed dedicated host expired date."),
        (R::DeploymentSetOnHost(x()), "DeploymentSetId", "400 InvalidDeploymentOnHost: The specified DeploymentSetId x cannot be used on a dedicated host."),
        (R::ClusterNeeded(x()), "HpcClusterId", "400 InvalidHpcClusterId.Necessary: The HpcClusterId is necessary."),
        (R::ClusterNotForType { instance_type: x(), cluster: y() }, "HpcClusterId", "400 InvalidHpcClusterId.Unnecessary: The specified HpcClusterId is unnecessary."),
        (R::ClusterNotReady(x()), "HpcClusterId", "400 InvalidHpcClusterId.Creating: The specified HpcClusterId is creating."),
        (R::RoleNotForInstances(x()), "RamRoleName", "401 InvalidRamRole.NotEcsRole: The specified ram role is not authorized for ecs, please check your role policy."),
        (R::Barred(Bar::Arrears), "", "400 Account.Arrearage: Your account has an outstanding payment."),
        (R::Barred(Bar::Unverified), "", "403 RealNameAuthenticationError: Your account has not passed the real-name authentication yet."),
        (R::Barred(Bar::NoPayMethod), "InstanceChargeType", "403 InvalidPayMethod: The specified pay method is not valid."),
        (R::Barred(Bar::PayAgreement), "", "400 OperationDenied.IllegalPaymentPolicy: The current payment policy is illegal, please connect your service provider to authenticate relative agreement."),
        (R::Barred(Bar::UnpaidOrder), "", "403 InvalidInstance.UnPaidOrder: The specified Instance has unpaid order."),
        (R::Barred(Bar::UserData), "UserData", r#"403 InvalidUserData.Forbidden: User not authorized to input the parameter "UserData", please apply for permission "UserData""#),
        (R::Barred(Bar::Roles), "RamRoleName", "403 InvalidUser.PassRoleForbidden: The RAM user does not have the privilege to pass a RAM role."),
        (R::Barred(Bar::Resources), "", "403 Forbbiden: User not authorized to operate on the specified resource."),
        (R::Barred(Bar::KeyService), "", "400 InvalidParameter.Encrypted.KmsNotEnabled: The encrypted disk need enable KMS"),
        (R::Barred(Bar::OwnKeys), "", "403 UserNotInTheWhiteList: The user is not in byok white list."),
        (R::Barred(Bar::KeyGrant), "", "403 InvalidParameter.KMSKeyId.KMSUnauthorized: ECS service have no right to access your KMS."),
        (R::Barred(Bar::Region(x())), "RegionId", "403 RegionUnauthorized: There is no authority to create instance in the specified region."),
        (R::Barred(Bar::Zone(x())), "ZoneId", "403 Zone.NotOpen: The specified zone is not granted to you to buy resources yet."),
        (R::Barred(Bar::InstanceType(x())), "InstanceType", "400 InvalidInstanceType.ValueUnauthorized: The specified InstanceType is not authorized."),
        (R::Barred(Bar::Disk(kind)), "", "403 InvalidSystemDiskCategory.ValueUnauthorized: The disk category is not authorized."),
        (R::Barred(Bar::ImageSubscription(x())), "ImageId", "403 ImageNotSubscribed: The specified image has not be subscribed."),
        (R::Barred(Bar::ImagePurchase(x())), "ImageId", "403 QuotaExceed.BuyImage: The specified image is from the image market, You have not bought it or your quota has been exceeded."),
        (R::Barred(Bar::ImageShare(x())), "ImageId", "403 OperationDenied.ImageNotValid: the specified image is not authorized."),
    ]
}

#[test]
fn every_refusal_of_the_world_names_its_parameter() {
    for (refusal, parameter, expected) in of_the_world() {
        for after in [AfterCreation::Start, AfterCreation::Stay] {
            let fault = launch(&refusal, after);
            assert_eq!(told(&fault), expected, "{refusal}");
            assert_eq!(fault.parameter.as_deref().unwrap_or_default(), parameter, "{refusal}");
        }
    }
    let zone =
        LaunchRefusal::DiskNotInZone { disk: WhichDisk::System, kind: DiskKind::Ssd, zone: label("z") };
    for (refusal, run, create) in [
        (
            zone,
            "403 CategoryNotSupported: The specified Zone or cluster does not offer the specified disk category.",
            "403 OperationDenied: The specified Zone or cluster does not offer the specified disk category or the speicified zone and cluster do not match.",
        ),
        (
            LaunchRefusal::Barred(Bar::Spot),
            "400 InvalidSpotAliUid: The specified UID is not authorized to use SPOT instance.",
            "400 InvalidSpotAuthorized: The specified Spot param is unauthorized.",
        ),
    ] {
        assert_eq!(told(&launch(&refusal, AfterCreation::Start)), run);
        assert_eq!(told(&launch(&refusal, AfterCreation::Stay)), create);
    }
}

#[test]
fn every_refusal_of_a_launch() {
    for (refusal, run, create) in launches() {
        assert_eq!(told(&launch(&refusal, AfterCreation::Start)), run, "{refusal}");
        assert_eq!(told(&launch(&refusal, AfterCreation::Stay)), create.unwrap_or(run), "{refusal}");
    }
}

const WRONG: &str =
    "403 IncorrectInstanceStatus: The current status of the resource does not support this operation.";
const INITIALIZING: &str = "403 IncorrectInstanceStatus.Initializing: The specified instance status does not support this operation.";
const UNKNOWN: &str = "404 InvalidInstanceId.NotFound: The specified InstanceId does not exist.";

#[test]
fn every_verb_in_every_status_that_forbids_it() {
    let table = "
        Pending    Start wrong  Stop initializing  Reboot initializing  Release initializing  ForceRelease initializing
        Installing Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Starting   Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Running    Start wrong  Stop -             Reboot -             Release wrong         ForceRelease -
        Stopping   Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Stopped    Start -      Stop wrong         Reboot wrong         Release -             ForceRelease -
        Blank      Start wrong  Stop wrong         Reboot wrong         Release -             ForceRelease -
        Binned     Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Failed     Start wrong  Stop wrong         Reboot wrong         Release -             ForceRelease -
        Releasing  Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong";
    let mut actual = String::new();
    for status in Status::ALL {
        actual += &format!("\n{status:?}");
        for verb in [Verb::Start, Verb::Stop, Verb::Reboot, Verb::Release, Verb::ForceRelease] {
            let releases = matches!(verb, Verb::Release | Verb::ForceRelease);
            let told = match fleet::step(status, verb) {
                Some(_) => "-".to_owned(),
                None if releases => told(&release(&ReleaseRefusal::WrongStatus(status))),
                None => told(&power(&PowerRefusal::WrongStatus(status), verb)),
            };
            let word = match told.as_str() {
                WRONG => "wrong",
                INITIALIZING => "initializing",
                other => other,
            };
            actual += &format!(" {verb:?} {word}");
        }
    }
    let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
    assert_eq!(words(&actual), words(table));
}

#[test]
fn an_instance_that_is_not_there_is_told_alike_everywhere() {
    let id = InstanceId(Serial::LOWEST);
    for verb in Verb::ALL {
        assert_eq!(told(&power(&PowerRefusal::Unknown(id), verb)), UNKNOWN);
    }
    assert_eq!(told(&release(&ReleaseRefusal::Unknown(id))), UNKNOWN);
}

#[test]
fn what_holds_up_a_release() {
    for (refusal, expected) in [
        (
            ReleaseRefusal::Protected,
            "403 InvalidOperation.DeletionProtection: The operation is not allowed due to deletion protection.",
        ),
        (
            ReleaseRefusal::PaidFor(Time::END),
            "403 ChargeTypeViolation: The operation is not permitted due to charge type of the instance.",
        ),
    ] {
        assert_eq!(told(&release(&refusal)), expected, "{refusal}");
    }
}

#[test]
fn every_refusal_of_a_network() {
    use NetworkRefusal as R;
    let block = SubnetBlock::new("10.0.0.0/24".parse().unwrap()).unwrap().net();
    let x = label("x");
    let ipv6 = "2001:db8::/64".parse().unwrap();
    for (refusal, expected) in [
        (R::UnknownRegion(x.clone()), "404 InvalidRegionId.NotFound: The specified RegionId does not exist."),
        (R::UnknownZone(x.clone()), "404 InvalidZoneId.NotFound: The specified zoneId does not exist."),
        (R::UnknownNetwork(x.clone()), "404 InvalidVpcId.NotFound: Specified VPC does not exist."),
        (
            R::LabelTaken(x.clone()),
            "409 OperationConflict: Request was denied due to conflict with a previous request.",
        ),
        (R::NotPrivate(block), "400 InvalidParameter: Specified CIDR block is not valid"),
        (
            R::OutsideNetwork { block, network: block },
            "400 InvalidParameter: Specified CIDR block is not valid in VPC.",
        ),
        (
            R::NetworkPending(x.clone()),
            "400 IncorrectVpcStatus: Current VPC status does not support this operation.",
        ),
        (R::NotIpv6Network(ipv6), "400 InvalidParameter: Specified CIDR block is not valid"),
        (R::NotIpv6Subnet(ipv6), "400 InvalidParameter: Specified CIDR block is not valid"),
        (
            R::Ipv6Taken { block: ipv6, subnet: x.clone() },
            "400 InvalidParameter: Specified CIDR block is not valid",
        ),
        (
            R::Overlaps { block, subnet: x, other: block },
            "400 InvalidCidrBlock.Overlapped: Specified CIDR block overlapped with other subnets.",
        ),
        (
            R::ZoneClosed(label("x")),
            "400 ResourceNotAvailable: Resource you requested is not available in this region or zone.",
        ),
        (R::TooManySubnets, "400 QuotaExceeded.VSwitch: Virtual switch quota exceeded."),
        (
            R::IdsExhausted,
            "500 InternalError: The request processing has failed due to some unknown error, exception or failure.",
        ),
    ] {
        assert_eq!(told(&network(&refusal)), expected, "{refusal}");
    }
}

#[test]
fn every_refusal_of_a_template() {
    use TemplateRefusal as R;
    let x = label("x");
    let of = TemplateRef::Label(x.clone());
    for (refusal, expected) in [
        (R::UnknownRegion(x.clone()), "400 InvalidRegion.NotExist: The specified region does not exist."),
        (
            R::UnknownTemplate,
            "404 InvalidLaunchTemplate.NotFound: The specified launch template does not exist.",
        ),
        (
            R::UnknownVersion(3),
            "404 InvalidLaunchTemplateVersion.NotFound: The specified version of the launch template does not exist.",
        ),
        (
            R::NameTaken(fleet::TemplateName::parse("web").unwrap()),
            "403 LaunchTemplateName.Duplicated: The specified LaunchTemplateName \"web\" already exist.",
        ),
        (R::TooManyTemplates, "403 LaunchTemplateLimitExceed: The maximum number of templates is exceeded."),
        (
            R::TooManyVersions,
            "403 LaunchTemplateVersionLimitExceed: The maximum number of versions of the launch template is exceeded.",
        ),
        (
            R::VersionIsDefault(1),
            "400 InvalidParameter: The default version of a launch template cannot be deleted.",
        ),
        (R::TooLong { bytes: 1 }, "400 InvalidParameter: the parameter(s) provided is(are) invalid."),
        (
            R::LabelTaken(x),
            "409 OperationConflict: Request was denied due to conflict with a previous request.",
        ),
        (R::NumbersExhausted, "403 InnerServiceFailed: call inner service failed"),
    ] {
        assert_eq!(told(&template(&refusal, &of)), expected, "{refusal}");
    }
    let name = TemplateRef::Name(fleet::TemplateName::parse("web").unwrap());
    let by_name = unknown_template(Code::INVALID_LAUNCH_TEMPLATE_NOT_FOUND_TO_DESCRIBE, &name);
    assert_eq!((by_name.code.status, by_name.parameter.as_deref()), (400, Some("LaunchTemplateName")));
}

#[test]
fn dry_runs_and_the_store() {
    for (fault, expected) in [
        (rehearsed(), "400 DryRunOperation: Request validation has been passed with DryRun flag set."),
        (busy(), "503 ServiceUnavailable: The request has failed due to a temporary failure of the server."),
        (
            failed(),
            "500 InternalError: The request processing has failed due to some unknown error, exception or failure.",
        ),
    ] {
        assert_eq!(told(&fault), expected);
    }
}

#[test]
fn what_stands_around_instances_is_refused_as_the_contract_says() {
    use fleet::{
        KeyPairRefusal, OnceRefusal, RemoveGroup, RemoveNetwork, RemoveRefusal, RemoveSubnet, RuleRefusal,
        TagRefusal, Thing,
    };
    let x = label("x");
    let account = AccountId(1);
    let vpc = DeleteRequest::Network(RemoveNetwork { account, label: x.clone() });
    let vswitch = DeleteRequest::Subnet(RemoveSubnet { account, label: x.clone() });
    let group = DeleteRequest::Group(RemoveGroup { account, region: x.clone(), label: x.clone() });
    let unknown = RemoveRefusal::Unknown(x.clone());
    let in_use = RemoveRefusal::InUse(x.clone());
    let members = RemoveRefusal::HasMembers { label: x.clone(), members: 1 };
    let named = RemoveRefusal::Named { label: x.clone(), rules: 1 };
    let made = |refusal| once(&refusal, network);
    for (fault, expected) in [
        (
            made(OnceRefusal::TokenReused),
            "400 IdempotentParameterMismatch: The request is retried with updated parameters.",
        ),
        (made(OnceRefusal::IdsExhausted), &told(&failed())),
        (
            made(OnceRefusal::Refused(NetworkRefusal::TooManyNetworks)),
            "400 QuotaExceeded.Vpc: VPC quota exceeded.",
        ),
        (
            made(OnceRefusal::Refused(NetworkRefusal::TooManyGroups)),
            "403 QuotaExceed.SecurityGroup: The maximum number of security groups is reached.",
        ),
        (
            key_pair(&KeyPairRefusal::NameTaken("k".into())),
            "400 KeyPair.AlreadyExist: The key pair already exist.",
        ),
        (key_pair(&KeyPairRefusal::TooMany), "403 QuotaExceed.KeyPair: The key pair quota exceeds."),
        (
            rules(&RuleRefusal::UnknownGroup(x.clone())),
            "404 InvalidSecurityGroupId.NotFound: The specified SecurityGroupId does not exist.",
        ),
        (
            rules(&RuleRefusal::UnknownPeer(x.clone())),
            "404 InvalidSourceGroupId.NotFound: The SourceGroupId provided does not exist in our records.",
        ),
        (
            rules(&RuleRefusal::SamePeer),
            "403 InvalidParamter.Conflict: The specified SecurityGroupId should be different from the SourceGroupId.",
        ),
        (
            rules(&RuleRefusal::PeerElsewhere(x.clone())),
            "400 InvalidSourceGroupId.Mismatch: Specified security group and source group are not in the same VPC.",
        ),
        (
            rules(&RuleRefusal::TooMany),
            "403 AuthorizationLimitExceed: The limit of authorization records in the security group reaches.",
        ),
        (rules(&RuleRefusal::IdsExhausted), &told(&failed())),
        (removal(&unknown, &vpc), "404 InvalidVpcId.NotFound: Specified VPC does not exist."),
        (
            removal(&unknown, &vswitch),
            "404 InvalidVSwitchId.NotFound: Specified virtual switch does not exist.",
        ),
        (
            removal(&unknown, &group),
            "404 InvalidSecurityGroupId.NotFound: The specified SecurityGroupId does not exist.",
        ),
        (
            removal(&RemoveRefusal::Pending(x), &vswitch),
            "400 IncorrectVSwitchStatus: vpc subnet status not working.",
        ),
        (removal(&in_use, &vpc), "400 DependencyViolation: Specified object has dependent resources."),
        (
            removal(&members, &group),
            "403 DependencyViolation: There is still instance(s) in the specified security group.",
        ),
        (
            removal(&named, &group),
            "403 DependencyViolation: The specified security group has been authorized in another one.",
        ),
        (
            tags(&TagRefusal::Unknown(Thing::Nothing)),
            "404 InvalidResourceId.NotFound: The specified ResourceIds are not found in our records.",
        ),
        (
            tags(&TagRefusal::NotTaggable(Thing::Nothing)),
            "403 InvalidResourceId.NotSupported: The specified ResourceId does not support tagging.",
        ),
        (
            tags(&TagRefusal::TooMany),
            "400 OperationDenied.QuotaExceed: The quota of tags on resource is beyond permitted range.",
        ),
        (
            tags(&TagRefusal::DiffersInCase("K".into())),
            "403 TagKey.Duplication: The TagKey has duplication with others, case-insensitive.",
        ),
    ] {
        assert_eq!(told(&fault), expected);
    }
}

const LOCKED: &str = "403 InstanceLockedForSecurity: The specified operation is denied as your instance is locked for security reasons.";
const IN_ARREARS: &str = "403 InstanceExpiredOrInArrears: The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).";
const WRONG_CHARGE: &str =
    "403 ChargeTypeViolation: The operation is not permitted due to charge type of the instance.";

#[test]
fn what_else_keeps_an_instance_from_moving() {
    use PowerRefusal as R;
    let paid = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let key = StockKey { zone: label("z"), instance_type: label("t") };
    for (refusal, verb, expected) in [
        (R::Locked(LockReason::Security), Verb::Start, LOCKED),
        (R::Unpaid(paid), Verb::Start, "403 InstanceExpired: PrePaid instances has been expired."),
        (
            R::Unpaid(Charge::PostPaid),
            Verb::Start,
            "403 InsufficientBalance: Your account does not have enough balance.",
        ),
        (R::Unpaid(paid), Verb::Stop, IN_ARREARS),
        (R::Unpaid(Charge::PostPaid), Verb::Reboot, IN_ARREARS),
        (
            R::Unconfirmed,
            Verb::Stop,
            "403 InstanceType.ParameterMismatch: The input parameter ConfirmStop must be true when an instance have localstorage.",
        ),
        (
            R::Uneconomical(Uneconomical::PaidFor),
            Verb::Stop,
            "403 InvalidInstanceId.NotSupport: Pre pay instance does not support this operation.",
        ),
        (
            R::Uneconomical(Uneconomical::Spot),
            Verb::Stop,
            "403 InvalidInstanceId.NotSupport: Spot instance does not support this operation.",
        ),
        (
            R::Uneconomical(Uneconomical::LocalDisks),
            Verb::Stop,
            "403 InvalidInstanceId.NotSupport: Local disk instance does not support this operation.",
        ),
        (
            R::NoStock(key),
            Verb::Start,
            "403 OperationDenied.NoStock: The resource is out of stock in the specified zone. Please try other types, or choose other regions and zones.",
        ),
        (
            R::BidTooLow,
            Verb::Start,
            "403 OperationDenied.SpotPriceLowerThanPublicPrice: The price limit of the spot instance is lower than the public price.",
        ),
    ] {
        assert_eq!(told(&power(&refusal, verb)), expected, "{refusal}");
    }
}

#[test]
fn every_refusal_of_a_change() {
    use AmendRefusal as R;
    let x = label("x");
    let full = "403 SecurityGroupInstanceLimitExceed: Exceeding the allowed amount of instances of a security group.";
    for (refusal, expected) in [
        (R::Unknown(InstanceId(Serial::LOWEST)), UNKNOWN),
        (R::PaidFor, WRONG_CHARGE),
        (R::Locked, LOCKED),
        (R::WrongStatus(Attribute::HostName, Status::Pending), WRONG),
        (
            R::WrongStatus(Attribute::Credit, Status::Pending),
            "400 InvalidInstanceStatus.CreditSpecRestricted: The current status of the resource does not support this operation.",
        ),
        (
            R::UnknownGroup(x.clone()),
            "404 InvalidSecurityGroupId.NotFound: The specified SecurityGroupId does not exist.",
        ),
        (R::GroupFull(x.clone()), full),
        (
            R::NotBurstable,
            "404 Credit.NotFound: The specified instance type does not support CreditSpecification.",
        ),
        (
            R::HostNameForImage,
            "400 InvalidHostName.Malformed: The specified parameter \"HostName\" is not valid.",
        ),
        (
            R::PasswordForImage,
            "400 InvalidPassword.Malformed: The specified parameter \"Password\" is not valid.",
        ),
        (
            R::UserDataBarred,
            "403 InvalidUserData.Forbidden: User not authorized to input the parameter \"UserData\", please apply for permission \"UserData\"",
        ),
        (
            R::UserDataForImage,
            "400 InvalidUserData.NotSupported: The specified parameter \"UserData\" only support the vpc and IoOptimized Instance.",
        ),
    ] {
        assert_eq!(told(&amend(&refusal, Edition::Either)), expected, "{refusal}");
    }
    let old = told(&amend(&R::GroupFull(x.clone()), Edition::Seeds));
    assert_eq!(
        old,
        "403 OperationDenied: The instance amount in the specified SecurityGroup reach its limit."
    );
    assert!(
        told(&amend(&R::GroupElsewhere { group: x }, Edition::Either)).contains("InvalidParameter.Mismatch")
    );
    let off = R::WrongStatus(Attribute::Credit, Status::Stopped);
    assert!(told(&amend(&off, Edition::Either)).starts_with("400 InvalidInstanceStatus.NotRunning"));
}

#[test]
fn every_refusal_of_a_public_address() {
    use fleet::PublicAddressRefusal as R;
    for (refusal, expected) in [
        (R::Unknown(InstanceId(Serial::LOWEST)), UNKNOWN),
        (R::Locked, LOCKED),
        (R::Unpaid, IN_ARREARS),
        (R::WrongStatus(Status::Pending), WRONG),
        (
            R::HasOne,
            "403 AllocatedAlready: There is an IpAddress allocated already for the specified instance.",
        ),
        (
            R::NoBandwidth,
            "400 AllocateIpInvalidInstanceBandwidth: OperationDenied The InternetMaxBandwidthOut of the specified instance cannot be less than 0.",
        ),
        (R::NoneLeft(label("r")), "400 InsufficientPublicIp: Ip address not found"),
    ] {
        assert_eq!(told(&public_address(&refusal)), expected, "{refusal}");
    }
}

#[test]
fn every_refusal_of_many_releases_of_a_release_time_and_of_events() {
    let (instance, event) = (InstanceId(Serial::LOWEST), EventId(Serial::LOWEST));
    let one = |refusal| release_all(&ReleaseAllRefusal::One(instance, refusal));
    for (fault, expected) in [
        (
            one(ReleaseRefusal::Unknown(instance)),
            "404 InvalidInstanceIds.NotFound: The specified InstanceIds does not exist.",
        ),
        (one(ReleaseRefusal::PaidFor(Time::END)), WRONG_CHARGE),
        (
            release_all(&ReleaseAllRefusal::IdsExhausted),
            "500 InternalError: The request processing has failed due to some unknown error, exception or failure.",
        ),
        (
            set_release(SetReleaseRefusal::Unknown(instance)),
            "404 NoSuchResource: The specified resource is not found.",
        ),
        (set_release(SetReleaseRefusal::PaidFor), WRONG_CHARGE),
        (incident(IncidentRefusal::UnknownInstance(instance)), UNKNOWN),
        (
            incident(IncidentRefusal::Passed(Time::START)),
            "403 InvalidNotBefore.Passed: The specified NotBefore has passed.",
        ),
        (
            incident(IncidentRefusal::TooMany(instance)),
            "403 SimulatedEventLimitExceeded: The amount of simulated events of an instance exceeds its limit.",
        ),
        (
            incident(IncidentRefusal::UnknownEvent(event)),
            "403 InvalidEventId.NotFound: The specified EventId does not exist.",
        ),
        (
            incident(IncidentRefusal::Real(event)),
            "403 CannotCancelSystemEvent.NotSimulated: The specified event is not a simulated one.",
        ),
        (
            incident(IncidentRefusal::NotToAnnounce),
            "403 InvalidParameter: The specified event is not simulated.",
        ),
        (incident(IncidentRefusal::Over(event)), "403 InvalidParameter: The specified event is over."),
        (rehearsed_batch(), "400 DRYRUN.SUCCESS: Request validation has been passed with DryRun flag set."),
    ] {
        assert_eq!(told(&fault), expected);
    }
    assert!(told(&release_all(&ReleaseAllRefusal::TokenReused)).contains("IdempotentParameterMismatch"));
}
