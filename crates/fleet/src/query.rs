//! What a listing shows: filters over instances and events, in neutral words.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    AccountId, Cycle, Event, EventId, IncidentKind, Instance, InstanceId, InternetCharge, Io, Label,
    LockReason, Profile, Shown, Spec, Status, Tag, Time,
};

/// Which instances a listing shows. All conditions must hold; one that is `None` always does.
/// Instances that their owner does not see any more never match.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceFilter {
    /// Whose.
    pub account: AccountId,
    /// In which region.
    pub region: Label,
    /// One of these.
    pub ids: Option<BTreeSet<InstanceId>>,
    /// As their owner sees them.
    pub status: Option<Shown>,
    /// Named so. An instance without a name goes by its id, behind `id_prefix`.
    pub name: Option<NamePattern>,
    /// What stands before the ids of instances where the name comes from.
    pub id_prefix: &'static str,
    /// In this zone.
    pub zone: Option<Label>,
    /// In this network.
    pub network: Option<Label>,
    /// In this subnet.
    pub subnet: Option<Label>,
    /// In this group.
    pub group: Option<Label>,
    /// Of this image.
    pub image: Option<Label>,
    /// Of this type.
    pub instance_type: Option<Label>,
    /// Of a type of this family, as the catalogue has it.
    pub family: Option<Label>,
    /// With this kind of line to the internet.
    pub internet_charge: Option<InternetCharge>,
    /// Asked for between these, both included.
    pub created: (Option<Time>, Option<Time>),
    /// Paid for until a time between these, both included. One that is paid by use never runs out.
    pub expires: (Option<Time>, Option<Time>),
    /// With one of these addresses.
    pub addresses: Option<BTreeSet<Ipv4Addr>>,
    /// Paid in advance, or by use.
    pub prepaid: Option<bool>,
    /// With all of these tags; a tag without a value asks for the key alone.
    pub tags: Vec<(String, Option<String>)>,
    /// With one of these addresses on the internet.
    pub public_addresses: Option<BTreeSet<Ipv4Addr>>,
    /// With one of these IPv6 addresses.
    pub ipv6_addresses: Option<BTreeSet<Ipv6Addr>>,
    /// Logged in with this key pair.
    pub key_pair: Option<String>,
    /// Accounted to this group of resources.
    pub resource_group: Option<Label>,
    /// In this cluster.
    pub hpc_cluster: Option<Label>,
    /// Locked for this reason.
    pub lock: Option<LockReason>,
    /// Reaching its disks this way.
    pub io: Option<Io>,
    /// With each of these settings at this value; a setting that was never set has the default beside it.
    pub settings: Vec<SettingFilter>,
    /// How instances that could not be made are shown.
    pub failed: FailedShown,
}

/// How instances that could not be made are shown until they are released. Two sentences of the first
/// seed contradict each other; these are the readings of `contract/lifecycle.md` section 4.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FailedShown {
    /// Like any that is stopped: its table.
    #[default]
    Listed,
    /// Not at all: its prose.
    Hidden,
    /// Where their ids are asked for.
    ById,
}

/// A value that a setting is to have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SettingFilter {
    /// Which setting.
    pub name: &'static str,
    /// The value.
    pub value: String,
    /// The value of an instance that says nothing.
    pub default: &'static str,
}

impl InstanceFilter {
    /// All instances of an account in a region.
    #[must_use]
    pub const fn all(account: AccountId, region: Label) -> Self {
        Self {
            account,
            region,
            ids: None,
            status: None,
            name: None,
            id_prefix: "",
            zone: None,
            network: None,
            subnet: None,
            group: None,
            image: None,
            instance_type: None,
            family: None,
            internet_charge: None,
            created: (None, None),
            expires: (None, None),
            addresses: None,
            prepaid: None,
            tags: Vec::new(),
            public_addresses: None,
            ipv6_addresses: None,
            key_pair: None,
            resource_group: None,
            hpc_cluster: None,
            lock: None,
            io: None,
            settings: Vec::new(),
            failed: FailedShown::Listed,
        }
    }

