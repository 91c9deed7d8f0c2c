//! SIGKILL at any moment, and again while the store recovers from it.
//!
//! This shows that commits are whole and in order. That the disk keeps them it does not: the page cache outlives a
//! process. See the power cuts for that.

use std::path::Path;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use hatchery::Hatchery;

use crate::log::Log;
use crate::oracle::Oracle;
use crate::trial::{Remains, Start};
use crate::trouble::{Outcome, told};
use crate::world;

/// How many rounds a store lives through.
const ROUNDS_OF_A_LIFE: u64 = 40;
/// One round in so many is killed while it recovers, too.
const RECOVERY_EVERY: u64 = 10;
/// One store in so many is also checked from outside, with its index.
const CHECK_EVERY: u64 = 8;
/// How long a victim works before it is killed, in microseconds.
const KILL_AFTER: std::ops::Range<u64> = 0..60_000;
const KILL_RECOVERY_AFTER: std::ops::Range<u64> = 0..80_000;
const CALLERS: u8 = 4;
/// How long opening a store may take before it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs rounds until the log has `rounds` of them.
pub(crate) fn run(scratch: &Path, seed: u64, rounds: u64, log: &mut Log) -> Outcome<()> {
    while log.rounds() < rounds {
        let life = seed.wrapping_add(log.rounds() / ROUNDS_OF_A_LIFE);
        let most = ROUNDS_OF_A_LIFE.min(rounds.saturating_sub(log.rounds()));
        live(scratch, life, most, log)?;
    }
    Ok(())
}

/// One store through its rounds, as long as all is well.
fn live(scratch: &Path, life: u64, rounds: u64, log: &mut Log) -> Outcome<()> {
    let folder = tempfile::Builder::new().prefix("kills-").tempdir_in(scratch)?;
    let store = folder.path().join("store");
    let mut chance = Rng::with_seed(life);
    let mut oracle = Oracle::new(life, CALLERS);
    for round in 0..rounds {
        let start = Start::new(&store, life);
        let victim = start.victim(&oracle.lines())?;
        // Most are killed at work, and some while they open or make the store.
        if chance.u8(..4) > 0 {
            victim.opens(PATIENCE);
        }
        thread::sleep(Duration::from_micros(chance.u64(KILL_AFTER)));
        let Remains { heard, .. } = victim.kill()?;
        let again = round % RECOVERY_EVERY == RECOVERY_EVERY - 1;
        if again {
            let after = Duration::from_micros(chance.u64(KILL_RECOVERY_AFTER));
            let victim = start.victim("")?;
            thread::sleep(after);
            victim.kill()?;
        }
        let mut findings = heard.failures.clone();
        match Hatchery::open(&store, world::options(life)) {
            Ok((opened, _)) => findings.extend(oracle.judge(&opened, &heard)?),
            Err(error) if oracle.expects(&heard) => findings.push(told(&error)),
            // Killed before there was a store.
            Err(_) => {}
        }
        if round % CHECK_EVERY == CHECK_EVERY - 1 && oracle.expects(&heard) {
            findings.extend(hatchery::check(&store)?.findings);
        }
        log.round(if again { "kill, and in recovery" } else { "kill" }, &oracle.tally, &findings)?;
        oracle.tally = Default::default();
        if !findings.is_empty() {
            keep(folder, life, round);
            return Ok(());
        }
    }
    Ok(())
}

/// Leaves the folder for whoever wants to know.
pub(crate) fn keep(folder: tempfile::TempDir, life: u64, round: u64) {
    println!("kept: {} (life {life}, round {round})", folder.keep().display());
}
