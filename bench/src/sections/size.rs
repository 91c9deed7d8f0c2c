//! How much many instances take, on disk and in memory, and how long it takes to open the store: after it
//! was killed, and without its index.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use hatchery::{InstanceFilter, InstanceId, Paging, Serial, View as _};

use crate::fill::{Filled, launch_many};
use crate::measure::{Failure, short};
use crate::ours::{self, Fleet, ME};
use crate::report::{Goal, Section, Table};

/// How many reads and launches a child does before it says how much memory it has.
const READS: u64 = 300_000;
const LAUNCHES: u64 = 20_000;

/// A child process: it opens the store, says how that went, and goes on until it is killed, or is over.
#[derive(Args, Clone)]
pub(crate) struct Child {
    store: PathBuf,
    /// Works the store, and launches until somebody kills it.
    #[arg(long)]
    work: bool,
}

pub(crate) fn run(stores: [&Filled; 2]) -> Result<Section, Failure> {
    let [many, single] = stores;
    let mut section = Section {
        title: "Size and opening",
        about: format!(
            "{} instances, launched by the hundred, and as many launched one by one in another store, each launch with a token, \
             after upkeep that was due and a checkpoint. Sizes are of blocks on disk. Opening is measured in child processes \
             with all defaults: one reads {} instances and a page, launches {} from 64 callers, says its memory, goes on launching \
             and is killed (SIGKILL); one opens what is left; one opens it without its index. Files are in the page cache. \
             Filling the stores took, with full durability and 64 callers: {:.1} s by the hundred, {:.1} s one by one.",
            short(many.instances as f64),
            short(READS as f64),
            short(LAUNCHES as f64),
            many.took.as_secs_f64(),
            single.took.as_secs_f64(),
        ),
        ..Section::default()
    };
    sizes(&mut section, stores)?;
    stores.into_iter().try_for_each(|filled| opening(&mut section, filled))?;
    Ok(section)
}

fn sizes(section: &mut Section, stores: [&Filled; 2]) -> Result<(), Failure> {
    let mut table = Table::new("Bytes on disk for each instance", &["", "by the hundred", "one by one"]);
    let bytes = |filled: &Filled, part: &str| -> Result<f64, Failure> {
        Ok(blocks(&filled.store.join(part))? as f64 / filled.instances as f64)
    };
    let all =
        |filled: &Filled| -> Result<f64, Failure> { Ok(bytes(filled, "")? - bytes(filled, "BALLAST")?) };
    let [many, single] = stores;
    for part in ["index", "snapshot", "journal", "BALLAST"] {
        table.row([part.to_owned(), short(bytes(many, part)?), short(bytes(single, part)?)]);
    }
    table.row(["all but BALLAST".to_owned(), short(all(many)?), short(all(single)?)]);
    for filled in stores {
        let figure = all(filled)?;
        section.goals.push(Goal::new(
            format!("bytes on disk for each instance, launched {}: all files but BALLAST", filled.how()),
            "≤ 1,536",
            short(figure),
            figure <= 1536.0,
        ));
    }
    section.tables.push(table);
    Ok(())
}

/// How many bytes of blocks a file or folder takes.
fn blocks(path: &Path) -> Result<u64, Failure> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(0) };
    let mut bytes = found.blocks() * 512;
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            bytes += blocks(&entry?.path())?;
        }
    }
    Ok(bytes)
}

fn opening(section: &mut Section, filled: &Filled) -> Result<(), Failure> {
    let (store, how) = (filled.store.as_path(), filled.how());
    let mut table = Table::new(
        format!("Opening, in a process of its own: instances launched {how}"),
        &["", "s", "commits replayed", "index rebuilt", "resident, MiB", "at most, MiB"],
    );
    let worked = child(store, true)?;
    let killed = child(store, false)?;
    fs::remove_dir_all(store.join("index"))?;
    let rebuilt = child(store, false)?;
    for (what, told) in [
        ("after a checkpoint; memory after reads and launches", &worked),
        ("after SIGKILL", &killed),
        ("without its index", &rebuilt),
    ] {
        table.row([
            what.to_owned(),
            format!("{:.3}", told.opened),
            told.replayed.to_string(),
            if told.rebuilt { "yes" } else { "no" }.to_owned(),
            short(told.resident),
            short(told.most),
        ]);
    }
    section.tables.push(table);
    let seconds = |told: &Told| format!("{:.2} s", told.opened);
    let (resident, most) = (short(worked.most), worked.most);
    section.goals.extend([
        Goal::new(
            format!("resident memory after reads and launches, MiB (the most there was), {how}"),
            "≤ 512",
            resident,
            most <= 512.0,
        ),
        Goal::new(
            format!("opening after SIGKILL, {how}"),
            "≤ 3 s",
            seconds(&killed),
            killed.opened <= 3.0 && !killed.rebuilt,
        ),
        Goal::new(
            format!("rebuilding the index from a snapshot, {how}"),
            "≤ 60 s",
            seconds(&rebuilt),
            rebuilt.opened <= 60.0 && rebuilt.rebuilt,
        ),
    ]);
    Ok(())
}

/// What a child said.
struct Told {
    opened: f64,
    replayed: u64,
    rebuilt: bool,
    resident: f64,
    most: f64,
}

/// Runs a child; one that works is killed half a second after it spoke.
fn child(store: &Path, work: bool) -> Result<Told, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("child").arg(store).args(work.then_some("--work")).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut line = String::new();
    if let Some(said) = child.stdout.take() {
        BufReader::new(said).read_line(&mut line)?;
    }
    if work {
        std::thread::sleep(Duration::from_millis(500));
        child.kill()?;
    }
    child.wait()?;
    let [opened, replayed, rebuilt, resident, most] = line.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(format!("a child process said {line:?}").into());
    };
    Ok(Told {
        opened: opened.parse()?,
        replayed: replayed.parse()?,
        rebuilt: rebuilt.parse()?,
        resident: resident.parse()?,
        most: most.parse()?,
    })
}

/// What a child does.
pub(crate) fn be_child(child: &Child) -> Result<(), Failure> {
    let began = Instant::now();
    let (fleet, report) = Fleet::open_reporting(&child.store, ours::options())?;
    let opened = began.elapsed();
    if child.work {
        read(&fleet)?;
        launch_many(&fleet, LAUNCHES, 1)?;
    }
    let (resident, most) = (memory("VmRSS")?, memory("VmHWM")?);
    println!("{} {} {} {resident} {most}", opened.as_secs_f64(), report.replayed, report.rebuilt.is_some());
    std::io::stdout().flush()?;
    if child.work {
        launch_many(&fleet, u64::MAX, 1)?;
    }
    Ok(())
}

fn read(fleet: &Fleet) -> Result<(), Failure> {
    let snapshot = fleet.hatchery.snapshot();
    let Serial { epoch, number: last } = snapshot.sequence()?.next;
    for number in 0..READS {
        let id = InstanceId(Serial { epoch, number: 1 + ours::scatter(number) % last });
        snapshot.instance(id)?;
    }
    let filter = InstanceFilter::all(ME, fleet.region());
    snapshot.instances(&filter, Paging::Numbered { number: 1, size: 100 })?;
    Ok(())
}

/// A line of this process's status, in MiB.
fn memory(name: &str) -> Result<f64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib =
        line.and_then(|line| line.trim().strip_suffix("kB")).ok_or("this system does not tell memory")?;
    Ok(kib.trim().parse::<f64>()? / 1024.0)
}
