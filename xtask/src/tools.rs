//! Cargo subcommands that a fresh machine lacks: built once, from the registry, into the target directory.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use crate::command::{self, Failure};
use crate::workspace::Workspace;

/// A tool and its pinned release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
pub(crate) const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

/// Tools wait for the network and for other programs, so they are built for a short build and not for speed.
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];

impl Tool {
    /// Makes sure that the pinned release is there, and returns `cargo` with it in reach.
    pub(crate) fn ready(self, workspace: &Workspace) -> Result<Command, Failure> {
        let tools = workspace.target.join("tools");
        if !self.is_installed(workspace) {
            let build = tools.join("build");
            let mut install = workspace.cargo();
            install.envs(QUICK_BUILD).env("CARGO_TARGET_DIR", &build);
            install
                .args(["install", "--locked", "--force", self.name, "--version", self.version, "--root"])
                .arg(&tools);
            command::run(&mut install)?;
            fs::remove_dir_all(&build).map_err(Failure::at(&build))?;
        }
        let mut cargo = workspace.cargo();
        cargo.env("PATH", path_with(&tools.join("bin")));
        Ok(cargo)
    }

    /// Cargo keeps a list of what it has installed; the release is part of each entry.
    fn is_installed(self, workspace: &Workspace) -> bool {
        let list = workspace.target.join("tools").join(".crates.toml");
        let entry = format!("\"{} {} ", self.name, self.version);
        fs::read_to_string(list).is_ok_and(|list| list.contains(&entry))
    }
}

fn path_with(first: &std::path::Path) -> OsString {
    let mut path = OsString::from(first);
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    path
}
