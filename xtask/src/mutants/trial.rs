//! One mutant before all tests that reach it: quick ones first, and no more after the first that fails.

use std::path::Path;
use std::time::Duration;

use crate::command::Failure;
use crate::mutants::ledger::Outcome;
use crate::mutants::suite::{self, Test, Verdict};
use crate::mutants::weave::Id;

/// How much of the tests' own time is spent before what is slower is begun.
const ROUNDS: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(700), Duration::from_secs(4), Duration::MAX];
/// A mutant may take so much longer than nobody, and so much besides.
const PATIENCE: u32 = 10;
const GRACE: Duration = Duration::from_secs(4);

/// Judges the mutant. `tests` are ordered by how long they take.
pub(crate) fn judge(id: Id, tests: &[Test], core: &Path, output: &Path) -> Result<Outcome, Failure> {
    let reaching: Vec<&Test> = tests.iter().filter(|test| test.reaches.contains(&id)).collect();
    if reaching.is_empty() {
        return Ok(Outcome::Unreached);
    }
    for round in rounds(&reaching) {
        for (names, binary, took) in by_binary(&round) {
            let mut command = suite::tests(binary, core, &names);
            command.env("HATCHERY_MUTANT", id.to_string());
            let longest = took.saturating_mul(PATIENCE).saturating_add(GRACE);
            match suite::watch(command, &output.to_owned(), longest)? {
                Verdict::Passed => {}
                Verdict::Failed(name) => return Ok(Outcome::Caught(format!("{}::{name}", binary.name))),
                Verdict::TimedOut => return Ok(Outcome::TimedOut),
            }
        }
    }
    Ok(Outcome::Survived)
}

fn rounds<'a>(tests: &[&'a Test]) -> Vec<Vec<&'a Test>> {
    let mut rounds: Vec<Vec<&Test>> = vec![Vec::new(); ROUNDS.len()];
    let mut spent = Duration::ZERO;
    for test in tests {
        spent = spent.saturating_add(test.took);
        let at = ROUNDS.iter().position(|until| spent <= *until).unwrap_or_default();
        if let Some(round) = rounds.get_mut(at) {
            round.push(test);
        }
    }
    rounds
}

fn by_binary<'a>(round: &[&'a Test]) -> Vec<(Vec<&'a str>, &'a crate::mutants::compile::Binary, Duration)> {
    let mut parts: Vec<(Vec<&str>, _, Duration)> = Vec::new();
    for test in round {
        match parts.iter_mut().find(|(_, binary, _)| *binary == &test.binary) {
            Some((names, _, took)) => {
                names.push(&test.name);
                *took = took.saturating_add(test.took);
            }
            None => parts.push((vec![&test.name], &test.binary, test.took)),
        }
    }
    parts
}
