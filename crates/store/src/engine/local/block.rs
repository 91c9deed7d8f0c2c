//! Blocks: entries that are neighbours, in one value. sled is slow with many short values and quick
//! with few longer ones; a block is to it what a page is to a tree.
//!
//! ```text
//! sled key                      sled value
//! first key a block is for      entry · entry · …      up to BLOCK_MAX bytes, or one entry
//!
//! entry   bytes shared with the key before u8 · rest of the key u16 · value u16 · revision u64 · rest · value
//! ```
//!
//! A block is for all keys from its own to that of the next block. It may hold entries beyond that,
//! which are the next block's: a split writes the new blocks first and shortens the old one later,
//! so that an index that was torn in between has lost nothing. The first key of a block does not
//! change while it exists.

use core::cmp::Ordering;
use core::ops::ControlFlow;

use fleet::Revision;

use super::table::{Held, Slot};
use crate::engine::RECORD_MAX;
use crate::engine::input::Input;

/// How many bytes a block takes at most, unless it has one entry only. sled keeps sixteen values
/// in a page, and writes a page into a file of its own when it is longer than 128 KiB.
const BLOCK_MAX: usize = 2048;
/// What an entry takes besides its bytes.
const AROUND: usize = 13;
/// No block is longer.
pub(crate) const MAX: usize = RECORD_MAX.saturating_add(AROUND);
/// How many bytes apart a search may begin in a block.
pub(crate) const APART: usize = 256;

/// An entry of a block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Kept {
    pub(crate) key: Vec<u8>,
    pub(crate) held: Held,
}

impl Kept {
    pub(crate) fn piece(&self) -> Piece<'_> {
        Piece { key: &self.key, revision: self.held.revision, value: &self.held.value }
    }
}

/// An entry as it stands in a block.
#[derive(Debug)]
pub(crate) struct Standing<'a> {
    pub(crate) key: Vec<u8>,
    revision: Revision,
    value: &'a [u8],
}

/// An entry to be put into a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    key: &'a [u8],
    revision: Revision,
    value: &'a [u8],
}

/// What is laid over blocks under a key: an entry, or that there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over<'a> {
    pub(crate) key: &'a [u8],
    piece: Option<Piece<'a>>,
}

impl<'a> Over<'a> {
    pub(crate) fn new(key: &'a [u8], held: Option<(Revision, &'a [u8])>) -> Self {
        Self { key, piece: held.map(|(revision, value)| Piece { key, revision, value }) }
    }

    pub(crate) fn of(Slot { key, held }: &'a Slot) -> Self {
        Self::new(key, held.as_ref().map(|held| (held.revision, held.value.as_slice())))
    }

    /// The entry; or one of revision 0, which no commit has, where there is none.
    pub(crate) fn piece_or_gone(&self) -> Piece<'a> {
        self.piece.unwrap_or(Piece { key: self.key, revision: Revision::ZERO, value: &[] })
    }
}

/// A block on its way to sled: the key it stands under, and its bytes.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Packed {
    pub(crate) first: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
}

/// The entries of a block, one after the other.
#[derive(Debug)]
pub(crate) struct Entries<'a> {
    rest: Input<'a>,
    key: Vec<u8>,
}

/// What is wrong with a block: it ends in the middle of an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cut;

/// An entry as it is written.
struct Head<'a> {
    /// How many bytes its key has in common with the one before.
    shared: usize,
    /// The rest of its key.
    rest: &'a [u8],
    revision: Revision,
    value: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(input: &mut Input<'a>) -> Option<Self> {
        let shared = usize::from(input.u8()?);
        let rest = usize::from(input.u16()?);
        let value = usize::from(input.u16()?);
        let revision = Revision::new(input.u64()?);
        Some(Self { shared, rest: input.slice(rest)?, revision, value: input.slice(value)? })
    }
}

impl<'a> Entries<'a> {
    /// The entries of the block that stands under `first`.
    pub(crate) fn new(first: &[u8], bytes: &'a [u8]) -> Self {
        Self { rest: Input::new(bytes), key: first.to_vec() }
    }

