//! Reading at one revision: the tables, the undo and the index as one ordered key space.

use core::ops::ControlFlow;
use std::collections::VecDeque;

use fleet::Revision;

use super::index::Index;
use super::layers::{Stand, lay_over};
use super::table::{Slot, Table};
use crate::engine::{EngineError, Entry, IndexAction, IndexFault, KeyRange, Order, Reader};

/// How many slots a scan first asks each layer for: who looks for what is due first wants one.
const BATCH_MIN: usize = 1;
/// How many times as many it asks for every time after that.
const BATCH_GROWTH: usize = 8;
/// How many at most.
const BATCH_MAX: usize = 512;

/// The key space as it was when this was made.
#[derive(Debug)]
pub(crate) struct View<'a> {
    stand: Stand<'a>,
    index: Option<&'a Index>,
}

impl<'a> View<'a> {
    pub(crate) const fn new(stand: Stand<'a>, index: Option<&'a Index>) -> Self {
        Self { stand, index }
    }

    fn fetch(
        &self,
        layer: Layer,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Slot>, EngineError> {
        let of_table = |table: &Table| table.fetch(range, order, self.stand.revision, limit);
        match layer {
            Layer::Active => Ok(of_table(&self.stand.active)),
            Layer::Frozen => Ok(self.stand.frozen.as_deref().map(of_table).unwrap_or_default()),
            Layer::Index => self.fetch_index(range, order, limit),
        }
    }

    /// At least the first `limit` slots of the index, as they were when this reader began.
    fn fetch_index(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Vec<Slot>, EngineError> {
        let Some(index) = self.index else { return Ok(Vec::new()) };
        let slots =
            index.fetch(range, order, limit).map_err(|fault| failed(index, IndexAction::Scan, fault))?;

        // The undo is only laid over the part of the range these slots speak for.
        let seen = match slots.last() {
            Some(last) if slots.len() >= limit => range.clone().up_to(&last.key, order),
            Some(_) | None => range.clone(),
        };
        let undone = self.stand.undone_within(&seen);
        if undone.is_empty() {
            return Ok(slots);
        }
        let merged = lay_over(slots, undone);
        let slots = merged.into_iter().map(|(key, held)| Slot { key, held });
        Ok(match order {
            Order::Ascending => slots.collect(),
            Order::Descending => slots.rev().collect(),
        })
    }
}

impl Reader for View<'_> {
    fn revision(&self) -> Revision {
        self.stand.revision
    }

    fn get(&self, key: &[u8]) -> Result<Option<Entry>, EngineError> {
        let held = match (self.stand.get(key), self.index) {
            (Some(held), _) => held,
            (None, None) => None,
            (None, Some(index)) => {
                let held = index.get(key).map_err(|fault| failed(index, IndexAction::Get, fault))?;
                self.stand.undone(key).unwrap_or(held)
            }
        };
        Ok(Slot { key: key.to_vec(), held }.into_entry())
    }

    fn scan(
        &self,
        range: KeyRange,
        order: Order,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let mut cursors = [
            Cursor::new(Layer::Active, Some(range.clone())),
            Cursor::new(Layer::Frozen, self.stand.frozen.is_some().then(|| range.clone())),
            Cursor::new(Layer::Index, self.index.is_some().then_some(range)),
        ];
        loop {
            for cursor in &mut cursors {
                cursor.fill(self, order)?;
            }
            // The first layer that knows a key is right; the others are passed over.
            let waiting = cursors.iter_mut().filter(|cursor| !cursor.ready.is_empty());
            let next = waiting.min_by(|one, other| match order {
                Order::Ascending => one.key().cmp(&other.key()),
                Order::Descending => other.key().cmp(&one.key()),
            });
            let Some(slot) = next.and_then(|cursor| cursor.ready.pop_front()) else { return Ok(()) };
            cursors.iter_mut().for_each(|cursor| drop(cursor.take(&slot.key)));
            if let Some(entry) = slot.into_entry()
                && visit(entry).is_break()
            {
                return Ok(());
            }
        }
    }
}

/// Where a slot comes from, the newest first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Layer {
    Active,
    Frozen,
    Index,
}

/// A walk through one layer.
#[derive(Debug)]
struct Cursor {
    layer: Layer,
    /// What has not been asked for yet; `None` when nothing is left.
    rest: Option<KeyRange>,
    ready: VecDeque<Slot>,
    batch: usize,
}

impl Cursor {
    /// One through what a layer has in `range`; `None` where there is no such layer.
    const fn new(layer: Layer, range: Option<KeyRange>) -> Self {
        Self { layer, rest: range, ready: VecDeque::new(), batch: BATCH_MIN }
    }

    fn fill(&mut self, view: &View<'_>, order: Order) -> Result<(), EngineError> {
        if !self.ready.is_empty() {
            return Ok(());
        }
        let Some(rest) = self.rest.take() else { return Ok(()) };
        let slots = view.fetch(self.layer, &rest, order, self.batch)?;
        if let Some(last) = slots.last()
            && slots.len() >= self.batch
        {
            self.rest = Some(rest.past(&last.key, order));
        }
        self.ready = slots.into();
        self.batch = self.batch.saturating_mul(BATCH_GROWTH).min(BATCH_MAX);
        Ok(())
    }

    fn key(&self) -> Option<&[u8]> {
        self.ready.front().map(|slot| slot.key.as_slice())
    }

    fn take(&mut self, key: &[u8]) -> Option<Slot> {
        self.ready.pop_front_if(|slot| slot.key == key)
    }
}

/// An index that failed in any way is to be rebuilt at the next open.
pub(crate) fn failed(index: &Index, action: IndexAction, fault: IndexFault) -> EngineError {
    index.suspect();
    EngineError::index(action)(fault)
}
