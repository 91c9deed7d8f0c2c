//! A template and a launch from it, both arbitrary. Never panics; what the request says and is not
//! empty stands; what neither says is not there.
#![no_main]

use fleet::{AccountId, Fingerprint, Time};
use libfuzzer_sys::fuzz_target;
use wire::Params;
use wire::ecs::request::template::TemplateRequest;
use wire::ecs::request::{Action, LaunchAction, LaunchHead, Origin, Request, parse};

const ORIGIN: Origin =
    Origin { account: AccountId(1), fingerprint: Fingerprint([0; 32]), now: Time::from_secs(1_767_323_045) };

fuzz_target!(|data: &[u8]| {
    // The template and the launch, parted by the first line break.
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (template, launch) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let Ok(mut template) = Params::parse(template, b"") else { return };
    let Ok(mut launch) = Params::parse(launch, b"") else { return };
    template.set("RegionId", "r");
    template.set("LaunchTemplateName", "web");
    launch.set("RegionId", "r");
    launch.set("LaunchTemplateName", "web");

    let Ok(Request::Template(request)) = parse(Action::CreateLaunchTemplate, &mut template, &ORIGIN) else {
        return;
    };
    let TemplateRequest::Create(create) = *request else { return };
    let parameters = create.content.parameters;
    let Ok(mut head) = LaunchHead::parse(LaunchAction::Run, launch, &ORIGIN) else { return };
    let Ok(Some(_)) = head.template() else { return };
    let before = head.params().clone();
    head.merge(&parameters);
    for (name, value) in head.params().iter() {
        match before.find(name) {
            Some(said) if !said.is_empty() => assert_eq!(value, said, "the request says {name}"),
            Some("") if value.is_empty() => {}
            Some(_) | None => {
                let template = parameters.0.iter().any(|(said, kept)| said == name && kept == value);
                assert!(template, "{name} is of neither");
            }
        }
    }
    assert!(before.iter().all(|(name, _)| head.params().find(name).is_some()), "nothing was lost");
    let _ = head.launch();
});
