//! Tokens and batches on disk.

use fleet::{AccountId, BatchId, Fingerprint, InstanceId, ReceiptId, Time, TokenText};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{FailureReason, Serial, label};
use super::payload::{Stored, Value};

const TOKEN_VERSION: u8 = 1;
/// Version 1 had neither request nor refusal.
const BATCH_VERSION: u8 = 2;

#[derive(Deserialize, Serialize)]
struct Token {
    fingerprint: [u8; 32],
    outcome: TokenOutcome,
    expires_at: u64,
}

pub(super) fn write_token(token: &fleet::Token, to: Value<'_>) -> Result<(), EncodeError> {
    let fleet::Token { key: _, fingerprint: Fingerprint(fingerprint), outcome, expires_at } = token;
    let (fingerprint, outcome) = (*fingerprint, (*outcome).into());
    to.write(TOKEN_VERSION, &Token { fingerprint, outcome, expires_at: expires_at.millis() })
}

pub(super) fn read_token(key: fleet::TokenKey, stored: &Stored<'_>) -> Result<fleet::Token, DecodeError> {
    const NAME: &str = "token";
    let fields: Token = match stored.version {
        TOKEN_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, TOKEN_VERSION)),
    };
    Ok(fleet::Token {
        key,
        fingerprint: Fingerprint(fields.fingerprint),
        outcome: fields.outcome.into(),
        expires_at: Time::from_millis(fields.expires_at),
    })
}

#[derive(Deserialize, Serialize)]
struct Batch<'a> {
    #[serde(borrow)]
    first: BatchOfVersion1<'a>,
    #[serde(borrow)]
    request: Option<TokenKey<'a>>,
    refused: Option<Limit>,
}

pinned_mirrors! {
    Limit {
        1 = Quota,
        2 = PostpaidQuota,
        3 = CpuQuota,
        4 = DiskQuota,
        5 = Money,
        6 = GroupPlaces,
        7 = Addresses,
        8 = Ipv6Addresses,
        9 = PublicAddresses,
        10 = Stock,
    }
}

#[derive(Deserialize, Serialize)]
struct BatchOfVersion1<'a> {
    account: u64,
    first: Serial,
    outcomes: Vec<Outcome>,
    living: u8,
    launched_at: u64,
    #[serde(borrow)]
    token: Option<TokenKey<'a>>,
    may_go: bool,
}

pinned! {
    enum Outcome {
        1 = Pending,
        2 = Made,
        3 = Failed { reason: FailureReason },
        4 = Released,
    }
}

pinned! {
    enum TokenOutcome {
        1 = Batch { id: Serial },
        2 = Receipt { id: Serial },
    }
}

impl From<fleet::TokenOutcome> for TokenOutcome {
    fn from(outcome: fleet::TokenOutcome) -> Self {
        match outcome {
            fleet::TokenOutcome::Batch(id) => Self::Batch { id: id.0.into() },
            fleet::TokenOutcome::Receipt(id) => Self::Receipt { id: id.0.into() },
        }
    }
}

impl From<TokenOutcome> for fleet::TokenOutcome {
    fn from(outcome: TokenOutcome) -> Self {
        match outcome {
            TokenOutcome::Batch { id } => Self::Batch(BatchId(id.into())),
            TokenOutcome::Receipt { id } => Self::Receipt(ReceiptId(id.into())),
        }
    }
}

pinned_mirrors! {
    TokenAction {
        1 = Launch,
        2 = Create,
        3 = Release,
        4 = CreateNetwork,
        5 = CreateSubnet,
        6 = CreateGroup,
        7 = Request,
    }
}

#[derive(Deserialize, Serialize)]
pub(super) struct TokenKey<'a> {
    account: u64,
    action: TokenAction,
    region: &'a str,
    text: &'a str,
}

