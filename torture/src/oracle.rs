//! The oracle: a model of the fleet that has seen every commit, and knows what every lane may have asked.
//!
//! It holds that each commit in the feed is what the next step of some lane comes to in the model, word for word
//! what was acknowledged if that was; that no acknowledged step is missing; that what nobody answered was asked; and
//! that the store then holds the very records of the model.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;

use fastrand::Rng;
use hatchery::{Change, Command, Halt, Hatchery, Record, Revision, Time, World, Write, decide};

use crate::lane::Lane;
use crate::step::{Answer, Fleet, Step};
use crate::told::{Acknowledged, Heard};
use crate::trouble::{Outcome, told};
use crate::victim::ORACLE;
use crate::world;

/// How many answers are remembered, to be asked for again.
const REMEMBERED: usize = 24;
/// How many are asked for again in a round.
const ASKED_AGAIN: usize = 6;
/// How many commits are read from the feed at once.
const AT_ONCE: usize = 4096;
/// How many explanations are tried.
const ATTEMPTS: u64 = 40;

/// What is known of a store.
#[derive(Clone, Debug)]
pub(crate) struct Oracle {
    chance: Rng,
    world: World,
    last: (Revision, Time),
    pub(crate) lanes: Vec<Lane>,
    /// Launches with a token that were acknowledged, and how.
    remembered: VecDeque<(Step, Time, String)>,
    pub(crate) tally: Tally,
}

/// What an oracle has seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Acknowledged steps.
    pub(crate) acknowledged: u64,
    /// Commits.
    pub(crate) commits: u64,
    /// Commits that happened although nobody was told.
    pub(crate) unanswered: u64,
    /// Acknowledged refusals that another order of lanes explains.
    pub(crate) elsewhere: u64,
    /// Launches that were asked for again.
    pub(crate) repeated: u64,
}

/// What a step comes to in the model.
struct Judged {
    answer: Answer,
    writes: Vec<Write>,
}

impl Oracle {
    /// Of a store that is not made yet, and is going to have so many callers.
    pub(crate) fn new(seed: u64, callers: u8) -> Self {
        Self {
            chance: Rng::with_seed(0),
            world: World::new(world::policy()),
            last: (Revision::ZERO, Time::START),
            lanes: (Lane::FOUNDER..=callers).map(|number| Lane::new(seed, number)).collect(),
            remembered: VecDeque::new(),
            tally: Tally::default(),
        }
    }

    /// What the next victim is told.
    pub(crate) fn lines(&self) -> String {
        self.lanes.iter().map(Lane::lines).collect()
    }

    /// Whether anything is known to be in the store.
    pub(crate) fn expects(&self, heard: &Heard) -> bool {
        self.last.0 > Revision::ZERO || heard.opened
    }

    /// Judges the store by what was heard of the victim. What is wrong, in words.
    pub(crate) fn judge(&mut self, store: &Hatchery, heard: &Heard) -> Outcome<Vec<String>> {
        let mut findings = heard.wrongs.clone();
        if heard.seen > store.last().0 {
            findings.push(format!(
                "a reader had seen {}, and the last commit is {}",
                heard.seen,
                store.last().0
            ));
        }
        self.tally.acknowledged = self.tally.acknowledged.saturating_add(heard.count());
        let changes = match self.changes(store) {
            Ok(changes) => changes,
            Err(why) => return Ok(vec![format!("the feed after {}: {why}", self.last.0)]),
        };
        if let Err(why) = self.explain_somehow(&changes, heard) {
            findings.push(why);
            return Ok(findings);
        }
        findings.extend(self.differences(store)?);
        findings.extend(store.check()?.findings);
        findings.extend(self.ask_again(store)?);
        if let Err(error) = store.hold_feed(ORACLE, self.last.0) {
            findings.push(format!("history cannot be held: {}", told(&error)));
        }
        Ok(findings)
    }

    fn changes(&self, store: &Hatchery) -> Result<Vec<Change>, String> {
        let mut all = Vec::new();
        let mut since = self.last.0;
        loop {
            let more = store.changes(since, AT_ONCE).map_err(|error| told(&error))?;
            let Some(last) = more.last() else { return Ok(all) };
            since = last.revision;
            all.extend(more);
        }
    }

    /// Explains the commits. Answers that changed nothing leave open when they were given, and two lanes may be told
    /// the same of the same timers, so that the first explanation may fail where another does not.
    fn explain_somehow(&mut self, changes: &[Change], heard: &Heard) -> Result<(), String> {
        let mut failure = Ok(());
        for attempt in 0..ATTEMPTS {
            let mut oracle = self.clone();
            oracle.chance = Rng::with_seed(attempt);
            failure = oracle.explain(changes, heard.steps.clone());
            if failure.is_ok() {
                *self = oracle;
                break;
            }
        }
        failure
    }

