//! Pools over random histories, and what an address costs. After every step, in every pool:
//! free + held + reserved + cooling = all there are, and no address is twice among them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::Ipv4Addr;

use fleet::{
    Addresses, AfterCreation, Catalogue, CatalogueItem, Claim, CreateNetwork, CreateSubnet, Extent,
    FailureReason, Force, GivePublicAddress, HeldAddress, InstanceId, InterfaceWish, Internet, Ipv6Wish, Key,
    LabelSource, Launch, Launched, Policy, Pool, PoolId, Ready, Record, Region, Release, Report, Span,
    SubnetBlock, SubnetIpv6, Tick, View, WorkOutcome, World, decide,
};
use proptest::prelude::*;
use testkit::{OWNER, SmallWorld, at, audit, label, launch, many, zone};

const PUBLIC: &str = "203.0.113.8/29";

fn block(text: &str) -> SubnetBlock {
    SubnetBlock::new(text.parse().unwrap()).unwrap()
}

/// A small world with public addresses and a subnet `s-new` that knows IPv6.
fn world(net: &str, policy: Policy) -> World {
    let mut world = SmallWorld::new().stock(200_000).limit(200_000).under(policy).build();
    let mut load = SmallWorld::catalogue(200_000);
    let region = Region { label: label("r"), local_name: String::new(), public_block: Some(block(PUBLIC)) };
    load.catalogue.add(CatalogueItem::Region(region));
    for instance_type in load.catalogue.instance_types.values_mut() {
        instance_type.abilities.interfaces = 3;
        instance_type.abilities.ipv6_per_interface = 3;
    }
    world.run(&load, at(0)).unwrap();
    let network = CreateNetwork {
        account: OWNER,
        label: LabelSource::Given(label("new")),
        region: label("r"),
        block: "172.16.0.0/12".parse().unwrap(),
        ipv6: Some("2001:db8:0:100::/56".parse().unwrap()),
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    };
    world.run(&network, at(0)).unwrap();
    let subnet = CreateSubnet {
        account: OWNER,
        label: LabelSource::Given(label("s-new")),
        network: label("new"),
        zone: zone(0),
        block: block(net),
        ipv6: Some("2001:db8:0:101::/64".parse().unwrap()),
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    };
    world.run(&subnet, at(0)).unwrap();
    let group = fleet::CreateGroup {
        account: OWNER,
        label: LabelSource::Given(label("g-new")),
        network: label("new"),
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    };
    world.run(&group, at(0)).unwrap();
    world
}

fn in_new() -> Launch {
    Launch { subnet: Some(label("s-new")), groups: vec![label("g-new")], ..launch() }
}

#[derive(Clone, Debug)]
enum Action {
    Launch {
        amount: u8,
        interfaces: usize,
        ipv6: Ipv6Wish,
        given: Option<u8>,
        further: Option<u8>,
        online: bool,
        stay: bool,
    },
    Work {
        fails: bool,
    },
    Release(prop::sample::Index),
    Give(prop::sample::Index),
    Wait(u64),
}

fn action() -> impl Strategy<Value = Action> {
    let address = || 0_u128..6;
    let near = address().prop_map(|n| (0x2001_0db8_0000_0101_u128 << 64) + n);
    let far = address().prop_map(|n| (0x2001_0db8_0000_0101_u128 << 64) + (0xcafe << 48) + n);
    let named = prop::collection::vec(prop_oneof![near, far].prop_map(Into::into), 1..3);
    let ipv6 = prop_oneof![
        Just(Ipv6Wish::None),
        (1_u8..4).prop_map(Ipv6Wish::Count),
        named.prop_map(Ipv6Wish::Given)
    ];
    let given = || prop::option::weighted(0.3, 0_u8..16);
    let launch = (1_u8..4, 0_usize..3, ipv6, given(), given(), any::<bool>(), any::<bool>());
    let launch = launch.prop_map(|(amount, interfaces, ipv6, given, further, online, stay)| {
        let one = given.is_some() || further.is_some() || matches!(ipv6, Ipv6Wish::Given(_));
        let amount = if one { 1 } else { amount };
        Action::Launch { amount, interfaces, ipv6, given, further, online, stay }
    });
    prop_oneof![
        4 => launch,
        4 => any::<bool>().prop_map(|fails| Action::Work { fails }),
        3 => any::<prop::sample::Index>().prop_map(Action::Release),
        1 => any::<prop::sample::Index>().prop_map(Action::Give),
        2 => (1_u64..90).prop_map(Action::Wait),
    ]
}

