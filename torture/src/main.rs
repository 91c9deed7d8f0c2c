//! The store against a real kernel: kills, power cuts, calls that fail, disks that are full.
//!
//! `cargo xtask torture` runs it. See docs/faults.md for what it shows.

mod all;
mod faults;
mod kills;
mod lane;
mod log;
mod mount;
mod oracle;
mod power;
mod program;
mod scenes;
mod step;
mod told;
mod trial;
mod trouble;
mod victim;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::log::Log;
use crate::power::Cuts;
use crate::trouble::Outcome;

#[derive(Parser)]
#[command(about = "The store against a real kernel")]
struct Arguments {
    #[command(subcommand)]
    trial: Trial,
    /// Where the logs are; a run goes on from them.
    #[arg(long, global = true, default_value = "target/torture-logs")]
    logs: PathBuf,
    /// What everything is drawn from.
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
}

#[derive(clap::Subcommand)]
enum Trial {
    /// SIGKILL at any moment, and while the store recovers, until the log has so many rounds.
    Kills {
        #[arg(long)]
        rounds: u64,
    },
    /// Power cuts on a file system of its own, until the log has so many rounds.
    Power {
        #[arg(long)]
        rounds: u64,
        /// Which file system.
        #[arg(long)]
        fs: mount::Kind,
    },
    /// Power cuts on disks that lie: they say that they synced, and did not. Then acknowledged commits are lost,
    /// and a disk whose losses are not found fails: a trial that never finds anything shows nothing.
    Lies {
        /// How many disks.
        #[arg(long)]
        rounds: u64,
        /// With which file system.
        #[arg(long)]
        fs: mount::Kind,
    },
    /// Every call that reaches a file fails in turn.
    Faults(Strides),
    /// Disks that are full, gone, read-only or taken.
    Scenes {
        /// Which of them.
        place: scenes::Place,
        /// How often each is played.
        #[arg(long, default_value_t = 1)]
        times: u64,
    },
    /// Calls that fail under `hatchery serve`, and a disk that hangs.
    Program {
        /// The program.
        #[arg(long)]
        program: PathBuf,
        #[command(flatten)]
        strides: Strides,
    },
    /// All of these in turn.
    All {
        /// For so many hours.
        #[arg(long)]
        hours: f64,
        /// The program.
        #[arg(long)]
        program: PathBuf,
    },
    /// Says why file systems cannot be mounted here, if that is so.
    Ready,
    /// What gets killed; started by the others.
    #[command(hide = true)]
    Victim(victim::Arguments),
}

/// Which calls fail.
#[derive(Clone, Copy, clap::Args)]
struct Strides {
    /// Every so many calls one fails.
    #[arg(long, default_value_t = 1)]
    stride: u64,
    /// How many are let through before the first.
    #[arg(long, default_value_t = 0)]
    offset: u64,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why:?}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one trial. How many rounds failed, those of earlier runs among them.
fn run(Arguments { trial, logs, seed }: Arguments) -> Outcome<u64> {
    let scratch = || scratch(&logs);
    let closed = |log: Log| {
        log.close();
        Ok(log.failed())
    };
    match trial {
        Trial::Victim(arguments) => victim::run(&arguments).map(|()| 0),
        Trial::Ready => {
            mount::missing().into_iter().for_each(|why| println!("{why}"));
            Ok(0)
        }
        Trial::Kills { rounds } => {
            let mut log = Log::open(&logs, "kills", Some(rounds))?;
            kills::run(&scratch()?, seed, rounds, &mut log)?;
            closed(log)
        }
        Trial::Power { rounds, fs } => {
            let mut log = Log::open(&logs, fs.power(), Some(rounds))?;
            power::run(&scratch()?, Cuts { kind: fs, seed, lie: false }, rounds, &mut log)?;
            closed(log)
        }
        Trial::Lies { rounds, fs } => {
            let mut log = Log::open(&logs, fs.lies(), None)?;
            power::run(&scratch()?, Cuts { kind: fs, seed, lie: true }, rounds, &mut log)?;
            closed(log)
        }
        Trial::Faults(Strides { stride, offset }) => {
            let mut log = Log::open(&logs, "faults", None)?;
            faults::run(&scratch()?, (offset, stride.max(1)), &mut log)?;
            closed(log)
        }
        Trial::Scenes { place, times } => {
            let mut log = Log::open(&logs, place.log(), None)?;
            scenes::run(&scratch()?, place, times, &mut log)?;
            closed(log)
        }
        Trial::Program { program, strides: Strides { stride, offset } } => {
            let mut log = Log::open(&logs, "program", None)?;
            program::run(&scratch()?, &program, (offset, stride.max(1)), &mut log)?;
            closed(log)
        }
        Trial::All { hours, program } => all::run(&scratch()?, &all::Plan { hours, program, logs, seed }),
    }
}

/// A folder for stores that come and go: in memory where the machine has that.
fn scratch(fallback: &Path) -> Outcome<PathBuf> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory } else { fallback };
    std::fs::create_dir_all(folder)?;
    Ok(folder.canonicalize()?)
}
