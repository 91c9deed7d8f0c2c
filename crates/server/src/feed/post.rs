//! One POST after the other to one address, over plain HTTP, on a connection that is kept.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::uri::Scheme;
use axum::http::{HeaderName, Method, Request, StatusCode, Uri, header};
use hmac::{Hmac, Mac as _};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use tokio::net::TcpStream;

/// The most of an answer that is read so that the connection can be used again, in bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// Why an address cannot be posted to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// It is none.
    #[error("it is no URL of the form http://host:port/path")]
    NoUrl,
    /// It begins with something else than `http:`.
    #[error("only http: is spoken here; put what speaks https: in between")]
    NotHttp,
    /// It names a user or a password.
    #[error("it names a user; every message is signed instead")]
    User,
}

/// Why a message was not delivered.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostError {
    #[error("no connection: {0}")]
    Connect(std::io::Error),
    #[error("the connection broke: {0}")]
    Http(hyper::Error),
    #[error("no answer in {0:?}")]
    Late(Duration),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("the message cannot be written: {0}")]
    Message(axum::http::Error),
}

/// An address that messages are posted to.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// Host and port. Unlike the path it can be shown: that may hold a secret.
    pub(super) authority: String,
    host: String,
    port: u16,
    path: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, AddressError> {
        let uri: Uri = url.parse().map_err(|_| AddressError::NoUrl)?;
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => {}
            Some(_) => return Err(AddressError::NotHttp),
            None => return Err(AddressError::NoUrl),
        }
        let authority = uri.authority().ok_or(AddressError::NoUrl)?;
        if authority.as_str().contains('@') {
            return Err(AddressError::User);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let port = authority.port_u16().unwrap_or(80);
        Ok(Self { authority: authority.to_string(), host, port, path })
    }
}

/// Posts to one address.
#[derive(Debug)]
pub(super) struct Poster {
    address: Address,
    patience: Duration,
    connection: Option<SendRequest<Body>>,
}

impl Poster {
    pub(super) const fn new(address: Address, patience: Duration) -> Self {
        Self { address, patience, connection: None }
    }

    /// Posts a message. It is delivered when the answer is 2xx.
    pub(super) async fn post(
        &mut self,
        body: Bytes,
        headers: &[(HeaderName, String)],
    ) -> Result<(), PostError> {
        let patience = self.patience;
        match tokio::time::timeout(patience, self.exchange(body, headers)).await {
            Ok(Ok(status)) if status.is_success() => Ok(()),
            Ok(Ok(status)) => Err(PostError::Status(status)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(PostError::Late(patience)),
        }
    }

    async fn exchange(
        &mut self,
        body: Bytes,
        headers: &[(HeaderName, String)],
    ) -> Result<StatusCode, PostError> {
        let mut request = Request::builder().method(Method::POST).uri(&self.address.path);
        request = request.header(header::HOST, &self.address.authority);
        request = request.header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body)).map_err(PostError::Message)?;
        // Taken out: a connection on which anything goes wrong is not used again.
        let mut connection = match self.kept().await {
            Some(kept) => kept,
            None => self.connect().await?,
        };
        let response = connection.send_request(request).await.map_err(PostError::Http)?;
        let status = response.status();
        if drained(response.into_body()).await {
            self.connection = Some(connection);
        }
        Ok(status)
    }

    /// The connection that was kept, if the other side still has it.
    async fn kept(&mut self) -> Option<SendRequest<Body>> {
        let mut kept = self.connection.take()?;
        kept.ready().await.ok().map(|()| kept)
    }

    async fn connect(&self) -> Result<SendRequest<Body>, PostError> {
        let stream = TcpStream::connect((self.address.host.as_str(), self.address.port)).await;
        let stream = stream.map_err(PostError::Connect)?;
        let _ = stream.set_nodelay(true);
        let (connection, driver) = handshake(TokioIo::new(stream)).await.map_err(PostError::Http)?;
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "a connection of a webhook ended early");
            }
        });
        Ok(connection)
    }
}

/// Reads an answer to its end. Whether it was short and whole.
async fn drained(mut answer: Incoming) -> bool {
    let mut left = ANSWER_MAX;
    loop {
        let frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut answer).poll_frame(cx)).await;
        let length = match &frame {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => frame.data_ref().map_or(0, |data| data.len()),
        };
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => return false,
        }
    }
}

/// What `body`, sent at `timestamp`, is signed with: `sha256=` and HMAC-SHA256 over `timestamp.body`, in
/// hexadecimal.
#[must_use]
pub fn signature(key: &[u8; 32], timestamp: u64, body: &[u8]) -> String {
    // Any length of key will do, so that this cannot fail.
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    code.update(format!("{timestamp}.").as_bytes());
    code.update(body);
    format!("sha256={}", hex(&code.finalize().into_bytes()))
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_http_and_names_nobody() {
        for (url, expected) in [
            ("http://127.0.0.1:9000/hook?x=1", Ok(("127.0.0.1", 9000, "/hook?x=1"))),
            ("http://example.org", Ok(("example.org", 80, "/"))),
            ("http://[::1]:9/", Ok(("::1", 9, "/"))),
            ("https://example.org/", Err(AddressError::NotHttp)),
            ("http://user:sesame@example.org/", Err(AddressError::User)),
            ("example.org", Err(AddressError::NoUrl)),
            ("/hook", Err(AddressError::NoUrl)),
            ("", Err(AddressError::NoUrl)),
        ] {
            let parsed = Address::parse(url);
            let found = parsed.as_ref().map(|found| (found.host.as_str(), found.port, found.path.as_str()));
            assert_eq!(found.map_err(|error| *error), expected, "{url}");
        }
    }

    #[test]
    fn a_signature_is_what_the_recipe_in_the_documents_says() {
        // hmac.new(bytes(range(32)), b'1767323045.{"revision":1}', "sha256").hexdigest()
        let key = std::array::from_fn(|at| u8::try_from(at).unwrap());
        assert_eq!(signature(&key, 1_767_323_045, b"{\"revision\":1}"), EXPECTED);
    }

    const EXPECTED: &str = "sha256=b0ce460d6142f701f197e8a5546d599b221aa677749eefd69d7246238b452180";
}
