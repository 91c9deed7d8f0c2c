//! The feed: exact, resumable, without secrets, and there as soon as there is something.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use common::{Folder, ME, NOW, furnished};
use hatchery::feed::{Fact, Gone, Reader, facts};
use hatchery::{
    Change, Claim, Command, CommitError, FeedError, Hatchery, OpenAccount, Options, Outcome, Record,
    Revision, Span, Status, StoreId, Time, World, Write,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use testkit::{Driver, Fleet, SmallWorld, strategies};

/// Longer than anything here takes; a wait that comes to this has failed.
const WATCHDOG: Duration = Duration::from_secs(60);
const REGRESSIONS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/hatchery-feed.txt");
const CASES: u32 = 16;
const PLANTED: &str = "planted-secret-7Qz";

fn change(writes: Vec<Write>) -> Change {
    Change { revision: Revision::new(1), time: NOW, writes }
}

#[test]
fn no_kind_of_record_shows_a_secret_in_the_feed() {
    let records = testkit::one_of_every_kind(PLANTED);
    let removals = testkit::removals(&records);
    let numbers: Vec<String> = PLANTED.bytes().map(|byte| byte.to_string()).collect();
    let mut world = World::default();
    world.apply(records.iter().cloned().map(Write::Put));
    for before in [World::default(), world] {
        let puts = records.iter().cloned().map(Write::Put);
        for write in puts.chain(removals.iter().cloned().map(Write::Remove)) {
            let shown = format!("{:?}", facts(&change(vec![write.clone()]), &before));
            for secret in [PLANTED, &numbers.join(", "), "secret bytes"] {
                assert!(!shown.contains(secret), "{write:?}: {shown}");
            }
        }
    }
}

#[test]
fn the_facts_of_a_launch_are_told_in_one_commit() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let mut reader = Reader::at(&hatchery.snapshot()).unwrap();
    let two = hatchery::Launch { wanted: hatchery::Wanted::new(2, 2).unwrap(), ..common::launch() };
    let instances = common::launched(&hatchery, two);
    let changes = hatchery.changes(reader.revision(), 10).unwrap();
    assert_eq!(changes.len(), 1);

    let told = reader.read(&changes[0]);
    let mut made = Vec::new();
    let mut decided = 0;
    for fact in &told {
        if let Fact::InstanceChanged { before: None, after } = fact {
            assert_eq!((after.account, after.state.status()), (ME, Status::Pending));
            made.push(after.id);
        } else if let Fact::BatchDecided(batch) = fact {
            assert_eq!((&batch.instances, &batch.outcomes), (&instances, &vec![Outcome::Pending; 2]));
            assert_eq!(batch.launched.as_ref().unwrap().region.as_str(), "r");
            decided += 1;
        }
    }
    assert_eq!((made, decided), (instances, 1));
    assert!(told.iter().any(|fact| matches!(fact, Fact::StockChanged(stock) if stock.taken() == 2)));
    assert_eq!(told.iter().filter(|fact| matches!(fact, Fact::WorkWaiting { .. })).count(), 2);

    let claim = Claim { worker: "w".parse().unwrap(), lease: Span::from_secs(60), limit: 1 };
    hatchery.commit(claim, NOW).unwrap();
    let claimed = &hatchery.changes(reader.revision(), 1).unwrap()[0];
    let told = reader.read(claimed);
    assert!(told.iter().any(|fact| {
        matches!(fact, Fact::InstanceChanged { before: Some(before), after } if before != after)
    }));
    assert_eq!(reader.read(claimed), [], "what was read is not told twice");
}

#[test]
fn what_is_gone_is_told_with_what_it_was() {
    let records = testkit::one_of_every_kind(PLANTED);
    let mut world = World::default();
    world.apply(records.iter().cloned().map(Write::Put));
    let removals = testkit::removals(&records).into_iter().map(Write::Remove).collect();
    let told = facts(&change(removals), &world);
    let instance =
        |fact: &Fact| matches!(fact, Fact::InstanceGone { id, before: Some(before) } if before.id == *id);
    assert_eq!(told.iter().filter(|fact| instance(fact)).count(), 1);
    let template = Fact::Gone(Gone::TemplateVersion("lt-1".parse().unwrap(), 1));
    assert!(told.contains(&template), "{told:?}");
}

#[test]
fn a_revision_that_has_not_happened_is_a_typed_error() {
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    let (since, last) = (Revision::new(9), Revision::ZERO);
    let refused = hatchery.changes(since, 1).unwrap_err();
    assert!(
        matches!(refused, FeedError::Future { since: s, last: l } if (s, l) == (since, last)),
        "{refused}"
    );
    let mut follow = hatchery.follow(since, WATCHDOG);
    assert!(matches!(follow.next(), Some(Err(FeedError::Future { .. }))));
    assert!(follow.next().is_none(), "it is over, and nobody spins");
}

fn open_account(hatchery: &Hatchery, limit: u32) {
    hatchery.commit(OpenAccount { id: ME, instance_limit: limit, grant: None }, NOW).unwrap();
}

#[test]
fn a_follower_sees_every_commit_once_and_in_order_while_many_commit() {
    const THREADS: u32 = 4;
    const EACH: u32 = 50;
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    std::thread::scope(|scope| {
        let followers = [(); 3].map(|()| {
            scope.spawn(|| {
                let commits = (THREADS * EACH) as usize;
                let follow = hatchery.follow(Revision::ZERO, WATCHDOG);
                follow.take(commits).map(|change| change.unwrap().revision.number()).collect::<Vec<_>>()
            })
        });
        for thread in 0..THREADS {
            let hatchery = &hatchery;
            scope.spawn(move || (0..EACH).for_each(|each| open_account(hatchery, 1 + thread * EACH + each)));
        }
        for follower in followers {
            assert_eq!(follower.join().unwrap(), (1..=u64::from(THREADS * EACH)).collect::<Vec<_>>());
        }
    });
}

