//! Text in, typed requests out, and back. Sans-IO: no sockets, no clock, no chance.
//!
//! What every dialect shares is at the top ([`Params`], [`percent`], [`time`], [`document`]); what
//! one vendor says is in a module of its own ([`ecs`], [`zenlayer`]). Nothing here knows a store or an HTTP library.

pub mod document;
pub mod ecs;
pub mod params;
pub mod percent;
pub mod request;
pub mod signing;
pub mod time;
pub mod zenlayer;

pub use document::{Decimal, Document, ErrorBody, Format, Node, Object};
pub use params::Params;
pub use request::Request;
pub use signing::{AccessKey, Secret};
