//! Codes of what is done with instances.

use super::Code;

codes! {
    INSTANCE;

    /// `StartInstances`, `StopInstances`, `RebootInstances`, `TerminateInstance`,
    /// `ReleaseInstances`, `ModifyInstancesAttribute`: an instance id unknown.
    INVALID_INSTANCE_NOT_FOUND = 404 "A specified instance is not found.";
    /// `TerminateInstance`: instance is PENDING or CREATING.
    OPERATION_DENIED_INSTANCE_CREATING = 403 "The instance is being created.";
    /// `ReleaseInstances`: instance is not in the recycle bin.
    OPERATION_DENIED_INSTANCE_NOT_RECYCLED = 403 "Instance `{}` is not in the recycle bin.";
    /// `StartInstances`: an instance is not STOPPED.
    OPERATION_DENIED_INSTANCE_NOT_STOPPED = 403 "Instance `{}` is not stopped.";
    /// `StartInstances`, `StopInstances`, `RebootInstances`, `TerminateInstance`: instance is in
    /// the recycle bin.
    OPERATION_DENIED_INSTANCE_RECYCLED = 403 "Instance `{}` is in the recycle bin.";
    /// `RebootInstances`: an instance is neither RUNNING nor STOPPED.
    OPERATION_DENIED_INSTANCE_STATUS = 403 "The status of instance `{}` does not support this operation.";
    /// `TerminateInstance`: instance is INSTALLING.
    OPERATION_DENIED_INSTANCE_STATUS_INSTALLING = 403 "The instance is being installed.";
    /// `TerminateInstance`: instance is PREPAID.
    OPERATION_DENIED_INSTANCE_SUBSCRIPTION = 403 "The instance is a subscription.";
    /// `TerminateInstance`: POSTPAID instance under a minimum-use promise.
    OPERATION_DENIED_POSTPAID_PROMISE = 403 "The instance is under a promise of use.";
}
