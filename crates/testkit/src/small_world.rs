//! A world in which everything collides: two zones, two types, four subnets of 4 and 12 addresses,
//! two groups of six places, one account, one image for each rule.
//!
//! ```text
//! region r ── zone z-0 ── subnets s-0 (/29, 4 addresses), s-1 (/28, 12)
//!          └─ zone z-1 ── subnets s-2 (/29, 4 addresses), s-3 (/28, 12)
//! network n ── groups g-0, g-1       images linux, windows, arm, old       types t-0, t-1, t-arm, t-old
//! ```

use crate::driver::Fleet;
use fleet::{
    Abilities, AccountId, Addresses, AfterCreation, Architecture, Catalogue, CatalogueItem, Charge,
    ClientToken, CreateGroup, CreateNetwork, CreateSubnet, Fingerprint, GivenAddress, Host, Image,
    ImageStatus, ImageTraits, InstanceType, Internet, InternetCharge, Label, LabelSource, Launch,
    LoadCatalogue, Marks, Money, Names, Offer, OpenAccount, Os, Policy, Protection, Rate, Ready, Region,
    Rehearsal, Sale, Span, StockKey, SubnetBlock, Time, TokenText, Wanted, World, Zone,
};

/// The account that has everything.
pub const OWNER: AccountId = AccountId(1);
/// An account that has nothing, but could.
pub const STRANGER: AccountId = AccountId(2);
/// How many zones there are: `z-0` and `z-1`.
pub const ZONES: usize = 2;
/// How many types are on sale: `t-0` and `t-1`.
pub const TYPES: usize = 2;
/// How many groups there are: `g-0` and `g-1`.
pub const GROUPS: usize = 2;
/// The blocks of the subnets `s-0` to `s-3`; the first two are in `z-0`, the others in `z-1`.
pub const SUBNETS: [&str; 4] = ["10.0.0.0/29", "10.0.0.16/28", "10.0.1.0/29", "10.0.1.16/28"];

/// What a type costs.
#[derive(Clone, Copy, Debug)]
pub struct Price;

impl Price {
    /// Of a month of `t-0` and `t-1`.
    pub const MONTHLY: [u64; TYPES] = [10, 30];
    /// Of an hour of `t-0` and `t-1`, in thousandths: one unit in 10 seconds.
    pub const HOURLY: [u64; TYPES] = [0, 360_000];
}

/// The label that `text` spells.
///
/// # Panics
/// When it spells none.
#[must_use]
pub fn label(text: &str) -> Label {
    Label::parse(text).expect("a label")
}

/// The zone numbered `index`.
#[must_use]
pub fn zone(index: usize) -> Label {
    label(&format!("z-{index}"))
}

/// The instance type numbered `index`.
#[must_use]
pub fn instance_type(index: usize) -> Label {
    label(&format!("t-{index}"))
}

/// The subnet numbered `index`.
#[must_use]
pub fn subnet(index: usize) -> Label {
    label(&format!("s-{index}"))
}

/// The group numbered `index`.
#[must_use]
pub fn group(index: usize) -> Label {
    label(&format!("g-{index}"))
}

/// The dedicated host numbered `index`, in `z-0`, paid by use, with three places. No world has it
/// before it is offered.
#[must_use]
pub fn host(index: usize) -> Host {
    Host {
        label: label(&format!("h-{index}")),
        name: format!("host {index}"),
        zone: zone(0),
        account: None,
        prepaid: false,
        expires_at: None,
        sale: Sale::Open,
        families: Vec::new(),
        places: 3,
        taken: 0,
    }
}

/// The time `secs` seconds after the world began.
#[must_use]
pub const fn at(secs: u64) -> Time {
    Time::from_secs(secs)
}

/// A token and the fingerprint of what came with it.
///
/// # Panics
/// When `text` is no token.
#[must_use]
pub fn token(text: &str, fingerprint: u8) -> ClientToken {
    let text = TokenText::parse(text).expect("a token");
    ClientToken { text, fingerprint: Fingerprint([fingerprint; 32]) }
}

