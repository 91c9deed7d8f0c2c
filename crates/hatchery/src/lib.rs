//! Hatchery: an embeddable, persistent state machine that launches cloud instances.
//!
//! A [`Hatchery`] holds the whole state of a launch control plane in one durable store: catalogue,
//! stock, addresses, quotas, tokens, instances, events, timers and work for provisioners. A launch
//! is one commit: all of it is durable together, or none of it is. Nothing in here starts a thread
//! or reads a clock; the time is an argument.
//!
//! ```
//! use hatchery::*;
//!
//! # const CATALOGUE: &str = r#"
//! # [[region]]
//! # id = "home"
//! # [[zone]]
//! # id = "rack-1"
//! # region = "home"
//! # [[instance_type]]
//! # id = "small"
//! # family = "all"
//! # cpus = 1
//! # memory_mib = 1024
//! # stock = { rack-1 = 3 }
//! # [[image]]
//! # id = "linux"
//! # os = "linux"
//! # size_gib = 20
//! # [[network]]
//! # id = "lan"
//! # region = "home"
//! # block = "10.0.0.0/16"
//! # [[subnet]]
//! # id = "lan-1"
//! # network = "lan"
//! # zone = "rack-1"
//! # block = "10.0.1.0/24"
//! # [[group]]
//! # id = "all"
//! # network = "lan"
//! # "#;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("fleet");
//! let hatchery = Hatchery::create(&path, StoreId(*b"16 drawn at rand"), Options::default())?;
//! let (me, now) = (AccountId(1), Time::from_secs(1_767_323_045));
//! let file = CatalogueFile::parse(CATALOGUE)?;
//! hatchery.commit(OpenAccount { id: me, instance_limit: 10, grant: None }, now)?;
//! hatchery.commit(file.load(), now)?;
//! file.networks(me).try_for_each(|network| hatchery.commit(network, now).map(drop))?;
//! file.subnets(me).try_for_each(|subnet| hatchery.commit(subnet, now).map(drop))?;
//! file.groups(me).try_for_each(|group| hatchery.commit(group, now).map(drop))?;
//!
//! let launch = Launch {
//!     image: Some("linux".parse()?),
//!     instance_type: Some("small".parse()?),
//!     subnet: Some("lan-1".parse()?),
//!     groups: vec!["all".parse()?],
//!     ..Launch::new(me, "home".parse()?)
//! };
//! let launched = hatchery.commit(launch, now)?; // durable from here on
//!
//! let claim = Claim { worker: "maker".parse()?, lease: Span::from_secs(60), limit: 10 };
//! for WorkItem { id, attempt, .. } in hatchery.commit(claim, now)? {
//!     // Make the machine here. Then:
//!     hatchery.commit(Report { id, attempt, outcome: WorkOutcome::Done }, now)?;
//! }
//! let ticked = hatchery.commit(Tick { limit: 64 }, now)?; // runs due timers; `ticked.next` is the next
//! let feed = hatchery.changes(Revision::ZERO, 100)?; // every commit so far, in order
//! # let Launched::Batch { instances, .. } = launched else { panic!() };
//! # let status = hatchery.snapshot().instance(instances[0])?.unwrap().state.status();
//! # assert_eq!(status, Status::Starting);
//! # assert!(ticked.next.is_some());
//! # assert_eq!(feed.len(), 8);
//! # Ok(()) }
//! ```

mod catalogue;
pub mod feed;
mod provision;
mod simulated;
mod vault;

pub use catalogue::{CatalogueError, CatalogueFile, CatalogueMistake, CatalogueProblem};
pub use fleet::*;
pub use provision::{
    AsyncProvisioner, CommandOptions, CommandProvisioner, Errors, Loop, ProcessOptions, ProcessProvisioner,
    Provisioner, Pulse, Shift, Tally, describe, work_off, work_off_async,
};
pub use simulated::{Faults, Simulated};
pub use store::engine;
#[cfg(feature = "simulation")]
pub use store::engine::{chance::Chance, sim_disk};
pub use store::{
    Among, Backup, BackupError, Beyond, Change, Checked, CommitError, FeedError, Fix, Follow, HoldError,
    OpenError, OpenProgress, OpenReport, OpenStage, Options, Progress, RepairPlan, Repaired, Restore,
    Snapshot, SnapshotStats, Stats, Store as Hatchery, StoreError, StoreId, TableStats, backup_files, check,
    check_online, plan_repair, repair, stats_of_files, verify_backup,
};
pub use vault::{Nonce, NotOurs, Vault};
