//! What is paid in advance: until when, what happens then, and how it is paid again.

use fleet::{
    Bar, Charge, Cycle, FailureReason, IncidentKind, Instance, InstanceId, Launch, LockReason, Money,
    PeriodUnit, PowerRefusal, Record, Renew, RenewRefusal, Renewal, SetAccountTerms, SetRenewal, Shown, Span,
    State, Status, Terms, Time, Wallet, WorkOutcome,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, launch};

use crate::rows;

const MONTH: Span = Span::from_days(30);
const MONTHLY: Renewal = Renewal::On { count: 1, unit: PeriodUnit::Month };

/// An account with this much, and an instance that is paid for a month (for 10) and runs.
fn running(money: u64, renewal: Renewal) -> (Scene, InstanceId) {
    let (mut scene, id) = pending(money, renewal);
    scene.settle();
    assert_eq!(scene.instance(id).unwrap().state, State::Running);
    (scene, id)
}

fn pending(money: u64, renewal: Renewal) -> (Scene, InstanceId) {
    let mut scene = Scene::new(SmallWorld::new().grant(money).build());
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let terms = Terms { renewal, ..Terms::default() };
    let id = scene.launch_one(&Launch { charge, terms, ..launch() });
    (scene, id)
}

fn expiry() -> Time {
    Time::START.after(MONTH)
}

/// When the system releases what ran out at [`expiry`].
fn end() -> Time {
    expiry().after(SmallWorld::policy().subscription_retention)
}

fn renew(months: u8, instance: InstanceId) -> Renew {
    Renew { account: OWNER, instance, count: months, unit: PeriodUnit::Month }
}

fn events(scene: &Scene) -> Vec<(IncidentKind, Cycle)> {
    let events = scene.world.records().filter_map(|record| match record {
        Record::Event(event) => Some((event.kind.what(), event.cycle)),
        _ => None,
    });
    events.collect()
}

fn status(scene: &Scene, id: InstanceId) -> Option<Status> {
    scene.instance(id).map(|instance| instance.state.status())
}

fn lock(scene: &Scene, id: InstanceId) -> Option<LockReason> {
    match scene.get(&fleet::Key::Amendment(id)) {
        Some(Record::Amendment(_, amendment)) => amendment.lock,
        _ => None,
    }
}

#[test]
fn a_subscription_ends_at_its_time_and_not_a_millisecond_before() {
    let (mut scene, id) = running(10, Renewal::Off);
    scene.tick_at(Time::from_millis(expiry().millis() - 1));
    assert_eq!((status(&scene, id), lock(&scene, id)), (Some(Status::Running), None));
    scene.tick_at(expiry());
    assert_eq!(lock(&scene, id), Some(LockReason::Money));
    assert_eq!(
        events(&scene),
        [(IncidentKind::ExpiryStop, Cycle::Executing), (IncidentKind::ExpiryRelease, Cycle::Scheduled)]
    );
    assert_eq!(scene.instance(id).unwrap().shown(), Some(Shown::Stopping));
    assert_eq!(scene.audit(), []);

    scene.settle();
    assert_eq!(status(&scene, id), Some(Status::Stopped));
    assert_eq!(events(&scene)[0], (IncidentKind::ExpiryStop, Cycle::Executed));
    let refused = Err(PowerRefusal::Unpaid(Charge::PrePaid { count: 1, unit: PeriodUnit::Month }));
    assert_eq!(scene.start(id), refused);
    assert_eq!(scene.audit(), []);

    scene.tick_at(Time::from_millis(end().millis() - 1));
    assert_eq!(status(&scene, id), Some(Status::Stopped));
    scene.tick_at(end());
    assert_eq!(scene.instance(id).unwrap().shown(), None, "gone for its owner");
    scene.settle();
    assert_eq!(scene.instance(id), None);
    assert_eq!(scene.account().wallet, wallet(0, 10), "nothing is refunded");
    assert_eq!(scene.audit(), []);
}

fn wallet(balance: u64, spent: u64) -> Wallet {
    Wallet::On { balance: Money(balance), held: Money(0), spent: Money(spent) }
}

/// Whatever an instance is doing when its money runs out, it comes to be off, and its event with it.
#[test]
fn what_runs_out_is_off_in_the_end_whatever_it_was_doing() {
    let table = "
        doing     at-once   then     stop-event
        Running   Stopping  Stopped  Executed
        Starting  Starting  Stopped  Executed
        Stopping  Stopping  Stopped  Executed
        Stopped   Stopped   Stopped  Executed";
    for row in rows(table).skip(1) {
        let (mut scene, id) = running(10, Renewal::Off);
        match row[0] {
            "Starting" => drop(scene.reboot(id).unwrap()),
            "Stopping" => drop(scene.stop(id).unwrap()),
            "Stopped" => {
                scene.stop(id).unwrap();
                scene.settle();
            }
            _ => {}
        }
        scene.tick_at(expiry());
        assert_eq!(format!("{:?}", status(&scene, id).unwrap()), row[1], "{}", row[0]);
        assert_eq!(scene.audit(), [], "{}", row[0]);
        scene.settle();
        assert_eq!(format!("{:?}", status(&scene, id).unwrap()), row[2], "{}", row[0]);
        assert_eq!(format!("{:?}", events(&scene)[0].1), row[3], "{}", row[0]);
        assert_eq!(scene.audit(), [], "{}", row[0]);
    }
}

