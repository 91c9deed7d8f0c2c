//! What stands around instances: key pairs, rules of groups, tags, tokens of what is not launched,
//! and what may be removed.

use std::sync::Arc;

use fleet::{
    AddKeyPair, AddRules, AssetType, ClientToken, CreateGroup, CreateNetwork, CreateSubnet, Direction,
    Fingerprint, Group, KeyPair, KeyPairRefusal, Label, LabelSource, Marks, NetworkRefusal, Once,
    OnceRefusal, Peer, Ports, Protocol, RemoveGroup, RemoveKeyPairs, RemoveNetwork, RemoveRefusal,
    RemoveRules, RemoveSubnet, RuleRefusal, RuleWish, SubnetBlock, Tag, TagChange, TagRefusal, TagThings,
    Thing, Tick, TokenText, Traffic, Verdict, View as _,
};
use proptest::prelude::*;
use testkit::{OWNER, STRANGER, Scene, SmallWorld, audit, group, label, launch, subnet};

fn scene() -> Scene {
    Scene::new(SmallWorld::new().build())
}

/// Runs a command, and looks at every invariant after it.
fn run<C: fleet::Command>(scene: &mut Scene, command: &C) -> Result<C::Reply, C::Refusal> {
    let before = scene.world.clone();
    let reply = scene.run(command);
    assert_eq!(audit(&scene.world), []);
    if reply.is_err() {
        assert_eq!(scene.world, before, "a refused command changed something");
    }
    reply
}

fn pair(name: &str) -> AddKeyPair {
    AddKeyPair {
        account: OWNER,
        name: Arc::from(name),
        fingerprint: "00:01".into(),
        public_key: "ssh-rsa AAAA".into(),
        resource_group: None,
        tags: Vec::new(),
    }
}

#[test]
fn an_account_has_each_key_pair_once() {
    let mut scene = scene();
    run(&mut scene, &pair("a")).unwrap();
    assert_eq!(run(&mut scene, &pair("a")), Err(KeyPairRefusal::NameTaken("a".into())));
    run(&mut scene, &AddKeyPair { account: STRANGER, ..pair("a") }).unwrap();
    let names = ["a", "b"].map(Arc::from).to_vec();
    let remove = RemoveKeyPairs { account: OWNER, names };
    assert_eq!(run(&mut scene, &remove), Ok(1));
    assert_eq!(run(&mut scene, &remove), Ok(0));
    assert!(scene.world.key_pair((STRANGER, &"a".into())).unwrap().is_some());
}

#[test]
fn an_account_has_500_key_pairs_and_no_more() {
    let mut scene = scene();
    for number in 0..KeyPair::PER_ACCOUNT_MAX {
        scene.run(&pair(&format!("key-{number}"))).unwrap();
    }
    // A name that is taken is told before that there are too many.
    assert_eq!(scene.run(&pair("key-7")), Err(KeyPairRefusal::NameTaken("key-7".into())));
    assert_eq!(scene.run(&pair("one-more")), Err(KeyPairRefusal::TooMany));
    scene.run(&AddKeyPair { account: STRANGER, ..pair("one-more") }).unwrap();
}

fn traffic(port: u16) -> Traffic {
    Traffic {
        direction: Direction::In,
        verdict: Verdict::Accept,
        priority: 1,
        protocol: Protocol::Tcp,
        ports: Ports::Range { first: port, last: port },
        source_ports: None,
        port_list: None,
        far: Peer::Block("0.0.0.0/0".parse().unwrap()),
        near: None,
    }
}

fn from_group(label: Label) -> Traffic {
    Traffic { far: Peer::Group(label), ..traffic(22) }
}

fn add(of: &Label, traffic: impl IntoIterator<Item = Traffic>) -> AddRules {
    let wish = |traffic| RuleWish { traffic, description: String::new() };
    let rules = traffic.into_iter().map(wish).collect();
    AddRules { account: OWNER, region: label("r"), group: of.clone(), rules }
}

