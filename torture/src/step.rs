//! What is asked of a store: each step a command, with what its lane learns from the answer.

use std::fmt::Debug;

use hatchery::{
    Beat, Bin, Claim, Command, CreateGroup, CreateNetwork, CreateSubnet, Heartbeat, InstanceId, Launch,
    Launched, LoadCatalogue, MoveMany, OpenAccount, Relabel, Release, Report, Reported, Tick, WorkId,
};

/// Whatever decides commands: a store, or the model of one.
pub(crate) trait Fleet {
    /// Why there may be no answer at all.
    type Failure;

    /// Has a command decided.
    fn run<C>(&mut self, command: &C) -> Result<Result<C::Reply, C::Refusal>, Self::Failure>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send;
}

/// One thing that is asked.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Open(OpenAccount),
    Load(Box<LoadCatalogue>),
    Network(CreateNetwork),
    Subnet(CreateSubnet),
    Group(CreateGroup),
    Launch(Box<Launch>),
    Release(Release),
    Bin(Bin),
    Move(MoveMany),
    Relabel(Relabel),
    Claim(Claim),
    Report(Report),
    Beat(Heartbeat),
    Tick(Tick),
}

/// What came of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    /// The reply or the refusal, word for word.
    pub(crate) text: String,
    /// It may depend on the moment whether this is the answer, and it changes nothing: a refusal, or that there was
    /// nothing to do.
    pub(crate) idle: bool,
    pub(crate) lesson: Lesson,
}

/// What a lane remembers of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Lesson {
    Nothing,
    /// These are its instances now.
    Has(Vec<InstanceId>),
    /// This one is not, any more.
    Lost(InstanceId),
    /// It is still there, and something else is to be tried first.
    Keeps(InstanceId),
    /// These items are in its hands.
    Holds(Vec<(WorkId, u32)>),
    /// This one is not, any more.
    Handed(WorkId),
}

impl Step {
    /// What kind of step it is.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Load(_) => "load",
            Self::Network(_) => "network",
            Self::Subnet(_) => "subnet",
            Self::Group(_) => "group",
            Self::Launch(_) => "launch",
            Self::Release(_) => "release",
            Self::Bin(_) => "bin",
            Self::Move(_) => "move",
            Self::Relabel(_) => "relabel",
            Self::Claim(_) => "claim",
            Self::Report(_) => "report",
            Self::Beat(_) => "beat",
            Self::Tick(_) => "tick",
        }
    }

    /// Has `fleet` decide it.
    pub(crate) fn play<F: Fleet>(&self, fleet: &mut F) -> Result<Answer, F::Failure> {
        match self {
            Self::Open(command) => self.plain(fleet, command),
            Self::Load(command) => self.plain(fleet, command.as_ref()),
            Self::Network(command) => self.plain(fleet, command),
            Self::Subnet(command) => self.plain(fleet, command),
            Self::Group(command) => self.plain(fleet, command),
            Self::Move(command) => self.plain(fleet, command),
            Self::Relabel(command) => self.plain(fleet, command),
            Self::Launch(command) => self.ask(fleet, command.as_ref(), |answer| match answer {
                Ok(Launched::Batch { instances, .. }) => Some(Lesson::Has(instances.clone())),
                Ok(Launched::Would(_) | Launched::Refused(_)) | Err(_) => None,
            }),
            Self::Release(command) => {
                self.ask(fleet, command, |answer| answer.is_ok().then_some(Lesson::Lost(command.instance)))
            }
            // What is in the bin is still to be given back.
            Self::Bin(command) => {
                self.ask(fleet, command, |answer| answer.is_ok().then_some(Lesson::Keeps(command.instance)))
            }
            Self::Claim(command) => self.ask(fleet, command, |answer| match answer {
                Ok(items) if items.is_empty() => None,
                Ok(items) => Some(Lesson::Holds(items.iter().map(|item| (item.id, item.attempt)).collect())),
                Err(never) => match *never {},
            }),
            Self::Report(command) => self.ask(fleet, command, |answer| match answer {
                Ok(Reported::Accepted) => Some(Lesson::Handed(command.id)),
                Ok(Reported::Late) => None,
                Err(never) => match *never {},
            }),
            Self::Beat(command) => self.ask(fleet, command, |answer| match answer {
                Ok(Beat::Held(_)) => Some(Lesson::Nothing),
                Ok(Beat::Late) => None,
                Err(never) => match *never {},
            }),
            Self::Tick(command) => self.ask(fleet, command, |answer| match answer {
                Ok(ticked) => (ticked.ran > 0).then_some(Lesson::Nothing),
                Err(never) => match *never {},
            }),
        }
    }

    /// What a lane learns when the answer changed nothing.
    pub(crate) fn lesson_of_idle(&self, text: &str) -> Lesson {
        match self {
            Self::Release(Release { instance, .. }) | Self::Bin(Bin { instance, .. }) => {
                if text.starts_with("Err(Unknown(") {
                    Lesson::Lost(*instance)
                } else {
                    Lesson::Keeps(*instance)
                }
            }
            Self::Report(Report { id, .. }) | Self::Beat(Heartbeat { id, .. }) => Lesson::Handed(*id),
            Self::Open(_)
            | Self::Load(_)
            | Self::Network(_)
            | Self::Subnet(_)
            | Self::Group(_)
            | Self::Launch(_)
            | Self::Move(_)
            | Self::Relabel(_)
            | Self::Claim(_)
            | Self::Tick(_) => Lesson::Nothing,
        }
    }

    fn plain<F: Fleet, C>(&self, fleet: &mut F, command: &C) -> Result<Answer, F::Failure>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send + Debug,
        C::Refusal: Send + Debug,
    {
        self.ask(fleet, command, |answer| answer.is_ok().then_some(Lesson::Nothing))
    }

    /// `learn` says what a lane learns, and nothing when the answer changed nothing.
    fn ask<F: Fleet, C>(
        &self,
        fleet: &mut F,
        command: &C,
        learn: impl FnOnce(&Result<C::Reply, C::Refusal>) -> Option<Lesson>,
    ) -> Result<Answer, F::Failure>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send + Debug,
        C::Refusal: Send + Debug,
    {
        let answer = fleet.run(command)?;
        let text = format!("{answer:?}").replace('\n', " ");
        Ok(match learn(&answer) {
            Some(lesson) => Answer { text, idle: false, lesson },
            None => Answer { idle: true, lesson: self.lesson_of_idle(&text), text },
        })
    }
}
