//! Taking parameters out of [`Params`]: one value, a list `InstanceId.N`, a list of entries
//! `DataDisk.N.Size`. A newtype knows its rule, the taker knows the name; both meet in [`Invalid`].

use std::ops::Range;
use std::sync::Arc;

use super::{Beginning, Params, Slot};

/// A parameter whose value is not what its taker needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invalid<E> {
    /// Its full name, as it was sent.
    pub name: String,
    /// What the rule says.
    pub reason: E,
}

/// A list has an index that is larger than its taker allows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IndexBeyond {
    /// The full name of the list, without index.
    pub name: String,
    /// The largest index allowed.
    pub at_most: u32,
}

/// One entry of a list of entries: `DataDisk.2.…` is entry 2.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The index as it was sent; indices need not be contiguous.
    pub index: u32,
    /// What stands behind the index, to take from.
    pub params: Params,
}

impl Params {
    /// Takes `name` and parses it; `None` when it is absent or empty.
    ///
    /// A name with dots that says nothing is also looked for without them, as some clients spell it.
    ///
    /// # Errors
    /// What `parse` refuses, with the name.
    pub fn take<T, E>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Invalid<E>> {
        let Some((at, value)) = self.take_place(name).filter(|(_, value)| !value.is_empty()) else {
            return Ok(None);
        };
        let value = self.text.get(value).unwrap_or_default();
        parse(value).map(Some).map_err(|reason| Invalid { name: self.full_name(at).to_owned(), reason })
    }

    /// Takes `name` as it is; `None` when it is absent or empty.
    pub fn take_text(&mut self, name: &str) -> Option<String> {
        self.take_raw(name).filter(|value| !value.is_empty())
    }

    /// Takes `name` as it is; `None` when it is absent, empty when it is empty.
    pub fn take_raw(&mut self, name: &str) -> Option<String> {
        let (_, value) = self.take_place(name)?;
        self.text.get(value).map(str::to_owned)
    }

    /// Where it is, and where what it said is.
    fn take_place(&mut self, name: &str) -> Option<(usize, Range<usize>)> {
        let found = self.at(name).ok().and_then(|at| self.take_at(at));
        let says = found.as_ref().is_some_and(|(_, value)| !value.is_empty());
        if says || !name.contains('.') {
            return found;
        }
        let undotted = || name.bytes().filter(|byte| *byte != b'.');
        let beginning = Beginning::of_bytes(undotted());
        let other = self.slots.binary_search_by(|slot| {
            slot.beginning.cmp(&beginning).then_with(|| slot.name(&self.text).bytes().cmp(undotted()))
        });
        other.ok().and_then(|at| self.take_at(at)).or(found)
    }

    fn take_at(&mut self, at: usize) -> Option<(usize, Range<usize>)> {
        Some((at, self.slots.get_mut(at)?.value.take()?))
    }

    fn full_name(&self, at: usize) -> &str {
        self.slots.get(at).map_or("", |slot| slot.full_name(&self.text))
    }

    /// Takes everything that `know` knows something about, in the order of the names.
    pub fn take_known<T>(&mut self, mut know: impl FnMut(&str, &str) -> Option<T>) -> Vec<T> {
        let mut known = Vec::new();
        for slot in &mut self.slots {
            let name = slot.name(&self.text);
            if let Some(found) = slot.value(&self.text).and_then(|value| know(name, value)) {
                known.push(found);
                slot.value = None;
            }
        }
        known
    }

    /// Takes the list `name.1`, `name.2`, … in the order of its indices, without what is empty.
    ///
    /// # Errors
    /// When an index is above [`Params::INDEX_MAX`].
    pub fn take_list(&mut self, name: &str) -> Result<Vec<String>, IndexBeyond> {
        self.take_list_up_to(name, Self::INDEX_MAX)
    }

