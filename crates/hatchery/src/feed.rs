//! The feed, read: what each commit made so, as typed [`Fact`]s, and what the fleet was before.
//!
//! [`Hatchery::changes`](crate::Hatchery::changes) and [`Hatchery::follow`](crate::Hatchery::follow)
//! hand out commits as writes of records, exact to the byte. [`facts`] says of one commit what in it
//! is of interest outside. A fact never holds a password, user data, a token or what a template says.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use hatchery::feed::{Fact, Reader};
//! use hatchery::{AccountId, Hatchery, OpenAccount, Options, Time};
//!
//! let hatchery = Hatchery::in_memory(Options::default())?;
//! let mut reader = Reader::at(&hatchery.snapshot())?;
//! let open = OpenAccount { id: AccountId(1), instance_limit: 10, grant: None };
//! hatchery.commit(open, Time::from_secs(1_767_323_045))?;
//!
//! for change in hatchery.follow(reader.revision(), Duration::ZERO) {
//!     for fact in reader.read(&change?) {
//!         assert!(matches!(fact, Fact::AccountChanged(account) if account.instance_limit == 10));
//!     }
//! }
//! assert_eq!(reader.revision(), hatchery.last().0);
//! # Ok(()) }
//! ```

use std::sync::Arc;

use fleet::{
    Account, AccountId, Amendment, Batch, BatchId, CatalogueItem, Event, EventId, Group, Host, Instance,
    InstanceId, KeptDisk, Key, KeyPair, Label, Network, Outcome, PublicPool, Record, Revision, Rule, RuleId,
    Spec, Stock, Subnet, Template, Time, View as _, WorkId, World, Write,
};
use store::{Change, Snapshot, StoreError};

#[cfg(feature = "stream")]
mod stream;
#[cfg(feature = "stream")]
pub use stream::{Changes, changes};

/// Something that a commit made so.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "most facts are about instances, and they are moved once")]
pub enum Fact {
    /// An instance is now as `after` says.
    InstanceChanged {
        /// What it was, where that is known; a new one was nothing.
        before: Option<Instance>,
        /// What it is.
        after: Instance,
    },
    /// An instance is gone: its stock and its addresses are given back.
    InstanceGone {
        /// Which one.
        id: InstanceId,
        /// What it was, where that is known.
        before: Option<Instance>,
    },
    /// Something was changed of what an instance was launched with.
    InstanceAmended {
        /// Which one.
        id: InstanceId,
        /// All that differs by now, the secrets left out.
        amendment: Amendment,
    },
    /// A launch was accepted, or something became of one of its instances.
    BatchDecided(Decided),
    /// A system event was published, or is further in its cycle.
    EventPublished(Event),
    /// A stock has other numbers.
    StockChanged(Stock),
    /// A host of somebody's own is new, or has other numbers.
    HostChanged(Host),
    /// An account is new, or has other limits, counts or money.
    AccountChanged(Account),
    /// An item of the catalogue is new or different.
    CatalogueChanged(CatalogueItem),
    /// A network is new or different.
    NetworkChanged(Network),
    /// A subnet is new, or has more or fewer free addresses.
    SubnetChanged(Subnet),
    /// The public addresses of a region are new, or more or fewer of them are free.
    PublicPoolChanged(PublicPool),
    /// A group is new or different.
    GroupChanged(Group),
    /// A group has a new rule, or another description of one.
    RuleChanged(Rule),
    /// A key pair is new or different.
    KeyPairChanged(KeyPair),
    /// A disk outlived its instance.
    DiskKept(KeptDisk),
    /// A work item can be claimed from this time on.
    WorkWaiting {
        /// From when.
        from: Time,
        /// Which one.
        id: WorkId,
    },
    /// A template is new or different.
    TemplateChanged(Template),
    /// A template has a new version. What it says may be secret, and is not told.
    TemplateVersionAdded {
        /// The template.
        template: Label,
        /// The number of the version.
        number: u32,
    },
    /// Something else is gone or forgotten.
    Gone(Gone),
}

