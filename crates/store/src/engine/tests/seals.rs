//! The end of a journal that was not closed: a segment that is gone is missed, and no crash makes one seem to be.

use std::io::ErrorKind;
use std::sync::Arc;

use super::sim_disk::{Fault, Loss, SimDisk};
use super::{STORE, all, blind, check_agrees, commit_all, history, put, small};
use crate::engine::disk::Disk;
use crate::engine::journal::{FrameFault, Identity, SegmentNumber, Tail, replay};
use crate::engine::local::{Local, OpenError, Options, Sync};
use crate::engine::{Action, Change, Engine, EngineError};

const IDENTITY: Identity = Identity { store: STORE, epoch: 1 };

/// No checkpoint: nothing but the journal knows how far it went.
fn options() -> Options {
    Options { sync: Sync::Always, checkpoint_segments: 1000, ..small() }
}

fn open(disk: &SimDisk) -> Result<Local, OpenError> {
    Local::open_on(Arc::new(disk.clone()), options()).map(|(store, _)| store)
}

fn filling(store: &Local) {
    commit_all(store, (0..12).map(|number| blind(number, vec![put("k", &"v".repeat(300))])));
}

/// A store that was not closed, with several segments, as the power leaves it when it goes now.
fn killed() -> (SimDisk, Vec<Change>) {
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
    filling(&store);
    let changes = history(&store);
    (disk.reboot(Loss::All), changes)
}

fn numbers(disk: &SimDisk) -> Vec<SegmentNumber> {
    let names = disk.list("journal").unwrap();
    names.iter().filter_map(|name| SegmentNumber::parse(name)).collect()
}

