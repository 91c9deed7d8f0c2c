//! What makes and remakes instances: CreateInstances and ReinstallInstance (`contract/zenlayer.md`
//! section 2). Judged here is what needs no fleet: presence, enumerations, names and login.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet::{
    AccountId, Array, BareMetal, BareMetalOffer, Charge, Installed, InstanceId, InterfaceNames, Internet,
    InternetCharge, Launch, Layout, Login, Names, Naming, Partition, Password, PeriodUnit, Raid, RaidLevel,
    Reinstall, Secret, Tag, Terms, TrafficVolume, Wanted,
};

use super::super::body::{Body, invalid, named};
use super::super::names::{self, NameFault};
use super::super::{Code, Fault, words};
use super::instance_id;

/// How many instances one request asks for at most.
pub const AMOUNT_MAX: i64 = 100;
/// How many months are paid at most.
const PERIOD_MAX: i64 = 255;
/// How many public keys one request has at most.
pub const KEYS_MAX: usize = 5;
/// What ends a password, besides letters and digits. The 1 is in the reference's list.
const SPECIALS: &[u8] = b"1~!@$^*-_=+";

/// A launch whose region nobody knows yet: this dialect has zones only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewInstances {
    /// The zone, as it was sent.
    pub zone: String,
    /// The launch. Its region is that of the zone.
    pub launch: Launch,
}

impl NewInstances {
    pub(super) fn parse(body: Body<'_>, account: AccountId) -> Result<Self, Fault> {
        let zone = body.needed("zoneId")?;
        let charge = body.needed("instanceChargeType")?;
        let instance_type = body.needed("instanceTypeId")?;
        let line = body.needed("internetChargeType")?;
        let charge = charge_of(charge, body)?;
        let line = words::line::parse(line).ok_or(Code::OPERATION_FILED_INTERNET_CHARGE_TYPE_NOT_SUPPORT)?;
        let amount: u8 = body.within("amount", 1..=AMOUNT_MAX)?.unwrap_or(1);
        let out_mbps_max = body.within("internetMaxBandwidthOut", 0..=i64::from(u16::MAX))?;
        let raid = raid(body)?;
        let names = instance_names(body, amount)?;
        let host_names = host_names(body, amount)?.unwrap_or_else(|| fixed("hostname"));
        let access = Access::parse(body)?;
        let interfaces = interfaces(body)?;

        let layout = Layout {
            boot_url: body.text("ipxeUrl").map(Arc::from),
            raid,
            partitions: partitions(body)?,
            interfaces,
        };
        let bare_metal = BareMetal {
            layout,
            line,
            traffic: traffic(body)?,
            cluster: body.label("clusterId"),
            subnet: body.label("subnetId"),
            ipv6: body.boolean("enablePrimaryIPv6").unwrap_or(true),
            gateway: body.boolean("enableGatewayMode").unwrap_or(false),
            public_keys: access.public_keys,
        };
        let launch = Launch {
            zone: Some(named(zone)),
            image: body.label("imageId"),
            instance_type: Some(named(instance_type)),
            wanted: Wanted::new(amount, amount).ok_or_else(|| invalid("amount"))?,
            charge,
            names,
            host_names,
            tags: tags(body)?,
            internet: Internet {
                charge: internet_charge(line),
                out_mbps_max: out_mbps_max.unwrap_or(BareMetalOffer::OUT_MBPS),
                ..Internet::NONE
            },
            terms: Terms { resource_group: body.label("resourceGroupId"), ..Terms::default() },
            login: Login { password: access.password, key_pair: access.key_pair, ..Login::default() },
            user_data: user_data(body),
            bare_metal: Some(Arc::new(bare_metal)),
            ..Launch::new(account, named(zone))
        };
        Ok(Self { zone: zone.to_owned(), launch })
    }
}

/// The request for another system.
pub(super) fn reinstall(body: Body<'_>, account: AccountId) -> Result<Reinstall, Fault> {
    let instance: InstanceId = instance_id(body.needed("instanceId")?);
    let raid = raid(body)?;
    let host_name = match body.text("hostname") {
        None => None,
        Some(text) => Some(Arc::from(names::name(text).map_err(host_name_fault)?)),
    };
    let access = Access::parse(body)?;
    let layout = Layout {
        boot_url: body.text("ipxeUrl").map(Arc::from),
        raid,
        partitions: partitions(body)?,
        interfaces: interfaces(body)?,
    };
    Ok(Reinstall {
        account,
        instance,
        installed: Installed { image: body.label("imageId"), layout, public_keys: access.public_keys },
        host_name,
        password: access.password.map(|password| password.secret),
        key_pair: access.key_pair,
        user_data: user_data(body),
    })
}

