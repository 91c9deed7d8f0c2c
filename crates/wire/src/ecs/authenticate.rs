//! Who signed an envelope: key, window, signature, nonce, in this order, and the first fault ends
//! it. Nothing before the signature writes anything.

use fleet::{Span, Time};

use super::nonces::{NonceMemory, NonceRefusal, NonceUse};
use super::protocol::{Credentials, Envelope, Signed};
use super::{Code, Fault, sign_v1, sign_v3};
use crate::signing::{AccessKey, Mismatch, Secret};

/// How far a timestamp may be from now, in the past and in the future.
pub const WINDOW: Span = Span::from_secs(15 * 60);

/// The account whose key signed `envelope`. `keys` finds the key of an id; `now` is wall time.
///
/// # Errors
/// The fault that the client is to read: rules G-02 to G-05, or G-08 when the key has used more
/// nonces than can be remembered.
pub fn authenticate<A>(
    envelope: &Envelope,
    keys: impl FnOnce(&str) -> Option<AccessKey<A>>,
    now: Time,
    nonces: &impl NonceMemory,
) -> Result<A, Fault> {
    let signed = envelope.credentials.signed();
    // The contract has a code of its own for an unknown key, so there is nothing left to hide
    // behind a dummy computation.
    let key = keys(&signed.key_id).ok_or(Code::INVALID_ACCESS_KEY_ID_NOT_FOUND)?;
    if now.since(signed.timestamp) > WINDOW || signed.timestamp.since(now) > WINDOW {
        return Err(Code::INVALID_TIME_STAMP_EXPIRED.into());
    }
    verify(&envelope.credentials, &key.secret)
        .map_err(|_| Fault::with(Code::SIGNATURE_DOES_NOT_MATCH, signed.string_to_sign.as_str()))?;
    let nonce = NonceUse { key_id: &signed.key_id, nonce: &signed.nonce, timestamp: signed.timestamp, now };
    nonces.remember(&nonce).map_err(|refusal| match refusal {
        NonceRefusal::Used => Code::SIGNATURE_NONCE_USED,
        NonceRefusal::Forgotten => Code::INVALID_TIME_STAMP_EXPIRED,
        NonceRefusal::Full => Code::THROTTLING,
    })?;
    Ok(key.account)
}

fn verify(credentials: &Credentials, secret: &Secret) -> Result<(), Mismatch> {
    match credentials {
        Credentials::V1(Signed { string_to_sign, signature, .. }) => {
            sign_v1::verify(secret, string_to_sign, signature)
        }
        Credentials::V3 { signed: Signed { string_to_sign, signature, .. }, payload_is_declared } => {
            sign_v3::verify(secret, string_to_sign, signature)?;
            payload_is_declared.then_some(()).ok_or(Mismatch)
        }
    }
}
