//! What an account may not do, how much it may have that is paid by use, dedicated hosts, and how
//! long the secrets of a launch are kept.

use fleet::{
    AccountRefusal, Bar, Charge, DiskKind, DiskWish, FailureReason, Force, Hosting, InstanceId, Key, Launch,
    LaunchRefusal, Launched, Limit, Login, Password, PeriodUnit, Policy, Quotas, Record, Release, Secret,
    SetAccountTerms, Spot, Tenancy, Terms, Usage, WorkOutcome,
};
use testkit::{KEY_PAIR, OWNER, STRANGER, Scene, SmallWorld, furnished, label, launch, many, subnet, zone};

fn scene() -> Scene {
    let policy = Policy { group_members_max: 100, ..SmallWorld::policy() };
    furnished(&SmallWorld::new().stock(20).limit(100).under(policy))
}

fn restrict(scene: &mut Scene, bars: &[Bar], quotas: Quotas) {
    scene.run(&SetAccountTerms { id: OWNER, bars: bars.to_vec(), quotas }).unwrap();
}

/// In which launches each bar is in the way, of those that nothing else is wrong with.
#[test]
fn a_bar_is_in_the_way_of_what_it_is_about_and_of_nothing_else() {
    let prepaid = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let spot = Some(Spot { at_most: None, protected_hours: 1, interruption: fleet::Interruption::Release });
    let disk = |encrypted: bool, key: Option<&str>| DiskWish {
        size_gib: Some(20),
        encrypted: Some(encrypted),
        key: key.map(label),
        ..DiskWish::default()
    };
    let with = |wish: DiskWish| Launch { data_disks: vec![wish], ..launch() };
    let launches: [(&str, Launch); 9] = [
        ("usual", launch()),
        ("prepaid", Launch { charge: prepaid, ..launch() }),
        ("bid", Launch { terms: Terms { spot, ..Terms::default() }, ..launch() }),
        ("user-data", Launch { user_data: Some(Secret::new(b"#!")), ..launch() }),
        ("role", Launch { role: Some(label("role")), ..launch() }),
        ("shared", Launch { image: Some(label("shared")), ..launch() }),
        ("encrypted", with(disk(true, None))),
        ("keyed", with(disk(true, Some("key")))),
        ("ssd", with(DiskWish { kind: Some(DiskKind::Ssd), ..disk(false, None) })),
    ];
    let every: Vec<&str> = launches.iter().map(|(name, _)| *name).collect();
    for (bar, barred) in [
        (Bar::Arrears, every.clone()),
        (Bar::Unverified, every.clone()),
        (Bar::PayAgreement, every.clone()),
        (Bar::UnpaidOrder, every.clone()),
        (Bar::NoPayMethod, vec!["prepaid"]),
        (Bar::Spot, vec!["bid"]),
        (Bar::UserData, vec!["user-data"]),
        (Bar::Roles, vec!["role"]),
        (Bar::Resources, vec!["shared"]),
        (Bar::KeyService, vec!["encrypted", "keyed"]),
        (Bar::OwnKeys, vec!["keyed"]),
        (Bar::KeyGrant, vec!["keyed"]),
        (Bar::Region(label("r")), every.clone()),
        (Bar::Region(label("far")), vec![]),
        (Bar::Zone(zone(0)), every.clone()),
        (Bar::Zone(zone(1)), vec![]),
        (Bar::InstanceType(label("t-0")), every.clone()),
        (Bar::InstanceType(label("t-1")), vec![]),
        (Bar::Disk(DiskKind::Efficiency), every),
        (Bar::Disk(DiskKind::Ssd), vec!["ssd"]),
        (Bar::Disk(DiskKind::Auto), vec![]),
        (Bar::ImageSubscription(label("shared")), vec!["shared"]),
        (Bar::ImagePurchase(label("shared")), vec!["shared"]),
        (Bar::ImageShare(label("shared")), vec!["shared"]),
        (Bar::ImageShare(label("windows")), vec![]),
    ] {
        for (name, launch) in &launches {
            let mut scene = scene();
            restrict(&mut scene, std::slice::from_ref(&bar), Quotas::default());
            match scene.run(launch) {
                Ok(Launched::Batch { .. }) => assert!(!barred.contains(name), "{bar:?} {name}"),
                Err(LaunchRefusal::Barred(by)) => {
                    assert!(by == bar && barred.contains(name), "{bar:?} {name}")
                }
                other => panic!("{bar:?} {name}: {other:?}"),
            }
        }
    }
}

