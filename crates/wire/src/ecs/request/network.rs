//! Networks, subnets, groups: `contract/ecs-actions.md` sections 5 and 6. One model behind the forms
//! of both APIs.

use std::collections::BTreeSet;

use fleet::{
    AccountId, CreateGroup, CreateNetwork, CreateSubnet, Group, Label, LabelSource, NamePattern, Network,
    Paging, Ready, Rehearsal, Subnet, SubnetBlock,
};
use ipnet::Ipv4Net;

use super::paging;
use super::take::{
    TagSpelling, choice, description, flag, ignore, label, labels, name, region, rehearsal, tag_filter, tags,
    take_label,
};
use crate::ecs::{Code, Fault};
use crate::params::{Params, texts};

/// The block of a network that asks for none.
const BLOCK: &str = "172.16.0.0/12";

/// Which networks to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NetworkListing {
    /// Where.
    pub region: Label,
    /// One of these.
    pub ids: Option<BTreeSet<Label>>,
    /// Named so.
    pub name: Option<NamePattern>,
    /// Which part of them.
    pub paging: Paging<Label>,
    /// Whether the listing is meant.
    pub rehearsal: Rehearsal,
}

/// Which subnets to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubnetListing {
    /// Where.
    pub region: Option<Label>,
    /// In this network.
    pub network: Option<Label>,
    /// In this zone.
    pub zone: Option<Label>,
    /// One of these.
    pub ids: Option<BTreeSet<Label>>,
    /// Named so.
    pub name: Option<NamePattern>,
    /// Which part of them.
    pub paging: Paging<Label>,
    /// Whether the listing is meant.
    pub rehearsal: Rehearsal,
}

/// Which groups to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GroupListing {
    /// Where.
    pub region: Label,
    /// In this network.
    pub network: Option<Label>,
    /// One of these.
    pub ids: Option<BTreeSet<Label>>,
    /// Named so.
    pub name: Option<NamePattern>,
    /// Which part of them.
    pub paging: Paging<Label>,
    /// Whether the listing is meant.
    pub rehearsal: Rehearsal,
}

fn shows(
    ids: Option<&BTreeSet<Label>>,
    pattern: Option<&NamePattern>,
    (label, name): (&Label, &str),
) -> bool {
    ids.is_none_or(|ids| ids.contains(label)) && pattern.is_none_or(|pattern| pattern.matches(name))
}

impl NetworkListing {
    /// Whether the listing shows `network`.
    #[must_use]
    pub fn matches(&self, network: &Network) -> bool {
        network.region == self.region
            && shows(self.ids.as_ref(), self.name.as_ref(), (&network.label, &network.name))
    }
}

impl SubnetListing {
    /// Whether the listing shows `subnet`, which is in `region`.
    #[must_use]
    pub fn matches(&self, subnet: &Subnet, region: &Label) -> bool {
        self.region.as_ref().is_none_or(|wanted| wanted == region)
            && self.network.as_ref().is_none_or(|network| *network == subnet.network)
            && self.zone.as_ref().is_none_or(|zone| *zone == subnet.zone)
            && shows(self.ids.as_ref(), self.name.as_ref(), (&subnet.label, &subnet.name))
    }
}

impl GroupListing {
    /// Whether the listing shows `group`, which is in `region`.
    #[must_use]
    pub fn matches(&self, group: &Group, region: &Label) -> bool {
        self.region == *region
            && self.network.as_ref().is_none_or(|network| *network == group.network)
            && shows(self.ids.as_ref(), self.name.as_ref(), (&group.label, &group.name))
    }
}

pub(super) fn create_network(
    params: &mut Params,
    account: AccountId,
) -> Result<(CreateNetwork, Rehearsal), Fault> {
    let region = region(params)?;
    let block = params.take_text("CidrBlock");
    let block: Ipv4Net = block
        .as_deref()
        .unwrap_or(BLOCK)
        .parse()
        .map_err(|_| Fault::new(Code::INVALID_PARAMETER_CIDR_BLOCK).about("CidrBlock"))?;
    let network = CreateNetwork {
        account,
        label: LabelSource::Drawn("vpc-"),
        region,
        block,
        ipv6: None,
        ready: Ready::Settled,
        name: name(params, "VpcName", Code::INVALID_VPC_NAME_MALFORMED)?,
        description: description(params, "Description", Code::INVALID_VPC_DISCRIPTION_MALFORMED)?,
    };
    tags(params, TagSpelling::Upper)?;
    Ok((network, rehearsal(params)?))
}

pub(super) fn create_subnet(params: &mut Params, account: AccountId) -> Result<CreateSubnet, Fault> {
    ignore(params, &["RegionId"]);
    let mut needed = |name: &'static str| {
        params
            .take_text(name)
            .ok_or(Code::MISSING_PARAMETER_MANDATORY)
            .map_err(|code| Fault::new(code).about(name))
    };
    let network = label(&needed("VpcId")?);
    let zone = label(&needed("ZoneId")?);
    let block = needed("CidrBlock")?;
    let block = block.parse().ok().and_then(SubnetBlock::new);
    let block = block.ok_or(Fault::new(Code::INVALID_PARAMETER_CIDR_BLOCK_IN_VPC).about("CidrBlock"))?;
    let subnet = CreateSubnet {
        account,
        label: LabelSource::Drawn("vsw-"),
        network,
        zone,
        block,
        ipv6: None,
        ready: Ready::Settled,
        name: name(params, "VSwitchName", Code::INVALID_VSWITCH_NAME_MALFORMED)?,
        description: description(params, "Description", Code::INVALID_VSWITCH_DISCRIPTION_MALFORMED)?,
    };
    tags(params, TagSpelling::Upper)?;
    Ok(subnet)
}

