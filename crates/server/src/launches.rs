//! What became of a launch, in one answer: `GET /_hatchery/launch`, a query signed as every other
//! request, with the action `DescribeLaunch`, which no other door takes for one of its own. Whoever
//! holds a key reads of the launches of its account.
//!
//! One of `LaunchId` (what replies call the order), `ClientToken` and `LaunchRequestId` names it, and
//! `RegionId` may say where it was. It replaces asking for the instances and then for their events, and
//! goes on answering when they are gone.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fleet::{BatchId, FailureReason, Label, LaunchReport, Outcome, Shown, TokenText, WhichLaunch};
use serde_json::{Value, json};
use wire::ecs::reply::ids;
use wire::ecs::{Code, Envelope, Fault, Rejection};

use crate::answer;
use crate::front::Front;
use crate::http::Answer;

/// Where it is.
pub(crate) const PATH: &str = "/_hatchery/launch";
/// What a signed query asks for.
const ACTION: &str = "DescribeLaunch";

/// Answers who asks what became of a launch.
pub(crate) async fn describe(State(front): State<Arc<Front>>, request: Request) -> Response {
    let Ok(permit) = Arc::clone(&front.requests).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let found = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let request_id = answer::request_id();
        match find(&front, &query) {
            Ok(told) => {
                let status = if told.is_some() { 200 } else { 404 };
                let body =
                    told.unwrap_or_else(|| json!({ "error": "no such launch is remembered" })).to_string();
                Answer { status, content_type: "application/json", request_id, body }
            }
            Err(Rejection { format, fault }) => {
                tracing::info!(%request_id, %fault, "refused");
                answer::refuse(&fault, format, &request_id, "")
            }
        }
    });
    match found.await {
        Ok(answer) => answer.into_response(),
        Err(_panic) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn find(front: &Front, query: &str) -> Result<Option<Value>, Rejection> {
    let request = wire::Request { method: "GET", query: query.as_bytes(), headers: &[], body: b"" };
    let envelope = Envelope::parse(&request)?;
    let format = envelope.format;
    let refuse = |fault: Fault| Rejection { format, fault };
    let account = answer::sender(front, &envelope).map_err(refuse)?;
    if envelope.action != ACTION {
        return Err(refuse(Fault::new(Code::INVALID_ACTION_NOT_FOUND)));
    }
    let which = which(&envelope).ok_or_else(|| refuse(Fault::new(Code::INVALID_PARAMETER_NAMED)))?;
    let region = envelope.params.find("RegionId").map(Label::parse).transpose();
    let region = region.map_err(|_| refuse(Fault::new(Code::INVALID_REGION_ID_NOT_FOUND)))?;
    let snapshot = front.hatchery.snapshot();
    let report = LaunchReport::find(&snapshot, account, region.as_ref(), &which);
    let report = report.map_err(|error| refuse(crate::actions::failed(error)))?;
    Ok(report.map(|report| told(&report)))
}

/// The launch that is named; `None` unless it is named in just one way.
fn which(envelope: &Envelope) -> Option<WhichLaunch> {
    let find = |name: &str| envelope.params.find(name).filter(|text| !text.is_empty());
    match (find("LaunchId"), find("ClientToken"), find("LaunchRequestId")) {
        (Some(id), None, None) => BatchId::parse(id).map(WhichLaunch::Id),
        (None, Some(token), None) => TokenText::parse(token).map(WhichLaunch::Token),
        (None, None, Some(id)) => TokenText::parse(id).map(WhichLaunch::Request),
        _ => None,
    }
}

fn told(report: &LaunchReport) -> Value {
    let count = |wanted: fn(&Outcome) -> bool| report.batch.outcomes.iter().filter(|one| wanted(one)).count();
    let instances = report.instances.iter().map(|one| {
        let (outcome, reason) = outcome(one.outcome);
        let id = ids::instance(one.id);
        json!({ "instanceId": id, "outcome": outcome, "reason": reason, "status": one.shown.map(status) })
    });
    json!({
        "launchId": ids::order(report.batch.id),
        "requestId": report.batch.request.as_ref().map(|key| key.text.as_str()),
        "clientToken": report.batch.token.as_ref().map(|key| key.text.as_str()),
        "acceptedAt": wire::time::seconds(report.batch.launched_at),
        "pending": count(|one| *one == Outcome::Pending),
        "made": count(|one| *one == Outcome::Made),
        "failed": count(|one| matches!(one, Outcome::Failed(_))),
        "released": count(|one| *one == Outcome::Released),
        "instances": instances.collect::<Vec<_>>(),
    })
}

const fn outcome(outcome: Outcome) -> (&'static str, Option<&'static str>) {
    match outcome {
        Outcome::Pending => ("pending", None),
        Outcome::Made => ("made", None),
        Outcome::Released => ("released", None),
        Outcome::Failed(reason) => (
            "failed",
            Some(match reason {
                FailureReason::NoStock => "stock",
                FailureReason::NoAddress => "address",
                FailureReason::Machine => "machine",
                FailureReason::Deadline => "deadline",
                FailureReason::Exhausted => "exhausted",
            }),
        ),
    }
}

const fn status(shown: Shown) -> &'static str {
    match shown {
        Shown::Pending => "Pending",
        Shown::Starting => "Starting",
        Shown::Running => "Running",
        Shown::Stopping => "Stopping",
        Shown::Stopped => "Stopped",
    }
}
