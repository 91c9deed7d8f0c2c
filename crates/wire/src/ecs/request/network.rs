//! Networks, subnets, groups: `contract/ecs-actions.md` sections 5 and 6. One model behind the forms
//! of both APIs.

use std::collections::BTreeSet;

use fleet::{
    CreateGroup, CreateNetwork, CreateSubnet, Group, Label, LabelSource, Marks, NamePattern, Network, Once,
    Paging, Ready, Rehearsal, Settings, Subnet, SubnetBlock, has_tags,
};
use ipnet::Ipv4Net;

use super::Origin;
use super::paging;
use super::take::{
    TagCodes, TagSpelling, choice, client_token, description, flag, label, labels, name, region, rehearsal,
    tag_filter, tags, tags_or, take_label,
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
    /// Marked so.
    pub marks: MarkFilter,
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
    /// Marked so.
    pub marks: MarkFilter,
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
    /// Of this kind.
    pub kind: Option<&'static str>,
    /// Marked so.
    pub marks: MarkFilter,
    /// Which part of them.
    pub paging: Paging<Label>,
    /// Whether the listing is meant.
    pub rehearsal: Rehearsal,
}

/// The setting that says of which kind a group is.
pub const GROUP_TYPE: &str = "SecurityGroupType";
/// The kind of a group that says nothing.
pub const GROUP_TYPE_NORMAL: &str = "normal";
/// The setting that says which blocks outside are a network's own.
pub const USER_BLOCKS: &str = "UserCidr";

/// What owners say of a thing, as a filter has it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MarkFilter {
    /// With all of these tags; a tag without a value asks for the key alone.
    pub tags: Vec<(String, Option<String>)>,
    /// In this group of resources.
    pub resource_group: Option<Label>,
}

impl MarkFilter {
    fn take(params: &mut Params) -> Result<Self, Fault> {
        let resource_group = take_label(params, "ResourceGroupId");
        Ok(Self { tags: tag_filter(params)?, resource_group })
    }

    fn matches(&self, marks: &Marks) -> bool {
        let group = self.resource_group.as_ref();
        group.is_none_or(|group| marks.resource_group.as_ref() == Some(group))
            && has_tags(&marks.tags, &self.tags)
    }
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
            && self.marks.matches(&network.marks)
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
            && self.marks.matches(&subnet.marks)
    }
}

impl GroupListing {
    /// Whether the listing shows `group`, which is in `region`.
    #[must_use]
    pub fn matches(&self, group: &Group, region: &Label) -> bool {
        self.region == *region
            && self.network.as_ref().is_none_or(|network| *network == group.network)
            && shows(self.ids.as_ref(), self.name.as_ref(), (&group.label, &group.name))
            && self.marks.matches(&group.marks)
            && self
                .kind
                .is_none_or(|kind| kind == group.marks.settings.get(GROUP_TYPE).unwrap_or(GROUP_TYPE_NORMAL))
    }
}

pub(super) fn create_network(
    params: &mut Params,
    origin: &Origin,
) -> Result<(Once<CreateNetwork>, Rehearsal), Fault> {
    let account = origin.account;
    let region = region(params)?;
    let block = params.take_text("CidrBlock");
    let block: Ipv4Net = block
        .as_deref()
        .unwrap_or(BLOCK)
        .parse()
        .map_err(|_| Fault::new(Code::INVALID_PARAMETER_CIDR_BLOCK).about("CidrBlock"))?;
    let mut command = CreateNetwork {
        account,
        label: LabelSource::Drawn("vpc-"),
        region: region.clone(),
        block,
        ipv6: None,
        ready: Ready::Settled,
        name: name(params, "VpcName", Code::INVALID_VPC_NAME_MALFORMED)?,
        description: description(params, "Description", Code::INVALID_VPC_DISCRIPTION_MALFORMED)?,
        marks: marks(params, TagCodes::LAUNCH)?,
    };
    if let Some(blocks) = params.take_text("UserCidr") {
        command.marks.settings.set(USER_BLOCKS, blocks);
    }
    let rehearsal = rehearsal(params)?;
    let token = client_token(params, origin, rehearsal)?;
    Ok((Once { token, region, command }, rehearsal))
}

