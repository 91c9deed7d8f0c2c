//! Mistakes that can be planted, to see whether the checkers see them. None is ever there without the feature
//! `planted`: then every question here is answered no while compiling, and nothing is left of it.
//!
//! `docs/proof.md` lists them with the checker that has to see each; `cargo xtask planted` makes sure that it does.

/// A mistake somebody could make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(not(feature = "planted"), expect(dead_code, reason = "asked for only where the feature is on"))]
pub(crate) enum Mistake {
    AddressKept,
    AnsweredBeforeDurable,
    BallastForgotten,
    ChainUnchecked,
    CheckpointBeforeFlush,
    ConflictIgnored,
    DamageTakenForTorn,
    EventForgotten,
    FeedGap,
    FrameUnchecked,
    GoneForgotten,
    HoldIgnored,
    IndexBelieved,
    LatchForgotten,
    MoneyMade,
    PublishedBeforeSync,
    ReleasedTwice,
    ReplayOffByOne,
    SealForgotten,
    SealUnsynced,
    SealedTooEarly,
    SegmentUnnamed,
    SegmentUnsynced,
    SheetUnnamed,
    SheetUnsynced,
    SlotForgotten,
    SnapshotForgetsChanges,
    SnapshotMissesKey,
    StalePartsLeft,
    SyncSkipped,
    TimerForgotten,
    TokenForgotten,
    TornTailLeft,
    TrimBeforeCheckpoint,
    TrimUnsynced,
    TrimmedTooFar,
    UndoForgotten,
    UnsureUnsynced,
    WorkForgotten,
}

/// Whether this mistake is to be made now: the one that the environment names.
#[cfg(feature = "planted")]
pub(crate) fn is(mistake: Mistake) -> bool {
    static NAMED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let named = NAMED.get_or_init(|| std::env::var("HATCHERY_PLANTED").ok());
    named.as_deref().is_some_and(|named| named == format!("{mistake:?}"))
}

/// Whether this mistake is to be made now: with the feature `planted`, when the environment names it; without, never.
macro_rules! planted {
    ($mistake:ident) => {{
        #[cfg(feature = "planted")]
        {
            $crate::planted::is($crate::planted::Mistake::$mistake)
        }
        #[cfg(not(feature = "planted"))]
        {
            false
        }
    }};
}
pub(crate) use planted;

/// Spoils what a decision changes, where the mistake is one of the fleet's.
#[cfg(feature = "planted")]
pub(crate) fn spoil(mut writes: Vec<(fleet::Key, fleet::Left)>) -> Vec<(fleet::Key, fleet::Left)> {
    use std::sync::Arc;

    use fleet::{Key, Left, Record, TimerKind, Wallet};

    let released = writes.iter().any(|(key, left)| matches!(key, Key::Instance(_)) && !left.is_there());
    for (_, left) in &mut writes {
        let Left::Record(record) = left else { continue };
        let record = Arc::make_mut(record);
        if let Record::Stock(stock) = record
            && released
            && is(Mistake::ReleasedTwice)
        {
            *stock = stock.give_back();
        }
        if let Record::Account(account) = record
            && is(Mistake::MoneyMade)
            && let Wallet::On { held, .. } = &mut account.wallet
        {
            held.0 = held.0.saturating_add(1);
        }
    }
    writes.retain(|(key, left)| match (key, left.is_there()) {
        (Key::Work(..), true) => !is(Mistake::WorkForgotten),
        (Key::Timer(_, TimerKind::FailureRelease(_) | TimerKind::CreationDeadline(_)), true) => {
            !is(Mistake::TimerForgotten)
        }
        (Key::Event(_), true) => !is(Mistake::EventForgotten),
        (Key::AddressPage(..), true) => !is(Mistake::AddressKept),
        (_, true | false) => true,
    });
    writes
}
