//! Promises that a run found broken.

use fleet::{BatchId, EventId, Finding, InstanceId, Revision};

/// A promise that was broken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Violation {
    /// An invariant does not hold of the records.
    #[error("{}", .0)]
    Invariant(Finding),
    /// Commits that were acknowledged are gone.
    #[error(
        "what_was_acknowledged_is_there: revision {known} was acknowledged, {found} is the last one found"
    )]
    CommitsLost {
        /// The last one acknowledged.
        known: Revision,
        /// The last one found.
        found: Revision,
    },
    /// An instance that was acknowledged is gone, and nobody gave it back.
    #[error("what_was_acknowledged_is_there: {0} is gone, and nobody gave it back")]
    InstanceLost(InstanceId),
    /// A token has two outcomes.
    #[error("a_token_has_one_outcome: {token} came to {earlier} and then to {later}")]
    TwoOutcomes {
        /// The token.
        token: String,
        /// The launch it came to first.
        earlier: BatchId,
        /// The launch it came to then.
        later: BatchId,
    },
    /// Something about an event went back.
    #[error("an_event_never_goes_back: {0} did")]
    EventWentBack(EventId),
    /// The store failed although its disk did not.
    #[error("the_store_fails_only_with_its_disk: {0}")]
    StoreFailed(String),
    /// The store could not be opened again although its disk did not fail.
    #[error("a_store_opens_after_any_crash: {0}")]
    NotOpened(String),
    /// Faults have stopped, and somebody still waits.
    #[error("everybody_comes_to_rest: {who} still waits for {what}")]
    Stuck {
        /// Who.
        who: String,
        /// For what.
        what: String,
    },
    /// Everybody is at rest, and somebody finds the fleet wrong.
    #[error("everybody_agrees_at_rest: {who} finds {what}")]
    Misjudged {
        /// Who.
        who: String,
        /// What is wrong.
        what: String,
    },
}

impl Violation {
    /// The sentence that is broken, without the particulars: two violations with equal names are the same bug
    /// as far as a shorter history is looked for.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invariant(finding) => finding.invariant.name(),
            Self::CommitsLost { .. } | Self::InstanceLost(_) => "what_was_acknowledged_is_there",
            Self::TwoOutcomes { .. } => "a_token_has_one_outcome",
            Self::EventWentBack(_) => "an_event_never_goes_back",
            Self::StoreFailed(_) => "the_store_fails_only_with_its_disk",
            Self::NotOpened(_) => "a_store_opens_after_any_crash",
            Self::Stuck { .. } => "everybody_comes_to_rest",
            Self::Misjudged { .. } => "everybody_agrees_at_rest",
        }
    }

    /// Whether it takes a look at all records to find it.
    pub(super) const fn is_seen_in_records(&self) -> bool {
        match self {
            Self::Invariant(_) | Self::InstanceLost(_) | Self::EventWentBack(_) => true,
            Self::CommitsLost { .. }
            | Self::TwoOutcomes { .. }
            | Self::StoreFailed(_)
            | Self::NotOpened(_)
            | Self::Stuck { .. }
            | Self::Misjudged { .. } => false,
        }
    }
}