fn take(of: &Label, traffic: impl IntoIterator<Item = Traffic>) -> RemoveRules {
    let about = traffic.into_iter().collect();
    RemoveRules { account: OWNER, region: label("r"), group: of.clone(), ids: Vec::new(), about }
}

fn found(scene: &Scene, label: &Label) -> Group {
    scene.world.group(label).unwrap().unwrap()
}

#[test]
fn equal_rules_are_one() {
    let mut scene = scene();
    assert_eq!(run(&mut scene, &add(&group(0), [traffic(22), traffic(22), traffic(80)])).unwrap().len(), 2);
    assert_eq!(run(&mut scene, &add(&group(0), [traffic(80)])), Ok(vec![]));
    let rules = scene.world.rules(&found(&scene, &group(0))).unwrap();
    assert_eq!(rules.iter().map(|rule| rule.traffic.clone()).collect::<Vec<_>>(), [traffic(22), traffic(80)]);

    assert_eq!(run(&mut scene, &take(&group(0), [traffic(22), traffic(443)])), Ok(1));
    let by_id = RemoveRules { ids: vec![rules[1].id], ..take(&group(0), []) };
    assert_eq!(run(&mut scene, &by_id), Ok(1));
    assert_eq!(run(&mut scene, &by_id), Ok(0));
    assert_eq!(found(&scene, &group(0)).rules, 0);
}

#[test]
fn rules_are_refused_for_the_first_fault() {
    let mut scene = scene();
    elsewhere(&mut scene);
    let (own, other) = (group(0), group(1));
    let full: Vec<Traffic> = (1..=200).map(traffic).collect();
    for (command, expected) in [
        (add(&label("none"), [traffic(1)]), RuleRefusal::UnknownGroup(label("none"))),
        (AddRules { account: STRANGER, ..add(&own, [traffic(1)]) }, RuleRefusal::UnknownGroup(own.clone())),
        (AddRules { region: label("x"), ..add(&own, [traffic(1)]) }, RuleRefusal::UnknownGroup(own.clone())),
        (add(&own, [from_group(label("none"))]), RuleRefusal::UnknownPeer(label("none"))),
        (add(&own, [traffic(1), from_group(own.clone())]), RuleRefusal::SamePeer),
        (add(&own, [from_group(label("g-far"))]), RuleRefusal::PeerElsewhere(label("g-far"))),
        (
            add(&own, full.iter().cloned().chain([from_group(label("g-far"))])),
            RuleRefusal::PeerElsewhere(label("g-far")),
        ),
        (add(&own, full.iter().cloned().chain([traffic(201)])), RuleRefusal::TooMany),
    ] {
        assert_eq!(run(&mut scene, &command), Err(expected));
    }
    assert_eq!(run(&mut scene, &add(&own, full.clone())).unwrap().len(), 200);
    assert_eq!(run(&mut scene, &add(&own, [from_group(other)])), Err(RuleRefusal::TooMany));
    assert_eq!(run(&mut scene, &add(&own, full)), Ok(vec![]));
}

/// A group in a network of its own.
fn elsewhere(scene: &mut Scene) {
    run(scene, &network("far")).unwrap();
    run(scene, &CreateGroup { network: label("far"), ..new_group("g-far") }).unwrap();
}

fn network(name: &str) -> CreateNetwork {
    CreateNetwork {
        account: OWNER,
        label: LabelSource::Given(label(name)),
        region: label("r"),
        block: "10.0.0.0/8".parse().unwrap(),
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
        ipv6: None,
        ready: fleet::Ready::AtOnce,
    }
}

fn new_group(name: &str) -> CreateGroup {
    CreateGroup {
        account: OWNER,
        label: LabelSource::Given(label(name)),
        network: label("n"),
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
    }
}

