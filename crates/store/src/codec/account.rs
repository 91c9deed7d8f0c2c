//! The sequence and the accounts on disk.

use fleet::{AccountId, InstanceId, Money, Time};
use serde::{Deserialize, Serialize};

use super::disk::DiskKind;
use super::error::{DecodeError, EncodeError};
use super::field::{Serial, label};
use super::payload::{Stored, Value};

const SEQUENCE_VERSION: u8 = 1;
/// Version 1 had no vouchers, version 2 no meter.
const ACCOUNT_VERSION: u8 = 3;

#[derive(Deserialize, Serialize)]
struct Sequence {
    next: Serial,
}

pub(super) fn write_sequence(sequence: fleet::Sequence, to: Value<'_>) -> Result<(), EncodeError> {
    to.write(SEQUENCE_VERSION, &Sequence { next: sequence.next.into() })
}

pub(super) fn read_sequence(stored: &Stored<'_>) -> Result<fleet::Sequence, DecodeError> {
    const NAME: &str = "sequence";
    let Sequence { next } = match stored.version {
        SEQUENCE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, SEQUENCE_VERSION)),
    };
    Ok(fleet::Sequence { next: next.into() })
}

#[derive(Deserialize, Serialize)]
struct Account<'a> {
    #[serde(borrow)]
    second: AccountOfVersion2<'a>,
    meter: Option<Meter>,
}

#[derive(Deserialize, Serialize)]
struct AccountOfVersion2<'a> {
    #[serde(borrow)]
    first: AccountOfVersion1<'a>,
    vouchers: Option<Vouchers<'a>>,
}

#[derive(Deserialize, Serialize)]
struct AccountOfVersion1<'a> {
    instances: u32,
    instance_limit: u32,
    wallet: Wallet,
    #[serde(borrow)]
    bars: Vec<Bar<'a>>,
    quotas: Quotas,
    usage: Usage,
}

/// What most accounts have nothing of: left out as a whole then, to be one byte.
#[derive(Deserialize, Serialize)]
struct Vouchers<'a> {
    #[serde(borrow)]
    kept: Vec<Voucher<'a>>,
    spent: u64,
    gone: u64,
}

#[derive(Deserialize, Serialize)]
struct Voucher<'a> {
    label: &'a str,
    expires_at: u64,
    granted: u64,
    left: u64,
    held: u64,
    spent: u64,
}

/// What an account has whose instances can be charged for by use.
#[derive(Deserialize, Serialize)]
struct Meter {
    first: Serial,
    /// The high and the low half of the number.
    hourly: (u64, u64),
    settled_at: u64,
    remainder: u64,
    owed: u64,
    standing: Standing,
    /// From which instance on, and when.
    sweep: Option<(Serial, u64)>,
}

#[derive(Deserialize, Serialize)]
struct Quotas {
    postpaid: Option<u32>,
    cpus: Option<u32>,
    disks: Option<u32>,
}

#[derive(Deserialize, Serialize)]
struct Usage {
    postpaid: u32,
    cpus: u32,
    disks: u32,
}

pinned! {
    enum Wallet {
        1 = Off,
        2 = On { balance: u64, held: u64, spent: u64 },
    }
}

pinned! {
    enum Standing {
        1 = Sound,
        2 = Grace { since: u64, until: u64 },
        3 = Cut,
    }
}

