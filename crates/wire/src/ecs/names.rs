//! What names and descriptions look like: `contract/ecs-run-instances.md` section 4 and rules M-01
//! to M-07. How a launch counts its names is [`fleet::Names`]'s business.

use fleet::{Names, Naming, Os};

use super::Code;
use super::reply::ids;

/// The longest instance name, in characters.
pub const NAME_MAX: usize = 128;
/// The longest description, in characters.
pub const DESCRIPTION_MAX: usize = 256;
/// The longest host name on Linux.
pub const LINUX_HOST_NAME_MAX: usize = 64;
/// The longest host name on Windows.
pub const WINDOWS_HOST_NAME_MAX: usize = 15;
/// The shortest of each of them.
pub const CHARACTERS_MIN: usize = 2;

/// Whose rule a name has to keep.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameRule {
    /// An instance's name (M-01, M-03). Disks, groups and networks share it, with other codes.
    Instance,
    /// The same as the pages of 2019 have it: ASCII and Chinese letters only, and no `.`.
    Plain,
    /// A host name under an operating system (M-02, M-04).
    Host(Os),
    /// A host name as long as nobody knows the operating system: either rule will do.
    AnyHost,
}

/// The naming that `text` asks for: `prefix[begin,digits]suffix`, or a name as it is.
///
/// Brackets that do not make a pattern, and a pattern without a prefix, are part of an ordinary
/// name, which [`names_conform`] then refuses for its brackets.
///
/// ```text
///  k8s-node-[1,4]-ali    begin 1, digits 4      x[]  x[,]    begin 0, digits 6
///  x[99]  x[99,]         begin 99, digits 6     x[,4]        begin 0, digits 4
/// ```
#[must_use]
pub fn naming(text: &str) -> Naming {
    numbered(text).unwrap_or_else(|| Naming::Fixed(text.into()))
}

/// The names of a launch of `amount` instances, when every single one keeps the rule.
///
/// # Errors
/// The code of the rule: a name is malformed, or has no room for the unique suffix.
pub fn names_conform(names: Names, rule: NameRule, amount: u8) -> Result<Names, Code> {
    let bare = Names { naming: names.naming.clone(), unique_suffix: false };
    // Numbers only grow and only digits change, so the first and the last name stand for all.
    for index in [0, amount.saturating_sub(1)] {
        if bare.name(index).is_some_and(|name| !rule.admits(&name)) {
            return Err(rule.malformed());
        }
        let room = |name: &str| name.replace(ids::OWN_ID, ids::LIKE_AN_INSTANCE).chars().count();
        if names.unique_suffix && names.name(index).is_some_and(|name| room(&name) > rule.characters_max()) {
            return Err(rule.no_room());
        }
    }
    Ok(names)
}

/// The name of one thing, if `text` is one: 2 to 128 characters, first a letter, then letters,
/// digits, `:` `_` `-` `.` (so it starts with no URL either).
#[must_use]
pub fn name(text: &str) -> Option<String> {
    NameRule::Instance.admits(text).then(|| text.to_owned())
}

/// A host name under `rule`, if `text` is one.
#[must_use]
pub fn host_name(text: &str, rule: NameRule) -> Option<String> {
    rule.admits(text).then(|| text.to_owned())
}

/// A description, if `text` is one: 2 to 256 characters that do not start with a URL.
#[must_use]
pub fn description(text: &str) -> Option<String> {
    is_description(text).then(|| text.to_owned())
}

/// Whether `text` is a description.
#[must_use]
pub fn is_description(text: &str) -> bool {
    let url = text.starts_with("http://") || text.starts_with("https://");
    !url && has_length(text, DESCRIPTION_MAX)
}

impl NameRule {
    /// The longest name under this rule, in characters.
    #[must_use]
    pub const fn characters_max(self) -> usize {
        match self {
            Self::Instance | Self::Plain => NAME_MAX,
            Self::Host(Os::Windows) => WINDOWS_HOST_NAME_MAX,
            Self::Host(Os::Linux) | Self::AnyHost => LINUX_HOST_NAME_MAX,
        }
    }

