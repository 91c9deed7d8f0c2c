//! Recent writes in memory, in order, with as many versions of a key as readers may still need.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;

use fleet::Revision;
use parking_lot::RwLock;

use super::beginning::Beginning;
use super::block::Over;
use super::heap::{Heap, Place};
use crate::engine::{self, Change, KeyRange, Order, WriteRef};

/// What an entry costs in memory besides its bytes, roughly.
const OVERHEAD: usize = 64;

/// For how many slots there is room from the beginning.
const ROOM: usize = 64;

/// How many bytes that nobody wants any more are kept, beside as many as the entries take.
const WASTE: usize = 256 * 1024;

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

/// Most keys are of what a commit makes, under ids that were just drawn: among those that begin with the same
/// byte they come in order, and are only put behind the ones before them.
#[derive(Debug, Default)]
struct Versions {
    /// The empty key, and the keys that begin with each byte, as far as they came in order.
    runs: Runs,
    /// Those that came when a later one was there. None of them is in a run.
    late: BTreeMap<Vec<u8>, Chain>,
    /// The keys of the runs, and all values.
    heap: Heap,
    size: Size,
}

/// One for each byte that keys begin with, behind the one of the empty key.
#[derive(Debug)]
struct Runs(Vec<Run>);

impl Runs {
    const COUNT: usize = 1 + 256;

    fn number(key: &[u8]) -> usize {
        key.first().map_or(0, |first| usize::from(*first).saturating_add(1))
    }

    fn of(&self, key: &[u8]) -> Option<&Run> {
        self.0.get(Self::number(key))
    }

    fn of_mut(&mut self, key: &[u8]) -> Option<&mut Run> {
        self.0.get_mut(Self::number(key))
    }

    /// Those that may have keys of `range`, which is not empty.
    fn within(&self, range: &KeyRange) -> &[Run] {
        let last = range.end.as_ref().map_or(Self::COUNT, |end| Self::number(end).saturating_add(1));
        self.0.get(Self::number(&range.start)..last).unwrap_or_default()
    }
}

impl Default for Runs {
    fn default() -> Self {
        Self(core::iter::repeat_with(Run::default).take(Self::COUNT).collect())
    }
}

/// Keys in order. One that is forgotten keeps its place for a while, and the last one for good: what comes late is
/// always in front of it.
#[derive(Debug, Default)]
struct Run {
    keys: Vec<(Place, Option<Chain>)>,
    /// How each of them begins: close together, where a search finds most of what it looks at in the processor's
    /// cache.
    beginnings: Vec<Beginning>,
    forgotten: usize,
    /// All in front of this one are forgotten: of what is queued, the first goes first.
    first: usize,
}

impl Run {
    /// Where a key is, or where it would be. It is looked for from the end on, in steps that double: what is changed
    /// was mostly made lately.
    fn search(&self, key: &[u8], heap: &Heap) -> Result<usize, usize> {
        let wanted = Beginning::of(key);
        let (mut at, mut behind, mut step) = (self.beginnings.len(), self.beginnings.len(), 1_usize);
        while at > 0 {
            at = behind.saturating_sub(step);
            if self.beginnings.get(at).is_some_and(|first| *first < wanted) {
                break;
            }
            (behind, step) = (at, step.saturating_mul(2));
        }
        let before = |beginnings: &[Beginning]| beginnings.partition_point(|other| *other < wanted);
        let from = at.saturating_add(self.beginnings.get(at..behind).map_or(0, before));
        let alike = self.beginnings.get(from..).unwrap_or_default();
        let alike = alike.iter().take_while(|other| **other == wanted).count();
        let alike = self.keys.get(from..from.saturating_add(alike)).unwrap_or_default();
        let found = alike.binary_search_by(|(other, _)| heap.get(*other).cmp(key));
        found.map(|place| from.saturating_add(place)).map_err(|place| from.saturating_add(place))
    }

    fn find(&self, key: &[u8], heap: &Heap) -> Option<usize> {
        self.search(key, heap).ok()
    }

