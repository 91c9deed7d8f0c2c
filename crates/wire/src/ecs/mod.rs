//! The dialect of ECS: the RPC protocol, its signatures, its error codes, its names, its requests and replies.

pub mod authenticate;
pub mod code;
pub mod coverage;
pub mod fault;
pub mod location;
pub mod names;
pub mod nonces;
pub mod protocol;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod sign_v1;
pub mod sign_v3;
pub mod ssh_key;
pub mod sts;

pub use authenticate::{WINDOW, authenticate};
pub use code::{Code, Message};
pub use fault::Fault;
pub use nonces::{NonceMemory, NonceRefusal, NonceUse, Nonces};
pub use protocol::{Credentials, Envelope, Rejection, Service, Signed};
pub use sign_v1::{Method, Signer};

pub use crate::request::Request;
pub use crate::signing::{AccessKey, Secret};
