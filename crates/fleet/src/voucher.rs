//! Vouchers: money that can be spent until a certain time, and then not any more; and how what an
//! account pays is taken from them first (`docs/decisions/0014-where-a-refund-goes.md`).

use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{Account, AccountId, Instance, Label, Money, Time, Wallet};

/// Money of an account that can be spent until a certain time. What was granted is in exactly one
/// of the three places; what is left when it has expired stays there and cannot be spent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Voucher {
    /// Its name, its own among the account's.
    pub label: Label,
    /// The first moment at which it cannot be spent any more.
    pub expires_at: Time,
    /// What it was granted with.
    pub granted: Money,
    /// Free to spend until then.
    pub left: Money,
    /// Set aside for instances that are being made.
    pub held: Money,
    /// Paid for instances that were made, for renewals, and for use.
    pub spent: Money,
}

/// The vouchers of an account, and what became of those that were removed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Vouchers {
    /// Those it has, at most [`Vouchers::MAX`], in the order they are spent in: by their expiry, and
    /// then by their label.
    pub kept: Vec<Voucher>,
    /// What was spent of those that were removed.
    pub spent: Money,
    /// What was left of those that were removed.
    pub gone: Money,
}

/// What came from one voucher.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Portion {
    /// Which.
    pub voucher: Label,
    /// How much.
    pub amount: Money,
}

/// What is held for one instance.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Payment {
    /// In all.
    pub(crate) amount: Money,
    /// Which part of that came from which voucher; the rest came from the balance.
    pub(crate) portions: Vec<Portion>,
}

/// Grants a voucher to an account that is charged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantVoucher {
    /// To whom.
    pub account: AccountId,
    /// What it is called; no other of the account's may be called so.
    pub voucher: Label,
    /// How much, more than nothing.
    pub amount: Money,
    /// The first moment at which it cannot be spent any more.
    pub expires_at: Time,
}

/// Removes a voucher of which nothing can be spent any more and nothing is held.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveVoucher {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub voucher: Label,
}

/// Why the vouchers of an account stay as they were.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VoucherRefusal {
    /// There is no such account.
    #[error("there is no account {}", .0.0)]
    UnknownAccount(AccountId),
    /// The account has no such voucher.
    #[error("there is no voucher {0}")]
    Unknown(Label),
    /// Nothing is charged to the account.
    #[error("account {} is not charged", .0.0)]
    NotCharged(AccountId),
    /// It is a voucher of nothing.
    #[error("a voucher of nothing")]
    NoAmount,
    /// It would have expired already.
    #[error("a voucher that expired at {0:?}")]
    Expired(Time),
    /// There is one of that name.
    #[error("there is a voucher {0}")]
    Exists(Label),
    /// The account has as many as it may have, the expired ones among them.
    #[error("the account has {} vouchers, and no more are allowed", Vouchers::MAX)]
    TooMany,
    /// There is no such amount: all that was ever granted has to fit, so that a refund always does.
    #[error("the money of the account would overflow")]
    Overflow,
    /// So much of it can still be spent.
    #[error("{0:?} of the voucher can still be spent")]
    Spendable(Money),
    /// So much of it is held, and may come back.
    #[error("{0:?} of the voucher is held")]
    Held(Money),
}

impl Voucher {
    /// What can be spent of it.
    #[must_use]
    pub fn spendable(&self, now: Time) -> Money {
        if now < self.expires_at { self.left } else { Money(0) }
    }

    /// Whether what was granted is where it may be.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let kept = self.left.0.checked_add(self.held.0);
        kept.and_then(|kept| kept.checked_add(self.spent.0)) == Some(self.granted.0)
    }

    /// Sets aside what can be spent of it, as far as it is `due`; how much that was.
    fn hold(&mut self, due: Money, now: Time) -> Money {
        let amount = self.spendable(now).min(due);
        self.left.0 = self.left.0.saturating_sub(amount.0);
        self.held.0 = self.held.0.saturating_add(amount.0);
        amount
    }
}

