//! Looking after a store: upkeep, backups, restoring, and the epoch that a restored store begins.

use std::path::Path;

use fleet::{Key, Record, Revision, Sequence, Serial, View as _};

use crate::check::{Checked, audit, roster_disagrees};
use crate::codec;
use crate::engine::backup::{self, Restore};
use crate::engine::local::{Local, OpenProgress, OpenReport};
use crate::engine::{Backup, Commit, EPOCH_MAX, HoldError, Progress, Stats, Writes};
use crate::error::StoreError;
use crate::store::{Options, Store};

impl Store {
    /// Opens the store at `path` as [`Store::open`] does, and tells `watch` how far it is: replaying a long
    /// journal, or making the index anew, takes a while.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_watched(
        path: &Path,
        options: Options,
        watch: &mut dyn FnMut(OpenProgress),
    ) -> Result<(Self, OpenReport), StoreError> {
        let (engine, report) = Local::open_watched(path, options.engine, watch)?;
        Ok((Self::over(Box::new(engine), options)?, report))
    }

    /// Does some of the upkeep that commits would do otherwise: moves to the index, writes about `budget`
    /// bytes of a snapshot when one is due, trims history. To be called when there is time, and again
    /// while there is [more](Progress::more). Commits wait while it lasts.
    ///
    /// # Errors
    /// When the disk fails: then nothing is committed any more, and nothing is lost.
    pub fn maintain(&self, budget: u64) -> Result<Progress, StoreError> {
        Ok(self.engine.maintain(budget)?)
    }

    /// Registers a reader of the feed, which has read up to `read`: the changes after that are kept for it
    /// (up to a [limit](crate::engine::local::Options::hold_bytes)), across restarts, until it says so of a
    /// later revision or is [let go](Store::release_feed).
    ///
    /// # Errors
    /// When those changes are gone or have not happened, there are 64 other readers, or the disk fails.
    pub fn hold_feed(&self, name: &str, read: Revision) -> Result<(), HoldError> {
        self.engine.hold_feed(name, read)
    }

    /// Forgets a reader of the feed. Says whether there was one.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn release_feed(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.engine.release_feed(name)?)
    }

    /// How much there is of everything, and where.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }

    /// Copies the fleet, as it stands at one revision, into the folder `to`, which must be empty or not
    /// exist. Commits go on meanwhile. `watch` is told how many bytes are written.
    ///
    /// # Errors
    /// When there is something in `to`, or reading or writing fails. The store is as well as before.
    pub fn backup(&self, to: &Path, watch: &mut dyn FnMut(u64)) -> Result<Backup, StoreError> {
        let folder = backup::folder(to)?;
        Ok(self.engine.backup(&folder, watch)?)
    }

    /// Makes a store at `path`, which must be empty or not exist, from the backup in `from`, and opens it.
    /// Everything is checked before anything is written.
    ///
    /// The new store begins another epoch: no id that it draws is one that the store drew from which the
    /// backup was made, before or after that. Tokens of requests that came after the backup are forgotten
    /// with them.
    ///
    /// # Errors
    /// When the backup is damaged, what is asked for cannot be had, there is something at `path`, or the
    /// disk fails.
    pub fn restore(
        path: &Path,
        from: &Path,
        restore: &Restore,
        options: Options,
        watch: &mut dyn FnMut(u64, u64),
    ) -> Result<(Self, Backup), StoreError> {
        let restored = backup::restore(path, from, restore, watch)?;
        let (store, _) = Self::open(path, options)?;
        Ok((store, restored))
    }

    /// Takes the backup in `from` into a store that forgets everything when it is dropped.
    ///
    /// # Errors
    /// When the backup is missing or damaged.
    pub fn import(from: &Path, options: Options) -> Result<Self, StoreError> {
        Self::over(Box::new(backup::import(from)?), options)
    }

    /// Reads every record of the fleet as it stands now, and judges the named invariants, while commits
    /// go on; also whether what listings are looked up in agrees with the records. All of the fleet is held in memory for it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn check(&self) -> Result<Checked, StoreError> {
        let snapshot = self.snapshot();
        let mut checked = audit(&snapshot)?;
        if roster_disagrees(&self.lists, &snapshot)? {
            let finding = "indexes_agree_with_records: what listings are looked up in does not";
            checked.findings.push(finding.to_owned());
        }
        Ok(checked)
    }

    /// In a restored store, ids are drawn from the epoch that it began. This is the first thing that is
    /// committed in it, so that nothing can be drawn before.
    pub(crate) fn begin_epoch(&self) -> Result<(), StoreError> {
        let Some(identity) = self.engine.stats().identity else { return Ok(()) };
        let epoch = u16::try_from(identity.epoch.min(EPOCH_MAX)).unwrap_or(u16::MAX);
        if self.snapshot().sequence()?.next.epoch >= epoch {
            return Ok(());
        }
        let next = Serial { epoch, ..Sequence::START.next };
        let mut writes = Writes::default();
        let sequence = Record::Sequence(Sequence { next });
        codec::encode(&Key::Sequence, &sequence, &mut writes).map_err(StoreError::Encode)?;
        let (_, time) = self.last();
        let answers = self.engine.commit(vec![Commit { time, expected: Vec::new(), writes }])?;
        match answers.into_iter().find_map(Result::err) {
            Some(refused) => Err(StoreError::GroupBroken(refused)),
            None => Ok(()),
        }
    }
}
