//! Machines that are not there, and a provisioner that makes them, badly.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use fleet::{FailureReason, InstanceId, Record, Span, Status, Task, WorkItem, WorkOutcome};
use hatchery::{Chance, Provisioner, Pulse};

use super::setup::Odds;

/// What there really is. It outlives every process.
#[derive(Debug, Default)]
pub struct Rack {
    machines: BTreeSet<InstanceId>,
    /// Those of which somebody said something that was not so.
    lied: BTreeSet<InstanceId>,
}

impl Rack {
    /// Compares the rack with the fleet, once nothing is under way any more: each machine is an instance's, and
    /// each instance that was made has one. Whether it is on is not compared: of work that was given up nobody
    /// knows how far it came.
    ///
    /// # Errors
    /// The first that differs, unless somebody lied about it.
    pub fn judge(&self, records: &[Record]) -> Result<(), String> {
        let mut made = BTreeSet::new();
        let mut moving = BTreeSet::new();
        for record in records {
            let Record::Instance(instance) = record else { continue };
            match instance.state.status() {
                Status::Running | Status::Stopped | Status::Binned | Status::Blank => {
                    made.insert(instance.id)
                }
                Status::Pending
                | Status::Installing
                | Status::Starting
                | Status::Stopping
                | Status::Failed
                | Status::Releasing => moving.insert(instance.id),
            };
        }
        let counts = |id: &&InstanceId| !self.lied.contains(id) && !moving.contains(id);
        if let Some(id) = self.machines.difference(&made).find(counts) {
            return Err(format!("a machine of {id}, which is not in the fleet"));
        }
        match made.difference(&self.machines).find(counts) {
            Some(id) => Err(format!("no machine of {id}, which is in the fleet")),
            None => Ok(()),
        }
    }
}

/// How a provisioner is at this moment: its crew says so before every turn.
#[derive(Debug)]
pub struct Nature {
    /// Where its chance comes from.
    pub chance: Chance,
    /// How often it does what is wrong.
    pub odds: Odds,
}

impl Default for Nature {
    fn default() -> Self {
        Self { chance: Chance::new(0), odds: Odds::NONE }
    }
}

/// A provisioner of a [`Rack`]: fails, hesitates, gives back and lies.
#[derive(Debug)]
pub struct Racked {
    rack: Rc<RefCell<Rack>>,
    nature: Rc<RefCell<Nature>>,
}

impl Racked {
    /// A provisioner of `rack`. Its crew sets its nature.
    #[must_use]
    pub const fn new(rack: Rc<RefCell<Rack>>, nature: Rc<RefCell<Nature>>) -> Self {
        Self { rack, nature }
    }
}

impl Provisioner for Racked {
    fn perform(&mut self, item: &WorkItem, _: &Pulse<'_>) -> WorkOutcome {
        let Nature { chance, odds } = &mut *self.nature.borrow_mut();
        let mut rack = self.rack.borrow_mut();
        let id = item.id.instance;
        if chance.hits(odds.lying_work) {
            rack.lied.insert(id);
            return WorkOutcome::Done;
        }
        if chance.hits(odds.unclear_work) {
            // It may have come so far, and nobody knows.
            if chance.below(2) == 0 {
                rack.perform(item.task, id);
            }
            return match chance.below(3) {
                0 => WorkOutcome::GivenBack { pause: chance.span(Span::ZERO, Span::from_secs(600)) },
                _ => WorkOutcome::Unclear,
            };
        }
        if chance.hits(odds.failed_work) {
            // A creation that fails leaves nothing of what an earlier one may have left.
            if item.task == Task::Create {
                rack.machines.remove(&id);
            }
            return WorkOutcome::Failed(match chance.below(10) {
                0 => FailureReason::NoStock,
                _ => FailureReason::Machine,
            });
        }
        rack.perform(item.task, id);
        WorkOutcome::Done
    }
}

impl Rack {
    fn perform(&mut self, task: Task, id: InstanceId) {
        match task {
            // What is there already is adopted.
            Task::Create => drop(self.machines.insert(id)),
            Task::Install | Task::Start | Task::Reboot | Task::Stop => {}
            Task::Release => drop(self.machines.remove(&id)),
        }
    }
}
