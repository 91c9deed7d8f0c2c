//! Pools: further interfaces, IPv6, public addresses, consecutive ones, what is pending, and what
//! cools down. Whatever an instance had is back once it is gone, exactly once.

use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{
    Addresses, AfterCreation, CatalogueItem, CatalogueRefusal, CreateNetwork, CreateSubnet, Edition,
    FailureReason, GivePublicAddress, GivenAddress, Instance, InstanceId, InterfaceWish, Internet, Ipv6Wish,
    Key, LabelSource, Launch, LaunchRefusal, Limit, LoadCatalogue, Network, NetworkRefusal, Policy, PoolId,
    PublicAddressRefusal, PublicPool, Ready, Record, Region, Span, Status, Subnet, SubnetBlock, Time,
    WorkOutcome,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, at, group, label, launch, many, subnet, zone};

/// The small world with 4 public addresses for region `r`, and a network `six` with a subnet `s-six`
/// of 12 addresses and a group `g-six`, all of which know IPv6; its types take 3 interfaces and 5
/// IPv6 addresses.
fn rich(policy: Policy) -> Scene {
    let mut scene = Scene::new(SmallWorld::new().stock(100).limit(100).under(policy).build());
    scene.run(&with_public(Some("203.0.113.8/29"))).unwrap();
    scene.run(&network("six", Some("2001:db8:0:100::/56"))).unwrap();
    scene.run(&subnet_of("six", "s-six", "192.168.1.16/28", Some("2001:db8:0:101::/64"))).unwrap();
    let account = OWNER;
    let group = fleet::CreateGroup {
        account,
        label: LabelSource::Given(label("g-six")),
        network: label("six"),
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    };
    scene.run(&group).unwrap();
    scene
}

fn block(text: &str) -> SubnetBlock {
    SubnetBlock::new(text.parse().unwrap()).unwrap()
}

fn with_public(text: Option<&str>) -> LoadCatalogue {
    let mut load = SmallWorld::catalogue(100);
    let region = Region { label: label("r"), local_name: "Region".into(), public_block: text.map(block) };
    load.catalogue.add(CatalogueItem::Region(region));
    for instance_type in load.catalogue.instance_types.values_mut() {
        instance_type.abilities.interfaces = 3;
        instance_type.abilities.ipv6_per_interface = 5;
    }
    load
}

fn network(name: &str, ipv6: Option<&str>) -> CreateNetwork {
    CreateNetwork {
        account: OWNER,
        label: LabelSource::Given(label(name)),
        region: label("r"),
        block: "192.168.0.0/16".parse().unwrap(),
        ipv6: ipv6.map(|text| text.parse().unwrap()),
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    }
}

fn subnet_of(network: &str, name: &str, net: &str, ipv6: Option<&str>) -> CreateSubnet {
    CreateSubnet {
        account: OWNER,
        label: LabelSource::Given(label(name)),
        network: label(network),
        zone: zone(0),
        block: block(net),
        ipv6: ipv6.map(|text| text.parse().unwrap()),
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    }
}

fn in_six() -> Launch {
    Launch { subnet: Some(label("s-six")), groups: vec![label("g-six")], ..launch() }
}

fn online(launch: Launch) -> Launch {
    Launch { internet: Internet { out_mbps_max: 5, ..Internet::NONE }, ..launch }
}

fn public_pool(scene: &Scene) -> PublicPool {
    match scene.get(&Key::PublicPool(label("r"))) {
        Some(Record::PublicPool(pool)) => pool,
        other => panic!("no pool: {other:?}"),
    }
}

fn the_subnet(scene: &Scene, name: &str) -> Subnet {
    match scene.get(&Key::Subnet(label(name))) {
        Some(Record::Subnet(subnet)) => subnet,
        other => panic!("no subnet: {other:?}"),
    }
}

/// How much is free of IPv4, IPv6 and public addresses, and how many IPv6 addresses are claimed.
fn free(scene: &Scene) -> (u32, u32, u32, usize) {
    let six = the_subnet(scene, "s-six");
    let claims = scene.world.records().filter(|record| matches!(record, Record::Ipv6Claim(_))).count();
    (six.pool.free, six.ipv6.unwrap().pool.free, public_pool(scene).pool.free, claims)
}

