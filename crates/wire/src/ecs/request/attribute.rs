//! Changing one instance, and asking for one: `contract/ecs-actions.md` section 2.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet::{
    AccountId, Amend, Changes, Credit, Edition, GivePublicAddress, InstanceId, Label, Password, Protection,
    Secret, SetRelease, Settings, Span, Time,
};

use super::Origin;
use super::take::{choice, flag, ignore, instance_id, label};
use crate::ecs::names::{self, NameRule};
use crate::ecs::{Code, Fault};
use crate::params::{Params, boolean, integer};
use crate::time;

/// A request about one instance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AttributeRequest {
    /// Change it.
    Modify(Box<Amend>),
    /// Say when it goes.
    SetRelease(SetRelease),
    /// Give it a public address; `chosen` when the request says which, and no instance of a network
    /// can have that.
    GivePublic {
        /// What to do.
        give: GivePublicAddress,
        /// Whether it is to be a certain one.
        chosen: bool,
    },
    /// Show it.
    Describe(InstanceId),
    /// Show what it runs when it boots.
    UserData(InstanceId),
}

/// The most user data, decoded, by the rules of 2019 and by today's.
const fn user_data_bytes_max(edition: Edition) -> usize {
    match edition {
        Edition::Seeds => 16 * 1024,
        Edition::Newest | Edition::Either => 32 * 1024,
    }
}

/// What `ModifyInstanceAttribute` takes and nothing here acts on: how it is sent, how it is kept
/// (as launches keep it), and what it has to be.
const SETTINGS: &[(&str, &str, Shape)] = &[
    ("Recyclable", "Recyclable", Shape::Flag),
    ("EnableJumboFrame", "NetworkOptions.EnableJumboFrame", Shape::Flag),
    ("EnableNetworkEncryption", "NetworkOptions.EnableNetworkEncryption", Shape::Flag),
    ("NetworkInterfaceQueueNumber", "NetworkInterfaceQueueNumber", Shape::Number),
    ("CpuOptions.Core", "CpuOptions.Core", Shape::Number),
    ("CpuOptions.ThreadsPerCore", "CpuOptions.ThreadsPerCore", Shape::Number),
    ("CpuOptions.TopologyType", "CpuOptions.TopologyType", Shape::Text),
    ("CpuOptions.NestedVirtualization", "CpuOptions.NestedVirtualization", Shape::Text),
    ("PrivateDnsNameOptions.HostnameType", "PrivateDnsNameOptions.HostnameType", Shape::Text),
    (
        "PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord",
        "PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord",
        Shape::Flag,
    ),
    (
        "PrivateDnsNameOptions.EnableInstanceIdDnsARecord",
        "PrivateDnsNameOptions.EnableInstanceIdDnsARecord",
        Shape::Flag,
    ),
    ("PrivateDnsNameOptions.EnableIpDnsARecord", "PrivateDnsNameOptions.EnableIpDnsARecord", Shape::Flag),
    ("PrivateDnsNameOptions.EnableIpDnsPtrRecord", "PrivateDnsNameOptions.EnableIpDnsPtrRecord", Shape::Flag),
    ("RemoteConnectionOptions.Type", "RemoteConnectionOptions.Type", Shape::Text),
];

/// What the value of a setting has to be.
#[derive(Clone, Copy)]
enum Shape {
    Flag,
    Number,
    Text,
}

impl Shape {
    fn read(self, text: &str) -> Result<String, Code> {
        match self {
            Self::Flag => {
                boolean(text).map(|flag| flag.to_string()).map_err(|_| Code::INVALID_PARAMETER_NAMED)
            }
            Self::Number => integer::<u32>(text)
                .map(|number| number.to_string())
                .map_err(|_| Code::INVALID_PARAMETER_NAMED),
            Self::Text => Ok(text.to_owned()),
        }
    }
}

pub(super) fn modify(
    params: &mut Params,
    origin: &Origin,
    edition: Edition,
) -> Result<AttributeRequest, Fault> {
    let text = params.take_text("InstanceId").ok_or(Fault::missing("InstanceId"))?;
    let malformed = |found: Option<String>, code| found.map(Arc::<str>::from).ok_or(code);
    let name = params
        .take("InstanceName", |text| malformed(names::name(text), Code::INVALID_INSTANCE_NAME_MALFORMED))?;
    let description = params.take("Description", |text| {
        malformed(names::description(text), Code::INVALID_DESCRIPTION_MALFORMED)
    })?;
    let host_name = params.take("HostName", |text| {
        malformed(names::host_name(text, NameRule::AnyHost), Code::INVALID_HOST_NAME_MALFORMED)
    })?;
    let password =
        params.take("Password", |text| match names::is_password(text, names::PASSWORD_KINDS_MIN) {
            true => {
                Ok(Password { secret: Secret::new(text.as_bytes()), for_windows: !text.starts_with('/') })
            }
            false => Err(Code::INVALID_PASSWORD_MALFORMED),
        })?;
    let user_data = params.take("UserData", |text| {
        let bytes = STANDARD.decode(text).map_err(|_| Code::INVALID_USER_DATA_BASE64_FORMAT_INVALID)?;
        match bytes.len() <= user_data_bytes_max(edition) {
            true => Ok(Secret::new(&bytes)),
            false => Err(Code::INVALID_USER_DATA_SIZE_EXCEEDED),
        }
    })?;
    let groups = groups(params)?;
    let protection = flag(params, "DeletionProtection")?.map(|on| match on {
        true => Protection::On,
        false => Protection::Off,
    });
    let credits = [("Standard", Credit::Standard), ("Unlimited", Credit::Unlimited)];
    let credit =
        choice(params, "CreditSpecification", &credits, Code::INVALID_PARAMETER_CREDIT_SPECIFICATION)?;
    let mut settings = Settings::default();
    for (sent, kept, shape) in SETTINGS {
        if let Some(value) = params.take(sent, |text| shape.read(text))? {
            settings.set(*kept, value);
        }
    }
    let changes =
        Changes { name, host_name, description, groups, protection, credit, user_data, password, settings };
    let instance = named(&text)?;
    Ok(AttributeRequest::Modify(Box::new(Amend { account: origin.account, instance, changes, edition })))
}

