//! Requests of the wire, worlds to send them to, and what has to come of them.
//!
//! A [`Recipe`] says how to bring an error code about: an action, what to say, what the account may
//! not do, what has to happen before. [`recipes()`] has one for every code that can be reached; the
//! test `codes` of the server follows all of them. The strategies draw requests from them:
//! [`valid_launch()`], [`nearly_valid_launch()`] with one thing off, [`invalid_by()`] a code. A [`Draw`]
//! knows what has to come of it.
//!
//! To test a client of your own, give it what it may be told to send, and see that it only keeps
//! back what a server would refuse anyway:
//!
//! ```
//! use proptest::prelude::*;
//! use testkit::requests::{World, invalid_by, valid_launch};
//! use wire::Params;
//!
//! /// What your client looks at before it bothers a server.
//! fn keeps_back(params: &Params) -> bool {
//!     let amount = params.find("Amount").map(|text| text.parse().unwrap_or(0));
//!     amount.is_some_and(|amount: u32| !(1..=100).contains(&amount))
//! }
//!
//! let world = World::new("");
//! let (good, bad) = (valid_launch(), invalid_by("InvalidMaxAmount.Malformed"));
//! proptest!(ProptestConfig::with_cases(64), |(good in good, bad in bad)| {
//!     prop_assert!(!keeps_back(&good.ask.params(&world)));
//!     prop_assert!(keeps_back(&bad.ask.params(&world)));
//!     prop_assert_eq!(bad.expected(), (400, "InvalidMaxAmount.Malformed"));
//! });
//! ```
//!
//! To see how it takes an error, let it talk to a server whose hatchery is [`World::hatchery`], with
//! the key [`KEY_ID`] and [`SECRET`] for [`ME`], on a clock that stands still at [`NOW`]:
//! `Front::new(hatchery, keys, Arc::new(Clock::stopped_at(NOW)))`. [`Ask::query`] signs a request for it.
//! A recipe that is not [plain](Recipe::is_plain) wants a world with its terms, and its steps
//! [taken](World::take), first.
//!
//! So far all of it speaks ECS. Requests of Zenlayer get a module beside the recipes, and their rows
//! in [`recipes()`].

mod ask;
mod base;
mod recipe;
mod recipes;
mod strategies;
mod world;

pub use ask::Ask;
pub use recipe::{Recipe, recipes};
pub use strategies::{Draw, any_invalid, invalid, invalid_by, nearly_valid_launch, valid_launch};
pub use world::{DISABLED_KEY_ID, KEY_ID, ME, NOW, SECRET, STRANGER, STRANGER_KEY_ID, Step, World};
