//! A catalogue that changes under instances: none of them is broken by it, and what would break one
//! is refused with the numbers.

use std::collections::BTreeMap;

use fleet::{
    AccountRefusal, Architecture, Asset, AssetKind, AssetType, Bar, Catalogue, CatalogueItem,
    CatalogueRefusal, DiskKind, FailureReason, Host, InstanceId, InstanceType, Label, Launch, LoadCatalogue,
    Quotas, Record, Region, Sale, SetAccountTerms, Status, Stock, StockKey, View, WorkOutcome, World, Write,
    Zone,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use testkit::{OWNER, Scene, SmallWorld, TYPES, ZONES, instance_type, label, launch, many, subnet, zone};

fn host(name: &str, zone_number: usize, places: u32) -> Host {
    Host {
        label: label(name),
        name: name.into(),
        zone: zone(zone_number),
        account: None,
        prepaid: false,
        expires_at: None,
        sale: Sale::Open,
        families: vec![],
        places,
        taken: 0,
    }
}

fn with_hosts(hosts: Vec<Host>) -> LoadCatalogue {
    LoadCatalogue { hosts, ..SmallWorld::catalogue(4) }
}

/// A world with a host of four places, two of which are taken.
fn hosted() -> Scene {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.run(&with_hosts(vec![host("h", 0, 4)])).unwrap();
    scene.world.apply([Write::Put(Record::Host(Host { taken: 2, ..host("h", 0, 4) }))]);
    scene
}

fn host_of(world: &World) -> Host {
    let Ok(found) = world.host(&label("h"));
    found.unwrap()
}

#[test]
fn a_host_keeps_what_is_on_it() {
    let mut scene = hosted();
    for (places, fits) in [(1, false), (2, true), (9, true), (0, false)] {
        let before = scene.world.clone();
        let outcome = scene.run(&with_hosts(vec![host("h", 0, places)]));
        if fits {
            assert_eq!(outcome, Ok(()));
            assert_eq!(host_of(&scene.world), Host { taken: 2, ..host("h", 0, places) });
        } else {
            let refusal = CatalogueRefusal::PlacesBelowUse { host: label("h"), places, taken: 2 };
            assert_eq!(outcome, Err(refusal), "{places}");
            assert_eq!(scene.world, before);
        }
    }
}

#[test]
fn a_host_that_vanishes_is_closed_with_just_what_is_on_it() {
    let mut scene = hosted();
    scene.run(&with_hosts(vec![])).unwrap();
    let closed = Host { taken: 2, sale: Sale::Closed, ..host("h", 0, 2) };
    assert_eq!(host_of(&scene.world), closed);
    let again = fleet::decide(&scene.world, &with_hosts(vec![]), scene.now).unwrap();
    assert_eq!(again.writes, [], "what is closed already is not written again");

    scene.run(&with_hosts(vec![host("h", 0, 8)])).unwrap();
    assert_eq!(host_of(&scene.world), Host { taken: 2, ..host("h", 0, 8) });
}

#[test]
fn what_would_move_or_grow_under_instances_is_refused() {
    let mut scene = hosted();
    scene.launch(&many(launch(), 3, 3)).unwrap();
    let item = |name: &str, region: &str| Zone {
        label: label(name),
        region: label(region),
        local_name: String::new(),
        sale: Sale::Open,
        disks: Vec::new(),
        bare_metal: None,
    };
    let changed = |change: fn(&mut InstanceType)| {
        let mut load = with_hosts(vec![host("h", 0, 4)]);
        load.catalogue.instance_types.values_mut().for_each(change);
        load
    };
    let mut moved = with_hosts(vec![]);
    let elsewhere = Region { label: label("r-2"), local_name: String::new(), public_block: None };
    moved.catalogue.add(CatalogueItem::Region(elsewhere));
    moved.catalogue.add(CatalogueItem::Zone(item("z-0", "r-2")));
    let key = StockKey { zone: zone(0), instance_type: instance_type(0) };
    let in_use = CatalogueRefusal::TypeInUse { key, taken: 3 };
    for (load, refusal) in [
        (
            with_hosts(vec![host("h", 1, 4)]),
            CatalogueRefusal::HostMoved { host: label("h"), zone: zone(0), wanted: zone(1), taken: 2 },
        ),
        (moved, CatalogueRefusal::ZoneMoved { zone: zone(0), region: label("r"), wanted: label("r-2") }),
        (changed(|it| it.cpus = 64), in_use.clone()),
        (changed(|it| it.memory_mib = 1), in_use.clone()),
        (changed(|it| it.architecture = Architecture::Arm64), in_use),
        (
            with_hosts(vec![host("h", 9, 4)]),
            CatalogueRefusal::UnknownHostZone { host: label("h"), zone: zone(9) },
        ),
        (with_hosts(vec![host("h", 0, 4), host("h", 0, 5)]), CatalogueRefusal::HostTwice(label("h"))),
    ] {
        let before = scene.world.clone();
        assert_eq!(scene.run(&load), Err(refusal));
        assert_eq!(scene.world, before);
    }
    assert_eq!(scene.run(&changed(|it| it.monthly_price = fleet::Money(1))), Ok(()), "prices may change");
}

#[test]
fn an_asset_is_in_a_region_that_is_there_and_is_closed_when_it_vanishes() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let with = |region: &str| {
        let mut load = SmallWorld::catalogue(4);
        let (region, what) = (Some(label(region)), AssetKind::ResourceGroup);
        let asset = Asset { label: label("rg"), region, account: None, sale: Sale::Open, what };
        load.catalogue.add(CatalogueItem::Asset(asset));
        load
    };
    let (of, asset, region) = (AssetType::ResourceGroup, label("rg"), label("nowhere"));
    let refusal = CatalogueRefusal::UnknownAssetRegion { of, asset, region };
    assert_eq!(scene.run(&with("nowhere")), Err(refusal));

    scene.run(&with("r")).unwrap();
    scene.run(&SmallWorld::catalogue(4)).unwrap();
    let asset = scene.world.catalogue().asset(AssetType::ResourceGroup, &label("rg")).unwrap();
    assert_eq!(asset.sale, Sale::Closed);
}

