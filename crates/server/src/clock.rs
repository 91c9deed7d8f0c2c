//! The two clocks of a server: the wall clock that signatures are checked against, and the store's
//! clock, which a sandbox can advance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use fleet::{Span, Time};

/// The clocks of a server.
#[derive(Debug, Default)]
pub struct Clock {
    ahead_millis: AtomicU64,
    /// Where the wall clock stands still, if it does.
    stopped_at: Option<Time>,
}

impl Clock {
    /// A store's clock that shows the wall clock's time, or `last` if that is later: a store whose
    /// clock was advanced does not stand still when it is opened again.
    #[must_use]
    pub fn resuming_at(last: Time) -> Self {
        Self { ahead_millis: AtomicU64::new(last.since(wall()).millis()), stopped_at: None }
    }

    /// Clocks that stand still at `time`, but for being advanced: for tests in which it is the same
    /// time whenever they run.
    #[must_use]
    pub const fn stopped_at(time: Time) -> Self {
        Self { ahead_millis: AtomicU64::new(0), stopped_at: Some(time) }
    }

    /// The wall clock. Nothing moves it.
    #[must_use]
    pub fn wall(&self) -> Time {
        self.stopped_at.unwrap_or_else(wall)
    }

    /// The store's clock.
    #[must_use]
    pub fn store(&self) -> Time {
        self.wall().after(Span::from_millis(self.ahead_millis.load(Ordering::Relaxed)))
    }

    /// Advances the store's clock. What it shows now.
    pub fn advance(&self, span: Span) -> Time {
        let _ = self.ahead_millis.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| {
            Some(ahead.saturating_add(span.millis()))
        });
        self.store()
    }
}

fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_moves_the_stores_clock_alone() {
        let clock = Clock::default();
        let before = clock.wall();
        let advanced = clock.advance(Span::from_days(1));
        assert!(advanced >= before.after(Span::from_days(1)));
        assert!(clock.wall() < before.after(Span::from_hours(1)));
    }

    #[test]
    fn a_clock_that_stands_still_moves_only_when_it_is_advanced() {
        let noon = Time::from_secs(12 * 60 * 60);
        let clock = Clock::stopped_at(noon);
        assert_eq!((clock.wall(), clock.store()), (noon, noon));
        clock.advance(Span::from_hours(1));
        assert_eq!((clock.wall(), clock.store()), (noon, noon.after(Span::from_hours(1))));
    }

    #[test]
    fn a_store_that_was_ahead_goes_on_from_there() {
        let last = wall().after(Span::from_days(7));
        assert!(Clock::resuming_at(last).store() >= last);
        assert!(Clock::resuming_at(Time::START).store() < last);
    }
}
