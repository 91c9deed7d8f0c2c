//! What stands in front of the index, and who is reading it.
//!
//! ```text
//!   active table     commits since the last move, newest on top
//!   frozen table     on its way to the index; gone once it is there
//!   undo             what the index held before a move, for readers from before it
//!   index            everything else
//! ```
//!
//! A reader holds the two tables it found and looks through them to the index. When a move changes
//! the index below it, the undo tells it what was there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use fleet::{Revision, Time};
use parking_lot::{Mutex, RwLock};

use super::options::Options;
use super::table::{Held, Slot, Table, within};
use crate::engine::{Change, Entry, KeyRange, TableStats};

/// The tables, the undo, and the readers.
#[derive(Debug)]
pub(crate) struct Layers {
    shared: RwLock<Shared>,
    /// How many readers stand at which revision. Locked only inside `shared` or alone.
    readers: Mutex<BTreeMap<Revision, usize>>,
    beneath: Beneath,
}

/// What is under the tables.
#[derive(Debug)]
pub(crate) enum Beneath {
    /// An index.
    Index,
    /// Nothing: what was removed, oldest first, need not be kept in mind for long.
    Nothing(Mutex<VecDeque<(Revision, Vec<u8>)>>),
}

impl Beneath {
    pub(crate) fn nothing() -> Self {
        Self::Nothing(Mutex::default())
    }
}

#[derive(Debug)]
struct Shared {
    last: Revision,
    time: Time,
    active: Arc<Table>,
    frozen: Option<Arc<Table>>,
    /// Oldest first.
    undo: Vec<Arc<Undo>>,
}

/// What the index held under some keys before the last of the commits up to `through` were moved
/// into it.
#[derive(Debug)]
pub(crate) struct Undo {
    pub(crate) through: Revision,
    pub(crate) keys: BTreeMap<Vec<u8>, Option<Held>>,
}

/// A table on its way to the index, with the last commit in it or before it.
#[derive(Clone, Debug)]
pub(crate) struct Frozen {
    pub(crate) table: Arc<Table>,
    pub(crate) through: Revision,
}

impl Layers {
    pub(crate) fn new(last: Revision, time: Time, beneath: Beneath) -> Self {
        let shared = Shared { last, time, active: Arc::default(), frozen: None, undo: Vec::new() };
        Self { shared: RwLock::new(shared), readers: Mutex::default(), beneath }
    }

    pub(crate) fn last(&self) -> (Revision, Time) {
        let shared = self.shared.read();
        (shared.last, shared.time)
    }

    /// Takes over an entry that was there before there was anything here; best in the order of the keys.
    pub(crate) fn preload(&self, entry: Entry) {
        self.shared.read().active.preload(&entry);
    }

    /// How much stands in memory.
    pub(crate) fn sizes(&self) -> TableStats {
        let shared = self.shared.read();
        let tables = [Some(&shared.active), shared.frozen.as_ref()];
        tables.into_iter().flatten().map(|table| table.size()).fold(TableStats::default(), |sum, size| {
            TableStats {
                entries: sum.entries.saturating_add(size.entries),
                bytes: sum.bytes.saturating_add(size.bytes),
            }
        })
    }

    /// Begins to read at the last revision.
    pub(crate) fn stand(&self) -> Stand<'_> {
        let shared = self.shared.read();
        // Counted before the lock is given up: a move must know of everyone who saw the old tables.
        let mut readers = self.readers.lock();
        let here = readers.entry(shared.last).or_default();
        *here = here.saturating_add(1);
        Stand {
            layers: self,
            revision: shared.last,
            active: Arc::clone(&shared.active),
            frozen: shared.frozen.clone(),
        }
    }

    /// Takes over changes that are not durable yet: nobody sees them before they are [shown](Self::show). One caller
    /// at a time.
    pub(crate) fn take_over(&self, changes: &[Change]) {
        let last = self.shared.read().last;
        // Whoever begins to read meanwhile does so at `last`, which is kept in any case.
        let floor = self.oldest_reader().map_or(last, |oldest| oldest.min(last));
        self.add(changes, floor);
    }

    /// Shows changes, which are durable by now, to readers that come from now on.
    pub(crate) fn show(&self, changes: &[Change]) {
        if let Some(newest) = changes.last() {
            let mut shared = self.shared.write();
            (shared.last, shared.time) = (newest.revision, newest.time);
        }
    }

    /// Takes over durable changes while there is no reader yet: of a key that they wrote more than once, only the
    /// newest version is kept.
    pub(crate) fn recover(&self, changes: &[Change]) {
        let floor = changes.last().map_or(Revision::ZERO, |newest| newest.revision);
        self.add(changes, floor);
        self.show(changes);
    }

    fn add(&self, changes: &[Change], floor: Revision) {
        let active = Arc::clone(&self.shared.read().active);
        if let Beneath::Nothing(removed) = &self.beneath {
            let mut removed = removed.lock();
            forget(&mut removed, &active, floor);
            removed.extend(changes.iter().flat_map(removals));
        }
        active.add(changes, floor);
    }

    /// Whether the active table holds more than it should.
    pub(crate) fn is_full(&self, options: &Options) -> bool {
        let size = self.shared.read().active.size();
        size.entries >= options.table_entries || size.bytes >= options.table_bytes
    }

    /// Puts the active table on its way, with a new one in its place. `None` when it is empty.
    pub(crate) fn freeze(&self) -> Option<Frozen> {
        let mut shared = self.shared.write();
        if shared.active.size().entries == 0 {
            return None;
        }
        let table = core::mem::take(&mut shared.active);
        shared.frozen = Some(Arc::clone(&table));
        Some(Frozen { table, through: shared.last })
    }

    /// Whether a reader would miss what the index holds before the commits up to `through` get there.
    pub(crate) fn is_read_before(&self, through: Revision) -> bool {
        self.oldest_reader().is_some_and(|oldest| oldest < through)
    }

    /// Lets readers find what the index is about to lose.
    pub(crate) fn keep(&self, undo: Undo) {
        self.shared.write().undo.push(Arc::new(undo));
    }

    /// The frozen table has reached the index.
    pub(crate) fn moved(&self) {
        let mut shared = self.shared.write();
        shared.frozen = None;
        let oldest = self.oldest_reader();
        shared.undo.retain(|undo| oldest.is_some_and(|oldest| oldest < undo.through));
    }

    fn oldest_reader(&self) -> Option<Revision> {
        self.readers.lock().first_key_value().map(|(revision, _)| *revision)
    }
}

