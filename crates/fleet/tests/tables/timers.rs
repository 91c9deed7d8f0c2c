//! What a timer does: every kind at every stage, and in what order and slices they run.

use fleet::{EventId, Key, Record, Serial, Span, Tick, Ticked, Time, TimerKind, Write};
use testkit::{Scene, SmallWorld, launch};

use crate::{rows, stages};

/// The timers that have nothing to do at a stage leave the instance as it is, should they ever run.
#[test]
fn every_timer_at_every_stage() {
    check(
        "
        stage              CreationDeadline  FailureRelease   TokenExpiry  BatchRetention  EventRetention  AutoRelease  EventDue
        Pending            Failed            -                -            -               -               -            -
        Pending/Stay       Failed            -                -            -               -               -            -
        Starting/Start     -                 -                -            -               -               -            -
        Starting/Reboot    -                 -                -            -               -               -            -
        Running            -                 -                -            -               -               -            -
        Stopping           -                 -                -            -               -               -            -
        Stopped            -                 -                -            -               -               -            -
        Failed             -                 gone             -            -               -               -            -
        Releasing/Running  -                 -                -            -               -               -            -
        Releasing/Failed   -                 -                -            -               -               -            -
        gone               -                 -                -            -               -               -            -
    ",
    );
}

fn check(table: &str) {
    let mut rows = rows(table);
    let kinds = rows.next().unwrap();
    let mut seen = Vec::new();
    for row in rows {
        let stage = row[0];
        seen.push(stage);
        for (name, expected) in kinds.iter().zip(&row).skip(1) {
            let (mut scene, id, _) = stages::at(stage);
            let before = stages::told(scene.instance(id).as_ref());
            let kind = kind(&scene, name);
            scene.world.apply([Write::Put(Record::Timer(scene.now, kind))]);
            scene.tick();
            let after = stages::told(scene.instance(id).as_ref());
            let expected = if *expected == "-" { before } else { (*expected).to_owned() };
            assert_eq!(after, expected, "{name} at {stage}");
        }
    }
    assert_eq!(seen, stages::ALL, "the table leaves nothing out");
}

/// The timer of this kind for the one launch, instance or event there is.
fn kind(scene: &Scene, name: &str) -> TimerKind {
    let batch = scene.world.records().find_map(|record| match record {
        Record::Batch(batch) => Some(batch.clone()),
        _ => None,
    });
    let batch = batch.unwrap();
    let event = scene.world.records().find_map(|record| match record {
        Record::Event(event) => Some(event.id),
        _ => None,
    });
    match name {
        "CreationDeadline" => TimerKind::CreationDeadline(batch.id),
        "FailureRelease" => TimerKind::FailureRelease(batch.first),
        "TokenExpiry" => TimerKind::TokenExpiry(batch.id),
        "BatchRetention" => TimerKind::BatchRetention(batch.id),
        "EventRetention" => TimerKind::EventRetention(event.unwrap_or(EventId(Serial::HIGHEST))),
        "AutoRelease" => TimerKind::AutoRelease(batch.first),
        "EventDue" => TimerKind::EventDue(event.unwrap_or(EventId(Serial::HIGHEST))),
        other => panic!("no such timer: {other}"),
    }
}

#[test]
fn a_tick_runs_no_more_than_its_limit_and_says_when_to_come_back() {
    let mut scene = Scene::new(SmallWorld::new().build());
    for secs in [0, 1, 2] {
        scene.now = Time::from_secs(secs);
        scene.launch_one(&launch());
    }
    let deadline = |launched: u64| Some(Time::from_secs(launched + 60));
    scene.now = Time::from_secs(61);
    for (limit, ran, next) in
        [(0, 0, deadline(0)), (1, 1, deadline(1)), (5, 1, deadline(2)), (5, 0, deadline(2))]
    {
        let Ok(ticked) = scene.run(&Tick { limit });
        assert_eq!(ticked, Ticked { ran, next }, "limit {limit}");
    }
}

#[test]
fn a_tick_of_an_empty_fleet_has_nothing_to_come_back_for() {
    let mut scene = Scene::new(SmallWorld::new().build());
    assert_eq!(scene.tick_at(Time::END), Ticked { ran: 0, next: None });
}

