//! A table on its way to the index, and how far it has got.

use super::layers::Frozen;
use crate::engine::{EngineError, KeyRange};

/// How far the frozen table has got.
#[derive(Debug, Default)]
pub(crate) enum Moving {
    /// There is none.
    #[default]
    Nothing,
    Table {
        frozen: Frozen,
        /// The keys that are still to be moved.
        rest: KeyRange,
    },
    /// The index failed. The table stays where readers find it, and no other takes its place.
    Stuck(EngineError),
}

impl Moving {
    /// Has `step` move some more of the table; it says what is left.
    pub(crate) fn go_on(
        &mut self,
        step: impl FnOnce(&Frozen, &KeyRange) -> Result<Option<KeyRange>, EngineError>,
    ) -> Result<(), EngineError> {
        // Left half-way, it stays so: what a table still holds must not be passed over.
        let (next, done) = match core::mem::replace(self, Self::Stuck(EngineError::Interrupted)) {
            Self::Nothing => (Self::Nothing, Ok(())),
            Self::Stuck(first) => (Self::Stuck(first.clone()), Err(first)),
            Self::Table { frozen, rest } => match step(&frozen, &rest) {
                Ok(None) => (Self::Nothing, Ok(())),
                Ok(Some(rest)) => (Self::Table { frozen, rest }, Ok(())),
                Err(error) => (Self::Stuck(error.clone()), Err(error)),
            },
        };
        *self = next;
        done
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use fleet::Revision;

    use super::*;

    fn table() -> Moving {
        let frozen = Frozen { table: Arc::default(), through: Revision::new(7) };
        Moving::Table { frozen, rest: KeyRange::all() }
    }

    #[test]
    fn a_table_moves_until_nothing_is_left() {
        let mut moving = table();
        let rest = KeyRange { start: vec![1], end: None };
        moving.go_on(|_, _| Ok(Some(rest.clone()))).unwrap();
        moving
            .go_on(|frozen, left| {
                assert_eq!((frozen.through, left), (Revision::new(7), &rest));
                Ok(None)
            })
            .unwrap();
        assert!(matches!(moving, Moving::Nothing));
        moving.go_on(|_, _| panic!("there is nothing to move")).unwrap();
    }

    /// Of a table that was left half-way nobody knows how much is in the index: that is not to be taken for all.
    #[test]
    fn a_move_that_fails_or_panics_is_not_passed_over() {
        let mut failed = table();
        failed.go_on(|_, _| Err(EngineError::RevisionsExhausted)).unwrap_err();
        let mut broken_off = table();
        let step = AssertUnwindSafe(|| broken_off.go_on(|_, _| panic!("in the middle of a move")));
        catch_unwind(step).unwrap_err();
        let is = |moving: &Moving, expected: &EngineError| match moving {
            Moving::Stuck(error) => error.to_string() == expected.to_string(),
            Moving::Nothing | Moving::Table { .. } => false,
        };
        for (mut moving, expected) in
            [(failed, EngineError::RevisionsExhausted), (broken_off, EngineError::Interrupted)]
        {
            assert!(is(&moving, &expected), "{moving:?}");
            let told = moving.go_on(|_, _| panic!("it goes no further")).unwrap_err();
            assert_eq!(told.to_string(), expected.to_string());
            assert!(is(&moving, &expected), "{moving:?}");
        }
    }
}
