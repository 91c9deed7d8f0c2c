//! Backups: of one revision, whatever goes on; checked before they are used; and a new life for what is
//! made of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fleet::Revision;

use super::sim_disk::{Fault, Loss, SimDisk};
use super::{STORE, all, blind, check_agrees, commit_all, fold, history, put, remove, small};
use crate::engine::backup::{BackupError, Restore, backup_files, restore, restore_on, verify, verify_backup};
use crate::engine::disk::Disk;
use crate::engine::journal::{Identity, SegmentNumber};
use crate::engine::local::{Local, OpenError, Options};
use crate::engine::memory::Memory;
use crate::engine::{Backup, Change, ChangesError, Commit, Engine, Entry, StoreId, backup};

fn no_watch() -> impl FnMut(u64, u64) {
    |_, _| {}
}

fn commit(number: u64) -> Commit {
    let value = "v".repeat(usize::try_from(number * 67 % 300).unwrap());
    let writes = vec![put(&format!("k{}", number % 7), &value), remove(&format!("k{}", number % 5))];
    blind(number, writes)
}

/// A store of 20 commits, and a backup of it as it was after 12.
fn store_and_backup() -> (SimDisk, SimDisk, Vec<Change>) {
    let (disk, folder) = (SimDisk::default(), SimDisk::default());
    let store = Local::create_on(Arc::new(disk.clone()), STORE, small()).unwrap();
    commit_all(&store, (0..12).map(commit));
    let made = store.backup(&folder, &mut |_| {}).unwrap();
    assert_eq!((made.revision, made.identity), (Revision::new(12), store.identity()));
    commit_all(&store, (12..20).map(commit));
    (disk.snapshot(), folder.snapshot(), history(&store))
}

fn asked(until: Option<u64>) -> Restore {
    Restore { until: until.map(Revision::new), options: small(), ..Restore::default() }
}

fn made_from(
    folder: &SimDisk,
    journal: Option<&SimDisk>,
    asked: &Restore,
) -> Result<(SimDisk, Backup), BackupError> {
    let disk = SimDisk::default();
    let on: Arc<dyn Disk> = Arc::new(disk.clone());
    let journal: Option<Arc<dyn Disk>> = journal.map(|journal| Arc::new(journal.clone()) as Arc<dyn Disk>);
    let made = restore_on(&on, folder, journal.as_ref(), asked, &mut no_watch())?;
    Ok((disk, made))
}

/// Opens a restored store: it holds what it should, has no history, and goes on in a life of its own.
fn check_restored(disk: &SimDisk, made: &Backup, expected: &[Entry]) {
    let (store, report) = Local::open_on(Arc::new(disk.clone()), small()).unwrap();
    assert_eq!(all(store.reader().as_ref()), expected);
    assert_eq!((report.identity, report.last), (made.identity, made.revision));
    assert_eq!(store.last(), (made.revision, made.time));
    let before = Revision::new(made.revision.number() - 1);
    let gone = store.changes(before, 1);
    assert!(
        matches!(gone, Err(ChangesError::HistoryGone { oldest }) if Some(oldest) == made.revision.next())
    );
    assert_eq!(store.changes(made.revision, 1).unwrap(), []);
    commit_all(&store, [blind(0, vec![put("new", "life")])]);
    assert_eq!(store.last(), (made.revision.next().unwrap(), made.time), "times never go back");
    drop(store);
    let (store, _) = Local::open_on(Arc::new(disk.clone()), small()).unwrap();
    assert_eq!(all(store.reader().as_ref()).len(), expected.len() + 1);
}

#[test]
fn a_backup_is_what_there_was() {
    let (_, folder, changes) = store_and_backup();
    let (disk, made) = made_from(&folder, None, &asked(None)).unwrap();
    assert_eq!(made.identity, Identity { store: STORE, epoch: 2 });
    check_restored(&disk, &made, &fold(&changes[..12]));
}

#[test]
fn with_the_journal_any_later_revision_can_be_had() {
    let (lost, folder, changes) = store_and_backup();
    for until in 12..=20 {
        let (disk, made) = made_from(&folder, Some(&lost), &asked(Some(until))).unwrap();
        assert_eq!(made.revision, Revision::new(until));
        check_restored(&disk, &made, &fold(&changes[..usize::try_from(until).unwrap()]));
    }
    let (disk, made) = made_from(&folder, Some(&lost), &asked(None)).unwrap();
    check_restored(&disk, &made, &fold(&changes));
    for (until, journal) in [(11, Some(&lost)), (21, Some(&lost)), (11, None), (13, None)] {
        let refused = made_from(&folder, journal, &asked(Some(until))).unwrap_err();
        assert!(matches!(refused, BackupError::OutOfReach { .. }), "{until}: {refused:?}");
    }
}

