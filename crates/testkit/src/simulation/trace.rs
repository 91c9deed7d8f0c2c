//! What happened in a run, line by line, and the digest of it.

use std::fmt::{self, Write as _};

use fleet::Time;
use sha2::{Digest as _, Sha256};

use super::setup::Setup;

/// The lines of a run. All of them are digested; they are kept only where somebody wants to read them.
#[derive(Debug)]
pub(super) struct Trace {
    digest: Sha256,
    line: String,
    kept: Option<Vec<String>>,
}

/// Whether the lines are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lines {
    Kept,
    Digested,
}

impl Trace {
    pub(super) fn new(lines: Lines) -> Self {
        let kept = (lines == Lines::Kept).then(Vec::new);
        Self { digest: Sha256::new(), line: String::new(), kept }
    }

    /// Adds a line.
    pub(super) fn tell(&mut self, at: Time, who: &str, what: fmt::Arguments<'_>) {
        self.line.clear();
        let (secs, millis) = (at.secs() % 86_400, at.millis() % 1000);
        let (hours, minutes, seconds) = (secs / 3600, secs / 60 % 60, secs % 60);
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.line,
            "day {} {hours:02}:{minutes:02}:{seconds:02}.{millis:03} {who}: {what}",
            Setup::day(at)
        );
        self.digest.update(self.line.as_bytes());
        if let Some(kept) = &mut self.kept {
            kept.push(self.line.trim_end().to_owned());
        }
    }

    /// The digest of all lines, in hexadecimal, and those that were kept.
    pub(super) fn finish(self) -> (String, Vec<String>) {
        let digest =
            self.digest.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        (digest, self.kept.unwrap_or_default())
    }
}
