//! The reference model of a fleet in the small world. It only counts: no bitmaps, no indexes, no
//! queues, no counters. What there is of anything is found by looking at every instance there ever
//! was, so that there is nothing in it that could disagree with something else in it.

use std::collections::BTreeMap;
use std::ops::Range;

use fleet::{
    AccountRefusal, Bar, Beat, CatalogueRefusal, Cycle, FailureReason, IncidentKind, LaunchRefusal, Limit,
    Outcome, Policy, Reported, Shortage, Span, Status, StockKey, Task, Ticked, Time, Wanted, WorkOutcome,
    WorkStats,
};

use self::metering::Tap;
use self::voucher::Voucher;
use crate::action::{Action, Handout, Order, Place, Refusal, Reply, address};
use crate::small_world::{Price, SUBNETS, SmallWorld, TYPES, ZONES, instance_type, subnet, zone};

mod counts;
mod metering;
mod subscription;
mod voucher;

/// What should become of a fleet.
#[derive(Clone, Debug)]
pub struct Model {
    now: Time,
    policy: Policy,
    /// Total and missing, of each type in each zone.
    stock: BTreeMap<(usize, usize), (u32, u32)>,
    limit: u32,
    /// What was granted and what was spent; `None` when nothing is charged.
    money: Option<(u64, u64)>,
    /// The vouchers there are, by number.
    vouchers: BTreeMap<usize, Voucher>,
    /// What was spent, and what was left, of those that are gone.
    removed: (u64, u64),
    /// What is paid by use; `None` before there is any.
    tap: Option<Tap>,
    guests: Vec<Guest>,
    batches: Vec<Batch>,
    /// By number, and by whether the instances stay stopped: what was asked for, and the launch.
    tokens: BTreeMap<(usize, bool), (Order, usize)>,
    /// By the order they were published in.
    events: BTreeMap<usize, Told>,
    /// How many events there ever were.
    published: usize,
    handouts: Vec<Handout>,
    work_stats: WorkStats,
    reply: Reply,
    /// What was done before anybody looked.
    past: Vec<Action>,
}

/// An instance, there or gone.
#[derive(Clone, Debug)]
struct Guest {
    batch: usize,
    order: Order,
    offset: u32,
    /// What it does; `None` when it is gone.
    status: Option<Status>,
    /// Whether its owner can see it.
    seen: bool,
    /// Whether they see it where the bin is shown as well.
    kept: bool,
    /// Whether it has ever run.
    ran: bool,
    /// Until when it is in the bin.
    binned: Option<Time>,
    /// Whether there may be a machine behind it.
    machine: bool,
    outcome: Outcome,
    paid: u64,
    /// How much of that came from which voucher.
    vouched: BTreeMap<usize, u64>,
    /// Until when it is paid for; `None` once that does not matter.
    paid_until: Option<Time>,
    /// Whether that was over before it was paid again.
    lapsed: bool,
    /// Whether it was cut off because its account has no money.
    cut: bool,
    /// Whether it is locked for that, also while it is taken apart.
    locked: bool,
    orders: u32,
    wait: Option<Wait>,
}

/// An event.
#[derive(Clone, Copy, Debug)]
struct Told {
    guest: usize,
    what: IncidentKind,
    cycle: Cycle,
    published: Time,
    finished: Option<Time>,
    /// When the system acts.
    due: Time,
}

/// The work item that an instance waits for.
#[derive(Clone, Copy, Debug)]
struct Wait {
    task: Task,
    attempt: u32,
    /// Claims since the last report that counted.
    unanswered: u32,
    at: Time,
    held: bool,
}

/// A launch: its instances, and the one timer it has.
#[derive(Clone, Debug)]
struct Batch {
    guests: Range<usize>,
    launched: Time,
    token: Option<(usize, bool)>,
    timer: Option<(Time, Stage)>,
}

/// What the timer of a launch is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Stage {
    Deadline,
    Token,
    Batch,
}

