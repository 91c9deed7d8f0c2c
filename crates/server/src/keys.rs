//! Access keys: who may call, and for which account.

use std::collections::BTreeMap;
use std::fmt;

use fleet::AccountId;
use wire::ecs::{AccessKey, Secret};

/// The access keys that a server knows. Cheap to look up; never printed.
#[derive(Clone, Default)]
pub struct Keys {
    by_id: BTreeMap<String, AccessKey<AccountId>>,
}

impl Keys {
    /// Adds a key for `account`, in place of one with the same id.
    #[must_use]
    pub fn with(mut self, id: &str, secret: Secret, account: AccountId) -> Self {
        self.by_id.insert(id.into(), AccessKey { account, secret });
        self
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
