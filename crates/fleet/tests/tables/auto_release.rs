//! Instances that the system releases at a time that their owner said.

use fleet::{
    Charge, InstanceId, Key, Launch, Outcome, PeriodUnit, Protection, Record, Serial, SetRelease,
    SetReleaseRefusal, Terms, Time, TimerKind,
};
use testkit::{OWNER, STRANGER, Scene, at, launch};

use crate::{rows, stages};

/// Protection does not hold it up, nor does anything the instance is doing.
#[test]
fn at_its_time_an_instance_goes_whatever_it_is_doing() {
    let table = "
        Pending            gone
        Pending/Stay       gone
        Starting/Start     Releasing/Running
        Starting/Reboot    Releasing/Running
        Running            Releasing/Running
        Stopping           Releasing/Running
        Stopped            Releasing/Stopped(Kept)
        Failed             gone";
    for row in rows(table) {
        let (mut scene, id, _) = stages::at(row[0]);
        set(&mut scene, id, Some(2000)).unwrap();
        // The launch of the stage is long over; only the release is to be seen.
        let instance = scene.instance(id).unwrap();
        assert_eq!(instance.release_at, Some(at(2000)));
        let protected = fleet::Instance { protection: Protection::On, ..instance };
        scene.world.apply([fleet::Write::Put(Record::Instance(protected))]);
        scene.world.apply([fleet::Write::Put(Record::Timer(at(1), TimerKind::AutoRelease(id)))]);
        scene.now = at(1);
        scene.run(&fleet::Tick { limit: 1 }).unwrap();
        assert_eq!(scene.instance(id).unwrap().release_at, Some(at(2000)), "a stale timer does nothing");
        run_only(&mut scene, TimerKind::AutoRelease(id), at(2000));
        assert_eq!(stages::told(scene.instance(id).as_ref()), row[1], "{}", row[0]);
        assert_eq!(scene.audit(), [], "{}", row[0]);
        scene.settle();
        assert_eq!(scene.instance(id), None);
        assert_eq!(scene.audit(), [], "{}", row[0]);
    }
}

#[test]
fn one_that_is_being_made_is_withdrawn_without_an_event() {
    let (mut scene, id, _) = stages::at("Pending");
    let item = scene.claim_of(id);
    set(&mut scene, id, Some(50)).unwrap();
    scene.tick_at(at(50));
    assert_eq!(stages::told(scene.instance(id).as_ref()), "Releasing/Stopped(Kept)");
    assert_eq!(scene.instance(id).unwrap().shown(), None);
    assert_eq!(scene.report(&item, fleet::WorkOutcome::Done), fleet::Reported::Late);
    assert_eq!(scene.audit(), []);
    scene.settle();
    let batch = scene.world.records().find_map(|record| match record {
        Record::Batch(batch) => Some(batch.outcomes.clone()),
        _ => None,
    });
    assert_eq!(batch, Some(vec![Outcome::Released]));
    assert!(!scene.world.records().any(|record| matches!(record, Record::Event(_))));
    assert_eq!(scene.audit(), []);
}

#[test]
fn the_time_is_set_moved_and_called_off() {
    let (mut scene, id, _) = stages::at("Running");
    for (time, expected) in
        [(Some(5000), vec![5000]), (Some(6000), vec![6000]), (None, vec![]), (Some(7000), vec![7000])]
    {
        set(&mut scene, id, time).unwrap();
        let timers: Vec<u64> = timers(&scene, id).into_iter().map(Time::secs).collect();
        assert_eq!(timers, expected);
        assert_eq!(scene.audit(), []);
    }
    scene.release(id).unwrap();
    assert_eq!(timers(&scene, id), [], "who releases it himself needs no timer");
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_launch_says_it_for_all_its_instances() {
    let mut scene = Scene::new(testkit::SmallWorld::new().build());
    let terms = Terms { release_at: Some(at(4000)), ..Terms::default() };
    let ids = scene.launch(&testkit::many(Launch { terms, ..launch() }, 3, 3)).unwrap();
    assert_eq!(scene.audit(), []);
    scene.settle();
    scene.tick_at(at(4000));
    for id in &ids {
        assert_eq!(stages::told(scene.instance(*id).as_ref()), "Releasing/Running");
    }
    assert_eq!(scene.audit(), []);
}

#[test]
fn whoever_has_no_such_instance_or_has_paid_in_advance_is_refused() {
    let (mut scene, id, _) = stages::at("Running");
    let nobody = InstanceId(Serial::HIGHEST);
    assert_eq!(set(&mut scene, nobody, None), Err(SetReleaseRefusal::Unknown(nobody)));
    let by_stranger = SetRelease { account: STRANGER, instance: id, at: None };
    assert_eq!(scene.run(&by_stranger), Err(SetReleaseRefusal::Unknown(id)));
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let paid = scene.launch_one(&Launch { charge, ..launch() });
    assert_eq!(set(&mut scene, paid, Some(9000)), Err(SetReleaseRefusal::PaidFor));
}

fn set(scene: &mut Scene, instance: InstanceId, secs: Option<u64>) -> Result<(), SetReleaseRefusal> {
    scene.run(&SetRelease { account: OWNER, instance, at: secs.map(at) }).map(drop)
}

fn timers(scene: &Scene, id: InstanceId) -> Vec<Time> {
    let timer = |record: &Record| match record {
        Record::Timer(at, TimerKind::AutoRelease(of)) if *of == id => Some(*at),
        _ => None,
    };
    scene.world.records().filter_map(timer).collect()
}

/// Runs just this timer, as if its time had come before that of the others.
fn run_only(scene: &mut Scene, kind: TimerKind, set_for: Time) {
    scene.now = set_for;
    let others: Vec<Record> = scene
        .world
        .records()
        .filter(|record| matches!(record, Record::Timer(_, other) if *other != kind))
        .cloned()
        .collect();
    let away = others.iter().map(|record| fleet::Write::Remove(record.key()));
    scene.world.apply(away.collect::<Vec<_>>());
    assert!(scene.get(&Key::Timer(set_for, kind)).is_some());
    let failure_release = |record: &Record| matches!(record, Record::Timer(_, TimerKind::FailureRelease(_)));
    scene.tick();
    scene.world.apply(others.into_iter().filter(|record| !failure_release(record)).map(fleet::Write::Put));
}
