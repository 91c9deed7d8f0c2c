//! What became of all work items so far, in numbers. Counted only in commits that write anyway: a
//! report that changes nothing is not counted here either, but by who made it.

use crate::Record;
use crate::View;
use crate::decide::Draft;

/// How often something happened to a work item, since the fleet began.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct WorkStats {
    /// Items that were handed out, every time counted.
    pub claimed: u64,
    /// Items that are done.
    pub done: u64,
    /// Items that could not be done; a release is tried again all the same.
    pub failed: u64,
    /// Items that were given back.
    pub given_back: u64,
    /// Items of which nobody knows how far they came.
    pub unclear: u64,
    /// Leases that ran out and were noticed by the next claim.
    pub lapsed: u64,
    /// Leases that were made longer.
    pub extended: u64,
    /// Items that were claimed too often: given up, or, of a release, set aside for a while.
    pub exhausted: u64,
}

impl WorkStats {
    /// How many claims have come to an end; the others are held, or were overtaken by a deadline or
    /// a release.
    #[must_use]
    pub const fn ended(&self) -> u64 {
        let told = self.done.saturating_add(self.failed).saturating_add(self.given_back);
        told.saturating_add(self.unclear).saturating_add(self.lapsed)
    }
}

impl<V: View> Draft<'_, V> {
    /// Counts something. Only for decisions that write something else as well.
    pub(crate) fn count_work(
        &mut self,
        pick: impl FnOnce(&mut WorkStats) -> &mut u64,
    ) -> Result<(), V::Failure> {
        let mut stats = self.work_stats()?;
        let number = pick(&mut stats);
        *number = number.saturating_add(1);
        self.put(Record::WorkStats(stats));
        Ok(())
    }
}
