//! The shapes that values have in every dialect: booleans, integers, lists written as JSON.

use std::str::FromStr;

/// The value is neither `true` nor `false`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotBoolean;

/// The value is no decimal integer, or too large for its type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotInteger;

/// The value is no JSON list of texts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotTexts {
    /// It does not parse, or holds something else, or a text in it has a zero byte.
    Malformed,
    /// There are more than [`TEXTS_MAX`].
    TooMany,
}

/// How many texts a JSON list may hold.
pub const TEXTS_MAX: usize = 100;

/// `true` or `false`, in any case.
///
/// # Errors
/// When it is neither.
pub fn boolean(text: &str) -> Result<bool, NotBoolean> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(NotBoolean)
    }
}

/// Decimal digits, perhaps after a minus, with blanks around them that do not count.
///
/// # Errors
/// When it is something else, or does not fit.
pub fn integer<T: FromStr>(text: &str) -> Result<T, NotInteger> {
    let text = text.trim_matches(' ');
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| NotInteger)
    } else {
        Err(NotInteger)
    }
}

/// A JSON text such as `["i-1","i-2"]`, of at most 100.
///
/// # Errors
/// When it is something else, or too long.
pub fn texts(text: &str) -> Result<Vec<String>, NotTexts> {
    let texts: Vec<String> = serde_json::from_str(text).map_err(|_| NotTexts::Malformed)?;
    if texts.len() > TEXTS_MAX {
        return Err(NotTexts::TooMany);
    }
    if texts.iter().any(|text| text.contains('\0')) {
        return Err(NotTexts::Malformed);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans() {
        for (text, expected) in [
            ("true", Ok(true)),
            ("True", Ok(true)),
            ("FALSE", Ok(false)),
            ("false", Ok(false)),
            ("", Err(NotBoolean)),
            (" true", Err(NotBoolean)),
            ("1", Err(NotBoolean)),
            ("yes", Err(NotBoolean)),
        ] {
            assert_eq!(boolean(text), expected, "{text}");
        }
    }

    #[test]
    fn integers() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("007", Ok(7)),
            (" 42 ", Ok(42)),
            ("-5", Ok(-5)),
            ("127", Ok(127)),
            ("128", Err(NotInteger)),
            ("99999999999999999999", Err(NotInteger)),
            ("", Err(NotInteger)),
            ("-", Err(NotInteger)),
            ("+5", Err(NotInteger)),
            ("5.0", Err(NotInteger)),
            ("1e2", Err(NotInteger)),
            ("\t5", Err(NotInteger)),
            ("５", Err(NotInteger)),
            ("4 2", Err(NotInteger)),
        ] {
            assert_eq!(integer::<i8>(text), expected, "{text:?}");
        }
        assert_eq!(integer::<u8>("-1"), Err(NotInteger));
    }

    #[test]
    fn json_lists() {
        for (text, expected) in [
            ("[]", Ok(&[][..])),
            (r#"["i-1","i-2"]"#, Ok(&["i-1", "i-2"][..])),
            (r#" [ "测" ] "#, Ok(&["测"])),
            ("", Err(NotTexts::Malformed)),
            ("i-1", Err(NotTexts::Malformed)),
            (r#""i-1""#, Err(NotTexts::Malformed)),
            (r#"["i-1",2]"#, Err(NotTexts::Malformed)),
            (r#"[["i-1"]]"#, Err(NotTexts::Malformed)),
            (r#"["i-1"]]"#, Err(NotTexts::Malformed)),
            (r#"["i-1",]"#, Err(NotTexts::Malformed)),
            (r#"["a\u0000"]"#, Err(NotTexts::Malformed)),
        ] {
            let found = texts(text);
            let found: Result<Vec<&str>, _> =
                found.as_ref().map(|list| list.iter().map(String::as_str).collect()).map_err(|error| *error);
            assert_eq!(found.as_deref(), expected.as_ref().map(|list| *list), "{text}");
        }
        let list = |count: usize| serde_json::to_string(&vec!["i"; count]).unwrap();
        assert!(texts(&list(100)).is_ok());
        assert_eq!(texts(&list(101)), Err(NotTexts::TooMany));
        assert_eq!(texts(&"[".repeat(100_000)), Err(NotTexts::Malformed));
    }
}