/// A launch that nothing is wrong with: one `t-0` in `s-0` and `g-0`, which starts by itself.
#[must_use]
pub fn launch() -> Launch {
    Launch {
        account: OWNER,
        token: None,
        rehearsal: Rehearsal::No,
        region: label("r"),
        zone: None,
        image: Some(label("linux")),
        instance_type: Some(instance_type(0)),
        groups: vec![group(0)],
        subnet: Some(subnet(0)),
        addresses: Addresses::Any,
        wanted: Wanted::ONE,
        after_creation: AfterCreation::Start,
        charge: Charge::PostPaid,
        protection: Protection::Off,
        names: Names::OWN_ID,
        host_names: Names::OWN_ID,
        description: "".into(),
        tags: Vec::new(),
        internet: Internet { charge: InternetCharge::ByTraffic, in_mbps_max: 200, out_mbps_max: 0 },
        ..Launch::new(OWNER, label("r"))
    }
}

/// `launch` for as many as `most` instances, and no fewer than `least`.
///
/// # Panics
/// Unless `1 <= least <= most <= 100`.
#[must_use]
pub fn many(launch: Launch, most: u8, least: u8) -> Launch {
    Launch { wanted: Wanted::new(most, least).expect("an amount"), ..launch }
}

/// Builds the small world. What is not said is small: 4 units of stock, 8 instances, no money.
#[derive(Clone, Debug)]
pub struct SmallWorld {
    stock: u32,
    limit: u32,
    grant: Option<u64>,
    policy: Policy,
}

impl Default for SmallWorld {
    fn default() -> Self {
        Self::new()
    }
}

impl SmallWorld {
    /// Units of stock of each type in each zone, unless something else is said.
    pub const STOCK: u32 = 4;
    /// Instances that the account may have, unless something else is said.
    pub const LIMIT: u32 = 8;

    /// The small world as it is when nothing is said.
    #[must_use]
    pub fn new() -> Self {
        Self { stock: Self::STOCK, limit: Self::LIMIT, grant: None, policy: Self::policy() }
    }

    /// The policy of the small world: every time is short and different from every other.
    #[must_use]
    pub fn policy() -> Policy {
        Policy {
            creation_deadline: Span::from_secs(60),
            failure_release: Span::from_secs(300),
            subscription_retention: Span::from_secs(1500),
            arrears_grace: Span::from_secs(120),
            arrears_retention: Span::from_secs(1300),
            reclaim_notice: Span::from_secs(200),
            bin_retention: Span::from_secs(450),
            event_retention: Span::from_secs(900),
            token_retention: Span::from_secs(600),
            token_reading: fleet::TokenReading::Lenient,
            batch_retention: Span::from_secs(1000),
            retry_pause: Span::from_secs(5),
            retry_pause_max: Span::from_secs(15),
            attempts_max: 3,
            group_members_max: 6,
            networks_max: 5,
            groups_max: 8,
            network_settling: Span::ZERO,
            address_cool_down: Span::ZERO,
            given_address: GivenAddress::OneOnly,
        }
    }

    /// The same world with so many units of each type in each zone.
    #[must_use]
    pub fn stock(self, stock: u32) -> Self {
        Self { stock, ..self }
    }

    /// The same world with so many instances for the account.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// The same world with an account that is charged, and has this much.
    #[must_use]
    pub fn grant(self, money: u64) -> Self {
        Self { grant: Some(money), ..self }
    }

