//! Blocks, bits and pools of addresses against sets of numbers. Taking, giving back and cooling down
//! in any order: what is taken is the lowest that is free or just what was asked for, no address is
//! held twice, and after every step pages and summary say what the set says.
#![no_main]

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use fleet::{
    Addresses, AfterCreation, Bits, CreateGroup, CreateNetwork, CreateSubnet, Extent, GivenAddress,
    InstanceId, Key, LabelSource, Launch, Policy, PoolId, Ready, Record, Span, Subnet, SubnetBlock,
    SubnetIpv6, View as _, Wanted, World,
};
use ipnet::{Ipv4Net, Ipv6Net};
use libfuzzer_sys::fuzz_target;
use testkit::{OWNER, Scene, SmallWorld, audit, label, launch, zone};

/// No more steps of an input are carried out.
const STEPS_MAX: usize = 20;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// A text that may be an address or a block.
    Text(&'a str),
    /// A block of IPv4 addresses, an address, and the mask of another block around it.
    Block { address: u32, mask: u8, other: u32, wider: u8 },
    /// A block of IPv6 addresses, and an address near its start.
    Ipv6 { address: u128, mask: u8, behind: u32 },
    /// An extent of any kind, and a page of it.
    Extent { size: u16, first: u8, last: u8, page: u8 },
    /// Bits that are set and cleared.
    Bits(Vec<Bit>),
    /// A subnet that instances come into and leave.
    Pool { world: Fixture, steps: Vec<Step> },
}

#[derive(Arbitrary, Debug)]
enum Bit {
    Set(u8),
    Clear(u8),
    SetFirst,
    SetWord(u8),
    With([u64; 4]),
    Without([u64; 4]),
}

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

fuzz_target!(|input: Input<'_>| match input {
    Input::Text(text) => read(text),
    Input::Block { address, mask, other, wider } => {
        if let Ok(net) = Ipv4Net::new(address.into(), mask % 33) {
            block(net, other.into(), wider % 33);
            block(net.trunc(), other.into(), wider % 33);
        }
    }
    Input::Ipv6 { address, mask, behind } => {
        if let Ok(net) = Ipv6Net::new(address.into(), if mask < 128 { mask } else { SubnetIpv6::MASK }) {
            ipv6(net, behind);
            ipv6(net.trunc(), behind);
        }
    }
    Input::Extent { size, first, last, page } => {
        let (size, first, last) = (u32::from(size) + 1, u32::from(first), u32::from(last));
        // Pools are no smaller than what is reserved of them.
        extent(Extent { size: size.max(first + last), first, last }, page);
    }
    Input::Bits(steps) => bits(&steps),
    Input::Pool { world, steps } => pool(world, &steps),
});

