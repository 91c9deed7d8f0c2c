//! An instance as this dialect shows it: what it was launched with, and what was changed since.

use std::net::Ipv4Addr;

use fleet::{Amendment, Instance, Label, Layout, Spec, Tag};

/// The setting that an owner's choice of another group of resources is kept under.
pub const RESOURCE_GROUP_SETTING: &str = "resourceGroupId";
/// The group that is everybody's.
pub const DEFAULT_RESOURCE_GROUP: &str = "rg-default";

/// An instance, what it shares with its launch, and what was changed of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) instance: &'a Instance,
    pub(super) spec: &'a Spec,
    pub(super) amendment: Option<&'a Amendment>,
}

impl<'a> View<'a> {
    pub(super) fn name(&self) -> String {
        let amended = self.amendment.and_then(|amendment| amendment.name.as_deref());
        let launched = || self.spec.names.name(self.instance.index);
        amended.map(str::to_owned).or_else(launched).unwrap_or_else(|| self.instance.id.to_string())
    }

    pub(super) fn host_name(&self) -> String {
        let amended = self.amendment.and_then(|amendment| amendment.host_name.as_deref());
        let launched = || self.spec.host_names.name(self.instance.index);
        amended.map(str::to_owned).or_else(launched).unwrap_or_else(|| self.instance.id.to_string())
    }

    pub(super) fn tags(&self) -> &'a [Tag] {
        self.amendment.and_then(|amendment| amendment.tags.as_deref()).unwrap_or(&self.spec.tags)
    }

    pub(super) fn image(&self) -> Option<&'a Label> {
        match self.amendment.and_then(|amendment| amendment.installed.as_deref()) {
            Some(installed) => installed.image.as_ref(),
            None => self.spec.image.as_ref(),
        }
    }

    /// How it is laid out; nothing to speak of where it is no bare metal.
    pub(super) fn layout(&self) -> Option<&'a Layout> {
        match self.amendment.and_then(|amendment| amendment.installed.as_deref()) {
            Some(installed) => Some(&installed.layout),
            None => self.spec.bare_metal.as_deref().map(|bare_metal| &bare_metal.layout),
        }
    }

    pub(super) fn key_pair(&self) -> Option<&'a str> {
        let installed = self.amendment.filter(|amendment| amendment.installed.is_some());
        match installed {
            Some(amendment) => amendment.key_pair.as_deref(),
            None => self.spec.key_pair.as_deref(),
        }
    }

    pub(super) fn resource_group(&self) -> Label {
        let amended = self.amendment.and_then(|amendment| amendment.settings.get(RESOURCE_GROUP_SETTING));
        let launched = || self.spec.terms.resource_group.clone();
        let found = amended.and_then(|text| Label::parse(text).ok()).or_else(launched);
        found.unwrap_or_else(|| super::body::named(DEFAULT_RESOURCE_GROUP))
    }

    pub(super) fn renews(&self) -> bool {
        let amended = self.amendment.and_then(|amendment| amendment.renewal);
        amended.unwrap_or(self.spec.terms.renewal) != fleet::Renewal::Off
    }

    /// Its addresses on the internet, the first of them first. That of bare metal is its own.
    pub(super) fn public(&self) -> Vec<Ipv4Addr> {
        let own = self.spec.bare_metal.as_ref().map(|_| self.instance.address);
        own.into_iter().chain(self.instance.public).collect()
    }

    /// Its private addresses.
    pub(super) fn private(&self) -> Vec<Ipv4Addr> {
        let own = if self.spec.bare_metal.is_none() { Some(self.instance.address) } else { None };
        own.into_iter().chain(self.instance.attached.iter().map(|place| place.address)).collect()
    }

    /// The subnets that its private addresses are of.
    pub(super) fn subnets(&self) -> Vec<&'a Label> {
        let own = if self.spec.bare_metal.is_none() { Some(&self.spec.subnet) } else { None };
        own.into_iter().chain(self.instance.attached.iter().map(|place| &place.subnet)).collect()
    }
}
