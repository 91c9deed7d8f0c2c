//! The long tail: what a launch says that nothing acts on. It is read from the table by the kind of
//! its value and kept under its own name, with the instances.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, LazyLock};

use fleet::Settings;

use super::LaunchAction;
use super::table::{Row, TABLE, Value};
use crate::ecs::coverage::Treatment;
use crate::ecs::request::Action;
use crate::ecs::{Code, Fault};
use crate::params::{Params, boolean, integer};

/// The indices that the entries of a list were sent with, in order: settings count them from 1.
pub(super) struct Sent<'a> {
    pub(super) data_disks: &'a [u32],
    pub(super) interfaces: &'a [u32],
}

/// The kept rows by name; those with dots also without, as some clients spell them.
static KEPT: LazyLock<HashMap<Cow<'static, str>, usize>> = LazyLock::new(|| {
    let kept = TABLE.iter().enumerate().filter(|(_, row)| row.treatment == Treatment::Kept);
    let spelled = |(at, row): (usize, &Row)| {
        [(Cow::Borrowed(row.name), at), (Cow::Owned(row.name.replace('.', "")), at)]
    };
    kept.flat_map(spelled).collect()
});

/// Takes everything that is kept, in one walk over what is left.
///
/// # Errors
/// The fault of the first row of the table whose value is not valid, in whatever order it was sent.
pub(super) fn settings(
    params: &mut Params,
    action: LaunchAction,
    sent: &Sent<'_>,
) -> Result<Settings, Fault> {
    let mut fault: Option<(usize, Fault)> = None;
    let mut pattern = String::new();
    let action = Action::from(action);
    let settings = params.take_known(|name, value| {
        to_pattern(name, &mut pattern);
        let at = KEPT.get(pattern.as_str()).copied()?;
        let row = TABLE.get(at).filter(|row| row.actions.contains(&action))?;
        if value.is_empty() {
            return Some(None);
        }
        match row.value.read(value) {
            Some(value) => Some(Some((full_name(row, name, sent), Arc::<str>::from(value)))),
            None => {
                if fault.as_ref().is_none_or(|(earlier, _)| at < *earlier) {
                    fault = Some((at, row.fault(name, action)));
                }
                Some(None)
            }
        }
    });
    match fault {
        Some((_, fault)) => Err(fault),
        None => Ok(settings.into_iter().flatten().collect()),
    }
}

/// Writes `name` to `pattern`, with `N` for each index. As in every list, an index has one spelling.
pub(in crate::ecs) fn to_pattern(name: &str, pattern: &mut String) {
    pattern.clear();
    for (at, part) in name.split('.').enumerate() {
        if at > 0 {
            pattern.push('.');
        }
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_index = digits && !part.starts_with('0');
        pattern.push_str(if is_index { "N" } else { part });
    }
}

/// What a setting is kept under: its name, with entries counted from 1 without gaps.
fn full_name(row: &Row, name: &str, sent: &Sent<'_>) -> Arc<str> {
    if !row.name.contains(".N") {
        return Arc::from(row.name);
    }
    for (list, indices) in [("DataDisk", sent.data_disks), ("NetworkInterface", sent.interfaces)] {
        let behind = name.strip_prefix(list).and_then(|name| name.strip_prefix('.'));
        let Some((index, rest)) = behind.and_then(|behind| behind.split_once('.')) else { continue };
        let position = indices.iter().position(|sent| index.parse() == Ok(*sent));
        if let Some(position) = position {
            return Arc::from(format!("{list}.{}.{rest}", position.saturating_add(1)));
        }
    }
    Arc::from(name)
}

impl Row {
    fn fault(&self, name: &str, action: Action) -> Fault {
        let wrong = self.wrong.filter(|_| action == Action::RunInstances);
        match (wrong, self.value) {
            (Some(code), _) => Fault::new(code).about(name.to_owned()),
            // Rule X-04.
            (None, Value::Choice(_)) => Fault::new(Code::INVALID_PARAMETER).about(name.to_owned()),
            (
                None,
                Value::Boolean
                | Value::Integer(..)
                | Value::Ipv4
                | Value::Ipv6
                | Value::Text(_)
                | Value::Ruled(_),
            ) => Fault::invalid(name.to_owned()),
        }
    }
}

impl Value {
    /// The value that `text` spells, in its one spelling; nothing when it is not of this kind.
    fn read(self, text: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Boolean => boolean(text).ok().map(|on| Cow::Borrowed(if on { "true" } else { "false" })),
            Self::Integer(least, most) => {
                let number = integer::<u64>(text).ok().filter(|number| (least..=most).contains(number))?;
                Some(Cow::Owned(number.to_string()))
            }
            Self::Choice(choices) => choices.contains(&text).then_some(Cow::Borrowed(text)),
            Self::Ipv4 => text.parse::<Ipv4Addr>().ok().map(|address| Cow::Owned(address.to_string())),
            Self::Ipv6 => text.parse::<Ipv6Addr>().ok().map(|address| Cow::Owned(address.to_string())),
            Self::Text(most) => {
                (text.len() <= most || text.chars().count() <= most).then_some(Cow::Borrowed(text))
            }
            // Such a row is read by the code of its rules.
            Self::Ruled(_) => None,
        }
    }
}
