//! Spare capacity, where something else is announced as well, and where who is to stop it is never heard of again.

use fleet::{
    Announce, Event, EventKind, FailureReason, IncidentKind, InstanceId, Interruption, Launch, Rate, Reclaim,
    Record, SetSpotPrice, Spot, Staging, State, Status, Terms, Time, WorkOutcome,
};
use testkit::{OWNER, Scene, SmallWorld, instance_type, launch};

fn spare(interruption: Interruption) -> Launch {
    let spot = Spot { at_most: None, protected_hours: 0, interruption };
    Launch { terms: Terms { spot: Some(spot), ..Terms::default() }, ..launch() }
}

fn reclaims(scene: &Scene) -> Vec<Staging> {
    let stagings = scene.world.records().filter_map(|record| match record {
        Record::Event(Event { kind: EventKind::Incident(incident), .. })
            if incident.kind == IncidentKind::Reclaim =>
        {
            Some(incident.staging)
        }
        _ => None,
    });
    stagings.collect()
}

/// Spare capacity that is offered at a price, and one instance on it.
fn on_spare(interruption: Interruption) -> (Scene, InstanceId) {
    let mut scene = Scene::new(SmallWorld::new().build());
    let price = Some(Rate(100));
    scene.run(&SetSpotPrice { instance_type: instance_type(0), price }).unwrap();
    scene.tick();
    let id = scene.launch_one(&spare(interruption));
    scene.settle();
    (scene, id)
}

#[test]
fn that_capacity_is_wanted_back_is_announced_once_whatever_else_is() {
    for (kind, staging) in [
        (IncidentKind::Reclaim, Staging::Simulated),
        (IncidentKind::MaintenanceReboot, Staging::Simulated),
        (IncidentKind::MaintenanceReboot, Staging::Real),
    ] {
        let (mut scene, id) = on_spare(Interruption::Release);
        let announce = Announce {
            account: OWNER,
            instances: vec![id],
            kind,
            not_before: Time::from_secs(9000),
            staging,
        };
        scene.run(&announce).unwrap();
        for _ in 0..2 {
            scene.run(&Reclaim { instance: id }).unwrap();
            let own = reclaims(&scene).into_iter().filter(|staging| *staging == Staging::Own);
            assert_eq!(own.count(), 1, "{kind:?} {staging:?}");
            assert_eq!(scene.audit(), []);
        }
    }
}

#[test]
fn a_stop_that_the_system_ordered_is_never_given_up() {
    let (mut scene, id) = on_spare(Interruption::Stop);
    scene.run(&Reclaim { instance: id }).unwrap();
    scene.wait(scene.policy().reclaim_notice);
    scene.tick();
    for _ in 0..9 {
        assert_eq!(scene.instance(id).unwrap().state.status(), Status::Stopping);
        // Who claims it is never heard of again.
        scene.claim();
        scene.wait(Scene::LEASE);
    }
    scene.settle();
    scene.wait(scene.policy().retry_pause_max);
    scene.settle();
    assert_eq!(scene.instance(id).unwrap().state.status(), Status::Stopped);
    assert_eq!(scene.audit(), []);
}

#[test]
fn an_owner_may_stop_spare_capacity_and_keep_it_when_that_fails() {
    let (mut scene, id) = on_spare(Interruption::Stop);
    scene.stop(id).unwrap();
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(scene.instance(id).unwrap().state, State::Running);
}