fn new_subnet(name: &str) -> CreateSubnet {
    CreateSubnet {
        account: OWNER,
        label: LabelSource::Given(label(name)),
        network: label("far"),
        zone: testkit::zone(0),
        block: SubnetBlock::new("10.0.0.0/16".parse().unwrap()).unwrap(),
        name: String::new(),
        description: String::new(),
        marks: Marks::default(),
        ipv6: None,
        ready: fleet::Ready::AtOnce,
    }
}

#[test]
fn a_group_goes_when_nothing_depends_on_it() {
    let mut scene = scene();
    let remove = |name: &Label| RemoveGroup { account: OWNER, region: label("r"), label: name.clone() };
    let wish = fleet::Launch { groups: vec![group(0)], ..launch() };
    let id = scene.launch_one(&wish);
    run(&mut scene, &add(&group(1), [from_group(group(0)), traffic(80)])).unwrap();

    let stranger = RemoveGroup { account: STRANGER, ..remove(&group(0)) };
    assert_eq!(run(&mut scene, &stranger), Err(RemoveRefusal::Unknown(group(0))));
    let far = RemoveGroup { region: label("x"), ..remove(&group(0)) };
    assert_eq!(run(&mut scene, &far), Err(RemoveRefusal::Unknown(group(0))));
    // Members are told before rules.
    let refusal = RemoveRefusal::HasMembers { label: group(0), members: 1 };
    assert_eq!(run(&mut scene, &remove(&group(0))), Err(refusal));
    scene.finish(id, fleet::WorkOutcome::Failed(fleet::FailureReason::Machine));
    scene.release(id).unwrap();
    let refusal = RemoveRefusal::Named { label: group(0), rules: 1 };
    assert_eq!(run(&mut scene, &remove(&group(0))), Err(refusal));
    // The group that names it may go, and lets go of it.
    run(&mut scene, &remove(&group(1))).unwrap();
    assert_eq!(found(&scene, &group(0)).named_by, 0);
    run(&mut scene, &remove(&group(0))).unwrap();
    assert_eq!(run(&mut scene, &remove(&group(0))), Err(RemoveRefusal::Unknown(group(0))));
}

#[test]
fn networks_and_subnets_go_when_they_are_empty() {
    let mut scene = scene();
    elsewhere(&mut scene);
    run(&mut scene, &new_subnet("s-far")).unwrap();
    let subnet = |name: &Label| RemoveSubnet { account: OWNER, label: name.clone() };
    let network = |name: &str| RemoveNetwork { account: OWNER, label: label(name) };
    let in_use = |name: &str| Err(RemoveRefusal::InUse(label(name)));

    let id = scene.launch_one(&launch());
    let taken = scene.world.spec(scene.instance(id).unwrap().batch).unwrap().unwrap().subnet.clone();
    assert_eq!(run(&mut scene, &subnet(&taken)), Err(RemoveRefusal::InUse(taken.clone())));
    scene.finish(id, fleet::WorkOutcome::Failed(fleet::FailureReason::Machine));
    scene.release(id).unwrap();
    // The page that the address was on goes too.
    run(&mut scene, &subnet(&taken)).unwrap();
    assert_eq!(run(&mut scene, &subnet(&taken)), Err(RemoveRefusal::Unknown(taken)));

    assert_eq!(run(&mut scene, &network("far")).map(drop), in_use("far"));
    run(&mut scene, &subnet(&label("s-far"))).unwrap();
    assert_eq!(run(&mut scene, &network("far")).map(drop), in_use("far"));
    let group = RemoveGroup { account: OWNER, region: label("r"), label: label("g-far") };
    run(&mut scene, &group).unwrap();
    let stranger = RemoveNetwork { account: STRANGER, label: label("far") };
    assert_eq!(run(&mut scene, &stranger), Err(RemoveRefusal::Unknown(label("far"))));
    run(&mut scene, &network("far")).unwrap();
    assert_eq!(run(&mut scene, &network("far")), Err(RemoveRefusal::Unknown(label("far"))));
}

