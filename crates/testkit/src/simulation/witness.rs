//! Somebody who writes down what was acknowledged, away from the store, and looks for it again.

use std::collections::{BTreeMap, BTreeSet};

use fleet::{
    Batch, BatchId, Cycle, EventId, InstanceId, Launched, Outcome, Policy, Record, Revision, Time, TokenText,
};

use super::violation::Violation;

/// What was acknowledged.
#[derive(Debug)]
pub(super) struct Witness {
    policy: Policy,
    revision: Revision,
    tokens: BTreeMap<TokenText, Promise>,
    living: BTreeMap<InstanceId, Place>,
    events: BTreeMap<EventId, Cycle>,
}

#[derive(Debug)]
struct Promise {
    batch: BatchId,
    instances: Vec<InstanceId>,
    /// When it was launched.
    at: Time,
}

/// Where an instance came from, and whether its owner has ever asked for its end.
#[derive(Clone, Copy, Debug)]
struct Place {
    batch: BatchId,
    index: usize,
    launched_at: Time,
    given_back: bool,
}

impl Witness {
    pub(super) const fn new(policy: Policy) -> Self {
        Self {
            policy,
            revision: Revision::ZERO,
            tokens: BTreeMap::new(),
            living: BTreeMap::new(),
            events: BTreeMap::new(),
        }
    }

    /// A commit was acknowledged.
    pub(super) fn acknowledged(&mut self, revision: Revision) {
        self.revision = self.revision.max(revision);
    }

    /// The store was opened, and this is its last commit.
    pub(super) fn opened(&mut self, found: Revision) -> Result<(), Violation> {
        if found < self.revision {
            return Err(Violation::CommitsLost { known: self.revision, found });
        }
        self.revision = found;
        Ok(())
    }

    /// A launch that happened at `at` was answered at `now`, by the clock of the store.
    pub(super) fn launched(
        &mut self,
        token: Option<&TokenText>,
        launched: &Launched,
        (at, now): (Time, Time),
    ) -> Result<(), Violation> {
        let Launched::Batch { id, instances, .. } = launched else { return Ok(()) };
        let mut is_new = true;
        if let Some(token) = token {
            let counts = |promise: &&Promise| now < promise.at.after(self.policy.token_retention);
            let known = self.tokens.get(token);
            is_new = known.is_none_or(|promise| promise.batch != *id);
            if let Some(earlier) = known.filter(counts)
                && (earlier.batch != *id || earlier.instances != *instances)
            {
                let (token, earlier) = (token.as_str().to_owned(), earlier.batch);
                return Err(Violation::TwoOutcomes { token, earlier, later: *id });
            }
            if is_new {
                let promise = Promise { batch: *id, instances: instances.clone(), at };
                self.tokens.insert(token.clone(), promise);
            }
        }
        if is_new {
            let place = |index| Place { batch: *id, index, launched_at: at, given_back: false };
            self.living.extend((0..).zip(instances).map(|(index, instance)| (*instance, place(index))));
        }
        Ok(())
    }

    /// Its owner has asked for the end of an instance, whatever came of it.
    pub(super) fn given_back(&mut self, instance: InstanceId) {
        if let Some(place) = self.living.get_mut(&instance) {
            place.given_back = true;
        }
    }

    /// Looks for everything that was acknowledged.
    pub(super) fn look(&mut self, records: &[Record], now: Time) -> Result<(), Violation> {
        let mut instances = BTreeSet::new();
        let mut batches: BTreeMap<BatchId, &Batch> = BTreeMap::new();
        let mut events = BTreeMap::new();
        for record in records {
            if let Record::Instance(instance) = record {
                instances.insert(instance.id);
            } else if let Record::Batch(batch) = record {
                batches.insert(batch.id, batch);
            } else if let Record::Event(event) = record {
                events.insert(event.id, event.cycle);
            }
        }
        let gone: Vec<InstanceId> =
            self.living.keys().filter(|id| !instances.contains(id)).copied().collect();
        for id in gone {
            let Some(place) = self.living.remove(&id) else { continue };
            let may_go = match batches.get(&place.batch).and_then(|batch| batch.outcomes.get(place.index)) {
                Some(Outcome::Failed(_)) => true,
                Some(Outcome::Pending | Outcome::Made | Outcome::Released) => place.given_back,
                // A launch is forgotten with its last instance, once it has been kept long enough.
                None => place.given_back || now >= place.launched_at.after(self.policy.batch_retention),
            };
            if !may_go {
                return Err(Violation::InstanceLost(id));
            }
        }
        let went_back = |(id, before): &(&EventId, &Cycle)| {
            // It may have gone more than one step since, but never on from the last.
            before.is_final() && events.get(id).is_some_and(|after| after != *before)
        };
        if let Some((id, _)) = self.events.iter().find(went_back) {
            return Err(Violation::EventWentBack(*id));
        }
        self.events = events;
        let retention = self.policy.token_retention;
        self.tokens.retain(|_, promise| now < promise.at.after(retention));
        Ok(())
    }
}
