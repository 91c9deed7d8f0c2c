//! Key pairs on disk.

use std::sync::Arc;

use fleet::{AccountId, Label, Time};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{Tag, label, read_tags, write_tags};
use super::payload::{Stored, Value};

const KEY_PAIR_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct KeyPair<'a> {
    fingerprint: &'a str,
    public_key: &'a str,
    created_at: u64,
    resource_group: Option<&'a str>,
    #[serde(borrow)]
    tags: Vec<Tag<'a>>,
}

pub(super) fn write_key_pair(pair: &fleet::KeyPair, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = KeyPair {
        fingerprint: &pair.fingerprint,
        public_key: &pair.public_key,
        created_at: pair.created_at.millis(),
        resource_group: pair.resource_group.as_ref().map(Label::as_str),
        tags: write_tags(&pair.tags),
    };
    to.write(KEY_PAIR_VERSION, &fields)
}

pub(super) fn read_key_pair(
    account: AccountId,
    name: Arc<str>,
    stored: &Stored<'_>,
) -> Result<fleet::KeyPair, DecodeError> {
    const NAME: &str = "key pair";
    let fields: KeyPair<'_> = match stored.version {
        KEY_PAIR_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, KEY_PAIR_VERSION)),
    };
    Ok(fleet::KeyPair {
        account,
        name,
        fingerprint: fields.fingerprint.into(),
        public_key: fields.public_key.into(),
        created_at: Time::from_millis(fields.created_at),
        resource_group: fields.resource_group.map(label).transpose()?,
        tags: read_tags(fields.tags),
    })
}