impl Vouchers {
    /// How many an account has at most.
    pub const MAX: usize = 20;

    /// What can be spent of all of them.
    #[must_use]
    pub fn spendable(&self, now: Time) -> Money {
        Money(self.kept.iter().fold(0, |sum, voucher| voucher.spendable(now).0.saturating_add(sum)))
    }

    /// All that was ever granted so; `None` when that is more than there can be.
    #[must_use]
    pub fn granted(&self) -> Option<Money> {
        let removed = self.spent.0.checked_add(self.gone.0)?;
        self.kept.iter().try_fold(removed, |sum, voucher| sum.checked_add(voucher.granted.0)).map(Money)
    }

    /// Takes what was held away from the vouchers it came from, as `change` does from one; how much.
    fn settle(&mut self, portions: &[Portion], change: impl Fn(&mut Voucher, u64)) -> u64 {
        let mut settled = 0_u64;
        for Portion { voucher, amount } in portions {
            if let Some(found) = self.kept.iter_mut().find(|found| found.label == *voucher) {
                found.held.0 = found.held.0.saturating_sub(amount.0);
                change(found, amount.0);
            }
            settled = settled.saturating_add(amount.0);
        }
        settled
    }
}

impl Instance {
    /// What is held for it.
    pub(crate) fn payment(&self) -> Payment {
        Payment { amount: self.paid, portions: self.portions.clone() }
    }

    /// The instance once nothing is held for it.
    pub(crate) fn without_payment(self) -> Self {
        Self { paid: Money(0), portions: Vec::new(), ..self }
    }
}

impl Account {
    /// What it can spend: its vouchers that have not expired, and its balance.
    #[must_use]
    pub fn funds(&self, now: Time) -> Money {
        match self.wallet {
            Wallet::Off => Money(0),
            Wallet::On { balance, .. } => Money(balance.0.saturating_add(self.vouchers.spendable(now).0)),
        }
    }

    /// How many times it can pay `price`; `None` when there is no limit.
    #[must_use]
    pub fn affords(&self, price: Money, now: Time) -> Option<u32> {
        match self.wallet {
            Wallet::Off => None,
            Wallet::On { .. } => {
                let times = self.funds(now).0.checked_div(price.0)?;
                Some(u32::try_from(times).unwrap_or(u32::MAX))
            }
        }
    }

    /// Whether `amount` can be granted besides all that ever was, so that moving it around cannot
    /// overflow later.
    pub(crate) fn has_room_for(&self, amount: Money) -> bool {
        let of_wallet = match self.wallet {
            Wallet::Off => Some(0),
            Wallet::On { balance, held, spent } => {
                balance.0.checked_add(held.0).and_then(|sum| sum.checked_add(spent.0))
            }
        };
        let of_vouchers = self.vouchers.granted();
        let granted =
            of_wallet.zip(of_vouchers).and_then(|(wallet, vouchers)| wallet.checked_add(vouchers.0));
        granted.and_then(|granted| granted.checked_add(amount.0)).is_some()
    }

    /// Sets `price` aside: from the vouchers that can be spent, those first that expire first, and
    /// from the balance what is missing. `None`, and nothing is changed, when there is less.
    pub(crate) fn hold(&mut self, price: Money, now: Time) -> Option<Payment> {
        if self.wallet == Wallet::Off {
            return Some(Payment::default());
        }
        let of_vouchers = self.vouchers.spendable(now).min(price);
        let wallet = self.wallet.hold(Money(price.0.saturating_sub(of_vouchers.0)))?;

        // From here on it is paid.
        self.wallet = wallet;
        let mut due = of_vouchers;
        let mut portions = Vec::new();
        for voucher in &mut self.vouchers.kept {
            let amount = voucher.hold(due, now);
            due.0 = due.0.saturating_sub(amount.0);
            if amount > Money(0) {
                portions.push(Portion { voucher: voucher.label.clone(), amount });
            }
        }
        Some(Payment { amount: price, portions })
    }

