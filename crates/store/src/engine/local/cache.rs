//! Blocks of the index in memory, so that most keys are found without asking sled: it copies a whole page
//! for each key it is asked for, and reads one that it let go of from its file.
//!
//! A block is kept with the key of the one after it, so that it is known for which keys it speaks. It is
//! exactly what sled holds: what [`Index::apply`](super::index::Index::apply) writes is taken over here behind it,
//! and what was read while that happened is not kept.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;
use sled::IVec;

/// What a block takes in memory besides its bytes, roughly.
const AROUND: u64 = 192;

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
    blocks: BTreeMap<IVec, Place>,
    bytes: u64,
    /// How often sled was changed.
    changes: u64,
    /// Up to where it was looked for blocks that nobody asked for.
    hand: IVec,
}

#[derive(Debug)]
struct Place {
    block: Block,
    /// Somebody asked for it since the hand was here.
    asked: AtomicBool,
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
        let kept = self.kept.read();
        let before = kept.blocks.range::<[u8], _>((Bound::Unbounded, Bound::Included(key))).next_back();
        match before {
            Some((_, Place { block, asked })) if block.is_for(key) => {
                asked.store(true, Ordering::Relaxed);
                Ok(block.clone())
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
        self.bytes = self.bytes.saturating_add(block.size());
        self.blocks.insert(block.first.clone(), Place { block, asked: AtomicBool::new(false) });
    }

    /// A block is gone from sled: the one before it is for its keys from now on.
    fn close_gap(&mut self, gone: Block) {
        self.drop(&gone.first);
        let before = self.blocks.range_mut::<IVec, _>(..&gone.first).next_back();
        if let Some((_, Place { block, .. })) = before
            && block.next.as_ref() == Some(&gone.first)
        {
            block.next = gone.next;
        }
    }

    fn drop(&mut self, first: &IVec) {
        if let Some(Place { block, .. }) = self.blocks.remove(first) {
            self.bytes = self.bytes.saturating_sub(block.size());
        }
    }

    /// Lets go of blocks until all have room, sparing once those that somebody asked for.
    fn shrink(&mut self, max: u64) {
        while self.bytes > max {
            let behind = (Bound::Excluded(self.hand.as_ref()), Bound::Unbounded);
            let next = self.blocks.range_mut::<[u8], _>(behind).next();
            let Some((first, Place { asked, .. })) = next else {
                if self.hand.is_empty() {
                    return;
                }
                self.hand = IVec::default();
                continue;
            };
            let first = first.clone();
            if !core::mem::take(asked.get_mut()) {
                self.drop(&first);
            }
            self.hand = first;
        }
    }
}

impl Block {
    fn is_for(&self, key: &[u8]) -> bool {
        self.next.as_ref().is_none_or(|next| key < next.as_ref())
    }

    fn size(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX).saturating_add(AROUND)
    }
}
