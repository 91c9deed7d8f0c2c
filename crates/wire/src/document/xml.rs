//! A tree as XML: one element per field, a list repeats the inner name, no attributes.

use super::{Node, Object};

pub(super) fn render(root: &str, body: &Object) -> String {
    let mut xml = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    element(&mut xml, root, |xml| object(xml, body));
    xml
}

fn object(xml: &mut String, object: &Object) {
    let shown = object.fields.iter().filter(|(_, value)| !matches!(value, Node::JsonOnly(_)));
    for (name, value) in shown {
        element(xml, name, |xml| node(xml, value));
    }
}

fn node(xml: &mut String, value: &Node) {
    match value {
        Node::Object(fields) => object(xml, fields),
        Node::List { inner, items } => {
            for item in items {
                element(xml, inner, |xml| node(xml, item));
            }
        }
        Node::Text(found) | Node::Hidden(super::Hidden(found)) => text(xml, found),
        Node::Integer(number) => xml.push_str(&number.to_string()),
        Node::Decimal(number) => xml.push_str(&number.to_string()),
        // Only fields are left out, and those were.
        Node::JsonOnly(_) => {}
        Node::Boolean(truth) => xml.push_str(if *truth { "true" } else { "false" }),
    }
}

fn element(xml: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    content(xml);
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

/// What XML has no place for becomes the replacement character; a carriage return is escaped
/// because readers turn a plain one into a line feed.
fn text(xml: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\r' => xml.push_str("&#13;"),
            '\t' | '\n' => xml.push(character),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            other => xml.push(other),
        }
    }
}
