//! Launch templates over HTTP: made, changed, listed, launched from, deleted.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{House, LAUNCH, Reply, Setup};
use serde_json::{Value, json};

type Pairs<'p> = &'p [(&'p str, &'p str)];

/// Calls `action` in the region of everything.
fn call(house: &House, action: &str, more: Pairs<'_>) -> Reply {
    let common = [("Action", action), ("Version", "2014-05-26"), ("RegionId", "cn-hangzhou")];
    house.call(&[&common[..], more].concat())
}

/// What a launch needs besides its template.
const PLACE: Pairs<'_> = &[("SecurityGroupId", "sg-example"), ("VSwitchId", "vsw-example")];
const WHAT: Pairs<'_> = &[("ImageId", "img-linux"), ("InstanceType", "ecs.g6.large")];

fn create(house: &House, name: &str, more: Pairs<'_>) -> String {
    let made = call(house, "CreateLaunchTemplate", &[&[("LaunchTemplateName", name)], more].concat());
    assert_eq!(made.code(), "200", "{made:?}");
    assert_eq!(made.json()["LaunchTemplateVersionNumber"], 1);
    made.json()["LaunchTemplateId"].as_str().unwrap().to_owned()
}

/// The name that the first instance of a launch goes by.
fn launched_name(house: &House, launched: &Reply) -> String {
    assert_eq!(launched.code(), "200", "{launched:?}");
    let ids = json!(launched.instances()).to_string();
    let listed = call(house, "DescribeInstances", &[("InstanceIds", &ids)]).json();
    listed["Instances"]["Instance"][0]["InstanceName"].as_str().unwrap().to_owned()
}

/// Two versions, both of which can be launched from as they are.
fn two_versions(house: &House) -> String {
    let id = create(house, "web", &[WHAT, PLACE, &[("InstanceName", "first")]].concat());
    let more = [WHAT, PLACE, &[("InstanceName", "second"), ("LaunchTemplateId", &id)]].concat();
    let second = call(house, "CreateLaunchTemplateVersion", &more);
    assert_eq!(second.json()["LaunchTemplateVersionNumber"], 2);
    id
}

#[test]
fn a_launch_starts_from_the_version_it_means() {
    let house = House::new(Setup::default());
    let id = two_versions(&house);
    let check = |more: Pairs<'_>, expected: &str| {
        assert_eq!(launched_name(&house, &call(&house, "RunInstances", more)), expected, "{more:?}");
    };
    let (by_id, by_name) = (("LaunchTemplateId", &*id), ("LaunchTemplateName", "web"));
    check(&[by_id], "first");
    check(&[by_name], "first");
    check(&[by_id, by_name], "first");
    check(&[by_id, ("LaunchTemplateVersion", "2")], "second");
    check(&[by_name, ("LaunchTemplateVersion", "1"), ("InstanceName", "mine")], "mine");
    check(&[by_name, ("InstanceName", ""), ("VSwitchId", "vsw-example")], "first");

    let set = [by_name, ("DefaultVersionNumber", "2")];
    assert_eq!(call(&house, "ModifyLaunchTemplateDefaultVersion", &set).json()["LaunchTemplateId"], id);
    check(&[by_id], "second");
    check(&[by_id, ("LaunchTemplateVersion", "1")], "first");
}

/// Rule L-01.
#[test]
fn a_template_that_is_not_there_is_not_found() {
    let house = House::new(Setup::default());
    let id = two_versions(&house);
    for more in [
        &[("LaunchTemplateId", "lt-nowhere")][..],
        &[("LaunchTemplateName", "nowhere")],
        &[("LaunchTemplateName", "a\u{9}b")],
        &[("LaunchTemplateId", &id), ("LaunchTemplateName", "other")],
        // It comes before all that is wrong with the launch itself.
        &[("LaunchTemplateName", "nowhere"), ("LaunchTemplateVersion", "9"), ("Amount", "x")],
    ] {
        let refused = call(&house, "RunInstances", more);
        assert_eq!(refused.code(), "404 InvalidLaunchTemplate.NotFound", "{more:?}");
    }
}

