//! Copying a live engine into a snapshot, a slice at a time.

use core::ops::ControlFlow;
use std::io;

use fleet::{Revision, Time};

use super::{Head, Maker, Seal};
use crate::engine::disk::Disk;
use crate::engine::journal::Identity;
use crate::engine::{ChangesError, Engine, EngineError, KeyRange, Order};
use crate::planted::planted;

/// How many commits are read from the feed at a time.
const CHANGES: usize = 64;

/// Why a copy came to nothing. The engine is as well as before, unless it says so itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    #[error("cannot write the snapshot")]
    Write(#[from] io::Error),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Changes(#[from] ChangesError),
}

impl CopyError {
    /// What went wrong, and what is behind it, on one line.
    pub(crate) fn told(&self) -> String {
        let mut told = self.to_string();
        let mut source = core::error::Error::source(self);
        while let Some(error) = source {
            told.push_str(": ");
            told.push_str(&error.to_string());
            source = error.source();
        }
        told
    }
}

/// A copy under way.
#[derive(Debug)]
pub(crate) struct Copying {
    maker: Maker,
    stage: Stage,
    begun: (Revision, Time),
}

#[derive(Debug)]
enum Stage {
    /// The keys that are still to be copied.
    Entries(KeyRange),
    /// The commits up to `until`, of which those up to `seen` have been copied.
    Changes { seen: (Revision, Time), until: Revision },
}

/// What one slice came to.
#[derive(Debug)]
pub(crate) enum Step {
    More(Box<Copying>),
    /// It is written and durable, and has yet to get its name.
    Done {
        seal: Seal,
        bytes: u64,
    },
}

impl Copying {
    /// Begins a copy of `engine` in the file `name` of `disk`.
    pub(crate) fn begin(
        engine: &dyn Engine,
        identity: Identity,
        disk: &dyn Disk,
        name: &str,
    ) -> Result<Self, CopyError> {
        let (begun, begun_at) = engine.last();
        let maker = Maker::begin(disk, name, Head::new(identity, (begun, begun_at)))?;
        Ok(Self { maker, stage: Stage::Entries(KeyRange::all()), begun: (begun, begun_at) })
    }

    /// After which commit it was begun: those that follow are needed until it is done.
    pub(crate) const fn begun(&self) -> Revision {
        self.begun.0
    }

    /// How many bytes it has so far.
    pub(crate) const fn size(&self) -> u64 {
        self.maker.size()
    }

    /// Copies about `budget` bytes more, before they are compressed.
    pub(crate) fn step(mut self, engine: &dyn Engine, budget: u64) -> Result<Step, CopyError> {
        let goal = self.maker.taken().saturating_add(budget.max(1));
        if let Stage::Entries(rest) = &self.stage {
            let rest = rest.clone();
            self.stage = self.copy_entries(engine, rest, goal)?;
        }
        while let Stage::Changes { seen, until } = self.stage {
            if seen.0 >= until {
                let (seal, bytes) = self.maker.finish(seen)?;
                return Ok(Step::Done { seal, bytes });
            }
            if self.maker.taken() >= goal {
                break;
            }
            self.stage = self.copy_changes(engine, seen, until)?;
        }
        Ok(Step::More(Box::new(self)))
    }

    /// A slice is read at whatever revision is the last one then.
    fn copy_entries(&mut self, engine: &dyn Engine, rest: KeyRange, goal: u64) -> Result<Stage, CopyError> {
        let mut seen = None;
        let mut failed = None;
        let maker = &mut self.maker;
        engine.reader().scan(rest.clone(), Order::Ascending, &mut |entry| {
            let first = seen.is_none();
            seen = Some(entry.key.clone());
            if first && planted!(SnapshotMissesKey) {
                return ControlFlow::Continue(());
            }
            if let Err(error) = maker.entry(entry) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
            if maker.taken() >= goal { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        Ok(match seen {
            Some(key) if self.maker.taken() >= goal => Stage::Entries(rest.past(&key, Order::Ascending)),
            // Every slice was read before this: with the commits up to now it is whole.
            Some(_) | None if planted!(SnapshotForgetsChanges) => {
                Stage::Changes { seen: engine.last(), until: engine.last().0 }
            }
            Some(_) | None => Stage::Changes { seen: self.begun, until: engine.last().0 },
        })
    }

    fn copy_changes(
        &mut self,
        engine: &dyn Engine,
        mut seen: (Revision, Time),
        until: Revision,
    ) -> Result<Stage, CopyError> {
        for change in engine.changes(seen.0, CHANGES)? {
            if change.revision > until {
                break;
            }
            self.maker.change(&change)?;
            seen = (change.revision, change.time);
        }
        Ok(Stage::Changes { seen, until })
    }
}
