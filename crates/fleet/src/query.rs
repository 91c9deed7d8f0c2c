//! What a listing shows: filters over instances and events, in neutral words.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use crate::{
    AccountId, Cycle, Event, EventId, Instance, InstanceId, InternetCharge, Label, Shown, Spec, Tag, Time,
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
        }
    }

    /// Whether the listing shows `instance`, which was launched as `spec` says. `family` is that of
    /// its type.
    #[must_use]
    pub fn matches(&self, instance: &Instance, spec: &Spec, family: Option<&Label>) -> bool {
        self.matches_instance(instance)
            && self.matches_spec(spec)
            && self.family.as_ref().is_none_or(|wanted| Some(wanted) == family)
            && self.matches_expiry(instance, spec)
            && self.name.as_ref().is_none_or(|name| name.matches(&instance.name(spec, self.id_prefix)))
    }

    fn matches_instance(&self, instance: &Instance) -> bool {
        let Some(shown) = instance.shown() else { return false };
        instance.account == self.account
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&instance.id))
            && self.status.is_none_or(|status| status == shown)
            && self.addresses.as_ref().is_none_or(|addresses| addresses.contains(&instance.address))
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
            && self.group.as_ref().is_none_or(|group| spec.groups.contains(group))
            && self.prepaid.is_none_or(|prepaid| prepaid == spec.charge.paid_span().is_some())
            && self.internet_charge.is_none_or(|charge| charge == spec.internet.charge)
            && self.tags.iter().all(|(key, value)| has_tag(&spec.tags, key, value.as_deref()))
    }

    fn matches_expiry(&self, instance: &Instance, spec: &Spec) -> bool {
        within(self.expires, instance.expires_at(spec.charge.paid_span()).unwrap_or(Time::END))
    }
}

/// Whether `at` lies between the two, both included; a bound that is missing holds.
fn within((from, to): (Option<Time>, Option<Time>), at: Time) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at <= to)
}

fn has_tag(tags: &[Tag], key: &str, value: Option<&str>) -> bool {
    tags.iter().any(|tag| tag.key == key && value.is_none_or(|value| tag.value == value))
}

impl Instance {
    /// The name it goes by: the one it was launched with, or its id behind a prefix.
    #[must_use]
    pub fn name(&self, spec: &Spec, id_prefix: &str) -> String {
        spec.names.name(self.index).unwrap_or_else(|| format!("{id_prefix}{}", self.id))
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
    /// Whether creation failures are shown, the only kind there is today.
    pub creation_failures: bool,
    /// Published between these, both included.
    pub published: (Option<Time>, Option<Time>),
    /// Planned between these, both included.
    pub not_before: (Option<Time>, Option<Time>),
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
            creation_failures: true,
            published: (None, None),
            not_before: (None, None),
        }
    }

    /// Whether the listing shows `event`.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        let cycle = match &self.cycles {
            Some(cycles) => cycles.contains(&event.cycle),
            None => event.cycle.is_final(),
        };
        event.account == self.account
            && cycle
            && self.creation_failures
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
