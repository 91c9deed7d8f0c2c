//! Where one answer ends and the next begins, and what holds when nothing is said.

use fleet::{
    Amend, AmendRefusal, Announce, Bits, CatalogueItem, Changes, Command, Confirmation, Edition,
    FailureReason, Force, IncidentKind, Key, Launch, LaunchReport, Login, Password, Policy, Pool, Record,
    Relabel, ReleaseAll, ReleaseAllRefusal, Secret, SetRelease, Shutdown, Span, Staging, State, Status, Stop,
    SubnetBlock, Subscription, TagChange, TagRefusal, TagThings, TemplateName, Thing, Tick, Time, TokenText,
    View, WhichLaunch, WorkOutcome, WorkStats,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, group, label, launch, many, token};

fn scene() -> Scene {
    Scene::new(SmallWorld::new().build())
}

#[test]
fn what_holds_when_nothing_is_said() {
    let minutes = |many: u64| Span::from_secs(many * 60);
    let policy = Policy::default();
    assert_eq!(policy.creation_deadline, minutes(30));
    assert_eq!(policy.failure_release, minutes(5));
    assert_eq!(policy.reclaim_notice, minutes(5));
    assert_eq!(policy.retry_pause_max, minutes(10));
    assert_eq!(policy.subscription_retention, Span::from_days(15));
    assert_eq!(policy.bin_retention, Span::from_hours(24));
}

#[test]
fn a_bit_that_is_set_stays_set() {
    let bits = [0, 63, 64, 255].into_iter().fold(Bits::default(), Bits::with);
    assert_eq!(bits.with(64), bits);
    assert_eq!(bits.with_all(bits), bits);
    assert_eq!(bits.with_all(Bits::default().with(7)), bits.with(7));
    assert_eq!(bits.without(64).with(64), bits);
}

#[test]
fn a_block_grows_into_one_that_begins_where_it_does_and_is_larger() {
    let block = |text: &str| SubnetBlock::new(text.parse().unwrap()).unwrap();
    for (wanted, before, grows) in [
        ("10.0.0.0/24", "10.0.0.0/25", true),
        ("10.0.0.0/24", "10.0.0.0/24", false),
        ("10.0.0.0/25", "10.0.0.0/24", false),
        ("10.0.0.0/24", "10.0.0.128/25", false),
    ] {
        assert_eq!(block(wanted).grows(block(before)), grows, "{wanted} {before}");
    }
}

#[test]
fn what_is_in_the_catalogue_is_held_by_its_kind_and_label() {
    let load = testkit::catalogue(1).catalogue;
    let asset = load.assets.values().next().unwrap().clone();
    let items = [
        CatalogueItem::Region(load.regions.values().next().unwrap().clone()),
        CatalogueItem::Zone(load.zones.values().next().unwrap().clone()),
        CatalogueItem::InstanceType(load.instance_types.values().next().unwrap().clone()),
        CatalogueItem::Image(load.images.values().next().unwrap().clone()),
        CatalogueItem::Asset(asset),
    ];
    for item in items {
        assert!(load.holds(&item), "{item:?}");
        assert!(!fleet::Catalogue::default().holds(&item), "{item:?}");
    }
}

#[test]
fn names_say_what_they_were_made_of() {
    assert_eq!(label("web-1").as_str(), "web-1");
    assert_eq!(TemplateName::parse("web one").unwrap().as_str(), "web one");
}

#[test]
fn only_what_makes_something_that_stays_grows_a_store() {
    assert!(launch().grows());
    assert!(!Tick { limit: 1 }.grows());
}

#[test]
fn claims_have_ended_in_one_of_five_ways() {
    let stats = WorkStats {
        done: 1,
        failed: 10,
        given_back: 100,
        unclear: 1000,
        lapsed: 10_000,
        extended: 100_000,
        ..WorkStats::default()
    };
    assert_eq!(stats.ended(), 11_111);
}

#[test]
fn a_range_of_one_key_has_that_key() {
    let scene = scene();
    let key = Key::Subnet(label("s-0"));
    let Ok(keys) = scene.world.keys(&key, &key, 9);
    assert_eq!(keys, [key]);
}

#[test]
fn a_password_suits_the_system_it_is_for() {
    for (image, for_windows, suits) in
        [("linux", false, true), ("linux", true, true), ("windows", false, false), ("windows", true, true)]
    {
        let mut scene = scene();
        let id = scene.launch_one(&Launch { image: Some(label(image)), ..launch() });
        scene.settle();
        let password = Some(Password { secret: Secret::new(b"secret"), for_windows });
        let changes = Changes { password, ..Changes::default() };
        let amend = Amend { account: OWNER, instance: id, edition: Edition::Newest, changes };
        let expected = if suits { Ok(()) } else { Err(AmendRefusal::PasswordForImage) };
        assert_eq!(scene.run(&amend).map(drop), expected, "{image} {for_windows}");
    }
}

