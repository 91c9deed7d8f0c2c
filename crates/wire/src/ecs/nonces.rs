//! Which nonces each key has used: what makes a signed request count once. Reads no clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use fleet::{Span, Time};
use sha2::{Digest as _, Sha256};

use super::authenticate::WINDOW;

/// One use of a nonce, by a request whose signature is right.
#[derive(Clone, Copy, Debug)]
pub struct NonceUse<'a> {
    /// The key that signed.
    pub key_id: &'a str,
    /// What it called unique.
    pub nonce: &'a str,
    /// What it said the time is.
    pub timestamp: Time,
    /// What the time is.
    pub now: Time,
}

/// Why a nonce does not make a request unique.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NonceRefusal {
    /// The key has used it.
    Used,
    /// The key may have used it: the request is from a time whose nonces are forgotten.
    Forgotten,
    /// There is no room to remember it.
    Full,
}

/// Remembers nonces. Looking and remembering are one step, so that of two equal requests at the
/// same time one is refused.
pub trait NonceMemory {
    /// Remembers a nonce that was never used before.
    ///
    /// # Errors
    /// When it was used, may have been, or cannot be remembered. Nothing is remembered then.
    fn remember(&self, nonce: &NonceUse<'_>) -> Result<(), NonceRefusal>;
}

/// Nonces in memory: bounded per key, and never forgotten before their time.
///
/// ```text
///  timestamp of a request:      now-15min ......... now ......... now+15min
///  a nonce is kept                                   |------------------------------> now+30min
/// ```
#[derive(Debug)]
pub struct Nonces {
    room: usize,
    horizon: Option<Time>,
    keys: BTreeMap<String, Remembered>,
}

/// Enough to tell nonces apart, and of one length whatever the client sends.
type Digest = [u8; 16];

#[derive(Debug, Default)]
struct Remembered {
    /// The latest timestamp whose nonce is forgotten. While the clock runs forward the window has
    /// closed over it; a clock that was set back would open it again.
    horizon: Option<Time>,
    used: BTreeSet<Digest>,
    queue: VecDeque<Kept>,
}

#[derive(Debug)]
struct Kept {
    until: Time,
    timestamp: Time,
    digest: Digest,
}

impl Nonces {
    /// How many nonces of one key are remembered, unless the caller says something else.
    pub const ROOM: usize = 1_000_000;
    /// How long a nonce is remembered.
    pub const KEPT: Span = Span::from_millis(WINDOW.millis().saturating_mul(2));

    /// Nothing is remembered yet, and `room` nonces of each key can be.
    #[must_use]
    pub const fn new(room: usize) -> Self {
        Self { room, horizon: None, keys: BTreeMap::new() }
    }

    /// The same for a server that was there before and has forgotten: requests that are not from
    /// after `horizon` are refused.
    #[must_use]
    pub const fn after_restart(room: usize, horizon: Time) -> Self {
        Self { room, horizon: Some(horizon), keys: BTreeMap::new() }
    }

    /// Remembers a nonce that was never used before.
    ///
    /// # Errors
    /// When it was used, may have been, or cannot be remembered. Nothing is remembered then.
    pub fn remember(&mut self, nonce: &NonceUse<'_>) -> Result<(), NonceRefusal> {
        let key = self.keys.entry(nonce.key_id.to_owned()).or_default();
        key.forget(nonce.now);
        let digest = digest(nonce.nonce);
        if key.used.contains(&digest) {
            return Err(NonceRefusal::Used);
        }
        if Some(nonce.timestamp) <= key.horizon.max(self.horizon) {
            return Err(NonceRefusal::Forgotten);
        }
        if key.used.len() >= self.room {
            return Err(NonceRefusal::Full);
        }
        key.used.insert(digest);
        key.queue.push_back(Kept { until: nonce.now.after(Self::KEPT), timestamp: nonce.timestamp, digest });
        Ok(())
    }

    /// Forgets what no longer matters, for keys that have fallen silent.
    pub fn forget(&mut self, now: Time) {
        for key in self.keys.values_mut() {
            key.forget(now);
        }
    }

    /// How many nonces are remembered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.keys.values().map(|key| key.used.len()).sum()
    }
}

impl Default for Nonces {
    fn default() -> Self {
        Self::new(Self::ROOM)
    }
}

impl NonceMemory for Mutex<Nonces> {
    fn remember(&self, nonce: &NonceUse<'_>) -> Result<(), NonceRefusal> {
        self.lock().unwrap_or_else(PoisonError::into_inner).remember(nonce)
    }
}

impl Remembered {
    fn forget(&mut self, now: Time) {
        while let Some(kept) = self.queue.pop_front_if(|kept| kept.until < now) {
            self.used.remove(&kept.digest);
            self.horizon = self.horizon.max(Some(kept.timestamp));
        }
    }
}

fn digest(nonce: &str) -> Digest {
    let mut digest = Digest::default();
    for (to, from) in digest.iter_mut().zip(Sha256::digest(nonce)) {
        *to = from;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use NonceRefusal::{Forgotten, Full, Used};

    /// Key, nonce, timestamp and now in minutes, and what comes of it.
    type Row = (&'static str, &'static str, u64, u64, Result<(), NonceRefusal>);

    fn check(nonces: &mut Nonces, rows: &[Row]) {
        for (place, (key_id, nonce, timestamp, now, expected)) in rows.iter().enumerate() {
            let [timestamp, now] =
                [timestamp, now].map(|minutes| Time::from_secs(minutes.saturating_mul(60)));
            let found = nonces.remember(&NonceUse { key_id, nonce, timestamp, now });
            assert_eq!(found, *expected, "row {place}");
        }
    }

    #[test]
    fn a_nonce_counts_once_per_key_while_it_is_kept() {
        let mut nonces = Nonces::default();
        check(
            &mut nonces,
            &[
                ("a", "1", 100, 100, Ok(())),
                ("a", "1", 100, 100, Err(Used)),
                ("b", "1", 100, 100, Ok(())),
                ("a", "2", 100, 100, Ok(())),
                ("a", "1", 115, 115, Err(Used)),
                ("a", "1", 130, 130, Err(Used)),
                ("a", "1", 131, 131, Ok(())),
                ("a", "3", 116, 131, Ok(())),
            ],
        );
        assert_eq!(nonces.count(), 3);
        nonces.forget(Time::from_secs(200 * 60));
        assert_eq!(nonces.count(), 0);
    }

    #[test]
    fn a_key_without_room_is_refused_and_nothing_is_evicted() {
        check(
            &mut Nonces::new(2),
            &[
                ("a", "1", 100, 100, Ok(())),
                ("a", "2", 101, 101, Ok(())),
                ("a", "3", 101, 101, Err(Full)),
                ("a", "1", 101, 101, Err(Used)),
                ("b", "3", 101, 101, Ok(())),
                ("a", "3", 131, 131, Ok(())),
                ("a", "2", 131, 131, Err(Used)),
            ],
        );
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_open_the_past() {
        check(
            &mut Nonces::default(),
            &[
                ("a", "1", 100, 100, Ok(())),
                ("a", "2", 500, 500, Ok(())),
                ("a", "1", 100, 101, Err(Forgotten)),
                ("a", "3", 101, 101, Ok(())),
                ("b", "1", 100, 101, Ok(())),
            ],
        );
    }

    #[test]
    fn a_restart_closes_what_it_forgot() {
        let mut nonces = Nonces::after_restart(9, Time::from_secs(100 * 60));
        check(&mut nonces, &[("a", "1", 100, 101, Err(Forgotten)), ("a", "1", 101, 101, Ok(()))]);
    }
}
