//! fjall: a log-structured merge tree behind a journal.

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use super::{Decide, Peer};
use crate::measure::Failure;

pub(super) const SETTING: &str =
    "one batch per group with durability(PersistMode::SyncData), which is fdatasync";

pub(super) struct Fjall {
    database: Database,
    records: Keyspace,
}

pub(super) fn open(dir: &Path) -> Result<Fjall, Failure> {
    let database = Database::builder(dir.join("fjall")).open()?;
    let records = database.keyspace("record", KeyspaceCreateOptions::default)?;
    Ok(Fjall { database, records })
}

impl Peer for Fjall {
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure> {
        let puts = decide(&mut |keys| {
            let look_up = |key: &Vec<u8>| Ok(self.records.get(key)?.map(|value| value.to_vec()));
            keys.iter().map(look_up).collect()
        })?;
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in &puts {
            batch.insert(&self.records, key.as_slice(), value.as_slice());
        }
        Ok(batch.commit()?)
    }
}
