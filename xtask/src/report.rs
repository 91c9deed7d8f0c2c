//! What was done, how long it took and what it found: a line per step, a table at the end, one closing line.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::command::Failure;

/// How many checks passed and how many did not.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// One check that passed.
    pub(crate) const ONE_PASSED: Self = Self { passed: 1, failed: 0 };

    /// One check that did not.
    pub(crate) const ONE_FAILED: Self = Self { passed: 0, failed: 1 };

    /// Both counts together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed.saturating_add(other.passed),
            failed: self.failed.saturating_add(other.failed),
        }
    }

    /// Reads the line that each test binary of `cargo test` ends with.
    pub(crate) fn from_cargo_test(line: &str) -> Option<Self> {
        let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
        let mut parts = counts.split("; ");
        let passed = parts.next()?.strip_suffix(" passed")?.parse().ok()?;
        let failed = parts.next()?.strip_suffix(" failed")?.parse().ok()?;
        Some(Self { passed, failed })
    }

    /// Reads `N passed, N failed`, alone on a line.
    pub(crate) fn from_closing_line(line: &str) -> Option<Self> {
        let (passed, failed) = line.split_once(" passed, ")?;
        Some(Self { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
    }
}

/// What became of a step that could be carried out.
#[derive(Debug)]
pub(crate) enum Outcome {
    Counted(Tally),
    /// Not done, and not a failure; the report says why.
    Skipped {
        why: String,
    },
}

impl From<()> for Outcome {
    /// A step that only had to succeed counts as one check.
    fn from((): ()) -> Self {
        Self::Counted(Tally::ONE_PASSED)
    }
}

impl From<Tally> for Outcome {
    fn from(tally: Tally) -> Self {
        Self::Counted(tally)
    }
}

#[derive(Debug)]
struct Step {
    name: String,
    took: Duration,
    result: Result<Outcome, Failure>,
}

impl Step {
    fn tally(&self) -> Tally {
        match &self.result {
            Ok(Outcome::Counted(tally)) => *tally,
            Ok(Outcome::Skipped { .. }) => Tally::default(),
            Err(_) => Tally::ONE_FAILED,
        }
    }

    fn summary(&self) -> String {
        let verdict = match &self.result {
            Ok(Outcome::Counted(Tally { passed, failed: 0 })) => format!("{passed} ok"),
            Ok(Outcome::Counted(Tally { passed, failed })) => format!("FAILED: {failed}; {passed} ok"),
            Ok(Outcome::Skipped { why }) => format!("SKIPPED: {why}"),
            Err(failure) => format!("FAILED: {failure}"),
        };
        format!("{:7.1} s  {}: {verdict}", self.took.as_secs_f64(), self.name)
    }
}

/// The steps done so far.
#[derive(Debug)]
pub(crate) struct Report {
    began: Instant,
    steps: Vec<Step>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), steps: Vec::new() }
    }

    /// Carries out one step and books it. A failed step does not keep later ones from running.
    pub(crate) fn step<O: Into<Outcome>>(&mut self, name: &str, work: impl FnOnce() -> Result<O, Failure>) {
        println!("\n== {name}");
        let began = Instant::now();
        let result = work().map(Into::into);
        let step = Step { name: name.to_owned(), took: began.elapsed(), result };
        println!("== {}", step.summary().trim_start());
        self.steps.push(step);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.tally().failed > 0
    }

    /// Prints the table and, as the last line of all, the closing line.
    pub(crate) fn close(&self) -> ExitCode {
        println!("\n== summary");
        for step in &self.steps {
            println!("{}", step.summary());
        }
        println!("{:7.1} s  total", self.began.elapsed().as_secs_f64());

        let tally = self.tally();
        println!("\n{} passed, {} failed", tally.passed, tally.failed);
        if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn tally(&self) -> Tally {
        self.steps.iter().map(Step::tally).fold(Tally::default(), Tally::plus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_line_of_cargo_test_is_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.01s";
        assert_eq!(Tally::from_cargo_test(line), Some(Tally { passed: 12, failed: 3 }));
        assert_eq!(Tally::from_cargo_test("test result_is_kept ... ok"), None);
    }

    #[test]
    fn a_closing_line_stands_alone() {
        assert_eq!(Tally::from_closing_line("41 passed, 2 failed"), Some(Tally { passed: 41, failed: 2 }));
        assert_eq!(Tally::from_closing_line("so far 41 passed, 2 failed"), None);
        assert_eq!(Tally::from_closing_line("41 passed, 2 failed so far"), None);
    }

    #[test]
    fn a_failed_step_counts_as_one_and_stops_nothing() {
        let mut report = Report::new();
        report.step("breaks", || -> Result<(), Failure> { Err(Failure::Metadata { why: "no".to_owned() }) });
        report.step("works", || Ok(()));
        report.step("counts", || Ok(Tally { passed: 5, failed: 0 }));
        report.step("waits", || Ok(Outcome::Skipped { why: "not today".to_owned() }));
        assert_eq!(report.tally(), Tally { passed: 6, failed: 1 });
        assert!(report.has_failed());
    }
}
