//! Every call that reaches a file fails once: the first, the second, and so on until a run has no more of them.
//!
//! The program is a real one, and what fails is the call itself: a library is loaded in front of the system's (see
//! `shim/shim.c`). Whatever fails, the victim neither crashes nor hangs; it says so in words, takes nothing more, and
//! shows nothing that is not durable. Opened again without the library, the store has everything acknowledged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hatchery::{Hatchery, OpenError, StoreError};

use crate::kills::keep;
use crate::log::Log;
use crate::oracle::{Oracle, Tally};
use crate::trial::{Remains, Start};
use crate::trouble::{Outcome, Trouble, told};
use crate::world;

/// How long a run may take before it hangs. Many times what the slowest takes on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How many steps a victim takes.
const STEPS: u64 = 60;
/// How many it took before, where there is a store already.
const STEPS_BEFORE: u64 = 90;
/// What the shim ends a process with.
const EXIT: i32 = 77;
/// The shim ends a sweep itself; this only keeps a broken one from running for ever.
const CALLS_MAX: u64 = 20_000;

/// A kind of call, how it fails, and whether it goes on failing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) call: &'static str,
    pub(crate) how: &'static str,
    pub(crate) sticky: bool,
}

/// What is done while calls fail.
#[derive(Clone, Copy, Debug)]
enum Scene {
    /// The store is made.
    New,
    /// It was left as a crash leaves it, and is opened.
    Left,
    /// Its index is gone and has to be made anew.
    Rebuilt,
}

impl Scene {
    const ALL: [Self; 3] = [Self::New, Self::Left, Self::Rebuilt];

    const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Left => "left",
            Self::Rebuilt => "rebuilt",
        }
    }
}

/// Every fault that is swept.
fn faults() -> Vec<Fault> {
    let mut all = Vec::new();
    let calls: [(&'static str, &[&'static str]); 10] = [
        ("write", &["eio", "enospc", "short", "exit"]),
        ("fdatasync", &["eio", "enospc", "exit"]),
        ("fsync", &["eio", "enospc", "exit"]),
        ("range", &["eio", "exit"]),
        ("read", &["eio", "flip", "short"]),
        ("open", &["eio", "enospc", "emfile"]),
        ("rename", &["eio", "enospc", "exit"]),
        ("truncate", &["eio", "enospc", "exit"]),
        ("unlink", &["eio", "exit"]),
        ("mkdir", &["eio", "enospc", "exit"]),
    ];
    for (call, hows) in calls {
        for how in hows {
            all.push(Fault { call, how, sticky: false });
            if !matches!(*how, "exit" | "flip" | "short") {
                all.push(Fault { call, how, sticky: true });
            }
        }
    }
    all
}

/// Sweeps all faults, every `stride`-th call of each from `offset` on.
pub(crate) fn run(scratch: &Path, (offset, stride): (u64, u64), log: &mut Log) -> Outcome<()> {
    let folder = tempfile::Builder::new().prefix("faults-").tempdir_in(scratch)?;
    let shim = build(folder.path())?;
    for scene in Scene::ALL {
        let stage = Stage::set(scene, folder.path())?;
        for fault in faults() {
            sweep(&stage, &shim, fault, (offset, stride), log)?;
        }
    }
    Ok(())
}

/// Builds the shim with the C compiler there is.
pub(crate) fn build(folder: &Path) -> Outcome<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("shim").join("shim.c");
    let built = folder.join("shim.so");
    let mut compile = Command::new("cc");
    compile
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .arg(&built)
        .arg(source)
        .arg("-ldl");
    let status = compile.status()?;
    if status.success() { Ok(built) } else { Err(Trouble::new(format!("{compile:?} ended with {status}"))) }
}

/// What a case begins with: a store, if there is one, and who knows it.
struct Stage {
    scene: Scene,
    folder: PathBuf,
    template: Option<PathBuf>,
    oracle: Oracle,
}

const LIFE: u64 = 3;

impl Stage {
    fn set(scene: Scene, folder: &Path) -> Outcome<Self> {
        let folder = folder.join(scene.name());
        fs::create_dir_all(&folder)?;
        let mut oracle = Oracle::new(LIFE, 1);
        let template = match scene {
            Scene::New => None,
            Scene::Left | Scene::Rebuilt => {
                let template = folder.join("template");
                let mut start = Start::new(&template, LIFE);
                start.arguments = vec!["--steps".into(), STEPS_BEFORE.to_string(), "--leave".into()];
                let remains = start.victim(&oracle.lines())?.wait(PATIENCE)?;
                let Remains { heard, .. } = remains.ok_or_else(|| Trouble::new("the template hangs"))?;
                if let Scene::Rebuilt = scene {
                    fs::remove_dir_all(template.join("index"))?;
                }
                let known = folder.join("known");
                copy(&template, &known)?;
                let (store, _) = Hatchery::open(&known, world::options(LIFE))?;
                let findings = oracle.judge(&store, &heard)?;
                if !findings.is_empty() {
                    return Err(Trouble::new(format!("the template: {findings:?}")));
                }
                Some(template)
            }
        };
        oracle.tally = Tally::default();
        Ok(Self { scene, folder, template, oracle })
    }
}

