//! What keeps an owner from using an instance: locks, and money that has run out.

use fleet::{
    Charge, InstanceId, Launch, Lock, LockReason, LockRefusal, PeriodUnit, PowerRefusal, Reboot, Renewal,
    Serial, Span, Start, State, Stop, Terms, Time,
};
use testkit::{OWNER, Scene, SmallWorld, launch};

use crate::{rows, stages};

/// Locks come before statuses, so the status does not matter. A release is legal under every lock.
#[test]
fn every_lock_and_everything_an_owner_does_with_power() {
    let table = "
                   Start     Stop      Reboot    Release
        Money      Unpaid    Unpaid    Unpaid    ok
        Security   Locked    Locked    Locked    ok
        HostMoney  Unpaid    Unpaid    Unpaid    ok
        Recycling  Locked    status    status    ok
        Refunded   Unpaid    Unpaid    Unpaid    ok";
    for (row, reason) in rows(table).skip(1).zip(LockReason::ALL) {
        assert_eq!(row[0], format!("{reason:?}"));
        let (mut scene, id, _) = stages::at("Stopped");
        scene.run(&Lock { instance: id, reason: Some(reason) }).unwrap();
        assert_eq!(scene.audit(), []);
        let outcomes = [scene.start(id), scene.stop(id), scene.reboot(id)];
        for (outcome, cell) in outcomes.into_iter().zip(&row[1..4]) {
            let expected = match *cell {
                "Unpaid" => PowerRefusal::Unpaid(Charge::PostPaid),
                "Locked" => PowerRefusal::Locked(reason),
                _ => PowerRefusal::WrongStatus(fleet::Status::Stopped),
            };
            assert_eq!(outcome, Err(expected), "{reason:?}");
        }
        scene.release(id).unwrap();
        scene.settle();
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn a_lock_is_lifted_and_leaves_nothing_behind() {
    let (mut scene, id, _) = stages::at("Running");
    let before = scene.world.clone();
    scene.run(&Lock { instance: id, reason: Some(LockReason::Security) }).unwrap();
    assert_ne!(scene.world, before);
    scene.run(&Lock { instance: id, reason: None }).unwrap();
    assert_eq!(scene.world, before);
    let nobody = InstanceId(Serial::HIGHEST);
    assert_eq!(scene.run(&Lock { instance: nobody, reason: None }), Err(LockRefusal(nobody)));
}

#[test]
fn what_was_paid_in_advance_runs_out_unless_it_is_renewed() {
    let renewal = Renewal::On { count: 1, unit: PeriodUnit::Month };
    for (renewal, runs_out) in [(Renewal::Off, true), (renewal, false)] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
        let terms = Terms { renewal, ..Terms::default() };
        let id = scene.launch_one(&Launch { charge, terms, ..launch() });
        scene.settle();
        scene.now = Time::START.after(Span::from_days(30));
        let refused = PowerRefusal::Unpaid(charge);
        let stop = scene.run(&Stop::new(OWNER, id));
        assert_eq!(stop.as_ref().err(), runs_out.then_some(&refused), "{renewal:?}");
        assert_eq!(stop.is_ok(), !runs_out);
        if runs_out {
            assert_eq!(scene.run(&Start { account: OWNER, instance: id }), Err(refused.clone()));
            assert_eq!(scene.run(&Reboot { account: OWNER, instance: id }), Err(refused));
            assert_eq!(scene.instance(id).unwrap().state, State::Running);
        }
    }
}
