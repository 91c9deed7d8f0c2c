//! Percent-encoding: writing by RFC 3986, reading what forms and queries send.
//!
//! Writing has one spelling for every text; reading knows `+` as a blank and refuses what is cut off.

use std::fmt::Write as _;
use std::str::Utf8Error;

/// Why a text is not percent-encoded. Offsets count bytes from the start of the encoded text.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// A `%` with less than two characters behind it.
    #[error("the escape at byte {at} is cut off")]
    CutOff {
        /// Where the `%` is.
        at: usize,
    },
    /// A `%` with something other than two hexadecimal digits behind it.
    #[error("the escape at byte {at} is not hexadecimal")]
    NotHexadecimal {
        /// Where the `%` is.
        at: usize,
    },
    /// A zero byte, plain or escaped.
    #[error("there is a zero byte at byte {at}")]
    Nul {
        /// Where it starts.
        at: usize,
    },
    /// What it decodes to is not UTF-8.
    #[error("byte {at} after decoding does not continue UTF-8")]
    NotUtf8 {
        /// The first offending byte of the decoded text.
        at: usize,
    },
}

/// `text` with everything but `A-Z a-z 0-9 - _ . ~` written as `%XX`, in upper-case digits.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    encode_into(&mut encoded, text);
    encoded
}

/// Appends what [`encode`] makes of `text` to `encoded`.
pub fn encode_into(encoded: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
}

/// The text that `encoded` stands for; `+` stands for a blank, digits may be of either case.
///
/// # Errors
/// When an escape is broken, or the text has a zero byte or is not UTF-8.
pub fn decode(encoded: &[u8]) -> Result<String, DecodeError> {
    let mut decoded = Vec::new();
    decode_into(&mut decoded, encoded)?;
    String::from_utf8(decoded).map_err(|error| not_utf8(&error.utf8_error()))
}

/// Appends the UTF-8 of what [`decode`] makes of `encoded` to `decoded`.
///
/// # Errors
/// The same; what is appended then has no meaning.
pub fn decode_into(decoded: &mut Vec<u8>, encoded: &[u8]) -> Result<(), DecodeError> {
    // Most of what is sent is plain. Looking at every byte, and not only up to the first that is not,
    // is what a processor does many bytes at a time.
    let is_plain = |byte: &u8| byte.is_ascii() & !matches!(*byte, b'%' | b'+' | 0);
    if encoded.iter().fold(true, |plain, byte| plain & is_plain(byte)) {
        decoded.extend_from_slice(encoded);
        return Ok(());
    }
    let start = decoded.len();
    let mut bytes = encoded.iter().copied().enumerate();
    while let Some((at, byte)) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let (Some((_, high)), Some((_, low))) = (bytes.next(), bytes.next()) else {
                    return Err(DecodeError::CutOff { at });
                };
                escaped(high, low).ok_or(DecodeError::NotHexadecimal { at })?
            }
            b'+' => b' ',
            other => other,
        };
        if byte == 0 {
            return Err(DecodeError::Nul { at });
        }
        decoded.push(byte);
    }
    let unescaped = decoded.get(start..).unwrap_or_default();
    str::from_utf8(unescaped).map(drop).map_err(|error| not_utf8(&error))
}

fn not_utf8(error: &Utf8Error) -> DecodeError {
    DecodeError::NotUtf8 { at: error.valid_up_to() }
}

fn escaped(high: u8, low: u8) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high << 4 | low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_the_signature_needs() {
        for (text, expected) in [
            ("", ""),
            ("AZaz09-_.~", "AZaz09-_.~"),
            ("b c*~", "b%20c%2A~"),
            ("测试 *~+/&=%-_.", "%E6%B5%8B%E8%AF%95%20%2A~%2B%2F%26%3D%25-_."),
            ("x'()!", "x%27%28%29%21"),
            ("\u{7f}\u{1}", "%7F%01"),
        ] {
            assert_eq!(encode(text), expected);
            assert_eq!(decode(expected.as_bytes()).unwrap(), text);
        }
    }

    #[test]
    fn what_is_broken_is_refused_and_the_place_is_named() {
        for (encoded, expected) in [
            (&b"a+b%2b%2B"[..], Ok("a b++")),
            (b"%e6%b5%8b", Ok("测")),
            ("测".as_bytes(), Ok("测")),
            (b"%", Err(DecodeError::CutOff { at: 0 })),
            (b"abc%4", Err(DecodeError::CutOff { at: 3 })),
            (b"ab%4g", Err(DecodeError::NotHexadecimal { at: 2 })),
            (b"%+1", Err(DecodeError::NotHexadecimal { at: 0 })),
            (b"a%00", Err(DecodeError::Nul { at: 1 })),
            (b"a\0", Err(DecodeError::Nul { at: 1 })),
            (b"ab%ff", Err(DecodeError::NotUtf8 { at: 2 })),
            (b"%c0%80", Err(DecodeError::NotUtf8 { at: 0 })),
            (b"%ed%a0%80", Err(DecodeError::NotUtf8 { at: 0 })),
        ] {
            assert_eq!(decode(encoded).as_deref(), expected.as_ref().map(|text| *text), "{encoded:?}");
        }
    }
}
