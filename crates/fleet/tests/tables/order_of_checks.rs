//! The order of the checks of a launch, which is part of the contract (`ecs-run-instances.md`
//! section 3): each row breaks one rule fewer than the row above, and the first rule that is still
//! broken is the one that refuses. Rules are named as in `run-instances-rules.tsv`.

use fleet::{
    AccountId, Addresses, Bar, Catalogue, CatalogueItem, Charge, CreateGroup, CreateNetwork, CreateSubnet,
    Credit, DiskKind, DiskLevel, DiskWish, Hosting, InterfaceWish, Interruption, Io, Ipv6Wish, LabelSource,
    Launch, LaunchRefusal, Launched, Login, Marks, Names, Naming, OnRelease, OpenAccount, Password,
    PeriodUnit, Policy, Protection, Quotas, Rate, Ready, Rehearsal, Sale, Secret, SetAccountTerms, Span,
    Spot, SubnetBlock, Wanted, Zone,
};
use testkit::{
    KEY_PAIR, OWNER, Scene, SmallWorld, at, group, instance_type, label, launch, many, subnet, token, zone,
};

/// The rule, what is wrong, how it is brought about, and how the refusal begins.
type Row = (&'static str, &'static str, fn(&mut Scene, &mut Launch), &'static str);

/// Every rule that needs the fleet, in the order they are judged.
const RULES: &[Row] = &[
    ("P-02", "region unknown", |_, launch| launch.region = label("nowhere"), "UnknownRegion(`nowhere`)"),
    (
        "I-02",
        "token used for something else",
        |_, launch| (launch.token, launch.rehearsal) = (Some(token("used", 2)), Rehearsal::No),
        "TokenReused",
    ),
    (
        "N-16",
        "one address for many",
        |_, launch| {
            name_address(launch, "10.0.0.8");
            launch.wanted = Wanted::new(3, 1).unwrap();
        },
        "OneAddressForMany(3)",
    ),
    // Existence.
    ("P-03", "zone unknown", |_, launch| launch.zone = Some(label("z-9")), "UnknownZone(`z-9`)"),
    ("P-04", "zone closed", |_, launch| launch.zone = Some(label("z-shut")), "ZoneClosed(`z-shut`)"),
    ("P-05", "image missing", |_, launch| image(launch, None, None), "Missing(Image)"),
    ("P-06", "image unknown", |_, launch| image(launch, Some("beos"), None), "UnknownImage(`beos`)"),
    (
        "P-06",
        "image of another account",
        |_, launch| image(launch, Some("f-theirs"), None),
        "UnknownImage(`f-theirs`)",
    ),
    ("P-06", "family unknown", |_, launch| image(launch, None, Some("g")), "UnknownImageFamily(\"g\")"),
    ("P-09", "type missing", |_, launch| launch.instance_type = None, "Missing(InstanceType)"),
    ("P-10", "type unknown", |_, launch| on(launch, "t-9"), "UnknownInstanceType(`t-9`)"),
    ("N-02", "group unknown", |_, launch| launch.groups = vec![group(0), group(9)], "UnknownGroup(`g-9`)"),
    (
        "N-02",
        "group of another account",
        |_, launch| launch.groups = vec![label("g-theirs")],
        "UnknownGroup(`g-theirs`)",
    ),
    ("N-01", "group missing", |_, launch| launch.groups = vec![], "Missing(Group)"),
    ("N-04", "subnet missing", |_, launch| launch.subnet = None, "Missing(Subnet)"),
    ("N-05", "subnet unknown", |_, launch| launch.subnet = Some(subnet(9)), "UnknownSubnet(`s-9`)"),
    (
        "N-06",
        "subnet of another account",
        |_, launch| launch.subnet = Some(label("s-theirs")),
        "UnknownSubnet(`s-theirs`)",
    ),
    (
        "P-04",
        "subnet in a closed zone",
        |_, launch| (launch.zone, launch.subnet) = (None, Some(label("s-shut"))),
        "ZoneClosed(`z-shut`)",
    ),
    ("W-04", "key pair unknown", |_, launch| key_pair(launch, "lost"), "UnknownKeyPair(\"lost\")"),
    (
        "D-12",
        "snapshot unknown",
        |_, launch| data(launch, [from("snap-9")]),
        "UnknownSnapshot { disk: Data(0), snapshot: `snap-9` }",
    ),
    (
        "D-12",
        "snapshot of another account",
        |_, launch| data(launch, [sized(20), from("snap-theirs")]),
        "UnknownSnapshot { disk: Data(1), snapshot: `snap-theirs` }",
    ),
    (
        "D-12",
        "snapshot in another region",
        |_, launch| data(launch, [from("snap-far")]),
        "UnknownSnapshot { disk: Data(0), snapshot: `snap-far` }",
    ),
    (
        "D-12",
        "snapshot withdrawn",
        |_, launch| data(launch, [from("snap-gone")]),
        "UnknownSnapshot { disk: Data(0), snapshot: `snap-gone` }",
    ),
    (
        "KMS",
        "key unknown",
        |_, launch| (launch.data_disks.clear(), launch.system_disk = keyed("key-9")).1,
        "UnknownKey { disk: System, key: `key-9` }",
    ),
    ("H-01", "host unknown", |_, launch| host(launch, "h-9"), "UnknownHost(`h-9`)"),
    ("H-01", "host of another account", |_, launch| host(launch, "h-theirs"), "UnknownHost(`h-theirs`)"),
    (
        "H-05",
        "deployment set unknown",
        |_, launch| launch.hosting.deployment_set = Some(label("set-9")),
        "UnknownDeploymentSet(`set-9`)",
    ),
    ("HPC", "cluster unknown", |_, launch| cluster(launch, Some("cluster-9")), "UnknownCluster(`cluster-9`)"),
    ("X-01", "role unknown", |_, launch| launch.role = Some(label("role-9")), "UnknownRole(`role-9`)"),
    (
        "X-03",
        "resource group unknown",
        |_, launch| launch.terms.resource_group = Some(label("ledger-9")),
        "UnknownResourceGroup(`ledger-9`)",
    ),
    (
        "N-02",
        "group of an interface unknown",
        |_, launch| interface(launch, |wish| wish.groups = vec![group(9)]),
        "UnknownGroup(`g-9`)",
    ),
    (
        "E-03",
        "subnet of an interface unknown",
        |_, launch| interface(launch, |wish| wish.subnet = Some(subnet(9))),
        "UnknownInterfaceSubnet(`s-9`)",
    ),
    // Relations: image, type, zone.
    ("P-07", "image not available", |_, launch| image(launch, Some("old"), None), "ImageNotAvailable(`old`)"),
    (
        "P-08",
        "image and family",
        |_, launch| image(launch, Some("linux"), Some("f")),
        "ImageNamedTwice { image: `linux`, family: \"f\" }",
    ),
    ("P-12", "type closed", |_, launch| on(launch, "t-old"), "TypeClosed(`t-old`)"),
    (
        "P-11",
        "type not sold in zone",
        |_, launch| (on(launch, "t-arm"), launch.zone = Some(zone(0))).1,
        "NotSoldInZone { instance_type: `t-arm`, zone: `z-0` }",
    ),
    (
        "P-13",
        "image for something else",
        |_, launch| (on(launch, "t-0"), image(launch, Some("arm"), None)).1,
        "ImageNotForType { image: `arm`, instance_type: `t-0`, why: Architecture }",
    ),
    (
        "P-13",
        "32-bit image on much memory",
        |_, launch| (on(launch, "t-big"), image(launch, Some("i386"), None)).1,
        "ImageNotForType { image: `i386`, instance_type: `t-big`, why: MemoryAbove(4096) }",
    ),
    (
        "P-13",
        "Windows on little memory",
        |_, launch| (on(launch, "t-small"), image(launch, Some("hungry"), None)).1,
        "ImageNotForType { image: `hungry`, instance_type: `t-small`, why: MemoryBelow(1024) }",
    ),
    (
        "P-15",
        "disks the old way on a type without",
        |_, launch| (on(launch, "t-0"), image(launch, Some("linux"), None), launch.io = Some(Io::Plain)).2,
        "IoOptimizedOnly(`t-0`)",
    ),
    (
        "P-16",
        "disks the fast way on a type without",
        |_, launch| (on(launch, "t-plain"), launch.io = Some(Io::Optimized)).1,
        "IoOptimizedNever(`t-plain`)",
    ),
    (
        "P-16",
        "disks the fast way for an image without",
        |_, launch| (on(launch, "t-0"), image(launch, Some("slow"), None)).1,
        "ImageNotIoOptimized(`slow`)",
    ),
    // Relations: network.
    ("N-07", "subnet pending", |_, launch| launch.subnet = Some(label("s-new")), "SubnetPending(`s-new`)"),
    (
        "N-08",
        "group in another network",
        |_, launch| launch.groups = vec![label("g-far")],
        "GroupElsewhere { group: `g-far`",
    ),
    (
        "N-09",
        "subnet in another zone",
        |_, launch| (launch.zone, launch.subnet) = (Some(zone(1)), Some(subnet(0))),
        "SubnetElsewhere { subnet: `s-0`, zone: `z-1` }",
    ),
    ("N-12", "address outside", |_, launch| name_address(launch, "10.0.0.8"), "AddressOutside(10.0.0.8)"),
    ("N-13", "address reserved", |_, launch| name_address(launch, "10.0.0.7"), "AddressReserved(10.0.0.7)"),
    ("N-14", "address taken", |_, launch| name_address(launch, "10.0.0.4"), "AddressTaken(10.0.0.4)"),
    ("V-03", "IPv6 for a type without", |_, launch| launch.ipv6 = Ipv6Wish::Count(1), "Ipv6NotOfType("),
    (
        "E-04",
        "more interfaces than fit",
        |_, launch| launch.interfaces = vec![InterfaceWish::default(); 2],
        "NoInterfaceSlot { instance_type: ",
    ),
    // Relations: login.
    (
        "M-02",
        "host name for something else",
        |_, launch| host_name(launch, "much-too-long-for-windows"),
        "HostNameForImage",
    ),
    (
        "W-02",
        "password for something else",
        |_, launch| (image(launch, Some("windows"), None), launch.login = password(false)).1,
        "PasswordForImage",
    ),
    (
        "W-05",
        "key pair is the only way into Windows",
        |_, launch| (image(launch, Some("windows"), None), key_pair(launch, KEY_PAIR)).1,
        "KeyPairOnWindows(\"key-pair\")",
    ),
    (
        "W-06",
        "key pair, and disks the old way",
        |_, launch| (plain(launch), key_pair(launch, KEY_PAIR)).1,
        "NeedsIoOptimized(KeyPair)",
    ),
    // Relations: disks.
    (
        "D-02",
        "system disk too large",
        |_, launch| (usual(launch), launch.system_disk = sized(2049)).1,
        "SystemDiskSize { kind: Efficiency, size_gib: 2049, least: 20, most: 2048 }",
    ),
    (
        "D-03",
        "system disk smaller than its image",
        |_, launch| (usual(launch), image(launch, Some("large"), None), launch.system_disk = sized(99)).2,
        "SystemDiskBelowImage { size_gib: 99, image_gib: 100 }",
    ),
    (
        "D-05",
        "data disk without a size",
        |_, launch| data(launch, [sized(20), DiskWish::default()]),
        "DataDiskSize { index: 1, kind: Efficiency, size_gib: None, least: 20, most: 32768 }",
    ),
    (
        "D-05",
        "data disk too small",
        |_, launch| data(launch, [sized(19)]),
        "DataDiskSize { index: 0, kind: Efficiency, size_gib: Some(19), least: 20, most: 32768 }",
    ),
    (
        "D-05",
        "snapshot too large",
        |_, launch| data(launch, [from("snap-huge")]),
        "DataDiskSize { index: 0, kind: Efficiency, size_gib: Some(40000), least: 20, most: 32768 }",
    ),
    (
        "D-07",
        "local disk beside one on the network",
        |_, launch| {
            plain(launch);
            launch.data_disks = vec![DiskWish { size_gib: Some(5), ..of(DiskKind::LocalSsd) }];
        },
        "LocalDiskBesideNetworkDisk(0)",
    ),
    (
        "D-08",
        "local disks too large together",
        |_, launch| {
            local(launch, DiskWish { size_gib: Some(800), ..of(DiskKind::LocalSsd) });
            launch.data_disks.push(DiskWish { size_gib: Some(225), ..of(DiskKind::LocalSsd) });
        },
        "LocalDisksTooLarge { total_gib: 1025, most: 1024 }",
    ),
    (
        "D-09",
        "system disk not for the type",
        |_, launch| (usual(launch), launch.system_disk = of(DiskKind::Basic)).1,
        "DiskNotForType { disk: System, kind: Basic, instance_type: `t-0` }",
    ),
    (
        "D-09",
        "data disk not for the type",
        |_, launch| {
            data(launch, [DiskWish { size_gib: Some(20), ..of(DiskKind::Ssd) }]);
            on(launch, "t-essd");
        },
        "DiskNotForType { disk: Data(0), kind: Ssd, instance_type: `t-essd` }",
    ),
    (
        "D-10",
        "disk not offered in the zone",
        |_, launch| {
            data(launch, [DiskWish { size_gib: Some(20), ..of(DiskKind::Ssd) }]);
            (launch.zone, launch.subnet) = (None, Some(subnet(3)));
        },
        "DiskNotInZone { disk: Data(0), kind: Ssd, zone: `z-1` }",
    ),
    (
        "D-13",
        "snapshot too old",
        |_, launch| data(launch, [from("snap-old")]),
        "SnapshotTooOld { index: 0, snapshot: `snap-old` }",
    ),
    (
        "D-14",
        "snapshot not complete",
        |_, launch| data(launch, [from("snap-part")]),
        "SnapshotUnfinished { index: 0, snapshot: `snap-part` }",
    ),
    (
        "D-14",
        "snapshot of a system disk",
        |_, launch| data(launch, [from("snap-system")]),
        "SnapshotOfSystemDisk { index: 0, snapshot: `snap-system` }",
    ),
    (
        "D-15",
        "disk smaller than its snapshot",
        |_, launch| data(launch, [DiskWish { size_gib: Some(29), ..from("snap") }]),
        "DiskBelowSnapshot { index: 0, size_gib: 29, snapshot_gib: 30 }",
    ),
    (
        "D-18",
        "key without encryption",
        |_, launch| data(launch, [DiskWish { encrypted: None, ..keyed("key") }]),
        "KeyWithoutEncryption(Data(0))",
    ),
    (
        "D-19",
        "key, and disks the old way",
        |_, launch| (data(launch, [keyed("key")]), plain(launch)).1,
        "NeedsIoOptimized(EncryptionKey(Data(0)))",
    ),
    (
        "KMS",
        "key that cannot be used",
        |_, launch| data(launch, [keyed("key-off")]),
        "KeyDisabled { disk: Data(0), key: `key-off` }",
    ),
    (
        "D-20",
        "encrypted snapshot, and no encryption",
        |_, launch| data(launch, [DiskWish { encrypted: Some(false), ..from("snap-secret") }]),
        "SnapshotIsEncrypted(0)",
    ),
    (
        "D-20",
        "encrypted disk in the host",
        |_, launch| {
            let wish = DiskWish { size_gib: Some(5), encrypted: Some(true), ..of(DiskKind::LocalSsd) };
            local(launch, wish);
        },
        "EncryptionNotForDisk { disk: Data(0), kind: LocalSsd }",
    ),
    (
        "D-21",
        "disk in the host that is to stay",
        |_, launch| {
            let on_release = OnRelease::Keep;
            local(launch, DiskWish { size_gib: Some(5), on_release, ..of(DiskKind::LocalSsd) });
        },
        "DiskNotPortable { index: 0, kind: LocalSsd }",
    ),
    (
        "D-22",
        "level of a kind without",
        |_, launch| {
            let level = Some(DiskLevel::Pl1);
            data(launch, [DiskWish { size_gib: Some(20), level, ..of(DiskKind::Ssd) }]);
        },
        "LevelNotForDisk { disk: Data(0), kind: Ssd, level: Pl1 }",
    ),
    // Relations: terms.
    (
        "C-06",
        "protected, and paid in advance",
        |_, launch| (usual(launch), prepaid(launch), launch.protection = Protection::On).2,
        "ProtectedAndPrepaid",
    ),
    (
        "C-08",
        "released at a time, and paid in advance",
        |_, launch| (prepaid(launch), launch.terms.release_at = Some(at(9000))).1,
        "ReleasedAndPrepaid",
    ),
    ("S-02", "bid, and paid in advance", |_, launch| (bid(launch, 99), prepaid(launch)).1, "SpotAndPrepaid"),
    ("S-04", "bid too low", |_, launch| bid(launch, 99), "BidTooLow { bid: Rate(99), price: Rate(100) }"),
    (
        "S-05",
        "stopped for a low bid, with local disks",
        |_, launch| {
            bid(launch, 100);
            on(launch, "t-disks");
            launch.terms.spot.as_mut().unwrap().interruption = Interruption::Stop;
        },
        "InterruptionNotForLocalDisks(`t-disks`)",
    ),
    // Relations: where it runs.
    ("H-02", "host closed", |_, launch| (usual(launch), host(launch, "h-shut")).1, "HostClosed(`h-shut`)"),
    (
        "H-02",
        "host in another zone",
        |_, launch| host(launch, "h-far"),
        "HostElsewhere { host: `h-far`, zone: `z-0` }",
    ),
    (
        "H-02",
        "host for another family",
        |_, launch| host(launch, "h-picky"),
        "FamilyNotForHost { host: `h-picky`, family: `t` }",
    ),
    (
        "H-02",
        "host full",
        |_, launch| host(launch, "h-full"),
        "HostFull { host: `h-full`, free: 0, least: 1 }",
    ),
    (
        "H-03",
        "paid in advance on a host that is not",
        |_, launch| (prepaid(launch), host(launch, "h-0")).1,
        "PrepaidOnPostpaidHost(`h-0`)",
    ),
    (
        "C-02",
        "paid for longer than the host",
        |_, launch| (prepaid(launch), host(launch, "h-brief")).1,
        "PaidBeyondHost { host: `h-brief`",
    ),
    (
        "H-06",
        "deployment set on a host",
        |_, launch| {
            (by_use(launch), host(launch, "h-0"), launch.hosting.deployment_set = Some(label("set"))).2
        },
        "DeploymentSetOnHost(`set`)",
    ),
    (
        "H-07",
        "no cluster for a type that needs one",
        |_, launch| (host_none(launch), on(launch, "t-hpc"), cluster(launch, None)).2,
        "ClusterNeeded(`t-hpc`)",
    ),
    (
        "H-08",
        "cluster for a type that needs none",
        |_, launch| (on(launch, "t-0"), cluster(launch, Some("cluster"))).1,
        "ClusterNotForType { instance_type: `t-0`, cluster: `cluster` }",
    ),
    (
        "HPC",
        "cluster not ready",
        |_, launch| (on(launch, "t-hpc"), cluster(launch, Some("cluster-new"))).1,
        "ClusterNotReady(`cluster-new`)",
    ),
    (
        "U-03",
        "user data, and disks the old way",
        |_, launch| (plain(launch), launch.user_data = Some(Secret::new(b"#!"))).1,
        "NeedsIoOptimized(UserData)",
    ),
    (
        "U-03",
        "user data for an image that runs none",
        |_, launch| {
            usual(launch);
            image(launch, Some("bare"), None);
            launch.user_data = Some(Secret::new(b"#!"));
        },
        "ImageWithoutInit(`bare`)",
    ),
    (
        "X-02",
        "credit for a type that saves none",
        |_, launch| launch.terms.credit = Some(Credit::Unlimited),
        "CreditNotForType(`t-",
    ),
    (
        "X-01",
        "role for something else",
        |_, launch| (launch.terms.credit, launch.role) = (None, Some(label("role-other"))),
        "RoleNotForInstances(`role-other`)",
    ),
    // Account.
    ("quota", "instances of the account", |scene, _| limit(scene, 6), "Short(Shortage { binding: Quota, "),
    (
        "Q-01",
        "instances that are paid by use",
        |scene, launch| (by_use(launch), quotas(scene, Quotas { postpaid: Some(6), ..NO_QUOTAS })).1,
        "Short(Shortage { binding: PostpaidQuota, ",
    ),
    (
        "Q-01",
        "processors of instances that are paid by use",
        |scene, launch| (by_use(launch), quotas(scene, Quotas { cpus: Some(13), ..NO_QUOTAS })).1,
        "Short(Shortage { binding: CpuQuota, ",
    ),
    (
        "Q-01",
        "disks of instances that are paid by use",
        |scene, launch| (by_use(launch), quotas(scene, Quotas { disks: Some(6), ..NO_QUOTAS })).1,
        "Short(Shortage { binding: DiskQuota, ",
    ),
    (
        "Q-02",
        "bills not paid",
        |scene, launch| (bars(scene, [Bar::NoPayMethod, Bar::Arrears]), prepaid(launch)).1,
        "Barred(Arrears)",
    ),
    (
        "C-09",
        "no way to pay in advance",
        |scene, launch| (bars(scene, [Bar::NoPayMethod]), prepaid(launch)).1,
        "Barred(NoPayMethod)",
    ),
    (
        "C-09",
        "money",
        |scene, launch| (bars(scene, []), prepaid(launch)).1,
        "Short(Shortage { binding: Money, wanted: Wanted { most: 1, least: 1 }, quota: 94, postpaid: None, cpus: None, disks: None, money: Some(0), ",
    ),
    // Capacity.
    (
        "N-17",
        "places in a group",
        |_, launch| (by_use(launch), launch.groups = vec![group(0), group(1)]).1,
        "Short(Shortage { binding: GroupPlaces, wanted: Wanted { most: 1, least: 1 }, quota: 94, postpaid: None, cpus: None, disks: None, money: None, host_places: None, group_places: 0, ",
    ),
    (
        "N-15",
        "addresses",
        |_, launch| (launch.groups = vec![group(0)], launch.subnet = Some(subnet(0))).1,
        "Short(Shortage { binding: Addresses, wanted: Wanted { most: 1, least: 1 }, quota: 94, postpaid: None, cpus: None, disks: None, money: None, host_places: None, group_places: 6, addresses: 0, ",
    ),
    (
        "A-04",
        "stock",
        |_, launch| (launch.subnet, launch.instance_type) = (Some(subnet(1)), Some(instance_type(1))),
        "Short(Shortage { binding: Stock, wanted: Wanted { most: 1, least: 1 }, quota: 94, postpaid: None, cpus: None, disks: None, money: None, host_places: None, group_places: 6, addresses: 10, ipv6_addresses: None, public_addresses: None, stock: 0 })",
    ),
    ("X-05", "dry run", |_, launch| launch.rehearsal = Rehearsal::Yes, "Would(1)"),
    ("", "nothing", |_, _| {}, "Batch"),
];

/// Each rule that is broken beside all that come after it is the one that refuses.
#[test]
fn two_faults_always_give_the_same_refusal() {
    for (index, row) in RULES.iter().enumerate() {
        // The last fault first, so that an earlier one can be about the same parameter.
        check(row, RULES[index..].iter().rev());
    }
}

/// The same rules, each broken beside the next one only: what comes later does not help it.
#[test]
fn each_rule_refuses_before_the_next_one() {
    RULES.windows(2).for_each(|pair| check(&pair[0], pair.iter().rev()));
}

#[test]
fn each_rule_refuses_by_itself() {
    RULES.iter().for_each(|row| check(row, [row]));
}

fn check<'r>((rule, name, _, expected): &Row, faults: impl IntoIterator<Item = &'r Row>) {
    let mut scene = crowded();
    let mut launch = Launch { subnet: Some(subnet(1)), ..launch() };
    faults.into_iter().for_each(|(_, _, fault, _)| fault(&mut scene, &mut launch));
    let before = scene.world.clone();
    let answer = match scene.run(&launch) {
        Ok(launched) => format!("{launched:?}"),
        Err(refusal) => {
            assert_eq!(scene.world, before, "a refused launch changes nothing: {rule} {name}");
            format!("{refusal:?}")
        }
    };
    assert!(answer.starts_with(expected), "{rule} {name}: expected {expected}, and got {answer}");
}

