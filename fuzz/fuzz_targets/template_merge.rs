//! A template and a launch from it. What the request says and is not empty stands, what neither says
//! is not there, and nothing is lost; merging twice is merging once. A launch from a template is the
//! launch that says all of it itself, and a template keeps what a template kept.
#![no_main]

use std::collections::BTreeMap;

use fleet::{AccountId, Edition, Fingerprint, TemplateParameters, Time};
use hatchery_fuzz::{Draw, is_index, query};
use libfuzzer_sys::fuzz_target;
use wire::Params;
use wire::ecs::request::template::TemplateRequest;
use wire::ecs::request::{Action, LaunchAction, LaunchHead, Origin, Request, parse};

const ORIGIN: Origin = Origin {
    account: AccountId(1),
    fingerprint: Fingerprint([0; 32]),
    now: Time::from_secs(1_767_323_045),
    edition: Edition::Either,
};

fuzz_target!(|data: &[u8]| {
    // A zero byte is in no text that parses, so it tells the two ways apart.
    match data.split_first() {
        Some((0, rest)) => drop(drawn(&mut Draw::new(rest))),
        Some(_) | None => {
            // The template and the launch, parted by the first line break.
            let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
            launched(&data[..at], data.get(at + 1..).unwrap_or_default());
        }
    }
});

fn drawn(draw: &mut Draw<'_>) -> arbitrary::Result<()> {
    let template = query(&draw.pairs(Action::CreateLaunchTemplate)?);
    let launch = query(&draw.pairs(Action::RunInstances)?);
    launched(template.as_bytes(), launch.as_bytes());
    Ok(())
}

fn launched(template: &[u8], launch: &[u8]) {
    let Ok(template) = Params::parse(template, b"") else { return };
    let Ok(mut launch) = Params::parse(launch, b"") else { return };
    let Some(kept) = created(template) else { return };
    let again = kept.0.iter().fold(Params::new(), |mut again, (name, value)| {
        again.set(name, value.clone());
        again
    });
    assert_eq!(created(again).as_ref(), Some(&kept), "a template keeps what a template kept");

    launch.set("RegionId", "r");
    launch.set("LaunchTemplateName", "web");
    let Ok(mut head) = LaunchHead::parse(LaunchAction::Run, launch.clone(), &ORIGIN) else { return };
    let Ok(Some(_)) = head.template() else { return };
    let before = head.params().clone();
    head.merge(&TemplateParameters(Vec::new()));
    assert_eq!(*head.params(), before, "a template that says nothing changes nothing");
    head.merge(&kept);
    merged(&before, &kept, head.params());
    let once = head.params().clone();
    head.merge(&kept);
    assert_eq!(*head.params(), once, "merging twice is merging once");

    let mut whole = once;
    for name in ["RegionId", "ClientToken"] {
        whole.set(name, launch.find(name).unwrap_or_default());
    }
    let whole = LaunchHead::parse(LaunchAction::Run, whole, &ORIGIN).and_then(LaunchHead::launch);
    assert_eq!(head.launch(), whole, "it is as if the request had said it");
}

/// What a template keeps of this, if it can be made.
fn created(mut params: Params) -> Option<TemplateParameters> {
    params.set("RegionId", "r");
    params.set("LaunchTemplateName", "web");
    params.set("LaunchTemplateId", "");
    let Ok(Request::Template(request)) = parse(Action::CreateLaunchTemplate, &mut params, &ORIGIN) else {
        return None;
    };
    let TemplateRequest::Create(create) = *request else { return None };
    Some(create.content.parameters)
}

fn merged(before: &Params, kept: &TemplateParameters, after: &Params) {
    let kept: BTreeMap<&str, &str> =
        kept.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for (name, value) in after.iter() {
        match before.find(name) {
            Some(said) if !said.is_empty() => assert_eq!(value, said, "the request says {name}"),
            Some("") if value.is_empty() => {}
            Some(_) | None => assert_eq!(kept.get(name), Some(&value), "{name} is of neither"),
        }
    }
    for (name, _) in before.iter() {
        assert!(after.find(name).is_some(), "{name} is lost");
    }
    // Of what the template says, all is taken or nothing, by what comes first in the name.
    let family = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    for list in ["DataDisk", "NetworkInterface", "Tag"] {
        let said = before.iter().any(|(name, value)| {
            let index = name.split('.').nth(1).is_some_and(is_index);
            family(name) == list && index && !value.is_empty()
        });
        for (name, value) in kept.iter().filter(|(name, _)| family(name) == list) {
            let expected = if said { before.find(name) } else { Some(*value) };
            assert_eq!(after.find(name), expected, "{name} goes with the rest of {}", before.render());
        }
    }
}
