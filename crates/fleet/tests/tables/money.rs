//! Money: what is paid in advance is held, and then spent or refunded; none is made, none is lost.

use fleet::{
    AccountRefusal, Charge, FailureReason, Force, Launch, LaunchRefusal, Limit, Money, OpenAccount,
    PeriodUnit, Release, ReleaseRefusal, Span, Subscription, Time, Wallet, WorkOutcome,
};
use testkit::{OWNER, Scene, SmallWorld, launch, many};

fn paid(count: u8, unit: PeriodUnit) -> Launch {
    Launch { charge: Charge::PrePaid { count, unit }, ..launch() }
}

fn grant(amount: u64) -> OpenAccount {
    OpenAccount { id: OWNER, instance_limit: 8, grant: Some(Money(amount)) }
}

fn on(balance: u64, held: u64, spent: u64) -> Wallet {
    Wallet::On { balance: Money(balance), held: Money(held), spent: Money(spent) }
}

#[test]
fn what_is_paid_in_advance_is_held_and_then_spent_or_refunded() {
    let mut scene = Scene::new(SmallWorld::new().grant(100).build());
    let ids = scene.launch(&many(paid(2, PeriodUnit::Month), 3, 3)).unwrap();
    assert_eq!(scene.account().wallet, on(40, 60, 0));
    let items = scene.claim();
    scene.report(&items[0], WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(scene.account().wallet, on(60, 40, 0), "refunded at the failure");
    scene.report(&items[1], WorkOutcome::Done);
    assert_eq!(scene.account().wallet, on(60, 20, 20), "charged when it is there");
    scene.release(ids[0]).unwrap();
    assert_eq!(scene.account().wallet, on(60, 20, 20), "and not refunded again at the release");
    scene.finish(ids[1], WorkOutcome::Done);
    let expires = Time::START.after(Span::from_days(60));
    scene.now = Time::from_millis(expires.millis() - 1);
    assert_eq!(scene.release(ids[1]), Err(ReleaseRefusal::PaidFor(expires)));
    scene.now = expires;
    scene.release(ids[1]).unwrap();
    scene.finish(ids[1], WorkOutcome::Done);
    assert_eq!(scene.account().wallet, on(60, 20, 20), "charged once");
    assert_eq!(scene.audit(), []);
}

#[test]
fn prices_are_per_unit_of_the_period() {
    for (count, unit, held) in [
        (1, PeriodUnit::Month, 10),
        (9, PeriodUnit::Month, 90),
        (1, PeriodUnit::Week, 2),
        (4, PeriodUnit::Week, 10),
    ] {
        let mut scene = Scene::new(SmallWorld::new().grant(100).build());
        scene.launch_one(&paid(count, unit));
        assert_eq!(scene.account().wallet, on(100 - held, held, 0), "{count} {unit:?}");
    }
}

#[test]
fn nothing_is_charged_by_use_or_from_an_account_without_money() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.launch_one(&paid(1, PeriodUnit::Month));
    assert_eq!(scene.account().wallet, Wallet::Off);
    scene.run(&grant(5)).unwrap();
    assert_eq!(scene.account().wallet, on(5, 0, 0), "the first grant turns charging on");
    scene.launch_one(&launch());
    assert_eq!(scene.account().wallet, on(5, 0, 0));
    assert!(matches!(
        scene.launch(&paid(1, PeriodUnit::Month)),
        Err(LaunchRefusal::Short(short)) if (short.binding, short.money) == (Limit::Money, Some(0))
    ));
    assert_eq!(scene.audit(), []);
}

/// All that was ever granted has to fit, not just what is free to spend: a refund must not fail.
#[test]
fn a_grant_that_could_not_be_refunded_to_is_refused() {
    let mut scene = Scene::new(SmallWorld::new().grant(u64::MAX).build());
    let id = scene.launch_one(&paid(1, PeriodUnit::Month));
    assert_eq!(scene.account().wallet, on(u64::MAX - 10, 10, 0));
    assert_eq!(scene.run(&grant(1)), Err(AccountRefusal::BalanceOverflow));
    assert_eq!(scene.run(&grant(0)).unwrap().wallet, on(u64::MAX - 10, 10, 0));
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(scene.account().wallet, on(u64::MAX, 0, 0));
    assert_eq!(scene.audit(), []);
}

#[test]
fn protection_comes_before_payment_and_payment_before_the_status() {
    let mut scene = Scene::new(SmallWorld::new().grant(100).build());
    // Only what stays stopped can be both paid in advance and protected (rule C-06).
    let (protection, after_creation) = (fleet::Protection::On, fleet::AfterCreation::Stay);
    let protected = Launch { protection, after_creation, ..paid(1, PeriodUnit::Month) };
    let (protected, unprotected) =
        (scene.launch_one(&protected), scene.launch_one(&paid(1, PeriodUnit::Month)));
    let by_use = scene.launch_one(&launch());
    let expires = Time::START.after(Span::from_days(30));
    for (instance, expected) in [
        (protected, ReleaseRefusal::Protected),
        (unprotected, ReleaseRefusal::PaidFor(expires)),
        (by_use, ReleaseRefusal::WrongStatus(fleet::Status::Pending)),
    ] {
        assert_eq!(
            scene.run(&Release {
                account: OWNER,
                instance,
                force: Force::Yes,
                subscription: Subscription::Keep
            }),
            Err(expected)
        );
    }
}
