//! Spare capacity: when it is taken back, how that is announced, and what becomes of the instance.

use fleet::{
    Capacity, Cycle, FailureReason, IncidentKind, Instance, InstanceId, Interruption, Launch, LockReason,
    PowerRefusal, Rate, Reclaim, ReclaimRefusal, Record, SetSpotPrice, Span, Spot, SpotPriceRefusal, Start,
    State, Status, Terms, Tick, Time, WorkOutcome,
};
use testkit::{OWNER, Scene, SmallWorld, instance_type, label, launch};

use crate::rows;

const BID: u64 = 100;

fn scene() -> Scene {
    let mut scene = Scene::new(SmallWorld::new().build());
    set_price(&mut scene, BID);
    scene.tick();
    scene
}

fn set_price(scene: &mut Scene, price: u64) {
    let price = Some(Rate(price));
    scene.run(&SetSpotPrice { instance_type: instance_type(0), price }).unwrap();
}

fn spare(at_most: Option<u64>, protected_hours: u8, interruption: Interruption) -> Launch {
    let spot = Spot { at_most: at_most.map(Rate), protected_hours, interruption };
    Launch { terms: Terms { spot: Some(spot), ..Terms::default() }, ..launch() }
}

fn running(interruption: Interruption) -> (Scene, InstanceId) {
    let mut scene = scene();
    let id = scene.launch_one(&spare(Some(BID), 0, interruption));
    scene.settle();
    (scene, id)
}

fn outbid(scene: &mut Scene) {
    set_price(scene, BID + 1);
    scene.tick();
    assert_eq!(scene.audit(), []);
}

fn event(scene: &Scene, id: InstanceId) -> Option<(Cycle, Time)> {
    scene.world.records().find_map(|record| match record {
        Record::Event(event) if event.instance == id => {
            assert_eq!(event.kind.what(), IncidentKind::Reclaim);
            Some((event.cycle, event.not_before))
        }
        _ => None,
    })
}

fn lock(scene: &Scene, id: InstanceId) -> Option<LockReason> {
    match scene.get(&fleet::Key::Amendment(id)) {
        Some(Record::Amendment(_, amendment)) => amendment.lock,
        _ => None,
    }
}

fn status(scene: &Scene, id: InstanceId) -> Option<Status> {
    scene.instance(id).map(|instance| instance.state.status())
}

#[test]
fn a_price_above_the_bid_is_announced_before_the_instance_goes() {
    let (mut scene, id) = running(Interruption::Release);
    set_price(&mut scene, BID);
    scene.tick();
    assert_eq!(event(&scene, id), None, "the bid is enough");
    scene.now = Time::from_secs(50);
    outbid(&mut scene);
    let due = scene.now.after(scene.policy().reclaim_notice);
    assert_eq!(event(&scene, id), Some((Cycle::Scheduled, due)));
    assert_eq!((lock(&scene, id), status(&scene, id)), (Some(LockReason::Recycling), Some(Status::Running)));
    outbid(&mut scene);
    scene.tick_at(Time::from_millis(due.millis() - 1));
    assert_eq!(status(&scene, id), Some(Status::Running));
    scene.tick_at(due);
    assert_eq!(status(&scene, id), Some(Status::Releasing));
    assert_eq!(event(&scene, id).unwrap().0, Cycle::Executed);
    scene.settle();
    assert_eq!(scene.instance(id), None);
    assert_eq!(scene.stock().taken(), 0);
    assert_eq!(scene.audit(), []);
}

