//! RocksDB: a log-structured merge tree behind a write-ahead log.

use std::path::Path;

use rocksdb::{DB, WriteBatch, WriteOptions};

use super::{Decide, Peer};
use crate::measure::Failure;

pub(super) const SETTING: &str = "one WriteBatch per group with WriteOptions::sync = true";

pub(super) struct Rocksdb(DB);

pub(super) fn open(dir: &Path) -> Result<Rocksdb, Failure> {
    Ok(Rocksdb(DB::open_default(dir.join("rocksdb"))?))
}

impl Peer for Rocksdb {
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure> {
        let puts = decide(&mut |keys| keys.iter().map(|key| Ok(self.0.get(key)?)).collect())?;
        let mut batch = WriteBatch::default();
        puts.iter().for_each(|(key, value)| batch.put(key, value));
        let mut options = WriteOptions::default();
        options.set_sync(true);
        Ok(self.0.write_opt(batch, &options)?)
    }
}
