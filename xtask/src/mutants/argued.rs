//! The survivors that are known, and why no test can tell them from the core: `argued.toml`.

use std::collections::BTreeMap;

use crate::command::Failure;

const LIST: &str = include_str!("argued.toml");

/// The reason beside each mutant.
pub(crate) fn read() -> Result<BTreeMap<String, String>, Failure> {
    parse(LIST).map_err(|why| Failure::Mutants { why: format!("argued.toml: {why}") })
}

fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let table: toml::Table = text.parse().map_err(|why: toml::de::Error| why.to_string())?;
    let mut reasons = BTreeMap::new();
    for group in table.get("argued").and_then(toml::Value::as_array).into_iter().flatten() {
        let reason = group.get("reason").and_then(toml::Value::as_str).ok_or("a group has no reason")?;
        let mutants = group.get("mutants").and_then(toml::Value::as_array).ok_or("a group has no mutants")?;
        for mutant in mutants {
            let key = mutant.as_str().ok_or("a mutant is its text")?;
            if reasons.insert(key.to_owned(), reason.to_owned()).is_some() {
                return Err(format!("{key} is argued twice"));
            }
        }
    }
    Ok(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_one_reason_for_all_of_its_mutants() {
        let text = "[[argued]]\nreason = \"equal\"\nmutants = [\"a\", \"b\"]\n";
        let both = ["a", "b"].map(|key| (key.to_owned(), "equal".to_owned()));
        assert_eq!(parse(text), Ok(BTreeMap::from(both)));
    }

    #[test]
    fn the_list_can_be_read() {
        read().unwrap();
    }
}
