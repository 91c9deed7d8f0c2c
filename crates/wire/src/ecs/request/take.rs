//! The shapes that parameters of many actions have: flags, closed lists, labels, ids, tags.

use std::collections::BTreeSet;

use fleet::{ClientToken, InstanceId, Label, Rehearsal, Tag, TokenText};

use super::Origin;
use crate::ecs::names;
use crate::ecs::reply::ids::INSTANCE_PREFIX;
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params, boolean};

/// How many tags one resource, and one request, may have.
const TAGS_MAX: u32 = 20;
/// The longest value of a tag, in characters; of a key too, today.
const TAG_CHARACTERS_MAX: usize = 128;

/// The label of nothing: no catalogue and no counter goes that far.
#[must_use]
pub fn unnamed() -> Label {
    Label::highest()
}

/// The label that `text` spells, or that of nothing.
pub(super) fn label(text: &str) -> Label {
    Label::parse(text).unwrap_or_else(|_| unnamed())
}

/// The label in `name`, if it is there.
pub(super) fn take_label(params: &mut Params, name: &str) -> Option<Label> {
    params.take_text(name).map(|text| label(&text))
}

/// Rule P-01: the region, which has to be there.
pub(super) fn region(params: &mut Params) -> Result<Label, Fault> {
    take_label(params, "RegionId").ok_or(Fault::missing("RegionId"))
}

/// The labels in `name`, separated by commas. Those that are none select nothing.
pub(super) fn labels(params: &mut Params, name: &str) -> Option<BTreeSet<Label>> {
    let text = params.take_text(name)?;
    Some(text.split(',').filter_map(|part| Label::parse(part.trim()).ok()).collect())
}

/// Whether `name` says true; `None` when it says nothing.
pub(super) fn flag(params: &mut Params, name: &str) -> Result<Option<bool>, Fault> {
    Ok(params.take(name, boolean)?)
}

/// Whether the request is meant.
pub(super) fn rehearsal(params: &mut Params) -> Result<Rehearsal, Fault> {
    Ok(match flag(params, "DryRun")? {
        Some(true) => Rehearsal::Yes,
        Some(false) | None => Rehearsal::No,
    })
}

/// What `name` says out of a closed list; anything else is `code`.
pub(super) fn choice<T: Copy>(
    params: &mut Params,
    name: &str,
    choices: &[(&str, T)],
    code: Code,
) -> Result<Option<T>, Fault> {
    let parse = |text: &str| {
        choices.iter().find(|(spelled, _)| *spelled == text).map(|(_, value)| *value).ok_or(code)
    };
    Ok(params.take(name, parse)?)
}

/// Takes what is ignored, so that nobody reports it as unknown.
pub(in crate::ecs) fn ignore(params: &mut Params, names: &[&str]) {
    for name in names {
        params.take_raw(name);
    }
}

/// The id that `text` spells on the wire: the prefix and twenty characters.
pub(super) fn instance_id(text: &str) -> Option<InstanceId> {
    text.strip_prefix(INSTANCE_PREFIX).and_then(InstanceId::parse)
}

/// The ids that texts spell; the others name nothing.
pub(super) fn instance_ids(texts: &[String]) -> BTreeSet<InstanceId> {
    texts.iter().filter_map(|text| instance_id(text)).collect()
}

/// A description, or nothing; anything else is `code`.
pub(super) fn description(params: &mut Params, name: &str, code: Code) -> Result<String, Fault> {
    let description = params.take(name, |text| names::description(text).ok_or(code))?;
    Ok(description.unwrap_or_default())
}

/// The name of one thing, or nothing; anything else is `code`.
pub(super) fn name(params: &mut Params, name: &str, code: Code) -> Result<String, Fault> {
    let name = params.take(name, |text| names::name(text).ok_or(code))?;
    Ok(name.unwrap_or_default())
}

