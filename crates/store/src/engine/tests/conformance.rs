//! One suite for every engine.

use std::ops::ControlFlow;

use fleet::{Revision, Time};

use super::{
    STORE, all, blind, check_agrees, commit_all, expecting, history, put, remove, scan, show, small,
};
use crate::engine::local::Local;
use crate::engine::memory::Memory;
use crate::engine::{ChangesError, Conflict, Engine, FRAME_MAX, KeyRange, Order, RECORD_MAX, Refused, Write};

#[test]
fn memory_conforms() {
    conformance(&mut || Box::new(Memory::new()));
}

#[test]
fn local_conforms() {
    let home = tempfile::tempdir().unwrap();
    let mut number = 0;
    conformance(&mut || {
        number += 1;
        Box::new(Local::create(&home.path().join(number.to_string()), STORE, small()).unwrap())
    });
}

/// Everything an engine promises that can be seen without stopping it.
fn conformance(make: &mut dyn FnMut() -> Box<dyn Engine>) {
    for promise in [
        an_empty_engine_holds_nothing,
        a_commit_happens_as_a_whole,
        a_conflict_writes_nothing_and_leaves_its_neighbours,
        later_commits_of_a_group_see_earlier_ones,
        of_two_writes_to_a_key_the_later_counts,
        times_never_go_back,
        scans_are_ordered_both_ways_across_all_layers,
        a_scan_stops_when_told,
        ranges_have_a_start_but_not_an_end,
        the_feed_is_exact,
        limits_are_exact,
        a_reader_stands_still,
        reads_are_the_same_after_a_checkpoint,
    ] {
        let engine = make();
        promise(engine.as_ref());
        check_agrees(engine.as_ref());
    }
}

fn an_empty_engine_holds_nothing(engine: &dyn Engine) {
    assert_eq!(engine.last(), (Revision::ZERO, Time::START));
    assert_eq!(engine.reader().revision(), Revision::ZERO);
    assert_eq!(engine.reader().get(b"a").unwrap(), None);
    assert_eq!(engine.commit(vec![]).unwrap(), []);
    assert!(matches!(
        engine.changes(Revision::new(1), 1),
        Err(ChangesError::Future { since, last }) if since.number() == 1 && last == Revision::ZERO
    ));
}

fn a_commit_happens_as_a_whole(engine: &dyn Engine) {
    commit_all(engine, [blind(1, vec![put("a", "1"), put("b", "1")])]);
    assert_eq!(show(&all(engine.reader().as_ref())), "a=1@1 b=1@1");
    commit_all(engine, [blind(1, vec![put("a", "2"), remove("b"), put("c", "2")])]);
    assert_eq!(show(&all(engine.reader().as_ref())), "a=2@2 c=2@2");
    let refused = engine.commit(vec![expecting("b", Some(1), vec![put("a", "3"), put("b", "3")])]).unwrap();
    assert!(refused[0].is_err());
    assert_eq!(show(&all(engine.reader().as_ref())), "a=2@2 c=2@2");
}

fn a_conflict_writes_nothing_and_leaves_its_neighbours(engine: &dyn Engine) {
    commit_all(engine, [blind(1, vec![put("a", "1")])]);
    let answers = engine
        .commit(vec![
            expecting("a", Some(1), vec![put("x", "x")]),
            expecting("a", None, vec![put("a", "no")]),
            expecting("b", Some(7), vec![put("b", "no")]),
            expecting("b", None, vec![put("b", "1")]),
        ])
        .unwrap();
    let conflict = |key: &str, expected: Option<u64>, found: Option<u64>| {
        let (expected, found) = (expected.map(Revision::new), found.map(Revision::new));
        Err(Refused::Conflict(Conflict { key: key.into(), expected, found }))
    };
    assert_eq!(
        answers,
        [
            Ok(Revision::new(2)),
            conflict("a", None, Some(1)),
            conflict("b", Some(7), None),
            Ok(Revision::new(3))
        ]
    );
    assert_eq!(show(&all(engine.reader().as_ref())), "a=1@1 b=1@3 x=x@2");
}

