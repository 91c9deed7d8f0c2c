//! How far a webhook has come: a small file of its own, replaced whole and synced, with a checksum.
//!
//! ```text
//! hatchery webhook 1
//! 4711
//! 64 hexadecimal digits: SHA-256 of the two lines above and the address
//! ```
//!
//! The address itself is not in there: its path may be a secret.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fleet::Revision;
use sha2::{Digest as _, Sha256};

use super::post::hex;

const HEAD: &str = "hatchery webhook 1";

/// A cursor that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    /// The disk fails.
    #[error("{action} {path}", path = .path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// It is not what was written. Without it nothing says what has been delivered.
    #[error("{path} is damaged; without the file, what happens from then on is delivered", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// A durable cursor.
#[derive(Debug)]
pub(super) struct Cursor {
    path: PathBuf,
    url: String,
    read: Revision,
}

/// What a webhook goes by: the same for the same address.
pub(super) fn name(url: &str) -> String {
    let digest = hex(&Sha256::digest(url.as_bytes()));
    format!("webhook-{}", digest.get(..16).unwrap_or(&digest))
}

impl Cursor {
    /// The cursor of `url` in `folder`; a new one begins after `last`.
    pub(super) fn open(folder: &Path, url: &str, last: Revision) -> Result<Self, CursorError> {
        let path = folder.join(format!("{}.cursor", name(url)));
        match fs::read_to_string(&path) {
            Ok(text) => match parse(&text, url) {
                Some(read) => Ok(Self { path, url: url.into(), read }),
                None => Err(CursorError::Damaged { path }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let cursor = Self { path, url: url.into(), read: last };
                cursor.write()?;
                Ok(cursor)
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(CursorError::Damaged { path }),
            Err(source) => Err(CursorError::File { action: "read", path, source }),
        }
    }

    /// The last commit that was delivered.
    pub(super) const fn read(&self) -> Revision {
        self.read
    }

    /// Keeps for good that everything up to `read` was delivered.
    pub(super) fn keep(&mut self, read: Revision) -> Result<(), CursorError> {
        if self.read != read {
            self.read = read;
            self.write()?;
        }
        Ok(())
    }

    fn write(&self) -> Result<(), CursorError> {
        let fail = |action| move |source| CursorError::File { action, path: self.path.clone(), source };
        let next = self.path.with_extension("new");
        let mut file = File::create(&next).map_err(fail("make the successor of"))?;
        file.write_all(render(&self.url, self.read).as_bytes()).map_err(fail("write"))?;
        file.sync_all().map_err(fail("sync"))?;
        fs::rename(&next, &self.path).map_err(fail("replace"))?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail("sync the folder of"))
    }
}

fn render(url: &str, read: Revision) -> String {
    let said = format!("{HEAD}\n{read}\n");
    let digest = hex(&Sha256::digest(format!("{said}{url}\n").as_bytes()));
    format!("{said}{digest}\n")
}

fn parse(text: &str, url: &str) -> Option<Revision> {
    let read = text.lines().nth(1)?.parse().ok().map(Revision::new)?;
    // What it says it is has to come to the same bytes.
    (text == render(url, read)).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:9/hook";

    #[test]
    fn a_cursor_is_where_it_was_and_of_one_address() {
        let folder = tempfile::tempdir().unwrap();
        let open = |url, last| Cursor::open(folder.path(), url, Revision::new(last)).unwrap();
        let mut cursor = open(URL, 5);
        assert_eq!(cursor.read(), Revision::new(5), "a new one tells what happens from now on");
        cursor.keep(Revision::new(7)).unwrap();
        assert_eq!(open(URL, 9).read(), Revision::new(7));
        assert_eq!(open("http://127.0.0.1:9/other", 9).read(), Revision::new(9));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn no_byte_of_a_cursor_can_be_cut_or_changed_unseen() {
        let folder = tempfile::tempdir().unwrap();
        let path = Cursor::open(folder.path(), URL, Revision::new(4711)).unwrap().path;
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            for damaged in [&whole[..at], &changed[..]] {
                fs::write(&path, damaged).unwrap();
                let refused = Cursor::open(folder.path(), URL, Revision::ZERO).unwrap_err();
                assert!(matches!(refused, CursorError::Damaged { .. }), "byte {at}: {refused}");
            }
        }
    }

    #[test]
    fn a_successor_that_was_not_finished_is_not_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let cursor = Cursor::open(folder.path(), URL, Revision::new(3)).unwrap();
        fs::write(cursor.path.with_extension("new"), "hatchery web").unwrap();
        assert_eq!(Cursor::open(folder.path(), URL, Revision::ZERO).unwrap().read(), Revision::new(3));
    }
}
