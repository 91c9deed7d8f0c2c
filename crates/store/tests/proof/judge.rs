//! Opens what a crash has left, and judges it: it is the state before or after the step that was under way, every
//! invariant holds, the feed tells the same, and it can be worked with.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::sync::Arc;

use fleet::Revision;

use crate::commands::row;
use crate::losses::{Chance, Moment};
use crate::play::{Play, Told};
use crate::steps::Step;
use crate::tape::{Image, Op, Tape};
use store::engine::local::Local;
use store::engine::{Change, ChangesError, Engine, Entry, KeyRange, Order};
use store::{Options, Store, inside};

/// Stands for all that a store holds, its last commit, and when that was.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Digest(u64);

impl Digest {
    pub(crate) fn of(engine: &dyn Engine) -> Self {
        let mut hasher = DefaultHasher::new();
        engine.last().hash_into(&mut hasher);
        let visit = &mut |entry: Entry| {
            (entry.key, entry.value, entry.revision.number()).hash(&mut hasher);
            ControlFlow::Continue(())
        };
        engine.reader().scan(KeyRange::all(), Order::Ascending, visit).unwrap();
        Self(hasher.finish())
    }
}

trait HashInto {
    fn hash_into(&self, hasher: &mut DefaultHasher);
}

impl HashInto for (Revision, fleet::Time) {
    fn hash_into(&self, hasher: &mut DefaultHasher) {
        (self.0.number(), self.1.millis()).hash(hasher);
    }
}

/// A store that is open on a tape.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) disk: Tape,
    pub(crate) store: Store,
}

impl Session {
    pub(crate) fn open(image: Image, options: &Options) -> Result<Self, String> {
        Self::open_on(Tape::over(image), options)
    }

    pub(crate) fn open_on(disk: Tape, options: &Options) -> Result<Self, String> {
        let opened = Local::open_on(Arc::new(disk.clone()), options.engine);
        let (engine, _) = opened.map_err(|error| format!("{error:?}"))?;
        let store = inside::over(Box::new(engine), options.clone()).map_err(|error| format!("{error:?}"))?;
        Ok(Self { disk, store })
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(inside::engine(&self.store))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What a closing store does would only take time.
        self.disk.stop();
    }
}

/// A run that was recorded: what stood there, what happened, and what was acknowledged when.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) base: Image,
    pub(crate) ops: Vec<Op>,
    /// Where each step was acknowledged, and the state from then on. The first is what it began with.
    pub(crate) marks: Vec<(usize, Digest)>,
    pub(crate) told: Vec<Told>,
}

impl Run {
    /// Opens a store and takes steps in it.
    pub(crate) fn record(image: &Image, options: &Options, steps: &[Step]) -> Self {
        let session = Session::open(image.clone(), options).unwrap();
        let mut marks = vec![(0, session.digest())];
        let mut told = Vec::new();
        let mut play = Play::new(&session.store);
        for step in steps {
            let before = session.disk.length();
            let answer = step.take(&mut play);
            assert!(!matches!(answer, Told::Failed(_)), "{step:?}: {answer:?}");
            let after = (session.disk.length(), session.digest());
            if matches!(answer, Told::Refused(_)) {
                let (_, digest) = marks[marks.len() - 1];
                assert_eq!(after, (before, digest), "a refused command changed something: {step:?}");
            }
            marks.push(after);
            told.push(answer);
        }
        let (base, ops) = session.disk.recorded();
        Self { base, ops, marks, told }
    }

    /// The states that a crash may leave after so many operations: the last one that was acknowledged, and the one
    /// that was under way.
    pub(crate) fn allowed(&self, ops: usize) -> Vec<Digest> {
        let acknowledged = self.marks.iter().rposition(|(at, _)| *at <= ops).unwrap();
        let (at, last) = self.marks[acknowledged];
        let under_way = self.marks.get(acknowledged + 1).filter(|_| ops > at);
        [Some(last), under_way.map(|(_, next)| *next)].into_iter().flatten().collect()
    }

    /// The moment after so many operations.
    pub(crate) fn moment(&self, ops: usize) -> Moment {
        let mut moment = Moment::new(self.base.clone());
        self.ops[..ops].iter().for_each(|op| moment.step(op));
        moment
    }
}

/// What was judged so far.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    /// States whose every invariant was looked at, with how often each was met.
    audited: BTreeMap<Digest, u64>,
    /// Crashes that were opened and judged.
    pub(crate) points: u64,
    /// Of these, where the step that was under way turned out to have happened, and where it had not.
    pub(crate) after: u64,
    pub(crate) before: u64,
    /// Opened, worked with, and opened again.
    pub(crate) went_on: u64,
}

impl Judge {
    pub(crate) fn states(&self) -> usize {
        self.audited.len()
    }

