//! Webhooks: every commit is posted to an address, in order, until it is taken.
//!
//! At least once: what was taken is kept in a file beside the store, so that a server that starts again
//! goes on where it was. What was taken just before may come again, with the same revision and the same
//! body. Nothing waits for a webhook: commits do not know of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderName;
use fleet::Revision;
use hatchery::{FeedError, Hatchery};

pub use super::cursor::CursorError;
use super::cursor::{self, Cursor};
use super::post::{Address, Poster};
pub use super::post::{AddressError, signature};
use super::{PAGE, json as told};
use crate::Clock;

/// What a message is signed with: [`signature`].
pub const SIGNATURE: &str = "x-hatchery-signature";
/// When it was sent, in seconds since 1970: part of what is signed, so that an old message can be told.
pub const TIMESTAMP: &str = "x-hatchery-timestamp";
/// The id of the message: the revision it tells of. The same when it comes again.
pub const REVISION: &str = "x-hatchery-revision";

/// How much is delivered before that is kept for good, when there is more.
const KEEP_EVERY: u64 = 64;
/// How much is delivered before the store is told that it need not keep that for this reader.
const HOLD_EVERY: u64 = 1024;

/// How patient a webhook is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Schedule {
    /// How long to wait before a message is sent again; twice as long every time it is not taken.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// How long connecting, sending and the answer may take together.
    pub answer: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(300),
            answer: Duration::from_secs(10),
        }
    }
}

impl Schedule {
    /// How long to wait after a message was not taken so many times in a row.
    #[must_use]
    pub fn pause(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.longest)
    }
}

/// Why there is no webhook.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Its address cannot be posted to.
    #[error("an address of a webhook cannot be used")]
    Address(#[from] AddressError),
    /// How far it has come cannot be read or kept.
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

/// Posts every commit to an address.
pub struct Webhook {
    hatchery: Arc<Hatchery>,
    cursor: Cursor,
    key: [u8; 32],
    schedule: Schedule,
    poster: Poster,
    name: String,
    /// Host and port, for the log.
    authority: String,
    /// The last commit that was delivered, kept for good or not.
    read: Revision,
    held: Revision,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { authority, read, .. } = self;
        f.debug_struct("Webhook").field("authority", authority).field("read", read).finish_non_exhaustive()
    }
}

impl Webhook {
    /// A webhook to `url` that keeps how far it has come in `folder`, and signs with `key`. One that is
    /// new delivers what happens from now on.
    ///
    /// # Errors
    /// When the address is not plain HTTP, or the file of how far it has come is damaged or cannot be made.
    pub fn open(
        hatchery: Arc<Hatchery>,
        url: &str,
        (folder, key): (&Path, [u8; 32]),
        schedule: Schedule,
    ) -> Result<Self, WebhookError> {
        let address = Address::parse(url)?;
        let cursor = Cursor::open(folder, url, hatchery.last().0)?;
        let (authority, read) = (address.authority.clone(), cursor.read());
        let (poster, name) = (Poster::new(address, schedule.answer), cursor::name(url));
        let webhook = Self { hatchery, cursor, key, schedule, poster, name, authority, read, held: read };
        webhook.hold();
        Ok(webhook)
    }

