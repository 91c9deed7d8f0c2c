//! The IPv6 addresses of a subnet.
//!
//! A block of 2^64 addresses has room for everybody and no room in a bitmap. So addresses that are
//! drawn come from the lowest 65536, which are a pool like any other: lowest first, in constant time,
//! used again once they are given back. The first of them belongs to the routers of the subnet
//! (RFC 4291, section 2.6.1) and is never given out. An address that was chosen by hand and lies
//! beyond them has a record of its own while it is held, an [`Ipv6Claim`]: in use is what has one.

use core::net::Ipv6Addr;

use ipnet::Ipv6Net;

use crate::{Extent, Key, Label, Pool};

/// The IPv6 block of a subnet, a /64, and what is left of the addresses that are drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SubnetIpv6 {
    block: Ipv6Net,
    /// The addresses that are drawn.
    pub pool: Pool,
}

impl SubnetIpv6 {
    /// The addresses that are drawn, by number.
    pub const EXTENT: Extent = Extent { size: 65536, first: 1, last: 0 };
    /// How long the mask of a subnet's block is.
    pub const MASK: u8 = 64;
    /// The most addresses that an interface is launched with, whatever its type allows (rule V-05).
    pub const PER_INTERFACE_MAX: u8 = 10;

    /// A block of which nothing is taken, or `None` when its mask is not /64 or bits stand behind it.
    #[must_use]
    pub fn new(block: Ipv6Net) -> Option<Self> {
        let fits = block.prefix_len() == Self::MASK && block.addr() == block.network();
        fits.then(|| Self { block, pool: Pool::fresh(Self::EXTENT) })
    }

    /// The same block, of which this is left.
    #[must_use]
    pub const fn with_pool(self, pool: Pool) -> Self {
        Self { block: self.block, pool }
    }

    /// The block.
    #[must_use]
    pub const fn block(&self) -> Ipv6Net {
        self.block
    }

    /// Whether `address` lies in the block and can be given out.
    #[must_use]
    pub fn contains(&self, address: Ipv6Addr) -> bool {
        self.block.contains(&address) && address != self.block.network()
    }

    /// Which of the addresses that are drawn `address` is; `None` when it is not one of them.
    #[must_use]
    pub fn offset(&self, address: Ipv6Addr) -> Option<u16> {
        u16::try_from(address.to_bits().checked_sub(self.block.network().to_bits())?).ok()
    }

    /// The address that is `offset` behind the first.
    #[must_use]
    pub fn address(&self, offset: u16) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.block.network().to_bits().saturating_add(u128::from(offset)))
    }
}

/// An IPv6 address that is held, or cooling down, and is not among those that are drawn.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ipv6Claim {
    /// The subnet it is of.
    pub subnet: Label,
    /// The address.
    pub address: Ipv6Addr,
}

impl Ipv6Claim {
    /// The key it stands under, which is all there is to it.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::Ipv6Claim(self.subnet.clone(), self.address)
    }
}
