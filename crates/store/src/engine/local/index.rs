//! sled as an index that may be lost. Every call into it is guarded: it can fail, lie or panic, and
//! what it then says is an [`IndexFault`], never a type of its own.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fleet::Revision;
use sled::IVec;

use super::block::{self, Cut, Entries, Kept, Over, Packed, Standing};
use super::cache::{Block, Cache, Seen};
use super::index_folder::{remove_unfinished, sync_tree, wait_until_free};
use super::runs::{Fresh, Runs};
use super::sled_flush;
use super::sled_log::{self, look_over};
use super::sled_threads;
use super::table::{Held, Slot};
use crate::engine::compressed::{compress, expand};
use crate::engine::disk::make_private_dir;
use crate::engine::input::Input;
use crate::engine::journal::Identity;
use crate::engine::{EngineError, IndexAction, IndexFault, KeyRange, Order, SCATTERED, StoreId};
use crate::planted::planted;

/// Under this key stands whose index it is and how far it goes. All others begin with [`DATA`], or are of [`runs`](super::runs).
const META: [u8; 1] = [0];
const DATA: u8 = 1;
/// Behind all that begins with it.
const DATA_END: [u8; 1] = [2];
/// How keys and values are laid out in it. One of another format is made anew.
const FORMAT: u32 = 3;
/// Its presence says that the index was caught being wrong, and is to be rebuilt.
const SUSPECT: &str = "SUSPECT";

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    /// Only ever `None` while being dropped.
    db: Option<sled::Db>,
    cache: Cache,
    pub(super) runs: Runs,
    directory: PathBuf,
    identity: Identity,
}

/// Blocks on their way to sled.
#[derive(Default)]
pub(super) struct Rewritten {
    /// Those under new keys.
    pub(super) grown: sled::Batch,
    /// Those that take the place of others, those that go, and what is known of those of a run.
    pub(super) shortened: sled::Batch,
    /// All that will be there, but those of runs.
    put: Vec<Block>,
    /// Those that will not be.
    gone: Vec<Block>,
    /// What is added to a run.
    pub(super) fresh: Option<Fresh>,
}

/// Why an index that is there cannot be used.
#[derive(Clone, Debug)]
pub(crate) enum Unusable {
    Missing,
    Suspect,
    Foreign,
    Fault(IndexFault),
}

impl Unusable {
    /// The error, if nothing is wrong with the index: another one could not be opened now either.
    pub(crate) fn passing(&self) -> Option<EngineError> {
        match self {
            Self::Fault(fault @ (IndexFault::Held | IndexFault::Threads(_))) => {
                Some(EngineError::index(IndexAction::Open)(fault.clone()))
            }
            Self::Fault(_) | Self::Missing | Self::Suspect | Self::Foreign => None,
        }
    }
}

impl Index {
    /// Makes an index that holds nothing.
    pub(crate) fn create(directory: &Path, identity: Identity, cache: u64) -> Result<Self, IndexFault> {
        make_private_dir(directory).map_err(io_fault)?;
        let index = Self::over(directory, identity, cache)?;
        index.apply(&[], Some(Revision::ZERO))?;
        // What it says of itself is on disk before anything relies on it: a process that is killed
        // before the first checkpoint leaves an index that is behind, not one that is nobody's.
        index.flush()?;
        Ok(index)
    }

    /// Opens an index, and says which commits it holds: all up to a revision.
    pub(crate) fn open(
        directory: &Path,
        identity: Identity,
        cache: u64,
    ) -> Result<(Self, Revision), Unusable> {
        if !directory.is_dir() {
            return Err(Unusable::Missing);
        }
        if directory.join(SUSPECT).exists() {
            return Err(Unusable::Suspect);
        }
        let open = || {
            wait_until_free(directory)?;
            remove_unfinished(directory).map_err(io_fault)?;
            believe(&directory.join("db"))?;
            let mut index = Self::over(directory, identity, cache)?;
            let meta = index.guarded(|db| db.get(META))?.ok_or(IndexFault::NoMeta)?;
            let (owner, applied) = decode_meta(&meta)?;
            index.runs = index.load_runs()?;
            Ok((index, owner, applied))
        };
        let (index, owner, applied) = open().map_err(Unusable::Fault)?;
        if owner == identity { Ok((index, applied)) } else { Err(Unusable::Foreign) }
    }

