//! The stores that commands are tried on: what is in them, and how their files stand.
//!
//! Each is built by steps on an empty disk. `close` and `kill` end the process in between and begin another; `torn`
//! is a commit that the power took half of.

use std::sync::{Arc, LazyLock};

use fleet::{Policy, Span};
use testkit::SmallWorld;

use crate::losses::Moment;
use crate::play::{Play, Told, furnish};
use crate::steps::Step;
use crate::tape::{Image, Op, Tape};
use store::engine::local::{self, Local};
use store::{Options, Store, StoreId, inside};

pub(crate) const STORE: StoreId = StoreId(*b"a store of proof");

/// A store to begin with.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) name: String,
    pub(crate) options: Options,
    pub(crate) image: Image,
}

/// The table of them.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proof/starts.txt");

fn rows() -> Vec<String> {
    let text = std::fs::read_to_string(TABLE).unwrap();
    let rows = text.lines().filter(|line| line.contains('|') && !line.starts_with('#'));
    rows.map(str::to_owned).collect()
}

/// Every row of the table, built once for all who ask.
pub(crate) fn all() -> &'static [Start] {
    static ALL: LazyLock<Vec<Start>> = LazyLock::new(|| {
        let (built, failed): (Vec<_>, Vec<_>) = rows().iter().map(|row| build(row)).partition(Result::is_ok);
        let failed: Vec<_> = failed.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        built.into_iter().flatten().collect()
    });
    &ALL
}

/// The start state of that name.
pub(crate) fn named(name: &str) -> Start {
    let rows = rows();
    let row = rows.iter().find(|row| row.split('|').next().unwrap().trim() == name);
    build(row.unwrap_or_else(|| panic!("there is no start {name}"))).unwrap()
}

fn build(row: &str) -> Result<Start, String> {
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    let [name, world, disk, steps] = cells[..] else { panic!("{row}") };
    let (policy, grant) = match world {
        "plain" => (SmallWorld::policy(), None),
        "paid" => (SmallWorld::policy(), Some(500)),
        "cooling" => (Policy { address_cool_down: Span::from_secs(100), ..SmallWorld::policy() }, None),
        other => panic!("no such world: {other}"),
    };
    let options = Options { policy, engine: engine(disk), ..Options::default() };
    let mut building = Building::begin(options, grant);
    for step in steps.split("; ").filter(|step| !step.is_empty()) {
        building.step(step).map_err(|told| format!("{name}: {step}: {told}"))?;
    }
    Ok(Start { name: name.to_owned(), image: building.end(), options: building.options })
}

fn engine(disk: &str) -> local::Options {
    let plain = local::Options { ballast_bytes: 0, free_space_min: 0, ..local::Options::default() };
    match disk {
        "roomy" => local::Options { segment_size: 64 * 1024, ..plain },
        "tight" => local::Options {
            segment_size: 4 * 1024,
            checkpoint_segments: 2,
            snapshot_min_bytes: 8 * 1024,
            keep_for: Span::from_secs(0),
            keep_bytes: 4 * 1024,
            spare_segments: 1,
            ..plain
        },
        other => panic!("no such disk: {other}"),
    }
}

/// A store that is being built.
struct Building {
    options: Options,
    disk: Tape,
    /// `None` when the process has ended for good.
    store: Option<Store>,
    now: fleet::Time,
}

impl Building {
    fn begin(options: Options, grant: Option<u64>) -> Self {
        let disk = Tape::default();
        let engine = Local::create_on(Arc::new(disk.clone()), STORE, options.engine).unwrap();
        let store = inside::over(Box::new(engine), options.clone()).unwrap();
        furnish(&mut Play::new(&store), grant);
        Self { options, disk, store: Some(store), now: fleet::Time::START }
    }

    fn step(&mut self, step: &str) -> Result<(), String> {
        if let Some(("without", file)) = step.split_once(' ') {
            self.lose(file);
            return Ok(());
        }
        match step {
            "close" => {
                drop(self.store.take());
                let image = self.disk.image();
                self.reopen(image);
            }
            "kill" => {
                let image = self.disk.image();
                self.reopen(image);
            }
            "torn" => self.tear()?,
            step => {
                let mut play = Play::new(self.store.as_ref().unwrap());
                play.now = self.now.max(play.now);
                let told = Step::parse(step).take(&mut play);
                if !matches!(told, Told::Done(_)) && step != "launch too many" {
                    return Err(format!("{told:?}"));
                }
                self.now = play.now;
            }
        }
        Ok(())
    }

    fn reopen(&mut self, image: Image) {
        self.disk.stop();
        drop(self.store.take());
        self.disk = Tape::over(image);
        let (engine, _) = Local::open_on(Arc::new(self.disk.clone()), self.options.engine).unwrap();
        self.store = Some(inside::over(Box::new(engine), self.options.clone()).unwrap());
    }

    /// A launch of which only the first sector reached the disk.
    fn tear(&mut self) -> Result<(), String> {
        self.step("launch 3")?;
        let (base, ops) = self.disk.recorded();
        let synced = ops.iter().rposition(|op| matches!(op, Op::Sync(_))).unwrap();
        let mut moment = Moment::new(base);
        ops[..synced].iter().for_each(|op| moment.step(op));
        let image = moment.crash_with_one_part();
        self.disk.stop();
        self.store = None;
        self.disk = Tape::over(image);
        Ok(())
    }

    fn lose(&mut self, file: &str) {
        let mut image = self.disk.image();
        image.names.retain(|name, _| name != file && !name.starts_with(&format!("{file}/")));
        image.directories.retain(|name| name != file);
        self.disk.stop();
        self.store = None;
        self.disk = Tape::over(image);
    }

    fn end(&mut self) -> Image {
        let image = self.disk.image();
        self.disk.stop();
        drop(self.store.take());
        image
    }
}
