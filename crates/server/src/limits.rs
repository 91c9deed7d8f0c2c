//! What a front door puts up with, before anything is known about a client.

use std::time::Duration;

/// Bounds on clients, all of them together and each alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How many requests are worked on at once; one more is answered 503.
    pub requests: usize,
    /// How many connections are open at once; one more waits to be accepted. Below the 1024 files
    /// that a process may commonly have open: a store that can open none stands still.
    pub connections: usize,
    /// How many connections may read the feed at once; one more is answered 503.
    pub feeds: usize,
    /// How long a reader of the feed hears nothing, when there is nothing to tell.
    pub heartbeat: Duration,
    /// How long a client may take over the head of a request, and a connection may be idle.
    pub head: Duration,
    /// How long a client may take over the body of a request.
    pub body: Duration,
    /// How long a client may take nothing of an answer.
    pub answer: Duration,
    /// How long requests that are under way may take to end once the server stops.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 512,
            connections: 768,
            feeds: 64,
            heartbeat: Duration::from_secs(15),
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            answer: Duration::from_secs(20),
            stop: Duration::from_secs(10),
        }
    }
}
