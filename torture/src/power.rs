//! Power cuts on real file systems: what was not synced is gone, and what was acknowledged is there.
//!
//! The plug is pulled with the shutdown call of the file system. What a victim acknowledged is in the pipe, outside.

use std::path::Path;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use hatchery::Hatchery;

use crate::faults::{self, Fault};
use crate::kills::keep;
use crate::log::Log;
use crate::mount::{self, Kind, Mount};
use crate::oracle::{Oracle, Tally};
use crate::trial::{Remains, Start, Victim};
use crate::trouble::{Outcome, told};
use crate::world;

/// How many cuts a file system lives through.
const ROUNDS_OF_A_LIFE: u64 = 25;
/// One round in so many is cut again while the store recovers.
const RECOVERY_EVERY: u64 = 5;
/// How long a victim works before the plug is pulled, in microseconds.
const CUT_AFTER: std::ops::Range<u64> = 0..80_000;
const CUT_RECOVERY_AFTER: std::ops::Range<u64> = 0..80_000;
const CALLERS: u8 = 4;
/// How long opening a store may take before it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whose plug is pulled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts {
    pub(crate) kind: Kind,
    pub(crate) seed: u64,
    /// Its syncs do nothing.
    pub(crate) lie: bool,
}

/// Cuts until the log has `rounds` of them.
pub(crate) fn run(scratch: &Path, cuts: Cuts, rounds: u64, log: &mut Log) -> Outcome<()> {
    if cuts.lie {
        return lie(scratch, cuts, rounds, log);
    }
    while log.rounds() < rounds {
        let seed = cuts.seed.wrapping_add(log.rounds() / ROUNDS_OF_A_LIFE);
        let most = ROUNDS_OF_A_LIFE.min(rounds.saturating_sub(log.rounds()));
        live(scratch, Cuts { seed, ..cuts }, most, log)?;
    }
    Ok(())
}

/// A disk that lies loses what was acknowledged, and that has to be found in a few cuts of each store.
fn lie(scratch: &Path, cuts: Cuts, stores: u64, log: &mut Log) -> Outcome<()> {
    for seed in 0..stores {
        let memory = tempfile::Builder::new().prefix("lies-").tempdir_in(scratch)?;
        let mut lies = Log::open(memory.path(), "cuts", None)?.silent();
        live(scratch, Cuts { seed, ..cuts }, ROUNDS_OF_A_LIFE, &mut lies)?;
        let findings = if lies.failed() > 0 { Vec::new() } else { vec!["no loss was found".to_owned()] };
        log.round("a disk that lies is found out", &Tally::default(), &findings)?;
    }
    Ok(())
}

/// One file system through its cuts.
fn live(scratch: &Path, cuts: Cuts, rounds: u64, log: &mut Log) -> Outcome<()> {
    let Cuts { kind, seed: life, lie } = cuts;
    let folder = tempfile::Builder::new().prefix("power-").tempdir_in(scratch)?;
    let mut mount = Mount::make(kind, folder.path())?;
    let mut start = Start::new(&mount.point.join("store"), life);
    if lie {
        let (shim, fault) =
            (faults::build(folder.path())?, Fault { call: "fdatasync", how: "lie", sticky: true });
        start.variables = faults::variables(&shim, &start.store, fault, 1);
    }
    let mut chance = Rng::with_seed(life);
    let mut oracle = Oracle::new(life, CALLERS);
    for round in 0..rounds {
        let victim = start.victim(&oracle.lines())?;
        // Most cuts are to meet it at work, and some while it opens or makes the store.
        if chance.u8(..4) > 0 && !victim.opens(PATIENCE) {
            let Remains { heard, .. } = victim.kill()?;
            log.round("power cut", &Tally::default(), &[format!("it does not open: {:?}", heard.failures)])?;
            return Ok(());
        }
        let after = Duration::from_micros(chance.u64(CUT_AFTER));
        let Remains { heard, .. } = cut(&mut mount, victim, after, &mut chance)?;
        let again = round % RECOVERY_EVERY == RECOVERY_EVERY - 1;
        if again {
            let after = Duration::from_micros(chance.u64(CUT_RECOVERY_AFTER));
            cut(&mut mount, start.victim("")?, after, &mut chance)?;
        }
        // That calls fail once the plug is pulled is no finding.
        let mut findings = Vec::new();
        match Hatchery::open(&start.store, world::options(life)) {
            Ok((opened, _)) => findings.extend(oracle.judge(&opened, &heard)?),
            Err(error) if oracle.expects(&heard) => findings.push(told(&error)),
            Err(_) => {}
        }
        let what = if again { "power cut, and in recovery" } else { "power cut" };
        log.round(what, &std::mem::take(&mut oracle.tally), &findings)?;
        if !findings.is_empty() {
            drop(mount);
            if !lie {
                keep(folder, life, round);
            }
            return Ok(());
        }
    }
    Ok(())
}

/// Lets the victim work for a while, pulls the plug, and plugs it in again.
fn cut(mount: &mut Mount, victim: Victim, after: Duration, chance: &mut Rng) -> Outcome<Remains> {
    thread::sleep(after);
    mount.cut(if chance.u8(..4) == 0 { mount::Log::Written } else { mount::Log::Lost })?;
    let remains = victim.kill()?;
    mount.come_back()?;
    Ok(remains)
}
