//! Signature version 3: ACS3-HMAC-SHA256 over the query, the headers that it names, and the body's
//! hash. Both sides: a server's check and a client's signing. `contract/wire.md` section 3.

use super::sign_v1::{Method, Signer};
use crate::params::Params;
use crate::request::Request;
use crate::signing::{self, Mismatch, Secret};
use crate::time;

/// The only algorithm of this family that is served.
pub const METHOD: &str = "ACS3-HMAC-SHA256";
/// What the names of all algorithms of this family begin with.
pub const FAMILY: &str = "ACS3-";
/// The headers that every signature has to cover.
pub const REQUIRED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];

/// What a client asks, before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// How.
    pub method: Method,
    /// The Host that the request is sent to, with its port.
    pub host: &'a str,
    /// The name of the action.
    pub action: &'a str,
    /// The version of its API.
    pub version: &'a str,
    /// The parameters in the query.
    pub query: &'a Params,
    /// The body, and what it is.
    pub body: &'a [u8],
    /// The Content-Type, where there is a body.
    pub content_type: Option<&'a str>,
}

/// The text whose hash is signed: `request` by its method, the parameters of its query, exactly the
/// headers that `signed_headers` names (`;` between them), and its body. The path is `/`.
#[must_use]
pub fn canonical_request(
    method: Method,
    query: &Params,
    request: &Request<'_>,
    signed_headers: &str,
) -> String {
    let headers: String = signed_headers
        .split(';')
        .map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default()))
        .collect();
    let (method, query, payload) = (method.name(), query.render(), signing::sha256(request.body));
    format!("{method}\n/\n{query}\n{headers}\n{signed_headers}\n{payload}")
}

/// The text that the signature is made of.
#[must_use]
pub fn string_to_sign(canonical_request: &str) -> String {
    format!("{METHOD}\n{}", signing::sha256(canonical_request.as_bytes()))
}

/// The signature of `string_to_sign`, in lower-case hexadecimal digits.
#[must_use]
pub fn sign(secret: &Secret, string_to_sign: &str) -> String {
    signing::hmac_sha256(secret, string_to_sign)
}

/// Whether `signature` is the one of `string_to_sign`, compared in constant time.
///
/// # Errors
/// When it is not.
pub fn verify(secret: &Secret, string_to_sign: &str, signature: &str) -> Result<(), Mismatch> {
    signing::verify_hmac_sha256(secret, string_to_sign, signature)
}

/// The headers that send `call` signed by `signer`, Host among them. The target is `/?` and what
/// [`Params::render`] makes of the query.
#[must_use]
pub fn signed_headers(call: &Call<'_>, signer: &Signer<'_>) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("host", call.host.to_owned()),
        ("x-acs-action", call.action.to_owned()),
        ("x-acs-content-sha256", signing::sha256(call.body)),
        ("x-acs-date", time::seconds(signer.timestamp)),
        ("x-acs-signature-nonce", signer.nonce.to_owned()),
        ("x-acs-version", call.version.to_owned()),
    ];
    if let Some(content_type) = call.content_type {
        headers.insert(0, ("content-type", content_type.to_owned()));
    }
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let seen: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request =
        Request { method: call.method.name(), headers: &seen, body: call.body, ..Request::default() };
    let string_to_sign = string_to_sign(&canonical_request(call.method, call.query, &request, &names));
    let signature = sign(signer.secret, &string_to_sign);
    let key_id = signer.key_id;
    headers.push((
        "authorization",
        format!("{METHOD} Credential={key_id},SignedHeaders={names},Signature={signature}"),
    ));
    headers
}
