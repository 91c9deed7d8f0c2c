//! Amendments: what has been changed of an instance since it was launched.
//!
//! A [`Spec`](crate::Spec) belongs to all instances of a launch and never changes. Who changes one
//! instance amends it: a record of its own, made when it is first needed and gone with the instance.
//! [`Instance::amended`](crate::Instance) says whether there is one, so that listings do not look in vain.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::View;
use crate::decide::Draft;
use crate::{
    Credit, EventId, Installed, Instance, Key, Label, LockReason, Record, Renewal, Secret, Settings, Tag,
};

/// What has been changed of one instance; nothing said is as it was launched.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Amendment {
    /// What it is named.
    pub name: Option<Arc<str>>,
    /// What it calls itself.
    pub host_name: Option<Arc<str>>,
    /// For people.
    pub description: Option<Arc<str>>,
    /// The groups it is in; never empty.
    pub groups: Option<Vec<Label>>,
    /// For programs; keys are distinct.
    pub tags: Option<Vec<Tag>>,
    /// How bursts are charged.
    pub credit: Option<Credit>,
    /// What it runs when it boots.
    pub user_data: Option<Secret>,
    /// The password that is in force from the next boot on; gone once that is done.
    pub password: Option<Secret>,
    /// The key pair it is logged in with.
    pub key_pair: Option<Arc<str>>,
    /// Settings that differ.
    pub settings: Settings,
    /// Why its owner may not use it, if that is so.
    pub lock: Option<LockReason>,
    /// The incidents of it that are not over, oldest first.
    pub events: Vec<EventId>,
    /// What was installed on it instead.
    pub installed: Option<Arc<Installed>>,
    /// Whether what was paid in advance is paid again when it runs out, where that differs.
    pub renewal: Option<Renewal>,
}

impl<V: View> Draft<'_, V> {
    /// What was changed of `instance` so far.
    pub(crate) fn amendment_of(&self, instance: &Instance) -> Result<Amendment, V::Failure> {
        match instance.amended {
            true => Ok(self.amendment(instance.id)?.unwrap_or_default()),
            false => Ok(Amendment::default()),
        }
    }

    /// Puts an instance and what was changed of it; no record where that is nothing.
    pub(crate) fn put_amended(&mut self, instance: Instance, amendment: Amendment) -> Instance {
        let amended = amendment != Amendment::default();
        match (amended, instance.amended) {
            (true, _) => self.put(Record::Amendment(instance.id, amendment)),
            (false, true) => self.remove(Key::Amendment(instance.id)),
            (false, false) => {}
        }
        let instance = Instance { amended, ..instance };
        self.put(Record::Instance(instance.clone()));
        instance
    }
}
