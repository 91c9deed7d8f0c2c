//! Runs: where the index keeps keys that come in no order, as tokens do that clients draw. In blocks that are shared each of
//! them would change another one, which would be written anew for a single entry: the more there are, the slower.
//!
//! What is moved in at once is written as a run instead: blocks of its own, one behind the other, that never change. Of
//! several runs that know a key the newest is right, also where it says that the key is gone. A filter in memory tells
//! which runs do not know a key, without looking. As many as [`FAN`] of one level are merged into one of the next, a
//! little with each move, so that there are few of them however many keys there are.
//!
//! ```text
//! sled key                              sled value
//! 2 · run · key                         a block; an entry of revision 0 says that its key is gone
//! 3 · run · part u32 · piece u32        what is known of a part of the run, in pieces: only with it there is one
//!
//! run     newest u64 · level u8
//! part    bytes of all this u32 · keys u64 · first key, last key: u16 and bytes each · filter
//! ```

use core::fmt;
use core::ops::ControlFlow;
use std::collections::{BTreeMap, VecDeque};

use fleet::Revision;
use parking_lot::{Mutex, RwLock};
use sled::IVec;

use super::block::{self, Cut, Entries, Kept, Over, Piece};
use super::filter::{Filter, Mark};
use super::index::{Index, Rewritten, cut, expanded};
use super::table::{Held, Slot};
use crate::engine::compressed::compress;
use crate::engine::input::Input;
use crate::engine::{IndexFault, KeyRange, Order};
use crate::planted::planted;

const BLOCK: u8 = 2;
const PART: u8 = 3;
/// Behind all that is of runs.
const END: u8 = 4;
/// How many runs of a level are merged into one of the next.
const FAN: usize = if cfg!(test) { 2 } else { 8 };
/// How many bytes of what is known of a part stand under one key: sled keeps sixteen values in a page.
const PIECE: usize = if cfg!(test) { 32 } else { 4096 };
/// How many keys sled is told to let go of for each slot that is moved in, at least.
const CLEARED_AT_ONCE: usize = 16;

/// The runs of an index.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    shelf: RwLock<Shelf>,
    /// Only for whoever moves something in: there is one at a time.
    merging: Mutex<Merging>,
}

#[derive(Debug, Default)]
struct Shelf {
    /// The newest first.
    runs: Vec<Run>,
    /// What comes behind all keys of the newest one may still be added to it.
    open: bool,
    /// The highest number that a run ever had.
    newest: u64,
}

/// Which run: those that are newer come later.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct RunId {
    /// Moves are counted; what was merged from several has the last of their numbers.
    newest: u64,
    /// How often what is in it was merged.
    level: u8,
}

#[derive(Debug)]
struct Run {
    id: RunId,
    /// In the order of their keys.
    parts: Vec<Part>,
}

/// Keys that were added to a run together.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Part {
    first: Vec<u8>,
    last: Vec<u8>,
    keys: u64,
    filter: Filter,
}

/// A part that is on its way to sled.
#[derive(Debug)]
pub(crate) struct Fresh {
    id: RunId,
    part: Part,
}

/// What is being done so that there are not too many runs.
#[derive(Debug, Default)]
enum Merging {
    #[default]
    Nothing,
    Copying(Copying),
    /// Runs that nobody reads any more, until sled has let go of them.
    Clearing(Vec<RunId>),
}

#[derive(Debug)]
struct Copying {
    /// The newest first.
    from: Vec<RunId>,
    to: RunId,
    /// There are older runs, for which it has to say that keys are gone.
    keeps_gone: bool,
    /// Through what is still to be copied: those runs do not change.
    walks: Option<Walks>,
    part: Option<Part>,
    /// How many keys there may be.
    most: u64,
}

/// A walk through several runs at once.
struct Walks {
    /// Of the newest run first.
    walks: Vec<Walk>,
    order: Order,
}

