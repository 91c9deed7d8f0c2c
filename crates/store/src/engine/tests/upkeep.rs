//! Snapshots, trimming and files that are used again: the same enumeration of everything that can go
//! wrong as for commits, with all of it going on.

use std::io::ErrorKind;
use std::sync::Arc;

use fleet::{Revision, Span};

use super::sim_disk::{Fault, Loss, SimDisk};
use super::{STORE, all, blind, check_agrees, commit_all, fold, history, put, remove, small};
use crate::engine::disk::Disk;
use crate::engine::journal::{Identity, SegmentNumber, Space, Tail, replay};
use crate::engine::local::{Local, OpenError, OpenReport, Options, Sync, Witness};
use crate::engine::memory::Memory;
use crate::engine::{Change, ChangesError, Commit, Engine, Entry, HoldError};

/// Little is kept, and all of it goes on all the time.
fn busy() -> Options {
    Options {
        sync: Sync::Always,
        checkpoint_segments: 1,
        snapshot_min_bytes: 500,
        keep_bytes: 0,
        spare_segments: 1,
        free_space_min: 0,
        ballast_bytes: 700,
        ..small()
    }
}

fn commit(number: u64) -> Commit {
    let value = "v".repeat(usize::try_from(number * 67 % 300).unwrap());
    let writes = vec![put(&format!("k{}", number % 7), &value), remove(&format!("k{}", number % 5))];
    blind(number, writes)
}

/// Groups of one and two commits.
fn script() -> Vec<Vec<Commit>> {
    let numbers: Vec<u64> = (0..36).collect();
    numbers
        .chunks(3)
        .flat_map(|three| [vec![commit(three[0])], vec![commit(three[1]), commit(three[2])]])
        .collect()
}

fn expected() -> Vec<Change> {
    let memory = Memory::new();
    script().into_iter().for_each(|group| drop(memory.commit(group).unwrap()));
    history(&memory)
}

#[derive(Debug, Default)]
struct Progress {
    created: bool,
    acknowledged: usize,
    begun: usize,
}

fn run(disk: &SimDisk) -> Progress {
    let mut progress = Progress::default();
    let Ok(store) = Local::create_on(Arc::new(disk.clone()), STORE, busy()) else { return progress };
    progress.created = true;
    for group in script() {
        progress.begun += group.len();
        if store.commit(group).is_err() {
            break;
        }
        progress.acknowledged = progress.begun;
    }
    progress
}

fn segments(disk: &SimDisk) -> Vec<String> {
    disk.list("journal").unwrap()
}

/// The state is that after the last commit, and the history that is left is exact.
fn check_state(store: &Local) -> usize {
    let (last, _) = store.last();
    let commits = usize::try_from(last.number()).unwrap();
    assert_eq!(all(store.reader().as_ref()), fold(&expected()[..commits]));
    let oldest = store.stats().oldest;
    let since = Revision::new(oldest.number() - 1);
    assert_eq!(
        store.changes(since, usize::MAX).unwrap(),
        expected()[usize::try_from(since.number()).unwrap()..commits]
    );
    if since > Revision::ZERO {
        let gone = store.changes(Revision::new(since.number() - 1), 1);
        assert!(matches!(gone, Err(ChangesError::HistoryGone { oldest: at }) if at == oldest), "{gone:?}");
    }
    commits
}

fn open(disk: &SimDisk) -> Result<(Local, OpenReport), OpenError> {
    Local::open_on(Arc::new(disk.clone()), busy())
}

/// Opens what is left and judges it; then goes on, and opens it again.
fn check(disk: &SimDisk, progress: &Progress) {
    let commits = match open(disk) {
        Ok((store, _)) => check_state(&store),
        Err(OpenError::ManifestMissing { .. }) => {
            assert!(!progress.created);
            return;
        }
        Err(error) => panic!("{error:?} after {progress:?}"),
    };
    assert!((progress.acknowledged..=progress.begun).contains(&commits), "{progress:?}, found {commits}");
    let (store, report) = open(disk).unwrap();
    assert!(report.cut.is_none(), "it was cut before: {report:?}");
    let rest: Vec<_> = script().into_iter().flatten().skip(commits).collect();
    commit_all(&store, rest);
    assert_eq!(check_state(&store), expected().len());
    drop(store);
    check_state(&open(disk).unwrap().0);
}

#[test]
fn a_whole_run_snapshots_trims_and_uses_files_again() {
    // A test of faults in what never happens proves nothing.
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, busy()).unwrap();
    let mut again = 0;
    for group in script() {
        store.commit(group).unwrap();
        let names = segments(&disk);
        let bytes = names.iter().map(|name| disk.bytes(&format!("journal/{name}")));
        again += bytes.filter(|bytes| bytes.starts_with(b"HATCHJNR")).count();
        check_state(&store);
    }
    let stats = store.stats();
    assert_eq!(stats.snapshots.len(), 2);
    assert!(stats.oldest > Revision::new(10), "{stats:?}");
    assert!(again > 0);
    assert_eq!(stats.snapshot_failure, None);
}