    /// Whether the listing can show `instance`, which was launched as `spec` says: whether it does
    /// is for [`Self::matches`] to say, which has to know what was changed since.
    #[must_use]
    pub fn may_match(&self, instance: &Instance, spec: &Spec, family: Option<&Label>) -> bool {
        self.matches_instance(instance)
            && self.matches_spec(spec)
            && self.family.as_ref().is_none_or(|wanted| Some(wanted) == family)
            && self.matches_expiry(instance, spec)
    }

    /// Whether the listing shows the instance of `profile`. `family` is that of its type.
    #[must_use]
    pub fn matches(&self, profile: &Profile, family: Option<&Label>) -> bool {
        self.may_match(&profile.instance, &profile.spec, family)
            && self.name.as_ref().is_none_or(|name| name.matches(&profile.name(self.id_prefix)))
            && self.group.as_ref().is_none_or(|group| profile.groups().contains(group))
            && has_tags(profile.tags(), &self.tags)
            && self.key_pair.as_deref().is_none_or(|pair| profile.key_pair() == Some(pair))
            && self.lock.is_none_or(|lock| profile.lock() == Some(lock))
            && self.settings.iter().all(|wanted| wanted.matches(profile))
    }

    fn shows_failed(&self) -> bool {
        match self.failed {
            FailedShown::Listed => true,
            FailedShown::ById => self.ids.is_some(),
            FailedShown::Hidden => false,
        }
    }

    fn matches_instance(&self, instance: &Instance) -> bool {
        fn one_of<T: Ord>(wanted: Option<&BTreeSet<T>>, mut found: impl Iterator<Item = T>) -> bool {
            wanted.is_none_or(|wanted| found.any(|one| wanted.contains(&one)))
        }
        let Some(shown) = instance.shown() else { return false };
        let hidden = instance.state.status() == Status::Failed && !self.shows_failed();
        !hidden
            && instance.account == self.account
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&instance.id))
            && self.status.is_none_or(|status| status == shown)
            && one_of(self.addresses.as_ref(), core::iter::once(instance.address))
            && one_of(self.public_addresses.as_ref(), instance.public.into_iter())
            && one_of(self.ipv6_addresses.as_ref(), instance.ipv6.iter().copied())
            && within(self.created, instance.created_at)
    }

    fn matches_spec(&self, spec: &Spec) -> bool {
        fn is(wanted: Option<&Label>, found: &Label) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        spec.region == self.region
            && is(self.zone.as_ref(), &spec.zone)
            && is(self.network.as_ref(), &spec.network)
            && is(self.subnet.as_ref(), &spec.subnet)
            && self.image.as_ref().is_none_or(|image| spec.image.as_ref() == Some(image))
            && is(self.instance_type.as_ref(), &spec.instance_type)
            && self.prepaid.is_none_or(|prepaid| prepaid == spec.charge.paid_span().is_some())
            && self.internet_charge.is_none_or(|charge| charge == spec.internet.charge)
            && self.io.is_none_or(|io| io == spec.io)
            && self.resource_group.as_ref().is_none_or(|of| spec.terms.resource_group.as_ref() == Some(of))
            && self.hpc_cluster.as_ref().is_none_or(|of| spec.hosting.hpc_cluster.as_ref() == Some(of))
    }

    fn matches_expiry(&self, instance: &Instance, spec: &Spec) -> bool {
        within(self.expires, instance.expires_at(spec.charge.paid_span()).unwrap_or(Time::END))
    }
}

/// Whether `at` lies between the two, both included; a bound that is missing holds.
fn within((from, to): (Option<Time>, Option<Time>), at: Time) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at <= to)
}

/// Whether all of `wanted` are among `tags`; one without a value asks for the key alone.
#[must_use]
pub fn has_tags(tags: &[Tag], wanted: &[(String, Option<String>)]) -> bool {
    wanted.iter().all(|(key, value)| has_tag(tags, key, value.as_deref()))
}

