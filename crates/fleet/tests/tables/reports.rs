//! What a report does: every outcome at every stage, and reports that come too late.

use fleet::{FailureReason, Policy, Report, ReportAll, Reported, Span, WorkItem, WorkOutcome};
use testkit::{Scene, SmallWorld, launch, many};

use crate::{rows, stages};

#[test]
fn every_outcome_at_every_stage() {
    check(
        "
        Pending            Done            Accepted  Starting/Start     no-event
        Pending            Failed          Accepted  Failed             event
        Pending            GivenBack       Accepted  Pending            no-event
        Pending            Unclear         Accepted  Pending            no-event
        Pending/Stay       Done            Accepted  Stopped            no-event
        Pending/Stay       Failed          Accepted  Failed             event
        Pending/Stay       GivenBack       Accepted  Pending            no-event
        Pending/Stay       Unclear         Accepted  Pending            no-event
        Starting/Start     Done            Accepted  Running            no-event
        Starting/Start     Failed          Accepted  Stopped            no-event
        Starting/Start     GivenBack       Accepted  Starting/Start     no-event
        Starting/Start     Unclear         Accepted  Starting/Start     no-event
        Starting/Reboot    Done            Accepted  Running            no-event
        Starting/Reboot    Failed          Accepted  Stopped            no-event
        Starting/Reboot    GivenBack       Accepted  Starting/Reboot    no-event
        Starting/Reboot    Unclear         Accepted  Starting/Reboot    no-event
        Running            Done            Late      Running            no-event
        Running            Failed          Late      Running            no-event
        Running            GivenBack       Late      Running            no-event
        Running            Unclear         Late      Running            no-event
        Stopping           Done            Accepted  Stopped            no-event
        Stopping           Failed          Accepted  Running            no-event
        Stopping           GivenBack       Accepted  Stopping           no-event
        Stopping           Unclear         Accepted  Stopping           no-event
        Stopped            Done            Late      Stopped            no-event
        Stopped            Failed          Late      Stopped            no-event
        Stopped            GivenBack       Late      Stopped            no-event
        Stopped            Unclear         Late      Stopped            no-event
        Failed             Done            Late      Failed             event
        Failed             Failed          Late      Failed             event
        Failed             GivenBack       Late      Failed             event
        Failed             Unclear         Late      Failed             event
        Releasing/Running  Done            Accepted  gone               no-event
        Releasing/Running  Failed          Accepted  Releasing/Running  no-event
        Releasing/Running  GivenBack       Accepted  Releasing/Running  no-event
        Releasing/Running  Unclear         Accepted  Releasing/Running  no-event
        Releasing/Failed   Done            Accepted  gone               event
        Releasing/Failed   Failed          Accepted  Releasing/Failed   event
        Releasing/Failed   GivenBack       Accepted  Releasing/Failed   event
        Releasing/Failed   Unclear         Accepted  Releasing/Failed   event
        gone               Done            Late      gone               no-event
        gone               Failed          Late      gone               no-event
        gone               GivenBack       Late      gone               no-event
        gone               Unclear         Late      gone               no-event
    ",
    );
}

fn check(table: &str) {
    let mut seen = Vec::new();
    for row in rows(table) {
        let [stage, outcome, reply, after, event] = row[..] else { panic!("{row:?}") };
        seen.push((stage, outcome));
        for outcome in outcomes(outcome) {
            let (mut scene, id, last) = stages::at(stage);
            // Where there is nothing to claim, the item that was done last is reported once more.
            let claimed = scene.claim().into_iter().find(|item| item.id.instance == id);
            let item = claimed.or(last).unwrap();
            let before = scene.world.clone();

            let reported = scene.report(&item, outcome);
            assert_eq!(format!("{reported:?}"), reply, "{row:?} {outcome:?}");
            assert_eq!(stages::told(scene.instance(id).as_ref()), after, "{row:?} {outcome:?}");
            let told = scene.world.records().any(|record| matches!(record, fleet::Record::Event(_)));
            assert_eq!(if told { "event" } else { "no-event" }, event, "{row:?} {outcome:?}");
            assert_eq!(scene.audit(), [], "{row:?} {outcome:?}");
            assert_eq!(scene.world == before, reported == Reported::Late, "{row:?} {outcome:?}");
            assert_eq!(scene.report(&item, outcome), Reported::Late, "again: {row:?} {outcome:?}");
        }
    }
    let all = stages::ALL
        .iter()
        .flat_map(|stage| ["Done", "Failed", "GivenBack", "Unclear"].map(|outcome| (*stage, outcome)));
    assert_eq!(seen, all.collect::<Vec<_>>(), "the table leaves nothing out");
}

fn outcomes(name: &str) -> Vec<WorkOutcome> {
    use FailureReason::{Deadline, Exhausted, Machine, NoAddress, NoStock};
    match name {
        "Done" => vec![WorkOutcome::Done],
        "Failed" => [NoStock, NoAddress, Machine, Deadline, Exhausted].map(WorkOutcome::Failed).into(),
        "Unclear" => vec![WorkOutcome::Unclear],
        "GivenBack" => [0, 7].map(|secs| WorkOutcome::GivenBack { pause: Span::from_secs(secs) }).into(),
        other => panic!("no such outcome: {other}"),
    }
}

