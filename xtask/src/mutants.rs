//! `cargo xtask mutants`: the tests of the core are checked. Many small mistakes are made in a copy of it, all in one
//! build, each to be switched on by itself; a test has to fail for nearly all of them, and for the rest there has to be
//! a reason.

mod argued;
mod compile;
mod constants;
mod crew;
mod find;
mod ledger;
mod operators;
mod options;
mod page;
mod suite;
mod tree;
mod trial;
mod values;
mod weave;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::command::Failure;
use crate::mutants::find::Mutant;
use crate::mutants::ledger::{Ledger, Outcome};
use crate::mutants::page::Judged;
use crate::mutants::suite::Test;
use crate::mutants::tree::Tree;
use crate::report::{Report, Tally};
use crate::workspace::Workspace;

pub(crate) use crate::mutants::options::Options;

/// Judges all mutants, or those that are asked for, and writes the page about all that are judged.
pub(crate) fn run(workspace: &Workspace, report: &mut Report, options: &Options) {
    report.step("mutants of the core", || judge_all(workspace, options));
}

fn judge_all(workspace: &Workspace, options: &Options) -> Result<Tally, Failure> {
    let directory = workspace.target.join("mutants");
    fs::create_dir_all(&directory).map_err(Failure::at(&directory))?;
    let reasons = argued::read()?;
    let tree = Tree::plant(workspace, &directory)?;
    let built = compile::build(&tree, &directory)?;
    println!("{} mutants, {} of them do not compile", tree.mutants().count(), built.unviable.len());

    let tests = suite::survey(&built.binaries, &tree.core(), &directory, options.jobs)?;
    let names: BTreeSet<String> = tests.iter().map(Test::path).collect();
    let mut ledger = Ledger::open(&directory, tree.sources, tree.judges, &names)?;
    let viable: Vec<&Mutant> = tree.mutants().filter(|mutant| !built.unviable.contains(&mutant.id)).collect();
    let due = due(&viable, &ledger, options);
    let alone: Duration = tests.iter().map(|test| test.took).sum();
    println!(
        "{} tests, {:.1} s one by one; {} mutants to judge",
        tests.len(),
        alone.as_secs_f64(),
        due.len()
    );

    let outcomes = judge(due, &tests, &tree, &ledger, &directory, options.jobs)?;
    ledger.known.extend(outcomes);
    let judged = Judged {
        all: tree.mutants().collect(),
        unviable: &built.unviable,
        left: tree.left(),
        outcomes: &ledger.known,
        reasons: &reasons,
    };
    page::write(&workspace.root, &judged)?;
    Ok(judged.tally())
}

/// What is not judged yet, of what is asked for.
fn due<'a>(viable: &[&'a Mutant], ledger: &Ledger, options: &Options) -> Vec<&'a Mutant> {
    let asked = |mutant: &&&Mutant| options.only.is_empty() || options.only.contains(&mutant.file);
    let open = |mutant: &&&Mutant| options.again || !ledger.known.contains_key(&mutant.key);
    let all: Vec<&Mutant> = viable.iter().filter(asked).filter(open).copied().collect();
    let step = options.sample.and_then(|many| all.len().checked_div(many)).unwrap_or(1).max(1);
    let many = options.sample.unwrap_or(usize::MAX);
    all.into_iter().step_by(step).take(many).collect()
}

fn judge(
    due: Vec<&Mutant>,
    tests: &[Test],
    tree: &Tree,
    ledger: &Ledger,
    directory: &Path,
    jobs: usize,
) -> Result<BTreeMap<String, Outcome>, Failure> {
    let (all, done, survived) = (due.len(), AtomicUsize::new(0), AtomicUsize::new(0));
    let began = Instant::now();
    let core = tree.core();
    let outcomes = crew::all(due, jobs, |worker, mutant| {
        let outcome = trial::judge(mutant.id, tests, &core, &directory.join(format!("out-{worker}")))?;
        ledger.note(&mutant.key, &outcome)?;
        if !outcome.is_caught() {
            survived.fetch_add(1, Ordering::Relaxed);
            println!("{outcome:?}: {} (line {})", mutant.key, mutant.line);
        }
        let now = done.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if now.is_multiple_of(50) {
            let survived = survived.load(Ordering::Relaxed);
            println!("{now} of {all}, {survived} survived, {:.0} s", began.elapsed().as_secs_f64());
        }
        Ok((mutant.key.clone(), outcome))
    });
    outcomes.into_iter().collect()
}