/// Carries out what may be refused: a refusal is as good a step as any.
fn act(world: &mut World, now: &mut u64, action: &Action) {
    let ids: Vec<InstanceId> = world
        .records()
        .filter_map(|record| match record {
            Record::Instance(instance) => Some(instance.id),
            _ => None,
        })
        .collect();
    let picked = |index: &prop::sample::Index| (!ids.is_empty()).then(|| *index.get(&ids));
    match action {
        Action::Launch { amount, interfaces, ipv6, given, further, online, stay } => {
            let at_last = |last: u8| Ipv4Addr::new(172, 16, 0, last);
            let mut wishes = vec![InterfaceWish::default(); *interfaces];
            wishes.iter_mut().take(1).for_each(|wish| wish.address = further.map(at_last));
            let launch = Launch {
                interfaces: wishes,
                ipv6: ipv6.clone(),
                addresses: given.map_or(Addresses::Any, |last| Addresses::Given(at_last(last))),
                after_creation: if *stay { AfterCreation::Stay } else { AfterCreation::Start },
                internet: Internet { out_mbps_max: u16::from(*online), ..Internet::NONE },
                ..in_new()
            };
            drop(world.run(&many(launch, *amount, 1), at(*now)));
        }
        Action::Work { fails } => {
            let claim = Claim { worker: label("w"), lease: Span::from_secs(30), limit: 1 };
            let Ok(items) = world.run(&claim, at(*now));
            for item in items {
                let failed = WorkOutcome::Failed(FailureReason::Machine);
                let outcome = if *fails { failed } else { WorkOutcome::Done };
                let Ok(_) = world.run(&Report { id: item.id, attempt: item.attempt, outcome }, at(*now));
            }
        }
        Action::Release(index) => {
            if let Some(instance) = picked(index) {
                drop(world.run(
                    &Release {
                        account: OWNER,
                        instance,
                        force: Force::Yes,
                        subscription: fleet::Subscription::Keep,
                    },
                    at(*now),
                ));
            }
        }
        Action::Give(index) => {
            if let Some(instance) = picked(index) {
                drop(world.run(&GivePublicAddress { account: OWNER, instance }, at(*now)));
            }
        }
        Action::Wait(secs) => {
            *now += secs;
            let Ok(_) = world.run(&Tick { limit: 1000 }, at(*now));
        }
    }
}

/// Counted from instances and from what cools down, not from pages.
fn pools_add_up(world: &World) {
    let mut held: BTreeMap<PoolId, u32> = BTreeMap::new();
    let mut seen: BTreeSet<HeldAddress> = BTreeSet::new();
    let mut claimed = 0;
    let mut note = |address: HeldAddress| {
        let drawn = match &address {
            HeldAddress::SubnetIpv6(_, address) => address.segments()[4..7] == [0, 0, 0],
            HeldAddress::Subnet(..) | HeldAddress::Public(..) => true,
        };
        match drawn {
            true => *held.entry(address.pool()).or_default() += 1,
            false => claimed += 1,
        }
        assert!(seen.insert(address.clone()), "{address:?} is held twice");
    };
    for record in world.records() {
        match record {
            Record::Instance(instance) => {
                let Ok(Some(spec)) = world.spec(instance.batch) else { panic!("no spec") };
                instance.held_addresses(&spec).for_each(&mut note);
            }
            Record::Cooling(cooling) => cooling.addresses.iter().cloned().for_each(&mut note),
            _ => {}
        }
    }
    let adds_up = |id: PoolId, extent: Extent, pool: Pool| {
        let held = held.get(&id).copied().unwrap_or(0);
        assert_eq!(pool.free + held + extent.first + extent.last, extent.size, "{id:?}");
    };
    for record in world.records() {
        match record {
            Record::Subnet(subnet) => {
                adds_up(PoolId::Subnet(subnet.label.clone()), subnet.block.extent(), subnet.pool);
                if let Some(ipv6) = subnet.ipv6 {
                    adds_up(PoolId::SubnetIpv6(subnet.label.clone()), SubnetIpv6::EXTENT, ipv6.pool);
                }
            }
            Record::PublicPool(pool) => {
                adds_up(PoolId::Public(pool.region.clone()), pool.block.extent(), pool.pool);
            }
            _ => {}
        }
    }
    let claims = world.records().filter(|record| matches!(record, Record::Ipv6Claim(_))).count();
    assert_eq!(claims, claimed);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]
    #[test]
    fn every_address_is_free_held_reserved_or_cooling(
        cool_down in prop_oneof![Just(0_u64), 1_u64..120],
        actions in prop::collection::vec(action(), 1..60),
    ) {
        let address_cool_down = Span::from_secs(cool_down);
        let policy = Policy { address_cool_down, group_members_max: 99, ..SmallWorld::policy() };
        let mut world = world("172.16.0.0/28", policy);
        let mut now = 0;
        for action in &actions {
            act(&mut world, &mut now, action);
            pools_add_up(&world);
            assert_eq!(audit(&world), [], "{action:?}");
        }
    }
}

