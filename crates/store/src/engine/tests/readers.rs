//! Readers while others commit: they stand still, and what they see is whole.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{STORE, all, blind, check_agrees, put, remove, small};
use crate::engine::local::{Local, Options};
use crate::engine::{Engine, KeyRange, Order, Revision, Write};

const KEYS: u64 = 300;

/// Every commit writes its number under three keys that lie far apart, and moves a fourth.
fn writes(number: u64) -> Vec<Write> {
    let at = |key: u64| format!("{:04}", key % KEYS);
    let value = number.to_string();
    vec![
        put(&at(number), &value),
        put(&at(number + 100), &value),
        put(&at(number + 200), &value),
        remove(&format!("moving-{}", number - 1)),
        put(&format!("moving-{number}"), "here"),
    ]
}

#[test]
fn scans_are_whole_while_others_commit() {
    let home = tempfile::tempdir().unwrap();
    let options = Options { table_entries: 40, segment_size: 64 * 1024, ..small() };
    let store = Local::create(&home.path().join("store"), STORE, options).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for order in [Order::Ascending, Order::Descending] {
            let (store, done) = (&store, &done);
            scope.spawn(move || {
                let mut scans = 0;
                while !done.load(Ordering::Relaxed) || scans < 5 {
                    check_one_reader(store, order);
                    scans += 1;
                }
            });
        }
        for number in 1..=3000 {
            store.commit(vec![blind(number, writes(number))]).unwrap()[0].as_ref().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    check_agrees(&store);
}

/// A scan shows the newest commit's keys and no later ones, however long it takes.
fn check_one_reader(store: &Local, order: Order) {
    let reader = store.reader();
    let at = reader.revision();
    let mut moving = Vec::new();
    let mut numbers = 0;
    let visit = &mut |entry: crate::engine::Entry| {
        assert!(entry.revision <= at);
        match entry.key.strip_prefix(b"moving-") {
            Some(number) => moving.push(String::from_utf8(number.to_vec()).unwrap()),
            None => {
                let number: u64 = std::str::from_utf8(&entry.value).unwrap().parse().unwrap();
                assert_eq!(Revision::new(number), entry.revision);
                let again = reader.get(&entry.key).unwrap().unwrap();
                assert_eq!(again, entry);
                // A key is next written exactly 100 commits later.
                assert!(number + 100 > at.number(), "{number} at {at}");
                numbers += 1;
            }
        }
        ControlFlow::Continue(())
    };
    reader.scan(KeyRange::all(), order, visit).unwrap();
    let expected: Vec<_> = (at > Revision::ZERO).then(|| at.to_string()).into_iter().collect();
    assert_eq!(moving, expected);
    assert_eq!(numbers, KEYS.min(at.number() * 3));
}

#[test]
fn a_reader_does_not_hold_up_commits_of_its_own_thread() {
    let home = tempfile::tempdir().unwrap();
    let store = Local::create(&home.path().join("store"), STORE, small()).unwrap();
    store.commit(vec![blind(1, vec![put("a", "0")])]).unwrap();
    let reader = store.reader();
    reader
        .scan(KeyRange::all(), Order::Ascending, &mut |_| {
            for _ in 0..20 {
                store.commit(vec![blind(1, vec![put("a", "1"), put("b", "1")])]).unwrap();
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(super::show(&all(reader.as_ref())), "a=0@1");
}

#[test]
fn several_committers_get_dense_revisions() {
    let home = tempfile::tempdir().unwrap();
    let store = Local::create(&home.path().join("store"), STORE, small()).unwrap();
    thread::scope(|scope| {
        for name in ["a", "b", "c"] {
            let store = &store;
            scope.spawn(move || {
                for number in 0..50 {
                    store.commit(vec![blind(1, vec![put(name, &number.to_string())])]).unwrap();
                }
            });
        }
    });
    assert_eq!(store.last().0, Revision::new(150));
    check_agrees(&store);
}
