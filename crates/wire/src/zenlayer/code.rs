//! Every error code of this dialect, as constants: a code never comes from a text built where
//! something failed. The messages are ours; the reference lists codes only.

/// Writes `Code` constants and the list of them: name, status, message. The name is the code.
macro_rules! codes {
    ($list:ident; $($(#[$doc:meta])* $name:ident = $status:literal $message:literal;)*) => {
        impl Code {
            $($(#[$doc])*
            pub const $name: Self = Self { code: stringify!($name), status: $status, message: $message };)*
        }

        pub(super) const $list: &[Code] = &[$(Code::$name),*];
    };
}

mod instance;
mod launch;
mod network;

use instance::INSTANCE;
use launch::LAUNCH;
use network::NETWORK;

/// An error: code, HTTP status, message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Code {
    /// What clients compare with.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What people read. `{}` is where the value goes that the fault is about.
    pub message: &'static str,
}

impl Code {
    /// The codes by the table that lists them.
    const LISTS: [&[Self]; 4] = [PROTOCOL, LAUNCH, INSTANCE, NETWORK];

    /// All codes.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        Self::LISTS.into_iter().flatten()
    }
}

codes! {
    PROTOCOL;

    /// Every action: the key is unknown, or the signature is not the one of the request.
    AUTHFAILURE_SIGNATURE_FAILURE = 401 "The access key does not exist, or the signature does not match.";
    /// Every action: `x-zc-timestamp` is more than five minutes off.
    AUTHFAILURE_SIGNATURE_EXPIRE = 401 "The signature has expired: x-zc-timestamp is too far from the server's time.";
    /// Every action: `x-zc-action` and `x-zc-version` name none.
    INVALID_ACTION = 404 "The specified action is not found.";
    /// Every action: something is absent that must be there.
    MISSING_PARAMETER = 400 "The parameter `{}` is missing.";
    /// Every action: a value is not valid, and there is no code of its own for that.
    INVALID_PARAMETER_VALUE = 400 "The value of the parameter `{}` is not valid.";
    /// Every action: overload; nothing was changed.
    SERVICE_TEMPORARY_UNAVAILABLE = 503 "The service is temporarily unavailable.";
    /// Every action: our fault. Never after a commit.
    INTERNAL_SERVER_ERROR = 500 "The request failed because of an internal error.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_code_is_there_twice() {
        let mut seen = BTreeSet::new();
        for code in Code::all() {
            assert!(seen.insert(code.code), "{}", code.code);
        }
    }

    #[test]
    fn codes_are_upper_case_and_none_is_a_success() {
        for code in Code::all() {
            let known = |digit: char| digit.is_ascii_uppercase() || digit.is_ascii_digit() || digit == '_';
            assert!(code.code.chars().all(known), "{}", code.code);
            assert!((400..600).contains(&code.status), "{}", code.code);
            assert!(code.message.matches("{}").count() <= 1, "{}", code.code);
        }
    }
}
