//! The key pair of a server and the key of its vault: made once, each kept in a file that only its
//! owner can read.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use hatchery::Vault;
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
        match read_private(path)? {
            Some(text) => Self::read(path, &text),
            None => Self::draw(path),
        }
    }

    /// The secret, in a type that does not print it.
    pub(crate) fn secret(&self) -> Secret {
        Secret::new(self.secret.clone())
    }

    fn read(path: &Path, text: &str) -> Outcome<Self> {
        // The message of the parser could quote the secret.
        let file: File = toml::from_str(text)
            .map_err(|_| unreadable(path, "access_key_id and access_key_secret are expected"))?;
        Ok(Self { key_id: file.access_key_id, secret: file.access_key_secret })
    }

    fn draw(path: &Path) -> Outcome<Self> {
        let credentials = Self { key_id: format!("LTAI{}", letters(16)?), secret: letters(30)? };
        let Self { key_id, secret } = &credentials;
        write_private(path, &format!("access_key_id = \"{key_id}\"\naccess_key_secret = \"{secret}\"\n"))?;
        Ok(credentials)
    }
}

/// The vault whose [key](key_at) is in the file at `path`.
pub(crate) fn vault_at(path: &Path) -> Outcome<Vault> {
    key_at(path).map(|key| Vault::new(&key))
}

/// The key in the file at `path`, as 64 hexadecimal digits; a new key is drawn and written when there is
/// no file.
pub(crate) fn key_at(path: &Path) -> Outcome<[u8; Vault::KEY]> {
    let mut key = [0; Vault::KEY];
    if let Some(text) = read_private(path)? {
        let digits = text.trim_end();
        let pair = |at: usize| u8::from_str_radix(digits.get(at.saturating_mul(2)..)?.get(..2)?, 16).ok();
        let read = digits.len() == Vault::KEY * 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        for (at, byte) in key.iter_mut().enumerate() {
            let found = pair(at).filter(|_| read);
            *byte = found.ok_or_else(|| unreadable(path, "64 hexadecimal digits are expected"))?;
        }
    } else {
        getrandom::fill(&mut key).map_err(Failure::Chance)?;
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        write_private(path, &format!("{digits}\n"))?;
    }
    Ok(key)
}

/// What is in a file that only its owner can read; `None` when there is no file.
fn read_private(path: &Path) -> Outcome<Option<String>> {
    let failure = |source| Failure::File { action: "read", path: path.into(), source };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failure(source)),
    };
    let mode = fs::metadata(path).map_err(failure)?.mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(Some(text)),
        _ => Err(unreadable(
            path,
            &format!("its mode is {mode:03o}, others can read it; chmod 600 mends that"),
        )),
    }
}

/// Makes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> Outcome<()> {
    let failure = |source| Failure::File { action: "write", path: path.into(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failure)?;
    file.write_all(text.as_bytes()).map_err(failure)?;
    file.sync_all().map_err(failure)
}

fn unreadable(path: &Path, detail: &str) -> Failure {
    Failure::Credentials { path: path.into(), detail: detail.into() }
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
    fn the_key_of_the_vault_is_drawn_once_and_opens_what_was_sealed_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        let (account, plain) = (hatchery::AccountId(1), hatchery::Secret::new(b"sesame"));
        let sealed = vault_at(&path).unwrap().seal(account, hatchery::Nonce([3; 24]), &plain).unwrap();
        assert_eq!(vault_at(&path).unwrap().open(account, &sealed), Ok(plain));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);

        for damaged in ["", "00", &"0".repeat(65), &"x".repeat(64), &"+1".repeat(32)] {
            fs::write(&path, damaged).unwrap();
            let refused = vault_at(&path).err().unwrap().to_string();
            assert!(refused.contains("64 hexadecimal digits"), "{damaged}: {refused}");
        }
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