fn later_commits_of_a_group_see_earlier_ones(engine: &dyn Engine) {
    let answers = engine
        .commit(vec![
            expecting("a", None, vec![put("a", "1")]),
            expecting("a", None, vec![put("a", "lost race")]),
            expecting("a", Some(1), vec![remove("a")]),
            expecting("a", None, vec![put("a", "3")]),
        ])
        .unwrap();
    let accepted: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().map(|at| at.number())).collect();
    assert_eq!(accepted, [Some(1), None, Some(2), Some(3)]);
    assert_eq!(show(&all(engine.reader().as_ref())), "a=3@3");
}

fn of_two_writes_to_a_key_the_later_counts(engine: &dyn Engine) {
    commit_all(
        engine,
        [blind(1, vec![put("a", "1"), remove("a"), put("a", "2"), put("b", "1"), remove("b")])],
    );
    assert_eq!(show(&all(engine.reader().as_ref())), "a=2@1");
    assert_eq!(history(engine)[0].writes.len(), 5);
}

fn times_never_go_back(engine: &dyn Engine) {
    commit_all(engine, [5, 3, 9].map(|millis| blind(millis, vec![put("a", "1")])));
    let times: Vec<_> = history(engine).iter().map(|change| change.time.millis()).collect();
    assert_eq!(times, [5, 5, 9]);
    assert_eq!(engine.last(), (Revision::new(3), Time::from_millis(9)));
}

fn scans_are_ordered_both_ways_across_all_layers(engine: &dyn Engine) {
    for round in 0..5_u32 {
        let key = |number: u32| format!("{:03}", (number * 37 + round) % 200);
        commit_all(engine, (0..60).map(|number| blind(1, vec![put(&key(number), &round.to_string())])));
        commit_all(engine, (0..20).map(|number| blind(1, vec![remove(&key(number * 3))])));
        check_agrees(engine);
    }
}

fn a_scan_stops_when_told(engine: &dyn Engine) {
    commit_all(engine, (0..50).map(|number| blind(1, vec![put(&format!("{number:02}"), "v")])));
    for (order, first) in [(Order::Ascending, "00"), (Order::Descending, "49")] {
        let mut seen = Vec::new();
        engine
            .reader()
            .scan(KeyRange::all(), order, &mut |entry| {
                seen.push(entry.key);
                ControlFlow::Break(())
            })
            .unwrap();
        assert_eq!(seen, [first.as_bytes()]);
    }
}

fn ranges_have_a_start_but_not_an_end(engine: &dyn Engine) {
    let keys = ["", "a", "a\0", "aa", "ab", "b", "\u{7f}"];
    commit_all(engine, keys.map(|key| blind(1, vec![put(key, "v")])));
    let check = |range: KeyRange, expected: &[&str]| {
        for order in [Order::Ascending, Order::Descending] {
            let mut found: Vec<_> = scan(engine.reader().as_ref(), range.clone(), order)
                .into_iter()
                .map(|entry| entry.key)
                .collect();
            if order == Order::Descending {
                found.reverse();
            }
            assert_eq!(found, expected.iter().map(|key| key.as_bytes()).collect::<Vec<_>>(), "{range:?}");
        }
    };
    let range = |start: &str, end: &str| KeyRange { start: start.into(), end: Some(end.into()) };
    check(KeyRange::all(), &keys);
    check(KeyRange::prefix(b""), &keys);
    check(KeyRange::prefix(b"a"), &["a", "a\0", "aa", "ab"]);
    check(KeyRange::prefix(b"\xff"), &[]);
    check(range("a", "b"), &["a", "a\0", "aa", "ab"]);
    check(range("a\0", "ab"), &["a\0", "aa"]);
    check(range("", "a"), &[""]);
    check(range("b", "a"), &[]);
    check(range("b", "b"), &[]);
    check(KeyRange { start: "ab".into(), end: None }, &["ab", "b", "\u{7f}"]);
}

