//! RSA public keys as OpenSSH writes them, and the fingerprint that people compare.
//!
//! ```text
//!  ssh-rsa AAAAB3NzaC1yc2E… comment
//!          └─ base64 of: text "ssh-rsa" · number e · number n, each behind its length u32
//! ```

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

/// The name of the algorithm, in front and inside.
const NAME: &str = "ssh-rsa";
/// The longest modulus, in bytes: 16384 bits.
const MODULUS_BYTES_MAX: usize = 2048;
/// The shortest: 1024 bits. What is shorter is broken.
const MODULUS_BYTES_MIN: usize = 128;

/// An RSA public key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    blob: Vec<u8>,
    comment: String,
}

impl PublicKey {
    /// The key that `text` spells; `None` when it is no RSA public key in the format of OpenSSH.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.trim().splitn(3, [' ', '\t']);
        if words.next() != Some(NAME) {
            return None;
        }
        let blob = STANDARD.decode(words.next()?).ok()?;
        let comment = words.next().unwrap_or_default().trim();
        if comment.chars().any(char::is_control) {
            return None;
        }
        let mut rest = blob.as_slice();
        let (name, exponent, modulus) = (field(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
        let legal = rest.is_empty()
            && name == NAME.as_bytes()
            && exponent.len() <= 8
            && (MODULUS_BYTES_MIN..=MODULUS_BYTES_MAX).contains(&modulus.len());
        let comment = comment.to_owned();
        legal.then_some(Self { blob, comment })
    }

    /// The key with this exponent and this modulus, big-endian.
    #[must_use]
    pub fn from_numbers(exponent: &[u8], modulus: &[u8]) -> Self {
        let mut blob = Vec::new();
        put_field(&mut blob, NAME.as_bytes());
        put_field(&mut blob, &positive(exponent));
        put_field(&mut blob, &positive(modulus));
        Self { blob, comment: String::new() }
    }

    /// As OpenSSH writes it.
    #[must_use]
    pub fn text(&self) -> String {
        let text = format!("{NAME} {}", STANDARD.encode(&self.blob));
        if self.comment.is_empty() { text } else { format!("{text} {}", self.comment) }
    }

    /// MD5 of the key, as 16 pairs of hexadecimal digits with colons between them.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        for byte in Md5::digest(&self.blob) {
            let colon = if text.is_empty() { "" } else { ":" };
            let _ = write!(text, "{colon}{byte:02x}");
        }
        text
    }
}

/// The next field of a key, behind its length.
fn field<'k>(rest: &mut &'k [u8]) -> Option<&'k [u8]> {
    let (length, behind) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (found, behind) = behind.split_at_checked(length)?;
    *rest = behind;
    Some(found)
}

/// The next field as a number above zero in its one spelling, without what keeps it positive.
fn number<'k>(rest: &mut &'k [u8]) -> Option<&'k [u8]> {
    let found = field(rest)?;
    match found {
        [0, digits @ ..] if digits.first().is_some_and(|first| *first >= 0x80) => Some(digits),
        [1..=0x7f, ..] => Some(found),
        _ => None,
    }
}

/// The digits of a positive number: none that say nothing, and a zero before one that would look negative.
fn positive(digits: &[u8]) -> Vec<u8> {
    let from = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
    let digits = digits.get(from..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_some_and(|first| *first >= 0x80) { &[0] } else { &[] };
    [sign, digits].concat()
}

fn put_field(blob: &mut Vec<u8>, field: &[u8]) {
    blob.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    blob.extend_from_slice(field);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(modulus: &[u8]) -> PublicKey {
        PublicKey::from_numbers(&[1, 0, 1], modulus)
    }

    #[test]
    fn a_key_is_read_back_and_keeps_its_fingerprint() {
        for modulus in [[0xc5; 256], [0x45; 256]] {
            let key = key(&modulus);
            assert_eq!(PublicKey::parse(&key.text()), Some(key.clone()));
            let commented = PublicKey::parse(&format!("  {} me @home \n", key.text())).unwrap();
            assert!(commented.text().ends_with(" me @home"));
            assert_eq!(commented.fingerprint(), key.fingerprint());
        }
    }

    /// Held against `ssh-keygen -l -E md5` and `ssh-keygen -y`.
    #[test]
    fn the_fingerprint_is_that_of_openssh() {
        let key = PublicKey::parse(include_str!("../../tests/vectors/id_rsa.pub")).unwrap();
        assert_eq!(key.fingerprint(), include_str!("../../tests/vectors/id_rsa.md5").trim());
    }

    #[test]
    fn what_is_no_rsa_key_is_none() {
        let text = key(&[0xc5; 256]).text();
        let blob = STANDARD.decode(&text[8..]).unwrap();
        let of = |blob: &[u8]| format!("ssh-rsa {}", STANDARD.encode(blob));
        for text in [
            "",
            "ssh-rsa",
            "ssh-rsa !",
            &text[8..],
            &text.replace("ssh-rsa", "ssh-dss"),
            &text[..100],
            &of(&blob[..blob.len() - 1]),
            &of(&[&blob[..], &[0]].concat()),
            &of(&[&[0xff; 4], &blob[4..]].concat()),
            &key(&[0xc5; 64]).text(),
            &key(&[0xc5; 4096]).text(),
            &format!("{text} a\u{7}"),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
        ] {
            assert_eq!(PublicKey::parse(text), None, "{text}");
        }
    }
}
