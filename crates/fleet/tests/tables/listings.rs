//! Which instances and events a listing shows: every condition by itself, at its bounds, and what an instance is as it
//! is now.

use std::collections::BTreeSet;
use std::sync::Arc;

use fleet::{
    Amendment, Charge, Credit, Cycle, Event, EventFilter, EventId, EventKind, FailedShown, FailureReason,
    Incident, IncidentKind, InstanceFilter, InstanceId, InternetCharge, Io, LockReason, NamePattern,
    PeriodUnit, Profile, Renewal, Serial, SettingFilter, Shown, Span, Spec, Staging, State, Tag, Time, View,
    WorkOutcome, has_tags,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, label, launch};

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.into(), value: value.into() }
}

const fn serial(number: u64) -> Serial {
    Serial { epoch: 0, number }
}

const fn event_id(number: u64) -> EventId {
    EventId(serial(number))
}

fn profile_of(scene: &Scene, id: InstanceId) -> Profile {
    let Ok(profile) = scene.world.profile(scene.instance(id).unwrap());
    profile.unwrap()
}

/// An instance that has something of everything that is asked for, and the filter that asks for all of it.
fn everything() -> (Profile, InstanceFilter) {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.now = Time::from_secs(100);
    let id = scene.launch_one(&launch());
    scene.settle();
    let mut profile = profile_of(&scene, id);
    let mut spec = Spec::clone(&profile.spec);
    spec.charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    spec.tags = vec![tag("team", "red"), tag("stage", "test")];
    spec.terms.resource_group = Some(label("ledger"));
    spec.hosting.hpc_cluster = Some(label("cluster"));
    spec.key_pair = Some("pair".into());
    spec.settings.set("colour", "blue");
    profile.spec = Arc::new(spec);
    profile.instance.public = Some("203.0.113.9".parse().unwrap());
    profile.instance.ipv6 = vec!["fd00::1".parse().unwrap(), "fd00::2".parse().unwrap()];
    profile.amendment = Some(Arc::new(Amendment {
        name: Some("web-1".into()),
        lock: Some(LockReason::Money),
        ..Amendment::default()
    }));
    let (at, until) = (profile.instance.created_at, expires_at(&profile));
    let setting = |name, value: &str| SettingFilter { name, value: value.into(), default: "none" };
    let filter = InstanceFilter {
        ids: Some(BTreeSet::from([id])),
        status: Some(Shown::Running),
        name: Some(NamePattern::new("web-*")),
        zone: Some(label("z-0")),
        network: Some(label("n")),
        subnet: Some(label("s-0")),
        group: Some(label("g-0")),
        image: Some(label("linux")),
        instance_type: Some(label("t-0")),
        family: Some(label("t")),
        internet_charge: Some(profile.spec.internet.charge),
        created: (Some(at), Some(at)),
        expires: (Some(until), Some(until)),
        addresses: Some(BTreeSet::from([profile.instance.address])),
        prepaid: Some(true),
        tags: vec![("team".into(), Some("red".into())), ("stage".into(), None)],
        public_addresses: Some(profile.instance.public.into_iter().collect()),
        ipv6_addresses: Some(BTreeSet::from(["fd00::2".parse().unwrap()])),
        key_pair: Some("pair".into()),
        resource_group: Some(label("ledger")),
        hpc_cluster: Some(label("cluster")),
        lock: Some(LockReason::Money),
        io: Some(profile.spec.io),
        settings: vec![setting("colour", "blue"), setting("shape", "none")],
        ..InstanceFilter::all(OWNER, label("r"))
    };
    (profile, filter)
}

fn expires_at(profile: &Profile) -> Time {
    profile.instance.expires_at(profile.spec.charge.paid_span()).unwrap()
}

fn shows(filter: &InstanceFilter, profile: &Profile) -> bool {
    filter.matches(profile, Some(&label("t")))
}

#[test]
fn a_listing_shows_what_meets_all_of_its_conditions() {
    let (profile, filter) = everything();
    assert!(shows(&filter, &profile));
    assert!(filter.may_match(&profile.instance, &profile.spec, Some(&label("t"))));
    assert!(shows(&InstanceFilter::all(OWNER, label("r")), &profile));
}

