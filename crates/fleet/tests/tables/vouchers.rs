//! Vouchers: what is paid comes from them first, the soonest to expire before all others, and goes
//! back to where it came from; none of it is made, none is lost.

use fleet::{
    Account, AccountId, Charge, FailureReason, GrantVoucher, Launch, LaunchRefusal, Limit, Money, PeriodUnit,
    RemoveVoucher, Renew, RenewRefusal, Renewal, SetRenewal, Span, Time, VoucherRefusal, Vouchers, Wallet,
    WorkOutcome,
};
use proptest::collection::vec;
use proptest::prelude::*;
use testkit::{OWNER, STRANGER, Scene, SmallWorld, label, launch, many};

/// A month of it costs 10.
fn paid(months: u8) -> Launch {
    Launch { charge: Charge::PrePaid { count: months, unit: PeriodUnit::Month }, ..launch() }
}

fn scene(balance: u64) -> Scene {
    Scene::new(SmallWorld::new().grant(balance).build())
}

fn secs(seconds: u64) -> Time {
    Time::START.after(Span::from_secs(seconds))
}

fn voucher(name: &str, amount: u64, expires_at: u64) -> GrantVoucher {
    GrantVoucher { account: OWNER, voucher: label(name), amount: Money(amount), expires_at: secs(expires_at) }
}

fn remove(name: &str) -> RemoveVoucher {
    RemoveVoucher { account: OWNER, voucher: label(name) }
}

/// The balance, then each voucher, in the order they are spent in; each as left/held/spent.
fn shown(account: &Account) -> String {
    let Wallet::On { balance, held, spent } = account.wallet else { return "off".into() };
    let vouchers = account.vouchers.kept.iter().map(|voucher| {
        let (left, held, spent) = (voucher.left.0, voucher.held.0, voucher.spent.0);
        format!(" {} {left}/{held}/{spent}", voucher.label)
    });
    format!("{}/{}/{}{}", balance.0, held.0, spent.0, vouchers.collect::<String>())
}

/// All that was ever granted to an account, wherever it is now.
fn granted(account: &Account) -> u64 {
    let Wallet::On { balance, held, spent } = account.wallet else { return 0 };
    let places =
        account.vouchers.kept.iter().map(|voucher| voucher.left.0 + voucher.held.0 + voucher.spent.0);
    let removed = account.vouchers.spent.0 + account.vouchers.gone.0;
    balance.0 + held.0 + spent.0 + removed + places.sum::<u64>()
}

/// Two months of one instance cost 20; the launch is at 100 s, and comes to its end at 150 s. `a`
/// expires before `b`, however they were granted; b is granted first.
#[test]
fn vouchers_are_spent_by_their_expiry_and_refunded_to_where_they_came_from() {
    for (a, b, balance, held, charged, refunded) in [
        // Both are valid.
        (
            (30, 500),
            (30, 900),
            50,
            "50/0/0 a 10/20/0 b 30/0/0",
            "50/0/0 a 10/0/20 b 30/0/0",
            "50/0/0 a 30/0/0 b 30/0/0",
        ),
        // The first is used up, and the second in part.
        (
            (5, 500),
            (30, 900),
            50,
            "50/0/0 a 0/5/0 b 15/15/0",
            "50/0/0 a 0/0/5 b 15/0/15",
            "50/0/0 a 5/0/0 b 30/0/0",
        ),
        // Both are used up, and the balance in part.
        (
            (5, 500),
            (6, 900),
            50,
            "41/9/0 a 0/5/0 b 0/6/0",
            "41/0/9 a 0/0/5 b 0/0/6",
            "50/0/0 a 5/0/0 b 6/0/0",
        ),
        // Everything is used up.
        ((5, 500), (6, 900), 9, "0/9/0 a 0/5/0 b 0/6/0", "0/0/9 a 0/0/5 b 0/0/6", "9/0/0 a 5/0/0 b 6/0/0"),
        // At the moment it expires it cannot be spent any more, and before that it can.
        (
            (30, 100),
            (30, 900),
            50,
            "50/0/0 a 30/0/0 b 10/20/0",
            "50/0/0 a 30/0/0 b 10/0/20",
            "50/0/0 a 30/0/0 b 30/0/0",
        ),
        (
            (30, 101),
            (30, 900),
            50,
            "50/0/0 a 10/20/0 b 30/0/0",
            "50/0/0 a 10/0/20 b 30/0/0",
            "50/0/0 a 30/0/0 b 30/0/0",
        ),
        // None is valid.
        (
            (30, 99),
            (30, 100),
            50,
            "30/20/0 a 30/0/0 b 30/0/0",
            "30/0/20 a 30/0/0 b 30/0/0",
            "50/0/0 a 30/0/0 b 30/0/0",
        ),
        // Those that expire together go by their names.
        (
            (12, 500),
            (30, 500),
            50,
            "50/0/0 a 0/12/0 b 22/8/0",
            "50/0/0 a 0/0/12 b 22/0/8",
            "50/0/0 a 12/0/0 b 30/0/0",
        ),
        // It expires while it is held: it is spent all the same, and what comes back is expired.
        (
            (12, 120),
            (30, 900),
            50,
            "50/0/0 a 0/12/0 b 22/8/0",
            "50/0/0 a 0/0/12 b 22/0/8",
            "50/0/0 a 12/0/0 b 30/0/0",
        ),
    ] {
        for (outcome, expected) in
            [(WorkOutcome::Done, charged), (WorkOutcome::Failed(FailureReason::Machine), refunded)]
        {
            let mut scene = scene(balance);
            scene.run(&voucher("b", b.0, b.1)).unwrap();
            scene.run(&voucher("a", a.0, a.1)).unwrap();
            scene.now = secs(100);
            let id = scene.launch_one(&paid(2));
            assert_eq!(shown(&scene.account()), held, "{a:?} {b:?}");
            let portions = scene.instance(id).unwrap().portions;
            assert!(portions.iter().all(|portion| portion.amount > Money(0)), "{portions:?}");
            assert_eq!(scene.audit(), []);
            scene.now = secs(150);
            scene.finish(id, outcome);
            assert_eq!(shown(&scene.account()), expected, "{a:?} {b:?} {outcome:?}");
            assert_eq!(granted(&scene.account()), balance + a.0 + b.0);
            assert_eq!(scene.audit(), []);
        }
    }
}

