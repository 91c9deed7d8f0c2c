//! Subnets that stand alone, each in a network that goes by its label, and how they join another.

use fleet::{
    CreateNetwork, JoinNetwork, JoinRefusal, Label, LabelSource, Marks, Network, NetworkRefusal, NewSubnet,
    Policy, Ready, RemoveEither, Span, Subnet, SubnetBlock, View,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, label, subnet, zone};

fn world() -> Scene {
    let policy = Policy { network_settling: Span::from_secs(9), ..SmallWorld::policy() };
    Scene::new(SmallWorld::new().under(policy).build())
}

fn network(scene: &mut Scene, name: &str, region: &str, ready: Ready) -> Network {
    let account = if name == "theirs" { STRANGER } else { OWNER };
    let made = CreateNetwork {
        account,
        label: LabelSource::Given(label(name)),
        region: label(region),
        block: "10.64.0.0/16".parse().unwrap(),
        ipv6: None,
        ready,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    };
    scene.run(&made).unwrap()
}

fn new_subnet(network: Option<&str>, block: &str) -> NewSubnet {
    NewSubnet {
        account: OWNER,
        network: network.map(label),
        zone: zone(0),
        block: SubnetBlock::new(block.parse().unwrap()).unwrap(),
        ready: Ready::AtOnce,
        name: "alone".into(),
        marks: Marks::default(),
    }
}

fn found(scene: &Scene, of: &Label) -> (Option<Network>, Option<Subnet>) {
    let (Ok(network), Ok(subnet)) = (scene.world.network(of), scene.world.subnet(of));
    (network, subnet)
}

fn join(subnet: &Label, network: &str) -> JoinNetwork {
    JoinNetwork { account: OWNER, subnet: subnet.clone(), network: label(network) }
}

#[test]
fn a_subnet_without_a_network_stands_in_one_of_its_own() {
    let mut scene = world();
    let alone = scene.run(&new_subnet(None, "10.64.1.0/24")).unwrap();
    assert!(alone.stands_alone());
    let (own, _) = found(&scene, &alone.label);
    assert!(own.unwrap().is_of_one());

    assert!(!scene.subnet().stands_alone());
    let (shared, _) = found(&scene, &label("n"));
    assert!(!shared.unwrap().is_of_one());
    assert!(!network(&mut scene, "empty", "r", Ready::AtOnce).is_of_one());
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_stood_alone_goes_with_its_network_and_a_network_of_others_stays() {
    let mut scene = world();
    let alone = scene.run(&new_subnet(None, "10.64.1.0/24")).unwrap().label;
    scene.run(&RemoveEither { account: OWNER, label: alone.clone() }).unwrap();
    assert_eq!(found(&scene, &alone), (None, None));
    scene.run(&RemoveEither { account: OWNER, label: subnet(3) }).unwrap();
    let (shared, gone) = (found(&scene, &label("n")).0, found(&scene, &subnet(3)).1);
    assert!(shared.is_some() && gone.is_none());
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_subnet_that_stands_alone_joins_a_network_and_leaves_nothing_behind() {
    let mut scene = world();
    network(&mut scene, "wide", "r", Ready::AtOnce);
    let alone = scene.run(&new_subnet(None, "10.64.1.0/24")).unwrap().label;
    let joined = scene.run(&join(&alone, "wide")).unwrap();
    assert_eq!(joined.network, label("wide"));
    assert_eq!(found(&scene, &alone), (None, Some(joined.clone())));
    assert_eq!(found(&scene, &label("wide")).0.unwrap().subnets, [(alone.clone(), joined.block)]);
    assert_eq!(scene.run(&join(&alone, "wide")), Err(JoinRefusal::InOther(label("wide"))));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_subnet_joins_only_what_takes_it() {
    let mut scene = world();
    let mut load = SmallWorld::catalogue(4);
    let far = fleet::Region { label: label("far"), local_name: String::new(), public_block: None };
    load.catalogue.add(fleet::CatalogueItem::Region(far));
    scene.run(&load).unwrap();
    network(&mut scene, "wide", "r", Ready::AtOnce);
    network(&mut scene, "late", "r", Ready::Settled);
    network(&mut scene, "theirs", "r", Ready::AtOnce);
    network(&mut scene, "distant", "far", Ready::AtOnce);
    let alone = scene.run(&new_subnet(None, "10.64.1.0/24")).unwrap().label;
    let other = scene.run(&new_subnet(None, "10.64.2.0/24")).unwrap().label;
    let theirs = scene.run(&NewSubnet { account: STRANGER, ..new_subnet(None, "10.64.3.0/24") });
    let theirs = theirs.unwrap().label;
    let refused = |refusal| Err(JoinRefusal::Network(refusal));
    for (of, to, expected) in [
        (&label("none"), "wide", Err(JoinRefusal::UnknownSubnet(label("none")))),
        (&theirs, "wide", Err(JoinRefusal::UnknownSubnet(theirs.clone()))),
        (&alone, "none", refused(NetworkRefusal::UnknownNetwork(label("none")))),
        (&alone, "theirs", refused(NetworkRefusal::UnknownNetwork(label("theirs")))),
        (&alone, other.as_str(), refused(NetworkRefusal::UnknownNetwork(other.clone()))),
        (&subnet(0), "wide", Err(JoinRefusal::InOther(label("n")))),
        (&alone, "late", refused(NetworkRefusal::NetworkPending(label("late")))),
        (&alone, "distant", refused(NetworkRefusal::UnknownZone(zone(0)))),
    ] {
        let before = scene.world.clone();
        assert_eq!(scene.run(&join(of, to)), expected, "{of} {to}");
        assert_eq!(scene.world, before, "{of} {to}");
    }
    scene.wait(Span::from_secs(9));
    scene.run(&join(&alone, "late")).unwrap();
    assert_eq!(scene.audit(), []);
}
