//! Random histories of everything that owners, provisioners and time do to instances: after each
//! step every invariant holds, and what is refused has changed nothing.

use fleet::{
    Amend, Announce, CallOff, Capacity, Changes, Charge, Confirmation, Credit, Edition, EventId,
    FailureReason, Force, IncidentKind, InstanceId, Interruption, Launch, Lock, LockReason, Means, Move,
    MoveAll, Password, PeriodUnit, Protection, Rate, Reboot, Record, ReleaseAll, Renew, Renewal, Secret,
    SetRelease, SetSpotPrice, Shutdown, Span, Spot, Staging, Start, Stop, Subscription, Terms, Unity,
    WorkOutcome,
};
use proptest::prelude::*;
use testkit::{OWNER, Scene, SmallWorld, group, launch, many, token};

#[derive(Clone, Debug)]
enum Step {
    Launch { count: u8, release_in: Option<u64>, had: Had },
    Price(u64),
    Renew(usize),
    Days(u64),
    Work(Option<FailureReason>),
    Wait(u64),
    Start(usize),
    Stop(usize, Capacity),
    Reboot(usize),
    MoveAll(Move, Unity),
    ReleaseAll { token: Option<u8>, force: Force },
    SetRelease(usize, Option<u64>),
    Amend(usize, Change),
    Lock(usize, Option<LockReason>),
    Announce(usize, IncidentKind, Staging, u64),
    CallOff(usize),
}

/// How instances are had.
#[derive(Clone, Copy, Debug)]
enum Had {
    ByUse,
    ForAMonth(Renewal),
    Bid(u8, Interruption),
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Name,
    Groups(usize),
    BothGroups,
    Password,
    Credit,
    Protect,
}

