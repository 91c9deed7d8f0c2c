//! The front door of a hatchery: HTTP around `wire` and `hatchery`, as a router that others can mount.
//!
//! This crate alone knows HTTP, and with `cli` it alone reads clocks and draws at random.

mod actions;
mod answer;
mod attributes;
mod clock;
mod companions;
mod feed;
mod front;
mod groups;
mod http;
mod impatient;
mod key_pairs;
mod keys;
mod launches;
mod limits;
mod listings;
mod sandbox;
mod sealing;
mod serve;
mod system_events;
mod tags;
mod templates;
mod zenlayer;

pub use clock::Clock;
pub use feed::webhook::{self, Webhook};
pub use front::{Front, Sandbox, TokenReadings};
pub use http::router;
pub use keys::Keys;
pub use limits::Limits;
pub use serve::serve;
