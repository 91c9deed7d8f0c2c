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
    HoldIgnored,
    LatchForgotten,
    MoneyMade,
    PublishedBeforeSync,
    ReleasedTwice,
    ReplayOffByOne,
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
pub(crate) fn spoil(mut writes: Vec<fleet::Write>) -> Vec<fleet::Write> {
    use fleet::{Record, TimerKind, Wallet, Write};
    let puts_stock = |write: &Write| matches!(write, Write::Put(Record::Stock(_)));
    if is(Mistake::ReleasedTwice)
        && writes.iter().any(|write| matches!(write, Write::Remove(fleet::Key::Instance(_))))
    {
        for write in writes.iter_mut().filter(|write| puts_stock(write)) {
            if let Write::Put(Record::Stock(stock)) = write {
                *stock = stock.give_back();
            }
        }
    }
    writes.retain(|write| match write {
        Write::Put(Record::Work(..)) => !is(Mistake::WorkForgotten),
        Write::Put(Record::Timer(_, TimerKind::FailureRelease(_) | TimerKind::CreationDeadline(_))) => {
            !is(Mistake::TimerForgotten)
        }
        Write::Put(Record::Event(_)) => !is(Mistake::EventForgotten),
        Write::Put(Record::AddressPage(_)) => !is(Mistake::AddressKept),
        Write::Put(_) | Write::Remove(_) => true,
    });
    for write in &mut writes {
        if let Write::Put(Record::Account(account)) = write
            && is(Mistake::MoneyMade)
            && let Wallet::On { held, .. } = &mut account.wallet
        {
            held.0 = held.0.saturating_add(1);
        }
    }
    writes
}
