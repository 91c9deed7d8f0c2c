//! Random steps on a local store and on a model that is a map and a list.

use std::collections::BTreeMap;

use fleet::{Revision, Time};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use super::{STORE, all, scan, small};
use crate::engine::local::{Local, Options};
use crate::engine::{Change, Commit, Engine, Entry, Expected, KeyRange, Order, Reader, Write};

#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<Asked>),
    Checkpoint,
    Reopen,
    /// Begin to read, and go on doing so until the store is reopened.
    Read,
    Scan(u8, u8),
    Changes(u8, u8),
}

/// A commit, with numbers for keys and values.
#[derive(Clone, Debug)]
struct Asked {
    millis: u64,
    /// A key whose revision is expected, and whether the right one is.
    guess: Option<(u8, bool)>,
    writes: Vec<(u8, Option<u8>)>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0_u8..24;
    let write = (key.clone(), prop::option::weighted(0.7, any::<u8>()));
    let guess = prop::option::of((key.clone(), any::<bool>()));
    let asked = (0_u64..50, guess, prop::collection::vec(write, 1..5));
    let asked = asked.prop_map(|(millis, guess, writes)| Asked { millis, guess, writes });
    let step = prop_oneof![
        12 => prop::collection::vec(asked, 1..4).prop_map(Step::Commit),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
        3 => Just(Step::Read),
        3 => (key.clone(), key.clone()).prop_map(|(start, end)| Step::Scan(start, end)),
        2 => (any::<u8>(), 0_u8..20).prop_map(|(since, limit)| Step::Changes(since, limit)),
    ];
    prop::collection::vec(step, 1..60)
}

fn key(number: u8) -> Vec<u8> {
    // Keys of several lengths, some of them prefixes of others.
    vec![b'k'; usize::from(number % 3)].into_iter().chain([number]).collect()
}

#[derive(Debug, Default)]
struct Model {
    map: BTreeMap<Vec<u8>, (Vec<u8>, u64)>,
    changes: Vec<Change>,
}

impl Model {
    fn entries(&self) -> Vec<Entry> {
        let entry = |(key, (value, at)): (&Vec<u8>, &(Vec<u8>, u64))| Entry {
            key: key.clone(),
            value: value.clone(),
            revision: Revision::new(*at),
        };
        self.map.iter().map(entry).collect()
    }

    fn revision_of(&self, key: &[u8]) -> Option<Revision> {
        self.map.get(key).map(|(_, at)| Revision::new(*at))
    }

    /// The revision, or `None` when something expected is not so.
    fn commit(&mut self, commit: &Commit) -> Option<u64> {
        if commit.expected.iter().any(|expected| self.revision_of(&expected.key) != expected.revision) {
            return None;
        }
        let revision = self.changes.len() as u64 + 1;
        for write in &commit.writes {
            match write.value {
                Some(value) => self.map.insert(write.key.to_vec(), (value.to_vec(), revision)),
                None => self.map.remove(write.key),
            };
        }
        let time = self.changes.last().map_or(commit.time, |last| last.time.max(commit.time));
        self.changes.push(Change { revision: Revision::new(revision), time, writes: commit.writes.clone() });
        Some(revision)
    }
}

/// Runs steps up to the next reopening.
fn run(store: &Local, model: &mut Model, steps: &mut dyn Iterator<Item = Step>) {
    let mut readers: Vec<(Box<dyn Reader + '_>, Vec<Entry>)> = Vec::new();
    for step in steps {
        match step {
            Step::Reopen => break,
            Step::Commit(group) => {
                let mut commits = Vec::new();
                let mut expected = Vec::new();
                for Asked { millis, guess, writes } in group {
                    let guess = guess.map(|(number, right)| {
                        let key = key(number);
                        let revision = if right { model.revision_of(&key) } else { Some(Revision::new(3)) };
                        Expected { key, revision }
                    });
                    let write = |(number, value): (u8, Option<u8>)| Write {
                        key: key(number),
                        value: value.map(|value| vec![value; usize::from(value)]),
                    };
                    let writes = writes.into_iter().map(write).collect();
                    let commit = Commit {
                        time: Time::from_millis(millis),
                        expected: guess.into_iter().collect(),
                        writes,
                    };
                    expected.push(model.commit(&commit));
                    commits.push(commit);
                }
                let answers = store.commit(commits).unwrap();
                let answers: Vec<_> =
                    answers.iter().map(|answer| answer.as_ref().ok().map(|at| at.number())).collect();
                assert_eq!(answers, expected);
            }
            Step::Checkpoint => store.checkpoint().unwrap(),
            Step::Read => readers.push((store.reader(), model.entries())),
            Step::Scan(start, end) => {
                let range = KeyRange { start: key(start), end: Some(key(end)) };
                let mut expected = model.entries();
                expected.retain(|entry| (key(start)..key(end)).contains(&entry.key));
                assert_eq!(scan(store.reader().as_ref(), range.clone(), Order::Ascending), expected);
                expected.reverse();
                assert_eq!(scan(store.reader().as_ref(), range, Order::Descending), expected);
            }
            Step::Changes(since, limit) => {
                let since = usize::from(since).min(model.changes.len());
                let expected: Vec<_> = model.changes[since..].iter().take(limit.into()).cloned().collect();
                assert_eq!(store.changes(Revision::new(since as u64), limit.into()).unwrap(), expected);
            }
        }
        assert_eq!(all(store.reader().as_ref()), model.entries());
        for (reader, entries) in &readers {
            assert_eq!(all(reader.as_ref()), *entries);
            for number in 0..24 {
                let found = reader.get(&key(number)).unwrap();
                assert_eq!(found.as_ref(), entries.iter().find(|entry| entry.key == key(number)));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../proptest-regressions/store-engine-model.txt"
        )))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_local_store_is_a_map_and_a_list(steps in steps(), table_entries in 1_usize..40) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("store");
        let options = Options { table_entries, ..small() };
        drop(Local::create(&path, STORE, options).unwrap());
        let mut model = Model::default();
        let mut steps = steps.into_iter().peekable();
        while steps.peek().is_some() {
            let (store, report) = Local::open(&path, options).unwrap();
            prop_assert!(report.rebuilt.is_none() && report.cut.is_none(), "{report:?}");
            prop_assert_eq!(all(store.reader().as_ref()), model.entries());
            run(&store, &mut model, &mut steps);
            prop_assert_eq!(store.changes(Revision::ZERO, usize::MAX).unwrap(), model.changes.clone());
        }
    }
}