#[test]
fn a_token_of_a_release_counts_until_it_expires_and_not_then() {
    let mut scene = scene();
    let ids = scene.launch(&many(launch(), 2, 2)).unwrap();
    scene.settle();
    let release = |fingerprint, id| ReleaseAll {
        account: OWNER,
        instances: vec![id],
        force: Force::Yes,
        subscription: Subscription::Keep,
        token: Some((label("r"), token("bye", fingerprint))),
    };
    scene.run(&release(1, ids[0])).unwrap();
    let expiry = Time::START.after(scene.policy().token_retention);
    scene.now = Time::from_millis(expiry.millis() - 1);
    assert_eq!(scene.run(&release(2, ids[1])), Err(ReleaseAllRefusal::TokenReused));
    scene.now = expiry;
    assert_eq!(scene.run(&release(2, ids[1])), Ok(()));
}

#[test]
fn a_pool_of_ipv6_addresses_keeps_its_subnet_in_use() {
    let mut subnet = scene().subnet();
    assert!(!subnet.is_in_use());
    let block = "fd00::/64".parse().unwrap();
    let mut ipv6 = fleet::SubnetIpv6::new(block).unwrap();
    subnet.ipv6 = Some(ipv6);
    assert!(!subnet.is_in_use());
    ipv6.pool = Pool { free: ipv6.pool.free - 1, ..ipv6.pool };
    subnet.ipv6 = Some(ipv6);
    assert!(subnet.is_in_use());
}

#[test]
fn what_is_not_the_accounts_or_not_in_the_region_is_not_tagged() {
    let mut scene = scene();
    scene.run(&crate::templates::create("a")).unwrap();
    let id = scene.launch_one(&launch());
    let mut load = SmallWorld::catalogue(4);
    let far = fleet::Region { label: label("far"), local_name: String::new(), public_block: None };
    load.catalogue.add(CatalogueItem::Region(far));
    scene.run(&load).unwrap();
    let tag = |account, region, thing: &Thing| TagThings {
        account,
        region: label(region),
        what: vec![thing.clone()],
        change: TagChange::Clear,
    };
    let things = [
        Thing::Network(label("n")),
        Thing::Subnet(label("s-0")),
        Thing::Group(group(0)),
        Thing::Template(label("lt-a")),
        Thing::Instance(id),
    ];
    for thing in things {
        let unknown = Err(TagRefusal::Unknown(thing.clone()));
        assert_eq!(scene.run(&tag(STRANGER, "r", &thing)).map(drop), unknown);
        assert_eq!(scene.run(&tag(OWNER, "far", &thing)).map(drop), unknown);
        assert_eq!(scene.run(&tag(OWNER, "r", &thing)).map(drop), Ok(()));
    }
    scene.settle();
    scene.failed(&launch(), FailureReason::Machine);
    let gone = scene.release(id).map(|released| Thing::Instance(released.id)).unwrap();
    assert_eq!(scene.run(&tag(OWNER, "r", &gone)).map(drop), Ok(()), "it is shown until it is gone");
}

#[test]
fn instances_are_named_anew_and_told_as_they_are_then() {
    let mut scene = scene();
    let ids = scene.launch(&many(launch(), 2, 2)).unwrap();
    let named = Relabel {
        account: OWNER,
        instances: ids.clone(),
        name: Some("new".into()),
        settings: vec![("colour".into(), "red".into())],
    };
    let told: Vec<_> = scene.run(&named).unwrap();
    assert_eq!(told.iter().map(|instance| instance.id).collect::<Vec<_>>(), ids);
    for instance in told {
        let Ok(profile) = scene.world.profile(instance);
        let profile = profile.unwrap();
        assert_eq!((profile.name("i-"), profile.setting("colour")), ("new".to_owned(), Some("red")));
    }
}

fn first_timer(scene: &Scene) -> Option<Time> {
    let timers = scene.world.records().filter_map(|record| match record {
        Record::Timer(at, _) => Some(*at),
        _ => None,
    });
    timers.min()
}

