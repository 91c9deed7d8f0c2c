//! What owners do with instances: power, release, change, events.

use fleet::{Edition, LockReason};

use crate::requests::recipe::{Recipe, of};
use crate::requests::world::Step;

const ECONOMICAL: Step = Step::Ask("StopInstance", "InstanceId={single}&StoppedMode=StopCharging");
const IN_ITS_PLACE: Step = Step::Ask("RunInstances", "InstanceType=ecs.single.large");

#[rustfmt::skip]
pub(in crate::requests) const RECIPES: &[Recipe] = &[
    of("StartInstance", 404, "InvalidInstanceId.NotFound", "InstanceId=i-00000000000000000000"),
    of("StartInstance", 403, "IncorrectInstanceStatus", "InstanceId={running}"),
    of("StartInstance", 403, "InstanceExpired", "InstanceId={expired}").before(&[Step::Lock("expired", LockReason::Money)]),
    of("StartInstance", 403, "InsufficientBalance", "").before(&[Step::Lock("stopped", LockReason::Money)]),
    of("StartInstance", 403, "InstanceLockedForSecurity", "").before(&[Step::Lock("stopped", LockReason::Security)]),
    of("StartInstance", 403, "OperationDenied.NoStock", "InstanceId={single}").before(&[ECONOMICAL, Step::Work, IN_ITS_PLACE]),
    of("StartInstance", 403, "OperationDenied.SpotPriceLowerThanPublicPrice", "InstanceId={single-spot}").before(&[
        Step::Ask("StopInstance", "InstanceId={single-spot}"), Step::Work, Step::Replace("spot_price = \"0.2\"", "spot_price = \"0.3\""),
    ]),
    of("StartInstance", 400, "DryRunOperation", "DryRun=true"),
    of("StopInstance", 403, "IncorrectInstanceStatus", "InstanceId={stopped}"),
    of("StopInstance", 403, "IncorrectInstanceStatus.Initializing", "InstanceId={pending}"),
    of("StopInstance", 403, "InstanceExpiredOrInArrears", "InstanceId={expired}"),
    of("StopInstance", 403, "InstanceType.ParameterMismatch", "InstanceId={local}").by(Edition::Seeds),
    of("StopInstance", 403, "InvalidInstanceId.NotSupport", "InstanceId={prepaid}&StoppedMode=StopCharging"),
    of("StopInstance", 403, "InvalidInstanceId.NotSupport", "InstanceId={spot}&StoppedMode=StopCharging"),
    of("StopInstance", 403, "InvalidInstanceId.NotSupport", "InstanceId={local}&StoppedMode=StopCharging&ConfirmStop=true"),
    of("RebootInstance", 403, "IncorrectInstanceStatus", "InstanceId={stopped}"),
    of("RebootInstance", 403, "IncorrectInstanceStatus.Initializing", "InstanceId={pending}"),
    of("DeleteInstance", 403, "IncorrectInstanceStatus", "InstanceId={running}"),
    of("DeleteInstance", 403, "IncorrectInstanceStatus.Initializing", "InstanceId={pending}"),
    of("DeleteInstance", 403, "InvalidOperation.DeletionProtection", "InstanceId={protected}&Force=true"),
    of("DeleteInstance", 403, "ChargeTypeViolation", "InstanceId={prepaid}&Force=true"),
    of("DeleteInstance", 400, "InvalidParameter", "InstanceId=no id"),

    // Many at once.
    of("DeleteInstances", 404, "InvalidInstanceIds.NotFound", "InstanceId.1=i-00000000000000000000"),
    of("DeleteInstances", 403, "InvalidInstanceIds.ValueNotSupported", "InstanceId.1=no id"),
    of("DeleteInstances", 403, "InvalidParameter.TooManyInstanceIds", "InstanceId.{1..101}=i-00000000000000000000"),
    of("DeleteInstances", 403, "IncorrectInstanceStatus", "InstanceId.1={running}"),
    of("DeleteInstances", 403, "InvalidOperation.DeletionProtection", "InstanceId.1={protected}&Force=true"),
    of("DeleteInstances", 403, "ChargeTypeViolation", "InstanceId.1={prepaid}&Force=true"),
    of("DeleteInstances", 400, "DRYRUN.SUCCESS", "DryRun=true"),
    of("StartInstances", 400, "DRYRUN.SUCCESS", "DryRun=true"),

    // Changes.
    of("ModifyInstanceAttribute", 403, "IncorrectInstanceStatus", "InstanceId={starting}&Password=Abcdef1!"),
    of("ModifyInstanceAttribute", 403, "InstanceLockedForSecurity", "InstanceName=name").before(&[Step::Lock("running", LockReason::Security)]),
    of("ModifyInstanceAttribute", 404, "Credit.NotFound", "CreditSpecification=Standard"),
    of("ModifyInstanceAttribute", 400, "InvalidInstanceStatus.NotRunning", "InstanceId={burst}&CreditSpecification=Standard").before(&[Step::Ask("StopInstance", "InstanceId={burst}"), Step::Work]),
    of("ModifyInstanceAttribute", 400, "InvalidInstanceStatus.CreditSpecRestricted", "InstanceId={burst}&CreditSpecification=Standard").before(&[Step::Ask("StopInstance", "InstanceId={burst}")]),
    of("ModifyInstanceAttribute", 403, "SecurityGroupInstanceLimitExceed", "SecurityGroupIds.1=sg-full").before(&[Step::FillGroup]),
    of("ModifyInstanceAttribute", 403, "OperationDenied", "SecurityGroupIds.1=sg-full").before(&[Step::FillGroup]).by(Edition::Seeds),
    of("ModifyInstanceAttribute", 404, "InvalidSecurityGroupId.NotFound", "SecurityGroupIds.1=sg-none"),
    of("ModifyInstanceAttribute", 400, "InvalidPassword.Malformed", "Password=short"),
    of("ModifyInstanceAttribute", 400, "InvalidHostName.Malformed", "HostName=-host"),
    of("ModifyInstanceAttribute", 400, "InvalidInstanceName.Malformed", "InstanceName=1"),
    of("ModifyInstanceAttribute", 400, "InvalidDescription.Malformed", "Description=x"),
    of("ModifyInstanceAttribute", 400, "InvalidUserData.SizeExceeded", "UserData={AAAA*11000}"),
    of("ModifyInstanceAttribute", 404, "InvalidInstanceId.NotFound", "InstanceId=i-00000000000000000000&InstanceName=name"),
    of("ModifyInstanceAttribute", 403, "ChargeTypeViolation", "InstanceId={prepaid}&DeletionProtection=true"),
    of("ModifyInstanceAutoReleaseTime", 404, "NoSuchResource", "InstanceId=i-00000000000000000000"),
    of("ModifyInstanceAutoReleaseTime", 400, "InvalidAutoReleaseTime.Malformed", "AutoReleaseTime=2026-01-02T03:10:00Z"),
    of("ModifyInstanceAutoReleaseTime", 403, "ChargeTypeViolation", "InstanceId={prepaid}"),
    of("ModifyInstanceAutoReleaseTime", 400, "MissingParameter", "-InstanceId"),

    // Events.
    of("CreateSimulatedSystemEvents", 403, "InvalidParameter", "EventType=SystemMaintenance.Nothing"),
    of("CreateSimulatedSystemEvents", 404, "MissingParameter", "-EventType"),
    of("CreateSimulatedSystemEvents", 403, "InvalidNotBefore.Passed", "NotBefore=2026-01-01T00:00:00Z"),
    of("CreateSimulatedSystemEvents", 404, "InvalidInstanceId.NotFound", "InstanceId.1=i-00000000000000000000"),
    of("CreateSimulatedSystemEvents", 403, "InstanceIdLimitExceeded", "InstanceId.{1..101}={running}"),
    of("CreateSimulatedSystemEvents", 403, "SimulatedEventLimitExceeded", "").before(&[Step::Times(28, "CreateSimulatedSystemEvents", "")]),
    of("CancelSimulatedSystemEvents", 403, "CannotCancelSystemEvent.NotSimulated", "EventId.1={real}"),
    of("CancelSimulatedSystemEvents", 403, "InvalidEventId.NotFound", "EventId.1=e-00000000000000000000"),
    of("CancelSimulatedSystemEvents", 400, "EventIdLimitExceeded", "EventId.{1..101}={simulated}"),
    of("CancelSimulatedSystemEvents", 403, "InvalidParameter", "EventId.1={over}"),
    of("CancelSimulatedSystemEvents", 404, "MissingParameter", "-EventId"),
];
