//! The most that a launch may ask for, and one more than that.

use fleet::{
    Abilities, Addresses, Asset, AssetKind, CatalogueItem, Charge, Confirmation, CreateGroup, DiskKind,
    DiskSnapshot, DiskWish, GivenAddress, Host, Hosting, InstanceType, InterfaceWish, Io, LabelSource,
    Launch, LoadCatalogue, Marks, PeriodUnit, Policy, PowerRefusal, Ready, Sale, Span, Stop, SubnetBlock,
    Time,
};
use testkit::{OWNER, Scene, SmallWorld, furnished, label, launch, many, zone};

/// The furnished world, six groups, a type that lists its disks, and a large snapshot.
fn scene() -> Scene {
    let mut scene = furnished(&SmallWorld::new());
    scene.run(&catalogue()).unwrap();
    for name in ["g-2", "g-3", "g-4", "g-5"] {
        let group = CreateGroup {
            account: OWNER,
            label: LabelSource::Given(label(name)),
            network: label("n"),
            name: String::new(),
            description: String::new(),
            marks: Marks::default(),
        };
        scene.run(&group).unwrap();
    }
    scene
}

fn catalogue() -> LoadCatalogue {
    let mut load = testkit::catalogue(SmallWorld::STOCK);
    let plain = load.catalogue.instance_types[&label("t-0")].clone();
    let disks = vec![DiskKind::Basic, DiskKind::Efficiency];
    load.catalogue.add(CatalogueItem::InstanceType(InstanceType {
        label: label("t-listed"),
        abilities: Abilities { disks, ..Abilities::default() },
        ..plain.clone()
    }));
    for (name, memory_mib) in [("t-1023", 1023), ("t-1024", 1024)] {
        let sized = InstanceType { label: label(name), memory_mib, ..plain.clone() };
        load.catalogue.add(CatalogueItem::InstanceType(sized));
    }
    for name in ["t-listed", "t-1023", "t-1024"] {
        let stock = fleet::StockKey { zone: zone(0), instance_type: label(name) };
        load.offers.push(fleet::Offer { stock, total: 4 });
    }
    for (name, size_gib) in [("snap-most", 32_768), ("snap-more", 32_769)] {
        load.catalogue.add(CatalogueItem::Asset(Asset {
            label: label(name),
            region: Some(label("r")),
            account: None,
            sale: Sale::Open,
            what: AssetKind::Snapshot(DiskSnapshot {
                size_gib,
                created_at: Time::from_secs(1_577_836_800),
                finished: true,
                encrypted: false,
                of_system_disk: false,
            }),
        }));
    }
    let paid = Time::START.after(MONTH.paid_span().unwrap());
    let host = |name: &str, until| Host {
        label: label(name),
        prepaid: true,
        expires_at: Some(until),
        ..testkit::host(0)
    };
    load.hosts.push(host("h-just", paid));
    load.hosts.push(host("h-short", Time::from_millis(paid.millis() - 1)));
    load
}

const MONTH: Charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };

fn groups(many: usize) -> Vec<fleet::Label> {
    (0..many).map(|index| label(&format!("g-{index}"))).collect()
}

fn with_interface(say: impl FnOnce(&mut InterfaceWish)) -> Launch {
    let mut wish = InterfaceWish::default();
    say(&mut wish);
    Launch { interfaces: vec![wish], ..launch() }
}

fn disk(kind: DiskKind, size_gib: u32) -> DiskWish {
    DiskWish { kind: Some(kind), size_gib: Some(size_gib), ..DiskWish::default() }
}

/// Data disks in the host, on a type that reaches its disks the old way.
fn local(sizes: &[u32]) -> Launch {
    Launch {
        instance_type: Some(label("t-plain")),
        io: Some(Io::Plain),
        system_disk: disk(DiskKind::LocalSsd, 40),
        data_disks: sizes.iter().map(|size| disk(DiskKind::LocalSsd, *size)).collect(),
        ..launch()
    }
}

fn copied(snapshot: &str, size_gib: Option<u32>) -> Launch {
    let wish = DiskWish { snapshot: Some(label(snapshot)), size_gib, ..DiskWish::default() };
    Launch { data_disks: vec![wish], ..launch() }
}

/// An image that needs 1024 MiB.
fn windows(instance_type: &str) -> Launch {
    Launch { image: Some(label("hungry")), instance_type: Some(label(instance_type)), ..launch() }
}

fn hosted(host: &str) -> Launch {
    let hosting = Hosting { host: Some(label(host)), ..Hosting::default() };
    Launch { hosting, charge: MONTH, ..launch() }
}