/// What an owner says of something new.
fn marks(params: &mut Params, codes: TagCodes) -> Result<Marks, Fault> {
    let resource_group = take_label(params, "ResourceGroupId");
    let tags = tags_or(params, TagSpelling::Upper, codes)?;
    Ok(Marks { tags, resource_group, settings: Settings::default() })
}

pub(super) fn create_subnet(params: &mut Params, origin: &Origin) -> Result<Once<CreateSubnet>, Fault> {
    let region = take_label(params, "RegionId");
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
    let command = CreateSubnet {
        account: origin.account,
        label: LabelSource::Drawn("vsw-"),
        network,
        zone,
        block,
        ipv6: None,
        ready: Ready::Settled,
        name: name(params, "VSwitchName", Code::INVALID_VSWITCH_NAME_MALFORMED)?,
        description: description(params, "Description", Code::INVALID_VSWITCH_DISCRIPTION_MALFORMED)?,
        marks: Marks { tags: tags(params, TagSpelling::Upper)?, ..Marks::default() },
    };
    // The region need not be named; then the token counts in the zone, which lies in one.
    let region = region.unwrap_or_else(|| command.zone.clone());
    Ok(Once { token: client_token(params, origin, Rehearsal::No)?, region, command })
}

pub(super) fn create_group(params: &mut Params, origin: &Origin) -> Result<Once<CreateGroup>, Fault> {
    const CODES: TagCodes = TagCodes {
        key: Code::INVALID_TAG_KEY_MALFORMED_GROUP,
        value: Code::INVALID_TAG_VALUE_MALFORMED_GROUP,
        count: Code::INVALID_TAG_COUNT,
    };
    let region = region(params)?;
    let network = take_label(params, "VpcId");
    let network = network.ok_or(Fault::new(Code::INVALID_VPC_ID_NOT_FOUND_EMPTY).about("VpcId"))?;
    let group_name = name(params, "SecurityGroupName", Code::INVALID_SECURITY_GROUP_NAME_MALFORMED)?;
    let code = Code::INVALID_SECURITY_GROUP_DISCRIPTION_MALFORMED;
    let description = description(params, "Description", code)?;
    let kind = group_type(params)?;
    flag(params, "ServiceManaged")?;
    let mut marks = marks(params, CODES)?;
    if let Some(kind) = kind {
        marks.settings.set(GROUP_TYPE, kind);
    }
    let (account, label) = (origin.account, LabelSource::Drawn("sg-"));
    let command = CreateGroup { account, label, network, name: group_name, description, marks };
    Ok(Once { token: client_token(params, origin, Rehearsal::No)?, region, command })
}

pub(super) fn networks(params: &mut Params) -> Result<NetworkListing, Fault> {
    let region = region(params)?;
    let mut ids = labels(params, "VpcId");
    let name = params.take_text("VpcName").map(|name| NamePattern::new(&name));
    let default = flag(params, "IsDefault")?.unwrap_or(false);
    let marks = MarkFilter::take(params)?;
    select_nothing_if(default, &mut ids);
    let paging = paging::numbered(params, 50)?;
    Ok(NetworkListing { region, ids, name, marks, paging, rehearsal: rehearsal(params)? })
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
    let marks = MarkFilter::take(params)?;
    select_nothing_if(default, &mut ids);
    let paging = paging::numbered(params, 50)?;
    Ok(SubnetListing { region, network, zone, ids, name, marks, paging, rehearsal: rehearsal(params)? })
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
    let kind = group_type(params)?;
    let managed = flag(params, "ServiceManaged")?.unwrap_or(false);
    let marks = MarkFilter::take(params)?;
    select_nothing_if(classic == Some(true) || managed, &mut ids);
    let paging = paging::either(params, 50, (1, 100))?;
    Ok(GroupListing { region, network, ids, name, kind, marks, paging, rehearsal: rehearsal(params)? })
}

/// The kind of a group, if one is named.
fn group_type(params: &mut Params) -> Result<Option<&'static str>, Fault> {
    let types = [("normal", "normal"), ("enterprise", "enterprise")];
    choice(params, "SecurityGroupType", &types, Code::INVALID_PARAMETER_NAMED)
}

fn select_nothing_if(nothing: bool, ids: &mut Option<BTreeSet<Label>>) {
    if nothing {
        *ids = Some(BTreeSet::new());
    }
}
