//! What every engine under a store has to do, wherever it keeps its bytes. Its author runs this against
//! theirs.
//!
//! The suite goes by what any engine can see of itself: revisions are compared and never counted from one,
//! nothing is asked of an engine that its [`Abilities`] deny, and what has to be done to it from outside (to
//! stop it, to break it, to make it forget) is done by its [`Home`]. So an engine on a replicated store, whose
//! transactions compare revisions and hold a few hundred writes, is judged by the same sentences as one on a disk.
//!
//! ```
//! use hatchery::engine::Engine;
//! use hatchery::engine::memory::Memory;
//! use testkit::engines::{self, Home};
//!
//! #[derive(Default)]
//! struct InMemory;
//!
//! impl Home for InMemory {
//!     fn make(&mut self) -> Box<dyn Engine> {
//!         Box::new(Memory::new())
//!     }
//! }
//!
//! engines::check(&mut InMemory);
//! ```

mod promises;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use fleet::{Revision, Time};
use hatchery::engine::{Commit, Engine, Entry, Expected, KeyRange, Order, Reader, Write};

/// What an engine can do, where engines differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Abilities {
    /// How many writes one commit can have at least. A launch of 100 instances takes 210, and a few more for
    /// further groups and pages of addresses.
    pub writes_max: usize,
}

impl Default for Abilities {
    fn default() -> Self {
        Self { writes_max: 256 }
    }
}

/// Where engines of one kind come from, and what can be done to them from outside.
pub trait Home {
    /// What they can do.
    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    /// A new one with nothing in it.
    fn make(&mut self) -> Box<dyn Engine>;

    /// The same after it was stopped without a word, as a kill would, and opened again; `None` for one that
    /// forgets everything.
    fn reopen(&mut self, engine: Box<dyn Engine>) -> Option<Box<dyn Engine>> {
        drop(engine);
        None
    }

    /// From now on the engine that was made or opened last cannot make anything durable, until it is opened
    /// again. `false` where that cannot be brought about.
    fn break_medium(&mut self) -> bool {
        false
    }

    /// One that keeps no history before its last few commits, with `commits` commits in it of one write to
    /// the key `k` each; `None` where history cannot be made to go.
    fn forgetful(&mut self, commits: usize) -> Option<Box<dyn Engine>> {
        let _ = commits;
        None
    }
}

/// Judges engines of one kind.
///
/// # Panics
/// When a promise is broken; the message names it.
pub fn check(home: &mut dyn Home) {
    for (name, promise) in promises::OF_ONE {
        let engine = home.make();
        eprintln!("{name}");
        promise(engine.as_ref());
        agrees(engine.as_ref());
    }
    for (name, promise) in promises::OF_A_HOME {
        eprintln!("{name}");
        promise(home);
    }
}

fn put(key: &str, value: &str) -> Write {
    Write { key: key.into(), value: Some(value.into()) }
}

fn remove(key: &str) -> Write {
    Write { key: key.into(), value: None }
}

fn blind(millis: u64, writes: Vec<Write>) -> Commit {
    Commit { time: Time::from_millis(millis), expected: Vec::new(), writes: writes.into() }
}

fn expecting(key: &str, revision: Option<Revision>, writes: Vec<Write>) -> Commit {
    let expected = vec![Expected { key: key.into(), revision }];
    Commit { time: Time::from_millis(1), expected, writes: writes.into() }
}

/// Commits one that has to be accepted; its revision.
fn commit(engine: &dyn Engine, commit: Commit) -> Revision {
    engine.commit(vec![commit]).expect("a commit").remove(0).expect("it is accepted")
}

fn scan(reader: &dyn Reader, range: KeyRange, order: Order) -> Vec<Entry> {
    let mut found = Vec::new();
    let visit = &mut |entry| {
        found.push(entry);
        ControlFlow::Continue(())
    };
    reader.scan(range, order, visit).expect("a scan");
    found
}

fn all(engine: &dyn Engine) -> Vec<Entry> {
    scan(engine.reader().as_ref(), KeyRange::all(), Order::Ascending)
}

/// `key=value`, one after the other.
fn show(engine: &dyn Engine) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let show = |entry: &Entry| format!("{}={}", text(&entry.key), text(&entry.value));
    all(engine).iter().map(show).collect::<Vec<_>>().join(" ")
}

fn revision_of(engine: &dyn Engine, key: &str) -> Option<Revision> {
    engine.reader().get(key.as_bytes()).expect("a read").map(|entry| entry.revision)
}

/// The state, the feed and the last revision tell the same story.
fn agrees(engine: &dyn Engine) {
    let changes = engine.changes(Revision::ZERO, usize::MAX).expect("the feed");
    let mut map = BTreeMap::new();
    for change in &changes {
        for write in &change.writes {
            match write.value {
                Some(value) => map.insert(write.key.to_vec(), (value.to_vec(), change.revision)),
                None => map.remove(write.key),
            };
        }
    }
    let told = map.into_iter().map(|(key, (value, revision))| Entry { key, value, revision });
    let mut told: Vec<_> = told.collect();
    assert_eq!(all(engine), told, "the feed tells the state");
    told.reverse();
    assert_eq!(
        scan(engine.reader().as_ref(), KeyRange::all(), Order::Descending),
        told,
        "downwards as upwards"
    );
    assert!(changes.is_sorted_by(|one, next| one.revision < next.revision), "revisions rise");
    assert!(changes.is_sorted_by_key(|change| change.time), "times do not fall");
    if let Some(last) = changes.last() {
        assert_eq!(engine.last(), (last.revision, last.time), "the last commit is the feed's last");
    }
}