#[test]
fn of_several_bars_the_first_in_order_is_told_whatever_order_they_were_set_in() {
    let mut scene = scene();
    restrict(
        &mut scene,
        &[Bar::Zone(zone(0)), Bar::Unverified, Bar::Arrears, Bar::Unverified],
        Quotas::default(),
    );
    assert_eq!(scene.account().bars, [Bar::Arrears, Bar::Unverified, Bar::Zone(zone(0))]);
    assert_eq!(scene.run(&launch()), Err(LaunchRefusal::Barred(Bar::Arrears)));
    let nobody = SetAccountTerms { id: STRANGER, bars: vec![], quotas: Quotas::default() };
    let before = scene.world.clone();
    assert_eq!(scene.run(&nobody), Err(AccountRefusal::Unknown(STRANGER)));
    assert_eq!(scene.world, before);
}

/// Instances by use have two processors each here, and two disks.
#[test]
fn quotas_count_what_is_paid_by_use_until_it_is_gone() {
    let by_use = Launch {
        data_disks: vec![DiskWish { size_gib: Some(20), ..DiskWish::default() }],
        subnet: Some(subnet(1)),
        ..launch()
    };
    let prepaid = Launch { charge: Charge::PrePaid { count: 1, unit: PeriodUnit::Month }, ..by_use.clone() };
    for (quotas, limit) in [
        (Quotas { postpaid: Some(3), ..Quotas::default() }, Limit::PostpaidQuota),
        (Quotas { cpus: Some(7), ..Quotas::default() }, Limit::CpuQuota),
        (Quotas { disks: Some(6), ..Quotas::default() }, Limit::DiskQuota),
    ] {
        let mut scene = scene();
        restrict(&mut scene, &[], quotas);
        let made = scene.launch(&many(by_use.clone(), 5, 2)).unwrap();
        assert_eq!(made.len(), 3, "{limit:?}: as many as the quota allows");
        assert_eq!(scene.account().usage, Usage { postpaid: 3, cpus: 6, disks: 6 }, "{limit:?}");

        match scene.launch(&by_use) {
            Err(LaunchRefusal::Short(short)) => {
                let left = [short.postpaid, short.cpus, short.disks];
                assert_eq!((short.binding, left.into_iter().flatten().collect()), (limit, vec![0]));
            }
            other => panic!("{limit:?}: {other:?}"),
        }
        scene.launch_one(&prepaid);
        assert_eq!(scene.account().usage.postpaid, 3, "{limit:?}: what is paid in advance does not count");

        scene.finish(made[0], WorkOutcome::Failed(FailureReason::Machine));
        assert!(scene.launch(&by_use).is_err(), "{limit:?}: one that failed counts until it is gone");
        scene.release(made[0]).unwrap();
        scene.launch_one(&by_use);
        assert_eq!(scene.account().usage, Usage { postpaid: 3, cpus: 6, disks: 6 }, "{limit:?}");
        assert_eq!(scene.audit(), [], "{limit:?}");

        // A quota below what there is takes nothing away, and gives nothing.
        restrict(&mut scene, &[], Quotas { postpaid: Some(1), ..quotas });
        assert!(scene.launch(&by_use).is_err(), "{limit:?}");
    }
}

fn taken(scene: &Scene, name: &str) -> u32 {
    match scene.get(&Key::Host(label(name))) {
        Some(Record::Host(host)) => host.taken,
        other => panic!("no host: {other:?}"),
    }
}