/// The charge that was asked for. What is paid by use has no period, whatever is said of one.
pub(super) fn charge_of(word: &str, body: Body<'_>) -> Result<Charge, Fault> {
    match word {
        words::POSTPAID => Ok(Charge::PostPaid),
        words::PREPAID => {
            let name = "instanceChargePrepaid.period";
            let prepaid = body.object("instanceChargePrepaid");
            let period = prepaid.and_then(|prepaid| prepaid.integer("period"));
            let period = period.ok_or_else(|| Fault::about(Code::MISSING_PARAMETER, name))?;
            let count = u8::try_from(period).ok().filter(|_| (1..=PERIOD_MAX).contains(&period));
            let count = count.ok_or_else(|| invalid(name))?;
            Ok(Charge::PrePaid { count, unit: PeriodUnit::Month })
        }
        _ => Err(Code::INVALID_CHARGE_TYPE_NOT_SUPPORT.into()),
    }
}

const fn internet_charge(line: fleet::Line) -> InternetCharge {
    match line {
        fleet::Line::TrafficPackage => InternetCharge::ByTraffic,
        fleet::Line::Bandwidth | fleet::Line::Peak | fleet::Line::ClusterPeak => InternetCharge::ByBandwidth,
    }
}

fn fixed(name: &str) -> Names {
    Names { naming: Naming::Fixed(name.into()), unique_suffix: false }
}

fn instance_names(body: Body<'_>, amount: u8) -> Result<Names, Fault> {
    match body.text("instanceName") {
        None => Ok(fixed("instance")),
        Some(text) => names::names(text, amount).map_err(|fault| name_fault(fault, "instanceName")),
    }
}

/// The one name that several instances get.
pub(super) fn plain_name<'a>(body: Body<'a>, field: &str) -> Result<&'a str, Fault> {
    names::name(body.needed(field)?).map_err(|fault| name_fault(fault, field))
}

/// There is a code for names that are too long, and none for those with other characters.
fn name_fault(fault: NameFault, field: &str) -> Fault {
    match fault {
        NameFault::TooLong => Code::INVALID_PARAMETER_INSTANCE_NAME_EXCEED.into(),
        NameFault::Malformed => invalid(field),
    }
}

fn host_names(body: Body<'_>, amount: u8) -> Result<Option<Names>, Fault> {
    let names = body.text("hostname").map(|text| names::names(text, amount));
    names.transpose().map_err(host_name_fault)
}

fn host_name_fault(fault: NameFault) -> Fault {
    match fault {
        NameFault::TooLong => Code::INVALID_PARAMETER_HOSTNAME_EXCEED.into(),
        NameFault::Malformed => Code::INVALID_PARAMETER_HOSTNAME_MALFORMED.into(),
    }
}

/// How people get in: by a password or by keys, or by neither.
struct Access {
    password: Option<Password>,
    key_pair: Option<Arc<str>>,
    public_keys: Vec<Arc<str>>,
}

impl Access {
    fn parse(body: Body<'_>) -> Result<Self, Fault> {
        let (password, key_pair) = (body.text("password"), body.text("keyId"));
        let keys = body.texts("sshKeys");
        let ways = [password.is_some(), key_pair.is_some(), !keys.is_empty()];
        if ways.into_iter().filter(|given| *given).count() > 1 {
            return Err(Code::INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT.into());
        }
        if password.is_some_and(|password| !is_password(password)) {
            return Err(Code::INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED.into());
        }
        if keys.len() > KEYS_MAX {
            return Err(invalid("sshKeys"));
        }
        let mut seen = BTreeSet::new();
        for key in &keys {
            let data = public_key(key).ok_or(Code::INVALID_PARAMETER_SSH_KEY_MALFORMED)?;
            if !seen.insert(data) {
                return Err(Code::INVALID_PARAMETER_SSH_KEY_DUPLICATE.into());
            }
        }
        let secret =
            |password: &str| Password { secret: Secret::new(password.as_bytes()), for_windows: true };
        Ok(Self {
            password: password.map(secret),
            key_pair: key_pair.map(Arc::from),
            public_keys: keys.into_iter().map(Arc::from).collect(),
        })
    }
}

