//! Launch templates: `contract/ecs-actions.md` section 7.
//!
//! What a version says is shown twice in JSON: under names with a dot, which the documents and older
//! clients have, and nested, as typed clients read it. XML has the names with a dot only.

use fleet::{Template, TemplateParameters, TemplateVersion};

use super::{Listing, Reply, tags};
use crate::document::{Node, Object};
use crate::ecs::request::template::parameters::{
    DATA_DISK, Field, GROUPS, NESTED, NETWORK_INTERFACE, SINGLE, TAG,
};
use crate::params::Params;
use crate::time;

/// A template that was made, with its first version.
#[must_use]
pub fn create_launch_template(template: &Template) -> Reply {
    Reply::new("CreateLaunchTemplate", made(template))
}

/// A version that was added.
#[must_use]
pub fn create_launch_template_version(template: &Template) -> Reply {
    Reply::new("CreateLaunchTemplateVersion", made(template))
}

/// Another default.
#[must_use]
pub fn modify_launch_template_default_version(template: &Template) -> Reply {
    let body = Object::new().text("LaunchTemplateId", template.label.as_str());
    Reply::new("ModifyLaunchTemplateDefaultVersion", body)
}

/// A template as it was before it went.
#[must_use]
pub fn delete_launch_template(template: &Template) -> Reply {
    let numbers = template.versions.iter().map(|number| i64::from(*number));
    let body = Object::new().text("LaunchTemplateId", template.label.as_str()).list(
        "LaunchTemplateVersionNumbers",
        "versionNumbers",
        numbers,
    );
    Reply::new("DeleteLaunchTemplate", body)
}

/// The versions of a template that went.
#[must_use]
pub fn delete_launch_template_version(template: &Template, numbers: &[u32]) -> Reply {
    let gone = numbers.iter().map(|number| {
        let version = Object::new().text("LaunchTemplateId", template.label.as_str());
        version.integer("LaunchTemplateVersionNumber", *number)
    });
    let body = Object::new().list("LaunchTemplateVersions", "LaunchTemplateVersion", gone);
    Reply::new("DeleteLaunchTemplateVersion", body)
}

/// Templates.
#[must_use]
pub fn describe_launch_templates(listing: &Listing<Template>) -> Reply {
    let rows = listing.rows.iter().map(|template| {
        Object::new()
            .text("LaunchTemplateId", template.label.as_str())
            .text("LaunchTemplateName", template.name.as_str())
            .integer("DefaultVersionNumber", template.default_version)
            .integer("LatestVersionNumber", template.latest_version())
            .text("CreatedBy", template.account.to_string())
            .text("CreateTime", time::seconds(template.created_at))
            .text("ModifiedTime", time::seconds(template.modified_at))
            .text("ResourceGroupId", template.resource_group.as_ref().map_or("", fleet::Label::as_str))
            .list("Tags", "Tag", tags(&template.tags))
    });
    let body = listing.numbers().list("LaunchTemplateSets", "LaunchTemplateSet", rows);
    Reply::new("DescribeLaunchTemplates", body)
}

/// Versions of `template`; what they say is shown if `detail` was asked for.
#[must_use]
pub fn describe_launch_template_versions(
    template: &Template,
    listing: &Listing<TemplateVersion>,
    detail: bool,
) -> Reply {
    let rows = listing.rows.iter().map(|version| {
        Object::new()
            .text("LaunchTemplateId", template.label.as_str())
            .text("LaunchTemplateName", template.name.as_str())
            .integer("VersionNumber", version.number)
            .boolean("DefaultVersion", version.number == template.default_version)
            .text("VersionDescription", version.content.description.as_str())
            .text("CreatedBy", template.account.to_string())
            .text("CreateTime", time::seconds(version.created_at))
            .text("ModifiedTime", time::seconds(version.created_at))
            .maybe("LaunchTemplateData", detail.then(|| data(&version.content.parameters)))
    });
    let body = listing.numbers().list("LaunchTemplateVersionSets", "LaunchTemplateVersionSet", rows);
    Reply::new("DescribeLaunchTemplateVersions", body)
}

fn made(template: &Template) -> Object {
    Object::new()
        .text("LaunchTemplateId", template.label.as_str())
        .integer("LaunchTemplateVersionNumber", template.last_version)
}

fn data(parameters: &TemplateParameters) -> Object {
    let mut said = Params::new();
    parameters.0.iter().for_each(|(name, value)| said.set(name, value));
    let mut data = with_fields(with_fields(Object::new(), &said, SINGLE), &said, NESTED);
    for thing in ["SystemDisk", "ImageOptions", "SecurityOptions"] {
        let nested = NESTED.iter().filter_map(|(name, kind)| {
            let field = name.strip_prefix(thing)?.strip_prefix('.')?;
            Some((field, kind.node(said.find(name)?)?))
        });
        let nested = nested.fold(Object::new(), |nested, (field, node)| nested.field(field, node));
        data = data.field(thing, Node::JsonOnly(Box::new(nested.into())));
    }
    let interface = |entry: &mut Params| {
        let groups = entry.take_list(GROUPS).unwrap_or_default();
        with_fields(Object::new(), entry, NETWORK_INTERFACE).list(GROUPS, "SecurityGroupId", groups)
    };
    data.list(GROUPS, "SecurityGroupId", said.take_list(GROUPS).unwrap_or_default())
        .list(
            "DataDisks",
            "DataDisk",
            entries(&mut said, "DataDisk", |entry| with_fields(Object::new(), entry, DATA_DISK)),
        )
        .list("NetworkInterfaces", "NetworkInterface", entries(&mut said, "NetworkInterface", interface))
        .list(
            "Tags",
            "InstanceTag",
            entries(&mut said, "Tag", |entry| with_fields(Object::new(), entry, TAG)),
        )
}

/// Adds the fields that `said` says something of. A value that is not of its type is left out.
fn with_fields(object: Object, said: &Params, fields: &[Field]) -> Object {
    fields.iter().fold(object, |object, (name, kind)| {
        object.maybe(name, said.find(name).and_then(|value| kind.node(value)))
    })
}

/// The entries of a list, by index.
fn entries(said: &mut Params, list: &str, show: impl Fn(&mut Params) -> Object) -> Vec<Object> {
    // No index is above this, so nothing is refused.
    let entries = said.take_structs_up_to(list, u32::MAX).unwrap_or_default();
    entries.into_iter().map(|mut entry| show(&mut entry.params)).collect()
}