const NO_QUOTAS: Quotas = Quotas { postpaid: None, cpus: None, disks: None };

fn image(launch: &mut Launch, image: Option<&str>, family: Option<&str>) {
    (launch.image, launch.image_family) = (image.map(label), family.map(Into::into));
}

fn on(launch: &mut Launch, instance_type: &str) {
    (launch.instance_type, launch.io) = (Some(label(instance_type)), None);
}

/// On a type that reaches its disks the old way.
fn plain(launch: &mut Launch) {
    image(launch, Some("linux"), None);
    launch.system_disk = DiskWish::default();
    on(launch, "t-plain");
}

/// On a usual type, with a usual disk.
fn usual(launch: &mut Launch) {
    plain(launch);
    on(launch, "t-0");
    launch.data_disks = Vec::new();
}

fn data<const N: usize>(launch: &mut Launch, disks: [DiskWish; N]) {
    usual(launch);
    launch.data_disks = disks.into();
}

/// A system disk in the host, and this disk beside it.
fn local(launch: &mut Launch, disk: DiskWish) {
    plain(launch);
    launch.system_disk = of(DiskKind::LocalSsd);
    launch.data_disks = vec![disk];
}

fn of(kind: DiskKind) -> DiskWish {
    DiskWish { kind: Some(kind), ..DiskWish::default() }
}

