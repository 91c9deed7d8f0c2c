//! Every file of a store and of a backup, as bytes that are committed.
//!
//! A change of a format shows as a diff of `tests/golden/files.hex`; what is in a release is read for ever.
//! `HATCHERY_GOLDEN=write cargo test -p store golden` writes the file anew.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use fleet::Revision;

use super::sim_disk::SimDisk;
use super::{STORE, all, blind, check_agrees, commit_all, expecting, put, remove, small};
use crate::engine::backup::{self, Restore};
use crate::engine::disk::Disk;
use crate::engine::journal::Header;
use crate::engine::local::{Local, OpenError};
use crate::engine::snapshot::peek;
use crate::engine::{BackupError, Engine, Entry};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/files.hex");
/// The same, as they were when segments had no seals yet.
const UNSEALED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/files-journal-1.hex");

/// The same, as they were when snapshots were not compressed yet.
const PLAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/files-snapshot-1.hex");

/// A small store with something of everything, and a backup of it.
fn made() -> (SimDisk, SimDisk, Vec<Entry>) {
    let (disk, folder) = (SimDisk::default(), SimDisk::default());
    let store = Local::create_on(Arc::new(disk.clone()), STORE, small()).unwrap();
    commit_all(&store, (1..=6).map(|number| blind(number, vec![put(&format!("key {number}"), "value")])));
    store.snapshot().unwrap().unwrap();
    commit_all(&store, [blind(9, vec![remove("key 2"), put("key 3", &"long ".repeat(60))])]);
    store.checkpoint().unwrap();
    commit_all(&store, [expecting("key 2", None, vec![put("key 2", "again")])]);
    store.hold_feed("a reader", Revision::new(7)).unwrap();
    store.backup(&folder, &mut |_| {}).unwrap();
    let entries = all(store.reader().as_ref());
    (disk.snapshot(), folder.snapshot(), entries)
}

/// Every file on a disk, by its name.
fn files(disk: &SimDisk) -> Vec<(String, Vec<u8>)> {
    let mut names = Vec::new();
    for directory in ["", "journal", "snapshot"] {
        let found = match disk.list(directory) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => panic!("{error}"),
        };
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        names.extend(found.into_iter().map(|name| format!("{prefix}{name}")));
    }
    names.retain(|name| disk.open(name).is_ok());
    names.sort();
    names.dedup();
    names.into_iter().map(|name| (name.clone(), disk.bytes(&name))).collect()
}

/// The length of a file, and its bytes up to the last that is not zero.
fn render(which: &str, files: Vec<(String, Vec<u8>)>) -> String {
    let mut text = String::new();
    for (name, bytes) in files {
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        writeln!(text, "# {which} {name} {}", bytes.len()).unwrap();
        for line in bytes[..end].chunks(48) {
            let hex: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(text, "{hex}").unwrap();
        }
        text.push('\n');
    }
    text
}

/// The committed files of a store, or of a backup, on a disk.
fn golden(which: &str) -> SimDisk {
    read(PATH, which)
}

fn read(path: &str, which: &str) -> SimDisk {
    let text = fs::read_to_string(path).unwrap();
    let disk = SimDisk::default();
    disk.create_dir("journal").unwrap();
    disk.create_dir("snapshot").unwrap();
    for block in text.split_terminator("\n\n") {
        let (head, body) = block.split_once('\n').unwrap();
        let fields: Vec<&str> = head.split(' ').collect();
        let ["#", of, name, length] = fields[..] else { panic!("{head}") };
        let body = body.replace('\n', "");
        if of == which {
            let digits = body.as_bytes().chunks(2).map(|digits| str::from_utf8(digits).unwrap());
            let mut bytes: Vec<u8> = digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect();
            bytes.resize(length.parse().unwrap(), 0);
            disk.create(name).unwrap();
            disk.replace(name, &bytes);
        }
    }
    ["journal", "snapshot", ""].into_iter().for_each(|directory| disk.sync_dir(directory).unwrap());
    disk
}

