//! The tests that are written in Python, because the SDK they exercise is.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::command::{self, Failure};
use crate::report::Tally;
use crate::workspace::Workspace;

/// The harness's own tests. They need no server and nothing installed.
pub(crate) fn harness_tests(workspace: &Workspace) -> Result<(), Failure> {
    command::run(system_python(workspace).args(["-m", "unittest", "--quiet", "test_harness"]))
}

/// The official SDK against the release program, which must have been built.
pub(crate) fn end_to_end(workspace: &Workspace) -> Result<Tally, Failure> {
    let mut python = python(workspace, environment(workspace)?.join("bin").join("python"));
    python.arg("e2e.py").arg("--program").arg(workspace.release_program());
    command::run_counting(&mut python, Tally::from_closing_line)
}

/// SIGKILL rounds on the release program, which must have been built.
pub(crate) fn torture(workspace: &Workspace, options: &[String]) -> Result<Tally, Failure> {
    let mut python = system_python(workspace);
    python.arg("torture.py").arg("--program").arg(workspace.release_program()).args(options);
    command::run_counting(&mut python, Tally::from_closing_line)
}

fn system_python(workspace: &Workspace) -> Command {
    python(workspace, PathBuf::from("python3"))
}

/// A Python in the directory of the tests, which leaves nothing behind there.
fn python(workspace: &Workspace, program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace.root.join("tests").join("sdk")).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The virtual environment with the pinned SDK; made anew whenever the pins have changed.
fn environment(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let requirements = workspace.root.join("tests").join("sdk").join("requirements.txt");
    let wanted = fs::read_to_string(&requirements).map_err(Failure::at(&requirements))?;
    let directory = workspace.target.join("sdk-venv");
    let stamp = directory.join("installed-requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(directory);
    }

    command::run(system_python(workspace).args(["-m", "venv", "--clear"]).arg(&directory))?;
    let mut pip = python(workspace, directory.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements);
    command::run(&mut pip)?;
    // Last of all, so that an installation cut short is not taken for a whole one.
    fs::write(&stamp, wanted).map_err(Failure::at(&stamp))?;
    Ok(directory)
}
