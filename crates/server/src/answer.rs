//! One RPC request, from its bytes to its answer: who sent it, what it means, what came of it.

use hatchery::AccountId;
use wire::ecs::reply::Reply;
use wire::ecs::{Code, Envelope, Fault, Rejection, authenticate};
use wire::{Document, ErrorBody, Format, Params, Request};

use crate::actions;
use crate::front::Front;
use crate::http::{Answer, Trouble};

/// How much of the name of an action is logged, in characters: anybody can send one.
const ACTION_LOGGED_MAX: usize = 64;

/// Answers a request. Blocks for as long as a commit takes.
pub(crate) fn answer(front: &Front, request: &Request<'_>, request_id: String, host: &str) -> Answer {
    let mut action = String::new();
    let result = Envelope::parse(request).and_then(|envelope| {
        action = logged(&envelope.action);
        let format = envelope.format;
        match run(front, envelope, (host, &request_id)) {
            Ok(reply) => Ok((format, reply.render(&request_id, format))),
            Err(fault) => Err(Rejection { format, fault }),
        }
    });
    match result {
        Ok((format, body)) => {
            tracing::info!(%request_id, ?action, "answered");
            Answer { status: 200, content_type: format.content_type(), request_id, body }
        }
        Err(Rejection { format, fault }) => {
            tracing::info!(%request_id, ?action, %fault, "refused");
            refuse(&fault, format, &request_id, host)
        }
    }
}

fn run(front: &Front, envelope: Envelope, (host, request_id): (&str, &str)) -> Result<Reply, Fault> {
    let account = sender(front, &envelope)?;
    actions::run(front, envelope, account, (host, request_id))
}

/// Who signed the request, by the wall clock: a sandbox cannot move it.
pub(crate) fn sender(front: &Front, envelope: &Envelope) -> Result<AccountId, Fault> {
    let account = authenticate(envelope, |id| front.keys.find(id), front.clock.wall(), &front.nonces)?;
    match front.keys.is_disabled(&envelope.credentials.signed().key_id) {
        true => Err(Code::FORBIDDEN_ACCESS_KEY_DISABLED.into()),
        false => Ok(account),
    }
}

/// The answer to a request that came to nothing before anybody read it.
pub(crate) fn troubled(trouble: Trouble, request_id: &str, host: &str) -> Answer {
    let fault = match trouble {
        Trouble::Body => {
            let detail =
                format!("The request body has more than {} bytes, or was cut off.", Params::PART_BYTES_MAX);
            Fault::with(Code::INVALID_PARAMETER_DETAIL, detail)
        }
        Trouble::Overload => Fault::new(Code::SERVICE_UNAVAILABLE),
        Trouble::Panic => Fault::new(Code::INTERNAL_ERROR),
    };
    tracing::info!(%request_id, %fault, "refused");
    refuse(&fault, Format::Json, request_id, host)
}

/// As much of the name of an action as is logged.
pub(crate) fn logged(action: &str) -> String {
    action.chars().take(ACTION_LOGGED_MAX).collect()
}

/// The answer to a request that failed.
pub(crate) fn refuse(fault: &Fault, format: Format, request_id: &str, host: &str) -> Answer {
    let message = fault.message();
    let code = fault.code.code;
    let error = ErrorBody { request_id, host_id: host, code, message: &message, recommend: None };
    let body = Document::error(&error).render(format);
    let content_type = format.content_type();
    Answer { status: fault.code.status, content_type, request_id: request_id.into(), body }
}

/// A new request id: an upper-case UUID, version 4.
pub(crate) fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without chance the id is still well-formed; it names the request to people only.
    let _ = getrandom::fill(&mut bytes);
    let value = u128::from_be_bytes(bytes);
    let value = (value & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{value:032X}");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    parts.map(|(start, end)| hex.get(start..end).unwrap_or_default()).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_an_upper_case_uuid_of_version_4() {
        let id = request_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(&id[14..15], "4", "{id}");
        assert!("89AB".contains(&id[19..20]), "{id}");
        assert!(id.chars().all(|digit| digit == '-' || digit.is_ascii_digit() || digit.is_ascii_uppercase()));
        assert_ne!(id, request_id());
    }
}
