//! The worlds that samples of requests are played in can be loaded.
#![allow(clippy::unwrap_used)]

use hatchery::{
    AccountId, AssetKind, AssetType, CatalogueFile, Hatchery, ImageStatus, Label, Options, Rate, Sale, Time,
    View,
};

const ECS: &str = include_str!("../../../tests/worlds/ecs.toml");
const ZENLAYER: &str = include_str!("../../../tests/worlds/zenlayer.toml");
const NOW: Time = Time::from_secs(1_767_323_045);
const ME: AccountId = AccountId(1);

fn loaded(text: &str) -> Hatchery {
    let file = CatalogueFile::parse(text).unwrap();
    let hatchery = Hatchery::in_memory(Options::default()).unwrap();
    hatchery.commit(file.load(), NOW).unwrap();
    hatchery.commit(file.open_account(ME, 1000), NOW).unwrap();
    hatchery.commit(file.account_terms(ME), NOW).unwrap();
    file.networks(ME).for_each(|network| drop(hatchery.commit(network, NOW).unwrap()));
    file.subnets(ME).for_each(|subnet| drop(hatchery.commit(subnet, NOW).unwrap()));
    file.groups(ME).for_each(|group| drop(hatchery.commit(group, NOW).unwrap()));
    hatchery
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

#[test]
fn the_world_of_the_ecs_samples_is_what_they_assume() {
    let hatchery = loaded(ECS);
    let catalogue = hatchery.snapshot().catalogue().clone();
    assert_eq!(catalogue.zones[&label("cn-hangzhou-c")].sale, Sale::Closed);
    assert_eq!(catalogue.zones[&label("cn-hangzhou-g")].disks.len(), 5);
    let type_of = |id: &str| catalogue.instance_types[&label(id)].clone();
    assert_eq!(type_of("ecs.g5.large").abilities.spot_price, Some(Rate(200)));
    assert_eq!(type_of("ecs.t1.small").sale, Sale::Closed);
    assert!(type_of("ecs.t5-lc2m1.nano").abilities.burstable);
    assert_eq!(catalogue.images[&label("img-creating")].status, ImageStatus::Creating);
    let snapshot = |id: &str| catalogue.asset(AssetType::Snapshot, &label(id)).unwrap().what.clone();
    let finished = |id: &str| matches!(snapshot(id), AssetKind::Snapshot(snapshot) if snapshot.finished);
    assert!(finished("s-ok") && finished("s-old") && !finished("s-progress"));
    assert_eq!(hatchery.snapshot().subnets(ME).unwrap().len(), 4);
}

#[test]
fn the_world_of_the_zenlayer_samples_can_be_loaded() {
    let hatchery = loaded(ZENLAYER);
    assert_eq!(hatchery.snapshot().catalogue().zones.len(), 2);
    assert_eq!(hatchery.snapshot().subnets(ME).unwrap().len(), 2);
}

#[test]
fn the_account_is_opened_as_the_file_has_it() {
    let text = "[account]\ninstance_limit = 7\nbalance = 100\nquotas = { cpus = 4 }\n\
                bars = ['zone:z', 'arrears', 'disk:auto']";
    let hatchery = loaded(text);
    let account = hatchery.snapshot().account(ME).unwrap().unwrap();
    assert_eq!((account.instance_limit, account.quotas.cpus), (7, Some(4)));
    assert_eq!(account.affords(hatchery::Money(50), hatchery::Time::START), Some(2));
    let zone = hatchery::Bar::Zone(label("z"));
    let disk = hatchery::Bar::Disk(hatchery::DiskKind::Auto);
    assert_eq!(account.bars, [hatchery::Bar::Arrears, zone, disk]);
}

#[test]
fn key_pairs_are_those_of_the_account() {
    let file = CatalogueFile::parse(ECS).unwrap();
    let pairs: Vec<_> = file.key_pairs(ME).map(|pair| (pair.account, pair.name)).collect();
    assert_eq!(pairs, [(ME, "kp-a".into())]);
}
