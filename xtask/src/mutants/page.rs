//! `docs/mutation.md`: what became of the mutants, file by file, and every survivor with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::command::Failure;
use crate::mutants::find::Mutant;
use crate::mutants::ledger::Outcome;
use crate::mutants::tree;
use crate::mutants::weave::Id;
use crate::report::Tally;

const PAGE: &str = "docs/mutation.md";
/// How many of a hundred have to be caught.
const LEAST: usize = 95;

const OPENING: &str = "\
# Mutation

Written by `cargo xtask mutants`. Each mutant is one small mistake in the core: a function that returns at once, an operator
that is another, a guard that always or never holds, an arm that is gone. All are compiled into one build of a copy, and
switched on one at a time; a mutant is caught when a test of `crates/fleet` that reaches it fails, or does not end within
ten times its time.
";

/// All that is known.
pub(crate) struct Judged<'a> {
    pub(crate) all: Vec<&'a Mutant>,
    /// How many functions are left alone.
    pub(crate) left: usize,
    pub(crate) unviable: &'a BTreeSet<Id>,
    pub(crate) outcomes: &'a BTreeMap<String, Outcome>,
    pub(crate) reasons: &'a BTreeMap<String, String>,
}

/// How many, of a file or of all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Counts {
    unviable: usize,
    unjudged: usize,
    caught: usize,
    survived: usize,
}

impl Counts {
    fn judged(self) -> usize {
        self.caught.saturating_add(self.survived)
    }

    fn viable(self) -> usize {
        self.judged().saturating_add(self.unjudged)
    }

    fn is_enough(self) -> bool {
        self.caught.saturating_mul(100) >= self.judged().saturating_mul(LEAST)
    }

    /// In per cent, rounded down to a tenth: what is short of all of them is not shown as all.
    fn score(self) -> String {
        let tenths = self.caught.saturating_mul(1000).checked_div(self.judged());
        tenths.map_or_else(|| "-".to_owned(), |tenths| format!("{}.{} %", tenths / 10, tenths % 10))
    }
}

impl Judged<'_> {
    fn counts(&self, file: Option<&str>) -> Counts {
        let mut counts = Counts::default();
        for mutant in self.all.iter().filter(|mutant| file.is_none_or(|file| file == mutant.file)) {
            let count = match self.outcomes.get(&mutant.key) {
                _ if self.unviable.contains(&mutant.id) => &mut counts.unviable,
                None => &mut counts.unjudged,
                Some(outcome) if outcome.is_caught() => &mut counts.caught,
                Some(_) => &mut counts.survived,
            };
            *count = count.saturating_add(1);
        }
        counts
    }

    fn survivors(&self) -> impl Iterator<Item = (&Mutant, &Outcome)> {
        let outcome = |mutant: &&'_ Mutant| self.outcomes.get(&mutant.key);
        let all = self.all.iter().filter(|mutant| !self.unviable.contains(&mutant.id));
        all.filter_map(move |mutant| Some((*mutant, outcome(mutant)?)))
            .filter(|(_, outcome)| !outcome.is_caught())
    }

    /// What is wrong is said, and counted.
    pub(crate) fn tally(&self) -> Tally {
        let counts = self.counts(None);
        let mut failed: Vec<String> = Vec::new();
        for (mutant, outcome) in
            self.survivors().filter(|(mutant, _)| !self.reasons.contains_key(&mutant.key))
        {
            failed.push(format!("{outcome:?}, and nobody says why: {} (line {})", mutant.key, mutant.line));
        }
        let keys: BTreeSet<_> = self.all.iter().map(|mutant| mutant.key.as_str()).collect();
        for key in self.reasons.keys() {
            let caught = self.outcomes.get(key).is_some_and(Outcome::is_caught);
            if caught || !keys.contains(key.as_str()) {
                failed.push(format!("argued, and {}: {key}", if caught { "caught" } else { "no mutant" }));
            }
        }
        if !counts.is_enough() {
            failed.push(format!("{} are caught, and it should be {LEAST} %", counts.score()));
        }
        failed.iter().for_each(|line| println!("{line}"));
        println!("{counts:?}, {}", counts.score());
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Tally { passed: number(counts.caught), failed: number(failed.len()) }
    }
}

/// Writes the page.
pub(crate) fn write(root: &Path, judged: &Judged<'_>) -> Result<(), Failure> {
    tree::write(&root.join(PAGE), &text(judged))
}

fn text(judged: &Judged<'_>) -> String {
    let all = judged.counts(None);
    let mut page = format!(
        "{OPENING}\n{} mutants: {} do not compile. Of the {} others {} were judged, and {} caught: **{}**. Left alone are {} \
functions that\nconstants are made with, and what is printed for people.\n",
        judged.all.len(),
        all.unviable,
        all.viable(),
        all.judged(),
        all.caught,
        all.score(),
        judged.left,
    );
    page.push_str("\n| file | viable | judged | caught | survived | unviable | score |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let files: BTreeSet<&str> = judged.all.iter().map(|mutant| mutant.file.as_str()).collect();
    for file in files {
        let counts = judged.counts(Some(file));
        let Counts { unviable, caught, survived, .. } = counts;
        let (viable, many, score) = (counts.viable(), counts.judged(), counts.score());
        let _ =
            writeln!(page, "| `{file}` | {viable} | {many} | {caught} | {survived} | {unviable} | {score} |");
    }
    page.push_str("\n## Survivors\n");
    let mut groups: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for (mutant, _) in judged.survivors() {
        let reason = judged.reasons.get(&mutant.key).map_or("Nobody has said why.", String::as_str);
        groups.entry(reason).or_default().push(mutant);
    }
    for (reason, mutants) in groups {
        let _ = writeln!(page, "\n{reason}\n");
        for Mutant { line, key, .. } in mutants {
            let _ = writeln!(page, "- line {line} of {key}");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survivor_needs_a_reason_and_a_reason_a_survivor() {
        let mutant = |id, key: &str| Mutant { id, file: "a.rs".to_owned(), line: 1, key: key.to_owned() };
        let (caught, argued, open) = (mutant(1, "caught"), mutant(2, "argued"), mutant(3, "open"));
        let outcomes = [
            ("caught", Outcome::Caught("t".to_owned())),
            ("argued", Outcome::Survived),
            ("open", Outcome::Unreached),
        ];
        let outcomes = outcomes.map(|(key, outcome)| (key.to_owned(), outcome)).into();
        let reasons = |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), "so".to_owned())).collect();
        let unviable = BTreeSet::new();
        // One of three is not enough: that is a failure of its own.
        for (reasons, failed) in [
            (reasons(&["argued", "open"]), 1),
            (reasons(&["argued"]), 2),
            (reasons(&["argued", "open", "caught", "gone"]), 3),
        ] {
            let all = vec![&caught, &argued, &open];
            let judged = Judged { all, left: 0, unviable: &unviable, outcomes: &outcomes, reasons: &reasons };
            assert_eq!(judged.tally(), Tally { passed: 1, failed }, "{reasons:?}");
        }
    }

    #[test]
    fn a_score_is_never_better_than_it_is() {
        let counts = Counts { caught: 9999, survived: 1, ..Counts::default() };
        assert_eq!((counts.score(), counts.is_enough()), ("99.9 %".to_owned(), true));
        let counts = Counts { caught: 949, survived: 51, ..Counts::default() };
        assert_eq!((counts.score(), counts.is_enough()), ("94.9 %".to_owned(), false));
        assert_eq!(Counts::default().score(), "-");
    }
}