    /// [`Params::take_list`] with a limit of the taker's own.
    ///
    /// # Errors
    /// When an index is above `at_most`.
    pub fn take_list_up_to(&mut self, name: &str, at_most: u32) -> Result<Vec<String>, IndexBeyond> {
        let mut list = Vec::new();
        let text = Arc::clone(&self.text);
        for slot in self.slots_of(name) {
            let Some(index) = behind(slot.name(&text), name).and_then(index) else { continue };
            let value = slot.value(&text).filter(|value| !value.is_empty());
            list.extend(value.map(|value| (index, value.to_owned())));
            slot.value = None;
        }
        list.sort_by_key(|(index, _)| *index);
        self.bounded(name, at_most, list.last().map(|(index, _)| *index))?;
        Ok(list.into_iter().map(|(_, value)| value).collect())
    }

    /// Takes the entries `name.1.…`, `name.2.…`, … in the order of their indices. An entry in which
    /// everything is empty is absent.
    ///
    /// # Errors
    /// When an index is above [`Params::INDEX_MAX`].
    pub fn take_structs(&mut self, name: &str) -> Result<Vec<Entry>, IndexBeyond> {
        self.take_structs_up_to(name, Self::INDEX_MAX)
    }

    /// [`Params::take_structs`] with a limit of the taker's own.
    ///
    /// # Errors
    /// When an index is above `at_most`.
    pub fn take_structs_up_to(&mut self, name: &str, at_most: u32) -> Result<Vec<Entry>, IndexBeyond> {
        let mut found: Vec<Entry> = Vec::new();
        let text = Arc::clone(&self.text);
        for slot in self.slots_of(name) {
            let split = behind(slot.name(&text), name).and_then(|behind| behind.split_once('.'));
            let Some((number, rest)) = split else { continue };
            let Some(index) = index(number) else { continue };
            let Some(value) = slot.value.take() else { continue };
            let rest = slot.end.saturating_sub(rest.len());
            let slot = Slot::new(text.as_bytes(), (slot.full, rest, slot.end), value);
            // The largest index may be several that are spelled apart: they are joined below.
            match found.last_mut().filter(|entry| entry.index == index && index < u32::MAX) {
                Some(entry) => entry.params.slots.push(slot),
                None => {
                    let params = Self { text: Arc::clone(&text), slots: vec![slot] };
                    found.push(Entry { index, params });
                }
            }
        }
        // What is sorted by name has each index together, but 10 before 2.
        found.sort_by_key(|entry| entry.index);
        found.dedup_by(|later, earlier| {
            let again = later.index == earlier.index;
            if again {
                earlier.params.slots.append(&mut later.params.slots);
                earlier.params.settle();
            }
            again
        });
        found.retain(|entry| entry.params.iter().any(|(_, value)| !value.is_empty()));
        self.bounded(name, at_most, found.last().map(|entry| entry.index))?;
        Ok(found)
    }

    /// Puts back what is left of an entry, so that [`Params::leftover`] reports it.
    pub fn give_back(&mut self, entry: Entry) {
        let text = entry.params.text;
        let outer = self.path().len();
        for slot in entry.params.slots {
            let name = slot.full_name(&text).get(outer..).unwrap_or_default();
            if let Some(value) = slot.value(&text) {
                self.set(name, value);
            }
        }
    }

    /// The places of everything that begins with the name of a list and a dot.
    fn slots_of(&mut self, list: &str) -> impl Iterator<Item = &mut Slot> {
        let text = Arc::clone(&self.text);
        let wanted = || list.bytes().chain([b'.']);
        let beginning = Beginning::of_bytes(wanted());
        let from = self.slots.partition_point(|slot| {
            slot.beginning.cmp(&beginning).then_with(|| slot.name(&text).bytes().cmp(wanted())).is_lt()
        });
        let slots = self.slots.iter_mut().skip(from);
        slots.take_while(move |slot| behind(slot.name(&text), list).is_some())
    }