pub(super) fn create_group(params: &mut Params, account: AccountId) -> Result<(CreateGroup, Label), Fault> {
    let region = region(params)?;
    let network = take_label(params, "VpcId");
    let network = network.ok_or(Fault::new(Code::INVALID_VPC_ID_NOT_FOUND_EMPTY).about("VpcId"))?;
    let group_name = name(params, "SecurityGroupName", Code::INVALID_SECURITY_GROUP_NAME_MALFORMED)?;
    let code = Code::INVALID_SECURITY_GROUP_DISCRIPTION_MALFORMED;
    let description = description(params, "Description", code)?;
    group_type(params)?;
    flag(params, "ServiceManaged")?;
    tags(params, TagSpelling::Upper)?;
    let label = LabelSource::Drawn("sg-");
    Ok((CreateGroup { account, label, network, name: group_name, description }, region))
}

pub(super) fn networks(params: &mut Params) -> Result<NetworkListing, Fault> {
    let region = region(params)?;
    let mut ids = labels(params, "VpcId");
    let name = params.take_text("VpcName").map(|name| NamePattern::new(&name));
    let default = flag(params, "IsDefault")?.unwrap_or(false);
    select_nothing_if(asks_for_what_none_has(params)? || default, &mut ids);
    let paging = paging::numbered(params, 50)?;
    Ok(NetworkListing { region, ids, name, paging, rehearsal: rehearsal(params)? })
}

pub(super) fn subnets(params: &mut Params) -> Result<SubnetListing, Fault> {
    let region = take_label(params, "RegionId");
    let network = take_label(params, "VpcId");
    if region.is_none() && network.is_none() {
        return Err(Fault::new(Code::MISSING_PARAMETER_MANDATORY).about("RegionId"));
    }
    let zone = take_label(params, "ZoneId");
    let mut ids = labels(params, "VSwitchId");
    let name = params.take_text("VSwitchName").map(|name| NamePattern::new(&name));
    let default = flag(params, "IsDefault")?.unwrap_or(false);
    select_nothing_if(asks_for_what_none_has(params)? || default, &mut ids);
    let paging = paging::numbered(params, 50)?;
    Ok(SubnetListing { region, network, zone, ids, name, paging, rehearsal: rehearsal(params)? })
}

pub(super) fn groups(params: &mut Params) -> Result<GroupListing, Fault> {
    let region = region(params)?;
    let network = take_label(params, "VpcId");
    let one = take_label(params, "SecurityGroupId");
    let list = params.take("SecurityGroupIds", texts)?;
    let list = list.map(|list| list.iter().filter_map(|text| Label::parse(text).ok()).collect());
    let mut ids = match (one, list) {
        (None, list) => list,
        (Some(one), None) => Some(BTreeSet::from([one])),
        (Some(one), Some(list)) => Some(BTreeSet::from_iter(list.contains(&one).then_some(one))),
    };
    let fuzzy = flag(params, "FuzzyQuery")?.unwrap_or(false);
    let name = params.take_text("SecurityGroupName");
    let name = name.map(|name| NamePattern::new(&if fuzzy { format!("*{name}*") } else { name }));
    let networks = [("vpc", false), ("classic", true)];
    let classic = choice(params, "NetworkType", &networks, Code::INVALID_PARAMETER_NAMED)?;
    let enterprise = group_type(params)?;
    let managed = flag(params, "ServiceManaged")?.unwrap_or(false);
    let asked = classic == Some(true) || enterprise || managed;
    select_nothing_if(asks_for_what_none_has(params)? || asked, &mut ids);
    let paging = paging::either(params, 50, (1, 100))?;
    Ok(GroupListing { region, network, ids, name, paging, rehearsal: rehearsal(params)? })
}

/// Whether a group is of the kind for many instances; there is none of them.
fn group_type(params: &mut Params) -> Result<bool, Fault> {
    let types = [("normal", false), ("enterprise", true)];
    let chosen = choice(params, "SecurityGroupType", &types, Code::INVALID_PARAMETER_NAMED)?;
    Ok(chosen.unwrap_or(false))
}

/// Whether a filter asks for something that nothing here has: a tag, a resource group.
fn asks_for_what_none_has(params: &mut Params) -> Result<bool, Fault> {
    let group = params.take_text("ResourceGroupId").is_some();
    let tags = !tag_filter(params)?.is_empty();
    Ok(group || tags)
}

fn select_nothing_if(nothing: bool, ids: &mut Option<BTreeSet<Label>>) {
    if nothing {
        *ids = Some(BTreeSet::new());
    }
}
