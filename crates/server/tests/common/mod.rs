//! A server with a small world behind it on a port of its own, and a client of a few lines.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use hatchery::{
    AccountId, Audit, CatalogueFile, Claim, Command, Draft, Edition, FailedShown, Faults, Halt, Hatchery,
    Money, OpenAccount, Options, Policy, Report, Revision, Simulated, Span, Task, Tick, Time, Vault, View,
    WorkOutcome, World,
};
use server::{Clock, Front, Keys, Limits, Sandbox, TokenReadings};
use tokio::sync::oneshot;
use wire::Params;
use wire::ecs::sign_v1::signed_query;
use wire::ecs::sign_v3::{self, Call};
use wire::ecs::{Method, Secret, Signer};

pub(crate) const ME: AccountId = AccountId(1);
pub(crate) const KEY_ID: &str = "LTAItest";
/// A key of an account that has nothing.
pub(crate) const STRANGER_KEY_ID: &str = "LTAIstranger";
pub(crate) const SECRET: &str = "planted-secret-of-the-key";

/// Longer than anything here takes; a wait that comes to this has failed.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(60);

pub(crate) const WORLD: &str = include_str!("../../../../tests/sdk/catalogue.toml");

/// How a server is set up.
#[derive(Clone, Copy, Default)]
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) sandbox: bool,
    pub(crate) served_until: Option<Time>,
    pub(crate) edition: Edition,
    pub(crate) failed: FailedShown,
    pub(crate) operator: Option<AccountId>,
    pub(crate) tokens: TokenReadings,
}

/// The vault that every house seals with.
pub(crate) fn vault() -> Vault {
    Vault::new(&[9; Vault::KEY])
}

/// A running server and all that is behind it. Stops when it is dropped.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) hatchery: Arc<Hatchery>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) front: Arc<Front>,
    pub(crate) keys: Keys,
    pub(crate) provisioner: Arc<parking_lot::Mutex<Simulated>>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

pub(crate) fn furnished() -> Arc<Hatchery> {
    furnished_with(WORLD, None)
}

/// The world of `catalogue`, and what the account has in it; nothing is charged for without that.
pub(crate) fn furnished_with(catalogue: &str, grant: Option<Money>) -> Arc<Hatchery> {
    // Nobody here waits half a second for a network.
    let policy = Policy { network_settling: Span::ZERO, ..Policy::default() };
    let hatchery = Hatchery::in_memory(Options { policy, ..Options::default() }).unwrap();
    let now = Clock::default().wall();
    let file = CatalogueFile::parse(catalogue).unwrap();
    hatchery.commit(OpenAccount { id: ME, instance_limit: 1000, grant }, now).unwrap();
    hatchery.commit(file.load(), now).unwrap();
    file.networks(ME).for_each(|network| drop(hatchery.commit(network, now).unwrap()));
    file.subnets(ME).for_each(|subnet| drop(hatchery.commit(subnet, now).unwrap()));
    file.groups(ME).for_each(|group| drop(hatchery.commit(group, now).unwrap()));
    Arc::new(hatchery)
}

impl House {
    pub(crate) fn new(setup: Setup) -> Self {
        Self::over(furnished(), setup)
    }

