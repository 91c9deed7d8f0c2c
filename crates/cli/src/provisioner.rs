//! Which provisioner a server has, and the thread of one that really makes machines: it takes its
//! time, and timers must not wait for it. The simulated one is the keeper's.

use std::ffi::OsString;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, park_timeout, sleep};
use std::time::{Duration, Instant};

use hatchery::{
    CommandOptions, CommandProvisioner, Hatchery, Label, Loop, ProcessOptions, ProcessProvisioner,
    Provisioner, Pulse, Shift, Span, Vault, WorkId, WorkItem, WorkOutcome,
};
use server::Clock;

/// How long an item is held without a sign of life.
const LEASE: Span = Span::from_secs(30);
/// The longest rest: what is asked for meanwhile waits for so long.
const PAUSE: Span = Span::from_millis(50);
/// How long a server that stops waits for the item that is being done.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Which provisioner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Choice {
    /// It makes nothing.
    Simulated,
    /// Every instance is a process of this command.
    Process(OsString),
    /// This program does every item.
    Command(PathBuf),
}

impl FromStr for Choice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "simulated" => Ok(Self::Simulated),
            Some(("process", command)) if !command.is_empty() => Ok(Self::Process(command.into())),
            Some(("command", path)) if !path.is_empty() => Ok(Self::Command(path.into())),
            Some(_) | None => Err("expected simulated, process:CMD or command:PATH"),
        }
    }
}

/// One of those that make machines.
enum Maker {
    Process(ProcessProvisioner),
    Command(CommandProvisioner),
}

impl Provisioner for Maker {
    fn perform(&mut self, item: &WorkItem, pulse: &Pulse<'_>) -> WorkOutcome {
        match self {
            Self::Process(maker) => maker.perform(item, pulse),
            Self::Command(maker) => maker.perform(item, pulse),
        }
    }
}

impl Choice {
    fn maker(&self, data: &Path) -> io::Result<Option<Maker>> {
        let on_error = |id: WorkId, error: &io::Error| {
            tracing::error!(%error, instance = %id.instance, "the provisioner cannot do its work");
        };
        Ok(match self {
            Self::Simulated => None,
            Self::Process(command) => {
                let options = ProcessOptions::shell(data.join("machines"), command);
                Some(Maker::Process(ProcessProvisioner::new(ProcessOptions { on_error, ..options })?))
            }
            Self::Command(path) => {
                let program = path.canonicalize()?;
                let options = CommandOptions { on_error, ..CommandOptions::new(program) };
                Some(Maker::Command(CommandProvisioner::new(options)))
            }
        })
    }
}

/// A running provisioner.
pub(crate) struct Worker {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Starts the provisioner of `choice`, if it needs a thread. The folder of a server's data is
    /// where its machines are.
    pub(crate) fn start(
        choice: &Choice,
        worker: Label,
        data: &Path,
        vault: Vault,
        hatchery: Arc<Hatchery>,
        clock: Arc<Clock>,
    ) -> io::Result<Option<Self>> {
        let Some(mut maker) = choice.maker(data)? else { return Ok(None) };
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let work = move || {
            // One at a time: what is claimed with others waits for them, and its lease runs.
            let shift = Shift { worker, lease: LEASE, limit: 1 };
            let working = Loop { shift, vault: Some(vault), pause: PAUSE, stop: &told };
            while !told.load(Ordering::Relaxed) {
                // An item that makes the provisioner panic is lost for its lease, and given up in time.
                let rest = |span: Span| park_timeout(Duration::from_millis(span.millis()));
                let ended = catch_unwind(AssertUnwindSafe(|| {
                    working.run(&hatchery, &mut maker, || clock.store(), rest)
                }));
                match ended {
                    Ok(Ok(tally)) => tracing::info!(?tally, "the provisioner has stopped"),
                    Ok(Err(error)) => {
                        tracing::error!(%error, "provisioning stands still: the store failed");
                        park_timeout(Duration::from_secs(1));
                    }
                    Err(_panic) => {
                        tracing::error!("the provisioner panicked");
                        park_timeout(Duration::from_secs(1));
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("provisioner".into()).spawn(work)?;
        Ok(Some(Self { stop, thread }))
    }

    /// Tells it to stop, and waits for the item it is doing, but not for long: what is not reported
    /// comes up again.
    pub(crate) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        let began = Instant::now();
        while !self.thread.is_finished() && began.elapsed() < STOP_WAIT {
            sleep(Duration::from_millis(10));
        }
        if !self.thread.is_finished() {
            tracing::warn!("an item is still being done; it comes up again when its lease is over");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_as_it_is_meant() {
        let table = [
            ("simulated", Ok(Choice::Simulated)),
            ("process:sleep 600", Ok(Choice::Process("sleep 600".into()))),
            ("process:a:b", Ok(Choice::Process("a:b".into()))),
            ("command:/bin/true", Ok(Choice::Command("/bin/true".into()))),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse(), expected, "{text}");
        }
        for wrong in ["", "process", "process:", "command:", "simulated:", "real:one"] {
            assert!(wrong.parse::<Choice>().is_err(), "{wrong}");
        }
    }
}
