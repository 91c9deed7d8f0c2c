//! Every documented error row is reached, by a recipe or a test, or argued away: exactly one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use testkit::requests::recipes;
use wire::ecs::Code;
use wire::zenlayer;

use crate::argued::{ARGUED, ELSEWHERE};

/// Status, code, actions, and who decides it, of every documented row.
const ROWS: &str = include_str!("../../../wire/tests/contract/errors.tsv");
/// Id, actions, status and code of every numbered rule of launches.
const RULES: &str = include_str!("../../../wire/tests/contract/rules.tsv");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/wire-coverage.md");
/// Where this test's part of the page begins; the rest is written by the tests of `wire`.
const HEADING: &str = "\n## Error codes\n";

/// A documented row.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Row {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) actions: Vec<&'static str>,
}

impl Row {
    fn is_of_zenlayer(&self) -> bool {
        self.actions.iter().all(|action| action.starts_with("bmc:"))
    }
}

/// What some rows have in common, as [`ARGUED`] writes it: a code (or how it begins, with `*`), and
/// where that is not enough a status, all its actions, or both.
struct Pattern {
    code: &'static str,
    status: Option<u16>,
    action: Option<&'static str>,
}

impl Pattern {
    fn parse(text: &'static str) -> Self {
        let mut pattern = Self { code: "", status: None, action: None };
        for (place, word) in text.split(' ').enumerate() {
            match word.parse() {
                Ok(status) => pattern.status = Some(status),
                Err(_) if place == 0 => pattern.code = word,
                Err(_) => pattern.action = Some(word),
            }
        }
        pattern
    }

    fn matches(&self, row: &Row) -> bool {
        let code = match self.code.strip_suffix('*') {
            Some(beginning) => row.code.starts_with(beginning),
            None => row.code == self.code,
        };
        code && self.status.is_none_or(|status| status == row.status)
            && self.action.is_none_or(|action| row.actions.join(",") == action)
    }
}

/// The rows that the fleet itself, or the model of its accounts, has to decide.
fn rows() -> Vec<Row> {
    let rows = ROWS.lines().map(|line| line.split('\t').collect::<Vec<_>>()).filter(|row| row[3] != "no");
    rows.map(|row| Row {
        status: row[0].parse().unwrap(),
        code: row[1],
        actions: row[2].split(',').collect(),
    })
    .collect()
}

/// Whether a recipe brings the row about: its code, and where rows of the code differ in their status,
/// the status and an action.
fn reached(row: &Row, statuses: &BTreeMap<&str, BTreeSet<u16>>) -> bool {
    let all = row.actions[0].starts_with("(all");
    recipes().any(|recipe| {
        let same = recipe.status == row.status && (all || row.actions.contains(&recipe.action));
        recipe.code == row.code && recipe.status == row.status && (same || statuses[row.code].len() == 1)
    })
}

/// What becomes of a row, by every list it is in.
fn lists(row: &Row, statuses: &BTreeMap<&str, BTreeSet<u16>>) -> Vec<String> {
    if row.is_of_zenlayer() {
        return zenlayer_lists(row);
    }
    let mut lists = Vec::new();
    if reached(row, statuses) {
        lists.push("reached".to_owned());
    }
    for (because, patterns) in ARGUED {
        lists.extend(
            patterns.iter().filter(|text| Pattern::parse(text).matches(row)).map(|_| (*because).to_owned()),
        );
    }
    if ELSEWHERE.iter().any(|(text, _)| Pattern::parse(text).matches(row)) {
        lists.push("reached elsewhere".to_owned());
    }
    lists
}

/// The same of a row of the other dialect. `bare_metal::every_code_is_told_in_a_test` holds all its
/// codes to being told.
fn zenlayer_lists(row: &Row) -> Vec<String> {
    let told = zenlayer::Code::all().filter(|code| (code.status, code.code) == (row.status, row.code));
    let silent = zenlayer::coverage::SILENT.iter().filter(|(code, _)| *code == row.code);
    let told = told.map(|_| "reached".to_owned());
    told.chain(silent.map(|(_, because)| (*because).to_owned())).collect()
}

fn statuses() -> BTreeMap<&'static str, BTreeSet<u16>> {
    let mut statuses: BTreeMap<&str, BTreeSet<u16>> = BTreeMap::new();
    rows().iter().for_each(|row| {
        statuses.entry(row.code).or_default().insert(row.status);
    });
    statuses
}

#[test]
fn every_row_is_in_one_list() {
    let statuses = statuses();
    let wrong: BTreeSet<String> = rows()
        .iter()
        .map(|row| (row, lists(row, &statuses)))
        .filter(|(_, lists)| lists.len() != 1)
        .map(|(row, lists)| format!("{} {} {:?}: {lists:?}", row.status, row.code, row.actions))
        .collect();
    assert!(
        wrong.is_empty(),
        "{}\n{} rows",
        wrong.iter().cloned().collect::<Vec<_>>().join("\n"),
        wrong.len()
    );
}

#[test]
fn every_argument_is_about_a_row() {
    let rows = rows();
    for (because, patterns) in ARGUED {
        for text in *patterns {
            assert!(rows.iter().any(|row| Pattern::parse(text).matches(row)), "{text}: {because}");
        }
    }
}