pinned! {
    enum Bar<'a> {
        1 = Arrears,
        2 = Unverified,
        3 = NoPayMethod,
        4 = PayAgreement,
        5 = UnpaidOrder,
        6 = Spot,
        7 = UserData,
        8 = Roles,
        9 = Resources,
        10 = KeyService,
        11 = OwnKeys,
        12 = KeyGrant,
        13 = Region { of: &'a str },
        14 = Zone { of: &'a str },
        15 = InstanceType { of: &'a str },
        16 = Disk { kind: DiskKind },
        17 = ImageSubscription { of: &'a str },
        18 = ImagePurchase { of: &'a str },
        19 = ImageShare { of: &'a str },
        20 = Promise,
    }
}

pub(super) fn write_account(account: &fleet::Account, to: Value<'_>) -> Result<(), EncodeError> {
    let fleet::Quotas { postpaid, cpus, disks } = account.quotas;
    let quotas = Quotas { postpaid, cpus, disks };
    let fleet::Usage { postpaid, cpus, disks } = account.usage;
    let first = AccountOfVersion1 {
        instances: account.instances,
        instance_limit: account.instance_limit,
        wallet: account.wallet.into(),
        bars: account.bars.iter().map(Into::into).collect(),
        quotas,
        usage: Usage { postpaid, cpus, disks },
    };
    let there = account.vouchers != fleet::Vouchers::default();
    let vouchers = there.then(|| (&account.vouchers).into());
    let second = AccountOfVersion2 { first, vouchers };
    to.write(ACCOUNT_VERSION, &Account { second, meter: account.meter.map(Into::into) })
}

pub(super) fn read_account(id: AccountId, stored: &Stored<'_>) -> Result<fleet::Account, DecodeError> {
    const NAME: &str = "account";
    let Account { second: AccountOfVersion2 { first: fields, vouchers }, meter } = match stored.version {
        1 => {
            let second = AccountOfVersion2 { first: stored.read(NAME)?, vouchers: None };
            Account { second, meter: None }
        }
        2 => Account { second: stored.read(NAME)?, meter: None },
        ACCOUNT_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, ACCOUNT_VERSION)),
    };
    let Quotas { postpaid, cpus, disks } = fields.quotas;
    let quotas = fleet::Quotas { postpaid, cpus, disks };
    let Usage { postpaid, cpus, disks } = fields.usage;
    Ok(fleet::Account {
        id,
        instances: fields.instances,
        instance_limit: fields.instance_limit,
        wallet: fields.wallet.into(),
        vouchers: vouchers.map(TryInto::try_into).transpose()?.unwrap_or_default(),
        bars: fields.bars.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        quotas,
        usage: fleet::Usage { postpaid, cpus, disks },
        meter: meter.map(Into::into),
    })
}

impl<'a> From<&'a fleet::Vouchers> for Vouchers<'a> {
    fn from(vouchers: &'a fleet::Vouchers) -> Self {
        let kept = vouchers.kept.iter().map(|voucher| Voucher {
            label: voucher.label.as_str(),
            expires_at: voucher.expires_at.millis(),
            granted: voucher.granted.0,
            left: voucher.left.0,
            held: voucher.held.0,
            spent: voucher.spent.0,
        });
        Self { kept: kept.collect(), spent: vouchers.spent.0, gone: vouchers.gone.0 }
    }
}

impl TryFrom<Vouchers<'_>> for fleet::Vouchers {
    type Error = DecodeError;

    fn try_from(Vouchers { kept, spent, gone }: Vouchers<'_>) -> Result<Self, DecodeError> {
        let kept = kept.into_iter().map(|voucher| {
            Ok(fleet::Voucher {
                label: label(voucher.label)?,
                expires_at: Time::from_millis(voucher.expires_at),
                granted: Money(voucher.granted),
                left: Money(voucher.left),
                held: Money(voucher.held),
                spent: Money(voucher.spent),
            })
        });
        Ok(Self { kept: kept.collect::<Result<_, DecodeError>>()?, spent: Money(spent), gone: Money(gone) })
    }
}

impl From<fleet::Meter> for Meter {
    fn from(meter: fleet::Meter) -> Self {
        let [high, low] = halves(meter.hourly);
        Self {
            first: meter.first.0.into(),
            hourly: (high, low),
            settled_at: meter.settled_at.millis(),
            remainder: meter.remainder,
            owed: meter.owed.0,
            standing: meter.standing.into(),
            sweep: meter.sweep.map(|fleet::Sweep { from, due }| (from.0.into(), due.millis())),
        }
    }
}

impl From<Meter> for fleet::Meter {
    fn from(meter: Meter) -> Self {
        let (high, low) = meter.hourly;
        Self {
            first: InstanceId(meter.first.into()),
            hourly: (u128::from(high) << 64) | u128::from(low),
            settled_at: Time::from_millis(meter.settled_at),
            remainder: meter.remainder,
            owed: Money(meter.owed),
            standing: meter.standing.into(),
            sweep: meter.sweep.map(|(from, due)| fleet::Sweep {
                from: InstanceId(from.into()),
                due: Time::from_millis(due),
            }),
        }
    }
}

/// The high and the low half of a number.
fn halves(number: u128) -> [u64; 2] {
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default();
    [half(number >> 64), half(number)]
}

impl From<fleet::Standing> for Standing {
    fn from(standing: fleet::Standing) -> Self {
        match standing {
            fleet::Standing::Sound => Self::Sound,
            fleet::Standing::Grace { since, until } => {
                Self::Grace { since: since.millis(), until: until.millis() }
            }
            fleet::Standing::Cut => Self::Cut,
        }
    }
}

impl From<Standing> for fleet::Standing {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Sound => Self::Sound,
            Standing::Grace { since, until } => {
                Self::Grace { since: Time::from_millis(since), until: Time::from_millis(until) }
            }
            Standing::Cut => Self::Cut,
        }
    }
}

