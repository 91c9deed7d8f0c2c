//! The small world with one of everything that a launch can name: types, images, snapshots, keys,
//! sets, clusters, roles, dedicated hosts, and a key pair.
//!
//! ```text
//! types    t-plain, t-either (disks the old way, or either)   t-essd (takes one kind of disk)
//!          t-burst   t-hpc   t-spot (0.1 an hour)   t-disks (disks in its host)   t-small, t-big (memory)
//! images   f-1, f-2 of family f, newest last; f-shut and f-theirs, newer and not to be had
//!          i386   hungry (memory)   bare (runs nothing)   slow (disks the old way)   large   shared
//! assets   snap, snap-old, snap-part, snap-system, snap-secret, snap-huge, snap-theirs
//!          key, key-off   set   cluster, cluster-new   role, role-other   ledger
//! hosts    h-0 (by use)   h-paid (40 days)   h-brief (10 days)   h-full, h-shut   h-far (z-1)   h-theirs
//! ```

use fleet::{
    Abilities, Architecture, Asset, AssetKind, CatalogueItem, DiskKind, DiskSnapshot, Host, Image,
    ImageOrigin, ImageStatus, ImageTraits, InstanceType, IoSupport, KeyPair, LoadCatalogue, LocalDisks,
    Offer, Os, Rate, Record, Region, Sale, Span, StockKey, Time, Write, Zone,
};

use crate::scene::Scene;
use crate::small_world::{OWNER, STRANGER, SmallWorld, ZONES, host, label, zone};

/// The name of the key pair that the owner has.
pub const KEY_PAIR: &str = "key-pair";

/// The scene with the furniture, at time 0.
#[must_use]
pub fn furnished(world: &SmallWorld) -> Scene {
    let mut scene = Scene::new(world.build());
    furnish(&mut scene, world.units());
    scene
}

/// Brings the furniture into a scene, with this much of each type in each zone.
///
/// # Panics
/// When the core refuses it, which it has no reason to.
pub fn furnish(scene: &mut Scene, units: u32) {
    scene.run(&catalogue(units)).expect("a catalogue");
    let key_pair = KeyPair {
        account: OWNER,
        name: KEY_PAIR.into(),
        fingerprint: "00:11".into(),
        public_key: "ssh-ed25519 AAAA".into(),
        created_at: Time::START,
        resource_group: None,
        tags: Vec::new(),
    };
    scene.world.apply([Write::Put(Record::KeyPair(key_pair))]);
}

/// The catalogue of the small world and the furniture. Zone `z-1` offers one kind of disk.
#[must_use]
pub fn catalogue(units: u32) -> LoadCatalogue {
    let mut load = SmallWorld::catalogue(units);
    let zones: Vec<Zone> = load.catalogue.zones.values().cloned().collect();
    for found in zones.into_iter().filter(|found| found.label == zone(1)) {
        load.catalogue.add(CatalogueItem::Zone(Zone { disks: vec![DiskKind::Efficiency], ..found }));
    }
    for instance_type in instance_types(&load) {
        for index in 0..ZONES {
            let stock = StockKey { zone: zone(index), instance_type: instance_type.label.clone() };
            load.offers.push(Offer { stock, total: units });
        }
        load.catalogue.add(CatalogueItem::InstanceType(instance_type));
    }
    for image in images(&load) {
        load.catalogue.add(CatalogueItem::Image(image));
    }
    for asset in assets() {
        load.catalogue.add(CatalogueItem::Asset(asset));
    }
    let far = Region { label: label("far"), local_name: "Far".into(), public_block: None };
    load.catalogue.add(CatalogueItem::Region(far));
    load.hosts = hosts();
    load
}

fn instance_types(load: &LoadCatalogue) -> Vec<InstanceType> {
    let plain = &load.catalogue.instance_types[&label("t-0")];
    let like = |name: &str, abilities| InstanceType { label: label(name), abilities, ..plain.clone() };
    let usual = Abilities::default;
    let local_disks = LocalDisks { count: 1, size_gib: 100 };
    let spot_price = Some(Rate(100));
    vec![
        like("t-plain", Abilities { io: IoSupport::Never, ..usual() }),
        like("t-either", Abilities { io: IoSupport::Optional, ..usual() }),
        like("t-essd", Abilities { disks: vec![DiskKind::Essd], ..usual() }),
        like("t-burst", Abilities { burstable: true, ..usual() }),
        like("t-hpc", Abilities { hpc: true, ..usual() }),
        like("t-spot", Abilities { spot_price, ..usual() }),
        like("t-disks", Abilities { local_disks, ..usual() }),
        InstanceType { memory_mib: 512, ..like("t-small", usual()) },
        InstanceType { memory_mib: 8192, ..like("t-big", usual()) },
    ]
}

