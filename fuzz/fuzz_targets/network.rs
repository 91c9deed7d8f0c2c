//! Addresses and blocks as they are read, and the bits of a page, against what `ipnet` and sets of numbers
//! say of them: which addresses are in a block, what number each has, which are reserved.
#![no_main]

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use arbitrary::Arbitrary;
use fleet::{Bits, Extent, SubnetBlock, SubnetIpv6};
use ipnet::{Ipv4Net, Ipv6Net};
use libfuzzer_sys::fuzz_target;

/// No more steps of an input are carried out.
const STEPS_MAX: usize = 20;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// A text that may be an address or a block.
    Text(&'a str),
    /// A block of IPv4 addresses, an address, and the mask of another block around it.
    Block { address: u32, mask: u8, other: u32, wider: u8 },
    /// A block of IPv6 addresses, and an address near its start.
    Ipv6 { address: u128, mask: u8, behind: u32 },
    /// An extent of any kind, and a page of it.
    Extent { size: u16, first: u8, last: u8, page: u8 },
    /// Bits that are set and cleared.
    Bits(Vec<Bit>),
}

#[derive(Arbitrary, Debug)]
enum Bit {
    Set(u8),
    Clear(u8),
    SetFirst,
    SetWord(u8),
    With([u64; 4]),
    Without([u64; 4]),
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Text(text) => read(text),
    Input::Block { address, mask, other, wider } => {
        if let Ok(net) = Ipv4Net::new(address.into(), mask % 33) {
            block(net, other.into(), wider % 33);
            block(net.trunc(), other.into(), wider % 33);
        }
    }
    Input::Ipv6 { address, mask, behind } => {
        if let Ok(net) = Ipv6Net::new(address.into(), if mask < 128 { mask } else { SubnetIpv6::MASK }) {
            ipv6(net, behind);
            ipv6(net.trunc(), behind);
        }
    }
    Input::Extent { size, first, last, page } => {
        let (size, first, last) = (u32::from(size) + 1, u32::from(first), u32::from(last));
        // Pools are no smaller than what is reserved of them.
        extent(Extent { size: size.max(first + last), first, last }, page);
    }
    Input::Bits(steps) => bits(&steps),
});

fn read(text: &str) {
    if let Ok(net) = text.parse::<Ipv4Net>() {
        assert_eq!(net.to_string().parse(), Ok(net));
        block(net, net.broadcast(), 16);
    }
    if let Ok(net) = text.parse::<Ipv6Net>() {
        assert_eq!(net.to_string().parse(), Ok(net));
        ipv6(net, 1);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
}

fn block(net: Ipv4Net, address: Ipv4Addr, wider: u8) {
    let fits = (16..=29).contains(&net.prefix_len()) && net.addr() == net.network();
    let block = SubnetBlock::new(net);
    assert_eq!(block.is_some(), fits);
    let Some(block) = block else { return };
    assert_eq!(block.net(), net);
    assert_eq!(u64::from(block.size()), u64::from(u32::from(net.broadcast()) - u32::from(net.network())) + 1);
    assert_eq!(block.usable(), block.size() - SubnetBlock::RESERVED_FIRST - SubnetBlock::RESERVED_LAST);
    for address in [address, net.network(), net.broadcast(), Ipv4Addr::from(u32::from(net.addr()) ^ 5)] {
        assert_eq!(block.contains(address), net.contains(&address));
        assert_eq!(block.offset(address).is_some(), net.contains(&address));
        let Some(offset) = block.offset(address) else {
            assert!(!block.is_reserved(address), "what is outside is not reserved");
            continue;
        };
        assert_eq!(block.address(offset), address, "a number is that of its address");
        assert_eq!(block.is_reserved(address), block.extent().is_reserved(offset));
    }
    if let Some(other) = Ipv4Net::new(net.network(), wider).ok().and_then(SubnetBlock::new) {
        assert_eq!(other.grows(block), other.size() > block.size());
        assert!(!block.grows(block));
    }
}

fn ipv6(net: Ipv6Net, behind: u32) {
    let fits = net.prefix_len() == SubnetIpv6::MASK && net.addr() == net.network();
    let subnet = SubnetIpv6::new(net);
    assert_eq!(subnet.is_some(), fits);
    let Some(subnet) = subnet else { return };
    assert_eq!((subnet.block(), subnet.pool.free), (net, SubnetIpv6::EXTENT.usable()));
    let address = Ipv6Addr::from(u128::from(net.network()) + u128::from(behind));
    assert_eq!(subnet.contains(address), behind > 0, "the first belongs to the routers");
    assert_eq!(subnet.offset(address), u16::try_from(behind).ok(), "the lowest are drawn");
    if let Some(offset) = subnet.offset(address) {
        assert_eq!(subnet.address(offset), address);
        assert_eq!(subnet.contains(address), !SubnetIpv6::EXTENT.is_reserved(offset));
    }
    assert!(!subnet.contains(Ipv6Addr::from(u128::from(net.broadcast()).wrapping_add(1))));
}

fn extent(extent: Extent, page: u8) {
    let pages: Vec<u8> = extent.pages().collect();
    assert_eq!(pages.len(), extent.size.div_ceil(256) as usize);
    for page in [page, 0, pages.last().copied().unwrap_or_default()] {
        let fixed = extent.fixed(page);
        for bit in 0..=u8::MAX {
            let offset = u32::from(u16::from_be_bytes([page, bit]));
            let usable = (extent.first..extent.size - extent.last).contains(&offset);
            assert_eq!(fixed.is_set(bit), !usable, "{extent:?} {offset}");
        }
    }
    assert_eq!(extent.usable(), extent.size - extent.first - extent.last);
}

fn bits(steps: &[Bit]) {
    let (mut bits, mut model) = (Bits::default(), BTreeSet::new());
    let set_of = |words: [u64; 4]| -> BTreeSet<u8> {
        (0..=u8::MAX).filter(|at| words[usize::from(*at) / 64] >> (at % 64) & 1 == 1).collect()
    };
    for step in steps.iter().take(STEPS_MAX) {
        bits = match *step {
            Bit::Set(at) => {
                model.insert(at);
                bits.with(at)
            }
            Bit::Clear(at) => {
                model.remove(&at);
                bits.without(at)
            }
            Bit::SetFirst => bits.first_clear().map_or(bits, |at| {
                model.insert(at);
                bits.with(at)
            }),
            Bit::SetWord(word) => {
                let from = word % 4 * 64;
                model.extend(from..=from + 63);
                (from..=from + 63).fold(bits, Bits::with)
            }
            Bit::With(words) => {
                model.extend(set_of(words));
                bits.with_all(Bits(words))
            }
            Bit::Without(words) => {
                model = &model - &set_of(words);
                bits.without_all(Bits(words))
            }
        };
        assert_eq!(set_of(bits.0), model);
        assert_eq!(
            bits.first_clear(),
            (0..=u8::MAX).find(|at| !model.contains(at)),
            "the lowest that is clear"
        );
        assert_eq!((bits.count() as usize, bits.is_full()), (model.len(), model.len() == 256));
    }
    assert!((0..=u8::MAX).all(|at| bits.is_set(at) == model.contains(&at)));
}
