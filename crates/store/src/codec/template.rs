//! Templates, their versions and their names on disk.

use fleet::{AccountId, Label, TemplateContent, TemplateName, TemplateNameKey, TemplateParameters, Time};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::label;
use super::payload::{Stored, Value};

const TEMPLATE_VERSION: u8 = 1;
const TEMPLATE_VERSION_VERSION: u8 = 1;
const TEMPLATE_NAME_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct Template<'a> {
    account: u64,
    region: &'a str,
    name: &'a str,
    created_at: u64,
    modified_at: u64,
    default_version: u32,
    last_version: u32,
    versions: Vec<u32>,
    #[serde(borrow)]
    tags: Vec<(&'a str, &'a str)>,
    resource_group: Option<&'a str>,
}

pub(super) fn write_template(template: &fleet::Template, to: Value<'_>) -> Result<(), EncodeError> {
    let tags = template.tags.iter();
    let fields = Template {
        account: template.account.0,
        region: template.region.as_str(),
        name: template.name.as_str(),
        created_at: template.created_at.millis(),
        modified_at: template.modified_at.millis(),
        default_version: template.default_version,
        last_version: template.last_version,
        versions: template.versions.clone(),
        tags: tags.map(|tag| (tag.key.as_str(), tag.value.as_str())).collect(),
        resource_group: template.resource_group.as_ref().map(Label::as_str),
    };
    to.write(TEMPLATE_VERSION, &fields)
}

pub(super) fn read_template(name: Label, stored: &Stored<'_>) -> Result<fleet::Template, DecodeError> {
    const NAME: &str = "template";
    let fields: Template<'_> = match stored.version {
        TEMPLATE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, TEMPLATE_VERSION)),
    };
    let no_name = || DecodeError::TemplateName { found: fields.name.into() };
    let tags = fields.tags.iter();
    Ok(fleet::Template {
        label: name,
        account: AccountId(fields.account),
        region: label(fields.region)?,
        name: TemplateName::parse(fields.name).ok_or_else(no_name)?,
        created_at: Time::from_millis(fields.created_at),
        modified_at: Time::from_millis(fields.modified_at),
        default_version: fields.default_version,
        last_version: fields.last_version,
        versions: fields.versions,
        tags: tags.map(|(key, value)| fleet::Tag { key: (*key).into(), value: (*value).into() }).collect(),
        resource_group: fields.resource_group.map(label).transpose()?,
    })
}

#[derive(Deserialize, Serialize)]
struct TemplateVersion<'a> {
    created_at: u64,
    description: &'a str,
    #[serde(borrow)]
    parameters: Vec<(&'a str, &'a str)>,
}

pub(super) fn write_version(version: &fleet::TemplateVersion, to: Value<'_>) -> Result<(), EncodeError> {
    let parameters = version.content.parameters.0.iter();
    let fields = TemplateVersion {
        created_at: version.created_at.millis(),
        description: &version.content.description,
        parameters: parameters.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
    };
    to.write(TEMPLATE_VERSION_VERSION, &fields)
}

pub(super) fn read_version(
    template: Label,
    number: u32,
    stored: &Stored<'_>,
) -> Result<fleet::TemplateVersion, DecodeError> {
    const NAME: &str = "version of a template";
    let fields: TemplateVersion<'_> = match stored.version {
        TEMPLATE_VERSION_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, TEMPLATE_VERSION_VERSION)),
    };
    let parameters = fields.parameters.into_iter();
    let parameters = parameters.map(|(name, value)| (name.into(), value.into())).collect();
    Ok(fleet::TemplateVersion {
        template,
        number,
        created_at: Time::from_millis(fields.created_at),
        content: TemplateContent {
            description: fields.description.into(),
            parameters: TemplateParameters(parameters),
        },
    })
}

pub(super) fn write_name(template: &Label, to: Value<'_>) -> Result<(), EncodeError> {
    to.write(TEMPLATE_NAME_VERSION, &template.as_str())
}

pub(super) fn read_name(
    key: TemplateNameKey,
    stored: &Stored<'_>,
) -> Result<(TemplateNameKey, Label), DecodeError> {
    const NAME: &str = "name of a template";
    match stored.version {
        TEMPLATE_NAME_VERSION => Ok((key, label(stored.read(NAME)?)?)),
        _ => Err(stored.unknown(NAME, TEMPLATE_NAME_VERSION)),
    }
}
