//! What can be changed of an instance, when, and what comes of it.

use fleet::{
    Amend, AmendRefusal, Amendment, Attribute, Bar, Changes, Charge, CreateGroup, Credit, Edition, Group,
    Instance, InstanceId, Key, Label, LabelSource, Launch, Lock, LockReason, Password, PeriodUnit,
    Protection, Record, Secret, Serial, Status, View, WorkOutcome, Write,
};
use testkit::{OWNER, STRANGER, Scene, SmallWorld, group, label, launch};

use crate::{rows, stages};

/// `contract/lifecycle.md` section 3; where the editions differ, `+` is legal and `s` not by the rules of 2019.
#[test]
fn every_attribute_in_every_status() {
    let table = "
                     Pending  Starting/Start  Running  Stopping  Stopped  Failed  Releasing/Running
        Name         +        +               +        +         +        +       -
        Description  +        +               +        +         +        +       -
        Protection   +        +               +        +         +        +       -
        Settings     +        +               +        +         +        +       -
        HostName     -        -               +        +         +        -       -
        Password     +        -               +        +         +        -       -
        UserData     -        -               s        -         +        -       -
        Groups       -        -               +        -         +        -       -
        Credit       -        -               +        -         -        -       -";
    let mut rows = rows(table);
    let stages_named = rows.next().unwrap();
    let rows: Vec<_> = rows.collect();
    for (row, attribute) in rows.iter().zip(Attribute::ALL) {
        assert_eq!(row[0], format!("{attribute:?}"));
        for (stage, cell) in stages_named.iter().zip(&row[1..]) {
            for edition in [Edition::Seeds, Edition::Newest, Edition::Either] {
                let (mut scene, id, _) = stages::at(stage);
                make_burstable(&mut scene);
                let outcome = scene.run(&Amend { edition, ..amend(id, only(attribute)) });
                let legal = *cell == "+" || (*cell == "s" && edition != Edition::Seeds);
                assert_eq!(outcome.is_ok(), legal, "{attribute:?} at {stage}, {edition:?}: {outcome:?}");
                if let Err(refusal) = outcome {
                    let status = scene.instance(id).unwrap().state.status();
                    assert_eq!(refusal, AmendRefusal::WrongStatus(attribute, status));
                }
                assert_eq!(scene.audit(), [], "{attribute:?} at {stage}");
            }
        }
    }
    assert_eq!(rows.len(), Attribute::ALL.len(), "the table leaves nothing out");
}

/// Each row breaks one rule fewer than the row above, which pins the order of the checks.
#[test]
fn refusals_come_in_one_order() {
    let elsewhere = Changes { groups: Some(vec![label("elsewhere")]), ..Changes::default() };
    let everything = |groups: &str| Changes {
        protection: Some(Protection::On),
        host_name: Some("host.dotted".into()),
        user_data: Some(Secret::new(b"x")),
        password: Some(Password { secret: Secret::new(b"x"), for_windows: false }),
        credit: Some(Credit::Standard),
        groups: Some(vec![label(groups)]),
        ..Changes::default()
    };
    let (mut scene, id, _) = running(Launch { image: Some(label("windows")), ..paid() });
    scene.run(&Lock { instance: id, reason: Some(LockReason::Security) }).unwrap();
    bar(&mut scene, Bar::UserData);
    let told = |scene: &mut Scene, amend: &Amend| scene.run(amend).unwrap_err();
    let by_stranger = Amend { account: STRANGER, ..amend(id, everything("nowhere")) };
    assert_eq!(told(&mut scene, &by_stranger), AmendRefusal::Unknown(id));
    assert_eq!(told(&mut scene, &amend(id, everything("nowhere"))), AmendRefusal::PaidFor);
    let unprotected = |groups: &str| Changes { protection: None, ..everything(groups) };
    assert_eq!(told(&mut scene, &amend(id, unprotected("nowhere"))), AmendRefusal::Locked);
    scene.run(&Lock { instance: id, reason: None }).unwrap();
    let old = Amend { edition: Edition::Seeds, ..amend(id, unprotected("nowhere")) };
    let wrong = AmendRefusal::WrongStatus(Attribute::UserData, Status::Running);
    assert_eq!(told(&mut scene, &old), wrong);
    assert_eq!(
        told(&mut scene, &amend(id, unprotected("nowhere"))),
        AmendRefusal::UnknownGroup(label("nowhere"))
    );
    add_elsewhere(&mut scene);
    assert_eq!(
        told(&mut scene, &amend(id, elsewhere)),
        AmendRefusal::GroupElsewhere { group: label("elsewhere") }
    );
    fill(&mut scene, 1);
    assert_eq!(told(&mut scene, &amend(id, unprotected("g-1"))), AmendRefusal::GroupFull(group(1)));
    let groups = Some(vec![group(0)]);
    let changes = Changes { groups: groups.clone(), ..unprotected("g-0") };
    assert_eq!(told(&mut scene, &amend(id, changes.clone())), AmendRefusal::NotBurstable);
    let changes = Changes { credit: None, ..changes };
    assert_eq!(told(&mut scene, &amend(id, changes.clone())), AmendRefusal::HostNameForImage);
    let changes = Changes { host_name: Some("host".into()), ..changes };
    assert_eq!(told(&mut scene, &amend(id, changes.clone())), AmendRefusal::PasswordForImage);
    let changes = Changes { password: None, ..changes };
    no_cloud_init(&mut scene);
    assert_eq!(told(&mut scene, &amend(id, changes.clone())), AmendRefusal::UserDataForImage);
    scene.world.apply([Write::Put(Record::Catalogue(item(&scene, |image| image.traits.cloud_init = true)))]);
    assert_eq!(told(&mut scene, &amend(id, changes.clone())), AmendRefusal::UserDataBarred);
    let changes = Changes { user_data: None, ..changes };
    scene.run(&amend(id, changes)).unwrap();
}

