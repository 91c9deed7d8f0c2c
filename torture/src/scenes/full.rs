//! Disks without room.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Findings, behaved, expect, judge};
use crate::faults::PATIENCE;
use crate::mount::{Kind, Mount};
use crate::oracle::Oracle;
use crate::trial::Start;
use crate::trouble::Outcome;
use crate::world;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
/// What must stay free for launches.
const FLOOR: u64 = MIB;

pub(super) fn in_memory(folder: &Path) -> Findings {
    fill(&Mount::in_memory(8 * MIB, folder)?)
}

pub(super) fn on_ext4(folder: &Path) -> Findings {
    fill(&Mount::make_of(Kind::Ext4, 16 * MIB, folder, "loop")?)
}

/// A store on a disk with room, with little room, with none, and with room again.
fn fill(mount: &Mount) -> Findings {
    let (life, store) = (life_with_ballast(), mount.point.join("store"));
    let mut oracle = Oracle::new(life, 1);
    let mut start = Start::new(&store, life);
    start.arguments = words(&["--steps", "120", "--floor", &FLOOR.to_string()]);

    let (heard, mut findings) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
    expect(&mut findings, heard.failures.is_empty(), || format!("with room: {:?}", heard.failures));
    findings.extend(judge(&store, life, &mut oracle, &heard)?);

    let filler = Filler::leaving(mount, FLOOR / 2)?;
    let (heard, more) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
    findings.extend(more);
    let refused = |why: &String| why.starts_with("launch ") && why.contains("have to stay free");
    expect(&mut findings, heard.failures.iter().any(refused), || "no launch was refused".to_owned());
    expect(&mut findings, heard.failures.iter().all(refused), || {
        format!("with little room, other than launches: {:?}", heard.failures)
    });
    let done = heard.steps.values().flatten().filter(|step| !step.idle).count();
    expect(&mut findings, done > 0, || "with little room, nothing else went on".to_owned());
    findings.extend(judge(&store, life, &mut oracle, &heard)?);

    filler.to_the_brim()?;
    let (heard, more) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
    findings.extend(more);
    expect(&mut findings, heard.opened, || format!("it does not open without room: {:?}", heard.failures));

    filler.remove()?;
    findings.extend(judge(&store, life, &mut oracle, &heard)?);
    let (heard, more) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
    findings.extend(more);
    expect(&mut findings, heard.failures.is_empty(), || format!("with room again: {:?}", heard.failures));
    findings.extend(judge(&store, life, &mut oracle, &heard)?);
    Ok(findings)
}

/// The index is gone, and there is too little room for another.
pub(super) fn rebuilding(folder: &Path) -> Findings {
    let mount = Mount::in_memory(6 * MIB, folder)?;
    let (life, store) = (life_with_ballast(), mount.point.join("store"));
    let mut oracle = Oracle::new(life, 1);
    let mut start = Start::new(&store, life);
    start.arguments = words(&["--steps", "200"]);
    let (heard, mut findings) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
    findings.extend(judge(&store, life, &mut oracle, &heard)?);
    fs::remove_dir_all(store.join("index"))?;
    fs::remove_file(store.join("BALLAST"))?;
    for room in [0, KIB * 4, KIB * 16, KIB * 64, KIB * 256] {
        let filler = Filler::leaving(&mount, room)?;
        let (heard, more) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
        findings.extend(more);
        filler.remove()?;
        findings.extend(judge(&store, life, &mut oracle, &heard)?);
        fs::remove_dir_all(store.join("index"))?;
    }
    Ok(findings)
}

pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A life whose store sets room aside.
fn life_with_ballast() -> u64 {
    (1..).find(|life| world::options(*life).engine.ballast_bytes > 0).unwrap_or_default()
}

/// A file that takes the room of others.
struct Filler(PathBuf);

impl Filler {
    fn leaving(mount: &Mount, bytes: u64) -> Outcome<Self> {
        let path = mount.point.join("filler");
        let space = rustix::fs::statvfs(&mount.point)?;
        let free = space.f_bavail.saturating_mul(space.f_frsize);
        let file = File::create(&path)?;
        let flags = rustix::fs::FallocateFlags::empty();
        match free.saturating_sub(bytes) {
            0 => {}
            taken => rustix::fs::fallocate(&file, flags, 0, taken)?,
        }
        Ok(Self(path))
    }

    /// Takes all that is left.
    fn to_the_brim(&self) -> Outcome<()> {
        let mut file = File::options().append(true).open(&self.0)?;
        let block = [0; 4096];
        while file.write_all(&block).is_ok() {}
        // What does not fit is told by now, or by this.
        let _fits_or_not = file.sync_all();
        Ok(())
    }

    fn remove(self) -> Outcome<()> {
        Ok(fs::remove_file(self.0)?)
    }
}
