//! What a hatchery promises about a launch: one commit, durable, once per token, for any number of
//! callers; and what becomes of decisions that are refused or panic.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Barrier};

use common::{Folder, ME, NOW, furnished, later, launch, launched};
use hatchery::{
    Addresses, Audit, Batch, Claim, ClientToken, Command, CommitError, Draft, FailureReason, Fingerprint,
    Force, Halt, Hatchery, Key, Launch, LaunchRefusal, Launched, Options, Record, Rehearsal, Release, Report,
    Revision, Span, Status, StoreError, StoreId, Subscription, Tick, Time, TokenText, View, Wanted,
    WorkOutcome, World, Write, check,
};

fn with_token(text: &str, launch: Launch) -> Launch {
    let text = TokenText::parse(text).unwrap();
    Launch { token: Some(ClientToken { text, fingerprint: Fingerprint([7; 32]) }), ..launch }
}

#[test]
fn a_launch_is_one_commit() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let before = hatchery.last().0;
    let wanted = Wanted::new(3, 3).unwrap();
    launched(&hatchery, with_token("t", Launch { wanted, ..launch() }));

    let changes = hatchery.changes(before, 10).unwrap();
    assert_eq!(changes.len(), 1);
    let kinds: BTreeSet<&str> = changes[0].writes.iter().map(kind).collect();
    let expected = [
        "account", "batch", "group", "instance", "page", "sequence", "spec", "stock", "subnet", "timer",
        "token", "work",
    ];
    assert_eq!(kinds, BTreeSet::from(expected));
    assert_eq!(changes[0].writes.len(), 10 + 2 * 3, "ten keys for the launch, two for each instance");
}

fn kind(write: &Write) -> &'static str {
    match write.key() {
        Key::Sequence => "sequence",
        Key::Account(_) => "account",
        Key::Stock(_) => "stock",
        Key::Subnet(_) => "subnet",
        Key::AddressPage(..) => "page",
        Key::Group(_) => "group",
        Key::Token(_) => "token",
        Key::Spec(_) => "spec",
        Key::Batch(_) => "batch",
        Key::Instance(_) => "instance",
        Key::Timer(..) => "timer",
        Key::Work(..) => "work",
        Key::Holdings(..)
        | Key::Rule(..)
        | Key::Receipt(_)
        | Key::Region(_)
        | Key::Zone(_)
        | Key::InstanceType(_)
        | Key::Image(_)
        | Key::Asset(..)
        | Key::Host(_)
        | Key::KeyPair(..)
        | Key::Amendment(_)
        | Key::Disk(..)
        | Key::Password(_)
        | Key::UserData(_)
        | Key::Network(_)
        | Key::Event(_)
        | Key::WorkStats
        | Key::Template(_)
        | Key::TemplateVersion(..)
        | Key::TemplateName(_)
        | Key::PublicPool(_)
        | Key::Ipv6Claim(..)
        | Key::Cooling(_) => "something a launch has no business with",
    }
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let folder = Folder::new();
    let first = {
        let hatchery = furnished(&folder);
        launched(&hatchery, with_token("t", launch()))
    };
    let (hatchery, _) = Hatchery::open(&folder.store(), Options::default()).unwrap();
    let instance = hatchery.snapshot().instance(first[0]).unwrap().unwrap();
    assert_eq!(instance.state.status(), Status::Pending);
    assert_eq!(
        launched(&hatchery, with_token("t", launch())),
        first,
        "the same token names the same instances"
    );
}

#[test]
fn sixty_four_callers_with_one_token_make_one_launch() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let ids: Vec<_> = std::thread::scope(|scope| {
        let callers: Vec<_> =
            (0..64).map(|_| scope.spawn(|| launched(&hatchery, with_token("one", launch())))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|one| *one == ids[0]));
    assert_eq!(instances(&hatchery).len(), 1);
    assert_clean(&hatchery);
}