    /// The part that lies in `range`, which is not empty.
    fn part<'a>(
        &'a self,
        range: &KeyRange,
        heap: &'a Heap,
    ) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a Chain)> {
        let place = |key: &Vec<u8>| self.search(key, heap).unwrap_or_else(|place| place);
        let from = place(&range.start).max(self.first);
        let until = range.end.as_ref().map_or(self.keys.len(), place);
        let part = self.keys.get(from..until).unwrap_or_default();
        part.iter().filter_map(|(key, chain)| Some((heap.get(*key), chain.as_ref()?)))
    }

    fn forget(&mut self, at: usize, heap: &Heap) -> Option<Chain> {
        let chain = self.keys.get_mut(at)?.1.take()?;
        self.forgotten = self.forgotten.saturating_add(1);
        while self.keys.get(self.first).is_some_and(|(_, chain)| chain.is_none()) {
            self.first = self.first.saturating_add(1);
        }
        if self.forgotten > self.keys.len() / 2 {
            self.first = 0;
            let last = self.keys.pop();
            self.keys.retain(|(_, chain)| chain.is_some());
            self.forgotten = usize::from(last.as_ref().is_some_and(|(_, chain)| chain.is_none()));
            self.keys.extend(last);
            self.beginnings.clear();
            self.beginnings.extend(self.keys.iter().map(|(key, _)| Beginning::of(heap.get(*key))));
        }
        Some(chain)
    }

    /// Puts a key behind all others, which it has to be greater than.
    fn push(&mut self, key: &[u8], chain: Chain, heap: &mut Heap) {
        self.beginnings.push(Beginning::of(key));
        self.keys.push((heap.keep(key), Some(chain)));
    }
}

impl Versions {
    fn get(&self, key: &[u8]) -> Option<&Chain> {
        let run = self.runs.of(key)?;
        match run.find(key, &self.heap) {
            Some(at) => run.keys.get(at)?.1.as_ref(),
            None => self.late.get(key),
        }
    }

    /// Makes `version` the newest under `key`, and says what went because no reader at `floor` or later can
    /// see it: how many versions, and how many bytes of values.
    fn put(&mut self, key: &[u8], version: Version, floor: Revision) -> (usize, usize) {
        let Self { runs, late, heap, .. } = self;
        let Some(run) = runs.of_mut(key) else { return (0, 0) };
        if run.keys.last().is_none_or(|(last, _)| heap.get(*last) < key) {
            run.push(key, Chain::of(version), heap);
            return (0, 0);
        }
        let found = run.find(key, heap).and_then(|at| Some((at, run.keys.get_mut(at)?)));
        let Some((at, (_, chain))) = found else {
            if let Some(chain) = late.get_mut(key) {
                return chain.push(version, floor);
            }
            late.insert(key.to_vec(), Chain::of(version));
            return (0, 0);
        };
        match chain {
            Some(chain) => chain.push(version, floor),
            None => {
                *chain = Some(Chain::of(version));
                run.forgotten = run.forgotten.saturating_sub(1);
                run.first = run.first.min(at);
                (0, 0)
            }
        }
    }

    fn add(&mut self, revision: Revision, WriteRef { key, value }: WriteRef<'_>, floor: Revision) {
        let version = Version { revision, value: value.map(|value| self.heap.keep(value)) };
        self.size.grow(key.len(), version.bytes());
        let (count, bytes) = self.put(key, version, floor);
        self.size.shrink(key.len(), count, bytes);
    }

    /// Lets go of the bytes that nobody wants any more, once they are the greater part.
    fn tidy(&mut self) {
        if self.heap.kept() <= self.size.bytes.saturating_mul(2).saturating_add(WASTE) {
            return;
        }
        let mut heap = Heap::default();
        let again = |place: &mut Place| *place = heap.keep(self.heap.get(*place));
        let keys = self.runs.0.iter_mut().flat_map(|run| &mut run.keys);
        let (places, chains): (Vec<_>, Vec<_>) = keys.map(|(place, chain)| (place, chain)).unzip();
        let values = chains.into_iter().flatten().chain(self.late.values_mut()).flat_map(Chain::places);
        places.into_iter().chain(values).for_each(again);
        self.heap = heap;
    }

    /// Removes a key, if what is known of it is `gone`.
    fn remove_if(&mut self, key: &[u8], gone: impl FnOnce(&Chain) -> bool) -> Option<Chain> {
        let run = self.runs.of_mut(key)?;
        match run.find(key, &self.heap) {
            Some(at) => run.keys.get(at)?.1.as_ref().is_some_and(gone).then(|| run.forget(at, &self.heap))?,
            None if self.late.get(key).is_some_and(gone) => self.late.remove(key),
            None => None,
        }
    }

    /// The keys of `range` in `order`, with what is known of them.
    fn walk<'a>(
        &'a self,
        range: &'a KeyRange,
        order: Order,
    ) -> Box<dyn Iterator<Item = (&'a [u8], &'a Chain)> + 'a> {
        let Some(late) = within(&self.late, range) else { return Box::new(core::iter::empty()) };
        let late = late.map(|(key, chain)| (key.as_slice(), chain));
        let in_order = self.runs.within(range).iter().flat_map(|run| run.part(range, &self.heap));
        match order {
            Order::Ascending => Box::new(merged(in_order, late, Ordering::Less)),
            Order::Descending => Box::new(merged(in_order.rev(), late.rev(), Ordering::Greater)),
        }
    }
}