#[test]
fn who_waits_for_nothing_is_told_so_and_may_ask_again() {
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    let mut follow = hatchery.follow(Revision::ZERO, Duration::ZERO);
    assert!(follow.next().is_none());
    assert!(!hatchery.wait_beyond(Revision::ZERO, Duration::from_millis(1)));
    open_account(&hatchery, 1);
    assert_eq!(follow.next().unwrap().unwrap().revision, Revision::new(1));
    assert!(follow.next().is_none());
    assert_eq!(follow.read(), Revision::new(1));
}

#[test]
fn a_wait_is_over_when_a_commit_comes_and_not_when_its_time_is_up() {
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| hatchery.wait_beyond(Revision::ZERO, Duration::MAX));
        open_account(&hatchery, 1);
        assert!(waiting.join().unwrap());
    });
}

/// Polls a future on this thread, which sleeps until it is woken.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut cx = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn a_task_is_woken_by_the_next_commit() {
    let hatchery = Arc::new(Hatchery::in_memory(Options::default()).unwrap());
    let waiting = std::thread::spawn({
        let hatchery = Arc::clone(&hatchery);
        move || (0..20).map(|since| block_on(Arc::clone(&hatchery).beyond(Revision::new(since)))).collect()
    });
    (0..20).for_each(|limit| open_account(&hatchery, limit + 1));
    let seen: Vec<Revision> = waiting.join().unwrap();
    assert!((0..).map(Revision::new).zip(&seen).all(|(since, seen)| *seen > since), "{seen:?}");
}

#[cfg(feature = "stream")]
#[test]
fn a_stream_hands_out_every_commit_and_waits_for_the_next() {
    use futures_core::Stream as _;
    let hatchery = Arc::new(Hatchery::in_memory(Options::default()).unwrap());
    open_account(&hatchery, 1);
    let reading = std::thread::spawn({
        let mut changes = Box::pin(hatchery::feed::changes(Arc::clone(&hatchery), Revision::ZERO));
        move || {
            let next = || block_on(std::future::poll_fn(|cx| changes.as_mut().poll_next(cx)));
            let read = std::iter::repeat_with(next).take(40);
            read.map(|change| change.unwrap().unwrap().revision.number()).collect::<Vec<_>>()
        }
    });
    (1..40).for_each(|limit| open_account(&hatchery, limit + 1));
    assert_eq!(reading.join().unwrap(), (1..=40).collect::<Vec<_>>());
}

/// A store that is closed and opened again after every so many commands, and the records it held at
/// every revision on the way.
struct Kept {
    path: PathBuf,
    store: Option<Hatchery>,
    every: usize,
    commands: usize,
    states: BTreeMap<Revision, Vec<Record>>,
}

fn options() -> Options {
    Options { policy: SmallWorld::policy(), ..Options::default() }
}

impl Kept {
    fn store(&self) -> &Hatchery {
        self.store.as_ref().unwrap()
    }
}

impl Fleet for Kept {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.commands += 1;
        if self.commands.is_multiple_of(self.every) {
            drop(self.store.take());
            self.store = Some(Hatchery::open(&self.path, options()).unwrap().0);
        }
        let answer = self.store().commit(command.clone(), now);
        let snapshot = self.store().snapshot();
        let (revision, records) = (snapshot.revision(), snapshot.records().unwrap());
        drop(snapshot);
        self.states.insert(revision, records);
        answer.map_err(|error| match error {
            CommitError::Refused(refusal) => refusal,
            CommitError::Busy { .. } | CommitError::Failed(_) => panic!("the disk is well"),
        })
    }

    fn records(&self) -> Vec<Record> {
        self.store().snapshot().records().unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        ..ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap()))
    })]

    #[test]
    fn the_feed_after_any_snapshot_leads_to_every_later_state(
        (_, actions) in strategies::histories(1..40),
        every in 3_usize..20,
        limit in 1_usize..9,
        from in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let store = Some(Hatchery::create(&path, StoreId([3; 16]), options()).unwrap());
        let mut kept = Kept { path, store, every, commands: 0, states: BTreeMap::new() };
        SmallWorld::new().furnish(&mut kept);
        let mut driver = Driver::new(kept);
        actions.iter().for_each(|action| drop(driver.act(action)));
        let kept = driver.fleet;

        let revisions: Vec<Revision> = kept.states.keys().copied().collect();
        let start = revisions[from.index(revisions.len())];
        let mut world = World::default();
        world.apply(kept.states[&start].iter().cloned().map(Write::Put));
        let (mut read, mut seen) = (start, 0);
        // In pages, as whoever goes on from a revision reads it.
        loop {
            let page = kept.store().changes(read, limit).unwrap();
            if page.is_empty() {
                break;
            }
            for change in page {
                prop_assert_eq!(Some(change.revision), read.next(), "no gap, nothing twice");
                read = change.revision;
                world.apply(change.writes);
                let state = &kept.states[&read];
                prop_assert!(world.records().eq(state.iter()), "at revision {}", read);
                seen += 1;
            }
        }
        prop_assert_eq!(read, kept.store().last().0);
        prop_assert_eq!(seen, revisions.iter().filter(|revision| **revision > start).count());
    }
}
