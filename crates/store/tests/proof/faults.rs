//! Any operation on the disk may fail, once or from then on. Then nothing more is committed, nobody sees what is not
//! durable, and the next opening finds what was acknowledged.

use std::collections::BTreeSet;

use crate::commands::row;
use crate::judge::{Digest, Judge, Session};
use crate::losses::Moment;
use crate::play::{Play, Told};
use crate::share::Log;
use crate::states::{self, Start};
use crate::steps::Step;
use crate::tape::{Fault, How, OpKind, Tape};

/// A step from a start, one for each way that the files of a store change.
const CASES: [(&str, &str); 12] = [
    ("one pending", "launch 3, token a"),
    ("a torn end", "launch"),
    ("killed young", "claim"),
    ("at the end of a segment", "load more"),
    ("at the end of a segment", "grant"),
    ("many segments", "checkpoint"),
    ("many segments", "upkeep"),
    ("trimmed", "upkeep"),
    ("trimmed and closed", "launch"),
    ("spares", "load more"),
    ("held", "let go"),
    ("let go", "hold"),
];

/// A small share of an ordinary test leaves operations out, others each time.
fn stride() -> usize {
    if Log::of("faults").is_kept() { 1 } else { 5 }
}

/// Which kinds of operations were made to fail.
#[derive(Debug, Default)]
struct Met {
    kinds: BTreeSet<OpKind>,
    /// It remembers the states that it has looked at from end to end.
    judge: Judge,
}

impl Met {
    fn note(&mut self, disk: &Tape, fault: Fault) {
        self.kinds.extend(disk.seen().get(fault.at));
    }
}

#[test]
fn any_operation_of_a_step_may_fail_once_or_for_ever() {
    let mut met = Met::default();
    let mut told = [0; 2];
    for (start, step) in CASES {
        let start = states::named(start);
        let step = Step::parse(step);
        for (turn, (how, sticky)) in ways().into_iter().enumerate() {
            let mut at = turn % stride();
            while let Some(done) = fail_in_step(&start, step, Fault { at, how, sticky }, &mut met) {
                told[usize::from(done)] += 1;
                at += stride();
            }
        }
    }
    assert!(told[0] > 30, "most faults fail the step: {told:?}");
    assert!(told[1] > 5, "some only fail a snapshot, which is begun again later: {told:?}");
    let of_a_step = [OpKind::Create, OpKind::Remove, OpKind::Rename, OpKind::Sync];
    assert!(of_a_step.iter().all(|kind| met.kinds.contains(kind)), "{:?}", met.kinds);
    assert!(
        met.kinds.contains(&OpKind::SyncDirectory) && met.kinds.contains(&OpKind::Write),
        "{:?}",
        met.kinds
    );
}

/// Whether the step was done all the same; `None` when it ended before the fault.
fn fail_in_step(start: &Start, step: Step, fault: Fault, met: &mut Met) -> Option<bool> {
    let session = Session::open(start.image.clone(), &start.options).unwrap();
    let before = session.digest();
    let mut play = Play::new(&session.store);
    session.disk.fail(fault);
    let told = step.take(&mut play);
    if session.disk.seen().len() <= fault.at {
        return None;
    }
    met.note(&session.disk, fault);
    // What is still asked for shall not fail for another reason.
    let fails = session.disk.clone();
    let after = session.digest();
    let done = matches!(told, Told::Done(_));
    if !done {
        assert_eq!(after, before, "{step:?} with {fault:?}: what is not durable was seen");
        fails.mend();
        let next = (row("grant").ask)(&play);
        assert!(matches!(next, Told::Failed(_)), "{step:?} with {fault:?}: {next:?} followed {told:?}");
        assert_eq!(session.digest(), before);
    }
    let allowed = if done { vec![after] } else { before_or_after(start, step, before) };
    judge_what_is_left(&session, start, &allowed, met)
        .unwrap_or_else(|why| panic!("{step:?}, {fault:?}: {why}"));
    Some(done)
}

/// The state before a step, and the one after it.
fn before_or_after(start: &Start, step: Step, before: Digest) -> Vec<Digest> {
    let session = Session::open(start.image.clone(), &start.options).unwrap();
    step.take(&mut Play::new(&session.store));
    vec![before, session.digest()]
}

/// The process ends; or the power goes, and takes what was not synced.
fn judge_what_is_left(
    session: &Session,
    start: &Start,
    allowed: &[Digest],
    met: &mut Met,
) -> Result<(), String> {
    let (base, ops) = session.disk.recorded();
    let mut moment = Moment::new(base);
    ops.iter().for_each(|op| moment.step(op));
    let mut left = [session.disk.image(), moment.crash_with_nothing()].into_iter();
    left.try_for_each(|left| met.judge.point(left, &start.options, allowed, false))
}

#[test]
fn any_operation_of_an_opening_may_fail_and_the_next_finds_it_all() {
    let mut met = Met::default();
    for name in
        ["trimmed", "a torn end, tight", "half a snapshot", "no snapshot folder", "closed well", "held"]
    {
        let start = states::named(name);
        let expected = Session::open(start.image.clone(), &start.options).unwrap().digest();
        for (turn, (how, sticky)) in ways().into_iter().enumerate() {
            let mut at = turn % stride();
            while fail_in_opening(&start, expected, Fault { at, how, sticky }, &mut met) {
                at += stride();
            }
        }
    }
    let of_an_opening = [OpKind::Open, OpKind::Read, OpKind::Size, OpKind::List, OpKind::Directory];
    assert!(of_an_opening.iter().all(|kind| met.kinds.contains(kind)), "{:?}", met.kinds);
}

/// Whether the opening came as far as the fault.
fn fail_in_opening(start: &Start, expected: Digest, fault: Fault, met: &mut Met) -> bool {
    let disk = Tape::over(start.image.clone());
    disk.fail(fault);
    let opened = Session::open_on(disk.clone(), &start.options);
    if disk.seen().len() <= fault.at {
        return false;
    }
    met.note(&disk, fault);
    disk.stop();
    drop(opened);
    let (base, ops) = disk.recorded();
    let mut moment = Moment::new(base);
    ops.iter().for_each(|op| moment.step(op));
    let mut left = [disk.image(), moment.crash_with_nothing()].into_iter();
    let judged = left.try_for_each(|left| met.judge.point(left, &start.options, &[expected], false));
    judged.unwrap_or_else(|why| panic!("{}, {fault:?}: {why}", start.name));
    true
}

/// Every way to fail: once, and from then on.
fn ways() -> Vec<(How, bool)> {
    [How::Io, How::Full, How::Short].into_iter().flat_map(|how| [(how, false), (how, true)]).collect()
}
