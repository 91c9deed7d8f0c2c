//! Snapshots as files: what is copied while others commit is exact, and what is damaged is never used.

use std::collections::BTreeMap;

use fleet::Revision;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use super::sim_disk::SimDisk;
use super::{STORE, all, blind, commit_all, fold, history, put, remove};
use crate::engine::disk::Disk as _;
use crate::engine::journal::Identity;
use crate::engine::memory::Memory;
use crate::engine::snapshot::{Copying, Snapshot, SnapshotFault, Step, Unusable};
use crate::engine::{Engine, Entry, KeyRange, Order, RECORD_MAX, Write};

const IDENTITY: Identity = Identity { store: STORE, epoch: 3 };
const NAME: &str = "a snapshot";

fn read(disk: &SimDisk) -> Result<(Vec<Entry>, Revision), Unusable> {
    let snapshot = Snapshot::verify(disk, NAME, &mut |_, _| {})?;
    assert_eq!(snapshot.head().identity, IDENTITY);
    let revision = snapshot.seal.revision;
    let mut entries = Vec::new();
    snapshot.each(|entry| {
        entries.push(entry);
        Ok::<_, Unusable>(())
    })?;
    Ok((entries, revision))
}

/// Copies `engine`, committing `meanwhile` one after each slice.
fn copy(engine: &Memory, budget: u64, meanwhile: Vec<Vec<Write>>) -> SimDisk {
    let disk = SimDisk::default();
    let mut copying = Copying::begin(engine, IDENTITY, &disk, NAME).unwrap();
    let mut meanwhile = meanwhile.into_iter();
    loop {
        match copying.step(engine, budget).unwrap() {
            Step::More(more) => copying = *more,
            Step::Done { bytes, .. } => {
                assert_eq!(bytes, disk.bytes(NAME).len() as u64);
                return disk;
            }
        }
        if let Some(writes) = meanwhile.next() {
            commit_all(engine, [blind(1, writes)]);
        }
    }
}

fn sample() -> Memory {
    let memory = Memory::new();
    commit_all(
        &memory,
        (0..40).map(|n| blind(n, vec![put(&format!("key {n:03}"), &"v".repeat(n as usize * 3))])),
    );
    memory
}

#[test]
fn an_empty_key_space_has_a_snapshot() {
    let disk = copy(&Memory::new(), 1, vec![]);
    assert_eq!(read(&disk).unwrap(), (vec![], Revision::ZERO));
    assert_eq!(disk.bytes(NAME).len(), 64 + 16 + 80);
}

#[test]
fn the_longest_records_fit() {
    let memory = Memory::new();
    commit_all(
        &memory,
        [blind(1, vec![put(&"k".repeat(RECORD_MAX), ""), put("k", &"v".repeat(RECORD_MAX - 1))])],
    );
    assert_eq!(read(&copy(&memory, 1, vec![])).unwrap().0, all(memory.reader().as_ref()));
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let memory = sample();
    let meanwhile = vec![vec![put("key 000", "x"), remove("key 039")], vec![put("key 039", "y")]];
    let disk = copy(&memory, 1, meanwhile);
    assert_eq!(read(&disk).unwrap().1, Revision::new(42));
    let bytes = disk.bytes(NAME);
    let judge = |bytes: &[u8], what: &str| {
        disk.replace(NAME, bytes);
        assert!(matches!(read(&disk), Err(Unusable::Fault(_))), "{what}");
    };
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        judge(&flipped, &format!("bit {bit}"));
    }
    for length in 0..bytes.len() {
        judge(&bytes[..length], &format!("cut at {length}"));
    }
    judge(&[bytes.as_slice(), &[0; 8]].concat(), "more behind it");
    // A chunk of its own that was left out, or put twice.
    let chunk = 16 + u32::from_be_bytes(bytes[64..68].try_into().unwrap()) as usize;
    judge(&[&bytes[..64], &bytes[64 + chunk..]].concat(), "without the first chunk");
    judge(&[&bytes[..64 + chunk], &bytes[64..]].concat(), "the first chunk twice");
}

#[test]
fn an_unfinished_one_is_none() {
    let memory = sample();
    let disk = SimDisk::default();
    let copying = Copying::begin(&memory, IDENTITY, &disk, NAME).unwrap();
    assert!(matches!(copying.step(&memory, 300).unwrap(), Step::More(_)));
    assert!(matches!(read(&disk), Err(Unusable::Fault(SnapshotFault::Unfinished))));
    // Another may be begun in its place.
    assert!(matches!(
        Copying::begin(&memory, IDENTITY, &disk, NAME).unwrap().step(&memory, u64::MAX).unwrap(),
        Step::Done { .. }
    ));
    assert_eq!(read(&disk).unwrap().0, all(memory.reader().as_ref()));
    assert_eq!(disk.list("").unwrap(), [NAME]);
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let write = (0_u8..30, prop::option::weighted(0.7, 0_usize..80));
    prop::collection::vec(write, 1..4).prop_map(|writes| {
        let write = |(number, length): (u8, Option<usize>)| Write {
            key: format!("{}key {number}", "k".repeat(usize::from(number % 3) * 130)).into_bytes(),
            value: length.map(|length| vec![number; length]),
        };
        writes.into_iter().map(write).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../proptest-regressions/store-engine-snapshot.txt"
        )))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_copied_while_others_commit_is_the_state_at_one_revision(
        before in prop::collection::vec(writes(), 0..30),
        meanwhile in prop::collection::vec(writes(), 0..40),
        budget in 1_u64..2000,
    ) {
        let memory = Memory::new();
        commit_all(&memory, before.into_iter().map(|writes| blind(1, writes)));
        let disk = copy(&memory, budget, meanwhile);
        let (entries, revision) = read(&disk).unwrap();
        let changes = history(&memory);
        prop_assert_eq!(entries, fold(&changes[..usize::try_from(revision.number()).unwrap()]));
    }

    #[test]
    fn noise_is_no_snapshot(at in 0_usize..3000, noise in prop::collection::vec(any::<u8>(), 1..200)) {
        let memory = sample();
        let disk = copy(&memory, 500, vec![]);
        let sound = disk.bytes(NAME);
        let mut bytes = sound.clone();
        bytes.iter_mut().skip(at % sound.len()).zip(noise).for_each(|(to, from)| *to = from);
        disk.replace(NAME, &bytes);
        match read(&disk) {
            Ok(_) => prop_assert_eq!(bytes, sound),
            Err(Unusable::Fault(_)) => {}
            Err(Unusable::Disk(error)) => prop_assert!(false, "{error:?}"),
        }
    }
}

#[test]
fn what_is_read_twice_is_the_same() {
    let memory = sample();
    let mut seen = BTreeMap::new();
    for entry in read(&copy(&memory, 100, vec![])).unwrap().0 {
        assert!(seen.insert(entry.key, entry.value).is_none());
    }
    let mut count = 0;
    let visit = &mut |entry: Entry| {
        assert_eq!(seen[&entry.key], entry.value);
        count += 1;
        core::ops::ControlFlow::Continue(())
    };
    memory.reader().scan(KeyRange::all(), Order::Ascending, visit).unwrap();
    assert_eq!(count, seen.len());
}
