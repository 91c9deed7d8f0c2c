//! Every Rust file of the repository, and the rules about its text.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::checks::Checked;
use crate::command::Failure;

/// The core's root file, which declares that there is no `std`.
const CORE: &str = "crates/fleet/src/lib.rs";

/// What stands for work put off. In two halves each, so that this file does not find itself.
const LEFT_OVERS: [&str; 4] =
    [concat!("FIX", "ME"), concat!("XX", "X"), concat!("to", "do!"), concat!("#[ign", "ore")];

#[derive(Debug)]
pub(crate) struct Source {
    /// From the root, with `/` between.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All Rust files, ordered by path.
#[derive(Debug)]
pub(crate) struct Sources(pub(crate) Vec<Source>);

impl Sources {
    /// Reads all files below `root`, build products and hidden directories apart.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let mut paths = Vec::new();
        find(root, &mut paths)?;
        paths.sort();
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).map_err(Failure::at(&path))?;
            Ok(Source { path: path.strip_prefix(root).unwrap_or(&path).display().to_string(), text })
        };
        Ok(Self(paths.into_iter().map(read).collect::<Result<_, _>>()?))
    }

    fn check(&self, findings: impl Fn(&Source) -> Vec<String>) -> Checked {
        Checked { looked_at: self.0.len(), findings: self.0.iter().flat_map(findings).collect() }
    }
}

fn find(directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(directory).map_err(Failure::at(directory))? {
        let path = entry.map_err(Failure::at(directory))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            find(&path, found)?;
        } else if path.extension() == Some(OsStr::new("rs")) {
            found.push(path);
        }
    }
    Ok(())
}

pub(crate) fn every_file_says_what_it_is(sources: &Sources) -> Checked {
    sources.check(|source| {
        if source.text.starts_with("//! ") {
            return Vec::new();
        }
        vec![format!("{} does not open with `//!`", source.path)]
    })
}

pub(crate) fn nothing_is_left_for_later(sources: &Sources) -> Checked {
    sources.check(|source| {
        let lines = source.text.lines().zip(1..);
        let found = lines.flat_map(|(line, number)| left_overs(line).map(move |word| (number, word)));
        found.map(|(number, word)| format!("{}:{number} says {word}", source.path)).collect()
    })
}

fn left_overs(line: &str) -> impl Iterator<Item = &'static str> {
    LEFT_OVERS.into_iter().filter(move |word| has_word(line, word))
}

pub(crate) fn the_core_has_no_std(sources: &Sources) -> Checked {
    let core = sources.0.iter().find(|source| source.path == CORE);
    let declared = core.is_some_and(|core| core.text.lines().any(|line| line == "#![no_std]"));
    let findings = if declared { Vec::new() } else { vec![format!("{CORE} does not say #![no_std]")] };
    Checked { looked_at: core.iter().len(), findings }
}

/// Whether `word` stands in `line` by itself and not as part of a longer one.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let (before, rest) = line.split_at(start);
        let after = rest.strip_prefix(word).unwrap_or_default();
        !before.ends_with(is_word_part) && !after.starts_with(is_word_part)
    })
}

fn is_word_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn source(path: &str, text: &str) -> Sources {
        Sources(vec![Source { path: path.to_owned(), text: text.to_owned() }])
    }

    #[test]
    fn a_file_opens_with_its_story() {
        let checked = every_file_says_what_it_is(&source("a.rs", "//! A story.\n"));
        assert_eq!(checked, Checked { looked_at: 1, findings: vec![] });
        let checked = every_file_says_what_it_is(&source("a.rs", "use std::fmt;\n//! Too late.\n"));
        assert_eq!(checked.findings, ["a.rs does not open with `//!`"]);
    }

    #[test]
    fn words_left_for_later_are_found_with_their_line() {
        let [fix, marks, macro_call, attribute] = LEFT_OVERS;
        let text = format!("fine\n// {fix} soon\n{macro_call}();\n{attribute} = \"slow\"]\n// {marks}\n");
        assert_eq!(
            nothing_is_left_for_later(&source("a.rs", &text)).findings,
            [
                format!("a.rs:2 says {fix}"),
                format!("a.rs:3 says {macro_call}"),
                format!("a.rs:4 says {attribute}"),
                format!("a.rs:5 says {marks}"),
            ]
        );
    }

    #[test]
    fn a_longer_word_is_another_word() {
        let marks = LEFT_OVERS[1];
        let text = format!("\"75B{marks}{marks}\" my_{}()", LEFT_OVERS[2]);
        assert_eq!(nothing_is_left_for_later(&source("a.rs", &text)).findings, [""; 0]);
    }

    #[test]
    fn the_core_must_say_that_it_has_no_std() {
        let says = source(CORE, "//! The core.\n#![no_std]\n");
        assert_eq!(the_core_has_no_std(&says).findings, [""; 0]);
        let only_mentions = source(CORE, "//! The core is #![no_std].\n");
        assert_eq!(the_core_has_no_std(&only_mentions).findings.len(), 1);
        assert_eq!(the_core_has_no_std(&Sources(vec![])).findings.len(), 1);
    }
}
