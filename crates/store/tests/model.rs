//! The same random histories as the core's, played on a store on disk that is closed and opened
//! again every few steps, beside the model that only counts.
//!
//! `PROPTEST_CASES=2000 cargo test -p store --test model` looks longer.
#![allow(clippy::arithmetic_side_effects, clippy::panic, clippy::unwrap_used)]

use std::path::PathBuf;

use fleet::{Audit, Command, Record, Time};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use store::{CommitError, Options, Store, StoreId, check};
use testkit::{Driver, Fleet, SmallWorld, strategies};

/// Where failures are kept; they are tried first the next time.
const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/store-model.txt");
const CASES: u32 = 24;

/// A store that is closed and opened again after every so many commands.
struct Reopened {
    path: PathBuf,
    store: Option<Store>,
    every: usize,
    commands: usize,
}

fn options() -> Options {
    Options { policy: SmallWorld::policy(), ..Options::default() }
}

impl Reopened {
    fn new(path: PathBuf, every: usize) -> Self {
        let store = Store::create(&path, StoreId([3; 16]), options()).unwrap();
        Self { path, store: Some(store), every, commands: 0 }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        drop(self.store.take());
        let (store, report) = Store::open(&self.path, options()).unwrap();
        assert!(report.cut.is_none() && report.rebuilt.is_none() && report.lost.is_none(), "{report}");
        self.store = Some(store);
    }
}

impl Fleet for Reopened {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.commands += 1;
        if self.commands.is_multiple_of(self.every) {
            self.reopen();
        }
        self.store().commit(command.clone(), now).map_err(|error| match error {
            CommitError::Refused(refusal) => refusal,
            CommitError::Busy { waiting } => panic!("{waiting} commands wait for one caller"),
            CommitError::Failed(error) => panic!("{error}"),
        })
    }

    fn records(&self) -> Vec<Record> {
        self.store().snapshot().records().unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // A mistake that was planted is nothing to remember.
        failure_persistence: std::env::var_os("HATCHERY_PLANTED")
            .is_none()
            .then(|| Box::new(FileFailurePersistence::Direct(REGRESSIONS)) as _),
        ..ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap()))
    })]

    #[test]
    fn a_store_does_what_the_model_counts_however_often_it_is_opened(
        (mut model, actions) in strategies::histories(1..60),
        every in 3_usize..20,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let mut store = Reopened::new(path.clone(), every);
        SmallWorld::new().furnish(&mut store);
        let mut driver = Driver::new(store);
        for action in actions {
            model.act(&action);
            prop_assert_eq!(&driver.act(&action), model.reply());
            prop_assert_eq!(driver.summary(), model.summary());
        }
        let mut audit = Audit::default();
        driver.fleet.records().into_iter().for_each(|record| audit.see(record));
        prop_assert_eq!(audit.findings(), []);
        drop(driver);
        let checked = check(&path).unwrap();
        prop_assert_eq!(checked.findings, Vec::<String>::new());
    }
}
