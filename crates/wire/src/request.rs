//! What arrives, before any dialect has read it.

use std::fmt;

/// A request as HTTP delivers it.
#[derive(Clone, Copy, Default)]
pub struct Request<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// What stands behind the `?` of the target, still encoded.
    pub query: &'a [u8],
    /// The headers: names in any case, values trimmed.
    pub headers: &'a [(&'a str, &'a str)],
    /// The whole body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The value of a header; of a repeated one the first counts. Empty is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(*value).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}