/// The timers, in the order they run in when they are due together.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Timer {
    Deadline(usize),
    Release(usize),
    Token(usize),
    Batch(usize),
    /// Which event, of which instance.
    Event(usize, usize),
    /// Which event, of which instance.
    Due(usize, usize),
    Bin(usize),
    Expiry(usize),
    Settlement,
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

impl Model {
    /// The model of [`SmallWorld::new`], at time 0.
    #[must_use]
    pub fn new() -> Self {
        let places = (0..ZONES).flat_map(|zone| (0..TYPES).map(move |type_| (zone, type_)));
        Self {
            now: Time::START,
            policy: SmallWorld::policy(),
            stock: places.map(|place| (place, (SmallWorld::STOCK, 0))).collect(),
            limit: SmallWorld::LIMIT,
            money: None,
            vouchers: BTreeMap::new(),
            removed: (0, 0),
            tap: None,
            guests: Vec::new(),
            batches: Vec::new(),
            tokens: BTreeMap::new(),
            events: BTreeMap::new(),
            published: 0,
            handouts: Vec::new(),
            work_stats: WorkStats::default(),
            reply: Reply::Done,
            past: Vec::new(),
        }
    }

    /// What was done before the history began: whatever is played beside it has to do it first.
    #[must_use]
    pub fn past(&self) -> &[Action] {
        &self.past
    }

    /// Does what `action` asks for, before the history begins.
    #[cfg(feature = "strategies")]
    pub(crate) fn live(&mut self, action: Action) {
        self.act(&action);
        self.past.push(action);
    }

    /// What time it is.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// What the last action should have been answered with.
    #[must_use]
    pub const fn reply(&self) -> &Reply {
        &self.reply
    }

    /// Every work item that was ever handed out, the newest last.
    #[must_use]
    pub fn handouts(&self) -> &[Handout] {
        &self.handouts
    }

    /// The work items that a report counts for now.
    #[must_use]
    pub fn held(&self) -> Vec<Handout> {
        let counts = |handout: &&Handout| {
            let guest = &self.guests[handout.instance];
            guest.orders == handout.order
                && guest
                    .wait
                    .is_some_and(|wait| wait.held && wait.attempt == handout.attempt && self.now < wait.at)
        };
        self.handouts.iter().filter(counts).copied().collect()
    }

    /// The instances that are in this status.
    #[must_use]
    pub fn in_status(&self, status: Status) -> Vec<usize> {
        (0..self.guests.len()).filter(|index| self.guests[*index].status == Some(status)).collect()
    }

    /// What was last launched under a token, and the number of the token.
    #[must_use]
    pub fn last_order(&self) -> Option<(Order, usize)> {
        let newest = self.tokens.iter().max_by_key(|(_, (_, batch))| *batch);
        newest.map(|((token, _), (order, _))| (order.clone(), *token))
    }

    /// How many instances were ever made.
    #[must_use]
    pub fn ever(&self) -> usize {
        self.guests.len()
    }

    /// When something comes to its end: timers, leases and tokens.
    #[must_use]
    pub fn deadlines(&self) -> Vec<Time> {
        let timers = self.timers().into_iter().map(|(at, _)| at);
        let work = self.guests.iter().filter_map(|guest| Some(guest.wait?.at));
        let tokens = self.tokens.values().map(|(_, batch)| self.expiry(*batch));
        let vouchers = self.vouchers.values().map(|voucher| voucher.expires);
        timers.chain(work).chain(tokens).chain(vouchers).collect()
    }