    /// Finds for each commit the lane that asked for it, and leaves nothing acknowledged over.
    fn explain(
        &mut self,
        changes: &[Change],
        mut steps: BTreeMap<u8, VecDeque<Acknowledged>>,
    ) -> Result<(), String> {
        // A lane that was killed in the middle of a step has had one more done at most.
        let mut open: Vec<bool> = self.lanes.iter().map(|_| true).collect();
        for change in changes {
            loop {
                self.settle(&mut steps)?;
                if self.explain_one(change, &mut steps, &mut open)? {
                    break;
                }
                // A refusal may have been given before commits of other lanes that came first here.
                if !self.skip_idle(&mut steps)? {
                    return Err(self.unexplained(change, &steps));
                }
            }
        }
        self.settle(&mut steps)?;
        while self.skip_idle(&mut steps)? {
            self.settle(&mut steps)?;
        }
        for (lane, left) in steps {
            if let Some(Acknowledged { index, text, .. }) = left.front() {
                return Err(format!("lost: step {index} of lane {lane}, which was told {text}"));
            }
        }
        Ok(())
    }

    fn unexplained(&self, change: &Change, steps: &BTreeMap<u8, VecDeque<Acknowledged>>) -> String {
        let mut heads = String::new();
        for lane in &self.lanes {
            let asked = lane.step().ok().flatten();
            let told = steps.get(&lane.number).and_then(VecDeque::front).map(|step| &step.text);
            heads.push_str(&format!("\n    lane {} at {}: {asked:?}, told {told:?}", lane.number, lane.next));
        }
        format!("nobody asked for commit {}: {:?}{heads}", change.revision, change.writes)
    }

    /// Takes note of the answers that changed nothing.
    fn settle(&mut self, steps: &mut BTreeMap<u8, VecDeque<Acknowledged>>) -> Result<(), String> {
        for number in 0..self.lanes.len() {
            while let Some(told) = self.head(number, steps) {
                let Some((_, judged)) = self.judged(number)? else { break };
                if !judged.writes.is_empty() || judged.answer.text != told.text {
                    break;
                }
                self.take(number, steps, &judged.answer);
            }
        }
        Ok(())
    }

    /// The first answer of a lane that is not explained yet.
    fn head(&self, number: usize, steps: &BTreeMap<u8, VecDeque<Acknowledged>>) -> Option<Acknowledged> {
        let lane = self.lanes.get(number)?;
        steps.get(&lane.number)?.front().filter(|told| told.index == lane.next).cloned()
    }

    fn has_more(&self, number: usize, steps: &BTreeMap<u8, VecDeque<Acknowledged>>) -> bool {
        let lane = self.lanes.get(number);
        lane.and_then(|lane| steps.get(&lane.number)).is_some_and(|queue| !queue.is_empty())
    }

    fn take(&mut self, number: usize, steps: &mut BTreeMap<u8, VecDeque<Acknowledged>>, answer: &Answer) {
        if let Some(lane) = self.lanes.get_mut(number) {
            if let Some(queue) = steps.get_mut(&lane.number)
                && queue.front().is_some_and(|told| told.index == lane.next)
            {
                queue.pop_front();
            }
            lane.learn(answer);
        }
    }

