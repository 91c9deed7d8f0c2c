//! Incidents: how their events begin, and how each comes to its end.

use fleet::{
    Announce, CallOff, Cycle, Event, EventId, IncidentKind, IncidentRefusal, InstanceId, Record, Serial,
    Staging, Time, TimerKind,
};
use testkit::{OWNER, STRANGER, Scene, at};

use crate::{rows, stages};

#[test]
fn every_kind_begins_and_ends_as_the_contract_says() {
    let table = "
        MaintenanceReboot    Scheduled  later
        MaintenanceRedeploy  Scheduled  later
        MaintenanceStop      Scheduled  later
        FailureReboot        Executing  now
        FailureRedeploy      Executing  now
        FailureStop          Executing  now
        FailureRelease       Executing  now
        InstanceReboot       Executing  now
        ExpiryStop           Scheduled  later
        ExpiryRelease        Scheduled  later
        UnpaidStop           Scheduled  later
        UnpaidRelease        Scheduled  later
        Reclaim              Scheduled  later";
    let rows: Vec<_> = rows(table).collect();
    assert_eq!(rows.len(), IncidentKind::ALL.len());
    for (row, kind) in rows.iter().zip(IncidentKind::ALL) {
        assert_eq!(row[0], format!("{kind:?}"));
        let (mut scene, id, _) = stages::at("Running");
        scene.now = at(10);
        let event = announce(&mut scene, &[id], kind, Staging::Simulated).unwrap()[0];
        let seen = the_event(&scene, event);
        let not_before = if row[2] == "now" { at(10) } else { DUE };
        assert_eq!((format!("{:?}", seen.cycle), seen.not_before), (row[1].into(), not_before), "{kind:?}");
        assert_eq!(scene.audit(), [], "{kind:?}");
        let before = scene.instance(id).unwrap();
        run_due(&mut scene);
        let seen = the_event(&scene, event);
        assert_eq!((seen.cycle, seen.finished_at), (Cycle::Executed, Some(DUE)), "{kind:?}");
        let after = fleet::Instance { amended: true, ..scene.instance(id).unwrap() };
        assert_eq!(after, before, "a simulated incident does not touch the instance");
        assert_eq!(scene.audit(), [], "{kind:?}");
        scene.tick_at(DUE.after(scene.policy().event_retention));
        assert_eq!(scene.event(event), None, "it is forgotten");
    }
}

/// What an owner does, and what becomes of an incident of each first cycle.
#[test]
fn an_owner_avoids_what_is_planned() {
    let table = "
        reboot!   MaintenanceReboot    Avoided
        reboot!   MaintenanceStop      Scheduled
        reboot!   FailureReboot        Executing
        stop!     MaintenanceReboot    Scheduled
        release!  MaintenanceReboot    Avoided
        release!  FailureReboot        Avoided
        call-off! MaintenanceReboot    Canceled
        call-off! FailureReboot        Canceled";
    for row in rows(table) {
        let kind = IncidentKind::ALL.into_iter().find(|kind| format!("{kind:?}") == row[1]).unwrap();
        let (mut scene, id, _) = stages::at("Running");
        let event = announce(&mut scene, &[id], kind, Staging::Simulated).unwrap()[0];
        match row[0] {
            "reboot!" => drop(scene.reboot(id).unwrap()),
            "stop!" => drop(scene.stop(id).unwrap()),
            "release!" => drop(scene.release(id).unwrap()),
            _ => scene.run(&CallOff { account: OWNER, events: vec![event] }).unwrap(),
        }
        assert_eq!(format!("{:?}", the_event(&scene, event).cycle), row[2], "{row:?}");
        assert_eq!(scene.audit(), [], "{row:?}");
        scene.settle();
        run_due(&mut scene);
        assert!(the_event(&scene, event).cycle.is_final(), "{row:?}");
        assert_eq!(scene.audit(), [], "{row:?}");
    }
}