    /// Does what `action` asks for, and notes the reply.
    pub fn act(&mut self, action: &Action) {
        let result = match action {
            Action::Launch { order, token, dry } => {
                self.launch(order, token.filter(|_| !*dry), *dry).map_err(Refusal::Launch)
            }
            Action::Claim { lease, limit } => Ok(self.claim(*lease, *limit)),
            Action::Report(handout, outcome) => Ok(Reply::Reported(self.report(*handout, *outcome))),
            Action::Beat(handout, lease) => Ok(Reply::Beaten(self.beat(*handout, *lease))),
            Action::Start(guest) => self.power(*guest, Status::Stopped, Task::Start),
            Action::Stop(guest) => self.power(*guest, Status::Running, Task::Stop),
            Action::Reboot(guest) => self.power(*guest, Status::Running, Task::Reboot),
            Action::Release { instance, force } => self.release(*instance, *force),
            Action::Bin(guest) => self.bin(*guest),
            Action::Empty(guest) => self.empty(*guest),
            Action::Renew { instance, months } => self.renew(*instance, *months),
            Action::GrantVoucher { voucher, amount, expires } => {
                self.grant_voucher(*voucher, *amount, *expires).map_err(Refusal::Voucher)
            }
            Action::RemoveVoucher(voucher) => self.remove_voucher(*voucher).map_err(Refusal::Voucher),
            Action::Tick(limit) => Ok(self.tick(*limit)),
            Action::Wait(until) => {
                self.flow(*until);
                Ok(Reply::Done)
            }
            Action::SetStock { zone, instance_type, total } => {
                self.set_stock((*zone, *instance_type), *total).map_err(Refusal::Catalogue)
            }
            Action::SetAccount { limit, grant } => self.set_account(*limit, *grant).map_err(Refusal::Account),
        };
        self.reply = result.unwrap_or_else(Reply::Refused);
    }

    fn launch(&mut self, order: &Order, token: Option<usize>, dry: bool) -> Result<Reply, LaunchRefusal> {
        let token = token.map(|token| (token, order.stay));
        let earlier = token.and_then(|token| self.tokens.get(&token));
        if let Some((earlier, batch)) = earlier.filter(|(_, batch)| self.now < self.expiry(*batch)) {
            let instances = self.batches[*batch].guests.clone().collect();
            let again = Reply::Launched { batch: *batch, instances };
            return if earlier == order { Ok(again) } else { Err(LaunchRefusal::TokenReused) };
        }
        let offsets = self.offsets(order)?;
        let money = self.money.map(|_| self.funds() / order.price().max(1));
        let shortage = Shortage {
            binding: Limit::Stock,
            wanted: Wanted::new(order.most, order.least).expect("an amount"),
            quota: self.limit.saturating_sub(self.count(|_| true)),
            postpaid: None,
            cpus: None,
            disks: None,
            host_places: None,
            money: money.filter(|_| order.months > 0).map(|times| u32::try_from(times).unwrap_or(u32::MAX)),
            group_places: order.groups.iter().map(|group| self.places(*group)).min().expect("a group"),
            addresses: self.free(order.subnet).len().try_into().expect("few addresses"),
            ipv6_addresses: None,
            public_addresses: None,
            stock: self.units(order.place()),
        };
        let limits = [
            (Limit::Quota, shortage.quota),
            (Limit::Money, shortage.money.unwrap_or(u32::MAX)),
            (Limit::GroupPlaces, shortage.group_places),
            (Limit::Addresses, shortage.addresses),
            (Limit::Stock, shortage.stock),
        ];
        for (binding, had) in limits {
            if had < u32::from(order.least) {
                return Err(LaunchRefusal::Short(Shortage { binding, ..shortage }));
            }
            // Bars come behind quotas, and before everything else.
            if binding == Limit::Quota && self.is_in_arrears() {
                return Err(LaunchRefusal::Barred(Bar::Arrears));
            }
        }
        let count = limits.iter().fold(u32::from(order.most), |count, (_, had)| count.min(*had));
        if dry {
            return Ok(Reply::Would(count.try_into().expect("at most 100")));
        }
        let batch = self.batches.len();
        let first = self.guests.len();
        for offset in offsets.into_iter().take(count as usize) {
            let mut guest = self.guest(batch, order, offset);
            guest.wait_for(Task::Create, self.now);
            self.guests.push(guest);
        }
        let deadline = self.now.after(self.policy.creation_deadline);
        let guests = first..self.guests.len();
        let instances = guests.clone().collect();
        let timer = Some((deadline, Stage::Deadline));
        self.batches.push(Batch { guests, launched: self.now, token, timer });
        token.map(|token| self.tokens.insert(token, (order.clone(), batch)));
        if order.months == 0 && Price::HOURLY[order.instance_type] > 0 {
            self.meter_from(first);
        }
        self.account_changed();
        Ok(Reply::Launched { batch, instances })
    }

