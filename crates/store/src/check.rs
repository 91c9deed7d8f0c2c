//! Checking a store: read-only, from its journal, with every broken invariant named.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use fleet::{Audit, Catalogue, Policy, Revision};

use crate::engine::local::inspect;
use crate::engine::{Engine as _, KeyRange, Order};
use crate::error::{Hex, StoreError};
use crate::tell::Told;
use crate::view::Snapshot;
use crate::{codec, keys};

/// What a check found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checked {
    /// Every broken invariant, every record that cannot be read, and every key on which the index
    /// and the journal disagree; empty when all is well.
    pub findings: Vec<String>,
    /// What is not wrong and worth knowing: a torn tail, what the next opening will do.
    pub notes: Vec<String>,
    /// How many records there are.
    pub records: usize,
    /// The last commit.
    pub revision: Revision,
}

/// Walks the store at `path` without writing into it: replays its journal, reads every record,
/// compares the index with them, and judges the named invariants.
///
/// # Errors
/// When there is no store, it is open somewhere, or its journal cannot be replayed.
pub fn check(path: &Path) -> Result<Checked, StoreError> {
    let inspected = inspect(path, None)?;
    let mut checked = Checked {
        findings: inspected.findings.iter().map(|found| Told(found).to_string()).collect(),
        notes: inspected.notes.iter().map(|note| Told(note).to_string()).collect(),
        records: 0,
        revision: inspected.memory.last().0,
    };
    let policy = Policy::default();
    let snapshot = Snapshot::new(inspected.memory.reader(), Catalogue::default().into(), &policy);
    let mut audit = Audit::default();
    let mut parts: BTreeSet<Vec<u8>> = BTreeSet::new();
    inspected.memory.reader().scan(KeyRange::all(), Order::Ascending, &mut |entry| {
        // Heads come before parts, so that by then it is known which parts there have to be.
        if keys::is_part(&entry.key) {
            if !parts.remove(&entry.key) {
                let key = Hex(entry.key);
                checked.findings.push(format!("every_part_has_its_record: there is none for the part {key}"));
            }
        } else {
            let further = codec::parts(&entry.value).unwrap_or(0);
            parts.extend((1..=further).map(|part| keys::part(&entry.key, part)));
            checked.records = checked.records.saturating_add(1);
            match snapshot.decode(&entry) {
                Ok(record) => audit.see(record),
                Err(error) => checked.findings.push(error.to_string()),
            }
        }
        ControlFlow::Continue(())
    })?;
    checked.findings.extend(audit.findings().iter().map(ToString::to_string));
    Ok(checked)
}
