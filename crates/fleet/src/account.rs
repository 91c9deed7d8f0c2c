//! Accounts: whose instances they are, how many they may be, and the money behind them.

use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, DiskKind, Label, Meter, Record, Time, Vouchers};

/// An amount of the smallest unit of a currency.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Money(pub u64);

/// Whose instances they are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// How many instances it has, the failed ones that are not released yet among them.
    pub instances: u32,
    /// How many it may have.
    pub instance_limit: u32,
    /// Its money, without its vouchers.
    pub wallet: Wallet,
    /// Money that can be spent until a certain time, and is spent first.
    pub vouchers: Vouchers,
    /// What it may not do, each once, in order.
    pub bars: Vec<Bar>,
    /// How much of what is paid by use it may have.
    pub quotas: Quotas,
    /// How much it has.
    pub usage: Usage,
    /// What its instances run up; `None` before the first that can.
    pub meter: Option<Meter>,
}

/// How much an account may have; `None` is without limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Quotas {
    /// Instances that are paid by use.
    pub postpaid: Option<u32>,
    /// Processors of instances that are paid by use.
    pub cpus: Option<u32>,
    /// Disks of instances that are paid by use.
    pub disks: Option<u32>,
}

/// How much an account has of what [`Quotas`] limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// Instances that are paid by use.
    pub postpaid: u32,
    /// Their processors.
    pub cpus: u32,
    /// Their disks.
    pub disks: u32,
}

/// Something that keeps an account from having what it asks for.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Bar {
    /// It owes money.
    Arrears,
    /// Nobody knows who it is.
    Unverified,
    /// It cannot pay in advance.
    NoPayMethod,
    /// It has agreed to another way of paying.
    PayAgreement,
    /// An order of its own is not paid.
    UnpaidOrder,
    /// It may not bid for spare capacity.
    Spot,
    /// It may not hand user data over.
    UserData,
    /// It may not hand roles over.
    Roles,
    /// It may not name what belongs to others.
    Resources,
    /// It does not use the service that keeps keys.
    KeyService,
    /// It may not use keys of its own.
    OwnKeys,
    /// It has not granted the use of its keys.
    KeyGrant,
    /// It has promised to use for a while what it pays by use.
    Promise,
    /// It may not use this region.
    Region(Label),
    /// It may not use this zone.
    Zone(Label),
    /// It may not use this instance type.
    InstanceType(Label),
    /// It may not use this kind of disk.
    Disk(DiskKind),
    /// It has not subscribed to this image.
    ImageSubscription(Label),
    /// It has not bought this image, or used up what it bought.
    ImagePurchase(Label),
    /// This image is not shared with it.
    ImageShare(Label),
}

/// The money of an account without its vouchers. Every amount granted is in exactly one of the three
/// places.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wallet {
    /// Nothing is charged.
    Off,
    /// Instances are charged for: in advance, or by use ([`Meter`]).
    On {
        /// Free to spend.
        balance: Money,
        /// Set aside for instances that are being made.
        held: Money,
        /// Paid for instances that were made, for renewals, and for use.
        spent: Money,
    },
}

impl Account {
    /// An account that has nothing and may have nothing.
    #[must_use]
    pub fn new(id: AccountId) -> Self {
        Self {
            id,
            instances: 0,
            instance_limit: 0,
            wallet: Wallet::Off,
            vouchers: Vouchers::default(),
            bars: Vec::new(),
            quotas: Quotas::default(),
            usage: Usage::default(),
            meter: None,
        }
    }
}

impl Bar {
    /// Whether nothing is paid from the account while it is there.
    #[must_use]
    pub const fn keeps_from_paying(&self) -> bool {
        match self {
            Self::Arrears | Self::Unverified | Self::NoPayMethod | Self::PayAgreement | Self::UnpaidOrder => {
                true
            }
            Self::Spot
            | Self::UserData
            | Self::Roles
            | Self::Resources
            | Self::KeyService
            | Self::OwnKeys
            | Self::KeyGrant
            | Self::Promise
            | Self::Region(_)
            | Self::Zone(_)
            | Self::InstanceType(_)
            | Self::Disk(_)
            | Self::ImageSubscription(_)
            | Self::ImagePurchase(_)
            | Self::ImageShare(_) => false,
        }
    }
}

