//! A few threads that share a list of things to do.

use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does all of it with `jobs` threads; `work` is told which of them it runs on. What comes of it is in no order.
pub(crate) fn all<T: Send, R: Send>(
    things: Vec<T>,
    jobs: usize,
    work: impl Fn(usize, T) -> R + Sync,
) -> Vec<R> {
    let left = Mutex::new(things.into_iter());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for worker in 0..jobs.max(1) {
            let (left, done, work) = (&left, &done, &work);
            scope.spawn(move || {
                loop {
                    let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(thing) = next else { return };
                    let result = work(worker, thing);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}
