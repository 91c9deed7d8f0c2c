//! Work items: what a provisioner outside must do, claimed under a lease and reported back.
//!
//! A work item is made in the commit that makes it necessary. It stands in one queue under the
//! time from which on it can be claimed; a claim moves it behind its lease, so that an item whose
//! holder vanished comes up again by itself.

use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AfterCreation, Boot, Capacity, FailureReason, Instance, InstanceId, Key, Label, Machine, Outcome,
    Profile, Record, Secret, Span, Spec, State, Time, Work,
};

/// Names a work item: an instance, and which of its orders it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct WorkId {
    /// The instance.
    pub instance: InstanceId,
    /// Which of its orders, from 1.
    pub order: u32,
}

/// What is to be done with an instance.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Task {
    /// Make it.
    Create,
    /// Put a system on it, over what is there.
    Install,
    /// Boot it.
    Start,
    /// Shut it down.
    Stop,
    /// Shut it down and boot it again.
    Reboot,
    /// Take it apart, whatever there is of it.
    Release,
}

/// A work item in the hands of a provisioner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkItem {
    /// Which item.
    pub id: WorkId,
    /// Which claim of it; a report has to name it.
    pub attempt: u32,
    /// What is to be done.
    pub task: Task,
    /// With which instance, what was asked for, and what was changed since. Host name, user data
    /// and password of a change count from the next boot on.
    pub profile: Profile,
    /// Until when a report counts.
    pub lease_until: Time,
    /// What goes into a machine that is to be made; of another task, nothing.
    pub handover: Handover,
}

/// What a provisioner puts into a machine that it makes, beside what the spec says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Handover {
    /// The password, sealed where who launched it seals.
    pub password: Option<Secret>,
    /// What it runs when it first boots.
    pub user_data: Option<Secret>,
    /// The public key of the key pair it is logged in with, as OpenSSH writes it; none when the
    /// key pair is gone by now.
    pub public_key: Option<String>,
}

/// Takes work items that can be claimed, oldest first. What has been claimed too often already is
/// given up instead: then there are fewer items than there could be, and the next claim has the rest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Who will do them.
    pub worker: Label,
    /// How long they are held.
    pub lease: Span,
    /// How many at most.
    pub limit: usize,
}

impl Command for Claim {
    type Reply = Vec<WorkItem>;
    type Refusal = Infallible;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Vec<WorkItem>, Halt<Infallible, V::Failure>> {
        let mut items = Vec::new();
        // The instances of a launch stand next to each other, and what goes into them is the same.
        let mut handover = (None, Handover::default());
        let (first, last) = Key::work(now);
        for key in draft.keys(&first, &last, self.limit)? {
            let Key::Work(at, id) = key else { continue };
            let Some(instance) = draft.instance(id.instance)? else { continue };
            let Some(profile) = draft.profile(instance)? else { continue };
            let instance = profile.instance.clone();
            let Some((task, work)) = instance.state.work() else { continue };
            if work.order != id.order || work.available_at != at {
                continue;
            }
            if work.holder.is_some() {
                draft.count_work(|stats| &mut stats.lapsed)?;
                if draft.policy().is_exhausted(work) {
                    draft.give_up(instance, now)?;
                    continue;
                }
            }
            draft.count_work(|stats| &mut stats.claimed)?;
            let lease_until = now.after(self.lease);
            let attempt = work.attempt.saturating_add(1);
            let unanswered = work.unanswered.saturating_add(1);
            let holder = Some(self.worker.clone());
            let work = Work { attempt, unanswered, available_at: lease_until, holder, ..work.clone() };
            let machine = match task {
                Task::Create => Machine::Possible,
                Task::Install | Task::Start | Task::Stop | Task::Reboot | Task::Release => instance.machine,
            };
            let instance = Instance { state: instance.state.with_work(work), machine, ..instance };
            draft.remove(Key::Work(at, id));
            draft.put(Record::Work(lease_until, id));
            draft.put(Record::Instance(instance.clone()));
            if task == Task::Create && handover.0 != Some(instance.batch) {
                handover = (Some(instance.batch), draft.handover(&instance, &profile.spec)?);
            }
            let handover = if task == Task::Create { handover.1.clone() } else { Handover::default() };
            let profile = Profile { instance, ..profile };
            items.push(WorkItem { id, attempt, task, profile, lease_until, handover });
        }
        Ok(items)
    }
}