/// What became of a launch so far.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decided {
    /// The launch.
    pub id: BatchId,
    /// Whose it is.
    pub account: AccountId,
    /// Its instances, in order.
    pub instances: Vec<InstanceId>,
    /// What became of each.
    pub outcomes: Vec<Outcome>,
    /// What its instances have in common, when the commit is the launch itself.
    pub launched: Option<Arc<Spec>>,
}

/// What is gone besides instances.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(missing_docs, reason = "the names are those of the records")]
pub enum Gone {
    Account(AccountId),
    Batch(BatchId),
    Disk(InstanceId, u8),
    Event(EventId),
    Group(Label),
    Host(Label),
    KeyPair(AccountId, Arc<str>),
    Network(Label),
    PublicPool(Label),
    Rule(Label, RuleId),
    Stock(fleet::StockKey),
    Subnet(Label),
    Template(Label),
    TemplateVersion(Label, u32),
    Catalogue(Label),
}

/// What `change` made so, in the order of its writes. `before` is the fleet as it was before it; what
/// is not in there is not told as having been before, so that an empty one will do.
///
/// A commit that only moved what nobody outside sees has no facts.
#[must_use]
pub fn facts(change: &Change, before: &World) -> Vec<Fact> {
    let specs = change.writes.iter().filter_map(|write| match write {
        Write::Put(Record::Spec(batch, spec)) => Some((*batch, spec)),
        Write::Put(_) | Write::Remove(_) => None,
    });
    let specs: Vec<(BatchId, &Arc<Spec>)> = specs.collect();
    let launched =
        |batch: BatchId| specs.iter().find(|(of, _)| *of == batch).map(|(_, spec)| Arc::clone(spec));
    let told = change.writes.iter().filter_map(|write| match write {
        Write::Put(Record::Batch(batch)) => Some(decided(batch, launched(batch.id))),
        Write::Put(record) => put(record, before),
        Write::Remove(key) => removed(key, before),
    });
    told.collect()
}

fn decided(batch: &Batch, launched: Option<Arc<Spec>>) -> Fact {
    let (instances, outcomes) = (batch.instances().collect(), batch.outcomes.clone());
    Fact::BatchDecided(Decided { id: batch.id, account: batch.account, instances, outcomes, launched })
}

fn instance_before(before: &World, id: InstanceId) -> Option<Instance> {
    let Ok(instance) = before.instance(id);
    instance
}

fn put(record: &Record, before: &World) -> Option<Fact> {
    Some(match record {
        Record::Instance(after) => {
            Fact::InstanceChanged { before: instance_before(before, after.id), after: after.clone() }
        }
        Record::Amendment(id, amendment) => {
            let open = Amendment { password: None, user_data: None, ..amendment.clone() };
            Fact::InstanceAmended { id: *id, amendment: open }
        }
        Record::Batch(batch) => decided(batch, None),
        Record::Event(event) => Fact::EventPublished(event.clone()),
        Record::Stock(stock) => Fact::StockChanged(stock.clone()),
        Record::Host(host) => Fact::HostChanged(host.clone()),
        Record::Account(account) => Fact::AccountChanged(account.clone()),
        Record::Catalogue(item) => Fact::CatalogueChanged(item.clone()),
        Record::Network(network) => Fact::NetworkChanged(network.clone()),
        Record::Subnet(subnet) => Fact::SubnetChanged(subnet.clone()),
        Record::PublicPool(pool) => Fact::PublicPoolChanged(pool.clone()),
        Record::Group(group) => Fact::GroupChanged(group.clone()),
        Record::Rule(rule) => Fact::RuleChanged(rule.clone()),
        Record::KeyPair(pair) => Fact::KeyPairChanged(pair.clone()),
        Record::Disk(disk) => Fact::DiskKept(disk.clone()),
        Record::Work(from, id) => Fact::WorkWaiting { from: *from, id: *id },
        Record::Template(template) => Fact::TemplateChanged(template.clone()),
        Record::TemplateVersion(version) => {
            Fact::TemplateVersionAdded { template: version.template.clone(), number: version.number }
        }
        // Nobody's business: secrets, tokens, and how the fleet keeps its books. A spec is told with
        // its launch.
        Record::Password(..)
        | Record::UserData(..)
        | Record::Token(_)
        | Record::Receipt(_)
        | Record::Holdings(_)
        | Record::WorkStats(_)
        | Record::Sequence(_)
        | Record::AddressPage(_)
        | Record::Ipv6Claim(_)
        | Record::Cooling(_)
        | Record::Spec(..)
        | Record::Timer(..)
        | Record::TemplateName(..) => return None,
    })
}

