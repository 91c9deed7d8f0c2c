//! All trials in turn, for as long as one has: a little of each, again and again, each going on from its log.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::log::Log;
use crate::mount::{self, Kind};
use crate::power::Cuts;
use crate::scenes::Place;
use crate::trouble::Outcome;
use crate::{faults, kills, power, program, scenes};

/// How much of each there is in a turn.
const KILLS: u64 = 200;
const CUTS: u64 = 25;
/// A prime number of calls, so that each turn meets others.
const STRIDE: u64 = 97;

/// For how long, and what with.
pub(crate) struct Plan {
    pub(crate) hours: f64,
    pub(crate) program: PathBuf,
    pub(crate) logs: PathBuf,
    pub(crate) seed: u64,
}

/// Takes turns until the time is up. How many rounds failed.
pub(crate) fn run(scratch: &Path, plan: &Plan) -> Outcome<u64> {
    let Plan { hours, program, logs, seed } = plan;
    let until = Instant::now().checked_add(Duration::try_from_secs_f64(hours * 3600.0)?);
    let is_over = || until.is_some_and(|until| Instant::now() >= until);
    let open = |name| Log::open(logs, name, None);
    let [mut killed, mut failing, mut served] = [open("kills")?, open("faults")?, open("program")?];
    let [mut here, mut mounted] = [open(Place::Here.log())?, open(Place::Mounted.log())?];
    let mut cut = [(Kind::Ext4, open(Kind::Ext4.power())?), (Kind::Xfs, open(Kind::Xfs.power())?)];
    let unmountable = mount::missing();
    unmountable.iter().for_each(|why| println!("no power cuts and no file systems of our own: {why}"));
    let mut turn = 0_u64;
    while !is_over() {
        let rounds = killed.rounds().saturating_add(KILLS);
        kills::run(scratch, *seed, rounds, &mut killed)?;
        if unmountable.is_none() {
            for (kind, log) in &mut cut {
                let rounds = log.rounds().saturating_add(CUTS);
                power::run(scratch, Cuts { kind: *kind, seed: *seed, lie: false }, rounds, log)?;
            }
            scenes::run(scratch, Place::Mounted, 1, &mut mounted)?;
        }
        scenes::run(scratch, Place::Here, 1, &mut here)?;
        faults::run(scratch, (turn, STRIDE), &mut failing)?;
        program::run(scratch, program, (turn, STRIDE), &mut served)?;
        turn = turn.saturating_add(1);
    }
    let [(_, ext4), (_, xfs)] = cut;
    let logs = [killed, ext4, xfs, failing, here, mounted, served];
    logs.iter().for_each(Log::close);
    Ok(logs.iter().map(Log::failed).fold(0, u64::saturating_add))
}
