//! Pools of addresses against sets of numbers. Taking, giving back and cooling down in any order: what is
//! taken is the lowest that is free or just what was asked for, no address is held twice, and after every
//! step pages and summary say what the set says.
#![no_main]

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use fleet::{
    Addresses, AfterCreation, CreateGroup, CreateNetwork, CreateSubnet, GivenAddress, InstanceId, Key,
    LabelSource, Launch, Marks, Policy, PoolId, Ready, Record, Span, Subnet, SubnetBlock, View as _, Wanted,
    World,
};
use ipnet::Ipv4Net;
use libfuzzer_sys::fuzz_target;
use testkit::{OWNER, Scene, SmallWorld, audit, label, launch, zone};

/// No more steps of an input are carried out.
const STEPS_MAX: usize = 20;

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Fixture {
    /// 508 usable addresses, or 12.
    large: bool,
    cools_down: bool,
    consecutive: bool,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Any { amount: u8, all: bool },
    Given { offset: u16, amount: u8, all: bool },
    Release(u8),
    Wait(u8),
}

/// A subnet that instances come into and leave.
#[derive(Arbitrary, Debug)]
struct Input {
    world: Fixture,
    steps: Vec<Step>,
}

fuzz_target!(|input: Input| pool(input.world, &input.steps));

const COOL_DOWN: u64 = 100;

impl Fixture {
    fn block(self) -> SubnetBlock {
        let net = match self.large {
            true => Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 2, 0), 23),
            false => Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 28),
        };
        SubnetBlock::new(net).expect("a block")
    }

    /// A world with nothing but room in it.
    fn build(self) -> World {
        let policy = Policy {
            creation_deadline: Span::from_days(365),
            group_members_max: u32::MAX,
            address_cool_down: Span::from_secs(if self.cools_down { COOL_DOWN } else { 0 }),
            given_address: match self.consecutive {
                true => GivenAddress::Consecutive,
                false => GivenAddress::OneOnly,
            },
            ..SmallWorld::policy()
        };
        let mut world = SmallWorld::new().stock(100_000).limit(100_000).under(policy).build();
        let (account, name, description) = (OWNER, String::new(), String::new());
        let own = |name: &str| LabelSource::Given(label(name));
        let network = CreateNetwork {
            account,
            label: own("new"),
            region: label("r"),
            block: "172.16.0.0/12".parse().expect("a network"),
            ipv6: None,
            ready: Ready::AtOnce,
            name: name.clone(),
            description: description.clone(),
            marks: Marks::default(),
        };
        world.run(&network, testkit::at(0)).expect("a network");
        let subnet = CreateSubnet {
            account,
            label: own("s-new"),
            network: label("new"),
            zone: zone(0),
            block: self.block(),
            ipv6: None,
            ready: Ready::AtOnce,
            name: name.clone(),
            description: description.clone(),
            marks: Marks::default(),
        };
        world.run(&subnet, testkit::at(0)).expect("a subnet");
        let group = CreateGroup {
            account,
            label: own("g-new"),
            network: label("new"),
            name,
            description,
            marks: Marks::default(),
        };
        world.run(&group, testkit::at(0)).expect("a group");
        world
    }
}

static WORLDS: LazyLock<Vec<World>> = LazyLock::new(|| {
    let fixture = |at: u8| Fixture { large: at & 1 != 0, cools_down: at & 2 != 0, consecutive: at & 4 != 0 };
    (0..8).map(|at| fixture(at).build()).collect()
});

/// The subnet as numbers.
struct Model {
    fixture: Fixture,
    held: Vec<(InstanceId, u16)>,
    /// Numbers and when they are free again.
    cooling: Vec<(u64, u16)>,
}

impl Model {
    fn taken(&self) -> BTreeSet<u16> {
        self.held.iter().map(|(_, at)| *at).chain(self.cooling.iter().map(|(_, at)| *at)).collect()
    }

    fn usable(&self) -> std::ops::Range<u16> {
        let size = u16::try_from(self.fixture.block().size()).expect("a small subnet");
        1..size - 3
    }

