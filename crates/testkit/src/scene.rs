//! A fleet with a clock, and short names for what tests do with it most.

use fleet::{
    Account, Audit, Claim, Command, Event, Failure, FailureReason, Finding, Force, Instance, InstanceId, Key,
    Launch, LaunchRefusal, Launched, Reboot, Record, Release, ReleaseRefusal, Report, Reported, Span, Start,
    State, Stock, StockKey, Stop, Subnet, Subscription, Tick, Ticked, Time, View, WorkItem, WorkOutcome,
    World,
};

use crate::small_world::{OWNER, instance_type, label, subnet, zone};

/// Every invariant of the world that is broken.
#[must_use]
pub fn audit(world: &World) -> Vec<Finding> {
    let mut audit = Audit::default();
    world.records().cloned().for_each(|record| audit.see(record));
    audit.findings()
}

/// A fleet with a clock. What cannot go wrong in a test panics when it does.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The fleet.
    pub world: World,
    /// What time it is.
    pub now: Time,
}

impl Scene {
    /// How long a claim is held.
    pub const LEASE: Span = Span::from_secs(30);

    /// Begins at time 0.
    #[must_use]
    pub const fn new(world: World) -> Self {
        Self { world, now: Time::START }
    }

    /// The policy of the world.
    #[must_use]
    pub fn policy(&self) -> fleet::Policy {
        self.world.policy().clone()
    }

    /// Runs a command.
    ///
    /// # Errors
    /// When it is refused.
    pub fn run<C: Command>(&mut self, command: &C) -> Result<C::Reply, C::Refusal> {
        self.world.run(command, self.now)
    }

    /// Launches; the ids of the instances.
    ///
    /// # Errors
    /// When the launch is refused.
    pub fn launch(&mut self, launch: &Launch) -> Result<Vec<InstanceId>, LaunchRefusal> {
        Ok(match self.run(launch)? {
            Launched::Batch { instances, .. } => instances,
            Launched::Would(_) => Vec::new(),
            Launched::Refused(refusal) => return Err(*refusal),
        })
    }

    /// Launches one instance.
    ///
    /// # Panics
    /// When the launch is refused.
    pub fn launch_one(&mut self, launch: &Launch) -> InstanceId {
        self.launch(launch).expect("nothing is wrong with it")[0]
    }

    /// Claims everything that can be claimed, for [`Self::LEASE`].
    pub fn claim(&mut self) -> Vec<WorkItem> {
        let Ok(items) = self.run(&Claim { worker: label("worker"), lease: Self::LEASE, limit: 1000 });
        items
    }

    /// Claims the work item that an instance waits for, and others with it.
    ///
    /// # Panics
    /// When there is none that can be claimed.
    pub fn claim_of(&mut self, id: InstanceId) -> WorkItem {
        self.claim().into_iter().find(|item| item.id.instance == id).expect("it waits for work")
    }

    /// Reports on a claimed work item.
    pub fn report(&mut self, item: &WorkItem, outcome: WorkOutcome) -> Reported {
        let Ok(reported) = self.run(&Report { id: item.id, attempt: item.attempt, outcome });
        reported
    }

    /// Claims the work item that an instance waits for, and reports on it.
    ///
    /// # Panics
    /// When the report does not count.
    pub fn finish(&mut self, id: InstanceId, outcome: WorkOutcome) {
        let item = self.claim_of(id);
        assert_eq!(self.report(&item, outcome), Reported::Accepted);
    }

    /// Does all the work there is, until nobody waits for any that can be claimed.
    pub fn settle(&mut self) {
        loop {
            let items = self.claim();
            if items.is_empty() {
                return;
            }
            for item in &items {
                self.report(item, WorkOutcome::Done);
            }
        }
    }

    /// Boots an instance.
    pub fn start(&mut self, instance: InstanceId) -> Result<Instance, fleet::PowerRefusal> {
        self.run(&Start { account: OWNER, instance })
    }

    /// Shuts an instance down.
    pub fn stop(&mut self, instance: InstanceId) -> Result<Instance, fleet::PowerRefusal> {
        self.run(&Stop::new(OWNER, instance))
    }

    /// Reboots an instance.
    pub fn reboot(&mut self, instance: InstanceId) -> Result<Instance, fleet::PowerRefusal> {
        self.run(&Reboot { account: OWNER, instance })
    }

    /// Gives an instance back, running or not.
    pub fn release(&mut self, instance: InstanceId) -> Result<Instance, ReleaseRefusal> {
        self.run(&Release { account: OWNER, instance, force: Force::Yes, subscription: Subscription::End })
    }

    /// Lets time pass.
    pub fn wait(&mut self, span: Span) {
        self.now = self.now.after(span);
    }

    /// Runs every timer that is due.
    pub fn tick(&mut self) -> Ticked {
        let Ok(ticked) = self.run(&Tick { limit: 1000 });
        ticked
    }

    /// Lets time pass until then, and runs every timer that is due.
    pub fn tick_at(&mut self, at: Time) -> Ticked {
        self.now = at;
        self.tick()
    }

    /// Launches one instance whose creation fails at once, for this reason.
    ///
    /// # Panics
    /// When it does not come to that.
    pub fn failed(&mut self, launch: &Launch, reason: FailureReason) -> (InstanceId, Failure) {
        let id = self.launch_one(launch);
        self.finish(id, WorkOutcome::Failed(reason));
        (id, self.failure(id))
    }

    /// How the creation of an instance failed.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn failure(&self, id: InstanceId) -> Failure {
        match self.instance(id).map(|instance| instance.state) {
            Some(State::Failed(failure)) => failure,
            other => panic!("{id} has not failed, it is {other:?}"),
        }
    }

    /// The record under `key`.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Record> {
        let Ok(record) = self.world.get(key);
        record
    }

    /// The instance, if it is there.
    #[must_use]
    pub fn instance(&self, id: InstanceId) -> Option<Instance> {
        match self.get(&Key::Instance(id)) {
            Some(Record::Instance(instance)) => Some(instance),
            _ => None,
        }
    }

    /// The event of a failed creation, if it is remembered.
    #[must_use]
    pub fn event(&self, id: fleet::EventId) -> Option<Event> {
        match self.get(&Key::Event(id)) {
            Some(Record::Event(event)) => Some(event),
            _ => None,
        }
    }

    /// The stock of `t-0` in `z-0`.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn stock(&self) -> Stock {
        match self.get(&Key::Stock(StockKey { zone: zone(0), instance_type: instance_type(0) })) {
            Some(Record::Stock(stock)) => stock,
            other => panic!("no stock: {other:?}"),
        }
    }

    /// The subnet `s-0`.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn subnet(&self) -> Subnet {
        match self.get(&Key::Subnet(subnet(0))) {
            Some(Record::Subnet(subnet)) => subnet,
            other => panic!("no subnet: {other:?}"),
        }
    }

    /// The account of the owner.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn account(&self) -> Account {
        match self.get(&Key::Account(OWNER)) {
            Some(Record::Account(account)) => account,
            other => panic!("no account: {other:?}"),
        }
    }

    /// Every invariant that is broken.
    #[must_use]
    pub fn audit(&self) -> Vec<Finding> {
        audit(&self.world)
    }
}
