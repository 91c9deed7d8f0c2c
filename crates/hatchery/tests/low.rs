//! A disk that runs low: what makes something new is refused, and all else goes on.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Folder, NOW, furnished, later, launch, launched, provision};
use hatchery::{
    ClientToken, CommitError, Fingerprint, Hatchery, Launch, Options, StoreError, Tick, TokenText, View as _,
};

fn with_token(text: &str) -> Launch {
    let text = TokenText::parse(text).unwrap();
    Launch { token: Some(ClientToken { text, fingerprint: Fingerprint([7; 32]) }), ..launch() }
}

#[test]
fn launches_are_refused_and_all_else_goes_on() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let made = launched(&hatchery, with_token("before"));
    drop(hatchery);

    let mut options = Options::default();
    options.engine.free_space_min = u64::MAX;
    let (hatchery, _) = Hatchery::open(&folder.store(), options).unwrap();
    let before = hatchery.last();
    match hatchery.commit(with_token("after"), NOW) {
        Err(CommitError::Failed(StoreError::DiskLow(low))) => assert!(low.free < low.floor),
        other => panic!("{other:?}"),
    }
    assert_eq!(hatchery.last(), before, "nothing happened");
    assert!(hatchery.failure().is_none());

    // What was launched is still named by its token; work is done, time passes, instances go.
    assert_eq!(launched(&hatchery, with_token("before")), made);
    provision(&hatchery, NOW);
    hatchery.commit(Tick { limit: 10 }, later(60)).unwrap();
    assert!(hatchery.snapshot().instance(made[0]).unwrap().is_some());
    assert!(hatchery.last() > before);
    drop(hatchery);

    // With room again the refused launch can be repeated, token and all.
    let (hatchery, _) = Hatchery::open(&folder.store(), Options::default()).unwrap();
    assert_ne!(launched(&hatchery, with_token("after")), made);
}
