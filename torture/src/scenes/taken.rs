//! Files that are taken away, held by somebody else, or not what they were.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use hatchery::Hatchery;

use super::full::words;
use super::{Findings, behaved, expect, judge};
use crate::faults::{self, Fault, PATIENCE};
use crate::mount::{Kind, Mount};
use crate::oracle::Oracle;
use crate::told::Heard;
use crate::trial::{Remains, Start, Victim};
use crate::trouble::{Outcome, Trouble, told};
use crate::world;

const LIFE: u64 = 5;
/// How long a victim works before something is done to it.
const WORK: Duration = Duration::from_millis(60);
const CALLERS: u8 = 3;
/// How many threads have to be there for a store to be opened.
const THREADS_NEEDED: u64 = 4;

/// A store that has been worked on, closed and judged.
struct Closed {
    store: PathBuf,
    oracle: Oracle,
    findings: Vec<String>,
}

fn closed(folder: &Path) -> Outcome<Closed> {
    let store = folder.join("store");
    let mut oracle = Oracle::new(LIFE, CALLERS);
    let mut start = Start::new(&store, LIFE);
    start.arguments = words(&["--steps", "60"]);
    let (heard, mut findings) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
    findings.extend(judge(&store, LIFE, &mut oracle, &heard)?);
    Ok(Closed { store, oracle, findings })
}

/// A victim at work.
fn at_work(start: &Start, oracle: &Oracle) -> Outcome<Victim> {
    let victim = start.victim(&oracle.lines())?;
    if !victim.opens(PATIENCE) {
        return Err(Trouble::new("a victim does not open its store"));
    }
    thread::sleep(WORK);
    Ok(victim)
}

/// What opening a store comes to, when it ought not to open.
fn refusal(store: &Path, findings: &mut Vec<String>) -> String {
    match Hatchery::open(store, world::options(LIFE)) {
        Ok(_) => {
            findings.push("it opens".to_owned());
            String::new()
        }
        Err(error) => told(&error),
    }
}

pub(super) fn few_descriptors(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    let mut stopped = 0_u32;
    for descriptors in 5..40_u32 {
        let mut start = Start::new(&store, LIFE);
        start.arguments = words(&["--steps", "10"]);
        start.wrapper = vec!["prlimit".into(), format!("--nofile={descriptors}:{descriptors}")];
        let (heard, more) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
        findings.extend(more.into_iter().map(|finding| format!("with {descriptors}: {finding}")));
        stopped = stopped.saturating_add(u32::from(!heard.failures.is_empty()));
        findings.extend(judge(&store, LIFE, &mut oracle, &heard)?);
    }
    expect(&mut findings, stopped > 0, || "there were enough of them".to_owned());
    Ok(findings)
}

pub(super) fn few_threads(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    let shim = faults::build(folder)?;
    let none = Fault { call: "thread", how: "eagain", sticky: true };
    for from in 1..=THREADS_NEEDED {
        let mut start = Start::new(&store, LIFE);
        start.arguments = words(&["--steps", "10"]);
        start.variables = faults::variables(&shim, &store, none, from);
        let (heard, more) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
        findings.extend(more.into_iter().map(|finding| format!("without the {from}th: {finding}")));
        let says = heard.failures.iter().any(|failure| failure.contains("no threads can be started"));
        expect(&mut findings, says, || format!("without the {from}th: {:?}", heard.failures));
        findings.extend(judge(&store, LIFE, &mut oracle, &heard)?);
    }
    Ok(findings)
}

pub(super) fn read_only(folder: &Path) -> Findings {
    let mut mount = Mount::make_of(Kind::Ext4, 64 << 20, folder, "loop,errors=remount-ro")?;
    let start = Start::new(&mount.point.join("store"), LIFE);
    let mut oracle = Oracle::new(LIFE, CALLERS);
    let victim = at_work(&start, &oracle)?;
    let trigger = format!("/sys/fs/ext4/{}/trigger_fs_error", mount.device()?);
    fs::write(&trigger, "1").map_err(|why| Trouble::new(format!("{trigger}: {why}")))?;
    let (heard, mut findings) = behaved(victim.wait(PATIENCE)?);
    expect(&mut findings, !heard.failures.is_empty(), || "it did not stop".to_owned());
    mount.unmount()?;
    // It corrects what the error that was planted has marked: 1 says that it did.
    let checked = Command::new("e2fsck").args(["-fy"]).arg(mount.image()).output()?;
    expect(&mut findings, matches!(checked.status.code(), Some(0 | 1)), || format!("e2fsck: {checked:?}"));
    mount.mount()?;
    findings.extend(judge(&start.store, LIFE, &mut oracle, &heard)?);
    Ok(findings)
}

pub(super) fn deleted_folder(folder: &Path) -> Findings {
    let Closed { store, oracle, mut findings } = closed(folder)?;
    let victim = at_work(&Start::new(&store, LIFE), &oracle)?;
    remove_all(&store)?;
    let (heard, more) = behaved(victim.wait(PATIENCE)?);
    findings.extend(more);
    findings.extend(heard.wrongs);
    expect(&mut findings, !heard.failures.is_empty(), || "it did not stop".to_owned());
    Ok(findings)
}

/// Removes a folder that somebody writes into.
fn remove_all(folder: &Path) -> Outcome<()> {
    loop {
        match fs::remove_dir_all(folder) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
            Err(error) => return Err(error.into()),
        }
    }
}

pub(super) fn deleted_index(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    let victim = at_work(&Start::new(&store, LIFE), &oracle)?;
    fs::remove_file(store.join("index").join("db"))?;
    thread::sleep(WORK);
    let Remains { heard, .. } = victim.kill()?;
    findings.extend(judge(&store, LIFE, &mut oracle, &heard)?);
    Ok(findings)
}

