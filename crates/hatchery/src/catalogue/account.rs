//! The account that the file is opened for: what it may have, and what it logs in with.

use fleet::{Bar, Label, Money, Quotas};
use toml::de::DeValue;

use super::places::disk;
use super::problem::CatalogueMistake;
use super::read::{Row, number, text};

/// What the account may have.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountRow {
    pub(super) instance_limit: Option<u32>,
    pub(super) balance: Option<Money>,
    pub(super) quotas: Quotas,
    pub(super) bars: Vec<Bar>,
}

/// The public half of a key pair.
#[derive(Clone, Debug)]
pub(super) struct KeyPairRow {
    pub(super) name: String,
    pub(super) fingerprint: String,
    pub(super) public_key: String,
}

/// Bars of the account as a whole.
const BARS: [(&str, Bar); 13] = [
    ("arrears", Bar::Arrears),
    ("unverified", Bar::Unverified),
    ("no_pay_method", Bar::NoPayMethod),
    ("pay_agreement", Bar::PayAgreement),
    ("unpaid_order", Bar::UnpaidOrder),
    ("spot", Bar::Spot),
    ("user_data", Bar::UserData),
    ("roles", Bar::Roles),
    ("resources", Bar::Resources),
    ("key_service", Bar::KeyService),
    ("own_keys", Bar::OwnKeys),
    ("key_grant", Bar::KeyGrant),
    ("promise", Bar::Promise),
];

/// What makes a bar of the text behind the colon.
type BarTo = fn(&str) -> Option<Bar>;

/// Bars to one thing, written as `zone:cn-hangzhou-g`.
const BARS_TO: [(&str, BarTo); 7] = [
    ("region:", |id| Label::parse(id).ok().map(Bar::Region)),
    ("zone:", |id| Label::parse(id).ok().map(Bar::Zone)),
    ("instance_type:", |id| Label::parse(id).ok().map(Bar::InstanceType)),
    ("disk:", |kind| disk(kind).map(Bar::Disk)),
    ("image_subscription:", |id| Label::parse(id).ok().map(Bar::ImageSubscription)),
    ("image_purchase:", |id| Label::parse(id).ok().map(Bar::ImagePurchase)),
    ("image_share:", |id| Label::parse(id).ok().map(Bar::ImageShare)),
];

pub(super) fn account(row: &mut Row<'_, '_>) -> AccountRow {
    let quotas = row.inner("quotas", "account.quotas", |row| Quotas {
        postpaid: row.may("postpaid", number),
        cpus: row.may("cpus", number),
        disks: row.may("disks", number),
    });
    AccountRow {
        instance_limit: row.may("instance_limit", number),
        balance: row.may("balance", number).map(Money),
        quotas: quotas.unwrap_or_default(),
        bars: row.list("bars", bar),
    }
}

fn bar(value: &DeValue<'_>) -> Result<Bar, CatalogueMistake> {
    let found = text(value)?;
    let plain = BARS.iter().find(|(word, _)| *word == found).map(|(_, bar)| bar.clone());
    let to = || BARS_TO.iter().find_map(|(word, bar)| bar(found.strip_prefix(word)?));
    plain.or_else(to).ok_or_else(|| {
        let known = BARS.iter().map(|(word, _)| *word).chain(BARS_TO.iter().map(|(word, _)| *word));
        CatalogueMistake::Choice { found: found.clone(), known: known.collect() }
    })
}

pub(super) fn key_pair(row: &mut Row<'_, '_>) -> Option<KeyPairRow> {
    let name = row.must("name", key_name);
    if let Some(name) = &name {
        row.distinct("name", name);
    }
    let (fingerprint, public_key) = (row.must("fingerprint", text), row.must("public_key", text));
    Some(KeyPairRow { name: name?, fingerprint: fingerprint?, public_key: public_key? })
}

fn key_name(value: &DeValue<'_>) -> Result<String, CatalogueMistake> {
    let name = text(value)?;
    match name.chars().count() {
        2..=128 => Ok(name),
        found => Err(CatalogueMistake::Length { found }),
    }
}
