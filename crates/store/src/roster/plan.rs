//! What a filter asks of a roster, in facets, and whether that is all it asks.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use fleet::{Catalogue, EventFilter, FailedShown, InstanceFilter, Label, NamePattern};

use super::facet::{EventFacet, Facet};

/// Which members of a roster may be shown: those with all of some facets, with one of each of some lists,
/// and without some others.
#[derive(Clone, Debug)]
pub(crate) struct Plan<F> {
    pub(crate) all: Vec<F>,
    pub(crate) one_of: Vec<Vec<F>>,
    pub(crate) without: Vec<F>,
    /// Named so; the text stands before the ids of those that go by them.
    pub(crate) name: Option<(NamePattern, &'static str)>,
    pub(crate) addresses: Option<BTreeSet<Ipv4Addr>>,
    /// Whether that says it all: who is found is shown, without another look.
    pub(crate) exact: bool,
}

impl<F> Plan<F> {
    pub(crate) const fn all(all: Vec<F>) -> Self {
        Self { all, one_of: Vec::new(), without: Vec::new(), name: None, addresses: None, exact: true }
    }

    /// The same, where every member that is found has to be looked at.
    pub(crate) fn roughly(self) -> Self {
        Self { exact: false, ..self }
    }
}

/// What `filter` asks, apart from ids.
pub(crate) fn of_instances(filter: &InstanceFilter, catalogue: &Catalogue) -> Plan<Facet> {
    // Every field by its name: a new one has to find its place here.
    let InstanceFilter {
        account,
        region,
        ids,
        status,
        name,
        id_prefix,
        zone,
        network,
        subnet,
        group,
        image,
        instance_type,
        family,
        internet_charge,
        created,
        expires,
        addresses,
        prepaid,
        tags,
        public_addresses,
        ipv6_addresses,
        key_pair,
        resource_group,
        hpc_cluster,
        lock,
        io,
        settings,
        failed,
    } = filter;
    let mut plan = Plan::all(vec![Facet::In(*account, region.clone())]);
    let mut is = |wanted: &Option<Label>, facet: fn(Label) -> Facet| {
        plan.all.extend(wanted.clone().map(facet));
    };
    is(zone, Facet::Zone);
    is(network, Facet::Network);
    is(subnet, Facet::Subnet);
    is(group, Facet::Group);
    is(image, Facet::Image);
    is(instance_type, Facet::Type);
    is(resource_group, Facet::ResourceGroup);
    is(hpc_cluster, Facet::HpcCluster);
    plan.all.extend(status.map(Facet::Shown));
    plan.all.extend(key_pair.as_deref().map(|pair| Facet::KeyPair(pair.into())));
    plan.all.extend(lock.map(|_| Facet::Locked));
    plan.all.extend(tags.iter().map(|(key, value)| match value {
        Some(value) => Facet::Tag(key.as_str().into(), value.as_str().into()),
        None => Facet::TagKey(key.as_str().into()),
    }));
    plan.one_of.extend(family.as_ref().map(|family| {
        let types = catalogue.instance_types.values().filter(|of| of.family == *family);
        types.map(|of| Facet::Type(of.label.clone())).collect()
    }));
    match prepaid {
        Some(true) => plan.all.push(Facet::Prepaid),
        Some(false) => plan.without.push(Facet::Prepaid),
        None => {}
    }
    match failed {
        FailedShown::Listed => {}
        FailedShown::ById if ids.is_some() => {}
        FailedShown::ById | FailedShown::Hidden => plan.without.push(Facet::Failed),
    }
    plan.name = name.clone().map(|name| (name, *id_prefix));
    // An address may have been another's before: who has it in the roster is looked at again.
    plan.addresses = addresses.clone().or_else(|| public_addresses.clone());
    let rest = internet_charge.is_some()
        || *created != (None, None)
        || *expires != (None, None)
        || plan.addresses.is_some()
        || ipv6_addresses.is_some()
        || lock.is_some()
        || io.is_some()
        || !settings.is_empty();
    if rest { plan.roughly() } else { plan }
}

/// What `filter` asks, apart from ids.
pub(crate) fn of_events(filter: &EventFilter) -> Plan<EventFacet> {
    let EventFilter { account, instances, ids: _, cycles, kinds, published, not_before, region } = filter;
    let mut plan = Plan::all(vec![EventFacet::Of(*account)]);
    let finished = || fleet::Cycle::ALL.into_iter().filter(|cycle| cycle.is_final()).collect();
    let cycles: BTreeSet<_> = cycles.clone().unwrap_or_else(finished);
    plan.one_of.push(cycles.into_iter().map(EventFacet::Cycle).collect());
    plan.one_of.extend(kinds.iter().map(|kinds| kinds.iter().copied().map(EventFacet::Kind).collect()));
    plan.one_of.extend(instances.iter().map(|ids| ids.iter().copied().map(EventFacet::About).collect()));
    plan.one_of.extend(region.iter().map(|region| {
        let regions = [Some(region.clone()), None];
        regions.into_iter().map(EventFacet::In).collect()
    }));
    let rest = *published != (None, None) || *not_before != (None, None);
    if rest { plan.roughly() } else { plan }
}