/// Rule L-02.
#[test]
fn a_version_that_is_not_there_is_not_found() {
    let house = House::new(Setup::default());
    let id = two_versions(&house);
    for version in ["0", "3", "99999999999"] {
        let more = [("LaunchTemplateId", &*id), ("LaunchTemplateVersion", version), ("Amount", "x")];
        let refused = call(&house, "RunInstances", &more);
        assert_eq!(refused.code(), "404 InvalidLaunchTemplateVersion.NotFound", "{version}");
    }
}

/// Rule L-03: a value of the template is judged as the request's own would be.
#[test]
fn what_a_template_says_is_judged_at_the_launch() {
    let house = House::new(Setup::default());
    for (said, expected) in [
        ([("ImageId", "img-nowhere"), WHAT[1]], "404 InvalidImageId.NotFound"),
        ([WHAT[0], ("InstanceType", "ecs.nothing")], "400 InvalidInstanceType.ValueNotSupported"),
        ([("InstanceName", "1"), ("ImageId", "img-nowhere")], "400 InvalidInstanceName.Malformed"),
        ([WHAT[0], ("PrivateIpAddress", "x")], "400 InvalidPrivateIpAddress.Malformed"),
        ([WHAT[0], ("ImageFamily", "fam")], "400 MissingParameter"),
    ] {
        create(&house, "judged", &[PLACE, &said].concat());
        let from = [("LaunchTemplateName", "judged")];
        assert_eq!(call(&house, "RunInstances", &from).code(), expected, "{said:?}");
        assert_eq!(call(&house, "DeleteLaunchTemplate", &from).code(), "200");
    }
    create(&house, "judged", &[PLACE, WHAT].concat());
    let family = [("LaunchTemplateName", "judged"), ("ImageFamily", "fam")];
    assert_eq!(call(&house, "RunInstances", &family).code(), "400 InvalidParameter.Conflict");
}

#[test]
fn without_an_image_the_launch_says_which_parameter_is_missing() {
    let house = House::new(Setup::default());
    create(&house, "web", &[PLACE, &[WHAT[1]]].concat());
    let refused = call(&house, "RunInstances", &[("LaunchTemplateName", "web")]);
    assert_eq!(refused.code(), "400 MissingParameter");
    assert!(refused.body.contains("ImageId"), "{refused:?}");
    let launched = call(&house, "RunInstances", &[("LaunchTemplateName", "web"), WHAT[0]]);
    assert_eq!(launched.code(), "200");
}

/// The token is looked up before the template: neither another default nor a template that is gone
/// makes another answer.
#[test]
fn a_token_answers_also_when_its_template_is_gone() {
    let house = House::new(Setup::default());
    let id = two_versions(&house);
    let launch = [("LaunchTemplateId", &*id), ("ClientToken", "t"), ("Amount", "2")];
    let first = call(&house, "RunInstances", &launch);
    assert_eq!(first.code(), "200");
    call(&house, "ModifyLaunchTemplateDefaultVersion", &[launch[0], ("DefaultVersionNumber", "2")]);
    assert_eq!(call(&house, "RunInstances", &launch).instances(), first.instances());
    assert_eq!(call(&house, "DeleteLaunchTemplate", &[launch[0]]).code(), "200");
    assert_eq!(call(&house, "RunInstances", &launch).instances(), first.instances());
    let other = [launch[0], launch[1], ("Amount", "1")];
    assert_eq!(call(&house, "RunInstances", &other).code(), "400 IdempotentParameterMismatch");
    let fresh = [launch[0], ("ClientToken", "u")];
    assert_eq!(call(&house, "RunInstances", &fresh).code(), "404 InvalidLaunchTemplate.NotFound");
}

