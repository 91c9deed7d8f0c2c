//! Addresses that cool down: given back, and not given out again before
//! [`Policy::address_cool_down`](crate::Policy) has passed, so that nobody is reached in the name of
//! whoever had the address before.
//!
//! The addresses of an instance cool down together: one record and one timer, whatever their pools
//! and however full these are. Until the timer runs their bits stay set, and none counts as free.

use alloc::vec::Vec;

use crate::View;
use crate::decide::Draft;
use crate::{HeldAddress, Instance, InstanceId, Key, Record, Span, Spec, Time, TimerKind};

/// Addresses that an instance had, and that are not free yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cooling {
    /// Which instance had them.
    pub instance: InstanceId,
    /// When they are free. What was decided under another policy stays as it was.
    pub until: Time,
    /// The addresses; never empty.
    pub addresses: Vec<HeldAddress>,
}

impl<V: View> Draft<'_, V> {
    /// Gives back every address of an instance: at once, or once they have cooled down.
    pub(crate) fn give_back_addresses(
        &mut self,
        instance: &Instance,
        spec: &Spec,
        now: Time,
    ) -> Result<(), V::Failure> {
        let cool_down = self.policy().address_cool_down;
        if cool_down == Span::ZERO {
            return instance.held_addresses(spec).try_for_each(|held| self.put_back(&held));
        }
        let (instance, addresses) = (instance.id, instance.held_addresses(spec).collect());
        let until = now.after(cool_down);
        self.put(Record::Cooling(Cooling { instance, until, addresses }));
        self.put(Record::Timer(until, TimerKind::CoolDown(instance)));
        Ok(())
    }

    /// Frees the addresses that an instance had.
    pub(crate) fn end_cool_down(&mut self, id: InstanceId) -> Result<(), V::Failure> {
        let Some(cooling) = self.cooling(id)? else { return Ok(()) };
        self.remove(Key::Cooling(id));
        cooling.addresses.iter().try_for_each(|held| self.put_back(held))
    }
}
