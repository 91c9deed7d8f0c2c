//! How much is done: a small share of everything in an ordinary test, or all of it, when the environment says so,
//! with a line for everything that is finished, and a log from which a run that was broken off goes on.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often something is to be done, when nothing else is said, and as the environment says.
pub(crate) fn asked(variable: &str, usual: u64) -> u64 {
    std::env::var(variable)
        .map_or(usual, |number| number.parse().unwrap_or_else(|_| panic!("{variable}={number}")))
}

/// What has been finished. Without a log, nothing is ever found in it and nothing is said.
#[derive(Debug)]
pub(crate) struct Log {
    finished: BTreeMap<String, u64>,
    file: Option<File>,
    kind: &'static str,
    /// When nothing more is begun, if the environment says for how long it is done.
    until: Option<Instant>,
}

impl Log {
    /// The log of one kind of work, in the folder that the environment names.
    pub(crate) fn of(kind: &'static str) -> Self {
        let folder = std::env::var_os("HATCHERY_TORTURE_LOG").map(PathBuf::from);
        let Some(folder) = folder else {
            return Self { finished: BTreeMap::new(), file: None, kind, until: None };
        };
        let seconds = asked("HATCHERY_PROOF_SECONDS", u64::MAX);
        let until = Instant::now().checked_add(Duration::from_secs(seconds));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{kind}.log"));
        let program = program();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut lines = text.lines();
        // What another build has done says nothing of this one.
        let goes_on = lines.next() == Some(program.as_str());
        let finished = lines.filter_map(|line| {
            let (unit, count) = line.rsplit_once('\t')?;
            Some((unit.to_owned(), count.parse().ok()?))
        });
        let finished = if goes_on { finished.collect() } else { BTreeMap::new() };
        let mut open = OpenOptions::new();
        let open = if goes_on { open.append(true) } else { open.write(true).truncate(true) };
        let mut file = open.create(true).open(path).unwrap();
        if !goes_on {
            writeln!(file, "{program}").unwrap();
        }
        Self { finished, file: Some(file), kind, until }
    }

    /// Whether the time for it is over. What is under way is left, and begun again by the next run.
    pub(crate) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Whether all is to be done.
    pub(crate) const fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Says how much there is to do.
    pub(crate) fn begin(&self, told: &str) {
        if self.is_kept() {
            eprintln!("{}: {told} in all", self.kind);
        }
    }

    /// How much a unit came to, if it was finished by an earlier run.
    pub(crate) fn finished(&self, unit: &str) -> Option<u64> {
        self.finished.get(unit).copied()
    }

    /// Notes that a unit is finished, and shows how far it all is.
    pub(crate) fn finish(&mut self, unit: &str, count: u64, total: u64) {
        let Some(file) = &mut self.file else { return };
        writeln!(file, "{unit}\t{count}").unwrap();
        eprintln!("{}: {unit}: {count}; {total} so far", self.kind);
    }

    /// Says what it all came to.
    pub(crate) fn close(&self, told: &str) {
        if self.is_kept() {
            let how = if self.is_over() { "the time is over" } else { "finished" };
            eprintln!("{}: {how}: {told}", self.kind);
        }
    }
}

/// Which program this is.
fn program() -> String {
    let bytes = std::env::current_exe().and_then(fs::read).unwrap();
    format!("{:08x}", crc32fast::hash(&bytes))
}
