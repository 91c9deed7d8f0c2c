//! Instances that are processes, and items that programs do: what is known again, what is never
//! touched, and how a program's answer is read.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hatchery::{
    Amendment, Beat, CommandOptions, CommandProvisioner, Errors, FailureReason, ProcessOptions,
    ProcessProvisioner, Provisioner, Pulse, Secret, Span, State, Task, Time, WorkItem, WorkOutcome,
};
use testkit::{Scene, SmallWorld, launch};

const FAILED: WorkOutcome = WorkOutcome::Failed(FailureReason::Machine);

/// An item that asks for the creation of an instance, with secrets to hand over.
fn item() -> WorkItem {
    let mut scene = Scene::new(SmallWorld::new().build());
    let id = scene.launch_one(&launch());
    let mut item = scene.claim_of(id);
    item.handover.password = Some(Secret::new(b"Passw0rd!"));
    item.handover.user_data = Some(Secret::new(b"#!/bin/sh\n\xff"));
    item
}

fn for_task(item: &WorkItem, task: Task) -> WorkItem {
    WorkItem { task, ..item.clone() }
}

fn act(provisioner: &mut impl Provisioner, item: &WorkItem, task: Task) -> WorkOutcome {
    provisioner.perform(&for_task(item, task), &Pulse::unwatched())
}

fn processes(root: &Path, command: &str) -> ProcessProvisioner {
    let options = ProcessOptions {
        grace: Duration::from_millis(300),
        settle: Duration::from_millis(50),
        ..ProcessOptions::shell(root, command)
    };
    ProcessProvisioner::new(options).unwrap()
}

#[test]
fn the_folder_of_an_instance_says_what_it_is_and_no_password() {
    let root = tempfile::tempdir().unwrap();
    let mut provisioner =
        processes(root.path(), "echo \"$HATCHERY_INSTANCE at $HATCHERY_ADDRESS\"; exec sleep 600");
    let item = item();
    assert_eq!(act(&mut provisioner, &item, Task::Create), WorkOutcome::Done);
    assert_eq!(act(&mut provisioner, &item, Task::Start), WorkOutcome::Done);
    let folder = provisioner.folder(item.id.instance);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["instance.json", "user-data", "console.log"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
    assert_eq!(fs::read(folder.join("user-data")).unwrap(), b"#!/bin/sh\n\xff");
    let said = fs::read_to_string(folder.join("console.log")).unwrap();
    let instance = &item.profile.instance;
    assert_eq!(said, format!("{} at {}\n", instance.id, instance.address));
    for entry in fs::read_dir(&folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|part| part == b"Passw0rd"));
    }
    assert_eq!(act(&mut provisioner, &item, Task::Release), WorkOutcome::Done);
    assert!(!folder.exists());
}

#[test]
fn a_process_that_ends_at_once_has_not_started() {
    let root = tempfile::tempdir().unwrap();
    for command in ["exit 0", "exit 1", "kill -9 $$", "no-such-program"] {
        let mut provisioner = processes(root.path(), command);
        let item = item();
        assert_eq!(act(&mut provisioner, &item, Task::Start), FAILED, "before it is created");
        assert_eq!(act(&mut provisioner, &item, Task::Create), WorkOutcome::Done);
        assert_eq!(act(&mut provisioner, &item, Task::Start), FAILED, "{command}");
        assert!(!provisioner.runs(item.id.instance).unwrap());
        assert_eq!(act(&mut provisioner, &item, Task::Stop), WorkOutcome::Done, "it is off");
        assert_eq!(act(&mut provisioner, &item, Task::Release), WorkOutcome::Done);
    }
}

#[test]
fn who_will_not_end_is_killed_with_its_children() {
    let root = tempfile::tempdir().unwrap();
    let command = "trap '' TERM; (trap '' TERM; exec sleep 600 <console.log) & while :; do sleep 1; done";
    let mut provisioner = processes(root.path(), command);
    let item = item();
    act(&mut provisioner, &item, Task::Create);
    assert_eq!(act(&mut provisioner, &item, Task::Start), WorkOutcome::Done);
    let began = Instant::now();
    // Another one, made after a restart, stops what the first one started.
    let mut heir = processes(root.path(), command);
    assert!(heir.runs(item.id.instance).unwrap());
    assert_eq!(act(&mut heir, &item, Task::Stop), WorkOutcome::Done);
    assert!(began.elapsed() >= Duration::from_millis(300), "it was asked first");
    assert!(!heir.runs(item.id.instance).unwrap());
    assert_eq!(act(&mut heir, &item, Task::Release), WorkOutcome::Done);
}

