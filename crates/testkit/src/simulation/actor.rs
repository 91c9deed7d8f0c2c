//! Who acts in a simulation.

use fleet::{Record, Span};

use super::turn::Turn;

/// Somebody who acts on a fleet: a client, a provisioner, an operator.
///
/// An actor has a memory of its own, and that is all it has: it sees the fleet through its [`Turn`]. It draws
/// only from [`Turn::chance`] and keeps no clock, or its runs cannot be repeated.
pub trait Actor {
    /// What it is called in the trace.
    fn name(&self) -> &str;

    /// Acts once, and says when it wants to act again.
    fn act(&mut self, turn: &mut Turn<'_>) -> Rest;

    /// What it still waits for, once faults have stopped; nobody may for ever. `None` when it is at rest.
    fn waits_for(&self) -> Option<String> {
        None
    }

    /// Judges the fleet once everybody is at rest.
    ///
    /// # Errors
    /// What is wrong with it.
    fn judge(&self, _records: &[Record]) -> Result<(), String> {
        Ok(())
    }
}

/// How long an actor does nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rest {
    pub(super) most: Span,
    pub(super) wakes: bool,
}

impl Rest {
    /// For so long.
    #[must_use]
    pub const fn long(span: Span) -> Self {
        Self { most: span, wakes: false }
    }

    /// For so long, and no longer than a few seconds after somebody changed the fleet.
    #[must_use]
    pub const fn until_a_change(span: Span) -> Self {
        Self { most: span, wakes: true }
    }
}
