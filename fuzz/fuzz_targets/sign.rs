//! Headers and a body, by either way of signing with headers. Never panics; who does not know the
//! secret is nobody; and what a server says was signed does not depend on the spelling of a header's name.
#![no_main]

use std::sync::Mutex;

use fleet::Time;
use libfuzzer_sys::fuzz_target;
use wire::ecs::Nonces;
use wire::{AccessKey, Request, Secret, ecs, zenlayer};

/// Inside the window of every time that the corpus has.
const NOW: Time = Time::from_secs(1_767_323_045);

fuzz_target!(|data: &[u8]| {
    // The query, headers, an empty line and the body, as in HTTP but for the first line.
    let Some((head, body)) = split(data, b"\n\n") else { return };
    let Ok(head) = std::str::from_utf8(head) else { return };
    let (query, lines) = head.split_once('\n').unwrap_or((head, ""));
    let headers: Vec<(&str, &str)> = lines
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name, value.trim()))
        .collect();
    let key = |_: &str| Some(AccessKey { account: (), secret: Secret::new("nobody knows this") });

    let request = Request { method: "POST", query: query.as_bytes(), headers: &headers, body };
    let parsed = ecs::Envelope::parse(&request);
    if let Ok(envelope) = &parsed {
        assert!(ecs::authenticate(envelope, key, NOW, &Mutex::new(Nonces::default())).is_err());
    }
    if let Ok(envelope) = zenlayer::Envelope::parse(&request) {
        assert!(zenlayer::authenticate(&envelope, key, NOW).is_err());
        let _ = envelope.fields();
    }

    let shouted: Vec<String> = headers.iter().map(|(name, _)| name.to_ascii_uppercase()).collect();
    let shouted: Vec<(&str, &str)> =
        shouted.iter().zip(&headers).map(|(name, (_, value))| (name.as_str(), *value)).collect();
    let again = ecs::Envelope::parse(&Request { headers: &shouted, ..request });
    let signed = |envelope: &ecs::Envelope| envelope.credentials.signed().string_to_sign.clone();
    assert_eq!(again.as_ref().map(signed), parsed.as_ref().map(signed));
});

fn split<'a>(data: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = data.windows(at.len()).position(|window| window == at)?;
    Some((&data[..place], &data[place + at.len()..]))
}