struct Walk {
    /// `None` once nothing is left.
    blocks: Option<sled::Iter>,
    range: KeyRange,
    ready: VecDeque<Kept>,
}

impl RunId {
    /// Under which key in sled `key` would stand.
    fn name(self, area: u8, key: &[u8]) -> Vec<u8> {
        let mut name = vec![area];
        name.extend_from_slice(&self.newest.to_be_bytes());
        name.push(self.level);
        name.extend_from_slice(key);
        name
    }

    /// The keys in sled that are of this run.
    fn all(self, area: u8) -> core::ops::Range<Vec<u8>> {
        let end = match self.level.checked_add(1) {
            Some(level) => Self { level, ..self }.name(area, &[]),
            None => vec![area.saturating_add(1)],
        };
        self.name(area, &[])..end
    }

    /// Whose a key in sled is, and what stands behind that.
    fn read(name: &[u8]) -> Option<(Self, Input<'_>)> {
        let mut input = Input::new(name.get(1..)?);
        let id = Self { newest: input.u64()?, level: input.u8()? };
        Some((id, input))
    }

    /// Whether all that the other says is said here too.
    const fn replaces(self, other: Self) -> bool {
        self.level > other.level && self.newest >= other.newest
    }
}

/// The key that a block of a run stands under, without what stands before it in sled.
fn key_of(name: &[u8]) -> &[u8] {
    RunId::read(name).map_or(&[], |(_, key)| key.rest())
}

impl Run {
    fn may_know(&self, key: &[u8], mark: Mark) -> bool {
        let before = self.parts.partition_point(|part| part.first.as_slice() <= key);
        let part = before.checked_sub(1).and_then(|last| self.parts.get(last));
        part.is_some_and(|part| part.last.as_slice() >= key && part.filter.may_know(mark))
    }

    fn keys(&self) -> u64 {
        self.parts.iter().fold(0, |keys, part| keys.saturating_add(part.keys))
    }
}

