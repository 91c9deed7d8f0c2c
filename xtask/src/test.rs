//! `cargo xtask test`: everything a change has to pass. It installs what it needs under the target directory.

use std::process::Command;

use crate::checks;
use crate::command::{self, Failure};
use crate::python;
use crate::report::{Report, Tally};
use crate::workspace::Workspace;

/// Runs every step, also after a failed one: one run shows all there is to mend.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) -> Result<(), Failure> {
    checks::run(workspace, report)?;
    report.step("formatting", || formatting(workspace));
    report.step("lints", || command::run(&mut lints(workspace)));
    report.step("rust tests", || command::run_counting(&mut rust_tests(workspace), Tally::from_cargo_test));
    report.step("test harness", || python::harness_tests(workspace));
    report.step("official sdk", || official_sdk(workspace));
    Ok(())
}

fn formatting(workspace: &Workspace) -> Result<(), Failure> {
    command::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    for manifest in workspace.outside_manifests() {
        command::run(workspace.cargo().args(["fmt", "--check", "--manifest-path"]).arg(manifest))?;
    }
    Ok(())
}

fn lints(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--workspace", "--all-features", "--all-targets", "--", "-D", "warnings"]);
    cargo
}

fn rust_tests(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    cargo
}

fn official_sdk(workspace: &Workspace) -> Result<Tally, Failure> {
    build_release_program(workspace)?;
    python::against_release(workspace, python::Client::Official)
}

/// Builds the program as users run it.
pub(crate) fn build_release_program(workspace: &Workspace) -> Result<(), Failure> {
    command::run(workspace.cargo().args(["build", "--release", "--package", "cli"]))
}
