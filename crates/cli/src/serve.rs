//! `hatchery serve`: the ECS API on an embedded store, with a provisioner.

use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hatchery::{
    AccountId, CatalogueFile, Command, CommitError, Edition, FailedShown, Faults, Hatchery, KeyPairRefusal,
    Label, NetworkRefusal, OpenAccount, OpenError, Options, Simulated, StoreError, StoreId, Time,
    TokenReading, View as _,
};
use parking_lot::Mutex;
use server::{Clock, Front, Keys, Limits, Sandbox, TokenReadings};
use tokio::signal::unix::{SignalKind, signal};

use crate::care::opening;
use crate::credentials::{self, Credentials};
use crate::hooks::Hooks;
use crate::keeper::Keeper;
use crate::provisioner::{Choice, Worker};
use crate::watchdog::Watchdog;
use crate::{Failure, Outcome, sample, say};

/// The catalogue of a server that is given none.
pub(crate) const EXAMPLE_CATALOGUE: &str = include_str!("../examples/catalogue.toml");

/// The account that a new server has.
const ACCOUNT: AccountId = AccountId(1_000_000_000_000_001);

/// How many instances that account may have.
const INSTANCE_LIMIT: u32 = 1_000_000;

/// How often a server that starts looks whether the second of the last commit is over.
const RESTART_PAUSE: Duration = Duration::from_millis(10);

