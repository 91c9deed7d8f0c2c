//! A fleet that is lost and restored: what was backed up is there, what came later is forgotten, and no id
//! is ever drawn twice.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{Folder, furnished, launch, launched};
use hatchery::{
    ClientToken, Fingerprint, Hatchery, Launch, Options, Record, Restore, StoreId, TokenText, View as _,
    check, check_online,
};

fn with_token(text: &str) -> Launch {
    let text = TokenText::parse(text).unwrap();
    Launch { token: Some(ClientToken { text, fingerprint: Fingerprint([7; 32]) }), ..launch() }
}

fn restored(folder: &Folder, name: &str, from: &str, how: &Restore) -> Hatchery {
    let at = |name: &str| folder.store().with_file_name(name);
    let (hatchery, _) =
        Hatchery::restore(&at(name), &at(from), how, Options::default(), &mut |_, _| {}).unwrap();
    hatchery
}

#[test]
fn no_id_of_the_lost_future_is_drawn_again() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    let kept = launched(&hatchery, with_token("kept"));
    let backup = hatchery.backup(&folder.store().with_file_name("backup"), &mut |_| {}).unwrap();
    assert_eq!(backup.revision, hatchery.last().0);
    let lost = launched(&hatchery, with_token("lost"));
    drop(hatchery);

    let mut drawn: BTreeSet<_> = kept.iter().chain(&lost).copied().collect();
    // Restored twice, as happens; the second time it is said which life this is.
    for (name, how) in
        [("second", Restore::default()), ("third", Restore { epoch: Some(3), ..Restore::default() })]
    {
        let hatchery = restored(&folder, name, "backup", &how);
        assert!(hatchery.snapshot().instance(kept[0]).unwrap().is_some());
        assert!(hatchery.snapshot().instance(lost[0]).unwrap().is_none());
        // The token of what was kept still names it.
        assert_eq!(launched(&hatchery, with_token("kept")), kept);
        for id in launched(&hatchery, with_token("lost")) {
            assert!(drawn.insert(id), "{id:?} was drawn before");
        }
        drop(hatchery);
        let path = folder.store().with_file_name(name);
        assert_eq!(check(&path).unwrap().findings, Vec::<String>::new());
        // Opened again it is still the same life.
        let (hatchery, _) = Hatchery::open(&path, Options::default()).unwrap();
        for id in launched(&hatchery, with_token("more")) {
            assert!(drawn.insert(id), "{id:?} was drawn before");
        }
    }
}

#[test]
fn a_store_in_use_is_checked_from_inside_and_from_outside() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    launched(&hatchery, with_token("one"));
    let inside = hatchery.check().unwrap();
    let outside = check_online(&folder.store()).unwrap();
    assert_eq!(inside, outside);
    assert_eq!((inside.findings, inside.revision), (vec![], hatchery.last().0));
}

#[test]
fn a_fleet_moves_from_memory_to_disk_and_back() {
    let folder = Folder::new();
    let hatchery = furnished(&folder);
    launched(&hatchery, with_token("one"));
    let at = |name: &str| folder.store().with_file_name(name);
    hatchery.backup(&at("one"), &mut |_| {}).unwrap();
    let memory = Hatchery::import(&at("one"), Options::default()).unwrap();
    assert_eq!(memory.snapshot().records().unwrap(), hatchery.snapshot().records().unwrap());
    launched(&memory, with_token("two"));
    memory.backup(&at("two"), &mut |_| {}).unwrap();
    let named = Restore { store: Some(StoreId([9; 16])), ..Restore::default() };
    let moved = restored(&folder, "moved", "two", &named);
    // All but the counter of ids, which begins another epoch.
    let without_sequence = |hatchery: &Hatchery| {
        let records = hatchery.snapshot().records().unwrap();
        records.into_iter().filter(|record| !matches!(record, Record::Sequence(_))).collect::<Vec<_>>()
    };
    assert_eq!(without_sequence(&moved), without_sequence(&memory));
    assert_eq!(moved.snapshot().sequence().unwrap().next.epoch, 2);
}