/// Two sequences whose keys are in order, as one; of two keys that comes first which is `first` to the other.
fn merged<'a, V>(
    one: impl Iterator<Item = (&'a [u8], V)>,
    other: impl Iterator<Item = (&'a [u8], V)>,
    first: Ordering,
) -> impl Iterator<Item = (&'a [u8], V)> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    core::iter::from_fn(move || {
        let Some((there, _)) = other.peek() else { return one.next() };
        match one.peek() {
            Some((here, _)) if here.cmp(there) == first => one.next(),
            Some(_) | None => other.next(),
        }
    })
}

/// The versions of a key; of most there is one.
#[derive(Debug)]
struct Chain {
    newest: Version,
    /// Oldest first.
    older: Vec<Version>,
}

impl Chain {
    const fn of(newest: Version) -> Self {
        Self { newest, older: Vec::new() }
    }

    fn visible(&self, at: Revision) -> Option<&Version> {
        let newest_first = core::iter::once(&self.newest).chain(self.older.iter().rev());
        newest_first.into_iter().find(|version| version.revision <= at)
    }

    /// Takes `version` over as the newest, and says how many bytes of values that no reader at `floor`
    /// or later can see went, and how many they were.
    fn push(&mut self, version: Version, floor: Revision) -> (usize, usize) {
        let sees_newest = version.revision <= floor;
        let before = core::mem::replace(&mut self.newest, version);
        if sees_newest && self.older.is_empty() {
            return (1, before.bytes());
        }
        self.older.push(before);
        let seen = self.older.partition_point(|version| version.revision <= floor);
        let gone = self.older.drain(..if sees_newest { seen } else { seen.saturating_sub(1) });
        gone.fold((0, 0), |(count, bytes), old| (count.saturating_add(1), bytes.saturating_add(old.bytes())))
    }

    /// Where its values are.
    fn places(&mut self) -> impl Iterator<Item = &mut Place> {
        core::iter::once(&mut self.newest).chain(&mut self.older).filter_map(|version| version.value.as_mut())
    }
}

#[derive(Clone, Copy, Debug)]
struct Version {
    revision: Revision,
    value: Option<Place>,
}

impl Version {
    fn over<'a>(&self, key: &'a [u8], heap: &'a Heap) -> Over<'a> {
        Over::new(key, self.value.map(|value| (self.revision, heap.get(value))))
    }

    fn bytes(&self) -> usize {
        self.value.map_or(0, Place::length)
    }

    fn held(&self, heap: &Heap) -> Option<Held> {
        Some(Held { revision: self.revision, value: heap.get(self.value?).to_vec() })
    }
}

/// How much a table holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Size {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

impl Size {
    /// One version more of a key that is so long, with a value of so many bytes.
    fn grow(&mut self, key: usize, bytes: usize) {
        self.entries = self.entries.saturating_add(1);
        self.bytes = self.bytes.saturating_add(OVERHEAD).saturating_add(key).saturating_add(bytes);
    }

    /// So many versions of a key less, with values of so many bytes together.
    fn shrink(&mut self, key: usize, count: usize, bytes: usize) {
        let around = OVERHEAD.saturating_add(key).saturating_mul(count);
        self.entries = self.entries.saturating_sub(count);
        self.bytes = self.bytes.saturating_sub(around.saturating_add(bytes));
    }
}

impl Table {
    /// Adds what was there before the first commit: quickly, when it comes in the order of the keys.
    pub(crate) fn preload(&self, engine::Entry { key, value, revision }: &engine::Entry) {
        self.0.write().add(*revision, WriteRef { key, value: Some(value) }, *revision);
    }

    /// Adds commits. Versions that no reader at `floor` or later can see are dropped.
    pub(crate) fn add(&self, changes: &[Change], floor: Revision) {
        let mut versions = self.0.write();
        for Change { revision, writes, .. } in changes {
            writes.iter().for_each(|write| versions.add(*revision, write, floor));
        }
        versions.tidy();
    }

    /// Forgets a key whose newest version is a removal that every reader from `floor` on sees. For tables
    /// with nothing beneath them: elsewhere the removal hides what the index has.
    pub(crate) fn forget_removed(&self, key: &[u8], floor: Revision) {
        let mut versions = self.0.write();
        let is_gone = |chain: &Chain| chain.newest.revision <= floor && chain.newest.value.is_none();
        let Some(Chain { newest, older }) = versions.remove_if(key, is_gone) else { return };
        let bytes =
            older.iter().chain([&newest]).fold(0, |sum: usize, version| sum.saturating_add(version.bytes()));
        versions.size.shrink(key.len(), older.len().saturating_add(1), bytes);
    }

    pub(crate) fn size(&self) -> Size {
        self.0.read().size
    }

