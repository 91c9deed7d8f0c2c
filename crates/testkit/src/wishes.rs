//! Strategies over the furnished world: launches that wish for disks, hosts, bids, ways in and
//! everything else, and fleets that have lived through some of them.

use fleet::{
    Bar, Credit, DiskKind, DiskLevel, DiskWish, Edition, Force, Hosting, Interruption, Io, Launch, Login,
    OnRelease, Password, Protection, Quotas, Rate, Release, Secret, SetAccountTerms, Span, Spot,
    Subscription, Tenancy, Terms, Time, WorkOutcome,
};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;

use crate::action::{Order, Place};
use crate::furnished::{KEY_PAIR, furnished};
use crate::scene::Scene;
use crate::small_world::{OWNER, SmallWorld, label, zone};
use crate::strategies::{orders, outcomes};

/// Any kind of disk: mostly one that today's types take.
fn kinds() -> impl Strategy<Value = DiskKind> {
    let usual = select(vec![DiskKind::Efficiency, DiskKind::Ssd, DiskKind::Essd]);
    prop_oneof![8 => usual, 1 => select(DiskKind::ALL.to_vec())]
}

fn disks() -> impl Strategy<Value = DiskWish> {
    let level = select(vec![DiskLevel::Pl0, DiskLevel::Pl1, DiskLevel::Pl2, DiskLevel::Pl3]);
    let size = prop_oneof![6 => 20..200_u32, 1 => 0..70_000_u32];
    let snapshots = vec!["snap", "snap", "snap-secret", "snap-old", "snap-part", "snap-system", "snap-9"];
    let key = prop_oneof![8 => Just("key"), 1 => Just("key-off"), 1 => Just("key-9")];
    let what = (of(kinds()), weighted(0.9, size), weighted(0.2, level), weighted(0.2, select(snapshots)));
    let lock = prop_oneof![
        6 => Just((None, None)),
        1 => any::<bool>().prop_map(|encrypted| (Some(encrypted), None)),
        2 => (weighted(0.8, Just(true)), key).prop_map(|(encrypted, key)| (encrypted, Some(label(key)))),
    ];
    let on_release = prop_oneof![Just(OnRelease::Delete), Just(OnRelease::Keep)];
    (what, lock, on_release).prop_map(|((kind, size_gib, level, snapshot), (encrypted, key), on_release)| {
        let snapshot = snapshot.map(label);
        DiskWish { kind, size_gib, level, snapshot, encrypted, key, on_release, ..DiskWish::default() }
    })
}

fn hostings() -> impl Strategy<Value = Hosting> {
    let hosts = ["h-0", "h-paid", "h-brief", "h-full", "h-shut", "h-far", "h-theirs"].map(label);
    let host = select(hosts.to_vec()).prop_map(|host| Hosting { host: Some(host), ..Hosting::default() });
    let picked = Hosting { tenancy: Tenancy::Dedicated, ..Hosting::default() };
    let place = prop_oneof![8 => Just(Hosting::default()), 2 => host, 2 => Just(picked)];
    let cluster = select(vec![label("cluster"), label("cluster-new"), label("cluster-9")]);
    (place, weighted(0.1, Just(label("set"))), weighted(0.04, cluster))
        .prop_map(|(place, deployment_set, hpc_cluster)| Hosting { deployment_set, hpc_cluster, ..place })
}

fn terms() -> impl Strategy<Value = Terms> {
    let interruption = select(vec![Interruption::Release, Interruption::Stop]);
    let spot = (of(90..110_u64), interruption).prop_map(|(bid, interruption)| Spot {
        at_most: bid.map(Rate),
        protected_hours: 1,
        interruption,
    });
    let credit = select(vec![Credit::Standard, Credit::Unlimited]);
    let release_at = Just(Time::from_secs(9000));
    let ledger = prop_oneof![9 => Just(label("ledger")), 1 => Just(label("ledger-9"))];
    (weighted(0.2, spot), weighted(0.1, release_at), weighted(0.1, credit), weighted(0.2, ledger)).prop_map(
        |(spot, release_at, credit, resource_group)| Terms {
            spot,
            release_at,
            credit,
            resource_group,
            ..Terms::default()
        },
    )
}

fn logins() -> impl Strategy<Value = Login> {
    let password = prop::bool::weighted(0.9)
        .prop_map(|for_windows| Password { secret: Secret::new(b"Sesame1!"), for_windows });
    let key_pair = prop_oneof![12 => Just(KEY_PAIR), 1 => Just("lost")].prop_map(Into::into);
    (weighted(0.4, password), prop::bool::weighted(0.1), weighted(0.3, key_pair))
        .prop_map(|(password, image_password, key_pair)| Login { password, image_password, key_pair })
}

