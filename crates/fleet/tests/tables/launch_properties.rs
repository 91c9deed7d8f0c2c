//! What holds of every launch, whatever it wishes for and whatever the fleet has been through.

use std::collections::{BTreeMap, BTreeSet};

use fleet::{Device, Key, Launch, LaunchRefusal, Launched, Record, Rehearsal};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use testkit::Scene;
use testkit::wishes::{furnished_scenes, wishes};

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"), "/../../proptest-regressions/fleet-tables.txt"
        )))),
        ..ProptestConfig::with_cases(256)
    })]

    /// A dry run and the launch give one answer, a dry run and a refusal leave no trace, and what
    /// was launched is sound.
    #[test]
    fn a_launch_does_what_its_dry_run_said(scene in furnished_scenes(), launch in wishes()) {
        let mut scene = scene;
        prop_assert_eq!(scene.audit(), []);
        let before = scene.world.clone();
        let told = scene.run(&Launch { rehearsal: Rehearsal::Yes, ..launch.clone() });
        prop_assert_eq!(&scene.world, &before);
        match (told, scene.run(&launch)) {
            (Ok(Launched::Would(count)), Ok(Launched::Batch { instances, .. })) => {
                prop_assert_eq!(usize::from(count), instances.len());
                let wanted = usize::from(launch.wanted.least())..=usize::from(launch.wanted.most());
                prop_assert!(wanted.contains(&instances.len()));
                let spec = scene.get(&Key::Spec(scene.instance(instances[0]).unwrap().batch));
                let Some(Record::Spec(_, spec)) = spec else { panic!("no spec: {spec:?}") };
                let devices: BTreeSet<Device> = spec.data_disks.iter().map(|disk| disk.device).collect();
                prop_assert_eq!(devices.len(), spec.data_disks.len());
                prop_assert!(!devices.contains(&Device::SYSTEM));
                prop_assert!(spec.data_disks.iter().all(|disk| disk.size_gib > 0));
            }
            (Err(told), Err(refusal)) => {
                prop_assert_eq!(told, refusal);
                prop_assert_eq!(&scene.world, &before);
            }
            (told, launched) => prop_assert!(false, "told {told:?}, and it came to {launched:?}"),
        }
        prop_assert_eq!(scene.audit(), []);
    }

    /// What binds is short of the minimum, and nothing that is judged before it is.
    #[test]
    fn a_shortage_names_the_first_limit_that_is_short(scene in furnished_scenes(), launch in wishes()) {
        let mut scene: Scene = scene;
        if let Err(LaunchRefusal::Short(short)) = scene.run(&launch) {
            let unless_none = |allows: Option<u32>| allows.unwrap_or(u32::MAX);
            let limits = [
                (fleet::Limit::Quota, short.quota),
                (fleet::Limit::PostpaidQuota, unless_none(short.postpaid)),
                (fleet::Limit::CpuQuota, unless_none(short.cpus)),
                (fleet::Limit::DiskQuota, unless_none(short.disks)),
                (fleet::Limit::Money, unless_none(short.money)),
                (fleet::Limit::GroupPlaces, short.group_places),
                (fleet::Limit::Addresses, short.addresses),
                (fleet::Limit::Stock, short.stock),
            ];
            let least = u32::from(launch.wanted.least());
            let first = limits.into_iter().find(|(_, allows)| *allows < least);
            prop_assert_eq!(first.map(|(limit, _)| limit), Some(short.binding));
            prop_assert!(short.host_places.is_none_or(|places| places >= least));
        }
    }
}

/// What the strategies reach; ones that reach less prove less.
#[test]
fn wishes_reach_what_they_are_meant_to_reach() {
    let mut runner = TestRunner::deterministic();
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..3000 {
        let scene = furnished_scenes().new_tree(&mut runner).unwrap().current();
        let launch = wishes().new_tree(&mut runner).unwrap().current();
        let answer = match scene.clone().run(&launch) {
            Ok(_) => "made".to_owned(),
            Err(LaunchRefusal::Short(short)) => format!("short of {:?}", short.binding),
            Err(LaunchRefusal::Barred(_)) => "barred".to_owned(),
            Err(refusal) => format!("{refusal:?}").split([' ', '(']).next().unwrap().to_owned(),
        };
        *reached.entry(answer).or_default() += 1;
    }
    println!("{reached:#?}");
    assert!(reached.len() >= 50 && reached["made"] >= 500, "{reached:#?}");
}
