//! The key pair of a server: made once, kept in a file that only its owner can read.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use serde::Deserialize;
use wire::ecs::Secret;

use crate::{Failure, Outcome};

/// An access key and its secret.
pub(crate) struct Credentials {
    pub(crate) key_id: String,
    pub(crate) secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    access_key_id: String,
    access_key_secret: String,
}

/// Letters and digits that secrets are made of.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl Credentials {
    /// The key pair in the file at `path`; a new one is drawn and written when there is no file.
    pub(crate) fn at(path: &Path) -> Outcome<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Self::read(path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::draw(path),
            Err(source) => Err(Failure::File { action: "read", path: path.into(), source }),
        }
    }

    /// The secret, in a type that does not print it.
    pub(crate) fn secret(&self) -> Secret {
        Secret::new(self.secret.clone())
    }

    fn read(path: &Path, text: &str) -> Outcome<Self> {
        let failure = |detail: String| Failure::Credentials { path: path.into(), detail };
        let metadata = fs::metadata(path);
        let metadata =
            metadata.map_err(|source| Failure::File { action: "read", path: path.into(), source })?;
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(failure(format!("its mode is {mode:03o}, others can read it; chmod 600 mends that")));
        }
        // The message of the parser could quote the secret.
        let file: File = toml::from_str(text)
            .map_err(|_| failure("access_key_id and access_key_secret are expected".into()))?;
        Ok(Self { key_id: file.access_key_id, secret: file.access_key_secret })
    }

    fn draw(path: &Path) -> Outcome<Self> {
        let credentials = Self { key_id: format!("LTAI{}", letters(16)?), secret: letters(30)? };
        let failure = |source| Failure::File { action: "write", path: path.into(), source };
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failure)?;
        let Self { key_id, secret } = &credentials;
        writeln!(file, "access_key_id = \"{key_id}\"\naccess_key_secret = \"{secret}\"").map_err(failure)?;
        file.sync_all().map_err(failure)?;
        Ok(credentials)
    }
}

/// So many random letters and digits.
fn letters(count: usize) -> Outcome<String> {
    let mut drawn = String::with_capacity(count);
    while drawn.len() < count {
        let mut bytes = [0_u8; 64];
        getrandom::fill(&mut bytes).map_err(Failure::Chance)?;
        // 248 is the largest multiple of 62 that a byte holds: no letter comes more often than another.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let missing = count.saturating_sub(drawn.len());
        drawn.extend(
            fair.filter_map(|byte| LETTERS.get(usize::from(byte % 62)))
                .take(missing)
                .copied()
                .map(char::from),
        );
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_pair_is_drawn_once_and_kept_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.toml");
        let drawn = Credentials::at(&path).unwrap();
        let read = Credentials::at(&path).unwrap();
        assert_eq!((drawn.key_id, drawn.secret), (read.key_id, read.secret));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = Credentials::at(&path).err().unwrap().to_string();
        assert!(refused.contains("its mode is 644"), "{refused}");
    }

    #[test]
    fn a_damaged_file_is_refused_without_quoting_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.toml");
        fs::write(&path, "access_key_secret = planted").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let refused = Credentials::at(&path).err().unwrap();
        assert!(!format!("{refused:?} {refused}").contains("planted"));
    }
}
