//! The first seed: a creation that fails becomes a stopped instance with an event, until its owner
//! or the system releases it (`contract/lifecycle.md` section 4).

use fleet::{
    AfterCreation, Charge, Cycle, Event, EventKind, FailureReason, Key, Launch, Money, Outcome, PeriodUnit,
    PowerRefusal, Protection, Record, ReleaseRefusal, Reported, Shown, Span, Status, Time, Wallet,
    WorkOutcome,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, at, launch, many};

use crate::rows;

/// How the creation fails × who releases it: what it leaves behind.
#[test]
fn every_way_to_fail_and_every_way_to_go() {
    check(
        "
        report/NoStock    owner   Avoided   gone       free 3  missing 1
        report/NoAddress  owner   Avoided   gone       free 4  missing 0
        report/Machine    owner   Avoided   gone       free 4  missing 0
        report/Deadline   owner   Avoided   gone       free 4  missing 0
        report/NoStock    system  Executed  gone       free 3  missing 1
        report/NoAddress  system  Executed  gone       free 4  missing 0
        report/Machine    system  Executed  gone       free 4  missing 0
        report/Deadline   system  Executed  gone       free 4  missing 0
        never-claimed     owner   Avoided   gone       free 4  missing 0
        never-claimed     system  Executed  gone       free 4  missing 0
        claimed           owner   Avoided   Releasing  free 4  missing 0
        claimed           system  Executed  Releasing  free 4  missing 0
    ",
    );
}

fn check(table: &str) {
    for row in rows(table) {
        let [how, who, cycle, after, _, free, _, missing] = row[..] else { panic!("{row:?}") };
        let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
        let mut scene = Scene::new(SmallWorld::new().grant(25).build());
        let after_creation = AfterCreation::Stay;
        let launch = Launch { charge, protection: Protection::On, after_creation, ..launch() };
        let id = scene.launch_one(&launch);
        assert_eq!(wallet(&scene), (15, 10, 0), "paid");

        let reason = fail(&mut scene, id, how);
        let failure = scene.failure(id);
        let published = scene.now;
        assert_eq!(
            (failure.reason, failure.release_at.unwrap()),
            (reason, published.after(Span::from_secs(300))),
            "{row:?}"
        );
        let executing = Event {
            id: failure.event,
            account: OWNER,
            instance: id,
            kind: EventKind::CreationFailure(reason),
            cycle: Cycle::Executing,
            published_at: published,
            not_before: failure.release_at.unwrap(),
            finished_at: None,
            region: Some(testkit::label("r")),
        };
        assert_eq!(scene.event(failure.event), Some(executing.clone()), "{row:?}");
        assert_eq!(scene.instance(id).unwrap().shown(), Some(Shown::Stopped), "{row:?}");
        assert_eq!(wallet(&scene), (25, 0, 0), "refunded: {row:?}");
        assert_eq!((scene.stock().taken(), scene.subnet().pool.free), (1, 3), "still held: {row:?}");
        assert_eq!(scene.audit(), [], "{row:?}");

        match who {
            "owner" => drop(scene.release(id).unwrap()),
            _ => drop(scene.tick_at(failure.release_at.unwrap())),
        }
        if after == "Releasing" {
            let instance = scene.instance(id).unwrap();
            assert_eq!((instance.state.status(), instance.shown()), (Status::Releasing, None), "{row:?}");
            assert_eq!((scene.stock().taken(), scene.subnet().pool.free), (1, 3), "still held: {row:?}");
            scene.finish(id, WorkOutcome::Done);
        }
        let finished =
            Event { cycle: told(cycle), finished_at: Some(released_at(who, &scene, published)), ..executing };
        assert_eq!(scene.event(failure.event), Some(finished), "{row:?}");
        assert_eq!(scene.instance(id), None, "{row:?}");
        let stock = scene.stock();
        assert_eq!(
            (stock.free().to_string(), stock.missing().to_string()),
            (free.into(), missing.into()),
            "{row:?}"
        );
        assert_eq!((scene.subnet().pool.free, scene.account().instances), (4, 0), "{row:?}");
        assert_eq!(wallet(&scene), (25, 0, 0), "{row:?}");
        assert_eq!(scene.audit(), [], "{row:?}");

        goes_back_once(&mut scene, id);
    }
}

