//! Where things are and what the workspace is made of, as `cargo metadata` tells it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::command::{self, Failure};

/// Directories beside the main workspace that are workspaces of their own.
const OUTSIDE: [&str; 2] = ["fuzz", "bench"];

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where build products go, and our own tools and environments with them.
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// The names of its programs.
    pub(crate) programs: Vec<String>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) purpose: Purpose,
    pub(crate) origin: Origin,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// The library or program itself, or its build script.
    Product,
    /// Tests, examples and benchmarks only.
    Tests,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    Workspace,
    Registry,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned();
        let metadata = metadata(&root.join("Cargo.toml"))?;
        let target = text(&metadata, "target_directory")?;
        Ok(Self { target: target.into(), packages: packages(&metadata)?, root })
    }

    /// `cargo`, to be run at the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        command
    }

    /// The manifests of the workspaces beside the main one, as far as they exist.
    pub(crate) fn outside_manifests(&self) -> Vec<PathBuf> {
        let manifests = OUTSIDE.iter().map(|directory| self.root.join(directory).join("Cargo.toml"));
        manifests.filter(|manifest| manifest.exists()).collect()
    }

    /// The program as users run it.
    pub(crate) fn release_program(&self) -> PathBuf {
        self.target.join("release").join("hatchery")
    }

    /// The fuzz targets, or none when `fuzz/` has no manifest.
    pub(crate) fn fuzz_targets(&self) -> Result<Vec<String>, Failure> {
        let manifest = self.root.join("fuzz").join("Cargo.toml");
        if !manifest.exists() {
            return Ok(Vec::new());
        }
        let packages = packages(&metadata(&manifest)?)?;
        Ok(packages.into_iter().flat_map(|package| package.programs).collect())
    }
}

fn metadata(manifest: &Path) -> Result<Value, Failure> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path"]).arg(manifest);
    let text = command::capture(&mut cargo)?;
    serde_json::from_str(&text).map_err(|why| Failure::Metadata { why: why.to_string() })
}

fn packages(metadata: &Value) -> Result<Vec<Package>, Failure> {
    list(metadata, "packages")?.iter().map(package).collect()
}

fn package(row: &Value) -> Result<Package, Failure> {
    let programs = list(row, "targets")?.iter().filter(|target| is_program(target));
    Ok(Package {
        name: text(row, "name")?.to_owned(),
        dependencies: list(row, "dependencies")?.iter().map(dependency).collect::<Result<_, _>>()?,
        programs: programs.map(|target| text(target, "name").map(str::to_owned)).collect::<Result<_, _>>()?,
    })
}

fn is_program(target: &Value) -> bool {
    target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin"))
}

fn dependency(row: &Value) -> Result<Dependency, Failure> {
    let name = text(row, "name")?.to_owned();
    let purpose = if row["kind"] == "dev" { Purpose::Tests } else { Purpose::Product };
    let origin = if row["path"].is_string() { Origin::Workspace } else { Origin::Registry };
    Ok(Dependency { name, purpose, origin })
}

fn text<'a>(row: &'a Value, field: &str) -> Result<&'a str, Failure> {
    row[field].as_str().ok_or_else(|| misunderstood(field))
}

fn list<'a>(row: &'a Value, field: &str) -> Result<&'a [Value], Failure> {
    row[field].as_array().map(Vec::as_slice).ok_or_else(|| misunderstood(field))
}

fn misunderstood(field: &str) -> Failure {
    Failure::Metadata { why: format!("{field} is not what it used to be") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_understood() {
        let workspace = Workspace::load().unwrap();
        let own = workspace.packages.iter().find(|package| package.name == "xtask").unwrap();
        assert_eq!(own.programs, ["xtask"]);
        let json =
            Dependency { name: "serde_json".to_owned(), purpose: Purpose::Product, origin: Origin::Registry };
        assert!(own.dependencies.contains(&json));
    }
}
