//! Disks that are full, gone, read-only or taken, one scene each.
//!
//! Each scene is a sentence about what the store does then. It is played once or a few times, with a real file
//! system and a real process.

mod full;
mod taken;

use std::path::Path;

use hatchery::Hatchery;

use crate::faults;
use crate::kills::keep;
use crate::log::Log;
use crate::oracle::{Oracle, Tally};
use crate::told::Heard;
use crate::trial::Remains;
use crate::trouble::{Outcome, told};
use crate::world;

/// What a scene finds.
type Findings = Outcome<Vec<String>>;

/// A sentence, and how it is tried in a folder of its own.
type Scene = (&'static str, fn(&Path) -> Findings);

/// Those that are played wherever there is a disk.
const HERE: [Scene; 13] = [
    ("too few file descriptors stop a store in words", taken::few_descriptors),
    ("a store is not opened where too few threads can be started, and says so", taken::few_threads),
    ("a folder that is deleted under a store stops it", taken::deleted_folder),
    ("an index that is deleted under a store costs nothing", taken::deleted_index),
    (
        "a journal that is deleted under a store stops it, and nothing opens in its place",
        taken::deleted_journal,
    ),
    ("a second process is told at once who has the store", taken::second_process),
    ("a store without its manifest is not opened, and none is made over it", taken::no_manifest),
    ("a store without its journal is not opened empty", taken::no_journal),
    ("what sled left half-written is put out of the way", taken::left_generating),
    ("a store of a format to come is refused, and both formats are named", taken::newer_format),
    ("a store that was copied while it was open is opened whole or not at all", taken::copied_live),
    ("a folder that is no store is refused and left alone", taken::no_store),
    ("a disk that is slow loses nothing", taken::slow),
];

/// Those that have a file system of their own.
const MOUNTED: [Scene; 4] = [
    ("launches are refused on a low disk, and all else goes on, on tmpfs", full::in_memory),
    ("launches are refused on a low disk, and all else goes on, on ext4", full::on_ext4),
    ("an index that does not fit is made anew once there is room", full::rebuilding),
    ("a file system that turns read-only stops a store in words", taken::read_only),
];

/// Which scenes: some need a file system that can be filled, or breaks.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Place {
    /// Those that are played wherever there is a disk.
    Here,
    /// Those that have a file system of their own, for which it takes a machine that can mount one.
    Mounted,
}

impl Place {
    /// What their log is called.
    pub(crate) const fn log(self) -> &'static str {
        match self {
            Self::Here => "scenes",
            Self::Mounted => "scenes-mounted",
        }
    }

    const fn scenes(self) -> &'static [Scene] {
        match self {
            Self::Here => &HERE,
            Self::Mounted => &MOUNTED,
        }
    }
}

/// Plays every scene of a place, `times` times.
pub(crate) fn run(scratch: &Path, place: Place, times: u64, log: &mut Log) -> Outcome<()> {
    for _ in 0..times {
        for (number, (sentence, play)) in (1..).zip(place.scenes()) {
            let folder = tempfile::Builder::new().prefix("scene-").tempdir_in(scratch)?;
            let findings = play(folder.path())?;
            log.round(sentence, &Tally::default(), &findings)?;
            if !findings.is_empty() {
                keep(folder, number, 0);
            }
        }
    }
    Ok(())
}

/// Opens the store and has it judged.
fn judge(store: &Path, life: u64, oracle: &mut Oracle, heard: &Heard) -> Findings {
    match Hatchery::open(store, world::options(life)) {
        Ok((opened, _)) => oracle.judge(&opened, heard),
        Err(error) => Ok(vec![format!("opening it again: {}", told(&error))]),
    }
}

/// What is wrong with a victim that should have come to its end by itself.
fn behaved(remains: Option<Remains>) -> (Heard, Vec<String>) {
    match remains {
        None => (Heard::default(), vec!["it hangs".to_owned()]),
        Some(remains) => {
            let findings = faults::misbehaviour(&remains);
            (remains.heard, findings)
        }
    }
}

/// A finding unless `fact`.
fn expect(findings: &mut Vec<String>, fact: bool, otherwise: impl FnOnce() -> String) {
    if !fact {
        findings.push(otherwise());
    }
}