#[test]
fn as_much_as_may_be_is_made_and_one_more_is_refused() {
    let listed = |system: DiskKind, data: DiskKind| Launch {
        instance_type: Some(label("t-listed")),
        system_disk: disk(system, 40),
        data_disks: vec![disk(data, 40)],
        ..launch()
    };
    for (wish, expected) in [
        (Launch { groups: groups(5), ..launch() }, "made"),
        (Launch { groups: groups(6), ..launch() }, "TooManyGroups { joined: 6, most: 5 }"),
        (with_interface(|wish| wish.groups = groups(5)), "made"),
        (with_interface(|wish| wish.groups = groups(6)), "TooManyGroups { joined: 6, most: 5 }"),
        (with_interface(|wish| wish.secondary = 5), "made"),
        (with_interface(|wish| wish.secondary = 6), "TooManyIpv4 { wanted: 7, most: 6 }"),
        (with_interface(|wish| wish.ipv6 = 0), "made"),
        (with_interface(|wish| wish.ipv6 = 1), "TooManyIpv6OfInterface { wanted: 1, most: 0 }"),
        (local(&[800, 224]), "made"),
        (local(&[800, 225]), "LocalDisksTooLarge { total_gib: 1025, most: 1024 }"),
        (copied("snap-most", None), "made"),
        (
            copied("snap-more", None),
            "DataDiskSize { index: 0, kind: Efficiency, size_gib: Some(32769), least: 20, most: 32768 }",
        ),
        (copied("snap", Some(30)), "made"),
        (copied("snap", Some(29)), "DiskBelowSnapshot { index: 0, size_gib: 29, snapshot_gib: 30 }"),
        (listed(DiskKind::Efficiency, DiskKind::Basic), "made"),
        (
            listed(DiskKind::Basic, DiskKind::Basic),
            "DiskNotForType { disk: System, kind: Basic, instance_type: `t-listed` }",
        ),
        (windows("t-1024"), "made"),
        (
            windows("t-1023"),
            "ImageNotForType { image: `hungry`, instance_type: `t-1023`, why: MemoryBelow(1024) }",
        ),
        (hosted("h-just"), "made"),
        (hosted("h-short"), "PaidBeyondHost { host: `h-short`, until: Time(2591999999) }"),
    ] {
        let mut scene = scene();
        let told = scene.launch(&wish).map_or_else(|refusal| format!("{refusal:?}"), |_| "made".into());
        assert_eq!(told, expected, "{wish:?}");
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn what_has_a_disk_in_its_host_is_stopped_by_who_says_so() {
    for (wish, expected) in [(local(&[40]), Err(PowerRefusal::Unconfirmed)), (local(&[]), Ok(()))] {
        let mut scene = scene();
        let id = scene.launch_one(&wish);
        scene.settle();
        let stop = |confirmation| Stop { confirmation, ..Stop::new(OWNER, id) };
        assert_eq!(scene.run(&stop(Confirmation::Missing)).map(drop), expected);
        if expected.is_err() {
            assert_eq!(scene.run(&stop(Confirmation::Given)).map(drop), Ok(()));
        }
    }
}

/// Both ends of a page have addresses that are never given out, where it is the first or the last.
#[test]
fn addresses_without_a_gap_go_on_behind_the_end_of_a_page() {
    let policy = Policy { given_address: GivenAddress::Consecutive, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().under(policy).build());
    let wide = fleet::CreateSubnet {
        account: OWNER,
        label: LabelSource::Given(label("wide")),
        network: label("n"),
        zone: zone(0),
        block: SubnetBlock::new("10.0.8.0/23".parse().unwrap()).unwrap(),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    };
    scene.run(&wide).unwrap();
    let addresses = Addresses::Given("10.0.8.254".parse().unwrap());
    let wish = Launch { subnet: Some(label("wide")), addresses, ..launch() };
    let ids = scene.launch(&many(wish, 4, 4)).unwrap();
    let given: Vec<_> = ids.iter().map(|id| scene.instance(*id).unwrap().address.to_string()).collect();
    assert_eq!(given, ["10.0.8.254", "10.0.8.255", "10.0.9.0", "10.0.9.1"]);
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_nothing_runs_on_may_move_and_grow() {
    let mut scene = scene();
    let mut load = catalogue();
    for host in load.hosts.iter_mut().filter(|host| host.label == label("h-0")) {
        host.zone = zone(1);
    }
    load.catalogue.instance_types.values_mut().for_each(|found| found.cpus = 64);
    assert_eq!(scene.run(&load), Ok(()));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_span_between_two_times_is_none_when_it_would_be_less() {
    let (early, late) = (Time::from_secs(3), Time::from_secs(5));
    assert_eq!(late.since(early), Span::from_secs(2));
    assert_eq!(early.since(late), Span::ZERO);
}
