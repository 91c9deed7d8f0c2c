//! The records that make up a fleet, the keys they stand under, and the writes that change them.
//!
//! This is the whole vocabulary between the core and a store: a decision reads records by key and
//! goes out as what it leaves under its keys, which a feed tells as [`Write`]s.

use crate::{
    Account, AccountId, AddressPage, Amendment, Asset, AssetType, Batch, BatchId, Cooling, Event, EventId,
    Group, Holdings, Host, Image, Instance, InstanceId, InstanceType, Ipv6Claim, KeptDisk, KeyPair, Label,
    Left, Network, PoolId, PublicPool, Receipt, ReceiptId, Region, Rule, RuleId, Secret, Sequence, Serial,
    Spec, Stock, StockKey, Subnet, Template, TemplateName, TemplateNameKey, TemplateVersion, Time, TimerKind,
    Token, TokenKey, WorkId, WorkStats, Zone,
};
use alloc::borrow::Cow;
use alloc::string::ToString as _;
use alloc::sync::Arc;
use core::net::Ipv6Addr;

/// What a record stands under. The order of keys is part of the contract with stores: timers and
/// work items sort by their time, everything else by its id.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Key {
    /// The counter of ids.
    Sequence,
    /// An account.
    Account(AccountId),
    /// How much an account has in a region.
    Holdings(AccountId, Label),
    /// A region of the catalogue.
    Region(Label),
    /// A zone of the catalogue.
    Zone(Label),
    /// An instance type of the catalogue.
    InstanceType(Label),
    /// An image of the catalogue.
    Image(Label),
    /// An asset of the catalogue.
    Asset(AssetType, Label),
    /// A host of somebody's own.
    Host(Label),
    /// A stock.
    Stock(StockKey),
    /// A network.
    Network(Label),
    /// A subnet.
    Subnet(Label),
    /// The public addresses of a region.
    PublicPool(Label),
    /// A page of a pool of addresses. A page that is not there is fresh.
    AddressPage(PoolId, u8),
    /// An IPv6 address of a subnet that is held and not among those that are drawn.
    Ipv6Claim(Label, Ipv6Addr),
    /// Addresses that an instance had.
    Cooling(InstanceId),
    /// A group.
    Group(Label),
    /// A rule of a group.
    Rule(Label, RuleId),
    /// A key pair of an account.
    KeyPair(AccountId, Arc<str>),
    /// A token.
    Token(TokenKey),
    /// What came of a request with a token.
    Receipt(ReceiptId),
    /// What the instances of a launch have in common.
    Spec(BatchId),
    /// What became of the instances of a launch.
    Batch(BatchId),
    /// An instance.
    Instance(InstanceId),
    /// What was changed of an instance.
    Amendment(InstanceId),
    /// A disk that outlived this instance, and which of its disks it was.
    Disk(InstanceId, u8),
    /// The password of the instances of a launch, until they are made.
    Password(BatchId),
    /// What the instances of a launch run when they boot.
    UserData(BatchId),
    /// An event.
    Event(EventId),
    /// A timer.
    Timer(Time, TimerKind),
    /// A work item, under the time from which on it can be claimed.
    Work(Time, WorkId),
    /// What became of all work items so far.
    WorkStats,
    /// A template.
    Template(Label),
    /// A version of a template, by its number.
    TemplateVersion(Label, u32),
    /// The name of a template.
    TemplateName(TemplateNameKey),
}

impl Key {
    /// How many kinds of keys there are.
    pub const KINDS: usize = 35;

