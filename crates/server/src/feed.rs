//! The feed over HTTP: server-sent events at `GET /_hatchery/changes`, and what is [sent](webhook) to
//! whoever asked for it. `docs/feed.md` is the reference.
//!
//! The feed tells of the whole fleet. In a sandbox everybody may read it, as they may turn its knobs.
//! Otherwise only the [operator](crate::Front::operated_by) may: by a query signed as every other
//! request, with the action `FollowChanges`, which no other door takes for one of its own.

mod cursor;
pub(crate) mod json;
mod post;
pub mod webhook;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fleet::Revision;
use hatchery::{Change, FeedError};
use hyper::body::Frame;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use wire::Params;
use wire::ecs::{Code, Envelope, Fault, Rejection};

use crate::answer;
use crate::front::Front;

/// Where the feed is.
pub(crate) const PATH: &str = "/_hatchery/changes";
/// What a signed query asks for.
const ACTION: &str = "FollowChanges";
/// How many commits are read at a time.
const PAGE: usize = 32;

/// Tells connections that do not end by themselves that the server stops.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(pub(crate) watch::Receiver<bool>);

impl Stopping {
    /// Resolves when the server stops.
    async fn told(&mut self) {
        // A teller that is gone has stopped, too.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }
}

/// Why nobody is told anything.
enum Refused {
    /// There is no feed for anybody here.
    Nowhere,
    /// Who asks is not let in.
    Rejected(Rejection),
    /// `since` or `Last-Event-ID` is no revision.
    NoRevision(&'static str),
    /// Too many read already.
    Crowded,
    /// The feed has no such place, or cannot be read.
    Feed(FeedError),
    /// A panic of ours.
    Panic,
}

/// Answers a reader of the feed.
pub(crate) async fn follow(
    State(front): State<Arc<Front>>,
    stopping: Option<Extension<Stopping>>,
    request: Request,
) -> Response {
    match open(front, stopping.map(|Extension(stopping)| stopping), request).await {
        Ok(lines) => {
            let mut response = Response::new(Body::new(lines));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(refused) => refused.into_response(),
    }
}

async fn open(front: Arc<Front>, stopping: Option<Stopping>, request: Request) -> Result<Lines, Refused> {
    let (parts, _body) = request.into_parts();
    let place = Arc::clone(&front.feeds).try_acquire_owned();
    let (read, first) = tokio::task::spawn_blocking({
        let front = Arc::clone(&front);
        move || {
            let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
            let since = admitted(&front, parts.uri.query().unwrap_or_default())?;
            // A browser that connects again names the same `since`, and here what it has read since.
            let read = match (text("last-event-id").filter(|id| !id.is_empty()), &since) {
                (Some(id), _) => revision(id).ok_or(Refused::NoRevision("Last-Event-ID"))?,
                (None, Some(since)) => revision(since).ok_or(Refused::NoRevision("since"))?,
                (None, None) => front.hatchery.last().0,
            };
            let first = front.hatchery.changes(read, PAGE).map_err(Refused::Feed)?;
            Ok((read, first))
        }
    })
    .await
    .map_err(|_| Refused::Panic)??;
    let place = place.map_err(|_| Refused::Crowded)?;
    // One page waits here at most; a reader that takes nothing holds up nobody but itself.
    let (tell, lines) = mpsc::channel(1);
    let reader = Told { front, read, tell, _place: place };
    tokio::spawn(async move {
        match stopping {
            Some(mut stopping) => tokio::select! {
                () = reader.go_on(first) => {}
                () = stopping.told() => {}
            },
            None => reader.go_on(first).await,
        }
    });
    Ok(Lines(lines))
}

/// Lets a reader in, or not. The `since` it gave.
fn admitted(front: &Front, query: &str) -> Result<Option<String>, Refused> {
    let rejected = |rejection| Refused::Rejected(rejection);
    let unsigned = |fault: Fault| rejected(Rejection { format: wire::Format::Json, fault });
    if front.sandbox.is_some() {
        let params = Params::parse(query.as_bytes(), b"").map_err(|error| unsigned(error.into()))?;
        return Ok(params.find("since").map(str::to_owned));
    }
    let operator = front.operator.ok_or(Refused::Nowhere)?;
    let request = wire::Request { method: "GET", query: query.as_bytes(), headers: &[], body: b"" };
    let envelope = Envelope::parse(&request).map_err(rejected)?;
    let refuse = |fault| rejected(Rejection { format: envelope.format, fault });
    let account = answer::sender(front, &envelope).map_err(refuse)?;
    if envelope.action != ACTION {
        return Err(refuse(Fault::new(Code::INVALID_ACTION_NOT_FOUND)));
    }
    if account != operator {
        return Err(refuse(Fault::new(Code::FORBIDDEN_UNAUTHORIZED)));
    }
    Ok(envelope.params.find("since").map(str::to_owned))
}

fn revision(text: &str) -> Option<Revision> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok().map(Revision::new)).flatten()
}

/// A reader that was let in.
struct Told {
    front: Arc<Front>,
    read: Revision,
    tell: mpsc::Sender<Bytes>,
    _place: OwnedSemaphorePermit,
}

impl Told {
    /// Tells the reader of one commit after the other, until it is gone or the feed is.
    async fn go_on(mut self, first: Vec<Change>) {
        let mut page = first;
        loop {
            for change in page {
                self.read = change.revision;
                if self.tell.send(event(&change)).await.is_err() {
                    return;
                }
            }
            if !self.wait().await {
                return;
            }
            let (front, read) = (Arc::clone(&self.front), self.read);
            let next = tokio::task::spawn_blocking(move || front.hatchery.changes(read, PAGE)).await;
            page = match next {
                Ok(Ok(page)) => page,
                Ok(Err(error)) => {
                    let (_, told) = trouble(&error);
                    let _ = self.tell.send(Bytes::from(format!("event: gone\ndata: {told}\n\n"))).await;
                    return;
                }
                Err(_panic) => return,
            };
        }
    }