pub(super) fn deleted_journal(folder: &Path) -> Findings {
    let Closed { store, oracle, mut findings } = closed(folder)?;
    let victim = at_work(&Start::new(&store, LIFE), &oracle)?;
    remove_all(&store.join("journal"))?;
    let (heard, more) = behaved(victim.wait(PATIENCE)?);
    findings.extend(more);
    findings.extend(heard.wrongs);
    expect(&mut findings, !heard.failures.is_empty(), || "it did not stop".to_owned());
    refusal(&store, &mut findings);
    Ok(findings)
}

pub(super) fn second_process(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    let start = Start::new(&store, LIFE);
    let first = at_work(&start, &oracle)?;
    let (second, more) = behaved(start.victim("")?.wait(PATIENCE)?);
    findings.extend(more);
    expect(&mut findings, !second.opened, || "two have it open".to_owned());
    let named = second.failures.iter().any(|why| why.contains(&first.id().to_string()));
    expect(&mut findings, named, || format!("it does not say who has it: {:?}", second.failures));
    let Remains { heard, .. } = first.kill()?;
    expect(&mut findings, heard.failures.is_empty(), || format!("the first: {:?}", heard.failures));
    findings.extend(judge(&store, LIFE, &mut oracle, &heard)?);
    Ok(findings)
}

pub(super) fn no_manifest(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    fs::rename(store.join("MANIFEST"), folder.join("MANIFEST"))?;
    refusal(&store, &mut findings);
    let made = Hatchery::create(&store, world::STORE, world::options(LIFE));
    expect(&mut findings, made.is_err(), || "another was made over it".to_owned());
    drop(made);
    fs::rename(folder.join("MANIFEST"), store.join("MANIFEST"))?;
    findings.extend(judge(&store, LIFE, &mut oracle, &Heard::default())?);
    Ok(findings)
}

pub(super) fn no_journal(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    fs::rename(store.join("journal"), folder.join("journal"))?;
    refusal(&store, &mut findings);
    remove_all(&store.join("journal"))?;
    fs::rename(folder.join("journal"), store.join("journal"))?;
    findings.extend(judge(&store, LIFE, &mut oracle, &Heard::default())?);
    Ok(findings)
}

pub(super) fn left_generating(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    fs::write(store.join("index").join("snap.0000000000001234.generating"), b"")?;
    findings.extend(judge(&store, LIFE, &mut oracle, &Heard::default())?);
    Ok(findings)
}

pub(super) fn newer_format(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    let path = store.join("MANIFEST");
    let whole = fs::read(&path)?;
    let (newer, format) = of_next_format(&whole)?;
    fs::write(&path, newer)?;
    let said = refusal(&store, &mut findings);
    let both = said.contains(&format.to_string()) && said.contains(&format.saturating_sub(1).to_string());
    expect(&mut findings, both, || format!("it does not name both formats: {said}"));
    fs::write(&path, whole)?;
    findings.extend(judge(&store, LIFE, &mut oracle, &Heard::default())?);
    Ok(findings)
}

/// The manifest as a later release might write it, and its format.
fn of_next_format(manifest: &[u8]) -> Outcome<(Vec<u8>, u32)> {
    let short = || Trouble::new("the manifest is short");
    let (head, rest) = manifest.split_first_chunk::<8>().ok_or_else(short)?;
    let (format, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let (rest, _checksum) = rest.split_last_chunk::<4>().ok_or_else(short)?;
    let format = u32::from_be_bytes(*format).saturating_add(1);
    let mut newer = [head.as_slice(), &format.to_be_bytes(), rest].concat();
    newer.extend(crc32fast::hash(&newer).to_be_bytes());
    Ok((newer, format))
}

pub(super) fn copied_live(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    for number in 0..4 {
        let victim = at_work(&Start::new(&store, LIFE), &oracle)?;
        let copy = folder.join(format!("copy-{number}"));
        // Files come and go while they are copied.
        let copied = faults::copy(&store, &copy);
        let Remains { heard, .. } = victim.kill()?;
        if copied.is_ok()
            && let Ok((opened, _)) = Hatchery::open(&copy, world::options(LIFE))
        {
            findings.extend(opened.check()?.findings);
            expect(&mut findings, opened.last() != (hatchery::Revision::ZERO, hatchery::Time::START), || {
                "a copy opens empty".to_owned()
            });
        }
        findings.extend(judge(&store, LIFE, &mut oracle, &heard)?);
    }
    Ok(findings)
}

pub(super) fn no_store(folder: &Path) -> Findings {
    let mut findings = Vec::new();
    let other = folder.join("letters");
    fs::create_dir_all(&other)?;
    fs::write(other.join("letter"), b"dear reader")?;
    refusal(&other, &mut findings);
    refusal(&folder.join("nowhere"), &mut findings);
    let names: Vec<_> = fs::read_dir(&other)?.collect::<Result<_, _>>()?;
    expect(&mut findings, names.len() == 1, || format!("something was left in it: {names:?}"));
    Ok(findings)
}

pub(super) fn slow(folder: &Path) -> Findings {
    let Closed { store, mut oracle, mut findings } = closed(folder)?;
    let shim = faults::build(folder)?;
    let mut start = Start::new(&store, LIFE);
    start.arguments = words(&["--steps", "10"]);
    start.variables =
        faults::variables(&shim, &store, Fault { call: "fdatasync", how: "slow", sticky: true }, 1);
    let (heard, more) = behaved(start.victim(&oracle.lines())?.wait(PATIENCE)?);
    findings.extend(more);
    expect(&mut findings, heard.failures.is_empty(), || format!("{:?}", heard.failures));
    findings.extend(judge(&store, LIFE, &mut oracle, &heard)?);
    Ok(findings)
}
