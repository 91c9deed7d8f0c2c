//! The RPC protocol: from a request as HTTP delivers it to an [`Envelope`], which knows the action,
//! the credentials and the business parameters, and believes none of them yet.

use std::fmt;

use fleet::{Fingerprint, Time};
use sha2::{Digest as _, Sha256};

use super::sign_v1::{self, Method};
use super::{Code, Fault};
use crate::document::Format;
use crate::params::Params;
use crate::request::Request;
use crate::{percent, time};

/// A request that is well-formed. Who sent it is for [`super::authenticate()`] to say.
#[derive(Debug)]
pub struct Envelope {
    /// The name of the action, as it was sent.
    pub action: String,
    /// The version of the API, as it was sent.
    pub version: String,
    /// How the answer is to be written.
    pub format: Format,
    /// How the request is signed.
    pub credentials: Credentials,
    /// What the request means: its business parameters, whatever their order.
    pub fingerprint: Fingerprint,
    /// The business parameters, among them `ClientToken`.
    pub params: Params,
}

/// How a request is signed. V3 (`Authorization: ACS3-HMAC-SHA256`) will be the second variant.
#[derive(Debug)]
pub enum Credentials {
    /// By parameters.
    V1(V1),
}

/// A signature of version 1.0 and all that it takes to check it.
pub struct V1 {
    /// The id of the key.
    pub key_id: String,
    /// When the client says it made the request.
    pub timestamp: Time,
    /// What the client says is unique to the request.
    pub nonce: String,
    /// The signature.
    pub signature: String,
    /// What must have been signed.
    pub string_to_sign: String,
    /// The token of a temporary key.
    pub security_token: Option<String>,
}

/// A fault, and how to write it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rejection {
    /// The format that the client asked for, as far as that could be read.
    pub format: Format,
    /// What is wrong.
    pub fault: Fault,
}

/// The APIs that share this protocol; a version names one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Service {
    /// 2014-05-26
    Ecs,
    /// 2016-04-28
    Vpc,
    /// 2015-12-12
    Location,
    /// 2015-04-01
    Sts,
}

/// Parameters that ask for something on behalf of somebody else. The contract ignores them.
const DELEGATION: [&str; 4] = ["ResourceOwnerAccount", "ResourceOwnerId", "OwnerAccount", "OwnerId"];

/// What belongs to the protocol and not to the action. `ClientToken` is the action's.
const PROTOCOL: [&str; 11] = [
    "AccessKeyId",
    "Action",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

impl Envelope {
    /// Reads a request. The same list of parameters is signed and handed on.
    ///
    /// # Errors
    /// What is wrong with the request, in the order: limits, encoding, format, method, what is
    /// missing, kind of signature, timestamp.
    pub fn parse(request: &Request<'_>) -> Result<Self, Rejection> {
        let format = request.accepted_format();
        let params = Params::parse(request.query, request.form())
            .map_err(|error| Rejection { format, fault: error.into() })?;
        // An unknown format is refused in the one that goes without saying.
        let format = match params.find("Format").filter(|asked| !asked.is_empty()) {
            Some(asked) => {
                Format::parse(asked).ok_or_else(|| Rejection { format, fault: Fault::invalid("Format") })?
            }
            None => format,
        };
        Self::read(request, params, format).map_err(|fault| Rejection { format, fault })
    }

    /// The API that the version names.
    ///
    /// # Errors
    /// When it names none: rule G-06.
    pub fn service(&self) -> Result<Service, Fault> {
        Service::parse(&self.version).ok_or(Fault::new(Code::INVALID_ACTION_NOT_FOUND))
    }

    fn read(request: &Request<'_>, mut params: Params, format: Format) -> Result<Self, Fault> {
        let method = Method::parse(request.method).ok_or(Code::UNSUPPORTED_HTTP_METHOD)?;

        let parameter = |name| sent(&params, name).ok_or(Fault::missing(name));
        let key_id = parameter("AccessKeyId")?.to_owned();
        let signature = parameter("Signature")?.to_owned();
        let nonce = parameter("SignatureNonce")?.to_owned();
        let timestamp = parameter("Timestamp")?;
        // These two may be headers instead; no signature of this version covers them then.
        let version = parameter("Version").or_else(|fault| request.header("x-acs-version").ok_or(fault))?;
        let action = parameter("Action").or_else(|fault| request.header("x-acs-action").ok_or(fault))?;
        let (version, action) = (version.to_owned(), action.to_owned());

        expect(&params, "SignatureMethod", sign_v1::METHOD)?;
        expect(&params, "SignatureVersion", sign_v1::VERSION)?;
        // Another type is another method under the same name.
        if sent(&params, "SignatureType").is_some() {
            return Err(Fault::new(Code::INVALID_PARAMATER).about("SignatureMethod"));
        }
        let timestamp = time::parse_seconds(timestamp)
            .map_err(|_| Fault::new(Code::ILLEGAL_TIMESTAMP).about("Timestamp"))?;
        let security_token = sent(&params, "SecurityToken").map(str::to_owned);

        let string_to_sign = sign_v1::string_to_sign(method, &params);
        let v1 = V1 { key_id, timestamp, nonce, signature, string_to_sign, security_token };
        for name in PROTOCOL.into_iter().chain(DELEGATION) {
            params.take_raw(name);
        }
        let fingerprint = fingerprint(&params);
        Ok(Self { action, version, format, credentials: Credentials::V1(v1), fingerprint, params })
    }
}

impl<'a> Request<'a> {
    /// The body when it is a form. Any other body says nothing to this protocol, which is just as
    /// well: its signature does not cover one.
    fn form(&self) -> &'a [u8] {
        let media_type =
            self.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
        if media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            self.body
        } else {
            &[]
        }
    }

    /// The format of an answer when no parameter asks for one.
    fn accepted_format(&self) -> Format {
        let accept = self.header("accept").unwrap_or_default().to_ascii_lowercase();
        if accept.contains("application/json") { Format::Json } else { Format::Xml }
    }
}

impl Service {
    /// The service whose API has this version.
    #[must_use]
    pub fn parse(version: &str) -> Option<Self> {
        match version {
            "2014-05-26" => Some(Self::Ecs),
            "2016-04-28" => Some(Self::Vpc),
            "2015-12-12" => Some(Self::Location),
            "2015-04-01" => Some(Self::Sts),
            _ => None,
        }
    }
}

impl fmt::Debug for V1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V1")
            .field("key_id", &self.key_id)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// The value of a parameter; empty is absent.
fn sent<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.find(name).filter(|value| !value.is_empty())
}

/// What is said about the signature must be what is served; it may go without saying.
fn expect(params: &Params, name: &'static str, served: &str) -> Result<(), Fault> {
    match sent(params, name) {
        Some(found) if found != served => Err(Fault::new(Code::INVALID_PARAMATER).about(name)),
        Some(_) | None => Ok(()),
    }
}

/// SHA-256 of the sorted business parameters that say anything: empty is absent, a token does not
/// count as a part of what it stands for, and a password must not be guessed from what is stored.
fn fingerprint(params: &Params) -> Fingerprint {
    let mut canonical = String::new();
    for (name, value) in
        params.iter().filter(|(name, value)| !["ClientToken", "Password"].contains(name) && !value.is_empty())
    {
        percent::encode_into(&mut canonical, name);
        canonical.push('=');
        percent::encode_into(&mut canonical, value);
        canonical.push('&');
    }
    Fingerprint(Sha256::digest(canonical).into())
}
