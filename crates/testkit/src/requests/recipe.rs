//! What brings about which error code.

use hatchery::Edition;

use super::ask::Ask;
use super::world::Step;

/// How to bring about one answer that is an error: the proof that it can be reached.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// The action that is asked for.
    pub action: &'static str,
    /// The HTTP status that comes of it.
    pub status: u16,
    /// The code that comes of it.
    pub code: &'static str,
    /// The numbered rule of launches that it is an instance of; empty where none is numbered.
    pub rule: &'static str,
    /// What is said other than in the plainest valid request: [`Ask::with`].
    pub change: &'static str,
    /// The terms of the account: [`World::new`](super::World::new).
    pub terms: &'static str,
    /// What happens before.
    pub before: &'static [Step],
    /// By which edition of the rules the server reads.
    pub edition: Edition,
}

impl Recipe {
    /// The request.
    #[must_use]
    pub fn ask(&self) -> Ask {
        Ask::plain(self.action).with(self.change)
    }

    /// Whether it is about a launch.
    #[must_use]
    pub fn is_launch(&self) -> bool {
        ["RunInstances", "CreateInstance"].contains(&self.action)
    }

    /// Whether the plain world does, in which nothing else has happened.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.terms.is_empty() && self.before.is_empty() && matches!(self.edition, Edition::Either)
    }

    pub(super) const fn by(self, edition: Edition) -> Self {
        Self { edition, ..self }
    }

    pub(super) const fn terms(self, terms: &'static str) -> Self {
        Self { terms, ..self }
    }

    pub(super) const fn before(self, before: &'static [Step]) -> Self {
        Self { before, ..self }
    }
}

/// A recipe for `action`.
pub(super) const fn of(
    action: &'static str,
    status: u16,
    code: &'static str,
    change: &'static str,
) -> Recipe {
    Recipe { action, status, code, rule: "", change, terms: "", before: &[], edition: Edition::Either }
}

/// A recipe for `RunInstances`.
pub(super) const fn run(rule: &'static str, status: u16, code: &'static str, change: &'static str) -> Recipe {
    Recipe { rule, ..of("RunInstances", status, code, change) }
}

/// A recipe for `CreateInstance`.
pub(super) const fn create(
    rule: &'static str,
    status: u16,
    code: &'static str,
    change: &'static str,
) -> Recipe {
    Recipe { rule, ..of("CreateInstance", status, code, change) }
}

/// Every recipe.
pub fn recipes() -> impl Iterator<Item = &'static Recipe> {
    [
        super::recipes::protocol::RECIPES,
        super::recipes::launch::RECIPES,
        super::recipes::account::RECIPES,
        super::recipes::instance::RECIPES,
        super::recipes::other::RECIPES,
        super::recipes::resources::RECIPES,
    ]
    .into_iter()
    .flatten()
}