#[test]
fn a_listing_shows_nothing_that_misses_one_of_its_conditions() {
    let (profile, filter) = everything();
    let soon = Span::from_millis(1);
    let before = |at: Time| Time::from_millis(at.millis() - 1);
    type Change = Box<dyn Fn(&mut InstanceFilter)>;
    let (at, until) = (profile.instance.created_at, expires_at(&profile));
    let table: Vec<(&str, Change)> = vec![
        ("account", Box::new(|it| it.account = STRANGER)),
        ("region", Box::new(|it| it.region = label("r-2"))),
        ("ids", Box::new(|it| it.ids = Some(BTreeSet::new()))),
        ("status", Box::new(|it| it.status = Some(Shown::Stopped))),
        ("zone", Box::new(|it| it.zone = Some(label("z-1")))),
        ("network", Box::new(|it| it.network = Some(label("n-2")))),
        ("subnet", Box::new(|it| it.subnet = Some(label("s-1")))),
        ("image", Box::new(|it| it.image = Some(label("windows")))),
        ("type", Box::new(|it| it.instance_type = Some(label("t-1")))),
        ("family", Box::new(|it| it.family = Some(label("u")))),
        ("line", Box::new(|it| it.internet_charge = Some(InternetCharge::ByBandwidth))),
        ("created later", Box::new(move |it| it.created = (Some(at.after(soon)), None))),
        ("created earlier", Box::new(move |it| it.created = (None, Some(before(at))))),
        ("expires later", Box::new(move |it| it.expires = (Some(until.after(soon)), None))),
        ("expires earlier", Box::new(move |it| it.expires = (None, Some(before(until))))),
        ("address", Box::new(|it| it.addresses = Some(BTreeSet::from(["10.9.9.9".parse().unwrap()])))),
        ("prepaid", Box::new(|it| it.prepaid = Some(false))),
        ("public", Box::new(|it| it.public_addresses = Some(BTreeSet::new()))),
        ("ipv6", Box::new(|it| it.ipv6_addresses = Some(BTreeSet::from(["fd00::3".parse().unwrap()])))),
        ("resources", Box::new(|it| it.resource_group = Some(label("other")))),
        ("cluster", Box::new(|it| it.hpc_cluster = Some(label("other")))),
        ("io", Box::new(|it| it.io = Some(Io::Plain))),
    ];
    let family = label("t");
    for (what, change) in &table {
        let mut asked = filter.clone();
        change(&mut asked);
        assert!(!shows(&asked, &profile), "{what}");
        assert!(!asked.may_match(&profile.instance, &profile.spec, Some(&family)), "{what}");
    }
    let table: Vec<(&str, Change)> = vec![
        ("name", Box::new(|it| it.name = Some(NamePattern::new("db-*")))),
        ("group", Box::new(|it| it.group = Some(label("g-1")))),
        ("tag", Box::new(|it| it.tags = vec![("team".into(), Some("blue".into()))])),
        ("tag of that key", Box::new(|it| it.tags = vec![("none".into(), None)])),
        ("key pair", Box::new(|it| it.key_pair = Some("other".into()))),
        ("lock", Box::new(|it| it.lock = Some(LockReason::Security))),
        ("setting", Box::new(|it| it.settings[0].value = "red".into())),
        ("setting that was never set", Box::new(|it| it.settings[1].value = "round".into())),
    ];
    for (what, change) in &table {
        let mut asked = filter.clone();
        change(&mut asked);
        assert!(!shows(&asked, &profile), "{what}");
        let may = asked.may_match(&profile.instance, &profile.spec, Some(&family));
        assert!(may, "{what}: may have been changed since");
    }
}

#[test]
fn tags_are_asked_for_by_key_or_by_key_and_value() {
    let tags = [tag("a", "1"), tag("b", "2")];
    for (wanted, expected) in [
        (vec![], true),
        (vec![("a", None)], true),
        (vec![("a", Some("1"))], true),
        (vec![("a", Some("1")), ("b", None)], true),
        // A value of another key does not count.
        (vec![("a", Some("2"))], false),
        (vec![("a", None), ("c", None)], false),
    ] {
        let owned = |(key, value): (&str, Option<&str>)| (key.to_owned(), value.map(str::to_owned));
        let wanted: Vec<_> = wanted.into_iter().map(owned).collect();
        assert_eq!(has_tags(&tags, &wanted), expected, "{wanted:?}");
    }
}

#[test]
fn what_could_not_be_made_is_shown_as_the_listing_has_it() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let (id, _) = scene.failed(&launch(), FailureReason::Machine);
    let profile = profile_of(&scene, id);
    for (failed, ids, expected) in [
        (FailedShown::Listed, false, true),
        (FailedShown::Listed, true, true),
        (FailedShown::Hidden, false, false),
        (FailedShown::Hidden, true, false),
        (FailedShown::ById, false, false),
        (FailedShown::ById, true, true),
    ] {
        let ids = ids.then(|| BTreeSet::from([id]));
        let filter = InstanceFilter { failed, ids, ..InstanceFilter::all(OWNER, label("r")) };
        assert_eq!(shows(&filter, &profile), expected, "{filter:?}");
        // What was made is shown whatever is said of what was not.
        let (profile, _) = everything();
        let filter = InstanceFilter { failed, ..InstanceFilter::all(OWNER, label("r")) };
        assert!(shows(&filter, &profile), "{failed:?}");
    }
}

#[test]
fn a_pattern_says_how_all_that_fit_begin() {
    for (pattern, stem, whole) in
        [("web", "web", true), ("web*", "web", false), ("*web", "", false), ("a*b*", "a", false)]
    {
        let pattern = NamePattern::new(pattern);
        assert_eq!((pattern.stem(), pattern.is_whole()), (stem, whole));
    }
}