/// Says what became of a claimed work item.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// Which item.
    pub id: WorkId,
    /// Which claim of it.
    pub attempt: u32,
    /// What became of it.
    pub outcome: WorkOutcome,
}

/// What became of a work item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WorkOutcome {
    /// It is done.
    Done,
    /// It cannot be done, and nothing of it is left, of this claim or of an earlier one. A release
    /// is tried again all the same.
    Failed(FailureReason),
    /// Nobody knows how far it came: it is tried again after the pause of the policy, and given up
    /// when that happens too often, as if nothing had been said.
    Unclear,
    /// It was not done; somebody may try again after this pause.
    GivenBack {
        /// The pause.
        pause: Span,
    },
}

/// What became of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reported {
    /// It counted.
    Accepted,
    /// It changed nothing: the item was reported before, its lease ran out, or it was claimed again.
    Late,
}

impl Command for Report {
    type Reply = Reported;
    type Refusal = Infallible;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Reported, Halt<Infallible, V::Failure>> {
        self.judge(draft, now)
    }
}

/// Says what became of several work items, in one commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReportAll(pub Vec<Report>);

impl Command for ReportAll {
    type Reply = Vec<Reported>;
    type Refusal = Infallible;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Vec<Reported>, Halt<Infallible, V::Failure>> {
        self.0.iter().map(|report| report.judge(draft, now)).collect()
    }
}

impl Report {
    fn judge<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Reported, Halt<Infallible, V::Failure>> {
        let held = draft.held(self.id, self.attempt, now)?;
        let Some(Held { instance, task, work }) = held else { return Ok(Reported::Late) };
        match self.outcome {
            WorkOutcome::Done => {
                draft.count_work(|stats| &mut stats.done)?;
                draft.remove_work(&instance);
                done(draft, instance, now)?;
            }
            WorkOutcome::Failed(reason) => {
                draft.count_work(|stats| &mut stats.failed)?;
                draft.remove_work(&instance);
                match task {
                    Task::Release => draft.let_rest(instance, Work { unanswered: 0, ..work }, now),
                    Task::Create | Task::Install | Task::Start | Task::Stop | Task::Reboot => {
                        failed(draft, instance, reason, now)?;
                    }
                }
            }
            WorkOutcome::GivenBack { pause } => {
                draft.count_work(|stats| &mut stats.given_back)?;
                let available_at = now.after(pause);
                draft
                    .put_in_queue_again(instance, Work { unanswered: 0, available_at, holder: None, ..work });
            }
            WorkOutcome::Unclear => {
                draft.count_work(|stats| &mut stats.unclear)?;
                match draft.policy().is_exhausted(&work) {
                    true => draft.give_up(instance, now)?,
                    false => draft.let_rest(instance, work, now),
                }
            }
        }
        Ok(Reported::Accepted)
    }
}

/// A work item that somebody holds.
pub(crate) struct Held {
    pub(crate) instance: Instance,
    pub(crate) task: Task,
    pub(crate) work: Work,
}

impl<V: View> Draft<'_, V> {
    /// The item that was handed out in this claim, while its lease lasts.
    pub(crate) fn held(&self, id: WorkId, attempt: u32, now: Time) -> Result<Option<Held>, V::Failure> {
        let Some(instance) = self.instance(id.instance)? else { return Ok(None) };
        let Some((task, work)) = instance.state.work() else { return Ok(None) };
        let held = work.order == id.order
            && work.attempt == attempt
            && work.holder.is_some()
            && now < work.available_at;
        let work = work.clone();
        Ok(held.then_some(Held { instance, task, work }))
    }
}

/// The state after an instance's work is done.
fn done<V: View>(draft: &mut Draft<'_, V>, instance: Instance, now: Time) -> Result<(), V::Failure> {
    match &instance.state {
        State::Pending(_) => created(draft, instance, now),
        State::Installing(_) | State::Starting(..) => {
            // The password that was set anew is in the machine now.
            let mut amendment = draft.amendment_of(&instance)?;
            amendment.password = None;
            let first = instance.started_at.is_none();
            let running = Instance { state: State::Running, started_at: Some(now), ..instance };
            let running = draft.put_amended(running, amendment);
            if first { draft.run_first(running, now) } else { draft.come_to_rest(running, now) }
        }
        State::Stopping(shutdown, _) => {
            let capacity = shutdown.capacity;
            if capacity == Capacity::GivenBack {
                draft.give_unit_back(&instance)?;
            }
            let stopped = Instance { state: State::Stopped(capacity), ..instance.clone() };
            draft.remeter(&instance, &stopped, now)?;
            draft.come_to_rest(stopped, now)
        }
        State::Releasing(..) => draft.finish_release(instance, now),
        State::Running | State::Stopped(_) | State::Blank | State::Binned { .. } | State::Failed(_) => Ok(()),
    }
}

