//! Access keys: who may call, and for which account.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fleet::AccountId;
use wire::ecs::{AccessKey, Secret};

/// The access keys that a server knows. Cheap to look up; never printed.
#[derive(Clone, Default)]
pub struct Keys {
    by_id: BTreeMap<String, AccessKey<AccountId>>,
    disabled: BTreeSet<String>,
}

impl Keys {
    /// Adds a key for `account`, in place of one with the same id.
    #[must_use]
    pub fn with(mut self, id: &str, secret: Secret, account: AccountId) -> Self {
        self.by_id.insert(id.into(), AccessKey { account, secret });
        self
    }

    /// Switches the key of this id off: whoever signs with it is told so, and nothing else.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.disabled.insert(id.into());
        self
    }

    pub(crate) fn is_disabled(&self, id: &str) -> bool {
        self.disabled.contains(id)
    }

    pub(crate) fn find(&self, id: &str) -> Option<AccessKey<AccountId>> {
        self.by_id.get(id).cloned()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.by_id.keys()).finish()
    }
}
