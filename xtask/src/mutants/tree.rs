//! The copy of the workspace that is mutated: all of its crates, so that whoever tests the core sees the mutants too.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use crate::command::Failure;
use crate::mutants::constants;
use crate::mutants::find::{self, Found, Known, Mutant};
use crate::mutants::values::Results;
use crate::mutants::weave::{Id, Woven, weave};
use crate::workspace::Workspace;

/// Where the core is, from the root.
const CORE: &str = "crates/fleet";
const RUNTIME: &str = include_str!("runtime.rs");

/// All mutants, and where they are made.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The root of the copy.
    pub(crate) root: PathBuf,
    files: Vec<(PathBuf, Found)>,
    /// Of the sources of the core, and of all that judges it.
    pub(crate) sources: u64,
    pub(crate) judges: u64,
}

impl Tree {
    /// Copies the workspace and finds all mutants of the core.
    pub(crate) fn plant(workspace: &Workspace, directory: &Path) -> Result<Self, Failure> {
        let root = directory.join("tree");
        for part in ["crates", "docs", "proptest-regressions", "Cargo.lock"] {
            copy(&workspace.root.join(part), &root.join(part))?;
        }
        let manifest = workspace.root.join("Cargo.toml");
        let manifest = fs::read_to_string(&manifest).map_err(Failure::at(&manifest))?;
        let members = |line: &str| {
            if line.starts_with("members = ") { "members = [\"crates/*\"]" } else { line }.to_owned()
        };
        let manifest: Vec<_> = manifest.lines().map(members).collect();
        write(&root.join("Cargo.toml"), &(manifest.join("\n") + "\n"))?;

        let core = workspace.root.join(CORE);
        let texts = read(&core.join("src"))?;
        let judges = [read(&core.join("tests"))?, read(&workspace.root.join("crates/testkit/src"))?].concat();
        let parsed = parse(&texts)?;
        let fixed = constants::names(parsed.iter().chain(&parse(&judges)?));
        let results = Results::of(&parsed);
        let known = Known { fixed: &fixed, results: &results };
        let mut files = Vec::new();
        let mut next = 0;
        for ((path, text), file) in texts.iter().zip(&parsed) {
            let name = path.strip_prefix(core.join("src")).unwrap_or(path);
            let found = find::find(&name.display().to_string(), text, file, known, next);
            next = found.mutants.last().map_or(next, |last| last.id.saturating_add(1));
            files.push((root.join(CORE).join("src").join(name), found));
        }
        Ok(Self { root, files, sources: digest(&texts), judges: digest(&judges) })
    }

    /// Where the tests of the core run.
    pub(crate) fn core(&self) -> PathBuf {
        self.root.join(CORE)
    }

    pub(crate) fn mutants(&self) -> impl Iterator<Item = &Mutant> {
        self.files.iter().flat_map(|(_, found)| &found.mutants)
    }

    /// How many functions are left alone.
    pub(crate) fn left(&self) -> usize {
        self.files.iter().map(|(_, found)| found.left).sum()
    }

    /// Writes the core without the mutants that are `left_out`.
    pub(crate) fn write(&self, left_out: &BTreeSet<Id>) -> Result<Vec<(PathBuf, Woven)>, Failure> {
        let mut all = Vec::new();
        for (path, found) in &self.files {
            let mut woven = weave(&found.text, &found.sites, left_out);
            if path.ends_with("src/lib.rs") {
                woven.text.push_str("\nmod mutant;\n");
            }
            write(path, &woven.text)?;
            all.push((path.clone(), woven));
        }
        write(&self.core().join("src/mutant.rs"), RUNTIME)?;
        Ok(all)
    }
}

/// Writes what is new; what is as it was would only be compiled again.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Failure::at(parent))?;
    }
    fs::write(path, text).map_err(Failure::at(path))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.is_file() {
        let text = fs::read(from).map_err(Failure::at(from))?;
        if fs::read(to).is_ok_and(|before| before == text) {
            return Ok(());
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(Failure::at(parent))?;
        }
        return fs::write(to, text).map_err(Failure::at(to));
    }
    prune(from, to)?;
    for entry in fs::read_dir(from).map_err(Failure::at(from))? {
        let path = entry.map_err(Failure::at(from))?.path();
        let name = path.file_name().unwrap_or_default();
        // The core's own sources are written with their mutants.
        if name != "target" && !path.ends_with(Path::new(CORE).join("src")) {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

/// Takes out of the copy what is not there any more: a test that is gone must not judge.
fn prune(from: &Path, to: &Path) -> Result<(), Failure> {
    let Ok(entries) = fs::read_dir(to) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(Failure::at(to))?.path();
        if from.join(path.file_name().unwrap_or_default()).exists() {
            continue;
        }
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(Failure::at(&path))?;
    }
    Ok(())
}

fn read(directory: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).map_err(Failure::at(directory))? {
        let path = entry.map_err(Failure::at(directory))?.path();
        if path.is_dir() {
            all.extend(read(&path)?);
        } else if path.extension() == Some(OsStr::new("rs")) {
            let text = fs::read_to_string(&path).map_err(Failure::at(&path))?;
            all.push((path, text));
        }
    }
    all.sort();
    Ok(all)
}

fn parse(texts: &[(PathBuf, String)]) -> Result<Vec<syn::File>, Failure> {
    let file = |(path, text): &(PathBuf, String)| {
        syn::parse_file(text).map_err(|why| Failure::Mutants { why: format!("{}: {why}", path.display()) })
    };
    texts.iter().map(file).collect()
}

fn digest(texts: &[(PathBuf, String)]) -> u64 {
    let mut hasher = DefaultHasher::new();
    texts.iter().for_each(|(_, text)| text.hash(&mut hasher));
    hasher.finish()
}