#[test]
fn what_is_to_be_stopped_gives_its_place_back_and_starts_again_when_it_can() {
    let (mut scene, id) = running(Interruption::Stop);
    outbid(&mut scene);
    scene.wait(scene.policy().reclaim_notice);
    scene.tick();
    assert_eq!(status(&scene, id), Some(Status::Stopping));
    scene.finish(id, WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(status(&scene, id), Some(Status::Stopping), "the system does not take no for an answer");
    scene.wait(scene.policy().retry_pause_max);
    scene.settle();
    assert_eq!(scene.instance(id).unwrap().state, State::Stopped(Capacity::GivenBack));
    assert_eq!((lock(&scene, id), scene.stock().taken()), (None, 0));
    assert_eq!(scene.audit(), []);

    let start = Start { account: OWNER, instance: id };
    assert_eq!(scene.run(&start), Err(PowerRefusal::BidTooLow));
    scene.run(&SmallWorld::catalogue(0)).unwrap();
    scene.tick();
    assert!(matches!(scene.run(&start), Err(PowerRefusal::NoStock(_))));
    assert_eq!(scene.audit(), []);
}

/// Whatever an instance does when the notice is over.
#[test]
fn what_is_taken_back_stands_without_its_place_in_the_end() {
    let table = "
        doing     at-the-end  then
        Running   Stopping    Stopped
        Starting  Starting    Stopped
        Stopping  Stopping    Stopped
        Stopped   Stopped     Stopped";
    for row in rows(table).skip(1) {
        let (mut scene, id) = running(Interruption::Stop);
        match row[0] {
            "Starting" => drop(scene.reboot(id).unwrap()),
            "Stopping" => drop(scene.stop(id).unwrap()),
            "Stopped" => {
                scene.stop(id).unwrap();
                scene.settle();
            }
            _ => {}
        }
        outbid(&mut scene);
        scene.wait(scene.policy().reclaim_notice);
        scene.tick();
        assert_eq!(format!("{:?}", status(&scene, id).unwrap()), row[1], "{}", row[0]);
        assert_eq!(scene.audit(), [], "{}", row[0]);
        scene.settle();
        scene.wait(scene.policy().reclaim_notice);
        scene.tick();
        scene.settle();
        assert_eq!(scene.instance(id).unwrap().state, State::Stopped(Capacity::GivenBack), "{}", row[0]);
        assert_eq!(event(&scene, id).unwrap().0, Cycle::Executed, "{}", row[0]);
        assert_eq!((row[2], scene.stock().taken()), ("Stopped", 0));
        assert_eq!(scene.audit(), [], "{}", row[0]);
    }
}

#[test]
fn the_first_hour_is_safe_where_it_was_asked_for() {
    let mut scene = scene();
    let id = scene.launch_one(&spare(Some(BID), 1, Interruption::Release));
    scene.settle();
    let hour = Time::START.after(Span::from_hours(1));
    outbid(&mut scene);
    assert_eq!(scene.run(&Reclaim { instance: id }), Err(ReclaimRefusal::Protected(hour)));
    scene.tick_at(Time::from_millis(hour.millis() - 1));
    assert_eq!(event(&scene, id), None);
    scene.tick_at(hour);
    assert_eq!(event(&scene, id), Some((Cycle::Scheduled, hour.after(scene.policy().reclaim_notice))));
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_price_that_fell_within_the_first_hour_takes_nothing() {
    let mut scene = scene();
    let id = scene.launch_one(&spare(Some(BID), 1, Interruption::Release));
    scene.settle();
    outbid(&mut scene);
    set_price(&mut scene, BID);
    scene.tick_at(Time::START.after(Span::from_hours(2)));
    assert_eq!((event(&scene, id), status(&scene, id)), (None, Some(Status::Running)));
}

/// Who follows the market is not outbid, but gives capacity back when it is wanted.
#[test]
fn capacity_is_wanted_back_whatever_was_bid() {
    let mut scene = scene();
    let id = scene.launch_one(&spare(None, 0, Interruption::Release));
    let by_use = scene.launch_one(&launch());
    scene.settle();
    set_price(&mut scene, 9 * BID);
    scene.tick();
    assert_eq!(event(&scene, id), None);
    assert_eq!(scene.run(&Reclaim { instance: by_use }), Err(ReclaimRefusal::NotSpare));
    let nobody = InstanceId(fleet::Serial::HIGHEST);
    assert_eq!(scene.run(&Reclaim { instance: nobody }), Err(ReclaimRefusal::Unknown(nobody)));
    scene.run(&Reclaim { instance: id }).unwrap();
    assert_eq!(event(&scene, id).unwrap().0, Cycle::Scheduled);
    scene.wait(scene.policy().reclaim_notice);
    scene.tick();
    assert_eq!(status(&scene, id), Some(Status::Releasing));
    assert_eq!(scene.run(&Reclaim { instance: id }), Err(ReclaimRefusal::Unknown(id)));
    assert_eq!(scene.audit(), []);
}

#[test]
fn an_owner_who_releases_first_avoids_the_event() {
    let (mut scene, id) = running(Interruption::Release);
    outbid(&mut scene);
    assert!(matches!(scene.stop(id), Ok(Instance { .. })), "only starting is barred");
    scene.settle();
    assert_eq!(scene.start(id), Err(PowerRefusal::Locked(LockReason::Recycling)));
    scene.release(id).unwrap();
    assert_eq!(event(&scene, id).unwrap().0, Cycle::Avoided);
    assert_eq!(scene.audit(), []);
}

/// One run of the timer looks at a hundred instances, however many there are, and the next one goes on.
#[test]
fn a_changed_price_is_judged_in_stretches() {
    let world = SmallWorld::new().under(fleet::Policy { group_members_max: 999, ..SmallWorld::policy() });
    let mut scene = Scene::new(world.stock(5).limit(999).build());
    set_price(&mut scene, BID);
    scene.tick();
    let model = scene.launch_one(&spare(Some(BID), 0, Interruption::Release));
    scene.settle();
    let instance = scene.instance(model).unwrap();
    let copies = (1..=250).filter_map(|step| Some(InstanceId(model.0.plus(step)?)));
    let copies = copies.map(|id| fleet::Write::Put(Record::Instance(Instance { id, ..instance.clone() })));
    scene.world.apply(copies.collect::<Vec<_>>());
    set_price(&mut scene, BID + 1);
    let locked = |scene: &Scene| {
        scene.world.records().filter(|record| matches!(record, Record::Amendment(..))).count()
    };
    for (ran, expected) in [(1, 100), (1, 200), (1, 251), (0, 251)] {
        let Ok(ticked) = scene.run(&Tick { limit: 10 });
        assert_eq!((ticked.ran, locked(&scene)), (ran, expected));
    }
}

#[test]
fn there_is_no_price_of_an_unknown_type() {
    let set = SetSpotPrice { instance_type: label("t-none"), price: None };
    assert_eq!(scene().run(&set), Err(SpotPriceRefusal(label("t-none"))));
}
