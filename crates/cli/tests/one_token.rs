//! The promise that people launch by, on the real program: whoever asks again under a token is told of the same
//! instances, with 64 callers at once and with the server killed in the middle of it.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, SystemTime};

use hatchery::{Audit, Hatchery, Options, Record, Time};
use wire::Params;
use wire::ecs::sign_v1::signed_query;
use wire::ecs::{Method, Secret, Signer};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hatchery");
const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sdk/catalogue.toml");

const CALLERS: usize = 64;
/// How many instances a request asks for.
const AMOUNT: usize = 3;

/// When the server is killed: once so many have sent their request, or have been answered.
#[derive(Clone, Copy, Debug)]
enum Kill {
    Sent(usize),
    Answered(usize),
}

const ROUNDS: [Kill; 12] = [
    Kill::Sent(1),
    Kill::Sent(2),
    Kill::Sent(8),
    Kill::Sent(24),
    Kill::Sent(48),
    Kill::Sent(64),
    Kill::Answered(1),
    Kill::Answered(2),
    Kill::Answered(8),
    Kill::Answered(24),
    Kill::Answered(48),
    Kill::Answered(63),
];

/// A server that serves. Killed when it is dropped.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
    key_id: String,
    secret: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--listen", "127.0.0.1:0", "--catalogue", CATALOGUE, "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = |start: &str| {
            let mut lines = stdout.by_ref().lines().map(Result::unwrap);
            let line = lines.find(|line| line.starts_with(start)).unwrap();
            line.trim_start_matches(start).to_owned()
        };
        let (address, key_id, secret) =
            (line("endpoint   http://"), line("access key "), line("secret     "));
        Self { child, stdout, address, key_id, secret }
    }

    /// The path that asks for instances under `token`. No two may have one nonce.
    fn launch(&self, token: &str, nonce: &str) -> String {
        let mut params = Params::new();
        for (name, value) in [
            ("Action", "RunInstances"),
            ("Version", "2014-05-26"),
            ("Format", "JSON"),
            ("RegionId", "cn-hangzhou"),
            ("ImageId", "img-linux"),
            ("InstanceType", "ecs.g6.large"),
            ("SecurityGroupId", "sg-example"),
            ("VSwitchId", "vsw-example"),
            ("ClientToken", token),
        ] {
            params.set(name, value);
        }
        params.set("Amount", AMOUNT.to_string());
        let secret = Secret::new(self.secret.clone());
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let timestamp = Time::from_millis(u64::try_from(since.as_millis()).unwrap());
        let signer = Signer { key_id: &self.key_id, secret: &secret, nonce, timestamp };
        format!("/?{}", signed_query(Method::Get, params, &signer))
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Lets it end in peace.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{rest}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How far a caller is.
enum Told {
    Sent,
    /// The ids that it was told of; none when the server went before it said all of it.
    Answered(Option<Vec<String>>),
}

/// One caller: sends its request and reads what comes.
fn call(address: &str, path: &str, told: &Sender<Told>) {
    let reply = ask(address, path, || told.send(Told::Sent).unwrap());
    let reply = reply.ok().and_then(|reply| whole(&reply));
    told.send(Told::Answered(reply.map(|body| ids(&body)))).unwrap();
}

fn ask(address: &str, path: &str, sent: impl FnOnce()) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")?;
    sent();
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

/// The body of a reply, if all of it has come.
fn whole(reply: &str) -> Option<String> {
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    if body.len() < length.unwrap_or(usize::MAX) {
        return None;
    }
    assert!(head.starts_with("HTTP/1.1 200 "), "{reply}");
    Some(body.to_owned())
}

fn ids(body: &str) -> Vec<String> {
    let (_, rest) = body.split_once("\"InstanceIdSet\":[").unwrap_or_else(|| panic!("{body}"));
    let (ids, _) = rest.split_once(']').unwrap();
    ids.split(',').map(|id| id.trim_matches('"').to_owned()).collect()
}

/// All callers at once; the server is killed when `kill` says so. What they were told.
fn round(
    server: Server,
    token: &str,
    attempt: &str,
    kill: Option<Kill>,
) -> (Option<Server>, Vec<Vec<String>>) {
    let paths: Vec<String> =
        (0..CALLERS).map(|caller| server.launch(token, &format!("{token}-{attempt}-{caller}"))).collect();
    let address = server.address.clone();
    let (send, told) = channel();
    std::thread::scope(|scope| {
        for path in &paths {
            let (send, address) = (send.clone(), &address);
            scope.spawn(move || call(address, path, &send));
        }
        drop(send);
        let (mut server, mut sent, mut over, mut replies) = (Some(server), 0, 0, Vec::new());
        for told in told {
            match told {
                Told::Sent => sent += 1,
                Told::Answered(reply) => {
                    over += 1;
                    replies.extend(reply);
                }
            }
            let now = match kill {
                None => false,
                Some(Kill::Sent(count)) => sent >= count,
                Some(Kill::Answered(count)) => replies.len() >= count,
            };
            if now && let Some(server) = server.take() {
                server.kill();
            }
        }
        assert_eq!(over, CALLERS);
        (server, replies)
    })
}

#[test]
fn sixty_four_callers_with_one_token_make_one_batch_also_when_the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let (mut cut_off, mut told_before) = (0, 0);
    for (number, kill) in ROUNDS.into_iter().enumerate() {
        let token = format!("round-{number}");
        let (left, before) = round(server, &token, "first", Some(kill));
        assert!(left.is_none(), "{kill:?}: nobody was killed");
        cut_off += CALLERS - before.len();
        told_before += before.len();
        let (left, after) = round(Server::start(folder.path()), &token, "again", None);
        server = left.unwrap();
        assert_eq!(after.len(), CALLERS, "{kill:?}");
        let told: BTreeSet<&Vec<String>> = before.iter().chain(&after).collect();
        assert_eq!(told.len(), 1, "{kill:?}: {told:?}");
        assert_eq!(after[0].iter().collect::<BTreeSet<_>>().len(), AMOUNT, "{kill:?}");
    }
    // Else nothing was cut off, or nothing was promised before it was.
    assert!(cut_off > 0 && told_before > 0, "{cut_off} {told_before}");
    server.stop();
    one_batch_for_each_token(&folder.path().join("store"));
}

fn one_batch_for_each_token(store: &Path) {
    let (hatchery, _) = Hatchery::open(store, Options::default()).unwrap();
    let (mut audit, mut tokens, mut instances) = (Audit::default(), BTreeMap::<String, usize>::new(), 0);
    for record in hatchery.snapshot().records().unwrap() {
        if let Record::Batch(batch) = &record {
            let token = batch.token.as_ref().map_or("none", |token| token.text.as_str());
            *tokens.entry(token.to_owned()).or_default() += 1;
        }
        instances += usize::from(matches!(record, Record::Instance(_)));
        audit.see(record);
    }
    assert_eq!(audit.findings(), []);
    let expected = (0..ROUNDS.len()).map(|number| (format!("round-{number}"), 1)).collect();
    assert_eq!(tokens, expected);
    assert_eq!(instances, ROUNDS.len() * AMOUNT);
}
