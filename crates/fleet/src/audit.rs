//! The invariants of a fleet, as named sentences. One pass over all records, in any order; the
//! tests, the simulator and `hatchery check` share it.

mod addresses;
mod metering;
mod money;
mod subscriptions;
mod templates;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::{
    Account, AccountId, AddressPage, Amendment, Batch, BatchId, Charge, Cooling, Cycle, Event, EventId,
    EventKind, FailureReason, Group, Holdings, Host, Instance, InstanceId, Ipv6Claim, KeyPair, Label,
    Machine, Network, Outcome, PoolId, PublicPool, Receipt, ReceiptId, Record, Rule, Sequence, Spec, State,
    Status, Stock, StockKey, Subnet, Time, TimerKind, Token, TokenAction, TokenKey, TokenOutcome, Usage,
    WorkId, WorkStats,
};

mod resources;

/// A sentence that holds of every fleet after every commit.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Invariant {
    /// Units of stock that instances hold are the units that the stock says are taken.
    StockIsNeitherMadeNorLost,
    /// Nothing has an address that something else has, or that is not to be given out, be it an
    /// instance or what cools down.
    NoAddressIsHeldTwice,
    /// A bit of a page is set just where an address is held or cools down, summaries agree, and what
    /// is not in a page is claimed.
    AddressPagesAgreeWithInstances,
    /// Every failed instance has its event under way and its timer set, and nothing else has;
    /// every other event that is no open incident is over, and will be forgotten.
    EveryFailedCreationHasExactlyOneEvent,
    /// A token names a launch that is there and names it back.
    ATokenHasOneOutcome,
    /// An instance waits for just the work item that is queued for it.
    EveryWaitingInstanceHasItsWork,
    /// Accounts and groups count the instances there are.
    CountsAgreeWithInstances,
    /// A launch knows how many of its instances live, and what became of them.
    BatchesAgreeWithInstances,
    /// What is held of an account's money is what its instances paid, and it owes for use only what
    /// it has no money for.
    MoneyAddsUp,
    /// Every launch has one timer until it may go, and while one of its instances is pending, that
    /// is its deadline.
    EveryBatchHasATimer,
    /// The counter of ids is past every id there is, so that none is drawn twice.
    EveryIdWasDrawn,
    /// A network lists the subnets that are in it.
    NetworksAgreeWithSubnets,
    /// Rules are of groups that are there, and name such; groups count both.
    RulesAgreeWithGroups,
    /// What an account and a network count of networks and groups is there.
    HoldingsAgreeWithNetworks,
    /// Nothing has two tags with one key, or too many.
    TagsAreDistinct,
    /// A template lists the versions that are there, the default among them.
    TemplatesAgreeWithVersions,
    /// Every template is found under its name, and every name leads to its template.
    TemplatesAreFoundByName,
    /// What an account counts of what is paid by use is what its instances have.
    UsageAgreesWithInstances,
    /// A dedicated host counts the instances that are on it.
    HostsAgreeWithInstances,
    /// There is a password while an instance is to be made with it, and user data while its launch
    /// is remembered; no longer.
    NoPasswordOutlivesItsNeed,
    /// Addresses that cool down are free once their timer runs, and it has been set.
    WhatCoolsDownHasATimer,
    /// An instance has a timer at its release time, and none without one.
    EveryReleaseTimeHasItsTimer,
    /// An instance says that it was changed just where there is a record of it.
    AmendmentsAgreeWithInstances,
    /// An incident that is not over is noted with its instance and has its timer; one that is over
    /// has neither.
    EveryOpenIncidentHasItsTimer,
    /// No more work came to an end, or is held, than was handed out, and none was given up that had
    /// not been lost before.
    WorkAddsUp,
    /// Just the instances in the bin have a timer that ends it.
    EveryBinnedInstanceHasItsTimer,
    /// What is paid in advance has a timer for its end, or has lapsed: then it does not run, and
    /// waits for its release.
    EverySubscriptionHasItsTimer,
    /// What an account's instances cost in an hour is what those of them cost that are charged for
    /// now; what is cut off does not run.
    MetersAgreeWithInstances,
    /// An account has a timer at the moment when its money will have run out, or what becomes of its
    /// instances then is to be decided, and none otherwise.
    EveryMeterHasItsTimer,
}

