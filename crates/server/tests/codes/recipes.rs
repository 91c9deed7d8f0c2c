//! Every recipe comes to what it says.

use std::collections::BTreeSet;

use testkit::requests::{Ask, recipes};

use crate::door::Door;

#[test]
fn every_recipe_comes_to_what_it_says() {
    let plain = Door::plain();
    let mut wrong = Vec::new();
    for recipe in recipes() {
        let own;
        let door = if recipe.is_plain() {
            &plain
        } else {
            own = Door::of(recipe);
            &own
        };
        let found = door.ask(&recipe.ask());
        if !found.is(recipe.status, recipe.code) {
            wrong.push(format!(
                "{} {} {} {:?}: {} {}",
                recipe.action, recipe.status, recipe.code, recipe.change, found.status, found.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{} recipes fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_plainest_requests_are_valid() {
    let asked: BTreeSet<&str> =
        recipes().map(|recipe| recipe.action).filter(|action| *action != "NoSuchAction").collect();
    for action in asked {
        let found = Door::plain().ask(&Ask::plain(action));
        assert!(found.is(200, "ok"), "{action}: {found:?}");
    }
}
