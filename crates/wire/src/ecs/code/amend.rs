//! Codes of changing an instance and of simulated events (`ecs-actions.md` sections 2 and 3), as far
//! as they are not those of other actions.

use super::Message::{Dynamic, Fixed};
use super::{Code, codes};

codes! {
    AMEND;

    /// `ModifyInstanceAutoReleaseTime`: the id is absent.
    MISSING_PARAMETER_RELEASE = 400 "MissingParameter"
        Fixed("InstanceId should not be null.");
    /// `ModifyInstanceAutoReleaseTime`; the spelling is the service's.
    INVALID_AUTO_RELEASE_TIME_MALFORMED_MODIFY = 400 "InvalidAutoReleaseTime.Malformed"
        Fixed("The specified paramter autoReleaseTime is not valid.");
    /// `ModifyInstanceAttribute`: a type that saves no credit.
    CREDIT_NOT_FOUND = 404 "Credit.NotFound"
        Dynamic;
    /// `ModifyInstanceAttribute`: how bursts are charged, on the way from one status to another.
    INVALID_INSTANCE_STATUS_CREDIT_SPEC_RESTRICTED = 400 "InvalidInstanceStatus.CreditSpecRestricted"
        Fixed("The current status of the resource does not support this operation.");
    /// `ModifyInstanceAttribute`: how bursts are charged, when the instance is off.
    INVALID_INSTANCE_STATUS_NOT_RUNNING = 400 "InvalidInstanceStatus.NotRunning"
        Dynamic;
    /// `ModifyInstanceAttribute`: a group is full. A launch has another message.
    SECURITY_GROUP_INSTANCE_LIMIT_EXCEED_MODIFY = 403 "SecurityGroupInstanceLimitExceed"
        Fixed("Exceeding the allowed amount of instances of a security group.");
    /// `ModifyInstanceAttribute` by the rules of 2019: a group is full.
    OPERATION_DENIED_GROUP_FULL = 403 "OperationDenied"
        Fixed("The instance amount in the specified SecurityGroup reach its limit.");

    /// Simulated events: a value is not valid.
    INVALID_PARAMETER_SIMULATED = 403 "InvalidParameter"
        Dynamic;
    /// `CreateSimulatedSystemEvents`.
    INVALID_NOT_BEFORE_PASSED = 403 "InvalidNotBefore.Passed"
        Dynamic;
    /// `CreateSimulatedSystemEvents`.
    SIMULATED_EVENT_LIMIT_EXCEEDED = 403 "SimulatedEventLimitExceeded"
        Dynamic;
    /// `CreateSimulatedSystemEvents`.
    INSTANCE_ID_LIMIT_EXCEEDED_SIMULATED = 403 "InstanceIdLimitExceeded"
        Dynamic;
    /// `CancelSimulatedSystemEvents`.
    CANNOT_CANCEL_SYSTEM_EVENT_NOT_SIMULATED = 403 "CannotCancelSystemEvent.NotSimulated"
        Dynamic;
    /// `CancelSimulatedSystemEvents`, `AcceptInquiredSystemEvent`.
    INVALID_EVENT_ID_NOT_FOUND = 403 "InvalidEventId.NotFound"
        Dynamic;
    /// `CancelSimulatedSystemEvents`.
    EVENT_ID_LIMIT_EXCEEDED_CANCEL = 400 "EventIdLimitExceeded"
        Dynamic;
}
