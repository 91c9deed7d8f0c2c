//! What never leaves a server: secrets, in replies, in logs, in `Debug`. And what clients cannot
//! do to its log.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use std::sync::{LazyLock, Mutex, PoisonError};

use common::{Client, House, LAUNCH, SECRET, Setup, get};
use wire::ecs::Method;

const PASSWORD: &str = "Planted-Passw0rd";

/// All that this process logs, from the first use on.
static LOG: LazyLock<&'static Mutex<Vec<u8>>> = LazyLock::new(|| {
    let log: &'static Mutex<Vec<u8>> = Box::leak(Box::default());
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || Writer(log))
        .init();
    log
});

struct Writer(&'static Mutex<Vec<u8>>);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

#[test]
fn secrets_are_nowhere() {
    LazyLock::force(&LOG);
    let house = House::new(Setup { sandbox: true, ..Setup::default() });
    let launch = |client: Client<'_>, more: &[(&str, &str)]| {
        let query = client.sign(Method::Get, &[&LAUNCH[..], more, &[("Format", "JSON")]].concat());
        get(house.address, &query)
    };
    let used = Client::new();
    let replies = [
        ("200", launch(used, &[("Password", PASSWORD), ("ClientToken", "t")])),
        ("400 SignatureNonceUsed", launch(used, &[("Password", PASSWORD), ("ClientToken", "t")])),
        ("200", launch(Client::new(), &[("Password", PASSWORD), ("ClientToken", "t")])),
        ("400 InvalidPassword.Malformed", launch(Client::new(), &[("Password", "Planted")])),
        (
            "400 InvalidPasswordParam.Mismatch",
            launch(Client::new(), &[("Password", PASSWORD), ("PasswordInherit", "true")]),
        ),
        ("404 InvalidImageId.NotFound", launch(Client::new(), &[("Password", PASSWORD), ("ImageId", "no")])),
        ("200", launch(Client::new(), &[("Passwort", PASSWORD)])),
        ("404 InvalidAction.NotFound", launch(Client::new(), &[("Password", PASSWORD), ("Action", "No")])),
    ];
    for (expected, reply) in &replies {
        assert_eq!(reply.code(), *expected);
        assert!(!format!("{reply:?}").contains("lanted"), "{reply:?}");
    }
    // The contract has the text to be signed in this reply, and with it all that was sent, the
    // password included. The key's secret is no part of that.
    let wrong = Client { secret: "planted-other", ..Client::new() };
    let wrong = launch(wrong, &[("Password", PASSWORD)]);
    assert_eq!(wrong.code(), "400 SignatureDoesNotMatch");
    assert!(!wrong.body.contains(SECRET), "{wrong:?}");

    let pair = [("Action", "CreateKeyPair"), ("Version", "2014-05-26"), ("RegionId", "cn-hangzhou")];
    let pair = house.call(&[&pair[..], &[("KeyPairName", "kp")]].concat()).json();
    let private = pair["PrivateKeyBody"].as_str().unwrap().lines().nth(3).unwrap().to_owned();
    assert!(!log().contains(&private));
    // Version 3 signs hashes: nothing that was sent is repeated.
    let password = [&LAUNCH[..], &[("Password", PASSWORD)]].concat();
    for (secret, expected) in [("planted-other", "400 SignatureDoesNotMatch"), (SECRET, "200")] {
        let reply = house.send(&Client { secret, ..Client::new() }.v3("h", &password, true));
        assert_eq!(reply.code(), expected);
        assert!(!format!("{reply:?}").contains("lanted"), "{reply:?}");
    }

    let debug = format!("{:?} {:#?} {:?}", house.front, house.front, house.keys);
    assert!(debug.contains(common::KEY_ID), "{debug}");
    assert!(!debug.contains("lanted"), "{debug}");
    let stored = format!("{:?}", house.hatchery.snapshot().records().unwrap());
    assert!(!stored.contains("lanted"), "{stored}");
    let log = log();
    assert!(log.contains("InvalidPassword.Malformed"), "{log}");
    assert!(!log.contains("lanted"), "{log}");
}

#[test]
fn nobody_writes_lines_of_their_own_into_the_log() {
    LazyLock::force(&LOG);
    let house = House::new(Setup::default());
    let client = Client { key_id: "nobody", ..Client::new() };
    let action = format!("No\nforged line\n\u{1b}[31m{}", "a".repeat(100_000));
    // A query is bounded by what a target may be, a form is not.
    let form = client.sign(
        Method::Post,
        &[("Action", &action), ("Version", "2014-05-26"), ("For\nforged", "x"), ("Format", "JSON")],
    );
    let length = form.len();
    let reply = house.send(&format!(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{form}"
    ));
    assert_eq!(reply.code(), "404 InvalidAccessKeyId.NotFound");
    let log = log();
    assert!(log.contains("forged line"), "{log}");
    assert!(!log.lines().any(|line| line.starts_with("forged")), "{log}");
    assert!(!log.contains('\u{1b}'), "{log}");
    assert!(log.lines().all(|line| line.len() < 1000));
}