#[test]
fn files_on_disk_stay_as_they_are() {
    let (store, folder, _) = made();
    let written = render("store", files(&store)) + &render("backup", files(&folder));
    if std::env::var("HATCHERY_GOLDEN").is_ok_and(|mode| mode == "write") {
        fs::write(PATH, &written).unwrap();
    }
    let golden = fs::read_to_string(PATH).unwrap();
    for (written, golden) in written.lines().zip(golden.lines()) {
        assert_eq!(written, golden);
    }
    assert_eq!(written, golden);
    for kind in
        ["MANIFEST", "CHECKPOINT", "HOLDS", "journal/", "snapshot/", "backup BACKUP", "backup snapshot"]
    {
        assert!(golden.contains(kind), "no {kind}");
    }
}

#[test]
fn a_store_of_the_committed_files_is_opened() {
    let (_, _, entries) = made();
    for path in [PATH, PLAIN, UNSEALED] {
        let disk = read(path, "store");
        let (store, report) = Local::open_on(Arc::new(disk.clone()), small()).unwrap();
        assert!(report.cut.is_none() && report.lost.is_none() && report.snapshots.is_empty());
        assert!(report.holds.is_none() && report.checkpoint.is_none());
        assert_eq!(all(store.reader().as_ref()), entries);
        assert_eq!(store.stats().holds, [("a reader".to_owned(), Revision::new(7))].into());
        // Over the end of the segment, and further.
        commit_all(&store, (0..9).map(|number| blind(10 + number, vec![put("key 9", &"new".repeat(90))])));
        check_agrees(&store);
        drop(store);
        let (store, _) = Local::open_on(Arc::new(disk), small()).unwrap();
        check_agrees(&store);
    }
}

#[test]
fn a_store_is_restored_from_the_committed_backup() {
    let (_, _, entries) = made();
    for path in [PATH, PLAIN] {
        let to = SimDisk::default();
        let on: Arc<dyn Disk> = Arc::new(to.clone());
        let restore = Restore { options: small(), ..Restore::default() };
        let made = backup::restore_on(&on, &read(path, "backup"), None, &restore, &mut |_, _| {}).unwrap();
        assert_eq!(made.identity.epoch, 2, "a life of its own");
        let (store, _) = Local::open_on(on, small()).unwrap();
        assert_eq!(all(store.reader().as_ref()), entries);
    }
}

/// A file with the next format in its header, and the checksum of the header right.
fn newer(bytes: &[u8], header: usize) -> Vec<u8> {
    let mut newer = bytes.to_vec();
    newer[11] += 1;
    let checksum = crc32fast::hash(&newer[..header - 4]);
    newer[header - 4..header].copy_from_slice(&checksum.to_be_bytes());
    newer
}

#[test]
fn a_newer_format_is_refused_with_both_versions_named() {
    for (name, bytes) in files(&golden("store")) {
        let disk = golden("store");
        let header = if name == "HOLDS" { bytes.len() } else { 64 };
        disk.replace(&name, &newer(&bytes, header));
        let told = if name == "MANIFEST" {
            let error = Local::open_on(Arc::new(disk.clone()), small()).unwrap_err();
            assert!(matches!(error, OpenError::Format { found: 2, known: 1, .. }));
            error.to_string()
        } else if name.starts_with("journal/") {
            Header::decode(&disk.bytes(&name)).unwrap_err().to_string()
        } else if name.starts_with("snapshot/") {
            let unusable = peek(&disk, &name).unwrap_err();
            format!("{unusable:?}")
        } else {
            let (_, report) = Local::open_on(Arc::new(disk.clone()), small()).unwrap();
            let fault = if name == "HOLDS" { report.holds } else { report.checkpoint };
            fault.unwrap_or_else(|| panic!("{name} passed")).to_string()
        };
        let known = u32::from(bytes[11]);
        let formats = [known, known + 1].map(|format| format.to_string());
        assert!(formats.iter().all(|format| told.contains(format)), "{name}: {told}");
    }
    let disk = golden("backup");
    let bytes = disk.bytes("BACKUP");
    disk.replace("BACKUP", &newer(&bytes, bytes.len()));
    let Err(error @ BackupError::Manifest { .. }) = backup::verify(&disk, &mut |_, _| {}) else {
        panic!("a newer backup passed")
    };
    assert!(
        std::error::Error::source(&error).unwrap().to_string().contains("format 2, this program knows 1")
    );
}
