//! `hatchery catalogue check`: what is wrong with a catalogue file, or what is in it.

use std::path::Path;
use std::process::ExitCode;

use hatchery::{Hatchery, Options};

use crate::{Failure, Outcome, Report, say, serve};

/// Reads a file, puts it in force in a store that forgets it, and says what is wrong: line by line,
/// or what the fleet makes of it. Ends with 1 when anything is.
pub(crate) fn check(path: &Path) -> Outcome<ExitCode> {
    let file = match serve::read_catalogue(path) {
        Ok(file) => file,
        Err(Failure::Catalogue { source, .. }) => {
            source.problems().iter().for_each(|problem| say(format_args!("{}: {problem}", path.display())));
            return Ok(ExitCode::FAILURE);
        }
        Err(failure) => return Err(failure),
    };
    let hatchery = Hatchery::in_memory(Options::default());
    let hatchery = hatchery.map_err(|source| Failure::Store { path: path.into(), source })?;
    if let Err(refused) = serve::load(&hatchery, &file) {
        say(format_args!("{}: {}", path.display(), Report(&refused)));
        return Ok(ExitCode::FAILURE);
    }
    let counts = file.counts().into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts.map(|(what, count)| format!("{count} {what}{}", plural(count))).collect();
    let counts = if counts.is_empty() { "nothing".into() } else { counts.join(", ") };
    say(format_args!("{} is a catalogue: {counts}", path.display()));
    Ok(ExitCode::SUCCESS)
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