impl Part {
    /// One with room for as many keys as there are `most`, `None` of no keys.
    fn of<'a>(keys: impl Iterator<Item = &'a [u8]>, most: u64) -> Option<Self> {
        let mut keys = keys.peekable();
        let first = keys.peek()?.to_vec();
        let mut part = Self { last: first.clone(), first, keys: 0, filter: Filter::for_keys(most) };
        part.add(keys);
        Some(part)
    }

    /// Adds keys that come behind all of it.
    fn add<'a>(&mut self, keys: impl Iterator<Item = &'a [u8]>) {
        let mut last = None;
        for key in keys {
            self.filter.put(Mark::of(key));
            self.keys = self.keys.saturating_add(1);
            last = Some(key);
        }
        if let Some(last) = last {
            self.last = last.to_vec();
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0; 4];
        bytes.extend_from_slice(&self.keys.to_be_bytes());
        for key in [&self.first, &self.last] {
            bytes.extend_from_slice(&u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend_from_slice(key);
        }
        self.filter.encode(&mut bytes);
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        for (byte, length) in bytes.iter_mut().zip(length) {
            *byte = length;
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut input = Input::new(bytes);
        let is_whole = usize::try_from(input.u32()?).ok()? == bytes.len();
        let keys = input.u64()?;
        let mut key = || {
            let length = usize::from(input.u16()?);
            input.slice(length).map(<[u8]>::to_vec)
        };
        let (first, last) = (key()?, key()?);
        let part = Self { first, last, keys, filter: Filter::decode(input)? };
        // Room for as many is made when it is merged: what is read may not ask for more than it takes itself.
        (is_whole && part.keys <= part.filter.room()).then_some(part)
    }

    /// Under which keys in sled it stands as part `number` of a run, and what.
    fn pieces(&self, id: RunId, number: usize) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + use<> {
        let bytes = self.encode();
        let pieces: Vec<Vec<u8>> = bytes.chunks(PIECE).map(<[u8]>::to_vec).collect();
        let number = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
        pieces.into_iter().zip(0_u32..).map(move |(piece, at)| {
            let mut name = id.name(PART, &number);
            name.extend_from_slice(&at.to_be_bytes());
            (name, piece)
        })
    }
}

impl Runs {
    /// Where a part goes that begins with `first`: into which run, and how many parts that has.
    fn place(&self, first: &[u8]) -> (RunId, usize) {
        let shelf = self.shelf.read();
        match shelf.runs.first().filter(|_| shelf.open) {
            Some(Run { id, parts }) if parts.last().is_some_and(|part| part.last.as_slice() < first) => {
                (*id, parts.len())
            }
            Some(_) | None => (RunId { newest: shelf.newest.saturating_add(1), level: 0 }, 0),
        }
    }

    /// Shows a part that is in sled.
    pub(crate) fn add(&self, Fresh { id, part }: Fresh) {
        let mut shelf = self.shelf.write();
        (shelf.open, shelf.newest) = (true, shelf.newest.max(id.newest));
        match shelf.runs.first_mut().filter(|newest| newest.id == id) {
            Some(newest) => newest.parts.push(part),
            None => shelf.runs.insert(0, Run { id, parts: vec![part] }),
        }
    }

    /// What is to be merged now, if anything is.
    fn due(&self) -> Option<Copying> {
        let mut shelf = self.shelf.write();
        let levels: Vec<u8> = shelf.runs.iter().map(|run| run.id.level).collect();
        let level =
            *levels.iter().find(|level| levels.iter().filter(|other| other == level).count() >= FAN)?;
        let of_level = shelf.runs.iter().filter(|run| run.id.level == level);
        let from: Vec<RunId> = of_level.clone().map(|run| run.id).collect();
        let most = of_level.fold(0_u64, |keys, run| keys.saturating_add(run.keys()));
        let to = RunId { newest: from.first()?.newest, level: level.checked_add(1)? };
        let keeps_gone = shelf.runs.iter().any(|run| run.id.level > level);
        shelf.open = false;
        Some(Copying { from, to, keeps_gone, walks: None, part: None, most })
    }

    /// Lets go of what it holds of sled.
    pub(crate) fn let_go(&self) {
        *self.merging.lock() = Merging::Nothing;
    }

    /// Puts what was merged in place of what it was merged from.
    fn replace(&self, from: &[RunId], merged: Option<Run>) {
        let mut shelf = self.shelf.write();
        shelf.runs.retain(|run| !from.contains(&run.id));
        shelf.runs.extend(merged);
        shelf.runs.sort_by_key(|run| core::cmp::Reverse(run.id));
    }
}

impl Index {
    /// The runs that sled has.
    pub(super) fn load_runs(&self) -> Result<Runs, IndexFault> {
        let mut encoded: BTreeMap<(RunId, u32), Vec<u8>> = BTreeMap::new();
        self.guarded(|db| {
            for piece in db.range([PART].as_slice()..[END].as_slice()) {
                let (name, piece) = piece?;
                let place = RunId::read(&name).and_then(|(id, mut rest)| Some((id, rest.u32()?)));
                let Some(place) = place else { return Ok(Err(cut(&name, &piece))) };
                encoded.entry(place).or_default().extend_from_slice(&piece);
            }
            Ok(Ok(()))
        })??;
        let mut runs: Vec<Run> = Vec::new();
        for ((id, _), bytes) in encoded {
            // One of which a piece is missing was not written as it should have been.
            let part = Part::decode(&bytes).ok_or(IndexFault::Corrupt)?;
            match runs.last_mut().filter(|run| run.id == id) {
                Some(run) => run.parts.push(part),
                None => runs.push(Run { id, parts: vec![part] }),
            }
        }
        let mut left = self.runs_with_blocks()?;
        left.extend(runs.iter().map(|run| run.id));
        let ids: Vec<RunId> = runs.iter().map(|run| run.id).collect();
        runs.retain(|run| !ids.iter().any(|other| other.replaces(run.id)));
        runs.reverse();
        let newest = left.iter().map(|id| id.newest).max().unwrap_or(0);
        // What a merge or a move had begun to write, or had not yet let go of.
        left.retain(|id| !runs.iter().any(|run| run.id == *id));
        let merging = if left.is_empty() { Merging::Nothing } else { Merging::Clearing(left) };
        Ok(Runs { shelf: RwLock::new(Shelf { runs, open: false, newest }), merging: Mutex::new(merging) })
    }

    /// Of which runs there are blocks.
    fn runs_with_blocks(&self) -> Result<Vec<RunId>, IndexFault> {
        let mut found = Vec::new();
        let mut from = vec![BLOCK];
        while let Some((name, bytes)) =
            self.guarded(|db| db.range(from.as_slice()..[PART].as_slice()).next().transpose())?
        {
            let (id, _) = RunId::read(&name).ok_or_else(|| cut(&name, &bytes))?;
            found.push(id);
            from = id.all(BLOCK).end;
        }
        Ok(found)
    }

    /// What the newest run that knows `key` has.
    pub(super) fn get_from_runs(&self, key: &[u8]) -> Result<Option<Held>, IndexFault> {
        let mark = Mark::of(key);
        // Held for as long as sled is asked, so that no run is let go of meanwhile.
        let shelf = self.runs.shelf.read();
        for run in shelf.runs.iter().filter(|run| run.may_know(key, mark)) {
            let (from, to) = (run.id.name(BLOCK, &[]), run.id.name(BLOCK, key));
            let found = self.guarded(|db| db.range(from..=to).next_back().transpose())?;
            let (name, bytes) = found.ok_or(IndexFault::Corrupt)?;
            let bytes = expanded(&name, &bytes)?;
            if let Some(held) = block::find(key_of(&name), &bytes, key).map_err(|Cut| cut(&name, &bytes))? {
                return Ok(is_there(&held).then_some(held));
            }
        }
        Ok(None)
    }

    /// The first `limit` entries of `range` in `order` that runs have.
    pub(super) fn fetch_from_runs(
        &self,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Slot>, IndexFault> {
        let shelf = self.runs.shelf.read();
        let mut walks = Walks::through(self, shelf.runs.iter().map(|run| run.id), range, order)?;
        let mut found = Vec::new();
        while found.len() < limit
            && let Some(Kept { key, held }) = walks.next(self)?
        {
            if is_there(&held) {
                found.push(Slot { key, held: Some(held) });
            }
        }
        Ok(found)
    }

    /// Adds a part with `slots` to what is to be written.
    pub(super) fn write_to_run(&self, slots: &[Over<'_>], rewritten: &mut Rewritten) {
        let Some(first) = slots.first() else { return };
        let (id, number) = self.runs.place(first.key);
        let most = u64::try_from(slots.len()).unwrap_or(u64::MAX);
        let Some(part) = Part::of(slots.iter().map(|slot| slot.key), most) else { return };
        let pieces: Vec<Piece<'_>> = slots.iter().map(|slot| slot.piece_or_gone()).collect();
        put_blocks(id, &pieces, &mut rewritten.grown);
        for (name, piece) in part.pieces(id, number) {
            rewritten.shortened.insert(name, piece);
        }
        rewritten.fresh = Some(Fresh { id, part });
    }

    /// Merges runs where there are too many, as far as it comes with so many entries.
    pub(super) fn merge_some(&self, entries: usize) -> Result<(), IndexFault> {
        let mut merging = self.runs.merging.lock();
        *merging = match core::mem::take(&mut *merging) {
            Merging::Nothing => self.runs.due().map_or(Merging::Nothing, Merging::Copying),
            Merging::Copying(copying) => self.copy_some(copying, entries)?,
            Merging::Clearing(left) => self.clear_some(left, entries.max(CLEARED_AT_ONCE))?,
        };
        drop(merging);
        Ok(())
    }

    fn copy_some(&self, mut copying: Copying, entries: usize) -> Result<Merging, IndexFault> {
        let walks = match &mut copying.walks {
            Some(walks) => walks,
            none => {
                let from = copying.from.iter().copied();
                none.insert(Walks::through(self, from, &KeyRange::all(), Order::Ascending)?)
            }
        };
        let mut taken = Vec::new();
        let mut is_over = false;
        for _ in 0..entries {
            let Some(kept) = walks.next(self)? else {
                is_over = true;
                break;
            };
            if is_there(&kept.held) || copying.keeps_gone && !planted!(GoneForgotten) {
                taken.push(kept);
            }
        }
        let pieces: Vec<Piece<'_>> = taken.iter().map(Kept::piece).collect();
        let mut batch = sled::Batch::default();
        put_blocks(copying.to, &pieces, &mut batch);
        self.guarded(|db| db.apply_batch(batch))?;
        let keys = taken.iter().map(|kept| kept.key.as_slice());
        match &mut copying.part {
            Some(part) => part.add(keys),
            none => *none = Part::of(keys, copying.most),
        }
        if is_over { self.end_merge(copying) } else { Ok(Merging::Copying(copying)) }
    }

    /// Everything is copied: it is what counts from now on.
    fn end_merge(&self, Copying { from, to, part, .. }: Copying) -> Result<Merging, IndexFault> {
        let mut batch = sled::Batch::default();
        for (name, piece) in part.iter().flat_map(|part| part.pieces(to, 0)) {
            batch.insert(name, piece);
        }
        self.guarded(|db| db.apply_batch(batch))?;
        // The oldest first: should not all of it be there after a crash, no older run speaks where a newer one said that
        // a key is gone.
        from.iter().rev().try_for_each(|id| self.remove(id.all(PART), usize::MAX).map(drop))?;
        self.runs.replace(&from, part.map(|part| Run { id: to, parts: vec![part] }));
        Ok(Merging::Clearing(from))
    }

    fn clear_some(&self, mut left: Vec<RunId>, keys: usize) -> Result<Merging, IndexFault> {
        let Some(id) = left.last() else { return Ok(Merging::Nothing) };
        let removed = self.remove(id.all(PART), keys)?.saturating_add(self.remove(id.all(BLOCK), keys)?);
        if removed == 0 {
            left.pop();
        }
        Ok(if left.is_empty() { Merging::Nothing } else { Merging::Clearing(left) })
    }

    /// Removes the first `most` keys of a range in sled, and says how many there were.
    fn remove(&self, range: core::ops::Range<Vec<u8>>, most: usize) -> Result<usize, IndexFault> {
        self.guarded(|db| {
            let names: Vec<IVec> = db.range(range).keys().take(most).collect::<Result<_, _>>()?;
            let mut batch = sled::Batch::default();
            names.iter().for_each(|name| batch.remove(name));
            db.apply_batch(batch)?;
            Ok(names.len())
        })
    }
}

/// Entries of a run, as blocks that are full.
fn put_blocks(id: RunId, pieces: &[Piece<'_>], batch: &mut sled::Batch) {
    if pieces.is_empty() {
        return;
    }
    for packed in block::pack(None, pieces, true) {
        batch.insert(id.name(BLOCK, &packed.first), compress(&packed.bytes));
    }
}

fn is_there(held: &Held) -> bool {
    held.revision > Revision::ZERO
}

impl fmt::Debug for Walks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walks").field("order", &self.order).finish_non_exhaustive()
    }
}

impl Walks {
    /// One through what `runs` have in `range`, of which the newest is the first.
    fn through(
        index: &Index,
        runs: impl Iterator<Item = RunId>,
        range: &KeyRange,
        order: Order,
    ) -> Result<Self, IndexFault> {
        let walks = runs.map(|id| Walk::through(index, id, range)).collect::<Result<_, _>>()?;
        Ok(Self { walks, order })
    }

    fn next(&mut self, index: &Index) -> Result<Option<Kept>, IndexFault> {
        let mut next: Option<&mut Walk> = None;
        for walk in &mut self.walks {
            walk.fill(index, self.order)?;
            let Some(key) = walk.key() else { continue };
            let is_before = next.as_ref().and_then(|next| next.key()).is_none_or(|next| match self.order {
                Order::Ascending => key < next,
                Order::Descending => key > next,
            });
            if is_before {
                next = Some(walk);
            }
        }
        let Some(found) = next.and_then(|walk| walk.ready.pop_front()) else { return Ok(None) };
        // What older ones say of it does not count.
        for walk in &mut self.walks {
            walk.ready.pop_front_if(|older| older.key == found.key);
        }
        Ok(Some(found))
    }
}

impl Walk {
    fn through(index: &Index, id: RunId, range: &KeyRange) -> Result<Self, IndexFault> {
        let start = id.name(BLOCK, &range.start);
        let all = id.all(BLOCK);
        let end = range.end.as_ref().map_or(all.end, |end| id.name(BLOCK, end));
        let blocks = index.guarded(|db| {
            // The first block is the one that the range begins in.
            let first = db.range(all.start..=start.clone()).next_back().transpose()?;
            Ok(db.range(first.map_or(start, |(name, _)| name.to_vec())..end))
        })?;
        Ok(Self { blocks: Some(blocks), range: range.clone(), ready: VecDeque::new() })
    }

    fn fill(&mut self, index: &Index, order: Order) -> Result<(), IndexFault> {
        while let Some(blocks) = self.blocks.as_mut().filter(|_| self.ready.is_empty()) {
            let next = index.guarded(|_| {
                match order {
                    Order::Ascending => blocks.next(),
                    Order::Descending => blocks.next_back(),
                }
                .transpose()
            })?;
            let Some((name, bytes)) = next else {
                self.blocks = None;
                break;
            };
            let bytes = expanded(&name, &bytes)?;
            let Self { range, ready, .. } = self;
            let see = |key: &[u8], revision, value: &[u8]| {
                if range.contains(key) {
                    let kept = Kept { key: key.to_vec(), held: Held { revision, value: value.to_vec() } };
                    match order {
                        Order::Ascending => ready.push_back(kept),
                        Order::Descending => ready.push_front(kept),
                    }
                }
                ControlFlow::<()>::Continue(())
            };
            Entries::new(key_of(&name), &bytes).look(see).map_err(|Cut| cut(&name, &bytes))?;
        }
        Ok(())
    }

    fn key(&self) -> Option<&[u8]> {
        self.ready.front().map(|kept| kept.key.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::engine::journal::Identity;
    use crate::engine::local::index::Unusable;
    use crate::engine::{SCATTERED, StoreId};

    const IDENTITY: Identity = Identity { store: StoreId([7; 16]), epoch: 1 };

    /// What happens to an index.
    #[derive(Clone, Debug)]
    enum Step {
        Move(Vec<Slot>),
        Merge(usize),
        Reopen,
    }

    fn slots() -> impl Strategy<Value = Vec<Slot>> {
        let key = vec(0_u8..4, 0..4).prop_map(|rest| [vec![SCATTERED], rest].concat());
        let value = (any::<u8>(), prop_oneof![Just(0_usize), Just(20), Just(1500)]);
        btree_map(key, option::weighted(0.6, value), 1..20).prop_map(|slots| {
            let held = |(byte, length)| Held { revision: Revision::new(9), value: vec![byte; length] };
            slots.into_iter().map(|(key, value)| Slot { key, held: value.map(held) }).collect()
        })
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => slots().prop_map(Step::Move),
            3 => (0_usize..8).prop_map(Step::Merge),
            1 => Just(Step::Reopen),
        ]
    }

    fn open(folder: &Path) -> Index {
        Index::open(folder, IDENTITY, 1 << 20).unwrap().0
    }

    fn ids(index: &Index) -> Vec<RunId> {
        index.runs.shelf.read().runs.iter().map(|run| run.id).collect()
    }

    /// Merges until there is nothing left to merge, nor to let go of.
    fn settle(index: &Index) {
        loop {
            index.merge_some(3).unwrap();
            if matches!(*index.runs.merging.lock(), Merging::Nothing) && index.runs.due().is_none() {
                break;
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn runs_are_a_map_whenever_they_are_merged_and_opened_again(steps in vec(step(), 1..24)) {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path().join("index");
            let mut index = Index::create(&folder, IDENTITY, 1 << 20).unwrap();
            let mut map = BTreeMap::new();
            let mut keys = BTreeSet::new();
            for step in steps {
                match step {
                    Step::Move(slots) => {
                        index.apply(&slots, None).unwrap();
                        for Slot { key, held } in slots {
                            keys.insert(key.clone());
                            match held {
                                Some(held) => drop(map.insert(key, held)),
                                None => drop(map.remove(&key)),
                            }
                        }
                    }
                    Step::Merge(entries) => index.merge_some(entries).unwrap(),
                    Step::Reopen => {
                        drop(index);
                        index = open(&folder);
                    }
                }
                for key in &keys {
                    prop_assert_eq!(index.get(key).unwrap(), map.get(key).cloned());
                }
                let all: Vec<Slot> =
                    map.iter().map(|(key, held)| Slot { key: key.clone(), held: Some(held.clone()) }).collect();
                prop_assert_eq!(&index.fetch(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap(), &all);
                let last: Vec<Slot> = all.into_iter().rev().take(3).collect();
                prop_assert_eq!(index.fetch(&KeyRange::all(), Order::Descending, 3).unwrap(), last);
            }
            settle(&index);
            let levels: BTreeSet<u8> = ids(&index).iter().map(|id| id.level).collect();
            prop_assert_eq!(levels.len(), ids(&index).len(), "fewer than two of each level");
            let kept: BTreeSet<RunId> = index.runs_with_blocks().unwrap().into_iter().collect();
            prop_assert_eq!(kept, ids(&index).into_iter().collect(), "and nothing is left of others");
        }

        #[test]
        fn a_part_is_read_as_it_was_written_and_not_when_a_piece_is_missing(
            keys in vec(vec(any::<u8>(), 0..60), 1..40),
            missing in any::<prop::sample::Index>(),
        ) {
            let keys: BTreeSet<Vec<u8>> = keys.into_iter().collect();
            let part = Part::of(keys.iter().map(Vec::as_slice), 40).unwrap();
            let pieces: Vec<Vec<u8>> = part.pieces(RunId { newest: 1, level: 0 }, 0).map(|(_, piece)| piece).collect();
            prop_assert_eq!(Part::decode(&pieces.concat()), Some(part.clone()));
            let too_many = Part { keys: part.filter.room().saturating_add(1), ..part };
            prop_assert_eq!(Part::decode(&too_many.encode()), None);
            let mut torn = pieces;
            torn.remove(missing.index(torn.len()));
            prop_assert_eq!(Part::decode(&torn.concat()), None);
        }

        #[test]
        fn any_bytes_are_read_as_a_part_or_refused(mut bytes in vec(any::<u8>(), 0..80), whole in any::<bool>()) {
            let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
            if let Some(head) = bytes.first_chunk_mut().filter(|_| whole) {
                *head = length;
            }
            if let Some(part) = Part::decode(&bytes) {
                prop_assert!(part.keys <= part.filter.room());
                prop_assert_eq!(part.encode(), bytes);
            }
        }
    }

    fn slot(key: u8, held: Option<u64>) -> Slot {
        let held = held.map(|revision| Held { revision: Revision::new(revision), value: vec![key] });
        Slot { key: vec![SCATTERED, key], held }
    }

    /// What a key was before it went must not come back once a merge has forgotten that it went.
    #[test]
    fn what_is_gone_stays_gone_through_merges() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("index");
        let index = Index::create(&folder, IDENTITY, 1 << 20).unwrap();
        for revision in 1..=4 {
            index.apply(&[slot(1, Some(revision)), slot(2, Some(revision))], None).unwrap();
            settle(&index);
        }
        for _ in 0..2 {
            index.apply(&[slot(1, None), slot(2, Some(9))], None).unwrap();
        }
        settle(&index);
        assert!(ids(&index).len() > 1, "an older run has the key");
        let is_right = |index: &Index| {
            assert_eq!(index.get(&[SCATTERED, 1]).unwrap(), None);
            assert_eq!(index.get(&[SCATTERED, 2]).unwrap(), slot(2, Some(9)).held);
        };
        is_right(&index);
        drop(index);
        is_right(&open(&folder));
    }

    /// A merge that ended between saying what it made and letting go of what it was made from.
    #[test]
    fn what_was_merged_counts_also_beside_what_it_was_merged_from() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("index");
        let index = Index::create(&folder, IDENTITY, 1 << 20).unwrap();
        index.apply(&[slot(1, Some(1)), slot(2, Some(1))], None).unwrap();
        let older = index.guarded(|db| db.scan_prefix([PART]).collect::<Result<Vec<_>, _>>()).unwrap();
        index.apply(&[slot(1, None), slot(3, Some(2))], None).unwrap();
        settle(&index);
        let merged = ids(&index);
        index
            .guarded(|db| older.iter().try_for_each(|(name, piece)| db.insert(name, piece.clone()).map(drop)))
            .unwrap();
        drop(index);
        let index = open(&folder);
        assert_eq!(ids(&index), merged);
        assert_eq!(index.get(&[SCATTERED, 1]).unwrap(), None);
        settle(&index);
        assert_eq!(index.runs_with_blocks().unwrap(), merged);
    }

    /// A move or a merge that ended before it said what it had written.
    #[test]
    fn blocks_of_which_nothing_is_said_are_let_go_of_and_their_run_is_not_given_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("index");
        let index = Index::create(&folder, IDENTITY, 1 << 20).unwrap();
        index.apply(&[slot(1, Some(1))], None).unwrap();
        let mut torn = Rewritten::default();
        index.write_to_run(&[Over::of(&slot(0, Some(2))), Over::of(&slot(1, Some(2)))], &mut torn);
        index.guarded(|db| db.apply_batch(torn.grown)).unwrap();
        let said = index.runs_with_blocks().unwrap();
        drop(index);
        let index = open(&folder);
        assert_eq!(index.get(&[SCATTERED, 1]).unwrap(), slot(1, Some(1)).held);
        index.apply(&[slot(1, Some(3))], None).unwrap();
        settle(&index);
        assert_eq!(index.get(&[SCATTERED, 1]).unwrap(), slot(1, Some(3)).held);
        assert!(said.last() < ids(&index).first(), "{said:?} before {:?}", ids(&index));
        assert_eq!(index.runs_with_blocks().unwrap(), ids(&index));
    }

    #[test]
    fn a_part_that_lacks_a_piece_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("index");
        let index = Index::create(&folder, IDENTITY, 1 << 20).unwrap();
        index.apply(&(0..16).map(|key| slot(key, Some(1))).collect::<Vec<_>>(), None).unwrap();
        let pieces: Vec<IVec> =
            index.guarded(|db| db.scan_prefix([PART]).keys().collect::<Result<_, _>>()).unwrap();
        assert!(pieces.len() > 1);
        index.guarded(|db| db.remove(pieces.last().unwrap())).unwrap();
        drop(index);
        let refused = Index::open(&folder, IDENTITY, 1 << 20).unwrap_err();
        assert!(matches!(refused, Unusable::Fault(IndexFault::Corrupt)), "{refused:?}");
    }
}
