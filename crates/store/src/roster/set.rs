//! Sets of ids: a short list while there are few, bits once there are many.

use fleet::Serial;
use roaring::RoaringTreemap;

/// How many ids a short list has at most.
const FEW_MAX: usize = 16;
/// How far the number of an epoch can count before its ids do not fit into 64 bits.
const NUMBER_BITS: u32 = 48;

/// A serial as one number that sorts as the serial does; `None` for one that has no room in it, which no
/// counter reaches.
pub(crate) fn pack(serial: Serial) -> Option<u64> {
    let fits = serial.number < 1 << NUMBER_BITS;
    fits.then(|| u64::from(serial.epoch) << NUMBER_BITS | serial.number)
}

/// The first number that stands for no serial below `serial`; `None` when there is none.
pub(crate) fn bound(serial: Serial) -> Option<u64> {
    let next_epoch = || u64::from(serial.epoch).checked_add(1)?.checked_mul(1 << NUMBER_BITS);
    pack(serial).or_else(next_epoch)
}

/// The serial that a number stands for.
pub(crate) fn unpack(packed: u64) -> Serial {
    let epoch = u16::try_from(packed >> NUMBER_BITS).unwrap_or(u16::MAX);
    Serial { epoch, number: packed & ((1 << NUMBER_BITS) - 1) }
}

/// A set of packed ids.
#[derive(Clone, Debug)]
pub(crate) enum Set {
    /// In order.
    Few(Vec<u64>),
    Many(Box<RoaringTreemap>),
}

impl Set {
    pub(crate) const EMPTY: Self = Self::Few(Vec::new());

    pub(crate) fn insert(&mut self, id: u64) {
        match self {
            Self::Few(ids) => match ids.binary_search(&id) {
                Ok(_) => {}
                Err(at) if ids.len() < FEW_MAX => ids.insert(at, id),
                Err(_) => {
                    let mut many: RoaringTreemap = ids.iter().copied().collect();
                    many.insert(id);
                    *self = Self::Many(Box::new(many));
                }
            },
            Self::Many(many) => {
                many.insert(id);
            }
        }
    }

    pub(crate) fn remove(&mut self, id: u64) {
        match self {
            Self::Few(ids) => {
                if let Ok(at) = ids.binary_search(&id) {
                    ids.remove(at);
                }
            }
            Self::Many(many) => {
                many.remove(id);
            }
        }
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Few(ids) => u64::try_from(ids.len()).unwrap_or(u64::MAX),
            Self::Many(many) => many.len(),
        }
    }

    pub(crate) fn contains(&self, id: u64) -> bool {
        match self {
            Self::Few(ids) => ids.binary_search(&id).is_ok(),
            Self::Many(many) => many.contains(id),
        }
    }

    pub(crate) fn to_bits(&self) -> RoaringTreemap {
        match self {
            Self::Few(ids) => ids.iter().copied().collect(),
            Self::Many(many) => many.as_ref().clone(),
        }
    }

    /// Adds these ids to `bits`.
    pub(crate) fn widen(&self, bits: &mut RoaringTreemap) {
        match self {
            Self::Few(ids) => bits.extend(ids.iter().copied()),
            Self::Many(many) => *bits |= many.as_ref(),
        }
    }

    /// Leaves in `bits` what is in here too.
    pub(crate) fn narrow(&self, bits: &mut RoaringTreemap) {
        match self {
            Self::Few(ids) => *bits = ids.iter().copied().filter(|id| bits.contains(*id)).collect(),
            Self::Many(many) => *bits &= many.as_ref(),
        }
    }

    /// Takes these ids out of `bits`.
    #[allow(clippy::arithmetic_side_effects, reason = "the difference of two sets cannot overflow")]
    pub(crate) fn drop_from(&self, bits: &mut RoaringTreemap) {
        match self {
            Self::Few(ids) => ids.iter().for_each(|id| {
                bits.remove(*id);
            }),
            Self::Many(many) => *bits -= many.as_ref(),
        }
    }
}

impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        // One that was larger once is kept as bits.
        self.len() == other.len() && self.to_bits() == other.to_bits()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_is_a_set_however_many_it_holds(steps in prop::collection::vec((any::<bool>(), 0_u64..60), 0..120)) {
            let (mut set, mut plain) = (Set::EMPTY, BTreeSet::new());
            for (into, id) in steps {
                if into {
                    set.insert(id);
                    plain.insert(id);
                } else {
                    set.remove(id);
                    plain.remove(&id);
                }
                prop_assert_eq!(set.to_bits().iter().collect::<BTreeSet<_>>(), plain.clone());
                prop_assert_eq!(set.len(), plain.len() as u64);
            }
        }

        #[test]
        fn packed_serials_sort_as_serials_do(
            one in (any::<u16>(), 0_u64..1 << NUMBER_BITS),
            other in (any::<u16>(), 0_u64..1 << NUMBER_BITS),
        ) {
            let serial = |(epoch, number)| Serial { epoch, number };
            let (one, other) = (serial(one), serial(other));
            prop_assert_eq!(pack(one).map(unpack), Some(one));
            prop_assert_eq!(pack(one).cmp(&pack(other)), one.cmp(&other));
        }
    }

    #[test]
    fn a_serial_beyond_any_counter_is_not_packed() {
        let beyond = Serial { epoch: 1, number: 1 << NUMBER_BITS };
        assert_eq!(pack(beyond), None);
        assert_eq!(bound(beyond), pack(Serial { epoch: 2, number: 0 }));
        assert_eq!(bound(Serial::HIGHEST), None);
    }
}
