//! What keeps a trial from being carried out; not what it finds.

use std::error::Error;
use std::fmt;

/// Says why, with every cause behind it.
pub(crate) struct Trouble(String);

pub(crate) type Outcome<T> = Result<T, Trouble>;

impl Trouble {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// An error and its causes, on one line.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace('\n', " ")
}

// Without `Display` and `Error` of its own, so that any error becomes one.
impl<E: Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(told(&error))
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
