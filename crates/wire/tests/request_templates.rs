//! Requests about launch templates: what they mean, and the code of each fault.
#![allow(clippy::panic, clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet::{
    AccountId, CreateTemplate, DeleteTemplate, DeleteTemplateVersions, Fingerprint, Label, LabelSource,
    OwnTemplate, Paging, SetDefaultVersion, Tag, TemplateName, TemplateParameters, TemplateRef, Time,
};
use wire::ecs::request::template::{TemplateListing, TemplateRequest, TemplateSource, VersionListing};
use wire::ecs::request::{Action, LaunchAction, LaunchHead, Origin, Request, parse, unnamed};
use wire::ecs::{Code, Fault};
use wire::{Params, percent};

const ACCOUNT: AccountId = AccountId(7);
const ORIGIN: Origin = Origin {
    account: ACCOUNT,
    fingerprint: Fingerprint([1; 32]),
    now: Time::from_secs(1_767_323_045),
    edition: fleet::Edition::Either,
};

fn params(query: &str) -> Params {
    Params::parse(query.as_bytes(), b"").unwrap()
}

fn ask(action: Action, query: &str) -> Result<TemplateRequest, Fault> {
    match parse(action, &mut params(query), &ORIGIN)? {
        Request::Template(request) => Ok(*request),
        other => panic!("{other:?} is not about templates"),
    }
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn name(text: &str) -> TemplateName {
    TemplateName::parse(text).unwrap()
}

fn created(query: &str) -> CreateTemplate {
    match ask(Action::CreateLaunchTemplate, query) {
        Ok(TemplateRequest::Create(create)) => create,
        other => panic!("{other:?} for {query}"),
    }
}

/// What a version made by `query` keeps, as a query.
fn kept(query: &str) -> String {
    let TemplateParameters(parameters) =
        created(&format!("RegionId=r&LaunchTemplateName=web&{query}")).content.parameters;
    let kept = parameters.iter().map(|(name, value)| format!("{name}={value}"));
    kept.collect::<Vec<_>>().join("&")
}

#[test]
fn what_only_looks_like_a_tag_of_a_template_is_left() {
    let mut sent =
        params("RegionId=r&TemplateTag.1.Key=k&TemplateTag.01.Key=k&TemplateTag.1.Odd=x&TemplateTag1Key=y");
    assert!(parse(Action::DescribeLaunchTemplates, &mut sent, &ORIGIN).is_ok());
    let left: Vec<String> = sent.leftover().collect();
    assert_eq!(left, ["TemplateTag.01.Key", "TemplateTag.1.Odd", "TemplateTag1Key"]);
}

#[test]
fn each_fault_has_its_code_and_its_parameter() {
    use Action::{
        CreateLaunchTemplate as Create, CreateLaunchTemplateVersion as CreateVersion,
        DeleteLaunchTemplate as Delete, DeleteLaunchTemplateVersion as DeleteVersion,
        DescribeLaunchTemplateVersions as ListVersions, DescribeLaunchTemplates as List,
        ModifyLaunchTemplateDefaultVersion as SetDefault,
    };
    let long_name = format!("RegionId=r&LaunchTemplateName={}", "a".repeat(129));
    let long_description = format!("{WEB}&VersionDescription={}", "a".repeat(257));
    let big = percent::encode(&STANDARD.encode(vec![0; 32 * 1024 + 1]));
    let big = format!("{WEB}&UserData={big}");
    let with = |more: &str| format!("{WEB}&{more}");
    const WEB: &str = "RegionId=r&LaunchTemplateName=web";
    for (action, query, code, parameter) in [
        (Create, "", "MissingParameter", "RegionId"),
        (Create, "RegionId=r", "MissingParameter", "LaunchTemplateName"),
        (Create, "RegionId=r&LaunchTemplateName=", "MissingParameter", "LaunchTemplateName"),
        (
            Create,
            "RegionId=r&LaunchTemplateName=w",
            "InvalidLaunchTemplateName.Malformed",
            "LaunchTemplateName",
        ),
        (
            Create,
            "RegionId=r&LaunchTemplateName=1w",
            "InvalidLaunchTemplateName.Malformed",
            "LaunchTemplateName",
        ),
        (
            Create,
            "RegionId=r&LaunchTemplateName=w.w",
            "InvalidLaunchTemplateName.Malformed",
            "LaunchTemplateName",
        ),
        (Create, &long_name, "InvalidLaunchTemplateName.Malformed", "LaunchTemplateName"),
        (Create, &with("VersionDescription=x"), "InvalidDescription.Malformed", "VersionDescription"),
        (Create, &with("VersionDescription=http://x"), "InvalidDescription.Malformed", "VersionDescription"),
        (Create, &long_description, "InvalidDescription.Malformed", "VersionDescription"),
        (Create, &with("UserData=*"), "InvalidUserData.Base64FormatInvalid", "UserData"),
        (Create, &big, "InvalidUserData.SizeExceeded", "UserData"),
        (Create, &with("Tag.1.Key=a&Tag.2.Key=a"), "Duplicate.TagKey", "Tag.2.Key"),
        (Create, &with("Tag.1.Key=acs:a"), "InvalidTagKey.Malformed", "Tag.1.Key"),
        (Create, &with("TemplateTag.1.Key=a&TemplateTag.2.Key=a"), "Duplicate.TagKey", "Tag.2.Key"),
        (Create, &with("TemplateTag.21.Key=a"), "InvalidTagCount", "Tag"),
        (Create, &with("TemplateResourceGroupId=a+b"), "InvalidParameter", "TemplateResourceGroupId"),
        (Create, &with("SystemDisk.Size=big"), "InvalidParameter", "SystemDisk.Size"),
        (Create, &with("AutoRenew=yes"), "InvalidParameter", "AutoRenew"),
        (Create, &with("SpotPriceLimit=0.1234"), "InvalidParameter", "SpotPriceLimit"),
        (Create, &with("DataDisk.3.Size=big"), "InvalidParameter", "DataDisk.3.Size"),
        (Create, &with("DataDisk.101.Size=1"), "InvalidParameter", "DataDisk"),
        (CreateVersion, "RegionId=r", "MissingParameter", "LaunchTemplateId"),
        (CreateVersion, &with("UserData=*"), "InvalidUserData.Base64FormatInvalid", "UserData"),
        (CreateVersion, &with("Period=x"), "InvalidParameter", "Period"),
        (List, "", "MissingParameter", "RegionId"),
        (List, "RegionId=r&PageSize=51", "InvalidParameter", "PageSize"),
        (List, "RegionId=r&TemplateTag.1.Value=a", "InvalidTag.Mismatch", "Tag.1.Key"),
        (ListVersions, "LaunchTemplateName=web", "MissingParameter", "RegionId"),
        (ListVersions, "RegionId=r", "MissingParameter", "LaunchTemplateId"),
        (ListVersions, &with("LaunchTemplateVersion.1=x"), "InvalidParameter", "LaunchTemplateVersion"),
        (ListVersions, &with("MinVersion=-1"), "InvalidParameter", "MinVersion"),
        (ListVersions, &with("DefaultVersion=1"), "InvalidParameter", "DefaultVersion"),
        (ListVersions, &with("DetailFlag=x"), "InvalidParameter", "DetailFlag"),
        (ListVersions, &with("PageSize=51"), "InvalidParameter", "PageSize"),
        (Delete, "RegionId=r", "MissingParameter", "LaunchTemplateId"),
        (DeleteVersion, WEB, "MissingParameter", "DeleteVersion"),
        (DeleteVersion, &with("DeleteVersion.1=x"), "InvalidParameter", "DeleteVersion"),
        (SetDefault, WEB, "MissingParameter", "DefaultVersionNumber"),
        (SetDefault, &with("DefaultVersionNumber=x"), "InvalidParameter", "DefaultVersionNumber"),
    ] {
        let fault = ask(action, query).unwrap_err();
        assert_eq!((fault.code.status, fault.code.code), (400, code), "{action:?} {query}");
        assert_eq!(fault.parameter.as_deref(), Some(parameter), "{action:?} {query}");
    }
}

#[test]
fn a_template_is_made_of_what_is_said_about_it_and_about_its_first_version() {
    let create = created(
        "RegionId=r&LaunchTemplateName=%E9%B8%A1:web_1-&VersionDescription=of+eggs&TemplateResourceGroupId=rg-1\
         &TemplateTag.2.Key=k&TemplateTag.2.Value=&ImageId=m",
    );
    assert_eq!(
        create,
        CreateTemplate {
            account: ACCOUNT,
            label: LabelSource::Drawn("lt-"),
            region: label("r"),
            name: name("\u{9e21}:web_1-"),
            content: fleet::TemplateContent {
                description: "of eggs".into(),
                parameters: TemplateParameters(vec![("ImageId".into(), "m".into())]),
            },
            tags: vec![Tag { key: "k".into(), value: String::new() }],
            resource_group: Some(label("rg-1")),
        }
    );
}

#[test]
fn a_version_keeps_launch_parameters_in_one_spelling() {
    for (query, expected) in [
        ("", ""),
        ("ImageId=m&ZoneId=&Nobody=x&Amount=3&Password=Ecs12345&ClientToken=t&DryRun=true", "ImageId=m"),
        ("SystemDiskSize=40&SystemDisk.Category=c", "SystemDisk.Category=c&SystemDisk.Size=40"),
        ("SecurityGroupIds.7=b&SecurityGroupIds.3=a", "SecurityGroupIds.1=a&SecurityGroupIds.2=b"),
        ("DataDisk.2.Size=20&DataDisk.1.Size=&DataDisk.2.Odd=x", "DataDisk.2.Size=20"),
        (
            "NetworkInterface.1.SecurityGroupIds.4=a&NetworkInterface.1.VSwitchId=v",
            "NetworkInterface.1.VSwitchId=v&NetworkInterface.1.SecurityGroupIds.1=a",
        ),
        ("Tag.3.Key=k&Tag.3.Value=", "Tag.3.Key=k&Tag.3.Value="),
        ("AutoRenew=True&Period=+1+&SpotPriceLimit=0.5", "AutoRenew=True&Period= 1 &SpotPriceLimit=0.5"),
        ("SecurityOptions.EnableSecureBoot=true", "SecurityOptions.EnableSecureBoot=true"),
        ("UserData=QQ%3D%3D&Description=x", "Description=x&UserData=QQ=="),
    ] {
        assert_eq!(kept(query), expected, "{query}");
    }
}

#[test]
fn a_template_is_named_by_its_id_its_name_or_both() {
    let unnamed = TemplateRef::Label(unnamed());
    for (query, template) in [
        ("LaunchTemplateId=lt-a", TemplateRef::Label(label("lt-a"))),
        ("LaunchTemplateName=web", TemplateRef::Name(name("web"))),
        ("LaunchTemplateId=lt-a&LaunchTemplateName=web", TemplateRef::Both(label("lt-a"), name("web"))),
        ("LaunchTemplateId=lt+a", unnamed.clone()),
        ("LaunchTemplateName=a%0A", unnamed.clone()),
        ("LaunchTemplateId=lt-a&LaunchTemplateName=a%0A", unnamed),
    ] {
        let of = OwnTemplate { account: ACCOUNT, region: label("r"), template };
        let deleted = ask(Action::DeleteLaunchTemplate, &format!("RegionId=r&{query}"));
        assert_eq!(deleted, Ok(TemplateRequest::Delete(DeleteTemplate { of: of.clone() })), "{query}");
        let mut head =
            LaunchHead::parse(LaunchAction::Run, params(&format!("RegionId=r&{query}")), &ORIGIN).unwrap();
        assert_eq!(head.template(), Ok(Some(TemplateSource { of, version: None })), "{query}");
        assert_eq!(head.template(), Ok(None), "it was asked for");
    }
}

#[test]
fn a_launch_names_a_version_or_means_the_default() {
    let source = |action, query: &str| {
        let mut head = LaunchHead::parse(action, params(&format!("RegionId=r&{query}")), &ORIGIN).unwrap();
        head.template().map(|source| source.map(|source| source.version))
    };
    for (query, expected) in [
        ("LaunchTemplateName=web", Ok(Some(None))),
        ("LaunchTemplateName=web&LaunchTemplateVersion=", Ok(Some(None))),
        ("LaunchTemplateName=web&LaunchTemplateVersion=12", Ok(Some(Some(12)))),
        ("LaunchTemplateName=web&LaunchTemplateVersion=4294967296", Ok(Some(Some(0)))),
        ("LaunchTemplateName=web&LaunchTemplateVersion=x", Err(Fault::invalid("LaunchTemplateVersion"))),
        ("LaunchTemplateVersion=x", Ok(None)),
    ] {
        assert_eq!(source(LaunchAction::Run, query), expected, "{query}");
    }
    assert_eq!(source(LaunchAction::Create, "LaunchTemplateName=web"), Ok(None));
}

/// Rules L-01 and L-03: what is merged is launched; what nobody looked up is not there.
#[test]
fn a_launch_is_read_once_its_template_is_merged() {
    let query = "RegionId=r&LaunchTemplateName=web&InstanceType=t";
    let head = || LaunchHead::parse(LaunchAction::Run, params(query), &ORIGIN).unwrap();
    let refused = head().launch().unwrap_err();
    assert_eq!(refused.code, Code::INVALID_LAUNCH_TEMPLATE_NOT_FOUND);
    let mut merged = head();
    merged.template().unwrap().unwrap();
    let said = [("InstanceType", "u"), ("ImageId", "m"), ("SecurityGroupIds.1", "g")];
    merged.merge(&TemplateParameters(said.map(|(name, value)| (name.into(), value.into())).to_vec()));
    let launch = merged.launch().unwrap();
    assert_eq!((launch.image, launch.instance_type), (Some(label("m")), Some(label("t"))));
    assert_eq!(launch.groups, [label("g")]);
}

#[test]
fn versions_are_numbers() {
    let web = OwnTemplate { account: ACCOUNT, region: label("r"), template: TemplateRef::Name(name("web")) };
    let of = || web.clone();
    for (action, query, expected) in [
        (
            Action::ModifyLaunchTemplateDefaultVersion,
            "DefaultVersionNumber=3",
            TemplateRequest::SetDefault(SetDefaultVersion { of: of(), number: 3 }),
        ),
        (
            Action::ModifyLaunchTemplateDefaultVersion,
            "DefaultVersionNumber=99999999999",
            TemplateRequest::SetDefault(SetDefaultVersion { of: of(), number: 0 }),
        ),
        (
            Action::DeleteLaunchTemplateVersion,
            "DeleteVersion.2=3&DeleteVersion.1=5&DeleteVersion.9=3",
            TemplateRequest::DeleteVersions(DeleteTemplateVersions { of: of(), numbers: vec![3, 5] }),
        ),
        (
            Action::DescribeLaunchTemplateVersions,
            "LaunchTemplateVersion.1=2&MinVersion=1&MaxVersion=9&DefaultVersion=true&DetailFlag=false&PageNumber=2",
            TemplateRequest::ListVersions(VersionListing {
                of: of(),
                numbers: Some([2].into()),
                least: Some(1),
                most: Some(9),
                default_only: true,
                detail: false,
                paging: Paging::Numbered { number: 2, size: 10 },
            }),
        ),
    ] {
        assert_eq!(
            ask(action, &format!("RegionId=r&LaunchTemplateName=web&{query}")),
            Ok(expected),
            "{query}"
        );
    }
}

#[test]
fn a_listing_of_templates_has_its_filters() {
    let listed = ask(
        Action::DescribeLaunchTemplates,
        "RegionId=r&LaunchTemplateId.1=lt-a&LaunchTemplateName.2=web&TemplateTag.1.Key=k&TemplateResourceGroupId=rg\
         &PageSize=50",
    );
    assert_eq!(
        listed,
        Ok(TemplateRequest::List(TemplateListing {
            region: label("r"),
            ids: Some([label("lt-a")].into()),
            names: Some(["web".to_owned()].into()),
            tags: vec![("k".into(), None)],
            resource_group: Some(label("rg")),
            paging: Paging::Numbered { number: 1, size: 50 },
        }))
    );
}
