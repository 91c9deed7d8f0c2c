//! The addresses of a subnet, as pages of 256 bits with a summary, so that taking the next free
//! address, a given one, or many costs the same whether the subnet is empty or nearly full.
//!
//! ```text
//! subnet 10.0.0.0/16     summary: one bit a page, set when the page is full
//! page 0                 10.0.0.0 … 10.0.0.255      one bit an address, set when taken
//! page 255               10.0.255.0 … 10.0.255.255  the last three bits are reserved
//! ```

use alloc::vec::Vec;
use core::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::Label;

/// How many addresses a page covers.
const PAGE_SIZE: u32 = 256;

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

/// The block of a subnet: an IPv4 network with a mask of /16 to /29.
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
        self.size().saturating_sub(Self::RESERVED_FIRST).saturating_sub(Self::RESERVED_LAST)
    }

    /// How many pages its addresses fill.
    #[must_use]
    pub fn pages(self) -> u32 {
        self.size().div_ceil(PAGE_SIZE)
    }

    /// Whether `address` lies in the block.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        self.0.contains(&address)
    }

    /// Whether `address` is the first or one of the last three of the block.
    #[must_use]
    pub fn is_reserved(self, address: Ipv4Addr) -> bool {
        self.offset(address).is_some_and(|offset| self.is_reserved_offset(offset))
    }

    fn is_reserved_offset(self, offset: u32) -> bool {
        offset < Self::RESERVED_FIRST || offset >= self.size().saturating_sub(Self::RESERVED_LAST)
    }

    fn offset(self, address: Ipv4Addr) -> Option<u32> {
        if !self.contains(address) {
            return None;
        }
        address.to_bits().checked_sub(self.0.network().to_bits())
    }

    /// The page and the bit of `address`, or `None` when it is outside.
    #[must_use]
    pub fn place(self, address: Ipv4Addr) -> Option<(u8, u8)> {
        let offset = self.offset(address)?;
        let page = u8::try_from(offset / PAGE_SIZE).ok()?;
        let bit = u8::try_from(offset % PAGE_SIZE).ok()?;
        Some((page, bit))
    }

    /// The address at `bit` of `page`.
    #[must_use]
    pub fn address(self, page: u8, bit: u8) -> Ipv4Addr {
        let offset = u32::from(page).saturating_mul(PAGE_SIZE).saturating_add(u32::from(bit));
        Ipv4Addr::from_bits(self.0.network().to_bits().saturating_add(offset))
    }
}

/// One page of a subnet's addresses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressPage {
    /// The subnet it belongs to.
    pub subnet: Label,
    /// Which of its pages it is.
    pub number: u8,
    /// Set where an address is taken, reserved, or outside the block.
    pub taken: Bits,
}

impl AddressPage {
    /// A page of which nothing is taken but what is reserved.
    #[must_use]
    pub fn fresh(subnet: Label, block: SubnetBlock, number: u8) -> Self {
        Self { subnet, number, taken: Self::fixed(block, number) }
    }

    /// The bits of page `number` that are never given out.
    #[must_use]
    pub fn fixed(block: SubnetBlock, number: u8) -> Bits {
        let start = u32::from(number).saturating_mul(PAGE_SIZE);
        (0..=u8::MAX)
            .filter(|bit| block.is_reserved_offset(start.saturating_add(u32::from(*bit))))
            .fold(Bits::default(), Bits::with)
    }
}

/// Addresses that are about to be taken, and what that makes of their pages.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TakenAddresses {
    /// The addresses, lowest first.
    pub addresses: Vec<Ipv4Addr>,
    /// The pages as they are afterwards.
    pub pages: Vec<AddressPage>,
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
            let free: Vec<Ipv4Addr> = (0..block.pages())
                .flat_map(|page| {
                    let page = u8::try_from(page).unwrap();
                    let fixed = AddressPage::fixed(block, page);
                    (0..=u8::MAX)
                        .filter(move |bit| !fixed.is_set(*bit))
                        .map(move |bit| block.address(page, bit))
                })
                .collect();
            assert_eq!(free.first().unwrap().to_string(), first, "{net}");
            assert_eq!(free.last().unwrap().to_string(), last, "{net}");
            assert_eq!(free.len(), usable, "{net}");
            assert_eq!(block.usable(), u32::try_from(usable).unwrap(), "{net}");
            for address in free {
                assert!(!block.is_reserved(address));
                let (page, bit) = block.place(address).unwrap();
                assert_eq!(block.address(page, bit), address);
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
