//! sled's file is looked over before sled is let at it: what it would pass over is found, and a healthy one is believed.

use std::fs;
use std::path::Path;

use super::{STORE, all, blind, commit_all, put, small};
use crate::engine::local::{Local, Options, RebuiltBecause, look_over_file};
use crate::engine::{Engine, Entry, IndexFault};

const SEGMENT: usize = 512 * 1024;

fn options() -> Options {
    Options { segment_size: 1 << 20, table_entries: 500, ..small() }
}

/// A closed store whose index has several segments, opened and closed once more.
fn closed(path: &Path) -> Vec<Entry> {
    let text = |key: u64| "v".repeat(usize::try_from(300 + key % 100).unwrap());
    let commit = |round: u64| {
        blind(round, (0..500).map(|key| put(&format!("{}", key * 7 + round), &text(key))).collect())
    };
    let store = Local::create(path, STORE, options()).unwrap();
    commit_all(&store, (0..12).map(commit));
    drop(store);
    let (store, report) = Local::open(path, options()).unwrap();
    assert!(report.rebuilt.is_none(), "a healthy index is believed: {:?}", report.rebuilt);
    commit_all(&store, (12..16).map(commit));
    all(store.reader().as_ref())
}

#[test]
fn a_first_message_that_is_damaged_is_found_before_sled_passes_over_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("store");
    let expected = closed(&path);
    let db = path.join("index/db");
    let whole = fs::read(&db).unwrap();
    let mut seen = 0;
    for begin in (0..whole.len()).step_by(SEGMENT) {
        let mut harmed = whole.clone();
        // The kind of the first message behind the header of the segment.
        harmed[begin + 24] ^= 1;
        fs::write(&db, &harmed).unwrap();
        let found = look_over_file(&db).unwrap();
        if found.is_none() {
            continue;
        }
        seen += 1;
        let (store, report) = Local::open(&path, options()).unwrap();
        assert_eq!(all(store.reader().as_ref()), expected);
        let because = report.rebuilt.expect("it is made anew").because;
        let RebuiltBecause::Fault(IndexFault::Damaged { offset, .. }) = because else {
            panic!("{because:?}");
        };
        assert_eq!(offset / SEGMENT as u64, (begin / SEGMENT) as u64);
        drop(store);
    }
    assert!(seen >= 2, "of {} segments", whole.len() / SEGMENT);
}

#[test]
fn whatever_stands_in_the_file_is_looked_over_without_panic() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("store");
    closed(&path);
    let db = path.join("index/db");
    let whole = fs::read(&db).unwrap();
    assert_eq!(look_over_file(&db).unwrap(), None, "nothing is wrong with it");
    for length in [0, 1, 19, 20, 24, SEGMENT - 1, SEGMENT, SEGMENT + 1, whole.len() - 1] {
        for filler in [None, Some(0), Some(0xff), Some(0xa5)] {
            let bytes = filler.map_or_else(|| whole[..length].to_vec(), |byte| vec![byte; length]);
            fs::write(&db, &bytes).unwrap();
            let found = look_over_file(&db).unwrap();
            assert!(
                filler.is_none_or(|byte| found.is_some() == (byte != 0 && length > 0)),
                "{length} {filler:?}"
            );
        }
    }
}
