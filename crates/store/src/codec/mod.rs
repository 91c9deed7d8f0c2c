//! Records as keys and values, and back.
//!
//! `fleet` promises no format, so every kind of record has a struct of its own here, converted by
//! hand, and every enum has numbers that are written down (see [`pinned`]). What a record's key
//! says is not said again in its value. `docs/storage-format.md` describes each byte.
//!
//! Reading trusts nothing: checksum first, then version, then each field by the rule of its type.

#[macro_use]
mod pinned;

mod account;
mod address;
mod amendment;
mod asset;
mod bare_metal;
mod catalogue;
mod disk;
mod error;
mod event;
mod field;
mod frame;
mod instance;
mod key_pair;
mod launch;
mod network;
mod payload;
mod resources;
mod spec;
mod template;
mod terms;
#[cfg(test)]
pub(crate) mod tests;
mod work_stats;

use fleet::{CatalogueItem, Ipv6Claim, Key, Record};

pub(crate) use error::ReadError;
pub use error::{DecodeError, EncodeError};

use crate::engine::Writes;
use crate::keys;
use payload::{Stored, Value};

/// Adds what `record` is stored as under `key`, and says how many parts there are behind its head.
pub(crate) fn encode(key: &Key, record: &Record, writes: &mut Writes) -> Result<u8, EncodeError> {
    frame::add(key, |value| write(record, value), writes)
}

/// Writes the value of a record.
fn write(record: &Record, to: Value<'_>) -> Result<(), EncodeError> {
    match record {
        Record::Sequence(sequence) => account::write_sequence(*sequence, to),
        Record::Account(account) => account::write_account(account, to),
        Record::Catalogue(CatalogueItem::Region(region)) => catalogue::write_region(region, to),
        Record::Catalogue(CatalogueItem::Zone(zone)) => catalogue::write_zone(zone, to),
        Record::Catalogue(CatalogueItem::InstanceType(it)) => catalogue::write_instance_type(it, to),
        Record::Catalogue(CatalogueItem::Image(image)) => catalogue::write_image(image, to),
        Record::Catalogue(CatalogueItem::Asset(asset)) => asset::write_asset(asset, to),
        Record::Host(host) => asset::write_host(host, to),
        Record::Stock(stock) => catalogue::write_stock(stock, to),
        Record::Network(network) => network::write_network(network, to),
        Record::Subnet(subnet) => network::write_subnet(subnet, to),
        Record::PublicPool(pool) => address::write_public_pool(pool, to),
        Record::AddressPage(page) => address::write_address_page(page, to),
        Record::Cooling(cooling) => address::write_cooling(cooling, to),
        Record::Group(group) => network::write_group(group, to),
        Record::Rule(rule) => resources::write_rule(rule, to),
        Record::Holdings(holdings) => resources::write_holdings(holdings, to),
        Record::Receipt(receipt) => resources::write_receipt(receipt, to),
        Record::KeyPair(pair) => key_pair::write_key_pair(pair, to),
        Record::Token(token) => launch::write_token(token, to),
        Record::Spec(_, spec) => spec::write_spec(spec, to),
        Record::Batch(batch) => launch::write_batch(batch, to),
        Record::Instance(instance) => instance::write_instance(instance, to),
        Record::Amendment(_, amendment) => amendment::write_amendment(amendment, to),
        Record::Disk(disk) => disk::write_kept_disk(disk, to),
        Record::Password(_, secret) | Record::UserData(_, secret) => amendment::write_secret(secret, to),
        Record::Event(event) => event::write_event(event, to),
        Record::WorkStats(stats) => work_stats::write_work_stats(*stats, to),
        Record::Template(template) => template::write_template(template, to),
        Record::TemplateVersion(version) => template::write_version(version, to),
        Record::TemplateName(_, template) => template::write_name(template, to),
        Record::Ipv6Claim(_) | Record::Timer(..) | Record::Work(..) => {
            to.write(payload::KEY_ONLY_VERSION, &())
        }
    }
}

/// How many further parts a head says there are. Reads one byte and does not judge the rest.
pub(crate) fn parts(head: &[u8]) -> Result<u8, DecodeError> {
    frame::parts(head)
}