    /// An instance that is only now asked for, and what it pays.
    fn guest(&self, batch: usize, order: &Order, offset: u32) -> Guest {
        Guest {
            batch,
            order: order.clone(),
            offset,
            status: Some(Status::Pending),
            seen: true,
            kept: true,
            ran: false,
            binned: None,
            machine: false,
            outcome: Outcome::Pending,
            paid: self.money.map_or(0, |_| order.price()),
            vouched: self.vouch(order.price()),
            paid_until: order.paid_span().map(|span| self.now.after(span)),
            lapsed: false,
            cut: false,
            locked: false,
            orders: 0,
            wait: None,
        }
    }

    /// The addresses the instances of a launch would have: the free ones, or the one that is named.
    fn offsets(&self, order: &Order) -> Result<Vec<u32>, LaunchRefusal> {
        if matches!(order.address, Place::At(_)) && order.most > 1 {
            return Err(LaunchRefusal::OneAddressForMany(order.most));
        }
        if let Some(named) = order.zone.filter(|named| *named != order.subnet / 2) {
            let (subnet, zone) = (subnet(order.subnet), zone(named));
            return Err(LaunchRefusal::SubnetElsewhere { subnet, zone });
        }
        let free = self.free(order.subnet);
        let Place::At(offset) = order.address else { return Ok(free) };
        let address = address(order.subnet, offset);
        match offset {
            outside if outside >= size(order.subnet) => Err(LaunchRefusal::AddressOutside(address)),
            inner if inner == 0 || inner >= size(order.subnet) - 3 => {
                Err(LaunchRefusal::AddressReserved(address))
            }
            taken if !free.contains(&taken) => Err(LaunchRefusal::AddressTaken(address)),
            free => Ok(vec![free]),
        }
    }

    fn claim(&mut self, lease: u64, limit: usize) -> Reply {
        let now = self.now;
        let waiting =
            self.guests.iter().enumerate().filter_map(|(index, guest)| Some((guest.wait?.at, index)));
        let mut waiting: Vec<_> = waiting.filter(|(at, _)| *at <= now).collect();
        waiting.sort_unstable();
        let mut handouts = Vec::new();
        for (_, instance) in waiting.into_iter().take(limit) {
            let guest = &mut self.guests[instance];
            let wait = guest.wait.as_mut().expect("it waits");
            if wait.held {
                self.work_stats.lapsed += 1;
                if wait.unanswered >= self.policy.attempts_max {
                    self.give_up(instance);
                    continue;
                }
            }
            self.work_stats.claimed += 1;
            wait.attempt += 1;
            wait.unanswered += 1;
            wait.at = now.after(Span::from_secs(lease));
            wait.held = true;
            guest.machine = true;
            handouts.push(Handout { instance, order: guest.orders, attempt: wait.attempt, task: wait.task });
        }
        self.handouts.extend(&handouts);
        Reply::Claimed(handouts)
    }

