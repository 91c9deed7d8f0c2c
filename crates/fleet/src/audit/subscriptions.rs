//! What the books say of subscriptions.

use alloc::collections::BTreeSet;
use alloc::format;

use super::{Audit, Finding, Invariant};
use crate::subscription::is_lapse;
use crate::{Event, IncidentKind, Instance, InstanceId, Status, Time, TimerKind};

impl Audit {
    pub(super) fn check_subscriptions(&mut self, instances: &[Instance]) {
        let timed = self.timers.iter().filter_map(|(kind, at)| {
            let TimerKind::Expiry(id) = kind else { return None };
            Some((*id, *at))
        });
        let mut timed: BTreeSet<(InstanceId, Time)> = timed.collect();
        let release = |event: &&Event| is_lapse(event) && event.kind.what() == IncidentKind::ExpiryRelease;
        let open = self.events.values().filter(release).filter(|event| !event.cycle.is_final());
        let mut lapsed: BTreeSet<InstanceId> = open.map(|event| event.instance).collect();
        for instance in instances {
            let status = instance.state.status();
            let waits = lapsed.remove(&instance.id);
            let due = instance.paid_until.is_some_and(|at| timed.remove(&(instance.id, at)));
            let ends = matches!(status, Status::Failed | Status::Releasing);
            let fits = match instance.paid_until {
                None => !waits,
                Some(_) => waits != due && !ends && !(waits && status == Status::Running),
            };
            if !fits {
                let (id, at) = (instance.id, instance.paid_until);
                let detail =
                    format!("{id} is {status:?}, paid until {at:?}, has a timer: {due}, has lapsed: {waits}");
                self.find_subscription(detail);
            }
        }
        for (id, at) in timed {
            self.find_subscription(format!("{id} has a timer at {at:?} and is not paid until then"));
        }
        for id in lapsed {
            self.find_subscription(format!("{id} has lapsed and is not there"));
        }
    }

    fn find_subscription(&mut self, detail: alloc::string::String) {
        self.findings.push(Finding { invariant: Invariant::EverySubscriptionHasItsTimer, detail });
    }
}
