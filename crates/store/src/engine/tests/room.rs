//! A disk that fills up: what was acknowledged stays, and what was set aside lets the store open and
//! things be let go.

use std::sync::Arc;

use super::sim_disk::SimDisk;
use super::{STORE, all, blind, check_agrees, commit_all, put, remove, small};
use crate::engine::disk::Disk;
use crate::engine::local::{Local, Options, Sync};
use crate::engine::{Commit, Engine, EngineError};

const BALLAST: usize = 6 * 1024;

fn options() -> Options {
    Options {
        sync: Sync::Always,
        checkpoint_segments: 100,
        free_space_min: 2 * 1024,
        ballast_bytes: BALLAST as u64,
        ..small()
    }
}

fn growing(number: u64) -> Commit {
    blind(number, vec![put(&format!("{number}"), &"v".repeat(100))])
}

#[test]
fn room_is_set_aside_where_there_is_enough() {
    let disk = SimDisk::default();
    drop(Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap());
    assert_eq!(disk.bytes("BALLAST").len(), BALLAST);
    let disk = SimDisk::default();
    disk.shrink_to(2 * BALLAST);
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
    assert_eq!(store.stats().ballast, 0);
    drop(store);
    // Once there is room, by the next opening.
    disk.shrink_to(100 * BALLAST);
    let (store, _) = Local::open_on(Arc::new(disk), options()).unwrap();
    assert_eq!(store.stats().ballast, BALLAST as u64);
}

#[test]
fn that_it_runs_low_is_known_before_anything_breaks_and_forgotten_when_there_is_room_again() {
    let disk = SimDisk::default();
    disk.shrink_to(24 * 1024);
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
    let mut number = 0;
    while store.low().is_none() {
        number += 1;
        assert!(number < 1000, "never low");
        for _ in 0..2 {
            commit_all(&store, [growing(number)]);
        }
    }
    let low = store.low().unwrap();
    assert!(low.free < low.floor && low.floor == 2 * 1024);
    // What lets go is committed all the same.
    commit_all(&store, [blind(number, vec![remove("1")])]);
    disk.shrink_to(100 * 1024);
    assert_eq!(store.low(), None);
    check_agrees(&store);
}

#[test]
fn a_full_disk_stops_the_store_and_what_was_set_aside_opens_it_again() {
    let disk = SimDisk::default();
    disk.shrink_to(24 * 1024);
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
    let mut acknowledged = 0;
    // Nobody heeds the warning.
    let failed = loop {
        match store.commit(vec![growing(acknowledged)]) {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 1000, "never full");
    };
    assert!(matches!(failed, EngineError::Io { .. }), "{failed:?}");
    let state = all(store.reader().as_ref());
    drop(store);
    // Something else takes the rest.
    disk.shrink_to(disk.used());

    let (store, report) = Local::open_on(Arc::new(disk.clone()), options()).unwrap();
    assert!(report.ballast_freed);
    assert_eq!(store.last().0.number(), acknowledged);
    assert_eq!(all(store.reader().as_ref()), state);
    // There is room to let go of all there is.
    for number in 0..acknowledged {
        commit_all(&store, [blind(0, vec![remove(&format!("{number}"))])]);
    }
    assert_eq!(all(store.reader().as_ref()), []);
    drop(store);
    assert!(disk.open("BALLAST").is_err());

    // With room again, some is set aside again.
    disk.shrink_to(200 * 1024);
    let (store, report) = Local::open_on(Arc::new(disk.clone()), options()).unwrap();
    assert!(!report.ballast_freed);
    assert_eq!((store.low(), store.stats().ballast), (None, BALLAST as u64));
    check_agrees(&store);
}

#[test]
fn when_the_disk_runs_low_history_goes_first() {
    let disk = SimDisk::default();
    let options = Options { ballast_bytes: 0, snapshot_min_bytes: 1024, free_space_min: 4096, ..options() };
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options).unwrap();
    commit_all(&store, (0..100).map(|number| growing(number % 10)));
    let before = store.stats();
    assert_eq!(before.oldest.number(), 1, "it is kept for days");
    disk.shrink_to(disk.used() + 3000);
    commit_all(&store, (0..100).map(|number| growing(number % 10)));
    let after = store.stats();
    assert!(after.oldest.number() > 1 && after.journal_bytes < before.journal_bytes, "{after:?}");
    assert_eq!(all(store.reader().as_ref()).len(), 10);
}

#[test]
fn a_snapshot_that_does_not_fit_fails_no_commit() {
    let disk = SimDisk::default();
    let options = Options { ballast_bytes: 0, free_space_min: 0, snapshot_min_bytes: 1024, ..options() };
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options).unwrap();
    commit_all(&store, (0..4).map(growing));
    disk.shrink_to(disk.used() + 100);
    assert_eq!(store.snapshot().unwrap(), None);
    let failure = store.stats().snapshot_failure.unwrap();
    assert!(failure.starts_with("cannot write the snapshot: "), "{failure}");
    disk.shrink_to(1 << 20);
    commit_all(&store, (4..40).map(growing));
    let stats = store.stats();
    assert_eq!(stats.snapshot_failure, None);
    assert!(!stats.snapshots.is_empty());
    check_agrees(&store);
}