#[test]
fn templates_are_listed_by_what_they_are() {
    let house = House::new(Setup::default());
    let tagged =
        [("TemplateTag.1.Key", "team"), ("TemplateTag.1.Value", "a"), ("TemplateResourceGroupId", "rg-1")];
    let a = create(&house, "aa", &tagged);
    let b = create(&house, "bb", &[("TemplateTag.1.Key", "team")]);
    let names = |more: Pairs<'_>| {
        let listed = call(&house, "DescribeLaunchTemplates", more).json();
        let rows = listed["LaunchTemplateSets"]["LaunchTemplateSet"].as_array().unwrap().clone();
        let names = rows.iter().map(|row| row["LaunchTemplateName"].as_str().unwrap().to_owned());
        (listed["TotalCount"].as_u64().unwrap(), names.collect::<Vec<_>>().join(" "))
    };
    for (more, total, expected) in [
        (&[][..], 2, "bb aa"),
        (&[("PageSize", "1"), ("PageNumber", "2")], 2, "aa"),
        (&[("LaunchTemplateId.1", &*a), ("LaunchTemplateId.2", "lt-x")], 1, "aa"),
        (&[("LaunchTemplateName.1", "bb"), ("LaunchTemplateName.3", "aa")], 2, "bb aa"),
        (&[("LaunchTemplateName.1", "bb"), ("LaunchTemplateId.1", &*a)], 0, ""),
        (&[("TemplateTag.1.Key", "team")], 2, "bb aa"),
        (&[("TemplateTag.1.Key", "team"), ("TemplateTag.1.Value", "a")], 1, "aa"),
        (&[("TemplateResourceGroupId", "rg-1")], 1, "aa"),
    ] {
        assert_eq!(names(more), (total, expected.to_owned()), "{more:?}");
    }
    let only = call(&house, "DescribeLaunchTemplates", &[("LaunchTemplateId.1", &b)]).json();
    let row = &only["LaunchTemplateSets"]["LaunchTemplateSet"][0];
    assert_eq!((&row["DefaultVersionNumber"], &row["LatestVersionNumber"]), (&json!(1), &json!(1)));
    assert_eq!(row["Tags"], json!({ "Tag": [{ "TagKey": "team", "TagValue": "" }] }));
}