fn fail(scene: &mut Scene, id: fleet::InstanceId, how: &str) -> FailureReason {
    let reason = match how {
        "report/NoStock" => FailureReason::NoStock,
        "report/NoAddress" => FailureReason::NoAddress,
        "report/Machine" => FailureReason::Machine,
        "report/Deadline" | "never-claimed" | "claimed" => FailureReason::Deadline,
        other => panic!("no such failure: {other}"),
    };
    if how != "never-claimed" {
        let item = scene.claim_of(id);
        if how.starts_with("report") {
            assert_eq!(scene.report(&item, WorkOutcome::Failed(reason)), Reported::Accepted);
        }
    }
    if !how.starts_with("report") {
        scene.tick_at(at(60));
    }
    reason
}

fn told(cycle: &str) -> Cycle {
    Cycle::ALL.into_iter().find(|known| format!("{known:?}") == cycle).unwrap()
}

fn released_at(who: &str, scene: &Scene, published: Time) -> Time {
    if who == "owner" { published } else { scene.now }
}

fn wallet(scene: &Scene) -> (u64, u64, u64) {
    match scene.account().wallet {
        Wallet::On { balance: Money(balance), held: Money(held), spent: Money(spent) } => {
            (balance, held, spent)
        }
        Wallet::Off => panic!("nothing is charged"),
    }
}

/// Whatever comes now, by the owner, a provisioner or a timer: stock and address went back already.
fn goes_back_once(scene: &mut Scene, id: fleet::InstanceId) {
    let (stock, free) = (scene.stock(), scene.subnet().pool.free);
    assert_eq!(scene.release(id), Err(ReleaseRefusal::Unknown(id)));
    for order in 1..4 {
        for attempt in 0..3 {
            let id = fleet::WorkId { instance: id, order };
            let Ok(reported) = scene.run(&fleet::Report { id, attempt, outcome: WorkOutcome::Done });
            assert_eq!(reported, Reported::Late);
        }
    }
    assert_eq!(scene.claim(), []);
    for _ in 0..5 {
        scene.wait(Span::from_secs(500));
        scene.tick();
        assert_eq!((scene.stock(), scene.subnet().pool.free), (stock.clone(), free));
        assert_eq!(scene.audit(), []);
    }
    let left = scene.world.records().filter(|record| {
        matches!(record, Record::Event(_) | Record::Batch(_) | Record::Timer(..) | Record::Work(..))
    });
    assert_eq!(left.collect::<Vec<_>>(), Vec::<&Record>::new(), "all is forgotten in the end");
}

#[test]
fn the_system_releases_at_the_boundary_and_not_a_millisecond_before() {
    for (past, expected) in [(-1, Cycle::Executing), (0, Cycle::Executed), (1, Cycle::Executed)] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let (id, failure) = scene.failed(&launch(), FailureReason::Machine);
        scene.tick_at(Time::from_millis(
            failure.release_at.unwrap().millis().checked_add_signed(past).unwrap(),
        ));
        assert_eq!(scene.event(failure.event).unwrap().cycle, expected, "{past} ms past");
        assert_eq!(scene.instance(id).is_none(), expected == Cycle::Executed, "{past} ms past");
    }
}

#[test]
fn a_creation_fails_at_its_deadline_and_not_a_millisecond_before() {
    for (past, expected) in [(-1, Status::Pending), (0, Status::Failed), (1, Status::Failed)] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let id = scene.launch_one(&launch());
        scene.tick_at(Time::from_millis(60_000_u64.checked_add_signed(past).unwrap()));
        assert_eq!(scene.instance(id).unwrap().state.status(), expected, "{past} ms past");
    }
}

