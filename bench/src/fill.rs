//! Stores with many instances.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::measure::Failure;
use crate::ours::Fleet;

/// How many callers fill a store.
const CALLERS: usize = 64;
/// How many instances a launch has that is only there to fill.
pub(crate) const AMOUNT: u8 = 100;
/// How many bytes of upkeep are asked for at a time.
const UPKEEP: u64 = 4 * 1024 * 1024;

/// A store in a folder of its own that holds many instances and is not open.
pub(crate) struct Filled {
    _folder: TempDir,
    pub(crate) store: PathBuf,
    /// How many instances a launch had.
    pub(crate) amount: u8,
    pub(crate) instances: u64,
    /// How long the filling took.
    pub(crate) took: Duration,
}

impl Filled {
    /// Launches `instances` in a new store below `dir`, `amount` at a time, with full durability; finishes
    /// the upkeep that is due, makes a checkpoint, and closes it.
    pub(crate) fn new(dir: &Path, instances: u64, amount: u8) -> Result<Self, Failure> {
        let folder = tempfile::tempdir_in(dir)?;
        let store = folder.path().join("store");
        let began = Instant::now();
        let fleet = Fleet::create(&store)?;
        launch_many(&fleet, instances / u64::from(amount), amount)?;
        let took = began.elapsed();
        rest(&fleet)?;
        Ok(Self { _folder: folder, store, amount, instances, took })
    }

    /// How its instances were launched.
    pub(crate) const fn how(&self) -> &'static str {
        if self.amount == 1 { "one by one" } else { "by the hundred" }
    }
}

/// Finishes the upkeep that is due and makes a checkpoint.
pub(crate) fn rest(fleet: &Fleet) -> Result<(), Failure> {
    while fleet.hatchery.maintain(UPKEEP)?.more {}
    Ok(fleet.hatchery.checkpoint()?)
}

/// Launches from many callers, all over the subnets.
pub(crate) fn launch_many(fleet: &Fleet, launches: u64, amount: u8) -> Result<(), Failure> {
    let (next, failed) = (AtomicU64::new(0), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= launches {
                        break;
                    }
                    if let Err(failure) = fleet.launch(number, number as usize, amount) {
                        next.store(launches, Ordering::Relaxed);
                        *failed.lock().expect("no caller panics") = Some(failure);
                    }
                }
            });
        }
    });
    failed.into_inner().expect("no caller panics").map_or(Ok(()), Err)
}
