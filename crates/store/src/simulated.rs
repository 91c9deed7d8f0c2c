//! Stores on a simulated disk: the same journal, snapshots, recovery and group commit as on a real one,
//! with everything else in memory in place of sled.

use std::sync::Arc;

use crate::engine::StoreId;
use crate::engine::local::{Local, OpenReport};
use crate::engine::sim_disk::SimDisk;
use crate::error::StoreError;
use crate::store::{Options, Store};

impl Store {
    /// Makes a new store on a simulated disk and opens it.
    ///
    /// # Errors
    /// When there is a store on it already, or the disk fails.
    pub fn create_on(disk: &SimDisk, id: StoreId, options: Options) -> Result<Self, StoreError> {
        let engine = Local::create_on(Arc::new(disk.clone()), id, options.engine)?;
        Self::over(Box::new(engine), options)
    }

    /// Opens the store on a simulated disk, and says what had to be mended. Never makes one.
    ///
    /// # Errors
    /// When there is no store, it is damaged beyond what its journal can mend, or the disk fails.
    pub fn open_on(disk: &SimDisk, options: Options) -> Result<(Self, OpenReport), StoreError> {
        let (engine, report) = Local::open_on(Arc::new(disk.clone()), options.engine)?;
        Ok((Self::over(Box::new(engine), options)?, report))
    }
}
