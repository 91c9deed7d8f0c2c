//! PostgreSQL: a server of our own in a folder, reached through a Unix socket.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use postgres::{Client, Config, NoTls};
use rustix::process::{Pid, Signal, getuid, kill_process};
use tempfile::TempDir;

use super::{Decide, Pair, Peer};
use crate::measure::Failure;

pub(super) const SETTING: &str = "fsync = on, synchronous_commit = on, full_page_writes = on, \
     wal_sync_method = fdatasync, shared_buffers = 256 MB; over a Unix socket, prepared statements, two reads and one \
     upsert of arrays per group";

/// What is chosen besides the defaults, which are durable.
const SETTINGS: [&str; 8] = [
    "listen_addresses=",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "wal_sync_method=fdatasync",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "log_min_messages=fatal",
];
const SOCKET: &str = ".s.PGSQL.5432";
const PATIENCE: Duration = Duration::from_secs(60);

/// A server; it ends with this.
pub(super) struct Server {
    child: Child,
    folder: TempDir,
    pub(super) version: String,
}

impl Server {
    /// Makes a cluster in `dir` and starts it.
    pub(super) fn start(dir: &Path) -> Result<Rc<Self>, Failure> {
        let programs = programs().ok_or("its programs initdb and postgres are not on this machine")?;
        let folder = tempfile::tempdir_in(fs::canonicalize(dir)?)?;
        let user = unprivileged()?;
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let data = folder.path().join("data");
        let as_user = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command
        };
        let made = as_user("initdb")
            .args(["--auth=trust", "--username=bench", "--no-sync", "-D"])
            .arg(&data)
            .status()?;
        if !made.success() {
            return Err(format!("its initdb ended with {made}").into());
        }
        let mut postgres = as_user("postgres");
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path());
        for setting in SETTINGS {
            postgres.arg("-c").arg(setting);
        }
        let child = postgres.spawn()?;
        let mut server = Self { child, folder, version: String::new() };
        server.version = server.wait()?;
        Ok(Rc::new(server))
    }

    /// Waits until it answers: its version.
    fn wait(&mut self) -> Result<String, Failure> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("its server ended with {status}").into());
            }
            match self.client() {
                Ok(mut client) => return Ok(client.query_one("SHOW server_version", &[])?.get(0)),
                Err(error) if began.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn client(&self) -> Result<Client, Failure> {
        if !self.folder.path().join(SOCKET).exists() {
            return Err("its socket is not there".into());
        }
        Ok(Config::new().host_path(self.folder.path()).user("bench").dbname("postgres").connect(NoTls)?)
    }

    /// A connection, and a table with nothing in it.
    pub(super) fn connect(&self) -> Result<Postgres, Failure> {
        let mut client = self.client()?;
        client.batch_execute(
            "DROP TABLE IF EXISTS record; CREATE TABLE record (key bytea PRIMARY KEY, value bytea NOT NULL); CHECKPOINT",
        )?;
        let get = client.prepare(
            "SELECT value FROM unnest($1::bytea[]) WITH ORDINALITY AS wanted (key, place) \
             LEFT JOIN record USING (key) ORDER BY place",
        )?;
        let put = client.prepare(
            "INSERT INTO record SELECT * FROM unnest($1::bytea[], $2::bytea[]) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?;
        Ok(Postgres { client, get, put })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is "shut down fast": it leaves no process behind, as SIGKILL would.
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(id, Signal::INT);
        }
        let _ = self.child.wait();
    }
}

pub(super) struct Postgres {
    client: Client,
    get: postgres::Statement,
    put: postgres::Statement,
}

impl Peer for Postgres {
    fn commit(&mut self, decide: Decide<'_>) -> Result<(), Failure> {
        let mut transaction = self.client.transaction()?;
        let puts = decide(&mut |keys| {
            let rows = transaction.query(&self.get, &[&keys])?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        })?;
        let (keys, values): (Vec<_>, Vec<_>) =
            puts.into_iter().map(|(key, value): Pair| (key, value)).unzip();
        transaction.execute(&self.put, &[&keys, &values])?;
        Ok(transaction.commit()?)
    }
}

/// Where its programs are: the newest that Debian's layout has, or those beside the one on the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let complete = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("postgres").exists();
    folders.into_iter().rev().chain(on_path).find(complete)
}

/// Whom to run the server as when this program runs as root, which the server refuses to.
fn unprivileged() -> Result<Option<(u32, u32)>, Failure> {
    if !getuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    for line in users.lines() {
        if let ["postgres", _, user, group, ..] = line.split(':').collect::<Vec<_>>()[..] {
            return Ok(Some((user.parse()?, group.parse()?)));
        }
    }
    Err("it does not run as root, and there is no user postgres".into())
}
