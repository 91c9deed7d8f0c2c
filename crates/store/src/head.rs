//! The head of the fleet, as decisions see it: what the group before may not have made durable yet, and
//! what is kept decoded because nearly every decision reads it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use fleet::{Catalogue, Key, KeyMap, Record, Time};

use crate::error::StoreError;

/// How many records are kept decoded at most. They are few, but a fleet with very many subnets has many pages.
const HOT_MAX: usize = 4096;

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
}

impl Head {
    /// What stands under a hot key, read with `read` if it is not kept.
    pub(crate) fn kept(
        &self,
        key: &Key,
        read: impl FnOnce() -> Result<Changed, StoreError>,
    ) -> Result<Changed, StoreError> {
        if let Some(kept) = self.hot.borrow().get(key) {
            return Ok(kept.clone());
        }
        let found = read()?;
        self.hot.borrow_mut().insert(key.clone(), found.clone());
        Ok(found)
    }

    /// Takes over what a group changed of what is kept.
    pub(crate) fn remember(&mut self, changes: &Changes) {
        let hot = self.hot.get_mut();
        if hot.len() > HOT_MAX {
            hot.clear();
        }
        for (key, changed) in changes.iter().filter(|(key, _)| is_hot(key)) {
            match hot.get_mut(key) {
                Some(kept) => kept.clone_from(changed),
                None => drop(hot.insert(key.clone(), changed.clone())),
            }
        }
    }
}

/// Whether nearly every decision reads what is under such keys, and there are few of them.
pub(crate) const fn is_hot(key: &Key) -> bool {
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
        | Key::WorkStats => true,
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
        | Key::Spec(_)
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