fn removals(change: &Change) -> impl Iterator<Item = (Revision, Vec<u8>)> {
    let gone = change.writes.iter().filter(|write| write.value.is_none());
    gone.map(|write| (change.revision, write.key.to_vec()))
}

/// Forgets the removals that every reader from `floor` on sees.
fn forget(removed: &mut VecDeque<(Revision, Vec<u8>)>, table: &Table, floor: Revision) {
    while removed.front().is_some_and(|(revision, _)| *revision <= floor) {
        if let Some((_, key)) = removed.pop_front() {
            table.forget_removed(&key, floor);
        }
    }
}

/// The place of a reader: a revision, and the tables that were there.
#[derive(Debug)]
pub(crate) struct Stand<'a> {
    layers: &'a Layers,
    pub(crate) revision: Revision,
    pub(crate) active: Arc<Table>,
    pub(crate) frozen: Option<Arc<Table>>,
}

impl Stand<'_> {
    /// What the tables know of `key`; the outer `None` means that the index has to be asked.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Option<Held>> {
        self.active
            .get(key, self.revision)
            .or_else(|| self.frozen.as_ref().and_then(|frozen| frozen.get(key, self.revision)))
    }

    /// What the index held under `key` when this reader began, if that has changed since. To be
    /// asked after the index was, so that no change falls between the two.
    pub(crate) fn undone(&self, key: &[u8]) -> Option<Option<Held>> {
        let shared = self.layers.shared.read();
        shared
            .undo
            .iter()
            .filter(|undo| self.revision < undo.through)
            .find_map(|undo| undo.keys.get(key).cloned())
    }

    /// The same for all keys of `range`.
    pub(crate) fn undone_within(&self, range: &KeyRange) -> BTreeMap<Vec<u8>, Option<Held>> {
        let undo: Vec<_> = {
            let shared = self.layers.shared.read();
            shared.undo.iter().filter(|undo| self.revision < undo.through).cloned().collect()
        };
        let mut found = BTreeMap::new();
        for (key, held) in undo.iter().filter_map(|undo| within(&undo.keys, range)).flatten() {
            // The oldest undo speaks of the time closest to this reader's.
            found.entry(key.clone()).or_insert_with(|| held.clone());
        }
        found
    }
}

impl Drop for Stand<'_> {
    fn drop(&mut self) {
        let mut readers = self.layers.readers.lock();
        if let Some(here) = readers.get_mut(&self.revision) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                readers.remove(&self.revision);
            }
        }
    }
}

/// Slots of the index with the undo laid over them, in order of their keys.
pub(crate) fn lay_over(
    slots: Vec<Slot>,
    undone: BTreeMap<Vec<u8>, Option<Held>>,
) -> BTreeMap<Vec<u8>, Option<Held>> {
    let mut merged: BTreeMap<_, _> = slots.into_iter().map(|slot| (slot.key, slot.held)).collect();
    merged.extend(undone);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Order, Write};

    fn change(number: u64, value: Option<u8>) -> Change {
        let writes = vec![Write { key: b"key".to_vec(), value: value.map(|value| vec![value]) }];
        Change { revision: Revision::new(number), time: Time::START, writes: writes.into() }
    }

    /// What a reader sees that begins now: one key at a time, and all in a row.
    fn seen(layers: &Layers) -> Option<u8> {
        let stand = layers.stand();
        let held = stand.get(b"key").flatten();
        let all = stand.active.fetch(&KeyRange::all(), Order::Ascending, stand.revision, 9);
        assert_eq!(all.into_iter().find_map(|slot| slot.held), held);
        held.and_then(|held| held.value.first().copied())
    }

    #[test]
    fn what_was_taken_over_is_seen_once_it_is_shown() {
        let layers = Layers::new(Revision::ZERO, Time::START, Beneath::Index);
        let mut before = None;
        for (number, value) in [(1, Some(1)), (2, Some(2)), (3, None), (4, Some(4))] {
            let changes = [change(number, value)];
            let reader = layers.stand();
            layers.take_over(&changes);
            assert_eq!(seen(&layers), before, "not shown yet: {number}");
            layers.show(&changes);
            assert_eq!(seen(&layers), value);
            assert_eq!(reader.get(b"key").flatten().map(|held| held.value), before.map(|value| vec![value]));
            before = value;
        }

        // The sync of the next one failed: nobody ever sees it, and it does not go to the index with the others.
        layers.take_over(&[change(5, Some(5))]);
        let Some(Frozen { table, through }) = layers.freeze() else { panic!("there are entries") };
        assert_eq!(layers.stand().get(b"key").flatten().map(|held| held.value), Some(vec![4]));
        let moved = table.fetch(&KeyRange::all(), Order::Ascending, through, 9);
        assert_eq!(
            moved.into_iter().filter_map(|slot| slot.held).map(|held| held.value).collect::<Vec<_>>(),
            [[4]]
        );
    }
}
