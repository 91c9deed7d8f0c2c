//! A request, from its bytes to what it means in each edition of the reference. What was parsed and
//! is written again parses to the same; the order and the part in which parameters are sent say
//! nothing, nor does an empty one; what is documented is taken, what is not is left, and none is
//! made up; what one edition allows, the reading that goes without saying allows.
#![no_main]

use fleet::{AccountId, Edition, Fingerprint, Time};
use hatchery_fuzz::{Draw, documented, query};
use libfuzzer_sys::fuzz_target;
use wire::Params;
use wire::ecs::request::{Action, LaunchAction, LaunchHead, Origin, Request, parse};
use wire::ecs::{self, Code, Envelope, Fault};

const NOW: Time = Time::from_secs(1_767_323_045);

fuzz_target!(|data: &[u8]| {
    // A zero byte is in no text that parses, so it tells the two ways apart.
    match data.split_first() {
        Some((0, rest)) => drop(drawn(&mut Draw::new(rest))),
        Some(_) | None => sent(data),
    }
});

/// A query and a form, parted by the first line break.
fn sent(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (query, form) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let Ok(params) = Params::parse(query, form) else { return };
    written_again(&params);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-acs-version", "2014-05-26")];
    let request = ecs::Request { method: "POST", query, headers: &headers, body: form };
    let Ok(envelope) = Envelope::parse(&request) else { return };
    let Ok(action) = Action::parse(&envelope.action, &envelope.version) else { return };
    drop(understood(action, &envelope.params));
}

/// Parameters of one action.
fn drawn(draw: &mut Draw<'_>) -> arbitrary::Result<()> {
    let action = draw.one(&Action::ALL)?;
    let pairs = draw.pairs(action)?;
    let params = Params::parse(query(&pairs).as_bytes(), b"").expect("it is within all limits");
    written_again(&params);
    // Backwards, the first half in the form.
    let (form, rest) = pairs.split_at(pairs.len() / 2);
    let (form, rest) = (query(form.iter().rev()), query(rest.iter().rev()));
    assert_eq!(Params::parse(rest.as_bytes(), form.as_bytes()).as_ref(), Ok(&params));
    let mut set = Params::new();
    pairs.iter().rev().for_each(|(name, value)| set.set(name, value));
    assert_eq!(set, params);
    let either = understood(action, &params);
    assert_eq!(read(action, &set, Edition::Either), either, "the order says nothing");
    Ok(())
}

fn written_again(params: &Params) {
    let rendered = params.render();
    let again = Params::parse(rendered.as_bytes(), b"").expect("what was rendered can be parsed");
    assert_eq!(again, *params, "parsing what was rendered gives the same");
    assert_eq!(again.render(), rendered);
}

/// What a request means and what is left of it, or why nothing.
type Outcome = Result<(Request, Params), Fault>;

fn read(action: Action, params: &Params, edition: Edition) -> Outcome {
    let origin = Origin { account: AccountId(1), fingerprint: Fingerprint([7; 32]), now: NOW, edition };
    let mut left = params.clone();
    let request = parse(action, &mut left, &origin)?;
    Ok((request, left))
}

fn understood(action: Action, params: &Params) -> Outcome {
    let either = read(action, params, Edition::Either);
    match &either {
        Ok((_, left)) => nothing_is_lost(action, params, left),
        Err(fault) => assert!((400..600).contains(&fault.code.status)),
    }
    empty_is_absent(action, params, &either);
    let launch = match action {
        Action::RunInstances => LaunchAction::Run,
        Action::CreateInstance => LaunchAction::Create,
        _ => return either,
    };
    in_two_steps(launch, params, &either);
    for (edition, is_narrower) in [
        (Edition::Seeds, is_narrower_than_the_seeds as fn(&Fault) -> bool),
        (Edition::Newest, is_narrower_than_today),
    ] {
        match (read(action, params, edition), &either) {
            (Ok((_, left)), Ok(_)) => nothing_is_lost(action, params, &left),
            (Ok(_), Err(fault)) => assert!(is_narrower(fault), "{action:?} {} {fault:?}", params.render()),
            (Err(_), Ok(_) | Err(_)) => {}
        }
    }
    either
}

/// Where either page could be followed and the one of 2019 is not: URLs in the keys of tags.
fn is_narrower_than_the_seeds(fault: &Fault) -> bool {
    fault.code == Code::INVALID_TAG_KEY_MALFORMED || fault.code == Code::INVALID_TAG_VALUE_MALFORMED
}

/// Where today's is not: one address for many instances.
fn is_narrower_than_today(fault: &Fault) -> bool {
    fault.code == Code::INVALID_PARAM_AMOUNT
}

fn nothing_is_lost(action: Action, params: &Params, left: &Params) {
    for (name, value) in left.iter() {
        assert_eq!(params.find(name), Some(value), "{action:?} makes {name} up");
    }
    for (name, value) in params.iter().filter(|(_, value)| !value.is_empty()) {
        let documented = documented(action);
        if documented.knows(name) {
            assert_eq!(left.find(name), None, "{action:?} does not take {name}: {}", params.render());
        } else if name != "RegionId" && !documented.knows_undotted(name) {
            assert_eq!(left.find(name), Some(value), "{action:?} takes {name}: {}", params.render());
        }
    }
}

/// But for tags, of which an empty value is a value and an empty key is a mistake.
fn empty_is_absent(action: Action, params: &Params, outcome: &Outcome) {
    if params.iter().all(|(_, value)| !value.is_empty()) {
        return;
    }
    let counts = |name: &str| ["Tag.", "TemplateTag.", "Filter."].iter().any(|list| name.starts_with(list));
    let mut said = Params::new();
    for (name, value) in params.iter().filter(|(name, value)| !value.is_empty() || counts(name)) {
        said.set(name, value);
    }
    match (outcome, read(action, &said, Edition::Either)) {
        (Ok((one, _)), Ok((other, _))) => assert_eq!(*one, other, "empty is absent"),
        (Err(one), Err(other)) => assert_eq!(*one, other, "empty is absent"),
        (one, other) => panic!("empty is absent: {one:?} and {other:?} of {}", params.render()),
    }
}

/// A launch whose token is looked up in between is the same launch.
fn in_two_steps(launch: LaunchAction, params: &Params, outcome: &Outcome) {
    let edition = Edition::Either;
    let origin = Origin { account: AccountId(1), fingerprint: Fingerprint([7; 32]), now: NOW, edition };
    let stepped = LaunchHead::parse(launch, params.clone(), &origin).and_then(LaunchHead::launch);
    match (outcome, stepped) {
        (Ok((Request::RunInstances(one) | Request::CreateInstance(one), _)), Ok(other)) => {
            assert_eq!(**one, other);
        }
        (Err(one), Err(other)) => assert_eq!(*one, other),
        (one, other) => panic!("two steps differ from one: {one:?} and {other:?}"),
    }
}