/// Whether a text is a password: 8 to 16 characters of four kinds, each there.
fn is_password(text: &str) -> bool {
    let has = |of: fn(&u8) -> bool| text.as_bytes().iter().any(of);
    (8..=16).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || SPECIALS.contains(&byte))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && has(|byte| SPECIALS.contains(byte))
}

/// The data of a public key, `kind data comment`, if a text is one: data that say what kind they are of.
fn public_key(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    let (kind, data) = (words.next()?, words.next()?);
    let decoded = STANDARD.decode(data).ok()?;
    let (length, rest) = decoded.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (said, key) = rest.split_at_checked(length)?;
    (said == kind.as_bytes() && !key.is_empty()).then_some(data)
}

/// How the disks are put together. Levels that there are not are refused as values.
fn raid(body: Body<'_>) -> Result<Raid, Fault> {
    let Some(config) = body.object("raidConfig") else { return Ok(Raid::default()) };
    let level = |of: Body<'_>| -> Result<Option<RaidLevel>, Fault> {
        let number = of.integer("raidType");
        number.map(|number| words::raid_level(number).ok_or_else(|| invalid("raidType"))).transpose()
    };
    let array = |array: Body<'_>| -> Result<Array, Fault> {
        let named = level(array)?.ok_or_else(|| Fault::about(Code::MISSING_PARAMETER, "raidType"))?;
        // A number that is no disk's is for the fleet to refuse.
        let disk = |number: i64| u16::try_from(number).unwrap_or(0);
        let disks = array.integers("diskSequence").into_iter().map(disk).collect();
        Ok(Array { level: named, disks })
    };
    let custom = config.objects("customRaids").into_iter().map(array).collect::<Result<_, _>>()?;
    Ok(Raid { quick: level(config)?, custom })
}

/// The partitions as they were asked for: what is missing in them is for the fleet to refuse, in its turn.
fn partitions(body: Body<'_>) -> Result<Vec<Partition>, Fault> {
    let partition = |found: Body<'_>| {
        Ok(Partition {
            path: found.text("fsPath").unwrap_or_default().into(),
            file_system: found.text("fsType").and_then(words::file_system::parse),
            size_gb: found.within("size", 0..=i64::from(u32::MAX))?.unwrap_or(0),
        })
    };
    body.objects("partitions").into_iter().map(partition).collect()
}

fn interfaces(body: Body<'_>) -> Result<InterfaceNames, Fault> {
    let Some(nic) = body.object("nic") else { return Ok(InterfaceNames::default()) };
    let name = |field: &str, other: &str| match nic.text(field) {
        None => Ok(None),
        Some(text) if is_interface_name(text, other) => Ok(Some(Arc::from(text))),
        Some(_) => Err(Fault::new(Code::INVALID_PARAMETER_NIC_NAME_MALFORMED)),
    };
    Ok(InterfaceNames { wan: name("wanName", "lan")?, lan: name("lanName", "wan")? })
}

/// 4 to 10 letters and digits, first a letter; nothing that sounds like the other one.
fn is_interface_name(text: &str, other: &str) -> bool {
    (4..=10).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.starts_with(other)
}

/// An amount of traffic, sent in terabytes.
fn traffic(body: Body<'_>) -> Result<Option<TrafficVolume>, Fault> {
    const TERABYTES_MAX: f64 = 1_000_000.0;
    let Some(terabytes) = body.float("trafficPackageSize") else { return Ok(None) };
    if !(0.0..=TERABYTES_MAX).contains(&terabytes) {
        return Err(invalid("trafficPackageSize"));
    }
    let thousandths = format!("{:.0}", terabytes * 1000.0);
    thousandths.parse().map(|found| Some(TrafficVolume(found))).map_err(|_| invalid("trafficPackageSize"))
}

fn user_data(body: Body<'_>) -> Option<Secret> {
    body.text("userData").map(|data| Secret::new(data.as_bytes()))
}

/// Tags; of a repeated key the last counts.
fn tags(body: Body<'_>) -> Result<Vec<Tag>, Fault> {
    let mut tags: Vec<Tag> = Vec::new();
    for tag in body.object("tags").map(|tags| tags.objects("tags")).unwrap_or_default() {
        let key = tag.text("key").ok_or_else(|| Fault::about(Code::MISSING_PARAMETER, "tags.key"))?;
        tags.retain(|earlier| earlier.key != key);
        tags.push(Tag { key: key.to_owned(), value: tag.text("value").unwrap_or_default().to_owned() });
    }
    Ok(tags)
}
