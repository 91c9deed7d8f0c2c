//! Launches on a store, through the same call that an embedder makes.

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hatchery::{
    AccountId, CatalogueFile, Hatchery, Launch, OpenAccount, Options, Policy, StoreId, Time, Wanted,
};

use crate::Turn;

const ME: AccountId = AccountId(1);

/// How many subnets there are, so that a turn does not run out of addresses.
const SUBNETS: usize = 60;

fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(since.as_millis() as u64)
}

fn options() -> Options {
    Options { policy: Policy { group_members_max: u32::MAX, ..Policy::default() }, ..Options::default() }
}

/// One turn on a store in a folder.
pub(crate) fn on_disk(
    dir: &Path,
    callers: usize,
    amount: u8,
    took: Duration,
) -> Result<Turn, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(dir)?;
    let hatchery = Hatchery::create(&folder.path().join("store"), StoreId([7; 16]), options())?;
    turn(&hatchery, callers, amount, took)
}

/// One turn on a store that keeps nothing.
pub(crate) fn in_memory(callers: usize, amount: u8, took: Duration) -> Result<Turn, Box<dyn Error>> {
    turn(&Hatchery::in_memory(options())?, callers, amount, took)
}

/// How many bytes one launch adds to the journal, on average over a few of them.
pub(crate) fn bytes_per_launch(dir: &Path, amount: u8) -> Result<usize, Box<dyn Error>> {
    const LAUNCHES: usize = 64;
    let folder = tempfile::tempdir_in(dir)?;
    let store = folder.path().join("store");
    let hatchery = Hatchery::create(&store, StoreId([7; 16]), options())?;
    furnish(&hatchery)?;
    let before = journal_bytes(&store)?;
    for subnet in 0..LAUNCHES {
        hatchery.commit(launch(subnet, amount)?, now())?;
    }
    Ok((journal_bytes(&store)? - before) / LAUNCHES)
}

/// How far the journal is written: segments are filled with zeros in advance.
fn journal_bytes(store: &Path) -> std::io::Result<usize> {
    let mut bytes = 0;
    for segment in std::fs::read_dir(store.join("journal"))? {
        let written = std::fs::read(segment?.path())?;
        bytes += written.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    }
    Ok(bytes)
}

fn turn(hatchery: &Hatchery, callers: usize, amount: u8, took: Duration) -> Result<Turn, Box<dyn Error>> {
    furnish(hatchery)?;
    let commits = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let commits = &commits;
            scope.spawn(move || {
                let mut subnet = caller;
                while start.elapsed() < took {
                    subnet += 1;
                    let launch = launch(subnet, amount).expect("the labels are labels");
                    hatchery.commit(launch, now()).expect("there is enough of everything");
                    commits.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    Ok(Turn { commits: commits.into_inner(), took: start.elapsed() })
}

/// A world that a turn does not use up.
fn furnish(hatchery: &Hatchery) -> Result<(), Box<dyn Error>> {
    let mut text = String::from(
        "[[region]]\nid = 'r'\n[[zone]]\nid = 'z'\nregion = 'r'\n\
         [[instance_type]]\nid = 't'\nfamily = 'f'\ncpus = 1\nmemory_mib = 1024\nstock = { z = 100000000 }\n\
         [[image]]\nid = 'i'\nos = 'linux'\nsize_gib = 20\n\
         [[network]]\nid = 'n'\nregion = 'r'\nblock = '10.0.0.0/8'\n[[group]]\nid = 'g'\nnetwork = 'n'\n",
    );
    for subnet in 0..SUBNETS {
        text += &format!(
            "[[subnet]]\nid = 's{subnet}'\nnetwork = 'n'\nzone = 'z'\nblock = '10.{subnet}.0.0/16'\n"
        );
    }
    let file = CatalogueFile::parse(&text)?;
    hatchery.commit(file.load(), now())?;
    hatchery.commit(OpenAccount { id: ME, instance_limit: u32::MAX, grant: None }, now())?;
    file.networks(ME).try_for_each(|network| hatchery.commit(network, now()).map(drop))?;
    file.subnets(ME).try_for_each(|subnet| hatchery.commit(subnet, now()).map(drop))?;
    file.groups(ME).try_for_each(|group| hatchery.commit(group, now()).map(drop))?;
    Ok(())
}

fn launch(subnet: usize, amount: u8) -> Result<Launch, Box<dyn Error>> {
    Ok(Launch {
        image: Some("i".parse()?),
        instance_type: Some("t".parse()?),
        groups: vec!["g".parse()?],
        subnet: Some(format!("s{}", subnet % SUBNETS).parse()?),
        wanted: Wanted::new(amount, amount).ok_or("the amount is 1 to 100")?,
        ..Launch::new(ME, "r".parse()?)
    })
}
