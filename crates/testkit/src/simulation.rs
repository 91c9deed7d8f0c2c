//! Whole fleets on a virtual clock and a disk that fails: days in seconds, and one seed gives one trace.
//!
//! A simulation is a [`Setup`] and a cast of [`Actor`]s. The stage under them is a real hatchery: the queue,
//! the codec, the journal, the snapshots and the recovery that users have, on a
//! [`SimDisk`](hatchery::sim_disk::SimDisk) in place of a folder. Nothing in it reads a clock, starts a
//! thread or draws at random, so a seed is all there is to say of a run.
//!
//! ```
//! use testkit::simulation::{self, Setup};
//!
//! let setup = Setup { days: 1, audit_steps: 100, ..Setup::small(7) };
//! let outcome = simulation::run(&setup, &simulation::usual_cast, &mut |_| {});
//! assert_eq!(outcome.violation, None);
//! assert_eq!(outcome.digest, simulation::run(&setup, &simulation::usual_cast, &mut |_| {}).digest);
//! ```
//!
//! After every step, or every so many of them ([`Setup::audit_steps`]), every invariant of
//! [`Audit`](fleet::Audit) has to hold; what was acknowledged has to be there, a token has one outcome, an
//! event never goes back. At the end faults stop, and everybody has to come to rest in bounded time. What
//! breaks a promise is a [`Violation`], and [`shrink`] looks for the shortest history that still does.
//!
//! To test a provisioner or a client of your own, put it into the cast: a provisioner with [`Crew`], a client
//! as an [`Actor`]. `docs/simulation.md` shows both.

mod actor;
mod client;
mod crew;
mod keeper;
mod machine;
mod payer;
mod rack;
mod run;
mod setup;
mod shrink;
mod trace;
mod turn;
mod violation;
mod witness;

pub use actor::{Actor, Rest};
pub use client::Client;
pub use crew::Crew;
pub use hatchery::Chance;
pub use keeper::Keeper;
pub use machine::Tally;
pub use payer::Payer;
pub use rack::{Nature, Rack, Racked};
pub use run::{Cast, Happening, History, Outcome, Progress, Step, run, usual_cast};
pub use setup::{Odds, Setup};
pub use shrink::{Budget, Shrunk, shrink};
pub use turn::{Turn, Unanswered};
pub use violation::Violation;

/// The page of the documentation, so that its examples run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/simulation.md")]
mod page {}
