//! What every engine must do, and what the local one must survive.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    // Only to say what else was found, and fail.
    clippy::wildcard_enum_match_arm
)]

mod backup;
mod conformance;
mod crash;
mod golden;
mod journal;
mod local;
mod looked_over;
mod model;
mod readers;
mod repair;
mod room;
mod seals;
mod simulated;
mod snapshot;
mod upkeep;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use fleet::{Revision, Time};

use super::local::{Options, Sync};
pub(crate) use super::sim_disk;
use super::{Change, Commit, Engine, Entry, Expected, KeyRange, Order, Reader, StoreId, Write};

pub(crate) const STORE: StoreId = StoreId(*b"a store of tests");

/// Options under which a few commits reach every layer.
pub(crate) fn small() -> Options {
    Options {
        segment_size: 1024,
        table_entries: 4,
        cache_bytes: 1024 * 1024,
        checkpoint_segments: 3,
        sync: Sync::Never,
        ballast_bytes: 0,
        ..Options::default()
    }
}

pub(crate) fn put(key: &str, value: &str) -> Write {
    Write { key: key.into(), value: Some(value.into()) }
}

pub(crate) fn remove(key: &str) -> Write {
    Write { key: key.into(), value: None }
}

/// A commit that expects nothing.
pub(crate) fn blind(millis: u64, writes: Vec<Write>) -> Commit {
    Commit { time: Time::from_millis(millis), expected: Vec::new(), writes: writes.into() }
}

pub(crate) fn expecting(key: &str, revision: Option<u64>, writes: Vec<Write>) -> Commit {
    let expected = vec![Expected { key: key.into(), revision: revision.map(Revision::new) }];
    Commit { time: Time::from_millis(1), expected, writes: writes.into() }
}

/// Commits one by one; all of them must be accepted.
pub(crate) fn commit_all(engine: &dyn Engine, commits: impl IntoIterator<Item = Commit>) {
    for commit in commits {
        engine.commit(vec![commit]).unwrap().remove(0).unwrap();
    }
}

pub(crate) fn scan(reader: &dyn Reader, range: KeyRange, order: Order) -> Vec<Entry> {
    let mut found = Vec::new();
    let visit = &mut |entry| {
        found.push(entry);
        ControlFlow::Continue(())
    };
    reader.scan(range, order, visit).unwrap();
    found
}

pub(crate) fn all(reader: &dyn Reader) -> Vec<Entry> {
    scan(reader, KeyRange::all(), Order::Ascending)
}

/// `key=value@revision`, one after the other.
pub(crate) fn show(entries: &[Entry]) -> String {
    let show = |entry: &Entry| {
        let (key, value) = (String::from_utf8_lossy(&entry.key), String::from_utf8_lossy(&entry.value));
        format!("{key}={value}@{}", entry.revision)
    };
    entries.iter().map(show).collect::<Vec<_>>().join(" ")
}

/// What a reader should find after these changes.
pub(crate) fn fold(changes: &[Change]) -> Vec<Entry> {
    let mut map = BTreeMap::new();
    for change in changes {
        for write in &change.writes {
            match write.value {
                Some(value) => map.insert(write.key.to_vec(), (value.to_vec(), change.revision)),
                None => map.remove(write.key),
            };
        }
    }
    map.into_iter().map(|(key, (value, revision))| Entry { key, value, revision }).collect()
}

/// Every commit there is.
pub(crate) fn history(engine: &dyn Engine) -> Vec<Change> {
    engine.changes(Revision::ZERO, usize::MAX).unwrap()
}

/// The state, the feed and the last revision tell the same story.
pub(crate) fn check_agrees(engine: &dyn Engine) {
    let changes = history(engine);
    assert_eq!(all(engine.reader().as_ref()), fold(&changes));
    let revisions: Vec<_> = changes.iter().map(|change| change.revision.number()).collect();
    assert_eq!(revisions, (1..=engine.last().0.number()).collect::<Vec<_>>());
    assert!(changes.is_sorted_by_key(|change| change.time));
    let mut backward = scan(engine.reader().as_ref(), KeyRange::all(), Order::Descending);
    backward.reverse();
    assert_eq!(backward, fold(&changes));
}
