//! Our own rules, those no compiler holds. Each is a plain function from what is there to what is wrong with it.

mod clock;
mod edges;
mod guarantees;
mod sources;

use crate::checks::sources::Sources;
use crate::command::Failure;
use crate::report::{Report, Tally};
use crate::workspace::Workspace;

/// What one rule looked at, and what it did not like: a sentence each.
#[derive(Debug, Default, Eq, PartialEq)]
struct Checked {
    looked_at: usize,
    findings: Vec<String>,
}

/// Holds the workspace to every rule and books one check per rule.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) -> Result<(), Failure> {
    let sources = Sources::read(&workspace.root)?;
    let guarantees = guarantees::read(&workspace.root)?;
    let rules = [
        ("crate edges", edges::only_allowed_edges(&workspace.packages)),
        ("file openings", sources::every_file_says_what_it_is(&sources)),
        ("left-over words", sources::nothing_is_left_for_later(&sources)),
        ("the core has no std", sources::the_core_has_no_std(&sources)),
        ("clock and threads", clock::the_library_starts_no_thread_and_reads_no_clock(&sources)),
        ("docs/guarantees.md", guarantees::every_named_test_exists(&guarantees, &sources)),
    ];
    report.step("our own rules", || Ok(tell(&rules)));
    Ok(())
}

/// Prints every rule's count and findings.
fn tell(rules: &[(&str, Checked)]) -> Tally {
    let mut tally = Tally::default();
    for (name, Checked { looked_at, findings }) in rules {
        println!("{name}: {looked_at} looked at, {} wrong", findings.len());
        for finding in findings {
            println!("  {finding}");
        }
        tally = tally.plus(if findings.is_empty() { Tally::ONE_PASSED } else { Tally::ONE_FAILED });
    }
    tally
}
