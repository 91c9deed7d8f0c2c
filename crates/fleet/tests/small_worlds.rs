//! All histories of a very small world, up to a length: two clients, two types, two tokens, three addresses.
//! `cargo xtask exhaust --length 7` goes further.
#![allow(clippy::panic)]

use testkit::Beginning;

/// As far as takes a few seconds without optimisation.
const LENGTH: usize = 4;

#[test]
fn no_history_of_a_very_small_world_breaks_anything() {
    // If these change, so has what is looked at.
    for (beginning, seen) in [(Beginning::Free, (384, 918, 4277)), (Beginning::Poor, (1142, 3057, 20242))] {
        let all = testkit::exhaust(beginning, LENGTH, &mut |_, _| {});
        let all = all.unwrap_or_else(|found| panic!("{beginning:?}: {found}"));
        assert_eq!((all.states, all.steps, all.histories), seen, "{beginning:?}");
    }
}
