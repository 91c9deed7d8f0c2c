//! A disk in memory that remembers every operation. One run of a store leaves a tape; every crash that could
//! have happened during it is then made from the tape, without running anything again (see [`crate::losses`]).
//!
//! It can also fail: at one operation, or from one on.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use store::engine::disk::{Disk, DiskFile};

/// A file, however it is called: files are numbered as they are made, and never given a number twice.
pub(crate) type Inode = usize;

/// What stands on a disk. Copies share the bytes of their files until one of them changes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    pub(crate) files: Vec<Arc<Vec<u8>>>,
    pub(crate) names: BTreeMap<String, Inode>,
    /// Directories besides the one it all stands in.
    pub(crate) directories: Vec<String>,
}

impl Image {
    pub(crate) fn write(&mut self, inode: Inode, offset: usize, bytes: &[u8]) {
        let file = Arc::make_mut(&mut self.files[inode]);
        let end = offset + bytes.len();
        if file.len() < end {
            file.resize(end, 0);
        }
        file[offset..end].copy_from_slice(bytes);
    }

    pub(crate) fn rename(&mut self, change: &NameChange) {
        match change {
            NameChange::Directory(name) => {
                if !self.directories.contains(name) {
                    self.directories.push(name.clone());
                }
            }
            NameChange::Create(name, inode) => {
                self.names.insert(name.clone(), *inode);
            }
            NameChange::Rename(from, to) => {
                if let Some(inode) = self.names.remove(from) {
                    self.names.insert(to.clone(), inode);
                }
            }
            NameChange::Remove(name) => {
                self.names.remove(name);
            }
        }
    }
}

/// A change of names. It lasts once its directory is synced.
#[derive(Clone, Debug)]
pub(crate) enum NameChange {
    Directory(String),
    Create(String, Inode),
    Rename(String, String),
    Remove(String),
}

impl NameChange {
    pub(crate) fn directory(&self) -> &str {
        match self {
            Self::Directory(name) | Self::Create(name, _) | Self::Rename(name, _) | Self::Remove(name) => {
                directory(name)
            }
        }
    }
}

pub(crate) fn directory(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// One operation that changed the disk, or made changes last.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Write {
        inode: Inode,
        offset: usize,
        bytes: Arc<[u8]>,
    },
    Sync(Inode),
    /// A sync that failed: what was written since the last one is read until the machine stops, and never
    /// reaches the disk. Linux does so.
    Forget(Inode),
    Names(NameChange),
    SyncDirectory(String),
}

/// What kind of operation it is, for choosing which one fails.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum OpKind {
    Create,
    Directory,
    List,
    Open,
    Read,
    Remove,
    Rename,
    Size,
    Sync,
    SyncDirectory,
    Write,
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum How {
    /// An input/output error; nothing happens.
    Io,
    /// The disk is full; nothing happens.
    Full,
    /// Half of a write happens; other operations fail as with an input/output error.
    Short,
}

/// Which operation fails, counted from 0, and whether it is the only one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) how: How,
    pub(crate) sticky: bool,
}

/// The disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    base: Image,
    now: Image,
    ops: Vec<Op>,
    /// Operations of every kind so far, those that only read among them.
    seen: Vec<OpKind>,
    fault: Option<Fault>,
    dead: bool,
}