pub(super) fn write_batch(batch: &fleet::Batch, to: Value<'_>) -> Result<(), EncodeError> {
    let first = BatchOfVersion1 {
        account: batch.account.0,
        first: batch.first.0.into(),
        outcomes: batch.outcomes.iter().map(|outcome| (*outcome).into()).collect(),
        living: batch.living,
        launched_at: batch.launched_at.millis(),
        token: batch.token.as_ref().map(TokenKey::from),
        may_go: batch.may_go,
    };
    let request = batch.request.as_ref().map(TokenKey::from);
    to.write(BATCH_VERSION, &Batch { first, request, refused: batch.refused.map(Into::into) })
}

pub(super) fn read_batch(id: BatchId, stored: &Stored<'_>) -> Result<fleet::Batch, DecodeError> {
    const NAME: &str = "batch";
    let Batch { first: fields, request, refused } = match stored.version {
        1 => Batch { first: stored.read(NAME)?, request: None, refused: None },
        BATCH_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, BATCH_VERSION)),
    };
    Ok(fleet::Batch {
        id,
        account: AccountId(fields.account),
        first: InstanceId(fields.first.into()),
        outcomes: fields.outcomes.into_iter().map(Into::into).collect(),
        living: fields.living,
        launched_at: Time::from_millis(fields.launched_at),
        token: fields.token.map(TryInto::try_into).transpose()?,
        may_go: fields.may_go,
        request: request.map(TryInto::try_into).transpose()?,
        refused: refused.map(Into::into),
    })
}

impl From<fleet::Outcome> for Outcome {
    fn from(outcome: fleet::Outcome) -> Self {
        match outcome {
            fleet::Outcome::Pending => Self::Pending,
            fleet::Outcome::Made => Self::Made,
            fleet::Outcome::Failed(reason) => Self::Failed { reason: reason.into() },
            fleet::Outcome::Released => Self::Released,
        }
    }
}

impl From<Outcome> for fleet::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pending => Self::Pending,
            Outcome::Made => Self::Made,
            Outcome::Failed { reason } => Self::Failed(reason.into()),
            Outcome::Released => Self::Released,
        }
    }
}

impl<'a> From<&'a fleet::TokenKey> for TokenKey<'a> {
    fn from(key: &'a fleet::TokenKey) -> Self {
        let (region, text) = (key.region.as_str(), key.text.as_str());
        Self { account: key.account.0, action: key.action.into(), region, text }
    }
}

impl TryFrom<TokenKey<'_>> for fleet::TokenKey {
    type Error = DecodeError;

    fn try_from(key: TokenKey<'_>) -> Result<Self, DecodeError> {
        let text = TokenText::parse(key.text);
        Ok(Self {
            account: AccountId(key.account),
            action: key.action.into(),
            region: label(key.region)?,
            text: text.ok_or_else(|| DecodeError::Token { found: key.text.into() })?,
        })
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    use FailureReason::{Deadline, Exhausted, Machine, NoAddress, NoStock};
    stay(
        Outcome::NUMBERS,
        [
            (1, Outcome::Pending),
            (2, Outcome::Made),
            (3, Outcome::Failed { reason: NoStock }),
            (4, Outcome::Released),
        ],
    );
    use TokenAction as A;
    stay(
        A::NUMBERS,
        [
            (1, A::Launch),
            (2, A::Create),
            (3, A::Release),
            (4, A::CreateNetwork),
            (5, A::CreateSubnet),
            (6, A::CreateGroup),
            (7, A::Request),
        ],
    );
    use Limit as L;
    stay(
        L::NUMBERS,
        [
            (1, L::Quota),
            (2, L::PostpaidQuota),
            (3, L::CpuQuota),
            (4, L::DiskQuota),
            (5, L::Money),
            (6, L::GroupPlaces),
            (7, L::Addresses),
            (8, L::Ipv6Addresses),
            (9, L::PublicAddresses),
            (10, L::Stock),
        ],
    );
    let serial = || fleet::Serial::LOWEST.into();
    stay(
        TokenOutcome::NUMBERS,
        [(1, TokenOutcome::Batch { id: serial() }), (2, TokenOutcome::Receipt { id: serial() })],
    );
    stay(FailureReason::NUMBERS, [(1, NoStock), (2, NoAddress), (3, Machine), (4, Deadline), (5, Exhausted)]);
}
