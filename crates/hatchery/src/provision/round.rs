//! One round: claim, perform one after the other, report each.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fleet::{
    AccountId, Amendment, Beat, Claim, Heartbeat, Report, Reported, Secret, Span, Time, WorkItem, WorkOutcome,
};
use store::{CommitError, Store};

use super::{Provisioner, Pulse, Shift};
use crate::{NotOurs, Vault};

/// How long an item rests whose secrets cannot be opened: somebody has to bring the right key.
const UNOPENED_PAUSE: Span = Span::from_secs(60);

/// What came of the items of a loop. Late reports write nothing, so the fleet's own
/// [`WorkStats`](fleet::WorkStats) does not know them: here is where they are counted, for as long
/// as the process lives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Items that were claimed.
    pub claimed: u64,
    /// Reports that counted.
    pub accepted: u64,
    /// Reports that came too late and changed nothing.
    pub late: u64,
    /// Items that were lost before they were begun, and left alone.
    pub skipped: u64,
    /// Items that were given back because their secrets do not open.
    pub unopened: u64,
}

impl Tally {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            claimed: self.claimed.saturating_add(other.claimed),
            accepted: self.accepted.saturating_add(other.accepted),
            late: self.late.saturating_add(other.late),
            skipped: self.skipped.saturating_add(other.skipped),
            unopened: self.unopened.saturating_add(other.unopened),
        }
    }
}

/// Who works, for whom, with what.
pub(super) struct Round<'r, N> {
    pub(super) store: &'r Store,
    pub(super) shift: &'r Shift,
    pub(super) vault: Option<&'r Vault>,
    pub(super) stop: &'r AtomicBool,
    pub(super) now: &'r N,
}

pub(super) type Ended<T> = Result<T, CommitError<Infallible>>;

impl<N: Fn() -> Time> Round<'_, N> {
    pub(super) fn perform(&self, provisioner: &mut impl Provisioner) -> Ended<Tally> {
        let (items, mut tally) = self.claim()?;
        for item in items {
            let Some(item) = self.begin(item, &mut tally)? else { continue };
            let until = Cell::new(item.lease_until);
            let beat = || self.beat(&item, &until);
            let outcome = provisioner.perform(&item, &Pulse::new(&beat));
            self.report(&item, outcome, &mut tally)?;
        }
        Ok(tally)
    }

    pub(super) fn claim(&self) -> Ended<(Vec<WorkItem>, Tally)> {
        let Shift { worker, lease, limit } = self.shift.clone();
        let items = self.store.commit(Claim { worker, lease, limit }, (self.now)())?;
        let claimed = u64::try_from(items.len()).unwrap_or(u64::MAX);
        Ok((items, Tally { claimed, ..Tally::default() }))
    }

    /// The item with its secrets open, if it is still ours to perform.
    pub(super) fn begin(&self, item: WorkItem, tally: &mut Tally) -> Ended<Option<WorkItem>> {
        if self.stop.load(Ordering::Relaxed) {
            self.report(&item, WorkOutcome::GivenBack { pause: Span::ZERO }, tally)?;
            return Ok(None);
        }
        // Those before it took their time.
        let until = Cell::new(item.lease_until);
        if self.beat(&item, &until) == Beat::Late {
            tally.skipped = tally.skipped.saturating_add(1);
            return Ok(None);
        }
        let item = WorkItem { lease_until: until.get(), ..item };
        match self.opened(&item) {
            Ok(item) => Ok(Some(item)),
            Err(NotOurs) => {
                tally.unopened = tally.unopened.saturating_add(1);
                self.report(&item, WorkOutcome::GivenBack { pause: UNOPENED_PAUSE }, tally)?;
                Ok(None)
            }
        }
    }

    /// Holds on to an item whose lease is half over. A store that is busy says nothing, and that
    /// is no reason to stop; one that fails will hear no report either.
    pub(super) fn beat(&self, item: &WorkItem, until: &Cell<Time>) -> Beat {
        let now = (self.now)();
        let left = until.get().millis().saturating_sub(now.millis());
        if left > self.shift.lease.millis() / 2 {
            return Beat::Held(until.get());
        }
        let beat = Heartbeat { id: item.id, attempt: item.attempt, lease: self.shift.lease };
        match self.store.commit(beat, now) {
            Ok(Beat::Held(at)) => {
                until.set(at);
                Beat::Held(at)
            }
            Err(CommitError::Busy { .. }) if left > 0 => Beat::Held(until.get()),
            Ok(Beat::Late) | Err(_) => Beat::Late,
        }
    }

    pub(super) fn report(&self, item: &WorkItem, outcome: WorkOutcome, tally: &mut Tally) -> Ended<()> {
        let report = Report { id: item.id, attempt: item.attempt, outcome };
        let counter = match self.store.commit(report, (self.now)())? {
            Reported::Accepted => &mut tally.accepted,
            Reported::Late => &mut tally.late,
        };
        *counter = counter.saturating_add(1);
        Ok(())
    }

    fn opened(&self, item: &WorkItem) -> Result<WorkItem, NotOurs> {
        let Some(vault) = self.vault else { return Ok(item.clone()) };
        let account = item.profile.instance.account;
        let mut item = item.clone();
        item.handover.password = opened(vault, account, item.handover.password.take())?;
        if let Some(amendment) = &item.profile.amendment
            && amendment.password.is_some()
        {
            let password = opened(vault, account, amendment.password.clone())?;
            item.profile.amendment = Some(Arc::new(Amendment { password, ..Amendment::clone(amendment) }));
        }
        Ok(item)
    }
}

fn opened(vault: &Vault, account: AccountId, sealed: Option<Secret>) -> Result<Option<Secret>, NotOurs> {
    sealed.map(|sealed| vault.open(account, &sealed)).transpose()
}
