//! One victim at a time: started, heard, killed.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::told::Heard;
use crate::trouble::{Outcome, Trouble};

/// How often it is looked whether a victim has ended.
const LOOK: Duration = Duration::from_millis(2);

/// A victim that runs.
pub(crate) struct Victim {
    child: Child,
    ear: JoinHandle<Vec<u8>>,
    errors: JoinHandle<Vec<u8>>,
    first: Receiver<()>,
}

/// What is left of a victim.
pub(crate) struct Remains {
    pub(crate) heard: Heard,
    pub(crate) status: ExitStatus,
    /// What it said on standard error.
    pub(crate) errors: String,
}

/// How to start a victim.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    pub(crate) store: PathBuf,
    pub(crate) life: u64,
    /// Further arguments.
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
    /// What it is started by, if not by itself.
    pub(crate) wrapper: Vec<String>,
}

impl Start {
    pub(crate) fn new(store: &Path, life: u64) -> Self {
        Self { store: store.to_path_buf(), life, ..Self::default() }
    }

    /// Starts a victim and tells it its lanes.
    pub(crate) fn victim(&self, lines: &str) -> Outcome<Victim> {
        let program = std::env::current_exe()?;
        let mut command = match self.wrapper.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.arg("victim").arg("--store").arg(&self.store);
        command.args(["--life", &self.life.to_string()]).args(&self.arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Victim::begin(command, lines)
    }
}

impl Victim {
    /// Starts `command`, and says `lines` to it.
    pub(crate) fn begin(mut command: Command, lines: &str) -> Outcome<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
            return Err(Trouble::new("a victim without pipes"));
        };
        let (say, first) = mpsc::channel();
        let ear = thread::spawn(move || {
            let mut bytes = vec![0; 1];
            if stdout.read_exact(&mut bytes).is_err() {
                return Vec::new();
            }
            // Nobody may be waiting for it.
            let _waited_for_or_not = say.send(());
            // What was read before an error was told all the same.
            let _read_or_not = stdout.read_to_end(&mut bytes);
            bytes
        });
        let errors = thread::spawn(move || {
            let mut bytes = Vec::new();
            let _read_or_not = stderr.read_to_end(&mut bytes);
            bytes
        });
        // One that is dead already hears nothing.
        let _heard_or_not = stdin.write_all(lines.as_bytes());
        Ok(Self { child, ear, errors, first })
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says its first word: that the store is open, or why not. Whether it has.
    pub(crate) fn opens(&self, patience: Duration) -> bool {
        self.first.recv_timeout(patience).is_ok()
    }

    /// Kills it, and hears what it has told.
    pub(crate) fn kill(mut self) -> Outcome<Remains> {
        self.child.kill()?;
        self.remains()
    }

    /// Waits until it ends; kills it when that takes too long, and then there is nothing left.
    pub(crate) fn wait(mut self, patience: Duration) -> Outcome<Option<Remains>> {
        let until = Instant::now().checked_add(patience);
        while self.child.try_wait()?.is_none() {
            if until.is_some_and(|until| Instant::now() >= until) {
                self.kill()?;
                return Ok(None);
            }
            thread::sleep(LOOK);
        }
        self.remains().map(Some)
    }

    fn remains(mut self) -> Outcome<Remains> {
        let status = self.child.wait()?;
        let lost = |_| Trouble::new("an ear panicked");
        let (bytes, errors) = (self.ear.join().map_err(lost)?, self.errors.join().map_err(lost)?);
        let errors = String::from_utf8_lossy(&errors).into_owned();
        Ok(Remains { heard: Heard::read(&bytes)?, status, errors })
    }
}
