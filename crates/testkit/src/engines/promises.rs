//! The sentences that an engine is judged by.

use std::ops::ControlFlow;

use fleet::{Revision, Time};
use hatchery::engine::{ChangesError, Engine, Expected, KeyRange, Order, RECORD_MAX, Refused, Write};

use super::{Home, agrees, all, blind, commit, expecting, put, remove, revision_of, scan, show};

/// A sentence, and its test.
type OfOne = (&'static str, fn(&dyn Engine));
type OfAHome = (&'static str, fn(&mut dyn Home));

/// What can be seen of one engine without stopping it.
pub(super) const OF_ONE: [OfOne; 12] = [
    ("an empty engine holds nothing", an_empty_engine_holds_nothing),
    ("a commit happens as a whole", a_commit_happens_as_a_whole),
    ("a conflict leaves its neighbours as they are", a_conflict_leaves_its_neighbours_as_they_are),
    ("later commits of a group see earlier ones", later_commits_of_a_group_see_earlier_ones),
    ("of two writes to a key the later counts", of_two_writes_to_a_key_the_later_counts),
    ("times never go back", times_never_go_back),
    ("scans are ordered both ways", scans_are_ordered_both_ways),
    ("ranges have a start but not an end", ranges_have_a_start_but_not_an_end),
    ("the feed is exact from wherever it is read", the_feed_is_exact_from_wherever_it_is_read),
    ("a record that is too long is refused alone", a_record_that_is_too_long_is_refused_alone),
    ("a reader stands still", a_reader_stands_still),
    ("of all who expect the same revision one is accepted", of_all_who_expect_the_same_one_is_accepted),
];

/// What takes more than one engine, or something from outside.
pub(super) const OF_A_HOME: [OfAHome; 4] = [
    ("a commit takes as many writes as was said", a_commit_takes_as_many_writes_as_was_said),
    ("what was acknowledged is there after a kill", what_was_acknowledged_is_there_after_a_kill),
    ("after a fault nothing is written and all is read", after_a_fault_nothing_is_written_and_all_is_read),
    ("history that is gone is said to be", history_that_is_gone_is_said_to_be),
];

fn an_empty_engine_holds_nothing(engine: &dyn Engine) {
    assert_eq!(all(engine), []);
    assert_eq!(engine.reader().get(b"a").expect("a read"), None);
    assert_eq!(engine.commit(vec![]).expect("a commit of nothing"), []);
    assert_eq!(engine.reader().revision(), engine.last().0);
    let later = engine.last().0.next().expect("a revision");
    assert!(matches!(engine.changes(later, 1), Err(ChangesError::Future { .. })), "what has not happened");
}

fn a_commit_happens_as_a_whole(engine: &dyn Engine) {
    let first = commit(engine, blind(1, vec![put("a", "1"), put("b", "1")]));
    assert_eq!(show(engine), "a=1 b=1");
    assert_eq!((revision_of(engine, "a"), revision_of(engine, "b")), (Some(first), Some(first)));
    let second = commit(engine, blind(1, vec![put("a", "2"), remove("b"), put("c", "2")]));
    assert!(second > first);
    assert_eq!(show(engine), "a=2 c=2");
    let stale = expecting("a", Some(first), vec![put("a", "3"), put("b", "3")]);
    assert!(engine.commit(vec![stale]).expect("an answer")[0].is_err());
    assert_eq!(show(engine), "a=2 c=2", "nothing of what was refused");
}

fn a_conflict_leaves_its_neighbours_as_they_are(engine: &dyn Engine) {
    let first = commit(engine, blind(1, vec![put("a", "1")]));
    let answers = engine.commit(vec![
        expecting("a", Some(first), vec![put("x", "x")]),
        expecting("a", None, vec![put("a", "no")]),
        expecting("b", Some(first), vec![put("b", "no")]),
        expecting("b", None, vec![put("b", "1")]),
    ]);
    let answers = answers.expect("answers");
    let found: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Ok(_) => None,
            Err(Refused::Conflict(conflict)) => Some((conflict.expected, conflict.found)),
            Err(other) => panic!("no conflict: {other}"),
        })
        .collect();
    assert_eq!(found, [None, Some((None, Some(first))), Some((Some(first), None)), None]);
    assert_eq!(show(engine), "a=1 b=1 x=x");
}

fn later_commits_of_a_group_see_earlier_ones(engine: &dyn Engine) {
    let answers = engine.commit(vec![
        expecting("a", None, vec![put("a", "1")]),
        expecting("a", None, vec![put("a", "lost the race")]),
        blind(1, vec![remove("a")]),
        expecting("a", None, vec![put("a", "3")]),
    ]);
    let answers = answers.expect("answers");
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, true]);
    let accepted: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert!(accepted.is_sorted_by(|one, next| one < next), "each has a revision of its own");
    assert_eq!(show(engine), "a=3");
    assert_eq!(revision_of(engine, "a"), accepted.last().copied());
}