    /// What sled has in `directory`. Of what it may cache, a quarter are sled's pages, the others blocks.
    fn over(directory: &Path, identity: Identity, cache: u64) -> Result<Self, IndexFault> {
        let pages = cache / 4;
        let db = Some(open_sled(directory, pages)?);
        let cache = Cache::new(cache.saturating_sub(pages));
        Ok(Self { db, cache, runs: Runs::default(), directory: directory.into(), identity })
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Held>, IndexFault> {
        if is_scattered(key) {
            return self.get_from_runs(key);
        }
        let find = |Block { first, bytes, .. }: &Block, (before, behind): (&[u8], &[u8])| {
            block::find(before, behind, key).map_err(|Cut| cut(first, bytes))
        };
        let name = data_key(key);
        match self.cache.look(&name, |place| find(&place.block, place.near(key))) {
            Ok(found) => found,
            Err(seen) => match self.ask(&name, seen)? {
                Some(block) => find(&block, (name_of(&block.first), &block.bytes)),
                None => Ok(None),
            },
        }
    }

    /// The block that `key` belongs to, if there is one: the last that begins at it or before.
    fn block_for(&self, key: &[u8]) -> Result<Option<Block>, IndexFault> {
        let name = data_key(key);
        match self.cache.find(&name) {
            Ok(block) => Ok(Some(block)),
            Err(seen) => self.ask(&name, seen),
        }
    }

    /// Asks sled for the block that the key `name` belongs to, which was not in memory at `seen`.
    fn ask(&self, name: &[u8], seen: Seen) -> Result<Option<Block>, IndexFault> {
        let found = self.guarded(|db| db.range([DATA].as_slice()..=name).next_back().transpose())?;
        let Some((first, bytes)) = found else { return Ok(None) };
        let bytes = expanded(&first, &bytes)?.into();
        let block = Block { next: self.next_first(Bound::Excluded(&first))?, first, bytes };
        self.cache.keep(block.clone(), seen);
        Ok(Some(block))
    }

    /// The key that the block after the one under `first` begins with.
    fn next_first(&self, first: Bound<&[u8]>) -> Result<Option<IVec>, IndexFault> {
        let bounds = (first, Bound::Excluded(DATA_END.as_slice()));
        let next = self.guarded(|db| db.range::<&[u8], _>(bounds).next().transpose())?;
        Ok(next.map(|(first, _)| first))
    }

    /// The first `limit` entries of `range` in `order`, none of them empty.
    pub(crate) fn fetch(
        &self,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Slot>, IndexFault> {
        let scattered = KeyRange::prefix(&[SCATTERED]);
        let before = KeyRange { start: Vec::new(), end: Some(scattered.start.clone()) };
        let behind = KeyRange { start: scattered.end.clone().unwrap_or_default(), end: None };
        let mut parts = [before, scattered, behind].map(|part| range.within(&part));
        if order == Order::Descending {
            parts.reverse();
        }
        let mut found = Vec::new();
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let left = limit.saturating_sub(found.len());
            if left == 0 {
                break;
            }
            found.extend(match order {
                _ if is_scattered(&part.start) => self.fetch_from_runs(part, order, left)?,
                Order::Ascending => self.fetch_ascending(part, left)?,
                Order::Descending => self.fetch_descending(part, left)?,
            });
        }
        Ok(found)
    }

    fn fetch_ascending(&self, range: &KeyRange, limit: usize) -> Result<Vec<Slot>, IndexFault> {
        let from = self.first_of(range)?;
        let mut found = Vec::new();
        self.guarded(|db| {
            let mut blocks = db.range(from.as_slice()..DATA_END.as_slice()).peekable();
            while let Some(block) = blocks.next() {
                let next = blocks.peek().cloned().transpose()?.map(|(first, _)| first);
                if let Err(fault) = take_entries(&block?, next.as_ref(), range, &mut found) {
                    return Ok(Err(fault));
                }
                let over =
                    range.end.as_ref().zip(next).is_some_and(|(end, next)| name_of(&next) >= end.as_slice());
                if over || found.len() >= limit {
                    break;
                }
            }
            Ok(Ok(()))
        })??;
        found.truncate(limit);
        Ok(found)
    }

    fn fetch_descending(&self, range: &KeyRange, limit: usize) -> Result<Vec<Slot>, IndexFault> {
        let from = self.first_of(range)?;
        let to = range.end.as_ref().map_or_else(|| DATA_END.to_vec(), |end| data_key(end));
        let mut found = Vec::new();
        self.guarded(|db| {
            let mut next =
                db.range(to.as_slice()..DATA_END.as_slice()).next().transpose()?.map(|(first, _)| first);
            for block in db.range(from..to).rev() {
                let block = block?;
                let mut entries = Vec::new();
                if let Err(fault) = take_entries(&block, next.as_ref(), range, &mut entries) {
                    return Ok(Err(fault));
                }
                found.extend(entries.into_iter().rev());
                if found.len() >= limit {
                    break;
                }
                next = Some(block.0);
            }
            Ok(Ok(()))
        })??;
        found.truncate(limit);
        Ok(found)
    }

    /// Where in sled the blocks begin that may hold keys of `range`.
    fn first_of(&self, range: &KeyRange) -> Result<Vec<u8>, IndexFault> {
        Ok(self.block_for(&range.start)?.map_or_else(|| data_key(&range.start), |block| block.first.to_vec()))
    }

    /// Moves `slots` in, which are in the order of their keys, all of them or a part. With
    /// `applied`, it says from then on that it holds the commits up to there.
    pub(crate) fn apply(&self, slots: &[Slot], applied: Option<Revision>) -> Result<(), IndexFault> {
        self.lay_over(&slots.iter().map(Over::of).collect::<Vec<_>>(), applied)
    }

    /// The same, of slots that stay where they are.
    pub(crate) fn lay_over(&self, slots: &[Over<'_>], applied: Option<Revision>) -> Result<(), IndexFault> {
        let Rewritten { grown, mut shortened, put, gone, fresh } = self.rewrite(slots)?;
        if let Some(applied) = applied {
            shortened.insert(&META, encode_meta(self.identity, applied));
        }
        // What a split moves to new blocks is there before it leaves the old ones.
        let batches = [grown, shortened];
        let applied = batches.into_iter().try_for_each(|batch| self.guarded(|db| db.apply_batch(batch)));
        match &applied {
            Ok(()) => self.cache.change(put, gone),
            Err(_) => self.cache.forget(),
        }
        applied?;
        fresh.into_iter().for_each(|fresh| self.runs.add(fresh));
        self.merge_some(slots.len())
    }

    /// The blocks that `slots` change, and those of a run that they make.
    fn rewrite(&self, slots: &[Over<'_>]) -> Result<Rewritten, IndexFault> {
        let mut rewritten = Rewritten::default();
        let (scattered, others): (Vec<_>, Vec<_>) = slots.iter().partition(|slot| is_scattered(slot.key));
        self.write_to_run(&scattered, &mut rewritten);
        let mut rest = others.as_slice();
        while let Some(slot) = rest.first() {
            let block = self.block_for(slot.key)?;
            let next = match &block {
                Some(block) => block.next.clone(),
                None => self.next_first(Bound::Included([DATA].as_slice()))?,
            };
            let ours = match &next {
                Some(next) => rest.partition_point(|slot| slot.key < name_of(next)),
                None => rest.len(),
            };
            let (over, behind) = rest.split_at(ours);
            rest = behind;
            let Some(last) = over.last() else { break };
            let kept = block.as_ref().map_or(Ok(Vec::new()), entries_of)?;
            let growing = kept.last().is_none_or(|kept| kept.key.as_slice() <= last.key);
            let first = block.as_ref().map(|block| name_of(&block.first).to_vec());
            let packed = block::pack(first, &block::merge(&kept, over), growing);
            rewritten.add(block, packed, next);
        }
        Ok(rewritten)
    }

    /// Makes what was moved in durable. sled's own flush does not: it ends in `sync_file_range`.
    pub(crate) fn flush(&self) -> Result<(), IndexFault> {
        self.guarded(sled_flush::flush)?;
        sync_tree(&self.directory).map_err(io_fault)
    }

    /// Leaves a note for the next open that this index is not to be trusted: it was caught being
    /// wrong, or a write or sync of it failed and nothing is known of it any more. When the note
    /// cannot be left either, the fault will be met again.
    pub(crate) fn suspect(&self) {
        let note = self.directory.join(SUSPECT);
        let _left_or_not = File::create(note).and_then(|note| note.sync_all());
    }

    pub(super) fn guarded<T>(
        &self,
        call: impl FnOnce(&sled::Db) -> Result<T, sled::Error>,
    ) -> Result<T, IndexFault> {
        let db = self.db.as_ref().ok_or(IndexFault::Panicked)?;
        guarded(|| call(db))
    }
}

impl Rewritten {
    /// Puts `packed` where `old` was, in front of `next`.
    fn add(&mut self, old: Option<Block>, packed: Vec<Packed>, next: Option<IVec>) {
        if packed.is_empty() {
            return self.remove(old);
        }
        let mut next = next;
        for Packed { first, bytes } in packed.into_iter().rev() {
            let block = Block { first: data_key(&first).into(), bytes: bytes.into(), next };
            let is_old = old.as_ref().is_some_and(|old| old.first == block.first);
            let batch = if is_old { &mut self.shortened } else { &mut self.grown };
            batch.insert(&block.first, compress(&block.bytes));
            next = Some(block.first.clone());
            self.put.push(block);
        }
    }

    fn remove(&mut self, old: Option<Block>) {
        if let Some(old) = old {
            self.shortened.remove(&old.first);
            self.gone.push(old);
        }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // sled writes out the rest when it is dropped, and could wait for ever ([`sled_flush`]): let there be none.
        let _written_or_not = self.guarded(sled_flush::flush);
        self.runs.let_go();
        let db = self.db.take();
        // sled unwraps an fsync when it is dropped.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(db)));
        if dropped.is_ok() {
            // While this store's own lock is still held: whoever takes it next shall find the index free.
            let _free_or_not = wait_until_free(&self.directory);
        }
    }
}

fn open_sled(directory: &Path, cache: u64) -> Result<sled::Db, IndexFault> {
    sled_threads::try_them().map_err(|error| IndexFault::Threads(Arc::new(error)))?;
    let config = sled::Config::new()
        .path(directory)
        .cache_capacity(cache)
        .segment_size(sled_log::SEGMENT)
        .mode(sled::Mode::HighThroughput)
        // Its own flusher would only log what it fails to do.
        .flush_every_ms(None);
    guarded(|| config.open())
}

fn guarded<T>(call: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, IndexFault> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) => Err(io_fault(error)),
        Ok(Err(sled::Error::Corruption { .. })) => Err(IndexFault::Corrupt),
        Ok(Err(
            error @ (sled::Error::Unsupported(_)
            | sled::Error::ReportableBug(_)
            | sled::Error::CollectionNotFound(_)),
        )) => Err(IndexFault::Said { said: error.to_string() }),
        Err(_) => Err(IndexFault::Panicked),
    }
}

pub(super) fn io_fault(error: io::Error) -> IndexFault {
    IndexFault::Io(Arc::new(error))
}

/// Makes sure that sled's file is what sled made of it: see [`sled_log`].
fn believe(file: &Path) -> Result<(), IndexFault> {
    let opened = match File::open(file) {
        Ok(opened) => opened,
        // sled makes one, with nothing in it, and that does not say whose it is.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_fault(error)),
    };
    match look_over(&opened).map_err(io_fault)?.filter(|_| !planted!(IndexBelieved)) {
        Some((offset, source)) => Err(IndexFault::Damaged { file: file.into(), offset, source }),
        None => Ok(()),
    }
}

/// Whether a key is kept in runs: whoever makes keys says which come in no order.
fn is_scattered(key: &[u8]) -> bool {
    key.first() == Some(&SCATTERED)
}

fn data_key(key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len().saturating_add(1));
    bytes.push(DATA);
    bytes.extend_from_slice(key);
    bytes
}

