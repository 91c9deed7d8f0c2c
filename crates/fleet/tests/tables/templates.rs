//! Templates: one history, row by row, and what each command refuses.

use fleet::{
    CreateTemplate, CreateTemplateVersion, DeleteTemplate, DeleteTemplateVersions, Key, Label, LabelSource,
    OwnTemplate, Record, SetDefaultVersion, Template, TemplateContent, TemplateName, TemplateParameters,
    TemplateRef, TemplateRefusal, Time, View as _,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, label};

use crate::rows;

fn name(text: &str) -> TemplateName {
    TemplateName::parse(text).unwrap()
}

fn content(value: &str) -> TemplateContent {
    let parameters = TemplateParameters(vec![("ImageId".to_owned(), value.to_owned())]);
    TemplateContent { description: String::new(), parameters }
}

pub(crate) fn create(text: &str) -> CreateTemplate {
    CreateTemplate {
        account: OWNER,
        label: LabelSource::Given(label(&format!("lt-{text}"))),
        region: label("r"),
        name: name(text),
        content: content("1"),
        tags: Vec::new(),
        resource_group: None,
    }
}

fn of(text: &str) -> OwnTemplate {
    OwnTemplate { account: OWNER, region: label("r"), template: TemplateRef::Name(name(text)) }
}

fn scene() -> Scene {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.run(&create("a")).unwrap();
    scene
}

fn numbers(list: &str) -> Vec<u32> {
    list.split(',').map(|number| number.parse().unwrap()).collect()
}

/// What a template says after each command: versions there are, default, last number given.
#[test]
fn a_template_lives_through_its_versions() {
    let mut scene = scene();
    for row in rows(
        "
        version -     1,2      1  2
        default 2     1,2      2  2
        version -     1,2,3    2  3
        delete  1,3   2        2  3
        version -     2,4      2  4
        default 4     2,4      4  4
        delete  2,2   4        4  4
        version -     4,5      4  5
    ",
    ) {
        let [command, argument, versions, default, last] = row[..] else { panic!("{row:?}") };
        let made = match command {
            "version" => scene.run(&CreateTemplateVersion { of: of("a"), content: content("n") }),
            "default" => scene.run(&SetDefaultVersion { of: of("a"), number: argument.parse().unwrap() }),
            "delete" => scene.run(&DeleteTemplateVersions { of: of("a"), numbers: numbers(argument) }),
            _ => panic!("{row:?}"),
        };
        let template = made.unwrap();
        let said = (template.versions.clone(), template.default_version, template.last_version);
        let expected = (numbers(versions), default.parse().unwrap(), last.parse().unwrap());
        assert_eq!(said, expected, "{row:?}");
        assert_eq!(Some(template.latest_version()), template.versions.last().copied());
        assert_eq!(scene.world.template(&label("lt-a")).unwrap(), Some(template));
        assert_eq!(scene.audit(), []);
    }
    let gone = scene.run(&DeleteTemplate { of: of("a") }).unwrap();
    assert_eq!(gone.versions, [4, 5]);
    let left = scene.world.records().filter(|record| {
        matches!(record, Record::Template(_) | Record::TemplateVersion(_) | Record::TemplateName(..))
    });
    assert_eq!(left.count(), 0);
    scene.run(&create("a")).unwrap();
}

#[test]
fn every_command_says_what_it_refuses_and_changes_nothing() {
    use TemplateRefusal as R;
    let mut scene = scene();
    scene.run(&CreateTemplateVersion { of: of("a"), content: content("2") }).unwrap();
    let large = TemplateContent { description: String::new(), parameters: parameters_of(60 * 1024 + 1) };
    let before = scene.world.clone();

    for (asked, expected) in [
        (CreateTemplate { region: label("x"), ..create("a") }, R::UnknownRegion(label("x"))),
        (create("a"), R::LabelTaken(label("lt-a"))),
        (
            CreateTemplate { label: LabelSource::Drawn("lt-"), content: large.clone(), ..create("a") },
            R::TooLong { bytes: 60 * 1024 + 1 },
        ),
        (CreateTemplate { label: LabelSource::Drawn("lt-"), ..create("a") }, R::NameTaken(name("a"))),
    ] {
        assert_eq!(scene.run(&asked), Err(expected));
    }
    let add = |content| CreateTemplateVersion { of: of("a"), content };
    assert_eq!(scene.run(&add(large)), Err(R::TooLong { bytes: 60 * 1024 + 1 }));
    assert_eq!(scene.run(&SetDefaultVersion { of: of("a"), number: 3 }), Err(R::UnknownVersion(3)));
    for (list, expected) in [
        ("2,3", R::UnknownVersion(3)),
        ("2,1", R::VersionIsDefault(1)),
        ("1,3", R::VersionIsDefault(1)),
        ("0", R::UnknownVersion(0)),
    ] {
        let delete = DeleteTemplateVersions { of: of("a"), numbers: numbers(list) };
        assert_eq!(scene.run(&delete), Err(expected), "{list}");
    }
    for of in strangers() {
        let content = content("n");
        assert_eq!(scene.run(&DeleteTemplate { of: of.clone() }), Err(R::UnknownTemplate), "{of:?}");
        assert_eq!(scene.run(&SetDefaultVersion { of: of.clone(), number: 1 }), Err(R::UnknownTemplate));
        let delete = DeleteTemplateVersions { of: of.clone(), numbers: vec![1] };
        assert_eq!(scene.run(&delete), Err(R::UnknownTemplate));
        assert_eq!(scene.run(&CreateTemplateVersion { of, content }), Err(R::UnknownTemplate));
    }
    let elsewhere = OwnTemplate { region: label("x"), ..of("a") };
    assert_eq!(scene.run(&DeleteTemplate { of: elsewhere }), Err(R::UnknownRegion(label("x"))));
    assert_eq!(scene.world, before);
}

