//! HTTP around the wire: reads a request within limits, has it answered on a thread that may
//! block, writes the answer.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use wire::Params;

use crate::front::Front;
use crate::{answer, feed, launches, sandbox, zenlayer};

/// The routes of a front door. Mount them at the root of a server, beside routes of your own.
pub fn router(front: Arc<Front>) -> Router {
    let knobs = sandbox::routes(&front);
    Router::new()
        .route("/", any(|State(front), request| receive(Dialect::Ecs, front, request)))
        .route(wire::zenlayer::PATH, any(|State(front), request| receive(Dialect::Zenlayer, front, request)))
        .route(feed::PATH, get(feed::follow))
        .route(launches::PATH, get(launches::describe))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(front)
        .merge(knobs)
}

/// Whether anything can be committed. What failed is for the log, not for whoever asks.
async fn ready(State(front): State<Arc<Front>>) -> (StatusCode, &'static str) {
    match front.hatchery.failure() {
        None => (StatusCode::OK, "ok\n"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store has failed; it must be opened again\n"),
    }
}

/// An answer, ready to be written.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) request_id: String,
    pub(crate) body: String,
}

/// Why a request came to nothing before anybody read it, or while somebody did.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    /// The body has more than [`Params::PART_BYTES_MAX`] bytes, or was cut off.
    Body,
    /// Too many requests are being worked on.
    Overload,
    /// A panic of ours. Nothing half-done was committed, but a whole commit may have been: a client
    /// that repeats a launch needs its token to get the same one.
    Panic,
}

/// Whose rules a request and its answer follow.
#[derive(Clone, Copy)]
enum Dialect {
    Ecs,
    Zenlayer,
}

impl Dialect {
    fn answer(self, front: &Front, request: &wire::Request<'_>, request_id: String, host: &str) -> Answer {
        match self {
            Self::Ecs => answer::answer(front, request, request_id, host),
            Self::Zenlayer => zenlayer::answer(front, request, request_id),
        }
    }

    fn troubled(self, trouble: Trouble, request_id: String, host: &str) -> Answer {
        match self {
            Self::Ecs => answer::troubled(trouble, &request_id, host),
            Self::Zenlayer => zenlayer::troubled(trouble, request_id),
        }
    }
}

async fn receive(dialect: Dialect, front: Arc<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = answer::request_id();
    let host = text(&parts.headers, header::HOST.as_str()).unwrap_or_default().to_owned();
    let refuse = |trouble| dialect.troubled(trouble, request_id.clone(), &host).into_response();
    let body = match tokio::time::timeout(front.limits.body, to_bytes(body, Params::PART_BYTES_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return refuse(Trouble::Body),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    // Taken after the body, or clients that are slow with theirs would keep all others out.
    let Ok(permit) = Arc::clone(&front.requests).try_acquire_owned() else {
        return refuse(Trouble::Overload);
    };
    let worked = tokio::task::spawn_blocking({
        let (request_id, host) = (request_id.clone(), host.clone());
        move || {
            // Held for as long as there is work, also when the client goes meanwhile.
            let _permit = permit;
            // Not only ASCII: a signature may cover whatever a client calls itself.
            let headers: Vec<(&str, &str)> = parts
                .headers
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?.trim_ascii()))
                })
                .collect();
            let request = wire::Request {
                method: parts.method.as_str(),
                query: parts.uri.query().unwrap_or_default().as_bytes(),
                headers: &headers,
                body: &body,
            };
            dialect.answer(&front, &request, request_id, &host)
        }
    });
    match worked.await {
        Ok(answer) => answer.into_response(),
        Err(_) => refuse(Trouble::Panic),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Ok(request_id) = HeaderValue::from_str(&self.request_id) {
            headers.insert("x-acs-request-id", request_id);
        }
        if self.status == 503 {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
