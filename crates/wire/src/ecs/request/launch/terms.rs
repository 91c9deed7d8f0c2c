//! The terms: charge (C), spare capacity (S), tags (T), where it runs (H), and the rest (X).

use fleet::{
    Affinity, Charge, Credit, Hosting, Interruption, PeriodUnit, Protection, Rate, Renewal, Settings, Span,
    Spot, Tag, Tenancy, Terms, Time,
};

use super::LaunchAction;
use super::edition::Reading;
use crate::ecs::request::take::{TagSpelling, choice, decimal, flag, ignore, tags_by, take_label};
use crate::ecs::{Code, Fault};
use crate::params::{Params, integer};
use crate::time;

/// How far ahead a release by time has to be.
const RELEASE_AHEAD_MIN: Span = Span::from_secs(30 * 60);
/// How far ahead it may be: three years, one of them a long one.
const RELEASE_AHEAD_MAX: Span = Span::from_days(3 * 365 + 1);
/// What clocks and the cut to whole minutes may differ by.
const RELEASE_TOLERANCE: Span = Span::from_secs(60);
/// The decimals of a price.
const PRICE_DECIMALS: usize = 3;
/// How long a bid is protected when nothing is said, hours.
const PROTECTED_HOURS: u8 = 1;

const PARTITION: &str = "StorageSetPartitionNumber";

/// What a launch says about its charge.
pub(super) struct Charging {
    pub(super) charge: Charge,
    pub(super) protection: Protection,
    pub(super) terms: Terms,
}

/// Rules C-01 to C-05, C-07, S-01, S-03, S-05, S-06, in this order.
pub(super) fn charging(
    params: &mut Params,
    (action, reading): (LaunchAction, &Reading),
    now: Time,
) -> Result<Charging, Fault> {
    let (charge, renewal) = charge(params, action, reading)?;
    let release_at = match action {
        LaunchAction::Run => params.take("AutoReleaseTime", |text| release_at(text, now))?,
        LaunchAction::Create => None,
    };
    let protection = match flag(params, "DeletionProtection")? {
        Some(true) => Protection::On,
        Some(false) | None => Protection::Off,
    };
    let spot = spot(params, reading)?;
    let resource_group = take_label(params, "ResourceGroupId");
    let terms = Terms { renewal, spot, release_at, credit: None, resource_group };
    Ok(Charging { charge, protection, terms })
}

/// Rules T-01 to T-05.
pub(super) fn tags(
    params: &mut Params,
    (action, reading): (LaunchAction, &Reading),
) -> Result<Vec<Tag>, Fault> {
    let spelling = match action {
        LaunchAction::Run => TagSpelling::Upper,
        LaunchAction::Create => TagSpelling::Either,
    };
    tags_by(params, spelling, &reading.tags)
}

/// Rules C-01 to C-05. Who pays by use has no period, whatever is said about one.
fn charge(params: &mut Params, action: LaunchAction, reading: &Reading) -> Result<(Charge, Renewal), Fault> {
    let types = [("PostPaid", false), ("PrePaid", true)];
    let code = Code::INVALID_INSTANCE_CHARGE_TYPE_NOT_FOUND;
    let prepaid = choice(params, "InstanceChargeType", &types, code)?.unwrap_or(false);
    let unit = params.take("PeriodUnit", |text| period_unit(text, action));
    if !prepaid {
        ignore(params, &["Period", "AutoRenew", "AutoRenewPeriod"]);
        unit?;
        return Ok((Charge::PostPaid, Renewal::Off));
    }

    let period = Fault::new(Code::INVALID_PERIOD).about("Period");
    let count = params.take_text("Period").and_then(|text| integer::<u8>(&text).ok());
    let legal = |count: &u8| match &unit {
        Ok(unit) => periods(unit.unwrap_or(PeriodUnit::Month)).contains(count),
        Err(_) => [PeriodUnit::Week, PeriodUnit::Month].iter().any(|unit| periods(*unit).contains(count)),
    };
    let count = count.filter(legal).ok_or(period)?;
    let unit = unit?.unwrap_or(PeriodUnit::Month);
    let renewal = renewal(params, action, reading, unit)?;
    Ok((Charge::PrePaid { count, unit }, renewal))
}

