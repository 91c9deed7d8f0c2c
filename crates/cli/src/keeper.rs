//! The keeper of a server: the thread that runs due timers and drives the simulated provisioner.
//! The library has no thread; this is the program's, and it uses what any embedder has.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use hatchery::{CommitError, Hatchery, Simulated, StoreError, Tick};
use parking_lot::Mutex;
use server::Clock;

/// How long the keeper rests when there is nothing to do.
const PAUSE: Duration = Duration::from_millis(25);

/// How many bytes of a snapshot are written when there is nothing else to do.
const UPKEEP: u64 = 512 * 1024;

/// How many timers one commit runs.
const SLICE: usize = 64;

/// A running keeper.
pub(crate) struct Keeper {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Starts keeping `hatchery`, with a simulated provisioner if it is to have one.
    pub(crate) fn start(
        hatchery: Arc<Hatchery>,
        clock: Arc<Clock>,
        provisioner: Option<Arc<Mutex<Simulated>>>,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let keep = move || {
            let mut pause = Duration::ZERO;
            // Resting and being told to stop are one wait.
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                // A round that panics is one lost round: timers and work stand where they stood.
                let done =
                    catch_unwind(AssertUnwindSafe(|| round(&hatchery, &clock, provisioner.as_deref())));
                pause = match done {
                    Ok(Ok(0)) => PAUSE,
                    Ok(Ok(_)) => Duration::ZERO,
                    Ok(Err(error)) => {
                        tracing::error!(%error, "timers and provisioning stand still: the store failed");
                        Duration::from_secs(1)
                    }
                    Err(_panic) => {
                        tracing::error!("a round of timers and provisioning panicked");
                        Duration::from_secs(1)
                    }
                };
            }
        };
        let thread = std::thread::Builder::new().name("keeper".into()).spawn(keep)?;
        Ok(Self { stop, thread })
    }

    /// Stops it, and waits until it has.
    pub(crate) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the keeper panicked");
        }
    }
}

/// One round: due timers, then work, then upkeep. How much there was to do.
fn round(
    hatchery: &Hatchery,
    clock: &Clock,
    provisioner: Option<&Mutex<Simulated>>,
) -> Result<usize, StoreError> {
    let ran = match hatchery.commit(Tick { limit: SLICE }, clock.store()) {
        Ok(ticked) => ticked.ran,
        Err(CommitError::Refused(never)) => match never {},
        Err(CommitError::Busy { .. }) => 0,
        Err(CommitError::Failed(error)) => return Err(error),
    };
    let worked = match provisioner {
        Some(provisioner) => provisioner.lock().step(hatchery, clock.store())?,
        None => 0,
    };
    let done = ran.saturating_add(worked);
    if done > 0 {
        return Ok(done);
    }
    // There is time: what is done here, no commit has to do.
    Ok(usize::from(hatchery.maintain(UPKEEP)?.more))
}