#[test]
fn versions_are_listed_in_order_and_deleted_but_for_the_default() {
    let house = House::new(Setup::default());
    let id = two_versions(&house);
    let of = ("LaunchTemplateId", &*id);
    let numbers = |more: Pairs<'_>| {
        let listed = call(&house, "DescribeLaunchTemplateVersions", &[&[of], more].concat()).json();
        let rows =
            listed["LaunchTemplateVersionSets"]["LaunchTemplateVersionSet"].as_array().unwrap().clone();
        rows.iter().map(|row| row["VersionNumber"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    call(&house, "CreateLaunchTemplateVersion", &[of]);
    for (more, expected) in [
        (&[][..], &[1, 2, 3][..]),
        (&[("DefaultVersion", "true")], &[1]),
        (&[("LaunchTemplateVersion.1", "3"), ("LaunchTemplateVersion.2", "1")], &[1, 3]),
        (&[("MinVersion", "2")], &[2, 3]),
        (&[("MinVersion", "2"), ("MaxVersion", "2")], &[2]),
        (&[("PageSize", "2"), ("PageNumber", "2")], &[3]),
        (&[("LaunchTemplateVersion.1", "9")], &[]),
    ] {
        assert_eq!(numbers(more), expected, "{more:?}");
    }
    let delete = |more: Pairs<'_>| call(&house, "DeleteLaunchTemplateVersion", &[&[of], more].concat());
    assert_eq!(delete(&[("DeleteVersion.1", "1")]).code(), "400 InvalidParameter");
    assert_eq!(delete(&[("DeleteVersion.1", "9")]).code(), "404 InvalidLaunchTemplateVersion.NotFound");
    assert_eq!(delete(&[]).code(), "400 MissingParameter");
    let gone = delete(&[("DeleteVersion.1", "3"), ("DeleteVersion.2", "2")]).json();
    assert_eq!(gone["LaunchTemplateVersions"]["LaunchTemplateVersion"].as_array().unwrap().len(), 2);
    assert_eq!(numbers(&[]), [1]);
    let gone = call(&house, "DeleteLaunchTemplate", &[("LaunchTemplateName", "web")]).json();
    assert_eq!(gone["LaunchTemplateVersionNumbers"], json!({ "versionNumbers": [1] }));
}

/// What a version keeps is shown; a password is not kept to begin with.
#[test]
fn a_version_shows_what_it_keeps_and_never_a_password() {
    let house = House::new(Setup::default());
    create(
        &house,
        "web",
        &[
            ("Password", "Planted-Passw0rd"),
            ("SystemDisk.Category", "cloud_essd"),
            ("SystemDiskSize", "40"),
            ("DataDisk.2.Size", "20"),
            ("Tag.1.Key", "k"),
            ("UserData", "QQ=="),
            ("VersionDescription", "of eggs"),
        ],
    );
    let of = ("LaunchTemplateName", "web");
    let described = call(&house, "DescribeLaunchTemplateVersions", &[of]);
    assert!(!described.body.contains("Planted"), "{described:?}");
    let version = &described.json()["LaunchTemplateVersionSets"]["LaunchTemplateVersionSet"][0];
    assert_eq!(version["VersionDescription"], "of eggs");
    let data = &version["LaunchTemplateData"];
    assert_eq!(data["SystemDisk"], json!({ "Category": "cloud_essd", "Size": 40 }));
    assert_eq!((&data["SystemDisk.Category"], &data["SystemDisk.Size"]), (&json!("cloud_essd"), &json!(40)));
    assert_eq!(data["DataDisks"]["DataDisk"], json!([{ "Size": 20 }]));
    assert_eq!(data["Tags"]["InstanceTag"], json!([{ "Key": "k" }]));
    assert_eq!(data["UserData"], "QQ==");
    let brief = call(&house, "DescribeLaunchTemplateVersions", &[of, ("DetailFlag", "false")]).json();
    let brief = &brief["LaunchTemplateVersionSets"]["LaunchTemplateVersionSet"][0];
    assert_eq!(brief.get("LaunchTemplateData"), None::<&Value>);
}

#[test]
fn each_refusal_has_its_code() {
    let house = House::new(Setup::default());
    create(&house, "web", &[]);
    let name = ("LaunchTemplateName", "web");
    for (action, more, expected) in [
        ("CreateLaunchTemplate", &[name][..], "403 LaunchTemplateName.Duplicated"),
        ("CreateLaunchTemplateVersion", &[("LaunchTemplateName", "x")], "404 InvalidLaunchTemplate.NotFound"),
        ("DeleteLaunchTemplate", &[("LaunchTemplateName", "x")], "404 InvalidLaunchTemplate.NotFound"),
        (
            "ModifyLaunchTemplateDefaultVersion",
            &[name, ("DefaultVersionNumber", "2")],
            "404 InvalidLaunchTemplateVersion.NotFound",
        ),
        (
            "DescribeLaunchTemplateVersions",
            &[("LaunchTemplateName", "x")],
            "400 InvalidLaunchTemplate.NotFound",
        ),
    ] {
        assert_eq!(call(&house, action, more).code(), expected, "{action}");
    }
    for action in [
        "CreateLaunchTemplate",
        "CreateLaunchTemplateVersion",
        "DescribeLaunchTemplates",
        "DescribeLaunchTemplateVersions",
        "DeleteLaunchTemplate",
        "DeleteLaunchTemplateVersion",
        "ModifyLaunchTemplateDefaultVersion",
    ] {
        let elsewhere = [
            ("RegionId", "nowhere"),
            ("LaunchTemplateName", "ww"),
            ("DeleteVersion.1", "1"),
            ("DefaultVersionNumber", "1"),
        ];
        let refused =
            house.call(&[&[("Action", action), ("Version", "2014-05-26")], &elsewhere[..]].concat());
        assert_eq!(refused.code(), "400 InvalidRegion.NotExist", "{action}");
    }
    for index in 1..30 {
        create(&house, &format!("t{index}"), &[]);
    }
    let one_more = call(&house, "CreateLaunchTemplate", &[("LaunchTemplateName", "one-more")]);
    assert_eq!(one_more.code(), "403 LaunchTemplateLimitExceed");
    for _ in 1..30 {
        assert_eq!(call(&house, "CreateLaunchTemplateVersion", &[name]).code(), "200");
    }
    let one_more = call(&house, "CreateLaunchTemplateVersion", &[name]);
    assert_eq!(one_more.code(), "403 LaunchTemplateVersionLimitExceed");
    assert_eq!(house.launch().code(), "200", "{LAUNCH:?}");
}
