//! Whole machines: what a launch of them may ask for, and the subnets that they are attached to and detached from.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleet::{
    Abilities, AccountId, Asset, AssetKind, Attach, AttachRefusal, Attachment, BareMetal, BareMetalOffer,
    BareMetalRefusal, BareMetalType, BareMetalZone, CatalogueItem, Charge, CreateNetwork, CreateSubnet,
    Detach, DiskRow, Installed, Instance, InstanceId, InstanceType, InterfaceNames, Label, LabelSource,
    Launch, LaunchRefusal, Layout, LayoutFault, Line, LoadCatalogue, Marks, Offer, PeriodUnit, Policy,
    RaidLevel, Ready, Reinstall, ReinstallRefusal, Sale, Span, Status, StockKey, SubnetBlock, Terms, Time,
    WorkOutcome, Zone,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, label, launch, many, subnet, zone};

const MONTH: Charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };

/// Types `m` (subnets), `m-alone` (none), `m-shut` (not sold), `m-far` (in `z-1` only), `m-wide` (more to choose from).
fn catalogue() -> LoadCatalogue {
    let mut load = SmallWorld::catalogue(4);
    let plain = load.catalogue.instance_types[&label("t-0")].clone();
    for index in 0..2 {
        let found: Zone = load.catalogue.zones[&zone(index)].clone();
        let bare_metal = BareMetalZone {
            city: String::new(),
            area: String::new(),
            addresses: label("p"),
            subnets: true,
            networks: true,
            cloud_router: false,
        };
        load.catalogue.add(CatalogueItem::Zone(Zone { bare_metal: Some(bare_metal.into()), ..found }));
    }
    let offer = BareMetalOffer {
        lines: vec![Line::Bandwidth],
        out_mbps_max: 10,
        postpaid: true,
        ..BareMetalOffer::default()
    };
    let both = BTreeMap::from([(zone(0), offer.clone()), (zone(1), offer.clone())]);
    let usual = BareMetalType {
        disks: vec![DiskRow { size_gb: 100, count: 4 }],
        raids: vec![RaidLevel::StripedMirrors],
        quick_raids: RaidLevel::ALL.to_vec(),
        subnets: true,
        offers: both,
        ..BareMetalType::default()
    };
    let far = BTreeMap::from([(zone(1), offer.clone())]);
    let wide = BareMetalOffer { lines: Line::ALL.to_vec(), prepaid: true, postpaid: false, ..offer };
    let wide = BTreeMap::from([(zone(0), wide)]);
    for (name, sale, is) in [
        ("m", Sale::Open, usual.clone()),
        ("m-alone", Sale::Open, BareMetalType { subnets: false, ..usual.clone() }),
        ("m-shut", Sale::Closed, usual.clone()),
        ("m-far", Sale::Open, BareMetalType { offers: far, ..usual.clone() }),
        ("m-picky", Sale::Open, BareMetalType { images: vec![label("windows")], ..usual.clone() }),
        ("m-wide", Sale::Open, BareMetalType { offers: wide, ..usual }),
    ] {
        let abilities = Abilities { bare_metal: Some(is.into()), ..Abilities::default() };
        load.catalogue.add(CatalogueItem::InstanceType(InstanceType {
            label: label(name),
            sale,
            abilities,
            ..plain.clone()
        }));
        for index in 0..2 {
            let stock = StockKey { zone: zone(index), instance_type: label(name) };
            load.offers.push(Offer { stock, total: 6 });
        }
    }
    for (name, sale) in [("ledger", Sale::Open), ("ledger-shut", Sale::Closed)] {
        load.catalogue.add(CatalogueItem::Asset(Asset {
            label: label(name),
            region: Some(label("r")),
            account: None,
            sale,
            what: AssetKind::ResourceGroup,
        }));
    }
    load
}

/// The small world with machines, and a provider's subnet `p` that they get their addresses from.
fn world() -> Scene {
    let policy = Policy { network_settling: Span::from_secs(9), ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().limit(20).under(policy).build());
    scene.run(&catalogue()).unwrap();
    subnet_of(&mut scene, AccountId::PROVIDER, "p", zone(0), "203.0.113.0/28", Ready::AtOnce);
    scene
}