fn the_feed_is_exact(engine: &dyn Engine) {
    commit_all(engine, (1..=40).map(|number| blind(number, vec![put("k", &"v".repeat(number as usize))])));
    for since in 0..=40 {
        for limit in [0, 1, 7, 40, usize::MAX] {
            let changes = engine.changes(Revision::new(since), limit).unwrap();
            assert_eq!(changes.len(), limit.min(40 - since as usize));
            for (change, number) in changes.iter().zip(since + 1..) {
                assert_eq!((change.revision.number(), change.time.millis()), (number, number));
                assert_eq!(change.writes, [put("k", &"v".repeat(number as usize))]);
            }
        }
    }
}

fn limits_are_exact(engine: &dyn Engine) {
    let sized = |size: usize| Write { key: vec![b'k'; 10], value: Some(vec![0; size - 10]) };
    let too_large = |size| Refused::RecordTooLarge { key: vec![b'k'; 10], size, max: RECORD_MAX };
    let answers = engine
        .commit(vec![
            blind(1, vec![sized(RECORD_MAX)]),
            blind(1, vec![put("a", "1"), sized(RECORD_MAX + 1)]),
            blind(1, vec![sized(RECORD_MAX - 1)]),
        ])
        .unwrap();
    assert_eq!(answers, [Ok(Revision::new(1)), Err(too_large(RECORD_MAX + 1)), Ok(Revision::new(2))]);

    let many = FRAME_MAX / RECORD_MAX;
    let refused = engine.commit(vec![blind(1, vec![sized(RECORD_MAX); many])]).unwrap();
    assert!(matches!(refused[0], Err(Refused::CommitTooLarge { size, max: FRAME_MAX }) if size > FRAME_MAX));
    engine.commit(vec![blind(1, vec![sized(RECORD_MAX); many - 10])]).unwrap()[0].as_ref().unwrap();
    assert_eq!(engine.last().0, Revision::new(3));
}

fn a_reader_stands_still(engine: &dyn Engine) {
    commit_all(engine, (0..10).map(|number| blind(1, vec![put(&format!("{number}"), "old")])));
    let reader = engine.reader();
    let before = all(reader.as_ref());
    for round in 0..5 {
        commit_all(engine, (3..15).map(|number| blind(2, vec![put(&format!("{number}"), "new")])));
        commit_all(engine, (0..5).map(|number| blind(2, vec![remove(&format!("{number}"))])));
        if round == 3 {
            engine.checkpoint().unwrap();
        }
        assert_eq!(reader.revision(), Revision::new(10));
        assert_eq!(all(reader.as_ref()), before);
        for entry in &before {
            assert_eq!(reader.get(&entry.key).unwrap().as_ref(), Some(entry));
        }
        assert_eq!(reader.get(b"12").unwrap(), None);
    }
    assert_ne!(all(engine.reader().as_ref()), before);
}

fn reads_are_the_same_after_a_checkpoint(engine: &dyn Engine) {
    commit_all(
        engine,
        (0..30).map(|number| blind(1, vec![put(&format!("{}", number % 7), &number.to_string())])),
    );
    let before = all(engine.reader().as_ref());
    engine.checkpoint().unwrap();
    engine.checkpoint().unwrap();
    assert_eq!(all(engine.reader().as_ref()), before);
}

#[test]
fn memory_says_when_history_is_gone() {
    let engine = Memory::with_history(3);
    commit_all(&engine, (1..=10).map(|number| blind(number, vec![put("k", "v")])));
    assert_eq!(engine.changes(Revision::new(7), 9).unwrap().len(), 3);
    assert_eq!(engine.changes(Revision::new(10), 9).unwrap().len(), 0);
    assert!(matches!(
        engine.changes(Revision::new(6), 9),
        Err(ChangesError::HistoryGone { oldest }) if oldest.number() == 8
    ));
}