#[test]
fn in_earnest_only_a_release_happens() {
    for kind in IncidentKind::ALL {
        for stage in ["Pending", "Running", "Stopped"] {
            let (mut scene, id, _) = stages::at(stage);
            announce(&mut scene, &[id], kind, Staging::InEarnest).unwrap();
            run_due(&mut scene);
            let gone =
                scene.instance(id).is_none_or(|instance| instance.state.status() == fleet::Status::Releasing);
            assert_eq!(gone, kind == IncidentKind::FailureRelease, "{kind:?} at {stage}");
            assert_eq!(scene.audit(), [], "{kind:?} at {stage}");
        }
    }
}

#[test]
fn what_is_wrong_is_refused_and_nothing_is_announced_or_called_off() {
    let (mut scene, id, _) = stages::at("Running");
    scene.now = at(100);
    let kind = IncidentKind::MaintenanceReboot;
    let nobody = InstanceId(Serial::HIGHEST);
    let refused = announce(&mut scene, &[id, nobody], kind, Staging::Simulated);
    assert_eq!(refused, Err(IncidentRefusal::UnknownInstance(nobody)));
    let late = Announce { not_before: at(99), ..the_announcement(&[id], kind, Staging::Simulated) };
    assert_eq!(scene.run(&late), Err(IncidentRefusal::Passed(at(99))));
    let twice = announce(&mut scene, &[id, id], kind, Staging::Simulated).unwrap();
    assert_eq!(twice.len(), 2, "one event each, in the order of the ids");
    for _ in 2..Announce::OPEN_MAX {
        announce(&mut scene, &[id], kind, Staging::Simulated).unwrap();
    }
    assert_eq!(announce(&mut scene, &[id], kind, Staging::Simulated), Err(IncidentRefusal::TooMany(id)));
    let call_off = |scene: &mut Scene, account, events: &[EventId]| {
        scene.run(&CallOff { account, events: events.to_vec() })
    };
    let event = twice[0];
    let unknown = EventId(Serial::HIGHEST);
    assert_eq!(call_off(&mut scene, STRANGER, &[event]), Err(IncidentRefusal::UnknownEvent(event)));
    assert_eq!(call_off(&mut scene, OWNER, &[event, unknown]), Err(IncidentRefusal::UnknownEvent(unknown)));
    assert_eq!(the_event(&scene, event).cycle, Cycle::Scheduled, "all or none");
    assert_eq!(call_off(&mut scene, OWNER, &[event, event]), Ok(()));
    assert_eq!(call_off(&mut scene, OWNER, &[event]), Err(IncidentRefusal::Over(event)));
    let real = announce(&mut scene, &[id], kind, Staging::Real).unwrap()[0];
    assert_eq!(call_off(&mut scene, OWNER, &[real]), Err(IncidentRefusal::Real(real)));
    let (mut scene, id, _) = stages::at("Failed");
    let failure = scene.failure(id).event;
    assert_eq!(call_off(&mut scene, OWNER, &[failure]), Err(IncidentRefusal::Real(failure)));
}

const DUE: Time = Time::from_secs(50);

fn the_announcement(instances: &[InstanceId], kind: IncidentKind, staging: Staging) -> Announce {
    Announce { account: OWNER, instances: instances.to_vec(), kind, not_before: DUE.max(at(100)), staging }
}

fn announce(
    scene: &mut Scene,
    instances: &[InstanceId],
    kind: IncidentKind,
    staging: Staging,
) -> Result<Vec<EventId>, IncidentRefusal> {
    let not_before = DUE.max(scene.now);
    scene.run(&Announce { not_before, ..the_announcement(instances, kind, staging) })
}

fn the_event(scene: &Scene, id: EventId) -> Event {
    scene.event(id).expect("an event")
}

/// Runs the timers of incidents, whatever else is due.
fn run_due(scene: &mut Scene) {
    let due: Vec<_> = scene
        .world
        .records()
        .filter(|record| matches!(record, Record::Timer(_, TimerKind::EventDue(_))))
        .cloned()
        .collect();
    if !due.is_empty() {
        scene.tick_at(DUE);
    }
}