    /// The entries, without a copy of their values.
    pub(crate) fn standing(mut self) -> impl Iterator<Item = Result<Standing<'a>, Cut>> {
        core::iter::from_fn(move || {
            let entry = self.step()?;
            Some(entry.map(|(revision, value)| Standing { key: self.key.clone(), revision, value }))
        })
    }

    /// Shows `see` each entry until it has seen enough: its key, its revision and its value, none of them copied.
    pub(crate) fn look<B>(
        mut self,
        mut see: impl FnMut(&[u8], Revision, &'a [u8]) -> ControlFlow<B>,
    ) -> Result<Option<B>, Cut> {
        while let Some(entry) = self.step() {
            let (revision, value) = entry?;
            if let ControlFlow::Break(found) = see(&self.key, revision, value) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Moves to the next entry: its revision and its value; the key is in `self.key`.
    fn step(&mut self) -> Option<Result<(Revision, &'a [u8]), Cut>> {
        if self.rest.rest().is_empty() {
            return None;
        }
        Some(self.read().ok_or(Cut))
    }

    fn read(&mut self) -> Option<(Revision, &'a [u8])> {
        let Head { shared, rest, revision, value } = Head::read(&mut self.rest)?;
        if shared > self.key.len() {
            return None;
        }
        self.key.truncate(shared);
        self.key.extend_from_slice(rest);
        Some((revision, value))
    }
}

/// What the block that stands under `first` holds under `key`.
pub(crate) fn find(first: &[u8], bytes: &[u8], key: &[u8]) -> Result<Option<Held>, Cut> {
    let mut rest = Input::new(bytes);
    let (mut length, mut same) = (first.len(), common(first, key));
    while !rest.rest().is_empty() {
        let head = Head::read(&mut rest).ok_or(Cut)?;
        if head.shared > length {
            return Err(Cut);
        }
        length = head.shared.saturating_add(head.rest.len());
        // With more in common with the key before it than that has with ours, it comes before ours too.
        if head.shared > same {
            continue;
        }
        let wanted = key.get(head.shared..).unwrap_or_default();
        match head.rest.cmp(wanted) {
            Ordering::Less => same = head.shared.saturating_add(common(head.rest, wanted)),
            Ordering::Equal => {
                return Ok(Some(Held { revision: head.revision, value: head.value.to_vec() }));
            }
            Ordering::Greater => return Ok(None),
        }
    }
    Ok(None)
}

/// Where a search may begin in the block that stands under `first`: behind which keys, and where the entries after them
/// are. With such a key in place of `first`, and those entries in place of all, [`find`] finds what comes after it.
pub(crate) fn marks<'a>(first: &[u8], bytes: &'a [u8]) -> impl Iterator<Item = (Vec<u8>, usize)> + use<'a> {
    let mut entries = Entries::new(first, bytes);
    let mut goal = APART;
    core::iter::from_fn(move || {
        // What is behind an entry that is cut off, nobody finds.
        while let Some(Ok(_)) = entries.step() {
            let rest = entries.rest.rest().len();
            let at = bytes.len().saturating_sub(rest);
            if at >= goal && rest > 0 {
                goal = at.saturating_add(APART);
                return Some((entries.key.clone(), at));
            }
        }
        None
    })
}

/// How many bytes two keys begin with in common.
fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

impl Iterator for Entries<'_> {
    type Item = Result<Kept, Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.step()?;
        Some(entry.map(|(revision, value)| Kept {
            key: self.key.clone(),
            held: Held { revision, value: value.to_vec() },
        }))
    }
}

/// `kept` after `slots` are laid over it; both in the order of their keys.
pub(crate) fn merge<'a>(kept: &'a [Standing<'a>], slots: &[Over<'a>]) -> Vec<Piece<'a>> {
    let mut merged = Vec::with_capacity(kept.len().saturating_add(slots.len()));
    let piece =
        |Standing { key, revision, value }: &'a Standing<'a>| Piece { key, revision: *revision, value };
    let mut kept = kept.iter().map(piece).peekable();
    for Over { key, piece } in slots {
        while let Some(older) = kept.next_if(|older| older.key < *key) {
            merged.push(older);
        }
        kept.next_if(|older| older.key == *key);
        merged.extend(*piece);
    }
    merged.extend(kept);
    merged
}

