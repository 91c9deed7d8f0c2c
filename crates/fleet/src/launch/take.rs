//! Capacity: as many as everything allows, or the limit that allows too few
//! (`contract/ecs-run-instances.md` section 3, steps 7 and 8, and section 5).

use super::find::Found;
use super::{Judged, Launch, LaunchRefusal};
use crate::View;
use crate::decide::Draft;
use crate::{Account, Charge, Limit, Money, Shortage, Stock, TakenAddresses};

/// What a launch takes, and what it is taken from.
pub(super) struct Taken {
    pub(super) count: u8,
    pub(super) account: Account,
    pub(super) price: Money,
    pub(super) stock: Stock,
    pub(super) addresses: TakenAddresses,
    pub(super) attached: Option<TakenAddresses>,
}

impl Launch {
    /// Account and capacity: as many as everything allows, or the limit that allows too few.
    pub(super) fn take<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        stock: Stock,
    ) -> Judged<Taken, V> {
        let account = draft.account(self.account)?;
        let account = account.ok_or(LaunchRefusal::UnknownAccount(self.account).halt())?;
        let price = self.charge.price(found.instance_type.monthly_price);
        let places =
            found.groups.iter().map(|group| draft.policy().group_members_max.saturating_sub(group.members));
        let mut shortage = Shortage {
            binding: Limit::Stock,
            wanted: self.wanted,
            quota: account.instance_limit.saturating_sub(account.instances),
            money: account.wallet.affords(price),
            // Bare metal joins no group.
            group_places: places.min().unwrap_or(u32::MAX),
            addresses: found.subnet.free,
            stock: stock.free(),
        };
        let count = shortage.allowed();
        if let Some(binding) = shortage.falls_short() {
            shortage.binding = binding;
            return Err(LaunchRefusal::Short(shortage).halt());
        }
        let addresses = self.take_addresses(draft, found, count)?;
        // The summary said that there are enough; pages that disagree with it must not give one
        // address to two instances.
        if addresses.addresses.len() != usize::from(count) {
            shortage.binding = Limit::Addresses;
            return Err(LaunchRefusal::Short(shortage).halt());
        }
        let attached = self.take_attachments(draft, found, count)?;
        let short = LaunchRefusal::Short(shortage);
        let stock = stock.take(u32::from(count)).ok_or_else(|| short.clone().halt())?;
        let total = Money(price.0.saturating_mul(u64::from(count)));
        let wallet = account.wallet.hold(total).ok_or_else(|| short.halt())?;
        let instances = account.instances.saturating_add(u32::from(count));
        let account = Account { instances, wallet, ..account };
        let price = match account.wallet {
            crate::Wallet::Off => Money(0),
            crate::Wallet::On { .. } => price,
        };
        Ok(Taken { count, account, price, stock, addresses, attached })
    }
}

impl Charge {
    /// What one instance costs in advance.
    fn price(self, monthly: Money) -> Money {
        match self {
            Self::PostPaid => Money(0),
            Self::PrePaid { count, unit } => {
                let months = u64::from(count);
                match unit {
                    crate::PeriodUnit::Month => Money(monthly.0.saturating_mul(months)),
                    crate::PeriodUnit::Week => Money(monthly.0.saturating_mul(months) / 4),
                }
            }
        }
    }
}
