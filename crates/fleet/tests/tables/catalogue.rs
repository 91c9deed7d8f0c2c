//! Loading a catalogue: what vanishes is closed, what is in use is not taken away.

use fleet::{
    CatalogueRefusal, ImageStatus, Launch, LaunchRefusal, Offer, Sale, Stock, StockKey, View, WorkOutcome,
    decide,
};
use testkit::{Scene, SmallWorld, ZONES, instance_type, label, launch, many, zone};

fn offered(zone_number: usize, type_number: usize) -> StockKey {
    StockKey { zone: zone(zone_number), instance_type: instance_type(type_number) }
}

#[test]
fn a_total_below_what_is_taken_and_missing_is_refused_with_the_numbers() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let ids = scene.launch(&many(launch(), 3, 3)).unwrap();
    scene.finish(ids[0], WorkOutcome::Failed(fleet::FailureReason::NoStock));
    scene.release(ids[0]).unwrap();
    for (total, fits) in [(0, false), (2, false), (3, true), (9, true), (3, true)] {
        let mut load = SmallWorld::catalogue(4);
        load.offers
            .iter_mut()
            .filter(|offer| offer.stock == offered(0, 0))
            .for_each(|offer| offer.total = total);
        let before = scene.world.clone();
        let refusal = CatalogueRefusal::TotalBelowUse { key: offered(0, 0), total, taken: 2, missing: 1 };
        match fits {
            true => assert_eq!(scene.run(&load), Ok(())),
            false => {
                assert_eq!(scene.run(&load), Err(refusal));
                assert_eq!(scene.world, before);
            }
        }
        let expected = if fits { total } else { 4 };
        assert_eq!((scene.stock().total(), scene.stock().free()), (expected, expected - 3), "total {total}");
    }
}

#[test]
fn what_vanishes_is_closed_and_not_removed() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let id = scene.launch_one(&launch());
    scene.run(&fleet::LoadCatalogue::default()).unwrap();

    let catalogue = scene.world.catalogue();
    assert!(catalogue.regions.contains_key(&label("r")));
    assert!((0..ZONES).all(|index| catalogue.zones[&zone(index)].sale == Sale::Closed));
    assert_eq!(catalogue.instance_types[&instance_type(0)].sale, Sale::Closed);
    assert_eq!(catalogue.images[&label("linux")].status, ImageStatus::Deprecated);
    assert_eq!(scene.launch(&launch()), Err(LaunchRefusal::ZoneClosed(zone(0))));
    let closed = Stock::from_numbers(offered(0, 0), 1, 1, 0).unwrap().with_sale(Sale::Closed);
    assert_eq!(scene.stock(), closed, "just what is taken");

    scene.finish(id, WorkOutcome::Done);
    scene.finish(id, WorkOutcome::Done);
    assert_eq!(scene.instance(id).unwrap().state.status(), fleet::Status::Running, "what exists goes on");

    scene.run(&SmallWorld::catalogue(4)).unwrap();
    scene.launch_one(&launch());
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_stock_without_an_offer_is_closed_until_it_has_one_again() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let (id, _) = scene.failed(&launch(), fleet::FailureReason::Machine);
    let mut load = SmallWorld::catalogue(4);
    load.offers.retain(|offer| offer.stock != offered(0, 0));
    scene.run(&load).unwrap();
    assert_eq!((scene.stock().total(), scene.stock().free()), (1, 0));
    scene.release(id).unwrap();
    assert_eq!((scene.stock().total(), scene.stock().free()), (1, 0), "what comes back is not sold again");
    let not_sold = LaunchRefusal::NotSoldInZone { instance_type: instance_type(0), zone: zone(0) };
    assert_eq!(scene.launch(&launch()), Err(not_sold));

    scene.run(&SmallWorld::catalogue(4)).unwrap();
    assert_eq!((scene.stock().total(), scene.stock().free()), (4, 4));
    scene.launch_one(&launch());
    assert_eq!(scene.audit(), []);
}

#[test]
fn a_catalogue_that_names_what_it_does_not_have_is_refused() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let before = scene.world.clone();

    let mut load = SmallWorld::catalogue(4);
    load.catalogue.regions.clear();
    let refusal = CatalogueRefusal::UnknownRegion { zone: zone(0), region: label("r") };
    assert_eq!(scene.run(&load), Err(refusal));

    for stock in [offered(9, 0), offered(0, 9)] {
        let mut load = SmallWorld::catalogue(4);
        let offer = Offer { stock, total: 1 };
        load.offers.push(offer.clone());
        assert_eq!(scene.run(&load), Err(CatalogueRefusal::UnknownOffer(offer)));
    }
    assert_eq!(scene.world, before);
}

#[test]
fn a_catalogue_that_is_in_force_already_writes_nothing() {
    let mut scene = Scene::new(SmallWorld::new().build());
    scene.launch_one(&launch());
    let decision = decide(&scene.world, &SmallWorld::catalogue(SmallWorld::STOCK), scene.now).unwrap();
    assert_eq!(decision.writes, []);
}

#[test]
fn what_is_offered_for_the_first_time_can_be_launched() {
    let mut scene = Scene::new(SmallWorld::new().build());
    let on_arm = Launch { instance_type: Some(label("t-arm")), image: Some(label("arm")), ..launch() };
    assert!(matches!(scene.launch(&on_arm), Err(LaunchRefusal::NotSoldInZone { .. })));
    let mut load = SmallWorld::catalogue(4);
    let stock = StockKey { zone: zone(0), instance_type: label("t-arm") };
    load.offers.push(Offer { stock, total: 1 });
    scene.run(&load).unwrap();
    scene.launch_one(&on_arm);
    assert!(matches!(scene.launch(&on_arm), Err(LaunchRefusal::Short(_))));
}
