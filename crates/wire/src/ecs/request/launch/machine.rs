//! The machine itself: names (M), login (W), user data (U), closed lists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet::{Names, Naming, Wanted};

use super::disk::Disks;
use super::{LaunchAction, conflict};
use crate::ecs::names::{self, NameRule, names_conform};
use crate::ecs::request::take::{choice, description, flag};
use crate::ecs::{Code, Fault};
use crate::params::{Invalid, Params};

/// The most user data, decoded: what today's SDKs may send; the seeds say half of it.
pub(super) const USER_DATA_BYTES_MAX: usize = 32 * 1024;
/// Stands for the instance's own id in a host name.
const OWN_ID: &str = "${instance_id}";

/// What a launch says about its machines.
pub(super) struct Machine {
    pub(super) names: Names,
    pub(super) host_names: Names,
    pub(super) description: String,
}

/// Whether the disks are reached the fast way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Io {
    Plain,
    /// Also when nothing is said: every type that is sold today.
    Optimized,
}

/// Rule P-14.
pub(super) fn io_optimized(params: &mut Params) -> Result<Io, Fault> {
    let choices = [("none", Io::Plain), ("optimized", Io::Optimized)];
    let io = choice(params, "IoOptimized", &choices, Code::INVALID_IO_OPTIMIZE_VALUE_NOT_SUPPORTED)?;
    Ok(io.unwrap_or(Io::Optimized))
}

/// Rules M-01 to M-08, those of the disks among them.
pub(super) fn machine(
    params: &mut Params,
    action: LaunchAction,
    wanted: Wanted,
    disks: &mut Disks,
) -> Result<Machine, Fault> {
    let unique_suffix = match action {
        LaunchAction::Run => flag(params, "UniqueSuffix")?.unwrap_or(false),
        LaunchAction::Create => false,
    };
    let naming = |text: &str| match action {
        LaunchAction::Run => names::naming(text),
        LaunchAction::Create => Naming::Fixed(text.into()),
    };
    let names = params.take("InstanceName", |text| {
        let names = Names { naming: naming(text), unique_suffix };
        names_conform(names, NameRule::Instance, wanted.most())
    });
    let host_names = params.take("HostName", |text| {
        if text.contains(OWN_ID) {
            return Ok(Names::OWN_ID);
        }
        let names = Names { naming: naming(text), unique_suffix };
        names_conform(names, NameRule::AnyHost, wanted.most())
    });
    // A name that is malformed comes before one that has no room, whichever is which.
    let no_room = |code: Code| {
        code == Code::INVALID_PARAMS_INSTANCE_NAME_EXCEED || code == Code::INVALID_PARAMS_HOSTNAME_EXCEED
    };
    let (names, host_names) = match (names, host_names) {
        (Err(names), Err(host_names)) if no_room(names.reason) && !no_room(host_names.reason) => {
            return Err(host_names.into());
        }
        (names, host_names) => (names?, host_names?),
    };
    let description = description(params, "Description", Code::INVALID_DESCRIPTION_MALFORMED)?;
    disks.names()?;
    if action == LaunchAction::Run {
        host_name_list(params, host_names.is_some())?;
    }
    Ok(Machine {
        names: names.unwrap_or(Names::OWN_ID),
        host_names: host_names.unwrap_or(Names::OWN_ID),
        description,
    })
}

/// Rule M-08, and M-02 for each.
fn host_name_list(params: &mut Params, has_host_name: bool) -> Result<(), Fault> {
    let list = params.take_list("HostNames")?;
    if has_host_name && !list.is_empty() {
        return Err(conflict("HostNames", "HostName"));
    }
    match list.iter().all(|name| names::host_name(name, NameRule::AnyHost).is_some()) {
        true => Ok(()),
        false => Err(Fault::new(Code::INVALID_HOST_NAME_MALFORMED).about("HostNames")),
    }
}

/// Rules W-01 and W-03. A password is looked at and forgotten.
pub(super) fn login(params: &mut Params) -> Result<(), Fault> {
    let inherit = flag(params, "PasswordInherit")?.unwrap_or(false);
    let password = params.take("Password", |text| match names::is_password(text) {
        true => Ok(()),
        false => Err(Code::INVALID_PASSWORD_MALFORMED),
    })?;
    match (inherit, password) {
        (true, Some(())) => Err(Fault::new(Code::INVALID_PASSWORD_PARAM_MISMATCH).about("Password")),
        (true | false, None) | (false, Some(())) => Ok(()),
    }
}

/// Rules U-01 and U-02.
pub(super) fn user_data(params: &mut Params) -> Result<(), Fault> {
    let decoded = params.take("UserData", |text| {
        let bytes = STANDARD.decode(text).map_err(|_| Code::INVALID_USER_DATA_BASE64_FORMAT_INVALID)?;
        match bytes.len() <= USER_DATA_BYTES_MAX {
            true => Ok(()),
            false => Err(Code::INVALID_USER_DATA_SIZE_EXCEEDED),
        }
    });
    decoded.map(|_| ()).map_err(|invalid: Invalid<Code>| invalid.into())
}
