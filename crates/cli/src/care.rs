//! `hatchery stats`, `backup`, `restore` and `repair`.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use hatchery::{OpenProgress, OpenStage, Options, RepairPlan, Repaired, Revision, StoreError};

use crate::serve::store_path;
use crate::{Failure, Outcome, say};

/// What `hatchery stats` can be told.
#[derive(clap::Args)]
pub(crate) struct Stats {
    /// The folder of a server, running or not.
    #[arg(long, default_value = "hatchery-data")]
    data: PathBuf,
}

/// What `hatchery backup` can be told.
#[derive(clap::Args)]
pub(crate) struct Backup {
    /// The folder of a server, running or not.
    #[arg(long, default_value = "hatchery-data")]
    data: PathBuf,
    /// Where the backup goes: a folder that is empty or not there yet.
    to: PathBuf,
}

/// What `hatchery restore` can be told.
#[derive(clap::Args)]
pub(crate) struct Restore {
    /// The folder of a server, in which there is no store.
    #[arg(long, default_value = "hatchery-data")]
    data: PathBuf,
    /// The backup.
    from: PathBuf,
    /// The folder of the server that was lost, or what is left of it, whose journal goes on from the backup.
    #[arg(long)]
    journal: Option<PathBuf>,
    /// The revision to stop at. Without it, the last there is.
    #[arg(long)]
    until: Option<u64>,
    /// Which life of the store the new one is. Without it, the one after the backup's; to be given when
    /// this backup was restored before, so that no id is drawn again.
    #[arg(long)]
    epoch: Option<u32>,
    /// Only read the backup to its end, and say what it holds.
    #[arg(long)]
    verify: bool,
}

/// What `hatchery repair` can be told.
#[derive(clap::Args)]
pub(crate) struct Repair {
    /// The folder of a server that is stopped.
    #[arg(long, default_value = "hatchery-data")]
    data: PathBuf,
    /// Do it. Without this it is only said.
    #[arg(long)]
    apply: bool,
    /// Do it even if acknowledged commits are lost by it.
    #[arg(long, requires = "apply")]
    accept_loss: bool,
}

/// Prints how much a store holds.
pub(crate) fn stats(arguments: &Stats) -> Outcome<ExitCode> {
    let path = store_path(&arguments.data);
    let failed = |error| Failure::Store { path: path.clone(), source: StoreError::Open(error) };
    let stats = hatchery::stats_of_files(&path).map_err(failed)?;
    let line = |name: &str, value: &dyn Display| say(format_args!("{name:<12} {value}"));
    line("store", &path.display());
    if let Some(identity) = stats.identity {
        line("epoch", &identity.epoch);
    }
    line("revision", &stats.last);
    line("history", &format_args!("from revision {}", stats.oldest));
    let journal = format_args!(
        "{} in {} segments, {} spare files",
        Size(stats.journal_bytes),
        stats.segments,
        stats.spares
    );
    line("journal", &journal);
    line("index", &format_args!("durable up to revision {}", stats.indexed));
    for snapshot in &stats.snapshots {
        let age = stats.time.since(snapshot.time).millis() / 1000;
        let of = format_args!(
            "of revision {}, {} s before the last commit, {}",
            snapshot.revision,
            age,
            Size(snapshot.bytes)
        );
        line("snapshot", &of);
    }
    for (name, read) in &stats.holds {
        line("reader", &format_args!("{name}, has read up to revision {read}"));
    }
    if let Some(free) = stats.free {
        line("free", &Size(free));
        line("ballast", &Size(stats.ballast));
    }
    Ok(ExitCode::SUCCESS)
}

/// Copies a store.
pub(crate) fn backup(arguments: &Backup) -> Outcome<ExitCode> {
    let path = store_path(&arguments.data);
    let mut bar = Bar::new();
    let made =
        hatchery::backup_files(&path, &arguments.to, &mut |done, total| bar.show("copying", done, total));
    drop(bar);
    let made = made.map_err(|source| Failure::Backup { path: arguments.to.clone(), source })?;
    say(Made("backed up", &made));
    Ok(ExitCode::SUCCESS)
}

