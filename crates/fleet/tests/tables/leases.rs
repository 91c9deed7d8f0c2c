//! How a lease goes on, and what becomes of work that nobody reports, however often it is claimed.

use fleet::{
    Beat, FailureReason, Heartbeat, Instance, Key, Machine, Policy, Record, Reported, Span, State, Task,
    Time, View as _, WorkId, WorkItem, WorkOutcome, WorkStats, Write,
};
use testkit::{Scene, SmallWorld, launch};

use crate::{rows, stages};

fn beat(scene: &mut Scene, item: &WorkItem, lease: Span) -> Beat {
    let Ok(beat) = scene.run(&Heartbeat { id: item.id, attempt: item.attempt, lease });
    beat
}

fn claimed() -> (Scene, WorkItem) {
    let mut scene = Scene::new(SmallWorld::new().build());
    let id = scene.launch_one(&launch());
    let item = scene.claim_of(id);
    (scene, item)
}

#[test]
fn a_beat_makes_a_lease_longer_and_never_shorter() {
    let table = "
        after  lease  held-until
        0      30     30
        0      29     30
        0      31     31
        10     20     30
        10     0      30
        10     30     40
        29     30     59";
    for row in rows(table).skip(1) {
        let [after, lease, until] = [0, 1, 2].map(|column| row[column].parse::<u64>().unwrap());
        let (mut scene, item) = claimed();
        scene.wait(Span::from_secs(after));
        let held = beat(&mut scene, &item, Span::from_secs(lease));
        assert_eq!(held, Beat::Held(Time::from_secs(until)), "{row:?}");
        assert_eq!(scene.audit(), [], "{row:?}");
        scene.now = Time::from_millis(until * 1000 - 1);
        assert_eq!(scene.claim(), [], "{row:?}");
        assert_eq!(scene.report(&item, WorkOutcome::Done), Reported::Accepted, "{row:?}");
    }
}

#[test]
fn a_beat_that_is_late_says_so_and_changes_nothing() {
    type Later = fn(&mut Scene, &mut WorkItem);
    let cases: [(&str, Later); 7] = [
        ("its lease ran out", |scene, _| scene.wait(Scene::LEASE)),
        ("it was reported", |scene, item| {
            scene.report(item, WorkOutcome::Done);
        }),
        ("it was given back", |scene, item| {
            scene.report(item, WorkOutcome::GivenBack { pause: Span::ZERO });
        }),
        ("somebody else has it", |scene, _| {
            scene.wait(Scene::LEASE);
            scene.claim();
        }),
        ("another attempt", |_, item| item.attempt += 1),
        ("another order", |_, item| item.id.order += 1),
        ("its deadline passed", |scene, _| {
            let lease = scene.policy().creation_deadline;
            scene.wait(lease);
            scene.tick();
        }),
    ];
    for (name, later) in cases {
        let (mut scene, mut item) = claimed();
        later(&mut scene, &mut item);
        let before = scene.world.clone();
        assert_eq!(beat(&mut scene, &item, Span::from_hours(1)), Beat::Late, "{name}");
        assert_eq!(scene.world, before, "{name}");
    }
}

/// How an item is lost: its lease runs out, or its holder does not know how far it came.
#[test]
fn what_is_claimed_too_often_ends_by_its_task() {
    check(
        "
        Pending            lapsed   Failed             event     Possible
        Pending            unclear  Failed             event     Possible
        Pending/Stay       lapsed   Failed             event     Possible
        Pending/Stay       unclear  Failed             event     Possible
        Starting/Start     lapsed   Stopped            no-event  Present
        Starting/Start     unclear  Stopped            no-event  Present
        Starting/Reboot    lapsed   Running            no-event  Present
        Starting/Reboot    unclear  Running            no-event  Present
        Stopping           lapsed   Running            no-event  Present
        Stopping           unclear  Running            no-event  Present
        Releasing/Running  lapsed   Releasing/Running  no-event  Present
        Releasing/Running  unclear  Releasing/Running  no-event  Present
        Releasing/Failed   lapsed   Releasing/Failed   event     Possible
        Releasing/Failed   unclear  Releasing/Failed   event     Possible
    ",
    );
}

