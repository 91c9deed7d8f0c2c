//! What became of every mutant so far: a line each, written when it is known, so that a run can be broken off.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::command::Failure;

/// What became of a mutant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// By the test that is named.
    Caught(String),
    /// A test did not end.
    TimedOut,
    /// All tests that reach it pass.
    Survived,
    /// No test reaches it.
    Unreached,
}

impl Outcome {
    pub(crate) const fn is_caught(&self) -> bool {
        matches!(self, Self::Caught(_) | Self::TimedOut)
    }
}

/// The file, and what is in it.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
    judges: u64,
    pub(crate) known: BTreeMap<String, Outcome>,
}

impl Ledger {
    /// Reads what is known of these `sources`. A mutant that survived other `judges` has to be judged again; one that
    /// was caught need not, as long as there is the test that did.
    pub(crate) fn open(
        directory: &Path,
        sources: u64,
        judges: u64,
        tests: &BTreeSet<String>,
    ) -> Result<Self, Failure> {
        let path = directory.join(format!("ledger-{sources:016x}.jsonl"));
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut known = BTreeMap::new();
        for line in text.lines() {
            let Some((key, outcome, by)) = read(line) else { continue };
            let holds = match &outcome {
                Outcome::Caught(test) => tests.contains(test),
                Outcome::TimedOut => true,
                Outcome::Survived | Outcome::Unreached => by == judges,
            };
            if holds {
                known.insert(key, outcome);
            } else {
                known.remove(&key);
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(Failure::at(&path))?;
        Ok(Self { path, file: Mutex::new(file), judges, known })
    }

    /// Writes a line.
    pub(crate) fn note(&self, key: &str, outcome: &Outcome) -> Result<(), Failure> {
        let (word, test) = match outcome {
            Outcome::Caught(test) => ("caught", test.as_str()),
            Outcome::TimedOut => ("timed out", ""),
            Outcome::Survived => ("survived", ""),
            Outcome::Unreached => ("unreached", ""),
        };
        let line = json!({ "mutant": key, "outcome": word, "by": test, "judges": self.judges });
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").map_err(Failure::at(&self.path))
    }
}

fn read(line: &str) -> Option<(String, Outcome, u64)> {
    let row: Value = serde_json::from_str(line).ok()?;
    let outcome = match row.get("outcome")?.as_str()? {
        "caught" => Outcome::Caught(row.get("by")?.as_str()?.to_owned()),
        "timed out" => Outcome::TimedOut,
        "survived" => Outcome::Survived,
        "unreached" => Outcome::Unreached,
        _ => return None,
    };
    Some((row.get("mutant")?.as_str()?.to_owned(), outcome, row.get("judges")?.as_u64()?))
}
