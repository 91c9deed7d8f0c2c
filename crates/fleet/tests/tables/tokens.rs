//! Idempotency: one outcome for one token, however often the request is sent.

use fleet::{
    AccountId, AfterCreation, Key, Launch, LaunchRefusal, Launched, Policy, Record, Rehearsal, Span, Time,
    WorkOutcome, World,
};
use testkit::{Scene, SmallWorld, at, instance_type, launch, many, subnet, token};

fn under(text: &str, fingerprint: u8) -> Launch {
    Launch { token: Some(token(text, fingerprint)), ..launch() }
}

#[test]
fn the_same_request_gives_the_earlier_reply_whatever_has_happened_since() {
    let mut scene = Scene::new(SmallWorld::new().stock(2).build());
    let request = many(under("a", 1), 2, 1);
    let first = scene.run(&request).unwrap();
    let Launched::Batch { instances, .. } = first.clone() else { panic!("{first:?}") };

    let check = |scene: &mut Scene, since: &str| {
        let before = scene.world.clone();
        assert_eq!(scene.run(&request), Ok(first.clone()), "{since}");
        assert_eq!(scene.world, before, "{since}");
    };
    check(&mut scene, "nothing, and the stock is used up");
    instances.iter().for_each(|id| {
        scene.wait(Scene::LEASE);
        scene.finish(*id, WorkOutcome::Failed(fleet::FailureReason::NoStock));
    });
    check(&mut scene, "its instances failed");
    instances.iter().for_each(|id| drop(scene.release(*id).unwrap()));
    check(&mut scene, "its instances are gone, and their stock does not exist");
    scene.tick_at(at(599));
    scene.tick();
    check(&mut scene, "its deadline passed");
    let mut catalogue = SmallWorld::catalogue(2);
    catalogue.catalogue.instance_types.remove(&instance_type(0));
    catalogue.offers.clear();
    scene.run(&catalogue).unwrap();
    check(&mut scene, "its type was closed");
}

#[test]
fn another_request_under_the_same_token_is_refused_before_anything_else_that_is_wrong_with_it() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.run(&under("a", 1)).unwrap();
    assert_eq!(scene.run(&under("a", 2)), Err(LaunchRefusal::TokenReused));
    let nonsense = Launch { image: None, subnet: None, ..under("a", 2) };
    assert_eq!(scene.run(&nonsense), Err(LaunchRefusal::TokenReused));
}

#[test]
fn a_token_counts_in_its_account_its_region_and_its_action() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.run(&under("a", 1)).unwrap();
    let other_action = Launch { after_creation: AfterCreation::Stay, ..under("a", 2) };
    assert!(matches!(scene.run(&other_action), Ok(Launched::Batch { .. })));
    let other_account = Launch { account: AccountId(9), ..under("a", 2) };
    assert!(matches!(scene.run(&other_account), Err(LaunchRefusal::UnknownGroup(_))), "and not TokenReused");
    assert!(matches!(scene.run(&under("A", 2)), Ok(Launched::Batch { .. })), "case counts");
}

#[test]
fn a_refused_launch_leaves_its_token_free() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let wrong = Launch { subnet: Some(subnet(9)), ..under("a", 1) };
    assert_eq!(scene.run(&wrong), Err(LaunchRefusal::UnknownSubnet(subnet(9))));
    assert!(matches!(scene.run(&under("a", 2)), Ok(Launched::Batch { .. })), "the mended request");
}

#[test]
fn a_dry_run_neither_uses_a_token_nor_minds_one() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let dry = |fingerprint| Launch { rehearsal: Rehearsal::Yes, ..under("a", fingerprint) };
    assert_eq!(scene.run(&dry(1)), Ok(Launched::Would(1)));
    assert!(matches!(scene.run(&under("a", 2)), Ok(Launched::Batch { .. })));
    assert_eq!(scene.run(&dry(3)), Ok(Launched::Would(1)));
}

#[test]
fn a_token_may_be_used_anew_from_its_expiry_on() {
    for (past, refused) in [(-1, true), (0, false), (1, false)] {
        let mut scene = Scene::new(SmallWorld::new().build());
        scene.run(&under("a", 1)).unwrap();
        // No tick: the token runs out by itself.
        scene.now = Time::from_millis(600_000_u64.checked_add_signed(past).unwrap());
        assert_eq!(scene.run(&under("a", 2)) == Err(LaunchRefusal::TokenReused), refused, "{past} ms past");
    }
}

#[test]
fn the_timer_of_an_old_launch_leaves_the_token_of_the_new_one() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let old = scene.run(&under("a", 1)).unwrap();
    scene.now = at(600);
    let new = scene.run(&under("a", 2)).unwrap();
    assert_ne!(old, new);
    // The deadline of the old launch, then the timer of its token.
    scene.tick();
    scene.tick();
    assert_eq!(scene.run(&under("a", 2)), Ok(new));
    assert_eq!(scene.run(&under("a", 1)), Err(LaunchRefusal::TokenReused));
    assert_eq!(scene.audit(), []);
}

#[test]
fn an_expired_token_is_removed_by_its_timer() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.run(&under("a", 1)).unwrap();
    let tokens =
        |scene: &Scene| scene.world.records().filter(|record| matches!(record, Record::Token(_))).count();
    scene.tick_at(at(60));
    scene.tick_at(Time::from_millis(599_999));
    assert_eq!(tokens(&scene), 1);
    scene.tick_at(at(600));
    assert_eq!(tokens(&scene), 0);
    assert_eq!(scene.audit(), []);
}

/// What was promised under one policy is kept under the next: a store may be opened with another.
#[test]
fn a_token_is_kept_as_long_as_was_said_when_it_was_used() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let first = scene.run(&under("a", 1)).unwrap();
    let shorter = Policy { token_retention: Span::from_secs(10), ..SmallWorld::policy() };
    scene.world = reopened(&scene.world, shorter);
    scene.tick_at(at(60));
    scene.tick_at(at(599));
    assert_eq!(scene.run(&under("a", 1)), Ok(first));
    scene.tick_at(at(600));
    assert!(!scene.world.records().any(|record| matches!(record.key(), Key::Token(_))));
    assert_eq!(scene.audit(), []);
}

/// The same records under another policy.
fn reopened(world: &World, policy: Policy) -> World {
    let mut reopened = World::new(policy);
    reopened.apply(world.records().cloned().map(fleet::Write::Put));
    reopened
}