fn subnet_of(scene: &mut Scene, account: AccountId, name: &str, zone: Label, block: &str, ready: Ready) {
    let network = label(&format!("n-{name}"));
    let made = CreateNetwork {
        account,
        label: LabelSource::Given(network.clone()),
        region: label("r"),
        block: block.parse().unwrap(),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    };
    scene.run(&made).unwrap();
    let made = CreateSubnet {
        account,
        label: LabelSource::Given(label(name)),
        network,
        zone,
        block: SubnetBlock::new(block.parse().unwrap()).unwrap(),
        ipv6: None,
        ready,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    };
    scene.run(&made).unwrap();
}

/// One machine, with nothing wrong with it.
fn machine(asked: BareMetal) -> Launch {
    Launch {
        zone: Some(zone(0)),
        instance_type: Some(label("m")),
        groups: Vec::new(),
        subnet: None,
        bare_metal: Some(Arc::new(asked)),
        ..launch()
    }
}

fn running(scene: &mut Scene, launch: &Launch) -> Vec<InstanceId> {
    let ids = scene.launch(launch).unwrap();
    scene.settle();
    ids
}

fn attach(
    scene: &mut Scene,
    instances: &[(InstanceId, Option<&str>)],
) -> Result<Vec<Instance>, AttachRefusal> {
    attach_to(scene, OWNER, "s-0", instances)
}

fn attach_to(
    scene: &mut Scene,
    account: AccountId,
    to: &str,
    instances: &[(InstanceId, Option<&str>)],
) -> Result<Vec<Instance>, AttachRefusal> {
    let address = |text: &str| text.parse().unwrap();
    let instances = instances.iter().map(|(id, given)| (*id, given.map(address))).collect();
    scene.run(&Attach { account, subnet: label(to), instances })
}

fn places(scene: &Scene, id: InstanceId) -> Vec<String> {
    let attached = scene.instance(id).unwrap().attached;
    attached.iter().map(|place| format!("{} {}", place.subnet.as_str(), place.address)).collect()
}

