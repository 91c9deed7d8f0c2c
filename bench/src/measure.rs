//! What a turn measures, and what the rounds of it come to.

use std::fmt;
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// Anything that ends a measurement early; it is told to whoever runs it.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One acknowledged call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ack {
    /// When it was acknowledged, from the start of the turn.
    pub(crate) at: Duration,
    /// How long its caller waited.
    pub(crate) waited: Duration,
    /// What tells calls of a turn apart, in the order they were committed in.
    pub(crate) mark: u64,
}

/// One turn: what was acknowledged in how long, and in what groups.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) commits: u64,
    pub(crate) took: Duration,
    /// How long callers waited, in nanoseconds.
    pub(crate) waited: Histogram<u64>,
    /// What shared a sync; `None` where there is none.
    pub(crate) groups: Option<Groups>,
}

/// The groups of a turn: what was made durable together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups {
    /// How many calls a group had, on average.
    pub(crate) size: f64,
    /// The median of the time from one group's end to the next one's.
    pub(crate) cycle: Duration,
}

impl Turn {
    pub(crate) fn new(acks: &[Ack], took: Duration) -> Result<Self, Failure> {
        let mut waited = Histogram::new(3)?;
        for ack in acks {
            waited.record(ack.waited.as_nanos() as u64)?;
        }
        Ok(Self { commits: acks.len() as u64, took, waited, groups: None })
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.commits as f64 / self.took.as_secs_f64()
    }

    /// How long callers waited, in microseconds: half of them no longer than the median.
    pub(crate) fn median_micros(&self) -> f64 {
        self.waited.value_at_quantile(0.5) as f64 / 1000.0
    }

    /// All but one in a hundred waited no longer, in microseconds.
    pub(crate) fn p99_micros(&self) -> f64 {
        self.waited.value_at_quantile(0.99) as f64 / 1000.0
    }
}

impl Groups {
    /// From the times at which groups ended, and how many calls there were in all.
    pub(crate) fn of(ends: &[Duration], commits: u64) -> Option<Self> {
        let mut gaps: Vec<Duration> = ends.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        gaps.sort();
        let cycle = *gaps.get(gaps.len() / 2)?;
        Some(Self { size: commits as f64 / ends.len() as f64, cycle })
    }
}

/// Lets `callers` threads call for as long as `took`, each one call after the other. A call is given its
/// caller and which of the caller's calls it is, and says its mark.
pub(crate) fn drive<C>(callers: usize, took: Duration, call: C) -> Result<(Vec<Ack>, Duration), Failure>
where
    C: Fn(usize, u64) -> Result<u64, Failure> + Sync,
{
    let all = Mutex::new(Ok(Vec::new()));
    let begin = Barrier::new(callers);
    let start = Mutex::new(None);
    let ends = Mutex::new(Duration::ZERO);
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (all, begin, start, ends, call) = (&all, &begin, &start, &ends, &call);
            scope.spawn(move || {
                begin.wait();
                let start = *start.lock().expect("no caller panics").get_or_insert_with(Instant::now);
                let acks = calls(start, took, |count| call(caller, count));
                let mut end = ends.lock().expect("no caller panics");
                *end = start.elapsed().max(*end);
                let mut all = all.lock().expect("no caller panics");
                match (&mut *all, acks) {
                    (Ok(all), Ok(acks)) => all.extend(acks),
                    (Ok(_), Err(failure)) => *all = Err(failure),
                    (Err(_), _) => {}
                }
            });
        }
    });
    let acks = all.into_inner().expect("no caller panics")?;
    Ok((acks, ends.into_inner().expect("no caller panics")))
}

fn calls(
    start: Instant,
    took: Duration,
    call: impl Fn(u64) -> Result<u64, Failure>,
) -> Result<Vec<Ack>, Failure> {
    let mut acks = Vec::new();
    let mut began = start.elapsed();
    while began < took {
        let mark = call(acks.len() as u64)?;
        let at = start.elapsed();
        acks.push(Ack { at, waited: at - began, mark });
        began = at;
    }
    Ok(acks)
}

/// A series of rounds: the median, and what it lies between.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spread {
    pub(crate) lowest: f64,
    pub(crate) median: f64,
    pub(crate) highest: f64,
}

impl Spread {
    pub(crate) fn of(series: impl IntoIterator<Item = f64>) -> Self {
        let mut series: Vec<f64> = series.into_iter().collect();
        series.sort_by(f64::total_cmp);
        let at = |index: usize| series.get(index).copied().unwrap_or(f64::NAN);
        Self { lowest: at(0), median: at(series.len() / 2), highest: at(series.len().saturating_sub(1)) }
    }

    /// The median, and what the middle 90 % lie between.
    pub(crate) fn middle(mut series: Vec<f64>) -> Self {
        series.sort_by(f64::total_cmp);
        let last = series.len().saturating_sub(1);
        let at = |percent: usize| series.get(last * percent / 100).copied().unwrap_or(f64::NAN);
        Self { lowest: at(5), median: at(50), highest: at(95) }
    }

    /// The median alone, with three digits that count.
    pub(crate) fn short(&self) -> String {
        short(self.median)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} ({} to {})", short(self.median), short(self.lowest), short(self.highest)))
    }
}

/// A figure with three digits that count, and thousands set apart.
pub(crate) fn short(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".into(),
        value if value.abs() < 0.995 => format!("{value:.3}"),
        value if value.abs() < 9.95 => format!("{value:.2}"),
        value if value.abs() < 99.5 => format!("{value:.1}"),
        value => thousands(value),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