#[test]
fn a_newest_segment_that_is_gone_is_missed() {
    let (disk, changes) = killed();
    assert!(numbers(&disk).len() > 2);
    assert_eq!(history(&open(&disk.snapshot()).unwrap()), changes, "with it everything is there");
    while let [_, .., newest] = numbers(&disk)[..] {
        disk.remove(&newest.name()).unwrap();
        match open(&disk.snapshot()) {
            Err(OpenError::SegmentMissing { file }) => assert!(file.ends_with(newest.name())),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_newest_segment_that_was_cut_off_is_noticed() {
    let (disk, changes) = killed();
    let name = numbers(&disk).pop().unwrap().name();
    let bytes = disk.bytes(&name);
    for length in 0..bytes.len() {
        let left = disk.snapshot();
        left.replace(&name, &bytes[..length]);
        match open(&left) {
            Err(OpenError::SegmentHeader { .. }) => assert!(length < 64),
            Err(OpenError::Damaged { offset, source: FrameFault::Shortened { expected }, .. }) => {
                assert_eq!((offset, expected), (length as u64, bytes.len() as u64));
            }
            other => panic!("{length}: {other:?}"),
        }
    }
    assert_eq!(history(&open(&disk).unwrap()), changes);
}

#[test]
fn a_file_that_a_broken_write_left_short_is_made_as_long_as_it_should_be() {
    // Its space goes up to one MiB; the next frame is to make it longer, and half of that write gets there.
    let large = Options { segment_size: 4 << 20, ..options() };
    let name = SegmentNumber::FIRST.name();
    let commit =
        |number| blind(number, (0..60).map(|key| put(&format!("k{key}"), &"v".repeat(4000))).collect());
    let broken = |further| {
        let disk = SimDisk::default();
        let store = Local::create_on(Arc::new(disk.clone()), STORE, large).unwrap();
        commit_all(&store, (0..4).map(commit));
        disk.fail_at(further, Fault::HalfFails);
        let failed = store.commit(vec![commit(9)]).is_err();
        drop(store);
        (failed && disk.bytes(&name).len() % (1 << 20) != 0).then(|| disk.restart())
    };
    let disk = (0..9).find_map(broken).unwrap();
    let (store, _) = Local::open_on(Arc::new(disk.clone()), large).unwrap();
    assert_eq!(disk.bytes(&name).len() % (1 << 20), 0);
    // So that what fits in there is not missed later on.
    commit_all(&store, (0..2).map(|number| blind(number, vec![put("a", "1")])));
    let (store, _) = Local::open_on(Arc::new(disk.reboot(Loss::All)), large).unwrap();
    check_agrees(&store);
}

#[test]
fn a_seal_is_never_left_without_the_segment_it_names() {
    let script = |disk: &SimDisk| -> Option<()> {
        let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).ok()?;
        for number in 0..8 {
            store.commit(vec![blind(number, vec![put("k", &"v".repeat(300))])]).ok()?;
        }
        Some(())
    };
    let whole = SimDisk::default();
    script(&whole).unwrap();
    for operation in 0..whole.operations() {
        for fault in [Fault::Fails(ErrorKind::Other), Fault::HalfFails, Fault::PowerCut] {
            for loss in [Loss::All, Loss::Nothing].into_iter().chain((0..6).map(Loss::Some)) {
                let disk = SimDisk::default();
                disk.fail_at(operation, fault);
                let done = script(&disk);
                match open(&disk.reboot(loss)) {
                    Ok(store) => check_agrees(&store),
                    Err(OpenError::ManifestMissing { .. }) if done.is_none() => {}
                    Err(error) => panic!("{error:?} after {fault:?} at {operation}, {loss:?}"),
                }
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_a_seal_is_harmless_while_the_next_segment_is_there() {
    let (disk, changes) = killed();
    let name = SegmentNumber::FIRST.name();
    let bytes = disk.bytes(&name);
    let read = replay(&bytes, IDENTITY, SegmentNumber::FIRST).unwrap();
    assert_eq!(read.tail, Tail::Sealed(SegmentNumber(2)));
    let seal = bytes.windows(4).position(|bytes| bytes == b"SEAL").unwrap();
    assert_eq!(seal % 32, 0, "in one sector");
    for bit in seal * 8..(seal + 32) * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let read = replay(&flipped, IDENTITY, SegmentNumber::FIRST).unwrap();
        assert_eq!(read.tail, Tail::Torn(FrameFault::Seal));
        let left = disk.snapshot();
        left.replace(&name, &flipped);
        assert_eq!(history(&open(&left).unwrap()), changes);
    }
}

#[test]
fn a_seal_counts_in_its_own_place_alone() {
    let (disk, _) = killed();
    let bytes = disk.bytes(&SegmentNumber::FIRST.name());
    let seal = bytes.windows(4).position(|bytes| bytes == b"SEAL").unwrap();
    // That of the first segment, where the second one has its own.
    let second = disk.bytes(&SegmentNumber(2).name());
    let there = second.windows(4).position(|bytes| bytes == b"SEAL").unwrap();
    let mut moved = second;
    moved[there..there + 32].copy_from_slice(&bytes[seal..seal + 32]);
    let read = replay(&moved, IDENTITY, SegmentNumber(2)).unwrap();
    assert_eq!(read.tail, Tail::Torn(FrameFault::Seal));
}

#[test]
fn a_seal_that_cannot_be_written_stops_the_store_and_costs_nothing() {
    let (whole, _) = killed();
    let mut seen = 0;
    for operation in 0..400 {
        let disk = SimDisk::default();
        disk.fail_at(operation, Fault::HalfFails);
        let Ok(store) = Local::create_on(Arc::new(disk.clone()), STORE, options()) else { continue };
        let mut acknowledged = 0;
        let failed = (0..12).find_map(|number| {
            let commit = blind(number, vec![put("k", &"v".repeat(300))]);
            let failed = store.commit(vec![commit]).err();
            acknowledged += u64::from(failed.is_none());
            failed
        });
        let sealing = matches!(&failed, Some(EngineError::Io { action: Action::Write | Action::Sync, .. }));
        drop(store);
        let store = open(&disk.restart()).unwrap();
        assert!(store.last().0.number() >= acknowledged);
        check_agrees(&store);
        seen += usize::from(sealing);
    }
    assert!(seen > 4, "{seen}");
    assert!(!all(open(&whole).unwrap().reader().as_ref()).is_empty());
}
