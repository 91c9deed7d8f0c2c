//! An oracle that never finds anything shows nothing: here it is given what it has to find.

use hatchery::{CommitError, InstanceId, OpenAccount, Serial, Tick, TimerKind};

use super::*;
use crate::told::Acknowledged;

const SEED: u64 = 11;
const STEPS: usize = 40;

/// A store that takes steps one at a time.
struct Live<'s>(&'s Hatchery, Time);

impl Fleet for Live<'_> {
    type Failure = String;

    fn run<C>(&mut self, command: &C) -> Result<Result<C::Reply, C::Refusal>, String>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        match self.0.commit(command.clone(), self.1) {
            Ok(reply) => Ok(Ok(reply)),
            Err(CommitError::Refused(refusal)) => Ok(Err(refusal)),
            Err(CommitError::Busy { .. }) => Err("busy".to_owned()),
            Err(CommitError::Failed(error)) => Err(error.to_string()),
        }
    }
}

/// A store with two callers in turn, and what they were told. The last step of each changed something.
fn played() -> (Hatchery, Heard) {
    let store = Hatchery::in_memory(world::options(SEED)).unwrap();
    let mut heard = Heard { opened: true, ..Heard::default() };
    let mut lanes = Oracle::new(SEED, 2).lanes;
    while take_step(&store, &mut lanes[0], &mut heard).is_some() {}
    for _ in 0..STEPS {
        for lane in &mut lanes[1..] {
            take_step(&store, lane, &mut heard);
        }
    }
    for lane in &mut lanes[1..] {
        while take_step(&store, lane, &mut heard) == Some(true) {}
    }
    (store, heard)
}

/// Whether the step was idle; nothing when there is none.
fn take_step(store: &Hatchery, lane: &mut Lane, heard: &mut Heard) -> Option<bool> {
    let step = lane.step().unwrap()?;
    let answer = step.play(&mut Live(store, lane.now())).unwrap();
    let Answer { text, idle, .. } = answer.clone();
    let told = Acknowledged { index: lane.next, idle, text };
    heard.steps.entry(lane.number).or_default().push_back(told);
    lane.learn(&answer);
    Some(idle)
}

fn judged(store: &Hatchery, heard: &Heard) -> (Oracle, Vec<String>) {
    let mut oracle = Oracle::new(SEED, 2);
    let mut findings = oracle.judge(store, heard).unwrap();
    // A store in memory has no files to keep history in.
    findings.retain(|finding| !finding.starts_with("history cannot be held"));
    (oracle, findings)
}

#[test]
fn what_was_asked_and_answered_is_explained() {
    let (store, heard) = played();
    let (oracle, findings) = judged(&store, &heard);
    assert_eq!(findings, [""; 0]);
    assert!(oracle.tally.commits > 40, "{:?}", oracle.tally);
    assert_eq!((oracle.tally.unanswered, oracle.last.0), (0, store.last().0));
}

#[test]
fn a_step_that_nobody_answered_may_have_happened_once_in_each_lane() {
    let (store, mut heard) = played();
    for steps in heard.steps.values_mut().skip(1) {
        steps.pop_back();
    }
    let (oracle, findings) = judged(&store, &heard);
    assert_eq!((findings, oracle.tally.unanswered), (Vec::new(), 2));
}

#[test]
fn an_acknowledged_step_that_is_gone_is_found() {
    let (store, mut heard) = played();
    let steps = heard.steps.get_mut(&1).unwrap();
    let index = steps.back().unwrap().index.saturating_add(1);
    steps.push_back(Acknowledged { index, idle: false, text: "Ok(Batch)".to_owned() });
    let (_, findings) = judged(&store, &heard);
    assert!(findings[0].starts_with("lost: step"), "{findings:?}");
}

