//! What the books say of money: what instances paid is what is held for them, of the balance and of each voucher.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use super::{Audit, Invariant};
use crate::{Account, AccountId, Instance, Label, Portion, Vouchers, Wallet};

impl Audit {
    pub(super) fn check_money(&mut self, instances: &[Instance]) {
        let mut from_balance: BTreeMap<AccountId, u64> = BTreeMap::new();
        let mut from_voucher: BTreeMap<(AccountId, Label), u64> = BTreeMap::new();
        for instance in instances {
            let mut rest = instance.paid.0;
            for Portion { voucher, amount } in &instance.portions {
                let paid = from_voucher.entry((instance.account, voucher.clone())).or_default();
                *paid = paid.saturating_add(amount.0);
                match rest.checked_sub(amount.0) {
                    Some(left) => rest = left,
                    None => {
                        let detail = format!("{} has more of vouchers than was paid", instance.id);
                        self.find(Invariant::MoneyAddsUp, detail);
                    }
                }
            }
            let paid = from_balance.entry(instance.account).or_default();
            *paid = paid.saturating_add(rest);
        }
        let accounts: Vec<Account> = self.accounts.values().cloned().collect();
        for account in accounts {
            let paid = from_balance.remove(&account.id).unwrap_or_default();
            let held = match account.wallet {
                Wallet::Off => 0,
                Wallet::On { held, .. } => held.0,
            };
            if held != paid {
                let detail = format!("account {}: instances paid {paid}, {held} is held", account.id);
                self.find(Invariant::MoneyAddsUp, detail);
            }
            if account.wallet == Wallet::Off && account.vouchers != Vouchers::default() {
                let detail = format!("account {} is not charged and has vouchers", account.id);
                self.find(Invariant::MoneyAddsUp, detail);
            }
            for voucher in &account.vouchers.kept {
                let paid = from_voucher.remove(&(account.id, voucher.label.clone())).unwrap_or_default();
                if paid != voucher.held.0 || !voucher.adds_up() {
                    let detail = format!("account {}: instances paid {paid} of {voucher:?}", account.id);
                    self.find(Invariant::MoneyAddsUp, detail);
                }
            }
        }
        for (account, voucher) in from_voucher.into_keys() {
            let detail = format!("account {account} has no voucher {voucher}, and paid with it");
            self.find(Invariant::MoneyAddsUp, detail);
        }
    }
}