#[test]
fn the_event_outlives_the_instance_and_is_forgotten_after_its_retention() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let (id, failure) = scene.failed(&launch(), FailureReason::Machine);
    scene.now = at(100);
    scene.release(id).unwrap();
    scene.tick_at(Time::from_millis(999_999));
    assert_eq!(scene.event(failure.event).map(|event| event.cycle), Some(Cycle::Avoided));
    scene.tick_at(at(1000));
    assert_eq!(scene.event(failure.event), None);
}

#[test]
fn the_outcome_of_a_launch_says_what_became_of_each_instance() {
    // Every claim takes all of them, and most are not reported.
    let policy = fleet::Policy { attempts_max: 0, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().under(policy).build());
    let ids = scene.launch(&many(launch(), 4, 4)).unwrap();
    scene.finish(ids[0], WorkOutcome::Failed(FailureReason::NoStock));
    scene.wait(Scene::LEASE);
    scene.finish(ids[1], WorkOutcome::Done);
    scene.wait(Scene::LEASE);
    scene.finish(ids[1], WorkOutcome::Done);
    scene.release(ids[1]).unwrap();
    scene.finish(ids[1], WorkOutcome::Done);
    scene.wait(Scene::LEASE);
    assert_eq!(outcomes(&scene), ["Failed(NoStock)", "Released", "Pending", "Pending"]);
    scene.finish(ids[2], WorkOutcome::Done);
    scene.tick();
    assert_eq!(outcomes(&scene), ["Failed(NoStock)", "Released", "Made", "Failed(Deadline)"]);
    scene.release(ids[0]).unwrap();
    scene.release(ids[3]).unwrap();
    assert_eq!(outcomes(&scene), ["Failed(NoStock)", "Released", "Made", "Failed(Deadline)"]);
    assert_eq!(scene.audit(), []);
}

fn outcomes(scene: &Scene) -> Vec<String> {
    let batches = scene.world.records().filter_map(|record| match record {
        Record::Batch(batch) => Some(batch.outcomes.clone()),
        _ => None,
    });
    batches.flatten().map(|outcome: Outcome| format!("{outcome:?}")).collect()
}

#[test]
fn a_failed_instance_can_only_be_released_and_only_by_its_owner() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let (id, failure) = scene.failed(&launch(), FailureReason::Machine);
    let refused = Err(PowerRefusal::WrongStatus(Status::Failed));
    assert_eq!(scene.start(id), refused);
    assert_eq!(scene.stop(id), refused);
    assert_eq!(scene.reboot(id), refused);
    let stranger = fleet::Release {
        account: STRANGER,
        instance: id,
        force: fleet::Force::Yes,
        subscription: fleet::Subscription::Keep,
    };
    assert_eq!(scene.run(&stranger), Err(ReleaseRefusal::Unknown(id)));
    assert!(
        scene.get(&Key::Timer(failure.release_at.unwrap(), fleet::TimerKind::FailureRelease(id))).is_some()
    );
}

/// Ids may run out for whoever asks; an event is not asked for, and has to be told all the same.
#[test]
fn the_last_ids_are_kept_for_events() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let mut next = fleet::Serial { epoch: 1, number: u64::MAX - fleet::Sequence::RESERVED - 2 };
    scene.world.apply([fleet::Write::Put(Record::Sequence(fleet::Sequence { next }))]);
    let (id, _) = scene.failed(&launch(), FailureReason::Machine);
    assert_eq!(scene.audit(), []);
    scene.release(id).unwrap();

    next.number += 1;
    scene.world.apply([fleet::Write::Put(Record::Sequence(fleet::Sequence { next }))]);
    assert_eq!(scene.launch(&launch()), Err(fleet::LaunchRefusal::IdsExhausted));
}
