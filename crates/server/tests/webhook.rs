//! Webhooks, with a real listener: in order, until taken, signed, and going on after a restart.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use common::{ME, WATCHDOG, furnished};
use hatchery::{Hatchery, OpenAccount, Revision, StoreId};
use serde_json::Value;
use server::webhook::{Schedule, WebhookError, WebhookFailure, release_others, signature};
use server::{Clock, Webhook};
use tokio::sync::oneshot;

const KEY: [u8; 32] = [5; 32];
/// Nothing here is about how long it takes.
const QUICK: Schedule =
    Schedule { first: Duration::from_millis(1), longest: Duration::from_millis(4), answer: WATCHDOG };

/// What arrived.
#[derive(Clone, Debug)]
struct Message {
    revision: u64,
    timestamp: u64,
    signature: String,
    body: String,
    target: String,
}

impl Message {
    /// What a receiver does before it believes anything.
    fn verify(&self, key: &[u8; 32], now: u64) -> bool {
        now.abs_diff(self.timestamp) < 300
            && signature(key, self.timestamp, self.body.as_bytes()) == self.signature
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What a receiver does with the next message; when nothing more is said, it takes it.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Status(u16),
    /// Ends the connection without an answer.
    Hangs,
    /// Says nothing for as long as the sender waits.
    Mute,
}

/// A receiver of webhooks.
struct Receiver {
    address: SocketAddr,
    arrived: mpsc::Receiver<Message>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    connections: Arc<Mutex<usize>>,
}

impl Receiver {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, arrived) = mpsc::channel();
        let answers = Arc::<Mutex<VecDeque<Answer>>>::default();
        let connections = Arc::<Mutex<usize>>::default();
        let (script, count) = (Arc::clone(&answers), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                *count.lock().unwrap() += 1;
                let (tell, script) = (tell.clone(), Arc::clone(&script));
                std::thread::spawn(move || receive(stream.unwrap(), &tell, &script));
            }
        });
        Self { address, arrived, answers, connections }
    }

    fn url(&self) -> String {
        format!("http://{}/hook?of=mine", self.address)
    }

    fn answer(&self, answers: &[Answer]) {
        self.answers.lock().unwrap().extend(answers);
    }

    fn next(&self) -> Message {
        self.arrived.recv_timeout(WATCHDOG).unwrap()
    }

    fn take(&self, count: u64) -> Vec<Message> {
        (0..count).map(|_| self.next()).collect()
    }
}

/// Reads messages on one connection, answers as the script says.
fn receive(stream: TcpStream, tell: &mpsc::Sender<Message>, script: &Mutex<VecDeque<Answer>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let find = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.find(|(found, _)| *found == name).unwrap().1.to_owned()
        };
        let mut body = vec![0; find("content-length").parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        assert_eq!(find("content-type"), "application/json");
        let message = Message {
            revision: find("x-hatchery-revision").parse().unwrap(),
            timestamp: find("x-hatchery-timestamp").parse().unwrap(),
            signature: find("x-hatchery-signature"),
            body: String::from_utf8(body).unwrap(),
            target: head.split(' ').nth(1).unwrap().to_owned(),
        };
        let answer = script.lock().unwrap().pop_front().unwrap_or(Answer::Status(204));
        let _ = tell.send(message);
        match answer {
            Answer::Status(status) => {
                let text = format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n");
                reader.get_mut().write_all(text.as_bytes()).unwrap();
            }
            Answer::Hangs => return,
            Answer::Mute => {
                let _ = reader.read(&mut [0]);
                return;
            }
        }
    }
}

/// A webhook that runs. Stops when it is told to, or dropped.
struct Running {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), WebhookFailure>>>,
}

impl Running {
    fn start(hatchery: &Arc<Hatchery>, url: &str, folder: &Path, schedule: Schedule) -> Self {
        let webhook = Webhook::open(Arc::clone(hatchery), url, (folder, KEY), schedule).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(webhook.run(async { drop(stopped.await) }))
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }

    fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn commit(hatchery: &Hatchery, count: u32) {
    let begun = u32::try_from(hatchery.last().0.number()).unwrap();
    for limit in 1..=count {
        let open = OpenAccount { id: ME, instance_limit: 1000 + begun + limit, grant: None };
        hatchery.commit(open, Clock::default().wall()).unwrap();
    }
}

fn last(hatchery: &Hatchery) -> u64 {
    hatchery.last().0.number()
}

fn revisions(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.revision).collect()
}

#[test]
fn every_commit_is_delivered_in_order_signed_on_one_connection() {
    let (hatchery, receiver, folder) = (furnished(), Receiver::new(), tempfile::tempdir().unwrap());
    let begun = last(&hatchery);
    let mut running = Running::start(&hatchery, &receiver.url(), folder.path(), QUICK);
    commit(&hatchery, 100);
    let arrived = receiver.take(100);
    assert_eq!(revisions(&arrived), (begun + 1..=begun + 100).collect::<Vec<_>>());
    let now = Clock::default().wall().secs();
    for message in &arrived {
        assert!(message.verify(&KEY, now), "{message:?}");
        assert!(!message.verify(&[6; 32], now) && !message.verify(&KEY, now + 3600));
        let altered = Message { body: message.body.replace('1', "2"), ..message.clone() };
        assert!(!altered.verify(&KEY, now));
        assert_eq!(message.target, "/hook?of=mine");
        assert_eq!(message.json()["revision"], message.revision);
        assert_eq!(message.json()["facts"][0]["fact"], "account_changed");
    }
    running.stop();
    assert_eq!(*receiver.connections.lock().unwrap(), 1);
}

#[test]
fn what_is_not_taken_comes_again_and_nothing_overtakes_it() {
    let (hatchery, receiver, folder) = (furnished(), Receiver::new(), tempfile::tempdir().unwrap());
    receiver.answer(&[Answer::Status(500), Answer::Hangs, Answer::Status(302), Answer::Status(410)]);
    let begun = last(&hatchery);
    let _running = Running::start(&hatchery, &receiver.url(), folder.path(), QUICK);
    commit(&hatchery, 3);
    let arrived = receiver.take(7);
    let expected = [1, 1, 1, 1, 1, 2, 3].map(|number| begun + number);
    assert_eq!(revisions(&arrived), expected);
    assert!(arrived[..5].iter().all(|message| message.body == arrived[0].body), "the same, every time");
}

#[test]
fn a_receiver_that_says_nothing_holds_up_no_commit_and_is_tried_again() {
    let (hatchery, receiver, folder) = (furnished(), Receiver::new(), tempfile::tempdir().unwrap());
    receiver.answer(&[Answer::Mute]);
    let schedule = Schedule { answer: Duration::from_millis(50), ..QUICK };
    let _running = Running::start(&hatchery, &receiver.url(), folder.path(), schedule);
    commit(&hatchery, 1);
    let first = receiver.next();
    commit(&hatchery, 50);
    assert_eq!(receiver.next().body, first.body);
    assert_eq!(receiver.take(50).len(), 50);
}

#[test]
fn after_a_restart_nothing_is_missing_and_what_comes_twice_is_the_same() {
    let (hatchery, receiver, folder) = (furnished(), Receiver::new(), tempfile::tempdir().unwrap());
    let begun = last(&hatchery);
    let mut arrived: Vec<Message> = Vec::new();
    for round in 0..6 {
        // In the middle of a delivery, of a failure, and with everything delivered.
        receiver.answer(&[Answer::Status(204), Answer::Status(500), Answer::Mute][..=round % 3]);
        let mut running = Running::start(&hatchery, &receiver.url(), folder.path(), QUICK);
        commit(&hatchery, 10);
        arrived.extend(receiver.take(3));
        if round % 2 == 0 {
            running.stop();
            commit(&hatchery, 5);
        } else {
            drop(running);
        }
        receiver.answers.lock().unwrap().clear();
    }
    let _running = Running::start(&hatchery, &receiver.url(), folder.path(), QUICK);
    while arrived.iter().all(|message| message.revision < last(&hatchery)) {
        arrived.push(receiver.next());
    }
    let mut seen = begun;
    let mut bodies = std::collections::BTreeMap::new();
    for message in &arrived {
        assert!(message.revision <= seen + 1, "{} follows {seen}", message.revision);
        seen = seen.max(message.revision);
        let before = bodies.insert(message.revision, message.body.clone());
        assert!(before.is_none_or(|before| before == message.body), "{}", message.revision);
    }
    assert_eq!(bodies.into_keys().collect::<Vec<_>>(), (begun + 1..=last(&hatchery)).collect::<Vec<_>>());
}

