//! A store in a real directory: who may open it, and what becomes of it when files go missing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fleet::Revision;

use super::{STORE, all, blind, check_agrees, commit_all, history, put, remove, small};
use crate::engine::disk::{Directory, Disk};
use crate::engine::journal::{Identity, SegmentNumber};
use crate::engine::local::{Checkpoint, Held, Index, Slot, load_checkpoint};
use crate::engine::local::{
    Finding, Local, LostHistory, Note, OpenError, Options, RebuiltBecause, Sync, Witness, inspect,
};
use crate::engine::{Change, Engine, EngineError, Entry, StoreId};

/// Writes into the index of a closed store behind the journal's back.
fn tamper(closed: &Closed, entries: &[(&str, Option<(u64, &str)>)]) {
    let identity = Identity { store: STORE, epoch: 1 };
    let (index, _) = Index::open(&closed.path().join("index"), identity, small().cache_bytes).unwrap();
    for (key, entry) in entries {
        let held = entry.map(|(revision, value)| Held {
            revision: Revision::new(revision),
            value: value.as_bytes().to_vec(),
        });
        let there = index.get(key.as_bytes()).unwrap().is_some();
        assert!(there || held.is_some(), "there is no {key} to be removed");
        index.apply(&[Slot { key: key.as_bytes().to_vec(), held }], None).unwrap();
    }
}

/// A closed store with some history, and what it holds.
struct Closed {
    home: tempfile::TempDir,
    state: Vec<Entry>,
    changes: Vec<Change>,
}

impl Closed {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Local::create(&home.path().join("store"), STORE, small()).unwrap();
        commit_all(&store, (0..40).map(|number| blind(number, vec![put(&format!("{}", number % 13), "v")])));
        commit_all(&store, (0..5).map(|number| blind(50, vec![remove(&format!("{number}"))])));
        let (state, changes) = (all(store.reader().as_ref()), history(&store));
        drop(store);
        Self { home, state, changes }
    }

    fn path(&self) -> PathBuf {
        self.home.path().join("store")
    }

    fn check(&self, store: &Local) {
        assert_eq!(all(store.reader().as_ref()), self.state);
        assert_eq!(history(store), self.changes);
        check_agrees(store);
    }

    fn findings(&self) -> Vec<Finding> {
        inspect(&self.path(), Some(self.home.path())).unwrap().findings
    }
}

fn segments(store: &Path) -> Vec<PathBuf> {
    let mut segments: Vec<_> =
        fs::read_dir(store.join("journal")).unwrap().map(|item| item.unwrap().path()).collect();
    segments.sort();
    segments
}

#[test]
fn a_store_is_the_same_when_opened_again() {
    let closed = Closed::new();
    let (store, report) = Local::open(&closed.path(), small()).unwrap();
    closed.check(&store);
    assert_eq!(report.identity, Identity { store: STORE, epoch: 1 });
    assert_eq!((report.last, report.replayed), (Revision::new(45), 0));
    assert!(report.cut.is_none() && report.rebuilt.is_none() && report.lost.is_none());
}

#[test]
fn files_are_for_their_owner_only() {
    let closed = Closed::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&closed.path()), 0o700);
    assert_eq!(mode(&closed.path().join("journal")), 0o700);
    assert_eq!(mode(&closed.path().join("index")), 0o700);
    for name in ["MANIFEST", "LOCK", "CHECKPOINT"] {
        assert_eq!(mode(&closed.path().join(name)), 0o600, "{name}");
    }
    for segment in segments(&closed.path()) {
        assert_eq!(mode(&segment), 0o600);
    }
}

#[test]
fn a_second_opener_is_told_who_has_it() {
    let closed = Closed::new();
    let _open = Local::open(&closed.path(), small()).unwrap();
    let told = |refused| match refused {
        OpenError::Locked { path, pid } => path == closed.path() && pid == Some(std::process::id()),
        other => panic!("{other:?}"),
    };
    assert!(told(Local::open(&closed.path(), small()).unwrap_err()));
    assert!(told(inspect(&closed.path(), None).unwrap_err()));
}

