//! The dialect of ECS: the RPC protocol, its signatures, its error codes, its names, its requests and replies.

pub mod authenticate;
pub mod code;
pub mod coverage;
pub mod fault;
pub mod names;
pub mod nonces;
pub mod protocol;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod sign_v1;
pub mod ssh_key;

pub use authenticate::{AccessKey, WINDOW, authenticate};
pub use code::{Code, Message};
pub use fault::Fault;
pub use nonces::{NonceMemory, NonceRefusal, NonceUse, Nonces};
pub use protocol::{Credentials, Envelope, Rejection, Request, Service};
pub use sign_v1::{Method, Secret, Signer};
