//! Pools of addresses on disk: their summaries and pages, and addresses that cool down.

use fleet::{InstanceId, Label, PoolId, Time};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{Block, Ipv6Block, bits_from_bytes, bits_to_bytes, label, subnet_block};
use super::payload::{Stored, Value};

const PUBLIC_POOL_VERSION: u8 = 1;
const ADDRESS_PAGE_VERSION: u8 = 1;
const COOLING_VERSION: u8 = 1;

/// The summary of a pool, in the record that has the pool in it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Pool {
    free: u32,
    full_pages: [u8; 32],
}

impl From<fleet::Pool> for Pool {
    fn from(fleet::Pool { free, full_pages }: fleet::Pool) -> Self {
        Self { free, full_pages: bits_to_bytes(full_pages) }
    }
}

impl From<Pool> for fleet::Pool {
    fn from(Pool { free, full_pages }: Pool) -> Self {
        Self { free, full_pages: bits_from_bytes(full_pages) }
    }
}

/// The IPv6 addresses of a subnet.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct SubnetIpv6 {
    block: Ipv6Block,
    pool: Pool,
}

impl From<fleet::SubnetIpv6> for SubnetIpv6 {
    fn from(ipv6: fleet::SubnetIpv6) -> Self {
        Self { block: ipv6.block().into(), pool: ipv6.pool.into() }
    }
}

impl TryFrom<SubnetIpv6> for fleet::SubnetIpv6 {
    type Error = DecodeError;

    fn try_from(SubnetIpv6 { block, pool }: SubnetIpv6) -> Result<Self, DecodeError> {
        let net = ipnet::Ipv6Net::try_from(block)?;
        let none = DecodeError::Ipv6Block { address: net.addr(), mask: net.prefix_len() };
        Ok(Self::new(net).ok_or(none)?.with_pool(pool.into()))
    }
}

#[derive(Deserialize, Serialize)]
struct PublicPool {
    block: Block,
    pool: Pool,
}

pub(super) fn write_public_pool(pool: &fleet::PublicPool, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = PublicPool { block: pool.block.net().into(), pool: pool.pool.into() };
    to.write(PUBLIC_POOL_VERSION, &fields)
}

pub(super) fn read_public_pool(region: Label, stored: &Stored<'_>) -> Result<fleet::PublicPool, DecodeError> {
    const NAME: &str = "public addresses";
    let PublicPool { block, pool } = match stored.version {
        PUBLIC_POOL_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, PUBLIC_POOL_VERSION)),
    };
    Ok(fleet::PublicPool { region, block: subnet_block(block)?, pool: pool.into() })
}

#[derive(Deserialize, Serialize)]
struct AddressPage {
    taken: [u8; 32],
}

pub(super) fn write_address_page(page: &fleet::AddressPage, to: Value<'_>) -> Result<(), EncodeError> {
    to.write(ADDRESS_PAGE_VERSION, &AddressPage { taken: bits_to_bytes(page.taken) })
}

pub(super) fn read_address_page(
    pool: PoolId,
    number: u8,
    stored: &Stored<'_>,
) -> Result<fleet::AddressPage, DecodeError> {
    const NAME: &str = "page of addresses";
    let AddressPage { taken } = match stored.version {
        ADDRESS_PAGE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, ADDRESS_PAGE_VERSION)),
    };
    Ok(fleet::AddressPage { pool, number, taken: bits_from_bytes(taken) })
}

#[derive(Deserialize, Serialize)]
struct Cooling<'a> {
    until: u64,
    #[serde(borrow)]
    addresses: Vec<HeldAddress<'a>>,
}

pinned! {
    enum HeldAddress<'a> {
        1 = Subnet { label: &'a str, address: [u8; 4] },
        2 = SubnetIpv6 { label: &'a str, address: [u8; 16] },
        3 = Public { region: &'a str, address: [u8; 4] },
    }
}

pub(super) fn write_cooling(cooling: &fleet::Cooling, to: Value<'_>) -> Result<(), EncodeError> {
    let addresses = cooling.addresses.iter().map(Into::into).collect();
    to.write(COOLING_VERSION, &Cooling { until: cooling.until.millis(), addresses })
}

pub(super) fn read_cooling(instance: InstanceId, stored: &Stored<'_>) -> Result<fleet::Cooling, DecodeError> {
    const NAME: &str = "addresses that cool down";
    let Cooling { until, addresses } = match stored.version {
        COOLING_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, COOLING_VERSION)),
    };
    let addresses = addresses.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(fleet::Cooling { instance, until: Time::from_millis(until), addresses })
}

impl<'a> From<&'a fleet::HeldAddress> for HeldAddress<'a> {
    fn from(held: &'a fleet::HeldAddress) -> Self {
        match held {
            fleet::HeldAddress::Subnet(label, address) => {
                Self::Subnet { label: label.as_str(), address: address.octets() }
            }
            fleet::HeldAddress::SubnetIpv6(label, address) => {
                Self::SubnetIpv6 { label: label.as_str(), address: address.octets() }
            }
            fleet::HeldAddress::Public(region, address) => {
                Self::Public { region: region.as_str(), address: address.octets() }
            }
        }
    }
}

impl TryFrom<HeldAddress<'_>> for fleet::HeldAddress {
    type Error = DecodeError;

    fn try_from(held: HeldAddress<'_>) -> Result<Self, DecodeError> {
        Ok(match held {
            HeldAddress::Subnet { label: subnet, address } => Self::Subnet(label(subnet)?, address.into()),
            HeldAddress::SubnetIpv6 { label: subnet, address } => {
                Self::SubnetIpv6(label(subnet)?, address.into())
            }
            HeldAddress::Public { region, address } => Self::Public(label(region)?, address.into()),
        })
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    stay(
        HeldAddress::NUMBERS,
        [
            (1, HeldAddress::Subnet { label: "s", address: [0; 4] }),
            (2, HeldAddress::SubnetIpv6 { label: "s", address: [0; 16] }),
            (3, HeldAddress::Public { region: "r", address: [0; 4] }),
        ],
    );
}
