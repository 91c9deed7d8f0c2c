//! `hatchery check`: walks a whole store, read-only, and names every broken invariant.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::serve::store_path;
use crate::{Failure, Outcome, say};

/// What `hatchery check` can be told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of a server. Unless --online is given it has to be stopped.
    #[arg(long, default_value = "hatchery-data")]
    data: PathBuf,
    /// Check a store in use, as of its last commit: every record and invariant, but not the index.
    #[arg(long)]
    online: bool,
}

/// Checks a store. Success when nothing is wrong with it, failure (1) when something is.
pub(crate) fn run(arguments: &Arguments) -> Outcome<ExitCode> {
    let path = store_path(&arguments.data);
    let check = if arguments.online { hatchery::check_online } else { hatchery::check };
    let checked = check(&path).map_err(|source| Failure::Store { path: path.clone(), source })?;
    for note in &checked.notes {
        say(format_args!("note: {note}"));
    }
    for finding in &checked.findings {
        say(finding);
    }
    let (records, revision) = (checked.records, checked.revision);
    match checked.findings.len() {
        0 => {
            say(format_args!("clean: {records} records at revision {revision}"));
            Ok(ExitCode::SUCCESS)
        }
        findings => {
            say(format_args!("{findings} findings among {records} records at revision {revision}"));
            Ok(ExitCode::FAILURE)
        }
    }
}