#[test]
fn machines_are_attached_where_they_say_and_otherwise_at_the_lowest_address() {
    let mut scene = world();
    let ids = running(&mut scene, &many(machine(BareMetal::default()), 3, 3));
    let free = scene.subnet().pool.free;
    // Who says an address gets it, also behind those who take what there is.
    let lowest = scene.subnet().block.address(1).to_string();
    attach(&mut scene, &[(ids[0], None), (ids[1], Some(&lowest))]).unwrap();
    assert_eq!(places(&scene, ids[1]), ["s-0 10.0.0.1"]);
    assert_eq!(places(&scene, ids[0]), ["s-0 10.0.0.2"]);
    assert_eq!(places(&scene, ids[2]), [""; 0]);
    assert_eq!(scene.subnet().pool.free, free - 2);
    assert_eq!(scene.audit(), []);

    attach_to(&mut scene, OWNER, "s-1", &[(ids[0], None)]).unwrap();
    assert_eq!(places(&scene, ids[0]), ["s-0 10.0.0.2", "s-1 10.0.0.17"]);
    let detach = |instance| Detach { account: OWNER, subnet: subnet(0), instance };
    scene.run(&detach(ids[0])).unwrap();
    assert_eq!(places(&scene, ids[0]), ["s-1 10.0.0.17"]);
    assert_eq!(scene.subnet().pool.free, free - 1);
    assert_eq!(scene.run(&detach(ids[0])), Err(AttachRefusal::NotAttached(ids[0])));
    assert_eq!(scene.run(&detach(ids[2])), Err(AttachRefusal::NotAttached(ids[2])));
    assert_eq!(scene.audit(), []);

    for id in ids {
        scene.release(id).unwrap();
    }
    scene.settle();
    assert_eq!(scene.subnet().pool.free, free);
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_cannot_be_attached_is_refused_and_nothing_of_it_is() {
    let mut scene = world();
    let ids = running(&mut scene, &many(machine(BareMetal::default()), 5, 5));
    let alone = Launch { instance_type: Some(label("m-alone")), ..machine(BareMetal::default()) };
    let alone = running(&mut scene, &alone)[0];
    let virtual_one = running(&mut scene, &Launch { subnet: Some(subnet(1)), ..launch() })[0];
    let off = ids[4];
    scene.stop(off).unwrap();
    scene.settle();
    let far = running(&mut scene, &Launch { zone: Some(zone(1)), ..machine(BareMetal::default()) })[0];
    attach(&mut scene, &[(ids[3], Some("10.0.0.3"))]).unwrap();
    let settling = Ready::Settled;
    subnet_of(&mut scene, OWNER, "late", zone(0), "10.9.0.0/28", settling);
    subnet_of(&mut scene, STRANGER, "theirs", zone(0), "10.8.0.0/28", Ready::AtOnce);
    let [a, b] = [ids[0], ids[1]];
    let ip = |text: &str| text.parse().unwrap();
    type Asked<'a> = Vec<(InstanceId, Option<&'a str>)>;
    let table: Vec<(&str, Asked<'_>, AttachRefusal)> = vec![
        ("none", vec![(a, None)], AttachRefusal::UnknownSubnet(label("none"))),
        ("theirs", vec![(a, None)], AttachRefusal::UnknownSubnet(label("theirs"))),
        ("late", vec![(a, None)], AttachRefusal::SubnetPending(label("late"))),
        ("s-0", vec![(a, None), (a, None)], AttachRefusal::InstanceTwice(a)),
        (
            "s-0",
            vec![(a, Some("10.0.0.2")), (b, Some("10.0.0.2"))],
            AttachRefusal::AddressTwice(ip("10.0.0.2")),
        ),
        ("s-0", vec![(a, Some("10.0.0.17"))], AttachRefusal::AddressOutside(ip("10.0.0.17"))),
        ("s-0", vec![(a, Some("10.0.0.0"))], AttachRefusal::AddressOutside(ip("10.0.0.0"))),
        ("s-0", vec![(a, Some("10.0.0.7"))], AttachRefusal::AddressOutside(ip("10.0.0.7"))),
        ("s-0", vec![(a, None), (off, None)], AttachRefusal::WrongStatus(off, Status::Stopped)),
        ("s-0", vec![(alone, None)], AttachRefusal::NotSupported(alone)),
        ("s-0", vec![(virtual_one, None)], AttachRefusal::NotSupported(virtual_one)),
        ("s-0", vec![(far, None)], AttachRefusal::OtherZone(far)),
        ("s-0", vec![(a, None), (ids[3], None)], AttachRefusal::Attached(ids[3])),
        ("s-0", vec![(a, None), (b, Some("10.0.0.3"))], AttachRefusal::AddressTaken(ip("10.0.0.3"))),
    ];
    for (to, instances, expected) in table {
        let before = scene.world.clone();
        let told = attach_to(&mut scene, OWNER, to, &instances);
        assert_eq!(told, Err(expected.clone()), "{to} {instances:?}");
        assert_eq!(scene.world, before, "{expected:?}");
    }
    scene.now = Time::from_secs(9);
    attach_to(&mut scene, OWNER, "late", &[(a, None)]).unwrap();
    assert_eq!(places(&scene, a), ["late 10.9.0.1"]);
}

#[test]
fn more_machines_than_a_subnet_has_addresses_are_not_attached() {
    let mut scene = world();
    let ids = running(&mut scene, &many(machine(BareMetal::default()), 5, 5));
    let all: Vec<_> = ids.iter().map(|id| (*id, None)).collect();
    let before = scene.world.clone();
    assert_eq!(attach(&mut scene, &all), Err(AttachRefusal::NoAddress));
    assert_eq!(scene.world, before);
    attach(&mut scene, &all[1..]).unwrap();
    assert_eq!(scene.subnet().pool.free, 0);
    assert_eq!(attach(&mut scene, &all[..1]), Err(AttachRefusal::NoAddress));
}

