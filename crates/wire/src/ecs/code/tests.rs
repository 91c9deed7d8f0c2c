//! The constants against the contract: every rule has its code, no code is invented.

use std::collections::BTreeSet;

use super::*;

/// The id, status, code and message of every rule of `RunInstances` and `CreateInstance`.
const RULES: &str = include_str!("../../../tests/vectors/ecs-rules.tsv");
/// Status and code of every documented error row.
const DOCUMENTED: &str = include_str!("../../../tests/vectors/ecs-codes.tsv");

fn says(found: &Message, expected: &str) -> bool {
    match found {
        Message::Fixed(text) => *text == expected,
        Message::Around { before, after } => {
            expected.strip_prefix(before).is_some_and(|rest| rest.ends_with(after))
        }
        Message::Dynamic => expected == "%s",
    }
}

#[test]
fn every_rule_has_its_code() {
    let mut rules = 0;
    for line in RULES.lines() {
        let [id, status, code, message] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let found = Code::all().any(|found| {
            found.code == code && found.status.to_string() == status && says(&found.message, message)
        });
        assert!(found, "rule {id}: {status} {code}: {message}");
        rules += 1;
    }
    assert_eq!(rules, RULE_COUNT);
}

#[test]
fn no_code_is_invented() {
    let documented: BTreeSet<&str> = DOCUMENTED.lines().collect();
    for code in Code::all() {
        let row = format!("{}\t{}", code.status, code.code);
        assert!(documented.contains(row.as_str()), "{row}");
    }
}

#[test]
fn no_row_is_there_twice() {
    let mut seen = BTreeSet::new();
    for code in Code::all() {
        assert!(seen.insert(format!("{code:?}")), "{code:?}");
    }
}

const RULE_COUNT: usize = 146;