/// Rule C-05. `RunInstances` renews by one unit where nothing is said.
fn renewal(
    params: &mut Params,
    action: LaunchAction,
    reading: &Reading,
    unit: PeriodUnit,
) -> Result<Renewal, Fault> {
    let renews = flag(params, "AutoRenew")?.unwrap_or(false);
    let period = params.take_text("AutoRenewPeriod");
    if !renews {
        return Ok(Renewal::Off);
    }
    let periods = match unit {
        PeriodUnit::Week => &[1, 2, 3],
        PeriodUnit::Month => reading.renewal_months,
    };
    let count = match (period, action) {
        (Some(text), _) => integer(&text).ok().filter(|count| periods.contains(count)),
        (None, LaunchAction::Run) => Some(1),
        (None, LaunchAction::Create) => None,
    };
    let fault = Fault::new(Code::INVALID_AUTO_RENEW_PERIOD_VALUE_NOT_SUPPORTED).about("AutoRenewPeriod");
    count.map(|count| Renewal::On { count, unit }).ok_or(fault)
}

const fn periods(unit: PeriodUnit) -> &'static [u8] {
    match unit {
        PeriodUnit::Week => &[1, 2, 3, 4],
        PeriodUnit::Month => &[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60],
    }
}

/// Rules C-03 and C-04, in any case: a sample of seed 001 says `month`.
fn period_unit(text: &str, action: LaunchAction) -> Result<PeriodUnit, Code> {
    if text.eq_ignore_ascii_case("Week") {
        return Ok(PeriodUnit::Week);
    }
    if text.eq_ignore_ascii_case("Month") {
        return Ok(PeriodUnit::Month);
    }
    Err(match action {
        LaunchAction::Run => Code::INVALID_PERIOD_TYPE_VALUE_NOT_SUPPORTED,
        LaunchAction::Create => Code::INVALID_PERIOD_UNIT_VALUE_NOT_SUPPORTED,
    })
}