#[test]
fn a_dedicated_host_has_room_for_so_many_and_gets_its_places_back() {
    let mut scene = scene();
    let hosting = Hosting { host: Some(label("h-0")), ..Hosting::default() };
    let there = Launch { hosting, subnet: Some(subnet(1)), ..launch() };
    let full = |free, least| Err(LaunchRefusal::HostFull { host: label("h-0"), free, least });
    assert_eq!(scene.launch(&many(there.clone(), 5, 4)), full(3, 4), "rule H-02");
    let made = scene.launch(&many(there.clone(), 5, 2)).unwrap();
    assert_eq!((made.len(), taken(&scene, "h-0")), (3, 3), "as many as there is room for");
    assert_eq!(scene.launch(&there), full(0, 1));
    scene.finish(made[0], WorkOutcome::Failed(FailureReason::NoStock));
    assert_eq!(taken(&scene, "h-0"), 3, "held until it is gone");
    scene.release(made[0]).unwrap();
    assert_eq!(taken(&scene, "h-0"), 2);
    scene.launch_one(&there);
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_host_is_picked_where_there_is_room_for_all_or_for_most() {
    let mut scene = scene();
    let hosting = Hosting { tenancy: Tenancy::Dedicated, ..Hosting::default() };
    let anywhere = Launch { hosting, subnet: Some(subnet(1)), ..launch() };
    assert_eq!(scene.launch(&many(anywhere.clone(), 4, 4)), Err(LaunchRefusal::NoHostWithRoom(4)));
    // Three hosts of three places suit one that is paid by use: each in its turn.
    for (most, made, after) in [(2, 2, (2, 0, 0)), (9, 3, (2, 0, 3)), (9, 3, (2, 3, 3)), (9, 1, (3, 3, 3))] {
        assert_eq!(scene.launch(&many(anywhere.clone(), most, 1)).unwrap().len(), made, "{after:?}");
        assert_eq!((taken(&scene, "h-0"), taken(&scene, "h-paid"), taken(&scene, "h-brief")), after);
    }
    assert_eq!(scene.launch(&anywhere), Err(LaunchRefusal::NoHostWithRoom(1)), "not another account's");
    assert_eq!(scene.audit(), []);
}

fn secret() -> Launch {
    let password = Some(Password { secret: Secret::new(b"Sesame1!"), for_windows: true });
    let login = Login { password, key_pair: Some(KEY_PAIR.into()), ..Login::default() };
    Launch { login, user_data: Some(Secret::new(b"#!/bin/sh")), ..launch() }
}

/// Whether the password and the user data of the launch of `id` are there.
fn kept(scene: &Scene, batch: fleet::BatchId) -> (bool, bool) {
    (scene.get(&Key::Password(batch)).is_some(), scene.get(&Key::UserData(batch)).is_some())
}

#[test]
fn a_password_is_kept_until_the_last_instance_is_made_or_cannot_be() {
    let mut scene = scene();
    let ids = scene.launch(&many(secret(), 3, 3)).unwrap();
    let batch = scene.instance(ids[0]).unwrap().batch;
    assert_eq!(kept(&scene, batch), (true, true));
    scene.finish(ids[0], WorkOutcome::Done);
    scene.wait(Scene::LEASE);
    scene.finish(ids[1], WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(kept(&scene, batch), (true, true), "one is still to be made");
    scene.tick_at(testkit::at(60));
    assert_eq!(kept(&scene, batch), (false, true), "the deadline has passed for it");
    assert_eq!(scene.audit(), []);

    let last = scene.launch_one(&secret());
    let batch = scene.instance(last).unwrap().batch;
    scene.finish(last, WorkOutcome::Done);
    assert_eq!(kept(&scene, batch), (false, true), "it is made");
}

#[test]
fn user_data_goes_with_the_memory_of_its_launch() {
    let mut scene = scene();
    let id = scene.launch_one(&secret());
    let batch = scene.instance(id).unwrap().batch;
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    scene
        .run(&Release {
            account: OWNER,
            instance: id,
            force: Force::No,
            subscription: fleet::Subscription::Keep,
        })
        .unwrap();
    assert_eq!(kept(&scene, batch), (false, true));
    // The deadline of the launch sets the timer of its retention.
    scene.tick_at(testkit::at(60));
    scene.tick_at(testkit::at(999));
    assert_eq!(kept(&scene, batch), (false, true));
    scene.tick_at(testkit::at(1000));
    assert_eq!(kept(&scene, batch), (false, false));
    assert_eq!((scene.get(&Key::Spec(batch)), scene.audit()), (None, vec![]));
}

#[test]
fn who_makes_an_instance_is_handed_what_goes_into_it_and_nobody_sees_it() {
    let mut scene = scene();
    let plain = scene.launch_one(&launch());
    let ids = scene.launch(&many(secret(), 2, 2)).unwrap();
    let items = scene.claim();
    let of = |id: InstanceId| items.iter().find(|item| item.id.instance == id).unwrap();
    assert_eq!(of(plain).handover, fleet::Handover::default());
    for id in ids {
        let handover = &of(id).handover;
        assert_eq!(handover.password.as_ref().unwrap().reveal(), b"Sesame1!");
        assert_eq!(handover.user_data.as_ref().unwrap().reveal(), b"#!/bin/sh");
        assert_eq!(handover.public_key.as_deref(), Some("ssh-ed25519 AAAA"));
        let shown = format!("{:?}", of(id));
        assert!(!shown.contains("Sesame") && !shown.contains("/bin/sh"), "{shown}");
    }
    for item in &items {
        scene.report(item, WorkOutcome::Done);
    }
    for item in scene.claim() {
        assert_eq!(item.handover, fleet::Handover::default(), "a start needs nothing of it");
    }
}
