//! Key pairs: what an account logs in with. Only the public half is kept.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Key, Label, Record, Tag, Time};

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

impl KeyPair {
    /// How many key pairs an account can have (`contract/ecs-actions.md`, CreateKeyPair).
    pub const PER_ACCOUNT_MAX: usize = 500;
    /// The longest name, in characters.
    pub const NAME_CHARACTERS_MAX: usize = 128;
}

/// Keeps the public half of a key pair.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddKeyPair {
    /// Whose it is to be.
    pub account: AccountId,
    /// What it is to go by.
    pub name: Arc<str>,
    /// What tells it apart.
    pub fingerprint: String,
    /// The public key, as OpenSSH writes it.
    pub public_key: String,
    /// The group of resources it is accounted to.
    pub resource_group: Option<Label>,
    /// For programs; keys are distinct.
    pub tags: Vec<Tag>,
}

/// Why a key pair is not kept.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyPairRefusal {
    /// The account has one of that name.
    #[error("there is a key pair {0} already")]
    NameTaken(Arc<str>),
    /// The account has as many as it can have.
    #[error("the account has {} key pairs, and can have no more", KeyPair::PER_ACCOUNT_MAX)]
    TooMany,
}

impl Command for AddKeyPair {
    type Reply = KeyPair;
    type Refusal = KeyPairRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<KeyPair, Halt<KeyPairRefusal, V::Failure>> {
        if draft.key_pair((self.account, &self.name))?.is_some() {
            return Err(Halt::Refused(KeyPairRefusal::NameTaken(Arc::clone(&self.name))));
        }
        let (first, last) = Key::key_pairs(self.account);
        if draft.keys(&first, &last, KeyPair::PER_ACCOUNT_MAX)?.len() >= KeyPair::PER_ACCOUNT_MAX {
            return Err(Halt::Refused(KeyPairRefusal::TooMany));
        }

        let pair = KeyPair {
            account: self.account,
            name: Arc::clone(&self.name),
            fingerprint: self.fingerprint.clone(),
            public_key: self.public_key.clone(),
            created_at: now,
            resource_group: self.resource_group.clone(),
            tags: self.tags.clone(),
        };
        draft.put(Record::KeyPair(pair.clone()));
        Ok(pair)
    }
}

/// Forgets key pairs; names that are none are nothing to forget. Instances keep what they were
/// launched with: the key is on their disks. The reply is how many there were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveKeyPairs {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub names: Vec<Arc<str>>,
}

impl Command for RemoveKeyPairs {
    type Reply = usize;
    type Refusal = Infallible;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<usize, Halt<Infallible, V::Failure>> {
        let mut removed = 0_usize;
        for name in &self.names {
            if draft.key_pair((self.account, name))?.is_some() {
                draft.remove(Key::KeyPair(self.account, Arc::clone(name)));
                removed = removed.saturating_add(1);
            }
        }
        Ok(removed)
    }
}
