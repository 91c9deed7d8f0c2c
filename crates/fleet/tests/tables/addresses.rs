//! Addresses: all that can be given out are, lowest first, each once, and never a reserved one.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use fleet::{
    Addresses, CreateSubnet, FailureReason, InstanceId, LabelSource, Launch, LaunchRefusal, Limit, Policy,
    Ready, SubnetBlock, WorkOutcome,
};
use proptest::prelude::{Strategy, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use testkit::{OWNER, Scene, SmallWorld, label, launch, many, zone};

#[test]
fn a_subnet_is_used_to_the_last_address_and_from_the_first_again() {
    for block in ["10.0.200.8/29", "10.0.200.0/24", "10.0.200.128/25", "10.0.64.0/22"] {
        exhaust(block);
    }
}

/// 65 532 instances, a hundred at a time.
#[test]
fn the_largest_subnet_is_used_to_the_last_address() {
    exhaust("172.16.0.0/16");
}

fn exhaust(text: &str) {
    let block = SubnetBlock::new(text.parse().unwrap()).unwrap();
    let (mut scene, launch) = with_subnet(block);
    let mut held: Vec<(Ipv4Addr, InstanceId)> = Vec::new();
    while let Ok(ids) = scene.launch(&many(launch.clone(), 100, 1)) {
        held.extend(ids.into_iter().map(|id| (scene.instance(id).unwrap().address, id)));
    }
    let first = block.net().network().to_bits() + SubnetBlock::RESERVED_FIRST;
    let expected = (first..first + block.usable()).map(Ipv4Addr::from_bits);
    assert!(held.iter().map(|(address, _)| *address).eq(expected), "{text}: lowest first, all of them");
    short_of_addresses(&mut scene, &launch, 0);

    // Nobody claims them. Some come back, in any order; then those can be had again, and no others.
    scene.tick_at(testkit::at(60));
    let mut freed = BTreeSet::new();
    for at in picks(held.len()) {
        let (address, id) = held[at];
        if freed.insert(address) {
            scene.release(id).unwrap();
        }
    }
    for again in [many(launch.clone(), freed.len().min(100).try_into().unwrap(), 1), launch.clone()] {
        let Ok(ids) = scene.launch(&again) else { break };
        for id in ids {
            let address = scene.instance(id).unwrap().address;
            assert_eq!(freed.pop_first(), Some(address), "{text}: the lowest that is free");
        }
    }
    if let Some(last) = freed.pop_last() {
        let given = Launch { addresses: Addresses::Given(last), ..launch.clone() };
        scene.launch_one(&given);
        assert_eq!(scene.launch(&given), Err(LaunchRefusal::AddressTaken(last)), "{text}");
    }
    short_of_addresses(&mut scene, &launch, freed.len());
    assert_eq!(scene.audit(), [], "{text}");
}

/// A few places of a list, in a random order that is the same every time.
fn picks(length: usize) -> Vec<usize> {
    let mut runner = TestRunner::deterministic();
    let picks = proptest::collection::vec(any::<proptest::sample::Index>(), length.min(300) / 2 + 2);
    let picks = picks.new_tree(&mut runner).unwrap().current();
    picks.into_iter().map(|pick| pick.index(length)).collect()
}

fn short_of_addresses(scene: &mut Scene, launch: &Launch, left: usize) {
    let more = many(launch.clone(), 100, u8::try_from(left + 1).unwrap());
    match scene.launch(&more) {
        Err(LaunchRefusal::Short(short)) => {
            assert_eq!((short.binding, short.addresses as usize), (Limit::Addresses, left));
        }
        other => panic!("{other:?}"),
    }
}

/// A world with room for everything but addresses, and a launch into the subnet.
fn with_subnet(block: SubnetBlock) -> (Scene, Launch) {
    let policy = Policy { group_members_max: u32::MAX, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().stock(100_000).limit(100_000).under(policy).build());
    scene
        .run(&fleet::CreateNetwork {
            account: OWNER,
            label: LabelSource::Given(label("wide")),
            region: label("r"),
            block: if block.net().prefix_len() == 16 { block.net() } else { "10.0.0.0/8".parse().unwrap() },
            ipv6: None,
            ready: Ready::AtOnce,
            name: String::new(),
            description: String::new(),
            marks: fleet::Marks::default(),
        })
        .unwrap();
    scene
        .run(&CreateSubnet {
            account: OWNER,
            label: LabelSource::Given(label("s-wide")),
            network: label("wide"),
            zone: zone(0),
            block,
            ipv6: None,
            ready: Ready::AtOnce,
            name: String::new(),
            description: String::new(),
            marks: fleet::Marks::default(),
        })
        .unwrap();
    scene
        .run(&fleet::CreateGroup {
            account: OWNER,
            label: LabelSource::Given(label("g-wide")),
            network: label("wide"),
            name: String::new(),
            description: String::new(),
            marks: fleet::Marks::default(),
        })
        .unwrap();
    let launch = Launch { subnet: Some(label("s-wide")), groups: vec![label("g-wide")], ..launch() };
    (scene, launch)
}

#[test]
fn every_address_that_is_given_is_free_and_inside_and_not_reserved() {
    let block = SubnetBlock::new("10.0.200.8/29".parse().unwrap()).unwrap();
    let (mut scene, launch) = with_subnet(block);
    let mut at = |last: u8| {
        let address = Ipv4Addr::new(10, 0, 200, last);
        scene.launch(&Launch { addresses: Addresses::Given(address), ..launch.clone() }).map(|_| "made")
    };
    let address = |last: u8| Ipv4Addr::new(10, 0, 200, last);
    for (last, expected) in [
        (7, Err(LaunchRefusal::AddressOutside(address(7)))),
        (8, Err(LaunchRefusal::AddressReserved(address(8)))),
        (12, Ok("made")),
        (12, Err(LaunchRefusal::AddressTaken(address(12)))),
        (9, Ok("made")),
        (13, Err(LaunchRefusal::AddressReserved(address(13)))),
        (15, Err(LaunchRefusal::AddressReserved(address(15)))),
        (16, Err(LaunchRefusal::AddressOutside(address(16)))),
    ] {
        assert_eq!(at(last), expected, "10.0.200.{last}");
    }
    // What is left between those that were named.
    let rest = scene.launch(&many(launch, 4, 1)).unwrap();
    let rest: Vec<_> = rest.into_iter().map(|id| scene.instance(id).unwrap().address).collect();
    assert_eq!(rest, [address(10), address(11)]);
}

#[test]
fn an_address_is_held_until_the_machine_is_gone() {
    let mut scene = Scene::new(SmallWorld::new().stock(9).build());
    let ids = scene.launch(&many(launch(), 4, 4)).unwrap();
    let items = scene.claim();
    for item in &items {
        let outcome = match item.id.instance == ids[0] {
            true => WorkOutcome::Done,
            false => WorkOutcome::Failed(FailureReason::NoAddress),
        };
        scene.report(item, outcome);
    }
    assert_eq!(scene.subnet().pool.free, 0, "failed ones hold theirs");
    ids[1..].iter().for_each(|id| drop(scene.release(*id).unwrap()));
    assert_eq!(scene.subnet().pool.free, 3);
    scene.finish(ids[0], WorkOutcome::Done);
    scene.release(ids[0]).unwrap();
    assert_eq!(scene.subnet().pool.free, 3, "it is being taken apart");
    scene.finish(ids[0], WorkOutcome::Done);
    assert_eq!(scene.subnet().pool.free, 4);
    assert_eq!(scene.audit(), []);
}
