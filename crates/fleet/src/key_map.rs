//! What stands under keys, in their order. Most keys of a decision are of what it makes, under ids that
//! were just drawn: those come in order, and are only put behind the ones before them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::Key;

/// A map from keys in the order of [`Key`]. Adding a key that no other of its kind comes after takes one
/// comparison; any other takes what a search tree does, or less while there are few.
#[derive(Clone, Debug)]
pub struct KeyMap<V> {
    /// The keys of each kind, as far as they came in order or are few.
    runs: [Run<V>; Key::KINDS],
    /// Those that came when a later one was there, and no few others. None of them is in a run.
    late: BTreeMap<Key, V>,
}

/// Keys of one kind in order. Of most kinds a decision changes one: that takes no allocation.
#[derive(Clone, Debug)]
enum Run<V> {
    /// At most one.
    One(Option<(Key, V)>),
    Many(Vec<(Key, V)>),
}

/// For how many keys a run gets room once it has a second.
const ROOM: usize = 8;

/// How many keys of a kind are few: it takes less to move them up than to look one up in a tree.
const FEW: usize = 64;

impl<V> Run<V> {
    fn push(&mut self, pair: (Key, V)) {
        match self {
            Self::Many(pairs) => pairs.push(pair),
            Self::One(one) => match one.take() {
                None => *one = Some(pair),
                Some(first) => {
                    let mut pairs = Vec::with_capacity(ROOM);
                    pairs.extend([first, pair]);
                    *self = Self::Many(pairs);
                }
            },
        }
    }

    /// Puts a pair at its place. There is another behind it.
    fn insert(&mut self, at: usize, pair: (Key, V)) {
        match self {
            Self::Many(pairs) => pairs.insert(at, pair),
            Self::One(one) => {
                let mut pairs = Vec::with_capacity(ROOM);
                pairs.push(pair);
                pairs.extend(one.take());
                *self = Self::Many(pairs);
            }
        }
    }

    const fn as_slice(&self) -> &[(Key, V)] {
        match self {
            Self::One(one) => one.as_slice(),
            Self::Many(pairs) => pairs.as_slice(),
        }
    }

    const fn as_mut_slice(&mut self) -> &mut [(Key, V)] {
        match self {
            Self::One(one) => one.as_mut_slice(),
            Self::Many(pairs) => pairs.as_mut_slice(),
        }
    }

    fn append_to(self, all: &mut Vec<(Key, V)>) {
        match self {
            Self::One(one) => all.extend(one),
            Self::Many(pairs) => all.extend(pairs),
        }
    }
}

impl<V> Default for KeyMap<V> {
    fn default() -> Self {
        Self { runs: [const { Run::One(None) }; Key::KINDS], late: BTreeMap::new() }
    }
}

impl<V> KeyMap<V> {
    /// Makes `value` what stands under `key`.
    pub fn insert(&mut self, key: Key, value: V) {
        let Some(run) = self.runs.get_mut(key.kind()) else { return };
        if run.as_slice().last().is_none_or(|(last, _)| *last < key) {
            run.push((key, value));
            return;
        }
        let there = run.as_mut_slice();
        match there.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(at) => {
                if let Some((_, there)) = there.get_mut(at) {
                    *there = value;
                }
            }
            Err(at) if there.len() < FEW => run.insert(at, (key, value)),
            Err(_) => drop(self.late.insert(key, value)),
        }
    }

    /// What stands under `key`.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&V> {
        let run = self.runs.get(key.kind())?.as_slice();
        match run.binary_search_by(|(other, _)| other.cmp(key)) {
            Ok(at) => run.get(at).map(|(_, value)| value),
            Err(_) => self.late.get(key),
        }
    }

    /// Whether something stands under `key`.
    #[must_use]
    pub fn contains_key(&self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// All keys with what stands under them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &V)> {
        let in_order = self.runs.iter().flat_map(Run::as_slice);
        merged(in_order.map(|(key, value)| (key, value)), self.late.iter())
    }

    /// Those from one key to another, both included, in order; none when the first comes after the last.
    pub fn range(&self, keys: RangeInclusive<&Key>) -> impl Iterator<Item = (&Key, &V)> {
        let (first, last) = keys.into_inner();
        let kinds = self.runs.get(first.kind()..=last.kind()).unwrap_or_default();
        let in_order = kinds.iter().map(Run::as_slice).flat_map(move |run| {
            let from = run.partition_point(|(key, _)| key < first);
            let until = run.partition_point(|(key, _)| key <= last);
            run.get(from..until).unwrap_or_default()
        });
        let late = (first <= last).then(|| self.late.range(first..=last));
        merged(in_order.map(|(key, value)| (key, value)), late.into_iter().flatten())
    }
}

impl<V> IntoIterator for KeyMap<V> {
    type Item = (Key, V);
    type IntoIter = alloc::vec::IntoIter<(Key, V)>;

    fn into_iter(self) -> Self::IntoIter {
        let lengths = self.runs.iter().map(|run| run.as_slice().len());
        let mut all = Vec::with_capacity(lengths.fold(self.late.len(), usize::saturating_add));
        self.runs.into_iter().for_each(|run| run.append_to(&mut all));
        if !self.late.is_empty() {
            let late = self.late.into_iter();
            return merged(all.into_iter(), late).collect::<Vec<_>>().into_iter();
        }
        all.into_iter()
    }
}

impl<V> Extend<(Key, V)> for KeyMap<V> {
    fn extend<I: IntoIterator<Item = (Key, V)>>(&mut self, pairs: I) {
        pairs.into_iter().for_each(|(key, value)| self.insert(key, value));
    }
}

/// Two sequences that are in order, as one.
fn merged<K: Ord, V>(
    one: impl Iterator<Item = (K, V)>,
    other: impl Iterator<Item = (K, V)>,
) -> impl Iterator<Item = (K, V)> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    core::iter::from_fn(move || {
        // Nearly always there is no other.
        let Some((there, _)) = other.peek() else { return one.next() };
        match one.peek() {
            Some((here, _)) if here < there => one.next(),
            Some(_) | None => other.next(),
        }
    })
}
