//! The feed as server-sent events: exact, resumable, for whom it is meant, and over when the server is.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use common::{Client, House, ME, Reply, STRANGER_KEY_ID, Setup, WATCHDOG};
use hatchery::{FeedError, Hatchery, OpenAccount, Options, Revision, StoreId};
use serde_json::Value;
use server::Limits;
use wire::ecs::Method;

const FOLLOW: [(&str, &str); 2] = [("Action", "FollowChanges"), ("Version", "2014-05-26")];

fn sandbox() -> House {
    House::new(Setup { sandbox: true, ..Setup::default() })
}

/// A reader of the feed that was let in.
struct Feed(BufReader<TcpStream>);

/// One event: its id and what it says.
type Event = (u64, Value);

fn request(target: &str, more: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: h\r\n{more}\r\n")
}

impl Feed {
    fn open(house: &House, target: &str, more: &str) -> Self {
        let mut stream = house.connect();
        stream.write_all(request(target, more).as_bytes()).unwrap();
        let mut feed = Self(BufReader::new(stream));
        let head: Vec<String> = std::iter::from_fn(|| feed.line().filter(|line| !line.is_empty())).collect();
        assert_eq!(head[0], "HTTP/1.1 200 OK", "{head:?}");
        assert!(head.iter().any(|line| line == "content-type: text/event-stream"), "{head:?}");
        feed
    }

    fn since(house: &House, since: u64) -> Self {
        Self::open(house, &format!("/_hatchery/changes?since={since}"), "")
    }

    /// The next line, sizes of chunks among them.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        (self.0.read_line(&mut line).unwrap() > 0).then(|| line.trim_end().to_owned())
    }

    fn lines_until(&mut self, start: &str) -> String {
        loop {
            let line = self.line().unwrap_or_else(|| panic!("it ended before {start}"));
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    fn next(&mut self) -> Event {
        let id = self.lines_until("id: ").parse().unwrap();
        assert_eq!(self.line().unwrap(), "event: change");
        let data: Value = serde_json::from_str(&self.lines_until("data: ")).unwrap();
        assert_eq!(data["revision"], id);
        (id, data)
    }

    /// The rest, up to the end of the answer.
    fn rest(mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).unwrap();
        rest
    }
}

fn last(house: &House) -> u64 {
    house.hatchery.last().0.number()
}

#[test]
fn every_commit_is_told_once_and_in_order_and_new_ones_as_they_come() {
    let house = sandbox();
    let mut feed = Feed::since(&house, 0);
    let before = last(&house);
    assert!(before > 3);
    for expected in 1..=before {
        assert_eq!(feed.next().0, expected);
    }
    let id = house.launch().instances().remove(0);
    let (revision, told) = feed.next();
    assert_eq!(revision, before + 1);
    let facts = told["facts"].as_array().unwrap();
    let made = facts.iter().find(|fact| fact["fact"] == "instance_changed").unwrap();
    assert_eq!((made["id"].as_str(), made["status"].as_str()), (Some(id.as_str()), Some("pending")));
    assert!(
        facts
            .iter()
            .any(|fact| fact["fact"] == "batch_decided" && fact["launched"]["region"] == "cn-hangzhou")
    );
}

#[test]
fn a_reader_goes_on_where_it_was() {
    let house = sandbox();
    let whole: Vec<Event> = {
        let mut feed = Feed::since(&house, 0);
        (0..last(&house)).map(|_| feed.next()).collect()
    };
    for read in 0..last(&house) {
        let at = usize::try_from(read).unwrap();
        assert_eq!(Feed::since(&house, read).next(), whole[at]);
        // A browser says again what it began with; what it has read since counts.
        let header = format!("Last-Event-ID: {read}\r\n");
        assert_eq!(Feed::open(&house, "/_hatchery/changes?since=0", &header).next(), whole[at]);
    }
    // Who says nothing is told of what happens from now on.
    let mut feed = Feed::open(&house, "/_hatchery/changes", "");
    house.launch();
    assert_eq!(feed.next().0, last(&house));
}

#[test]
fn a_reader_that_waits_is_told_so_and_ends_with_the_server() {
    let limits = Limits { heartbeat: Duration::from_millis(5), ..Limits::default() };
    let mut house = House::new(Setup { sandbox: true, limits, ..Setup::default() });
    let mut feed = Feed::since(&house, last(&house));
    for _ in 0..3 {
        feed.lines_until(": waiting");
    }
    let behind = Feed::since(&house, 0);
    house.tell_to_stop();
    assert!(feed.rest().ends_with("0\r\n\r\n"), "the answer is whole");
    assert!(behind.rest().ends_with("0\r\n\r\n"), "also that of a reader that read nothing");
    house.wait();
}

#[test]
fn what_cannot_be_told_is_refused_with_what_can() {
    let house = sandbox();
    let get = |target: &str, more: &str| house.send(&request(target, more));
    for since in ["x", "-1", "1.5", "", "99999999999999999999"] {
        assert_eq!(get(&format!("/_hatchery/changes?since={since}"), "").status, 400, "{since}");
    }
    assert_eq!(get("/_hatchery/changes?since=0", "Last-Event-ID: x\r\n").status, 400);
    let future = get("/_hatchery/changes?since=1000", "");
    assert_eq!((future.status, future.json()["last"].as_u64()), (400, Some(last(&house))));
    assert_eq!(house.turn("/_hatchery/changes", "{}").status, 405);
}

