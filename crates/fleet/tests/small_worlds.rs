//! All histories of a very small world, up to a length: two clients, two types, two tokens, three addresses.
//! `cargo xtask exhaust --length 7` goes further.
#![allow(clippy::panic)]

/// As far as takes a few seconds without optimisation.
const LENGTH: usize = 4;

#[test]
fn no_history_of_a_very_small_world_breaks_anything() {
    let all = testkit::exhaust(LENGTH, &mut |_, _| {}).unwrap_or_else(|found| panic!("{found}"));
    // If these change, so has what is looked at.
    assert_eq!((all.states, all.steps, all.histories), (384, 918, 4277));
}