#[test]
fn the_terms_of_an_account_are_set_as_a_whole() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let before = scene.account();
    let quotas = Quotas { postpaid: Some(0), cpus: None, disks: Some(7) };
    let bars = vec![Bar::Disk(DiskKind::Auto), Bar::Arrears, Bar::Zone(zone(0)), Bar::Arrears];
    let terms = SetAccountTerms { id: OWNER, bars, quotas };
    let set = scene.run(&terms).unwrap();
    let sorted = vec![Bar::Arrears, Bar::Zone(zone(0)), Bar::Disk(DiskKind::Auto)];
    assert_eq!(set, fleet::Account { bars: sorted, quotas, ..before.clone() });
    assert_eq!(scene.account(), set);
    assert_eq!(fleet::decide(&scene.world, &terms, scene.now).unwrap().writes, []);

    let none = SetAccountTerms { id: OWNER, bars: vec![], quotas: Quotas::default() };
    assert_eq!(scene.run(&none), Ok(before));
    let nobody = fleet::AccountId(404);
    assert_eq!(scene.run(&SetAccountTerms { id: nobody, ..none }), Err(AccountRefusal::Unknown(nobody)));
}

/// What becomes of the catalogue of the small world: what is left out of it, and how much there is.
#[derive(Clone, Debug)]
struct Change {
    zones: [bool; ZONES],
    types: [bool; TYPES],
    images: bool,
    totals: [[Option<u32>; TYPES]; ZONES],
    cpus: u16,
}