fn has_tag(tags: &[Tag], key: &str, value: Option<&str>) -> bool {
    tags.iter().any(|tag| tag.key == key && value.is_none_or(|value| tag.value == value))
}

impl SettingFilter {
    fn matches(&self, profile: &Profile) -> bool {
        profile.setting(self.name).unwrap_or(self.default) == self.value
    }
}

/// A name in which `*` stands for any text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamePattern(String);

impl NamePattern {
    /// The pattern that `text` spells.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// What every name that fits begins with: the text before the first star.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.0.split('*').next().unwrap_or("")
    }

    /// Whether there is no star in it, so that one name fits: its stem.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether `name` fits. Takes time in proportion to the name for each `*`.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or("");
        let Some(mut rest) = name.strip_prefix(first) else { return false };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            let Some((_, behind)) = rest.split_once(part) else { return false };
            rest = behind;
        }
        true
    }
}

/// Which events a listing shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventFilter {
    /// Whose.
    pub account: AccountId,
    /// Of one of these instances.
    pub instances: Option<BTreeSet<InstanceId>>,
    /// One of these.
    pub ids: Option<BTreeSet<EventId>>,
    /// In one of these cycles; finished ones when nothing is said.
    pub cycles: Option<BTreeSet<Cycle>>,
    /// About one of these.
    pub kinds: Option<BTreeSet<IncidentKind>>,
    /// Published between these, both included.
    pub published: (Option<Time>, Option<Time>),
    /// Planned between these, both included.
    pub not_before: (Option<Time>, Option<Time>),
    /// Of instances in this region, and those that do not say where they are.
    pub region: Option<Label>,
}

impl EventFilter {
    /// All finished events of an account.
    #[must_use]
    pub const fn finished(account: AccountId) -> Self {
        Self {
            account,
            instances: None,
            ids: None,
            cycles: None,
            kinds: None,
            published: (None, None),
            not_before: (None, None),
            region: None,
        }
    }

    /// Whether the listing shows `event`.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        let cycle = match &self.cycles {
            Some(cycles) => cycles.contains(&event.cycle),
            None => event.cycle.is_final(),
        };
        let elsewhere =
            self.region.as_ref().zip(event.region.as_ref()).is_some_and(|(wanted, region)| wanted != region);
        event.account == self.account
            && cycle
            && !elsewhere
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&event.kind.what()))
            && self.instances.as_ref().is_none_or(|instances| instances.contains(&event.instance))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&event.id))
            && within(self.published, event.published_at)
            && within(self.not_before, event.not_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_listed_in_its_region_and_one_that_tells_none_in_each() {
        let label = |text: &str| Label::parse(text).unwrap();
        let event = Event {
            id: EventId(crate::Serial::LOWEST),
            account: AccountId(1),
            instance: InstanceId(crate::Serial::LOWEST),
            kind: crate::EventKind::CreationFailure(crate::FailureReason::NoStock),
            cycle: Cycle::Executed,
            published_at: Time::START,
            not_before: Time::START,
            finished_at: Some(Time::START),
            region: None,
        };
        for (region, asked, listed) in [
            (None, None, true),
            (None, Some("a"), true),
            (Some("a"), None, true),
            (Some("a"), Some("a"), true),
            (Some("a"), Some("b"), false),
        ] {
            let event = Event { region: region.map(label), ..event.clone() };
            let filter = EventFilter { region: asked.map(label), ..EventFilter::finished(AccountId(1)) };
            assert_eq!(filter.matches(&event), listed, "{region:?} {asked:?}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expected) in [
            ("web", "web", true),
            ("web", "web1", false),
            ("web*", "web", true),
            ("web*", "web12", true),
            ("*web", "my-web", true),
            ("*web", "my-web2", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("**", "x", true),
        ] {
            assert_eq!(NamePattern::new(pattern).matches(name), expected, "{pattern} on {name}");
        }
    }
}
