//! The machine itself: names (M), login (W), user data (U), how its disks are reached (P-14).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet::{Io, Login, Names, Naming, Password, Secret, Wanted};

use super::disk::Disks;
use super::edition::Reading;
use super::{LaunchAction, conflict};
use crate::ecs::names::{self, NameRule, names_conform};
use crate::ecs::request::take::{choice, flag};
use crate::ecs::{Code, Fault};
use crate::params::Params;

/// What a launch says about its machines.
pub(super) struct Machine {
    pub(super) names: Names,
    pub(super) host_names: Names,
    pub(super) description: Arc<str>,
}

/// Rule P-14.
pub(super) fn io_optimized(params: &mut Params) -> Result<Option<Io>, Fault> {
    let choices = [("none", Io::Plain), ("optimized", Io::Optimized)];
    choice(params, "IoOptimized", &choices, Code::INVALID_IO_OPTIMIZE_VALUE_NOT_SUPPORTED)
}

/// Rules M-01 to M-08, those of the disks among them.
pub(super) fn machine(
    params: &mut Params,
    (action, reading): (LaunchAction, &Reading),
    wanted: Wanted,
    disks: &Disks,
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
        names_conform(names, reading.names, wanted.most())
    });
    let host_names = params.take("HostName", |text| {
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
    let malformed = Code::INVALID_DESCRIPTION_MALFORMED;
    let description = params.take("Description", |text| match names::is_description(text) {
        true => Ok(Arc::from(text)),
        false => Err(malformed),
    })?;
    disks.names(reading)?;
    let host_names = match action {
        LaunchAction::Run => host_name_list(params, host_names)?,
        LaunchAction::Create => host_names,
    };
    Ok(Machine {
        names: names.unwrap_or(Names::OWN_ID),
        host_names: host_names.unwrap_or(Names::OWN_ID),
        description: description.unwrap_or_default(),
    })
}

/// Rule M-08, and M-02 for each.
fn host_name_list(params: &mut Params, host_names: Option<Names>) -> Result<Option<Names>, Fault> {
    let list = params.take_list("HostNames")?;
    if list.is_empty() {
        return Ok(host_names);
    }
    if host_names.is_some() {
        return Err(conflict("HostNames", "HostName"));
    }
    if !list.iter().all(|name| NameRule::AnyHost.admits(name)) {
        return Err(Fault::new(Code::INVALID_HOST_NAME_MALFORMED).about("HostNames"));
    }
    let each = list.into_iter().map(Arc::from).collect();
    Ok(Some(Names { naming: Naming::Each(each), unique_suffix: false }))
}

/// Rules W-01 and W-03; W-02 needs the image.
pub(super) fn login(params: &mut Params, reading: &Reading) -> Result<Login, Fault> {
    let image_password = flag(params, "PasswordInherit")?.unwrap_or(false);
    let password =
        params.take("Password", |text| match names::is_password(text, reading.password_kinds_min) {
            true => {
                Ok(Password { secret: Secret::new(text.as_bytes()), for_windows: !text.starts_with('/') })
            }
            false => Err(Code::INVALID_PASSWORD_MALFORMED),
        })?;
    if image_password && password.is_some() {
        return Err(Fault::new(Code::INVALID_PASSWORD_PARAM_MISMATCH).about("Password"));
    }
    Ok(Login { password, image_password, key_pair: params.take_text("KeyPairName").map(Arc::from) })
}

/// Rules U-01 and U-02. What was sent is kept as it was sent.
pub(super) fn user_data(params: &mut Params, reading: &Reading) -> Result<Option<Secret>, Fault> {
    let user_data = params.take("UserData", |text| {
        let bytes = STANDARD.decode(text).map_err(|_| Code::INVALID_USER_DATA_BASE64_FORMAT_INVALID)?;
        match bytes.len() <= reading.user_data_bytes_max {
            true => Ok(Secret::new(text.as_bytes())),
            false => Err(Code::INVALID_USER_DATA_SIZE_EXCEEDED),
        }
    })?;
    Ok(user_data)
}
