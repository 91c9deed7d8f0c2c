//! The invariants of a fleet, as named sentences. One pass over all records, in any order; the
//! tests, the simulator and `hatchery check` share it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::net::Ipv4Addr;

use crate::{
    Account, AccountId, AddressPage, Batch, BatchId, Cycle, Event, EventId, FailureReason, Group, Instance,
    InstanceId, Label, Machine, Network, Outcome, Record, Sequence, Spec, State, Status, Stock, StockKey,
    Subnet, Time, TimerKind, Token, TokenKey, Wallet, WorkId,
};

/// A sentence that holds of every fleet after every commit.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Invariant {
    /// Units of stock that instances hold are the units that the stock says are taken.
    StockIsNeitherMadeNorLost,
    /// No two instances have one address, and reserved addresses have none.
    NoAddressIsHeldTwice,
    /// A bit of a page is set just where an instance has the address, and the summary agrees.
    AddressPagesAgreeWithInstances,
    /// Every failed instance has its event under way and its timer set, and nothing else has;
    /// every other event is over, and will be forgotten.
    EveryFailedCreationHasExactlyOneEvent,
    /// A token names a launch that is there and names it back.
    ATokenHasOneOutcome,
    /// An instance waits for just the work item that is queued for it.
    EveryWaitingInstanceHasItsWork,
    /// Accounts and groups count the instances there are.
    CountsAgreeWithInstances,
    /// A launch knows how many of its instances live, and what became of them.
    BatchesAgreeWithInstances,
    /// What is held of an account's money is what its instances paid.
    MoneyAddsUp,
    /// Every launch has one timer until it may go, and while one of its instances is pending, that
    /// is its deadline.
    EveryBatchHasATimer,
    /// The counter of ids is past every id there is, so that none is drawn twice.
    EveryIdWasDrawn,
    /// A network lists the subnets that are in it.
    NetworksAgreeWithSubnets,
    /// Just the instances in the bin have a timer that ends it.
    EveryBinnedInstanceHasItsTimer,
}

impl Invariant {
    /// Every invariant there is.
    pub const ALL: [Self; 13] = [
        Self::StockIsNeitherMadeNorLost,
        Self::NoAddressIsHeldTwice,
        Self::AddressPagesAgreeWithInstances,
        Self::EveryFailedCreationHasExactlyOneEvent,
        Self::ATokenHasOneOutcome,
        Self::EveryWaitingInstanceHasItsWork,
        Self::CountsAgreeWithInstances,
        Self::BatchesAgreeWithInstances,
        Self::MoneyAddsUp,
        Self::EveryBatchHasATimer,
        Self::EveryIdWasDrawn,
        Self::NetworksAgreeWithSubnets,
        Self::EveryBinnedInstanceHasItsTimer,
    ];

    /// The name it goes by in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StockIsNeitherMadeNorLost => "stock_is_neither_made_nor_lost",
            Self::NoAddressIsHeldTwice => "no_address_is_held_twice",
            Self::AddressPagesAgreeWithInstances => "address_pages_agree_with_instances",
            Self::EveryFailedCreationHasExactlyOneEvent => "every_failed_creation_has_exactly_one_event",
            Self::ATokenHasOneOutcome => "a_token_has_one_outcome",
            Self::EveryWaitingInstanceHasItsWork => "every_waiting_instance_has_its_work",
            Self::CountsAgreeWithInstances => "counts_agree_with_instances",
            Self::BatchesAgreeWithInstances => "batches_agree_with_instances",
            Self::MoneyAddsUp => "money_adds_up",
            Self::EveryBatchHasATimer => "every_batch_has_a_timer",
            Self::EveryIdWasDrawn => "every_id_was_drawn",
            Self::NetworksAgreeWithSubnets => "networks_agree_with_subnets",
            Self::EveryBinnedInstanceHasItsTimer => "every_binned_instance_has_its_timer",
        }
    }
}

/// A broken invariant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Which one.
    pub invariant: Invariant,
    /// Where and by how much.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant.name(), self.detail)
    }
}

