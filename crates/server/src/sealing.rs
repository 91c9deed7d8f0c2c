//! Passwords are sealed here, before they become part of a command: what the store keeps is of no
//! use without the key.

use hatchery::{AccountId, Nonce, Password, Secret, Vault};
use wire::ecs::{Fault, refusal};

/// Seals a password for its account.
///
/// # Errors
/// Where [`seal_secret`] cannot.
pub(crate) fn seal(vault: &Vault, account: AccountId, password: Password) -> Result<Password, Fault> {
    let secret = seal_secret(vault, account, &password.secret).ok_or_else(refusal::failed)?;
    Ok(Password { secret, ..password })
}

/// A password sealed for its account; `None` when there is no chance to be had: a nonce that is used
/// twice would give the password away.
pub(crate) fn seal_secret(vault: &Vault, account: AccountId, password: &Secret) -> Option<Secret> {
    let mut nonce = Nonce([0; 24]);
    if let Err(error) = getrandom::fill(&mut nonce.0) {
        tracing::error!(%error, "a password cannot be sealed");
        return None;
    }
    vault.seal(account, nonce, password)
}

/// A vault whose key nobody has: what it seals is opened by nobody else, and by nobody at all once
/// it is dropped.
pub(crate) fn closed_vault() -> Vault {
    let mut key = [0; Vault::KEY];
    // Without chance `seal` does not work either, so that nothing is ever sealed with this key.
    let _drawn_or_not = getrandom::fill(&mut key);
    Vault::new(&key)
}