impl Invariant {
    /// Every invariant there is.
    pub const ALL: &[Self] = &[
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
        Self::RulesAgreeWithGroups,
        Self::HoldingsAgreeWithNetworks,
        Self::TagsAreDistinct,
        Self::TemplatesAgreeWithVersions,
        Self::TemplatesAreFoundByName,
        Self::UsageAgreesWithInstances,
        Self::HostsAgreeWithInstances,
        Self::NoPasswordOutlivesItsNeed,
        Self::WhatCoolsDownHasATimer,
        Self::EveryReleaseTimeHasItsTimer,
        Self::AmendmentsAgreeWithInstances,
        Self::EveryOpenIncidentHasItsTimer,
        Self::WorkAddsUp,
        Self::EveryBinnedInstanceHasItsTimer,
        Self::EverySubscriptionHasItsTimer,
        Self::MetersAgreeWithInstances,
        Self::EveryMeterHasItsTimer,
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
            Self::RulesAgreeWithGroups => "rules_agree_with_groups",
            Self::HoldingsAgreeWithNetworks => "holdings_agree_with_networks",
            Self::TagsAreDistinct => "tags_are_distinct",
            Self::TemplatesAgreeWithVersions => "templates_agree_with_versions",
            Self::TemplatesAreFoundByName => "templates_are_found_by_name",
            Self::UsageAgreesWithInstances => "usage_agrees_with_instances",
            Self::HostsAgreeWithInstances => "hosts_agree_with_instances",
            Self::NoPasswordOutlivesItsNeed => "no_password_outlives_its_need",
            Self::WhatCoolsDownHasATimer => "what_cools_down_has_a_timer",
            Self::EveryReleaseTimeHasItsTimer => "every_release_time_has_its_timer",
            Self::AmendmentsAgreeWithInstances => "amendments_agree_with_instances",
            Self::EveryOpenIncidentHasItsTimer => "every_open_incident_has_its_timer",
            Self::WorkAddsUp => "work_adds_up",
            Self::EveryBinnedInstanceHasItsTimer => "every_binned_instance_has_its_timer",
            Self::EverySubscriptionHasItsTimer => "every_subscription_has_its_timer",
            Self::MetersAgreeWithInstances => "meters_agree_with_instances",
            Self::EveryMeterHasItsTimer => "every_meter_has_its_timer",
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
    hosts: BTreeMap<Label, Host>,
    passwords: BTreeSet<BatchId>,
    user_data: BTreeSet<BatchId>,
    stocks: BTreeMap<StockKey, Stock>,
    subnets: BTreeMap<Label, Subnet>,
    public_pools: BTreeMap<Label, PublicPool>,
    pages: BTreeMap<(PoolId, u8), AddressPage>,
    claims: BTreeSet<Ipv6Claim>,
    cooling: BTreeMap<InstanceId, Cooling>,
    groups: BTreeMap<Label, Group>,
    tokens: BTreeMap<TokenKey, Token>,
    specs: BTreeMap<BatchId, Arc<Spec>>,
    batches: BTreeMap<BatchId, Batch>,
    instances: BTreeMap<InstanceId, Instance>,
    amendments: BTreeMap<InstanceId, Amendment>,
    events: BTreeMap<EventId, Event>,
    timers: BTreeSet<(TimerKind, Time)>,
    work: BTreeSet<(WorkId, Time)>,
    work_stats: WorkStats,
    rules: Vec<Rule>,
    holdings: Vec<Holdings>,
    receipts: BTreeMap<ReceiptId, Receipt>,
    key_pairs: Vec<KeyPair>,
    templates: templates::Templates,
    findings: Vec<Finding>,
}

/// An instance, and the spec of its launch where there is one.
struct Specified<'a> {
    instance: &'a Instance,
    spec: Option<Arc<Spec>>,
}