/// A pass over all records of a fleet.
#[derive(Debug, Default)]
pub struct Audit {
    sequence: Option<Sequence>,
    networks: BTreeMap<Label, Network>,
    accounts: BTreeMap<AccountId, Account>,
    stocks: BTreeMap<StockKey, Stock>,
    subnets: BTreeMap<Label, Subnet>,
    pages: BTreeMap<(Label, u8), AddressPage>,
    groups: BTreeMap<Label, Group>,
    tokens: BTreeMap<TokenKey, Token>,
    specs: BTreeMap<BatchId, Arc<Spec>>,
    batches: BTreeMap<BatchId, Batch>,
    instances: BTreeMap<InstanceId, Instance>,
    events: BTreeMap<EventId, Event>,
    timers: BTreeSet<(TimerKind, Time)>,
    work: BTreeSet<(WorkId, Time)>,
    findings: Vec<Finding>,
}

impl Audit {
    /// Takes note of a record.
    pub fn see(&mut self, record: Record) {
        match record {
            Record::Catalogue(_)
            | Record::Host(_)
            | Record::KeyPair(_)
            | Record::Amendment(..)
            | Record::Password(..)
            | Record::UserData(..) => {}
            Record::Sequence(sequence) => self.sequence = Some(sequence),
            Record::Network(network) => drop(self.networks.insert(network.label.clone(), network)),
            Record::Account(account) => drop(self.accounts.insert(account.id, account)),
            Record::Stock(stock) => drop(self.stocks.insert(stock.key.clone(), stock)),
            Record::Subnet(subnet) => drop(self.subnets.insert(subnet.label.clone(), subnet)),
            Record::AddressPage(page) => drop(self.pages.insert((page.subnet.clone(), page.number), page)),
            Record::Group(group) => drop(self.groups.insert(group.label.clone(), group)),
            Record::Token(token) => drop(self.tokens.insert(token.key.clone(), token)),
            Record::Spec(batch, spec) => drop(self.specs.insert(batch, spec)),
            Record::Batch(batch) => drop(self.batches.insert(batch.id, batch)),
            Record::Instance(instance) => drop(self.instances.insert(instance.id, instance)),
            Record::Event(event) => drop(self.events.insert(event.id, event)),
            Record::Timer(at, kind) => drop(self.timers.insert((kind, at))),
            Record::Work(at, id) => drop(self.work.insert((id, at))),
        }
    }

    /// Every broken invariant, once all records have been seen.
    #[must_use]
    pub fn findings(mut self) -> Vec<Finding> {
        let instances: Vec<Instance> = self.instances.values().cloned().collect();
        self.check_stock(&instances);
        self.check_addresses(&instances);
        self.check_failures(&instances);
        self.check_failure_timers(&instances);
        self.check_bin(&instances);
        self.check_tokens();
        self.check_work(&instances);
        self.check_counts(&instances);
        self.check_batches(&instances);
        self.check_timers(&instances);
        self.check_ids();
        self.check_networks();
        self.findings
    }

    fn find(&mut self, invariant: Invariant, detail: String) {
        self.findings.push(Finding { invariant, detail });
    }

    fn check_stock(&mut self, instances: &[Instance]) {
        let mut held: BTreeMap<StockKey, u32> = BTreeMap::new();
        for instance in instances {
            let Some(spec) = self.specs.get(&instance.batch) else { continue };
            let key = StockKey { zone: spec.zone.clone(), instance_type: spec.instance_type.clone() };
            let count = held.entry(key).or_default();
            *count = count.saturating_add(1);
        }
        let keys: BTreeSet<StockKey> = held.keys().chain(self.stocks.keys()).cloned().collect();
        for key in keys {
            let held = held.get(&key).copied().unwrap_or(0);
            let taken = self.stocks.get(&key).map(Stock::taken);
            if taken != Some(held) {
                let detail = format!("{key:?}: instances hold {held}, the stock says {taken:?}");
                self.find(Invariant::StockIsNeitherMadeNorLost, detail);
            }
        }
    }

