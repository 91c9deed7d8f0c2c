//! The bits of a page of addresses, and the blocks that IPv4 pools are made of. What is taken from
//! them, and how, is in `pool.rs`.

use core::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::Extent;

/// 256 bits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Bits(pub [u64; 4]);

impl Bits {
    /// Whether the bit is set.
    #[must_use]
    pub fn is_set(&self, at: u8) -> bool {
        self.0.get(usize::from(at >> 6)).is_some_and(|word| word & Self::mask(at) != 0)
    }

    /// The same bits with one set.
    #[must_use]
    pub fn with(mut self, at: u8) -> Self {
        if let Some(word) = self.0.get_mut(usize::from(at >> 6)) {
            *word |= Self::mask(at);
        }
        self
    }

    /// The same bits with one cleared.
    #[must_use]
    pub fn without(mut self, at: u8) -> Self {
        if let Some(word) = self.0.get_mut(usize::from(at >> 6)) {
            *word &= !Self::mask(at);
        }
        self
    }

    /// The same bits without those of `other`.
    #[must_use]
    pub fn without_all(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= !other);
        self
    }

    /// The same bits and those of `other`.
    #[must_use]
    pub fn with_all(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
        self
    }

    /// The lowest bit that is not set, or `None` when all are.
    #[must_use]
    pub fn first_clear(&self) -> Option<u8> {
        let (index, word) = self.0.iter().enumerate().find(|(_, word)| **word != u64::MAX)?;
        let at = u32::try_from(index).ok()?.checked_mul(64)?.checked_add(word.trailing_ones())?;
        u8::try_from(at).ok()
    }

    /// How many bits are set.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.iter().fold(0, |count, word| word.count_ones().saturating_add(count))
    }

    /// Whether every bit is set.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.iter().all(|word| *word == u64::MAX)
    }

    const fn mask(at: u8) -> u64 {
        1_u64.rotate_left(at as u32 & 63)
    }
}

/// The block of a pool of IPv4 addresses, such as a subnet's: an IPv4 network with a mask of /16 to /29.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SubnetBlock(Ipv4Net);

impl SubnetBlock {
    /// How many addresses at the start of a block are never given out.
    pub const RESERVED_FIRST: u32 = 1;
    /// How many addresses at the end of a block are never given out.
    pub const RESERVED_LAST: u32 = 3;

    /// The block that `net` names, or `None` when its mask is not /16 to /29 or bits stand behind the mask.
    #[must_use]
    pub fn new(net: Ipv4Net) -> Option<Self> {
        ((16..=29).contains(&net.prefix_len()) && net.addr() == net.network()).then_some(Self(net))
    }

    /// The block as a network.
    #[must_use]
    pub const fn net(self) -> Ipv4Net {
        self.0
    }

    /// How many addresses it has, the reserved ones among them.
    #[must_use]
    pub fn size(self) -> u32 {
        1_u32.checked_shl(u32::from(32_u8.saturating_sub(self.0.prefix_len()))).unwrap_or(u32::MAX)
    }

    /// How many addresses can be given out.
    #[must_use]
    pub fn usable(self) -> u32 {
        self.extent().usable()
    }

    /// Whether it is `smaller` with more addresses behind the last.
    #[must_use]
    pub fn grows(self, smaller: Self) -> bool {
        self.0.network() == smaller.0.network() && self.size() > smaller.size()
    }

    /// Its addresses by number.
    #[must_use]
    pub fn extent(self) -> Extent {
        Extent { size: self.size(), first: Self::RESERVED_FIRST, last: Self::RESERVED_LAST }
    }

    /// Whether `address` lies in the block.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        self.0.contains(&address)
    }

    /// Whether `address` is the first or one of the last three of the block.
    #[must_use]
    pub fn is_reserved(self, address: Ipv4Addr) -> bool {
        self.offset(address).is_some_and(|offset| self.extent().is_reserved(offset))
    }

    /// Which address of the block `address` is, from 0; `None` when it is outside.
    #[must_use]
    pub fn offset(self, address: Ipv4Addr) -> Option<u16> {
        if !self.contains(address) {
            return None;
        }
        u16::try_from(address.to_bits().checked_sub(self.0.network().to_bits())?).ok()
    }

    /// The address that is `offset` behind the first.
    #[must_use]
    pub fn address(self, offset: u16) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.0.network().to_bits().saturating_add(u32::from(offset)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn block(text: &str) -> SubnetBlock {
        SubnetBlock::new(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn bits_are_found_set_and_cleared_at_both_ends_of_every_word() {
        let mut bits = Bits::default();
        for at in 0..=u8::MAX {
            assert_eq!(bits.first_clear(), Some(at));
            bits = bits.with(at);
            assert!(bits.is_set(at));
        }
        assert!(bits.is_full());
        assert_eq!(bits.first_clear(), None);
        for at in [0, 63, 64, 127, 128, 191, 192, 255] {
            assert_eq!(bits.without(at).first_clear(), Some(at));
            assert_eq!(bits.without(at).count(), 255);
        }
    }

    #[test]
    fn the_first_and_the_last_three_addresses_are_reserved() {
        for (net, first, last, usable) in [
            ("192.168.1.0/24", "192.168.1.1", "192.168.1.252", 252),
            ("10.0.0.0/16", "10.0.0.1", "10.0.255.252", 65532),
            ("10.0.0.8/29", "10.0.0.9", "10.0.0.12", 4),
            ("10.0.0.128/25", "10.0.0.129", "10.0.0.252", 124),
        ] {
            let block = block(net);
            let extent = block.extent();
            let free: Vec<Ipv4Addr> = extent
                .pages()
                .flat_map(|page| (0..=u8::MAX).map(move |bit| (page, bit)))
                .filter(|(page, bit)| !extent.fixed(*page).is_set(*bit))
                .map(|(page, bit)| block.address(u16::from_be_bytes([page, bit])))
                .collect();
            assert_eq!(free.first().unwrap().to_string(), first, "{net}");
            assert_eq!(free.last().unwrap().to_string(), last, "{net}");
            assert_eq!(free.len(), usable, "{net}");
            assert_eq!(block.usable(), u32::try_from(usable).unwrap(), "{net}");
            for address in free {
                assert!(!block.is_reserved(address));
                assert_eq!(block.address(block.offset(address).unwrap()), address);
            }
        }
    }

    #[test]
    fn a_subnet_is_no_larger_than_16_and_no_smaller_than_29() {
        for text in ["10.0.0.0/15", "10.0.0.0/30", "10.0.0.1/24"] {
            assert_eq!(SubnetBlock::new(text.parse().unwrap()), None, "{text}");
        }
    }

    use std::string::ToString;
}