    fn report(&mut self, handout: Handout, outcome: WorkOutcome) -> Reported {
        let now = self.now;
        let Some(wait) = self.held_wait(handout) else { return Reported::Late };
        let (task, exhausted) = (wait.task, wait.unanswered >= self.policy.attempts_max);
        let stats = &mut self.work_stats;
        *match outcome {
            WorkOutcome::Done => &mut stats.done,
            WorkOutcome::Failed(_) => &mut stats.failed,
            WorkOutcome::Unclear => &mut stats.unclear,
            WorkOutcome::GivenBack { .. } => &mut stats.given_back,
        } += 1;
        let guest = &mut self.guests[handout.instance];
        let wait = guest.wait.as_mut().expect("it waits");
        match (outcome, task) {
            (WorkOutcome::GivenBack { pause }, _) => {
                (wait.at, wait.held, wait.unanswered) = (now.after(pause), false, 0);
            }
            (WorkOutcome::Unclear, _) if exhausted => self.give_up(handout.instance),
            (WorkOutcome::Unclear, _) => {
                (wait.at, wait.held) = (now.after(pause_after(wait.attempt)), false);
            }
            (WorkOutcome::Failed(_), Task::Stop) if guest.lapsed || guest.cut => {
                (wait.at, wait.held, wait.unanswered) = (now.after(pause_after(wait.attempt)), false, 0);
            }
            (WorkOutcome::Failed(_), Task::Release) => {
                (wait.at, wait.held, wait.unanswered) = (now.after(pause_after(wait.attempt)), false, 0);
            }
            (WorkOutcome::Done, Task::Create) => {
                guest.outcome = Outcome::Made;
                self.spend(handout.instance);
                let guest = &mut self.guests[handout.instance];
                if guest.order.stay {
                    guest.settle(Status::Stopped);
                } else {
                    guest.status = Some(Status::Starting);
                    guest.wait_for(Task::Start, now);
                }
            }
            (WorkOutcome::Failed(reason), Task::Create) => {
                guest.machine = false;
                self.fail(handout.instance, reason);
            }
            (WorkOutcome::Done, Task::Install | Task::Start | Task::Reboot)
            | (WorkOutcome::Failed(_), Task::Stop) => {
                let first = !guest.ran;
                guest.settle(Status::Running);
                if first {
                    self.run_first(handout.instance);
                }
            }
            (WorkOutcome::Failed(_), Task::Install) => guest.settle(Status::Blank),
            (WorkOutcome::Failed(_), Task::Start | Task::Reboot) | (WorkOutcome::Done, Task::Stop) => {
                guest.settle(Status::Stopped);
            }
            (WorkOutcome::Done, Task::Release) => self.vanish(handout.instance),
        }
        self.come_to_rest(handout.instance);
        Reported::Accepted
    }

    /// What an instance waits for, while this claim of it is held.
    fn held_wait(&self, handout: Handout) -> Option<Wait> {
        let guest = self.guests.get(handout.instance)?;
        let same = |wait: &Wait| guest.orders == handout.order && wait.attempt == handout.attempt;
        guest.wait.filter(|wait| same(wait) && wait.held && self.now < wait.at)
    }

    fn beat(&mut self, handout: Handout, lease: u64) -> Beat {
        let Some(wait) = self.held_wait(handout) else { return Beat::Late };
        let until = self.now.after(Span::from_secs(lease)).max(wait.at);
        if until > wait.at {
            self.work_stats.extended += 1;
        }
        self.guests[handout.instance].wait = Some(Wait { at: until, ..wait });
        Beat::Held(until)
    }

    fn give_up(&mut self, index: usize) {
        self.work_stats.exhausted += 1;
        let now = self.now;
        let guest = &mut self.guests[index];
        let wait = guest.wait.as_mut().expect("it waits");
        match wait.task {
            Task::Create => self.fail(index, FailureReason::Exhausted),
            Task::Install => guest.settle(Status::Blank),
            Task::Start => guest.settle(Status::Stopped),
            Task::Stop if guest.lapsed || guest.cut => {
                (wait.at, wait.held) = (now.after(pause_after(wait.attempt)), false);
            }
            Task::Stop | Task::Reboot => guest.settle(Status::Running),
            Task::Release => (wait.at, wait.held) = (now.after(pause_after(wait.attempt)), false),
        }
        self.come_to_rest(index);
    }