    fn check_addresses(&mut self, instances: &[Instance]) {
        let mut holders: BTreeMap<(Label, Ipv4Addr), InstanceId> = BTreeMap::new();
        let mut expected: BTreeMap<(Label, u8), AddressPage> = BTreeMap::new();
        let mut free: BTreeMap<Label, u32> =
            self.subnets.values().map(|subnet| (subnet.label.clone(), subnet.block.usable())).collect();
        for instance in instances {
            let Some(spec) = self.specs.get(&instance.batch).cloned() else { continue };
            let attached = instance.attached.iter().map(|place| (&place.subnet, place.address));
            for (label, address) in core::iter::once((&spec.subnet, instance.address)).chain(attached) {
                let Some(subnet) = self.subnets.get(label).cloned() else {
                    let detail = format!("{} is in subnet {label}, which is not there", instance.id);
                    self.find(Invariant::AddressPagesAgreeWithInstances, detail);
                    continue;
                };
                let place = subnet.block.place(address);
                let Some((number, bit)) = place.filter(|_| !subnet.block.is_reserved(address)) else {
                    let detail = format!("{} has {address}, which is not to be given out", instance.id);
                    self.find(Invariant::NoAddressIsHeldTwice, detail);
                    continue;
                };
                if let Some(other) = holders.insert((subnet.label.clone(), address), instance.id) {
                    let detail = format!("{other} and {} both have {address}", instance.id);
                    self.find(Invariant::NoAddressIsHeldTwice, detail);
                }
                let fresh = || AddressPage::fresh(subnet.label.clone(), subnet.block, number);
                let page = expected.entry((subnet.label.clone(), number)).or_insert_with(fresh);
                page.taken = page.taken.with(bit);
                free.entry(subnet.label.clone()).and_modify(|free| *free = free.saturating_sub(1));
            }
        }
        self.compare_pages(&expected);
        self.compare_summaries(&expected, &free);
    }

    fn compare_pages(&mut self, expected: &BTreeMap<(Label, u8), AddressPage>) {
        let keys: BTreeSet<(Label, u8)> = expected.keys().chain(self.pages.keys()).cloned().collect();
        for (label, number) in keys {
            let Some(subnet) = self.subnets.get(&label) else {
                let detail = format!("page {number} is of subnet {label}, which is not there");
                self.find(Invariant::AddressPagesAgreeWithInstances, detail);
                continue;
            };
            let fresh = AddressPage::fresh(label.clone(), subnet.block, number);
            let key = (label, number);
            let wanted = expected.get(&key).unwrap_or(&fresh);
            let found = self.pages.get(&key).unwrap_or(&fresh);
            if wanted != found {
                let detail = format!("instances make {wanted:?}, the page is {found:?}");
                self.find(Invariant::AddressPagesAgreeWithInstances, detail);
            }
        }
    }

    fn compare_summaries(
        &mut self,
        expected: &BTreeMap<(Label, u8), AddressPage>,
        free: &BTreeMap<Label, u32>,
    ) {
        let subnets: Vec<Subnet> = self.subnets.values().cloned().collect();
        for subnet in subnets {
            let counted = free.get(&subnet.label).copied().unwrap_or(0);
            if counted != subnet.free {
                let detail =
                    format!("{}: {} free by count, {} by summary", subnet.label, counted, subnet.free);
                self.find(Invariant::AddressPagesAgreeWithInstances, detail);
            }
            let pages = (0..=u8::MAX).take_while(|number| u32::from(*number) < subnet.block.pages());
            for number in pages {
                let page = expected.get(&(subnet.label.clone(), number));
                let is_full = page.is_some_and(|page| page.taken.is_full());
                if is_full != subnet.full_pages.is_set(number) {
                    let detail = format!("{}: the summary of page {number} is wrong", subnet.label);
                    self.find(Invariant::AddressPagesAgreeWithInstances, detail);
                }
            }
        }
    }

