//! Labels: the names that catalogue items, networks and workers go by.

use alloc::sync::Arc;
use core::fmt;

/// A name for a thing that people or catalogues name: a zone, an image, a subnet, a worker.
///
/// 1 to 128 characters of printable ASCII without blanks, so that it is a safe part of a key, a
/// log line and a URL. Cheap to clone.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Label(Arc<str>);

/// Why a text is no [`Label`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LabelError {
    /// There was nothing.
    #[error("a label is empty")]
    Empty,
    /// There was too much.
    #[error("a label has {bytes} bytes, at most {} are allowed", Label::BYTES_MAX)]
    TooLong {
        /// How many bytes were found.
        bytes: usize,
    },
    /// A blank, a control character or something outside ASCII.
    #[error("character {found:?} at byte {at} of a label is not printable ASCII")]
    Character {
        /// What was found.
        found: char,
        /// Where it starts.
        at: usize,
    },
}

impl Label {
    /// The longest label, in bytes.
    pub const BYTES_MAX: usize = 128;

    /// The label that `text` spells.
    ///
    /// # Errors
    /// When `text` is empty, longer than [`Label::BYTES_MAX`], or has a character that is not printable ASCII.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        if text.is_empty() {
            return Err(LabelError::Empty);
        }
        if text.len() > Self::BYTES_MAX {
            return Err(LabelError::TooLong { bytes: text.len() });
        }
        match text.char_indices().find(|(_, found)| !found.is_ascii_graphic()) {
            Some((at, found)) => Err(LabelError::Character { found, at }),
            None => Ok(Self(Arc::from(text))),
        }
    }

    /// The first label in order.
    #[must_use]
    pub fn lowest() -> Self {
        Self(Arc::from("!"))
    }

    /// A label that no longer one, and no other, comes after.
    #[must_use]
    pub fn highest() -> Self {
        Self(Arc::from("~".repeat(Self::BYTES_MAX)))
    }

    /// The text of the label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::str::FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        Self::parse(text)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_short_printable_ascii() {
        let long = "x".repeat(Label::BYTES_MAX + 1);
        for (text, expected) in [
            ("cn-hangzhou-g", Ok(())),
            ("aliyun_3_x64_20G_alibase.vhd", Ok(())),
            (&long[1..], Ok(())),
            ("", Err(LabelError::Empty)),
            (&long, Err(LabelError::TooLong { bytes: 129 })),
            ("a b", Err(LabelError::Character { found: ' ', at: 1 })),
            ("zone\u{e9}", Err(LabelError::Character { found: '\u{e9}', at: 4 })),
            ("a\0", Err(LabelError::Character { found: '\0', at: 1 })),
        ] {
            assert_eq!(Label::parse(text).map(|_| ()), expected, "{text:?}");
        }
    }
}
