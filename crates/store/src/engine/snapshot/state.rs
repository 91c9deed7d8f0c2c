//! A number that two stores share when they hold the same.

use core::fmt;

use fleet::Revision;
use sha2::{Digest as _, Sha256};

/// SHA-256 of something: it finds accidents and swapped files, and tampering only where the digest
/// itself is kept out of reach.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Takes entries in the order of their keys, and gives the digest of the key space they make.
#[derive(Clone, Default)]
pub(crate) struct Digester {
    hasher: Sha256,
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digester").finish_non_exhaustive()
    }
}

impl Digester {
    pub(crate) fn entry(&mut self, key: &[u8], value: &[u8], revision: Revision) {
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
        self.hasher.update(length(key));
        self.hasher.update(key);
        self.hasher.update(length(value));
        self.hasher.update(value);
        self.hasher.update(revision.number().to_be_bytes());
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(self.hasher.finalize().into())
    }
}