#[test]
fn callers_on_many_threads_get_addresses_of_their_own() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| (0..5).for_each(|_| drop(launched(&hatchery, launch()))));
        }
    });
    let instances = instances(&hatchery);
    let addresses: BTreeSet<_> = instances.iter().map(|instance| instance.address).collect();
    assert_eq!((instances.len(), addresses.len()), (80, 80));
    assert_clean(&hatchery);
}

#[test]
fn a_refused_launch_changes_nothing() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let before = hatchery.last();
    let unknown = Launch { image: Some("nobody".parse().unwrap()), ..launch() };
    let refused = hatchery.commit(with_token("t", unknown), NOW).unwrap_err();
    assert!(matches!(refused, CommitError::Refused(LaunchRefusal::UnknownImage(_))));
    assert_eq!(hatchery.last(), before);
    assert_eq!(launched(&hatchery, with_token("t", launch())).len(), 1, "a refusal leaves its token free");
}

#[test]
fn a_dry_run_answers_and_leaves_no_trace() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let before = hatchery.last();
    let dry = with_token("t", Launch { rehearsal: Rehearsal::Yes, ..launch() });
    assert_eq!(hatchery.commit(dry, NOW).unwrap(), Launched::Would(1));
    assert_eq!(hatchery.rehearse(launch(), NOW).unwrap(), hatchery.rehearse(launch(), NOW).unwrap());
    assert_eq!(hatchery.last(), before);
}

/// A command that breaks off in the middle of being decided.
struct Panics;

impl Command for Panics {
    type Reply = ();
    type Refusal = Infallible;

    fn decide<V: View>(&self, _: &mut Draft<'_, V>, _: Time) -> Result<(), Halt<Infallible, V::Failure>> {
        panic!("planted")
    }
}

#[test]
fn a_panicking_decision_leaves_no_trace_and_does_not_hurt_its_neighbours() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    std::thread::scope(|scope| {
        for caller in 0..32 {
            let hatchery = &hatchery;
            scope.spawn(move || match caller % 2 {
                0 => drop(launched(hatchery, launch())),
                _ => {
                    let failed = hatchery.commit(Panics, NOW).unwrap_err();
                    assert!(matches!(failed, CommitError::Failed(StoreError::DecisionPanicked)));
                }
            });
        }
    });
    assert_eq!(instances(&hatchery).len(), 16);
    assert_clean(&hatchery);
}

/// A command that is decided in two steps of a barrier.
struct Waits(Arc<Barrier>);

impl Command for Waits {
    type Reply = ();
    type Refusal = Infallible;

    fn decide<V: View>(&self, _: &mut Draft<'_, V>, _: Time) -> Result<(), Halt<Infallible, V::Failure>> {
        self.0.wait();
        self.0.wait();
        Ok(())
    }
}

#[test]
fn a_group_that_is_under_way_has_a_number_until_it_is_answered() {
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    let barrier = Arc::new(Barrier::new(2));
    let mut numbers = BTreeSet::new();
    for _ in 0..3 {
        std::thread::scope(|scope| {
            let caller = scope.spawn(|| hatchery.commit(Waits(Arc::clone(&barrier)), NOW));
            barrier.wait();
            let number = hatchery.group_under_way().expect("it is being decided");
            assert!(numbers.insert(number), "{number} was another group's");
            assert_eq!(hatchery.group_under_way(), Some(number), "it stays the same while it lasts");
            barrier.wait();
            caller.join().unwrap().unwrap();
        });
        assert_eq!(hatchery.group_under_way(), None);
    }
    assert!(hatchery.commit(Panics, NOW).is_err());
    assert_eq!(hatchery.group_under_way(), None, "a panic is an answer, too");
}

