//! The fleet on disk: one store, one method that commits any command of [`fleet`], snapshots that
//! read, and a feed of every change.
//!
//! What is durable is decided in `engine`, which knows bytes only; what a record's bytes are in
//! `keys` and `codec`; who commits when in `queue`.

mod care;
mod check;
mod codec;
pub mod engine;
mod error;
mod follow;
mod group;
mod head;
#[cfg(feature = "inside")]
#[doc(hidden)]
pub mod inside;
mod keys;
mod listing;
mod planted;
mod queue;
mod roster;
#[cfg(any(test, feature = "simulation"))]
mod simulated;
mod store;
mod sync;
mod tell;
mod ticket;
mod view;

pub use check::{Checked, check, check_online};
pub use codec::{DecodeError, EncodeError};
pub use engine::backup::{Restore, backup_files, verify_backup};
pub use engine::local::{Fix, RepairPlan, Repaired, plan_repair, repair, stats_of_files};
pub use engine::local::{OpenError, OpenProgress, OpenReport, OpenStage};
pub use engine::{
    Backup, BackupError, EngineError, HoldError, Progress, SnapshotStats, Stats, StoreId, TableStats,
};
pub use error::{CommitError, FeedError, Hex, StoreError};
pub use follow::{Beyond, Follow};
pub use keys::KeyError;
pub use listing::Among;
pub use store::{Change, Options, Store};
pub use view::Snapshot;
