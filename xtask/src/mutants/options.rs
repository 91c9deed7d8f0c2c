//! What is asked for.

/// The options of `cargo xtask mutants`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Options {
    pub(crate) jobs: usize,
    /// Files of the core, from its sources; all if there are none.
    pub(crate) only: Vec<String>,
    /// How many of those that are not judged yet, evenly spread.
    pub(crate) sample: Option<usize>,
    /// What was judged before is judged again.
    pub(crate) again: bool,
}

impl Options {
    pub(crate) fn parse(options: &[String]) -> Result<Self, String> {
        let mut parsed = Self { jobs: 2, only: Vec::new(), sample: None, again: false };
        let mut rest = options.iter();
        while let Some(option) = rest.next() {
            let mut value = || rest.next().cloned().ok_or_else(|| format!("{option} of what?"));
            let number =
                |text: String| text.parse().map_err(|_| format!("{option} takes a number, not {text}"));
            match option.as_str() {
                "--jobs" => parsed.jobs = number(value()?)?,
                "--only" => parsed.only.push(value()?),
                "--sample" => parsed.sample = Some(number(value()?)?),
                "--again" => parsed.again = true,
                _ => return Err(format!("mutants knows no {option}")),
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let words = ["--jobs", "1", "--only", "pool.rs", "--sample", "9", "--again"].map(str::to_owned);
        let expected = Options { jobs: 1, only: vec!["pool.rs".to_owned()], sample: Some(9), again: true };
        assert_eq!(Options::parse(&words), Ok(expected));
        assert_eq!(Options::parse(&["--all".to_owned()]), Err("mutants knows no --all".to_owned()));
    }
}
