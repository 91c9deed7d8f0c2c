//! Templates on disk: long ones, deleted ones, and what is there after reopening.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Folder, ME, NOW, furnished};
use hatchery::{
    CreateTemplate, CreateTemplateVersion, DeleteTemplate, DeleteTemplateVersions, Hatchery, LabelSource,
    Options, OwnTemplate, Template, TemplateContent, TemplateName, TemplateParameters, TemplateRef,
    TemplateVersion, check,
};

/// Content of so many bytes, which takes several parts on disk when they are many.
fn content(bytes: usize) -> TemplateContent {
    let parameters = TemplateParameters(vec![("UserData".to_owned(), "x".repeat(bytes))]);
    TemplateContent { description: "of eggs".to_owned(), parameters }
}

fn create(hatchery: &Hatchery, name: &str) -> OwnTemplate {
    let region = hatchery.snapshot().catalogue().regions.keys().next().unwrap().clone();
    let name = TemplateName::parse(name).unwrap();
    let command = CreateTemplate {
        account: ME,
        label: LabelSource::Drawn("lt-"),
        region: region.clone(),
        name: name.clone(),
        content: content(59 * 1024),
        tags: Vec::new(),
        resource_group: None,
    };
    hatchery.commit(command, NOW).unwrap();
    OwnTemplate { account: ME, region, template: TemplateRef::Name(name) }
}

fn everything(hatchery: &Hatchery) -> Vec<(Template, Vec<TemplateVersion>)> {
    let snapshot = hatchery.snapshot();
    let templates = snapshot.templates(ME).unwrap();
    templates
        .into_iter()
        .map(|template| {
            let versions = snapshot.template_versions(&template.label).unwrap();
            (template, versions)
        })
        .collect()
}

#[test]
fn templates_are_there_after_reopening_and_leave_nothing_behind() {
    let folder = Folder::new();
    let before = {
        let hatchery = furnished(&folder);
        let (kept, gone) = (create(&hatchery, "kept"), create(&hatchery, "gone"));
        for bytes in [20_000, 10, 30_000] {
            let of = kept.clone();
            hatchery.commit(CreateTemplateVersion { of, content: content(bytes) }, NOW).unwrap();
        }
        hatchery.commit(DeleteTemplateVersions { of: kept, numbers: vec![2, 3] }, NOW).unwrap();
        hatchery.commit(DeleteTemplate { of: gone }, NOW).unwrap();
        everything(&hatchery)
    };
    let [(template, versions)] = &before[..] else { panic!("{before:?}") };
    assert_eq!(template.versions, [1, 4]);
    assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [1, 4]);
    // Long records that went have taken their further parts with them, or the check would say so.
    assert_eq!(check(&folder.store()).unwrap().findings, Vec::<String>::new());
    let (hatchery, _) = Hatchery::open(&folder.store(), Options::default()).unwrap();
    assert_eq!(everything(&hatchery), before);
}

/// The names of templates have the highest keys there are.
#[test]
fn a_snapshot_shows_every_record_to_the_last_kind() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    create(&hatchery, "t");
    let mut world = hatchery::World::default();
    for change in hatchery.changes(hatchery::Revision::ZERO, usize::MAX).unwrap() {
        world.apply(change.writes);
    }
    let records = hatchery.snapshot().records().unwrap();
    assert_eq!(records, world.records().cloned().collect::<Vec<_>>());
    assert!(matches!(records.last(), Some(hatchery::Record::TemplateName(..))));
}