impl<'a> From<&'a fleet::Bar> for Bar<'a> {
    fn from(bar: &'a fleet::Bar) -> Self {
        match bar {
            fleet::Bar::Arrears => Self::Arrears,
            fleet::Bar::Unverified => Self::Unverified,
            fleet::Bar::NoPayMethod => Self::NoPayMethod,
            fleet::Bar::PayAgreement => Self::PayAgreement,
            fleet::Bar::UnpaidOrder => Self::UnpaidOrder,
            fleet::Bar::Spot => Self::Spot,
            fleet::Bar::UserData => Self::UserData,
            fleet::Bar::Roles => Self::Roles,
            fleet::Bar::Resources => Self::Resources,
            fleet::Bar::KeyService => Self::KeyService,
            fleet::Bar::OwnKeys => Self::OwnKeys,
            fleet::Bar::KeyGrant => Self::KeyGrant,
            fleet::Bar::Region(of) => Self::Region { of: of.as_str() },
            fleet::Bar::Zone(of) => Self::Zone { of: of.as_str() },
            fleet::Bar::InstanceType(of) => Self::InstanceType { of: of.as_str() },
            fleet::Bar::Disk(kind) => Self::Disk { kind: (*kind).into() },
            fleet::Bar::ImageSubscription(of) => Self::ImageSubscription { of: of.as_str() },
            fleet::Bar::ImagePurchase(of) => Self::ImagePurchase { of: of.as_str() },
            fleet::Bar::Promise => Self::Promise,
            fleet::Bar::ImageShare(of) => Self::ImageShare { of: of.as_str() },
        }
    }
}

impl TryFrom<Bar<'_>> for fleet::Bar {
    type Error = DecodeError;

    fn try_from(bar: Bar<'_>) -> Result<Self, DecodeError> {
        Ok(match bar {
            Bar::Arrears => Self::Arrears,
            Bar::Unverified => Self::Unverified,
            Bar::NoPayMethod => Self::NoPayMethod,
            Bar::PayAgreement => Self::PayAgreement,
            Bar::UnpaidOrder => Self::UnpaidOrder,
            Bar::Spot => Self::Spot,
            Bar::UserData => Self::UserData,
            Bar::Roles => Self::Roles,
            Bar::Resources => Self::Resources,
            Bar::KeyService => Self::KeyService,
            Bar::OwnKeys => Self::OwnKeys,
            Bar::KeyGrant => Self::KeyGrant,
            Bar::Region { of } => Self::Region(label(of)?),
            Bar::Zone { of } => Self::Zone(label(of)?),
            Bar::InstanceType { of } => Self::InstanceType(label(of)?),
            Bar::Disk { kind } => Self::Disk(kind.into()),
            Bar::ImageSubscription { of } => Self::ImageSubscription(label(of)?),
            Bar::ImagePurchase { of } => Self::ImagePurchase(label(of)?),
            Bar::Promise => Self::Promise,
            Bar::ImageShare { of } => Self::ImageShare(label(of)?),
        })
    }
}

impl From<fleet::Wallet> for Wallet {
    fn from(wallet: fleet::Wallet) -> Self {
        match wallet {
            fleet::Wallet::Off => Self::Off,
            fleet::Wallet::On { balance: Money(balance), held: Money(held), spent: Money(spent) } => {
                Self::On { balance, held, spent }
            }
        }
    }
}

impl From<Wallet> for fleet::Wallet {
    fn from(wallet: Wallet) -> Self {
        match wallet {
            Wallet::Off => Self::Off,
            Wallet::On { balance, held, spent } => {
                Self::On { balance: Money(balance), held: Money(held), spent: Money(spent) }
            }
        }
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    stay(
        Bar::NUMBERS,
        [
            (1, Bar::Arrears),
            (2, Bar::Unverified),
            (3, Bar::NoPayMethod),
            (4, Bar::PayAgreement),
            (5, Bar::UnpaidOrder),
            (6, Bar::Spot),
            (7, Bar::UserData),
            (8, Bar::Roles),
            (9, Bar::Resources),
            (10, Bar::KeyService),
            (11, Bar::OwnKeys),
            (12, Bar::KeyGrant),
            (13, Bar::Region { of: "" }),
            (14, Bar::Zone { of: "" }),
            (15, Bar::InstanceType { of: "" }),
            (16, Bar::Disk { kind: DiskKind::Basic }),
            (17, Bar::ImageSubscription { of: "" }),
            (18, Bar::ImagePurchase { of: "" }),
            (19, Bar::ImageShare { of: "" }),
            (20, Bar::Promise),
        ],
    );
    let standings = [(1, Standing::Sound), (2, Standing::Grace { since: 0, until: 0 }), (3, Standing::Cut)];
    stay(Standing::NUMBERS, standings);
    stay(Wallet::NUMBERS, [(1, Wallet::Off), (2, Wallet::On { balance: 0, held: 0, spent: 0 })]);
}
