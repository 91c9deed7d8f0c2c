//! The program as people run it: what it prints, how it exits, what it leaves behind.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hatchery");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/catalogue.toml");
const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sdk/catalogue.toml");

fn hatchery(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

/// Exit code, standard output and standard error.
fn told(output: &Output) -> (Option<i32>, &str, &str) {
    let text = |bytes| std::str::from_utf8(bytes).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A server that was told to start. Killed when it is dropped.
struct Server {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Server {
    fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(more);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout }
    }

    /// The rest of the first line that starts with `start`.
    fn line(&mut self, start: &str) -> String {
        let lines = self.stdout.as_mut().unwrap().lines();
        let mut rests = lines.filter_map(|line| line.unwrap().strip_prefix(start).map(str::to_owned));
        let rest = rests.next();
        rest.unwrap_or_else(|| panic!("no line {start}: {:?}", self.errors()))
    }

    fn errors(&mut self) -> String {
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        errors
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Exit code and the rest of what was printed.
    fn stop(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let mut rest = String::new();
        if let Some(mut stdout) = self.stdout.take() {
            stdout.read_to_string(&mut rest).unwrap();
        }
        let code = self.child.wait().unwrap().code();
        assert_eq!(self.errors(), "");
        (code, rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the `curl` line of a greeting. Status and body.
fn run(curl: &str) -> (u16, String) {
    let url = curl.trim_start_matches("http://").trim_end_matches('\'');
    let (address, path) = url.split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.into())
}

const CURL: &str = "curl -s '";

fn check(data: &Path) -> Output {
    hatchery(&["check", "--data", data.to_str().unwrap()])
}

#[test]
fn a_server_serves_stops_when_told_and_leaves_a_clean_store() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new").join("data");
    let mut server = Server::start(&data, &[]);
    assert!(server.line("endpoint   ").starts_with("http://127.0.0.1:"));
    let (status, body) = run(&server.line(CURL));
    assert_eq!(status, 200, "{body}");
    let open = check(&data);
    assert_eq!(open.status.code(), Some(2), "nobody checks a store that is served");
    let (code, rest) = server.stop();
    assert_eq!((code, rest.ends_with("stopped\n")), (Some(0), true), "{rest}");

    let checked = check(&data);
    let (code, out, err) = told(&checked);
    assert_eq!((code, err), (Some(0), ""), "{out}");
    assert!(out.starts_with("clean: "), "{out}");
}

#[test]
fn a_server_can_be_told_to_stop_as_soon_as_it_says_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    server.line("endpoint   ");
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn a_server_that_nobody_listens_to_runs_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    server.line("endpoint   ");
    drop(server.stdout.take());
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn a_full_disk_under_the_log_ends_nothing() {
    // Whoever writes to /dev/full is told that there is no room.
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let checked =
        Command::new(PROGRAM).args(["check", "--data", "/nowhere"]).stderr(full()).status().unwrap();
    assert_eq!(checked.code(), Some(2));

    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    command.env("RUST_LOG", "trace").stdout(Stdio::piped()).stderr(full());
    let mut child = command.spawn().unwrap();
    let stdout = child.stdout.take().map(BufReader::new);
    let mut server = Server { child, stdout };
    assert_eq!(run(&server.line(CURL)).0, 200);
    server.signal("TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_restart_keeps_the_key_and_closes_what_was_signed_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    let key = server.line("access key ");
    let first = server.line(CURL);
    assert_eq!(run(&first).0, 200);
    assert_eq!(server.stop().0, Some(0));

    let mut server = Server::start(folder.path(), &[]);
    let address = server.line("endpoint   ");
    assert_eq!(server.line("access key "), key);
    let replayed = format!("{address}/{}", first.trim_start_matches("http://").split_once('/').unwrap().1);
    let (status, body) = run(&replayed);
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("InvalidTimeStamp.Expired"), "{body}");
    assert_eq!(run(&server.line(CURL)).0, 200, "what is signed since is good");
}

#[test]
fn a_server_that_is_killed_leaves_a_store_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    assert_eq!(run(&server.line(CURL)).0, 200);
    server.signal("KILL");
    server.child.wait().unwrap();
    assert_eq!(check(folder.path()).status.code(), Some(0));
    let mut server = Server::start(folder.path(), &[]);
    assert_eq!(run(&server.line(CURL)).0, 200);
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn the_knobs_are_there_when_asked_for() {
    for (more, status) in [(&[][..], 404), (&["--sandbox"][..], 200)] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(folder.path(), more);
        let address = server.line("endpoint   ");
        assert_eq!(run(&format!("{address}/_hatchery/clock")).0, status);
        assert_eq!(server.stop().0, Some(0));
    }
}

#[test]
fn a_folder_that_is_served_already_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    server.line("endpoint   ");
    let second = hatchery(&["serve", "--listen", "127.0.0.1:0", "--data", folder.path().to_str().unwrap()]);
    let (code, _, err) = told(&second);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("hatchery: store ") && err.contains("is locked"), "{err}");
}

