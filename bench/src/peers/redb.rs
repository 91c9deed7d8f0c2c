//! redb: a copy-on-write B-tree in one file.

use std::path::Path;

use redb::{Database, Durability, ReadableTable as _, TableDefinition};

use super::{Decide, Peer};
use crate::measure::Failure;

pub(super) const SETTING: &str = "Durability::Immediate (its default), one-phase commit (its default)";

const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("record");

pub(super) struct Redb(Database);

pub(super) fn open(dir: &Path) -> Result<Redb, Failure> {
    Ok(Redb(Database::create(dir.join("redb"))?))
}

impl Peer for Redb {
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        {
            let mut table = transaction.open_table(RECORDS)?;
            let puts = decide(&mut |keys| {
                let look_up =
                    |key: &Vec<u8>| Ok(table.get(key.as_slice())?.map(|value| value.value().to_vec()));
                keys.iter().map(look_up).collect()
            })?;
            for (key, value) in puts {
                table.insert(key.as_slice(), value.as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }
}
