//! How people get into an instance, and what must not be shown to anybody else.

use alloc::sync::Arc;
use core::fmt;

/// Bytes that are nobody's business: a password, user data. `Debug` prints how many there are.
///
/// The core does not look inside. Who hands a password over seals it first.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// A secret of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Arc::from(bytes))
    }

    /// The bytes, for who is entitled to them.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} secret bytes)", self.0.len())
    }
}

/// A password and what has to be known of it without looking inside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Password {
    /// The password; sealed, where the one who asks seals.
    pub secret: Secret,
    /// Whether Windows takes it: there it must not begin with `/` (rule W-02).
    pub for_windows: bool,
}

/// How people get into the instances of a launch.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Login {
    /// By this password.
    pub password: Option<Password>,
    /// By the password in the image.
    pub image_password: bool,
    /// By the key pair of this name.
    pub key_pair: Option<Arc<str>>,
}