    pub(crate) fn over(hatchery: Arc<Hatchery>, setup: Setup) -> Self {
        let clock = Arc::new(Clock::default());
        let keys = Keys::default().with(KEY_ID, Secret::new(SECRET), ME);
        let keys = keys.with(STRANGER_KEY_ID, Secret::new(SECRET), AccountId(2));
        let simulated = Simulated::new("simulated".parse().unwrap(), Faults::default());
        let provisioner = Arc::new(parking_lot::Mutex::new(simulated));
        let mut front =
            Front::new(Arc::clone(&hatchery), keys.clone(), Arc::clone(&clock)).with_limits(setup.limits);
        front = front
            .with_vault(vault())
            .by_edition(setup.edition)
            .showing_failed(setup.failed)
            .reading_tokens(setup.tokens);
        if setup.sandbox {
            front = front.with_sandbox(Sandbox { provisioner: Arc::clone(&provisioner) });
        }
        if let Some(operator) = setup.operator {
            front = front.operated_by(operator);
        }
        if let Some(last) = setup.served_until {
            front = front.served_until(last);
        }
        let front = Arc::new(front);
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
        let router = server::router(Arc::clone(&front));
        let server = std::thread::spawn(move || {
            // One worker: whatever blocks it blocks everybody, and shows.
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                server::serve(listener, router, setup.limits, async { drop(stopped.await) }).await;
            });
        });
        let address = told.recv().unwrap();
        Self { address, hatchery, clock, front, keys, provisioner, stop: Some(stop), server: Some(server) }
    }

    /// Tells the server to stop, and does not wait.
    pub(crate) fn tell_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until the server has stopped.
    pub(crate) fn wait(&mut self) {
        self.server.take().unwrap().join().unwrap();
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// The reply to a signed GET, with JSON asked for.
    pub(crate) fn call(&self, params: &[(&str, &str)]) -> Reply {
        get(self.address, &query(&[params, &[("Format", "JSON")]].concat()))
    }

    pub(crate) fn launch(&self) -> Reply {
        self.call(&LAUNCH)
    }

    /// Answers a query that begins with its action.
    pub(crate) fn ask(&self, query: &str) -> Reply {
        let params = format!("Action={query}");
        let params: Vec<(&str, &str)> = params.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        let decoded: Vec<(&str, String)> = params
            .iter()
            .map(|(name, value)| (*name, value.replace("%20", " ").replace("%2A", "*")))
            .collect();
        let mut params: Vec<(&str, &str)> =
            decoded.iter().map(|(name, value)| (*name, value.as_str())).collect();
        params.push(("Version", "2014-05-26"));
        self.call(&params)
    }

    /// The same about one instance; `later` is in an hour.
    pub(crate) fn ask_about(&self, query: &str, id: &str) -> Reply {
        let later = wire::time::seconds(self.now().after(Span::from_hours(1)));
        let query = query.replace("later", &later);
        let action = query.split('&').next().unwrap();
        let name = match action {
            "DeleteInstances"
            | "StartInstances"
            | "StopInstances"
            | "RebootInstances"
            | "CreateSimulatedSystemEvents" => "InstanceId.1",
            _ => "InstanceId",
        };
        self.ask(&format!("{query}&RegionId=cn-hangzhou&{name}={id}"))
    }

    /// The time that the store lives in.
    pub(crate) fn now(&self) -> Time {
        self.clock.store()
    }

    /// Does once all the work there is; creations come to `outcome`.
    pub(crate) fn work(&self, outcome: WorkOutcome) {
        let claim = Claim { worker: "yard".parse().unwrap(), lease: Span::from_secs(60), limit: 1000 };
        for item in self.hatchery.commit(claim, self.now()).unwrap() {
            let outcome = if item.task == Task::Create { outcome } else { WorkOutcome::Done };
            let report = Report { id: item.id, attempt: item.attempt, outcome };
            self.hatchery.commit(report, self.now()).unwrap();
        }
    }

    /// Lets time pass and runs what is due then.
    pub(crate) fn turn_clock(&self, span: Span) {
        self.clock.advance(span);
        while self.hatchery.commit(Tick { limit: 100 }, self.now()).unwrap().ran > 0 {}
    }

    /// Every invariant holds of what the feed tells.
    pub(crate) fn is_sound(&self) {
        let mut world = World::default();
        for change in self.hatchery.changes(Revision::ZERO, usize::MAX).unwrap() {
            world.apply(change.writes);
        }
        let mut audit = Audit::default();
        world.records().cloned().for_each(|record| audit.see(record));
        assert_eq!(audit.findings(), []);
    }

    /// POSTs JSON to a knob.
    pub(crate) fn turn(&self, path: &str, json: &str) -> Reply {
        let length = json.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{json}"
        ))
    }

    pub(crate) fn send(&self, request: &str) -> Reply {
        send(self.address, request)
    }

    /// A launch that has begun and cannot end before the gate opens. The server must allow one
    /// request at a time: that it is busy is how one can tell.
    pub(crate) fn launch_under_way(&self) -> JoinHandle<Reply> {
        let address = self.address;
        loop {
            let request = get_request(&query(&LAUNCH));
            let launch = std::thread::spawn(move || send(address, &request));
            while !launch.is_finished() {
                if self.call(&REGIONS).status == 503 {
                    return launch;
                }
            }
            // The listing that was to look got the one place first.
            assert_eq!(launch.join().unwrap().status, 503);
        }
    }

    /// Holds up every commit until the gate is dropped.
    pub(crate) fn close_gate(&self) -> Gate {
        let (opener, opened) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let closed = Closed { told: Mutex::new(tell), opened: Mutex::new(opened) };
        let hatchery = Arc::clone(&self.hatchery);
        let thread = std::thread::spawn(move || drop(hatchery.commit(closed, Time::START)));
        told.recv().unwrap();
        Gate { opener: Some(opener), thread: Some(thread) }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.tell_to_stop();
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

/// A command that changes nothing and is not decided before the gate opens.
struct Closed {
    told: Mutex<mpsc::Sender<()>>,
    opened: Mutex<mpsc::Receiver<()>>,
}

impl Command for Closed {
    type Reply = ();
    type Refusal = Infallible;

    fn decide<V: View>(&self, _: &mut Draft<'_, V>, _: Time) -> Result<(), Halt<Infallible, V::Failure>> {
        let _ = self.told.lock().unwrap().send(());
        let _ = self.opened.lock().unwrap().recv();
        Ok(())
    }
}

pub(crate) struct Gate {
    opener: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        drop(self.opener.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

pub(crate) const LAUNCH: [(&str, &str); 7] = [
    ("Action", "RunInstances"),
    ("Version", "2014-05-26"),
    ("RegionId", "cn-hangzhou"),
    ("ImageId", "img-linux"),
    ("InstanceType", "ecs.g6.large"),
    ("SecurityGroupId", "sg-example"),
    ("VSwitchId", "vsw-example"),
];

pub(crate) const REGIONS: [(&str, &str); 2] = [("Action", "DescribeRegions"), ("Version", "2014-05-26")];

/// What a client says about itself.
#[derive(Clone, Copy)]
pub(crate) struct Client<'c> {
    pub(crate) key_id: &'c str,
    pub(crate) secret: &'c str,
    pub(crate) nonce: u64,
    pub(crate) timestamp: Time,
}

impl Client<'_> {
    /// One whose requests are in order, with a nonce that nobody had.
    pub(crate) fn new() -> Self {
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let nonce = NONCE.fetch_add(1, Ordering::Relaxed);
        Self { key_id: KEY_ID, secret: SECRET, nonce, timestamp: Clock::default().wall() }
    }

    pub(crate) fn sign(&self, method: Method, params: &[(&str, &str)]) -> String {
        let mut all = Params::new();
        params.iter().for_each(|(name, value)| all.set(*name, *value));
        let (secret, nonce) = (Secret::new(self.secret), format!("nonce-{}", self.nonce));
        let Self { key_id, timestamp, .. } = *self;
        signed_query(method, all, &Signer { key_id, secret: &secret, nonce: &nonce, timestamp })
    }
}

impl Client<'_> {
    /// A request with signature version 3, its parameters in the query or in a form.
    pub(crate) fn v3(&self, host: &str, params: &[(&str, &str)], form: bool) -> String {
        let (mut query, mut body) = (Params::new(), Params::new());
        let find = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).unwrap().1;
        let (action, version) = (find("Action"), find("Version"));
        for (name, value) in params.iter().filter(|(name, _)| !["Action", "Version"].contains(name)) {
            if form { body.set(*name, *value) } else { query.set(*name, *value) }
        }
        let body = body.render();
        let content_type = form.then_some("application/x-www-form-urlencoded");
        let method = Method::Post;
        let call = Call { method, host, action, version, query: &query, body: body.as_bytes(), content_type };
        let (secret, nonce) = (Secret::new(self.secret), format!("nonce-{}", self.nonce));
        let Self { key_id, timestamp, .. } = *self;
        let signer = Signer { key_id, secret: &secret, nonce: &nonce, timestamp };
        let mut request = format!("POST /?{} HTTP/1.1\r\n", query.render());
        for (name, value) in sign_v3::signed_headers(&call, &signer) {
            write!(request, "{name}:  {value} \r\n").unwrap();
        }
        write!(request, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        request
    }
}

