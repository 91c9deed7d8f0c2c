//! Text in, typed requests out, and back. Sans-IO: no sockets, no clock, no chance.
//!
//! What every dialect shares is at the top ([`Params`], [`percent`], [`time`], [`document`]); what
//! one vendor says is in a module of its own ([`ecs`]). Nothing here knows a store or an HTTP library.

pub mod document;
pub mod ecs;
pub mod params;
pub mod percent;
pub mod time;

pub use document::{Decimal, Document, ErrorBody, Format, Node, Object};
pub use params::Params;