#[test]
fn a_cursor_that_was_not_kept_delivers_again() {
    let (hatchery, receiver, folder) = (furnished(), Receiver::new(), tempfile::tempdir().unwrap());
    let mut running = Running::start(&hatchery, &receiver.url(), folder.path(), QUICK);
    let cursor = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let before = std::fs::read(&cursor).unwrap();
    commit(&hatchery, 3);
    let first = receiver.take(3);
    running.stop();
    // As after a kill: it was delivered, and that was not written down.
    std::fs::write(&cursor, before).unwrap();
    let _running = Running::start(&hatchery, &receiver.url(), folder.path(), QUICK);
    let again = receiver.take(3);
    let bodies =
        |messages: &[Message]| messages.iter().map(|message| message.body.clone()).collect::<Vec<_>>();
    assert_eq!(bodies(&first), bodies(&again));
}

#[test]
fn a_cursor_of_what_has_not_happened_is_told_as_a_gap() {
    let (receiver, folder) = (Receiver::new(), tempfile::tempdir().unwrap());
    let ahead = furnished();
    commit(&ahead, 10);
    drop(Webhook::open(Arc::clone(&ahead), &receiver.url(), (folder.path(), KEY), QUICK).unwrap());
    let restored = furnished();
    let _running = Running::start(&restored, &receiver.url(), folder.path(), QUICK);
    let gap = receiver.next().json();
    assert_eq!(gap["gap"]["after"], last(&ahead));
    assert_eq!(gap["gap"]["oldest"], last(&restored) + 1);
    commit(&restored, 1);
    assert_eq!(receiver.next().revision, last(&restored));
}

#[test]
fn history_is_held_for_a_webhook_until_it_is_no_longer_named() {
    let (stored, folder, url) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), "http://127.0.0.1:9/");
    let mut options = hatchery::Options::default();
    options.engine.ballast_bytes = 0;
    let hatchery = Hatchery::create(&stored.path().join("store"), StoreId([7; 16]), options).unwrap();
    let hatchery = Arc::new(hatchery);
    drop(Webhook::open(Arc::clone(&hatchery), url, (folder.path(), KEY), QUICK).unwrap());
    let cursor = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let name = cursor.file_stem().unwrap().to_str().unwrap();
    release_others(&hatchery, folder.path(), &[url.to_owned()]).unwrap();
    assert!(hatchery.release_feed(name).unwrap(), "it was held");
    hatchery.hold_feed(name, hatchery.last().0).unwrap();
    release_others(&hatchery, folder.path(), &[]).unwrap();
    assert!(!hatchery.release_feed(name).unwrap(), "it was let go");
    assert!(cursor.exists(), "and where it was is known when it comes back");
}

#[test]
fn what_cannot_be_a_webhook_is_refused_before_it_starts() {
    let (hatchery, folder) = (furnished(), tempfile::tempdir().unwrap());
    let open = |url: &str| Webhook::open(Arc::clone(&hatchery), url, (folder.path(), KEY), QUICK);
    assert!(matches!(open("https://example.org/"), Err(WebhookError::Address(_))));
    drop(open("http://127.0.0.1:9/").unwrap());
    let cursor = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(cursor, "damaged").unwrap();
    assert!(matches!(open("http://127.0.0.1:9/"), Err(WebhookError::Cursor(_))));
    assert_eq!(hatchery.changes(Revision::ZERO, 1).unwrap().len(), 1);
}
