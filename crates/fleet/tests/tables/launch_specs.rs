//! What a launch gets where it says nothing, and what it gets of what it says: sections 6, 8 and 11
//! of `ecs-run-instances.md`.

use std::sync::Arc;

use fleet::{
    AfterCreation, Charge, Device, DiskKind, DiskLevel, DiskWish, Edition, Hosting, Interruption, Io, Key,
    Launch, LaunchRefusal, Login, OnRelease, Password, PeriodUnit, Protection, Rate, Record, Secret, Spec,
    Spot, Tenancy, Terms,
};
use testkit::{KEY_PAIR, Scene, SmallWorld, furnished, label, launch, subnet};

fn scene() -> Scene {
    furnished(&SmallWorld::new().stock(20).limit(100))
}

/// What the instances of `launch` have in common.
fn spec(launch: &Launch) -> Result<Arc<Spec>, LaunchRefusal> {
    let mut scene = scene();
    let id = scene.launch(launch)?[0];
    assert_eq!(scene.audit(), []);
    match scene.get(&Key::Spec(scene.instance(id).unwrap().batch)) {
        Some(Record::Spec(_, spec)) => Ok(spec),
        other => panic!("no spec: {other:?}"),
    }
}

fn on(instance_type: &str) -> Launch {
    Launch { instance_type: Some(label(instance_type)), ..launch() }
}

fn of(kind: DiskKind, size_gib: u32) -> DiskWish {
    DiskWish { kind: Some(kind), ..sized(size_gib) }
}

fn sized(size_gib: u32) -> DiskWish {
    DiskWish { size_gib: Some(size_gib), ..DiskWish::default() }
}

/// The system disk and one data disk of 100 GiB of which nothing else is said.
#[test]
fn a_disk_of_which_nothing_is_said_is_of_the_kind_that_type_zone_and_edition_have() {
    use DiskKind::{Basic, Efficiency, Essd};
    use DiskLevel::{Pl0, Pl1};
    use Edition::{Either, Newest, Seeds};
    for (instance_type, edition, io, system, data) in [
        ("t-0", Either, Io::Optimized, (Efficiency, None), Some(Efficiency)),
        ("t-0", Newest, Io::Optimized, (Efficiency, None), Some(Efficiency)),
        // The default of the seeds is not for today's types (rule D-09).
        ("t-0", Seeds, Io::Optimized, (Efficiency, None), None),
        ("t-plain", Either, Io::Plain, (Basic, None), Some(Basic)),
        ("t-plain", Newest, Io::Plain, (Basic, None), Some(Basic)),
        ("t-plain", Seeds, Io::Plain, (Basic, None), Some(Basic)),
        ("t-either", Either, Io::Optimized, (Efficiency, None), Some(Efficiency)),
        ("t-essd", Either, Io::Optimized, (Essd, Some(Pl1)), Some(Essd)),
        ("t-essd", Newest, Io::Optimized, (Essd, Some(Pl0)), Some(Essd)),
        ("t-essd", Seeds, Io::Optimized, (Essd, Some(Pl1)), None),
    ] {
        let row = format!("{instance_type} {edition:?}");
        let bare = Launch { edition, ..on(instance_type) };
        let found = spec(&bare).unwrap();
        assert_eq!((found.io, found.cpus), (io, 2), "{row}");
        assert_eq!((found.system_disk.kind, found.system_disk.level), system, "{row}");
        assert_eq!((found.system_disk.size_gib, found.system_disk.device), (40, Device::SYSTEM), "{row}");
        let with_data = Launch { data_disks: vec![sized(100)], ..bare };
        match (spec(&with_data), data) {
            (Ok(spec), Some(kind)) => assert_eq!(spec.data_disks[0].kind, kind, "{row}"),
            (Err(LaunchRefusal::DiskNotForType { kind: Basic, .. }), None) => {}
            (answer, _) => panic!("{row}: {answer:?}"),
        }
    }
    let elsewhere = Launch { subnet: Some(subnet(3)), ..on("t-0") };
    assert_eq!(spec(&elsewhere).unwrap().system_disk.kind, Efficiency, "z-1 offers nothing else");
}

#[test]
fn how_disks_are_reached_is_what_is_said_or_the_fast_way_where_the_type_can() {
    for (instance_type, said, expected) in [
        ("t-plain", None, Io::Plain),
        ("t-plain", Some(Io::Plain), Io::Plain),
        ("t-either", None, Io::Optimized),
        ("t-either", Some(Io::Plain), Io::Plain),
        ("t-either", Some(Io::Optimized), Io::Optimized),
        ("t-0", None, Io::Optimized),
        ("t-0", Some(Io::Optimized), Io::Optimized),
    ] {
        let spec = spec(&Launch { io: said, ..on(instance_type) }).unwrap();
        assert_eq!(spec.io, expected, "{instance_type} {said:?}");
    }
}

