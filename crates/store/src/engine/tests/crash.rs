//! Every write, sync, rename and removal of a short run, cut or failed in turn. What is found
//! afterwards is the state before or after a commit; what was acknowledged is there.
//!
//! The disk is simulated, and the index left out: it can always be rebuilt (`local.rs` does).

use std::io::ErrorKind;
use std::sync::Arc;

use fleet::Revision;

use super::sim_disk::{Fault, Loss, SimDisk};
use super::{STORE, all, blind, check_agrees, commit_all, fold, history, put, remove, show, small};
use crate::engine::local::{Local, OpenError, Options, Sync};
use crate::engine::memory::Memory;
use crate::engine::{Change, Commit, Engine, EngineError};

fn options() -> Options {
    Options { sync: Sync::Always, ..small() }
}

/// Groups of one to three commits, some longer than a sector, all over several segments.
fn script() -> Vec<Vec<Commit>> {
    let commit = |number: u64| {
        let value = "v".repeat(usize::try_from(number * 67 % 400).unwrap());
        let writes = vec![put(&format!("k{}", number % 5), &value), remove(&format!("k{}", number % 3))];
        blind(number, writes)
    };
    let sizes = [1, 3, 2, 1, 3, 3, 1];
    let mut number = 0;
    let mut group = |size| {
        let numbers = number..number + size;
        number += size;
        numbers.map(commit).collect()
    };
    sizes.into_iter().map(&mut group).collect()
}

/// What the whole script gives.
fn expected() -> Vec<Change> {
    let memory = Memory::new();
    for group in script() {
        memory.commit(group).unwrap();
    }
    history(&memory)
}

/// How far a run got.
#[derive(Debug, Default)]
struct Progress {
    created: bool,
    /// Commits that were acknowledged.
    acknowledged: usize,
    /// Commits that were acknowledged or under way.
    begun: usize,
}

/// Makes a store and runs the script up to the first failure, with a checkpoint on the way.
fn run(disk: &SimDisk) -> Progress {
    let mut progress = Progress::default();
    let Ok(store) = Local::create_on(Arc::new(disk.clone()), STORE, options()) else { return progress };
    progress.created = true;
    for (number, group) in script().into_iter().enumerate() {
        progress.begun += group.len();
        if store.commit(group).is_err() {
            check_latched(&store, progress.acknowledged);
            return progress;
        }
        progress.acknowledged = progress.begun;
        if number == 3 && store.checkpoint().is_err() {
            check_latched(&store, progress.acknowledged);
            return progress;
        }
    }
    progress
}

/// After a failure nothing is committed any more, and readers see what was acknowledged.
fn check_latched(store: &Local, acknowledged: usize) {
    for _ in 0..2 {
        let again = store.commit(vec![blind(1, vec![put("late", "late")])]);
        assert!(matches!(again, Err(EngineError::Latched { .. })));
        assert!(matches!(store.checkpoint(), Err(EngineError::Latched { .. })));
    }
    assert_eq!(all(store.reader().as_ref()), fold(&expected()[..acknowledged]));
    assert_eq!(store.last().0, Revision::new(acknowledged as u64));
}

/// Opens what is left and judges it. Returns how many commits there are, if there is a store.
fn check(disk: &SimDisk, progress: &Progress) -> Option<usize> {
    match Local::open_on(Arc::new(disk.clone()), options()) {
        Ok((store, _)) => {
            let found = history(&store);
            assert!(progress.acknowledged <= found.len(), "{progress:?}, found {}", found.len());
            assert!(found.len() <= progress.begun, "{progress:?}, found {}", found.len());
            assert_eq!(found, expected()[..found.len()]);
            check_agrees(&store);
            Some(found.len())
        }
        Err(OpenError::ManifestMissing { .. }) => {
            assert!(!progress.created);
            let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
            commit_all(&store, [blind(1, vec![put("a", "1")])]);
            None
        }
        Err(error) => panic!("{error:?} after {progress:?}"),
    }
}

/// What is left can be worked with: commits follow, and are there when it is opened once more.
fn check_goes_on(disk: &SimDisk, commits: usize) {
    for round in 1..=2 {
        let (store, report) = Local::open_on(Arc::new(disk.clone()), options()).unwrap();
        assert_eq!(report.cut, None, "it was cut before");
        commit_all(&store, [blind(100, vec![put("after", "crash")])]);
        assert_eq!(store.last().0, Revision::new((commits + round) as u64));
        check_agrees(&store);
    }
}

fn operations_of_a_whole_run() -> usize {
    let disk = SimDisk::default();
    let progress = run(&disk);
    assert_eq!(progress.acknowledged, expected().len());
    disk.operations()
}

fn losses() -> Vec<Loss> {
    [Loss::All, Loss::Nothing].into_iter().chain((0..14).map(Loss::Some)).collect()
}