/// Rule C-07: a time at a whole minute, its seconds cut off.
fn release_at(text: &str, now: Time) -> Result<Time, Code> {
    let malformed = Code::INVALID_AUTO_RELEASE_TIME_MALFORMED;
    let time = time::parse(text).map_err(|_| malformed)?;
    let time = Time::from_secs(time.secs().saturating_sub(time.secs() % 60));
    let early = time.after(RELEASE_TOLERANCE) < now.after(RELEASE_AHEAD_MIN);
    let late = time > now.after(RELEASE_AHEAD_MAX).after(RELEASE_TOLERANCE);
    if early || late { Err(malformed) } else { Ok(time) }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Strategy {
    No,
    WithPriceLimit,
    AsPriceGo,
}

/// Rules S-01, S-03, S-05 and S-06. On a host of its own nothing is bid for: S-07 drops them all.
fn spot(params: &mut Params, reading: &Reading) -> Result<Option<Spot>, Fault> {
    if params.find("DedicatedHostId").is_some_and(|host| !host.is_empty()) {
        ignore(params, &["SpotStrategy", "SpotPriceLimit", "SpotInterruptionBehavior", "SpotDuration"]);
        return Ok(None);
    }
    let strategies = [
        ("NoSpot", Strategy::No),
        ("SpotWithPriceLimit", Strategy::WithPriceLimit),
        ("SpotAsPriceGo", Strategy::AsPriceGo),
    ];
    let strategy = choice(params, "SpotStrategy", &strategies, Code::INVALID_SPOT_STRATEGY)?;
    let limit = params.take_text("SpotPriceLimit");
    let at_most = match strategy {
        Some(Strategy::WithPriceLimit) => {
            let limit = limit.and_then(|text| decimal(&text, PRICE_DECIMALS)).filter(|price| *price > 0);
            Some(Rate(limit.ok_or(Fault::new(Code::INVALID_SPOT_PRICE_LIMIT).about("SpotPriceLimit"))?))
        }
        Some(Strategy::AsPriceGo | Strategy::No) | None => None,
    };
    let code = Code::INVALID_SPOT_INTERRUPTION_BEHAVIOR;
    let interruption = choice(params, "SpotInterruptionBehavior", reading.interruptions, code)?;
    let protected_hours = params.take("SpotDuration", |text| match integer(text) {
        Ok(hours @ 0_u8..=1) => Ok(hours),
        Ok(_) | Err(_) => Err(Code::INVALID_SPOT_DURATION),
    })?;
    let spot = Spot {
        at_most,
        protected_hours: protected_hours.unwrap_or(PROTECTED_HOURS),
        interruption: interruption.unwrap_or(Interruption::Release),
    };
    Ok(match strategy {
        Some(Strategy::WithPriceLimit | Strategy::AsPriceGo) => Some(spot),
        Some(Strategy::No) | None => None,
    })
}

/// Rule H-04, and the words of the others.
pub(super) fn hosting(params: &mut Params, action: LaunchAction) -> Result<Hosting, Fault> {
    let tenancies = [("default", Tenancy::Shared), ("host", Tenancy::Dedicated)];
    let code = match action {
        LaunchAction::Run => Code::INVALID_PARAM_TENANCY,
        LaunchAction::Create => Code::INVALID_PARAMETER,
    };
    let tenancy = choice(params, "Tenancy", &tenancies, code)?;
    Ok(Hosting {
        host: take_label(params, "DedicatedHostId"),
        tenancy: tenancy.unwrap_or_default(),
        deployment_set: take_label(params, "DeploymentSetId"),
        hpc_cluster: take_label(params, "HpcClusterId"),
        ..Hosting::default()
    })
}

/// Rule X-02.
pub(super) fn credit(params: &mut Params) -> Result<Option<Credit>, Fault> {
    let credits = [("Standard", Credit::Standard), ("Unlimited", Credit::Unlimited)];
    choice(params, "CreditSpecification", &credits, Code::INVALID_PARAMETER_CREDIT_SPECIFICATION)
}

/// A partition of a storage set that nobody named: it can only be kept as it was sent.
pub(super) struct StrayPartition(Option<u16>);

/// Rule X-04, of what is not in the long tail.
pub(super) fn closed_lists(
    params: &mut Params,
    action: LaunchAction,
    hosting: &mut Hosting,
) -> Result<StrayPartition, Fault> {
    let affinities = [("default", Affinity::Any), ("host", Affinity::Host)];
    let affinity = choice(params, "Affinity", &affinities, Code::INVALID_PARAMETER)?;
    hosting.affinity = affinity.unwrap_or_default();
    let within = |least: u16, most: u16| {
        move |text: &str| integer(text).ok().filter(|it| (least..=most).contains(it)).ok_or(())
    };
    let name = "DeploymentSetGroupNo";
    let group = params.take(name, within(1, 7)).map_err(|_| Fault::invalid(name))?;
    hosting.deployment_group = group.and_then(|group| u8::try_from(group).ok());
    let least = match action {
        LaunchAction::Run => 1,
        LaunchAction::Create => 2,
    };
    let partition = params.take(PARTITION, within(least, u16::MAX)).map_err(|_| Fault::invalid(PARTITION))?;
    hosting.storage_set = take_label(params, "StorageSetId").map(|set| (set, partition));
    Ok(StrayPartition(partition.filter(|_| hosting.storage_set.is_none())))
}

impl StrayPartition {
    pub(super) fn keep(self, settings: &mut Settings) {
        if let Self(Some(partition)) = self {
            settings.set(PARTITION, partition.to_string());
        }
    }
}

/// Rules, of `RunInstances` alone.
pub(super) fn private_pool(action: LaunchAction, settings: &Settings) -> Result<(), Fault> {
    let id = settings.get("PrivatePoolOptions.Id");
    let target = settings.get("PrivatePoolOptions.MatchCriteria") == Some("Target");
    let code = match (action, target, id) {
        (LaunchAction::Run, true, None) => Code::MISSING_PARAMETER_PRIVATE_POOL_OPTIONS_ID,
        (LaunchAction::Run, false, Some(_)) => Code::INVALID_PRIVATE_POOL_OPTIONS_ID,
        (LaunchAction::Run, true, Some(_)) | (LaunchAction::Run, false, None) => return Ok(()),
        (LaunchAction::Create, _, _) => return Ok(()),
    };
    Err(Fault::new(code).about("PrivatePoolOptions.Id"))
}
