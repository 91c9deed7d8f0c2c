//! The feed as a `Stream`, for whoever has tasks.

use std::collections::VecDeque;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use fleet::Revision;
use futures_core::Stream;
use store::{Beyond, Change, FeedError, Store};

/// How many commits it reads ahead at most.
const AHEAD_MAX: usize = 32;

/// The commits after `since`, as they come, without end. It ends after an error.
///
/// Commits are read from the journal where it is polled: most come from memory of the system, but a
/// reader that is far behind waits for the disk there. Polled no more, it costs nothing.
#[must_use]
pub fn changes(hatchery: Arc<Store>, since: Revision) -> Changes {
    Changes { hatchery, read: since, ahead: VecDeque::new(), wait: None, over: false }
}

/// See [`changes`].
#[derive(Debug)]
pub struct Changes {
    hatchery: Arc<Store>,
    read: Revision,
    ahead: VecDeque<Change>,
    wait: Option<Beyond>,
    over: bool,
}

impl Changes {
    /// The last commit that was handed out, or where it began.
    #[must_use]
    pub const fn read(&self) -> Revision {
        self.read
    }
}

impl Stream for Changes {
    type Item = Result<Change, FeedError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.over {
            return Poll::Ready(None);
        }
        loop {
            if let Some(change) = this.ahead.pop_front() {
                this.read = change.revision;
                return Poll::Ready(Some(Ok(change)));
            }
            if let Some(wait) = &mut this.wait {
                ready!(Pin::new(wait).poll(cx));
                this.wait = None;
            }
            match this.hatchery.changes(this.read, AHEAD_MAX) {
                Ok(changes) if changes.is_empty() => {
                    this.wait = Some(Arc::clone(&this.hatchery).beyond(this.read));
                }
                Ok(changes) => this.ahead = changes.into(),
                Err(error) => {
                    this.over = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}