#[test]
fn opening_never_makes_a_store() {
    let home = tempfile::tempdir().unwrap();
    for path in [home.path().to_path_buf(), home.path().join("nowhere")] {
        assert!(matches!(Local::open(&path, small()), Err(OpenError::ManifestMissing { .. })));
        assert!(matches!(inspect(&path, None), Err(OpenError::ManifestMissing { .. })));
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn making_never_takes_over_a_store() {
    let closed = Closed::new();
    let refused = Local::create(&closed.path(), STORE, small());
    assert!(matches!(refused, Err(OpenError::NotEmpty { .. })));
    for lost in ["MANIFEST", "index"] {
        let path = closed.path().join(lost);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap()
        } else {
            fs::remove_file(path).unwrap()
        }
        let refused = Local::create(&closed.path(), STORE, small());
        assert!(matches!(refused, Err(OpenError::NotEmpty { .. })), "without {lost}");
    }
}

#[test]
fn a_store_without_its_journal_is_not_an_empty_one() {
    let closed = Closed::new();
    let all = segments(&closed.path());
    assert!(all.len() > 2);

    fs::rename(&all[0], closed.home.path().join("first")).unwrap();
    let missing = Local::open(&closed.path(), small()).unwrap_err();
    assert!(matches!(missing, OpenError::SegmentMissing { file } if file == all[0]));
    fs::rename(closed.home.path().join("first"), &all[0]).unwrap();

    fs::remove_file(all.last().unwrap()).unwrap();
    let shorter = Local::open(&closed.path(), small()).unwrap_err();
    assert!(matches!(&shorter, OpenError::SegmentMissing { file } if file == all.last().unwrap()));
    // And should what says that it is missing be gone too, the checkpoint knows.
    let before = &all[all.len() - 2];
    let bytes = fs::read(before).unwrap();
    let seal = bytes.windows(4).position(|bytes| bytes == b"SEAL").unwrap();
    fs::write(before, [&bytes[..seal], &vec![0; bytes.len() - seal]].concat()).unwrap();
    let shorter = Local::open(&closed.path(), small()).unwrap_err();
    assert!(matches!(shorter, OpenError::HistoryLost { .. }));

    fs::remove_dir_all(closed.path().join("journal")).unwrap();
    let missing = Local::open(&closed.path(), small()).unwrap_err();
    assert!(matches!(missing, OpenError::JournalMissing { .. }));
}

#[test]
fn a_damaged_or_newer_manifest_is_refused() {
    let closed = Closed::new();
    let file = closed.path().join("MANIFEST");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..63]).unwrap();
    assert!(matches!(Local::open(&closed.path(), small()), Err(OpenError::Manifest { .. })));

    let mut newer = bytes;
    newer[11] = 2;
    let checksum = crc32fast::hash(&newer[..60]);
    newer[60..].copy_from_slice(&checksum.to_be_bytes());
    fs::write(&file, newer).unwrap();
    let refused = Local::open(&closed.path(), small());
    assert!(matches!(refused, Err(OpenError::Format { found: 2, known: 1, .. })));
}

#[test]
fn an_index_can_be_lost() {
    let closed = Closed::new();
    fs::remove_dir_all(closed.path().join("index")).unwrap();
    let (store, report) = Local::open(&closed.path(), small()).unwrap();
    let rebuilt = report.rebuilt.unwrap();
    assert!(matches!(rebuilt.because, RebuiltBecause::Missing));
    assert_eq!((report.replayed, rebuilt.moved_to), (45, None));
    closed.check(&store);
    drop(store);
    assert!(closed.findings().is_empty());
}

#[test]
fn an_index_can_be_damaged_in_any_way() {
    for damage in ["truncated", "zeroed", "garbage", "conf", "suspect"] {
        let closed = Closed::new();
        let db = closed.path().join("index/db");
        let bytes = fs::read(&db).unwrap();
        match damage {
            "truncated" => fs::write(&db, &bytes[..bytes.len() / 3]).unwrap(),
            "zeroed" => fs::write(&db, vec![0; bytes.len()]).unwrap(),
            "garbage" => fs::write(&db, vec![0xa5; bytes.len()]).unwrap(),
            "conf" => fs::write(closed.path().join("index/conf"), b"nonsense, but long enough").unwrap(),
            _ => fs::write(closed.path().join("index/SUSPECT"), b"").unwrap(),
        }
        let (store, report) = Local::open(&closed.path(), small()).unwrap();
        closed.check(&store);
        let rebuilt = report.rebuilt.expect(damage);
        assert_eq!(rebuilt.moved_to, Some(closed.path().join("index.damaged-1")), "{damage}");
    }
}