#[test]
fn a_full_queue_is_told_at_once() {
    let folder = Folder::new();
    drop(furnished(&folder));
    let options = Options { waiting_max: 0, ..Options::default() };
    let (hatchery, _) = Hatchery::open(&folder.store(), options).unwrap();
    let before = hatchery.last();
    assert!(matches!(hatchery.commit(launch(), NOW), Err(CommitError::Busy { waiting: 0 })));
    assert_eq!(hatchery.last(), before);
}

#[test]
fn however_small_groups_are_every_caller_is_answered() {
    for group_max in [0, 1, 2] {
        let hatchery = Hatchery::in_memory(Options { group_max, ..Options::default() }).unwrap();
        common::furnish(&hatchery);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5).for_each(|_| drop(launched(&hatchery, launch()))));
            }
        });
        assert_eq!(instances(&hatchery).len(), 40, "groups of at most {group_max}");
        assert_clean(&hatchery);
    }
}

#[test]
fn replaying_the_feed_gives_the_state() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    launched(&hatchery, with_token("t", Launch { wanted: Wanted::new(5, 5).unwrap(), ..launch() }));
    common::provision(&hatchery, NOW);
    hatchery.commit(Tick { limit: 100 }, later(40 * 24 * 3600)).unwrap();

    let mut world = World::default();
    for change in hatchery.changes(Revision::ZERO, usize::MAX).unwrap() {
        world.apply(change.writes);
    }
    assert!(world.records().count() > 10);
    assert_eq!(world.records().cloned().collect::<Vec<_>>(), hatchery.snapshot().records().unwrap());
}

#[test]
fn times_never_go_back() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let late = later(3600);
    hatchery.commit(launch(), late).unwrap();
    let ids = launched(&hatchery, launch());
    let instance = hatchery.snapshot().instance(ids[0]).unwrap().unwrap();
    assert_eq!(instance.created_at, late, "a command that comes with an earlier time is decided at the last");
    assert_eq!(hatchery.last().1, late);
}

#[test]
fn a_second_opener_is_refused() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let refused = Hatchery::open(&folder.store(), Options::default()).unwrap_err().to_string();
    assert!(refused.contains("is locked"), "{refused}");
    assert!(check(&folder.store()).is_err(), "nor is a store checked that somebody has open");
    drop(hatchery);
    Hatchery::open(&folder.store(), Options::default()).unwrap();
}

#[test]
fn opening_never_makes_a_store_and_making_never_overwrites_one() {
    let folder = Folder::new();
    assert!(Hatchery::open(&folder.store(), Options::default()).is_err());
    assert!(!folder.store().exists());
    drop(furnished(&folder));
    assert!(Hatchery::create(&folder.store(), StoreId([1; 16]), Options::default()).is_err());
}

#[test]
fn a_given_address_is_given_to_one_of_many_callers() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let given = || Launch { addresses: Addresses::Given([10, 0, 0, 77].into()), ..launch() };
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16).map(|_| scope.spawn(|| hatchery.commit(given(), NOW))).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let taken = |outcome: &&_| matches!(outcome, Err(CommitError::Refused(LaunchRefusal::AddressTaken(_))));
    assert_eq!(outcomes.iter().filter(taken).count(), 15);
}

#[test]
fn the_catalogue_is_there_after_reopening() {
    let folder = Folder::new();
    let catalogue = furnished(&folder).snapshot().catalogue().clone();
    let (hatchery, _) = Hatchery::open(&folder.store(), Options::default()).unwrap();
    assert_eq!(*hatchery.snapshot().catalogue(), catalogue);
}

#[test]
fn a_launch_of_twenty_large_tags_is_kept_whole() {
    let folder = Folder::new();
    let tags: Vec<_> = (0..20)
        .map(|at| hatchery::Tag {
            key: format!("{at:02}{}", "ü".repeat(126)),
            value: "\u{1f95a}".repeat(128),
        })
        .collect();
    let ids = launched(&furnished(&folder), Launch { tags: tags.clone(), ..launch() });
    let (hatchery, _) = Hatchery::open(&folder.store(), Options::default()).unwrap();
    let snapshot = hatchery.snapshot();
    let batch = snapshot.instance(ids[0]).unwrap().unwrap().batch;
    assert_eq!(snapshot.spec(batch).unwrap().unwrap().tags, tags);
}