    fn bounded(&self, list: &str, at_most: u32, last: Option<u32>) -> Result<(), IndexBeyond> {
        match last {
            Some(last) if last > at_most => {
                Err(IndexBeyond { name: format!("{}{list}", self.path()), at_most })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// What stands behind the name of a list and its dot.
fn behind<'a>(full: &'a str, list: &str) -> Option<&'a str> {
    full.strip_prefix(list)?.strip_prefix('.')
}

/// Indices count from 1 and have one spelling each; one that is too large for any list is the largest.
fn index(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || text.is_empty() || text.starts_with('0') {
        return None;
    }
    Some(text.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{NotInteger, integer};

    fn params(query: &str) -> Params {
        Params::parse(query.as_bytes(), b"").unwrap()
    }

    fn left(params: &Params) -> Vec<String> {
        params.leftover().collect()
    }

    #[test]
    fn a_value_is_taken_once_and_empty_is_absent() {
        let mut sent = params("Amount=3&MinAmount=&Name=&SystemDiskSize=40&Odd=x");
        assert_eq!(sent.take("Amount", integer::<u8>), Ok(Some(3)));
        assert_eq!(sent.take("Amount", integer::<u8>), Ok(None));
        assert_eq!(sent.take("MinAmount", integer::<u8>), Ok(None));
        assert_eq!(sent.take_raw("Name").as_deref(), Some(""));
        assert_eq!(sent.take("SystemDisk.Size", integer::<u32>), Ok(Some(40)));
        assert_eq!(left(&sent), ["Odd"]);
        let odd = Invalid { name: "Odd".to_owned(), reason: NotInteger };
        assert_eq!(sent.take("Odd", integer::<u8>), Err(odd));
    }

    #[test]
    fn an_empty_value_does_not_hide_the_spelling_without_dots() {
        for (query, expected) in [
            ("SystemDisk.Size=40&SystemDiskSize=50", Some("40")),
            ("SystemDisk.Size=&SystemDiskSize=50", Some("50")),
            ("SystemDisk.Size=&SystemDiskSize=", Some("")),
            ("SystemDisk.Size=", Some("")),
            ("SystemDiskSize=", Some("")),
            ("", None),
        ] {
            assert_eq!(params(query).take_raw("SystemDisk.Size").as_deref(), expected, "{query}");
        }
    }

    #[test]
    fn a_list_is_ordered_by_index() {
        let cases: [(&str, &[&str], &[&str]); 6] = [
            ("", &[], &[]),
            ("I.10=c&I.2=b&I.1=a", &["a", "b", "c"], &[]),
            ("I.7=b&I.3=a&I.5=", &["a", "b"], &[]),
            ("I=x&I.=x&I.0=x&I.01=x&I.%2B1=x&I.1=a", &["a"], &["I", "I.", "I.+1", "I.0", "I.01"]),
            ("I.1.Key=x&I.1=a", &["a"], &["I.1.Key"]),
            ("i.1=x&II.1=x&I.100=a", &["a"], &["II.1", "i.1"]),
        ];
        for (query, expected, leftover) in cases {
            let mut sent = params(query);
            assert_eq!(sent.take_list("I").unwrap(), expected, "{query}");
            assert_eq!(left(&sent), leftover, "{query}");
        }
    }

    #[test]
    fn an_index_beyond_the_limit_is_refused() {
        for (query, at_most, refused) in [
            ("I.100=x", 100, false),
            ("I.101=x", 100, true),
            ("I.101=", 100, false),
            ("I.21.Key=x", 20, true),
            ("I.20.Key=x", 20, false),
            ("I.99999999999999999999.Key=x", 20, true),
        ] {
            let expected = IndexBeyond { name: "I".to_owned(), at_most };
            let list = params(query).take_list_up_to("I", at_most).err();
            let structs = params(query).take_structs_up_to("I", at_most).err();
            assert_eq!(list.or(structs), refused.then_some(expected), "{query}");
        }
    }

    #[test]
    fn entries_nest_and_know_their_full_names() {
        let mut sent =
            params("NI.2.SG.2=b&NI.2.SG.1=a&NI.2.Size=x&NI.1.Odd=1&NI.3.Size=&NI.3.Name=&Other=1&NI.4=x");
        let mut entries = sent.take_structs("NI").unwrap();
        assert_eq!(entries.iter().map(|entry| entry.index).collect::<Vec<_>>(), [1, 2]);
        let second = &mut entries[1].params;
        assert_eq!(second.take_list("SG").unwrap(), ["a", "b"]);
        assert_eq!(second.take("Size", integer::<u8>).unwrap_err().name, "NI.2.Size");
        for entry in entries {
            sent.give_back(entry);
        }
        assert_eq!(left(&sent), ["NI.1.Odd", "NI.4", "Other"]);
    }
}
