//! What a client reads when its request fails: a code and the value it is about. Logs get the code
//! alone: the value may be what was sent.

use std::error::Error;
use std::fmt;

use super::Code;

/// One failed request, as the client is told.
#[derive(Clone, Eq, PartialEq)]
pub struct Fault {
    /// Code, status, and the shape of the message.
    pub code: Code,
    value: Option<String>,
}

impl Fault {
    /// The fault that `code` says all about.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, value: None }
    }

    /// The fault about `value`: the name of a parameter, or what was found there.
    #[must_use]
    pub fn about(code: Code, value: impl Into<String>) -> Self {
        Self { code, value: Some(value.into()) }
    }

    /// The sentence for the client.
    #[must_use]
    pub fn message(&self) -> String {
        self.code.message.replacen("{}", self.value.as_deref().unwrap_or_default(), 1)
    }
}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("code", &self.code.code).finish_non_exhaustive()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.status, self.code.code)
    }
}

impl Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_reads_the_value_and_the_log_does_not() {
        let fault = Fault::about(Code::INVALID_PARAMETER_VALUE, "planted {}");
        assert_eq!(fault.message(), "The value of the parameter `planted {}` is not valid.");
        assert_eq!(fault.to_string(), "400 INVALID_PARAMETER_VALUE");
        assert!(!format!("{fault:?}").contains("planted"));
    }

    #[test]
    fn a_message_without_a_gap_stays_as_it_is() {
        assert_eq!(Fault::about(Code::INVALID_ACTION, "x").message(), Code::INVALID_ACTION.message);
    }
}
