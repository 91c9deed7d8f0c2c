//! Tags by the thing they are on: `contract/ecs-actions.md` section 8.

use super::Reply;
use crate::document::Object;
use crate::ecs::request::paging;
use crate::ecs::request::tag::{ResourceType, TagRow};

/// One row for each thing and tag, and where to go on when there are more.
#[must_use]
pub fn list_tag_resources(kind: ResourceType, rows: &[(TagRow, String)], more: bool) -> Reply {
    let next_token = rows.last().filter(|_| more).map(|(row, _)| paging::next_token(row));
    let shown = rows.iter().map(|(row, value)| {
        Object::new()
            .text("ResourceType", kind.name())
            .text("ResourceId", row.id.as_str())
            .text("TagKey", row.key.as_str())
            .text("TagValue", value.as_str())
    });
    let body = Object::new().text("NextToken", next_token.unwrap_or_default());
    Reply::new("ListTagResources", body.list("TagResources", "TagResource", shown))
}