    fn power(&mut self, index: usize, from: Status, task: Task) -> Result<Reply, Refusal> {
        let now = self.now;
        let unaffordable = task == Task::Start && self.is_in_arrears();
        let unaffordable = unaffordable && index < self.guests.len() && self.is_by_use(index);
        let guest = self.guests.get_mut(index).filter(|guest| guest.seen).ok_or(Refusal::Unknown)?;
        let status = guest.status.ok_or(Refusal::Unknown)?;
        let paid_until = guest.paid_through(self.batches[guest.batch].launched);
        if unaffordable || guest.lapsed || guest.locked || paid_until.is_some_and(|at| at <= now) {
            return Err(Refusal::Unpaid);
        }
        if status != from {
            return Err(Refusal::WrongStatus(status));
        }
        let status = if task == Task::Stop { Status::Stopping } else { Status::Starting };
        guest.status = Some(status);
        guest.wait_for(task, now);
        Ok(Reply::Moved(status))
    }

    fn release(&mut self, index: usize, force: bool) -> Result<Reply, Refusal> {
        let guest = self.guests.get(index).filter(|guest| guest.seen).ok_or(Refusal::Unknown)?;
        let status = guest.status.ok_or(Refusal::Unknown)?;
        let paid_until = guest.paid_through(self.batches[guest.batch].launched);
        if let Some(at) = paid_until.filter(|at| status != Status::Failed && self.now < *at) {
            return Err(Refusal::PaidFor(at));
        }
        match status {
            Status::Failed => self.finish(index, IncidentKind::FailureRelease, Cycle::Avoided),
            Status::Stopped => {}
            Status::Running if force => {}
            Status::Pending
            | Status::Installing
            | Status::Starting
            | Status::Running
            | Status::Stopping
            | Status::Blank
            | Status::Binned
            | Status::Releasing => return Err(Refusal::WrongStatus(status)),
        }
        self.take_apart(index);
        Ok(Reply::Moved(status))
    }

    fn bin(&mut self, index: usize) -> Result<Reply, Refusal> {
        let guest = self.guests.get(index).filter(|guest| guest.kept).ok_or(Refusal::Unknown)?;
        match guest.status.ok_or(Refusal::Unknown)? {
            Status::Failed => return self.release(index, false),
            Status::Running | Status::Stopped => {}
            // The first boot is a part of being made.
            Status::Starting if !guest.ran => return Err(Refusal::WrongStatus(Status::Pending)),
            wrong @ (Status::Pending
            | Status::Installing
            | Status::Starting
            | Status::Stopping
            | Status::Blank
            | Status::Binned
            | Status::Releasing) => return Err(Refusal::WrongStatus(wrong)),
        }
        let paid_until = guest.paid_through(self.batches[guest.batch].launched);
        if let Some(at) = paid_until.filter(|at| self.now < *at) {
            return Err(Refusal::PaidFor(at));
        }
        let until = self.now.after(self.policy.bin_retention);
        let metered = self.is_metered(index);
        let guest = &mut self.guests[index];
        (guest.status, guest.seen, guest.binned) = (Some(Status::Binned), false, Some(until));
        if metered {
            self.account_changed();
        }
        Ok(Reply::Moved(Status::Binned))
    }

    fn empty(&mut self, index: usize) -> Result<Reply, Refusal> {
        let guest = self.guests.get(index).filter(|guest| guest.kept).ok_or(Refusal::Unknown)?;
        let status = guest.status.ok_or(Refusal::Unknown)?;
        if status != Status::Binned {
            return Err(Refusal::WrongStatus(status));
        }
        self.take_apart(index);
        Ok(Reply::Moved(Status::Binned))
    }

    fn set_stock(&mut self, place: (usize, usize), total: u32) -> Result<Reply, CatalogueRefusal> {
        let (_, missing) = self.stock[&place];
        let taken = self.count(|guest| guest.order.place() == place);
        if total < taken + missing {
            let key = StockKey { zone: zone(place.0), instance_type: instance_type(place.1) };
            return Err(CatalogueRefusal::TotalBelowUse { key, total, taken, missing });
        }
        self.stock.insert(place, (total, missing));
        Ok(Reply::Done)
    }

