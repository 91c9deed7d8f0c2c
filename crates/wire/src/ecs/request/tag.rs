//! Tags of things that are there: `contract/ecs-actions.md` section 8.

use std::collections::BTreeSet;
use std::sync::Arc;

use fleet::{AccountId, AssetType, InstanceId, Label, NamePattern, Tag, TagChange, TagThings, Thing};

use super::Action;
use super::take::{
    TagCodes, TagFilter, TagSpelling, flag, instance_id, is_system_tag, tag_filter_or, tags_or, take_label,
};
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params};

/// How many things one request can name.
const THINGS_MAX: usize = 50;
/// How many tags or keys one request can name.
const TAGS_MAX: usize = 20;

/// What is asked about tags.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TagRequest {
    /// Set or remove some, and which action says so.
    Change(TagThings, Action),
    /// List them.
    List(TagListing),
}

/// A kind of thing, as it is named for tagging.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs, reason = "the names are those of the API reference")]
pub enum ResourceType {
    Instance,
    Disk,
    Snapshot,
    Image,
    SecurityGroup,
    Volume,
    NetworkInterface,
    DedicatedHost,
    KeyPair,
    LaunchTemplate,
    SnapshotPolicy,
    Vpc,
    VSwitch,
}

impl ResourceType {
    /// Every kind there is.
    pub const ALL: [Self; 13] = [
        Self::Instance,
        Self::Disk,
        Self::Snapshot,
        Self::Image,
        Self::SecurityGroup,
        Self::Volume,
        Self::NetworkInterface,
        Self::DedicatedHost,
        Self::KeyPair,
        Self::LaunchTemplate,
        Self::SnapshotPolicy,
        Self::Vpc,
        Self::VSwitch,
    ];

    /// Its name, as replies have it. The API of 2016-04-28 sends its two in capitals; case does not matter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Disk => "disk",
            Self::Snapshot => "snapshot",
            Self::Image => "image",
            Self::SecurityGroup => "securitygroup",
            Self::Volume => "volume",
            Self::NetworkInterface => "eni",
            Self::DedicatedHost => "ddh",
            Self::KeyPair => "keypair",
            Self::LaunchTemplate => "launchtemplate",
            Self::SnapshotPolicy => "snapshotpolicy",
            Self::Vpc => "vpc",
            Self::VSwitch => "vswitch",
        }
    }

    fn parse(text: &str) -> Result<Self, Code> {
        let found = Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
        found.ok_or(Code::INVALID_RESOURCE_TYPE_NOT_FOUND)
    }

    /// The thing of this kind that `id` names.
    #[must_use]
    pub fn thing(self, id: &str) -> Thing {
        let labelled = |thing: fn(Label) -> Thing| Label::parse(id).map_or(Thing::Nothing, thing);
        match self {
            Self::Instance => instance_id(id).map_or(Thing::Nothing, Thing::Instance),
            Self::Disk | Self::Volume => part_of("d-", id),
            Self::NetworkInterface => part_of("eni-", id),
            Self::Snapshot => labelled(|label| Thing::Asset(AssetType::Snapshot, label)),
            Self::SnapshotPolicy => labelled(|label| Thing::Asset(AssetType::SnapshotPolicy, label)),
            Self::Image => labelled(Thing::Image),
            Self::SecurityGroup => labelled(Thing::Group),
            Self::DedicatedHost => labelled(Thing::Host),
            Self::KeyPair => Thing::KeyPair(Arc::from(id)),
            Self::LaunchTemplate => labelled(Thing::Template),
            Self::Vpc => labelled(Thing::Network),
            Self::VSwitch => labelled(Thing::Subnet),
        }
    }
}

/// A disk or an interface: its id begins as that of its instance goes on.
fn part_of(prefix: &str, id: &str) -> Thing {
    let serial = id.strip_prefix(prefix).and_then(|rest| rest.get(..fleet::Serial::CHARACTERS));
    serial.and_then(InstanceId::parse).map_or(Thing::Nothing, Thing::PartOf)
}

/// Which tags to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagListing {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub region: Label,
    /// Of things of this kind.
    pub kind: ResourceType,
    /// Of these things; of all that have the tags when none is named.
    pub ids: BTreeSet<String>,
    /// Of things with all of these tags.
    pub tags: TagFilter,
    /// Of things with a tag like each of these.
    pub like: Vec<TagPattern>,
    /// What comes behind this row.
    pub after: Option<TagRow>,
}

/// What a tag looks like: its key, and its value as one of some, if any are named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagPattern {
    /// Its key.
    pub key: NamePattern,
    /// Its value.
    pub values: Vec<NamePattern>,
}

/// A row of the listing: a thing and one of its tags, by its key.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TagRow {
    /// The thing.
    pub id: String,
    /// The key.
    pub key: String,
}

impl TagListing {
    /// How many rows a page has.
    pub const PAGE_ROWS: usize = 50;

    /// Whether the listing shows a thing with these tags.
    #[must_use]
    pub fn matches(&self, tags: &[Tag]) -> bool {
        let like = |pattern: &TagPattern| {
            tags.iter().any(|tag| {
                pattern.key.matches(&tag.key)
                    && (pattern.values.is_empty()
                        || pattern.values.iter().any(|value| value.matches(&tag.value)))
            })
        };
        fleet::has_tags(tags, &self.tags) && self.like.iter().all(like)
    }
}

