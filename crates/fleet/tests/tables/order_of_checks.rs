//! The order of the checks of a launch, which is part of the contract (`ecs-run-instances.md`
//! section 3): each row breaks one rule fewer than the row above, and the first rule that is still
//! broken is the one that refuses.

use fleet::{
    AccountId, Addresses, Catalogue, CatalogueItem, Charge, CreateGroup, CreateNetwork, CreateSubnet,
    LabelSource, Launch, LaunchRefusal, Launched, Marks, Names, Naming, OpenAccount, PeriodUnit, Rehearsal,
    Sale, SubnetBlock, Wanted, Zone,
};
use testkit::{OWNER, Scene, SmallWorld, group, instance_type, label, launch, many, subnet, token, zone};

/// What is wrong, how it is brought about, and how the refusal begins.
type Row = (&'static str, fn(&mut Scene, &mut Launch), &'static str);

#[test]
fn two_faults_always_give_the_same_refusal() {
    check(&[
        ("region unknown", |_, launch| launch.region = label("nowhere"), "UnknownRegion(`nowhere`)"),
        (
            "token used for something else",
            |_, launch| (launch.token, launch.rehearsal) = (Some(token("used", 2)), Rehearsal::No),
            "TokenReused",
        ),
        ("zone unknown", |_, launch| launch.zone = Some(label("z-9")), "UnknownZone(`z-9`)"),
        ("zone closed", |_, launch| launch.zone = Some(label("z-shut")), "ZoneClosed(`z-shut`)"),
        ("image missing", |_, launch| launch.image = None, "Missing(Image)"),
        ("image unknown", |_, launch| launch.image = Some(label("beos")), "UnknownImage(`beos`)"),
        ("type missing", |_, launch| launch.instance_type = None, "Missing(InstanceType)"),
        ("type unknown", |_, launch| launch.instance_type = Some(label("t-9")), "UnknownInstanceType(`t-9`)"),
        ("group unknown", |_, launch| launch.groups = vec![group(0), group(9)], "UnknownGroup(`g-9`)"),
        (
            "group of another account",
            |_, launch| launch.groups = vec![label("g-theirs")],
            "UnknownGroup(`g-theirs`)",
        ),
        ("group missing", |_, launch| launch.groups = vec![], "Missing(Group)"),
        ("subnet missing", |_, launch| launch.subnet = None, "Missing(Subnet)"),
        ("subnet unknown", |_, launch| launch.subnet = Some(subnet(9)), "UnknownSubnet(`s-9`)"),
        (
            "subnet of another account",
            |_, launch| launch.subnet = Some(label("s-theirs")),
            "UnknownSubnet(`s-theirs`)",
        ),
        (
            "subnet in a closed zone",
            |_, launch| (launch.zone, launch.subnet) = (None, Some(label("s-shut"))),
            "ZoneClosed(`z-shut`)",
        ),
        ("image not available", |_, launch| launch.image = Some(label("old")), "ImageNotAvailable(`old`)"),
        ("type closed", |_, launch| launch.instance_type = Some(label("t-old")), "TypeClosed(`t-old`)"),
        (
            "type not sold in zone",
            |_, launch| launch.instance_type = Some(label("t-arm")),
            "NotSoldInZone { instance_type: `t-arm`, zone: `z-1` }",
        ),
        (
            "image for something else",
            |_, launch| launch.image = Some(label("arm")),
            "ImageNotForType { image: `arm`",
        ),
        (
            "group in another network",
            |_, launch| launch.groups.push(label("g-far")),
            "GroupElsewhere { group: `g-far`",
        ),
        (
            "subnet in another zone",
            |_, launch| launch.zone = Some(zone(1)),
            "SubnetElsewhere { subnet: `s-0`, zone: `z-1` }",
        ),
        (
            "one address for many",
            |_, launch| launch.wanted = Wanted::new(3, 1).unwrap(),
            "OneAddressForMany(3)",
        ),
        ("address outside", |_, launch| name_address(launch, "10.0.0.8"), "AddressOutside(10.0.0.8)"),
        ("address reserved", |_, launch| name_address(launch, "10.0.0.7"), "AddressReserved(10.0.0.7)"),
        ("address taken", |_, launch| name_address(launch, "10.0.0.4"), "AddressTaken(10.0.0.4)"),
        (
            "host name for something else",
            |_, launch| host_name(launch, "much-too-long-for-windows"),
            "HostNameForImage",
        ),
        (
            "quota",
            |scene, _| limit(scene, 6),
            "Short(Shortage { binding: Quota, wanted: Wanted { most: 1, least: 1 }, quota: 0, money: Some(0), group_places: 0, addresses: 0, stock: 0 })",
        ),
        (
            "money",
            |_, launch| launch.charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month },
            "Short(Shortage { binding: Money, wanted: Wanted { most: 1, least: 1 }, quota: 94, money: Some(0), group_places: 0, addresses: 0, stock: 0 })",
        ),
        (
            "places in a group",
            |_, launch| launch.groups.push(group(1)),
            "Short(Shortage { binding: GroupPlaces, wanted: Wanted { most: 1, least: 1 }, quota: 94, money: None, group_places: 0, addresses: 0, stock: 0 })",
        ),
        (
            "addresses",
            |_, launch| launch.subnet = Some(subnet(0)),
            "Short(Shortage { binding: Addresses, wanted: Wanted { most: 1, least: 1 }, quota: 94, money: None, group_places: 6, addresses: 0, stock: 0 })",
        ),
        (
            "stock",
            |_, launch| launch.instance_type = Some(instance_type(1)),
            "Short(Shortage { binding: Stock, wanted: Wanted { most: 1, least: 1 }, quota: 94, money: None, group_places: 6, addresses: 10, stock: 0 })",
        ),
        ("dry run", |_, launch| launch.rehearsal = Rehearsal::Yes, "Would(1)"),
        ("nothing", |_, _| {}, "Batch"),
    ]);
}

