//! A sign of life from who holds a work item: the lease goes on.

use core::convert::Infallible;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::work::Held;
use crate::{Instance, Key, Record, Span, Time, Work, WorkId};

/// Says that a claimed work item is still being done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Heartbeat {
    /// Which item.
    pub id: WorkId,
    /// Which claim of it.
    pub attempt: u32,
    /// For how long it is held from now on; what is held for longer stays so.
    pub lease: Span,
}

/// What became of a heartbeat.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Beat {
    /// The item is held until then.
    Held(Time),
    /// It changed nothing: the item was reported, its lease ran out, or it was claimed again. Who
    /// is at it should stop.
    Late,
}

impl Command for Heartbeat {
    type Reply = Beat;
    type Refusal = Infallible;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Beat, Halt<Infallible, V::Failure>> {
        let Some(Held { instance, work, .. }) = draft.held(self.id, self.attempt, now)? else {
            return Ok(Beat::Late);
        };
        let available_at = now.after(self.lease);
        if available_at <= work.available_at {
            return Ok(Beat::Held(work.available_at));
        }
        draft.count_work(|stats| &mut stats.extended)?;
        draft.remove(Key::Work(work.available_at, self.id));
        draft.put(Record::Work(available_at, self.id));
        let state = instance.state.with_work(Work { available_at, ..work });
        draft.put(Record::Instance(Instance { state, ..instance }));
        Ok(Beat::Held(available_at))
    }
}
