//! One request in the dialect of Zenlayer, from its bytes to its answer.

mod actions;
mod listings;

use hatchery::AccountId;
use wire::Request;
use wire::zenlayer::{self, Code, Envelope, Fault, authenticate};

use crate::answer::logged;
use crate::front::Front;
use crate::http::{Answer, Trouble};

/// Answers a request. Blocks for as long as a commit takes.
pub(crate) fn answer(front: &Front, request: &Request<'_>, request_id: String) -> Answer {
    let mut action = String::new();
    let result = Envelope::parse(request).and_then(|envelope| {
        action = logged(envelope.action);
        let account = sender(front, &envelope)?;
        actions::run(front, &envelope, account, &request_id)
    });
    match result {
        Ok(response) => {
            tracing::info!(%request_id, ?action, "answered");
            let body = zenlayer::success(&request_id, response);
            written(200, request_id, body)
        }
        Err(fault) => {
            tracing::info!(%request_id, ?action, %fault, "refused");
            refuse(&fault, request_id)
        }
    }
}

/// Who signed the request, by the wall clock: a sandbox cannot move it.
fn sender(front: &Front, envelope: &Envelope<'_>) -> Result<AccountId, Fault> {
    let enabled = |id: &str| front.keys.find(id).filter(|_| !front.keys.is_disabled(id));
    authenticate(envelope, enabled, front.clock.wall())
}

/// The answer to a request that came to nothing before anybody read it.
pub(crate) fn troubled(trouble: Trouble, request_id: String) -> Answer {
    let fault = match trouble {
        Trouble::Body => Fault::about(Code::INVALID_PARAMETER_VALUE, "body"),
        Trouble::Overload => Code::SERVICE_TEMPORARY_UNAVAILABLE.into(),
        Trouble::Panic => Code::INTERNAL_SERVER_ERROR.into(),
    };
    tracing::info!(%request_id, %fault, "refused");
    refuse(&fault, request_id)
}

fn refuse(fault: &Fault, request_id: String) -> Answer {
    let body = zenlayer::error(&request_id, fault);
    written(fault.code.status, request_id, body)
}

fn written(status: u16, request_id: String, body: String) -> Answer {
    Answer { status, content_type: "application/json", request_id, body }
}
