//! What the model says of vouchers. What is left of one is counted, as everything is: what was
//! granted, without what was spent and what instances hold of it.

use std::collections::BTreeMap;

use fleet::{Time, VoucherRefusal};

use super::Model;
use crate::action::{Reply, voucher};
use crate::small_world::OWNER;

/// A voucher.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voucher {
    pub(super) expires: Time,
    granted: u64,
    spent: u64,
}

impl Model {
    pub(super) fn grant_voucher(
        &mut self,
        number: usize,
        granted: u64,
        expires: Time,
    ) -> Result<Reply, VoucherRefusal> {
        if self.money.is_none() {
            return Err(VoucherRefusal::NotCharged(OWNER));
        }
        if granted == 0 {
            return Err(VoucherRefusal::NoAmount);
        }
        if expires <= self.now {
            return Err(VoucherRefusal::Expired(expires));
        }
        if self.vouchers.contains_key(&number) {
            return Err(VoucherRefusal::Exists(voucher(number)));
        }
        self.vouchers.insert(number, Voucher { expires, granted, spent: 0 });
        self.account_changed();
        Ok(Reply::Done)
    }

    pub(super) fn remove_voucher(&mut self, number: usize) -> Result<Reply, VoucherRefusal> {
        let found = self.vouchers.get(&number).copied();
        let found = found.ok_or_else(|| VoucherRefusal::Unknown(voucher(number)))?;
        let (left, held) = (self.left(number), self.held_of(number));
        if self.now < found.expires && left > 0 {
            return Err(VoucherRefusal::Spendable(fleet::Money(left)));
        }
        if held > 0 {
            return Err(VoucherRefusal::Held(fleet::Money(held)));
        }
        self.vouchers.remove(&number);
        self.removed = (self.removed.0 + found.spent, self.removed.1 + left);
        self.account_changed();
        Ok(Reply::Done)
    }

    /// What there is to spend now.
    pub(super) fn funds(&self) -> u64 {
        self.balance() + self.valid().into_iter().map(|number| self.left(number)).sum::<u64>()
    }

    /// How much of `price` is paid from which voucher.
    pub(super) fn vouch(&self, price: u64) -> BTreeMap<usize, u64> {
        let mut due = price;
        let mut vouched = BTreeMap::new();
        for number in self.valid() {
            let amount = self.left(number).min(due);
            due -= amount;
            if amount > 0 {
                vouched.insert(number, amount);
            }
        }
        vouched
    }

    /// What is held for an instance is spent.
    pub(super) fn spend(&mut self, index: usize) {
        let guest = &mut self.guests[index];
        let (paid, vouched) = (std::mem::take(&mut guest.paid), std::mem::take(&mut guest.vouched));
        self.charge(paid, &vouched);
    }

    /// So much is spent, these parts of it from vouchers.
    pub(super) fn charge(&mut self, price: u64, vouched: &BTreeMap<usize, u64>) {
        for (number, amount) in vouched {
            self.vouchers.get_mut(number).expect("it is held").spent += amount;
        }
        let rest = price - vouched.values().sum::<u64>();
        self.money = self.money.map(|(granted, spent)| (granted, spent + rest));
    }

    /// The vouchers as they should be: until when, which, granted, left, held, spent.
    pub(super) fn voucher_summary(&self) -> Vec<(Time, String, [u64; 4])> {
        let numbers = |number: usize, found: &Voucher| {
            [found.granted, self.left(number), self.held_of(number), found.spent]
        };
        let vouchers = self.vouchers.iter().map(|(number, found)| {
            (found.expires, voucher(*number).as_str().to_owned(), numbers(*number, found))
        });
        let mut vouchers: Vec<_> = vouchers.collect();
        vouchers.sort_unstable();
        vouchers
    }

    /// Those that have not expired, in the order they are spent in.
    fn valid(&self) -> Vec<usize> {
        let valid = self.vouchers.iter().filter(|(_, voucher)| self.now < voucher.expires);
        let mut valid: Vec<_> = valid.map(|(number, voucher)| (voucher.expires, *number)).collect();
        valid.sort_unstable();
        valid.into_iter().map(|(_, number)| number).collect()
    }

    fn held_of(&self, number: usize) -> u64 {
        self.guests.iter().filter_map(|guest| guest.vouched.get(&number)).sum()
    }

    fn left(&self, number: usize) -> u64 {
        let Voucher { granted, spent, .. } = self.vouchers[&number];
        granted - spent - self.held_of(number)
    }
}