/// The key that a block stands under, without what stands before it in sled.
pub(crate) fn name_of(first: &[u8]) -> &[u8] {
    first.get(1..).unwrap_or_default()
}

/// The entries of a block that are its own.
fn entries_of(Block { first, bytes, next }: &Block) -> Result<Vec<Standing<'_>>, IndexFault> {
    let mut kept = Vec::new();
    for entry in Entries::new(name_of(first), bytes).standing() {
        let entry = entry.map_err(|Cut| cut(first, bytes))?;
        if next.as_ref().is_none_or(|next| entry.key.as_slice() < name_of(next)) {
            kept.push(entry);
        }
    }
    Ok(kept)
}

/// What stands in sled under a block's key.
pub(super) fn expanded(first: &[u8], bytes: &[u8]) -> Result<Vec<u8>, IndexFault> {
    expand(bytes, block::MAX).ok_or_else(|| cut(first, bytes))
}

pub(super) fn cut(first: &[u8], bytes: &[u8]) -> IndexFault {
    IndexFault::Value { key: name_of(first).to_vec(), size: bytes.len() }
}

/// Adds the entries of a block that are its own, in front of those of `next`, and in `range`.
fn take_entries(
    (first, bytes): &(IVec, IVec),
    next: Option<&IVec>,
    range: &KeyRange,
    found: &mut Vec<Slot>,
) -> Result<(), IndexFault> {
    let bytes = &expanded(first, bytes)?;
    for entry in Entries::new(name_of(first), bytes) {
        let Kept { key, held } = entry.map_err(|Cut| cut(first, bytes))?;
        let beyond = range.end.as_ref().is_some_and(|end| key >= *end)
            || next.is_some_and(|next| key.as_slice() >= name_of(next));
        if beyond {
            break;
        }
        if key >= range.start {
            found.push(Slot { key, held: Some(held) });
        }
    }
    Ok(())
}

