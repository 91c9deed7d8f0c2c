//! How a command is decided: it reads a [`View`] through a [`Draft`], and the draft collects what
//! it changes. Nothing happens to the fleet until a store commits the writes.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{Catalogue, Key, KeyMap, Record, Span, Time, TokenReading, View};

/// The times and limits that decisions go by. Not part of the fleet: whoever opens a store says
/// them, and what was decided under other ones stays as it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// How long a creation may take before it counts as failed.
    pub creation_deadline: Span,
    /// How long after a creation failure the system releases the instance: five minutes in seed 000.
    pub failure_release: Span,
    /// How long after a subscription ran out the system releases the instance: 15 days, inferred in
    /// `contract/lifecycle.md` section 6.
    pub subscription_retention: Span,
    /// How long the instances of an account run on after its money ran out, and run up what it owes:
    /// 24 hours, inferred: a payment takes a day to be missed and made.
    pub arrears_grace: Span,
    /// How long after an instance was cut off for its account's arrears the system releases it: 15 days,
    /// as after a subscription.
    pub arrears_retention: Span,
    /// How long before spare capacity is taken that is announced: five minutes in
    /// `contract/lifecycle.md` section 6.
    pub reclaim_notice: Span,
    /// How long an instance stays in the bin: 24 hours in `contract/zenlayer.md` section 7.
    pub bin_retention: Span,
    /// How long a finished event is kept.
    pub event_retention: Span,
    /// How long a token names its outcome.
    pub token_retention: Span,
    /// What a refusal does to the token of its launch, where the launch does not say how its dialect reads that.
    pub token_reading: TokenReading,
    /// How long the outcome of a launch is kept after it.
    pub batch_retention: Span,
    /// How long a work item that a provisioner could not do rests before it is tried again.
    /// After each further claim it rests for twice as long as before.
    pub retry_pause: Span,
    /// How long such an item rests at most.
    pub retry_pause_max: Span,
    /// How often a work item is claimed without a report that counts until it is given up; 0 is never.
    pub attempts_max: u32,
    /// How many instances a group holds: 1000 in the seeds.
    pub group_members_max: u32,
    /// How many networks an account can have in a region.
    pub networks_max: u32,
    /// How many groups an account can have in a region.
    pub groups_max: u32,
    /// How long a network or a subnet is pending after it was made: `contract/lifecycle.md` section 1.
    pub network_settling: Span,
    /// How long an address that was given back is kept out of use.
    pub address_cool_down: Span,
    /// What becomes of a launch of several instances that names one address.
    pub given_address: GivenAddress,
}

/// What becomes of a launch of several instances that names one address (rule N-16).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum GivenAddress {
    /// It is refused, unless the launch says that it goes by the newest rules.
    #[default]
    OneOnly,
    /// Its instances get the addresses from that one on, as many as there are free without a gap.
    Consecutive,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            creation_deadline: Span::from_secs(30 * 60),
            failure_release: Span::from_secs(5 * 60),
            subscription_retention: Span::from_days(15),
            arrears_grace: Span::from_hours(24),
            arrears_retention: Span::from_days(15),
            reclaim_notice: Span::from_secs(5 * 60),
            bin_retention: Span::from_hours(24),
            event_retention: Span::from_days(30),
            token_retention: Span::from_hours(24),
            token_reading: TokenReading::Lenient,
            batch_retention: Span::from_days(30),
            retry_pause: Span::from_secs(5),
            retry_pause_max: Span::from_secs(10 * 60),
            attempts_max: 8,
            group_members_max: 1000,
            networks_max: 10,
            groups_max: 100,
            network_settling: Span::from_millis(500),
            address_cool_down: Span::ZERO,
            given_address: GivenAddress::OneOnly,
        }
    }
}

/// Something that can be asked of a fleet. The answer depends on nothing but the view, the command
/// and the time.
pub trait Command {
    /// What comes back when it is done.
    type Reply;
    /// Why nothing was done.
    type Refusal;

    /// Whether a store that runs out of room should refuse it: so for what makes something that stays,
    /// and not for what lets something go, reports, or keeps time.
    fn grows(&self) -> bool {
        false
    }

    /// Judges the command, and writes what it changes into `draft`.
    ///
    /// # Errors
    /// When the command is refused, or the view could not be read. The draft is then worth nothing.
    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Self::Reply, Halt<Self::Refusal, V::Failure>>;
}

/// Why a decision came to no reply.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Halt<R, F> {
    /// The command is refused: the caller can act on it, and nothing happened.
    #[error("{0}")]
    Refused(R),
    /// The view could not be read.
    #[error("{0}")]
    Failed(F),
}

