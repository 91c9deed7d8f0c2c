//! Proof that a store survives: crashes at every operation of every command, failing disks, damaged files. The small
//! shares of it are tests; `cargo xtask torture` runs as much as there is time for.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    // Only to say what else was found, and fail.
    clippy::wildcard_enum_match_arm
)]

mod commands;
mod damage;
mod faults;
mod judge;
mod losses;
mod play;
mod points;
mod share;
mod specimens;
mod states;
mod steps;
mod tape;