impl Audit {
    /// Takes note of a record.
    pub fn see(&mut self, record: Record) {
        match record {
            Record::Catalogue(_) | Record::Disk(_) => {}
            Record::Host(host) => drop(self.hosts.insert(host.label.clone(), host)),
            Record::Password(batch, _) => drop(self.passwords.insert(batch)),
            Record::UserData(batch, _) => drop(self.user_data.insert(batch)),
            Record::Sequence(sequence) => self.sequence = Some(sequence),
            Record::Network(network) => drop(self.networks.insert(network.label.clone(), network)),
            Record::Account(account) => drop(self.accounts.insert(account.id, account)),
            Record::Stock(stock) => drop(self.stocks.insert(stock.key.clone(), stock)),
            Record::Subnet(subnet) => drop(self.subnets.insert(subnet.label.clone(), subnet)),
            Record::PublicPool(pool) => drop(self.public_pools.insert(pool.region.clone(), pool)),
            Record::AddressPage(page) => drop(self.pages.insert((page.pool.clone(), page.number), page)),
            Record::Ipv6Claim(claim) => drop(self.claims.insert(claim)),
            Record::Cooling(cooling) => drop(self.cooling.insert(cooling.instance, cooling)),
            Record::Group(group) => drop(self.groups.insert(group.label.clone(), group)),
            Record::Token(token) => drop(self.tokens.insert(token.key.clone(), token)),
            Record::Spec(batch, spec) => drop(self.specs.insert(batch, spec)),
            Record::Batch(batch) => drop(self.batches.insert(batch.id, batch)),
            Record::Instance(instance) => drop(self.instances.insert(instance.id, instance)),
            Record::Amendment(id, amendment) => drop(self.amendments.insert(id, amendment)),
            Record::Event(event) => drop(self.events.insert(event.id, event)),
            Record::Timer(at, kind) => drop(self.timers.insert((kind, at))),
            Record::Work(at, id) => drop(self.work.insert((id, at))),
            Record::WorkStats(stats) => self.work_stats = stats,
            Record::Rule(rule) => self.rules.push(rule),
            Record::Holdings(holdings) => self.holdings.push(holdings),
            Record::Receipt(receipt) => drop(self.receipts.insert(receipt.id, receipt)),
            Record::KeyPair(pair) => self.key_pairs.push(pair),
            Record::Template(template) => self.templates.see(template),
            Record::TemplateVersion(version) => self.templates.see_version(version.template, version.number),
            Record::TemplateName(key, label) => self.templates.see_name(key, label),
        }
    }

    /// Every broken invariant, once all records have been seen.
    #[must_use]
    pub fn findings(mut self) -> Vec<Finding> {
        let instances: Vec<Instance> = core::mem::take(&mut self.instances).into_values().collect();
        let specified = self.specified(&instances);
        self.check_stock(&specified);
        self.check_addresses(&specified);
        self.check_failures(&instances);
        self.check_failure_timers(&instances);
        self.check_bin(&instances);
        self.check_tokens();
        self.check_work(&instances);
        self.check_counts(&specified);
        self.check_money(&instances);
        self.check_meters(&specified);
        self.check_batches(&specified);
        self.check_timers(&instances);
        self.check_ids(&instances);
        self.check_networks();
        self.check_rules();
        self.check_holdings();
        self.check_receipts();
        self.check_tags();
        self.templates.check(&mut self.findings);
        self.check_usage(&specified);
        self.check_hosts(&specified);
        self.check_secrets(&instances);
        self.check_release_times(&instances);
        self.check_amendments(&instances);
        self.check_incidents();
        self.check_subscriptions(&instances);
        self.check_work_stats(&instances);
        self.findings
    }

