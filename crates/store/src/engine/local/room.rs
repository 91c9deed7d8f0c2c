//! Room on the disk: how much is left, and what is set aside for when there is none.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Options;
use crate::engine::disk::Disk;
use crate::engine::{Action, EngineError, Low};
use crate::planted::planted;

/// Its space is set aside. What stands in it does not matter.
const BALLAST: &str = "BALLAST";
const UNFINISHED: &str = "BALLAST.new";
/// The room is looked up again when so many bytes were written (or an eighth of what has to stay free, if that
/// is less), or so many groups committed.
const LOOK_BYTES: u64 = 1024 * 1024;
const LOOK_GROUPS: u64 = 64;

/// How much room there was when it was last looked up.
#[derive(Debug)]
pub(crate) struct Room {
    floor: u64,
    free: AtomicU64,
    /// How much had been written then, and how many groups were since.
    written: AtomicU64,
    groups: AtomicU64,
}

impl Room {
    pub(crate) const fn new(floor: u64) -> Self {
        Self {
            floor,
            // Unknown: looked up with the first group.
            free: AtomicU64::new(u64::MAX),
            written: AtomicU64::new(0),
            groups: AtomicU64::new(LOOK_GROUPS),
        }
    }

    /// How much there was.
    pub(crate) fn free(&self) -> u64 {
        self.free.load(Ordering::Relaxed)
    }

    /// Whether there was too little for what grows.
    pub(crate) fn is_pressed(&self) -> bool {
        self.free() < self.floor
    }

    /// Before a group is written, by whoever writes: looks again if it is time.
    pub(crate) fn wrote(&self, disk: &dyn Disk, written: u64) {
        let groups = self.groups.fetch_add(1, Ordering::Relaxed);
        let since = written.saturating_sub(self.written.load(Ordering::Relaxed));
        if groups >= LOOK_GROUPS || since >= LOOK_BYTES.min(self.floor / 8) {
            self.groups.store(0, Ordering::Relaxed);
            self.written.store(written, Ordering::Relaxed);
            self.look(disk);
        }
    }

    /// Looks up how much there is. A disk that does not say is taken to have enough: then a write says so.
    fn look(&self, disk: &dyn Disk) -> u64 {
        let free = disk.free().unwrap_or(u64::MAX);
        self.free.store(free, Ordering::Relaxed);
        free
    }

    /// Whether there is too little for what grows. Looks again when it seems so, or nobody knows.
    pub(crate) fn low(&self, disk: &dyn Disk) -> Option<Low> {
        let known = self.free();
        let free = if known < self.floor || known == u64::MAX { self.look(disk) } else { known };
        (free < self.floor).then_some(Low { free, floor: self.floor })
    }
}

/// Sets room aside, if none is, and there is enough that nothing else lacks it. That there is not is no
/// failure.
pub(crate) fn set_aside(disk: &dyn Disk, options: Options) -> Result<(), EngineError> {
    let Options { ballast_bytes, free_space_min, .. } = options;
    let enough = ballast_bytes.saturating_mul(2).saturating_add(free_space_min);
    if ballast_bytes == 0 || set_aside_now(disk) > 0 || disk.free().unwrap_or(0) < enough {
        return Ok(());
    }
    remove(disk, UNFINISHED)?;
    let path = disk.path(UNFINISHED);
    let file = disk.create(UNFINISHED).map_err(EngineError::io(Action::Create, &path))?;
    if file.reserve(ballast_bytes).is_err() {
        // Not every file system can, and somebody else may have taken the room.
        return remove(disk, UNFINISHED);
    }
    file.sync_data().map_err(EngineError::io(Action::Sync, &path))?;
    disk.rename(UNFINISHED, BALLAST).map_err(EngineError::io(Action::Rename, &path))?;
    disk.sync_dir("").map_err(EngineError::io(Action::Sync, disk.path("")))
}

/// How many bytes are set aside.
pub(crate) fn set_aside_now(disk: &dyn Disk) -> u64 {
    disk.open(BALLAST).and_then(|file| file.size()).unwrap_or(0)
}

/// Gives up what was set aside if there is less room than that. Says whether it did.
pub(crate) fn make_room(disk: &dyn Disk, options: Options) -> Result<bool, EngineError> {
    if disk.free().unwrap_or(u64::MAX) >= options.ballast_bytes || set_aside_now(disk) == 0 {
        return Ok(false);
    }
    if planted!(BallastForgotten) {
        return Ok(false);
    }
    remove(disk, BALLAST)?;
    disk.sync_dir("").map_err(EngineError::io(Action::Sync, disk.path("")))?;
    Ok(true)
}

fn remove(disk: &dyn Disk, name: &str) -> Result<(), EngineError> {
    match disk.remove(name) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(EngineError::io(Action::Remove, disk.path(name))(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