fn had() -> impl Strategy<Value = Had> {
    let renewal = prop_oneof![Just(Renewal::Off), Just(Renewal::On { count: 1, unit: PeriodUnit::Month })];
    let interruption = prop_oneof![Just(Interruption::Release), Just(Interruption::Stop)];
    prop_oneof![
        3 => Just(Had::ByUse),
        1 => renewal.prop_map(Had::ForAMonth),
        1 => (0..2_u8, interruption).prop_map(|(hours, how)| Had::Bid(hours, how)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..6_usize;
    let capacity = || prop_oneof![Just(Capacity::Kept), Just(Capacity::GivenBack)];
    let moves = prop_oneof![
        Just(Move::Start),
        Just(Move::Reboot),
        capacity().prop_map(|capacity| {
            Move::Stop(Shutdown { means: Means::Cut, capacity }, Confirmation::Given)
        }),
    ];
    let unity = prop_oneof![Just(Unity::Together), Just(Unity::Each)];
    let change = prop_oneof![
        Just(Change::Name),
        (0..2_usize).prop_map(Change::Groups),
        Just(Change::BothGroups),
        Just(Change::Password),
        Just(Change::Credit),
        Just(Change::Protect),
    ];
    let reasons = [FailureReason::NoStock, FailureReason::NoAddress, FailureReason::Machine];
    let staging = prop_oneof![Just(Staging::Real), Just(Staging::Simulated), Just(Staging::InEarnest)];
    let force = prop_oneof![Just(Force::No), Just(Force::Yes)];
    let seconds = || 0..400_u64;
    prop_oneof![
        3 => (1..3_u8, proptest::option::of(seconds()), had())
            .prop_map(|(count, release_in, had)| Step::Launch { count, release_in, had }),
        1 => (0..3_u64).prop_map(Step::Price),
        1 => which.clone().prop_map(Step::Renew),
        1 => (1..40_u64).prop_map(Step::Days),
        6 => proptest::option::weighted(0.1, proptest::sample::select(reasons.to_vec())).prop_map(Step::Work),
        3 => seconds().prop_map(Step::Wait),
        2 => which.clone().prop_map(Step::Start),
        3 => (which.clone(), capacity()).prop_map(|(which, capacity)| Step::Stop(which, capacity)),
        1 => which.clone().prop_map(Step::Reboot),
        1 => (moves, unity).prop_map(|(how, unity)| Step::MoveAll(how, unity)),
        1 => (proptest::option::of(0..2_u8), force).prop_map(|(token, force)| Step::ReleaseAll { token, force }),
        2 => (which.clone(), proptest::option::of(seconds())).prop_map(|(which, at)| Step::SetRelease(which, at)),
        3 => (which.clone(), change).prop_map(|(which, change)| Step::Amend(which, change)),
        1 => (which.clone(), proptest::option::of(proptest::sample::select(&LockReason::ALL)))
            .prop_map(|(which, reason)| Step::Lock(which, reason)),
        2 => (which.clone(), proptest::sample::select(&IncidentKind::ALL), staging, seconds())
            .prop_map(|(which, kind, staging, at)| Step::Announce(which, kind, staging, at)),
        1 => which.prop_map(Step::CallOff),
    ]
}

/// Does one step; whether it was done, where it can be refused.
fn act(scene: &mut Scene, step: &Step) -> bool {
    let instances: Vec<InstanceId> = scene
        .world
        .records()
        .filter_map(|record| match record {
            Record::Instance(instance) => Some(instance.id),
            _ => None,
        })
        .collect();
    let account = OWNER;
    let of = |which: usize| instances.get(which % instances.len().max(1)).copied();
    let one = |which: usize| of(which).unwrap_or(InstanceId(fleet::Serial::HIGHEST));
    let later = |seconds: u64| scene.now.after(Span::from_secs(seconds));
    match step {
        Step::Launch { count, release_in, had } => {
            let release_at = release_in.map(later);
            let (charge, terms) = match *had {
                Had::ByUse => (Charge::PostPaid, Terms { release_at, ..Terms::default() }),
                Had::ForAMonth(renewal) => {
                    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
                    (charge, Terms { renewal, ..Terms::default() })
                }
                Had::Bid(protected_hours, interruption) => {
                    let spot = Some(Spot { at_most: Some(Rate(1)), protected_hours, interruption });
                    (Charge::PostPaid, Terms { release_at, spot, ..Terms::default() })
                }
            };
            scene.launch(&many(Launch { charge, terms, ..launch() }, *count, 1)).is_ok()
        }
        Step::Price(price) => {
            let price = Some(Rate(*price));
            scene.run(&SetSpotPrice { instance_type: testkit::instance_type(0), price }).is_ok()
        }
        Step::Renew(which) => {
            let renew = Renew { account, instance: one(*which), count: 1, unit: PeriodUnit::Week };
            scene.run(&renew).is_ok()
        }
        Step::Days(days) => {
            scene.tick_at(scene.now.after(Span::from_days(*days)));
            true
        }
        Step::Work(failure) => {
            let outcome = failure.map_or(WorkOutcome::Done, WorkOutcome::Failed);
            for item in scene.claim() {
                scene.report(&item, outcome);
            }
            true
        }
        Step::Wait(seconds) => {
            scene.tick_at(later(*seconds));
            true
        }
        Step::Start(which) => scene.run(&Start { account, instance: one(*which) }).is_ok(),
        Step::Stop(which, capacity) => {
            let shutdown = Shutdown { means: Means::Orderly, capacity: *capacity };
            scene.run(&Stop { shutdown, ..Stop::new(account, one(*which)) }).is_ok()
        }
        Step::Reboot(which) => scene.run(&Reboot { account, instance: one(*which) }).is_ok(),
        Step::MoveAll(how, unity) => {
            scene.run(&MoveAll { account, instances, how: *how, unity: *unity }).is_ok()
        }
        Step::ReleaseAll { token: number, force } => {
            let token = number.map(|number| (testkit::label("r"), token(&format!("t-{number}"), number)));
            let subscription = Subscription::Keep;
            let instances = instances.into_iter().take(2).collect();
            scene.run(&ReleaseAll { account, instances, force: *force, subscription, token }).is_ok()
        }
        Step::SetRelease(which, at) => {
            scene.run(&SetRelease { account, instance: one(*which), at: at.map(later) }).is_ok()
        }
        Step::Amend(which, change) => {
            let none = Changes::default();
            let password = || Password { secret: Secret::new(b"x"), for_windows: true };
            let changes = match change {
                Change::Name => Changes { name: Some("name".into()), ..none },
                Change::Groups(index) => Changes { groups: Some(vec![group(*index)]), ..none },
                Change::BothGroups => Changes { groups: Some(vec![group(1), group(0)]), ..none },
                Change::Password => Changes { password: Some(password()), ..none },
                Change::Credit => Changes { credit: Some(Credit::Standard), ..none },
                Change::Protect => Changes { protection: Some(Protection::On), ..none },
            };
            let edition = Edition::Either;
            scene.run(&Amend { account, instance: one(*which), changes, edition }).is_ok()
        }
        Step::Lock(which, reason) => scene.run(&Lock { instance: one(*which), reason: *reason }).is_ok(),
        Step::Announce(which, kind, staging, at) => {
            let (instances, not_before) = (vec![one(*which)], later(*at));
            let (kind, staging) = (*kind, *staging);
            scene.run(&Announce { account, instances, kind, not_before, staging }).is_ok()
        }
        Step::CallOff(which) => {
            let events: Vec<EventId> = scene
                .world
                .records()
                .filter_map(|record| match record {
                    Record::Event(event) => Some(event.id),
                    _ => None,
                })
                .collect();
            let events = events.get(*which).copied().into_iter().collect();
            scene.run(&CallOff { account, events }).is_ok()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/fleet-after-launch.txt"
        )))),
        ..ProptestConfig::with_cases(256)
    })]

    #[test]
    fn whatever_is_done_after_the_launch_every_invariant_holds(steps in proptest::collection::vec(step(), 1..60)) {
        let mut scene = Scene::new(SmallWorld::new().grant(100).build());
        for step in steps {
            let before = scene.world.clone();
            let done = act(&mut scene, &step);
            if !done {
                prop_assert_eq!(&scene.world, &before, "{:?} was refused", step);
            }
            prop_assert_eq!(scene.audit(), [], "after {:?}", step);
        }
        // In the end everything can be given back, and what is paid for runs out with the money.
        for _ in 0..24 {
            scene.wait(Span::from_days(30));
            scene.tick();
            scene.settle();
            prop_assert_eq!(scene.audit(), []);
        }
        for record in scene.world.clone().records() {
            if let Record::Instance(instance) = record {
                let (instance, at) = (instance.id, Some(scene.now));
                let _ = scene.run(&SetRelease { account: OWNER, instance, at });
            }
        }
        scene.wait(Scene::LEASE);
        scene.tick();
        scene.settle();
        scene.wait(Scene::LEASE);
        scene.settle();
        prop_assert_eq!(scene.audit(), []);
        let left = scene.world.records().any(|record| matches!(record, Record::Instance(_) | Record::Amendment(..)));
        prop_assert!(!left, "something is left");
        prop_assert_eq!(scene.stock().taken(), 0);
    }
}
