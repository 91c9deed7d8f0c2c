//! SQLite: a log ahead of one file of B-trees.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Decide, Peer};
use crate::measure::Failure;

pub(super) const SETTING: &str =
    "journal_mode = WAL, synchronous = FULL; one table WITHOUT ROWID, prepared statements, 64 MiB of cache";

pub(super) struct Sqlite(Connection);

pub(super) fn open(dir: &Path) -> Result<Sqlite, Failure> {
    let connection = Connection::open(dir.join("sqlite"))?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(format!("the journal mode is {mode}").into());
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    connection
        .execute("CREATE TABLE record (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID", ())?;
    Ok(Sqlite(connection))
}

impl Peer for Sqlite {
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure> {
        let transaction = self.0.transaction()?;
        {
            let mut get = transaction.prepare_cached("SELECT value FROM record WHERE key = ?")?;
            let puts = decide(&mut |keys| {
                let look_up = |key: &Vec<u8>| Ok(get.query_row(params![key], |row| row.get(0)).optional()?);
                keys.iter().map(look_up).collect()
            })?;
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO record VALUES (?, ?)")?;
            for (key, value) in puts {
                put.execute(params![key, value])?;
            }
        }
        Ok(transaction.commit()?)
    }
}