#[test]
fn a_report_counts_until_the_lease_is_over_and_not_after() {
    for (past, expected) in [(-1, Reported::Accepted), (0, Reported::Late), (1, Reported::Late)] {
        let (mut scene, item) = claimed();
        scene.now = fleet::Time::from_millis(Scene::LEASE.millis().checked_add_signed(past).unwrap());
        assert_eq!(scene.report(&item, WorkOutcome::Done), expected, "{past} ms past the lease");
    }
}

#[test]
fn a_report_of_another_attempt_or_another_order_is_late() {
    let (mut scene, item) = claimed();
    for (order, attempt) in [(0, 1), (2, 1), (1, 0), (1, 2), (u32::MAX, u32::MAX)] {
        let id = fleet::WorkId { order, ..item.id };
        let Ok(reported) = scene.run(&Report { id, attempt, outcome: WorkOutcome::Done });
        assert_eq!(reported, Reported::Late, "order {order}, attempt {attempt}");
    }
    assert_eq!(scene.report(&item, WorkOutcome::Done), Reported::Accepted);
}

#[test]
fn who_lost_the_lease_does_not_speak_for_who_has_it() {
    let (mut scene, first) = claimed();
    scene.wait(Scene::LEASE);
    let second = scene.claim_of(first.id.instance);
    assert_eq!((first.id, first.attempt, second.id, second.attempt), (second.id, 1, first.id, 2));
    assert_eq!(scene.report(&first, WorkOutcome::Failed(FailureReason::NoStock)), Reported::Late);
    assert_eq!(scene.report(&second, WorkOutcome::Done), Reported::Accepted);
}

#[test]
fn an_item_is_handed_out_once_while_its_lease_lasts() {
    let (mut scene, item) = claimed();
    assert_eq!(scene.claim(), []);
    scene.now = fleet::Time::from_millis(Scene::LEASE.millis() - 1);
    assert_eq!(scene.claim(), []);
    scene.wait(Span::from_millis(1));
    assert_eq!(scene.claim_of(item.id.instance).attempt, 2);
}

#[test]
fn what_is_given_back_rests_for_its_pause() {
    let (mut scene, item) = claimed();
    scene.report(&item, WorkOutcome::GivenBack { pause: Span::from_secs(7) });
    scene.wait(Span::from_millis(6_999));
    assert_eq!(scene.claim(), []);
    scene.wait(Span::from_millis(1));
    assert_eq!(scene.claim_of(item.id.instance).attempt, 2);
}

#[test]
fn a_release_that_cannot_be_done_is_tried_again_after_the_pause_of_the_policy() {
    let (mut scene, id, _) = stages::at("Releasing/Running");
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    scene.wait(Span::from_millis(SmallWorld::policy().retry_pause.millis() - 1));
    assert_eq!(scene.claim(), []);
    scene.wait(Span::from_millis(1));
    scene.finish(id, WorkOutcome::Done);
    assert_eq!(scene.instance(id), None);
}

/// A release that fails every five seconds has been claimed 65 536 times in four days.
#[test]
fn claims_are_told_apart_however_often_an_item_is_claimed() {
    let policy = Policy { attempts_max: 0, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().under(policy).build());
    let id = scene.launch_one(&launch());
    let mut last = scene.claim_of(id);
    for _ in 0..70_000 {
        scene.wait(Scene::LEASE);
        let item = scene.claim_of(last.id.instance);
        assert!(item.attempt > last.attempt, "{} after {}", item.attempt, last.attempt);
        last = item;
    }
}

/// The third and the last name an item that an earlier report of the same commit has ended.
#[test]
fn reports_in_one_commit_come_to_the_same_as_one_by_one() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.launch(&many(launch(), 4, 4)).unwrap();
    let items = scene.claim();
    let report = |index: usize, outcome| Report { id: items[index].id, attempt: 1, outcome };
    let reports = vec![
        report(0, WorkOutcome::Failed(FailureReason::NoStock)),
        report(1, WorkOutcome::Done),
        report(0, WorkOutcome::Done),
        report(2, WorkOutcome::GivenBack { pause: Span::from_secs(1) }),
        report(3, WorkOutcome::Failed(FailureReason::Machine)),
        report(2, WorkOutcome::Done),
    ];
    let mut one_by_one = scene.clone();
    let expected: Vec<Reported> = reports
        .iter()
        .map(|report| {
            let Ok(reported) = one_by_one.run(report);
            reported
        })
        .collect();
    let Ok(reported) = scene.run(&ReportAll(reports));
    assert_eq!(reported, expected);
    assert_eq!(scene.world, one_by_one.world);
    assert_eq!(scene.audit(), []);
}

fn claimed() -> (Scene, WorkItem) {
    let mut scene = Scene::new(SmallWorld::new().build());
    let id = scene.launch_one(&launch());
    let item = scene.claim_of(id);
    (scene, item)
}
