//! LMDB: a copy-on-write B-tree in one mapped file.

use std::path::Path;

use lmdb::{Database, DatabaseFlags, Environment, Error, Transaction as _, WriteFlags};

use super::{Decide, Peer};
use crate::measure::Failure;

pub(super) const SETTING: &str = "no flags (fdatasync at every commit, its default), a map of 16 GiB";

const MAP_BYTES: usize = 16 << 30;

pub(super) struct Lmdb {
    environment: Environment,
    records: Database,
}

pub(super) fn open(dir: &Path) -> Result<Lmdb, Failure> {
    let dir = dir.join("lmdb");
    std::fs::create_dir(&dir)?;
    let environment = Environment::new().set_map_size(MAP_BYTES).open(&dir)?;
    let records = environment.create_db(None, DatabaseFlags::empty())?;
    Ok(Lmdb { environment, records })
}

impl Peer for Lmdb {
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure> {
        let mut transaction = self.environment.begin_rw_txn()?;
        let puts = decide(&mut |keys| {
            let look_up = |key: &Vec<u8>| match transaction.get(self.records, key) {
                Ok(value) => Ok(Some(value.to_vec())),
                Err(Error::NotFound) => Ok(None),
                Err(error) => Err(error.into()),
            };
            keys.iter().map(look_up).collect()
        })?;
        for (key, value) in puts {
            transaction.put(self.records, &key, &value, WriteFlags::empty())?;
        }
        Ok(transaction.commit()?)
    }
}
