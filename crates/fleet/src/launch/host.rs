//! The dedicated host of a launch: the one it names, or one that the system picks (rules H-01 to
//! H-03 and S-07).

use super::find::Found;
use super::{Judged, Launch, LaunchRefusal};
use crate::View;
use crate::decide::Draft;
use crate::{Host, Key, Label, Sale, Spot, Tenancy, Time};

impl Host {
    /// How many instances it still has room for.
    #[must_use]
    pub const fn free(&self) -> u32 {
        self.places.saturating_sub(self.taken)
    }

    /// Whether it takes instances of types of `family`.
    #[must_use]
    pub fn takes(&self, family: &Label) -> bool {
        self.families.is_empty() || self.families.contains(family)
    }
}

impl Launch {
    pub(super) fn sees_host(&self, host: &Host) -> bool {
        host.account.is_none_or(|owner| owner == self.account)
    }

    /// The bid for spare capacity: who names a dedicated host has none, whatever is said (rule S-07).
    pub(super) fn spot(&self) -> Option<Spot> {
        self.terms.spot.filter(|_| self.hosting.host.is_none())
    }

    /// The host that the instances run on, if they run on one: the one that is named, or the one
    /// with the most room that suits.
    pub(super) fn relate_host<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        now: Time,
    ) -> Judged<Option<Host>, V> {
        if let Some(host) = &found.host {
            self.host_suits(host, found, now).map_err(LaunchRefusal::halt)?;
            return Ok(Some(host.clone()));
        }
        match self.hosting.tenancy {
            Tenancy::Shared => Ok(None),
            Tenancy::Dedicated => self.pick_host(draft, found, now),
        }
    }

    fn pick_host<V: View>(&self, draft: &Draft<'_, V>, found: &Found, now: Time) -> Judged<Option<Host>, V> {
        let mut roomiest: Option<Host> = None;
        let (first, last) = Key::hosts();
        for key in draft.keys(&first, &last, usize::MAX)? {
            let Key::Host(label) = key else { continue };
            let Some(host) = draft.host(&label)? else { continue };
            let suits = self.sees_host(&host) && self.host_suits(&host, found, now).is_ok();
            // Of several with the same room the first, so that the answer is always the same.
            if suits && roomiest.as_ref().is_none_or(|other| other.free() < host.free()) {
                roomiest = Some(host);
            }
        }
        let refusal = LaunchRefusal::NoHostWithRoom(self.wanted.least());
        roomiest.map_or(Err(refusal.halt()), |host| Ok(Some(host)))
    }

    /// Rules H-02 and H-03, and what else keeps a host from taking the instances.
    fn host_suits(&self, host: &Host, found: &Found, now: Time) -> Result<(), LaunchRefusal> {
        let (zone, family) = (&found.zone, &found.instance_type.family);
        let (label, free, least) = (host.label.clone(), host.free(), self.wanted.least());
        if host.sale == Sale::Closed {
            return Err(LaunchRefusal::HostClosed(label));
        }
        if host.zone != zone.label {
            return Err(LaunchRefusal::HostElsewhere { host: label, zone: zone.label.clone() });
        }
        if !host.takes(family) {
            return Err(LaunchRefusal::FamilyNotForHost { host: label, family: family.clone() });
        }
        if free < u32::from(least) {
            return Err(LaunchRefusal::HostFull { host: label, free, least });
        }
        let Some(span) = self.charge.paid_span() else { return Ok(()) };
        if !host.prepaid {
            return Err(LaunchRefusal::PrepaidOnPostpaidHost(label));
        }
        match host.expires_at.filter(|until| *until < now.after(span)) {
            Some(until) => Err(LaunchRefusal::PaidBeyondHost { host: label, until }),
            None => Ok(()),
        }
    }
}
