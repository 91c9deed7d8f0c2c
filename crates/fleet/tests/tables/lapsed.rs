//! What has run out is not paid for by being unlocked.

use fleet::{Charge, Launch, Lock, PeriodUnit, Renewal, SetRenewal, Span, Status, Time};
use testkit::{OWNER, Scene, SmallWorld, launch};

#[test]
fn what_ran_out_and_was_unlocked_is_stopped_again_as_soon_as_it_runs() {
    let mut scene = Scene::new(SmallWorld::new().grant(10).build());
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let id = scene.launch_one(&Launch { charge, ..launch() });
    scene.settle();
    scene.tick_at(Time::START.after(Span::from_days(30)));
    scene.settle();
    let status = |scene: &Scene| scene.instance(id).unwrap().state.status();
    assert_eq!(status(&scene), Status::Stopped);
    // Money that is to be renewed keeps nobody from starting; there is none of it.
    let renewal = Renewal::On { count: 1, unit: PeriodUnit::Month };
    scene.run(&SetRenewal { account: OWNER, instance: id, renewal }).unwrap();
    scene.run(&Lock { instance: id, reason: None }).unwrap();
    scene.start(id).unwrap();
    scene.finish(id, fleet::WorkOutcome::Done);
    assert_eq!(status(&scene), Status::Stopping);
    assert_eq!(scene.audit(), []);
}
