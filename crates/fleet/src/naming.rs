//! How the instances of one launch are named: `contract/ecs-run-instances.md` section 4, in neutral words.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The name that a launch asks for, before it is told how many instances there are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Naming {
    /// Each instance goes by its own id.
    OwnId,
    /// Each goes by the name at its own place in this list, and by its id where there is none.
    Each(Vec<Arc<str>>),
    /// All go by one name.
    Fixed(Arc<str>),
    /// Each goes by a number of its own between two texts: `prefix[begin,digits]suffix`.
    Numbered {
        /// Before the number.
        prefix: Arc<str>,
        /// The number of the first instance.
        begin: u32,
        /// How many digits are written at least.
        digits: u8,
        /// Behind the number.
        suffix: Arc<str>,
    },
    /// Each goes by numbers of its own anywhere in a text.
    Parts(Vec<NamePart>),
}

/// A part of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NamePart {
    /// The same for all.
    Text(Arc<str>),
    /// A number of its own.
    Number {
        /// The number of the first instance.
        begin: u32,
        /// How many digits are written at least.
        digits: u8,
    },
}

/// A [`Naming`] and whether three more digits tell its names apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Names {
    /// What was asked for.
    pub naming: Naming,
    /// `001`, `002`, … behind each name. Without effect on a numbered name that ends in its number.
    pub unique_suffix: bool,
}

impl Names {
    /// The largest number in a numbered name; further instances stay at it.
    pub const NUMBER_MAX: u32 = 999_999;
    /// How many characters the unique suffix takes.
    pub const UNIQUE_SUFFIX_CHARACTERS: usize = 3;
    /// Each instance goes by its own id.
    pub const OWN_ID: Self = Self { naming: Naming::OwnId, unique_suffix: false };

    /// The name of the instance at `index` (from 0) of its launch; `None` when it goes by its id.
    #[must_use]
    pub fn name(&self, index: u8) -> Option<String> {
        let ordinal = u16::from(index).saturating_add(1);
        match &self.naming {
            Naming::OwnId => None,
            Naming::Each(names) => names.get(usize::from(index)).map(|name| String::from(&**name)),
            Naming::Fixed(name) if self.unique_suffix => Some(format!("{name}{ordinal:03}")),
            Naming::Fixed(name) => Some(String::from(&**name)),
            Naming::Numbered { prefix, begin, digits, suffix } => {
                let number = begin.saturating_add(u32::from(index)).min(Self::NUMBER_MAX);
                let name = format!("{prefix}{number:0width$}{suffix}", width = usize::from(*digits));
                if self.unique_suffix && !suffix.is_empty() {
                    return Some(format!("{name}{ordinal:03}"));
                }
                Some(name)
            }
            Naming::Parts(parts) => {
                let mut name = String::new();
                for part in parts {
                    match part {
                        NamePart::Text(text) => name.push_str(text),
                        NamePart::Number { begin, digits } => {
                            let number = begin.saturating_add(u32::from(index)).min(Self::NUMBER_MAX);
                            name.push_str(&format!("{number:0width$}", width = usize::from(*digits)));
                        }
                    }
                }
                Some(name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(prefix: &str, begin: u32, digits: u8, suffix: &str) -> Naming {
        Naming::Numbered { prefix: prefix.into(), begin, digits, suffix: suffix.into() }
    }

    fn each(names: &[&str]) -> Naming {
        Naming::Each(names.iter().map(|name| Arc::from(*name)).collect())
    }

    #[test]
    fn names_count_as_the_contract_says() {
        for (naming, unique_suffix, index, expected) in [
            (Naming::OwnId, false, 0, None),
            (Naming::OwnId, true, 0, None),
            (each(&["web", "db"]), false, 1, Some("db")),
            (each(&["web", "db"]), true, 0, Some("web")),
            (each(&["web", "db"]), false, 2, None),
            (Naming::Fixed("web".into()), false, 1, Some("web")),
            (Naming::Fixed("web".into()), true, 0, Some("web001")),
            (Naming::Fixed("web".into()), true, 99, Some("web100")),
            (numbered("k8s-node-", 0, 4, "-ali"), false, 1, Some("k8s-node-0001-ali")),
            (numbered("k8s-node-", 0, 4, "-ali"), true, 1, Some("k8s-node-0001-ali002")),
            (numbered("instance-", 99, 3, ""), true, 0, Some("instance-099")),
            (numbered("n", 1234, 1, ""), false, 0, Some("n1234")),
            (numbered("n", 999_999, 6, ""), false, 3, Some("n999999")),
            (
                Naming::Parts(std::vec![
                    NamePart::Text("a".into()),
                    NamePart::Number { begin: 3, digits: 3 },
                    NamePart::Text("-b".into()),
                    NamePart::Number { begin: 9, digits: 1 },
                ]),
                false,
                1,
                Some("a004-b10"),
            ),
        ] {
            let names = Names { naming, unique_suffix };
            assert_eq!(names.name(index).as_deref(), expected, "{names:?} at {index}");
        }
    }
}
