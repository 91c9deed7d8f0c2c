//! The terms: charge (C), spot (S), tags (T), and what is left of the closed lists (H, X).

use fleet::{Charge, PeriodUnit, Protection, Span, Tag, Time};

use super::LaunchAction;
use super::machine::user_data;
use crate::ecs::request::take::{TagSpelling, choice, decimal, flag, ignore, tags};
use crate::ecs::{Code, Fault};
use crate::params::{Params, integer};
use crate::time;

/// How far ahead a release by time has to be.
const RELEASE_AHEAD_MIN: Span = Span::from_secs(30 * 60);
/// How far ahead it may be: three years, one of them a long one.
const RELEASE_AHEAD_MAX: Span = Span::from_days(3 * 365 + 1);
/// What clocks and the cut to whole minutes may differ by.
const RELEASE_TOLERANCE: Span = Span::from_secs(60);

/// What a launch says about its terms.
pub(super) struct Terms {
    pub(super) charge: Charge,
    pub(super) protection: Protection,
    pub(super) tags: Vec<Tag>,
    /// Looked at and not kept: nothing releases by time yet.
    release_at: Option<Time>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Spot {
    No,
    WithPriceLimit,
    AsPriceGo,
}

/// Rules C-01 to C-05, C-07, S-01 to S-06, T-01 to T-05, U-01, U-02, H-04, X-02, X-04, X-06 to
/// X-09, in this order.
pub(super) fn terms(params: &mut Params, action: LaunchAction, now: Time) -> Result<Terms, Fault> {
    let charge = charge(params, action)?;
    let release_at = match action {
        LaunchAction::Run => params.take("AutoReleaseTime", |text| release_at(text, now))?,
        LaunchAction::Create => None,
    };
    let protection = match flag(params, "DeletionProtection")? {
        Some(true) => Protection::On,
        Some(false) | None => Protection::Off,
    };
    spot(params, charge)?;
    let spelling = match action {
        LaunchAction::Run => TagSpelling::Upper,
        LaunchAction::Create => TagSpelling::Either,
    };
    let tags = tags(params, spelling)?;
    user_data(params)?;
    closed_lists(params, action)?;
    Ok(Terms { charge, protection, tags, release_at })
}

impl Terms {
    /// Rules C-06 and C-08.
    pub(super) fn relations(&self, action: LaunchAction) -> Result<(), Fault> {
        match (action, self.charge, self.protection, self.release_at) {
            (LaunchAction::Run, Charge::PrePaid { .. }, Protection::On, _) => {
                Err(Fault::new(Code::INVALID_CHARGE_TYPE_VALUE_NOT_SUPPORTED).about("DeletionProtection"))
            }
            (LaunchAction::Run, Charge::PrePaid { .. }, Protection::Off, Some(_)) => {
                Err(Fault::new(Code::CHARGE_TYPE_VIOLATION).about("AutoReleaseTime"))
            }
            (LaunchAction::Run | LaunchAction::Create, _, _, _) => Ok(()),
        }
    }
}

/// Rules C-01 to C-05. Who pays by use has no period, whatever is said about one.
fn charge(params: &mut Params, action: LaunchAction) -> Result<Charge, Fault> {
    let types = [("PostPaid", false), ("PrePaid", true)];
    let code = Code::INVALID_INSTANCE_CHARGE_TYPE_NOT_FOUND;
    let prepaid = choice(params, "InstanceChargeType", &types, code)?.unwrap_or(false);
    let unit = params.take("PeriodUnit", |text| period_unit(text, action));
    if !prepaid {
        ignore(params, &["Period", "AutoRenew", "AutoRenewPeriod"]);
        unit?;
        return Ok(Charge::PostPaid);
    }

    let period = Fault::new(Code::INVALID_PERIOD).about("Period");
    let count = params.take_text("Period").and_then(|text| integer::<u8>(&text).ok());
    let legal = |count: &u8| match &unit {
        Ok(unit) => periods(unit.unwrap_or(PeriodUnit::Month)).contains(count),
        Err(_) => [PeriodUnit::Week, PeriodUnit::Month].iter().any(|unit| periods(*unit).contains(count)),
    };
    let count = count.filter(legal).ok_or(period)?;
    let unit = unit?.unwrap_or(PeriodUnit::Month);
    renewal(params, action, unit)?;
    Ok(Charge::PrePaid { count, unit })
}

/// Rule C-05. Looked at and not kept: nothing renews by itself yet.
fn renewal(params: &mut Params, action: LaunchAction, unit: PeriodUnit) -> Result<(), Fault> {
    let renews = flag(params, "AutoRenew")?.unwrap_or(false);
    let period = params.take_text("AutoRenewPeriod");
    if !renews {
        return Ok(());
    }
    let legal = match (period, action) {
        (Some(text), _) => integer(&text).is_ok_and(|count| renewal_periods(unit).contains(&count)),
        (None, LaunchAction::Run) => true,
        (None, LaunchAction::Create) => false,
    };
    let fault = Fault::new(Code::INVALID_AUTO_RENEW_PERIOD_VALUE_NOT_SUPPORTED).about("AutoRenewPeriod");
    legal.then_some(()).ok_or(fault)
}

const fn periods(unit: PeriodUnit) -> &'static [u8] {
    match unit {
        PeriodUnit::Week => &[1, 2, 3, 4],
        PeriodUnit::Month => &[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60],
    }
}

