//! What can be wrong with a catalogue file.

use std::fmt;

use fleet::LabelError;

/// Why a text is no catalogue file: everything that was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CatalogueError(Vec<CatalogueProblem>);

impl CatalogueError {
    /// Sorts problems by their lines; `None` when there are none.
    pub(super) fn of(mut problems: Vec<CatalogueProblem>) -> Option<Self> {
        problems.sort_by_key(|problem| problem.line);
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// Everything that is wrong, in the order of the lines; never nothing.
    #[must_use]
    pub fn problems(&self) -> &[CatalogueProblem] {
        &self.0
    }
}

impl std::error::Error for CatalogueError {}

impl fmt::Display for CatalogueError {
    /// The first problem, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, more)) = self.0.split_first() else { return Ok(()) };
        write!(f, "{first}")?;
        match more.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line}: {key}{}{mistake}", if key.is_empty() { "" } else { " " })]
pub struct CatalogueProblem {
    /// The line, from 1.
    pub line: usize,
    /// The table and the key, as in `zone.region`; empty when it is no key's.
    pub key: String,
    /// What is wrong there.
    pub mistake: CatalogueMistake,
}

/// What is wrong with a key, said of it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CatalogueMistake {
    /// The text is not TOML.
    #[error("{0}")]
    NoToml(String),
    /// Nothing goes by the key.
    #[error("is not known; {} are", .known.join(", "))]
    Unknown {
        /// What does.
        known: Vec<&'static str>,
    },
    /// The key has to be there.
    #[error("is missing")]
    Missing,
    /// The value is of another type.
    #[error("is of type {found}; {wanted} is wanted")]
    Type {
        /// What it has to be.
        wanted: &'static str,
        /// The TOML type it is of.
        found: &'static str,
    },
    /// The tables of the name are not written as such.
    #[error("is no list of tables, each below its name in double brackets")]
    NoTable,
    /// The number is too large, or negative.
    #[error("is {found}; 0 to {most} is allowed")]
    Number {
        /// The number, as it is written.
        found: String,
        /// The most it can be.
        most: u64,
    },
    /// The text is no label.
    #[error("is `{found}`: {source}")]
    Label {
        /// The text.
        found: String,
        /// Why it is none.
        source: LabelError,
    },
    /// The text is none of those that mean something.
    #[error("is `{found}`; {} are known", .known.join(", "))]
    Choice {
        /// The text.
        found: String,
        /// What is known.
        known: Vec<&'static str>,
    },
    /// The text is no price.
    #[error("is `{found}`, no price: digits are, and a point with one to three more")]
    Price {
        /// The text.
        found: String,
    },
    /// The point in time has no date, no offset, or is before 1970.
    #[error("is `{found}`, no point in time after 1970: 2026-01-02T03:04:05Z is one")]
    Time {
        /// As it is written.
        found: String,
    },
    /// The text is no network.
    #[error("is `{found}`, no IPv4 network: 10.0.0.0/8 is one")]
    Network {
        /// The text.
        found: String,
    },
    /// The text is no block of a subnet.
    #[error("is `{found}`, no block of a subnet: an IPv4 network with a mask of /16 to /29 is one")]
    Block {
        /// The text.
        found: String,
    },
    /// The text is no IPv6 block.
    #[error("is `{found}`, no IPv6 block: an address, `/` and a mask make one")]
    Ipv6 {
        /// The text.
        found: String,
    },
    /// The name of a key pair is too short or too long.
    #[error("has {found} characters; 2 to 128 are allowed")]
    Length {
        /// How many it has.
        found: usize,
    },
    /// Two things of a kind go by one id.
    #[error("is `{id}`, as in line {line}")]
    Twice {
        /// The id.
        id: String,
        /// The line that has it first.
        line: usize,
    },
    /// What is named is not in the file.
    #[error("is `{id}`, and the file has no {table} of that id")]
    Absent {
        /// The table it would be in.
        table: &'static str,
        /// The id.
        id: String,
    },
}
