//! Idempotency: one outcome for one token, however often the request is sent.

use fleet::{
    AccountId, AfterCreation, Key, Launch, LaunchRefusal, Launched, OpenAccount, Policy, Record, RefusalKind,
    Rehearsal, Span, Time, TokenReading, TokenText, WhichLaunch, WorkOutcome, World,
};
use testkit::{OWNER, Scene, SmallWorld, at, instance_type, launch, many, subnet, token};

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

/// The table of what a refusal does to its token, every cell, and what follows from it: a free token is
/// used by the next launch that can be made, a bound one never is while it counts.
#[test]
fn every_refusal_leaves_its_token_free_or_bound_by_the_table() {
    let table = "
        reading  Request  Account  Capacity
        Lenient  Free     Free     Free
        Strict   Free     Free     Bound";
    for (row, reading) in crate::rows(table).skip(1).zip(TokenReading::ALL) {
        assert_eq!(row[0], format!("{reading:?}"));
        for (cell, kind) in row[1..].iter().zip(RefusalKind::ALL) {
            assert_eq!(*cell, format!("{:?}", reading.fate(kind)), "{reading:?} {kind:?}");
            let policy = Policy { token_reading: reading, ..SmallWorld::policy() };
            let mut scene = Scene::new(SmallWorld::new().stock(1).limit(1).under(policy).build());
            let good = Launch { token: Some(token("t", 1)), ..launch() };
            let bad = match kind {
                RefusalKind::Request => Launch { zone: Some(testkit::label("z-9")), ..good.clone() },
                RefusalKind::Account => many(good.clone(), 2, 2),
                RefusalKind::Capacity => {
                    let open = OpenAccount { id: OWNER, instance_limit: 9, grant: None };
                    scene.run(&open).unwrap();
                    many(good.clone(), 2, 2)
                }
            };
            let refused = scene.launch(&bad).unwrap_err();
            assert_eq!(refused.kind(), kind);
            assert_eq!(scene.audit(), [], "{reading:?} {kind:?}");
            let now = scene.world.clone();
            scene.run(&more_stock()).unwrap();
            let again = scene.launch(&good);
            match *cell {
                "Free" => assert!(again.is_ok(), "{reading:?} {kind:?}: {again:?}"),
                _ => {
                    let again = again.unwrap_err();
                    assert_eq!(again.kind(), kind, "the same refusal, whatever there is by now");
                    let other = Launch { token: Some(token("t", 2)), ..good.clone() };
                    assert_eq!(scene.launch(&other), Err(LaunchRefusal::TokenReused));
                    let dry = Launch { rehearsal: Rehearsal::Yes, ..good.clone() };
                    assert!(scene.launch(&dry).is_ok(), "a dry run minds no token");
                    assert_ne!(scene.world, now);
                    let expired = scene.now.after(scene.policy().token_retention);
                    scene.tick_at(expired);
                    assert!(scene.launch(&good).is_ok(), "a token that ran out is free");
                }
            }
            assert_eq!(scene.audit(), [], "{reading:?} {kind:?}");
        }
    }
}

/// What a token comes to in every state it can be in, by how the dialect of the request reads the contract; what the
/// request does not say, the policy does. `told` is of the same instances, `again` the same refusal.
#[test]
fn every_state_of_a_token_has_its_answer_in_every_dialect() {
    let table = "
        state       Lenient:same  Lenient:other  Strict:same  Strict:other
        in-flight   told          reused         told         reused
        succeeded   told          reused         told         reused
        released    told          reused         told         reused
        Request     decided       decided        decided      decided
        Account     decided       decided        decided      decided
        Capacity    decided       decided        again        reused
        expired     decided       decided        decided      decided
        ran-out     decided       decided        decided      decided";
    let readings = TokenReading::ALL;
    for row in crate::rows(table).skip(1) {
        for (policy, said) in readings.into_iter().flat_map(|policy| {
            let of_launch = [None, Some(TokenReading::Lenient), Some(TokenReading::Strict)];
            of_launch.map(|said| (policy, said))
        }) {
            let column = readings.iter().position(|reading| *reading == said.unwrap_or(policy)).unwrap();
            for (other, cell) in [false, true].into_iter().zip(&row[1 + 2 * column..]) {
                let found = answer(row[0], other, policy, said);
                assert_eq!(
                    found, *cell,
                    "{} under {policy:?} and {said:?}, another request: {other}",
                    row[0]
                );
            }
        }
    }
}

