//! What was sent: a list of names and values out of a query and a form, decoded once.
//!
//! The signature is computed over the very list that handlers take their parameters from. Handlers
//! *take*: what is left at the end is what nobody knew.

mod parse;
mod take;
mod value;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use parse::{ParamsError, Part};
pub use take::{Entry, IndexBeyond, Invalid};
pub use value::{NotBoolean, NotInteger, NotTexts, TEXTS_MAX, boolean, integer, texts};

use crate::percent;

/// Decoded parameters, one value per name, sorted by name in byte order.
///
/// `Debug` prints names only: a value may be a password.
#[derive(Clone, Default)]
pub struct Params {
    /// All names and values, one behind the other: a text of its own for each would be most of the work.
    text: Arc<String>,
    /// Sorted by name, and no name twice.
    slots: Vec<Slot>,
}

/// The place of one parameter. It stays when its value is taken, so that taking moves nothing and
/// what is given back has a place.
///
/// ```text
///  text   …DataDisk.2.Size40…        an entry of a list knows its parameters by what is behind the
///          full       name end       index, and their full names by the same text
/// ```
#[derive(Clone)]
struct Slot {
    /// How the name begins: most comparisons need no more.
    beginning: Beginning,
    full: usize,
    name: usize,
    end: usize,
    /// Where the value is, until it is taken.
    value: Option<Range<usize>>,
}

/// The first sixteen bytes of a name as one number, which compares as they do.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Beginning(u128);

impl Beginning {
    fn of(name: &[u8]) -> Self {
        match name.first_chunk() {
            Some(first) => Self(u128::from_be_bytes(*first)),
            None => Self::of_bytes(name.iter().copied()),
        }
    }

    fn of_bytes(name: impl Iterator<Item = u8>) -> Self {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(name).for_each(|(place, byte)| *place = byte);
        Self(u128::from_be_bytes(bytes))
    }
}

impl Slot {
    /// The place of the name that `text` has between `name` and `end`, and of the full one from `full` on.
    fn new(text: &[u8], (full, name, end): (usize, usize, usize), value: Range<usize>) -> Self {
        let beginning = Beginning::of(text.get(name..end).unwrap_or_default());
        Self { beginning, full, name, end, value: Some(value) }
    }

    fn name<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.name..self.end).unwrap_or_default()
    }

    fn full_name<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.full..self.end).unwrap_or_default()
    }

    /// What it says; nothing once that is taken.
    fn value<'a>(&self, text: &'a str) -> Option<&'a str> {
        text.get(self.value.clone()?)
    }
}

impl Params {
    /// How many parameters one request may have, query and form together, repetitions included.
    pub const COUNT_MAX: usize = 1000;
    /// The longest form, encoded. A query has the same limit.
    pub const PART_BYTES_MAX: usize = 256 * 1024;
    /// The longest name, decoded.
    pub const NAME_BYTES_MAX: usize = 256;
    /// How many parts separated by dots a name may have.
    pub const DEPTH_MAX: usize = 8;
    /// The largest index in a list, where its taker says nothing else.
    pub const INDEX_MAX: u32 = 100;

    /// No parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one parameter, for a client that builds a request. Limits are the reader's business.
    pub fn set(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let (name, value) = (name.as_ref(), value.as_ref());
        let place = self.at(name);
        let text = Arc::make_mut(&mut self.text);
        let start = text.len();
        match place {
            Ok(at) => {
                text.push_str(value);
                if let Some(slot) = self.slots.get_mut(at) {
                    slot.value = Some(start..text.len());
                }
            }
            Err(at) => {
                text.push_str(name);
                let end = text.len();
                text.push_str(value);
                let slot = Slot::new(text.as_bytes(), (start, start, end), end..text.len());
                self.slots.insert(at, slot);
            }
        }
    }

    /// The value of `name`, be it empty.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.slots.get(self.at(name).ok()?)?.value(&self.text)
    }

    /// All parameters, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.slots.iter().filter_map(|slot| Some((slot.name(&self.text), slot.value(&self.text)?)))
    }

    /// The full names of what nobody took.
    pub fn leftover(&self) -> impl Iterator<Item = String> {
        let left = self.slots.iter().filter(|slot| slot.value.is_some());
        left.map(|slot| slot.full_name(&self.text).to_owned())
    }

    /// The query that parses to these parameters: sorted, every value in its one spelling.
    #[must_use]
    pub fn render(&self) -> String {
        self.render_without("")
    }

    /// What [`Params::render`] makes of all parameters but `without`.
    #[must_use]
    pub fn render_without(&self, without: &str) -> String {
        let mut query = String::new();
        for (name, value) in self.iter().filter(|(name, _)| without.is_empty() || *name != without) {
            if !query.is_empty() {
                query.push('&');
            }
            percent::encode_into(&mut query, name);
            query.push('=');
            percent::encode_into(&mut query, value);
        }
        query
    }

    /// The place of `name`, or the place it would have.
    fn at(&self, name: &str) -> Result<usize, usize> {
        let beginning = Beginning::of(name.as_bytes());
        self.slots.binary_search_by(|slot| {
            slot.beginning.cmp(&beginning).then_with(|| slot.name(&self.text).cmp(name))
        })
    }

    /// What stands before each name: nothing, or `DataDisk.2.` inside an entry of a list.
    fn path(&self) -> &str {
        let path = |slot: &Slot| self.text.get(slot.full..slot.name);
        self.slots.first().and_then(path).unwrap_or_default()
    }

    /// Sorts what was appended; of a repeated name the last value counts.
    fn settle(&mut self) {
        let text = &*self.text;
        self.slots.sort_by(|one, other| {
            one.beginning.cmp(&other.beginning).then_with(|| one.name(text).cmp(other.name(text)))
        });
        self.slots.dedup_by(|later, earlier| {
            let again = later.beginning == earlier.beginning && later.name(text) == earlier.name(text);
            if again {
                earlier.value = later.value.take();
            }
            again
        });
    }
}

impl PartialEq for Params {
    /// By full names and values.
    fn eq(&self, other: &Self) -> bool {
        let said = |params: &Self| -> Vec<(String, String)> {
            let values = params.iter().map(|(_, value)| value.to_owned());
            params.leftover().zip(values).collect()
        };
        said(self) == said(other)
    }
}

impl Eq for Params {}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.leftover()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_names_only() {
        let mut params = Params::new();
        params.set("Password", "planted");
        assert_eq!(format!("{params:?}"), r#"{"Password"}"#);
    }

    #[test]
    fn names_are_sorted_by_bytes() {
        let mut params = Params::new();
        for name in ["a", "DataDisk.10.Size", "Z", "DataDisk.1.Size"] {
            params.set(name, "");
        }
        assert_eq!(params.render(), "DataDisk.1.Size=&DataDisk.10.Size=&Z=&a=");
        assert_eq!(params.render_without("Z"), "DataDisk.1.Size=&DataDisk.10.Size=&a=");
    }
}