/// The groups, each once, in the order they are named in.
fn groups(params: &mut Params) -> Result<Option<Vec<Label>>, Fault> {
    let mut groups: Vec<Label> = Vec::new();
    for text in params.take_list("SecurityGroupIds")? {
        let group = label(&text);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Ok((!groups.is_empty()).then_some(groups))
}

/// The least and the most time until an instance goes by itself.
const RELEASE_AFTER: (Span, Span) = (Span::from_secs(30 * 60), Span::from_days(3 * 366));
/// The seconds are cut off, so that what was half an hour ahead may be a little less.
const MINUTE: Span = Span::from_secs(60);

pub(super) fn set_release(params: &mut Params, origin: &Origin) -> Result<AttributeRequest, Fault> {
    let malformed = Code::INVALID_AUTO_RELEASE_TIME_MALFORMED_MODIFY;
    ignore(params, &["RegionId"]);
    let text = params.take_text("InstanceId");
    let text = text.ok_or(Fault::new(Code::MISSING_PARAMETER_RELEASE).about("InstanceId"))?;
    let at = params.take("AutoReleaseTime", |text| {
        let at = time::parse(text).map_err(|_| malformed)?;
        release_time(at, origin.now).ok_or(malformed)
    })?;
    let instance = instance_id(&text).ok_or(Fault::new(Code::NO_SUCH_RESOURCE).about("InstanceId"))?;
    Ok(AttributeRequest::SetRelease(SetRelease { account: origin.account, instance, at }))
}

/// The minute of `at`, if it is neither too near nor too far.
fn release_time(at: Time, now: Time) -> Option<Time> {
    let (least, most) = RELEASE_AFTER;
    let minute = Time::from_secs(at.secs().checked_div(60)?.checked_mul(60)?);
    (now.after(least) <= minute.after(MINUTE) && minute <= now.after(most)).then_some(minute)
}

pub(super) fn describe(params: &mut Params) -> Result<AttributeRequest, Fault> {
    ignore(params, &["RegionId"]);
    let text = params.take_text("InstanceId").ok_or(Fault::missing("InstanceId"))?;
    Ok(AttributeRequest::Describe(named(&text)?))
}

pub(super) fn user_data(params: &mut Params) -> Result<AttributeRequest, Fault> {
    ignore(params, &["RegionId"]);
    let text = params.take_text("InstanceId").ok_or(Fault::missing("InstanceId"))?;
    Ok(AttributeRequest::UserData(named(&text)?))
}

pub(super) fn give_public(params: &mut Params, account: AccountId) -> Result<AttributeRequest, Fault> {
    let text = params.take_text("InstanceId").ok_or(Fault::missing("InstanceId"))?;
    let certain = [params.take_text("IpAddress"), params.take_text("VlanId")];
    let give = GivePublicAddress { account, instance: named(&text)? };
    Ok(AttributeRequest::GivePublic { give, chosen: certain.iter().any(Option::is_some) })
}

fn named(text: &str) -> Result<InstanceId, Fault> {
    instance_id(text).ok_or(Fault::new(Code::INVALID_INSTANCE_ID_NOT_FOUND).about("InstanceId"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_time_is_cut_to_its_minute_and_neither_near_nor_far() {
        let now = Time::from_secs(1_000_000 * 60 + 30);
        let minutes = |minutes: u64, seconds: u64| Time::from_secs((1_000_000 + minutes) * 60 + seconds);
        for (at, expected) in [
            (minutes(31, 59), Some(minutes(31, 0))),
            (minutes(30, 30), Some(minutes(30, 0))),
            (minutes(29, 31), Some(minutes(29, 0)).filter(|_| false)),
            (minutes(29, 30), None),
            (minutes(3 * 365 * 24 * 60, 0), Some(minutes(3 * 365 * 24 * 60, 0))),
            (minutes(3 * 367 * 24 * 60, 0), None),
            (Time::START, None),
            (Time::END, None),
        ] {
            assert_eq!(release_time(at, now), expected, "{at:?}");
        }
    }
}
