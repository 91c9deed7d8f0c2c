//! Instances that are processes: each is a child of this program, in a folder of its own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use fleet::{Beat, FailureReason, InstanceId, Means, Secret, State, Task, WorkId, WorkItem, WorkOutcome};
use rustix::process::Signal;

use super::recorded::{RECORD_AND_BECOME, Recorded, can_record};
use super::{Provisioner, Pulse, describe};

/// How often it is looked whether a process has come or gone. Time is counted in looks: the library
/// reads no clock.
const LOOK: Duration = Duration::from_millis(10);
/// How long a killed process may take to go, and one that starts to be recorded.
const PATIENCE: Duration = Duration::from_secs(10);

/// How instances become processes.
#[derive(Clone, Debug)]
pub struct ProcessOptions {
    /// The folder that the folders of instances are in; made if it is not there.
    pub root: PathBuf,
    /// What runs, in the folder of its instance.
    pub program: OsString,
    /// With which arguments.
    pub arguments: Vec<OsString>,
    /// How long a process may take to end by itself when it is asked to, before it is killed.
    pub grace: Duration,
    /// How long a process has to have run to count as started.
    pub settle: Duration,
    /// Told when the machine this runs on refuses something; the item is reported as unclear.
    pub on_error: fn(WorkId, &io::Error),
}

impl ProcessOptions {
    /// Runs `command` through the shell, with ten seconds to end and a fifth of one to start.
    #[must_use]
    pub fn shell(root: impl Into<PathBuf>, command: impl Into<OsString>) -> Self {
        Self {
            root: root.into(),
            program: "sh".into(),
            arguments: vec!["-c".into(), command.into()],
            grace: Duration::from_secs(10),
            settle: Duration::from_millis(200),
            on_error: |_, _| {},
        }
    }
}

/// A provisioner whose instances are processes of one command.
///
/// The folder of an instance is named after it and holds `instance.json` (what it shall be),
/// `user-data` (if there is any), `console.log` (what the process writes) and `process` (which one
/// it is). The command finds `HATCHERY_INSTANCE` and `HATCHERY_ADDRESS` in its environment.
/// Passwords and keys are not handed on: a process has no login.
///
/// Processes outlive this program. A provisioner that is made anew on the same root knows them
/// again; and it never signals one that it does not know. Needs Linux's `/proc`.
#[derive(Debug)]
pub struct ProcessProvisioner {
    options: ProcessOptions,
    /// Those that were started here, and have to be waited for when they end.
    children: BTreeMap<InstanceId, Child>,
}

/// Why something was not done.
enum Undone {
    /// The item is somebody else's by now.
    Lost,
    /// It does not run.
    Dead,
    /// The machine this runs on says why.
    Broken(io::Error),
}

impl From<io::Error> for Undone {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl ProcessProvisioner {
    /// Makes the root, if it is not there.
    ///
    /// # Errors
    /// When it cannot be made, or processes cannot be known again on this machine.
    pub fn new(options: ProcessOptions) -> io::Result<Self> {
        can_record()?;
        DirBuilder::new().recursive(true).mode(0o700).create(&options.root)?;
        let root = options.root.canonicalize()?;
        Ok(Self { options: ProcessOptions { root, ..options }, children: BTreeMap::new() })
    }

    /// The folder of an instance, there or not.
    #[must_use]
    pub fn folder(&self, instance: InstanceId) -> PathBuf {
        self.options.root.join(instance.to_string())
    }

    /// Whether the process of an instance runs.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub fn runs(&self, instance: InstanceId) -> io::Result<bool> {
        Recorded::running(&self.folder(instance)).map(|running| running.is_some())
    }

    fn create(&self, item: &WorkItem) -> Result<(), Undone> {
        let folder = self.folder(item.id.instance);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        if let Some(data) = &item.handover.user_data {
            write(&folder, "user-data", data.reveal())?;
        }
        let described = serde_json::to_vec_pretty(&describe(item)).map_err(io::Error::from)?;
        write(&folder, "instance.json", &described)?;
        Ok(())
    }

