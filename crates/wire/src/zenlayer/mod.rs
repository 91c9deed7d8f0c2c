//! The dialect of Zenlayer's bare metal cloud: its protocol, its signature and its error codes.

pub mod code;
pub mod fault;
pub mod protocol;
pub mod sign;

pub use code::Code;
pub use fault::Fault;
pub use protocol::{Credentials, Envelope, Fields, WINDOW, authenticate, error, success};
pub use sign::Signer;

/// The path that requests are sent to.
pub const PATH: &str = "/api/v2/bmc";