#[test]
fn a_clean_store_checks_clean() {
    let folder = Folder::new();
    {
        let hatchery = furnished(&folder);
        launched(&hatchery, with_token("t", Launch { wanted: Wanted::new(9, 9).unwrap(), ..launch() }));
        common::provision(&hatchery, NOW);
    }
    let checked = check(&folder.store()).unwrap();
    assert_eq!(checked.findings, Vec::<String>::new());
    assert_eq!(checked.notes, Vec::<String>::new());
    assert!(checked.records > 20);
}

#[test]
fn a_batch_tells_what_became_of_its_instances() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let Launched::Batch { id, instances, .. } = hatchery.commit(launch(), NOW).unwrap() else { panic!() };
    common::provision(&hatchery, NOW);
    let batch: Batch = hatchery.snapshot().batch(id).unwrap().unwrap();
    assert_eq!(batch.instances().collect::<Vec<_>>(), instances);
    assert_eq!(batch.outcomes, [hatchery::Outcome::Made]);
    assert_eq!(batch.account, ME);
}

fn instances(hatchery: &Hatchery) -> Vec<hatchery::Instance> {
    let found = hatchery.snapshot().records().unwrap().into_iter();
    found
        .filter_map(|record| if let Record::Instance(instance) = record { Some(instance) } else { None })
        .collect()
}

fn assert_clean(hatchery: &Hatchery) {
    let mut audit = Audit::default();
    hatchery.snapshot().records().unwrap().into_iter().for_each(|record| audit.see(record));
    assert_eq!(audit.findings(), []);
}

#[test]
fn an_address_cools_down_across_a_restart() {
    let policy = || hatchery::Policy { address_cool_down: Span::from_secs(60), ..Default::default() };
    let folder = Folder::new();
    let (address, free) = {
        let options = Options { policy: policy(), ..Options::default() };
        let hatchery = Hatchery::create(&folder.store(), StoreId([7; 16]), options).unwrap();
        common::furnish(&hatchery);
        let id = launched(&hatchery, launch())[0];
        let address = hatchery.snapshot().instance(id).unwrap().unwrap().address;
        let claim = Claim { worker: "w".parse().unwrap(), lease: Span::from_secs(30), limit: 1 };
        let item = hatchery.commit(claim, NOW).unwrap().remove(0);
        let outcome = WorkOutcome::Failed(FailureReason::Machine);
        hatchery.commit(Report { id: item.id, attempt: item.attempt, outcome }, NOW).unwrap();
        let free = hatchery.snapshot().subnet(&"s".parse().unwrap()).unwrap().unwrap().pool.free;
        hatchery
            .commit(
                Release { account: ME, instance: id, force: Force::No, subscription: Subscription::Keep },
                NOW,
            )
            .unwrap();
        (address, free)
    };
    // What was decided stays decided: the policy of today says nothing of it.
    let (hatchery, _) = Hatchery::open(&folder.store(), Options::default()).unwrap();
    let left = || hatchery.snapshot().subnet(&"s".parse().unwrap()).unwrap().unwrap().pool.free;
    let tick = |secs| hatchery.commit(Tick { limit: 100 }, later(secs)).unwrap();
    tick(59);
    assert_eq!(left(), free);
    let given = Launch { addresses: Addresses::Given(address), ..launch() };
    let taken = hatchery.commit(given.clone(), later(59)).unwrap_err();
    assert!(matches!(taken, CommitError::Refused(LaunchRefusal::AddressTaken(_))), "{taken:?}");
    tick(60);
    assert_eq!(left(), free + 1);
    launched(&hatchery, given);
}
