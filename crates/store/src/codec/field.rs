//! Fields that records of several kinds have.

use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{Bits, Label, SubnetBlock};
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use super::error::DecodeError;

pinned_mirrors! {
    FailureReason { 1 = NoStock, 2 = NoAddress, 3 = Machine, 4 = Deadline, 5 = Exhausted }
    Protection { 1 = Off, 2 = On }
}

/// A tag.
#[derive(Deserialize, Serialize)]
pub(super) struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

pub(super) fn write_tags(tags: &[fleet::Tag]) -> Vec<Tag<'_>> {
    tags.iter().map(|fleet::Tag { key, value }| Tag { key, value }).collect()
}

pub(super) fn read_tags(tags: Vec<Tag<'_>>) -> Vec<fleet::Tag> {
    let tags = tags.into_iter();
    tags.map(|Tag { key, value }| fleet::Tag { key: key.into(), value: value.into() }).collect()
}

/// The names and values of settings, by name.
pub(super) type Settings<'a> = Vec<(&'a str, &'a str)>;

pub(super) fn write_settings(settings: &fleet::Settings) -> Settings<'_> {
    settings.iter().collect()
}

pub(super) fn read_settings(settings: Settings<'_>) -> fleet::Settings {
    settings.into_iter().collect()
}

/// An id or a number of the sequence.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Serial {
    epoch: u16,
    number: u64,
}

impl From<fleet::Serial> for Serial {
    fn from(fleet::Serial { epoch, number }: fleet::Serial) -> Self {
        Self { epoch, number }
    }
}

impl From<Serial> for fleet::Serial {
    fn from(Serial { epoch, number }: Serial) -> Self {
        Self { epoch, number }
    }
}

/// The block of a network or a subnet.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Block {
    address: [u8; 4],
    mask: u8,
}

impl From<Ipv4Net> for Block {
    fn from(net: Ipv4Net) -> Self {
        Self { address: net.addr().octets(), mask: net.prefix_len() }
    }
}

impl TryFrom<Block> for Ipv4Net {
    type Error = DecodeError;

    fn try_from(Block { address, mask }: Block) -> Result<Self, DecodeError> {
        let address = Ipv4Addr::from(address);
        Self::new(address, mask).map_err(|_| DecodeError::Block { address, mask })
    }
}

/// An IPv6 block of a network or a subnet.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Ipv6Block {
    address: [u8; 16],
    mask: u8,
}

impl From<Ipv6Net> for Ipv6Block {
    fn from(net: Ipv6Net) -> Self {
        Self { address: net.addr().octets(), mask: net.prefix_len() }
    }
}

impl TryFrom<Ipv6Block> for Ipv6Net {
    type Error = DecodeError;

    fn try_from(Ipv6Block { address, mask }: Ipv6Block) -> Result<Self, DecodeError> {
        let address = Ipv6Addr::from(address);
        Self::new(address, mask).map_err(|_| DecodeError::Ipv6Block { address, mask })
    }
}

pub(super) fn subnet_block(block: Block) -> Result<SubnetBlock, DecodeError> {
    let net = Ipv4Net::try_from(block)?;
    let none = DecodeError::SubnetBlock { address: net.addr(), mask: net.prefix_len() };
    SubnetBlock::new(net).ok_or(none)
}

/// Bit `n` is bit `n % 8`, from the lowest, of byte `n / 8`.
pub(super) fn bits_to_bytes(Bits(words): Bits) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (chunks, _) = bytes.as_chunks_mut();
    chunks.iter_mut().zip(words).for_each(|(chunk, word)| *chunk = word.to_le_bytes());
    bytes
}

pub(super) fn bits_from_bytes(bytes: [u8; 32]) -> Bits {
    let mut words = [0; 4];
    let (chunks, _) = bytes.as_chunks();
    words.iter_mut().zip(chunks).for_each(|(word, chunk)| *word = u64::from_le_bytes(*chunk));
    Bits(words)
}

pub(super) fn label(found: &str) -> Result<Label, DecodeError> {
    Label::parse(found).map_err(|source| DecodeError::Label { found: found.into(), source })
}
