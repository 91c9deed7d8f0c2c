//! Requests of the wire, a world to send them to, and what has to come of them.
mod ask;
mod base;
mod recipe;
mod recipes;
mod world;

pub use ask::Ask;
pub use recipe::{Recipe, recipes};
pub use world::{KEY_ID, ME, NOW, SECRET, Step, World};