#[test]
fn a_store_that_is_killed_before_its_first_checkpoint_has_an_index_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let (living, killed) = (home.path().join("living"), home.path().join("killed"));
    let store = Local::create(&living, STORE, Options::default()).unwrap();
    commit_all(&store, [blind(1, vec![put("a", "b")])]);
    // What is on disk now is what a killed process leaves: sled keeps the rest in its memory.
    copy(&living, &killed);

    let inspection = inspect(&killed, None).unwrap();
    assert!(inspection.findings.is_empty(), "{:?}", inspection.findings);
    let (opened, report) = Local::open(&killed, Options::default()).unwrap();
    assert!(report.rebuilt.is_none(), "{:?}", report.rebuilt);
    assert_eq!(all(opened.reader().as_ref()), all(store.reader().as_ref()));
}

#[test]
fn truncated_anywhere_the_index_never_shows() {
    let closed = Closed::new();
    let db = closed.path().join("index/db");
    let bytes = fs::read(&db).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    for length in (0..written).step_by(written / 24 + 1) {
        fs::write(&db, &bytes[..length]).unwrap();
        let (store, _) = Local::open(&closed.path(), small()).unwrap();
        closed.check(&store);
    }
}

#[test]
fn another_stores_index_is_not_believed() {
    let (closed, other) = (Closed::new(), tempfile::tempdir().unwrap());
    let path = other.path().join("store");
    commit_all(&Local::create(&path, StoreId([9; 16]), small()).unwrap(), [blind(1, vec![put("x", "x")])]);
    fs::remove_dir_all(closed.path().join("index")).unwrap();
    fs::rename(path.join("index"), closed.path().join("index")).unwrap();
    assert!(matches!(closed.findings()[..], [Finding::IndexForeign]));
    let (store, report) = Local::open(&closed.path(), small()).unwrap();
    assert!(matches!(report.rebuilt.unwrap().because, RebuiltBecause::Foreign));
    closed.check(&store);
}

#[test]
fn an_index_ahead_of_the_journal_proves_a_loss() {
    let closed = Closed::new();
    let newest = segments(&closed.path()).pop().unwrap();
    let before = fs::read(&newest).unwrap();
    let checkpoint = fs::read(closed.path().join("CHECKPOINT")).unwrap();
    let (store, _) = Local::open(&closed.path(), Options { segment_size: 1 << 20, ..small() }).unwrap();
    commit_all(&store, [blind(60, vec![put("0", "new")])]);
    drop(store);
    let later: Vec<_> = segments(&closed.path()).into_iter().filter(|path| *path > newest).collect();
    later.iter().for_each(|path| fs::remove_file(path).unwrap());
    fs::write(&newest, before).unwrap();
    fs::write(closed.path().join("CHECKPOINT"), checkpoint).unwrap();

    let refused = Local::open(&closed.path(), small()).unwrap_err();
    assert!(
        matches!(refused, OpenError::HistoryLost { witness: Witness::Index, known, .. } if known.number() == 46)
    );
    assert!(matches!(closed.findings()[..], [Finding::HistoryLost { .. }]));

    let accept = Options { lost_history: LostHistory::Accept, ..small() };
    let (store, report) = Local::open(&closed.path(), accept).unwrap();
    assert_eq!(report.lost.unwrap().known, Revision::new(46));
    assert!(
        matches!(report.rebuilt.unwrap().because, RebuiltBecause::Ahead { applied } if applied.number() == 46)
    );
    closed.check(&store);
    drop(store);
    closed.check(&Local::open(&closed.path(), small()).unwrap().0);
}