/// Divides `entries` into blocks, the first of which stands under `first`, or under its first entry
/// where there is none yet. With `growing` they are filled to the brim, as for entries that come in
/// the order of their keys; else evenly, so that all have room.
pub(crate) fn pack(first: Option<Vec<u8>>, entries: &[Piece<'_>], growing: bool) -> Vec<Packed> {
    let total = entries.iter().fold(0_usize, |total, entry| total.saturating_add(weight(entry)));
    let blocks = total.div_ceil(BLOCK_MAX).max(1);
    let room = if growing { BLOCK_MAX } else { total.div_ceil(blocks) };
    let mut packed: Vec<Packed> = Vec::with_capacity(blocks);
    let mut first = first;
    let mut key: &[u8] = &[];
    for entry in entries {
        let full = packed.last().is_none_or(|block| {
            block.bytes.len() >= room || block.bytes.len().saturating_add(weight(entry)) > BLOCK_MAX
        });
        if full {
            packed.push(Packed {
                first: first.take().unwrap_or_else(|| entry.key.to_vec()),
                bytes: Vec::with_capacity(room.min(BLOCK_MAX)),
            });
        }
        let Some(block) = packed.last_mut() else { continue };
        let before = if block.bytes.is_empty() { block.first.as_slice() } else { key };
        append(&mut block.bytes, before, *entry);
        key = entry.key;
    }
    packed
}

fn weight(entry: &Piece<'_>) -> usize {
    AROUND.saturating_add(entry.key.len()).saturating_add(entry.value.len())
}

/// Appends an entry that follows one with the key `before`.
pub(crate) fn append(bytes: &mut Vec<u8>, before: &[u8], Piece { key, revision, value }: Piece<'_>) {
    let shared = u8::try_from(common(before, key)).unwrap_or(u8::MAX);
    let rest = key.get(usize::from(shared)..).unwrap_or_default();
    // Keys and values together are no longer than a record may be, which fits.
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
    bytes.push(shared);
    bytes.extend_from_slice(&length(rest));
    bytes.extend_from_slice(&length(value));
    bytes.extend_from_slice(&revision.number().to_be_bytes());
    bytes.extend_from_slice(rest);
    bytes.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![vec(b'a'..=b'c', 0..4), vec(any::<u8>(), 0..300)]
    }

    fn held() -> impl Strategy<Value = Held> {
        let value = prop_oneof![8 => vec(any::<u8>(), 0..200), 1 => vec(any::<u8>(), 3500..3700)];
        (any::<u64>(), value).prop_map(|(revision, value)| Held { revision: Revision::new(revision), value })
    }

    fn kept(entries: &BTreeMap<Vec<u8>, Held>) -> Vec<Kept> {
        entries.iter().map(|(key, held)| Kept { key: key.clone(), held: held.clone() }).collect()
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read_again(
            entries in btree_map(key(), held(), 0..60),
            growing in any::<bool>(),
            named in any::<bool>(),
        ) {
            let entries = kept(&entries);
            let lowest = named.then(Vec::new);
            let pieces: Vec<Piece<'_>> = entries.iter().map(Kept::piece).collect();
            let packed = pack(lowest, &pieces, growing);
            let read: Result<Vec<Kept>, Cut> =
                packed.iter().flat_map(|block| Entries::new(&block.first, &block.bytes)).collect();
            prop_assert_eq!(read.unwrap(), entries.clone());
            for block in &packed {
                let count = Entries::new(&block.first, &block.bytes).count();
                prop_assert!(block.bytes.len() <= BLOCK_MAX || count == 1);
            }
            prop_assert!(packed.is_sorted_by(|one, next| one.first < next.first));
            for Kept { key, held } in &entries {
                let block = packed.iter().rev().find(|block| block.first <= *key).unwrap();
                let found = find(&block.first, &block.bytes, key).unwrap();
                prop_assert_eq!(found.as_ref(), Some(held));
                for (before, at) in marks(&block.first, &block.bytes) {
                    let found = find(&before, &block.bytes[at..], key).unwrap();
                    prop_assert_eq!(found.as_ref(), (before < *key).then_some(held));
                }
            }
        }

        #[test]
        fn merging_is_laying_over(
            entries in btree_map(key(), held(), 0..20),
            slots in btree_map(key(), option::of(held()), 0..20),
        ) {
            let over: Vec<Slot> =
                slots.iter().map(|(key, held)| Slot { key: key.clone(), held: held.clone() }).collect();
            let mut expected = entries.clone();
            for (key, held) in slots {
                match held {
                    Some(held) => drop(expected.insert(key, held)),
                    None => drop(expected.remove(&key)),
                }
            }
            let there: Vec<Standing<'_>> = entries
                .iter()
                .map(|(key, held)| Standing { key: key.clone(), revision: held.revision, value: &held.value })
                .collect();
            let owned = |Piece { key, revision, value }: Piece<'_>| Kept {
                key: key.to_vec(),
                held: Held { revision, value: value.to_vec() },
            };
            let over: Vec<Over<'_>> = over.iter().map(Over::of).collect();
            let merged: Vec<Kept> = merge(&there, &over).into_iter().map(owned).collect();
            prop_assert_eq!(merged, kept(&expected));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(first in key(), bytes in vec(any::<u8>(), 0..200)) {
            let _ = Entries::new(&first, &bytes).collect::<Vec<_>>();
            let _ = find(&first, &bytes, b"ab");
        }
    }
}