    /// Instances with their specs, which many checks ask for.
    fn specified<'a>(&self, instances: &'a [Instance]) -> Vec<Specified<'a>> {
        let specified = |instance: &'a Instance| {
            let spec = self.specs.get(&instance.batch).cloned();
            Specified { instance, spec }
        };
        instances.iter().map(specified).collect()
    }

    fn find(&mut self, invariant: Invariant, detail: String) {
        self.findings.push(Finding { invariant, detail });
    }

    fn check_stock(&mut self, instances: &[Specified<'_>]) {
        let mut held: BTreeMap<StockKey, u32> = BTreeMap::new();
        for Specified { spec, .. } in instances.iter().filter(|one| one.instance.holds_unit()) {
            let Some(spec) = spec else { continue };
            let count = held.entry(spec.stock_key()).or_default();
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
        let timed = self.timers.iter().filter_map(|(kind, _)| {
            let TimerKind::EventRetention(id) = kind else { return None };
            Some(*id)
        });
        let forgotten: BTreeSet<EventId> = timed.collect();
        let loose =
            self.events.values().filter(|event| !told.contains(&event.id) && !is_open_incident(event));
        for event in loose.cloned().collect::<Vec<Event>>() {
            if !event.cycle.is_final() || event.finished_at.is_none() || !forgotten.contains(&event.id) {
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
            let State::Binned { until, .. } = instance.state else { return None };
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
        for token in self.tokens.values() {
            let TokenOutcome::Batch(id) = token.outcome else { continue };
            let batch = self.batches.get(&id);
            let named = batch.and_then(|batch| match token.key.action {
                TokenAction::Request => batch.request.as_ref(),
                TokenAction::Launch
                | TokenAction::Create
                | TokenAction::Release
                | TokenAction::CreateNetwork
                | TokenAction::CreateSubnet
                | TokenAction::CreateGroup => batch.token.as_ref(),
            });
            if named != Some(&token.key) {
                let detail = format!("{:?} names {id}, which is {batch:?}", token.key);
                self.findings.push(Finding { invariant: Invariant::ATokenHasOneOutcome, detail });
            }
        }
        let requests = self.batches.values().filter_map(|batch| batch.request.as_ref());
        let lost: Vec<_> = requests.filter(|key| !self.tokens.contains_key(*key)).cloned().collect();
        for key in lost {
            self.find(Invariant::ATokenHasOneOutcome, format!("{key:?} should name a launch"));
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
                | State::Stopping(..)
                | State::Stopped(_)
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

    fn check_counts(&mut self, instances: &[Specified<'_>]) {
        let mut by_account: BTreeMap<AccountId, u32> = BTreeMap::new();
        let mut by_group: BTreeMap<Label, u32> = BTreeMap::new();
        for Specified { instance, spec } in instances {
            let count = by_account.entry(instance.account).or_default();
            *count = count.saturating_add(1);
            let amended = self.amendments.get(&instance.id).and_then(|amendment| amendment.groups.as_ref());
            let Some(spec) = spec else { continue };
            for group in spec.joined_groups(amended.unwrap_or(&spec.groups)) {
                let members = by_group.entry(group.clone()).or_default();
                *members = members.saturating_add(1);
            }
        }
        let accounts: Vec<Account> = self.accounts.values().cloned().collect();
        for account in accounts {
            let count = by_account.remove(&account.id).unwrap_or_default();
            if count != account.instances {
                let detail =
                    format!("account {} has {count} instances, and says {}", account.id, account.instances);
                self.find(Invariant::CountsAgreeWithInstances, detail);
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

    fn check_batches(&mut self, instances: &[Specified<'_>]) {
        let invariant = Invariant::BatchesAgreeWithInstances;
        let mut living: BTreeMap<BatchId, u8> = BTreeMap::new();
        for Specified { instance, spec } in instances {
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
                (
                    State::Releasing(..),
                    Some(
                        Outcome::Made
                        | Outcome::Failed(FailureReason::Deadline | FailureReason::Exhausted)
                        | Outcome::Released,
                    ),
                ) => true,
                (
                    State::Installing(_)
                    | State::Starting(..)
                    | State::Running
                    | State::Stopping(..)
                    | State::Stopped(_)
                    | State::Blank
                    | State::Binned { .. },
                    Some(Outcome::Made),
                ) => true,
                (
                    State::Pending(_)
                    | State::Installing(_)
                    | State::Starting(..)
                    | State::Running
                    | State::Stopping(..)
                    | State::Stopped(_)
                    | State::Blank
                    | State::Binned { .. }
                    | State::Failed(_)
                    | State::Releasing(..),
                    _,
                ) => false,
            };
            if !fits || spec.is_none() {
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
        for batch in self.batches.values() {
            let counted = living.get(&batch.id).copied().unwrap_or(0);
            if counted != batch.living {
                let detail =
                    format!("launch {} has {counted} instances, and says {}", batch.id, batch.living);
                self.findings.push(Finding { invariant, detail });
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

    fn check_ids(&mut self, instances: &[Instance]) {
        let ids = instances.iter().map(|instance| instance.id.0).chain(self.batches.keys().map(|id| id.0));
        let ids = ids.chain(self.rules.iter().map(|rule| rule.id.0));
        let ids = ids.chain(self.receipts.keys().map(|id| id.0));
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

impl Audit {
    fn check_usage(&mut self, instances: &[Specified<'_>]) {
        let mut counted: BTreeMap<AccountId, Usage> = BTreeMap::new();
        for Specified { instance, spec } in instances {
            let Some(spec) = spec else { continue };
            if spec.charge == Charge::PostPaid {
                let usage = counted.entry(instance.account).or_default();
                *usage = usage.with(1, spec.cpus.into(), spec.disk_count());
            }
        }
        let said: Vec<(AccountId, Usage)> = self.accounts.values().map(|one| (one.id, one.usage)).collect();
        for (id, said) in said {
            let counted = counted.remove(&id).unwrap_or_default();
            if counted != said {
                let detail = format!("account {id}: instances have {counted:?}, it says {said:?}");
                self.find(Invariant::UsageAgreesWithInstances, detail);
            }
        }
    }

    fn check_hosts(&mut self, instances: &[Specified<'_>]) {
        let mut counted: BTreeMap<Label, u32> = BTreeMap::new();
        let specs = instances.iter().filter_map(|one| one.spec.as_ref());
        for host in specs.filter_map(|spec| spec.hosting.host.as_ref()) {
            let count = counted.entry(host.clone()).or_default();
            *count = count.saturating_add(1);
        }
        let said = self.hosts.values().map(|host| (host.label.clone(), host.taken));
        for (label, said) in said.collect::<Vec<_>>() {
            let counted = counted.remove(&label).unwrap_or_default();
            if counted != said {
                let detail = format!("host {label} has {counted} instances, and says {said}");
                self.find(Invariant::HostsAgreeWithInstances, detail);
            }
        }
        for label in counted.into_keys() {
            let detail = format!("host {label} has instances and is not there");
            self.find(Invariant::HostsAgreeWithInstances, detail);
        }
    }

    fn check_secrets(&mut self, instances: &[Instance]) {
        let pending = instances.iter().filter(|instance| instance.state.status() == Status::Pending);
        let pending: BTreeSet<BatchId> = pending.map(|instance| instance.batch).collect();
        for id in self.passwords.difference(&pending).copied().collect::<Vec<_>>() {
            let detail = format!("launch {id} has a password, and nothing to be made");
            self.find(Invariant::NoPasswordOutlivesItsNeed, detail);
        }
        let forgotten = self.user_data.iter().filter(|id| !self.specs.contains_key(*id));
        for id in forgotten.copied().collect::<Vec<_>>() {
            let detail = format!("launch {id} has user data, and is not there");
            self.find(Invariant::NoPasswordOutlivesItsNeed, detail);
        }
    }

    fn check_release_times(&mut self, instances: &[Instance]) {
        let wanted = instances.iter().filter_map(|instance| Some((instance.id, instance.release_at?)));
        let timed = self.timers.iter().filter_map(|(kind, at)| {
            let TimerKind::AutoRelease(id) = kind else { return None };
            Some((*id, *at))
        });
        let (wanted, timed): (BTreeSet<_>, BTreeSet<_>) = (wanted.collect(), timed.collect());
        for (id, at) in wanted.symmetric_difference(&timed) {
            let detail = format!("{id} goes at {at:?}, or a timer says so, and not both");
            self.find(Invariant::EveryReleaseTimeHasItsTimer, detail);
        }
    }

    fn check_amendments(&mut self, instances: &[Instance]) {
        let amended = instances.iter().filter(|instance| instance.amended).map(|instance| instance.id);
        let (amended, there): (BTreeSet<_>, BTreeSet<_>) =
            (amended.collect(), self.amendments.keys().copied().collect());
        for id in amended.symmetric_difference(&there) {
            let detail = format!("{id} was changed, or there is a record of it, and not both");
            self.find(Invariant::AmendmentsAgreeWithInstances, detail);
        }
    }

    fn check_work_stats(&mut self, instances: &[Instance]) {
        let works = instances.iter().filter_map(|instance| instance.state.work());
        let held = works.filter(|(_, work)| work.holder.is_some()).count();
        let stats = self.work_stats;
        let known = stats.ended().saturating_add(u64::try_from(held).unwrap_or(u64::MAX));
        let lost = stats.lapsed.saturating_add(stats.unclear);
        if known > stats.claimed || stats.exhausted > lost {
            self.find(Invariant::WorkAddsUp, format!("{held} items are held, and there were {stats:?}"));
        }
    }

    fn check_incidents(&mut self) {
        let noted = self
            .amendments
            .iter()
            .flat_map(|(instance, amendment)| amendment.events.iter().map(|event| (*instance, *event)));
        let noted: BTreeSet<(InstanceId, EventId)> = noted.collect();
        let timed = self.timers.iter().filter_map(|(kind, at)| {
            let TimerKind::EventDue(id) = kind else { return None };
            Some((*id, *at))
        });
        let timed: BTreeSet<(EventId, Time)> = timed.collect();
        let open = self.events.values().filter(|event| is_open_incident(event));
        let open: BTreeSet<(InstanceId, EventId)> = open.map(|event| (event.instance, event.id)).collect();
        let due = open.iter().filter_map(|(_, id)| match self.events.get(id)?.kind {
            EventKind::Incident(incident) => Some((*id, incident.due_at)),
            EventKind::CreationFailure(_) => None,
        });
        let due: BTreeSet<(EventId, Time)> = due.collect();
        for (instance, event) in open.symmetric_difference(&noted) {
            let detail = format!("incident {event} is open, or noted with {instance}, and not both");
            self.findings.push(Finding { invariant: Invariant::EveryOpenIncidentHasItsTimer, detail });
        }
        for (event, at) in due.symmetric_difference(&timed) {
            let detail = format!("incident {event} is over at {at:?}, or a timer says so, and not both");
            self.findings.push(Finding { invariant: Invariant::EveryOpenIncidentHasItsTimer, detail });
        }
    }
}

fn is_open_incident(event: &Event) -> bool {
    matches!(event.kind, EventKind::Incident(_)) && !event.cycle.is_final()
}

fn batch_of(kind: TimerKind) -> Option<BatchId> {
    match kind {
        TimerKind::CreationDeadline(id) | TimerKind::TokenExpiry(id) | TimerKind::BatchRetention(id) => {
            Some(id)
        }
        TimerKind::FailureRelease(_)
        | TimerKind::CoolDown(_)
        | TimerKind::AutoRelease(_)
        | TimerKind::EventDue(_)
        | TimerKind::EventRetention(_)
        | TimerKind::ReceiptExpiry(_)
        | TimerKind::BinEnd(_)
        | TimerKind::Expiry(_)
        | TimerKind::BidReview(_)
        | TimerKind::BidSweep(_)
        | TimerKind::Settlement(_) => None,
    }
}