#[test]
fn every_constant_is_in_a_recipe_or_an_argument() {
    for code in Code::all() {
        let cooked = recipes().any(|recipe| (recipe.status, recipe.code) == (code.status, code.code));
        let row = |actions| Row { status: code.status, code: code.code, actions };
        let argued = ARGUED.iter().flat_map(|(_, patterns)| *patterns).any(|text| {
            let pattern = Pattern::parse(text);
            pattern.matches(&row(pattern.action.into_iter().collect()))
        });
        let elsewhere = ELSEWHERE.iter().any(|(text, _)| Pattern::parse(text).matches(&row(vec![])));
        assert!(cooked || argued || elsewhere, "{code:?} is neither brought about nor argued away");
    }
}

/// The text of every test program beside the core, the wire and the server.
fn tests() -> String {
    let folders =
        ["../wire/tests", "../wire/src/ecs", "../wire/src/ecs/refusal", "../fleet/tests/tables", "tests"];
    let mut tests = String::new();
    for folder in folders {
        for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                tests.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    tests
}

#[test]
fn what_comes_about_elsewhere_has_its_test_there() {
    let tests = tests();
    for (row, test) in ELSEWHERE {
        assert!(rows().iter().any(|found| Pattern::parse(row).matches(found)), "{row}");
        assert!(tests.contains(&format!("fn {test}()")), "{row}: {test}");
    }
}

#[test]
fn every_rule_is_in_a_recipe_or_named_by_a_test_or_argued_away() {
    let mut tests = tests();
    tests.push_str(crate::samples::SAMPLES);
    // As a word, so that A-1 is not found in A-10.
    let named = |id: &str| {
        tests
            .match_indices(id)
            .any(|(at, _)| !tests[at + id.len()..].starts_with(|next: char| next.is_alphanumeric()))
    };
    let mut count = 0;
    for line in RULES.lines() {
        let [id, _, status, code] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let mut cooked = recipes().filter(|recipe| recipe.rule == id).peekable();
        let row = Row { status: status.parse().unwrap(), code, actions: vec![] };
        let argued =
            ARGUED.iter().flat_map(|(_, patterns)| *patterns).any(|text| Pattern::parse(text).matches(&row));
        assert!(
            cooked.peek().is_some() || named(id) || argued,
            "rule {id} is in no recipe, no test and no argument"
        );
        for recipe in cooked {
            assert_eq!((recipe.status.to_string().as_str(), recipe.code), (status, code), "rule {id}");
        }
        count += 1;
    }
    assert_eq!(count, 150);
}

/// The part of the page that is about error codes.
fn page() -> String {
    let (statuses, rows) = (statuses(), rows());
    let mut counts: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for row in &rows {
        let group = if row.is_of_zenlayer() { "Zenlayer".into() } else { group(row) };
        let list = lists(row, &statuses).into_iter().next().unwrap_or_default();
        let list = if list.starts_with("reached") { "reached" } else { "argued" };
        *counts.entry(group).or_default().entry(list).or_default() += 1;
    }
    let mut page = format!("{HEADING}{INTRODUCTION}");
    for (group, lists) in &counts {
        let [reached, argued] = ["reached", "argued"].map(|list| lists.get(list).copied().unwrap_or(0));
        let _ = writeln!(page, "| {group} | {} | {reached} | {argued} |", reached + argued);
    }
    let of_recipes = rows.iter().filter(|row| !row.is_of_zenlayer());
    let all: BTreeSet<(u16, &str)> = of_recipes.map(|row| (row.status, row.code)).collect();
    let cooked: BTreeSet<(u16, &str)> = recipes().map(|recipe| (recipe.status, recipe.code)).collect();
    let _ = writeln!(
        page,
        "\nThat is {} of {} pairs of status and code of ECS, in {} recipes.",
        all.intersection(&cooked).count(),
        all.len(),
        recipes().count()
    );
    page.push_str("\n### What cannot be reached\n\n| because | codes |\n| --- | --- |\n");
    for (because, patterns) in ARGUED {
        let codes: Vec<String> = patterns.iter().map(|text| format!("`{text}`")).collect();
        let _ = writeln!(page, "| {because} | {} |", codes.join(", "));
    }
    page
}

fn group(row: &Row) -> String {
    match row.actions[..] {
        [action] if action.starts_with("(all") => "all actions".into(),
        [action] => action.into(),
        _ if row.actions.iter().all(|action| ["RunInstances", "CreateInstance"].contains(action)) => {
            "RunInstances and CreateInstance".into()
        }
        _ => "several actions".into(),
    }
}

const INTRODUCTION: &str = "
Every error row of the contract that a catalogue, an inventory or an account decides, by the actions it is documented
for. **Reached**: a recipe (`crates/testkit/src/requests/recipes`) brings it about, and a test follows it; a code of
Zenlayer is told in a test of its own. **Argued**: the table below, or the
[page of Zenlayer](wire-coverage-zenlayer.md), says why it cannot come about. Rows of one code that do not differ in
their status, only in message or action, are brought about by one of them.

| actions | rows | reached | argued |
| --- | ---: | ---: | ---: |
";

#[test]
fn the_page_says_so() {
    let found = std::fs::read_to_string(PAGE).unwrap();
    let (before, behind) = found.split_once(HEADING).unwrap_or((&found, ""));
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(PAGE, format!("{before}{page}")).unwrap();
    }
    let is_so = page.strip_prefix(HEADING) == Some(behind);
    assert!(is_so, "docs/wire-coverage.md is behind; write it anew with UPDATE=1");
}
