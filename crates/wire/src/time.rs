//! The two spellings of a point in time that the API uses, both in UTC: `yyyy-MM-ddTHH:mm:ssZ` and
//! `yyyy-MM-ddTHH:mmZ`. Reads no clock.

use fleet::Time;
use jiff::SignedDuration;
use jiff::civil::DateTime;

/// Why a text is no point in time.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TimeError {
    /// The text does not have the form asked for.
    #[error("a time is written {expected}")]
    Form {
        /// The form asked for.
        expected: &'static str,
    },
    /// There is no such day or no such moment of the day.
    #[error("there is no such time")]
    NoSuchTime,
    /// It is before 1970.
    #[error("the time is before 1970")]
    TooEarly,
}

/// The form with seconds: instances' requests, events, disks, images, networks.
pub const SECONDS: &str = "yyyy-MM-ddTHH:mm:ssZ";
/// The form without seconds: what instances answer, and filters.
pub const MINUTES: &str = "yyyy-MM-ddTHH:mmZ";

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The time written in `text` as [`SECONDS`].
///
/// # Errors
/// When the form is another, there is no such time, or it is before 1970.
pub fn parse_seconds(text: &str) -> Result<Time, TimeError> {
    moment(&Fields::read(text, SECONDS)?)
}

/// The time written in `text` as [`MINUTES`].
///
/// # Errors
/// When the form is another, there is no such time, or it is before 1970.
pub fn parse_minutes(text: &str) -> Result<Time, TimeError> {
    moment(&Fields::read(text, MINUTES)?)
}

/// The time written in `text` in either form.
///
/// # Errors
/// When the form is another, there is no such time, or it is before 1970.
pub fn parse(text: &str) -> Result<Time, TimeError> {
    if text.len() == MINUTES.len() { parse_minutes(text) } else { parse_seconds(text) }
}

/// `time` as [`SECONDS`]; what is finer is cut off.
#[must_use]
pub fn seconds(time: Time) -> String {
    let time = civil(time);
    let (year, month, day) = (time.year(), time.month(), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `time` as [`MINUTES`]; what is finer is cut off.
#[must_use]
pub fn minutes(time: Time) -> String {
    let time = civil(time);
    let (year, month, day) = (time.year(), time.month(), time.day());
    let (hour, minute) = (time.hour(), time.minute());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}Z")
}

/// The numbers of a written time.
#[derive(Default)]
struct Fields {
    year: i16,
    month: i16,
    day: i16,
    hour: i16,
    minute: i16,
    second: i16,
}

impl Fields {
    /// Walks text and form side by side: where the form has the letter of a field there is a digit.
    fn read(text: &str, form: &'static str) -> Result<Self, TimeError> {
        let wrong = TimeError::Form { expected: form };
        if text.len() != form.len() {
            return Err(wrong);
        }
        let mut fields = Self::default();
        for (found, place) in text.chars().zip(form.chars()) {
            let field = match place {
                'y' => &mut fields.year,
                'M' => &mut fields.month,
                'd' => &mut fields.day,
                'H' => &mut fields.hour,
                'm' => &mut fields.minute,
                's' => &mut fields.second,
                fixed if fixed == found => continue,
                _ => return Err(wrong),
            };
            let digit = found.to_digit(10).and_then(|digit| i16::try_from(digit).ok()).ok_or(wrong)?;
            *field = field.saturating_mul(10).saturating_add(digit);
        }
        Ok(fields)
    }

    fn civil(&self) -> Option<DateTime> {
        let month = i8::try_from(self.month).ok()?;
        let day = i8::try_from(self.day).ok()?;
        let hour = i8::try_from(self.hour).ok()?;
        let minute = i8::try_from(self.minute).ok()?;
        let second = i8::try_from(self.second).ok()?;
        DateTime::new(self.year, month, day, hour, minute, second, 0).ok()
    }
}

fn moment(fields: &Fields) -> Result<Time, TimeError> {
    let civil = fields.civil().ok_or(TimeError::NoSuchTime)?;
    let seconds = civil.duration_since(EPOCH).as_secs();
    u64::try_from(seconds).map(Time::from_secs).map_err(|_| TimeError::TooEarly)
}

/// The calendar's view of `time`; times after the calendar's end are its end.
fn civil(time: Time) -> DateTime {
    let since = i64::try_from(time.secs()).unwrap_or(i64::MAX);
    EPOCH.checked_add(SignedDuration::from_secs(since)).unwrap_or(DateTime::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_written() {
        for (text, second) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2016-02-29T12:46:24Z", 1_456_749_984),
            ("2026-01-02T03:04:05Z", 1_767_323_045),
            ("2099-12-31T15:59:00Z", 4_102_415_940),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(parse_seconds(text), Ok(Time::from_secs(second)), "{text}");
            assert_eq!(parse(text), Ok(Time::from_secs(second)), "{text}");
            assert_eq!(seconds(Time::from_secs(second)), text);
        }
        for (text, second) in [("1970-01-01T00:00Z", 0), ("2099-12-31T15:59Z", 4_102_415_940)] {
            assert_eq!(parse_minutes(text), Ok(Time::from_secs(second)), "{text}");
            assert_eq!(parse(text), Ok(Time::from_secs(second)), "{text}");
            assert_eq!(minutes(Time::from_millis(second * 1000 + 59_999)), text);
        }
    }

    #[test]
    fn a_time_after_the_calendar_is_its_last() {
        assert_eq!(seconds(Time::from_millis(u64::MAX)), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let form = TimeError::Form { expected: SECONDS };
        for (text, expected) in [
            ("", form),
            ("2026-01-02T03:04Z", form),
            ("2026-01-02 03:04:05Z", form),
            ("2026-01-02t03:04:05z", form),
            ("2026-01-02T03:04:05+", form),
            ("2026-01-02T03:04:05.0Z", form),
            ("+026-01-02T03:04:05Z", form),
            ("2026-1-02T03:04:050Z", form),
            ("２26-01-02T03:04:05Z", form),
            ("2026-13-02T03:04:05Z", TimeError::NoSuchTime),
            ("2026-00-02T03:04:05Z", TimeError::NoSuchTime),
            ("2026-02-29T03:04:05Z", TimeError::NoSuchTime),
            ("2026-01-02T24:00:00Z", TimeError::NoSuchTime),
            ("2026-01-02T23:60:00Z", TimeError::NoSuchTime),
            ("2026-01-02T23:59:60Z", TimeError::NoSuchTime),
            ("1969-12-31T23:59:59Z", TimeError::TooEarly),
            ("0000-01-01T00:00:00Z", TimeError::TooEarly),
        ] {
            assert_eq!(parse_seconds(text), Err(expected), "{text}");
        }
        assert_eq!(parse("x"), Err(form));
    }
}