    /// Which of the kinds it is of, less than [`Key::KINDS`]. Keys of a lower kind come before those of a higher.
    #[must_use]
    pub const fn kind(&self) -> usize {
        match self {
            Self::Sequence => 0,
            Self::Account(_) => 1,
            Self::Holdings(..) => 2,
            Self::Region(_) => 3,
            Self::Zone(_) => 4,
            Self::InstanceType(_) => 5,
            Self::Image(_) => 6,
            Self::Asset(..) => 7,
            Self::Host(_) => 8,
            Self::Stock(_) => 9,
            Self::Network(_) => 10,
            Self::Subnet(_) => 11,
            Self::PublicPool(_) => 12,
            Self::AddressPage(..) => 13,
            Self::Ipv6Claim(..) => 14,
            Self::Cooling(_) => 15,
            Self::Group(_) => 16,
            Self::Rule(..) => 17,
            Self::KeyPair(..) => 18,
            Self::Token(_) => 19,
            Self::Receipt(_) => 20,
            Self::Spec(_) => 21,
            Self::Batch(_) => 22,
            Self::Instance(_) => 23,
            Self::Amendment(_) => 24,
            Self::Disk(..) => 25,
            Self::Password(_) => 26,
            Self::UserData(_) => 27,
            Self::Event(_) => 28,
            Self::Timer(..) => 29,
            Self::Work(..) => 30,
            Self::WorkStats => 31,
            Self::Template(_) => 32,
            Self::TemplateVersion(..) => 33,
            Self::TemplateName(_) => 34,
        }
    }

    /// The record under it, where that is the key and nothing else: a timer, a work item, or a claim of an IPv6
    /// address.
    #[must_use]
    pub fn key_only(&self) -> Option<Record> {
        if let Self::Timer(at, kind) = self {
            return Some(Record::Timer(*at, *kind));
        }
        if let Self::Work(at, id) = self {
            return Some(Record::Work(*at, *id));
        }
        let Self::Ipv6Claim(subnet, address) = self else { return None };
        Some(Record::Ipv6Claim(Ipv6Claim { subnet: subnet.clone(), address: *address }))
    }

    /// The lowest and the highest key of any stock.
    #[must_use]
    pub fn stocks() -> (Self, Self) {
        let stock = |label: Label| Self::Stock(StockKey { zone: label.clone(), instance_type: label });
        (stock(Label::lowest()), stock(Label::highest()))
    }

    /// The lowest and the highest key of a rule of `group`.
    #[must_use]
    pub fn rules(group: &Label) -> (Self, Self) {
        let rule = |serial| Self::Rule(group.clone(), RuleId(serial));
        (rule(Serial::LOWEST), rule(Serial::HIGHEST))
    }

    /// The lowest and the highest key of the name of a template of `account` in `region`.
    #[must_use]
    pub fn template_names(account: AccountId, region: &Label) -> (Self, Self) {
        let (first, last) = (TemplateName::lowest(), TemplateName::highest());
        let key = |name| Self::TemplateName(TemplateNameKey { account, region: region.clone(), name });
        (key(first), key(last))
    }

    /// The lowest and the highest key of a version of `template`.
    #[must_use]
    pub fn template_versions(template: &Label) -> (Self, Self) {
        (Self::TemplateVersion(template.clone(), 0), Self::TemplateVersion(template.clone(), u32::MAX))
    }

    /// The lowest and the highest key of any dedicated host.
    #[must_use]
    pub fn hosts() -> (Self, Self) {
        (Self::Host(Label::lowest()), Self::Host(Label::highest()))
    }

    /// The lowest and the highest key of a key pair of `account`.
    #[must_use]
    pub fn key_pairs(account: AccountId) -> (Self, Self) {
        let last = char::MAX.to_string().repeat(KeyPair::NAME_CHARACTERS_MAX);
        (Self::KeyPair(account, Arc::from("")), Self::KeyPair(account, Arc::from(last)))
    }

    /// The lowest and the highest key of a timer that is due by `until`.
    #[must_use]
    pub const fn timers(until: Time) -> (Self, Self) {
        let first = TimerKind::CreationDeadline(BatchId(Serial::LOWEST));
        let last = TimerKind::Settlement(AccountId(u64::MAX));
        (Self::Timer(Time::START, first), Self::Timer(until, last))
    }

    /// The lowest and the highest key of a work item that can be claimed by `until`.
    #[must_use]
    pub const fn work(until: Time) -> (Self, Self) {
        let first = WorkId { instance: InstanceId(Serial::LOWEST), order: 0 };
        let last = WorkId { instance: InstanceId(Serial::HIGHEST), order: u32::MAX };
        (Self::Work(Time::START, first), Self::Work(until, last))
    }
}

