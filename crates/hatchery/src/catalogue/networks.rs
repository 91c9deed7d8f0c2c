//! Networks, subnets and groups to begin with.

use fleet::{Label, SubnetBlock};
use ipnet::{Ipv4Net, Ipv6Net};

use super::read::{Row, flag, text};
use super::value;

#[derive(Clone, Debug)]
pub(super) struct NetworkRow {
    pub(super) id: Label,
    pub(super) region: Label,
    pub(super) block: Ipv4Net,
    pub(super) ipv6: Option<Ipv6Net>,
    pub(super) name: String,
    /// Whether it is the provider's.
    pub(super) provider: bool,
}

#[derive(Clone, Debug)]
pub(super) struct SubnetRow {
    pub(super) id: Label,
    pub(super) network: Label,
    pub(super) zone: Label,
    pub(super) block: SubnetBlock,
    pub(super) ipv6: Option<Ipv6Net>,
    pub(super) name: String,
}

#[derive(Clone, Debug)]
pub(super) struct GroupRow {
    pub(super) id: Label,
    pub(super) network: Label,
    pub(super) name: String,
}

pub(super) fn network(row: &mut Row<'_, '_>) -> Option<NetworkRow> {
    let (id, region) = (row.id(), row.names("region", "region"));
    let (block, name) = (row.must("block", value::network), row.or("name", String::new(), text));
    let ipv6 = row.may("ipv6", value::ipv6);
    let provider = row.or("provider", false, flag);
    Some(NetworkRow { id: id?, region: region?, block: block?, ipv6, name, provider })
}

pub(super) fn subnet(row: &mut Row<'_, '_>) -> Option<SubnetRow> {
    let (id, network, zone) = (row.id(), row.names("network", "network"), row.names("zone", "zone"));
    let (block, name) = (row.must("block", value::block), row.or("name", String::new(), text));
    let ipv6 = row.may("ipv6", value::ipv6);
    Some(SubnetRow { id: id?, network: network?, zone: zone?, block: block?, ipv6, name })
}

pub(super) fn group(row: &mut Row<'_, '_>) -> Option<GroupRow> {
    let (id, network) = (row.id(), row.names("network", "network"));
    let name = row.or("name", String::new(), text);
    Some(GroupRow { id: id?, network: network?, name })
}