    /// The same world under another policy.
    #[must_use]
    pub fn under(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// The catalogue, with this much of each type in each zone.
    #[must_use]
    pub fn catalogue(stock: u32) -> LoadCatalogue {
        let mut catalogue = Catalogue::default();
        let region = Region { label: label("r"), local_name: "Region".into(), public_block: None };
        catalogue.add(CatalogueItem::Region(region));
        for index in 0..ZONES {
            let (label, region, local_name) = (zone(index), label("r"), format!("Zone {index}"));
            catalogue.add(CatalogueItem::Zone(Zone {
                label,
                region,
                local_name,
                sale: Sale::Open,
                disks: Vec::new(),
                bare_metal: None,
            }));
        }
        for (name, architecture, sale, price, hourly) in [
            ("t-0", Architecture::X86_64, Sale::Open, Price::MONTHLY[0], Price::HOURLY[0]),
            ("t-1", Architecture::X86_64, Sale::Open, Price::MONTHLY[1], Price::HOURLY[1]),
            ("t-arm", Architecture::Arm64, Sale::Open, 10, 0),
            ("t-old", Architecture::X86_64, Sale::Closed, 10, 0),
        ] {
            catalogue.add(CatalogueItem::InstanceType(InstanceType {
                label: label(name),
                family: label("t"),
                cpus: 2,
                memory_mib: 4096,
                architecture,
                sale,
                monthly_price: Money(price),
                abilities: Abilities { hourly_price: Rate(hourly), ..Abilities::default() },
            }));
        }
        for (name, os, architecture, status) in [
            ("linux", Os::Linux, Architecture::X86_64, ImageStatus::Available),
            ("windows", Os::Windows, Architecture::X86_64, ImageStatus::Available),
            ("arm", Os::Linux, Architecture::Arm64, ImageStatus::Available),
            ("old", Os::Linux, Architecture::X86_64, ImageStatus::Deprecated),
        ] {
            catalogue.add(CatalogueItem::Image(Image {
                label: label(name),
                name: name.into(),
                os,
                os_name: name.into(),
                architecture,
                size_gib: 20,
                status,
                traits: ImageTraits::default(),
            }));
        }
        let key = |zone, instance_type| StockKey { zone, instance_type };
        let pairs = (0..ZONES).flat_map(|z| (0..TYPES).map(move |t| key(zone(z), instance_type(t))));
        let offers = pairs.map(|stock_key| Offer { stock: stock_key, total: stock }).collect();
        LoadCatalogue { catalogue, offers, hosts: Vec::new() }
    }

    /// The world, at time 0.
    ///
    /// # Panics
    /// When the core refuses to build it, which it has no reason to.
    #[must_use]
    pub fn build(&self) -> World {
        let mut world = World::new(self.policy.clone());
        self.furnish(&mut world);
        world
    }

    /// How many units of each type it has in each zone.
    #[must_use]
    pub const fn units(&self) -> u32 {
        self.stock
    }

    /// The policy it is under, for a fleet that is opened elsewhere.
    #[must_use]
    pub const fn its_policy(&self) -> &Policy {
        &self.policy
    }

    /// Builds the world in an empty fleet, at time 0.
    ///
    /// # Panics
    /// When the fleet refuses to take it, which it has no reason to.
    pub fn furnish(&self, fleet: &mut impl Fleet) {
        fleet.run(&Self::catalogue(self.stock), Time::START).expect("a catalogue");
        let owner = OpenAccount { id: OWNER, instance_limit: self.limit, grant: self.grant.map(Money) };
        fleet.run(&owner, Time::START).expect("an account");
        add_network(fleet, "n", "10.0.0.0/16");
        for (index, block) in SUBNETS.into_iter().enumerate() {
            add_subnet(fleet, &subnet(index), &zone(index / 2), block);
        }
        (0..GROUPS).for_each(|index| add_group(fleet, &group(index), "n"));
    }
}

pub(crate) fn add_network(fleet: &mut impl Fleet, name: &str, block: &str) {
    let network = CreateNetwork {
        account: OWNER,
        label: LabelSource::Given(label(name)),
        region: label("r"),
        block: block.parse().expect("a block"),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    };
    fleet.run(&network, Time::START).expect("a network");
}

pub(crate) fn add_subnet(fleet: &mut impl Fleet, name: &Label, zone: &Label, block: &str) {
    let subnet = CreateSubnet {
        account: OWNER,
        label: LabelSource::Given(name.clone()),
        network: label("n"),
        zone: zone.clone(),
        block: SubnetBlock::new(block.parse().expect("a network")).expect("a block"),
        ipv6: None,
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    };
    fleet.run(&subnet, Time::START).expect("a subnet");
}

pub(crate) fn add_group(fleet: &mut impl Fleet, name: &Label, network: &str) {
    let group = CreateGroup {
        account: OWNER,
        label: LabelSource::Given(name.clone()),
        network: label(network),
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    };
    fleet.run(&group, Time::START).expect("a group");
}