    /// What a reader at `at` sees here; the outer `None` means that this table does not know.
    pub(crate) fn get(&self, key: &[u8], at: Revision) -> Option<Option<Held>> {
        let versions = self.0.read();
        versions.get(key)?.visible(at).map(|version| version.held(&versions.heap))
    }

    /// Shows `see` the first `limit` slots of `range` that a reader at `at` sees, as they stand here. Nothing can
    /// be added meanwhile.
    pub(crate) fn lend<T>(
        &self,
        range: &KeyRange,
        at: Revision,
        limit: usize,
        see: impl FnOnce(&[Over<'_>]) -> T,
    ) -> T {
        let versions = self.0.read();
        let mut slots = Vec::with_capacity(limit.min(ROOM));
        let slot = |(key, chain)| Some(Chain::visible(chain, at)?.over(key, &versions.heap));
        slots.extend(versions.walk(range, Order::Ascending).filter_map(slot).take(limit));
        see(&slots)
    }

    /// The first `limit` slots of `range` in `order` that a reader at `at` sees.
    pub(crate) fn fetch(&self, range: &KeyRange, order: Order, at: Revision, limit: usize) -> Vec<Slot> {
        let versions = self.0.read();
        let slot = |(key, chain): (&[u8], &Chain)| {
            let version = chain.visible(at)?;
            Some(Slot { key: key.to_vec(), held: version.held(&versions.heap) })
        };
        let mut slots = Vec::with_capacity(limit.min(ROOM));
        slots.extend(versions.walk(range, order).filter_map(slot).take(limit));
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

#[cfg(test)]
mod tests {
    use fleet::Time;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::engine::Write;

    /// Keys of which many begin alike, and as long as what a run compares first.
    fn key() -> impl Strategy<Value = Vec<u8>> {
        let short = vec(0_u8..4, 0..3);
        prop_oneof![short.clone(), short.prop_map(|end| [vec![1; Beginning::BYTES], end].concat())]
    }

    proptest! {
        #[test]
        fn a_table_is_a_map(steps in vec((key(), any::<bool>()), 0..60)) {
            let table = Table::default();
            let mut map = BTreeMap::new();
            for (number, (key, there)) in (1_u64..).zip(steps) {
                let revision = Revision::new(number);
                let value = there.then(|| vec![7; usize::try_from(number).unwrap()]);
                let write = Write { key: key.clone(), value: value.clone() };
                table.add(&[Change { revision, time: Time::START, writes: vec![write].into() }], revision);
                match value {
                    Some(value) => drop(map.insert(key, Held { revision, value })),
                    None => {
                        table.forget_removed(&key, revision);
                        map.remove(&key);
                    }
                }
                let slot = |(key, held): (&Vec<u8>, &Held)| Slot { key: key.clone(), held: Some(held.clone()) };
                let mut all: Vec<Slot> = map.iter().map(slot).collect();
                let fetch = |order| table.fetch(&KeyRange::all(), order, revision, usize::MAX);
                prop_assert_eq!(&fetch(Order::Ascending), &all);
                all.reverse();
                prop_assert_eq!(&fetch(Order::Descending), &all);
                let range = KeyRange { start: vec![1], end: Some(vec![2, 2]) };
                all.retain(|slot| slot.key >= vec![1] && slot.key < vec![2, 2]);
                prop_assert_eq!(table.fetch(&range, Order::Descending, revision, usize::MAX), all);
                prop_assert!(map.iter().all(|(key, held)| table.get(key, revision) == Some(Some(held.clone()))));
                prop_assert_eq!(table.size().entries, map.len());
            }
        }
    }

    /// What is written over again and again does not pile up, and is there: also what a reader still needs.
    #[test]
    fn what_nobody_wants_any_more_goes() {
        let table = Table::default();
        let at = |number: u64| vec![u8::try_from(number % 251).unwrap(); 300];
        let keys = [vec![1], vec![2], vec![1, 7]];
        let floor = Revision::new(2);
        for number in 1..=3000 {
            let write = |key: &Vec<u8>| Write { key: key.clone(), value: Some(at(number)) };
            let writes = keys.iter().map(write).collect();
            let change = Change { revision: Revision::new(number), time: Time::START, writes };
            table.add(&[change], floor.max(Revision::new(number.saturating_sub(10))));
        }
        let kept = table.0.read().heap.kept();
        assert!(kept < 3 * WASTE, "{kept} bytes are kept of {}", 3 * 3000 * 300);
        for key in keys {
            let held = |number| Some(Some(Held { revision: Revision::new(number), value: at(number) }));
            assert_eq!(table.get(&key, Revision::new(3000)), held(3000));
            assert_eq!(table.get(&key, Revision::new(2990)), held(2990));
        }
    }
}