fn sized(size_gib: u32) -> DiskWish {
    DiskWish { size_gib: Some(size_gib), ..DiskWish::default() }
}

fn from(snapshot: &str) -> DiskWish {
    DiskWish { snapshot: Some(label(snapshot)), ..DiskWish::default() }
}

fn keyed(key: &str) -> DiskWish {
    DiskWish { key: Some(label(key)), encrypted: Some(true), ..sized(20) }
}

fn key_pair(launch: &mut Launch, name: &str) {
    launch.login = Login { key_pair: Some(name.into()), ..Login::default() };
}

fn password(for_windows: bool) -> Login {
    let password = Some(Password { secret: Secret::new(b"/Sesame1"), for_windows });
    Login { password, ..Login::default() }
}

fn interface(launch: &mut Launch, say: impl FnOnce(&mut InterfaceWish)) {
    let mut wish = InterfaceWish::default();
    say(&mut wish);
    launch.interfaces = vec![wish];
}

fn by_use(launch: &mut Launch) {
    launch.charge = Charge::PostPaid;
}

fn prepaid(launch: &mut Launch) {
    (launch.charge, launch.protection) =
        (Charge::PrePaid { count: 1, unit: PeriodUnit::Month }, Protection::Off);
    launch.terms.release_at = None;
}

