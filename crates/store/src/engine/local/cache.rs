//! Blocks of the index in memory, so that most keys are found without asking sled: it copies a whole page
//! for each key it is asked for, and reads one that it let go of from its file.
//!
//! A block is kept with the key of the one after it, so that it is known for which keys it speaks. It is
//! exactly what sled holds: what [`Index::apply`](super::index::Index::apply) writes is taken over here behind it,
//! and what was read while that happened is not kept.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;
use sled::IVec;

use super::beginning::Beginning;
use super::block;
use super::index::name_of;

/// What a block takes in memory besides its bytes, roughly.
const AROUND: u64 = 256;

/// A block as it stands in sled.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The key it stands under: the first it is for.
    pub(crate) first: IVec,
    pub(crate) bytes: IVec,
    /// The first key that it is not for; `None` when it is the last block.
    pub(crate) next: Option<IVec>,
}

/// Blocks that were read or written lately.
#[derive(Debug)]
pub(crate) struct Cache {
    kept: RwLock<Kept>,
    /// How many bytes they may take.
    max: u64,
}

#[derive(Debug, Default)]
struct Kept {
    blocks: BTreeMap<Name, Place>,
    bytes: u64,
    /// How often sled was changed.
    changes: u64,
    /// Up to where it was looked for blocks that nobody asked for; `None` is before the first.
    hand: Option<Name>,
}

/// The key that a block stands under, in the order of the keys.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Name {
    beginning: Beginning,
    first: IVec,
}

impl Name {
    fn of(first: &IVec) -> Self {
        Self { beginning: Beginning::of(first), first: first.clone() }
    }
}

#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) block: Block,
    /// Found when somebody first looks into it: most blocks are written again before.
    marks: OnceLock<Vec<Mark>>,
    /// Somebody asked for it since the hand was here.
    asked: AtomicBool,
}

/// Where a search may begin in a block.
#[derive(Debug)]
struct Mark {
    /// Behind the entry with this key.
    before: IVec,
    at: usize,
}

impl Place {
    const fn of(block: Block) -> Self {
        Self { block, marks: OnceLock::new(), asked: AtomicBool::new(false) }
    }

    fn marks(&self) -> &[Mark] {
        let Block { first, bytes, .. } = &self.block;
        let mark = |(before, at): (Vec<u8>, usize)| Mark { before: before.into(), at };
        self.marks.get_or_init(|| block::marks(name_of(first), bytes).map(mark).collect())
    }

    /// A key that comes before `key`, and the entries of the block behind it.
    pub(crate) fn near(&self, key: &[u8]) -> (&[u8], &[u8]) {
        let Block { first, bytes, .. } = &self.block;
        let marks = self.marks();
        let behind = marks.partition_point(|mark| mark.before.as_ref() < key);
        match behind.checked_sub(1).and_then(|last| marks.get(last)) {
            Some(Mark { before, at }) => (before, bytes.get(*at..).unwrap_or_default()),
            None => (name_of(first), bytes),
        }
    }

    fn size(&self) -> u64 {
        let bytes = self.block.bytes.len();
        let marks = (bytes / block::APART).saturating_mul(size_of::<Mark>());
        let bytes = bytes.saturating_add(marks);
        u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(AROUND)
    }
}

/// When sled was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Seen(u64);

impl Cache {
    /// An empty one, for so many bytes.
    pub(crate) fn new(max: u64) -> Self {
        Self { kept: RwLock::default(), max }
    }

    /// The block for `key`; or from when an answer of sled's would be.
    pub(crate) fn find(&self, key: &[u8]) -> Result<Block, Seen> {
        self.look(key, |place| place.block.clone())
    }

    /// Shows `see` the block for `key`, without a copy of it; or says from when an answer of sled's would be.
    pub(crate) fn look<T>(&self, key: &[u8], see: impl FnOnce(&Place) -> T) -> Result<T, Seen> {
        let name = Name::of(&key.into());
        let kept = self.kept.read();
        match kept.blocks.range(..=name).next_back() {
            Some((_, place)) if place.block.is_for(key) => {
                place.asked.store(true, Ordering::Relaxed);
                Ok(see(place))
            }
            Some(_) | None => Err(Seen(kept.changes)),
        }
    }

    /// Keeps what sled answered, if it would still answer so.
    pub(crate) fn keep(&self, block: Block, seen: Seen) {
        let mut kept = self.kept.write();
        if seen == Seen(kept.changes) {
            kept.put(block);
            kept.shrink(self.max);
        }
    }

    /// Takes over what was changed in sled: which blocks are new or other than they were, and which are gone.
    pub(crate) fn change(&self, put: Vec<Block>, gone: Vec<Block>) {
        let mut kept = self.kept.write();
        kept.changes = kept.changes.wrapping_add(1);
        put.into_iter().for_each(|block| kept.put(block));
        gone.into_iter().for_each(|block| kept.close_gap(block));
        kept.shrink(self.max);
    }

    /// Forgets everything: nobody knows what sled holds.
    pub(crate) fn forget(&self) {
        let mut kept = self.kept.write();
        *kept = Kept { changes: kept.changes.wrapping_add(1), ..Kept::default() };
    }
}

impl Kept {
    fn put(&mut self, block: Block) {
        self.drop(&block.first);
        let (name, place) = (Name::of(&block.first), Place::of(block));
        self.bytes = self.bytes.saturating_add(place.size());
        self.blocks.insert(name, place);
    }

    /// A block is gone from sled: the one before it is for its keys from now on.
    fn close_gap(&mut self, gone: Block) {
        self.drop(&gone.first);
        let before = self.blocks.range_mut(..Name::of(&gone.first)).next_back();
        if let Some((_, Place { block, .. })) = before
            && block.next.as_ref() == Some(&gone.first)
        {
            block.next = gone.next;
        }
    }

    fn drop(&mut self, first: &IVec) {
        if let Some(place) = self.blocks.remove(&Name::of(first)) {
            self.bytes = self.bytes.saturating_sub(place.size());
        }
    }

    /// Lets go of blocks until all have room, sparing once those that somebody asked for.
    fn shrink(&mut self, max: u64) {
        while self.bytes > max {
            let behind = self.hand.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
            let next = self.blocks.range_mut((behind, Bound::Unbounded)).next();
            let Some((name, Place { asked, .. })) = next else {
                if self.hand.take().is_none() {
                    return;
                }
                continue;
            };
            let name = name.clone();
            if !core::mem::take(asked.get_mut()) {
                self.drop(&name.first);
            }
            self.hand = Some(name);
        }
    }
}

impl Block {
    fn is_for(&self, key: &[u8]) -> bool {
        self.next.as_ref().is_none_or(|next| key < next.as_ref())
    }
}
