//! Listings that are looked up show what a walk over all records would show: every filter, every page, every
//! total, at the revision of the snapshot they are asked of, whatever is committed meanwhile.
//!
//! `PROPTEST_CASES=2000 cargo test -p store --test listings` looks longer.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fleet::{
    AccountId, Amend, Announce, Changes, Claim, Command, Cycle, Edition, Event, EventFilter, FailedShown,
    FailureReason, IncidentKind, Instance, InstanceFilter, InstanceId, Launch, Launched, Lock, LockReason,
    NamePattern, Names, Naming, Page, PageCollector, Paging, Profile, Record, Release, ReportAll, Shown,
    Span, Staging, Stop, Subscription, Tag, TagChange, TagThings, Thing, Tick, Time, WorkOutcome,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use store::{Among, CommitError, Options, Snapshot, Store};
use testkit::{Fleet, OWNER, SmallWorld, at, group, instance_type, label, launch, many, subnet, zone};

const REGRESSIONS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/store-listings.txt");
const CASES: u32 = 48;

struct Kept(Store);

impl Fleet for Kept {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.0.commit(command.clone(), now).map_err(|error| match error {
            CommitError::Refused(refusal) => refusal,
            CommitError::Busy { .. } | CommitError::Failed(_) => panic!("the store fails"),
        })
    }

    fn records(&self) -> Vec<Record> {
        self.0.snapshot().records().unwrap()
    }
}

fn store() -> Store {
    let policy = fleet::Policy { group_members_max: 1000, ..SmallWorld::policy() };
    let mut kept = Kept(Store::in_memory(Options { policy, ..Options::default() }).unwrap());
    SmallWorld::new().stock(1000).limit(1000).furnish(&mut kept);
    kept.0
}

/// What happens to a fleet. Numbers name instances by their place among all that there ever were.
#[derive(Clone, Debug)]
enum Step {
    Launch(Box<Launch>),
    Work { limit: usize, outcome: WorkOutcome },
    Stop(usize),
    Release(usize),
    Amend(usize, Option<&'static str>, Option<usize>),
    Tag(usize, TagChange),
    Lock(usize, Option<LockReason>),
    Announce(usize),
    Wait(u64),
}

const NAMES: [&str; 4] = ["web", "web-1", "db", "i-x"];

fn tags() -> impl Strategy<Value = Vec<Tag>> {
    let tag = |(key, value): (&str, &str)| Tag { key: key.into(), value: value.into() };
    let all = [vec![], vec![("a", "1")], vec![("a", "2"), ("b", "")], vec![("b", "1")]];
    select(all.map(|tags| tags.into_iter().map(tag).collect::<Vec<_>>()).to_vec())
}

fn naming() -> impl Strategy<Value = Naming> {
    let numbered = || Naming::Numbered { prefix: "web-".into(), begin: 1, digits: 1, suffix: "".into() };
    select(vec![Naming::OwnId, Naming::Fixed("web".into()), Naming::Fixed("db".into()), numbered()])
}

fn launches() -> impl Strategy<Value = Launch> {
    (0..2_usize, 0..3_usize, 0..2_usize, 1..4_u8, naming(), tags()).prop_map(
        |(of, place, member, most, naming, tags)| {
            let names = Names { naming, unique_suffix: false };
            let launch = Launch {
                instance_type: Some(instance_type(of)),
                subnet: Some(subnet(place)),
                groups: vec![group(member)],
                names,
                tags,
                ..launch()
            };
            many(launch, most, 1)
        },
    )
}

fn steps() -> impl Strategy<Value = Step> {
    let changes = prop_oneof![
        tags().prop_map(TagChange::Set),
        Just(TagChange::Clear),
        Just(TagChange::Remove(vec!["a".into()])),
    ];
    let outcome = prop_oneof![
        6 => Just(WorkOutcome::Done),
        2 => Just(WorkOutcome::Failed(FailureReason::Machine)),
    ];
    let who = 0..12_usize;
    prop_oneof![
        4 => launches().prop_map(|launch| Step::Launch(Box::new(launch))),
        4 => (1..6_usize, outcome).prop_map(|(limit, outcome)| Step::Work { limit, outcome }),
        1 => who.clone().prop_map(Step::Stop),
        2 => who.clone().prop_map(Step::Release),
        2 => (who.clone(), prop::option::of(select(NAMES.to_vec())), prop::option::of(0..2_usize))
            .prop_map(|(who, name, group)| Step::Amend(who, name, group)),
        2 => (who.clone(), changes).prop_map(|(who, change)| Step::Tag(who, change)),
        1 => (who.clone(), prop::option::of(Just(LockReason::Security))).prop_map(|(who, why)| Step::Lock(who, why)),
        2 => who.prop_map(Step::Announce),
        1 => (1..400_u64).prop_map(Step::Wait),
    ]
}

/// A store and what is known of it.
struct House {
    store: Arc<Store>,
    now: Time,
    ever: Vec<InstanceId>,
}

impl House {
    fn new() -> Self {
        Self { store: Arc::new(store()), now: Time::START, ever: Vec::new() }
    }