const UNTOUCHED: (u32, u32, u32, usize) = (12, 65535, 4, 0);

fn v4(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

fn v6(text: &str) -> Ipv6Addr {
    text.parse().unwrap()
}

fn run(scene: &mut Scene, launch: &Launch) -> Instance {
    let id = scene.launch_one(launch);
    scene.finish(id, WorkOutcome::Done);
    if launch.after_creation == AfterCreation::Start {
        scene.finish(id, WorkOutcome::Done);
    }
    scene.instance(id).unwrap()
}

/// Releases an instance that runs or is off, and takes its machine apart.
fn end(scene: &mut Scene, id: InstanceId) {
    scene.release(id).unwrap();
    scene.finish(id, WorkOutcome::Done);
}

/// One instance with everything: two further interfaces, a public address, IPv6 drawn or given.
fn everything(ipv6: Ipv6Wish) -> Launch {
    Launch { interfaces: vec![InterfaceWish::default(); 2], ipv6, ..online(in_six()) }
}

#[test]
fn every_end_of_an_instance_gives_everything_back() {
    let given = Ipv6Wish::Given(vec![v6("2001:db8:0:101::7"), v6("2001:db8:0:101:cafe::1")]);
    for (ipv6, taken) in [(Ipv6Wish::Count(5), (9, 65530, 3, 0)), (given, (9, 65534, 3, 1))] {
        for (what, end) in [
            ("released", (|scene, id| end(scene, id)) as fn(&mut Scene, InstanceId)),
            ("not made", |scene, id| {
                scene.release(id).unwrap();
            }),
            ("not made, and released by the system", |scene, _| {
                scene.tick_at(at(60));
                scene.tick_at(at(360));
            }),
        ] {
            let mut scene = rich(SmallWorld::policy());
            assert_eq!(free(&scene), UNTOUCHED);
            let id = scene.launch_one(&everything(ipv6.clone()));
            match what {
                "released" => {
                    scene.finish(id, WorkOutcome::Done);
                    scene.finish(id, WorkOutcome::Done);
                }
                "not made" => scene.finish(id, WorkOutcome::Failed(FailureReason::Machine)),
                _ => {}
            }
            assert_eq!(free(&scene), taken, "{what}");
            assert_eq!(scene.audit(), [], "{what}");
            end(&mut scene, id);
            assert_eq!(scene.instance(id), None, "{what}");
            assert_eq!(free(&scene), UNTOUCHED, "{what}");
            assert_eq!(scene.audit(), [], "{what}");
        }
    }
}

#[test]
fn a_launch_that_starts_its_instances_gives_them_public_addresses() {
    let mut scene = rich(SmallWorld::policy());
    let ids = scene.launch(&many(online(launch()), 2, 2)).unwrap();
    let public: Vec<_> = ids.iter().map(|id| scene.instance(*id).unwrap().public).collect();
    assert_eq!(public, [Some(v4("203.0.113.9")), Some(v4("203.0.113.10"))]);

    let stays = Launch { after_creation: AfterCreation::Stay, ..online(launch()) };
    let id = scene.launch_one(&stays);
    assert_eq!(scene.instance(id).unwrap().public, None, "what stays off is given one by hand");
    let id = scene.launch_one(&in_six());
    assert_eq!(scene.instance(id).unwrap().public, None, "nothing goes out");

    // Two are left: as many as there are, or none.
    match scene.launch(&many(online(in_six()), 5, 3)) {
        Err(LaunchRefusal::Short(short)) => {
            assert_eq!((short.binding, short.public_addresses), (Limit::PublicAddresses, Some(2)));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(scene.launch(&many(online(in_six()), 5, 1)).unwrap().len(), 2);
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_region_without_a_pool_gives_no_public_address_and_refuses_nothing() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let instance = run(&mut scene, &online(launch()));
    assert_eq!((instance.public, instance.state.status()), (None, Status::Running));
    let give = GivePublicAddress { account: OWNER, instance: instance.id };
    assert_eq!(scene.run(&give), Err(PublicAddressRefusal::NoneLeft(label("r"))));
}

#[test]
fn a_public_address_is_given_once_to_what_runs_or_is_off() {
    let mut scene = rich(SmallWorld::policy());
    let give = |instance: InstanceId| GivePublicAddress { account: OWNER, instance };
    let stays = Launch { after_creation: AfterCreation::Stay, ..online(launch()) };
    let pending = scene.launch_one(&stays);
    let (wrong, one) = (PublicAddressRefusal::WrongStatus, PublicAddressRefusal::HasOne);
    assert_eq!(scene.run(&give(pending)), Err(wrong(Status::Pending)));
    scene.finish(pending, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(scene.run(&give(pending)), Err(wrong(Status::Failed)));

    let off = run(&mut scene, &stays).id;
    let foreign = GivePublicAddress { account: STRANGER, instance: off };
    assert_eq!(scene.run(&foreign), Err(PublicAddressRefusal::Unknown(off)));
    assert_eq!(scene.run(&give(off)).unwrap().public, Some(v4("203.0.113.9")));
    assert_eq!(scene.run(&give(off)), Err(one));
    let offline = run(&mut scene, &launch()).id;
    assert_eq!(scene.run(&give(offline)), Err(PublicAddressRefusal::NoBandwidth));

    assert_eq!(scene.launch(&many(online(in_six()), 3, 3)).unwrap().len(), 3);
    let last = run(&mut scene, &Launch { after_creation: AfterCreation::Stay, ..online(in_six()) }).id;
    assert_eq!(scene.run(&give(last)), Err(PublicAddressRefusal::NoneLeft(label("r"))));
    assert_eq!(scene.audit(), []);
    end(&mut scene, off);
    assert_eq!(scene.run(&give(last)).unwrap().public, Some(v4("203.0.113.9")), "the one that came back");
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_public_pool_with_addresses_out_grows_and_nothing_else() {
    let mut scene = rich(SmallWorld::policy());
    let ids = scene.launch(&many(online(launch()), 4, 4)).unwrap();
    for wanted in [None, Some("203.0.113.16/29"), Some("198.51.100.0/28")] {
        let refusal = CatalogueRefusal::PublicBlockInUse {
            region: label("r"),
            block: block("203.0.113.8/29"),
            wanted: wanted.map(block),
            out: 4,
        };
        assert_eq!(scene.run(&with_public(wanted)), Err(refusal), "{wanted:?}");
    }
    scene.run(&with_public(Some("203.0.113.8/29"))).unwrap();
    let first = scene.instance(ids[0]).unwrap().public;
    for item in scene.claim() {
        scene.report(&item, WorkOutcome::Failed(FailureReason::Machine));
        scene.release(item.id.instance).unwrap();
    }

    // Nothing is out: it can be anything, and nothing at all.
    scene.run(&with_public(Some("198.51.100.0/28"))).unwrap();
    assert_eq!(public_pool(&scene).pool.free, 12);
    let id = scene.launch_one(&online(launch()));
    assert_ne!(scene.instance(id).unwrap().public, first);
    for grown in ["198.51.100.0/27", "198.51.100.0/24", "198.51.100.0/22"] {
        scene.run(&with_public(Some(grown))).unwrap();
        assert_eq!(public_pool(&scene).pool.free, block(grown).usable() - 1, "{grown}");
        assert_eq!(scene.audit(), [], "{grown}");
    }
    let other = with_public(Some("198.51.100.0/29"));
    assert!(scene.run(&other).is_err(), "it does not shrink");
    scene.finish(id, WorkOutcome::Done);
    scene.finish(id, WorkOutcome::Done);
    end(&mut scene, id);
    scene.run(&with_public(None)).unwrap();
    assert_eq!(scene.get(&Key::PublicPool(label("r"))), None);
    assert_eq!(scene.get(&Key::AddressPage(PoolId::Public(label("r")), 0)), None);
}

#[test]
fn two_regions_do_not_share_public_addresses() {
    let mut load = with_public(Some("203.0.113.0/24"));
    let region = |name: &str, text: &str| {
        CatalogueItem::Region(Region {
            label: label(name),
            local_name: String::new(),
            public_block: Some(block(text)),
        })
    };
    load.catalogue.add(region("q", "203.0.113.64/29"));
    let mut scene = Scene::new(SmallWorld::new().build());
    let refusal = CatalogueRefusal::PublicBlocksOverlap(label("r"), label("q"));
    assert_eq!(scene.run(&load), Err(refusal));
    load.catalogue.add(region("q", "203.0.112.0/24"));
    scene.run(&load).unwrap();
}

#[test]
fn a_further_interface_has_an_address_of_its_own_subnet() {
    let mut scene = rich(SmallWorld::policy());
    let elsewhere = InterfaceWish { subnet: Some(subnet(1)), ..InterfaceWish::default() };
    let named = InterfaceWish { address: Some(v4("10.0.0.1")), ..InterfaceWish::default() };
    let id = scene.launch_one(&Launch { interfaces: vec![elsewhere, named.clone()], ..launch() });
    let instance = scene.instance(id).unwrap();
    // What is named is not given out as the next, though it is the lowest.
    assert_eq!(instance.address, v4("10.0.0.2"));
    assert_eq!(instance.further, [v4("10.0.0.17"), v4("10.0.0.1")]);
    assert_eq!(scene.audit(), []);

    let wish = InterfaceWish::default;
    for (interfaces, refusal) in [
        (vec![named.clone()], LaunchRefusal::AddressTaken(v4("10.0.0.1"))),
        (
            vec![InterfaceWish { address: Some(v4("10.0.0.17")), ..wish() }],
            LaunchRefusal::AddressOutside(v4("10.0.0.17")),
        ),
        (
            vec![InterfaceWish { address: Some(v4("10.0.0.0")), ..wish() }],
            LaunchRefusal::AddressReserved(v4("10.0.0.0")),
        ),
        (
            vec![InterfaceWish { address: Some(v4("10.0.0.3")), ..wish() }; 2],
            LaunchRefusal::AddressTaken(v4("10.0.0.3")),
        ),
        (
            vec![InterfaceWish { subnet: Some(label("s-9")), ..wish() }],
            LaunchRefusal::UnknownInterfaceSubnet(label("s-9")),
        ),
        (vec![InterfaceWish { groups: vec![group(9)], ..wish() }], LaunchRefusal::UnknownGroup(group(9))),
        (
            vec![InterfaceWish { groups: vec![label("g-six")], ..wish() }],
            LaunchRefusal::GroupElsewhere { group: label("g-six"), subnet: subnet(0) },
        ),
        (
            vec![InterfaceWish { subnet: Some(label("s-six")), ..wish() }],
            LaunchRefusal::GroupElsewhere { group: group(0), subnet: label("s-six") },
        ),
        (
            vec![InterfaceWish { subnet: Some(subnet(3)), ..wish() }],
            LaunchRefusal::SubnetElsewhere { subnet: subnet(3), zone: zone(0) },
        ),
        (vec![InterfaceWish { secondary: 6, ..wish() }], LaunchRefusal::TooManyIpv4 { wanted: 7, most: 6 }),
        (
            vec![InterfaceWish { ipv6: 6, ..wish() }],
            LaunchRefusal::TooManyIpv6OfInterface { wanted: 6, most: 5 },
        ),
        (
            vec![wish(); 3],
            LaunchRefusal::NoInterfaceSlot { instance_type: testkit::instance_type(0), slots: 3 },
        ),
    ] {
        assert_eq!(scene.launch(&Launch { interfaces, ..launch() }), Err(refusal));
    }
    let two = many(Launch { interfaces: vec![named], ..launch() }, 2, 1);
    assert_eq!(scene.launch(&two), Err(LaunchRefusal::OneAddressForMany(2)));
}

#[test]
fn a_subnet_lasts_for_as_many_instances_as_have_all_their_interfaces_in_it() {
    let mut scene = rich(SmallWorld::policy());
    let three_each = Launch { interfaces: vec![InterfaceWish::default(); 2], ..in_six() };
    match scene.launch(&many(three_each.clone(), 9, 5)) {
        Err(LaunchRefusal::Short(short)) => {
            assert_eq!((short.binding, short.addresses), (Limit::Addresses, 4));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(scene.launch(&many(three_each, 9, 1)).unwrap().len(), 4);
    assert_eq!(free(&scene).0, 0);
    assert_eq!(scene.audit(), []);
}

#[test]
fn an_instance_takes_one_place_in_a_group_however_many_interfaces_join_it() {
    let mut scene = rich(SmallWorld::policy());
    let both = InterfaceWish { groups: vec![group(0), group(1), group(1)], ..InterfaceWish::default() };
    let launch = Launch { interfaces: vec![both.clone(), both], ..launch() };
    let ids = scene.launch(&launch).unwrap();
    let members = |scene: &Scene, index| match scene.get(&Key::Group(group(index))) {
        Some(Record::Group(group)) => group.members,
        other => panic!("{other:?}"),
    };
    assert_eq!((members(&scene, 0), members(&scene, 1)), (1, 1));
    assert_eq!(scene.audit(), []);
    scene.finish(ids[0], WorkOutcome::Failed(FailureReason::Machine));
    scene.release(ids[0]).unwrap();
    assert_eq!((members(&scene, 0), members(&scene, 1)), (0, 0));
}

#[test]
fn ipv6_addresses_are_drawn_or_named() {
    let mut scene = rich(SmallWorld::policy());
    let with = |ipv6| Launch { ipv6, ..in_six() };
    let ids = scene.launch(&many(with(Ipv6Wish::Count(2)), 2, 2)).unwrap();
    let drawn: Vec<_> = ids.iter().flat_map(|id| scene.instance(*id).unwrap().ipv6).collect();
    assert_eq!(drawn, [1, 2, 3, 4].map(|n| v6(&format!("2001:db8:0:101::{n}"))));

    let far = v6("2001:db8:0:101:cafe::1");
    let id = scene.launch_one(&with(Ipv6Wish::Given(vec![far, v6("2001:db8:0:101::6")])));
    assert_eq!(scene.instance(id).unwrap().ipv6, [far, v6("2001:db8:0:101::6")]);
    let id = scene.launch_one(&with(Ipv6Wish::Count(2)));
    let around = [v6("2001:db8:0:101::5"), v6("2001:db8:0:101::7")];
    assert_eq!(scene.instance(id).unwrap().ipv6, around, "the named one is not drawn");
    assert_eq!(scene.audit(), []);

    let (outside, routers) = (v6("2001:db8:0:102::9"), v6("2001:db8:0:101::"));
    for (ipv6, refusal) in [
        (Ipv6Wish::Count(6), LaunchRefusal::TooManyIpv6 { wanted: 6, most: 5 }),
        (Ipv6Wish::Given(vec![outside]), LaunchRefusal::Ipv6Outside(outside)),
        (Ipv6Wish::Given(vec![routers]), LaunchRefusal::Ipv6Outside(routers)),
        (Ipv6Wish::Given(vec![far, far]), LaunchRefusal::Ipv6Twice(far)),
        (Ipv6Wish::Given(vec![far]), LaunchRefusal::Ipv6Taken(far)),
        (Ipv6Wish::Given(vec![drawn[0]]), LaunchRefusal::Ipv6Taken(drawn[0])),
    ] {
        assert_eq!(scene.launch(&with(ipv6.clone())), Err(refusal), "{ipv6:?}");
    }
    let here = Launch { ipv6: Ipv6Wish::Count(1), ..launch() };
    assert_eq!(scene.launch(&here), Err(LaunchRefusal::Ipv6NotOfSubnet(subnet(0))));
    let two = many(with(Ipv6Wish::Given(vec![v6("2001:db8:0:101::99")])), 2, 1);
    assert_eq!(scene.launch(&two), Err(LaunchRefusal::OneAddressForMany(2)));
}

#[test]
fn ipv6_blocks_are_whole_and_each_a_subnets_own() {
    let mut scene = rich(SmallWorld::policy());
    for net in ["2001:db8::/64", "2001:db8::/48", "2001:db8:0:1::1/56"] {
        let refusal = NetworkRefusal::NotIpv6Network(net.parse().unwrap());
        assert_eq!(scene.run(&network("other", Some(net))), Err(refusal), "{net}");
    }
    let six = |net| subnet_of("six", "s-7", "192.168.7.0/24", Some(net));
    for net in ["2001:db8:0:101::/65", "2001:db8:0:201::/64", "2001:db8:0:101::1/64"] {
        let refusal = NetworkRefusal::NotIpv6Subnet(net.parse().unwrap());
        assert_eq!(scene.run(&six(net)), Err(refusal), "{net}");
    }
    let block = "2001:db8:0:101::/64".parse().unwrap();
    let refusal = NetworkRefusal::Ipv6Taken { block, subnet: label("s-six") };
    assert_eq!(scene.run(&six("2001:db8:0:101::/64")), Err(refusal));
    assert!(scene.run(&six("2001:db8:0:102::/64")).is_ok());
}

#[test]
fn consecutive_addresses_are_given_where_that_is_wanted() {
    let consecutive =
        Policy { given_address: GivenAddress::Consecutive, group_members_max: 99, ..SmallWorld::policy() };
    let from = |last: u8, most, least| {
        let address = Ipv4Addr::new(192, 168, 1, last);
        many(Launch { addresses: Addresses::Given(address), ..in_six() }, most, least)
    };
    let newest = |launch: Launch| Launch { edition: Edition::Newest, ..launch };
    let mut seeds = rich(SmallWorld::policy());
    assert_eq!(seeds.launch(&from(20, 3, 3)), Err(LaunchRefusal::OneAddressForMany(3)));
    assert_eq!(seeds.launch(&newest(from(20, 3, 3))).unwrap().len(), 3);

    let mut scene = rich(consecutive);
    let lasts = |scene: &mut Scene, launch: &Launch| {
        let ids = scene.launch(launch)?;
        let last = |id| scene.instance(id).unwrap().address.octets()[3];
        Ok::<_, LaunchRefusal>(ids.into_iter().map(last).collect::<Vec<_>>())
    };
    assert_eq!(lasts(&mut scene, &from(22, 1, 1)).unwrap(), [22]);
    assert_eq!(lasts(&mut scene, &from(18, 9, 1)).unwrap(), [18, 19, 20, 21], "up to what is taken");
    assert_eq!(lasts(&mut scene, &from(26, 9, 3)).unwrap(), [26, 27, 28], "up to what is reserved");
    match lasts(&mut scene, &from(23, 9, 4)) {
        Err(LaunchRefusal::Short(short)) => {
            assert_eq!((short.binding, short.addresses), (Limit::Addresses, 3));
        }
        other => panic!("{other:?}"),
    }
    let taken = LaunchRefusal::AddressTaken(v4("192.168.1.18"));
    assert_eq!(lasts(&mut scene, &from(18, 2, 1)), Err(taken));
    let reserved = LaunchRefusal::AddressReserved(v4("192.168.1.29"));
    assert_eq!(lasts(&mut scene, &from(29, 2, 1)), Err(reserved));
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_is_new_is_pending_until_it_has_settled() {
    let policy = Policy { network_settling: Span::from_millis(500), ..SmallWorld::policy() };
    let mut scene = rich(policy);
    scene.now = at(10);
    let settled = |command: CreateNetwork| CreateNetwork { ready: Ready::Settled, ..command };
    let network: Network = scene.run(&settled(network("new", None))).unwrap();
    let fresh = CreateSubnet { ready: Ready::Settled, ..subnet_of("new", "s-new", "192.168.3.0/24", None) };
    assert_eq!(scene.run(&fresh), Err(NetworkRefusal::NetworkPending(label("new"))));
    let ready = Time::from_millis(10_500);
    assert!(!network.is_ready(Time::from_millis(10_499)) && network.is_ready(ready));

    scene.now = ready;
    let subnet = scene.run(&fresh).unwrap();
    let within = Launch { subnet: Some(subnet.label.clone()), ..in_six() };
    assert_eq!(scene.launch(&within), Err(LaunchRefusal::SubnetPending(subnet.label.clone())));
    scene.now = Time::from_millis(11_000);
    let elsewhere = LaunchRefusal::GroupElsewhere { group: label("g-six"), subnet: subnet.label };
    assert_eq!(scene.launch(&within), Err(elsewhere), "it is pending no more");
}

#[test]
fn what_is_given_back_cools_down() {
    let policy = Policy { address_cool_down: Span::from_secs(100), ..SmallWorld::policy() };
    let mut scene = rich(policy);
    let given = Ipv6Wish::Given(vec![v6("2001:db8:0:101::1"), v6("2001:db8:0:101:cafe::1")]);
    let instance = run(&mut scene, &everything(given.clone()));
    let held = free(&scene);
    scene.now = at(7);
    end(&mut scene, instance.id);
    assert_eq!(free(&scene), held, "what cools down is not free");
    assert_eq!(scene.audit(), []);
    let again = run(&mut scene, &Launch { interfaces: vec![], ..everything(Ipv6Wish::Count(1)) });
    assert_ne!(again.address, instance.address);
    assert_ne!(again.public, instance.public);
    let taken = LaunchRefusal::Ipv6Taken(v6("2001:db8:0:101::1"));
    assert_eq!(scene.launch(&everything(given)), Err(taken));

    scene.tick_at(Time::from_millis(106_999));
    assert!(matches!(scene.get(&Key::Cooling(instance.id)), Some(Record::Cooling(_))));
    scene.tick_at(at(107));
    assert_eq!(scene.get(&Key::Cooling(instance.id)), None);
    assert_eq!(free(&scene), (11, 65534, 3, 0));
    assert_eq!(scene.audit(), []);
    end(&mut scene, again.id);
    scene.tick_at(at(207));
    assert_eq!(free(&scene), UNTOUCHED);
    assert_eq!(scene.audit(), []);
}

/// The pools of a fleet in which everything has everything, corrupted one by one.
#[test]
fn every_pool_is_audited() {
    type Plant = (&'static str, &'static str, fn(&Scene, Instance) -> Record);
    let plants: [Plant; 9] = [
        ("no_address_is_held_twice", "a public address", |_, one| {
            Record::Instance(Instance { public: Some(v4("203.0.113.9")), ..one })
        }),
        ("no_address_is_held_twice", "a further address", |_, one| {
            Record::Instance(Instance { further: vec![one.address, one.further[1]], ..one })
        }),
        ("no_address_is_held_twice", "a drawn IPv6 address", |_, one| {
            Record::Instance(Instance { ipv6: vec![v6("2001:db8:0:101::1"), one.ipv6[1]], ..one })
        }),
        ("no_address_is_held_twice", "a named IPv6 address", |_, one| {
            Record::Instance(Instance { ipv6: vec![one.ipv6[1]; 2], ..one })
        }),
        ("no_address_is_held_twice", "an IPv6 address of elsewhere", |_, one| {
            Record::Instance(Instance { ipv6: vec![v6("2001:db8::1"), one.ipv6[1]], ..one })
        }),
        ("address_pages_agree_with_instances", "no public address any more", |_, one| {
            Record::Instance(Instance { public: None, ..one })
        }),
        ("address_pages_agree_with_instances", "no IPv6 address any more", |_, one| {
            Record::Instance(Instance { ipv6: vec![], ..one })
        }),
        ("address_pages_agree_with_instances", "a count of public addresses", |scene, _| {
            let pool = public_pool(scene);
            let free = pool.pool.free + 1;
            Record::PublicPool(PublicPool { pool: fleet::Pool { free, ..pool.pool }, ..pool })
        }),
        ("address_pages_agree_with_instances", "a count of IPv6 addresses", |scene, _| {
            let subnet = the_subnet(scene, "s-six");
            let ipv6 = subnet.ipv6.map(|ipv6| ipv6.with_pool(fleet::Pool { free: 1, ..ipv6.pool }));
            Record::Subnet(Subnet { ipv6, ..subnet })
        }),
    ];
    for (invariant, what, plant) in plants {
        let mut scene = rich(SmallWorld::policy());
        scene.launch_one(&everything(Ipv6Wish::Count(1)));
        let named = Ipv6Wish::Given(vec![v6("2001:db8:0:101::9"), v6("2001:db8:0:101:cafe::1")]);
        let id = scene.launch_one(&everything(named));
        assert_eq!(scene.audit(), [], "before anything is planted");
        let record = plant(&scene, scene.instance(id).unwrap());
        scene.world.apply([fleet::Write::Put(record)]);
        let findings = scene.audit();
        assert!(findings.iter().any(|finding| finding.invariant.name() == invariant), "{what}: {findings:?}");
    }
}

#[test]
fn a_subnet_goes_when_no_address_of_it_is_out_and_takes_its_pages_along() {
    let policy = Policy {
        address_cool_down: Span::from_secs(100),
        network_settling: Span::from_secs(2),
        ..SmallWorld::policy()
    };
    let mut scene = rich(policy);
    let remove = |name: &str| fleet::RemoveSubnet { account: OWNER, label: label(name) };
    let in_use = || Err(fleet::RemoveRefusal::InUse(label("s-six")));

    let young = subnet_of("six", "s-young", "192.168.1.32/28", None);
    scene.run(&CreateSubnet { ready: Ready::Settled, ..young }).unwrap();
    assert_eq!(scene.run(&remove("s-young")), Err(fleet::RemoveRefusal::Pending(label("s-young"))));
    scene.wait(Span::from_secs(2));
    scene.run(&remove("s-young")).unwrap();

    let id = run(&mut scene, &everything(Ipv6Wish::Count(2))).id;
    assert_eq!(scene.run(&remove("s-six")).map(drop), in_use());
    end(&mut scene, id);
    assert_eq!(scene.run(&remove("s-six")).map(drop), in_use(), "they cool down");
    scene.wait(Span::from_secs(100));
    scene.tick();
    scene.run(&remove("s-six")).unwrap();
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_is_locked_or_unpaid_gets_no_public_address() {
    let mut scene = rich(SmallWorld::policy());
    let stays = Launch { after_creation: AfterCreation::Stay, ..online(launch()) };
    let instance = run(&mut scene, &stays).id;
    for (reason, refusal) in [
        (fleet::LockReason::Security, PublicAddressRefusal::Locked),
        (fleet::LockReason::Money, PublicAddressRefusal::Unpaid),
    ] {
        scene.run(&fleet::Lock { instance, reason: Some(reason) }).unwrap();
        assert_eq!(scene.run(&GivePublicAddress { account: OWNER, instance }), Err(refusal));
    }
    scene.run(&fleet::Lock { instance, reason: None }).unwrap();
    scene.run(&GivePublicAddress { account: OWNER, instance }).unwrap();
}

#[test]
fn ipv6_addresses_come_out_of_the_block_of_the_first_interface_alone() {
    let mut scene = rich(SmallWorld::policy());
    scene.run(&subnet_of("six", "s-also", "192.168.9.0/28", Some("2001:db8:0:109::/64"))).unwrap();
    let further = InterfaceWish { subnet: Some(label("s-also")), ..InterfaceWish::default() };
    let wish = Launch { ipv6: Ipv6Wish::Count(2), interfaces: vec![further], ..in_six() };
    run(&mut scene, &wish);
    let left = |name| the_subnet(&scene, name).ipv6.unwrap().pool.free;
    assert_eq!((left("s-six"), left("s-also")), (65533, 65535));
    assert_eq!(scene.audit(), []);
}
