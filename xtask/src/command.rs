//! Running other programs: their output stays visible, their failures say which command it was.

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::report::Tally;

/// Why a step came to nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The program could not be started, or its output not be read.
    Unstartable { command: String, why: io::Error },
    /// The program ran and was not content.
    Unsuccessful { command: String, status: ExitStatus },
    /// The program was content, and had checked nothing.
    NothingChecked { command: String },
    /// A file or directory of ours.
    File { path: PathBuf, why: io::Error },
    /// `cargo metadata` said something we do not understand.
    Metadata { why: String },
    /// The mutants of the core could not be made or judged.
    Mutants { why: String },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unstartable { command, why } => write!(f, "`{command}` could not be run: {why}"),
            Self::Unsuccessful { command, status } => write!(f, "`{command}` ended with {status}"),
            Self::NothingChecked { command } => write!(f, "`{command}` checked nothing"),
            Self::File { path, why } => write!(f, "{}: {why}", path.display()),
            Self::Metadata { why } => write!(f, "cargo metadata: {why}"),
            Self::Mutants { why } => write!(f, "mutants: {why}"),
        }
    }
}

impl Failure {
    /// Turns an error about `path` into a failure that names it.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |why| Self::File { path, why }
    }
}

/// Runs `command` to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().map_err(|why| Failure::Unstartable { command: shown.clone(), why })?;
    if status.success() { Ok(()) } else { Err(Failure::Unsuccessful { command: shown, status }) }
}

/// Runs `command` to its end and counts what its output reports; `read` knows a line that reports counts.
///
/// Checks that failed are counted, not a [`Failure`]; an unsuccessful end without any of them is one.
pub(crate) fn run_counting(command: &mut Command, read: fn(&str) -> Option<Tally>) -> Result<Tally, Failure> {
    let shown = show(command);
    println!("$ {shown}");
    let unstartable = |why| Failure::Unstartable { command: shown.clone(), why };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(unstartable)?;
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(unstartable)?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tally = tally.plus(read(&line).unwrap_or_default());
        }
    }
    let status = child.wait().map_err(unstartable)?;
    if !status.success() && tally.failed == 0 {
        return Err(Failure::Unsuccessful { command: shown, status });
    }
    if tally == Tally::default() {
        return Err(Failure::NothingChecked { command: shown });
    }
    Ok(tally)
}

/// Runs `command` and returns what it printed; its standard error is only part of the failure.
pub(crate) fn capture(command: &mut Command) -> Result<String, Failure> {
    let shown = show(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|why| Failure::Unstartable { command: shown.clone(), why })?;
    if !output.status.success() {
        return Err(Failure::Unsuccessful { command: shown, status: output.status });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it.
fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn counts_are_taken_from_the_output() {
        let tally = run_counting(&mut shell("echo noise; echo 3 passed, 0 failed"), Tally::from_closing_line);
        assert_eq!(tally.unwrap(), Tally { passed: 3, failed: 0 });
    }

    #[test]
    fn failed_checks_are_counts_and_not_a_failure() {
        let tally = run_counting(&mut shell("echo 3 passed, 2 failed; exit 1"), Tally::from_closing_line);
        assert_eq!(tally.unwrap(), Tally { passed: 3, failed: 2 });
    }

    #[test]
    fn an_unsuccessful_end_after_good_counts_is_a_failure() {
        let tally = run_counting(&mut shell("echo 3 passed, 0 failed; exit 7"), Tally::from_closing_line);
        assert_eq!(
            tally.unwrap_err().to_string(),
            "`sh -c echo 3 passed, 0 failed; exit 7` ended with exit status: 7"
        );
    }

    #[test]
    fn a_program_that_checked_nothing_is_a_failure() {
        let tally = run_counting(&mut shell("echo all is well"), Tally::from_closing_line);
        assert_eq!(tally.unwrap_err().to_string(), "`sh -c echo all is well` checked nothing");
    }
}