#[test]
fn a_store_that_is_killed_again_and_again_does_not_replay_more_each_time() {
    let mut disk = SimDisk::default();
    let mut store = Local::create_on(Arc::new(disk.clone()), STORE, small()).unwrap();
    for life in 0..20 {
        // About a segment, of which a checkpoint is due after three.
        commit_all(
            &store,
            (0..4).map(|number| blind(life, vec![put(&format!("k{number}"), &"v".repeat(200))])),
        );
        let (last, indexed) = (store.last().0.number(), store.stats().indexed.number());
        assert!(last - indexed <= 4 * 5, "{indexed} of {last} in life {life}");
        // What the disk has when the process is killed; the store that is dropped makes a checkpoint on another.
        disk = disk.snapshot();
        store = Local::open_on(Arc::new(disk.clone()), small()).unwrap().0;
    }
    check_agrees(&store);
}

fn operations_of_a_whole_run() -> usize {
    let disk = SimDisk::default();
    assert_eq!(run(&disk).acknowledged, expected().len());
    disk.operations()
}

#[test]
fn the_power_may_go_at_any_operation() {
    for operation in 0..=operations_of_a_whole_run() {
        for loss in [Loss::All, Loss::Nothing, Loss::Some(1), Loss::Some(2), Loss::Some(3)] {
            let disk = SimDisk::default();
            disk.fail_at(operation, Fault::PowerCut);
            let progress = run(&disk);
            check(&disk.reboot(loss), &progress);
        }
    }
}

#[test]
fn the_power_may_go_again_while_opening() {
    for operation in (0..=operations_of_a_whole_run()).step_by(5) {
        let disk = SimDisk::default();
        disk.fail_at(operation, Fault::PowerCut);
        let progress = run(&disk);
        let left = disk.reboot(Loss::Some(7));
        for second in 0..10 {
            let opened = left.snapshot();
            opened.fail_at(second, Fault::PowerCut);
            drop(open(&opened));
            check(&opened.reboot(Loss::Some(100)), &progress);
        }
    }
}

#[test]
fn any_operation_may_fail() {
    let mut survived = 0;
    for fault in [Fault::Fails(ErrorKind::StorageFull), Fault::HalfFails] {
        for operation in 0..operations_of_a_whole_run() {
            let disk = SimDisk::default();
            disk.fail_at(operation, fault);
            let progress = run(&disk);
            // What fails in a snapshot fails no commit.
            survived += usize::from(progress.acknowledged == expected().len());
            for left in [disk.snapshot(), disk.reboot(Loss::All), disk.reboot(Loss::Some(1))] {
                check(&left, &progress);
            }
        }
    }
    assert!(survived > 0);
}

#[test]
fn the_judge_finds_a_segment_that_goes_too_early() {
    // Trimmed past the snapshots, a store could not be opened: this is what the tests above would see.
    let disk = SimDisk::default();
    run(&disk);
    let oldest = segments(&disk).into_iter().find(|name| SegmentNumber::parse(name).is_some()).unwrap();
    disk.remove(&format!("journal/{oldest}")).unwrap();
    let error = open(&disk.snapshot()).unwrap_err();
    assert!(matches!(error, OpenError::SegmentMissing { .. }), "{error:?}");
    // Not even without the checkpoint that knows better.
    disk.remove("CHECKPOINT").unwrap();
    let error = open(&disk.snapshot());
    if let Ok((store, _)) = &error {
        check_state(store);
    }
}

/// A store whose newest segment is in a used file, with one group that was synced and one behind it.
fn used_again() -> (SimDisk, SegmentNumber, usize) {
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, busy()).unwrap();
    for (number, one) in script().into_iter().flatten().enumerate() {
        commit_all(&store, [one]);
        let newest = segments(&disk).iter().filter_map(|name| SegmentNumber::parse(name)).max().unwrap();
        let bytes = disk.bytes(&newest.name());
        let read = replay(&bytes, IDENTITY, newest).unwrap();
        if read.header.space == Space::Leftovers
            && read.commits.len() == 2
            && read.end + 300 < bytes.len() as u64
        {
            return (disk.snapshot(), newest, number + 1);
        }
    }
    panic!("no file was used again");
}

const IDENTITY: Identity = Identity { store: STORE, epoch: 1 };