    fn set_account(&mut self, limit: u32, grant: Option<u64>) -> Result<Reply, AccountRefusal> {
        let used = self.count(|_| true);
        if limit < used {
            return Err(AccountRefusal::LimitBelowUse { limit, used });
        }
        self.limit = limit;
        if let Some(grant) = grant {
            let (granted, spent) = self.money.unwrap_or((0, 0));
            self.money = Some((granted + grant, spent));
        }
        self.account_changed();
        Ok(Reply::Done)
    }

    fn tick(&mut self, limit: usize) -> Reply {
        let due = self.timers().into_iter().take_while(|(at, _)| *at <= self.now);
        let due: Vec<_> = due.take(limit).collect();
        let mut ran = 0;
        for timer in &due {
            // What ran before may have made it unnecessary.
            if !self.timers().contains(timer) {
                continue;
            }
            ran += 1;
            match &timer.1 {
                Timer::Deadline(batch) => self.pass_deadline(*batch),
                Timer::Release(guest) => {
                    self.finish(*guest, IncidentKind::FailureRelease, Cycle::Executed);
                    self.take_apart(*guest);
                }
                Timer::Token(batch) => {
                    self.tokens.retain(|_, (_, of)| of != batch);
                    self.set_batch_timer(*batch, Stage::Batch);
                }
                Timer::Batch(batch) => self.batches[*batch].timer = None,
                Timer::Event(number, _) => drop(self.events.remove(number)),
                Timer::Due(number, _) => self.pass_due(*number),
                Timer::Bin(guest) => self.take_apart(*guest),
                Timer::Expiry(guest) => self.lapse(*guest),
                Timer::Settlement => self.settle_by_timer(),
            }
        }
        Reply::Ticked(Ticked { ran, next: self.timers().first().map(|(at, _)| *at) })
    }

    fn pass_deadline(&mut self, batch: usize) {
        for index in self.batches[batch].guests.clone() {
            if self.guests[index].status == Some(Status::Pending) {
                self.fail(index, FailureReason::Deadline);
            }
        }
        let stage = if self.batches[batch].token.is_some() { Stage::Token } else { Stage::Batch };
        self.set_batch_timer(batch, stage);
    }

    fn set_batch_timer(&mut self, batch: usize, stage: Stage) {
        let at = match stage {
            Stage::Token | Stage::Deadline => self.expiry(batch),
            Stage::Batch => self.batches[batch].launched.after(self.policy.batch_retention),
        };
        self.batches[batch].timer = Some((at, stage));
    }

    fn fail(&mut self, index: usize, reason: FailureReason) {
        let guest = &mut self.guests[index];
        guest.settle(Status::Failed);
        guest.outcome = Outcome::Failed(reason);
        guest.paid = 0;
        guest.vouched.clear();
        guest.paid_until = None;
        self.avoid_lapse(index);
        let due = self.now.after(self.policy.failure_release);
        self.publish(index, IncidentKind::FailureRelease, Cycle::Executing, due);
        self.account_changed();
    }

    fn take_apart(&mut self, index: usize) {
        if self.guests[index].status == Some(Status::Releasing) {
            return;
        }
        let metered = self.is_metered(index);
        self.avoid_lapse(index);
        self.guests[index].paid_until = None;
        let guest = &mut self.guests[index];
        if !guest.machine {
            return self.vanish(index);
        }
        let up = [Status::Installing, Status::Starting, Status::Running, Status::Stopping];
        guest.seen = guest.status.is_some_and(|status| up.contains(&status));
        guest.kept = guest.status != Some(Status::Failed);
        guest.binned = None;
        guest.status = Some(Status::Releasing);
        guest.wait_for(Task::Release, self.now);
        if metered {
            self.account_changed();
        }
    }

    fn vanish(&mut self, index: usize) {
        let guest = &mut self.guests[index];
        (guest.status, guest.wait) = (None, None);
        if guest.outcome == Outcome::Failed(FailureReason::NoStock) {
            self.stock.get_mut(&guest.order.place()).expect("a stock").1 += 1;
        }
        if guest.outcome == Outcome::Made {
            guest.outcome = Outcome::Released;
        }
        self.spend(index);
    }

