//! What is paid by use: it is counted to the millisecond, whoever looks at it when, and an account that
//! has no money left loses its instances step by step. One `t-1` costs one unit in ten seconds.

use fleet::{
    Account, AfterCreation, Announce, Bar, Capacity, CreateSubnet, Cycle, GrantVoucher, IncidentKind,
    InstanceId, Label, LabelSource, LaunchRefusal, LockReason, Marks, Money, OpenAccount, Policy, Ready,
    Shutdown, Span, Staging, Standing, Status, Stop, SubnetBlock, Tick, Time, Wallet, WorkOutcome,
};
use proptest::collection::vec;
use proptest::prelude::*;
use testkit::{OWNER, Scene, SmallWorld, instance_type, label, launch, many, zone};

fn by_use() -> fleet::Launch {
    fleet::Launch { instance_type: Some(instance_type(1)), ..launch() }
}

fn secs(seconds: u64) -> Time {
    Time::START.after(Span::from_secs(seconds))
}

fn scene(balance: u64) -> Scene {
    Scene::new(SmallWorld::new().grant(balance).build())
}

/// A scene with one instance that runs since time 0.
fn running(balance: u64) -> (Scene, InstanceId) {
    let mut scene = scene(balance);
    let id = scene.launch_one(&by_use());
    scene.settle();
    (scene, id)
}

fn grant(scene: &mut Scene, money: u64) {
    scene.run(&OpenAccount { id: OWNER, instance_limit: 8, grant: Some(Money(money)) }).unwrap();
}

/// The account as it is now, whenever it was last settled.
fn account(scene: &Scene) -> Account {
    scene.account().settled(scene.now, scene.policy().arrears_grace)
}

fn spent(scene: &Scene) -> u64 {
    match account(scene).wallet {
        Wallet::On { spent, .. } => spent.0,
        Wallet::Off => 0,
    }
}

fn owed(scene: &Scene) -> u64 {
    account(scene).meter.unwrap().owed.0
}

fn events(scene: &Scene) -> Vec<(IncidentKind, Cycle)> {
    let events = scene.world.records().filter_map(|record| match record {
        fleet::Record::Event(event) => Some((event.kind.what(), event.cycle)),
        _ => None,
    });
    events.collect()
}

fn status(scene: &Scene, id: InstanceId) -> Option<Status> {
    scene.instance(id).map(|instance| instance.state.status())
}

fn lock(scene: &Scene, id: InstanceId) -> Option<LockReason> {
    match scene.get(&fleet::Key::Amendment(id)) {
        Some(fleet::Record::Amendment(_, amendment)) => amendment.lock,
        _ => None,
    }
}

/// Lets time pass until money and grace are over, and everything is seen to.
fn cut_off(scene: &mut Scene) {
    scene.wait(Span::from_secs(500));
    while scene.tick().ran > 0 {}
    assert_eq!(account(scene).meter.unwrap().standing, Standing::Cut);
}

#[test]
fn an_instance_is_charged_for_from_its_first_second_of_running_for_as_long_as_it_has_its_place() {
    let mut scene = scene(1000);
    let expect = |scene: &mut Scene, what: &str, more: u64| {
        let before = spent(scene);
        scene.wait(Span::from_secs(50));
        assert_eq!(spent(scene) - before, more, "while it is {what}");
        assert_eq!(scene.audit(), [], "{what}");
    };
    let id = scene.launch_one(&by_use());
    expect(&mut scene, "made", 0);
    scene.finish(id, WorkOutcome::Done);
    scene.settle();
    expect(&mut scene, "running", 5);
    scene.reboot(id).unwrap();
    expect(&mut scene, "rebooting", 5);
    scene.settle();
    scene.stop(id).unwrap();
    scene.settle();
    expect(&mut scene, "stopped and keeping its place", 5);
    scene.start(id).unwrap();
    scene.settle();
    let economical = Shutdown { capacity: Capacity::GivenBack, ..Shutdown::default() };
    scene.run(&Stop { shutdown: economical, ..Stop::new(OWNER, id) }).unwrap();
    expect(&mut scene, "shutting down to give its place back", 5);
    scene.settle();
    expect(&mut scene, "without a place", 0);
    scene.start(id).unwrap();
    expect(&mut scene, "booting with a place again", 5);
    scene.settle();
    scene.release(id).unwrap();
    expect(&mut scene, "released", 0);
}