    fn start(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> Result<(), Undone> {
        let id = item.id.instance;
        let folder = self.folder(id);
        if !folder.is_dir() {
            return Err(Undone::Dead);
        }
        if Recorded::running(&folder)?.is_some() {
            return Ok(());
        }
        let changed = item.profile.amendment.as_deref().and_then(|amendment| amendment.user_data.as_ref());
        if let Some(data) = changed.map(Secret::reveal) {
            write(&folder, "user-data", data)?;
        }
        Recorded::forget(&folder)?;
        self.reap();
        let child = self.spawn(item, &folder)?;
        self.children.insert(id, child);
        // Until it was recorded, and since.
        let (mut waited, mut ran) = (Duration::ZERO, None);
        loop {
            if pulse.beat() == Beat::Late {
                return Err(Undone::Lost);
            }
            self.reap();
            match Recorded::running(&folder)? {
                Some(_) if ran.is_some_and(|ran| ran >= self.options.settle) => return Ok(()),
                Some(_) => ran = Some(ran.map_or(Duration::ZERO, |ran: Duration| ran.saturating_add(LOOK))),
                // It ended, or it never came to be.
                None if ran.is_some() || !self.children.contains_key(&id) => return Err(Undone::Dead),
                None if waited > PATIENCE => return Err(Undone::Dead),
                None => waited = waited.saturating_add(LOOK),
            }
            sleep(LOOK);
        }
    }

    fn spawn(&self, item: &WorkItem, folder: &Path) -> io::Result<Child> {
        let log = File::options().create(true).append(true).mode(0o600).open(folder.join("console.log"))?;
        Command::new("/bin/sh")
            .args(["-c", RECORD_AND_BECOME, "sh"])
            .arg(&self.options.program)
            .args(&self.options.arguments)
            .current_dir(folder)
            .env("HATCHERY_INSTANCE", item.id.instance.to_string())
            .env("HATCHERY_ADDRESS", item.profile.instance.address.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
    }

    fn stop(&mut self, id: InstanceId, means: Means, pulse: &Pulse<'_>) -> Result<(), Undone> {
        let folder = self.folder(id);
        let Some(running) = Recorded::running(&folder)? else { return Ok(()) };
        let asked = match means {
            Means::Orderly => Some((Signal::TERM, self.options.grace)),
            Means::Cut => None,
        };
        for (signal, patience) in asked.into_iter().chain([(Signal::KILL, PATIENCE)]) {
            running.signal(signal);
            let mut waited = Duration::ZERO;
            while waited < patience {
                self.reap();
                if !running.runs() {
                    Recorded::forget(&folder)?;
                    return Ok(());
                }
                if pulse.beat() == Beat::Late {
                    return Err(Undone::Lost);
                }
                sleep(LOOK);
                waited = waited.saturating_add(LOOK);
            }
        }
        // Not even killed: a process in the hands of the kernel.
        Err(Undone::Lost)
    }

    fn release(&mut self, id: InstanceId, pulse: &Pulse<'_>) -> Result<(), Undone> {
        self.stop(id, Means::Orderly, pulse)?;
        match fs::remove_dir_all(self.folder(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Takes note of children that have ended: until then the kernel keeps their numbers.
    fn reap(&mut self) {
        self.children.retain(|_, child| matches!(child.try_wait(), Ok(None)));
    }
}

impl Provisioner for ProcessProvisioner {
    fn perform(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> WorkOutcome {
        let id = item.id.instance;
        self.reap();
        let done = match item.task {
            Task::Create => self.create(item),
            // What shall be there is written anew, and booted.
            Task::Install => self
                .stop(id, Means::Orderly, pulse)
                .and_then(|()| self.create(item))
                .and_then(|()| self.start(item, pulse)),
            Task::Start => self.start(item, pulse),
            Task::Stop => self.stop(id, means(&item.profile.instance.state), pulse),
            Task::Reboot => self.stop(id, Means::Orderly, pulse).and_then(|()| self.start(item, pulse)),
            Task::Release => self.release(id, pulse),
        };
        match done {
            Ok(()) => WorkOutcome::Done,
            Err(Undone::Dead) => WorkOutcome::Failed(FailureReason::Machine),
            Err(Undone::Lost) => WorkOutcome::Unclear,
            Err(Undone::Broken(error)) => {
                (self.options.on_error)(item.id, &error);
                WorkOutcome::Unclear
            }
        }
    }
}

const fn means(state: &State) -> Means {
    match state {
        State::Stopping(shutdown, _) => shutdown.means,
        State::Pending(_)
        | State::Installing(_)
        | State::Starting(..)
        | State::Running
        | State::Stopped(_)
        | State::Blank
        | State::Binned { .. }
        | State::Failed(_)
        | State::Releasing(..) => Means::Orderly,
    }
}

/// Writes a file that only its owner reads; it is there as a whole, or as it was.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, folder.join(name))
}