#[test]
fn a_stop_that_fails_is_tried_again_and_one_that_never_works_is_told() {
    let (mut scene, id) = running(10, Renewal::Off);
    scene.tick_at(expiry());
    for _ in 0..5 {
        scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
        assert_eq!(status(&scene, id), Some(Status::Stopping), "it does not run on");
        assert_eq!(scene.audit(), []);
        scene.wait(scene.policy().retry_pause_max);
    }
    for _ in 0..2 * scene.policy().attempts_max {
        scene.claim();
        scene.wait(Scene::LEASE);
        assert_eq!(status(&scene, id), Some(Status::Stopping), "nor when nobody says anything");
    }
    scene.tick_at(end());
    assert_eq!(
        events(&scene),
        [(IncidentKind::ExpiryStop, Cycle::Failed), (IncidentKind::ExpiryRelease, Cycle::Executed)]
    );
    assert_eq!(status(&scene, id), Some(Status::Releasing));
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_is_to_be_renewed_is_paid_again_as_long_as_there_is_money() {
    let (mut scene, id) = running(30, MONTHLY);
    assert_eq!(scene.account().wallet, wallet(20, 10));
    for (months, balance) in [(1, 10), (2, 0)] {
        scene.tick_at(Time::START.after(Span::from_days(30 * months)));
        assert_eq!(scene.account().wallet, wallet(balance, 30 - balance));
        let paid_until = Some(Time::START.after(Span::from_days(30 * (months + 1))));
        assert_eq!(scene.instance(id).unwrap().paid_until, paid_until);
        assert_eq!((events(&scene), lock(&scene, id)), (vec![], None));
        assert_eq!(scene.audit(), []);
    }
    scene.tick_at(Time::START.after(Span::from_days(90)));
    assert_eq!(scene.account().wallet, wallet(0, 30));
    assert_eq!(lock(&scene, id), Some(LockReason::Money), "there is no money left");
    assert!(scene.start(id).is_err());
    assert_eq!(scene.audit(), []);
}

/// One period for each run of the timer, and the runs catch up: nothing is charged twice, and nothing
/// is left out.
#[test]
fn a_clock_that_jumps_by_years_pays_for_every_month_of_them() {
    let (mut scene, id) = running(10 + 10 * 24, MONTHLY);
    scene.now = Time::START.after(Span::from_days(30 * 24 + 29));
    let mut ran = 0;
    loop {
        let ticked = scene.tick();
        ran += ticked.ran;
        assert_eq!(scene.audit(), []);
        if ticked.next.is_none_or(|next| next > scene.now) {
            break;
        }
    }
    assert!(ran >= 24);
    assert_eq!(scene.account().wallet, wallet(0, 250));
    assert_eq!(scene.instance(id).unwrap().paid_until, Some(Time::START.after(Span::from_days(30 * 25))));
    assert_eq!(status(&scene, id), Some(Status::Running));
}

#[test]
fn an_account_that_may_not_pay_does_not_renew() {
    for (bar, pays) in [(Bar::Arrears, false), (Bar::NoPayMethod, false), (Bar::Spot, true)] {
        let (mut scene, id) = running(100, MONTHLY);
        let quotas = scene.account().quotas;
        scene.run(&SetAccountTerms { id: OWNER, bars: vec![bar.clone()], quotas }).unwrap();
        scene.tick_at(expiry());
        assert_eq!(lock(&scene, id).is_none(), pays, "{bar:?}");
        let renewed = scene.run(&renew(1, id));
        assert_eq!(renewed.is_ok(), pays, "{bar:?}: {renewed:?}");
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn what_is_paid_by_hand_counts_from_the_end_or_from_now_when_that_is_over() {
    let (mut scene, id) = running(100, Renewal::Off);
    let renewed = scene.run(&renew(2, id)).unwrap();
    assert_eq!(renewed.paid_until, Some(Time::START.after(Span::from_days(90))));
    assert_eq!(scene.account().wallet, wallet(70, 30));
    scene.tick_at(expiry());
    assert_eq!(scene.tick().next, renewed.paid_until, "the old time does nothing");
    assert_eq!((status(&scene, id), events(&scene)), (Some(Status::Running), vec![]));

    scene.tick_at(Time::START.after(Span::from_days(90)));
    scene.settle();
    scene.wait(Span::from_secs(100));
    let renewed = scene.run(&renew(1, id)).unwrap();
    assert_eq!(renewed.paid_until, Some(scene.now.after(MONTH)), "nothing is paid for what it did not run");
    assert_eq!(lock(&scene, id), None);
    assert_eq!(
        events(&scene),
        [(IncidentKind::ExpiryStop, Cycle::Executed), (IncidentKind::ExpiryRelease, Cycle::Avoided)]
    );
    assert_eq!(status(&scene, id), Some(Status::Stopped), "it stays off until its owner starts it");
    scene.start(id).unwrap();
    scene.settle();
    assert_eq!(status(&scene, id), Some(Status::Running));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_stop_under_way_is_not_called_back_by_a_payment() {
    let (mut scene, id) = running(100, Renewal::Off);
    scene.tick_at(expiry());
    scene.run(&renew(1, id)).unwrap();
    assert_eq!(events(&scene)[0], (IncidentKind::ExpiryStop, Cycle::Avoided));
    assert_eq!(scene.audit(), []);
    scene.settle();
    assert_eq!(status(&scene, id), Some(Status::Stopped));
}

#[test]
fn every_reason_not_to_renew() {
    let (mut scene, id) = running(15, Renewal::Off);
    let by_use = scene.launch_one(&launch());
    let nobody = InstanceId(fleet::Serial::HIGHEST);
    let price = |price, balance| RenewRefusal::Unaffordable { price: Money(price), balance: Money(balance) };
    for (renew, expected) in [
        (renew(1, nobody), RenewRefusal::Unknown(nobody)),
        (Renew { account: STRANGER, ..renew(1, id) }, RenewRefusal::Unknown(id)),
        (renew(1, by_use), RenewRefusal::PaidByUse),
        (renew(0, id), RenewRefusal::NoPeriod),
        (renew(1, id), price(10, 5)),
        (renew(u8::MAX, id), price(2550, 5)),
    ] {
        let before = scene.world.clone();
        assert_eq!(scene.run(&renew), Err(expected));
        assert_eq!(scene.world, before);
    }
    let (mut scene, id) = pending(100, Renewal::Off);
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(scene.run(&renew(1, id)), Err(RenewRefusal::WrongStatus(Status::Failed)));
}

#[test]
fn an_owner_changes_their_mind_about_renewal() {
    let set = |instance, renewal| SetRenewal { account: OWNER, instance, renewal };
    let (mut scene, id) = running(100, Renewal::Off);
    let before = scene.world.clone();
    scene.run(&set(id, MONTHLY)).unwrap();
    scene.run(&set(id, Renewal::Off)).unwrap();
    assert_eq!(scene.world, before, "nothing is left behind");
    let none = Renewal::On { count: 0, unit: PeriodUnit::Week };
    assert_eq!(scene.run(&set(id, none)), Err(RenewRefusal::NoPeriod));

    scene.run(&set(id, Renewal::On { count: 2, unit: PeriodUnit::Week })).unwrap();
    scene.tick_at(expiry());
    let weeks = expiry().after(Span::from_days(14));
    assert_eq!(scene.instance(id).unwrap().paid_until, Some(weeks));
    assert_eq!(scene.account().wallet, wallet(85, 15));
    scene.run(&set(id, Renewal::Off)).unwrap();
    scene.tick_at(weeks);
    assert_eq!(lock(&scene, id), Some(LockReason::Money));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_creation_that_fails_has_nothing_that_could_run_out() {
    let (mut scene, id) = pending(10, MONTHLY);
    scene.finish(id, WorkOutcome::Failed(FailureReason::NoStock));
    assert_eq!(scene.account().wallet, wallet(10, 0), "refunded in full, in the commit of the failure");
    assert_eq!(scene.instance(id).unwrap().paid_until, None);
    scene.tick_at(expiry());
    assert_eq!(scene.account().wallet, wallet(10, 0));
    assert_eq!(scene.audit(), []);
}

#[test]
fn an_owner_may_release_what_has_run_out_and_avoids_what_was_planned() {
    let (mut scene, id) = running(10, Renewal::Off);
    scene.tick_at(expiry());
    scene.settle();
    scene.release(id).unwrap();
    assert_eq!(events(&scene)[1], (IncidentKind::ExpiryRelease, Cycle::Avoided));
    scene.settle();
    assert_eq!(scene.instance(id), None);
    assert_eq!(scene.audit(), []);
    let forgotten = scene.now.after(scene.policy().event_retention);
    assert_eq!(events(&scene).len(), 2, "the events outlive it");
    scene.tick_at(forgotten);
    assert_eq!(events(&scene), []);
}

/// Whoever opens a store that an older release wrote has instances of which the system does not know
/// until when they are paid for: they are barred then, as they were, and can be paid for.
#[test]
fn an_instance_of_an_older_store_is_barred_and_can_be_renewed() {
    let (mut scene, id) = running(100, Renewal::Off);
    let instance = scene.instance(id).unwrap();
    let old = Instance { paid_until: None, ..instance };
    scene.world.apply([
        fleet::Write::Put(Record::Instance(old)),
        fleet::Write::Remove(fleet::Key::Timer(expiry(), fleet::TimerKind::Expiry(id))),
    ]);
    assert_eq!(scene.audit(), []);
    scene.tick_at(expiry());
    assert_eq!(status(&scene, id), Some(Status::Running));
    assert!(matches!(scene.stop(id), Err(PowerRefusal::Unpaid(_))));
    scene.run(&renew(1, id)).unwrap();
    assert_eq!(scene.instance(id).unwrap().paid_until, Some(expiry().after(MONTH)));
    assert_eq!(scene.audit(), []);
}
