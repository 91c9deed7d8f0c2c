//! What repairing does, and what it leaves alone; said before it is done, and never a loss without leave.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fleet::Revision;

use super::{STORE, all, blind, commit_all, fold, put, small};
use crate::engine::local::{Local, OpenError, Options, Repaired, kinds, plan_repair, repair};
use crate::engine::{Change, Commit, Engine, Entry};

const COMMITS: u64 = 40;

fn commit(number: u64) -> Commit {
    blind(number, vec![put(&format!("k{}", number % 9), &"v".repeat(100))])
}

fn state(commits: u64) -> Vec<Entry> {
    let change = |number| {
        let Commit { time, writes, .. } = commit(number);
        Change { revision: Revision::new(number + 1), time, writes }
    };
    fold(&(0..commits).map(change).collect::<Vec<_>>())
}

/// Two snapshots, of revisions 15 and 30, and the whole journal.
struct Closed(tempfile::TempDir);

impl Closed {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Local::create(&home.path().join("store"), STORE, small()).unwrap();
        for number in 0..COMMITS {
            commit_all(&store, [commit(number)]);
            if number == 14 || number == 29 {
                store.snapshot().unwrap().unwrap();
            }
        }
        drop(store);
        Self(home)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut files: Vec<_> =
            fs::read_dir(self.path().join(folder)).unwrap().map(|item| item.unwrap().path()).collect();
        files.sort();
        files
    }

    fn plan(&self) -> (BTreeMap<&'static str, usize>, bool) {
        let plan = plan_repair(&self.path()).unwrap();
        (kinds(&plan), plan.loses)
    }

    /// Repairs it without leave to lose anything, and finds everything there.
    fn repaired(&self) {
        match repair(&self.path(), small(), false).unwrap() {
            Repaired::Done { .. } => {}
            Repaired::WouldLose(plan) => panic!("{plan:?}"),
        }
        self.holds(COMMITS);
    }

    fn holds(&self, commits: u64) {
        assert_eq!(self.plan(), (BTreeMap::new(), false), "once is enough");
        let (store, _) = Local::open(&self.path(), small()).unwrap();
        assert_eq!(store.last().0, Revision::new(commits));
        assert_eq!(all(store.reader().as_ref()), state(commits));
        commit_all(&store, [commit(commits)]);
        assert_eq!(all(store.reader().as_ref()), state(commits + 1));
    }
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
}

#[test]
fn there_is_nothing_to_do_to_a_good_store() {
    let closed = Closed::new();
    assert_eq!(closed.plan(), (BTreeMap::new(), false));
    closed.repaired();
}

#[test]
fn damaged_files_that_can_be_done_without_go() {
    let closed = Closed::new();
    flip(&closed.path().join("CHECKPOINT"), 40);
    flip(&closed.files("snapshot")[0], 100);
    assert_eq!(closed.plan(), (BTreeMap::from([("file", 1), ("snapshot", 1), ("open", 1)]), false));
    closed.repaired();
}

#[test]
fn damage_before_a_snapshot_costs_history_and_nothing_else() {
    for at in [100, 20] {
        let closed = Closed::new();
        let segments = closed.files("journal");
        flip(&segments[1], at);
        // The index does without, for now; a rebuild would not.
        fs::remove_dir_all(closed.path().join("index")).unwrap();
        assert!(
            at != 20 || matches!(Local::open(&closed.path(), small()), Err(OpenError::SegmentHeader { .. }))
        );
        assert_eq!(closed.plan(), (BTreeMap::from([("history", 1), ("open", 1)]), false), "at {at}");
        closed.repaired();
        assert!(
            closed.files("journal")[0].to_string_lossy().ends_with(".cut"),
            "what is dropped is set aside"
        );
    }
    // So it is when they are the first, or gone.
    let closed = Closed::new();
    flip(&closed.files("journal")[0], 20);
    assert_eq!(closed.plan(), (BTreeMap::from([("history", 1), ("open", 1)]), false));
    closed.repaired();
    let closed = Closed::new();
    fs::remove_file(&closed.files("journal")[2]).unwrap();
    assert_eq!(closed.plan(), (BTreeMap::from([("history", 1), ("open", 1)]), false));
    closed.repaired();
}