/// A query that is in order.
pub(crate) fn query(params: &[(&str, &str)]) -> String {
    Client::new().sign(Method::Get, params)
}

pub(crate) fn get_request(query: &str) -> String {
    format!("GET /?{query} HTTP/1.1\r\nHost: h\r\n\r\n")
}

pub(crate) fn get(address: SocketAddr, query: &str) -> Reply {
    send(address, &get_request(query))
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(WATCHDOG)).unwrap();
    stream.set_write_timeout(Some(WATCHDOG)).unwrap();
    stream
}

pub(crate) fn send(address: SocketAddr, request: &str) -> Reply {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    Reply::read(&mut stream)
}

/// Whether the other side ends the connection without another byte.
pub(crate) fn ends(mut stream: TcpStream) -> bool {
    match stream.read(&mut [0; 1]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn read(stream: &mut TcpStream) -> Self {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).unwrap(), 0, "cut off: {head}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = Self { status, head, body: String::new() };
        let length: usize = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        reply.body = String::from_utf8(body).unwrap();
        reply
    }

    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status and code, as the contract lists them.
    pub(crate) fn code(&self) -> String {
        let mut code = self.status.to_string();
        if let Some(text) = self.json()["Code"].as_str() {
            write!(code, " {text}").unwrap();
        }
        code
    }

    /// The instances that a launch named.
    pub(crate) fn instances(&self) -> Vec<String> {
        let sets = &self.json()["InstanceIdSets"]["InstanceIdSet"];
        sets.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }
}
