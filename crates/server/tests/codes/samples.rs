//! The sample requests of the contract, each in a world of its own: status, code and, where the sample
//! is an instance of a numbered rule, that the rule has that code.

use wire::Params;

use testkit::requests::{Ask, Step};

use crate::door::Door;

/// Id, status, code ("ok" for none), rule ("ok" or "-" for none) and query of every sample.
pub(crate) const SAMPLES: &str = include_str!("../../../wire/tests/contract/sample-requests-ecs.tsv");
const RULES: &str = include_str!("../../../wire/tests/contract/rules.tsv");

/// What the samples assume beyond the world as it is, by what in a query asks for it.
const BEFORE: [(&str, Step); 2] =
    [("tok-1", Step::Ask("RunInstances", "ClientToken=tok-1")), ("sg-full", Step::FillGroup)];

#[test]
fn every_sample_request_comes_to_what_the_contract_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for sample in SAMPLES.lines() {
        let [id, status, code, rule, query] = sample.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{sample}")
        };
        let mut door = Door::plain();
        let before = BEFORE.iter().filter(|(word, _)| query.contains(word));
        before.for_each(|(_, step)| door.take(*step));
        let found = door.ask(&ask(query));
        if !found.is(status.parse().unwrap(), code) {
            wrong.push(format!("{id} {rule} {status} {code}: {} {}", found.status, found.body));
        }
        let of_rule =
            RULES.lines().map(|line| line.split('\t').collect::<Vec<_>>()).find(|line| line[0] == rule);
        assert!(of_rule.is_none_or(|line| (line[2], line[3]) == (status, code)), "{id}: {rule}");
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, 104);
}

/// The request as the sample spells it; instances go by what the world calls them.
fn ask(query: &str) -> Ask {
    let mut ask = Ask::empty();
    let params = Params::parse(query.as_bytes(), b"").unwrap();
    for name in params.leftover() {
        let value = params.find(&name).unwrap();
        let instance =
            ["running", "stopped", "protected", "prepaid"].into_iter().find(|it| *value == format!("i-{it}"));
        ask = ask.set(&name, &instance.map_or_else(|| value.to_owned(), |name| format!("{{{name}}}")));
    }
    ask
}
