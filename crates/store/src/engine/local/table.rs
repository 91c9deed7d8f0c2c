//! Recent writes in memory, in order, with as many versions of a key as readers may still need.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use fleet::Revision;
use parking_lot::RwLock;

use crate::engine::{self, Change, KeyRange, Order, Write};

/// What an entry costs in memory besides its bytes, roughly.
const OVERHEAD: usize = 64;

/// For how many slots there is room from the beginning.
const ROOM: usize = 64;

/// A value and the revision that wrote it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Held {
    pub(crate) revision: Revision,
    pub(crate) value: Vec<u8>,
}

/// What a layer knows of a key: a value, or that there is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Slot {
    pub(crate) key: Vec<u8>,
    pub(crate) held: Option<Held>,
}

impl Slot {
    pub(crate) fn into_entry(self) -> Option<engine::Entry> {
        let Held { revision, value } = self.held?;
        Some(engine::Entry { key: self.key, value, revision })
    }
}

/// The writes of some commits in a row.
#[derive(Debug, Default)]
pub(crate) struct Table(RwLock<Versions>);

#[derive(Debug, Default)]
struct Versions {
    keys: BTreeMap<Vec<u8>, Chain>,
    size: Size,
}

/// The versions of a key; of most there is one.
#[derive(Debug)]
struct Chain {
    newest: Version,
    /// Oldest first.
    older: Vec<Version>,
}

impl Chain {
    fn visible(&self, at: Revision) -> Option<&Version> {
        let newest_first = core::iter::once(&self.newest).chain(self.older.iter().rev());
        newest_first.into_iter().find(|version| version.revision <= at)
    }

    /// Takes `version` over as the newest, and says how many bytes of values that no reader at `floor`
    /// or later can see went, and how many they were.
    fn push(&mut self, version: Version, floor: Revision) -> (usize, usize) {
        self.older.push(core::mem::replace(&mut self.newest, version));
        let seen = self.older.partition_point(|version| version.revision <= floor);
        let gone = self.older.drain(..seen.saturating_sub(1));
        gone.fold((0, 0), |(count, bytes), old| {
            (count.saturating_add(1), bytes.saturating_add(old.value.map_or(0, |value| value.len())))
        })
    }
}

#[derive(Clone, Debug)]
struct Version {
    revision: Revision,
    value: Option<Vec<u8>>,
}

impl Version {
    fn held(&self) -> Option<Held> {
        let value = self.value.clone()?;
        Some(Held { revision: self.revision, value })
    }
}

/// How much a table holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Size {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

impl Table {
    /// A table of these entries, one under each key: much faster than adding them when they come in the order
    /// of their keys.
    pub(crate) fn filled(entries: Vec<engine::Entry>) -> Self {
        let mut size = Size { entries: entries.len(), bytes: 0 };
        let keys = entries.into_iter().map(|engine::Entry { key, value, revision }| {
            let bytes = OVERHEAD.saturating_add(key.len()).saturating_add(value.len());
            size.bytes = size.bytes.saturating_add(bytes);
            let newest = Version { revision, value: Some(value) };
            (key, Chain { newest, older: Vec::new() })
        });
        let keys = keys.collect();
        Self(RwLock::new(Versions { keys, size }))
    }

    /// Adds commits. Versions that no reader at `floor` or later can see are dropped.
    pub(crate) fn add(&self, changes: impl IntoIterator<Item = Change>, floor: Revision) {
        let mut versions = self.0.write();
        let Versions { keys, size } = &mut *versions;
        for Change { revision, writes, .. } in changes {
            for Write { key, value } in writes {
                let around = OVERHEAD.saturating_add(key.len());
                size.entries = size.entries.saturating_add(1);
                size.bytes =
                    size.bytes.saturating_add(around).saturating_add(value.as_ref().map_or(0, Vec::len));
                let version = Version { revision, value };
                match keys.entry(key) {
                    Entry::Vacant(entry) => {
                        entry.insert(Chain { newest: version, older: Vec::new() });
                    }
                    Entry::Occupied(mut entry) => {
                        let (count, bytes) = entry.get_mut().push(version, floor);
                        size.entries = size.entries.saturating_sub(count);
                        size.bytes =
                            size.bytes.saturating_sub(bytes.saturating_add(around.saturating_mul(count)));
                    }
                }
            }
        }
    }

    /// Forgets a key whose newest version is a removal that every reader from `floor` on sees. For tables
    /// with nothing beneath them: elsewhere the removal hides what the index has.
    pub(crate) fn forget_removed(&self, key: &[u8], floor: Revision) {
        let mut versions = self.0.write();
        let Versions { keys, size } = &mut *versions;
        let is_gone = |chain: &Chain| chain.newest.revision <= floor && chain.newest.value.is_none();
        if !keys.get(key).is_some_and(is_gone) {
            return;
        }
        let Some(Chain { newest, older }) = keys.remove(key) else { return };
        for version in core::iter::once(newest).chain(older) {
            let bytes = version.value.map_or(0, |value| value.len());
            size.entries = size.entries.saturating_sub(1);
            size.bytes = size.bytes.saturating_sub(OVERHEAD.saturating_add(key.len()).saturating_add(bytes));
        }
    }

    pub(crate) fn size(&self) -> Size {
        self.0.read().size
    }

    /// What a reader at `at` sees here; the outer `None` means that this table does not know.
    pub(crate) fn get(&self, key: &[u8], at: Revision) -> Option<Option<Held>> {
        self.0.read().keys.get(key)?.visible(at).map(Version::held)
    }

    /// The first `limit` slots of `range` in `order` that a reader at `at` sees.
    pub(crate) fn fetch(&self, range: &KeyRange, order: Order, at: Revision, limit: usize) -> Vec<Slot> {
        let versions = self.0.read();
        let slot = |(key, chain): (&Vec<u8>, &Chain)| {
            let version = chain.visible(at)?;
            Some(Slot { key: key.clone(), held: version.held() })
        };
        let found = within(&versions.keys, range).into_iter().flatten();
        let mut slots = Vec::with_capacity(limit.min(ROOM));
        match order {
            Order::Ascending => slots.extend(found.filter_map(slot).take(limit)),
            Order::Descending => slots.extend(found.rev().filter_map(slot).take(limit)),
        }
        slots
    }
}

/// The part of a map that lies in `range`; `None` when nothing can.
pub(crate) fn within<'a, V>(
    map: &'a BTreeMap<Vec<u8>, V>,
    range: &KeyRange,
) -> Option<std::collections::btree_map::Range<'a, Vec<u8>, V>> {
    // A map panics when asked for a range that ends before it begins.
    if range.is_empty() {
        return None;
    }
    let start = Bound::Included(range.start.as_slice());
    let end = range.end.as_ref().map_or(Bound::Unbounded, |end| Bound::Excluded(end.as_slice()));
    Some(map.range::<[u8], _>((start, end)))
}
