//! Launch templates: `contract/ecs-actions.md` section 7. What a version keeps is in [`parameters`].
//!
//! Values are looked at only as far as the section says; whether a launch likes them, and whether
//! what they name exists, is found out when one is made from the template.

pub(crate) mod parameters;

use std::collections::BTreeSet;

use fleet::{
    AccountId, CreateTemplate, CreateTemplateVersion, DeleteTemplate, DeleteTemplateVersions, Label,
    LabelSource, OwnTemplate, Paging, SetDefaultVersion, Tag, Template, TemplateContent, TemplateName,
    TemplateRef, TemplateVersion,
};

use super::launch::tail::to_pattern;
use super::launch::user_data;
use super::paging;
use super::take::{TagSpelling, flag, label, tag_filter, tags, take_label, unnamed};
use crate::ecs::names::{self, NAME_MAX};
use crate::ecs::{Code, Fault};
use crate::params::{Params, integer};
use parameters::Version;

/// How many rows a page has at most.
const PAGE_SIZE_MAX: usize = 50;

/// What a request about templates means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TemplateRequest {
    /// Make a template.
    Create(CreateTemplate),
    /// Add a version.
    CreateVersion(CreateTemplateVersion),
    /// Make another version the default.
    SetDefault(SetDefaultVersion),
    /// Forget a template.
    Delete(DeleteTemplate),
    /// Forget versions.
    DeleteVersions(DeleteTemplateVersions),
    /// List templates.
    List(TemplateListing),
    /// List versions of a template.
    ListVersions(VersionListing),
}

/// Which templates to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateListing {
    /// Where.
    pub region: Label,
    /// One of these.
    pub ids: Option<BTreeSet<Label>>,
    /// Named one of these.
    pub names: Option<BTreeSet<String>>,
    /// With these tags.
    pub tags: Vec<(String, Option<String>)>,
    /// In this resource group.
    pub resource_group: Option<Label>,
    /// Which part of them.
    pub paging: Paging<Label>,
}

/// Which versions of a template to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VersionListing {
    /// Of which template.
    pub of: OwnTemplate,
    /// With one of these numbers.
    pub numbers: Option<BTreeSet<u64>>,
    /// From this number.
    pub least: Option<u64>,
    /// Up to this number.
    pub most: Option<u64>,
    /// Whether only the default is meant.
    pub default_only: bool,
    /// Whether what they say is shown.
    pub detail: bool,
    /// Which part of them.
    pub paging: Paging<u32>,
}

/// The template that a launch starts from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateSource {
    /// Which one.
    pub of: OwnTemplate,
    /// Which version of it; `None` is its default.
    pub version: Option<u32>,
}

impl TemplateListing {
    /// Whether the listing shows `template`.
    #[must_use]
    pub fn matches(&self, template: &Template) -> bool {
        let tagged = |(key, value): &(String, Option<String>)| {
            let fits = |tag: &Tag| tag.key == *key && value.as_ref().is_none_or(|value| tag.value == *value);
            template.tags.iter().any(fits)
        };
        template.region == self.region
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&template.label))
            && self.names.as_ref().is_none_or(|names| names.contains(template.name.as_str()))
            && self
                .resource_group
                .as_ref()
                .is_none_or(|group| template.resource_group.as_ref() == Some(group))
            && self.tags.iter().all(tagged)
    }
}

impl VersionListing {
    /// Whether the listing shows `version` of `template`.
    #[must_use]
    pub fn matches(&self, template: &Template, version: &TemplateVersion) -> bool {
        let number = u64::from(version.number);
        self.numbers.as_ref().is_none_or(|numbers| numbers.contains(&number))
            && self.least.is_none_or(|least| least <= number)
            && self.most.is_none_or(|most| number <= most)
            && (!self.default_only || version.number == template.default_version)
    }
}

/// The template that `params` name, if they name one.
pub(super) fn reference(params: &mut Params) -> Option<TemplateRef> {
    let id = take_label(params, "LaunchTemplateId");
    // A text that can be no name names nothing, whatever stands beside it.
    let name = params.take_text("LaunchTemplateName").map(|text| TemplateName::parse(&text));
    match (id, name) {
        (None, None) => None,
        (Some(id), None) => Some(TemplateRef::Label(id)),
        (None, Some(Some(name))) => Some(TemplateRef::Name(name)),
        (Some(id), Some(Some(name))) => Some(TemplateRef::Both(id, name)),
        (Some(_) | None, Some(None)) => Some(TemplateRef::Label(unnamed())),
    }
}

/// `name` is absent: these actions have a sentence of their own for that.
fn missing(name: &'static str) -> Fault {
    Fault::new(Code::MISSING_PARAMETER_OF_TEMPLATE).about(name)
}

fn region(params: &mut Params) -> Result<Label, Fault> {
    take_label(params, "RegionId").ok_or(missing("RegionId"))
}

fn own(params: &mut Params, account: AccountId) -> Result<OwnTemplate, Fault> {
    let region = region(params)?;
    let template = reference(params).ok_or(missing("LaunchTemplateId"))?;
    Ok(OwnTemplate { account, region, template })
}

