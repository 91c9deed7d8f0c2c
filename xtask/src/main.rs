//! Every chore of the workspace, so that nothing needs a shell: `cargo xtask` lists them.
//!
//! Chores named together run in order and share one report; its last line counts everything that was checked.

mod checks;
mod command;
mod mutants;
mod node;
mod planted;
mod python;
mod report;
mod test;
mod tools;
mod torture;
mod verify;
mod workspace;

use std::process::ExitCode;

use crate::command::Failure;
use crate::report::Report;
use crate::torture::Plan;
use crate::workspace::Workspace;

const USAGE: &str = "\
cargo xtask CHORE...

  checks    our own rules: crate edges, file openings, left-over words, the core, the clock, docs/guarantees.md
  test      checks, formatting, lints, every Rust test, and the official SDK against the release program
  verify    licences and sources of dependencies, advisories, more clients against the release program, a smoke run
            of every fuzz target, of every torture and of the simulator
  clients   that part of verify alone: the clients beside the official SDK

cargo xtask torture [OPTIONS]: the store and the program against a real kernel; see docs/faults.md

  --kills N            SIGKILL rounds on the library, until there are N
  --power N            power cuts on file systems of their own, until there are N on each; needs root and xfsprogs
  --fs KINDS           on which: ext4,xfs
  --faults             every call that reaches a file fails in turn; and disks that are full, gone or taken
  --points N           every command cut at every operation in every start state, in process, and N times by chance
  --corrupt N          every file of real stores damaged, bit by bit where it is small, and N times by chance
  --hours N            all of the above in turn, for so long: the last two for a sixth of it each
  --rounds N           SIGKILL rounds on the program, with clients; also --seconds-per-round S
  --logs DIR           where the logs are that a run goes on from; target/torture-logs
  --seed N             what everything is drawn from

cargo xtask exhaust --length N

  all histories of a very small world of up to N steps, from both its beginnings; 7 takes about a minute

cargo xtask mutants [OPTIONS]: the tests of the core against many small mistakes in it; see docs/mutation.md

  --jobs N             how many at a time; 2
  --only FILE          those of one file of crates/fleet/src, or of several
  --sample N           N of those that are not judged yet, evenly spread
  --again              also those that were judged in an earlier run

cargo xtask planted [MISTAKE...]

  makes the mistakes of docs/proof.md one by one: the checker named beside each has to see it";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let chores = match parse(&arguments) {
        Ok(chores) => chores,
        Err(unknown) => {
            eprintln!("{unknown}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&chores) {
        Ok(report) => report.close(),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, Eq, PartialEq)]
enum Chore {
    Checks,
    Test,
    Verify,
    Clients,
    Torture(Plan),
    /// With the options that its program takes.
    Exhaust(Vec<String>),
    Mutants(mutants::Options),
    /// Those that are named, or all.
    Planted(Vec<String>),
}

fn parse(arguments: &[String]) -> Result<Vec<Chore>, String> {
    if let [first, options @ ..] = arguments {
        match first.as_str() {
            "torture" => return Ok(vec![Chore::Torture(Plan::parse(options)?)]),
            "planted" => return Ok(vec![Chore::Planted(options.to_vec())]),
            "mutants" => return Ok(vec![Chore::Mutants(mutants::Options::parse(options)?)]),
            "exhaust" => return Ok(vec![Chore::Exhaust(options.to_vec())]),
            _ => {}
        }
    }
    if arguments.is_empty() {
        return Err("which chore?".to_owned());
    }
    arguments.iter().map(|name| chore(name)).collect()
}

fn chore(name: &str) -> Result<Chore, String> {
    match name {
        "checks" => Ok(Chore::Checks),
        "test" => Ok(Chore::Test),
        "verify" => Ok(Chore::Verify),
        "clients" => Ok(Chore::Clients),
        _ => Err(format!("no such chore: {name}")),
    }
}

/// Runs the chores in order. A chore with a failed step is the last: the next would only bury it.
fn run(chores: &[Chore]) -> Result<Report, Failure> {
    let workspace = Workspace::load()?;
    let mut report = Report::new();
    for chore in chores {
        match chore {
            Chore::Checks => checks::run(&workspace, &mut report)?,
            Chore::Test => test::run(&workspace, &mut report)?,
            Chore::Verify => verify::run(&workspace, &mut report),
            Chore::Clients => verify::clients(&workspace, &mut report),
            Chore::Torture(plan) => torture::run(&workspace, &mut report, plan),
            Chore::Exhaust(options) => verify::exhaust(&workspace, &mut report, options),
            Chore::Mutants(options) => mutants::run(&workspace, &mut report, options),
            Chore::Planted(mistakes) => planted::run(&workspace, &mut report, mistakes),
        }
        if report.has_failed() {
            break;
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn chores_are_read_in_order() {
        assert_eq!(parse(&words("test verify")), Ok(vec![Chore::Test, Chore::Verify]));
    }

    #[test]
    fn torture_keeps_its_options() {
        let plan = Plan::parse(&words("--rounds 3"));
        assert_eq!(parse(&words("torture --rounds 3")), plan.map(|plan| vec![Chore::Torture(plan)]));
    }

    #[test]
    fn exhaust_keeps_its_length() {
        assert_eq!(parse(&words("exhaust --length 3")), Ok(vec![Chore::Exhaust(words("--length 3"))]));
    }

    #[test]
    fn an_unknown_chore_is_named() {
        assert_eq!(parse(&words("test tset")), Err("no such chore: tset".to_owned()));
    }
}
