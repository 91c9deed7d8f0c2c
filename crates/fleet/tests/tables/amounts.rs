//! How many instances a launch makes: section 5 of `ecs-run-instances.md`, with each of the eight
//! limits as the one that binds. `A` are wanted, at least `M`, and `S` can be had.

use fleet::{
    Charge, Host, Hosting, Launch, LaunchRefusal, Limit, LoadCatalogue, PeriodUnit, Policy, Quotas,
    SetAccountTerms, Shortage,
};
use testkit::{OWNER, Price, Scene, SmallWorld, launch, many, subnet};

use crate::rows;

#[test]
fn as_many_as_can_be_had_and_no_fewer_than_the_minimum() {
    use Limit::{Addresses, CpuQuota, DiskQuota, GroupPlaces, Money, PostpaidQuota, Quota, Stock};
    for limit in [Quota, PostpaidQuota, CpuQuota, DiskQuota, Money, GroupPlaces, Addresses, Stock] {
        check(
            limit,
            "
            A 1  M 1  S 0   refused
            A 1  M 1  S 1   makes 1
            A 1  M 1  S 2   makes 1
            A 5  M 5  S 4   refused
            A 5  M 5  S 5   makes 5
            A 5  M 5  S 6   makes 5
            A 5  M 3  S 2   refused
            A 5  M 3  S 3   makes 3
            A 5  M 3  S 4   makes 4
            A 5  M 3  S 5   makes 5
            A 5  M 1  S 0   refused
            A 5  M 1  S 1   makes 1
            A 12  M 12  S 11  refused
            A 12  M 1   S 11  makes 11
            A 100 M 1   S 12  makes 12
        ",
        );
    }
}

fn check(limit: Limit, table: &str) {
    for row in rows(table) {
        let number = |at: usize| row[at].parse::<u8>().unwrap();
        let (most, least, had) = (number(1), number(3), u32::from(number(5)));
        let (mut scene, launch) = with(limit, had);
        let launch = many(launch, most, least);
        match row[6] {
            "makes" => {
                assert_eq!(scene.launch(&launch).unwrap().len(), usize::from(number(7)), "{limit:?}: {row:?}")
            }
            _ => {
                let expected = Shortage { binding: limit, wanted: launch.wanted, ..limits(limit, had) };
                assert_eq!(scene.launch(&launch), Err(LaunchRefusal::Short(expected)), "{limit:?}: {row:?}");
            }
        }
        assert_eq!(scene.audit(), [], "{limit:?}: {row:?}");
    }
}

/// How much there is of everything when there is `had` of `limit`: no two numbers are the same.
fn limits(limit: Limit, had: u32) -> Shortage {
    let of = |which, plenty| if limit == which { had } else { plenty };
    let by_use = is_by_use(limit);
    Shortage {
        binding: limit,
        wanted: launch().wanted,
        quota: of(Limit::Quota, 200),
        postpaid: by_use.then(|| of(Limit::PostpaidQuota, 700)),
        cpus: by_use.then(|| of(Limit::CpuQuota, 800)),
        disks: by_use.then(|| of(Limit::DiskQuota, 900)),
        money: (!by_use).then(|| of(Limit::Money, 300)),
        host_places: Some(1000),
        group_places: of(Limit::GroupPlaces, 400),
        addresses: of(Limit::Addresses, 12),
        ipv6_addresses: None,
        public_addresses: None,
        stock: of(Limit::Stock, 600),
    }
}

/// Whether it limits only what is paid by use; money limits only what is paid in advance.
fn is_by_use(limit: Limit) -> bool {
    matches!(limit, Limit::PostpaidQuota | Limit::CpuQuota | Limit::DiskQuota)
}

/// A scene in which a launch in the subnet of 12 addresses, on a host of its own, finds just this
/// much of everything.
fn with(limit: Limit, had: u32) -> (Scene, Launch) {
    let there = limits(limit, had);
    let before = 12 - there.addresses;
    let policy = Policy { group_members_max: there.group_places + before, ..SmallWorld::policy() };
    let money = u64::from(there.money.unwrap_or(0)) * Price::MONTHLY[0];
    let world = SmallWorld::new().stock(there.stock + before).limit(there.quota + before).under(policy);
    let mut scene = Scene::new(world.grant(money).build());
    let launch = Launch { subnet: Some(subnet(1)), ..launch() };
    // Those that are there already are paid by use.
    for _ in 0..before {
        scene.launch_one(&launch);
    }
    let hosts = vec![Host { places: 1000, prepaid: true, ..testkit::host(0) }];
    scene.run(&LoadCatalogue { hosts, ..SmallWorld::catalogue(there.stock + before) }).unwrap();
    // Two processors each, of which one more is no use.
    let cpus = there.cpus.map(|cpus| 2 * cpus + 1);
    let quotas = Quotas { postpaid: there.postpaid, cpus, disks: there.disks };
    scene.run(&SetAccountTerms { id: OWNER, bars: vec![], quotas }).unwrap();
    let charge = match is_by_use(limit) {
        true => Charge::PostPaid,
        false => Charge::PrePaid { count: 1, unit: PeriodUnit::Month },
    };
    let hosting = Hosting { host: Some(testkit::host(0).label), ..Hosting::default() };
    (scene, Launch { charge, hosting, ..launch })
}

#[test]
fn what_is_short_is_the_same_for_one_and_for_the_fullest_of_several_groups() {
    let policy = Policy { group_members_max: 3, ..SmallWorld::policy() };
    let mut scene = Scene::new(SmallWorld::new().under(policy).build());
    scene.launch(&many(Launch { groups: vec![testkit::group(1)], ..launch() }, 2, 2)).unwrap();
    let both = Launch { groups: vec![testkit::group(0), testkit::group(1)], ..launch() };
    match scene.launch(&many(both, 2, 2)) {
        Err(LaunchRefusal::Short(short)) => {
            assert_eq!((short.binding, short.group_places), (Limit::GroupPlaces, 1))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_account_that_has_more_than_its_limit_cannot_be_made() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.launch(&many(launch(), 3, 3)).unwrap();
    let lower = |instance_limit| fleet::OpenAccount { id: OWNER, instance_limit, grant: None };
    let refusal = fleet::AccountRefusal::LimitBelowUse { limit: 2, used: 3 };
    assert_eq!(scene.run(&lower(2)), Err(refusal));
    assert_eq!(scene.run(&lower(3)).unwrap().instance_limit, 3);
}