#[test]
fn what_an_older_segment_left_is_never_taken_for_a_commit() {
    let (disk, newest, commits) = used_again();
    let name = newest.name();
    let bytes = disk.bytes(&name);
    let read = replay(&bytes, IDENTITY, newest).unwrap();
    let end = usize::try_from(read.end).unwrap();
    assert_eq!(read.tail, Tail::Clean);
    assert!(bytes[end + 8..].iter().any(|byte| *byte != 0), "there is something left behind the end");
    let before: Vec<_> = read.commits.iter().map(|(_, change)| change.clone()).collect();

    // Without the zeros that end it, and with any bit of what follows flipped: no more commits, no less.
    for at in (end..end + 8).chain((end + 8..bytes.len()).step_by(7)) {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let read = replay(&flipped, IDENTITY, newest).unwrap();
            assert_eq!(read.commits.iter().map(|(_, change)| change.clone()).collect::<Vec<_>>(), before);
        }
    }
    let (store, report) = open(&disk).unwrap();
    assert!(report.cut.is_none());
    assert_eq!(check_state(&store), commits);
}

#[test]
fn a_group_that_is_torn_in_a_used_file_is_cut() {
    let (disk, newest, commits) = used_again();
    let name = newest.name();
    let before = disk.bytes(&name);
    let (store, _) = open(&disk).unwrap();
    let next: Vec<_> = script().into_iter().flatten().skip(commits).take(2).collect();
    store.commit(next).unwrap();
    let after = disk.bytes(&name);
    assert_eq!(before.len(), after.len(), "no room in this segment");
    let end = usize::try_from(replay(&before, IDENTITY, newest).unwrap().end).unwrap();
    let until = usize::try_from(replay(&after, IDENTITY, newest).unwrap().end).unwrap();
    // Any part of it may have reached the disk: from the front, and from the back.
    for at in end..=until {
        for (front, back) in [(&before, &after), (&after, &before)] {
            let mixed: Vec<u8> = front[..at].iter().chain(&back[at..]).copied().collect();
            let left = disk.snapshot();
            left.replace(&name, &mixed);
            let (store, _) = open(&left).unwrap();
            let found = check_state(&store);
            assert!((commits..=commits + 2).contains(&found));
            commit_all(&store, script().into_iter().flatten().skip(found));
            assert_eq!(check_state(&store), expected().len());
            drop(store);
            check_state(&open(&left).unwrap().0);
        }
    }
}

#[test]
fn history_goes_when_it_is_old_and_not_before() {
    let disk = SimDisk::default();
    let options = Options { keep_bytes: u64::MAX, keep_for: Span::from_millis(20), ..busy() };
    let store = Local::create_on(Arc::new(disk), STORE, options).unwrap();
    for (number, one) in script().into_iter().flatten().enumerate() {
        commit_all(&store, [one]);
        // The commits are one millisecond apart.
        assert!(store.stats().oldest.number() <= (number as u64).saturating_sub(19).max(1));
    }
    assert!(store.stats().oldest > Revision::new(1));
}

#[test]
fn history_is_held_for_a_reader_until_it_has_read_it() {
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, busy()).unwrap();
    let mut commits = script().into_iter().flatten();
    commit_all(&store, commits.by_ref().take(3));
    store.hold_feed("mirror", Revision::new(2)).unwrap();
    assert!(matches!(store.hold_feed("", Revision::ZERO), Err(HoldError::Name { max: 64 })));
    assert!(matches!(store.hold_feed("x", Revision::new(9)), Err(HoldError::Future { .. })));
    commit_all(&store, commits.by_ref().take(20));
    assert_eq!(store.changes(Revision::new(2), 1).unwrap()[0].revision, Revision::new(3));

    // It is written down.
    drop(store);
    let (store, _) = open(&disk).unwrap();
    commit_all(&store, commits.by_ref().take(5));
    assert!(store.changes(Revision::new(2), 1).is_ok());
    store.hold_feed("mirror", Revision::new(20)).unwrap();
    commit_all(&store, commits.by_ref().take(4));
    let oldest = store.stats().oldest;
    assert!((4..=21).contains(&oldest.number()), "{oldest}");
    assert!(matches!(store.hold_feed("late", Revision::new(1)), Err(HoldError::HistoryGone { .. })));
    assert!(store.release_feed("mirror").unwrap());
    assert!(!store.release_feed("mirror").unwrap());
    commit_all(&store, commits);
    assert!(store.stats().oldest > oldest);
}

#[test]
fn a_reader_that_is_gone_for_good_does_not_fill_the_disk() {
    let options = Options { hold_bytes: 4 * 1024, ..busy() };
    let store = Local::create_on(Arc::new(SimDisk::default()), STORE, options).unwrap();
    store.hold_feed("gone", Revision::ZERO).unwrap();
    commit_all(&store, script().into_iter().flatten());
    let stats = store.stats();
    assert!(stats.oldest > Revision::new(1) && stats.journal_bytes <= 6 * 1024, "{stats:?}");
}

