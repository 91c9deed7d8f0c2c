//! Any file of a store may be damaged: the store mends it and holds what it held, or refuses and says why. It never
//! holds something else without a word, never panics and never hangs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::losses::Chance;
use crate::share::{Log, asked};
use crate::specimens::{Ended, Specimen, Verdict, roomy, tight, wide};

const PAGE: usize = 4096;
const SECTOR: usize = 512;
/// A file that is shorter has every bit flipped.
const SMALL: usize = 64 * 1024;
/// A case that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(400);

/// Harm to one file.
#[derive(Clone, Debug)]
enum Harm {
    Flip { byte: usize, bit: u8 },
    Truncate(usize),
    Zero(usize),
    Swap(usize, usize),
    Gone,
}

impl Harm {
    fn to(&self, file: &Path) {
        if let Self::Gone = self {
            return fs::remove_file(file).unwrap();
        }
        let mut bytes = fs::read(file).unwrap();
        match *self {
            Self::Flip { byte, bit } => bytes[byte] ^= 1 << bit,
            Self::Truncate(length) => bytes.truncate(length),
            Self::Zero(page) => {
                let end = bytes.len().min((page + 1) * PAGE);
                bytes[page * PAGE..end].fill(0);
            }
            Self::Swap(one, other) => {
                for at in 0..PAGE {
                    let (one, other) = (one * PAGE + at, other * PAGE + at);
                    if one.max(other) < bytes.len() {
                        bytes.swap(one, other);
                    }
                }
            }
            Self::Gone => {}
        }
        fs::write(file, bytes).unwrap();
    }

    /// Some harm that can be done to so many bytes.
    fn some(length: usize, chance: &mut Chance) -> Self {
        let pages = length.div_ceil(PAGE);
        match chance.below(20) {
            0 => Self::Truncate(chance.below(length)),
            1 => Self::Zero(chance.below(pages)),
            2 => Self::Swap(chance.below(pages), chance.below(pages)),
            _ => Self::Flip { byte: chance.below(length), bit: u8::try_from(chance.below(8)).unwrap() },
        }
    }
}

/// What became of everything that was tried.
#[derive(Debug, Default)]
struct Count {
    cases: u64,
    kinds: BTreeMap<String, u64>,
    wrong: Vec<String>,
}

impl Count {
    fn note(&mut self, specimen: &Specimen, about: &str, verdict: &Verdict, unwritten: bool) {
        self.cases += 1;
        *self.kinds.entry(verdict.kind()).or_default() += 1;
        if !verdict.is_right(specimen.ended, unwritten) {
            self.wrong.push(format!("{}: {about}: {verdict:?}", specimen.name));
        }
    }

    fn plus(&mut self, other: Self) {
        self.cases += other.cases;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.wrong.extend(other.wrong);
    }

    fn check(&self) {
        let some: Vec<_> = self.wrong.iter().take(20).collect();
        assert!(self.wrong.is_empty(), "{} of {} wrong: {some:#?}", self.wrong.len(), self.cases);
    }
}

/// Ends the process when nothing happens for too long.
struct Watchdog(mpsc::Sender<String>);

impl Watchdog {
    fn new() -> Self {
        let (sender, receiver) = mpsc::channel::<String>();
        thread::spawn(move || {
            let mut last = String::new();
            loop {
                match receiver.recv_timeout(PATIENCE) {
                    Ok(case) => last = case,
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        eprintln!("it hangs: {last}");
                        std::process::abort();
                    }
                }
            }
        });
        Self(sender)
    }

    fn case(&self, about: &str) {
        self.0.send(about.to_owned()).unwrap();
    }
}

fn try_harm(specimen: &Specimen, file: &str, harm: &Harm, watchdog: &Watchdog, count: &mut Count) {
    let about = format!("{file}: {harm:?}");
    watchdog.case(&about);
    let verdict = specimen.judge(|path| harm.to(&path.join(file)));
    // Zeros, from where a frame begins to the end, are all that an unwritten end is.
    let unwritten = file.starts_with("journal/") && matches!(harm, Harm::Zero(_) | Harm::Swap(..));
    count.note(specimen, &about, &verdict, unwritten);
}