/// The end of an instance takes the timers of what was announced for it away, before they have run.
#[test]
fn a_tick_comes_back_for_the_first_timer_that_is_left() {
    for incidents in 0..4 {
        let mut scene = scene();
        let id = scene.launch_one(&launch());
        scene.settle();
        let end = scene.now.after(Span::from_secs(40));
        scene.run(&SetRelease { account: OWNER, instance: id, at: Some(end) }).unwrap();
        for _ in 0..incidents {
            let announce = Announce {
                account: OWNER,
                instances: vec![id],
                kind: IncidentKind::MaintenanceReboot,
                not_before: end.after(Span::from_secs(1)),
                staging: Staging::Real,
            };
            scene.run(&announce).unwrap();
        }
        scene.now = end;
        let Ok(ticked) = scene.run(&Tick { limit: 1 });
        assert_eq!((ticked.ran, ticked.next), (1, first_timer(&scene)), "{incidents}");
        assert!(ticked.next.is_some());
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn a_creation_that_was_not_paid_in_advance_leaves_the_account_alone() {
    let mut scene = scene();
    let id = scene.launch_one(&launch());
    let item = scene.claim_of(id);
    let done = fleet::Report { id: item.id, attempt: item.attempt, outcome: WorkOutcome::Done };
    let Ok(decision) = fleet::decide(&scene.world, &done, scene.now);
    let touches = decision.writes.iter().any(|(key, _)| matches!(key, Key::Account(_)));
    assert!(!touches, "{:?}", decision.writes);
}

#[test]
fn a_removal_of_no_rule_writes_nothing() {
    let scene = scene();
    let none = fleet::RemoveRules {
        account: OWNER,
        region: label("r"),
        group: group(0),
        ids: Vec::new(),
        about: Vec::new(),
    };
    assert_eq!(fleet::decide(&scene.world, &none, scene.now).unwrap().writes, []);
}

#[test]
fn the_password_of_a_launch_stays_while_there_is_an_instance_to_be_made() {
    let mut scene = scene();
    let password = Some(Password { secret: Secret::new(b"secret"), for_windows: true });
    let wish = Launch { login: Login { password, ..Login::default() }, ..launch() };
    let ids = scene.launch(&many(wish, 2, 2)).unwrap();
    let batch = scene.instance(ids[0]).unwrap().batch;
    let kept = |scene: &Scene| scene.get(&Key::Password(batch)).is_some();
    let items = scene.claim();
    scene.report(&items[0], WorkOutcome::Done);
    scene.finish(ids[0], WorkOutcome::Done);
    scene.release(ids[0]).unwrap();
    scene.finish(ids[0], WorkOutcome::Done);
    assert_eq!(scene.instance(ids[0]), None);
    assert!(kept(&scene), "the other one is still being made");
    scene.report(&items[1], WorkOutcome::Done);
    assert!(!kept(&scene));
}

#[test]
fn a_stop_that_an_owner_asked_for_and_that_fails_leaves_the_instance_running() {
    let mut scene = scene();
    let id = scene.launch_one(&launch());
    scene.settle();
    let shutdown = Shutdown { capacity: fleet::Capacity::GivenBack, ..Shutdown::default() };
    let stop = Stop { shutdown, confirmation: Confirmation::Given, ..Stop::new(OWNER, id) };
    scene.run(&stop).unwrap();
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(scene.instance(id).unwrap().state, State::Running);
}

#[test]
fn an_incident_that_is_only_simulated_is_no_end_of_a_subscription() {
    let mut scene = scene();
    let id = scene.launch_one(&launch());
    scene.settle();
    let announce = Announce {
        account: OWNER,
        instances: vec![id],
        kind: IncidentKind::ExpiryRelease,
        not_before: Time::from_secs(9000),
        staging: Staging::Simulated,
    };
    scene.run(&announce).unwrap();
    scene.reboot(id).unwrap();
    scene.settle();
    assert_eq!(scene.instance(id).unwrap().state.status(), Status::Running);
}

#[test]
fn groups_of_one_account_in_a_region_have_a_limit() {
    let mut scene = scene();
    let most = scene.policy().groups_max;
    let made = |number: u32| fleet::CreateGroup {
        account: OWNER,
        label: fleet::LabelSource::Given(label(&format!("more-{number}"))),
        network: label("n"),
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    };
    for number in 2..most {
        scene.run(&made(number)).unwrap();
    }
    assert_eq!(scene.run(&made(most)), Err(fleet::NetworkRefusal::TooManyGroups));
}

#[test]
fn a_launch_is_found_by_its_token_in_the_region_that_is_asked_about() {
    let mut scene = scene();
    scene.launch_one(&Launch { token: Some(token("t", 1)), ..launch() });
    let by_token = WhichLaunch::Token(TokenText::parse("t").unwrap());
    for (region, there) in [(None, true), (Some("r"), true), (Some("far"), false)] {
        let region = region.map(label);
        let Ok(found) = LaunchReport::find(&scene.world, OWNER, region.as_ref(), &by_token);
        assert_eq!(found.is_some(), there, "{region:?}");
    }
}