/// Brings a token into `state`, and asks under it again.
fn answer(state: &str, other: bool, policy: TokenReading, said: Option<TokenReading>) -> &'static str {
    let policy = Policy { token_reading: policy, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().stock(1).limit(1).under(policy).build());
    let good = Launch { token_reading: said, ..under("t", 1) };
    let bad = match state {
        "Request" => Some(Launch { zone: Some(testkit::label("z-9")), ..good.clone() }),
        "Account" | "Capacity" | "ran-out" => Some(many(good.clone(), 2, 2)),
        _ => None,
    };
    if state != "Account" {
        scene.run(&OpenAccount { id: OWNER, instance_limit: 9, grant: None }).unwrap();
    }
    let (first, kind) = match bad {
        None => (scene.launch(&good).unwrap(), None),
        Some(bad) => (Vec::new(), Some(scene.launch(&bad).unwrap_err().kind())),
    };
    match state {
        "succeeded" => scene.settle(),
        "released" => {
            scene.settle();
            scene.release(first[0]).unwrap();
            scene.settle();
        }
        // No tick: it runs out by itself.
        "expired" | "ran-out" => scene.now = scene.now.after(scene.policy().token_retention),
        _ => {}
    }
    scene.run(&OpenAccount { id: OWNER, instance_limit: 9, grant: None }).unwrap();
    scene.run(&more_stock()).unwrap();
    let again = if other { Launch { token: Some(token("t", 2)), ..good } } else { good };
    let found = match scene.launch(&again) {
        Ok(ids) if ids == first => "told",
        Ok(_) => "decided",
        Err(LaunchRefusal::TokenReused) => "reused",
        Err(refusal) if Some(refusal.kind()) == kind => "again",
        Err(refusal) => panic!("{state}: {refusal:?}"),
    };
    assert_eq!(scene.audit(), [], "{state}");
    found
}

fn more_stock() -> fleet::LoadCatalogue {
    SmallWorld::catalogue(5)
}

/// A launch is named by its token, by the id of its request and by its own, and says what became of
/// each of its instances, also when all of them are gone.
#[test]
fn a_launch_says_what_became_of_each_instance_under_each_of_its_names() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let request = TokenText::parse("473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E");
    let launch = Launch { token: Some(token("t", 1)), request: request.clone(), ..launch() };
    let ids = scene.launch(&many(launch.clone(), 3, 3)).unwrap();
    let items = scene.claim();
    scene.report(&items[0], fleet::WorkOutcome::Done);
    scene.report(&items[1], fleet::WorkOutcome::Failed(fleet::FailureReason::NoStock));
    let batch = scene.instance(ids[0]).unwrap().batch;
    let find = |scene: &Scene, account, which: &WhichLaunch| {
        let Ok(found) = fleet::LaunchReport::find(&scene.world, account, None, which);
        found
    };
    let names = [
        WhichLaunch::Id(batch),
        WhichLaunch::Token(TokenText::parse("t").unwrap()),
        WhichLaunch::Request(request.unwrap()),
    ];
    let outcomes = |scene: &Scene, which: &WhichLaunch| {
        let report = find(scene, OWNER, which).unwrap();
        assert_eq!(report.instances.iter().map(|one| one.id).collect::<Vec<_>>(), ids);
        report.instances.iter().map(|one| (one.outcome, one.shown)).collect::<Vec<_>>()
    };
    use fleet::{Outcome, Shown};
    let failed = Outcome::Failed(fleet::FailureReason::NoStock);
    for which in &names {
        assert_eq!(
            outcomes(&scene, which),
            [
                (Outcome::Made, Some(Shown::Starting)),
                (failed, Some(Shown::Stopped)),
                (Outcome::Pending, Some(Shown::Pending)),
            ]
        );
        assert_eq!(find(&scene, testkit::STRANGER, which), None, "it is nobody else's");
    }
    scene.wait(Scene::LEASE);
    scene.settle();
    for id in &ids {
        scene.release(*id).unwrap();
    }
    scene.settle();
    for which in &names {
        let gone = [(Outcome::Released, None), (failed, None), (Outcome::Released, None)];
        assert_eq!(outcomes(&scene, which), gone);
    }
    assert_eq!(scene.audit(), []);
    // Another launch that came with the same request id does not take the name.
    let other = scene.launch(&Launch { token: None, ..launch }).unwrap();
    assert_eq!(outcomes(&scene, &names[2]).len(), 3);
    scene.settle();
    scene.release(other[0]).unwrap();
    scene.settle();
    for _ in 0..3 {
        scene.tick_at(Time::START.after(scene.policy().batch_retention).after(Span::from_secs(9000)));
        assert_eq!(scene.audit(), []);
    }
    assert_eq!(names.map(|which| find(&scene, OWNER, &which)), [None, None, None], "forgotten in the end");
    assert!(!scene.world.records().any(|record| matches!(record, fleet::Record::Token(_))));
}
