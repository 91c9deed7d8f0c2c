//! Torture: the store and the program against a real kernel, in any dose. The trials are in `torture/`, and one more,
//! with clients over HTTP, in `tests/sdk/torture.py`. Two more are in process: the proofs of the store in
//! `crates/store/tests/proof`, with all of their work instead of a share.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command::{self, Failure};
use crate::python;
use crate::report::{Outcome, Report, Tally};
use crate::workspace::Workspace;

/// What `--hours` divides: of so many parts each proof gets one, and the trials against a kernel get the others.
const PARTS: u32 = 6;
/// How far the proofs go at most where `--hours` is asked for.
const ALL_POINTS: u64 = 2_000_000;
const ALL_CORRUPT: u64 = 100_000;

/// What is asked for.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Plan {
    kills: Option<u64>,
    power: Option<u64>,
    fs: Vec<String>,
    faults: bool,
    /// Crash points by chance, beside all that follow each other.
    points: Option<u64>,
    /// Damage by chance, beside all that is done to every file.
    corrupt: Option<u64>,
    hours: Option<Duration>,
    /// Options of the trial with clients, when that is asked for.
    clients: Option<Vec<String>>,
    seed: Option<String>,
    logs: Option<PathBuf>,
}

impl Plan {
    /// Reads the options of `cargo xtask torture`. Without any that names a trial, it is the one with clients.
    pub(crate) fn parse(options: &[String]) -> Result<Self, String> {
        let mut plan = Self { fs: vec!["ext4".to_owned(), "xfs".to_owned()], ..Self::default() };
        let mut rest = options.iter();
        while let Some(option) = rest.next() {
            let mut value = || rest.next().cloned().ok_or_else(|| format!("{option} of what?"));
            match option.as_str() {
                "--kills" => plan.kills = Some(number(option, &value()?)?),
                "--power" => plan.power = Some(number(option, &value()?)?),
                "--fs" => plan.fs = value()?.split(',').map(str::to_owned).collect(),
                "--faults" => plan.faults = true,
                "--points" => plan.points = Some(number(option, &value()?)?),
                "--corrupt" => plan.corrupt = Some(number(option, &value()?)?),
                "--hours" => plan.hours = Some(hours(&value()?)?),
                "--logs" => plan.logs = Some(value()?.into()),
                "--seed" => plan.seed = Some(value()?),
                "--rounds" | "--seconds-per-round" => {
                    let more = [option.clone(), value()?];
                    plan.clients.get_or_insert_default().extend(more);
                }
                _ => return Err(format!("torture knows no {option}")),
            }
        }
        if !plan.needs_programs() && plan.points.is_none() && plan.corrupt.is_none() {
            plan.clients.get_or_insert_default();
        }
        Ok(plan)
    }

    /// Whether anything runs outside of the proofs.
    const fn needs_programs(&self) -> bool {
        self.kills.is_some()
            || self.power.is_some()
            || self.faults
            || self.hours.is_some()
            || self.clients.is_some()
    }

    fn logs(&self, workspace: &Workspace) -> PathBuf {
        self.logs.clone().unwrap_or_else(|| workspace.target.join("torture-logs"))
    }
}

/// What one proof gets of the time for all.
fn part(time: Duration) -> Duration {
    time.checked_div(PARTS).unwrap_or_default()
}

fn hours(text: &str) -> Result<Duration, String> {
    let hours = text.parse().ok().filter(|hours: &f64| *hours > 0.0);
    let time = hours.and_then(|hours| Duration::try_from_secs_f64(hours * 3600.0).ok());
    time.ok_or_else(|| format!("--hours takes a number of hours, not {text}"))
}

fn number(option: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{option} takes a number, not {text}"))
}

/// Runs what is asked for. The logs stay, and a later run goes on from them.
pub(crate) fn run(workspace: &Workspace, report: &mut Report, plan: &Plan) {
    let part = plan.hours.map(part);
    let all = |most| part.map(|_| most);
    let proofs = [
        ("crash points", "points::", "HATCHERY_POINTS", plan.points.or(all(ALL_POINTS))),
        ("damaged files", "damage::", "HATCHERY_CORRUPT", plan.corrupt.or(all(ALL_CORRUPT))),
    ];
    for (step, module, variable, many) in proofs {
        if let Some(many) = many {
            let mut proof = proof(workspace, module, &plan.logs(workspace));
            proof.env(variable, many.to_string());
            if let Some(part) = part {
                proof.env("HATCHERY_PROOF_SECONDS", part.as_secs().to_string());
            }
            report.step(step, || command::run_counting(&mut proof, Tally::from_cargo_test));
        }
    }
    if plan.needs_programs() {
        against_a_kernel(workspace, report, plan);
    }
}

/// The proofs of the store below `module`.
fn proof(workspace: &Workspace, module: &str, logs: &Path) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--release", "--package", "store", "--features", "inside", "--test", "proof"]);
    cargo.args(["--", "--nocapture", module]);
    cargo.env("HATCHERY_TORTURE_LOG", logs);
    // Files that are made to be broken belong into memory, where there is a place for that.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        cargo.env("TMPDIR", memory);
    }
    cargo
}