impl Wallet {
    /// The wallet with `amount` more, charging from now on; `None` when all that was ever granted
    /// would not fit into one amount, so that moving it around cannot overflow later.
    #[must_use]
    pub fn grant(self, amount: Money) -> Option<Self> {
        let (balance, held, spent) = match self {
            Self::Off => (Money(0), Money(0), Money(0)),
            Self::On { balance, held, spent } => (balance, held, spent),
        };
        held.0.checked_add(spent.0)?.checked_add(balance.0)?.checked_add(amount.0)?;
        Some(Self::On { balance: Money(balance.0.saturating_add(amount.0)), held, spent })
    }

    /// The wallet after `amount` went from the balance to what is held, or `None` when the balance is smaller.
    #[must_use]
    pub fn hold(self, amount: Money) -> Option<Self> {
        self.moved(|balance, held, spent| {
            Some((balance.checked_sub(amount.0)?, held.checked_add(amount.0)?, spent))
        })
    }

    /// The wallet after a held `amount` went back to the balance.
    #[must_use]
    pub fn refund(self, amount: Money) -> Option<Self> {
        self.moved(|balance, held, spent| {
            Some((balance.checked_add(amount.0)?, held.checked_sub(amount.0)?, spent))
        })
    }

    /// The wallet after a held `amount` was spent for good.
    #[must_use]
    pub fn spend(self, amount: Money) -> Option<Self> {
        self.moved(|balance, held, spent| {
            Some((balance, held.checked_sub(amount.0)?, spent.checked_add(amount.0)?))
        })
    }

    fn moved(self, change: impl FnOnce(u64, u64, u64) -> Option<(u64, u64, u64)>) -> Option<Self> {
        match self {
            Self::Off => Some(Self::Off),
            Self::On { balance, held, spent } => {
                let (balance, held, spent) = change(balance.0, held.0, spent.0)?;
                Some(Self::On { balance: Money(balance), held: Money(held), spent: Money(spent) })
            }
        }
    }
}

/// Opens an account, or sets the limit of one and grants it money.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OpenAccount {
    /// Which.
    pub id: AccountId,
    /// How many instances it may have.
    pub instance_limit: u32,
    /// Money to add; the first grant turns charging on.
    pub grant: Option<Money>,
}

/// Why an account stays as it was.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AccountRefusal {
    /// It has more instances than that.
    #[error("the account has {used} instances, a limit of {limit} is below that")]
    LimitBelowUse {
        /// The limit asked for.
        limit: u32,
        /// How many instances there are.
        used: u32,
    },
    /// There is no such account.
    #[error("there is no account {}", .0.0)]
    Unknown(AccountId),
    /// There is no such amount: all that was ever granted has to fit, so that a refund always does.
    #[error("the balance of the account would overflow")]
    BalanceOverflow,
}

impl Command for OpenAccount {
    type Reply = Account;
    type Refusal = AccountRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Account, Halt<AccountRefusal, V::Failure>> {
        let fresh = Account::new(self.id);
        let mut account = draft.settled_account(self.id, now)?.unwrap_or(fresh);
        if self.instance_limit < account.instances {
            let (limit, used) = (self.instance_limit, account.instances);
            return Err(Halt::Refused(AccountRefusal::LimitBelowUse { limit, used }));
        }
        if let Some(grant) = self.grant {
            let granted = account.wallet.grant(grant).filter(|_| account.has_room_for(grant));
            account.wallet = granted.ok_or(Halt::Refused(AccountRefusal::BalanceOverflow))?;
        }
        account.instance_limit = self.instance_limit;

        Ok(draft.put_settled(account, now)?)
    }
}

/// Sets what an account may not do, and how much of what is paid by use it may have. A quota below
/// what the account has takes nothing away: it only keeps more from coming.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetAccountTerms {
    /// Which.
    pub id: AccountId,
    /// What it may not do from now on, in any order.
    pub bars: Vec<Bar>,
    /// How much it may have.
    pub quotas: Quotas,
}

impl Command for SetAccountTerms {
    type Reply = Account;
    type Refusal = AccountRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Account, Halt<AccountRefusal, V::Failure>> {
        let account = draft.account(self.id)?;
        let account = account.ok_or(Halt::Refused(AccountRefusal::Unknown(self.id)))?;
        let mut bars = self.bars.clone();
        bars.sort_unstable();
        bars.dedup();
        let set = Account { bars, quotas: self.quotas, ..account.clone() };
        if set != account {
            draft.put(Record::Account(set.clone()));
        }
        Ok(set)
    }
}
