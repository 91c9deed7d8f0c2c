//! `cargo xtask verify`: what takes longer than a change should wait for, in small doses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, Failure};
use crate::node;
use crate::python::{self, Client};
use crate::report::{Outcome, Report};
use crate::test;
use crate::tools;
use crate::torture;
use crate::workspace::Workspace;

/// For each target: there are twelve of them, and all together are to take a few minutes, builds included.
const FUZZ_SECONDS: u32 = 10;
const FUZZ_MEMORY_MIB: u32 = 2048;
/// What the release program is to simulate: some small worlds in which everything goes wrong, and a large one. About
/// half a minute together.
const SIMULATIONS: [&str; 2] = [
    "simulate --seed 1000 --seeds 10 --days 2 --audit-steps 20",
    "simulate --seed 1 --days 30 --instances 10000 --lifetime 50 --faults usual",
];

pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    report.step("dependencies", || deny(workspace, &["check", "bans", "licenses", "sources"]));
    report.step("advisories", || advisories(workspace));
    clients(workspace, report);
    fuzz(workspace, report);
    torture::sample(workspace, report);
    report.step("simulations", || simulations(workspace));
}

/// Fixed seeds: what fails here fails everywhere.
fn simulations(workspace: &Workspace) -> Result<(), Failure> {
    test::build_release_program(workspace)?;
    let program = workspace.target.join("release").join("hatchery");
    SIMULATIONS.iter().try_for_each(|words| command::run(Command::new(&program).args(words.split(' '))))
}

/// All histories of a very small world; `options` say of which length.
pub(crate) fn exhaust(workspace: &Workspace, report: &mut Report, options: &[String]) {
    report.step("exhaust", || {
        let mut cargo = workspace.cargo();
        cargo.args(["run", "--release", "--package", "testkit", "--example", "exhaust", "--"]);
        command::run(cargo.args(options))
    });
}

/// The clients beside the official SDK, each a step.
pub(crate) fn clients(workspace: &Workspace, report: &mut Report) {
    report.step("sdk of signature version 3", || {
        test::build_release_program(workspace)?;
        python::against_release(workspace, Client::V3)
    });
    report.step("sdk of zenlayer", || python::against_release(workspace, Client::Zenlayer));
    report.step("rpc client for node", || node::end_to_end(workspace));
}

fn deny(workspace: &Workspace, arguments: &[&str]) -> Result<(), Failure> {
    command::run(tools::DENY.ready(workspace)?.arg("deny").args(arguments))
}

/// Advisories need their database; without it nothing is known, and the report has to say so.
fn advisories(workspace: &Workspace) -> Result<Outcome, Failure> {
    let mut cargo = tools::DENY.ready(workspace)?;
    match command::run(cargo.args(["deny", "fetch", "db"])) {
        Ok(()) => Ok(deny(workspace, &["check", "advisories"])?.into()),
        Err(failure) => {
            Ok(Outcome::Skipped { why: format!("the advisory database is out of reach: {failure}") })
        }
    }
}

/// A step per fuzz target, each on a copy of the committed corpus, so that what it finds does not dirty the tree.
fn fuzz(workspace: &Workspace, report: &mut Report) {
    let targets = match workspace.fuzz_targets() {
        Ok(targets) => targets,
        Err(failure) => return report.step("fuzz targets", || -> Result<Outcome, _> { Err(failure) }),
    };
    if targets.is_empty() {
        report.step("fuzz targets", || Ok(Outcome::Skipped { why: "fuzz/ names none".to_owned() }));
    }
    for target in targets {
        report.step(&format!("fuzz {target}"), || fuzz_target(workspace, &target));
    }
}

fn fuzz_target(workspace: &Workspace, target: &str) -> Result<(), Failure> {
    let corpus = corpus_copy(workspace, target)?;
    let mut cargo = tools::FUZZ.ready(workspace)?;
    // The sanitizer is an unstable flag; this lets the pinned stable compiler take it.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    // One unit is cargo-fuzz's default, and takes longer to build than the target then runs.
    cargo.args(["fuzz", "run", "--codegen-units", "16", target]).arg(corpus).arg("--");
    cargo.args([format!("-max_total_time={FUZZ_SECONDS}"), format!("-rss_limit_mb={FUZZ_MEMORY_MIB}")]);
    let words = workspace.root.join("fuzz").join("dict").join("wire.dict");
    cargo.arg(format!("-dict={}", words.display()));
    command::run(&mut cargo)
}

fn corpus_copy(workspace: &Workspace, target: &str) -> Result<PathBuf, Failure> {
    let copy = workspace.target.join("fuzz-corpus").join(target);
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(Failure::at(&copy))?;
    }
    fs::create_dir_all(&copy).map_err(Failure::at(&copy))?;
    let committed = workspace.root.join("fuzz").join("corpus").join(target);
    if committed.exists() {
        copy_files(&committed, &copy)?;
    }
    Ok(copy)
}

fn copy_files(from: &Path, to: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(from).map_err(Failure::at(from))? {
        let entry = entry.map_err(Failure::at(from))?;
        fs::copy(entry.path(), to.join(entry.file_name())).map_err(Failure::at(&entry.path()))?;
    }
    Ok(())
}
