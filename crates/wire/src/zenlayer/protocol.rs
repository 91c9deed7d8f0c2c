//! The protocol: from a request as HTTP delivers it to an [`Envelope`], who signed it, and the two
//! shapes of an answer. `contract/wire.md` section 6.

use std::fmt;

use fleet::{Span, Time};
use serde_json::{Map, Value};

use super::sign::{self, METHOD, SIGNED_HEADERS};
use super::{Code, Fault};
use crate::request::Request;
use crate::signing::{AccessKey, Authorization, Secret};

/// How far a timestamp may be from now, in the past and in the future. There is no nonce: within
/// this window a request can be sent again.
pub const WINDOW: Span = Span::from_secs(5 * 60);

/// The fields of a request or of an answer.
pub type Fields = Map<String, Value>;

/// A request that is well-formed but for its body. Who sent it is for [`authenticate`] to say.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The name of the action, as it was sent. No signature covers it.
    pub action: &'a str,
    /// The version of the API, as it was sent. No signature covers it.
    pub version: &'a str,
    /// How the request is signed.
    pub credentials: Credentials<'a>,
    body: &'a [u8],
}

/// A signature and all that it takes to check it.
pub struct Credentials<'a> {
    /// The id of the key.
    pub key_id: &'a str,
    /// When the client says it made the request.
    pub timestamp: Time,
    /// The signature.
    pub signature: &'a str,
    /// What must have been signed.
    pub string_to_sign: String,
}

impl<'a> Envelope<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// What is wrong with it, in the order: method, kind of signature, its parts, timestamp, what
    /// else is missing. The body is not looked at before somebody has signed it.
    pub fn parse(request: &Request<'a>) -> Result<Self, Fault> {
        if request.method != "POST" {
            return Err(Code::INVALID_ACTION.into());
        }
        let credentials = Credentials::parse(request).ok_or(Code::AUTHFAILURE_SIGNATURE_FAILURE)?;
        let header = |name| request.header(name).ok_or_else(|| Fault::about(Code::MISSING_PARAMETER, name));
        let (action, version) = (header("x-zc-action")?, header("x-zc-version")?);
        Ok(Self { action, version, credentials, body: request.body })
    }

    /// The fields of the body, which is one JSON object. Of a repeated field the last counts.
    ///
    /// # Errors
    /// When the body is none.
    pub fn fields(&self) -> Result<Fields, Fault> {
        serde_json::from_slice(self.body).map_err(|_| Fault::about(Code::INVALID_PARAMETER_VALUE, "body"))
    }
}

impl<'a> Credentials<'a> {
    /// The credentials of a request: none without a signature of the one kind that is served. A
    /// Bearer token is none.
    fn parse(request: &Request<'a>) -> Option<Self> {
        let parts = request.header("authorization")?.strip_prefix(METHOD)?.strip_prefix(' ')?;
        let authorization = Authorization::parse(parts)?;
        let method = request.header("x-zc-signature-method");
        if authorization.signed_headers != Some(SIGNED_HEADERS)
            || method.is_some_and(|method| method != METHOD)
        {
            return None;
        }
        let sent = request.header("x-zc-timestamp")?;
        let digits = sent.bytes().all(|digit| digit.is_ascii_digit());
        let timestamp = sent.parse().ok().filter(|_| digits).map(Time::from_secs)?;

        let (content_type, host) = (request.header("content-type")?, request.header("host")?);
        let canonical_request = sign::canonical_request(content_type, host, request.body);
        Some(Self {
            key_id: authorization.key_id?,
            timestamp,
            signature: authorization.signature?,
            string_to_sign: sign::string_to_sign(sent, &canonical_request),
        })
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("key_id", &self.key_id)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// The account whose key signed `envelope`. `keys` finds the key of an id; `now` is wall time.
///
/// An unknown key is answered as a wrong signature is, and takes as long.
///
/// # Errors
/// When the timestamp is out of the window, or else the signature is not right.
pub fn authenticate<A>(
    envelope: &Envelope<'_>,
    keys: impl FnOnce(&str) -> Option<AccessKey<A>>,
    now: Time,
) -> Result<A, Fault> {
    let Credentials { key_id, timestamp, signature, string_to_sign } = &envelope.credentials;
    if now.since(*timestamp) > WINDOW || timestamp.since(now) > WINDOW {
        return Err(Code::AUTHFAILURE_SIGNATURE_EXPIRE.into());
    }
    let (account, secret) = match keys(key_id) {
        Some(AccessKey { account, secret }) => (Some(account), secret),
        None => (None, Secret::new("")),
    };
    let verified = sign::verify(&secret, string_to_sign, signature);
    account.filter(|_| verified.is_ok()).ok_or(Code::AUTHFAILURE_SIGNATURE_FAILURE.into())
}

/// The body of an answer to a request that succeeded. It goes with status 200 and no other.
#[must_use]
pub fn success(request_id: &str, mut response: Fields) -> String {
    response.insert("requestId".to_owned(), request_id.into());
    serde_json::json!({ "requestId": request_id, "response": response }).to_string()
}

/// The body of an answer to a request that failed. It goes with the status of the code.
#[must_use]
pub fn error(request_id: &str, fault: &Fault) -> String {
    let (code, message) = (fault.code.code, fault.message());
    serde_json::json!({ "requestId": request_id, "code": code, "message": message }).to_string()
}