fn bid(launch: &mut Launch, thousandths: u64) {
    by_use(launch);
    host_none(launch);
    on(launch, "t-spot");
    let interruption = Interruption::Release;
    launch.terms.spot = Some(Spot { at_most: Some(Rate(thousandths)), protected_hours: 1, interruption });
}

fn host(launch: &mut Launch, name: &str) {
    launch.hosting.host = Some(label(name));
}

fn host_none(launch: &mut Launch) {
    launch.hosting = Hosting::default();
}

fn cluster(launch: &mut Launch, name: Option<&str>) {
    launch.hosting.hpc_cluster = name.map(label);
}

fn quotas(scene: &mut Scene, quotas: Quotas) {
    scene.run(&SetAccountTerms { id: OWNER, bars: scene.account().bars, quotas }).unwrap();
}

fn bars<const N: usize>(scene: &mut Scene, bars: [Bar; N]) {
    scene.run(&SetAccountTerms { id: OWNER, bars: bars.into(), quotas: NO_QUOTAS }).unwrap();
}

fn name_address(launch: &mut Launch, address: &str) {
    launch.wanted = Wanted::ONE;
    (launch.zone, launch.subnet) = (None, Some(subnet(0)));
    launch.addresses = Addresses::Given(address.parse().unwrap());
}

