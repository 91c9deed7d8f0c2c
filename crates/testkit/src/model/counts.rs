//! What the model comes to, in numbers.

use fleet::{Time, Usage};

use super::{Guest, Model, Timer};
use crate::small_world::{GROUPS, SUBNETS};
use crate::summary::{Numbers, Purse, Seen, Summary};

impl Model {
    /// What the fleet should come to.
    ///
    /// # Panics
    /// When the world is not small.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let living = || self.guests.iter().enumerate().filter(|(_, guest)| guest.status.is_some());
        let kept = self.batches.iter().enumerate().filter(|(_, batch)| {
            batch.timer.is_some() || batch.guests.clone().any(|index| self.guests[index].status.is_some())
        });
        let numbers = |place: &(usize, usize), (total, missing): &(u32, u32)| Numbers {
            total: *total,
            taken: self.count(|guest| guest.order.place() == *place),
            missing: *missing,
        };
        Summary {
            stock: self.stock.iter().map(|(place, stock)| (*place, numbers(place, stock))).collect(),
            free: (0..SUBNETS.len()).map(|index| (index, self.free(index).len() as u32)).collect(),
            members: (0..GROUPS)
                .map(|index| (index, self.policy.group_members_max - self.places(index)))
                .collect(),
            purse: Purse {
                instances: self.count(|_| true),
                limit: self.limit,
                usage: self.usage(),
                money: self.money.map(|(_, spent)| (self.balance(), self.paid(), spent)),
                vouchers: self.voucher_summary(),
                removed: self.removed,
                meter: self.tap_summary(),
            },
            instances: living().map(|(index, guest)| (index, guest.summary())).collect(),
            batches: kept
                .map(|(index, batch)| {
                    (index, self.guests[batch.guests.clone()].iter().map(|guest| guest.outcome).collect())
                })
                .collect(),
            tokens: self
                .tokens
                .iter()
                .map(|((number, stay), (_, batch))| ((format!("token-{number}"), *stay), *batch))
                .collect(),
            events: self
                .events
                .values()
                .map(|told| (told.guest, told.what, told.cycle, told.published, told.finished))
                .collect(),
            timers: self.timers().into_iter().map(|(at, timer)| timer.named(at)).collect(),
            work_stats: self.work_stats,
            work: living().filter_map(|(index, guest)| Some((guest.wait?.at, index, guest.orders))).collect(),
        }
    }
}

impl Model {
    /// What is paid by use: instances, two processors each, one disk each.
    fn usage(&self) -> Usage {
        let postpaid = self.count(|guest| guest.order.months == 0);
        Usage { postpaid, cpus: 2 * postpaid, disks: postpaid }
    }
}

impl Timer {
    const fn named(self, at: Time) -> (Time, &'static str, usize) {
        match self {
            Self::Deadline(batch) => (at, "deadline", batch),
            Self::Release(guest) => (at, "release", guest),
            Self::Token(batch) => (at, "token", batch),
            Self::Batch(batch) => (at, "batch", batch),
            Self::Event(_, guest) => (at, "event", guest),
            Self::Due(_, guest) => (at, "due", guest),
            Self::Bin(guest) => (at, "bin", guest),
            Self::Expiry(guest) => (at, "expiry", guest),
            Self::Settlement => (at, "settlement", 1),
        }
    }
}

impl Guest {
    fn summary(&self) -> Seen {
        Seen {
            status: self.status.expect("it is there"),
            offset: self.offset,
            orders: self.orders,
            attempt: self.wait.map(|wait| wait.attempt),
            paid: self.paid,
            vouched: self.vouched.values().sum(),
            paid_until: self.paid_until,
        }
    }
}
