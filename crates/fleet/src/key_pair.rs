//! Key pairs: what an account logs in with. Only the public half is kept.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{AccountId, Label, Tag, Time};

/// The public half of a key pair.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyPair {
    /// Whose it is.
    pub account: AccountId,
    /// What it goes by in its account, 2 to 128 characters.
    pub name: Arc<str>,
    /// What tells it apart, as people compare it.
    pub fingerprint: String,
    /// The public key, as OpenSSH writes it.
    pub public_key: String,
    /// When it came.
    pub created_at: Time,
    /// The group of resources it is accounted to.
    pub resource_group: Option<Label>,
    /// For programs; keys are distinct.
    pub tags: Vec<Tag>,
}
