//! What a victim tells before it dies: a line for each thing, written in one piece.
//!
//! The pipe it goes into belongs to the one who kills, and so outlives the victim and its file system.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::sync::Mutex;

use hatchery::Revision;

use crate::trouble::{Outcome, Trouble};

/// What is told of one step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Acknowledged {
    pub(crate) index: u64,
    pub(crate) idle: bool,
    pub(crate) text: String,
}

/// The mouth of a victim. Lines of several threads do not mix.
pub(crate) struct Mouth<W>(Mutex<W>);

impl<W: Write> Mouth<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self(Mutex::new(out))
    }

    /// The store is open, and its last commit is this one.
    pub(crate) fn opened(&self, last: Revision) {
        self.line(&format!("O {}\n", last.number()));
    }

    pub(crate) fn acknowledged(&self, lane: u8, step: &Acknowledged) {
        let Acknowledged { index, idle, text } = step;
        self.line(&format!("A {lane} {index} {} {text}\n", u8::from(*idle)));
    }

    /// A reader has seen this revision.
    pub(crate) fn seen(&self, revision: Revision) {
        self.line(&format!("S {}\n", revision.number()));
    }

    /// The store did not open, or did not take a step.
    pub(crate) fn failed(&self, why: &str) {
        self.line(&format!("F {}\n", why.replace('\n', " ")));
    }

    /// What must never happen.
    pub(crate) fn wrong(&self, why: &str) {
        self.line(&format!("W {}\n", why.replace('\n', " ")));
    }

    /// All that was to be done is done.
    pub(crate) fn ended(&self) {
        self.line("E\n");
    }

    fn line(&self, text: &str) {
        let mut out = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Nobody listens any more: then this process is about to be killed.
        let _heard_or_not = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

/// What was heard of a victim.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub(crate) opened: bool,
    pub(crate) ended: bool,
    pub(crate) steps: BTreeMap<u8, VecDeque<Acknowledged>>,
    pub(crate) seen: Revision,
    pub(crate) failures: Vec<String>,
    pub(crate) wrongs: Vec<String>,
}

impl Heard {
    /// Reads all that was told. A last line that is cut off was not told.
    pub(crate) fn read(bytes: &[u8]) -> Outcome<Self> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end.saturating_add(1));
        let text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default());
        let mut heard = Self::default();
        for line in text.lines() {
            heard.hear(line)?;
        }
        Ok(heard)
    }

    fn hear(&mut self, line: &str) -> Outcome<()> {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        match kind {
            "O" => self.opened = true,
            "E" => self.ended = true,
            "F" => self.failures.push(rest.to_owned()),
            "W" => self.wrongs.push(rest.to_owned()),
            "S" => self.seen = self.seen.max(Revision::new(rest.parse()?)),
            "A" => {
                let mut words = rest.splitn(4, ' ');
                let mut word = || words.next().ok_or_else(|| Trouble::new(format!("cut off: {line}")));
                let lane = word()?.parse()?;
                let index = word()?.parse()?;
                let idle = word()? == "1";
                let text = word()?.to_owned();
                self.steps.entry(lane).or_default().push_back(Acknowledged { index, idle, text });
            }
            _ => return Err(Trouble::new(format!("a victim said: {line}"))),
        }
        Ok(())
    }

    /// How many steps were acknowledged.
    pub(crate) fn count(&self) -> u64 {
        self.steps.values().map(|steps| u64::try_from(steps.len()).unwrap_or(u64::MAX)).sum()
    }
}
