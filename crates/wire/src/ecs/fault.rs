//! What a client reads when its request fails: a code and what fills its message. Logs get the
//! code and the parameter, never the message: it may quote what was sent.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::code::{Code, Message};
use crate::params::{IndexBeyond, Invalid, NotBoolean, NotInteger, NotTexts, ParamsError};
use crate::time::TimeError;

/// One failed request, as the client is told.
#[derive(Clone, Eq, PartialEq)]
pub struct Fault {
    /// Code, status, and the shape of the message.
    pub code: Code,
    /// The parameter at fault, by its full name, where it is one.
    pub parameter: Option<Cow<'static, str>>,
    detail: Option<String>,
}

impl Fault {
    /// The fault that `code` says all about.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, parameter: None, detail: None }
    }

    /// A fault whose message has a part of its own: what stands in its gap, or all of a free one.
    #[must_use]
    pub fn with(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(code) }
    }

    /// `parameter` is absent and must be there.
    #[must_use]
    pub fn missing(parameter: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::MISSING_PARAMETER).about(parameter)
    }

    /// `parameter` has a value that is not valid, and there is no code of its own for that.
    #[must_use]
    pub fn invalid(parameter: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::INVALID_PARAMETER_NAMED).about(parameter)
    }

    /// The same fault, and which parameter it is about.
    #[must_use]
    pub fn about(self, parameter: impl Into<Cow<'static, str>>) -> Self {
        Self { parameter: Some(parameter.into()), ..self }
    }

    /// The sentence for the client.
    #[must_use]
    pub fn message(&self) -> Cow<'static, str> {
        let detail = self.detail.as_deref();
        match (self.code.message, detail.or(self.parameter.as_deref())) {
            (Message::Fixed(text), _) => Cow::Borrowed(text),
            (Message::Around { before, after }, value) => {
                Cow::Owned(format!("{before}{}{after}", value.unwrap_or_default()))
            }
            (Message::Dynamic, Some(text)) if detail.is_some() => Cow::Owned(text.to_owned()),
            (Message::Dynamic, Some(parameter)) => {
                Cow::Owned(format!("The specified parameter \"{parameter}\" is not valid."))
            }
            (Message::Dynamic, None) => Cow::Borrowed("The specified parameter is not valid."),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("code", &self.code.code).field("parameter", &self.parameter).finish()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.status, self.code.code)?;
        match &self.parameter {
            Some(parameter) => write!(f, " about {parameter:?}"),
            None => Ok(()),
        }
    }
}

impl Error for Fault {}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<Invalid<Code>> for Fault {
    fn from(invalid: Invalid<Code>) -> Self {
        Self::new(invalid.reason).about(invalid.name)
    }
}

impl From<Invalid<Self>> for Fault {
    fn from(invalid: Invalid<Self>) -> Self {
        match invalid.reason.parameter {
            Some(_) => invalid.reason,
            None => invalid.reason.about(invalid.name),
        }
    }
}

impl From<Invalid<NotBoolean>> for Fault {
    fn from(invalid: Invalid<NotBoolean>) -> Self {
        Self::invalid(invalid.name)
    }
}

impl From<Invalid<NotInteger>> for Fault {
    fn from(invalid: Invalid<NotInteger>) -> Self {
        Self::invalid(invalid.name)
    }
}

impl From<Invalid<NotTexts>> for Fault {
    fn from(invalid: Invalid<NotTexts>) -> Self {
        Self::invalid(invalid.name)
    }
}

impl From<Invalid<TimeError>> for Fault {
    fn from(invalid: Invalid<TimeError>) -> Self {
        Self::invalid(invalid.name)
    }
}

impl From<IndexBeyond> for Fault {
    fn from(beyond: IndexBeyond) -> Self {
        Self::invalid(beyond.name)
    }
}

impl From<ParamsError> for Fault {
    /// These errors name places and limits, never what was sent, so the client may read them.
    fn from(error: ParamsError) -> Self {
        let detail = match error.source() {
            Some(source) => format!("The request cannot be read: {error}: {source}."),
            None => format!("The request cannot be read: {error}."),
        };
        Self::with(Code::INVALID_PARAMETER_DETAIL, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{Params, integer};

    #[test]
    fn messages_are_those_of_the_reference() {
        for (fault, status, code, message) in [
            (
                Fault::missing("RegionId"),
                400,
                "MissingParameter",
                "The input parameter \"RegionId\" that is mandatory for processing this request is not supplied.",
            ),
            (
                Fault::new(Code::INVALID_PERIOD).about("Period"),
                400,
                "InvalidPeriod",
                "The specified period is not valid.",
            ),
            (
                Fault::invalid("DataDisk.1.Encrypted"),
                400,
                "InvalidParameter",
                "The specified parameter \"DataDisk.1.Encrypted\" is not valid.",
            ),
            (
                Fault::with(Code::INVALID_PARAMETER_CONFLICT, "One of both.").about("ImageFamily"),
                400,
                "InvalidParameter.Conflict",
                "One of both.",
            ),
            (
                Fault::new(Code::INVALID_PARAM_AMOUNT).about("Amount"),
                403,
                "InvalidParam.Amount",
                "The specified parameter \"Amount\" is not valid.",
            ),
            (
                Fault::with(Code::SIGNATURE_DOES_NOT_MATCH, "GET&%2F&A"),
                400,
                "SignatureDoesNotMatch",
                "Specified signature is not matched with our calculation. server string to sign is:GET&%2F&A",
            ),
        ] {
            assert_eq!((fault.code.status, fault.code.code), (status, code));
            assert_eq!(fault.message(), message);
        }
    }

    #[test]
    fn taking_gives_the_fault_its_parameter() {
        let mut params = Params::parse(b"Amount=x&Period=y&Broken=z", b"").unwrap();
        let amount: Fault = params.take("Amount", integer::<u8>).unwrap_err().into();
        assert_eq!(amount, Fault::invalid("Amount"));
        let period: Fault = params.take("Period", |_| Err::<(), _>(Code::INVALID_PERIOD)).unwrap_err().into();
        assert_eq!(period, Fault::new(Code::INVALID_PERIOD).about("Period"));
        let broken: Fault = Params::parse(b"a=%00", b"").unwrap_err().into();
        assert_eq!(
            broken.message(),
            "The request cannot be read: parameter 1 of the query is not well encoded: there is a zero byte at byte 0."
        );
    }

    #[test]
    fn neither_debug_nor_display_quotes_the_message() {
        let fault = Fault::with(Code::SIGNATURE_DOES_NOT_MATCH, "planted");
        assert_eq!(format!("{fault:?}"), r#"Fault { code: "SignatureDoesNotMatch", parameter: None }"#);
        assert_eq!(fault.to_string(), "400 SignatureDoesNotMatch");
    }
}
