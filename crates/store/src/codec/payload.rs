//! The fields of a record as bytes: bincode with everything about it spelled out.
//!
//! Numbers are of variable length: nearly every number of a record is small, and the length of each
//! text and the number of each variant is one byte instead of eight and four.

use std::borrow::Cow;

use bincode::{DefaultOptions, Options};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::frame::PAYLOAD_MAX;

/// The version of records that are their key and nothing else.
pub(super) const KEY_ONLY_VERSION: u8 = 1;

/// Where the value of a record goes: behind the bytes that are there.
pub(super) struct Value<'b>(pub(super) &'b mut Vec<u8>);

impl Value<'_> {
    /// Adds the version, no further parts, and the fields.
    pub(super) fn write(self, version: u8, fields: &impl Serialize) -> Result<(), EncodeError> {
        let Self(bytes) = self;
        bytes.extend_from_slice(&[version, 0]);
        // Without a limit, so that the error can say how long a record that is too long would be.
        let written = options().with_no_limit().serialize_into(bytes, fields);
        written.map_err(|error| EncodeError::Payload { said: error.to_string().into() })
    }
}

/// The fields of a record, as found.
pub(super) struct Stored<'h> {
    pub(super) version: u8,
    pub(super) payload: Cow<'h, [u8]>,
}

impl Stored<'_> {
    /// The fields, when all bytes are theirs. The texts in them are not copied.
    pub(super) fn read<'s, T: Deserialize<'s>>(&'s self, record: &'static str) -> Result<T, DecodeError> {
        let limit = u64::try_from(PAYLOAD_MAX).unwrap_or(u64::MAX);
        let fields = options().with_limit(limit).deserialize(&self.payload);
        fields.map_err(|error| DecodeError::Payload { record, said: error.to_string().into() })
    }

    /// Checks a record that is its key and nothing else.
    pub(super) fn read_key_only(&self, record: &'static str) -> Result<(), DecodeError> {
        match self.version {
            KEY_ONLY_VERSION => self.read(record),
            _ => Err(self.unknown(record, KEY_ONLY_VERSION)),
        }
    }

    /// What is wrong when the version is none that is known, up to `newest`.
    pub(super) fn unknown(&self, record: &'static str, newest: u8) -> DecodeError {
        let found = self.version;
        if found > newest {
            return DecodeError::NewerVersion { record, found, newest };
        }
        DecodeError::NoVersion { record, found }
    }
}

fn options() -> impl Options {
    DefaultOptions::new().with_little_endian().with_varint_encoding().reject_trailing_bytes()
}
