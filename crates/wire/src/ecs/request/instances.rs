//! Listings of instances and of their statuses: `contract/ecs-actions.md` section 2.

use std::collections::BTreeSet;

use fleet::{
    AccountId, InstanceFilter, InstanceId, InternetCharge, Io, LockReason, NamePattern, Paging, Rehearsal,
    SettingFilter, Shown,
};

use super::paging;
use super::take::{
    choice, flag, ignore, instance_ids, region, rehearsal, tag_filter, take_label, time_filters,
};
use crate::ecs::reply::ids::INSTANCE_PREFIX;
use crate::ecs::{Code, Fault};
use crate::params::{Params, texts};

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
    filter.addresses = parsed(params.take("PrivateIpAddresses", texts)?);
    filter.tags = tag_filter(params)?;
    filter.family = take_label(params, "InstanceTypeFamily");
    let charges =
        [("PayByTraffic", InternetCharge::ByTraffic), ("PayByBandwidth", InternetCharge::ByBandwidth)];
    let code = Code::INVALID_INTERNET_CHARGE_TYPE_VALUE_NOT_SUPPORTED_DESCRIBE;
    filter.internet_charge = choice(params, "InternetChargeType", &charges, code)?;
    filters(params, &mut filter)?;
    newer(params, &mut filter)?;
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

/// `Filter.N`: bounds of the time of creation and of expiry, in minutes.
fn filters(params: &mut Params, filter: &mut InstanceFilter) -> Result<(), Fault> {
    let mut bounds = [
        ("CreationStartTime", &mut filter.created.0),
        ("CreationEndTime", &mut filter.created.1),
        ("ExpiredStartTime", &mut filter.expires.0),
        ("ExpiredEndTime", &mut filter.expires.1),
    ];
    time_filters(params, FILTERS_MAX, &mut bounds)
}

/// Whether a filter asks for something that no instance here has: a classic network, an address of
/// one. Values outside a closed list are refused all the same.
fn asks_for_what_none_has(params: &mut Params) -> Result<bool, Fault> {
    let networks = [("vpc", false), ("classic", true)];
    let classic = choice(params, "InstanceNetworkType", &networks, Code::INVALID_NETWORK_TYPE_NOT_FOUND)?;
    let available = flag(params, "DeviceAvailable")?;
    let mut asked = classic == Some(true) || available == Some(false);
    for name in ["EipAddresses", "InnerIpAddresses", "RdmaIpAddresses"] {
        asked |= params.take(name, texts)?.is_some();
    }
    Ok(asked)
}

/// The filters that came with newer launches.
fn newer(params: &mut Params, filter: &mut InstanceFilter) -> Result<(), Fault> {
    const LOCKS: [(&str, LockReason); 5] = [
        ("financial", LockReason::Money),
        ("security", LockReason::Security),
        ("Recycling", LockReason::Recycling),
        ("dedicatedhostfinancial", LockReason::HostMoney),
        ("refunded", LockReason::Refunded),
    ];
    filter.lock = choice(params, "LockReason", &LOCKS, Code::INVALID_LOCK_REASON_NOT_FOUND)?;
    filter.io = flag(params, "IoOptimized")?.map(|fast| if fast { Io::Optimized } else { Io::Plain });
    filter.public_addresses = parsed(params.take("PublicIpAddresses", texts)?);
    let ipv6 = params.take_list("Ipv6Address")?;
    filter.ipv6_addresses = parsed(Some(ipv6).filter(|list| !list.is_empty()));
    filter.key_pair = params.take_text("KeyPairName");
    filter.hpc_cluster = take_label(params, "HpcClusterId");
    filter.resource_group = take_label(params, "ResourceGroupId");
    for (name, default) in [("HttpEndpoint", "enabled"), ("HttpTokens", "optional")] {
        let value = params.take_text(name);
        filter.settings.extend(value.map(|value| SettingFilter { name, value, default }));
    }
    Ok(())
}

/// What texts spell; those that spell nothing are nobody's.
fn parsed<T: std::str::FromStr + Ord>(texts: Option<Vec<String>>) -> Option<BTreeSet<T>> {
    texts.map(|texts| texts.iter().filter_map(|text| text.parse().ok()).collect())
}
