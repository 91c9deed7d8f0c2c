//! ZC2-HMAC-SHA256: the signature over a request's content type, host, body and time. Both sides:
//! a server's check and a client's signing. Action and version are not covered; nor is the path,
//! which is signed as `/` whatever it is.

use fleet::Time;

use crate::signing::{self, Mismatch, Secret};

/// The only method that is served.
pub const METHOD: &str = "ZC2-HMAC-SHA256";
/// The headers that are signed, no more and no less.
pub const SIGNED_HEADERS: &str = "content-type;host";

/// The text whose hash is signed.
#[must_use]
pub fn canonical_request(content_type: &str, host: &str, body: &[u8]) -> String {
    let payload = signing::sha256(body);
    format!("POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\n{SIGNED_HEADERS}\n{payload}")
}

/// The text that the signature is made of. `timestamp` is the header `x-zc-timestamp` as it was sent.
#[must_use]
pub fn string_to_sign(timestamp: &str, canonical_request: &str) -> String {
    format!("{METHOD}\n{timestamp}\n{}", signing::sha256(canonical_request.as_bytes()))
}

/// The signature of `string_to_sign`, in lower-case hexadecimal digits.
#[must_use]
pub fn sign(secret: &Secret, string_to_sign: &str) -> String {
    signing::hmac_sha256(secret, string_to_sign)
}

/// Whether `signature` is the one of `string_to_sign`, compared in constant time.
///
/// # Errors
/// When it is not.
pub fn verify(secret: &Secret, string_to_sign: &str, signature: &str) -> Result<(), Mismatch> {
    signing::verify_hmac_sha256(secret, string_to_sign, signature)
}

/// A client that signs.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The public half of the key.
    pub key_id: &'a str,
    /// The secret half.
    pub secret: &'a Secret,
    /// The Host that the request is sent to, with its port.
    pub host: &'a str,
    /// When the request is made.
    pub timestamp: Time,
}

impl Signer<'_> {
    /// The headers of a signed request for `action`, Host among them.
    #[must_use]
    pub fn headers(&self, action: &str, version: &str, body: &[u8]) -> Vec<(&'static str, String)> {
        const CONTENT_TYPE: &str = "application/json";
        let timestamp = self.timestamp.secs().to_string();
        let string_to_sign = string_to_sign(&timestamp, &canonical_request(CONTENT_TYPE, self.host, body));
        let signature = sign(self.secret, &string_to_sign);
        let key_id = self.key_id;
        let authorization =
            format!("{METHOD} Credential={key_id}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}");
        vec![
            ("host", self.host.to_owned()),
            ("content-type", CONTENT_TYPE.to_owned()),
            ("x-zc-action", action.to_owned()),
            ("x-zc-version", version.to_owned()),
            ("x-zc-signature-method", METHOD.to_owned()),
            ("x-zc-timestamp", timestamp),
            ("authorization", authorization),
        ]
    }
}