#[test]
fn damage_after_the_last_snapshot_is_only_cut_with_leave() {
    let closed = Closed::new();
    fs::remove_dir_all(closed.path().join("index")).unwrap();
    let segments = closed.files("journal");
    let damaged = &segments[segments.len() - 2];
    flip(damaged, 100);
    match Local::open(&closed.path(), small()) {
        Err(OpenError::Damaged { file, offset: 64, .. }) => assert_eq!(file, *damaged),
        other => panic!("{other:?}"),
    }
    let before: Vec<_> = closed.files("journal").iter().map(|file| fs::read(file).unwrap()).collect();
    let (fixes, loses) = closed.plan();
    assert!(loses && fixes.contains_key("cut") && fixes.contains_key("loss"), "{fixes:?}");
    assert!(matches!(repair(&closed.path(), small(), false).unwrap(), Repaired::WouldLose(_)));
    let after: Vec<_> = closed.files("journal").iter().map(|file| fs::read(file).unwrap()).collect();
    assert_eq!(before, after, "nothing was touched");

    let Repaired::Done { report, .. } = repair(&closed.path(), small(), true).unwrap() else { panic!() };
    let left = report.last.number();
    assert!((30..COMMITS).contains(&left), "{left}");
    closed.holds(left);
    let aside =
        closed.files("journal").iter().filter(|file| file.to_string_lossy().ends_with(".cut")).count();
    assert_eq!(aside, 2, "what was cut is kept");
}

#[test]
fn without_anything_to_begin_from_only_a_backup_helps() {
    let closed = Closed::new();
    fs::remove_dir_all(closed.path().join("index")).unwrap();
    fs::remove_dir_all(closed.path().join("snapshot")).unwrap();
    fs::remove_file(&closed.files("journal")[0]).unwrap();
    assert!(matches!(plan_repair(&closed.path()), Err(OpenError::NothingToBeginFrom { .. })));
    assert!(matches!(repair(&closed.path(), small(), true), Err(OpenError::NothingToBeginFrom { .. })));
}

#[test]
fn one_index_that_was_moved_aside_is_kept() {
    let closed = Closed::new();
    for round in 1..=3 {
        fs::write(closed.path().join("index/SUSPECT"), "").unwrap();
        drop(Local::open(&closed.path(), small()).unwrap());
        assert!(closed.path().join(format!("index.damaged-{round}")).exists());
        assert!(!closed.path().join(format!("index.damaged-{}", round - 1)).exists());
    }
    fs::create_dir(closed.path().join("index.damaged-1")).unwrap();
    assert_eq!(closed.plan(), (BTreeMap::from([("old index", 1), ("open", 1)]), false));
    closed.repaired();
}

#[test]
fn an_open_store_is_left_alone() {
    let closed = Closed::new();
    let (_open, _) = Local::open(&closed.path(), Options::default()).unwrap();
    assert!(matches!(plan_repair(&closed.path()), Err(OpenError::Locked { .. })));
    assert!(matches!(repair(&closed.path(), small(), true), Err(OpenError::Locked { .. })));
}

#[test]
fn a_newest_segment_that_is_gone_is_only_given_up_with_leave() {
    for cut_off in [false, true] {
        let closed = Closed::new();
        fs::remove_dir_all(closed.path().join("index")).unwrap();
        fs::remove_file(closed.path().join("CHECKPOINT")).unwrap();
        let newest = closed.files("journal").pop().unwrap();
        if cut_off {
            let bytes = fs::read(&newest).unwrap();
            fs::write(&newest, &bytes[..64]).unwrap();
        } else {
            fs::remove_file(&newest).unwrap();
        }
        match Local::open(&closed.path(), small()) {
            Err(OpenError::Damaged { file, offset: 64, .. }) => assert!(cut_off && file == newest),
            Err(OpenError::SegmentMissing { file }) => assert!(!cut_off && file == newest),
            other => panic!("{other:?}"),
        }
        let (fixes, loses) = closed.plan();
        assert!(loses && fixes.contains_key("cut"), "{fixes:?}");
        assert!(matches!(repair(&closed.path(), small(), false).unwrap(), Repaired::WouldLose(_)));
        let Repaired::Done { report, .. } = repair(&closed.path(), small(), true).unwrap() else { panic!() };
        let left = report.last.number();
        assert!((30..COMMITS).contains(&left), "{left}");
        closed.holds(left);
    }
}
