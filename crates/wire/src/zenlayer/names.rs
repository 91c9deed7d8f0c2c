//! Names of instances and hosts: `contract/zenlayer.md` section 2.
//!
//! ```text
//! web               all alike
//! web-[3,2]         web-03, web-04, …        begin 3, two digits
//! web[]  web[,]     web000000, web000001, …  begin 0, six digits
//! web_[3,3]         web003, web004, …        the underscore belongs to the pattern
//! a[1,1]b[7,2]      a1b07, a2b08, …
//! ```

use fleet::{NamePart, Names, Naming};

/// The longest name, in characters.
pub(super) const CHARACTERS_MAX: usize = 64;
/// The largest number that a pattern begins with.
const BEGIN_MAX: u32 = 99_999;
/// The most digits of a pattern, and how many it has when it says nothing.
const DIGITS_MAX: u8 = 6;

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum NameFault {
    /// It has characters that no name has, or brackets that are no pattern.
    Malformed,
    /// It has more than [`CHARACTERS_MAX`] characters, or would have with its numbers.
    TooLong,
}

/// The names that `text` asks for, for so many instances.
pub(super) fn names(text: &str, amount: u8) -> Result<Names, NameFault> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('[') {
        let (pattern, after) = behind.split_once(']').ok_or(NameFault::Malformed)?;
        fixed(&mut parts, before.strip_suffix('_').unwrap_or(before))?;
        parts.push(number(pattern).ok_or(NameFault::Malformed)?);
        rest = after;
    }
    fixed(&mut parts, rest)?;
    let naming = match parts.as_slice() {
        [] => return Err(NameFault::Malformed),
        [NamePart::Text(name)] => Naming::Fixed(name.clone()),
        _ => Naming::Parts(parts),
    };
    let names = Names { naming, unique_suffix: false };
    // Numbers only grow, so that the last name is the longest.
    let last = names.name(amount.saturating_sub(1)).unwrap_or_default();
    if last.len() > CHARACTERS_MAX { Err(NameFault::TooLong) } else { Ok(names) }
}

/// One name, in which nothing counts.
pub(super) fn name(text: &str) -> Result<&str, NameFault> {
    match text.bytes().all(is_of_names) {
        false => Err(NameFault::Malformed),
        true if text.len() > CHARACTERS_MAX => Err(NameFault::TooLong),
        true => Ok(text),
    }
}

fn fixed(parts: &mut Vec<NamePart>, text: &str) -> Result<(), NameFault> {
    if !text.bytes().all(is_of_names) {
        return Err(NameFault::Malformed);
    }
    if !text.is_empty() {
        parts.push(NamePart::Text(text.into()));
    }
    Ok(())
}

const fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.'
}

fn number(pattern: &str) -> Option<NamePart> {
    let (begin, digits) = pattern.split_once(',').unwrap_or((pattern, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(begin) || !plain(digits) {
        return None;
    }
    let begin = if begin.is_empty() { Some(0) } else { begin.parse().ok() };
    let digits = if digits.is_empty() { Some(DIGITS_MAX) } else { digits.parse().ok() };
    let begin = begin.filter(|begin| *begin <= BEGIN_MAX)?;
    let digits = digits.filter(|digits| (1..=DIGITS_MAX).contains(digits))?;
    Some(NamePart::Number { begin, digits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_as_the_contract_says() {
        for (text, expected) in [
            ("web", Ok(["web", "web"])),
            ("server_[3,3]", Ok(["server003", "server004"])),
            ("web-[3,2].x", Ok(["web-03.x", "web-04.x"])),
            ("web[]", Ok(["web000000", "web000001"])),
            ("web[,]", Ok(["web000000", "web000001"])),
            ("web[7]", Ok(["web000007", "web000008"])),
            ("web[,1]", Ok(["web0", "web1"])),
            ("web[9,1]", Ok(["web9", "web10"])),
            ("[99999,1]", Ok(["99999", "100000"])),
            ("a[1,1]b[7,2]", Ok(["a1b07", "a2b08"])),
            ("", Err(NameFault::Malformed)),
            ("a b", Err(NameFault::Malformed)),
            ("a_b", Err(NameFault::Malformed)),
            ("a[ 1,1]", Err(NameFault::Malformed)),
            ("a[1,7]", Err(NameFault::Malformed)),
            ("a[1,0]", Err(NameFault::Malformed)),
            ("a[100000,1]", Err(NameFault::Malformed)),
            ("a[1,1", Err(NameFault::Malformed)),
            ("a]", Err(NameFault::Malformed)),
            ("a[1,1,1]", Err(NameFault::Malformed)),
            ("a[+1,1]", Err(NameFault::Malformed)),
            ("\u{e9}", Err(NameFault::Malformed)),
        ] {
            let found = names(text, 2).map(|names| [0, 1].map(|index| names.name(index).unwrap()));
            assert_eq!(found, expected.map(|names: [&str; 2]| names.map(String::from)), "{text}");
        }
    }

    #[test]
    fn a_name_has_64_characters_with_its_numbers() {
        let text = |prefix: usize, rest: &str| "x".repeat(prefix) + rest;
        for (text, amount, fits) in [
            (text(64, ""), 1, true),
            (text(65, ""), 1, false),
            (text(58, "[0,6]"), 100, true),
            (text(59, "[0,6]"), 1, false),
            (text(63, "[9,1]"), 1, true),
            (text(63, "[9,1]"), 2, false),
        ] {
            assert_eq!(names(&text, amount).is_ok(), fits, "{text} for {amount}");
        }
        assert_eq!(name(&text(65, "")), Err(NameFault::TooLong));
        assert_eq!(name("a[1,1]"), Err(NameFault::Malformed));
    }
}