#[test]
fn a_journal_of_another_store_or_with_a_gap_is_refused() {
    let (lost, folder, _) = store_and_backup();
    let other = SimDisk::default();
    let store = Local::create_on(Arc::new(other.clone()), StoreId([7; 16]), small()).unwrap();
    commit_all(&store, (0..20).map(commit));
    let refused = made_from(&folder, Some(&other), &asked(None)).unwrap_err();
    assert!(matches!(refused, BackupError::OtherJournal { .. }), "{refused:?}");
    // The next life of the same store is another, too.
    let (restored, _) = made_from(&folder, None, &asked(None)).unwrap();
    let refused = made_from(&folder, Some(&restored), &asked(None)).unwrap_err();
    assert!(matches!(refused, BackupError::OtherJournal { .. }), "{refused:?}");

    let segments: Vec<_> = lost.list("journal").unwrap();
    let last = SegmentNumber::parse(segments.last().unwrap()).unwrap();
    for name in &segments {
        if SegmentNumber::parse(name) < Some(last) {
            lost.remove(&format!("journal/{name}")).unwrap();
        }
    }
    let refused = made_from(&folder, Some(&lost), &asked(None)).unwrap_err();
    assert!(matches!(refused, BackupError::OutOfReach { .. }), "{refused:?}");
}

#[test]
fn every_life_has_its_own_epoch() {
    let (_, folder, _) = store_and_backup();
    let with = |epoch| made_from(&folder, None, &Restore { epoch: Some(epoch), ..asked(None) });
    for epoch in [0, 1, 0x1_0000, u32::MAX] {
        assert!(matches!(with(epoch), Err(BackupError::Epoch { before: 1, .. })), "{epoch}");
    }
    for epoch in [2, 3, 0xffff] {
        assert_eq!(with(epoch).unwrap().1.identity.epoch, epoch);
    }
    // In the last life there is no other to follow it.
    let (last, _) = with(0xffff).unwrap();
    let (store, _) = Local::open_on(Arc::new(last), small()).unwrap();
    let folder = SimDisk::default();
    store.backup(&folder, &mut |_| {}).unwrap();
    let refused = made_from(&folder, None, &asked(None)).unwrap_err();
    assert!(matches!(refused, BackupError::Epoch { asked: 0x1_0000, before: 0xffff }), "{refused:?}");
}

#[test]
fn no_flipped_bit_of_a_backup_goes_unnoticed_and_nothing_is_written() {
    let (_, folder, _) = store_and_backup();
    for name in ["BACKUP", "snapshot"] {
        let bytes = folder.bytes(name);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let left = folder.snapshot();
            left.replace(name, &flipped);
            let disk = SimDisk::default();
            let on: Arc<dyn Disk> = Arc::new(disk.clone());
            let refused = restore_on(&on, &left, None, &asked(None), &mut no_watch());
            assert!(refused.is_err(), "{name} bit {bit}");
            assert_eq!(disk.operations(), 0, "{name} bit {bit}");
        }
        for length in 0..bytes.len() {
            let left = folder.snapshot();
            left.replace(name, &bytes[..length]);
            assert!(verify(&left, &mut no_watch()).is_err(), "{name} cut at {length}");
        }
    }
    // Two backups mixed up.
    let store = Local::create_on(Arc::new(SimDisk::default()), STORE, small()).unwrap();
    let other = SimDisk::default();
    store.backup(&other, &mut |_| {}).unwrap();
    folder.replace("snapshot", &other.bytes("snapshot"));
    assert!(matches!(verify(&folder, &mut no_watch()), Err(BackupError::Mixed { .. })));
}

#[test]
fn cut_off_at_any_operation_there_is_no_backup_or_a_whole_one() {
    let (disk, _, changes) = store_and_backup();
    let (store, _) = Local::open_on(Arc::new(disk.clone()), small()).unwrap();
    let mut whole = 0;
    for operation in 0..100 {
        for loss in [Loss::All, Loss::Nothing, Loss::Some(1), Loss::Some(2)] {
            let folder = SimDisk::default();
            folder.fail_at(operation, Fault::PowerCut);
            let made = store.backup(&folder, &mut |_| {});
            match verify(&folder.reboot(loss), &mut no_watch()) {
                Ok((backup, _)) => {
                    assert_eq!(backup.revision, Revision::new(20));
                    whole += 1;
                }
                Err(BackupError::Missing { .. }) => assert!(made.is_err()),
                Err(error) => panic!("{error:?}"),
            }
            // A backup that fails is no failure of the store.
            assert_eq!(history(&store), changes);
        }
    }
    assert!(whole > 0);
}

