//! Measures Hatchery beside what the disk and the processor allow, and beside other stores, in one run.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml -- all --dir DIR --write-docs`
//!
//! Everything that is compared takes turns, round by round, with `fdatasync` on; what is said are medians
//! of the rounds, with the lowest and the highest. `--only` picks sections, `--contenders` who takes part.

// Without any peer, what is only there for peers is never used.
#![cfg_attr(
    not(any(
        feature = "sqlite",
        feature = "redb",
        feature = "fjall",
        feature = "lmdb",
        feature = "rocksdb",
        feature = "sled",
        feature = "postgres"
    )),
    allow(dead_code)
)]

mod chart;
mod contenders;
mod facts;
mod fill;
mod floor;
mod grouped;
mod journal;
mod measure;
mod ours;
mod peers;
mod report;
mod schema;
mod sections;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
use fill::Filled;
use measure::Failure;
use report::Section;

#[derive(Parser)]
#[command(about = "Measures Hatchery beside what the machine allows, and beside other stores")]
enum Program {
    /// Measures.
    All(Plan),
    /// Is measured, by the program itself.
    #[command(hide = true)]
    Child(sections::size::Child),
}

/// What is measured, where, and for how long.
#[derive(Args, Clone)]
struct Plan {
    /// Where the files go: a folder on the disk that is to be measured.
    #[arg(long)]
    dir: PathBuf,
    /// The sections to run, in place of all of them.
    #[arg(long, value_delimiter = ',')]
    only: Option<Vec<Part>>,
    /// Who takes part in the section on launches, in place of all.
    #[arg(long, value_delimiter = ',')]
    contenders: Option<Vec<String>>,
    /// How long each turn takes, in milliseconds.
    #[arg(long, default_value_t = 800)]
    turn: u64,
    /// How many rounds are counted, after one that is not.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many callers launch.
    #[arg(long, value_delimiter = ',', default_value = "1,64")]
    callers: Vec<usize>,
    /// How many instances a launch asks for.
    #[arg(long, value_delimiter = ',', default_value = "1,100")]
    amounts: Vec<u8>,
    /// How many instances the large stores hold.
    #[arg(long, default_value_t = 1_000_000)]
    instances: u64,
    /// Writes `docs/performance.md` and its charts.
    #[arg(long)]
    write_docs: bool,
}

/// A section of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Part {
    /// Launches per second beside the floor and the peers.
    Launches,
    /// Launches per second over the number of callers.
    Callers,
    /// Bytes on disk and in memory, and opening.
    Size,
    /// Launches and addresses when there is much already.
    Growth,
    /// Instances by id, and pages of listings.
    Reads,
    /// Requests, from bytes to meaning.
    Parse,
}

/// The titles of the sections, in the order of the page.
const TITLES: [&str; 6] = ["Launches", "Callers", "Size and opening", "Growth", "Reads", "Requests"];

impl Plan {
    const fn turn(&self) -> Duration {
        Duration::from_millis(self.turn)
    }

    fn parts(&self) -> Vec<Part> {
        let wanted = |part: &Part| self.only.as_ref().is_none_or(|only| only.contains(part));
        Part::value_variants().iter().copied().filter(wanted).collect()
    }
}

fn main() -> Result<(), Failure> {
    let plan = match Program::parse() {
        Program::All(plan) => plan,
        Program::Child(child) => return sections::size::be_child(&child),
    };
    std::fs::create_dir_all(&plan.dir)?;
    let head = head(&plan);
    println!("{head}");
    let (mut sections, mut large) = (Vec::new(), Large::default());
    for part in plan.parts() {
        let mut section = run(part, &plan, &mut large)?;
        section.about += &format!("\n\nMeasured in {} rounds of {} ms a turn.", plan.rounds, plan.turn);
        println!("{}", section.plain());
        sections.push(section);
        // After each section: whoever interrupts a long run keeps what was measured.
        if plan.write_docs {
            let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
            report::write(&docs, &head, &TITLES, &sections)?;
        }
    }
    Ok(())
}

/// The large stores, each made when it is first wanted.
#[derive(Default)]
struct Large {
    by_the_hundred: Option<Filled>,
    one_by_one: Option<Filled>,
}

impl Large {
    fn many(&mut self, plan: &Plan) -> Result<&Filled, Failure> {
        made(&mut self.by_the_hundred, plan, fill::AMOUNT)
    }

    fn both(&mut self, plan: &Plan) -> Result<[&Filled; 2], Failure> {
        Ok([made(&mut self.by_the_hundred, plan, fill::AMOUNT)?, made(&mut self.one_by_one, plan, 1)?])
    }
}

fn made<'f>(filled: &'f mut Option<Filled>, plan: &Plan, amount: u8) -> Result<&'f Filled, Failure> {
    let found = match filled.take() {
        Some(found) => found,
        None => Filled::new(&plan.dir, plan.instances, amount)?,
    };
    Ok(filled.insert(found))
}

fn run(part: Part, plan: &Plan, large: &mut Large) -> Result<Section, Failure> {
    match part {
        Part::Launches => sections::launches::run(plan),
        Part::Callers => sections::callers::run(plan),
        Part::Size => sections::size::run(large.both(plan)?),
        Part::Growth => sections::growth::run(plan, large.both(plan)?),
        Part::Reads => sections::reads::run(plan, large.many(plan)?),
        Part::Parse => sections::parse::run(),
    }
}

fn head(plan: &Plan) -> String {
    let mut text = String::from(
        "# Performance\n\n\
         Written by `cargo run --release --manifest-path bench/Cargo.toml -- all --dir DIR --write-docs`. All that is\n\
         compared took turns in one run on one machine, each time another one first, in folders of their own, with a\n\
         `sync` of the disk before each turn and a round before them that is not counted. Figures are medians of the\n\
         rounds, with the lowest and the highest; ratios are taken round by round. Only the ratios mean anything on\n\
         another machine. What is written in Rust, ours and the peers', is built as one piece, as for production\n\
         (`lto = \"fat\"`, `codegen-units = 1`); libraries in C as they come.\n\n",
    );
    for (what, fact) in facts::machine(&plan.dir) {
        text += &format!("- {what}: {fact}\n");
    }
    text + "\n"
}
