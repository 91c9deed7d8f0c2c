//! What every provisioner has to do, whatever it makes its machines of. Its author runs this
//! against theirs.
//!
//! ```
//! use hatchery::{Faults, Simulated};
//! use testkit::{conformance, label};
//!
//! conformance::check(|| Simulated::new(label("mine"), Faults::default())).unwrap();
//! ```

use std::fmt;

use fleet::{InstanceId, Reported, Task, WorkItem, WorkOutcome};
use hatchery::{Provisioner, Pulse};

use crate::{Scene, SmallWorld, launch};

/// What there is of an instance outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A machine that is off.
    Off,
    /// A machine that runs.
    On,
}

/// What happens to a provisioner at every step of a life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// It gets every item twice.
    Repeated,
    /// It dies after doing an item and before reporting it; another gets the item in its next claim.
    CrashedBeforeReporting,
    /// It is made anew after every item, and knows what its predecessor made.
    Restarted,
}

impl Trouble {
    /// Every trouble there is.
    pub const ALL: [Self; 4] = [Self::None, Self::Repeated, Self::CrashedBeforeReporting, Self::Restarted];
}

/// What a provisioner does not do as it has to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Breach {
    /// It did not do what could be done.
    Undone(Trouble, Task, WorkOutcome),
    /// It said that it is done, and it is not.
    Untrue(Trouble, Task, Found),
    /// It did something to an instance that the item was not about.
    Astray(Trouble, Task, Found),
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undone(trouble, task, said) => write!(f, "{task:?} came to {said:?} ({trouble:?})"),
            Self::Untrue(trouble, task, found) => {
                write!(f, "{task:?} was said to be done, and left {found:?} ({trouble:?})")
            }
            Self::Astray(trouble, task, found) => {
                write!(f, "{task:?} of one instance left {found:?} of another ({trouble:?})")
            }
        }
    }
}

impl std::error::Error for Breach {}

/// The life that is lived under every trouble: each step, and what there is after it.
const LIFE: [(Task, Found); 6] = [
    (Task::Create, Found::Off),
    (Task::Start, Found::On),
    (Task::Reboot, Found::On),
    (Task::Stop, Found::Off),
    (Task::Start, Found::On),
    (Task::Release, Found::Nothing),
];

/// Checks provisioners that `make` makes: each is the successor of the one before, and finds what
/// that left. Takes as long as four lives.
///
/// # Errors
/// The first thing that one does not do as it has to.
pub fn check<P: Provisioner>(make: impl FnMut() -> P) -> Result<(), Breach> {
    check_with(make, |_| None)
}

/// The same, and looks after every step what there is of an instance; `None` where nobody can tell.
///
/// # Errors
/// The first thing that one does not do as it has to.
pub fn check_with<P: Provisioner>(
    mut make: impl FnMut() -> P,
    mut look: impl FnMut(InstanceId) -> Option<Found>,
) -> Result<(), Breach> {
    for trouble in Trouble::ALL {
        let scene = Scene::new(SmallWorld::new().build());
        let provisioner = make();
        let mut trial = Trial { scene, provisioner, make: &mut make, look: &mut look, trouble };
        trial.life()?;
        trial.nothing_was_made()?;
    }
    Ok(())
}

struct Trial<'t, P> {
    scene: Scene,
    provisioner: P,
    make: &'t mut dyn FnMut() -> P,
    look: &'t mut dyn FnMut(InstanceId) -> Option<Found>,
    trouble: Trouble,
}

impl<P: Provisioner> Trial<'_, P> {
    /// One instance lives through everything, while another runs.
    fn life(&mut self) -> Result<(), Breach> {
        let other = self.scene.launch_one(&launch());
        self.step(other, Task::Create, Found::Off, None)?;
        self.step(other, Task::Start, Found::On, None)?;
        let id = self.scene.launch_one(&launch());
        for (index, (task, after)) in LIFE.into_iter().enumerate() {
            match task {
                // The first start comes by itself.
                Task::Start if index > 1 => drop(self.scene.start(id).expect("it is off")),
                Task::Reboot => drop(self.scene.reboot(id).expect("it runs")),
                Task::Stop => drop(self.scene.stop(id).expect("it runs")),
                Task::Release => drop(self.scene.release(id).expect("it runs")),
                Task::Create | Task::Install | Task::Start => {}
            }
            self.step(id, task, after, Some(other))?;
        }
        self.scene.release(other).expect("it runs");
        self.step(other, Task::Release, Found::Nothing, None)
    }

    /// What was claimed and never begun is released like everything else.
    fn nothing_was_made(&mut self) -> Result<(), Breach> {
        let id = self.scene.launch_one(&launch());
        self.scene.claim_of(id);
        let deadline = self.scene.policy().creation_deadline;
        self.scene.wait(deadline);
        self.scene.tick();
        self.scene.release(id).expect("it has failed");
        self.step(id, Task::Release, Found::Nothing, None)
    }

    fn step(
        &mut self,
        id: InstanceId,
        task: Task,
        after: Found,
        beside: Option<InstanceId>,
    ) -> Result<(), Breach> {
        let mut item = self.scene.claim_of(id);
        assert_eq!(item.task, task, "the fleet asks for something else");
        self.perform(&item)?;
        match self.trouble {
            Trouble::None | Trouble::Restarted => {}
            Trouble::Repeated => self.perform(&item)?,
            Trouble::CrashedBeforeReporting => {
                self.provisioner = (self.make)();
                self.scene.wait(Scene::LEASE);
                item = self.scene.claim_of(id);
                self.perform(&item)?;
            }
        }
        assert_eq!(self.scene.report(&item, WorkOutcome::Done), Reported::Accepted);
        if self.trouble == Trouble::Restarted {
            self.provisioner = (self.make)();
        }
        match (self.look)(id) {
            Some(found) if found != after => return Err(Breach::Untrue(self.trouble, task, found)),
            Some(_) | None => {}
        }
        match beside.and_then(|beside| (self.look)(beside)) {
            Some(found @ (Found::Nothing | Found::Off)) => Err(Breach::Astray(self.trouble, task, found)),
            Some(Found::On) | None => Ok(()),
        }
    }

    fn perform(&mut self, item: &WorkItem) -> Result<(), Breach> {
        match self.provisioner.perform(item, &Pulse::unwatched()) {
            WorkOutcome::Done => Ok(()),
            said @ (WorkOutcome::Failed(_) | WorkOutcome::Unclear | WorkOutcome::GivenBack { .. }) => {
                Err(Breach::Undone(self.trouble, item.task, said))
            }
        }
    }
}