fn images(load: &LoadCatalogue) -> Vec<Image> {
    let plain = &load.catalogue.images[&label("linux")];
    let like = |name: &str, traits| Image { label: label(name), traits, ..plain.clone() };
    let usual = ImageTraits::default;
    let family = |secs| ImageTraits {
        family: Some("f".into()),
        created_at: Time::from_secs(secs),
        ..ImageTraits::default()
    };
    vec![
        like("f-1", family(1)),
        like("f-2", family(2)),
        Image { status: ImageStatus::Deprecated, ..like("f-shut", family(3)) },
        like("f-theirs", ImageTraits { account: Some(STRANGER), ..family(4) }),
        Image { architecture: Architecture::I386, ..like("i386", usual()) },
        Image { os: Os::Windows, ..like("hungry", ImageTraits { memory_min_mib: 1024, ..usual() }) },
        like("bare", ImageTraits { cloud_init: false, ..usual() }),
        like("slow", ImageTraits { io_optimized: false, ..usual() }),
        Image { size_gib: 100, ..like("large", usual()) },
        like("shared", ImageTraits { origin: ImageOrigin::Others, ..usual() }),
    ]
}

fn assets() -> Vec<Asset> {
    let asset = |name: &str, what| Asset {
        label: label(name),
        region: Some(label("r")),
        account: None,
        sale: Sale::Open,
        what,
    };
    let usual = DiskSnapshot {
        size_gib: 30,
        // The first second of 2020.
        created_at: Time::from_secs(1_577_836_800),
        finished: true,
        encrypted: false,
        of_system_disk: false,
    };
    let snapshot = |name: &str, snapshot| asset(name, AssetKind::Snapshot(snapshot));
    vec![
        snapshot("snap", usual.clone()),
        // The last second of 2013-07-15, and the first of the day after.
        snapshot("snap-old", DiskSnapshot { created_at: Time::from_secs(1_373_932_799), ..usual.clone() }),
        snapshot("snap-first", DiskSnapshot { created_at: Time::from_secs(1_373_932_800), ..usual.clone() }),
        snapshot("snap-part", DiskSnapshot { finished: false, ..usual.clone() }),
        snapshot("snap-system", DiskSnapshot { of_system_disk: true, ..usual.clone() }),
        snapshot("snap-secret", DiskSnapshot { encrypted: true, ..usual.clone() }),
        snapshot("snap-huge", DiskSnapshot { size_gib: 40_000, ..usual.clone() }),
        Asset { account: Some(STRANGER), ..snapshot("snap-theirs", usual.clone()) },
        Asset { region: Some(label("far")), ..snapshot("snap-far", usual.clone()) },
        Asset { sale: Sale::Closed, ..snapshot("snap-gone", usual) },
        asset("key", AssetKind::EncryptionKey { enabled: true }),
        asset("key-off", AssetKind::EncryptionKey { enabled: false }),
        asset("set", AssetKind::DeploymentSet { places: 20 }),
        asset("cluster", AssetKind::HpcCluster { ready: true }),
        asset("cluster-new", AssetKind::HpcCluster { ready: false }),
        asset("role", AssetKind::Role { for_instances: true }),
        asset("role-other", AssetKind::Role { for_instances: false }),
        asset("ledger", AssetKind::ResourceGroup),
    ]
}

fn hosts() -> Vec<Host> {
    let like = |name: &str| Host { label: label(name), ..host(0) };
    let paid = |name: &str, days| {
        let expires_at = Some(Time::START.after(Span::from_days(days)));
        Host { prepaid: true, expires_at, ..like(name) }
    };
    vec![
        host(0),
        paid("h-paid", 40),
        paid("h-brief", 10),
        Host { places: 0, ..like("h-full") },
        Host { sale: Sale::Closed, ..like("h-shut") },
        Host { families: vec![label("f-other")], ..like("h-picky") },
        Host { zone: zone(1), places: 2, ..like("h-far") },
        Host { account: Some(STRANGER), places: 9, ..like("h-theirs") },
    ]
}
