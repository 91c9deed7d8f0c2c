//! The tests that are written in Python, because the SDK they exercise is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, Failure};
use crate::report::Tally;
use crate::workspace::Workspace;

/// The harness's own tests. They need no server and nothing installed.
pub(crate) fn harness_tests(workspace: &Workspace) -> Result<(), Failure> {
    command::run(system_python(workspace).args(["-m", "unittest", "--quiet", "test_harness"]))
}

/// A client that is tested end to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Client<'a> {
    /// The official SDK, which signs by parameters.
    Official,
    /// The SDK that signs with ACS3-HMAC-SHA256.
    V3,
    /// The SDK of Zenlayer.
    Zenlayer,
    /// The generic RPC client for node; `checks` has its packages installed beside it.
    PopCore { checks: &'a Path },
}

/// A client against the release program, which must have been built.
pub(crate) fn against_release(workspace: &Workspace, client: Client<'_>) -> Result<Tally, Failure> {
    let mut python = match client {
        Client::Official => environment(workspace, "requirements.txt", "sdk-venv", "e2e.py")?,
        Client::V3 => environment(workspace, "requirements-clients.txt", "clients-venv", "e2e_v3.py")?,
        Client::Zenlayer => {
            environment(workspace, "requirements-clients.txt", "clients-venv", "e2e_zenlayer.py")?
        }
        Client::PopCore { checks } => {
            let mut python = system_python(workspace);
            python.arg("e2e_pop_core.py").arg("--checks").arg(checks);
            python
        }
    };
    python.arg("--program").arg(workspace.release_program());
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

/// Python with `requirements` installed, about to run `program`. Its virtual environment is made anew whenever the
/// pins have changed.
fn environment(
    workspace: &Workspace,
    requirements: &str,
    name: &str,
    program: &str,
) -> Result<Command, Failure> {
    let requirements = workspace.root.join("tests").join("sdk").join(requirements);
    let wanted = fs::read_to_string(&requirements).map_err(Failure::at(&requirements))?;
    let directory = workspace.target.join(name);
    let interpreter = directory.join("bin").join("python");
    let stamp = directory.join("installed-requirements.txt");
    if !fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        command::run(system_python(workspace).args(["-m", "venv", "--clear"]).arg(&directory))?;
        let mut pip = python(workspace, interpreter.clone());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements);
        command::run(&mut pip)?;
        // Last of all, so that an installation cut short is not taken for a whole one.
        fs::write(&stamp, wanted).map_err(Failure::at(&stamp))?;
    }
    let mut python = python(workspace, interpreter);
    python.arg(program);
    Ok(python)
}
