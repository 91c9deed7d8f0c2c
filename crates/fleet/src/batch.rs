//! Batches: the instances of one launch, and what became of each.

use alloc::vec::Vec;

use crate::{AccountId, BatchId, FailureReason, InstanceId, Limit, Time, TokenKey};

/// The instances of one launch. Outlives them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// Whose it is.
    pub account: AccountId,
    /// Its first instance; the others follow it without a gap.
    pub first: InstanceId,
    /// What became of each, in order.
    pub outcomes: Vec<Outcome>,
    /// How many of its instances still exist.
    pub living: u8,
    /// When it was accepted.
    pub launched_at: Time,
    /// The token it was asked for with.
    pub token: Option<TokenKey>,
    /// Whether it has been kept long enough, so that it goes with its last instance.
    pub may_go: bool,
    /// The id of the request that asked for it, which names it as long as it is there.
    pub request: Option<TokenKey>,
    /// What there was too little of, where nothing was launched and that used its token up.
    pub refused: Option<Limit>,
}

/// What became of one instance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Not known yet.
    Pending,
    /// It was made.
    Made,
    /// It could not be made.
    Failed(FailureReason),
    /// It was made, and has been released; or its time to be released came before it was made.
    Released,
}

impl Batch {
    /// The ids of its instances, in order.
    pub fn instances(&self) -> impl Iterator<Item = InstanceId> + '_ {
        (0_u64..).zip(&self.outcomes).filter_map(|(index, _)| self.first.0.plus(index).map(InstanceId))
    }

    /// The batch with another outcome for the instance at `index`.
    #[must_use]
    pub fn with_outcome(mut self, index: u8, outcome: Outcome) -> Self {
        if let Some(place) = self.outcomes.get_mut(usize::from(index)) {
            *place = outcome;
        }
        self
    }

    /// Whether the unit of stock of the instance at `index` was said not to exist.
    #[must_use]
    pub fn lacked_stock(&self, index: u8) -> bool {
        self.outcomes.get(usize::from(index)) == Some(&Outcome::Failed(FailureReason::NoStock))
    }

    /// The batch after one of its instances is gone.
    #[must_use]
    pub fn with_one_gone(self, index: u8) -> Self {
        let living = self.living.saturating_sub(1);
        match self.outcomes.get(usize::from(index)) {
            Some(Outcome::Made | Outcome::Pending) => {
                Self { living, ..self.with_outcome(index, Outcome::Released) }
            }
            Some(Outcome::Failed(_) | Outcome::Released) | None => Self { living, ..self },
        }
    }
}
