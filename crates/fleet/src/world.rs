//! A fleet in memory: the plainest view there is. For tests, models, and for replaying a feed.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;

use crate::View;
use crate::decide::{Command, Halt, Left, Policy, decide};
use crate::{Catalogue, Key, Record, Time, Write};

/// A fleet in memory.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct World {
    records: BTreeMap<Key, Arc<Record>>,
    catalogue: Catalogue,
    policy: Policy,
}

impl World {
    /// An empty fleet that goes by `policy`.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Decides a command and applies what it changes.
    ///
    /// # Errors
    /// When the command is refused; then nothing has changed.
    pub fn run<C: Command>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal> {
        match decide(self, command, now) {
            Ok(decision) => {
                for (key, left) in decision.writes {
                    self.leave(key, left);
                }
                Ok(decision.reply)
            }
            Err(Halt::Refused(refusal)) => Err(refusal),
            Err(Halt::Failed(never)) => match never {},
        }
    }

    /// Applies writes: those of a decision, or those of a feed. Total.
    pub fn apply(&mut self, writes: impl IntoIterator<Item = Write>) {
        for write in writes {
            match write {
                Write::Put(record) => {
                    let key = record.key();
                    let left = Left::of(&key, record);
                    self.leave(key, left);
                }
                Write::Remove(key) => self.leave(key, Left::Nothing),
            }
        }
    }

    fn leave(&mut self, key: Key, left: Left) {
        let record = match left {
            Left::Record(record) => Some(record),
            Left::Nothing | Left::KeyOnly => left.record(&key).map(Cow::into_owned).map(Arc::new),
        };
        match record {
            Some(record) => {
                if let Record::Catalogue(item) = &*record {
                    self.catalogue.add(item.clone());
                }
                self.records.insert(key, record);
            }
            None => drop(self.records.remove(&key)),
        }
    }

    /// Every record, in the order of the keys.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values().map(|record| &**record)
    }
}

impl View for World {
    type Failure = Infallible;

    fn get(&self, key: &Key) -> Result<Option<Record>, Infallible> {
        Ok(self.records.get(key).map(|record| Record::clone(record)))
    }

    fn keys(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<Key>, Infallible> {
        if from > to {
            return Ok(Vec::new());
        }
        Ok(self.records.range(from..=to).take(limit).map(|(key, _)| key.clone()).collect())
    }

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn policy(&self) -> &Policy {
        &self.policy
    }
}
