//! An instance at every stage of its life, for the tables that go through all of them.

use fleet::{AfterCreation, FailureReason, Instance, InstanceId, Launch, Task, WorkItem, WorkOutcome};
use testkit::{Scene, SmallWorld, launch, token};

/// Every stage: the states of the diagram in `instance.rs`, told apart by the work they wait for.
pub(crate) const ALL: [&str; 11] = [
    "Pending",
    "Pending/Stay",
    "Starting/Start",
    "Starting/Reboot",
    "Running",
    "Stopping",
    "Stopped",
    "Failed",
    "Releasing/Running",
    "Releasing/Failed",
    "gone",
];

/// A scene with one instance at `stage`, launched under a token, its work not claimed; and the last
/// work item there was of it.
pub(crate) fn at(stage: &str) -> (Scene, InstanceId, Option<WorkItem>) {
    let mut scene = Scene::new(SmallWorld::new().build());
    let after_creation = match stage {
        "Pending/Stay" => AfterCreation::Stay,
        _ => AfterCreation::Start,
    };
    let launch = Launch { token: Some(token("stage", 1)), after_creation, ..launch() };
    let id = scene.launch_one(&launch);
    let mut last = None;
    for step in steps(stage) {
        match *step {
            "make" | "start" | "stop" | "take apart" => last = Some(done(&mut scene, id)),
            "fail" => {
                let item = scene.claim_of(id);
                scene.report(&item, WorkOutcome::Failed(FailureReason::Machine));
                last = Some(item);
            }
            "claim" => last = Some(scene.claim_of(id)),
            "deadline" => {
                let deadline = scene.policy().creation_deadline;
                scene.wait(deadline);
                assert_eq!(scene.tick().ran, 1);
            }
            "reboot!" => drop(scene.reboot(id).unwrap()),
            "stop!" => drop(scene.stop(id).unwrap()),
            "release!" => drop(scene.release(id).unwrap()),
            other => panic!("no such step: {other}"),
        }
    }
    (scene, id, last)
}

/// How an instance gets there: what a provisioner does, and with `!` what its owner asks for.
fn steps(stage: &str) -> &'static [&'static str] {
    match stage {
        "Pending" | "Pending/Stay" => &[],
        "Starting/Start" => &["make"],
        "Starting/Reboot" => &["make", "start", "reboot!"],
        "Running" => &["make", "start"],
        "Stopping" => &["make", "start", "stop!"],
        "Stopped" => &["make", "start", "stop!", "stop"],
        "Failed" => &["fail"],
        "Releasing/Running" => &["make", "start", "release!"],
        "Releasing/Failed" => &["claim", "deadline", "release!"],
        "gone" => &["make", "start", "release!", "take apart"],
        other => panic!("no such stage: {other}"),
    }
}

fn done(scene: &mut Scene, id: InstanceId) -> WorkItem {
    let item = scene.claim_of(id);
    scene.report(&item, WorkOutcome::Done);
    item
}

/// What an instance does, in the words of the tables: its state, and what it waits for.
pub(crate) fn told(instance: Option<&Instance>) -> String {
    let Some(instance) = instance else { return "gone".into() };
    let status = instance.state.status();
    match instance.state.work() {
        Some((Task::Create | Task::Stop, _)) | None => format!("{status:?}"),
        Some((Task::Install | Task::Start | Task::Reboot | Task::Release, _)) => match &instance.state {
            fleet::State::Starting(boot, _) => format!("Starting/{boot:?}"),
            fleet::State::Releasing(from, _) => format!("Releasing/{from:?}"),
            other => panic!("{other:?} waits for the wrong work"),
        },
    }
}

#[test]
fn every_stage_can_be_reached_and_is_sound() {
    for stage in ALL {
        let (scene, id, _) = at(stage);
        assert_eq!(told(scene.instance(id).as_ref()), stage.trim_end_matches("/Stay"));
        assert_eq!(scene.audit(), [], "{stage}");
    }
}