#[test]
fn the_power_may_go_at_any_operation() {
    let mut outcomes = std::collections::BTreeMap::new();
    for operation in 0..=operations_of_a_whole_run() {
        for loss in losses() {
            let disk = SimDisk::default();
            disk.fail_at(operation, Fault::PowerCut);
            let progress = run(&disk);
            let left = disk.reboot(loss);
            if let Some(commits) = check(&left, &progress) {
                check_goes_on(&left, commits);
                let kind = (commits > progress.acknowledged, commits < progress.begun);
                *outcomes.entry(kind).or_insert(0) += 1;
            }
        }
    }
    // A test in which it never once mattered proves nothing.
    assert!(outcomes[&(true, false)] > 0, "a commit that was not acknowledged survived: {outcomes:?}");
    assert!(outcomes[&(false, true)] > 0, "and another did not");
    assert!(outcomes[&(true, true)] > 0, "and of some groups a part did");
}

#[test]
fn the_power_may_go_again_while_opening() {
    for operation in (0..=operations_of_a_whole_run()).step_by(3) {
        for seed in 0..4 {
            let disk = SimDisk::default();
            disk.fail_at(operation, Fault::PowerCut);
            let progress = run(&disk);
            let left = disk.reboot(Loss::Some(seed));
            let Some(commits) = check(&left.snapshot(), &progress) else { continue };
            for second in 0..8 {
                let opened = left.snapshot();
                opened.fail_at(second, Fault::PowerCut);
                drop(Local::open_on(Arc::new(opened.clone()), options()));
                assert_eq!(check(&opened.reboot(Loss::Some(seed + 100)), &progress), Some(commits));
            }
        }
    }
}

#[test]
fn any_operation_may_fail() {
    for fault in [Fault::Fails(ErrorKind::Other), Fault::Fails(ErrorKind::StorageFull), Fault::HalfFails] {
        for operation in 0..operations_of_a_whole_run() {
            let disk = SimDisk::default();
            disk.fail_at(operation, fault);
            let progress = run(&disk);
            for left in [disk.snapshot(), disk.reboot(Loss::All), disk.reboot(Loss::Some(1))] {
                if let Some(commits) = check(&left, &progress) {
                    check_goes_on(&left, commits);
                }
            }
        }
    }
}

#[test]
fn what_an_open_showed_is_durable() {
    // The process is killed, or a sync fails; another one opens the store and looks; then the power goes.
    let mut shown_unacknowledged = 0;
    for fault in [Fault::PowerCut, Fault::Fails(ErrorKind::Other), Fault::HalfFails] {
        for operation in 0..=operations_of_a_whole_run() {
            let disk = SimDisk::default();
            disk.fail_at(operation, fault);
            let progress = run(&disk);
            let left = disk.restart();
            if let Some(shown) = check(&left, &progress) {
                assert_eq!(
                    check(&left.reboot(Loss::All), &progress),
                    Some(shown),
                    "at {operation}: {progress:?}"
                );
                shown_unacknowledged += usize::from(shown > progress.acknowledged);
            }
        }
    }
    assert!(shown_unacknowledged > 0);
}

#[test]
fn a_panic_half_way_stops_the_store() {
    for operation in 0..2 {
        let disk = SimDisk::default();
        let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
        commit_all(&store, [blind(1, vec![put("k", "1")])]);
        disk.fail_at(operation, Fault::Panics);
        let commit = || store.commit(vec![blind(1, vec![put("k", "2")])]);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(commit)).unwrap_err();
        for _ in 0..2 {
            match commit() {
                Err(EngineError::Latched { first }) => assert!(matches!(*first, EngineError::Interrupted)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(show(&all(store.reader().as_ref())), "k=1@1");
    }
}

#[test]
fn an_acknowledged_commit_would_be_missed_without_its_sync() {
    // The judge is judged: a store that does not sync must be found out by it.
    let disk = SimDisk::default();
    let lazy = Options { sync: Sync::Never, checkpoint_segments: 100, segment_size: 1 << 20, ..options() };
    let store = Local::create_on(Arc::new(disk.clone()), STORE, lazy).unwrap();
    commit_all(&store, [blind(1, vec![put("a", "1")])]);
    let (store, _) = Local::open_on(Arc::new(disk.reboot(Loss::All)), lazy).unwrap();
    assert_eq!(store.last().0, Revision::ZERO);
}

/// The process ends at any operation, and another one opens the store and commits: then the power goes. What the
/// first one gave a name to, and no more, the second one builds on. (`hatchery simulate --seed 5002 --days 30
/// --audit-steps 5 --faults harsh` found it.)
#[test]
fn what_is_committed_after_a_crash_does_not_go_with_a_name_that_was_not_durable() {
    for operation in 0.. {
        let disk = SimDisk::default();
        let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
        disk.fail_at(operation, Fault::Fails(ErrorKind::Other));
        for group in script() {
            if store.commit(group).is_err() {
                break;
            }
            let _written_or_not = store.snapshot();
        }
        let struck = disk.struck();
        let killed = disk.restart();
        drop(store);
        let (store, _) = Local::open_on(Arc::new(killed.clone()), options()).unwrap();
        commit_all(&store, [blind(1000, vec![put("after", "the crash")])]);
        let acknowledged = store.last().0;
        let (found, _) = Local::open_on(Arc::new(killed.reboot(Loss::All)), options()).unwrap();
        assert_eq!(found.last().0, acknowledged, "operation {operation}");
        if !struck {
            assert!(operation > 50, "{operation}");
            return;
        }
    }
}
