//! The head of the fleet, as decisions see it: what the group before may not have made durable yet, and
//! what is kept decoded because nearly every decision reads it.

use std::cell::RefCell;
use std::mem;
use std::sync::{Arc, Weak};

use fleet::{Catalogue, Key, KeyMap, Left, Time};
use foldhash::HashMap;

use crate::error::StoreError;

/// How much is kept decoded at most, in each of two generations: so many heads of records, and parts behind them.
const GENERATION_MAX: usize = 4096;

/// What stands under some keys now.
pub(crate) type Changes = KeyMap<Changed>;

/// What stands under a key now.
#[derive(Clone, Debug)]
pub(crate) struct Changed {
    pub(crate) left: Left,
    /// How many parts stand behind its head.
    pub(crate) parts: u8,
}

/// A group that is decided, and perhaps not durable yet.
#[derive(Debug)]
pub(crate) struct Below {
    pub(crate) changed: Changes,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) time: Time,
}

/// What a group begins with. Whoever leads has it.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// The group before. It is there until readers can see what it changed.
    pub(crate) below: Weak<Below>,
    kept: RefCell<Kept>,
}

/// Records that were read or changed lately: those of this generation, and of the one before it. What is asked for
/// again and again stays.
#[derive(Debug, Default)]
struct Kept {
    young: HashMap<Key, Changed>,
    /// How many heads and parts the young ones are.
    weight: usize,
    old: HashMap<Key, Changed>,
}

impl Kept {
    fn get(&mut self, key: &Key) -> Option<Changed> {
        if let Some(kept) = self.young.get(key) {
            return Some(kept.clone());
        }
        let (key, kept) = self.old.remove_entry(key)?;
        self.add(key, kept.clone());
        Some(kept)
    }

    fn put(&mut self, key: &Key, changed: &Changed) {
        if let Some(kept) = self.young.get_mut(key) {
            self.weight = self.weight.saturating_sub(weight(kept)).saturating_add(weight(changed));
            kept.clone_from(changed);
        } else {
            self.old.remove(key);
            self.add(key.clone(), changed.clone());
        }
    }

    /// Adds what is in neither generation.
    fn add(&mut self, key: Key, changed: Changed) {
        if self.weight >= GENERATION_MAX {
            mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
            self.weight = 0;
        }
        self.weight = self.weight.saturating_add(weight(&changed));
        self.young.insert(key, changed);
    }
}

fn weight(changed: &Changed) -> usize {
    usize::from(changed.parts).saturating_add(1)
}

impl Head {
    /// What stands under a key, read with `read` if it is not kept decoded; `None` for keys of which nothing is.
    pub(crate) fn kept(
        &self,
        key: &Key,
        read: impl FnOnce() -> Result<Changed, StoreError>,
    ) -> Result<Option<Changed>, StoreError> {
        if !is_kept(key) {
            return Ok(None);
        }
        let kept = self.kept.borrow_mut().get(key);
        if kept.is_some() {
            return Ok(kept);
        }
        let found = read()?;
        self.kept.borrow_mut().put(key, &found);
        Ok(Some(found))
    }

    /// Takes over what a group changed of what is kept.
    pub(crate) fn remember(&mut self, changes: &Changes) {
        let kept = self.kept.get_mut();
        changes.iter().filter(|(key, _)| is_kept(key)).for_each(|(key, changed)| kept.put(key, changed));
    }
}

/// Whether nearly every decision reads what is under a key; or, of a spec, which never changes, every report on the
/// instances of its launch.
const fn is_kept(key: &Key) -> bool {
    match key {
        Key::Sequence
        | Key::Account(_)
        | Key::Holdings(..)
        | Key::Host(_)
        | Key::Stock(_)
        | Key::Network(_)
        | Key::Subnet(_)
        | Key::PublicPool(_)
        | Key::AddressPage(..)
        | Key::Group(_)
        | Key::WorkStats
        | Key::Spec(_) => true,
        Key::Region(_)
        | Key::Zone(_)
        | Key::InstanceType(_)
        | Key::Image(_)
        | Key::Asset(..)
        | Key::Ipv6Claim(..)
        | Key::Cooling(_)
        | Key::Rule(..)
        | Key::KeyPair(..)
        | Key::Token(_)
        | Key::Receipt(_)
        | Key::Batch(_)
        | Key::Instance(_)
        | Key::Amendment(_)
        | Key::Disk(..)
        | Key::Password(_)
        | Key::UserData(_)
        | Key::Event(_)
        | Key::Timer(..)
        | Key::Work(..)
        | Key::Template(_)
        | Key::TemplateVersion(..)
        | Key::TemplateName(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use fleet::{BatchId, Serial};

    use super::*;

    fn key(number: usize) -> Key {
        Key::Spec(BatchId(Serial { epoch: 0, number: number.try_into().unwrap() }))
    }

    /// Something that can be told from all others.
    fn changed(parts: u8) -> Changed {
        Changed { left: Left::Nothing, parts }
    }

    fn remember(head: &mut Head, numbers: impl IntoIterator<Item = usize>, parts: u8) {
        let mut changes = Changes::default();
        numbers.into_iter().for_each(|number| changes.insert(key(number), changed(parts)));
        head.remember(&changes);
    }

    fn heads_and_parts(head: &mut Head) -> usize {
        let kept = head.kept.get_mut();
        kept.young.values().chain(kept.old.values()).map(weight).sum()
    }

    #[test]
    fn what_is_kept_is_the_newest_and_bounded() {
        for parts in [0, 1, 9] {
            let mut head = Head::default();
            let most = 2 * (GENERATION_MAX + usize::from(parts) + 1);
            for number in 0..3 * GENERATION_MAX {
                remember(&mut head, [number], parts);
                if number % 512 == 0 {
                    assert!(heads_and_parts(&mut head) <= most, "{number} of {parts} parts");
                }
            }

            // Of the last ones, some are of the generation before. Either way the newest counts.
            let last = 3 * GENERATION_MAX - 1;
            for number in [last, last - GENERATION_MAX / (usize::from(parts) + 1)] {
                remember(&mut head, [number], 7);
                let found = head.kept(&key(number), || panic!("it is kept")).unwrap();
                assert_eq!(found.map(|found| found.parts), Some(7), "{number} of {parts} parts");
            }
            let found = head.kept(&key(0), || Ok(changed(3))).unwrap();
            assert_eq!(found.map(|found| found.parts), Some(3), "it was let go, and is read");
        }
    }

    #[test]
    fn what_is_asked_for_again_and_again_stays() {
        let mut head = Head::default();
        remember(&mut head, [0], 1);
        for number in 1..5 * GENERATION_MAX {
            remember(&mut head, [number], 0);
            let found = head.kept(&key(0), || panic!("it is kept")).unwrap();
            assert_eq!(found.map(|found| found.parts), Some(1), "after {number}");
        }
    }

    #[test]
    fn what_changes_its_length_is_counted_once() {
        let mut head = Head::default();
        (0..GENERATION_MAX).for_each(|step| remember(&mut head, [0, 1], if step % 2 == 0 { 9 } else { 0 }));
        assert_eq!(head.kept.get_mut().weight, 2, "both have shrunk, and neither was let go");
        assert!(head.kept.get_mut().old.is_empty());
    }

    #[test]
    fn of_most_keys_nothing_is_kept() {
        let head = Head::default();
        let found = head
            .kept(&Key::Batch(BatchId(Serial { epoch: 0, number: 1 })), || panic!("it is not read here"))
            .unwrap();
        assert!(found.is_none());
    }
}
