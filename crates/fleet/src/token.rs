//! Idempotency tokens: one outcome for one request, however often it is sent.

use core::fmt;

use alloc::sync::Arc;

use crate::{AccountId, AfterCreation, BatchId, Label, ReceiptId, Time};

/// The text of a token: 1 to 64 printable ASCII characters; case counts.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TokenText(Arc<str>);

impl TokenText {
    /// The longest token, in characters.
    pub const CHARACTERS_MAX: usize = 64;

    /// The token that `text` spells, or `None` when it is empty, too long or not printable ASCII.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let legal = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        (legal && !text.is_empty() && text.len() <= Self::CHARACTERS_MAX).then(|| Self(Arc::from(text)))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A digest of what a request says: neither the order of its parameters nor empty ones matter. A
/// default that is spelled out makes another request.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The token of a request, and what the request said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientToken {
    /// The token.
    pub text: TokenText,
    /// What came with it.
    pub fingerprint: Fingerprint,
}

/// Where a token counts: the same text names another token in another account, region or action.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TokenKey {
    /// Whose it is.
    pub account: AccountId,
    /// What it was sent with.
    pub action: TokenAction,
    /// Where it was sent to.
    pub region: Label,
    /// Its text.
    pub text: TokenText,
}

/// The actions that take a token.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum TokenAction {
    /// A launch whose instances start (RunInstances).
    Launch,
    /// A launch whose instance stays stopped (CreateInstance).
    Create,
    /// A release of several instances (DeleteInstances).
    Release,
    /// Making a network (CreateVpc).
    CreateNetwork,
    /// Making a subnet (CreateVSwitch).
    CreateSubnet,
    /// Making a group (CreateSecurityGroup).
    CreateGroup,
    /// None: it is the id of the request that a launch came with, and names what became of it for as
    /// long as that is remembered.
    Request,
}

impl From<AfterCreation> for TokenAction {
    fn from(after: AfterCreation) -> Self {
        match after {
            AfterCreation::Start => Self::Launch,
            AfterCreation::Stay => Self::Create,
        }
    }
}

/// A token that was used: a record of its one outcome.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token {
    /// Where it counts.
    pub key: TokenKey,
    /// What it was used for.
    pub fingerprint: Fingerprint,
    /// What came of it.
    pub outcome: TokenOutcome,
    /// When it may be used anew.
    pub expires_at: Time,
}

/// What a token names. What it names names it back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenOutcome {
    /// A launch.
    Batch(BatchId),
    /// A [`Receipt`](crate::Receipt): anything else.
    Receipt(ReceiptId),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn a_token_is_at_most_64_printable_ascii_characters() {
        let longest = String::from_utf8([b'x'; 64].to_vec()).unwrap();
        let too_long = std::format!("{longest}x");
        for (text, legal) in [
            ("a", true),
            (&*longest, true),
            ("A-b_1 {}", true),
            ("", false),
            (&*too_long, false),
            ("\u{e9}", false),
            ("a\n", false),
        ] {
            assert_eq!(TokenText::parse(text).is_some(), legal, "{text:?}");
        }
    }
}