fn host_name(launch: &mut Launch, name: &str) {
    image(launch, Some("windows"), None);
    launch.host_names = Names { naming: Naming::Fixed(name.into()), unique_suffix: false };
}

fn limit(scene: &mut Scene, instance_limit: u32) {
    scene.run(&OpenAccount { id: OWNER, instance_limit, grant: None }).unwrap();
}

/// The furnished world with a closed zone, another account's network, a network further away, a subnet
/// `s-new` that is pending, a full subnet `s-0`, a full group `g-1`, no stock of `t-1`, and an account without money.
fn crowded() -> Scene {
    let slow = Policy { network_settling: Span::from_secs(1), ..SmallWorld::policy() };
    let mut scene = testkit::furnished(&SmallWorld::new().stock(20).limit(100).grant(0).under(slow));
    let mut load = testkit::catalogue(20);
    load.catalogue.add(CatalogueItem::Zone(shut_zone(&load.catalogue)));
    load.offers
        .iter_mut()
        .filter(|offer| offer.stock.instance_type == instance_type(1))
        .for_each(|offer| offer.total = 0);
    scene.run(&load).unwrap();
    add_network(&mut scene, AccountId(7), "theirs");
    add_subnet(&mut scene, AccountId(7), "theirs", "s-theirs", "z-0", "10.9.0.0/24");
    add_group(&mut scene, AccountId(7), "theirs", "g-theirs");
    add_network(&mut scene, OWNER, "far");
    add_group(&mut scene, OWNER, "far", "g-far");
    add_subnet(&mut scene, OWNER, "n", "s-shut", "z-shut", "10.0.7.0/24");

    let fresh =
        CreateSubnet { ready: Ready::Settled, ..subnet_of(OWNER, "n", "s-new", "z-0", "10.0.8.0/24") };
    scene.run(&fresh).unwrap();

    let crowd = Launch { groups: vec![group(1)], token: Some(token("used", 1)), ..launch() };
    assert_eq!(scene.launch(&many(crowd.clone(), 4, 4)).unwrap().len(), 4);
    let rest = Launch { token: None, subnet: Some(subnet(1)), ..crowd };
    assert_eq!(scene.launch(&many(rest, 2, 2)).unwrap().len(), 2);
    scene
}

