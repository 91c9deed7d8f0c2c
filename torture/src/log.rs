//! What was done, line by line, in a file that a later run goes on from.

use std::fs::{File, OpenOptions};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::oracle::Tally;
use crate::trouble::Outcome;

/// How often it is said how far a run is.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// A log of rounds of one kind.
pub(crate) struct Log {
    file: File,
    name: &'static str,
    aim: String,
    /// All rounds, those of earlier runs among them.
    rounds: u64,
    /// Of this run.
    here: u64,
    failed: u64,
    tally: Tally,
    began: Instant,
    said: Instant,
    silent: bool,
}

impl Log {
    /// Opens the log of `name` in `folder`, and counts what is in it.
    pub(crate) fn open(folder: &Path, name: &'static str, aim: Option<u64>) -> Outcome<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{name}.log"));
        let (mut rounds, mut failed) = (0, 0);
        if let Ok(text) = std::fs::read_to_string(&path) {
            for line in text.lines() {
                rounds = u64::saturating_add(
                    rounds,
                    u64::from(line.starts_with("ok ") || line.starts_with("FAILED ")),
                );
                failed = u64::saturating_add(failed, u64::from(line.starts_with("FAILED ")));
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let (began, said) = (Instant::now(), Instant::now());
        let aim = aim.map_or_else(String::new, |aim| format!(" of {aim}"));
        if rounds > 0 {
            println!("{name}: {rounds} rounds are in {}, {failed} of them failed", path.display());
        }
        Ok(Self {
            file,
            name,
            aim,
            rounds,
            here: 0,
            failed,
            tally: Tally::default(),
            began,
            said,
            silent: false,
        })
    }

    /// The same, which prints nothing.
    pub(crate) fn silent(self) -> Self {
        Self { silent: true, ..self }
    }

    pub(crate) const fn rounds(&self) -> u64 {
        self.rounds
    }

    pub(crate) const fn failed(&self) -> u64 {
        self.failed
    }

    /// Books one round.
    pub(crate) fn round(&mut self, what: &str, tally: &Tally, findings: &[String]) -> Outcome<()> {
        self.rounds = self.rounds.saturating_add(1);
        self.here = self.here.saturating_add(1);
        self.tally = self.tally.plus(tally);
        let verdict = if findings.is_empty() { "ok" } else { "FAILED" };
        writeln!(self.file, "{verdict} {} {what}: {tally}", self.rounds)?;
        if !findings.is_empty() {
            self.failed = self.failed.saturating_add(1);
            for finding in findings {
                writeln!(self.file, "  {finding}")?;
                if !self.silent {
                    println!("{}: round {} ({what}): {finding}", self.name, self.rounds);
                }
            }
        }
        let due = if std::io::stdout().is_terminal() { Duration::from_millis(200) } else { SAY_EVERY };
        if !self.silent && self.said.elapsed() >= due {
            self.said = Instant::now();
            self.say();
        }
        Ok(())
    }

    fn say(&self) {
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rate = f64::from(u32::try_from(self.here).unwrap_or(u32::MAX)) / seconds;
        let end = if std::io::stdout().is_terminal() { '\r' } else { '\n' };
        print!(
            "{}: {}{} rounds, {rate:.1} a second, {} failed; {}{end}",
            self.name, self.rounds, self.aim, self.failed, self.tally
        );
        let _shown_or_not = std::io::stdout().flush();
    }

    /// Says how it came out: a line of counts that ends a step.
    pub(crate) fn close(&self) {
        self.say();
        let seconds = self.began.elapsed().as_secs_f64();
        println!("\n{}: {} rounds now, in {seconds:.0} s", self.name, self.here);
        println!("{} passed, {} failed", self.rounds.saturating_sub(self.failed), self.failed);
    }
}