/// The kind and level of a system disk, and its least and largest size in either edition.
#[test]
fn a_system_disk_has_a_size_of_its_kind() {
    use DiskKind::{Auto, Basic, Efficiency, Essd, EssdEntry, LocalSsd, Ssd};
    use DiskLevel::{Pl0, Pl1, Pl2, Pl3};
    let seeds = (20, 500);
    for (kind, level, today, then) in [
        (Basic, None, (20, 500), Some(seeds)),
        (Efficiency, None, (20, 2048), Some(seeds)),
        (Ssd, None, (20, 2048), Some(seeds)),
        (EssdEntry, None, (20, 2048), Some(seeds)),
        (LocalSsd, None, (20, 2048), Some(seeds)),
        (Auto, None, (20, 2048), Some(seeds)),
        (Essd, Some(Pl0), (20, 2048), None),
        (Essd, None, (20, 2048), Some(seeds)),
        (Essd, Some(Pl1), (20, 2048), Some(seeds)),
        (Essd, Some(Pl2), (461, 2048), Some(seeds)),
        (Essd, Some(Pl3), (1261, 2048), Some(seeds)),
    ] {
        for (edition, sizes) in
            [(Edition::Either, Some(today)), (Edition::Newest, Some(today)), (Edition::Seeds, then)]
        {
            let instance_type = if matches!(kind, Basic | LocalSsd) { "t-plain" } else { "t-0" };
            let with = |size_gib| {
                let system_disk = DiskWish { level, ..of(kind, size_gib) };
                spec(&Launch { system_disk, edition, ..on(instance_type) })
            };
            let row = format!("{kind:?} {level:?} {edition:?}");
            let Some((least, most)) = sizes else {
                assert!(matches!(with(100), Err(LaunchRefusal::LevelNotForDisk { .. })), "{row}");
                continue;
            };
            // The image has 20 GiB: below that it is the image that forbids.
            let below = with(least - 1).unwrap_err();
            let by_image = LaunchRefusal::SystemDiskBelowImage { size_gib: 19, image_gib: 20 };
            let by_kind = matches!(below, LaunchRefusal::SystemDiskSize { .. });
            assert!(by_kind || below == by_image, "{row}: {below:?}");
            assert_eq!(with(least).unwrap().system_disk.size_gib, least, "{row}");
            assert_eq!(with(most).unwrap().system_disk.size_gib, most, "{row}");
            assert!(matches!(with(most + 1), Err(LaunchRefusal::SystemDiskSize { .. })), "{row}");
        }
    }
}

