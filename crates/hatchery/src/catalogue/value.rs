//! Values that are more than a TOML type: prices, points in time, networks.

use fleet::{Rate, SubnetBlock, Time};
use ipnet::{Ipv4Net, Ipv6Net};
use toml::de::DeValue;
use toml::value::{Datetime, Offset};

use super::problem::CatalogueMistake;
use super::read::{text, wrong_type};

/// A price for an hour: decimal text, since a price is never a float.
pub(super) fn rate(value: &DeValue<'_>) -> Result<Rate, CatalogueMistake> {
    let Some(found) = value.as_str() else {
        return Err(wrong_type("a price as a string, like \"0.25\",", value));
    };
    rate_of(found).ok_or_else(|| CatalogueMistake::Price { found: found.into() })
}

fn rate_of(text: &str) -> Option<Rate> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 3 {
        return None;
    }
    let thousandths: u64 = format!("{part:0<3}").parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(thousandths).map(Rate)
}

/// A point in time, with an offset from UTC.
pub(super) fn time(value: &DeValue<'_>) -> Result<Time, CatalogueMistake> {
    let DeValue::Datetime(found) = value else {
        return Err(wrong_type("a date and time without quotes", value));
    };
    time_of(found).ok_or_else(|| CatalogueMistake::Time { found: found.to_string() })
}

fn time_of(found: &Datetime) -> Option<Time> {
    let (date, time) = (found.date?, found.time?);
    let offset = match found.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes).checked_mul(60)?,
    };
    let of_day = (u32::from(time.hour), u32::from(time.minute), u32::from(time.second.unwrap_or(0)));
    let of_day = of_day.0.checked_mul(3600)?.checked_add(of_day.1.checked_mul(60)?)?.checked_add(of_day.2)?;
    let days = days_before(date.year, date.month)?.checked_add(u64::from(date.day).checked_sub(1)?)?;
    let local = days.checked_mul(86_400)?.checked_add(u64::from(of_day))?;
    let seconds = local.checked_add_signed(offset.checked_neg()?)?;
    let millis = u64::from(time.nanosecond.unwrap_or(0) / 1_000_000);
    Some(Time::from_millis(seconds.checked_mul(1000)?.checked_add(millis)?))
}

/// How many days from 1970 to the first of a month.
fn days_before(year: u16, month: u8) -> Option<u64> {
    const BEFORE_MONTH: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let year = u64::from(year);
    let passed = year.checked_sub(1970)?;
    let in_year = BEFORE_MONTH.get(usize::from(month.checked_sub(1)?))?;
    // A leap day is over from March of a leap year on.
    let last = if month > 2 { year } else { year.saturating_sub(1) };
    let leap_days = |year: u64| (year / 4).saturating_sub(year / 100).saturating_add(year / 400);
    passed.checked_mul(365)?.checked_add(leap_days(last).checked_sub(leap_days(1969))?)?.checked_add(*in_year)
}

/// The block of a network.
pub(super) fn network(value: &DeValue<'_>) -> Result<Ipv4Net, CatalogueMistake> {
    let found = text(value)?;
    found.parse().map_err(|_| CatalogueMistake::Network { found })
}

/// The block of a subnet.
pub(super) fn block(value: &DeValue<'_>) -> Result<SubnetBlock, CatalogueMistake> {
    let found = text(value)?;
    found.parse().ok().and_then(SubnetBlock::new).ok_or(CatalogueMistake::Block { found })
}

/// The IPv6 block of a network or a subnet. Which masks they may have, the core says.
pub(super) fn ipv6(value: &DeValue<'_>) -> Result<Ipv6Net, CatalogueMistake> {
    let found = text(value)?;
    found.parse().map_err(|_| CatalogueMistake::Ipv6 { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_at_most_three_decimals() {
        for (text, expected) in [
            ("0.2", Some(200)),
            ("0.097", Some(97)),
            ("12", Some(12_000)),
            ("007.50", Some(7_500)),
            ("0.0005", None),
            ("-1", None),
            ("+1", None),
            (".5", None),
            ("1.", None),
            ("1e3", None),
            ("", None),
            ("18446744073709551", Some(18_446_744_073_709_551_000)),
            ("18446744073709552", None),
        ] {
            assert_eq!(rate_of(text), expected.map(Rate), "{text:?}");
        }
    }

    #[test]
    fn points_in_time_are_counted_from_1970() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T08:00:00+08:00", Some(0)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
            ("2000-03-01T00:00:00Z", Some(951_868_800_000)),
            ("2026-01-02T03:04:05.678Z", Some(1_767_323_045_678)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400_000)),
            ("1970-01-01T00:00:00+00:01", None),
            ("1969-12-31T23:59:59Z", None),
            ("2026-01-02T03:04:05", None),
            ("2026-01-02", None),
            ("03:04:05", None),
        ] {
            let found = text.parse().unwrap();
            assert_eq!(time_of(&found), expected.map(Time::from_millis), "{text}");
        }
    }
}
