//! The same faults under the whole program: `hatchery serve` with a client at its door.
//!
//! The server starts on a good disk, and calls begin to fail when it is asked to launch. Whatever fails, it answers
//! or closes the connection, ends when it is told to, and what it said was launched is there when it starts again.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hatchery::{Hatchery, InstanceId, Options, Serial, View as _};

use crate::faults::{self, Fault, PATIENCE};
use crate::kills::keep;
use crate::log::Log;
use crate::oracle::Tally;
use crate::trouble::{Outcome, Trouble, told};

/// How often it is looked whether the server has ended.
const LOOK: Duration = Duration::from_millis(5);
/// How many calls of a kind are failed at most: a server does some for as long as it runs.
const CALLS_MAX: u64 = 40;
/// What the kernel ends a process with that aborts.
const SIGABRT: i32 = 6;

const FAULTS: [Fault; 7] = [
    Fault { call: "write", how: "eio", sticky: true },
    Fault { call: "write", how: "enospc", sticky: false },
    Fault { call: "write", how: "short", sticky: false },
    Fault { call: "write", how: "exit", sticky: false },
    Fault { call: "fdatasync", how: "eio", sticky: false },
    Fault { call: "fdatasync", how: "exit", sticky: false },
    Fault { call: "read", how: "eio", sticky: true },
];

/// Sweeps the faults, every `stride`-th call of each, and hangs the disk once.
pub(crate) fn run(
    scratch: &Path,
    program: &Path,
    (offset, stride): (u64, u64),
    log: &mut Log,
) -> Outcome<()> {
    let folder = tempfile::Builder::new().prefix("program-").tempdir_in(scratch)?;
    let shim = faults::build(folder.path())?;
    for fault in FAULTS {
        let mut at = 1_u64.saturating_add(offset.checked_rem(stride).unwrap_or_default());
        while at <= CALLS_MAX {
            let trial = Trial::new(folder.path(), &shim, fault, at)?;
            let (met, findings) = trial.play(program)?;
            if !met {
                break;
            }
            let Fault { call, how, sticky } = fault;
            let and_after = if sticky { " and all after it" } else { "" };
            log.round(&format!("serve: {call} {at}{and_after} {how}"), &Tally::default(), &findings)?;
            if !findings.is_empty() {
                keep(trial.folder, at, 0);
            }
            at = at.saturating_add(stride);
        }
    }
    let hang = Fault { call: "fdatasync", how: "hang", sticky: true };
    let findings = Trial::new(folder.path(), &shim, hang, 1)?.hang(program)?;
    log.round("serve: a disk that hangs ends the process", &Tally::default(), &findings)
}

/// One server with its data.
struct Trial {
    folder: tempfile::TempDir,
    data: PathBuf,
    gate: PathBuf,
    hit: PathBuf,
    variables: Vec<(String, String)>,
}

