//! Networks, subnets and groups: what is refused, and in which order.

use fleet::{
    AccountId, CatalogueItem, CreateGroup, CreateNetwork, CreateSubnet, LabelSource, Marks, Network,
    NetworkRefusal, Ready, Sale, SubnetBlock, Zone,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, label, zone};

fn network(block: &str) -> CreateNetwork {
    CreateNetwork {
        account: OWNER,
        label: LabelSource::Drawn("vpc-"),
        region: label("r"),
        block: block.parse().unwrap(),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }
}

fn subnet(block: &str) -> CreateSubnet {
    CreateSubnet {
        account: OWNER,
        label: LabelSource::Drawn("vsw-"),
        network: label("n"),
        zone: label("z-0"),
        block: SubnetBlock::new(block.parse().unwrap()).unwrap(),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }
}

fn group(account: AccountId, source: LabelSource) -> CreateGroup {
    CreateGroup {
        account,
        label: source,
        network: label("n"),
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }
}

#[test]
fn a_network_is_a_part_of_a_private_range() {
    for (block, private) in [
        ("10.0.0.0/8", true),
        ("10.1.2.0/24", true),
        ("172.16.0.0/12", true),
        ("172.31.0.0/16", true),
        ("192.168.0.0/16", true),
        ("10.0.0.0/7", false),
        ("11.0.0.0/8", false),
        ("172.32.0.0/16", false),
        ("172.0.0.0/8", false),
        ("192.169.0.0/16", false),
        ("10.0.0.1/8", false),
    ] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let refusal = NetworkRefusal::NotPrivate(block.parse().unwrap());
        match private {
            true => assert_eq!(scene.run(&network(block)).map(|made| made.block), Ok(block.parse().unwrap())),
            false => assert_eq!(scene.run(&network(block)), Err(refusal), "{block}"),
        }
    }
}

#[test]
fn a_closed_zone_takes_no_subnet_but_from_whoever_sets_the_fleet_up() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let mut load = SmallWorld::catalogue(1);
    let open = load.catalogue.zones[&zone(0)].clone();
    load.catalogue.add(CatalogueItem::Zone(Zone { sale: Sale::Closed, ..open }));
    scene.run(&load).unwrap();
    let asked = CreateSubnet { zone: zone(0), ready: Ready::Settled, ..subnet("10.0.200.0/24") };
    assert_eq!(scene.run(&asked), Err(NetworkRefusal::ZoneClosed(zone(0))));
    scene.run(&CreateSubnet { ready: Ready::AtOnce, ..asked }).unwrap();
}

#[test]
fn each_refusal_of_a_subnet_comes_before_the_next() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let overlapping = |block: &str, subnet: &str, other: &str| NetworkRefusal::Overlaps {
        block: block.parse().unwrap(),
        subnet: label(subnet),
        other: other.parse().unwrap(),
    };
    for (asked, expected) in [
        (
            CreateSubnet { account: STRANGER, zone: label("z-9"), ..subnet("192.168.0.0/24") },
            NetworkRefusal::UnknownNetwork(label("n")),
        ),
        (
            CreateSubnet { network: label("n-9"), ..subnet("192.168.0.0/24") },
            NetworkRefusal::UnknownNetwork(label("n-9")),
        ),
        (
            CreateSubnet { zone: label("z-9"), ..subnet("192.168.0.0/24") },
            NetworkRefusal::UnknownZone(label("z-9")),
        ),
        (
            CreateSubnet { label: LabelSource::Given(label("s-0")), ..subnet("192.168.0.0/24") },
            NetworkRefusal::LabelTaken(label("s-0")),
        ),
        (
            subnet("192.168.0.0/24"),
            NetworkRefusal::OutsideNetwork {
                block: "192.168.0.0/24".parse().unwrap(),
                network: "10.0.0.0/16".parse().unwrap(),
            },
        ),
        (subnet("10.0.0.0/28"), overlapping("10.0.0.0/28", "s-0", "10.0.0.0/29")),
        (subnet("10.0.1.24/29"), overlapping("10.0.1.24/29", "s-3", "10.0.1.16/28")),
    ] {
        let before = scene.world.clone();
        assert_eq!(scene.run(&asked), Err(expected));
        assert_eq!(scene.world, before);
    }
    for index in 4..Network::SUBNETS_MAX {
        scene.run(&subnet(&format!("10.0.{index}.0/24"))).unwrap();
    }
    assert_eq!(scene.run(&subnet("10.0.200.0/24")), Err(NetworkRefusal::TooManySubnets));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_region_that_is_not_there_has_no_networks() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let nowhere = CreateNetwork { region: label("x"), ..network("11.0.0.0/8") };
    assert_eq!(scene.run(&nowhere), Err(NetworkRefusal::UnknownRegion(label("x"))));
}

#[test]
fn a_group_is_in_a_network_of_its_account() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let drawn = || LabelSource::Drawn("sg-");
    assert_eq!(scene.run(&group(STRANGER, drawn())), Err(NetworkRefusal::UnknownNetwork(label("n"))));
    let taken = LabelSource::Given(label("g-0"));
    assert_eq!(scene.run(&group(OWNER, taken)), Err(NetworkRefusal::LabelTaken(label("g-0"))));
    let (one, other) =
        (scene.run(&group(OWNER, drawn())).unwrap(), scene.run(&group(OWNER, drawn())).unwrap());
    assert_ne!(one.label, other.label);
}

/// Somebody may have chosen the very label that is drawn next: the one after it does as well.
#[test]
fn a_drawn_label_is_one_that_is_free() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let drawn = scene.clone().run(&group(OWNER, LabelSource::Drawn("sg-"))).unwrap().label;
    scene.run(&group(OWNER, LabelSource::Given(drawn.clone()))).unwrap();
    let next = scene.run(&group(OWNER, LabelSource::Drawn("sg-"))).unwrap().label;
    assert!(next > drawn, "{next} after {drawn}");
}
