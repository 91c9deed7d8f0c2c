//! The journal as bytes: cut anywhere, with any bit flipped, or made of noise.

use std::sync::Arc;

use fleet::Revision;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use super::sim_disk::SimDisk;
use super::{STORE, blind, check_agrees, commit_all, history, put, remove, small};
use crate::engine::journal::{FrameFault, Identity, SegmentNumber, Tail, Unreadable, replay};
use crate::engine::local::{Local, LostHistory, OpenError, Options, Sync, Witness};
use crate::engine::{Change, Engine};

const IDENTITY: Identity = Identity { store: STORE, epoch: 1 };

fn options() -> Options {
    Options { sync: Sync::Always, checkpoint_segments: 100, ..small() }
}

/// Three groups in one segment: revisions 1, then 2 and 3, then 4 and 5.
fn small_journal() -> (SimDisk, Vec<Change>) {
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
    commit_all(&store, [blind(1, vec![put("a", "1"), put("b", "1")])]);
    for round in 0..2 {
        let group = vec![blind(round, vec![put("a", "22")]), blind(7, vec![remove("b"), put("c", "333")])];
        store.commit(group).unwrap();
    }
    let changes = history(&store);
    assert_eq!(changes.len(), 5);
    // As a crash would leave it: without the checkpoint that closing makes.
    (disk.snapshot(), changes)
}

fn first_segment(disk: &SimDisk) -> Vec<u8> {
    disk.bytes(&SegmentNumber::FIRST.name())
}

fn read(bytes: &[u8]) -> Result<(Vec<Change>, Tail), Unreadable> {
    let read = replay(bytes, IDENTITY, SegmentNumber::FIRST)?;
    Ok((read.commits.into_iter().map(|(_, change)| change).collect(), read.tail))
}

#[test]
fn a_journal_reads_back_as_it_was_written() {
    let (disk, changes) = small_journal();
    assert_eq!(read(&first_segment(&disk)), Ok((changes, Tail::Clean)));
}

#[test]
fn cut_at_any_length_it_reads_back_as_a_prefix() {
    let (disk, changes) = small_journal();
    let bytes = first_segment(&disk);
    let mut lengths = vec![0; changes.len() + 1];
    for length in 0..bytes.len() {
        let (found, _) = match read(&bytes[..length]) {
            Ok(found) => found,
            Err(fault) => {
                assert!(length < 64, "{fault:?} at {length}");
                continue;
            }
        };
        assert_eq!(found, changes[..found.len()]);
        lengths[found.len()] += 1;

        // With zeros instead, as a power cut leaves it; a file that is shorter is refused.
        let mut zeroed = bytes[..length].to_vec();
        zeroed.resize(bytes.len(), 0);
        let left = disk.snapshot();
        left.replace(&SegmentNumber::FIRST.name(), &zeroed);
        let (found, tail) = read(&zeroed).unwrap();
        let (store, report) = Local::open_on(Arc::new(left), options()).unwrap();
        assert_eq!(history(&store), found);
        assert_eq!(report.cut.is_some(), tail != Tail::Clean);
        commit_all(&store, [blind(9, vec![put("after", "cut")])]);
        check_agrees(&store);
    }
    assert!(lengths.iter().all(|count| *count > 0), "every prefix occurs: {lengths:?}");
}

#[test]
fn every_flipped_bit_is_a_cut_tail_or_damage() {
    let (disk, changes) = small_journal();
    let bytes = first_segment(&disk);
    let places = replay(&bytes, IDENTITY, SegmentNumber::FIRST).unwrap();
    // What came before the last group had been synced when the last group was written.
    let synced = usize::try_from(places.commits[3].0).unwrap();
    let end = usize::try_from(places.end).unwrap();
    for bit in 0..bytes.len() * 8 {
        let byte = bit / 8;
        let mut flipped = bytes.clone();
        flipped[byte] ^= 1 << (bit % 8);
        match read(&flipped) {
            Err(Unreadable::Header(_)) => assert!(byte < 64),
            Err(Unreadable::Damaged { offset, .. }) => {
                assert!((64..synced).contains(&byte));
                assert!(usize::try_from(offset).unwrap() <= byte);
            }
            Ok((found, tail)) => {
                assert!(byte >= synced, "{byte}");
                assert_ne!(tail, Tail::Clean);
                assert_eq!(found, changes[..found.len()]);
                assert_eq!(found.len() == changes.len(), byte >= end);
            }
        }
    }
}