    fn explain_one(
        &mut self,
        change: &Change,
        steps: &mut BTreeMap<u8, VecDeque<Acknowledged>>,
        open: &mut [bool],
    ) -> Result<bool, String> {
        let mut numbers: Vec<usize> = (0..self.lanes.len()).collect();
        self.chance.shuffle(&mut numbers);
        // Those who were told come first: who was not may not have been heard at all.
        for answered in [true, false] {
            for number in numbers.iter().copied() {
                let told = self.head(number, steps);
                if told.is_some() != answered || !(answered || open.get(number) == Some(&true)) {
                    continue;
                }
                // Whose later step was answered has nothing open.
                if told.is_none() && self.has_more(number, steps) {
                    continue;
                }
                let Some((step, judged)) = self.judged(number)? else { continue };
                if self.time(number) != change.time || !alike(&judged.writes, &change.writes) {
                    continue;
                }
                if let Some(told) = &told
                    && told.text != judged.answer.text
                {
                    continue;
                }
                if told.is_none() {
                    self.tally.unanswered = self.tally.unanswered.saturating_add(1);
                    open.get_mut(number).into_iter().for_each(|open| *open = false);
                }
                self.remember(step, change.time, &judged.answer);
                self.take(number, steps, &judged.answer);
                self.world.apply(judged.writes);
                self.last = (change.revision, change.time);
                self.tally.commits = self.tally.commits.saturating_add(1);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes one answer that changed nothing for given, whatever the model says of it now.
    fn skip_idle(&mut self, steps: &mut BTreeMap<u8, VecDeque<Acknowledged>>) -> Result<bool, String> {
        let mut numbers: Vec<usize> = (0..self.lanes.len()).collect();
        self.chance.shuffle(&mut numbers);
        for number in numbers {
            let Some(told) = self.head(number, steps).filter(|told| told.idle) else { continue };
            let Some((step, _)) = self.judged(number)? else { continue };
            let lesson = step.lesson_of_idle(&told.text);
            self.take(number, steps, &Answer { text: told.text, idle: true, lesson });
            self.tally.elsewhere = self.tally.elsewhere.saturating_add(1);
            return Ok(true);
        }
        Ok(false)
    }

    /// When the next step of a lane would be decided.
    fn time(&self, number: usize) -> Time {
        let now = self.lanes.get(number).map_or(Time::START, Lane::now);
        now.max(self.last.1)
    }

    fn judged(&self, number: usize) -> Result<Option<(Step, Judged)>, String> {
        let Some(lane) = self.lanes.get(number) else { return Ok(None) };
        let Some(step) = lane.step().map_err(|why| format!("{why:?}"))? else { return Ok(None) };
        let mut model = Model { world: &self.world, now: self.time(number), writes: Vec::new() };
        let answer = match step.play(&mut model) {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let writes = model.writes;
        Ok(Some((step, Judged { answer, writes })))
    }

    fn remember(&mut self, step: Step, time: Time, answer: &Answer) {
        if let Step::Launch(launch) = &step
            && launch.token.is_some()
        {
            if self.remembered.len() >= REMEMBERED {
                self.remembered.pop_front();
            }
            self.remembered.push_back((step, time, answer.text.clone()));
        }
    }

    /// Whether the store holds the records of the model, and no others.
    fn differences(&self, store: &Hatchery) -> Outcome<Vec<String>> {
        let stored = store.snapshot().records()?;
        let missing = self.world.records().filter(|record| !contains(&stored, record));
        let mut findings: Vec<String> =
            missing.take(3).map(|record| format!("missing or other: {record:?}")).collect();
        let expected = self.world.records().count();
        if stored.len() != expected {
            findings.push(format!("{} records, not {expected}", stored.len()));
        }
        Ok(findings)
    }

    /// Asks once more for what was answered: nothing changes, and the answer is the same.
    fn ask_again(&mut self, store: &Hatchery) -> Outcome<Vec<String>> {
        let mut findings = Vec::new();
        let before = store.last();
        let fresh = |time: &Time| before.1.since(*time) < world::policy().token_retention;
        for (step, _, text) in
            self.remembered.iter().rev().filter(|(_, time, _)| fresh(time)).take(ASKED_AGAIN)
        {
            let Step::Launch(launch) = step else { continue };
            let answer = format!(
                "{:?}",
                store.commit(launch.as_ref().clone(), before.1).map_err(|error| told(&error))
            );
            if answer.replace('\n', " ") != *text {
                findings.push(format!("asked again, it says {answer} and not {text}"));
            }
            self.tally.repeated = self.tally.repeated.saturating_add(1);
        }
        if store.last() != before {
            findings.push("what was asked again was done again".to_owned());
        }
        Ok(findings)
    }
}

fn contains(records: &[Record], record: &Record) -> bool {
    let found = records.binary_search_by(|other| other.key().cmp(&record.key()));
    found.ok().and_then(|place| records.get(place)) == Some(record)
}

/// Whether they change the same things to the same.
fn alike(left: &[Write], right: &[Write]) -> bool {
    left.len() == right.len() && left.iter().all(|write| right.contains(write))
}

/// A fleet that says what it would write, and does not.
struct Model<'w> {
    world: &'w World,
    now: Time,
    writes: Vec<Write>,
}

impl Fleet for Model<'_> {
    type Failure = Infallible;

    fn run<C>(&mut self, command: &C) -> Result<Result<C::Reply, C::Refusal>, Infallible>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        match decide(self.world, command, self.now) {
            Ok(decision) => {
                self.writes = decision.writes.into_iter().map(Write::from).collect();
                Ok(Ok(decision.reply))
            }
            Err(Halt::Refused(refusal)) => Ok(Err(refusal)),
            Err(Halt::Failed(never)) => match never {},
        }
    }
}

impl Tally {
    /// Both counts together.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            acknowledged: self.acknowledged.saturating_add(other.acknowledged),
            commits: self.commits.saturating_add(other.commits),
            unanswered: self.unanswered.saturating_add(other.unanswered),
            elsewhere: self.elsewhere.saturating_add(other.elsewhere),
            repeated: self.repeated.saturating_add(other.repeated),
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { acknowledged, commits, unanswered, elsewhere, repeated } = self;
        write!(
            f,
            "{acknowledged} acknowledged, {commits} commits, {unanswered} of them unanswered, \
             {elsewhere} refusals of another order, {repeated} asked again"
        )
    }
}

#[cfg(test)]
mod tests;