    fn commit<C>(&self, command: C) -> Option<C::Reply>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        match self.store.commit(command, self.now) {
            Ok(reply) => Some(reply),
            Err(CommitError::Refused(_)) => None,
            Err(CommitError::Busy { .. } | CommitError::Failed(_)) => panic!("the store fails"),
        }
    }

    fn who(&self, number: usize) -> InstanceId {
        let none = InstanceId(fleet::Serial::LOWEST);
        self.ever.iter().rev().nth(number).copied().unwrap_or(none)
    }

    fn take(&mut self, step: Step) {
        let account = OWNER;
        match step {
            Step::Launch(launch) => {
                if let Some(Launched::Batch { instances, .. }) = self.commit(*launch) {
                    self.ever.extend(instances);
                }
            }
            Step::Work { limit, outcome } => {
                let claim = Claim { worker: label("w"), lease: Span::from_secs(30), limit };
                let items = self.commit(claim).unwrap();
                let report =
                    |item: fleet::WorkItem| fleet::Report { id: item.id, attempt: item.attempt, outcome };
                self.commit(ReportAll(items.into_iter().map(report).collect()));
            }
            Step::Stop(who) => drop(self.commit(Stop::new(account, self.who(who)))),
            Step::Release(who) => {
                let instance = self.who(who);
                let (force, subscription) = (fleet::Force::Yes, Subscription::End);
                self.commit(Release { account, instance, force, subscription });
            }
            Step::Amend(who, name, member) => {
                let groups = member.map(|member| vec![group(member)]);
                let changes = Changes { name: name.map(Into::into), groups, ..Changes::default() };
                self.commit(Amend { account, instance: self.who(who), changes, edition: Edition::default() });
            }
            Step::Tag(who, change) => {
                let what = vec![Thing::Instance(self.who(who))];
                self.commit(TagThings { account, region: label("r"), what, change });
            }
            Step::Lock(who, reason) => drop(self.commit(Lock { instance: self.who(who), reason })),
            Step::Announce(who) => {
                let (instances, kind) = (vec![self.who(who)], IncidentKind::MaintenanceReboot);
                let not_before = self.now.after(Span::from_secs(50));
                self.commit(Announce { account, instances, kind, not_before, staging: Staging::Simulated });
            }
            Step::Wait(secs) => {
                self.now = self.now.after(Span::from_secs(secs));
                self.commit(Tick { limit: 100 });
            }
        }
    }
}