fn check(rows: &[Row]) {
    for (index, (name, _, expected)) in rows.iter().enumerate() {
        let mut scene = crowded();
        let mut launch = Launch { subnet: Some(subnet(1)), ..launch() };
        // The last fault first, so that an earlier one can be about the same parameter.
        rows[index..].iter().rev().for_each(|(_, fault, _)| fault(&mut scene, &mut launch));
        let before = scene.world.clone();
        let answer = match scene.run(&launch) {
            Ok(launched) => format!("{launched:?}"),
            Err(refusal) => {
                assert_eq!(scene.world, before, "a refused launch changes nothing: {name}");
                format!("{refusal:?}")
            }
        };
        assert!(answer.starts_with(expected), "{name}: expected {expected}, and got {answer}");
    }
}

fn name_address(launch: &mut Launch, address: &str) {
    (launch.subnet, launch.addresses) = (Some(subnet(0)), Addresses::Given(address.parse().unwrap()));
}

fn host_name(launch: &mut Launch, name: &str) {
    launch.image = Some(label("windows"));
    launch.host_names = Names { naming: Naming::Fixed(name.into()), unique_suffix: false };
}

fn limit(scene: &mut Scene, instance_limit: u32) {
    scene.run(&OpenAccount { id: OWNER, instance_limit, grant: None }).unwrap();
}

/// The small world with a closed zone, another account's network, a network further away, a full
/// subnet `s-0`, a full group `g-1`, no stock of `t-1`, and an account without money.
fn crowded() -> Scene {
    let mut scene = Scene::new(SmallWorld::new().stock(20).limit(100).grant(0).build());
    let mut load = SmallWorld::catalogue(20);
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
        .run(&CreateNetwork { account, label, region, block, name, description, marks: Marks::default() })
        .unwrap();
}

fn add_subnet(scene: &mut Scene, account: AccountId, network: &str, name: &str, zone: &str, block: &str) {
    let block = SubnetBlock::new(block.parse().unwrap()).unwrap();
    let (source, network, zone) = (LabelSource::Given(label(name)), label(network), label(zone));
    let (name, description) = (String::new(), String::new());
    scene
        .run(&CreateSubnet {
            account,
            label: source,
            network,
            zone,
            block,
            name,
            description,
            marks: Marks::default(),
        })
        .unwrap();
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