    /// Judges what a crash left. `deep` looks further: whether what was shown lasts, and whether it goes on.
    pub(crate) fn point(
        &mut self,
        image: Image,
        options: &Options,
        allowed: &[Digest],
        deep: bool,
    ) -> Result<(), String> {
        self.points += 1;
        let session = Session::open(image, options).map_err(|error| format!("it does not open: {error}"))?;
        let found = session.digest();
        if !allowed.contains(&found) {
            let (last, _) = session.store.last();
            return Err(format!("it is neither the state before nor the one after: at {last}"));
        }
        if let [before, after] = allowed
            && before != after
        {
            self.before += u64::from(found == *before);
            self.after += u64::from(found == *after);
        }
        let met = self.audited.entry(found).or_default();
        *met += 1;
        if *met == 1 {
            well(&session.store)?;
        }
        if deep {
            let (base, ops) = session.disk.recorded();
            let mut moment = Moment::new(base);
            ops.iter().for_each(|op| moment.step(op));
            let lost = Session::open(moment.crash_with_nothing(), options)?;
            if lost.digest() != found {
                return Err("what an opening showed was lost in the next crash".into());
            }
            drop(lost);
            self.goes_on(&session, options)?;
        }
        Ok(())
    }

    /// A commit follows, and is there when the store is opened again.
    fn goes_on(&mut self, session: &Session, options: &Options) -> Result<(), String> {
        let told = (row("grant").ask)(&Play::new(&session.store));
        if !matches!(told, Told::Done(_)) {
            return Err(format!("nothing follows: {told:?}"));
        }
        let digest = session.digest();
        let (base, ops) = session.disk.recorded();
        let mut moment = Moment::new(base);
        ops.iter().for_each(|op| moment.step(op));
        let again = Session::open(moment.crash_with_nothing(), options)?;
        if again.digest() != digest {
            return Err("what followed is not there".into());
        }
        self.went_on += 1;
        Ok(())
    }
}

/// Every invariant holds, and the feed, as far back as it goes, tells of commits without a gap.
fn well(store: &Store) -> Result<(), String> {
    let checked = store.check().map_err(|error| format!("{error:?}"))?;
    if !checked.findings.is_empty() {
        return Err(checked.findings.join("; "));
    }
    let engine = inside::engine(store);
    let (last, _) = engine.last();
    let (since, changes) = match engine.changes(Revision::ZERO, usize::MAX) {
        Ok(changes) => (0, changes),
        Err(ChangesError::HistoryGone { oldest }) => {
            let since = Revision::new(oldest.number() - 1);
            (since.number(), engine.changes(since, usize::MAX).map_err(|error| format!("{error:?}"))?)
        }
        Err(error) => return Err(format!("the feed: {error:?}")),
    };
    let revisions = changes.iter().map(|change| change.revision.number());
    if !revisions.eq(since + 1..=last.number()) {
        return Err(format!("the feed has a gap after {since}"));
    }
    if since == 0 && fold(&changes) != all(engine) {
        return Err("the feed tells another story than the state".into());
    }
    Ok(())
}

/// What a reader should find after these changes.
pub(crate) fn fold(changes: &[Change]) -> Vec<Entry> {
    let mut map = BTreeMap::new();
    for change in changes {
        for write in &change.writes {
            match write.value {
                Some(value) => map.insert(write.key.to_vec(), (value.to_vec(), change.revision)),
                None => map.remove(write.key),
            };
        }
    }
    map.into_iter().map(|(key, (value, revision))| Entry { key, value, revision }).collect()
}

pub(crate) fn all(engine: &dyn Engine) -> Vec<Entry> {
    let mut found = Vec::new();
    let visit = &mut |entry| {
        found.push(entry);
        ControlFlow::Continue(())
    };
    engine.reader().scan(KeyRange::all(), Order::Ascending, visit).unwrap();
    found
}

/// Judges every crash of a run: after each operation, every loss if there are few, or `sample` of them.
pub(crate) fn every_crash(
    judge: &mut Judge,
    run: &Run,
    options: &Options,
    (sample, chance): (usize, &mut Chance),
) -> Result<(), String> {
    let mut moment = Moment::new(run.base.clone());
    for ops in 0..=run.ops.len() {
        if let Some(op) = ops.checked_sub(1).and_then(|last| run.ops.get(last)) {
            moment.step(op);
        }
        let allowed = run.allowed(ops);
        let crashes = moment.crashes(sample, chance);
        let deep = chance.below(crashes.len());
        for (number, image) in crashes.into_iter().enumerate() {
            judge.point(image, options, &allowed, number == deep).map_err(|why| {
                format!("after {ops} of {} operations, loss {number}: {why}", run.ops.len())
            })?;
        }
    }
    Ok(())
}
