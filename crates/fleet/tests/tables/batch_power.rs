//! Many instances at once, and places that are given back while an instance is off.

use fleet::{
    Abilities, CatalogueItem, Charge, Confirmation, Force, InstanceId, Launch, LocalDisks, Means, Move,
    MoveAll, MovedOne, PeriodUnit, PowerRefusal, Rate, Record, ReleaseAll, ReleaseAllRefusal, ReleaseRefusal,
    Shown, Shutdown, Spot, Status, Stop, Subscription, Terms, Uneconomical, Unity, View, Write,
};
use fleet::{Capacity, Disk, DiskKind, KeptDisk, Key, OnRelease, State};
use testkit::{OWNER, Scene, SmallWorld, at, label, launch, many, token};

/// Three instances: the first and the last run, the one between is off.
fn three() -> (Scene, Vec<InstanceId>) {
    let mut scene = Scene::new(SmallWorld::new().build());
    let ids = scene.launch(&many(launch(), 3, 3)).unwrap();
    scene.settle();
    scene.stop(ids[1]).unwrap();
    scene.settle();
    (scene, ids)
}

#[test]
fn together_means_all_or_none_and_each_means_each() {
    let stop = Move::Stop(Shutdown::default(), Confirmation::Given);
    for how in [Move::Start, stop, Move::Reboot] {
        let (mut scene, ids) = three();
        let all = |unity| MoveAll { account: OWNER, instances: ids.clone(), how, unity };
        let before = scene.world.clone();
        let refusal = scene.run(&all(Unity::Together)).unwrap_err();
        let first = if how == Move::Start { 0 } else { 1 };
        assert_eq!(refusal.instance, ids[first], "{how:?}");
        assert_eq!(scene.world, before, "{how:?}");
        let moved = scene.run(&all(Unity::Each)).unwrap();
        let told = |one: &MovedOne| (one.before, one.outcome.as_ref().ok().and_then(|one| one.shown()));
        let told: Vec<_> = moved.iter().map(told).collect();
        let (off, on) = (Some(Shown::Stopped), Some(Shown::Running));
        let expected = match how {
            Move::Start => vec![(on, None), (off, Some(Shown::Starting)), (on, None)],
            Move::Stop(..) => vec![(on, Some(Shown::Stopping)), (off, None), (on, Some(Shown::Stopping))],
            Move::Reboot => vec![(on, Some(Shown::Starting)), (off, None), (on, Some(Shown::Starting))],
        };
        assert_eq!(told, expected, "{how:?}");
        assert_eq!(scene.audit(), []);
    }
}

#[test]
fn a_release_of_many_is_all_or_none() {
    let (mut scene, ids) = three();
    let all = |force, instances: &[InstanceId]| ReleaseAll {
        account: OWNER,
        instances: instances.to_vec(),
        force,
        subscription: Subscription::Keep,
        token: None,
    };
    let before = scene.world.clone();
    let running = ReleaseAllRefusal::One(ids[0], ReleaseRefusal::WrongStatus(Status::Running));
    assert_eq!(scene.run(&all(Force::No, &[ids[1], ids[0]])), Err(running));
    assert_eq!(scene.world, before);
    scene.run(&all(Force::Yes, &ids)).unwrap();
    for id in ids {
        scene.settle();
        assert_eq!(scene.instance(id), None);
    }
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_release_under_a_token_is_done_once() {
    let (mut scene, ids) = three();
    let release = |fingerprint| ReleaseAll {
        account: OWNER,
        instances: ids.clone(),
        force: Force::Yes,
        subscription: Subscription::Keep,
        token: Some((label("r"), token("bye", fingerprint))),
    };
    scene.run(&release(1)).unwrap();
    assert_eq!(scene.audit(), []);
    scene.settle();
    let before = scene.world.clone();
    assert_eq!(scene.run(&release(1)), Ok(()), "the same request has the same answer");
    assert_eq!(scene.run(&release(2)), Err(ReleaseAllRefusal::TokenReused));
    assert_eq!(scene.world, before);
    scene.wait(scene.policy().token_retention);
    scene.tick();
    assert_eq!(scene.audit(), []);
    let gone = ReleaseAllRefusal::One(ids[0], ReleaseRefusal::Unknown(ids[0]));
    assert_eq!(scene.run(&release(2)), Err(gone), "the token may be used anew");
    scene.wait(scene.policy().batch_retention);
    scene.tick();
    assert!(!scene.world.records().any(|record| matches!(record, Record::Batch(_))), "nothing is left");
}

#[test]
fn a_place_given_back_is_taken_again_if_there_is_one() {
    let mut scene = Scene::new(SmallWorld::new().stock(1).build());
    let id = scene.launch_one(&launch());
    scene.settle();
    scene.run(&economical(id)).unwrap();
    assert_eq!(scene.stock().free(), 0, "while it shuts down it has its place");
    assert_eq!(scene.audit(), []);
    scene.settle();
    assert_eq!((scene.stock().free(), scene.instance(id).unwrap().holds_unit()), (1, false));
    assert_eq!(scene.audit(), []);
    let other = scene.launch_one(&launch());
    let key = scene.stock().key;
    assert_eq!(scene.start(id), Err(PowerRefusal::NoStock(key)));
    scene.settle();
    scene.release(other).unwrap();
    scene.settle();
    scene.start(id).unwrap();
    assert_eq!(scene.stock().free(), 0);
    scene.settle();
    assert_eq!(scene.instance(id).unwrap().state, State::Running);
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_place_is_given_back_once_when_the_instance_is_released_without_it() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let id = scene.launch_one(&launch());
    scene.settle();
    scene.run(&economical(id)).unwrap();
    scene.settle();
    scene.release(id).unwrap();
    assert_eq!(scene.audit(), []);
    scene.settle();
    assert_eq!(scene.stock().free(), SmallWorld::STOCK);
    assert_eq!(scene.audit(), []);
}

/// Which instances keep their place, and whose stopping has to be confirmed.
#[test]
fn not_every_instance_gives_its_place_back() {
    let paid = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let spot = Terms {
        spot: Some(Spot { at_most: None, protected_hours: 0, interruption: fleet::Interruption::Release }),
        ..Terms::default()
    };
    for (launch, local, expected) in [
        (launch(), false, None),
        (Launch { charge: paid, ..launch() }, false, Some(Uneconomical::PaidFor)),
        (Launch { terms: spot.clone(), ..launch() }, false, Some(Uneconomical::Spot)),
        (launch(), true, Some(Uneconomical::LocalDisks)),
        (Launch { charge: paid, ..launch() }, true, Some(Uneconomical::PaidFor)),
        (Launch { terms: spot, ..launch() }, true, Some(Uneconomical::Spot)),
    ] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let id = scene.launch_one(&launch);
        scene.settle();
        if local {
            let local_disks = LocalDisks { count: 1, size_gib: 100 };
            set_abilities(&mut scene, Abilities { local_disks, ..Abilities::default() });
            let unconfirmed = Stop { confirmation: Confirmation::Missing, ..Stop::new(OWNER, id) };
            assert_eq!(scene.run(&unconfirmed), Err(PowerRefusal::Unconfirmed));
        }
        let refusal = scene.run(&economical(id)).err();
        assert_eq!(refusal, expected.map(PowerRefusal::Uneconomical));
        if expected.is_some() {
            scene.stop(id).unwrap();
        }
    }
}

