//! A journal's bytes, replayed. Whatever they are, replaying never panics and gives dense revisions
//! and times that never go back. A journal that was really written and then damaged, cut off or
//! emptied behind a point gives the commits before the damage, or is refused: none is invented.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use fleet::{Revision, Time};
use libfuzzer_sys::fuzz_target;
use store::StoreId;
use store::engine::journal::{Identity, Replay, SegmentNumber, Unreadable, replay};
use store::engine::local::{Local, Options};
use store::engine::{Change, Commit, Engine as _, Write};

const STORE: StoreId = StoreId([0x48; 16]);

/// A segment that was really written, and what is in it.
struct Written {
    bytes: Vec<u8>,
    commits: Vec<Change>,
}

static WRITTEN: LazyLock<Written> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store");
    let store = Local::create(&path, STORE, Options { segment_size: 64 * 1024, ..Options::default() });
    let store = store.expect("a store");
    for group in 0_u8..6 {
        let commit = |at: u8| Commit {
            time: Time::from_secs(u64::from(group)),
            expected: Vec::new(),
            writes: vec![Write {
                key: vec![1, at],
                value: (at != 2).then(|| vec![group; usize::from(at) * 40]),
            }]
            .into(),
        };
        store.commit((0..=group % 3).map(commit).collect()).expect("it is taken");
    }
    let commits = store.changes(Revision::ZERO, usize::MAX).expect("they are there");
    Written { bytes: first_segment(&path), commits }
});

fn first_segment(store: &Path) -> Vec<u8> {
    let segments = std::fs::read_dir(store.join("journal")).expect("a journal");
    let mut paths: Vec<_> = segments.map(|segment| segment.expect("a segment").path()).collect();
    paths.sort();
    std::fs::read(&paths[0]).expect("a segment")
}

fn read(bytes: &[u8]) -> Result<Replay, Unreadable> {
    replay(bytes, Identity { store: STORE, epoch: 1 }, SegmentNumber(1))
}

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else { return };
    let mut bytes = WRITTEN.bytes.clone();
    let at = |data: &[u8]| {
        let place = data.iter().take(4).fold(0_usize, |place, byte| (place << 8) | usize::from(*byte));
        place % WRITTEN.bytes.len()
    };
    match mode % 4 {
        // Any bytes at all.
        0 => {
            if let Ok(read) = read(rest) {
                let revisions = read.commits.iter().map(|(_, change)| change.revision.number());
                assert!(revisions.eq(1..=read.commits.len() as u64), "revisions are dense");
                assert!(read.commits.is_sorted_by_key(|(_, change)| change.time), "times never go back");
            }
            return;
        }
        // Up to three bits are flipped: what a CRC-32 finds with certainty at these lengths.
        1 => rest.chunks(5).take(3).for_each(|flip| bytes[at(flip)] ^= 1 << (flip.last().unwrap_or(&0) % 8)),
        // The file is cut off.
        2 => bytes.truncate(at(rest)),
        // Nothing behind a point was written.
        _ => {
            let start = at(rest);
            bytes[start..].fill(0);
        }
    }
    if let Ok(read) = read(&bytes) {
        let commits: Vec<&Change> = read.commits.iter().map(|(_, change)| change).collect();
        let original: Vec<&Change> = WRITTEN.commits.iter().take(commits.len()).collect();
        assert_eq!(commits, original, "what is replayed is what was written, up to the damage");
    }
});
