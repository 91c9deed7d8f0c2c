//! A lane: one caller, whose every step follows from a seed, the number of the step, and the answers before it.
//!
//! The victim and the oracle each have one, and so they agree on what is asked, whatever becomes of the victim.

use std::collections::VecDeque;

use fastrand::Rng;
use hatchery::{
    Addresses, AfterCreation, Bin, Claim, ClientToken, FailureReason, Fingerprint, Force, Heartbeat,
    InstanceId, Launch, Login, MoveMany, Password, Rehearsal, Relabel, Release, Report, Secret, Serial, Span,
    Subscription, Tag, Tick, Time, TokenText, Verb, Wanted, WorkId, WorkOutcome,
};

use crate::step::{Answer, Lesson, Step};
use crate::trouble::{Outcome, Trouble};
use crate::world::{self, OWNER, label};

/// How many instances a lane has at most before it rather gives back than launches.
const INSTANCES: usize = 24;
/// How many work items it holds before it rather reports than claims.
const ITEMS: usize = 6;
/// How much time passes from a step to the next.
const STEP: u64 = 250;

/// One caller.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    seed: u64,
    pub(crate) number: u8,
    /// The next step.
    pub(crate) next: u64,
    instances: VecDeque<InstanceId>,
    items: VecDeque<(WorkId, u32)>,
}

impl Lane {
    /// The lane that furnishes a world; it has [`world::furniture`] to do and nothing else.
    pub(crate) const FOUNDER: u8 = 0;

    pub(crate) const fn new(seed: u64, number: u8) -> Self {
        Self { seed, number, next: 0, instances: VecDeque::new(), items: VecDeque::new() }
    }

    /// What it asks next; a founder that is done asks nothing.
    pub(crate) fn step(&self) -> Outcome<Option<Step>> {
        if self.number == Self::FOUNDER {
            let next = usize::try_from(self.next)?;
            return Ok(world::furniture()?.into_iter().nth(next));
        }
        let mixed = self.seed ^ (u64::from(self.number) << 56) ^ self.next;
        // The first draw of generators with neighbouring seeds is much alike.
        let mut chance = Rng::with_seed(Rng::with_seed(mixed).u64(..) ^ mixed.rotate_left(17));
        self.draw(&mut chance).map(Some)
    }

    /// When it asks.
    pub(crate) const fn now(&self) -> Time {
        world::BEGIN.after(Span::from_millis(self.next.saturating_mul(STEP)))
    }

    /// Takes note of the answer to its step, and goes on.
    pub(crate) fn learn(&mut self, answer: &Answer) {
        self.next = self.next.saturating_add(1);
        match &answer.lesson {
            Lesson::Nothing => {}
            Lesson::Has(more) => self.instances.extend(more),
            Lesson::Lost(gone) => self.instances.retain(|instance| instance != gone),
            Lesson::Keeps(kept) => {
                self.instances.retain(|instance| instance != kept);
                self.instances.push_back(*kept);
            }
            Lesson::Holds(items) => self.items.extend(items),
            Lesson::Handed(id) => self.items.retain(|(held, _)| held != id),
        }
    }

    fn draw(&self, chance: &mut Rng) -> Outcome<Step> {
        let full = self.instances.len() >= INSTANCES;
        let busy = self.items.len() >= ITEMS;
        let instance = self.instances.front().copied();
        let any = self.any(chance);
        Ok(match (chance.u8(..100), instance, any) {
            (0..30, _, _) if !full => Step::Launch(Box::new(self.launch(chance)?)),
            (0..50, Some(instance), _) => Step::Release(Release {
                account: OWNER,
                instance,
                force: if chance.u8(..4) == 0 { Force::No } else { Force::Yes },
                subscription: Subscription::End,
            }),
            (50..52, Some(instance), _) => Step::Bin(Bin { account: OWNER, instance }),
            (52..58, _, Some(instance)) => Step::Move(MoveMany {
                account: OWNER,
                instances: vec![instance],
                verb: *chance.choice(&[Verb::Start, Verb::Stop, Verb::Reboot]).unwrap_or(&Verb::Stop),
            }),
            (58..62, _, Some(instance)) => Step::Relabel(Relabel {
                account: OWNER,
                instances: vec![instance],
                name: Some(format!("renamed-{}", self.next).into()),
                settings: Vec::new(),
            }),
            (62..80, _, _) if !busy => Step::Claim(Claim {
                worker: label(&format!("worker-{}", self.number))?,
                lease: Span::from_secs(chance.u64(5..120)),
                limit: chance.usize(1..=3),
            }),
            (80..82, _, _) => self.beat(chance),
            (82..86, _, _) => Step::Tick(Tick { limit: chance.usize(1..=32) }),
            _ => self.report(chance),
        })
    }