#[test]
fn a_commit_that_nobody_asked_for_is_found() {
    let (store, heard) = played();
    let stranger = OpenAccount { id: hatchery::AccountId(9), instance_limit: 1, grant: None };
    store.commit(stranger, store.last().1).unwrap();
    let (_, findings) = judged(&store, &heard);
    assert!(findings[0].starts_with("nobody asked for commit"), "{findings:?}");
}

#[test]
fn another_answer_than_the_one_that_was_given_is_found() {
    let (store, mut heard) = played();
    let told = heard.steps.get_mut(&2).unwrap().back_mut().unwrap();
    told.text.push('!');
    let (_, findings) = judged(&store, &heard);
    assert!(findings[0].starts_with("nobody asked for commit"), "{findings:?}");
}

#[test]
fn a_reader_that_saw_what_is_not_there_is_found() {
    let (store, mut heard) = played();
    heard.seen = store.last().0.next().unwrap();
    let (_, findings) = judged(&store, &heard);
    assert!(findings[0].starts_with("a reader had seen"), "{findings:?}");
}

#[test]
fn lanes_are_told_and_read_back() {
    let (store, heard) = played();
    let (oracle, _) = judged(&store, &heard);
    let read = Lane::read(&oracle.lines()).unwrap();
    let steps = |lanes: &[Lane]| -> Vec<String> {
        lanes.iter().map(|lane| format!("{:?}", lane.step().unwrap())).collect()
    };
    assert_eq!(steps(&read), steps(&oracle.lanes));
}

/// A lane that asks for a tick next, of a limit that fits, and not before its step `from`.
fn ticking(number: u8, from: u64, fits: fn(usize) -> bool) -> Lane {
    let at = |next| {
        let mut lane = Lane::new(SEED, number);
        lane.next = next;
        lane
    };
    let ticks = |lane: &Lane| matches!(lane.step(), Ok(Some(Step::Tick(Tick { limit }))) if fits(limit));
    (from..).map(at).find(ticks).unwrap()
}

/// Three timers are due at one time, and one before that. A tick of one and a tick of several are told the same words
/// there, of which only the order of all commits says who did what.
#[test]
fn ticks_that_are_told_the_same_are_told_apart_by_what_follows() {
    let [one, several] = [ticking(1, 0, |limit| limit == 1), ticking(2, 0, |limit| limit > 1)];
    let earlier = one.now().max(several.now());
    let later = ticking(3, one.next.max(several.next).saturating_add(2), |limit| limit == 1);

    let mut oracle = Oracle::new(SEED, 3);
    oracle.last = (Revision::new(1), earlier);
    oracle.lanes = vec![Lane::new(SEED, Lane::FOUNDER), one.clone(), several.clone(), later.clone()];
    oracle.world.apply([(0, earlier), (1, later.now()), (2, later.now()), (3, later.now())].map(
        |(number, at)| {
            let instance = InstanceId(Serial { epoch: 1, number });
            Write::Put(Record::Timer(at, TimerKind::CoolDown(instance)))
        },
    ));

    let mut world = oracle.world.clone();
    let (mut changes, mut heard) = (Vec::new(), Heard { opened: true, ..Heard::default() });
    for (revision, lane, time) in
        [(2, several, earlier), (3, later.clone(), later.now()), (4, one, later.now())]
    {
        let mut model = Model { world: &world, now: time, writes: Vec::new() };
        let answer = lane.step().unwrap().unwrap().play(&mut model).unwrap();
        let writes = model.writes;
        world.apply(writes.clone());
        changes.push(Change { revision: Revision::new(revision), time, writes });
        let told = Acknowledged { index: lane.next, idle: answer.idle, text: answer.text };
        heard.steps.entry(lane.number).or_default().push_back(told);
    }
    let said: BTreeMap<_, _> = heard.steps.iter().map(|(lane, told)| (told[0].text.clone(), lane)).collect();
    assert_eq!(said.len(), 1, "all are told the same: {said:?}");
    assert_eq!(oracle.explain_somehow(&changes, &heard), Ok(()));
}
