//! Listings of instances and of their statuses: `contract/ecs-actions.md` section 2.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use fleet::{AccountId, InstanceFilter, InstanceId, InternetCharge, NamePattern, Paging, Rehearsal, Shown};

use super::paging;
use super::take::{choice, flag, ignore, instance_ids, region, rehearsal, tag_filter, take_label};
use crate::ecs::reply::ids::INSTANCE_PREFIX;
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params, texts};
use crate::time;

/// How many filters with a key and a value there may be.
const FILTERS_MAX: u32 = 4;

/// Which instances to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceListing {
    /// Of which instances.
    pub filter: InstanceFilter,
    /// Which part of them.
    pub paging: Paging<InstanceId>,
    /// Whether the listing is meant.
    pub rehearsal: Rehearsal,
}

/// Which statuses to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusListing {
    /// Of which instances.
    pub filter: InstanceFilter,
    /// Which part of them.
    pub paging: Paging<InstanceId>,
}

/// What `filter` shows is nothing: it asks for what no instance has.
fn select_nothing(filter: &mut InstanceFilter) {
    filter.ids = Some(BTreeSet::new());
}

pub(super) fn instances(params: &mut Params, account: AccountId) -> Result<InstanceListing, Fault> {
    let mut filter = InstanceFilter::all(account, region(params)?);
    filter.ids = params.take("InstanceIds", texts)?.map(|ids| instance_ids(&ids));
    filter.status = choice(params, "Status", &STATUSES, Code::INVALID_STATUS_NOT_FOUND)?;
    filter.name = params.take_text("InstanceName").map(|name| NamePattern::new(&name));
    filter.id_prefix = INSTANCE_PREFIX;
    named(params, &mut filter);
    let kinds = [("PostPaid", false), ("PrePaid", true)];
    let code = Code::INVALID_INSTANCE_CHARGE_TYPE_NOT_FOUND;
    filter.prepaid = choice(params, "InstanceChargeType", &kinds, code)?;
    filter.addresses = addresses(params)?;
    filter.tags = tag_filter(params)?;
    filter.family = take_label(params, "InstanceTypeFamily");
    let charges =
        [("PayByTraffic", InternetCharge::ByTraffic), ("PayByBandwidth", InternetCharge::ByBandwidth)];
    let code = Code::INVALID_INTERNET_CHARGE_TYPE_VALUE_NOT_SUPPORTED_DESCRIBE;
    filter.internet_charge = choice(params, "InternetChargeType", &charges, code)?;
    filters(params, &mut filter)?;
    if asks_for_what_none_has(params)? {
        select_nothing(&mut filter);
    }
    let paging = paging::either(params, 100, (10, 100))?;
    Ok(InstanceListing { filter, paging, rehearsal: rehearsal(params)? })
}

pub(super) fn statuses(params: &mut Params, account: AccountId) -> Result<StatusListing, Fault> {
    let mut filter = InstanceFilter::all(account, region(params)?);
    filter.zone = take_label(params, "ZoneId");
    let ids = params.take_list("InstanceId")?;
    filter.ids = (!ids.is_empty()).then(|| instance_ids(&ids));
    ignore(params, &["ClusterId"]);
    Ok(StatusListing { filter, paging: paging::numbered(params, 50)? })
}

const STATUSES: [(&str, Shown); 5] = [
    ("Pending", Shown::Pending),
    ("Running", Shown::Running),
    ("Starting", Shown::Starting),
    ("Stopping", Shown::Stopping),
    ("Stopped", Shown::Stopped),
];

fn named(params: &mut Params, filter: &mut InstanceFilter) {
    filter.zone = take_label(params, "ZoneId");
    filter.network = take_label(params, "VpcId");
    filter.subnet = take_label(params, "VSwitchId");
    filter.group = take_label(params, "SecurityGroupId");
    filter.image = take_label(params, "ImageId");
    filter.instance_type = take_label(params, "InstanceType");
}

/// One of these private addresses; a text that is no address is nobody's.
fn addresses(params: &mut Params) -> Result<Option<BTreeSet<Ipv4Addr>>, Fault> {
    let texts = params.take("PrivateIpAddresses", texts)?;
    Ok(texts.map(|texts| texts.iter().filter_map(|text| text.parse().ok()).collect()))
}

/// `Filter.N`: bounds of the time of creation and of expiry, in minutes.
fn filters(params: &mut Params, filter: &mut InstanceFilter) -> Result<(), Fault> {
    for Entry { index, params: mut entry } in params.take_structs_up_to("Filter", FILTERS_MAX)? {
        let Some(key) = entry.take_text("Key") else { continue };
        let bound = match key.as_str() {
            "CreationStartTime" => &mut filter.created.0,
            "CreationEndTime" => &mut filter.created.1,
            "ExpiredStartTime" => &mut filter.expires.0,
            "ExpiredEndTime" => &mut filter.expires.1,
            _ => {
                let fault = Fault::new(Code::INVALID_FILTER_KEY_NOT_FOUND);
                return Err(fault.about(format!("Filter.{index}.Key")));
            }
        };
        *bound = entry.take("Value", time::parse)?;
    }
    Ok(())
}

/// Whether a filter asks for something that no instance here has: a key pair, a public address, a
/// classic network. Values outside a closed list are refused all the same.
fn asks_for_what_none_has(params: &mut Params) -> Result<bool, Fault> {
    const LOCKS: [(&str, ()); 5] = [
        ("financial", ()),
        ("security", ()),
        ("Recycling", ()),
        ("dedicatedhostfinancial", ()),
        ("refunded", ()),
    ];
    let networks = [("vpc", false), ("classic", true)];
    let classic = choice(params, "InstanceNetworkType", &networks, Code::INVALID_NETWORK_TYPE_NOT_FOUND)?;
    let locked = choice(params, "LockReason", &LOCKS, Code::INVALID_LOCK_REASON_NOT_FOUND)?;
    let optimized = flag(params, "IoOptimized")?;
    let available = flag(params, "DeviceAvailable")?;
    let mut asked = classic == Some(true) || locked.is_some();
    asked |= optimized == Some(false) || available == Some(false);
    for name in ["PublicIpAddresses", "EipAddresses", "InnerIpAddresses", "RdmaIpAddresses"] {
        asked |= params.take(name, texts)?.is_some();
    }
    for name in ["KeyPairName", "HpcClusterId", "ResourceGroupId"] {
        asked |= params.take_text(name).is_some();
    }
    asked |= !params.take_list("Ipv6Address")?.is_empty();
    for (name, every) in [("HttpEndpoint", "enabled"), ("HttpTokens", "optional")] {
        asked |= params.take_text(name).is_some_and(|value| value != every);
    }
    Ok(asked)
}