/// What `hatchery serve` can be told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where to listen; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder that everything is kept in; made if it is not there.
    #[arg(long, default_value = "hatchery-data")]
    data: PathBuf,
    /// A catalogue file to load; an example when the store is new and none is given.
    #[arg(long)]
    catalogue: Option<PathBuf>,
    /// What makes machines: `simulated` makes none, `process:CMD` runs CMD for each, `command:PATH`
    /// has a program do it. See docs/provisioners.md.
    #[arg(long, default_value = "simulated")]
    provisioner: Choice,
    /// Add the knobs under /_hatchery/: advance the clock, fail and delay creations. For tests only.
    #[arg(long)]
    sandbox: bool,
    /// Post every commit to this address, signed, in order and at least once; can be given several times.
    #[arg(long, value_name = "URL")]
    webhook: Vec<String>,
    /// After how many seconds in one commit the process ends itself (with SIGABRT): a disk or an index that
    /// hangs holds up everything. 0 is never.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    stall_limit: u64,
    /// Which edition of the rules counts where they changed over the years.
    #[arg(long, value_enum, default_value_t)]
    edition: EditionName,
    /// What a launch for which there was too little does to its token in the ECS dialect. Zenlayer has no tokens.
    #[arg(long, value_enum, default_value_t)]
    tokens: TokensName,
    /// How instances that could not be made are shown until they are released.
    #[arg(long, value_enum, default_value_t)]
    failed: FailedName,
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum EditionName {
    /// The rules of 2019.
    Seeds,
    /// Today's.
    Newest,
    /// What either allows.
    #[default]
    Either,
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum TokensName {
    /// Nothing: it may be used again.
    #[default]
    Lenient,
    /// It is used up, and the refusal is its outcome.
    Strict,
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum FailedName {
    /// Like any that is stopped.
    #[default]
    Listed,
    /// Not at all.
    Hidden,
    /// Where their ids are asked for.
    ById,
}

impl From<EditionName> for Edition {
    fn from(name: EditionName) -> Self {
        match name {
            EditionName::Seeds => Self::Seeds,
            EditionName::Newest => Self::Newest,
            EditionName::Either => Self::Either,
        }
    }
}

impl From<TokensName> for TokenReadings {
    fn from(name: TokensName) -> Self {
        let ecs = match name {
            TokensName::Lenient => TokenReading::Lenient,
            TokensName::Strict => TokenReading::Strict,
        };
        Self { ecs: Some(ecs), zenlayer: None }
    }
}

impl From<FailedName> for FailedShown {
    fn from(name: FailedName) -> Self {
        match name {
            FailedName::Listed => Self::Listed,
            FailedName::Hidden => Self::Hidden,
            FailedName::ById => Self::ById,
        }
    }
}

/// Runs the server until it is told to stop.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    // A log that cannot be written must not end who writes it, as a complaint about that on standard error would.
    let log = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    log.with_writer(std::io::stderr).init();
    if arguments.sandbox && arguments.provisioner != Choice::Simulated {
        return Err(Failure::SandboxOfNone);
    }
    let data = &arguments.data;
    fs::create_dir_all(data).map_err(|source| Failure::File {
        action: "make",
        path: data.clone(),
        source,
    })?;
    let credentials = Credentials::at(&data.join("credentials.toml"))?;
    let vault = credentials::vault_at(&data.join("vault.key"))?;
    let (hatchery, last) = open(data, arguments.catalogue.as_deref())?;
    let hatchery = Arc::new(hatchery);
    let clock = Arc::new(match arguments.sandbox {
        true => Clock::resuming_at(hatchery.last().1),
        false => Clock::default(),
    });

    let named = |name| {
        Label::parse(name)
            .map_err(|error| Failure::Credentials { path: data.clone(), detail: error.to_string() })
    };
    let provisioner = Arc::new(Mutex::new(Simulated::new(named("simulated")?, Faults::default())));
    let keys = Keys::default().with(&credentials.key_id, credentials.secret(), ACCOUNT);
    // A store whose clock was advanced was last served now.
    let last = last.min(clock.wall());
    let front = Front::new(Arc::clone(&hatchery), keys, Arc::clone(&clock)).served_until(last);
    let front = front
        .with_vault(vault.clone())
        .by_edition(arguments.edition.into())
        .showing_failed(arguments.failed.into())
        .reading_tokens(arguments.tokens.into());
    let front = front.operated_by(ACCOUNT);
    let front = match arguments.sandbox {
        true => front.with_sandbox(Sandbox { provisioner: Arc::clone(&provisioner) }),
        false => front,
    };

    let listen = |source| Failure::Listen { address: arguments.listen, source };
    let start = |what| move |source| Failure::Start { what, source };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(start("the runtime"))?;
    let stop = runtime.block_on(async { told_to_stop() }).map_err(start("the watch for signals"))?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind(arguments.listen)).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let simulated = (arguments.provisioner == Choice::Simulated).then_some(provisioner);
    let keeper = Keeper::start(Arc::clone(&hatchery), Arc::clone(&clock), simulated);
    let keeper = keeper.map_err(start("the keeper"))?;
    let (name, choice) = (named("hatchery")?, &arguments.provisioner);
    let worker = Worker::start(choice, name, data, vault, Arc::clone(&hatchery), Arc::clone(&clock));
    let worker = worker.map_err(start("the provisioner"))?;
    let watchdog = Watchdog::start(Arc::clone(&hatchery), Duration::from_secs(arguments.stall_limit));
    let watchdog = watchdog.map_err(start("the watchdog"))?;
    let hooks = Hooks::start(&hatchery, &arguments.webhook, data)?;
    // So that no client has to wait for it at the first listing.
    let listed = Arc::clone(&hatchery);
    runtime.spawn_blocking(move || {
        if let Err(error) = listed.prepare_listings() {
            tracing::error!(%error, "listings are slow: what they are looked up in cannot be made");
        }
    });
    // Requests say when they were made in whole seconds: what is made now would seem to be from
    // before the restart.
    while clock.wall().secs() <= last.secs() {
        std::thread::sleep(RESTART_PAUSE);
    }
    sample::greet(&hatchery, &credentials, ACCOUNT, address, clock.wall());

    runtime.block_on(server::serve(listener, server::router(Arc::new(front)), Limits::default(), stop));
    if let Some(worker) = worker {
        worker.stop();
    }
    keeper.stop();
    hooks.stop();
    watchdog.stop();
    let path = store_path(data);
    hatchery.checkpoint().map_err(|source| Failure::Store { path, source })?;
    say("stopped");
    Ok(())
}

/// The folder of the store within a server's data.
pub(crate) fn store_path(data: &Path) -> PathBuf {
    data.join("store")
}

/// Reads a catalogue file.
pub(crate) fn read_catalogue(path: &Path) -> Outcome<CatalogueFile> {
    let text = fs::read_to_string(path).map_err(|source| Failure::File {
        action: "read",
        path: path.into(),
        source,
    })?;
    CatalogueFile::parse(&text).map_err(|source| Failure::Catalogue { path: path.into(), source })
}

/// Opens the store under `data`, or makes one, and puts the catalogue in force. The store, and the
/// time up to which it was served before.
fn open(data: &Path, catalogue: Option<&Path>) -> Outcome<(Hatchery, Time)> {
    let path = store_path(data);
    let catalogue = catalogue.map(read_catalogue).transpose()?;
    let failure = |source| Failure::Store { path: path.clone(), source };
    let hatchery = match Hatchery::open_watched(&path, Options::default(), &mut opening()) {
        Ok((hatchery, report)) => {
            say(format_args!("opened     {}: {report}", path.display()));
            hatchery
        }
        // Making it may have been cut short before; what there is of it is no store yet.
        Err(StoreError::Open(OpenError::ManifestMissing { .. })) => {
            let mut id = [0_u8; 16];
            getrandom::fill(&mut id).map_err(Failure::Chance)?;
            Hatchery::create(&path, StoreId(id), Options::default()).map_err(failure)?
        }
        Err(error) => return Err(failure(error)),
    };
    let last = hatchery.last().1;
    match catalogue {
        Some(catalogue) => load(&hatchery, &catalogue)?,
        None => load_example(&hatchery)?,
    }
    Ok((hatchery, last))
}

