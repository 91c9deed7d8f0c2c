//! Signature version 1.0: HMAC-SHA1 over the sorted parameters. Both sides: a server's check and a
//! client's signing. What is signed is the parsed list, never the text on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fleet::Time;
use sha1::Sha1;
use subtle::{Choice, ConstantTimeEq as _};

use crate::params::Params;
use crate::signing::keyed_hash;
use crate::{percent, time};

pub use crate::signing::{Mismatch, Secret};

/// The only method of this version that is served.
pub const METHOD: &str = "HMAC-SHA1";
/// The version itself.
pub const VERSION: &str = "1.0";

/// The HTTP methods that the protocol knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
}

impl Method {
    /// The method that `text` names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Who signs, and what makes the signature its only one.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The public half of the key.
    pub key_id: &'a str,
    /// The secret half.
    pub secret: &'a Secret,
    /// Something that was never used before with this key.
    pub nonce: &'a str,
    /// When the request is made.
    pub timestamp: Time,
}

/// The text that the signature of a request is made of: every parameter but the signature itself,
/// also those that are empty.
#[must_use]
pub fn string_to_sign(method: Method, params: &Params) -> String {
    let mut text = format!("{}&%2F&", method.name());
    percent::encode_into(&mut text, &params.render_without("Signature"));
    text
}

/// The signature of `string_to_sign`, in Base64.
#[must_use]
pub fn sign(secret: &Secret, string_to_sign: &str) -> String {
    BASE64.encode(code_of(secret, string_to_sign))
}

/// Whether `signature` is the one of `string_to_sign`. Takes the same path and the same time for
/// every signature, well-formed or not.
///
/// # Errors
/// When it is not.
pub fn verify(secret: &Secret, string_to_sign: &str, signature: &str) -> Result<(), Mismatch> {
    let expected = code_of(secret, string_to_sign);
    let (found, decoded) = match BASE64.decode(signature).map(<[u8; 20]>::try_from) {
        Ok(Ok(found)) => (found, Choice::from(1)),
        Ok(Err(_)) | Err(_) => ([0; 20], Choice::from(0)),
    };
    let equal = expected.ct_eq(&found) & decoded;
    if bool::from(equal) { Ok(()) } else { Err(Mismatch) }
}

/// The query that sends `params` signed by `signer`: ready to be put behind `/?`.
#[must_use]
pub fn signed_query(method: Method, mut params: Params, signer: &Signer<'_>) -> String {
    params.set("AccessKeyId", signer.key_id);
    params.set("SignatureMethod", METHOD);
    params.set("SignatureVersion", VERSION);
    params.set("SignatureNonce", signer.nonce);
    params.set("Timestamp", time::seconds(signer.timestamp));
    let signature = sign(signer.secret, &string_to_sign(method, &params));
    format!("{}&Signature={}", params.render_without("Signature"), percent::encode(&signature))
}

/// The key is the secret and a `&`.
fn code_of(secret: &Secret, text: &str) -> [u8; 20] {
    let key = [secret.as_bytes(), b"&"].concat();
    keyed_hash::<Sha1>(&key, text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_signature_is_refused() {
        let secret = Secret::new("testsecret");
        let signature = sign(&secret, "text");
        assert_eq!(verify(&secret, "text", &signature), Ok(()));
        let other = sign(&secret, "text ");
        let zeros = BASE64.encode([0; 20]);
        for wrong in ["", "=", "not base64", &other, &zeros, &signature[..27], &format!("{signature} ")] {
            assert_eq!(verify(&secret, "text", wrong), Err(Mismatch), "{wrong}");
        }
        assert_eq!(verify(&Secret::new("other"), "text", &signature), Err(Mismatch));
    }
}