/// A number written with a point and at most `places` digits behind it, times ten to the `places`.
/// Zeros at the end do not count as digits.
pub(super) fn decimal(text: &str, places: usize) -> Option<u64> {
    let (whole, part) = text.trim_matches(' ').split_once('.').unwrap_or((text.trim_matches(' '), ""));
    let part = part.trim_end_matches('0');
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > places || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

/// How the keys and values of tags are spelled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TagSpelling {
    /// `Tag.1.Key`, `Tag.1.Value`.
    Upper,
    /// `Tag.1.key`, `Tag.1.value` too: `CreateInstance` has both.
    Either,
}

/// What keys and values of tags may be, by one edition of the reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct TagRule {
    /// The longest key, in characters.
    pub(super) key_characters_max: usize,
    /// Where there must be no URL.
    pub(super) url: UrlIn,
    /// Whether a value must not begin as a key must not.
    pub(super) value_prefixes: bool,
}

/// Where in a text something is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum UrlIn {
    /// At its start.
    Start,
    /// Wherever.
    Anywhere,
}

/// A pair as it was sent; an empty key is not an absent one.
struct Pair {
    index: u32,
    key: Option<String>,
    value: Option<String>,
}

/// What an action says of tags that break a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct TagCodes {
    pub(super) key: Code,
    pub(super) value: Code,
    pub(super) count: Code,
}

impl TagCodes {
    /// Those of rules T-01 to T-03.
    pub(super) const LAUNCH: Self = Self {
        key: Code::INVALID_TAG_KEY_MALFORMED,
        value: Code::INVALID_TAG_VALUE_MALFORMED,
        count: Code::INVALID_TAG_COUNT,
    };
}

/// The tags of something new: rules T-01 to T-05, in that order.
pub(super) fn tags(params: &mut Params, spelling: TagSpelling) -> Result<Vec<Tag>, Fault> {
    tags_by(params, spelling, &TagRule::TODAY)
}

/// [`tags`] by the rule of an edition.
pub(super) fn tags_by(params: &mut Params, spelling: TagSpelling, rule: &TagRule) -> Result<Vec<Tag>, Fault> {
    take_tags(params, spelling, rule, TagCodes::LAUNCH)
}

/// [`tags`] of an action that has codes of its own.
pub(super) fn tags_or(
    params: &mut Params,
    spelling: TagSpelling,
    codes: TagCodes,
) -> Result<Vec<Tag>, Fault> {
    take_tags(params, spelling, &TagRule::TODAY, codes)
}

fn take_tags(
    params: &mut Params,
    spelling: TagSpelling,
    rule: &TagRule,
    codes: TagCodes,
) -> Result<Vec<Tag>, Fault> {
    let (pairs, beyond) = pairs(params, spelling);
    for Pair { index, key, .. } in &pairs {
        if key.as_deref().is_some_and(|key| !rule.admits_key(key)) {
            return Err(Fault::new(codes.key).about(format!("Tag.{index}.Key")));
        }
    }
    for Pair { index, value, .. } in &pairs {
        if value.as_deref().is_some_and(|value| !rule.admits_value(value)) {
            return Err(Fault::new(codes.value).about(format!("Tag.{index}.Value")));
        }
    }
    // Before they are compared with each other: there may be hundreds.
    if beyond {
        return Err(Fault::new(codes.count).about("Tag"));
    }
    let mut tags: Vec<Tag> = Vec::new();
    let mut duplicate = None;
    let mut mismatch = None;
    for Pair { index, key, value } in pairs {
        match key {
            None => mismatch = mismatch.or(Some(index)),
            Some(key) if tags.iter().any(|tag| tag.key == key) => duplicate = duplicate.or(Some(index)),
            Some(key) => tags.push(Tag { key, value: value.unwrap_or_default() }),
        }
    }
    match (duplicate, mismatch) {
        (Some(index), _) => Err(Fault::new(Code::DUPLICATE_TAG_KEY).about(format!("Tag.{index}.Key"))),
        (None, Some(index)) => Err(Fault::new(Code::INVALID_TAG_MISMATCH).about(format!("Tag.{index}.Key"))),
        (None, None) => Ok(tags),
    }
}

/// The tags of a filter: keys, and values where one is asked for.
pub(super) fn tag_filter(params: &mut Params) -> Result<TagFilter, Fault> {
    tag_filter_or(params, Code::INVALID_TAG_COUNT, Code::INVALID_TAG_MISMATCH)
}