#[test]
fn an_account_has_so_many_networks_and_groups_in_a_region() {
    let mut scene = scene();
    let made = (0..10).take_while(|number| run(&mut scene, &network(&format!("n-{number}"))).is_ok());
    assert!(made.count() < 5);
    assert_eq!(run(&mut scene, &network("more")), Err(NetworkRefusal::TooManyNetworks));
    run(&mut scene, &CreateNetwork { account: STRANGER, ..network("theirs") }).unwrap();
    run(&mut scene, &RemoveNetwork { account: OWNER, label: label("n-0") }).unwrap();
    run(&mut scene, &network("more")).unwrap();

    let made = (0..10).take_while(|number| run(&mut scene, &new_group(&format!("g-{number}-more"))).is_ok());
    assert!(made.count() < 8);
    assert_eq!(run(&mut scene, &new_group("more")), Err(NetworkRefusal::TooManyGroups));
}

fn once<C>(text: &str, request: u8, command: C) -> Once<C> {
    let token =
        ClientToken { text: TokenText::parse(text).unwrap(), fingerprint: Fingerprint([request; 32]) };
    Once { token: Some(token), region: label("r"), command }
}

#[test]
fn a_token_makes_a_thing_once() {
    let mut scene = scene();
    let drawn = CreateNetwork { label: LabelSource::Drawn("vpc-"), ..network("x") };
    let made = run(&mut scene, &once("t", 1, drawn.clone())).unwrap();
    let world = scene.world.clone();
    assert_eq!(run(&mut scene, &once("t", 1, drawn.clone())), Ok(made.clone()));
    assert_eq!(scene.world, world, "an answer that was given before changes nothing");
    assert_eq!(run(&mut scene, &once("t", 2, drawn.clone())), Err(OnceRefusal::TokenReused));

    // The same text is another token for another action, and in another account.
    let group = CreateGroup { label: LabelSource::Drawn("sg-"), ..new_group("x") };
    run(&mut scene, &once("t", 1, group)).unwrap();
    let theirs = CreateNetwork { account: STRANGER, ..drawn.clone() };
    assert_ne!(run(&mut scene, &once("t", 1, theirs)).unwrap(), made);

    // The answer outlives the thing, until the token runs out.
    run(&mut scene, &RemoveNetwork { account: OWNER, label: made.clone() }).unwrap();
    assert_eq!(run(&mut scene, &once("t", 1, drawn.clone())), Ok(made.clone()));
    scene.now = scene.now.after(scene.policy().token_retention);
    let Ok(_) = run(&mut scene, &Tick { limit: 10 });
    let again = run(&mut scene, &once("t", 1, drawn)).unwrap();
    assert_ne!(again, made);
}

#[test]
fn a_token_that_runs_out_before_its_timer_ran_may_be_used_anew() {
    let mut scene = scene();
    let drawn = CreateNetwork { label: LabelSource::Drawn("vpc-"), ..network("x") };
    let made = run(&mut scene, &once("t", 1, drawn.clone())).unwrap();
    scene.now = scene.now.after(scene.policy().token_retention);
    let again = run(&mut scene, &once("t", 2, drawn.clone())).unwrap();
    assert_ne!(again, made);
    // The timer of the first use leaves the second alone.
    let Ok(_) = run(&mut scene, &Tick { limit: 10 });
    assert_eq!(run(&mut scene, &once("t", 2, drawn)), Ok(again));
}

#[test]
fn a_refusal_leaves_the_token_free() {
    let mut scene = scene();
    let wrong = CreateNetwork { block: "11.0.0.0/8".parse().unwrap(), ..network("x") };
    assert!(matches!(run(&mut scene, &once("t", 1, wrong)), Err(OnceRefusal::Refused(_))));
    run(&mut scene, &once("t", 2, network("x"))).unwrap();
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.into(), value: value.into() }
}

fn tagging(what: &[Thing], change: TagChange) -> TagThings {
    TagThings { account: OWNER, region: label("r"), what: what.to_vec(), change }
}

