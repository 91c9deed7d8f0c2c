//! Plays actions on a real fleet, and translates its answers into those of the model.

use fleet::{
    Bin, Claim, Command, GrantVoucher, Heartbeat, InstanceId, Launched, Money, MoveMany, OpenAccount,
    PowerRefusal, Reboot, Record, Release, ReleaseRefusal, RemoveVoucher, Renew, RenewRefusal, Report,
    Serial, Start, Stop, Subscription, Tick, Time, Verb, VoucherRefusal, WorkId, World,
};

use crate::action::{Action, Handout, Refusal, Reply, voucher};
use crate::small_world::{OWNER, SmallWorld, instance_type, label, zone};
use crate::summary::{Numbering, Summary};

/// Whatever keeps a fleet: a [`World`], or a store with a world in it.
pub trait Fleet {
    /// Decides a command and keeps what it changes. A store that fails should panic: that is no refusal.
    ///
    /// # Errors
    /// When the command is refused.
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send;

    /// Every record there is.
    fn records(&self) -> Vec<Record>;
}

impl Fleet for World {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        Self::run(self, command, now)
    }

    fn records(&self) -> Vec<Record> {
        Self::records(self).cloned().collect()
    }
}

/// A fleet of the small world, and what is needed to talk about it without ids.
#[derive(Clone, Debug)]
pub struct Driver<F> {
    /// The fleet.
    pub fleet: F,
    now: Time,
    numbering: Numbering,
    stock: Vec<fleet::Offer>,
}

impl<F: Fleet> Driver<F> {
    /// Begins at time 0, with a fleet that was just built by [`SmallWorld::build`].
    #[must_use]
    pub fn new(fleet: F) -> Self {
        let stock = SmallWorld::catalogue(SmallWorld::STOCK).offers;
        Self { fleet, now: Time::START, numbering: Numbering::default(), stock }
    }

    /// What the fleet comes to.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(self.fleet.records(), &self.numbering, self.now)
    }

    /// Asks the fleet for `action`.
    pub fn act(&mut self, action: &Action) -> Reply {
        match action {
            Action::Launch { order, token, dry } => {
                match self.fleet.run(&order.launch(*token, *dry), self.now) {
                    Ok(launched) => self.launched(launched),
                    Err(refusal) => Reply::Refused(Refusal::Launch(refusal)),
                }
            }
            Action::Claim { lease, limit } => self.claim(*lease, *limit),
            Action::Report(handout, outcome) => {
                let id = WorkId { instance: self.id(handout.instance), order: handout.order };
                let report = Report { id, attempt: handout.attempt, outcome: *outcome };
                let Ok(reported) = self.fleet.run(&report, self.now);
                Reply::Reported(reported)
            }
            Action::Beat(Handout { instance, order, attempt, .. }, lease) => {
                let id = WorkId { instance: self.id(*instance), order: *order };
                let beat = Heartbeat { id, attempt: *attempt, lease: fleet::Span::from_secs(*lease) };
                let Ok(beat) = self.fleet.run(&beat, self.now);
                Reply::Beaten(beat)
            }
            Action::Start(instance) => {
                let instance = self.id(*instance);
                moved(self.fleet.run(&Start { account: OWNER, instance }, self.now))
            }
            Action::Stop(instance) => {
                let instance = self.id(*instance);
                moved(self.fleet.run(&Stop::new(OWNER, instance), self.now))
            }
            Action::Reboot(instance) => {
                let instance = self.id(*instance);
                moved(self.fleet.run(&Reboot { account: OWNER, instance }, self.now))
            }
            Action::Release { instance, force } => self.release(*instance, *force),
            Action::Bin(instance) => {
                let bin = Bin { account: OWNER, instance: self.id(*instance) };
                released(self.fleet.run(&bin, self.now))
            }
            Action::Empty(instance) => self.empty(*instance),
            Action::Renew { instance, months } => {
                let (instance, unit) = (self.id(*instance), fleet::PeriodUnit::Month);
                paid(self.fleet.run(&Renew { account: OWNER, instance, count: *months, unit }, self.now))
            }
            Action::Tick(limit) => {
                let Ok(ticked) = self.fleet.run(&Tick { limit: *limit }, self.now);
                Reply::Ticked(ticked)
            }
            Action::Wait(until) => {
                self.now = self.now.max(*until);
                Reply::Done
            }
            Action::GrantVoucher { voucher: number, amount, expires } => {
                let (voucher, amount) = (voucher(*number), Money(*amount));
                let grant = GrantVoucher { account: OWNER, voucher, amount, expires_at: *expires };
                vouched(self.fleet.run(&grant, self.now))
            }
            Action::RemoveVoucher(number) => {
                let remove = RemoveVoucher { account: OWNER, voucher: voucher(*number) };
                vouched(self.fleet.run(&remove, self.now))
            }
            Action::SetStock { zone, instance_type, total } => self.set_stock(*zone, *instance_type, *total),
            Action::SetAccount { limit, grant } => {
                let account = OpenAccount { id: OWNER, instance_limit: *limit, grant: grant.map(Money) };
                match self.fleet.run(&account, self.now) {
                    Ok(_) => Reply::Done,
                    Err(refusal) => Reply::Refused(Refusal::Account(refusal)),
                }
            }
        }
    }

    /// The id of an instance; that of no instance when it was never launched.
    fn id(&self, instance: usize) -> InstanceId {
        self.numbering.instances.get(instance).copied().unwrap_or(InstanceId(Serial::HIGHEST))
    }

    fn launched(&mut self, launched: Launched) -> Reply {
        match launched {
            Launched::Would(count) => Reply::Would(count),
            Launched::Refused(refusal) => Reply::Refused(Refusal::Launch(*refusal)),
            Launched::Batch { id, instances, .. } => {
                if !self.numbering.batches.contains(&id) {
                    let known = |id| self.numbering.instances.contains(id);
                    assert!(!instances.iter().any(known), "an id was drawn twice: {instances:?}");
                    self.numbering.batches.push(id);
                    self.numbering.instances.extend(&instances);
                }
                let instances = instances.into_iter().map(|id| self.numbering.instance(id)).collect();
                Reply::Launched { batch: self.numbering.batch(id), instances }
            }
        }
    }

    fn claim(&mut self, lease: u64, limit: usize) -> Reply {
        let claim = Claim { worker: label("worker"), lease: fleet::Span::from_secs(lease), limit };
        let Ok(items) = self.fleet.run(&claim, self.now);
        let handout = |item: fleet::WorkItem| Handout {
            instance: self.numbering.instance(item.id.instance),
            order: item.id.order,
            attempt: item.attempt,
            task: item.task,
        };
        Reply::Claimed(items.into_iter().map(handout).collect())
    }

    fn release(&mut self, instance: usize, force: bool) -> Reply {
        let force = if force { fleet::Force::Yes } else { fleet::Force::No };
        let release =
            Release { account: OWNER, instance: self.id(instance), force, subscription: Subscription::End };
        released(self.fleet.run(&release, self.now))
    }

    fn empty(&mut self, instance: usize) -> Reply {
        let instances = vec![self.id(instance)];
        let empty = MoveMany { account: OWNER, instances, verb: Verb::Empty };
        match self.fleet.run(&empty, self.now) {
            Ok(instances) => Reply::Moved(instances[0].state.status()),
            Err(refusal) => moved(Err(refusal.why)),
        }
    }

    fn set_stock(&mut self, zone_number: usize, type_number: usize, total: u32) -> Reply {
        let key = fleet::StockKey { zone: zone(zone_number), instance_type: instance_type(type_number) };
        let mut load = SmallWorld::catalogue(0);
        load.offers.clone_from(&self.stock);
        let place = load.offers.iter_mut().find(|offer| offer.stock == key).expect("an offer");
        place.total = total;
        match self.fleet.run(&load, self.now) {
            Ok(()) => {
                self.stock = load.offers;
                Reply::Done
            }
            Err(refusal) => Reply::Refused(Refusal::Catalogue(refusal)),
        }
    }
}

