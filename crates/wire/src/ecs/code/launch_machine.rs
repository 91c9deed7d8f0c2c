//! Codes of RunInstances and CreateInstance: how many, their names, logins and disks (rules A, M, W, D, U).

use super::Message::{Dynamic, Fixed};
use super::{Code, codes};

codes! {
    MACHINE;

    /// Rule A-01: Amount not an integer 1 to 100.
    INVALID_MAX_AMOUNT_MALFORMED = 400 "InvalidMaxAmount.Malformed"
        Fixed("The specified parameter MaxAmount is not valid.");
    /// Rules A-02, A-03: `MinAmount` not an integer 1 to 100; `MinAmount` greater than Amount.
    INVALID_MIN_AMOUNT_MALFORMED = 400 "InvalidMinAmount.Malformed"
        Fixed("The specified parameter MinAmount is not valid.");
    /// Rules A-04, A-05: no `MinAmount` and stock below Amount: nothing is created; stock below `MinAmount`: nothing is created.
    OPERATION_DENIED_NO_STOCK = 403 "OperationDenied.NoStock"
        Fixed("The resource is out of stock in the specified zone. Please try other types, or choose other regions and zones.");
    /// Rule A-07: no stock for one instance.
    OPERATION_DENIED_NO_STOCK_CREATE_INSTANCE = 403 "OperationDenied.NoStock"
        Fixed("The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.");
    /// Rule M-01: `InstanceName` breaks 2..128, first character, charset, URL-prefix rule.
    INVALID_INSTANCE_NAME_MALFORMED = 400 "InvalidInstanceName.Malformed"
        Fixed(r#"The specified parameter "InstanceName" is not valid."#);
    /// Rule M-02: `HostName` breaks the Linux or Windows rule.
    INVALID_HOST_NAME_MALFORMED = 400 "InvalidHostName.Malformed"
        Fixed(r#"The specified parameter "HostName" is not valid."#);
    /// Rule M-03: `UniqueSuffix`=true and `InstanceName` longer than 125.
    INVALID_PARAMS_INSTANCE_NAME_EXCEED = 403 "InvalidParams.InstanceNameExceed"
        Fixed("The uniqueSuffix takes three naming places, please shorten your InstanceName.");
    /// Rule M-04: `UniqueSuffix`=true and `HostName` longer than 61 (Linux) / 12 (Windows).
    INVALID_PARAMS_HOSTNAME_EXCEED = 403 "InvalidParams.HostnameExceed"
        Fixed("The uniqueSuffix takes three naming places, please shorten your Hostname.");
    /// Rule M-05: Description not 2..256 or starts with `http://` or `https://`.
    INVALID_DESCRIPTION_MALFORMED = 400 "InvalidDescription.Malformed"
        Fixed(r#"The specified parameter "Description" is not valid."#);
    /// Rule M-06: `SystemDisk.Description` / `DataDisk.N.Description` breaks the same rule.
    INVALID_DISK_DESCRIPTION_MALFORMED = 400 "InvalidDiskDescription.Malformed"
        Fixed(r#"The specified parameter "SystemDisk.DiskDescription or DataDisk.n.Description" is not valid."#);
    /// Rule M-07: `SystemDisk.DiskName` / `DataDisk.N.DiskName` breaks the name rule.
    INVALID_DISK_NAME_MALFORMED = 400 "InvalidDiskName.Malformed"
        Fixed(r#"The specified parameter "SyatemDisk.DiskName or DataDisk.n.DiskName" is not valid."#);
    /// Rules W-01, W-02: Password not 8..30 or classes missing; Windows image and Password starts with /.
    INVALID_PASSWORD_MALFORMED = 400 "InvalidPassword.Malformed"
        Fixed(r#"The specified parameter "Password" is not valid."#);
    /// Rule W-03: `PasswordInherit`=true and Password not empty.
    INVALID_PASSWORD_PARAM_MISMATCH = 400 "InvalidPasswordParam.Mismatch"
        Fixed("The input password should be null when passwdInherit is true.");
    /// Rule W-04: `KeyPairName` unknown.
    INVALID_KEY_PAIR_NAME_NOT_FOUND = 404 "InvalidKeyPairName.NotFound"
        Fixed(r#"The specified parameter "KeyPairName" does not exist in our records."#);
    /// Rule W-05: Windows image, `KeyPairName` is the only credential.
    DEPENDENCY_VIOLATION_WINDOWS_INSTANCE = 403 "DependencyViolation.WindowsInstance"
        Fixed("The instance creating is window, cannot use ssh key pair to login.");
    /// Rule W-06: `KeyPairName` on a non I/O optimized instance.
    INVALID_INSTANCE_TYPE_VALUE_NOT_SUPPORTED_KEY_PAIR = 400 "InvalidInstanceType.ValueNotSupported"
        Fixed(r#"The specified parameter "KeyPairName" only support IoOptimized Instance."#);
    /// Rule D-01: `SystemDisk.Category` unknown or not usable as system disk.
    INVALID_SYSTEM_DISK_CATEGORY_VALUE_NOT_SUPPORTED = 400 "InvalidSystemDiskCategory.ValueNotSupported"
        Fixed(r#"The specified parameter "SystemDisk.Category" is not valid."#);
    /// Rule D-02: `SystemDisk.Size` outside the category range.
    INVALID_SYSTEM_DISK_SIZE_VALUE_NOT_SUPPORTED = 400 "InvalidSystemDiskSize.ValueNotSupported"
        Dynamic;
    /// Rule D-03: `SystemDisk.Size` below the image size.
    INVALID_SYSTEM_DISK_SIZE_LESS_THAN_IMAGE_SIZE = 404 "InvalidSystemDiskSize.LessThanImageSize"
        Fixed("The specified parameter SystemDisk.Size is less than the image size.");
    /// Rule D-04: `DataDisk.N.Category` unknown.
    INVALID_DATA_DISK_CATEGORY_VALUE_NOT_SUPPORTED = 400 "InvalidDataDiskCategory.ValueNotSupported"
        Fixed(r#"The specified parameter "DataDisk.N.Category" is not valid."#);
    /// Rule D-05: `DataDisk.N.Size` outside the category range (or absent without snapshot).
    INVALID_DATA_DISK_SIZE_VALUE_NOT_SUPPORTED = 400 "InvalidDataDiskSize.ValueNotSupported"
        Fixed("The specified DataDisk.N.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category.");
    /// Rule D-06: more than 16 data disks.
    INSTANCE_DISK_NUMBER_LIMIT_EXCEED = 400 "InstanceDiskNumber.LimitExceed"
        Fixed("The total number of specified disk in an instance exceeds.");
    /// Rule D-07: a data disk is ephemeral_ssd and the system disk is not.
    INVALID_DISK_CATEGORY_MISMATCH = 400 "InvalidDiskCategory.Mismatch"
        Fixed("The specified disk categories' combination is not supported.");
    /// Rule D-08: ephemeral_ssd data disks together over 1024 GiB.
    INSTANCE_DISK_CATEGORY_LIMIT_EXCEED = 400 "InstanceDiskCategoryLimitExceed"
        Fixed("The specified DataDisk.N.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category.");
    /// Rule D-09: category not supported by the type (incl. cloud / ephemeral_ssd system disk on an I/O optimized instance).
    INVALID_DISK_CATEGORY_NOT_SUPPORTED = 403 "InvalidDiskCategory.NotSupported"
        Fixed("The specified disk category does not support the specified instance type.");
    /// Rule D-10: category not offered in the zone.
    CATEGORY_NOT_SUPPORTED = 403 "CategoryNotSupported"
        Fixed("The specified Zone or cluster does not offer the specified disk category.");
    /// Rule D-11: category not offered in the zone.
    OPERATION_DENIED = 403 "OperationDenied"
        Fixed("The specified Zone or cluster does not offer the specified disk category or the speicified zone and cluster do not match.");
    /// Rule D-12: `DataDisk.N.SnapshotId` unknown.
    INVALID_DATA_DISK_SNAPSHOT_ID_NOT_FOUND = 404 "InvalidDataDiskSnapshotId.NotFound"
        Fixed("The specified parameter DataDisk.n.SnapshotId is not valid.");
    /// Rule D-13: snapshot created on or before 2013-07-15.
    INVALID_SNAPSHOT_ID_BASED_SNAPSHOT_TOO_OLD = 400 "InvalidSnapshotId.BasedSnapshotTooOld"
        Fixed("The specified snapshot is created before 2013-07-15.");
    /// Rule D-14: snapshot not finished.
    INVALID_SNAPSHOT_ID_NOT_READY = 403 "InvalidSnapshotId.NotReady"
        Fixed("The specified snapshot has not completed yet.");
    /// Rule D-15: `DataDisk.N.Size` given, `SnapshotId` given, Size below the snapshot size.
    INVALID_DISK_SIZE_TOO_SMALL = 403 "InvalidDiskSize.TooSmall"
        Fixed("Specified disk size is less than the size of snapshot");
    /// Rule D-16: `DataDisk.N.Device` is not a legal mount point.
    INVALID_DATA_DEVICE_MALFORMED = 400 "InvalidDataDevice.Malformed"
        Fixed(r#"The specified parameter "DataDisk.n.Device" is not valid."#);
    /// Rule D-17: two disks name the same Device.
    INVALID_DEVICE_IN_USE = 403 "InvalidDevice.InUse"
        Fixed("The specified device has been occupied.");
    /// Rule D-18: `DataDisk.N.KMSKeyId` given and Encrypted is not true.
    INVALID_PARAMETER_ENCRYPTED_ILLEGAL = 400 "InvalidParameter.EncryptedIllegal"
        Fixed("The specified parameter Encrypted must be true when kmsKeyId is not empty.");
    /// Rule D-19: `DataDisk.N.KMSKeyId` with a non I/O optimized instance.
    IO_OPTIMIZED_NOT_SUPPORTED_KMS_KEY = 400 "IoOptimized.NotSupported"
        Fixed("The specified instance must be IoOptimized instance when kmsKeyId is not empty.");
    /// Rule D-20: Encrypted=false on an encrypted snapshot.
    ENCRYPTED_OPTION_CONFLICT = 400 "EncryptedOption.Conflict"
        Dynamic;
    /// Rule D-21: `DeleteWithInstance`=false on ephemeral_ssd.
    DELETE_WITH_INSTANCE_CONFLICT = 403 "DeleteWithInstance.Conflict"
        Fixed("The specified disk is not a portable disk and cannot be set to DeleteWithInstance attribute.");
    /// Rules D-22, X-04: `PerformanceLevel` not PL0..PL3, or given for a category other than cloud_essd; `SecurityEnhancementStrategy`, Affinity or another closed-list value unknown.
    INVALID_PARAMETER = 400 "InvalidParameter"
        Fixed("The specified parameter is not valid");
    /// Rule U-01: `UserData` is not Base64.
    INVALID_USER_DATA_BASE64_FORMAT_INVALID = 400 "InvalidUserData.Base64FormatInvalid"
        Fixed("The specified parameter UserData must be base64 encoded.");
    /// Rule U-02: decoded `UserData` over the size limit.
    INVALID_USER_DATA_SIZE_EXCEEDED = 400 "InvalidUserData.SizeExceeded"
        Fixed(r#"The specified parameter "UserData" exceeds the size."#);
    /// Rule U-03: `UserData` on classic network or non I/O optimized.
    INVALID_USER_DATA_NOT_SUPPORTED = 400 "InvalidUserData.NotSupported"
        Fixed(r#"The specified parameter "UserData" only support the vpc and IoOptimized Instance."#);
}