fn created<V: View>(draft: &mut Draft<'_, V>, instance: Instance, now: Time) -> Result<(), V::Failure> {
    let spec = draft.spec(instance.batch)?;
    let batch = draft.batch(instance.batch)?;
    // What was held for it is spent: it is there.
    if instance.paid > crate::Money(0)
        && let Some(mut account) = draft.account(instance.account)?
    {
        account.spend(&instance.payment());
        draft.put(Record::Account(account));
    }
    let instance = Instance { machine: Machine::Present, ..instance.without_payment() };
    let installs = spec.as_ref().is_some_and(|spec| spec.bare_metal.is_some() && spec.image.is_some());
    match spec.map(|spec| spec.after_creation) {
        Some(AfterCreation::Start) if installs => {
            let work = instance.next_work(now);
            draft.put_waiting(Instance { state: State::Installing(work), ..instance.clone() });
        }
        Some(AfterCreation::Start) => {
            let work = instance.next_work(now);
            draft.put_waiting(Instance { state: State::Starting(Boot::Start, work), ..instance.clone() });
        }
        Some(AfterCreation::Stay) | None => {
            let state = State::Stopped(Capacity::Kept);
            draft.come_to_rest(Instance { state, ..instance.clone() }, now)?;
        }
    }
    if let Some(batch) = batch {
        draft.put_outcome(batch.with_outcome(instance.index, Outcome::Made))?;
    }
    Ok(())
}

/// The state after an instance's work failed: what was booting or rebooting is off, what was
/// stopping runs on, what got no system has none. Only a creation that fails is an event.
fn failed<V: View>(
    draft: &mut Draft<'_, V>,
    instance: Instance,
    reason: FailureReason,
    now: Time,
) -> Result<(), V::Failure> {
    let state = match &instance.state {
        State::Pending(_) => {
            let instance = Instance { machine: Machine::Absent, ..instance };
            return draft.fail_creation(instance, reason, now);
        }
        State::Installing(_) => State::Blank,
        State::Starting(..) => State::Stopped(Capacity::Kept),
        State::Stopping(_, work) if draft.must_stop(&instance)? => {
            // The system stops it: it does not run on.
            let work = Work { unanswered: 0, ..work.clone() };
            draft.let_rest(instance, work, now);
            return Ok(());
        }
        State::Stopping(..) => State::Running,
        State::Releasing(..)
        | State::Running
        | State::Stopped(_)
        | State::Blank
        | State::Binned { .. }
        | State::Failed(_) => return Ok(()),
    };
    draft.come_to_rest(Instance { state, ..instance }, now)
}

impl<V: View> Draft<'_, V> {
    fn handover(&self, instance: &Instance, spec: &Spec) -> Result<Handover, V::Failure> {
        let key_pair = match &spec.key_pair {
            Some(name) => self.key_pair((instance.account, name))?,
            None => None,
        };
        Ok(Handover {
            password: self.password(instance.batch)?,
            user_data: self.user_data(instance.batch)?,
            public_key: key_pair.map(|pair| pair.public_key),
        })
    }

    /// Puts an instance that has just begun to wait for work, and the work into the queue.
    pub(crate) fn put_waiting(&mut self, mut instance: Instance) -> Instance {
        if let Some((_, Work { order, available_at, .. })) = instance.state.work() {
            let (order, available_at) = (*order, *available_at);
            self.put(Record::Work(available_at, WorkId { instance: instance.id, order }));
            instance.orders = order;
        }
        self.put(Record::Instance(instance.clone()));
        instance
    }

    /// Takes the work item that an instance waits for out of the queue.
    pub(crate) fn remove_work(&mut self, instance: &Instance) {
        if let (Some((_, work)), Some(id)) = (instance.state.work(), instance.work_id()) {
            self.remove(Key::Work(work.available_at, id));
        }
    }
}
