//! `cargo xtask planted`: the checkers are checked. Each mistake of `docs/proof.md` is made in turn, and the test
//! named beside it has to fail; with none of them, all of these tests have to pass.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::command::{self, Failure};
use crate::report::{Report, Tally};
use crate::workspace::Workspace;

const DOCUMENT: &str = "docs/proof.md";
/// What names the mistake to the program that makes it.
const VARIABLE: &str = "HATCHERY_PLANTED";

/// A row of the document.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Planted {
    mistake: String,
    checker: String,
}

/// Makes every mistake, or those that are named.
pub(crate) fn run(workspace: &Workspace, report: &mut Report, wanted: &[String]) {
    let planted = match read(&workspace.root) {
        Ok(planted) => planted,
        Err(failure) => return report.step("planted mistakes", || -> Result<(), _> { Err(failure) }),
    };
    let planted: Vec<_> =
        planted.into_iter().filter(|row| wanted.is_empty() || wanted.contains(&row.mistake)).collect();
    report.step("checkers without a mistake", || sound(workspace, &planted));
    if !report.has_failed() {
        report.step("planted mistakes", || found(workspace, &planted));
    }
}

/// Nothing is wrong, and nobody says so.
fn sound(workspace: &Workspace, planted: &[Planted]) -> Result<Tally, Failure> {
    let checkers: BTreeSet<_> = planted.iter().map(|row| row.checker.as_str()).collect();
    let mut cargo = tests(workspace);
    cargo.args(checkers);
    command::run_counting(&mut cargo, Tally::from_cargo_test)
}

/// Each mistake is made, and its checker has to say so.
fn found(workspace: &Workspace, planted: &[Planted]) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for Planted { mistake, checker } in planted {
        let mut cargo = tests(workspace);
        cargo.arg(checker).env(VARIABLE, mistake).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = cargo
            .output()
            .map_err(|why| Failure::Unstartable { command: format!("cargo test {checker}"), why })?;
        // A checker that was not run, or a build that broke, has found nothing.
        let text = String::from_utf8_lossy(&output.stdout);
        let caught = text.lines().filter_map(Tally::from_cargo_test).any(|tally| tally.failed > 0);
        println!(
            "{mistake}: {}",
            if caught { format!("caught by {checker}") } else { "NOT CAUGHT".to_owned() }
        );
        tally = tally.plus(if caught { Tally::ONE_PASSED } else { Tally::ONE_FAILED });
    }
    Ok(tally)
}

fn tests(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--quiet", "--package", "store", "--features", "inside,planted", "--no-fail-fast"]);
    cargo.args(["--lib", "--test", "model", "--test", "proof", "--", "--exact"]);
    cargo
}

fn read(root: &Path) -> Result<Vec<Planted>, Failure> {
    let path = root.join(DOCUMENT);
    let text = fs::read_to_string(&path).map_err(Failure::at(&path))?;
    Ok(rows(&text))
}

/// The rows whose first and last cells are in backticks.
fn rows(document: &str) -> Vec<Planted> {
    let quoted = |cell: &str| Some(cell.trim().strip_prefix('`')?.strip_suffix('`')?.to_owned());
    let row = |line: &str| {
        let mut cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|');
        let (mistake, checker) = (quoted(cells.next()?)?, quoted(cells.next_back()?)?);
        Some(Planted { mistake, checker })
    };
    document.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_a_mistake_and_its_checker() {
        let text =
            "| mistake | what | checker |\n| --- | --- | --- |\n| `A` | it is | `tests::a_b` |\nprose\n";
        let row = Planted { mistake: "A".to_owned(), checker: "tests::a_b".to_owned() };
        assert_eq!(rows(text), [row]);
    }

    #[test]
    fn every_mistake_that_can_be_made_is_in_the_document() {
        let workspace = Workspace::load().unwrap();
        let source = workspace.root.join("crates/store/src/planted.rs");
        let source = fs::read_to_string(source).unwrap();
        let (_, body) = source.split_once("enum Mistake {").unwrap();
        let (body, _) = body.split_once('}').unwrap();
        let mistakes: BTreeSet<_> = body.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let rows = read(&workspace.root).unwrap();
        let listed: BTreeSet<_> = rows.iter().map(|row| row.mistake.as_str()).collect();
        assert_eq!(mistakes, listed);
        assert_eq!(listed.len(), rows.len(), "one of them is listed twice");
    }
}