#[test]
fn a_bid_below_the_price_starts_nothing() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let bid = Spot { at_most: Some(Rate(5)), protected_hours: 0, interruption: fleet::Interruption::Stop };
    let terms = Terms { spot: Some(bid), ..Terms::default() };
    let id = scene.launch_one(&Launch { terms, ..launch() });
    scene.settle();
    scene.stop(id).unwrap();
    scene.settle();
    for (price, outcome) in [(6, Some(PowerRefusal::BidTooLow)), (5, None)] {
        set_abilities(&mut scene, Abilities { spot_price: Some(Rate(price)), ..Abilities::default() });
        assert_eq!(scene.start(id).err(), outcome, "{price}");
    }
}

#[test]
fn disks_that_are_to_stay_outlive_their_instance_and_only_if_it_was_made() {
    for made in [true, false] {
        let mut scene = Scene::new(SmallWorld::new().build());
        let id = scene.launch_one(&launch());
        let kept = Disk { on_release: OnRelease::Keep, ..Disk::new(DiskKind::Ssd, 20) };
        let disks = vec![Disk::new(DiskKind::Ssd, 10), kept.clone()];
        add_disks(&mut scene, id, disks);
        match made {
            true => scene.settle(),
            false => scene.finish(id, fleet::WorkOutcome::Failed(fleet::FailureReason::NoAddress)),
        }
        scene.release(id).unwrap();
        scene.now = at(7);
        scene.settle();
        let expected = KeptDisk {
            instance: id,
            index: 2,
            account: OWNER,
            region: label("r"),
            zone: label("z-0"),
            disk: kept,
            created_at: at(0),
            kept_at: at(7),
        };
        assert_eq!(scene.get(&Key::Disk(id, 1)), None);
        assert_eq!(scene.get(&Key::Disk(id, 2)), made.then_some(Record::Disk(expected)), "made: {made}");
        assert_eq!(scene.audit(), []);
    }
}

fn economical(id: InstanceId) -> Stop {
    let shutdown = Shutdown { means: Means::Cut, capacity: Capacity::GivenBack };
    Stop { shutdown, ..Stop::new(OWNER, id) }
}

fn set_abilities(scene: &mut Scene, abilities: Abilities) {
    let mut found = scene.world.catalogue().instance_types[&testkit::instance_type(0)].clone();
    found.abilities = abilities;
    scene.world.apply([Write::Put(Record::Catalogue(CatalogueItem::InstanceType(found)))]);
}

fn add_disks(scene: &mut Scene, id: InstanceId, data_disks: Vec<Disk>) {
    let batch = scene.instance(id).unwrap().batch;
    let spec = scene.world.spec(batch).unwrap().unwrap();
    let spec = fleet::Spec { data_disks, ..(*spec).clone() };
    scene.world.apply([Write::Put(Record::Spec(batch, std::sync::Arc::new(spec)))]);
}