    /// Delivers until `stop` resolves. Reads and syncs files between messages: give it a thread of its own.
    ///
    /// # Errors
    /// When how far it has come cannot be kept, or the feed cannot be read.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), WebhookFailure> {
        let delivered = tokio::select! {
            failed = self.deliver() => failed,
            () = stop => Ok(()),
        };
        self.cursor.keep(self.read)?;
        delivered
    }

    async fn deliver(&mut self) -> Result<(), WebhookFailure> {
        loop {
            match self.hatchery.changes(self.read, PAGE) {
                Ok(page) if page.is_empty() => {
                    self.cursor.keep(self.read)?;
                    Arc::clone(&self.hatchery).beyond(self.read).await;
                }
                Ok(page) => {
                    for change in page {
                        self.send(change.revision, told::change(&change)).await;
                        self.delivered(change.revision)?;
                    }
                }
                Err(FeedError::HistoryGone { oldest }) => {
                    let before = Revision::new(oldest.number().saturating_sub(1));
                    self.skip(before, oldest).await?;
                }
                // The store is another than the cursor is of: it was restored from a backup.
                Err(FeedError::Future { last, .. }) => {
                    self.skip(last, last.next().unwrap_or(last)).await?;
                }
                Err(FeedError::Store(error)) => return Err(WebhookFailure::Feed(error)),
            }
        }
    }

    /// Says that what lies before `oldest` cannot be delivered, and goes on after `to`.
    async fn skip(&mut self, to: Revision, oldest: Revision) -> Result<(), WebhookFailure> {
        tracing::warn!(webhook = %self.authority, after = %self.read, %oldest, "history is gone undelivered");
        let gap = serde_json::json!({"after": self.read.number(), "oldest": oldest.number()});
        self.send(to, serde_json::json!({"revision": to.number(), "gap": gap})).await;
        self.read = to;
        self.cursor.keep(to)?;
        Ok(())
    }

    fn delivered(&mut self, revision: Revision) -> Result<(), WebhookFailure> {
        self.read = revision;
        if revision.number().saturating_sub(self.cursor.read().number()) >= KEEP_EVERY {
            self.cursor.keep(revision)?;
        }
        if self.cursor.read().number().saturating_sub(self.held.number()) >= HOLD_EVERY {
            self.held = self.cursor.read();
            self.hold();
        }
        Ok(())
    }

    /// Asks the store to keep what is not delivered. It does without, if it must.
    fn hold(&self) {
        if let Err(error) = self.hatchery.hold_feed(&self.name, self.held) {
            tracing::warn!(webhook = %self.authority, %error, "history is not held for a webhook");
        }
    }

    /// Sends a message until it is taken.
    async fn send(&mut self, revision: Revision, message: serde_json::Value) {
        let body = Bytes::from(message.to_string());
        let mut failures = 0_u32;
        loop {
            let now = Clock::default().wall().secs();
            let headers = [
                (HeaderName::from_static(REVISION), revision.to_string()),
                (HeaderName::from_static(TIMESTAMP), now.to_string()),
                (HeaderName::from_static(SIGNATURE), signature(&self.key, now, &body)),
            ];
            match self.poster.post(body.clone(), &headers).await {
                Ok(()) => return,
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let pause = self.schedule.pause(failures);
                    tracing::warn!(webhook = %self.authority, %revision, %error, failures, ?pause, "not delivered");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }
}

/// Why a webhook stopped.
#[derive(Debug, thiserror::Error)]
pub enum WebhookFailure {
    /// How far it has come could not be kept.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The feed could not be read.
    #[error(transparent)]
    Feed(hatchery::StoreError),
}

/// Lets go of the history that is held for webhooks in `folder` whose addresses are not among `urls`: it
/// would be held for ever. How far they had come is kept, so that one that returns is told of a gap.
///
/// # Errors
/// When the folder or the store cannot be read or written.
pub fn release_others(hatchery: &Hatchery, folder: &Path, urls: &[String]) -> std::io::Result<()> {
    let named: Vec<String> = urls.iter().map(|url| cursor::name(url)).collect();
    for entry in std::fs::read_dir(folder)? {
        let file = entry?.file_name();
        let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".cursor")) else { continue };
        if name.starts_with("webhook-") && !named.iter().any(|named| named == name) {
            hatchery.release_feed(name).map_err(std::io::Error::other)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let schedule = Schedule::default();
        let pauses: Vec<u64> = (1..=11).map(|failures| schedule.pause(failures).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(schedule.pause(u32::MAX), schedule.longest);
    }
}
