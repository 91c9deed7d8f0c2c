//! What is asked of instances that are there, and which of them are shown.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use fleet::{AccountId, Amendment, Instance, InstanceId, Label, Line, NamePattern, Paging, Spec};

use super::super::body::{Body, invalid};
use super::super::words::{self, Seen};
use super::super::{Code, Fault};
use super::{instance_id, paging};

/// How many instances one request names at most.
pub const IDS_MAX: usize = 100;

/// The instances that a request names, each once, in the order it names them.
pub(super) fn ids(body: Body<'_>) -> Result<Vec<InstanceId>, Fault> {
    let texts = body.texts("instanceIds");
    if texts.is_empty() {
        return Err(Fault::about(Code::MISSING_PARAMETER, "instanceIds"));
    }
    if texts.len() > IDS_MAX {
        return Err(invalid("instanceIds"));
    }
    let mut ids = Vec::new();
    for id in texts.into_iter().map(instance_id) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Which instances a listing shows. All conditions must hold; one that is `None` always does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceListing {
    /// Whose.
    pub account: AccountId,
    /// One of these.
    pub ids: Option<BTreeSet<InstanceId>>,
    /// Which part of them.
    pub paging: Paging<InstanceId>,
    zone: Option<Label>,
    resource_group: Option<Label>,
    instance_type: Option<Label>,
    line: Option<Option<Line>>,
    image: Option<Label>,
    subnet: Option<Label>,
    status: Option<Option<Seen>>,
    name: Option<NamePattern>,
    host_name: Option<NamePattern>,
    public: Option<BTreeSet<Ipv4Addr>>,
    private: Option<BTreeSet<Ipv4Addr>>,
    tag_keys: Vec<String>,
    tags: Vec<(String, Option<String>)>,
}

impl InstanceListing {
    pub(super) fn parse(body: Body<'_>, account: AccountId) -> Result<Self, Fault> {
        let ids = body.texts("instanceIds");
        if ids.len() > IDS_MAX {
            return Err(invalid("instanceIds"));
        }
        Ok(Self {
            account,
            ids: (!ids.is_empty()).then(|| ids.into_iter().map(instance_id).collect()),
            paging: paging(body)?,
            zone: body.label("zoneId"),
            resource_group: body.label("resourceGroupId"),
            instance_type: body.label("instanceTypeId"),
            line: body.text("internetChargeType").map(words::line::parse),
            image: body.label("imageId"),
            subnet: body.label("subnetId"),
            status: body.text("instanceStatus").map(words::status::parse),
            name: body.text("instanceName").map(pattern),
            host_name: body.text("hostname").map(pattern),
            public: addresses(body, "publicIpAddresses"),
            private: addresses(body, "privateIpAddresses"),
            tag_keys: body.texts("tagKeys").into_iter().map(str::to_owned).collect(),
            tags: super::tag_filter(body),
        })
    }

    /// Whether the listing shows `instance`.
    #[must_use]
    pub fn matches(&self, instance: &Instance, spec: &Spec, amendment: Option<&Amendment>) -> bool {
        let Some(seen) = Seen::of(instance) else { return false };
        let view = super::super::view::View { instance, spec, amendment };
        let is =
            |wanted: Option<&Label>, found: Option<&Label>| wanted.is_none_or(|wanted| found == Some(wanted));
        let (public, private) = (view.public(), view.private());
        let overlaps = |wanted: &Option<BTreeSet<Ipv4Addr>>, found: &[Ipv4Addr]| {
            wanted.as_ref().is_none_or(|wanted| found.iter().any(|address| wanted.contains(address)))
        };
        let has_tag = |key: &str, value: Option<&str>| {
            view.tags().iter().any(|tag| tag.key == key && value.is_none_or(|value| tag.value == value))
        };
        instance.account == self.account
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&instance.id))
            && self.status.is_none_or(|status| status == Some(seen))
            && self.line.is_none_or(|line| line == Some(words::line_of(spec)))
            && is(self.zone.as_ref(), Some(&spec.zone))
            && is(self.instance_type.as_ref(), Some(&spec.instance_type))
            && is(self.image.as_ref(), view.image())
            && is(self.resource_group.as_ref(), Some(&view.resource_group()))
            && self.subnet.as_ref().is_none_or(|subnet| view.subnets().contains(&subnet))
            && self.name.as_ref().is_none_or(|name| name.matches(&view.name()))
            && self.host_name.as_ref().is_none_or(|name| name.matches(&view.host_name()))
            && overlaps(&self.public, &public)
            && overlaps(&self.private, &private)
            && self.tag_keys.iter().all(|key| has_tag(key, None))
            && self.tags.iter().all(|(key, value)| has_tag(key, value.as_deref()))
    }
}

/// A name, or the beginning of one with `*` behind it. A star anywhere else is meant as it is, and
/// no name has one.
pub(super) fn pattern(text: &str) -> NamePattern {
    NamePattern::new(text)
}

/// Addresses; one that is none is nobody's.
fn addresses(body: Body<'_>, name: &str) -> Option<BTreeSet<Ipv4Addr>> {
    let texts = body.texts(name);
    (!texts.is_empty()).then(|| texts.into_iter().filter_map(|text| text.parse().ok()).collect())
}
