//! Actions on one instance: `contract/ecs-actions.md` section 1.

use fleet::{AccountId, Force, InstanceId, Reboot, Rehearsal, Release, Start, Stop};

use super::take::{flag, ignore, instance_id, rehearsal};
use crate::ecs::{Code, Fault};
use crate::params::Params;

pub(super) fn start(params: &mut Params, account: AccountId) -> Result<(Start, Rehearsal), Fault> {
    let text = named(params)?;
    flag(params, "InitLocalDisk")?;
    let rehearsal = rehearsal(params)?;
    Ok((Start { account, instance: instance(&text)? }, rehearsal))
}

pub(super) fn stop(params: &mut Params, account: AccountId) -> Result<(Stop, Rehearsal), Fault> {
    let text = named(params)?;
    flag(params, "ForceStop")?;
    params.take("StoppedMode", stopped_mode)?;
    flag(params, "ConfirmStop")?;
    flag(params, "Hibernate")?;
    let rehearsal = rehearsal(params)?;
    Ok((Stop { account, instance: instance(&text)? }, rehearsal))
}

pub(super) fn reboot(params: &mut Params, account: AccountId) -> Result<(Reboot, Rehearsal), Fault> {
    let text = named(params)?;
    flag(params, "ForceStop")?;
    let rehearsal = rehearsal(params)?;
    Ok((Reboot { account, instance: instance(&text)? }, rehearsal))
}

pub(super) fn delete(params: &mut Params, account: AccountId) -> Result<(Release, Rehearsal), Fault> {
    let text = named(params)?;
    let force = match flag(params, "Force")? {
        Some(true) => Force::Yes,
        Some(false) | None => Force::No,
    };
    flag(params, "ForceStop")?;
    flag(params, "TerminateSubscription")?;
    let rehearsal = rehearsal(params)?;
    Ok((Release { account, instance: instance(&text)?, force }, rehearsal))
}

/// What the request names, be it an instance or not. The region is not needed: ids are unique.
fn named(params: &mut Params) -> Result<String, Fault> {
    ignore(params, &["RegionId"]);
    params.take_text("InstanceId").ok_or(Fault::missing("InstanceId"))
}

/// A text that is no id names no instance.
fn instance(text: &str) -> Result<InstanceId, Fault> {
    instance_id(text).ok_or(Fault::new(Code::INVALID_INSTANCE_ID_NOT_FOUND).about("InstanceId"))
}

/// The samples of the reference spell it in either case.
fn stopped_mode(text: &str) -> Result<(), Code> {
    let known = ["StopCharging", "KeepCharging"].iter().any(|mode| mode.eq_ignore_ascii_case(text));
    known.then_some(()).ok_or(Code::INVALID_PARAMETER_NAMED)
}