#[test]
fn a_change_shows_in_the_profile_and_leaves_the_others_of_the_launch_alone() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let ids = scene.launch(&testkit::many(launch(), 2, 2)).unwrap();
    scene.settle();
    let changes = Changes {
        name: Some("web".into()),
        host_name: Some("host".into()),
        description: Some("what for".into()),
        settings: [("CpuOptions.Core", "2")].into_iter().collect(),
        ..Changes::default()
    };
    scene.run(&amend(ids[0], changes)).unwrap();
    let [changed, other] =
        [0, 1].map(|index: usize| scene.world.profile(scene.instance(ids[index]).unwrap()).unwrap().unwrap());
    assert_eq!((changed.name("i-"), changed.host_name()), ("web".into(), Some("host".into())));
    assert_eq!((changed.description(), changed.setting("CpuOptions.Core")), ("what for", Some("2")));
    assert_eq!((other.name("i-"), other.host_name()), (format!("i-{}", ids[1]), None));
    assert_eq!((other.description(), other.amendment.as_ref()), ("", None));
    scene.run(&amend(ids[0], Changes { name: Some("db".into()), ..Changes::default() })).unwrap();
    let again = scene.world.profile(scene.instance(ids[0]).unwrap()).unwrap().unwrap();
    assert_eq!(
        (again.name("i-"), again.description()),
        ("db".into(), "what for"),
        "one does not undo the other"
    );
}

#[test]
fn the_members_of_groups_move_with_the_instance_and_go_with_it() {
    let (mut scene, id, _) = running(launch());
    let members = |scene: &Scene| [0, 1].map(|index| the_group(scene, index).members);
    assert_eq!(members(&scene), [1, 0]);
    for (groups, expected) in [
        (vec![group(1)], [0, 1]),
        (vec![group(0), group(1)], [1, 1]),
        (vec![group(1), group(0)], [1, 1]),
        (vec![group(0)], [1, 0]),
        (vec![group(1)], [0, 1]),
    ] {
        scene.run(&amend(id, Changes { groups: Some(groups.clone()), ..Changes::default() })).unwrap();
        assert_eq!(members(&scene), expected, "{groups:?}");
        assert_eq!(scene.audit(), []);
    }
    scene.release(id).unwrap();
    scene.settle();
    assert_eq!(members(&scene), [0, 0]);
    assert_eq!(scene.get(&Key::Amendment(id)), None, "the record goes with the instance");
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_password_waits_for_the_next_boot_and_is_gone_after_it() {
    for boot in ["start", "reboot", "create"] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let id = scene.launch_one(&launch());
        if boot != "create" {
            scene.settle();
        }
        if boot == "start" {
            scene.stop(id).unwrap();
            scene.settle();
        }
        scene.run(&amend(id, only(Attribute::Password))).unwrap();
        let kept = |scene: &Scene| the_amendment(scene, id).and_then(|amendment| amendment.password);
        assert_eq!(kept(&scene), Some(Secret::new(b"secret")), "{boot}");
        match boot {
            "start" => drop(scene.start(id).unwrap()),
            "reboot" => drop(scene.reboot(id).unwrap()),
            _ => scene.finish(id, WorkOutcome::Done),
        }
        let item = scene.claim_of(id);
        let handed = item.profile.amendment.clone().and_then(|amendment| amendment.password.clone());
        assert_eq!(handed, Some(Secret::new(b"secret")), "the provisioner sets it: {boot}");
        scene.report(&item, WorkOutcome::Done);
        assert_eq!(the_amendment(&scene, id), None, "{boot}");
        assert_eq!(scene.audit(), [], "{boot}");
    }
}

