//! What is refused, and what is only rehearsed, changes nothing.

use fleet::{
    Command, Force, InstanceId, Launch, Launched, Reboot, Rehearsal, Release, Serial, Start, Stop,
    Subscription, View, decide,
};
use proptest::prelude::*;
use testkit::{OWNER, STRANGER, Scene, strategies};

use crate::stages;

/// At every stage, whatever an owner or a stranger asks for is either done or changes nothing.
#[test]
fn a_refused_command_changes_nothing_at_any_stage() {
    let mut refused = 0;
    for stage in stages::ALL {
        let (mut scene, id, _) = stages::at(stage);
        for (account, instance) in [(OWNER, id), (STRANGER, id), (OWNER, InstanceId(Serial::HIGHEST))] {
            refused += usize::from(stays(&mut scene, &Start { account, instance }));
            refused += usize::from(stays(&mut scene, &Stop::new(account, instance)));
            refused += usize::from(stays(&mut scene, &Reboot { account, instance }));
            for force in [Force::No, Force::Yes] {
                refused += usize::from(stays(
                    &mut scene,
                    &Release { account, instance, force, subscription: Subscription::Keep },
                ));
            }
        }
    }
    // 11 stages × 3 × 5, less what is legal: power.rs has the table.
    assert_eq!(refused, 11 * 15 - 8);
}

/// Whether `command` is refused; then the decision had no writes, and the world is the same.
fn stays<C: Command>(scene: &mut Scene, command: &C) -> bool {
    let before = scene.world.clone();
    let decision = decide(&scene.world, command, scene.now);
    let refused = scene.run(command).is_err();
    assert_eq!(decision.is_err(), refused);
    if refused {
        assert_eq!(scene.world, before);
    }
    // The next command finds the same instance.
    scene.world = before;
    refused
}

/// A fleet with a past: some instances are there, some are failed, some stock is gone.
fn scenes() -> impl Strategy<Value = fleet::World> {
    strategies::histories(1..40).prop_map(|(_, actions)| {
        let mut driver = testkit::Driver::new(testkit::SmallWorld::new().build());
        actions.iter().for_each(|action| drop(driver.act(action)));
        driver.fleet
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/fleet-tables.txt"
        )))),
        ..ProptestConfig::with_cases(128)
    })]

    #[test]
    fn a_dry_run_changes_nothing_and_tells_what_the_launch_will_do(world in scenes(), order in strategies::orders()) {
        let mut scene = Scene::new(world);
        let launch = order.launch(None, false);
        let before = scene.world.clone();

        let told = scene.run(&Launch { rehearsal: Rehearsal::Yes, ..launch.clone() });
        prop_assert_eq!(&scene.world, &before);
        match (told, scene.run(&launch)) {
            (Ok(Launched::Would(count)), Ok(Launched::Batch { instances, .. })) => {
                prop_assert_eq!(usize::from(count), instances.len());
            }
            (Err(told), Err(refusal)) => {
                prop_assert_eq!(told, refusal);
                prop_assert_eq!(&scene.world, &before);
            }
            (told, launched) => prop_assert!(false, "told {told:?}, and it came to {launched:?}"),
        }
    }

    #[test]
    fn a_launch_with_nothing_wrong_is_short_of_something_or_made(launch in strategies::launches()) {
        let mut scene = Scene::new(testkit::SmallWorld::new().build());
        match scene.run(&launch) {
            Ok(Launched::Batch { instances, .. }) => {
                let wanted = usize::from(launch.wanted.least())..=usize::from(launch.wanted.most());
                prop_assert!(wanted.contains(&instances.len()));
            }
            Err(fleet::LaunchRefusal::Short(short)) => {
                let limits = [short.quota, short.group_places, short.addresses, short.stock];
                prop_assert!(limits.into_iter().any(|had| had < u32::from(launch.wanted.least())));
            }
            other => prop_assert!(false, "{other:?}"),
        }
        prop_assert_eq!(scene.audit(), []);
    }
}

/// A store shows a view; nothing but the view, the command and the time counts.
#[test]
fn the_same_command_on_the_same_view_is_decided_the_same() {
    let (scene, id, _) = stages::at("Running");
    let stop = Stop::new(OWNER, id);
    assert_eq!(decide(&scene.world, &stop, scene.now), decide(&scene.world.clone(), &stop, scene.now));
    assert!(scene.world.keys(&fleet::Key::stocks().1, &fleet::Key::stocks().0, 9).unwrap().is_empty());
}