#[test]
fn a_machine_may_be_attached_from_the_start() {
    let mut scene = world();
    let asked = BareMetal { subnet: Some(subnet(0)), ..BareMetal::default() };
    let ids = running(&mut scene, &many(machine(asked.clone()), 2, 2));
    let attached = |id| scene.instance(id).unwrap().attached;
    let place = |address: &str| Attachment { subnet: subnet(0), address: address.parse().unwrap() };
    assert_eq!(attached(ids[0]), [place("10.0.0.1")]);
    assert_eq!(attached(ids[1]), [place("10.0.0.2")]);
    assert_eq!(scene.instance(ids[0]).unwrap().public, None, "its address is public already");
    assert_eq!(scene.audit(), []);
    let refusal = BareMetalRefusal::Addresses { wanted: 3, free: 2 };
    let told = scene.launch(&many(machine(asked), 3, 3));
    assert_eq!(told, Err(LaunchRefusal::BareMetal(refusal)));
}

/// What comes of a launch, each in the same world.
fn check(table: impl IntoIterator<Item = (Launch, Result<(), LaunchRefusal>)>) {
    let mut scene = world();
    subnet_of(&mut scene, OWNER, "late", zone(0), "10.9.0.0/28", Ready::Settled);
    for (launch, expected) in table {
        let before = scene.world.clone();
        assert_eq!(scene.launch(&launch).map(drop), expected, "{launch:?}");
        assert_eq!(scene.audit(), []);
        scene.world = before;
    }
}

fn metal(refusal: BareMetalRefusal) -> Result<(), LaunchRefusal> {
    Err(LaunchRefusal::BareMetal(refusal))
}

#[test]
fn what_a_machine_is_launched_as_has_to_be_there_and_on_these_terms() {
    let of = |name: &str| Launch { instance_type: Some(label(name)), ..machine(BareMetal::default()) };
    let with = |change: fn(&mut Launch)| {
        let mut launch = machine(BareMetal::default());
        change(&mut launch);
        launch
    };
    let not_sold =
        |name: &str| Err(LaunchRefusal::NotSoldInZone { instance_type: label(name), zone: zone(0) });
    let accounted = |group: &str| Launch {
        terms: Terms { resource_group: Some(label(group)), ..Terms::default() },
        ..machine(BareMetal::default())
    };
    check([
        (machine(BareMetal::default()), Ok(())),
        (with(|it| it.image = None), Ok(())),
        (with(|it| it.internet.out_mbps_max = 10), Ok(())),
        (
            with(|it| it.internet.out_mbps_max = 11),
            metal(BareMetalRefusal::Bandwidth { asked: 11, most: 10 }),
        ),
        (of("none"), Err(LaunchRefusal::UnknownInstanceType(label("none")))),
        (of("t-0"), Err(LaunchRefusal::UnknownInstanceType(label("t-0")))),
        (of("m-shut"), not_sold("m-shut")),
        (of("m-far"), not_sold("m-far")),
        (of("m-wide"), metal(BareMetalRefusal::Charge)),
        (Launch { charge: MONTH, ..of("m-wide") }, Ok(())),
        (with(|it| it.charge = MONTH), metal(BareMetalRefusal::Charge)),
        (of("m-picky"), Err(LaunchRefusal::UnknownImage(label("linux")))),
        (with(|it| it.image = Some(label("arm"))), Err(LaunchRefusal::UnknownImage(label("arm")))),
        (with(|it| it.image = Some(label("old"))), Err(LaunchRefusal::UnknownImage(label("old")))),
        (accounted("ledger"), Ok(())),
        (accounted("ledger-shut"), metal(BareMetalRefusal::UnknownResourceGroup(label("ledger-shut")))),
        (accounted("none"), metal(BareMetalRefusal::UnknownResourceGroup(label("none")))),
    ]);
}