fn set(what: &[Thing], tags: &[(&str, &str)]) -> TagThings {
    tagging(what, TagChange::Set(tags.iter().map(|(key, value)| tag(key, value)).collect()))
}

#[test]
fn everything_that_has_tags_can_be_tagged() {
    let mut scene = scene();
    run(&mut scene, &pair("a")).unwrap();
    run(&mut scene, &crate::templates::create("a")).unwrap();
    let wish = fleet::Launch { tags: vec![tag("born", "1")], ..launch() };
    let id = scene.launch_one(&wish);
    let things = [
        Thing::Instance(id),
        Thing::Network(label("n")),
        Thing::Subnet(subnet(0)),
        Thing::Group(group(0)),
        Thing::KeyPair("a".into()),
        Thing::Template(label("lt-a")),
    ];
    let tags = |scene: &Scene| {
        let world = &scene.world;
        let profile = world.profile(world.instance(id).unwrap().unwrap()).unwrap().unwrap();
        [
            profile.tags().to_vec(),
            world.network(&label("n")).unwrap().unwrap().marks.tags,
            world.subnet(&subnet(0)).unwrap().unwrap().marks.tags,
            world.group(&group(0)).unwrap().unwrap().marks.tags,
            world.key_pair((OWNER, &"a".into())).unwrap().unwrap().tags,
            world.template(&label("lt-a")).unwrap().unwrap().tags,
        ]
    };
    run(&mut scene, &set(&things, &[("k", "1"), ("l", "")])).unwrap();
    run(&mut scene, &set(&things, &[("k", "2")])).unwrap();
    let [instance, rest @ ..] = tags(&scene);
    assert_eq!(instance, [tag("born", "1"), tag("k", "2"), tag("l", "")]);
    assert!(rest.iter().all(|tags| *tags == [tag("k", "2"), tag("l", "")]), "{rest:?}");

    let keys = ["k", "none"].map(String::from).to_vec();
    run(&mut scene, &tagging(&things, TagChange::Remove(keys))).unwrap();
    assert!(tags(&scene)[1..].iter().all(|tags| *tags == [tag("l", "")]));
    run(&mut scene, &tagging(&things, TagChange::Clear)).unwrap();
    assert!(tags(&scene).iter().all(Vec::is_empty));

    // What was changed of an instance goes with it.
    scene.finish(id, fleet::WorkOutcome::Failed(fleet::FailureReason::Machine));
    scene.release(id).unwrap();
    assert_eq!(audit(&scene.world), []);
    assert_eq!(scene.world.amendment(id), Ok(None));
}

