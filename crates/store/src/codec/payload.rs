//! The fields of a record as bytes: bincode with everything about it spelled out.
//!
//! Numbers are of variable length: nearly every number of a record is small, and the length of each
//! text and the number of each variant is one byte instead of eight and four.

use std::borrow::Cow;
use std::io;

use bincode::{DefaultOptions, Options};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::frame::{AROUND, FRONT, PAYLOAD_MAX};

/// The version of records that are their key and nothing else.
pub(super) const KEY_ONLY_VERSION: u8 = 1;

/// Room for the fields of nearly every record.
struct Room {
    bytes: [u8; Self::BYTES],
    used: usize,
}

impl Room {
    const BYTES: usize = 512;
}

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.used.saturating_add(bytes.len());
        let there = self.bytes.get_mut(self.used..end).ok_or(io::ErrorKind::WriteZero)?;
        there.copy_from_slice(bytes);
        self.used = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The fields of a record, ready to be stored: behind room for what comes before them in a value, and
/// with room for what comes behind, so that a short record is never copied.
pub(super) struct Payload {
    bytes: Vec<u8>,
}

impl Payload {
    pub(super) fn write(version: u8, fields: &impl Serialize) -> Result<Self, EncodeError> {
        // Nearly all fit, and are written once; of the others it is first asked how long they are.
        let mut room = Room { bytes: [0; Room::BYTES], used: 0 };
        if options().with_no_limit().serialize_into(&mut room, fields).is_ok() {
            let mut payload = Self::begin(version, room.used);
            payload.bytes.extend_from_slice(room.bytes.get(..room.used).unwrap_or_default());
            return Ok(payload);
        }
        Self::write_long(version, fields)
    }

    fn write_long(version: u8, fields: &impl Serialize) -> Result<Self, EncodeError> {
        // Without a limit, so that the error can say how long a record that is too long would be.
        let options = || options().with_no_limit();
        let failed = |error: bincode::Error| EncodeError::Payload { said: error.to_string().into() };
        let size = options().serialized_size(fields).map_err(failed)?;
        let mut payload = Self::begin(version, usize::try_from(size).unwrap_or(0));
        options().serialize_into(&mut payload.bytes, fields).map_err(failed)?;
        Ok(payload)
    }

    fn begin(version: u8, size: usize) -> Self {
        let mut bytes = Vec::with_capacity(size.saturating_add(AROUND));
        bytes.extend_from_slice(&[version, 0]);
        Self { bytes }
    }

    /// One of which the bytes are known.
    #[cfg(test)]
    pub(super) fn of(version: u8, fields: &[u8]) -> Self {
        let mut payload = Self::begin(version, fields.len());
        payload.bytes.extend_from_slice(fields);
        payload
    }

    pub(super) fn version(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }

    pub(super) fn fields(&self) -> &[u8] {
        self.bytes.get(FRONT..).unwrap_or_default()
    }

    /// The version, no further parts, and the fields.
    pub(super) fn into_value(self) -> Vec<u8> {
        self.bytes
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
