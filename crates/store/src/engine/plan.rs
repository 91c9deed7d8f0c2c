//! Judging a group of commits before anything is written: who gets a revision, who is refused.

use std::collections::BTreeMap;

use fleet::{Revision, Time};

use super::journal::frame_size;
use super::{Change, Commit, Conflict, EngineError, FRAME_MAX, RECORD_MAX, Refused, Writes};
use crate::planted::planted;

/// What will be written, and what each commit of the group will be answered.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) answers: Vec<Result<Revision, Refused>>,
    pub(crate) changes: Vec<Change>,
}

/// A plan in the making: commits see those accepted before them.
#[derive(Debug)]
pub(crate) struct Planner {
    last: Revision,
    time: Time,
    /// What the commits so far wrote; `None` when nobody in the group expects anything.
    written: Option<BTreeMap<Vec<u8>, Option<Revision>>>,
    plan: Plan,
}

impl Planner {
    /// For `group`, on top of the commit `last`, which was at `time`.
    pub(crate) fn new((last, time): (Revision, Time), group: &[Commit]) -> Self {
        let plan =
            Plan { answers: Vec::with_capacity(group.len()), changes: Vec::with_capacity(group.len()) };
        let expecting = group.iter().any(|commit| !commit.expected.is_empty());
        Self { last, time, written: expecting.then(BTreeMap::new), plan }
    }

    /// Judges the next commit; `stored` says which revision a key has outside this group.
    pub(crate) fn add(
        &mut self,
        commit: Commit,
        stored: impl Fn(&[u8]) -> Result<Option<Revision>, EngineError>,
    ) -> Result<(), EngineError> {
        let judged = fits(&commit.writes);
        let judged = match judged {
            Ok(()) => self.unchanged(&commit, stored)?.map_or(Ok(()), |conflict| Err(conflict.into())),
            Err(refused) => Err(refused),
        };
        let answer = match judged {
            Ok(()) => Ok(self.accept(commit)?),
            Err(refused) => Err(refused),
        };
        self.plan.answers.push(answer);
        Ok(())
    }

    pub(crate) fn finish(self) -> Plan {
        self.plan
    }

    fn unchanged(
        &self,
        commit: &Commit,
        stored: impl Fn(&[u8]) -> Result<Option<Revision>, EngineError>,
    ) -> Result<Option<Conflict>, EngineError> {
        for expected in &commit.expected {
            let found = match self.written.as_ref().and_then(|written| written.get(&expected.key)) {
                Some(written) => *written,
                None => stored(&expected.key)?,
            };
            if found != expected.revision && !planted!(ConflictIgnored) {
                let key = expected.key.clone();
                return Ok(Some(Conflict { key, expected: expected.revision, found }));
            }
        }
        Ok(None)
    }

    fn accept(&mut self, commit: Commit) -> Result<Revision, EngineError> {
        let revision = self.last.next().ok_or(EngineError::RevisionsExhausted)?;
        self.last = revision;
        self.time = self.time.max(commit.time);
        if let Some(written) = &mut self.written {
            for write in &commit.writes {
                written.insert(write.key.to_vec(), write.value.map(|_| revision));
            }
        }
        self.plan.changes.push(Change { revision, time: self.time, writes: commit.writes });
        Ok(revision)
    }
}

fn fits(writes: &Writes) -> Result<(), Refused> {
    for write in writes {
        let size = write.size();
        if size > RECORD_MAX {
            return Err(Refused::RecordTooLarge { key: write.key.to_vec(), size, max: RECORD_MAX });
        }
    }
    let size = frame_size(writes);
    if size > FRAME_MAX {
        return Err(Refused::CommitTooLarge { size, max: FRAME_MAX });
    }
    Ok(())
}