pub(super) fn create(params: &mut Params, account: AccountId) -> Result<TemplateRequest, Fault> {
    let region = region(params)?;
    let name = params
        .take("LaunchTemplateName", |text| name(text).ok_or(Code::INVALID_LAUNCH_TEMPLATE_NAME_MALFORMED))?;
    let name = name.ok_or(missing("LaunchTemplateName"))?;
    let content = content(params, Version::First)?;
    let mut own_tags = tags_of_template(params);
    let tags = tags(&mut own_tags, TagSpelling::Upper)?;
    let resource_group = params.take("TemplateResourceGroupId", |text| {
        Label::parse(text).map_err(|_| Code::INVALID_PARAMETER_OF_TEMPLATE)
    })?;
    let label = LabelSource::Drawn("lt-");
    let create = CreateTemplate { account, label, region, name, content, tags, resource_group };
    Ok(TemplateRequest::Create(create))
}

pub(super) fn create_version(params: &mut Params, account: AccountId) -> Result<TemplateRequest, Fault> {
    let of = own(params, account)?;
    let content = content(params, Version::Further)?;
    Ok(TemplateRequest::CreateVersion(CreateTemplateVersion { of, content }))
}

pub(super) fn set_default(params: &mut Params, account: AccountId) -> Result<TemplateRequest, Fault> {
    let of = own(params, account)?;
    let number = params.take("DefaultVersionNumber", integer::<u64>)?;
    let number = number.ok_or(missing("DefaultVersionNumber"))?;
    Ok(TemplateRequest::SetDefault(SetDefaultVersion { of, number: version(number) }))
}

pub(super) fn delete(params: &mut Params, account: AccountId) -> Result<TemplateRequest, Fault> {
    Ok(TemplateRequest::Delete(DeleteTemplate { of: own(params, account)? }))
}

pub(super) fn delete_versions(params: &mut Params, account: AccountId) -> Result<TemplateRequest, Fault> {
    let of = own(params, account)?;
    let numbers = numbers(params, "DeleteVersion")?.ok_or(missing("DeleteVersion"))?;
    let numbers = numbers.into_iter().map(version).collect();
    Ok(TemplateRequest::DeleteVersions(DeleteTemplateVersions { of, numbers }))
}

pub(super) fn templates(params: &mut Params) -> Result<TemplateRequest, Fault> {
    let region = region(params)?;
    let ids = listed(params.take_list("LaunchTemplateId")?);
    let names = listed(params.take_list("LaunchTemplateName")?);
    Ok(TemplateRequest::List(TemplateListing {
        region,
        ids: ids.map(|ids| ids.iter().map(|id| label(id)).collect()),
        names,
        tags: tag_filter(&mut tags_of_template(params))?,
        resource_group: take_label(params, "TemplateResourceGroupId"),
        paging: paging::numbered(params, PAGE_SIZE_MAX)?,
    }))
}

pub(super) fn versions(params: &mut Params, account: AccountId) -> Result<TemplateRequest, Fault> {
    let of = own(params, account)?;
    Ok(TemplateRequest::ListVersions(VersionListing {
        of,
        numbers: numbers(params, "LaunchTemplateVersion")?,
        least: params.take("MinVersion", integer)?,
        most: params.take("MaxVersion", integer)?,
        default_only: flag(params, "DefaultVersion")?.unwrap_or(false),
        detail: flag(params, "DetailFlag")?.unwrap_or(true),
        paging: paging::numbered(params, PAGE_SIZE_MAX)?,
    }))
}

/// A list that has something in it.
fn listed<T: Ord>(list: Vec<T>) -> Option<BTreeSet<T>> {
    (!list.is_empty()).then(|| list.into_iter().collect())
}

fn numbers(params: &mut Params, list: &'static str) -> Result<Option<BTreeSet<u64>>, Fault> {
    let numbers = params.take_list(list)?;
    let numbers: Result<Vec<u64>, _> = numbers.iter().map(|text| integer(text)).collect();
    Ok(listed(numbers.map_err(|_| Fault::invalid(list))?))
}

/// The number of a version; one that is too large is that of none.
pub(super) fn version(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// 2 to 128 characters, first a letter, then letters, digits, `:` `_` `-`. As in the other names of
/// this API, letters are those of any script.
fn name(text: &str) -> Option<TemplateName> {
    let legal = |c: char| c.is_alphabetic() || c.is_ascii_digit() || ":_-".contains(c);
    let fits = (names::CHARACTERS_MIN..=NAME_MAX).contains(&text.chars().count())
        && text.starts_with(char::is_alphabetic)
        && text.chars().all(legal);
    fits.then(|| TemplateName::parse(text)).flatten()
}

fn content(params: &mut Params, version: Version) -> Result<TemplateContent, Fault> {
    let description = params.take("VersionDescription", |text| {
        names::description(text).ok_or(Code::INVALID_VERSION_DESCRIPTION_MALFORMED)
    })?;
    // Looked at as a launch would; what is kept is what was sent.
    let mut looked_at = params.clone();
    user_data(&mut looked_at)?;
    tags(&mut looked_at, TagSpelling::Upper)?;
    let parameters = parameters::take(params, version)?;
    Ok(TemplateContent { description: description.unwrap_or_default(), parameters })
}

/// The tags of the template itself, under the names that other tags have. What is none stays.
fn tags_of_template(params: &mut Params) -> Params {
    let mut pattern = String::new();
    let named = params.take_known(|name, value| {
        to_pattern(name, &mut pattern);
        let is_tag = ["TemplateTag.N.Key", "TemplateTag.N.Value"].contains(&pattern.as_str());
        let name = name.strip_prefix("Template").filter(|_| is_tag)?;
        Some((name.to_owned(), value.to_owned()))
    });
    let mut tags = Params::new();
    named.into_iter().for_each(|(name, value)| tags.set(name, value));
    tags
}
