//! A store that commands are run on, and what they are about: the first instance that suits, the last group, the
//! oldest work item.

use std::net::Ipv4Addr;

use fleet::{
    Abilities, BareMetalOffer, BareMetalType, BareMetalZone, CatalogueItem, Command, Event, Image, Instance,
    InstanceId, Label, LabelSource, Line, LoadCatalogue, Marks, Offer, OpenAccount, Ready, Record, Region,
    Rule, Serial, Span, Status, StockKey, SubnetBlock, Template, Time, TrafficVolume, WorkId, Zone,
};
use testkit::{Fleet, OWNER, SmallWorld, label, zone};

use store::{CommitError, Store};

/// What became of a command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Told {
    /// It was done; the answer.
    Done(String),
    /// It was refused; why.
    Refused(String),
    /// The disk failed.
    Failed(String),
}

/// A store, a time, and what the store held when somebody last looked.
#[derive(Debug)]
pub(crate) struct Play<'s> {
    pub(crate) store: &'s Store,
    pub(crate) now: Time,
    records: Vec<Record>,
}

impl<'s> Play<'s> {
    /// Begins at the time of the last commit.
    pub(crate) fn new(store: &'s Store) -> Self {
        Self { store, now: store.last().1, records: store.snapshot().records().unwrap() }
    }

    /// Looks again at what is there.
    pub(crate) fn look(&mut self) {
        self.records = self.store.snapshot().records().unwrap();
    }

    pub(crate) fn wait(&mut self, span: Span) {
        self.now = self.now.after(span);
    }

    pub(crate) fn commit<C>(&self, command: C) -> Told
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send + std::fmt::Debug,
        C::Refusal: Send + std::fmt::Debug,
    {
        match self.store.commit(command, self.now) {
            Ok(reply) => Told::Done(format!("{reply:?}")),
            Err(CommitError::Refused(refusal)) => Told::Refused(format!("{refusal:?}")),
            Err(CommitError::Busy { waiting }) => panic!("{waiting} wait for one caller"),
            Err(CommitError::Failed(error)) => Told::Failed(format!("{error:?}")),
        }
    }

    fn of<T>(&self, pick: impl Fn(&Record) -> Option<T>) -> Vec<T> {
        self.records.iter().filter_map(pick).collect()
    }

    pub(crate) fn instances(&self) -> Vec<Instance> {
        self.of(|record| if let Record::Instance(instance) = record { Some(instance.clone()) } else { None })
    }

    pub(crate) fn ids(&self) -> Vec<InstanceId> {
        self.instances().iter().map(|instance| instance.id).collect()
    }

    /// The first instance in one of these statuses; or else any; or else one that never was.
    pub(crate) fn one(&self, wanted: &[Status]) -> InstanceId {
        let all = self.instances();
        let suits = all.iter().find(|instance| wanted.contains(&instance.state.status()));
        suits.or(all.first()).map_or(InstanceId(Serial::HIGHEST), |instance| instance.id)
    }

    /// The first work item that is claimed, and its attempt; or else one that never was.
    pub(crate) fn held(&self) -> Vec<(WorkId, u32)> {
        let held = self.instances().into_iter().filter_map(|instance| {
            let (_, work) = instance.state.work()?;
            work.holder.as_ref()?;
            Some((instance.work_id()?, work.attempt))
        });
        held.collect()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.of(|record| if let Record::Event(event) = record { Some(event.clone()) } else { None })
    }

    pub(crate) fn rules(&self) -> Vec<Rule> {
        self.of(|record| if let Record::Rule(rule) = record { Some(rule.clone()) } else { None })
    }

    pub(crate) fn templates(&self) -> Vec<Template> {
        self.of(|record| if let Record::Template(template) = record { Some(template.clone()) } else { None })
    }

    /// The last network, subnet and group there are.
    pub(crate) fn last_places(&self) -> (Label, Label, Label) {
        let last = |pick: fn(&Record) -> Option<Label>| self.of(pick).pop().unwrap_or_else(|| label("none"));
        (
            last(|record| if let Record::Network(it) = record { Some(it.label.clone()) } else { None }),
            last(|record| if let Record::Subnet(it) = record { Some(it.label.clone()) } else { None }),
            last(|record| if let Record::Group(it) = record { Some(it.label.clone()) } else { None }),
        )
    }
}

