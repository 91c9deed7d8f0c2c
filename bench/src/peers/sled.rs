//! sled alone, made durable: its own flush ends in `sync_file_range`, so its file is synced behind it.

use std::fs::File;
use std::path::Path;

use sled::{Batch, Config, Db};

use super::{Decide, Peer};
use crate::measure::Failure;

pub(super) const SETTING: &str = "one apply_batch per group, then flush(), then fdatasync of its file";

pub(super) struct Sled {
    database: Db,
    file: File,
}

pub(super) fn open(dir: &Path) -> Result<Sled, Failure> {
    let dir = dir.join("sled");
    let database = Config::new().path(&dir).flush_every_ms(None).cache_capacity(64 << 20).open()?;
    Ok(Sled { database, file: File::open(dir.join("db"))? })
}

impl Peer for Sled {
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure> {
        let puts = decide(&mut |keys| {
            let look_up = |key: &Vec<u8>| Ok(self.database.get(key)?.map(|value| value.to_vec()));
            keys.iter().map(look_up).collect()
        })?;
        let mut batch = Batch::default();
        for (key, value) in puts {
            batch.insert(key, value);
        }
        self.database.apply_batch(batch)?;
        self.database.flush()?;
        Ok(self.file.sync_data()?)
    }
}
