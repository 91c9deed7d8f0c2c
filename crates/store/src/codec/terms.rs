//! What was agreed on, and where an instance runs, on disk.

use fleet::{Rate, Time};
use serde::{Deserialize, Serialize};

use super::error::DecodeError;
use super::field::label;

pinned_mirrors! {
    Affinity { 1 = Any, 2 = Host }
    Credit { 1 = Standard, 2 = Unlimited }
    Interruption { 1 = Release, 2 = Stop }
    PeriodUnit { 1 = Week, 2 = Month }
    Tenancy { 1 = Shared, 2 = Dedicated }
}

pinned! {
    enum Charge {
        1 = PostPaid,
        2 = PrePaid { count: u8, unit: PeriodUnit },
    }
}

pinned! {
    enum Renewal {
        1 = Off,
        2 = On { count: u8, unit: PeriodUnit },
    }
}

#[derive(Deserialize, Serialize)]
pub(super) struct Terms<'a> {
    renewal: Renewal,
    spot: Option<Spot>,
    release_at: Option<u64>,
    credit: Option<Credit>,
    resource_group: Option<&'a str>,
}

#[derive(Deserialize, Serialize)]
struct Spot {
    at_most: Option<u64>,
    protected_hours: u8,
    interruption: Interruption,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Hosting<'a> {
    host: Option<&'a str>,
    tenancy: Tenancy,
    affinity: Affinity,
    deployment_set: Option<&'a str>,
    deployment_group: Option<u8>,
    hpc_cluster: Option<&'a str>,
    #[serde(borrow)]
    storage_set: Option<(&'a str, Option<u16>)>,
}

impl<'a> From<&'a fleet::Terms> for Terms<'a> {
    fn from(terms: &'a fleet::Terms) -> Self {
        let spot = terms.spot.map(|spot| Spot {
            at_most: spot.at_most.map(|Rate(rate)| rate),
            protected_hours: spot.protected_hours,
            interruption: spot.interruption.into(),
        });
        Self {
            renewal: terms.renewal.into(),
            spot,
            release_at: terms.release_at.map(Time::millis),
            credit: terms.credit.map(Into::into),
            resource_group: terms.resource_group.as_ref().map(fleet::Label::as_str),
        }
    }
}

impl TryFrom<Terms<'_>> for fleet::Terms {
    type Error = DecodeError;

    fn try_from(terms: Terms<'_>) -> Result<Self, DecodeError> {
        let spot = terms.spot.map(|spot| fleet::Spot {
            at_most: spot.at_most.map(Rate),
            protected_hours: spot.protected_hours,
            interruption: spot.interruption.into(),
        });
        Ok(Self {
            renewal: terms.renewal.into(),
            spot,
            release_at: terms.release_at.map(Time::from_millis),
            credit: terms.credit.map(Into::into),
            resource_group: terms.resource_group.map(label).transpose()?,
        })
    }
}

impl<'a> From<&'a fleet::Hosting> for Hosting<'a> {
    fn from(hosting: &'a fleet::Hosting) -> Self {
        let storage_set = hosting.storage_set.as_ref();
        Self {
            host: hosting.host.as_ref().map(fleet::Label::as_str),
            tenancy: hosting.tenancy.into(),
            affinity: hosting.affinity.into(),
            deployment_set: hosting.deployment_set.as_ref().map(fleet::Label::as_str),
            deployment_group: hosting.deployment_group,
            hpc_cluster: hosting.hpc_cluster.as_ref().map(fleet::Label::as_str),
            storage_set: storage_set.map(|(set, partition)| (set.as_str(), *partition)),
        }
    }
}

impl TryFrom<Hosting<'_>> for fleet::Hosting {
    type Error = DecodeError;

    fn try_from(hosting: Hosting<'_>) -> Result<Self, DecodeError> {
        let storage_set = hosting.storage_set.map(|(set, partition)| label(set).map(|set| (set, partition)));
        Ok(Self {
            host: hosting.host.map(label).transpose()?,
            tenancy: hosting.tenancy.into(),
            affinity: hosting.affinity.into(),
            deployment_set: hosting.deployment_set.map(label).transpose()?,
            deployment_group: hosting.deployment_group,
            hpc_cluster: hosting.hpc_cluster.map(label).transpose()?,
            storage_set: storage_set.transpose()?,
        })
    }
}

impl From<fleet::Charge> for Charge {
    fn from(charge: fleet::Charge) -> Self {
        match charge {
            fleet::Charge::PostPaid => Self::PostPaid,
            fleet::Charge::PrePaid { count, unit } => Self::PrePaid { count, unit: unit.into() },
        }
    }
}

impl From<Charge> for fleet::Charge {
    fn from(charge: Charge) -> Self {
        match charge {
            Charge::PostPaid => Self::PostPaid,
            Charge::PrePaid { count, unit } => Self::PrePaid { count, unit: unit.into() },
        }
    }
}

impl From<fleet::Renewal> for Renewal {
    fn from(renewal: fleet::Renewal) -> Self {
        match renewal {
            fleet::Renewal::Off => Self::Off,
            fleet::Renewal::On { count, unit } => Self::On { count, unit: unit.into() },
        }
    }
}

impl From<Renewal> for fleet::Renewal {
    fn from(renewal: Renewal) -> Self {
        match renewal {
            Renewal::Off => Self::Off,
            Renewal::On { count, unit } => Self::On { count, unit: unit.into() },
        }
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    let unit = || PeriodUnit::Week;
    stay(Affinity::NUMBERS, [(1, Affinity::Any), (2, Affinity::Host)]);
    stay(Charge::NUMBERS, [(1, Charge::PostPaid), (2, Charge::PrePaid { count: 0, unit: unit() })]);
    stay(Credit::NUMBERS, [(1, Credit::Standard), (2, Credit::Unlimited)]);
    stay(Interruption::NUMBERS, [(1, Interruption::Release), (2, Interruption::Stop)]);
    stay(PeriodUnit::NUMBERS, [(1, PeriodUnit::Week), (2, PeriodUnit::Month)]);
    stay(Renewal::NUMBERS, [(1, Renewal::Off), (2, Renewal::On { count: 0, unit: unit() })]);
    stay(Tenancy::NUMBERS, [(1, Tenancy::Shared), (2, Tenancy::Dedicated)]);
}
