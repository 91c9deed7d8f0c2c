//! Who signed an envelope: key, window, signature, nonce, in this order, and the first fault ends
//! it. Nothing before the signature writes anything.

use fleet::{Span, Time};

use super::nonces::{NonceMemory, NonceRefusal, NonceUse};
use super::protocol::{Credentials, Envelope, V1};
use super::{Code, Fault, sign_v1};
use crate::signing::AccessKey;

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
    match &envelope.credentials {
        Credentials::V1(v1) => authenticate_v1(v1, keys, now, nonces),
    }
}

fn authenticate_v1<A>(
    v1: &V1,
    keys: impl FnOnce(&str) -> Option<AccessKey<A>>,
    now: Time,
    nonces: &impl NonceMemory,
) -> Result<A, Fault> {
    // The contract has a code of its own for an unknown key, so there is nothing left to hide
    // behind a dummy computation.
    let key = keys(&v1.key_id).ok_or(Code::INVALID_ACCESS_KEY_ID_NOT_FOUND)?;
    if now.since(v1.timestamp) > WINDOW || v1.timestamp.since(now) > WINDOW {
        return Err(Code::INVALID_TIME_STAMP_EXPIRED.into());
    }
    sign_v1::verify(&key.secret, &v1.string_to_sign, &v1.signature)
        .map_err(|_| Fault::with(Code::SIGNATURE_DOES_NOT_MATCH, v1.string_to_sign.as_str()))?;
    let nonce = NonceUse { key_id: &v1.key_id, nonce: &v1.nonce, timestamp: v1.timestamp, now };
    nonces.remember(&nonce).map_err(|refusal| match refusal {
        NonceRefusal::Used => Code::SIGNATURE_NONCE_USED,
        NonceRefusal::Forgotten => Code::INVALID_TIME_STAMP_EXPIRED,
        NonceRefusal::Full => Code::THROTTLING,
    })?;
    Ok(key.account)
}