fn shut_zone(catalogue: &Catalogue) -> Zone {
    Zone { label: label("z-shut"), sale: Sale::Closed, ..catalogue.zones[&zone(0)].clone() }
}

fn add_network(scene: &mut Scene, account: AccountId, name: &str) {
    let (label, region, block) = (LabelSource::Given(label(name)), label("r"), "10.0.0.0/8".parse().unwrap());
    let (name, description) = (String::new(), String::new());
    scene
        .run(&CreateNetwork {
            account,
            label,
            region,
            block,
            ipv6: None,
            ready: Ready::AtOnce,
            name,
            description,
            marks: Marks::default(),
        })
        .unwrap();
}

fn add_subnet(scene: &mut Scene, account: AccountId, network: &str, name: &str, zone: &str, block: &str) {
    scene.run(&subnet_of(account, network, name, zone, block)).unwrap();
}

fn subnet_of(account: AccountId, network: &str, name: &str, zone: &str, block: &str) -> CreateSubnet {
    CreateSubnet {
        account,
        label: LabelSource::Given(label(name)),
        network: label(network),
        zone: label(zone),
        block: SubnetBlock::new(block.parse().unwrap()).unwrap(),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }
}

fn add_group(scene: &mut Scene, account: AccountId, network: &str, name: &str) {
    let (source, network) = (LabelSource::Given(label(name)), label(network));
    let (name, description) = (String::new(), String::new());
    scene
        .run(&CreateGroup { account, label: source, network, name, description, marks: Marks::default() })
        .unwrap();
}