/// Puts the example in force unless another catalogue is. When it is the example that is, its
/// loading may have been cut short: what is missing of it is made.
fn load_example(hatchery: &Hatchery) -> Outcome<()> {
    let path = PathBuf::from("examples/catalogue.toml");
    let example = CatalogueFile::parse(EXAMPLE_CATALOGUE);
    let example = example.map_err(|source| Failure::Catalogue { path, source })?;
    let in_force = Arc::clone(hatchery.snapshot().catalogue());
    if in_force.regions.is_empty() || *in_force == example.load().catalogue {
        load(hatchery, &example)?;
    }
    Ok(())
}

/// Puts a catalogue in force, and makes the account and what networks of it are not there yet.
pub(crate) fn load(hatchery: &Hatchery, catalogue: &CatalogueFile) -> Outcome<()> {
    let now = Clock::default().wall();
    hatchery.commit(catalogue.load(), now).map_err(Failure::CatalogueRefused)?;
    let failed = |error| Failure::AccountRefused(CommitError::Failed(error));
    let opening = catalogue.open_account(ACCOUNT, INSTANCE_LIMIT);
    let account = hatchery.snapshot().account(ACCOUNT).map_err(failed)?;
    // Money is given once, when the account is opened; a limit can change with every loading.
    let opening = match account.map(|account| account.instance_limit) {
        None => Some(opening),
        Some(limit) if limit == opening.instance_limit => None,
        Some(_) => Some(OpenAccount { grant: None, ..opening }),
    };
    if let Some(opening) = opening {
        hatchery.commit(opening, now).map_err(Failure::AccountRefused)?;
    }
    hatchery.commit(catalogue.account_terms(ACCOUNT), now).map_err(Failure::AccountRefused)?;
    for pair in catalogue.key_pairs(ACCOUNT) {
        match hatchery.commit(pair, now) {
            Ok(_) | Err(CommitError::Refused(KeyPairRefusal::NameTaken(_))) => {}
            Err(error) => return Err(Failure::KeyPairRefused(error)),
        }
    }
    for network in catalogue.networks(ACCOUNT) {
        make(hatchery, network, now)?;
    }
    for subnet in catalogue.subnets(ACCOUNT) {
        make(hatchery, subnet, now)?;
    }
    for group in catalogue.groups(ACCOUNT) {
        make(hatchery, group, now)?;
    }
    Ok(())
}

/// Makes something that a catalogue names, unless it has been made before.
fn make<C>(hatchery: &Hatchery, command: C, now: Time) -> Outcome<()>
where
    C: Command<Refusal = NetworkRefusal> + Send + Sync + 'static,
    C::Reply: Send,
{
    match hatchery.commit(command, now) {
        Ok(_) | Err(CommitError::Refused(NetworkRefusal::LabelTaken(_))) => Ok(()),
        Err(error) => Err(Failure::NetworkRefused(error)),
    }
}

/// Resolves when the process is told to stop, by Ctrl-C or SIGTERM; from this call on, neither
/// ends it at once.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_cut_short_is_made_by_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = store_path(folder.path());
        let hatchery = Hatchery::create(&path, StoreId([1; 16]), Options::default()).unwrap();
        let example = CatalogueFile::parse(EXAMPLE_CATALOGUE).unwrap();
        hatchery.commit(example.load(), Clock::default().wall()).unwrap();
        drop(hatchery);

        let (hatchery, _) = open(folder.path(), None).unwrap();
        assert!(hatchery.snapshot().account(ACCOUNT).unwrap().is_some());
        assert_eq!(hatchery.snapshot().subnets(ACCOUNT).unwrap().len(), 2);
    }

    #[test]
    fn loading_a_catalogue_twice_writes_nothing_the_second_time() {
        for text in [EXAMPLE_CATALOGUE, include_str!("../../../tests/sdk/catalogue.toml")] {
            let catalogue = CatalogueFile::parse(text).unwrap();
            let hatchery = Hatchery::in_memory(Options::default()).unwrap();
            load(&hatchery, &catalogue).unwrap();
            let loaded = hatchery.last();
            load(&hatchery, &catalogue).unwrap();
            assert_eq!(hatchery.last(), loaded);
        }
    }
}