#[test]
fn cut_off_at_any_operation_there_is_no_restored_store_or_a_whole_one() {
    let (lost, folder, changes) = store_and_backup();
    let mut outcomes = [0, 0];
    for operation in 0..60 {
        for loss in [Loss::All, Loss::Nothing, Loss::Some(1), Loss::Some(2)] {
            let disk = SimDisk::default();
            disk.fail_at(operation, Fault::PowerCut);
            let (on, journal): (Arc<dyn Disk>, Arc<dyn Disk>) =
                (Arc::new(disk.clone()), Arc::new(lost.clone()));
            let made = restore_on(&on, &folder, Some(&journal), &asked(None), &mut no_watch());
            let left = disk.reboot(loss);
            match Local::open_on(Arc::new(left), small()) {
                Ok((store, _)) => {
                    assert_eq!(all(store.reader().as_ref()), fold(&changes));
                    outcomes[0] += 1;
                }
                Err(OpenError::ManifestMissing { .. }) => {
                    assert!(made.is_err());
                    outcomes[1] += 1;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
}

#[test]
fn what_is_moved_between_engines_is_the_same() {
    // Memory, to disk, to memory, to disk.
    let memory = Memory::new();
    commit_all(&memory, (0..30).map(commit));
    let expected = all(memory.reader().as_ref());
    let folder = SimDisk::default();
    memory.backup(&folder, &mut |_| {}).unwrap();
    let named = Restore { store: Some(STORE), ..asked(None) };
    let (disk, made) = made_from(&folder, None, &named).unwrap();
    assert_eq!(made.identity, Identity { store: STORE, epoch: 2 });
    let (store, _) = Local::open_on(Arc::new(disk), small()).unwrap();
    assert_eq!(all(store.reader().as_ref()), expected);
    let folder = SimDisk::default();
    store.backup(&folder, &mut |_| {}).unwrap();
    let (_, state) = verify(&folder, &mut no_watch()).unwrap();
    let memory = backup::in_memory(state).unwrap();
    assert_eq!(all(memory.reader().as_ref()), expected);
    assert_eq!(memory.last(), store.last());
    commit_all(&memory, [blind(1, vec![put("more", "1")])]);
    assert_eq!(memory.last().0, Revision::new(31));
}

#[test]
fn a_backup_of_a_store_in_use_is_of_one_revision() {
    // By the process that has it, and by another that only sees its files.
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("store");
    let options = Options {
        segment_size: 16 * 1024,
        snapshot_min_bytes: 16 * 1024,
        keep_bytes: 0,
        table_entries: 50,
        ..small()
    };
    let store = Local::create(&path, STORE, options).unwrap();
    commit_all(&store, (0..50).map(commit));
    let done = AtomicBool::new(false);
    let backups = thread::scope(|scope| {
        scope.spawn(|| {
            for number in 50.. {
                commit_all(&store, [commit(number)]);
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let mut backups = Vec::new();
        for number in 0..12 {
            let to = home.path().join(format!("backup {number}"));
            let made = if number % 2 == 0 {
                let folder = backup::folder(&to).unwrap();
                store.backup(&folder, &mut |_| {}).unwrap()
            } else {
                backup_files(&path, &to, &mut no_watch()).unwrap()
            };
            backups.push((to, made));
        }
        done.store(true, Ordering::Relaxed);
        backups
    });
    assert!(store.stats().oldest > Revision::new(1), "history was trimmed meanwhile");
    let changes: Vec<Change> = (0..store.last().0.number())
        .map(|number| {
            let Commit { time, writes, .. } = commit(number);
            Change { revision: Revision::new(number + 1), time, writes }
        })
        .collect();
    for (from, made) in backups {
        assert_eq!(verify_backup(&from, &mut no_watch()).unwrap(), made);
        let to = from.with_extension("restored");
        let restored = restore(&to, &from, &asked(None), &mut no_watch()).unwrap();
        assert_eq!(restored.revision, made.revision);
        let (restored, report) = Local::open(&to, small()).unwrap();
        assert_eq!(report.rebuilt.unwrap().from, Some(made.revision));
        let expected = fold(&changes[..usize::try_from(made.revision.number()).unwrap()]);
        assert_eq!(all(restored.reader().as_ref()), expected);
    }
    drop(store);
    let (store, _) = Local::open(&path, options).unwrap();
    assert_eq!(all(store.reader().as_ref()), fold(&changes));
}

#[test]
fn nothing_is_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let store = Local::create(&at("store"), STORE, small()).unwrap();
    commit_all(&store, (0..5).map(commit));
    backup_files(&at("store"), &at("backup"), &mut no_watch()).unwrap();
    let refused = backup_files(&at("store"), &at("backup"), &mut no_watch());
    assert!(matches!(refused, Err(BackupError::NotEmpty { .. })), "{refused:?}");
    let refused = restore(&at("store"), &at("backup"), &asked(None), &mut no_watch());
    assert!(matches!(refused, Err(BackupError::NotEmpty { .. })), "{refused:?}");
    let refused = restore(&at("new"), &at("store"), &asked(None), &mut no_watch());
    assert!(matches!(refused, Err(BackupError::Missing { .. })), "{refused:?}");
    // What was left of a restoring that was cut off does not matter, nor an empty folder.
    std::fs::create_dir_all(at("new.restoring").join("journal")).unwrap();
    std::fs::create_dir(at("new")).unwrap();
    restore(&at("new"), &at("backup"), &asked(None), &mut no_watch()).unwrap();
    assert!(!at("new.restoring").exists());
    check_agrees_since(&Local::open(&at("new"), small()).unwrap().0, 5);
    check_agrees(&store);
}

fn check_agrees_since(store: &Local, commits: u64) {
    let changes: Vec<Change> = (0..commits)
        .map(|number| Change {
            revision: Revision::new(number + 1),
            time: commit(number).time,
            writes: commit(number).writes,
        })
        .collect();
    assert_eq!(all(store.reader().as_ref()), fold(&changes));
}
