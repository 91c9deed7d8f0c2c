//! A tree as JSON: fields in their order, lists in their wrappers, no nulls.

use super::{Node, Object};

pub(super) fn render(body: &Object) -> String {
    let mut json = String::new();
    object(&mut json, body);
    json
}

fn object(json: &mut String, object: &Object) {
    json.push('{');
    for (place, (name, value)) in object.fields.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        text(json, name);
        json.push(':');
        node(json, value);
    }
    json.push('}');
}

fn node(json: &mut String, value: &Node) {
    match value {
        Node::Object(fields) => object(json, fields),
        Node::List { inner, items } => list(json, inner, items),
        Node::Text(found) | Node::Hidden(super::Hidden(found)) => text(json, found),
        Node::Integer(number) => json.push_str(&number.to_string()),
        Node::Decimal(number) => json.push_str(&number.to_string()),
        Node::JsonOnly(value) => node(json, value),
        Node::Boolean(truth) => json.push_str(if *truth { "true" } else { "false" }),
    }
}

fn list(json: &mut String, inner: &str, items: &[Node]) {
    json.push('{');
    text(json, inner);
    json.push_str(":[");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        node(json, item);
    }
    json.push_str("]}");
}

fn text(json: &mut String, text: &str) {
    json.push_str(&serde_json::Value::from(text).to_string());
}