#[test]
fn a_started_process_is_adopted_and_not_started_again() {
    let root = tempfile::tempdir().unwrap();
    let command = "echo once; exec sleep 600";
    let item = item();
    let mut first = processes(root.path(), command);
    act(&mut first, &item, Task::Create);
    assert_eq!(act(&mut first, &item, Task::Start), WorkOutcome::Done);
    drop(first);
    let mut heir = processes(root.path(), command);
    assert_eq!(act(&mut heir, &item, Task::Start), WorkOutcome::Done);
    let log = heir.folder(item.id.instance).join("console.log");
    assert_eq!(fs::read_to_string(&log).unwrap(), "once\n");
    assert_eq!(act(&mut heir, &item, Task::Reboot), WorkOutcome::Done);
    assert_eq!(fs::read_to_string(&log).unwrap(), "once\nonce\n");
    assert_eq!(act(&mut heir, &item, Task::Release), WorkOutcome::Done);
}

#[test]
fn a_stranger_with_the_recorded_number_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let mut provisioner = processes(root.path(), "exec sleep 600");
    let item = item();
    act(&mut provisioner, &item, Task::Create);
    let mut stranger = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    // The number is the stranger's, the beginning is not.
    let record = format!("{boot}{} (sleep) S{} 1\n", stranger.id(), " 0".repeat(18));
    fs::write(provisioner.folder(item.id.instance).join("process"), record).unwrap();
    for task in [Task::Stop, Task::Release] {
        assert_eq!(act(&mut provisioner, &item, task), WorkOutcome::Done);
        assert!(stranger.try_wait().unwrap().is_none(), "{task:?}");
    }
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn who_loses_the_lease_while_it_waits_stops_waiting() {
    let root = tempfile::tempdir().unwrap();
    let options = ProcessOptions {
        grace: Duration::from_secs(600),
        settle: Duration::from_millis(20),
        ..ProcessOptions::shell(root.path(), "trap '' TERM; while :; do sleep 1; done")
    };
    let mut provisioner = ProcessProvisioner::new(options).unwrap();
    let item = item();
    act(&mut provisioner, &item, Task::Create);
    assert_eq!(act(&mut provisioner, &item, Task::Start), WorkOutcome::Done);
    let beats = Cell::new(0);
    let beat = || {
        beats.set(beats.get() + 1);
        if beats.get() < 3 { Beat::Held(Time::END) } else { Beat::Late }
    };
    let stop = for_task(&item, Task::Stop);
    assert_eq!(provisioner.perform(&stop, &Pulse::new(&beat)), WorkOutcome::Unclear);
    let cut = fleet_state_cut(&stop);
    assert_eq!(provisioner.perform(&cut, &Pulse::unwatched()), WorkOutcome::Done);
    assert_eq!(act(&mut provisioner, &item, Task::Release), WorkOutcome::Done);
}

/// The same item, of an instance whose power is to be cut.
fn fleet_state_cut(item: &WorkItem) -> WorkItem {
    let mut item = item.clone();
    let (_, work) = item.profile.instance.state.work().unwrap();
    let shutdown = hatchery::Shutdown { means: hatchery::Means::Cut, ..hatchery::Shutdown::default() };
    item.profile.instance.state = State::Stopping(shutdown, work.clone());
    item
}

fn program(folder: &Path, text: &str) -> CommandOptions {
    let path = folder.join("program");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    CommandOptions { errors: Errors::Dropped, ..CommandOptions::new(path) }
}

#[test]
fn what_a_program_answers_is_read_from_its_exit_code_and_its_output() {
    let given_back = |secs| WorkOutcome::GivenBack { pause: Span::from_secs(secs) };
    let failed = WorkOutcome::Failed;
    let table = [
        ("exit 0", WorkOutcome::Done),
        ("cat > /dev/null; echo anything", WorkOutcome::Done),
        ("exec >&- <&-; sleep 0.1", WorkOutcome::Done),
        ("sleep 2 & exit 0", WorkOutcome::Done),
        ("exit 75", given_back(5)),
        ("echo '{\"pause_seconds\": 30}'; exit 75", given_back(30)),
        ("echo '{\"pause_seconds\": -1}'; exit 75", given_back(5)),
        ("echo '{\"pause_seconds\": 99999999}'; exit 75", given_back(86_400)),
        ("exit 74", WorkOutcome::Unclear),
        ("exit 1", FAILED),
        ("echo nonsense; exit 1", FAILED),
        ("echo '{\"reason\": \"stock\"}'; exit 1", failed(FailureReason::NoStock)),
        ("echo '{\"reason\": \"address\"}'; exit 2", failed(FailureReason::NoAddress)),
        ("echo '{\"reason\": \"machine\"}'; exit 255", FAILED),
        ("echo '{\"reason\": \"anger\"}'; exit 1", FAILED),
        ("kill -9 $$", WorkOutcome::Unclear),
        ("yes", WorkOutcome::Unclear),
        ("sleep 600", WorkOutcome::Unclear),
    ];
    let item = item();
    for (text, expected) in table {
        let folder = tempfile::tempdir().unwrap();
        let options = CommandOptions {
            timeout: Duration::from_millis(if text == "sleep 600" { 200 } else { 60_000 }),
            ..program(folder.path(), text)
        };
        let outcome = act(&mut CommandProvisioner::new(options), &item, Task::Create);
        assert_eq!(outcome, expected, "{text}");
    }
}