    /// Whether `text` is a name under this rule.
    #[must_use]
    pub fn admits(self, text: &str) -> bool {
        if matches!(self, Self::Host(Os::Linux) | Self::AnyHost) && text.contains(ids::OWN_ID) {
            return self.admits(&text.replace(ids::OWN_ID, ids::LIKE_AN_INSTANCE));
        }
        if !has_length(text, self.characters_max()) {
            return false;
        }
        match self {
            Self::Instance => {
                text.starts_with(char::is_alphabetic)
                    && text.chars().all(|c| c.is_alphabetic() || c.is_ascii_digit() || ":_-.".contains(c))
            }
            Self::Plain => {
                let letter = |c: char| c.is_ascii_alphabetic() || ('\u{4e00}'..='\u{9fff}').contains(&c);
                text.starts_with(letter)
                    && text.chars().all(|c| letter(c) || c.is_ascii_digit() || ":_-".contains(c))
            }
            // Whatever Windows admits, Linux does too.
            Self::Host(Os::Linux) | Self::AnyHost => is_host_name(text),
            Self::Host(Os::Windows) => {
                is_host_name(text) && !text.contains('.') && !text.bytes().all(|byte| byte.is_ascii_digit())
            }
        }
    }

    const fn malformed(self) -> Code {
        match self {
            Self::Instance | Self::Plain => Code::INVALID_INSTANCE_NAME_MALFORMED,
            Self::Host(_) | Self::AnyHost => Code::INVALID_HOST_NAME_MALFORMED,
        }
    }

    const fn no_room(self) -> Code {
        match self {
            Self::Instance | Self::Plain => Code::INVALID_PARAMS_INSTANCE_NAME_EXCEED,
            Self::Host(_) | Self::AnyHost => Code::INVALID_PARAMS_HOSTNAME_EXCEED,
        }
    }
}

/// Of how many kinds the characters of a password are at least, in the widest reading.
pub const PASSWORD_KINDS_MIN: usize = 3;

/// 8 to 30 characters of so many of four kinds: the seeds ask for all four, today's clients rely on
/// three.
#[must_use]
pub fn is_password(text: &str, kinds_min: usize) -> bool {
    let special = |c: char| "()`~!@#$%^&*-_+=|{}[]:;'<>,.?/".contains(c);
    let kinds: [&dyn Fn(char) -> bool; 4] =
        [&|c| c.is_ascii_uppercase(), &|c| c.is_ascii_lowercase(), &|c| c.is_ascii_digit(), &special];
    let present = kinds.iter().filter(|kind| text.chars().any(kind)).count();
    let legal = text.chars().all(|c| kinds.iter().any(|kind| kind(c)));
    legal && present >= kinds_min && (8..=30).contains(&text.chars().count())
}

fn has_length(text: &str, characters_max: usize) -> bool {
    (CHARACTERS_MIN..=characters_max).contains(&text.chars().count())
}

/// Letters, digits, `.` and `-`; the last two neither at an end nor next to each other.
fn is_host_name(text: &str) -> bool {
    text.split(['.', '-'])
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn numbered(text: &str) -> Option<Naming> {
    let (prefix, behind) = text.split_once('[')?;
    let (inside, suffix) = behind.split_once(']')?;
    if prefix.is_empty() {
        return None;
    }
    let (begin, digits) = inside.split_once(',').unwrap_or((inside, ""));
    let begin = number(begin, 0, 0..=Names::NUMBER_MAX)?;
    let digits = u8::try_from(number(digits, 6, 1..=6)?).ok()?;
    Some(Naming::Numbered { prefix: prefix.into(), begin, digits, suffix: suffix.into() })
}

/// A number of at most six digits inside brackets, without blanks; nothing is the default.
fn number(text: &str, default: u32, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    if text.is_empty() {
        return Some(default);
    }
    if text.len() > 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| range.contains(number))
}

#[cfg(test)]
mod tests;
