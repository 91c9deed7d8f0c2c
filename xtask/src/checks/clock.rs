//! The library never starts a thread and never asks for the time: whoever embeds it owns both.

use crate::checks::Checked;
use crate::checks::sources::{Source, Sources, has_word};

const LIBRARY: [&str; 4] =
    ["crates/fleet/src/", "crates/wire/src/", "crates/store/src/", "crates/hatchery/src/"];

const FORBIDDEN: [&str; 5] =
    ["thread::spawn", "thread::scope", "thread::Builder", "Instant::now", "SystemTime::now"];

/// Tries whether sled could have threads; its own are gone again at once.
const EXCEPTED: &str = "crates/store/src/engine/local/sled_threads.rs";

pub(crate) fn the_library_starts_no_thread_and_reads_no_clock(sources: &Sources) -> Checked {
    let library = sources.0.iter().filter(|source| is_library(&source.path)).collect::<Vec<_>>();
    Checked { looked_at: library.len(), findings: library.into_iter().flat_map(objections).collect() }
}

fn is_library(path: &str) -> bool {
    let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
    !is_test && path != EXCEPTED && LIBRARY.iter().any(|directory| path.starts_with(directory))
}

fn objections(source: &Source) -> Vec<String> {
    let lines =
        outside_tests(&source.text).into_iter().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let called = lines.flat_map(|(number, line)| {
        FORBIDDEN.into_iter().filter(move |call| has_word(line, call)).map(move |call| (number, call))
    });
    called.map(|(number, call)| format!("{}:{number} calls {call}", source.path)).collect()
}

/// The numbered lines that are not part of an item under `#[cfg(test)]`. Relies on rustfmt's indentation.
fn outside_tests(text: &str) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if line.trim_start() != "#[cfg(test)]" {
            kept.push((number, line));
            continue;
        }
        let indent = line.len().saturating_sub(line.trim_start().len());
        // The item is over at the first line as far left as it began that closes it.
        let closes = |line: &str| {
            let is_as_far_left = line.len().saturating_sub(line.trim_start().len()) == indent;
            is_as_far_left && (line.ends_with(';') || line.trim_start().starts_with('}'))
        };
        lines.find(|(_, line)| closes(line));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::sources::tests::source;

    fn findings(path: &str, text: &str) -> Vec<String> {
        the_library_starts_no_thread_and_reads_no_clock(&source(path, text)).findings
    }

    #[test]
    fn a_call_is_named_with_its_place() {
        assert_eq!(
            findings("crates/store/src/a.rs", "//! A.\nlet now = std::time::Instant::now();\n"),
            ["crates/store/src/a.rs:2 calls Instant::now"]
        );
        let scope = "thread::scope(|scope| thread::Builder::new().spawn_scoped(scope, work));\n";
        let place = "crates/store/src/a.rs:1 calls";
        let both = [format!("{place} thread::scope"), format!("{place} thread::Builder")];
        assert_eq!(findings("crates/store/src/a.rs", scope), both);
        assert_eq!(findings(EXCEPTED, scope), [""; 0]);
    }

    #[test]
    fn comments_tests_and_other_crates_may_say_it() {
        assert_eq!(findings("crates/store/src/a.rs", "/// Not Instant::now().\n"), [""; 0]);
        assert_eq!(findings("crates/store/src/a/tests.rs", "thread::spawn(work);\n"), [""; 0]);
        assert_eq!(findings("crates/cli/src/main.rs", "SystemTime::now();\n"), [""; 0]);
    }

    #[test]
    fn only_the_test_items_are_left_out() {
        let text = "\
//! A.
#[cfg(test)]
mod model;
fn one() { thread::spawn(work); }
#[cfg(test)]
mod tests {
    fn two() {
        thread::spawn(work);
    }
}
fn three() { SystemTime::now(); }
";
        assert_eq!(
            findings("crates/fleet/src/a.rs", text),
            ["crates/fleet/src/a.rs:4 calls thread::spawn", "crates/fleet/src/a.rs:11 calls SystemTime::now"]
        );
    }
}
