//! The head of the fleet, as decisions see it: what the group before may not have made durable yet, and
//! what is kept decoded because nearly every decision reads it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Weak};

use fleet::{Catalogue, Key, KeyMap, Record, Time};

use crate::error::StoreError;

/// How many records are kept decoded at most of those that nearly every decision reads. They are few, but a fleet with
/// very many subnets has many pages.
const HOT_MAX: usize = 4096;
/// How many of those that are read again and again for a while are kept at most, in each of two generations.
const WARM_MAX: usize = 2048;

/// What stands under some keys now.
pub(crate) type Changes = KeyMap<Changed>;

/// What stands under a key now.
#[derive(Clone, Debug)]
pub(crate) struct Changed {
    /// The record; `None` when there is none.
    pub(crate) record: Option<Arc<Record>>,
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
    hot: RefCell<HashMap<Key, Changed>>,
    warm: RefCell<Warm>,
}

/// Records that were read or changed lately: those of this generation, and of the one before it.
#[derive(Debug, Default)]
struct Warm {
    young: HashMap<Key, Changed>,
    old: HashMap<Key, Changed>,
}

impl Warm {
    fn get(&mut self, key: &Key) -> Option<Changed> {
        if let Some(kept) = self.young.get(key) {
            return Some(kept.clone());
        }
        let (key, kept) = self.old.remove_entry(key)?;
        self.put(key, kept.clone());
        Some(kept)
    }

    fn put(&mut self, key: Key, changed: Changed) {
        if self.young.len() >= WARM_MAX {
            self.old = mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, changed);
    }
}

impl Head {
    /// What stands under a key, read with `read` if it is not kept decoded; `None` for keys of which nothing is.
    pub(crate) fn kept(
        &self,
        key: &Key,
        read: impl FnOnce() -> Result<Changed, StoreError>,
    ) -> Result<Option<Changed>, StoreError> {
        let Some(heat) = heat(key) else { return Ok(None) };
        let kept = match heat {
            Heat::Hot => self.hot.borrow().get(key).cloned(),
            Heat::Warm => self.warm.borrow_mut().get(key),
        };
        if kept.is_some() {
            return Ok(kept);
        }
        let found = read()?;
        match heat {
            Heat::Hot => drop(self.hot.borrow_mut().insert(key.clone(), found.clone())),
            Heat::Warm => self.warm.borrow_mut().put(key.clone(), found.clone()),
        }
        Ok(Some(found))
    }

    /// Takes over what a group changed of what is kept.
    pub(crate) fn remember(&mut self, changes: &Changes) {
        let (hot, warm) = (self.hot.get_mut(), self.warm.get_mut());
        if hot.len() > HOT_MAX {
            hot.clear();
        }
        for (key, changed) in changes.iter() {
            match heat(key) {
                Some(Heat::Hot) => match hot.get_mut(key) {
                    Some(kept) => kept.clone_from(changed),
                    None => drop(hot.insert(key.clone(), changed.clone())),
                },
                Some(Heat::Warm) => warm.put(key.clone(), changed.clone()),
                None => {}
            }
        }
    }
}

/// How often what is under a key is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Heat {
    /// By nearly every decision, and there are few of them.
    Hot,
    /// Many times while its launch is made, and there are many.
    Warm,
}

const fn heat(key: &Key) -> Option<Heat> {
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
        | Key::WorkStats => Some(Heat::Hot),
        // It never changes, and every report on one of its instances needs it.
        Key::Spec(_) => Some(Heat::Warm),
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
        | Key::TemplateName(_) => None,
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
        Changed { record: None, parts }
    }

    #[test]
    fn what_is_kept_is_the_newest_and_bounded() {
        let mut head = Head::default();
        let mut changes = Changes::default();
        (0..3 * WARM_MAX).for_each(|number| changes.insert(key(number), changed(1)));
        head.remember(&changes);
        let warm = head.warm.get_mut();
        assert!(warm.young.len() + warm.old.len() <= 2 * WARM_MAX);

        // Of the last ones, some are of the generation before. Either way the newest counts.
        let last = 3 * WARM_MAX - 1;
        for number in [last, last - WARM_MAX] {
            let mut newer = Changes::default();
            newer.insert(key(number), changed(2));
            head.remember(&newer);
            let found = head.kept(&key(number), || panic!("it is kept")).unwrap();
            assert_eq!(found.map(|found| found.parts), Some(2), "{number}");
        }
        let found = head.kept(&key(0), || Ok(changed(3))).unwrap();
        assert_eq!(found.map(|found| found.parts), Some(3), "it was let go, and is read");
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