/// Every harm to a file that is tried one by one.
fn every_harm(length: usize) -> Vec<Harm> {
    let mut harms = vec![Harm::Gone];
    harms.extend((0..length).step_by(SECTOR).map(Harm::Truncate));
    harms.extend((0..length.div_ceil(PAGE)).map(Harm::Zero));
    if length < SMALL {
        harms.extend((0..length).flat_map(|byte| (0..8).map(move |bit| Harm::Flip { byte, bit })));
    }
    harms
}

/// The stores that are damaged: small ones, of which every bit is flipped, and larger ones.
fn specimens() -> Vec<Specimen> {
    const LIFE: &str = "launch 3, token a; claim; all done; claim; all done; long template; stop";
    let growing = format!("{LIFE}; churn 60; hold; churn 60; upkeep");
    vec![
        Specimen::fleet("young", roomy(), "launch", Ended::Well),
        Specimen::fleet("young, killed", roomy(), "launch; checkpoint; launch", Ended::Killed),
        Specimen::fleet("trimmed", tight(), &growing, Ended::Well),
        Specimen::fleet("trimmed, killed", tight(), &growing, Ended::Killed),
        Specimen::bytes("large", wide(), LARGE, Ended::Well),
        Specimen::bytes("large, killed", wide(), LARGE, Ended::Killed),
        Specimen::bytes("rewritten", wide(), REWRITTEN, Ended::Killed),
    ]
}

/// Keys and commits: most of what the index ever got is still in it.
const LARGE: (u64, u64) = (6000, 9000);
/// Most of it was written over again, and what it took is used again.
const REWRITTEN: (u64, u64) = (900, 20_000);

#[test]
fn no_flipped_bit_of_the_index_shows_an_older_value() {
    let log = Log::of("flips of the index");
    let watchdog = Watchdog::new();
    let mut count = Count::default();
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for (name, sizes, ended) in [
        ("large", LARGE, Ended::Well),
        ("rewritten", REWRITTEN, Ended::Well),
        ("killed", LARGE, Ended::Killed),
    ] {
        let specimen = Specimen::bytes(name, wide(), sizes, ended);
        let length = specimen.read("index/db").len();
        assert!(length > 2 << 20, "{name}: several of its segments are full, {length}");
        let mut chance = Chance::new(7);
        let flips = asked("HATCHERY_CORRUPT", 40) / 4;
        for _ in (0..flips).take_while(|_| !log.is_over()) {
            let harm = Harm::Flip { byte: chance.below(length), bit: chance.below(8).try_into().unwrap() };
            try_harm(&specimen, "index/db", &harm, &watchdog, &mut count);
        }
    }
    std::panic::set_hook(quiet);
    log.close(&format!("{} flips: {:?}", count.cases, count.kinds));
    count.check();
}

#[test]
fn no_damage_to_any_file_of_a_real_store_is_silent() {
    let mut log = Log::of("damage, one by one");
    let watchdog = Watchdog::new();
    let mut count = Count::default();
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let specimens = specimens();
    let harms_of = |specimen: &Specimen, file: &String| every_harm(specimen.read(file).len());
    let all = |specimen: &Specimen| {
        specimen.files().iter().map(|file| harms_of(specimen, file).len()).sum::<usize>()
    };
    log.begin(&format!("{} cases", specimens.iter().map(all).sum::<usize>()));
    for specimen in &specimens {
        for file in specimen.files() {
            let unit = format!("{}: {file}", specimen.name);
            if log.is_over() || log.finished(&unit).is_some() {
                continue;
            }
            let harms = harms_of(specimen, &file);
            // A small share: a dozen of each file.
            let stride = if log.is_kept() { 1 } else { harms.len().div_ceil(2).max(1) };
            let mut own = Count::default();
            for harm in harms.iter().step_by(stride).take_while(|_| !log.is_over()) {
                try_harm(specimen, &file, harm, &watchdog, &mut own);
            }
            let cases = own.cases;
            if log.is_kept() && !own.wrong.is_empty() {
                eprintln!("WRONG {:#?}", own.wrong);
            }
            count.plus(own);
            if !log.is_over() {
                log.finish(&unit, cases, count.cases);
            }
        }
    }
    std::panic::set_hook(quiet);
    log.close(&format!("{} cases: {:?}", count.cases, count.kinds));
    count.check();
}