impl Change {
    fn load(&self) -> LoadCatalogue {
        let LoadCatalogue { mut catalogue, offers, hosts } = SmallWorld::catalogue(0);
        let gone = |kept: &[bool], of: fn(usize) -> Label| -> Vec<Label> {
            (0..kept.len()).filter(|index| !kept[*index]).map(of).collect()
        };
        let (zones, types) = (gone(&self.zones, zone), gone(&self.types, instance_type));
        catalogue.zones.retain(|label, _| !zones.contains(label));
        catalogue.instance_types.retain(|label, _| !types.contains(label));
        catalogue.instance_types.values_mut().for_each(|it| it.cpus = self.cpus);
        catalogue.images.retain(|_, _| self.images);
        let totals = self.totals.as_flattened().iter();
        let offers = offers.into_iter().zip(totals).filter_map(|(offer, total)| {
            let there = !zones.contains(&offer.stock.zone) && !types.contains(&offer.stock.instance_type);
            Some(fleet::Offer { total: (*total)?, ..offer }).filter(|_| there)
        });
        LoadCatalogue { catalogue, offers: offers.collect(), hosts }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let mostly = || prop::bool::weighted(0.8);
    let total = || prop::option::weighted(0.8, 0_u32..7);
    let cpus = prop_oneof![9 => Just(2_u16), 1 => Just(4_u16)];
    (
        prop::array::uniform(mostly()),
        prop::array::uniform(mostly()),
        mostly(),
        prop::array::uniform(prop::array::uniform(total())),
        cpus,
    )
        .prop_map(|(zones, types, images, totals, cpus)| Change { zones, types, images, totals, cpus })
}

#[derive(Clone, Debug)]
enum Step {
    Change(Change),
    Launch { zone: usize, instance_type: usize, count: u8, fail: Option<FailureReason> },
    Release(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    let reason = prop::sample::select(vec![FailureReason::NoStock, FailureReason::Machine]);
    let launch = (0..ZONES, 0..TYPES, 1_u8..4, prop::option::of(reason));
    prop_oneof![
        2 => change().prop_map(Step::Change),
        2 => launch.prop_map(|(zone, instance_type, count, fail)| {
            Step::Launch { zone, instance_type, count, fail }
        }),
        1 => any::<prop::sample::Index>().prop_map(Step::Release),
    ]
}

/// Everything an instance stands on, as it was launched.
fn instances(world: &World) -> Vec<Record> {
    let of_an_instance = |record: &&Record| {
        matches!(record, Record::Instance(_) | Record::Spec(..) | Record::Batch(_) | Record::Event(_))
    };
    world.records().filter(of_an_instance).cloned().collect()
}

fn stocks(world: &World) -> BTreeMap<StockKey, Stock> {
    let stocks = world.records().filter_map(|record| match record {
        Record::Stock(stock) => Some((stock.key.clone(), stock.clone())),
        _ => None,
    });
    stocks.collect()
}

/// Whether the catalogue still has all that the instances were launched from, and as big.
fn stands(world: &World, before: &Catalogue) {
    let catalogue = world.catalogue();
    for record in world.records() {
        if let Record::Spec(_, spec) = record {
            assert!(catalogue.regions.contains_key(&spec.region));
            assert_eq!(catalogue.zones[&spec.zone].region, spec.region);
            assert!(catalogue.images.contains_key(spec.image.as_ref().unwrap()));
            let key = StockKey { zone: spec.zone.clone(), instance_type: spec.instance_type.clone() };
            if stocks(world)[&key].taken() > 0 {
                let of = |catalogue: &Catalogue| catalogue.instance_types[&spec.instance_type].cpus;
                assert_eq!(of(catalogue), of(before), "{}", spec.instance_type);
            }
        }
    }
}

fn change_it(scene: &mut Scene, change: &Change) {
    let before = scene.world.clone();
    let load = change.load();
    match scene.run(&load) {
        Ok(()) => {
            assert_eq!(instances(&scene.world), instances(&before), "no instance is touched");
            stands(&scene.world, before.catalogue());
            for (key, stock) in stocks(&scene.world) {
                let before = stocks(&before).remove(&key).unwrap_or_else(|| Stock::new(key.clone(), 0));
                assert_eq!((stock.taken(), stock.missing()), (before.taken(), before.missing()));
                let offer = load.offers.iter().find(|offer| offer.stock == key);
                let total = offer.map_or(stock.taken() + stock.missing(), |offer| offer.total);
                assert_eq!(stock.total(), total);
            }
        }
        Err(CatalogueRefusal::TotalBelowUse { key, total, taken, missing }) => {
            let stock = &stocks(&before)[&key];
            assert_eq!((taken, missing), (stock.taken(), stock.missing()));
            assert!(total < taken + missing);
            assert_eq!(scene.world, before);
        }
        Err(CatalogueRefusal::TypeInUse { key, taken }) => {
            assert_eq!(stocks(&before)[&key].taken(), taken);
            assert_eq!(scene.world, before);
        }
        Err(other) => panic!("{other}"),
    }
}

fn launch_it(
    scene: &mut Scene,
    zone: usize,
    of: usize,
    count: u8,
    fail: Option<FailureReason>,
) -> Vec<InstanceId> {
    let wanted =
        Launch { instance_type: Some(instance_type(of)), subnet: Some(subnet(zone * 2)), ..launch() };
    let ids = scene.launch(&many(wanted, count, 1)).unwrap_or_default();
    for item in scene.claim() {
        scene.report(&item, fail.map_or(WorkOutcome::Done, WorkOutcome::Failed));
    }
    for item in scene.claim() {
        scene.report(&item, WorkOutcome::Done);
    }
    ids
}

/// Whatever has happened to the catalogue, every instance goes on and goes away.
fn all_go_on(scene: &mut Scene, ids: &[InstanceId]) {
    let settle = |scene: &mut Scene| {
        for item in scene.claim() {
            scene.report(&item, WorkOutcome::Done);
        }
    };
    for id in ids {
        let status = |scene: &Scene| scene.instance(*id).map(|instance| instance.state.status());
        if status(scene) == Some(Status::Running) {
            scene.stop(*id).unwrap();
            settle(scene);
            scene.start(*id).unwrap();
            settle(scene);
            assert_eq!(status(scene), Some(Status::Running));
        }
        if status(scene).is_some() {
            scene.release(*id).unwrap();
            settle(scene);
        }
        assert_eq!(status(scene), None);
    }
}

/// Where failures are kept; they are tried first the next time.
const REGRESSIONS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/fleet-catalogue.txt");

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        ..ProptestConfig::with_cases(256)
    })]

    #[test]
    fn changing_the_catalogue_never_breaks_a_running_instance(steps in prop::collection::vec(step(), 1..20)) {
        let mut scene = Scene::new(SmallWorld::new().build());
        let mut ids = Vec::new();
        for step in steps {
            match step {
                Step::Change(change) => change_it(&mut scene, &change),
                Step::Launch { zone, instance_type, count, fail } => {
                    ids.extend(launch_it(&mut scene, zone, instance_type, count, fail));
                }
                Step::Release(index) if !ids.is_empty() => {
                    drop(scene.release(ids.swap_remove(index.index(ids.len()))));
                }
                Step::Release(_) => {}
            }
            prop_assert_eq!(scene.audit(), []);
        }
        all_go_on(&mut scene, &ids);
        prop_assert_eq!(scene.audit(), []);
    }

    /// The places of a host are set as asked for, unless more instances are on it.
    #[test]
    fn a_host_is_never_smaller_than_what_is_on_it(places in prop::collection::vec(prop::option::of(0_u32..6), 1..9)) {
        let mut scene = hosted();
        for places in places {
            let load = with_hosts(places.map(|places| host("h", 0, places)).into_iter().collect());
            let outcome = scene.run(&load);
            let after = host_of(&scene.world);
            prop_assert_eq!(outcome.is_ok(), places.is_none_or(|places| places >= 2));
            prop_assert!(after.taken == 2 && after.places >= 2);
            if let (Ok(()), Some(places)) = (outcome, places) {
                prop_assert_eq!(after.places, places);
            }
        }
    }
}
