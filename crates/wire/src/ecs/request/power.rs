//! Actions on one instance: `contract/ecs-actions.md` section 1.

use fleet::{
    AccountId, Capacity, Confirmation, Edition, Force, InstanceId, Means, Reboot, Rehearsal, Release,
    Shutdown, Start, Stop, Subscription,
};

use super::take::{flag, ignore, instance_id, rehearsal};
use crate::ecs::reply::ids::INSTANCE_PREFIX;
use crate::ecs::{Code, Fault};
use crate::params::Params;

pub(super) fn start(params: &mut Params, account: AccountId) -> Result<(Start, Rehearsal), Fault> {
    let text = named(params)?;
    flag(params, "InitLocalDisk")?;
    let rehearsal = rehearsal(params)?;
    Ok((Start { account, instance: instance(&text)? }, rehearsal))
}

pub(super) fn stop(
    params: &mut Params,
    account: AccountId,
    edition: Edition,
) -> Result<(Stop, Rehearsal), Fault> {
    let text = named(params)?;
    let shutdown = shutdown(params)?;
    let confirmed = flag(params, "ConfirmStop")?.unwrap_or(false);
    // Today's documents call the parameter obsolete.
    let confirmation = match edition {
        Edition::Seeds if !confirmed => Confirmation::Missing,
        Edition::Seeds | Edition::Newest | Edition::Either => Confirmation::Given,
    };
    flag(params, "Hibernate")?;
    let rehearsal = rehearsal(params)?;
    Ok((Stop { account, instance: instance(&text)?, shutdown, confirmation }, rehearsal))
}

/// How an instance is to be shut down.
pub(super) fn shutdown(params: &mut Params) -> Result<Shutdown, Fault> {
    let means = match flag(params, "ForceStop")? {
        Some(true) => Means::Cut,
        Some(false) | None => Means::Orderly,
    };
    let capacity = params.take("StoppedMode", stopped_mode)?.unwrap_or_default();
    Ok(Shutdown { means, capacity })
}

pub(super) fn reboot(params: &mut Params, account: AccountId) -> Result<(Reboot, Rehearsal), Fault> {
    let text = named(params)?;
    flag(params, "ForceStop")?;
    let rehearsal = rehearsal(params)?;
    Ok((Reboot { account, instance: instance(&text)? }, rehearsal))
}

pub(super) fn delete(params: &mut Params, account: AccountId) -> Result<(Release, Rehearsal), Fault> {
    let text = named(params)?;
    let force = force(params)?;
    let subscription = subscription(params)?;
    let rehearsal = rehearsal(params)?;
    if !text.starts_with(INSTANCE_PREFIX) {
        return Err(Fault::new(Code::INVALID_PARAMETER_INSTANCE_ID).about("InstanceId"));
    }
    Ok((Release { account, instance: instance(&text)?, force, subscription }, rehearsal))
}

/// Whether a running instance may go. How it is shut down before that is for its provisioner.
pub(super) fn force(params: &mut Params) -> Result<Force, Fault> {
    let force = flag(params, "Force")?;
    flag(params, "ForceStop")?;
    Ok(match force {
        Some(true) => Force::Yes,
        Some(false) | None => Force::No,
    })
}

/// Whether an instance goes whose subscription has run out.
pub(super) fn subscription(params: &mut Params) -> Result<Subscription, Fault> {
    Ok(match flag(params, "TerminateSubscription")? {
        Some(true) => Subscription::End,
        Some(false) | None => Subscription::Keep,
    })
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
fn stopped_mode(text: &str) -> Result<Capacity, Code> {
    let modes = [("StopCharging", Capacity::GivenBack), ("KeepCharging", Capacity::Kept)];
    let found = modes.iter().find(|(mode, _)| mode.eq_ignore_ascii_case(text));
    found.map(|(_, capacity)| *capacity).ok_or(Code::INVALID_PARAMETER_NAMED)
}