fn of_two_writes_to_a_key_the_later_counts(engine: &dyn Engine) {
    let writes = vec![put("a", "1"), remove("a"), put("a", "2"), put("b", "1"), remove("b")];
    commit(engine, blind(1, writes));
    assert_eq!(show(engine), "a=2");
}

fn times_never_go_back(engine: &dyn Engine) {
    let revisions: Vec<_> = [5, 3, 9].map(|millis| commit(engine, blind(millis, vec![put("a", "1")]))).into();
    let changes = engine.changes(Revision::ZERO, usize::MAX).expect("the feed");
    let times: Vec<_> = changes.iter().map(|change| (change.revision, change.time.millis())).collect();
    assert_eq!(times, revisions.iter().copied().zip([5, 5, 9]).collect::<Vec<_>>());
    assert_eq!(engine.last().1, Time::from_millis(9));
}

fn scans_are_ordered_both_ways(engine: &dyn Engine) {
    for round in 0..5_u32 {
        let key = |number: u32| format!("{:03}", (number * 37 + round) % 200);
        (0..60).for_each(|number| {
            commit(engine, blind(1, vec![put(&key(number), &round.to_string())]));
        });
        (0..20).for_each(|number| {
            commit(engine, blind(1, vec![remove(&key(number * 3))]));
        });
        agrees(engine);
    }
    for order in [Order::Ascending, Order::Descending] {
        let mut seen = 0;
        let stop = &mut |_| {
            seen += 1;
            ControlFlow::Break(())
        };
        engine.reader().scan(KeyRange::all(), order, stop).expect("a scan");
        assert_eq!(seen, 1, "a scan stops when told");
    }
}

fn ranges_have_a_start_but_not_an_end(engine: &dyn Engine) {
    let keys = ["a", "a\0", "aa", "ab", "b", "\u{7f}"];
    keys.into_iter().for_each(|key| {
        commit(engine, blind(1, vec![put(key, "v")]));
    });
    let range = |start: &str, end: &str| KeyRange { start: start.into(), end: Some(end.into()) };
    for (range, expected) in [
        (KeyRange::all(), &keys[..]),
        (KeyRange::prefix(b"a"), &["a", "a\0", "aa", "ab"]),
        (KeyRange::prefix(b"\xff"), &[]),
        (range("a", "b"), &["a", "a\0", "aa", "ab"]),
        (range("a\0", "ab"), &["a\0", "aa"]),
        (range("b", "a"), &[]),
        (range("b", "b"), &[]),
        (KeyRange { start: "ab".into(), end: None }, &["ab", "b", "\u{7f}"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|key| key.as_bytes()).collect();
        let found =
            |order| scan(engine.reader().as_ref(), range.clone(), order).into_iter().map(|entry| entry.key);
        assert_eq!(found(Order::Ascending).collect::<Vec<_>>(), expected, "{range:?}");
        assert_eq!(found(Order::Descending).rev().collect::<Vec<_>>(), expected, "{range:?}");
    }
}

fn the_feed_is_exact_from_wherever_it_is_read(engine: &dyn Engine) {
    let value = |number: u64| "v".repeat(usize::try_from(number).expect("small"));
    let told: Vec<_> = (1..=20)
        .map(|number| (commit(engine, blind(number, vec![put("k", &value(number)), remove("gone")])), number))
        .collect();
    for (seen, limit) in (0..=20_usize).flat_map(|seen| [0, 1, 7, usize::MAX].map(|limit| (seen, limit))) {
        let since = seen.checked_sub(1).map_or(Revision::ZERO, |last| told[last].0);
        let changes = engine.changes(since, limit).expect("the feed");
        assert_eq!(changes.len(), limit.min(20 - seen));
        for (change, (revision, number)) in changes.iter().zip(&told[seen..]) {
            assert_eq!((change.revision, change.time.millis()), (*revision, *number));
            assert_eq!(change.writes, vec![put("k", &value(*number)), remove("gone")].into());
        }
    }
}

fn a_record_that_is_too_long_is_refused_alone(engine: &dyn Engine) {
    let sized = |size: usize| Write { key: vec![b'k'; 10], value: Some(vec![0; size - 10]) };
    let answers = engine.commit(vec![
        blind(1, vec![sized(RECORD_MAX)]),
        blind(1, vec![put("a", "1"), sized(RECORD_MAX + 1)]),
        blind(1, vec![sized(RECORD_MAX - 1)]),
    ]);
    let answers = answers.expect("answers");
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(matches!(answers[1], Err(Refused::RecordTooLarge { size, max, .. }) if size == max + 1));
    assert_eq!(revision_of(engine, "a"), None);
}

fn a_reader_stands_still(engine: &dyn Engine) {
    (0..10).for_each(|number| {
        commit(engine, blind(1, vec![put(&number.to_string(), "old")]));
    });
    let (reader, before, at) = (engine.reader(), all(engine), engine.last().0);
    for round in 0..5 {
        (3..15).for_each(|number| {
            commit(engine, blind(2, vec![put(&number.to_string(), "new")]));
        });
        (0..5).for_each(|number| {
            commit(engine, blind(2, vec![remove(&number.to_string())]));
        });
        if round == 3 {
            engine.checkpoint().expect("a checkpoint");
        }
        assert_eq!(reader.revision(), at);
        assert_eq!(scan(reader.as_ref(), KeyRange::all(), Order::Ascending), before);
        for entry in &before {
            assert_eq!(reader.get(&entry.key).expect("a read").as_ref(), Some(entry));
        }
        assert_eq!(reader.get(b"12").expect("a read"), None);
    }
    assert_ne!(all(engine), before);
}

fn of_all_who_expect_the_same_one_is_accepted(engine: &dyn Engine) {
    const CALLERS: usize = 4;
    const ROUNDS: usize = 10;
    let won: usize = std::thread::scope(|scope| {
        let caller = || {
            let mut won = 0;
            while won < ROUNDS {
                let entry = engine.reader().get(b"count").expect("a read");
                let count = entry.as_ref().map_or(0, |entry| entry.value.len());
                let revision = entry.map(|entry| entry.revision);
                let next = expecting("count", revision, vec![put("count", &"+".repeat(count + 1))]);
                won += usize::from(engine.commit(vec![next]).expect("an answer")[0].is_ok());
            }
            won
        };
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(caller)).collect();
        callers.into_iter().map(|caller| caller.join().expect("a caller")).sum()
    });
    let counted = engine.reader().get(b"count").expect("a read").map(|entry| entry.value.len());
    assert_eq!((won, counted), (CALLERS * ROUNDS, Some(CALLERS * ROUNDS)), "no count was lost");
}

