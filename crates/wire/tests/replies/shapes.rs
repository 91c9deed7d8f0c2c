//! Replies against the published shapes: the fields that the typed SDK knows (`schemas/responses.json`)
//! and the examples of the contract (`schemas/examples.json`).

use serde_json::Value;
use wire::Format;
use wire::ecs::request::Action;

use super::samples::{REQUEST_ID, replies};

const SCHEMAS: &str = include_str!("../schemas/responses.json");
const EXAMPLES: &str = include_str!("../schemas/examples.json");

/// Fields of the API of 2016-04-28, which the typed SDK of 2014-05-26 does not know. Its clients
/// leave them out; those of the newer API read them.
const NEWER: &[(&str, &str)] = &[
    ("CreateVpc", "ResourceGroupId"),
    ("DescribeVpcs", "NatGatewayIds"),
    ("DescribeVpcs", "RouterTableIds"),
    ("DescribeVpcs", "SecondaryCidrBlocks"),
    ("DescribeVpcs", "ResourceGroupId"),
    ("DescribeVpcs", "Tags"),
    ("DescribeVpcs", "OwnerId"),
    ("DescribeVpcs", "CenStatus"),
    ("DescribeVpcs", "Ipv6CidrBlock"),
    ("DescribeVpcs", "EnabledIpv6"),
    ("DescribeVSwitches", "NetworkAclId"),
    ("DescribeVSwitches", "OwnerId"),
    ("DescribeVSwitches", "ShareType"),
    ("DescribeVSwitches", "Ipv6CidrBlock"),
    ("DescribeVSwitches", "EnabledIpv6"),
    ("DescribeVSwitches", "RouteTable"),
    ("DescribeVSwitches", "Tags"),
];

fn parsed() -> impl Iterator<Item = (&'static str, &'static str, Value)> {
    replies().into_iter().map(|(action, sample, reply)| {
        (action, sample, serde_json::from_str(&reply.render(REQUEST_ID, Format::Json)).unwrap())
    })
}

/// Everything in `found` that `schema` does not allow.
fn conforms(action: &str, path: &str, found: &Value, schema: &Value, faults: &mut Vec<String>) {
    match (found, schema) {
        (Value::Object(fields), Value::Object(known)) => {
            for (name, value) in fields {
                match known.get(name) {
                    Some(schema) => conforms(action, &format!("{path}.{name}"), value, schema, faults),
                    None if NEWER.contains(&(action, name)) => {}
                    // The same field again, as the documents and older clients name it.
                    None if name.contains('.')
                        && found.pointer(&format!("/{}", name.replace('.', "/"))) == Some(value) => {}
                    None => faults.push(format!("{path}.{name} is no field")),
                }
            }
        }
        (Value::Array(items), Value::Array(known)) => {
            items.iter().for_each(|item| conforms(action, &format!("{path}[]"), item, &known[0], faults));
        }
        (value, Value::String(kind)) => {
            let fits = match kind.as_str() {
                "String" => value.is_string(),
                "Integer" => value.is_i64() || value.is_u64(),
                "Float" => value.is_number(),
                "Boolean" => value.is_boolean(),
                other => panic!("what is {other}?"),
            };
            if !fits {
                faults.push(format!("{path} is {value}, no {kind}"));
            }
        }
        (value, schema) => faults.push(format!("{path} is {value}, not {schema}")),
    }
}

#[test]
fn every_field_is_one_that_sdks_know_and_of_its_type() {
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap();
    let mut faults = Vec::new();
    for (action, sample, found) in parsed() {
        conforms(action, &format!("{action}{sample}"), &found, &schemas["actions"][action], &mut faults);
    }
    assert_eq!(faults, Vec::<String>::new());
}

/// Everything that `example` has and `found` has not, or of another kind.
fn covers(path: &str, found: &Value, example: &Value, faults: &mut Vec<String>) {
    match (found, example) {
        (Value::Object(fields), Value::Object(wanted)) => {
            for (name, example) in wanted {
                match fields.get(name) {
                    Some(value) => covers(&format!("{path}.{name}"), value, example, faults),
                    None => faults.push(format!("{path}.{name} is missing")),
                }
            }
        }
        (Value::Array(items), Value::Array(wanted)) => {
            let Some(example) = wanted.first() else { return };
            items.iter().for_each(|item| covers(&format!("{path}[]"), item, example, faults));
        }
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_)) => {}
        (value, example) => faults.push(format!("{path} is {value}, in the example {example}")),
    }
}

#[test]
fn every_field_of_the_contracts_examples_is_there() {
    let examples: serde_json::Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap();
    let mut faults = Vec::new();
    for (action, sample, found) in parsed() {
        let mut example = examples[action].clone();
        // Optional (`ecs-run-instances.md` section 10): what a launch will cost is not told.
        example.as_object_mut().unwrap().remove("TradePrice");
        covers(&format!("{action}{sample}"), &found, &example, &mut faults);
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_action_that_is_served_has_a_sample() {
    for action in Action::ALL {
        assert!(parsed().any(|(sampled, _, _)| sampled == action.name()), "{action:?}");
    }
}