fn filters() -> impl Strategy<Value = InstanceFilter> {
    let shown = [Shown::Pending, Shown::Starting, Shown::Running, Shown::Stopping, Shown::Stopped];
    let names = ["web", "web*", "*-1", "*", "i-*", "i-x", "d*b", "nobody"];
    let tag = |(key, value): (&str, Option<&str>)| vec![(key.to_owned(), value.map(str::to_owned))];
    let tags = [("a", None), ("a", Some("1")), ("b", Some("")), ("c", None)].map(tag).to_vec();
    let rarely = |sometimes| prop::option::weighted(0.2, sometimes);
    let place = (
        prop::option::weighted(0.2, (0..2_usize).prop_map(zone)),
        prop::option::weighted(0.2, (0..3_usize).prop_map(subnet)),
        prop::option::weighted(0.2, (0..2_usize).prop_map(group)),
        prop::option::weighted(0.2, (0..2_usize).prop_map(instance_type)),
        prop::option::weighted(0.1, select(vec![label("t"), label("none")])),
    );
    let rest = (
        rarely(select(shown.to_vec())),
        prop::option::weighted(0.3, select(names.to_vec())),
        prop::option::weighted(0.3, select(tags)),
        select(vec![FailedShown::Listed, FailedShown::Hidden, FailedShown::ById]),
        prop::option::weighted(0.1, any::<bool>()),
        prop::option::weighted(0.1, (0..400_u64).prop_map(at)),
        prop::option::weighted(0.1, Just(LockReason::Security)),
        prop::option::weighted(0.1, (1..6_u8).prop_map(|last| [10, 0, 0, last])),
    );
    (place, rest, prop::bool::weighted(0.9)).prop_map(|(place, rest, ours)| {
        let (zone, subnet, group, instance_type, family) = place;
        let (status, name, tags, failed, prepaid, created, lock, address) = rest;
        InstanceFilter {
            status,
            zone,
            subnet,
            group,
            instance_type,
            family,
            name: name.map(NamePattern::new),
            id_prefix: "i-",
            tags: tags.unwrap_or_default(),
            failed,
            prepaid,
            created: (created, None),
            lock,
            addresses: address.map(|address| [address.into()].into()),
            ..InstanceFilter::all(if ours { OWNER } else { AccountId(99) }, label("r"))
        }
    })
}

fn pagings() -> impl Strategy<Value = Paging<usize>> {
    prop_oneof![
        (0..4_usize, 0..4_usize).prop_map(|(number, size)| Paging::Numbered { number, size }),
        Just(Paging::Numbered { number: 1, size: usize::MAX }),
        (prop::option::of(0..14_usize), 0..4_usize).prop_map(|(last, size)| Paging::After { last, size }),
    ]
}

/// The rows that a plain look at all records shows.
fn rows(snapshot: &Snapshot<'_>, shows: impl Fn(&Profile) -> bool) -> Vec<Profile> {
    let (mut instances, mut specs, mut amendments) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for record in snapshot.records().unwrap() {
        if let Record::Instance(instance) = record {
            instances.push(instance);
        } else if let Record::Spec(batch, spec) = record {
            specs.insert(batch, spec);
        } else if let Record::Amendment(id, amendment) = record {
            amendments.insert(id, Arc::new(amendment));
        }
    }
    let profile = |instance: Instance| {
        let spec = specs.get(&instance.batch)?.clone();
        let amendment = amendments.get(&instance.id).cloned();
        Some(Profile { instance, spec, amendment })
    };
    instances.into_iter().rev().filter_map(profile).filter(shows).collect()
}

fn paged<T: Clone, Id: Copy + Ord>(rows: &[T], id: impl Fn(&T) -> Id, paging: Paging<Id>) -> Page<T, Id> {
    let mut collector = PageCollector::new(paging);
    rows.iter().for_each(|row| collector.see(id(row), || row.clone()));
    collector.into_page()
}

fn check_instances(house: &House, snapshot: &Snapshot<'_>, filter: &InstanceFilter, paging: Paging<usize>) {
    let types = &snapshot.catalogue().instance_types;
    let family = |found: &Profile| types.get(&found.spec.instance_type).map(|found| &found.family);
    let expected = rows(snapshot, |found| filter.matches(found, family(found)));
    let paging = match paging {
        Paging::Numbered { number, size } => Paging::Numbered { number, size },
        Paging::After { last, size } => Paging::After { last: last.map(|last| house.who(last)), size },
    };
    let page = snapshot.instances(filter, paging).unwrap();
    assert_eq!(page, paged(&expected, |found| found.instance.id, paging), "{filter:?} {paging:?}");
    let among = Among { account: OWNER, ids: None, attached: false };
    let page = snapshot.instances_where(among, paging, |found| found.instance.shown().is_none()).unwrap();
    let expected =
        rows(snapshot, |found| found.instance.account == OWNER && found.instance.shown().is_none());
    assert_eq!(page, paged(&expected, |found| found.instance.id, paging));
}