/// Ways to name a template that is not there, or not the account's.
fn strangers() -> Vec<OwnTemplate> {
    let by = |template| OwnTemplate { template, ..of("a") };
    vec![
        of("b"),
        by(TemplateRef::Label(label("lt-b"))),
        by(TemplateRef::Both(label("lt-a"), name("b"))),
        by(TemplateRef::Both(label("lt-b"), name("a"))),
        OwnTemplate { account: STRANGER, ..of("a") },
        OwnTemplate { account: STRANGER, ..by(TemplateRef::Label(label("lt-a"))) },
    ]
}

#[test]
fn a_template_is_found_by_its_label_its_name_or_both() {
    let scene = scene();
    for template in [
        TemplateRef::Label(label("lt-a")),
        TemplateRef::Name(name("a")),
        TemplateRef::Both(label("lt-a"), name("a")),
    ] {
        let found = OwnTemplate { template, ..of("a") }.find(&scene.world).unwrap();
        assert_eq!(found.map(|found| found.label), Some(label("lt-a")));
    }
}

fn parameters_of(bytes: usize) -> TemplateParameters {
    let value = "x".repeat(bytes - TemplateParameters::OVERHEAD - 1);
    TemplateParameters(vec![("n".to_owned(), value)])
}

#[test]
fn parameters_may_be_as_long_as_a_record_takes() {
    let mut scene = scene();
    let parameters = parameters_of(TemplateParameters::BYTES_MAX);
    let content = TemplateContent { description: String::new(), parameters };
    scene.run(&CreateTemplateVersion { of: of("a"), content }).unwrap();
}

#[test]
fn a_region_holds_thirty_templates_and_a_template_thirty_versions() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let drawn = |text: &str| CreateTemplate { label: LabelSource::Drawn("lt-"), ..create(text) };
    for index in 0..Template::PER_REGION_MAX {
        scene.run(&drawn(&format!("t{index}"))).unwrap();
    }
    assert_eq!(scene.run(&drawn("one-more")), Err(TemplateRefusal::TooManyTemplates));
    scene.run(&CreateTemplate { account: STRANGER, ..drawn("one-more") }).unwrap();
    for _ in 1..Template::VERSIONS_MAX {
        scene.run(&CreateTemplateVersion { of: of("t0"), content: content("n") }).unwrap();
    }
    let one_more = CreateTemplateVersion { of: of("t0"), content: content("n") };
    assert_eq!(scene.run(&one_more), Err(TemplateRefusal::TooManyVersions));
    scene.run(&DeleteTemplateVersions { of: of("t0"), numbers: vec![7, 30] }).unwrap();
    assert_eq!(scene.run(&one_more).unwrap().latest_version(), 31);
    scene.run(&DeleteTemplate { of: of("t1") }).unwrap();
    scene.run(&drawn("one-more")).unwrap();
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_change_is_dated_and_a_version_keeps_what_it_said() {
    let mut scene = scene();
    scene.now = Time::from_secs(9);
    let template = scene.run(&CreateTemplateVersion { of: of("a"), content: content("2") }).unwrap();
    assert_eq!((template.created_at, template.modified_at), (Time::START, scene.now));
    let said = |number| scene.world.template_version(&label("lt-a"), number).unwrap().unwrap();
    assert_eq!((said(1).content, said(1).created_at), (content("1"), Time::START));
    assert_eq!((said(2).content, said(2).created_at), (content("2"), scene.now));
}

#[test]
fn debug_does_not_show_what_a_template_says() {
    let shown = format!("{:?}", CreateTemplate { content: content("planted"), ..create("a") });
    assert!(shown.contains("ImageId") && !shown.contains("planted"), "{shown}");
}

#[test]
fn a_name_is_short_and_has_no_control_characters() {
    let long = "\u{9e21}".repeat(128);
    for (text, is_name) in
        [("a", true), (" ", true), (&long, true), ("", false), ("a\n", false), ("\0", false)]
    {
        assert_eq!(TemplateName::parse(text).is_some(), is_name, "{text:?}");
    }
    assert_eq!(TemplateName::parse(&format!("{long}x")), None);
    let (first, last) = Key::template_names(OWNER, &Label::lowest());
    assert!(first < last);
}
