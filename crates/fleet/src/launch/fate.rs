//! What a launch that is refused does to its token: one table. Which of its rows counts is a choice for each dialect
//! that clients speak, and comes with the launch; the policy has the choice of those that say nothing.
//!
//! | state of a token | what the next request under it comes to |
//! | --- | --- |
//! | free: never used, or used by what was refused and left it free | it is decided |
//! | in flight | nobody sees it so: requests are decided one after the other, and the next one finds the outcome |
//! | succeeded | the same request is given the same instances, any other is refused |
//! | bound by a refusal | the same request is refused for the same reason, any other as above |
//! | expired | it is free |

use super::{Launch, LaunchRefusal, Launched};
use crate::decide::{Draft, Halt};
use crate::{
    Batch, BatchId, InstanceId, Limit, Policy, Record, Shortage, Time, TimerKind, Token, TokenOutcome, View,
};

/// How the published contract is read where it does not say what a refusal does to a token.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TokenReading {
    /// A refusal leaves it free: a client that mends its request, or waits, keeps its token.
    #[default]
    Lenient,
    /// A launch for which there was too little has used its token up: the same request under it is
    /// refused for as long as the token counts, whatever there is by then.
    Strict,
}

/// What a refusal is about, as far as tokens are concerned.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RefusalKind {
    /// What was asked for is not there, not sold, or does not go together.
    Request,
    /// The account may not, cannot pay, or has as much as it may have.
    Account,
    /// There is too little: units, addresses, places.
    Capacity,
}

impl RefusalKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Request, Self::Account, Self::Capacity];
}

/// What becomes of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenFate {
    /// It may be used again, for the same request or another.
    Free,
    /// The refusal is its outcome.
    Bound,
}

impl TokenReading {
    /// Every reading there is.
    pub const ALL: [Self; 2] = [Self::Lenient, Self::Strict];

    /// The table: what a refusal of this kind does to the token of its launch.
    #[must_use]
    pub const fn fate(self, kind: RefusalKind) -> TokenFate {
        match (self, kind) {
            (Self::Lenient, RefusalKind::Request | RefusalKind::Account | RefusalKind::Capacity)
            | (Self::Strict, RefusalKind::Request | RefusalKind::Account) => TokenFate::Free,
            (Self::Strict, RefusalKind::Capacity) => TokenFate::Bound,
        }
    }
}

