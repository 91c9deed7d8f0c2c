//! What names look like and how a launch counts them. What is accepted for a number of instances is
//! accepted for each of them: every name keeps the rule by which all were, and no two are the same
//! where they are to be told apart. Nothing panics at any index, accepted or not.
#![no_main]

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use fleet::{Label, NamePattern, Names, Naming, Os, TemplateName, TokenText, Wanted};
use libfuzzer_sys::fuzz_target;
use wire::ecs::names::{self, NameRule};
use wire::ecs::reply::ids;

/// So long is every name at most that is matched with a pattern here: the plain way takes its time.
const MATCHED_MAX: usize = 24;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    /// A name as it may be sent.
    Text { text: &'a str, launch: Counted },
    /// A pattern, part by part, each perhaps not what it should be.
    Pattern { prefix: &'a str, begin: Number<'a>, digits: Number<'a>, suffix: &'a str, launch: Counted },
    /// A name with the id of its instance in it.
    OwnId { before: &'a str, behind: &'a str, launch: Counted },
    /// A name and a pattern of a listing.
    Listed { pattern: &'a str, name: &'a str },
    /// A text that may be a label, a token, the name of a template, a description.
    Other(&'a str),
}

#[derive(Arbitrary, Debug)]
enum Number<'a> {
    None,
    Number(u32),
    Text(&'a str),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Counted {
    rule: Rule,
    amount: u8,
    unique_suffix: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Rule {
    Instance,
    Plain,
    Windows,
    Linux,
    AnyHost,
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Text { text, launch } => launched(text, launch),
    Input::Pattern { prefix, begin, digits, suffix, launch } => {
        let (begin, comma, digits) = match (begin.text(), digits.text()) {
            (begin, Some(digits)) => (begin.unwrap_or_default(), ",", digits),
            (begin, None) => (begin.unwrap_or_default(), "", String::new()),
        };
        launched(&format!("{prefix}[{begin}{comma}{digits}]{suffix}"), launch);
    }
    Input::OwnId { before, behind, launch } => {
        launched(&format!("{before}{}{behind}", ids::OWN_ID), launch);
    }
    Input::Listed { pattern, name } => listed(pattern, name),
    Input::Other(text) => other(text),
});

impl Number<'_> {
    fn text(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some((*text).to_owned()),
        }
    }
}

impl Rule {
    fn rule(self) -> NameRule {
        match self {
            Self::Instance => NameRule::Instance,
            Self::Plain => NameRule::Plain,
            Self::Windows => NameRule::Host(Os::Windows),
            Self::Linux => NameRule::Host(Os::Linux),
            Self::AnyHost => NameRule::AnyHost,
        }
    }
}

fn launched(text: &str, Counted { rule, amount, unique_suffix }: Counted) {
    let (rule, amount) = (rule.rule(), amount % Wanted::MAX + 1);
    let naming = names::naming(text);
    spelled(text, &naming);

    let names = Names { naming, unique_suffix };
    let expanded: Vec<String> = (0..=u8::MAX).filter_map(|index| names.name(index)).collect();
    assert_eq!(expanded.len(), 256, "every instance of a launch with a name has one");

    let Ok(conforming) = names::names_conform(names.clone(), rule, amount) else { return };
    assert_eq!(conforming, names, "what is accepted stays as it is");
    let expanded = &expanded[..usize::from(amount)];
    for name in expanded {
        assert!(rule.admits(name), "{text} makes {name}, which {rule:?} does not admit");
        let with_id = name.replace(ids::OWN_ID, ids::LIKE_AN_INSTANCE);
        let characters = with_id.chars().count();
        assert!((names::CHARACTERS_MIN..=rule.characters_max()).contains(&characters));
    }
    let distinct = expanded.iter().collect::<BTreeSet<_>>().len();
    let last = u32::from(amount) - 1;
    match &names.naming {
        Naming::Fixed(_) if !unique_suffix => assert_eq!(distinct, 1, "all go by one name"),
        // Beyond the largest number all go by that, but for a suffix that tells them apart.
        Naming::Numbered { begin, suffix, .. }
            if begin + last > Names::NUMBER_MAX && !(unique_suffix && !suffix.is_empty()) => {}
        Naming::OwnId | Naming::Each(_) | Naming::Fixed(_) | Naming::Numbered { .. } => {
            assert_eq!(distinct, expanded.len(), "{text} names no two alike");
        }
    }
    // The rule for hosts that is the widest admits what the others do.
    if matches!(rule, NameRule::Host(_)) {
        assert!(expanded.iter().all(|name| NameRule::AnyHost.admits(name)));
    }
}

/// What a pattern says can be written again, and then says the same; what is none is left as it is.
fn spelled(text: &str, naming: &Naming) {
    match naming {
        Naming::Fixed(name) => assert_eq!(&**name, text),
        Naming::Numbered { prefix, begin, digits, suffix } => {
            assert!(text.starts_with(&**prefix) && text.ends_with(&**suffix) && !prefix.is_empty());
            assert!(*begin <= Names::NUMBER_MAX && (1..=6).contains(digits));
            let again = format!("{prefix}[{begin},{digits}]{suffix}");
            assert_eq!(names::naming(&again), *naming);
            let first = Names { naming: naming.clone(), unique_suffix: false }.name(0).unwrap();
            let number = &first[prefix.len()..first.len() - suffix.len()];
            assert_eq!(number.parse(), Ok(*begin), "the first has the number it begins with");
            assert!(number.len() >= usize::from(*digits));
        }
        Naming::OwnId | Naming::Each(_) => panic!("no text is {naming:?}"),
    }
}

/// A pattern finds what the plainest way of looking finds.
fn listed(pattern: &str, name: &str) {
    let cut = |text: &str| text.chars().take(MATCHED_MAX).collect::<Vec<_>>();
    let (pattern, name) = (cut(pattern), cut(name));
    let found = NamePattern::new(&String::from_iter(&pattern)).matches(&String::from_iter(&name));
    assert_eq!(found, plainly_matches(&pattern, &name), "{pattern:?} in {name:?}");
}

fn plainly_matches(pattern: &[char], name: &[char]) -> bool {
    // Where in the name the pattern can be so far.
    let mut places = BTreeSet::from([0]);
    for part in pattern {
        places = match part {
            '*' => places.iter().flat_map(|place| *place..=name.len()).collect(),
            part => {
                places.iter().filter(|place| name.get(**place) == Some(part)).map(|place| place + 1).collect()
            }
        };
    }
    places.contains(&name.len())
}

fn other(text: &str) {
    if let Ok(label) = Label::parse(text) {
        assert_eq!(label.as_str(), text);
        assert!(Label::lowest() <= label && label <= Label::highest());
        assert_eq!(label.to_string().parse::<Label>(), Ok(label));
    }
    if let Some(token) = TokenText::parse(text) {
        assert_eq!(token.as_str(), text);
        assert!(text.chars().count() <= TokenText::CHARACTERS_MAX);
    }
    if let Some(name) = TemplateName::parse(text) {
        assert_eq!(name.as_str(), text);
    }
    assert_eq!(names::description(text).is_some(), names::is_description(text));
    assert_eq!(names::name(text).as_deref(), NameRule::Instance.admits(text).then_some(text));
    // What the pages of 2019 admit, today's do.
    assert!(!NameRule::Plain.admits(text) || NameRule::Instance.admits(text));
    assert!(!NameRule::Host(Os::Windows).admits(text) || NameRule::Host(Os::Linux).admits(text));
}