const fn renewal_periods(unit: PeriodUnit) -> &'static [u8] {
    match unit {
        PeriodUnit::Week => &[1, 2, 3],
        PeriodUnit::Month => &[1, 2, 3, 6, 12, 24, 36, 48, 60],
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

/// Rules S-01 to S-03, S-05 and S-06; S-07 drops them all. Looked at and not kept: nothing is sold
/// by auction yet.
fn spot(params: &mut Params, charge: Charge) -> Result<(), Fault> {
    if params.take_text("DedicatedHostId").is_some() {
        ignore(params, &["SpotStrategy", "SpotPriceLimit", "SpotInterruptionBehavior", "SpotDuration"]);
        return Ok(());
    }
    let strategies = [
        ("NoSpot", Spot::No),
        ("SpotWithPriceLimit", Spot::WithPriceLimit),
        ("SpotAsPriceGo", Spot::AsPriceGo),
    ];
    let strategy = choice(params, "SpotStrategy", &strategies, Code::INVALID_SPOT_STRATEGY)?;
    let strategy = strategy.unwrap_or(Spot::No);
    if strategy != Spot::No && charge != Charge::PostPaid {
        return Err(Fault::new(Code::INVALID_SPOT_PREPAID).about("SpotStrategy"));
    }
    let limit = params.take_text("SpotPriceLimit");
    if strategy == Spot::WithPriceLimit {
        let price = limit.and_then(|text| decimal(&text, 3)).filter(|price| *price > 0);
        price.ok_or(Fault::new(Code::INVALID_SPOT_PRICE_LIMIT).about("SpotPriceLimit"))?;
    }
    let behaviors = [("Terminate", ()), ("Stop", ())];
    choice(params, "SpotInterruptionBehavior", &behaviors, Code::INVALID_SPOT_INTERRUPTION_BEHAVIOR)?;
    params.take("SpotDuration", |text| match integer(text) {
        Ok(0_u8..=1) => Ok(()),
        Ok(_) | Err(_) => Err(Code::INVALID_SPOT_DURATION),
    })?;
    Ok(())
}

/// Rules H-04, X-02, X-04, X-06 to X-09.
fn closed_lists(params: &mut Params, action: LaunchAction) -> Result<(), Fault> {
    const HOST: [(&str, ()); 2] = [("default", ()), ("host", ())];
    let run = action == LaunchAction::Run;
    if run {
        choice(params, "Tenancy", &HOST, Code::INVALID_PARAM_TENANCY)?;
    }
    let credit = [("Standard", ()), ("Unlimited", ())];
    choice(params, "CreditSpecification", &credit, Code::INVALID_PARAMETER_CREDIT_SPECIFICATION)?;
    let strategies = [("Active", ()), ("Deactive", ())];
    choice(params, "SecurityEnhancementStrategy", &strategies, Code::INVALID_PARAMETER)?;
    if run {
        choice(params, "Affinity", &HOST, Code::INVALID_PARAMETER)?;
        let endpoints = [("enabled", ()), ("disabled", ())];
        choice(params, "HttpEndpoint", &endpoints, Code::INVALID_HTTP_ENDPOINT_NOT_SUPPORTED)?;
        let tokens = [("optional", ()), ("required", ())];
        choice(params, "HttpTokens", &tokens, Code::INVALID_HTTP_TOKENS_NOT_SUPPORTED)?;
        private_pool(params)?;
    }
    Ok(())
}

/// Rules.
fn private_pool(params: &mut Params) -> Result<(), Fault> {
    let criteria = [("Open", false), ("None", false), ("Target", true)];
    let id = params.take_text("PrivatePoolOptions.Id");
    let name = "PrivatePoolOptions.MatchCriteria";
    let target = choice(params, name, &criteria, Code::INVALID_PARAMETER)?.unwrap_or(false);
    match (target, id) {
        (true, None) => {
            Err(Fault::new(Code::MISSING_PARAMETER_PRIVATE_POOL_OPTIONS_ID).about("PrivatePoolOptions.Id"))
        }
        (false, Some(_)) => {
            Err(Fault::new(Code::INVALID_PRIVATE_POOL_OPTIONS_ID).about("PrivatePoolOptions.Id"))
        }
        (true, Some(_)) | (false, None) => Ok(()),
    }
}
