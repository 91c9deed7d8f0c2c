//! The RPC protocol: from a request as HTTP delivers it to an [`Envelope`], which knows the action,
//! the credentials and the business parameters, and believes none of them yet.

use std::fmt;

use fleet::{Fingerprint, Time};
use sha2::{Digest as _, Sha256};

use super::sign_v1::{self, Method};
use super::{Code, Fault, sign_v3};
use crate::document::Format;
use crate::params::Params;
use crate::request::Request;
use crate::signing::{self, Authorization};
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

/// How a request is signed.
#[derive(Debug)]
pub enum Credentials {
    /// By parameters: HMAC-SHA1.
    V1(Signed),
    /// By headers: ACS3-HMAC-SHA256.
    V3 {
        /// The signature.
        signed: Signed,
        /// Whether `x-acs-content-sha256` is the hash of the body.
        payload_is_declared: bool,
    },
}

/// A signature and all that it takes to check it.
pub struct Signed {
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
        let Claim { action, version, credentials } = match request.v3_authorization() {
            Some((scheme, parts)) => Claim::v3(request, method, scheme, parts)?,
            None => Claim::v1(request, method, &params)?,
        };
        for name in PROTOCOL.into_iter().chain(DELEGATION) {
            params.take_raw(name);
        }
        let fingerprint = fingerprint(&params);
        Ok(Self { action, version, format, credentials, fingerprint, params })
    }
}

/// What a request says about itself, by either version of the signature.
struct Claim {
    action: String,
    version: String,
    credentials: Credentials,
}

impl Claim {
    fn v1(request: &Request<'_>, method: Method, params: &Params) -> Result<Self, Fault> {
        let parameter = |name| sent(params, name).ok_or(Fault::missing(name));
        let key_id = parameter("AccessKeyId")?.to_owned();
        let signature = parameter("Signature")?.to_owned();
        let nonce = parameter("SignatureNonce")?.to_owned();
        let timestamp = parameter("Timestamp")?;
        // These two may be headers instead; no signature of this version covers them then.
        let version = parameter("Version").or_else(|fault| request.header("x-acs-version").ok_or(fault))?;
        let action = parameter("Action").or_else(|fault| request.header("x-acs-action").ok_or(fault))?;
        let (version, action) = (version.to_owned(), action.to_owned());

        expect(params, "SignatureMethod", sign_v1::METHOD)?;
        expect(params, "SignatureVersion", sign_v1::VERSION)?;
        // Another type is another method under the same name.
        if sent(params, "SignatureType").is_some() {
            return Err(Fault::new(Code::INVALID_PARAMATER).about("SignatureMethod"));
        }
        let timestamp = moment(timestamp, "Timestamp")?;
        let security_token = sent(params, "SecurityToken").map(str::to_owned);

        let string_to_sign = sign_v1::string_to_sign(method, params);
        let signed = Signed { key_id, timestamp, nonce, signature, string_to_sign, security_token };
        Ok(Self { action, version, credentials: Credentials::V1(signed) })
    }

    /// Action and version are headers here, and signed: parameters of these names say nothing.
    fn v3(request: &Request<'_>, method: Method, scheme: &str, parts: &str) -> Result<Self, Fault> {
        // Of a token that was handed out, nothing but its own bytes is signed.
        if scheme != sign_v3::METHOD || request.header("x-acs-signature-type").is_some() {
            return Err(Fault::new(Code::INVALID_PARAMATER).about("SignatureMethod"));
        }
        let authorization = Authorization::parse(parts).ok_or(Code::INCOMPLETE_SIGNATURE)?;
        let header = |name| request.header(name).ok_or(Fault::missing(name));
        let key_id = authorization.key_id.ok_or(Fault::missing("AccessKeyId"))?.to_owned();
        let signature = authorization.signature.ok_or(Fault::missing("Signature"))?.to_owned();
        let nonce = header("x-acs-signature-nonce")?.to_owned();
        let timestamp = header("x-acs-date")?;
        let version = header("x-acs-version")?.to_owned();
        let action = header("x-acs-action")?.to_owned();
        let payload = header("x-acs-content-sha256")?;

        let signed_headers = authorization.signed_headers.unwrap_or_default();
        let covers = |name: &&str| signed_headers.split(';').any(|signed| signed == *name);
        if !sign_v3::REQUIRED.iter().all(covers) {
            return Err(Code::INCOMPLETE_SIGNATURE.into());
        }
        let timestamp = moment(timestamp, "x-acs-date")?;
        let security_token = request.header("x-acs-security-token").map(str::to_owned);

        let query = Params::parse(request.query, b"")?;
        let canonical_request = sign_v3::canonical_request(method, &query, request, signed_headers);
        let string_to_sign = sign_v3::string_to_sign(&canonical_request);
        let signed = Signed { key_id, timestamp, nonce, signature, string_to_sign, security_token };
        let payload_is_declared = payload == signing::sha256(request.body);
        Ok(Self { action, version, credentials: Credentials::V3 { signed, payload_is_declared } })
    }
}

impl Credentials {
    /// The signature, of whichever version.
    #[must_use]
    pub const fn signed(&self) -> &Signed {
        match self {
            Self::V1(signed) | Self::V3 { signed, .. } => signed,
        }
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

    /// The scheme of an Authorization header for version 3 of the signature, and what stands behind
    /// it. The header alone tells the version: clients of version 1 send `x-acs-` headers as well.
    fn v3_authorization(&self) -> Option<(&'a str, &'a str)> {
        let authorization = self.header("authorization")?;
        authorization.starts_with(sign_v3::FAMILY).then_some(())?;
        Some(authorization.split_once(' ').unwrap_or((authorization, "")))
    }

    /// The format of an answer when no parameter asks for one.
    fn accepted_format(&self) -> Format {
        if self.v3_authorization().is_some() {
            return Format::Json;
        }
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

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("key_id", &self.key_id)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// The value of a parameter; empty is absent.
fn sent<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.find(name).filter(|value| !value.is_empty())
}

fn moment(text: &str, name: &'static str) -> Result<Time, Fault> {
    time::parse_seconds(text).map_err(|_| Fault::new(Code::ILLEGAL_TIMESTAMP).about(name))
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