fn check_events(snapshot: &Snapshot<'_>, about: Option<InstanceId>, open: bool) {
    let instances = about.map(|id| BTreeSet::from([id]));
    let cycles = open.then(|| BTreeSet::from([Cycle::Scheduled, Cycle::Executing]));
    let of = EventFilter { instances, cycles, ..EventFilter::finished(OWNER) };
    for region in [None, Some("r"), Some("elsewhere")] {
        let region = region.map(|region| region.parse().unwrap());
        check_events_by(snapshot, &EventFilter { region, ..of.clone() });
    }
}

fn check_events_by(snapshot: &Snapshot<'_>, filter: &EventFilter) {
    let event = |record| if let Record::Event(event) = record { Some(event) } else { None };
    let events = snapshot.records().unwrap().into_iter().rev().filter_map(event);
    let expected: Vec<Event> = events.filter(|event| filter.matches(event)).collect();
    for paging in [Paging::Numbered { number: 1, size: 2 }, Paging::After { last: None, size: usize::MAX }] {
        let page = snapshot.events(filter, paging).unwrap();
        assert_eq!(page, paged(&expected, |event| event.id, paging), "{filter:?}");
        let ids = Some(expected.iter().map(|event| event.id).collect());
        let page = snapshot.events(&EventFilter { ids, ..filter.clone() }, paging).unwrap();
        assert_eq!(page, paged(&expected, |event| event.id, paging), "{filter:?} by ids");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        ..ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap()))
    })]

    #[test]
    fn a_listing_shows_what_a_walk_over_all_records_shows(
        before in vec(steps(), 0..25),
        made_after in 0..25_usize,
        after in vec(steps(), 0..25),
        asked in vec((filters(), pagings(), prop::option::of(0..12_usize), any::<bool>()), 1..12),
    ) {
        let mut house = House::new();
        for (count, step) in before.into_iter().enumerate() {
            if count == made_after {
                house.store.prepare_listings().unwrap();
            }
            house.take(step);
        }
        house.store.prepare_listings().unwrap();
        // Those that look at an earlier revision have to be shown that one.
        let store = Arc::clone(&house.store);
        let earlier = store.snapshot();
        after.into_iter().for_each(|step| house.take(step));
        for (filter, paging, about, open) in asked {
            for snapshot in [&earlier, &store.snapshot()] {
                check_instances(&house, snapshot, &filter, paging);
                check_events(snapshot, about.map(|about| house.who(about)), open);
            }
        }
        prop_assert_eq!(store.walked_listings(), 0, "what was shown was looked up");
        prop_assert_eq!(store.check().unwrap().findings, Vec::<String>::new());
    }
}

#[test]
fn a_page_and_its_total_are_of_one_revision_while_others_launch() {
    let store = store();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for caller in 0..4_usize {
            let (store, over) = (&store, &over);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let launch = Launch { subnet: Some(subnet(caller % 3)), ..launch() };
                    let Ok(Launched::Batch { instances, .. }) = store.commit(launch, Time::START) else {
                        return;
                    };
                    let release = |instance| {
                        let (account, force, subscription) = (OWNER, fleet::Force::Yes, Subscription::End);
                        store.commit(Release { account, instance, force, subscription }, Time::START)
                    };
                    // Every second one goes again.
                    instances
                        .into_iter()
                        .filter(|id| id.0.number.is_multiple_of(2))
                        .for_each(|id| drop(release(id)));
                }
            });
        }
        for _ in 0..60 {
            let snapshot = store.snapshot();
            let filter = InstanceFilter::all(OWNER, label("r"));
            let expected = rows(&snapshot, |found| filter.matches(found, None));
            let paging = Paging::Numbered { number: 1, size: 5 };
            let page = snapshot.instances(&filter, paging).unwrap();
            assert_eq!(page, paged(&expected, |found| found.instance.id, paging));
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(store.walked_listings(), 0, "what was shown was looked up");
    assert_eq!(store.check().unwrap().findings, Vec::<String>::new());
}
