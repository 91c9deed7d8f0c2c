//! How a key begins, as a number. A search compares it where it stands, and looks at the bytes of a key, which are
//! elsewhere in memory, only where keys begin alike.

/// The first bytes of a key, with zeros behind a shorter one: in the order of the keys, and of two keys perhaps the
/// same.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Beginning(u128);

impl Beginning {
    /// Of how many bytes it is.
    pub(crate) const BYTES: usize = size_of::<u128>();

    pub(crate) fn of(key: &[u8]) -> Self {
        let mut bytes = [0; Self::BYTES];
        bytes.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        Self(u128::from_be_bytes(bytes))
    }
}
