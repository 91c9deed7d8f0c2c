//! A small world in a folder of its own.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::panic, clippy::unwrap_used)]

use std::path::PathBuf;

use hatchery::{
    AccountId, CatalogueFile, Claim, Hatchery, InstanceId, Launch, Launched, OpenAccount, Options, Report,
    Span, StoreId, Time, WorkOutcome,
};

pub(crate) const ME: AccountId = AccountId(1);
pub(crate) const NOW: Time = Time::from_secs(1_767_323_045);

const WORLD: &str = "
    [[region]]
    id = 'r'
    [[zone]]
    id = 'z'
    region = 'r'
    [[instance_type]]
    id = 't'
    family = 'f'
    cpus = 2
    memory_mib = 4096
    stock = { z = 1000 }
    [[image]]
    id = 'i'
    os = 'linux'
    size_gib = 20
    [[network]]
    id = 'n'
    region = 'r'
    block = '10.0.0.0/16'
    [[subnet]]
    id = 's'
    network = 'n'
    zone = 'z'
    block = '10.0.0.0/22'
    [[group]]
    id = 'g'
    network = 'n'
";

/// A folder that goes when it is dropped.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.0.path().join("store")
    }
}

/// A new store with the world in it.
pub(crate) fn furnished(folder: &Folder) -> Hatchery {
    let hatchery = Hatchery::create(&folder.store(), StoreId([7; 16]), Options::default()).unwrap();
    furnish(&hatchery);
    hatchery
}

pub(crate) fn furnish(hatchery: &Hatchery) {
    let file = CatalogueFile::parse(WORLD).unwrap();
    hatchery.commit(OpenAccount { id: ME, instance_limit: 1000, grant: None }, NOW).unwrap();
    hatchery.commit(file.load(), NOW).unwrap();
    file.networks(ME).for_each(|network| drop(hatchery.commit(network, NOW).unwrap()));
    file.subnets(ME).for_each(|subnet| drop(hatchery.commit(subnet, NOW).unwrap()));
    file.groups(ME).for_each(|group| drop(hatchery.commit(group, NOW).unwrap()));
}

/// A launch of one instance that succeeds.
pub(crate) fn launch() -> Launch {
    Launch {
        image: Some("i".parse().unwrap()),
        instance_type: Some("t".parse().unwrap()),
        subnet: Some("s".parse().unwrap()),
        groups: vec!["g".parse().unwrap()],
        ..Launch::new(ME, "r".parse().unwrap())
    }
}

pub(crate) fn launched(hatchery: &Hatchery, launch: Launch) -> Vec<InstanceId> {
    match hatchery.commit(launch, NOW).unwrap() {
        Launched::Batch { instances, .. } => instances,
        other @ (Launched::Would(_) | Launched::Refused(_)) => panic!("the launch was meant: {other:?}"),
    }
}

/// Does all the work there is, until there is none.
pub(crate) fn provision(hatchery: &Hatchery, now: Time) {
    loop {
        let claim = Claim { worker: "w".parse().unwrap(), lease: Span::from_secs(60), limit: 100 };
        let items = hatchery.commit(claim, now).unwrap();
        if items.is_empty() {
            return;
        }
        for item in items {
            let report = Report { id: item.id, attempt: item.attempt, outcome: WorkOutcome::Done };
            hatchery.commit(report, now).unwrap();
        }
    }
}

pub(crate) fn later(seconds: u64) -> Time {
    NOW.after(Span::from_secs(seconds))
}