/// The deadline of an old launch sets the timer of a token that ran out long ago.
#[test]
fn a_timer_that_is_set_in_the_past_is_announced_at_once() {
    let (mut scene, _, _) = stages::at("Running");
    let expired = Some(Time::START.after(SmallWorld::policy().token_retention));
    assert_eq!(scene.tick_at(Time::from_secs(5000)), Ticked { ran: 1, next: expired });
    let forgotten = Some(Time::START.after(SmallWorld::policy().batch_retention));
    assert_eq!(scene.tick(), Ticked { ran: 1, next: forgotten });
    assert_eq!(scene.tick(), Ticked { ran: 1, next: None });
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_launch_is_remembered_for_its_retention_and_as_long_as_it_has_instances() {
    let (mut scene, id, _) = stages::at("Running");
    let batch = scene.instance(id).unwrap().batch;
    scene.tick_at(Time::from_secs(600));
    scene.tick();
    scene.tick_at(Time::from_secs(1000));
    assert!(scene.get(&Key::Batch(batch)).is_some(), "it has an instance");
    scene.release(id).unwrap();
    scene.finish(id, fleet::WorkOutcome::Done);
    assert_eq!(scene.get(&Key::Batch(batch)), None);
    assert_eq!(scene.get(&Key::Spec(batch)), None);

    let (mut scene, _, _) = stages::at("gone");
    for millis in [60_000, 600_000, 999_999] {
        scene.tick_at(Time::from_millis(millis));
        assert!(scene.world.records().any(|record| matches!(record, Record::Batch(_))), "{millis}");
    }
    scene.wait(Span::from_millis(1));
    scene.tick();
    assert!(!scene.world.records().any(|record| matches!(record, Record::Batch(_) | Record::Spec(..))));
    assert_eq!(scene.audit(), []);
}

/// However many timers are due, a launch waits for one slice of them at most: between any two slices
/// there is room for it, no slice looks at more than its limit, and the rest is run by those that follow.
#[test]
fn a_launch_waits_for_one_slice_of_due_timers_at_most() {
    const DUE: usize = 100_000;
    const SLICE: usize = 500;
    let mut scene = Scene::new(SmallWorld::new().build());
    let event = |number| EventId(Serial { epoch: 1, number });
    let due = (1..=DUE as u64).map(|number| {
        let at = Time::from_millis(number);
        Write::Put(Record::Timer(at, TimerKind::EventRetention(event(number))))
    });
    scene.world.apply(due.collect::<Vec<_>>());
    scene.now = Time::from_secs(1_000_000);
    let (mut ran, mut slices) = (0, 0);
    loop {
        let decided = fleet::decide(&scene.world, &Tick { limit: SLICE }, scene.now).unwrap();
        assert!(decided.reply.ran <= SLICE);
        assert!(decided.writes.len() <= 2 * SLICE, "{} writes in one commit", decided.writes.len());
        scene.world.apply(decided.writes.into_iter().map(Write::from));
        (ran, slices) = (ran + decided.reply.ran, slices + 1);
        if slices == 1 {
            // It came while the first slice ran, and is decided before the second.
            scene.launch_one(&launch());
        }
        if decided.reply.next.is_none_or(|next| next > scene.now) {
            break;
        }
    }
    assert_eq!((ran, slices), (DUE, DUE / SLICE));
}

/// Timers are due by the time that comes in with the command. One that went back runs nothing early,
/// and runs nothing twice; one that jumped ahead by years runs all of them, in order.
#[test]
fn a_clock_that_jumps_runs_every_timer_once() {
    let (mut scene, id, _) = stages::at("Failed");
    let release_at = scene.failure(id).release_at.unwrap();
    scene.tick_at(release_at);
    let after = scene.world.clone();
    for earlier in [0, 1, 299] {
        scene.now = Time::from_secs(earlier);
        scene.tick();
        assert_eq!(scene.world, after, "at {earlier}");
    }
    scene.now = release_at.after(Span::from_days(3650));
    for _ in 0..9 {
        scene.tick();
        assert_eq!(scene.audit(), []);
    }
    assert_eq!(scene.tick().next, None);
    assert!(!scene.world.records().any(|record| matches!(record, Record::Batch(_) | Record::Event(_))));
}