    /// Every timer, in the order they run in.
    fn timers(&self) -> Vec<(Time, Timer)> {
        let batches = self.batches.iter().enumerate().filter_map(|(index, batch)| {
            let (at, stage) = batch.timer?;
            Some(match stage {
                Stage::Deadline => (at, Timer::Deadline(index)),
                Stage::Token => (at, Timer::Token(index)),
                Stage::Batch => (at, Timer::Batch(index)),
            })
        });
        let events = self.events.iter().map(|(number, told)| match (told.finished, told.what) {
            (Some(finished), _) => {
                (finished.after(self.policy.event_retention), Timer::Event(*number, told.guest))
            }
            (None, IncidentKind::FailureRelease) => (told.due, Timer::Release(told.guest)),
            (None, _) => (told.due, Timer::Due(*number, told.guest)),
        });
        let paid = self.guests.iter().enumerate().filter(|(_, guest)| !guest.lapsed);
        let paid = paid.filter_map(|(index, guest)| Some((guest.paid_until?, Timer::Expiry(index))));
        let bins = self.guests.iter().enumerate();
        let bins = bins.filter_map(|(index, guest)| Some((guest.binned?, Timer::Bin(index))));
        let account = self.timer_of_account().map(|at| (at, Timer::Settlement));
        let mut timers: Vec<_> = batches.chain(events).chain(bins).chain(paid).chain(account).collect();
        timers.sort_unstable();
        timers
    }

    fn expiry(&self, batch: usize) -> Time {
        self.batches[batch].launched.after(self.policy.token_retention)
    }

    fn count(&self, counts: impl Fn(&Guest) -> bool) -> u32 {
        let counted = self.guests.iter().filter(|guest| guest.status.is_some() && counts(guest)).count();
        counted.try_into().expect("a small world")
    }

    fn free(&self, subnet: usize) -> Vec<u32> {
        let is_free =
            |offset: &u32| self.count(|guest| guest.order.subnet == subnet && guest.offset == *offset) == 0;
        (1..size(subnet) - 3).filter(is_free).collect()
    }

    fn places(&self, group: usize) -> u32 {
        self.policy.group_members_max - self.count(|guest| guest.order.groups.contains(&group))
    }

    fn units(&self, place: (usize, usize)) -> u32 {
        let (total, missing) = self.stock[&place];
        total - missing - self.count(|guest| guest.order.place() == place)
    }

    fn paid(&self) -> u64 {
        self.guests.iter().map(|guest| guest.paid - guest.vouched.values().sum::<u64>()).sum()
    }

    fn balance(&self) -> u64 {
        self.money.map_or(0, |(granted, spent)| granted - spent - self.paid())
    }
}

impl Guest {
    /// Until when its owner reads that it is paid for.
    fn paid_through(&self, launched: Time) -> Option<Time> {
        self.paid_until.or_else(|| self.order.paid_span().map(|span| launched.after(span)))
    }

    fn wait_for(&mut self, task: Task, now: Time) {
        self.orders += 1;
        self.wait = Some(Wait { task, attempt: 0, unanswered: 0, at: now, held: false });
    }

    fn settle(&mut self, status: Status) {
        (self.status, self.wait) = (Some(status), None);
        self.ran |= status == Status::Running;
    }
}

impl Order {
    fn place(&self) -> (usize, usize) {
        (self.subnet / 2, self.instance_type)
    }

    fn paid_span(&self) -> Option<Span> {
        (self.months > 0).then(|| Span::from_days(30 * u64::from(self.months)))
    }

    fn price(&self) -> u64 {
        Price::MONTHLY[self.instance_type] * u64::from(self.months)
    }
}

/// How many addresses the block of a subnet has.
fn size(subnet: usize) -> u32 {
    if SUBNETS[subnet].ends_with("/29") { 8 } else { 16 }
}

/// How long what could not be done rests in the small world: 5 s, 10 s, then 15 s.
fn pause_after(attempt: u32) -> Span {
    Span::from_secs(u64::from(5 * attempt.min(3)))
}
