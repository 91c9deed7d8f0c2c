//! Facets: what instances and events have that listings ask for, each with the ids that have it.

use std::collections::HashMap;
use std::hash::Hash;

use fleet::{AccountId, Cycle, Event, IncidentKind, InstanceId, Label, Profile, Shown, State};

use super::set::Set;

/// Something that an instance has or has not.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Facet {
    /// It is this account's, whether its owner sees it or not.
    Of(AccountId),
    /// It is this account's, in this region, and its owner sees it.
    In(AccountId, Label),
    /// Its owner sees it so.
    Shown(Shown),
    /// It could not be made.
    Failed,
    /// It is attached to a subnet besides its own.
    Attached,
    Zone(Label),
    Network(Label),
    Subnet(Label),
    Image(Label),
    Type(Label),
    Group(Label),
    /// It has a tag with this key.
    TagKey(Box<str>),
    /// It has this tag.
    Tag(Box<str>, Box<str>),
    KeyPair(Box<str>),
    ResourceGroup(Label),
    HpcCluster(Label),
    /// It is locked, for whatever reason.
    Locked,
    /// It is paid for in advance.
    Prepaid,
    /// It goes by its id.
    Unnamed,
}

/// Something that an event has or has not.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum EventFacet {
    Of(AccountId),
    About(InstanceId),
    Cycle(Cycle),
    Kind(IncidentKind),
    /// In this region; or it does not say where.
    In(Option<Label>),
}

/// Shows `each` the facets of an instance.
pub(crate) fn of_profile(profile: &Profile, mut each: impl FnMut(Facet)) {
    let Profile { instance, spec, .. } = profile;
    each(Facet::Of(instance.account));
    if let Some(shown) = instance.shown() {
        each(Facet::In(instance.account, spec.region.clone()));
        each(Facet::Shown(shown));
    }
    let flags = [
        (matches!(instance.state, State::Failed(_)), Facet::Failed),
        (!instance.attached.is_empty(), Facet::Attached),
        (profile.lock().is_some(), Facet::Locked),
        (spec.charge.paid_span().is_some(), Facet::Prepaid),
        (name(profile).is_none(), Facet::Unnamed),
    ];
    flags.into_iter().filter(|(has, _)| *has).for_each(|(_, facet)| each(facet));
    each(Facet::Zone(spec.zone.clone()));
    each(Facet::Network(spec.network.clone()));
    each(Facet::Subnet(spec.subnet.clone()));
    each(Facet::Type(spec.instance_type.clone()));
    spec.image.clone().map(Facet::Image).into_iter().for_each(&mut each);
    profile.groups().iter().cloned().map(Facet::Group).for_each(&mut each);
    for tag in profile.tags() {
        each(Facet::TagKey(tag.key.as_str().into()));
        each(Facet::Tag(tag.key.as_str().into(), tag.value.as_str().into()));
    }
    profile.key_pair().map(|pair| Facet::KeyPair(pair.into())).into_iter().for_each(&mut each);
    spec.terms.resource_group.clone().map(Facet::ResourceGroup).into_iter().for_each(&mut each);
    spec.hosting.hpc_cluster.clone().map(Facet::HpcCluster).into_iter().for_each(each);
}

/// The name of an instance; `None` when it goes by its id.
pub(crate) fn name(profile: &Profile) -> Option<String> {
    match profile.amendment.as_deref().and_then(|amendment| amendment.name.as_deref()) {
        Some(name) => Some(name.into()),
        None => profile.spec.names.name(profile.instance.index),
    }
}

/// All facets of an event.
pub(crate) fn of_event(event: &Event) -> [EventFacet; 5] {
    [
        EventFacet::Of(event.account),
        EventFacet::About(event.instance),
        EventFacet::Cycle(event.cycle),
        EventFacet::Kind(event.kind.what()),
        EventFacet::In(event.region.clone()),
    ]
}

static NOBODY: Set = Set::EMPTY;

/// Who has which facet. A facet that nobody has is not there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sets<F: Eq + Hash>(HashMap<F, Set>);

impl<F: Eq + Hash> Default for Sets<F> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<F: Eq + Hash> Sets<F> {
    pub(crate) fn get(&self, facet: &F) -> &Set {
        self.0.get(facet).unwrap_or(&NOBODY)
    }

    pub(crate) fn insert(&mut self, facet: F, id: u64) {
        self.0.entry(facet).or_insert(Set::EMPTY).insert(id);
    }

    pub(crate) fn remove(&mut self, facet: &F, id: u64) {
        let Some(set) = self.0.get_mut(facet) else { return };
        set.remove(id);
        if set.len() == 0 {
            self.0.remove(facet);
        }
    }
}
