//! Codes of the actions on one instance, its listings and its events (`ecs-actions.md` sections 1 to 3).

use super::Message::{Around, Dynamic, Fixed};
use super::{Code, codes};

codes! {
    INSTANCE;

    /// All actions that name an instance.
    INVALID_INSTANCE_ID_NOT_FOUND = 404 "InvalidInstanceId.NotFound"
        Fixed("The specified InstanceId does not exist.");
    /// `DeleteInstances`.
    INVALID_INSTANCE_IDS_NOT_FOUND = 404 "InvalidInstanceIds.NotFound"
        Fixed("The specified InstanceIds does not exist.");
    /// `DeleteInstances`.
    INVALID_INSTANCE_IDS_VALUE_NOT_SUPPORTED = 403 "InvalidInstanceIds.ValueNotSupported"
        Fixed("The specified instanceIds is not valid.");
    /// `DeleteInstances`.
    INVALID_PARAMETER_TOO_MANY_INSTANCE_IDS = 403 "InvalidParameter.TooManyInstanceIds"
        Fixed("Instance ids cannot be more than 100.");
    /// `DeleteInstance`: the id does not look like one.
    INVALID_PARAMETER_INSTANCE_ID = 400 "InvalidParameter"
        Fixed("The input parameter InstanceId is invalid.");
    /// Start, Stop, Reboot, Delete: not in this status.
    INCORRECT_INSTANCE_STATUS = 403 "IncorrectInstanceStatus"
        Fixed("The current status of the resource does not support this operation.");
    /// Stop, Reboot, Delete: the instance is still being made.
    INCORRECT_INSTANCE_STATUS_INITIALIZING = 403 "IncorrectInstanceStatus.Initializing"
        Fixed("The specified instance status does not support this operation.");
    /// Start, Stop, Reboot, `ModifyInstanceAttribute`.
    INSTANCE_LOCKED_FOR_SECURITY = 403 "InstanceLockedForSecurity"
        Fixed("The specified operation is denied as your instance is locked for security reasons.");
    /// `StartInstance`: a subscription is over.
    INSTANCE_EXPIRED = 403 "InstanceExpired"
        Fixed("PrePaid instances has been expired.");
    /// Stop, Reboot.
    INSTANCE_EXPIRED_OR_IN_ARREARS = 403 "InstanceExpiredOrInArrears"
        Fixed("The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).");
    /// `StartInstance`. A client repeats a 5xx, which is harmless for a start.
    INSTANCE_NOT_READY = 500 "InstanceNotReady"
        Fixed("The specified instance is not ready for use");
    /// Start, Reboot, Stop.
    DISK_ERROR = 403 "DiskError"
        Fixed("IncorrectDiskStatus.");
    /// `StopInstance`: a type with local disks wants `ConfirmStop`.
    INSTANCE_TYPE_PARAMETER_MISMATCH = 403 "InstanceType.ParameterMismatch"
        Fixed("The input parameter ConfirmStop must be true when an instance have localstorage.");
    /// `StopInstance` with `StoppedMode=StopCharging`.
    INVALID_INSTANCE_ID_NOT_SUPPORT_PRE_PAY = 403 "InvalidInstanceId.NotSupport"
        Fixed("Pre pay instance does not support this operation.");
    /// `StopInstance` with `StoppedMode=StopCharging`.
    INVALID_INSTANCE_ID_NOT_SUPPORT_SPOT = 403 "InvalidInstanceId.NotSupport"
        Fixed("Spot instance does not support this operation.");
    /// `StopInstance` with `StoppedMode=StopCharging`.
    INVALID_INSTANCE_ID_NOT_SUPPORT_LOCAL_DISK = 403 "InvalidInstanceId.NotSupport"
        Fixed("Local disk instance does not support this operation.");
    /// `StopInstance` with `StoppedMode=StopCharging`.
    INVALID_INSTANCE_ID_NOT_SUPPORT_CLASSIC = 403 "InvalidInstanceId.NotSupport"
        Fixed("Classic network Instance does not support this operation.");
    /// `DeleteInstance`, `DeleteInstances`.
    INVALID_OPERATION_DELETION_PROTECTION = 403 "InvalidOperation.DeletionProtection"
        Fixed("The operation is not allowed due to deletion protection.");
    /// `DeleteInstance`, `DeleteInstances`.
    INVALID_OPERATION_ENI_LINKED = 403 "InvalidOperation.EniLinked"
        Dynamic;
    /// `DeleteInstance`.
    DEPENDENCY_VIOLATION_ROUTE_ENTRY = 400 "DependencyViolation.RouteEntry"
        Fixed("Specified instance is used by route entry.");
    /// `StartInstance`, newer `RunInstances`.
    INSUFFICIENT_BALANCE = 403 "InsufficientBalance"
        Fixed("Your account does not have enough balance.");
    /// `StartInstance`, newer `RunInstances`.
    QUOTA_EXCEED_ELASTIC_QUOTA = 403 "QuotaExceed.ElasticQuota"
        Fixed("No additional quota is available for the specified ECS instance type.");
    /// `StartInstance`.
    OPERATION_DENIED_SPOT_PRICE_LOWER_THAN_PUBLIC_PRICE = 403 "OperationDenied.SpotPriceLowerThanPublicPrice"
        Dynamic;
    /// `AllocatePublicIpAddress`.
    ALLOCATED_ALREADY = 403 "AllocatedAlready"
        Fixed("There is an IpAddress allocated already for the specified instance.");
    /// `AllocatePublicIpAddress`: its line carries nothing out.
    ALLOCATE_IP_INVALID_INSTANCE_BANDWIDTH = 400 "AllocateIpInvalidInstanceBandwidth"
        Fixed("OperationDenied The InternetMaxBandwidthOut of the specified instance cannot be less than 0.");
    /// `AllocatePublicIpAddress`.
    INSUFFICIENT_PUBLIC_IP = 400 "InsufficientPublicIp"
        Fixed("Ip address not found");
    /// `AllocatePublicIpAddress` with `IpAddress` or `VlanId`.
    OPERATION_DENIED_IN_VPC = 400 "OperationDenied"
        Fixed("Specified operation is denied as your instance is in VPC.");
    /// `DeleteInstances` and the other actions on many instances: a dry run has passed.
    DRYRUN_SUCCESS = 400 "DRYRUN.SUCCESS"
        Fixed("Request validation has been passed with DryRun flag set.");
    /// `ModifyInstanceAutoReleaseTime`: no such instance.
    NO_SUCH_RESOURCE = 404 "NoSuchResource"
        Fixed("The specified resource is not found.");

    /// `DescribeInstances`, `DescribeImages`.
    INVALID_STATUS_NOT_FOUND = 404 "InvalidStatus.NotFound"
        Fixed("The specified Status is not found");
    /// `DescribeInstances`.
    INVALID_NETWORK_TYPE_NOT_FOUND = 404 "InvalidNetworkType.NotFound"
        Fixed("The specified InstanceNetworkType is not found");
    /// `DescribeInstances`; a launch answers 400, rule N-18.
    INVALID_INTERNET_CHARGE_TYPE_VALUE_NOT_SUPPORTED_DESCRIBE = 404 "InvalidInternetChargeType.ValueNotSupported"
        Fixed("The specified InternetChargeType is not valid");
    /// `DescribeInstances`.
    INVALID_LOCK_REASON_NOT_FOUND = 404 "InvalidLockReason.NotFound"
        Fixed("The specified LockReason is not found");
    /// `DescribeInstances`.
    INVALID_FILTER_KEY_NOT_FOUND = 404 "InvalidFilterKey.NotFound"
        Fixed("The filter key is not found.");
    /// `DescribeInstances`.
    INVALID_HPC_CLUSTER_ID_NOT_FOUND = 400 "InvalidHpcClusterId.NotFound"
        Fixed("The specified HpcClusterId is not found.");

    /// `DescribeInstanceHistoryEvents`, simulated events: a parameter is absent.
    MISSING_PARAMETER_EVENTS = 404 "MissingParameter"
        Around { before: "The input parameter \"", after: "\" that is mandatory for processing this request is not supplied." };
    /// `DescribeInstancesFullStatus`: a parameter is absent.
    MISSING_PARAMETER_FULL_STATUS = 403 "MissingParameter"
        Around { before: "The input parameter \"", after: "\" that is mandatory for processing this request is not supplied." };
    /// `DescribeInstanceHistoryEvents`, `DescribeInstancesFullStatus`: a value is not valid.
    INVALID_PARAMETER_EVENTS = 403 "InvalidParameter"
        Fixed("The Parameter provided is not valid.");
    /// `DescribeInstanceHistoryEvents`, `DescribeInstancesFullStatus`.
    EVENT_ID_LIMIT_EXCEEDED = 403 "EventIdLimitExceeded"
        Fixed("The amount of EventId specified exceeds limit 100.");
    /// `DescribeInstancesFullStatus`.
    INSTANCE_ID_LIMIT_EXCEEDED = 403 "InstanceIdLimitExceeded"
        Fixed("The amount of InstanceId specified exceeds limit 100.");
    /// `DescribeInstanceHistoryEvents`.
    INVALID_PARAMETER_TIME_END_BEFORE_START = 403 "InvalidParameter.TimeEndBeforeStart"
        Dynamic;
    /// `DescribeInstanceHistoryEvents`.
    OPERATION_DENIED_NOT_IN_WHITE_LIST = 403 "OperationDenied.NotInWhiteList"
        Dynamic;
}