    /// Waits for a commit, saying now and then that it still does. Whether there is a reader.
    async fn wait(&self) -> bool {
        let news = Arc::clone(&self.front.hatchery).beyond(self.read);
        let mut news = std::pin::pin!(news);
        loop {
            tokio::select! {
                _ = &mut news => return true,
                () = self.tell.closed() => return false,
                () = tokio::time::sleep(self.front.limits.heartbeat) => {
                    if self.tell.send(Bytes::from_static(b": waiting\n\n")).await.is_err() {
                        return false;
                    }
                }
            }
        }
    }
}

/// A commit as a server-sent event.
fn event(change: &Change) -> Bytes {
    Bytes::from(format!("id: {}\nevent: change\ndata: {}\n\n", change.revision, json::change(change)))
}

/// What to say of a feed that cannot be read from where it was asked for. A fault of the disk is for the log.
fn trouble(error: &FeedError) -> (StatusCode, serde_json::Value) {
    match error {
        FeedError::HistoryGone { oldest } => {
            (StatusCode::GONE, json!({"error": error.to_string(), "oldest": oldest.number()}))
        }
        FeedError::Future { last, .. } => {
            (StatusCode::BAD_REQUEST, json!({"error": error.to_string(), "last": last.number()}))
        }
        FeedError::Store(failed) => {
            tracing::error!(error = %failed, "the feed cannot be read");
            (StatusCode::INTERNAL_SERVER_ERROR, json!({"error": "the feed cannot be read"}))
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, told) = match self {
            Self::Nowhere => return StatusCode::NOT_FOUND.into_response(),
            Self::Panic => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Rejected(Rejection { format, fault }) => {
                let request_id = answer::request_id();
                tracing::info!(%request_id, %fault, "refused");
                return answer::refuse(&fault, format, &request_id, "").into_response();
            }
            Self::NoRevision(what) => {
                (StatusCode::BAD_REQUEST, json!({"error": format!("{what} is not the number of a revision")}))
            }
            Self::Crowded => {
                (StatusCode::SERVICE_UNAVAILABLE, json!({"error": "too many read the feed already"}))
            }
            Self::Feed(error) => trouble(&error),
        };
        (status, axum::Json(told)).into_response()
    }
}

/// The body of an answer that goes on until its teller is gone.
struct Lines(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}