/// Makes a store from a backup.
pub(crate) fn restore(arguments: &Restore) -> Outcome<ExitCode> {
    let path = store_path(&arguments.data);
    let mut bar = Bar::new();
    let failed = |source| Failure::Backup { path: arguments.from.clone(), source };
    if arguments.verify {
        let found =
            hatchery::verify_backup(&arguments.from, &mut |done, total| bar.show("reading", done, total));
        drop(bar);
        say(Made("whole:", &found.map_err(failed)?));
        return Ok(ExitCode::SUCCESS);
    }
    let made = std::fs::create_dir_all(&arguments.data);
    made.map_err(|source| Failure::File { action: "make", path: arguments.data.clone(), source })?;
    let how = hatchery::Restore {
        journal: arguments.journal.as_deref().map(store_path),
        until: arguments.until.map(Revision::new),
        epoch: arguments.epoch,
        ..hatchery::Restore::default()
    };
    let watch = &mut |done, total| bar.show("restoring", done, total);
    let restored = hatchery::Hatchery::restore(&path, &arguments.from, &how, Options::default(), watch);
    drop(bar);
    let (_, restored) = restored.map_err(|error| {
        if let StoreError::Backup(source) = error {
            failed(source)
        } else {
            Failure::Store { path, source: error }
        }
    })?;
    say(Made("restored", &restored));
    Ok(ExitCode::SUCCESS)
}

/// Says what is to be done about a store, and does it if told to. Success when nothing is (left) to do,
/// failure (1) when something is.
pub(crate) fn repair(arguments: &Repair) -> Outcome<ExitCode> {
    let path = store_path(&arguments.data);
    let failed = |error| Failure::Store { path: path.clone(), source: StoreError::Open(error) };
    let plan = hatchery::plan_repair(&path).map_err(failed)?;
    if plan.fixes.is_empty() {
        say("nothing to do");
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.apply {
        show("would", &plan);
        say(match plan.loses {
            false => "nothing that was acknowledged is lost by it; --apply does it",
            true => {
                "acknowledged commits are lost by it; --apply --accept-loss does it. A backup may be better"
            }
        });
        return Ok(ExitCode::FAILURE);
    }
    match hatchery::repair(&path, Options::default().engine, arguments.accept_loss).map_err(failed)? {
        Repaired::Done { plan, report } => {
            show("did", &plan);
            say(format_args!("repaired: {report}"));
            Ok(ExitCode::SUCCESS)
        }
        Repaired::WouldLose(plan) => {
            show("would", &plan);
            say("nothing was done: acknowledged commits are lost by it, and --accept-loss was not given");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn show(what: &str, plan: &RepairPlan) {
    for fix in &plan.fixes {
        say(format_args!("{what}: {fix}"));
    }
}

/// Shows how far the opening of a store is.
pub(crate) fn opening() -> impl FnMut(OpenProgress) {
    let mut bar = Bar::new();
    move |OpenProgress { stage, done, total }| {
        let stage = match stage {
            OpenStage::Verifying => "reading the snapshot",
            OpenStage::Loading => "making the index",
            OpenStage::Replaying => "replaying the journal",
        };
        bar.show(stage, done, total);
    }
}

/// What has fewer bytes is done before anybody could read how far it is.
const SHOWN_FROM: u64 = 4 * 1024 * 1024;

/// A line that shows how far something is, where somebody looks.
struct Bar {
    shown: Option<u64>,
    seen: bool,
}

impl Bar {
    fn new() -> Self {
        Self { shown: None, seen: std::io::stderr().is_terminal() }
    }

    fn show(&mut self, what: &str, done: u64, total: u64) {
        let percent = done.saturating_mul(100).checked_div(total).unwrap_or(0).min(100);
        if self.seen && total > SHOWN_FROM && self.shown != Some(percent) {
            self.shown = Some(percent);
            let _ = write!(std::io::stderr(), "\r{what}: {percent} % of {}   ", Size(total));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = writeln!(std::io::stderr());
        }
    }
}

/// What a backup holds, for people.
struct Made<'m>(&'static str, &'m hatchery::Backup);

impl Display for Made<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(what, backup) = self;
        let (revision, epoch) = (backup.revision, backup.identity.epoch);
        write!(f, "{what} revision {revision} of epoch {epoch}, {}, {}", Size(backup.bytes), backup.digest)
    }
}

/// A number of bytes, for people.
struct Size(u64);

impl Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            bytes @ 0..10_240 => write!(f, "{bytes} bytes"),
            bytes @ 10_240..10_485_760 => write!(f, "{} KiB", bytes / 1024),
            bytes => write!(f, "{} MiB", bytes / (1024 * 1024)),
        }
    }
}