    fn check_failures(&mut self, instances: &[Instance]) {
        let invariant = Invariant::EveryFailedCreationHasExactlyOneEvent;
        let mut told: BTreeSet<EventId> = BTreeSet::new();
        for instance in instances {
            let State::Failed(failure) = &instance.state else { continue };
            let event = self.events.get(&failure.event);
            let fits = event.is_some_and(|event| {
                event.instance == instance.id
                    && event.cycle == Cycle::Executing
                    && event.finished_at.is_none()
            });
            if !fits || !told.insert(failure.event) {
                self.find(invariant, format!("{} failed, its event is {event:?}", instance.id));
            }
        }
        let loose: Vec<Event> =
            self.events.values().filter(|event| !told.contains(&event.id)).cloned().collect();
        for event in loose {
            let retention = TimerKind::EventRetention(event.id);
            let forgotten = self.timers.iter().any(|(kind, _)| *kind == retention);
            if !event.cycle.is_final() || event.finished_at.is_none() || !forgotten {
                let detail = format!("event {} is {:?} and has no failed instance", event.id, event.cycle);
                self.find(invariant, detail);
            }
        }
    }

    fn check_failure_timers(&mut self, instances: &[Instance]) {
        let failed = instances.iter().filter_map(|instance| {
            let State::Failed(failure) = &instance.state else { return None };
            Some((instance.id, failure.release_at?))
        });
        let timed = self.timers.iter().filter_map(|(kind, at)| {
            let TimerKind::FailureRelease(id) = kind else { return None };
            Some((*id, *at))
        });
        let (failed, timed): (BTreeSet<_>, BTreeSet<_>) = (failed.collect(), timed.collect());
        for (id, at) in failed.symmetric_difference(&timed) {
            let detail = match failed.contains(&(*id, *at)) {
                true => format!("{id} failed and has no timer at {at:?}"),
                false => format!("{id} has a timer at {at:?} and has not failed"),
            };
            self.find(Invariant::EveryFailedCreationHasExactlyOneEvent, detail);
        }
    }

    fn check_bin(&mut self, instances: &[Instance]) {
        let binned = instances.iter().filter_map(|instance| {
            let State::Binned { until } = instance.state else { return None };
            Some((instance.id, until))
        });
        let timed = self.timers.iter().filter_map(|(kind, at)| {
            let TimerKind::BinEnd(id) = kind else { return None };
            Some((*id, *at))
        });
        let (binned, timed): (BTreeSet<_>, BTreeSet<_>) = (binned.collect(), timed.collect());
        for (id, at) in binned.symmetric_difference(&timed) {
            let detail = match binned.contains(&(*id, *at)) {
                true => format!("{id} is in the bin and has no timer at {at:?}"),
                false => format!("{id} has a timer at {at:?} and is not in the bin"),
            };
            self.findings.push(Finding { invariant: Invariant::EveryBinnedInstanceHasItsTimer, detail });
        }
    }

    fn check_tokens(&mut self) {
        let tokens: Vec<Token> = self.tokens.values().cloned().collect();
        for token in &tokens {
            let batch = self.batches.get(&token.batch);
            if batch.is_none_or(|batch| batch.token.as_ref() != Some(&token.key)) {
                let detail = format!("{:?} names {}, which is {batch:?}", token.key, token.batch);
                self.find(Invariant::ATokenHasOneOutcome, detail);
            }
        }
    }

    fn check_work(&mut self, instances: &[Instance]) {
        let invariant = Invariant::EveryWaitingInstanceHasItsWork;
        let mut waiting: BTreeSet<(WorkId, Time)> = BTreeSet::new();
        for instance in instances {
            if let (Some((_, work)), Some(id)) = (instance.state.work(), instance.work_id()) {
                waiting.insert((id, work.available_at));
                if work.order != instance.orders {
                    let (order, orders) = (work.order, instance.orders);
                    self.find(invariant, format!("{} waits for order {order} of {orders}", instance.id));
                }
            }
            let impossible = match &instance.state {
                State::Pending(_) => instance.machine == Machine::Present,
                State::Installing(_)
                | State::Starting(..)
                | State::Running
                | State::Stopping(_)
                | State::Stopped
                | State::Blank
                | State::Binned { .. } => instance.machine != Machine::Present,
                State::Failed(_) => instance.machine == Machine::Present,
                State::Releasing(..) => instance.machine == Machine::Absent,
            };
            if impossible {
                let status = instance.state.status();
                self.find(
                    invariant,
                    format!("{} is {status:?} and its machine {:?}", instance.id, instance.machine),
                );
            }
        }
        let differing: Vec<_> = waiting.symmetric_difference(&self.work).copied().collect();
        for (id, at) in differing {
            let detail = match waiting.contains(&(id, at)) {
                true => format!("{} waits for order {}, which is not queued", id.instance, id.order),
                false => format!("order {} of {} is queued, and not waited for", id.order, id.instance),
            };
            self.find(invariant, detail);
        }
    }

