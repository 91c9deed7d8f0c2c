//! Account: what it may not do, and how much it may have (rules and C-09).

use super::find::Found;
use super::relate::Related;
use super::{Launch, LaunchRefusal};
use crate::{Account, Bar, Charge, ImageOrigin, Usage};

impl Usage {
    /// What so many instances more make of it, each with so many processors and disks.
    #[must_use]
    pub(crate) const fn with(self, count: u32, cpus: u32, disks: u32) -> Self {
        Self {
            postpaid: self.postpaid.saturating_add(count),
            cpus: self.cpus.saturating_add(cpus.saturating_mul(count)),
            disks: self.disks.saturating_add(disks.saturating_mul(count)),
        }
    }

    /// What is left of it without one instance of so many processors and disks.
    #[must_use]
    pub(crate) const fn without_one(self, cpus: u32, disks: u32) -> Self {
        Self {
            postpaid: self.postpaid.saturating_sub(1),
            cpus: self.cpus.saturating_sub(cpus),
            disks: self.disks.saturating_sub(disks),
        }
    }
}

/// How many times `each` fits into what `quota` leaves beside `used`; `None` without a quota.
pub(super) fn times(quota: Option<u32>, used: u32, each: u32) -> Option<u32> {
    quota?.saturating_sub(used).checked_div(each)
}

impl Launch {
    /// The first of the account's bars that this launch runs into.
    pub(super) fn barred(
        &self,
        account: &Account,
        found: &Found,
        related: &Related,
    ) -> Result<(), LaunchRefusal> {
        // No bar comes before this one.
        if account.is_in_arrears() {
            return Err(LaunchRefusal::Barred(Bar::Arrears));
        }
        let bars = account.bars.iter().filter(|bar| self.runs_into(bar, found, related));
        bars.min().map_or(Ok(()), |bar| Err(LaunchRefusal::Barred(bar.clone())))
    }

    fn runs_into(&self, bar: &Bar, found: &Found, related: &Related) -> bool {
        let disks = || core::iter::once(&related.disks.system).chain(&related.disks.data);
        match bar {
            Bar::Arrears | Bar::Unverified | Bar::PayAgreement | Bar::UnpaidOrder => true,
            Bar::NoPayMethod => self.charge != Charge::PostPaid,
            Bar::Spot => self.spot().is_some(),
            Bar::UserData => self.user_data.is_some(),
            Bar::Roles => self.role.is_some(),
            Bar::Resources => {
                found.image.as_ref().is_some_and(|image| image.traits.origin == ImageOrigin::Others)
            }
            Bar::KeyService => disks().any(|disk| disk.encrypted),
            Bar::OwnKeys | Bar::KeyGrant => disks().any(|disk| disk.key.is_some()),
            // It is met when the instance is given up, not here.
            Bar::Promise => false,
            Bar::Region(region) => *region == self.region,
            Bar::Zone(zone) => *zone == found.zone.label,
            Bar::InstanceType(instance_type) => *instance_type == found.instance_type.label,
            Bar::Disk(kind) => disks().any(|disk| disk.kind == *kind),
            Bar::ImageSubscription(image) | Bar::ImagePurchase(image) | Bar::ImageShare(image) => {
                found.image.as_ref().is_some_and(|found| *image == found.label)
            }
        }
    }
}
