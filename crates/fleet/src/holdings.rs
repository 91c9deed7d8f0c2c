//! Holdings: how much of what is limited by region an account has there.

use crate::View;
use crate::decide::Draft;
use crate::{AccountId, Label, Record};

/// How many networks and groups an account has in a region. The policy says how many it may have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Holdings {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub region: Label,
    /// How many networks.
    pub networks: u32,
    /// How many groups.
    pub groups: u32,
}

impl<V: View> Draft<'_, V> {
    /// What `account` has in `region`; nothing was never written down.
    pub(crate) fn holdings(&self, account: AccountId, region: &Label) -> Result<Holdings, V::Failure> {
        let none = Holdings { account, region: region.clone(), networks: 0, groups: 0 };
        Ok(self.holdings_of((account, region))?.unwrap_or(none))
    }

    /// Writes down what an account has in a region, if it has anything.
    pub(crate) fn put_holdings(&mut self, holdings: Holdings) {
        match holdings {
            Holdings { networks: 0, groups: 0, account, region } => {
                self.remove(crate::Key::Holdings(account, region));
            }
            some => self.put(Record::Holdings(some)),
        }
    }
}