#[test]
fn a_store_that_is_killed_after_its_checkpoint_is_not_rebuilt() {
    let steps = "launch 3; churn 60; checkpoint; launch";
    let specimen = Specimen::fleet("checkpoint", roomy(), steps, Ended::Killed);
    assert_eq!(specimen.judge(|_| {}), Verdict::Unharmed);
}

/// What can be put back from an earlier time by itself.
const PARTS: [&str; 6] = ["MANIFEST", "HOLDS", "CHECKPOINT", "journal", "snapshot", "index"];

#[test]
fn no_file_from_an_earlier_time_is_taken_for_one_of_now() {
    let first = "launch 3; hold; churn 60; upkeep; churn 40; upkeep";
    let pairs = [
        ("both trimmed", tight(), [first, "claim; all done; hold; churn 80; upkeep; launch"]),
        ("one commit more", tight(), [first, "launch"]),
    ];
    let mut count = Count::default();
    for (name, options, steps) in pairs {
        let (later, earlier) = Specimen::twice(name, options, steps);
        let put_back = |path: &Path, part: &str| {
            let (from, to) = (earlier.join(part), path.join(part));
            if from.is_dir() {
                fs::remove_dir_all(&to).unwrap();
                crate::specimens::copy(&from, &to).unwrap();
            } else if from.exists() {
                fs::copy(from, to).unwrap();
            }
        };
        for chosen in 1_u32..1 << PARTS.len() {
            let parts: Vec<_> =
                (0..PARTS.len()).filter(|bit| chosen >> bit & 1 == 1).map(|bit| PARTS[bit]).collect();
            // All who could tell are from then: that is the store as it was.
            let from_then = |part: &&str| parts.contains(part) || later.is_like(&earlier, part);
            if PARTS[2..].iter().all(from_then) {
                continue;
            }
            let verdict = later.judge(|path| parts.iter().for_each(|part| put_back(path, part)));
            count.note(&later, &format!("{parts:?} from then"), &verdict, false);
        }
        for file in later.files() {
            if earlier.join(&file).is_file() {
                let verdict = later.judge(|path| put_back(path, &file));
                count.note(&later, &format!("{file} from then"), &verdict, false);
            }
        }
    }
    eprintln!("{} cases: {:?}", count.cases, count.kinds);
    count.check();
}

#[test]
fn no_random_damage_to_a_real_store_is_silent() {
    const UNIT: u64 = 500;
    let wanted = asked("HATCHERY_CORRUPT", 40);
    let mut log = Log::of("damage by chance");
    let watchdog = Watchdog::new();
    let mut count = Count::default();
    let specimens = specimens();
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut done = 0;
    let mut unit = 0;
    while done < wanted && !log.is_over() {
        let name = format!("cases from {}", unit * UNIT);
        let cases = UNIT.min(wanted - done);
        if log.finished(&name).is_none() {
            for case in 0..cases {
                let mut chance = Chance::new(unit * UNIT + case);
                let specimen = &specimens[chance.below(specimens.len())];
                let files = specimen.files();
                // The large ones more often than the others.
                let file = if chance.below(3) == 0 { "index/db" } else { &files[chance.below(files.len())] };
                let length = specimen.read(file).len();
                if length > 0 {
                    let harm = Harm::some(length, &mut chance);
                    try_harm(specimen, file, &harm, &watchdog, &mut count);
                }
            }
            if log.is_kept() && !count.wrong.is_empty() {
                eprintln!("WRONG so far {:#?}", count.wrong);
            }
            log.finish(&name, cases, done + cases);
        }
        done += cases;
        unit += 1;
    }
    std::panic::set_hook(quiet);
    log.close(&format!("{} cases: {:?}", count.cases, count.kinds));
    count.check();
}
