//! The watchdog of a server: ends the process when a commit hangs.
//!
//! sled runs in our process, and a disk can stand still. Whoever waits in the kernel, or for a lock that is never let
//! go, cannot be told to stop. A process that ends can be started again: what it acknowledged is in the journal, and
//! the next opening goes on from there. Whoever supervises the process has to start it again.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hatchery::Hatchery;

/// How often it looks, at most.
const LOOK: Duration = Duration::from_secs(1);

/// A running watchdog.
pub(crate) struct Watchdog {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Watchdog {
    /// Watches `hatchery`, and ends the process once one group of commits has taken as long as `limit`; never
    /// when that is nought.
    pub(crate) fn start(hatchery: Arc<Hatchery>, limit: Duration) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let watch = move || {
            if limit.is_zero() {
                return;
            }
            let pause = LOOK.min(limit.div_f32(4.0));
            let mut watch = Watch { limit, under_way: None };
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                if watch.is_stuck(hatchery.group_under_way(), Instant::now()) {
                    end(limit);
                }
            }
        };
        let thread = std::thread::Builder::new().name("watchdog".into()).spawn(watch)?;
        Ok(Self { stop, thread })
    }

    /// Stops it, and waits until it has.
    pub(crate) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the watchdog panicked");
        }
    }
}

fn end(limit: Duration) -> ! {
    tracing::error!("a commit has been under way for {} seconds: ending the process", limit.as_secs());
    // Nothing that could wait for what hangs: no destructors, no flush.
    std::process::abort()
}

/// What has been under way, and since when.
struct Watch {
    limit: Duration,
    under_way: Option<(u64, Instant)>,
}

impl Watch {
    /// Whether the group that is under way was so when it was looked the first time, and that is too long ago.
    fn is_stuck(&mut self, group: Option<u64>, now: Instant) -> bool {
        let since = match (group, self.under_way) {
            (Some(number), Some((seen, since))) if number == seen => since,
            (Some(_) | None, _) => now,
        };
        self.under_way = group.map(|number| (number, since));
        group.is_some() && now.saturating_duration_since(since) >= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_stuck_when_it_stays_the_same_for_too_long() {
        let begin = Instant::now();
        let mut watch = Watch { limit: Duration::from_secs(10), under_way: None };
        let rows = [
            (0, Some(1), false, "it begins"),
            (9, Some(1), false, "it takes its time"),
            (11, Some(2), false, "another has begun"),
            (20, Some(2), false, "that one has not had ten seconds"),
            (21, Some(2), true, "now it has"),
            (22, None, false, "nothing is under way"),
            (40, Some(3), false, "it was not seen before"),
            (50, Some(3), true, "and is stuck"),
        ];
        for (second, group, stuck, why) in rows {
            let now = begin + Duration::from_secs(second);
            assert_eq!(watch.is_stuck(group, now), stuck, "at second {second}: {why}");
        }
    }
}
