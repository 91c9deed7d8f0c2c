//! Times as text, in both forms, and points in time as numbers. What is a time has one spelling in
//! its form; times are in the order of their texts; a minute is the floor of its seconds.
#![no_main]

use arbitrary::Arbitrary;
use fleet::{Span, Time};
use libfuzzer_sys::fuzz_target;
use wire::time;

/// The first second after the calendar, which ends with the year 9999.
const CALENDAR_END: u64 = 253_402_300_800;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// Two texts, times or not.
    Texts(&'a str, &'a str),
    /// A text in the form, field by field, each perhaps out of its range.
    Fields { year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8 },
    /// Two points in time, in milliseconds.
    Points(u64, u64),
    /// A second of the calendar, and how far from it another one is, in milliseconds.
    Near(u64, u16),
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Texts(one, other) => texts(one, other),
    Input::Fields { year, month, day, hour, minute, second } => {
        // One beyond each range, and no further: what is not there is to be rare.
        let (year, month, day) = (year % 10_001, month % 14, day % 33);
        let (hour, minute, second) = (hour % 25, minute % 61, second % 61);
        let minutes = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}");
        let (exact, floor) = (format!("{minutes}:{second:02}Z"), format!("{minutes}Z"));
        texts(&exact, &floor);
        // A time of day that is there to the second is there to the minute.
        if let Ok(exact) = time::parse_seconds(&exact) {
            assert_eq!(time::parse_minutes(&floor), Ok(minute_of(exact)));
        }
    }
    Input::Points(one, other) => points(Time::from_millis(one), Time::from_millis(other)),
    Input::Near(second, further) => {
        let one = Time::from_secs(second % CALENDAR_END);
        points(one, one.after(Span::from_millis(further.into())));
    }
});

fn minute_of(time: Time) -> Time {
    Time::from_secs(time.secs() - time.secs() % 60)
}

fn texts(one: &str, other: &str) {
    let times = [one, other].map(|text| {
        let (seconds, minutes) = (time::parse_seconds(text).ok(), time::parse_minutes(text).ok());
        assert!(seconds.is_none() || minutes.is_none(), "{text} is of one form");
        assert_eq!(time::parse(text).ok(), seconds.or(minutes), "either form is one of the two");
        if let Some(seconds) = seconds {
            assert_eq!(time::seconds(seconds), text, "a time has one spelling");
        }
        if let Some(minutes) = minutes {
            assert_eq!(time::minutes(minutes), text, "a time has one spelling");
            assert_eq!(minute_of(minutes), minutes, "it is at a whole minute");
        }
        (seconds, minutes)
    });
    let [(one_second, one_minute), (other_second, other_minute)] = times;
    for (first, second) in [(one_second, other_second), (one_minute, other_minute)] {
        if let (Some(first), Some(second)) = (first, second) {
            assert_eq!(first.cmp(&second), one.cmp(other), "times are in the order of their texts");
        }
    }
}

fn points(one: Time, other: Time) {
    for point in [one, other] {
        let (seconds, minutes) = (time::seconds(point), time::minutes(point));
        assert_eq!((seconds.len(), minutes.len()), (time::SECONDS.len(), time::MINUTES.len()));
        assert_eq!(seconds[..16], minutes[..16], "both say the same minute");
        let (second, minute) = (time::parse(&seconds), time::parse(&minutes));
        if point.secs() < CALENDAR_END {
            assert_eq!(second, Ok(Time::from_secs(point.secs())), "what is finer is cut off");
            assert_eq!(minute, Ok(minute_of(point)));
        } else {
            assert_eq!(second, Ok(Time::from_secs(CALENDAR_END - 1)), "it is the calendar's last");
        }
    }
    let (earlier, later) = (one.min(other), one.max(other));
    assert!(time::seconds(earlier) <= time::seconds(later), "texts are in the order of their times");
    assert!(time::minutes(earlier) <= time::minutes(later));
    assert_eq!(earlier.after(later.since(earlier)), later, "a span leads from one to the other");
    assert_eq!(earlier.since(later), if earlier == later { later.since(earlier) } else { Span::ZERO });
}