#[test]
fn what_is_asked_of_a_machine_has_to_suit_it() {
    let asked = |change: fn(&mut BareMetal)| {
        let mut asked = BareMetal::default();
        change(&mut asked);
        machine(asked)
    };
    check([
        (asked(|it| it.line = Line::Peak), metal(BareMetalRefusal::Line(Line::Peak))),
        (asked(|it| it.subnet = Some(label("none"))), Err(LaunchRefusal::UnknownSubnet(label("none")))),
        (asked(|it| it.subnet = Some(label("p"))), Err(LaunchRefusal::UnknownSubnet(label("p")))),
        (asked(|it| it.subnet = Some(label("late"))), Err(LaunchRefusal::SubnetPending(label("late")))),
        (
            asked(|it| it.subnet = Some(subnet(2))),
            Err(LaunchRefusal::SubnetElsewhere { subnet: subnet(2), zone: zone(0) }),
        ),
        (
            Launch { instance_type: Some(label("m-alone")), ..asked(|it| it.subnet = Some(subnet(0))) },
            metal(BareMetalRefusal::TypeWithoutSubnets(label("m-alone"))),
        ),
        (
            asked(|it| it.layout.interfaces.wan = Some("lan0".into())),
            metal(BareMetalRefusal::Layout(LayoutFault::InterfaceNames)),
        ),
    ]);
}

#[test]
fn mirrors_behind_each_other_take_an_even_number_of_disks_from_four() {
    for (level, takes, rooms) in [
        (RaidLevel::Striped, vec![1, 2, 3, 4, 5, 6], [100, 200, 300, 400]),
        (RaidLevel::Mirrored, vec![2], [100, 100, 100, 100]),
        (RaidLevel::Parity, vec![3, 4, 5, 6], [0, 100, 200, 300]),
        (RaidLevel::StripedMirrors, vec![4, 6], [0, 100, 100, 200]),
    ] {
        let taken: Vec<usize> = (0..7).filter(|disks| level.takes(*disks)).collect();
        assert_eq!(taken, takes, "{level:?}");
        assert_eq!([1, 2, 3, 4].map(|disks| level.room_gb(disks, 100)), rooms, "{level:?}");
    }
}

#[test]
fn a_machine_with_an_image_is_installed_before_it_runs() {
    let bare = Launch { image: None, ..machine(BareMetal::default()) };
    for (launch, expected) in [(machine(BareMetal::default()), Status::Installing), (bare, Status::Starting)]
    {
        let mut scene = world();
        let id = scene.launch_one(&launch);
        scene.finish(id, WorkOutcome::Done);
        assert_eq!(scene.instance(id).unwrap().state.status(), expected);
    }
}

#[test]
fn a_machine_is_installed_anew_only_with_what_suits_it() {
    let mut scene = world();
    let id = running(&mut scene, &machine(BareMetal::default()))[0];
    let other = running(&mut scene, &launch())[0];
    scene.stop(other).unwrap();
    scene.settle();
    let anew = |instance, image: Option<&str>, wan: Option<&str>| {
        let interfaces = InterfaceNames { wan: wan.map(Into::into), lan: None };
        let layout = Layout { interfaces, ..Layout::default() };
        let installed = Installed { image: image.map(label), layout, public_keys: Vec::new() };
        Reinstall {
            account: OWNER,
            instance,
            installed,
            host_name: None,
            password: None,
            key_pair: None,
            user_data: None,
        }
    };
    for (reinstall, expected) in [
        (anew(other, None, None), Some(ReinstallRefusal::NotBareMetal)),
        (anew(id, Some("arm"), None), Some(ReinstallRefusal::UnknownImage(label("arm")))),
        (anew(id, Some("none"), None), Some(ReinstallRefusal::UnknownImage(label("none")))),
        (anew(id, None, Some("lan0")), Some(ReinstallRefusal::Layout(LayoutFault::InterfaceNames))),
        (anew(id, Some("windows"), None), None),
    ] {
        assert_eq!(scene.run(&reinstall).err(), expected, "{reinstall:?}");
    }
    assert_eq!(scene.instance(id).unwrap().state.status(), Status::Installing);
}
