//! The whole store on a disk that fails, or loses power, at every operation in turn.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::io::ErrorKind;
use std::sync::Arc;

use fleet::{Audit, Claim, Launched, Record, ReportAll, Span, Tick, Time};
use testkit::{Fleet, SmallWorld, at, launch, many};

use super::*;
use crate::engine::tests::sim_disk::{Fault, Loss, SimDisk};
use crate::engine::{FRAME_MAX, Writes};
use crate::group::fits_one_commit;

/// A store on a simulated disk.
struct OnDisk(Store);

fn options() -> Options {
    Options { policy: SmallWorld::policy(), ..Options::default() }
}

fn create(disk: &SimDisk) -> Store {
    Store::create_on(disk, StoreId([9; 16]), options()).unwrap()
}

fn open(disk: &SimDisk) -> Store {
    Store::open_on(disk, options()).unwrap().0
}

impl Fleet for OnDisk {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.0.commit(command.clone(), now).map_err(|error| match error {
            CommitError::Refused(refusal) => refusal,
            CommitError::Busy { .. } | CommitError::Failed(_) => panic!("the disk is well"),
        })
    }

    fn records(&self) -> Vec<Record> {
        self.0.snapshot().records().unwrap()
    }
}

fn furnished() -> SimDisk {
    let disk = SimDisk::default();
    let mut store = OnDisk(create(&disk));
    SmallWorld::new().furnish(&mut store);
    drop(store);
    disk.snapshot()
}

/// A launch, its work, a tick: as far as the disk lets it come. The states that were acknowledged.
fn play(store: &Store) -> Vec<Vec<Record>> {
    let mut acknowledged = vec![store.snapshot().records().unwrap()];
    let mut note = |done: bool| {
        if done {
            acknowledged.push(store.snapshot().records().unwrap());
        }
    };
    note(store.commit(many(launch(), 3, 1), at(1)).is_ok());
    let claim = Claim { worker: testkit::label("w"), lease: Span::from_secs(30), limit: 9 };
    let items = store.commit(claim, at(2));
    note(items.is_ok());
    let reports = items.unwrap_or_default().into_iter().map(|item| fleet::Report {
        id: item.id,
        attempt: item.attempt,
        outcome: fleet::WorkOutcome::Failed(fleet::FailureReason::Machine),
    });
    note(store.commit(ReportAll(reports.collect()), at(3)).is_ok());
    note(store.commit(Tick { limit: 9 }, at(400)).is_ok());
    acknowledged
}

fn assert_clean(store: &Store) {
    let mut audit = Audit::default();
    store.snapshot().records().unwrap().into_iter().for_each(|record| audit.see(record));
    assert_eq!(audit.findings(), []);
}

#[test]
fn a_power_cut_at_any_operation_leaves_what_was_acknowledged_or_one_commit_more() {
    let furnished = furnished();
    let whole = play(&open(&furnished.snapshot()));
    assert_eq!(whole.len(), 5, "the play is played to its end when nothing fails");
    let mut cuts = 0;
    for operation in 0.. {
        let disk = furnished.snapshot();
        let store = open(&disk);
        disk.fail_at(operation, Fault::PowerCut);
        let acknowledged = play(&store);
        let done = disk.operations() <= operation;
        drop(store);
        if done {
            break;
        }
        for loss in [Loss::All, Loss::Nothing, Loss::Some(operation as u64)] {
            let found = open(&disk.reboot(loss));
            let records = found.snapshot().records().unwrap();
            let reached = acknowledged.len() - 1;
            let next = whole.get(reached + 1);
            assert!(
                records == whole[reached] || Some(&records) == next,
                "operation {operation}, {loss:?}: neither what was acknowledged nor one commit more"
            );
            assert_clean(&found);
            cuts += 1;
        }
    }
    assert!(cuts > 20, "{cuts} cuts");
}

#[test]
fn after_a_failed_write_or_sync_nothing_is_written_and_nothing_undurable_is_seen() {
    let furnished = furnished();
    for fault in [Fault::Fails(ErrorKind::Other), Fault::Fails(ErrorKind::StorageFull), Fault::HalfFails] {
        for operation in 0.. {
            let disk = furnished.snapshot();
            let store = open(&disk);
            let before = store.snapshot().records().unwrap();
            disk.fail_at(operation, fault);
            let launched = store.commit(launch(), at(1));
            if disk.operations() <= operation {
                assert!(matches!(launched, Ok(Launched::Batch { .. })));
                break;
            }
            if launched.is_ok() {
                continue;
            }
            assert!(store.failure().is_some());
            assert_eq!(store.snapshot().records().unwrap(), before, "{fault:?} at {operation}");
            let again = store.commit(launch(), at(2)).unwrap_err().to_string();
            assert_eq!(again, store.failure().unwrap().to_string(), "the first failure is told for ever");
        }
    }
}

