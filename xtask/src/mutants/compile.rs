//! One build with all mutants in it. What does not type-check is taken out, as often as it takes.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command::Failure;
use crate::mutants::tree::{self, Tree};
use crate::mutants::weave::{Id, Woven};

/// A test binary.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Binary {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// What was built.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) binaries: Vec<Binary>,
    /// The mutants that are none: they do not compile.
    pub(crate) unviable: BTreeSet<Id>,
}

/// Builds the tests of the core with every mutant that compiles.
pub(crate) fn build(tree: &Tree, directory: &Path) -> Result<Built, Failure> {
    // What did not compile last time is not tried again, as long as nothing has changed.
    let known = directory.join(format!("unviable-{:016x}-{}.json", tree.sources, tree.mutants().count()));
    let mut unviable: BTreeSet<Id> = fs::read_to_string(&known)
        .ok()
        .and_then(|text| serde_json::from_str::<Vec<Id>>(&text).ok())
        .map(BTreeSet::from_iter)
        .unwrap_or_default();
    loop {
        let woven = tree.write(&unviable)?;
        let errors = errors(tree, directory)?;
        if errors.is_empty() {
            break;
        }
        let blamed: BTreeSet<Id> = errors.iter().flat_map(|error| blame(tree, &woven, error)).collect();
        let before = unviable.len();
        unviable.extend(&blamed);
        println!("{} errors, {} mutants do not compile so far", errors.len(), unviable.len());
        if unviable.len() == before {
            let first = errors.first().map(|error| error["rendered"].to_string()).unwrap_or_default();
            return Err(Failure::Mutants { why: format!("no mutant is to blame for: {first}") });
        }
    }
    let list = serde_json::to_string(&unviable.iter().collect::<Vec<_>>()).unwrap_or_default();
    tree::write(&known, &list)?;
    Ok(Built { binaries: binaries(tree, directory)?, unviable })
}

/// The errors of the compiler.
fn errors(tree: &Tree, directory: &Path) -> Result<Vec<Value>, Failure> {
    let (messages, _) = cargo(tree, directory, &["check", "--lib"])?;
    let mut errors: Vec<_> = messages
        .into_iter()
        .filter_map(|mut message| {
            let inner = message.get_mut("message").map(Value::take)?;
            (inner.get("level")? == "error").then_some(inner)
        })
        .collect();
    // Its last words point nowhere.
    errors.retain(|error| error["spans"].as_array().is_some_and(|spans| !spans.is_empty()));
    Ok(errors)
}

/// Whose text the error is in; or else all that share the place it is at.
fn blame(tree: &Tree, woven: &[(PathBuf, Woven)], error: &Value) -> BTreeSet<Id> {
    let places = |primary: bool| {
        let spans = error["spans"].as_array().into_iter().flatten();
        spans.filter(move |span| span["is_primary"] == primary).filter_map(|span| place(tree, woven, span))
    };
    let all = || places(true).chain(places(false));
    if let Some(id) = all().find_map(|(woven, at)| woven.mutant_at(&at)) {
        return BTreeSet::from([id]);
    }
    all().find_map(|(woven, at)| woven.site_at(&at)).cloned().unwrap_or_default()
}

fn place<'a>(tree: &Tree, woven: &'a [(PathBuf, Woven)], span: &Value) -> Option<(&'a Woven, Range<usize>)> {
    let file = tree.root.join(span["file_name"].as_str()?);
    let number = |field: &str| usize::try_from(span[field].as_u64()?).ok();
    let (_, woven) = woven.iter().find(|(path, _)| *path == file)?;
    Some((woven, number("byte_start")?..number("byte_end")?))
}

fn binaries(tree: &Tree, directory: &Path) -> Result<Vec<Binary>, Failure> {
    let (messages, is_built) = cargo(tree, directory, &["test", "--no-run"])?;
    if !is_built {
        let errors = messages.iter().filter_map(|message| message.pointer("/message/rendered")?.as_str());
        let errors: Vec<_> = errors.collect();
        return Err(Failure::Mutants { why: format!("the tests do not compile: {}", errors.join("\n")) });
    }
    let binary = |message: &Value| {
        let path = message.get("executable")?.as_str()?.into();
        Some(Binary { name: message.pointer("/target/name")?.as_str()?.to_owned(), path })
    };
    Ok(messages.iter().filter_map(binary).collect())
}

/// What cargo says, and whether it succeeded.
fn cargo(tree: &Tree, directory: &Path, arguments: &[&str]) -> Result<(Vec<Value>, bool), Failure> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&tree.root).args(arguments).args(["--package", "fleet", "--message-format=json"]);
    cargo.env("CARGO_TARGET_DIR", directory.join("build")).env("RUSTFLAGS", "--cap-lints=allow");
    // Tests are run thousands of times, and nobody debugs them; overflow is found as in every other test.
    cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "false");
    let unstartable = |why| Failure::Unstartable { command: "cargo".to_owned(), why };
    let output = cargo.stdout(Stdio::piped()).stderr(Stdio::piped()).output().map_err(unstartable)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if messages.is_empty() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::Mutants { why });
    }
    Ok((messages, output.status.success()))
}
