//! The page `docs/wire-coverage-zenlayer.md`, from the table of fields and the lists of codes.

use std::fmt::Write as _;

use super::Action;
use super::field::{Field, Kind, Treatment};

/// Codes of the reference that no answer has today, and why. None of them is a [`Code`](super::Code).
pub const SILENT: [(&str, &str); 5] = [
    (
        "OPERATION_DENIED_SUBNET_ASSOCIATING_INSTANCE",
        "instances are in a subnet as soon as the request is answered",
    ),
    ("OPERATION_DENIED_VPC_EXIST_INSTANCE", "instances are in a VPC by its subnets, which are told first"),
    ("REQUEST_BLOCKED", "a provider's edge says so, not its control plane"),
    ("REQUEST_LIMIT_EXCEEDED", "requests are not counted; overload is SERVICE_TEMPORARY_UNAVAILABLE"),
    ("REQUEST_TIMED_OUT", "who is slow gets a bare 408 before there is a request"),
];

/// The page.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for action in Action::ALL {
        let _ = write!(page, "\n## {}\n\n| field | type | |\n| --- | --- | --- |\n", action.name());
        for (path, field) in leaves(*action) {
            let _ = writeln!(page, "| `{path}` | {} | {} |", field.word(), field.treatment.word());
        }
    }
    page.push_str(CODES);
    for (code, why) in SILENT {
        let _ = writeln!(page, "| `{code}` | {why} |");
    }
    page
}

/// Every field that has no further ones in it, by its path.
#[must_use]
pub fn leaves(action: Action) -> Vec<(String, &'static Field)> {
    fn walk(before: &str, fields: &'static [Field], into: &mut Vec<(String, &'static Field)>) {
        for field in fields {
            let path = format!("{before}{}{}", field.name, if field.list { "[]" } else { "" });
            match field.kind {
                Kind::Object(inner) => walk(&format!("{path}."), inner, into),
                Kind::Text | Kind::Integer | Kind::Float | Kind::Boolean => into.push((path, field)),
            }
        }
    }
    let mut leaves = Vec::new();
    walk("", action.fields(), &mut leaves);
    leaves
}

impl Field {
    const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Text => "text",
            Kind::Integer => "integer",
            Kind::Float => "number",
            Kind::Boolean => "boolean",
            Kind::Object(_) => "object",
        }
    }
}

impl Treatment {
    const fn word(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::Kept => "kept",
            Self::Accepted => "accepted",
        }
    }
}

const CODES: &str = "
## Error codes

Every code of the reference is told in a test, but for these, which no answer has:

| code | why |
| --- | --- |
";

const INTRODUCTION: &str = "# What the wire takes: Zenlayer bare metal, bmc 2022-11-20

Generated from the table in `crates/wire/src/zenlayer/field.rs`; a test compares.
Every field of the reference, by action. *Honoured*: it does what the reference says. *Kept*: it is kept and
handed to provisioners. *Accepted*: it is taken and not kept. A field of the wrong type is refused; one that is
not listed is ignored.
";

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/wire-coverage-zenlayer.md");
    const SCHEMA: &str = include_str!("../../tests/schemas/zenlayer.json");

    #[test]
    fn the_page_is_that_of_the_table() {
        if std::env::var("UPDATE").is_ok_and(|update| update == "1") {
            std::fs::write(PAGE, page()).unwrap();
        }
        let written = std::fs::read_to_string(PAGE).unwrap();
        assert!(written == page(), "the page is behind the table; write it anew with UPDATE=1");
    }

    /// The names and types of the table are those of the vendor's models.
    #[test]
    fn the_table_has_the_fields_of_the_reference() {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
        for action in Action::ALL {
            let shape = &schema["actions"][action.name()]["request"];
            let mut expected = Vec::new();
            flatten("", shape, &mut expected);
            let word = |field: &Field| match field.kind {
                Kind::Text => "String",
                Kind::Integer => "Integer",
                Kind::Float => "Float",
                Kind::Boolean => "Boolean",
                Kind::Object(_) => "Object",
            };
            let found = leaves(*action).into_iter().map(|(path, field)| format!("{path} {}", word(field)));
            let mut found: Vec<String> = found.collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{}", action.name());
        }
    }

    fn flatten(path: &str, shape: &serde_json::Value, into: &mut Vec<String>) {
        use serde_json::Value;
        match shape {
            Value::Object(fields) => {
                let dot = if path.is_empty() { "" } else { "." };
                fields.iter().for_each(|(name, shape)| flatten(&format!("{path}{dot}{name}"), shape, into));
            }
            Value::Array(rows) => flatten(&format!("{path}[]"), &rows[0], into),
            Value::String(kind) => into.push(format!("{path} {kind}")),
            Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{path} is {shape}"),
        }
    }

    /// Every row of the reference is a code here, with its status, or is silent for a reason; no row is
    /// both.
    #[test]
    fn the_codes_are_those_of_the_reference() {
        let rows = include_str!("../../tests/vectors/zenlayer-codes.tsv").lines().skip(1);
        let mut named = Vec::new();
        for row in rows {
            let [status, code, ..] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
            named.push(code);
            let found = super::super::Code::all().find(|found| found.code == code);
            assert_eq!(found.is_none(), SILENT.iter().any(|(silent, _)| *silent == code), "{code}");
            if let Some(found) = found {
                assert_eq!(found.status.to_string(), status, "{code}");
            }
        }
        for code in super::super::Code::all() {
            assert!(named.contains(&code.code), "{} is not in the reference", code.code);
        }
    }

    #[test]
    fn every_action_has_its_fields_in_the_page_once() {
        let page = page();
        for action in Action::ALL {
            assert_eq!(page.matches(&format!("\n## {}\n", action.name())).count(), 1);
            let mut paths: Vec<String> = leaves(*action).into_iter().map(|(path, _)| path).collect();
            let count = paths.len();
            paths.sort();
            paths.dedup();
            assert_eq!(paths.len(), count, "{}", action.name());
        }
    }
}
