//! What tests of Hatchery, and of programs that embed it, have in common: a small world, a scene to
//! play in it, a model that only counts, strategies, and a driver that plays both side by side.
//!
//! A table test needs a [`Scene`]: a fleet with a clock. It knows the API, so that the rows need
//! not.
//!
//! ```
//! use testkit::{Scene, SmallWorld, launch, many};
//!
//! let mut scene = Scene::new(SmallWorld::new().stock(3).build());
//! scene.launch(&many(launch(), 2, 1)).unwrap();
//! assert_eq!(scene.stock().free(), 1);
//! assert_eq!(scene.audit(), []);
//! ```
//!
//! A model test needs a [`Driver`] around anything that is a [`Fleet`], and [`Histories`], the state
//! machine that draws the actions. After every step the replies and the [`Summary`] of all records
//! have to be those of the [`Model`].
//!
//! ```
//! use proptest::prelude::*;
//! use testkit::{Driver, Model, SmallWorld, strategies};
//!
//! proptest!(ProptestConfig::with_cases(8), |((mut model, actions) in strategies::histories(1..20))| {
//!     let mut driver = Driver::new(SmallWorld::new().build());
//!     for action in actions {
//!         model.act(&action);
//!         prop_assert_eq!(&driver.act(&action), model.reply());
//!         prop_assert_eq!(driver.summary(), model.summary());
//!     }
//! });
//! ```
//!
//! With the feature `simulation` whole fleets live through days in seconds, on a disk that fails: see the
//! module of that name.
//!
//! With the feature `requests` there are requests of the wire as well, by the error code that comes of
//! them: see the module of that name.
// A test that goes wrong panics; that is its job, and this crate is nothing but tests.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod action;
#[cfg(feature = "conformance")]
pub mod conformance;
mod driver;
#[cfg(feature = "conformance")]
pub mod engines;
mod exhaust;
mod furnished;
mod kinds;
pub mod model;
#[cfg(feature = "requests")]
pub mod requests;
mod scene;
#[cfg(feature = "simulation")]
pub mod simulation;
mod small_world;
#[cfg(feature = "strategies")]
pub mod strategies;
mod summary;
#[cfg(feature = "strategies")]
pub mod wishes;

pub use action::{Action, Handout, Order, Place, Refusal, Reply, address};
pub use driver::{Driver, Fleet};
pub use exhaust::{Beginning, Counterexample, Exhausted, exhaust};
pub use furnished::{KEY_PAIR, catalogue, furnish, furnished};
pub use kinds::{one_of_every_kind, removals};
pub use model::Model;
pub use scene::{Scene, audit};
pub use small_world::{
    GROUPS, OWNER, Price, STRANGER, SUBNETS, SmallWorld, TYPES, ZONES, at, group, host, instance_type, label,
    launch, many, subnet, token, zone,
};
#[cfg(feature = "strategies")]
pub use strategies::Histories;
pub use summary::{Numbers, Purse, Seen, Summary};
