//! The tests that are written for node, because the SDK they exercise is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, Failure};
use crate::python;
use crate::report::Outcome;
use crate::workspace::Workspace;

/// What `npm ci` reads.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];
const CHECKS: &str = "e2e.js";

/// The generic RPC client against the release program, which must have been built. Needs node and npm.
pub(crate) fn end_to_end(workspace: &Workspace) -> Result<Outcome, Failure> {
    for program in ["node", "npm"] {
        if let Err(failure) = command::capture(Command::new(program).arg("--version")) {
            return Ok(Outcome::Skipped { why: format!("{program} is needed: {failure}") });
        }
    }
    let checks = environment(workspace)?.join(CHECKS);
    Ok(python::against_release(workspace, python::Client::PopCore { checks: &checks })?.into())
}

/// A copy of the checks with the pinned packages beside it; installed anew whenever the pins have changed.
fn environment(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let committed = workspace.root.join("tests").join("sdk").join("pop-core");
    let directory = workspace.target.join("pop-core");
    let stamp = directory.join("installed-pins");
    let wanted = PINS.map(|name| read(&committed.join(name)));
    let wanted = wanted.into_iter().collect::<Result<String, _>>()?;
    let is_installed = fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if !is_installed && directory.exists() {
        fs::remove_dir_all(&directory).map_err(Failure::at(&directory))?;
    }
    fs::create_dir_all(&directory).map_err(Failure::at(&directory))?;
    for name in PINS.into_iter().chain([CHECKS]) {
        let from = committed.join(name);
        fs::copy(&from, directory.join(name)).map_err(Failure::at(&from))?;
    }
    if !is_installed {
        let mut npm = Command::new("npm");
        npm.current_dir(&directory).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        command::run(&mut npm)?;
        // Last of all, so that an installation cut short is not taken for a whole one.
        fs::write(&stamp, wanted).map_err(Failure::at(&stamp))?;
    }
    Ok(directory)
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::at(path))
}