fn moved(result: Result<fleet::Instance, PowerRefusal>) -> Reply {
    match result {
        Ok(instance) => Reply::Moved(instance.state.status()),
        Err(PowerRefusal::Unknown(_)) => Reply::Refused(Refusal::Unknown),
        Err(PowerRefusal::WrongStatus(status)) => Reply::Refused(Refusal::WrongStatus(status)),
        Err(PowerRefusal::Unpaid(_)) => Reply::Refused(Refusal::Unpaid),
        Err(
            refusal @ (PowerRefusal::Locked(_)
            | PowerRefusal::Unconfirmed
            | PowerRefusal::Uneconomical(_)
            | PowerRefusal::NoStock(_)
            | PowerRefusal::BidTooLow),
        ) => panic!("nobody asked for {refusal:?}"),
    }
}

fn vouched(result: Result<fleet::Account, VoucherRefusal>) -> Reply {
    result.map_or_else(|refusal| Reply::Refused(Refusal::Voucher(refusal)), |_| Reply::Done)
}

fn paid(result: Result<fleet::Instance, RenewRefusal>) -> Reply {
    Reply::Refused(match result {
        Ok(instance) => return Reply::Paid(instance.paid_until.expect("it was renewed")),
        Err(RenewRefusal::Unknown(_)) => Refusal::Unknown,
        Err(RenewRefusal::PaidByUse) => Refusal::PaidByUse,
        Err(RenewRefusal::WrongStatus(status)) => Refusal::WrongStatus(status),
        Err(RenewRefusal::Unaffordable { price, balance }) => Refusal::Unaffordable(price.0, balance.0),
        Err(RenewRefusal::Barred(bar)) => Refusal::Barred(bar),
        Err(refusal @ RenewRefusal::NoPeriod) => panic!("nobody asked for {refusal:?}"),
    })
}

fn released(result: Result<fleet::Instance, ReleaseRefusal>) -> Reply {
    match result {
        Ok(instance) => Reply::Moved(instance.state.status()),
        Err(ReleaseRefusal::Unknown(_)) => Reply::Refused(Refusal::Unknown),
        Err(ReleaseRefusal::Protected | ReleaseRefusal::Promised) => Reply::Refused(Refusal::Protected),
        Err(ReleaseRefusal::PaidFor(until)) => Reply::Refused(Refusal::PaidFor(until)),
        Err(ReleaseRefusal::WrongStatus(status)) => Reply::Refused(Refusal::WrongStatus(status)),
    }
}