#[test]
fn a_store_that_is_missing_is_named_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("nothing");
    let output = check(&data);
    let (code, out, err) = told(&output);
    assert_eq!((code, out), (Some(2), ""));
    let path = data.join("store");
    assert!(err.starts_with(&format!("hatchery: store {}: ", path.display())), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(!data.exists());
}

#[test]
fn catalogues_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalogue.toml");
    let path = file.to_str().unwrap();
    for (good, counts) in [
        (
            EXAMPLE,
            "2 regions, 3 zones, 5 instance types, 4 images, 8 assets, 1 host, 1 key pair, 2 networks, 3 subnets, 1 group",
        ),
        (SDK, "1 region, 1 zone, 1 instance type, 1 image, 1 network, 1 subnet, 1 group"),
    ] {
        let output = hatchery(&["catalogue", "check", good]);
        assert_eq!(told(&output), (Some(0), format!("{good} is a catalogue: {counts}\n").as_str(), ""));
    }
    for (text, expected) in [
        (
            "[[region]]\nid = 'r'\ncolour = 1\n[[region]]\nid = 'r'",
            "FILE: line 3: region.colour is not known; id, name, public_block are\nFILE: line 4: region.id is `r`, as in line 1\n",
        ),
        (
            "[[group]]\nid = 'g'\nnetwork = 'n'",
            "FILE: line 3: group.network is `n`, and the file has no network of that id\n",
        ),
        (
            "[[region]]\nid = 'r'\n[[zone]]\nid = 'z'\nregion = 'r'\n\
             [[network]]\nid = 'n'\nregion = 'r'\nblock = '10.0.0.0/16'\n\
             [[subnet]]\nid = 's'\nnetwork = 'n'\nzone = 'z'\nblock = '10.1.0.0/24'",
            "FILE: a network of the catalogue is refused: ",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = hatchery(&["catalogue", "check", path]);
        let (code, out, err) = told(&output);
        assert_eq!((code, err), (Some(1), ""), "{text}");
        assert!(out.starts_with(&expected.replace("FILE", path)), "{text}: {out}");
    }
    let output = hatchery(&["catalogue", "check", "/nowhere.toml"]);
    let (code, _, err) = told(&output);
    assert_eq!((code, err.starts_with("hatchery: read /nowhere.toml: ")), (Some(2), true), "{err}");
}

#[test]
fn the_program_goes_by_its_name() {
    let output = hatchery(&["--version"]);
    assert_eq!(told(&output), (Some(0), concat!("hatchery ", env!("CARGO_PKG_VERSION"), "\n"), ""));
    let output = hatchery(&["--help"]);
    let (code, out, _) = told(&output);
    assert!(code == Some(0) && out.contains("Usage: hatchery [OPTIONS]"), "{out}");
    assert_eq!(hatchery(&["hatch"]).status.code(), Some(2));
}

