//! The dialect of Zenlayer's bare metal cloud: its protocol, its signature, its requests, its replies
//! and its error codes.

pub mod action;
mod body;
pub mod code;
pub mod coverage;
pub mod fault;
pub mod field;
mod names;
pub mod protocol;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod sign;
pub mod view;
pub mod words;

pub use action::Action;
pub use code::Code;
pub use fault::Fault;
pub use protocol::{Credentials, Envelope, Fields, WINDOW, authenticate, error, success};
pub use request::Request;
pub use sign::Signer;

/// The path that requests are sent to.
pub const PATH: &str = "/api/v2/bmc";