    fn check_counts(&mut self, instances: &[Instance]) {
        let mut by_account: BTreeMap<AccountId, (u32, u64)> = BTreeMap::new();
        let mut by_group: BTreeMap<Label, u32> = BTreeMap::new();
        for instance in instances {
            let (count, paid) = by_account.entry(instance.account).or_default();
            *count = count.saturating_add(1);
            *paid = paid.saturating_add(instance.paid.0);
            for group in self.specs.get(&instance.batch).iter().flat_map(|spec| &spec.groups) {
                let members = by_group.entry(group.clone()).or_default();
                *members = members.saturating_add(1);
            }
        }
        let accounts: Vec<Account> = self.accounts.values().cloned().collect();
        for account in accounts {
            let (count, paid) = by_account.remove(&account.id).unwrap_or_default();
            if count != account.instances {
                let detail =
                    format!("account {} has {count} instances, and says {}", account.id, account.instances);
                self.find(Invariant::CountsAgreeWithInstances, detail);
            }
            let held = match account.wallet {
                Wallet::Off => 0,
                Wallet::On { held, .. } => held.0,
            };
            if held != paid {
                let detail = format!("account {}: instances paid {paid}, {held} is held", account.id);
                self.find(Invariant::MoneyAddsUp, detail);
            }
        }
        let groups: Vec<Group> = self.groups.values().cloned().collect();
        for group in groups {
            let members = by_group.remove(&group.label).unwrap_or_default();
            if members != group.members {
                let detail =
                    format!("group {} has {members} members, and says {}", group.label, group.members);
                self.find(Invariant::CountsAgreeWithInstances, detail);
            }
        }
        for id in by_account.into_keys() {
            self.find(
                Invariant::CountsAgreeWithInstances,
                format!("account {id} has instances and is not there"),
            );
        }
        for label in by_group.into_keys() {
            self.find(
                Invariant::CountsAgreeWithInstances,
                format!("group {label} has members and is not there"),
            );
        }
    }

    fn check_batches(&mut self, instances: &[Instance]) {
        let invariant = Invariant::BatchesAgreeWithInstances;
        let mut living: BTreeMap<BatchId, u8> = BTreeMap::new();
        for instance in instances {
            let count = living.entry(instance.batch).or_default();
            *count = count.saturating_add(1);
            let batch = self.batches.get(&instance.batch);
            let outcome = batch.and_then(|batch| batch.outcomes.get(usize::from(instance.index))).copied();
            let belongs = batch.is_some_and(|batch| {
                batch.account == instance.account
                    && batch.first.0.plus(u64::from(instance.index)) == Some(instance.id.0)
            });
            let fits = match (&instance.state, outcome) {
                (State::Pending(_), Some(Outcome::Pending)) => true,
                (State::Failed(failure), Some(Outcome::Failed(reason))) => failure.reason == reason,
                (State::Releasing(..), Some(Outcome::Made | Outcome::Failed(FailureReason::Deadline))) => {
                    true
                }
                (
                    State::Installing(_)
                    | State::Starting(..)
                    | State::Running
                    | State::Stopping(_)
                    | State::Stopped
                    | State::Blank
                    | State::Binned { .. },
                    Some(Outcome::Made),
                ) => true,
                (
                    State::Pending(_)
                    | State::Installing(_)
                    | State::Starting(..)
                    | State::Running
                    | State::Stopping(_)
                    | State::Stopped
                    | State::Blank
                    | State::Binned { .. }
                    | State::Failed(_)
                    | State::Releasing(..),
                    _,
                ) => false,
            };
            if !fits || !self.specs.contains_key(&instance.batch) {
                let status = instance.state.status();
                self.find(invariant, format!("{} is {status:?}, its launch says {outcome:?}", instance.id));
            }
            if !belongs {
                self.find(invariant, format!("{} is not what its launch says it is", instance.id));
            }
        }
        let loose = self.specs.keys().copied().filter(|id| !self.batches.contains_key(id));
        for id in loose.collect::<Vec<_>>() {
            self.find(invariant, format!("launch {id} has a spec, and is not there"));
        }
        let batches: Vec<Batch> = self.batches.values().cloned().collect();
        for batch in batches {
            let counted = living.get(&batch.id).copied().unwrap_or(0);
            if counted != batch.living {
                let detail =
                    format!("launch {} has {counted} instances, and says {}", batch.id, batch.living);
                self.find(invariant, detail);
            }
        }
    }