impl Trial {
    fn new(folder: &Path, shim: &Path, fault: Fault, at: u64) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("serve-").tempdir_in(folder)?;
        let (data, gate, hit) =
            (folder.path().join("data"), folder.path().join("gate"), folder.path().join("hit"));
        let mut variables = faults::variables(shim, &data, fault, at);
        variables.push(("SHIM_GATE".into(), gate.display().to_string()));
        variables.push(("SHIM_HIT".into(), hit.display().to_string()));
        Ok(Self { folder, data, gate, hit, variables })
    }

    /// Asks for a launch while calls fail. Whether one was met, and what is wrong.
    fn play(&self, program: &Path) -> Outcome<(bool, Vec<String>)> {
        let mut server = Server::start(program, &self.data, &self.variables, "60")?;
        let request = server.greeting()?;
        File::create(&self.gate)?;
        let answer = ask(&request);
        // The provisioner makes what was launched: its commits are to fail, too.
        let settled = Instant::now().checked_add(Duration::from_millis(300));
        while !self.hit.exists() && settled.is_some_and(|end| Instant::now() < end) {
            thread::sleep(LOOK);
        }
        let met = self.hit.exists();
        let mut findings = Vec::new();
        let (status, errors) = server.stop()?;
        match status {
            None => findings.push("it hangs when it is told to stop".to_owned()),
            Some(status) if status.signal().is_some() || status.code() == Some(101) => {
                findings.push(format!("it ended with {status}: {errors}"));
            }
            Some(_) => {}
        }
        findings.extend(
            errors
                .lines()
                .filter(|line| line.contains("panicked at") && !line.contains("/sled-"))
                .map(str::to_owned),
        );
        let (code, body) = answer.unwrap_or_default();
        if !matches!(code, 0 | 200 | 500 | 503) {
            findings.push(format!("it answered {code}: {body}"));
        }
        findings.extend(self.judge(&launched(&body))?);
        Ok((met, findings))
    }

    /// Whether the store is well, and has these instances.
    fn judge(&self, instances: &[InstanceId]) -> Outcome<Vec<String>> {
        let store = match Hatchery::open(&self.data.join("store"), Options::default()) {
            Ok((store, _)) => store,
            Err(error) => return Ok(vec![format!("opening it again: {}", told(&error))]),
        };
        let mut findings = store.check()?.findings;
        for id in instances {
            if store.snapshot().instance(*id)?.is_none() {
                findings.push(format!("lost: {id}"));
            }
        }
        Ok(findings)
    }

    /// Hangs the disk under a server with a watchdog.
    fn hang(&self, program: &Path) -> Outcome<Vec<String>> {
        let mut server = Server::start(program, &self.data, &self.variables, "1")?;
        let request = server.greeting()?;
        File::create(&self.gate)?;
        let asked = thread::spawn(move || ask(&request));
        let (status, errors) = server.ended()?;
        let mut findings = Vec::new();
        if status.and_then(|status| status.signal()) != Some(SIGABRT) {
            findings.push(format!("it ended with {status:?}: {errors}"));
        }
        if let Ok(Some((code @ 200, body))) = asked.join() {
            findings.push(format!("it answered {code}: {body}"));
        }
        findings.extend(self.judge(&[])?);
        Ok(findings)
    }
}

/// The instances that a reply names.
fn launched(body: &str) -> Vec<InstanceId> {
    let ids = body.split("\"i-").skip(1).filter_map(|rest| rest.split('"').next());
    ids.filter_map(Serial::parse).map(InstanceId).collect()
}

/// Sends a request of the greeting. Status and body, unless the connection breaks.
fn ask(url: &str) -> Option<(u16, String)> {
    let (address, path) = url.split_once('/')?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    let (head, body) = reply.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// A server that runs.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    errors: PathBuf,
}

impl Server {
    fn start(program: &Path, data: &Path, variables: &[(String, String)], stall: &str) -> Outcome<Self> {
        // Not below what the shim counts.
        let errors = data.with_file_name("errors");
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--stall-limit", stall, "--data"]).arg(data);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&errors)?);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| Trouble::new("a server without a pipe"))?;
        Ok(Self { child, stdout: BufReader::new(stdout), errors })
    }

    /// The address and path of the request it says may be pasted.
    fn greeting(&mut self) -> Outcome<String> {
        for line in self.stdout.by_ref().lines() {
            if let Some(url) = line?.strip_prefix("curl -s 'http://") {
                return Ok(url.trim_end_matches('\'').to_owned());
            }
        }
        let errors = fs::read_to_string(&self.errors)?;
        Err(Trouble::new(format!("a server does not start: {errors}")))
    }

    /// Tells it to stop, and waits.
    fn stop(self) -> Outcome<(Option<ExitStatus>, String)> {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            // One that has ended hears nothing.
            let _heard_or_not = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        self.ended()
    }

    /// Waits until it ends; one that does not is killed.
    fn ended(mut self) -> Outcome<(Option<ExitStatus>, String)> {
        let until = Instant::now().checked_add(PATIENCE);
        let mut status = self.child.try_wait()?;
        while status.is_none() && until.is_some_and(|until| Instant::now() < until) {
            thread::sleep(LOOK);
            status = self.child.try_wait()?;
        }
        Ok((status, fs::read_to_string(&self.errors)?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended, or nobody waits for it any more.
        let _killed_or_not = self.child.kill();
        let _waited_for_or_not = self.child.wait();
    }
}
