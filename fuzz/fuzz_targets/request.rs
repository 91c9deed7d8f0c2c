//! A request's bytes, all the way to what it means. Never panics; what was parsed, written again
//! and parsed again is the same; and what a request means does not depend on the order it was sent in.
#![no_main]

use fleet::{AccountId, Edition, Time};
use libfuzzer_sys::fuzz_target;
use wire::Params;
use wire::ecs::request::{Action, Origin};
use wire::ecs::{self, Envelope};

fuzz_target!(|data: &[u8]| {
    // The query and the form, parted by the first line break.
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (query, form) = (&data[..at], data.get(at + 1..).unwrap_or_default());

    let Ok(params) = Params::parse(query, form) else { return };
    let rendered = params.render();
    let again = Params::parse(rendered.as_bytes(), b"").expect("what was rendered can be parsed");
    assert!(params.iter().eq(again.iter()), "parsing what was rendered gives the same");
    assert_eq!(again.render(), rendered);

    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-acs-version", "2014-05-26")];
    let request = ecs::Request { method: "POST", query, headers: &headers, body: form };
    let Ok(envelope) = Envelope::parse(&request) else { return };
    let Ok(action) = Action::parse(&envelope.action, &envelope.version) else { return };
    let now = Time::from_secs(1_767_323_045);
    for edition in [Edition::Seeds, Edition::Newest, Edition::Either] {
        let origin = Origin { account: AccountId(1), fingerprint: envelope.fingerprint, now, edition };
        let _ = ecs::request::parse(action, &mut envelope.params.clone(), &origin);
    }
});
