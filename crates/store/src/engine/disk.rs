//! The few things done to files, behind a trait so that a test can do them badly.
//!
//! A [`Disk`] is one store directory. Names are relative to it and use `/`.

use core::fmt::Debug;
use core::num::NonZeroU64;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, AtFlags, StatxFlags, fadvise, statx};

/// A directory of files.
pub trait Disk: Send + Sync + Debug {
    /// The path a name stands for; for messages only.
    fn path(&self, name: &str) -> PathBuf;

    /// Makes a directory if there is none.
    ///
    /// # Errors
    ///
    /// Whatever the system says; so for all of these.
    fn create_dir(&self, name: &str) -> io::Result<()>;

    /// Makes an empty file; one that exists is an error.
    ///
    /// # Errors
    ///
    /// As above.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file that exists.
    ///
    /// # Errors
    ///
    /// As above.
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name, replacing what had it.
    ///
    /// # Errors
    ///
    /// As above.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// As above.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// The names in a directory, in order. A directory that does not exist is an error.
    ///
    /// # Errors
    ///
    /// As above.
    fn list(&self, directory: &str) -> io::Result<Vec<String>>;

    /// Makes durable which names a directory has; `""` is the store directory itself.
    ///
    /// # Errors
    ///
    /// As above.
    fn sync_dir(&self, directory: &str) -> io::Result<()>;

    /// How many bytes can still be written to it.
    ///
    /// # Errors
    ///
    /// As above.
    fn free(&self) -> io::Result<u64>;
}

/// An open file.
pub trait DiskFile: Send + Sync + Debug {
    /// How long it is.
    ///
    /// # Errors
    ///
    /// Whatever the system says; so for all of these.
    fn size(&self) -> io::Result<u64>;

    /// Up to `length` bytes from `offset` on; fewer only where the file ends.
    ///
    /// # Errors
    ///
    /// As above.
    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;

    /// Writes all of `bytes` at `offset`, making the file longer if need be.
    ///
    /// # Errors
    ///
    /// As above; some of the bytes may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes it `bytes` long, with room on the disk for all of them.
    ///
    /// # Errors
    ///
    /// As above; it may have become longer.
    fn reserve(&self, bytes: u64) -> io::Result<()>;

    /// Lets the disk begin with what was written there, so that a [`sync_data`](Self::sync_data) that comes a little
    /// later waits for less. Promises nothing.
    fn begin_writing(&self, _offset: u64, _length: usize) {}

    /// Makes what was written durable.
    ///
    /// # Errors
    ///
    /// As above; then nothing is known of what was written since the last success.
    fn sync_data(&self) -> io::Result<()>;

    /// Whether the name it was opened or renamed under still leads to it.
    ///
    /// # Errors
    ///
    /// As above.
    fn is_named(&self, name: &str) -> io::Result<bool>;
}

/// A real directory. Files are made readable by their owner only.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
    access: Access,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Access {
    ReadWrite,
    ReadOnly,
}

impl Directory {
    /// The directory at `root`.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root, access: Access::ReadWrite }
    }

    /// The directory at `root`, whose files are opened for reading only.
    #[must_use]
    pub const fn read_only(root: PathBuf) -> Self {
        Self { root, access: Access::ReadOnly }
    }
}

impl Disk for Directory {
    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        make_private_dir(&self.path(name))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(self.path(name))?;
        RealFile::boxed(file, &self.root)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.path(name);
        // A symbolic link could lead out of the store.
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::from(ErrorKind::InvalidInput));
        }
        let file = OpenOptions::new().read(true).write(self.access == Access::ReadWrite).open(path)?;
        RealFile::boxed(file, &self.root)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn list(&self, directory: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for item in fs::read_dir(self.path(directory))? {
            // A name that is not text is not one of ours.
            if let Ok(name) = item?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn sync_dir(&self, directory: &str) -> io::Result<()> {
        sync_path(&self.path(directory))
    }

    fn free(&self) -> io::Result<u64> {
        let space = rustix::fs::statvfs(&self.root)?;
        // For whoever is not root: what root has in reserve is not for us.
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }
}

/// Makes a directory for its owner only, if there is none.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Makes a file's bytes and size, or a directory's names, durable.
pub(crate) fn sync_path(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Which file it is, whatever its name.
///
/// Nothing but that is asked of the system, and for a reason: once somebody has looked at the times of
/// a file, the next write to it changes them on disk too, and the sync after that has two places to
/// write to instead of one (Linux 6.13 and later; a loop of both took 17 to 40 % longer).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Inode {
    device: (u32, u32),
    number: u64,
}

impl Inode {
    /// That of an open file.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Self::ask(file, Path::new(""), AtFlags::EMPTY_PATH)
    }

    /// Whether `path` leads to this very file.
    pub(crate) fn is_at(self, path: &Path) -> io::Result<bool> {
        match Self::ask(rustix::fs::CWD, path, AtFlags::empty()) {
            Ok(named) => Ok(named == self),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn ask(directory: impl AsFd, path: &Path, flags: AtFlags) -> io::Result<Self> {
        let found = statx(directory, path, flags, StatxFlags::INO)?;
        Ok(Self { device: (found.stx_dev_major, found.stx_dev_minor), number: found.stx_ino })
    }
}

#[derive(Debug)]
struct RealFile {
    file: File,
    inode: Inode,
    root: PathBuf,
}

impl RealFile {
    fn boxed(file: File, root: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(Self { inode: Inode::of(&file)?, file, root: root.to_path_buf() }))
    }
}

impl DiskFile for RealFile {
    fn size(&self) -> io::Result<u64> {
        // Not its times: see `Inode`.
        Ok(statx(&self.file, "", AtFlags::EMPTY_PATH, StatxFlags::SIZE)?.stx_size)
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let left = self.size()?.saturating_sub(offset);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(length);
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        Ok(rustix::fs::fallocate(&self.file, rustix::fs::FallocateFlags::empty(), 0, bytes)?)
    }

    /// Linux begins to write what it is told that nobody needs in memory any more (`posix_fadvise(2)`), and keeps in
    /// memory what is being written.
    fn begin_writing(&self, offset: u64, length: usize) {
        if let Some(length) = u64::try_from(length).ok().and_then(NonZeroU64::new) {
            let _begun_or_not = fadvise(&self.file, offset, Some(length), Advice::DontNeed);
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn is_named(&self, name: &str) -> io::Result<bool> {
        self.inode.is_at(&self.root.join(name))
    }
}
