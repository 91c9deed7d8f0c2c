//! The shapes of answers, as the vendor's models have them, and whether an answer has its own.

use serde_json::Value;

const SCHEMA: &str = include_str!("../../../wire/tests/schemas/zenlayer.json");

/// Fields that are told besides those of the reference.
const MORE: [(&str, &str); 1] = [("DescribeAvailableResources", "status")];

pub(crate) struct Schema(Value);

impl Schema {
    pub(crate) fn read() -> Self {
        Self(serde_json::from_str(SCHEMA).unwrap())
    }

    pub(crate) fn actions(&self) -> Vec<&str> {
        self.0["actions"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    /// Panics unless `response` has the fields of the answer to `action`, each of its type, and no others.
    pub(crate) fn check(&self, action: &str, response: &Value) {
        let shape = &self.0["actions"][action]["response"];
        assert!(shape.is_object(), "no answer to {action}");
        walk(action, action, shape, response);
    }
}

fn walk(action: &str, path: &str, shape: &Value, value: &Value) {
    match shape {
        Value::Object(fields) => {
            let found = value.as_object().unwrap_or_else(|| panic!("{path} is {value}"));
            for (name, shape) in fields {
                let there = found.get(name).unwrap_or_else(|| panic!("{path}.{name} is missing"));
                walk(action, &format!("{path}.{name}"), shape, there);
            }
            for name in found.keys() {
                let known = fields.contains_key(name) || MORE.contains(&(action, name));
                assert!(known, "{path}.{name} is not in the reference");
            }
        }
        Value::Array(rows) => {
            let found = value.as_array().unwrap_or_else(|| panic!("{path} is {value}, not a list"));
            for (index, value) in found.iter().enumerate() {
                walk(action, &format!("{path}[{index}]"), &rows[0], value);
            }
        }
        Value::String(kind) => {
            let fits = value.is_null()
                || match kind.as_str() {
                    "String" => value.is_string(),
                    "Integer" => value.is_i64() || value.is_u64(),
                    "Float" => value.is_f64(),
                    "Boolean" => value.is_boolean(),
                    other => panic!("{other} is no type"),
                };
            assert!(fits, "{path} is {value}, not {kind}");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{shape} is no shape"),
    }
}
