//! The same round for provisioners that wait asynchronously. It needs no runtime: whoever polls the
//! future is its executor. Commits wait for the disk, and block while they do.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::sync::atomic::AtomicBool;

use fleet::{Time, WorkItem, WorkOutcome};
use store::{CommitError, Store};

use super::round::Round;
use super::{Pulse, Shift, Tally};
use crate::Vault;

/// A [`Provisioner`](super::Provisioner) that waits asynchronously. The same rules hold.
pub trait AsyncProvisioner {
    /// Does one item, and says what became of it.
    fn perform(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> impl Future<Output = WorkOutcome>;
}

/// One round of a provisioner that waits asynchronously. The future stays on its thread: run it as
/// a local task, next to others of its kind with other workers' names to do several items at once.
///
/// # Errors
/// When the store is busy or fails. What was claimed and not reported comes up again after its
/// lease; that is so too when the future is dropped.
pub async fn work_off_async(
    store: &Store,
    provisioner: &mut impl AsyncProvisioner,
    shift: &Shift,
    vault: Option<&Vault>,
    now: impl Fn() -> Time,
) -> Result<Tally, CommitError<Infallible>> {
    let never = AtomicBool::new(false);
    let round = Round { store, shift, vault, stop: &never, now: &now };
    let (items, mut tally) = round.claim()?;
    for item in items {
        let Some(item) = round.begin(item, &mut tally)? else { continue };
        let until = Cell::new(item.lease_until);
        let beat = || round.beat(&item, &until);
        let outcome = provisioner.perform(&item, &Pulse::new(&beat)).await;
        round.report(&item, outcome, &mut tally)?;
    }
    Ok(tally)
}