#[test]
fn all_things_are_tagged_or_none() {
    let mut scene = scene();
    let id = scene.launch_one(&launch());
    let image = scene.world.catalogue().images.keys().next().unwrap().clone();
    let good = Thing::Group(group(0));
    let many: Vec<String> = (0..20).map(|number| format!("k{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (&**key, "")).collect();
    run(&mut scene, &set(&[Thing::Group(group(1))], &many)).unwrap();
    for (thing, tags, expected) in [
        (Thing::Nothing, &[("k", "")][..], Some(TagRefusal::Unknown(Thing::Nothing))),
        (Thing::Group(label("x")), &[("k", "")], Some(TagRefusal::Unknown(Thing::Group(label("x"))))),
        (Thing::Image(image.clone()), &[("k", "")], Some(TagRefusal::NotTaggable(Thing::Image(image)))),
        (Thing::PartOf(id), &[("k", "")], Some(TagRefusal::NotTaggable(Thing::PartOf(id)))),
        (
            Thing::Asset(AssetType::Snapshot, label("x")),
            &[("k", "")],
            Some(TagRefusal::Unknown(Thing::Asset(AssetType::Snapshot, label("x")))),
        ),
        (Thing::Host(label("x")), &[("k", "")], Some(TagRefusal::Unknown(Thing::Host(label("x"))))),
        (Thing::Group(group(1)), &[("more", "")], Some(TagRefusal::TooMany)),
        (Thing::Group(group(1)), &[("K7", "")], Some(TagRefusal::DiffersInCase("K7".into()))),
        (Thing::Group(group(1)), &[("k7", "new")], None),
    ] {
        let found = run(&mut scene, &set(&[good.clone(), thing.clone()], tags)).err();
        assert_eq!(found, expected, "{thing:?}");
    }
    let theirs = TagThings { account: STRANGER, ..set(std::slice::from_ref(&good), &[("k", "")]) };
    assert_eq!(run(&mut scene, &theirs), Err(TagRefusal::Unknown(good.clone())));
    let nowhere = TagThings { region: label("x"), ..set(std::slice::from_ref(&good), &[("k", "")]) };
    assert_eq!(run(&mut scene, &nowhere), Err(TagRefusal::Unknown(good)));
}

/// One of a few things to do to a few things, so that they collide.
#[derive(Clone, Debug)]
enum Deed {
    MakeGroup(u8),
    MakeNetwork(u8, u8),
    RemoveGroup(u8),
    RemoveNetwork(u8),
    AddRule(u8, u8, u16),
    TakeRule(u8, u8, u16),
    SetTag(u8, u8),
    Wait,
}

fn deed() -> impl Strategy<Value = Deed> {
    let few = || 0_u8..3;
    prop_oneof![
        few().prop_map(Deed::MakeGroup),
        (few(), few()).prop_map(|(name, token)| Deed::MakeNetwork(name, token)),
        few().prop_map(Deed::RemoveGroup),
        few().prop_map(Deed::RemoveNetwork),
        (few(), few(), 1_u16..3).prop_map(|(of, peer, port)| Deed::AddRule(of, peer, port)),
        (few(), few(), 1_u16..3).prop_map(|(of, peer, port)| Deed::TakeRule(of, peer, port)),
        (few(), few()).prop_map(|(of, key)| Deed::SetTag(of, key)),
        Just(Deed::Wait),
    ]
}

fn name(index: u8) -> Label {
    label(&format!("it-{index}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done in whatever order: every invariant holds after every commit, and a refusal
    /// changes nothing.
    #[test]
    fn no_history_of_resources_breaks_an_invariant(deeds in proptest::collection::vec(deed(), 1..40)) {
        let mut scene = scene();
        let about = |peer, port| {
            let ports = Ports::Range { first: port, last: port };
            Traffic { ports, ..from_group(name(peer)) }
        };
        for deed in deeds {
            match deed {
                Deed::MakeGroup(index) => drop(run(&mut scene, &new_group(name(index).as_str()))),
                Deed::MakeNetwork(index, token) => {
                    let made = once(&token.to_string(), index, network(name(index).as_str()));
                    drop(run(&mut scene, &made));
                }
                Deed::RemoveGroup(index) => {
                    let remove = RemoveGroup { account: OWNER, region: label("r"), label: name(index) };
                    drop(run(&mut scene, &remove));
                }
                Deed::RemoveNetwork(index) => {
                    drop(run(&mut scene, &RemoveNetwork { account: OWNER, label: name(index) }));
                }
                Deed::AddRule(of, peer, port) => {
                    drop(run(&mut scene, &add(&name(of), [about(peer, port), traffic(port)])));
                }
                Deed::TakeRule(of, peer, port) => {
                    drop(run(&mut scene, &take(&name(of), [about(peer, port)])));
                }
                Deed::SetTag(of, key) => {
                    let key = key.to_string();
                    drop(run(&mut scene, &set(&[Thing::Group(name(of))], &[(&key, "")])));
                }
                Deed::Wait => {
                    scene.now = scene.now.after(scene.policy().token_retention);
                    let Ok(_) = run(&mut scene, &Tick { limit: 100 });
                }
            }
        }
    }
}