#[test]
fn the_example_is_printed_as_it_is() {
    let output = hatchery(&["catalogue", "example"]);
    let example = std::fs::read_to_string(EXAMPLE).unwrap();
    assert_eq!(told(&output), (Some(0), example.as_str(), ""));
}

/// Processes outlive the server, and the next one stops what the first one started.
#[test]
fn instances_are_processes_that_outlive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let machines = folder.path().join("machines");
    let more = ["--provisioner", "process:echo up; exec sleep 600"];
    let mut server = Server::start(folder.path(), &more);
    let (status, body) = run(&server.line(CURL));
    assert_eq!(status, 200, "{body}");
    let console = wait_for(|| {
        let folder = std::fs::read_dir(&machines).ok()?.next()?.ok()?.path();
        let said = std::fs::read_to_string(folder.join("console.log")).ok()?;
        (said == "up\n").then_some(folder)
    });
    server.signal("KILL");
    drop(server);

    // Nobody started it anew.
    let mut server = Server::start(folder.path(), &more);
    server.line("endpoint   ");
    assert_eq!(server.stop().0, Some(0));
    assert_eq!(std::fs::read_to_string(console.join("console.log")).unwrap(), "up\n");
    let record = std::fs::read_to_string(console.join("process")).unwrap();
    let id = record.lines().nth(1).unwrap().split(' ').next().unwrap();
    assert!(Command::new("kill").args(["-s", "KILL", id]).status().unwrap().success(), "it runs");
}

fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let began = std::time::Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come");
        std::thread::yield_now();
    }
}

#[test]
fn a_provisioner_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serve = |more: &[&str]| {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--data", data];
        arguments.extend(more);
        let output = hatchery(&arguments);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (more, expected) in [
        (&["--provisioner", "real"][..], "expected simulated, process:CMD or command:PATH"),
        (&["--provisioner", "command:/nowhere"], "the provisioner cannot be started"),
        (&["--provisioner", "process:true", "--sandbox"], "--sandbox turns the knobs"),
    ] {
        let (code, errors) = serve(more);
        assert!(code == Some(2) && errors.contains(expected), "{more:?}: {code:?} {errors}");
    }
}
#[test]
fn a_store_is_looked_after_while_it_is_served_and_restored_when_it_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (data, backup, new) = (at("data"), at("backup"), at("new"));
    let mut server = Server::start(Path::new(&data), &["--sandbox"]);
    assert_eq!(run(&server.line(CURL)).0, 200);
    for (arguments, starts) in [
        (vec!["stats", "--data", &data], "store "),
        (vec!["check", "--online", "--data", &data], "clean: "),
        (vec!["backup", "--data", &data, &backup], "backed up revision "),
        (vec!["restore", "--verify", &backup], "whole: revision "),
    ] {
        let output = hatchery(&arguments);
        let (code, out, err) = told(&output);
        assert_eq!((code, err), (Some(0), ""), "{arguments:?}: {out}");
        assert!(out.starts_with(starts), "{out}");
    }
    let again = hatchery(&["backup", "--data", &data, &backup]);
    assert_eq!(told(&again).0, Some(2), "a backup is not overwritten");
    assert_eq!(server.stop().0, Some(0));

    // With the journal of the lost store nothing is lost.
    let restored = hatchery(&["restore", "--data", &new, "--journal", &data, &backup]);
    let (code, out, err) = told(&restored);
    assert_eq!((code, err), (Some(0), ""), "{out}");
    assert!(out.starts_with("restored revision ") && out.contains(" of epoch 2, "), "{out}");
    let again = hatchery(&["restore", "--data", &new, &backup]);
    assert_eq!(told(&again).0, Some(2), "a store is not overwritten");
    assert_eq!(check(Path::new(&new)).status.code(), Some(0));
    let mut server = Server::start(Path::new(&new), &[]);
    assert_eq!(run(&server.line(CURL)).0, 200);
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn repairing_says_what_it_would_do_before_it_does_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut server = Server::start(folder.path(), &[]);
    server.line("endpoint   ");
    assert_eq!(server.stop().0, Some(0));
    let repair = |more: &[&str]| {
        let output = hatchery(&[&["repair", "--data", data], more].concat());
        let (code, out, err) = told(&output);
        assert_eq!(err, "");
        (code, out.to_owned())
    };
    assert_eq!(repair(&[]), (Some(0), "nothing to do\n".into()));
    let file = folder.path().join("store/CHECKPOINT");
    std::fs::write(&file, b"not one").unwrap();
    let (code, out) = repair(&[]);
    assert!(code == Some(1) && out.starts_with("would: remove ") && out.contains("--apply"), "{out}");
    assert!(file.exists());
    let (code, out) = repair(&["--apply"]);
    assert!(code == Some(0) && out.starts_with("did: remove ") && out.contains("\nrepaired: "), "{out}");
    assert_eq!(repair(&[]), (Some(0), "nothing to do\n".into()));

    // What cannot be had without a loss is not done without leave.
    let journal = folder.path().join("store/journal/00000000000000000001.segment");
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&journal, &bytes).unwrap();
    std::fs::remove_dir_all(folder.path().join("store/index")).unwrap();
    let (code, out) = repair(&["--apply"]);
    assert!(code == Some(1) && out.contains("ARE LOST") && out.contains("nothing was done"), "{out}");
    assert_eq!(std::fs::read(&journal).unwrap(), bytes);
    let (code, out) = repair(&["--apply", "--accept-loss"]);
    assert!(code == Some(0) && out.contains("are lost, by your leave"), "{out}");
}