#[test]
fn what_could_not_be_made_or_is_not_charged_costs_nothing() {
    let mut failed = scene(1000);
    let id = failed.launch_one(&by_use());
    failed.finish(id, WorkOutcome::Failed(fleet::FailureReason::Machine));
    failed.wait(Span::from_secs(250));
    assert_eq!(spent(&failed), 0);

    let mut free = scene(1000);
    free.launch_one(&launch());
    free.settle();
    free.wait(Span::from_days(365));
    assert_eq!(spent(&free), 0);

    let mut off = Scene::new(SmallWorld::new().build());
    off.launch_one(&by_use());
    off.settle();
    off.wait(Span::from_days(365));
    assert_eq!((off.account().wallet, off.account().meter), (Wallet::Off, None));
}

#[test]
fn money_runs_out_at_its_moment_and_not_a_millisecond_before() {
    let (mut scene, _) = running(5);
    scene.tick_at(Time::from_millis(secs(50).millis() - 1));
    assert_eq!(account(&scene).meter.unwrap().standing, Standing::Sound);
    scene.launch_one(&launch());
    scene.tick_at(secs(50));
    let until = secs(50).after(scene.policy().arrears_grace);
    assert_eq!(account(&scene).meter.unwrap().standing, Standing::Grace { since: secs(50), until });
    assert_eq!(scene.launch(&launch()), Err(LaunchRefusal::Barred(Bar::Arrears)));
    assert_eq!((spent(&scene), owed(&scene)), (5, 0));
    scene.wait(Span::from_secs(30));
    assert_eq!((spent(&scene), owed(&scene)), (5, 3));
    assert_eq!(scene.audit(), []);
}

