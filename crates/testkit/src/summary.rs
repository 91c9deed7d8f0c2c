//! What a fleet comes to, in numbers: what the model counts, and what the records of a fleet say.

use std::collections::{BTreeMap, BTreeSet};

use fleet::{
    Account, BatchId, Cycle, IncidentKind, Instance, InstanceId, Outcome, Record, Standing, Status, StockKey,
    Time, TimerKind, TokenOutcome, Usage, Wallet, WorkId, WorkStats,
};

use crate::small_world::{
    GROUPS, OWNER, SUBNETS, SmallWorld, TYPES, ZONES, group, instance_type, subnet, zone,
};

/// Everything about a fleet of the small world that can be counted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// Of each type in each zone.
    pub stock: BTreeMap<(usize, usize), Numbers>,
    /// Free addresses of each subnet.
    pub free: BTreeMap<usize, u32>,
    /// Instances in each group.
    pub members: BTreeMap<usize, u32>,
    /// The account.
    pub purse: Purse,
    /// The instances that are there.
    pub instances: BTreeMap<usize, Seen>,
    /// The launches that are remembered: what became of their instances.
    pub batches: BTreeMap<usize, Vec<Outcome>>,
    /// The tokens that are remembered, and the launch each names.
    pub tokens: BTreeMap<(String, bool), usize>,
    /// The events that are remembered: about which instance, of what, how far, since when, until when.
    pub events: BTreeSet<(usize, IncidentKind, Cycle, Time, Option<Time>)>,
    /// The timers: when, of which kind, for which launch or instance.
    pub timers: BTreeSet<(Time, &'static str, usize)>,
    /// The queue: from when on, for which instance, which of its orders.
    pub work: BTreeSet<(Time, usize, u32)>,
    /// What became of all work items.
    pub work_stats: WorkStats,
}

/// How much there is of a type in a zone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Numbers {
    /// In all.
    pub total: u32,
    /// Held by instances.
    pub taken: u32,
    /// Said not to exist.
    pub missing: u32,
}

/// What an account has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Purse {
    /// Instances.
    pub instances: u32,
    /// Instances it may have.
    pub limit: u32,
    /// What it has that is paid by use.
    pub usage: Usage,
    /// Money: free, held, spent; `None` when nothing is charged.
    pub money: Option<(u64, u64, u64)>,
    /// Its vouchers, as they are spent: until when, which, granted, left, held, spent.
    pub vouchers: Vec<(Time, String, [u64; 4])>,
    /// What was spent, and what was left, of those that were removed.
    pub removed: (u64, u64),
    /// What its instances cost in an hour, what of the next unit was run up, what it owes, and how it
    /// stands; `None` before the first that can cost something.
    pub meter: Option<(u128, u64, u64, Standing)>,
}

/// What can be said of an instance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seen {
    /// What it does.
    pub status: Status,
    /// Its address, counted from the start of its subnet's block.
    pub offset: u32,
    /// How many work items were made for it.
    pub orders: u32,
    /// Which claim of its work item counts, if it waits for one.
    pub attempt: Option<u32>,
    /// What is held for it, of vouchers and of the balance.
    pub paid: u64,
    /// How much of that came from vouchers.
    pub vouched: u64,
    /// Until when it is paid for, as far as that is over in the end.
    pub paid_until: Option<Time>,
}

/// The numbers that stand for the ids of a fleet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbering {
    pub(crate) instances: Vec<InstanceId>,
    pub(crate) batches: Vec<BatchId>,
}

impl Numbering {
    /// The number of an instance; one that nobody launched is a fault of the fleet.
    pub(crate) fn instance(&self, id: InstanceId) -> usize {
        self.instances.iter().position(|known| *known == id).expect("an instance that was launched")
    }

    pub(crate) fn batch(&self, id: BatchId) -> usize {
        self.batches.iter().position(|known| *known == id).expect("a launch that was answered")
    }
}

