//! Codes of what launches name and how it goes together.

use super::Code;

codes! {
    LAUNCH;

    /// `CreateInstances`: internetMaxBandwidthOut above maximumBandwidthOut of the resource.
    INVALID_BANDWIDTH_VALUE_EXCEED_MAXIMUM = 400 "The specified internetMaxBandwidthOut exceeds the maximum of the instance type.";
    /// `CreateInstances`, `DescribeAvailableResources`: instanceChargeType not PREPAID/POSTPAID.
    INVALID_CHARGE_TYPE_NOT_SUPPORT = 400 "The specified instanceChargeType is not supported.";
    /// `CreateInstances`, `DescribeImages`: imageId unknown.
    INVALID_IMAGE_NOT_FOUND = 404 "The specified imageId `{}` is not found.";
    /// `CreateInstances`, `DescribeInstanceTypes`, `DescribeImages`: instanceTypeId unknown.
    INVALID_INSTANCE_TYPE_NOT_FOUND = 404 "The specified instanceTypeId `{}` is not found.";
    /// `CreateInstances`: type does not support that quick RAID level.
    INVALID_INSTANCE_TYPE_QUICK_RAID_NOT_SUPPORT = 400 "The instance type does not support this RAID level for all of its disks.";
    /// `CreateInstances`: type does not support RAID configuration.
    INVALID_INSTANCE_TYPE_RAID_NOT_SUPPORT = 400 "The instance type does not support this RAID level.";
    /// `InquiryPriceCreateInstance`: type not sold in the zone.
    INVALID_INSTANCE_TYPE_ZONE_NO_SELL = 400 "The instance type is not sold in the zone.";
    /// `CreateInstances`: hostname too long (after the sequence pattern is expanded).
    INVALID_PARAMETER_HOSTNAME_EXCEED = 400 "The specified hostname exceeds the maximum length.";
    /// `CreateInstances`: hostname charset or shape wrong.
    INVALID_PARAMETER_HOSTNAME_MALFORMED = 400 "The specified hostname is malformed.";
    /// `CreateInstances`: password and sshKeys both given.
    INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT = 400 "Only one of password and SSH keys can be specified.";
    /// `CreateInstances`: instanceName longer than 64 characters.
    INVALID_PARAMETER_INSTANCE_NAME_EXCEED = 400 "The specified name exceeds the maximum length.";
    /// `CreateInstances`: wanName equals lanName.
    INVALID_PARAMETER_NIC_NAME_CONFLICT = 400 "wanName and lanName must differ.";
    /// `CreateInstances`: NIC name not 4 to 10 characters or charset wrong.
    INVALID_PARAMETER_NIC_NAME_MALFORMED = 400 "The specified NIC name is malformed.";
    /// `CreateInstances`: the same key listed twice.
    INVALID_PARAMETER_SSH_KEY_DUPLICATE = 400 "The same SSH key is specified twice.";
    /// `CreateInstances`: a public key does not parse.
    INVALID_PARAMETER_SSH_KEY_MALFORMED = 400 "A specified SSH key is malformed.";
    /// `CreateInstances`: password rule broken (8 to 16 characters, classes).
    INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED = 400 "The specified password is malformed.";
    /// `CreateInstances`: diskSequence not ascending.
    INVALID_PARAMETER_VALUE_RAID_DISK_DISORDER = 400 "The disks of custom RAIDs must be specified in order.";
    /// `CreateInstances`: disks of one RAID differ.
    INVALID_PARAMETER_VALUE_RAID_DISK_MISMATCH = 400 "The disks of a custom RAID do not meet its level.";
    /// `CreateInstances`: a disk used twice.
    INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_DUPLICATE = 400 "A disk is specified twice in custom RAIDs.";
    /// `CreateInstances`: disk number outside the type.
    INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_RANGE = 400 "A disk in custom RAIDs exceeds the disks of the instance type.";
    /// `CreateInstances`: same mount path twice.
    INVALID_PARTITION_DUPLICATE_FILE_PATH = 400 "A partition path is specified twice.";
    /// `CreateInstances`: partitions given without imageId.
    INVALID_PARTITION_IMAGE_NOT_SET = 400 "Partitions need an image.";
    /// `CreateInstances`: partition order illegal.
    INVALID_PARTITION_INVALID_ORDER = 400 "The partitions are not in order.";
    /// `CreateInstances`: partition entry malformed.
    INVALID_PARTITION_MALFORMED = 400 "A partition is malformed.";
    /// `CreateInstances`: mandatory mount path absent.
    INVALID_PARTITION_MISSING_REQUIRED_FILE_PATH = 400 "The partition of the system is missing.";
    /// `CreateInstances`: file system type absent or unknown.
    INVALID_PARTITION_NO_TYPE = 400 "A partition has no valid file system type.";
    /// `CreateInstances`: partitions do not fill the disk exactly.
    INVALID_PARTITION_SIZE_NOT_FULL = 400 "The partitions do not fill the disk.";
    /// `CreateInstances`: raidType and customRaids both given.
    INVALID_RAID_CONFIG_FAST_CUSTOM_CONFLICT = 400 "raidType and customRaids cannot be specified together.";
    /// `CreateInstances`, `AssociateSubnetInstances`: subnetId unknown.
    INVALID_SUBNET_NOT_FOUND = 404 "The specified subnetId `{}` is not found.";
    /// `CreateInstances`: subnet has fewer free addresses than amount.
    INVALID_SUBNET_PRIVATE_IP_INSUFFICIENT = 400 "The subnet has too few free addresses.";
    /// `CreateInstances`: subnet is in another zone.
    INVALID_SUBNET_ZONE_MISMATCH = 400 "The subnet is in another zone.";
    /// `CreateInstances`, `DescribeAvailableResources`, `DescribeImages`, `CreateSubnet`: zoneId
    /// unknown.
    INVALID_ZONE_NOT_FOUND = 404 "The specified zoneId `{}` is not found";
    /// `CreateInstances`: charge type not offered for the account/type.
    OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT = 403 "The charge type is not available for the account and the instance type.";
    /// `CreateInstances`: team instance quota exceeded.
    OPERATION_DENIED_INSTANCE_QUOTA_EXCEED = 403 "The instance quota is exceeded.";
    /// `CreateInstances`, `ModifyInstancesResourceGroup`: resourceGroupId unknown.
    OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND = 404 "The specified resourceGroupId `{}` is not found.";
    /// `CreateInstances`: internetChargeType not offered for the type in the zone (misspelt code).
    OPERATION_FILED_INTERNET_CHARGE_TYPE_NOT_SUPPORT = 400 "The specified internetChargeType is not supported for the instance type in the zone.";
    /// `CreateInstances`: instance type sold out in the zone.
    RESOURCES_SOLDOUT_INSTANCE_TYPE = 403 "The instance type is sold out in the zone.";
    /// `CreateInstances`: no stock for the request.
    RESOURCE_INSUFFICIENT_PRODUCT_SOLD_OUT = 403 "The resources for the request are insufficient.";
}