pub(super) fn set(params: &mut Params, account: AccountId) -> Result<TagRequest, Fault> {
    const CODES: TagCodes = TagCodes {
        key: Code::INVALID_TAG_KEY_MALFORMED,
        value: Code::INVALID_TAG_VALUE_MALFORMED_TAG,
        count: Code::NUMBER_EXCEED_TAGS,
    };
    let (region, kind, ids) = named(params)?;
    if ids.is_empty() {
        return Err(Fault::new(Code::MISSING_PARAMETER_RESOURCE_IDS).about("ResourceId"));
    }
    let tags = tags_or(params, TagSpelling::Upper, CODES)?;
    if tags.is_empty() {
        return Err(Fault::new(Code::MISSING_PARAMETER_TAGS).about("Tag"));
    }
    let lower: BTreeSet<String> = tags.iter().map(|tag| tag.key.to_lowercase()).collect();
    if lower.len() < tags.len() {
        return Err(Fault::new(Code::TAG_KEY_DUPLICATION).about("Tag"));
    }
    Ok(change(account, region, (kind, &ids), TagChange::Set(tags), Action::TagResources))
}

pub(super) fn unset(params: &mut Params, account: AccountId) -> Result<TagRequest, Fault> {
    let (region, kind, ids) = named(params)?;
    if ids.is_empty() {
        return Err(Fault::new(Code::MISSING_PARAMETER_RESOURCE_IDS).about("ResourceId"));
    }
    let keys = params.take_list_up_to("TagKey", u32::MAX)?;
    // Keys that are named count; `All` says something only without them.
    let all = flag(params, "All")?.unwrap_or(false);
    if keys.len() > TAGS_MAX {
        return Err(Fault::new(Code::NUMBER_EXCEED_TAGS).about("TagKey"));
    }
    if keys.iter().any(|key| is_system_tag(key)) {
        return Err(Fault::new(Code::NO_PERMISSION_TAG).about("TagKey"));
    }
    let removal = match (keys.is_empty(), all) {
        (false, _) => TagChange::Remove(keys),
        (true, true) => TagChange::Clear,
        (true, false) => return Err(Fault::new(Code::MISSING_PARAMETER_TAGS).about("TagKey")),
    };
    Ok(change(account, region, (kind, &ids), removal, Action::UntagResources))
}

pub(super) fn list(params: &mut Params, account: AccountId) -> Result<TagRequest, Fault> {
    let (region, kind, ids) = named(params)?;
    let tags = tag_filter_or(params, Code::NUMBER_EXCEED_TAGS, Code::INVALID_PARAMETER_TAG_VALUE)?;
    let like = patterns(params)?;
    if !tags.is_empty() && !like.is_empty() {
        let detail = "TagFilter.N and Tag.N exclude each other.";
        return Err(Fault::with(Code::INVALID_PARAMETER_CONFLICT, detail).about("TagFilter"));
    }
    if ids.is_empty() && tags.is_empty() && like.is_empty() {
        return Err(Fault::new(Code::MISSING_PARAMETER_RESOURCE_IDS).about("ResourceId"));
    }
    let after = params.take("NextToken", |text| row(text).ok_or(Code::INVALID_PARAMETER_NAMED))?;
    let ids = ids.into_iter().collect();
    Ok(TagRequest::List(TagListing { account, region, kind, ids, tags, like, after }))
}

fn change(
    account: AccountId,
    region: Label,
    (kind, ids): (ResourceType, &[String]),
    change: TagChange,
    action: Action,
) -> TagRequest {
    let what = ids.iter().map(|id| kind.thing(id)).collect();
    TagRequest::Change(TagThings { account, region, what, change }, action)
}

/// Where, of which kind, and which.
fn named(params: &mut Params) -> Result<(Label, ResourceType, Vec<String>), Fault> {
    let region = take_label(params, "RegionId");
    let region = region.ok_or(Fault::new(Code::MISSING_PARAMETER_REGION_ID).about("RegionId"))?;
    let kind = params.take("ResourceType", ResourceType::parse)?;
    let missing = Fault::new(Code::MISSING_PARAMETER_RESOURCE_TYPE).about("ResourceType");
    let kind = kind.ok_or(missing)?;
    let ids = params.take_list_up_to("ResourceId", u32::MAX)?;
    if ids.len() > THINGS_MAX {
        return Err(Fault::new(Code::NUMBER_EXCEED_RESOURCE_IDS).about("ResourceId"));
    }
    Ok((region, kind, ids))
}

/// `TagFilter.N`: a key, and values of which one is to fit, each with `*` for any text.
fn patterns(params: &mut Params) -> Result<Vec<TagPattern>, Fault> {
    let mut patterns = Vec::new();
    for Entry { index, params: mut entry } in params.take_structs_up_to("TagFilter", u32::MAX)? {
        let values = entry.take_list("TagValues")?;
        let Some(key) = entry.take_text("TagKey") else {
            let fault = Fault::new(Code::INVALID_PARAMETER_TAG_VALUE);
            return Err(fault.about(format!("TagFilter.{index}.TagKey")));
        };
        let values = values.iter().map(|value| NamePattern::new(value)).collect();
        patterns.push(TagPattern { key: NamePattern::new(&key), values });
        params.give_back(Entry { index, params: entry });
    }
    Ok(patterns)
}

fn row(token: &str) -> Option<TagRow> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, key) = text.split_once(ROW_SEPARATOR)?;
    Some(TagRow { id: id.to_owned(), key: key.to_owned() })
}

/// No request can have it in a value.
const ROW_SEPARATOR: char = '\0';

impl std::fmt::Display for TagRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{ROW_SEPARATOR}{}", self.id, self.key)
    }
}
