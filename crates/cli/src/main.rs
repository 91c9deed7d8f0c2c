//! The `hatchery` program.

mod care;
mod catalogue;
mod check;
mod credentials;
mod hooks;
mod keeper;
mod provisioner;
mod sample;
mod serve;
mod simulate;
mod watchdog;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Launches cloud instances and never loses track of one.
#[derive(Parser)]
#[command(name = "hatchery", version, args_conflicts_with_subcommands = true)]
struct Program {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the ECS API on an embedded store, with a simulated or a real provisioner. The default.
    Serve(serve::Arguments),
    /// Walk a whole store, read-only, and name every broken invariant.
    Check(check::Arguments),
    /// Say how much a store holds, and where. The server may be running.
    Stats(care::Stats),
    /// Copy a store, as it is at one revision, into a folder of its own. The server may be running.
    Backup(care::Backup),
    /// Make a store from a backup, and from the journal that goes on from it.
    Restore(care::Restore),
    /// Say what is to be done about a damaged store, and with --apply do it. The server must be stopped.
    Repair(care::Repair),
    /// Live through days in seconds: a fleet on a virtual clock and a disk that fails, from one seed.
    Simulate(simulate::Arguments),
    /// Work with catalogue files.
    #[command(subcommand)]
    Catalogue(Catalogue),
}

#[derive(Subcommand)]
enum Catalogue {
    /// Read a catalogue file and say what is wrong with it, each with line and key, or count what is in it.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Print the example catalogue, to be copied and edited.
    Example,
}

fn main() -> ExitCode {
    let program = Program::parse();
    let outcome = match program.command.unwrap_or(Command::Serve(program.serve)) {
        Command::Serve(arguments) => serve::run(&arguments).map(|()| ExitCode::SUCCESS),
        Command::Check(arguments) => check::run(&arguments),
        Command::Stats(arguments) => care::stats(&arguments),
        Command::Backup(arguments) => care::backup(&arguments),
        Command::Restore(arguments) => care::restore(&arguments),
        Command::Repair(arguments) => care::repair(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Catalogue(Catalogue::Check { file }) => catalogue::check(&file),
        Command::Catalogue(Catalogue::Example) => {
            say(serve::EXAMPLE_CATALOGUE.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| {
        // Standard error may be a file on the disk that is full; the exit code says it, too.
        let _ = writeln!(std::io::stderr(), "hatchery: {}", Report(&error));
        ExitCode::from(2)
    })
}

/// Prints a line. Whoever reads may stop reading; that is no reason to break off.
pub(crate) fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// What a command ended with, for people.
type Outcome<T> = Result<T, Failure>;

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{action} {path}", path = .path.display())]
    File { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("catalogue {path}", path = .path.display())]
    Catalogue { path: PathBuf, source: hatchery::CatalogueError },
    #[error("the catalogue is refused")]
    CatalogueRefused(#[source] hatchery::CommitError<hatchery::CatalogueRefusal>),
    #[error("the account is refused")]
    AccountRefused(#[source] hatchery::CommitError<hatchery::AccountRefusal>),
    #[error("a key pair of the catalogue is refused")]
    KeyPairRefused(#[source] hatchery::CommitError<hatchery::KeyPairRefusal>),
    #[error("a network of the catalogue is refused")]
    NetworkRefused(#[source] hatchery::CommitError<hatchery::NetworkRefusal>),
    #[error("store {path}", path = .path.display())]
    Store { path: PathBuf, source: hatchery::StoreError },
    #[error("backup {path}", path = .path.display())]
    Backup { path: PathBuf, source: hatchery::BackupError },
    #[error("credentials {path} cannot be read: {detail}", path = .path.display())]
    Credentials { path: PathBuf, detail: String },
    #[error("a webhook cannot be started")]
    Webhook(#[source] server::webhook::WebhookError),
    #[error("no random numbers can be had: {0}")]
    Chance(getrandom::Error),
    #[error("{what} cannot be started")]
    Start { what: &'static str, source: std::io::Error },
    #[error("--sandbox turns the knobs of the simulated provisioner, and there is another")]
    SandboxOfNone,
    #[error("cannot listen on {address}")]
    Listen { address: std::net::SocketAddr, source: std::io::Error },
}

/// An error and what is behind it, on one line.
struct Report<'e>(&'e dyn std::error::Error);

impl std::fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
