//! The recycle bin, and several instances in one command: `contract/lifecycle.md` section 7.

use fleet::{
    Bar, Bin, Charge, FailureReason, Instance, InstanceId, Key, Launch, MoveMany, MoveManyRefusal,
    PeriodUnit, PowerRefusal, Protection, Record, ReleaseRefusal, Span, Status, TimerKind, Verb, WorkOutcome,
    Write,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, launch, many};

use crate::stages;

fn bin(scene: &mut Scene, instance: InstanceId) -> Result<Instance, ReleaseRefusal> {
    scene.run(&Bin { account: OWNER, instance })
}

fn move_many(scene: &mut Scene, ids: &[InstanceId], verb: Verb) -> Result<Vec<Instance>, MoveManyRefusal> {
    scene.run(&MoveMany { account: OWNER, instances: ids.to_vec(), verb })
}

#[test]
fn at_every_stage_the_bin_takes_what_its_owner_has() {
    for (stage, expected) in [
        ("Pending", "WrongStatus(Pending)"),
        ("Pending/Stay", "WrongStatus(Pending)"),
        // What never ran is still being made.
        ("Starting/Start", "WrongStatus(Pending)"),
        ("Starting/Reboot", "WrongStatus(Starting)"),
        ("Running", "Binned"),
        ("Stopping", "WrongStatus(Stopping)"),
        ("Stopped", "Binned"),
        ("Failed", "Failed"),
        ("Releasing/Running", "WrongStatus(Releasing)"),
        ("Releasing/Failed", "Unknown"),
        ("gone", "Unknown"),
    ] {
        let (mut scene, id, _) = stages::at(stage);
        let told = match bin(&mut scene, id) {
            Ok(instance) => format!("{:?}", instance.state.status()),
            Err(ReleaseRefusal::Unknown(_)) => "Unknown".into(),
            Err(refusal) => format!("{refusal:?}"),
        };
        assert_eq!(told, expected, "{stage}");
        assert_eq!(scene.audit(), [], "{stage}");
    }
}

/// One instance in the bin, put there while it ran.
fn binned() -> (Scene, InstanceId) {
    let (mut scene, id, _) = stages::at("Running");
    bin(&mut scene, id).unwrap();
    (scene, id)
}

#[test]
fn what_is_in_the_bin_holds_what_it_held_and_does_nothing() {
    let (running, id, _) = stages::at("Running");
    let (mut scene, _) = binned();
    assert_eq!(scene.stock(), running.stock());
    assert_eq!(scene.subnet(), running.subnet());
    assert!(scene.claim().is_empty(), "nobody has to do anything");
    let instance = scene.instance(id).unwrap();
    assert_eq!((instance.shown(), instance.is_shown_with_bin()), (None, true));
    assert_eq!(scene.start(id), Err(PowerRefusal::Unknown(id)));
    for verb in [Verb::Start, Verb::Stop, Verb::Restart] {
        let why = PowerRefusal::WrongStatus(Status::Binned);
        assert_eq!(move_many(&mut scene, &[id], verb), Err(MoveManyRefusal { instance: id, why }));
    }
    assert_eq!(bin(&mut scene, id), Err(ReleaseRefusal::WrongStatus(Status::Binned)));
}

#[test]
fn the_bin_is_emptied_by_its_owner_or_by_time() {
    for by_time in [false, true] {
        let (mut scene, id) = binned();
        let until = scene.now.after(scene.policy().bin_retention);
        assert!(scene.get(&Key::Timer(until, TimerKind::BinEnd(id))).is_some());
        if by_time {
            scene.tick_at(until);
        } else {
            move_many(&mut scene, &[id], Verb::Empty).unwrap();
            assert!(scene.get(&Key::Timer(until, TimerKind::BinEnd(id))).is_none());
        }
        assert_eq!(scene.instance(id).unwrap().state.status(), Status::Releasing);
        assert_eq!(scene.audit(), []);
        scene.finish(id, WorkOutcome::Done);
        assert_eq!(scene.instance(id), None);
        assert_eq!(scene.stock().taken(), 0);
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn what_is_paid_for_protected_or_promised_is_not_given_up() {
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let prepaid = Launch { charge, ..launch() };
    let protected = Launch { protection: Protection::On, ..launch() };
    for (launch, promised, expected) in [
        (prepaid.clone(), false, "PaidFor"),
        (protected, false, "Protected"),
        (launch(), true, "Promised"),
        (launch(), false, "Ok"),
    ] {
        let mut scene = Scene::new(SmallWorld::new().grant(100).build());
        let id = scene.launch_one(&launch);
        scene.finish(id, WorkOutcome::Done);
        scene.finish(id, WorkOutcome::Done);
        if promised {
            let account = fleet::Account { bars: vec![Bar::Promise], ..scene.account() };
            scene.world.apply([Write::Put(Record::Account(account))]);
        }
        let told = format!("{:?}", bin(&mut scene, id));
        assert!(told.contains(expected), "{expected}: {told}");
        if expected == "PaidFor" {
            scene.wait(Span::from_days(30));
            assert!(bin(&mut scene, id).is_ok(), "it has run out");
        }
    }
    let mut scene = Scene::new(SmallWorld::new().grant(100).build());
    let id = scene.launch_one(&prepaid);
    let before = scene.account().wallet;
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    assert!(bin(&mut scene, id).is_ok(), "what could not be made is refunded and gone");
    assert_ne!(scene.account().wallet, before);
    assert_eq!(scene.instance(id), None);
}

#[test]
fn many_move_together_or_not_at_all() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let ids = scene.launch(&many(launch(), 3, 3)).unwrap();
    for _ in 0..2 {
        let items = scene.claim();
        for item in &items {
            scene.report(item, WorkOutcome::Done);
        }
    }
    scene.stop(ids[1]).unwrap();
    let before = scene.world.clone();
    let refused = move_many(&mut scene, &ids, Verb::Stop).unwrap_err();
    assert_eq!((refused.instance, refused.why), (ids[1], PowerRefusal::WrongStatus(Status::Stopping)));
    assert_eq!(scene.world, before, "nothing has changed");
    let strange = MoveMany { account: STRANGER, instances: vec![ids[0]], verb: Verb::Stop };
    assert_eq!(scene.run(&strange).unwrap_err().why, PowerRefusal::Unknown(ids[0]));
    let moved = move_many(&mut scene, &[ids[2], ids[0]], Verb::Restart).unwrap();
    assert_eq!(moved.iter().map(|instance| instance.id).collect::<Vec<_>>(), [ids[2], ids[0]]);
    assert_eq!(scene.audit(), []);
}