fn a_commit_takes_as_many_writes_as_was_said(home: &mut dyn Home) {
    let (most, engine) = (home.abilities().writes_max, home.make());
    assert!(most >= 220, "a launch of 100 instances does not fit");
    let key = |number: usize| format!("{number:06}");
    let expected =
        (0..most / 2).map(|number| Expected { key: key(number).into_bytes(), revision: None }).collect();
    let writes = (0..most).map(|number| put(&key(number), "v")).collect();
    let at = commit(engine.as_ref(), hatchery::engine::Commit { time: Time::START, expected, writes });
    let entries = all(engine.as_ref());
    assert_eq!(entries.len(), most);
    assert!(entries.iter().all(|entry| entry.revision == at));
    agrees(engine.as_ref());
}

fn what_was_acknowledged_is_there_after_a_kill(home: &mut dyn Home) {
    let mut engine = home.make();
    for round in 0..4_u64 {
        for number in 0..30_u64 {
            let at = round * 100 + number;
            commit(
                engine.as_ref(),
                blind(at, vec![put(&(at % 70).to_string(), &at.to_string()), remove("0")]),
            );
        }
        let before = (all(engine.as_ref()), engine.last());
        let Some(opened) = home.reopen(engine) else { return };
        engine = opened;
        assert_eq!((all(engine.as_ref()), engine.last()), before);
        agrees(engine.as_ref());
    }
}

fn after_a_fault_nothing_is_written_and_all_is_read(home: &mut dyn Home) {
    let engine = home.make();
    (0..20).for_each(|number| {
        commit(engine.as_ref(), blind(1, vec![put(&number.to_string(), "v")]));
    });
    let (before, last) = (all(engine.as_ref()), engine.last());
    if !home.break_medium() {
        return;
    }
    let first = engine.commit(vec![blind(2, vec![put("lost", "v")])]);
    assert!(first.is_err(), "what cannot be made durable is not acknowledged");
    assert!(engine.commit(vec![blind(2, vec![put("later", "v")])]).is_err(), "nothing follows a fault");
    assert_eq!((all(engine.as_ref()), engine.last()), (before.clone(), last), "reads go on");
    let engine = home.reopen(engine).expect("who can break can be opened again");
    let found = all(engine.as_ref());
    let acknowledged: Vec<_> = found.iter().filter(|entry| entry.key != b"lost").cloned().collect();
    assert_eq!(acknowledged, before, "what was acknowledged is there, and nothing that came after the fault");
    commit(engine.as_ref(), blind(3, vec![put("again", "v")]));
    agrees(engine.as_ref());
}

fn history_that_is_gone_is_said_to_be(home: &mut dyn Home) {
    const COMMITS: usize = 200;
    let Some(engine) = home.forgetful(COMMITS) else { return };
    let Err(ChangesError::HistoryGone { oldest }) = engine.changes(Revision::ZERO, 1) else {
        panic!("the first commit should be forgotten");
    };
    let before = Revision::new(oldest.number() - 1);
    let kept = engine.changes(before, usize::MAX).expect("what is kept");
    assert_eq!(kept.first().map(|change| change.revision), Some(oldest), "without a gap");
    assert_eq!(kept.last().map(|change| change.revision), Some(engine.last().0));
    assert!(kept.len() < COMMITS);
    let earlier = Revision::new(before.number() - 1);
    assert!(
        matches!(engine.changes(earlier, 1), Err(ChangesError::HistoryGone { .. })),
        "never a silent gap"
    );
}