/// The account is in arrears from 50 s on, and its instance is cut off at 170 s: `paid_at` tells what comes of
/// a payment then.
/// Seven together cost 7 units in 10 seconds: one lasts for 1,428.57 milliseconds, which end in the 1,429th.
#[test]
fn money_that_lasts_for_a_part_of_a_millisecond_lasts_for_the_whole_of_it() {
    let mut scene = Scene::new(SmallWorld::new().stock(10).limit(10).grant(1).build());
    let subnet = Some(label("s-1"));
    let groups = vec![label("g-0"), label("g-1")];
    for (group, most) in groups.into_iter().zip([4, 3]) {
        let wanted = fleet::Launch { subnet: subnet.clone(), groups: vec![group], ..by_use() };
        assert_eq!(scene.launch(&many(wanted, most, most)).unwrap().len(), usize::from(most));
    }
    scene.settle();
    assert_eq!(scene.now, Time::START);
    let out = Time::from_millis(1429);
    assert_eq!(scene.account().next_settlement(), Some(out));
    scene.now = Time::from_millis(1428);
    assert!(!account(&scene).is_in_arrears());
    scene.tick_at(out);
    assert!(account(&scene).is_in_arrears());
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_payment_at_every_stage() {
    use Cycle::{Avoided, Executed, Executing, Scheduled};
    use IncidentKind::{UnpaidRelease, UnpaidStop};
    for (paid_at, money, status_after, locked, told) in [
        // In time: nothing happened.
        (100, 100, Status::Running, None, vec![]),
        // Too little: six are owed at 110 s.
        (
            110,
            6,
            Status::Stopping,
            Some(LockReason::Money),
            vec![(UnpaidStop, Executing), (UnpaidRelease, Scheduled)],
        ),
        // One more than that lasts for ten seconds more, and then there is grace again.
        (110, 7, Status::Running, None, vec![]),
        // After it was cut off, twelve are owed. It is off until its owner starts it.
        (
            171,
            12,
            Status::Stopping,
            Some(LockReason::Money),
            vec![(UnpaidStop, Executing), (UnpaidRelease, Scheduled)],
        ),
        (171, 13, Status::Stopping, None, vec![(UnpaidStop, Avoided), (UnpaidRelease, Avoided)]),
    ] {
        let (mut scene, id) = running(5);
        for second in (50..paid_at).step_by(10) {
            scene.tick_at(secs(second));
        }
        scene.tick_at(secs(paid_at));
        grant(&mut scene, money);
        scene.tick_at(secs(200));
        assert_eq!(status(&scene, id), Some(status_after), "{money} at {paid_at}");
        assert_eq!(lock(&scene, id), locked, "{money} at {paid_at}");
        assert_eq!(events(&scene), told, "{money} at {paid_at}");
        assert_eq!(scene.audit(), [], "{money} at {paid_at}");
        if locked.is_some() {
            scene.settle();
            assert_eq!(events(&scene), [(UnpaidStop, Executed), (UnpaidRelease, Scheduled)]);
        }
    }
}

#[test]
fn who_never_pays_loses_the_instance_and_owes_no_more_than_the_grace() {
    let (mut scene, id) = running(5);
    scene.tick_at(secs(170));
    scene.settle();
    assert_eq!(status(&scene, id), Some(Status::Stopped));
    let end = secs(170).after(scene.policy().arrears_retention);
    scene.tick_at(Time::from_millis(end.millis() - 1));
    assert!(scene.start(id).is_err(), "it is locked");
    assert_eq!(status(&scene, id), Some(Status::Stopped));
    scene.tick_at(end);
    scene.settle();
    assert_eq!(status(&scene, id), None);
    assert!(events(&scene).contains(&(IncidentKind::UnpaidRelease, Cycle::Executed)));
    assert_eq!((spent(&scene), owed(&scene)), (5, 12));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_clock_that_jumps_by_years_costs_what_a_punctual_one_does() {
    let (mut scene, id) = running(5);
    scene.tick_at(Time::START.after(Span::from_days(3650)));
    assert_eq!((spent(&scene), owed(&scene)), (5, 12));
    // It was cut off just now: its owner has all the time there is to pay.
    assert_eq!(lock(&scene, id), Some(LockReason::Money));
    grant(&mut scene, 13);
    scene.tick();
    assert_eq!((lock(&scene, id), owed(&scene)), (None, 0));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_voucher_pays_for_what_was_used_before_it_expired_however_late_that_is_settled() {
    for tick_on_the_way in [true, false] {
        let (mut scene, _) = running(100);
        let voucher =
            GrantVoucher { account: OWNER, voucher: label("v"), amount: Money(50), expires_at: secs(30) };
        scene.run(&voucher).unwrap();
        if tick_on_the_way {
            for second in 10..60 {
                scene.tick_at(secs(second));
            }
        }
        scene.now = secs(60);
        let account = account(&scene);
        assert_eq!((account.vouchers.kept[0].spent, spent(&scene)), (Money(3), 3));
    }
}

#[test]
fn very_many_instances_are_cut_off_and_taken_back_a_hundred_at_a_time() {
    let (mut scene, subnet) = spacious(100);
    for _ in 0..3 {
        let wanted = fleet::Launch { subnet: Some(subnet.clone()), ..by_use() };
        assert_eq!(scene.launch(&many(wanted, 90, 90)).unwrap().len(), 90);
    }
    scene.settle();
    let locked = |scene: &Scene| {
        let amended = |record: &fleet::Record| match record {
            fleet::Record::Amendment(_, amendment) => amendment.lock.is_some(),
            _ => false,
        };
        scene.world.records().filter(|record| amended(record)).count()
    };
    let sweep = |scene: &mut Scene| {
        let mut counts = vec![locked(scene)];
        while scene.run(&Tick { limit: 1 }).unwrap().next.is_some_and(|next| next <= scene.now) {
            counts.push(locked(scene));
        }
        counts.push(locked(scene));
        counts
    };
    scene.tick();
    scene.wait(Span::from_secs(200));
    let counts = sweep(&mut scene);
    assert!(counts.windows(2).all(|pair| pair[1].abs_diff(pair[0]) <= 100), "{counts:?}");
    assert_eq!(locked(&scene), 270, "{counts:?}");
    assert_eq!(account(&scene).meter.unwrap().hourly, 0);

    scene.run(&OpenAccount { id: OWNER, instance_limit: 500, grant: Some(Money(1_000_000)) }).unwrap();
    let counts = sweep(&mut scene);
    assert!(counts.windows(2).all(|pair| pair[1].abs_diff(pair[0]) <= 100), "{counts:?}");
    assert_eq!(locked(&scene), 0, "{counts:?}");
    assert_eq!(scene.audit(), []);
}

#[test]
fn whoever_has_paid_gets_back_what_is_behind_a_hundred_others_that_cost_nothing() {
    let (mut scene, subnet) = spacious(1);
    // All instances from the first on that is paid by use are looked at.
    let first = scene.launch_one(&by_use());
    for _ in 0..2 {
        scene.launch(&many(fleet::Launch { subnet: Some(subnet.clone()), ..launch() }, 90, 90)).unwrap();
    }
    let id = scene.launch_one(&by_use());
    scene.settle();
    scene.release(first).unwrap();
    scene.settle();
    cut_off(&mut scene);
    scene.settle();
    assert_eq!((status(&scene, id), lock(&scene, id)), (Some(Status::Stopped), Some(LockReason::Money)));

    scene.run(&OpenAccount { id: OWNER, instance_limit: 500, grant: Some(Money(1000)) }).unwrap();
    while scene.tick().ran > 0 {}
    assert_eq!(lock(&scene, id), None);
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_comes_to_run_in_an_account_that_is_cut_off_is_cut_off_if_it_costs_something() {
    for (instance_type, then) in
        [(0, (Status::Running, None)), (1, (Status::Stopping, Some(LockReason::Money)))]
    {
        let (mut scene, _) = running(1);
        let wanted = fleet::Launch {
            instance_type: Some(testkit::instance_type(instance_type)),
            after_creation: AfterCreation::Stay,
            ..launch()
        };
        let id = scene.launch_one(&wanted);
        scene.settle();
        assert_eq!(status(&scene, id), Some(Status::Stopped));
        scene.start(id).unwrap();
        // Whoever boots it takes longer than the account has money, and grace.
        cut_off(&mut scene);
        scene.finish(id, WorkOutcome::Done);
        assert_eq!((status(&scene, id).unwrap(), lock(&scene, id)), then, "type {instance_type}");
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn without_a_grace_money_that_runs_out_cuts_off_in_the_same_moment() {
    let policy = Policy { arrears_grace: Span::ZERO, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().grant(1).under(policy).build());
    let id = scene.launch_one(&by_use());
    scene.settle();
    scene.now = secs(10);
    grant(&mut scene, 0);
    assert_eq!(scene.audit(), [], "it is in arrears since now and until now");
    while scene.tick().ran > 0 {}
    assert_eq!(lock(&scene, id), Some(LockReason::Money));
    assert_eq!((owed(&scene), scene.audit()), (0, Vec::new()));
}

/// A release for want of money that somebody made up is only played: the instance is charged for as before.
#[test]
fn a_release_that_is_simulated_costs_nothing_less() {
    let (mut scene, id) = running(1000);
    let announced = Announce {
        account: OWNER,
        instances: vec![id],
        kind: IncidentKind::UnpaidRelease,
        not_before: secs(100),
        staging: Staging::Simulated,
    };
    scene.run(&announced).unwrap();
    assert_eq!(scene.audit(), []);
    scene.wait(Span::from_secs(50));
    assert_eq!((spent(&scene), lock(&scene, id)), (5, None));
    scene.now = secs(50);
    grant(&mut scene, 0);
    assert_eq!(scene.audit(), []);
}

/// A world with room for 500 instances, and the subnet for them.
fn spacious(balance: u64) -> (Scene, Label) {
    let policy = Policy { group_members_max: 1000, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().stock(500).limit(500).grant(balance).under(policy).build());
    let subnet = label("s-large");
    scene.run(&large(&subnet)).unwrap();
    (scene, subnet)
}

/// A subnet for more instances than the small world has room for.
fn large(name: &Label) -> CreateSubnet {
    CreateSubnet {
        account: OWNER,
        label: LabelSource::Given(name.clone()),
        network: label("n"),
        zone: zone(0),
        block: SubnetBlock::new("10.0.16.0/22".parse().unwrap()).unwrap(),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }
}

proptest! {
    /// Whoever looks, pays nothing, or ticks on the way: what was paid, from where, and what is owed are the same.
    #[test]
    fn settling_on_the_way_comes_to_the_same(
        balance in 0_u64..30,
        vouchers in vec((1_u64..20, 1_u64..400), 0..4),
        looks in vec((1_u64..90_000, any::<bool>()), 0..12),
        end in 1_u64..500_000,
    ) {
        let begun = || {
            let (mut scene, _) = running(balance + 1);
            for (number, (amount, expires_at)) in vouchers.iter().enumerate() {
                let voucher = label(&format!("v-{number}"));
                let (amount, expires_at) = (Money(*amount), secs(*expires_at));
                scene.run(&GrantVoucher { account: OWNER, voucher, amount, expires_at }).unwrap();
            }
            scene
        };
        let (mut once, mut often) = (begun(), begun());
        for (span, ticks) in looks {
            let at = often.now.after(Span::from_millis(span));
            if at >= Time::from_millis(end) {
                break;
            }
            often.now = at;
            match ticks {
                true => assert!(often.tick().ran <= 1000),
                false => grant(&mut often, 0),
            }
        }
        once.now = Time::from_millis(end);
        often.now = once.now;
        let (once, often) = (account(&once), account(&often));
        prop_assert_eq!(once.wallet, often.wallet);
        prop_assert_eq!(&once.vouchers, &often.vouchers);
        let told = |account: &Account| account.meter.map(|meter| (meter.owed, account.is_in_arrears()));
        prop_assert_eq!(told(&once), told(&often));
    }
}
