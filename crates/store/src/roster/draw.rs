//! Drawing up a roster from the records.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use fleet::{BatchId, EventId, Instance, InstanceId, Key, Profile, Record, Serial, Spec, View as _};

use super::Roster;
use crate::engine::Order;
use crate::error::StoreError;
use crate::view::Snapshot;

/// How many instances are joined with their specs at once: enough that specs are walked too, and not looked
/// up one by one.
const AT_ONCE: usize = 4096;

impl Roster {
    /// The roster of a fleet as it stands.
    pub(crate) fn draw(snapshot: &Snapshot<'_>) -> Result<Self, StoreError> {
        let mut roster = Self::default();
        let mut next = Some(Serial::LOWEST);
        while let Some(first) = next {
            let instances = instances_from(snapshot, first)?;
            let last = instances.last().map(|instance| instance.id.0);
            next = last.filter(|_| instances.len() >= AT_ONCE).and_then(after);
            let specs = specs_of(snapshot, &instances)?;
            for instance in instances {
                if let Some(profile) = profile(snapshot, instance, &specs)? {
                    roster.insert(&profile);
                }
            }
        }
        let events = (Key::Event(EventId(Serial::LOWEST)), Key::Event(EventId(Serial::HIGHEST)));
        snapshot.walk((&events.0, &events.1), Order::Ascending, |record| {
            if let Record::Event(event) = record {
                roster.insert_event(&event);
            }
            ControlFlow::Continue(())
        })?;
        Ok(roster)
    }
}

fn after(serial: Serial) -> Option<Serial> {
    let next_epoch = || Some(Serial { epoch: serial.epoch.checked_add(1)?, number: 0 });
    serial.plus(1).or_else(next_epoch)
}

fn instances_from(snapshot: &Snapshot<'_>, first: Serial) -> Result<Vec<Instance>, StoreError> {
    let range = (Key::Instance(InstanceId(first)), Key::Instance(InstanceId(Serial::HIGHEST)));
    let mut instances = Vec::new();
    snapshot.walk((&range.0, &range.1), Order::Ascending, |record| {
        if let Record::Instance(instance) = record {
            instances.push(instance);
        }
        match instances.len() < AT_ONCE {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    Ok(instances)
}

type Specs = HashMap<BatchId, Arc<Spec>>;

/// The specs of these instances, and of launches between theirs.
fn specs_of(snapshot: &Snapshot<'_>, instances: &[Instance]) -> Result<Specs, StoreError> {
    let mut specs = Specs::new();
    let batches = || instances.iter().map(|instance| instance.batch);
    let (Some(first), Some(last)) = (batches().min(), batches().max()) else { return Ok(specs) };
    snapshot.walk((&Key::Spec(first), &Key::Spec(last)), Order::Ascending, |record| {
        if let Record::Spec(batch, spec) = record {
            specs.insert(batch, spec);
        }
        ControlFlow::Continue(())
    })?;
    Ok(specs)
}

/// An instance that is listed; one without a spec is not.
fn profile(
    snapshot: &Snapshot<'_>,
    instance: Instance,
    specs: &Specs,
) -> Result<Option<Profile>, StoreError> {
    let Some(spec) = specs.get(&instance.batch).map(Arc::clone) else { return Ok(None) };
    let amendment = match instance.amended {
        true => snapshot.amendment(instance.id)?.map(Arc::new),
        false => None,
    };
    Ok(Some(Profile { instance, spec, amendment }))
}
