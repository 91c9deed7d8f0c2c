//! docs/guarantees.md promises things and names the tests that hold them; here each of those tests must exist.
//!
//! A test is named in backticks, as `crate::path::test_name` or by its bare name of three words or more.
//! What only looks like one can be written otherwise: `sync_file_range(2)`.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::checks::Checked;
use crate::checks::sources::{Source, Sources};
use crate::command::Failure;

const DOCUMENT: &str = "docs/guarantees.md";

/// Reads the document. None is the same as an empty one: it promises nothing.
pub(crate) fn read(root: &Path) -> Result<String, Failure> {
    let path = root.join(DOCUMENT);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(why) => Err(Failure::at(&path)(why)),
    }
}

pub(crate) fn every_named_test_exists(document: &str, sources: &Sources) -> Checked {
    let functions = sources.0.iter().flat_map(functions).collect::<BTreeSet<_>>();
    let mut checked = Checked::default();
    for (line, number) in document.lines().zip(1..) {
        for name in quoted(line).filter_map(TestName::parse) {
            checked.looked_at = checked.looked_at.saturating_add(1);
            if !name.is_among(&functions) {
                checked
                    .findings
                    .push(format!("{DOCUMENT}:{number} names {}, which nobody wrote", name.whole));
            }
        }
    }
    checked
}

/// What stands between backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

struct TestName<'a> {
    whole: &'a str,
    /// The crate to look in, if the name says so.
    home: Option<&'a str>,
    function: &'a str,
}

impl<'a> TestName<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if !text.split("::").all(is_snake_case) {
            return None;
        }
        let (path, function) = text.rsplit_once("::").map_or((None, text), |(path, last)| (Some(path), last));
        let home = path.and_then(|path| path.split("::").next());
        let is_foreign = matches!(home, Some("std" | "core" | "alloc"));
        let is_sentence = function.matches('_').count() >= 2;
        (!is_foreign && (home.is_some() || is_sentence)).then_some(Self { whole: text, home, function })
    }

    fn is_among(&self, functions: &BTreeSet<(&str, &str)>) -> bool {
        functions.iter().any(|(home, function)| {
            *function == self.function && self.home.is_none_or(|wanted| wanted == *home)
        })
    }
}

fn is_snake_case(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// The functions of a file, each with the crate it is in.
fn functions(source: &Source) -> impl Iterator<Item = (&str, &str)> {
    let home = source.path.strip_prefix("crates/").unwrap_or(&source.path);
    let home = home.split('/').next().unwrap_or_default();
    let declared = source.text.split("fn ").skip(1);
    declared.filter_map(|rest| rest.split(['(', '<']).next()).map(move |name| (home, name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::sources::tests::source;

    fn findings(document: &str) -> Vec<String> {
        let text = "//! A.\n#[test]\nfn no_address_is_held_twice() {}\nfn take<T>() {}\n";
        every_named_test_exists(document, &source("crates/fleet/tests/a.rs", text)).findings
    }

    #[test]
    fn a_test_is_found_by_its_bare_name_or_by_its_path() {
        assert_eq!(findings("| safe | `no_address_is_held_twice`, `fleet::a::take` |"), [""; 0]);
    }

    #[test]
    fn a_test_nobody_wrote_is_named_with_its_line() {
        assert_eq!(
            findings("# Promises\n`an_address_is_held_once`"),
            ["docs/guarantees.md:2 names an_address_is_held_once, which nobody wrote"]
        );
    }

    #[test]
    fn a_test_in_another_crate_does_not_count() {
        assert_eq!(
            findings("`store::no_address_is_held_twice`"),
            ["docs/guarantees.md:1 names store::no_address_is_held_twice, which nobody wrote"]
        );
    }

    #[test]
    fn other_code_is_left_alone() {
        assert_eq!(
            findings("`hatchery check`, `fdatasync`, `std::fs::rename`, `Launch`, `sync_file_range(2)`"),
            [""; 0]
        );
    }
}