    /// Which numbers instances get, in order: none, when the launch is refused.
    fn take(&self, step: &Step) -> Vec<u16> {
        let taken = self.taken();
        let usable = self.usable();
        let free = |at: &u16| usable.contains(at) && !taken.contains(at);
        let (numbers, wanted): (Vec<u16>, Wanted) = match *step {
            Step::Any { amount, all } => {
                let wanted = wanted(amount, all);
                (usable.clone().filter(free).take(wanted.most().into()).collect(), wanted)
            }
            Step::Given { offset, amount, all } => {
                let wanted = wanted(amount, all);
                if wanted.most() > 1 && !self.fixture.consecutive {
                    return Vec::new();
                }
                let from = self.place(offset)..u16::MAX;
                (from.take_while(free).take(wanted.most().into()).collect(), wanted)
            }
            Step::Release(_) | Step::Wait(_) => return Vec::new(),
        };
        if numbers.len() < usize::from(wanted.least()) { Vec::new() } else { numbers }
    }

    /// A number that is in the subnet or just behind it.
    fn place(&self, offset: u16) -> u16 {
        offset % (self.usable().end + 8)
    }
}

fn wanted(amount: u8, all: bool) -> Wanted {
    let amount = amount % 16 + 1;
    Wanted::new(amount, if all { amount } else { 1 }).expect("an amount")
}

fn pool(fixture: Fixture, steps: &[Step]) {
    let at = usize::from(fixture.large)
        | usize::from(fixture.cools_down) << 1
        | usize::from(fixture.consecutive) << 2;
    let mut scene = Scene::new(WORLDS[at].clone());
    let mut model = Model { fixture, held: Vec::new(), cooling: Vec::new() };
    for step in steps.iter().take(STEPS_MAX) {
        act(&mut scene, &mut model, step);
        agree(&scene.world, &model);
    }
    assert_eq!(audit(&scene.world), [], "{fixture:?} {steps:?}");
}

fn act(scene: &mut Scene, model: &mut Model, step: &Step) {
    let expected = model.take(step);
    let base = Launch {
        subnet: Some(label("s-new")),
        groups: vec![label("g-new")],
        after_creation: AfterCreation::Stay,
        ..launch()
    };
    let launch = match *step {
        Step::Any { amount, all } => Launch { wanted: wanted(amount, all), ..base },
        Step::Given { offset, amount, all } => {
            let address = model.fixture.block().address(model.place(offset));
            Launch { wanted: wanted(amount, all), addresses: Addresses::Given(address), ..base }
        }
        Step::Release(which) => {
            if !model.held.is_empty() {
                let (instance, offset) = model.held.remove(usize::from(which) % model.held.len());
                scene.settle();
                scene.release(instance).expect("it can be released");
                scene.settle();
                let until = scene.now.secs() + COOL_DOWN;
                model.cooling.extend(model.fixture.cools_down.then_some((until, offset)));
            }
            return;
        }
        Step::Wait(secs) => {
            scene.wait(Span::from_secs(secs.into()));
            scene.tick();
            let now = scene.now.secs();
            model.cooling.retain(|(until, _)| *until > now);
            return;
        }
    };
    let before = expected.is_empty().then(|| scene.world.clone());
    match scene.launch(&launch) {
        Ok(instances) => {
            let offset = |id: &InstanceId| {
                let address = scene.instance(*id).expect("it was made").address;
                model.fixture.block().offset(address).expect("it is of the subnet")
            };
            let given: Vec<u16> = instances.iter().map(offset).collect();
            assert_eq!(given, expected, "{step:?}");
            model.held.extend(instances.into_iter().zip(given));
        }
        Err(refusal) => {
            assert!(expected.is_empty(), "{step:?} should get {expected:?} and not {refusal:?}");
            assert_eq!(Some(&scene.world), before.as_ref(), "what is refused changes nothing");
        }
    }
}

fn agree(world: &World, model: &Model) {
    let Ok(Some(subnet)) = world.subnet(&label("s-new")) else { panic!("the subnet is gone") };
    let Subnet { block, pool, .. } = subnet;
    let taken = model.taken();
    assert_eq!(taken.len(), model.held.len() + model.cooling.len(), "no address is twice");
    assert_eq!(pool.free, block.usable() - taken.len() as u32);
    let id = PoolId::Subnet(subnet.label);
    for number in block.extent().pages() {
        let fixed = block.extent().fixed(number);
        let own = taken.range(u16::from_be_bytes([number, 0])..=u16::from_be_bytes([number, u8::MAX]));
        let expected = own.fold(fixed, |bits, offset| bits.with(offset.to_be_bytes()[1]));
        let Ok(page) = world.get(&Key::AddressPage(id.clone(), number));
        let found = match page {
            Some(Record::AddressPage(page)) => page.taken,
            Some(_) => panic!("a page is no page"),
            None => fixed,
        };
        assert_eq!(found, expected, "page {number}");
        assert_eq!(pool.full_pages.is_set(number), expected.is_full());
    }
}
