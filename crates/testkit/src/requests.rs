//! Requests of the wire, a world to send them to, and what has to come of them.
mod ask;
mod base;
mod recipe;
mod recipes;
mod strategies;
mod world;

pub use ask::Ask;
pub use recipe::{Recipe, recipes};
pub use strategies::{Draw, any_invalid, invalid, invalid_by, nearly_valid_launch, valid_launch};
pub use world::{DISABLED_KEY_ID, KEY_ID, ME, NOW, SECRET, STRANGER, STRANGER_KEY_ID, Step, World};