fn removed(key: &Key, before: &World) -> Option<Fact> {
    Some(Fact::Gone(match key {
        Key::Instance(id) => {
            return Some(Fact::InstanceGone { id: *id, before: instance_before(before, *id) });
        }
        Key::Account(id) => Gone::Account(*id),
        Key::Batch(id) => Gone::Batch(*id),
        Key::Disk(instance, index) => Gone::Disk(*instance, *index),
        Key::Event(id) => Gone::Event(*id),
        Key::Group(label) => Gone::Group(label.clone()),
        Key::Host(label) => Gone::Host(label.clone()),
        Key::KeyPair(account, name) => Gone::KeyPair(*account, Arc::clone(name)),
        Key::Network(label) => Gone::Network(label.clone()),
        Key::PublicPool(region) => Gone::PublicPool(region.clone()),
        Key::Rule(group, id) => Gone::Rule(group.clone(), *id),
        Key::Stock(stock) => Gone::Stock(stock.clone()),
        Key::Subnet(label) => Gone::Subnet(label.clone()),
        Key::Template(label) => Gone::Template(label.clone()),
        Key::TemplateVersion(template, number) => Gone::TemplateVersion(template.clone(), *number),
        Key::Region(label)
        | Key::Zone(label)
        | Key::InstanceType(label)
        | Key::Image(label)
        | Key::Asset(_, label) => Gone::Catalogue(label.clone()),
        // An instance that has lost its amendment is told as changed, and work that is done as well.
        Key::Amendment(_)
        | Key::Work(..)
        | Key::Password(_)
        | Key::UserData(_)
        | Key::Token(_)
        | Key::Receipt(_)
        | Key::Holdings(..)
        | Key::WorkStats
        | Key::Sequence
        | Key::AddressPage(..)
        | Key::Ipv6Claim(..)
        | Key::Cooling(_)
        | Key::Spec(_)
        | Key::Timer(..)
        | Key::TemplateName(_) => return None,
    }))
}

/// Reads commits one after the other, and keeps the fleet as it was after each, so that facts can say
/// what was before. Holds the whole fleet in memory.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    world: World,
    revision: Revision,
}

impl Reader {
    /// A reader that knows the fleet as a snapshot shows it. Follow the feed from its
    /// [revision](Self::revision) on.
    ///
    /// # Errors
    /// When the snapshot cannot be read.
    pub fn at(snapshot: &Snapshot<'_>) -> Result<Self, StoreError> {
        let mut world = World::default();
        world.apply(snapshot.records()?.into_iter().map(Write::Put));
        Ok(Self { world, revision: snapshot.revision() })
    }

    /// What `change` made so. One that was read before says nothing and changes nothing, so that
    /// reading a commit twice does no harm.
    pub fn read(&mut self, change: &Change) -> Vec<Fact> {
        if change.revision <= self.revision {
            return Vec::new();
        }
        let facts = facts(change, &self.world);
        self.world.apply(change.writes.iter().cloned());
        self.revision = change.revision;
        facts
    }

    /// The last commit that was read.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The fleet after that commit.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }
}