impl Tape {
    /// A disk that holds `image`, all of it durable, and an empty tape.
    pub(crate) fn over(image: Image) -> Self {
        Self(Arc::new(Mutex::new(Inner { base: image.clone(), now: image, ..Inner::default() })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// How long the tape is.
    pub(crate) fn length(&self) -> usize {
        self.inner().ops.len()
    }

    /// What stood there at first, and what happened to it.
    pub(crate) fn recorded(&self) -> (Image, Vec<Op>) {
        let inner = self.inner();
        (inner.base.clone(), inner.ops.clone())
    }

    /// What another process finds when this one is killed: everything that was written.
    pub(crate) fn image(&self) -> Image {
        self.inner().now.clone()
    }

    /// Every operation so far, also those that only read.
    pub(crate) fn seen(&self) -> Vec<OpKind> {
        self.inner().seen.clone()
    }

    /// Lets an operation fail, counted from now.
    pub(crate) fn fail(&self, fault: Fault) {
        let mut inner = self.inner();
        inner.seen.clear();
        inner.fault = Some(fault);
    }

    /// From now on it is well.
    pub(crate) fn mend(&self) {
        self.inner().fault = None;
    }

    /// From now on nothing happens any more: a store that is dropped leaves no trace on the tape.
    pub(crate) fn stop(&self) {
        self.inner().dead = true;
    }

    /// Counts an operation, which may be the one to fail.
    fn operation(&self, kind: OpKind, half: impl FnOnce(&mut Inner)) -> io::Result<MutexGuard<'_, Inner>> {
        let mut inner = self.inner();
        if inner.dead {
            return Err(io::Error::other("the machine is off"));
        }
        let number = inner.seen.len();
        inner.seen.push(kind);
        match inner.fault {
            Some(Fault { at, how, sticky }) if number == at || (sticky && number > at) => {
                if how == How::Short {
                    half(&mut inner);
                }
                Err(match how {
                    How::Io => io::Error::other("input/output error"),
                    How::Full => ErrorKind::StorageFull.into(),
                    How::Short => ErrorKind::WriteZero.into(),
                })
            }
            Some(_) | None => Ok(inner),
        }
    }
}

impl Inner {
    fn write(&mut self, inode: Inode, offset: u64, bytes: &[u8]) {
        let offset = usize::try_from(offset).unwrap();
        self.now.write(inode, offset, bytes);
        self.ops.push(Op::Write { inode, offset, bytes: bytes.into() });
    }

    fn rename(&mut self, change: NameChange) {
        self.now.rename(&change);
        self.ops.push(Op::Names(change));
    }
}

impl Disk for Tape {
    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("tape").join(name)
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        let mut inner = self.operation(OpKind::Directory, |_| {})?;
        if !inner.now.directories.iter().any(|known| known == name) {
            inner.rename(NameChange::Directory(name.into()));
        }
        Ok(())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut inner = self.operation(OpKind::Create, |_| {})?;
        if inner.now.names.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let parent = directory(name);
        if !parent.is_empty() && !inner.now.directories.iter().any(|known| known == parent) {
            return Err(ErrorKind::NotFound.into());
        }
        let inode = inner.now.files.len();
        inner.now.files.push(Arc::default());
        inner.rename(NameChange::Create(name.into(), inode));
        Ok(Box::new(TapeFile { disk: self.clone(), inode }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let inner = self.operation(OpKind::Open, |_| {})?;
        let inode = *inner.now.names.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(Box::new(TapeFile { disk: self.clone(), inode }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.operation(OpKind::Rename, |_| {})?;
        if !inner.now.names.contains_key(from) {
            return Err(ErrorKind::NotFound.into());
        }
        inner.rename(NameChange::Rename(from.into(), to.into()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut inner = self.operation(OpKind::Remove, |_| {})?;
        if !inner.now.names.contains_key(name) {
            return Err(ErrorKind::NotFound.into());
        }
        inner.rename(NameChange::Remove(name.into()));
        Ok(())
    }

    fn list(&self, wanted: &str) -> io::Result<Vec<String>> {
        let inner = self.operation(OpKind::List, |_| {})?;
        if !wanted.is_empty() && !inner.now.directories.iter().any(|known| known == wanted) {
            return Err(ErrorKind::NotFound.into());
        }
        let within = inner.now.names.keys().filter(|name| directory(name) == wanted);
        Ok(within.map(|name| name.rsplit('/').next().unwrap().to_owned()).collect())
    }

    fn sync_dir(&self, wanted: &str) -> io::Result<()> {
        let mut inner = self.operation(OpKind::SyncDirectory, |_| {})?;
        inner.ops.push(Op::SyncDirectory(wanted.into()));
        Ok(())
    }

    fn free(&self) -> io::Result<u64> {
        Ok(u64::MAX)
    }
}

#[derive(Debug)]
struct TapeFile {
    disk: Tape,
    inode: Inode,
}

impl DiskFile for TapeFile {
    fn size(&self) -> io::Result<u64> {
        let inner = self.disk.operation(OpKind::Size, |_| {})?;
        Ok(inner.now.files[self.inode].len() as u64)
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let inner = self.disk.operation(OpKind::Read, |_| {})?;
        let bytes = &inner.now.files[self.inode];
        let start = usize::try_from(offset).unwrap().min(bytes.len());
        let end = start.saturating_add(length).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let half = &bytes[..bytes.len() / 2];
        let mut inner = self.disk.operation(OpKind::Write, |inner| inner.write(self.inode, offset, half))?;
        inner.write(self.inode, offset, bytes);
        Ok(())
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        let zeros = vec![0; usize::try_from(bytes).unwrap()];
        self.write_at(0, &zeros)
    }

    fn sync_data(&self) -> io::Result<()> {
        let inode = self.inode;
        match self.disk.operation(OpKind::Sync, |_| {}) {
            Ok(mut inner) => {
                inner.ops.push(Op::Sync(inode));
                Ok(())
            }
            Err(error) => {
                let mut inner = self.disk.inner();
                if !inner.dead {
                    inner.ops.push(Op::Forget(inode));
                }
                Err(error)
            }
        }
    }

    fn is_named(&self, name: &str) -> io::Result<bool> {
        Ok(self.disk.inner().now.names.get(name) == Some(&self.inode))
    }
}
