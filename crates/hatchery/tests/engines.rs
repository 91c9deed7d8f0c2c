//! The engines that there are, judged by the suite that is there for everybody's.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::unwrap_used)]

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hatchery::engine::disk::{Directory, Disk, DiskFile};
use hatchery::engine::local::{self, Local};
use hatchery::engine::memory::Memory;
use hatchery::engine::{Commit, Engine, Write};
use hatchery::{AccountId, Hatchery, OpenAccount, Options, StoreId, Time};
use testkit::engines::{self, Abilities, Home};

const STORE: StoreId = StoreId(*b"a store of tests");

struct InMemory;

impl Home for InMemory {
    fn abilities(&self) -> Abilities {
        Abilities { writes_max: 5000 }
    }

    fn make(&mut self) -> Box<dyn Engine> {
        Box::new(Memory::new())
    }

    fn forgetful(&mut self, commits: usize) -> Option<Box<dyn Engine>> {
        Some(filled(Box::new(Memory::with_history(10)), commits))
    }
}

fn filled(engine: Box<dyn Engine>, commits: usize) -> Box<dyn Engine> {
    for number in 0..commits {
        let write = Write { key: b"k".to_vec(), value: Some(number.to_string().into_bytes()) };
        let commit = Commit { time: Time::START, expected: Vec::new(), writes: vec![write].into() };
        engine.commit(vec![commit]).unwrap().remove(0).unwrap();
    }
    engine
}

/// Options under which a few commits reach every layer.
fn small() -> local::Options {
    local::Options {
        segment_size: 4096,
        table_entries: 16,
        cache_bytes: 1024 * 1024,
        checkpoint_segments: 3,
        snapshot_min_bytes: 2048,
        ballast_bytes: 0,
        sync: local::Sync::Never,
        ..local::Options::default()
    }
}

/// Stores in a folder, with an index.
struct OnDisk {
    folder: tempfile::TempDir,
    made: usize,
}

impl OnDisk {
    fn path(&self) -> PathBuf {
        self.folder.path().join(self.made.to_string())
    }
}

impl Home for OnDisk {
    fn abilities(&self) -> Abilities {
        Abilities { writes_max: 5000 }
    }

    fn make(&mut self) -> Box<dyn Engine> {
        self.made += 1;
        Box::new(Local::create(&self.path(), STORE, small()).unwrap())
    }

    fn reopen(&mut self, engine: Box<dyn Engine>) -> Option<Box<dyn Engine>> {
        drop(engine);
        let (engine, report) = Local::open(&self.path(), small()).unwrap();
        assert!(report.lost.is_none());
        Some(Box::new(engine))
    }

    fn forgetful(&mut self, commits: usize) -> Option<Box<dyn Engine>> {
        self.made += 1;
        let options = local::Options { keep_bytes: 4096, ..small() };
        Some(filled(Box::new(Local::create(&self.path(), STORE, options).unwrap()), commits * 4))
    }
}

/// A folder that can be made to take nothing any more.
#[derive(Clone, Debug)]
struct Failing {
    inner: Directory,
    broken: Arc<AtomicBool>,
}

#[derive(Debug)]
struct FailingFile {
    inner: Box<dyn DiskFile>,
    broken: Arc<AtomicBool>,
}

fn well(broken: &AtomicBool) -> io::Result<()> {
    if broken.load(Ordering::SeqCst) { Err(io::Error::other("the disk is gone")) } else { Ok(()) }
}

impl Failing {
    fn file(&self, inner: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(FailingFile { inner, broken: Arc::clone(&self.broken) })
    }
}

impl Disk for Failing {
    fn path(&self, name: &str) -> PathBuf {
        self.inner.path(name)
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        self.inner.create_dir(name)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        well(&self.broken)?;
        self.inner.create(name).map(|file| self.file(file))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.inner.open(name).map(|file| self.file(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        well(&self.broken)?;
        self.inner.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.inner.remove(name)
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        self.inner.list(directory)
    }

    fn sync_dir(&self, directory: &str) -> io::Result<()> {
        well(&self.broken)?;
        self.inner.sync_dir(directory)
    }

    fn free(&self) -> io::Result<u64> {
        self.inner.free()
    }
}

impl DiskFile for FailingFile {
    fn size(&self) -> io::Result<u64> {
        self.inner.size()
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.inner.read(offset, length)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        well(&self.broken)?;
        self.inner.write_at(offset, bytes)
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.inner.reserve(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        well(&self.broken)?;
        self.inner.sync_data()
    }

    fn is_named(&self, name: &str) -> io::Result<bool> {
        self.inner.is_named(name)
    }
}

/// Journals in a folder that can fail; what the index would hold stays in memory.
struct OnAFailingDisk {
    folder: tempfile::TempDir,
    made: usize,
    broken: Arc<AtomicBool>,
}

impl OnAFailingDisk {
    fn disk(&mut self) -> Arc<dyn Disk> {
        self.broken = Arc::default();
        let path = self.folder.path().join(self.made.to_string());
        std::fs::create_dir_all(&path).unwrap();
        Arc::new(Failing { inner: Directory::new(path), broken: Arc::clone(&self.broken) })
    }
}

impl Home for OnAFailingDisk {
    fn make(&mut self) -> Box<dyn Engine> {
        self.made += 1;
        Box::new(Local::create_on(self.disk(), STORE, small()).unwrap())
    }

    fn reopen(&mut self, engine: Box<dyn Engine>) -> Option<Box<dyn Engine>> {
        drop(engine);
        Some(Box::new(Local::open_on(self.disk(), small()).unwrap().0))
    }

    fn break_medium(&mut self) -> bool {
        self.broken.store(true, Ordering::SeqCst);
        true
    }
}

#[test]
fn the_engine_in_memory_keeps_every_promise() {
    engines::check(&mut InMemory);
}

#[test]
fn the_engine_on_disk_keeps_every_promise() {
    engines::check(&mut OnDisk { folder: tempfile::tempdir().unwrap(), made: 0 });
}

#[test]
fn the_engine_on_disk_keeps_every_promise_when_the_disk_fails() {
    let folder = tempfile::tempdir().unwrap();
    engines::check(&mut OnAFailingDisk { folder, made: 0, broken: Arc::default() });
}

#[test]
fn a_fleet_stands_on_any_engine() {
    let hatchery = Hatchery::over(Box::new(Memory::with_history(10)), Options::default()).unwrap();
    let open = OpenAccount { id: AccountId(1), instance_limit: 1, grant: None };
    hatchery.commit(open, Time::START).unwrap();
    assert_eq!(hatchery.check().unwrap().findings, Vec::<String>::new());
}
