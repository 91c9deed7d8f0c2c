//! Account and capacity: as many as everything allows, or the limit that allows too few
//! (`contract/ecs-run-instances.md` section 3, steps 7 and 8, and section 5).

use alloc::vec::Vec;

use super::account::times;
use super::addresses::{Pools, TakenAddresses};
use super::find::Found;
use super::relate::Related;
use super::{Judged, Launch, LaunchRefusal};
use crate::View;
use crate::decide::Draft;
use crate::voucher::Payment;
use crate::{Account, Charge, Host, Limit, Shortage, Stock, Time, Usage};

/// What a launch takes, and what it leaves of that.
pub(super) struct Taken {
    pub(super) count: u8,
    pub(super) account: Account,
    /// What each instance paid in advance.
    pub(super) payments: Vec<Payment>,
    pub(super) stock: Stock,
    pub(super) addresses: TakenAddresses,
    pub(super) host: Option<Host>,
}

impl Launch {
    pub(super) fn take<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        related: &Related,
        now: Time,
    ) -> Judged<Taken, V> {
        let account = draft.settled_account(self.account, now)?;
        let account = account.ok_or(LaunchRefusal::UnknownAccount(self.account).halt())?;
        let price = self.charge.price(found.instance_type.monthly_price);
        let pools = self.open_pools(draft, found)?;
        let funds = account.affords(price, now);
        let mut shortage = Shortage { money: funds, ..self.room(draft, found, related, &account, &pools) };
        let binding = shortage.falls_short();
        shortage.binding = binding.unwrap_or(Limit::Stock);
        let short = LaunchRefusal::Short(shortage);
        // The account's quotas come before its bars, and everything else behind them.
        if binding.is_some_and(Limit::is_quota) {
            return Err(short.halt());
        }
        self.barred(&account, found, related).map_err(LaunchRefusal::halt)?;
        if binding.is_some() {
            return Err(short.halt());
        }

        let count = shortage.allowed();
        // The summaries said that there are enough; pages that disagree with them must not give one
        // address to two instances.
        let addresses = match self.take_addresses(draft, found, pools, count)? {
            Ok(addresses) => addresses,
            Err(binding) => {
                shortage.binding = binding;
                return Err(LaunchRefusal::Short(shortage).halt());
            }
        };
        let many = u32::from(count);
        let stock = related.stock.take(many).ok_or_else(|| short.clone().halt())?;
        let mut payer = account.clone();
        let payments: Option<Vec<Payment>> = (0..count).map(|_| payer.hold(price, now)).collect();
        let payments = payments.ok_or_else(|| short.halt())?;
        let instances = account.instances.saturating_add(many);
        let usage = match self.charge {
            Charge::PostPaid => {
                account.usage.with(many, found.instance_type.cpus.into(), related.disk_count())
            }
            Charge::PrePaid { .. } => account.usage,
        };
        let account = Account { instances, usage, ..payer };
        let host = related.host.clone().map(|host| Host { taken: host.taken.saturating_add(many), ..host });
        Ok(Taken { count, account, payments, stock, addresses, host })
    }

    /// How many instances everything there is allows, each by itself.
    fn room<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        related: &Related,
        account: &Account,
        pools: &Pools,
    ) -> Shortage {
        let members_max = draft.policy().group_members_max;
        let places = found.joined_groups().map(|group| members_max.saturating_sub(group.members));
        let Usage { postpaid, cpus, disks } = account.usage;
        let by_use = |allowed: Option<u32>| allowed.filter(|_| self.charge == Charge::PostPaid);
        Shortage {
            binding: Limit::Stock,
            wanted: self.wanted,
            quota: account.instance_limit.saturating_sub(account.instances),
            postpaid: by_use(times(account.quotas.postpaid, postpaid, 1)),
            cpus: by_use(times(account.quotas.cpus, cpus, found.instance_type.cpus.into())),
            disks: by_use(times(account.quotas.disks, disks, related.disk_count())),
            // That is a matter of the time as well.
            money: None,
            host_places: related.host.as_ref().map(Host::free),
            // Bare metal joins no group.
            group_places: places.min().unwrap_or(u32::MAX),
            addresses: pools.addresses,
            ipv6_addresses: pools.ipv6,
            public_addresses: pools.public,
            stock: related.stock.free(),
        }
    }
}

impl Related {
    /// How many disks each instance has.
    fn disk_count(&self) -> u32 {
        u32::try_from(self.disks.data.len()).unwrap_or(u32::MAX).saturating_add(1)
    }
}
