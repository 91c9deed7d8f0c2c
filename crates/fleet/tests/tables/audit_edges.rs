//! What the audit tells apart by one: an id that was just not drawn, a version twice, an event that lacks one thing of
//! three.

use fleet::{
    Cycle, Event, EventId, EventKind, FailureReason, Invariant, Record, Sequence, Serial, Template, Time,
    TimerKind, View, Write,
};
use testkit::{OWNER, Scene, SmallWorld, label, launch};

fn finds(scene: &Scene, invariant: Invariant) -> bool {
    scene.audit().iter().any(|finding| finding.invariant == invariant)
}

fn put(scene: &mut Scene, record: Record) {
    scene.world.apply([Write::Put(record)]);
}

fn next(scene: &Scene) -> Serial {
    let Ok(sequence) = scene.world.sequence();
    sequence.next
}

#[test]
fn an_id_that_is_drawn_next_is_in_use_by_nobody() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.launch_one(&launch());
    let next = next(&scene);
    assert_eq!(scene.audit(), []);
    let last = Serial { number: next.number - 1, ..next };
    put(&mut scene, Record::Sequence(Sequence { next: last }));
    assert!(finds(&scene, Invariant::EveryIdWasDrawn));
}

#[test]
fn a_version_of_a_template_is_listed_once() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let template = scene.run(&crate::templates::create("a")).unwrap();
    assert_eq!(scene.audit(), []);
    put(&mut scene, Record::Template(Template { versions: vec![1, 1], ..template }));
    assert!(finds(&scene, Invariant::TemplatesAgreeWithVersions));
}

/// Of a failure that is over its event remains: at its end, with the time of that, and until its timer.
#[test]
fn an_event_without_a_failed_instance_is_over_and_will_be_forgotten() {
    let (at, end) = (Time::from_secs(1), Some(Time::from_secs(2)));
    for (cycle, finished_at, forgotten, sound) in [
        (Cycle::Executed, end, true, true),
        (Cycle::Executing, end, true, false),
        (Cycle::Executed, None, true, false),
        (Cycle::Executed, end, false, false),
    ] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let instance = scene.launch_one(&launch());
        let drawn = next(&scene);
        put(&mut scene, Record::Sequence(Sequence { next: drawn.plus(1).unwrap() }));
        let id = EventId(drawn);
        let kind = EventKind::CreationFailure(FailureReason::Machine);
        let event = Event {
            id,
            account: OWNER,
            instance,
            kind,
            cycle,
            published_at: at,
            not_before: at,
            finished_at,
            region: Some(label("r")),
        };
        put(&mut scene, Record::Event(event));
        if forgotten {
            put(&mut scene, Record::Timer(Time::from_secs(9), TimerKind::EventRetention(id)));
        }
        let found = finds(&scene, Invariant::EveryFailedCreationHasExactlyOneEvent);
        assert_eq!(found, !sound, "{cycle:?} {finished_at:?} {forgotten}: {:?}", scene.audit());
    }
}

#[test]
fn an_event_ends_only_where_its_cycle_leads_and_only_at_an_end() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let (_, failure) = scene.failed(&launch(), FailureReason::Machine);
    let event = scene.event(failure.event).unwrap();
    let at = Time::from_secs(7);
    for (from, to, ends) in [
        (Cycle::Executing, Cycle::Executed, true),
        (Cycle::Scheduled, Cycle::Avoided, true),
        // No end.
        (Cycle::Scheduled, Cycle::Executing, false),
        // Not on the way.
        (Cycle::Scheduled, Cycle::Executed, false),
        (Cycle::Executed, Cycle::Avoided, false),
    ] {
        let event = Event { cycle: from, ..event.clone() };
        let over = ends.then(|| Event { cycle: to, finished_at: Some(at), ..event.clone() });
        assert_eq!(event.finish(to, at), over, "{from:?} {to:?}");
    }
}
