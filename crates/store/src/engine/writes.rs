//! The writes of a commit, in one piece of memory.
//!
//! A launch writes a dozen short keys and values. Each in memory of its own would take more time to ask for and to
//! give back than to fill, above all where one thread decides and another lets go.

use core::fmt;
use core::ops::Range;

/// One key and its new value; `None` removes it.
#[derive(Clone, Eq, PartialEq)]
pub struct Write {
    /// Which key.
    pub key: Vec<u8>,
    /// What it holds from now on.
    pub value: Option<Vec<u8>>,
}

/// One of some [`Writes`].
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct WriteRef<'w> {
    /// Which key.
    pub key: &'w [u8],
    /// What it holds from now on; `None` when it is removed.
    pub value: Option<&'w [u8]>,
}

impl WriteRef<'_> {
    /// How many bytes the key and the value have together.
    #[must_use]
    pub fn size(&self) -> usize {
        self.key.len().saturating_add(self.value.map_or(0, <[u8]>::len))
    }
}

/// Keys and what they hold from now on, in the order they were added in.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Writes {
    /// Each key with its value behind it.
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// Where a write ends; it begins where the one before it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Place {
    key_end: usize,
    end: usize,
    removes: bool,
}

impl Writes {
    /// With room for so many writes and bytes.
    #[must_use]
    pub fn with_capacity(writes: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), places: Vec::with_capacity(writes) }
    }

    /// Lets `key` hold `value`.
    pub fn put(&mut self, key: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.end(key_end, false);
    }

    /// Removes `key`.
    pub fn remove(&mut self, key: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.end(self.bytes.len(), true);
    }

    /// Lets a key hold a value, both of which `write` puts behind the bytes that are there; it says where the value
    /// begins. After an error nothing is added.
    pub(crate) fn put_with<E>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<usize, E>,
    ) -> Result<(), E> {
        let begin = self.bytes.len();
        match write(&mut self.bytes) {
            Ok(key_end) => {
                self.end(key_end, false);
                Ok(())
            }
            Err(error) => {
                self.bytes.truncate(begin);
                Err(error)
            }
        }
    }

    /// Removes a key, which `write` puts behind the bytes that are there.
    pub(crate) fn remove_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.end(self.bytes.len(), true);
    }

    fn end(&mut self, key_end: usize, removes: bool) {
        self.places.push(Place { key_end, end: self.bytes.len(), removes });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many bytes all keys and values have together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// One after the other.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { bytes: &self.bytes, places: self.places.iter(), begin: 0 }
    }
}

/// Some [`Writes`], one after the other.
#[derive(Clone)]
pub struct Iter<'w> {
    bytes: &'w [u8],
    places: core::slice::Iter<'w, Place>,
    begin: usize,
}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'w> Iterator for Iter<'w> {
    type Item = WriteRef<'w>;

    fn next(&mut self) -> Option<Self::Item> {
        let Place { key_end, end, removes } = *self.places.next()?;
        let slice = |range: Range<usize>| self.bytes.get(range).unwrap_or_default();
        let write =
            WriteRef { key: slice(self.begin..key_end), value: (!removes).then(|| slice(key_end..end)) };
        self.begin = end;
        Some(write)
    }
}

impl<'w> IntoIterator for &'w Writes {
    type Item = WriteRef<'w>;
    type IntoIter = Iter<'w>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A value may be a password: only how long it is is said.
impl fmt::Debug for WriteRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Write")
            .field("key", &self.key)
            .field("value_bytes", &self.value.map(<[u8]>::len))
            .finish()
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WriteRef { key: &self.key, value: self.value.as_deref() }.fmt(f)
    }
}

impl fmt::Debug for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().fmt(f)
    }
}

impl Extend<Write> for Writes {
    fn extend<I: IntoIterator<Item = Write>>(&mut self, writes: I) {
        for Write { key, value } in writes {
            match value {
                Some(value) => self.put(&key, &value),
                None => self.remove(&key),
            }
        }
    }
}

impl FromIterator<Write> for Writes {
    fn from_iter<I: IntoIterator<Item = Write>>(writes: I) -> Self {
        let mut all = Self::default();
        all.extend(writes);
        all
    }
}

impl From<Vec<Write>> for Writes {
    fn from(writes: Vec<Write>) -> Self {
        writes.into_iter().collect()
    }
}