/// An account that was never opened can own networks; it is asked for after the relations and
/// before anything it could be short of.
#[test]
fn an_account_that_was_never_opened_is_refused_between_relations_and_quota() {
    let mut scene = crowded();
    let theirs = Launch {
        account: AccountId(7),
        groups: vec![label("g-theirs")],
        subnet: Some(label("s-theirs")),
        instance_type: Some(instance_type(1)),
        ..launch()
    };
    assert_eq!(scene.run(&theirs), Err(LaunchRefusal::UnknownAccount(AccountId(7))));
    let mut misnamed = theirs;
    host_name(&mut misnamed, "a.b");
    assert_eq!(scene.run(&misnamed), Err(LaunchRefusal::HostNameForImage));
}

/// Rule M-02, for the names the launch gives and no others.
#[test]
fn a_windows_host_name_has_to_fit_for_as_many_instances_as_are_wanted() {
    let numbered =
        |prefix: &str, begin| Naming::Numbered { prefix: prefix.into(), begin, digits: 2, suffix: "".into() };
    for (naming, unique_suffix, wanted, fits) in [
        (Naming::Fixed("fifteen-letters".into()), false, 1, true),
        (Naming::Fixed("fifteen-letters".into()), true, 1, false),
        (Naming::Fixed("sixteen-letters!".into()), false, 1, false),
        (Naming::Fixed("a.b".into()), false, 1, false),
        (Naming::Fixed("123".into()), false, 1, false),
        (Naming::OwnId, false, 1, true),
        (Naming::Each(vec!["web".into(), "db".into()]), false, 2, true),
        (Naming::Each(vec!["sixteen-letters!".into(), "db".into()]), false, 2, false),
        (numbered("thirteen-lett", 97), false, 3, true),
        (numbered("thirteen-lett", 97), false, 4, false),
        (numbered("thirteen-lett", 90), false, 1, true),
    ] {
        let mut scene = Scene::new(SmallWorld::new().stock(20).build());
        let launch = Launch {
            image: Some(label("windows")),
            host_names: Names { naming, unique_suffix },
            ..many(launch(), wanted, 1)
        };
        let answer = scene.run(&launch);
        match fits {
            true => assert!(
                matches!(answer, Ok(Launched::Batch { .. })),
                "{answer:?}: {:?} × {wanted}",
                launch.host_names
            ),
            false => {
                assert_eq!(answer, Err(LaunchRefusal::HostNameForImage), "{:?} × {wanted}", launch.host_names)
            }
        }
    }
}

#[test]
fn a_group_that_is_named_twice_is_joined_once() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.launch_one(&Launch { groups: vec![group(0), group(0)], ..launch() });
    assert_eq!(scene.audit(), []);
}