#[test]
fn a_program_that_is_not_there_is_told_and_nothing_is_said_of_the_item() {
    let missing = CommandOptions::new("/nowhere/at/all");
    assert_eq!(act(&mut CommandProvisioner::new(missing), &item(), Task::Create), WorkOutcome::Unclear);
}

#[test]
fn a_program_whose_lease_is_lost_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut provisioner = CommandProvisioner::new(program(folder.path(), "sleep 600"));
    let began = Instant::now();
    let outcome = provisioner.perform(&item(), &Pulse::new(&|| Beat::Late));
    assert_eq!(outcome, WorkOutcome::Unclear);
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn secrets_are_on_standard_input_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let text = "cd \"$(dirname \"$0\")\"; cat > input; tr '\\0' '\\n' < /proc/$$/cmdline > arguments; env > environment";
    let mut provisioner = CommandProvisioner::new(program(folder.path(), text));
    let mut item = item();
    // More than a pipe holds at once.
    item.handover.user_data = Some(Secret::new(&vec![7; 200_000]));
    assert_eq!(act(&mut provisioner, &item, Task::Create), WorkOutcome::Done);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("arguments").ends_with("/program\ncreate\n"));
    for name in ["arguments", "environment"] {
        assert!(!read(name).contains("Passw0rd"), "{name}");
    }
    let input = read("input");
    assert!(input.contains("\"password\":\"Passw0rd!\""));
    assert!(input.contains(&"BwcH".repeat(1000)));

    // A password that was changed comes with the boot from which on it counts.
    item.handover = hatchery::Handover::default();
    let password = Some(Secret::new(b"N3w-one!"));
    item.profile.amendment = Some(Arc::new(Amendment { password, ..Amendment::default() }));
    assert_eq!(act(&mut provisioner, &item, Task::Start), WorkOutcome::Done);
    assert!(read("input").contains("\"password\":\"N3w-one!\""));
    assert!(read("arguments").ends_with("/program\nstart\n"));
}

/// The words and fields of the schema that `docs/provisioners.md` describes.
#[test]
fn an_item_is_described_in_the_words_of_the_schema() {
    let described = hatchery::describe(&item());
    let names: Vec<&str> = described.keys().map(String::as_str).collect();
    let documented = include_str!("../../../docs/provisioners.md");
    for name in names.iter().chain(&["password", "user_data_base64", "public_key"]) {
        assert!(documented.contains(&format!("| `{name}` |")), "{name} is not documented");
    }
    assert_eq!(described["schema"], 1);
    assert_eq!(described["task"], "create");
    assert_eq!(described["address"], "10.0.0.1");
    assert!(!format!("{described:?}").contains("Passw0rd"));
}

#[test]
fn the_example_for_qemu_says_what_it_would_do() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/qemu.sh");
    let folder = tempfile::tempdir().unwrap();
    let item = item();
    for (task, expected) in [
        (Task::Create, "qemu-img create -q -f qcow2"),
        (Task::Start, "qemu-system-x86_64 -name"),
        (Task::Stop, "system_powerdown"),
        (Task::Release, "rm -rf"),
    ] {
        let described = serde_json::to_string(&hatchery::describe(&for_task(&item, task))).unwrap();
        let input = folder.path().join("item.json");
        fs::write(&input, described).unwrap();
        let name = format!("{task:?}").to_lowercase();
        let ran = Command::new("sh")
            .args([script, &name])
            .env("DRY", "1")
            .env("HATCHERY_MACHINES", folder.path())
            .stdin(fs::File::open(&input).unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.success(), "{task:?}: {said}");
        assert!(said.contains(expected), "{task:?}: {said}");
        assert!(said.contains(&item.id.instance.to_string()), "{task:?}: {said}");
    }
}