    fn check_timers(&mut self, instances: &[Instance]) {
        let mut timers: BTreeMap<BatchId, Vec<TimerKind>> = BTreeMap::new();
        for (kind, _) in &self.timers {
            if let Some(id) = batch_of(*kind) {
                timers.entry(id).or_default().push(*kind);
            }
        }
        let pending = instances.iter().filter(|instance| instance.state.status() == Status::Pending);
        let pending: BTreeSet<BatchId> = pending.map(|instance| instance.batch).collect();
        let ids: BTreeSet<BatchId> = self.batches.keys().chain(timers.keys()).copied().collect();
        for id in ids {
            let kinds = timers.remove(&id).unwrap_or_default();
            let fits = match (self.batches.get(&id), kinds.as_slice()) {
                (Some(batch), []) => batch.may_go,
                (Some(batch), [TimerKind::CreationDeadline(_)]) => !batch.may_go,
                (Some(batch), [TimerKind::TokenExpiry(_) | TimerKind::BatchRetention(_)]) => {
                    !batch.may_go && !pending.contains(&id)
                }
                (Some(_) | None, _) => false,
            };
            if !fits {
                let detail = match self.batches.get(&id) {
                    Some(batch) => format!("launch {id} may go: {}, and has {kinds:?}", batch.may_go),
                    None => format!("launch {id} is not there, and has {kinds:?}"),
                };
                self.find(Invariant::EveryBatchHasATimer, detail);
            }
        }
    }

    fn check_ids(&mut self) {
        let ids = self.instances.keys().map(|id| id.0).chain(self.batches.keys().map(|id| id.0));
        let last = ids.chain(self.events.keys().map(|id| id.0)).max();
        let next = self.sequence.map_or(Sequence::START.next, |sequence| sequence.next);
        if let Some(last) = last.filter(|last| *last >= next) {
            self.find(Invariant::EveryIdWasDrawn, format!("{last} is in use, and {next} is drawn next"));
        }
    }

    fn check_networks(&mut self) {
        let listed = self.networks.values().flat_map(|network| {
            network.subnets.iter().map(|(label, block)| (network.label.clone(), label.clone(), *block))
        });
        let listed: BTreeSet<_> = listed.collect();
        let there = self.subnets.values();
        let there = there.map(|subnet| (subnet.network.clone(), subnet.label.clone(), subnet.block));
        let there: BTreeSet<_> = there.collect();
        for (network, subnet, block) in listed.symmetric_difference(&there) {
            let detail = format!(
                "subnet {subnet} ({}) is in network {network}, or is listed there, and not both",
                block.net()
            );
            self.findings.push(Finding { invariant: Invariant::NetworksAgreeWithSubnets, detail });
        }
    }
}

fn batch_of(kind: TimerKind) -> Option<BatchId> {
    match kind {
        TimerKind::CreationDeadline(id) | TimerKind::TokenExpiry(id) | TimerKind::BatchRetention(id) => {
            Some(id)
        }
        TimerKind::FailureRelease(_) | TimerKind::EventRetention(_) | TimerKind::BinEnd(_) => None,
    }
}