fn read(text: &str) {
    if let Ok(net) = text.parse::<Ipv4Net>() {
        assert_eq!(net.to_string().parse(), Ok(net));
        block(net, net.broadcast(), 16);
    }
    if let Ok(net) = text.parse::<Ipv6Net>() {
        assert_eq!(net.to_string().parse(), Ok(net));
        ipv6(net, 1);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
}

fn block(net: Ipv4Net, address: Ipv4Addr, wider: u8) {
    let fits = (16..=29).contains(&net.prefix_len()) && net.addr() == net.network();
    let block = SubnetBlock::new(net);
    assert_eq!(block.is_some(), fits);
    let Some(block) = block else { return };
    assert_eq!(block.net(), net);
    assert_eq!(u64::from(block.size()), u64::from(u32::from(net.broadcast()) - u32::from(net.network())) + 1);
    assert_eq!(block.usable(), block.size() - SubnetBlock::RESERVED_FIRST - SubnetBlock::RESERVED_LAST);
    for address in [address, net.network(), net.broadcast(), Ipv4Addr::from(u32::from(net.addr()) ^ 5)] {
        assert_eq!(block.contains(address), net.contains(&address));
        assert_eq!(block.offset(address).is_some(), net.contains(&address));
        let Some(offset) = block.offset(address) else {
            assert!(!block.is_reserved(address), "what is outside is not reserved");
            continue;
        };
        assert_eq!(block.address(offset), address, "a number is that of its address");
        assert_eq!(block.is_reserved(address), block.extent().is_reserved(offset));
    }
    if let Some(other) = Ipv4Net::new(net.network(), wider).ok().and_then(SubnetBlock::new) {
        assert_eq!(other.grows(block), other.size() > block.size());
        assert!(!block.grows(block));
    }
}

fn ipv6(net: Ipv6Net, behind: u32) {
    let fits = net.prefix_len() == SubnetIpv6::MASK && net.addr() == net.network();
    let subnet = SubnetIpv6::new(net);
    assert_eq!(subnet.is_some(), fits);
    let Some(subnet) = subnet else { return };
    assert_eq!((subnet.block(), subnet.pool.free), (net, SubnetIpv6::EXTENT.usable()));
    let address = Ipv6Addr::from(u128::from(net.network()) + u128::from(behind));
    assert_eq!(subnet.contains(address), behind > 0, "the first belongs to the routers");
    assert_eq!(subnet.offset(address), u16::try_from(behind).ok(), "the lowest are drawn");
    if let Some(offset) = subnet.offset(address) {
        assert_eq!(subnet.address(offset), address);
        assert_eq!(subnet.contains(address), !SubnetIpv6::EXTENT.is_reserved(offset));
    }
    assert!(!subnet.contains(Ipv6Addr::from(u128::from(net.broadcast()).wrapping_add(1))));
}

fn extent(extent: Extent, page: u8) {
    let pages: Vec<u8> = extent.pages().collect();
    assert_eq!(pages.len(), extent.size.div_ceil(256) as usize);
    for page in [page, 0, pages.last().copied().unwrap_or_default()] {
        let fixed = extent.fixed(page);
        for bit in 0..=u8::MAX {
            let offset = u32::from(u16::from_be_bytes([page, bit]));
            let usable = (extent.first..extent.size - extent.last).contains(&offset);
            assert_eq!(fixed.is_set(bit), !usable, "{extent:?} {offset}");
        }
    }
    assert_eq!(extent.usable(), extent.size - extent.first - extent.last);
}

fn bits(steps: &[Bit]) {
    let (mut bits, mut model) = (Bits::default(), BTreeSet::new());
    let set_of = |words: [u64; 4]| -> BTreeSet<u8> {
        (0..=u8::MAX).filter(|at| words[usize::from(*at) / 64] >> (at % 64) & 1 == 1).collect()
    };
    for step in steps.iter().take(STEPS_MAX) {
        bits = match *step {
            Bit::Set(at) => {
                model.insert(at);
                bits.with(at)
            }
            Bit::Clear(at) => {
                model.remove(&at);
                bits.without(at)
            }
            Bit::SetFirst => bits.first_clear().map_or(bits, |at| {
                model.insert(at);
                bits.with(at)
            }),
            Bit::SetWord(word) => {
                let from = word % 4 * 64;
                model.extend(from..=from + 63);
                (from..=from + 63).fold(bits, Bits::with)
            }
            Bit::With(words) => {
                model.extend(set_of(words));
                bits.with_all(Bits(words))
            }
            Bit::Without(words) => {
                model = &model - &set_of(words);
                bits.without_all(Bits(words))
            }
        };
        assert_eq!(set_of(bits.0), model);
        assert_eq!(
            bits.first_clear(),
            (0..=u8::MAX).find(|at| !model.contains(at)),
            "the lowest that is clear"
        );
        assert_eq!((bits.count() as usize, bits.is_full()), (model.len(), model.len() == 256));
    }
    assert!((0..=u8::MAX).all(|at| bits.is_set(at) == model.contains(&at)));
}

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
        };
        world.run(&subnet, testkit::at(0)).expect("a subnet");
        let group = CreateGroup { account, label: own("g-new"), network: label("new"), name, description };
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
