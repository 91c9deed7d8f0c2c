//! Work items that a program does: one run for each, the item on its standard input.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use fleet::{Beat, FailureReason, Span, WorkId, WorkItem, WorkOutcome};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use super::describe::{describe_with_secrets, task_word};
use super::{Provisioner, Pulse};

/// Exit codes that are not plain failure; from `sysexits.h`.
const EX_IOERR: i32 = 74;
const EX_TEMPFAIL: i32 = 75;

/// How long an item rests that was given back without a pause, and the longest that one can ask for.
const PAUSE: Span = Span::from_secs(5);
const PAUSE_MAX: Span = Span::from_days(1);

/// How often the pipes, the lease, the limits and the end of the program are looked at. Time is counted
/// in looks: the library reads no clock.
const LOOK: Duration = Duration::from_millis(5);

/// How a program does work items.
#[derive(Clone, Debug)]
pub struct CommandOptions {
    /// The program. It is run with the name of the task as its one argument.
    pub program: PathBuf,
    /// How long one run may take. Then it is killed, with all that it started in its group.
    pub timeout: Duration,
    /// How many bytes it may write to its standard output.
    pub output_max: usize,
    /// Whether its standard error is this program's; else nobody reads it.
    pub errors: Errors,
    /// Told when the program cannot be run; the item is reported as unclear.
    pub on_error: fn(WorkId, &io::Error),
}

/// What becomes of the standard error of a program.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Errors {
    /// It is this program's own.
    #[default]
    Shown,
    /// Nobody reads it.
    Dropped,
}

impl CommandOptions {
    /// Ten minutes, 64 KiB, and errors shown.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            timeout: Duration::from_secs(600),
            output_max: 64 * 1024,
            errors: Errors::Shown,
            on_error: |_, _| {},
        }
    }
}

/// A provisioner that has a program do each item; `docs/provisioners.md` says what it is told and
/// how it answers. Secrets are on its standard input and nowhere else.
#[derive(Clone, Debug)]
pub struct CommandProvisioner(CommandOptions);

impl CommandProvisioner {
    /// A provisioner that runs this program.
    #[must_use]
    pub const fn new(options: CommandOptions) -> Self {
        Self(options)
    }

    /// Runs it to its end. `None` when it was killed: for its time, its output, or the lease.
    fn run(&self, item: &WorkItem, input: &[u8], pulse: &Pulse<'_>) -> io::Result<Option<Ran>> {
        let errors = match self.0.errors {
            Errors::Shown => Stdio::inherit(),
            Errors::Dropped => Stdio::null(),
        };
        let mut child = Command::new(&self.0.program)
            .arg(task_word(item.task))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .process_group(0)
            .spawn()?;
        let ran = self.watch(&mut child, input, pulse);
        if !matches!(ran, Ok(Some(_))) {
            // Not waited for yet, so the number is still its own.
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            child.wait()?;
        }
        ran
    }

    fn watch(&self, child: &mut Child, input: &[u8], pulse: &Pulse<'_>) -> io::Result<Option<Ran>> {
        let mut waited = Duration::ZERO;
        let mut pipes = Pipes::of(child)?;
        let mut left = input;
        let mut output = Vec::new();
        loop {
            let ended = child.try_wait()?;
            pipes.pump(&mut left, &mut output, self.0.output_max)?;
            if output.len() > self.0.output_max {
                return Ok(None);
            }
            if let Some(status) = ended {
                return Ok(Some(Ran { status, output }));
            }
            if waited > self.0.timeout || pulse.beat() == Beat::Late {
                return Ok(None);
            }
            sleep(LOOK);
            waited = waited.saturating_add(LOOK);
        }
    }
}

impl Provisioner for CommandProvisioner {
    fn perform(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> WorkOutcome {
        let Some(input) = describe_with_secrets(item) else {
            return WorkOutcome::Failed(FailureReason::Machine);
        };
        match self.run(item, &input, pulse) {
            Ok(Some(ran)) => ran.outcome(),
            Ok(None) => WorkOutcome::Unclear,
            Err(error) => {
                (self.0.on_error)(item.id, &error);
                WorkOutcome::Unclear
            }
        }
    }
}

/// A program that has ended.
struct Ran {
    status: ExitStatus,
    output: Vec<u8>,
}

impl Ran {
    /// What it says became of the item. One that a signal ended says nothing.
    fn outcome(&self) -> WorkOutcome {
        let said: Value = serde_json::from_slice(&self.output).unwrap_or_default();
        match self.status.code() {
            Some(0) => WorkOutcome::Done,
            Some(EX_TEMPFAIL) => {
                let asked = said.get("pause_seconds").and_then(Value::as_u64).map(Span::from_secs);
                WorkOutcome::GivenBack { pause: asked.unwrap_or(PAUSE).min(PAUSE_MAX) }
            }
            Some(EX_IOERR) | None => WorkOutcome::Unclear,
            Some(_) => WorkOutcome::Failed(reason(&said)),
        }
    }
}

fn reason(said: &Value) -> FailureReason {
    match said.get("reason").and_then(Value::as_str) {
        Some("stock") => FailureReason::NoStock,
        Some("address") => FailureReason::NoAddress,
        Some(_) | None => FailureReason::Machine,
    }
}

/// Both ends that are ours. Neither ever blocks.
struct Pipes {
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
}

impl Pipes {
    fn of(child: &mut Child) -> io::Result<Self> {
        let pipes = Self { input: child.stdin.take(), output: child.stdout.take() };
        if let Some(pipe) = &pipes.input {
            fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?;
        }
        if let Some(pipe) = &pipes.output {
            fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?;
        }
        Ok(pipes)
    }

    /// Writes and reads what can be now, and reads no further than just beyond `most`.
    fn pump(&mut self, left: &mut &[u8], output: &mut Vec<u8>, most: usize) -> io::Result<()> {
        while let Some(pipe) = self.input.as_mut().filter(|_| !left.is_empty()) {
            match pipe.write(left) {
                Ok(written) => *left = left.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Who does not want to know the rest need not read it.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => *left = &[],
                Err(error) => return Err(error),
            }
        }
        if left.is_empty() {
            self.input = None;
        }
        let mut chunk = [0; 4096];
        while let Some(pipe) = self.output.as_mut().filter(|_| output.len() <= most) {
            match pipe.read(&mut chunk) {
                Ok(0) => self.output = None,
                Ok(read) => output.extend_from_slice(chunk.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
