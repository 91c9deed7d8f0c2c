//! What the signatures of all dialects have in common: key pairs, keyed hashes, the header that
//! carries a signature, and comparing in constant time.

use std::fmt::{self, Write as _};

use hmac::SimpleHmac;
use hmac::digest::core_api::BlockSizeUser;
use hmac::digest::{Digest, FixedOutput as _, Key, KeyInit as _, Output, Update as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// The secret half of an access key. Prints nothing of itself.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret that reads `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What belongs to an access key.
#[derive(Clone, Debug)]
pub struct AccessKey<A> {
    /// Whose key it is.
    pub account: A,
    /// Its secret half.
    pub secret: Secret,
}

/// A signature that is none, or of another key or another request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mismatch;

/// The parts of an Authorization header behind its scheme:
/// `Credential=…,SignedHeaders=…,Signature=…`, with or without blanks at the commas.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Authorization<'a> {
    pub(crate) key_id: Option<&'a str>,
    /// As they were sent, with `;` between them.
    pub(crate) signed_headers: Option<&'a str>,
    pub(crate) signature: Option<&'a str>,
}

impl<'a> Authorization<'a> {
    /// Reads the parts; what is empty is absent. None when one is unknown or there twice.
    pub(crate) fn parse(parts: &'a str) -> Option<Self> {
        let mut found = Self::default();
        for part in parts.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let place = match name {
                "Credential" => &mut found.key_id,
                "SignedHeaders" => &mut found.signed_headers,
                "Signature" => &mut found.signature,
                _ => return None,
            };
            if place.replace(value).is_some() {
                return None;
            }
        }
        let present = |value: &&str| !value.is_empty();
        Some(Self {
            key_id: found.key_id.filter(present),
            signed_headers: found.signed_headers.filter(present),
            signature: found.signature.filter(present),
        })
    }
}

/// SHA-256 of `bytes` in lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// HMAC-SHA256 of `text` in lower-case hexadecimal digits. The key is the secret as it is.
pub(crate) fn hmac_sha256(secret: &Secret, text: &str) -> String {
    hexadecimal(&keyed_hash::<Sha256>(secret.as_bytes(), text.as_bytes()))
}

/// Whether `signature` is what [`hmac_sha256`] makes of `text`, digit by digit. How long that takes
/// depends on the length of the signature alone.
pub(crate) fn verify_hmac_sha256(secret: &Secret, text: &str, signature: &str) -> Result<(), Mismatch> {
    let equal = hmac_sha256(secret, text).as_bytes().ct_eq(signature.as_bytes());
    if bool::from(equal) { Ok(()) } else { Err(Mismatch) }
}

/// HMAC over the hash `D`. The key is brought to the length of a block as RFC 2104 says: a longer
/// one is hashed, a shorter one padded. (Done here because the library's own way returns a `Result`
/// that cannot fail.)
pub(crate) fn keyed_hash<D: Digest + BlockSizeUser>(key: &[u8], text: &[u8]) -> Output<D> {
    let mut block = Key::<SimpleHmac<D>>::default();
    let hashed = D::digest(key);
    let source = if key.len() > block.len() { hashed.as_slice() } else { key };
    for (to, from) in block.iter_mut().zip(source) {
        *to = *from;
    }
    let mut mac = SimpleHmac::<D>::new(&block);
    mac.update(text);
    mac.finalize_fixed()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use sha1::Sha1;

    use super::*;

    #[test]
    fn long_keys_are_hashed_as_the_library_does() {
        fn library<D: Digest + BlockSizeUser>(key: &[u8]) -> Vec<u8> {
            use hmac::Mac as _;
            let mac = <SimpleHmac<D> as hmac::Mac>::new_from_slice(key).unwrap();
            mac.chain_update(b"text").finalize().into_bytes().to_vec()
        }
        for length in [0, 1, 62, 63, 64, 65, 200] {
            let key = vec![b's'; length];
            assert_eq!(keyed_hash::<Sha1>(&key, b"text").to_vec(), library::<Sha1>(&key), "{length}");
            assert_eq!(keyed_hash::<Sha256>(&key, b"text").to_vec(), library::<Sha256>(&key), "{length}");
        }
    }

    #[test]
    fn what_is_not_the_signature_is_refused() {
        let secret = Secret::new("testsecret");
        let signature = hmac_sha256(&secret, "text");
        assert_eq!(verify_hmac_sha256(&secret, "text", &signature), Ok(()));
        let other = hmac_sha256(&secret, "text ");
        let upper = signature.to_ascii_uppercase();
        for wrong in ["", "0", &other, &upper, &signature[..63], &format!("{signature}0"), &"0".repeat(64)] {
            assert_eq!(verify_hmac_sha256(&secret, "text", wrong), Err(Mismatch), "{wrong}");
        }
        assert_eq!(verify_hmac_sha256(&Secret::new("other"), "text", &signature), Err(Mismatch));
    }

    #[test]
    fn an_authorization_is_read_with_and_without_blanks() {
        let whole = Authorization { key_id: Some("k"), signed_headers: Some("a;b"), signature: Some("s=") };
        for (parts, expected) in [
            ("Credential=k,SignedHeaders=a;b,Signature=s=", Some(whole)),
            (" Signature=s= , Credential=k ,\tSignedHeaders=a;b", Some(whole)),
            ("Credential=k,SignedHeaders=a;b,Signature=s=,", Some(whole)),
            (
                "Credential=k,Signature=",
                Some(Authorization { key_id: Some("k"), ..Authorization::default() }),
            ),
            ("", Some(Authorization::default())),
            ("Credential", None),
            ("Credential=k,Credential=k", None),
            ("Credential=,Credential=k", None),
            ("credential=k", None),
            ("Credential=k;SignedHeaders=a,Extra=1", None),
        ] {
            assert_eq!(Authorization::parse(parts), expected, "{parts}");
        }
    }

    #[test]
    fn a_secret_prints_nothing() {
        assert_eq!(format!("{:?}", Secret::new("planted")), "Secret");
    }
}
