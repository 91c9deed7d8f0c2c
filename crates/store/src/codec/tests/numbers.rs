//! Pins the numbers of enums on disk.

use serde::Serialize;

use crate::codec::payload::Value;

/// Each of `variants` begins with its number, and there are no others.
pub(in crate::codec) fn stay<T: Serialize, const COUNT: usize>(numbers: &[u8], variants: [(u8, T); COUNT]) {
    let pinned = variants.each_ref().map(|(number, _)| *number);
    assert_eq!(numbers, pinned);
    for (number, variant) in variants {
        let mut bytes = Vec::new();
        Value(&mut bytes).write(1, &variant).unwrap();
        assert_eq!(bytes.get(2), Some(&number), "behind the version and the number of parts");
    }
}
