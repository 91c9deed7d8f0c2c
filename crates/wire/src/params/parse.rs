//! From bytes to [`Params`]: limits first, then decoding, and every refusal names the place.

use std::sync::Arc;

use super::{Params, Slot};
use crate::percent::{self, DecodeError};

/// Where parameters travel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// In the query of the target.
    Query,
    /// In a form body.
    Form,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Query => "query",
            Self::Form => "form",
        })
    }
}

/// Why bytes are no [`Params`]. `place` counts the parameters of a part from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ParamsError {
    /// The part is too long to be looked at.
    #[error("the {part} has {bytes} bytes, at most {} are allowed", Params::PART_BYTES_MAX)]
    TooLong {
        /// Which part.
        part: Part,
        /// How long it is.
        bytes: usize,
    },
    /// There are too many parameters.
    #[error("there are more than {} parameters", Params::COUNT_MAX)]
    TooMany,
    /// A name or a value does not decode.
    #[error("parameter {place} of the {part} is not well encoded")]
    Encoding {
        /// Which part.
        part: Part,
        /// Which parameter of it.
        place: usize,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A name is too long.
    #[error("the name of parameter {place} of the {part} is longer than {} bytes", Params::NAME_BYTES_MAX)]
    NameTooLong {
        /// Which part.
        part: Part,
        /// Which parameter of it.
        place: usize,
    },
    /// A name has too many dots.
    #[error("the name of parameter {place} of the {part} is more than {} levels deep", Params::DEPTH_MAX)]
    TooDeep {
        /// Which part.
        part: Part,
        /// Which parameter of it.
        place: usize,
    },
}

impl Params {
    /// The parameters of a query and a form. Of a repeated name the last value counts; the form's
    /// values count more than the query's.
    ///
    /// # Errors
    /// When a limit is passed or something does not decode.
    pub fn parse(query: &[u8], form: &[u8]) -> Result<Self, ParamsError> {
        for (part, bytes) in [(Part::Query, query.len()), (Part::Form, form.len())] {
            if bytes > Self::PART_BYTES_MAX {
                return Err(ParamsError::TooLong { part, bytes });
            }
        }
        // There may be fewer pairs than this, since empty ones do not count; never more.
        let most = ampersands(query).saturating_add(ampersands(form)).saturating_add(2);
        if most > Self::COUNT_MAX
            && pairs(query).count().saturating_add(pairs(form).count()) > Self::COUNT_MAX
        {
            return Err(ParamsError::TooMany);
        }
        let slots = Vec::with_capacity(most.min(Self::COUNT_MAX));
        let mut params = Self { slots, ..Self::new() };
        let mut text = Vec::with_capacity(query.len().saturating_add(form.len()));
        params.read(Part::Query, query, &mut text)?;
        params.read(Part::Form, form, &mut text)?;
        // Each piece of it is UTF-8, and so is the whole; were it not, nothing of it would be taken for said.
        params.text = Arc::new(String::from_utf8(text).map_err(|error| ParamsError::Encoding {
            part: Part::Form,
            place: params.slots.len(),
            source: DecodeError::NotUtf8 { at: error.utf8_error().valid_up_to() },
        })?);
        params.settle();
        Ok(params)
    }

    fn read(&mut self, part: Part, sent: &[u8], text: &mut Vec<u8>) -> Result<(), ParamsError> {
        for (place, pair) in (1_usize..).zip(pairs(sent)) {
            let (name, value) = split_once(pair);
            let broken = |source| ParamsError::Encoding { part, place, source };
            let start = text.len();
            percent::decode_into(text, name).map_err(broken)?;
            let end = text.len();
            percent::decode_into(text, value).map_err(broken)?;
            let name = text.get(start..end).unwrap_or_default();
            if name.len() > Self::NAME_BYTES_MAX {
                return Err(ParamsError::NameTooLong { part, place });
            }
            if name.iter().filter(|byte| **byte == b'.').count() >= Self::DEPTH_MAX {
                return Err(ParamsError::TooDeep { part, place });
            }
            self.slots.push(Slot::new(text, (start, start, end), end..text.len()));
        }
        Ok(())
    }
}

fn ampersands(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'&').count()
}

fn pairs(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty())
}

/// A name without `=` has an empty value.
fn split_once(pair: &[u8]) -> (&[u8], &[u8]) {
    let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
    let (name, value) = pair.split_at(at);
    (name, value.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_form_become_one_list() {
        for (query, form, expected) in [
            ("", "", ""),
            ("&&", "&", ""),
            ("b=2&a=1", "", "a=1&b=2"),
            ("a", "", "a="),
            ("a=b=c", "", "a=b%3Dc"),
            ("=x", "", "=x"),
            ("a=1+2", "b=%2B", "a=1%202&b=%2B"),
            ("a=1&a=2", "", "a=2"),
            ("a=query", "a=form", "a=form"),
            ("a=query", "a=", "a="),
            ("a=1", "b=2&a=3", "a=3&b=2"),
            ("%61=1", "", "a=1"),
        ] {
            let params = Params::parse(query.as_bytes(), form.as_bytes()).unwrap();
            assert_eq!(params.render(), expected, "{query} and {form}");
        }
    }

    #[test]
    fn what_is_broken_is_named_by_part_and_place() {
        use DecodeError::{CutOff, Nul};
        use Part::{Form, Query};
        let encoding = |part, place, source| ParamsError::Encoding { part, place, source };
        for (query, form, expected) in [
            ("a=%", "", encoding(Query, 1, CutOff { at: 0 })),
            ("a=1&b%4=1", "", encoding(Query, 2, CutOff { at: 1 })),
            ("a=%", "b=%", encoding(Query, 1, CutOff { at: 0 })),
            ("a=1", "b=2&c=x%00", encoding(Form, 2, Nul { at: 1 })),
            ("a.b.c.d.e.f.g.h.i=1", "", ParamsError::TooDeep { part: Query, place: 1 }),
        ] {
            assert_eq!(Params::parse(query.as_bytes(), form.as_bytes()), Err(expected), "{query} and {form}");
        }
    }

    #[test]
    fn limits_hold_at_one_below_at_and_one_above() {
        let nested = |depth: usize| vec!["a"; depth].join(".");
        assert!(Params::parse(nested(Params::DEPTH_MAX).as_bytes(), b"").is_ok());
        assert!(Params::parse(nested(Params::DEPTH_MAX + 1).as_bytes(), b"").is_err());

        let named = |bytes: usize| "n".repeat(bytes);
        assert!(Params::parse(named(Params::NAME_BYTES_MAX).as_bytes(), b"").is_ok());
        assert!(Params::parse(named(Params::NAME_BYTES_MAX + 1).as_bytes(), b"").is_err());

        let many = |count: usize| "a=1&".repeat(count);
        for (in_query, in_form, fits) in
            [(999, 0, true), (500, 500, true), (1000, 1, false), (1, 1000, false)]
        {
            let parsed = Params::parse(many(in_query).as_bytes(), many(in_form).as_bytes());
            assert_eq!(parsed.is_ok(), fits, "{in_query} and {in_form}");
        }

        let long = |bytes: usize| format!("a={}", "x".repeat(bytes - 2));
        for (bytes, fits) in [
            (Params::PART_BYTES_MAX - 1, true),
            (Params::PART_BYTES_MAX, true),
            (Params::PART_BYTES_MAX + 1, false),
        ] {
            assert_eq!(Params::parse(long(bytes).as_bytes(), b"").is_ok(), fits);
            assert_eq!(Params::parse(b"", long(bytes).as_bytes()).is_ok(), fits);
        }
    }
}
