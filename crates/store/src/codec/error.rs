//! Why a record cannot be written, and why bytes are no record.

use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{AssetType, LabelError};

use crate::keys::KeyError;

/// Why a record cannot be written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// It is longer than a record can be.
    #[error("a record has {bytes} bytes, at most {limit} are allowed")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The serializer does not take it.
    #[error("a record does not serialize: {said}")]
    Payload {
        /// What the serializer said.
        said: Box<str>,
    },
}

/// Why bytes are no record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// What it stands under is no key of a record.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It is too short to hold even nothing.
    #[error("a value has {bytes} bytes, {} are around even an empty one", super::frame::AROUND)]
    TooShort {
        /// How long it is.
        bytes: usize,
    },
    /// It is longer than a record can be.
    #[error("a record has at least {bytes} bytes, at most {limit} are allowed")]
    TooLong {
        /// How long it is up to where reading stopped.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// It is not what was written, not under this key, or not with this head.
    #[error("part {part} has checksum {stored:08x}, its bytes make {computed:08x}")]
    Checksum {
        /// Which part; the head is 0.
        part: u8,
        /// The checksum that is stored.
        stored: u32,
        /// The checksum of what was found.
        computed: u32,
    },
    /// A further part is not there.
    #[error("part {part} of {parts} further parts is missing")]
    MissingPart {
        /// Which part.
        part: u8,
        /// How many the head says there are.
        parts: u8,
    },
    /// A further part belongs elsewhere.
    #[error("part {part} of version {version} says it is part {found_part} of version {found_version}")]
    ForeignPart {
        /// Which part was looked for.
        part: u8,
        /// The version of the head.
        version: u8,
        /// Which part it says it is.
        found_part: u8,
        /// The version it says it has.
        found_version: u8,
    },
    /// It was written by a later release.
    #[error("a {record} of version {found} is newer than {newest}, the newest that is known here")]
    NewerVersion {
        /// What it is.
        record: &'static str,
        /// The version found.
        found: u8,
        /// The newest version known.
        newest: u8,
    },
    /// There never was such a version.
    #[error("there is no version {found} of a {record}")]
    NoVersion {
        /// What it is.
        record: &'static str,
        /// The version found.
        found: u8,
    },
    /// Its fields do not parse, or do not end where it ends.
    #[error("the fields of a {record} do not parse: {said}")]
    Payload {
        /// What it is.
        record: &'static str,
        /// What the deserializer said.
        said: Box<str>,
    },
    /// A text in it is no label.
    #[error("{found:?} is no label: {source}")]
    Label {
        /// The text.
        found: Box<str>,
        /// Why it is none.
        source: LabelError,
    },
    /// A text in it is no token.
    #[error("{found:?} is no token")]
    Token {
        /// The text.
        found: Box<str>,
    },
    /// A text in it is no name of a template.
    #[error("{found:?} is no name of a template")]
    TemplateName {
        /// The text.
        found: Box<str>,
    },
    /// The numbers of a stock do not add up.
    #[error("{taken} taken and {missing} missing are more than {total}, the total of the stock")]
    Stock {
        /// How many units there are in all.
        total: u32,
        /// How many units instances hold.
        taken: u32,
        /// How many units do not exist.
        missing: u32,
    },
    /// An asset is of another type than its key says.
    #[error("an asset of type {found:?} stands under the key of a {key:?}")]
    ForeignAsset {
        /// The type in the key.
        key: AssetType,
        /// The type it has.
        found: AssetType,
    },
    /// An address and a mask are no block of a network.
    #[error("{address}/{mask} is no block of a network")]
    Block {
        /// The address.
        address: Ipv4Addr,
        /// The length of the mask.
        mask: u8,
    },
    /// An address and a mask are no IPv6 block, or none of a subnet.
    #[error("{address}/{mask} is no such IPv6 block")]
    Ipv6Block {
        /// The address.
        address: Ipv6Addr,
        /// The length of the mask.
        mask: u8,
    },
    /// An address and a mask are no block of a subnet.
    #[error("{address}/{mask} is no block of a subnet")]
    SubnetBlock {
        /// The address.
        address: Ipv4Addr,
        /// The length of the mask.
        mask: u8,
    },
}

/// Why a record that may have further parts was not read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ReadError<E> {
    /// What was found is no record.
    Record(DecodeError),
    /// A further part could not be fetched.
    Part(E),
}

impl<E> From<DecodeError> for ReadError<E> {
    fn from(error: DecodeError) -> Self {
        Self::Record(error)
    }
}