    fn any(&self, chance: &mut Rng) -> Option<InstanceId> {
        let count = self.instances.len();
        (count > 0).then(|| self.instances.get(chance.usize(..count)).copied()).flatten()
    }

    fn beat(&self, chance: &mut Rng) -> Step {
        match self.items.back() {
            Some((id, attempt)) => Step::Beat(Heartbeat {
                id: *id,
                attempt: *attempt,
                lease: Span::from_secs(chance.u64(60..200)),
            }),
            None => Step::Tick(Tick { limit: 1 }),
        }
    }

    fn report(&self, chance: &mut Rng) -> Step {
        let Some((id, attempt)) = self.items.front().copied() else {
            return Step::Tick(Tick { limit: 8 });
        };
        let outcome = match chance.u8(..20) {
            0 => WorkOutcome::Failed(FailureReason::Machine),
            1 => WorkOutcome::Failed(FailureReason::NoAddress),
            2 => WorkOutcome::Unclear,
            3 => WorkOutcome::GivenBack { pause: Span::from_secs(2) },
            _ => WorkOutcome::Done,
        };
        Step::Report(Report { id, attempt, outcome })
    }

    fn launch(&self, chance: &mut Rng) -> Outcome<Launch> {
        let most = *chance.choice(&[1, 1, 1, 2, 5]).unwrap_or(&1);
        let wanted = Wanted::new(most, chance.u8(1..=most)).ok_or_else(|| Trouble::new("no amount"))?;
        let mut fingerprint = [0; 32];
        chance.fill(&mut fingerprint);
        let text = TokenText::parse(&format!("{}-{}-{:x}", self.number, self.next, self.seed));
        let text = text.ok_or_else(|| Trouble::new("no token"))?;
        let secret = Secret::new(format!("pass-{}-{}", self.number, self.next).as_bytes());
        let password =
            (chance.u8(..3) == 0).then_some(Password { secret: secret.clone(), for_windows: true });
        let (key, value) = ("step".to_owned(), self.next.to_string());
        Ok(Launch {
            token: (chance.u8(..8) > 0)
                .then_some(ClientToken { text, fingerprint: Fingerprint(fingerprint) }),
            rehearsal: if chance.u8(..20) == 0 { Rehearsal::Yes } else { Rehearsal::No },
            image: Some(label("i")?),
            instance_type: Some(label(if chance.bool() { "t" } else { "u" })?),
            subnet: Some(label("s")?),
            groups: vec![label("g")?],
            addresses: match chance.u8(..4) {
                0 => Addresses::Given([10, 0, 0, chance.u8(1..=250)].into()),
                _ => Addresses::Any,
            },
            wanted,
            after_creation: if chance.u8(..5) == 0 { AfterCreation::Stay } else { AfterCreation::Start },
            description: "x".repeat(chance.usize(..200)).into(),
            tags: if chance.bool() { vec![Tag { key, value }] } else { Vec::new() },
            login: Login { password, ..Login::default() },
            user_data: (chance.u8(..6) == 0).then_some(secret),
            ..Launch::new(OWNER, label("r")?)
        })
    }

    /// The lane in lines of words, for the victim to begin from.
    pub(crate) fn lines(&self) -> String {
        let mut text = format!("lane {} {} {}\n", self.seed, self.number, self.next);
        for InstanceId(serial) in &self.instances {
            text.push_str(&format!("instance {serial}\n"));
        }
        for (id, attempt) in &self.items {
            text.push_str(&format!("item {} {} {attempt}\n", id.instance, id.order));
        }
        text
    }

    /// Reads what [`Lane::lines`] says of several lanes.
    pub(crate) fn read(text: &str) -> Outcome<Vec<Self>> {
        let mut lanes = Vec::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match (words.as_slice(), lanes.last_mut()) {
                (["lane", seed, number, next], _) => {
                    lanes.push(Self { next: next.parse()?, ..Self::new(seed.parse()?, number.parse()?) });
                }
                (["instance", id], Some(Self { instances, .. })) => instances.push_back(instance(id)?),
                (["item", id, order, attempt], Some(Self { items, .. })) => {
                    let id = WorkId { instance: instance(id)?, order: order.parse()? };
                    items.push_back((id, attempt.parse()?));
                }
                _ => return Err(Trouble::new(format!("no line of a lane: {line}"))),
            }
        }
        Ok(lanes)
    }
}

fn instance(text: &str) -> Outcome<InstanceId> {
    let serial = Serial::parse(text).ok_or_else(|| Trouble::new(format!("no id: {text}")))?;
    Ok(InstanceId(serial))
}
