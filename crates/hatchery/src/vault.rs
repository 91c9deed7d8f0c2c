//! Passwords on disk: sealed with a key that is not in the store, so that a copy of the store alone
//! tells nobody anything.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use fleet::{AccountId, Secret};

/// How many bytes a nonce has.
const NONCE: usize = 24;
/// Stands before every sealed secret: how it was sealed.
const XCHACHA20_POLY1305: u8 = 1;

/// Drawn at random for each secret that is sealed. Long enough that chance alone keeps them apart.
#[derive(Clone, Copy, Debug)]
pub struct Nonce(pub [u8; NONCE]);

/// Seals secrets, and opens what it sealed.
///
/// A secret is bound to the account it was sealed for: a record that is put under another account
/// does not open there.
#[derive(Clone)]
pub struct Vault(XChaCha20Poly1305);

/// A secret that was not sealed by this vault for this account, or was changed since.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the secret was not sealed with this key for this account, or has been changed")]
pub struct NotOurs;

impl Vault {
    /// How many bytes a key has.
    pub const KEY: usize = 32;

    /// The vault of this key. Who loses the key loses the secrets, and nothing else.
    #[must_use]
    pub fn new(key: &[u8; Self::KEY]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Seals `plain`. `None` only when it is longer than the cipher can take, which is 256 GiB.
    #[must_use]
    pub fn seal(&self, account: AccountId, nonce: Nonce, plain: &Secret) -> Option<Secret> {
        let bound = account.0.to_be_bytes();
        let payload = Payload { msg: plain.reveal(), aad: &bound };
        let sealed = self.0.encrypt(XNonce::from_slice(&nonce.0), payload).ok()?;
        Some(Secret::new(&[&[XCHACHA20_POLY1305], nonce.0.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// When it was not sealed by this vault for `account`, or was changed since.
    pub fn open(&self, account: AccountId, sealed: &Secret) -> Result<Secret, NotOurs> {
        let (&XCHACHA20_POLY1305, rest) = sealed.reveal().split_first().ok_or(NotOurs)? else {
            return Err(NotOurs);
        };
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or(NotOurs)?;
        let bound = account.0.to_be_bytes();
        let payload = Payload { msg: sealed, aad: &bound };
        let plain = self.0.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| NotOurs)?;
        Ok(Secret::new(&plain))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: AccountId = AccountId(1);

    fn vault(key: u8) -> Vault {
        Vault::new(&[key; Vault::KEY])
    }

    fn sealed() -> Secret {
        vault(1).seal(ME, Nonce([7; NONCE]), &Secret::new(b"Passw0rd!")).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_again_and_shows_nothing() {
        let sealed = sealed();
        assert_eq!(vault(1).open(ME, &sealed), Ok(Secret::new(b"Passw0rd!")));
        assert!(!sealed.reveal().windows(4).any(|part| part == b"Pass"));
        assert_eq!(format!("{sealed:?} {:?}", vault(1)), "(50 secret bytes) Vault");
    }

    #[test]
    fn another_key_or_another_account_does_not_open_it() {
        assert_eq!(vault(2).open(ME, &sealed()), Err(NotOurs));
        assert_eq!(vault(1).open(AccountId(2), &sealed()), Err(NotOurs));
    }

    #[test]
    fn no_changed_or_shortened_secret_opens() {
        let sealed = sealed();
        for at in 0..sealed.reveal().len() {
            let mut changed = sealed.reveal().to_vec();
            changed[at] ^= 1;
            assert_eq!(vault(1).open(ME, &Secret::new(&changed)), Err(NotOurs), "byte {at}");
            assert_eq!(vault(1).open(ME, &Secret::new(&sealed.reveal()[..at])), Err(NotOurs), "{at} bytes");
        }
    }
}