/// One fault at every call it can meet.
fn sweep(
    stage: &Stage,
    shim: &Path,
    fault: Fault,
    (offset, stride): (u64, u64),
    log: &mut Log,
) -> Outcome<()> {
    let mut at = 1_u64.saturating_add(offset.checked_rem(stride).unwrap_or_default());
    while at < CALLS_MAX {
        let Fault { call, how, sticky } = fault;
        let and_after = if sticky { " and all after it" } else { "" };
        let what = format!("{}: {call} {at}{and_after} {how}", stage.scene.name());
        let Case { folder, findings, met, tally } = case(stage, shim, fault, at)?;
        if !met {
            break;
        }
        log.round(&what, &tally, &findings)?;
        if !findings.is_empty() {
            keep(folder, LIFE, at);
        }
        at = at.saturating_add(stride);
    }
    Ok(())
}

/// What came of a case.
struct Case {
    folder: tempfile::TempDir,
    findings: Vec<String>,
    /// Whether there was a call to fail.
    met: bool,
    tally: Tally,
}

fn case(stage: &Stage, shim: &Path, fault: Fault, at: u64) -> Outcome<Case> {
    let folder = tempfile::Builder::new().prefix("case-").tempdir_in(&stage.folder)?;
    let store = folder.path().join("store");
    if let Some(template) = &stage.template {
        copy(template, &store)?;
    }
    let mut oracle = stage.oracle.clone();
    let hit = folder.path().join("hit");
    let mut start = Start::new(&store, LIFE);
    start.arguments = vec!["--steps".into(), STEPS.to_string()];
    start.variables = variables(shim, &store, fault, at);
    start.variables.push(("SHIM_HIT".into(), hit.display().to_string()));
    let mut findings = Vec::new();
    match start.victim(&oracle.lines())?.wait(PATIENCE)? {
        None => findings.push("it hangs".to_owned()),
        Some(remains) => {
            findings.extend(misbehaviour(&remains));
            let Remains { heard, .. } = remains;
            match Hatchery::open(&store, world::options(LIFE)) {
                Ok((opened, _)) => findings.extend(oracle.judge(&opened, &heard)?),
                Err(StoreError::Open(OpenError::ManifestMissing { .. })) if !oracle.expects(&heard) => {
                    // There is no store yet; then one can be made.
                    let made = Hatchery::create(&store, world::STORE, world::options(LIFE));
                    findings.extend(made.err().map(|error| format!("making it again: {}", told(&error))));
                }
                Err(error) => findings.push(format!("opening it again: {}", told(&error))),
            }
        }
    }
    Ok(Case { met: hit.exists(), tally: oracle.tally, folder, findings })
}

pub(crate) fn variables(shim: &Path, store: &Path, fault: Fault, at: u64) -> Vec<(String, String)> {
    let mut variables = vec![
        ("LD_PRELOAD".to_owned(), shim.display().to_string()),
        ("SHIM_UNDER".to_owned(), store.display().to_string()),
        ("SHIM_CALL".to_owned(), fault.call.to_owned()),
        ("SHIM_HOW".to_owned(), fault.how.to_owned()),
        ("SHIM_AT".to_owned(), at.to_string()),
    ];
    if fault.sticky {
        variables.push(("SHIM_STICKY".to_owned(), "1".to_owned()));
    }
    variables
}

/// What no fault excuses: a crash, and a panic of ours.
pub(crate) fn misbehaviour(remains: &Remains) -> Vec<String> {
    let mut findings = Vec::new();
    if !remains.status.success() && remains.status.code() != Some(EXIT) {
        findings.push(format!("it ended with {}: {}", remains.status, remains.errors));
    }
    // sled may panic: it is fenced.
    let ours = |line: &&str| line.contains("panicked at") && !line.contains("/sled-");
    findings.extend(remains.errors.lines().filter(ours).map(str::to_owned));
    findings
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() {
            copy(&item.path(), &target)?;
        } else {
            fs::copy(item.path(), target)?;
        }
    }
    Ok(())
}