/// A store that keeps next to no history, some of which is gone, in a folder that goes when it is dropped.
fn trimmed() -> (tempfile::TempDir, Arc<Hatchery>, Revision) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::default();
    options.engine.segment_size = 64 * 1024;
    options.engine.checkpoint_segments = 1;
    options.engine.snapshot_min_bytes = 1;
    options.engine.keep_bytes = 0;
    options.engine.ballast_bytes = 0;
    let hatchery = Hatchery::create(&folder.path().join("store"), StoreId([7; 16]), options).unwrap();
    for limit in 1..100_000 {
        let open = OpenAccount { id: ME, instance_limit: limit, grant: None };
        hatchery.commit(open, server::Clock::default().wall()).unwrap();
        if let Err(FeedError::HistoryGone { oldest }) = hatchery.changes(Revision::ZERO, 1) {
            return (folder, Arc::new(hatchery), oldest);
        }
    }
    panic!("nothing was trimmed")
}

#[test]
fn history_that_is_gone_is_gone_and_not_left_out() {
    let (_folder, hatchery, oldest) = trimmed();
    let house = House::over(hatchery, Setup { sandbox: true, ..Setup::default() });
    let gone = house.send(&request("/_hatchery/changes?since=0", ""));
    assert_eq!((gone.status, gone.json()["oldest"].as_u64()), (410, Some(oldest.number())), "{gone:?}");
    assert_eq!(Feed::since(&house, oldest.number() - 1).next().0, oldest.number());
}

#[test]
fn a_reader_that_stops_reading_holds_up_nobody() {
    const COMMITS: u32 = 5000;
    let house = sandbox();
    let begun = last(&house);
    let idle = Feed::since(&house, begun);
    let mut awake = Feed::since(&house, begun);
    for limit in 0..COMMITS {
        let open = OpenAccount { id: ME, instance_limit: 2000 + limit, grant: None };
        house.hatchery.commit(open, house.clock.store()).unwrap();
    }
    for number in 1..=u64::from(COMMITS) {
        assert_eq!(awake.next().0, begun + number);
    }
    drop(idle);
}

#[test]
fn only_so_many_read_at_once_and_a_place_is_free_when_one_goes() {
    let limits = Limits { feeds: 1, ..Limits::default() };
    let house = House::new(Setup { sandbox: true, limits, ..Setup::default() });
    let first = Feed::since(&house, 0);
    let again = || house.send(&request("/_hatchery/changes?since=1000000", "")).status;
    assert_eq!(house.send(&request("/_hatchery/changes?since=0", "")).status, 503);
    assert_eq!(house.launch().status, 200, "others are not held up");
    drop(first);
    let begun = std::time::Instant::now();
    loop {
        // One that is let in has no end: it is asked for something that has one.
        let mut stream = house.connect();
        stream.write_all(request("/_hatchery/changes?since=0", "").as_bytes()).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        if &status == b"HTTP/1.1 200" {
            break;
        }
        assert!(begun.elapsed() < WATCHDOG);
    }
    assert_eq!(again(), 400);
}

#[test]
fn without_a_sandbox_the_operator_reads_it_and_nobody_else() {
    let nobody = House::new(Setup::default());
    let target = |client: Client<'_>, params: &[(&str, &str)]| {
        format!("/_hatchery/changes?{}", client.sign(Method::Get, params))
    };
    assert_eq!(nobody.send(&request(&target(Client::new(), &FOLLOW), "")).status, 404);

    let house = House::new(Setup { operator: Some(ME), ..Setup::default() });
    let since = [&FOLLOW[..], &[("since", "1"), ("Format", "JSON")]].concat();
    let signed = target(Client::new(), &since);
    let mut feed = Feed::open(&house, &signed, "");
    assert_eq!(feed.next().0, 2);

    let code = |target: &str| {
        let reply: Reply = house.send(&request(target, ""));
        reply.code()
    };
    assert_eq!(code(&signed), "400 SignatureNonceUsed", "a signature is good for one reader");
    assert_eq!(code("/_hatchery/changes?since=1&Format=JSON"), "400 MissingParameter");
    let stranger = Client { key_id: STRANGER_KEY_ID, ..Client::new() };
    assert_eq!(code(&target(stranger, &since)), "403 Forbidden.Unauthorized");
    let wrong = Client { secret: "guessed", ..Client::new() };
    assert_eq!(code(&target(wrong, &since)), "400 SignatureDoesNotMatch");
    let other = [&common::REGIONS[..], &[("Format", "JSON")]].concat();
    assert_eq!(code(&target(Client::new(), &other)), "404 InvalidAction.NotFound", "what another door does");
    assert_eq!(house.call(&FOLLOW).code(), "404 InvalidAction.NotFound", "is no action at the other door");
}