/// Reads a record back: `head` is the value under `key`, and `part` fetches the value of a further part.
pub(crate) fn decode<E>(
    key: &[u8],
    head: &[u8],
    part: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, E>,
) -> Result<Record, ReadError<E>> {
    let name = keys::decode(key).map_err(DecodeError::Key)?;
    let stored = frame::join(key, head, part)?;
    Ok(read(name, &stored)?)
}

fn read(key: Key, stored: &Stored<'_>) -> Result<Record, DecodeError> {
    Ok(match key {
        Key::Sequence => Record::Sequence(account::read_sequence(stored)?),
        Key::Account(id) => Record::Account(account::read_account(id, stored)?),
        Key::Region(label) => {
            Record::Catalogue(CatalogueItem::Region(catalogue::read_region(label, stored)?))
        }
        Key::Zone(label) => Record::Catalogue(CatalogueItem::Zone(catalogue::read_zone(label, stored)?)),
        Key::InstanceType(label) => {
            Record::Catalogue(CatalogueItem::InstanceType(catalogue::read_instance_type(label, stored)?))
        }
        Key::Image(label) => Record::Catalogue(CatalogueItem::Image(catalogue::read_image(label, stored)?)),
        Key::Asset(of, label) => {
            Record::Catalogue(CatalogueItem::Asset(asset::read_asset(of, label, stored)?))
        }
        Key::Host(label) => Record::Host(asset::read_host(label, stored)?),
        Key::Stock(key) => Record::Stock(catalogue::read_stock(key, stored)?),
        Key::Network(label) => Record::Network(network::read_network(label, stored)?),
        Key::Subnet(label) => Record::Subnet(network::read_subnet(label, stored)?),
        Key::PublicPool(region) => Record::PublicPool(address::read_public_pool(region, stored)?),
        Key::AddressPage(pool, number) => {
            Record::AddressPage(address::read_address_page(pool, number, stored)?)
        }
        Key::Ipv6Claim(subnet, address) => {
            stored.read_key_only("IPv6 address")?;
            Record::Ipv6Claim(Ipv6Claim { subnet, address })
        }
        Key::Cooling(instance) => Record::Cooling(address::read_cooling(instance, stored)?),
        Key::Group(label) => Record::Group(network::read_group(label, stored)?),
        Key::Rule(group, id) => Record::Rule(resources::read_rule(group, id, stored)?),
        Key::Holdings(account, region) => {
            Record::Holdings(resources::read_holdings(account, region, stored)?)
        }
        Key::Receipt(id) => Record::Receipt(resources::read_receipt(id, stored)?),
        Key::KeyPair(account, name) => Record::KeyPair(key_pair::read_key_pair(account, name, stored)?),
        Key::Token(key) => Record::Token(launch::read_token(key, stored)?),
        Key::Spec(batch) => Record::Spec(batch, spec::read_spec(stored)?.into()),
        Key::Batch(id) => Record::Batch(launch::read_batch(id, stored)?),
        Key::Instance(id) => Record::Instance(instance::read_instance(id, stored)?),
        Key::Amendment(id) => Record::Amendment(id, amendment::read_amendment(stored)?),
        Key::Disk(instance, index) => Record::Disk(disk::read_kept_disk(instance, index, stored)?),
        Key::Password(batch) => Record::Password(batch, amendment::read_secret("password", stored)?),
        Key::UserData(batch) => Record::UserData(batch, amendment::read_secret("user data", stored)?),
        Key::Event(id) => Record::Event(event::read_event(id, stored)?),
        Key::Timer(at, kind) => {
            stored.read_key_only("timer")?;
            Record::Timer(at, kind)
        }
        Key::Work(at, id) => {
            stored.read_key_only("work item")?;
            Record::Work(at, id)
        }
        Key::WorkStats => Record::WorkStats(work_stats::read_work_stats(stored)?),
        Key::Template(label) => Record::Template(template::read_template(label, stored)?),
        Key::TemplateVersion(label, number) => {
            Record::TemplateVersion(template::read_version(label, number, stored)?)
        }
        Key::TemplateName(key) => {
            let (key, label) = template::read_name(key, stored)?;
            Record::TemplateName(key, label)
        }
    })
}