#[test]
fn an_index_that_lost_what_was_durable_is_rebuilt() {
    let closed = Closed::new();
    let old = closed.home.path().join("old");
    copy(&closed.path().join("index"), &old);
    let (store, _) = Local::open(&closed.path(), small()).unwrap();
    commit_all(&store, [blind(60, vec![put("0", "new")])]);
    let state = all(store.reader().as_ref());
    drop(store);
    fs::remove_dir_all(closed.path().join("index")).unwrap();
    fs::rename(&old, closed.path().join("index")).unwrap();
    assert!(matches!(closed.findings()[..], [Finding::IndexBehind { .. }]));
    let (store, report) = Local::open(&closed.path(), small()).unwrap();
    assert!(matches!(report.rebuilt.unwrap().because, RebuiltBecause::Behind { .. }));
    assert_eq!(all(store.reader().as_ref()), state);
}

#[test]
fn an_index_from_before_a_crash_catches_up() {
    // A crash leaves any older state of the index that is not older than the checkpoint.
    let closed = Closed::new();
    let old = closed.home.path().join("old");
    let checkpoint = closed.path().join("CHECKPOINT");
    copy(&closed.path().join("index"), &old);
    let before = fs::read(&checkpoint).unwrap();
    let (store, _) = Local::open(&closed.path(), Options { checkpoint_segments: 100, ..small() }).unwrap();
    commit_all(&store, (0..20).map(|number| blind(60, vec![put(&format!("{number}"), "new"), remove("7")])));
    let (state, changes) = (all(store.reader().as_ref()), history(&store));
    drop(store);
    fs::remove_dir_all(closed.path().join("index")).unwrap();
    fs::rename(&old, closed.path().join("index")).unwrap();
    fs::write(&checkpoint, before).unwrap();
    assert!(closed.findings().is_empty());
    let (store, report) = Local::open(&closed.path(), small()).unwrap();
    assert!(report.rebuilt.is_none());
    assert_eq!((report.replayed, all(store.reader().as_ref()), history(&store)), (20, state, changes));
}

#[test]
fn an_index_may_hold_parts_of_what_came_after_the_checkpoint() {
    let closed = Closed::new();
    let checkpoint = closed.path().join("CHECKPOINT");
    let before = fs::read(&checkpoint).unwrap();
    let (store, _) = Local::open(&closed.path(), Options { checkpoint_segments: 100, ..small() }).unwrap();
    commit_all(&store, (0..9).map(|number| blind(60, vec![put(&format!("{number}"), "new"), remove("7")])));
    let state = all(store.reader().as_ref());
    drop(store);
    {
        // The index says that it has got everything, and has not: its log was torn.
        tamper(&closed, &[("2", None), ("7", Some((8, "v")))]);
    }
    fs::write(&checkpoint, before).unwrap();
    assert!(closed.findings().is_empty(), "opening will mend it");
    let (store, report) = Local::open(&closed.path(), small()).unwrap();
    assert!(report.rebuilt.is_none());
    assert_eq!((report.replayed, all(store.reader().as_ref())), (9, state));
}

#[test]
fn nobody_vouches_for_an_index_that_is_being_rebuilt() {
    let closed = Closed::new();
    fs::remove_dir_all(closed.path().join("index")).unwrap();
    let (store, _) = Local::open(&closed.path(), small()).unwrap();
    let checkpoint = || {
        let disk = Directory::read_only(closed.path());
        let identity = Identity { store: STORE, epoch: 1 };
        load_checkpoint(&disk, identity).unwrap().0
    };
    // After a crash here, all is replayed; and the journal must still reach as far as it did.
    let known = Revision::new(45);
    let oldest = Some(SegmentNumber::FIRST);
    assert_eq!(checkpoint(), Checkpoint { known, indexed: Revision::ZERO, oldest });
    store.checkpoint().unwrap();
    assert_eq!(checkpoint(), Checkpoint { known, indexed: known, oldest });
}