fn against_a_kernel(workspace: &Workspace, report: &mut Report, plan: &Plan) {
    report.step("build of torture", || build(workspace));
    let tools = Tools::new(workspace, plan);
    if let Some(rounds) = plan.kills {
        report.step("kills", || tools.count(&["kills", "--rounds", &rounds.to_string()]));
    }
    if let Some(rounds) = plan.power {
        tools.power(report, &plan.fs, rounds);
    }
    if plan.faults {
        tools.faults(report, 1, 1);
    }
    if let Some(time) = plan.hours {
        let hours = (time.saturating_sub(part(time).saturating_mul(2)).as_secs_f64() / 3600.0).to_string();
        report.step("all trials in turn", || {
            tools.run_counting(
                tools.command().args(["all", "--hours", &hours, "--program"]).arg(&tools.program),
            )
        });
    }
    if let Some(options) = &plan.clients {
        let seed = plan.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.clone()]);
        let options: Vec<String> = options.iter().cloned().chain(seed).collect();
        report.step("torture with clients", || python::torture(workspace, &options));
    }
}

/// A small dose of each, the same every time.
pub(crate) fn sample(workspace: &Workspace, report: &mut Report) {
    report.step("build of torture", || build(workspace));
    let logs = workspace.target.join("torture-sample");
    // What an earlier run has in its logs is not done again.
    let fresh = std::fs::remove_dir_all(&logs);
    if logs.exists() {
        return report.step("logs of torture", || fresh.map_err(Failure::at(&logs)));
    }
    let plan = Plan { logs: Some(logs), ..Plan::default() };
    let tools = Tools::new(workspace, &plan);
    report.step("kills", || tools.count(&["kills", "--rounds", "120"]));
    tools.power(report, &["ext4".to_owned(), "xfs".to_owned()], 10);
    tools.mounting(report, "disks that lie", &["lies", "--rounds", "1", "--fs", "ext4"]);
    tools.faults(report, 61, 13);
    report.step("torture with clients", || {
        python::torture(workspace, &["--rounds".to_owned(), "2".to_owned()])
    });
}

fn build(workspace: &Workspace) -> Result<(), Failure> {
    command::run(workspace.cargo().args(["build", "--release", "--package", "torture", "--package", "cli"]))
}

/// The programs, and what they are always told.
struct Tools {
    torture: PathBuf,
    program: PathBuf,
    always: Vec<String>,
}

impl Tools {
    fn new(workspace: &Workspace, plan: &Plan) -> Self {
        let mut always = vec!["--logs".to_owned(), plan.logs(workspace).display().to_string()];
        always.extend(plan.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.clone()]));
        let program = workspace.release_program();
        Self { torture: program.with_file_name("torture"), program, always }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.torture);
        command.args(&self.always);
        command
    }

    fn run_counting(&self, command: &mut Command) -> Result<Tally, Failure> {
        command::run_counting(command, Tally::from_closing_line)
    }

    fn count(&self, arguments: &[&str]) -> Result<Tally, Failure> {
        self.run_counting(self.command().args(arguments))
    }

    /// A step that needs file systems of its own, and is skipped where it cannot have them.
    fn mounting(&self, report: &mut Report, name: &str, arguments: &[&str]) {
        report.step(name, || {
            let why = command::capture(self.command().arg("ready"))?;
            if why.is_empty() {
                return Ok(Outcome::from(self.count(arguments)?));
            }
            Ok(Outcome::Skipped { why: why.trim().to_owned() })
        });
    }

    fn power(&self, report: &mut Report, kinds: &[String], rounds: u64) {
        for kind in kinds {
            let arguments = ["power", "--rounds", &rounds.to_string(), "--fs", kind];
            self.mounting(report, &format!("power cuts on {kind}"), &arguments);
        }
    }

    /// Every so many calls one fails, under the library and under the program; and the disks of the scenes.
    fn faults(&self, report: &mut Report, library: u64, program: u64) {
        report.step("failing calls", || self.count(&["faults", "--stride", &library.to_string()]));
        report.step("failing calls under the program", || {
            let mut command = self.command();
            command.args(["program", "--stride", &program.to_string(), "--program"]).arg(&self.program);
            self.run_counting(&mut command)
        });
        report.step("scenes", || self.count(&["scenes", "here"]));
        self.mounting(report, "scenes on file systems of their own", &["scenes", "mounted"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Plan, String> {
        Plan::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn trials_are_asked_for_by_name() {
        let plan = parse("--kills 10 --power 20 --fs xfs --faults --hours 0.5 --seed 7").unwrap();
        assert_eq!((plan.kills, plan.power, plan.faults), (Some(10), Some(20), true));
        assert_eq!((plan.fs, plan.hours), (vec!["xfs".to_owned()], Some(Duration::from_secs(1800))));
        assert_eq!(plan.clients, None);
    }

    #[test]
    fn proofs_need_no_program() {
        let plan = parse("--points 2000 --corrupt 10").unwrap();
        assert_eq!((plan.points, plan.corrupt, plan.clients.as_ref()), (Some(2000), Some(10), None));
        assert!(!plan.needs_programs());
        assert!(parse("--points 2000 --kills 3").unwrap().needs_programs());
    }

    #[test]
    fn without_a_name_it_is_the_trial_with_clients() {
        let rounds = vec!["--rounds".to_owned(), "3".to_owned()];
        assert_eq!(parse("--rounds 3").unwrap().clients, Some(rounds));
        assert_eq!(parse("").unwrap().clients, Some(Vec::new()));
    }

    #[test]
    fn what_it_does_not_know_it_says() {
        assert_eq!(parse("--kill 3"), Err("torture knows no --kill".to_owned()));
        assert_eq!(parse("--kills"), Err("--kills of what?".to_owned()));
        assert_eq!(parse("--kills many"), Err("--kills takes a number, not many".to_owned()));
        for hours in ["many", "0", "-1", "inf", "NaN"] {
            assert_eq!(
                parse(&format!("--hours {hours}")),
                Err(format!("--hours takes a number of hours, not {hours}"))
            );
        }
    }
}
