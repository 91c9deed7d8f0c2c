//! What the core does, as tables: every row is a sentence about instances, stock, addresses, tokens
//! and events, and one `check` per table knows the API.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

mod addresses;
mod after_launch;
mod amend;
mod amounts;
mod audit;
mod audit_edges;
mod auto_release;
mod bare_metal;
mod batch_power;
mod bin;
mod boundaries;
mod catalogue;
mod catalogue_changes;
mod creation_failure;
mod incidents;
mod key_map;
mod lapsed;
mod launch_account;
mod launch_limits;
mod launch_properties;
mod launch_specs;
mod leases;
mod left;
mod life;
mod listings;
mod locks;
mod metering;
mod money;
mod networks;
mod order_of_checks;
mod pools;
mod refusals;
mod reports;
mod resources;
mod spare_capacity;
mod spot;
mod stages;
mod subnets_alone;
mod subscriptions;
mod templates;
mod timers;
mod tokens;
mod vouchers;

/// The rows of a table, word by word.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| !row.is_empty())
}