#[test]
fn an_inspection_names_the_keys_that_differ_and_touches_nothing() {
    let closed = Closed::new();
    assert!(closed.findings().is_empty());
    {
        tamper(&closed, &[("11", None), ("12", Some((39, "wrong"))), ("extra", Some((3, "v")))]);
    }
    let listing = |path: &Path| {
        let mut files = Vec::new();
        walk(path, &mut |file| files.push((file.to_path_buf(), fs::read(file).unwrap())));
        files.sort();
        files
    };
    let before = listing(&closed.path());
    let inspection = inspect(&closed.path(), Some(closed.home.path())).unwrap();
    assert_eq!(listing(&closed.path()), before);
    assert_eq!(all(inspection.memory.reader().as_ref()), closed.state);
    let named: Vec<_> = inspection
        .findings
        .iter()
        .map(|finding| match finding {
            Finding::Differs { key, journal, index } => {
                let number = |revision: &Option<Revision>| revision.map(Revision::number);
                (std::str::from_utf8(key).unwrap(), number(journal), number(index))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(named, [("11", Some(38), None), ("12", Some(39), Some(39)), ("extra", None, Some(3))]);
    assert_eq!(fs::read_dir(closed.home.path()).unwrap().count(), 1, "the copy is gone");
}

#[test]
fn an_inspection_notes_a_torn_tail() {
    let closed = Closed::new();
    let newest = segments(&closed.path()).pop().unwrap();
    let mut bytes = fs::read(&newest).unwrap();
    *bytes.last_mut().unwrap() = 1;
    fs::write(&newest, &bytes).unwrap();
    fs::remove_file(closed.path().join("LOCK")).unwrap();
    let inspection = inspect(&closed.path(), Some(closed.home.path())).unwrap();
    assert!(inspection.findings.is_empty());
    assert!(matches!(&inspection.notes[..], [Note::NoLock, Note::Torn(cut)] if cut.file == newest));
    assert_eq!(fs::read(&newest).unwrap(), bytes);
    assert!(!closed.path().join("LOCK").exists());
}

#[test]
fn files_taken_away_under_an_open_store_stop_it() {
    for name in ["LOCK", &SegmentNumber::FIRST.name()] {
        for replace in [false, true] {
            let home = tempfile::tempdir().unwrap();
            let path = home.path().join("store");
            let store = Local::create(&path, STORE, Options::default()).unwrap();
            commit_all(&store, [blind(1, vec![put("a", "1")])]);
            fs::rename(path.join(name), home.path().join("taken")).unwrap();
            if replace {
                fs::copy(home.path().join("taken"), path.join(name)).unwrap();
            }
            let commit = || store.commit(vec![blind(1, vec![put("a", "2")])]);
            assert!(matches!(commit(), Err(EngineError::Replaced { file }) if file == path.join(name)));
            assert!(
                matches!(commit(), Err(EngineError::Latched { first }) if matches!(*first, EngineError::Replaced { .. }))
            );
            assert_eq!(super::show(&all(store.reader().as_ref())), "a=1@1");
        }
    }
}

#[test]
fn a_link_out_of_the_store_is_not_followed() {
    let closed = Closed::new();
    let newest = segments(&closed.path()).pop().unwrap();
    fs::rename(&newest, closed.home.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(closed.home.path().join("elsewhere"), &newest).unwrap();
    assert!(matches!(Local::open(&closed.path(), small()), Err(OpenError::Engine(EngineError::Io { .. }))));
}

#[test]
fn a_store_that_syncs_works_too() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("store");
    let options = Options { sync: Sync::Always, ..Options::default() };
    let store = Local::create(&path, STORE, options).unwrap();
    commit_all(&store, (0..10).map(|number| blind(number, vec![put(&format!("{number}"), "v")])));
    check_agrees(&store);
    let state = all(store.reader().as_ref());
    drop(store);
    assert_eq!(Directory::new(path.clone()).list("journal").unwrap().len(), 1);
    assert_eq!(all(Local::open(&path, options).unwrap().0.reader().as_ref()), state);
}

fn walk(path: &Path, visit: &mut dyn FnMut(&Path)) {
    for item in fs::read_dir(path).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        if item.path().is_dir() {
            copy(&item.path(), &to.join(item.file_name()));
        } else {
            fs::copy(item.path(), to.join(item.file_name())).unwrap();
        }
    }
}
