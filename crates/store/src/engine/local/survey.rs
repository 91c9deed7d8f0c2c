//! How much the files of a store hold, whether it is open or not.

use std::path::Path;
use std::sync::Arc;

use super::OpenError;
use super::holds::Holds;
use super::open::{load_checkpoint, load_manifest};
use super::room;
use super::shelf::{Shelf, Shelved};
use crate::engine::disk::{Directory, Disk};
use crate::engine::{SnapshotStats, Stats, journal};

/// How often files that change meanwhile are looked at again.
const LOOKS: u32 = 5;

/// Says how much the store in `path` holds, from its files alone: it may be open in another process. What
/// only that process knows (tables in memory, a snapshot under way) is left out.
///
/// # Errors
///
/// When there is no store, or its files cannot be read.
pub fn stats_of_files(path: &Path) -> Result<Stats, OpenError> {
    let disk: Arc<dyn Disk> = Arc::new(Directory::read_only(path.to_path_buf()));
    let mut looks = 1;
    loop {
        match look(&disk) {
            Err(_) if looks < LOOKS => looks = looks.saturating_add(1),
            found => return found,
        }
    }
}

fn look(disk: &Arc<dyn Disk>) -> Result<Stats, OpenError> {
    let identity = load_manifest(disk.as_ref())?.identity;
    let (checkpoint, _) = load_checkpoint(disk.as_ref(), identity)?;
    let shelf = Shelf::look(disk.as_ref(), identity)?;
    let survey = journal::survey(disk, identity)?;
    let holds = Holds::load(disk.as_ref(), identity)?;
    let (last, time) = survey.last();
    let shelved = |shelved: &Shelved| {
        let Shelved { revision, time, bytes } = *shelved;
        SnapshotStats { revision, time, bytes }
    };
    Ok(Stats {
        identity: Some(identity),
        last,
        time,
        oldest: survey.first().1,
        segments: survey.segments(),
        spares: survey.spare_files(),
        journal_bytes: survey.bytes(),
        indexed: checkpoint.indexed,
        snapshots: shelf.sound.iter().map(shelved).collect(),
        holds: holds.map(|holds| holds.readers).unwrap_or_default(),
        free: disk.free().ok(),
        ballast: room::set_aside_now(disk.as_ref()),
        ..Stats::default()
    })
}
