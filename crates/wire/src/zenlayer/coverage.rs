//! The section of `docs/wire-coverage.md` about this dialect, from the table of fields.

use std::fmt::Write as _;

use super::Action;
use super::field::{Field, Kind, Treatment};

/// The section.
#[must_use]
pub fn section() -> String {
    let mut section = String::from(INTRODUCTION);
    for action in Action::ALL {
        let _ = write!(section, "\n### {}\n\n| field | type | |\n| --- | --- | --- |\n", action.name());
        for (path, field) in leaves(*action) {
            let _ = writeln!(section, "| `{path}` | {} | {} |", field.word(), field.treatment.word());
        }
    }
    section
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

const INTRODUCTION: &str = "## Zenlayer bare metal, bmc 2022-11-20

Every field of the reference, by action. *Honoured*: it does what the reference says. *Kept*: it is kept and
handed to provisioners. *Accepted*: it is taken and not kept. A field of the wrong type is refused; one that is
not listed is ignored.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_its_fields_in_the_section_once() {
        let section = section();
        for action in Action::ALL {
            assert_eq!(section.matches(&format!("\n### {}\n", action.name())).count(), 1);
            let mut paths: Vec<String> = leaves(*action).into_iter().map(|(path, _)| path).collect();
            let count = paths.len();
            paths.sort();
            paths.dedup();
            assert_eq!(paths.len(), count, "{}", action.name());
        }
    }
}
