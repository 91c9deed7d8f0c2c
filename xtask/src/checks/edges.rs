//! Which crate may depend on which. The table is the crate graph of ARCHITECTURE.md.

use crate::checks::Checked;
use crate::workspace::{Dependency, Origin, Package, Purpose};

/// Every crate of the workspace, with those it may be built from.
const MAY_DEPEND_ON: [(&str, &[&str]); 9] = [
    ("fleet", &[]),
    ("wire", &["fleet"]),
    ("store", &["fleet"]),
    ("hatchery", &["fleet", "store"]),
    ("server", &["fleet", "hatchery", "wire"]),
    ("testkit", &["fleet", "hatchery", "wire"]),
    ("cli", &["hatchery", "server", "testkit", "wire"]),
    ("torture", &["hatchery"]),
    ("xtask", &[]),
];

/// All that the core may take from outside: neither brings a clock, a file or chance.
const FLEET_MAY_TAKE: [&str; 2] = ["ipnet", "thiserror"];

/// What any crate's tests may use, although the crate itself must not.
const FOR_TESTS: &str = "testkit";

pub(crate) fn only_allowed_edges(packages: &[Package]) -> Checked {
    let edges = packages.iter().flat_map(|package| package.dependencies.iter().map(move |to| (package, to)));
    let mut checked = Checked::default();
    for (from, to) in edges {
        checked.looked_at = checked.looked_at.saturating_add(1);
        checked.findings.extend(objection(&from.name, to));
    }
    checked
}

fn objection(from: &str, to: &Dependency) -> Option<String> {
    let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(name, _)| *name == from) else {
        return Some(format!("{from} is not in the table of crates"));
    };
    let name = to.name.as_str();
    let is_allowed = match (to.origin, to.purpose) {
        (Origin::Workspace, Purpose::Product) => allowed.contains(&name),
        (Origin::Workspace, Purpose::Tests) => allowed.contains(&name) || name == FOR_TESTS,
        (Origin::Registry, Purpose::Product) => from != "fleet" || FLEET_MAY_TAKE.contains(&name),
        (Origin::Registry, Purpose::Tests) => true,
    };
    let tests = if to.purpose == Purpose::Tests { " (for its tests)" } else { "" };
    (!is_allowed).then(|| format!("{from} must not depend on {name}{tests}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, purpose: Purpose, origin: Origin) -> Vec<String> {
        let dependencies = vec![Dependency { name: to.to_owned(), purpose, origin }];
        let package = Package { name: from.to_owned(), dependencies, programs: Vec::new() };
        only_allowed_edges(&[package]).findings
    }

    /// Rows of `from  to`, each a dependency of the product inside the workspace.
    fn objections(rows: &str) -> Vec<String> {
        let rows = rows.split_whitespace().collect::<Vec<_>>();
        rows.chunks(2).flat_map(|row| edge(row[0], row[1], Purpose::Product, Origin::Workspace)).collect()
    }

    #[test]
    fn edges_of_the_table_are_allowed() {
        assert_eq!(objections("cli server  server hatchery  hatchery store  store fleet"), [""; 0]);
    }

    #[test]
    fn nothing_points_back_and_wire_and_store_never_meet() {
        assert_eq!(
            objections("fleet wire  wire store  store wire  hatchery wire  server store"),
            [
                "fleet must not depend on wire",
                "wire must not depend on store",
                "store must not depend on wire",
                "hatchery must not depend on wire",
                "server must not depend on store",
            ]
        );
    }

    #[test]
    fn the_table_has_no_cycle() {
        // Each row names only crates of earlier rows.
        for (position, (name, allowed)) in MAY_DEPEND_ON.iter().enumerate() {
            let earlier = &MAY_DEPEND_ON[..position];
            assert!(allowed.iter().all(|to| earlier.iter().any(|(known, _)| known == to)), "{name}");
        }
    }

    #[test]
    fn the_core_takes_two_crates_from_outside() {
        assert_eq!(edge("fleet", "ipnet", Purpose::Product, Origin::Registry), [""; 0]);
        assert_eq!(
            edge("fleet", "serde", Purpose::Product, Origin::Registry),
            ["fleet must not depend on serde"]
        );
        assert_eq!(edge("fleet", "proptest", Purpose::Tests, Origin::Registry), [""; 0]);
    }

    #[test]
    fn tests_may_use_the_testkit_and_no_other_back_edge() {
        assert_eq!(edge("hatchery", "testkit", Purpose::Tests, Origin::Workspace), [""; 0]);
        assert_eq!(
            edge("hatchery", "testkit", Purpose::Product, Origin::Workspace),
            ["hatchery must not depend on testkit"]
        );
        assert_eq!(
            edge("wire", "store", Purpose::Tests, Origin::Workspace),
            ["wire must not depend on store (for its tests)"]
        );
    }

    #[test]
    fn a_crate_nobody_drew_is_named() {
        assert_eq!(
            edge("newcomer", "fleet", Purpose::Product, Origin::Workspace),
            ["newcomer is not in the table of crates"]
        );
    }
}
