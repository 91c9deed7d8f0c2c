//! Every kind of reply: its exact bytes, its fields against the published shapes, and that no fleet
//! breaks one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod after_launch;
mod fleets;
mod golden;
mod samples;
mod shapes;
