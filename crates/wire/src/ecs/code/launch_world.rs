//! Codes of RunInstances and CreateInstance that no numbered rule has: what the tables of the seeds
//! and the newer document say of things that are there and do not go together, and of accounts.

use super::Message::{Dynamic, Fixed};
use super::{Code, codes};

codes! {
    WORLD;

    /// Newer table of RunInstances: the key of a disk is not there.
    INVALID_PARAMETER_KMS_KEY_ID_NOT_FOUND = 404 "InvalidParameter.KMSKeyId.NotFound"
        Fixed("The specified KMSKeyId does not exist.");
    /// The same: the key is disabled.
    INVALID_PARAMETER_KMS_KEY_ID_CMK_NOT_ENABLED = 403 "InvalidParameter.KMSKeyId.CMKNotEnabled"
        Fixed("The CMK needs to be enabled.");
    /// The same: the account has not granted the use of its keys.
    INVALID_PARAMETER_KMS_KEY_ID_KMS_UNAUTHORIZED = 403 "InvalidParameter.KMSKeyId.KMSUnauthorized"
        Fixed("ECS service have no right to access your KMS.");
    /// Both tables: the account does not use the service that keeps keys.
    INVALID_PARAMETER_ENCRYPTED_KMS_NOT_ENABLED = 400 "InvalidParameter.Encrypted.KmsNotEnabled"
        Fixed("The encrypted disk need enable KMS");
    /// Both tables: this disk cannot be encrypted.
    INVALID_PARAMETER_ENCRYPTED_NOT_SUPPORTED = 400 "InvalidParameter.EncryptedNotSupported"
        Dynamic;
    /// Table of RunInstances: the account may not use keys of its own.
    USER_NOT_IN_THE_WHITE_LIST = 403 "UserNotInTheWhiteList"
        Fixed("The user is not in byok white list.");
    /// Table of CreateInstance: the image cannot reach disks the fast way.
    IO_OPTIMIZED_NOT_SUPPORTED_IMAGE = 403 "IoOptimized.NotSupported"
        Fixed("The specified image is not support IoOptimized Instance.");
    /// Table of RunInstances: the image runs nothing that is handed over.
    IMAGE_NOT_SUPPORT_CLOUD_INIT = 400 "ImageNotSupportCloudInit"
        Fixed("The specified image does not support cloud-init.");
    /// Table of RunInstances: the account has not subscribed to the image.
    IMAGE_NOT_SUBSCRIBED = 403 "ImageNotSubscribed"
        Fixed("The specified image has not be subscribed.");
    /// Both tables: the market has the image no more.
    IMAGE_REMOVED_IN_MARKET = 403 "ImageRemovedInMarket"
        Fixed("The specified market image is not available, or the specified user defined image includes product code because it is based on an image subscribed from marketplace, and that image in marketplace including exact the same product code has been removed.");
    /// Table of RunInstances, newer document: an interface would join too many groups.
    JOINED_GROUP_LIMIT_EXCEED = 400 "JoinedGroupLimitExceed"
        Dynamic;
    /// Table of RunInstances: an interface would have too many IPv4 addresses.
    INVALID_OPERATION_IPV4_COUNT_EXCEEDED = 403 "InvalidOperation.Ipv4CountExceeded"
        Dynamic;
    /// Table of RunInstances: a further interface would have too many IPv6 addresses.
    MAX_ENI_IPV6_IPS_COUNT_EXCEEDED = 403 "MaxEniIpv6IpsCountExceeded"
        Dynamic;
    /// Both tables: the image is not bought.
    QUOTA_EXCEED_BUY_IMAGE = 403 "QuotaExceed.BuyImage"
        Fixed("The specified image is from the image market, You have not bought it or your quota has been exceeded.");
    /// Table of CreateInstance: the image is not shared with the account.
    OPERATION_DENIED_IMAGE_NOT_VALID = 403 "OperationDenied.ImageNotValid"
        Fixed("the specified image is not authorized.");
    /// Table of RunInstances: the snapshot is of a system disk.
    INVALID_SNAPSHOT_ID_NOT_DATA_DISK_SNAPSHOT = 403 "InvalidSnapshotId.NotDataDiskSnapshot"
        Fixed("The specified snapshot is system disk snapshot.");
    /// Both tables: a type with local disks cannot be stopped when its bid is too low.
    INVALID_SPOT_INTERRUPTION_BEHAVIOR_LOCAL_DISK = 403 "InvalidSpotInterruptionBehavior.LocalDiskNotSupport"
        Fixed("The specified SpotInterruptionBehavior does not support local disk instance.");
    /// Table of RunInstances: the account may not bid.
    INVALID_SPOT_ALI_UID = 400 "InvalidSpotAliUid"
        Fixed("The specified UID is not authorized to use SPOT instance.");
    /// Table of CreateInstance: the same.
    INVALID_SPOT_AUTHORIZED = 400 "InvalidSpotAuthorized"
        Fixed("The specified Spot param is unauthorized.");
    /// Both tables: the dedicated host takes no instances.
    INVALID_DEDICATED_HOST_STATUS_NOT_SUPPORT = 400 "InvalidDedicatedHostStatus.NotSupport"
        Fixed("Operation denied due to dedicated host status.");
    /// Both tables: the dedicated host does not take the family of the instance type.
    DEDICATED_HOST_TYPE_UNMATCHED = 400 "DedicatedHostType.Unmatched"
        Fixed("The specified DedicatedHostType doesn't match the instance type.");
    /// Newer table of RunInstances: the dedicated host is in another zone.
    RESOURCES_NOT_IN_SAME_ZONE = 403 "ResourcesNotInSameZone"
        Fixed("The specified instance and dedicated host are not in the same zone.");
    /// Both tables: the subscription would outlive the dedicated host.
    INVALID_PERIOD_EXCEEDED_DEDICATED_HOST = 400 "InvalidPeriod.ExceededDedicatedHost"
        Fixed("Instance expired date can't exceed dedicated host expired date.");
    /// Both tables: the cluster is still being made.
    INVALID_HPC_CLUSTER_ID_CREATING = 400 "InvalidHpcClusterId.Creating"
        Fixed("The specified HpcClusterId is creating.");
    /// Table of RunInstances: the role is not for instances.
    INVALID_RAM_ROLE_NOT_ECS_ROLE = 401 "InvalidRamRole.NotEcsRole"
        Fixed("The specified ram role is not authorized for ecs, please check your role policy.");
    /// Table of RunInstances: the account may not hand roles over.
    INVALID_USER_PASS_ROLE_FORBIDDEN = 403 "InvalidUser.PassRoleForbidden"
        Fixed("The RAM user does not have the privilege to pass a RAM role.");
    /// Both tables: the account may not hand user data over.
    INVALID_USER_DATA_FORBIDDEN = 403 "InvalidUserData.Forbidden"
        Fixed(r#"User not authorized to input the parameter "UserData", please apply for permission "UserData""#);
    /// Table of RunInstances: the account may not name what it names. The spelling is the API's.
    FORBBIDEN = 403 "Forbbiden"
        Fixed("User not authorized to operate on the specified resource.");
    /// Both tables: nobody knows who the account is.
    REAL_NAME_AUTHENTICATION_ERROR = 403 "RealNameAuthenticationError"
        Fixed("Your account has not passed the real-name authentication yet.");
    /// Table of CreateInstance: the account has agreed to another way of paying.
    OPERATION_DENIED_ILLEGAL_PAYMENT_POLICY = 400 "OperationDenied.IllegalPaymentPolicy"
        Fixed("The current payment policy is illegal, please connect your service provider to authenticate relative agreement.");
    /// Table of RunInstances: an order is not paid.
    INVALID_INSTANCE_UNPAID_ORDER = 403 "InvalidInstance.UnPaidOrder"
        Fixed("The specified Instance has unpaid order.");
    /// Both tables: the account may not use the region.
    REGION_UNAUTHORIZED = 403 "RegionUnauthorized"
        Fixed("There is no authority to create instance in the specified region.");
    /// Table of RunInstances: the account may not use the zone.
    ZONE_NOT_OPEN = 403 "Zone.NotOpen"
        Fixed("The specified zone is not granted to you to buy resources yet.");
    /// Both tables: the account may not use the instance type.
    INVALID_INSTANCE_TYPE_VALUE_UNAUTHORIZED = 400 "InvalidInstanceType.ValueUnauthorized"
        Fixed("The specified InstanceType is not authorized.");
    /// Table of RunInstances: the account may not use the kind of disk.
    INVALID_SYSTEM_DISK_CATEGORY_VALUE_UNAUTHORIZED = 403 "InvalidSystemDiskCategory.ValueUnauthorized"
        Fixed("The disk category is not authorized.");
    /// Table of RunInstances: too many processors.
    QUOTA_EXCEED_ELASTIC_QUOTA_CPUS = 403 "QuotaExceed.ElasticQuota"
        Fixed("The number of vCPUs assigned to the ECS instances has exceeded the quota in the zone.");
    /// Table of CreateInstance: too many disks that are paid by use.
    QUOTA_EXCEED_POST_PAID_DISK = 403 "QuotaExceed.PostPaidDisk"
        Fixed("Living postPaid disks quota exceeded.");
}
