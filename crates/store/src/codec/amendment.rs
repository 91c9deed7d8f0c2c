//! What was changed of instances, and what is nobody's business, on disk.
//!
//! The structs that hold secrets have no `Debug`.

use fleet::{EventId, Label, Secret};
use serde::{Deserialize, Serialize};

use super::bare_metal::Installed;
use super::error::{DecodeError, EncodeError};
use super::field::{Serial, Settings, Tag, label, read_settings, read_tags, write_settings, write_tags};
use super::payload::{Stored, Value};
use super::terms::{Credit, Renewal};

/// Version 1 had no renewal.
const AMENDMENT_VERSION: u8 = 2;
const SECRET_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct Amendment<'a> {
    #[serde(borrow)]
    first: AmendmentOfVersion1<'a>,
    renewal: Option<Renewal>,
}

#[derive(Deserialize, Serialize)]
struct AmendmentOfVersion1<'a> {
    name: Option<&'a str>,
    host_name: Option<&'a str>,
    description: Option<&'a str>,
    #[serde(borrow)]
    groups: Option<Vec<&'a str>>,
    #[serde(borrow)]
    tags: Option<Vec<Tag<'a>>>,
    credit: Option<Credit>,
    user_data: Option<&'a [u8]>,
    password: Option<&'a [u8]>,
    key_pair: Option<&'a str>,
    #[serde(borrow)]
    settings: Settings<'a>,
    lock: Option<LockReason>,
    events: Vec<Serial>,
    #[serde(borrow)]
    installed: Option<Installed<'a>>,
}

pinned_mirrors! {
    LockReason { 1 = Money, 2 = Security, 3 = HostMoney, 4 = Recycling, 5 = Refunded }
}

pub(super) fn write_amendment(amendment: &fleet::Amendment, to: Value<'_>) -> Result<(), EncodeError> {
    let groups = amendment.groups.as_ref();
    let first = AmendmentOfVersion1 {
        name: amendment.name.as_deref(),
        host_name: amendment.host_name.as_deref(),
        description: amendment.description.as_deref(),
        groups: groups.map(|groups| groups.iter().map(Label::as_str).collect()),
        tags: amendment.tags.as_deref().map(write_tags),
        credit: amendment.credit.map(Into::into),
        user_data: amendment.user_data.as_ref().map(Secret::reveal),
        password: amendment.password.as_ref().map(Secret::reveal),
        key_pair: amendment.key_pair.as_deref(),
        settings: write_settings(&amendment.settings),
        lock: amendment.lock.map(Into::into),
        events: amendment.events.iter().map(|event| event.0.into()).collect(),
        installed: amendment.installed.as_deref().map(Into::into),
    };
    let renewal = amendment.renewal.map(Into::into);
    to.write(AMENDMENT_VERSION, &Amendment { first, renewal })
}

pub(super) fn read_amendment(stored: &Stored<'_>) -> Result<fleet::Amendment, DecodeError> {
    const NAME: &str = "amendment";
    let Amendment { first: fields, renewal } = match stored.version {
        1 => Amendment { first: stored.read(NAME)?, renewal: None },
        AMENDMENT_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, AMENDMENT_VERSION)),
    };
    let groups = fields.groups.map(|groups| groups.into_iter().map(label).collect());
    Ok(fleet::Amendment {
        name: fields.name.map(Into::into),
        host_name: fields.host_name.map(Into::into),
        description: fields.description.map(Into::into),
        groups: groups.transpose()?,
        tags: fields.tags.map(read_tags),
        credit: fields.credit.map(Into::into),
        user_data: fields.user_data.map(Secret::new),
        password: fields.password.map(Secret::new),
        key_pair: fields.key_pair.map(Into::into),
        settings: read_settings(fields.settings),
        lock: fields.lock.map(Into::into),
        events: fields.events.into_iter().map(|serial| EventId(serial.into())).collect(),
        installed: fields.installed.map(TryInto::try_into).transpose()?.map(std::sync::Arc::new),
        renewal: renewal.map(Into::into),
    })
}

#[derive(Deserialize, Serialize)]
struct Bytes<'a> {
    secret: &'a [u8],
}

pub(super) fn write_secret(secret: &Secret, to: Value<'_>) -> Result<(), EncodeError> {
    to.write(SECRET_VERSION, &Bytes { secret: secret.reveal() })
}

/// Reads a secret that is a record of its own, of the kind called `name`.
pub(super) fn read_secret(name: &'static str, stored: &Stored<'_>) -> Result<Secret, DecodeError> {
    let Bytes { secret } = match stored.version {
        SECRET_VERSION => stored.read(name)?,
        _ => return Err(stored.unknown(name, SECRET_VERSION)),
    };
    Ok(Secret::new(secret))
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    super::tests::numbers::stay(
        LockReason::NUMBERS,
        [
            (1, LockReason::Money),
            (2, LockReason::Security),
            (3, LockReason::HostMoney),
            (4, LockReason::Recycling),
            (5, LockReason::Refunded),
        ],
    );
}