/// A record: a value and, in it, the key it stands under.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum Record {
    Sequence(Sequence),
    Account(Account),
    Catalogue(CatalogueItem),
    Host(Host),
    Stock(Stock),
    Network(Network),
    Subnet(Subnet),
    PublicPool(PublicPool),
    AddressPage(AddressPage),
    Ipv6Claim(Ipv6Claim),
    Cooling(Cooling),
    Group(Group),
    KeyPair(KeyPair),
    Token(Token),
    Spec(BatchId, Arc<Spec>),
    Batch(Batch),
    Instance(Instance),
    Amendment(InstanceId, Amendment),
    Disk(KeptDisk),
    Password(BatchId, Secret),
    UserData(BatchId, Secret),
    Event(Event),
    Timer(Time, TimerKind),
    Work(Time, WorkId),
    WorkStats(WorkStats),
    Rule(Rule),
    Holdings(Holdings),
    Receipt(Receipt),
    Template(Template),
    TemplateVersion(TemplateVersion),
    TemplateName(TemplateNameKey, Label),
}

/// One item of the catalogue.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum CatalogueItem {
    Region(Region),
    Zone(Zone),
    InstanceType(InstanceType),
    Image(Image),
    Asset(Asset),
}

impl CatalogueItem {
    /// The key it stands under.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Region(region) => Key::Region(region.label.clone()),
            Self::Zone(zone) => Key::Zone(zone.label.clone()),
            Self::InstanceType(instance_type) => Key::InstanceType(instance_type.label.clone()),
            Self::Image(image) => Key::Image(image.label.clone()),
            Self::Asset(asset) => Key::Asset(asset.what.of(), asset.label.clone()),
        }
    }
}

impl Record {
    /// The key it stands under.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Sequence(_) => Key::Sequence,
            Self::Account(account) => Key::Account(account.id),
            Self::Catalogue(item) => item.key(),
            Self::Host(host) => Key::Host(host.label.clone()),
            Self::Stock(stock) => Key::Stock(stock.key.clone()),
            Self::Network(network) => Key::Network(network.label.clone()),
            Self::Subnet(subnet) => Key::Subnet(subnet.label.clone()),
            Self::AddressPage(page) => Key::AddressPage(page.pool.clone(), page.number),
            Self::PublicPool(pool) => Key::PublicPool(pool.region.clone()),
            Self::Ipv6Claim(claim) => claim.key(),
            Self::Cooling(cooling) => Key::Cooling(cooling.instance),
            Self::Group(group) => Key::Group(group.label.clone()),
            Self::KeyPair(pair) => Key::KeyPair(pair.account, pair.name.clone()),
            Self::Token(token) => Key::Token(token.key.clone()),
            Self::Spec(batch, _) => Key::Spec(*batch),
            Self::Batch(batch) => Key::Batch(batch.id),
            Self::Instance(instance) => Key::Instance(instance.id),
            Self::Amendment(instance, _) => Key::Amendment(*instance),
            Self::Disk(disk) => Key::Disk(disk.instance, disk.index),
            Self::Password(batch, _) => Key::Password(*batch),
            Self::UserData(batch, _) => Key::UserData(*batch),
            Self::Event(event) => Key::Event(event.id),
            Self::Timer(at, kind) => Key::Timer(*at, *kind),
            Self::Work(at, id) => Key::Work(*at, *id),
            Self::WorkStats(_) => Key::WorkStats,
            Self::Rule(rule) => Key::Rule(rule.group.clone(), rule.id),
            Self::Holdings(holdings) => Key::Holdings(holdings.account, holdings.region.clone()),
            Self::Receipt(receipt) => Key::Receipt(receipt.id),
            Self::Template(template) => Key::Template(template.label.clone()),
            Self::TemplateVersion(version) => Key::TemplateVersion(version.template.clone(), version.number),
            Self::TemplateName(key, _) => Key::TemplateName(key.clone()),
        }
    }
}

/// One change of one record.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "most writes are puts, and they are moved once")]
pub enum Write {
    /// The record is now this.
    Put(Record),
    /// There is no such record any more.
    Remove(Key),
}

impl From<(Key, Left)> for Write {
    fn from((key, left): (Key, Left)) -> Self {
        let record = left.record(&key).map(Cow::into_owned);
        record.map_or(Self::Remove(key), Self::Put)
    }
}

impl Write {
    /// The key it writes.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Put(record) => record.key(),
            Self::Remove(key) => key.clone(),
        }
    }
}
