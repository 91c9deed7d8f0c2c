//! What whoever runs a fleet offers and withholds beside the catalogue: dedicated hosts, and what
//! an account may not do.

use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{Account, AccountId, Bar, Host, Label, Quotas, Record, Time};

/// Offers a dedicated host, or changes one. How many instances are on it is not for the caller to
/// say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OfferHost {
    /// The host; its `taken` is not looked at.
    pub host: Host,
}

/// Why a host stays as it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HostRefusal {
    /// There is no such zone.
    #[error("there is no zone {0}")]
    UnknownZone(Label),
    /// It is in another zone, and not empty.
    #[error("{taken} instances are on the host, which is in zone {zone}")]
    InUseElsewhere {
        /// Where it is.
        zone: Label,
        /// How many instances are on it.
        taken: u32,
    },
    /// There are more instances on it than that.
    #[error("{taken} instances are on the host, {places} places are fewer")]
    PlacesBelowUse {
        /// The places asked for.
        places: u32,
        /// How many instances are on it.
        taken: u32,
    },
}

impl Command for OfferHost {
    type Reply = Host;
    type Refusal = HostRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Host, Halt<HostRefusal, V::Failure>> {
        let Host { zone, places, .. } = &self.host;
        if !draft.catalogue().zones.contains_key(zone) {
            return Err(Halt::Refused(HostRefusal::UnknownZone(zone.clone())));
        }
        let before = draft.host(&self.host.label)?;
        let taken = before.as_ref().map_or(0, |host| host.taken);
        if let Some(before) = before.filter(|before| taken > 0 && before.zone != *zone) {
            return Err(Halt::Refused(HostRefusal::InUseElsewhere { zone: before.zone, taken }));
        }
        if *places < taken {
            return Err(Halt::Refused(HostRefusal::PlacesBelowUse { places: *places, taken }));
        }

        let host = Host { taken, ..self.host.clone() };
        draft.put(Record::Host(host.clone()));
        Ok(host)
    }
}

/// Sets what an account may not do, and how much it may have that is paid by use. What it has
/// already stays, be it more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RestrictAccount {
    /// Which.
    pub id: AccountId,
    /// What it may not do, in any order.
    pub bars: Vec<Bar>,
    /// How much it may have.
    pub quotas: Quotas,
}

/// There is no such account.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is no account {0}")]
pub struct UnknownAccount(pub AccountId);

impl Command for RestrictAccount {
    type Reply = Account;
    type Refusal = UnknownAccount;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Account, Halt<UnknownAccount, V::Failure>> {
        let account = draft.account(self.id)?.ok_or(Halt::Refused(UnknownAccount(self.id)))?;
        let mut bars = self.bars.clone();
        bars.sort();
        bars.dedup();

        let account = Account { bars, quotas: self.quotas, ..account };
        draft.put(Record::Account(account.clone()));
        Ok(account)
    }
}
