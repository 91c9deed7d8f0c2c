//! The tests that judge: which there are, how long each takes, and which mutants it reaches.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{self, Failure};
use crate::mutants::compile::Binary;
use crate::mutants::crew;
use crate::mutants::weave::Id;

/// Random histories start from here, so that a mutant meets the same ones every time.
const SEED: &str = "20";
/// How many of them; fewer than elsewhere, since there is a run for every mutant.
const CASES: &str = "96";
/// What a mutant may take up before it is stopped.
const KIB_MAX: &str = "4000000";

/// A test, and what it touches.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) binary: Binary,
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) reaches: BTreeSet<Id>,
}

impl Test {
    /// As it is called in the ledger.
    pub(crate) fn path(&self) -> String {
        format!("{}::{}", self.binary.name, self.name)
    }
}

/// What a run of some tests came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Passed,
    /// The test that failed, or was under way when the process ended.
    Failed(String),
    TimedOut,
}

/// Runs every test by itself, without a mutant, and writes down what it reaches.
pub(crate) fn survey(
    binaries: &[Binary],
    core: &Path,
    scratch: &Path,
    jobs: usize,
) -> Result<Vec<Test>, Failure> {
    let mut names = Vec::new();
    for binary in binaries {
        let list = command::capture(Command::new(&binary.path).current_dir(core).arg("--list"))?;
        let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
        names.extend(tests.map(|name| (binary.clone(), name.to_owned())));
    }
    let surveyed = crew::all(names, jobs, |worker, (binary, name)| {
        let reached = scratch.join(format!("reached-{worker}"));
        let mut command = tests(&binary, core, &[&name]);
        command.env("HATCHERY_MUTANTS_REACHED", &reached);
        // A test that reaches nothing leaves no list.
        let _ = fs::remove_file(&reached);
        let began = Instant::now();
        let verdict = watch(command, &scratch.join(format!("out-{worker}")), Duration::from_secs(600))?;
        if verdict != Verdict::Passed {
            let why = format!("without any mutant, {name} comes to {verdict:?}");
            return Err(Failure::Mutants { why });
        }
        let list = fs::read_to_string(&reached).unwrap_or_default();
        let reaches = list.lines().filter_map(|line| line.parse().ok()).collect();
        Ok(Test { binary, name, took: began.elapsed(), reaches })
    });
    let mut all: Vec<Test> = surveyed.into_iter().collect::<Result<_, _>>()?;
    all.sort_by_key(|test| test.took);
    Ok(all)
}

/// Runs `names` of a binary, one after the other.
pub(crate) fn tests(binary: &Binary, core: &Path, names: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {KIB_MAX}; exec \"$0\" \"$@\"")]).arg(&binary.path);
    command.args(["--test-threads=1", "--exact"]).args(names).current_dir(core);
    command.env("PROPTEST_RNG_SEED", SEED).env("PROPTEST_CASES", CASES).env("RUST_BACKTRACE", "0");
    command.env("PROPTEST_MAX_SHRINK_ITERS", "0");
    command
}

/// Waits for the end, or ends it.
pub(crate) fn watch(mut command: Command, output: &PathBuf, longest: Duration) -> Result<Verdict, Failure> {
    let file = File::create(output).map_err(Failure::at(output))?;
    let unstartable = |why| Failure::Unstartable { command: "a test".to_owned(), why };
    let mut child = command.stdout(file).stderr(Stdio::null()).spawn().map_err(unstartable)?;
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(unstartable)? {
            if status.success() {
                return Ok(Verdict::Passed);
            }
            let said = fs::read(output).map_err(Failure::at(output))?;
            let failed = failed(&String::from_utf8_lossy(&said));
            // Who never came to a test has judged nothing.
            let why = format!("{status}, and no test failed");
            return failed.map(Verdict::Failed).ok_or(Failure::Mutants { why });
        }
        if began.elapsed() > longest {
            child.kill().map_err(unstartable)?;
            child.wait().map_err(unstartable)?;
            return Ok(Verdict::TimedOut);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The first test that did not end well.
fn failed(said: &str) -> Option<String> {
    let started = said.lines().filter_map(|line| line.strip_prefix("test ")?.split_once(" ... "));
    let mut not_ok = started.filter(|(_, end)| *end != "ok");
    not_ok.next().map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests_of_output {
    use super::failed;

    #[test]
    fn the_test_that_was_under_way_is_the_one_that_failed() {
        assert_eq!(failed("running 2 tests\ntest a::b ... ok\ntest a::c ... ").as_deref(), Some("a::c"));
        assert_eq!(
            failed("running 2 tests\ntest a::b ... FAILED\ntest a::c ... ok").as_deref(),
            Some("a::b")
        );
        assert_eq!(failed("sh: not found"), None);
    }
}