impl LaunchRefusal {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> RefusalKind {
        match self {
            Self::UnknownAccount(..) | Self::Barred(..) => RefusalKind::Account,
            Self::Short(shortage) => match shortage.binding {
                Limit::Quota | Limit::PostpaidQuota | Limit::CpuQuota | Limit::DiskQuota | Limit::Money => {
                    RefusalKind::Account
                }
                Limit::GroupPlaces
                | Limit::Addresses
                | Limit::Ipv6Addresses
                | Limit::PublicAddresses
                | Limit::Stock => RefusalKind::Capacity,
            },
            Self::UnknownRegion(..)
            | Self::TokenReused
            | Self::UnknownZone(..)
            | Self::ZoneClosed(..)
            | Self::Missing(..)
            | Self::UnknownImage(..)
            | Self::UnknownImageFamily(..)
            | Self::UnknownInstanceType(..)
            | Self::UnknownGroup(..)
            | Self::UnknownSubnet(..)
            | Self::UnknownKeyPair(..)
            | Self::UnknownSnapshot { .. }
            | Self::UnknownKey { .. }
            | Self::UnknownHost(..)
            | Self::UnknownDeploymentSet(..)
            | Self::UnknownCluster(..)
            | Self::UnknownRole(..)
            | Self::UnknownResourceGroup(..)
            | Self::ImageNotAvailable(..)
            | Self::ImageLeftMarket(..)
            | Self::ImageNamedTwice { .. }
            | Self::TypeClosed(..)
            | Self::NotSoldInZone { .. }
            | Self::ImageNotForType { .. }
            | Self::IoOptimizedOnly(..)
            | Self::IoOptimizedNever(..)
            | Self::ImageNotIoOptimized(..)
            | Self::GroupElsewhere { .. }
            | Self::TooManyGroups { .. }
            | Self::SubnetPending(..)
            | Self::UnknownInterfaceSubnet(..)
            | Self::NoInterfaceSlot { .. }
            | Self::Ipv6NotOfType(..)
            | Self::Ipv6NotOfSubnet(..)
            | Self::TooManyIpv6 { .. }
            | Self::TooManyIpv6OfInterface { .. }
            | Self::TooManyIpv4 { .. }
            | Self::Ipv6Outside(..)
            | Self::Ipv6Twice(..)
            | Self::Ipv6Taken(..)
            | Self::SubnetElsewhere { .. }
            | Self::AddressOutside(..)
            | Self::AddressReserved(..)
            | Self::AddressTaken(..)
            | Self::OneAddressForMany(..)
            | Self::HostNameForImage
            | Self::PasswordForImage
            | Self::KeyPairOnWindows(..)
            | Self::NeedsIoOptimized(..)
            | Self::ImageWithoutInit(..)
            | Self::SystemDiskSize { .. }
            | Self::SystemDiskBelowImage { .. }
            | Self::DataDiskSize { .. }
            | Self::LocalDiskBesideNetworkDisk(..)
            | Self::LocalDisksTooLarge { .. }
            | Self::DiskNotForType { .. }
            | Self::DiskNotInZone { .. }
            | Self::SnapshotTooOld { .. }
            | Self::SnapshotUnfinished { .. }
            | Self::SnapshotOfSystemDisk { .. }
            | Self::DiskBelowSnapshot { .. }
            | Self::KeyWithoutEncryption(..)
            | Self::KeyDisabled { .. }
            | Self::SnapshotIsEncrypted(..)
            | Self::EncryptionNotForDisk { .. }
            | Self::DiskNotPortable { .. }
            | Self::LevelNotForDisk { .. }
            | Self::ProtectedAndPrepaid
            | Self::ReleasedAndPrepaid
            | Self::SpotAndPrepaid
            | Self::BidTooLow { .. }
            | Self::InterruptionNotForLocalDisks(..)
            | Self::CreditNotForType(..)
            | Self::HostClosed(..)
            | Self::HostElsewhere { .. }
            | Self::FamilyNotForHost { .. }
            | Self::HostFull { .. }
            | Self::NoHostWithRoom(..)
            | Self::PrepaidOnPostpaidHost(..)
            | Self::PaidBeyondHost { .. }
            | Self::DeploymentSetOnHost(..)
            | Self::ClusterNeeded(..)
            | Self::ClusterNotForType { .. }
            | Self::ClusterNotReady(..)
            | Self::RoleNotForInstances(..)
            | Self::BareMetal(..)
            | Self::IdsExhausted => RefusalKind::Request,
        }
    }
}

impl Launch {
    /// The limit that binds its token to a refusal, if the refusal does.
    fn binds(&self, policy: &Policy, refusal: &LaunchRefusal) -> Option<Limit> {
        let reading = self.token_reading.unwrap_or(policy.token_reading);
        match (reading.fate(refusal.kind()), refusal) {
            (TokenFate::Bound, LaunchRefusal::Short(shortage)) => Some(shortage.binding),
            _ => None,
        }
    }

    /// A launch that is refused: for good, where that is its token's outcome.
    pub(super) fn refuse<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        refusal: LaunchRefusal,
        now: Time,
    ) -> Result<Launched, Halt<LaunchRefusal, V::Failure>> {
        let limit = self.binds(draft.policy(), &refusal);
        let (Some(token), Some(limit), false) = (&self.token, limit, self.is_rehearsal()) else {
            return Err(refusal.halt());
        };
        let Some((serial, sequence)) = draft.sequence()?.draw(1) else { return Err(refusal.halt()) };
        let (id, key) = (BatchId(serial), self.token_key(token));
        let expires_at = now.after(draft.policy().token_retention);
        draft.put(Record::Sequence(sequence));
        draft.put(Record::Batch(Batch {
            id,
            account: self.account,
            first: InstanceId(serial),
            outcomes: alloc::vec::Vec::new(),
            living: 0,
            launched_at: now,
            token: Some(key.clone()),
            may_go: false,
            request: None,
            refused: Some(limit),
        }));
        draft.put(Record::Timer(expires_at, TimerKind::TokenExpiry(id)));
        let (fingerprint, outcome) = (token.fingerprint, TokenOutcome::Batch(id));
        draft.put(Record::Token(Token { key, fingerprint, outcome, expires_at }));
        Ok(Launched::Refused(alloc::boxed::Box::new(refusal)))
    }

    /// The refusal that is the outcome of a token. How much there was of everything is forgotten.
    pub(super) fn refused_before(&self, binding: Limit) -> LaunchRefusal {
        LaunchRefusal::Short(Shortage { binding, ..Shortage::nothing(self.wanted) })
    }
}