/// Store, epoch, revision, format, checksum.
fn encode_meta(identity: Identity, applied: Revision) -> Vec<u8> {
    let mut bytes = identity.store.0.to_vec();
    bytes.extend_from_slice(&identity.epoch.to_be_bytes());
    bytes.extend_from_slice(&applied.number().to_be_bytes());
    bytes.extend_from_slice(&FORMAT.to_be_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

fn decode_meta(bytes: &[u8]) -> Result<(Identity, Revision), IndexFault> {
    let (said, checksum) = bytes.split_last_chunk().ok_or(IndexFault::NoMeta)?;
    let mut input = Input::new(said);
    let mut read = || {
        let store = StoreId(input.array()?);
        let epoch = input.u32()?;
        Some((Identity { store, epoch }, Revision::new(input.u64()?)))
    };
    let read = read().filter(|_| crc32fast::hash(said) == u32::from_be_bytes(*checksum));
    let (identity, applied) = read.ok_or(IndexFault::NoMeta)?;
    // The first format did not say so.
    match if input.rest().is_empty() { Some(1) } else { input.u32() } {
        Some(FORMAT) if input.rest().is_empty() => Ok((identity, applied)),
        Some(found) => Err(IndexFault::Format { found, known: FORMAT }),
        None => Err(IndexFault::NoMeta),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    const IDENTITY: Identity = Identity { store: StoreId([7; 16]), epoch: 1 };

    /// Long enough that a few make a block, short enough that a block has several.
    fn slots() -> impl Strategy<Value = Vec<Slot>> {
        let key = vec(0_u8..8, 1..4);
        let key = prop_oneof![key.clone(), key.prop_map(|rest| [vec![SCATTERED], rest].concat())];
        let value = (any::<u8>(), prop_oneof![Just(20_usize), Just(400), Just(1500), Just(4000)]);
        btree_map(key, option::weighted(0.7, value), 1..40).prop_map(|slots| {
            let held = |(byte, length)| Held { revision: Revision::new(9), value: vec![byte; length] };
            slots.into_iter().map(|(key, value)| Slot { key, held: value.map(held) }).collect()
        })
    }

    fn lay_over(map: &mut BTreeMap<Vec<u8>, Held>, slots: &[Slot]) {
        for Slot { key, held } in slots.iter().cloned() {
            match held {
                Some(held) => drop(map.insert(key, held)),
                None => drop(map.remove(&key)),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_index_is_a_map(
            moves in vec(slots(), 1..8),
            ranges in vec((vec(0_u8..8, 0..3), option::of(vec(0_u8..8, 0..3)), 0_usize..20), 8),
            cache in prop_oneof![Just(1 << 13), Just(1 << 20)],
        ) {
            let folder = tempfile::tempdir().unwrap();
            let index = Index::create(&folder.path().join("index"), IDENTITY, cache).unwrap();
            let mut map = BTreeMap::new();
            for slots in &moves {
                index.apply(slots, None).unwrap();
                lay_over(&mut map, slots);
                for Slot { key, .. } in moves.iter().flatten() {
                    prop_assert_eq!(index.get(key).unwrap(), map.get(key).cloned());
                }
            }
            for (start, end, limit) in ranges {
                let range = KeyRange { start, end };
                let inside = |key: &Vec<u8>| {
                    *key >= range.start && range.end.as_ref().is_none_or(|end| key < end)
                };
                let all = || map.iter().filter(|(key, _)| inside(key));
                let slot = |(key, held): (&Vec<u8>, &Held)| Slot { key: key.clone(), held: Some(held.clone()) };
                let up: Vec<Slot> = all().take(limit).map(slot).collect();
                let down: Vec<Slot> = all().rev().take(limit).map(slot).collect();
                prop_assert_eq!(index.fetch(&range, Order::Ascending, limit).unwrap(), up);
                prop_assert_eq!(index.fetch(&range, Order::Descending, limit).unwrap(), down);
            }
        }

        #[test]
        fn a_move_that_was_torn_loses_nothing_that_it_did_not_touch(before in vec(slots(), 1..4), torn in slots()) {
            let folder = tempfile::tempdir().unwrap();
            let index = Index::create(&folder.path().join("index"), IDENTITY, 1 << 20).unwrap();
            let mut map = BTreeMap::new();
            for slots in &before {
                index.apply(slots, None).unwrap();
                lay_over(&mut map, slots);
            }
            let Rewritten { grown, .. } = index.rewrite(&torn.iter().map(Over::of).collect::<Vec<_>>()).unwrap();
            index.guarded(|db| db.apply_batch(grown)).unwrap();
            for Slot { key, .. } in &torn {
                map.remove(key);
            }
            for (key, held) in &map {
                prop_assert_eq!(index.get(key).unwrap(), Some(held.clone()));
            }
            // And the move can be made once more.
            index.apply(&torn, None).unwrap();
            lay_over(&mut map, &torn);
            let all = index.fetch(&KeyRange::all(), Order::Ascending, usize::MAX).unwrap();
            let expected: Vec<Slot> =
                map.into_iter().map(|(key, held)| Slot { key, held: Some(held) }).collect();
            prop_assert_eq!(all, expected);
        }
    }

    #[test]
    fn an_index_of_an_earlier_format_is_refused_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("index");
        let index = Index::create(&folder, IDENTITY, 1 << 20).unwrap();
        drop(index);
        // The first did not say which it was.
        for (said, format) in [(Vec::new(), 1), (2_u32.to_be_bytes().to_vec(), 2)] {
            let mut meta =
                [IDENTITY.store.0.as_slice(), &1_u32.to_be_bytes(), &9_u64.to_be_bytes(), &said].concat();
            meta.extend_from_slice(&crc32fast::hash(&meta).to_be_bytes());
            let index = Index::over(&folder, IDENTITY, 1 << 20).unwrap();
            index.guarded(|db| db.insert(META, meta)).unwrap();
            drop(index);
            let refused = Index::open(&folder, IDENTITY, 1 << 20).unwrap_err();
            assert!(
                matches!(refused, Unusable::Fault(IndexFault::Format { found, known: FORMAT }) if found == format),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn what_was_moved_in_is_read_from_then_on_whoever_read_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create(&folder.path().join("index"), IDENTITY, 1 << 14).unwrap();
        let moved = AtomicU64::new(0);
        thread::scope(|scope| {
            for reader in 0..2_u8 {
                let (index, moved) = (&index, &moved);
                scope.spawn(move || {
                    let keys = (0..64_u8).map(|key| key.wrapping_mul(7).wrapping_add(reader) % 64);
                    for key in keys.cycle() {
                        let before = moved.load(Ordering::Acquire);
                        if before == 200 {
                            break;
                        }
                        let there = index.get(&[key]).unwrap().map_or(0, |held| held.revision.number());
                        assert!(there >= before, "{there} after {before}");
                    }
                });
            }
            for revision in 1..=200 {
                let held = |key| {
                    let value = vec![key; usize::from(key ^ u8::try_from(revision).unwrap_or(0)) * 3];
                    Held { revision: Revision::new(revision), value }
                };
                let slots = (0..64).map(|key| Slot { key: vec![key], held: Some(held(key)) });
                index.apply(&slots.collect::<Vec<_>>(), None).unwrap();
                moved.store(revision, Ordering::Release);
            }
        });
    }
}