#[test]
fn a_change_that_no_commit_can_hold_is_refused_before_anybody_sees_it() {
    let mut writes = Writes::default();
    writes.put(&[1], &vec![0; FRAME_MAX - 1000]);
    assert!(fits_one_commit(&writes).is_ok());
    writes.put(&[2], &[0; 1000]);
    let refused = fits_one_commit(&writes);
    assert!(matches!(refused, Err(StoreError::TooMuchAtOnce { limit: FRAME_MAX, .. })));
}

#[test]
fn a_task_that_stops_waiting_leaves_nothing_behind() {
    let store = Arc::new(create(&SimDisk::default()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let mut wait = |since| {
        let mut beyond = Box::pin(Arc::clone(&store).beyond(since));
        let ready = beyond.as_mut().poll(&mut cx).is_ready();
        (beyond, ready)
    };
    let (first, ready) = wait(Revision::ZERO);
    assert!(!ready);
    let (second, _) = wait(Revision::ZERO);
    assert_eq!(store.news.tasks(), 2);
    drop(first);
    assert_eq!(store.news.tasks(), 1);
    store.commit(fleet::OpenAccount { id: testkit::OWNER, instance_limit: 1, grant: None }, at(0)).unwrap();
    assert_eq!(store.news.tasks(), 0, "told once, and forgotten until it asks again");
    drop(second);
    let (_, ready) = wait(Revision::ZERO);
    assert!(ready);
    assert_eq!(store.news.tasks(), 0);
}

#[test]
fn a_listing_of_a_snapshot_that_is_too_old_to_look_it_up_is_walked_and_counted() {
    let store = open(&furnished());
    let Launched::Batch { instances, .. } = store.commit(launch(), at(1)).unwrap() else {
        panic!("launched")
    };
    store.prepare_listings().unwrap();
    let old = store.snapshot();
    let listed = |snapshot: &Snapshot<'_>| {
        let filter = fleet::InstanceFilter::all(testkit::OWNER, testkit::label("r"));
        snapshot.instances(&filter, fleet::Paging::Numbered { number: 1, size: 9 }).unwrap().total
    };
    assert_eq!((listed(&old), store.walked_listings()), (1, 0));

    for number in 0..=crate::roster::REMEMBERED {
        let change = fleet::TagThings {
            account: testkit::OWNER,
            region: testkit::label("r"),
            what: vec![fleet::Thing::Instance(instances[0])],
            change: fleet::TagChange::Set(vec![fleet::Tag { key: "n".into(), value: number.to_string() }]),
        };
        store.commit(change, at(2)).unwrap();
    }
    store.commit(launch(), at(3)).unwrap();
    assert_eq!((listed(&old), store.walked_listings()), (1, 1));
    assert_eq!((listed(&store.snapshot()), store.walked_listings()), (2, 1));
}

/// Neither as text nor as the numbers that bytes are printed as; in tables, in history, on their way and read.
#[test]
fn a_store_and_what_it_is_given_and_gives_print_no_secret() {
    const PLANTED: &str = "t0p-5ecret";
    let numbers = format!("{:?}", PLANTED.as_bytes());
    let numbers = numbers.trim_matches(['[', ']']);
    let disk = SimDisk::default();
    let stores = [Store::in_memory(options()).unwrap(), create(&disk)];
    for mut store in stores.map(OnDisk) {
        SmallWorld::new().furnish(&mut store);
        let password =
            Some(fleet::Password { secret: fleet::Secret::new(PLANTED.as_bytes()), for_windows: true });
        let login = fleet::Login { password, ..fleet::Login::default() };
        store.run(&fleet::Launch { login, ..launch() }, at(1)).unwrap();

        let changes = store.0.engine.changes(Revision::ZERO, usize::MAX).unwrap();
        let mut entries = Vec::new();
        let visit = &mut |entry| {
            entries.push(entry);
            ControlFlow::Continue(())
        };
        store.0.engine.reader().scan(crate::engine::KeyRange::all(), Order::Ascending, visit).unwrap();
        let holds = |value: &[u8]| value.windows(PLANTED.len()).any(|part| part == PLANTED.as_bytes());
        assert!(entries.iter().any(|entry| holds(&entry.value)), "the secret is in the store");
        for printed in [format!("{:?}", store.0), format!("{changes:?}"), format!("{entries:?}")] {
            assert!(!printed.contains(PLANTED) && !printed.contains(numbers), "{printed}");
        }
    }
}