#[test]
fn no_flipped_bit_of_any_file_goes_unnoticed() {
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
    for number in 0..8 {
        commit_all(&store, [blind(number, vec![put("k", &"v".repeat(150)), put("l", "w")])]);
        if number == 3 {
            store.checkpoint().unwrap();
        }
    }
    let changes = history(&store);
    let disk = disk.snapshot();
    let names: Vec<_> = (1..=2).map(|number| SegmentNumber(number).name()).collect();
    let seal = disk.bytes(&names[0]).windows(4).position(|bytes| bytes == b"SEAL").unwrap();
    let seal = seal..seal + 32;
    for name in names.iter().map(String::as_str).chain(["MANIFEST", "CHECKPOINT"]) {
        let bytes = disk.bytes(name);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let left = disk.snapshot();
            left.replace(name, &flipped);
            let Ok((store, report)) = Local::open_on(Arc::new(left), options()) else { continue };
            let found = history(&store);
            assert_eq!(found, changes[..found.len()], "{name} bit {bit}");
            let noticed = report.cut.is_some() || report.checkpoint.is_some();
            // What a seal says matters only where the next segment is missing.
            let sealed = name == names[0] && seal.contains(&(bit / 8));
            assert!(noticed || sealed && found == changes, "{name} bit {bit}");
            assert!(found.len() + 1 >= changes.len(), "{name} bit {bit}: only the last may be cut");
        }
    }
}

#[test]
fn a_frame_is_only_taken_where_it_was_written() {
    let (disk, _) = small_journal();
    let bytes = first_segment(&disk);
    let fault = |bytes: &[u8]| match read(bytes) {
        Ok((found, Tail::Torn(fault))) => (found.len(), fault),
        other => panic!("{other:?}"),
    };
    let places = replay(&bytes, IDENTITY, SegmentNumber::FIRST).unwrap();
    let end = usize::try_from(places.end).unwrap();

    // The last frame once more, right behind itself.
    let last = usize::try_from(places.commits[4].0).unwrap();
    let mut repeated = bytes[..end].to_vec();
    repeated.extend_from_slice(&bytes[last..end]);
    assert!(matches!(fault(&repeated), (5, FrameFault::Checksum { .. })));

    // The frames of another store's journal, at their places.
    let other = SimDisk::default();
    let store =
        Local::create_on(Arc::new(other.clone()), crate::engine::StoreId([7; 16]), options()).unwrap();
    commit_all(&store, [blind(1, vec![put("a", "1"), put("b", "1")])]);
    let mut foreign = bytes[..64].to_vec();
    foreign.extend_from_slice(&first_segment(&other)[64..]);
    assert!(matches!(fault(&foreign), (0, FrameFault::Checksum { .. })));
}

#[test]
fn a_frame_only_follows_the_one_it_names() {
    // Two lives of one store, each with frames that are right at their places.
    let life = |value: &str| {
        let disk = SimDisk::default();
        let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
        commit_all(&store, (0..3).map(|_| blind(1, vec![put("k", value)])));
        first_segment(&disk)
    };
    let (one, other) = (life("1"), life("2"));
    let places = replay(&one, IDENTITY, SegmentNumber::FIRST).unwrap();
    let [_, second, third] = [0, 1, 2].map(|at| usize::try_from(places.commits[at].0).unwrap());
    let mixed = |at: usize| [&one[..at], &other[at..]].concat();
    assert!(
        matches!(read(&mixed(third)), Ok((found, Tail::Torn(FrameFault::Chain { .. }))) if found.len() == 2)
    );
    assert!(matches!(read(&mixed(second)), Err(Unreadable::Damaged { fault: FrameFault::Chain { .. }, .. })));
}

#[test]
fn a_group_may_reach_the_disk_out_of_order() {
    // Its second frame is whole, its first is not: that is no damage, nothing of it was acknowledged.
    let (disk, changes) = small_journal();
    let mut bytes = first_segment(&disk);
    let places = replay(&bytes, IDENTITY, SegmentNumber::FIRST).unwrap();
    let first_of_last_group = usize::try_from(places.commits[3].0).unwrap();
    bytes[first_of_last_group..first_of_last_group + 16].fill(0);
    assert_eq!(read(&bytes), Ok((changes[..3].to_vec(), Tail::Torn(FrameFault::Remains))));

    // But that group itself proves that the one before it was durable.
    let second = usize::try_from(places.commits[1].0).unwrap();
    bytes = first_segment(&disk);
    bytes[second..second + 16].fill(0);
    assert!(matches!(read(&bytes), Err(Unreadable::Damaged { fault: FrameFault::Remains, .. })));
}