impl Fleet for Play<'_> {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.store.commit(command.clone(), now).map_err(|error| match error {
            CommitError::Refused(refusal) => refusal,
            CommitError::Busy { .. } | CommitError::Failed(_) => panic!("the disk is well"),
        })
    }

    fn records(&self) -> Vec<Record> {
        self.records.clone()
    }
}

/// The bare metal that the world has, and where.
pub(crate) const MACHINE: &str = "m-0";

/// The catalogue of the furnished small world, with public addresses, types that take what can be had of
/// interfaces, and bare metal in `z-0`.
pub(crate) fn catalogue(units: u32) -> LoadCatalogue {
    let mut load = testkit::catalogue(units);
    let public_block = Some(block("203.0.113.8/29"));
    load.catalogue.add(CatalogueItem::Region(Region {
        label: label("r"),
        local_name: "Region".into(),
        public_block,
    }));
    for instance_type in load.catalogue.instance_types.values_mut() {
        instance_type.abilities.interfaces = 3;
        instance_type.abilities.ipv6_per_interface = 5;
    }
    let plain = load.catalogue.instance_types[&label("t-0")].clone();
    let found: Vec<Zone> = load.catalogue.zones.values().cloned().collect();
    let has = BareMetalZone {
        city: "City".into(),
        area: "Area".into(),
        addresses: label("s-1"),
        subnets: true,
        networks: true,
        cloud_router: false,
    };
    for found in found.into_iter().filter(|found| found.label == zone(0)) {
        load.catalogue.add(CatalogueItem::Zone(Zone { bare_metal: Some(has.clone().into()), ..found }));
    }
    let offer = BareMetalOffer {
        lines: vec![Line::Bandwidth],
        out_mbps_max: 100,
        traffic: TrafficVolume::default(),
        postpaid: true,
        prepaid: true,
    };
    let is = BareMetalType { subnets: true, offers: [(zone(0), offer)].into(), ..BareMetalType::default() };
    let abilities = Abilities { bare_metal: Some(is.into()), ..plain.abilities.clone() };
    let machine = fleet::InstanceType { label: label(MACHINE), abilities, ..plain };
    load.catalogue.add(CatalogueItem::InstanceType(machine));
    let stock = StockKey { zone: zone(0), instance_type: label(MACHINE) };
    load.offers.push(Offer { stock, total: units });
    load
}

/// An image that the catalogue of the world does not have.
pub(crate) fn another_image(load: &LoadCatalogue) -> Image {
    Image { label: label("another"), name: "n".repeat(500), ..load.catalogue.images[&label("linux")].clone() }
}

pub(crate) fn block(text: &str) -> SubnetBlock {
    SubnetBlock::new(text.parse().unwrap()).unwrap()
}

pub(crate) fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

/// Builds the world in an empty store: the small one with its furniture, and a network with IPv6.
pub(crate) fn furnish(play: &mut Play<'_>, grant: Option<u64>) {
    let world = SmallWorld::new().stock(9).limit(20);
    let world = if let Some(money) = grant { world.grant(money) } else { world };
    world.furnish(play);
    let done = |told: Told| assert!(matches!(told, Told::Done(_)), "{told:?}");
    done(play.commit(catalogue(9)));
    done(play.commit(crate::commands::network("six", Some("2001:db8:0:100::/56"))));
    done(play.commit(fleet::CreateSubnet {
        account: OWNER,
        label: LabelSource::Given(label("s-six")),
        network: label("six"),
        zone: zone(0),
        block: block("192.168.1.16/28"),
        ipv6: Some("2001:db8:0:101::/64".parse().unwrap()),
        ready: Ready::AtOnce,
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }));
    done(play.commit(fleet::CreateGroup {
        account: OWNER,
        label: LabelSource::Given(label("g-six")),
        network: label("six"),
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }));
    done(play.commit(OpenAccount { id: testkit::STRANGER, instance_limit: 5, grant: None }));
    play.look();
}
