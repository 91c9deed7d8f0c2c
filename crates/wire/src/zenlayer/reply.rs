//! Replies of this dialect: what the fleet says, in the shapes of the reference. Lists are never
//! null; what is not known of a thing is.

pub mod catalogue;
pub mod instance;
pub mod network;

use fleet::{BatchId, InstanceId, Label, Page, Paging};
use serde_json::{Value, json};

use super::Fields;

/// The group of resources that is everybody's, for people.
const DEFAULT_RESOURCE_GROUP_NAME: &str = "Default Resource Group";

/// The fields of an object that `json!` made.
fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Fields::new(),
    }
}

/// The answer of actions that have nothing to say.
#[must_use]
pub fn done() -> Fields {
    Fields::new()
}

/// The answer to a launch. The order goes by the id of the launch.
#[must_use]
pub fn create_instances(order: BatchId, instances: &[InstanceId]) -> Fields {
    let ids: Vec<String> = instances.iter().map(ToString::to_string).collect();
    fields(json!({ "instanceIdSet": ids, "orderNumber": order.to_string() }))
}

/// A page of rows, and how many there are in all.
fn page(rows: Vec<Value>, total: usize) -> Fields {
    fields(json!({ "dataSet": rows, "totalCount": total }))
}

/// The part of rows that a listing asks for.
#[must_use]
pub fn part<T>(rows: Vec<T>, paging: &Paging<Label>) -> Page<T, Label> {
    let total = rows.len();
    let rows = match paging {
        Paging::Numbered { number, size } => {
            rows.into_iter().skip(number.saturating_sub(1).saturating_mul(*size)).take(*size).collect()
        }
        Paging::After { size, .. } => rows.into_iter().take(*size).collect(),
    };
    Page { rows, total, more_after: None }
}

fn resource_group_name(label: &Label) -> &str {
    match label.as_str() {
        super::view::DEFAULT_RESOURCE_GROUP => DEFAULT_RESOURCE_GROUP_NAME,
        other => other,
    }
}