    /// Gives back what was held, each part to where it came from, to an expired voucher as well.
    pub(crate) fn refund(&mut self, payment: &Payment) {
        let of_vouchers = self.vouchers.settle(&payment.portions, |voucher, amount| {
            voucher.left.0 = voucher.left.0.saturating_add(amount);
        });
        let rest = Money(payment.amount.0.saturating_sub(of_vouchers));
        self.wallet = self.wallet.refund(rest).unwrap_or(self.wallet);
    }

    /// Spends what was held for good.
    pub(crate) fn spend(&mut self, payment: &Payment) {
        let of_vouchers = self.vouchers.settle(&payment.portions, |voucher, amount| {
            voucher.spent.0 = voucher.spent.0.saturating_add(amount);
        });
        let rest = Money(payment.amount.0.saturating_sub(of_vouchers));
        self.wallet = self.wallet.spend(rest).unwrap_or(self.wallet);
    }
}

/// Who has vouchers, or is to have some.
fn holder<V: View>(
    draft: &Draft<'_, V>,
    id: AccountId,
    now: Time,
) -> Result<Account, Halt<VoucherRefusal, V::Failure>> {
    draft.settled_account(id, now)?.ok_or(Halt::Refused(VoucherRefusal::UnknownAccount(id)))
}

impl Command for GrantVoucher {
    type Reply = Account;
    type Refusal = VoucherRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Account, Halt<VoucherRefusal, V::Failure>> {
        let mut account = holder(draft, self.account, now)?;
        self.judge(&account, now).map_err(Halt::Refused)?;

        let place =
            |voucher: &Voucher| (voucher.expires_at, &voucher.label) < (self.expires_at, &self.voucher);
        let at = account.vouchers.kept.partition_point(place);
        let voucher = Voucher {
            label: self.voucher.clone(),
            expires_at: self.expires_at,
            granted: self.amount,
            left: self.amount,
            held: Money(0),
            spent: Money(0),
        };
        account.vouchers.kept.insert(at, voucher);
        Ok(draft.put_settled(account, now)?)
    }
}

impl GrantVoucher {
    fn judge(&self, account: &Account, now: Time) -> Result<(), VoucherRefusal> {
        let kept = &account.vouchers.kept;
        if account.wallet == Wallet::Off {
            return Err(VoucherRefusal::NotCharged(self.account));
        }
        if self.amount == Money(0) {
            return Err(VoucherRefusal::NoAmount);
        }
        if self.expires_at <= now {
            return Err(VoucherRefusal::Expired(self.expires_at));
        }
        if kept.iter().any(|voucher| voucher.label == self.voucher) {
            return Err(VoucherRefusal::Exists(self.voucher.clone()));
        }
        if kept.len() >= Vouchers::MAX {
            return Err(VoucherRefusal::TooMany);
        }
        if !account.has_room_for(self.amount) {
            return Err(VoucherRefusal::Overflow);
        }
        Ok(())
    }
}

impl Command for RemoveVoucher {
    type Reply = Account;
    type Refusal = VoucherRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Account, Halt<VoucherRefusal, V::Failure>> {
        let mut account = holder(draft, self.account, now)?;
        let found = account.vouchers.kept.iter().find(|voucher| voucher.label == self.voucher).cloned();
        let voucher = found.ok_or(Halt::Refused(VoucherRefusal::Unknown(self.voucher.clone())))?;
        let spendable = voucher.spendable(now);
        if spendable > Money(0) {
            return Err(Halt::Refused(VoucherRefusal::Spendable(spendable)));
        }
        if voucher.held > Money(0) {
            return Err(Halt::Refused(VoucherRefusal::Held(voucher.held)));
        }

        let vouchers = &mut account.vouchers;
        vouchers.kept.retain(|kept| kept.label != voucher.label);
        vouchers.spent.0 = vouchers.spent.0.saturating_add(voucher.spent.0);
        vouchers.gone.0 = vouchers.gone.0.saturating_add(voucher.left.0);
        Ok(draft.put_settled(account, now)?)
    }
}