/// Takes webhooks until every commit up to `last` has come; which ones did, in the order they came.
fn delivered(listener: &std::net::TcpListener, last: u64, seen: &mut Vec<u64>) {
    while seen.last() != Some(&last) {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        stream.get_mut().set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
            let find = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let Some(length) = find("content-length") else { break };
            stream.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
            seen.push(find("x-hatchery-revision").unwrap().parse().unwrap());
            stream.get_mut().write_all(b"HTTP/1.1 204 Taken\r\n\r\n").unwrap();
            if seen.last() == Some(&last) {
                break;
            }
        }
    }
}

#[test]
fn a_webhook_misses_nothing_across_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let start = || Server::start(folder.path(), &["--webhook", &url]);
    // The launch, the claim, and the report that it is made.
    let mut server = start();
    assert_eq!(run(&server.line(CURL)).0, 200);
    let mut seen = vec![];
    let stream = BufReader::new(listener.accept().unwrap().0);
    let line = stream.lines().map(Result::unwrap).find(|line| line.starts_with("x-hatchery-revision: "));
    let first: u64 = line.unwrap().trim_start_matches("x-hatchery-revision: ").parse().unwrap();
    server.signal("KILL");
    server.child.wait().unwrap();

    let mut server = start();
    assert_eq!(run(&server.line(CURL)).0, 200);
    delivered(&listener, first + 1, &mut seen);
    let distinct: std::collections::BTreeSet<u64> = seen.iter().copied().collect();
    assert!(distinct.contains(&first) && distinct.contains(&(first + 1)), "{seen:?} after {first}");
    assert!(seen.windows(2).all(|two| two[1] <= two[0] + 1), "{seen:?}");
    let key = std::fs::metadata(folder.path().join("webhook.key")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
    server.signal("KILL");
}

#[test]
fn a_webhook_that_cannot_be_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let listen = ["serve", "--listen", "127.0.0.1:0", "--data", data];
    let refused = hatchery(&[&listen[..], &["--webhook", "https://example.org/"]].concat());
    let (code, _, err) = told(&refused);
    assert_eq!(code, Some(2));
    assert!(err.contains("only http: is spoken here"), "{err}");
}
