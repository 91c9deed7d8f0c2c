//! Chance that is the same on every machine: one seed, one sequence.

use fleet::Span;

/// `SplitMix64` (Steele, Lea and Flood, 2014): a counter whose every value is mixed. Whole numbers only,
/// so that a sequence does not depend on the machine, and 64 bits of state, so that a seed is one number.
/// For simulation; nobody should draw a key with it.
///
/// ```
/// # #[cfg(feature = "simulation")] {
/// use store::engine::chance::Chance;
///
/// assert_eq!(Chance::new(0).draw(), 0xe220_a839_7b1d_cdaf);
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chance(u64);

impl Chance {
    /// The sequence that begins with `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, each as likely as any other to within `bound` in 2⁶⁴; 0 when there is none.
    pub fn below(&mut self, bound: u64) -> u64 {
        let scaled = u128::from(self.draw()).wrapping_mul(u128::from(bound)) >> 64;
        // It is below `bound`, which is a u64.
        u64::try_from(scaled).unwrap_or(0)
    }

    /// Whether something happens that does so `per_million` times in a million.
    pub fn hits(&mut self, per_million: u32) -> bool {
        self.below(1_000_000) < u64::from(per_million)
    }

    /// A span from `least` to `most`, to the millisecond.
    pub fn span(&mut self, least: Span, most: Span) -> Span {
        let width = most.millis().saturating_sub(least.millis());
        Span::from_millis(least.millis().saturating_add(self.below(width.saturating_add(1))))
    }

    /// One of `choices`; `None` when there are none.
    pub fn pick<'c, T>(&mut self, choices: &'c [T]) -> Option<&'c T> {
        let number = self.below(u64::try_from(choices.len()).unwrap_or(u64::MAX));
        choices.get(usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// A sequence of its own for somebody, so that what one draws does not change what another does.
    #[must_use]
    pub const fn fork(&mut self) -> Self {
        Self(self.draw())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        let mut chance = Chance::new(0);
        let drawn = [chance.draw(), chance.draw(), chance.draw()];
        assert_eq!(drawn, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
    }

    #[test]
    fn what_is_drawn_stays_within_its_bounds_and_reaches_them() {
        let mut chance = Chance::new(1);
        let drawn: Vec<u64> = (0..1000).map(|_| chance.below(7)).collect();
        assert_eq!(*drawn.iter().max().unwrap(), 6);
        assert_eq!(*drawn.iter().min().unwrap(), 0);
        let (least, most) = (Span::from_millis(3), Span::from_millis(4));
        let spans: Vec<u64> = (0..100).map(|_| chance.span(least, most).millis()).collect();
        assert!(spans.contains(&3) && spans.contains(&4) && spans.iter().all(|span| (3..=4).contains(span)));
        assert_eq!(chance.below(0), 0);
        assert_eq!(chance.pick::<u8>(&[]), None);
    }

    #[test]
    fn odds_are_kept_roughly() {
        let mut chance = Chance::new(2);
        let hits = (0..100_000).filter(|_| chance.hits(250_000)).count();
        assert!((24_000..26_000).contains(&hits), "{hits}");
        assert!(!chance.hits(0) && chance.hits(1_000_000));
    }
}
