//! Launch templates: what is asked of them, and the look-up of one that a launch starts from.

use hatchery::{
    Command, Label, OwnTemplate, PageCollector, Snapshot, TemplateParameters, TemplateRef, TemplateRefusal,
    View as _,
};
use wire::ecs::refusal;
use wire::ecs::reply::{self, Listing, Reply};
use wire::ecs::request::template::{TemplateListing, TemplateRequest, TemplateSource, VersionListing};
use wire::ecs::{Code, Fault};

use crate::actions::{Call, failed};

pub(crate) fn answer(call: &Call<'_>, request: TemplateRequest) -> Result<Reply, Fault> {
    match request {
        // There is nothing yet that it could be refused for not being.
        TemplateRequest::Create(create) => {
            let of = TemplateRef::Name(create.name.clone());
            Ok(reply::create_launch_template(&commit(call, create, &of)?))
        }
        TemplateRequest::CreateVersion(create) => {
            let of = create.of.template.clone();
            Ok(reply::create_launch_template_version(&commit(call, create, &of)?))
        }
        TemplateRequest::SetDefault(set) => {
            let of = set.of.template.clone();
            Ok(reply::modify_launch_template_default_version(&commit(call, set, &of)?))
        }
        TemplateRequest::Delete(delete) => {
            let of = delete.of.template.clone();
            Ok(reply::delete_launch_template(&commit(call, delete, &of)?))
        }
        TemplateRequest::DeleteVersions(delete) => {
            let (of, numbers) = (delete.of.template.clone(), delete.numbers.clone());
            Ok(reply::delete_launch_template_version(&commit(call, delete, &of)?, &numbers))
        }
        TemplateRequest::List(wanted) => templates(call, &wanted),
        TemplateRequest::ListVersions(wanted) => versions(call, &wanted),
    }
}

/// What the template says that a launch starts from: rules L-01 and L-02.
pub(crate) fn look_up(
    snapshot: &Snapshot<'_>,
    TemplateSource { of, version }: &TemplateSource,
) -> Result<TemplateParameters, Fault> {
    let template = of.find(snapshot).map_err(failed)?;
    let template = template.ok_or_else(|| unknown(Code::INVALID_LAUNCH_TEMPLATE_NOT_FOUND, of))?;
    let number = version.unwrap_or(template.default_version);
    let version = snapshot.template_version(&template.label, number).map_err(failed)?;
    version.map(|version| version.content.parameters).ok_or_else(refusal::unknown_template_version)
}

fn templates(call: &Call<'_>, wanted: &TemplateListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let mut found = snapshot.templates(call.origin.account).map_err(failed)?;
    found.retain(|template| wanted.matches(template));
    let listing = Listing::of_labelled(found, &wanted.paging, |template| &template.label);
    Ok(reply::describe_launch_templates(&listing))
}

/// The versions of a template, in the order of their numbers.
fn versions(call: &Call<'_>, wanted: &VersionListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.of.region)?;
    let template = wanted.of.find(&snapshot).map_err(failed)?;
    let template =
        template.ok_or_else(|| unknown(Code::INVALID_LAUNCH_TEMPLATE_NOT_FOUND_TO_DESCRIBE, &wanted.of))?;
    let mut page = PageCollector::new(wanted.paging);
    for version in snapshot.template_versions(&template.label).map_err(failed)? {
        if wanted.matches(&template, &version) {
            page.see(version.number, || version);
        }
    }
    let listing = Listing::of_page(page.into_page(), &wanted.paging);
    Ok(reply::describe_launch_template_versions(&template, &listing, wanted.detail))
}

fn commit<C>(call: &Call<'_>, command: C, of: &TemplateRef) -> Result<C::Reply, Fault>
where
    C: Command<Refusal = TemplateRefusal> + Send + Sync + 'static,
    C::Reply: Send,
{
    call.commit(command, |refused| refusal::template(refused, of))
}

fn unknown(code: Code, of: &OwnTemplate) -> Fault {
    refusal::unknown_template(code, &of.template)
}

/// These actions have a code of their own for a region that is not there.
fn known_region(snapshot: &Snapshot<'_>, region: &Label) -> Result<(), Fault> {
    match snapshot.catalogue().regions.contains_key(region) {
        true => Ok(()),
        false => Err(refusal::unknown_region_of_template()),
    }
}
