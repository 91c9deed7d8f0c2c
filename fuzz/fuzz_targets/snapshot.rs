//! The bytes of a snapshot, and of a backup, which is one with a manifest. Whatever they are, reading never panics,
//! and what is read is in order. One that was really written and then damaged is refused, or nothing was changed.
//! Chunks of any bytes get checksums and a digest that are right, to see what stands behind those.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use store::engine::memory::Memory;
use store::engine::{Commit, Engine as _, Entry, Write, disk::Directory};
use store::inside::{backup, snapshot};

const HEADER: usize = 64;

/// A backup that was really made: its manifest and its snapshot, and what is in it.
struct Written {
    manifest: Vec<u8>,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

static WRITTEN: LazyLock<Written> = LazyLock::new(|| {
    let memory = Memory::new();
    for number in 0_u8..60 {
        let write = |at: u8| Write {
            key: vec![at; usize::from(number % 5) + 1],
            value: (number % 7 != 0).then(|| vec![number; usize::from(number) * 3]),
        };
        let writes = vec![write(number % 13), write(number % 3)].into();
        let commit = Commit { time: fleet::Time::from_secs(u64::from(number)), expected: Vec::new(), writes };
        memory.commit(vec![commit]).expect("it is taken");
    }
    let folder = tempfile::tempdir().expect("a folder");
    memory.backup(&Directory::new(folder.path().to_path_buf()), &mut |_| {}).expect("a backup");
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    let bytes = read("snapshot");
    let (_, entries) = snapshot(&bytes).expect("it is whole");
    Written { manifest: read("BACKUP"), bytes, entries }
});

/// A chunk as `docs/storage-format.md` has it.
fn chunk(seed: u32, number: u64, (kind, count): (u8, u32), body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    let rest = [&[kind, 0, 0, 0], count.to_be_bytes().as_slice(), body].concat();
    let mut hasher = crc32fast::Hasher::new_with_initial(seed);
    hasher.update(&number.to_be_bytes());
    hasher.update(&length);
    hasher.update(&rest);
    [length.as_slice(), &hasher.finalize().to_be_bytes(), &rest].concat()
}

/// A snapshot of these chunks, with everything around them right.
fn made_of(chunks: &[(u8, u32, &[u8])], (revision, entries, changes): (u64, u64, u64)) -> Vec<u8> {
    let mut bytes = WRITTEN.bytes[..HEADER].to_vec();
    let seed = crc32fast::hash(&bytes);
    for (number, (kind, count, body)) in (0..).zip(chunks) {
        bytes.extend_from_slice(&chunk(seed, number, (*kind, *count), body));
    }
    let mut end = Vec::new();
    for number in [revision, 59_000, chunks.len() as u64, entries, changes] {
        end.extend_from_slice(&number.to_be_bytes());
    }
    end.extend_from_slice(&Sha256::digest(&bytes));
    end.extend_from_slice(b"HATCHEND");
    bytes.extend_from_slice(&chunk(seed, chunks.len() as u64, (3, 0), &end));
    bytes
}

fn is_in_order(bytes: &[u8]) {
    if let Ok((revision, entries)) = snapshot(bytes) {
        assert!(entries.is_sorted_by(|one, other| one.key < other.key), "keys rise");
        assert!(entries.iter().all(|entry| entry.revision <= revision), "none is newer than all of it");
    }
}

fuzz_target!(|data: &[u8]| {
    let [mode, rest @ ..] = data else { return };
    match mode % 4 {
        0 => is_in_order(rest),
        1 => {
            let [count, counts @ ..] = rest else { return };
            let mut numbers = counts.iter().copied();
            let mut next = || numbers.next().unwrap_or(1);
            let (revision, entries, changes) = (u64::from(next()), u64::from(next()), u64::from(next()));
            let size = (rest.len() / usize::from(count % 4 + 1)).max(1);
            let chunks: Vec<_> =
                rest.chunks(size).map(|body| (next() % 4, u32::from(next()), body)).collect();
            is_in_order(&made_of(&chunks, (revision, entries, changes)));
        }
        // A few bits of a real one are flipped.
        2 => {
            let mut bytes = WRITTEN.bytes.clone();
            for flip in rest.chunks_exact(3).take(3) {
                let at = usize::from(u16::from_be_bytes([flip[0], flip[1]])) % bytes.len();
                bytes[at] ^= 1 << (flip[2] % 8);
            }
            if bytes != WRITTEN.bytes {
                assert!(snapshot(&bytes).is_err(), "damage is noticed");
                assert!(backup(&WRITTEN.manifest, &bytes).is_err(), "here as well");
            } else {
                assert_eq!(snapshot(&bytes).expect("it is whole").1, WRITTEN.entries);
            }
        }
        // The manifest of a backup.
        _ => {
            let mut manifest = WRITTEN.manifest.clone();
            for (byte, change) in manifest.iter_mut().zip(rest) {
                *byte ^= change;
            }
            manifest.truncate(WRITTEN.manifest.len().min(rest.len().max(100)));
            if backup(&manifest, &WRITTEN.bytes).is_ok() {
                assert_eq!(manifest, WRITTEN.manifest, "no other manifest is right");
            }
            drop(backup(rest, &WRITTEN.bytes));
        }
    }
});
