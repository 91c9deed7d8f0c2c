//! Checking a store: read-only, from its journal, with every broken invariant named.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use fleet::{Audit, Catalogue, Policy, Revision};

use crate::engine::backup;
use crate::engine::disk::{Directory, Disk};
use crate::engine::local::inspect;
use crate::engine::{Engine as _, KeyRange, Order};
use crate::error::{Hex, StoreError};
use crate::roster::{Lists, Roster};
use crate::store::Store;
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
    let policy = Policy::default();
    let snapshot = Snapshot::new(inspected.memory.reader(), Catalogue::default().into(), &policy);
    let mut checked = audit(&snapshot)?;
    let found = inspected.findings.iter().map(|found| Told(found).to_string());
    checked.findings = found.chain(checked.findings).collect();
    checked.notes = inspected.notes.iter().map(|note| Told(note).to_string()).collect();
    Ok(checked)
}

/// Reads the files of the store at `path`, which may be open in another process, without writing into it or
/// holding anybody up: every record as of its last commit, and the named invariants. The index is not
/// looked at.
///
/// # Errors
/// When there is no store, or its files cannot be read.
pub fn check_online(path: &Path) -> Result<Checked, StoreError> {
    let disk: Arc<dyn Disk> = Arc::new(Directory::read_only(path.to_path_buf()));
    let memory = backup::in_memory(backup::read_files(&disk, None, &mut |_, _| {})?)?;
    let policy = Policy::default();
    let snapshot = Snapshot::new(memory.reader(), Catalogue::default().into(), &policy);
    audit(&snapshot)
}

impl Store {
    /// Makes what listings are looked up in, which otherwise the first listing does: a walk over all instances
    /// and events.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn prepare_listings(&self) -> Result<(), StoreError> {
        self.snapshot().lists().map(drop)
    }

    /// How many listings since this store was opened were not looked up, and walked all records instead: of a snapshot
    /// that was held while many thousand instances changed. Where it grows, let go of snapshots sooner.
    #[must_use]
    pub fn walked_listings(&self) -> u64 {
        self.lists.untold()
    }
}

/// Whether a roster of a store disagrees with the records; one that was not made yet, or has moved on
/// meanwhile, does not.
pub(crate) fn roster_disagrees(lists: &Lists, snapshot: &Snapshot<'_>) -> Result<bool, StoreError> {
    if !lists.is_made() {
        return Ok(false);
    }
    Ok(lists.agrees(&Roster::draw(snapshot)?, snapshot.revision()) == Some(false))
}

/// Reads every record of a snapshot, and judges the invariants.
pub(crate) fn audit(snapshot: &Snapshot<'_>) -> Result<Checked, StoreError> {
    let reader = snapshot.reader();
    let mut checked =
        Checked { findings: Vec::new(), notes: Vec::new(), records: 0, revision: reader.revision() };
    let mut audit = Audit::default();
    let mut parts: BTreeSet<Vec<u8>> = BTreeSet::new();
    reader.scan(KeyRange::all(), Order::Ascending, &mut |entry| {
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