fn check(table: &str) {
    let mut seen = Vec::new();
    for row in rows(table) {
        let [stage, lost, after, event, machine] = row[..] else { panic!("{row:?}") };
        seen.push(stage);
        let (mut scene, id, _) = stages::at(stage);
        let from = scene.instance(id).unwrap();
        let earlier = stats(&scene);
        let max = scene.policy().attempts_max;
        for attempt in 1..=max {
            let item = scene.claim_of(id);
            assert_eq!(item.attempt, attempt, "{row:?}");
            assert_eq!(scene.instance(id).unwrap().state.status(), from.state.status(), "{row:?}");
            match lost {
                "unclear" => {
                    assert_eq!(scene.report(&item, WorkOutcome::Unclear), Reported::Accepted);
                    scene.wait(scene.policy().retry_pause_max);
                }
                _ => scene.wait(Scene::LEASE),
            }
        }
        let left = scene.claim();
        let instance = scene.instance(id).unwrap();
        assert_eq!(stages::told(Some(&instance)), after, "{row:?}");
        assert_eq!(format!("{:?}", instance.machine), machine, "{row:?}");
        let told = scene.world.records().any(|record| matches!(record, Record::Event(_)));
        assert_eq!(if told { "event" } else { "no-event" }, event, "{row:?}");
        assert_eq!(scene.audit(), [], "{row:?}");
        assert_eq!(stats(&scene).exhausted, earlier.exhausted + 1, "{row:?}");
        match instance.state {
            State::Failed(failure) => {
                assert_eq!(failure.reason, FailureReason::Exhausted, "{row:?}");
                assert_ne!(instance.machine, Machine::Absent, "what there may be is taken apart");
                assert_eq!(left, []);
                scene.tick_at(failure.release_at.unwrap());
                scene.finish(id, WorkOutcome::Done);
                assert_eq!(scene.instance(id), None);
            }
            State::Releasing(..) => {
                // It was set aside, or its pause is over already.
                scene.wait(scene.policy().retry_pause_max);
                let item = left.into_iter().next().unwrap_or_else(|| scene.claim_of(id));
                assert_eq!(item.attempt, max + 1, "{row:?}");
                scene.wait(Scene::LEASE);
                scene.claim();
                scene.wait(scene.policy().retry_pause_max);
                scene.finish(id, WorkOutcome::Done);
                assert_eq!(scene.instance(id), None);
            }
            State::Pending(_)
            | State::Installing(_)
            | State::Starting(..)
            | State::Stopping(..)
            | State::Blank
            | State::Binned { .. } => panic!("{row:?}"),
            State::Running | State::Stopped(_) => assert_eq!(left, []),
        }
        assert_eq!(scene.audit(), [], "{row:?}");
    }
    let waiting = stages::ALL.iter().filter(|stage| !stages::at(stage).0.claim().is_empty());
    let waiting: Vec<&str> = waiting.copied().collect();
    seen.dedup();
    assert_eq!(seen, waiting, "the table leaves nothing out");
}

/// A machine that lost its system on the way has none, whatever was on it before.
#[test]
fn an_installation_that_is_claimed_too_often_leaves_the_machine_blank() {
    let (mut scene, id, _) = stages::at("Running");
    let instance = scene.instance(id).unwrap();
    let work = instance.next_work(scene.now);
    let waiting = WorkId { instance: id, order: work.order };
    let orders = work.order;
    let installing = Instance { state: State::Installing(work), orders, ..instance };
    let queued = Record::Work(scene.now, waiting);
    scene.world.apply([Record::Instance(installing), queued].map(Write::Put));
    for _ in 0..scene.policy().attempts_max {
        assert_eq!(scene.claim_of(id).task, Task::Install);
        scene.wait(Scene::LEASE);
    }
    assert_eq!(scene.claim(), []);
    assert_eq!(scene.instance(id).unwrap().state, State::Blank);
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_report_that_counts_begins_the_count_anew() {
    let (mut scene, mut item) = claimed();
    for _ in 0..10 {
        scene.report(&item, WorkOutcome::GivenBack { pause: Span::ZERO });
        item = scene.claim_of(item.id.instance);
    }
    assert_eq!(stats(&scene), WorkStats { claimed: 11, given_back: 10, ..WorkStats::default() });
    assert_eq!(scene.report(&item, WorkOutcome::Done), Reported::Accepted);
}

#[test]
fn without_a_limit_nothing_is_given_up() {
    let policy = Policy { attempts_max: 0, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().under(policy).build());
    let id = scene.launch_one(&launch());
    for attempt in 1..100 {
        assert_eq!(scene.claim_of(id).attempt, attempt);
        scene.wait(Scene::LEASE);
    }
    assert_eq!(stats(&scene).exhausted, 0);
}

#[test]
fn what_cannot_be_done_rests_the_longer_the_more_often() {
    let policy = SmallWorld::policy();
    let table = [(0, 5), (1, 5), (2, 10), (3, 15), (4, 15), (64, 15), (65, 15), (u32::MAX, 15)];
    for (attempt, seconds) in table {
        assert_eq!(policy.pause_after(attempt), Span::from_secs(seconds), "claim {attempt}");
    }
    let steady = Policy { retry_pause_max: Span::ZERO, ..policy };
    assert_eq!(steady.pause_after(9), Span::from_secs(5), "a limit below the pause does not shorten it");
}

#[test]
fn the_counters_say_what_became_of_every_claim() {
    let (mut scene, first) = claimed();
    let late = |scene: &mut Scene| scene.report(&first, WorkOutcome::Done);
    scene.wait(Scene::LEASE);
    let second = scene.claim_of(first.id.instance);
    assert_eq!(late(&mut scene), Reported::Late);
    beat(&mut scene, &second, Span::from_secs(60));
    scene.report(&second, WorkOutcome::Done);
    scene.finish(first.id.instance, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(late(&mut scene), Reported::Late);
    let expected =
        WorkStats { claimed: 3, done: 1, failed: 1, lapsed: 1, extended: 1, ..WorkStats::default() };
    assert_eq!(stats(&scene), expected, "late reports are counted by nobody here");
    assert_eq!(scene.get(&Key::WorkStats), Some(Record::WorkStats(expected)));
}

fn stats(scene: &Scene) -> WorkStats {
    let Ok(stats) = scene.world.work_stats();
    stats
}