impl Summary {
    /// What `records` come to, all of them, once everything is settled that was run up until `now`.
    pub(crate) fn of(records: Vec<Record>, numbering: &Numbering, now: Time) -> Self {
        let mut summary = Self::default();
        let instances = records.iter().filter_map(|record| {
            let Record::Event(event) = record else { return None };
            Some((event.id, numbering.instance(event.instance)))
        });
        let told: BTreeMap<_, _> = instances.collect();
        let bases: BTreeMap<_, _> = records.iter().filter_map(base).collect();
        for record in records {
            match record {
                Record::Sequence(_) | Record::Catalogue(_) | Record::Network(_) => {}
                Record::AddressPage(_)
                | Record::PublicPool(_)
                | Record::Ipv6Claim(_)
                | Record::Cooling(_)
                | Record::Spec(..)
                | Record::Host(_)
                | Record::KeyPair(_) => {}
                Record::Amendment(..) | Record::Password(..) | Record::UserData(..) | Record::Disk(_) => {}
                Record::Template(_) | Record::TemplateVersion(_) | Record::TemplateName(..) => {}
                Record::Rule(_) | Record::Holdings(_) | Record::Receipt(_) => {}
                Record::Account(account) if account.id == OWNER => {
                    summary.purse = purse(&account.settled(now, SmallWorld::policy().arrears_grace));
                }
                Record::Account(account) => panic!("nobody opened account {}", account.id),
                Record::Stock(stock) => {
                    let (total, taken, missing) = (stock.total(), stock.taken(), stock.missing());
                    summary.stock.insert(place(&stock.key), Numbers { total, taken, missing });
                }
                Record::Subnet(found) => {
                    let index = (0..SUBNETS.len()).find(|index| subnet(*index) == found.label);
                    summary.free.insert(index.expect("a subnet"), found.pool.free);
                }
                Record::Group(found) => {
                    let index = (0..GROUPS).find(|index| group(*index) == found.label);
                    summary.members.insert(index.expect("a group"), found.members);
                }
                Record::Token(token) if token.key.action == fleet::TokenAction::Request => {}
                Record::Token(token) => {
                    let key =
                        (token.key.text.as_str().to_owned(), token.key.action == fleet::TokenAction::Create);
                    let TokenOutcome::Batch(batch) = token.outcome else {
                        panic!("only launches have tokens")
                    };
                    summary.tokens.insert(key, numbering.batch(batch));
                }
                Record::Batch(batch) => {
                    summary.batches.insert(numbering.batch(batch.id), batch.outcomes);
                }
                Record::Instance(instance) => {
                    let seen = seen(&instance, bases[&instance.batch]);
                    summary.instances.insert(numbering.instance(instance.id), seen);
                }
                Record::Event(event) => {
                    let (what, since, until) = (event.kind.what(), event.published_at, event.finished_at);
                    summary.events.insert((told[&event.id], what, event.cycle, since, until));
                }
                Record::Timer(at, kind) => {
                    let (name, number) = match kind {
                        TimerKind::CoolDown(_) => continue,
                        TimerKind::CreationDeadline(id) => ("deadline", numbering.batch(id)),
                        TimerKind::FailureRelease(id) => ("release", numbering.instance(id)),
                        TimerKind::TokenExpiry(id) => ("token", numbering.batch(id)),
                        TimerKind::BatchRetention(id) => ("batch", numbering.batch(id)),
                        TimerKind::EventRetention(id) => ("event", told[&id]),
                        TimerKind::BinEnd(id) => ("bin", numbering.instance(id)),
                        TimerKind::Expiry(id) => ("expiry", numbering.instance(id)),
                        TimerKind::EventDue(id) => ("due", told[&id]),
                        TimerKind::Settlement(id) => {
                            ("settlement", usize::try_from(id.0).expect("a small number"))
                        }
                        TimerKind::ReceiptExpiry(id) => panic!("nobody was given receipt {id}"),
                        TimerKind::AutoRelease(_) | TimerKind::BidReview(_) | TimerKind::BidSweep(_) => {
                            panic!("nobody asked for {kind:?}")
                        }
                    };
                    summary.timers.insert((at, name, number));
                }
                Record::WorkStats(stats) => summary.work_stats = stats,
                Record::Work(at, WorkId { instance, order }) => {
                    summary.work.insert((at, numbering.instance(instance), order));
                }
            }
        }
        summary
    }
}

fn purse(account: &Account) -> Purse {
    let money = match account.wallet {
        Wallet::Off => None,
        Wallet::On { balance, held, spent } => Some((balance.0, held.0, spent.0)),
    };
    let vouchers = account.vouchers.kept.iter().map(|voucher| {
        let numbers = [voucher.granted, voucher.left, voucher.held, voucher.spent].map(|money| money.0);
        (voucher.expires_at, voucher.label.as_str().to_owned(), numbers)
    });
    Purse {
        instances: account.instances,
        limit: account.instance_limit,
        usage: account.usage,
        money,
        vouchers: vouchers.collect(),
        removed: (account.vouchers.spent.0, account.vouchers.gone.0),
        meter: account.meter.map(|meter| (meter.hourly, meter.remainder, meter.owed.0, meter.standing)),
    }
}

fn seen(instance: &Instance, base: u32) -> Seen {
    Seen {
        status: instance.state.status(),
        offset: instance.address.to_bits() - base,
        orders: instance.orders,
        attempt: instance.state.work().map(|(_, work)| work.attempt),
        paid: instance.paid.0,
        vouched: instance.portions.iter().map(|portion| portion.amount.0).sum(),
        paid_until: instance.paid_until,
    }
}

/// Where the addresses of a launch begin.
fn base(record: &Record) -> Option<(BatchId, u32)> {
    let Record::Spec(batch, spec) = record else { return None };
    let index = (0..SUBNETS.len()).find(|index| subnet(*index) == spec.subnet)?;
    Some((*batch, crate::address(index, 0).to_bits()))
}

fn place(key: &StockKey) -> (usize, usize) {
    let zone = (0..ZONES).find(|index| zone(*index) == key.zone);
    let instance_type = (0..TYPES).find(|index| instance_type(*index) == key.instance_type);
    (zone.expect("a zone"), instance_type.expect("a type"))
}
