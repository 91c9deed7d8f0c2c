//! The folder that sled keeps the index in: whether sled has let go of it, what it left unfinished there, and how
//! it is made durable, moved out of the way, and removed.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::index::io_fault;
use crate::engine::IndexFault;
use crate::engine::disk::sync_path;

/// How long to wait between two looks at whether sled has let go, and how often to look.
const LET_GO_PAUSE: Duration = Duration::from_millis(2);
const LET_GO_LOOKS: u32 = 5000;

/// Moves an index out of the way, keeping it for whoever wants to know what happened. Those that were
/// moved before go: the last one is the one that may still be asked about.
pub(super) fn move_aside(store: &Path, directory: &Path) -> io::Result<PathBuf> {
    let older = moved_aside(store)?;
    let number = older.last().map_or(0, |(number, _)| *number);
    let number = number.checked_add(1).ok_or(io::ErrorKind::AlreadyExists)?;
    let aside = store.join(format!("index.damaged-{number}"));
    fs::rename(directory, &aside)?;
    sync_path(store)?;
    for (_, older) in older {
        // They are only in the way: whether they go decides nothing.
        let _removed_or_not = fs::remove_dir_all(older);
    }
    Ok(aside)
}

/// Removes an index, and those that were moved out of the way.
pub(super) fn remove_indexes(store: &Path, directory: &Path) -> io::Result<()> {
    for (_, older) in moved_aside(store)? {
        fs::remove_dir_all(older)?;
    }
    fs::remove_dir_all(directory)?;
    sync_path(store)
}

/// The indexes that were moved out of the way, the oldest first.
pub(super) fn moved_aside(store: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    for item in fs::read_dir(store)? {
        let item = item?;
        let name = item.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("index.damaged-")?.parse().ok());
        found.extend(number.map(|number| (number, item.path())));
    }
    found.sort();
    Ok(found)
}

/// Waits for sled to let go of its lock. Its threads may hold on to it for a moment after it was
/// dropped; to take that for damage would be to rebuild a good index.
pub(super) fn wait_until_free(directory: &Path) -> Result<(), IndexFault> {
    look_until_free(directory, || thread::sleep(LET_GO_PAUSE))
}

fn look_until_free(directory: &Path, mut pause: impl FnMut()) -> Result<(), IndexFault> {
    let file = match File::open(directory.join("db")) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_fault(error)),
    };
    for _ in 0..LET_GO_LOOKS {
        match file.try_lock() {
            // It is let go again when the file is closed.
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => pause(),
            Err(TryLockError::Error(error)) => return Err(io_fault(error)),
        }
    }
    Err(IndexFault::Held)
}

/// sled refuses to open when it was stopped while it wrote a snapshot; the unfinished one is junk.
pub(super) fn remove_unfinished(directory: &Path) -> io::Result<()> {
    for item in fs::read_dir(directory)? {
        let path = item?.path();
        if path.extension().is_some_and(|extension| extension == "generating") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Makes every file below `directory` durable, and their names.
pub(super) fn sync_tree(directory: &Path) -> io::Result<()> {
    for item in fs::read_dir(directory)? {
        let path = item?.path();
        if path.is_dir() { sync_tree(&path)? } else { sync_path(&path)? }
    }
    sync_path(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_is_not_let_go_at_once_is_waited_for() {
        // sled's threads outlive it by a moment.
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("db"), b"").unwrap();
        let mut held = Some(File::open(folder.path().join("db")).unwrap());
        held.as_ref().unwrap().lock().unwrap();
        let mut pauses = 0;
        let let_go_at_the_third = || {
            pauses += 1;
            if pauses == 3 {
                held = None;
            }
        };
        look_until_free(folder.path(), let_go_at_the_third).unwrap();
        assert_eq!(pauses, 3);
    }

    #[test]
    fn an_index_that_is_never_let_go_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("db"), b"").unwrap();
        let held = File::open(folder.path().join("db")).unwrap();
        held.lock().unwrap();
        assert!(matches!(look_until_free(folder.path(), || {}), Err(IndexFault::Held)));
    }
}
