//! The sequence and the accounts on disk.

use fleet::{AccountId, Money};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::Serial;
use super::payload::{Payload, Stored};

const SEQUENCE_VERSION: u8 = 1;
const ACCOUNT_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct Sequence {
    next: Serial,
}

pub(super) fn write_sequence(sequence: fleet::Sequence) -> Result<Payload, EncodeError> {
    Payload::write(SEQUENCE_VERSION, &Sequence { next: sequence.next.into() })
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
struct Account {
    instances: u32,
    instance_limit: u32,
    wallet: Wallet,
}

pinned! {
    enum Wallet {
        1 = Off,
        2 = On { balance: u64, held: u64, spent: u64 },
    }
}

pub(super) fn write_account(account: &fleet::Account) -> Result<Payload, EncodeError> {
    let wallet = account.wallet.into();
    let (instances, instance_limit) = (account.instances, account.instance_limit);
    Payload::write(ACCOUNT_VERSION, &Account { instances, instance_limit, wallet })
}

pub(super) fn read_account(id: AccountId, stored: &Stored<'_>) -> Result<fleet::Account, DecodeError> {
    const NAME: &str = "account";
    let Account { instances, instance_limit, wallet } = match stored.version {
        ACCOUNT_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, ACCOUNT_VERSION)),
    };
    Ok(fleet::Account { id, instances, instance_limit, wallet: wallet.into() })
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
    stay(Wallet::NUMBERS, [(1, Wallet::Off), (2, Wallet::On { balance: 0, held: 0, spent: 0 })]);
}
