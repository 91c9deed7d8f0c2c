//! `cargo xtask torture`: as much proof of the store as there is time for. Three kinds: SIGKILL rounds on the release
//! program, crash points in process, and damaged files.
//!
//! What runs in process is the tests of the store with other shares. It keeps a log below the target directory, and
//! goes on from it when it was broken off and nothing was built anew.

use std::path::Path;

use crate::command::{self, Failure};
use crate::python;
use crate::report::{Report, Tally};
use crate::test;
use crate::workspace::Workspace;

/// Which kind of torture, and how much.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Torture {
    /// With the options that its program takes.
    Kills(Vec<String>),
    /// Every crash point of every command in every start state, and so many by chance.
    Points(u64),
    /// Every small damage to every file of some stores, and so many by chance.
    Corrupt(u64),
}

impl Torture {
    pub(crate) fn parse(options: &[String]) -> Result<Self, String> {
        let number = |text: &str| text.parse().map_err(|_| format!("how many? {text}"));
        match options {
            [kind, many] if kind == "--points" => Ok(Self::Points(number(many)?)),
            [kind, many] if kind == "--corrupt" => Ok(Self::Corrupt(number(many)?)),
            [kind] if kind == "--points" || kind == "--corrupt" => Err(format!("how many {kind}?")),
            options => Ok(Self::Kills(options.to_vec())),
        }
    }
}

pub(crate) fn run(workspace: &Workspace, report: &mut Report, torture: &Torture) {
    match torture {
        Torture::Kills(options) => report.step("torture", || {
            test::build_release_program(workspace)?;
            python::torture(workspace, options)
        }),
        Torture::Points(many) => {
            report.step("crash points", || in_process(workspace, "points::", ("HATCHERY_POINTS", *many)));
        }
        Torture::Corrupt(many) => {
            report.step("damaged files", || in_process(workspace, "damage::", ("HATCHERY_CORRUPT", *many)));
        }
    }
}

/// The tests of the store below `module`, with all of their work instead of a share.
fn in_process(workspace: &Workspace, module: &str, (variable, many): (&str, u64)) -> Result<Tally, Failure> {
    let log = workspace.target.join("torture");
    let mut cargo = workspace.cargo();
    cargo.args([
        "test",
        "--release",
        "--package",
        "store",
        "--features",
        "inside",
        "--test",
        "proof",
        "--",
        "--nocapture",
        module,
    ]);
    cargo.env(variable, many.to_string()).env("HATCHERY_TORTURE_LOG", log);
    // Files that are made to be broken belong into memory, where there is a place for that.
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        cargo.env("TMPDIR", memory);
    }
    command::run_counting(&mut cargo, Tally::from_cargo_test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_said_by_the_first_option() {
        for (words, expected) in [
            ("--rounds 3", Ok(Torture::Kills(vec!["--rounds".to_owned(), "3".to_owned()]))),
            ("", Ok(Torture::Kills(Vec::new()))),
            ("--points 2000", Ok(Torture::Points(2000))),
            ("--corrupt 10", Ok(Torture::Corrupt(10))),
            ("--points", Err("how many --points?".to_owned())),
            ("--points many", Err("how many? many".to_owned())),
        ] {
            let options: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(Torture::parse(&options), expected, "{words}");
        }
    }
}