#[test]
fn a_refund_to_an_expired_voucher_is_not_spent_again() {
    let mut scene = scene(0);
    scene.run(&voucher("a", 10, 50)).unwrap();
    let id = scene.launch_one(&paid(1));
    scene.now = secs(50);
    assert_eq!(scene.run(&remove("a")), Err(VoucherRefusal::Held(Money(10))));
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(shown(&scene.account()), "0/0/0 a 10/0/0", "it is seen where it came from");
    assert!(matches!(
        scene.launch(&paid(1)),
        Err(LaunchRefusal::Short(short)) if (short.binding, short.money) == (Limit::Money, Some(0))
    ));
    let account = scene.run(&remove("a")).unwrap();
    assert_eq!(account.vouchers, Vouchers { kept: vec![], spent: Money(0), gone: Money(10) });
    assert_eq!(scene.audit(), []);
}

/// 25 of vouchers and 17 of the balance are four times 10: no instance needs one place to pay from.
#[test]
fn as_many_are_launched_as_vouchers_and_balance_pay_for_together() {
    for (most, least, expected) in
        [(4, 4, Ok("2/15/0 a 0/7/0 b 0/18/0")), (8, 1, Ok("2/15/0 a 0/7/0 b 0/18/0")), (8, 5, Err(Some(4)))]
    {
        let mut scene = scene(17);
        scene.run(&voucher("a", 7, 500)).unwrap();
        scene.run(&voucher("b", 18, 900)).unwrap();
        match (scene.launch(&many(paid(1), most, least)), expected) {
            (Ok(ids), Ok(expected)) => {
                assert_eq!((ids.len(), shown(&scene.account()).as_str()), (4, expected));
            }
            (Err(LaunchRefusal::Short(short)), Err(money)) => {
                assert_eq!((short.binding, short.money), (Limit::Money, money));
                assert_eq!(shown(&scene.account()), "17/0/0 a 7/0/0 b 18/0/0", "nothing is taken");
            }
            (found, expected) => panic!("{found:?}, and not {expected:?}"),
        }
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn a_renewal_by_hand_is_paid_like_a_launch() {
    let mut scene = scene(25);
    let id = scene.launch_one(&paid(1));
    scene.finish(id, WorkOutcome::Done);
    scene.run(&voucher("a", 12, 500)).unwrap();
    let renew = |count| Renew { account: OWNER, instance: id, count, unit: PeriodUnit::Month };
    let (price, balance) = (Money(30), Money(27));
    assert_eq!(scene.run(&renew(3)), Err(RenewRefusal::Unaffordable { price, balance }));
    scene.run(&renew(1)).unwrap();
    assert_eq!(shown(&scene.account()), "15/0/10 a 2/0/10");
    scene.now = secs(500);
    scene.run(&renew(1)).unwrap();
    assert_eq!(shown(&scene.account()), "5/0/20 a 2/0/10", "what has expired is not spent");
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_renewal_by_itself_is_paid_by_what_is_valid_when_it_is_due() {
    let month = 30 * 86_400;
    for (expires, expected) in [(month, "0/0/20 a 10/0/0"), (month + 1, "10/0/10 a 0/0/10")] {
        let mut scene = scene(20);
        let id = scene.launch_one(&paid(1));
        scene.finish(id, WorkOutcome::Done);
        let renewal = Renewal::On { count: 1, unit: PeriodUnit::Month };
        scene.run(&SetRenewal { account: OWNER, instance: id, renewal }).unwrap();
        scene.run(&voucher("a", 10, expires)).unwrap();
        scene.now = secs(month);
        scene.tick();
        assert_eq!(shown(&scene.account()), expected, "{expires}");
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn every_reason_not_to_grant_a_voucher() {
    let mut poor = Scene::new(SmallWorld::new().build());
    assert_eq!(poor.run(&voucher("a", 5, 10)), Err(VoucherRefusal::NotCharged(OWNER)));
    let mut scene = scene(u64::MAX - 100);
    scene.now = secs(10);
    scene.run(&voucher("a", 60, 11)).unwrap();
    let nobody = GrantVoucher { account: STRANGER, ..voucher("b", 5, 20) };
    let before = scene.account();
    for (grant, expected) in [
        (nobody, VoucherRefusal::UnknownAccount(STRANGER)),
        (voucher("a", 0, 10), VoucherRefusal::NoAmount),
        (voucher("a", 99, 10), VoucherRefusal::Expired(secs(10))),
        (voucher("a", 99, 20), VoucherRefusal::Exists(label("a"))),
        (voucher("b", 41, 20), VoucherRefusal::Overflow),
    ] {
        assert_eq!(scene.run(&grant), Err(expected));
    }
    let more = |amount| fleet::OpenAccount { id: OWNER, instance_limit: 8, grant: Some(Money(amount)) };
    assert_eq!(scene.run(&more(41)), Err(fleet::AccountRefusal::BalanceOverflow));
    assert_eq!(scene.account(), before);
    scene.run(&voucher("b", 40, 20)).unwrap();
    assert_eq!(granted(&scene.account()), u64::MAX);
}

/// Expired ones stay, are seen, and count, until they are removed.
#[test]
fn an_account_has_so_many_vouchers_until_one_is_removed() {
    let mut scene = scene(0);
    for number in 0..Vouchers::MAX {
        scene.run(&voucher(&format!("v-{number:02}"), 1, 10)).unwrap();
    }
    scene.now = secs(10);
    assert_eq!(scene.account().vouchers.kept.len(), Vouchers::MAX);
    assert_eq!(scene.run(&voucher("more", 1, 20)), Err(VoucherRefusal::TooMany));
    scene.run(&remove("v-07")).unwrap();
    scene.run(&voucher("more", 1, 20)).unwrap();
    assert_eq!(granted(&scene.account()), 21);
    assert_eq!(scene.audit(), []);
}

#[test]
fn every_reason_not_to_remove_a_voucher() {
    let mut scene = scene(0);
    scene.run(&voucher("a", 15, 50)).unwrap();
    let id = scene.launch_one(&paid(1));
    let nobody = RemoveVoucher { account: AccountId(77), ..remove("a") };
    assert_eq!(scene.run(&nobody), Err(VoucherRefusal::UnknownAccount(AccountId(77))));
    assert_eq!(scene.run(&remove("b")), Err(VoucherRefusal::Unknown(label("b"))));
    assert_eq!(scene.run(&remove("a")), Err(VoucherRefusal::Spendable(Money(5))));
    scene.now = secs(50);
    assert_eq!(scene.run(&remove("a")), Err(VoucherRefusal::Held(Money(10))));
    scene.finish(id, WorkOutcome::Done);
    let account = scene.run(&remove("a")).unwrap();
    assert_eq!(account.vouchers, Vouchers { kept: vec![], spent: Money(10), gone: Money(5) });
    assert_eq!(granted(&account), 15);
}

proptest! {
    /// Whatever is granted, launched, made, not made and waited for: all that was granted is where
    /// it may be, and no voucher is spent while one that expires sooner has something left.
    #[test]
    fn all_that_was_granted_is_somewhere(
        steps in vec((0..5_u8, 1..40_u64, 1..300_u64), 1..40),
        balance in 0..200_u64,
    ) {
        let mut scene = scene(balance);
        let mut all = balance;
        for (number, (what, amount, seconds)) in steps.into_iter().enumerate() {
            let now = scene.now;
            match what {
                0 => {
                    let expires_at = now.after(Span::from_secs(seconds));
                    let grant = GrantVoucher { expires_at, ..voucher(&format!("v-{number}"), amount, 0) };
                    all += scene.run(&grant).map_or(0, |_| amount);
                }
                1 => {
                    let before = scene.account().vouchers.kept;
                    let launched = scene.launch(&many(paid(1), 3, 1)).is_ok();
                    let after = scene.account().vouchers.kept;
                    let taken: Vec<bool> = before.iter().zip(&after).map(|(b, a)| b.left != a.left).collect();
                    for (index, voucher) in after.iter().enumerate().filter(|(index, _)| taken[*index]) {
                        prop_assert!(launched && now < voucher.expires_at);
                        prop_assert!(after[..index].iter().all(|sooner| sooner.spendable(now) == Money(0)));
                    }
                }
                2 => for item in scene.claim() {
                    scene.report(&item, WorkOutcome::Failed(FailureReason::Machine));
                },
                3 => for item in scene.claim() {
                    scene.report(&item, WorkOutcome::Done);
                },
                _ => {
                    scene.now = now.after(Span::from_secs(seconds));
                    scene.tick();
                    let kept = scene.account().vouchers.kept;
                    for voucher in kept {
                        let _refused_while_it_matters = scene.run(&RemoveVoucher { account: OWNER, voucher: voucher.label });
                    }
                }
            }
            prop_assert_eq!(granted(&scene.account()), all);
            prop_assert_eq!(scene.audit(), []);
        }
    }
}
