//! The record of a running process in a file, exact enough to know it again: its number, and since
//! when it runs in which life of the machine. A number alone may be a stranger's by now.

use std::fs;
use std::io;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process_group};

/// Where the kernel names this life of the machine.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Writes the record of the process that runs it, and becomes the command behind it. It is on disk
/// before the command begins, so none runs that is in no record. `ln` fails where there is a record
/// already: of two that start at once, one gives way.
pub(super) const RECORD_AND_BECOME: &str = concat!(
    "cat /proc/sys/kernel/random/boot_id /proc/$$/stat > process.$$ && ln process.$$ process || exit 1\n",
    "rm process.$$\n",
    "exec \"$@\""
);

/// The name of the record within the folder of an instance.
const FILE: &str = "process";

/// A process that was recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Recorded {
    pid: Pid,
    /// In ticks since the machine booted.
    started: u64,
}

impl Recorded {
    /// The process that is recorded in `folder`, if it runs. No record, one of an earlier life of
    /// the machine, one whose number belongs to another process by now: none of these runs.
    pub(super) fn running(folder: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let boot = fs::read_to_string(BOOT_ID)?;
        let recorded = text.strip_prefix(&boot).and_then(parse).map(|(recorded, _)| recorded);
        Ok(recorded.filter(|recorded| recorded.runs()))
    }

    /// Whether it runs. One that is over and waits to be noticed by its parent does not.
    pub(super) fn runs(self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid.as_raw_nonzero()));
        let found = stat.ok().as_deref().and_then(parse);
        found.is_some_and(|(found, state)| found == self && !matches!(state, 'Z' | 'X'))
    }

    /// Sends a signal to it and to all of its group, unless it does not run any more.
    pub(super) fn signal(self, signal: Signal) {
        if self.runs() {
            // It may have ended since; that is what was wanted.
            let _ = kill_process_group(self.pid, signal);
        }
    }

    /// Forgets who ran in `folder`.
    pub(super) fn forget(folder: &Path) -> io::Result<()> {
        match fs::remove_file(folder.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Whether processes can be known again on this machine.
pub(super) fn can_record() -> io::Result<()> {
    fs::read_to_string(BOOT_ID)?;
    fs::read_to_string("/proc/self/stat").map(drop)
}

/// Number, beginning and state of a process, as the kernel writes them (`proc_pid_stat(5)`): the
/// name behind the number is in parentheses, and may hold some itself.
fn parse(stat: &str) -> Option<(Recorded, char)> {
    let (head, rest) = stat.rsplit_once(')')?;
    let pid = head.split_once(' ')?.0.parse().ok().and_then(Pid::from_raw)?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?.chars().next()?;
    // The state is field 3, the beginning field 22.
    let started = fields.nth(18)?.parse().ok()?;
    Some((Recorded { pid, started }, state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_whatever_the_process_calls_itself() {
        let rest = "S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 2850816 1";
        for name in ["sh", "a b", "x) Z 1 (y", ""] {
            let (recorded, state) = parse(&format!("7 ({name}) {rest}\n")).unwrap();
            assert_eq!((recorded.pid.as_raw_nonzero().get(), recorded.started, state), (7, 4711, 'S'));
        }
        for broken in ["", "7", "7 (sh)", "7 (sh) S 1 2", "0 (sh) S", "x (sh) S 1 7 7"] {
            assert_eq!(parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_stranger_with_the_same_number_is_not_known_again() {
        let folder = tempfile::tempdir().unwrap();
        let boot = fs::read_to_string(BOOT_ID).unwrap();
        let own = fs::read_to_string("/proc/self/stat").unwrap();
        let (recorded, _) = parse(&own).unwrap();
        let record = |text: String| {
            fs::write(folder.path().join(FILE), text).unwrap();
            Recorded::running(folder.path()).unwrap()
        };
        assert_eq!(record(format!("{boot}{own}")), Some(recorded));
        let started = format!(" {} ", recorded.started);
        assert_eq!(record(format!("{boot}{}", own.replace(&started, " 1 "))), None, "another beginning");
        assert_eq!(record(format!("an earlier life\n{own}")), None, "another life of the machine");
        assert_eq!(record(boot), None, "a record that was cut short");
        Recorded::forget(folder.path()).unwrap();
        Recorded::forget(folder.path()).unwrap();
        assert_eq!(Recorded::running(folder.path()).unwrap(), None);
    }
}