#[test]
fn a_listing_shows_events_that_meet_all_of_its_conditions() {
    let incident =
        Incident { kind: IncidentKind::Reclaim, staging: Staging::Own, due_at: Time::from_secs(9) };
    let event = Event {
        id: event_id(7),
        account: OWNER,
        instance: InstanceId(serial(3)),
        kind: EventKind::Incident(incident),
        cycle: Cycle::Executing,
        published_at: Time::from_secs(5),
        not_before: Time::from_secs(9),
        finished_at: None,
        region: Some(label("r")),
    };
    let at = |millis| Some(Time::from_millis(millis));
    let filter = EventFilter {
        instances: Some(BTreeSet::from([InstanceId(serial(3))])),
        ids: Some(BTreeSet::from([event_id(7)])),
        cycles: Some(BTreeSet::from([Cycle::Executing])),
        kinds: Some(BTreeSet::from([IncidentKind::Reclaim])),
        published: (at(5000), at(5000)),
        not_before: (at(9000), at(9000)),
        region: Some(label("r")),
        ..EventFilter::finished(OWNER)
    };
    assert!(filter.matches(&event));
    let without = |change: &dyn Fn(&mut EventFilter)| {
        let mut filter = filter.clone();
        change(&mut filter);
        filter.matches(&event)
    };
    assert!(!without(&|it| it.account = STRANGER));
    assert!(!without(&|it| it.instances = Some(BTreeSet::from([InstanceId(serial(4))]))));
    assert!(!without(&|it| it.ids = Some(BTreeSet::new())));
    assert!(!without(&|it| it.cycles = Some(BTreeSet::from([Cycle::Scheduled]))));
    assert!(!without(&|it| it.cycles = None), "it is not finished");
    assert!(!without(&|it| it.kinds = Some(BTreeSet::from([IncidentKind::ExpiryStop]))));
    assert!(!without(&|it| it.published = (at(5001), None)));
    assert!(!without(&|it| it.published = (None, at(4999))));
    assert!(!without(&|it| it.not_before = (at(9001), None)));
    assert!(!without(&|it| it.not_before = (None, at(8999))));
    assert!(!without(&|it| it.region = Some(label("elsewhere"))));
    let unplaced = Event { region: None, ..event.clone() };
    assert!(filter.matches(&unplaced), "nobody knows where it was");
    let over = Event { cycle: Cycle::Executed, ..event.clone() };
    assert!(EventFilter::finished(OWNER).matches(&over));
    assert!(!EventFilter::finished(OWNER).matches(&event));
}

#[test]
fn an_instance_is_as_it_was_launched_until_something_is_changed() {
    let (mut profile, _) = everything();
    let renews = Renewal::On { count: 1, unit: PeriodUnit::Month };
    let mut spec = Spec::clone(&profile.spec);
    spec.terms.credit = Some(Credit::Standard);
    spec.terms.renewal = renews;
    profile.spec = Arc::new(spec);
    profile.amendment = None;
    let settings = |profile: &Profile| {
        let settings = profile.settings();
        settings.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
    };
    assert_eq!(profile.groups(), [label("g-0")]);
    assert_eq!(profile.credit(), Some(Credit::Standard));
    assert_eq!(profile.key_pair(), Some("pair"));
    assert_eq!(settings(&profile), ["colour=blue"]);
    assert_eq!(profile.lock(), None);
    assert_eq!(profile.renewal(), renews);
    assert_eq!(profile.open_events(), []);

    let mut amendment = Amendment {
        groups: Some(vec![label("g-1")]),
        credit: Some(Credit::Unlimited),
        key_pair: Some("other".into()),
        lock: Some(LockReason::Money),
        renewal: Some(Renewal::Off),
        events: vec![event_id(4), event_id(6)],
        ..Amendment::default()
    };
    amendment.settings.set("colour", "red");
    amendment.settings.set("shape", "round");
    profile.amendment = Some(Arc::new(amendment));
    assert_eq!(profile.groups(), [label("g-1")]);
    assert_eq!(profile.credit(), Some(Credit::Unlimited));
    assert_eq!(profile.key_pair(), Some("other"));
    assert_eq!(settings(&profile), ["colour=red", "shape=round"]);
    assert_eq!(profile.lock(), Some(LockReason::Money));
    assert_eq!(profile.renewal(), Renewal::Off);
    assert_eq!(profile.open_events(), [event_id(4), event_id(6)]);
}

#[test]
fn a_creation_that_failed_is_the_first_of_the_open_events() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let id = scene.launch_one(&launch());
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    let mut profile = profile_of(&scene, id);
    let State::Failed(failure) = profile.instance.state.clone() else { panic!("it failed") };
    profile.amendment = Some(Arc::new(Amendment { events: vec![event_id(99)], ..Amendment::default() }));
    assert_eq!(profile.open_events(), [failure.event, event_id(99)]);
}
