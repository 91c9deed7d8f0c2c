//! What an actor has in its hands while it acts.

use std::fmt::{self, Debug};

use fleet::{Command, InstanceId, Launch, LaunchRefusal, Launched, Release, ReleaseRefusal, Time, View as _};
use hatchery::{Chance, Snapshot};

use super::machine::Machine;
use super::setup::Odds;

/// Why there is no reply.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unanswered<R> {
    /// The fleet refused: nothing happened.
    Refused(R),
    /// Nobody answered. It may have happened or not, and who wants to know asks again.
    Silence,
}

/// One turn of an actor: the fleet, the time, and chance.
#[derive(Debug)]
pub struct Turn<'t> {
    pub(super) machine: &'t mut Machine,
    pub(super) who: &'t str,
    pub(super) chance: Chance,
    pub(super) ending: bool,
}

impl Turn<'_> {
    /// What the clock shows. It may have jumped since the last turn, ahead or back.
    #[must_use]
    pub fn now(&self) -> Time {
        self.machine.clock()
    }

    /// Where all chance of this turn comes from.
    pub const fn chance(&mut self) -> &mut Chance {
        &mut self.chance
    }

    /// Whether faults have stopped: who begins nothing new from here on comes to rest.
    #[must_use]
    pub const fn is_ending(&self) -> bool {
        self.ending
    }

    /// What goes wrong, and how often, at this moment.
    #[must_use]
    pub const fn odds(&self) -> Odds {
        self.machine.odds
    }

    /// Asks for something from the machine that the store runs on: nothing is lost on the way, but the disk
    /// may fail, and then there is silence.
    ///
    /// # Errors
    /// When it is refused, or nobody answers.
    pub fn commit<C>(&mut self, command: &C) -> Result<C::Reply, Unanswered<C::Refusal>>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug,
    {
        self.machine.commit(self.who, command, &mut self.chance)
    }

    /// Asks for something over a network that loses requests and replies, and repeats requests.
    ///
    /// # Errors
    /// When it is refused, or nobody answers.
    pub fn send<C>(&mut self, command: &C) -> Result<C::Reply, Unanswered<C::Refusal>>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug,
    {
        self.machine.send(self.who, command, &mut self.chance)
    }

    /// Launches over the network. What is acknowledged is written down, and has to be there from then on: give
    /// instances back with [`Turn::release`] and in no other way.
    ///
    /// # Errors
    /// When it is refused, or nobody answers.
    pub fn launch(&mut self, launch: &Launch) -> Result<Launched, Unanswered<LaunchRefusal>> {
        let launched = self.send(launch)?;
        let token = launch.token.as_ref().map(|token| &token.text);
        // It may be the answer to an earlier request: a token counts from the launch on.
        let now = self.machine.last().1;
        let at = match &launched {
            Launched::Batch { id, .. } => self.look(|fleet| fleet.batch(*id)).and_then(Result::ok).flatten(),
            Launched::Would(_) | Launched::Refused(_) => None,
        };
        let at = at.map_or(now, |batch| batch.launched_at);
        let kept = self.machine.witness.launched(token, &launched, (at, now));
        self.machine.note(kept);
        Ok(launched)
    }

    /// Gives an instance back over the network.
    ///
    /// # Errors
    /// When it is refused, or nobody answers.
    pub fn release(&mut self, release: &Release) -> Result<(), Unanswered<ReleaseRefusal>> {
        self.machine.witness.given_back(release.instance);
        self.send(release).map(drop)
    }

    /// Says that an instance may go: whoever asks for its end in another way says so before.
    pub fn gives_back(&mut self, instance: InstanceId) {
        self.machine.witness.given_back(instance);
    }

    /// Looks at the fleet, as `look` likes. `None` when the store cannot be opened any more.
    pub fn look<T>(&self, look: impl FnOnce(&Snapshot<'_>) -> T) -> Option<T> {
        self.machine.store().map(|store| look(&store.snapshot()))
    }

    /// Adds a line to the trace.
    pub fn tell(&mut self, what: fmt::Arguments<'_>) {
        self.machine.tell(self.who, what);
    }
}
