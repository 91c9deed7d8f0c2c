//! Codes of networks, subnets and security groups (`ecs-actions.md` sections 5 and 6).

use super::Message::{Dynamic, Fixed};
use super::{Code, codes};

codes! {
    NETWORK;

    /// `CreateSecurityGroup`, `CreateVSwitch`, `DeleteVpc`.
    INVALID_VPC_ID_NOT_FOUND = 404 "InvalidVpcId.NotFound"
        Fixed("Specified VPC does not exist.");
    /// `CreateSecurityGroup` without `VpcId`.
    INVALID_VPC_ID_NOT_FOUND_EMPTY = 403 "InvalidVpcId.NotFound"
        Fixed("vpc id must not empty when only support vpc vm.");
    /// `CreateSecurityGroup`, `CreateVSwitch`.
    INCORRECT_VPC_STATUS = 400 "IncorrectVpcStatus"
        Fixed("Current VPC status does not support this operation.");
    /// `CreateSecurityGroup`.
    INVALID_SECURITY_GROUP_NAME_MALFORMED = 400 "InvalidSecurityGroupName.Malformed"
        Fixed("Specified security group name is not valid.");
    /// `CreateSecurityGroup` (sic).
    INVALID_SECURITY_GROUP_DISCRIPTION_MALFORMED = 400 "InvalidSecurityGroupDiscription.Malformed"
        Fixed("Specified security group description is not valid.");
    /// `CreateSecurityGroup`.
    QUOTA_EXCEED_SECURITY_GROUP = 403 "QuotaExceed.SecurityGroup"
        Fixed("The maximum number of security groups is reached.");
    /// `CreateSecurityGroup`: the token's first request is still on its way.
    IDEMPOTENT_PROCESSING = 403 "IdempotentProcessing"
        Fixed("The previous idempotent request(s) is still processing.");

    /// `CreateVpc`.
    INVALID_PARAMETER_CIDR_BLOCK = 400 "InvalidParameter"
        Fixed("Specified CIDR block is not valid");
    /// `CreateVpc`.
    INVALID_VPC_NAME_MALFORMED = 400 "InvalidVpcName.Malformed"
        Fixed("Specified VPC name is not valid.");
    /// `CreateVpc` (sic).
    INVALID_VPC_DISCRIPTION_MALFORMED = 400 "InvalidVpcDiscription.Malformed"
        Fixed("Specified VPC description is not valid.");
    /// `CreateVpc`.
    QUOTA_EXCEEDED_VPC = 400 "QuotaExceeded.Vpc"
        Fixed("VPC quota exceeded.");
    /// `CreateVpc`, `CreateVSwitch`.
    RESOURCE_NOT_AVAILABLE = 400 "ResourceNotAvailable"
        Fixed("Resource you requested is not available in this region or zone.");
    /// `CreateVpc`: the token's first request is still on its way.
    TOKEN_PROCESSING = 400 "TOKEN_PROCESSING"
        Fixed("Action is processing.");

    /// `CreateVSwitch`, `DescribeVSwitches`: a parameter is absent.
    MISSING_PARAMETER_MANDATORY = 400 "MissingParameter"
        Fixed("Miss mandatory parameter.");
    /// `CreateVSwitch`.
    INVALID_PARAMETER_CIDR_BLOCK_IN_VPC = 400 "InvalidParameter"
        Fixed("Specified CIDR block is not valid in VPC.");
    /// `CreateVSwitch`.
    INVALID_CIDR_BLOCK_OVERLAPPED = 400 "InvalidCidrBlock.Overlapped"
        Fixed("Specified CIDR block overlapped with other subnets.");
    /// `CreateVSwitch`.
    INVALID_VSWITCH_NAME_MALFORMED = 400 "InvalidVSwitchName.Malformed"
        Fixed("Specified virtual switch name is not valid.");
    /// `CreateVSwitch` (sic).
    INVALID_VSWITCH_DISCRIPTION_MALFORMED = 400 "InvalidVSwitchDiscription.Malformed"
        Fixed("Specified virtual switch description is not valid.");
    /// `CreateVSwitch`.
    QUOTA_EXCEEDED_VSWITCH = 400 "QuotaExceeded.VSwitch"
        Fixed("Virtual switch quota exceeded.");
    /// `CreateVSwitch`, `DeleteVSwitch`.
    TASK_CONFLICT = 400 "TaskConflict"
        Fixed("The operation is too frequent, TaskConflict.");
    /// `DeleteVSwitch`: it is pending.
    INCORRECT_VSWITCH_STATUS_DELETE = 400 "IncorrectVSwitchStatus"
        Fixed("vpc subnet status not working.");
    /// `DeleteVSwitch`, `DeleteVpc`.
    DEPENDENCY_VIOLATION = 400 "DependencyViolation"
        Fixed("Specified object has dependent resources.");
    /// `DeleteSecurityGroup`.
    DEPENDENCY_VIOLATION_MEMBERS = 403 "DependencyViolation"
        Fixed("There is still instance(s) in the specified security group.");
    /// `DeleteSecurityGroup`.
    DEPENDENCY_VIOLATION_AUTHORIZED = 403 "DependencyViolation"
        Fixed("The specified security group has been authorized in another one.");
    /// `CreateVSwitch`: the token's first request is still on its way.
    OPERATION_FAILED_IDEMPOTENT_TOKEN_PROCESSING = 400 "OperationFailed.IdempotentTokenProcessing"
        Dynamic;
}