#[test]
fn what_is_cut_is_gone_for_good() {
    let (disk, changes) = small_journal();
    let name = SegmentNumber::FIRST.name();
    let mut bytes = first_segment(&disk);
    let places = replay(&bytes, IDENTITY, SegmentNumber::FIRST).unwrap();
    let torn = usize::try_from(places.commits[3].0).unwrap();
    bytes[torn + 4] ^= 1;
    disk.replace(&name, &bytes);
    let (store, report) = Local::open_on(Arc::new(disk.clone()), options()).unwrap();
    let cut = report.cut.unwrap();
    assert_eq!((cut.offset, report.last), (torn as u64, Revision::new(3)));
    assert!(disk.bytes(&name)[torn..].iter().all(|byte| *byte == 0));
    assert_eq!(history(&store), changes[..3]);
}

#[test]
fn a_gap_or_damage_in_the_middle_names_the_file() {
    let disk = SimDisk::default();
    let store = Local::create_on(Arc::new(disk.clone()), STORE, options()).unwrap();
    commit_all(&store, (0..12).map(|number| blind(number, vec![put("k", &"v".repeat(300))])));
    let disk = disk.snapshot();
    let second = SegmentNumber(2).name();

    let mut bytes = disk.bytes(&second);
    bytes[100] ^= 1;
    let damaged = disk.snapshot();
    damaged.replace(&second, &bytes);
    match Local::open_on(Arc::new(damaged), options()) {
        Err(OpenError::Damaged { file, offset: 64, .. }) => assert!(file.ends_with(&second)),
        other => panic!("{other:?}"),
    }

    let gone = disk.snapshot();
    crate::engine::disk::Disk::remove(&gone, &second).unwrap();
    match Local::open_on(Arc::new(gone), options()) {
        Err(OpenError::SegmentMissing { file }) => assert!(file.ends_with(&second)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn commits_the_checkpoint_knows_cannot_go_missing() {
    let (disk, _) = small_journal();
    let before = first_segment(&disk);
    let (store, _) = Local::open_on(Arc::new(disk.clone()), options()).unwrap();
    commit_all(&store, [blind(9, vec![put("a", "9")])]);
    store.checkpoint().unwrap();
    let left = disk.snapshot();
    left.replace(&SegmentNumber::FIRST.name(), &before);
    match Local::open_on(Arc::new(left.clone()), options()) {
        Err(OpenError::HistoryLost { last, known, witness: Witness::Checkpoint }) => {
            assert_eq!((last.number(), known.number()), (5, 6));
        }
        other => panic!("{other:?}"),
    }
    let accept = Options { lost_history: LostHistory::Accept, ..options() };
    let (store, report) = Local::open_on(Arc::new(left.clone()), accept).unwrap();
    assert_eq!(report.lost.unwrap().known, Revision::new(6));
    drop(store);
    Local::open_on(Arc::new(left), options()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../proptest-regressions/store-engine-journal.txt"
        )))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn noise_is_never_a_commit(noise in prop::collection::vec(any::<u8>(), 0..2000)) {
        let (disk, _) = small_journal();
        let mut bytes = first_segment(&disk)[..64].to_vec();
        bytes.extend(noise);
        if let Ok((found, _)) = read(&bytes) {
            prop_assert_eq!(found, vec![]);
        }
    }

    #[test]
    fn noise_over_a_journal_never_adds_a_commit(
        at in 0_usize..1024,
        noise in prop::collection::vec(any::<u8>(), 1..100),
        moved in prop::option::of((0_usize..1024, 0_usize..1024, 1_usize..300)),
    ) {
        let (disk, changes) = small_journal();
        let mut bytes = first_segment(&disk);
        if let Some((from, to, length)) = moved {
            let piece: Vec<u8> = bytes.iter().skip(from).take(length).copied().collect();
            bytes.iter_mut().skip(to).zip(piece).for_each(|(to, from)| *to = from);
        }
        bytes.iter_mut().skip(at).zip(noise).for_each(|(to, from)| *to = from);
        if let Ok((found, _)) = read(&bytes) {
            prop_assert_eq!(&found[..], &changes[..found.len()]);
        }
    }
}
