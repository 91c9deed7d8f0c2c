//! What simulation stands on: the disk in memory, and a store on it without an index.

use std::sync::Arc;

use fleet::Span;

use super::sim_disk::{Fault, Loss, SimDisk};
use super::{STORE, all, blind, commit_all, put, remove, show, small};
use crate::engine::Engine as _;
use crate::engine::disk::{Disk as _, DiskFile};
use crate::engine::local::Local;

fn durable(disk: &SimDisk) -> Vec<u8> {
    disk.reboot(Loss::All).bytes("file")
}

fn file(disk: &SimDisk) -> Box<dyn DiskFile> {
    let file = disk.create("file").unwrap();
    disk.sync_dir("").unwrap();
    file
}

#[test]
fn a_sync_that_lies_leaves_nothing_durable_until_one_does_not() {
    let disk = SimDisk::default();
    let file = file(&disk);
    disk.fail_at(0, Fault::Lies);
    file.write_at(0, b"one").unwrap();
    assert!(!disk.struck(), "it waits for a sync");
    file.sync_data().unwrap();
    assert!(disk.struck());
    // Looked at on a copy: a reboot ends the disk it is asked of.
    assert_eq!(durable(&disk.restart()), b"");
    file.sync_data().unwrap();
    assert_eq!(durable(&disk), b"one");
}

#[test]
fn an_operation_that_stalls_is_done_and_says_for_how_long_it_took() {
    let disk = SimDisk::default();
    let file = file(&disk);
    disk.fail_at(1, Fault::Stalls(Span::from_secs(3)));
    file.write_at(0, b"one").unwrap();
    assert_eq!(disk.take_stall(), Span::ZERO);
    file.sync_data().unwrap();
    assert_eq!(disk.take_stall(), Span::from_secs(3));
    assert_eq!(disk.take_stall(), Span::ZERO);
    assert_eq!(durable(&disk), b"one");
}

#[test]
fn a_file_without_a_name_is_there_until_it_is_closed_and_its_removal_durable() {
    let disk = SimDisk::default();
    let file = file(&disk);
    file.write_at(0, b"one").unwrap();
    disk.remove("file").unwrap();
    assert_eq!(disk.files(), 1, "a reboot may bring the name back");
    disk.sync_dir("").unwrap();
    assert_eq!(disk.files(), 1);
    assert_eq!(file.read(0, 9).unwrap(), b"one");
    drop(file);
    disk.sync_dir("").unwrap();
    assert_eq!(disk.files(), 0);
}

#[test]
fn without_an_index_what_was_removed_is_forgotten() {
    let store = Local::create_on(Arc::new(SimDisk::default()), STORE, small()).unwrap();
    for number in 0..200 {
        let key = format!("k{number:03}");
        commit_all(&store, [blind(1, vec![put(&key, "v")]), blind(1, vec![remove(&key)])]);
    }
    commit_all(&store, [blind(1, vec![put("stays", "1")])]);
    assert!(store.stats().tables.entries < 5, "{:?}", store.stats().tables);
    assert_eq!(show(&all(store.reader().as_ref())), "stays=1@401");
}

#[test]
fn without_an_index_a_reader_keeps_what_it_can_see() {
    let store = Local::create_on(Arc::new(SimDisk::default()), STORE, small()).unwrap();
    commit_all(&store, [blind(1, vec![put("a", "1")])]);
    let reader = store.reader();
    commit_all(
        &store,
        [blind(1, vec![remove("a")]), blind(1, vec![put("b", "1")]), blind(1, vec![remove("b")])],
    );
    assert_eq!(show(&all(reader.as_ref())), "a=1@1");
    drop(reader);
    commit_all(&store, [blind(1, vec![put("c", "1")])]);
    assert_eq!(show(&all(store.reader().as_ref())), "c=1@5");
}
