//! Work items that were claimed again and again and that nobody said anything about: whoever takes
//! one, dies of it. They are taken out of the queue, so that the others are done.

use crate::View;
use crate::decide::{Draft, Policy};
use crate::{Boot, Capacity, FailureReason, Instance, Record, Span, State, Time, Work};

impl Policy {
    /// How long an item rests that could not be done in its claim `attempt`: twice as long as after
    /// the claim before, up to [`Policy::retry_pause_max`].
    #[must_use]
    pub fn pause_after(&self, attempt: u32) -> Span {
        let doubled = 1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX);
        let pause = Span::from_millis(self.retry_pause.millis().saturating_mul(doubled));
        pause.min(self.retry_pause_max.max(self.retry_pause))
    }

    /// Whether an item has been claimed so often without a report that it is given up.
    #[must_use]
    pub const fn is_exhausted(&self, work: &Work) -> bool {
        self.attempts_max > 0 && work.unanswered >= self.attempts_max
    }
}

impl<V: View> Draft<'_, V> {
    /// Gives the work item up that an instance waits for, and that nobody holds any more.
    ///
    /// A creation fails, with what there may be of a machine still to be taken apart. Of the others
    /// nobody knows how far they came: the instance is in the state again that it came from, and blank where a system was to be installed. A
    /// release is never given up, since a machine must not be forgotten, nor is a stop that the
    /// system itself ordered: it rests.
    pub(crate) fn give_up(&mut self, instance: Instance, now: Time) -> Result<(), V::Failure> {
        self.count_work(|stats| &mut stats.exhausted)?;
        self.remove_work(&instance);
        let state = match &instance.state {
            State::Pending(_) => return self.fail_creation(instance, FailureReason::Exhausted, now),
            State::Installing(_) => State::Blank,
            State::Starting(Boot::Start, _) => State::Stopped(Capacity::Kept),
            State::Stopping(_, work) if self.must_stop(&instance)? => {
                let work = work.clone();
                self.let_rest(instance, work, now);
                return Ok(());
            }
            State::Starting(Boot::Reboot, _) | State::Stopping(..) => State::Running,
            State::Releasing(_, work) => {
                let work = work.clone();
                self.let_rest(instance, work, now);
                return Ok(());
            }
            State::Running | State::Stopped(_) | State::Blank | State::Binned { .. } | State::Failed(_) => {
                return Ok(());
            }
        };
        self.come_to_rest(Instance { state, ..instance }, now)
    }

    /// Lets an item rest that could not be done, the longer the more often it was claimed.
    pub(crate) fn let_rest(&mut self, instance: Instance, work: Work, now: Time) {
        let pause = self.policy().pause_after(work.attempt);
        self.put_in_queue_again(instance, Work { available_at: now.after(pause), holder: None, ..work });
    }

    /// Puts the item of an instance back into the queue, at the time it says.
    pub(crate) fn put_in_queue_again(&mut self, instance: Instance, work: Work) {
        if let Some(id) = instance.work_id() {
            self.remove_work(&instance);
            self.put(Record::Work(work.available_at, id));
            let state = instance.state.with_work(work);
            self.put(Record::Instance(Instance { state, ..instance }));
        }
    }
}