#[test]
fn nobody_changes_what_is_not_there() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let id = InstanceId(Serial::HIGHEST);
    assert_eq!(scene.run(&amend(id, Changes::default())), Err(AmendRefusal::Unknown(id)));
}

fn amend(instance: InstanceId, changes: Changes) -> Amend {
    Amend { account: OWNER, instance, changes, edition: Edition::Either }
}

/// Changes of one attribute, with nothing else wrong.
fn only(attribute: Attribute) -> Changes {
    let none = Changes::default();
    match attribute {
        Attribute::Name => Changes { name: Some("name".into()), ..none },
        Attribute::Description => Changes { description: Some("text".into()), ..none },
        Attribute::Protection => Changes { protection: Some(Protection::On), ..none },
        Attribute::Settings => Changes { settings: [("Recyclable", "true")].into_iter().collect(), ..none },
        Attribute::HostName => Changes { host_name: Some("host".into()), ..none },
        Attribute::Password => {
            let password = Password { secret: Secret::new(b"secret"), for_windows: true };
            Changes { password: Some(password), ..none }
        }
        Attribute::UserData => Changes { user_data: Some(Secret::new(b"data")), ..none },
        Attribute::Groups => Changes { groups: Some(vec![group(1)]), ..none },
        Attribute::Credit => Changes { credit: Some(Credit::Unlimited), ..none },
    }
}

fn running(launch: Launch) -> (Scene, InstanceId, Instance) {
    let mut scene = Scene::new(SmallWorld::new().limit(20).stock(20).build());
    let id = scene.launch_one(&launch);
    scene.settle();
    let instance = scene.instance(id).unwrap();
    (scene, id, instance)
}

fn paid() -> Launch {
    Launch { charge: Charge::PrePaid { count: 1, unit: PeriodUnit::Month }, ..launch() }
}

fn bar(scene: &mut Scene, bar: Bar) {
    let account = fleet::Account { bars: vec![bar], ..scene.account() };
    scene.world.apply([Write::Put(Record::Account(account))]);
}

fn make_burstable(scene: &mut Scene) {
    let mut found = scene.world.catalogue().instance_types[&testkit::instance_type(0)].clone();
    found.abilities.burstable = true;
    scene.world.apply([Write::Put(Record::Catalogue(fleet::CatalogueItem::InstanceType(found)))]);
}

fn item(scene: &Scene, change: impl Fn(&mut fleet::Image)) -> fleet::CatalogueItem {
    let mut image = scene.world.catalogue().images[&label("windows")].clone();
    change(&mut image);
    fleet::CatalogueItem::Image(image)
}

fn no_cloud_init(scene: &mut Scene) {
    let item = item(scene, |image| image.traits.cloud_init = false);
    scene.world.apply([Write::Put(Record::Catalogue(item))]);
}

fn add_elsewhere(scene: &mut Scene) {
    let network = fleet::CreateNetwork {
        account: OWNER,
        label: LabelSource::Given(label("other")),
        region: label("r"),
        block: "192.168.0.0/16".parse().unwrap(),
        name: String::new(),
        description: String::new(),
        ipv6: None,
        ready: fleet::Ready::AtOnce,
        marks: fleet::Marks::default(),
    };
    scene.run(&network).unwrap();
    let group = CreateGroup {
        account: OWNER,
        label: LabelSource::Given(label("elsewhere")),
        network: label("other"),
        name: String::new(),
        description: String::new(),
        marks: fleet::Marks::default(),
    };
    scene.run(&group).unwrap();
}

/// Fills a group with others.
fn fill(scene: &mut Scene, index: usize) {
    let places = u8::try_from(scene.policy().group_members_max).unwrap();
    let subnet = Some(testkit::subnet(1));
    let others = Launch { groups: vec![group(index)], subnet, ..launch() };
    scene.launch(&testkit::many(others, places, places)).unwrap();
}

fn the_group(scene: &Scene, index: usize) -> Group {
    let label: Label = group(index);
    match scene.get(&Key::Group(label)) {
        Some(Record::Group(group)) => group,
        other => panic!("no group: {other:?}"),
    }
}

fn the_amendment(scene: &Scene, id: InstanceId) -> Option<Amendment> {
    match scene.get(&Key::Amendment(id)) {
        Some(Record::Amendment(_, amendment)) => Some(amendment),
        _ => None,
    }
}
