//! Waiting for sled to have written what it holds, without being left behind.
//!
//! sled writes on threads of its own. When such a write fails on the way out of a reservation
//! (`exit_reservation` in its `src/pagecache/logger.rs`), the error is noted and nobody is told: whoever waits in
//! `flush` waits for ever. Whoever asks after that is told of the error at once, and wakes the others. So it is asked
//! on one of sled's threads, and asked again as long as there is no answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// After how long without an answer it is asked again; each time after twice as long, up to the longest.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(16));

/// Has sled write out what it holds.
pub(super) fn flush(db: &sled::Db) -> Result<usize, sled::Error> {
    first_answer(|| db.flush_async())
}

/// The first answer to what `ask` asks; it is asked again as long as there is none.
fn first_answer<F: Future>(mut ask: impl FnMut() -> F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut asked: Vec<Pin<Box<F>>> = Vec::new();
    let (mut patience, longest) = PATIENCE;
    loop {
        asked.push(Box::pin(ask()));
        if let Some(answer) = answered(&mut asked, &waker) {
            return answer;
        }
        thread::park_timeout(patience);
        if let Some(answer) = answered(&mut asked, &waker) {
            return answer;
        }
        patience = patience.saturating_mul(2).min(longest);
    }
}

/// The first answer there is.
fn answered<F: Future>(asked: &mut [Pin<Box<F>>], waker: &Waker) -> Option<F::Output> {
    let mut context = Context::from_waker(waker);
    asked.iter_mut().find_map(|asked| match asked.as_mut().poll(&mut context) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    })
}

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// As sled is after a write that failed: who asked before is told when somebody asks again, and not before.
    #[test]
    fn who_is_not_answered_asks_again() {
        let mut times = 0;
        let answer = first_answer(|| {
            times += 1;
            let answered = times == 3;
            poll_fn(
                move |_| if answered { Poll::Ready(Err::<(), _>("the write failed")) } else { Poll::Pending },
            )
        });
        assert_eq!((answer, times), (Err("the write failed"), 3));
    }

    #[test]
    fn what_is_written_is_asked_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let db = sled::Config::new().path(folder.path()).flush_every_ms(None).open().unwrap();
        db.insert("key", "value").unwrap();
        let mut times = 0;
        let written = first_answer(|| {
            times += 1;
            db.flush_async()
        });
        assert!(written.unwrap() > 0);
        assert_eq!(times, 1);
        assert_eq!(flush(&db), Ok(0), "there is nothing left to write");
    }
}
