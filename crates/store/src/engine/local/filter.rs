//! What tells of most keys that a run does not know them, without looking: a Bloom filter.

use crate::engine::input::Input;

/// How many bits a filter has for each key: of two thousand keys it does not know, it lets one pass. There are dozens of
/// them, and whoever is let pass costs as much as all that are not.
const BITS_PER_KEY: u64 = 16;
/// How many bits say that a key is known.
const BITS_SET: u64 = 8;

/// Says of a key that it was not [put in](Self::put), or that it may have been.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Filter {
    words: Vec<u64>,
}

/// What a filter goes by instead of a key. It is on disk: the same key has the same mark for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(u64);

impl Mark {
    /// FNV-1a, and what SplitMix64 ends with, since the former leaves the upper bits alike.
    pub(crate) fn of(key: &[u8]) -> Self {
        let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = key.iter().fold(0xcbf2_9ce4_8422_2325, fold);
        let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(hash ^ (hash >> 31))
    }
}

impl Filter {
    /// One that knows no key yet, and has room for so many.
    pub(crate) fn for_keys(keys: u64) -> Self {
        let words = keys.saturating_mul(BITS_PER_KEY).div_ceil(u64::from(u64::BITS)).max(1);
        Self { words: vec![0; usize::try_from(words).unwrap_or(usize::MAX)] }
    }

    /// How many keys it has room for.
    pub(crate) fn room(&self) -> u64 {
        let bits = u64::try_from(self.words.len()).unwrap_or(u64::MAX).saturating_mul(u64::from(u64::BITS));
        bits / BITS_PER_KEY
    }

    pub(crate) fn put(&mut self, mark: Mark) {
        for bit in self.bits(mark) {
            if let Some((word, bit)) =
                Self::place(bit).and_then(|(at, bit)| Some((self.words.get_mut(at)?, bit)))
            {
                *word |= bit;
            }
        }
    }

    pub(crate) fn may_know(&self, mark: Mark) -> bool {
        let is_set = |bit| {
            Self::place(bit).is_some_and(|(at, bit)| self.words.get(at).is_some_and(|word| word & bit != 0))
        };
        self.bits(mark).all(is_set)
    }

    /// Where the bits of a key are.
    fn bits(&self, Mark(mark): Mark) -> impl Iterator<Item = u128> + use<> {
        let bits = u128::from(u64::BITS).saturating_mul(u128::try_from(self.words.len()).unwrap_or(1));
        let step = mark.rotate_left(32) | 1;
        // The upper half of the product is an even share of the bits.
        (0..BITS_SET)
            .map(move |n| u128::from(mark.wrapping_add(step.wrapping_mul(n))).wrapping_mul(bits) >> 64)
    }

    /// In which word a bit is, and where there.
    fn place(bit: u128) -> Option<(usize, u64)> {
        Some((usize::try_from(bit / 64).ok()?, 1_u64.checked_shl(u32::try_from(bit % 64).ok()?)?))
    }

    pub(crate) fn encode(&self, bytes: &mut Vec<u8>) {
        self.words.iter().for_each(|word| bytes.extend_from_slice(&word.to_be_bytes()));
    }

    /// What stands in the rest of `input`; `None` if it is no filter.
    pub(crate) fn decode(input: Input<'_>) -> Option<Self> {
        let (words, over) = input.rest().as_chunks();
        let words: Vec<u64> = words.iter().map(|word| u64::from_be_bytes(*word)).collect();
        (over.is_empty() && !words.is_empty()).then_some(Self { words })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_in_may_be_known_also_once_it_is_read_again(
            keys in btree_set(vec(any::<u8>(), 0..50), 0..200),
            room in 0_u64..200,
        ) {
            let mut filter = Filter::for_keys(room);
            keys.iter().for_each(|key| filter.put(Mark::of(key)));
            let mut bytes = Vec::new();
            filter.encode(&mut bytes);
            let read = Filter::decode(Input::new(&bytes)).unwrap();
            prop_assert_eq!(&read, &filter);
            for key in &keys {
                prop_assert!(read.may_know(Mark::of(key)));
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..40)) {
            let filter = Filter::decode(Input::new(&bytes));
            prop_assert_eq!(filter.is_some(), !bytes.is_empty() && bytes.len().is_multiple_of(8));
            let _ = filter.map(|filter| filter.may_know(Mark::of(&bytes)));
        }
    }

    /// With sixteen bits a key and eight of them set it should be about one in two thousand.
    #[test]
    fn few_of_those_that_were_not_put_in_pass() {
        let key = |number: u32| format!("token-{number:08x}");
        let mut filter = Filter::for_keys(10_000);
        (0..10_000).for_each(|number| filter.put(Mark::of(key(number).as_bytes())));
        let passed: BTreeSet<u32> =
            (10_000..20_000).filter(|number| filter.may_know(Mark::of(key(*number).as_bytes()))).collect();
        assert!(passed.len() < 20, "{} of 10,000", passed.len());
    }
}