impl<R, F> From<F> for Halt<R, F> {
    fn from(failure: F) -> Self {
        Self::Failed(failure)
    }
}

/// What judging the command `C` against the view `V` comes to.
pub type Judgement<T, C, V> = Result<T, Halt<<C as Command>::Refusal, <V as View>::Failure>>;

/// What a command comes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision<R> {
    /// What to answer once the writes are durable.
    pub reply: R,
    /// What changes, in the order of the keys; empty when nothing does.
    pub writes: Vec<(Key, Left)>,
}

/// What a decision leaves under a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// A record that is its key and nothing else ([`Key::key_only`]): it takes no memory of its own.
    KeyOnly,
    /// Any other record. Shared, because stores keep it for the decisions that come next.
    Record(Arc<Record>),
}

impl Left {
    /// A record, which stands under `key`.
    #[must_use]
    pub fn of(key: &Key, record: Record) -> Self {
        match key.key_only() {
            Some(_) => Self::KeyOnly,
            None => Self::Record(Arc::new(record)),
        }
    }

    /// Whether there is a record.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::KeyOnly | Self::Record(_) => true,
        }
    }

    /// The record that is left under `key`.
    #[must_use]
    pub fn record(&self, key: &Key) -> Option<Cow<'_, Record>> {
        match self {
            Self::Nothing => None,
            Self::KeyOnly => key.key_only().map(Cow::Owned),
            Self::Record(record) => Some(Cow::Borrowed(record)),
        }
    }

    /// The record, if it is shared.
    #[must_use]
    pub const fn shared(&self) -> Option<&Arc<Record>> {
        match self {
            Self::Nothing | Self::KeyOnly => None,
            Self::Record(record) => Some(record),
        }
    }
}

/// Decides what `command` does to the fleet. Reads nothing but `view`, changes nothing.
///
/// # Errors
/// When the command is refused, or the view could not be read.
pub fn decide<V: View, C: Command>(view: &V, command: &C, now: Time) -> Judgement<Decision<C::Reply>, C, V> {
    let mut draft = Draft { view, changed: KeyMap::default() };
    let reply = command.decide(&mut draft, now)?;
    Ok(Decision { reply, writes: draft.changed.into_iter().collect() })
}

/// A decision in the making: a view, and what has been changed on top of it.
#[derive(Debug)]
pub struct Draft<'v, V> {
    view: &'v V,
    changed: KeyMap<Left>,
}

impl<V: View> View for Draft<'_, V> {
    type Failure = V::Failure;

    fn get(&self, key: &Key) -> Result<Option<Record>, V::Failure> {
        match self.changed.get(key) {
            Some(left) => Ok(left.record(key).map(Cow::into_owned)),
            None => self.view.get(key),
        }
    }

    /// What the draft itself put into the range is not among the keys: a decision that walks a
    /// range does not walk what it makes on the way.
    fn keys(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<Key>, V::Failure> {
        self.view.keys(from, to, limit)
    }

    fn catalogue(&self) -> &Catalogue {
        self.view.catalogue()
    }

    fn policy(&self) -> &Policy {
        self.view.policy()
    }
}

impl<'v, V: View> Draft<'v, V> {
    /// The catalogue, for as long as the view is there: the draft can change meanwhile.
    pub(crate) fn lasting_catalogue(&self) -> &'v Catalogue {
        self.view.catalogue()
    }

    /// Makes `record` what stands under its key.
    pub(crate) fn put(&mut self, record: Record) {
        let key = record.key();
        let left = Left::of(&key, record);
        self.changed.insert(key, left);
    }

    /// Leaves nothing under `key`.
    pub(crate) fn remove(&mut self, key: Key) {
        self.changed.insert(key, Left::Nothing);
    }

    /// Whether the decision itself has removed what stood under `key`.
    pub(crate) fn has_removed(&self, key: &Key) -> bool {
        matches!(self.changed.get(key), Some(Left::Nothing))
    }

    /// How many keys between two, both included, the decision itself has removed.
    pub(crate) fn removed_between(&self, first: &Key, last: &Key) -> usize {
        self.changed.range(first..=last).filter(|(_, left)| !left.is_there()).count()
    }

    /// When the first of the timers that the draft itself put is due.
    pub(crate) fn first_timer_put(&self) -> Option<Time> {
        let (first, last) = Key::timers(Time::END);
        let mut timers = self.changed.range(&first..=&last).filter(|(_, left)| left.is_there());
        timers.find_map(|(key, _)| if let Key::Timer(at, _) = key { Some(*at) } else { None })
    }
}
