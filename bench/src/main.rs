//! Launches per second, beside what the disk itself allows, in one run on one machine.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml -- --dir DIR`
//!
//! Three things take turns, round by round: *floor* appends as many bytes as a launch's frame has to
//! a file whose space was written before, and syncs it with `fdatasync`, in groups like the store's;
//! *local* launches on a store in a folder; *memory* launches on one that keeps nothing. Medians of
//! the rounds are printed with the lowest and the highest.

mod floor;
mod launches;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// Where the files go: a folder on the disk that is to be measured.
    #[arg(long)]
    dir: PathBuf,
    /// How long each turn takes, in milliseconds.
    #[arg(long, default_value_t = 3000)]
    turn: u64,
    /// How many rounds are counted, after one that is not.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many callers there are.
    #[arg(long, value_delimiter = ',', default_value = "1,64")]
    callers: Vec<usize>,
    /// How many instances a launch asks for.
    #[arg(long, value_delimiter = ',', default_value = "1")]
    amounts: Vec<u8>,
}

/// One turn: how many commits were acknowledged in how long, and how many bytes one took.
#[derive(Clone, Copy)]
struct Turn {
    commits: u64,
    took: Duration,
}

impl Turn {
    fn per_second(self) -> f64 {
        self.commits as f64 / self.took.as_secs_f64()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { dir, turn, rounds, callers, amounts } = Arguments::parse();
    std::fs::create_dir_all(&dir)?;
    let turn = Duration::from_millis(turn);
    println!(
        "{rounds} rounds of {turn:?} a turn, fdatasync on; commits per second: median (lowest to highest)\n"
    );
    println!(
        "callers  instances  bytes   floor                     local                     memory                    local/floor"
    );
    for amount in amounts {
        for callers in &callers {
            let bytes = launches::bytes_per_launch(&dir, amount)?;
            let mut series = [Vec::new(), Vec::new(), Vec::new()];
            for round in 0..=rounds {
                let turns = [
                    floor::turn(&dir, *callers, bytes, turn)?,
                    launches::on_disk(&dir, *callers, amount, turn)?,
                    launches::in_memory(*callers, amount, turn)?,
                ];
                if round > 0 {
                    series.iter_mut().zip(turns).for_each(|(series, turn)| series.push(turn.per_second()));
                }
            }
            let [floor, local, memory] = series.map(Spread::of);
            let ratio = local.median / floor.median;
            println!(
                "{callers:>7}  {amount:>9}  {bytes:>5}   {floor:<24}  {local:<24}  {memory:<24}  {ratio:.2}"
            );
        }
    }
    Ok(())
}

struct Spread {
    lowest: f64,
    median: f64,
    highest: f64,
}

impl Spread {
    fn of(mut series: Vec<f64>) -> Self {
        series.sort_by(f64::total_cmp);
        let at = |index: usize| series.get(index).copied().unwrap_or(0.0);
        Self { lowest: at(0), median: at(series.len() / 2), highest: at(series.len().saturating_sub(1)) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { lowest, median, highest } = self;
        f.pad(&format!("{median:.0} ({lowest:.0} to {highest:.0})"))
    }
}
