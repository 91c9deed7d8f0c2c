//! One process, one open store. The lock is on an inode, so the name is watched too.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::OpenError;
use crate::engine::disk::Inode;
use crate::engine::{Action, EngineError};

const NAME: &str = "LOCK";

/// The right to be alone with a store, for as long as this lives.
#[derive(Debug)]
pub(crate) struct StoreLock {
    file: File,
    inode: Inode,
    path: PathBuf,
}

impl StoreLock {
    /// Locks `store` for writing, or says at once who has it.
    pub(crate) fn take(store: &Path) -> Result<Self, OpenError> {
        let path = store.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(EngineError::io(Action::Open, &path))?;
        let mut lock = Self::lock(file, path, store)?;
        lock.sign().map_err(EngineError::io(Action::Write, &lock.path))?;
        Ok(lock)
    }

    /// Keeps others from writing while `store` is read, without leaving a trace in it. A store
    /// without a lock file was copied and never opened: nobody can have it open.
    pub(crate) fn take_to_read(store: &Path) -> Result<Option<Self>, OpenError> {
        let path = store.join(NAME);
        match File::open(&path) {
            Ok(file) => Self::lock(file, path, store).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EngineError::io(Action::Open, path)(error).into()),
        }
    }

    fn lock(mut file: File, path: PathBuf, store: &Path) -> Result<Self, OpenError> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked { path: store.to_path_buf(), pid: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(EngineError::io(Action::Lock, path)(error).into()),
        }
        let inode = Inode::of(&file).map_err(EngineError::io(Action::Read, &path))?;
        let lock = Self { file, inode, path };
        lock.check_still_there()?;
        Ok(lock)
    }

    fn sign(&mut self) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        writeln!(self.file, "{}", std::process::id())
    }

    /// Fails when somebody else could by now have locked a file of that name.
    pub(crate) fn check_still_there(&self) -> Result<(), EngineError> {
        match self.inode.is_at(&self.path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(EngineError::Replaced { file: self.path.clone() }),
            Err(error) => Err(EngineError::io(Action::Read, &self.path)(error)),
        }
    }
}

/// The process that signed the lock file; `None` when it has not yet, or not legibly.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