/// Launches that wish for anything in the furnished world, possible or not.
pub fn wishes() -> impl Strategy<Value = Launch> {
    let types =
        ["t-plain", "t-either", "t-essd", "t-burst", "t-hpc", "t-spot", "t-disks", "t-small", "t-big"];
    let instance_type = weighted(0.3, select(types.map(label).to_vec()));
    let images = ["windows", "f-1", "i386", "hungry", "bare", "slow", "large", "shared", "f-theirs", "old"];
    let image = weighted(0.25, select(images.map(label).to_vec()));
    let family = prop_oneof![40 => Just(None), 3 => Just(Some("f")), 1 => Just(Some("g"))];
    let io = weighted(0.08, select(vec![Io::Plain, Io::Optimized]));
    let edition = select(vec![Edition::Seeds, Edition::Newest, Edition::Either]);
    let machine = (instance_type, image, family, io, edition);
    let storage = (weighted(0.15, disks()), prop_oneof![2 => vec(disks(), 0..1), 1 => vec(disks(), 1..3)]);
    let role = weighted(0.06, select(vec![label("role"), label("role-other"), label("role-9")]));
    let rest = (role, weighted(0.2, Just(Secret::new(b"#!/bin/sh"))), prop::bool::weighted(0.05));
    (orders(), machine, storage, hostings(), terms(), logins(), rest).prop_map(
        |(order, machine, (system_disk, data_disks), hosting, terms, login, (role, user_data, protected))| {
            let (instance_type, image, family, io, edition) = machine;
            // What is wrong with an order is tried elsewhere; here it only is in the way.
            let order = Order { zone: None, address: Place::Any, ..order };
            let launch = order.launch(None, false);
            Launch {
                instance_type: instance_type.or(launch.instance_type),
                // A family stands in place of an image; both are refused, once in a while.
                image: image.or(launch.image.filter(|_| family.is_none())),
                image_family: family.map(Into::into),
                io,
                edition,
                system_disk: system_disk.map(|disk| DiskWish { snapshot: None, ..disk }).unwrap_or_default(),
                data_disks,
                hosting,
                terms,
                login,
                role,
                user_data,
                protection: if protected { Protection::On } else { Protection::Off },
                ..launch
            }
        },
    )
}

fn restrictions() -> impl Strategy<Value = (Vec<Bar>, Quotas)> {
    let bars = vec![
        Bar::Arrears,
        Bar::NoPayMethod,
        Bar::Spot,
        Bar::UserData,
        Bar::Roles,
        Bar::KeyService,
        Bar::OwnKeys,
        Bar::Zone(zone(1)),
        Bar::InstanceType(label("t-burst")),
        Bar::Disk(DiskKind::Essd),
        Bar::ImagePurchase(label("shared")),
    ];
    let limits = (weighted(0.3, 0..8_u32), weighted(0.3, 0..16_u32), weighted(0.3, 0..16_u32));
    let quotas = limits.prop_map(|(postpaid, cpus, disks)| Quotas { postpaid, cpus, disks });
    (vec(select(bars), 0..2), quotas)
}

/// What has happened to a fleet.
#[derive(Clone, Debug)]
enum Past {
    Launch(Box<Launch>),
    Work(Vec<WorkOutcome>),
    Release(usize),
    Wait(u64),
}

/// A furnished fleet with a past and an account that is held short.
pub fn furnished_scenes() -> impl Strategy<Value = Scene> {
    let past = prop_oneof![
        4 => wishes().prop_map(|launch| Past::Launch(Box::new(launch))),
        2 => vec(outcomes(), 0..6).prop_map(Past::Work),
        1 => (0..9_usize).prop_map(Past::Release),
        1 => (0..400_u64).prop_map(Past::Wait),
    ];
    let money = of(0..200_u64);
    (vec(past, 0..12), restrictions(), money).prop_map(|(pasts, (bars, quotas), money)| {
        let world = SmallWorld::new();
        let world = money.into_iter().fold(world, SmallWorld::grant);
        let mut scene = furnished(&world);
        pasts.into_iter().for_each(|past| live_through(&mut scene, past));
        scene.run(&SetAccountTerms { id: OWNER, bars, quotas }).expect("an account");
        scene
    })
}

fn live_through(scene: &mut Scene, past: Past) {
    match past {
        Past::Launch(launch) => drop(scene.launch(&launch)),
        Past::Work(outcomes) => {
            let items = scene.claim();
            for (item, outcome) in items.iter().zip(outcomes) {
                scene.report(item, outcome);
            }
        }
        Past::Release(index) => {
            let mut ids = scene.world.records().filter_map(|record| {
                let fleet::Record::Instance(instance) = record else { return None };
                Some(instance.id)
            });
            let instance = ids.nth(index);
            drop(ids);
            if let Some(instance) = instance {
                drop(scene.run(&Release {
                    account: OWNER,
                    instance,
                    force: Force::Yes,
                    subscription: Subscription::End,
                }));
            }
        }
        Past::Wait(secs) => {
            scene.wait(Span::from_secs(secs));
            scene.tick();
        }
    }
}