/// Keys, and values where one is asked for.
pub(super) type TagFilter = Vec<(String, Option<String>)>;

/// [`tag_filter`] of an action that has codes of its own for too many and for a value without a key.
pub(super) fn tag_filter_or(params: &mut Params, count: Code, mismatch: Code) -> Result<TagFilter, Fault> {
    let (pairs, beyond) = pairs(params, TagSpelling::Upper);
    if beyond {
        return Err(Fault::new(count).about("Tag"));
    }
    let filter = pairs.into_iter().map(|Pair { index, key, value }| match key {
        Some(key) if !key.is_empty() => Ok((key, value.filter(|value| !value.is_empty()))),
        Some(_) | None => Err(Fault::new(mismatch).about(format!("Tag.{index}.Key"))),
    });
    filter.collect()
}

/// Whether the key of a tag is the system's own.
pub(super) fn is_system_tag(key: &str) -> bool {
    key.starts_with("aliyun") || key.starts_with("acs:")
}

/// The token of a request, which counts only when the request is meant (rule I-01).
pub(super) fn client_token(
    params: &mut Params,
    origin: &Origin,
    rehearsal: Rehearsal,
) -> Result<Option<ClientToken>, Fault> {
    let text = params.take("ClientToken", |text| {
        TokenText::parse(text).ok_or(Code::INVALID_CLIENT_TOKEN_VALUE_NOT_SUPPORTED)
    })?;
    let token = text.map(|text| ClientToken { text, fingerprint: origin.fingerprint });
    Ok(token.filter(|_| rehearsal == Rehearsal::No))
}

/// The pairs that say something, and whether there are too many of them.
fn pairs(params: &mut Params, spelling: TagSpelling) -> (Vec<Pair>, bool) {
    // No index is above this, so nothing is refused here; there may be too many all the same.
    let entries = params.take_structs_up_to("Tag", u32::MAX).unwrap_or_default();
    let beyond = entries.iter().any(|entry| entry.index > TAGS_MAX);
    let mut take = |Entry { index, params: mut entry }: Entry| {
        let mut key = entry.take_raw("Key");
        let mut value = entry.take_raw("Value");
        if spelling == TagSpelling::Either {
            key = key.filter(|key| !key.is_empty()).or(entry.take_raw("key"));
            value = value.filter(|value| !value.is_empty()).or(entry.take_raw("value"));
        }
        params.give_back(Entry { index, params: entry });
        Pair { index, key, value }
    };
    let pairs: Vec<Pair> = entries.into_iter().map(&mut take).collect();
    let said = |pair: &Pair| pair.key.is_some() || pair.value.is_some();
    (pairs.into_iter().filter(said).collect(), beyond)
}

impl TagRule {
    /// Today's pages.
    pub(super) const TODAY: Self =
        Self { key_characters_max: TAG_CHARACTERS_MAX, url: UrlIn::Anywhere, value_prefixes: false };

    fn admits_key(&self, key: &str) -> bool {
        !key.is_empty() && self.admits(key, self.key_characters_max) && !is_system_tag(key)
    }

    fn admits_value(&self, value: &str) -> bool {
        self.admits(value, TAG_CHARACTERS_MAX) && !(self.value_prefixes && is_system_tag(value))
    }

    fn admits(&self, text: &str, characters_max: usize) -> bool {
        let url = ["http://", "https://"].into_iter().any(|url| match self.url {
            UrlIn::Start => text.starts_with(url),
            UrlIn::Anywhere => text.contains(url),
        });
        !url && text.chars().count() <= characters_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, expected) in [
            ("1", Some(1000)),
            ("0.5", Some(500)),
            ("0.234", Some(234)),
            ("0.2340", Some(234)),
            ("0.2345", None),
            ("12.", Some(12_000)),
            (" 7 ", Some(7000)),
            (".5", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("1.2.3", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(decimal(text, 3), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_label_names_nothing() {
        assert_eq!(label("sg-a").as_str(), "sg-a");
        assert_eq!(label("s g"), unnamed());
        assert_eq!(label("\u{6d4b}"), unnamed());
    }
}
