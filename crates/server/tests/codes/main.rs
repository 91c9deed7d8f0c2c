//! Every documented error is accounted for: it is brought about, or it is said why it cannot be.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod argued;
mod coverage;
mod door;
mod reach;
mod recipes;
mod samples;