/// The kind and level of a data disk, and its least and largest size in either edition.
#[test]
fn a_data_disk_has_a_size_of_its_kind() {
    use DiskKind::{
        Auto, Basic, Efficiency, ElasticPremium, ElasticStandard, Essd, EssdEntry, LocalSsd, RegionalAuto,
        Ssd,
    };
    use DiskLevel::{Pl0, Pl1, Pl2, Pl3};
    let seeds = Some((20, 32768));
    for (kind, level, today, then) in [
        (Basic, None, (5, 2000), Some((5, 2000))),
        (LocalSsd, None, (5, 800), Some((5, 800))),
        (Efficiency, None, (20, 32768), seeds),
        (Ssd, None, (20, 32768), seeds),
        (EssdEntry, None, (10, 32768), Some((10, 32768))),
        (Auto, None, (1, 65536), Some((1, 65536))),
        (RegionalAuto, None, (1, 65536), Some((1, 65536))),
        (ElasticStandard, None, (64, 8192), Some((64, 8192))),
        (ElasticPremium, None, (64, 8192), Some((64, 8192))),
        (Essd, Some(Pl0), (1, 65536), None),
        (Essd, None, (20, 65536), seeds),
        (Essd, Some(Pl1), (20, 65536), seeds),
        (Essd, Some(Pl2), (461, 65536), seeds),
        (Essd, Some(Pl3), (1261, 65536), seeds),
    ] {
        for (edition, sizes) in
            [(Edition::Either, Some(today)), (Edition::Newest, Some(today)), (Edition::Seeds, then)]
        {
            let local = matches!(kind, Basic | LocalSsd);
            let (instance_type, system) = if local { ("t-plain", LocalSsd) } else { ("t-0", Efficiency) };
            let with = |size_gib| {
                let data_disks = vec![DiskWish { level, ..of(kind, size_gib) }];
                let system_disk = of(system, 40);
                spec(&Launch { data_disks, system_disk, edition, ..on(instance_type) })
            };
            let row = format!("{kind:?} {level:?} {edition:?}");
            let Some((least, most)) = sizes else {
                assert!(matches!(with(100), Err(LaunchRefusal::LevelNotForDisk { .. })), "{row}");
                continue;
            };
            for (size_gib, fits) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
                match with(size_gib) {
                    Ok(spec) => assert!(fits && spec.data_disks[0].size_gib == size_gib, "{row} {size_gib}"),
                    Err(refusal) => {
                        let expected = LaunchRefusal::DataDiskSize {
                            index: 0,
                            kind,
                            size_gib: Some(size_gib),
                            least,
                            most,
                        };
                        assert_eq!((refusal, fits), (expected, false), "{row}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_system_disk_holds_its_image() {
    let large = Launch { image: Some(label("large")), ..launch() };
    assert_eq!(spec(&large).unwrap().system_disk.size_gib, 100);
    let level = Some(DiskLevel::Pl2);
    let fast = DiskWish { kind: Some(DiskKind::Essd), level, ..DiskWish::default() };
    let fast = Launch { system_disk: fast, ..launch() };
    assert_eq!(spec(&fast).unwrap().system_disk.size_gib, 461, "no less than its level has");
}

#[test]
fn disks_stand_in_the_order_they_were_asked_for_at_the_next_free_place() {
    let at = |device| DiskWish { device: Some(Device(device)), ..sized(20) };
    let data_disks = vec![sized(20), at(1), sized(20), at(4), sized(20)];
    let spec = spec(&Launch { data_disks, ..launch() }).unwrap();
    let devices: Vec<u16> = spec.data_disks.iter().map(|disk| disk.device.0).collect();
    assert_eq!(devices, [2, 1, 3, 4, 5]);
}

#[test]
fn a_disk_from_a_snapshot_has_its_size_and_its_encryption() {
    let from = |snapshot| DiskWish { snapshot: Some(label(snapshot)), ..DiskWish::default() };
    let data_disks = vec![
        from("snap"),
        DiskWish { size_gib: Some(200), ..from("snap") },
        from("snap-secret"),
        DiskWish { encrypted: Some(true), key: Some(label("key")), ..from("snap-first") },
    ];
    let spec = spec(&Launch { data_disks, ..launch() }).unwrap();
    let disks = spec.data_disks.iter().map(|disk| (disk.size_gib, disk.encrypted, disk.key.is_some()));
    assert_eq!(
        disks.collect::<Vec<_>>(),
        [(30, false, false), (30, false, false), (30, true, false), (30, true, true)]
    );
}

#[test]
fn a_disk_is_what_was_said_of_it() {
    let wish = DiskWish {
        level: Some(DiskLevel::Pl1),
        name: Some("data".into()),
        description: Some("of the shop".into()),
        on_release: OnRelease::Keep,
        snapshot_policy: Some(label("nightly")),
        ..of(DiskKind::Essd, 50)
    };
    // A level beside no kind is passed over where the kind has none.
    let system_disk = DiskWish { level: Some(DiskLevel::Pl3), on_release: OnRelease::Keep, ..sized(60) };
    let spec = spec(&Launch { system_disk, data_disks: vec![wish], ..launch() }).unwrap();
    let disk = &spec.data_disks[0];
    assert_eq!((&*disk.name, &*disk.description), ("data", "of the shop"));
    assert_eq!((disk.level, disk.on_release), (Some(DiskLevel::Pl1), OnRelease::Keep));
    assert_eq!(disk.snapshot_policy, Some(label("nightly")));
    assert_eq!((spec.system_disk.level, spec.system_disk.on_release), (None, OnRelease::Delete));
}

#[test]
fn of_a_family_the_newest_image_that_can_be_had_is_taken() {
    let of_family = Launch { image: None, image_family: Some("f".into()), ..launch() };
    assert_eq!(spec(&of_family).unwrap().image, Some(label("f-2")), "not the shut one, not another's");
    let shared = Launch { image: Some(label("shared")), ..launch() };
    assert_eq!(spec(&shared).unwrap().image, Some(label("shared")));
}

#[test]
fn a_32_bit_image_runs_on_little_memory_and_windows_on_enough() {
    for (image, instance_type) in [("i386", "t-0"), ("i386", "t-small"), ("hungry", "t-0")] {
        let launch = Launch { image: Some(label(image)), ..on(instance_type) };
        assert!(spec(&launch).is_ok(), "{image} {instance_type}");
    }
}

/// Section 11: beside another way in, Windows passes a key pair over; today's edition always does.
#[test]
fn a_key_pair_counts_for_linux_and_is_passed_over_by_windows() {
    use Edition::{Either, Newest, Seeds};
    let password = || Some(Password { secret: Secret::new(b"Sesame1!"), for_windows: true });
    let (key, nothing) = (Some(Some(KEY_PAIR)), Some(None));
    for (image, edition, ways_in, expected) in [
        ("linux", Either, "key", key),
        ("linux", Seeds, "key password", key),
        ("linux", Newest, "key", key),
        ("windows", Either, "key password", nothing),
        ("windows", Either, "key inherited", nothing),
        ("windows", Either, "key", None),
        ("windows", Seeds, "key password", nothing),
        ("windows", Seeds, "key", None),
        ("windows", Newest, "key", nothing),
        ("windows", Newest, "key password", nothing),
    ] {
        let login = Login {
            password: ways_in.contains("password").then(password).flatten(),
            image_password: ways_in.contains("inherited"),
            key_pair: Some(KEY_PAIR.into()),
        };
        let launch = Launch { image: Some(label(image)), edition, login, ..launch() };
        let kept = spec(&launch).map(|spec| spec.key_pair.as_deref().map(str::to_owned));
        let row = format!("{image} {edition:?} {ways_in}");
        match (kept, expected) {
            (Ok(kept), Some(expected)) => assert_eq!(kept.as_deref(), expected, "{row}"),
            (Err(LaunchRefusal::KeyPairOnWindows(_)), None) => {}
            (answer, _) => panic!("{row}: {answer:?}"),
        }
    }
}

/// Rules that hold who starts the instances, and not who lets them be.
#[test]
fn some_rules_hold_one_action_and_not_the_other() {
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let keyed = |encrypted| DiskWish { key: Some(label("key")), encrypted, ..sized(20) };
    let release_at = Some(testkit::at(9000));
    let rows = [
        ("C-06", Launch { charge, protection: Protection::On, ..launch() }),
        ("C-08", Launch { charge, terms: Terms { release_at, ..Terms::default() }, ..launch() }),
        ("D-18", Launch { data_disks: vec![keyed(None)], ..launch() }),
        ("D-19", Launch { data_disks: vec![keyed(Some(true))], ..on("t-plain") }),
    ];
    for (rule, launch) in rows {
        assert!(spec(&launch).is_err(), "{rule}");
        let spec = spec(&Launch { after_creation: AfterCreation::Stay, ..launch }).unwrap();
        // A key counts only where something is encrypted.
        let keyless = spec.data_disks.iter().all(|disk| disk.encrypted || disk.key.is_none());
        assert!(keyless, "{rule}");
    }
}

#[test]
fn a_bid_is_kept_unless_a_dedicated_host_is_named() {
    let spot = |at_most| Spot { at_most, protected_hours: 1, interruption: Interruption::Release };
    let bid =
        |at_most| Launch { terms: Terms { spot: Some(spot(at_most)), ..Terms::default() }, ..on("t-spot") };
    for at_most in [None, Some(Rate(100)), Some(Rate(101))] {
        assert_eq!(spec(&bid(at_most)).unwrap().terms.spot, Some(spot(at_most)), "{at_most:?}");
    }
    // A price that is not known is not too high.
    let unpriced = Launch { instance_type: Some(label("t-0")), ..bid(Some(Rate(1))) };
    assert!(spec(&unpriced).unwrap().terms.spot.is_some());
    // Rule S-07: dropped before any rule about it is asked.
    let hosting = Hosting { host: Some(label("h-paid")), ..Hosting::default() };
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let dropped = Launch { hosting, charge, ..bid(Some(Rate(1))) };
    assert_eq!(spec(&dropped).unwrap().terms.spot, None);
}

#[test]
fn where_it_runs_is_what_is_named_or_picked() {
    let named = Hosting { host: Some(label("h-0")), ..Hosting::default() };
    let picked = Hosting { tenancy: Tenancy::Dedicated, ..Hosting::default() };
    for (hosting, charge, expected) in [
        (Hosting::default(), Charge::PostPaid, (None, Tenancy::Shared)),
        (named, Charge::PostPaid, (Some("h-0"), Tenancy::Dedicated)),
        // The roomiest that suits, the first of several.
        (picked.clone(), Charge::PostPaid, (Some("h-0"), Tenancy::Dedicated)),
        (picked, Charge::PrePaid { count: 1, unit: PeriodUnit::Month }, (Some("h-paid"), Tenancy::Dedicated)),
    ] {
        let spec = spec(&Launch { hosting, charge, ..launch() }).unwrap();
        let host = expected.0.map(label);
        assert_eq!((&spec.hosting.host, spec.hosting.tenancy), (&host, expected.1));
    }
    let cluster = Hosting { hpc_cluster: Some(label("cluster")), ..Hosting::default() };
    assert!(spec(&Launch { hosting: cluster, ..on("t-hpc") }).is_ok());
}