#[test]
fn damaged_holds_hold_everything_until_somebody_registers() {
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, busy()).unwrap();
    store.hold_feed("reader", Revision::ZERO).unwrap();
    drop(store);
    let sound = disk.bytes("HOLDS");
    for bit in 0..sound.len() * 8 {
        let mut bytes = sound.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        disk.replace("HOLDS", &bytes);
        assert!(open(&disk).unwrap().1.holds.is_some(), "bit {bit}");
    }
    let (store, _) = open(&disk).unwrap();
    commit_all(&store, script().into_iter().flatten().take(25));
    assert_eq!(store.stats().oldest, Revision::new(1));
    store.hold_feed("another", Revision::new(25)).unwrap();
    commit_all(&store, script().into_iter().flatten().skip(25));
    assert!(store.stats().oldest > Revision::new(1));
}

#[test]
fn a_host_may_do_the_upkeep() {
    // Calls that do little each come to the same as commits that do it on the way.
    let options = Options { snapshot_min_bytes: 2000, ..busy() };
    let store = Local::create_on(Arc::new(SimDisk::default()), STORE, options).unwrap();
    let mut snapshots = 0;
    for one in script().into_iter().flatten() {
        commit_all(&store, [one]);
        let mut calls = 0;
        while store.maintain(1).unwrap().more {
            calls += 1;
            assert!(calls < 1000);
        }
        snapshots = snapshots.max(store.stats().snapshots.len());
    }
    assert_eq!(snapshots, 2);
    check_state(&store);
}

#[test]
fn a_snapshot_ahead_of_the_journal_proves_a_loss() {
    let disk = SimDisk::default();
    let store =
        Local::create_on(Arc::new(disk.clone()), STORE, Options { checkpoint_segments: 100, ..small() })
            .unwrap();
    commit_all(&store, (0..2).map(commit));
    let early = disk.bytes(&SegmentNumber::FIRST.name());
    commit_all(&store, (2..4).map(commit));
    assert_eq!(store.snapshot().unwrap(), Some(Revision::new(4)));
    let left = disk.snapshot();
    left.replace(&SegmentNumber::FIRST.name(), &early);
    for name in left.list("journal").unwrap() {
        if name != "00000000000000000001.segment" {
            left.remove(&format!("journal/{name}")).unwrap();
        }
    }
    match open(&left) {
        Err(OpenError::HistoryLost { last, known, witness: Witness::Snapshot }) => {
            assert_eq!((last.number(), known.number()), (2, 4));
        }
        other => panic!("{other:?}"),
    }
    let accept = Options { lost_history: crate::engine::local::LostHistory::Accept, ..busy() };
    let (store, report) = Local::open_on(Arc::new(left.clone()), accept).unwrap();
    assert_eq!(report.lost.unwrap().known, Revision::new(4));
    assert_eq!(store.last().0, Revision::new(2));
    drop(store);
    open(&left).unwrap();
}

/// What a store whose journal was trimmed holds.
fn trimmed() -> (SimDisk, Vec<Entry>) {
    let disk = SimDisk::default();
    assert_eq!(run(&disk).acknowledged, expected().len());
    (disk.snapshot(), fold(&expected()))
}

#[test]
fn any_one_snapshot_may_be_damaged_in_any_way() {
    let (disk, state) = trimmed();
    let names: Vec<_> =
        disk.list("snapshot").unwrap().into_iter().map(|name| format!("snapshot/{name}")).collect();
    assert_eq!(names.len(), 2);
    for (number, name) in names.iter().enumerate() {
        let sound = disk.bytes(name);
        let flips = (0..sound.len() * 8).map(|bit| {
            let mut bytes = sound.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        let cuts = (0..sound.len()).map(|length| sound[..length].to_vec());
        let longer = [[sound.as_slice(), &[0]].concat(), [sound.as_slice(), sound.as_slice()].concat()];
        for bytes in flips.chain(cuts).chain(longer) {
            let left = disk.snapshot();
            left.replace(name, &bytes);
            let (store, report) = open(&left).unwrap();
            assert_eq!(all(store.reader().as_ref()), state);
            // The newer one is read from end to end; of the older one, both ends.
            assert!(number == 0 || report.snapshots.len() == 1, "not noticed");
        }
    }
    // Without either there is nothing to begin from, and that is said.
    for name in &names {
        let mut bytes = disk.bytes(name);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        disk.replace(name, &bytes);
    }
    assert!(matches!(open(&disk), Err(OpenError::NothingToBeginFrom { .. })));
}
