//! What was sent: a list of names and values out of a query and a form, decoded once.
//!
//! The signature is computed over the very list that handlers take their parameters from. Handlers
//! *take*: what is left at the end is what nobody knew.

mod parse;
mod take;
mod value;

use std::fmt;

pub use parse::{ParamsError, Part};
pub use take::{Entry, IndexBeyond, Invalid};
pub use value::{NotBoolean, NotInteger, NotTexts, TEXTS_MAX, boolean, integer, texts};

use crate::percent;

/// Decoded parameters, one value per name, sorted by name in byte order.
///
/// `Debug` prints names only: a value may be a password.
#[derive(Clone, Default)]
pub struct Params {
    /// What stands before each name: empty, or `DataDisk.2.` inside an entry of a list.
    path: String,
    /// Sorted by name, and no name twice.
    slots: Vec<Slot>,
}

/// The place of one parameter. It stays when its value is taken, so that taking moves nothing and
/// what is given back has a place.
#[derive(Clone)]
struct Slot {
    name: String,
    value: Option<String>,
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
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), Some(value.into()));
        match self.slots.binary_search_by(|slot| slot.name.as_str().cmp(&name)) {
            Ok(at) => {
                if let Some(slot) = self.slots.get_mut(at) {
                    slot.value = value;
                }
            }
            Err(at) => self.slots.insert(at, Slot { name, value }),
        }
    }

    /// The value of `name`, be it empty.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        let at = self.slots.binary_search_by(|slot| slot.name.as_str().cmp(name)).ok()?;
        self.slots.get(at)?.value.as_deref()
    }

    /// All parameters, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.slots.iter().filter_map(|slot| Some((slot.name.as_str(), slot.value.as_deref()?)))
    }

    /// The full names of what nobody took.
    pub fn leftover(&self) -> impl Iterator<Item = String> {
        self.iter().map(|(name, _)| self.full_name(name))
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

    fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// Sorts what was appended; of a repeated name the last value counts.
    fn settle(&mut self) {
        self.slots.sort_by(|one, other| one.name.cmp(&other.name));
        self.slots.dedup_by(|later, earlier| {
            let again = later.name == earlier.name;
            if again {
                earlier.value = later.value.take();
            }
            again
        });
    }
}

impl PartialEq for Params {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.iter().eq(other.iter())
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