/// A view that counts how often a record is read.
struct Counting<'w> {
    world: &'w World,
    reads: Cell<usize>,
}

impl View for Counting<'_> {
    type Failure = Infallible;

    fn get(&self, key: &Key) -> Result<Option<Record>, Infallible> {
        self.reads.set(self.reads.get() + 1);
        self.world.get(key)
    }

    fn keys(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<Key>, Infallible> {
        self.reads.set(self.reads.get() + 1);
        self.world.keys(from, to, limit)
    }

    fn catalogue(&self) -> &Catalogue {
        self.world.catalogue()
    }

    fn policy(&self) -> &Policy {
        self.world.policy()
    }
}

/// How many reads and writes a command takes.
fn cost<C: fleet::Command>(world: &World, command: &C, now: u64) -> (usize, usize)
where
    C::Refusal: std::fmt::Debug,
{
    let view = Counting { world, reads: Cell::new(0) };
    let decision = decide(&view, command, at(now)).unwrap_or_else(|_| panic!("it is refused"));
    (view.reads.get(), decision.writes.len())
}

/// Fills a /16 from one percent to the last address. What an address costs is counted, not timed.
#[test]
fn an_address_costs_the_same_however_full_its_pool_is() {
    let policy = Policy {
        group_members_max: u32::MAX,
        address_cool_down: Span::from_secs(10),
        creation_deadline: Span::from_secs(1_000_000),
        ..SmallWorld::policy()
    };
    let mut world = world("172.16.0.0/16", policy);
    let mut launched: Vec<InstanceId> = Vec::new();
    let fill = |world: &mut World, launched: &mut Vec<InstanceId>, until: usize| {
        while launched.len() < until {
            let amount = (until - launched.len()).min(100);
            let all = many(in_new(), u8::try_from(amount).unwrap(), 1);
            match world.run(&all, at(0)).unwrap() {
                Launched::Batch { instances, .. } => launched.extend(instances),
                other @ (Launched::Would(_) | Launched::Refused(_)) => panic!("it is meant: {other:?}"),
            }
        }
    };
    let mut costs = Vec::new();
    let usable = 65_532;
    // Not where a page ends: what takes two addresses reads two pages there.
    for full in [usable / 100, usable / 2 - 10, usable * 999 / 1000, usable - 3] {
        fill(&mut world, &mut launched, full);
        let free = Ipv4Addr::new(172, 16, 255, 252);
        let given = Launch { addresses: Addresses::Given(free), ..in_new() };
        let with_everything = Launch {
            interfaces: vec![InterfaceWish::default()],
            ipv6: Ipv6Wish::Count(2),
            internet: Internet { out_mbps_max: 1, ..Internet::NONE },
            ..in_new()
        };
        costs.push([cost(&world, &in_new(), 0), cost(&world, &given, 0), cost(&world, &with_everything, 0)]);
    }
    assert!(costs.windows(2).all(|pair| pair[0] == pair[1]), "{costs:?}");

    // Giving back, and what cools down when it is over, cost the same as well.
    let mut back = Vec::new();
    for index in [0, usable / 2, usable - 4] {
        let mut world = world.clone();
        let claim = Claim { worker: label("w"), lease: Span::from_secs(30), limit: usize::MAX };
        let Ok(items) = world.run(&claim, at(0));
        let item = items.iter().find(|item| item.id.instance == launched[index]).unwrap();
        let failed = WorkOutcome::Failed(FailureReason::Machine);
        let Ok(_) = world.run(&Report { id: item.id, attempt: item.attempt, outcome: failed }, at(0));
        let release = Release {
            account: OWNER,
            instance: launched[index],
            force: Force::No,
            subscription: fleet::Subscription::Keep,
        };
        let released = cost(&world, &release, 1);
        world.run(&release, at(1)).unwrap();
        back.push((released, cost(&world, &Tick { limit: 10 }, 11)));
    }
    assert!(back.windows(2).all(|pair| pair[0] == pair[1]), "{back:?}");
}
