//! The suite that every provisioner passes, run against ours; and against ones that must not pass.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use hatchery::{
    CommandOptions, CommandProvisioner, FailureReason, Faults, InstanceId, ProcessOptions,
    ProcessProvisioner, Provisioner, Pulse, Simulated, Task, WorkItem, WorkOutcome,
};
use testkit::conformance::{Breach, Found, Trouble, check, check_with};
use testkit::label;

#[test]
fn the_simulated_provisioner_conforms() {
    check(|| Simulated::new(label("simulated"), Faults::default())).unwrap();
}

#[test]
fn the_provisioner_of_processes_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let options = ProcessOptions {
        grace: Duration::from_secs(5),
        settle: Duration::from_millis(20),
        ..ProcessOptions::shell(folder.path(), "exec sleep 600")
    };
    let make = || ProcessProvisioner::new(options.clone()).unwrap();
    let looking = make();
    let look = |id: InstanceId| match (looking.folder(id).is_dir(), looking.runs(id).unwrap()) {
        (_, true) => Found::On,
        (true, false) => Found::Off,
        (false, false) => Found::Nothing,
    };
    check_with(make, |id| Some(look(id))).unwrap();
}

/// Keeps a file for each instance, with what it does in it.
const SCRIPT: &str = r#"#!/bin/sh
file="$(dirname "$0")/$(tr ',' '\n' | sed -n 's/^"instance":"\(.*\)"$/\1/p')"
case "$1" in
create) [ -e "$file" ] || echo off > "$file" ;;
start | reboot | install) [ -e "$file" ] && echo on > "$file" ;;
stop) [ -e "$file" ] && echo off > "$file" ;;
release) rm -f "$file" ;;
esac
"#;

#[test]
fn the_provisioner_of_commands_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    write_program(&script, SCRIPT);
    let look = |id: InstanceId| match std::fs::read_to_string(folder.path().join(id.to_string())) {
        Ok(text) if text == "on\n" => Found::On,
        Ok(_) => Found::Off,
        Err(_) => Found::Nothing,
    };
    check_with(|| CommandProvisioner::new(CommandOptions::new(&script)), |id| Some(look(id))).unwrap();
}

fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// What a provisioner may get wrong.
#[derive(Clone, Copy)]
enum Wrong {
    Forgetful,
    Lazy,
    Greedy,
    Strict,
}

/// Machines in a map; wrong in one way.
struct Faulty<'m> {
    machines: &'m RefCell<BTreeMap<InstanceId, bool>>,
    own: BTreeMap<InstanceId, bool>,
    wrong: Wrong,
}

impl Provisioner for Faulty<'_> {
    fn perform(&mut self, item: &WorkItem, _: &Pulse<'_>) -> WorkOutcome {
        let (id, mut machines) = (item.id.instance, self.machines.borrow_mut());
        let known = matches!(self.wrong, Wrong::Lazy | Wrong::Greedy) || self.own.contains_key(&id);
        let failed = WorkOutcome::Failed(FailureReason::Machine);
        match (item.task, self.wrong) {
            (Task::Create, Wrong::Strict) if machines.contains_key(&id) => return failed,
            (Task::Create, _) => drop(machines.insert(id, false)),
            (Task::Stop | Task::Start | Task::Reboot, Wrong::Forgetful) if !known => return failed,
            (Task::Stop, Wrong::Lazy) => {}
            (Task::Stop, _) => drop(machines.insert(id, false)),
            (Task::Install | Task::Start | Task::Reboot, _) => drop(machines.insert(id, true)),
            (Task::Release, Wrong::Greedy) => machines.clear(),
            (Task::Release, _) => drop(machines.remove(&id)),
        }
        self.own.insert(id, true);
        WorkOutcome::Done
    }
}

#[test]
fn what_does_not_conform_is_told_where() {
    let failed = WorkOutcome::Failed(FailureReason::Machine);
    let table = [
        (Wrong::Forgetful, Breach::Undone(Trouble::CrashedBeforeReporting, Task::Start, failed)),
        (Wrong::Strict, Breach::Undone(Trouble::Repeated, Task::Create, failed)),
        (Wrong::Lazy, Breach::Untrue(Trouble::None, Task::Stop, Found::On)),
        (Wrong::Greedy, Breach::Astray(Trouble::None, Task::Release, Found::Nothing)),
    ];
    for (wrong, expected) in table {
        let machines = RefCell::default();
        let make = || Faulty { machines: &machines, own: BTreeMap::new(), wrong };
        let look = |id: InstanceId| match machines.borrow().get(&id) {
            None => Found::Nothing,
            Some(false) => Found::Off,
            Some(true) => Found::On,
        };
        assert_eq!(check_with(make, |id| Some(look(id))), Err(expected.clone()), "{expected}");
    }
}
