//! The recipes, by what they are about.
// One a line: they are tables.
pub(super) mod account;
pub(super) mod instance;
pub(super) mod launch;
pub(super) mod other;
pub(super) mod protocol;
pub(super) mod resources;
